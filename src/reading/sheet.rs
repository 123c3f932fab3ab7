//! Files of columns: CSV and its kin (semicolon, tab, bar), plain or gzip, read as a stream. Everything that reads such a
//! file reads it through this.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

/// Opens a file, plain or gzip, told apart by its first bytes.
///
/// # Errors
/// Those of the file system.
pub fn open(path: &Path) -> std::io::Result<Box<dyn BufRead>> {
    if path.is_dir() {
        return Err(std::io::Error::other("it is a directory, not a file"));
    }
    let mut raw = BufReader::with_capacity(1 << 18, File::open(path)?);
    Ok(if raw.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        Box::new(BufReader::with_capacity(1 << 18, MultiGzDecoder::new(raw)))
    } else {
        Box::new(raw)
    })
}

/// A file of columns under a header.
pub struct Sheet {
    /// What the file is called in complaints.
    name: String,
    /// Its columns' names.
    pub columns: Vec<String>,
    reader: csv::Reader<Box<dyn Read>>,
    row: csv::ByteRecord,
    /// Lines end with carriage return and line feed.
    crlf: bool,
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet")
            .field("name", &self.name)
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

impl Sheet {
    /// Opens a file of at most so many bytes, unpacked.
    ///
    /// # Errors
    /// In words: a file that cannot be read or has no header.
    pub fn open(path: &Path, name: &str, most_bytes: u64) -> Result<Self, String> {
        let input = open(path).map_err(|error| format!("`{name}` cannot be read: {error}"))?;
        Self::new(input, name, most_bytes)
    }

    /// Reads the header of an input.
    ///
    /// # Errors
    /// As [`Sheet::open`].
    pub fn new(mut input: Box<dyn BufRead>, name: &str, most_bytes: u64) -> Result<Self, String> {
        let start = input
            .fill_buf()
            .map_err(|error| format!("`{name}` cannot be read: {error}"))?;
        let delimiter = delimiter(start);
        let end = start.iter().position(|byte| *byte == b'\n').unwrap_or(0);
        let crlf = start.get(end.wrapping_sub(1)) == Some(&b'\r');
        let input: Box<dyn Read> = Box::new(input.take(most_bytes));
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .delimiter(delimiter)
            .trim(csv::Trim::Headers)
            .buffer_capacity(1 << 16)
            .from_reader(input);
        let columns = reader
            .byte_headers()
            .map_err(|error| format!("`{name}` is not CSV: {error}"))?
            .iter()
            .map(|cell| {
                let cell = String::from_utf8_lossy(cell);
                cell.trim_start_matches('\u{feff}').trim().to_owned()
            })
            .collect();
        Ok(Self {
            name: name.to_owned(),
            columns,
            reader,
            row: csv::ByteRecord::new(),
            crlf,
        })
    }

    /// Where a column stands.
    #[must_use]
    pub fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// In words: an input that cannot be read on.
    pub fn next_row(&mut self) -> Result<Option<SheetRow<'_>>, String> {
        match self.reader.read_byte_record(&mut self.row) {
            Ok(false) => Ok(None),
            Ok(true) => Ok(Some(SheetRow {
                row: &self.row,
                // A row ends with its carriage return; the line feed is the next one's.
                after: self.reader.position().line() + u64::from(self.crlf),
            })),
            Err(error) => Err(format!("`{}` cannot be read on: {error}", self.name)),
        }
    }
}

/// A row of a [`Sheet`].
#[derive(Debug, Clone, Copy)]
pub struct SheetRow<'s> {
    row: &'s csv::ByteRecord,
    /// The line after it.
    after: u64,
}

impl<'s> SheetRow<'s> {
    /// The line on which it begins: blank lines before it and lines inside its cells are not that.
    #[must_use]
    pub fn line(&self) -> u64 {
        let breaks = |sum: u64, byte: &u8| sum + u64::from(*byte == b'\n');
        let inside = self.row.as_slice().iter().fold(0, breaks);
        // The last row may lack its end.
        let begins = self.row.position().map_or(0, csv::Position::line);
        begins.max(self.after.saturating_sub(inside + 1))
    }

    /// A cell without the blanks around it; `None` if the row is too short.
    #[must_use]
    pub fn cell(&self, place: usize) -> Option<&'s [u8]> {
        self.row.get(place).map(<[u8]>::trim_ascii)
    }

    /// A cell as text.
    #[must_use]
    pub fn text(&self, place: usize) -> Option<&'s str> {
        std::str::from_utf8(self.cell(place)?).ok()
    }
}

/// Of the usual delimiters the one that the header has most of.
fn delimiter(start: &[u8]) -> u8 {
    let header = start.split(|byte| *byte == b'\n').next().unwrap_or(start);
    let count = |delimiter: u8| header.split(|byte| *byte == delimiter).count();
    let mut best = b',';
    for other in [b';', b'\t', b'|'] {
        if count(other) > count(best) {
            best = other;
        }
    }
    best
}
