//! The five tabs. Each is one file (or folder) with a type that implements [`Tab`]: its own state and nothing else's.

mod overview;
mod report;
pub mod review;
mod scenario;
mod study;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::action::{Action, Context};
use super::key::Key;
use super::shared::Shared;

/// A tab. Keys arrive as actions; only what is typed as text arrives as a key.
pub trait Tab: std::fmt::Debug {
    /// Contexts in which keys count now, the innermost first; [`Context::Global`] is added behind them.
    fn contexts(&self, shared: &Shared) -> Vec<Context>;

    /// Whether plain characters are text now.
    fn typing(&self) -> bool {
        false
    }

    /// Does what an action says; `false` if it is not for this tab, now.
    fn update(&mut self, action: Action, shared: &mut Shared) -> bool;

    /// A key that is text, or that no action has.
    fn key(&mut self, _key: Key, _shared: &mut Shared) {}

    /// Pasted text.
    fn paste(&mut self, _text: &str, _shared: &mut Shared) {}

    /// The user's editor gave back a text that this tab had sent there.
    fn edited(&mut self, _purpose: &str, _text: &str, _shared: &mut Shared) {}

    /// A click inside the tab's area.
    fn click(&mut self, _at: Position, _area: Rect, _shared: &mut Shared) {}

    /// What is selected, as text for the clipboard.
    fn copied(&self, _shared: &Shared) -> Option<String> {
        None
    }

    /// It comes into view, or something that it shows has changed while it is.
    fn entered(&mut self, _shared: &mut Shared) {}

    /// Draws it; any area, down to none, must do. Nothing changes by drawing.
    fn draw(&self, frame: &mut Frame<'_>, area: Rect, shared: &Shared);
}

/// Which tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TabId {
    /// Verdict, cost, what to do next.
    #[default]
    Overview,
    /// Questions and answers.
    Review,
    /// What is simulated.
    Scenario,
    /// What came out.
    Study,
    /// What is handed on.
    Report,
}

impl TabId {
    /// All, in their order.
    pub const ALL: [Self; 5] = [
        Self::Overview,
        Self::Review,
        Self::Scenario,
        Self::Study,
        Self::Report,
    ];

    /// Its title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Review => "Review",
            Self::Scenario => "Scenario",
            Self::Study => "Study",
            Self::Report => "Report",
        }
    }

    /// What it is for, for the help.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Overview => overview::ABOUT,
            Self::Review => review::ABOUT,
            Self::Scenario => scenario::ABOUT,
            Self::Study => study::ABOUT,
            Self::Report => report::ABOUT,
        }
    }

    /// Contexts that only it has, for the help.
    #[must_use]
    pub fn own_contexts(self) -> &'static [Context] {
        match self {
            Self::Overview => &[Context::Overview, Context::NoReview],
            Self::Review => &[
                Context::Review,
                Context::Answer,
                Context::Meeting,
                Context::Note,
                Context::Form,
            ],
            Self::Scenario => &[Context::Scenario, Context::Form, Context::Search],
            Self::Study => &[Context::Study],
            Self::Report => &[Context::Report, Context::Form],
        }
    }

    /// The tab at home in a context.
    #[must_use]
    pub fn of(context: Context) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|tab| tab.own_contexts().contains(&context))
    }

    /// The one to its right.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        Self::ALL.get(at + 1).copied().unwrap_or_default()
    }

    /// The one to its left.
    #[must_use]
    pub fn previous(self) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        let before = at.checked_sub(1).unwrap_or(Self::ALL.len() - 1);
        Self::ALL.get(before).copied().unwrap_or_default()
    }
}

/// All tabs with their state.
#[derive(Debug, Default)]
pub struct Tabs {
    overview: overview::Overview,
    review: review::ReviewTab,
    scenario: scenario::ScenarioTab,
    study: study::StudyTab,
    report: report::ReportTab,
}

impl Tabs {
    /// One of them.
    #[must_use]
    pub fn get(&self, tab: TabId) -> &dyn Tab {
        match tab {
            TabId::Overview => &self.overview,
            TabId::Review => &self.review,
            TabId::Scenario => &self.scenario,
            TabId::Study => &self.study,
            TabId::Report => &self.report,
        }
    }

    /// Selects a question of the review.
    pub fn show_question(&mut self, key: crate::checklist::Key) {
        self.review.show(key);
    }

    /// One of them, to be changed.
    pub fn get_mut(&mut self, tab: TabId) -> &mut dyn Tab {
        match tab {
            TabId::Overview => &mut self.overview,
            TabId::Review => &mut self.review,
            TabId::Scenario => &mut self.scenario,
            TabId::Study => &mut self.study,
            TabId::Report => &mut self.report,
        }
    }
}
