//! `gonogo prices` as it is typed.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

fn gonogo(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("gonogo").unwrap();
    let output = command
        .current_dir(folder)
        .arg("prices")
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn told(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (status, out, error) = gonogo(folder.path(), arguments);
    assert_eq!((status, error.as_str()), (0, ""), "{arguments:?}");
    out
}

fn refused(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (status, out, error) = gonogo(folder.path(), arguments);
    assert_eq!((status, out.as_str()), (2, ""), "{arguments:?}");
    error
}

#[test]
fn golden_cases_are_quoted_by_the_binary() {
    let file: Value = serde_json::from_str(include_str!("../data/price_cases.json")).unwrap();
    // Every fifth: each starts a process. All of them run through the library in prices.rs.
    for case in file["cases"]
        .as_array()
        .unwrap()
        .iter()
        .step_by(5)
        .chain(file["cases"].as_array().unwrap().iter().skip(24).take(8))
    {
        let model = format!(
            "{}:{}",
            case["provider"].as_str().unwrap(),
            case["model"].as_str().unwrap()
        );
        let mut arguments = vec![
            "quote".to_owned(),
            model,
            "--json".to_owned(),
            "--at".to_owned(),
        ];
        arguments.push(case["at"].as_str().unwrap().to_owned());
        for (key, flag) in [
            ("input_tokens", "--input"),
            ("output_tokens", "--output"),
            ("cache_read_tokens", "--cached"),
            ("cache_write_tokens", "--cache-write"),
            ("cache_write_1h_tokens", "--cache-write-1h"),
            ("output_reasoning_tokens", "--reasoning"),
        ] {
            if let Some(count) = case["usage"][key].as_u64() {
                arguments.extend([flag.to_owned(), count.to_string()]);
            }
        }
        if case["context"]["processing"] == "batch" {
            arguments.push("--batch".to_owned());
        }
        if let Some(tier) = case["context"]["service_tier"].as_str() {
            arguments.extend(["--tier".to_owned(), tier.to_owned()]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let quoted: Value = serde_json::from_str(&told(&arguments)).unwrap();
        let expected: f64 = case["total_usd"].as_str().unwrap().parse().unwrap();
        assert!(
            (quoted["total_usd"].as_f64().unwrap() - expected).abs() < 1e-6,
            "{arguments:?}: {quoted}"
        );
        let lines: f64 = quoted["usd"]
            .as_object()
            .unwrap()
            .values()
            .map(|usd| usd.as_f64().unwrap())
            .sum();
        assert!((lines - expected).abs() < 1e-6);
    }
}

#[test]
fn a_quote_for_people_has_aligned_lines_and_says_what_to_know() {
    let text = told(&[
        "quote",
        "gpt-4",
        "--input",
        "6000",
        "--output",
        "400",
        "--at",
        "2026-11-23T02:00:00Z",
    ]);
    assert_eq!(
        text,
        "openai:gpt-4  US dollars\n\
         input           0.180000\n\
         output          0.024000\n\
         total           0.204000\n\
         \n\
         Prices at 2026-11-23T02:00:00Z; compiled-in catalogue of 2026-10-30\n\
         Note: openai:gpt-4 was retired on 2026-10-23\n"
    );
}

#[test]
fn times_are_understood_as_people_write_them() {
    let input = |at: &str| {
        let text = told(&[
            "quote",
            "deepseek:deepseek-flash",
            "--input",
            "1000000",
            "--json",
            "--at",
            at,
        ]);
        serde_json::from_str::<Value>(&text).unwrap()["total_usd"]
            .as_f64()
            .unwrap()
    };
    assert_eq!(input("2026-11-23"), 0.15);
    assert_eq!(input("2026-11-23T02:00"), 0.3);
    assert_eq!(input("2026-11-23T02:00:00+08:00"), 0.15);
    assert!(
        refused(&["quote", "gpt-4", "--at", "tomorrow"])
            .contains("expected a time such as 2026-11-23")
    );
}

#[test]
fn wrong_input_says_what_would_be_right() {
    let error = refused(&["quote", "openai:gpt-4o-mni", "--input", "1"]);
    assert!(
        error.contains("no model `openai:gpt-4o-mni`")
            && error.contains("did you mean `openai:gpt-4o-mini`"),
        "{error}"
    );
    let error = refused(&["quote", "openai/gpt-oss-120b", "--input", "1"]);
    assert!(
        error.contains("several providers") && error.contains("`groq:openai/gpt-oss-120b`"),
        "{error}"
    );
    let error = refused(&["quote", "openai:gpt-5", "--tier", "turbo"]);
    assert!(
        error.contains("no service tier `turbo`; it has `default`, `flex`"),
        "{error}"
    );
    let error = refused(&["quote", "gpt-4o", "--cached", "5"]);
    assert!(
        error.contains("cached (5)") && error.contains("more than it (0)"),
        "{error}"
    );
    let error = refused(&["list", "--provider", "opena"]);
    assert!(error.contains("did you mean `openai`"), "{error}");
    assert!(
        refused(&["list", "no-such-model"]).contains("no model has `no-such-model` in its name")
    );
    assert!(refused(&["diff"]).contains("no prices.json"));
    assert!(refused(&["diff", "missing.json"]).contains("missing.json"));
    assert!(refused(&["--prices", "missing.json", "show", "gpt-4"]).contains("missing.json"));
}

#[test]
fn list_shows_what_was_asked_for() {
    let text = told(&[
        "list",
        "haiku-4",
        "--provider",
        "anthropic",
        "--at",
        "2026-11-23",
    ]);
    assert_eq!(
        text,
        "model                       context  input  cached  write  output  ends\n\
         anthropic:claude-haiku-4-5   200000      1     0.1   1.25       5\n\
         \n\
         US dollars per million tokens of a short call on 2026-11-23; compiled-in catalogue of 2026-10-30\n"
    );
    let all: Value = serde_json::from_str(&told(&[
        "list",
        "--provider",
        "openai",
        "--json",
        "--at",
        "2026-11-23",
    ]))
    .unwrap();
    let models = all["models"].as_array().unwrap();
    let gpt4 = models
        .iter()
        .find(|model| model["reference"] == "openai:gpt-4")
        .unwrap();
    assert_eq!(gpt4["usd_per_million"]["input"], 30.0);
    assert_eq!(gpt4["retires"], "2026-10-23");
}

#[test]
fn show_names_tiers_announced_changes_and_sources() {
    let text = told(&["show", "gemini-3.6-flash", "--at", "2026-11-23"]);
    for wanted in [
        "google:gemini-3.6-flash",
        "\nbatch ",
        "from 2027-01-01 input 1.5, output 7.5",
        "automatic, 4096 tokens",
        "modelstats.ai",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let json: Value = serde_json::from_str(&told(&[
        "show",
        "gpt-6.1-sol",
        "--json",
        "--at",
        "2026-11-23",
    ]))
    .unwrap();
    assert_eq!(
        json["tiers"][0]["context_tiers"][1]["from_input_tokens"],
        272_001.0
    );
    assert_eq!(json["incidents"], "openai-history");
}

const PUBLISHED: &str = r#"[{"id": "acme", "name": "Acme", "api_pattern": "https://api\\.acme\\.example", "models": [
    {"id": "acme-1", "match": {"equals": "acme-1"}, "prices": {"input_mtok": 2, "output_mtok": 8}}]},
    {"id": "evil", "name": "Evil", "api_pattern": "x", "models": [
    {"id": "red\u001b[31m", "match": {"starts_with": "red"}, "prices": {"input_mtok": 1}}]}]"#;

#[test]
fn an_imported_file_is_what_the_project_uses_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data.json"), PUBLISHED).unwrap();
    let (status, out, error) = gonogo(
        folder.path(),
        &["import", "data.json", "--date", "2026-11-22"],
    );
    assert_eq!((status, error.as_str()), (0, ""));
    assert!(out.contains("prices.json of 2026-11-22: 2 models"), "{out}");
    let (_, out, _) = gonogo(
        folder.path(),
        &["quote", "acme:acme-1", "--input", "1000000", "--json"],
    );
    let quoted: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(quoted["total_usd"], 2.0);
    assert_eq!(quoted["catalogue"]["date"], "2026-11-22");
    let (_, out, _) = gonogo(folder.path(), &["list"]);
    assert!(out.contains("evil:red") && !out.contains('\u{1b}'), "{out}");
    let dearer = PUBLISHED.replace(r#""output_mtok": 8"#, r#""output_mtok": 9"#);
    std::fs::write(folder.path().join("newer.json"), dearer).unwrap();
    let (status, out, _) = gonogo(
        folder.path(),
        &["diff", "prices.json", "newer.json", "--at", "2026-11-23"],
    );
    assert_eq!(status, 0);
    assert!(
        out.contains("0 added, 0 removed, 1 changed") && out.contains("acme:acme-1  output"),
        "{out}"
    );
}

#[test]
fn a_broken_price_file_stops_everything_but_the_import_that_repairs_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("prices.json"), "{").unwrap();
    std::fs::write(folder.path().join("data.json"), PUBLISHED).unwrap();
    let (status, _, error) = gonogo(folder.path(), &["quote", "gpt-4"]);
    assert_eq!(status, 2);
    assert!(
        error.contains("prices.json") && error.contains("not a price file"),
        "{error}"
    );
    assert_eq!(gonogo(folder.path(), &["import", "data.json"]).0, 0);
    assert_eq!(gonogo(folder.path(), &["quote", "acme:acme-1"]).0, 0);
}

#[test]
fn the_answer_can_be_written_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (status, out, _) = gonogo(
        folder.path(),
        &[
            "quote",
            "gpt-4o",
            "--input",
            "10",
            "--json",
            "-o",
            "quote.json",
        ],
    );
    assert_eq!((status, out.as_str()), (0, ""));
    let text = std::fs::read_to_string(folder.path().join("quote.json")).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&text).unwrap()["model"],
        "openai:gpt-4o"
    );
}
