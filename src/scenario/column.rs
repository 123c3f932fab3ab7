//! A column of numbers from a CSV file, plain or gzip, for empirical quantities.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::reading::{listing, nearest};

/// More than this, unpacked, is refused: a sample of a million rows says as much.
const LARGEST: u64 = 1_000_000_000;

/// The numbers in a column, in file order; empty cells are left out.
///
/// # Errors
/// In words, what is wrong: the file, its header, or the first cell that is not a number.
pub(super) fn load(folder: Option<&Path>, file: &str, column: &str) -> Result<Vec<f64>, String> {
    let folder = folder
        .ok_or("an embedded scenario cannot name files; write it to a file of its own first")?;
    let path = folder.join(file);
    if path.is_dir() {
        return Err(format!("`{file}` is a directory, not a file"));
    }
    let unreadable = |error: std::io::Error| {
        format!(
            "`{file}` cannot be read: {error}; file names are relative to the scenario's folder"
        )
    };
    let mut raw = BufReader::new(File::open(&path).map_err(unreadable)?);
    let packed = std::io::BufRead::fill_buf(&mut raw)
        .map_err(unreadable)?
        .starts_with(&[0x1f, 0x8b]);
    let text: Box<dyn Read> = if packed {
        Box::new(MultiGzDecoder::new(raw))
    } else {
        Box::new(raw)
    };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.take(LARGEST));
    let header = reader
        .headers()
        .map_err(|error| format!("`{file}` is not CSV: {error}"))?
        .clone();
    let names = || header.iter();
    let Some(index) = names().position(|name| name == column) else {
        return Err(match nearest(column, names()) {
            Some(near) => format!("`{file}` has no column `{column}`; did you mean `{near}`?"),
            None => format!(
                "`{file}` has no column `{column}`; there are {}",
                listing(names())
            ),
        });
    };
    let mut numbers = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| format!("`{file}` is not CSV: {error}"))?;
        let cell = record.get(index).unwrap_or_default();
        if cell.is_empty() {
            continue;
        }
        let number = cell
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .ok_or_else(|| {
                let line = record.position().map_or(0, csv::Position::line);
                format!("`{cell}` in column `{column}`, line {line} of `{file}`, is not a number")
            })?;
        numbers.push(number);
    }
    if numbers.is_empty() {
        return Err(format!("column `{column}` of `{file}` has no numbers"));
    }
    Ok(numbers)
}
