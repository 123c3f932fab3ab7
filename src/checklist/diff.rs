//! What changed between two reviews, field by field, for people and for machines.

use std::collections::BTreeSet;

use super::review::Review;
use super::types::{Key, Status};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about: a question's full name, `signoff.security`, `budget.10x`.
    pub about: String,
    /// Which field of it.
    pub field: &'static str,
    /// What stood there.
    pub from: Option<String>,
    /// What stands there.
    pub to: Option<String>,
}

/// What changed from one review to another, in the order of the later one's rooms.
#[must_use]
pub fn diff(old: &Review, new: &Review) -> Vec<Difference> {
    let mut found = Vec::new();
    head(old, new, &mut found);
    budgets(old, new, &mut found);
    let keys: BTreeSet<&Key> = old.answers.keys().chain(new.answers.keys()).collect();
    for key in keys {
        answer(key, old, new, &mut found);
    }
    let ids: BTreeSet<&String> = old.evidence.keys().chain(new.evidence.keys()).collect();
    for id in ids {
        let (before, after) = (old.evidence.get(id), new.evidence.get(id));
        let about = format!("evidence.{id}");
        add(
            &mut found,
            &about,
            "ref",
            before.map(|piece| piece.reference.clone()),
            after.map(|piece| piece.reference.clone()),
        );
        let day = |piece: Option<&super::Evidence>| {
            piece
                .and_then(|piece| piece.collected)
                .map(|day| day.to_string())
        };
        add(&mut found, &about, "collected", day(before), day(after));
        let digest = |piece: Option<&super::Evidence>| piece.and_then(|piece| piece.sha256.clone());
        add(&mut found, &about, "sha256", digest(before), digest(after));
    }
    let keys: BTreeSet<&Key> = old.waivers.keys().chain(new.waivers.keys()).collect();
    for key in keys {
        let (before, after) = (old.waivers.get(key), new.waivers.get(key));
        let about = format!("waiver.{key}");
        add(
            &mut found,
            &about,
            "reason",
            before.map(|waiver| waiver.reason.clone()),
            after.map(|waiver| waiver.reason.clone()),
        );
        let by =
            |waiver: Option<&super::Waiver>| waiver.and_then(|waiver| waiver.approved_by.clone());
        add(&mut found, &about, "approved_by", by(before), by(after));
        let day = |waiver: Option<&super::Waiver>| {
            waiver
                .and_then(|waiver| waiver.expires)
                .map(|day| day.to_string())
        };
        add(&mut found, &about, "expires", day(before), day(after));
    }
    let roles: BTreeSet<&String> = old.signoffs.keys().chain(new.signoffs.keys()).collect();
    for role in roles {
        let says = |review: &Review| {
            let signoff = review.signoffs.get(role)?;
            Some(format!(
                "{} ({})",
                signoff.decision?.word(),
                signoff.name.as_ref()?
            ))
        };
        add(
            &mut found,
            &format!("signoff.{role}"),
            "decision",
            says(old),
            says(new),
        );
    }
    found
}

fn add(
    found: &mut Vec<Difference>,
    about: &str,
    field: &'static str,
    from: Option<String>,
    to: Option<String>,
) {
    if from != to {
        found.push(Difference {
            about: about.to_owned(),
            field,
            from,
            to,
        });
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn head(old: &Review, new: &Review, found: &mut Vec<Difference>) {
    let mut line = |field: &'static str, get: &dyn Fn(&Review) -> Option<String>| {
        add(found, "review", field, get(old), get(new));
    };
    line("system", &|review| Some(review.system.clone()));
    line("release", &|review| review.release.clone());
    line("commit", &|review| review.commit.clone());
    line("stage", &|review| Some(review.stage.to_string()));
    line("tags", &|review| some(review.tags.join(", ")));
    line("strategy", &|review| review.strategy.clone());
    line("valid_until", &|review| {
        review.valid_until.map(|day| day.to_string())
    });
    line("decision_by", &|review| review.decision_by.clone());
    line("next_look", &|review| {
        review.next_look.map(|day| day.to_string())
    });
    line("checklists", &|review| some(review.checklists.join(", ")));
    line("required_signoffs", &|review| {
        some(review.required_signoffs.join(", "))
    });
    let roles: BTreeSet<&String> = old.roles.keys().chain(new.roles.keys()).collect();
    for role in roles {
        let people = |review: &Review| review.roles.get(role).map(|people| people.join(", "));
        add(
            found,
            &format!("roles.{role}"),
            "people",
            people(old),
            people(new),
        );
    }
}

fn budgets(old: &Review, new: &Review, found: &mut Vec<Difference>) {
    let labels: BTreeSet<&String> = old
        .budget
        .iter()
        .chain(&new.budget)
        .map(|line| &line.label)
        .collect();
    for label in labels {
        let line = |review: &Review| {
            let line = review.budget.iter().find(|line| line.label == *label)?;
            let by = line
                .approved_by
                .as_ref()
                .map(|by| format!(" ({by})"))
                .unwrap_or_default();
            Some(format!("{}{by}", line.usd_per_month))
        };
        add(
            found,
            &format!("budget.{label}"),
            "usd_per_month",
            line(old),
            line(new),
        );
    }
}

fn answer(key: &Key, old: &Review, new: &Review, found: &mut Vec<Difference>) {
    let about = key.to_string();
    let mut line = |field: &'static str, get: &dyn Fn(&super::Answer) -> Option<String>| {
        add(
            found,
            &about,
            field,
            old.answers.get(key).and_then(get),
            new.answers.get(key).and_then(get),
        );
    };
    // No answer and `unknown` say the same.
    line("status", &|answer| {
        Some(answer.status)
            .filter(|status| *status != Status::Unknown)
            .map(|status| status.word().to_owned())
    });
    line("note", &|answer| answer.note.clone());
    line("owner", &|answer| answer.owner.clone());
    line("due", &|answer| answer.due.map(|day| day.to_string()));
    line("evidence", &|answer| some(answer.evidence.join(", ")));
    line("choices", &|answer| some(answer.choices.join(", ")));
    line("answered_by", &|answer| answer.answered_by.clone());
    line("reviewed_by", &|answer| answer.reviewed_by.clone());
    line("look_again", &|answer| {
        answer.look_again.then(|| "true".to_owned())
    });
}
