//! Looking at settings: a spread over the space, and from the best of it, neighbour by neighbour; and what is done when.

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

use super::race::next_stage;
use super::requirement::{Requirement, ratios, requirements};
use super::seen::{Seen, Track, reached};
use super::space::applied;
use super::{Choice, Goal, OptimizePlan, Optimized, Setting, Space};

/// Months of a first look: one bad month in them may still be bad luck.
pub(super) const LOOK: u32 = 4;
/// Settings whose neighbours are looked at in one round.
const BEAM: usize = 3;
/// Settings that get more months in one round.
const BATCH: usize = 6;
/// Settings looked at, at most.
const MOST_SETTINGS: usize = 2000;
/// Spaces of so many settings may be looked at whole.
const FEW: u64 = 64;
/// Share of the months that go into first looks, at most.
const LOOKS: f64 = 0.7;

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
    /// Champions that settings two knobs away have been looked at of.
    rounded: BTreeSet<Setting>,
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
    search.search();
    if search.seen.is_empty() {
        return None;
    }
    let finalists = search.finalists();
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
    let tasks: Vec<(Setting, u32, u64)> = settings
        .iter()
        .map(|setting| (setting.clone(), plan.months, plan.seed))
        .collect();
    let found = search.simulate(&tasks)?;
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
            rounded: BTreeSet::new(),
            months: AtomicU64::new(0),
        }
    }
}

impl Search<'_> {
    /// Looks at a spread over the space, then in turn around the best seen and longer at those that may be the best, until
    /// nothing is left to decide.
    fn search(&mut self) {
        let all = self.space.len();
        let starts = self.space.starts().count().max(1);
        let first = if all <= FEW {
            self.space.all()
        } else {
            let rows = self.months_left() / u64::from(LOOK) / 16 / starts as u64;
            let rows = usize::try_from(rows).unwrap_or(usize::MAX);
            self.space.spread(rows.clamp(8, 64), self.plan.seed)
        };
        self.steps.expect_more(first.len() * 4);
        self.look(&first);
        self.steps.answered();
        while !self.steps.is_stopped() {
            let front = self.front();
            if !front.is_empty() && self.may_look() {
                self.expand(&front);
                continue;
            }
            let champion = self.champion();
            let mut next = self.undecided(champion.as_ref());
            next.truncate(BATCH);
            if !next.is_empty() && self.advance(&next) {
                continue;
            }
            let Some(champion) = champion else {
                // Nothing holds: what comes nearest is followed to the end.
                let nearest = self.nearest();
                if nearest.is_empty() || !self.advance(&nearest) {
                    return;
                }
                continue;
            };
            if self.may_look() && self.rounded.insert(champion.clone()) {
                let around = self.space.around(&champion);
                self.look_anew(around);
                continue;
            }
            let Some(second) = self.second(&champion) else {
                return;
            };
            if !self.advance(&[second]) {
                return;
            }
        }
    }

    /// The best, strictly and by what may be, whose neighbours have not been looked at.
    fn front(&self) -> Vec<Setting> {
        let mut front: Vec<Setting> = self.ranked().into_iter().take(BEAM).collect();
        front.extend(self.by_promise().into_iter().take(BEAM));
        front.retain(|setting| !self.expanded.contains(setting));
        front.sort();
        front.dedup();
        front
    }

    /// Those nearest to holding that have not got all their months.
    fn nearest(&self) -> Vec<Setting> {
        let short = |it: &Setting| {
            self.seen
                .get(it)
                .is_some_and(|seen| seen.count() < self.plan.months as usize)
        };
        let best = self.ranked().into_iter().take(BEAM);
        best.filter(short).collect()
    }

    /// Months that the search may still simulate: a share of what trying all would take; of small spaces as much as
    /// [`FEW`] settings would.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count"
    )]
    pub(super) fn months_left(&self) -> u64 {
        let all = self.space.len();
        let share = (all as f64 * self.plan.most).max(all.min(FEW) as f64);
        let most = (share * f64::from(self.plan.months)) as u64;
        most.saturating_sub(self.months.load(Ordering::Relaxed))
    }

    fn may_look(&self) -> bool {
        let spent = self.months.load(Ordering::Relaxed) as f64;
        let looks = (spent + self.months_left() as f64) * LOOKS;
        self.seen.len() < MOST_SETTINGS && (self.seen.len() as f64) * f64::from(LOOK) < looks
    }

    fn expand(&mut self, settings: &[Setting]) {
        let mut next: BTreeSet<Setting> = BTreeSet::new();
        for setting in settings {
            self.expanded.insert(setting.clone());
            next.extend(self.space.neighbours(setting));
        }
        self.look_anew(next.into_iter().collect());
    }

    /// A first look at those that have not had one.
    fn look_anew(&mut self, mut next: Vec<Setting>) {
        next.retain(|setting| {
            !self.seen.contains_key(setting) && !self.impossible.contains(setting)
        });
        self.steps.expect_more(next.len());
        self.look(&next);
    }

    /// A first look at settings.
    fn look(&mut self, settings: &[Setting]) {
        let Some((months, seed)) = next_stage(self.plan, 0) else {
            return;
        };
        let tasks: Vec<(Setting, u32, u64)> = settings
            .iter()
            .map(|setting| (setting.clone(), months, seed))
            .collect();
        let Some(found) = self.simulate(&tasks) else {
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

    /// Simulates settings side by side, each for so many months under a seed; `None` in the list is a setting that the
    /// scenario cannot have.
    pub(super) fn simulate(&self, tasks: &[(Setting, u32, u64)]) -> Option<Vec<Option<Seen>>> {
        in_order(tasks.len(), self.plan.threads, |task| {
            let (setting, months, seed) = tasks.get(task)?;
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
            let seen = self.measure(&model, strategy, *months, *seed)?;
            self.months.fetch_add(u64::from(*months), Ordering::Relaxed);
            Some(Some(seen))
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
        let track = |metric: &str| Track::new(list(metric), values.strays(metric));
        let means = outcome.study.cells.pop()?.metrics;
        let reasons = means
            .iter()
            .filter_map(|(name, metric)| {
                Some((name.strip_prefix("failed.")?.to_owned(), metric.mean))
            })
            .collect();
        Some(Seen {
            cost: track("cost.total"),
            p95: track("latency.p95"),
            failed: track("rate.failed"),
            canned: list("rate.degraded"),
            ratios: self
                .requirements
                .iter()
                .map(|it| ratios(it, model, seed, &values))
                .collect(),
            reasons,
        })
    }

    pub(super) fn objective<'s>(&self, seen: &'s Seen) -> &'s Track {
        match self.plan.goal {
            Goal::Cheapest => &seen.cost,
            Goal::Fastest => &seen.p95,
        }
    }

    /// How far the value that the asked share of months stays within is over its limit, relative; 0 where all hold.
    pub(super) fn violation_of(&self, seen: &Seen) -> f64 {
        seen.ratios
            .iter()
            .map(|ratios| (reached(&ratios.months, self.plan.confidence) - 1.0).max(0.0))
            .fold(0.0, f64::max)
    }

    /// Settings in order: those that hold by their objective, then the others by how far they are from it.
    pub(super) fn ranked(&self) -> Vec<Setting> {
        self.ordered(|seen| self.violation_of(seen))
    }

    /// Settings in the order of a number, and where it is the same of their objectives. These are compared with that of
    /// the setting that has raced longest, over the months that both have.
    pub(super) fn ordered(&self, number: impl Fn(&Seen) -> f64) -> Vec<Setting> {
        let none = Track::default();
        let longest = self.seen.values().max_by_key(|seen| seen.count());
        let reference = longest.map_or(&none, |seen| self.objective(seen));
        let mut list: Vec<(f64, f64, &Setting)> = self
            .seen
            .iter()
            .map(|(setting, seen)| {
                let mean = self.objective(seen).less(reference).0;
                let mean = if mean.is_nan() { f64::INFINITY } else { mean };
                (number(seen), mean, setting)
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
