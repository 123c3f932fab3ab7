//! What keys do in the list and in a meeting.

use tui_input::Input;

use super::super::super::action::Action;
use super::super::super::shared::Shared;
use super::{Filter, For, Mode, ReviewTab, shown};
use crate::checklist::Status;

impl ReviewTab {
    pub(super) fn in_meeting(&mut self, action: Action, shared: &Shared) -> bool {
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

    /// What the tab's own keys do in the list.
    pub(super) fn in_list(&mut self, action: Action, shared: &mut Shared) -> bool {
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

    pub(super) fn status_of(action: Action) -> Option<Status> {
        Some(match action {
            Action::AnswerYes => Status::Yes,
            Action::AnswerPartial => Status::Partial,
            Action::AnswerNo => Status::No,
            Action::AnswerUnknown => Status::Unknown,
            Action::AnswerNa => Status::Na,
            _ => return None,
        })
    }
}
