//! Plain numbers, as TOML values and inside range strings.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::with_article;
use crate::reading::Problem;

/// A number of TOML: an integer of any base, or a float, `inf` included.
fn of(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(integer) => {
            let digits = integer.as_str().replace('_', "");
            if integer.radix() == 10 {
                return digits.parse().ok();
            }
            i128::from_str_radix(&digits, integer.radix())
                .ok()
                .map(|number| number as f64)
        }
        DeValue::Float(float) => float.as_str().replace('_', "").parse().ok(),
        _ => None,
    }
}

/// Reads a plain number; `what` names it in the problem.
pub(super) fn read(
    what: &str,
    value: &Spanned<DeValue<'_>>,
    problems: &mut Vec<Problem>,
) -> Option<f64> {
    let problem = match of(value.get_ref()) {
        Some(number) if number.is_nan() => Problem::new(
            value.span(),
            format!("{what} is nan, which is not a number"),
        ),
        Some(number) if number.is_infinite() && !written_infinite(value.get_ref()) => {
            Problem::new(value.span(), format!("{what} is too large for a number"))
        }
        Some(number) => return Some(number),
        None => Problem::new(
            value.span(),
            format!("{what} is {}, not a number", with_article(value.get_ref())),
        ),
    };
    problems.push(problem.expected("a number"));
    None
}

fn written_infinite(value: &DeValue<'_>) -> bool {
    matches!(value, DeValue::Float(float) if float.as_str().contains("inf"))
}

/// Reads an array of plain numbers, reporting each that is none.
pub(super) fn read_all(
    what: &str,
    value: &Spanned<DeValue<'_>>,
    problems: &mut Vec<Problem>,
) -> Option<Vec<f64>> {
    let Some(array) = value.get_ref().as_array() else {
        problems.push(
            Problem::new(
                value.span(),
                format!("{what} is {}", with_article(value.get_ref())),
            )
            .expected("an array of numbers, such as [1, 2, 5]"),
        );
        return None;
    };
    let item = format!("a number in {what}");
    let numbers: Vec<_> = array
        .iter()
        .map(|value| read(&item, value, problems))
        .collect();
    numbers.into_iter().collect()
}

/// Reads `"lo to hi"`.
pub(super) fn range(
    text: &str,
    span: Range<usize>,
    problems: &mut Vec<Problem>,
) -> Option<(f64, f64)> {
    let ends = text
        .split_once(" to ")
        .and_then(|(lo, hi)| Some((parse(lo.trim())?, parse(hi.trim())?)));
    if ends.is_some() {
        return ends;
    }
    let problem = Problem::new(span, format!("\"{text}\" is not a range"))
        .expected("two numbers, such as \"300 to 500\"");
    let trimmed = text.trim();
    problems.push(if parse(trimmed).is_some() {
        problem.help(format!(
            "a number known exactly stands without quotes: {trimmed}"
        ))
    } else if text.contains(',') && text.contains(" to ") {
        problem.help("digits are grouped with underscores: \"8_000 to 12_000\"")
    } else if text.contains('%') {
        problem.help("a percentage is written as a fraction: 5% is 0.05")
    } else {
        problem
    });
    None
}

/// A decimal number: sign, underscores between digits, fraction, exponent.
fn parse(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let digit = |index: Option<usize>| {
        index
            .and_then(|i| bytes.get(i))
            .is_some_and(u8::is_ascii_digit)
    };
    let well_formed = bytes.iter().enumerate().all(|(index, byte)| match byte {
        b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-' => true,
        b'_' => digit(index.checked_sub(1)) && digit(index.checked_add(1)),
        _ => false,
    });
    let number: f64 = well_formed.then(|| text.replace('_', "").parse().ok())??;
    number.is_finite().then_some(number)
}
