//! What the marks on the sheets mean, for whoever has the document read aloud, searched or laid out anew: a tree of
//! sections, headings, paragraphs, lists, tables and figures in reading order (tagged PDF, PDF/UA-1 of ISO 14289-1).
//!
//! Layout opens an element, and the marks that it makes until it closes it belong to that; what is only decoration, such
//! as rules, page numbers and heads that are repeated on the next sheet, belongs to none.

use std::num::NonZeroU16;

use krilla::geom::Rect;
use krilla::tagging::{
    BBox, Identifier, ListNumbering, Placement, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};

/// An element, by its place in the [`Tags`].
pub(super) type Element = usize;

/// What an element is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Role {
    Section,
    /// Level from 1, and its words.
    Heading(u16, String),
    Paragraph,
    Command,
    List,
    Item,
    Bullet,
    ItemText,
    Table,
    Caption,
    TableHead,
    TableRows,
    Row,
    HeadOfColumn,
    HeadOfRow,
    Cell,
    Figure(Box<Picture>),
}

/// A chart: what it shows, and where on which sheet (counted from 0), in points.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    pub(super) words: String,
    pub(super) sheet: usize,
    pub(super) at: (f32, f32),
    pub(super) size: (f32, f32),
}

#[derive(Debug)]
struct Node {
    role: Role,
    children: Vec<Element>,
    content: Vec<Identifier>,
}

/// All elements.
#[derive(Debug, Default)]
pub(super) struct Tags {
    nodes: Vec<Node>,
    roots: Vec<Element>,
}

impl Tags {
    /// A new element, the last child of another one.
    pub(super) fn add(&mut self, parent: Option<Element>, role: Role) -> Element {
        let element = self.nodes.len();
        self.nodes.push(Node {
            role,
            children: Vec::new(),
            content: Vec::new(),
        });
        match parent.and_then(|parent| self.nodes.get_mut(parent)) {
            Some(parent) => parent.children.push(element),
            None => self.roots.push(element),
        }
        element
    }

    /// Something on a page belongs to an element.
    pub(super) fn hold(&mut self, element: Element, content: Identifier) {
        if let Some(node) = self.nodes.get_mut(element) {
            node.content.push(content);
        }
    }

    /// The tree as the document carries it; `aside` is how far to the right of their places marks are drawn.
    pub(super) fn tree(&self, aside: f32) -> TagTree {
        let mut tree = TagTree::new();
        for root in &self.roots {
            if let Some(group) = self.group(*root, aside) {
                tree.push(group);
            }
        }
        tree
    }

    fn group(&self, element: Element, aside: f32) -> Option<TagGroup> {
        let node = self.nodes.get(element)?;
        let mut group = TagGroup::new(kind(&node.role, aside));
        for child in &node.children {
            if let Some(child) = self.group(*child, aside) {
                group.push(child);
            }
        }
        for content in &node.content {
            group.push(*content);
        }
        Some(group)
    }
}

fn kind(role: &Role, aside: f32) -> TagKind {
    match role {
        Role::Section => Tag::Section.into(),
        Role::Heading(level, words) => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, Some(words.clone())).into()
        }
        Role::Paragraph => Tag::P.into(),
        Role::Command => Tag::Code.into(),
        Role::List => Tag::L(ListNumbering::Disc).into(),
        Role::Item => Tag::LI.into(),
        Role::Bullet => Tag::Lbl.into(),
        Role::ItemText => Tag::LBody.into(),
        Role::Table => Tag::Table.into(),
        Role::Caption => Tag::Caption.into(),
        Role::TableHead => Tag::THead.into(),
        Role::TableRows => Tag::TBody.into(),
        Role::Row => Tag::TR.into(),
        Role::HeadOfColumn => Tag::TH(TableHeaderScope::Column).into(),
        Role::HeadOfRow => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
        Role::Figure(picture) => {
            let ((x, y), (width, height)) = (picture.at, picture.size);
            let place = Rect::from_xywh(x + aside, y, width, height)
                .map(|rect| BBox::new(picture.sheet, rect));
            Tag::Figure(Some(picture.words.clone()))
                .with_bbox(place)
                .with_placement(Some(Placement::Block))
                .into()
        }
    }
}
