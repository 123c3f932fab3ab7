//! What the real binary says about files that are wrong: place, offending text, what was expected, the nearest name,
//! several at once, exit status 2, and never a panic.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const GOOD: &str = r#"
[workload]
conversations_per_day = 1_000
[[workload.class]]
name = "simple"
share = 0.7
user_tokens = 50
output_tokens = 200
[[workload.class]]
name = "complex"
share = 0.3
user_tokens = 50
output_tokens = 200
[models.small]
price = "openai:gpt-4o-mini"
[models.large]
price = "openai:gpt-4"
[strategies.baseline]
route = "large"
"#;

fn gonogo(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gonogo"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .output()
        .unwrap()
}

/// What `gonogo validate` says about a text; its exit status must be 2.
fn complaint(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("scenario.toml"), text).unwrap();
    complaint_in(folder.path(), "scenario.toml")
}

fn complaint_in(folder: &Path, file: &str) -> String {
    let output = gonogo(&["validate", file], folder);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        output.stdout.is_empty(),
        "problems go to standard error only"
    );
    assert!(
        !said.contains('\u{1b}'),
        "no escapes where there is no terminal"
    );
    said
}

/// The good file with one thing replaced.
fn replaced(what: &str, by: &str) -> String {
    assert!(GOOD.contains(what), "{what}");
    GOOD.replace(what, by)
}

fn added(text: &str) -> String {
    format!("{GOOD}{text}")
}

#[test]
fn the_file_that_the_others_are_made_of_is_good() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("scenario.toml"), GOOD).unwrap();
    let output = gonogo(&["validate"], folder.path());
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "scenario.toml: ok. 2 classes, 2 models, 1 strategy at 2 volumes\n"
    );
    assert!(output.status.success());
}

#[test]
fn several_problems_are_told_at_once() {
    let text = replaced(
        "route = \"large\"",
        "routee = \"large\"\nroute = \"lareg\"\ntimeout_s = -3",
    )
    .replace("share = 0.3", "share = 0.2");
    insta::assert_snapshot!(complaint(&text));
}

#[test]
fn several_syntax_errors_are_told_at_once() {
    insta::assert_snapshot!(complaint(
        "name = chatbot\n[study\nmonths = 10\nmonths = 20\n[workload]\nsystem_tokens = 7__0\n"
    ));
}

#[test]
fn an_unknown_key_that_is_at_home_elsewhere_is_sent_there() {
    insta::assert_snapshot!(complaint(&replaced(
        "conversations_per_day = 1_000",
        "conversations_per_day = 1_000\nturns = 3"
    )));
}

#[test]
fn a_cycle_in_extends_is_shown() {
    insta::assert_snapshot!(complaint(&added(
        "[strategies.a]\nextends = \"b\"\n[strategies.b]\nextends = [\"baseline\", \"c\"]\n[strategies.c]\nextends = \"a\"\n"
    )));
}

#[test]
fn references_to_nothing_name_the_nearest() {
    insta::assert_snapshot!(complaint(&added(
        "fallback = [\"smal\", \"stale\"]\nsensitive_route = \"local\"\n[strategies.t]\nextends = \"baselin\"\n[strategies.r]\nroute = { router = { simple = \"small\", komplex = \"large\" } }\n[providers.openia]\noutage = \"openai-histroy\"\n"
    )));
}

#[test]
fn impossible_numbers_are_refused_where_they_stand() {
    insta::assert_snapshot!(complaint(
        &replaced("user_tokens = 50\noutput_tokens = 200\n[[", "user_tokens = { mean = 50, cv = -1 }\noutput_tokens = { p50 = 200, p95 = 100 }\nsensitive = 1.5\n[[")
            .replace("conversations_per_day = 1_000", "conversations_per_day = \"12_000 to 8_000\"")
    ));
}

#[test]
fn strategies_that_lack_what_they_need_say_what() {
    insta::assert_snapshot!(complaint(&added(
        "confidence = { catches = 0.7, then = \"human_review\" }\n[strategies.c]\nroute = { cascade = [\"small\"], accept = 0.9 }\n[strategies.e]\nroute = \"small\"\nconfidence = { catches = 0.7, then = \"escalate\" }\nbreaker = { failures = 2, failure_rate = 0.5 }\n"
    )));
}

#[test]
fn models_that_are_neither_bought_nor_hosted_or_both_say_so() {
    insta::assert_snapshot!(complaint(&added(
        "[models.x]\ndiscount = 0.1\n[models.y]\nprice = \"gpt-4\"\nhosting = { replicas = 2, slots = 4 }\n[models.z]\nprice = { input = 3 }\nautoscale = { min = 3, max = 2 }\n"
    )));
}

#[test]
fn a_model_that_the_catalogue_does_not_have_names_the_nearest() {
    let said = complaint(&replaced("openai:gpt-4o-mini", "openai:gpt-4o-mni"));
    assert!(
        said.contains("scenario.toml:15:9") && said.contains("openai:gpt-4o-mini"),
        "{said}"
    );
}

#[test]
fn a_drill_at_a_bad_time_is_refused() {
    insta::assert_snapshot!(complaint(&added(
        "[[drill]]\nname = \"d\"\nat = \"Someday 25:00\"\nminutes = 60\neffect = \"outge\"\nprovider = \"opanai\"\n"
    )));
}

#[test]
fn an_empty_list_of_volumes_is_refused() {
    insta::assert_snapshot!(complaint(&added(
        "[study]\nvolumes = []\nstarts = \"2026-12-07\"\nmonths = 0\n"
    )));
}

#[test]
fn absurd_volumes_say_what_they_would_take() {
    insta::assert_snapshot!(complaint(&added("[study]\nvolumes = [1, 1e6]\n")));
}

#[test]
fn absurd_traffic_is_blamed_on_the_traffic() {
    insta::assert_snapshot!(complaint(&replaced("1_000", "\"1e12 to 2e12\"")));
}

#[test]
fn an_empty_file_says_what_a_scenario_needs() {
    insta::assert_snapshot!(complaint(""));
}

#[test]
fn a_column_that_is_not_there_names_those_that_are() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("log.csv"),
        "time,tokens,answer tokens\n1,2,3\n",
    )
    .unwrap();
    let column = |name: &str, file: &str| {
        format!("{{ dist = \"empirical\", file = \"{file}\", column = \"{name}\" }}")
    };
    let text = GOOD
        .replacen(
            "user_tokens = 50",
            &format!("user_tokens = {}", column("input", "log.csv")),
            1,
        )
        .replacen(
            "output_tokens = 200",
            &format!("output_tokens = {}", column("token", "log.csv")),
            1,
        );
    let text = text.replacen(
        "user_tokens = 50",
        &format!("user_tokens = {}", column("tokens", "lgo.csv")),
        1,
    );
    std::fs::write(folder.path().join("scenario.toml"), text).unwrap();
    // The system's own words differ between platforms.
    let said = complaint_in(folder.path(), "scenario.toml");
    assert!(said.contains("did you mean `tokens`?"), "{said}");
    assert!(
        said.contains("there are `time`, `tokens`, `answer tokens`"),
        "{said}"
    );
    assert!(said.contains("`lgo.csv` cannot be read"), "{said}");
}

#[test]
fn sources_and_knobs_must_name_fields() {
    insta::assert_snapshot!(complaint(&added(
        "[sources]\n\"models.large.first_token\" = \"load test\"\n\"models.large.token_ms\" = \"load test\"\n[optimize]\n\"strategies.baseline.timeout\" = { from = 60, to = 5 }\n"
    )));
}

#[test]
fn what_a_file_holds_cannot_reach_the_terminal_as_escapes() {
    let said = complaint(&added(
        "\"ev\\u001B[31mil\\u202E\" = 1\nroute2 = \"a\\u0007b\"\n",
    ));
    assert!(said.contains("ev␛[31mil�"), "{said}");
    let raw = complaint("name = \"\u{1b}]0;title\u{7}\"\n");
    assert!(raw.contains('␛') && raw.contains('␇'), "{raw}");
}

#[test]
fn a_missing_file_names_its_neighbour() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("scenario.toml"), GOOD).unwrap();
    insta::assert_snapshot!(complaint_in(folder.path(), "scenrio.toml"));
}

#[test]
fn a_directory_is_not_a_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("scenarios")).unwrap();
    insta::assert_snapshot!(complaint_in(folder.path(), "scenarios"));
}

#[test]
fn text_that_is_not_utf_8_shows_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("latin.toml"),
        b"schema = 1\nname = \"Caf\xe9\"\n",
    )
    .unwrap();
    insta::assert_snapshot!(complaint_in(folder.path(), "latin.toml"));
    std::fs::write(folder.path().join("packed.toml"), [0x1f, 0x8b, 8, 0, 0xff]).unwrap();
    assert!(complaint_in(folder.path(), "packed.toml").contains("gzip"));
}

#[test]
fn a_file_of_more_than_10_mb_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("big.toml"),
        "# padding\n".repeat(1_000_001),
    )
    .unwrap();
    insta::assert_snapshot!(complaint_in(folder.path(), "big.toml"));
}

#[test]
fn megabytes_of_nonsense_are_answered_shortly() {
    let folder = tempfile::tempdir().unwrap();
    for (name, line) in [
        ("keys.toml", "= = =\n"),
        ("deep.toml", "[[[[[["),
        ("dots.toml", "a.a.a.a."),
        ("braces.toml", "{a={a="),
    ] {
        std::fs::write(
            folder.path().join(name),
            line.repeat(3_000_000 / line.len()),
        )
        .unwrap();
        let said = complaint_in(folder.path(), name);
        assert!(
            said.len() < 100_000,
            "{name}: at most fifty problems are shown"
        );
    }
}

#[test]
fn standard_input_is_read_where_a_dash_stands() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gonogo"))
        .args(["validate", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"name = 3\n")
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("<standard input>:1:8"));
}

#[test]
fn problems_are_there_as_json_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("scenario.toml"),
        replaced("route = ", "rout = "),
    )
    .unwrap();
    let output = gonogo(&["validate", "--json", "scenario.toml"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["schema"], "gonogo.problems/1");
    assert_eq!(document["ok"], false);
    let problem = &document["files"][0]["problems"][1];
    assert_eq!(problem["line"], 19);
    assert_eq!(problem["column"], 1);
    assert_eq!(problem["help"], "did you mean `route`?");
}

#[test]
fn a_reader_that_goes_away_is_not_an_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gonogo"))
        .args(["schema", "scenario"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
