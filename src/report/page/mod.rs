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
