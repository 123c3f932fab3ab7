//! Many months: streams, threads, the exact estimator, merging, progress, cancellation; and the document that results.
//!
//! [`estimate`] turns a compiled scenario into an [`Outcome`]: the values by month, and the [`Study`] that sums them up, a
//! document which `check` and `report` read without running anything.

mod cell;
mod document;
mod fast;
mod measure;
pub mod metrics;
mod plan;
mod run;
mod stopping;
mod summary;
mod totals;

pub use cell::{ByMonth, Outcome};
pub use document::{
    Assumed, Binding, Cell, DrillResult, Hour, Influence, Metric, SCHEMA, ScenarioName,
    Sensitivity, Study,
};
pub use fast::run_fast;
pub use measure::{SHARE_WITHIN, slo_name};
pub use plan::{Estimator, Plan, Precision, Progress, Unwatched, Watch};
pub use run::{estimate, facts_of, month, run_exact};
pub use summary::{quantile, summarise};
