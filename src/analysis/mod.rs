//! What the numbers mean for a decision: compare, sensitivity, headroom, optimize, forecast, drill.

pub mod compare;
pub mod drill;
pub mod mechanism;
mod parallel;
