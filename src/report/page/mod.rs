//! What stands on the pages, in order, for the formats that people read.

mod basis;
mod decisions;
mod reviewed;
mod simulated;

pub(super) use simulated::LINES;

use super::chart::Scene;
use super::value::{Report, SectionState, Style};
use crate::study::Study;

/// Longest note or reason in a page; the JSON form has it whole.
pub(super) const NOTE: usize = 2000;

/// A part of the report: a heading and what is under it.
#[derive(Debug)]
pub(super) struct Part {
    /// For links inside the page.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) blocks: Vec<Block>,
}

/// Something under a heading.
#[derive(Debug)]
pub(super) enum Block {
    Text(String),
    List(Vec<String>),
    Table(Table),
    /// A chart with its numbers.
    Figure(Scene, Table),
    Bars(Vec<SectionState>),
    Commands(Vec<String>),
}

/// A table: the first row of cells is its head.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    fn new(caption: impl Into<String>, head: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self {
            caption: caption.into(),
            head: head.iter().map(|&word| word.to_owned()).collect(),
            rows,
        }
    }

    /// For each column, whether it holds numbers and nothing else, and so stands at the right.
    pub(super) fn numeric(&self) -> Vec<bool> {
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.get(column));
        let digits = |cell: &String| cell.contains(|letter: char| letter.is_ascii_digit());
        (0..self.head.len())
            .map(|column| {
                column > 0
                    && cells(column).any(digits)
                    && cells(column).all(|cell| cell.is_empty() || is_number(cell))
            })
            .collect()
    }
}

/// Whether a cell reads as a number, a range of numbers, or the absence of one.
pub(super) fn is_number(cell: &str) -> bool {
    let bare = cell.strip_prefix(['-', '−', '+']).unwrap_or(cell);
    let first = bare.chars().next();
    cell.chars().count() < 24
        && first.is_some_and(|letter| letter.is_ascii_digit() || matches!(letter, '$' | '–' | '<'))
}

/// Everything after the first page; parts that would say nothing are left out.
pub(super) fn parts(report: &Report) -> Vec<Part> {
    let study = report.study.as_ref();
    let simulated = |make: fn(&Report, &Study) -> Vec<Block>| {
        study.map(|study| make(report, study)).unwrap_or_default()
    };
    let unless_brief = |make: fn(&Report) -> Vec<Block>| match report.style {
        Style::Executive => Vec::new(),
        Style::Full | Style::Audit => make(report),
    };
    let for_audit = |make: fn(&Report) -> Vec<Block>| match report.style {
        Style::Audit => make(report),
        Style::Executive | Style::Full => Vec::new(),
    };
    let all = [
        ("missing", "What is missing", basis::missing(report)),
        (
            "conditions",
            "What would change the verdict",
            reviewed::conditions(report),
        ),
        ("bill", "The monthly bill", simulated(simulated::bill)),
        (
            "strategies",
            "Strategies compared",
            simulated(simulated::strategies),
        ),
        ("money", "Where the money goes", simulated(simulated::money)),
        (
            "savings",
            "What each mechanism saves",
            decisions::savings(report),
        ),
        ("week", "The week", simulated(simulated::week)),
        (
            "headroom",
            "How far volume can grow",
            decisions::headroom(report),
        ),
        (
            "drills",
            "When something is wrong",
            decisions::drills(report),
        ),
        (
            "forecast",
            "The months to come",
            decisions::forecast(report),
        ),
        ("findings", "What stands out", basis::findings(report)),
        (
            "limits",
            "Limits nearest to binding",
            simulated(simulated::limits),
        ),
        ("moves", "What moves the answer", decisions::moves(report)),
        (
            "assumptions",
            "What the numbers rest on",
            basis::assumptions(report),
        ),
        (
            "sections",
            "The review by section",
            reviewed::sections(report),
        ),
        ("waivers", "Waivers", reviewed::waivers(report)),
        (
            "changes",
            "What changed since the last report",
            basis::changes(report),
        ),
        ("signoffs", "Signatures", reviewed::signoffs(report)),
        (
            "origin",
            "Where this report comes from",
            basis::origin(report),
        ),
        (
            "questions",
            "Every question",
            unless_brief(reviewed::questions),
        ),
        ("metrics", "Every metric", for_audit(basis::metrics)),
        (
            "history",
            "Every change to the review",
            for_audit(reviewed::history),
        ),
    ];
    all.into_iter()
        .filter(|(_, _, blocks)| !blocks.is_empty())
        .map(|(id, title, blocks)| Part { id, title, blocks })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_column_stands_at_the_right_if_all_of_it_is_numbers() {
        let row = |cells: &[&str]| cells.iter().map(|&cell| cell.to_owned()).collect();
        let table = Table::new(
            "",
            &["1", "numbers", "mixed", "absent", "gaps"],
            vec![
                row(&["1", "$4,003 to $5,479", "2026-11-29", "–", "–"]),
                row(&["2", "−$3.20", "the scenario", "–", "0.3"]),
                row(&["3", "< 1%", "1", "", ""]),
            ],
        );
        assert_eq!(table.numeric(), [false, true, false, false, true]);
    }
}
