//! The fast estimator: months predicted from windows of them. docs/estimators.md says why this is right, and when not.
//!
//! 1. Every month's facts and every month's outlook (days, spikes, incidents) are drawn with the exact estimator's keys:
//!    that costs microseconds, so the spread over months is known from all of them ([`land`]).
//! 2. Time is cut into units, sorted into strata. In each stratum a few units, chosen in proportion to the conversations
//!    expected in them, are simulated at full rate after a warm-up ([`crate::engine::simulate_window`]); all strategies
//!    share the same units and the same luck in them.
//! 3. Each sum over a window is fitted: a rate per expected conversation in each stratum, the effect of facts, what luck
//!    did ([`fit`]).
//! 4. Each month is predicted from its strata, with the chance that windows show ([`predict`]).
//!
//! What has a longer memory than a warm-up is not estimated so: those cells are simulated request by request, and say
//! why.

mod fit;
mod land;
mod predict;
mod shape;
mod sums;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::engine::philox::{Item, Purpose, Stream, uniform};
use crate::engine::{
    MonthLines, Outlook, Setting, Tables, Window, month_lines, outlook, questions_before,
    simulate_window,
};
use crate::model::{Facts, Model, SloName};
use crate::quantity::standard_normal;

use super::cell::{Numbers, Outcome, document};
use super::plan::{Estimator, Plan, Progress, Watch};
use super::run::{facts_of, month_stream, run_exact, thresholds};
use super::stopping::way_left;
use fit::Design;
use land::{Grid, MonthLand, QUARTER_S, Unit};
use predict::{Estimated, Months};
use sums::Sums;

/// Pairs of months of the first glance, which nobody trusts yet.
const GLANCE_PAIRS: usize = 8;
/// Pairs of months at the first look.
const FIRST_PAIRS: usize = 64;
/// One window of each cell for so many months.
const MONTHS_PER_WINDOW: usize = 8;
/// Windows of each stratum after the first look, at least.
const LEAST: usize = 4;
/// Months beyond which windows no longer grow in proportion: what more months tell is about facts.
const MANY_MONTHS: f64 = 1024.0;
/// Conversations of a cell, over all months, up to which all are simulated.
const SMALL: f64 = 60_000.0;
/// Share of busy slots from which a queue builds up.
const BUSY: f64 = 0.8;
/// Longest warm-up, in quarters of an hour.
const LONGEST_WARMUP: usize = 8;
/// Questions that are asked of a response cache before a window, at most.
const MOST_QUESTIONS: f64 = 400_000.0;
/// Pairs after which a study stops even if it is not sure enough.
const MOST_PAIRS: usize = 4096;

/// What is simulated at one volume.
struct Scene {
    volume: f64,
    grid: Grid,
    warmup: usize,
    tables: Tables,
    land: Vec<MonthLand>,
    by_hour: Vec<Vec<f64>>,
    windows: Vec<Planned>,
}

/// A window that is to be simulated, in every strategy.
#[derive(Debug, Clone)]
struct Planned {
    month: u32,
    unit: Unit,
    /// Conversations expected in its warm-up.
    before: f64,
}

/// A study under way.
struct Fast<'a> {
    model: &'a Model,
    plan: &'a Plan,
    watch: &'a dyn Watch,
    /// `share_within`, and the SLOs' limits.
    limits: Vec<f64>,
    seconds: Vec<f64>,
    scenes: Vec<Scene>,
    facts: Vec<Facts>,
    scores: Vec<Vec<f64>>,
    /// Cells in the order of results: strategy, index of the scene.
    cells: Vec<(usize, usize)>,
    lines: Vec<Vec<MonthLines>>,
    /// By cell and window.
    sums: Vec<Vec<Sums>>,
    /// Months that are complete.
    complete: usize,
    /// Share of the way that is behind, and that will be after the stage under way.
    share: f64,
    aim: f64,
}

/// Runs a study by windows. `None` if nothing was complete before it was stopped.
#[must_use]
pub fn run_fast(model: &Model, plan: &Plan, watch: &dyn Watch) -> Option<Outcome> {
    if let Some(why) = why_exact(model, plan) {
        return exactly(model, plan, watch, why);
    }
    if is_small(model, plan) {
        return run_exact(model, plan, watch);
    }
    let mut study = Fast::new(model, plan, watch);
    let mut latest = None;
    let stages = stages(plan);
    for (place, pairs) in stages.iter().enumerate() {
        study.aim = match plan.precision {
            Some(_) => (study.share * 2.0).clamp(0.1, 1.0),
            None => (*pairs as f64 / stages.last().map_or(1.0, |last| *last as f64)).min(1.0),
        };
        let Some(outcome) = study.stage(*pairs) else {
            break;
        };
        if let Some(why) = study.remembers_too_long() {
            return exactly(model, plan, watch, why);
        }
        study.share = match plan.precision {
            Some(precision) => 1.0 / way_left(&outcome, &precision).max(1.0),
            None => study.aim,
        };
        study.complete = outcome
            .study
            .cells
            .first()
            .map_or(0, |cell| cell.months as usize);
        watch.sharpened(&outcome);
        latest = Some(outcome);
        // The first look only shows what it may be.
        if place > 0 && plan.precision.is_some() && study.share >= 1.0 {
            break;
        }
    }
    latest
}

/// Simulates every request, and says why.
fn exactly(model: &Model, plan: &Plan, watch: &dyn Watch, why: String) -> Option<Outcome> {
    run_exact(model, plan, watch).map(|mut outcome| {
        outcome.study.warnings.push(why);
        outcome
    })
}

/// Pairs of months at which the study is looked at.
fn stages(plan: &Plan) -> Vec<usize> {
    let wanted = if plan.precision.is_some() {
        MOST_PAIRS
    } else {
        plan.months.div_ceil(2) as usize
    };
    let mut stages = vec![GLANCE_PAIRS];
    stages.extend(std::iter::successors(Some(FIRST_PAIRS), |pairs| Some(pairs * 2)).take(16));
    stages.retain(|pairs| *pairs < wanted);
    stages.push(wanted);
    stages
}

/// Whether windows would cost as much as everything does.
fn is_small(model: &Model, plan: &Plan) -> bool {
    let facts = facts_of(model, plan.seed, 0);
    let months = match plan.precision {
        Some(_) => FIRST_PAIRS as f64 * 8.0,
        None => f64::from(plan.months),
    };
    let volumes: f64 = plan.volumes.iter().sum();
    let days = f64::from(model.calendar.days);
    let conversations = facts.get(model.workload.conversations_per_day) * days * volumes * months;
    conversations < SMALL * plan.volumes.len() as f64
}

/// Why a study cannot be done by windows at all.
fn why_exact(model: &Model, plan: &Plan) -> Option<String> {
    if model.workload.replay.is_some() {
        return Some("Simulated request by request: a log is replayed as it is.".to_owned());
    }
    let facts = facts_of(model, plan.seed, 0);
    for &index in &plan.strategies {
        let strategy = model.strategies.get(index)?;
        if strategy.human_review.as_ref().is_some_and(|it| it.before) {
            return Some(format!(
                "Simulated request by request: in `{}` users wait for reviewers, whose backlog lasts for days.",
                strategy.name
            ));
        }
        for &id in &strategy.uses {
            let server = model.models.get(id)?;
            if server.limits.requests_per_day.is_some() {
                return Some(format!(
                    "Simulated request by request: the daily limit of `{}` remembers a day.",
                    server.name
                ));
            }
        }
        for &volume in &plan.volumes {
            let setting = setting(model, index, volume, &facts, plan.seed, 0)?;
            if questions_before(&setting) > MOST_QUESTIONS {
                return Some(format!(
                    "Simulated request by request: the response cache of `{}` remembers too many questions.",
                    strategy.name
                ));
            }
        }
    }
    None
}

fn setting<'a>(
    model: &'a Model,
    strategy: usize,
    volume: f64,
    facts: &'a Facts,
    seed: u64,
    month: u32,
) -> Option<Setting<'a>> {
    Some(Setting {
        model,
        strategy: model.strategies.get(strategy)?,
        volume,
        facts,
        stream: month_stream(seed, month),
        window: None,
        scripted: false,
    })
}

impl<'a> Fast<'a> {
    fn new(model: &'a Model, plan: &'a Plan, watch: &'a dyn Watch) -> Self {
        let seconds = thresholds(plan);
        let mut limits = seconds.clone();
        limits.extend(model.slo.iter().filter_map(|(name, limit)| match name {
            SloName::Latency(_) => Some(*limit),
            _ => None,
        }));
        let cells = plan
            .cells()
            .iter()
            .map(|(strategy, volume)| {
                let scene = plan.volumes.iter().position(|known| known == volume);
                (*strategy, scene.unwrap_or(0))
            })
            .collect();
        let mut study = Self {
            model,
            plan,
            watch,
            limits,
            seconds,
            scenes: Vec::new(),
            facts: Vec::new(),
            scores: Vec::new(),
            cells,
            lines: Vec::new(),
            sums: Vec::new(),
            complete: 0,
            share: 0.0,
            aim: 0.0,
        };
        study.know_facts(FIRST_PAIRS);
        study.scenes = plan
            .volumes
            .iter()
            .filter_map(|volume| study.scene(*volume))
            .collect();
        study.sums = study.cells.iter().map(|_| Vec::new()).collect();
        study.lines = study.cells.iter().map(|_| Vec::new()).collect();
        study
    }

    /// Why what was simulated shows that windows do not do: a hosted model so busy that its queue may outlast a warm-up.
    fn remembers_too_long(&self) -> Option<String> {
        let facts = self.facts.first()?;
        for ((strategy, scene), sums) in self.cells.iter().zip(&self.sums) {
            let strategy = self.model.strategies.get(*strategy)?;
            let busiest = sums.iter().map(|sums| sums.busy).fold(0.0, f64::max);
            if busiest < BUSY {
                continue;
            }
            let patience_s = facts
                .opt(strategy.timeout_s)
                .or(facts.opt(strategy.deadline_s))
                .unwrap_or(f64::INFINITY);
            let warmup_s = self.scenes.get(*scene)?.warmup as f64 * QUARTER_S;
            for id in &strategy.uses {
                let server = self.model.models.get(*id)?;
                let Some(hosting) = &server.hosting else {
                    continue;
                };
                let slots = facts.get(hosting.slots) * facts.get(hosting.replicas);
                // A waiting place takes at least as long as a second of work in every slot.
                let drain_s =
                    (facts.get(hosting.queue) / slots.max(1.0) * 30.0).min(patience_s * 4.0);
                if drain_s > warmup_s * 0.25 {
                    return Some(format!(
                        "Simulated request by request: `{}` is so busy that its queue remembers more than an hour.",
                        server.name
                    ));
                }
            }
        }
        None
    }

    /// Draws the facts of so many pairs of months.
    fn know_facts(&mut self, pairs: usize) {
        for pair in self.facts.len()..pairs {
            let pair = pair as u64;
            self.facts.push(facts_of(self.model, self.plan.seed, pair));
            let stream = Stream::new(self.plan.seed, pair);
            let scores = self
                .model
                .facts
                .iter()
                .filter(|fact| fact.law.as_constant().is_none())
                .map(|fact| {
                    let [bits, ..] = stream.block(fact.key, Item::new(Purpose::Fact, 0, 0, 0));
                    standard_normal(uniform(bits))
                })
                .collect();
            self.scores.push(scores);
        }
    }

    fn outlook(&self, volume: f64, month: u32) -> Option<Outlook> {
        let facts = self.facts.get(month as usize / 2)?;
        let strategy = *self.plan.strategies.first()?;
        let setting = setting(self.model, strategy, volume, facts, self.plan.seed, month)?;
        Some(outlook(&setting))
    }

    /// What one volume looks like.
    fn scene(&self, volume: f64) -> Option<Scene> {
        let outlooks: Vec<Outlook> = (0..16)
            .filter_map(|month| self.outlook(volume, month))
            .collect();
        let mut providers: Vec<usize> = self
            .plan
            .strategies
            .iter()
            .filter_map(|index| self.model.strategies.get(*index))
            .flat_map(|strategy| &strategy.uses)
            .filter_map(|id| self.model.models.get(*id))
            .map(|server| server.provider)
            .collect();
        providers.sort_unstable();
        providers.dedup();
        providers.retain(|provider| {
            self.model
                .providers
                .get(*provider)
                .is_some_and(|known| known.outage.is_some() || known.brownout.is_some())
        });
        let hours: f64 = outlooks
            .iter()
            .map(|month| month.demand.by_hour.len() as f64)
            .sum();
        let per_hour = outlooks
            .iter()
            .flat_map(|month| &month.demand.by_hour)
            .sum::<f64>()
            / hours
            * 3600.0;
        let quarters = match per_hour {
            rate if rate < 1000.0 => 4,
            rate if rate < 3000.0 => 2,
            _ => 1,
        };
        let facts = self.facts.first()?;
        Some(Scene {
            volume,
            grid: Grid::new(quarters, providers, &outlooks),
            warmup: self.warmup(facts),
            tables: Tables::new(self.model, facts, volume),
            land: Vec::new(),
            by_hour: vec![Vec::new(); 168],
            windows: Vec::new(),
        })
    }

    /// Quarters of an hour after which all but a few thousandths of the requests come from conversations that a window
    /// has seen begin, and after which queues, breakers and prompt caches have forgotten the start.
    fn warmup(&self, facts: &Facts) -> usize {
        let stream = Stream::new(self.plan.seed, 1 << 45);
        let mut lags: Vec<f64> = Vec::new();
        for (index, class) in (0_u64..).zip(&self.model.workload.classes) {
            let (turns, think) = (class.turns.sampler(facts), class.think_s.sampler(facts));
            let share = facts.get(class.share).max(0.0);
            let number = 4000.0 * share.clamp(0.05, 1.0);
            let mut conversation = 0_u16;
            while f64::from(conversation) < number {
                let entity = index << 20 | u64::from(conversation);
                let [bits, ..] = stream.block(entity, Item::new(Purpose::Conversation, 0, 0, 0));
                let wanted = turns.draw(bits).round().max(1.0);
                let (mut turn, mut lag) = (1_u16, 0.0);
                lags.push(0.0);
                while f64::from(turn) < wanted && turn < 1000 {
                    let [bits, ..] = stream.block(entity, Item::new(Purpose::Turn, turn, 0, 0));
                    // An answer takes some seconds too.
                    lag += think.draw(bits).max(0.0) + 10.0;
                    lags.push(lag);
                    turn += 1;
                }
                conversation += 1;
            }
        }
        lags.sort_unstable_by(f64::total_cmp);
        let last = lags.get(lags.len() * 995 / 1000).copied().unwrap_or(0.0);
        let least = if self
            .model
            .models
            .iter()
            .any(|model| model.hosting.is_some())
        {
            2
        } else {
            1
        };
        whole((last / QUARTER_S).ceil()).clamp(least, LONGEST_WARMUP)
    }

    /// Estimates with so many pairs of months; `None` if it was stopped.
    fn stage(&mut self, pairs: usize) -> Option<Outcome> {
        let months = (pairs * 2).min(match self.plan.precision {
            Some(_) => usize::MAX,
            None => self.plan.months as usize,
        });
        self.know_facts(pairs);
        self.look_ahead(months);
        self.simulate()?;
        let numbers = self.numbers(months);
        Some(document(
            self.model,
            self.plan,
            Estimator::Fast,
            &self.plan.cells(),
            numbers,
            months,
        ))
    }

    /// Draws the outlooks of further months, and plans windows in them.
    fn look_ahead(&mut self, months: usize) {
        let weekday = self.model.calendar.weekday;
        let mut scenes = std::mem::take(&mut self.scenes);
        for scene in &mut scenes {
            let known = scene.land.len();
            for strata in &mut scene.by_hour {
                strata.resize(scene.grid.strata(), 0.0);
            }
            for number in known..months {
                if let Some(outlook) = u32::try_from(number)
                    .ok()
                    .and_then(|month| self.outlook(scene.volume, month))
                {
                    let land = scene.grid.month(&outlook, &mut scene.by_hour, weekday);
                    scene.land.push(land);
                }
            }
            self.plan_windows(scene, known, months);
        }
        self.scenes = scenes;
    }

    /// Chooses windows among the months `from..until`: in each stratum in proportion to the conversations expected,
    /// evenly spread from a random start.
    fn plan_windows(&self, scene: &mut Scene, from: usize, until: usize) {
        let new = scene.land.get(from..until).unwrap_or(&[]);
        let strata = scene.grid.strata();
        let bands = scene.grid.bands();
        let fewer = (MANY_MONTHS / until as f64).min(1.0);
        let budget = ((until - from) / MONTHS_PER_WINDOW).max(1) as f64 * fewer;
        let stream = Stream::new(self.plan.seed, (1 << 46) + from as u64);
        let mut chosen: Vec<(usize, usize, f64)> = Vec::new();
        for stratum in 0..strata {
            let of = |month: &MonthLand| month.expected.get(stratum).copied().unwrap_or(0.0);
            let total: f64 = new.iter().map(of).sum();
            if total <= 0.0 {
                continue;
            }
            let all: f64 = new.iter().flat_map(|month| &month.expected).sum();
            let known = scene
                .windows
                .iter()
                .filter(|window| window.unit.stratum == stratum)
                .count();
            let least = match (from, stratum < bands) {
                (0, true) => 1,
                (0, false) => 0,
                _ => LEAST.saturating_sub(known),
            };
            // Rare strata are looked at more often than they occur: the square root is between their share and equality.
            let count = whole((budget * (total / all).sqrt() / 2.0).round()).max(least);
            let count = if from == 0 { least } else { count };
            if count == 0 {
                continue;
            }
            let [bits, ..] = stream.block(stratum as u64, Item::new(Purpose::Replay, 0, 0, 0));
            let step = total / count as f64;
            let mut next = uniform(bits) * step;
            let mut below = 0.0;
            for (place, month) in new.iter().enumerate() {
                let here = of(month);
                while next < below + here {
                    chosen.push((from + place, stratum, next - below));
                    next += step;
                }
                below += here;
            }
        }
        for (month, stratum, point) in chosen {
            let Some(outlook) = u32::try_from(month)
                .ok()
                .and_then(|month| self.outlook(scene.volume, month))
            else {
                continue;
            };
            let mut below = 0.0;
            let units = scene.grid.units(&outlook);
            let unit = units
                .iter()
                .filter(|unit| unit.stratum == stratum)
                .find(|unit| {
                    below += unit.expected;
                    point < below
                })
                .copied();
            if let (Some(unit), Ok(month)) = (unit, u32::try_from(month)) {
                let first = unit.quarter.saturating_sub(scene.warmup);
                scene.windows.push(Planned {
                    month,
                    unit,
                    before: Grid::expected_between(&outlook, first, unit.quarter),
                });
            }
        }
    }

    /// Simulates the windows that are planned and not yet done; `None` if it was stopped.
    fn simulate(&mut self) -> Option<()> {
        let tasks: Vec<(usize, usize)> = self
            .cells
            .iter()
            .enumerate()
            .flat_map(|(cell, (_, scene))| {
                let done = self.sums.get(cell).map_or(0, Vec::len);
                let planned = self
                    .scenes
                    .get(*scene)
                    .map_or(0, |scene| scene.windows.len());
                (done..planned).map(move |window| (window, cell))
            })
            .collect();
        let wanted = tasks.len();
        let next = AtomicUsize::new(0);
        let stopped = AtomicBool::new(false);
        let results: Mutex<Vec<Option<Sums>>> = Mutex::new(vec![None; wanted]);
        std::thread::scope(|scope| {
            for _ in 0..self.plan.threads.max(1) {
                scope.spawn(|| {
                    loop {
                        let task = next.fetch_add(1, Ordering::Relaxed);
                        let Some((window, cell)) = tasks.get(task) else {
                            break;
                        };
                        if stopped.load(Ordering::Relaxed) {
                            break;
                        }
                        let Some(sums) = self.window(*cell, *window) else {
                            stopped.store(true, Ordering::Relaxed);
                            break;
                        };
                        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                        if let Some(place) = results.get_mut(task) {
                            *place = Some(sums);
                        }
                        drop(results);
                        let progress = Progress {
                            done: task + 1,
                            wanted,
                            complete: self.complete,
                            share: self.share
                                + (self.aim - self.share).max(0.0) * (task + 1) as f64
                                    / wanted as f64,
                        };
                        if !self.watch.goes_on(progress) {
                            stopped.store(true, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        for ((_, cell), result) in tasks.iter().zip(results) {
            self.sums.get_mut(*cell)?.push(result?);
        }
        Some(())
    }

    fn window(&self, cell: usize, window: usize) -> Option<Sums> {
        let (strategy, scene) = *self.cells.get(cell)?;
        let scene = self.scenes.get(scene)?;
        let planned = scene.windows.get(window)?;
        let facts = self.facts.get(planned.month as usize / 2)?;
        let setting = setting(
            self.model,
            strategy,
            scene.volume,
            facts,
            self.plan.seed,
            planned.month,
        )?;
        let starts_s = planned.unit.quarter as f64 * QUARTER_S;
        let lasts_s = planned.unit.quarters as f64 * QUARTER_S;
        let warmup_s = scene.warmup as f64 * QUARTER_S;
        let window = Window {
            from_s: (starts_s - warmup_s).max(0.0),
            counts_from_s: starts_s,
            counts_until_s: starts_s + lasts_s,
            until_s: starts_s + lasts_s,
        };
        let setting = Setting {
            window: Some(window),
            ..setting
        };
        let month = simulate_window(setting, &scene.tables, self.watch.cancelled())?;
        Some(Sums::new(&month, &self.limits, lasts_s))
    }

    /// What all cells' months amount to.
    fn numbers(&mut self, months: usize) -> Vec<Numbers> {
        let luck: Vec<Vec<Vec<f64>>> = self
            .scenes
            .iter()
            .map(|scene| (0..months).map(|month| self.luck(scene, month)).collect())
            .collect();
        self.know_lines(months.div_ceil(2));
        let this = &*self;
        let next = AtomicUsize::new(0);
        let results: Mutex<Vec<Option<Numbers>>> =
            Mutex::new(this.cells.iter().map(|_| None).collect());
        std::thread::scope(|scope| {
            for _ in 0..this.plan.threads.max(1) {
                scope.spawn(|| {
                    loop {
                        let cell = next.fetch_add(1, Ordering::Relaxed);
                        if cell >= this.cells.len() {
                            break;
                        }
                        let numbers = this.cell(cell, &luck);
                        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                        if let Some(place) = results.get_mut(cell) {
                            *place = numbers;
                        }
                    }
                });
            }
        });
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.into_iter().flatten().collect()
    }

    /// Normal numbers of a month: for each window, then for each busiest hour. Strategies share them.
    fn luck(&self, scene: &Scene, month: usize) -> Vec<f64> {
        let stream = Stream::new(self.plan.seed, (1 << 47) + month as u64);
        let number = scene.windows.len() + land::TOP_HOURS;
        (0..number.div_ceil(4) as u64)
            .flat_map(|block| {
                stream
                    .block(block, Item::new(Purpose::Replay, 0, 0, 0))
                    .map(|bits| standard_normal(uniform(bits)))
            })
            .take(number)
            .collect()
    }

    /// Lines that are paid by the month, by pair where facts change them.
    fn know_lines(&mut self, pairs: usize) {
        for (cell, (strategy, scene)) in self.cells.iter().enumerate() {
            let Some((known, scene)) = self.lines.get_mut(cell).zip(self.scenes.get(*scene)) else {
                continue;
            };
            for pair in known.len()..pairs {
                // Where the first pairs agree, all do: nothing in them is uncertain.
                let settled = known.len() >= 8 && known.windows(2).all(|two| two[0] == two[1]);
                if settled {
                    known.truncate(8);
                    break;
                }
                let Some(facts) = self.facts.get(pair) else {
                    break;
                };
                let month = u32::try_from(pair * 2).unwrap_or(u32::MAX);
                if let Some(setting) = setting(
                    self.model,
                    *strategy,
                    scene.volume,
                    facts,
                    self.plan.seed,
                    month,
                ) {
                    known.push(month_lines(&setting));
                }
            }
        }
    }

    fn cell(&self, cell: usize, luck: &[Vec<Vec<f64>>]) -> Option<Numbers> {
        let (strategy, place) = *self.cells.get(cell)?;
        let scene = self.scenes.get(place)?;
        let sums = self.sums.get(cell)?;
        let design: Vec<Design> = scene
            .windows
            .iter()
            .zip(sums)
            .map(|(window, sums)| Design {
                stratum: window.unit.stratum,
                exposure: window.unit.expected,
                scores: self
                    .scores
                    .get(window.month as usize / 2)
                    .cloned()
                    .unwrap_or_default(),
                luck: [
                    deviation(sums.began[0], window.unit.expected),
                    deviation(sums.began[1], window.before),
                ],
            })
            .collect();
        let lasted: Vec<f64> = scene
            .windows
            .iter()
            .map(|window| window.unit.quarters as f64 * QUARTER_S)
            .collect();
        let months = scene.land.len() as f64;
        let by_hour: Vec<Vec<f64>> = scene
            .by_hour
            .iter()
            .map(|strata| strata.iter().map(|expected| expected / months).collect())
            .collect();
        let windows: Vec<&Sums> = sums.iter().collect();
        let estimated = Estimated {
            model: self.model,
            strategy: self.model.strategies.get(strategy)?,
            limits: &self.limits,
            seconds: &self.seconds,
            months: Months {
                land: &scene.land,
                by_hour: &by_hour,
                scores: &self.scores,
                luck: luck.get(place)?,
            },
            lines: self.lines.get(cell)?,
            design: &design,
            lasted: &lasted,
            windows: &windows,
            strata: scene.grid.strata(),
        };
        Some(estimated.numbers())
    }
}

/// How far a count strays from what was expected, relative.
fn deviation(count: f64, expected: f64) -> f64 {
    if expected > 0.0 {
        count / expected - 1.0
    } else {
        0.0
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts"
)]
fn whole(number: f64) -> usize {
    number.max(0.0) as usize
}
