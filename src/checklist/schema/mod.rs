//! The JSON Schemas of a checklist and of a review: editors complete and check with them.
//!
//! They say which keys there are, what each is for, and of what kind it is. What only reading can tell (an answer to a
//! question that no checklist asks, a waiver that is too long) is left to `gonogo validate`. The words that a key may
//! take come from the types themselves, so the two cannot drift apart; a test holds the keys against the reader's.

mod checklist;
mod review;

pub use crate::reading::schema::markdown;
pub use checklist::checklist_schema;
pub use review::review_schema;
