//! How wrong the means of a cell may be: what each window moves, and what no window has shown.

use crate::engine::ledger::{CAUSES, OUTCOMES, REASONS};

use super::fit::Fit;
use super::fits::Fits;
use super::luck::OVERLOAD;
use super::predict::{Estimated, at};
use super::sums::{HOSTING, OUTCOMES_AT, REASONS_AT};

impl Estimated<'_> {
    /// By window, then twice by stratum, for what no window and what no scout has shown, and a last row for what is only
    /// approximated: how far each may have moved the mean of each metric.
    pub fn errors(
        &self,
        fits: &Fits,
        mean: &[f64],
        names: &[String],
        values: &[Vec<f64>],
    ) -> Vec<Vec<f64>> {
        let mut influence = self.influence(fits, mean);
        // Windows that others were simulated in moved nothing here.
        influence.resize(self.lasted.len(), vec![0.0; names.len()]);
        influence.extend(self.unseen(fits, mean, names));
        influence.extend(self.unscouted(fits, mean, names.len()));
        self.slow_influence(fits, names, &mut influence);
        influence.push(rough(names, values));
        self.over_budget(names, values, &mut influence);
        influence
    }

    /// How much each window, by what is left of its luck, moves the mean of each metric: windows × metrics.
    fn influence(&self, fits: &Fits, mean: &[f64]) -> Vec<Vec<f64>> {
        let share = self.mean_exposure();
        let counts = self.windows_by_stratum();
        let base = self.values(fits, mean, &share);
        let windows = self.design.len() as f64;
        let freedom = |fit: &Fit| windows / (windows - fit.spent).max(windows * 0.25);
        let freedom: Vec<f64> = fits.list.iter().map(|fit| freedom(fit).sqrt()).collect();
        self.design
            .iter()
            .enumerate()
            .map(|(place, window)| {
                let n = at(&counts, window.stratum);
                let correction = (n / (n - 1.0).max(0.5)).sqrt();
                let weight =
                    at(&share, window.stratum) / (n * window.exposure).max(1e-300) * correction;
                let moved: Vec<f64> = fits
                    .list
                    .iter()
                    .zip(mean)
                    .enumerate()
                    .map(|(sum, (fit, mean))| {
                        if sum == HOSTING {
                            *mean
                        } else {
                            let weight = weight * at(&freedom, sum);
                            (mean + at(&fit.lucky, place) * weight).max(0.0)
                        }
                    })
                    .collect();
                self.moved(fits, &moved, &share, &base)
            })
            .collect()
    }

    /// A share of months is no smooth function of one month: what moves the cost of all of them moves the share that
    /// exceeds the budget by as much as lies near it.
    fn over_budget(&self, names: &[String], values: &[Vec<f64>], influence: &mut [Vec<f64>]) {
        const NEAR: f64 = 0.02;
        let place = |name: &str| names.iter().position(|known| known == name);
        let places = place("budget.over_probability").zip(place("cost.total"));
        let Some((over, cost)) = places else { return };
        let budget = self.lines.first().and_then(|lines| lines.budget_usd);
        let Some((budget, costs)) = budget.zip(values.get(cost)) else {
            return;
        };
        let near = |cost: &&f64| (**cost - budget).abs() < NEAR * budget;
        let share = costs.iter().filter(near).count() as f64 / costs.len().max(1) as f64;
        let density = share / (2.0 * NEAR * budget);
        for row in influence {
            let moved = row.get(cost).copied().unwrap_or(0.0) * density;
            if let Some(entry) = row.get_mut(over) {
                *entry = moved;
            }
        }
    }

    fn values(&self, fits: &Fits, sums: &[f64], share: &[f64]) -> Vec<f64> {
        let middle = self.months.scores.len() / 2;
        let idle = vec![0.0; self.model.models.len()];
        let metrics = self.metrics(fits, sums, share, middle, idle);
        metrics.into_iter().map(|(_, value)| value).collect()
    }

    /// By how much other sums change the metrics.
    fn moved(&self, fits: &Fits, sums: &[f64], share: &[f64], base: &[f64]) -> Vec<f64> {
        let moved = self.values(fits, sums, share).into_iter().zip(base);
        moved
            .map(|(moved, base)| moved - base)
            .map(|moved| if moved.is_finite() { moved } else { 0.0 })
            .collect()
    }

    /// How much the error of each stratum's mean overload moves the mean of each metric.
    fn unscouted(&self, fits: &Fits, mean: &[f64], metrics: usize) -> Vec<Vec<f64>> {
        let share = self.mean_exposure();
        let base = self.values(fits, mean, &share);
        (0..self.strata)
            .map(|stratum| {
                let Some(error) = self.scouted.get(stratum).filter(|error| **error > 0.0) else {
                    return vec![0.0; metrics];
                };
                let moved: Vec<f64> = fits
                    .list
                    .iter()
                    .zip(mean)
                    .map(|(fit, mean)| {
                        let change = fit.gains[OVERLOAD] * fit.average * error;
                        (mean + at(&share, stratum) * change).max(0.0)
                    })
                    .collect();
                self.moved(fits, &moved, &share, &base)
            })
            .collect()
    }

    /// What was seen in no window of a stratum may still happen there: one such event among all its windows, as an error
    /// of the shares of what goes wrong.
    fn unseen(&self, fits: &Fits, mean: &[f64], names: &[String]) -> Vec<Vec<f64>> {
        let share = self.mean_exposure();
        let mut looked = vec![0.0; self.strata];
        for window in self.design {
            if let Some(sum) = looked.get_mut(window.stratum) {
                *sum += window.exposure;
            }
        }
        let sums: Vec<Option<(usize, f64)>> = names.iter().map(|name| event(name, mean)).collect();
        (0..self.strata)
            .map(|stratum| {
                let weight = at(&share, stratum) / at(&looked, stratum).max(1.0);
                sums.iter()
                    .map(|sum| match sum {
                        Some((index, base)) => {
                            let seen = fits
                                .list
                                .get(*index)
                                .map_or(0.0, |fit| at(&fit.rates, stratum));
                            if seen > 0.0 { 0.0 } else { weight / base }
                        }
                        None => 0.0,
                    })
                    .collect()
            })
            .collect()
    }

    /// The influence of windows on the means of seconds by cause, which are ratios within the slowest and the middle.
    fn slow_influence(&self, fits: &Fits, names: &[String], influence: &mut [Vec<f64>]) {
        let share = self.mean_exposure();
        let counts = self.windows_by_stratum();
        for (slow, from) in [(true, 0.95), (false, 0.45)] {
            let within = |upper: f64| {
                let up_to = fits.delivered.share(crate::engine::bin_of(upper * 0.98));
                up_to > from && (slow || up_to <= 0.55)
            };
            let parts: Vec<(f64, [f64; CAUSES.len()], f64)> = self
                .windows
                .iter()
                .zip(self.design)
                .map(|(window, design)| {
                    let n = at(&counts, design.stratum);
                    let weight = at(&share, design.stratum) / (n * design.exposure).max(1e-300);
                    let (mut answers, mut sums) = (0.0, [0.0; CAUSES.len()]);
                    for (_, count, seconds) in
                        window.causes.iter().filter(|it| within(f64::from(it.0)))
                    {
                        answers += f64::from(*count) * weight;
                        for (sum, seconds) in sums.iter_mut().zip(seconds) {
                            *sum += f64::from(*seconds) * weight;
                        }
                    }
                    (answers, sums, (n / (n - 1.0).max(0.5)).sqrt())
                })
                .collect();
            let all: f64 = parts.iter().map(|part| part.0).sum();
            let seen: f64 = self
                .windows
                .iter()
                .flat_map(|window| &window.causes)
                .filter(|it| within(f64::from(it.0)))
                .map(|it| f64::from(it.1))
                .sum();
            for (cause, name) in CAUSES.iter().enumerate() {
                let Some(column) = names
                    .iter()
                    .position(|known| known.strip_prefix("slow.") == Some(*name))
                else {
                    continue;
                };
                let total: f64 = parts.iter().map(|part| at(&part.1, cause)).sum();
                let ratio = total / all.max(1e-300);
                for (row, (answers, sums, correction)) in influence.iter_mut().zip(&parts) {
                    if let Some(entry) = row.get_mut(column) {
                        let moved =
                            (at(sums, cause) - ratio * answers) / all.max(1e-300) * correction;
                        if slow {
                            *entry = moved;
                        } else {
                            *entry -= moved;
                        }
                    }
                }
                // Half a minute on one answer of all that were seen would not have been seen.
                if let (true, Some(entry)) = (
                    slow && total <= 0.0,
                    influence.last_mut().and_then(|row| row.get_mut(column)),
                ) {
                    *entry = 30.0 / seen.max(1.0);
                }
            }
        }
    }
}

/// What is only approximated says so: the busiest hour of a month to 5%, waiting for reviewers to 10%.
fn rough(names: &[String], values: &[Vec<f64>]) -> Vec<f64> {
    names
        .iter()
        .zip(values)
        .map(|(name, values)| {
            let share = match name.as_str() {
                "review.wait_h" => 0.1,
                name if name.starts_with("utilisation.") => 0.05,
                _ => return 0.0,
            };
            let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
            if mean.is_finite() { share * mean } else { 0.0 }
        })
        .collect()
}

/// The sum that counts the events behind a share of what goes wrong, and what it is a share of.
fn event(name: &str, mean: &[f64]) -> Option<(usize, f64)> {
    let requests = at(mean, 1).max(1.0);
    if name == "rate.throttled_attempts" {
        return Some((4, at(mean, 3).max(1.0)));
    }
    if name == "demand.lost" {
        return Some((8, requests));
    }
    if name == "rate.leaked" {
        return Some((7, requests));
    }
    let place = |names: &[&str], prefix: &str| {
        names
            .iter()
            .position(|known| name.strip_prefix(prefix) == Some(*known))
    };
    if let Some(reason) = place(&REASONS, "failed.") {
        return Some((REASONS_AT + reason, requests));
    }
    place(&OUTCOMES, "rate.").map(|outcome| (OUTCOMES_AT + outcome, requests))
}
