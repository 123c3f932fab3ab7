//! The Cost sheet: a budget owner changes the yellow cells, and the month's cost, its range, the chance of going over and
//! the next twelve months follow. Everything below them is a formula over the simulated numbers at the sheet's foot; the
//! arithmetic is that of [`super::money`].

use rust_xlsxwriter::{
    Chart, ChartType, DataValidation, DataValidationRule, Format, Formula, Worksheet, XlsxError,
    utility::{column_number_to_name, row_col_to_cell_absolute as absolute},
};

use super::super::value::Report;
use super::money::{Bill, Money};
use super::{Looks, text};

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
/// First row of the twelve months.
const MONTHS: u32 = 22;
const AHEAD_MONTHS: u32 = 12;
/// First row of the lines of the bill.
const LINES: u32 = 38;

/// Where the numbers behind the sheet stand.
struct Places {
    /// `$C$60:$E$60`
    volumes: String,
    strategies: String,
    /// All rows of all strategies.
    block: String,
    /// Rows of one strategy.
    rows: usize,
    quantiles: String,
    count: usize,
}

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

fn inputs(
    sheet: &mut Worksheet,
    money: &Money,
    bill: &Bill,
    start: &Start,
    looks: &Looks,
) -> Result<(), XlsxError> {
    sheet.write_string_with_format(2, 0, "What you can change", &looks.head)?;
    sheet.write_string_with_format(2, 1, "", &looks.head)?;
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
    for (row, label, note) in notes {
        sheet.write_string_with_format(row, 0, label, &looks.label)?;
        sheet.merge_range(row, 2, row, 4, note, &looks.note)?;
    }
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

/// The numbers at the foot of the sheet.
fn behind(
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
    fn strategy(&self) -> String {
        format!("MATCH({},{},0)", absolute(STRATEGY, 1), self.strategies)
    }

    /// The step of the volumes on which a volume lies, counted from 1.
    fn step(&self, volume: &str) -> String {
        format!(
            "MIN(MATCH({volume},{},1),{})",
            self.volumes,
            self.count.saturating_sub(1)
        )
    }

    /// What a row of the chosen strategy, counted from 1, says at a volume.
    fn at(&self, row: usize, volume: &str) -> String {
        let (step, volumes, block) = (self.step(volume), &self.volumes, &self.block);
        let line = format!("({}-1)*{}+{row}", self.strategy(), self.rows);
        let low = format!("INDEX({block},{line},{step})");
        let high = format!("INDEX({block},{line},{step}+1)");
        format!(
            "MAX(0,{low}+({volume}-INDEX({volumes},1,{step}))/(INDEX({volumes},1,{step}+1)-INDEX({volumes},1,{step}))*({high}-{low}))"
        )
    }
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
    sheet.write_string_with_format(THEN - 1, 0, "What follows", &looks.head)?;
    sheet.write_string_with_format(THEN - 1, 1, "", &looks.head)?;
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
    for (row, label, note) in labels {
        sheet.write_string_with_format(row, 0, label, &looks.label)?;
        sheet.merge_range(row, 2, row, 4, note, &looks.note)?;
    }
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
        sheet.write_string_with_format(LINES - 1, column, head, &looks.head)?;
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

/// The next twelve months, with growth.
fn months(
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
        sheet.write_string_with_format(MONTHS - 1, column, head, &looks.head)?;
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
