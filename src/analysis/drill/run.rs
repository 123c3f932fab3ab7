//! Many runs of each drill, put together.

use std::collections::BTreeMap;

use crate::analysis::mechanism::{unprotected, with_strategies};
use crate::engine::ledger::Outcome;
use crate::engine::philox::Stream;
use crate::engine::{Minute, Rehearsal, Setting, rehearse};
use crate::model::{Model, Strategy};
use crate::study::parallel::in_order;
use crate::study::{
    Cell, DrillMinute, DrillResult, KEPT_BY_MONTH, Metric, Progress, Protection, SHARE_WITHIN,
    Watch, facts_of, measure, not_modelled, quantile, summarise,
};

use super::script::{AFTER_MINUTES, BEFORE_MINUTES, Script};

/// Runs of a drill unless another number is asked: as many as a rule with a confidence of 95% needs to be supported.
pub const RUNS: u32 = 120;
/// Runs at most for what protections did: differences between the same runs settle sooner.
const RUNS_WITHOUT: u32 = 40;

/// What to rehearse.
#[derive(Debug, Clone, PartialEq)]
pub struct DrillPlan {
    /// The drills.
    pub scripts: Vec<Script>,
    /// Indices of the strategies.
    pub strategies: Vec<usize>,
    /// Multiple of the launch volume.
    pub volume: f64,
    /// Runs of each drill under each strategy; runs 2i and 2i + 1 share their facts.
    pub runs: u32,
    /// Whether to find out what each protection did.
    pub protections: bool,
    /// Seed of all randomness.
    pub seed: u64,
    /// Threads to use.
    pub threads: usize,
    /// Seconds for which `share_within` is wanted beside [`SHARE_WITHIN`].
    pub seconds: Vec<f64>,
}

impl DrillPlan {
    /// These drills under all strategies at launch volume.
    #[must_use]
    pub fn of(model: &Model, scripts: Vec<Script>) -> Self {
        Self {
            scripts,
            strategies: (0..model.strategies.len()).collect(),
            volume: 1.0,
            runs: RUNS,
            protections: true,
            seed: model.seed,
            threads: 1,
            seconds: Vec::new(),
        }
    }
}

/// One drill under one strategy, of which the model knows by number.
struct Job<'a> {
    script: &'a Script,
    strategy: usize,
    runs: usize,
}

/// Rehearses every drill under every strategy. If it is stopped, the result holds the runs that were complete in all;
/// `None` if there were none.
#[must_use]
pub fn drill(model: &Model, plan: &DrillPlan, watch: &dyn Watch) -> Option<Vec<DrillResult>> {
    let runs = plan.runs.max(2) as usize;
    let mut jobs = Vec::new();
    let mut bare = Vec::new();
    // What is taken away, by the job that it belongs to.
    let mut taken: Vec<(usize, &'static str)> = Vec::new();
    for script in &plan.scripts {
        for &strategy in &plan.strategies {
            jobs.push(Job {
                script,
                strategy,
                runs,
            });
        }
    }
    let asked = jobs.len();
    for job in 0..asked {
        let Some(Job {
            script, strategy, ..
        }) = jobs.get(job)
        else {
            break;
        };
        let (script, strategy) = (*script, model.strategies.get(*strategy)?);
        if !plan.protections {
            continue;
        }
        for (mechanism, without) in unprotected(strategy) {
            taken.push((job, mechanism.name));
            jobs.push(Job {
                script,
                strategy: model.strategies.len() + bare.len(),
                runs: runs.min(RUNS_WITHOUT as usize),
            });
            bare.push(without);
        }
    }
    let model = &with_strategies(model, bare);
    let totals = all(model, plan, &jobs, watch)?;
    let results = jobs.iter().zip(&totals).take(asked).enumerate();
    results
        .map(|(index, (job, total))| {
            let strategy = model.strategies.get(job.strategy)?;
            let mut result = total.result(model, strategy, plan, job.script);
            result.protections = taken
                .iter()
                .zip(totals.iter().skip(asked))
                .filter(|((of, _), _)| *of == index)
                .map(|((_, name), without)| protection(name, total, without))
                .collect();
            result
                .protections
                .sort_by(|a, b| worth(b).total_cmp(&worth(a)));
            Some(result)
        })
        .collect()
}

/// Runs all jobs, a few pairs of runs at a time; what is complete when it is stopped stays. `None` if that is nothing.
fn all(
    model: &Model,
    plan: &DrillPlan,
    jobs: &[Job<'_>],
    watch: &dyn Watch,
) -> Option<Vec<Totals>> {
    let mut totals: Vec<Totals> = jobs.iter().map(|_| Totals::default()).collect();
    let runs = jobs.iter().map(|job| job.runs).max()?;
    let wanted = jobs.iter().map(|job| job.runs).sum();
    // A whole number of pairs, and a few tasks for each thread.
    let batch = (plan.threads * 4).div_ceil(jobs.len() * 2) * 2;
    let (mut first, mut done) = (0, 0);
    while first < runs {
        let last = (first + batch).min(runs);
        let tasks: Vec<(usize, usize)> = (first..last)
            .flat_map(|run| (0..jobs.len()).map(move |job| (job, run)))
            .filter(|(job, run)| jobs.get(*job).is_some_and(|it| *run < it.runs))
            .collect();
        let results = in_order(tasks.len(), plan.threads, |task| {
            let &(job, run) = tasks.get(task)?;
            one(model, plan, jobs.get(job)?, run, watch)
        });
        let Some(results) = results else { break };
        for ((job, _), measured) in tasks.iter().zip(results) {
            if let Some(total) = totals.get_mut(*job) {
                total.add(measured);
            }
        }
        first = last;
        done += tasks.len();
        let progress = Progress {
            done,
            wanted,
            complete: last,
            share: done as f64 / wanted as f64,
        };
        if !watch.goes_on(progress) {
            break;
        }
    }
    (first > 0).then_some(totals)
}

/// What a run is reduced to.
struct Measured {
    metrics: Vec<(String, f64)>,
    undisturbed: Vec<Minute>,
    disturbed: Vec<Minute>,
    recovered: bool,
}

fn one(
    model: &Model,
    plan: &DrillPlan,
    job: &Job<'_>,
    run: usize,
    watch: &dyn Watch,
) -> Option<Measured> {
    let strategy = model.strategies.get(job.strategy)?;
    let facts = facts_of(model, plan.seed, run as u64 / 2);
    let (window, incident) = job.script.stage(model, strategy);
    let setting = Setting {
        model,
        strategy,
        volume: plan.volume,
        facts: &facts,
        // Apart from the facts and from the months.
        stream: Stream::new(plan.seed, (1 << 41) + run as u64),
        window: Some(window),
        scripted: true,
    };
    let Rehearsal {
        undisturbed,
        disturbed,
        month,
        recovery_s,
    } = rehearse(setting, &incident, watch.cancelled())?;
    let seconds: Vec<f64> = SHARE_WITHIN.iter().chain(&plan.seconds).copied().collect();
    let mut metrics = measure(model, strategy, &month, &seconds);
    metrics.retain(|(name, number)| {
        // A budget is one for a month, and full service is not simulated.
        name != "budget.over_probability" && name != "cost.at_full_service" && !number.is_infinite()
    });
    let watched_s = f64::from(AFTER_MINUTES) * 60.0;
    metrics.push(("recovery_s".to_owned(), recovery_s.unwrap_or(watched_s)));
    Some(Measured {
        metrics,
        undisturbed,
        disturbed,
        recovered: recovery_s.is_some(),
    })
}

/// The runs of one job.
#[derive(Default)]
struct Totals {
    /// By metric, in run order; NaN where a run does not define it.
    values: BTreeMap<String, Vec<f64>>,
    undisturbed: Vec<Minute>,
    disturbed: Vec<Minute>,
    runs: usize,
    unrecovered: usize,
}

impl Totals {
    fn add(&mut self, run: Measured) {
        for (name, number) in run.metrics {
            let values = self.values.entry(name).or_default();
            values.resize(self.runs, f64::NAN);
            values.push(number);
        }
        merge(&mut self.undisturbed, &run.undisturbed);
        merge(&mut self.disturbed, &run.disturbed);
        self.runs += 1;
        self.unrecovered += usize::from(!run.recovered);
    }

    fn of(&self, metric: &str) -> &[f64] {
        self.values.get(metric).map_or(&[], Vec::as_slice)
    }

    /// Share of requests without a model's or a valid cached answer, run by run.
    fn unserved(&self) -> Vec<f64> {
        let served = ["rate.answered", "rate.cached", "rate.fallback"].map(|name| self.of(name));
        let share = |run: usize| {
            served
                .iter()
                .filter_map(|values| values.get(run))
                .sum::<f64>()
        };
        (0..self.runs).map(|run| 1.0 - share(run)).collect()
    }

    fn result(
        &self,
        model: &Model,
        strategy: &Strategy,
        plan: &DrillPlan,
        script: &Script,
    ) -> DrillResult {
        let mut metrics: BTreeMap<String, Metric> = BTreeMap::new();
        let mut by_month = BTreeMap::new();
        for (name, values) in &self.values {
            let Some(metric) = summarise(values) else {
                continue;
            };
            metrics.insert(name.clone(), metric);
            let kept = KEPT_BY_MONTH.contains(&name.as_str())
                || name == "recovery_s"
                || name.starts_with("share_within.");
            if kept {
                let mut sorted: Vec<f64> =
                    values.iter().copied().filter(|it| it.is_finite()).collect();
                sorted.sort_unstable_by(f64::total_cmp);
                by_month.insert(name.clone(), sorted);
            }
        }
        let uses = strategy.uses.iter().filter_map(|id| model.models.get(*id));
        let cell = Cell {
            strategy: strategy.name.clone(),
            volume: plan.volume,
            months: u32::try_from(self.runs).unwrap_or(u32::MAX),
            models: uses.map(|server| server.name.clone()).collect(),
            not_modelled: not_modelled(model, strategy, &metrics),
            metrics,
            by_month,
            binding: Vec::new(),
            hourly: Vec::new(),
            requests_simulated: self.disturbed.iter().map(Minute::requests).sum(),
            attempts_simulated: 0,
        };
        DrillResult {
            drill: script.name.clone(),
            script: script.words(model, strategy),
            lasts_minutes: script.minutes,
            unrecovered: self.unrecovered as f64 / self.runs as f64,
            minutes: self.minutes(script, model, strategy),
            protections: Vec::new(),
            cell,
        }
    }

    fn minutes(&self, script: &Script, model: &Model, strategy: &Strategy) -> Vec<DrillMinute> {
        let (window, incident) = script.stage(model, strategy);
        let before = ((incident.from_s - window.counts_from_s) / 60.0).round();
        let before = (0..=i32::try_from(BEFORE_MINUTES).unwrap_or(0))
            .find(|minutes| f64::from(*minutes) >= before)
            .unwrap_or(0);
        let pairs = self.disturbed.iter().zip(&self.undisturbed);
        (-before..)
            .zip(pairs)
            .map(|(number, (minute, usual))| written(number, minute, usual, self.runs as f64))
            .collect()
    }
}

fn merge(into: &mut Vec<Minute>, run: &[Minute]) {
    into.resize_with(run.len(), Minute::default);
    for (sum, minute) in into.iter_mut().zip(run) {
        sum.merge(minute);
    }
}

fn written(number: i32, minute: &Minute, usual: &Minute, runs: f64) -> DrillMinute {
    let share = |of: &Minute, outcome: Outcome| {
        let count = of.outcomes.get(outcome as usize).copied().unwrap_or(0);
        count as f64 / (of.requests() as f64).max(1.0)
    };
    let latency = |of: &Minute, p: f64| Some(of.latency.quantile(p)).filter(|it| it.is_finite());
    DrillMinute {
        minute: number,
        requests: minute.requests() as f64 / runs,
        answered: share(minute, Outcome::Answered),
        cached: share(minute, Outcome::Cached),
        fallback: share(minute, Outcome::Fallback),
        stale: share(minute, Outcome::Stale),
        degraded: share(minute, Outcome::Degraded),
        blocked: share(minute, Outcome::Blocked),
        abandoned: share(minute, Outcome::Abandoned),
        failed: share(minute, Outcome::Failed),
        latency_p50: latency(minute, 0.5),
        latency_p95: latency(minute, 0.95),
        attempts: minute.attempts as f64 / runs,
        usd: minute.usd / runs,
        usual_failed: share(usual, Outcome::Failed),
        usual_latency_p95: latency(usual, 0.95),
        usual_attempts: usual.attempts as f64 / runs,
        usual_usd: usual.usd / runs,
    }
}

/// What a drill becomes without one protection, over the runs that both have.
fn protection(name: &str, with: &Totals, without: &Totals) -> Protection {
    let runs = with.runs.min(without.runs);
    let mean = |values: &[f64]| {
        let known: Vec<f64> = values
            .iter()
            .take(runs)
            .copied()
            .filter(|it| it.is_finite())
            .collect();
        known.iter().sum::<f64>() / known.len() as f64
    };
    let both = |metric: &str| [mean(with.of(metric)), mean(without.of(metric))];
    let (here, there) = (with.unserved(), without.unserved());
    let differences: Vec<f64> = there
        .iter()
        .zip(&here)
        .take(runs)
        .map(|(b, a)| b - a)
        .collect();
    let middle = |values: &[f64]| {
        let mut known: Vec<f64> = values
            .iter()
            .take(runs)
            .copied()
            .filter(|it| it.is_finite())
            .collect();
        known.sort_unstable_by(f64::total_cmp);
        (!known.is_empty()).then(|| quantile(&known, 0.5))
    };
    let attempts = |totals: &Totals| mean(totals.of("attempts")) / mean(totals.of("requests"));
    Protection {
        mechanism: name.to_owned(),
        runs: u32::try_from(runs).unwrap_or(u32::MAX),
        unserved: [mean(&here), mean(&there)],
        unserved_se: summarise(&differences).map_or(f64::NAN, |metric| metric.se),
        latency_p95: [
            middle(with.of("latency.p95")),
            middle(without.of("latency.p95")),
        ],
        attempts_per_request: [attempts(with), attempts(without)],
        usd: both("cost.total"),
    }
}

/// By how much a protection is missed: requests first, then seconds.
fn worth(protection: &Protection) -> f64 {
    let [with, without] = protection.unserved;
    let slower = match protection.latency_p95 {
        [Some(with), Some(without)] => (without - with) / with.max(1e-9),
        _ => 0.0,
    };
    // A point of requests weighs as much as latency that doubles.
    (without - with) * 100.0 + slower
}
