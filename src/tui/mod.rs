//! The terminal app: one screen at a time, the verdict always in sight, the keys that work now along the bottom.
//!
//! # How it hangs together
//! Input, signals, finished work and changed files arrive as [`app::Event`]s on one channel (`run`). [`app::App`] takes
//! an event in and changes its state; [`frame::draw`] draws the state and changes nothing. What takes longer than a frame
//! is a [`work::Request`] that the app leaves in its list: the loop hands it to a [`worker::Slot`] (one running, one
//! pending, the newest wins), and what comes of it returns as news. The state machine knows no terminal, no thread and no
//! clock, so tests play scripts of keys and carry requests out in place.
//!
//! # Conventions
//! - **One table of actions** ([`action`]): keys, footer, help, palette and reference come from it. A new action is a line
//!   there and an arm in the `update` of the tab that does it. Keys are looked up from the innermost context out
//!   ([`tabs::Tab::contexts`]); a mode of a tab (answering, a form) is a context of its own that the tab puts first.
//! - **One file for each tab** ([`tabs`]), with its own state. What tabs share is in [`shared::Shared`]; they change it by
//!   its methods and never touch each other.
//! - While a tab's `typing` is true, plain characters and Backspace go to its `key`; other keys are looked up first.
//! - **Drawing takes any area** down to none. Parts that draw and know no state live in [`widgets`]. The selected row is
//!   worked out from the state at each draw; a click is found by the same layout function that drew.
//! - **Text of the user's** goes through [`widgets::text::clean`] before it is drawn, and is measured in columns.
//! - **Colours, marks and fills** come from [`theme::Theme`]; nothing is told by colour alone.
//! - **Files**: answers of the review are saved at once, through `checklist::store`; the scenario through
//!   [`shared::Shared::edit_scenario`], which keeps a recovery file, feeds undo and starts a new study. A change of the
//!   review pushes its own [`shared::Change`].
//! - **Words**: a [`shared::Message`] stays until the next key.

pub mod action;
pub mod analyse;
pub mod app;
mod choice;
pub mod config;
pub mod files;
mod founding;
pub mod frame;
mod help;
pub mod key;
pub mod keymap;
pub mod moving;
mod palette;
pub mod plain;
pub mod recovery;
pub mod reference;
mod reporting;
pub mod review;
mod run;
pub mod saving;
pub mod shared;
mod start;
pub mod tabs;
mod terminal;
pub mod theme;
pub mod widgets;
pub mod work;
pub mod worker;
pub mod workspace;

use std::path::PathBuf;

/// How the app is asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The folder of the project; none: the current one.
    pub folder: Option<PathBuf>,
    /// Only ASCII, for terminals and fonts that lack the rest.
    pub ascii: bool,
    /// Leaves the mouse to the terminal.
    pub no_mouse: bool,
    /// Asks the review's questions line by line, without a screen.
    pub plain: bool,
}

/// Why the app ended, if not by the user's wish.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The terminal cannot be used.
    #[error("the terminal: {0}")]
    Terminal(#[from] std::io::Error),
    /// The configuration cannot be read.
    #[error("{0}")]
    Config(String),
    /// A signal asked it to end.
    #[error("ended by signal {0}")]
    Signal(u8),
}

/// Opens the app and returns when the user leaves it.
///
/// # Errors
/// The terminal cannot be used, the configuration cannot be read, or a signal ended it.
pub fn open(options: &Options) -> Result<(), Error> {
    if options.plain {
        return plain::run(options);
    }
    run::run(options)
}
