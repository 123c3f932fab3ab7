//! Worlds to compare the estimators in: the scenarios shipped, made small, and twenty that are meant to be hard.

use gonogo::model::{self, Model};
use gonogo::prices::Catalogue;
use gonogo::reading::Source;
use gonogo::scenario::Scenario;

/// The scenarios shipped that need no file of their own beside them.
pub const SHIPPED: [(&str, &str); 9] = [
    (
        "bulk-classification",
        include_str!("../../scenarios/bulk-classification.toml"),
    ),
    (
        "code-assistant",
        include_str!("../../scenarios/code-assistant.toml"),
    ),
    (
        "conversation-service",
        include_str!("../../scenarios/conversation-service.toml"),
    ),
    (
        "document-summariser",
        include_str!("../../scenarios/document-summariser.toml"),
    ),
    (
        "gateway-outage",
        include_str!("../../scenarios/gateway-outage.toml"),
    ),
    (
        "rag-search",
        include_str!("../../scenarios/rag-search.toml"),
    ),
    (
        "self-hosted-assistant",
        include_str!("../../scenarios/self-hosted-assistant.toml"),
    ),
    (
        "support-chatbot-gpt4",
        include_str!("../../scenarios/support-chatbot-gpt4.toml"),
    ),
    (
        "support-chatbot",
        include_str!("../../scenarios/support-chatbot.toml"),
    ),
];

/// A scenario shipped, of so many days.
pub fn shipped(text: &str, days: u32) -> Model {
    let mut model = compile(text);
    last(&mut model, days);
    model
}

/// Makes a model's months so many days long.
fn last(model: &mut Model, days: u32) {
    model.calendar.days = days;
    model.calendar.length_s = f64::from(days) * 86_400.0;
}

/// What a hard world differs in from an ordinary one.
struct Twist {
    name: &'static str,
    per_day: &'static str,
    /// After `[workload]`.
    traffic: &'static str,
    /// Of the class.
    class: &'static str,
    /// Of the first model.
    model: &'static str,
    /// Of the first strategy, and anything else.
    rest: &'static str,
}

const fn twist(name: &'static str) -> Twist {
    Twist {
        name,
        per_day: "\"700 to 1_300\"",
        traffic: "",
        class: "",
        model: "",
        rest: "",
    }
}

/// Saturation, long outages, tiny caches, rare failures, a hundred times the volume, and mixtures of them.
#[rustfmt::skip]
const TWISTS: [Twist; 20] = [
    Twist { model: "limits = { requests_per_min = 6 }", ..twist("saturated by requests") },
    Twist { model: "limits = { tokens_per_min = 9_000 }", rest: "retry = { attempts = 4, base_s = 1, factor = 2, max_s = 20, jitter = \"full\" }", ..twist("saturated by tokens, with retries") },
    Twist { model: "limits = { output_tokens_per_min = 1_500 }", rest: "admission = { max_wait_s = 8, queue = 40 }", ..twist("saturated, and waiting") },
    Twist { model: "limits = { concurrency = 2 }", ..twist("saturated by concurrency") },
    Twist { traffic: "[[workload.spike]]\nper_month = 6\nmultiplier = 12\nminutes = \"20 to 90\"", model: "limits = { requests_per_min = 20 }", ..twist("spikes over the limit") },
    Twist { traffic: "burst = { cv = 1.5, minutes = 5 }", model: "limits = { requests_per_min = 12 }", ..twist("bursts over the limit") },
    Twist { rest: "[providers.p]\noutage = { every_days = 3, minutes = { p50 = 180, p95 = 900 } }", ..twist("long outages") },
    Twist { rest: "fallback = [\"b\"]\nbreaker = { failures = 3, window_s = 60, open_s = 60 }\n[providers.p]\noutage = { every_days = 2, minutes = { p50 = 60, p95 = 400 } }", ..twist("outages with a breaker and a fallback") },
    Twist { rest: "timeout_s = 12\nretry = { attempts = 2, base_s = 1 }\n[providers.p]\nbrownout = { every_days = 1, minutes = { p50 = 60, p95 = 240 }, slowdown = 4, error_rate = 0.2 }", ..twist("brownouts into the timeout") },
    Twist { class: "questions = { unique = 0.3, distinct = 3_000, zipf = 1.0, cacheable = \"all\" }", rest: "response_cache = { kind = \"exact\", ttl_h = 24, capacity = 50 }", ..twist("a tiny cache") },
    Twist { class: "questions = { unique = 0.1, distinct = 500, zipf = 0.8, cacheable = \"all\" }", rest: "response_cache = { kind = \"semantic\", ttl_h = 1, capacity = 1_000, recall = 0.8, false_hit = 0.01 }", ..twist("a forgetful cache") },
    Twist { class: "questions = { unique = 0.5, distinct = 2_000, zipf = 1.1, cacheable = \"first_turn\" }", rest: "response_cache = { kind = \"semantic\", ttl_h = 48, capacity = 5_000, recall = 0.9 }\nfallback = [\"stale\"]\n[providers.p]\noutage = { every_days = 2, minutes = { p50 = 60, p95 = 400 } }", ..twist("stale answers in an outage") },
    Twist { model: "error_rate = 0.0005", ..twist("rare failures") },
    Twist { model: "error_rate = 0.02", rest: "retry = { attempts = 3, base_s = 0.2 }", ..twist("rare failures behind retries") },
    Twist { per_day: "\"7_000 to 13_000\"", class: "patience_s = { p50 = 15, p95 = 40 }", model: "limits = { requests_per_min = 60, tokens_per_min = 80_000 }", ..twist("ten times the traffic at the same limits") },
    Twist { per_day: "\"60_000 to 140_000\"", ..twist("a hundred times the volume") },
    Twist { rest: "hedge = { after_s = 3 }\nstreaming = true\ntimeout_s = 8", ..twist("hedges") },
    Twist { per_day: "\"400 to 1_600\"", class: "history = \"none\"", rest: "prompt_cache = \"system\"", ..twist("facts that are hardly known") },
    Twist { model: "limits = { requests_per_min = 4 }", rest: "fallback = [\"b\", \"degraded\"]", traffic: "day_cv = 0.5", ..twist("days that differ, over the limit") },
    Twist { rest: "route = \"h\"", ..twist("a hosted model that is often full") },
];

/// The hard worlds: name and model.
pub fn hard() -> impl Iterator<Item = (&'static str, Model)> {
    TWISTS.iter().map(|twist| {
        let mut model = compile(&text(twist));
        // A day of a hundred times the volume is enough.
        last(&mut model, if twist.per_day.len() > 18 { 1 } else { 5 });
        (twist.name, model)
    })
}

fn text(twist: &Twist) -> String {
    let set = |own: &str, key: &str, usual: &str| {
        let known = own.lines().any(|line| line.starts_with(key));
        if known {
            String::new()
        } else {
            format!("{key} = {usual}\n")
        }
    };
    format!(
        "schema = 1\nname = \"{name}\"\n[study]\nvolumes = [1]\ndays = 5\nstarts = 2026-12-07\nseed = 1\n\
         [workload]\nconversations_per_day = {per_day}\nsystem_tokens = 1_200\nhourly = \"business\"\n{burst}{traffic}\n\
         [[workload.class]]\nname = \"only\"\nturns = {{ dist = \"geometric\", mean = 3 }}\n\
         think_s = {{ p50 = 20, p95 = 120 }}\nuser_tokens = {{ p50 = 60, p95 = 300 }}\ncontext_tokens = 500\n\
         output_tokens = {{ p50 = 150, p95 = 500 }}\n{class}\n\
         [models.a]\nprovider = \"p\"\nprice = {{ input = 3, cached_input = 0.3, output = 15 }}\n\
         prompt_caching = {{ ttl_s = 300, min_tokens = 1024, block = 128, refresh = true }}\n\
         first_token_s = {{ p50 = 0.8, p95 = 2.4 }}\ntoken_ms = {{ p50 = 20, p95 = 40 }}\n{error}{model}\n\
         [models.b]\nprovider = \"q\"\nprice = {{ input = 1, output = 4 }}\nfirst_token_s = 1\ntoken_ms = 15\n\
         [models.h]\nhosting = {{ replicas = 1, slots = 3, queue = 6, replica_per_hour = 2, token_ms_per_busy = 1 }}\n\
         first_token_s = 0.5\ntoken_ms = 20\n\
         [strategies.s]\n{route}{rest}\n",
        name = twist.name,
        per_day = twist.per_day,
        traffic = twist.traffic,
        class = twist.class,
        model = twist.model,
        rest = twist.rest,
        burst = set(twist.traffic, "burst", "{ cv = 0.5, minutes = 5 }"),
        error = set(twist.model, "error_rate", "0.004"),
        route = set(twist.rest, "route", "\"a\""),
    )
}

pub fn compile(text: &str) -> Model {
    let scenario = Scenario::parse(Source::new("scenario.toml", text), None)
        .unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    model::compile(&scenario, Catalogue::embedded())
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}
