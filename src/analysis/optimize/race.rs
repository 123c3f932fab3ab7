//! Looking at settings, and racing the best of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::analysis::parallel::in_order;
use crate::analysis::steps::{Steps, mean_se, normal_cdf};
use crate::engine::philox::mix;
use crate::model::{Model, Num, SloName, compile};
use crate::prices::Catalogue;
use crate::reading::Source;
use crate::scenario::Scenario;
use crate::study::{ByMonth, Plan, ScenarioName, Watch, facts_of, slo_name};

use super::space::applied;
use super::{Choice, Goal, Held, OptimizePlan, Optimized, SCHEMA, Setting, Space, Turned};

/// Months of a first look.
const LOOK: u32 = 2;
/// Settings whose neighbours are looked at in one round.
const BEAM: usize = 3;
/// Settings that enter a race.
const RACERS: usize = 24;
/// Races at most: each starts where the last winner's neighbours had not been looked at.
const RACES: usize = 6;
/// Standard errors by which a setting must be worse to be dropped.
const CLEAR: f64 = 3.0;

/// What was seen of one setting: values by month, in the order in which months were added.
#[derive(Debug, Clone, Default)]
struct Seen {
    cost: Vec<f64>,
    p95: Vec<f64>,
    failed: Vec<f64>,
    canned: Vec<f64>,
    /// By requirement: the value in each month over its limit.
    ratios: Vec<Vec<f64>>,
    reasons: BTreeMap<String, f64>,
}

/// What must hold.
struct Requirement {
    name: String,
    metric: String,
    limit: Option<f64>,
    /// The scenario's budget at the volume.
    budget: Option<Num>,
}

struct Search<'a> {
    scenario: &'a Scenario,
    catalogue: &'a Catalogue,
    space: &'a Space,
    plan: &'a OptimizePlan,
    steps: &'a Steps<'a>,
    requirements: Vec<Requirement>,
    seen: BTreeMap<Setting, Seen>,
    /// Settings that the scenario cannot have.
    impossible: BTreeSet<Setting>,
    expanded: BTreeSet<Setting>,
    months: AtomicU64,
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

fn requirements(model: &Model, plan: &OptimizePlan) -> Vec<Requirement> {
    let mut list: Vec<Requirement> = model
        .slo
        .iter()
        .filter(|(name, _)| {
            plan.goal == Goal::Cheapest || matches!(name, SloName::FailureRate | SloName::WrongRate)
        })
        .map(|(name, limit)| Requirement {
            name: slo_name(*name),
            metric: match name {
                SloName::Latency(quantile) => format!("latency.p{quantile}"),
                SloName::FirstToken(quantile) => format!("first_token.p{quantile}"),
                SloName::FailureRate => "rate.failed".to_owned(),
                SloName::WrongRate => "rate.wrong".to_owned(),
            },
            limit: Some(*limit),
            budget: None,
        })
        .collect();
    if plan.goal == Goal::Fastest {
        let budget = model
            .budget
            .iter()
            .find(|(volume, _)| *volume == plan.volume)
            .map(|(_, usd)| *usd);
        if plan.budget.is_some() || budget.is_some() {
            list.push(Requirement {
                name: "budget".to_owned(),
                metric: "cost.total".to_owned(),
                limit: plan.budget,
                budget,
            });
        }
    }
    list
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
    fn simulate(&self, settings: &[Setting], months: u32, seed: u64) -> Option<Vec<Option<Seen>>> {
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

    fn measure(&self, model: &Model, strategy: usize, months: u32, seed: u64) -> Option<Seen> {
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

    fn objective<'s>(&self, seen: &'s Seen) -> &'s [f64] {
        match self.plan.goal {
            Goal::Cheapest => &seen.cost,
            Goal::Fastest => &seen.p95,
        }
    }

    /// How far the value that the asked share of months stays within is over its limit, relative; 0 where all hold.
    fn violation(&self, setting: &Setting) -> f64 {
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
    fn ranked(&self) -> Vec<Setting> {
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

    /// Doubles the months of those that are left, and drops who is clearly worse; the best first.
    fn race(&mut self, racers: Vec<Setting>) -> Vec<Setting> {
        let mut left = racers;
        loop {
            left = self.ordered(&left);
            let fewest = left
                .iter()
                .filter_map(|it| self.seen.get(it))
                .map(|seen| seen.cost.len())
                .min();
            let done = fewest.is_none_or(|fewest| fewest >= self.plan.months as usize);
            if done || self.steps.is_stopped() {
                return left;
            }
            // Settings are only comparable over the same months: those that are behind catch up, stage by stage.
            let stage = fewest.unwrap_or(0);
            let behind: Vec<Setting> = left
                .iter()
                .filter(|it| {
                    self.seen
                        .get(*it)
                        .is_some_and(|seen| seen.cost.len() == stage)
                })
                .cloned()
                .collect();
            let more = (stage.max(LOOK as usize)).min(self.plan.months as usize - stage);
            let months = u32::try_from(more).unwrap_or(LOOK);
            let Some(found) = self.simulate(&behind, months, stage_seed(self.plan.seed, stage))
            else {
                return left;
            };
            for (setting, more) in behind.iter().zip(found) {
                if let (Some(seen), Some(more)) = (self.seen.get_mut(setting), more) {
                    seen.add(more);
                }
            }
            left = self.ordered(&left);
            left = self.without_the_clearly_worse(left);
        }
    }

    fn ordered(&self, settings: &[Setting]) -> Vec<Setting> {
        self.ranked()
            .into_iter()
            .filter(|it| settings.contains(it))
            .collect()
    }

    fn without_the_clearly_worse(&self, left: Vec<Setting>) -> Vec<Setting> {
        let Some(best) = left.first().and_then(|it| self.seen.get(it)) else {
            return left;
        };
        let best_holds = left.first().is_some_and(|it| self.violation(it) <= 0.0);
        let kept: Vec<Setting> = left
            .iter()
            .enumerate()
            .filter(|(place, setting)| {
                let Some(seen) = self.seen.get(*setting) else {
                    return false;
                };
                if *place < 2 {
                    return true;
                }
                let (difference, se) = paired(self.objective(seen), self.objective(best));
                let dearer = best_holds && difference > CLEAR * se;
                let breaks = seen.ratios.iter().any(|ratios| {
                    let share = held(ratios);
                    wilson(share, ratios.len() as f64 * 0.5, CLEAR).1 < self.plan.confidence
                });
                !(dearer || best_holds && breaks)
            })
            .map(|(_, setting)| setting.clone())
            .collect();
        // The slower half goes in any case.
        let most = kept.len().div_ceil(2).max(4);
        kept.into_iter().take(most).collect()
    }

    /// The strategies to start from, as the scenario has them.
    fn as_written(&self, model: &Model) -> Vec<Choice> {
        let names: Vec<&str> = self.space.starts().collect();
        names
            .iter()
            .filter_map(|name| {
                let strategy = model.strategies.iter().position(|it| it.name == **name)?;
                let seen = self.measure(model, strategy, self.plan.months, self.plan.seed)?;
                Some(self.choice((*name).to_owned(), Vec::new(), &seen))
            })
            .collect()
    }

    fn choice(&self, strategy: String, turned: Vec<Turned>, seen: &Seen) -> Choice {
        let both = |values: &[f64]| {
            let pairs: Vec<f64> = values
                .chunks(2)
                .map(|pair| pair.iter().sum::<f64>() / pair.len() as f64)
                .filter(|it| it.is_finite())
                .collect();
            mean_se(&pairs)
        };
        let holds = self
            .requirements
            .iter()
            .zip(&seen.ratios)
            .map(|(requirement, ratios)| {
                let limit = requirement.limit.unwrap_or(f64::NAN);
                let share = held(ratios);
                Held {
                    requirement: requirement.name.clone(),
                    limit,
                    metric: requirement.metric.clone(),
                    value: reached(ratios, self.plan.confidence) * limit,
                    share,
                    bounds: wilson(share, ratios.len() as f64 * 0.5, 1.96),
                }
            })
            .collect();
        let failing = seen
            .reasons
            .iter()
            .filter(|it| *it.1 > 0.0)
            .max_by(|a, b| a.1.total_cmp(b.1));
        Choice {
            strategy,
            turned,
            months: u32::try_from(seen.cost.len()).unwrap_or(u32::MAX),
            cost: both(&seen.cost),
            latency_p95: both(&seen.p95),
            failed: both(&seen.failed),
            canned: both(&seen.canned).0,
            holds,
            failing: failing.map(|(name, share)| (name.clone(), *share)),
        }
    }

    fn chosen(&self, setting: &Setting) -> Option<Choice> {
        Some(self.choice_of(setting, self.seen.get(setting)?))
    }

    fn choice_of(&self, setting: &Setting, seen: &Seen) -> Choice {
        let turned = self
            .space
            .turned(setting)
            .into_iter()
            .map(|(path, value)| Turned {
                path: path.to_owned(),
                was: self.space.was(path).to_owned(),
                value: value.to_owned(),
            })
            .collect();
        self.choice(self.space.strategy(setting).to_owned(), turned, seen)
    }

    fn written(&self, model: &Model, finalists: &[Setting], as_written: Vec<Choice>) -> Optimized {
        let order = if finalists.is_empty() {
            self.ranked()
        } else {
            finalists.to_vec()
        };
        let first = order.first();
        let holds = first.is_some_and(|it| self.violation(it) <= 0.0);
        let (best, second) = (first.filter(|_| holds), order.get(1).filter(|_| holds));
        let better = best
            .zip(second)
            .and_then(|(best, second)| self.better(best, second));
        Optimized {
            schema: SCHEMA.to_owned(),
            scenario: ScenarioName {
                name: model.name.clone(),
                digest: model.digest.clone(),
            },
            catalogue_date: model.catalogue_date.to_string(),
            gonogo_version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: self.plan.seed,
            estimator: self.plan.estimator.name().to_owned(),
            goal: self.plan.goal,
            volume: self.plan.volume,
            confidence: self.plan.confidence,
            settings: self.space.len(),
            looked_at: (self.seen.len() + self.impossible.len()) as u64,
            months_simulated: self.months.load(Ordering::Relaxed),
            months_of_enumeration: self.space.len() * u64::from(self.plan.months),
            best: best.and_then(|it| self.chosen(it)),
            runner_up: second.and_then(|it| self.chosen(it)),
            better,
            as_written,
            nearest: first.filter(|_| !holds).and_then(|it| self.chosen(it)),
            stopped: self.steps.is_stopped(),
        }
    }

    /// Chance that one is better than another: that it costs less on average, or that the other does not hold.
    fn better(&self, best: &Setting, second: &Setting) -> Option<f64> {
        let (a, b) = (self.seen.get(best)?, self.seen.get(second)?);
        let (difference, se) = paired(self.objective(b), self.objective(a));
        let cheaper = if se > 0.0 {
            normal_cdf(difference / se)
        } else if difference == 0.0 {
            0.5
        } else {
            f64::from(u8::from(difference > 0.0))
        };
        let holds = |seen: &Seen| {
            seen.ratios
                .iter()
                .map(|ratios| {
                    let (share, count) = (held(ratios), ratios.len() as f64 * 0.5);
                    // Agresti and Coull's two successes and failures keep a share of 1 from being certain.
                    let middle = (share * count + 2.0) / (count + 4.0);
                    let error = (middle * (1.0 - middle) / (count + 4.0)).sqrt();
                    if share >= 1.0 {
                        1.0
                    } else {
                        normal_cdf((share - self.plan.confidence) / error + 0.5)
                    }
                })
                .fold(1.0, f64::min)
        };
        let (a_holds, b_holds) = (holds(a), holds(b));
        Some(a_holds * (1.0 - b_holds + b_holds * cheaper))
    }
}

impl Seen {
    fn add(&mut self, more: Self) {
        let (before, after) = (self.cost.len() as f64, more.cost.len() as f64);
        self.cost.extend(more.cost);
        self.p95.extend(more.p95);
        self.failed.extend(more.failed);
        self.canned.extend(more.canned);
        for (ratios, more) in self.ratios.iter_mut().zip(more.ratios) {
            ratios.extend(more);
        }
        for (name, share) in &mut self.reasons {
            let other = more.reasons.get(name).copied().unwrap_or(0.0);
            *share = (*share * before + other * after) / (before + after);
        }
    }
}

/// Months of a later stage are those of another seed: the same for every setting.
fn stage_seed(seed: u64, stage: usize) -> u64 {
    mix(seed ^ mix(stage as u64 + 0x6F70))
}

fn ratios(requirement: &Requirement, model: &Model, seed: u64, values: &ByMonth) -> Vec<f64> {
    let months = model.calendar.length_s / 86_400.0 / 30.0;
    values
        .of(&requirement.metric)
        .unwrap_or_default()
        .iter()
        .enumerate()
        .map(|(month, value)| {
            let limit = match (requirement.limit, requirement.budget) {
                (Some(limit), _) => limit,
                (None, Some(usd)) => facts_of(model, seed, month as u64 / 2).get(usd) * months,
                (None, None) => f64::INFINITY,
            };
            value / limit
        })
        .collect()
}

/// Share of months that hold; undefined months hold what they can.
fn held(ratios: &[f64]) -> f64 {
    let broken = ratios.iter().filter(|ratio| **ratio > 1.0).count();
    1.0 - broken as f64 / ratios.len().max(1) as f64
}

/// The ratio that a share of the months stays within.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank below the number of months"
)]
fn reached(ratios: &[f64], confidence: f64) -> f64 {
    let mut sorted: Vec<f64> = ratios.iter().copied().filter(|it| !it.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let rank = (confidence * sorted.len() as f64 - 1e-9).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

/// Mean of `a − b` over the months that both have and define, with its error over pairs.
fn paired(a: &[f64], b: &[f64]) -> (f64, f64) {
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let pairs: Vec<f64> = differences
        .chunks(2)
        .map(|pair| pair.iter().sum::<f64>() / pair.len() as f64)
        .filter(|it| it.is_finite())
        .collect();
    mean_se(&pairs)
}

/// Wilson's interval of a share.
fn wilson(share: f64, count: f64, z: f64) -> (f64, f64) {
    let square = z * z / count;
    let middle = (share + square * 0.5) / (1.0 + square);
    let half = z * (share * (1.0 - share) / count + square / (4.0 * count)).sqrt() / (1.0 + square);
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_is_as_in_the_textbook() {
        // 81 of 263 (Newcombe 1998, table I): 0.2553 to 0.3662.
        let (low, high) = wilson(81.0 / 263.0, 263.0, 1.959_964);
        assert!((low - 0.2553).abs() < 1e-4 && (high - 0.3662).abs() < 1e-4);
    }

    #[test]
    fn the_value_that_enough_months_stay_within_is_an_order_statistic() {
        let ratios: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!(reached(&ratios, 0.95), 19.0);
        assert_eq!(reached(&ratios, 1.0), 20.0);
        assert_eq!(reached(&[0.5, f64::NAN], 0.95), 0.5);
    }
}
