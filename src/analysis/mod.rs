//! What the numbers mean for a decision: compare, sensitivity, headroom, optimize, forecast, drill.

pub mod compare;
pub mod drill;
pub mod forecast;
pub mod headroom;
pub mod mechanism;
pub mod optimize;
pub mod sensitivity;
mod steps;
