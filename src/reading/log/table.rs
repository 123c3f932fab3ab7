//! CSV and its kin: tabs, semicolons.

use std::io::BufRead;

use super::keep::{Keeper, Use};
use super::{Field, keep::FIELDS};

pub(super) fn read(
    mut input: Box<dyn BufRead>,
    name: &str,
    keeper: &mut Keeper,
) -> Result<(), String> {
    keeper.format("CSV");
    let delimiter = delimiter(
        input
            .fill_buf()
            .map_err(|error| format!("`{name}` cannot be read: {error}"))?,
    );
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(input);
    let header: Vec<String> = reader
        .byte_headers()
        .map_err(|error| format!("`{name}` is not CSV: {error}"))?
        .iter()
        .map(|cell| {
            String::from_utf8_lossy(cell)
                .trim_start_matches('\u{feff}')
                .to_owned()
        })
        .collect();
    keeper.recognise(&header);
    keeper.check(&header)?;
    let mut columns: [Option<(Use, usize)>; FIELDS] = [None; FIELDS];
    for (index, column) in header.iter().enumerate() {
        let Some(it) = keeper.use_of(column) else {
            continue;
        };
        keeper.seen(it, column);
        if let Some(place) = columns.get_mut(it.field as usize)
            && place.is_none_or(|(known, _)| it.rank < known.rank)
        {
            *place = Some((it, index));
        }
    }
    let mut record = csv::ByteRecord::new();
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                let record = &record;
                keeper.add(line, |field: Field| {
                    let (it, index) = columns.get(field as usize).copied().flatten()?;
                    Some((it, record.get(index)?))
                });
            }
            Err(error) => return Err(format!("`{name}` cannot be read on: {error}")),
        }
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
