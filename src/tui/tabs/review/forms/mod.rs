//! The forms of the Review tab: what each asks, filled with what is known, and the change that it makes.

mod answering;
mod deciding;
mod wording;

use jiff::civil::Date;

use crate::checklist::actions::NewAnswer;
use crate::checklist::{Clock, Key, Status, typed_date};

use super::super::super::review::Reviewed;
use super::super::super::saving::{Job, Wording};
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

/// What is typed in a field that must not stay empty.
fn need(form: &Form, name: &str, words: &str) -> Result<String, String> {
    form.given(name)
        .map(str::to_owned)
        .ok_or_else(|| words.to_owned())
}

/// Makes a form.
#[must_use]
pub fn open(what: &For, review: &Reviewed, me: Option<&str>) -> Form {
    let file = &review.project.review;
    match what {
        For::Who(key) => answering::who(key, file),
        For::Evidence(key) => answering::evidence(key, review),
        For::Waive(key) => answering::waive(key, review, me),
        For::Sign => deciding::sign(review, me),
        For::Budget => deciding::budget(file, me),
        For::Person => deciding::person(file, me),
        For::About => deciding::about(review),
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
            wording::question(
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
            wording::question(&known.map(wording::wording).unwrap_or_default(), Some(key))
        }
    }
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
    let need = |name: &str, words: &str| need(form, name, words);
    Ok(Filled::Job(match what {
        For::Me => return Ok(Filled::Me(need("me", "A name is needed.")?)),
        For::Who(key) => {
            let new = NewAnswer {
                owner: text("owner"),
                due: day(form, "due", clock)?,
                reviewed_by: text("reviewed_by"),
                ..NewAnswer::default()
            };
            let emptied = answering::emptied(key, form, &review.project.review);
            Job::Beside(key.clone(), Box::new(new), emptied)
        }
        For::Evidence(key) => answering::taken_evidence(key, form, review, clock)?,
        For::Waive(key) => answering::taken_waiver(key, form, clock)?,
        For::Sign => deciding::taken_signature(form, review, me)?,
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
        For::About => return deciding::taken_about(form, review, clock),
        For::AddQuestion | For::ChangeQuestion(_) => wording::taken(what, form)?,
    }))
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
