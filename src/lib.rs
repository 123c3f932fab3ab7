//! Go, or not yet? A production-readiness review and a Monte Carlo simulator for GenAI features.

pub mod analysis;
pub mod checklist;
pub mod cli;
pub mod engine;
pub mod fit;
pub mod model;
pub mod prices;
pub mod quantity;
pub mod reading;
pub mod report;
pub mod scenario;
pub mod study;
pub mod tui;
