//! One question held against its answer, its evidence, its waiver and the simulator.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::dates::{days_between, plus_days};
use super::review::{Answer, Waiver, same_person};
use super::risk::{Risk, assess};
use super::rules::{Ground, Heard, Word, listen, together};
use super::types::{EvidenceNeed, Key, Question, Severity, Status};
use super::verdict::{Case, Hidden, QuestionState, Reason};

/// Judges one question.
pub(super) fn judge_question<'a>(
    case: &Case<'a>,
    ground: &Ground<'_>,
    key: Key,
    question: &'a Question,
    section: &'a str,
) -> QuestionState<'a> {
    let heard: Vec<Heard> = question
        .simulated
        .iter()
        .map(|rule| listen(rule, case.study, ground))
        .collect();
    let answer = case.review.answers.get(&key);
    let mut state = QuestionState {
        hidden: hidden(case, question),
        question,
        section,
        severity: question.severity,
        status: answer.map_or(Status::Unknown, |answer| answer.status),
        drafted: false,
        reasons: Vec::new(),
        heard,
        waived_until: None,
        owned: false,
        remarks: Vec::new(),
        key,
    };
    if let Some(answer) = answer {
        state.owned = is_owned(answer, case.clock.today());
        ticked(&mut state, answer);
    }
    if state.status == Status::Unknown && drafted(&state) {
        state.status = Status::Yes;
        state.drafted = true;
    }
    reasons(case, &mut state, answer);
    waiver(case, &mut state, answer);
    state
}

fn hidden(case: &Case<'_>, question: &Question) -> Option<Hidden> {
    if !question.when.is_empty()
        && !question
            .when
            .iter()
            .any(|tag| case.review.tags.contains(tag))
    {
        return Some(Hidden::ByTags);
    }
    (!question.stages.contains(&case.stage())).then_some(Hidden::ByStage)
}

fn is_owned(answer: &Answer, today: Date) -> bool {
    answer
        .owner
        .as_deref()
        .is_some_and(|owner| !owner.trim().is_empty())
        && answer.due.is_some_and(|due| due > today)
}

/// A study drafts the answer to "was it calculated": every rule has been measured, whatever came out.
fn drafted(state: &QuestionState<'_>) -> bool {
    let measured = |heard: &Heard| {
        matches!(
            heard.word,
            Word::Supports | Word::SupportsOnGuesses(_) | Word::Contradicts
        )
    };
    state.question.study_drafts && !state.heard.is_empty() && state.heard.iter().all(measured)
}

/// Imported questions: the ticked practices decide how grave it is, and must agree with the status.
fn ticked(state: &mut QuestionState<'_>, answer: &Answer) {
    if state.question.choices.is_empty() || matches!(answer.status, Status::Unknown | Status::Na) {
        return;
    }
    let ticks: BTreeSet<&str> = answer.choices.iter().map(String::as_str).collect();
    let Some(risk) = assess(&state.question.risks, &ticks) else {
        return;
    };
    let fits = match risk {
        Risk::None => answer.status == Status::Yes,
        Risk::Medium => answer.status == Status::Partial,
        Risk::High => answer.status == Status::No,
    };
    if risk == Risk::Medium {
        state.severity = state.severity.min(Severity::Major);
    }
    if !fits {
        state.severity = state.question.severity;
        state.reasons.push(Reason::ChoicesDisagree(format!(
            "the ticked practices mean {risk}, the answer says {}",
            answer.status
        )));
    }
}

fn reasons(case: &Case<'_>, state: &mut QuestionState<'_>, answer: Option<&Answer>) {
    let question = state.question;
    match state.status {
        Status::Unknown => {
            state.reasons.push(Reason::Unanswered);
            return;
        }
        Status::Na => {
            if !question.na_allowed {
                state.reasons.push(Reason::NaNotAllowed);
            } else if answer.is_none_or(|answer| is_blank(answer.note.as_deref())) {
                state.reasons.push(Reason::NaWithoutReason);
            }
        }
        status if question.is_against(status) => state.reasons.push(Reason::Against(status)),
        _ => {}
    }
    if let Some(answer) = answer.filter(|_| !state.drafted) {
        if answer.rev != question.rev {
            state.reasons.push(Reason::OldRevision(answer.rev));
        }
        if answer.look_again {
            state.reasons.push(Reason::LookAgain);
        }
        if state.status != Status::Na {
            evidence(case, state, answer);
        }
    }
    if state.severity == Severity::Blocker {
        reviewed(state, answer);
    }
    if state.status != Status::Na {
        simulated(state);
    }
}

fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

fn evidence(case: &Case<'_>, state: &mut QuestionState<'_>, answer: &Answer) {
    match state.question.evidence {
        EvidenceNeed::None => return,
        EvidenceNeed::Text => {
            if is_blank(answer.note.as_deref()) && answer.evidence.is_empty() {
                state.reasons.push(Reason::NoteMissing);
            }
            return;
        }
        EvidenceNeed::Required if answer.evidence.is_empty() => {
            state.reasons.push(Reason::EvidenceMissing);
            return;
        }
        EvidenceNeed::Required => {}
    }
    let bad: Vec<(String, String)> = answer
        .evidence
        .iter()
        .filter_map(|id| wrong_with(case, state.question, id).map(|what| (id.clone(), what)))
        .collect();
    if bad.len() == answer.evidence.len() {
        state.reasons.push(Reason::EvidenceBad(bad));
    } else {
        // One good piece is enough; the others are worth a word.
        state.remarks.extend(
            bad.into_iter()
                .map(|(id, what)| format!("evidence {id} {what}")),
        );
    }
}

fn wrong_with(case: &Case<'_>, question: &Question, id: &str) -> Option<String> {
    let Some(evidence) = case.review.evidence.get(id) else {
        return Some("is not there".to_owned());
    };
    if let Some(what) = case.facts.bad_evidence.get(id) {
        return Some(what.clone());
    }
    let today = case.clock.today();
    let days = question.evidence_days?;
    let Some(collected) = evidence.collected else {
        return Some("does not say when it was collected".to_owned());
    };
    if collected > today {
        return Some(format!(
            "was collected on {collected}, which has not come yet"
        ));
    }
    let last = plus_days(collected, i64::from(days))?;
    (last < today).then(|| format!("expired on {last}, {days} days after it was collected"))
}

fn reviewed(state: &mut QuestionState<'_>, answer: Option<&Answer>) {
    let reviewer = answer
        .and_then(|answer| answer.reviewed_by.as_deref())
        .filter(|name| !name.trim().is_empty());
    match reviewer {
        None => state.reasons.push(Reason::NotReviewed),
        Some(reviewer) => {
            let answerer = answer
                .and_then(|answer| answer.answered_by.as_deref())
                .unwrap_or_default();
            // A drafted answer has no answerer: any person's look at it is another person's.
            if same_person(reviewer, answerer) {
                state.reasons.push(Reason::ReviewedByAnswerer);
            }
        }
    }
}

fn simulated(state: &mut QuestionState<'_>) {
    let Some(word) = together(&state.heard).cloned() else {
        return;
    };
    let first = |state: &QuestionState<'_>| {
        let heard = state.heard.iter().find(|heard| heard.word == word);
        heard
            .map(|heard| {
                if heard.found.is_empty() {
                    heard.asked.clone()
                } else {
                    format!("{}: {}", heard.asked, heard.found)
                }
            })
            .unwrap_or_default()
    };
    match &word {
        // Speaking against an answer that is already against adds nothing.
        Word::Contradicts if !state.is_against() => {
            let what = first(state);
            state.reasons.push(Reason::Contradicted(what));
        }
        Word::BudgetMissing(what) => state.reasons.push(Reason::BudgetMissing(what.clone())),
        // Only a blocker waits for the simulator.
        Word::CannotTell(why) | Word::NotModelled(why) if state.severity == Severity::Blocker => {
            state
                .reasons
                .push(Reason::CannotTell(format!("{}: {why}", first(state))));
        }
        Word::CannotTell(why) | Word::NotModelled(why) => state
            .remarks
            .push(format!("the simulator cannot tell: {why}")),
        Word::SupportsOnGuesses(guesses) => {
            let shown: Vec<&str> = guesses.iter().take(5).map(String::as_str).collect();
            let more = guesses.len().saturating_sub(shown.len());
            let more = if more == 0 {
                String::new()
            } else {
                format!(" and {more} more")
            };
            state
                .remarks
                .push(format!("supported on guesses: {}{more}", shown.join(", ")));
        }
        Word::Contradicts | Word::Supports => {}
    }
}

fn waiver(case: &Case<'_>, state: &mut QuestionState<'_>, answer: Option<&Answer>) {
    let Some(waiver) = case.review.waivers.get(&state.key) else {
        return;
    };
    match waiver_holds(case, state.question, waiver, answer) {
        Ok(expires) => state.waived_until = Some(expires),
        Err(why) if state.is_against() => state.reasons.push(Reason::WaiverInvalid(why)),
        Err(why) => state
            .remarks
            .push(format!("its waiver does not hold: {why}")),
    }
}

/// The last day of a waiver that holds today.
///
/// # Errors
/// Why it does not.
pub(super) fn waiver_holds(
    case: &Case<'_>,
    question: &Question,
    waiver: &Waiver,
    answer: Option<&Answer>,
) -> Result<Date, String> {
    let today = case.clock.today();
    if !question.waivable {
        return Err("this question cannot be waived".to_owned());
    }
    if waiver.reason.trim().is_empty() {
        return Err("the waiver gives no reason".to_owned());
    }
    let approver = waiver.approved_by.as_deref().unwrap_or_default();
    if !case.review.is_listed(approver) {
        return Err(format!(
            "its approver ({approver}) is not listed under roles"
        ));
    }
    if case.is_newcomer(approver) {
        return Err(format!(
            "the same change adds its approver ({approver}) to roles"
        ));
    }
    let involved = answer
        .into_iter()
        .flat_map(|answer| [answer.owner.as_deref(), answer.answered_by.as_deref()])
        .flatten();
    for person in involved {
        if same_person(person, approver) {
            return Err(format!(
                "its approver ({approver}) is who answered or owns it"
            ));
        }
    }
    let Some(expires) = waiver.expires else {
        return Err("the waiver does not say when it expires".to_owned());
    };
    if expires < today {
        return Err(format!("the waiver expired on {expires}"));
    }
    let Some(from) = waiver.approved_on else {
        return Err("the waiver does not say when it was approved".to_owned());
    };
    if from > today {
        return Err(format!(
            "the waiver was approved on {from}, which has not come yet"
        ));
    }
    let days = days_between(from, expires);
    if days > i64::from(question.max_waiver_days) {
        return Err(format!(
            "the waiver runs {days} days; at most {} are allowed",
            question.max_waiver_days
        ));
    }
    Ok(expires)
}
