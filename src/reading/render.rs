use std::fmt::Write as _;

use super::{Problem, Problems, Source};

/// Lays problems out for a terminal, as compilers do:
///
/// ```text
/// error: `routee` is not a field of a strategy
///   --> scenario.toml:41:1
///    |
/// 41 | routee = "gpt-4"
///    | ^^^^^^
///    = expected: `extends`, `route`, …
///    = help: did you mean `route`?
/// ```
///
/// With `colour`, ANSI escapes set off the parts; what the file holds can never smuggle in its own.
#[must_use]
pub fn render(problems: &Problems, colour: bool) -> String {
    let paint = Paint { colour };
    let mut out = String::new();
    for problem in problems.list.iter().take(Problems::SHOWN) {
        if !out.is_empty() {
            out.push('\n');
        }
        one(&mut out, problems, problem, &paint);
    }
    let count = problems.list.len();
    if count > Problems::SHOWN {
        let _ = writeln!(out, "\nand {} more", count - Problems::SHOWN);
    }
    if count > 1 {
        let _ = writeln!(
            out,
            "\n{count} problems in {}",
            harmless(&problems.source.name)
        );
    }
    out
}

fn one(out: &mut String, problems: &Problems, problem: &Problem, paint: &Paint) {
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "{} {}",
        paint.bad("error:"),
        paint.strong(&harmless(&problem.message))
    );
    let shown = Excerpt::of(&problems.source, problem);
    let gutter = shown
        .as_ref()
        .map_or(0, |excerpt| excerpt.number.to_string().len());
    let margin = " ".repeat(gutter);
    let _ = writeln!(
        out,
        "{margin}{} {}",
        paint.dim(" -->"),
        harmless(&problems.place(problem))
    );
    let bar = paint.dim("|");
    if let Some(excerpt) = shown {
        let _ = writeln!(out, "{margin} {bar}");
        let _ = writeln!(
            out,
            "{} {bar} {}",
            paint.dim(&excerpt.number.to_string()),
            excerpt.line
        );
        let marks = paint.bad(&"^".repeat(excerpt.width));
        let _ = writeln!(out, "{margin} {bar} {}{marks}", " ".repeat(excerpt.indent));
    }
    let equals = paint.dim("=");
    if let Some(expected) = &problem.expected {
        let _ = writeln!(out, "{margin} {equals} expected: {}", harmless(expected));
    }
    if let Some(help) = &problem.help {
        let _ = writeln!(out, "{margin} {equals} help: {}", harmless(help));
    }
}

/// The line that a problem stands on, made harmless, and which part of it is meant.
struct Excerpt {
    number: usize,
    line: String,
    indent: usize,
    width: usize,
}

impl Excerpt {
    /// Longer lines are cut around the place that is meant.
    const WIDEST: usize = 100;

    fn of(source: &Source, problem: &Problem) -> Option<Self> {
        if problem.span == (0..0) {
            return None;
        }
        let (number, column) = source.line_column(problem.span.start);
        let line = source
            .text
            .split('\n')
            .nth(number - 1)?
            .trim_end_matches('\r');
        let before = column - 1;
        let meant = source.text.get(problem.span.clone()).unwrap_or_default();
        let meant = meant.split('\n').next().unwrap_or_default().chars().count();
        let skipped = before.saturating_sub(Self::WIDEST / 2);
        let skipped = if line.chars().count() <= Self::WIDEST {
            0
        } else {
            skipped
        };
        let part = |from: usize, count: usize| {
            harmless(&line.chars().skip(from).take(count).collect::<String>())
        };
        let head = part(skipped, before - skipped);
        let middle = part(before, meant.min(Self::WIDEST));
        let room = Self::WIDEST.saturating_sub(before - skipped + meant);
        let tail = part(before + meant, room);
        Some(Self {
            number,
            indent: width(&head),
            width: width(&middle).max(1),
            line: format!("{head}{middle}{tail}"),
        })
    }
}

/// Columns that a text takes: wide East Asian letters and most emoji take two.
fn width(text: &str) -> usize {
    text.chars()
        .map(|letter| if is_wide(letter) { 2 } else { 1 })
        .sum()
}

/// The blocks of Unicode's `East_Asian_Width` W and F that occur in practice (Unicode standard annex 11).
fn is_wide(letter: char) -> bool {
    matches!(u32::from(letter),
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60
        | 0xffe0..=0xffe6 | 0x1f300..=0x1f64f | 0x1f680..=0x1f6ff | 0x1f900..=0x1faff | 0x20000..=0x3fffd)
}

/// Text that cannot move the cursor, change colours or reorder what is shown: tabs become spaces, other control
/// characters their pictures (`␛`), and bidirectional overrides and invisible marks `�`.
#[must_use]
pub fn harmless(text: &str) -> String {
    let safe = |letter: char| match letter {
        '\t' => ' ',
        '\u{7f}' => '\u{2421}',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(letter)).unwrap_or('\u{fffd}'),
        '\u{80}'..='\u{9f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => '\u{fffd}',
        other => other,
    };
    text.chars().map(safe).collect()
}

struct Paint {
    colour: bool,
}

impl Paint {
    fn wrap(&self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn bad(&self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    fn strong(&self, text: &str) -> String {
        self.wrap("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.wrap("36", text)
    }
}
