//! Results for people: tables, and what stands out in sentences. One study value in, text out; nothing is computed
//! here that is not in the study.

mod findings;
mod numbers;
mod table;

pub use findings::findings;
pub use numbers::{count, percent, seconds, usd};
pub use table::{metric_table, study_table};
