//! What holds for every distribution that a scenario can name, and for the samplers compiled from them.

#![expect(
    clippy::too_many_lines,
    clippy::unnecessary_box_returns,
    reason = "tables of cases, and boxes as the parameters hold them"
)]

use gonogo::quantity::{Law, Quantity, Sampler, Shape};
use proptest::prelude::*;

fn exact(number: f64) -> Box<Quantity> {
    Box::new(Quantity::exact(number))
}

fn law_of(quantity: &Quantity) -> Law {
    quantity
        .law(&mut |_| unreachable!("every parameter is exact"))
        .expect("a law")
}

fn law(shape: Shape) -> Law {
    law_of(&Quantity::of(shape))
}

fn quantiles(low: (f64, f64), high: (f64, f64)) -> Quantity {
    Quantity::of(Shape::Quantiles {
        low: (low.0, exact(low.1)),
        high: (high.0, exact(high.1)),
    })
}

fn first_token() -> Quantity {
    Quantity::of(Shape::Mix(vec![
        (Quantity::exact(0.98), quantiles((0.5, 0.6), (0.95, 1.1))),
        (Quantity::exact(0.02), quantiles((0.5, 4.0), (0.95, 12.0))),
    ]))
}

fn cut(shape: Shape, min: Option<f64>, max: Option<f64>) -> Quantity {
    Quantity { shape, min, max }
}

/// One or more of every continuous kind, by name.
fn continuous() -> Vec<(&'static str, Law)> {
    let plain = vec![
        (
            "range",
            Shape::Range90 {
                lo: 8_000.0,
                hi: 12_000.0,
            },
        ),
        ("range across 0", Shape::Range90 { lo: -3.0, hi: 5.0 }),
        (
            "mean and cv",
            Shape::LognormalMeanCv {
                mean: exact(400.0),
                cv: exact(0.6),
            },
        ),
        (
            "sigma 1",
            Shape::LognormalMuSigma {
                mu: exact(0.0),
                sigma: exact(1.0),
            },
        ),
        (
            "sigma 2",
            Shape::LognormalMuSigma {
                mu: exact(1.0),
                sigma: exact(2.0),
            },
        ),
        (
            "gamma by cv",
            Shape::GammaMeanCv {
                mean: exact(400.0),
                cv: exact(0.6),
            },
        ),
        (
            "gamma of small shape",
            Shape::Gamma {
                shape: exact(0.2),
                scale: exact(3.0),
            },
        ),
        (
            "gamma of large shape",
            Shape::Gamma {
                shape: exact(4_000.0),
                scale: exact(0.1),
            },
        ),
        (
            "gamma of huge shape",
            Shape::Gamma {
                shape: exact(3e5),
                scale: exact(0.1),
            },
        ),
        (
            "uniform",
            Shape::Uniform {
                low: exact(-2.0),
                high: exact(7.0),
            },
        ),
        (
            "triangular",
            Shape::Triangular {
                low: exact(1.0),
                mode: exact(2.0),
                high: exact(7.0),
            },
        ),
        (
            "pert",
            Shape::Pert {
                low: exact(1.0),
                mode: exact(2.0),
                high: exact(7.0),
            },
        ),
        (
            "normal",
            Shape::Normal {
                mean: exact(5.0),
                sd: exact(2.0),
            },
        ),
        ("exponential", Shape::Exponential { mean: exact(20.0) }),
        (
            "exponential by rate",
            Shape::ExponentialRate { rate: exact(20.0) },
        ),
        (
            "weibull of heavy tail",
            Shape::Weibull {
                shape: exact(0.6),
                scale: exact(3.0),
            },
        ),
        (
            "weibull",
            Shape::Weibull {
                shape: exact(2.5),
                scale: exact(3.0),
            },
        ),
        (
            "pareto",
            Shape::Pareto {
                scale: exact(2.0),
                shape: exact(2.5),
            },
        ),
        (
            "pareto of heavy tail",
            Shape::Pareto {
                scale: exact(2.0),
                shape: exact(1.2),
            },
        ),
        (
            "beta",
            Shape::Beta {
                alpha: exact(2.0),
                beta: exact(5.0),
            },
        ),
        (
            "beta by cv",
            Shape::BetaMeanCv {
                mean: exact(0.05),
                cv: exact(0.5),
            },
        ),
    ];
    let cuts = vec![
        (
            "cut log-normal",
            cut(
                Shape::LognormalMuSigma {
                    mu: exact(0.0),
                    sigma: exact(1.0),
                },
                Some(0.3),
                Some(8.0),
            ),
        ),
        (
            "cut normal",
            cut(
                Shape::Normal {
                    mean: exact(5.0),
                    sd: exact(2.0),
                },
                Some(0.0),
                None,
            ),
        ),
        (
            "normal cut far out",
            cut(
                Shape::Normal {
                    mean: exact(0.0),
                    sd: exact(1.0),
                },
                Some(7.0),
                None,
            ),
        ),
        (
            "gamma cut above",
            cut(
                Shape::Gamma {
                    shape: exact(2.0),
                    scale: exact(3.0),
                },
                None,
                Some(10.0),
            ),
        ),
        (
            "pareto cut above",
            cut(
                Shape::Pareto {
                    scale: exact(1.0),
                    shape: exact(0.8),
                },
                None,
                Some(1_000.0),
            ),
        ),
        (
            "weibull cut",
            cut(
                Shape::Weibull {
                    shape: exact(0.7),
                    scale: exact(3.0),
                },
                Some(0.1),
                Some(30.0),
            ),
        ),
        (
            "beta cut",
            cut(
                Shape::Beta {
                    alpha: exact(2.0),
                    beta: exact(5.0),
                },
                Some(0.1),
                Some(0.6),
            ),
        ),
        (
            "triangular cut",
            cut(
                Shape::Triangular {
                    low: exact(1.0),
                    mode: exact(2.0),
                    high: exact(7.0),
                },
                Some(1.5),
                Some(6.0),
            ),
        ),
        (
            "uniform cut",
            cut(
                Shape::Uniform {
                    low: exact(-2.0),
                    high: exact(7.0),
                },
                Some(0.0),
                None,
            ),
        ),
        ("mixture", first_token()),
        (
            "cut mixture",
            cut(first_token().shape, Some(0.2), Some(9.0)),
        ),
        (
            "two far humps",
            Quantity::of(Shape::Mix(vec![
                (
                    Quantity::exact(0.7),
                    Quantity::of(Shape::Normal {
                        mean: exact(10.0),
                        sd: exact(0.5),
                    }),
                ),
                (
                    Quantity::exact(0.3),
                    Quantity::of(Shape::Uniform {
                        low: exact(100.0),
                        high: exact(101.0),
                    }),
                ),
            ])),
        ),
    ];
    plain
        .into_iter()
        .map(|(name, shape)| (name, law(shape)))
        .chain(
            cuts.into_iter()
                .map(|(name, quantity)| (name, law_of(&quantity))),
        )
        .collect()
}

fn discrete() -> Vec<(&'static str, Law)> {
    vec![
        ("poisson", law(Shape::Poisson { mean: exact(3.2) })),
        ("rare poisson", law(Shape::Poisson { mean: exact(0.001) })),
        (
            "large poisson",
            law(Shape::Poisson {
                mean: exact(40_000.0),
            }),
        ),
        ("geometric", law(Shape::Geometric { mean: exact(3.0) })),
        (
            "values",
            law(Shape::Discrete {
                values: vec![5.0, 1.0, 2.0],
                weights: vec![1.0, 3.0, 0.0],
            }),
        ),
        (
            "cut poisson",
            law_of(&cut(
                Shape::Poisson { mean: exact(3.2) },
                Some(1.0),
                Some(9.0),
            )),
        ),
        (
            "cut geometric",
            law_of(&cut(
                Shape::Geometric { mean: exact(30.0) },
                Some(2.0),
                Some(50.0),
            )),
        ),
        (
            "mixed counts",
            law(Shape::Mix(vec![
                (Quantity::exact(0.4), Quantity::exact(1.0)),
                (
                    Quantity::exact(0.6),
                    Quantity::of(Shape::Poisson { mean: exact(6.0) }),
                ),
            ])),
        ),
    ]
}

fn near(name: &str, found: f64, wanted: f64, relative: f64) {
    assert!(
        (found - wanted).abs() <= relative * wanted.abs(),
        "{name}: found {found:e}, wanted {wanted:e}, off by {:e}",
        (found - wanted).abs() / wanted.abs()
    );
}

const PROBABILITIES: [f64; 12] = [
    1.164_153_218_269_348e-10,
    1e-9,
    1e-6,
    1e-3,
    0.02,
    0.05,
    0.1,
    0.25,
    0.3,
    0.45,
    0.4999,
    0.5,
];

#[test]
fn the_cdf_of_a_quantile_is_its_probability_in_both_tails() {
    for (name, law) in continuous() {
        for p in PROBABILITIES {
            // In a gap of the density, or where neighbouring doubles are further apart than the tail is wide, the
            // probability of the next double is the best there is.
            let x = law.quantile(p);
            // A probability counted from a truncation is a difference of two, each right to 1e-16.
            let slack = |x: f64, tail: &dyn Fn(f64) -> f64| {
                let next = (tail(x * (1.0 + 4e-16)) - tail(x * (1.0 - 4e-16))).abs();
                next + if name.contains("cut") { 2e-16 } else { 0.0 }
            };
            let found = law.cdf(x);
            assert!(
                (found - p).abs() <= 1e-9 * p + slack(x, &|x| law.cdf(x)),
                "{name} at {p}: {found:e}"
            );
            let x = law.upper_quantile(p);
            let found = law.upper_cdf(x);
            assert!(
                (found - p).abs() <= 1e-9 * p + slack(x, &|x| law.upper_cdf(x)),
                "{name} at 1 - {p}: {found:e}"
            );
        }
    }
}

#[test]
fn a_discrete_quantile_is_the_first_value_that_reaches_its_probability() {
    for (name, law) in discrete() {
        assert!(law.is_discrete());
        for p in PROBABILITIES {
            let x = law.quantile(p);
            assert!(law.cdf(x) >= p * (1.0 - 1e-12), "{name} at {p}");
            assert!(
                law.cdf(x) - law.mass_at(x) < p * (1.0 + 1e-12),
                "{name} at {p}"
            );
            let x = law.upper_quantile(p);
            assert!(law.upper_cdf(x) <= p * (1.0 + 1e-12), "{name} at 1 - {p}");
            assert!(
                law.upper_cdf(x) + law.mass_at(x) > p * (1.0 - 1e-12),
                "{name} at 1 - {p}"
            );
        }
    }
}

/// `∫ Q(u)^k du` by Gauss-Legendre on octaves of tail probability, independent of the closed forms.
fn by_integration(law: &Law, k: i32) -> f64 {
    let nodes = [
        (0.183_434_642_495_649_8, 0.362_683_783_378_362),
        (0.525_532_409_916_329, 0.313_706_645_877_887_3),
        (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
        (0.960_289_856_497_536_2, 0.101_228_536_290_376_26),
    ];
    let mut sum = 0.0;
    for upper in [false, true] {
        let q = |d: f64| {
            if upper {
                law.upper_quantile(d)
            } else {
                law.quantile(d)
            }
            .powi(k)
        };
        let mut inner: f64 = 0.5;
        for _ in 0..180 {
            let outer = inner / 2.0;
            for slice in 0..16 {
                let from = outer + (inner - outer) * f64::from(slice) / 16.0;
                let half = (inner - outer) / 32.0;
                for (x, w) in nodes {
                    sum += w * half * (q(from + half + half * x) + q(from + half - half * x));
                }
            }
            inner = outer;
        }
    }
    sum
}

#[test]
fn mean_and_variance_agree_with_integrating_the_quantile_function() {
    for (name, law) in continuous() {
        if name == "two far humps" {
            // Its quantile function jumps, which limits the integration; the closed form is a plain sum.
            near(name, law.mean(), 0.7 * 10.0 + 0.3 * 100.5, 1e-14);
            continue;
        }
        let tolerance = 2e-7;
        near(name, law.mean(), by_integration(&law, 1), tolerance);
        if law.variance().is_finite() && !name.starts_with("pareto") {
            let mean = law.mean();
            near(
                name,
                law.variance() + mean * mean,
                by_integration(&law, 2),
                tolerance,
            );
        }
    }
    let pareto = law(Shape::Pareto {
        scale: exact(2.0),
        shape: exact(2.5),
    });
    near("pareto", pareto.mean(), 2.0 * 2.5 / 1.5, 1e-14);
    near(
        "pareto",
        pareto.variance(),
        4.0 * 2.5 / (1.5 * 1.5 * 0.5),
        1e-14,
    );
}

#[test]
fn a_discrete_mean_and_variance_are_sums_over_its_values() {
    for (name, law) in discrete() {
        let top = law.upper_quantile(1e-15).min(law.support().1);
        let mut x = law.support().0;
        let (mut mean, mut square) = (0.0, 0.0);
        while x <= top {
            mean += x * law.mass_at(x);
            square += x * x * law.mass_at(x);
            x += 1.0;
        }
        near(name, law.mean(), mean, 1e-11);
        near(name, law.variance() + mean * mean, square, 1e-11);
    }
}

#[test]
fn ninety_percent_of_a_range_lies_between_its_ends() {
    let range = law(Shape::Range90 {
        lo: 8_000.0,
        hi: 12_000.0,
    });
    near("p05", range.quantile(0.05), 8_000.0, 1e-12);
    near("p95", range.quantile(0.95), 12_000.0, 1e-12);
    let across = law(Shape::Range90 { lo: -3.0, hi: 5.0 });
    near("p05", across.quantile(0.05), -3.0, 1e-12);
    near("mean", across.mean(), 1.0, 1e-12);
}

#[test]
fn the_written_quantiles_come_back() {
    let quantity = quantiles((0.5, 0.8), (0.95, 2.4));
    let law = law_of(&quantity);
    near("p50", law.quantile(0.5), 0.8, 1e-13);
    near("p95", law.quantile(0.95), 2.4, 1e-13);
    let law = law_of(&quantiles((0.1, 3.0), (0.99, 70.0)));
    near("p10", law.quantile(0.1), 3.0, 1e-13);
    near("p99", law.quantile(0.99), 70.0, 1e-13);
}

#[test]
fn mean_and_cv_come_back() {
    for shape in [
        Shape::LognormalMeanCv {
            mean: exact(400.0),
            cv: exact(0.6),
        },
        Shape::GammaMeanCv {
            mean: exact(400.0),
            cv: exact(0.6),
        },
    ] {
        let law = law(shape);
        near("mean", law.mean(), 400.0, 1e-13);
        near("cv", law.variance().sqrt() / law.mean(), 0.6, 1e-13);
    }
}

#[test]
fn a_sample_keeps_its_mean_and_its_range() {
    let sorted = vec![1.0, 2.0, 2.0, 4.0, 16.0];
    let law = law(Shape::Empirical { sorted, from: None });
    near("mean", law.mean(), 5.0, 1e-15);
    assert_eq!(law.quantile(0.0), 1.0);
    assert_eq!(law.quantile(0.5), 2.0);
    assert_eq!(law.upper_quantile(0.0), 16.0);
    near("between", law.quantile(0.6), 3.0, 1e-15);
    near("mass", law.mass_at(2.0), 0.2, 1e-12);
    near("sampler", Sampler::compile(&law).mean(), 5.0, 1e-9);
}

#[test]
fn no_spread_is_a_constant() {
    for shape in [
        Shape::LognormalMeanCv {
            mean: exact(4.0),
            cv: exact(0.0),
        },
        Shape::GammaMeanCv {
            mean: exact(4.0),
            cv: exact(0.0),
        },
        Shape::Range90 { lo: 4.0, hi: 4.0 },
        Shape::Uniform {
            low: exact(4.0),
            high: exact(4.0),
        },
        Shape::Normal {
            mean: exact(4.0),
            sd: exact(0.0),
        },
        quantiles((0.5, 4.0), (0.95, 4.0)).shape,
    ] {
        let quantity = Quantity::of(shape);
        assert_eq!(quantity.as_exact(), Some(4.0), "{quantity:?}");
        let law = law_of(&quantity);
        assert_eq!((law.mean(), law.variance()), (4.0, 0.0));
        assert_eq!(Sampler::compile(&law).draw(77), 4.0);
    }
}

#[test]
fn uncertain_parameters_are_asked_for_in_the_order_in_which_they_are_listed() {
    let range = |lo, hi| Quantity::of(Shape::Range90 { lo, hi });
    let uncertain = Quantity::of(Shape::Mix(vec![
        (range(0.1, 0.3), quantiles((0.5, 0.8), (0.95, 2.4))),
        (
            Quantity::exact(0.5),
            Quantity::of(Shape::Quantiles {
                low: (0.5, Box::new(range(300.0, 500.0))),
                high: (0.95, Box::new(range(1_800.0, 2_000.0))),
            }),
        ),
    ]));
    let mut asked = Vec::new();
    let law = uncertain
        .law(&mut |parameter| {
            asked.push(parameter.clone());
            law_of(parameter).quantile(0.5)
        })
        .expect("a law");
    let listed: Vec<_> = uncertain.nested().into_iter().cloned().collect();
    assert_eq!(asked, listed);
    assert_eq!(listed.len(), 3);
    assert!(uncertain.has_uncertain_parameters());
    assert!(law.mean() > 0.0);
}

#[test]
fn impossible_numbers_are_refused_with_the_key_to_blame() {
    let cases = [
        (
            Shape::LognormalMeanCv {
                mean: exact(4.0),
                cv: exact(-0.1),
            },
            "cv",
        ),
        (
            Shape::GammaMeanCv {
                mean: exact(-4.0),
                cv: exact(0.1),
            },
            "mean",
        ),
        (quantiles((0.5, 3.0), (0.95, 2.0)).shape, "p95"),
        (quantiles((0.5, 0.0), (0.95, 2.0)).shape, "p50"),
        (Shape::Range90 { lo: 5.0, hi: 4.0 }, "range"),
        (
            Shape::Pareto {
                scale: exact(1.0),
                shape: exact(0.9),
            },
            "shape",
        ),
        (Shape::Poisson { mean: exact(-1.0) }, "mean"),
        (Shape::Geometric { mean: exact(0.5) }, "mean"),
        (
            Shape::Triangular {
                low: exact(1.0),
                mode: exact(9.0),
                high: exact(7.0),
            },
            "mode",
        ),
        (
            Shape::Discrete {
                values: vec![1.0],
                weights: vec![1.0, 2.0],
            },
            "weights",
        ),
        (
            Shape::Normal {
                mean: exact(f64::NAN),
                sd: exact(1.0),
            },
            "mean",
        ),
        (
            Shape::BetaMeanCv {
                mean: exact(0.5),
                cv: exact(1.5),
            },
            "cv",
        ),
        (
            Shape::Mix(vec![(Quantity::exact(1.5), Quantity::exact(1.0))]),
            "share",
        ),
    ];
    for (shape, key) in cases {
        let error = Quantity::of(shape.clone())
            .law(&mut |_| 0.0)
            .expect_err("refused");
        assert_eq!(error.key, key, "{shape:?}");
    }
    let nothing = cut(
        Shape::Uniform {
            low: exact(0.0),
            high: exact(1.0),
        },
        Some(2.0),
        None,
    );
    assert_eq!(nothing.law(&mut |_| 0.0).expect_err("refused").key, "min");
}

#[test]
fn a_sampler_keeps_the_mean_of_its_law() {
    for (name, law) in continuous() {
        let sampler = Sampler::compile(&law);
        near(name, sampler.mean(), law.mean(), 2e-5);
    }
    for (name, law) in discrete() {
        // Each threshold is at most half a word of 2^-32 off.
        let values = 1.0 + law.upper_quantile(1e-9) - law.quantile(1e-9);
        let off = (Sampler::compile(&law).mean() - law.mean()).abs();
        assert!(
            off <= values * 0.5 / 4_294_967_296.0 + 1e-9 * law.mean(),
            "{name}: off by {off:e}"
        );
    }
}

#[test]
fn a_log_normal_sampler_is_within_a_ten_thousandth_of_its_quantiles_everywhere() {
    for sigma in [0.1, 0.5, 1.0] {
        let law = law(Shape::LognormalMuSigma {
            mu: exact(0.3),
            sigma: exact(sigma),
        });
        let sampler = Sampler::compile(&law);
        near("mean", sampler.mean(), law.mean(), 1e-7);
        let mut bits: u32 = 0;
        for step in 0..200_000_u32 {
            let upper = !bits;
            let d = (f64::from(bits) + 0.5) / 4_294_967_296.0;
            // The outermost words stand for the mean of their slice.
            if bits >= 32 {
                near("lower", sampler.draw(bits), law.quantile(d), 1e-4);
                near("upper", sampler.draw(upper), law.upper_quantile(d), 1e-4);
            }
            let growth = 1 + bits / 12_000 + u32::from(step % 7 == 0);
            bits = bits.saturating_add(growth);
            if bits >= 1 << 31 {
                break;
            }
        }
    }
}

#[test]
fn a_sampler_never_falls_when_its_word_rises() {
    let mut laws = continuous();
    laws.extend(discrete());
    for (name, law) in laws {
        let sampler = Sampler::compile(&law);
        let mut words: Vec<u32> = (0..300).collect();
        words.extend((0..=32).flat_map(|k| {
            let power = (1_u64 << k).min(u64::from(u32::MAX));
            let word = u32::try_from(power).expect("at most 2^32 - 1");
            [word.saturating_sub(1), word, word.saturating_add(1)]
        }));
        words.extend((0..40_000_u32).map(|i| i.wrapping_mul(107_374)));
        let mirrored: Vec<u32> = words.iter().map(|word| !word).collect();
        words.extend(mirrored);
        words.sort_unstable();
        let mut before = f64::NEG_INFINITY;
        for word in words {
            let x = sampler.draw(word);
            assert!(
                x >= before - 1e-12 * before.abs(),
                "{name}: {x} after {before} at {word}"
            );
            before = x;
        }
    }
}

#[test]
fn a_discrete_sampler_has_the_right_number_of_words_for_each_value() {
    for (name, law) in discrete() {
        let sampler = Sampler::compile(&law);
        // The first word of each value, found by bisection, tells how many words lie below it.
        for p in [0.001, 0.1, 0.3, 0.5, 0.77, 0.99, 0.99999] {
            let value = law.quantile(p);
            let (mut low, mut high) = (0_u64, 1_u64 << 32);
            while low < high {
                let mid = u64::midpoint(low, high);
                if sampler.draw(u32::try_from(mid).expect("below 2^32")) > value {
                    high = mid;
                } else {
                    low = mid + 1;
                }
            }
            #[expect(clippy::cast_precision_loss, reason = "at most 2^32")]
            let below = low as f64;
            let wanted = law.cdf(value) * 4_294_967_296.0;
            assert!(
                (below - wanted).abs() <= 0.5001,
                "{name} at {value}: {below} words, wanted {wanted}"
            );
        }
    }
}

/// A van der Corput sequence: evenly spread points without randomness.
fn evenly(mut index: u32, base: u32) -> f64 {
    let (mut x, mut scale) = (0.0, 1.0);
    while index > 0 {
        scale /= f64::from(base);
        x += scale * f64::from(index % base);
        index /= base;
    }
    x
}

#[test]
fn a_residual_life_in_equilibrium_has_the_mean_that_renewal_theory_gives() {
    let cases = [
        ("exponential", law(Shape::Exponential { mean: exact(20.0) })),
        ("log-normal", law_of(&quantiles((0.5, 25.0), (0.95, 180.0)))),
        ("constant", Law::constant(30.0)),
        ("poisson", law(Shape::Poisson { mean: exact(4.0) })),
        ("mixture", law_of(&first_token())),
    ];
    for (name, law) in cases {
        let sampler = Sampler::compile(&law);
        let n = 20_000;
        let sum: f64 = (1..=n)
            .map(|i| sampler.length_biased(evenly(i, 2), evenly(i, 3)))
            .sum();
        let wanted = (law.variance() + law.mean() * law.mean()) / (2.0 * law.mean());
        near(name, sum / f64::from(n), wanted, 5e-3);
    }
}

#[test]
fn the_residual_life_of_an_exponential_is_the_same_exponential() {
    let law = law(Shape::Exponential { mean: exact(20.0) });
    let sampler = Sampler::compile(&law);
    let n: u32 = 40_000;
    let mut lives: Vec<f64> = (1..=n)
        .map(|i| sampler.length_biased(evenly(i, 2), evenly(i, 3)))
        .collect();
    lives.sort_by(f64::total_cmp);
    let distance = lives
        .iter()
        .zip(1..)
        .map(|(&x, rank)| (law.cdf(x) - f64::from(rank) / f64::from(n)).abs())
        .fold(0.0, f64::max);
    // The discrepancy of this point set is a few log²(n)/n; a wrong law would be off by hundredths.
    assert!(distance < 0.003, "Kolmogorov distance {distance}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_log_normal_keeps_its_quantiles_and_mean(mean in 0.01_f64..1e6, cv in 0.01_f64..3.0, p in 1e-9_f64..0.5) {
        let law = law(Shape::LognormalMeanCv { mean: exact(mean), cv: exact(cv) });
        prop_assert!((law.cdf(law.quantile(p)) / p - 1.0).abs() < 1e-9);
        prop_assert!((law.upper_cdf(law.upper_quantile(p)) / p - 1.0).abs() < 1e-9);
        prop_assert!((Sampler::compile(&law).mean() / mean - 1.0).abs() < 2e-5);
    }

    #[test]
    fn any_gamma_keeps_its_quantiles_and_mean(mean in 0.01_f64..1e6, cv in 0.02_f64..2.5, p in 1e-9_f64..0.5) {
        let law = law(Shape::GammaMeanCv { mean: exact(mean), cv: exact(cv) });
        prop_assert!((law.cdf(law.quantile(p)) / p - 1.0).abs() < 1e-9);
        prop_assert!((law.upper_cdf(law.upper_quantile(p)) / p - 1.0).abs() < 1e-9);
        prop_assert!((Sampler::compile(&law).mean() / mean - 1.0).abs() < 2e-5);
    }

    #[test]
    fn truncating_keeps_everything_between_the_limits(
        mean in 1.0_f64..1e4, cv in 0.1_f64..1.5, low in 0.05_f64..0.4, width in 0.1_f64..0.5, word: u32
    ) {
        let whole = law(Shape::LognormalMeanCv { mean: exact(mean), cv: exact(cv) });
        let (min, max) = (whole.quantile(low), whole.quantile(low + width));
        let law = law_of(&cut(
            Shape::LognormalMeanCv { mean: exact(mean), cv: exact(cv) }, Some(min), Some(max),
        ));
        let sampler = Sampler::compile(&law);
        prop_assert!((min..=max).contains(&sampler.draw(word)));
        prop_assert!((min..=max).contains(&law.mean()));
        let middle = whole.quantile(low + 0.5 * width);
        prop_assert!((law.cdf(middle) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_mixture_is_the_weighted_sum_of_its_parts(share in 0.01_f64..0.99, gap in 1.0_f64..50.0, p in 1e-9_f64..1.0) {
        let parts = [quantiles((0.5, 0.6), (0.95, 1.1)), quantiles((0.5, 0.6 * gap), (0.95, 2.0 * gap))];
        let [a, b] = parts.clone().map(|part| law_of(&part));
        let [first, second] = parts;
        let mix = law(Shape::Mix(vec![
            (Quantity::exact(share), first), (Quantity::exact(1.0 - share), second),
        ]));
        let x = mix.quantile(p);
        prop_assert!((share * a.cdf(x) + (1.0 - share) * b.cdf(x) - p).abs() < 1e-9 * p);
        prop_assert!((mix.mean() / (share * a.mean() + (1.0 - share) * b.mean()) - 1.0).abs() < 1e-12);
        prop_assert!((Sampler::compile(&mix).mean() / mix.mean() - 1.0).abs() < 2e-5);
    }
}
