//! Many months: streams, threads, the two estimators, merging, progress, cancellation; and the document that results.
//!
//! [`estimate`] turns a compiled scenario into an [`Outcome`]: the values by month, and the [`Study`] that sums them up, a
//! document which `check` and `report` read without running anything.

mod cell;
mod document;
mod fast;
mod measure;
pub mod metrics;
pub(crate) mod parallel;
mod part;
mod plan;
mod run;
pub mod schema;
mod stopping;
mod summary;
mod totals;

pub use cell::{ByMonth, Outcome};
pub(crate) use cell::{KEPT_BY_MONTH, not_modelled};
pub(crate) use document::nan_as_null;
pub use document::{
    Assumed, Binding, Cell, DrillMinute, DrillResult, Hour, Influence, Metric, Protection, SCHEMA,
    ScenarioName, Sensitivity, Study,
};
pub use fast::{MOST_MONTHS, run_fast};
pub use measure::{SHARE_WITHIN, measure, slo_metric, slo_name};
pub use part::{Asked, MergeError, Part, merge, run_part};
pub use plan::{Estimator, Plan, Precision, Progress, Unwatched, Watch};
pub use run::{estimate, facts_of, month, run_exact};
pub use summary::{quantile, summarise};
