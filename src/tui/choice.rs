//! A question with a few answers, each with its key. What is chosen is a value; the app carries it out.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::action::Action;
use super::key::Key;
use super::moving::moved;
use super::theme::Theme;
use super::widgets::popup;

/// What an answer leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Do {
    /// Only closes what is open.
    Nothing,
    /// Opens the embedded example.
    Example,
    /// Opens a folder.
    Folder(PathBuf),
    /// Saves, then leaves.
    SaveAndQuit,
    /// Leaves without saving.
    DropAndQuit,
    /// Puts the edits of an earlier run back.
    Recover(String),
    /// Throws the edits of an earlier run away.
    Forget,
    /// Takes what another program wrote.
    TakeTheirs,
    /// Keeps the edits over what another program wrote.
    KeepMine(String),
}

/// A question.
#[derive(Debug)]
pub struct Choice {
    title: &'static str,
    text: String,
    options: Vec<(char, &'static str, Do)>,
    selected: usize,
}

impl Choice {
    /// Leaving with unsaved edits.
    #[must_use]
    pub fn quit() -> Self {
        Self::new(
            "Quit with unsaved edits?",
            "The scenario has edits that are not in its file yet.",
            vec![
                ('s', "save them and quit", Do::SaveAndQuit),
                ('d', "discard them and quit", Do::DropAndQuit),
                ('c', "keep on editing", Do::Nothing),
            ],
        )
    }

    /// An earlier run left edits.
    #[must_use]
    pub fn recovered(text: String) -> Self {
        Self::new(
            "Unsaved edits found",
            "The last session ended before its edits of the scenario were saved. They are all here.",
            vec![
                (
                    'r',
                    "recover them; the file stays as it is until you save",
                    Do::Recover(text),
                ),
                ('d', "discard them", Do::Forget),
            ],
        )
    }

    /// A file was changed by another program while it had unsaved edits here.
    #[must_use]
    pub fn conflict(theirs: String) -> Self {
        Self::new(
            "The scenario's file has changed",
            "Another program wrote the file while you had unsaved edits here.",
            vec![
                (
                    'k',
                    "keep my edits; saving writes over the file",
                    Do::KeepMine(theirs),
                ),
                ('t', "take the file; my edits are dropped", Do::TakeTheirs),
            ],
        )
    }

    fn new(
        title: &'static str,
        text: impl Into<String>,
        options: Vec<(char, &'static str, Do)>,
    ) -> Self {
        Self {
            title,
            text: text.into(),
            options,
            selected: 0,
        }
    }

    /// What a letter chooses.
    #[must_use]
    pub fn key(&self, key: Key) -> Option<Do> {
        let letter = key.text()?;
        let found = self.options.iter().find(|(known, _, _)| *known == letter);
        found.map(|(_, _, done)| done.clone())
    }

    /// What is selected.
    #[must_use]
    pub fn chosen(&self) -> Option<Do> {
        self.options
            .get(self.selected)
            .map(|(_, _, done)| done.clone())
    }

    /// Moves the selection; letters of the answers go before keys that move.
    pub fn update(&mut self, action: Action) -> bool {
        let last = self.options.len().saturating_sub(1);
        let Some(to) = moved(action, self.selected, last, 10) else {
            return false;
        };
        self.selected = to;
        true
    }

    fn area(&self, whole: Rect) -> Rect {
        let rows = u16::try_from(self.options.len()).unwrap_or(u16::MAX);
        popup::centred(whole, 64, rows.saturating_add(6))
    }

    /// What a click chooses.
    #[must_use]
    pub fn click(&self, at: Position, whole: Rect) -> Option<Do> {
        let inside = popup::inside(self.area(whole));
        let first = inside
            .bottom()
            .saturating_sub(u16::try_from(self.options.len()).unwrap_or(0));
        if !inside.contains(at) || at.y < first {
            return None;
        }
        let (_, _, done) = self.options.get(usize::from(at.y - first))?;
        Some(done.clone())
    }

    /// Draws it over the screen.
    pub fn draw(&self, frame: &mut Frame<'_>, whole: Rect, theme: Theme) {
        let inside = popup::open(frame, self.area(whole), self.title, theme);
        let count = u16::try_from(self.options.len()).unwrap_or(0);
        let first = inside.bottom().saturating_sub(count).max(inside.y);
        let text = Rect {
            height: first - inside.y,
            ..inside
        };
        frame.render_widget(
            Paragraph::new(self.text.as_str()).wrap(Wrap { trim: true }),
            text,
        );
        for (index, (letter, words, _)) in self.options.iter().enumerate() {
            let row = Rect {
                y: first.saturating_add(u16::try_from(index).unwrap_or(0)),
                height: 1,
                ..inside
            };
            let line = Line::from(vec![
                Span::styled(format!(" {letter} "), theme.key()),
                Span::raw(format!(" {words}")),
            ]);
            let line = if index == self.selected {
                line.patch_style(theme.selected())
            } else {
                line
            };
            frame.render_widget(line, row.intersection(inside));
        }
    }
}
