//! The rooms of `src/` know only the rooms before them, and some libraries stay in some rooms.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in order: each may use those before it.
const ROOMS: [&str; 13] = [
    "reading",
    "quantity",
    "scenario",
    "prices",
    "model",
    "engine",
    "study",
    "analysis",
    "fit",
    "checklist",
    "report",
    "cli",
    "tui",
];

/// Libraries that belong to some rooms only.
const KEPT: [(&str, &[&str]); 6] = [
    ("ratatui", &["tui"]),
    ("crossterm", &["tui"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("rand", &["quantity", "engine", "study"]),
    ("rand_distr", &["quantity", "engine", "study"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn room_of(path: &Path) -> Option<usize> {
    let inside = path.strip_prefix("src").ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    ROOMS.iter().position(|room| *room == first)
}

/// Rooms and libraries that a line of code names at the start of a path.
fn named(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + word.len()..];
        before.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_' && letter != ':')
            && after.starts_with("::")
    })
}

#[test]
fn arrows_point_down_the_list_of_rooms() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    assert!(files.len() > 50, "the sources are where this test looks");
    let mut wrong = Vec::new();
    for file in files {
        let Some(here) = room_of(&file) else { continue };
        let text = fs::read_to_string(&file).expect("a source");
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            for (there, room) in ROOMS.iter().enumerate() {
                if there > here && named(code, &format!("crate::{room}")) {
                    wrong.push(format!(
                        "{}:{}: {} uses {room}",
                        file.display(),
                        number + 1,
                        ROOMS[here]
                    ));
                }
            }
            for (library, rooms) in KEPT {
                if named(code, library) && !rooms.contains(&ROOMS[here]) {
                    wrong.push(format!(
                        "{}:{}: {library} belongs to {rooms:?}",
                        file.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_arrow_would_be_seen() {
    assert!(named("use crate::engine::clock::Time;", "crate::engine"));
    assert!(named("    let it = clap::Parser::parse();", "clap"));
    assert!(!named("use self::clap_like::It;", "clap"));
    assert!(!named("use other_crate::engine::It;", "crate::engine"));
}
