//! What somebody answers for by name: waivers, signatures, budgets.

use std::collections::BTreeMap;

use jiff::civil::Date;
use toml_edit::{InlineTable, Value};

use crate::checklist::dates::{Clock, plus_days};
use crate::checklist::judge_question::waiver_holds;
use crate::checklist::read::is_id;
use crate::checklist::read_rule::volume_of;
use crate::checklist::review::{Answer, Decision, Waiver, same_person};
use crate::checklist::signing::Parts;
use crate::checklist::store::{Draft, Refusal};
use crate::checklist::types::{Checklist, Key};
use crate::checklist::verdict::{Case, Facts};
use crate::reading::nearest;

use super::{question_of, toml_date, toml_list, toml_time};

/// Accepts a risk for a while.
///
/// # Errors
/// When the waiver would not hold, with why.
pub fn waive(
    draft: &mut Draft,
    checklists: &[Checklist],
    key: &Key,
    waiver: &Waiver,
    clock: Clock,
) -> Result<(), Refusal> {
    let question = question_of(checklists, key)?;
    let (facts, slo) = (Facts::default(), BTreeMap::new());
    let case = Case {
        review: &draft.review,
        checklists,
        study: None,
        slo: &slo,
        facts: &facts,
        clock,
        stage: None,
        before_signoff: false,
    };
    let answer: Option<&Answer> = draft.review.answers.get(key);
    if let Err(why) = waiver_holds(&case, question, waiver, answer) {
        let last = waiver
            .approved_on
            .and_then(|day| plus_days(day, i64::from(question.max_waiver_days)));
        let until = last
            .filter(|_| question.waivable)
            .map(|last| format!(" (it can run until {last})"))
            .unwrap_or_default();
        return Err(format!("{key}: {why}{until}"));
    }
    let after = ["answer", key.checklist.as_str(), key.question.as_str()];
    let path = |field: &'static str| {
        [
            "waiver",
            key.checklist.as_str(),
            key.question.as_str(),
            field,
        ]
    };
    draft.set(&path("reason"), waiver.reason.as_str(), Some(&after))?;
    for (field, text) in [
        ("risk", &waiver.risk),
        ("compensating", &waiver.compensating),
        ("approved_by", &waiver.approved_by),
    ] {
        if let Some(text) = text {
            draft.set(&path(field), text.as_str(), Some(&after))?;
        }
    }
    for (field, day) in [
        ("approved_on", waiver.approved_on),
        ("expires", waiver.expires),
    ] {
        if let Some(day) = day {
            draft.set(&path(field), toml_date(day)?, Some(&after))?;
        }
    }
    Ok(())
}

/// Takes a waiver back.
///
/// # Errors
/// When there is none.
pub fn revoke_waiver(draft: &mut Draft, key: &Key) -> Result<(), Refusal> {
    let path = ["waiver", key.checklist.as_str(), key.question.as_str()];
    if !draft.has(&path) {
        return Err(format!("{key} has no waiver"));
    }
    draft.remove(&path)
}

/// Signs for a role, over everything that a signature covers.
///
/// # Errors
/// When the person may not sign for the role.
pub fn sign(
    draft: &mut Draft,
    role: &str,
    name: &str,
    decision: Decision,
    note: Option<&str>,
    parts: &Parts,
    clock: Clock,
) -> Result<(), Refusal> {
    let review = &draft.review;
    let people = review.roles.get(role);
    if !people.is_some_and(|people| people.iter().any(|person| same_person(person, name))) {
        let valid = review
            .required_signoffs
            .iter()
            .chain(review.roles.keys())
            .map(String::as_str);
        return Err(match (people, nearest(role, valid)) {
            (Some(people), _) if people.is_empty() => {
                format!("nobody is listed under roles.{role} in the review")
            }
            (Some(people), _) => format!(
                "{name} may not sign for {role}; roles.{role} lists {}",
                people.join(", ")
            ),
            (None, Some(near)) if near != role => {
                format!("there is no role `{role}`; did you mean `{near}`?")
            }
            (None, _) => format!(
                "nobody is listed under roles.{role}; add {role} = [\"{name}\"] to [roles] in the review"
            ),
        });
    }
    let path = |field: &'static str| ["signoff", role, field];
    draft.set(&path("name"), name, None)?;
    draft.set(&path("decision"), decision.word(), None)?;
    draft.set(&path("at"), toml_time(&clock)?, None)?;
    draft.set(&path("digest"), parts.digest().as_str(), None)?;
    let mut table = InlineTable::new();
    for (part, digest) in parts.short() {
        table.insert(&part, Value::from(digest));
    }
    draft.set(&path("parts"), Value::InlineTable(table), None)?;
    match note {
        Some(note) => draft.set(&path("note"), note, None),
        None => draft.remove(&path("note")),
    }
}

/// Lists a person under a role, so that they may answer for it, waive and sign.
///
/// # Errors
/// When the role cannot be one, or the name is empty.
pub fn list_person(draft: &mut Draft, role: &str, person: &str) -> Result<(), Refusal> {
    if !is_id(role) {
        return Err(format!(
            "`{role}` cannot be a role; use letters, digits, `-` and `_`"
        ));
    }
    if person.trim().is_empty() {
        return Err("a person needs a name, such as Ana Example <ana@example.org>".to_owned());
    }
    let listed = draft.review.roles.get(role).cloned().unwrap_or_default();
    if listed.iter().any(|known| same_person(known, person)) {
        return Ok(());
    }
    let people = listed.iter().map(String::as_str).chain([person.trim()]);
    draft.set(&["roles", role], toml_list(people), None)
}

/// Writes down an approved budget.
///
/// # Errors
/// When the volume or amount makes no sense, or the approver is not listed.
pub fn approve_budget(
    draft: &mut Draft,
    volume: &str,
    usd: f64,
    by: &str,
    on: Date,
) -> Result<(), Refusal> {
    if volume_of(volume).is_none() {
        return Err(format!(
            "`{volume}` is not a volume; expected a multiple such as 1x or 10x"
        ));
    }
    if !usd.is_finite() || usd <= 0.0 {
        return Err(format!(
            "a budget cannot be {usd}; expected US dollars per month, more than 0"
        ));
    }
    if !draft.review.is_listed(by) {
        return Err(format!(
            "{by} is not listed under roles; add them to [roles] in the review first"
        ));
    }
    // Whole dollars read better without a fraction.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be whole and far below 2^53"
    )]
    let amount = if usd.fract() == 0.0 && usd < 1e15 {
        Value::from(usd as i64)
    } else {
        Value::from(usd)
    };
    let path = |field: &'static str| ["budget", volume, field];
    draft.set(&path("usd_per_month"), amount, None)?;
    draft.set(&path("approved_by"), by, None)?;
    draft.set(&path("approved_on"), toml_date(on)?, None)
}
