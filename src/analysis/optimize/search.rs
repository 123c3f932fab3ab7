//! Looking at settings: a spread over the space, and from the best of it, neighbour by neighbour.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::analysis::steps::Steps;
use crate::model::{Model, compile};
use crate::prices::Catalogue;
use crate::reading::Source;
use crate::scenario::Scenario;
use crate::study::parallel::in_order;
use crate::study::{Plan, Watch};

use super::requirement::{Requirement, ratios, requirements};
use super::seen::{Seen, paired, reached};
use super::space::applied;
use super::{Choice, Goal, OptimizePlan, Optimized, Setting, Space};

/// Months of a first look.
pub(super) const LOOK: u32 = 2;
/// Settings whose neighbours are looked at in one round.
const BEAM: usize = 3;
/// Settings that enter a race.
const RACERS: usize = 24;
/// Races at most: each starts where the last winner's neighbours had not been looked at.
const RACES: usize = 6;

/// A search under way.
pub(super) struct Search<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) catalogue: &'a Catalogue,
    pub(super) space: &'a Space,
    pub(super) plan: &'a OptimizePlan,
    pub(super) steps: &'a Steps<'a>,
    pub(super) requirements: Vec<Requirement>,
    pub(super) seen: BTreeMap<Setting, Seen>,
    /// Settings that the scenario cannot have.
    pub(super) impossible: BTreeSet<Setting>,
    /// Settings whose neighbours have been looked at.
    pub(super) expanded: BTreeSet<Setting>,
    /// Months simulated over all of them.
    pub(super) months: AtomicU64,
}

pub(super) fn run(
    scenario: &Scenario,
    catalogue: &Catalogue,
    space: &Space,
    plan: &OptimizePlan,
    watch: &dyn Watch,
) -> Option<Optimized> {
    let model = compile(scenario, catalogue).ok()?;
    let steps = Steps::new(watch, 200);
    let mut search = Search::new(scenario, catalogue, space, plan, &model, &steps);
    if space.is_empty() {
        return None;
    }
    let finalists = search.search();
    let finalists = search.settled(finalists);
    if search.seen.is_empty() {
        return None;
    }
    let as_written = search.as_written(&model);
    Some(search.written(&model, &finalists, as_written))
}

pub(super) fn look_at(
    scenario: &Scenario,
    catalogue: &Catalogue,
    space: &Space,
    plan: &OptimizePlan,
    settings: &[Setting],
    watch: &dyn Watch,
) -> Option<Vec<Option<Choice>>> {
    let model = compile(scenario, catalogue).ok()?;
    let steps = Steps::new(watch, settings.len());
    let search = Search::new(scenario, catalogue, space, plan, &model, &steps);
    let found = search.simulate(settings, plan.months, plan.seed)?;
    Some(
        settings
            .iter()
            .zip(found)
            .map(|(setting, seen)| seen.map(|seen| search.choice_of(setting, &seen)))
            .collect(),
    )
}

impl<'a> Search<'a> {
    fn new(
        scenario: &'a Scenario,
        catalogue: &'a Catalogue,
        space: &'a Space,
        plan: &'a OptimizePlan,
        model: &Model,
        steps: &'a Steps<'a>,
    ) -> Self {
        Self {
            scenario,
            catalogue,
            space,
            plan,
            steps,
            requirements: requirements(model, plan),
            seen: BTreeMap::new(),
            impossible: BTreeSet::new(),
            expanded: BTreeSet::new(),
            months: AtomicU64::new(0),
        }
    }
}

impl Search<'_> {
    /// From a spread over the space, by neighbours, to a race; the last race's settings, the best first.
    fn search(&mut self) -> Vec<Setting> {
        let all = self.space.len();
        let starts = self.space.starts().count().max(1);
        let cap = self.cap();
        let first = if all <= 64 {
            self.space.all()
        } else {
            let each = (cap / 3 / starts).clamp(8, 64);
            self.space.spread(each, self.plan.seed)
        };
        self.look(&first);
        self.steps.answered();
        self.steps.expect(first.len() * 4);
        while self.seen.len() < cap && !self.steps.is_stopped() {
            let mut front: Vec<Setting> = self.ranked().into_iter().take(BEAM).collect();
            front.retain(|setting| !self.expanded.contains(setting));
            if front.is_empty() {
                break;
            }
            self.expand(&front);
        }
        let mut racers: Vec<Setting> = self.ranked().into_iter().take(RACERS).collect();
        for _ in 0..RACES {
            let order = self.race(racers.clone());
            let Some(winner) = order.first().cloned() else {
                return order;
            };
            if self.steps.is_stopped() {
                return order;
            }
            let holding = self.violation(&winner) <= 0.0;
            if holding && self.expanded.contains(&winner) {
                return order;
            }
            racers = if self.expanded.contains(&winner) {
                // Nothing that raced holds: those that were next, less sharply known.
                self.fresh(RACERS)
            } else {
                self.expand(std::slice::from_ref(&winner));
                self.fresh(RACERS / 3)
            };
            if racers.is_empty() {
                return order;
            }
            racers.extend(order.into_iter().take(3));
        }
        racers
    }

    /// Settings looked at, at most.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count"
    )]
    fn cap(&self) -> usize {
        let all = self.space.len() as f64;
        (all * self.plan.most).clamp(64.0, 2000.0) as usize
    }

    /// The best that have not raced yet.
    fn fresh(&self, count: usize) -> Vec<Setting> {
        let unraced = |setting: &Setting| {
            self.seen
                .get(setting)
                .is_some_and(|seen| seen.cost.len() <= LOOK as usize)
        };
        self.ranked()
            .into_iter()
            .filter(unraced)
            .take(count)
            .collect()
    }

    fn expand(&mut self, settings: &[Setting]) {
        let mut next: BTreeSet<Setting> = BTreeSet::new();
        for setting in settings {
            self.expanded.insert(setting.clone());
            next.extend(self.space.neighbours(setting));
        }
        next.retain(|setting| {
            !self.seen.contains_key(setting) && !self.impossible.contains(setting)
        });
        let next: Vec<Setting> = next.into_iter().collect();
        self.look(&next);
    }

    /// A first look at settings.
    fn look(&mut self, settings: &[Setting]) {
        let Some(found) = self.simulate(settings, LOOK, self.plan.seed) else {
            return;
        };
        for (setting, seen) in settings.iter().zip(found) {
            match seen {
                Some(seen) => {
                    self.seen.insert(setting.clone(), seen);
                }
                None => {
                    self.impossible.insert(setting.clone());
                }
            }
        }
    }

    /// Simulates settings side by side; `None` in the list is a setting that the scenario cannot have.
    pub(super) fn simulate(
        &self,
        settings: &[Setting],
        months: u32,
        seed: u64,
    ) -> Option<Vec<Option<Seen>>> {
        in_order(settings.len(), self.plan.threads, |task| {
            let setting = settings.get(task)?;
            let text = applied(self.scenario, &self.space.turned(setting));
            let model = self.compiled(&text);
            let Some((model, strategy)) = model.and_then(|model| {
                let place = model
                    .strategies
                    .iter()
                    .position(|it| it.name == self.space.strategy(setting))?;
                Some((model, place))
            }) else {
                return Some(None);
            };
            self.months.fetch_add(u64::from(months), Ordering::Relaxed);
            self.measure(&model, strategy, months, seed).map(Some)
        })
    }

    fn compiled(&self, text: &str) -> Option<Model> {
        let source: Arc<Source> = Source::new(&self.scenario.source.name, text.to_owned());
        let scenario = Scenario::parse(source, self.scenario.folder.as_deref()).ok()?;
        compile(&scenario, self.catalogue).ok()
    }

    pub(super) fn measure(
        &self,
        model: &Model,
        strategy: usize,
        months: u32,
        seed: u64,
    ) -> Option<Seen> {
        let mut plan = Plan::of(model);
        plan.strategies = vec![strategy];
        plan.volumes = vec![self.plan.volume];
        plan.months = months;
        plan.seed = seed;
        plan.threads = 1;
        plan.estimator = self.plan.estimator;
        let mut outcome = self.steps.study(model, &plan)?;
        let values = outcome.by_month.pop()?;
        let list = |metric: &str| values.of(metric).map(<[f64]>::to_vec).unwrap_or_default();
        let means = outcome.study.cells.pop()?.metrics;
        let reasons = means
            .iter()
            .filter_map(|(name, metric)| {
                Some((name.strip_prefix("failed.")?.to_owned(), metric.mean))
            })
            .collect();
        Some(Seen {
            cost: list("cost.total"),
            p95: list("latency.p95"),
            failed: list("rate.failed"),
            canned: list("rate.degraded"),
            ratios: self
                .requirements
                .iter()
                .map(|it| ratios(it, model, seed, &values))
                .collect(),
            reasons,
        })
    }

    pub(super) fn objective<'s>(&self, seen: &'s Seen) -> &'s [f64] {
        match self.plan.goal {
            Goal::Cheapest => &seen.cost,
            Goal::Fastest => &seen.p95,
        }
    }

    /// How far the value that the asked share of months stays within is over its limit, relative; 0 where all hold.
    pub(super) fn violation(&self, setting: &Setting) -> f64 {
        let Some(seen) = self.seen.get(setting) else {
            return f64::INFINITY;
        };
        seen.ratios
            .iter()
            .map(|ratios| (reached(ratios, self.plan.confidence) - 1.0).max(0.0))
            .fold(0.0, f64::max)
    }

    /// Settings in order: those that hold by their objective, then the others by how far they are from it.
    /// Objectives are compared with those of the setting that has raced longest, over the months that both have.
    pub(super) fn ranked(&self) -> Vec<Setting> {
        let longest = self.seen.values().max_by_key(|seen| seen.cost.len());
        let reference: &[f64] = longest.map_or(&[], |seen| self.objective(seen));
        let mut list: Vec<(f64, f64, &Setting)> = self
            .seen
            .iter()
            .map(|(setting, seen)| {
                let mean = paired(self.objective(seen), reference).0;
                (
                    self.violation(setting),
                    if mean.is_nan() { f64::INFINITY } else { mean },
                    setting,
                )
            })
            .collect();
        list.sort_by(|a, b| {
            a.0.total_cmp(&b.0)
                .then(a.1.total_cmp(&b.1))
                .then(a.2.cmp(b.2))
        });
        list.into_iter()
            .map(|(_, _, setting)| setting.clone())
            .collect()
    }
}
