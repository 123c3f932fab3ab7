//! What the simulation must agree with: closed forms of queueing, renewal, caching and probability theory.
//!
//! Every test writes a scenario down, simulates it through the same front door as `gonogo simulate`, and compares a
//! metric with a formula. Formulas live in [`formulas`], with their sources, and are checked there against independent
//! values; [`harness`] derives every tolerance from the study's own standard error.

mod caches;
mod failures;
mod formulas;
mod harness;
mod hosted;
mod latency;
mod law;
mod limits;
mod money;
mod people;
mod queues;
