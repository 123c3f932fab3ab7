//! The next twelve months, and their chart.

use rust_xlsxwriter::{
    Chart, ChartType, Worksheet, XlsxError,
    utility::{column_number_to_name, row_col_to_cell_absolute as absolute},
};

use super::super::Looks;
use super::super::money::{Bill, Money};
use super::behind::Places;
use super::{BUDGET, GROWTH, Start, VOLUME, factor, write};

/// First row of the twelve months.
const MONTHS: u32 = 22;
const AHEAD_MONTHS: u32 = 12;

/// The next twelve months, with growth.
pub(super) fn months(
    sheet: &mut Worksheet,
    money: &Money,
    bill: &Bill,
    start: &Start,
    places: &Places,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let heads = [
        "The next twelve months: month",
        "Volume",
        "Cost, mean",
        "Budget",
        "Sum so far",
    ];
    for (column, head) in (0_u16..).zip(heads) {
        sheet.write_string_with_format(MONTHS - 1, column, head, &looks.number_head)?;
    }
    let mut sum = 0.0;
    for month in 0..AHEAD_MONTHS {
        let row = MONTHS + month;
        sheet.write_number_with_format(row, 0, f64::from(month + 1), &looks.number)?;
        let formula = format!(
            "={}*(1+{})^{month}",
            absolute(VOLUME, 1),
            absolute(GROWTH, 1)
        );
        write(sheet, (row, 1), &formula, start.volume, &looks.times)?;
        let volume = format!("${}{}", column_number_to_name(1), row + 1);
        let terms: Vec<String> = bill
            .lines
            .iter()
            .enumerate()
            .filter(|(index, _)| used(money, *index))
            .map(|(index, line)| {
                let amount = places.at(index + 1, &volume);
                if line.priced {
                    format!("{amount}*{}", factor())
                } else {
                    amount
                }
            })
            .collect();
        let formula = format!(
            "={}",
            if terms.is_empty() {
                "0".to_owned()
            } else {
                terms.join("+")
            }
        );
        write(sheet, (row, 2), &formula, start.cost, &looks.usd)?;
        write(
            sheet,
            (row, 3),
            &format!("={}", absolute(BUDGET, 1)),
            start.budget,
            &looks.usd,
        )?;
        sum += start.cost;
        let formula = format!("=SUM($C${}:$C{})", MONTHS + 1, row + 1);
        write(sheet, (row, 4), &formula, sum, &looks.usd)?;
    }
    let mut chart = Chart::new(ChartType::Column);
    let last = MONTHS + AHEAD_MONTHS - 1;
    chart
        .add_series()
        .set_categories(("Cost", MONTHS, 0, last, 0))
        .set_values(("Cost", MONTHS, 2, last, 2))
        .set_name("Cost, mean");
    let mut line = Chart::new(ChartType::Line);
    line.add_series()
        .set_categories(("Cost", MONTHS, 0, last, 0))
        .set_values(("Cost", MONTHS, 3, last, 3))
        .set_name("Budget");
    chart.combine(&line);
    chart
        .title()
        .set_name("The next twelve months, US dollars a month");
    chart.x_axis().set_name("month");
    // Bars say how much only from 0 on.
    chart.y_axis().set_num_format("$#,##0").set_min(0);
    chart.set_width(560).set_height(300);
    sheet.insert_chart(MONTHS - 1, 6, &chart)?;
    Ok(())
}

/// Whether any strategy pays anything on a line: formulas over nothing only make the file long.
fn used(money: &Money, index: usize) -> bool {
    money.strategies.iter().any(|bill| {
        bill.lines
            .get(index)
            .is_some_and(|line| line.usd.iter().any(|amount| *amount != 0.0))
    })
}
