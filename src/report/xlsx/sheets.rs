//! The sheets that are tables.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::super::build::holds;
use super::super::value::{Report, Style};
use super::{Cell, Looks, day, height, table, text};

/// The ten facts, the budgets and where the report comes from.
pub(super) fn summary(
    sheet: &mut Worksheet,
    report: &Report,
    looks: &Looks,
) -> Result<(), XlsxError> {
    sheet.set_name("Summary")?;
    sheet.set_column_width(0, 32)?;
    sheet.set_column_width(1, 46)?;
    sheet.set_column_width(2, 90)?;
    let title = format!("{}: {}", report.word(), report.subject.system);
    sheet.write_string_with_format(0, 0, text(&title), &looks.title)?;
    for (column, head) in (0_u16..).zip(["Fact", "What it says", "And"]) {
        sheet.write_string_with_format(1, column, head, &looks.head)?;
    }
    let mut row = 2;
    for fact in &report.facts {
        sheet.write_string_with_format(row, 0, fact.label, &looks.label)?;
        sheet.write_string_with_format(row, 1, text(&fact.value), &looks.strong)?;
        let detail = fact.detail.join("; ");
        sheet.write_string_with_format(row, 2, text(&detail), &looks.text)?;
        let texts = [(fact.value.as_str(), 42.0), (detail.as_str(), 90.0)];
        sheet.set_row_height(row, height(texts.into_iter()))?;
        row += 1;
    }
    for gap in &report.missing {
        sheet.write_string_with_format(row, 0, "Missing", &looks.label)?;
        sheet.merge_range(row, 1, row, 2, &text(gap), &looks.text)?;
        sheet.set_row_height(row, height([(gap.as_str(), 136.0)].into_iter()))?;
        row += 1;
    }
    row += 1;
    if !report.budgets.is_empty() {
        for (column, head) in (0_u16..).zip([
            "Budget at",
            "US dollars a month",
            "Chance of going over, and its standing",
        ]) {
            sheet.write_string_with_format(row, column, head, &looks.head)?;
        }
        row += 1;
        for line in &report.budgets {
            sheet.write_number_with_format(row, 0, line.volume, &looks.times)?;
            sheet.write_number_with_format(row, 1, line.usd, &looks.usd)?;
            let over = line.over.map_or_else(
                || "not simulated".to_owned(),
                super::super::numbers::percent,
            );
            sheet.write_string_with_format(
                row,
                2,
                text(&format!("{over}; {}", line.note)),
                &looks.text,
            )?;
            row += 1;
        }
        row += 1;
    }
    for (name, value) in &report.origin {
        sheet.write_string_with_format(row, 0, text(name), &looks.label)?;
        match day(value) {
            Some(day) if value.len() == 10 => {
                sheet.write_datetime_with_format(row, 1, &day, &looks.date)?
            }
            _ => sheet.merge_range(row, 1, row, 2, &text(value), &looks.text)?,
        };
        row += 1;
    }
    for command in &report.commands {
        sheet.write_string_with_format(row, 0, "Makes it again", &looks.label)?;
        sheet.merge_range(row, 1, row, 2, &text(command), &looks.text)?;
        sheet.set_row_height(row, height([(command.as_str(), 136.0)].into_iter()))?;
        row += 1;
    }
    sheet.merge_range(row + 1, 0, row + 1, 2, super::super::NOTICE, &looks.note)?;
    sheet.set_freeze_panes(2, 1)?;
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    Ok(())
}

/// A row for each strategy and volume.
pub(super) fn strategies(
    sheet: &mut Worksheet,
    report: &Report,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let columns = [
        ("Strategy", 24.0),
        ("Volume", 9.0),
        ("Cost a month, mean", 13.0),
        ("± error", 11.0),
        ("Cost: 5% of months below", 13.0),
        ("Cost: 95% of months below", 13.0),
        ("Cost a conversation", 13.0),
        ("p95 latency, mean", 12.0),
        ("p95: 5% of months below", 13.0),
        ("p95: 95% of months below", 13.0),
        ("Failed, mean", 11.0),
        ("Failed: 5% of months below", 13.0),
        ("Failed: 95% of months below", 13.0),
        ("Good in time", 11.0),
        ("Over the planned budget", 12.0),
        ("Promises", 12.0),
        ("Months", 9.0),
        ("Not modelled", 50.0),
    ];
    let cells = report
        .study
        .as_ref()
        .map(|study| study.cells.as_slice())
        .unwrap_or_default();
    let rows = cells
        .iter()
        .map(|cell| {
            let metric = |name: &str| cell.metrics.get(name);
            let mean = |name: &str| metric(name).map(|metric| metric.mean);
            let promised = cell
                .metrics
                .keys()
                .any(|name| name.starts_with("slo.held_probability."));
            let promises = match (promised, holds(cell, report.slo_confidence)) {
                (false, _) => "none made",
                (true, true) => "held",
                (true, false) => "broken",
            };
            vec![
                Cell::Text(cell.strategy.clone()),
                Cell::Times(cell.volume),
                Cell::Usd(mean("cost.total")),
                Cell::Usd(metric("cost.total").map(|metric| metric.se)),
                Cell::Usd(metric("cost.total").map(|metric| metric.p05)),
                Cell::Usd(metric("cost.total").map(|metric| metric.p95)),
                Cell::Cents(mean("cost.per_conversation")),
                Cell::Seconds(mean("latency.p95")),
                Cell::Seconds(metric("latency.p95").map(|metric| metric.p05)),
                Cell::Seconds(metric("latency.p95").map(|metric| metric.p95)),
                Cell::Percent(mean("rate.failed")),
                Cell::Percent(metric("rate.failed").map(|metric| metric.p05)),
                Cell::Percent(metric("rate.failed").map(|metric| metric.p95)),
                Cell::Percent(mean("slo.good_rate")),
                Cell::Percent(mean("budget.over_probability")),
                Cell::Text(promises.to_owned()),
                Cell::Number(f64::from(cell.months)),
                Cell::Text(cell.not_modelled.join(", ")),
            ]
        })
        .collect();
    table(sheet, looks, "Strategies", &columns, rows)
}

/// A row for each question.
pub(super) fn answers(
    sheet: &mut Worksheet,
    report: &Report,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let mut columns = vec![
        ("Question", 30.0),
        ("Section", 22.0),
        ("What is asked", 50.0),
        ("Severity", 10.0),
        ("Answer", 12.0),
        ("Standing", 40.0),
        ("The simulator", 50.0),
    ];
    let told = report.style != Style::Executive;
    if told {
        columns.extend([("Note", 50.0), ("People", 34.0), ("Evidence", 50.0)]);
    }
    let rows = report
        .questions
        .iter()
        .map(|question| {
            let mut row = vec![
                question.key.clone(),
                question.section.clone(),
                question.ask.clone(),
                question.severity.clone(),
                question.status.clone(),
                question.state.clone(),
                question.simulator.join("; "),
            ];
            if told {
                row.extend([
                    question.note.clone(),
                    question.people.clone(),
                    question.evidence.join("; "),
                ]);
            }
            row.into_iter().map(Cell::Text).collect()
        })
        .collect();
    table(sheet, looks, "Answers", &columns, rows)
}

/// A row for each waiver, and below the signatures.
pub(super) fn waivers(
    sheet: &mut Worksheet,
    report: &Report,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let columns = [
        ("Question or role", 32.0),
        ("Expires, or signed", 14.0),
        ("Standing", 26.0),
        ("Approved, or signed, by", 40.0),
        ("Risk", 10.0),
        ("Why the risk is taken", 50.0),
        ("What works against it today", 50.0),
    ];
    let words = |text: &str| Cell::Text(text.to_owned());
    let waivers = report.waivers.iter().map(|waiver| {
        vec![
            words(&waiver.key),
            Cell::Date(waiver.expires.clone()),
            words(&waiver.state),
            words(&waiver.approved),
            words(&waiver.risk),
            words(&waiver.reason),
            words(&waiver.compensating),
        ]
    });
    let signatures = report.signoffs.iter().map(|signoff| {
        vec![
            Cell::Text(format!("signature: {}", signoff.role)),
            Cell::Date(signoff.at.clone()),
            words(&signoff.state),
            words(&signoff.name),
        ]
    });
    let rows = waivers.chain(signatures).collect();
    table(sheet, looks, "Waivers", &columns, rows)
}

/// A row for each input, what moves an answer most first.
pub(super) fn assumptions(
    sheet: &mut Worksheet,
    report: &Report,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let columns = [
        ("Input", 42.0),
        ("Explains", 10.0),
        ("As written", 44.0),
        ("Spread", 44.0),
        ("Standing", 11.0),
        ("Where from", 60.0),
    ];
    let rows = report
        .assumptions
        .iter()
        .map(|line| {
            let number = line.value.replace('_', "").parse::<f64>().ok();
            vec![
                Cell::Text(line.path.clone()),
                Cell::Percent(line.moves),
                match (number, line.value.is_empty()) {
                    (_, true) => Cell::Text("default".to_owned()),
                    (Some(number), _) if number.fract() == 0.0 => Cell::Number(number),
                    _ => Cell::Text(line.value.clone()),
                },
                Cell::Text(line.spread.clone()),
                Cell::Text(line.standing.word().to_owned()),
                Cell::Text(line.source.clone()),
            ]
        })
        .collect();
    table(sheet, looks, "Assumptions", &columns, rows)
}
