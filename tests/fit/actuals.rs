use std::fmt::Write as _;

use gonogo::fit::actuals::{Actuals, Real, actuals, apply};
use gonogo::reading::log::{Hints, read_bytes};
use gonogo::{model, prices::Catalogue, scenario::Scenario, study};

/// A thousand one-turn conversations a day of 1,000 tokens in and 200 out, for ten days.
const SCENARIO: &str = "# A comment that stays.
schema = 1
name = \"Shop\"

[study]
months = 20
days = 10

[workload]
conversations_per_day = 1_000   # from the plan

[[workload.class]]
name = \"all\"
user_tokens = 1_000
output_tokens = 200 # asked for

[models.m]
price = { input = 2, output = 10, cached_input = 0.5 }

[strategies.s]
route = \"m\"
";

fn every_request(model: &model::Model) -> study::Plan {
    study::Plan {
        volumes: vec![1.0],
        estimator: study::Estimator::Exact,
        ..study::Plan::of(model)
    }
}

fn compare(log: &str) -> Actuals {
    compare_with(SCENARIO, log)
}

fn compare_with(text: &str, log: &str) -> Actuals {
    let source = gonogo::reading::Source::new("shop.toml", text);
    let scenario = Scenario::parse(source, None).expect("a valid scenario");
    let model = model::compile(&scenario, Catalogue::embedded()).expect("a model");
    let plan = every_request(&model);
    let log = read_bytes(log.as_bytes(), &Hints::default()).expect("a log");
    actuals(
        &scenario,
        &model,
        &plan,
        Real::Log(&log),
        Some(10.0),
        &study::Unwatched,
    )
    .expect("comparable")
    .expect("not stopped")
}

/// A log of ten days: calls a day, tokens in, of them cached, out, and times the listed price.
fn log(calls: u32, input: u32, cached: u32, output: u32, price: f64) -> String {
    let mut text =
        "timestamp,model,prompt_tokens,cached_tokens,completion_tokens,cost\n".to_owned();
    let usd = price
        * (f64::from(input - cached) * 2e-6
            + f64::from(cached) * 0.5e-6
            + f64::from(output) * 10e-6);
    for day in 1..=10 {
        for call in 0..calls {
            let _ = writeln!(
                text,
                "2026-12-{day:02}T{:02}:{:02}:00Z,m,{input},{cached},{output},{usd}",
                call / 60 % 24,
                call % 60
            );
        }
    }
    text
}

#[test]
fn a_month_as_projected_differs_by_chance_alone() {
    let found = compare(&log(1_000, 1_000, 0, 200, 1.0));
    // 10,000 calls at 0.4 cents; a month's number is Poisson, so its mean over 20 is off by a thousandth or two.
    assert!(
        (found.actual_usd - 40.0).abs() < 1e-3,
        "{}",
        found.actual_usd
    );
    assert!((found.projected_usd / 40.0 - 1.0).abs() < 0.01);
    assert!((0.0..=1.0).contains(&found.percentile));
    assert!(found.proposals.is_empty(), "{:?}", found.proposals);
}

#[test]
fn a_known_change_of_one_factor_is_found_as_that_factor() {
    for (name, log) in [
        ("volume", log(1_500, 1_000, 0, 200, 1.0)),
        ("input_tokens", log(1_000, 1_600, 0, 200, 1.0)),
        ("output_tokens", log(1_000, 1_000, 0, 300, 1.0)),
        ("cache_hits", log(1_000, 1_000, 800, 200, 1.0)),
        ("price", log(1_000, 1_000, 0, 200, 0.8)),
    ] {
        let found = compare(&log);
        let difference = found.actual_usd - found.projected_usd;
        let sum: f64 = found.factors.iter().map(|it| it.usd).sum();
        assert!(
            (sum - difference).abs() < 1e-9,
            "{name}: {sum} for {difference}"
        );
        assert_eq!(found.factors[0].name, name, "{:?}", found.factors);
        // The rest is the chance of the projection's volume.
        for other in &found.factors[1..] {
            assert!(
                other.usd.abs() < 0.01 * found.projected_usd,
                "{name}: {other:?}"
            );
        }
        assert_eq!(
            found.percentile,
            if difference > 0.0 { 1.0 } else { 0.0 },
            "{name}"
        );
    }
}

#[test]
fn the_updated_facts_are_put_into_the_text_and_comments_stay() {
    let found = compare(&log(1_500, 1_000, 0, 200, 0.8));
    let text = apply(SCENARIO, &found.proposals, "december.csv").expect("applied");
    assert!(text.contains("# A comment that stays."), "{text}");
    assert!(text.contains("discount = 0.2 # december.csv"), "{text}");
    let source = gonogo::reading::Source::new("shop.toml", text.clone());
    let scenario = Scenario::parse(source, None).expect("a valid scenario");
    let model = model::compile(&scenario, Catalogue::embedded()).expect("a model");
    let outcome =
        study::estimate(&model, &every_request(&model), &study::Unwatched).expect("a study");
    let cost = outcome.study.cells[0].metrics["cost.total"].mean;
    assert!(
        (cost / found.actual_usd - 1.0).abs() < 0.02,
        "{cost} for {}\n{text}",
        found.actual_usd
    );
}

#[test]
fn longer_prompts_are_proposed_where_the_scenario_says_what_prompts_are() {
    // Prompts of the user's message alone: their length. With context, or several turns: the difference is context.
    let context = SCENARIO.replace(
        "user_tokens = 1_000",
        "user_tokens = 400\ncontext_tokens = 600",
    );
    for (text, path, value) in [
        (
            SCENARIO.to_owned(),
            "workload.class.all.user_tokens",
            "1600",
        ),
        (context, "workload.class.all.context_tokens", "1200"),
    ] {
        let found = compare_with(&text, &log(1_000, 1_600, 0, 200, 1.0));
        let own: Vec<_> = found
            .proposals
            .iter()
            .filter(|it| it.path == path)
            .collect();
        assert_eq!(own.len(), 1, "{:?}", found.proposals);
        assert_eq!(own[0].value, value, "{:?}", own[0]);
        let text = apply(&text, &found.proposals, "december.csv").expect("applied");
        let again = compare_with(&text, &log(1_000, 1_600, 0, 200, 1.0));
        assert!(
            (again.projected_usd / again.actual_usd - 1.0).abs() < 0.02,
            "{} for {}\n{text}",
            again.projected_usd,
            again.actual_usd
        );
    }
}

#[test]
fn a_total_alone_says_where_it_fell_and_that_it_cannot_say_why() {
    let source = gonogo::reading::Source::new("shop.toml", SCENARIO);
    let scenario = Scenario::parse(source, None).expect("a valid scenario");
    let model = model::compile(&scenario, Catalogue::embedded()).expect("a model");
    let plan = every_request(&model);
    let found = actuals(
        &scenario,
        &model,
        &plan,
        Real::Total(90.0),
        None,
        &study::Unwatched,
    )
    .expect("comparable")
    .expect("not stopped");
    assert_eq!((found.percentile, found.factors.len()), (1.0, 0));
    assert!(
        found.notes[0].contains("does not tell why"),
        "{:?}",
        found.notes
    );
}
