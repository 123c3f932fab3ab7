//! What the analyses found: savings, headroom, drills, the months to come, what moves the answer.

use crate::report::analyses::{Compared, Drilled, Headroom, Load, Moved};
use crate::report::chart::{Axis, Bar, Curve, Curves, Point, Step, Timeline, Tornado, Waterfall};
use crate::report::decisions::{promise, times};
use crate::report::numbers::{bare, percent, seconds, usd};
use crate::report::value::Report;

use super::{Block, Table};

/// Mechanisms that save or cost something, for each comparison.
pub(super) fn savings(report: &Report) -> Vec<Block> {
    report.analyses.compared.iter().flat_map(saving).collect()
}

fn change(amount: f64, format: fn(f64) -> String) -> String {
    if amount < 0.0 {
        format!("−{}", format(-amount))
    } else {
        format!("+{}", format(amount))
    }
}

/// Share of the larger bill from which a mechanism has a bar of its own.
const A_BAR: f64 = 0.003;

/// The bars of the waterfall: mechanisms too small to be seen are one bar, and in full in the table.
fn steps(compared: &Compared) -> Vec<Step> {
    let large = |usd: f64| usd.abs() >= A_BAR * compared.from_usd.max(compared.to_usd);
    let small = || compared.mechanisms.iter().filter(|it| !large(it.usd));
    let together = small().count() > 1;
    let shown = compared
        .mechanisms
        .iter()
        .filter(|it| !together || large(it.usd));
    let mut list: Vec<Step> = shown
        .map(|mechanism| Step {
            label: mechanism.name.clone(),
            change: mechanism.usd,
        })
        .collect();
    if together {
        list.push(Step {
            label: format!("{} others", small().count()),
            change: small().map(|it| it.usd).sum(),
        });
    }
    list
}

fn saving(compared: &Compared) -> Vec<Block> {
    let figure = Waterfall {
        title: format!(
            "From {} to {} at {}x: what each mechanism saves, US dollars a month",
            compared.from, compared.to, compared.volume
        ),
        from: (compared.from.clone(), compared.from_usd),
        to: (compared.to.clone(), compared.to_usd),
        steps: steps(compared),
    };
    let or_dash = |number: Option<f64>, format: fn(f64) -> String| {
        number.map_or_else(|| "–".to_owned(), |number| change(number, format))
    };
    let rows = compared.mechanisms.iter().map(|mechanism| {
        vec![
            mechanism.name.clone(),
            change(mechanism.usd, usd),
            mechanism
                .usd_error
                .filter(|error| error.is_finite())
                .map_or_else(|| "–".to_owned(), usd),
            or_dash(mechanism.p95_s, seconds),
            or_dash(mechanism.failed, percent),
        ]
    });
    let table = Table::new(
        "What each mechanism adds, means a month",
        &[
            "Mechanism",
            "Cost",
            "± error",
            "p95 latency",
            "Failed requests",
        ],
        rows.collect(),
    );
    let saved = compared.from_usd - compared.to_usd;
    let mut text = if saved >= 0.0 {
        format!(
            "`{}` costs {} a month less than `{}` at {}x ({}).",
            compared.to,
            usd(saved),
            compared.from,
            compared.volume,
            percent(saved / compared.from_usd)
        )
    } else {
        format!(
            "`{}` costs {} a month more than `{}` at {}x.",
            compared.to,
            usd(-saved),
            compared.from,
            compared.volume
        )
    };
    if let Some(share) = compared.cheaper_in {
        text.extend([" It is the cheaper one in ", &percent(share), " of months."]);
    }
    vec![Block::Text(text), Block::Figure(figure.scene(), table)]
}

/// Three sets of curves over the volume, with the lines and where they cross.
pub(super) fn headroom(report: &Report) -> Vec<Block> {
    let list = &report.analyses.headroom;
    if list.is_empty() {
        return Vec::new();
    }
    let edges: Vec<Vec<String>> = list
        .iter()
        .flat_map(|strategy| {
            strategy.edges.iter().map(|edge| {
                vec![
                    strategy.strategy.clone(),
                    promise(&edge.promise, edge.limit),
                    edge.holds_to.map_or_else(|| "–".to_owned(), times),
                    edge.between.map_or_else(
                        || "–".to_owned(),
                        |(low, high)| format!("{} to {}", times(low), times(high)),
                    ),
                    edge.words.replace('`', ""),
                ]
            })
        })
        .collect();
    let mut blocks = Vec::new();
    if !edges.is_empty() {
        blocks.push(Block::Table(Table::new(
            "Up to which multiple of the launch volume each promise holds",
            &["Strategy", "Promise", "Holds to", "Between", "Then"],
            edges,
        )));
    }
    let latency = report.latency_slo_s.map(|limit| {
        (
            "latency_p95_s",
            limit,
            format!("promised: {}", bare(&seconds(limit))),
        )
    });
    let failures = report.failure_slo.map(|limit| {
        (
            "failure_rate",
            limit,
            format!("promised: {}", bare(&percent(limit))),
        )
    });
    let views = [
        View {
            title: "Latency",
            unit: "p95 latency",
            read: |load| load.p95_s,
            format: seconds,
            promise: latency,
        },
        View {
            title: "Failures",
            unit: "share of requests that fail",
            read: |load| load.failed,
            format: percent,
            promise: failures,
        },
        View {
            title: "Cost of a conversation",
            unit: "US dollars a conversation",
            read: |load| load.usd_per_conversation,
            format: usd,
            promise: None,
        },
    ];
    blocks.extend(
        views
            .into_iter()
            .map(|view| over_volume(list, report, view)),
    );
    blocks
}

/// What is drawn over the volume.
struct View {
    title: &'static str,
    unit: &'static str,
    read: fn(&Load) -> f64,
    format: fn(f64) -> String,
    /// The promise whose edges are marked, with its line across.
    promise: Option<(&'static str, f64, String)>,
}

fn over_volume(list: &[Headroom], report: &Report, view: View) -> Block {
    let View {
        title,
        unit,
        read,
        format,
        promise,
    } = view;
    let point = |load: &Load| Point {
        x: load.volume,
        y: read(load),
        low: read(load),
        high: read(load),
    };
    let curves: Vec<Curve> = list
        .iter()
        .map(|one| Curve {
            name: one.strategy.clone(),
            points: one
                .curve
                .iter()
                .map(point)
                .filter(|point| point.y.is_finite())
                .collect(),
        })
        .collect();
    let chosen = report
        .chosen
        .as_ref()
        .map(|chosen| chosen.strategy.as_str());
    // Where lines cross belongs to the strategy that goes live; the others' edges are in the table.
    let marks = match &promise {
        Some((name, _, _)) => list
            .iter()
            .filter(|one| Some(one.strategy.as_str()) == chosen)
            .flat_map(|one| {
                one.edges
                    .iter()
                    .filter(|edge| edge.promise == *name)
                    .filter_map(|edge| {
                        Some((
                            edge.holds_to?,
                            format!("{} holds to {}", one.strategy, times(edge.holds_to?)),
                        ))
                    })
            })
            .collect(),
        None => Vec::new(),
    };
    let highest = curves
        .iter()
        .flat_map(|curve| &curve.points)
        .map(|point| point.y)
        .fold(0.0, f64::max);
    // One overloaded strategy must not flatten everything else.
    let most = promise
        .as_ref()
        .map(|(_, limit, _)| (limit * 4.0).min(highest.max(limit * 1.1)));
    let mut rows = Vec::new();
    for one in list {
        for load in &one.curve {
            rows.push(vec![
                one.strategy.clone(),
                times(load.volume),
                format(read(load)),
            ]);
        }
    }
    let table = Table::new(
        format!("{title} over the volume"),
        &["Strategy", "Volume", unit],
        rows,
    );
    let figure = Curves {
        title: format!("{title} as the volume grows"),
        across: Axis {
            unit: "multiple of the launch volume".to_owned(),
            log: true,
            most: None,
            format: times,
        },
        up: Axis {
            unit: unit.to_owned(),
            log: false,
            most,
            format,
        },
        lines: curves,
        limits: promise
            .into_iter()
            .map(|(_, limit, words)| (limit, words))
            .collect(),
        marks,
    };
    Block::Figure(figure.scene(), table)
}

/// What users get, minute by minute.
pub(super) fn drills(report: &Report) -> Vec<Block> {
    let list = &report.analyses.drills;
    if list.is_empty() {
        return Vec::new();
    }
    let or_dash = |number: Option<f64>, format: fn(f64) -> String| {
        number.map_or_else(|| "–".to_owned(), format)
    };
    let rows = list.iter().map(|drill| {
        vec![
            drill.drill.clone(),
            drill.strategy.clone(),
            percent(drill.failed),
            or_dash(drill.p95_s, seconds),
            or_dash(drill.recovery_s, seconds),
            or_dash(drill.extra_usd, |extra| change(extra, usd)),
        ]
    });
    let mut blocks = vec![Block::Table(Table::new(
        "Incidents, measured over each and its recovery",
        &[
            "Drill",
            "Strategy",
            "Failed",
            "p95",
            "Recovery",
            "Extra cost",
        ],
        rows.collect(),
    ))];
    let chosen = report
        .chosen
        .as_ref()
        .map(|chosen| chosen.strategy.as_str());
    let drawn = list
        .iter()
        .filter(|drill| Some(drill.strategy.as_str()) == chosen && !drill.minutes.is_empty());
    blocks.extend(drawn.map(drill_figure));
    blocks
}

/// A sentence begins with a capital.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn drill_figure(drill: &Drilled) -> Block {
    let figure = Timeline {
        title: format!(
            "{}: what users of {} get, requests a minute",
            capital(&drill.about),
            drill.strategy
        ),
        names: drill.outcomes.clone(),
        minutes: drill.minutes.clone(),
        steps: drill.counts.clone(),
        incident: Some((0.0, drill.lasts_min)),
    };
    let rows = drill
        .minutes
        .iter()
        .zip(&drill.counts)
        .map(|(minute, counts)| {
            let mut row = vec![format!("{minute:.0}")];
            row.extend(counts.iter().map(|count| format!("{count:.1}")));
            row
        });
    let mut head = vec!["From minute"];
    head.extend(drill.outcomes.iter().map(String::as_str));
    let table = Table::new(
        format!(
            "Drill {}: requests a minute by what they came to",
            drill.drill
        ),
        &head,
        rows.collect(),
    );
    Block::Figure(figure.scene(), table)
}

/// The bill of each month to come.
pub(super) fn forecast(report: &Report) -> Vec<Block> {
    let Some(forecast) = &report.analyses.forecast else {
        return Vec::new();
    };
    let months = || forecast.months.iter().enumerate();
    let curve = |name: &str, read: fn(&crate::report::ForecastMonth) -> f64| Curve {
        name: name.to_owned(),
        points: months()
            .map(|(index, month)| Point {
                x: index as f64 + 1.0,
                y: read(month),
                low: read(month),
                high: read(month),
            })
            .collect(),
    };
    let budget = forecast.months.iter().find_map(|month| month.budget);
    let figure = Curves {
        title: format!(
            "The monthly bill of {} in the months to come",
            forecast.strategy
        ),
        across: Axis {
            unit: "month".to_owned(),
            log: false,
            most: None,
            format: |month| format!("{month:.0}"),
        },
        up: Axis {
            unit: "US dollars a month".to_owned(),
            log: false,
            most: None,
            format: usd,
        },
        lines: vec![
            curve("half of the time below", |month| month.p50),
            curve("80% of the time below", |month| month.p80),
            curve("95% of the time below", |month| month.p95),
        ],
        limits: budget
            .map(|amount| (amount, format!("budget {}", usd(amount))))
            .into_iter()
            .collect(),
        marks: Vec::new(),
    };
    let rows = forecast.months.iter().map(|month| {
        vec![
            month.starts.clone(),
            format!("{:.2}x", month.volume),
            usd(month.p10),
            usd(month.p50),
            usd(month.p80),
            usd(month.p95),
            month.budget.map_or_else(|| "–".to_owned(), usd),
        ]
    });
    let table = Table::new(
        "Quantiles of the bill by month, US dollars",
        &["From", "Volume", "10%", "50%", "80%", "95%", "Budget"],
        rows.collect(),
    );
    let mut blocks = Vec::new();
    if !forecast.words.is_empty() {
        blocks.push(Block::List(forecast.words.clone()));
    }
    blocks.push(Block::Figure(figure.scene(), table));
    blocks
}

/// Inputs that a tornado shows; the table has them all.
const BARS: usize = 10;

/// Which uncertain input moves which answer.
pub(super) fn moves(report: &Report) -> Vec<Block> {
    report
        .analyses
        .moved
        .iter()
        .filter(|moved| !moved.inputs.is_empty())
        .map(moved_figure)
        .collect()
}

fn moved_figure(moved: &Moved) -> Block {
    let (what, unit, format): (&str, &str, fn(f64) -> String) = match moved.metric.as_str() {
        "cost.total" => ("the monthly bill", "US dollars a month", usd),
        name if name.starts_with("cost.") => (name, "US dollars", usd),
        "latency.p95" => ("p95 latency", "seconds", seconds),
        name if name.starts_with("latency") || name.starts_with("first_token") => {
            (name, "seconds", seconds)
        }
        name => (name, "share", percent),
    };
    let figure = Tornado {
        title: format!(
            "What moves {what} of {} at {}x",
            moved.strategy, moved.volume
        ),
        unit: unit.to_owned(),
        base: moved.base,
        bars: moved
            .inputs
            .iter()
            .take(BARS)
            .map(|input| Bar {
                label: input.path.clone(),
                low: input.low,
                high: input.high,
            })
            .collect(),
        format,
    };
    let rows = moved.inputs.iter().map(|input| {
        vec![
            input.path.clone(),
            format(input.low),
            format(input.high),
            input.share.map_or_else(|| "–".to_owned(), percent),
        ]
    });
    let table = Table::new(
        format!(
            "{what} with each input at its low and its high end, and the share of the spread that it explains"
        ),
        &["Input", "At its 5%", "At its 95%", "Explains"],
        rows.collect(),
    );
    Block::Figure(figure.scene(), table)
}
