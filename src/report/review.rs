//! What the review says, in the words of the report.

use std::fmt::Write as _;

use crate::checklist::gate::{describe, signature_words};
use crate::checklist::history::{effective, history_path};
use crate::checklist::verdict::{QuestionState, Reason, Verdict};
use crate::checklist::{Project, Severity, safe};

use super::value::{
    Blocker, HistoryLine, Judged, QuestionLine, Remedy, SectionState, SignoffLine, Style,
    WaiverLine,
};

pub(super) fn judged(verdict: &Verdict<'_>) -> Judged {
    Judged {
        outcome: verdict.outcome.to_string(),
        without_waivers: verdict.without_waivers.to_string(),
        why: verdict.why.clone(),
        hidden_blockers: [
            verdict.hidden.by_tags,
            verdict.hidden.by_stage,
            verdict.hidden.by_na,
        ],
    }
}

pub(super) fn blockers(verdict: &Verdict<'_>) -> Vec<Blocker> {
    let states = verdict
        .against()
        .chain(verdict.open())
        .filter(|state| state.severity == Severity::Blocker);
    states
        .map(|state| {
            let own = format!("{}: ", state.key);
            let texts = verdict
                .steps
                .iter()
                // A waiver is the other way out, not what would clear it.
                .filter(|step| step.key.as_ref() == Some(&state.key) && !step.waives)
                .map(|step| step.text.strip_prefix(&own).unwrap_or(&step.text));
            let texts: Vec<&str> = texts.collect();
            let clears = if state.reasons.contains(&Reason::Unanswered) {
                format!("not answered; {} answers", state.question.role)
            } else {
                texts.join("; ")
            };
            Blocker {
                key: state.key.to_string(),
                short: state.question.short.clone(),
                state: describe(state),
                clears,
            }
        })
        .collect()
}

pub(super) fn steps(verdict: &Verdict<'_>) -> Vec<Remedy> {
    let steps = verdict.steps.iter();
    steps
        .map(|step| Remedy {
            text: step.text.clone(),
            command: step.command.clone(),
            lifts: step.lifts.to_string(),
        })
        .collect()
}

pub(super) fn sections(project: &Project, verdict: &Verdict<'_>) -> Vec<SectionState> {
    let mut list = Vec::new();
    for checklist in &project.checklists {
        for section in &checklist.sections {
            let mut counted = SectionState {
                checklist: checklist.title.clone(),
                title: section.title.clone(),
                met: 0,
                on_record: 0,
                open: 0,
                against: 0,
            };
            for question in &section.questions {
                let found = verdict.shown().find(|state| {
                    state.key.checklist == checklist.id && state.key.question == question.id
                });
                let Some(state) = found else { continue };
                if state.is_met() {
                    counted.met += 1;
                } else if state.is_against() && state.waived_until.is_some() {
                    counted.on_record += 1;
                } else if state.is_against() {
                    counted.against += 1;
                } else {
                    counted.open += 1;
                }
            }
            if counted.met + counted.on_record + counted.open + counted.against > 0 {
                list.push(counted);
            }
        }
    }
    list
}

pub(super) fn waivers(project: &Project, verdict: &Verdict<'_>) -> Vec<WaiverLine> {
    let waivers = project.review.waivers.iter();
    waivers
        .map(|(key, waiver)| {
            let state = verdict.questions.iter().find(|state| state.key == *key);
            let counts = state.is_some_and(|state| state.waived_until.is_some());
            let on = waiver
                .approved_on
                .map(|day| format!(" on {day}"))
                .unwrap_or_default();
            WaiverLine {
                key: key.to_string(),
                reason: waiver.reason.clone(),
                risk: waiver.risk.clone().unwrap_or_default(),
                compensating: waiver.compensating.clone().unwrap_or_default(),
                approved: waiver
                    .approved_by
                    .as_ref()
                    .map(|who| format!("{who}{on}"))
                    .unwrap_or_default(),
                expires: waiver
                    .expires
                    .map(|day| day.to_string())
                    .unwrap_or_default(),
                state: if counts { "counts" } else { "does not count" }.to_owned(),
            }
        })
        .collect()
}

/// Every change that took effect, oldest first.
pub(super) fn history(project: &Project) -> Vec<HistoryLine> {
    let Ok(text) = std::fs::read_to_string(history_path(&project.path)) else {
        return Vec::new();
    };
    let (entries, _) = effective(&text, &project.review.source.text);
    entries
        .into_iter()
        .map(|entry| HistoryLine {
            when: entry.when,
            who: entry.who,
            path: entry.path,
            from: entry.from.unwrap_or_default(),
            to: entry.to.unwrap_or_default(),
        })
        .collect()
}

pub(super) fn signoffs(project: &Project, verdict: &Verdict<'_>) -> Vec<SignoffLine> {
    let signatures = verdict.signatures.iter();
    signatures
        .map(|signature| SignoffLine {
            role: signature.role.clone(),
            required: signature.required,
            name: signature.name.clone().unwrap_or_default(),
            state: signature_words(&signature.state),
            at: project
                .review
                .signoffs
                .get(&signature.role)
                .and_then(|signoff| signoff.at)
                .map(|at| at.to_string())
                .unwrap_or_default(),
        })
        .collect()
}

pub(super) fn question(project: &Project, state: &QuestionState<'_>, style: Style) -> QuestionLine {
    let told = style != Style::Executive;
    let answer = project.review.answers.get(&state.key);
    let mut people = Vec::new();
    if let Some(answer) = answer {
        let due = answer
            .due
            .map(|day| format!(", due {day}"))
            .unwrap_or_default();
        people.extend(answer.owner.as_ref().map(|who| format!("owner {who}{due}")));
        people.extend(
            answer
                .answered_by
                .as_ref()
                .map(|who| format!("answered by {who}")),
        );
        people.extend(
            answer
                .reviewed_by
                .as_ref()
                .map(|who| format!("reviewed by {who}")),
        );
    }
    let evidence = answer
        .map(|answer| answer.evidence.as_slice())
        .unwrap_or_default()
        .iter();
    QuestionLine {
        key: state.key.to_string(),
        section: state.section.to_owned(),
        ask: state.question.ask.clone(),
        severity: state.severity.to_string(),
        status: if state.drafted {
            format!("{} (drafted by the study)", state.status)
        } else {
            state.status.to_string()
        },
        state: describe(state),
        simulator: state
            .heard
            .iter()
            .map(|heard| {
                if heard.found.is_empty() {
                    format!("{}: {}", heard.word, heard.asked)
                } else {
                    format!("{}: {} ({})", heard.word, heard.asked, heard.found)
                }
            })
            .collect(),
        note: answer
            .and_then(|answer| answer.note.clone())
            .filter(|_| told)
            .unwrap_or_default(),
        people: if told {
            people.join("; ")
        } else {
            String::new()
        },
        evidence: evidence
            .filter(|_| told)
            .map(|id| match project.review.evidence.get(id) {
                Some(piece) => {
                    let mut text =
                        format!("{id}: {} {}", piece.kind, safe::reference(&piece.reference));
                    if let Some(day) = piece.collected {
                        // Writing to a string cannot fail.
                        let _ = write!(text, ", of {day}");
                    }
                    if let (Style::Audit, Some(digest)) = (style, &piece.sha256) {
                        let _ = write!(text, ", sha256 {digest}");
                    }
                    text
                }
                None => id.clone(),
            })
            .collect(),
        clauses: state
            .question
            .maps_to
            .iter()
            .map(|clause| format!("{} {}", clause.standard, clause.clause))
            .collect(),
    }
}
