//! A review started from the previous one: the answers are there, and each has to be looked at again.

use toml_edit::Value;

use super::read_review::read_review;
use super::review::Review;
use super::types::{Checklist, Key, Status};
use super::{actions, store::Draft};
use crate::reading::Source;

/// What the next review is about.
#[derive(Debug, Clone, Default)]
pub struct Next {
    /// Its release.
    pub release: Option<String>,
    /// Its commit.
    pub commit: Option<String>,
}

/// The text of the next review: answers carried over with `look_again`, evidence and budgets as they are (they age by
/// their own dates), waivers, second looks and signatures gone, shipped checklists pinned as they are now.
///
/// # Errors
/// When the old review cannot be read or written over.
pub fn carry(
    name: &str,
    text: &str,
    checklists: &[Checklist],
    next: &Next,
) -> Result<String, String> {
    let mut draft = Draft::new(name, text).map_err(|problems| problems.to_string())?;
    let old: Review = draft.review.clone();
    for checklist in checklists {
        actions::repin(&mut draft, checklist)?;
    }
    let carried =
        read_review(&Source::new(name, draft.text())).map_err(|problems| problems.to_string())?;
    for (key, answer) in &carried.answers {
        let Key {
            checklist,
            question,
        } = key;
        draft.remove(&["answer", checklist, question, "reviewed_by"])?;
        if answer.status != Status::Unknown && !answer.look_again {
            draft.set(&["answer", checklist, question, "look_again"], true, None)?;
        }
    }
    for key in old.waivers.keys() {
        draft.remove(&["waiver", &key.checklist, &key.question])?;
    }
    for role in old.signoffs.keys() {
        for field in ["name", "decision", "at", "digest", "parts", "note"] {
            draft.remove(&["signoff", role, field])?;
        }
    }
    for (field, text) in [("release", &next.release), ("commit", &next.commit)] {
        match text {
            Some(text) => draft.set(&[field], Value::from(text.as_str()), None)?,
            None => draft.remove(&[field])?,
        }
    }
    for field in ["valid_until", "next_look"] {
        draft.remove(&[field])?;
    }
    Ok(draft.text().to_owned())
}
