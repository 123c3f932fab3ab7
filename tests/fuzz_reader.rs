//! Random damage to good files: the reader never panics, every problem has a place inside the text, what is shown holds
//! no control characters, and what still reads also writes, and reads back to the same digest. Of damaged logs every row is
//! read or counted as broken, what is read is a number of 0 or more, and no cell's text comes back in a complaint.
//!
//! Runs for `GONOGO_FUZZ_SECONDS` (default 2) from `GONOGO_FUZZ_SEED` (default 1); a failure names the case, which is
//! the same on every machine.

use std::time::{Duration, Instant};

use gonogo::reading::log::{Hints, read_bytes};
use gonogo::reading::{Source, harmless, render};
use gonogo::scenario::{Scenario, TEMPLATES, fields, resolved_toml};

/// `SplitMix64` (Steele, Lea, Flood 2014).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "smaller than a usize by then"
    )]
    fn below(&mut self, count: usize) -> usize {
        (self.roll() % count.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

const TOKENS: &[&str] = &[
    "=",
    "\"",
    "'",
    "\"\"\"",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    ",",
    ".",
    "#",
    "\n",
    "\r\n",
    "\t",
    "\u{0}",
    "\u{1b}",
    "é",
    "🦀",
    "\u{202e}",
    "-",
    "_",
    "inf",
    "nan",
    "-inf",
    "1e308",
    "1e999",
    "-1",
    "0",
    "99999999999999999999",
    "0x",
    "1_0",
    "true",
    "false",
    "[]",
    "{}",
    "\"\"",
    " to ",
    "\"1 to 2\"",
    "\"2 to 1\"",
    "2026-12-07",
    "2026-13-99",
    "12:00",
    "a.b.c = 1\n",
    "[a.b]\n",
    "\\u0000",
    "\\",
    "dist",
    "mix",
    "p50",
    "extends = ",
];

fn damage(text: &str, others: &[String], dice: &mut Dice) -> Vec<u8> {
    let keys: Vec<&str> = fields::all().map(fields::Field::key).collect();
    let examples: Vec<&str> = fields::all().map(|field| field.example).collect();
    let mut bytes = text.as_bytes().to_vec();
    // Half of the cases change one value and nothing else, so that what follows the syntax is tried as well.
    if dice.below(2) == 0 {
        let by = if dice.below(2) == 0 {
            *dice.pick(&examples)
        } else {
            *dice.pick(TOKENS)
        };
        replace_value(&mut bytes, by.as_bytes(), dice);
        return bytes;
    }
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(40)).min(bytes.len());
        match dice.below(10) {
            0 if at < bytes.len() => bytes[at] = dice.roll().to_le_bytes()[0],
            1 => drop(bytes.drain(at..end)),
            2 => {
                let copy = bytes[at..end].to_vec();
                let to = dice.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            3 => bytes.truncate(at),
            4 => drop(bytes.splice(at..at, dice.pick(&keys).bytes())),
            5 => replace_value(&mut bytes, dice.pick(&examples).as_bytes(), dice),
            6 => replace_value(&mut bytes, dice.pick(TOKENS).as_bytes(), dice),
            7 => {
                let other = dice.pick(others);
                let line = other
                    .lines()
                    .nth(dice.below(other.lines().count()))
                    .unwrap_or_default();
                drop(bytes.splice(at..at, line.bytes()));
            }
            _ => drop(bytes.splice(at..at, dice.pick(TOKENS).bytes())),
        }
    }
    bytes
}

/// Replaces what stands behind one `=`: damage that the syntax survives, so that what comes after it is tried too.
fn replace_value(bytes: &mut Vec<u8>, by: &[u8], dice: &mut Dice) {
    let signs: Vec<usize> = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'=')
        .map(|(at, _)| at + 1)
        .collect();
    if signs.is_empty() {
        return;
    }
    let from = *dice.pick(&signs);
    let to = bytes[from..]
        .iter()
        .position(|byte| matches!(byte, b'\n' | b',' | b'}'))
        .map_or(bytes.len(), |length| from + length);
    bytes.splice(from..to, [b" ", by].concat());
}

fn holds_control(shown: &str) -> bool {
    shown
        .chars()
        .any(|letter| letter.is_control() && letter != '\n')
}

/// Reads damaged bytes and holds what comes out to what this file promises.
fn examine(bytes: &[u8]) -> Result<bool, String> {
    let read = Source::from_bytes("fuzz.toml", bytes.to_vec())
        .and_then(|source| Scenario::parse(source, None));
    match read {
        Ok(scenario) => {
            let text = resolved_toml(&scenario);
            let again = Scenario::parse(Source::new("again.toml", text.as_str()), None)
                .map_err(|problems| format!("does not read back: {problems}\n{text}"))?;
            if again.digest == scenario.digest {
                Ok(true)
            } else {
                Err(format!("reads back to another digest:\n{text}"))
            }
        }
        Err(problems) => {
            if problems.list.is_empty() {
                return Err("refused without a problem".to_owned());
            }
            for problem in &problems.list {
                if problem.span.start > problem.span.end
                    || problem.span.end > problems.source.text.len()
                {
                    return Err(format!("outside the text: {problem:?}"));
                }
            }
            let shown = render(&problems, false);
            if holds_control(&shown) || holds_control(&problems.to_string()) {
                return Err(format!("control characters: {shown:?}"));
            }
            Ok(false)
        }
    }
}

fn number_from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

#[test]
fn random_damage_is_answered_with_places_and_never_with_a_panic() {
    let seconds = number_from_environment("GONOGO_FUZZ_SECONDS", 2);
    let seed = number_from_environment("GONOGO_FUZZ_SEED", 1);
    let mut files: Vec<String> = TEMPLATES
        .iter()
        .map(|template| template.text.to_owned())
        .collect();
    files.push(
        std::fs::read_to_string("tests/data/scenarios/every-field.toml")
            .unwrap()
            .replace(
                "file = \"tokens.csv\", column = \"input_tokens\"",
                "samples = [1, 2]",
            ),
    );
    let smallest = "[workload]\nconversations_per_day = 9\nclass = [{ name = \"a\", user_tokens = 1, output_tokens = 2 }]\n[models.m]\nprice = \"a:b\"\n[strategies.s]\nroute = \"m\"\n";
    files.push(smallest.to_owned());
    let started = Instant::now();
    let (mut cases, mut good) = (0_u64, 0_u64);
    while started.elapsed() < Duration::from_secs(seconds) {
        let mut dice = Dice(seed.wrapping_mul(1 << 32).wrapping_add(cases));
        let file = dice.pick(&files).clone();
        let bytes = damage(&file, &files, &mut dice);
        let outcome = std::panic::catch_unwind(|| examine(&bytes))
            .unwrap_or_else(|_| Err("panicked".to_owned()));
        match outcome {
            Ok(read) => good += u64::from(read),
            Err(why) => panic!(
                "seed {seed}, case {cases}: {why}\n--- the file ---\n{}",
                String::from_utf8_lossy(&bytes)
            ),
        }
        cases += 1;
    }
    println!("{cases} cases, {good} of them still good");
    assert!(
        cases > 10 && good > 0 && good < cases,
        "{cases} cases, {good} good: the damage tries only one side"
    );
}

/// A cell that no message may show.
const SECRET: &str = "my-secret-prompt";

fn logs() -> Vec<String> {
    let rows = |row: &dyn Fn(u32) -> String| (0..30).map(row).collect::<String>();
    vec![
        format!(
            "timestamp,model,prompt_tokens,completion_tokens,latency_ms,status,session_id\n{}",
            rows(&|k| format!("2026-01-05T10:00:{k:02}.5Z,{SECRET},{},{k},15{k},200,s{}\n", 10 * k, k / 3))
        ),
        format!("t_s;input_tokens;output_tokens;hash_ids\n{}", rows(&|k| format!("{k}.25;{k};7;1 2 {k}\n"))),
        rows(&|k| {
            format!("{{\"created_at\":17676000{k:02},\"prompt\":\"{SECRET}\",\"usage\":{{\"prompt_tokens\":{k},\"completion_tokens\":3}},\"tags\":[1,\"{SECRET}\"]}}\n")
        }),
        format!(
            "{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[{}]}}]}}]}}",
            (0..9)
                .map(|k| format!("{{\"startTimeUnixNano\":\"176760000{k}000000000\",\"endTimeUnixNano\":\"176760000{k}900000000\",\"status\":{{\"code\":1}},\"attributes\":[{{\"key\":\"gen_ai.usage.input_tokens\",\"value\":{{\"intValue\":\"{k}\"}}}},{{\"key\":\"gen_ai.request.model\",\"value\":{{\"stringValue\":\"{SECRET}\"}}}}]}}"))
                .collect::<Vec<_>>()
                .join(",")
        ),
    ]
}

const CELLS: &[&str] = &[
    ",",
    ";",
    "\n",
    "\r",
    "\"",
    "{",
    "}",
    "[",
    "]",
    ":",
    "-1",
    "nan",
    "inf",
    "1e999",
    "null",
    "true",
    "\u{0}",
    "\u{feff}",
    "2026-13-01",
    "24:61",
    "+99:99",
    "9999999999999999999999",
    "0x10",
    "1,5",
    "429",
    "prompt_tokens",
    "attributes",
    "data",
    "{\"data\":[{}]}",
    "[[[[",
    "\\u0000",
    "\u{1f980}",
];

/// Reads a damaged log and holds what comes out to what this file promises.
fn examine_log(bytes: &[u8]) -> Result<bool, String> {
    let shown = |words: &str| {
        if holds_control(&harmless(words)) {
            return Err(format!("control characters: {words:?}"));
        }
        Ok(())
    };
    match read_bytes(bytes, &Hints::default()) {
        Ok(log) => {
            for row in &log.rows {
                let numbers = [
                    row.input,
                    row.cached,
                    row.output,
                    row.latency_s,
                    row.first_s,
                    row.count,
                ];
                if !row.at_s.is_finite() || numbers.iter().any(|it| !(it.is_nan() || *it >= 0.0)) {
                    return Err(format!("a row of no use: {row:?}"));
                }
            }
            for broken in &log.broken {
                shown(&broken.kind)?;
                if broken.count == 0 || broken.lines.is_empty() || broken.kind.contains(SECRET) {
                    return Err(format!("a complaint of no use: {broken:?}"));
                }
            }
            Ok(true)
        }
        Err(gonogo::reading::log::Refused { words, .. }) => {
            shown(&words)?;
            // A header that damage made of a row is a header: its names are shown.
            if words.is_empty() {
                return Err("refused without a word".to_owned());
            }
            Ok(false)
        }
    }
}

#[test]
fn a_damaged_log_is_read_or_refused_and_never_a_panic() {
    let seconds = number_from_environment("GONOGO_FUZZ_SECONDS", 2);
    let seed = number_from_environment("GONOGO_FUZZ_SEED", 1);
    let files = logs();
    let started = Instant::now();
    let (mut cases, mut good) = (0_u64, 0_u64);
    while started.elapsed() < Duration::from_secs(seconds) {
        let mut dice = Dice(seed.wrapping_mul(1 << 32).wrapping_add(cases));
        let mut bytes = dice.pick(&files).clone().into_bytes();
        for _ in 0..=dice.below(5) {
            let at = dice.below(bytes.len() + 1);
            let end = (at + dice.below(30)).min(bytes.len());
            match dice.below(6) {
                0 if at < bytes.len() => bytes[at] = dice.roll().to_le_bytes()[0],
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let copy = bytes[at..end].to_vec();
                    bytes.splice(end..end, copy);
                }
                3 if dice.below(4) == 0 => bytes.truncate(at),
                4 => drop(bytes.splice(at..end, dice.pick(CELLS).bytes())),
                _ => drop(bytes.splice(at..at, dice.pick(CELLS).bytes())),
            }
        }
        match std::panic::catch_unwind(|| examine_log(&bytes))
            .unwrap_or_else(|_| Err("panicked".to_owned()))
        {
            Ok(read) => good += u64::from(read),
            Err(why) => panic!(
                "seed {seed}, case {cases}: {why}\n--- the log ---\n{}",
                String::from_utf8_lossy(&bytes)
            ),
        }
        cases += 1;
    }
    println!("{cases} damaged logs, {good} of them still read");
    assert!(
        cases > 10 && good > 0 && good < cases,
        "{cases} cases, {good} good: the damage tries only one side"
    );
}
