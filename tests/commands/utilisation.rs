//! How full a limit is, is measured in what the limit counts; what binds first is what refuses most.

use gonogo::model;
use gonogo::prices::Catalogue;
use gonogo::reading::Source;
use gonogo::scenario::Scenario;
use gonogo::study::{self, Cell, Plan, Unwatched};

fn metrics(counted: bool) -> (f64, f64) {
    let text = format!(
        r#"
[study]
days = 1
months = 2
starts = 2026-12-07
volumes = [1]
[workload]
conversations_per_day = 20_000
system_tokens = 4_000
hourly = "flat"
[[workload.class]]
name = "all"
user_tokens = 1_000
output_tokens = 10
history = "none"
[models.m]
price = {{ input = 1, output = 1, cached_input = 0.1 }}
prompt_caching = {{ ttl_s = 3_600, min_tokens = 1_024 }}
limits = {{ input_tokens_per_min = 10_000_000, cached_tokens_count = {counted} }}
[strategies.s]
route = "m"
prompt_cache = "system"
"#
    );
    let cell = only_cell(&text);
    let mean = |name: &str| cell.metrics[name].mean;
    (mean("utilisation.m"), mean("cache.prompt_token_rate"))
}

fn only_cell(text: &str) -> Cell {
    let scenario = Scenario::parse(Source::new("test.toml", text), None)
        .unwrap_or_else(|problems| panic!("{problems}"));
    let model = model::compile(&scenario, Catalogue::embedded())
        .unwrap_or_else(|problems| panic!("{problems}"));
    let mut study = study::run_exact(&model, &Plan::of(&model), &Unwatched)
        .expect("a study")
        .study;
    study.cells.remove(0)
}

#[test]
fn tokens_read_from_the_prompt_cache_fill_a_limit_only_where_they_count() {
    let (all, warm) = metrics(true);
    let (uncached, _) = metrics(false);
    // All prompts are alike and all but the day's first are warm, so the busiest hour shrinks by the warm share.
    assert!((warm - 0.8).abs() < 0.001, "warm {warm}");
    assert!((uncached / all - 0.2).abs() < 0.001, "{uncached} of {all}");
}

/// One request a minute on average, against these limits and this hosted model.
fn refusing(limits: &str, route: &str) -> Cell {
    only_cell(&format!(
        r#"
[study]
days = 5
months = 2
starts = 2026-12-07
volumes = [1]
[workload]
conversations_per_day = 1_440
hourly = "flat"
[[workload.class]]
name = "all"
user_tokens = 100
output_tokens = 100
[models.m]
price = {{ input = 1, output = 1 }}
limits = {{ {limits} }}
[models.h]
hosting = {{ slots = 1, queue = 0 }}
token_ms = 600
[strategies.s]
{route}
"#
    ))
}

#[test]
fn the_limit_that_refuses_most_binds_first_however_full_another_is() {
    // Two requests in a burst of two minutes pass the first limit, which an average hour fills by half; a request a day
    // ahead of its time is refused by the second. The busiest hour of the second lies at its start, when it is full.
    let cell = refusing(
        "requests_per_min = 2, requests_per_day = 720, burst_s = 60",
        "route = \"m\"",
    );
    let refused = cell.metrics["rate.throttled_attempts"].mean * cell.metrics["attempts"].mean;
    let by_limit: f64 = cell.binding.iter().map(|it| it.refused).sum();
    // The product of two means is not quite the mean of the product.
    assert!(
        (by_limit / refused - 1.0).abs() < 1e-3,
        "{by_limit} of {refused}"
    );
    let [first, second] = &cell.binding[..] else {
        panic!("{:?}", cell.binding)
    };
    assert!(first.refused > second.refused && second.refused > 0.0);
    assert_eq!(first.limit, "requests_per_day");
}

#[test]
fn a_full_queue_binds_as_slots_and_where_nothing_is_refused_the_fullest_comes_first() {
    // A service takes a minute: M/D/1/1 at one erlang refuses half.
    let cell = refusing("requests_per_min = 1_000", "route = \"h\"");
    let slots = &cell.binding[0];
    assert_eq!((slots.model.as_str(), slots.limit.as_str()), ("h", "slots"));
    let failed = cell.metrics["rate.failed"].mean * cell.metrics["requests"].mean;
    assert!((slots.refused / failed - 1.0).abs() < 1e-3);
    let cell = refusing(
        "requests_per_min = 1_000, tokens_per_min = 100_000",
        "route = \"m\"",
    );
    // A request takes 200 tokens, 0.2% of the second limit and 0.1% of the first.
    let order: Vec<&str> = cell.binding.iter().map(|it| it.limit.as_str()).collect();
    assert_eq!(order, ["tokens_per_min", "requests_per_min"]);
    assert!(cell.binding.iter().all(|it| it.refused == 0.0));
}
