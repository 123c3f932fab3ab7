//! The workbook. That its formulas calculate what is written beside them is checked with `LibreOffice` in `.ci/report`.

use gonogo::report::{Format, Seal, write};

use crate::harness::{full, members, study};

fn book() -> Vec<(String, String)> {
    let report = full();
    members(&write(&report, Format::Xlsx).unwrap())
}

fn member(book: &[(String, String)], name: &str) -> String {
    book.iter()
        .find(|(other, _)| other == name)
        .unwrap_or_else(|| panic!("{name}"))
        .1
        .clone()
}

#[test]
fn it_has_its_six_sheets_with_frozen_heads() {
    let book = book();
    let names: Vec<String> = member(&book, "xl/workbook.xml")
        .split("<sheet name=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        names,
        [
            "Summary",
            "Cost",
            "Strategies",
            "Answers",
            "Waivers",
            "Assumptions"
        ]
    );
    for number in 1..=6 {
        let sheet = member(&book, &format!("xl/worksheets/sheet{number}.xml"));
        assert!(sheet.contains("state=\"frozen\""), "{number}");
    }
}

/// The value that stands in a cell.
fn value(sheet: &str, cell: &str) -> f64 {
    let at = sheet
        .find(&format!("<c r=\"{cell}\""))
        .unwrap_or_else(|| panic!("{cell}"));
    let rest = &sheet[at..];
    let rest = &rest[rest.find("<v>").unwrap() + 3..];
    rest.split('<').next().unwrap().parse().unwrap()
}

#[test]
fn the_cost_of_the_first_month_is_the_simulated_mean_and_its_chance_that_of_the_report() {
    let study = study();
    let cell = study
        .cells
        .iter()
        .find(|cell| cell.strategy == "cached" && cell.volume == 1.0)
        .unwrap();
    let sheet = member(&book(), "xl/worksheets/sheet2.xml");
    let cost = value(&sheet, "B14");
    assert!(
        (cost - cell.metrics["cost.total"].mean).abs() < 0.01 * cost / 100.0,
        "{cost}"
    );
    assert!((value(&sheet, "B15") - cell.metrics["cost.total"].p05).abs() < 1e-6 * cost);
    assert!((value(&sheet, "B16") - cell.metrics["cost.total"].p95).abs() < 1e-6 * cost);
    assert_eq!(value(&sheet, "B10"), 550.0, "the approved budget");
    let months = &cell.by_month["cost.total"];
    let over = months.iter().filter(|cost| **cost > 550.0).count() as f64 / months.len() as f64;
    // Interpolated between quantiles, so within one month of the count.
    assert!(
        (value(&sheet, "B19") - over).abs() <= 1.0 / months.len() as f64 + 0.01,
        "{over}"
    );
}

#[test]
fn it_carries_the_digests_and_the_date_of_the_report_and_no_other() {
    let report = full();
    let bytes = write(&report, Format::Xlsx).unwrap();
    assert_eq!(Seal::find(&bytes).unwrap(), report.inputs);
    let core = member(&members(&bytes), "docProps/core.xml");
    assert!(core.contains("2026-11-23T00:00:00Z"), "{core}");
}
