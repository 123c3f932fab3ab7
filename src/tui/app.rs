//! The state machine: an event comes in, the state changes, and requests and effects wait to be carried out. Nothing here
//! knows a terminal, a thread or a clock, so that scripts of keys can be played without any.

use std::path::Path;

use ratatui::crossterm::event::{KeyCode, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect, Size};

use crate::checklist::Clock;

use super::action::{Action, Context};
use super::choice::{Choice, Do};
use super::frame;
use super::help::Help;
use super::key::Key;
use super::keymap::Keymap;
use super::palette::Palette;
use super::shared::{Effect, ReviewState, Shared};
use super::start::Start;
use super::tabs::{TabId, Tabs};
use super::theme::{Theme, Tone};
use super::work::News;
use super::workspace::{ScenarioFile, StudyState};

/// Everything that can come in.
#[derive(Debug)]
pub enum Event {
    /// A key was pressed or repeats.
    Key(Key),
    /// The mouse.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The screen has another size.
    Resize(Size),
    /// The window came to the front or went back.
    Focus(bool),
    /// A request was carried out, wholly or in part.
    News(News),
    /// Files of the project changed outside.
    Changed,
    /// The user's editor was closed; none: unchanged.
    Edited {
        /// What it was for.
        purpose: String,
        /// The text.
        text: Option<String>,
    },
}

/// How the app is opened.
#[derive(Debug, Clone)]
pub struct Setup {
    /// How things look.
    pub theme: Theme,
    /// Which key does what.
    pub keymap: Keymap,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// The size of the screen.
    pub size: Size,
    /// Now.
    pub clock: Clock,
    /// Months that a study simulates at most.
    pub months: Option<u32>,
}

/// What lies over the tabs.
#[derive(Debug)]
pub enum Overlay {
    /// The first screen outside a project.
    Start(Start),
    /// Keys and what the tab is for.
    Help(Help),
    /// Every action by name.
    Palette(Palette),
    /// A question.
    Choice(Choice),
}

/// The app.
#[derive(Debug)]
pub struct App {
    /// What all tabs see.
    pub shared: Shared,
    /// The tab in view.
    pub tab: TabId,
    /// The tabs.
    pub tabs: Tabs,
    /// What lies over them, the topmost last.
    pub overlays: Vec<Overlay>,
}

impl App {
    /// Opens a folder: its project, or the first screen.
    #[must_use]
    pub fn open(folder: &Path, setup: Setup) -> Self {
        let shared = Shared {
            folder: folder.to_owned(),
            scenario: ScenarioFile::example(),
            review: ReviewState::None,
            study: StudyState::default(),
            strategy: None,
            volume: 1.0,
            undo: Vec::new(),
            redo: Vec::new(),
            theme: setup.theme,
            keymap: setup.keymap,
            mouse: setup.mouse,
            size: setup.size,
            clock: setup.clock,
            me: None,
            message: None,
            requests: Vec::new(),
            effects: Vec::new(),
            months: setup.months,
            revision: 0,
            preview: None,
            analyses: Vec::new(),
        };
        let mut app = Self {
            shared,
            tab: TabId::Overview,
            tabs: Tabs::default(),
            overlays: Vec::new(),
        };
        app.open_folder(folder);
        app
    }

    /// Opens the project of a folder; without one, the first screen.
    pub fn open_folder(&mut self, folder: &Path) {
        folder.clone_into(&mut self.shared.folder);
        self.overlays.clear();
        self.tabs = Tabs::default();
        self.tab = TabId::Overview;
        self.shared.undo.clear();
        self.shared.redo.clear();
        self.shared.me = crate::checklist::git::user(folder);
        let path = scenario_path(folder);
        let review = self.shared.review_path();
        if !path.exists() && !review.exists() {
            self.overlays.push(Overlay::Start(Start::new(folder)));
            return;
        }
        if path.exists() {
            match ScenarioFile::open(&path) {
                Ok(file) => self.shared.scenario = file,
                Err(problems) => self.shared.say(Tone::Bad, problems.to_string()),
            }
        }
        if review.exists() {
            self.shared.review = ReviewState::Reading;
            self.shared.reload_review();
        }
        self.offer_recovery(&path);
        self.shared.simulate();
    }

    /// Opens the embedded example.
    pub fn open_example(&mut self) {
        self.overlays.clear();
        self.shared.scenario = ScenarioFile::example();
        self.shared.review = ReviewState::None;
        self.shared.simulate();
    }

    fn offer_recovery(&mut self, path: &Path) {
        let Some(left) = super::recovery::left(path) else {
            return;
        };
        if left == self.shared.scenario.saved {
            self.shared.keep();
            return;
        }
        self.overlays.push(Overlay::Choice(Choice::recovered(left)));
    }

    /// Takes in an event.
    pub fn event(&mut self, event: Event) {
        match event {
            Event::Key(key) => self.key(key),
            Event::Mouse(mouse) => self.mouse(mouse),
            Event::Paste(text) => self.paste(&text),
            Event::Resize(size) => self.shared.size = size,
            Event::Focus(_) => {}
            Event::News(news) => self.shared.hear(news),
            Event::Changed => self.changed_outside(),
            Event::Edited { purpose, text } => {
                if let Some(text) = text {
                    self.tabs
                        .get_mut(self.tab)
                        .edited(&purpose, &text, &mut self.shared);
                }
            }
        }
        if self.overlays.is_empty() {
            self.tabs.get_mut(self.tab).entered(&mut self.shared);
        }
    }

    /// Contexts in which keys count now, the innermost first, and whether plain characters are text.
    #[must_use]
    pub fn contexts(&self) -> (Vec<Context>, bool) {
        let (mut contexts, typing) = match self.overlays.last() {
            Some(Overlay::Start(start)) => (start.contexts(), start.typing()),
            Some(Overlay::Help(_)) => (vec![Context::Overlay, Context::Move], false),
            Some(Overlay::Palette(_)) => (vec![Context::Overlay, Context::Move], true),
            Some(Overlay::Choice(_)) => (vec![Context::Confirm, Context::Move], true),
            None => {
                let tab = self.tabs.get(self.tab);
                (tab.contexts(&self.shared), tab.typing())
            }
        };
        let open_ended = matches!(self.overlays.last(), None | Some(Overlay::Start(_)));
        if open_ended {
            contexts.push(Context::Global);
        }
        (contexts, typing)
    }

    fn key(&mut self, key: Key) {
        self.shared.message = None;
        let (contexts, typing) = self.contexts();
        let text = typing && (key.text().is_some() || key.code == KeyCode::Backspace);
        let action = (!text)
            .then(|| self.shared.keymap.find(&contexts, key))
            .flatten();
        // Whatever is open, the way out works.
        let action = action.or_else(|| {
            let always = self.shared.keymap.find(&[Context::Global], key);
            always.filter(|action| {
                !text && matches!(action, Action::Suspend | Action::Quit | Action::Save)
            })
        });
        match action {
            Some(action) if self.update(action) => {}
            _ => self.raw(key),
        }
    }

    /// A key that is no action: text, or something that only a form knows.
    fn raw(&mut self, key: Key) {
        let done = match self.overlays.last_mut() {
            Some(Overlay::Start(start)) => start.key(key),
            Some(Overlay::Palette(palette)) => {
                palette.key(key);
                None
            }
            Some(Overlay::Choice(choice)) => choice.key(key),
            Some(Overlay::Help(_)) => None,
            None => {
                self.tabs.get_mut(self.tab).key(key, &mut self.shared);
                None
            }
        };
        if let Some(done) = done {
            self.carry_out(done);
        }
    }

    fn paste(&mut self, text: &str) {
        match self.overlays.last_mut() {
            Some(Overlay::Start(start)) => start.paste(text),
            Some(Overlay::Palette(palette)) => palette.paste(text),
            Some(_) => {}
            None => self.tabs.get_mut(self.tab).paste(text, &mut self.shared),
        }
    }

    fn mouse(&mut self, mouse: MouseEvent) {
        let at = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::ScrollUp => {
                self.update(Action::Up);
            }
            MouseEventKind::ScrollDown => {
                self.update(Action::Down);
            }
            MouseEventKind::Down(MouseButton::Left) => self.click(at),
            _ => {}
        }
    }

    fn click(&mut self, at: Position) {
        let whole = Rect::from((Position::ORIGIN, self.shared.size));
        let parts = frame::parts(whole);
        if parts.footer.contains(at) {
            if let Some(action) = frame::footer_at(self, parts.footer, at) {
                self.update(action);
            }
            return;
        }
        match self.overlays.last_mut() {
            Some(Overlay::Start(start)) => {
                if let Some(done) = start.click(at, whole) {
                    self.carry_out(done);
                }
            }
            Some(Overlay::Palette(palette)) => {
                if let Some(action) = palette.click(at, whole) {
                    self.overlays.pop();
                    self.update(action);
                }
            }
            Some(Overlay::Choice(choice)) => {
                if let Some(done) = choice.click(at, whole) {
                    self.carry_out(done);
                }
            }
            Some(Overlay::Help(_)) => {
                self.overlays.pop();
            }
            None => {
                if let Some(tab) = frame::tab_at(parts.header, at) {
                    self.tab = tab;
                } else if parts.body.contains(at) {
                    self.tabs
                        .get_mut(self.tab)
                        .click(at, parts.body, &mut self.shared);
                }
            }
        }
    }

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
    fn update_overlay(&mut self, action: Action) -> Option<bool> {
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
                if !help.update(action, self.shared.size) {
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

    fn update_global(&mut self, action: Action) -> bool {
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
            Action::Suspend => self.shared.effects.push(Effect::Suspend),
            Action::Quit => self.quit(),
            other => return self.update_elsewhere(other),
        }
        true
    }

    /// An action of another tab, as the palette may name it: that tab comes into view and does it.
    fn update_elsewhere(&mut self, action: Action) -> bool {
        let home = action
            .spec()
            .and_then(|spec| TabId::of(spec.context))
            .filter(|home| *home != self.tab);
        let Some(home) = home else { return false };
        self.tab = home;
        self.tabs.get_mut(home).update(action, &mut self.shared)
    }

    fn rerun(&mut self) {
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

    fn quit(&mut self) {
        if self.shared.scenario.is_draft() && self.shared.scenario.path.is_some() {
            self.overlays.push(Overlay::Choice(Choice::quit()));
        } else {
            self.shared.effects.push(Effect::Quit);
        }
    }

    /// Saves the scenario; `false` if that failed.
    fn save(&mut self) -> bool {
        let Some(path) = self.shared.scenario.path.clone() else {
            let words =
                "The example has no file; `i` on the first screen starts a project of your own.";
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

    fn write(&mut self, path: &Path) -> bool {
        let text = self.shared.scenario.text().to_owned();
        match super::files::save(path, &text) {
            Ok(()) => {
                self.shared.scenario.mark_saved(&text);
                self.shared.keep();
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

    fn undo(&mut self) {
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

    fn redo(&mut self) {
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
    fn changed_outside(&mut self) {
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
    fn take_file(&mut self, path: &Path) {
        match ScenarioFile::open(path) {
            Ok(file) => {
                self.shared.scenario = file;
                self.shared.keep();
                self.shared.simulate();
            }
            Err(problems) => self.shared.say(Tone::Bad, problems.to_string()),
        }
    }

    /// Carries out what was chosen.
    fn carry_out(&mut self, what: Do) {
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
                    "Your unsaved edits are back; Ctrl-S saves them.",
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
                    "Your edits are kept; Ctrl-S writes them over the other program's.",
                );
            }
        }
    }
}

/// The scenario that a folder's review names, else `scenario.toml`.
fn scenario_path(folder: &Path) -> std::path::PathBuf {
    crate::checklist::Project::load_unchecked(&folder.join("review.toml")).map_or_else(
        |_| folder.join("scenario.toml"),
        |project| project.scenario_path(),
    )
}
