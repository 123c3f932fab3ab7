//! What the app asks for and is told: everything that takes longer than a frame, as a value that any thread can carry out.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use crate::checklist::Clock;
use crate::model::{self, Model};
use crate::prices::Catalogue;
use crate::reading::Problems;
use crate::scenario::Scenario;
use crate::study::{Outcome, Plan, Progress, Watch, estimate};

use super::review::Reviewed;
use super::worker::Cancel;

/// Something to be done off the keyboard's thread.
#[derive(Debug)]
pub enum Request {
    /// Simulate.
    Estimate(Estimate),
    /// Read the review and everything around it.
    Review {
        /// Its file.
        path: PathBuf,
        /// When it is judged.
        clock: Clock,
    },
    /// Keep unsaved edits where a crash does not reach them; none: there is nothing to keep any more.
    Keep {
        /// The scenario's file.
        of: PathBuf,
        /// Its unsaved text.
        text: Option<String>,
    },
}

/// A study to run.
#[derive(Debug)]
pub struct Estimate {
    /// Which edit of the scenario it is for.
    pub ticket: u64,
    /// What to simulate.
    pub scenario: Arc<Scenario>,
    /// Volumes and seconds that the review's rules ask for beside the scenario's.
    pub asked: Asked,
    /// Months at most, for tests; else as many as the scenario wants.
    pub months: Option<u32>,
    /// How long it may take after the first answer.
    pub patience: Duration,
}

/// What rules want to know beside what the scenario simulates.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// Multiples of the launch volume.
    pub volumes: Vec<f64>,
    /// Seconds of `share_within`.
    pub seconds: Vec<f64>,
}

/// Which slot carries a request out: each has one running and one pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The study.
    Study,
    /// Files.
    Files,
    /// Recovery files.
    Keep,
}

/// What came of it.
#[derive(Debug)]
pub enum News {
    /// A study, or a sharper one.
    Study {
        /// Which edit it is for.
        ticket: u64,
        /// What was simulated.
        model: Arc<Model>,
        /// What was found.
        outcome: Arc<Outcome>,
        /// Whether it is the last.
        settled: bool,
    },
    /// How far the study is.
    Progress {
        /// Which edit it is for.
        ticket: u64,
        /// How far.
        progress: Progress,
    },
    /// The scenario cannot be simulated.
    Unfit {
        /// Which edit it is for.
        ticket: u64,
        /// Why.
        why: String,
    },
    /// The review, or what is wrong with it.
    Review(Result<Box<Reviewed>, Vec<Problems>>),
}

impl Request {
    /// Which slot it belongs to.
    #[must_use]
    pub fn lane(&self) -> Lane {
        match self {
            Self::Estimate(_) => Lane::Study,
            Self::Review { .. } => Lane::Files,
            Self::Keep { .. } => Lane::Keep,
        }
    }

    /// Carries it out; `say` may be called from several threads.
    pub fn run(self, cancel: &Cancel, say: &(dyn Fn(News) + Sync)) {
        match self {
            Self::Estimate(wanted) => wanted.run(cancel, say),
            Self::Review { path, clock } => say(News::Review(
                Reviewed::load(&path, clock).map(Box::new),
            )),
            Self::Keep { of, text } => super::recovery::keep(&of, text.as_deref()),
        }
    }
}

impl Estimate {
    fn run(self, cancel: &Cancel, say: &(dyn Fn(News) + Sync)) {
        let ticket = self.ticket;
        let model = match compiled(&self.scenario) {
            Ok(model) => Arc::new(model),
            Err(why) => return say(News::Unfit { ticket, why }),
        };
        let mut plan = Plan::of(&model);
        plan.threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        plan.seconds.extend(&self.asked.seconds);
        for volume in &self.asked.volumes {
            if !plan.volumes.contains(volume) {
                plan.volumes.push(*volume);
            }
        }
        let wanted = self.months.unwrap_or(plan.months);
        let started = Instant::now();
        // From a first look to a settled answer: each step takes about as long as all before it together.
        let mut months = 2.min(wanted);
        loop {
            plan.months = months;
            let watch = Teller::new(ticket, cancel, say);
            let outcome = estimate(&model, &plan, &watch);
            let Some(outcome) = outcome.filter(|_| !cancel.is_set()) else {
                return;
            };
            let settled = months >= wanted || started.elapsed() >= self.patience;
            say(News::Study {
                ticket,
                model: Arc::clone(&model),
                outcome: Arc::new(outcome),
                settled,
            });
            if settled {
                return;
            }
            months = (months * 4).min(wanted);
        }
    }
}

/// Compiles a scenario with the prices of its project.
fn compiled(scenario: &Scenario) -> Result<Model, String> {
    let folder = scenario.folder.as_deref().unwrap_or(std::path::Path::new("."));
    let catalogue = Catalogue::in_folder(folder).map_err(|error| error.to_string())?;
    model::compile(scenario, &catalogue).map_err(|problems| problems.to_string())
}

/// Passes progress on, at most ten times a second, and stops when nobody waits any more.
struct Teller<'a> {
    ticket: u64,
    cancel: &'a Cancel,
    say: &'a (dyn Fn(News) + Sync),
    last: Mutex<Instant>,
}

impl<'a> Teller<'a> {
    fn new(ticket: u64, cancel: &'a Cancel, say: &'a (dyn Fn(News) + Sync)) -> Self {
        Self {
            ticket,
            cancel,
            say,
            last: Mutex::new(Instant::now()),
        }
    }
}

impl Watch for Teller<'_> {
    fn goes_on(&self, progress: Progress) -> bool {
        if let Ok(mut last) = self.last.try_lock()
            && last.elapsed() >= Duration::from_millis(100)
        {
            *last = Instant::now();
            (self.say)(News::Progress {
                ticket: self.ticket,
                progress,
            });
        }
        !self.cancel.is_set()
    }

    fn cancelled(&self) -> Option<&std::sync::atomic::AtomicBool> {
        Some(self.cancel.flag())
    }
}

/// A channel's end behind a lock, so that any thread of a job may speak.
#[derive(Debug)]
pub struct Mouth<T>(Mutex<std::sync::mpsc::Sender<T>>);

impl<T> Mouth<T> {
    /// A mouth that speaks into a channel.
    #[must_use]
    pub fn new(sender: std::sync::mpsc::Sender<T>) -> Self {
        Self(Mutex::new(sender))
    }

    /// Says something; when the app has gone, nobody hears it.
    pub fn say(&self, word: T) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = sender.send(word);
    }
}
