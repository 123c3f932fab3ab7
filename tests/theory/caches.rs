//! Rows 11 to 13: our own cache of answers, and the providers' prompt caches.

use statrs::function::gamma::gamma_lr;

use super::formulas::{che_hit_rate, ttl_hit_rate, warm_share, zipf};
use super::harness::{Scene, agrees};

fn questions(per_day: f64, unique: f64, distinct: u32, exponent: f64, cache: &str) -> Scene {
    Scene {
        class: format!(
            "user_tokens = 0\noutput_tokens = 0\n\
             questions = {{ unique = {unique}, distinct = {distinct}, zipf = {exponent}, cacheable = \"all\" }}"
        ),
        rest: format!(
            "[models.m]\nprice = {{ input = 1, output = 1 }}\n[strategies.s]\nroute = \"m\"\nresponse_cache = {{ {cache} }}\n"
        ),
        ..Scene::new(per_day)
    }
}

/// Expected misses of a question asked at `rate` in the first `t`, when each stored answer lives `ttl`: the renewal
/// function of cycles of a time to live and an exponential gap (the n-th miss comes after n gaps and n − 1 lives).
fn misses(rate: f64, ttl: f64, t: f64) -> f64 {
    let mut sum = 0.0;
    let mut n = 1.0;
    loop {
        let left = t - (n - 1.0) * ttl;
        if left <= 0.0 {
            return sum;
        }
        let chance = gamma_lr(n, rate * left);
        sum += chance;
        if chance < 1e-12 {
            return sum;
        }
        n += 1.0;
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn hits_of_answers_that_live_so_long_follow_from_renewal() {
    for (per_day, distinct, exponent, ttl_h) in [
        (4_000.0, 300, 1.0, 1.0),
        (20_000.0, 2_000, 0.8, 0.25),
        (2_000.0, 100, 1.2, 24.0),
    ] {
        let (days, warmup_d) = (10.0, 3.0);
        let scene = Scene {
            days: 10,
            warmup_h: warmup_d * 24.0,
            ..questions(
                per_day,
                0.0,
                distinct,
                exponent,
                &format!("kind = \"exact\", ttl_h = {ttl_h}"),
            )
        };
        let popularity = zipf(distinct, exponent);
        let ttl = ttl_h / 24.0;
        // From an empty cache, exactly; and the long-run rate, which a month of this length misses by so much.
        let missed: f64 = popularity
            .iter()
            .map(|share| {
                misses(share * per_day, ttl, warmup_d + days)
                    - misses(share * per_day, ttl, warmup_d)
            })
            .sum();
        let exact = 1.0 - missed / (per_day * days);
        let stationary = ttl_hit_rate(&popularity, per_day, ttl);
        let results = scene.run(60, &[]);
        let what = format!("{distinct} questions, {per_day}/day, TTL {ttl_h} h");
        // A month's rate is a ratio of counts: off by the variance of its denominator, relative.
        let bias = 1.0 / (per_day * days);
        results.agrees(&what, "cache.response_hit_rate", exact, 0.02, bias);
        results.agrees(
            &what,
            "cache.response_hit_rate",
            stationary,
            0.03,
            bias + (exact - stationary).abs(),
        );
        results.agrees(&what, "rate.cached", exact, 0.02, bias);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_semantic_cache_hits_the_repeats_that_it_recognises() {
    // What is not recognised leaves the entry as it is, so cycles are the same and a share of repeats hits.
    let scene = Scene {
        days: 10,
        warmup_h: 48.0,
        ..questions(
            4_000.0,
            0.25,
            300,
            1.0,
            "kind = \"semantic\", ttl_h = 2, recall = 0.8",
        )
    };
    let popularity = zipf(300, 1.0);
    let (rate, ttl) = (3_000.0, 2.0 / 24.0);
    let missed: f64 = popularity
        .iter()
        .map(|share| misses(share * rate, ttl, 12.0) - misses(share * rate, ttl, 2.0))
        .sum();
    let exact = 0.75 * 0.8 * (1.0 - missed / (rate * 10.0));
    scene.run(60, &[]).agrees(
        "recall 0.8, a quarter unique",
        "cache.response_hit_rate",
        exact,
        0.02,
        1.0 / 40_000.0,
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn hits_of_a_small_cache_are_those_of_ches_approximation() {
    for (unique, distinct, exponent, capacity) in [
        (0.0, 2_000, 0.8, 200.0),
        (0.0, 5_000, 1.1, 500.0),
        (0.4, 2_000, 1.0, 300.0),
        (0.1, 1_000, 0.0, 100.0),
    ] {
        let scene = Scene {
            warmup_h: 24.0,
            ..questions(
                40_000.0,
                unique,
                distinct,
                exponent,
                &format!("kind = \"exact\", capacity = {capacity}"),
            )
        };
        let expected = che_hit_rate(&zipf(distinct, exponent), unique, capacity);
        let what =
            format!("LRU of {capacity}, {distinct} questions, zipf {exponent}, unique {unique}");
        scene.run(60, &[]).agrees(
            &what,
            "cache.response_hit_rate",
            expected,
            0.05,
            0.02 * expected,
        );
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_shared_prefix_is_warm_when_somebody_used_it_within_its_time_to_live() {
    for refresh in [true, false] {
        for (x, prefixes) in [(0.2, 1), (1.0, 1), (1.0, 4), (3.0, 1)] {
            let scene = Scene {
                days: 30,
                warmup_h: 2.0,
                workload: format!("system_tokens = 1_000\nprefixes = {prefixes}"),
                class: "user_tokens = 250\noutput_tokens = 0".to_owned(),
                rest: format!(
                    "[models.m]\nprice = {{ input = 1, output = 1, cached_input = 0.1, cache_write = 1.25 }}\n\
                     prompt_caching = {{ ttl_s = 300, min_tokens = 500, refresh = {refresh} }}\n\
                     [strategies.s]\nroute = \"m\"\nprompt_cache = \"system\"\n"
                ),
                ..Scene::new(x * 288.0 * f64::from(prefixes))
            };
            let warm = warm_share(x, refresh);
            let requests = scene.per_day * 30.0;
            let results = scene.run(100, &[]);
            let what = format!("{prefixes} prefixes, λT = {x}, refresh {refresh}");
            results.agrees(
                &what,
                "cache.prompt_token_rate",
                warm * 0.8,
                0.05,
                2.0 / requests,
            );
            let cell = &results.cells[0];
            agrees(
                cell,
                &what,
                "cost.cached_input",
                requests * warm * 1e-3 * 0.1,
                0.05,
                0.0,
            );
            agrees(
                cell,
                &what,
                "cost.cache_write",
                requests * (1.0 - warm) * 1e-3 * 1.25,
                0.05,
                0.0,
            );
            agrees(cell, &what, "cost.input", requests * 250e-6, 0.05, 0.0);
        }
    }
}
