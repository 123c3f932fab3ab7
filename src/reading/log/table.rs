//! Logs in columns.

use std::io::BufRead;

use super::keep::{Keeper, Use};
use super::{Field, Refused, keep::FIELDS};
use crate::reading::sheet::Sheet;

pub(super) fn read(
    input: Box<dyn BufRead>,
    name: &str,
    keeper: &mut Keeper,
) -> Result<(), Refused> {
    keeper.format("CSV");
    let mut sheet = Sheet::new(input, name, u64::MAX).map_err(Refused::damaged)?;
    keeper.recognise(&sheet.columns);
    keeper.check(&sheet.columns)?;
    let mut columns: [Option<(Use, usize)>; FIELDS] = [None; FIELDS];
    for (index, column) in sheet.columns.iter().enumerate() {
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
    while let Some(row) = sheet.next_row().map_err(Refused::damaged)? {
        keeper.add(row.line(), |field: Field| {
            let (it, index) = columns.get(field as usize).copied().flatten()?;
            Some((it, row.cell(index)?))
        });
    }
    Ok(())
}
