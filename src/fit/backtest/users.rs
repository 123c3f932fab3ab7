//! What each user will send: requests, and tokens a request.

use crate::reading::log::{Field, NONE, Row};

use super::level::{Forecast, foretold, scored};
use super::{Score, Simple, Split, Users, number, place};

/// Requests a user must have had in the past.
const LEAST: f64 = 20.0;
/// Blocks in which it must have sent something.
const LEAST_BLOCKS: usize = 6;

/// Sums of a user: of each past block, and of what came.
type Sums = (Vec<f64>, f64);

impl Split<'_> {
    /// Requests and tokens a request of each user with enough of a past.
    pub(super) fn users(&self) -> Vec<Users> {
        let log = &self.known.sample.log;
        if !log.has(Field::User) {
            return Vec::new();
        }
        let mut all = vec![self.user_totals(&self.by_user(&|row| self.requests(row)))];
        for (what, field, of) in [
            (
                "input tokens a request",
                Field::Input,
                (|row: &Row| row.input) as fn(&Row) -> f32,
            ),
            ("output tokens a request", Field::Output, |row: &Row| {
                row.output
            }),
        ] {
            if log.has(field) {
                let counted = |row: &Row| {
                    if of(row).is_finite() {
                        number(row.count)
                    } else {
                        0.0
                    }
                };
                let sums = self.by_user(&|row| number(of(row)));
                all.push(self.user_means(what, &sums, &self.by_user(&counted)));
            }
        }
        all.into_iter().flatten().collect()
    }

    /// Sums by user: of each past block, and of what came.
    fn by_user(&self, of: &dyn Fn(&Row) -> f64) -> Vec<Sums> {
        let rows = self.known.sample.rows();
        let named = rows.iter().map(|row| row.user).filter(|it| *it != NONE);
        let count = named.max().map_or(0, |last| last as usize + 1);
        let mut sums = vec![(vec![0.0; self.blocks], 0.0); count];
        for row in rows {
            let own = sums.get_mut(row.user as usize);
            if let Some(sum) = own.and_then(|it| it.0.get_mut(self.block_of(row))) {
                *sum += of(row);
            }
        }
        for row in self.rest {
            if let Some(sum) = sums.get_mut(row.user as usize) {
                sum.1 += of(row);
            }
        }
        sums
    }

    fn last_blocks(&self) -> usize {
        place(self.horizon().round()).clamp(1, self.blocks)
    }

    fn user_totals(&self, users: &[Sums]) -> Option<Users> {
        let ahead = self.weight(self.cut_s, self.until_s);
        let horizon = self.last_blocks();
        let of = |(past, actual): &Sums| {
            let total: f64 = past.iter().sum();
            if total < LEAST || past.iter().filter(|it| **it > 0.0).count() < LEAST_BLOCKS {
                return None;
            }
            let mean = total / self.weights.iter().sum::<f64>();
            let logs: Vec<f64> = past
                .iter()
                .zip(&self.weights)
                .map(|(n, w)| libm::log((n / w.max(1e-12)).max(mean / 20.0)))
                .collect();
            let forecast = foretold(&logs, self.horizon(), Some(libm::log(mean)))?;
            let last: f64 = past.iter().rev().take(horizon).sum();
            Some(scored(
                "",
                String::new(),
                Forecast {
                    middle: forecast.middle + libm::log(ahead),
                    ..forecast
                },
                *actual,
                Simple {
                    last: last * self.horizon() / horizon as f64,
                    flat: mean * ahead,
                },
            ))
        };
        summed("requests", users.iter().filter_map(of))
    }

    fn user_means(&self, what: &'static str, sums: &[Sums], counts: &[Sums]) -> Option<Users> {
        let horizon = self.last_blocks();
        let of = |((past, came), (n, came_n)): (&Sums, &Sums)| {
            let total: f64 = n.iter().sum();
            let sum: f64 = past.iter().sum();
            let told = n.iter().filter(|it| **it >= 1.0).count();
            if total < LEAST || told < LEAST_BLOCKS || *came_n < LEAST / 4.0 || sum <= 0.0 {
                return None;
            }
            let mean = sum / total;
            let logs: Vec<f64> = past
                .iter()
                .zip(n)
                .map(|(sum, n)| {
                    if *n >= 1.0 {
                        libm::log((sum / n).max(mean / 20.0))
                    } else {
                        f64::NAN
                    }
                })
                .collect();
            let forecast = foretold(&logs, self.horizon(), Some(libm::log(mean)))?;
            let last = |list: &[f64]| list.iter().rev().take(horizon).sum::<f64>();
            let lately = last(past) / last(n);
            Some(scored(
                "",
                String::new(),
                forecast,
                came / came_n,
                Simple {
                    last: if lately.is_finite() { lately } else { mean },
                    flat: mean,
                },
            ))
        };
        summed(what, sums.iter().zip(counts).filter_map(of))
    }
}

/// Means over users; losses in shares of the larger of what came and what was predicted.
fn summed(what: &'static str, scores: impl Iterator<Item = Score>) -> Option<Users> {
    let list: Vec<Score> = scores.collect();
    let n = list.len() as f64;
    let mean = |of: fn(&Score) -> f64| {
        let scaled = |it: &Score| of(it) * it.actual / it.actual.max(it.predicted).max(1e-9);
        list.iter()
            .map(scaled)
            .filter(|it| it.is_finite())
            .sum::<f64>()
            / n
    };
    (n >= 5.0).then(|| Users {
        what,
        count: list.len(),
        inside: list.iter().filter(|it| it.inside).count() as f64 / n,
        loss: mean(|it| it.loss),
        naive_loss: mean(|it| it.naive_loss),
        flat_loss: mean(|it| it.flat_loss),
    })
}
