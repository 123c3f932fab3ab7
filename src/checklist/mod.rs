//! The readiness review: what is asked, what was answered, what the simulator has to say about it, and the verdict.
//!
//! Taken from the best gates and checklists: stable ids and clause references (AISVS, Well-Architected), a reason and a
//! way to find out beside every question (Google's launch reviews), answers as a file in the team's own repository
//! (deon), a verdict that is a pure function and says why (cargo-deny), waivers that expire and stay listed (trivy).

pub mod actions;
pub mod add_question;
pub mod carry;
mod cross;
mod dates;
pub mod diff;
pub mod edit;
mod explain;
pub mod export;
pub mod gate;
pub mod git;
pub mod history;
pub mod import;
pub mod init;
mod interval;
mod judge_question;
mod judge_signature;
pub mod merge;
mod packs;
pub mod project;
mod read;
mod read_review;
mod read_rule;
mod review;
pub mod risk;
pub mod rules;
pub mod safe;
pub mod schema;
mod sentence;
mod signing;
pub mod store;
mod types;
pub mod verdict;

pub use cross::cross_check;
pub use dates::{Clock, days_between, plus_days, typed_date};
pub use explain::Step;
pub use interval::share_bounds;
pub use packs::{SHIPPED, available, find, load, own_path, shipped, shipped_text};
pub use project::{Project, hash_file, promises};
pub use read::{DRILLS, is_id, read_checklist, sha256};
pub use read_review::read_review;
pub use read_rule::volume_of;
pub use review::{
    Answer, Budget, Decision, Evidence, EvidenceKind, Pin, Review, Signoff, Waiver, same_person,
};
pub use sentence::counted;
pub use signing::{Outside, Parts};
pub use types::{
    Applies, Bound, Checklist, Choice, Clause, EvidenceNeed, Key, Question, Rule, Scope, Section,
    Severity, Stage, Status,
};
