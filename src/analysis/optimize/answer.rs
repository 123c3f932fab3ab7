//! What is said of the settings in the end.

use std::sync::atomic::Ordering;

use crate::analysis::steps::{mean_se, normal_cdf};
use crate::model::Model;
use crate::study::ScenarioName;

use super::race::next_stage;
use super::search::Search;
use super::seen::{Seen, held, paired, reached, wilson};
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
                let have = |seen: &Option<Seen>| seen.as_ref().map_or(0, |it| it.cost.len());
                while let Some((months, seed)) = next_stage(self.plan, have(&seen)) {
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
