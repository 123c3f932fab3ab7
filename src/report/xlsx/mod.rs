//! The workbook: Summary, Cost, Strategies, Answers, Waivers, Assumptions. Numbers are numbers and dates are dates; the
//! Cost sheet is live (see [`cost`]).

mod cost;
mod money;
mod sheets;

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};

use super::value::Report;

/// Longest text of a cell; the file format holds 32,767 letters.
const LETTERS: usize = 32_000;

/// Writes the workbook.
pub(super) fn xlsx(report: &Report) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let looks = Looks::new();
    let mut properties = DocProperties::new()
        .set_title(text(&format!(
            "{}: {}",
            report.word(),
            report.subject.system
        )))
        .set_subject("Production-readiness report")
        .set_keywords(report.inputs.line())
        .set_comment(super::NOTICE);
    // The day of the report, so that the same inputs give the same bytes.
    if let Some(day) = day(&report.as_of) {
        properties = properties.set_creation_datetime(&day);
    }
    book.set_properties(&properties);
    sheets::summary(book.add_worksheet(), report, &looks)?;
    cost::cost(book.add_worksheet(), report, &looks)?;
    sheets::strategies(book.add_worksheet(), report, &looks)?;
    sheets::answers(book.add_worksheet(), report, &looks)?;
    sheets::waivers(book.add_worksheet(), report, &looks)?;
    sheets::assumptions(book.add_worksheet(), report, &looks)?;
    book.save_to_buffer()
}

/// User text as a cell holds it: no control characters, and nothing that could be taken for a formula, even after
/// somebody has edited the cell.
fn text(text: &str) -> String {
    super::numbers::clip(&crate::checklist::safe::cell(text), LETTERS)
}

/// `2026-12-01`, also as the beginning of a time, as the workbook's date.
fn day(text: &str) -> Option<ExcelDateTime> {
    let day: jiff::civil::Date = text.get(..10)?.parse().ok()?;
    let part = |number: i8| u8::try_from(number).ok();
    ExcelDateTime::from_ymd(
        u16::try_from(day.year()).ok()?,
        part(day.month())?,
        part(day.day())?,
    )
    .ok()
}

/// The formats of cells.
struct Looks {
    title: Format,
    note: Format,
    head: Format,
    /// The head of a column of numbers.
    number_head: Format,
    label: Format,
    text: Format,
    strong: Format,
    usd: Format,
    cents: Format,
    percent: Format,
    seconds: Format,
    number: Format,
    times: Format,
    date: Format,
    input: Format,
    input_usd: Format,
    input_percent: Format,
}

impl Looks {
    fn new() -> Self {
        let base = || Format::new().set_align(FormatAlign::Top);
        let input = || {
            base()
                .set_background_color(Color::RGB(0x00FF_F2CC))
                .set_border(FormatBorder::Thin)
                .set_unlocked()
        };
        let head = || {
            base()
                .set_bold()
                .set_background_color(Color::RGB(0x00EA_EEF2))
                .set_border_bottom(FormatBorder::Medium)
                .set_text_wrap()
        };
        // Programs indent only what says that it stands at the left.
        let indented = || base().set_align(FormatAlign::Left).set_indent(1);
        let usd = "$#,##0;-$#,##0";
        Self {
            title: Format::new().set_bold().set_font_size(16),
            note: indented()
                .set_font_color(Color::RGB(0x0057_606A))
                .set_text_wrap(),
            head: head(),
            number_head: head().set_align(FormatAlign::Right),
            label: base().set_bold(),
            text: indented().set_text_wrap(),
            strong: indented().set_bold().set_text_wrap(),
            usd: base().set_num_format(usd),
            cents: base().set_num_format("$#,##0.0000"),
            percent: base().set_num_format("0.00%"),
            seconds: base().set_num_format("0.00\" s\""),
            number: base().set_num_format("#,##0"),
            times: base().set_num_format("0.##\"x\""),
            date: base().set_num_format("yyyy-mm-dd"),
            input: input().set_num_format("General"),
            input_usd: input().set_num_format(usd),
            input_percent: input().set_num_format("0.0%"),
        }
    }
}

/// A cell of a table.
enum Cell {
    Text(String),
    Usd(Option<f64>),
    Cents(Option<f64>),
    Percent(Option<f64>),
    Seconds(Option<f64>),
    Times(f64),
    Number(f64),
    /// A day; shown as it is where it is none.
    Date(String),
}

/// A table with a frozen head, filters, and columns of so many letters.
fn table(
    sheet: &mut Worksheet,
    looks: &Looks,
    name: &str,
    columns: &[(&str, f64)],
    rows: Vec<Vec<Cell>>,
) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    for (column, (head, width)) in (0_u16..).zip(columns) {
        sheet.set_column_width(column, *width)?;
        let first = rows.first().and_then(|row| row.get(usize::from(column)));
        let look = match first {
            None | Some(Cell::Text(_)) => &looks.head,
            Some(_) => &looks.number_head,
        };
        sheet.write_string_with_format(0, column, *head, look)?;
    }
    let mut last = 0;
    // Bold letters, and the button of the filter, need more room than text.
    let heads = columns.iter().map(|(head, width)| (*head, width - 3.0));
    sheet.set_row_height(0, height(heads))?;
    for (row, cells) in (1_u32..).zip(rows) {
        let texts = cells
            .iter()
            .zip(columns)
            .map(|(cell, (_, width))| match cell {
                Cell::Text(words) => (words.as_str(), *width),
                _ => ("", *width),
            });
        sheet.set_row_height(row, height(texts))?;
        for (column, cell) in (0_u16..).zip(cells) {
            put(sheet, looks, (row, column), &cell)?;
        }
        last = row;
    }
    sheet.set_freeze_panes(1, 1)?;
    let width = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(0);
    if last > 0 {
        sheet.autofilter(0, 0, last, width)?;
    }
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 0)?;
    Ok(())
}

/// Height of a line of text.
const LINE: f64 = 15.0;
/// Lines of a row at most: what is longer can still be read in the cell.
const MOST_LINES: usize = 12;

/// Height of a row for texts that are wrapped in columns of so many letters: not every program works it out itself.
fn height<'a>(texts: impl Iterator<Item = (&'a str, f64)>) -> f64 {
    let lines = |(text, width): (&str, f64)| {
        let letters = text.chars().count() as f64 * 1.12;
        (1..MOST_LINES)
            .find(|lines| letters <= *lines as f64 * width)
            .unwrap_or(MOST_LINES)
    };
    LINE * texts.map(lines).max().unwrap_or(1) as f64
}

fn put(
    sheet: &mut Worksheet,
    looks: &Looks,
    (row, column): (u32, u16),
    cell: &Cell,
) -> Result<(), XlsxError> {
    let (number, format) = match cell {
        Cell::Text(words) => {
            sheet.write_string_with_format(row, column, text(words), &looks.text)?;
            return Ok(());
        }
        Cell::Date(words) => {
            match day(words) {
                Some(day) => sheet.write_datetime_with_format(row, column, &day, &looks.date)?,
                None => sheet.write_string_with_format(row, column, text(words), &looks.text)?,
            };
            return Ok(());
        }
        Cell::Usd(number) => (*number, &looks.usd),
        Cell::Cents(number) => (*number, &looks.cents),
        Cell::Percent(number) => (*number, &looks.percent),
        Cell::Seconds(number) => (*number, &looks.seconds),
        Cell::Times(number) => (Some(*number), &looks.times),
        Cell::Number(number) => (Some(*number), &looks.number),
    };
    // What is not known is an empty cell.
    if let Some(number) = number.filter(|number| number.is_finite()) {
        sheet.write_number_with_format(row, column, number, format)?;
    }
    Ok(())
}
