//! From TOML to a [`Scenario`](super::Scenario): one file for each part of it.

mod models;
mod rest;
mod strategies;
mod study;
mod workload;

pub(super) use models::{models, providers};
pub(super) use rest::{audit, drills, evals, fixed, optimize, sources};
pub(super) use strategies::strategies;
pub(super) use study::{budget, currency, slo, study};
pub(super) use workload::workload;
