//! The Review tab: sections and questions, and what the selected one is about; answers, evidence, waivers, signatures.
//!
//! What is shown is worked out from the judged review by `rows` at each draw and each key; the tab itself keeps only
//! which question is selected (by name, so that a file read again does not move it) and what is going on: a form, a
//! note, a search, a meeting. Everything that is changed goes through [`super::super::saving`].

mod detail;
mod forms;
mod list;
mod meeting;
mod note;
mod rows;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use crate::checklist::{Key as Name, Status};

use super::super::action::{Action, Context};
use super::super::key::Key;
use super::super::review::{JudgedQuestion, Reviewed};
use super::super::shared::{Effect, ReviewState, Shared};
use super::super::theme::Tone;
use super::super::widgets::form::{self, Form};
use super::super::widgets::text::{clean, cut, span, wrapped};
use super::Tab;
pub use forms::{Filled, For, answer, open, take as fill};
use note::Note;
pub use rows::{Filter, next_unanswered, shown};

pub(super) const ABOUT: &str = "Every question of the review: what was answered, what stands against it, and what the \
simulation says. `a` and a letter answers; answers save at once, and `u` takes the last one back.";

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

impl ReviewTab {
    fn places(&self, review: &Reviewed, me: Option<&str>) -> Vec<usize> {
        if self.mode.meeting().is_some() {
            return shown(review, Filter::All, "", me);
        }
        shown(review, self.filter, self.search.value(), me)
    }

    /// Where the selected question stands among those shown.
    fn at(&self, review: &Reviewed, places: &[usize]) -> usize {
        if let Some(at) = self.mode.meeting() {
            return at;
        }
        let questions = &review.judged.questions;
        let is_it = |index: &usize| {
            let question = questions.get(*index);
            question.is_some_and(|question| Some(&question.key) == self.selected.as_ref())
        };
        places.iter().position(is_it).unwrap_or(0)
    }

    fn question<'r>(&self, review: &'r Reviewed, me: Option<&str>) -> Option<&'r JudgedQuestion> {
        let places = self.places(review, me);
        review
            .judged
            .questions
            .get(*places.get(self.at(review, &places))?)
    }

    /// Selects what stands at a place among those shown.
    fn select(&mut self, place: usize, shared: &Shared) {
        let Some(review) = shared.reviewed() else {
            return;
        };
        let places = self.places(review, shared.me.as_deref());
        let place = place.min(places.len().saturating_sub(1));
        let found = places
            .get(place)
            .and_then(|index| review.judged.questions.get(*index));
        let key = found.map(|question| question.key.clone());
        if key != self.selected {
            self.scroll = 0;
        }
        self.selected = key;
    }

    fn moved(&mut self, action: Action, shared: &Shared) -> bool {
        let Some(review) = shared.reviewed() else {
            return false;
        };
        if matches!(self.mode, Mode::Whole) {
            match action {
                Action::Up => self.scroll = self.scroll.saturating_sub(1),
                Action::Down => self.scroll += 1,
                Action::PageUp => self.scroll = self.scroll.saturating_sub(10),
                Action::PageDown => self.scroll += 10,
                Action::Top => self.scroll = 0,
                _ => return false,
            }
            return true;
        }
        let places = self.places(review, shared.me.as_deref());
        let at = self.at(review, &places);
        let to = match action {
            Action::Up => at.saturating_sub(1),
            Action::Down => at + 1,
            Action::PageUp => at.saturating_sub(10),
            Action::PageDown => at + 10,
            Action::Top => 0,
            Action::Bottom => usize::MAX,
            _ => return false,
        };
        self.select(to, shared);
        true
    }

    fn key_of_selected(&self, shared: &Shared) -> Option<Name> {
        let review = shared.reviewed()?;
        self.question(review, shared.me.as_deref())
            .map(|question| question.key.clone())
    }

    /// Answers the selected question; in a meeting the next one follows.
    fn answer(&mut self, status: Status, shared: &mut Shared) {
        let behind = self.mode.meeting();
        if matches!(self.mode, Mode::Answering) {
            self.mode = Mode::List;
        }
        let Some(key) = self.key_of_selected(shared) else {
            return;
        };
        let Some(review) = shared.reviewed() else {
            return;
        };
        let file = &review.project.review;
        let note = file
            .answers
            .get(&key)
            .and_then(|answer| answer.note.clone());
        let allowed = review
            .judged
            .questions
            .iter()
            .any(|question| question.key == key && question.question.na_allowed);
        if status == Status::Na && allowed && note.as_deref().unwrap_or_default().trim().is_empty()
        {
            let title = format!("Why does {key} not apply?");
            self.mode = Mode::Note(Box::new(Note::new(key, &title, "", Some(status))), behind);
            return;
        }
        if shared.me.is_none() {
            self.open_form(For::Me, shared);
            return;
        }
        self.selected = Some(key.clone());
        if shared.do_job(&forms::answer(&key, status, None))
            && let Some(at) = behind
        {
            self.meet(at + 1, shared);
        }
    }

    fn open_form(&mut self, what: For, shared: &Shared) {
        let behind = self.mode.meeting();
        // Whatever changes the review needs to know who changes it; that is asked first.
        let what = if shared.me.is_none() { For::Me } else { what };
        if let Some(review) = shared.reviewed() {
            let form = forms::open(&what, review, shared.me.as_deref());
            self.mode = Mode::Form(Box::new((what, form)), behind);
        }
    }

    fn take_form(&mut self, shared: &mut Shared) {
        let behind = self.mode.meeting();
        let Mode::Form(open, _) = &mut self.mode else {
            return;
        };
        let (what, form) = open.as_mut();
        let Some(review) = shared.reviewed() else {
            return;
        };
        let filled = forms::take(what, form, review, shared.me.as_deref(), shared.clock);
        let outcome = match filled {
            Ok(Filled::Job(job)) => shared.try_job(&job),
            Ok(Filled::Me(name)) => {
                shared.say(Tone::Good, format!("You are {}.", clean(&name)));
                shared.me = Some(name);
                Ok(())
            }
            Ok(Filled::Nothing) => Ok(()),
            Err(why) => Err(why),
        };
        match outcome {
            Ok(()) => self.mode = Mode::back_to(behind),
            Err(why) => form.trouble = Some(why),
        }
    }

    fn in_form(&mut self, action: Action, shared: &mut Shared) -> bool {
        let behind = self.mode.meeting();
        let Mode::Form(open, _) = &mut self.mode else {
            return false;
        };
        match action {
            Action::FormNext => {
                if !open.1.forward() {
                    self.take_form(shared);
                }
            }
            Action::FormDown | Action::NextTab => {
                open.1.forward();
            }
            Action::FormUp | Action::PreviousTab => open.1.previous(),
            Action::FormDone | Action::Save => self.take_form(shared),
            Action::FormCancel | Action::Back => self.mode = Mode::back_to(behind),
            _ => return false,
        }
        true
    }

    fn in_note(&mut self, action: Action, shared: &mut Shared) -> bool {
        let Mode::Note(note, _) = &mut self.mode else {
            return false;
        };
        match action {
            Action::NoteDone | Action::Save => self.keep_note(shared),
            Action::NoteEditor => {
                let effect = Effect::Edit {
                    purpose: note.key.to_string(),
                    text: note.text(),
                };
                shared.effects.push(effect);
            }
            Action::Redo => note.redo(),
            _ => return false,
        }
        true
    }

    fn keep_note(&mut self, shared: &mut Shared) {
        let behind = self.mode.meeting();
        let Mode::Note(note, _) = &self.mode else {
            return;
        };
        let (key, text, status) = (note.key.clone(), note.text(), note.status);
        if !note.is_changed() {
            self.mode = Mode::back_to(behind);
            return;
        }
        if shared.me.is_none() {
            shared.say(Tone::Bad, "It is not known who you are: tell git (git config user.name NAME), or leave and say it with `I`.");
            return;
        }
        let job = match status {
            Some(status) => forms::answer(&key, status, Some(text)),
            None => crate::tui::saving::Job::Answer(
                key,
                Box::new(crate::checklist::actions::NewAnswer {
                    note: Some(text),
                    ..Default::default()
                }),
            ),
        };
        if shared.do_job(&job) {
            self.mode = Mode::back_to(behind);
        }
    }

    /// Goes to a screen of the meeting.
    fn meet(&mut self, at: usize, shared: &Shared) {
        let Some(review) = shared.reviewed() else {
            return;
        };
        let places = shown(review, Filter::All, "", shared.me.as_deref());
        let at = at.min(places.len());
        let found = places
            .get(at)
            .and_then(|index| review.judged.questions.get(*index));
        if let Some(question) = found {
            self.selected = Some(question.key.clone());
        }
        self.mode = Mode::Meeting(at);
    }

    fn in_meeting(&mut self, action: Action, shared: &Shared) -> bool {
        let Mode::Meeting(at) = self.mode else {
            return false;
        };
        match action {
            Action::MeetingNext | Action::Down | Action::Right | Action::NextOpen => {
                self.meet(at + 1, shared);
            }
            Action::MeetingPrevious | Action::Up | Action::Left => {
                self.meet(at.saturating_sub(1), shared);
            }
            Action::MeetingEnd | Action::Back => self.mode = Mode::List,
            _ => return false,
        }
        true
    }

    fn begin_note(&mut self, shared: &Shared) {
        let behind = self.mode.meeting();
        let Some(key) = self.key_of_selected(shared) else {
            return;
        };
        let Some(review) = shared.reviewed() else {
            return;
        };
        let answer = review.project.review.answers.get(&key);
        let text = answer
            .and_then(|answer| answer.note.clone())
            .unwrap_or_default();
        let title = format!("Note: {key}");
        self.mode = Mode::Note(Box::new(Note::new(key, &title, &text, None)), behind);
    }

    fn jump(&mut self, back: bool, shared: &mut Shared) {
        let Some(review) = shared.reviewed() else {
            return;
        };
        let places = self.places(review, shared.me.as_deref());
        let at = self.key_of_selected(shared);
        match next_unanswered(&review.judged.questions, &places, at.as_ref(), back) {
            Some(key) => {
                self.selected = Some(key);
                self.scroll = 0;
            }
            None => shared.say(Tone::Good, "Every question here has an answer."),
        }
    }

    /// What the tab's own keys do in the list.
    fn in_list(&mut self, action: Action, shared: &mut Shared) -> bool {
        let key = self.key_of_selected(shared);
        let form = match (action, key) {
            (Action::SetWho, Some(key)) => Some(For::Who(key)),
            (Action::AttachEvidence, Some(key)) => Some(For::Evidence(key)),
            (Action::Waive, Some(key)) => Some(For::Waive(key)),
            (Action::ChangeQuestion, Some(key)) => Some(For::ChangeQuestion(key)),
            (Action::SignOff, _) => Some(For::Sign),
            (Action::ApproveBudget, _) => Some(For::Budget),
            (Action::ListPerson, _) => Some(For::Person),
            (Action::AboutReview, _) => Some(For::About),
            (Action::WhoAmI, _) => Some(For::Me),
            (Action::AddQuestion, _) => Some(For::AddQuestion),
            _ => None,
        };
        if let Some(form) = form {
            self.open_form(form, shared);
            return true;
        }
        match action {
            Action::RevokeWaiver => {
                if let Some(key) = self.key_of_selected(shared) {
                    shared.do_job(&crate::tui::saving::Job::Revoke(key));
                }
            }
            Action::WriteNote => self.begin_note(shared),
            Action::NextOpen => self.jump(false, shared),
            Action::PreviousOpen => self.jump(true, shared),
            Action::Filter => {
                self.filter = self.filter.next();
                self.scroll = 0;
            }
            Action::SearchReview => self.mode = Mode::Searching,
            Action::Meeting => {
                let key = self.selected.clone();
                let at = shared.reviewed().map_or(0, |review| {
                    let places = shown(review, Filter::All, "", None);
                    let is_it = |index: &usize| {
                        let question = review.judged.questions.get(*index);
                        question.map(|question| &question.key) == key.as_ref()
                    };
                    places.iter().position(is_it).unwrap_or(0)
                });
                self.meet(at, shared);
            }
            Action::Open => self.mode = Mode::Whole,
            Action::Back if matches!(self.mode, Mode::Whole) => self.mode = Mode::List,
            Action::Back if !self.search.value().is_empty() || self.filter != Filter::All => {
                self.search = Input::default();
                self.filter = Filter::All;
            }
            _ => return self.moved(action, shared),
        }
        true
    }

    fn status_of(action: Action) -> Option<Status> {
        Some(match action {
            Action::AnswerYes => Status::Yes,
            Action::AnswerPartial => Status::Partial,
            Action::AnswerNo => Status::No,
            Action::AnswerUnknown => Status::Unknown,
            Action::AnswerNa => Status::Na,
            _ => return None,
        })
    }

    /// List, line of search and filter, detail.
    fn layout(area: Rect) -> [Rect; 3] {
        let [line, rest] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
        let [list, detail] = if area.width >= 120 {
            Layout::horizontal([Constraint::Percentage(55), Constraint::Min(0)]).areas(rest)
        } else {
            Layout::vertical([Constraint::Percentage(55), Constraint::Min(0)]).areas(rest)
        };
        [line, list, detail]
    }

    fn draw_line(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        review: &Reviewed,
        count: usize,
        shared: &Shared,
    ) {
        let theme = shared.theme;
        if matches!(self.mode, Mode::Answering) {
            let words =
                "Answer: y yes   p partial   n no   k unknown   x not applicable   esc leave it";
            return frame.render_widget(Line::styled(format!(" {words}"), theme.key()), area);
        }
        let searching = matches!(self.mode, Mode::Searching);
        let met = review
            .judged
            .questions
            .iter()
            .filter(|question| question.hidden.is_none() && question.reasons.is_empty())
            .count();
        let all = review
            .judged
            .questions
            .iter()
            .filter(|question| question.hidden.is_none())
            .count();
        let mut spans = vec![Span::raw(format!(" {met} of {all} met   "))];
        for filter in Filter::ALL {
            let style = if filter == self.filter {
                theme.selected()
            } else {
                theme.dim()
            };
            spans.push(span(format!(" {} ", filter.word()), style));
        }
        if searching || !self.search.value().is_empty() {
            spans.push(span("   / ", theme.key()));
            let before: usize = spans.iter().map(Span::width).sum();
            let room = usize::from(area.width).saturating_sub(before + 12);
            let (text, cursor) = form::window(&self.search, room);
            spans.push(Span::raw(text));
            spans.push(span(format!("  {count} found"), theme.dim()));
            if searching
                && let Ok(column) = u16::try_from(before + cursor)
                && column < area.width
                && area.height > 0
            {
                frame.set_cursor_position((area.x + column, area.y));
            }
        }
        frame.render_widget(Line::from(spans), area);
    }

    fn draw_list(&self, frame: &mut Frame<'_>, area: Rect, review: &Reviewed, shared: &Shared) {
        let theme = shared.theme;
        let places = self.places(review, shared.me.as_deref());
        let at = self.at(review, &places);
        let [line, list, detail] = Self::layout(area);
        self.draw_line(frame, line, review, places.len(), shared);
        let question = places
            .get(at)
            .and_then(|index| review.judged.questions.get(*index));
        let Some(question) = question else {
            let words = match self.filter {
                Filter::Mine if shared.me.is_none() => {
                    "It is not known who you are: `I` says it.".to_owned()
                }
                filter => format!("Nothing here: {}. Esc shows everything.", filter.word()),
            };
            return frame.render_widget(
                Paragraph::new(wrapped(&words, usize::from(list.width))),
                list,
            );
        };
        list::draw(frame, list, review, &places, at, theme);
        Self::draw_detail(frame, detail, question, review, shared, 0);
    }

    fn draw_detail(
        frame: &mut Frame<'_>,
        area: Rect,
        question: &JudgedQuestion,
        review: &Reviewed,
        shared: &Shared,
        scroll: usize,
    ) {
        let theme = shared.theme;
        let inside = Rect {
            x: area.x.saturating_add(1).min(area.right()),
            width: area.width.saturating_sub(2),
            ..area
        };
        let [rule, text] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(inside);
        let title = format!(
            "{} {} ",
            theme.rule().repeat(2),
            clean(&question.question.short)
        );
        let rest = theme.rule().repeat(usize::from(rule.width));
        let whole = cut(&format!("{title}{rest}"), usize::from(rule.width), "");
        frame.render_widget(Line::styled(whole, theme.dim()), rule);
        let lines = detail::lines(question, review, usize::from(text.width), theme);
        let room = usize::from(text.height);
        let scroll = scroll.min(lines.len().saturating_sub(room));
        let more = lines.len().saturating_sub(scroll + room);
        frame.render_widget(
            Paragraph::new(
                lines
                    .into_iter()
                    .skip(scroll)
                    .take(room)
                    .collect::<Vec<_>>(),
            ),
            text,
        );
        if more > 0 && room > 0 {
            let words = format!(" {more} more: enter ");
            let width = u16::try_from(words.len()).unwrap_or(0);
            let at = Rect {
                x: text.right().saturating_sub(width),
                y: text.bottom() - 1,
                width,
                height: 1,
            };
            frame.render_widget(Line::styled(words, theme.dim()), at.intersection(text));
        }
    }

    fn draw_meeting(
        frame: &mut Frame<'_>,
        area: Rect,
        at: usize,
        review: &Reviewed,
        shared: &Shared,
    ) {
        let places = shown(review, Filter::All, "", None);
        let question = places
            .get(at)
            .and_then(|index| review.judged.questions.get(*index));
        let theme = shared.theme;
        if let Some(question) = question {
            meeting::draw(frame, area, question, (at + 1, places.len()), review, theme);
        } else {
            let key = shared.keymap.key(Action::SignOff);
            meeting::draw_sign_off(
                frame,
                area,
                (places.len(), places.len()),
                review,
                &key,
                theme,
            );
        }
    }
}

impl Tab for ReviewTab {
    fn contexts(&self, shared: &Shared) -> Vec<Context> {
        if shared.reviewed().is_none() {
            return vec![Context::Move];
        }
        match &self.mode {
            Mode::List | Mode::Whole => vec![Context::Review, Context::Move],
            Mode::Answering => vec![Context::Answer],
            Mode::Searching => vec![Context::Search],
            Mode::Meeting(_) => vec![
                Context::Answer,
                Context::Meeting,
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

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
        let review = match &shared.review {
            ReviewState::Good(review) => review,
            other => {
                let words = match other {
                    ReviewState::Broken(why) => {
                        format!("The review cannot be read. Nothing was changed in it.\n\n{why}")
                    }
                    ReviewState::Reading => "Reading the review.".to_owned(),
                    _ => "There is no review.toml in this folder. `gonogo init` writes one."
                        .to_owned(),
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
            Mode::Form(open, _) => open.1.draw(frame, area, shared.theme),
            Mode::Note(note, _) => note.draw(frame, area, shared.theme),
            _ => {}
        }
    }
}
