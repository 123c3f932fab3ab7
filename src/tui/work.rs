//! What the app asks for and is told: everything that takes longer than a frame, as a value that any thread can carry out.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::analysis::drill::{DrillPlan, RUNS, Script, drill, impossible, scripts};
use crate::checklist::Clock;
use crate::model::{self, Model};
use crate::prices::Catalogue;
use crate::reading::Problems;
use crate::report::Format;
use crate::scenario::Scenario;
use crate::study::{Estimator, Outcome, Plan, Precision, Progress, Watch, estimate};

use super::analyse::{Found, Question, Which};
use super::reporting::Wanted;
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
    /// Analyse.
    Analyse(Box<Question>),
    /// Make the report as text.
    Preview(Box<Wanted>),
    /// Write the report into files.
    Write {
        /// What it is made of.
        wanted: Box<Wanted>,
        /// In which formats.
        formats: Vec<Format>,
        /// Where.
        folder: PathBuf,
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
    /// Strategy and volume that are looked at: a first number for them comes before all the others are known.
    pub first: Option<(String, f64)>,
}

/// What rules want to know beside what the scenario simulates.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// Multiples of the launch volume.
    pub volumes: Vec<f64>,
    /// Seconds of `share_within`.
    pub seconds: Vec<f64>,
    /// Incidents that the strategy that goes live is drilled in, by name.
    pub drills: Vec<String>,
    /// The strategy that goes live; none: all are drilled.
    pub live: Option<String>,
}

/// Which slot carries a request out: each has one running and one pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The study.
    Study,
    /// The review's files.
    Files,
    /// An analysis.
    Analysis,
    /// The report as text.
    Preview,
    /// The report's files.
    Write,
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
    /// A first number, of the strategy and the volume that are looked at and nothing else; nobody decides by it.
    Glance {
        /// Which edit it is for.
        ticket: u64,
        /// What was seen.
        outcome: Arc<Outcome>,
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
    /// How far an analysis is, 0 to 1.
    Analysing(Which, f64),
    /// What an analysis found, or why not.
    Analysed(Box<Question>, Result<Arc<Found>, String>),
    /// The report as text, or why there is none.
    Preview(Result<String, String>),
    /// The files that were written, or why not.
    Written(Result<Vec<PathBuf>, String>),
}

impl Request {
    /// Which slot it belongs to.
    #[must_use]
    pub fn lane(&self) -> Lane {
        match self {
            Self::Estimate(_) => Lane::Study,
            Self::Review { .. } => Lane::Files,
            Self::Analyse(_) => Lane::Analysis,
            Self::Preview(_) => Lane::Preview,
            Self::Write { .. } => Lane::Write,
            Self::Keep { .. } => Lane::Keep,
        }
    }

    /// Carries it out; `say` may be called from several threads.
    pub fn run(self, cancel: &Cancel, say: &(dyn Fn(News) + Sync)) {
        match self {
            Self::Estimate(wanted) => wanted.run(cancel, say),
            Self::Review { path, clock } => {
                say(News::Review(Reviewed::load(&path, clock).map(Box::new)));
            }
            Self::Analyse(question) => question.run(cancel, say),
            Self::Preview(wanted) => say(News::Preview(wanted.text())),
            Self::Write {
                wanted,
                formats,
                folder,
            } => say(News::Written(wanted.files(&formats, &folder))),
            Self::Keep { of, text } => super::recovery::keep(&of, text.as_deref()),
        }
    }
}

impl Estimate {
    fn run(self, cancel: &Cancel, say: &(dyn Fn(News) + Sync)) {
        let ticket = self.ticket;
        let started = Instant::now();
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
        plan.months = self.months.unwrap_or(plan.months);
        if self.months.is_some() {
            // So few that counting every request is quicker than preparing to estimate.
            plan.estimator = Estimator::Exact;
        }
        plan.precision = Some(Precision::default());
        if let Some(first) = self.glance(&model, &plan) {
            Glance {
                ticket,
                cancel,
                say,
                seen: AtomicBool::new(false),
            }
            .take(&model, &first);
        }
        let teller = Teller {
            ticket,
            model: Arc::clone(&model),
            cancel,
            say,
            started,
            patience: self.patience(),
            last: Mutex::new(Instant::now()),
        };
        let outcome = estimate(&model, &plan, &teller);
        let Some(mut outcome) = outcome.filter(|_| !cancel.is_set()) else {
            return;
        };
        let scripts = self.scripts(&model);
        let drilled = scripts.is_empty();
        say(News::Study {
            ticket,
            model: Arc::clone(&model),
            outcome: Arc::new(outcome.clone()),
            settled: drilled,
        });
        if drilled {
            return;
        }
        let drills = DrillPlan {
            strategies: self.drilled(&model),
            seconds: plan.seconds.clone(),
            seed: plan.seed,
            threads: plan.threads,
            protections: false,
            runs: self.months.unwrap_or(RUNS),
            ..DrillPlan::of(&model, scripts)
        };
        let waits = Waits {
            cancel,
            started: Instant::now(),
            patience: self.patience(),
        };
        outcome.study.drills = drill(&model, &drills, &waits).unwrap_or_default();
        if !cancel.is_set() {
            say(News::Study {
                ticket,
                model,
                outcome: Arc::new(outcome),
                settled: true,
            });
        }
    }

    /// The part of a plan that is looked at; none: the whole is not larger.
    fn glance(&self, model: &Model, plan: &Plan) -> Option<Plan> {
        let (name, volume) = self.first.as_ref()?;
        let strategy = model
            .strategies
            .iter()
            .position(|known| known.name == *name)?;
        let volume = plan.volumes.iter().copied().find(|known| known == volume)?;
        let larger = plan.strategies.len() * plan.volumes.len() > 1;
        larger.then(|| Plan {
            strategies: vec![strategy],
            volumes: vec![volume],
            ..plan.clone()
        })
    }

    /// How long it may take. What is bounded by months ends by itself, and the same on every machine.
    fn patience(&self) -> Duration {
        self.months.map_or(self.patience, |_| Duration::MAX)
    }

    /// The incidents that rules are about, as far as the scenario can have them.
    fn scripts(&self, model: &Model) -> Vec<Script> {
        scripts(&self.scenario)
            .into_iter()
            .filter(|script| self.asked.drills.contains(&script.name))
            .filter(|script| impossible(script, model).is_none())
            .collect()
    }

    /// The strategies that are drilled: the one that goes live, else all.
    fn drilled(&self, model: &Model) -> Vec<usize> {
        let names = model.strategies.iter().map(|strategy| &strategy.name);
        let live = names
            .clone()
            .position(|name| Some(name) == self.asked.live.as_ref());
        live.map_or_else(|| (0..names.len()).collect(), |live| vec![live])
    }
}

/// Stops when nobody waits any more, or after a while.
struct Waits<'a> {
    cancel: &'a Cancel,
    started: Instant,
    patience: Duration,
}

impl Watch for Waits<'_> {
    fn goes_on(&self, _: Progress) -> bool {
        !self.cancel.is_set() && self.started.elapsed() < self.patience
    }

    fn cancelled(&self) -> Option<&AtomicBool> {
        Some(self.cancel.flag())
    }
}

/// Looks once: passes the first numbers on, and stops.
struct Glance<'a> {
    ticket: u64,
    cancel: &'a Cancel,
    say: &'a (dyn Fn(News) + Sync),
    /// What stops the study: it was seen, or nobody waits any more.
    seen: AtomicBool,
}

impl Glance<'_> {
    fn take(&self, model: &Model, plan: &Plan) {
        let outcome = estimate(model, plan, self);
        // A study that was over before it could be looked at says it all.
        if let Some(outcome) = outcome.filter(|_| !self.seen.load(Ordering::Relaxed)) {
            self.sharpened(&outcome);
        }
    }
}

impl Watch for Glance<'_> {
    fn goes_on(&self, _: Progress) -> bool {
        if self.cancel.is_set() {
            self.seen.store(true, Ordering::Relaxed);
        }
        !self.seen.load(Ordering::Relaxed)
    }

    fn cancelled(&self) -> Option<&AtomicBool> {
        Some(&self.seen)
    }

    fn sharpened(&self, outcome: &Outcome) {
        if !self.seen.swap(true, Ordering::Relaxed) {
            (self.say)(News::Glance {
                ticket: self.ticket,
                outcome: Arc::new(outcome.clone()),
            });
        }
    }

    fn wants_outcomes(&self) -> bool {
        !self.seen.load(Ordering::Relaxed)
    }
}

/// Compiles a scenario with the prices of its project.
fn compiled(scenario: &Scenario) -> Result<Model, String> {
    let folder = scenario
        .folder
        .as_deref()
        .unwrap_or(std::path::Path::new("."));
    let catalogue = Catalogue::in_folder(folder).map_err(|error| error.to_string())?;
    model::compile(scenario, &catalogue).map_err(|problems| problems.to_string())
}

/// Passes numbers and progress on, and stops when nobody waits any more or patience is at its end.
struct Teller<'a> {
    ticket: u64,
    model: Arc<Model>,
    cancel: &'a Cancel,
    say: &'a (dyn Fn(News) + Sync),
    started: Instant,
    patience: Duration,
    last: Mutex<Instant>,
}

impl Watch for Teller<'_> {
    fn goes_on(&self, progress: Progress) -> bool {
        // Ten times a second is as often as anybody can look.
        if let Ok(mut last) = self.last.try_lock()
            && last.elapsed() >= Duration::from_millis(100)
        {
            *last = Instant::now();
            (self.say)(News::Progress {
                ticket: self.ticket,
                progress,
            });
        }
        let over = progress.complete > 0 && self.started.elapsed() >= self.patience;
        !self.cancel.is_set() && !over
    }

    fn cancelled(&self) -> Option<&AtomicBool> {
        Some(self.cancel.flag())
    }

    fn sharpened(&self, outcome: &Outcome) {
        (self.say)(News::Study {
            ticket: self.ticket,
            model: Arc::clone(&self.model),
            outcome: Arc::new(outcome.clone()),
            settled: false,
        });
    }

    fn wants_outcomes(&self) -> bool {
        !self.cancel.is_set()
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
