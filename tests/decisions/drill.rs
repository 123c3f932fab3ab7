//! Drills against closed forms. Standard errors are those of Poisson counts over all runs.

use assert_cmd::Command;
use gonogo::analysis::drill::drill;
use gonogo::study::{DrillResult, Unwatched};

use super::harness::{cloud, compiled, mean, near, plan, rehearsed, scenario};

/// Conversations a day, and an hour.
const PER_DAY: f64 = 28_800.0;
const PER_HOUR: f64 = 1200.0;
const ONE_TOKEN: &str = "output_tokens = 1\n";

#[test]
fn in_an_outage_every_request_fails_after_all_its_attempts_and_only_then() {
    let rest = cloud("m", "")
        + "[strategies.s]\nroute = \"m\"\nretry = { attempts = 3, base_s = 0.001, jitter = \"none\" }";
    let [result] = &rehearsed(&scenario(PER_DAY, ONE_TOKEN, &rest), "primary-down", 20)[..] else {
        panic!("one strategy")
    };
    // Two waits and three errors of 0.3 s: those sent in the last second have later attempts after the outage.
    near(
        result,
        "rate.failed",
        1.0,
        1.0 / 3600.0 + 4.0 * (1.0 / (20.0 * PER_HOUR)).sqrt() / 30.0,
    );
    near(result, "failed.outage", mean(result, "rate.failed"), 1e-12);
    let attempts = mean(result, "attempts") / mean(result, "requests");
    assert!((attempts - 3.0).abs() < 0.002, "{attempts}");
    near(result, "requests", PER_HOUR, 5.0 * (PER_HOUR / 20.0).sqrt());
    near(result, "recovery_s", 0.0, 0.0);
    assert_eq!(result.unrecovered, 0.0);
    for minute in &result.minutes {
        let down = (0..60).contains(&minute.minute);
        if !down {
            assert_eq!(minute.failed, 0.0, "minute {}", minute.minute);
            assert!((minute.attempts - minute.usual_attempts).abs() < 1e-9 || minute.minute == 60);
        } else if minute.minute < 59 {
            assert_eq!(minute.failed, 1.0, "minute {}", minute.minute);
            assert_eq!(minute.usd, 0.0);
        }
        assert_eq!(minute.usual_failed, 0.0);
        assert!(minute.usual_usd > 0.0);
    }
    assert_eq!(result.minutes.first().map(|it| it.minute), Some(-10));
    assert_eq!(result.minutes.last().map(|it| it.minute), Some(119));
}

#[test]
fn a_fallback_on_another_provider_answers_what_its_own_errors_leave() {
    let rest = cloud("m", "")
        + &cloud("other", "error_rate = 0.2")
        + "[strategies.s]\nroute = \"m\"\nfallback = [\"other\"]\n[strategies.degrades]\nextends = \"s\"\nfallback = [\"other\", \"degraded\"]";
    let results = rehearsed(&scenario(PER_DAY, ONE_TOKEN, &rest), "primary-down", 20);
    let requests = 20.0 * PER_HOUR;
    let tolerance = 5.0 * (0.2_f64 * 0.8 / requests).sqrt();
    near(&results[0], "rate.failed", 0.2, tolerance);
    near(&results[0], "rate.fallback", 0.8, tolerance);
    near(&results[1], "rate.degraded", 0.2, tolerance);
    near(&results[1], "rate.failed", 0.0, 0.0);
    // All providers at once: nothing is left but the canned answer.
    let results = rehearsed(&scenario(PER_DAY, ONE_TOKEN, &rest), "all-down", 4);
    near(&results[1], "rate.degraded", 1.0, 1e-3);
    near(&results[0], "rate.failed", 1.0, 1e-3);
}

#[test]
fn the_primary_is_that_of_each_strategy() {
    let rest = cloud("m", "")
        + &cloud("other", "")
        + "[strategies.s]\nroute = \"m\"\n[strategies.t]\nroute = \"other\"";
    for result in rehearsed(&scenario(PER_DAY, ONE_TOKEN, &rest), "primary-down", 2) {
        assert!(mean(&result, "rate.failed") > 0.999, "{}", result.script);
    }
}

#[test]
fn a_brownout_multiplies_every_duration_and_ends_on_time() {
    let rest = cloud("m", "") + "[strategies.s]\nroute = \"m\"";
    let [result] = &rehearsed(&scenario(PER_DAY, ONE_TOKEN, &rest), "brownout", 4)[..] else {
        panic!("one strategy")
    };
    near(result, "latency.p50", 3.0, 3.0 / 512.0);
    for minute in &result.minutes {
        let expected = if (0..60).contains(&minute.minute) {
            3.0
        } else {
            1.0
        };
        let found = minute.latency_p50.expect("answers");
        // Bins of a minute are 1/64 of an octave wide.
        assert!(
            (found / expected - 1.0).abs() < 1.0 / 64.0,
            "minute {}: {found}",
            minute.minute
        );
        assert!((minute.usual_latency_p95.expect("answers") - 1.0).abs() < 1.0 / 64.0);
    }
}

#[test]
fn halved_limits_refuse_what_is_above_them_once_the_bucket_is_empty() {
    // 20 requests a minute against 24, then against 12: a third and a tenth... of those beyond the bucket's minute.
    let rest = cloud("m", "limits = { requests_per_min = 24 }") + "[strategies.s]\nroute = \"m\"";
    let [result] = &rehearsed(&scenario(PER_DAY, ONE_TOKEN, &rest), "limits-halved", 40)[..] else {
        panic!("one strategy")
    };
    let expected = (PER_HOUR - 60.0 * 12.0 - 12.0) / PER_HOUR;
    near(
        result,
        "rate.failed",
        expected,
        5.0 / (40.0 * PER_HOUR).sqrt() + 0.002,
    );
    near(
        result,
        "failed.throttled",
        mean(result, "rate.failed"),
        1e-12,
    );
    let after: f64 = result
        .minutes
        .iter()
        .filter(|it| it.minute > 65)
        .map(|it| it.failed)
        .sum();
    let usual: f64 = result
        .minutes
        .iter()
        .filter(|it| it.minute > 65)
        .map(|it| it.usual_failed)
        .sum();
    assert!(
        (after - usual).abs() < 0.5,
        "limits are back: {after} against {usual}"
    );
}

#[test]
fn a_spike_multiplies_the_arrivals_for_its_length() {
    let rest = cloud("m", "") + "[strategies.s]\nroute = \"m\"";
    let [result] = &rehearsed(&scenario(PER_DAY, ONE_TOKEN, &rest), "spike-10x", 10)[..] else {
        panic!("one strategy")
    };
    let expected = PER_HOUR / 2.0 * 10.0;
    near(result, "requests", expected, 5.0 * (expected / 10.0).sqrt());
    for minute in &result.minutes {
        let spike = (0..30).contains(&minute.minute);
        let expected = PER_HOUR / 60.0 * if spike { 10.0 } else { 1.0 };
        let tolerance = 6.0 * (expected / 10.0).sqrt();
        assert!(
            (minute.requests - expected).abs() < tolerance,
            "minute {}",
            minute.minute
        );
    }
}

#[test]
fn the_backlog_of_a_spike_drains_as_a_fluid_does() {
    // One slot, a second each, half busy; three times the arrivals for 30 minutes leave (1.5 - 1) × 1800 s of work,
    // which drains at 1 - 0.5: in another 1800 s.
    let rest = "[models.m]\nfirst_token_s = 1\ntoken_ms = 0\nhosting = { replicas = 1, slots = 1 }\n\
        [strategies.s]\nroute = \"m\"\n\
        [[drill]]\nname = \"rush\"\nat = \"Wed 12:00\"\nminutes = 30\neffect = \"spike\"\nmultiplier = 3";
    let runs = 40;
    let [result] = &rehearsed(&scenario(43_200.0, ONE_TOKEN, rest), "rush", runs)[..] else {
        panic!("one strategy")
    };
    // The backlog's variance is that of 2,700 arrivals and those of its drain (900): sd 60 s, so 120 s of draining.
    // Recovery is looked at by the minute, and p95 may be a little above the usual.
    let se = 120.0 / f64::from(runs).sqrt();
    near(result, "recovery_s", 1800.0, 4.5 * se + 60.0);
    let worst = result
        .minutes
        .iter()
        .filter_map(|it| it.latency_p95)
        .fold(0.0, f64::max);
    assert!(
        (worst / 900.0 - 1.0).abs() < 0.2,
        "the last of the rush waits 900 s: {worst}"
    );
}

#[test]
fn after_a_flush_the_first_answer_to_each_question_is_paid_for_again() {
    let class = "output_tokens = 1\nquestions = { unique = 0, distinct = 50, zipf = 0, cacheable = \"all\" }\n";
    let rest =
        cloud("m", "") + "[strategies.s]\nroute = \"m\"\nresponse_cache = { kind = \"exact\" }";
    let [result] = &rehearsed(&scenario(PER_DAY, class, &rest), "cache-flush", 20)[..] else {
        panic!("one strategy")
    };
    // 24 askings of each question in the hour: each is missed once, and by those who ask while it is being answered.
    let (questions, rate) = (50.0, PER_HOUR / 50.0);
    let missed = questions * (1.0 - libm::exp(-rate)) * (1.0 + rate / 3600.0);
    let answered = mean(result, "rate.answered") * mean(result, "requests");
    assert!((answered - missed).abs() < 1.0, "{answered} for {missed}");
    let before: f64 = result
        .minutes
        .iter()
        .filter(|it| it.minute < 0)
        .map(|it| it.answered)
        .sum();
    assert_eq!(before, 0.0, "a warm cache answers everything before");
}

fn protected() -> Vec<DrillResult> {
    let rest = cloud("m", "")
        + &cloud("other", "")
        + "[strategies.s]\nroute = \"m\"\nretry = { attempts = 3, base_s = 0.5, jitter = \"none\" }\n\
           breaker = { failures = 5, window_s = 60, open_s = 60 }\nfallback = [\"other\"]\nadmission = { max_wait_s = 5 }";
    rehearsed(&scenario(PER_DAY, ONE_TOKEN, &rest), "primary-down", 10)
}

#[test]
fn taking_a_protection_away_shows_what_it_did() {
    let results = protected();
    let of = |name: &str| {
        let all = &results[0].protections;
        all.iter()
            .find(|it| it.mechanism == name)
            .unwrap_or_else(|| panic!("no {name}"))
    };
    // Without the fallback nobody is served, and it is named first.
    assert_eq!(results[0].protections[0].mechanism, "fallback");
    assert!(of("fallback").unserved[0] < 1e-9 && of("fallback").unserved[1] > 0.99);
    // Without the breaker every request tries the dead model three times before the fallback; with it only what comes
    // through does: five failures and a probe a minute.
    assert!((of("breaker").attempts_per_request[1] - 4.0).abs() < 0.01);
    assert!(of("breaker").attempts_per_request[0] < 1.3);
    // Without limits admission has nothing to do, to the last digit.
    let idle = of("admission");
    assert_eq!(idle.unserved[0], idle.unserved[1]);
    assert_eq!(idle.usd[0], idle.usd[1]);
    assert_eq!(idle.latency_p95[0], idle.latency_p95[1]);
}

#[test]
fn any_number_of_threads_rehearses_the_same() {
    let rest =
        cloud("m", "error_rate = 0.1") + "[strategies.s]\nroute = \"m\"\nretry = { attempts = 2 }";
    let scenario = scenario(
        "5_000".replace('_', "").parse().expect("a number"),
        ONE_TOKEN,
        &rest,
    );
    let model = compiled(&scenario);
    let run = |threads: usize| {
        let plan = gonogo::analysis::drill::DrillPlan {
            threads,
            ..plan(&scenario, &model, "spike-10x", 10)
        };
        serde_json::to_string(&drill(&model, &plan, &Unwatched).expect("done")).expect("JSON")
    };
    assert_eq!(run(1), run(3));
}

fn gonogo() -> Command {
    Command::new(env!("CARGO_BIN_EXE_gonogo"))
}

#[test]
fn the_command_lists_runs_and_corrects() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = gonogo()
        .current_dir(&folder)
        .args(["drill", "--list"])
        .output()
        .expect("runs");
    let names = String::from_utf8(output.stdout).expect("text");
    assert!(names.starts_with("primary down for an hour\n"), "{names}");
    for name in gonogo::analysis::drill::READY_MADE {
        assert!(names.contains(&format!("\n{name}\n")), "{name}");
    }
    let output = gonogo()
        .current_dir(&folder)
        .args(["drill", "--drill", "primry-down"])
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(said.contains("did you mean `primary-down`?"), "{said}");
    let output = gonogo()
        .current_dir(&folder)
        .args([
            "drill",
            "--runs",
            "4",
            "--strategies",
            "baseline,resilient",
            "--json",
        ])
        .output()
        .expect("runs");
    let drills: Vec<DrillResult> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(drills.len(), 2);
    let down = |result: &DrillResult| mean(result, "rate.failed");
    assert!(down(&drills[0]) > 0.9 && down(&drills[1]) < 0.02);
    let output = gonogo()
        .current_dir(&folder)
        .args(["drill", "--runs", "4", "--strategies", "baseline,resilient"])
        .output()
        .expect("runs");
    let page = String::from_utf8(output.stdout).expect("text");
    for part in [
        "What stands out",
        "without `fallback`",
        "not served",
        "`baseline` only",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}
