//! What a report shows beside the study, looked for now: each analysis may take a while, and what it did not find by
//! then is named with the command that finds it.
//!
//! All are about the strategy that goes live. What it saves is seen from the scenario's first strategy, what a team
//! starts from; the same two stand in the headroom. Volumes beyond a hundred times today's are not looked at: months in
//! which everything is refused take longest and say least.

use std::path::Path;
use std::time::Duration;

use crate::analysis::compare::{ComparePlan, compare};
use crate::analysis::forecast::{ForecastPlan, Months, forecast};
use crate::analysis::headroom::{HeadroomPlan, headroom};
use crate::analysis::sensitivity::{SensitivityPlan, sensitivity};
use crate::model::Model;
use crate::prices::Catalogue;
use crate::report::{Analyses, Compared, Forecast, Headroom, Moved};
use crate::scenario::Scenario;
use crate::study::{Precision, Study};

use super::super::interrupt;
use super::super::minute::Minute;
use super::super::simulate::all_threads;
use super::Terminal;
use super::make::quoted;

/// What one analysis may take.
const A_WHILE: Duration = Duration::from_secs(10);
/// The largest multiple of the launch volume that headroom is looked for at.
const HIGHEST: f64 = 100.0;
/// Months that a forecast looks ahead.
const AHEAD: u32 = 12;

/// What is looked at.
pub(super) struct Subject<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) model: &'a Model,
    pub(super) study: &'a Study,
    /// Index of the strategy that goes live.
    pub(super) live: usize,
}

/// What was found.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) analyses: Analyses,
    /// Files and commands that make it again.
    pub(super) again: Vec<(String, String)>,
    /// What was not found in time, in sentences.
    pub(super) gaps: Vec<String>,
    /// Ctrl-C stopped it.
    pub(super) stopped: bool,
}

impl Looked {
    fn found(&mut self, name: &str, command: &str) {
        let file = format!("{name}.json");
        let command = format!("gonogo {command} --json -o {file}");
        self.again.push((file, command));
    }

    /// Ctrl-C stopped it after so many steps.
    fn stop(&mut self, done: usize) {
        self.stopped = true;
        let left: Vec<&str> = STEPS.iter().skip(done).map(|(name, _)| *name).collect();
        let left = if left.is_empty() {
            String::new()
        } else {
            format!(" Not looked for any more: {}.", left.join(", "))
        };
        self.gaps.push(format!(
            "Ctrl-C stopped the simulation; this is what was known by then.{left}"
        ));
    }

    /// Not whole in time: which command has no limit.
    fn cut(&mut self, what: &str, command: &str) {
        let when = if interrupt::heard() {
            "before Ctrl-C stopped it".to_owned()
        } else {
            format!("within {} s", A_WHILE.as_secs())
        };
        self.gaps.push(format!(
            "{what} {when}. `gonogo {command} --json -o FILE` takes as long as it needs; --analyses FILE shows it."
        ));
    }
}

type Step = fn(&Subject<'_>, &mut Looked, bool);

/// What is looked for, in this order.
const STEPS: [(&str, Step); 4] = [
    ("what saves money", |subject, all, shows| {
        subject.savings(all, shows);
    }),
    ("how far volume can grow", |subject, all, shows| {
        subject.headroom(all, shows);
    }),
    ("what moves the answer", |subject, all, shows| {
        subject.moved(all, shows);
    }),
    ("the months to come", |subject, all, shows| {
        subject.coming(all, shows);
    }),
];

/// Everything that can be found in a while. After a Ctrl-C nothing more is looked for.
pub(super) fn run(subject: &Subject<'_>, terminal: &Terminal) -> Looked {
    let shows = terminal.shows_progress();
    let mut all = Looked::default();
    for (done, (_, step)) in (1..).zip(STEPS) {
        step(subject, &mut all, shows);
        if interrupt::heard() {
            all.stop(done);
            break;
        }
    }
    all
}

/// Nothing was looked for, as Ctrl-C had stopped the study.
pub(super) fn none() -> Looked {
    let mut all = Looked::default();
    all.stop(0);
    all
}

impl Subject<'_> {
    fn strategy(&self, place: usize) -> &str {
        self.model
            .strategies
            .get(place)
            .map_or("", |strategy| strategy.name.as_str())
    }

    /// The scenario's file as a command's argument, with a space before it; none for the embedded one.
    fn file(&self) -> String {
        if self.scenario.folder.is_some() {
            format!(" {}", quoted(&self.scenario.source.name))
        } else {
            String::new()
        }
    }

    /// From the first strategy to the one that goes live; if that is the first, to the cheapest of the others.
    fn savings(&self, all: &mut Looked, shows: bool) {
        let to = if self.live == 0 {
            let Some(other) = self.cheapest_other() else {
                return;
            };
            other
        } else {
            self.live
        };
        let mut plan = ComparePlan::of(self.model, 0, to);
        plan.study.threads = all_threads();
        plan.study.precision = Some(Precision::default());
        let watch = Minute::step("what saves money", A_WHILE, shows);
        let found = watch.over(|| compare(self.model, &plan, &watch));
        let names = format!(
            "compare {} {}{}",
            quoted(self.strategy(0)),
            quoted(self.strategy(to)),
            self.file()
        );
        let Some(found) = found else {
            all.cut("What each mechanism saves was not worked out", &names);
            return;
        };
        let (volume, months, seed) = (found.volume, found.months, found.seed);
        all.found(
            "compare",
            &format!("{names} --volume {volume} --months {months} --seed {seed}"),
        );
        all.analyses.compared.push(Compared::of(&found));
    }

    fn cheapest_other(&self) -> Option<usize> {
        let cost = |place: usize| {
            let cells = self.study.cells.iter();
            cells
                .filter(|cell| cell.strategy == self.strategy(place))
                .filter_map(|cell| Some((cell.volume, cell.metrics.get("cost.total")?.mean)))
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, usd)| usd)
        };
        (1..self.model.strategies.len())
            .filter_map(|place| Some((place, cost(place)?)))
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(place, _)| place)
    }

    fn headroom(&self, all: &mut Looked, shows: bool) {
        let mut strategies = vec![self.live];
        if self.live != 0 {
            strategies.push(0);
        }
        let names: Vec<&str> = strategies
            .iter()
            .map(|place| self.strategy(*place))
            .collect();
        let command = format!(
            "headroom{} --strategies {} --to {HIGHEST}",
            self.file(),
            quoted(&names.join(","))
        );
        let plan = HeadroomPlan {
            strategies,
            highest: HIGHEST,
            threads: all_threads(),
            ..HeadroomPlan::of(self.model)
        };
        let watch = Minute::step("how far volume can grow", A_WHILE, shows);
        let Some(found) = watch.over(|| headroom(self.model, &plan, &watch)) else {
            all.cut("How far volume can grow was not found", &command);
            return;
        };
        if found.stopped {
            all.cut(
                "How far volume can grow was not looked at everywhere",
                &command,
            );
        }
        let (months, seed) = (found.months, found.seed);
        all.found(
            "headroom",
            &format!("{command} --months {months} --seed {seed}"),
        );
        all.analyses.headroom = Headroom::of(&found);
    }

    fn moved(&self, all: &mut Looked, shows: bool) {
        let command = format!(
            "sensitivity{} --strategy {}",
            self.file(),
            quoted(self.strategy(self.live))
        );
        let plan = SensitivityPlan {
            chosen: Some(self.live),
            choice: false,
            threads: all_threads(),
            ..SensitivityPlan::of(self.model)
        };
        let watch = Minute::step("what moves the answer", A_WHILE, shows);
        let Some(found) = watch.over(|| sensitivity(self.model, &plan, &watch)) else {
            // A scenario without ranges has nothing that could move an answer.
            if self.model.facts.is_empty() {
                return;
            }
            all.cut("What moves the answer was not found", &command);
            return;
        };
        if found.stopped {
            all.cut(
                "Not every input was looked at for what moves the answer",
                &command,
            );
        }
        let (months, seed) = (found.months, found.seed);
        all.found(
            "sensitivity",
            &format!("{command} --months {months} --seed {seed}"),
        );
        all.analyses.moved = Moved::of(&found);
    }

    /// The months to come.
    fn coming(&self, all: &mut Looked, shows: bool) {
        let folder = self.scenario.folder.as_deref().unwrap_or(Path::new("."));
        let Ok(catalogue) = Catalogue::in_folder(folder) else {
            return;
        };
        let Ok(months) = Months::compile(self.scenario, &catalogue, AHEAD) else {
            return;
        };
        let mut plan = ForecastPlan::of(self.model);
        plan.strategies = vec![self.live];
        plan.threads = all_threads();
        let name = self.strategy(self.live);
        let command = format!(
            "forecast{} --strategies {} --for {AHEAD}",
            self.file(),
            quoted(name)
        );
        let watch = Minute::step("the months to come", A_WHILE, shows);
        let found = watch.over(|| forecast(&months, &plan, &watch));
        match found.and_then(|found| Forecast::of(&found, name)) {
            Some(shown) => {
                all.analyses.forecast = Some(shown);
                all.found("forecast", &command);
            }
            None => all.cut("The months to come were not forecast", &command),
        }
    }
}
