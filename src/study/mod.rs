//! What came out of a simulation: the study document, which `check` and `report` read without running anything.

mod document;
pub mod metrics;

pub use document::{Assumed, Cell, DrillResult, Influence, Metric, SCHEMA, ScenarioName, Sensitivity, Study};
