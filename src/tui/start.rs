//! The first screen outside a project: what this is, in a few lines, and three ways in.

use std::path::{Path, PathBuf};

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::action::{Action, Context};
use super::choice::Do;
use super::founding::Form;
use super::key::Key;
use super::keymap::Keymap;
use super::moving::moved;
use super::theme::{Theme, Tone};
use super::widgets::popup;
use super::widgets::text::{clean, cut, span, wrapped};

/// The first screen.
#[derive(Debug)]
pub struct Start {
    folder: PathBuf,
    selected: usize,
    mode: Mode,
    trouble: Option<String>,
}

/// What the screen is doing.
#[derive(Debug)]
enum Mode {
    /// Offers the ways in.
    Ways,
    /// A folder is typed.
    Folder(Input),
    /// A project is begun.
    Form(Box<Form>),
}

const WAYS: [(Action, &str); 3] = [
    (
        Action::StartExample,
        "Look at the example: a support chatbot, simulated at once",
    ),
    (
        Action::StartInit,
        "Start a project here: six questions, two files",
    ),
    (Action::StartFolder, "Open another folder"),
];

const ABOUT: &str = "Go, or not yet? gonogo answers that before a GenAI feature meets its users. It joins a \
review of what could go wrong (a checklist, kept as a file beside your code) with a simulation of what a month would \
cost, how slow the slowest answers would be and how often it would fail, today and at ten times the volume.";

impl Start {
    /// The screen for a folder without a project.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            selected: 0,
            mode: Mode::Ways,
            trouble: None,
        }
    }

    /// The same with the form of a new project open.
    #[must_use]
    pub fn founding(folder: &Path) -> Self {
        let mode = Mode::Form(Box::default());
        Self {
            mode,
            ..Self::new(folder)
        }
    }

    /// Contexts in which keys count.
    #[must_use]
    pub fn contexts(&self) -> Vec<Context> {
        match self.mode {
            Mode::Ways => vec![Context::Start, Context::Move],
            Mode::Folder(_) => vec![Context::Move],
            Mode::Form(_) => vec![Context::Form],
        }
    }

    /// Whether plain characters are text.
    #[must_use]
    pub fn typing(&self) -> bool {
        !matches!(self.mode, Mode::Ways)
    }

    /// A key that is text.
    pub fn key(&mut self, key: Key) -> Option<Do> {
        self.trouble = None;
        match &mut self.mode {
            Mode::Ways => {}
            Mode::Folder(input) => {
                input.handle_event(&ratatui::crossterm::event::Event::Key(key.event()));
            }
            Mode::Form(form) => form.key(key),
        }
        None
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        match &mut self.mode {
            Mode::Ways => {}
            Mode::Folder(input) => *input = Input::new(input.value().to_owned() + text.trim()),
            Mode::Form(form) => form.paste(text),
        }
    }

    /// Does what an action says. The outer option: whether it is known here; the inner: what it leads to.
    #[expect(
        clippy::option_option,
        reason = "known here, and leading somewhere, are two things"
    )]
    pub fn update(&mut self, action: Action) -> Option<Option<Do>> {
        match &mut self.mode {
            Mode::Ways => {}
            Mode::Folder(input) => {
                match action {
                    Action::Back => self.mode = Mode::Ways,
                    Action::Open => {
                        let folder = super::files::expanded(input.value());
                        if folder.is_dir() {
                            return Some(Some(Do::Folder(folder)));
                        }
                        self.trouble =
                            Some(format!("There is no folder {}.", clean(input.value())));
                    }
                    _ => return None,
                }
                return Some(None);
            }
            Mode::Form(form) => {
                match action {
                    Action::FormCancel => self.mode = Mode::Ways,
                    Action::FormUp => form.previous(),
                    Action::FormDown => {
                        form.next();
                    }
                    Action::FormNext if form.next() => {}
                    Action::FormNext | Action::FormDone => match form.write(&self.folder) {
                        Ok(_) => return Some(Some(Do::Folder(self.folder.clone()))),
                        Err(why) => self.trouble = Some(why),
                    },
                    _ => return None,
                }
                return Some(None);
            }
        }
        if let Some(to) = moved(action, self.selected, WAYS.len() - 1, 1) {
            self.selected = to;
            return Some(None);
        }
        match action {
            Action::Open => self.choose(WAYS.get(self.selected)?.0),
            other => self.choose(other),
        }
    }

    #[expect(
        clippy::option_option,
        reason = "known here, and leading somewhere, are two things"
    )]
    fn choose(&mut self, action: Action) -> Option<Option<Do>> {
        match action {
            Action::StartExample => Some(Some(Do::Example)),
            Action::StartInit => {
                self.mode = Mode::Form(Box::default());
                Some(None)
            }
            Action::StartFolder => {
                self.mode = Mode::Folder(Input::default());
                Some(None)
            }
            _ => None,
        }
    }

    fn ways(whole: Rect) -> Rect {
        let area = popup::centred(whole, 76, 21);
        Rect {
            y: area.y.saturating_add(9).min(whole.bottom()),
            height: 3.min(whole.bottom().saturating_sub(area.y.saturating_add(9))),
            ..area
        }
    }

    /// What a click chooses.
    pub fn click(&mut self, at: Position, whole: Rect) -> Option<Do> {
        let ways = Self::ways(whole);
        if !ways.contains(at) || self.typing() {
            return None;
        }
        self.selected = usize::from(at.y - ways.y);
        self.choose(WAYS.get(self.selected)?.0).flatten()
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>, whole: Rect, keymap: &Keymap, theme: Theme) {
        let area = popup::centred(whole, 76, 21);
        let mut lines = vec![Line::styled("gonogo", theme.title()), Line::default()];
        lines.extend(wrapped(ABOUT, usize::from(area.width)));
        frame.render_widget(Paragraph::new(lines), area);
        let ways = Self::ways(whole);
        for (index, (action, words)) in WAYS.iter().enumerate() {
            let row = Rect {
                y: ways.y.saturating_add(u16::try_from(index).unwrap_or(0)),
                height: 1,
                ..ways
            };
            let line = Line::from(vec![
                span(format!(" {} ", keymap.key(*action)), theme.key()),
                Span::raw(format!(" {words}")),
            ]);
            let line = if index == self.selected && !self.typing() {
                line.patch_style(theme.selected())
            } else {
                line
            };
            frame.render_widget(line, row.intersection(ways));
        }
        let below = Rect {
            y: ways.bottom().saturating_add(1),
            height: 10,
            ..ways
        }
        .intersection(whole);
        self.draw_below(frame, below, keymap, theme);
    }

    fn draw_below(&self, frame: &mut Frame<'_>, area: Rect, keymap: &Keymap, theme: Theme) {
        let dots = theme.either("…", "~");
        let columns = usize::from(area.width);
        let mut lines = Vec::new();
        match &self.mode {
            Mode::Ways => {
                let words = format!(
                    "{} holds no scenario.toml and no review.toml.",
                    full_name(&self.folder)
                );
                let wrapped = wrapped(&words, columns);
                lines.extend(wrapped.into_iter().map(|line| line.style(theme.dim())));
            }
            Mode::Folder(input) => {
                lines.push(Line::styled(
                    keymap.words("Which folder? {open} opens it, {back} goes back."),
                    theme.dim(),
                ));
                lines.push(Line::from(vec![
                    span("> ", theme.key()),
                    Span::raw(cut(input.value(), columns.saturating_sub(3), dots)),
                ]));
                let column = u16::try_from(input.visual_cursor())
                    .unwrap_or(0)
                    .saturating_add(2);
                if area.height > 1 && column < area.width {
                    frame.set_cursor_position((area.x + column, area.y + 1));
                }
            }
            Mode::Form(form) => {
                let rows = Rect {
                    height: 6.min(area.height),
                    ..area
                };
                form.draw(frame, rows, theme);
                let below = Rect {
                    y: (area.y + 7).min(area.bottom()),
                    height: area.height.saturating_sub(7),
                    ..area
                };
                let lines = if let Some(trouble) = &self.trouble {
                    wrapped(&clean(trouble), columns)
                        .into_iter()
                        .map(|line| line.style(theme.tone(Tone::Bad)))
                        .collect()
                } else {
                    let mut lines = wrapped(&form.hint(), columns);
                    lines.push(Line::styled(
                        keymap.words("{form-next} on the last one writes scenario.toml and review.toml here."),
                        theme.dim(),
                    ));
                    lines
                };
                return frame.render_widget(Paragraph::new(lines), below);
            }
        }
        if let Some(trouble) = &self.trouble {
            lines.push(Line::styled(trouble.clone(), theme.tone(Tone::Bad)));
        }
        frame.render_widget(Paragraph::new(lines), area);
    }
}

/// A folder's name from the root on, as people know it; `.` says nothing.
fn full_name(folder: &Path) -> String {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    // `absolute` keeps a dot at the end.
    let parts = whole.components().collect::<PathBuf>();
    clean(&parts.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_folder_is_called_by_its_name() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(full_name(Path::new(".")), here.display().to_string());
        assert!(full_name(Path::new("sub")).ends_with("sub"));
    }
}
