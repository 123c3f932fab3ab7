//! What a signature covers: everything that could change what was decided, each part hashed by itself so that a void
//! signature names what changed.
//!
//! The review counts by its values, not by its text: comments, order and spelling of numbers void nothing. Signatures
//! do not cover each other, so roles can sign in any order.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::read::sha256;
use super::review::{Answer, Evidence, Review, Signoff, Waiver};
use super::types::{Checklist, Key};

/// Digests of the parts that a signature covers, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    digests: BTreeMap<String, String>,
}

/// What a signature covers outside the review and its checklists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outside {
    /// Digest of the resolved scenario, with the files that it reads; `None` if there is none.
    pub scenario: Option<String>,
    /// Digest of the price catalogue.
    pub catalogue: String,
    /// gonogo's version.
    pub version: String,
    /// Digests of evidence files, by evidence id.
    pub files: BTreeMap<String, String>,
}

impl Parts {
    /// Hashes all parts.
    #[must_use]
    pub fn of(review: &Review, checklists: &[Checklist], outside: &Outside) -> Self {
        let mut digests = BTreeMap::new();
        let mut add = |name: &str, value: &Value| {
            digests.insert(name.to_owned(), sha256(&value.to_string()));
        };
        add("release", &head(review));
        add("roles", &json!(review.roles));
        add("budget", &budget(review));
        add("answers", &keyed(&review.answers, answer));
        add("waivers", &keyed(&review.waivers, waiver));
        let evidence: BTreeMap<&String, Value> = review
            .evidence
            .iter()
            .map(|(id, piece)| (id, evidence(piece, outside.files.get(id))))
            .collect();
        add("evidence", &json!(evidence));
        add("scenario", &json!(outside.scenario));
        add("catalogue", &json!(outside.catalogue));
        add("gonogo", &json!(outside.version));
        for checklist in checklists {
            digests.insert(
                format!("checklist-{}", checklist.id),
                checklist.sha256.clone(),
            );
        }
        Self { digests }
    }

    /// One digest of everything: what a signature carries.
    #[must_use]
    pub fn digest(&self) -> String {
        sha256(&json!(self.digests).to_string())
    }

    /// Short digests by name, for naming what changed.
    #[must_use]
    pub fn short(&self) -> BTreeMap<String, String> {
        self.digests
            .iter()
            .map(|(name, digest)| (name.clone(), shortened(digest)))
            .collect()
    }

    /// What changed since a signature, in words; empty while it holds.
    #[must_use]
    pub fn changed(&self, signoff: &Signoff) -> Vec<String> {
        if signoff.digest.as_deref() == Some(self.digest().as_str()) {
            return Vec::new();
        }
        if signoff.digest.is_none() {
            return vec!["it carries no digest of what was signed".to_owned()];
        }
        let now = self.short();
        let names: std::collections::BTreeSet<&String> =
            now.keys().chain(signoff.parts.keys()).collect();
        let mut changed: Vec<String> = names
            .into_iter()
            .filter(|name| now.get(*name) != signoff.parts.get(*name))
            .map(|name| in_words(name))
            .collect();
        if changed.is_empty() {
            changed.push("its digest does not fit what is here".to_owned());
        }
        changed
    }
}

fn shortened(digest: &str) -> String {
    digest.chars().take(12).collect()
}

fn in_words(part: &str) -> String {
    match part {
        "release" => {
            "what is decided about (release, commit, stage, tags, strategy, dates)".to_owned()
        }
        "roles" => "the roles".to_owned(),
        "budget" => "the approved budget".to_owned(),
        "answers" => "the answers".to_owned(),
        "waivers" => "the waivers".to_owned(),
        "evidence" => "the evidence".to_owned(),
        "scenario" => "the scenario".to_owned(),
        "catalogue" => "the price catalogue".to_owned(),
        "gonogo" => "gonogo's version".to_owned(),
        other => match other.strip_prefix("checklist-") {
            Some(id) => format!("the checklist {id}"),
            None => other.to_owned(),
        },
    }
}

fn date(day: Option<Date>) -> Value {
    day.map_or(Value::Null, |day| Value::String(day.to_string()))
}

fn time(time: Option<Timestamp>) -> Value {
    time.map_or(Value::Null, |time| Value::String(time.to_string()))
}

fn head(review: &Review) -> Value {
    json!([
        review.system,
        review.release,
        review.commit,
        review.stage.to_string(),
        review.tags,
        review.strategy,
        review.scenario,
        date(review.valid_until),
        review.decision_by,
        date(review.next_look),
        review.confidentiality,
        review.checklists,
        review.required_signoffs,
        review
            .pinned
            .iter()
            .map(|(id, pin)| json!([id, pin.version, pin.sha256]))
            .collect::<Vec<_>>(),
    ])
}

fn budget(review: &Review) -> Value {
    let mut lines: Vec<(f64, Value)> = review
        .budget
        .iter()
        .map(|line| {
            (
                line.volume,
                json!([
                    line.volume,
                    line.usd_per_month,
                    line.approved_by,
                    date(line.approved_on)
                ]),
            )
        })
        .collect();
    lines.sort_by(|one, other| one.0.total_cmp(&other.0));
    Value::Array(lines.into_iter().map(|(_, line)| line).collect())
}

fn keyed<T>(map: &BTreeMap<Key, T>, canonical: fn(&T) -> Value) -> Value {
    Value::Array(
        map.iter()
            .map(|(key, entry)| json!([key.to_string(), canonical(entry)]))
            .collect(),
    )
}

fn answer(answer: &Answer) -> Value {
    json!([
        answer.status.word(),
        answer.rev,
        answer.note,
        answer.owner,
        date(answer.due),
        answer.evidence,
        answer.choices,
        answer.answered_by,
        time(answer.answered_at),
        answer.reviewed_by,
        answer.look_again,
    ])
}

fn waiver(waiver: &Waiver) -> Value {
    json!([
        waiver.reason,
        waiver.risk,
        waiver.compensating,
        waiver.approved_by,
        date(waiver.approved_on),
        date(waiver.expires),
    ])
}

fn evidence(piece: &Evidence, file: Option<&String>) -> Value {
    json!([
        piece.kind.word(),
        piece.reference,
        piece.sha256,
        date(piece.collected),
        piece.watch,
        file
    ])
}
