//! Leaving things out of a report on request: who people are, what is paid, what was noted.

use std::collections::BTreeMap;

use crate::checklist::Review;

use super::value::{Assumption, Report};

/// What to leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Redact {
    /// Names and addresses: each becomes "person 1", "person 2", so that it shows who is not whom.
    People,
    /// What suppliers are paid: prices, discounts, fees and rates of the scenario.
    Prices,
    /// Notes, reasons and references that people typed.
    Notes,
}

const WITHHELD: &str = "(withheld)";

impl Redact {
    /// The word on the command line and in the report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Prices => "prices",
            Self::Notes => "notes",
        }
    }
}

/// Takes out of a finished report what was asked for.
pub(super) fn redact(report: &mut Report, review: Option<&Review>, what: &[Redact]) {
    for one in what {
        match one {
            Redact::People => people(report, review),
            Redact::Prices => prices(&mut report.assumptions),
            Redact::Notes => notes(report),
        }
    }
}

fn prices(assumptions: &mut [Assumption]) {
    for line in assumptions {
        let parts: Vec<&str> = line.path.split('.').collect();
        let paid = matches!(parts.first(), Some(&"fixed"))
            || parts.iter().any(|part| {
                matches!(
                    *part,
                    "price"
                        | "discount"
                        | "one_off"
                        | "monthly"
                        | "replica_per_hour"
                        | "per_hour"
                        | "usd_per_hour"
                ) || part.ends_with("_usd")
            });
        if paid {
            WITHHELD.clone_into(&mut line.value);
            WITHHELD.clone_into(&mut line.source);
        }
    }
}

fn notes(report: &mut Report) {
    let hide = |text: &mut String| {
        if !text.is_empty() {
            WITHHELD.clone_into(text);
        }
    };
    for question in &mut report.questions {
        hide(&mut question.note);
        question.evidence.iter_mut().for_each(hide);
    }
    for waiver in &mut report.waivers {
        hide(&mut waiver.reason);
        hide(&mut waiver.compensating);
    }
    for line in &mut report.history {
        hide(&mut line.from);
        hide(&mut line.to);
    }
    for line in &mut report.assumptions {
        if line.sourced {
            hide(&mut line.source);
        }
    }
}

/// Every name that the review knows, the longest first, so that no part of one is replaced before the whole.
fn names(review: &Review) -> BTreeMap<usize, Vec<String>> {
    let mut known: Vec<&String> = review.roles.values().flatten().collect();
    for answer in review.answers.values() {
        known.extend(&answer.owner);
        known.extend(&answer.answered_by);
        known.extend(&answer.reviewed_by);
    }
    known.extend(
        review
            .waivers
            .values()
            .filter_map(|waiver| waiver.approved_by.as_ref()),
    );
    known.extend(
        review
            .signoffs
            .values()
            .filter_map(|signoff| signoff.name.as_ref()),
    );
    known.extend(
        review
            .budget
            .iter()
            .filter_map(|budget| budget.approved_by.as_ref()),
    );
    known.extend(&review.decision_by);
    let mut people: Vec<Vec<String>> = Vec::new();
    for name in known {
        let (bare, address) = match name.split_once('<') {
            Some((bare, address)) => (bare.trim(), address.trim_end_matches('>').trim()),
            None => (name.trim(), ""),
        };
        let spellings: Vec<String> = [name.trim(), bare, address]
            .into_iter()
            .filter(|spelling| spelling.chars().count() > 1)
            .map(str::to_owned)
            .collect();
        let same = people.iter_mut().find(|person| {
            person
                .iter()
                .any(|one| spellings.iter().any(|two| one.eq_ignore_ascii_case(two)))
        });
        match same {
            Some(person) => person.extend(spellings),
            None if !spellings.is_empty() => people.push(spellings),
            None => {}
        }
    }
    people.into_iter().enumerate().collect()
}

fn people(report: &mut Report, review: Option<&Review>) {
    let Some(review) = review else { return };
    let mut list: Vec<(String, String)> = names(review)
        .into_iter()
        .flat_map(|(index, spellings)| {
            let becomes = format!("person {}", index + 1);
            spellings
                .into_iter()
                .map(move |name| (name, becomes.clone()))
        })
        .collect();
    list.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.0.cmp(&b.0)));
    list.dedup();
    let hide = |text: &mut String| {
        for (name, becomes) in &list {
            replace_whole(text, name, becomes);
        }
    };
    every_text(report, &hide);
}

/// Visits every text that may name somebody.
fn every_text(report: &mut Report, visit: &impl Fn(&mut String)) {
    if let Some(judged) = &mut report.verdict {
        visit(&mut judged.why);
    }
    for fact in &mut report.facts {
        visit(&mut fact.value);
        fact.detail.iter_mut().for_each(visit);
    }
    for line in &mut report.budgets {
        visit(&mut line.note);
    }
    for blocker in &mut report.blockers {
        visit(&mut blocker.state);
        visit(&mut blocker.clears);
    }
    for step in &mut report.steps {
        visit(&mut step.text);
        visit(&mut step.command);
    }
    for waiver in &mut report.waivers {
        for text in [
            &mut waiver.reason,
            &mut waiver.compensating,
            &mut waiver.approved,
            &mut waiver.state,
        ] {
            visit(text);
        }
    }
    for signoff in &mut report.signoffs {
        visit(&mut signoff.name);
        visit(&mut signoff.state);
    }
    for question in &mut report.questions {
        for text in [
            &mut question.note,
            &mut question.people,
            &mut question.state,
        ] {
            visit(text);
        }
        question.evidence.iter_mut().for_each(visit);
        question.simulator.iter_mut().for_each(visit);
    }
    for line in &mut report.history {
        for text in [&mut line.who, &mut line.from, &mut line.to] {
            visit(text);
        }
    }
    for line in &mut report.assumptions {
        visit(&mut line.source);
    }
    if let Some(changes) = &mut report.changes {
        for change in &mut changes.lines {
            visit(&mut change.before);
            visit(&mut change.after);
        }
    }
}

/// Replaces a name where it stands as a word of its own: "Bo" is not in "Board".
fn replace_whole(text: &mut String, name: &str, becomes: &str) {
    let mut out = String::new();
    let mut rest = text.as_str();
    let mut found = false;
    while let Some(at) = rest.find(name) {
        let (head, tail) = rest.split_at(at);
        let after = tail.strip_prefix(name).unwrap_or_default();
        let before = head.chars().next_back().or_else(|| out.chars().next_back());
        let letter = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
        out.push_str(head);
        if letter(before) || letter(after.chars().next()) {
            out.push_str(name);
        } else {
            out.push_str(becomes);
            found = true;
        }
        rest = after;
    }
    if found {
        out.push_str(rest);
        *text = out;
    }
}

#[cfg(test)]
mod tests {
    use super::replace_whole;

    #[test]
    fn a_name_is_replaced_as_a_word_only() {
        let mut text = "Bo asked the Board, and Bo said Bob".to_owned();
        replace_whole(&mut text, "Bo", "person 1");
        assert_eq!(text, "person 1 asked the Board, and person 1 said Bob");
    }
}
