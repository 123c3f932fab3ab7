//! The report.

mod contents;
mod harness;
