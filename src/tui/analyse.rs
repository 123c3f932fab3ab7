//! Analyses as the Study tab asks for them: each is carried out off the keyboard's thread and comes back as text and a
//! chart, whatever the analysis.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::analysis::drill::{DrillPlan, RUNS, drill, impossible, scripts};
use crate::model::Model;
use crate::report::{Analyses, Drilled, drill_page};
use crate::scenario::Scenario;
use crate::study::{Progress, Watch};

use super::widgets::bars::Row;
use super::widgets::volumes::Reach;
use super::work::News;
use super::worker::Cancel;

/// Which analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// Paired differences between strategies.
    Compare,
    /// Which inputs move the answer.
    Drivers,
    /// How far volume can grow.
    Headroom,
    /// Scripted incidents.
    Drill,
    /// The cheapest setting that holds.
    Optimise,
    /// Twelve months ahead.
    Forecast,
}

/// What is analysed.
#[derive(Debug, Clone)]
pub struct Question {
    /// Which analysis.
    pub which: Which,
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Its model.
    pub model: Arc<Model>,
    /// The strategy that is looked at.
    pub strategy: usize,
    /// The volume that is looked at.
    pub volume: f64,
    /// Number of the drill among those that the scenario can have.
    pub drill: usize,
}

impl Question {
    /// Whether an answer to this one answers the other, too.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        let everywhere = matches!(self.which, Which::Headroom);
        self.which == other.which
            && self.scenario.digest == other.scenario.digest
            && (everywhere || self.strategy == other.strategy)
            && (everywhere || self.volume == other.volume)
            && (self.which != Which::Drill || self.drill == other.drill)
    }
}

/// What is drawn above the text.
#[derive(Debug, Clone)]
pub enum Chart {
    /// Nothing.
    None,
    /// An incident over time.
    Timeline(Box<Drilled>),
    /// How far strategies reach.
    Volumes {
        /// The strategies.
        reaches: Vec<Reach>,
        /// The range that was looked at.
        range: (f64, f64),
    },
    /// Rows of bars, with a line down.
    Bars {
        /// What is shown, and its unit.
        title: String,
        /// The rows.
        rows: Vec<Row>,
        /// The line.
        line: Option<f64>,
    },
}

/// What an analysis found.
#[derive(Debug, Clone)]
pub struct Found {
    /// What is drawn.
    pub chart: Chart,
    /// The page that the command prints.
    pub text: String,
    /// What the report shows of it.
    pub report: Analyses,
}

/// Where an analysis is.
#[derive(Debug, Clone)]
pub enum State {
    /// Under way, so far.
    Running(f64),
    /// Done.
    Done(Arc<Found>),
    /// It cannot be done, and why.
    Failed(String),
}

impl Question {
    /// Carries it out.
    pub fn run(self, cancel: &Cancel, say: &(dyn Fn(News) + Sync)) {
        let watch = Patient {
            cancel,
            say,
            question: &self,
            started: Instant::now(),
            last: Mutex::new(Instant::now()),
        };
        let found = match self.which {
            Which::Drill => self.drill(&watch),
            Which::Compare
            | Which::Drivers
            | Which::Headroom
            | Which::Optimise
            | Which::Forecast => Err("This analysis is not built in yet.".to_owned()),
        };
        if !cancel.is_set() {
            let found = found.map(Arc::new);
            say(News::Analysed(Box::new(self), found));
        }
    }

    fn drill(&self, watch: &Patient<'_>) -> Result<Found, String> {
        let known = drills(&self.scenario, &self.model);
        let count = known.len().max(1);
        let script = known
            .into_iter()
            .nth(self.drill % count)
            .ok_or("No incident can be drilled in this scenario.")?;
        let plan = DrillPlan {
            strategies: vec![self.strategy],
            volume: self.volume,
            runs: RUNS,
            threads: threads(),
            ..DrillPlan::of(&self.model, vec![script])
        };
        let results = drill(&self.model, &plan, watch).ok_or("The drill was stopped.")?;
        let shown = results.first().map(Drilled::of);
        Ok(Found {
            text: drill_page(&self.scenario.name, &results, false),
            report: Analyses {
                drills: shown.iter().cloned().collect(),
                ..Analyses::default()
            },
            chart: shown.map_or(Chart::None, |drilled| Chart::Timeline(Box::new(drilled))),
        })
    }
}

/// The incidents that a scenario can be drilled in.
#[must_use]
pub fn drills(scenario: &Scenario, model: &Model) -> Vec<crate::analysis::drill::Script> {
    scripts(scenario)
        .into_iter()
        .filter(|script| impossible(script, model).is_none())
        .collect()
}

/// All of the machine's threads.
#[must_use]
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Waits for a minute, as commands do.
struct Patient<'a> {
    cancel: &'a Cancel,
    say: &'a (dyn Fn(News) + Sync),
    question: &'a Question,
    started: Instant,
    last: Mutex<Instant>,
}

impl Watch for Patient<'_> {
    fn goes_on(&self, progress: Progress) -> bool {
        if let Ok(mut last) = self.last.try_lock()
            && last.elapsed() >= Duration::from_millis(100)
        {
            *last = Instant::now();
            (self.say)(News::Analysing(self.question.which, progress.share));
        }
        let over = progress.complete > 0 && self.started.elapsed() >= Duration::from_mins(1);
        !self.cancel.is_set() && !over
    }

    fn cancelled(&self) -> Option<&AtomicBool> {
        Some(self.cancel.flag())
    }
}
