//! Keystroke to frame while a study runs, edit to numbers, and what the app takes when nothing happens.

use std::time::{Duration, Instant};

use super::term::Term;

/// Keys that bring another tab into view, and what only that tab shows.
const TABS: [(&str, &str); 4] = [
    ("f2", "of 15 met"),
    ("f3", " rows"),
    ("f4", "1 results"),
    ("f5", "report, to be written"),
];

const PRESSES: usize = 600;
const EDITS: usize = 15;

pub fn measure() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let state = tempfile::tempdir().expect("a temporary folder");
    let made = std::process::Command::new(super::term::binary())
        .args([
            "init",
            "--template",
            "support-chatbot",
            "--conversations",
            "2000",
        ])
        .args([
            "--length",
            "short",
            "--budget",
            "10000",
            "--personal-data",
            "yes",
        ])
        .current_dir(folder.path())
        .output()
        .expect("gonogo runs");
    assert!(made.status.success(), "{made:?}");
    let mut term = Term::open(folder.path(), state.path());
    term.wait_for("a month");
    keys(&mut term);
    edits(&mut term);
    idle(&mut term);
    term.press("q").wait_for("Quit with").press("d");
    term.end();
}

/// From the key to the whole new tab on the screen, while both cores simulate.
fn keys(term: &mut Term) {
    let mut took = Vec::new();
    let mut busy = 0;
    for press in 0..PRESSES {
        if !is_running(term) {
            term.press("ctrl-l").wait_for("Simulating again");
        }
        let (key, shows) = TABS[press % TABS.len()];
        let started = Instant::now();
        term.press(key).wait_for(shows);
        took.push(started.elapsed());
        busy += usize::from(is_running(term));
        // Somebody who reads a little, not a machine gun.
        term.wait_while(|_| true, Duration::from_millis(20));
    }
    println!(
        "keystroke to frame, {PRESSES} tabs, a study under way at {busy} of them: {}",
        spread(&mut took)
    );
}

fn is_running(term: &Term) -> bool {
    let text = term.screen().contents();
    text.contains("sharpening") || text.contains("simulating ")
}

/// From Enter behind a field to the first numbers of the edit, and to the last.
fn edits(term: &mut Term) {
    let (mut first, mut settled) = (Vec::new(), Vec::new());
    term.press("f3").wait_for(" rows");
    term.press("/ ctrl-u")
        .keys("workload.conversations")
        .press("enter g");
    term.wait_while(|text| text.contains("sharpening"), Duration::from_mins(1));
    for edit in 0..EDITS {
        let before = numbers(&term.screen().contents());
        term.press("enter ctrl-u")
            .keys(&format!("{}", 2000 + 150 * (edit + 1)));
        term.wait_for("\u{2713}");
        let started = Instant::now();
        term.press("enter");
        term.wait_while(
            |text| numbers(text) == before || text.contains("of before"),
            Duration::from_mins(1),
        );
        first.push(started.elapsed());
        term.wait_while(is_sharpening, Duration::from_mins(1));
        settled.push(started.elapsed());
    }
    println!(
        "edit to first new numbers, {EDITS} edits: {}",
        spread(&mut first)
    );
    println!(
        "edit to settled numbers, {EDITS} edits: {}",
        spread(&mut settled)
    );
}

fn is_sharpening(text: &str) -> bool {
    text.contains("sharpening") || text.contains("of before")
}

/// The line with the numbers of the strategy that is looked at.
fn numbers(text: &str) -> Option<String> {
    let line = text.lines().find(|line| line.contains(" a month"))?;
    Some(line.replace("DRAFT", "").trim().to_owned())
}

/// Processor time over ten seconds without a key.
fn idle(term: &mut Term) {
    term.wait_while(is_sharpening, Duration::from_mins(1));
    term.wait_while(|_| true, Duration::from_secs(2));
    let before = term.processor_time();
    term.wait_while(|_| true, Duration::from_secs(10));
    let (Some(before), Some(after)) = (before, term.processor_time()) else {
        println!("idle: this system does not tell");
        return;
    };
    let share = after.saturating_sub(before).as_secs_f64() / 10.0;
    println!("idle, over 10 s: {:.2}% of one core", share * 100.0);
}

fn spread(took: &mut [Duration]) -> String {
    took.sort();
    let at = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in the list"
        )]
        let place = (share * (took.len() - 1) as f64).round() as usize;
        took[place].as_secs_f64() * 1e3
    };
    format!(
        "half {:.1} ms, 99% {:.1} ms, longest {:.1} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    )
}
