//! What changes the review: answers, forms and notes, from the key that begins one to what it leaves in the file.

use super::super::super::action::Action;
use super::super::super::shared::{Effect, Shared};
use super::super::super::theme::Tone;
use super::super::super::widgets::text::clean;
use super::forms::{self, Filled, For};
use super::note::Note;
use super::{Mode, ReviewTab};
use crate::checklist::Status;

impl ReviewTab {
    /// Answers the selected question; in a meeting the next one follows.
    pub(super) fn answer(&mut self, status: Status, shared: &mut Shared) {
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

    pub(super) fn open_form(&mut self, what: For, shared: &Shared) {
        let behind = self.mode.meeting();
        // Whatever changes the review needs to know who changes it; that is asked first.
        let what = if shared.me.is_none() { For::Me } else { what };
        if let Some(review) = shared.reviewed() {
            let form = forms::open(&what, review, shared.me.as_deref());
            self.mode = Mode::Form(Box::new((what, form)), behind);
        }
    }

    pub(super) fn take_form(&mut self, shared: &mut Shared) {
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
            Err(why) => form.trouble = Some(shared.keymap.words(&why)),
        }
    }

    pub(super) fn in_form(&mut self, action: Action, shared: &mut Shared) -> bool {
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

    pub(super) fn in_note(&mut self, action: Action, shared: &mut Shared) -> bool {
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

    pub(super) fn keep_note(&mut self, shared: &mut Shared) {
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
            shared.say(Tone::Bad, "It is not known who you are: tell git (git config user.name NAME), or leave and say it with {me}.");
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
    pub(super) fn begin_note(&mut self, shared: &Shared) {
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
}
