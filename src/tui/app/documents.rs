//! The documents that are open: saved, changed outside, taken back and made again.

use std::path::Path;

use super::super::choice::Choice;
use super::super::theme::Tone;
use super::super::workspace::ScenarioFile;
use super::{App, Overlay};

impl App {
    /// Saves the scenario; `false` if that failed.
    pub(super) fn save(&mut self) -> bool {
        let Some(path) = self.shared.scenario.path.clone() else {
            let words = "The example has no file; {start-init} on the first screen starts a project of your own.";
            self.shared.say(Tone::Warn, words);
            return false;
        };
        if !self.shared.scenario.is_draft() {
            self.shared.say(Tone::Good, "Everything is saved.");
            return true;
        }
        let now = std::fs::read_to_string(&path).unwrap_or_default();
        if now != self.shared.scenario.saved && now != self.shared.scenario.text() {
            self.overlays.push(Overlay::Choice(Choice::conflict(now)));
            return false;
        }
        self.write(&path)
    }

    pub(super) fn write(&mut self, path: &Path) -> bool {
        let text = self.shared.scenario.text().to_owned();
        match super::super::files::save(path, &text) {
            Ok(()) => {
                self.shared.scenario.mark_saved(&text);
                self.shared.keep();
                if self.shared.study.hurried {
                    self.shared.simulate();
                }
                self.shared.judge();
                self.shared.reload_review();
                let name = self.shared.scenario.name();
                self.shared.say(Tone::Good, format!("Saved {name}."));
                true
            }
            Err(error) => {
                let words = format!(
                    "Cannot write {}: {error}. Nothing is lost; mend it and save again.",
                    path.display()
                );
                self.shared.say(Tone::Bad, words);
                false
            }
        }
    }

    pub(super) fn undo(&mut self) {
        let Some(change) = self.shared.undo.pop() else {
            self.shared.say(Tone::Open, "There is nothing to undo.");
            return;
        };
        if self.shared.put_back(&change, &change.before) {
            self.shared
                .say(Tone::Good, format!("Undone: {}.", change.what));
            self.shared.redo.push(change);
        }
    }

    pub(super) fn redo(&mut self) {
        let Some(change) = self.shared.redo.pop() else {
            self.shared.say(Tone::Open, "There is nothing to do again.");
            return;
        };
        if self.shared.put_back(&change, &change.after) {
            self.shared
                .say(Tone::Good, format!("Done again: {}.", change.what));
            self.shared.undo.push(change);
        }
    }

    /// Something outside changed the project's files.
    pub(super) fn changed_outside(&mut self) {
        self.shared.reload_review();
        let Some(path) = self.shared.scenario.path.clone() else {
            return;
        };
        let Ok(now) = std::fs::read_to_string(&path) else {
            return;
        };
        if now == self.shared.scenario.saved {
            return;
        }
        if self.shared.scenario.is_draft() {
            let asked = self
                .overlays
                .iter()
                .any(|overlay| matches!(overlay, Overlay::Choice(_)));
            if !asked {
                self.overlays.push(Overlay::Choice(Choice::conflict(now)));
            }
        } else {
            self.take_file(&path);
            let name = self.shared.scenario.name();
            self.shared.say(
                Tone::Open,
                format!("{name} was changed by another program; it is shown as it is now."),
            );
        }
    }

    /// What the file holds now replaces what is on screen.
    pub(super) fn take_file(&mut self, path: &Path) {
        match ScenarioFile::open(path) {
            Ok(file) => {
                self.shared.scenario = file;
                self.shared.keep();
                self.shared.simulate();
            }
            Err(problems) => self.shared.say(Tone::Bad, problems.to_string()),
        }
    }
}
