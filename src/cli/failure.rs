use std::io;

use crate::reading::Problems;

use super::interrupt;
use super::minute::Minute;

/// What a command that ran to its end has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes, or done: exit status 0.
    Yes,
    /// The answer to the question is no: exit status 1.
    No,
    /// What was known when Ctrl-C stopped it: exit status 130.
    Interrupted,
}

impl Answer {
    /// This answer, unless Ctrl-C stopped what it comes from.
    pub(super) fn unless_interrupted(self, watch: &Minute) -> Self {
        if watch.interrupted() {
            Self::Interrupted
        } else {
            self
        }
    }
}

/// Why a command did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Files with problems: exit status 2.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Files(Vec<Problems>),
    /// Something else that was asked for is impossible: exit status 2. What is wrong, and the way out.
    #[error("{message}")]
    Input {
        /// What is wrong.
        message: String,
        /// What to do.
        help: String,
    },
    /// Problems that have been reported already, as JSON: exit status 2.
    #[error("there are problems")]
    Reported,
    /// Something could not be read or written: exit status 3.
    #[error("{what}: {error}")]
    System {
        /// What was being done: "writing report.json".
        what: String,
        /// What the system said.
        error: io::Error,
    },
    /// Ctrl-C stopped it before there was anything to show: exit status 130.
    #[error("stopped before there was an answer")]
    Interrupted,
    /// Whoever read our output has gone: no failure, exit status 0.
    #[error("the reader of the output has gone")]
    BrokenPipe,
}

impl Failure {
    /// Input that is wrong, and the way out.
    pub fn input(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Input {
            message: message.into(),
            help: help.into(),
        }
    }

    /// A failure of the system while doing something.
    pub fn system(what: impl Into<String>, error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::BrokenPipe
        } else {
            Self::System {
                what: what.into(),
                error,
            }
        }
    }

    /// The exit status.
    #[must_use]
    pub fn status(&self) -> u8 {
        match self {
            Self::BrokenPipe => 0,
            Self::Files(_) | Self::Input { .. } | Self::Reported => 2,
            Self::System { .. } => 3,
            Self::Interrupted => interrupt::STATUS,
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Files(vec![problems])
    }
}
