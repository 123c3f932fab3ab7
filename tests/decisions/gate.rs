//! The gate at its end: a complete review, rehearsed as its checklist asks, is a GO; a fragile strategy is not.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const ANA: &str = "Ana Example <ana@example.org>";
const BO: &str = "Bo Example <bo@example.org>";
const FAY: &str = "Fay Example <fay@example.org>";

fn gonogo(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gonogo"))
        .current_dir(folder)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", folder)
        .stdin(Stdio::null())
        .output()
        .expect("runs")
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn ok(folder: &Path, arguments: &[&str]) -> String {
    let output = gonogo(folder, arguments);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{arguments:?}: {}",
        said(&output)
    );
    String::from_utf8(output.stdout).expect("text")
}

/// The shipped support chatbot with less traffic, weeks instead of months, shorter answers and cleaner sanitising.
fn scenario() -> String {
    let mut text = gonogo::scenario::template("support-chatbot")
        .expect("shipped")
        .text
        .to_owned();
    for (from, to) in [
        ("months = 200", "months = 130"),
        ("days = 30", "days = 7"),
        ("\"8_000 to 12_000\"", "\"80 to 120\""),
        ("{ p50 = 180, p95 = 500 }", "{ p50 = 60, p95 = 120 }"),
        ("{ p50 = 320, p95 = 900 }", "{ p50 = 80, p95 = 160 }"),
        (
            "token_ms = { p50 = 20, p95 = 35 }",
            "token_ms = { p50 = 8, p95 = 14 }",
        ),
        ("misses = 0.02", "misses = 0.002"),
        // A hundred conversations a day: chance alone moves the wrong ones by a point.
        ("wrong_rate = 0.08", "wrong_rate = 0.12"),
        ("\"anthropic-history\"", "\"none\""),
        ("\"openai-history\"", "\"none\""),
    ] {
        assert!(text.contains(from), "the shipped scenario has no {from}");
        text = text.replace(from, to);
    }
    text
}

/// After `gonogo init`: every question answered and reviewed, evidence, a strategy and a budget.
fn complete(folder: &Path, strategy: &str) {
    ok(folder, &["init"]);
    std::fs::write(folder.join("scenario.toml"), scenario()).expect("written");
    let mut review = std::fs::read_to_string(folder.join("review.toml")).expect("read");
    for (role, who) in [("engineering", ANA), ("security", BO), ("finance", FAY)] {
        review = review.replace(&format!("{role} = []"), &format!("{role} = [\"{who}\"]"));
    }
    std::fs::write(folder.join("review.toml"), review).expect("written");
    let review = |arguments: &[&str]| ok(folder, &[&["review"], arguments].concat());
    review(&[
        "about",
        "--release",
        "1.4.0",
        "--valid-until",
        "+90d",
        "--strategy",
        strategy,
        "--by",
        ANA,
    ]);
    review(&[
        "evidence", "add", "proof", "--kind", "ticket", "--ref", "OPS-1", "--by", ANA,
    ]);
    let list: Value = serde_json::from_str(&review(&["list", "--json"])).expect("JSON");
    for question in list["questions"].as_array().expect("questions") {
        let key = question["key"].as_str().expect("a key");
        review(&[
            "set",
            key,
            "yes",
            "--note",
            "seen",
            "--evidence",
            "proof",
            "--reviewed-by",
            BO,
            "--by",
            ANA,
        ]);
    }
    review(&[
        "budget",
        "10x",
        "150_000",
        "--approved-by",
        FAY,
        "--by",
        ANA,
    ]);
}

#[test]
fn a_complete_review_of_a_resilient_strategy_is_a_go_and_of_a_fragile_one_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    complete(folder, "resilient");
    // Without simulating, nobody can tell whether it survives an outage.
    let blind = gonogo(folder, &["check", "--no-simulate", "--before-signoff"]);
    assert_eq!(blind.status.code(), Some(1));
    assert!(
        said(&blind).contains("production.fallback"),
        "{}",
        said(&blind)
    );
    for (role, who) in [("engineering", ANA), ("security", BO), ("finance", FAY)] {
        ok(
            folder,
            &["review", "sign", role, "--decision", "go", "--by", who],
        );
    }
    let output = gonogo(folder, &["check"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        said(&output).starts_with("GO  Customer support chatbot 1.4.0 (launch)"),
        "{}",
        said(&output)
    );
    // A study that carries its drills says the same, without simulating again.
    let simulate = [
        "simulate",
        "--strategies",
        "resilient",
        "--months",
        "130",
        "--drills",
        "primary-down,spike-10x",
    ];
    ok(
        folder,
        &[&simulate[..], &["--json", "-o", "study.json"]].concat(),
    );
    let output = gonogo(folder, &["check", "--study", "study.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));

    ok(
        folder,
        &["review", "about", "--strategy", "baseline", "--by", ANA],
    );
    let output = gonogo(folder, &["check", "--before-signoff"]);
    assert_eq!(output.status.code(), Some(1));
    for part in [
        "NO-GO",
        "production.fallback",
        "rate.failed in drill primary-down",
        "0% of runs comply",
    ] {
        assert!(said(&output).contains(part), "{part}: {}", said(&output));
    }
}
