//! Every way to write a number in a scenario, every way to get it wrong, and back to text.

#![expect(
    clippy::too_many_lines,
    clippy::unnecessary_box_returns,
    reason = "tables of cases, and boxes as the parameters hold them"
)]

use gonogo::quantity::{Column, Context, Quantity, Role, Shape};
use gonogo::reading::Problem;
use proptest::prelude::*;
use toml::de::DeTable;

fn read_with(
    value: &str,
    role: Role,
    context: &Context<'_>,
) -> Result<Quantity, (String, Vec<Problem>)> {
    let text = format!("x = {value}\n");
    let table = DeTable::parse(&text).expect("valid TOML");
    let value = table.get_ref().get("x").expect("the key");
    let mut problems = Vec::new();
    if let Some(quantity) = Quantity::read(value, role, context, &mut problems) {
        assert_eq!(problems, [], "a quantity and problems at once");
        Ok(quantity)
    } else {
        assert!(!problems.is_empty(), "nothing read and nothing said");
        Err((text.clone(), problems))
    }
}

fn load(file: &str, column: &str) -> Result<Vec<f64>, String> {
    match (file, column) {
        ("log.csv.gz", "tokens") => Ok(vec![5.0, 1.0, 3.0]),
        ("log.csv.gz", "empty") => Ok(vec![]),
        ("log.csv.gz", _) => Err("its columns are `tokens` and `empty`".to_owned()),
        _ => Err("no such file".to_owned()),
    }
}

fn draw(value: &str) -> Quantity {
    read_with(value, Role::Draw, &Context { load: &load })
        .unwrap_or_else(|(_, problems)| panic!("{value}: {problems:?}"))
}

/// The place's text and the message of each problem.
fn wrong(value: &str, role: Role) -> Vec<(String, Problem)> {
    let (text, problems) = read_with(value, role, &Context { load: &load }).expect_err(value);
    problems
        .into_iter()
        .map(|problem| (text[problem.span.clone()].to_owned(), problem))
        .collect()
}

fn exact(number: f64) -> Box<Quantity> {
    Box::new(Quantity::exact(number))
}

fn range(lo: f64, hi: f64) -> Quantity {
    Quantity::of(Shape::Range90 { lo, hi })
}

fn quantiles(low: (f64, f64), high: (f64, f64)) -> Quantity {
    Quantity::of(Shape::Quantiles {
        low: (low.0, exact(low.1)),
        high: (high.0, exact(high.1)),
    })
}

#[test]
fn a_plain_number_is_exact_in_every_notation_of_toml() {
    for (text, number) in [
        ("0.8", 0.8),
        ("8_000", 8_000.0),
        ("-3", -3.0),
        ("1e3", 1_000.0),
        ("1_000.5e-1", 100.05),
        ("0x10", 16.0),
        ("inf", f64::INFINITY),
    ] {
        assert_eq!(draw(text), Quantity::exact(number), "{text}");
    }
}

#[test]
fn a_range_is_two_numbers_in_a_string() {
    assert_eq!(draw(r#""8_000 to 12_000""#), range(8_000.0, 12_000.0));
    assert_eq!(draw(r#""-3.5 to 1e1""#), range(-3.5, 10.0));
    assert_eq!(draw(r#"" 0.1  to  +0.3 ""#), range(0.1, 0.3));
    let limited = draw(r#"{ range = "8 to 12", max = 20 }"#);
    assert_eq!(
        (limited.shape, limited.max),
        (range(8.0, 12.0).shape, Some(20.0))
    );
}

#[test]
fn each_table_form_means_its_family() {
    let cases = [
        (
            "{ p50 = 0.8, p95 = 2.4 }",
            quantiles((0.5, 0.8), (0.95, 2.4)).shape,
        ),
        (
            "{ p99 = 9, p10 = 1 }",
            quantiles((0.1, 1.0), (0.99, 9.0)).shape,
        ),
        (
            "{ mean = 400, cv = 0.6 }",
            Shape::LognormalMeanCv {
                mean: exact(400.0),
                cv: exact(0.6),
            },
        ),
        (
            "{ dist = 'lognormal', mean = 400, cv = 0.6 }",
            Shape::LognormalMeanCv {
                mean: exact(400.0),
                cv: exact(0.6),
            },
        ),
        (
            "{ dist = 'lognormal', p05 = 1, p25 = 2 }",
            quantiles((0.05, 1.0), (0.25, 2.0)).shape,
        ),
        (
            "{ dist = 'lognormal', mu = 0, sigma = 1 }",
            Shape::LognormalMuSigma {
                mu: exact(0.0),
                sigma: exact(1.0),
            },
        ),
        (
            "{ dist = 'gamma', mean = 400, cv = 0.6 }",
            Shape::GammaMeanCv {
                mean: exact(400.0),
                cv: exact(0.6),
            },
        ),
        (
            "{ dist = 'gamma', shape = 2, scale = 3 }",
            Shape::Gamma {
                shape: exact(2.0),
                scale: exact(3.0),
            },
        ),
        ("{ dist = 'constant', value = 7 }", Shape::Exact(7.0)),
        ("{ value = 7 }", Shape::Exact(7.0)),
        (
            "{ dist = 'uniform', min = 1, max = 2 }",
            Shape::Uniform {
                low: exact(1.0),
                high: exact(2.0),
            },
        ),
        (
            "{ dist = 'triangular', min = 1, mode = 2, max = 4 }",
            Shape::Triangular {
                low: exact(1.0),
                mode: exact(2.0),
                high: exact(4.0),
            },
        ),
        (
            "{ dist = 'pert', min = 1, mode = 2, max = 4 }",
            Shape::Pert {
                low: exact(1.0),
                mode: exact(2.0),
                high: exact(4.0),
            },
        ),
        (
            "{ dist = 'normal', mean = 1, sd = 2 }",
            Shape::Normal {
                mean: exact(1.0),
                sd: exact(2.0),
            },
        ),
        (
            "{ dist = 'exponential', mean = 20 }",
            Shape::Exponential { mean: exact(20.0) },
        ),
        (
            "{ dist = 'exponential', rate = 0.05 }",
            Shape::ExponentialRate { rate: exact(0.05) },
        ),
        (
            "{ dist = 'weibull', shape = 0.7, scale = 3 }",
            Shape::Weibull {
                shape: exact(0.7),
                scale: exact(3.0),
            },
        ),
        (
            "{ dist = 'pareto', scale = 1, shape = 2 }",
            Shape::Pareto {
                scale: exact(1.0),
                shape: exact(2.0),
            },
        ),
        (
            "{ dist = 'beta', alpha = 1, beta = 3 }",
            Shape::Beta {
                alpha: exact(1.0),
                beta: exact(3.0),
            },
        ),
        (
            "{ dist = 'beta', mean = 0.1, cv = 0.5 }",
            Shape::BetaMeanCv {
                mean: exact(0.1),
                cv: exact(0.5),
            },
        ),
        (
            "{ dist = 'poisson', mean = 3 }",
            Shape::Poisson { mean: exact(3.0) },
        ),
        (
            "{ dist = 'geometric', mean = 3 }",
            Shape::Geometric { mean: exact(3.0) },
        ),
        (
            "{ dist = 'discrete', values = [1, 2], weights = [3, 1] }",
            Shape::Discrete {
                values: vec![1.0, 2.0],
                weights: vec![3.0, 1.0],
            },
        ),
        (
            "{ dist = 'discrete', values = [1, 2] }",
            Shape::Discrete {
                values: vec![1.0, 2.0],
                weights: vec![1.0, 1.0],
            },
        ),
        (
            "{ dist = 'empirical', samples = [3, 1, 2] }",
            Shape::Empirical {
                sorted: vec![1.0, 2.0, 3.0],
                from: None,
            },
        ),
        (
            "{ dist = 'empirical', file = 'log.csv.gz', column = 'tokens' }",
            Shape::Empirical {
                sorted: vec![1.0, 3.0, 5.0],
                from: Some(Column {
                    file: "log.csv.gz".to_owned(),
                    column: "tokens".to_owned(),
                }),
            },
        ),
        (
            "{ mix = [ { share = 0.98, p50 = 0.6, p95 = 1.1 }, { share = 0.02, dist = 'exponential', mean = 4 } ] }",
            Shape::Mix(vec![
                (Quantity::exact(0.98), quantiles((0.5, 0.6), (0.95, 1.1))),
                (
                    Quantity::exact(0.02),
                    Quantity::of(Shape::Exponential { mean: exact(4.0) }),
                ),
            ]),
        ),
    ];
    for (text, shape) in cases {
        assert_eq!(draw(text).shape, shape, "{text}");
    }
}

#[test]
fn limits_cut_any_form_and_name_the_ends_of_a_uniform() {
    let cut = draw("{ p50 = 0.8, p95 = 2.4, min = 0.1, max = 5 }");
    assert_eq!((cut.min, cut.max), (Some(0.1), Some(5.0)));
    let ends = draw("{ dist = 'uniform', min = 1, max = 2 }");
    assert_eq!((ends.min, ends.max), (None, None));
    let cut = draw("{ dist = 'triangular', low = 1, mode = 2, high = 4, max = 3 }");
    assert_eq!(cut.max, Some(3.0));
}

#[test]
fn a_draw_may_have_uncertain_parameters_and_a_fact_may_not() {
    let text = r#"{ p50 = "300 to 500", p95 = 1800 }"#;
    assert_eq!(draw(text).nested(), [&range(300.0, 500.0)]);
    let problems = wrong(text, Role::Fact);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].0, r#""300 to 500""#);
    assert_eq!(
        problems[0].1.message,
        "`p50` of a fact must be a plain number"
    );
    assert!(problems[0].1.help.is_some());
    // Two levels are a fact inside a fact.
    let problems = wrong(
        r#"{ p50 = { p50 = "3 to 5", p95 = 9 }, p95 = 1800 }"#,
        Role::Draw,
    );
    assert_eq!(problems[0].0, r#""3 to 5""#);
}

#[test]
fn each_mistake_is_named_at_its_place() {
    let cases: &[(&str, &str, &str)] = &[
        ("true", "true", "a boolean is not a number"),
        ("[1, 2]", "[1, 2]", "an array is not a number"),
        ("nan", "nan", "the value is nan, which is not a number"),
        ("1e400", "1e400", "the value is too large for a number"),
        (r#""8000""#, r#""8000""#, "\"8000\" is not a range"),
        (
            r#""8,000 to 12,000""#,
            r#""8,000 to 12,000""#,
            "\"8,000 to 12,000\" is not a range",
        ),
        (r#""5 to""#, r#""5 to""#, "\"5 to\" is not a range"),
        (
            r#""9 to 5""#,
            r#""9 to 5""#,
            "the upper end (5) is below the smallest (9)",
        ),
        (
            r#""1 to inf""#,
            r#""1 to inf""#,
            "\"1 to inf\" is not a range",
        ),
        (
            "{ p50 = 1, p59 = 2 }",
            "p59",
            "`p59` is not a key of a quantity",
        ),
        ("{ p50 = 1 }", "{ p50 = 1 }", "1 quantile is given: `p50`"),
        (
            "{ p50 = 1, p90 = 2, p95 = 3 }",
            "{ p50 = 1, p90 = 2, p95 = 3 }",
            "3 quantiles are given: `p50`, `p90`, `p95`",
        ),
        ("{ p50 = 3, p95 = 2 }", "2", "`p95` (2) is below `p50` (3)"),
        (
            "{ p50 = 0, p95 = 2 }",
            "0",
            "`p50` cannot be 0: quantiles give a log-normal, which is above 0",
        ),
        (
            "{ p50 = 1, p95 = 2, cv = 3 }",
            "3",
            "`cv` does not go with quantiles",
        ),
        (
            "{ mean = 4 }",
            "{ mean = 4 }",
            "`cv` is missing from a quantity",
        ),
        (
            "{ mean = 4, cv = -1 }",
            "-1",
            "`cv` cannot be negative (-1)",
        ),
        (
            "{ mean = -4, cv = 1 }",
            "-4",
            "`mean` cannot be negative (-4)",
        ),
        (
            "{ mean = inf, cv = 1 }",
            "inf",
            "`mean` is inf, which gives no distribution",
        ),
        ("{ mean = 'x', cv = 1 }", "'x'", "\"x\" is not a range"),
        (
            "{ mean = true, cv = 1 }",
            "true",
            "`mean` is a boolean, not a number",
        ),
        (
            "{ mean = 4, cv = 1, min = 5, max = 5 }",
            "5",
            "`min` (5) is not below `max` (5)",
        ),
        (
            "{ mean = 4, cv = 1, max = -1 }",
            "-1",
            "nothing is left between -inf and -1: the numbers lie between 0 and inf",
        ),
        (
            "{ mean = 4, shape = 4 }",
            "shape",
            "`shape` is not a key of a quantity",
        ),
        (
            "{}",
            "{}",
            "this table does not say how the number is spread",
        ),
        (
            "{ min = 1, max = 2 }",
            "{ min = 1, max = 2 }",
            "this table does not say how the number is spread",
        ),
        (
            "{ dist = 'gama', mean = 4, cv = 1 }",
            "'gama'",
            "`gama` is not a distribution",
        ),
        ("{ dist = 4 }", "4", "`dist` is an integer"),
        (
            "{ dist = 'normal', mean = 4 }",
            "{ dist = 'normal', mean = 4 }",
            "`sd` is missing from a normal distribution",
        ),
        (
            "{ dist = 'normal', mean = 4, sd = -2 }",
            "-2",
            "`sd` cannot be negative (-2)",
        ),
        (
            "{ dist = 'normal', mean = 4, std = 2 }",
            "std",
            "`std` is not a key of a normal distribution",
        ),
        (
            "{ dist = 'poisson', mean = -1 }",
            "-1",
            "`mean` cannot be negative (-1)",
        ),
        (
            "{ dist = 'geometric', mean = 0.5 }",
            "0.5",
            "a geometric counts 1, 2, 3, …, so its mean cannot be 0.5",
        ),
        (
            "{ dist = 'uniform', min = 3, max = 2 }",
            "2",
            "the largest number (2) is below the smallest (3)",
        ),
        (
            "{ dist = 'uniform', low = 3, high = 2 }",
            "2",
            "the largest number (2) is below the smallest (3)",
        ),
        (
            "{ dist = 'uniform', min = true, max = 2 }",
            "true",
            "`min` is a boolean, not a number",
        ),
        (
            "{ dist = 'pert', min = 1, mode = 9, max = 2 }",
            "9",
            "the mode 9 lies outside 1 to 2",
        ),
        (
            "{ dist = 'gamma', shape = 0, scale = 1 }",
            "0",
            "`shape` cannot be 0",
        ),
        (
            "{ dist = 'gamma', mean = 4, cv = 1, scale = 1 }",
            "scale",
            "`scale` does not go with `mean` and `cv`",
        ),
        (
            "{ dist = 'pareto', scale = 1, shape = 1 }",
            "1",
            "a Pareto with a shape of at most 1 has no finite mean, so no average would ever settle",
        ),
        (
            "{ dist = 'exponential', rate = 0 }",
            "0",
            "`rate` cannot be 0",
        ),
        (
            "{ dist = 'discrete', values = [] }",
            "[]",
            "there are no values",
        ),
        (
            "{ dist = 'discrete', values = [1], weights = [1, 2] }",
            "[1, 2]",
            "there are 2 weights for 1 values",
        ),
        (
            "{ dist = 'discrete', values = [1], weights = [0] }",
            "[0]",
            "the weights are all 0",
        ),
        (
            "{ dist = 'discrete', values = [1, true] }",
            "true",
            "a number in `values` is a boolean, not a number",
        ),
        (
            "{ dist = 'discrete', values = 3 }",
            "3",
            "`values` is an integer",
        ),
        (
            "{ dist = 'empirical', samples = [] }",
            "[]",
            "the sample is empty",
        ),
        (
            "{ dist = 'empirical', file = 'a.csv' }",
            "{ dist = 'empirical', file = 'a.csv' }",
            "`column` is missing from an empirical distribution",
        ),
        (
            "{ dist = 'empirical', file = 'a.csv', column = 'x' }",
            "'a.csv'",
            "cannot read the column `x` of a.csv: no such file",
        ),
        (
            "{ dist = 'empirical', file = 'log.csv.gz', column = 'empty' }",
            "'empty'",
            "the column `empty` of log.csv.gz is empty",
        ),
        (
            "{ dist = 'empirical', file = 3, column = 'x' }",
            "3",
            "`file` is an integer",
        ),
        ("{ mix = [] }", "[]", "`mix` is empty"),
        ("{ mix = 3 }", "3", "`mix` is an integer"),
        ("{ mix = [3] }", "3", "a part of a mixture is an integer"),
        (
            "{ mix = [{ p50 = 1, p95 = 2 }] }",
            "{ p50 = 1, p95 = 2 }",
            "a part of a mixture has no `share`",
        ),
        (
            "{ mix = [{ share = 1.2, value = 2 }] }",
            "1.2",
            "a share of 1.2 is impossible",
        ),
        (
            "{ mix = [{ share = 0.98, value = 2 }, { share = 0.2, value = 3 }] }",
            "[{ share = 0.98, value = 2 }, { share = 0.2, value = 3 }]",
            "the shares of the mixture sum to 1.18, not 1",
        ),
        (
            "{ mix = [{ share = 1, p50 = 3, p95 = 2 }] }",
            "2",
            "`p95` (2) is below `p50` (3)",
        ),
        (
            "{ mix = [{ share = 1, value = 3 }], mean = 2 }",
            "mean",
            "`mean` does not go with `mix`",
        ),
    ];
    for (text, place, message) in cases {
        let problems = wrong(text, Role::Draw);
        let found: Vec<_> = problems
            .iter()
            .map(|(place, problem)| (place.as_str(), problem.message.as_str()))
            .collect();
        assert_eq!(found, [(*place, *message)], "{text}");
        assert!(
            problems[0].1.expected.is_some(),
            "{text} says what was expected"
        );
    }
}

#[test]
fn a_misspelt_name_comes_back_with_the_nearest_valid_one() {
    for (text, help) in [
        ("{ p50 = 1, p59 = 2 }", "did you mean `p50`?"),
        ("{ maen = 1, cv = 2 }", "did you mean `mean`?"),
        (
            "{ dist = 'gama', mean = 4, cv = 1 }",
            "did you mean `gamma`?",
        ),
        (
            "{ dist = 'LogNormal', mean = 4, cv = 1 }",
            "did you mean `lognormal`?",
        ),
        (
            "{ dist = 'discrete', values = [1], wieghts = [1] }",
            "did you mean `weights`?",
        ),
        (
            "{ samples = [1, 2] }",
            "`samples` needs dist = \"empirical\"",
        ),
        (
            "\"8000\"",
            "a number known exactly stands without quotes: 8000",
        ),
        (
            "\"8,000 to 12,000\"",
            "digits are grouped with underscores: \"8_000 to 12_000\"",
        ),
        (
            "\"5% to 10%\"",
            "a percentage is written as a fraction: 5% is 0.05",
        ),
    ] {
        assert_eq!(
            wrong(text, Role::Draw)[0].1.help.as_deref(),
            Some(help),
            "{text}"
        );
    }
}

#[test]
fn several_mistakes_are_reported_at_once() {
    let problems = wrong(
        "{ mix = [{ share = 2, p50 = 3, p95 = 2 }, { share = 0.5, maen = 3, cv = 1 }, 7] }",
        Role::Draw,
    );
    let places: Vec<_> = problems.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["2", "2", "maen", "7"]);
}

#[test]
fn plain_words_say_what_a_spread_means() {
    for (text, role, words) in [
        ("8_000", Role::Fact, "8,000"),
        ("0.0031", Role::Fact, "0.0031"),
        ("\"300 to 500\"", Role::Draw, "about 300 to 500 (90%)"),
        (
            "\"8_000 to 12_000\"",
            Role::Fact,
            "about 8,000 to 12,000 (90% sure)",
        ),
        (
            "{ p50 = 0.8, p95 = 2.4 }",
            Role::Draw,
            "median 0.8, 5% above 2.4",
        ),
        (
            "{ p50 = 0.8, p95 = 2.4 }",
            Role::Fact,
            "median 0.8, 5% chance of being above 2.4",
        ),
        (
            "{ p05 = 0.8, p99 = 2.4, max = 3 }",
            Role::Draw,
            "5% below 0.8, 1% above 2.4, never above 3",
        ),
        (
            "{ p50 = \"300 to 500\", p95 = 1800 }",
            Role::Draw,
            "median about 300 to 500 (90% sure), 5% above 1,800",
        ),
        (
            "{ mean = 400, cv = 0.6 }",
            Role::Draw,
            "mean 400, standard deviation 60% of it",
        ),
        (
            "{ mix = [{ share = 0.98, p50 = 0.6, p95 = 1.1 }, { share = 0.02, value = 4 }] }",
            Role::Draw,
            "98%: median 0.6, 5% above 1.1; 2%: 4",
        ),
        (
            "{ dist = 'geometric', mean = 3 }",
            Role::Draw,
            "1 or more, mean 3 (geometric)",
        ),
        (
            "{ dist = 'discrete', values = [1, 2], weights = [3, 1] }",
            Role::Draw,
            "1 (75%), 2 (25%)",
        ),
    ] {
        let quantity = read_with(text, role, &Context::without_files()).expect(text);
        assert_eq!(quantity.describe(role), words, "{text}");
    }
}

#[test]
fn a_file_name_with_quotes_survives_printing() {
    let context = Context {
        load: &|_, _| Ok(vec![1.0, 2.0]),
    };
    let text = r#"{ dist = "empirical", file = 'odd "name"\log.csv', column = "a" }"#;
    let first = read_with(text, Role::Draw, &context).expect("read");
    let again = read_with(&first.to_string(), Role::Draw, &context).expect("read again");
    assert_eq!(first, again);
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        (-9_000_i32..9_000).prop_map(f64::from),
        -1e6_f64..1e6,
        (1e-12_f64..1e-3),
        (1e16_f64..1e30),
        Just(0.0),
    ]
}

fn above_0() -> impl Strategy<Value = f64> {
    prop_oneof![
        1e-3_f64..1e3,
        (1_u32..9_000).prop_map(f64::from),
        1e-9_f64..1e-6
    ]
}

fn fact() -> impl Strategy<Value = Quantity> {
    prop_oneof![
        above_0().prop_map(Quantity::exact),
        (above_0(), above_0()).prop_map(|(lo, more)| range(lo, lo + more)),
        (above_0(), 1.01_f64..9.0)
            .prop_map(|(low, factor)| quantiles((0.25, low), (0.9, low * factor))),
    ]
}

/// Uncertain parameters in ranges that cannot come out impossible at their medians.
fn leaf() -> impl Strategy<Value = Shape> {
    let boxed = || fact().prop_map(Box::new);
    prop_oneof![
        number().prop_map(Shape::Exact),
        (number(), above_0()).prop_map(|(lo, more)| Shape::Range90 { lo, hi: lo + more }),
        (boxed(), boxed()).prop_map(|(mean, cv)| Shape::GammaMeanCv { mean, cv }),
        (above_0(), boxed()).prop_map(|(mean, cv)| Shape::LognormalMeanCv {
            mean: exact(mean),
            cv
        }),
        (number(), above_0(), above_0()).prop_map(|(low, a, b)| Shape::Triangular {
            low: exact(low),
            mode: exact(low + a),
            high: exact(low + a + b),
        }),
        (number(), above_0()).prop_map(|(low, more)| Shape::Uniform {
            low: exact(low),
            high: exact(low + more)
        }),
        (number(), boxed()).prop_map(|(mean, sd)| Shape::Normal {
            mean: exact(mean),
            sd
        }),
        (-3.0_f64..3.0, 0.0_f64..3.0).prop_map(|(mu, sigma)| Shape::LognormalMuSigma {
            mu: exact(mu),
            sigma: exact(sigma)
        }),
        (1.0_f64..9.0, boxed()).prop_map(|(shape, scale)| Shape::Weibull {
            shape: exact(shape),
            scale
        }),
        (boxed(), 1.5_f64..9.0).prop_map(|(scale, shape)| Shape::Pareto {
            scale,
            shape: exact(shape)
        }),
        (boxed(), boxed()).prop_map(|(alpha, beta)| Shape::Beta { alpha, beta }),
        boxed().prop_map(|mean| Shape::Poisson { mean }),
        boxed().prop_map(|mean| Shape::Exponential { mean }),
        boxed().prop_map(|rate| Shape::ExponentialRate { rate }),
        prop::collection::vec((number(), above_0()), 1..5).prop_map(|pairs| {
            let (values, weights) = pairs.into_iter().unzip();
            Shape::Discrete { values, weights }
        }),
        prop::collection::vec(number(), 1..9).prop_map(|mut sorted| {
            sorted.sort_by(f64::total_cmp);
            Shape::Empirical { sorted, from: None }
        }),
    ]
}

fn quantity() -> impl Strategy<Value = Quantity> {
    let simple = (leaf(), any::<bool>())
        .prop_map(|(shape, cut)| {
            let quantity = Quantity::of(shape);
            let law = quantity.law(&mut |parameter| {
                parameter
                    .law(&mut |_| f64::NAN)
                    .map_or(f64::NAN, |law| law.quantile(0.5))
            });
            match law {
                Ok(law) if cut && law.quantile(0.3) < law.quantile(0.9) => Quantity {
                    min: Some(law.quantile(0.3)),
                    max: Some(law.quantile(0.9)),
                    ..quantity
                },
                _ => quantity,
            }
        })
        .boxed();
    prop_oneof![
        3 => simple.clone(),
        1 => (simple.clone(), simple, 0.0_f64..1.0).prop_map(|(a, b, share)| Quantity::of(Shape::Mix(vec![
            (Quantity::exact(share), a),
            (Quantity::exact(1.0 - share), b),
        ]))),
    ]
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_the_same(quantity in quantity()) {
        let possible = quantity.law(&mut |parameter| {
            parameter.law(&mut |_| f64::NAN).map_or(f64::NAN, |law| law.quantile(0.5))
        });
        prop_assume!(possible.is_ok());
        let text = quantity.to_string();
        let again = read_with(&text, Role::Draw, &Context::without_files());
        prop_assert_eq!(again.map_err(|(text, problems)| format!("{text}: {problems:?}")), Ok(quantity));
    }

    #[test]
    fn reading_never_panics(text in "[\\{\\}\\[\\] a-z0-9=,\"'._-]{0,60}") {
        let text = format!("x = {text}");
        if let Ok(table) = DeTable::parse(&text)
            && let Some(value) = table.get_ref().get("x")
        {
            let mut problems = Vec::new();
            let read = Quantity::read(value, Role::Draw, &Context::without_files(), &mut problems);
            prop_assert_eq!(read.is_none(), !problems.is_empty());
        }
    }
}
