//! The signatures of a review, judged.

use super::review::same_person;
use super::verdict::{Case, Signature, SignatureState};

/// Required signatures in the review's order, then the others.
pub(super) fn signatures(case: &Case<'_>) -> Vec<Signature> {
    let review = case.review;
    let others = review
        .signoffs
        .keys()
        .filter(|role| !review.required_signoffs.contains(role));
    let roles: Vec<&String> = review.required_signoffs.iter().chain(others).collect();
    let mut found = Vec::new();
    for role in roles {
        let required = review.required_signoffs.contains(role);
        let signoff = review.signoffs.get(role);
        let name = signoff.and_then(|signoff| signoff.name.clone());
        let state = match (signoff, &name) {
            (Some(signoff), Some(name)) => match (signoff.decision, entitled(case, role, name)) {
                (None, _) => SignatureState::Missing,
                (_, Err(why)) => SignatureState::NotEntitled(why),
                (Some(decision), Ok(())) => {
                    let changed = case.facts.parts.changed(signoff);
                    if changed.is_empty() {
                        SignatureState::Valid(decision)
                    } else {
                        SignatureState::Void(changed)
                    }
                }
            },
            _ => SignatureState::Missing,
        };
        if required || name.is_some() {
            found.push(Signature {
                role: role.clone(),
                required,
                name,
                state,
            });
        }
    }
    found
}

fn entitled(case: &Case<'_>, role: &str, name: &str) -> Result<(), String> {
    let listed = case
        .review
        .roles
        .get(role)
        .is_some_and(|people| people.iter().any(|person| same_person(person, name)));
    if !listed {
        return Err(format!("{name} is not listed under roles.{role}"));
    }
    if case.is_newcomer(name) {
        return Err(format!("the same change adds {name} to roles"));
    }
    Ok(())
}
