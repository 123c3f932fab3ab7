//! How full a limit is, is measured in what the limit counts.

use gonogo::model;
use gonogo::prices::Catalogue;
use gonogo::reading::Source;
use gonogo::scenario::Scenario;
use gonogo::study::{self, Plan, Unwatched};

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
    let scenario = Scenario::parse(Source::new("test.toml", text), None)
        .unwrap_or_else(|problems| panic!("{problems}"));
    let model = model::compile(&scenario, Catalogue::embedded())
        .unwrap_or_else(|problems| panic!("{problems}"));
    let study = study::run_exact(&model, &Plan::of(&model), &Unwatched)
        .expect("a study")
        .study;
    let mean = |name: &str| study.cells[0].metrics[name].mean;
    (mean("utilisation.m"), mean("cache.prompt_token_rate"))
}

#[test]
fn tokens_read_from_the_prompt_cache_fill_a_limit_only_where_they_count() {
    let (all, warm) = metrics(true);
    let (uncached, _) = metrics(false);
    // All prompts are alike and all but the day's first are warm, so the busiest hour shrinks by the warm share.
    assert!((warm - 0.8).abs() < 0.001, "warm {warm}");
    assert!((uncached / all - 0.2).abs() < 0.001, "{uncached} of {all}");
}
