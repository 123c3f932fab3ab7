//! The busiest hour of each month: how much of each limit it uses, and which limit binds.

use crate::engine::limits::KINDS as LIMITS;

use super::super::cell::SLOTS;
use super::super::document::Binding;
use super::fit::effect;
use super::fits::Fits;
use super::predict::{Estimated, at};
use super::sums::{KINDS, refusals_at, usage_at};

/// How a limit of a model is used.
pub struct Usage {
    model: usize,
    kind: usize,
    /// 1: if nothing were refused.
    full: usize,
    sum: usize,
    /// Logarithm of the use of a conversation, and the spread of an hour, by stratum.
    by_stratum: Vec<[f64; 2]>,
}

impl Estimated<'_> {
    /// By model and kind of limit: use in the busiest hour as it is, and if nothing were refused.
    pub fn peaks(&self, fits: &Fits, usage: &[Usage], number: usize) -> Vec<[[f64; 2]; KINDS]> {
        let mut peaks = vec![[[0.0; 2]; KINDS]; self.model.models.len()];
        let Some((month, luck)) = self
            .months
            .land
            .get(number)
            .zip(self.months.luck.get(number))
        else {
            return peaks;
        };
        let scores = self.scores(number / 2);
        let luck = luck.get(self.lasted.len()..).unwrap_or(&[]);
        for used in usage {
            // The largest of log-normal numbers, by their logarithms.
            let most = luck
                .iter()
                .zip(&month.top)
                .filter_map(|(luck, (stratum, _, expected))| {
                    let [rate, spread] = used.by_stratum.get(*stratum)?;
                    Some(rate + expected + spread * luck)
                })
                .fold(f64::NEG_INFINITY, f64::max);
            let lift = fits
                .list
                .get(used.sum)
                .map_or(1.0, |fit| effect(&fit.slopes, scores));
            let most = libm::exp(most) * lift;
            let capped = match (used.full, self.limit(fits, number, used.model, used.kind)) {
                (0, Some(limit)) => most.min(limit),
                _ => most,
            };
            if let Some(peak) = peaks
                .get_mut(used.model)
                .and_then(|kinds| kinds.get_mut(used.kind))
                .and_then(|both| both.get_mut(used.full))
            {
                *peak = capped;
            }
        }
        peaks
    }

    /// The uses of limits that occur.
    pub fn usage(&self, fits: &Fits) -> Vec<Usage> {
        let first = usage_at(self.limits.len());
        let models = self.model.models.len();
        let hourly = self.mean_top();
        let mut list = Vec::new();
        for &model in &self.strategy.uses {
            for kind in 0..KINDS {
                for full in 0..2 {
                    let sum = first + full * KINDS * models + model * KINDS + kind;
                    let Some(fit) = fits.list.get(sum) else {
                        continue;
                    };
                    if fit.rates.iter().all(|rate| *rate <= 0.0) {
                        continue;
                    }
                    let by_stratum = fit.rates.iter().enumerate().map(|(stratum, rate)| {
                        let known = fits.variance.get(stratum);
                        let variance = known.map_or(0.0, |variance| at(variance, sum));
                        let mean = rate * at(&hourly, stratum);
                        let relative = (variance * at(&hourly, stratum)).sqrt() / mean.max(1e-300);
                        let spread = libm::log(1.0 + relative * relative).sqrt();
                        [libm::log(rate.max(1e-300)) - spread * spread * 0.5, spread]
                    });
                    list.push(Usage {
                        model,
                        kind,
                        full,
                        sum,
                        by_stratum: by_stratum.collect(),
                    });
                }
            }
        }
        list
    }

    /// Conversations expected in one of the busiest hours, by stratum.
    fn mean_top(&self) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); self.strata];
        for (stratum, expected, _) in self.months.land.iter().flat_map(|month| &month.top) {
            if let Some((sum, number)) = sums.get_mut(*stratum) {
                *sum += expected;
                *number += 1.0;
            }
        }
        sums.into_iter()
            .map(|(sum, number)| sum / f64::max(number, 1.0))
            .collect()
    }

    fn limit(&self, fits: &Fits, number: usize, model: usize, kind: usize) -> Option<f64> {
        if kind + 1 == KINDS {
            return Some(at(&fits.slots, model)).filter(|slots| *slots > 0.0);
        }
        let lines = self.lines.get(number / 2).or(self.lines.first())?;
        lines.limits.get(model)?.get(kind).copied().flatten()
    }

    pub fn utilisation(&self, fits: &Fits, number: usize, peaks: &[[[f64; 2]; KINDS]]) -> Vec<f64> {
        peaks
            .iter()
            .enumerate()
            .map(|(model, kinds)| {
                kinds
                    .iter()
                    .enumerate()
                    .filter_map(|(kind, [used, _])| {
                        Some(used / self.limit(fits, number, model, kind)?)
                    })
                    .fold(0.0, f64::max)
            })
            .collect()
    }

    pub fn binding(
        &self,
        fits: &Fits,
        busiest: &[[[f64; 2]; KINDS]],
        mean: &[f64],
    ) -> Vec<Binding> {
        let refusals = refusals_at(self.limits.len(), self.model.models.len());
        let mut list = Vec::new();
        for &id in &self.strategy.uses {
            let (Some(server), Some(kinds)) = (self.model.models.get(id), busiest.get(id)) else {
                continue;
            };
            let names = LIMITS.iter().copied().chain([SLOTS]);
            for (kind, (name, [used, needed])) in names.zip(kinds).enumerate() {
                let pairs = self.months.land.len().div_ceil(2);
                let known = (0..pairs).filter_map(|pair| self.limit(fits, pair * 2, id, kind));
                let allowed = known.sum::<f64>() / pairs as f64;
                if allowed > 0.0 && allowed.is_finite() {
                    list.push(Binding {
                        model: server.name.clone(),
                        limit: name.to_owned(),
                        allowed,
                        utilisation: used / allowed,
                        needed: needed.max(*used),
                        refused: at(mean, refusals + id * KINDS + kind),
                    });
                }
            }
        }
        list.sort_by(Binding::tighter);
        list
    }
}
