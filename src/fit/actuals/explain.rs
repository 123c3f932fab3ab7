//! The difference in dollars, shared out among what differs.

use super::{Factor, ModelSpend, Spend};

/// What is exchanged, in the order of [`NAMES`]' bits.
const NAMES: [(&str, &str); 7] = [
    ("volume", "calls"),
    ("input_tokens", "tokens per call"),
    ("output_tokens", "tokens per call"),
    ("cache_hits", "share of input"),
    ("mix", "share of tokens of the most used model"),
    ("price", "USD per million tokens"),
    ("waste", "USD per 1,000 calls"),
];

/// What each factor explains, the largest first; the dollars sum to actual less projected.
pub(super) fn factors(projected: &Spend, actual: &Spend) -> Vec<Factor> {
    let players = NAMES.len();
    let worth: Vec<f64> = (0..1_usize << players)
        .map(|set| worth(projected, actual, set))
        .collect();
    let at = |set: usize| worth.get(set).copied().unwrap_or(0.0);
    // Shapley 1953: |S|! (n − |S| − 1)! / n! for every set S without the player.
    let weight = |size: u32| {
        let mut product = 1.0 / players as f64;
        for k in 0..size {
            product *= f64::from(k + 1) / (players as f64 - 1.0 - f64::from(k));
        }
        product
    };
    let shown = [shown(projected, projected), shown(actual, projected)];
    let mut found: Vec<Factor> = NAMES
        .iter()
        .enumerate()
        .map(|(player, (name, unit))| {
            let bit = 1_usize << player;
            let usd = (0..worth.len())
                .filter(|set| set & bit == 0)
                .map(|set| weight(set.count_ones()) * (at(set | bit) - at(set)))
                .sum();
            let side = |which: usize| {
                let those = shown.get(which).copied().unwrap_or_default();
                those.get(player).copied().unwrap_or(0.0)
            };
            Factor {
                name: (*name).to_owned(),
                projected: side(0),
                actual: side(1),
                unit: (*unit).to_owned(),
                usd,
            }
        })
        .collect();
    found.sort_by(|a, b| b.usd.abs().total_cmp(&a.usd.abs()));
    found
}

/// Dollars with the factors of a set as they were, the others as projected.
fn worth(projected: &Spend, actual: &Spend, set: usize) -> f64 {
    let side = |player: usize| {
        if set >> player & 1 == 1 {
            actual
        } else {
            projected
        }
    };
    let per_call = |spend: &Spend, sum: f64| {
        if spend.calls > 0.0 {
            sum / spend.calls
        } else {
            0.0
        }
    };
    let calls = side(0).calls;
    let input = calls * per_call(side(1), side(1).sum(|it| it.input));
    let output = calls * per_call(side(2), side(2).sum(|it| it.output));
    let waste = calls * per_call(side(6), side(6).waste_usd);
    let (mix, hits, prices) = (side(4), side(3), side(5));
    let (all_input, all_output) = (mix.sum(|it| it.input), mix.sum(|it| it.output));
    let share = |part: f64, all: f64| if all > 0.0 { part / all } else { 0.0 };
    let paid: f64 = mix
        .models
        .iter()
        .enumerate()
        .map(|(place, model)| {
            // A model that one side does not know has the other side's hits and prices.
            let other = |first: &Spend, second: &Spend| -> ModelSpend {
                first
                    .models
                    .get(place)
                    .filter(|it| it.tokens() > 0.0)
                    .or_else(|| second.models.get(place).filter(|it| it.tokens() > 0.0))
                    .or_else(|| first.models.get(place))
                    .cloned()
                    .unwrap_or_default()
            };
            let opposite = |spend: &Spend| {
                if std::ptr::eq(spend, actual) {
                    projected
                } else {
                    actual
                }
            };
            let cached = {
                let it = other(hits, opposite(hits));
                share(it.cached, it.input)
            };
            let [plain, read, out] = other(prices, opposite(prices)).price;
            input * share(model.input, all_input) * ((1.0 - cached) * plain + cached * read)
                + output * share(model.output, all_output) * out
        })
        .sum();
    paid + waste
}

/// What each factor is on one side. Prices are those of the projection's tokens, so that they compare like with like.
fn shown(spend: &Spend, projected: &Spend) -> [f64; 7] {
    let per = |part: f64, all: f64| if all > 0.0 { part / all } else { 0.0 };
    let (input, output) = (spend.sum(|it| it.input), spend.sum(|it| it.output));
    let main = projected
        .models
        .iter()
        .enumerate()
        .max_by(|a, b| a.1.tokens().total_cmp(&b.1.tokens()))
        .map_or(0, |it| it.0);
    let main_tokens = spend.models.get(main).map_or(0.0, ModelSpend::tokens);
    let (mut usd, mut tokens) = (0.0, 0.0);
    for (place, model) in projected.models.iter().enumerate() {
        let Some(own) = spend.models.get(place).filter(|it| it.tokens() > 0.0) else {
            continue;
        };
        let priced = ModelSpend {
            price: own.price,
            ..model.clone()
        };
        usd += priced.usd();
        tokens += priced.tokens();
    }
    [
        spend.calls,
        per(input, spend.calls),
        per(output, spend.calls),
        per(spend.sum(|it| it.cached), input),
        per(main_tokens, input + output),
        1e6 * per(usd, tokens),
        1e3 * per(spend.waste_usd, spend.calls),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend(calls: f64, models: &[(f64, f64, f64, [f64; 3])]) -> Spend {
        Spend {
            calls,
            models: models
                .iter()
                .map(|(input, cached, output, price)| ModelSpend {
                    name: String::new(),
                    input: *input,
                    cached: *cached,
                    output: *output,
                    price: *price,
                })
                .collect(),
            waste_usd: 0.0,
        }
    }

    fn usd(factors: &[Factor], name: &str) -> f64 {
        factors
            .iter()
            .find(|it| it.name == name)
            .map_or(f64::NAN, |it| it.usd)
    }

    #[test]
    fn a_change_of_one_factor_is_that_factor_and_nothing_else() {
        const PRICE: [f64; 3] = [2e-6, 1e-6, 8e-6];
        let base = spend(
            1e3,
            &[(1e6, 2e5, 3e5, PRICE), (5e5, 0.0, 1e5, [1e-6, 1e-6, 2e-6])],
        );
        let cases: [(&str, Spend); 6] = [
            ("volume", base.scaled(1.3)),
            ("input_tokens", {
                let mut it = base.clone();
                for model in &mut it.models {
                    (model.input, model.cached) = (model.input * 1.5, model.cached * 1.5);
                }
                it
            }),
            ("output_tokens", {
                let mut it = base.clone();
                for model in &mut it.models {
                    model.output *= 0.5;
                }
                it
            }),
            ("cache_hits", {
                let mut it = base.clone();
                it.models[0].cached = 8e5;
                it
            }),
            ("price", {
                let mut it = base.clone();
                it.models[0].price = PRICE.map(|price| 0.9 * price);
                it
            }),
            ("mix", {
                let mut it = base.clone();
                (it.models[0].output, it.models[1].output) = (1e5, 3e5);
                it
            }),
        ];
        for (name, actual) in cases {
            let factors = factors(&base, &actual);
            let difference = actual.usd() - base.usd();
            for factor in &factors {
                let expected = if factor.name == name { difference } else { 0.0 };
                assert!(
                    (factor.usd - expected).abs() < 1e-9,
                    "{name}: {factor:?}, {difference}"
                );
            }
        }
    }

    #[test]
    fn factors_sum_to_the_difference_exactly_when_everything_differs() {
        let base = spend(
            1e3,
            &[
                (1e6, 2e5, 3e5, [2e-6, 1e-6, 8e-6]),
                (0.0, 0.0, 0.0, [1e-6, 5e-7, 3e-6]),
            ],
        );
        let mut actual = spend(
            1.7e3,
            &[
                (1.9e6, 9e5, 2e5, [2.2e-6, 1.1e-6, 8.8e-6]),
                (4e5, 1e5, 9e5, [9e-7, 4e-7, 2e-6]),
                (3e5, 0.0, 1e5, [5e-6; 3]),
            ],
        );
        actual.waste_usd = 0.7;
        let factors = factors(&base, &actual);
        let sum: f64 = factors.iter().map(|it| it.usd).sum();
        assert!((sum - (actual.usd() - base.usd())).abs() < 1e-9);
        assert!(usd(&factors, "volume") > 0.0 && usd(&factors, "waste") > 0.0);
    }
}
