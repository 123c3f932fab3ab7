//! What stands beside an answer: who sees to it, evidence, a waiver.

use crate::checklist::actions::NewEvidence;
use crate::checklist::{Clock, EvidenceKind, Key, Review, Waiver, same_person};

use super::super::super::super::review::Reviewed;
use super::super::super::super::saving::{Job, evidence_id, evidence_kind};
use super::super::super::super::widgets::form::{Field, Form};
use super::{DAY, day, need};

pub(super) fn who(key: &Key, file: &Review) -> Form {
    let answer = file.answers.get(key);
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    let due = answer
        .and_then(|answer| answer.due)
        .map(|day| day.to_string())
        .unwrap_or_default();
    Form::new(
        format!("Who: {key}"),
        "What is open has an owner and a day. A blocker's answer is looked at by somebody else than who gave it.",
        vec![
            Field::text(
                "owner",
                "owner",
                &text(answer.and_then(|answer| answer.owner.as_ref())),
                "who sees to what is open",
            ),
            Field::text("due", "due", &due, DAY),
            Field::text(
                "reviewed_by",
                "also looked at by",
                &text(answer.and_then(|answer| answer.reviewed_by.as_ref())),
                "somebody else than who answered",
            ),
        ],
    )
}

pub(super) fn evidence(key: &Key, review: &Reviewed) -> Form {
    let days = review
        .judged
        .questions
        .iter()
        .find(|question| question.key == *key)
        .map(|question| {
            (
                question.question.proof.clone(),
                question.question.evidence_days,
            )
        });
    let (proof, days) = days.unwrap_or_default();
    let fresh = days
        .map(|days| format!(" It stays fresh for {days} days."))
        .unwrap_or_default();
    let kinds = std::iter::once("guess").chain(EvidenceKind::WORDS);
    Form::new(
        format!("Evidence: {key}"),
        format!("{proof}{fresh}"),
        vec![
            Field::text(
                "ref",
                "what",
                "",
                "a file beside the review, an address, a ticket, or a sentence",
            ),
            Field::choice(
                "kind",
                "kind",
                kinds,
                "guess",
                "left and right choose; guess: from what it looks like",
            ),
            Field::text("id", "id", "", "left empty: made from what it is called"),
            Field::text(
                "collected",
                "collected",
                "",
                &format!("{DAY}; left empty: today"),
            ),
            Field::text(
                "watch",
                "watch",
                "",
                "files whose change makes it stale: prompts/** scenario.toml",
            ),
        ],
    )
}

pub(super) fn waive(key: &Key, review: &Reviewed, me: Option<&str>) -> Form {
    let file = &review.project.review;
    let answer = file.answers.get(key);
    let involved = |person: &str| {
        let by = answer.and_then(|answer| answer.answered_by.as_deref());
        let owner = answer.and_then(|answer| answer.owner.as_deref());
        [by, owner]
            .into_iter()
            .flatten()
            .any(|known| same_person(known, person))
    };
    let listed = file.roles.values().flatten();
    let approver = me
        .filter(|me| file.is_listed(me) && !involved(me))
        .map(str::to_owned)
        .or_else(|| listed.into_iter().find(|person| !involved(person)).cloned())
        .unwrap_or_default();
    let old = file.waivers.get(key);
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    Form::new(
        format!("Waive: {key}"),
        "A waiver is a recorded risk, not a pass: it is listed in every report, and runs out.",
        vec![
            Field::text(
                "reason",
                "reason",
                old.map_or("", |old| old.reason.as_str()),
                "why the risk is accepted",
            ),
            Field::choice(
                "risk",
                "risk",
                ["low", "medium", "high"],
                old.and_then(|old| old.risk.as_deref()).unwrap_or("medium"),
                "how large it is",
            ),
            Field::text(
                "compensating",
                "in its place",
                &text(old.and_then(|old| old.compensating.as_ref())),
                "a control that works today",
            ),
            Field::text(
                "approved_by",
                "approved by",
                &approver,
                "listed under a role, and neither owner nor answerer",
            ),
            Field::text("expires", "until", "+30d", DAY),
        ],
    )
}

/// Fields that hold something in the file and were emptied in the form.
pub(super) fn emptied(key: &Key, form: &Form, file: &Review) -> Vec<&'static str> {
    let answer = file.answers.get(key);
    let held = |name: &str| {
        answer.is_some_and(|answer| match name {
            "owner" => answer.owner.is_some(),
            "due" => answer.due.is_some(),
            _ => answer.reviewed_by.is_some(),
        })
    };
    ["owner", "due", "reviewed_by"]
        .into_iter()
        .filter(|name| held(name) && form.given(name).is_none())
        .collect()
}

pub(super) fn taken_waiver(key: &Key, form: &Form, clock: Clock) -> Result<Job, String> {
    let text = |name: &str| form.given(name).map(str::to_owned);
    let waiver = Waiver {
        reason: need(form, "reason", "A waiver needs a reason.")?,
        risk: text("risk"),
        compensating: text("compensating"),
        approved_by: Some(need(form, "approved_by", "Who accepts the risk?")?),
        approved_on: Some(clock.today()),
        expires: Some(day(form, "expires", clock)?.ok_or("A waiver needs a last day.")?),
    };
    Ok(Job::Waive(key.clone(), waiver))
}

pub(super) fn taken_evidence(
    key: &Key,
    form: &Form,
    review: &Reviewed,
    clock: Clock,
) -> Result<Job, String> {
    let reference = form
        .given("ref")
        .ok_or("What is the evidence? A file, an address, a ticket, a sentence.")?;
    let known = EvidenceKind::ALL
        .into_iter()
        .find(|kind| kind.word() == form.get("kind"));
    let taken = |id: &str| {
        let old = review.project.review.evidence.get(id);
        old.is_some_and(|old| old.reference != reference)
    };
    Ok(Job::Evidence(NewEvidence {
        id: form
            .given("id")
            .map_or_else(|| evidence_id(reference, taken), str::to_owned),
        kind: known.unwrap_or_else(|| evidence_kind(reference, &review.project.folder)),
        reference: reference.to_owned(),
        sha256: None,
        collected: day(form, "collected", clock)?.unwrap_or_else(|| clock.today()),
        watch: form
            .get("watch")
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        for_questions: vec![key.clone()],
    }))
}
