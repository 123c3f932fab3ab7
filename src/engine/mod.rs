//! One simulated month: clock, arrivals, conversations, providers, caches, limits, policies, ledger.
//!
//! [`simulate`] runs one strategy at one volume with one month's facts and random numbers. It is a pure function: the
//! same [`Setting`] gives the same [`Month`], bit for bit, on every thread and platform.

mod answer;
pub mod arrivals;
mod attempt;
mod before;
mod breaker;
pub mod clock;
mod closing;
mod conversation;
mod event;
mod failure;
mod filled;
mod foreseen;
mod histogram;
mod history;
mod hosted;
mod incidents;
pub mod ledger;
pub mod limits;
mod log;
mod minutes;
mod month;
mod part;
mod payment;
pub mod philox;
mod prompt;
mod questions;
mod rehearsal;
mod response_cache;
mod reviewers;
mod setup;
mod turn;
mod watched;
mod world;

pub use arrivals::Demand;
pub use filled::{asks_before, kept_wrong_variance};
pub use foreseen::{Wanted, foreseen};
pub use histogram::{BINS, Histogram, bin_edge, bin_of};
pub use ledger::{Ledger, Month, Peak};
pub use minutes::{Minute, Minutes};
pub use month::{Setting, Window, simulate};
pub use part::{MonthLines, Outlook, Tables, month_lines, outlook, simulate_window};
pub use rehearsal::{Incident, Rehearsal, rehearse};
