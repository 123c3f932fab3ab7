//! The walk of docs/decisions.md: every command on the page runs, and what it prints can be written there again.
//!
//! `GONOGO_UPDATE_DOCS=1 cargo test --release --test decisions the_page` writes the page's blocks as they are today.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Commands whose output stands on the page as it is printed.
const WALKED: [&str; 7] = [
    "simulate",
    "compare",
    "sensitivity",
    "headroom",
    "optimize",
    "drill",
    "forecast",
];

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/decisions.md")
}

/// A command line in words; double quotes keep blanks.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in line.trim().chars() {
        match letter {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().expect("a word").push(letter),
        }
    }
    words
}

fn run(folder: &Path, line: &str) -> Output {
    let words = words(line);
    assert_eq!(words[0], "gonogo", "{line}");
    Command::new(env!("CARGO_BIN_EXE_gonogo"))
        .current_dir(folder)
        .args(&words[1..])
        .output()
        .expect("runs")
}

/// Command lines of `console` blocks that are walked, and what the page says that they print.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    text.split("```console\n$ ")
        .skip(1)
        .filter_map(|block| block.split_once("```")?.0.split_once('\n'))
        .filter(|(line, _)| {
            let command = line.split(' ').nth(1).unwrap_or("");
            WALKED.contains(&command)
        })
        .collect()
}

/// What a reader sees of a table whatever its numbers: letters, with everything else as a blank.
fn letters(line: &str) -> String {
    let kept: String = line
        .chars()
        .map(|it| if it.is_alphabetic() { it } else { ' ' })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_command_of_the_page_runs_and_prints_the_tables_that_stand_there() {
    let text = std::fs::read_to_string(page()).expect("the page");
    let blocks = blocks(&text);
    for command in WALKED {
        let lines = blocks.iter().map(|(line, _)| words(line));
        let count = lines.filter(|line| line[1] == command).count();
        assert_eq!(count, 1, "the page walks through `{command}` once");
    }
    // The shipped chatbot with a few users, so that a debug build is through in seconds.
    let folder = tempfile::tempdir().expect("a folder");
    let small = gonogo::scenario::DEFAULT
        .text
        .replace("\"8_000 to 12_000\"", "\"2 to 3\"");
    assert!(small.contains("\"2 to 3\""));
    std::fs::write(folder.path().join("scenario.toml"), small).expect("written");
    for (line, shown) in blocks {
        let output = run(folder.path(), line);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        // Heads of tables and titles have no numbers to differ in.
        let heads = [
            "What stands out",
            "What binds first",
            "As TOML",
            "Switching",
            "Assumed",
        ];
        for head in shown.lines().filter(|line| heads.contains(line)) {
            assert!(
                printed.lines().any(|line| line == head),
                "{line}: {head}: {printed}"
            );
        }
        let first = |text: &str| letters(text.lines().find(|it| it.contains("  ")).unwrap_or(""));
        assert_eq!(first(shown), first(&printed), "{line}");
    }
}

#[test]
fn the_page_is_written_again_when_asked() {
    if std::env::var_os("GONOGO_UPDATE_DOCS").is_none() {
        return;
    }
    let mut text = std::fs::read_to_string(page()).expect("the page");
    let empty = tempfile::tempdir().expect("a folder");
    for (line, shown) in blocks(&text.clone()) {
        let output = run(empty.path(), line);
        let printed = String::from_utf8(output.stdout).expect("text");
        assert!(!printed.is_empty(), "{line}");
        text = text.replace(
            &format!("$ {line}\n{shown}```"),
            &format!("$ {line}\n{printed}```"),
        );
    }
    std::fs::write(page(), text).expect("written");
}
