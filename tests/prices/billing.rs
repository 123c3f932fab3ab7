//! Prices: every golden case through the single quote and through the compiled tariff, and what a tariff must get
//! right that no single call shows.
//!
//! `data/price_cases.json` was computed with the Python package genai-prices 0.2.3 on 2026-11-23: another
//! implementation of the same price list.

use gonogo::prices::{Catalogue, Entry, OwnRates, PriceError, Tariff, Terms, Tokens, Usage, quote};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::Value;

const MILLIONTH: f64 = 1e-6;

fn find(reference: &str) -> Entry {
    Catalogue::embedded().find(reference).unwrap()
}

fn compile(
    reference: &str,
    terms: &Terms<'_>,
    starts: Date,
    days: u32,
    utc_offset_h: f64,
) -> Tariff {
    Tariff::compile(&find(reference), terms, starts, days, utc_offset_h).unwrap()
}

/// Dollars per million plain input tokens, so many hours after the start.
fn input_at(tariff: &Tariff, hours: f64) -> f64 {
    let tokens = Tokens {
        input_plain: 1.0,
        ..Tokens::default()
    };
    (tariff.rates_at(hours * 3600.0).price(&tokens).total() * 1e9).round() / 1e3
}

struct Case {
    reference: String,
    note: String,
    usage: Usage,
    tier: String,
    batch: bool,
    at: Timestamp,
    total: f64,
    input: f64,
    output: f64,
}

fn cases() -> Vec<Case> {
    let file: Value = serde_json::from_str(include_str!("../data/price_cases.json")).unwrap();
    let dollars = |case: &Value, key: &str| case[key].as_str().unwrap().parse::<f64>().unwrap();
    let read = |case: &Value| {
        let tokens = |key: &str| case["usage"][key].as_f64().unwrap_or(0.0);
        Case {
            reference: format!(
                "{}:{}",
                case["provider"].as_str().unwrap(),
                case["model"].as_str().unwrap()
            ),
            note: case["note"].as_str().unwrap().to_owned(),
            usage: Usage {
                input: tokens("input_tokens"),
                cached: tokens("cache_read_tokens"),
                cache_write: tokens("cache_write_tokens"),
                cache_write_1h: tokens("cache_write_1h_tokens"),
                output: tokens("output_tokens"),
                reasoning: tokens("output_reasoning_tokens"),
                web_searches: tokens("web_searches"),
            },
            tier: case["context"]["service_tier"]
                .as_str()
                .unwrap_or("default")
                .to_owned(),
            batch: case["context"]["processing"] == "batch",
            at: case["at"].as_str().unwrap().parse().unwrap(),
            total: dollars(case, "total_usd"),
            input: dollars(case, "input_usd"),
            output: dollars(case, "output_usd"),
        }
    };
    file["cases"].as_array().unwrap().iter().map(read).collect()
}

#[test]
fn every_golden_case_is_quoted_to_a_millionth_of_a_dollar() {
    let cases = cases();
    assert!(cases.len() == 39, "the file has {} cases", cases.len());
    for case in cases {
        let terms = Terms {
            tier: &case.tier,
            batch: case.batch,
            ..Terms::default()
        };
        let lines = quote(&find(&case.reference), &terms, case.at, &case.usage)
            .unwrap()
            .lines;
        let say = format!("{} {}: {lines:?}", case.reference, case.note);
        assert!(
            (lines.total() - case.total).abs() < MILLIONTH,
            "{say}, expected {}",
            case.total
        );
        assert!(
            (lines.input + lines.cached_input + lines.cache_write - case.input).abs() < MILLIONTH,
            "{say}"
        );
        assert!(
            (lines.output + lines.reasoning - case.output).abs() < MILLIONTH,
            "{say}"
        );
    }
}

#[test]
fn every_golden_case_comes_out_of_the_compiled_tariff_as_well() {
    for case in cases() {
        let terms = Terms {
            tier: &case.tier,
            batch: case.batch,
            ..Terms::default()
        };
        // A month that starts before the case's instant, in a zone where its hour is another.
        let starts = date(2026, 11, 20);
        let tariff = compile(&case.reference, &terms, starts, 30, 5.5);
        let midnight: Timestamp = "2026-11-19T18:30:00Z".parse().unwrap();
        let seconds = case.at.duration_since(midnight).as_secs_f64();
        let total = tariff
            .rates_at(seconds)
            .price(&case.usage.tokens().unwrap())
            .total();
        assert!(
            (total - case.total).abs() < MILLIONTH,
            "{} {}: {total}",
            case.reference,
            case.note
        );
    }
}

#[test]
fn a_context_tier_starts_at_exactly_the_token_that_the_provider_says() {
    for (reference, first_dear) in [
        ("google:gemini-2.5-pro", 200_001.0),
        ("openai:gpt-6.1-sol", 272_001.0),
        ("x-ai:grok-4.6", 200_000.0),
        ("anthropic:claude-haiku-5-5", 100_001.0),
    ] {
        let tariff = compile(reference, &Terms::default(), date(2026, 11, 23), 1, 0.0);
        let tiers: Vec<f64> = tariff
            .rates_at(0.0)
            .tiers
            .iter()
            .map(|tier| tier.above_tokens)
            .collect();
        assert_eq!(tiers, [0.0, first_dear], "{reference}");
    }
}

#[test]
fn an_announced_price_change_begins_at_midnight_utc_of_its_day() {
    // Google announced 0.75 until 2026-12-31 and 1.50 from 2027-01-01 for gemini-3.6-flash.
    let tariff = compile(
        "google:gemini-3.6-flash",
        &Terms::default(),
        date(2026, 12, 15),
        30,
        0.0,
    );
    let new_year = 17.0 * 24.0;
    assert_eq!(input_at(&tariff, new_year - 0.25), 0.75);
    assert_eq!(input_at(&tariff, new_year), 1.5);
    assert_eq!(tariff.rates.len(), 2);
    // Three hours ahead of UTC it is three in the morning by then.
    let ahead = compile(
        "google:gemini-3.6-flash",
        &Terms::default(),
        date(2026, 12, 15),
        30,
        3.0,
    );
    assert_eq!(input_at(&ahead, new_year + 2.75), 0.75);
    assert_eq!(input_at(&ahead, new_year + 3.0), 1.5);
    let behind = compile(
        "google:gemini-3.6-flash",
        &Terms::default(),
        date(2026, 12, 15),
        30,
        -8.0,
    );
    assert_eq!(input_at(&behind, new_year - 8.25), 0.75);
    assert_eq!(input_at(&behind, new_year - 8.0), 1.5);
}

#[test]
fn a_change_announced_for_before_the_month_holds_from_its_start() {
    let tariff = compile(
        "google:gemini-3.6-flash",
        &Terms::default(),
        date(2027, 1, 4),
        30,
        0.0,
    );
    assert_eq!((tariff.rates.len(), input_at(&tariff, 0.0)), (1, 1.5));
}

#[test]
fn prices_by_the_hour_follow_local_time() {
    // DeepSeek: peak from 01:00 to 04:00 and 06:00 to 10:00 UTC.
    let utc = compile(
        "deepseek:deepseek-flash",
        &Terms::default(),
        date(2026, 11, 23),
        30,
        0.0,
    );
    let local = compile(
        "deepseek:deepseek-flash",
        &Terms::default(),
        date(2026, 11, 23),
        30,
        8.0,
    );
    for day in [0.0, 1.0, 29.0] {
        for (hour, price) in [
            (0.75, 0.15),
            (1.0, 0.3),
            (3.75, 0.3),
            (4.0, 0.15),
            (6.0, 0.3),
            (10.0, 0.15),
            (23.75, 0.15),
        ] {
            assert_eq!(
                input_at(&utc, day * 24.0 + hour),
                price,
                "day {day} at {hour} UTC"
            );
            let there = (hour + 8.0) % 24.0;
            assert_eq!(
                input_at(&local, day * 24.0 + there),
                price,
                "day {day} at {there} local"
            );
        }
    }
    assert_eq!(utc.rates.len(), 2);
}

#[test]
fn times_outside_the_period_have_the_prices_of_its_ends() {
    let tariff = compile(
        "google:gemini-3.6-flash",
        &Terms::default(),
        date(2026, 12, 31),
        2,
        0.0,
    );
    assert_eq!(tariff.slots.len(), 192);
    assert_eq!(input_at(&tariff, -1.0), 0.75);
    assert_eq!(input_at(&tariff, 1e9), 1.5);
    assert_eq!(input_at(&tariff, f64::NAN), 0.75);
}

#[test]
fn groq_does_not_stack_batch_and_caching() {
    let terms = Terms {
        batch: true,
        ..Terms::default()
    };
    let tariff = compile(
        "groq:openai/gpt-oss-120b",
        &terms,
        date(2026, 11, 23),
        1,
        0.0,
    );
    let rate = tariff.rates_at(0.0).tier(1000.0);
    assert_eq!(rate.cached_input, rate.input);
}

#[test]
fn a_write_costs_by_how_long_it_lives() {
    let write = |reference: &str, cache_ttl_s: f64| {
        let terms = Terms {
            cache_ttl_s,
            ..Terms::default()
        };
        let rate = compile(reference, &terms, date(2026, 11, 23), 1, 0.0)
            .rates_at(0.0)
            .tier(5000.0);
        rate.cache_write / rate.input
    };
    assert!((write("anthropic:claude-sonnet-4-5", 300.0) - 1.25).abs() < 1e-12);
    assert!((write("anthropic:claude-sonnet-4-5", 3600.0) - 2.0).abs() < 1e-12);
    assert!((write("openai:gpt-6.1-sol", 1800.0) - 1.25).abs() < 1e-12);
    assert!((write("openai:gpt-6.1-sol", 43_200.0) - 2.0).abs() < 1e-12);
    assert!((write("openai:gpt-4o", 300.0) - 1.0).abs() < 1e-12);
}

#[test]
fn an_unknown_tier_names_those_that_exist() {
    let entry = find("openai:gpt-5");
    let terms = Terms {
        tier: "turbo",
        ..Terms::default()
    };
    let error = Tariff::compile(&entry, &terms, date(2026, 11, 23), 30, 0.0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "openai:gpt-5 has no service tier `turbo`; it has `default`, `flex`, `priority`, `fast`, `batch`"
    );
}

#[test]
fn batch_without_a_batch_service_is_an_error() {
    let entry = find("cohere:command-a");
    let terms = Terms {
        batch: true,
        ..Terms::default()
    };
    let error = Tariff::compile(&entry, &terms, date(2026, 11, 23), 30, 0.0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cohere:command-a has no batch prices; it has `default`"
    );
}

#[test]
fn a_fast_tier_that_the_catalogue_lacks_comes_from_the_dated_facts() {
    let fast = Terms {
        tier: "fast",
        ..Terms::default()
    };
    let tariff = compile(
        "anthropic:claude-opus-5-5",
        &fast,
        date(2026, 11, 23),
        1,
        0.0,
    );
    assert_eq!(input_at(&tariff, 0.0), 8.0);
}

#[test]
fn tier_prices_that_are_not_known_yet_on_a_day_are_said_to_be_the_standard_ones() {
    let batch = Terms {
        batch: true,
        ..Terms::default()
    };
    let early = compile("openai:gpt-4", &batch, date(2026, 9, 1), 30, 0.0);
    assert_eq!((input_at(&early, 0.0), early.notes.len()), (30.0, 1));
    let across = compile("openai:gpt-4", &batch, date(2026, 10, 1), 30, 0.0);
    assert_eq!(
        (
            input_at(&across, 12.75 * 24.0),
            input_at(&across, 13.0 * 24.0),
            across.notes.len()
        ),
        (30.0, 15.0, 1)
    );
    let late = compile("openai:gpt-4", &batch, date(2026, 11, 1), 30, 0.0);
    assert_eq!((input_at(&late, 0.0), late.notes.len()), (15.0, 0));
}

#[test]
fn own_prices_are_per_million_and_batch_is_a_factor() {
    let own = OwnRates {
        input: 30.0,
        output: 60.0,
        cached_input: Some(3.0),
        cache_write: None,
        batch: 0.5,
    };
    let tokens = Tokens {
        input_plain: 1e6,
        cached: 1e6,
        cache_write: 1e6,
        output: 1e6,
        reasoning: 1e6,
        ..Tokens::default()
    };
    let total = |batch| {
        Tariff::own(&own, batch)
            .rates_at(1e6)
            .price(&tokens)
            .total()
    };
    assert!((total(false) - (30.0 + 3.0 + 30.0 + 60.0 + 60.0)).abs() < 1e-9);
    assert!((total(true) - total(false) / 2.0).abs() < 1e-9);
}

#[test]
fn contradicting_token_counts_are_refused() {
    let entry = find("openai:gpt-4o");
    let at = "2026-11-23T02:00:00Z".parse().unwrap();
    for usage in [
        Usage {
            input: 10.0,
            cached: 6.0,
            cache_write: 5.0,
            ..Usage::default()
        },
        Usage {
            input: 10.0,
            cache_write: 5.0,
            cache_write_1h: 6.0,
            ..Usage::default()
        },
        Usage {
            output: 10.0,
            reasoning: 11.0,
            ..Usage::default()
        },
        Usage {
            input: -1.0,
            ..Usage::default()
        },
        Usage {
            input: f64::NAN,
            ..Usage::default()
        },
    ] {
        assert!(
            matches!(
                quote(&entry, &Terms::default(), at, &usage),
                Err(PriceError::Usage(_))
            ),
            "{usage:?}"
        );
    }
}

#[test]
fn periods_that_cannot_be_simulated_are_refused() {
    let entry = find("openai:gpt-4o");
    for (starts, days) in [
        (date(2026, 1, 1), 0),
        (date(2026, 1, 1), 100_000),
        (date(1900, 1, 1), 30),
    ] {
        let error = Tariff::compile(&entry, &Terms::default(), starts, days, 0.0).unwrap_err();
        assert!(matches!(error, PriceError::Period { .. }));
    }
}
