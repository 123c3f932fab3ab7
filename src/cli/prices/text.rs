//! What the writers share: aligned tables, money, and text that does nothing to a terminal.

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::prices::{Catalogue, Origin};
use crate::reading::harmless;

pub(super) fn object(prices: &[(&'static str, f64)]) -> Value {
    Value::Object(
        prices
            .iter()
            .map(|(name, price)| ((*name).to_owned(), json!(price)))
            .collect(),
    )
}

/// Which catalogue it is, for JSON.
pub(super) fn about(catalogue: &Catalogue) -> Value {
    let file = match catalogue.origin() {
        Origin::Embedded => None,
        Origin::File(path) => Some(path.display().to_string()),
    };
    json!({"date": catalogue.date().to_string(), "digest": catalogue.digest(), "file": file})
}

/// Which catalogue it is, for people.
pub(super) fn source(catalogue: &Catalogue) -> String {
    match catalogue.origin() {
        Origin::Embedded => format!("compiled-in catalogue of {}", catalogue.date()),
        Origin::File(path) => format!(
            "{} of {}",
            harmless(&path.display().to_string()),
            catalogue.date()
        ),
    }
}

pub(super) fn document(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

/// A number of dollars without trailing zeros.
pub(super) fn dollars(usd: f64) -> String {
    let text = format!("{usd:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Columns as wide as their widest cell, those in `numbers` to the right.
pub(super) fn table(
    out: &mut dyn Write,
    header: &[&str],
    numbers: std::ops::Range<usize>,
    rows: &[Vec<String>],
) -> io::Result<()> {
    let header: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(&header)
        .chain(rows)
        .map(|row| row.iter().map(|cell| harmless(cell)).collect())
        .collect();
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    for row in &rows {
        let cells = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, width))| {
                if numbers.contains(&column) {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            });
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

pub(super) fn utc(at: Timestamp) -> DateTime {
    at.to_zoned(TimeZone::UTC).datetime()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_control_characters_cannot_act() {
        let mut out = Vec::new();
        let rows = [
            vec!["a\u{1b}[31m".to_owned(), "1.5".to_owned()],
            vec!["longer name".to_owned(), "10".to_owned()],
        ];
        table(&mut out, &["model", "usd"], 1..2, &rows).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "model        usd\na␛[31m       1.5\nlonger name   10\n"
        );
    }

    #[test]
    fn money_has_no_trailing_zeros() {
        assert_eq!(
            [0.0, 30.0, 0.075, 0.003_625].map(dollars),
            ["0", "30", "0.075", "0.003625"]
        );
    }
}
