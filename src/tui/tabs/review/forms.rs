//! The forms of the Review tab: what each asks, filled with what is known, and the change that it makes.

use jiff::civil::Date;

use crate::checklist::actions::{NewAnswer, NewEvidence};
use crate::checklist::{
    Clock, Decision, EvidenceKind, EvidenceNeed, Key, Review, Severity, Stage, Status, Waiver,
    same_person, typed_date,
};

use super::super::super::review::{JudgedQuestion, Reviewed};
use super::super::super::saving::{Job, Wording, evidence_id, evidence_kind};
use super::super::super::widgets::form::{Field, Form};

/// What a form is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum For {
    /// Owner, due day, second look.
    Who(Key),
    /// A piece of evidence.
    Evidence(Key),
    /// A waiver.
    Waive(Key),
    /// A signature.
    Sign,
    /// An approved budget.
    Budget,
    /// A person under a role.
    Person,
    /// About the review itself.
    About,
    /// Who works here.
    Me,
    /// Another question.
    AddQuestion,
    /// Another wording.
    ChangeQuestion(Key),
}

/// What comes of a form.
#[derive(Debug, Clone)]
pub enum Filled {
    /// A change of the review.
    Job(Job),
    /// Who works here.
    Me(String),
    /// Nothing to do.
    Nothing,
}

const DAY: &str = "2026-12-01, +30d or next fri";

fn day(form: &Form, name: &str, clock: Clock) -> Result<Option<Date>, String> {
    form.given(name)
        .map(|text| typed_date(text, clock.today()))
        .transpose()
}

/// Makes a form.
#[must_use]
pub fn open(what: &For, review: &Reviewed, me: Option<&str>) -> Form {
    let file = &review.project.review;
    match what {
        For::Who(key) => who(key, file),
        For::Evidence(key) => evidence(key, review),
        For::Waive(key) => waive(key, review, me),
        For::Sign => sign(review, me),
        For::Budget => budget(file, me),
        For::Person => person(file, me),
        For::About => about(review),
        For::Me => Form::new(
            "Who are you?",
            "Answers and signatures carry a name. Git knows none here, or you are somebody else.",
            vec![Field::text(
                "me",
                "name",
                me.unwrap_or_default(),
                "Ana Example <ana@example.org>",
            )],
        ),
        For::AddQuestion => {
            let lists: Vec<String> = review
                .project
                .checklists
                .iter()
                .map(|list| list.id.clone())
                .collect();
            let first = lists.first().cloned().unwrap_or_else(|| "own".to_owned());
            question(
                &Wording {
                    checklist: first,
                    severity: "major".to_owned(),
                    evidence: "text".to_owned(),
                    ..Wording::default()
                },
                None,
            )
        }
        For::ChangeQuestion(key) => {
            let known = review
                .judged
                .questions
                .iter()
                .find(|question| question.key == *key);
            question(&known.map(wording).unwrap_or_default(), Some(key))
        }
    }
}

fn who(key: &Key, file: &Review) -> Form {
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

fn evidence(key: &Key, review: &Reviewed) -> Form {
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

fn waive(key: &Key, review: &Reviewed, me: Option<&str>) -> Form {
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
                "listed under a role (R), and neither owner nor answerer",
            ),
            Field::text("expires", "until", "+30d", DAY),
        ],
    )
}

fn sign(review: &Reviewed, me: Option<&str>) -> Form {
    let file = &review.project.review;
    let mut roles = file.required_signoffs.clone();
    roles.extend(
        file.roles
            .keys()
            .filter(|role| !file.required_signoffs.contains(role))
            .cloned(),
    );
    let open = review.judged.signatures.iter().filter(|signature| {
        !matches!(
            signature.state,
            crate::checklist::verdict::SignatureState::Valid(_)
        )
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
            "The verdict is {}: {} What is signed is the review, its checklists and evidence, the scenario and the prices as they are now; any change voids it.",
            review.judged.outcome, review.judged.why
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

fn budget(file: &Review, me: Option<&str>) -> Form {
    let known = file.budget.first();
    let by = me.filter(|me| file.is_listed(me)).unwrap_or_default();
    Form::new(
        "Approved budget",
        "The figure that the gate and the report use. The scenario's budget is for planning.",
        vec![
            Field::text(
                "volume",
                "volume",
                if known.is_some() { "1x" } else { "10x" },
                "a multiple of the launch volume: 1x, 10x",
            ),
            Field::text("usd", "USD a month", "", "150000 or 150_000"),
            Field::text("by", "approved by", by, "listed under a role (R)"),
        ],
    )
}

fn person(file: &Review, me: Option<&str>) -> Form {
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

fn about(review: &Reviewed) -> Form {
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

/// A question as it stands, for a form.
#[must_use]
pub fn wording(question: &JudgedQuestion) -> Wording {
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

fn question(old: &Wording, changed: Option<&Key>) -> Form {
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

/// What a filled form asks for.
///
/// # Errors
/// What is missing or cannot be read, for the form to show.
pub fn take(
    what: &For,
    form: &Form,
    review: &Reviewed,
    me: Option<&str>,
    clock: Clock,
) -> Result<Filled, String> {
    let text = |name: &str| form.given(name).map(str::to_owned);
    let need = |name: &str, words: &str| text(name).ok_or_else(|| words.to_owned());
    Ok(Filled::Job(match what {
        For::Me => return Ok(Filled::Me(need("me", "A name is needed.")?)),
        For::Who(key) => {
            let new = NewAnswer {
                owner: text("owner"),
                due: day(form, "due", clock)?,
                reviewed_by: text("reviewed_by"),
                ..NewAnswer::default()
            };
            Job::Answer(key.clone(), Box::new(new))
        }
        For::Evidence(key) => taken_evidence(key, form, review, clock)?,
        For::Waive(key) => {
            let waiver = Waiver {
                reason: need("reason", "A waiver needs a reason.")?,
                risk: text("risk"),
                compensating: text("compensating"),
                approved_by: Some(need("approved_by", "Who accepts the risk?")?),
                approved_on: Some(clock.today()),
                expires: Some(day(form, "expires", clock)?.ok_or("A waiver needs a last day.")?),
            };
            Job::Waive(key.clone(), waiver)
        }
        For::Sign => taken_signature(form, review, me)?,
        For::Budget => {
            let usd = form.get("usd").replace(['_', ','], "");
            Job::Budget {
                volume: need("volume", "At which volume?")?,
                usd: usd
                    .parse()
                    .map_err(|_| "US dollars a month, such as 150000.".to_owned())?,
                by: need("by", "Who approved it?")?,
            }
        }
        For::Person => Job::Person {
            role: need("role", "Which role?")?,
            person: need("person", "A name is needed.")?,
        },
        For::About => return taken_about(form, review, clock),
        For::AddQuestion | For::ChangeQuestion(_) => {
            let id = match what {
                For::ChangeQuestion(key) => key.clone(),
                _ => Key::new(form.get("checklist"), form.get("id")),
            };
            let new = Wording {
                checklist: id.checklist,
                section: form.get("section").to_owned(),
                id: id.question,
                ask: need("ask", "What is asked?")?,
                short: text("short").unwrap_or_else(|| form.get("ask").to_owned()),
                why: form.get("why").to_owned(),
                severity: form.get("severity").to_owned(),
                role: form.get("role").to_owned(),
                evidence: form.get("evidence").to_owned(),
            };
            match what {
                For::ChangeQuestion(_) => {
                    Job::ChangeQuestion(new, form.get("meaning") == "has changed")
                }
                _ => Job::AddQuestion(new),
            }
        }
    }))
}

fn taken_evidence(key: &Key, form: &Form, review: &Reviewed, clock: Clock) -> Result<Job, String> {
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

fn taken_signature(form: &Form, review: &Reviewed, me: Option<&str>) -> Result<Job, String> {
    let role = form.get("role").to_owned();
    let people = review.project.review.roles.get(&role);
    let listed = people.map(Vec::as_slice).unwrap_or_default();
    let mine = me.filter(|me| listed.iter().any(|person| same_person(person, me)));
    let name = form
        .given("name")
        .or(mine)
        .or_else(|| listed.first().map(String::as_str))
        .ok_or_else(|| format!("Nobody is listed under {role} yet: esc, then R lists a person."))?;
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

/// Texts that changed, or else days; both are rarely set at once, and each is a change of its own.
fn taken_about(form: &Form, review: &Reviewed, clock: Clock) -> Result<Filled, String> {
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
    .filter(|(name, old)| form.given(name).is_some_and(|new| new != old))
    .map(|(name, _)| (name, form.get(name).to_owned()))
    .collect();
    let mut days = Vec::new();
    for (name, old) in [
        ("valid_until", file.valid_until),
        ("next_look", file.next_look),
    ] {
        if let Some(new) = day(form, name, clock)?.filter(|new| Some(*new) != old) {
            days.push((name, new));
        }
    }
    Ok(match (texts.is_empty(), days.is_empty()) {
        (true, true) => Filled::Nothing,
        (false, true) => Filled::Job(Job::About(texts)),
        (_, false) => Filled::Job(Job::Days(days, texts)),
    })
}

/// The answer for a status, with a note where it needs one.
#[must_use]
pub fn answer(key: &Key, status: Status, note: Option<String>) -> Job {
    let new = NewAnswer {
        status: Some(status),
        note,
        ..NewAnswer::default()
    };
    Job::Answer(key.clone(), Box::new(new))
}
