//! The state machine: an event comes in, the state changes, and requests and effects wait to be carried out. Nothing here
//! knows a terminal, a thread or a clock, so that scripts of keys can be played without any.

mod documents;
mod pointer;
mod update;

use std::path::Path;

use ratatui::crossterm::event::{KeyCode, MouseEvent};
use ratatui::layout::Size;

use crate::checklist::Clock;

use super::action::{Action, Context};
use super::choice::Choice;
use super::help::Help;
use super::key::Key;
use super::keymap::Keymap;
use super::palette::Palette;
use super::shared::{ReviewState, Shared};
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
            goal: None,
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
        if let Some(goal) = self.shared.goal.take() {
            self.go(goal);
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
            Some(Overlay::Help(_)) => (vec![Context::Help, Context::Move], false),
            Some(Overlay::Palette(_)) => (vec![Context::Move], true),
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
}

/// The scenario that a folder's review names, else `scenario.toml`.
fn scenario_path(folder: &Path) -> std::path::PathBuf {
    crate::checklist::Project::load_unchecked(&folder.join("review.toml")).map_or_else(
        |_| folder.join("scenario.toml"),
        |project| project.scenario_path(),
    )
}
