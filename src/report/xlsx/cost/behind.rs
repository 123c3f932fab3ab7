//! The simulated numbers at the foot of the sheet, and the formulas that look them up.

use rust_xlsxwriter::{Worksheet, XlsxError, utility::row_col_to_cell_absolute as absolute};

use super::super::money::Money;
use super::super::{Looks, text};
use super::STRATEGY;

/// Where the numbers behind the sheet stand.
pub(super) struct Places {
    /// `$C$60:$E$60`
    pub(super) volumes: String,
    pub(super) strategies: String,
    /// All rows of all strategies.
    pub(super) block: String,
    /// Rows of one strategy.
    pub(super) rows: usize,
    pub(super) quantiles: String,
    pub(super) count: usize,
}

/// The numbers at the foot of the sheet.
pub(super) fn behind(
    sheet: &mut Worksheet,
    money: &Money,
    looks: &Looks,
    top: u32,
) -> Result<Places, XlsxError> {
    sheet.write_string_with_format(
        top,
        0,
        "The simulated numbers behind this sheet",
        &looks.head,
    )?;
    let head = top + 1;
    for (column, word) in [(0, "Strategy"), (1, "Line of the bill")] {
        sheet.write_string_with_format(head, column, word, &looks.head)?;
    }
    for (column, volume) in (2_u16..).zip(&money.volumes) {
        sheet.write_number_with_format(head, column, *volume, &looks.times)?;
    }
    let mut row = head + 1;
    let first = row;
    let mut rows = 0;
    let mut names = Vec::new();
    for bill in &money.strategies {
        let extra = [
            ("5% of months below", &bill.low),
            ("95% of months below", &bill.high),
            ("conversations a month", &bill.conversations),
        ];
        let all: Vec<(&str, &Vec<f64>)> = bill
            .lines
            .iter()
            .map(|line| (line.word, &line.usd))
            .chain(extra)
            .collect();
        rows = all.len();
        names.push(row);
        for (word, amounts) in all {
            sheet.write_string_with_format(row, 0, text(&bill.name), &looks.text)?;
            sheet.write_string_with_format(row, 1, word, &looks.text)?;
            for (column, amount) in (2_u16..).zip(amounts) {
                sheet.write_number_with_format(row, column, *amount, &looks.number)?;
            }
            row += 1;
        }
    }
    let count = money.volumes.len();
    let last = 1 + u16::try_from(count).unwrap_or(1);
    let area = |top: u32, left: u16, bottom: u32, right: u16| {
        format!("{}:{}", absolute(top, left), absolute(bottom, right))
    };
    let block = area(first, 2, row.saturating_sub(1), last);
    let list_top = row + 1;
    sheet.write_string_with_format(
        list_top,
        0,
        "Quantiles of the bill: 0% to 100% of months below",
        &looks.head,
    )?;
    let mut column: u16 = 1;
    for bill in &money.strategies {
        sheet.write_string_with_format(list_top, column, text(&bill.name), &looks.head)?;
        column += u16::try_from(count).unwrap_or(1);
    }
    for percent in 0..=100_u32 {
        sheet.write_number_with_format(
            list_top + 1 + percent,
            0,
            f64::from(percent) / 100.0,
            &looks.percent,
        )?;
    }
    let mut column: u16 = 1;
    for quantiles in money.strategies.iter().flat_map(|bill| &bill.quantiles) {
        for (row, amount) in (list_top + 1..).zip(quantiles) {
            if amount.is_finite() {
                sheet.write_number_with_format(row, column, *amount, &looks.usd)?;
            }
        }
        column += 1;
    }
    // One row for each strategy, so that a name finds its place.
    let names_top = list_top + 104;
    sheet.write_string_with_format(names_top - 1, 0, "Strategies", &looks.head)?;
    for (row, bill) in (names_top..).zip(&money.strategies) {
        sheet.write_string_with_format(row, 0, text(&bill.name), &looks.text)?;
    }
    let strategies = u32::try_from(money.strategies.len()).unwrap_or(1);
    Ok(Places {
        volumes: area(head, 2, head, last),
        strategies: area(names_top, 0, names_top + strategies - 1, 0),
        block,
        rows,
        quantiles: area(
            list_top + 1,
            1,
            list_top + 101,
            column.saturating_sub(1).max(1),
        ),
        count,
    })
}

impl Places {
    /// Which strategy was chosen, counted from 1.
    pub(super) fn strategy(&self) -> String {
        format!("MATCH({},{},0)", absolute(STRATEGY, 1), self.strategies)
    }

    /// The step of the volumes on which a volume lies, counted from 1.
    pub(super) fn step(&self, volume: &str) -> String {
        format!(
            "MIN(MATCH({volume},{},1),{})",
            self.volumes,
            self.count.saturating_sub(1)
        )
    }

    /// What a row of the chosen strategy, counted from 1, says at a volume.
    pub(super) fn at(&self, row: usize, volume: &str) -> String {
        let (step, volumes, block) = (self.step(volume), &self.volumes, &self.block);
        let line = format!("({}-1)*{}+{row}", self.strategy(), self.rows);
        let low = format!("INDEX({block},{line},{step})");
        let high = format!("INDEX({block},{line},{step}+1)");
        format!(
            "MAX(0,{low}+({volume}-INDEX({volumes},1,{step}))/(INDEX({volumes},1,{step}+1)-INDEX({volumes},1,{step}))*({high}-{low}))"
        )
    }
}
