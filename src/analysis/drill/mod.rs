//! Scripted incidents: what users get minute by minute, what it costs, how long recovery takes, and which protections
//! did the work.
//!
//! A drill is run many times. Each run has facts and luck of its own, in pairs that share their facts, exactly as
//! months have; every strategy meets the same runs. A run is a stretch around the incident, simulated with and without
//! it from one warm-up ([`crate::engine::rehearse`]): ordinary outages, brownouts and spikes of the scenario do not
//! happen in it, so that what is seen is the script's doing; plain errors, bursts and the swing of days do.
//!
//! What protections did is found by taking each of them away in turn and running the same runs again.

mod run;
mod script;

pub use run::{DrillPlan, RUNS, drill};
pub use script::{READY_MADE, Script, Whom, busiest_hour, impossible, scripts};
