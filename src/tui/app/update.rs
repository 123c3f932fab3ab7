//! What actions do: first in what lies over the tabs, then in the tab in view, then everywhere.

use super::super::action::Action;
use super::super::choice::{Choice, Do};
use super::super::help::Help;
use super::super::palette::Palette;
use super::super::shared::{Effect, Goal};
use super::super::start::Start;
use super::super::tabs::TabId;
use super::super::theme::{Background, Tone};
use super::{App, Overlay};

impl App {
    /// Does what an action says; `false` if nobody here knows it.
    pub fn update(&mut self, action: Action) -> bool {
        if let Some(done) = self.update_overlay(action) {
            return done;
        }
        if self.tabs.get_mut(self.tab).update(action, &mut self.shared) {
            return true;
        }
        self.update_global(action)
    }

    /// An action while something lies over the tabs; none: it is not for that.
    pub(super) fn update_overlay(&mut self, action: Action) -> Option<bool> {
        if matches!(action, Action::Suspend) || self.overlays.is_empty() {
            return None;
        }
        if matches!(action, Action::Quit)
            && !matches!(self.overlays.last(), Some(Overlay::Choice(_)))
        {
            return None;
        }
        let mut done = None;
        match self.overlays.last_mut()? {
            Overlay::Start(start) => {
                if matches!(action, Action::Help | Action::Palette | Action::Mouse) {
                    return None;
                }
                match start.update(action) {
                    Some(what) => done = what,
                    None => return Some(false),
                }
            }
            Overlay::Help(help) => {
                if !help.update(action, self.shared.size, &self.shared.keymap) {
                    self.overlays.pop();
                }
            }
            Overlay::Palette(palette) => match action {
                Action::Back => {
                    self.overlays.pop();
                }
                Action::Open => {
                    let chosen = palette.chosen();
                    self.overlays.pop();
                    if let Some(action) = chosen {
                        self.update(action);
                    }
                }
                other => return Some(palette.update(other)),
            },
            Overlay::Choice(choice) => match action {
                Action::Back | Action::Quit => done = Some(Do::Nothing),
                Action::Open => done = choice.chosen(),
                other => return Some(choice.update(other)),
            },
        }
        if let Some(done) = done {
            self.carry_out(done);
        }
        Some(true)
    }

    pub(super) fn update_global(&mut self, action: Action) -> bool {
        match action {
            Action::NextTab => self.tab = self.tab.next(),
            Action::PreviousTab => self.tab = self.tab.previous(),
            Action::TabOverview => self.tab = TabId::Overview,
            Action::TabReview => self.tab = TabId::Review,
            Action::TabScenario => self.tab = TabId::Scenario,
            Action::TabStudy => self.tab = TabId::Study,
            Action::TabReport => self.tab = TabId::Report,
            Action::Palette => self.overlays.push(Overlay::Palette(Palette::default())),
            Action::Help => self.overlays.push(Overlay::Help(Help::new(self.tab))),
            Action::Save => {
                self.save();
            }
            Action::Undo => self.undo(),
            Action::Redo => self.redo(),
            Action::Rerun => self.rerun(),
            Action::Mouse => {
                self.shared.mouse = !self.shared.mouse;
                self.shared.effects.push(Effect::Mouse(self.shared.mouse));
                let words = if self.shared.mouse {
                    "The mouse is the app's: click and scroll."
                } else {
                    "The mouse is the terminal's: select text as usual."
                };
                self.shared.say(Tone::Good, words);
            }
            Action::Copy => self.copy(),
            Action::BeginReview => self.begin_review(),
            Action::Background => {
                let theme = &mut self.shared.theme;
                theme.background = match theme.background {
                    Background::Dark => Background::Light,
                    Background::Light => Background::Dark,
                };
                self.shared.say(
                    Tone::Good,
                    "So for now; [screen] background in the configuration keeps it.",
                );
            }
            Action::Suspend => self.shared.effects.push(Effect::Suspend),
            Action::Quit => self.quit(),
            other => return self.update_elsewhere(other),
        }
        true
    }

    /// Goes where a tab sends the user.
    pub(super) fn go(&mut self, goal: Goal) {
        match goal {
            Goal::Question(key) => {
                self.tab = TabId::Review;
                self.tabs.show_question(key);
            }
            Goal::Act(action) => {
                self.update(action);
            }
        }
    }

    fn copy(&mut self) {
        match self.tabs.get(self.tab).copied(&self.shared) {
            Some(text) => {
                let first = text.lines().next().unwrap_or_default();
                let more = text.lines().count().saturating_sub(1);
                let rest = if more > 0 {
                    format!(" and {more} more lines")
                } else {
                    String::new()
                };
                self.shared
                    .say(Tone::Good, format!("Copied: {first}{rest}"));
                self.shared.effects.push(Effect::Copy(text));
            }
            None => self
                .shared
                .say(Tone::Open, "There is nothing to copy here."),
        }
    }

    /// Writes a review for the scenario that is open; without one, the first screen makes both.
    fn begin_review(&mut self) {
        let known = self.shared.scenario.path.is_some();
        let Some(scenario) = self.shared.scenario.good().filter(|_| known).cloned() else {
            let start = Start::founding(&self.shared.folder);
            self.overlays.push(Overlay::Start(start));
            return;
        };
        match super::super::founding::begin_review(&self.shared.folder, &scenario) {
            Ok(_) => {
                self.shared.reload_review();
                self.shared.say(
                    Tone::Good,
                    "review.toml is here: answer its questions in Review, one key each.",
                );
            }
            Err(why) => self.shared.say(Tone::Bad, why),
        }
    }

    /// An action of another tab, as the palette may name it: that tab comes into view and does it.
    pub(super) fn update_elsewhere(&mut self, action: Action) -> bool {
        let home = action
            .spec()
            .and_then(|spec| TabId::of(spec.context))
            .filter(|home| *home != self.tab);
        let Some(home) = home else { return false };
        self.tab = home;
        self.tabs.get_mut(home).update(action, &mut self.shared)
    }

    pub(super) fn rerun(&mut self) {
        if self.shared.scenario.is_draft() {
            self.shared.simulate();
        } else if let Some(path) = self.shared.scenario.path.clone() {
            self.take_file(&path);
        } else {
            self.shared.simulate();
        }
        self.shared.reload_review();
        self.shared.say(Tone::Good, "Simulating again.");
    }

    pub(super) fn quit(&mut self) {
        if self.shared.scenario.is_draft() && self.shared.scenario.path.is_some() {
            self.overlays.push(Overlay::Choice(Choice::quit()));
        } else {
            self.shared.effects.push(Effect::Quit);
        }
    }

    /// Carries out what was chosen.
    pub(super) fn carry_out(&mut self, what: Do) {
        match what {
            Do::Nothing => {
                self.overlays.pop();
            }
            Do::Example => self.open_example(),
            Do::Folder(folder) => self.open_folder(&folder),
            Do::SaveAndQuit => {
                self.overlays.pop();
                if self.save() {
                    self.shared.effects.push(Effect::Quit);
                }
            }
            Do::DropAndQuit => {
                self.overlays.pop();
                let saved = self.shared.scenario.saved.clone();
                self.shared.scenario.set(saved);
                self.shared.keep();
                self.shared.effects.push(Effect::Quit);
            }
            Do::Recover(text) => {
                self.overlays.pop();
                self.shared.edit_scenario("recovered edits", text);
                self.shared.say(
                    Tone::Good,
                    "Your unsaved edits are back; {save} saves them.",
                );
            }
            Do::Forget => {
                self.overlays.pop();
                self.shared.keep();
            }
            Do::TakeTheirs => {
                self.overlays.pop();
                if let Some(path) = self.shared.scenario.path.clone() {
                    self.take_file(&path);
                }
            }
            Do::KeepMine(theirs) => {
                self.overlays.pop();
                self.shared.scenario.mark_saved(&theirs);
                self.shared.say(
                    Tone::Warn,
                    "Your edits are kept; {save} writes them over the other program's.",
                );
            }
        }
    }
}
