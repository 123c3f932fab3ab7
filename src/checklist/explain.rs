//! What would change a verdict, shortest first.

use super::review::Decision;
use super::rules::{NO_STRATEGY, TOO_FEW};
use super::types::{Key, Severity};
use super::verdict::{Case, Outcome, QuestionState, Reason, SignatureState, Verdict};

/// One thing that would bring the verdict closer to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How long it takes, roughly: 1 a minute, 2 an hour, 3 a day, 4 longer.
    pub effort: u8,
    /// The verdict that it helps to leave behind.
    pub lifts: Outcome,
    /// Dotted path of the field that it is about.
    pub path: String,
    /// The question, if it is about one.
    pub key: Option<Key>,
    /// What is the matter, and what to do.
    pub text: String,
    /// What to type; empty if no command does it.
    pub command: String,
    /// The risk is accepted instead: a way out that mends nothing.
    pub waives: bool,
}

/// What would change the verdict, what lifts the present one first, shortest first.
#[must_use]
pub(super) fn steps(verdict: &Verdict<'_>, case: &Case<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    for state in verdict.against() {
        against(state, &mut steps);
    }
    for state in verdict.open() {
        for reason in &state.reasons {
            open(state, reason, &mut steps);
        }
    }
    signature_steps(verdict, &mut steps);
    if verdict.expired {
        let last = case
            .review
            .valid_until
            .map(|day| day.to_string())
            .unwrap_or_default();
        steps.push(Step {
            effort: 2,
            lifts: Outcome::Incomplete,
            path: "valid_until".to_owned(),
            key: None,
            text: format!("the review expired on {last}: look through it again and set valid_until, or start the next one"),
            command: "gonogo review carry review.toml -o next.toml".to_owned(),
            waives: false,
        });
    }
    for state in verdict.conditions() {
        let until = state.waived_until.map_or_else(
            || "open with an owner and a date".to_owned(),
            |until| format!("waived until {until}"),
        );
        steps.push(step(
            state,
            4,
            Outcome::ConditionalGo,
            &format!("{until}: mend it and answer again"),
            &set(state, good_word(state)),
        ));
    }
    steps.sort_by_key(|step| (step.lifts, step.effort));
    steps.dedup();
    steps
}

fn step(state: &QuestionState<'_>, effort: u8, lifts: Outcome, text: &str, command: &str) -> Step {
    Step {
        effort,
        lifts,
        path: format!("answer.{}.{}", state.key.checklist, state.key.question),
        key: Some(state.key.clone()),
        text: format!("{}: {text}", state.key),
        command: command.to_owned(),
        waives: false,
    }
}

fn set(state: &QuestionState<'_>, rest: &str) -> String {
    format!("gonogo review set {} {rest}", state.key)
}

fn good_word(state: &QuestionState<'_>) -> &'static str {
    if state.question.yes_is_good {
        "yes"
    } else {
        "no"
    }
}

fn against(state: &QuestionState<'_>, steps: &mut Vec<Step>) {
    let no_go = Outcome::NoGo;
    if state.severity == Severity::Major {
        let text = format!(
            "answered {}, and nobody owns it with a date ahead",
            state.status
        );
        steps.push(step(
            state,
            1,
            no_go,
            &text,
            &set(state, &format!("{} --owner NAME --due +30d", state.status)),
        ));
        return;
    }
    for reason in &state.reasons {
        match reason {
            Reason::Against(status) => {
                steps.push(step(
                    state,
                    4,
                    no_go,
                    &format!("answered {status}: mend it and answer again"),
                    &set(state, good_word(state)),
                ));
            }
            Reason::Contradicted(what) => {
                steps.push(step(
                    state,
                    4,
                    no_go,
                    &format!("the simulation contradicts the answer: {what}"),
                    "gonogo optimize",
                ));
            }
            Reason::WaiverInvalid(why) => steps.push(step(
                state,
                2,
                no_go,
                why,
                &format!("gonogo review waive {}", state.key),
            )),
            _ => {}
        }
    }
    let invalid = state
        .reasons
        .iter()
        .any(|reason| matches!(reason, Reason::WaiverInvalid(_)));
    if state.question.waivable && !invalid {
        let command = format!(
            "gonogo review waive {} --reason TEXT --approved-by NAME --expires +{}d",
            state.key, state.question.max_waiver_days
        );
        let text = "let somebody accept the risk for a while";
        steps.push(Step {
            waives: true,
            ..step(state, 3, no_go, text, &command)
        });
    }
}

fn open(state: &QuestionState<'_>, reason: &Reason, steps: &mut Vec<Step>) {
    let attach = format!(
        "gonogo review evidence add ID --for {} --kind file --ref PATH",
        state.key
    );
    let (effort, text, command) = match reason {
        Reason::Unanswered => (
            2,
            "not answered".to_owned(),
            set(state, "yes|partial|no|na"),
        ),
        Reason::NaNotAllowed => (
            2,
            "may not be answered na".to_owned(),
            set(state, "yes|partial|no"),
        ),
        Reason::NaWithoutReason => (
            1,
            "na needs its reason".to_owned(),
            format!("gonogo review note {} TEXT", state.key),
        ),
        Reason::OldRevision(rev) => (
            1,
            format!(
                "the answer is to revision {rev} of the question, which is now {}",
                state.question.rev
            ),
            set(state, state.status.word()),
        ),
        Reason::LookAgain => (
            1,
            "carried over: look again and confirm".to_owned(),
            set(state, state.status.word()),
        ),
        Reason::NoteMissing => (
            1,
            "needs a sentence".to_owned(),
            format!("gonogo review note {} TEXT", state.key),
        ),
        Reason::EvidenceMissing => (
            2,
            format!("needs evidence: {}", state.question.proof),
            attach,
        ),
        Reason::EvidenceBad(bad) => {
            let what: Vec<String> = bad
                .iter()
                .map(|(id, what)| format!("evidence {id} {what}"))
                .collect();
            (2, what.join("; "), attach)
        }
        Reason::NotReviewed if state.drafted => (
            1,
            "drafted by the study: a person has to confirm it".to_owned(),
            set(state, "--reviewed-by NAME"),
        ),
        Reason::NotReviewed => (
            1,
            "a blocker: somebody else has to look at the answer".to_owned(),
            set(state, "--reviewed-by NAME"),
        ),
        Reason::ReviewedByAnswerer => (
            1,
            "reviewed by whoever answered: somebody else has to look".to_owned(),
            set(state, "--reviewed-by NAME"),
        ),
        Reason::CannotTell(why) => (
            2,
            format!("the simulator cannot tell ({why})"),
            to_tell(why),
        ),
        Reason::BudgetMissing(what) => (
            3,
            what.clone(),
            "gonogo review budget 10x AMOUNT --approved-by NAME".to_owned(),
        ),
        Reason::ChoicesDisagree(what) => (1, what.clone(), set(state, "--choices a,b")),
        Reason::Contradicted(what) => (
            4,
            format!("the simulation contradicts the answer: {what}"),
            drill_of(what).map_or_else(
                || "gonogo optimize".to_owned(),
                |drill| format!("gonogo drill --drill {drill}"),
            ),
        ),
        Reason::Against(_) | Reason::WaiverInvalid(_) => return,
    };
    steps.push(step(state, effort, Outcome::Incomplete, &text, &command));
}

fn signature_steps(verdict: &Verdict<'_>, steps: &mut Vec<Step>) {
    for signature in verdict.signed(Decision::NoGo) {
        let who = signature.name.clone().unwrap_or_default();
        let text = format!("{who} signed no-go for {}: talk to them", signature.role);
        steps.push(signing(4, Outcome::NoGo, &signature.role, text));
    }
    for signature in verdict.unsigned() {
        let text = match &signature.state {
            SignatureState::Missing => format!("{} has not signed", signature.role),
            SignatureState::Void(changed) => {
                format!(
                    "the signature of {} is void, because this changed: {}",
                    signature.role,
                    changed.join(", ")
                )
            }
            SignatureState::NotEntitled(why) => {
                format!("the signature of {} does not count: {why}", signature.role)
            }
            SignatureState::Valid(_) => continue,
        };
        // Signing comes last: whatever else changes would void it.
        steps.push(signing(5, Outcome::Incomplete, &signature.role, text));
    }
    for signature in verdict.signed(Decision::Conditional) {
        let text = format!(
            "{} signed on a condition: meet it and sign again",
            signature.role
        );
        steps.push(signing(4, Outcome::ConditionalGo, &signature.role, text));
    }
}

fn signing(effort: u8, lifts: Outcome, role: &str, text: String) -> Step {
    Step {
        effort,
        lifts,
        path: format!("signoff.{role}"),
        key: None,
        text,
        command: format!("gonogo review sign {role} --decision go"),
        waives: false,
    }
}

/// What makes the simulator able to tell.
fn to_tell(why: &str) -> String {
    if why.contains(NO_STRATEGY) {
        "gonogo review about --strategy NAME".to_owned()
    } else if let Some(drill) = drill_of(why) {
        format!("gonogo simulate --drills {drill} --json -o study.json")
    } else if why.contains(TOO_FEW) {
        "gonogo simulate --months 400 --json -o study.json".to_owned()
    } else {
        "gonogo simulate".to_owned()
    }
}

/// The drill that a rule asks about, as [`Scope`](super::Scope) writes it: `rate.failed in drill primary-down ≤ 0.01`.
fn drill_of(asked: &str) -> Option<String> {
    let (_, rest) = asked.split_once(" in drill ")?;
    let signs = [" ≤", " ≥", " ×"];
    let name = signs.iter().find_map(|sign| rest.split_once(sign))?.0;
    Some(if name.contains(' ') {
        format!("'{name}'")
    } else {
        name.to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_let_the_simulator_tell_is_said_by_what_it_lacks() {
        let lacks =
            |why: &str| to_tell(&format!("rate.failed at 1x ≤ 0.01 in 90% of months: {why}"));
        assert_eq!(lacks(NO_STRATEGY), "gonogo review about --strategy NAME");
        assert_eq!(lacks("nothing was simulated"), "gonogo simulate");
        assert!(lacks(TOO_FEW).contains("--months"));
        let drill =
            "rate.failed in drill primary-down ≤ 0.01 in 90% of months: nothing was simulated";
        assert_eq!(
            to_tell(drill),
            "gonogo simulate --drills primary-down --json -o study.json"
        );
        assert_eq!(
            drill_of("recovery_s in drill down for an hour ≤ 60").as_deref(),
            Some("'down for an hour'")
        );
    }
}
