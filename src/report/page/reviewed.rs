//! What people answered, waived and signed.

use crate::report::numbers::clip;
use crate::report::value::{Report, Style};

use super::{Block, NOTE, Table};

pub(super) fn conditions(report: &Report) -> Vec<Block> {
    if report.steps.is_empty() {
        return Vec::new();
    }
    let full = report.style != Style::Executive;
    let mut head = vec!["To leave behind", "What is the matter"];
    if full {
        head.push("What to type");
    }
    let rows = report.steps.iter().map(|step| {
        let mut row = vec![step.lifts.clone(), clip(&step.text, NOTE)];
        if full {
            row.push(clip(&step.command, NOTE));
        }
        row
    });
    vec![Block::Table(Table::new(
        "What would change the verdict, shortest first",
        &head,
        rows.collect(),
    ))]
}

pub(super) fn sections(report: &Report) -> Vec<Block> {
    if report.sections.is_empty() {
        Vec::new()
    } else {
        vec![Block::Bars(report.sections.clone())]
    }
}

pub(super) fn waivers(report: &Report) -> Vec<Block> {
    if report.verdict.is_none() {
        return Vec::new();
    }
    if report.waivers.is_empty() {
        return vec![Block::Text("No risk is waived.".to_owned())];
    }
    let rows = report.waivers.iter().map(|waiver| {
        let reason = clip(&waiver.reason, NOTE);
        vec![
            waiver.key.clone(),
            reason,
            waiver.risk.clone(),
            clip(&waiver.compensating, NOTE),
            waiver.approved.clone(),
            waiver.expires.clone(),
            waiver.state.clone(),
        ]
    });
    let head = [
        "Question",
        "Why the risk is taken",
        "Risk",
        "What works against it",
        "Approved",
        "Expires",
        "Standing",
    ];
    vec![
        Block::Text("A waiver is a recorded risk, not a pass.".to_owned()),
        Block::Table(Table::new("Waivers", &head, rows.collect())),
    ]
}

pub(super) fn signoffs(report: &Report) -> Vec<Block> {
    if report.verdict.is_none() {
        return Vec::new();
    }
    if report.signoffs.is_empty() && authority(report).is_none() {
        return vec![Block::Text(
            "The review requires no signature, and has none.".to_owned(),
        )];
    }
    let rows = report.signoffs.iter().map(|signoff| {
        let required = if signoff.required {
            "required"
        } else {
            "voluntary"
        };
        vec![
            signoff.role.clone(),
            required.to_owned(),
            signoff.name.clone(),
            signoff.state.clone(),
            signoff.at.clone(),
        ]
    });
    let mut rows: Vec<Vec<String>> = rows.collect();
    // Whoever releases decides last, on what the others signed.
    if let Some(authority) = authority(report) {
        rows.push(vec![
            "release authority".to_owned(),
            "decides".to_owned(),
            authority.to_owned(),
            String::new(),
            String::new(),
        ]);
    }
    let table = Table::new(
        "Signatures, the release authority last",
        &["Role", "Standing", "Name", "Decision", "Signed"],
        rows,
    );
    vec![
        Block::Table(table),
        Block::Text("Names are attested by version control, not verified.".to_owned()),
    ]
}

pub(super) fn questions(report: &Report) -> Vec<Block> {
    if report.questions.is_empty() {
        return Vec::new();
    }
    let rows = report.questions.iter().map(|question| {
        let mut beside: Vec<String> = Vec::new();
        if !question.note.is_empty() {
            beside.push(clip(&question.note, NOTE));
        }
        beside.extend(
            question
                .evidence
                .iter()
                .map(|evidence| format!("Evidence {}", clip(evidence, 300))),
        );
        beside.push(question.people.clone());
        if report.style == Style::Audit && !question.clauses.is_empty() {
            beside.push(format!("Answers to {}", question.clauses.join(", ")));
        }
        beside.retain(|text| !text.is_empty());
        vec![
            format!("{} ({})", question.key, question.severity),
            question.ask.clone(),
            question.status.clone(),
            clip(&question.state, NOTE),
            clip(&question.simulator.join("; "), NOTE),
            beside.join(" · "),
        ]
    });
    let head = [
        "Question",
        "What is asked",
        "Answer",
        "Standing",
        "The simulator",
        "Note, evidence, people",
    ];
    vec![Block::Table(Table::new(
        "Every question that counts, with its answer",
        &head,
        rows.collect(),
    ))]
}

/// Who decides, where the review names somebody.
fn authority(report: &Report) -> Option<&str> {
    let fact = report.facts.iter().find(|fact| fact.id == "decision")?;
    (fact.value != "not stated").then_some(fact.value.as_str())
}

/// Changes to the review that are shown, the latest first.
const CHANGES: usize = 500;

/// Every change to the review, the latest first.
pub(super) fn history(report: &Report) -> Vec<Block> {
    if report.history.is_empty() {
        return Vec::new();
    }
    let rows = report.history.iter().rev().take(CHANGES).map(|line| {
        vec![
            line.when.clone(),
            line.who.clone(),
            line.path.clone(),
            clip(&line.from, NOTE),
            clip(&line.to, NOTE),
        ]
    });
    vec![Block::Table(Table::new(
        format!(
            "Changes made through gonogo, the latest first: {} in all",
            report.history.len()
        ),
        &["When", "Who", "What", "From", "To"],
        rows.collect(),
    ))]
}
