//! The fits of all sums of a cell, and what else its windows say once and for all.

use crate::engine::ledger::CAUSES;

use super::fit::{Design, Fit, fit};
use super::land::MonthLand;
use super::luck::Luck;
use super::predict::{Estimated, at};
use super::shape::{INTERVALS, Pooled};
use super::sums::{Bins, HOSTING, REQUESTS, Sums};

/// Fits of all sums.
pub struct Fits {
    pub list: Vec<Fit>,
    /// Windows × chancy sums: residuals scaled so that their squares add up to the variance per unit of exposure.
    pub noise: Vec<Vec<f64>>,
    /// Strata × sums: that variance.
    pub variance: Vec<Vec<f64>>,
    pub delivered: Pooled,
    pub first_token: Pooled,
    /// By interval of latency and stratum: answers, and seconds by cause, for each unit of exposure.
    pub causes: Vec<Vec<(f64, [f64; CAUSES.len()])>>,
    /// Sums that occur, other than what is paid by the hour: chance has a say in them.
    pub chancy: Vec<usize>,
    /// Slots by model.
    pub slots: Vec<f64>,
}

impl Estimated<'_> {
    pub fn fits(&self) -> Fits {
        let share = self.mean_exposure();
        let counts = self.windows_by_stratum();
        let weights: Vec<f64> = self
            .design
            .iter()
            .map(|window| {
                let (all, n) = (at(&share, window.stratum), at(&counts, window.stratum));
                all / (n * window.exposure).max(1e-300)
            })
            .collect();
        let pooled = |pick: fn(&Sums) -> &Bins| {
            let bins = self.windows.iter().map(|window| pick(window));
            Pooled::new(bins.zip(weights.iter().copied()))
        };
        let delivered = pooled(|window| &window.delivered);
        let first_token = pooled(|window| &window.first_token);
        let columns = self.columns(&delivered, &first_token);
        let by_time: Vec<Design> = self
            .design
            .iter()
            .zip(self.lasted)
            .map(|(window, seconds)| Design {
                exposure: *seconds,
                luck: Luck::default(),
                ..window.clone()
            })
            .collect();
        let seconds = self.mean_seconds();
        let facts = self.design.first().map_or(0, |window| window.scores.len());
        let none = vec![0.0; facts];
        let requests = columns.get(REQUESTS);
        let fitted = requests.map(|sums| fit(self.design, sums, &none, &share, self.bands));
        let usual = fitted.map_or(none.clone(), |fit| fit.slopes);
        let list: Vec<Fit> = columns
            .iter()
            .enumerate()
            .map(|(sum, column)| {
                let (design, usual, share) = if sum == HOSTING {
                    (&by_time[..], &none, &seconds)
                } else {
                    (self.design, &usual, &share)
                };
                fit(design, column, usual, share, self.bands)
            })
            .collect();
        let windows = self.design.len() as f64;
        let chancy: Vec<usize> = (0..list.len())
            .filter(|sum| {
                let occurs = |fit: &Fit| fit.rates.iter().any(|rate| *rate > 0.0);
                *sum != HOSTING && list.get(*sum).is_some_and(occurs)
            })
            .collect();
        let mut noise = Vec::new();
        let mut variance = vec![vec![0.0; list.len()]; self.strata];
        for (place, window) in self.design.iter().enumerate() {
            let n = at(&counts, window.stratum);
            let scale = (1.0 / (n - 1.0).max(0.5)).sqrt();
            let row: Vec<f64> = list
                .iter()
                .enumerate()
                .map(|(sum, fit)| {
                    let exposure = if sum == HOSTING {
                        at(self.lasted, place)
                    } else {
                        window.exposure
                    };
                    at(&fit.raw, place) * scale / exposure.max(1e-300).sqrt()
                })
                .collect();
            if let Some(sums) = variance.get_mut(window.stratum) {
                for (sum, noise) in sums.iter_mut().zip(&row) {
                    *sum += noise * noise;
                }
            }
            noise.push(chancy.iter().map(|sum| at(&row, *sum)).collect());
        }
        let causes = self.causes(&delivered, &list);
        let slots = (0..self.model.models.len())
            .map(|model| {
                let known = self.windows.iter().map(|window| at(&window.slots, model));
                known.sum::<f64>() / windows
            })
            .collect();
        Fits {
            list,
            noise,
            variance,
            delivered,
            first_token,
            causes,
            chancy,
            slots,
        }
    }

    /// The sums that are fitted, by sum and then by window: the plain ones, and the durations by interval.
    fn columns(&self, delivered: &Pooled, first_token: &Pooled) -> Vec<Vec<f64>> {
        let length = self.windows.first().map_or(0, |window| window.list.len());
        let mut columns: Vec<Vec<f64>> = (0..length)
            .map(|sum| {
                self.windows
                    .iter()
                    .map(|window| at(&window.list, sum))
                    .collect()
            })
            .collect();
        let mut count = |pooled: &Pooled, bins: &mut dyn Iterator<Item = &Bins>| {
            let counted: Vec<[f64; INTERVALS]> = bins.map(|bins| pooled.counts(bins)).collect();
            for interval in 0..INTERVALS {
                columns.push(counted.iter().map(|counts| at(counts, interval)).collect());
            }
        };
        count(
            delivered,
            &mut self.windows.iter().map(|window| &window.delivered),
        );
        count(
            first_token,
            &mut self.windows.iter().map(|window| &window.first_token),
        );
        columns
    }

    /// Seconds by cause in each interval of latency, by stratum.
    fn causes(&self, delivered: &Pooled, list: &[Fit]) -> Vec<Vec<(f64, [f64; CAUSES.len()])>> {
        let mut sums = vec![vec![(0.0, [0.0; CAUSES.len()]); INTERVALS]; self.strata + 1];
        for (window, design) in self.windows.iter().zip(self.design) {
            for (upper, count, seconds) in &window.causes {
                // A bin of the table may straddle intervals; the middle of it decides.
                let middle = crate::engine::bin_of(f64::from(*upper) * 0.98);
                let interval = delivered.interval(middle);
                for stratum in [design.stratum, self.strata] {
                    if let Some(entry) = sums
                        .get_mut(stratum)
                        .and_then(|intervals| intervals.get_mut(interval))
                    {
                        entry.0 += f64::from(*count);
                        for (sum, seconds) in entry.1.iter_mut().zip(seconds) {
                            *sum += f64::from(*seconds);
                        }
                    }
                }
            }
        }
        let all = sums.pop().unwrap_or_default();
        let offset = list.len() - 2 * INTERVALS;
        let by_interval = all.iter().enumerate();
        by_interval
            .map(|(interval, (count_all, seconds_all))| {
                let fit = list.get(offset + interval);
                let of_stratum = |(stratum, intervals): (usize, &Vec<_>)| {
                    let rate = fit.map_or(0.0, |fit| at(&fit.rates, stratum));
                    let (count, own) = match intervals.get(interval) {
                        Some((count, own)) if *count > 0.0 => (*count, own),
                        _ => (count_all.max(1.0), seconds_all),
                    };
                    (rate, own.map(|seconds: f64| rate * seconds / count))
                };
                sums.iter().enumerate().map(of_stratum).collect()
            })
            .collect()
    }

    /// Conversations expected in a mean month, by stratum.
    pub fn mean_exposure(&self) -> Vec<f64> {
        self.mean_month(|month| &month.expected)
    }

    /// Seconds of a mean month, by stratum.
    fn mean_seconds(&self) -> Vec<f64> {
        self.mean_month(|month| &month.seconds)
    }

    fn mean_month(&self, part: impl Fn(&MonthLand) -> &Vec<f64>) -> Vec<f64> {
        let months = self.months.land.len() as f64;
        let mean = |stratum| {
            let all = self
                .months
                .land
                .iter()
                .map(|month| at(part(month), stratum));
            all.sum::<f64>() / months
        };
        (0..self.strata).map(mean).collect()
    }

    pub fn windows_by_stratum(&self) -> Vec<f64> {
        let mut counts = vec![0.0; self.strata];
        for window in self.design {
            if let Some(count) = counts.get_mut(window.stratum) {
                *count += 1.0;
            }
        }
        counts
    }
}
