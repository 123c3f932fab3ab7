//! Results for people: tables, what stands out in sentences, and the report that stakeholders sign. One value in, text
//! out; nothing is computed here that is not in the study or the verdict.

mod assumptions;
mod build;
mod chart;
mod csv;
mod drills;
mod facts;
mod findings;
mod html;
mod json;
mod markdown;
mod numbers;
mod page;
mod table;
mod value;

pub use build::Sources;
pub use csv::csv;
pub use drills::{drill_findings, drill_page, drill_table, minute_table};
pub use findings::findings;
pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use numbers::{count, percent, seconds, usd};
pub use table::{metric_table, study_table, wrapped};
pub use value::{
    Assumption, Blocker, BudgetLine, Chosen, Fact, Judged, QuestionLine, Remedy, Report, SCHEMA,
    SectionState, SignoffLine, Style, Subject, WaiverLine,
};

/// What every report says of itself.
pub const NOTICE: &str = "Decision support, not certification. Numbers are simulated from the scenario's inputs; a GO does not mean that there is no risk.";
