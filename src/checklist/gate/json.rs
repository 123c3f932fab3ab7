use serde_json::{Value, json};

use super::super::safe::line;
use super::super::verdict::{Hidden, QuestionState};
use super::{Finding, Gate, Level, describe, signature_words};

/// For machines: `gonogo.check/1`.
pub(super) fn write(gate: &Gate<'_>) -> String {
    let verdict = gate.verdict;
    let review = &gate.project.review;
    let document = json!({
        "schema": "gonogo.check/1",
        "gonogo_version": env!("CARGO_PKG_VERSION"),
        "as_of": gate.clock.stamp(),
        "review": gate.file(),
        "system": line(&review.system),
        "release": review.release.as_deref().map(line),
        "commit": review.commit.as_deref().map(line),
        "stage": review.stage.to_string(),
        "verdict": verdict.outcome.to_string(),
        "passes": gate.passes,
        "without_waivers": verdict.without_waivers.to_string(),
        "before_signoff": verdict.before_signoff,
        "why": line(&verdict.why),
        "steps": verdict.steps.iter().map(|step| json!({
            "question": step.key.as_ref().map(ToString::to_string),
            "text": line(&step.text),
            "command": line(&step.command),
            "lifts": step.lifts.to_string(),
        })).collect::<Vec<_>>(),
        "findings": gate.findings.iter().map(finding).collect::<Vec<_>>(),
        "warnings": gate.warnings.iter().map(finding).collect::<Vec<_>>(),
        "rejected": gate.rejected.iter().map(|text| line(text)).collect::<Vec<_>>(),
        "hidden_blockers": {
            "by_tags": verdict.hidden.by_tags, "by_stage": verdict.hidden.by_stage, "by_na": verdict.hidden.by_na,
        },
        "simulated": gate.simulated,
        "questions": verdict.questions.iter().map(question).collect::<Vec<_>>(),
        "signatures": verdict.signatures.iter().map(|signature| json!({
            "role": line(&signature.role),
            "required": signature.required,
            "name": signature.name.as_deref().map(line),
            "state": line(&signature_words(&signature.state)),
        })).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn finding(finding: &Finding) -> Value {
    json!({
        "rule": line(&finding.rule),
        "level": if finding.level == Level::Error { "error" } else { "warning" },
        "message": line(&finding.message),
        "command": line(&finding.command),
        "line": finding.line,
        "column": finding.column,
        "accepted": finding.accepted.as_deref().map(line),
    })
}

/// One question as `check --json` and `review list --json` print it.
#[must_use]
pub fn question(state: &QuestionState<'_>) -> Value {
    json!({
        "key": state.key.to_string(),
        "short": line(&state.question.short),
        "section": line(state.section),
        "severity": state.severity.to_string(),
        "status": state.status.word(),
        "drafted_by_study": state.drafted,
        "met": state.is_met(),
        "state": line(&describe(state)),
        "hidden": state.hidden.map(|hidden| match hidden { Hidden::ByTags => "tags", Hidden::ByStage => "stage" }),
        "waived_until": state.waived_until.map(|day| day.to_string()),
        "owned": state.owned,
        "remarks": state.remarks.iter().map(|remark| line(remark)).collect::<Vec<_>>(),
        "simulator": state.heard.iter().map(|heard| json!({
            "word": heard.word.to_string(), "asked": line(&heard.asked), "found": line(&heard.found),
        })).collect::<Vec<_>>(),
    })
}
