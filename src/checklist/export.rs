//! All questions with their answers, as Markdown to read and as CSV for a spreadsheet.

use std::fmt::Write as _;

use super::Project;
use super::gate::describe;
use super::safe::{cell, markdown, reference};
use super::verdict::{QuestionState, Verdict};

/// Columns of the CSV.
const COLUMNS: [&str; 18] = [
    "checklist",
    "section",
    "id",
    "severity",
    "question",
    "status",
    "state",
    "simulator",
    "note",
    "owner",
    "due",
    "evidence",
    "answered_by",
    "answered_at",
    "reviewed_by",
    "waived_until",
    "role",
    "clauses",
];

fn evidence(project: &Project, state: &QuestionState<'_>) -> String {
    let ids = project
        .review
        .answers
        .get(&state.key)
        .map(|answer| answer.evidence.as_slice())
        .unwrap_or_default();
    let named = ids.iter().map(|id| match project.review.evidence.get(id) {
        Some(piece) => {
            let day = piece
                .collected
                .map(|day| format!(", {day}"))
                .unwrap_or_default();
            format!("{id} ({} {}{day})", piece.kind, reference(&piece.reference))
        }
        None => id.clone(),
    });
    named.collect::<Vec<_>>().join("; ")
}

fn simulator(state: &QuestionState<'_>) -> String {
    super::rules::together(&state.heard)
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// CSV: one line for each question that counts; cells that a spreadsheet would compute are marked as text.
///
/// # Errors
/// None in practice: it writes to memory.
pub fn csv(project: &Project, verdict: &Verdict<'_>) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for state in verdict.shown() {
        let answer = project.review.answers.get(&state.key);
        let text = |get: &dyn Fn(&super::Answer) -> Option<String>| {
            answer.and_then(get).unwrap_or_default()
        };
        let clauses: Vec<String> = state
            .question
            .maps_to
            .iter()
            .map(|clause| format!("{} {}", clause.standard, clause.clause))
            .collect();
        let row = [
            state.key.checklist.clone(),
            state.section.to_owned(),
            state.question.id.clone(),
            state.severity.to_string(),
            state.question.ask.clone(),
            state.status.word().to_owned(),
            describe(state),
            simulator(state),
            text(&|answer| answer.note.clone()),
            text(&|answer| answer.owner.clone()),
            text(&|answer| answer.due.map(|day| day.to_string())),
            evidence(project, state),
            text(&|answer| answer.answered_by.clone()),
            text(&|answer| answer.answered_at.map(|at| at.to_string())),
            text(&|answer| answer.reviewed_by.clone()),
            state
                .waived_until
                .map(|day| day.to_string())
                .unwrap_or_default(),
            state.question.role.clone(),
            clauses.join("; "),
        ];
        writer.write_record(row.iter().map(|text| cell(text)))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Markdown: a chapter for each section.
#[must_use]
pub fn to_markdown(project: &Project, verdict: &Verdict<'_>) -> String {
    let review = &project.review;
    let mut out = format!(
        "# {}\n\n**{}**: {}\n",
        markdown(&review.system),
        verdict.outcome,
        markdown(&verdict.why)
    );
    let mut section = String::new();
    for state in verdict.shown() {
        let chapter = format!("{}: {}", state.key.checklist, state.section);
        if chapter != section {
            // Writing to a string cannot fail.
            let _ = write!(out, "\n## {}\n", markdown(&chapter));
            section = chapter;
        }
        let mark = if state.is_met() { "x" } else { " " };
        let _ = writeln!(
            out,
            "\n- [{mark}] **{}** {} ({})",
            markdown(&state.question.short),
            markdown(&state.question.ask),
            state.severity
        );
        let _ = writeln!(out, "  - {}: {}", state.status, markdown(&describe(state)));
        for heard in &state.heard {
            let _ = writeln!(
                out,
                "  - simulator {}: {} {}",
                heard.word,
                markdown(&heard.asked),
                markdown(&heard.found)
            );
        }
        let Some(answer) = review.answers.get(&state.key) else {
            continue;
        };
        for (label, text) in [
            ("note", &answer.note),
            ("owner", &answer.owner),
            ("answered by", &answer.answered_by),
            ("reviewed by", &answer.reviewed_by),
        ] {
            if let Some(text) = text {
                let _ = writeln!(out, "  - {label}: {}", markdown(text));
            }
        }
        let evidence = evidence(project, state);
        if !evidence.is_empty() {
            let _ = writeln!(out, "  - evidence: {}", markdown(&evidence));
        }
        if let (Some(waiver), Some(until)) = (review.waivers.get(&state.key), state.waived_until) {
            let _ = writeln!(
                out,
                "  - waived until {until} by {}: {}",
                markdown(waiver.approved_by.as_deref().unwrap_or_default()),
                markdown(&waiver.reason)
            );
        }
    }
    let _ = writeln!(
        out,
        "\nDecision support, not certification. Names are attested by version control, not verified."
    );
    out
}
