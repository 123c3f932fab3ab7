//! Row 14: token buckets refuse what is too much, and admission makes queues of them.

use super::formulas::{erlang_b, md1k_loss, mmc_wait, pollaczek_khinchine};
use super::harness::{MEAN_BIAS, Scene, cloud};
use super::law::Law;

/// Against limits, `rate` requests in ten seconds, all answered at once.
fn scene(rate: f64, limits: &str, strategy: &str) -> Scene {
    Scene {
        warmup_h: 4.0,
        class: "user_tokens = 60\noutput_tokens = 40".to_owned(),
        rest: format!(
            "{}[strategies.s]\nroute = \"m\"\n{strategy}",
            cloud(&format!("limits = {{ {limits} }}"))
        ),
        ..Scene::new(rate * 8_640.0)
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_token_bucket_refuses_what_a_queue_of_its_depth_would() {
    // A bucket of K tokens that refills one in ten seconds is an M/D/1 queue seen upside down: what it lacks is the work in
    // a queue with room for K.
    for (rate, depth) in [
        (0.8, 2),
        (0.95, 5),
        (1.05, 5),
        (1.0, 20),
        (1.2, 60),
        (2.0, 60),
        (5.0, 60),
    ] {
        let expected = md1k_loss(depth, rate);
        let limits = format!("requests_per_min = 6, burst_s = {}", depth * 10);
        // Sixty days know the rarest refusals (20 deep at the limit: 2.5%, in clusters of hours) to 21%; to know them to
        // the 10% asked takes (21/10)² times as many, and half as many again as the error itself is an estimate.
        let results = scene(rate, &limits, "").run(400, &[]);
        let what = format!("{rate} of the limit, {depth} deep");
        results.agrees(&what, "failed.throttled", expected, 0.1, 0.0);
        results.agrees(&what, "rate.throttled_attempts", expected, 0.1, 0.0);
        if rate >= 1.2 {
            let fluid = 1.0 - 1.0 / rate;
            results.agrees(
                &what,
                "failed.throttled",
                fluid,
                0.03,
                (expected - fluid).abs(),
            );
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn every_kind_of_token_limit_counts_what_it_says() {
    // 60 tokens in, 40 out: the same bucket in other units.
    for limits in [
        "tokens_per_min = 600",
        "input_tokens_per_min = 360",
        "output_tokens_per_min = 240",
    ] {
        let results = scene(1.1, &format!("{limits}, burst_s = 50"), "").run(60, &[]);
        results.agrees(limits, "failed.throttled", md1k_loss(5, 1.1), 0.05, 0.0);
    }
    // A day's bucket is a day deep: at twice the limit, half of what comes after the bucket has run dry is refused.
    let results = scene(1.0, "requests_per_day = 4_320", "");
    let results = Scene {
        warmup_h: 48.0,
        ..results
    }
    .run(60, &[]);
    results.agrees(
        "requests_per_day",
        "failed.throttled",
        0.5,
        0.02,
        1.0 / 4_320.0,
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn refused_calls_that_count_keep_the_bucket_empty() {
    // A bucket of one that every call empties lets through only who comes ten full seconds after the one before.
    for rate in [0.3_f64, 1.0, 2.0] {
        let results = scene(
            rate,
            "requests_per_min = 6, burst_s = 10, refused_count = true",
            "",
        )
        // A binomial share p of n requests is off by 4.7 √((1 − p)/(p n)), at most 2% where n is 160,000 (p = 0.26).
        .run(200, &[]);
        results.agrees(
            &format!("refused calls count, {rate}"),
            "failed.throttled",
            1.0 - (-rate).exp(),
            0.02,
            0.0,
        );
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_bound_on_attempts_in_flight_is_erlangs_loss() {
    for law in [
        Law::Exponential(40.0),
        Law::Constant(40.0),
        Law::Lognormal { p50: 1.0, p95: 5.0 }.with_mean(40.0),
    ] {
        for (places, offered) in [(3, 2.0), (8, 10.0)] {
            let mut scene = scene(offered / 4.0, &format!("concurrency = {places}"), "");
            scene.rest = scene
                .rest
                .replace("limits", &format!("first_token_s = {}\nlimits", law.toml()));
            let lost = erlang_b(places, offered);
            let what = format!("{places} in flight, {offered} E, {}", law.toml());
            scene.run(60, &[]).agrees(
                &what,
                "failed.throttled",
                lost,
                0.05,
                lost * f64::from(places) * MEAN_BIAS,
            );
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_streamed_answer_holds_its_place_until_it_is_complete() {
    // The first token comes before the timeout and the user sees it; the last comes after forty seconds.
    let (places, offered) = (3, 2.0);
    let mut scene = scene(
        offered / 4.0,
        &format!("concurrency = {places}"),
        "streaming = true\ntimeout_s = 2",
    );
    scene.class = "user_tokens = 0\noutput_tokens = 1_000\npatience_s = 3".to_owned();
    scene.rest = scene
        .rest
        .replace("limits", "first_token_s = 1\ntoken_ms = 39\nlimits");
    let lost = erlang_b(places, offered);
    scene.run(60, &[]).agrees(
        "three streams in flight",
        "failed.throttled",
        lost,
        0.05,
        lost * f64::from(places) * MEAN_BIAS,
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn waiting_for_a_request_limit_is_an_m_d_1_queue() {
    // The mean wait of a day near saturation is as uncertain as its relaxation time is long: about 4/(1 − ρ)² services of
    // ten seconds, halved as services are constant. At 0.95 that is two hours, and a day holds only twelve of them.
    for (rate, months) in [(0.5, 80), (0.8, 80), (0.95, 800)] {
        let results = scene(
            rate,
            "requests_per_min = 6, burst_s = 10",
            "admission = { max_wait_s = inf }",
        )
        .run(months, &[]);
        let wait = 10.0 * pollaczek_khinchine(rate, &Law::Constant(1.0));
        results.agrees(
            &format!("M/D/1 wait at {rate}"),
            "latency.mean",
            wait,
            0.1,
            0.0,
        );
        results.agrees(
            &format!("M/D/1 wait at {rate}"),
            "rate.answered",
            1.0,
            1e-6,
            0.0,
        );
    }
    // Who would wait too long is refused: at most thirty seconds, or at most three in line, is a queue with room for four.
    for admission in ["max_wait_s = 30", "max_wait_s = inf, queue = 3"] {
        for rate in [0.7, 1.3] {
            let results = scene(
                rate,
                "requests_per_min = 6, burst_s = 10",
                &format!("admission = {{ {admission} }}"),
            )
            .run(60, &[]);
            results.agrees(
                &format!("{admission}, {rate}"),
                "failed.throttled",
                md1k_loss(4, rate),
                0.1,
                0.0,
            );
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn waiting_for_a_place_in_flight_is_an_m_m_c_queue() {
    for (places, offered) in [(1, 0.7), (3, 2.4), (8, 7.2)] {
        let mut scene = scene(
            offered,
            &format!("concurrency = {places}"),
            "admission = { max_wait_s = inf }",
        );
        scene.rest = scene.rest.replace(
            "limits",
            "first_token_s = { dist = \"exponential\", mean = 10 }\nlimits",
        );
        let stay = 10.0 + mmc_wait(places, offered, 10.0);
        scene.run(80, &[]).agrees(
            &format!("{places} in flight at {offered} E, waiting"),
            "latency.mean",
            stay,
            0.05,
            stay * 1e-3,
        );
    }
}

#[test]
fn what_the_busiest_hour_needs_is_what_comes_when_nothing_is_refused() {
    // Twice as many come as are let through; the busiest of 24 equal hours is a few standard deviations above the mean.
    let scene = scene(20.0, "requests_per_min = 60", "");
    let results = scene.run(20, &[]);
    let cell = &results.cells[0];
    assert!(cell.metrics["failed.throttled"].mean > 0.4);
    let binding = &cell.binding[0];
    assert_eq!(
        (binding.limit.as_str(), binding.allowed),
        ("requests_per_min", 60.0)
    );
    assert!(
        (120.0..126.0).contains(&binding.needed),
        "{}",
        binding.needed
    );
}

#[test]
fn attempts_in_flight_count_as_long_as_they_last_whether_they_fail_or_not() {
    // Little's law: two attempts a second that last a second, four fifths of them; the others fail after half of one.
    let mut scene = scene(20.0, "concurrency = 100", "retry = { attempts = 1 }");
    scene.rest = scene.rest.replace(
        "limits",
        "first_token_s = 1\nerror_rate = 0.2\nerror_s = 0.5\nlimits",
    );
    let results = scene.run(20, &[]);
    let used = results.cells[0].binding[0].utilisation * 100.0;
    let mean = 2.0 * (0.8 + 0.2 * 0.5);
    assert!((mean..1.1 * mean).contains(&used), "{used}");
}
