//! Racing the best: months are doubled, and who is clearly worse is dropped.

use crate::analysis::steps::mean_se;
use crate::engine::philox::mix;

use super::search::{LOOK, Search};
use super::seen::{Seen, held, paired, reached, wilson};
use super::{OptimizePlan, Setting};

/// Standard errors by which a setting must be worse to be dropped.
const CLEAR: f64 = 3.0;
/// Settings whose objectives differ by less than this share are as good as equal, and the one with most slack is chosen.
const EQUAL: f64 = 0.005;

impl Search<'_> {
    /// Doubles the months of those that are left, and drops who is clearly worse; the best first.
    pub(super) fn race(&mut self, racers: Vec<Setting>) -> Vec<Setting> {
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
            let Some((months, seed)) = next_stage(self.plan, stage) else {
                return left;
            };
            let Some(found) = self.simulate(&behind, months, seed) else {
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

    /// Of those that are as good as equal to the best and raced as long, the one with most slack comes first.
    pub(super) fn settled(&self, mut order: Vec<Setting>) -> Vec<Setting> {
        let Some((best, seen)) = order.first().and_then(|it| Some((it, self.seen.get(it)?))) else {
            return order;
        };
        if self.violation(best) > 0.0 {
            return order;
        }
        let (level, _) = mean_se(self.objective(seen));
        let equal = |setting: &Setting| {
            let other = self.seen.get(setting)?;
            let long = other.cost.len() == seen.cost.len();
            let (difference, _) = paired(self.objective(other), self.objective(seen));
            let near = difference <= EQUAL * level.abs() || difference == 0.0;
            (long && near && self.violation(setting) <= 0.0).then(|| self.tightest(other))
        };
        let safest = order
            .iter()
            .enumerate()
            .filter_map(|(place, setting)| Some((equal(setting)?, place)))
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        if let Some((_, place)) = safest {
            let chosen = order.remove(place);
            order.insert(0, chosen);
        }
        order
    }

    /// The value over its limit, that the asked share of months stays within, of the requirement where it is largest.
    fn tightest(&self, seen: &Seen) -> f64 {
        let reached = |ratios: &Vec<f64>| reached(ratios, self.plan.confidence);
        seen.ratios.iter().map(reached).fold(0.0, f64::max)
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
}

/// How many months a setting that has so many gets next, and under which seed: the same for every setting, so that all
/// can be compared month by month. `None` when it has all.
pub(super) fn next_stage(plan: &OptimizePlan, have: usize) -> Option<(u32, u64)> {
    let have = u32::try_from(have).ok()?;
    let left = plan.months.checked_sub(have).filter(|left| *left > 0)?;
    let seed = if have == 0 {
        plan.seed
    } else {
        mix(plan.seed ^ mix(u64::from(have) + 0x6F70))
    };
    Some((have.max(LOOK).min(left), seed))
}
