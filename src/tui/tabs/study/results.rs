//! The results: strategies at volumes as a table, and charts of the selected one.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::text::Line;

use super::super::super::shared::Shared;
use super::super::super::theme::{Theme, Tone};
use super::super::super::widgets::bars::{Bars, Row, Stacks};
use super::super::super::widgets::bill::Bill;
use super::super::super::widgets::curve::Curve;
use super::super::super::widgets::heat::Heat;
use super::super::super::widgets::table::{Cell as TableCell, Column, Table};
use super::super::super::widgets::text::{clean, span};
use crate::report::{percent, seconds, usd};
use crate::scenario::types::SloName;
use crate::study::{Cell, Hour, Study};

/// The charts of a cell, in the order in which `c` goes through them.
pub const CHARTS: [(&str, Chart); 8] = [
    ("the bill of a month, over simulated months", bill),
    ("share of answers that have come, by seconds", latency),
    (
        "what requests come to, all strategies at this volume",
        outcomes,
    ),
    ("where the money goes, US dollars a month", money),
    ("why the slowest 5% are slow, seconds more than usual", slow),
    ("requests by hour of the week, a month", requests_by_hour),
    ("p95 latency by hour of the week", latency_by_hour),
    ("failures by hour of the week", failures_by_hour),
];

type Chart = fn(&Cell, &Shared, &mut Frame<'_>, Rect);

/// Table above, charts below: one, or as many as a large screen has room for.
fn layout(study: &Study, area: Rect) -> (Rect, Vec<Rect>) {
    let rows = u16::try_from(study.cells.len() + 1).unwrap_or(u16::MAX);
    let table = rows.min((area.height * 2 / 5).max(3)).min(area.height);
    let [top, below] =
        Layout::vertical([Constraint::Length(table + 1), Constraint::Min(0)]).areas(area);
    let top = Rect {
        height: top.height.saturating_sub(1),
        ..top
    };
    let many = below.width >= 140 && below.height >= 24;
    let charts = if many {
        let rows: [Rect; 2] = Layout::vertical([Constraint::Fill(1); 2]).areas(below);
        rows.into_iter()
            .flat_map(|row| {
                Layout::horizontal([Constraint::Fill(1); 2])
                    .spacing(2)
                    .areas::<2>(row)
            })
            .collect()
    } else {
        vec![below]
    };
    (top, charts)
}

/// The row under a click.
pub fn row_at(study: &Study, shared: &Shared, area: Rect, at: Position) -> Option<usize> {
    let (top, _) = layout(study, area);
    let rows = rows(study, shared);
    Table {
        columns: &columns(shared.theme),
        rows: &rows,
        selected: Some(super::selected(study, shared)),
    }
    .row_at(top, at)
}

/// What is shown of the results.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// Which chart, or the first of several.
    pub chart: usize,
    /// It alone.
    pub large: bool,
}

/// The table as text: columns apart by tabs, as spreadsheets take them.
pub fn copied(study: &Study, shared: &Shared) -> Option<String> {
    let columns = columns(shared.theme);
    let head: Vec<&str> = columns.iter().map(|column| column.head).collect();
    let rows = rows(study, shared).into_iter().map(|row| {
        let cells: Vec<String> = row.into_iter().map(|(text, _)| text).collect();
        cells.join("\t")
    });
    let lines: Vec<String> = std::iter::once(head.join("\t")).chain(rows).collect();
    (!study.cells.is_empty()).then(|| lines.join("\n"))
}

/// Draws it.
pub fn draw(study: &Study, shared: &Shared, shown: Shown, frame: &mut Frame<'_>, area: Rect) {
    let theme = shared.theme;
    let chart = shown.chart;
    let (top, places) = if shown.large {
        (Rect { height: 0, ..area }, vec![area])
    } else {
        layout(study, area)
    };
    let selected = super::selected(study, shared);
    Table {
        columns: &columns(theme),
        rows: &rows(study, shared),
        selected: Some(selected),
    }
    .draw(frame, top, theme);
    let Some(cell) = study.cells.get(selected) else {
        return;
    };
    for (index, place) in places.iter().enumerate() {
        let Some((title, draw)) = CHARTS.get((chart + index) % CHARTS.len()) else {
            continue;
        };
        let head = Rect {
            height: 1.min(place.height),
            ..*place
        };
        let mut line = super::about(shared, theme);
        line.push_span(span(format!(": {title}"), theme.text()));
        frame.render_widget(line, head);
        // The last row stays empty between charts that stand above each other.
        let room = place
            .height
            .saturating_sub(if places.len() > 1 { 2 } else { 1 });
        let below = Rect {
            y: (place.y + 1).min(place.bottom()),
            height: room,
            ..*place
        };
        draw(cell, shared, frame, below);
    }
}

fn columns(theme: Theme) -> [Column; 9] {
    [
        Column::text("strategy"),
        Column::number("at"),
        Column::number("a month"),
        Column::number(theme.either("± error", "+- error")).spare(2),
        Column::number("90% of months").spare(4),
        Column::number("p95"),
        Column::number("failed"),
        Column::number("over budget").spare(1),
        Column::text("promises").spare(3),
    ]
}

fn rows(study: &Study, shared: &Shared) -> Vec<Vec<TableCell>> {
    let theme = shared.theme;
    let live = shared
        .reviewed()
        .and_then(super::super::super::review::Reviewed::live);
    let confidence = shared
        .scenario
        .good()
        .map_or(0.95, |scenario| scenario.slo.confidence);
    study
        .cells
        .iter()
        .map(|cell| {
            let mark = if Some(cell.strategy.as_str()) == live {
                theme.either("▸ ", "> ")
            } else {
                ""
            };
            vec![
                (format!("{mark}{}", clean(&cell.strategy)), theme.text()),
                (
                    super::super::super::widgets::volumes::times(cell.volume),
                    theme.text(),
                ),
                (shown(cell, "cost.total", usd), theme.strong()),
                (error(cell), theme.dim()),
                (range(cell), theme.dim()),
                (shown(cell, "latency.p95", seconds), theme.text()),
                (shown(cell, "rate.failed", percent), theme.text()),
                over(cell, theme),
                promises(cell, confidence, theme),
            ]
        })
        .collect()
}

fn shown(cell: &Cell, name: &str, show: fn(f64) -> String) -> String {
    cell.metrics
        .get(name)
        .map_or_else(|| "-".to_owned(), |metric| show(metric.mean))
}

/// How sure the mean is: two standard errors, relative.
fn error(cell: &Cell) -> String {
    let metric = cell.metrics.get("cost.total");
    metric.map_or_else(String::new, |metric| {
        if metric.se.is_finite() && metric.mean > 0.0 {
            format!("{:.1}%", metric.se / metric.mean * 200.0)
        } else {
            "?".to_owned()
        }
    })
}

fn range(cell: &Cell) -> String {
    let metric = cell.metrics.get("cost.total");
    metric.map_or_else(String::new, |metric| {
        format!("{} to {}", usd(metric.p05), usd(metric.p95))
    })
}

fn over(cell: &Cell, theme: Theme) -> TableCell {
    match cell.metrics.get("budget.over_probability") {
        None => ("-".to_owned(), theme.dim()),
        Some(metric) if metric.mean > 0.05 => (
            format!("{} {}", theme.mark(Tone::Bad), percent(metric.mean)),
            theme.tone(Tone::Bad),
        ),
        Some(metric) => (percent(metric.mean), theme.text()),
    }
}

/// Whether the promises hold in enough months, and which do not.
fn promises(cell: &Cell, confidence: f64, theme: Theme) -> TableCell {
    let all = cell.metrics.iter().filter_map(|(name, metric)| {
        Some((name.strip_prefix("slo.held_probability.")?, metric.mean))
    });
    let mut any = false;
    let mut broken = Vec::new();
    for (name, held) in all {
        any = true;
        if held < confidence {
            broken.push(name);
        }
    }
    if !any {
        (String::new(), theme.dim())
    } else if broken.is_empty() {
        (
            format!("{} held", theme.mark(Tone::Good)),
            theme.tone(Tone::Good),
        )
    } else {
        let words = format!("{} {}", theme.mark(Tone::Bad), broken.join(", "));
        (words, theme.tone(Tone::Bad))
    }
}

fn nothing(frame: &mut Frame<'_>, area: Rect, shared: &Shared, words: &str) {
    let line = Line::styled(format!(" {words}"), shared.theme.dim());
    frame.render_widget(
        line,
        Rect {
            height: 1.min(area.height),
            ..area
        },
    );
}

fn bill(cell: &Cell, shared: &Shared, frame: &mut Frame<'_>, area: Rect) {
    let months = cell
        .by_month
        .get("cost.total")
        .map(Vec::as_slice)
        .unwrap_or_default();
    if months.is_empty() {
        return nothing(frame, area, shared, "No month is complete yet.");
    }
    Bill {
        months,
        budget: shared.budget(cell.volume),
    }
    .draw(frame.buffer_mut(), inset(area), shared.theme);
}

fn inset(area: Rect) -> Rect {
    Rect {
        x: (area.x + 1).min(area.right()),
        width: area.width.saturating_sub(2),
        ..area
    }
}

fn latency(cell: &Cell, shared: &Shared, frame: &mut Frame<'_>, area: Rect) {
    let pooled = cell.metrics.contains_key("latency.pooled.p50");
    let points: Vec<(f64, f64)> = [0.5, 0.9, 0.95, 0.99]
        .into_iter()
        .filter_map(|share| {
            let kind = if pooled { "latency.pooled" } else { "latency" };
            let metric = cell.metrics.get(&format!("{kind}.p{:.0}", share * 100.0))?;
            (metric.mean.is_finite() && metric.mean > 0.0).then_some((share, metric.mean))
        })
        .collect();
    if points.is_empty() {
        return nothing(
            frame,
            area,
            shared,
            "Nothing was delivered, so nothing has a latency.",
        );
    }
    let limits = shared
        .scenario
        .good()
        .map(|scenario| scenario.slo.limits.as_slice());
    let promise = limits
        .unwrap_or_default()
        .iter()
        .find_map(|(name, limit)| (*name == SloName::Latency(95)).then_some(*limit));
    Curve {
        points: &points,
        promise,
    }
    .draw(frame.buffer_mut(), area, shared.theme);
}

const OUTCOMES: [&str; 8] = [
    "answered",
    "cached",
    "fallback",
    "stale",
    "degraded",
    "blocked",
    "abandoned",
    "failed",
];

fn outcomes(cell: &Cell, shared: &Shared, frame: &mut Frame<'_>, area: Rect) {
    let Some(study) = shared.study.study() else {
        return;
    };
    let same: Vec<&Cell> = study
        .cells
        .iter()
        .filter(|other| other.volume == cell.volume)
        .collect();
    let rows: Vec<(String, Vec<f64>)> = same
        .iter()
        .map(|other| {
            let share = |name: &&str| {
                other
                    .metrics
                    .get(&format!("rate.{name}"))
                    .map_or(0.0, |metric| metric.mean)
            };
            (other.strategy.clone(), OUTCOMES.iter().map(share).collect())
        })
        .collect();
    Stacks {
        names: &OUTCOMES,
        rows: &rows,
        most: 1.0,
        format: percent,
        selected: same
            .iter()
            .position(|other| other.strategy == cell.strategy)
            .unwrap_or(0),
    }
    .draw(frame.buffer_mut(), area, shared.theme);
}

const LINES: [(&str, &str); 14] = [
    ("cost.input", "input"),
    ("cost.cached_input", "cached input"),
    ("cost.cache_write", "cache writes"),
    ("cost.output", "output"),
    ("cost.reasoning", "reasoning"),
    ("cost.wasted", "wasted"),
    ("cost.hosting", "hosting"),
    ("cost.human_review", "human review"),
    ("cost.evals", "evaluation"),
    ("cost.audit", "audit log"),
    ("cost.guard", "guards"),
    ("cost.cache", "cache"),
    ("cost.router", "router"),
    ("cost.fixed", "fixed"),
];

fn money(cell: &Cell, shared: &Shared, frame: &mut Frame<'_>, area: Rect) {
    let total = cell
        .metrics
        .get("cost.total")
        .map_or(0.0, |metric| metric.mean)
        .max(1e-12);
    let mut rows: Vec<Row> = LINES
        .iter()
        .filter_map(|(name, label)| {
            let mean = cell.metrics.get(*name)?.mean;
            (mean > 0.0).then(|| Row {
                label: (*label).to_owned(),
                from: 0.0,
                to: mean,
                words: format!("{} {:>6}", usd(mean), percent(mean / total)),
                tone: (*label == "wasted").then_some(Tone::Bad),
            })
        })
        .collect();
    rows.sort_by(|a, b| b.to.total_cmp(&a.to));
    Bars {
        rows: &rows,
        line: None,
    }
    .draw(frame.buffer_mut(), area, shared.theme);
}

fn slow(cell: &Cell, shared: &Shared, frame: &mut Frame<'_>, area: Rect) {
    let mut rows: Vec<Row> = cell
        .metrics
        .iter()
        .filter_map(|(name, metric)| {
            let cause = name.strip_prefix("slow.")?;
            (metric.mean > 0.001).then(|| Row {
                label: cause.replace('_', " "),
                from: 0.0,
                to: metric.mean,
                words: format!("+{}", seconds(metric.mean)),
                tone: None,
            })
        })
        .collect();
    if rows.is_empty() {
        return nothing(
            frame,
            area,
            shared,
            "The slowest 5% take no longer than the others.",
        );
    }
    rows.sort_by(|a, b| b.to.total_cmp(&a.to));
    Bars {
        rows: &rows,
        line: None,
    }
    .draw(frame.buffer_mut(), area, shared.theme);
}

fn requests_by_hour(cell: &Cell, shared: &Shared, frame: &mut Frame<'_>, area: Rect) {
    let value = |hour: &Hour| Some(hour.requests);
    heat(cell, shared, frame, area, value, crate::report::count);
}

fn latency_by_hour(cell: &Cell, shared: &Shared, frame: &mut Frame<'_>, area: Rect) {
    heat(cell, shared, frame, area, |hour| hour.latency_p95, seconds);
}

fn failures_by_hour(cell: &Cell, shared: &Shared, frame: &mut Frame<'_>, area: Rect) {
    heat(cell, shared, frame, area, |hour| Some(hour.failed), percent);
}

fn heat(
    cell: &Cell,
    shared: &Shared,
    frame: &mut Frame<'_>,
    area: Rect,
    value: fn(&Hour) -> Option<f64>,
    format: fn(f64) -> String,
) {
    if cell.hourly.is_empty() {
        return nothing(frame, area, shared, "This study has no hours of the week.");
    }
    let hours: Vec<Option<f64>> = cell.hourly.iter().map(value).collect();
    Heat {
        hours: &hours,
        format,
    }
    .draw(frame.buffer_mut(), area, shared.theme);
}
