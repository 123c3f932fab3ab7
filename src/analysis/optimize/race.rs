//! Racing: months are doubled for those that may still be the best, the most promising first.

use statrs::function::beta::beta_reg;

use crate::engine::philox::mix;

use super::search::{LOOK, Search};
use super::seen::{Seen, held, reached, wilson};
use super::{OptimizePlan, Setting};

/// Settings whose objectives differ by less than this share are as good as equal, and the one with most slack is chosen.
const EQUAL: f64 = 0.005;
/// Standard errors by which a promise is clearly not held in enough months.
const BROKEN: f64 = 2.0;
/// Standard errors within which a promise is on the edge after the plan's months.
const ON_THE_EDGE: f64 = 1.0;
/// What is on the edge gets up to so many times the plan's months.
const EDGE: u32 = 4;

impl Search<'_> {
    /// Whether a setting may hold every requirement in enough months: none is clearly broken. Months that share their
    /// facts count once.
    pub(super) fn hopeful(&self, seen: &Seen) -> bool {
        if self.is_settled(seen) {
            return self.holds(seen);
        }
        seen.ratios.iter().all(|ratios| {
            let pairs = ratios.months.len() as f64 * 0.5;
            wilson(held(&ratios.months), pairs, BROKEN).1 >= self.plan.confidence
        })
    }

    /// Whether it holds every requirement in enough of the months seen.
    pub(super) fn holds(&self, seen: &Seen) -> bool {
        seen.ratios
            .iter()
            .all(|ratios| held(&ratios.months) >= self.plan.confidence - 1e-9)
    }

    /// Whether it needs no more months: it has the plan's, and no promise is on the edge, or several times as many.
    pub(super) fn is_settled(&self, seen: &Seen) -> bool {
        let (have, wanted) = (seen.count(), self.plan.months as usize);
        let decided = |months: &Vec<f64>| {
            let share = held(months);
            let (low, high) = wilson(share, months.len() as f64, ON_THE_EDGE);
            share >= 1.0 || low >= self.plan.confidence || high < self.plan.confidence
        };
        have >= wanted
            && (have >= wanted * EDGE as usize || seen.ratios.iter().all(|it| decided(&it.months)))
    }

    /// The best by the objective of those that need no more months and hold.
    pub(super) fn champion(&self) -> Option<Setting> {
        let settled = |setting: &Setting| {
            self.seen
                .get(setting)
                .is_some_and(|seen| self.is_settled(seen) && self.holds(seen))
        };
        self.ranked().into_iter().find(settled)
    }

    /// Those that may still be better than the champion and need more months, the most promising first.
    pub(super) fn undecided(&self, champion: Option<&Setting>) -> Vec<Setting> {
        let best = champion.and_then(|it| self.seen.get(it));
        let may_win = |seen: &Seen| {
            best.is_none_or(|best| {
                let (difference, se) = self.objective(seen).less(self.objective(best));
                let level = self.objective(best).mean_se().0.abs();
                let se = if se.is_finite() { se } else { 0.0 };
                difference - se < -EQUAL * level
            })
        };
        let open = |setting: &Setting| {
            self.seen
                .get(setting)
                .is_some_and(|seen| !self.is_settled(seen) && self.hopeful(seen) && may_win(seen))
        };
        self.by_promise().into_iter().filter(open).collect()
    }

    /// The most promising beside the champion that is not known well enough to be the runner-up; none if one is.
    pub(super) fn second(&self, champion: &Setting) -> Option<Setting> {
        let other = |it: &Setting| {
            it != champion && self.seen.get(it).is_some_and(|seen| self.hopeful(seen))
        };
        let second = self.by_promise().into_iter().find(other)?;
        let seen = self.seen.get(&second)?;
        (!self.is_settled(seen)).then_some(second)
    }

    /// Gives settings their next months; `false` if there is no time or no budget for that.
    pub(super) fn advance(&mut self, settings: &[Setting]) -> bool {
        let mut tasks = Vec::new();
        let mut left = self.months_left();
        for setting in settings {
            let have = self.seen.get(setting).map_or(0, Seen::count);
            let Some((months, seed)) = next_stage(self.plan, have) else {
                continue;
            };
            if u64::from(months) <= left {
                left -= u64::from(months);
                tasks.push((setting.clone(), months, seed));
            }
        }
        if tasks.is_empty() {
            return false;
        }
        self.steps.expect_more(tasks.len());
        let Some(found) = self.simulate(&tasks) else {
            return false;
        };
        for ((setting, ..), more) in tasks.iter().zip(found) {
            if let (Some(seen), Some(more)) = (self.seen.get_mut(setting), more) {
                seen.add(more);
            }
        }
        true
    }

    /// Settings in the order in which they are worth more months: those that may hold by their objective, then the
    /// others by how far they are from holding.
    pub(super) fn by_promise(&self) -> Vec<Setting> {
        self.ordered(|seen| {
            if self.hopeful(seen) {
                0.0
            } else {
                1.0 + self.violation_of(seen)
            }
        })
    }

    /// The champion first, then who holds as surely, by the objective. Of those that are as good as equal to the
    /// champion, the one with most slack comes first.
    pub(super) fn finalists(&self) -> Vec<Setting> {
        let Some(champion) = self.champion() else {
            return self.stopped_early();
        };
        let Some(seen) = self.seen.get(&champion) else {
            return Vec::new();
        };
        let sure = |setting: &Setting| {
            self.seen
                .get(setting)
                .is_some_and(|it| self.is_settled(it) && self.holds(it))
        };
        let mut order: Vec<Setting> = self.ranked().into_iter().filter(sure).collect();
        let level = self.objective(seen).mean_se().0;
        let equal = |setting: &Setting| {
            let other = self.seen.get(setting)?;
            let (difference, _) = self.objective(other).less(self.objective(seen));
            let near = difference <= EQUAL * level.abs() || difference == 0.0;
            near.then(|| self.tightest(other))
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

    /// Nothing has all its months and holds: those that were followed longest, the best of them first.
    fn stopped_early(&self) -> Vec<Setting> {
        let order = self.ranked();
        let holding = |it: &&Setting| self.seen.get(*it).is_some_and(|seen| self.holds(seen));
        let longest = order
            .iter()
            .filter(holding)
            .filter_map(|it| self.seen.get(it).map(Seen::count))
            .max();
        // What was found to hold over a first look only is no answer while others were followed for longer.
        let (first, rest): (Vec<Setting>, Vec<Setting>) = order.into_iter().partition(|it| {
            self.seen.get(it).is_some_and(|seen| {
                self.holds(seen) && longest.is_some_and(|most| seen.count() * 2 >= most)
            })
        });
        first.into_iter().chain(rest).collect()
    }

    /// The value over its limit, that the asked share of months stays within, of the requirement where it is largest.
    fn tightest(&self, seen: &Seen) -> f64 {
        let reached = seen
            .ratios
            .iter()
            .map(|ratios| reached(&ratios.months, self.plan.confidence));
        reached.fold(0.0, f64::max)
    }

    /// Probability that a setting really holds every requirement in enough months: of the one where it is smallest, by
    /// the posterior of a share under Jeffreys' prior, a pair of months being one trial. What the simulated windows may
    /// have moved takes trials away.
    pub(super) fn surely_holds(&self, seen: &Seen) -> f64 {
        seen.ratios
            .iter()
            .map(|ratios| {
                let pairs = ratios.months.len() as f64 * 0.5;
                let share = held(&ratios.months);
                let moved = |by: f64| {
                    let shifted: Vec<f64> = ratios.months.iter().map(|it| it + by).collect();
                    held(&shifted)
                };
                let stray = ratios.window_se();
                let windows = (moved(-stray) - moved(stray)).abs() * 0.5;
                let chance = (share * (1.0 - share)).max(0.25 / pairs) / pairs;
                let trials = pairs * chance / (chance + windows * windows);
                let (good, bad) = (share * trials + 0.5, (1.0 - share) * trials + 0.5);
                1.0 - beta_reg(good, bad, self.plan.confidence.clamp(0.0, 1.0))
            })
            .fold(1.0, f64::min)
    }
}

/// How many months a setting that has so many gets next, and under which seed: the same for every setting, so that all
/// can be compared month by month.
pub(super) fn next_stage(plan: &OptimizePlan, have: usize) -> Option<(u32, u64)> {
    let have = u32::try_from(have).ok()?;
    // Every setting has the plan's months at the end of a stage, and comes by them on the same way.
    let aim = if have < plan.months {
        plan.months
    } else {
        plan.months.checked_mul(EDGE)?
    };
    let left = aim.checked_sub(have).filter(|left| *left > 0)?;
    let seed = if have == 0 {
        plan.seed
    } else {
        mix(plan.seed ^ mix(u64::from(have) + 0x6F70))
    };
    Some((have.max(LOOK).min(left), seed))
}
