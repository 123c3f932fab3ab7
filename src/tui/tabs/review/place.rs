//! Where one is: which question is selected among those shown, and how keys move from one to the next.

use tui_input::Input;

use super::super::super::action::Action;
use super::super::super::frame;
use super::super::super::moving::{last_on_top, moved};
use super::super::super::review::{JudgedQuestion, Reviewed};
use super::super::super::shared::Shared;
use super::super::super::theme::Tone;
use super::{Filter, Mode, ReviewTab, detail, next_unanswered, shown};
use crate::checklist::Key as Name;

impl ReviewTab {
    /// Comes to a question, from wherever it is.
    pub fn show(&mut self, key: Name) {
        self.selected = Some(key);
        self.filter = Filter::All;
        self.search = Input::default();
        self.scroll = 0;
        self.mode = Mode::List;
    }

    pub(super) fn places(&self, review: &Reviewed, me: Option<&str>) -> Vec<usize> {
        if self.mode.meeting().is_some() {
            return shown(review, Filter::All, "", me);
        }
        shown(review, self.filter, self.search.value(), me)
    }

    /// Where the selected question stands among those shown.
    pub(super) fn at(&self, review: &Reviewed, places: &[usize]) -> usize {
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

    pub(super) fn question<'r>(
        &self,
        review: &'r Reviewed,
        me: Option<&str>,
    ) -> Option<&'r JudgedQuestion> {
        let places = self.places(review, me);
        review
            .judged
            .questions
            .get(*places.get(self.at(review, &places))?)
    }

    /// Selects what stands at a place among those shown.
    pub(super) fn select(&mut self, place: usize, shared: &Shared) {
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

    pub(super) fn moved(&mut self, action: Action, shared: &Shared) -> bool {
        let Some(review) = shared.reviewed() else {
            return false;
        };
        if matches!(self.mode, Mode::Whole) {
            let last = self.last_line(review, shared);
            let Some(to) = moved(action, self.scroll, last, 10) else {
                return false;
            };
            self.scroll = to;
            return true;
        }
        let places = self.places(review, shared.me.as_deref());
        let at = self.at(review, &places);
        let Some(to) = moved(action, at, places.len().saturating_sub(1), 10) else {
            return false;
        };
        self.select(to, shared);
        true
    }

    /// The first line of the selected question that may stand on top while it is shown alone.
    fn last_line(&self, review: &Reviewed, shared: &Shared) -> usize {
        let area = frame::parts(shared.size.into()).body;
        let Some(question) = self.question(review, shared.me.as_deref()) else {
            return 0;
        };
        let [_, text] = Self::detail_parts(area);
        let lines = detail::lines(question, review, usize::from(text.width), shared.theme);
        last_on_top(lines.len(), usize::from(text.height))
    }

    pub(super) fn key_of_selected(&self, shared: &Shared) -> Option<Name> {
        let review = shared.reviewed()?;
        self.question(review, shared.me.as_deref())
            .map(|question| question.key.clone())
    }

    /// Answers the selected question; in a meeting the next one follows.
    pub(super) fn meet(&mut self, at: usize, shared: &Shared) {
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

    pub(super) fn jump(&mut self, back: bool, shared: &mut Shared) {
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
}
