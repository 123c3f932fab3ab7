//! Rows 4 to 6 and 17: errors, outages, fallbacks, and regimes that alternate.

use super::formulas::bad_share;
use super::harness::{MEAN_BIAS, Scene, cloud, edge, within};
use super::law::Law;

fn scene(per_day: f64, rest: String) -> Scene {
    Scene {
        rest,
        ..Scene::new(per_day)
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn independent_errors_fail_a_request_once_every_attempt_has() {
    for (e, n) in [(0.05_f64, 1_i32), (0.3, 2), (0.3, 3), (0.5, 5), (0.9, 10)] {
        let retry = format!("retry = {{ attempts = {n}, base_s = 0.5, jitter = \"full\" }}");
        let scene = scene(
            20_000.0,
            format!(
                "{}[strategies.s]\nroute = \"m\"\n{retry}",
                cloud(&format!("error_rate = {e}"))
            ),
        );
        let results = scene.run(60, &[]);
        let what = format!("error rate {e}, {n} attempts");
        results.agrees(&what, "rate.failed", e.powi(n), 0.1, 0.0);
        results.agrees(&what, "failed.error", e.powi(n), 0.1, 0.0);
        let attempts = (1.0 - e.powi(n)) / (1.0 - e);
        results.agrees(&what, "attempts", 20_000.0 * attempts, 0.02, 0.0);
        results.agrees(&what, "requests", 20_000.0, 0.01, 0.0);
        results.agrees(&what, "calls", 20_000.0, 0.01, 0.0);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn waits_between_attempts_follow_the_backoff() {
    // With every attempt failing at once, a failed request's canned answer never comes, so the waits are measured on
    // requests whose second model answers: latency is the sum of the mean waits.
    for (jitter, share) in [
        ("\"none\"", 1.0),
        ("\"full\"", 0.5),
        ("\"equal\"", 0.75),
        ("{ cut = 0.5 }", 0.75),
    ] {
        let retry = format!(
            "retry = {{ attempts = 5, base_s = 0.5, factor = 2, max_s = 3, jitter = {jitter} }}"
        );
        let models =
            "[models.dead]\nprice = { input = 1, output = 1 }\nerror_rate = 1\nerror_s = 0.25\n";
        let rest = format!(
            "{models}{}[strategies.s]\nroute = \"dead\"\nfallback = [\"m\"]\n{retry}",
            cloud("")
        );
        let results = scene(5_000.0, rest).run(60, &[]);
        // Waits 0.5, 1, 2, and 3 (the longest), around five errors.
        let expected = 5.0 * 0.25 + share * 6.5;
        results.agrees(
            &format!("five errors, jitter {jitter}"),
            "latency.mean",
            expected,
            0.02,
            0.0,
        );
        results.agrees(
            &format!("five errors, jitter {jitter}"),
            "rate.fallback",
            1.0,
            1e-6,
            0.0,
        );
    }
}

fn outage(every_days: &str, minutes: &Law) -> String {
    format!(
        "{}[providers.p]\noutage = {{ every_days = {every_days}, minutes = {} }}\n[strategies.s]\nroute = \"m\"\n",
        cloud("provider = \"p\"\nerror_s = 0"),
        minutes.toml()
    )
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn outages_fail_their_share_of_time_over_long_months() {
    // Gaps: exponential by a mean alone, then clustered ones.
    for (gaps, mean_days) in [
        ("0.5".to_owned(), 0.5),
        (
            Law::Weibull {
                shape: 0.6,
                scale: 1.0,
            }
            .with_mean(0.5)
            .toml(),
            0.5,
        ),
        (Law::Gamma { mean: 2.0, cv: 0.4 }.toml(), 2.0),
    ] {
        for minutes in [
            Law::Constant(60.0),
            Law::Lognormal {
                p50: 25.0,
                p95: 180.0,
            },
        ] {
            let scene = Scene {
                days: 30,
                ..scene(400.0, outage(&gaps, &minutes))
            };
            let share = bad_share(mean_days * 1440.0, minutes.mean());
            let what = format!("30 days, gaps {gaps}, {}", minutes.toml());
            scene.run(200, &[]).agrees(
                &what,
                "failed.outage",
                share,
                0.25,
                share * 2.0 * MEAN_BIAS,
            );
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn outages_fail_their_share_of_time_from_the_first_day() {
    // Gaps of two days: a process that began freshly repaired would show a third less on its first day.
    for (gaps, mean_days, minutes) in [
        ("2".to_owned(), 2.0, Law::Exponential(900.0)),
        (
            Law::Weibull {
                shape: 0.5,
                scale: 1.0,
            }
            .with_mean(2.0)
            .toml(),
            2.0,
            Law::Constant(900.0),
        ),
        (
            Law::Gamma { mean: 2.0, cv: 0.3 }.toml(),
            2.0,
            Law::Lognormal {
                p50: 600.0,
                p95: 1800.0,
            },
        ),
    ] {
        let share = bad_share(mean_days * 1440.0, minutes.mean());
        let what = format!("first day, gaps {gaps}, {}", minutes.toml());
        let results = scene(300.0, outage(&gaps, &minutes)).run(3_000, &[]);
        results.agrees(&what, "failed.outage", share, 0.25, share * 2.0 * MEAN_BIAS);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_fallback_to_another_provider_multiplies_the_failures() {
    for (first, second, n) in [(0.5_f64, 0.4_f64, 1_i32), (0.6, 0.7, 2), (0.8, 0.9, 3)] {
        let rest = format!(
            "[models.a]\nprovider = \"p\"\nprice = {{ input = 1, output = 1 }}\nerror_rate = {first}\n\
             [models.b]\nprovider = \"q\"\nprice = {{ input = 1, output = 1 }}\nerror_rate = {second}\n\
             [strategies.s]\nroute = \"a\"\nfallback = [\"b\"]\nretry = {{ attempts = {n}, base_s = 0 }}\n"
        );
        let results = scene(30_000.0, rest).run(60, &[]);
        let (one, both) = (first.powi(n), first.powi(n) * second.powi(n));
        let what = format!("errors {first} and {second}, {n} attempts each");
        results.agrees(&what, "rate.failed", both, 0.1, 0.0);
        results.agrees(&what, "rate.fallback", one - both, 0.1, 0.0);
        results.agrees(&what, "rate.answered", 1.0 - one, 0.05, 0.0);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn outages_of_two_providers_are_independent_and_models_of_one_share_them() {
    let incidents = "outage = { every_days = 0.5, minutes = 240 }";
    let share = bad_share(720.0, 240.0);
    for (other, expected) in [("q", share * share), ("p", share)] {
        let rest = format!(
            "[models.a]\nprovider = \"p\"\nprice = {{ input = 1, output = 1 }}\nerror_s = 0\n\
             [models.b]\nprovider = \"{other}\"\nprice = {{ input = 1, output = 1 }}\nerror_s = 0\n\
             [providers.p]\n{incidents}\n{}\
             [strategies.s]\nroute = \"a\"\nfallback = [\"b\"]\n",
            if other == "q" {
                format!("[providers.q]\n{incidents}\n")
            } else {
                String::new()
            }
        );
        let results = Scene {
            days: 30,
            ..scene(300.0, rest)
        }
        .run(200, &[]);
        results.agrees(
            &format!("fallback at provider {other}"),
            "failed.outage",
            expected,
            0.15,
            0.0,
        );
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn brownouts_slow_and_fail_requests_for_their_share_of_time() {
    for (every_days, minutes, slowdown, e, in_bad) in
        [(0.5, 60.0, 3.0, 0.0, 0.05), (1.0, 300.0, 2.5, 0.02, 0.3)]
    {
        let model = cloud(&format!(
            "provider = \"p\"\nfirst_token_s = 1\nerror_rate = {e}"
        ));
        let rest = format!(
            "{model}[providers.p]\nbrownout = {{ every_days = {every_days}, minutes = {{ dist = \"exponential\", mean = {minutes} }}, \
             slowdown = {slowdown}, error_rate = {in_bad} }}\n[strategies.s]\nroute = \"m\"\n"
        );
        let bad = bad_share(every_days * 1440.0, minutes);
        let scene = Scene {
            days: 30,
            ..scene(600.0, rest)
        };
        let limit = edge(1.5);
        let results = scene.run(200, &[limit]);
        let what = format!("brownouts {minutes} min every {every_days} d");
        let hurt = 1.0 - (1.0 - e) * (1.0 - in_bad);
        results.agrees(
            &what,
            "failed.error",
            bad * hurt + (1.0 - bad) * e,
            0.1,
            0.0,
        );
        results.agrees(&what, &within(limit), (1.0 - bad) * (1.0 - e), 0.02, 0.0);
        // Of delivered answers, those in bad times take longer.
        let (good, slow) = ((1.0 - bad) * (1.0 - e), bad * (1.0 - hurt));
        let mean = (good + slow * slowdown) / (good + slow);
        // A ratio of two means: off by at most the variance of its denominator's share over months.
        let sd = results.cells[0].metrics["rate.failed"].sd_chance;
        results.agrees(&what, "latency.mean", mean, 0.05, mean * sd * sd);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn an_outage_in_a_brownout_is_an_outage() {
    let model = cloud("provider = \"p\"\nfirst_token_s = 1\nerror_s = 0");
    let rest = format!(
        "{model}[providers.p]\noutage = {{ every_days = 0.4, minutes = 100, error_rate = 0.6 }}\n\
         brownout = {{ every_days = 0.3, minutes = {{ dist = \"exponential\", mean = 120 }}, slowdown = 2, error_rate = 0.2 }}\n\
         [strategies.s]\nroute = \"m\"\n"
    );
    let (out, brown) = (bad_share(576.0, 100.0), bad_share(432.0, 120.0));
    let results = Scene {
        days: 30,
        ..scene(600.0, rest)
    }
    .run(200, &[]);
    results.agrees(
        "outages and brownouts",
        "failed.outage",
        out * 0.6,
        0.1,
        0.0,
    );
    results.agrees(
        "outages and brownouts",
        "failed.error",
        (1.0 - out * 0.6) * brown * 0.2,
        0.1,
        0.0,
    );
}
