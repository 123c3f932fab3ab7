//! What people do to a review, as functions over a [`Draft`]: the commands and the terminal app call the same ones.
//!
//! Each refuses what would not count anyway, and says what would: a waiver by whoever answered, a `na` where the
//! question allows none, a second look by the first pair of eyes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use toml_edit::{Array, Datetime, InlineTable, Value};

use crate::reading::nearest;

use super::dates::{Clock, plus_days};
use super::judge_question::waiver_holds;
use super::read::{is_id, volume_of};
use super::review::{Answer, Decision, EvidenceKind, Waiver, same_person};
use super::risk::{Risk, assess};
use super::signing::Parts;
use super::store::{Author, Draft, Refusal};
use super::types::{Checklist, Key, Question, Status};
use super::verdict::{Case, Facts};

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

/// A piece of evidence to add.
#[derive(Debug, Clone)]
pub struct NewEvidence {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: EvidenceKind,
    /// A path, an address, a ticket, a sentence.
    pub reference: String,
    /// Digest of the file.
    pub sha256: Option<String>,
    /// When it was collected.
    pub collected: Date,
    /// Files whose change makes it stale.
    pub watch: Vec<String>,
    /// Questions that it is for.
    pub for_questions: Vec<Key>,
}

/// Adds a piece of evidence and attaches it.
///
/// # Errors
/// When the id cannot be one or stands for something else.
pub fn add_evidence(
    draft: &mut Draft,
    checklists: &[Checklist],
    new: &NewEvidence,
    author: &Author,
) -> Result<(), Refusal> {
    if !is_id(&new.id) {
        return Err(format!(
            "`{}` cannot be an id; use letters, digits, `-` and `_`",
            new.id
        ));
    }
    if new.collected > author.clock.today() {
        return Err(format!(
            "{} has not come yet; --collected is the day on which it was collected",
            new.collected
        ));
    }
    if let Some(old) = draft
        .review
        .evidence
        .get(&new.id)
        .filter(|old| old.reference != new.reference)
    {
        return Err(format!(
            "`{}` already stands for {}; give this one another id",
            new.id, old.reference
        ));
    }
    let first = new.for_questions.first();
    let after: Option<Vec<&str>> =
        first.map(|key| vec!["answer", key.checklist.as_str(), key.question.as_str()]);
    let after = after.as_deref();
    let path = |field: &'static str| ["evidence", new.id.as_str(), field];
    draft.set(&path("kind"), new.kind.word(), after)?;
    draft.set(&path("ref"), new.reference.as_str(), after)?;
    if let Some(digest) = &new.sha256 {
        draft.set(&path("sha256"), digest.as_str(), after)?;
    }
    draft.set(&path("collected"), toml_date(new.collected)?, after)?;
    if !new.watch.is_empty() {
        draft.set(
            &path("watch"),
            toml_list(new.watch.iter().map(String::as_str)),
            after,
        )?;
    }
    for key in &new.for_questions {
        let attach = NewAnswer {
            evidence: vec![new.id.clone()],
            ..NewAnswer::default()
        };
        set_answer(draft, checklists, key, &attach, author)?;
    }
    Ok(())
}

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
