//! Questions of the project's own, and other wordings of those that ship.

use crate::checklist::{EvidenceNeed, Key, Severity};

use super::super::super::super::review::JudgedQuestion;
use super::super::super::super::saving::{Job, Wording};
use super::super::super::super::widgets::form::{Field, Form};
use super::{For, need};

/// A question as it stands, for a form.
#[must_use]
pub(super) fn wording(question: &JudgedQuestion) -> Wording {
    let known = &question.question;
    let need = EvidenceNeed::ALL
        .iter()
        .position(|need| *need == known.evidence);
    Wording {
        checklist: question.key.checklist.clone(),
        section: question.section.clone(),
        id: known.id.clone(),
        ask: known.ask.clone(),
        short: known.short.clone(),
        why: known.why.clone(),
        severity: known.severity.to_string(),
        role: known.role.clone(),
        evidence: need
            .and_then(|at| EvidenceNeed::WORDS.get(at))
            .copied()
            .unwrap_or("text")
            .to_owned(),
    }
}

pub(super) fn question(old: &Wording, changed: Option<&Key>) -> Form {
    let mut fields = vec![
        Field::text(
            "ask",
            "question",
            &old.ask,
            "so that a yes or no answers it",
        ),
        Field::text("short", "in short", &old.short, "a few words for lists"),
        Field::text("why", "why", &old.why, "why it is asked"),
        Field::choice(
            "severity",
            "severity",
            Severity::WORDS,
            &old.severity,
            "a blocker's no is a NO-GO",
        ),
        Field::text(
            "role",
            "who answers",
            &old.role,
            "engineering, security, finance",
        ),
        Field::choice(
            "evidence",
            "needs",
            EvidenceNeed::WORDS,
            &old.evidence,
            "nothing, a note, or evidence",
        ),
    ];
    if let Some(key) = changed {
        fields.push(Field::choice(
            "meaning",
            "its meaning",
            ["is the same", "has changed"],
            "is the same",
            "a changed meaning raises its revision: older answers need another look",
        ));
        return Form::new(
            format!("Change {key}"),
            "A shipped checklist is copied into the project first.",
            fields,
        );
    }
    fields.splice(
        0..0,
        [
            Field::text("id", "id", "", "short and lasting: refund-limits"),
            Field::text(
                "checklist",
                "checklist",
                &old.checklist,
                "a shipped one is copied into the project first",
            ),
            Field::text(
                "section",
                "section",
                "own",
                "its id; made if it is not there",
            ),
        ],
    );
    Form::new("A question of your own", "", fields)
}

pub(super) fn taken(what: &For, form: &Form) -> Result<Job, String> {
    let id = match what {
        For::ChangeQuestion(key) => key.clone(),
        _ => Key::new(form.get("checklist"), form.get("id")),
    };
    let new = Wording {
        checklist: id.checklist,
        section: form.get("section").to_owned(),
        id: id.question,
        ask: need(form, "ask", "What is asked?")?,
        short: form.given("short").unwrap_or(form.get("ask")).to_owned(),
        why: form.get("why").to_owned(),
        severity: form.get("severity").to_owned(),
        role: form.get("role").to_owned(),
        evidence: form.get("evidence").to_owned(),
    };
    Ok(match what {
        For::ChangeQuestion(_) => Job::ChangeQuestion(new, form.get("meaning") == "has changed"),
        _ => Job::AddQuestion(new),
    })
}
