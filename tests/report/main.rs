//! The report.

mod contents;
mod harness;
mod interrupt;
mod left_out;
mod paper;
mod schema;
mod since;
mod workbook;
