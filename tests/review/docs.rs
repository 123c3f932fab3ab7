//! The guides say what is so: documented fields read, documented flags exist, the table of checklists is the real one.

use std::process::Command;

use gonogo::checklist::{SHIPPED, read_checklist, read_review, shipped};
use gonogo::reading::Source;

const REVIEW: &str = include_str!("../../docs/review.md");
const CI: &str = include_str!("../../docs/ci.md");

fn toml_blocks(text: &str) -> Vec<&str> {
    text.split("```toml\n")
        .skip(1)
        .map(|block| block.split("```").next().unwrap())
        .collect()
}

#[test]
fn the_documented_review_reads_and_shows_every_field() {
    let text = *toml_blocks(REVIEW).last().unwrap();
    let review = read_review(&Source::new("docs/review.md", text))
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(
        (
            review.answers.len(),
            review.waivers.len(),
            review.signoffs.len(),
            review.budget.len()
        ),
        (1, 1, 1, 1)
    );
    for field in [
        "release",
        "commit",
        "tags",
        "strategy",
        "scenario",
        "valid_until",
        "decision_by",
        "next_look",
        "confidentiality",
        "required_signoffs",
        "reviewed_by",
        "watch",
        "compensating",
    ] {
        assert!(text.contains(field), "{field}");
    }
}

#[test]
fn the_documented_rule_reads() {
    let rule = toml_blocks(REVIEW)[0];
    let text = format!(
        "schema = 1\nid = \"x\"\ntitle = \"X\"\nversion = \"1\"\n[[section]]\nid = \"s\"\ntitle = \"S\"\n[[section.question]]\nid = \"q\"\nshort = \"Q\"\nask = \"Q?\"\nseverity = \"major\"\n{rule}"
    );
    read_checklist(&Source::new("x", text), false).unwrap_or_else(|problems| panic!("{problems}"));
}

#[test]
fn the_table_of_checklists_is_the_real_one() {
    for (id, _) in SHIPPED {
        let count = shipped(id).unwrap().unwrap().questions().count();
        assert!(
            REVIEW.contains(&format!("| `{id}` | {count} |")),
            "{id}: {count}"
        );
    }
}

#[test]
fn documented_flags_exist_and_all_of_check_are_documented() {
    let help = Command::new(env!("CARGO_BIN_EXE_gonogo"))
        .args(["check", "--help"])
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let flags = |text: &str| -> Vec<String> {
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
        let mut flags: Vec<String> = words
            .filter(|word| word.starts_with("--") && word.len() > 3)
            .map(str::to_owned)
            .collect();
        flags.sort();
        flags.dedup();
        flags
    };
    for flag in CI
        .lines()
        .filter(|line| line.starts_with("| `--"))
        .flat_map(flags)
    {
        assert!(
            help.contains(&flag),
            "{flag} is documented and does not exist"
        );
    }
    for flag in flags(&help) {
        let common = ["--help", "--version", "--review", "--json"];
        assert!(
            common.contains(&flag.as_str()) || CI.contains(&flag),
            "{flag} is not documented"
        );
    }
}

#[test]
fn documented_commands_exist() {
    for line in REVIEW.lines().filter(|line| line.starts_with("$ gonogo ")) {
        let words: Vec<&str> = line
            .trim_start_matches("$ gonogo ")
            .split_whitespace()
            .collect();
        let depth = if words[0] == "review" { 2 } else { 1 };
        let output = Command::new(env!("CARGO_BIN_EXE_gonogo"))
            .args(&words[..depth])
            .arg("--help")
            .output()
            .unwrap();
        assert!(output.status.success(), "{line}");
        let help = String::from_utf8(output.stdout).unwrap();
        for flag in words.iter().filter(|word| word.starts_with("--")) {
            let nested = words[..depth] == ["review", "evidence"];
            assert!(nested || help.contains(flag), "{line}: {flag}");
        }
    }
}
