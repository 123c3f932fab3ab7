//! Keystroke to frame while a study runs, edit to numbers, and what the app takes when nothing happens: printed as the
//! table of docs/performance.md.

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
/// Values that are typed into a field, four digits each.
const TYPED: usize = 50;

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
    println!("{}\n", surroundings());
    println!("| what | half | 99% | aimed at |\n| --- | --- | --- | --- |");
    keys(&mut term);
    typing(&mut term);
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
    row(
        &format!("key to the whole new tab, {PRESSES} times, a study under way at {busy} of them"),
        &mut took,
        "16 ms",
    );
}

/// From a digit of a value to the frame that shows it, with what it means, while both cores simulate.
fn typing(term: &mut Term) {
    let mut took = Vec::new();
    term.press("f3").wait_for(" rows");
    for value in 0..TYPED {
        if !is_running(term) {
            term.press("ctrl-l").wait_for("Simulating again");
        }
        term.press("enter ctrl-u").wait_for("ctrl-s done");
        let mut typed = String::from("conversations_per_day = ");
        for digit in (2000 + value * 7).to_string().chars() {
            typed.push(digit);
            let started = Instant::now();
            term.keys(&digit.to_string()).wait_for(&typed);
            took.push(started.elapsed());
            term.wait_while(|_| true, Duration::from_millis(20));
        }
        term.press("esc").wait_for("all fields");
    }
    let count = took.len();
    row(
        &format!("digit of a value to its meaning, {count} times"),
        &mut took,
        "16 ms",
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
    let of = format!("{EDITS} edits of the support chatbot");
    row(
        &format!("edit to its first numbers, {of}"),
        &mut first,
        "100 ms",
    );
    row(
        &format!("edit to settled numbers, {of}"),
        &mut settled,
        "2 s",
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
        println!("| processor time when idle | not told by this system | | 1% |");
        return;
    };
    let share = after.saturating_sub(before).as_secs_f64() / 10.0;
    println!(
        "| processor time when idle, over 10 s | {:.2}% of a core | | 1% |",
        share * 100.0
    );
}

/// What else the machine does, without which no figure means anything.
fn surroundings() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown");
    format!("{cores} cores; load before the measurements: {load}")
}

/// A line of the table.
fn row(what: &str, took: &mut [Duration], aim: &str) {
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
    println!(
        "| {what} | {:.1} ms | {:.1} ms | {aim} |",
        at(0.5),
        at(0.99)
    );
}
