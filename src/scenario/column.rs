//! A column of numbers from a CSV file, plain or gzip, for empirical quantities.

use std::path::Path;

use crate::reading::sheet::Sheet;
use crate::reading::{listing, nearest};

/// More than this, unpacked, is not read: a sample of a million rows says as much.
const LARGEST: u64 = 1_000_000_000;

/// The numbers in a column, in file order; empty cells are left out.
///
/// # Errors
/// In words, what is wrong: the file, its header, or the first cell that is not a number.
pub(super) fn load(folder: Option<&Path>, file: &str, column: &str) -> Result<Vec<f64>, String> {
    let folder = folder
        .ok_or("an embedded scenario cannot name files; write it to a file of its own first")?;
    let mut sheet = Sheet::open(&folder.join(file), file, LARGEST)
        .map_err(|words| format!("{words}; file names are relative to the scenario's folder"))?;
    let names = || sheet.columns.iter().map(String::as_str);
    let Some(place) = sheet.place(column) else {
        return Err(match nearest(column, names()) {
            Some(near) => format!("`{file}` has no column `{column}`; did you mean `{near}`?"),
            None => format!(
                "`{file}` has no column `{column}`; there are {}",
                listing(names())
            ),
        });
    };
    let mut numbers = Vec::new();
    while let Some(row) = sheet.next_row()? {
        let cell = row.cell(place).unwrap_or_default();
        if cell.is_empty() {
            continue;
        }
        let number = row
            .text(place)
            .and_then(|cell| cell.parse::<f64>().ok())
            .filter(|number| number.is_finite())
            .ok_or_else(|| {
                let cell = String::from_utf8_lossy(cell);
                let line = row.line();
                format!("`{cell}` in column `{column}`, line {line} of `{file}`, is not a number")
            })?;
        numbers.push(number);
    }
    if numbers.is_empty() {
        return Err(format!("column `{column}` of `{file}` has no numbers"));
    }
    Ok(numbers)
}
