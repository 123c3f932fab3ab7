//! The Cost sheet: a budget owner changes the yellow cells, and the month's cost, its range, the chance of going over and
//! the next twelve months follow. Everything below them is a formula over the simulated numbers at the sheet's foot; the
//! arithmetic is that of [`super::money`].

mod behind;
mod months;

use rust_xlsxwriter::{
    DataValidation, DataValidationRule, Format, Formula, Worksheet, XlsxError,
    utility::row_col_to_cell_absolute as absolute,
};

use super::super::value::Report;
use super::money::{Bill, Money};
use super::{Looks, text};
use behind::{Places, behind};
use months::months;

/// Rows of the inputs, counted from 0.
const STRATEGY: u32 = 3;
const VOLUME: u32 = 4;
const GROWTH: u32 = 5;
const AHEAD: u32 = 6;
const PRICE: u32 = 7;
const DISCOUNT: u32 = 8;
const BUDGET: u32 = 9;
/// Rows of the results.
const THEN: u32 = 12;
const COST: u32 = 13;
const LOW: u32 = 14;
const HIGH: u32 = 15;
const EACH: u32 = 16;
const LEFT_OVER: u32 = 17;
const CHANCE: u32 = 18;
/// First row of the lines of the bill, below the twelve months.
const LINES: u32 = 38;

pub(super) fn cost(sheet: &mut Worksheet, report: &Report, looks: &Looks) -> Result<(), XlsxError> {
    sheet.set_name("Cost")?;
    for (column, width) in (0_u16..).zip([34.0, 18.0, 18.0, 18.0, 18.0, 18.0]) {
        sheet.set_column_width(column, width)?;
    }
    sheet.write_string_with_format(0, 0, "What a month costs", &looks.title)?;
    let Some(money) = Money::of(report) else {
        sheet.write_string_with_format(
            1,
            0,
            "Nothing was simulated, so there are no numbers.",
            &looks.note,
        )?;
        return Ok(());
    };
    let words = "Change the yellow cells; everything else follows. Between simulated volumes lines are straight.";
    sheet.merge_range(1, 0, 1, 5, words, &looks.note)?;
    let chosen = chosen(report, &money);
    let Some(bill) = money.strategies.get(chosen) else {
        return Ok(());
    };
    let start = Start::of(report, &money, bill);
    let lines = u32::try_from(bill.lines.len()).unwrap_or(0);
    let places = behind(sheet, &money, looks, LINES + lines + 5)?;
    inputs(sheet, &money, bill, &start, looks)?;
    results(sheet, &money, bill, &start, &places, looks)?;
    bill_lines(sheet, &money, bill, &start, &places, looks)?;
    months(sheet, &money, bill, &start, &places, looks)?;
    sheet.set_freeze_panes(2, 1)?;
    for row in [LINES - 1, LINES + lines + 5] {
        sheet.set_row_height(row, 30)?;
    }
    // The numbers at its foot are for the formulas, not for paper.
    sheet.set_print_area(0, 0, LINES + lines, 15)?;
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    Ok(())
}

/// The strategy of the first page, or the first.
fn chosen(report: &Report, money: &Money) -> usize {
    let name = report
        .chosen
        .as_ref()
        .map(|chosen| chosen.strategy.as_str());
    money
        .strategies
        .iter()
        .position(|bill| Some(bill.name.as_str()) == name)
        .unwrap_or(0)
}

/// What stands in the yellow cells at first, and what follows from it.
struct Start {
    volume: f64,
    budget: f64,
    /// Of each line.
    lines: Vec<f64>,
    cost: f64,
}

impl Start {
    fn of(report: &Report, money: &Money, bill: &Bill) -> Self {
        let volume = money.volumes.get(1).copied().unwrap_or(1.0);
        let budget = report
            .budgets
            .iter()
            .find(|line| line.volume == volume)
            .map_or(0.0, |line| line.usd);
        let lines = money.lines(bill, volume, 1.0);
        let cost = lines.iter().sum();
        Self {
            volume,
            budget,
            lines,
            cost,
        }
    }
}

/// A head, and below it rows of a label, a place for its cell, and a note.
fn block(
    sheet: &mut Worksheet,
    looks: &Looks,
    head: &str,
    rows: &[(u32, &str, &str)],
) -> Result<(), XlsxError> {
    let top = rows.first().map_or(0, |(row, ..)| row.saturating_sub(1));
    sheet.write_string_with_format(top, 0, head, &looks.head)?;
    sheet.write_string_with_format(top, 1, "", &looks.head)?;
    for (row, label, note) in rows {
        sheet.write_string_with_format(*row, 0, *label, &looks.label)?;
        sheet.merge_range(*row, 2, *row, 4, note, &looks.note)?;
    }
    Ok(())
}

fn inputs(
    sheet: &mut Worksheet,
    money: &Money,
    bill: &Bill,
    start: &Start,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let notes: [(u32, &str, &str); 7] = [
        (STRATEGY, "Strategy", "one of the simulated ones"),
        (VOLUME, "Volume", "multiple of what is expected at launch"),
        (GROWTH, "Growth a month", "of the volume"),
        (AHEAD, "Months ahead", "0 is the first month"),
        (
            PRICE,
            "Change of token prices",
            "-20% for prices that fall by a fifth",
        ),
        (
            DISCOUNT,
            "Further discount on token prices",
            "on top of what the scenario has",
        ),
        (BUDGET, "Budget a month", "0 if there is none"),
    ];
    block(sheet, looks, "What you can change", &notes)?;
    sheet.write_string_with_format(STRATEGY, 1, text(&bill.name), &looks.input)?;
    sheet.write_number_with_format(VOLUME, 1, start.volume, &looks.input)?;
    sheet.write_number_with_format(GROWTH, 1, 0.0, &looks.input_percent)?;
    sheet.write_number_with_format(AHEAD, 1, 0.0, &looks.input)?;
    sheet.write_number_with_format(PRICE, 1, 0.0, &looks.input_percent)?;
    sheet.write_number_with_format(DISCOUNT, 1, 0.0, &looks.input_percent)?;
    sheet.write_number_with_format(BUDGET, 1, start.budget, &looks.input_usd)?;
    let list: Vec<String> = money
        .strategies
        .iter()
        .map(|bill| text(&bill.name))
        .collect();
    // A list in the validation itself holds 255 letters; one that is longer is left to the reader.
    let letters: usize = list.iter().map(|name| name.chars().count() + 1).sum();
    if letters < 250 && list.iter().all(|name| !name.contains(',')) {
        let allowed = DataValidation::new().allow_list_strings(&list)?;
        sheet.add_data_validation(STRATEGY, 1, STRATEGY, 1, &allowed)?;
    }
    let at_least = |least: f64| {
        DataValidation::new().allow_decimal_number(DataValidationRule::GreaterThanOrEqualTo(least))
    };
    for (row, least) in [
        (VOLUME, 0.0),
        (GROWTH, -1.0),
        (AHEAD, 0.0),
        (PRICE, -1.0),
        (BUDGET, 0.0),
    ] {
        sheet.add_data_validation(row, 1, row, 1, &at_least(least))?;
    }
    let share = DataValidation::new().allow_decimal_number(DataValidationRule::Between(0.0, 1.0));
    sheet.add_data_validation(DISCOUNT, 1, DISCOUNT, 1, &share)?;
    Ok(())
}

/// What token prices are multiplied with.
fn factor() -> String {
    format!("(1+{})*(1-{})", absolute(PRICE, 1), absolute(DISCOUNT, 1))
}

fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    formula: &str,
    result: f64,
    format: &Format,
) -> Result<(), XlsxError> {
    let formula = Formula::new(formula).set_result(result.to_string());
    sheet.write_formula_with_format(row, column, formula, format)?;
    Ok(())
}

fn results(
    sheet: &mut Worksheet,
    money: &Money,
    bill: &Bill,
    start: &Start,
    places: &Places,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let labels: [(u32, &str, &str); 7] = [
        (
            THEN,
            "Volume in that month",
            "multiple of what is expected at launch",
        ),
        (COST, "Cost of the month", "mean"),
        (
            LOW,
            "5% of months cost less than",
            "the simulated range, scaled with the mean",
        ),
        (
            HIGH,
            "95% of months cost less than",
            "the simulated range, scaled with the mean",
        ),
        (EACH, "Cost of a conversation", ""),
        (
            LEFT_OVER,
            "Budget left",
            "less than nothing: over budget in the mean",
        ),
        (
            CHANCE,
            "Chance of going over the budget",
            "from the nearest simulated volume below",
        ),
    ];
    block(sheet, looks, "What follows", &labels)?;
    let (volume, cost, budget) = (absolute(THEN, 1), absolute(COST, 1), absolute(BUDGET, 1));
    let count = bill.lines.len();
    let formula = format!(
        "={}*(1+{})^{}",
        absolute(VOLUME, 1),
        absolute(GROWTH, 1),
        absolute(AHEAD, 1)
    );
    write(sheet, (THEN, 1), &formula, start.volume, &looks.times)?;
    let last = LINES + u32::try_from(count).unwrap_or(1) - 1;
    let formula = format!("=SUM({}:{})", absolute(LINES, 2), absolute(last, 2));
    write(sheet, (COST, 1), &formula, start.cost, &looks.usd)?;
    let simulated = format!("SUM({}:{})", absolute(LINES, 1), absolute(last, 1));
    for (row, line, amounts) in [(LOW, count + 1, &bill.low), (HIGH, count + 2, &bill.high)] {
        let formula = format!("={}*{cost}/{simulated}", places.at(line, &volume));
        write(
            sheet,
            (row, 1),
            &formula,
            money.at(amounts, start.volume),
            &looks.usd,
        )?;
    }
    let talks = money.at(&bill.conversations, start.volume);
    let formula = format!("=IFERROR({cost}/{},0)", places.at(count + 3, &volume));
    write(
        sheet,
        (EACH, 1),
        &formula,
        if talks > 0.0 { start.cost / talks } else { 0.0 },
        &looks.cents,
    )?;
    let formula = format!("=IF({budget}>0,{budget}-{cost},0)");
    let left = if start.budget > 0.0 {
        start.budget - start.cost
    } else {
        0.0
    };
    write(sheet, (LEFT_OVER, 1), &formula, left, &looks.usd)?;
    chance(sheet, money, bill, start, places, looks)
}

fn chance(
    sheet: &mut Worksheet,
    money: &Money,
    bill: &Bill,
    start: &Start,
    places: &Places,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let (volume, cost, budget) = (absolute(THEN, 1), absolute(COST, 1), absolute(BUDGET, 1));
    let nearest = format!("MAX(2,MATCH({volume},{},1))", places.volumes);
    let column = format!("({}-1)*{}+{nearest}", places.strategy(), places.count);
    let list = format!("INDEX({},0,{column})", places.quantiles);
    // The mean at that volume, from the lines: the money in which the quantiles are.
    let first = format!("({}-1)*{}+1", places.strategy(), places.rows);
    let last = format!(
        "({}-1)*{}+{}",
        places.strategy(),
        places.rows,
        bill.lines.len()
    );
    let block = &places.block;
    let mean = format!("SUM(INDEX({block},{first},{nearest}):INDEX({block},{last},{nearest}))");
    let scaled = format!("({budget}*{mean}/{cost})");
    let formula = format!(
        "=IF({budget}<=0,0,IF({scaled}>=MAX({list}),0,IF({scaled}<MIN({list}),1,1-PERCENTRANK({list},{scaled},6))))"
    );
    let result = if start.budget > 0.0 {
        money.over(bill, start.volume, start.cost, start.budget)
    } else {
        0.0
    };
    write(sheet, (CHANCE, 1), &formula, result, &looks.percent)
}

fn bill_lines(
    sheet: &mut Worksheet,
    money: &Money,
    bill: &Bill,
    start: &Start,
    places: &Places,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let heads = [
        "Line of the bill",
        "As simulated",
        "After prices and discount",
        "Prices act on it",
    ];
    for (column, head) in (0_u16..).zip(heads) {
        let look = match column {
            1 | 2 => &looks.number_head,
            _ => &looks.head,
        };
        sheet.write_string_with_format(LINES - 1, column, head, look)?;
    }
    let volume = absolute(THEN, 1);
    for (index, (line, cost)) in bill.lines.iter().zip(&start.lines).enumerate() {
        let row = LINES + u32::try_from(index).unwrap_or(0);
        sheet.write_string_with_format(row, 0, line.word, &looks.label)?;
        let formula = format!("={}", places.at(index + 1, &volume));
        write(
            sheet,
            (row, 1),
            &formula,
            money.at(&line.usd, start.volume),
            &looks.usd,
        )?;
        let acts = if line.priced { "yes" } else { "no" };
        let formula = if line.priced {
            format!("={}*{}", absolute(row, 1), factor())
        } else {
            format!("={}", absolute(row, 1))
        };
        write(sheet, (row, 2), &formula, *cost, &looks.usd)?;
        sheet.write_string_with_format(row, 3, acts, &looks.text)?;
    }
    Ok(())
}
