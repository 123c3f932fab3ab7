//! Shapley values over sets of players, exact or from drawn orders. A set is a number whose bits are its players.

use std::collections::BTreeMap;

use crate::engine::philox::mix;

use super::pair_error;

/// What is simulated, and how it is averaged.
#[derive(Debug, Clone)]
pub(super) struct Orders {
    players: usize,
    /// Orders in which players come in; every one of them stands before its reverse. None if all sets are simulated.
    drawn: Option<Vec<Vec<usize>>>,
    sets: Vec<u32>,
    places: BTreeMap<u32, usize>,
}

/// The value of a player.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value {
    pub(super) mean: f64,
    pub(super) se: Option<f64>,
}

impl Orders {
    /// All sets of up to `exact_up_to` players, else those that so many drawn orders walk through.
    pub(super) fn of(players: usize, exact_up_to: usize, orders: usize, seed: u64) -> Self {
        let full = full(players);
        let (drawn, sets) = if players <= exact_up_to {
            (None, (0..=full).collect())
        } else {
            let drawn = draw(players, orders.max(2).div_ceil(2), seed);
            let mut sets: Vec<u32> = drawn.iter().flat_map(|order| prefixes(order)).collect();
            sets.sort_unstable();
            sets.dedup();
            (Some(drawn), sets)
        };
        let places = sets.iter().copied().zip(0..).collect();
        Self {
            players,
            drawn,
            sets,
            places,
        }
    }

    pub(super) fn sets(&self) -> &[u32] {
        &self.sets
    }

    /// Where a set stands among those simulated.
    pub(super) fn place(&self, set: u32) -> Option<usize> {
        self.places.get(&set).copied()
    }

    /// The set of all.
    pub(super) fn full(&self) -> u32 {
        full(self.players)
    }

    pub(super) fn is_exact(&self) -> bool {
        self.drawn.is_none()
    }

    /// The value of a player: mean over the known months, and its standard error. `strays` has, for each set, how far
    /// each window that was simulated may have moved its mean.
    pub(super) fn value(
        &self,
        player: usize,
        worths: &[&[f64]],
        strays: &[Vec<f64>],
        known: &[usize],
        months: usize,
    ) -> Value {
        let gain = |set: u32, month: usize| {
            let worth = |set: u32| {
                let place = self.place(set)?;
                worths.get(place)?.get(month).copied()
            };
            match (worth(set | 1 << player), worth(set)) {
                (Some(with), Some(without)) => with - without,
                _ => f64::NAN,
            }
        };
        let weighted = self.weights(player);
        let mut by_month = vec![f64::NAN; months];
        for &month in known {
            let value = weighted
                .iter()
                .map(|(set, weight)| weight * gain(*set, month))
                .sum();
            if let Some(place) = by_month.get_mut(month) {
                *place = value;
            }
        }
        let sum: f64 = known.iter().filter_map(|month| by_month.get(*month)).sum();
        let mean = sum / known.len() as f64;
        let of_months = pair_error(&by_month).map(|(se, _)| se);
        let of_orders = self.drawn.as_ref().map_or(0.0, |drawn| {
            let over_months = |order: &Vec<usize>| {
                let set = before(order, player);
                known.iter().map(|month| gain(set, *month)).sum::<f64>() / known.len() as f64
            };
            let gains: Vec<f64> = drawn.iter().map(over_months).collect();
            // An order and its reverse are one draw.
            pair_error(&gains).map_or(0.0, |(se, _)| se)
        });
        let of_windows = self.of_windows(player, &weighted, strays);
        Value {
            mean,
            se: of_months.map(|se| se.hypot(of_orders).hypot(of_windows)),
        }
    }

    /// What windows add to a value's error: all sets share them, so that what a window moves in all of them alike cancels.
    fn of_windows(&self, player: usize, weighted: &[(u32, f64)], strays: &[Vec<f64>]) -> f64 {
        let windows = strays.iter().map(Vec::len).max().unwrap_or(0);
        let stray = |set: u32, window: usize| {
            self.place(set)
                .and_then(|place| strays.get(place)?.get(window).copied())
                .unwrap_or(0.0)
        };
        let squares = (0..windows).map(|window| {
            let moved: f64 = weighted
                .iter()
                .map(|(set, weight)| {
                    weight * (stray(set | 1 << player, window) - stray(*set, window))
                })
                .sum();
            moved * moved
        });
        squares.sum::<f64>().sqrt()
    }

    /// The sets that a player joins, each with its weight.
    fn weights(&self, player: usize) -> Vec<(u32, f64)> {
        if let Some(drawn) = &self.drawn {
            let weight = 1.0 / drawn.len() as f64;
            return drawn
                .iter()
                .map(|order| (before(order, player), weight))
                .collect();
        }
        // Shapley 1953: |S|! (n − |S| − 1)! / n! for every set without the player.
        let others = self.sets.iter().filter(|set| *set >> player & 1 == 0);
        let weight = |set: u32| {
            let size = set.count_ones();
            1.0 / (self.players as f64 * binomial(self.players - 1, size))
        };
        others.map(|set| (*set, weight(*set))).collect()
    }
}

fn full(players: usize) -> u32 {
    (0..players).fold(0, |set, player| set | 1 << player)
}

/// n over k.
fn binomial(n: usize, k: u32) -> f64 {
    (0..k).fold(1.0, |product, i| {
        product * (n as f64 - f64::from(i)) / (f64::from(i) + 1.0)
    })
}

/// The players that come before one.
fn before(order: &[usize], player: usize) -> u32 {
    order
        .iter()
        .take_while(|it| **it != player)
        .fold(0, |set, it| set | 1 << it)
}

/// The sets that an order walks through.
fn prefixes(order: &[usize]) -> Vec<u32> {
    let mut sets = vec![0];
    let mut set = 0;
    for player in order {
        set |= 1 << player;
        sets.push(set);
    }
    sets
}

/// Orders drawn by shuffling (Fisher and Yates), each followed by its reverse.
fn draw(players: usize, pairs: usize, seed: u64) -> Vec<Vec<usize>> {
    let mut state = mix(seed);
    let mut drawn = Vec::new();
    for _ in 0..pairs {
        let mut order: Vec<usize> = (0..players).collect();
        for place in (1..players).rev() {
            state = mix(state);
            let other = usize::try_from(state % (place as u64 + 1)).unwrap_or(0);
            order.swap(place, other);
        }
        let reverse = order.iter().rev().copied().collect();
        drawn.push(order);
        drawn.push(reverse);
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A game of four players with interactions of every size, one month.
    fn worth(set: u32) -> f64 {
        let there = |player: u32| f64::from(set >> player & 1);
        3.0 * there(0) - 2.0 * there(1)
            + 5.0 * there(0) * there(1)
            + 7.0 * there(1) * there(2) * there(3)
            + 11.0
    }

    fn values(orders: &Orders, worth: fn(u32) -> f64) -> Vec<Value> {
        let worths: Vec<Vec<f64>> = orders
            .sets()
            .iter()
            .map(|set| vec![worth(*set); 4])
            .collect();
        let worths: Vec<&[f64]> = worths.iter().map(Vec::as_slice).collect();
        (0..orders.players)
            .map(|it| orders.value(it, &worths, &[], &[0, 1, 2, 3], 4))
            .collect()
    }

    #[test]
    fn an_interaction_is_shared_equally_by_those_who_make_it() {
        let found = values(&Orders::of(4, 5, 0, 1), worth);
        let third = 7.0 / 3.0;
        for (value, expected) in found
            .iter()
            .zip([3.0 + 2.5, -2.0 + 2.5 + third, third, third])
        {
            assert!(
                (value.mean - expected).abs() < 1e-12,
                "{} for {expected}",
                value.mean
            );
        }
    }

    #[test]
    fn drawn_orders_sum_up_exactly_and_agree_within_their_error() {
        let exact = values(&Orders::of(4, 5, 0, 1), worth);
        let drawn = values(&Orders::of(4, 0, 400, 9), worth);
        let sum: f64 = drawn.iter().map(|value| value.mean).sum();
        assert!((sum - (worth(15) - worth(0))).abs() < 1e-9);
        for (drawn, exact) in drawn.iter().zip(&exact) {
            let se = drawn.se.expect("two months");
            assert!(
                (drawn.mean - exact.mean).abs() <= 4.5 * se + 1e-9,
                "{drawn:?} for {exact:?}"
            );
            assert!(se < 0.5);
        }
    }

    #[test]
    fn what_a_window_moves_in_all_sets_alike_is_no_error() {
        // Two players. Window 0 moves every set by 5; window 1 moves those with player 0 by 3; window 2 only both
        // together, by 4, of which each player has half.
        let orders = Orders::of(2, 5, 0, 1);
        let strays: Vec<Vec<f64>> = orders
            .sets()
            .iter()
            .map(|set| {
                let both = f64::from(u8::from(*set == 3));
                vec![5.0, 3.0 * f64::from(set & 1), 4.0 * both]
            })
            .collect();
        let worths = vec![[1.0; 4].as_slice(); 4];
        let error = |player| {
            let value = orders.value(player, &worths, &strays, &[0, 1, 2, 3], 4);
            value.se.expect("two pairs of months")
        };
        assert!((error(0) - 3.0_f64.hypot(2.0)).abs() < 1e-12);
        assert!((error(1) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn many_players_need_few_sets() {
        let orders = Orders::of(14, 5, 12, 3);
        assert!(!orders.is_exact());
        // Both ends, and at most 13 sets between them for each order.
        assert!(orders.sets().len() <= 2 + 12 * 13);
        assert_eq!(orders.place(0), Some(0));
        assert_eq!(orders.full(), (1 << 14) - 1);
        assert!(orders.place(orders.full()).is_some());
    }
}
