//! From TOML to a [`Scenario`](super::Scenario): one file for each part of it.

mod models;
mod resilience;
mod rest;
mod routes;
mod strategies;
mod study;
mod workload;

pub use models::INCIDENT_PRESETS;
pub(super) use models::{models, providers};
pub(super) use rest::{audit, drills, evals, fixed, optimize, sources};
pub(super) use strategies::strategies;
pub(super) use study::{budget, currency, slo, study};
pub(super) use workload::workload;
