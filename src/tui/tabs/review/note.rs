//! A note in an editor of several lines, laid over the tab.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui_textarea::{TextArea, WrapMode};

use crate::checklist::{Key as Name, Status};

use super::super::super::action::Action;
use super::super::super::key::Key;
use super::super::super::keymap::Keymap;
use super::super::super::theme::Theme;
use super::super::super::widgets::popup;
use super::super::super::widgets::text::span;

/// A note that is being written.
#[derive(Debug)]
pub struct Note {
    /// The question.
    pub key: Name,
    /// What is answered along with it, if anything.
    pub status: Option<Status>,
    title: String,
    before: String,
    area: TextArea<'static>,
}

impl Note {
    /// An editor with a text.
    #[must_use]
    pub fn new(key: Name, title: &str, text: &str, status: Option<Status>) -> Self {
        Self {
            key,
            status,
            title: title.to_owned(),
            before: text.to_owned(),
            area: editor(text),
        }
    }

    /// The text as it stands.
    #[must_use]
    pub fn text(&self) -> String {
        self.area.lines().join("\n").trim_end().to_owned()
    }

    /// Whether there is anything to keep.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.text() != self.before.trim_end()
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) {
        self.area.input(key.event());
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        self.area
            .insert_str(text.replace("\r\n", "\n").replace('\r', "\n"));
    }

    /// Makes the last change of the text again.
    pub fn redo(&mut self) {
        self.area.redo();
    }

    /// Another text in its place, as the user's own editor gave it back.
    pub fn replace(&mut self, text: &str) {
        self.area = editor(text);
    }

    /// Draws it over the screen.
    pub fn draw(&self, frame: &mut Frame<'_>, whole: Rect, keymap: &Keymap, theme: Theme) {
        let area = popup::centred(whole, 76, whole.height.min(16));
        let inside = popup::open(frame, area, &self.title, theme);
        if inside.is_empty() {
            return;
        }
        let text = Rect {
            height: inside.height.saturating_sub(1),
            ..inside
        };
        frame.render_widget(&self.area, text);
        let keys = Line::from(vec![
            span(keymap.key(Action::NoteDone), theme.key()),
            Span::raw(" keep the note   "),
            span(keymap.key(Action::NoteEditor), theme.key()),
            Span::raw(" your editor   "),
            span("ctrl-u", theme.key()),
            Span::raw(" undo"),
        ]);
        let last = Rect {
            y: inside.bottom() - 1,
            height: 1,
            ..inside
        };
        frame.render_widget(keys, last);
    }
}

fn editor(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(text.lines().map(str::to_owned).collect());
    area.set_cursor_line_style(Style::default());
    area.set_wrap_mode(WrapMode::Word);
    area.move_cursor(ratatui_textarea::CursorMove::Bottom);
    area.move_cursor(ratatui_textarea::CursorMove::End);
    area
}
