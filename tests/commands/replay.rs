//! Replaying a log: what really happened, under another strategy or at another volume.

use std::fmt::Write as _;
use std::path::Path;

use gonogo::model;
use gonogo::prices::Catalogue;
use gonogo::reading::Source;
use gonogo::scenario::Scenario;
use gonogo::study::{Cell, Plan, Unwatched, run_exact};

const SCENARIO: &str = r#"
schema = 1
name = "replay"
[study]
volumes = [VOLUME]
months = 2
[workload.replay]
file = "FILE"
scale = "SCALE"
[models.m]
price = { input = 1, output = 2, cached_input = 0.1 }
prompt_caching = { ttl_s = TTL, min_tokens = 1, block = 1 }
first_token_s = 0.5
token_ms = 10
[strategies.only]
route = "m"
prompt_cache = "conversation"
"#;

fn replay(folder: &Path, file: &str, scale: &str, volume: f64, ttl_s: f64) -> Cell {
    let text = SCENARIO
        .replace("FILE", file)
        .replace("SCALE", scale)
        .replace("VOLUME", &volume.to_string())
        .replace("TTL", &ttl_s.to_string());
    let scenario =
        Scenario::parse(Source::new("replay.toml", text), Some(folder)).expect("a valid scenario");
    let model = model::compile(&scenario, Catalogue::embedded()).expect("a readable log");
    let study = run_exact(&model, &Plan::of(&model), &Unwatched)
        .expect("a study")
        .study;
    study.cells.into_iter().next().expect("a cell")
}

fn mean(cell: &Cell, name: &str) -> f64 {
    cell.metrics
        .get(name)
        .unwrap_or_else(|| panic!("no {name}"))
        .mean
}

/// Twelve hours, a request a minute; every conversation has two requests half a minute apart; blocks of 100 tokens, of
/// which the first is shared by all and the second by the conversation.
fn own_log() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let mut log = String::from("t_s,conversation,input_tokens,output_tokens,hash_ids\n");
    for k in 0..720 {
        for turn in 0..2 {
            let at = 60 * k + 30 * turn;
            writeln!(log, "{at},c{k},200,{},0 {}", 50 + 10 * turn, k + 1).expect("written");
        }
    }
    std::fs::write(folder.path().join("log.csv"), log).expect("written");
    folder
}

#[test]
fn every_request_of_the_log_comes_once_with_its_own_tokens() {
    let folder = own_log();
    let cell = replay(folder.path(), "log.csv", "copies", 1.0, 300.0);
    assert_eq!(mean(&cell, "requests"), 1440.0);
    assert_eq!(mean(&cell, "conversations"), 720.0);
    // 1440 × 200 input tokens; 720 × 50 and 720 × 60 output tokens at 2 dollars a million.
    let output_usd = 720.0 * 110.0 * 2e-6;
    assert!((mean(&cell, "cost.output") - output_usd).abs() < 1e-9);
}

#[test]
fn prefix_blocks_are_warm_for_their_time_to_live() {
    let folder = own_log();
    // Requests come every 30 s. With 40 s to live: the shared block is always warm but for the first request, the
    // conversation's own block in its second turn.
    let warm = mean(
        &replay(folder.path(), "log.csv", "copies", 1.0, 40.0),
        "cache.prompt_token_rate",
    );
    let expected = (1439.0 * 100.0 + 720.0 * 100.0) / (1440.0 * 200.0);
    assert!((warm - expected).abs() < 1e-9, "{warm} for {expected}");
    // With 20 s nothing is ever warm.
    assert_eq!(
        mean(
            &replay(folder.path(), "log.csv", "copies", 1.0, 20.0),
            "cache.prompt_token_rate"
        ),
        0.0
    );
}

#[test]
fn copies_multiply_the_log_and_speed_divides_its_time() {
    let folder = own_log();
    let copies = replay(folder.path(), "log.csv", "copies", 3.0, 300.0);
    assert_eq!(mean(&copies, "conversations"), 3.0 * 720.0);
    let speed = replay(folder.path(), "log.csv", "speed", 3.0, 300.0);
    assert_eq!(mean(&speed, "conversations"), 720.0);
    assert_eq!(mean(&speed, "requests"), 1440.0);
    // Three times as fast, a request every 10 s: the shared block survives 20 s now.
    assert!(
        mean(
            &replay(folder.path(), "log.csv", "speed", 3.0, 20.0),
            "cache.prompt_token_rate"
        ) > 0.49
    );
}

#[test]
fn half_a_copy_has_about_half_of_the_conversations() {
    let folder = own_log();
    let half = mean(
        &replay(folder.path(), "log.csv", "copies", 1.5, 300.0),
        "conversations",
    );
    // Binomial(720, 1/2), two months: 4.5 standard deviations of their mean.
    assert!(
        (half - 1080.0).abs() < 4.5 * (720.0_f64 * 0.25 / 2.0).sqrt(),
        "{half}"
    );
}

#[test]
fn a_column_that_is_missing_or_broken_is_named_but_its_contents_are_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let complaint = |log: &str| {
        std::fs::write(folder.path().join("log.csv"), log).expect("written");
        let text = SCENARIO
            .replace("FILE", "log.csv")
            .replace("SCALE", "copies")
            .replace("VOLUME", "1")
            .replace("TTL", "300");
        let scenario = Scenario::parse(Source::new("replay.toml", text), Some(folder.path()))
            .expect("a valid scenario");
        model::compile(&scenario, Catalogue::embedded())
            .expect_err("a complaint")
            .to_string()
    };
    assert!(complaint("t_s,prompt\n1,2\n2,3\n").contains("no column for input_tokens"));
    let broken = complaint("t_s,input_tokens,output_tokens\n1,2,3\n2,a secret,3\n");
    assert!(broken.contains("column `input_tokens`, line 3"), "{broken}");
    assert!(!broken.contains("secret"), "{broken}");
}

/// Public production logs, where they lie beside the checkout: totals are theirs to the token, and prefix reuse is what
/// is known of them (about 10% of tokens at 60 s, 28% at 300 s, 35% at an hour).
#[test]
fn public_logs_are_reproduced_where_they_are_at_hand() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if !folder.join("mooncake_conversation.csv.gz").exists() {
        println!("skipped: the public logs are not beside the checkout");
        return;
    }
    for (ttl_s, known) in [(60.0, 0.10), (300.0, 0.28), (3600.0, 0.35)] {
        let warm = mean(
            &replay(
                &folder,
                "mooncake_conversation.csv.gz",
                "copies",
                1.0,
                ttl_s,
            ),
            "cache.prompt_token_rate",
        );
        assert!(
            (warm - known).abs() < 0.01,
            "{warm} at {ttl_s} s, known {known}"
        );
    }
    let azure = replay(&folder, "azure2023_conv.csv.gz", "copies", 1.0, 300.0);
    assert_eq!(mean(&azure, "requests"), 12_340.0);
    assert!((mean(&azure, "cost.input") - 15.376_806).abs() < 1e-6);
}
