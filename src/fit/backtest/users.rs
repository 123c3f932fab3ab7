//! What each user will send: requests, and tokens a request.
//!
//! A user's own past tells badly how far users come, go and change: what forecasts of all users lacked when they were made
//! at earlier times within the past is added to each one's interval.

use super::level::{Noise, Series, lacking, scored};
use super::{Score, Simple, Split, Users, number, place};
use crate::reading::log::{Field, NONE, Row};

/// Requests a user must have had in the past.
const LEAST: f64 = 20.0;
/// Blocks in which it must have sent something.
const LEAST_BLOCKS: usize = 6;
/// Share of the mean below which a block is next to nothing: users who pause say how they do.
const LITTLE: f64 = 0.05;

/// Sums of a user: of each past block, and of what came.
type Sums = (Vec<f64>, f64);

/// Amounts of one user and what they are counted by (what was due, or requests): of each past block, and of what came.
struct User<'a> {
    past: Series<'a>,
    amount: f64,
    weight: f64,
}

impl Split<'_> {
    /// Requests and tokens a request of each user with enough of a past.
    pub(super) fn users(&self) -> Vec<Users> {
        let log = &self.known.sample.log;
        if !log.has(Field::User) {
            return Vec::new();
        }
        let enough = |past: &[f64]| {
            past.iter().sum::<f64>() >= LEAST
                && past.iter().filter(|it| **it > 0.0).count() >= LEAST_BLOCKS
        };
        let requests = self.by_user(&|row| self.requests(row));
        let due = self.weight(self.cut_s, self.until_s);
        let totals: Vec<User> = requests
            .iter()
            .filter(|(past, _)| enough(past))
            .map(|(past, came)| User {
                past: self.series(past, &self.weights),
                amount: *came,
                weight: due,
            })
            .collect();
        let mut all = vec![self.foretell("requests", due, &totals)];
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
            if !log.tells(field) {
                continue;
            }
            let counted = |row: &Row| {
                if of(row).is_finite() {
                    number(row.count)
                } else {
                    0.0
                }
            };
            let sums = self.by_user(&|row| number(of(row)));
            let counts = self.by_user(&counted);
            let means: Vec<User> = sums
                .iter()
                .zip(&counts)
                .filter(|(_, (n, came))| enough(n) && *came >= LEAST / 4.0)
                .map(|((past, came), (n, came_n))| User {
                    past: self.series(past, n),
                    amount: *came,
                    weight: *came_n,
                })
                .collect();
            all.push(self.foretell(what, 1.0, &means));
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

    /// The amount for a weight of `each`, of every user.
    fn foretell(&self, what: &'static str, each: f64, users: &[User]) -> Option<Users> {
        let series: Vec<Series> = users.iter().map(|it| it.past).collect();
        let lacking = lacking(&series, Noise::Alike, LITTLE);
        let last = place(self.horizon().round()).clamp(1, self.blocks);
        let scores = users.iter().filter_map(|user| {
            let forecast = user.past.levelled(Noise::Alike, LITTLE, lacking)?;
            let Series {
                amounts, weights, ..
            } = user.past;
            let lately = |list: &[f64]| list.iter().rev().take(last).sum::<f64>();
            let flat = amounts.iter().sum::<f64>() / weights.iter().sum::<f64>();
            let naive = lately(amounts) / lately(weights);
            Some(scored(
                "",
                String::new(),
                forecast.plus(libm::log(each)),
                user.amount / user.weight * each,
                Simple {
                    last: each * if naive.is_finite() { naive } else { flat },
                    flat: each * flat,
                },
            ))
        });
        summed(what, scores)
    }
}

/// Means over users; losses in shares of the larger of what came and what the whole past says, so that one who stops does
/// not count for all.
fn summed(what: &'static str, scores: impl Iterator<Item = Score>) -> Option<Users> {
    let list: Vec<Score> = scores.collect();
    let n = list.len() as f64;
    let mean = |of: fn(&Score) -> f64| {
        let scaled = |it: &Score| of(it) * it.scale() / it.actual.max(it.flat).max(1e-9);
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
