//! Comparisons: Shapley values against every order tried by hand, and the laws they obey.

use std::fmt::Write as _;

use assert_cmd::Command;
use gonogo::analysis::compare::{ComparePlan, Comparison, Waterfall, compare, difference};
use gonogo::model::Model;
use gonogo::scenario::Scenario;
use gonogo::study::{Estimator, Plan, Unwatched, estimate};

use super::harness::{cloud, compiled, scenario};

const CLASS: &str = "context_tokens = 990\noutput_tokens = { p50 = 100, p95 = 300 }\n\
    turns = { dist = \"geometric\", mean = 2 }\nquits = 0.5\npatience_s = 4\n";

/// Three mechanisms that get into each other's way: a smaller model that errs and costs less, a guardrail that is paid
/// for each request, retries that make more of the errors.
const SIDES: [(&str, [&str; 2]); 3] = [
    ("route", ["route = \"m\"", "route = \"small\""]),
    ("retry", ["", "retry = { attempts = 3, base_s = 0.5 }"]),
    (
        "guardrail",
        [
            "",
            "guardrail = { seconds = 0.2, blocks = 0.1, per_request = 0.003 }",
        ],
    ),
];

fn models() -> String {
    cloud("m", "error_rate = 0.05") + &cloud("small", "error_rate = 0.3\ndiscount = 0.8")
}

/// Every combination, written out as a strategy of its own: `s101` has the first and the third.
fn written_out() -> Scenario {
    let mut rest = models();
    for set in 0..8_usize {
        let _ = writeln!(rest, "[strategies.s{set}]");
        for (place, (_, sides)) in SIDES.iter().enumerate() {
            rest += sides[set >> place & 1];
            rest += "\n";
        }
    }
    scenario(400.0, CLASS, &rest)
}

fn strategy(model: &Model, name: &str) -> usize {
    let found = model.strategies.iter().position(|it| it.name == name);
    found.unwrap_or_else(|| panic!("no strategy {name}"))
}

fn planned(model: &Model, a: &str, b: &str, months: u32) -> ComparePlan {
    let mut plan = ComparePlan::of(model, strategy(model, a), strategy(model, b));
    plan.study = Plan {
        months,
        threads: 2,
        // Hand counts are of whole months.
        estimator: Estimator::Exact,
        ..Plan::of(model)
    };
    plan
}

fn way<'a>(found: &'a Comparison, metric: &str) -> &'a Waterfall {
    let way = found.waterfalls.iter().find(|it| it.metric == metric);
    way.unwrap_or_else(|| panic!("no way of {metric}"))
}

fn step(way: &Waterfall, mechanism: &str) -> f64 {
    let step = way.steps.iter().find(|it| it.mechanism == mechanism);
    step.unwrap_or_else(|| panic!("no step {mechanism}")).change
}

#[test]
fn shapley_values_are_the_mean_over_every_order_of_strategies_written_out_by_hand() {
    let model = compiled(&written_out());
    let plan = planned(&model, "s0", "s7", 8);
    let found = compare(&model, &plan, &Unwatched).expect("compared");
    assert!(found.exact && found.sets == 8);
    let study = Plan {
        volumes: vec![1.0],
        ..plan.study.clone()
    };
    let cells = estimate(&model, &study, &Unwatched)
        .expect("a study")
        .by_month;
    for metric in ["cost.total", "latency.p95", "rate.failed"] {
        let worth = |set: usize| {
            let months = cells[set].of(metric).expect("a metric");
            months.iter().sum::<f64>() / months.len() as f64
        };
        let orders = [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ];
        for (player, (name, _)) in SIDES.iter().enumerate() {
            let gains = orders.iter().map(|order| {
                let before = order.iter().take_while(|it| **it != player);
                let set = before.fold(0, |set, it| set | 1 << it);
                worth(set | 1 << player) - worth(set)
            });
            let expected = gains.sum::<f64>() / 6.0;
            let got = step(way(&found, metric), name);
            let scale = worth(0).abs();
            assert!(
                (got - expected).abs() <= 1e-9 * scale,
                "{metric} {name}: {got} for {expected}"
            );
            assert!(expected != 0.0, "{metric} {name} plays no part: no test");
        }
    }
}

#[test]
fn the_steps_sum_to_the_difference_whichever_way_it_is_gone() {
    let model = compiled(&written_out());
    let there = compare(&model, &planned(&model, "s0", "s7", 6), &Unwatched).expect("compared");
    let back = compare(&model, &planned(&model, "s7", "s0", 6), &Unwatched).expect("compared");
    let mut drawn = planned(&model, "s0", "s7", 6);
    (drawn.exact_up_to, drawn.orders) = (0, 2);
    let drawn = compare(&model, &drawn, &Unwatched).expect("compared");
    assert!(!drawn.exact);
    for metric in ["cost.total", "latency.p95", "rate.failed"] {
        for found in [&there, &back, &drawn] {
            let way = way(found, metric);
            let sum: f64 = way.steps.iter().map(|step| step.change).sum();
            let difference = found
                .differences
                .iter()
                .find(|it| it.metric == metric)
                .expect("known");
            let scale = way.from.abs().max(way.to.abs());
            assert!(
                (sum - (way.to - way.from)).abs() <= 1e-9 * scale,
                "{metric}: {sum}"
            );
            assert!(
                (sum - difference.difference).abs() <= 1e-9 * scale,
                "{metric}: {sum}"
            );
        }
        for (name, _) in SIDES {
            let (there, back) = (
                step(way(&there, metric), name),
                step(way(&back, metric), name),
            );
            assert!(
                (there + back).abs() <= 1e-9 * there.abs().max(1.0),
                "{metric} {name}"
            );
        }
    }
}

#[test]
fn who_does_nothing_gets_nothing_and_who_does_the_same_gets_the_same() {
    // Waiting for limits that there are none of; and two checks that cost the same for each request of 1,000 tokens.
    let rest = cloud("m", "")
        + "[strategies.a]\nroute = \"m\"\n[strategies.b]\nextends = \"a\"\nadmission = { max_wait_s = 5 }\n\
           sanitise = { per_1k_tokens = 0.002 }\nguardrail = { per_request = 0.002 }\nprompt_cache = false";
    let model = compiled(&scenario(
        400.0,
        "context_tokens = 990\noutput_tokens = 10\n",
        &rest,
    ));
    let found = compare(&model, &planned(&model, "a", "b", 4), &Unwatched).expect("compared");
    let cost = way(&found, "cost.total");
    assert_eq!(step(cost, "admission"), 0.0);
    let (left, right) = (step(cost, "sanitise"), step(cost, "guardrail"));
    assert!(
        (left - right).abs() <= 1e-9 * left && left > 0.0,
        "{left} {right}"
    );
    let requests = found
        .differences
        .iter()
        .find(|it| it.metric == "requests")
        .expect("counted");
    assert!((left - requests.a * 0.002).abs() <= 1e-9 * left);
    assert_eq!(requests.equal_in, 1.0);
    assert_eq!(requests.better_in, None);
}

#[test]
fn the_error_of_a_step_covers_the_windows_that_were_simulated() {
    // Too many conversations for all of them to be simulated. Where two strategies differ in one mechanism, its step is
    // their difference, and so is its error, which windows make larger than months alone do.
    let rest = models()
        + "[strategies.a]\nroute = \"m\"\n[strategies.b]\nextends = \"a\"\nretry = { attempts = 3, base_s = 0.5 }\n";
    let model = compiled(&scenario(20_000.0, CLASS, &rest));
    let mut plan = planned(&model, "a", "b", 8);
    plan.study.estimator = Estimator::Fast;
    let found = compare(&model, &plan, &Unwatched).expect("compared");
    let study = Plan {
        strategies: vec![plan.a, plan.b],
        volumes: vec![1.0],
        ..plan.study.clone()
    };
    let outcome = estimate(&model, &study, &Unwatched).expect("a study");
    assert_eq!(outcome.study.estimator, "fast");
    for metric in ["cost.total", "latency.p95", "rate.failed"] {
        let [step] = way(&found, metric).steps.as_slice() else {
            panic!("one mechanism");
        };
        let se = step.se.expect("pairs of months");
        let both = found.differences.iter().find(|it| it.metric == metric);
        let expected = both.and_then(|it| it.se).expect("pairs of months");
        assert!(
            (se / expected - 1.0).abs() < 1e-9,
            "{metric}: {se} for {expected}"
        );
        let [a, b] = [0, 1].map(|cell| outcome.by_month[cell].of(metric).expect("a metric"));
        let months = difference(metric, a, b)
            .and_then(|it| it.se)
            .expect("pairs");
        assert!(se > 1.05 * months, "{metric}: {se} of which {months}");
    }
}

#[test]
fn a_strategy_differs_from_itself_in_nothing() {
    let model = compiled(&written_out());
    let found = compare(&model, &planned(&model, "s5", "s5", 4), &Unwatched).expect("compared");
    assert!(found.sets == 1 && found.exact);
    for it in &found.differences {
        assert_eq!((it.difference, it.equal_in), (0.0, 1.0), "{}", it.metric);
    }
    assert!(
        found
            .waterfalls
            .iter()
            .all(|way| way.steps.is_empty() && way.from == way.to)
    );
}

#[test]
fn intervals_are_students_over_pairs_of_months() {
    // Changes 1, 0, -1, -2: pairs at 0.5 and -1.5, so a mean of -0.5 with a standard error of 1, and t of one degree of
    // freedom is 12.706.
    let it = difference("cost.total", &[1.0, 2.0, 3.0, 4.0], &[2.0, 2.0, 2.0, 2.0]).expect("known");
    assert_eq!((it.a, it.b, it.difference), (2.5, 2.0, -0.5));
    assert!((it.se.expect("pairs") - 1.0).abs() < 1e-12);
    let [low, high] = it.interval.expect("pairs");
    assert!(
        (low + 13.2062).abs() < 1e-3 && (high - 12.2062).abs() < 1e-3,
        "{low} {high}"
    );
    assert_eq!(
        (it.better_in, it.equal_in, it.less_is_better),
        (Some(0.5), 0.25, Some(true))
    );
    // More of this one is better, and a month that one of the two does not define is left out.
    let it = difference("slo.good_rate", &[0.5, f64::NAN], &[0.75, 0.5]).expect("known");
    assert_eq!(
        (it.difference, it.better_in, it.se),
        (0.25, Some(1.0), None)
    );
    assert!(difference("latency.p95", &[f64::NAN], &[1.0]).is_none());
}

#[test]
fn the_command_shows_the_way_and_corrects() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = gonogo::scenario::resolved_toml(&written_out());
    std::fs::write(folder.path().join("scenario.toml"), text).expect("written");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
        command
            .current_dir(&folder)
            .arg("compare")
            .args(arguments)
            .output()
            .expect("runs")
    };
    let page = String::from_utf8(run(&["s0", "s7", "--months", "4"]).stdout).expect("text");
    for part in [
        "`s7` against `s0` at 1x, the same 4 months",
        "better in",
        "guardrail",
        "What stands out",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let json = run(&[
        "s0",
        "s7",
        "--months",
        "4",
        "--metric",
        "rate.wrong,cost.total",
        "--json",
    ])
    .stdout;
    let found: Comparison = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(found.schema, "gonogo.compare/1");
    assert_eq!(found.waterfalls[1].metric, "cost.total");
    let output = run(&["s0", "s77"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(
        said.contains("no strategy `s77`") && said.contains("did you mean `s7`?"),
        "{said}"
    );
}
