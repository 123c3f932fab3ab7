//! The Review tab: sections and questions, and what the selected one is about; answers, evidence, waivers, signatures.
//!
//! What is shown is worked out from the judged review by `rows` at each draw and each key; the tab itself keeps only
//! which question is selected (by name, so that a file read again does not move it) and what is going on: a form, a
//! note, a search, a meeting. Everything that is changed goes through [`super::super::saving`].

mod change;
mod detail;
mod forms;
mod keys;
mod list;
mod meeting;
mod note;
mod place;
mod rows;
mod view;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Paragraph;
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use crate::checklist::Key as Name;

use super::super::action::{Action, Context};
use super::super::key::Key;
use super::super::shared::{ReviewState, Shared};
use super::super::widgets::form::Form;
use super::super::widgets::text::wrapped;
use super::Tab;
pub use detail::because;
pub use forms::{Filled, For, answer, open, take as fill};
use note::Note;
pub use rows::{Filter, next_unanswered, shown};

pub(super) const ABOUT: &str = "Every question of the review: what was answered, what stands against it, and what the \
simulation says. {answer} and a letter answers; answers save at once, and {undo} takes the last one back.";

/// The tab's state.
#[derive(Debug, Default)]
pub struct ReviewTab {
    selected: Option<Name>,
    filter: Filter,
    search: Input,
    /// Rows that the detail is scrolled by.
    scroll: usize,
    mode: Mode,
}

/// What is going on.
#[derive(Debug, Default)]
enum Mode {
    /// The list, with the selected question beside it.
    #[default]
    List,
    /// The next letter answers.
    Answering,
    /// The selected question alone.
    Whole,
    /// Words to search for are typed.
    Searching,
    /// One question a screen; the place after the last is the sign-off.
    Meeting(usize),
    /// A form is filled in; a meeting goes on behind it.
    Form(Box<(For, Form)>, Option<usize>),
    /// A note is written; a meeting goes on behind it.
    Note(Box<Note>, Option<usize>),
}

impl Mode {
    /// The meeting that goes on.
    fn meeting(&self) -> Option<usize> {
        match self {
            Self::Meeting(at) => Some(*at),
            Self::Form(_, behind) | Self::Note(_, behind) => *behind,
            _ => None,
        }
    }

    fn back_to(behind: Option<usize>) -> Self {
        behind.map_or(Self::List, Self::Meeting)
    }
}

impl Tab for ReviewTab {
    fn contexts(&self, shared: &Shared) -> Vec<Context> {
        match &shared.review {
            ReviewState::Good(_) => {}
            ReviewState::None => return vec![Context::NoReview, Context::Move],
            _ => return vec![Context::Move],
        }
        match &self.mode {
            Mode::List | Mode::Whole => vec![Context::Review, Context::Move],
            Mode::Answering => vec![Context::Answer],
            Mode::Searching => vec![Context::Search],
            Mode::Meeting(_) => vec![
                Context::Meeting,
                Context::Answer,
                Context::Review,
                Context::Move,
            ],
            Mode::Form(..) => vec![Context::Form],
            Mode::Note(..) => vec![Context::Note],
        }
    }

    fn typing(&self) -> bool {
        matches!(self.mode, Mode::Searching | Mode::Form(..) | Mode::Note(..))
    }

    fn update(&mut self, action: Action, shared: &mut Shared) -> bool {
        if shared.reviewed().is_none() {
            return false;
        }
        match self.mode {
            Mode::Form(..) => return self.in_form(action, shared),
            Mode::Note(..) => return self.in_note(action, shared),
            Mode::Searching => {
                match action {
                    Action::SearchDone | Action::Open => self.mode = Mode::List,
                    Action::SearchDrop | Action::Back => {
                        self.search = Input::default();
                        self.mode = Mode::List;
                    }
                    Action::Up | Action::Down => return self.moved(action, shared),
                    _ => return false,
                }
                return true;
            }
            _ => {}
        }
        if let Some(status) = Self::status_of(action) {
            self.answer(status, shared);
            return true;
        }
        if matches!(self.mode, Mode::Answering) {
            self.mode = Mode::List;
        }
        if action == Action::BeginAnswer && self.mode.meeting().is_none() {
            self.mode = Mode::Answering;
            return true;
        }
        self.in_meeting(action, shared) || self.in_list(action, shared)
    }

    fn key(&mut self, key: Key, _: &mut Shared) {
        match &mut self.mode {
            Mode::Form(open, _) => open.1.key(key),
            Mode::Note(note, _) => note.key(key),
            Mode::Searching => {
                self.search
                    .handle_event(&ratatui::crossterm::event::Event::Key(key.event()));
            }
            // Any other key leaves the question as it is.
            Mode::Answering => self.mode = Mode::List,
            _ => {}
        }
    }

    fn paste(&mut self, text: &str, _: &mut Shared) {
        match &mut self.mode {
            Mode::Form(open, _) => open.1.paste(text),
            Mode::Note(note, _) => note.paste(text),
            Mode::Searching => {
                let line = text.replace(char::is_control, " ");
                self.search = Input::new(format!("{}{line}", self.search.value()));
            }
            _ => {}
        }
    }

    fn edited(&mut self, purpose: &str, text: &str, _: &mut Shared) {
        if let Mode::Note(note, _) = &mut self.mode
            && note.key.to_string() == purpose
        {
            note.replace(text);
        }
    }

    fn click(&mut self, at: Position, area: Rect, shared: &mut Shared) {
        let Some(review) = shared.reviewed() else {
            return;
        };
        if !matches!(self.mode, Mode::List | Mode::Answering) {
            return;
        }
        let [_, list, _] = Self::layout(area);
        let places = self.places(review, shared.me.as_deref());
        let selected = self.at(review, &places);
        if let Some(place) = list::at(&review.judged.questions, &places, selected, list, at) {
            self.select(place, shared);
        }
    }

    fn copied(&self, shared: &Shared) -> Option<String> {
        let review = shared.reviewed()?;
        let question = self.question(review, shared.me.as_deref())?;
        let lines = detail::lines(question, review, 100, shared.theme);
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        Some(lines.join("\n"))
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
        let review = match &shared.review {
            ReviewState::Good(review) => review,
            other => {
                let words = match other {
                    ReviewState::Broken(why) => {
                        format!("The review cannot be read. Nothing was changed in it.\n\n{why}")
                    }
                    ReviewState::Reading => "Reading the review.".to_owned(),
                    _ => format!(
                        "There is no review in this folder yet. {} starts one: fifteen questions to answer, each with one key.",
                        shared.keymap.key(Action::BeginReview)
                    ),
                };
                return frame.render_widget(
                    Paragraph::new(wrapped(&words, usize::from(area.width))),
                    area,
                );
            }
        };
        match self.mode.meeting() {
            Some(at) => Self::draw_meeting(frame, area, at, review, shared),
            None if matches!(self.mode, Mode::Whole) => {
                if let Some(question) = self.question(review, shared.me.as_deref()) {
                    Self::draw_detail(frame, area, question, review, shared, self.scroll);
                }
            }
            None => self.draw_list(frame, area, review, shared),
        }
        match &self.mode {
            Mode::Form(open, _) => open.1.draw(frame, area, &shared.keymap, shared.theme),
            Mode::Note(note, _) => note.draw(frame, area, &shared.keymap, shared.theme),
            _ => {}
        }
    }
}
