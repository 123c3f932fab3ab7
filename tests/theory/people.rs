//! Answers that are checked: cascades, confidence, people.

use super::formulas::mmc_wait;
use super::harness::{MEAN_BIAS, Scene, agrees};

fn two_models(first: f64, second: f64, strategy: &str) -> Scene {
    Scene {
        class: "user_tokens = 100\noutput_tokens = 0".to_owned(),
        rest: format!(
            "[models.a]\nprice = {{ input = 1, output = 1 }}\nquality = {first}\n\
             [models.b]\nprice = {{ input = 10, output = 1 }}\nquality = {second}\n[strategies.s]\n{strategy}\n"
        ),
        ..Scene::new(20_000.0)
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_cascade_passes_on_what_its_confidence_does_not_let_through() {
    for (first, second, accept, accept_wrong) in [
        (0.8, 0.95, 0.9, 0.2),
        (0.5, 0.9, 1.0, 0.0),
        (0.9, 0.9, 0.6, 0.6),
    ] {
        let route = format!(
            "route = {{ cascade = [\"a\", \"b\"], accept = {accept}, accept_wrong = {accept_wrong} }}"
        );
        let results = two_models(first, second, &route).run(60, &[]);
        let passed = 1.0 - first * accept - (1.0 - first) * accept_wrong;
        let wrong = (1.0 - first) * accept_wrong + passed * (1.0 - second);
        let what = format!("cascade {first} {second}, accepts {accept} and {accept_wrong}");
        results.agrees(&what, "rate.wrong", wrong, 0.05, 0.0);
        results.agrees(&what, "attempts", 20_000.0 * (1.0 + passed), 0.01, 0.0);
        results.agrees(
            &what,
            "cost.per_request",
            1e-4 * (1.0 + 10.0 * passed),
            0.02,
            0.0,
        );
        // A good answer costs the total over the right ones: a ratio of two nearly constant sums.
        let good = 1e-4 * (1.0 + 10.0 * passed) / (1.0 - wrong);
        results.agrees(&what, "cost.per_good_answer", good, 0.02, good / 20_000.0);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn doubtful_answers_escalate_to_the_next_model() {
    let strategy = "route = { cascade = [\"a\", \"b\"], accept = 1, accept_wrong = 1 }\n\
                    confidence = { catches = 0.7, false_alarms = 0.1, then = \"escalate\" }";
    let results = two_models(0.8, 0.95, strategy).run(60, &[]);
    let passed = 0.8 * 0.1 + 0.2 * 0.7;
    results.agrees(
        "confidence escalates",
        "attempts",
        20_000.0 * (1.0 + passed),
        0.01,
        0.0,
    );
    results.agrees(
        "confidence escalates",
        "rate.wrong",
        0.2 * 0.3 + passed * 0.05,
        0.05,
        0.0,
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn wrong_answers_are_as_many_as_quality_says_by_class() {
    let scene = Scene {
        class: "[[workload.class]]\nname = \"simple\"\nshare = 0.7\nuser_tokens = 1\noutput_tokens = 1\n\
                [[workload.class]]\nname = \"complex\"\nshare = 0.3\nuser_tokens = 1\noutput_tokens = 1\n"
            .to_owned(),
        rest: "[models.m]\nprice = { input = 1, output = 1 }\nquality = { simple = 0.96, complex = 0.8 }\n[strategies.s]\nroute = \"m\"\n"
            .to_owned(),
        ..Scene::new(20_000.0)
    };
    scene.run(60, &[]).agrees(
        "quality by class",
        "rate.wrong",
        0.7 * 0.04 + 0.3 * 0.2,
        0.03,
        0.0,
    );
}

fn reviewed(when: &str, reviewers: u32) -> String {
    format!(
        "route = \"a\"\nconfidence = {{ catches = 0.7, false_alarms = 0.05, then = \"human_review\" }}\n\
         human_review = {{ minutes = {{ dist = \"exponential\", mean = 5 }}, reviewers = {reviewers}, per_hour = 45, when = \"{when}\" }}"
    )
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn reviewers_are_an_m_m_c_queue() {
    let flagged = 0.8 * 0.05 + 0.2 * 0.7;
    for (reviewers, load) in [(1_u32, 0.8), (3, 0.7)] {
        let offered = f64::from(reviewers) * load;
        // Erlangs of reviews of five minutes: so many requests a day.
        let per_day = offered * 288.0 / flagged;
        let wait_s = mmc_wait(reviewers, offered, 300.0);
        for when in ["after", "before"] {
            let scene = Scene {
                days: 30,
                per_day,
                ..two_models(0.8, 1.0, &reviewed(when, reviewers))
            };
            let results = scene.run(120, &[]);
            let cell = &results.cells[0];
            let what = format!("{reviewers} reviewers at {load}, {when}");
            agrees(cell, &what, "review.share", flagged, 0.02, 0.0);
            agrees(cell, &what, "rate.wrong", 0.2 * 0.3, 0.03, 0.0);
            agrees(
                cell,
                &what,
                "review.hours",
                offered * 720.0,
                0.02,
                offered * 720.0 * MEAN_BIAS,
            );
            agrees(
                cell,
                &what,
                "cost.human_review",
                offered * 720.0 * 45.0,
                0.02,
                offered * 720.0 * 45.0 * MEAN_BIAS,
            );
            // The queue starts empty: the deficit is a wait for one relaxation time, 1/(cμ(1 − √ρ)²), of
            // thirty days (Abate and Whitt 1987).
            let relaxation = 300.0 / (1.0 - load.sqrt()).powi(2) / f64::from(reviewers);
            let bias = wait_s * relaxation / (30.0 * 86_400.0);
            agrees(
                cell,
                &what,
                "review.wait_h",
                wait_s / 3600.0,
                0.2,
                bias / 3600.0,
            );
            if when == "before" {
                let user = flagged * (wait_s + 300.0);
                agrees(cell, &what, "latency.mean", user, 0.2, flagged * bias);
            } else {
                assert_eq!(cell.metrics["latency.mean"].p95, 0.0, "nobody waits");
            }
        }
    }
}
