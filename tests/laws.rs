//! What holds for every scenario: nothing is lost, nothing is counted twice, and the same input gives the same bytes.

use gonogo::engine::Month;
use gonogo::engine::ledger::{LINES, OUTCOMES, Outcome, REASONS};
use gonogo::engine::limits::SLOTS;
use gonogo::model::{self, Model};
use gonogo::prices::Catalogue;
use gonogo::reading::Source;
use gonogo::scenario::Scenario;
use gonogo::study::{self, Cell, Plan, Study, Unwatched, run_exact};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn compile(text: &str) -> Model {
    let scenario = Scenario::parse(Source::new("law.toml", text), None)
        .unwrap_or_else(|it| panic!("{it}\n{text}"));
    model::compile(&scenario, Catalogue::embedded()).unwrap_or_else(|it| panic!("{it}\n{text}"))
}

fn run(model: &Model, months: u32, threads: usize) -> Study {
    let plan = Plan {
        months,
        threads,
        ..Plan::of(model)
    };
    run_exact(model, &plan, &Unwatched).expect("a study").study
}

fn nearly(what: &str, got: f64, expected: f64, scale: f64) {
    assert!(
        (got - expected).abs() <= 1e-9 * scale.abs().max(1e-9),
        "{what}: {got} for {expected}"
    );
}

/// What must hold in every month.
fn balances(month: &Month) {
    let ledger = &month.ledger;
    assert_eq!(
        ledger.outcomes.iter().sum::<u64>(),
        ledger.requests,
        "every request ends in one way"
    );
    assert_eq!(
        ledger.reasons.iter().sum::<u64>(),
        ledger.count(Outcome::Failed),
        "every failure has one reason"
    );
    assert_eq!(
        ledger.hits,
        ledger.count(Outcome::Cached),
        "a hit is a cached answer"
    );
    assert!(ledger.hits <= ledger.cacheable && ledger.cacheable <= ledger.requests);
    assert!(ledger.batch <= ledger.count(Outcome::Answered));
    assert!(
        ledger.refused + ledger.queue_full <= ledger.attempts,
        "only attempts are refused"
    );
    let mut refusals = [0; 7];
    for by_kind in &month.refusals {
        for (sum, count) in refusals.iter_mut().zip(by_kind) {
            *sum += count;
        }
    }
    assert_eq!(
        refusals[..SLOTS].iter().sum::<u64>(),
        ledger.refused,
        "every refusal has its limit"
    );
    assert_eq!(refusals[SLOTS], ledger.queue_full);
    assert!(ledger.wrong <= ledger.delivered_count() && ledger.leaked <= ledger.requests);
    assert!(ledger.conversations > 0 || ledger.requests == 0 || month.last_event > 0);
    let timed = ledger.latency.total() + ledger.stale_latency.total();
    assert_eq!(
        timed + ledger.batch,
        ledger.delivered_count(),
        "every delivered answer has a latency, or is batch"
    );
    assert_eq!(timed, ledger.first_token.total());
    assert!(ledger.latency_sum.is_finite() && ledger.latency_sum >= 0.0);
    let tolerance = 1e-9 * ledger.input_tokens.max(1.0);
    assert!(ledger.cached_tokens >= 0.0 && ledger.cached_tokens <= ledger.input_tokens + tolerance);
    for (name, usd) in LINES.iter().zip(ledger.bill) {
        assert!(usd.is_finite() && usd >= 0.0, "cost.{name} is {usd}");
    }
    let hours = ledger.hours();
    assert_eq!(
        hours.iter().map(|hour| hour.requests).sum::<u64>(),
        ledger.requests,
        "every request has its hour"
    );
    assert_eq!(
        hours.iter().map(|hour| hour.failed).sum::<u64>(),
        ledger.count(Outcome::Failed)
    );
    let by_hour: f64 = hours.iter().map(|hour| hour.cost).sum();
    let by_month: f64 = LINES
        .iter()
        .zip(ledger.bill)
        .filter(|(name, _)| {
            [
                "hosting",
                "human_review",
                "evals",
                "audit",
                "cache",
                "fixed",
            ]
            .contains(name)
        })
        .map(|(_, usd)| usd)
        .sum();
    nearly(
        "hours and months make the total",
        by_hour + by_month,
        ledger.total_usd(),
        ledger.total_usd(),
    );
    assert!(month.full_service_usd.is_finite());
    if ledger.refused + ledger.queue_full == 0 {
        assert_eq!(
            month.full_service_usd,
            ledger.total_usd(),
            "nothing was refused"
        );
    }
}

/// What must hold in every cell of a study.
fn adds_up(cell: &Cell) {
    let metric = |name: &str| cell.metrics.get(name).map_or(0.0, |metric| metric.mean);
    let sum = |prefix: &str, names: &[&str]| {
        names
            .iter()
            .map(|name| metric(&format!("{prefix}.{name}")))
            .sum::<f64>()
    };
    if cell.requests_simulated > 0 && cell.metrics.contains_key("rate.failed") {
        nearly("outcomes", sum("rate", &OUTCOMES), 1.0, 1.0);
        nearly(
            "reasons",
            sum("failed", &REASONS),
            metric("rate.failed"),
            1.0,
        );
    }
    nearly(
        "lines",
        sum("cost", &LINES),
        metric("cost.total"),
        metric("cost.total"),
    );
    for (name, metric) in &cell.metrics {
        assert!(metric.mean.is_finite(), "{name}");
        assert!(
            metric.p05 <= metric.p50 && metric.p50 <= metric.p80 && metric.p80 <= metric.p95,
            "{name}"
        );
        if name.starts_with("rate.")
            || name.starts_with("failed.")
            || name.starts_with("share_within")
            || name.starts_with("cache.")
        {
            assert!(
                (-1e-12..=1.0 + 1e-9).contains(&metric.p05) && metric.p95 <= 1.0 + 1e-9,
                "{name}: {metric:?}"
            );
        }
    }
}

/// Everything that the design knows, in one scenario.
const EVERYTHING: &str = r#"
schema = 1
name = "everything"
[study]
volumes = [1, 4]
days = 2
warmup_h = 3
starts = 2026-12-07
[budget]
"1x" = 100
[slo]
latency_p95_s = 5.0
first_token_p95_s = 2.0
failure_rate = 0.01
wrong_rate = 0.05
[workload]
conversations_per_day = "250 to 350"
system_tokens = 1_400
prefixes = 3
hourly = "business"
weekly = [1, 1, 1, 1, 1, 0.4, 0.3]
day_cv = 0.2
burst = { cv = 0.6, minutes = 5 }
[[workload.spike]]
per_month = 20
multiplier = 8
minutes = "5 to 30"
[[workload.class]]
name = "simple"
share = "0.6 to 0.8"
turns = { dist = "geometric", mean = 3 }
think_s = { p50 = 20, p95 = 120 }
user_tokens = { p50 = "30 to 50", p95 = 160 }
context_tokens = 900
output_tokens = { p50 = 180, p95 = 500 }
sensitive = 0.1
deferrable = 0.1
patience_s = { p50 = 15, p95 = 45 }
questions = { unique = 0.3, distinct = 100, zipf = 1.05, cacheable = "all" }
quits = 0.5
max_output_tokens = 600
[[workload.class]]
name = "agent"
share = "0.2 to 0.3"
turns = 2
user_tokens = 200
output_tokens = { p50 = 120, p95 = 300 }
reasoning_tokens = { dist = "exponential", mean = 200 }
calls = { dist = "geometric", mean = 3 }
tool_tokens = 400
tool_s = { p50 = 0.4, p95 = 3 }
history = { last = 3 }
overflow = "fail"
[models.small]
provider = "p"
price = { input = 1, output = 4, cached_input = 0.1, cache_write = 1.25 }
prompt_caching = { ttl_s = 300, min_tokens = 1_024, block = 128 }
context_window = 6_000
first_token_s = { mix = [ { share = 0.95, p50 = 0.5, p95 = 1 }, { share = 0.05, p50 = 4, p95 = 12 } ] }
prefill_ms_per_1k = 60
token_ms = { p50 = 10, p95 = 25 }
limits = { requests_per_min = 12, tokens_per_min = 40_000, concurrency = 6 }
error_rate = 0.05
quality = { simple = 0.9, agent = 0.8 }
[models.large]
provider = "q"
price = { input = 10, output = 30 }
first_token_s = { p50 = 0.8, p95 = 2.4 }
token_ms = { p50 = 30, p95 = 60 }
limits = { requests_per_min = 30, requests_per_day = 500 }
error_rate = 0.02
quality = 0.95
[models.own]
hosting = { replicas = 1, slots = 3, queue = 4, replica_per_hour = 2, token_ms_per_busy = 1, prefill_tokens_per_s = 4_000, kv_tokens = 9_000 }
autoscale = { min = 1, max = 3, target = 0.6, delay_s = 60 }
first_token_s = 0.1
token_ms = { p50 = 15, p95 = 25 }
error_rate = 0.4
quality = 0.85
[providers.p]
outage = { every_days = 1, minutes = { p50 = 25, p95 = 180 } }
brownout = { every_days = 0.5, minutes = { p50 = 20, p95 = 90 }, slowdown = 3, error_rate = 0.1 }
[providers.q]
outage = { every_days = 2, minutes = 30, error_rate = 0.7 }
[strategies.baseline]
route = "small"
timeout_s = 30
deadline_s = 60
[strategies.retries]
extends = "baseline"
retry = { attempts = 3, base_s = 0.5, jitter = "equal", budget = 0.3 }
[strategies.cascade]
extends = "retries"
route = { cascade = ["small", "large"], accept = 0.9, accept_wrong = 0.3 }
confidence = { catches = 0.6, false_alarms = 0.05, then = "escalate" }
[strategies.house]
extends = "retries"
route = "own"
timeout_s = 8
hedge = { after_s = 2 }
[strategies.full]
extends = "retries"
route = { router = { simple = "small", agent = "large" }, accuracy = 0.9, seconds = 0.05, tokens = 60 }
streaming = true
prompt_cache = "conversation"
response_cache = { kind = "semantic", ttl_h = 0.25, capacity = 60, recall = 0.85, false_hit = 0.01, lookup_s = 0.03, monthly = 150 }
batch = true
prompt_factor = 0.8
hedge = { after_s = 3 }
breaker = { window_s = 30, min_requests = 5, failure_rate = 0.5, open_s = 30, probes = 2 }
fallback = ["own", "stale", "degraded"]
admission = { max_wait_s = 5, queue = 20 }
sensitive_route = "own"
sanitise = { seconds = 0.04, misses = 0.02, per_1k_tokens = 0.0001 }
guardrail = { seconds = 0.08, blocks = 0.02, per_request = 0.0001 }
confidence = { catches = 0.7, false_alarms = 0.05, then = "human_review" }
human_review = { minutes = { p50 = 3, p95 = 10 }, reviewers = 2, per_hour = 45, hours = [8, 18], when = "before" }
[evals]
examples = 50
runs_per_month = 4
input_tokens = 1_200
output_tokens = 250
judge = "large"
[audit]
per_gb_month = 0.03
[fixed]
rent = 400
"#;

#[test]
fn nothing_is_lost_or_counted_twice_with_every_mechanism_on() {
    let model = compile(EVERYTHING);
    for strategy in 0..model.strategies.len() {
        for volume in [1.0, 4.0] {
            for number in 0..3 {
                balances(
                    &study::month(&model, strategy, volume, 3, number, None).expect("a month"),
                );
            }
        }
    }
    let study = run(&model, 4, 2);
    assert_eq!(study.cells.len(), 10);
    study.cells.iter().for_each(adds_up);
    // The scenario is rough on purpose: every way to end is met.
    for outcome in OUTCOMES {
        let name = format!("rate.{outcome}");
        assert!(
            study
                .cells
                .iter()
                .any(|cell| cell.metrics[&name].mean > 0.0),
            "nothing ended as {outcome}"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_for_any_number_of_threads() {
    let model = compile(EVERYTHING);
    let json = |threads| serde_json::to_string(&run(&model, 4, threads)).expect("JSON");
    let one = json(1);
    assert_eq!(one, json(2));
    assert_eq!(one, json(7));
    let other = Plan {
        months: 4,
        seed: 2,
        ..Plan::of(&model)
    };
    let other = serde_json::to_string(
        &run_exact(&model, &other, &Unwatched)
            .expect("a study")
            .study,
    )
    .expect("JSON");
    assert_ne!(one, other, "another seed has other luck");
}

#[test]
fn more_months_begin_with_the_same_months() {
    let model = compile(EVERYTHING);
    for number in 0..2 {
        let alone = study::month(&model, 4, 1.0, 1, number, None).expect("a month");
        let again = study::month(&model, 4, 1.0, 1, number, None).expect("a month");
        assert_eq!(alone, again);
    }
}

#[test]
fn strategies_share_their_luck() {
    // One turn each: whatever a strategy does, the same people ask the same questions at the same hours.
    let text = EVERYTHING
        .replace("turns = { dist = \"geometric\", mean = 3 }", "turns = 1")
        .replace("turns = 2", "turns = 1");
    let model = compile(&text);
    for number in 0..4 {
        let months: Vec<Month> = (0..model.strategies.len())
            .map(|it| study::month(&model, it, 1.0, 1, number, None).expect("a month"))
            .collect();
        let hours = |month: &Month| {
            month
                .ledger
                .hours()
                .iter()
                .map(|hour| hour.requests)
                .collect::<Vec<_>>()
        };
        for month in &months[1..] {
            assert_eq!(month.ledger.conversations, months[0].ledger.conversations);
            assert_eq!(month.ledger.requests, months[0].ledger.requests);
            assert_eq!(hours(month), hours(&months[0]));
        }
        // Retries are new attempts; first attempts keep their luck, so no more requests fail.
        assert!(months[1].ledger.attempts > months[0].ledger.attempts);
        assert!(months[1].ledger.count(Outcome::Failed) < months[0].ledger.count(Outcome::Failed));
    }
}

#[test]
fn conversations_come_whatever_becomes_of_their_turns() {
    let model = compile(EVERYTHING);
    for number in 0..4 {
        let came = |it| {
            study::month(&model, it, 1.0, 1, number, None)
                .expect("a month")
                .ledger
                .conversations
        };
        assert!((1..model.strategies.len()).all(|it| came(it) == came(0)));
    }
}

/// One of some lines, or none of them.
fn choice(options: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(options)
}

prop_compose! {
    fn classes()(
        turns in choice(&["", "turns = 3", "turns = { dist = \"geometric\", mean = 2.5 }"]),
        output in choice(&["0", "150", "{ p50 = 180, p95 = 500 }", "{ dist = \"exponential\", mean = 100 }"]),
        reasoning in choice(&["", "reasoning_tokens = { dist = \"gamma\", mean = 100, cv = 1 }"]),
        calls in choice(&["", "calls = 3\ntool_tokens = 200\ntool_s = 1", "calls = { dist = \"geometric\", mean = 2 }"]),
        history in choice(&["", "history = \"none\"", "history = { last = 2 }", "history = { summary_tokens = 100 }"]),
        rest in choice(&["", "sensitive = 0.3\ndeferrable = 0.2", "quits = 0", "quits = 1\noverflow = \"fail\"", "max_output_tokens = 200"]),
        patience in choice(&["", "patience_s = { p50 = 3, p95 = 20 }", "patience_s = 0"]),
        questions in choice(&["", "questions = { unique = 0.2, distinct = 20, cacheable = \"all\" }", "questions = { distinct = 3 }"]),
    ) -> String {
        format!("user_tokens = {{ p50 = 40, p95 = 160 }}\noutput_tokens = {output}\nthink_s = 15\n{turns}\n{reasoning}\n{calls}\n{history}\n{rest}\n{patience}\n{questions}\n")
    }
}

prop_compose! {
    fn models()(
        errors in choice(&["", "error_rate = 0.3", "error_rate = 1", "error_rate = 0.1\nerror_s = 0"]),
        speed in choice(&["", "first_token_s = { p50 = 0.8, p95 = 4 }\ntoken_ms = { p50 = 10, p95 = 40 }\nprefill_ms_per_1k = 100", "first_token_s = 2"]),
        limits in choice(&["", "limits = { requests_per_min = 2 }", "limits = { tokens_per_min = 3_000, concurrency = 2, refused_count = true }", "limits = { requests_per_day = 100, burst_s = 5, output_tokens_per_min = 500 }"]),
        window in choice(&["", "context_window = 1_500", "context_window = 300"]),
        caching in choice(&["", "prompt_caching = { ttl_s = 60, min_tokens = 100, block = 64 }", "prompt_caching = { ttl_s = 20, min_tokens = 1, refresh = false }"]),
        hosting in choice(&[
            "slots = 1, queue = 0", "slots = 2", "replicas = 2, slots = 2, queue = 1, token_ms_per_busy = 2",
            "slots = inf, token_ms_per_busy = 1, prefill_tokens_per_s = 500", "slots = 4, kv_tokens = 800, queue = 3",
        ]),
        scale in choice(&["", "autoscale = { min = 1, max = 3, target = 0.5, delay_s = 30 }"]),
        providers in choice(&["", "outage = { every_days = 0.2, minutes = 60 }", "brownout = { every_days = 0.1, minutes = { p50 = 20, p95 = 90 }, slowdown = 4, error_rate = 0.3 }"]),
    ) -> String {
        let providers = if providers.is_empty() { String::new() } else { format!("[providers.p]\n{providers}\n") };
        format!(
            "[models.a]\nprovider = \"p\"\nprice = {{ input = 1, output = 2, cached_input = 0.1, cache_write = 2 }}\nquality = 0.8\n{errors}\n{speed}\n{limits}\n{window}\n{caching}\n\
             [models.b]\nprovider = \"q\"\nprice = {{ input = 5, output = 9 }}\n{speed}\nerror_rate = 0.1\n\
             [models.h]\nhosting = {{ {hosting} }}\n{scale}\ntoken_ms = {{ p50 = 10, p95 = 30 }}\nfirst_token_s = 0.2\nerror_rate = 0.05\nquality = 0.7\n{providers}"
        )
    }
}

prop_compose! {
    fn strategies()(
        route in choice(&["\"a\"", "\"h\"", "{ router = { only = \"a\" }, accuracy = 0.8, tokens = 10, seconds = 0.1 }", "{ cascade = [\"a\", \"b\"], accept = 0.8, accept_wrong = 0.3 }", "{ cascade = [\"h\", \"a\", \"b\"], accept = 0.8, accept_wrong = 0.3 }"]),
        streaming in any::<bool>(),
        time in choice(&["", "timeout_s = 3", "timeout_s = 6\ndeadline_s = 8", "deadline_s = 1", "timeout_s = 0"]),
        retry in choice(&["", "retry = { attempts = 4 }", "retry = { attempts = 3, base_s = 0, budget = 0.1 }", "retry = { attempts = 2, jitter = { add_s = 1 } }"]),
        cache in choice(&["", "prompt_cache = \"system\"", "prompt_cache = \"conversation\"", "prompt_cache = true"]),
        answers in choice(&["", "response_cache = { kind = \"exact\", ttl_h = 0.2, capacity = 5 }", "response_cache = { kind = \"semantic\", recall = 0.5, false_hit = 0.1, lookup_s = 0.1 }"]),
        hedge in choice(&["", "hedge = { after_s = 1 }", "hedge = { after_s = 0 }"]),
        breaker in choice(&["", "breaker = { failures = 2, open_s = 20 }", "breaker = { window_s = 60, min_requests = 3, failure_rate = 0.3, probes = 2 }"]),
        fallback in choice(&["", "fallback = [\"b\"]", "fallback = [\"h\", \"stale\", \"degraded\"]", "fallback = [\"stale\"]"]),
        admission in choice(&["", "admission = { max_wait_s = 10, queue = 3 }", "admission = { max_wait_s = inf }"]),
        guard in choice(&["", "batch = true", "sensitive_route = \"h\"", "sanitise = { misses = 0.5 }\nguardrail = { blocks = 0.1, seconds = 0.2 }"]),
        people in choice(&["", "confidence = { catches = 0.8, false_alarms = 0.1, then = \"escalate\" }",
            "confidence = { catches = 0.8, false_alarms = 0.1, then = \"human_review\" }\nhuman_review = { minutes = 4, reviewers = 1, when = \"before\", hours = [8, 18] }",
            "confidence = { catches = 0.8, then = \"human_review\" }\nhuman_review = { minutes = 4, reviewers = 2, when = \"after\" }"]),
    ) -> String {
        format!("[strategies.s]\nroute = {route}\nstreaming = {streaming}\n{time}\n{retry}\n{cache}\n{answers}\n{hedge}\n{breaker}\n{fallback}\n{admission}\n{guard}\n{people}\n")
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(debug_assertions) { 48 } else { 400 }, failure_persistence: None, max_shrink_iters: 60, rng_seed: RngSeed::Fixed(20_261_125), ..ProptestConfig::default() })]

    #[test]
    fn any_scenario_balances(class in classes(), models in models(), strategy in strategies(), warmup_h in 0_u8..3, seed in 0_u32..1_000_000) {
        let text = format!(
            "schema = 1\nname = \"any\"\n[study]\nvolumes = [1, 5]\ndays = 1\nwarmup_h = {warmup_h}\nseed = {seed}\n[workload]\n\
             conversations_per_day = 150\nsystem_tokens = 120\n[[workload.class]]\nname = \"only\"\n{class}{models}{strategy}"
        );
        let Ok(scenario) = Scenario::parse(Source::new("any.toml", text.clone()), None) else {
            // Combinations that make no sense are refused when read, not simulated.
            return Ok(());
        };
        let model = model::compile(&scenario, Catalogue::embedded()).unwrap_or_else(|it| panic!("{it}\n{text}"));
        for volume in [1.0, 5.0] {
            let month = study::month(&model, 0, volume, u64::from(seed), 0, None).expect("a month");
            balances(&month);
            prop_assert!(month.ledger.requests > 0);
        }
        run(&model, 2, 2).cells.iter().for_each(adds_up);
    }
}
