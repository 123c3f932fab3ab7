//! What stands on the pages, in order, for the formats that people read.

use crate::study::{Cell, Study};

use super::build::{cell_of, holds};
use super::chart::{Bill, Figure, Heat, Stack, Stacks, Whisker, Whiskers};
use super::numbers::{count, percent, seconds, usd};
use super::table::plain;
use super::value::{Report, SectionState, Style};

/// Longest note or reason in a page; the JSON form has it whole.
pub(super) const NOTE: usize = 2000;

/// A part of the report: a heading and what is under it.
#[derive(Debug)]
pub(super) struct Part {
    /// For links inside the page.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) blocks: Vec<Block>,
}

/// Something under a heading.
#[derive(Debug)]
pub(super) enum Block {
    Text(String),
    List(Vec<String>),
    Table(Table),
    /// A chart with its numbers.
    Figure(Figure, Table),
    Bars(Vec<SectionState>),
    Commands(Vec<String>),
}

/// A table: the first row of cells is its head.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    fn new(caption: impl Into<String>, head: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self {
            caption: caption.into(),
            head: head.iter().map(|&word| word.to_owned()).collect(),
            rows,
        }
    }
}

/// The first so many letters, with a mark where something was left out.
pub(super) fn clip(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    let kept: String = text.chars().take(letters.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// Everything after the first page; parts that would say nothing are left out.
pub(super) fn parts(report: &Report<'_>) -> Vec<Part> {
    let study = report.study;
    let simulated = |make: fn(&Report<'_>, &Study) -> Vec<Block>| {
        study.map(|study| make(report, study)).unwrap_or_default()
    };
    let all = [
        ("missing", "What is missing", missing(report)),
        (
            "conditions",
            "What would change the verdict",
            conditions(report),
        ),
        ("bill", "The monthly bill", simulated(bill)),
        ("strategies", "Strategies compared", simulated(strategies)),
        ("money", "Where the money goes", simulated(money)),
        ("week", "The week", simulated(week)),
        ("findings", "What stands out", findings(report)),
        ("limits", "Limits nearest to binding", simulated(limits)),
        (
            "assumptions",
            "What the numbers rest on",
            assumptions(report),
        ),
        ("sections", "The review by section", sections(report)),
        ("waivers", "Waivers", waivers(report)),
        ("signoffs", "Signatures", signoffs(report)),
        ("questions", "Every question", questions(report)),
        ("origin", "Where this report comes from", origin(report)),
    ];
    all.into_iter()
        .filter(|(_, _, blocks)| !blocks.is_empty())
        .map(|(id, title, blocks)| Part { id, title, blocks })
        .collect()
}

fn missing(report: &Report<'_>) -> Vec<Block> {
    if report.missing.is_empty() {
        Vec::new()
    } else {
        vec![Block::List(report.missing.clone())]
    }
}

fn conditions(report: &Report<'_>) -> Vec<Block> {
    if report.steps.is_empty() {
        return Vec::new();
    }
    let full = report.style == Style::Full;
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

fn volumes(study: &Study) -> Vec<f64> {
    let mut list: Vec<f64> = study.cells.iter().map(|cell| cell.volume).collect();
    list.sort_unstable_by(f64::total_cmp);
    list.dedup();
    list
}

fn bill(report: &Report<'_>, study: &Study) -> Vec<Block> {
    let Some(chosen) = &report.chosen else {
        return Vec::new();
    };
    let mut blocks = vec![Block::Text(format!(
        "Strategy {}: {}.",
        chosen.strategy, chosen.why
    ))];
    for volume in volumes(study) {
        let Some(cell) = cell_of(study, &chosen.strategy, volume) else {
            continue;
        };
        let Some(months) = cell
            .by_month
            .get("cost.total")
            .filter(|months| !months.is_empty())
        else {
            continue;
        };
        let budget = report.budgets.iter().find(|line| line.volume == volume);
        let figure = Bill {
            title: format!(
                "Monthly bill at {volume}x, {} months of {}",
                months.len(),
                chosen.strategy
            ),
            months: months.clone(),
            budget: budget.map(|line| {
                (
                    line.usd,
                    if line.approved {
                        "approved budget"
                    } else {
                        "planned budget"
                    }
                    .to_owned(),
                )
            }),
            over: budget.and_then(|line| line.over),
        };
        let rows = figure
            .bins()
            .iter()
            .map(|bin| vec![usd(bin.from), usd(bin.to), bin.count.to_string()])
            .collect();
        let table = Table::new("Months by cost", &["From", "To", "Months"], rows);
        blocks.push(Block::Figure(Figure::Bill(figure), table));
    }
    blocks
}

/// A metric's number, with a question mark where its mechanism is not modelled.
fn shown(cell: &Cell, name: &str, format: fn(f64) -> String) -> String {
    let Some(metric) = cell.metrics.get(name) else {
        return "–".to_owned();
    };
    let unknown = if cell.not_modelled.iter().any(|other| other == name) {
        " (not modelled)"
    } else {
        ""
    };
    format!("{}{unknown}", format(metric.mean))
}

fn range(cell: &Cell, name: &str, format: fn(f64) -> String) -> String {
    cell.metrics.get(name).map_or_else(
        || "–".to_owned(),
        |metric| format!("{} to {}", format(metric.p05), format(metric.p95)),
    )
}

fn strategies(report: &Report<'_>, study: &Study) -> Vec<Block> {
    let rows = study.cells.iter().map(|cell| {
        let promises = cell
            .metrics
            .keys()
            .any(|name| name.starts_with("slo.held_probability."));
        let held = match (promises, holds(cell, report.slo_confidence)) {
            (false, _) => "no promise",
            (true, true) => "held",
            (true, false) => "broken",
        };
        vec![
            cell.strategy.clone(),
            format!("{}x", cell.volume),
            shown(cell, "cost.total", usd),
            range(cell, "cost.total", usd),
            shown(cell, "cost.per_conversation", usd),
            shown(cell, "latency.p95", seconds),
            range(cell, "latency.p95", seconds),
            shown(cell, "rate.failed", percent),
            range(cell, "rate.failed", percent),
            shown(cell, "slo.good_rate", percent),
            held.to_owned(),
        ]
    });
    let head = [
        "Strategy",
        "At",
        "A month",
        "90% of months",
        "A conversation",
        "p95",
        "90% of months",
        "Failed",
        "90% of months",
        "Good in time",
        "Promises",
    ];
    let table = Table::new(
        "Every strategy at every volume; means, and the range of 90% of simulated months",
        &head,
        rows.collect(),
    );
    let mut blocks = Vec::new();
    if unequal(study) {
        blocks.push(Block::Text("These strategies do not serve equally well: good answers in time differ by more than a point. The cheaper one may be cheaper because it serves less.".to_owned()));
    }
    blocks.push(Block::Table(table));
    let latency = (
        "How slow the slowest 5% of answers are",
        "latency.p95",
        "seconds, 95% quantile",
        seconds as fn(f64) -> String,
    );
    let failures = (
        "How many requests fail",
        "rate.failed",
        "share of requests",
        percent as fn(f64) -> String,
    );
    for ((title, name, unit, format), limit) in [
        (latency, report.latency_slo_s),
        (failures, report.failure_slo),
    ] {
        blocks.extend(whiskers(study, title, name, unit, format, limit));
    }
    blocks
}

/// Whether a ranking by cost misleads, at any volume.
fn unequal(study: &Study) -> bool {
    volumes(study).iter().any(|volume| {
        let good = study
            .cells
            .iter()
            .filter(|cell| cell.volume == *volume)
            .filter_map(|cell| super::build::mean(cell, "slo.good_rate"));
        let (low, high) = good.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), share| {
            (low.min(share), high.max(share))
        });
        high - low > 0.01
    })
}

fn whiskers(
    study: &Study,
    title: &str,
    name: &str,
    unit: &str,
    format: fn(f64) -> String,
    limit: Option<f64>,
) -> Option<Block> {
    let mut rows = Vec::new();
    for volume in volumes(study) {
        for cell in study.cells.iter().filter(|cell| cell.volume == volume) {
            let Some(metric) = cell.metrics.get(name) else {
                continue;
            };
            rows.push(Whisker {
                label: format!("{volume}x {}", cell.strategy),
                low: metric.p05,
                mid: metric.mean,
                high: metric.p95,
                se: metric.se,
            });
        }
    }
    if rows.is_empty() {
        return None;
    }
    let error = |se: f64| {
        if se.is_finite() {
            format(se)
        } else {
            "–".to_owned()
        }
    };
    let cells = rows
        .iter()
        .map(|row| {
            vec![
                row.label.clone(),
                format(row.mid),
                error(row.se),
                format(row.low),
                format(row.high),
            ]
        })
        .collect();
    let table = Table::new(
        format!("{title}: mean, its standard error, and 90% of months"),
        &[
            "Volume and strategy",
            "Mean",
            "± error",
            "5% of months below",
            "5% of months above",
        ],
        cells,
    );
    let figure = Whiskers {
        title: title.to_owned(),
        unit: unit.to_owned(),
        rows,
        limit,
        format,
    };
    Some(Block::Figure(Figure::Whiskers(figure), table))
}

/// The lines of the bill and what they are called.
const LINES: [(&str, &str); 14] = [
    ("cost.input", "input tokens"),
    ("cost.cached_input", "cached input"),
    ("cost.cache_write", "cache writes"),
    ("cost.output", "output tokens"),
    ("cost.reasoning", "reasoning"),
    ("cost.wasted", "wasted attempts"),
    ("cost.hosting", "hosting"),
    ("cost.human_review", "human review"),
    ("cost.evals", "evaluations"),
    ("cost.audit", "audit log"),
    ("cost.guard", "guards"),
    ("cost.cache", "response cache"),
    ("cost.router", "router"),
    ("cost.fixed", "fixed"),
];
/// Lines that get a colour of their own; the rest is shown as one.
const SHOWN_LINES: usize = 6;

fn money(_: &Report<'_>, study: &Study) -> Vec<Block> {
    let share = |line: &str| -> f64 {
        let shares = study.cells.iter().filter_map(|cell| {
            Some(super::build::mean(cell, line)? / super::build::mean(cell, "cost.total")?)
        });
        shares.filter(|share| share.is_finite()).fold(0.0, f64::max)
    };
    let mut lines: Vec<(&str, &str, f64)> = LINES
        .iter()
        .map(|(name, word)| (*name, *word, share(name)))
        .filter(|(_, _, share)| *share > 0.0)
        .collect();
    lines.sort_by(|a, b| b.2.total_cmp(&a.2));
    let mut blocks = Vec::new();
    for volume in volumes(study) {
        let mut stacks = Stacks {
            title: format!("Where the money goes at {volume}x"),
            names: lines
                .iter()
                .take(SHOWN_LINES)
                .map(|line| line.1.to_owned())
                .collect(),
            rows: Vec::new(),
        };
        if lines.len() > SHOWN_LINES {
            stacks.names.push("everything else".to_owned());
        }
        let mut cells = Vec::new();
        for cell in study.cells.iter().filter(|cell| cell.volume == volume) {
            let amounts: Vec<f64> = lines
                .iter()
                .map(|line| super::build::mean(cell, line.0).unwrap_or(0.0))
                .collect();
            let mut parts: Vec<f64> = amounts.iter().take(SHOWN_LINES).copied().collect();
            if lines.len() > SHOWN_LINES {
                parts.push(amounts.iter().skip(SHOWN_LINES).sum());
            }
            let mut row = vec![cell.strategy.clone(), shown(cell, "cost.total", usd)];
            row.extend(amounts.iter().map(|amount| usd(*amount)));
            cells.push(row);
            stacks.rows.push(Stack {
                label: cell.strategy.clone(),
                parts,
            });
        }
        let mut head = vec!["Strategy", "Total"];
        head.extend(lines.iter().map(|line| line.1));
        let table = Table::new(
            format!("Lines of the bill at {volume}x, US dollars a month, means"),
            &head,
            cells,
        );
        blocks.push(Block::Figure(Figure::Stacks(stacks), table));
    }
    blocks
}

fn week(report: &Report<'_>, study: &Study) -> Vec<Block> {
    let Some(chosen) = &report.chosen else {
        return Vec::new();
    };
    let Some(volume) = volumes(study).first().copied() else {
        return Vec::new();
    };
    let Some(cell) =
        cell_of(study, &chosen.strategy, volume).filter(|cell| cell.hourly.len() == 168)
    else {
        return Vec::new();
    };
    let requests: Vec<Option<f64>> = cell.hourly.iter().map(|hour| Some(hour.requests)).collect();
    let p95: Vec<Option<f64>> = cell.hourly.iter().map(|hour| hour.latency_p95).collect();
    let heat = |title: String,
                unit: &str,
                values: Vec<Option<f64>>,
                plain: bool,
                format: fn(f64) -> String| {
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let rows = days.iter().zip(values.chunks(24)).map(|(day, hours)| {
            let mut row = vec![(*day).to_owned()];
            row.extend(
                hours
                    .iter()
                    .map(|hour| hour.map_or_else(|| "–".to_owned(), format)),
            );
            row
        });
        let mut head = vec!["Day".to_owned()];
        head.extend((0..24).map(|hour| format!("{hour:02}")));
        let table = Table {
            caption: format!("{title}, {unit}, by hour of the day"),
            head,
            rows: rows.collect(),
        };
        Block::Figure(
            Figure::Heat(Heat {
                title,
                unit: unit.to_owned(),
                values,
                plain,
            }),
            table,
        )
    };
    let one = |number: f64| format!("{number:.1}");
    let at = format!("at {volume}x, {}", chosen.strategy);
    vec![
        heat(
            format!("Requests by hour of the week {at}"),
            "requests a month in that hour of the week",
            requests,
            false,
            count,
        ),
        heat(
            format!("p95 latency by hour of the week {at}"),
            "seconds",
            p95,
            true,
            one,
        ),
    ]
}

fn findings(report: &Report<'_>) -> Vec<Block> {
    if report.findings.is_empty() {
        Vec::new()
    } else {
        vec![Block::List(report.findings.clone())]
    }
}

fn limits(_: &Report<'_>, study: &Study) -> Vec<Block> {
    let mut rows = Vec::new();
    for cell in &study.cells {
        for binding in cell.binding.iter().take(2) {
            rows.push(vec![
                cell.strategy.clone(),
                format!("{}x", cell.volume),
                binding.model.clone(),
                plain(&binding.limit),
                count(binding.allowed),
                count(binding.needed),
                percent(binding.utilisation),
            ]);
        }
    }
    if rows.is_empty() {
        return vec![Block::Text(
            "The scenario states no limits, so none can bind: they are not modelled.".to_owned(),
        )];
    }
    let head = [
        "Strategy", "At", "Model", "Limit", "Allowed", "Needed", "Used",
    ];
    vec![Block::Table(Table::new(
        "The two limits of each strategy that bind first, in the busiest hour",
        &head,
        rows,
    ))]
}

fn assumptions(report: &Report<'_>) -> Vec<Block> {
    let list = &report.assumptions;
    if list.is_empty() {
        return Vec::new();
    }
    let named = list.iter().filter(|line| line.sourced).count();
    let ranked = list.iter().any(|line| line.moves.is_some());
    let order = if ranked {
        "Ranked by how much of the spread each explains."
    } else {
        "Not ranked by what they move: the study holds no sensitivity analysis. Named sources come first."
    };
    let text = format!(
        "{named} of {} inputs have a named source; the others are assumed. {order}",
        list.len()
    );
    let rows = list.iter().map(|line| {
        let value = if line.value.is_empty() {
            "default"
        } else {
            &line.value
        };
        let mut row = vec![
            line.path.clone(),
            value.to_owned(),
            if line.source == "assumed" {
                "–".to_owned()
            } else {
                clip(&line.source, 300)
            },
            if line.sourced {
                "source named"
            } else {
                "assumed"
            }
            .to_owned(),
        ];
        if ranked {
            row.push(line.moves.map_or_else(|| "–".to_owned(), percent));
        }
        row
    });
    let mut head = vec!["Input", "As written", "Where from", "Standing"];
    if ranked {
        head.push("Explains");
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

fn sections(report: &Report<'_>) -> Vec<Block> {
    if report.sections.is_empty() {
        Vec::new()
    } else {
        vec![Block::Bars(report.sections.clone())]
    }
}

fn waivers(report: &Report<'_>) -> Vec<Block> {
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

fn signoffs(report: &Report<'_>) -> Vec<Block> {
    if report.verdict.is_none() {
        return Vec::new();
    }
    if report.signoffs.is_empty() {
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
    let table = Table::new(
        "Signatures",
        &["Role", "", "Name", "Decision", "Signed"],
        rows.collect(),
    );
    vec![
        Block::Table(table),
        Block::Text("Names are attested by version control, not verified.".to_owned()),
    ]
}

fn questions(report: &Report<'_>) -> Vec<Block> {
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

fn origin(report: &Report<'_>) -> Vec<Block> {
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
