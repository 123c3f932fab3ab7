//! Figures that others have published, reproduced by scenarios that ship: nothing here is a factor typed in, all of it
//! comes out of the traffic. The tolerance is what the published words allow. `docs/validation.md` has a line for each.

use std::collections::BTreeMap;

use gonogo::model;
use gonogo::prices::Catalogue;
use gonogo::scenario::template;
use gonogo::study::{self, Plan, Unwatched};

/// Means over months of every metric of each strategy at launch volume.
struct Shipped(BTreeMap<String, BTreeMap<String, f64>>);

impl Shipped {
    fn run(name: &str, strategies: &[&str], months: u32) -> Self {
        let scenario = template(name)
            .expect("it ships")
            .scenario()
            .unwrap_or_else(|problems| panic!("{problems}"));
        let model = model::compile(&scenario, Catalogue::embedded())
            .unwrap_or_else(|problems| panic!("{problems}"));
        let indices = model.strategies.iter().enumerate();
        let plan = Plan {
            strategies: indices
                .filter(|(_, it)| strategies.contains(&it.name.as_str()))
                .map(|(index, _)| index)
                .collect(),
            volumes: vec![1.0],
            months,
            ..Plan::of(&model)
        };
        let study = study::run_exact(&model, &plan, &Unwatched)
            .expect("a study")
            .study;
        let cells = study.cells.into_iter().map(|cell| {
            let means = cell
                .metrics
                .into_iter()
                .map(|(name, metric)| (name, metric.mean))
                .collect();
            (cell.strategy, means)
        });
        Self(cells.collect())
    }

    fn of(&self, strategy: &str, metric: &str) -> f64 {
        *self
            .0
            .get(strategy)
            .and_then(|cell| cell.get(metric))
            .unwrap_or_else(|| panic!("no {metric} of {strategy}"))
    }
}

fn assert_between(what: &str, measured: f64, least: f64, most: f64) {
    println!("{what}: {measured:.4} (published: {least} to {most})");
    assert!(
        (least..=most).contains(&measured),
        "{what}: {measured}, published {least} to {most}"
    );
}

#[test]
#[cfg_attr(
    debug_assertions,
    ignore = "minutes long without optimisation: cargo test --release"
)]
fn ten_thousand_conversations_a_day_on_gpt_4_cost_50_000_to_100_000_dollars_a_month() {
    let study = Shipped::run("support-chatbot-gpt4", &["baseline"], 8);
    assert_between(
        "conversations a day",
        study.of("baseline", "conversations") / 30.0,
        9_000.0,
        11_000.0,
    );
    assert_between(
        "dollars a month",
        study.of("baseline", "cost.total"),
        50_000.0,
        100_000.0,
    );
}

#[test]
#[cfg_attr(
    debug_assertions,
    ignore = "minutes long without optimisation: cargo test --release"
)]
fn caching_and_tiering_together_take_about_70_percent_off_and_answers_get_faster() {
    let study = Shipped::run(
        "support-chatbot-gpt4",
        &["baseline", "cached", "tiered", "cached+tiered"],
        8,
    );
    let saved = |strategy: &str| {
        1.0 - study.of(strategy, "cost.total") / study.of("baseline", "cost.total")
    };
    // "About 70%" rounds to it.
    assert_between("saved by both", saved("cached+tiered"), 0.65, 0.75);
    assert!(
        saved("cached+tiered") > saved("cached").max(saved("tiered")),
        "both together save most"
    );
    for latency in ["latency.p50", "latency.mean", "latency.p95"] {
        let (before, after) = (
            study.of("baseline", latency),
            study.of("cached+tiered", latency),
        );
        println!("{latency}: {before:.2} s before, {after:.2} s after");
        assert!(after < before, "{latency}: {before} before, {after} after");
    }
    // It is no saving if the answers that cost nothing are those that nobody gets.
    assert!(study.of("cached+tiered", "rate.failed") <= study.of("baseline", "rate.failed") + 1e-3);
}

#[test]
#[cfg_attr(
    debug_assertions,
    ignore = "slow without optimisation: cargo test --release"
)]
fn without_a_breaker_three_attempts_take_5_to_6_seconds_before_the_fallback_answers_in_about_one() {
    let study = Shipped::run("gateway-outage", &["no-breaker", "switched"], 10);
    let fallback_s = study.of("switched", "latency.mean");
    assert_between("seconds of the fallback", fallback_s, 0.7, 1.5);
    assert_between(
        "seconds before it",
        study.of("no-breaker", "latency.mean") - fallback_s,
        5.0,
        6.0,
    );
    // All attempts less the one that the fallback answers (and, in 0.4% of cases, repeats).
    let per_request = study.of("no-breaker", "attempts") / study.of("no-breaker", "requests");
    assert_between(
        "attempts on the dead primary for 11 requests",
        11.0 * (per_request - 1.0),
        32.5,
        33.5,
    );
}

#[test]
#[cfg_attr(
    debug_assertions,
    ignore = "slow without optimisation: cargo test --release"
)]
fn a_breaker_that_opens_after_one_failure_needs_4_attempts_for_15_requests_of_about_one_second() {
    let study = Shipped::run("gateway-outage", &["breaker"], 10);
    let requests = study.of("breaker", "requests");
    // A request goes on to the fallback with a single attempt, or finds that one's breaker open as well.
    let on_fallback = 1.0 - study.of("breaker", "failed.breaker_open");
    let on_primary = study.of("breaker", "attempts") / requests - on_fallback;
    assert_between(
        "attempts on the dead primary for 15 requests",
        15.0 * on_primary,
        3.5,
        4.5,
    );
    assert_between(
        "seconds of a request, median",
        study.of("breaker", "latency.p50"),
        0.7,
        1.5,
    );
}
