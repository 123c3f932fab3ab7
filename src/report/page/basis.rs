//! What the report rests on, what it lacks, and what changed.

use crate::report::numbers::{clip, count, percent, significant};
use crate::report::value::{Report, Standing, Style};

use super::{Block, Table};

pub(super) fn missing(report: &Report) -> Vec<Block> {
    if report.missing.is_empty() {
        Vec::new()
    } else {
        vec![Block::List(report.missing.clone())]
    }
}

/// Assumptions that the executive style shows.
const FEW: usize = 12;

pub(super) fn assumptions(report: &Report) -> Vec<Block> {
    let list = &report.assumptions;
    if list.is_empty() {
        return Vec::new();
    }
    let counted = |standing: Standing| list.iter().filter(|line| line.standing == standing).count();
    let ranked = list.iter().any(|line| line.moves.is_some());
    let order = if ranked {
        "Ranked by how much of the spread of an answer each explains; a dash moves nothing that was asked."
    } else {
        "Not ranked by what they move, as no finished sensitivity analysis is at hand; the best sources come first."
    };
    let shown = match report.style {
        Style::Executive => FEW,
        Style::Full | Style::Audit => list.len(),
    };
    let mut text = format!(
        "Of {} inputs {} are measured, {} are what a vendor says, and {} are assumed. {order}",
        list.len(),
        counted(Standing::Measured),
        counted(Standing::Vendor),
        counted(Standing::Assumed)
    );
    if shown < list.len() {
        text.extend([" The first ", &shown.to_string(), " are shown."]);
    }
    let rows = list.iter().take(shown).map(|line| {
        let value = if line.value.is_empty() {
            "default"
        } else {
            &line.value
        };
        let source = if line.source == "assumed" {
            "–".to_owned()
        } else {
            clip(&line.source, 300)
        };
        let mut row = vec![
            line.path.clone(),
            value.to_owned(),
            clip(&line.spread, 80),
            line.standing.word().to_owned(),
            source,
        ];
        if ranked {
            row.insert(1, line.moves.map_or_else(|| "–".to_owned(), percent));
        }
        row
    });
    let mut head = vec!["Input", "As written", "Spread", "Standing", "Where from"];
    if ranked {
        head.insert(1, "Explains");
    }
    vec![
        Block::Text(text),
        Block::Table(Table::new(
            "Inputs and their sources",
            &head,
            rows.collect(),
        )),
    ]
}

/// What changed since the earlier report.
pub(super) fn changes(report: &Report) -> Vec<Block> {
    let Some(changes) = &report.changes else {
        return Vec::new();
    };
    let mut blocks = Vec::new();
    if !changes.gaps.is_empty() {
        blocks.push(Block::List(changes.gaps.clone()));
    }
    if changes.lines.is_empty() {
        blocks.push(Block::Text(format!(
            "Nothing changed since the report of {}.",
            changes.since
        )));
        return blocks;
    }
    let rows = changes.lines.iter().map(|change| {
        let or_none = |text: &str| {
            if text.is_empty() {
                "–".to_owned()
            } else {
                text.to_owned()
            }
        };
        let chance = match change.beyond_chance {
            Some(true) => "more than chance",
            Some(false) => "within chance",
            None => "",
        };
        vec![
            format!("{}: {}", change.kind, change.name),
            or_none(&change.before),
            or_none(&change.after),
            chance.to_owned(),
        ]
    });
    let caption = format!("Since the report of {}", changes.since);
    let head = ["What", "Before", "Now", "Difference"];
    blocks.push(Block::Table(Table::new(caption, &head, rows.collect())));
    blocks
}

/// Every metric of every cell.
pub(super) fn metrics(report: &Report) -> Vec<Block> {
    let Some(study) = &report.study else {
        return Vec::new();
    };
    let number = |number: f64| {
        if number.is_finite() {
            significant(number)
        } else {
            "–".to_owned()
        }
    };
    study
        .cells
        .iter()
        .map(|cell| {
            let rows = cell.metrics.iter().map(|(name, metric)| {
                let mut row = vec![name.clone()];
                let all = [metric.mean, metric.se, metric.p05, metric.p50, metric.p95];
                row.extend(all.map(number));
                row.extend([metric.sd_facts, metric.sd_chance].map(number));
                row
            });
            Block::Table(Table::new(
                format!(
                    "{} at {}x, {} months",
                    cell.strategy,
                    cell.volume,
                    count(f64::from(cell.months))
                ),
                &[
                    "Metric",
                    "Mean",
                    "± error",
                    "5%",
                    "50%",
                    "95%",
                    "From what is not known",
                    "From chance",
                ],
                rows.collect(),
            ))
        })
        .collect()
}

pub(super) fn origin(report: &Report) -> Vec<Block> {
    let rows = report
        .origin
        .iter()
        .map(|(name, value)| vec![name.clone(), value.clone()]);
    vec![
        Block::Table(Table::new(
            "What it was made from",
            &["What", "Which"],
            rows.collect(),
        )),
        Block::Text("These commands make it again:".to_owned()),
        Block::Commands(report.commands.clone()),
    ]
}

pub(super) fn findings(report: &Report) -> Vec<Block> {
    if report.findings.is_empty() {
        Vec::new()
    } else {
        vec![Block::List(report.findings.clone())]
    }
}
