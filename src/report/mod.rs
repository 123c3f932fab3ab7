//! Results for people: tables, what stands out in sentences, and the report that stakeholders sign.
//!
//! [`build`] gathers one [`Report`] value from the study, the review's verdict and the analyses; [`write()`] puts it into a
//! [`Format`]. Nothing is computed in a writer. Pages (`page`) are headings, texts, tables and charts; the writers for
//! people (Markdown, HTML, PDF) walk the same pages, and charts are drawn once, as a list of shapes.

mod analyses;
mod assumptions;
mod build;
mod changes;
mod chart;
mod comparison;
mod csv;
mod decisions;
mod drills;
mod facts;
mod findings;
mod html;
mod json;
mod markdown;
mod numbers;
mod page;
mod pdf;
mod redact;
mod review;
mod schema;
mod seal;
mod table;
mod value;
mod xlsx;

pub use analyses::{
    Analyses, Compared, Drilled, Edge, Forecast, ForecastMonth, Headroom, Load, Mechanism, Moved,
    MovedBy,
};
pub use build::{Sources, build, chosen};
pub use changes::{Change, Changes, earlier};
pub use comparison::{comparison_findings, comparison_page, comparison_table};
pub use decisions::{actuals_page, forecast_page, headroom_page, optimize_page, sensitivity_page};
pub use drills::{drill_findings, drill_page, drill_table, minute_table};
pub use findings::findings;
pub use numbers::{count, percent, seconds, usd};
pub use redact::Redact;
pub use schema::{json_schema, schema_markdown};
pub use seal::Seal;
pub use table::{metric_table, study_table, wrapped};
pub use value::{
    Assumption, Blocker, BudgetLine, Chosen, Fact, HistoryLine, Judged, Paper, QuestionLine,
    Remedy, Report, SCHEMA, SectionState, SignoffLine, Standing, Style, Subject, WaiverLine,
};

/// What every report says of itself.
pub const NOTICE: &str = "Decision support, not certification. Numbers are simulated from the scenario's inputs; a GO does not mean that there is no risk.";

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Fits a pull-request comment.
    Markdown,
    /// One file for browsers and paper.
    Html,
    /// The whole report for machines.
    Json,
    /// One row for each strategy, volume and metric.
    Csv,
    /// A workbook with live formulas.
    Xlsx,
    /// For paper and archives.
    Pdf,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Markdown,
        Self::Html,
        Self::Json,
        Self::Csv,
        Self::Xlsx,
        Self::Pdf,
    ];

    /// How its files end.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
        }
    }

    /// Whether it can be shown on a terminal.
    #[must_use]
    pub fn is_text(self) -> bool {
        !matches!(self, Self::Xlsx | Self::Pdf)
    }
}

/// A format could not be written: a defect of ours or of a library, never of the user's files.
#[derive(Debug, thiserror::Error)]
#[error("writing the report as {format}: {why}")]
pub struct Unwritten {
    format: &'static str,
    why: String,
}

/// Writes a report; the same report gives the same bytes.
///
/// # Errors
/// When the library behind a binary format refuses.
pub fn write(report: &Report, format: Format) -> Result<Vec<u8>, Unwritten> {
    Ok(match format {
        Format::Markdown => markdown::markdown(report).into_bytes(),
        Format::Html => html::html(report).into_bytes(),
        Format::Json => json::json(report).into_bytes(),
        Format::Csv => csv::csv(report).into_bytes(),
        Format::Xlsx => xlsx::xlsx(report).map_err(|error| Unwritten {
            format: "xlsx",
            why: error.to_string(),
        })?,
        Format::Pdf => pdf::pdf(report).map_err(|why| Unwritten { format: "pdf", why })?,
    })
}
