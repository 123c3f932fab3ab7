//! What is decided about the review as a whole: signatures, budgets, people, its own fields.

use jiff::civil::Date;

use crate::checklist::{Clock, Decision, Review, Stage, same_person};

use super::super::super::super::review::Reviewed;
use super::super::super::super::saving::Job;
use super::super::super::super::widgets::form::{Field, Form};
use super::{DAY, Filled, day};

pub(super) fn sign(review: &Reviewed, me: Option<&str>) -> Form {
    let file = &review.project.review;
    let mut roles = file.required_signoffs.clone();
    roles.extend(
        file.roles
            .keys()
            .filter(|role| !file.required_signoffs.contains(role))
            .cloned(),
    );
    let open = review.judged.signatures.iter().filter(|signature| {
        let valid = matches!(
            signature.state,
            crate::checklist::verdict::SignatureState::Valid(_)
        );
        !valid && !review.signed.contains(&signature.role)
    });
    let may = |role: &str| {
        let people = file.roles.get(role);
        me.is_some_and(|me| {
            people.is_some_and(|people| people.iter().any(|person| same_person(person, me)))
        })
    };
    let mut open = open.map(|signature| signature.role.as_str());
    let first = open
        .clone()
        .find(|role| may(role))
        .or_else(|| open.next())
        .unwrap_or_default();
    Form::new(
        "Sign",
        format!(
            "The verdict is {}: {}{} What is signed is the review, its checklists and evidence, the scenario and the prices as they are now; any change voids it.",
            review.judged.outcome,
            review.judged.why,
            if first.is_empty() {
                " Every required signature is there already."
            } else {
                ""
            }
        ),
        vec![
            Field::choice("role", "role", roles, first, "left and right choose"),
            Field::text(
                "name",
                "name",
                "",
                "left empty: you, or who is listed under the role",
            ),
            Field::choice(
                "decision",
                "decision",
                Decision::WORDS,
                "go",
                "go, conditional, no-go",
            ),
            Field::text("note", "note", "", "a condition, or a reason"),
        ],
    )
}

pub(super) fn budget(file: &Review, me: Option<&str>) -> Form {
    let known = file.budget.first();
    let by = me.filter(|me| file.is_listed(me)).unwrap_or_default();
    Form::new(
        "Approved budget",
        "The figure that the gate and the report use. The scenario's budget is for planning.",
        vec![
            Field::text("usd", "USD a month", "", "150000 or 150_000"),
            Field::text(
                "volume",
                "volume",
                if known.is_some() { "1x" } else { "10x" },
                "a multiple of the launch volume: 1x, 10x",
            ),
            Field::text(
                "by",
                "approved by",
                by,
                "somebody who is listed under a role",
            ),
        ],
    )
}

pub(super) fn person(file: &Review, me: Option<&str>) -> Form {
    let mut roles: Vec<String> = file.required_signoffs.clone();
    roles.extend(
        file.roles
            .keys()
            .filter(|role| !file.required_signoffs.contains(role))
            .cloned(),
    );
    let empty = |role: &&String| file.roles.get(role.as_str()).is_none_or(Vec::is_empty);
    let first = roles
        .iter()
        .find(empty)
        .or(roles.first())
        .cloned()
        .unwrap_or_default();
    Form::new(
        "A person for a role",
        "Who is listed may answer for a role, approve and sign.",
        vec![
            Field::text(
                "role",
                "role",
                &first,
                &format!("one of {}, or a new one", roles.join(", ")),
            ),
            Field::text(
                "person",
                "person",
                me.unwrap_or_default(),
                "Ana Example <ana@example.org>",
            ),
        ],
    )
}

pub(super) fn about(review: &Reviewed) -> Form {
    let file = &review.project.review;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    Form::new(
        "About this review",
        "What is decided, by whom, until when.",
        vec![
            Field::text("release", "release", &text(&file.release), "1.4.0"),
            Field::text(
                "commit",
                "commit",
                &text(&file.commit),
                "evidence that watches files is compared with it",
            ),
            Field::choice(
                "stage",
                "stage",
                Stage::WORDS,
                &file.stage.to_string(),
                "decides which questions are asked",
            ),
            Field::text(
                "strategy",
                "strategy",
                &text(&file.strategy),
                "what goes live: simulated evidence is about it",
            ),
            Field::text(
                "decision_by",
                "decided by",
                &text(&file.decision_by),
                "who decides",
            ),
            Field::text("valid_until", "valid until", &day(file.valid_until), DAY),
            Field::text("next_look", "next look", &day(file.next_look), DAY),
            Field::text(
                "confidentiality",
                "for",
                &text(&file.confidentiality),
                "who may read it: internal",
            ),
        ],
    )
}

pub(super) fn taken_signature(
    form: &Form,
    review: &Reviewed,
    me: Option<&str>,
) -> Result<Job, String> {
    let role = form.get("role").to_owned();
    let people = review.project.review.roles.get(&role);
    let listed = people.map(Vec::as_slice).unwrap_or_default();
    let mine = me.filter(|me| listed.iter().any(|person| same_person(person, me)));
    let name = form
        .given("name")
        .or(mine)
        .or_else(|| listed.first().map(String::as_str))
        .ok_or_else(|| format!("Nobody is listed under {role} yet: list a person first."))?;
    let decision = Decision::ALL
        .into_iter()
        .find(|decision| decision.word() == form.get("decision"))
        .unwrap_or(Decision::NoGo);
    Ok(Job::Sign {
        role,
        name: name.to_owned(),
        decision,
        note: form.given("note").map(str::to_owned),
    })
}

/// What changed: texts, of which an empty one takes its field away, and days.
pub(super) fn taken_about(form: &Form, review: &Reviewed, clock: Clock) -> Result<Filled, String> {
    let file = &review.project.review;
    let stage = file.stage.to_string();
    let old = |text: &Option<String>| text.clone().unwrap_or_default();
    let texts: Vec<(&'static str, String)> = [
        ("release", old(&file.release)),
        ("commit", old(&file.commit)),
        ("stage", stage),
        ("strategy", old(&file.strategy)),
        ("decision_by", old(&file.decision_by)),
        ("confidentiality", old(&file.confidentiality)),
    ]
    .into_iter()
    .filter(|(name, old)| form.get(name) != old)
    .map(|(name, _)| (name, form.get(name).to_owned()))
    .collect();
    let mut texts = texts;
    let mut days = Vec::new();
    for (name, old) in [
        ("valid_until", file.valid_until),
        ("next_look", file.next_look),
    ] {
        match day(form, name, clock)? {
            Some(new) if Some(new) != old => days.push((name, new)),
            None if old.is_some() => texts.push((name, String::new())),
            _ => {}
        }
    }
    Ok(match (texts.is_empty(), days.is_empty()) {
        (true, true) => Filled::Nothing,
        (false, true) => Filled::Job(Job::About(texts)),
        (_, false) => Filled::Job(Job::Days(days, texts)),
    })
}
