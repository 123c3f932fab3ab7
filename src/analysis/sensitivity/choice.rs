//! What would be chosen if a fact were known.

use super::Measuring;
use super::curve::{Curve, Ends, NODES, jackknife, probability};

/// A strategy in three runs: costs of pairs of months, and the smallest share of months that holds a promise.
#[derive(Debug, Clone)]
pub(super) struct Option3 {
    pub(super) name: String,
    pub(super) low: (Vec<f64>, f64),
    pub(super) free: (Vec<f64>, f64),
    pub(super) high: (Vec<f64>, f64),
}

/// The place of the cheapest that holds; of the one that holds in most months where none does.
pub(super) fn choose(options: &[(f64, f64)], confidence: f64) -> Option<usize> {
    let holding = |held: f64| held >= confidence - 1e-9;
    let cheapest = options
        .iter()
        .enumerate()
        .filter(|(_, (_, held))| holding(*held))
        .min_by(|a, b| a.1.0.total_cmp(&b.1.0));
    let most = || {
        options
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.1.total_cmp(&b.1.1).then(b.1.0.total_cmp(&a.1.0)))
    };
    cheapest.or_else(most).map(|(place, _)| place)
}

/// What knowing the fact would change. The share of months that hold is taken as straight between the ends and the
/// middle, where it is that of the free run.
pub(super) fn measuring(
    path: &str,
    ends: &Ends,
    options: &[Option3],
    confidence: f64,
) -> Measuring {
    let pairs = options.first().map_or(0, |it| it.free.0.len());
    let free: Vec<(f64, f64)> = options
        .iter()
        .map(|it| (super::curve::mean_without(&it.free.0, None), it.free.1))
        .collect();
    let present = choose(&free, confidence).unwrap_or(0);
    let look = |without: Option<usize>| look(ends, options, present, confidence, without);
    let (changes, changes_se) = jackknife(pairs, |without| look(without).changes);
    let (saves_usd, saves_se) = jackknife(pairs, |without| look(without).saves);
    let seen = look(None);
    let mut instead: Vec<(String, f64)> = options
        .iter()
        .zip(&seen.instead)
        .filter(|(_, chance)| **chance > 0.0)
        .map(|(option, chance)| (option.name.clone(), *chance))
        .collect();
    instead.sort_by(|a, b| b.1.total_cmp(&a.1));
    Measuring {
        path: path.to_owned(),
        changes,
        changes_se,
        saves_usd,
        saves_se,
        keeps: seen.keeps,
        instead,
    }
}

struct Look {
    changes: f64,
    saves: f64,
    keeps: f64,
    instead: Vec<f64>,
}

fn look(
    ends: &Ends,
    options: &[Option3],
    present: usize,
    confidence: f64,
    without: Option<usize>,
) -> Look {
    let curves: Vec<Curve> = options
        .iter()
        .map(|it| Curve::through(ends, &it.low.0, &it.free.0, &it.high.0, without))
        .collect();
    let mut found = Look {
        changes: 0.0,
        saves: 0.0,
        keeps: 0.0,
        instead: vec![0.0; options.len()],
    };
    let one = 1.0 / NODES as f64;
    for (node, x) in ends.nodes.iter().enumerate() {
        let p = probability(node);
        let here: Vec<(f64, f64)> = options
            .iter()
            .zip(&curves)
            .map(|(option, curve)| (curve.at(ends, *x), held(option, p)))
            .collect();
        let Some(choice) = choose(&here, confidence) else {
            continue;
        };
        let (Some(now), Some(then)) = (here.get(present), here.get(choice)) else {
            continue;
        };
        if choice == present {
            continue;
        }
        found.changes += one;
        if let Some(chance) = found.instead.get_mut(choice) {
            *chance += one;
        }
        let holds = |option: &(f64, f64)| option.1 >= confidence - 1e-9;
        if holds(now) {
            found.saves += one * (now.0 - then.0);
        } else if holds(then) {
            found.keeps += one;
        }
    }
    found
}

/// Share of months that hold with the fact at a probability.
fn held(option: &Option3, p: f64) -> f64 {
    let (low, free, high) = (option.low.1, option.free.1, option.high.1);
    if p < 0.5 {
        low + (free - low) * ((p - 0.05) / 0.45).max(0.0)
    } else {
        free + (high - free) * ((p - 0.5) / 0.45).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::{Quantity, Shape};

    #[test]
    fn knowing_which_of_two_is_cheaper_saves_the_closed_form() {
        // A costs 10 x with x uniform on 0..1, B always 7: choosing A, measuring changes the choice with chance 0.3
        // and saves ∫ from 0.7 to 1 of (10 x − 7) = 0.45.
        let end = |x| Box::new(Quantity::exact(x));
        let law = Quantity::of(Shape::Uniform {
            low: end(0.0),
            high: end(1.0),
        })
        .law(&mut |_| f64::NAN)
        .unwrap();
        let drawn: Vec<f64> = (0..10).map(|i| (f64::from(i) + 0.5) / 10.0).collect();
        let free: Vec<f64> = drawn.iter().map(|x| 10.0 * x).collect();
        let ends = Ends::new(&law, drawn);
        let options = [
            Option3 {
                name: "a".to_owned(),
                low: (vec![0.5; 10], 1.0),
                free: (free, 1.0),
                high: (vec![9.5; 10], 1.0),
            },
            Option3 {
                name: "b".to_owned(),
                low: (vec![7.0; 10], 1.0),
                free: (vec![7.0; 10], 1.0),
                high: (vec![7.0; 10], 1.0),
            },
        ];
        let found = measuring("x", &ends, &options, 0.95);
        assert!((found.changes - 0.3).abs() < 0.01, "{found:?}");
        assert!((found.saves_usd - 0.45).abs() < 0.005, "{found:?}");
        assert_eq!(found.instead[0].0, "b");
    }

    #[test]
    fn the_cheapest_that_holds_is_chosen_and_else_the_one_that_holds_most() {
        assert_eq!(
            choose(&[(1.0, 0.5), (3.0, 0.99), (2.0, 0.96)], 0.95),
            Some(2)
        );
        assert_eq!(choose(&[(1.0, 0.5), (3.0, 0.7)], 0.95), Some(1));
    }
}
