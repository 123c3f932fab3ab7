//! Why the verdict is what it is, in one sentence.

use super::review::Decision;
use super::types::{Severity, Status};
use super::verdict::{Outcome, Reason, Verdict};

/// Why, in one sentence.
#[must_use]
pub(super) fn sentence(verdict: &Verdict<'_>) -> String {
    match verdict.outcome {
        Outcome::NoGo => no_go(verdict),
        Outcome::Incomplete => incomplete(verdict),
        Outcome::ConditionalGo => conditional(verdict),
        Outcome::Go => {
            let unanswered = verdict
                .shown()
                .filter(|state| {
                    state.severity == Severity::Major && state.status == Status::Unknown
                })
                .count();
            let rest = if unanswered == 0 {
                String::new()
            } else {
                format!(
                    " ({})",
                    counted(unanswered, "major question is", "major questions are")
                        + " not answered"
                )
            };
            format!("Every blocker is met and nothing stands against it{rest}.")
        }
    }
}

/// "1 question", "2 questions".
#[must_use]
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// "a", "a and b", "a, b and 3 more".
fn some_of(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    }
}

fn no_go(verdict: &Verdict<'_>) -> String {
    let mut parts = Vec::new();
    let named = |severity: Severity, contradicted: bool| -> Vec<String> {
        let of = verdict.against().filter(|state| state.severity == severity);
        let kind = of.filter(|state| {
            state
                .reasons
                .iter()
                .any(|reason| matches!(reason, Reason::Contradicted(_)))
                == contradicted
        });
        kind.map(|state| state.key.to_string()).collect()
    };
    let against = named(Severity::Blocker, false);
    if !against.is_empty() {
        parts.push(format!(
            "{} answered against ({})",
            counted(against.len(), "blocker is", "blockers are"),
            some_of(&against)
        ));
    }
    let contradicted = named(Severity::Blocker, true);
    if !contradicted.is_empty() {
        parts.push(format!(
            "the simulation contradicts {} ({})",
            counted(contradicted.len(), "blocker", "blockers"),
            some_of(&contradicted)
        ));
    }
    let majors = named(Severity::Major, false);
    if !majors.is_empty() {
        parts.push(format!(
            "{} no owner or no date ahead ({})",
            counted(majors.len(), "open major has", "open majors have"),
            some_of(&majors)
        ));
    }
    let refusals: Vec<String> = verdict
        .signed(Decision::NoGo)
        .map(|signature| signature.role.clone())
        .collect();
    if !refusals.is_empty() {
        parts.push(format!("{} signed no-go", some_of(&refusals)));
    }
    format!("Not ready yet: {}.", parts.join("; "))
}

fn incomplete(verdict: &Verdict<'_>) -> String {
    let mut parts = Vec::new();
    if verdict.expired {
        parts.push("the review has expired".to_owned());
    }
    let open = |unanswered: bool| -> Vec<String> {
        let of = verdict
            .open()
            .filter(|state| state.reasons.contains(&Reason::Unanswered) == unanswered);
        of.map(|state| state.key.to_string()).collect()
    };
    let (unanswered, unmet) = (open(true), open(false));
    if !unanswered.is_empty() {
        parts.push(format!(
            "{} not answered ({})",
            counted(unanswered.len(), "blocker is", "blockers are"),
            some_of(&unanswered)
        ));
    }
    if !unmet.is_empty() {
        parts.push(format!(
            "{} something missing ({})",
            counted(unmet.len(), "answer has", "answers have"),
            some_of(&unmet)
        ));
    }
    let (void, missing): (Vec<_>, Vec<_>) = verdict
        .unsigned()
        .partition(|signature| signature.name.is_some());
    for (signatures, what) in [(void, "no longer holds"), (missing, "is missing")] {
        let roles: Vec<String> = signatures
            .iter()
            .map(|signature| signature.role.clone())
            .collect();
        if !roles.is_empty() {
            parts.push(format!("the signature of {} {what}", some_of(&roles)));
        }
    }
    format!("It cannot be decided yet: {}.", parts.join("; "))
}

fn conditional(verdict: &Verdict<'_>) -> String {
    let mut parts = Vec::new();
    let waived: Vec<String> = verdict
        .conditions()
        .filter_map(|state| {
            state
                .waived_until
                .map(|until| format!("{} until {until}", state.key))
        })
        .collect();
    if !waived.is_empty() {
        parts.push(format!(
            "{} ({})",
            counted(waived.len(), "risk is waived", "risks are waived"),
            some_of(&waived)
        ));
    }
    let owned: Vec<String> = verdict
        .conditions()
        .filter(|state| state.waived_until.is_none())
        .map(|state| state.key.to_string())
        .collect();
    if !owned.is_empty() {
        parts.push(format!(
            "{} with an owner and a date ({})",
            counted(owned.len(), "major is open", "majors are open"),
            some_of(&owned)
        ));
    }
    let signed: Vec<String> = verdict
        .signed(Decision::Conditional)
        .map(|signature| signature.role.clone())
        .collect();
    if !signed.is_empty() {
        parts.push(format!("{} signed on a condition", some_of(&signed)));
    }
    format!("Go, with what is on record: {}.", parts.join("; "))
}
