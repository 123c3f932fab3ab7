//! `gonogo simulate` as a person or a script meets it: the real binary.

use assert_cmd::Command;
use serde_json::Value;

const SMALL: &str = "tests/data/every-mechanism.toml";

fn gonogo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments);
    command
}

fn text(command: &mut Command) -> String {
    let output = command.output().expect("the binary runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_table_has_a_row_for_each_strategy_and_volume_and_no_colour_when_piped() {
    let page = text(&mut gonogo(&["simulate", SMALL, "--months", "2"]));
    for strategy in ["baseline", "cached", "cascade", "resilient", "in-house"] {
        let rows = page
            .lines()
            .filter(|line| line.split_whitespace().next() == Some(strategy))
            .count();
        assert_eq!(rows, 2, "{strategy} in\n{page}");
    }
    assert!(!page.contains('\u{1b}'));
    assert!(page.contains("What stands out"));
    assert!(page.contains("Not modelled"));
}

#[test]
fn json_is_the_document_with_every_cell() {
    let document: Value = serde_json::from_str(&text(&mut gonogo(&[
        "simulate", SMALL, "--months", "2", "--json",
    ])))
    .expect("JSON");
    assert_eq!(document["schema"], "gonogo.study/1");
    assert_eq!(document["estimator"], "exact");
    let cells = document["cells"].as_array().expect("cells");
    assert_eq!(cells.len(), 10);
    for cell in cells {
        assert_eq!(cell["months"], 2);
        assert_eq!(cell["hourly"].as_array().map(Vec::len), Some(168));
        assert!(
            cell["metrics"]["cost.total"]["mean"]
                .as_f64()
                .is_some_and(|usd| usd > 0.0)
        );
        assert!(
            cell["by_month"]["cost.total"]
                .as_array()
                .is_some_and(|months| months.len() == 2)
        );
    }
}

#[test]
fn strategies_volumes_and_seed_can_be_chosen() {
    let arguments = [
        "simulate",
        SMALL,
        "--months",
        "2",
        "--json",
        "--strategies",
        "cached,baseline",
        "--volumes",
        "2x",
        "--seed",
        "5",
    ];
    let document: Value = serde_json::from_str(&text(&mut gonogo(&arguments))).expect("JSON");
    let names: Vec<&str> = document["cells"]
        .as_array()
        .expect("cells")
        .iter()
        .filter_map(|cell| cell["strategy"].as_str())
        .collect();
    assert_eq!(names, ["cached", "baseline"]);
    assert_eq!(document["cells"][0]["volume"], 2.0);
    assert_eq!(document["seed"], 5);
}

#[test]
fn the_threads_do_not_show_in_the_bytes() {
    let study = |threads: &str| {
        text(&mut gonogo(&[
            "simulate",
            SMALL,
            "--months",
            "3",
            "--json",
            "--threads",
            threads,
        ]))
    };
    let one = study("1");
    assert_eq!(one, study("2"));
    assert_eq!(one, study("7"));
}

#[test]
fn metrics_are_shown_with_their_spread_and_groups_stand_for_their_members() {
    let table = text(&mut gonogo(&[
        "simulate",
        SMALL,
        "--months",
        "2",
        "--volumes",
        "1",
        "--strategies",
        "baseline",
        "--metric",
        "failed,cost.total",
    ]));
    assert!(table.contains("failed.throttled"));
    assert!(table.contains("failed.outage"));
    assert!(table.contains("cost.total"));
    assert!(!table.contains("latency.p95"));
}

#[test]
fn fail_on_asks_a_question_and_the_exit_status_answers_it() {
    gonogo(&["simulate", SMALL, "--months", "2", "--fail-on", "slo"])
        .assert()
        .code(1);
    gonogo(&["simulate", SMALL, "--months", "2", "--fail-on", "budget"])
        .assert()
        .code(1);
    gonogo(&["simulate", SMALL, "--months", "2"])
        .assert()
        .code(0);
}

#[test]
fn names_that_do_not_exist_are_answered_with_the_nearest() {
    let stderr = |arguments: &[&str]| {
        let output = gonogo(arguments).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    assert!(
        stderr(&["simulate", SMALL, "--strategies", "basline"])
            .contains("did you mean `baseline`?")
    );
    assert!(
        stderr(&["simulate", SMALL, "--metric", "cost.totl"])
            .contains("did you mean `cost.total`?")
    );
    assert!(stderr(&["simulate", "no-such.toml"]).contains("no-such.toml"));
    assert!(stderr(&["simulate", SMALL, "--volumes", "0"]).contains("above 0"));
}

#[test]
fn an_output_that_cannot_be_written_is_known_before_the_run() {
    let output = gonogo(&[
        "simulate",
        SMALL,
        "--months",
        "1000",
        "--json",
        "-o",
        "no/such/folder/study.json",
    ])
    .output()
    .expect("runs");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no/such/folder/study.json"));
}

#[test]
fn timing_is_the_last_line_of_standard_error() {
    let output = gonogo(&["simulate", SMALL, "--months", "2", "--timing"])
        .output()
        .expect("runs");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    let line: Value = serde_json::from_str(stderr.lines().last().expect("a line")).expect("JSON");
    for key in ["wall_s", "cpu_s", "requests", "attempts"] {
        assert!(line.get(key).is_some(), "{key} in {line}");
    }
    assert!(
        line["attempts"]
            .as_u64()
            .is_some_and(|attempts| attempts > 1000)
    );
}

#[test]
fn months_that_a_minute_would_not_reach_are_simulated_when_they_are_asked_for_by_number() {
    let document: Value = serde_json::from_str(&text(&mut gonogo(&[
        "simulate",
        SMALL,
        "--months",
        "31",
        "--volumes",
        "1",
        "--strategies",
        "baseline",
        "--json",
    ])))
    .expect("JSON");
    assert_eq!(document["cells"][0]["months"], 31);
}

#[test]
fn validate_tells_scenarios_reviews_and_checklists_apart() {
    let said = text(&mut gonogo(&[
        "validate",
        SMALL,
        "checklists/production.toml",
    ]));
    assert!(said.contains("2 classes"), "{said}");
    assert!(
        said.contains("checklists/production.toml: ok. 15 questions"),
        "{said}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("review.toml");
    std::fs::write(
        &path,
        "schema = 1\nsystem = \"x\"\nstage = \"lunch\"\nchecklists = [\"production\"]\n",
    )
    .expect("written");
    let output = gonogo(&["validate", path.to_str().expect("UTF-8")])
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(stderr.contains("launch"), "{stderr}");
}
