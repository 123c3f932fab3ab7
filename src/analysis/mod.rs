//! What the numbers mean for a decision: compare, sensitivity, headroom, optimize, forecast, drill.

pub mod drill;
pub mod headroom;
pub mod mechanism;
mod parallel;
pub mod sensitivity;
mod steps;
