//! The recording of the README: the shipped support chatbot, from the first screen to the report.

use std::path::Path;
use std::time::Duration;

use super::svg::Film;
use super::term::Term;

pub fn record(file: &Path) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let state = tempfile::tempdir().expect("a temporary folder");
    let mut term = Term::open(folder.path(), state.path());
    let mut film = Film::new(80, 24);
    let mut shot = |term: &mut Term, words: &str, seconds: f64| {
        // What is still being drawn is waited for.
        term.wait_while(|_| true, Duration::from_millis(250));
        film.shot(term.screen(), words, seconds);
    };
    term.wait_for("Start a project");
    shot(&mut term, "gonogo", 2.5);
    term.press("i").wait_for("kind of feature");
    shot(&mut term, "i   six questions, and a project is there", 2.5);
    for text in [
        None,
        Some("300"),
        None,
        Some("medium"),
        Some("2000"),
        Some("yes"),
    ] {
        if let Some(text) = text {
            term.press("ctrl-u").keys(text);
        }
        term.press("enter");
    }
    term.wait_for("INCOMPLETE").wait_for("failed");
    settle(&mut term);
    shot(
        &mut term,
        "the verdict, what it costs, what to do next",
        4.0,
    );
    term.press("f2").wait_for("of 15 met");
    term.press("I ctrl-u")
        .keys("Ana Example")
        .press("ctrl-s")
        .wait_for("You are");
    shot(&mut term, "F2   fifteen questions", 2.5);
    term.keys("ay").wait_for("is yes");
    shot(&mut term, "a y   answered, and saved", 2.5);
    term.press("j j j e").wait_for("Evidence:");
    term.keys("loadtest.json");
    shot(&mut term, "e   evidence", 2.5);
    term.press("esc").wait_gone("Evidence:");
    term.press("f3").wait_for(" rows").press("enter ctrl-u");
    term.keys("{ p50 = 300, p95 = 600 }").wait_for("uncertain");
    shot(
        &mut term,
        "F3 Enter   a field is understood as it is typed",
        4.0,
    );
    term.press("enter").wait_for("DRAFT");
    settle(&mut term);
    shot(&mut term, "Enter   new numbers at once", 3.0);
    term.press("ctrl-s")
        .wait_for("Saved")
        .press("f4")
        .wait_for("over budget");
    settle(&mut term);
    shot(&mut term, "F4   strategies and volumes", 3.0);
    term.press("c c c").wait_for("where the money goes");
    shot(&mut term, "c   where the money goes", 3.0);
    term.press("c c").wait_for("by hour of the week");
    shot(&mut term, "c   hour by hour", 3.0);
    term.press("5").wait_for("incident, 60 min");
    settle(&mut term);
    shot(&mut term, "5   an incident, minute by minute", 3.5);
    term.press("f5").wait_for("What is decided");
    shot(
        &mut term,
        "F5   the report, as Markdown, HTML, PDF and a workbook",
        4.0,
    );
    term.press("q");
    term.end();
    // A name that says something, and is the same every time.
    let svg = film
        .svg()
        .replace(&folder.path().display().to_string(), "~/support");
    std::fs::write(file, svg).expect("the recording is written");
    println!("wrote {}", file.display());
}

/// Waits for the last numbers.
fn settle(term: &mut Term) {
    term.wait_while(
        |text| {
            ["sharpening", "of before", "Working.", "Waiting"]
                .iter()
                .any(|word| text.contains(word))
        },
        Duration::from_secs(6),
    );
}
