//! Sheets of paper that fill from the top: marks, and where the next one goes.
//!
//! What is written on is as wide as A4 allows, on Letter too, where it stands in the middle: sheets differ only in how
//! much goes on one.

use crate::report::chart::{Hue, Rgb, Scene, WIDTH as SCENE_WIDTH};
use crate::report::value::{Paper as Size, SectionState};

use super::small;
use super::tags::{Element, Picture, Role, Tags};
use super::typeface::{Face, Typefaces};

/// Width of A4, in points, for which places are given.
pub(super) const WIDTH: f32 = 595.28;
pub(super) const MARGIN: f32 = 42.0;
/// Sizes of letters.
pub(super) const BODY: f32 = 9.5;
pub(super) const SMALL: f32 = 8.0;
const TITLE: f32 = 15.0;
const HEADING: f32 = 10.5;
/// Height of a line for letters of size 1.
pub(super) const LEADING: f32 = 1.36;
/// Width of what is written on.
pub(super) const COLUMN: f32 = WIDTH - 2.0 * MARGIN;
/// What stays free at the foot, for the number of the page.
const FOOT: f32 = 46.0;

/// Width and height of a sheet, in points.
pub(super) fn size(paper: Size) -> (f32, f32) {
    match paper {
        Size::A4 => (WIDTH, 841.89),
        Size::Letter => (612.0, 792.0),
    }
}

/// Something on a sheet.
#[derive(Debug)]
pub(super) enum Mark {
    Text {
        face: Face,
        size: f32,
        hue: Rgb,
        at: (f32, f32),
        text: String,
    },
    Fill {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        hue: Rgb,
    },
    Rule {
        from: (f32, f32),
        to: (f32, f32),
        hue: Rgb,
        width: f32,
    },
    Figure {
        scene: Box<Scene>,
        x: f32,
        y: f32,
        scale: f32,
    },
}

/// A heading: its words, its sheet counted from 0, its place on it.
pub(super) type Heading = (String, usize, f32);

/// A sheet: its marks in the order in which they are drawn, each with the element that it belongs to; none for decoration.
pub(super) type Sheet = Vec<(Option<Element>, Mark)>;

/// All that was laid out.
pub(super) struct Laid {
    pub(super) sheets: Vec<Sheet>,
    pub(super) contents: Vec<Heading>,
    pub(super) tags: Tags,
}

/// The sheets so far.
pub(super) struct Paper<'f> {
    pub(super) faces: &'f Typefaces,
    sheets: Vec<Sheet>,
    tags: Tags,
    /// The element that marks belong to now.
    open: Option<Element>,
    contents: Vec<Heading>,
    floor: f32,
    /// Top of what comes next.
    pub(super) y: f32,
}

impl<'f> Paper<'f> {
    pub(super) fn new(faces: &'f Typefaces, paper: Size) -> Self {
        Self {
            faces,
            sheets: vec![Vec::new()],
            tags: Tags::default(),
            open: None,
            contents: Vec::new(),
            floor: size(paper).1 - FOOT,
            y: MARGIN,
        }
    }

    pub(super) fn finish(self) -> Laid {
        Laid {
            sheets: self.sheets,
            contents: self.contents,
            tags: self.tags,
        }
    }

    /// A new element in the one that is open.
    pub(super) fn element(&mut self, role: Role) -> Element {
        self.tags.add(self.open, role)
    }

    /// What is marked meanwhile belongs to this element, or is decoration.
    pub(super) fn inside<T>(
        &mut self,
        element: Option<Element>,
        lay: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = std::mem::replace(&mut self.open, element);
        let result = lay(self);
        self.open = before;
        result
    }

    /// Whether what is marked now belongs to an element.
    pub(super) fn tells(&self) -> bool {
        self.open.is_some()
    }

    /// What is marked meanwhile belongs to a new element in the one that is open.
    pub(super) fn within<T>(&mut self, role: Role, lay: impl FnOnce(&mut Self) -> T) -> T {
        let element = self.element(role);
        self.inside(Some(element), lay)
    }

    pub(super) fn new_sheet(&mut self) {
        self.sheets.push(Vec::new());
        self.y = MARGIN;
    }

    /// Height that is left on this sheet.
    pub(super) fn left(&self) -> f32 {
        self.floor - self.y
    }

    /// Height of an empty sheet.
    pub(super) fn whole(&self) -> f32 {
        self.floor - MARGIN
    }

    /// Starts a new sheet unless so much is left on this one.
    pub(super) fn need(&mut self, height: f32) {
        if self.left() < height && self.y > MARGIN {
            self.new_sheet();
        }
    }

    pub(super) fn space(&mut self, height: f32) {
        self.y += height;
    }

    fn mark(&mut self, element: Option<Element>, mark: Mark) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.push((element, mark));
        }
    }

    /// A mark that says nothing.
    pub(super) fn decorate(&mut self, mark: Mark) {
        self.mark(None, mark);
    }

    /// One line whose top is at a place.
    pub(super) fn line(
        &mut self,
        face: Face,
        size: f32,
        hue: Hue,
        (x, top): (f32, f32),
        text: &str,
    ) {
        let text = Mark::Text {
            face,
            size,
            hue: hue.light(),
            at: (x, top + size),
            text: text.to_owned(),
        };
        self.mark(self.open, text);
    }

    /// Text over the whole column; it may go on on the next sheet.
    pub(super) fn paragraph(&mut self, text: &str, size: f32, hue: Hue) {
        self.within(Role::Paragraph, |paper| {
            paper.indented(text, size, hue, 0.0, Face::Regular);
        });
        self.space(4.0);
    }

    fn indented(&mut self, text: &str, size: f32, hue: Hue, indent: f32, face: Face) {
        for line in self.faces.lines(face, size, &clean(text), COLUMN - indent) {
            self.need(size * LEADING);
            self.line(face, size, hue, (MARGIN + indent, self.y), &line);
            self.space(size * LEADING);
        }
    }

    pub(super) fn list(&mut self, items: &[String]) {
        self.within(Role::List, |paper| {
            for item in items {
                paper.within(Role::Item, |paper| paper.bullet(&item.replace('`', "")));
            }
        });
    }

    fn bullet(&mut self, text: &str) {
        self.need(BODY * LEADING);
        self.within(Role::Bullet, |paper| {
            paper.line(Face::Regular, BODY, Hue::Ink, (MARGIN + 2.0, paper.y), "•");
        });
        self.within(Role::ItemText, |paper| {
            paper.indented(text, BODY, Hue::Ink, 12.0, Face::Regular);
        });
        self.space(2.5);
    }

    pub(super) fn command(&mut self, text: &str) {
        let text = crate::checklist::safe::line(text);
        self.within(Role::Paragraph, |paper| {
            paper.within(Role::Command, |paper| {
                paper.indented(&text, SMALL, Hue::Ink, 8.0, Face::Mono);
            });
        });
        self.space(3.0);
    }

    /// A heading, never alone at the foot of a sheet.
    pub(super) fn part(&mut self, title: &str) {
        self.space(14.0);
        self.need(110.0);
        self.decorate(Mark::Rule {
            from: (MARGIN, self.y),
            to: (MARGIN + COLUMN, self.y),
            hue: Hue::Rule.light(),
            width: 0.8,
        });
        self.space(7.0);
        let page = self.sheets.len().saturating_sub(1);
        self.contents.push((title.to_owned(), page, self.y));
        self.within(Role::Heading(2, title.to_owned()), |paper| {
            paper.line(Face::Bold, TITLE, Hue::Ink, (MARGIN, paper.y), title);
        });
        self.space(TITLE * LEADING + 5.0);
    }

    /// A chart with its title.
    pub(super) fn figure(&mut self, scene: Scene) {
        let scale = COLUMN / small(SCENE_WIDTH);
        let height = small(scene.height) * scale;
        let lines = self
            .faces
            .lines(Face::Bold, HEADING, &clean(&scene.title), COLUMN);
        let title = HEADING * LEADING;
        self.need(height + title + 14.0);
        self.within(Role::Heading(3, clean(&scene.title)), |paper| {
            for line in &lines {
                paper.line(Face::Bold, HEADING, Hue::Ink, (MARGIN, paper.y), line);
                paper.space(title);
            }
        });
        self.space(3.0);
        let (x, y) = (MARGIN, self.y);
        let picture = Picture {
            words: clean(&scene.description),
            sheet: self.sheets.len().saturating_sub(1),
            at: (x, y),
            size: (COLUMN, height),
        };
        let element = self.element(Role::Figure(Box::new(picture)));
        let scene = Box::new(scene);
        self.mark(Some(element), Mark::Figure { scene, x, y, scale });
        self.space(height + 12.0);
    }

    /// Sections of checklists.
    pub(super) fn bars(&mut self, sections: &[SectionState]) {
        self.within(Role::List, |paper| {
            for section in sections {
                paper.bar(section);
            }
        });
    }

    /// A section of a checklist: name, bar, words.
    fn bar(&mut self, section: &SectionState) {
        self.need(22.0);
        let top = self.y;
        let name = super::super::numbers::clip(&clean(&section.title), 44);
        let size = SMALL + 0.5;
        self.within(Role::Item, |paper| {
            paper.within(Role::Bullet, |paper| {
                paper.line(Face::Bold, size, Hue::Ink, (MARGIN, top), &name);
            });
            paper.within(Role::ItemText, |paper| {
                let at = (MARGIN + 370.0, top);
                paper.line(Face::Regular, size, Hue::Ink, at, &section.words());
            });
        });
        let total = section.met + section.on_record + section.open + section.against;
        let (mut x, width) = (MARGIN + 190.0, 168.0);
        let rect = |x: f32, width: f32, inset: f32, hue: Hue| Mark::Fill {
            x: x + inset,
            y: top + inset,
            width: width - 2.0 * inset,
            height: 10.0 - 2.0 * inset,
            hue: hue.light(),
        };
        self.decorate(rect(x, width, 0.0, Hue::Soft));
        self.decorate(rect(x, width, 0.6, Hue::Paper));
        for (count, hue) in [
            (section.met, Hue::Part(0)),
            (section.on_record, Hue::Part(1)),
            (section.open, Hue::Paper),
            (section.against, Hue::Part(3)),
        ] {
            let part = width * small(count as f64 / total.max(1) as f64);
            if count > 0 && hue != Hue::Paper {
                self.decorate(rect(x, part, 0.6, hue));
            }
            x += part;
        }
        self.space(17.0);
    }
}

/// User text for a page: no control characters; line ends stay.
pub(super) fn clean(text: &str) -> String {
    text.lines()
        .map(crate::checklist::safe::harmless)
        .collect::<Vec<_>>()
        .join("\n")
}
