//! What is said of the settings in the end.

use std::sync::atomic::Ordering;

use crate::analysis::steps::normal_cdf;
use crate::model::Model;
use crate::study::ScenarioName;

use super::race::next_stage;
use super::search::Search;
use super::seen::{Seen, held, over_pairs, reached, wilson};
use super::{Choice, Held, Optimized, SCHEMA, Setting, Turned};

impl Search<'_> {
    /// The strategies to start from, as the scenario has them, over the months that the finalists have.
    pub(super) fn as_written(&self, model: &Model) -> Vec<Choice> {
        let names: Vec<&str> = self.space.starts().collect();
        names
            .iter()
            .filter_map(|name| {
                let strategy = model.strategies.iter().position(|it| it.name == **name)?;
                let mut seen: Option<Seen> = None;
                let have = |seen: &Option<Seen>| seen.as_ref().map_or(0, Seen::count);
                while have(&seen) < self.plan.months as usize {
                    let (months, seed) = next_stage(self.plan, have(&seen))?;
                    let more = self.measure(model, strategy, months, seed)?;
                    match &mut seen {
                        Some(seen) => seen.add(more),
                        None => seen = Some(more),
                    }
                }
                Some(self.choice((*name).to_owned(), Vec::new(), &seen?))
            })
            .collect()
    }

    fn choice(&self, strategy: String, turned: Vec<Turned>, seen: &Seen) -> Choice {
        let holds = self
            .requirements
            .iter()
            .zip(&seen.ratios)
            .map(|(requirement, ratios)| {
                let limit = requirement.limit.unwrap_or(f64::NAN);
                let share = held(&ratios.months);
                Held {
                    requirement: requirement.name.clone(),
                    limit,
                    metric: requirement.metric.clone(),
                    value: reached(&ratios.months, self.plan.confidence) * limit,
                    share,
                    bounds: wilson(share, ratios.months.len() as f64 * 0.5, 1.96),
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
            months: u32::try_from(seen.count()).unwrap_or(u32::MAX),
            cost: seen.cost.mean_se(),
            latency_p95: seen.p95.mean_se(),
            failed: seen.failed.mean_se(),
            canned: over_pairs(&seen.canned).0,
            holds,
            failing: failing.map(|(name, share)| (name.clone(), *share)),
        }
    }

    fn chosen(&self, setting: &Setting) -> Option<Choice> {
        Some(self.choice_of(setting, self.seen.get(setting)?))
    }

    pub(super) fn choice_of(&self, setting: &Setting, seen: &Seen) -> Choice {
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

    pub(super) fn written(
        &self,
        model: &Model,
        finalists: &[Setting],
        as_written: Vec<Choice>,
    ) -> Optimized {
        let holding = |it: &&Setting| self.seen.get(*it).is_some_and(|seen| self.holds(seen));
        let first = finalists.first();
        let best = first.filter(holding);
        let second = finalists.get(1).filter(|it| best.is_some() && holding(it));
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
            nearest: first
                .filter(|_| best.is_none())
                .and_then(|it| self.chosen(it)),
            stopped: self.steps.is_stopped(),
        }
    }

    /// Probability that the best is really better than the second: that it holds and costs less (or is faster) on average,
    /// or that only it holds. Both see the same months, so what makes one of them break a promise does so to the other:
    /// the less sure of the two is taken to hold only where the surer one does. That one of them holds is given.
    fn better(&self, best: &Setting, second: &Setting) -> Option<f64> {
        let (a, b) = (self.seen.get(best)?, self.seen.get(second)?);
        let (difference, se) = self.objective(b).less(self.objective(a));
        let wins = if se > 0.0 {
            normal_cdf(difference / se)
        } else if difference == 0.0 {
            0.5
        } else {
            f64::from(u8::from(difference > 0.0))
        };
        let (a, b) = (self.surely_holds(a), self.surely_holds(b));
        let (both, one) = (a.min(b), a.max(b));
        (one > 0.0).then(|| ((a - both) + both * wins) / one)
    }
}
