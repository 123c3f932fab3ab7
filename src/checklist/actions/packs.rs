//! Checklists taken in, pinned and carried over.

use crate::checklist::store::{Draft, Refusal};
use crate::checklist::types::{Checklist, Key, Status};

use super::{toml_date, toml_list};

/// Pins a checklist as it is now, marks answers whose questions changed, and carries over those of superseded ones.
///
/// # Errors
/// When the file's shape does not allow it.
pub fn repin(draft: &mut Draft, checklist: &Checklist) -> Result<Vec<Key>, Refusal> {
    let mut marked = Vec::new();
    for question in checklist.questions() {
        let key = Key::new(&checklist.id, &question.id);
        let heir_of = question
            .supersedes
            .iter()
            .find(|old| draft.has(&["answer", &checklist.id, old]));
        let path = ["answer", checklist.id.as_str(), question.id.as_str()];
        if let Some(old) = heir_of.filter(|_| !draft.has(&path)).cloned() {
            carry_over(draft, &checklist.id, &old, &question.id)?;
            marked.push(key);
            continue;
        }
        let answer = draft.review.answers.get(&key);
        if answer
            .is_some_and(|answer| answer.status != Status::Unknown && answer.rev != question.rev)
        {
            draft.set(
                &["answer", &checklist.id, &question.id, "look_again"],
                true,
                None,
            )?;
            marked.push(key);
        }
    }
    if checklist.shipped {
        draft.set(
            &["pinned", &checklist.id, "version"],
            checklist.version.as_str(),
            None,
        )?;
        draft.set(
            &["pinned", &checklist.id, "sha256"],
            checklist.sha256.as_str(),
            None,
        )?;
    } else {
        draft.remove(&["pinned", &checklist.id])?;
    }
    Ok(marked)
}

/// Moves an answer to the question that replaces its own.
fn carry_over(draft: &mut Draft, checklist: &str, old: &str, new: &str) -> Result<(), Refusal> {
    let Some(answer) = draft.review.answers.get(&Key::new(checklist, old)).cloned() else {
        return Ok(());
    };
    let place = ["answer", checklist, old];
    let path = |field: &'static str| ["answer", checklist, new, field];
    draft.set(&path("status"), answer.status.word(), Some(&place))?;
    draft.set(&path("rev"), i64::from(answer.rev), None)?;
    for (field, text) in [
        ("note", answer.note),
        ("owner", answer.owner),
        ("answered_by", answer.answered_by),
        ("reviewed_by", answer.reviewed_by),
    ] {
        if let Some(text) = text {
            draft.set(&path(field), text, None)?;
        }
    }
    if let Some(due) = answer.due {
        draft.set(&path("due"), toml_date(due)?, None)?;
    }
    if !answer.evidence.is_empty() {
        draft.set(
            &path("evidence"),
            toml_list(answer.evidence.iter().map(String::as_str)),
            None,
        )?;
    }
    draft.set(&path("look_again"), true, None)?;
    draft.remove(&place)
}

/// Takes a checklist in: lists it, pins it if it is shipped, and adds a stub for each of its questions.
///
/// # Errors
/// When the file's shape does not allow it.
pub fn take_in(draft: &mut Draft, checklist: &Checklist) -> Result<(), Refusal> {
    let mut ids = draft.review.checklists.clone();
    if !ids.contains(&checklist.id) {
        ids.push(checklist.id.clone());
        draft.set(
            &["checklists"],
            toml_list(ids.iter().map(String::as_str)),
            None,
        )?;
    }
    let mut before: Option<String> = None;
    for question in checklist.questions() {
        let path = ["answer", checklist.id.as_str(), question.id.as_str()];
        if !draft.has(&path) {
            let after = before
                .as_ref()
                .map(|id| vec!["answer", checklist.id.as_str(), id.as_str()]);
            draft.set(
                &["answer", &checklist.id, &question.id, "status"],
                Status::Unknown.word(),
                after.as_deref(),
            )?;
            draft.set(
                &["answer", &checklist.id, &question.id, "rev"],
                i64::from(question.rev),
                None,
            )?;
        }
        before = Some(question.id.clone());
    }
    repin(draft, checklist).map(|_| ())
}
