//! What people do to a review, as functions over a [`Draft`]: the commands and the terminal app call the same ones.
//!
//! Each refuses what would not count anyway, and says what would: a waiver by whoever answered, a `na` where the
//! question allows none, a second look by the first pair of eyes.

mod approve;
mod evidence;
mod packs;

use std::collections::BTreeSet;

pub use approve::{approve_budget, list_person, revoke_waiver, sign, waive};
pub use evidence::{NewEvidence, add_evidence};
pub use packs::{repin, take_in};

use jiff::civil::Date;
use toml_edit::{Array, Datetime, Value};

use crate::reading::nearest;

use super::dates::Clock;
use super::review::same_person;
use super::risk::{Risk, assess};
use super::store::{Author, Draft, Refusal};
use super::types::{Checklist, Key, Question, Status};

/// What `set` sets; `None` leaves a field alone.
#[derive(Debug, Clone, Default)]
pub struct NewAnswer {
    /// The answer.
    pub status: Option<Status>,
    /// Reasons and remarks.
    pub note: Option<String>,
    /// Who sees to what is open.
    pub owner: Option<String>,
    /// By when.
    pub due: Option<Date>,
    /// Who else looked at it.
    pub reviewed_by: Option<String>,
    /// Ids of evidence to attach, besides what is.
    pub evidence: Vec<String>,
    /// Practices ticked; decides the status unless one is given.
    pub choices: Option<Vec<String>>,
    /// Who answers, if not the author.
    pub answered_by: Option<String>,
}

/// A day as TOML's own.
fn toml_date(day: Date) -> Result<Value, Refusal> {
    day.to_string()
        .parse::<Datetime>()
        .map(Value::from)
        .map_err(|error| error.to_string())
}

fn toml_time(clock: &Clock) -> Result<Value, Refusal> {
    clock
        .stamp()
        .parse::<Datetime>()
        .map(Value::from)
        .map_err(|error| error.to_string())
}

fn toml_list<'t>(texts: impl IntoIterator<Item = &'t str>) -> Value {
    let mut list = Array::new();
    for text in texts {
        list.push(text);
    }
    Value::from(list)
}

/// Finds a question by its full name, or by its own if only one checklist of the review has it.
///
/// # Errors
/// When there is none or several, with the nearest.
pub fn find_question<'c>(
    checklists: &'c [Checklist],
    typed: &str,
) -> Result<(Key, &'c Question), Refusal> {
    let all: Vec<(Key, &Question)> = checklists
        .iter()
        .flat_map(|list| {
            list.questions()
                .map(|question| (Key::new(&list.id, &question.id), question))
        })
        .collect();
    let mut fits: Vec<&(Key, &Question)> = all
        .iter()
        .filter(|(key, question)| key.to_string() == typed || question.id == typed)
        .collect();
    match (fits.pop(), fits.pop()) {
        (Some((key, question)), None) => Ok((key.clone(), question)),
        (Some((one, _)), Some((other, _))) => {
            Err(format!("`{typed}` could be {other} or {one}; say which"))
        }
        (None, _) => {
            let names: Vec<String> = all.iter().map(|(key, _)| key.to_string()).collect();
            let short: Vec<&str> = all
                .iter()
                .map(|(_, question)| question.id.as_str())
                .collect();
            let near = nearest(
                typed,
                names
                    .iter()
                    .map(String::as_str)
                    .chain(short.iter().copied()),
            );
            let near = near.or_else(|| {
                short
                    .iter()
                    .copied()
                    .find(|id| typed.len() > 2 && id.contains(typed))
            });
            Err(match near {
                Some(near) => format!("there is no question `{typed}`; did you mean `{near}`?"),
                None => format!("there is no question `{typed}`; `gonogo review list` shows them"),
            })
        }
    }
}

/// Answers a question, or changes what stands beside its answer.
///
/// # Errors
/// When the answer would not count, with what would.
pub fn set_answer(
    draft: &mut Draft,
    checklists: &[Checklist],
    key: &Key,
    new: &NewAnswer,
    author: &Author,
) -> Result<(), Refusal> {
    let question = question_of(checklists, key)?;
    let old = draft.review.answers.get(key).cloned();
    let status = new_status(question, new)?;
    if status == Some(Status::Na) {
        let reason = new
            .note
            .as_deref()
            .or(old.as_ref().and_then(|old| old.note.as_deref()))
            .unwrap_or_default();
        if !question.na_allowed {
            return Err(format!(
                "{key} cannot be answered na; answer yes, partial or no"
            ));
        }
        if reason.trim().is_empty() {
            return Err(format!(
                "na needs a reason: add --note \"why it does not apply\" to {key}"
            ));
        }
    }
    let who = new
        .answered_by
        .clone()
        .unwrap_or_else(|| author.who.clone());
    let path = |field: &'static str| {
        [
            "answer",
            key.checklist.as_str(),
            key.question.as_str(),
            field,
        ]
    };
    let after = previous_answer(draft, checklists, key);
    let after: Option<Vec<&str>> = after
        .as_ref()
        .map(|key| vec!["answer", key.checklist.as_str(), key.question.as_str()]);
    let after = after.as_deref();
    if let Some(status) = status {
        draft.set(&path("status"), status.word(), after)?;
        draft.set(&path("rev"), i64::from(question.rev), after)?;
        draft.set(&path("answered_by"), who.as_str(), after)?;
        draft.set(&path("answered_at"), toml_time(&author.clock)?, after)?;
        if old.as_ref().is_some_and(|old| old.look_again) {
            draft.set(&path("look_again"), false, after)?;
        }
        let confirmed = old.as_ref().is_some_and(|old| {
            old.status == status
                && old
                    .answered_by
                    .as_deref()
                    .is_some_and(|answerer| same_person(answerer, &who))
        });
        // A second look was at the old answer.
        if !confirmed && new.reviewed_by.is_none() {
            draft.remove(&path("reviewed_by"))?;
        }
    } else if old.is_none() {
        draft.set(&path("status"), Status::Unknown.word(), after)?;
        draft.set(&path("rev"), i64::from(question.rev), after)?;
    }
    beside(draft, key, new, after)?;
    if let Some(reviewer) = &new.reviewed_by {
        let answerer = if status.is_some() {
            Some(who)
        } else {
            old.and_then(|old| old.answered_by)
        };
        if answerer
            .as_deref()
            .is_some_and(|answerer| same_person(answerer, reviewer))
        {
            return Err(format!(
                "{reviewer} answered {key}; somebody else has to look at it"
            ));
        }
        draft.set(&path("reviewed_by"), reviewer.as_str(), after)?;
    }
    Ok(())
}

fn beside(
    draft: &mut Draft,
    key: &Key,
    new: &NewAnswer,
    after: Option<&[&str]>,
) -> Result<(), Refusal> {
    let path = |field: &'static str| {
        [
            "answer",
            key.checklist.as_str(),
            key.question.as_str(),
            field,
        ]
    };
    for (field, text) in [("note", &new.note), ("owner", &new.owner)] {
        if let Some(text) = text {
            draft.set(&path(field), text.as_str(), after)?;
        }
    }
    if let Some(due) = new.due {
        draft.set(&path("due"), toml_date(due)?, after)?;
    }
    if let Some(choices) = &new.choices {
        draft.set(
            &path("choices"),
            toml_list(choices.iter().map(String::as_str)),
            after,
        )?;
    }
    if !new.evidence.is_empty() {
        let mut ids = draft
            .review
            .answers
            .get(key)
            .map(|answer| answer.evidence.clone())
            .unwrap_or_default();
        for id in &new.evidence {
            if !draft.has(&["evidence", id]) {
                let near = nearest(id, draft.review.evidence.keys().map(String::as_str))
                    .map(|near| format!("; did you mean `{near}`?"));
                return Err(format!(
                    "there is no evidence `{id}`{}",
                    near.unwrap_or_default()
                ));
            }
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        draft.set(
            &path("evidence"),
            toml_list(ids.iter().map(String::as_str)),
            after,
        )?;
    }
    Ok(())
}

fn new_status(question: &Question, new: &NewAnswer) -> Result<Option<Status>, Refusal> {
    let Some(choices) = &new.choices else {
        return Ok(new.status);
    };
    for id in choices {
        if !question.choices.iter().any(|choice| choice.id == *id) {
            let valid = question.choices.iter().map(|choice| choice.id.as_str());
            let near = nearest(id, valid)
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            return Err(format!("`{id}` is not a choice of {}{near}", question.id));
        }
    }
    let ticked: BTreeSet<&str> = choices.iter().map(String::as_str).collect();
    let means = assess(&question.risks, &ticked).map(|risk| match risk {
        Risk::None => Status::Yes,
        Risk::Medium => Status::Partial,
        Risk::High => Status::No,
    });
    Ok(new.status.or(means))
}

fn question_of<'c>(checklists: &'c [Checklist], key: &Key) -> Result<&'c Question, Refusal> {
    find_question(checklists, &key.to_string()).map(|(_, question)| question)
}

/// The question before this one, in checklist order, that has an answer in the file.
fn previous_answer(draft: &Draft, checklists: &[Checklist], key: &Key) -> Option<Key> {
    let mut last = None;
    for list in checklists {
        for question in list.questions() {
            let at = Key::new(&list.id, &question.id);
            if at == *key {
                return last;
            }
            if draft.has(&["answer", &at.checklist, &at.question]) {
                last = Some(at);
            }
        }
    }
    last
}
