//! `gonogo init` and the small commands beside it, as somebody types them.

use std::path::Path;
use std::process::{Command, Output};

use gonogo::scenario::{Scenario, TEMPLATES};

fn gonogo(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gonogo"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn every_template_becomes_a_scenario_of_at_most_thirty_lines_that_is_valid() {
    for template in TEMPLATES {
        for personal in ["yes", "no"] {
            let folder = tempfile::tempdir().unwrap();
            let output = gonogo(
                &[
                    "init",
                    "new",
                    "--template",
                    template.name,
                    "--personal-data",
                    personal,
                ],
                folder.path(),
            );
            assert!(output.status.success(), "{}", text(&output.stderr));
            let written = folder.path().join("new/scenario.toml");
            let lines = std::fs::read_to_string(&written).unwrap().lines().count();
            assert!(lines <= 30, "{}: {lines} lines", template.name);
            let scenario = Scenario::load(&written).unwrap_or_else(|problems| panic!("{problems}"));
            assert!(scenario.strategies.len() >= 2, "something to compare");
            assert_eq!(
                scenario
                    .strategies
                    .iter()
                    .any(|strategy| strategy.sanitise.is_some()),
                personal == "yes"
            );
        }
    }
}

#[test]
fn flags_answer_the_questions() {
    let folder = tempfile::tempdir().unwrap();
    let output = gonogo(
        &[
            "init",
            "--conversations",
            "2_000",
            "--model",
            "anthropic:claude-haiku-4-5",
            "--length",
            "short",
            "--answer-tokens",
            "90",
            "--budget",
            "5000",
        ],
        folder.path(),
    );
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("gonogo simulate"),
        "what to type next"
    );
    insta::assert_snapshot!(std::fs::read_to_string(folder.path().join("scenario.toml")).unwrap());
}

#[test]
fn nothing_is_written_over_without_force() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenario.toml");
    std::fs::write(&file, "mine").unwrap();
    let refused = gonogo(&["init"], folder.path());
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("--force"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    assert!(gonogo(&["init", "--force"], folder.path()).status.success());
    assert_ne!(std::fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn wrong_flags_say_what_is_right_and_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, says) in [
        (
            vec!["--template", "suport-chatbot"],
            "did you mean `support-chatbot`?",
        ),
        (vec!["--model", "gpt-4"], "provider:model"),
        (
            vec!["--model", "openai:gpt-5.4-mni"],
            "did you mean `openai:gpt-5.4-mini`",
        ),
        (vec!["--length", "tiny"], "short, medium, long"),
        (vec!["--conversations", "-3"], "above 0"),
        (vec!["--personal-data", "maybe"], "yes or no"),
    ] {
        let output = gonogo(&[vec!["init"], arguments].concat(), folder.path());
        assert_eq!(output.status.code(), Some(2), "{says}");
        assert!(
            text(&output.stderr).contains(says),
            "{}",
            text(&output.stderr)
        );
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn templates_are_listed() {
    let output = gonogo(&["init", "--list"], Path::new("."));
    for template in TEMPLATES {
        assert!(text(&output.stdout).contains(template.name));
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_an_output_failure() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let output = gonogo(&["init", "file/below"], folder.path());
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
}

#[test]
fn every_command_has_help_with_an_example() {
    let overview = text(&gonogo(&["--help"], Path::new(".")).stdout);
    for name in ["init", "validate", "schema", "completions", "man"] {
        assert!(overview.contains(name), "{overview}");
        let help = text(&gonogo(&[name, "--help"], Path::new(".")).stdout);
        assert!(help.contains("Example"), "{help}");
    }
}

#[test]
fn completions_and_manual_pages_come_out() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = gonogo(&["completions", shell], folder.path());
        assert!(
            output.status.success() && text(&output.stdout).contains("validate"),
            "{shell}"
        );
    }
    assert!(text(&gonogo(&["man"], folder.path()).stdout).starts_with(".ie"));
    assert!(gonogo(&["man", "pages"], folder.path()).status.success());
    assert!(folder.path().join("pages/gonogo-validate.1").exists());
}

#[test]
fn schemas_are_listed_printed_and_written() {
    let folder = tempfile::tempdir().unwrap();
    assert!(text(&gonogo(&["schema"], folder.path()).stdout).contains("scenario"));
    let schema: serde_json::Value =
        serde_json::from_slice(&gonogo(&["schema", "scenario"], folder.path()).stdout).unwrap();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert!(
        gonogo(
            &["schema", "scenario", "--markdown", "-o", "s.md"],
            folder.path()
        )
        .status
        .success()
    );
    assert!(
        std::fs::read_to_string(folder.path().join("s.md"))
            .unwrap()
            .starts_with("# The scenario file")
    );
    let output = gonogo(&["schema", "scenaro"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean `scenario`?"));
}

#[test]
fn without_arguments_it_says_where_to_start() {
    let output = gonogo(&[], Path::new("."));
    assert!(output.status.success());
    assert!(text(&output.stdout).contains("gonogo init"));
}
