//! The Study tab: what came out of the simulation, one pane at a time.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Paragraph;

use super::super::action::{Action, Context};
use super::super::shared::Shared;
use super::super::theme::{Theme, Tone};
use super::super::widgets::table::{Cell as TableCell, Column, Table};
use super::super::widgets::text::{clean, wrapped};
use super::Tab;
use crate::report::{percent, seconds, usd};
use crate::study::{Cell, Study};

pub(super) const ABOUT: &str =
    "What the simulation says of each strategy at each volume, sharpening while it runs.";

/// The tab's state.
#[derive(Debug, Default)]
pub struct StudyTab {}

impl Tab for StudyTab {
    fn contexts(&self, _: &Shared) -> Vec<Context> {
        vec![Context::Study, Context::Move]
    }

    fn update(&mut self, action: Action, shared: &mut Shared) -> bool {
        let Some(study) = shared.study.study() else {
            return false;
        };
        let at = selected(study, shared);
        let last = study.cells.len().saturating_sub(1);
        let to = match action {
            Action::Up => at.saturating_sub(1),
            Action::Down => (at + 1).min(last),
            Action::Top => 0,
            Action::Bottom => last,
            _ => return false,
        };
        select(to, shared);
        true
    }

    fn click(&mut self, at: Position, area: Rect, shared: &mut Shared) {
        let Some(study) = shared.study.study() else {
            return;
        };
        let rows = rows(study, shared.theme);
        let table = Table {
            columns: &COLUMNS,
            rows: &rows,
            selected: Some(selected(study, shared)),
        };
        if let Some(row) = table.row_at(area, at) {
            select(row, shared);
        }
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
        let Some(study) = shared.study.study() else {
            let words = shared
                .study
                .trouble
                .clone()
                .unwrap_or_else(|| "Simulating the first months.".to_owned());
            return frame.render_widget(
                Paragraph::new(wrapped(&words, usize::from(area.width))),
                area,
            );
        };
        Table {
            columns: &COLUMNS,
            rows: &rows(study, shared.theme),
            selected: Some(selected(study, shared)),
        }
        .draw(frame, area, shared.theme);
    }
}

const COLUMNS: [Column; 8] = [
    Column {
        head: "strategy",
        right: false,
        spare: 0,
    },
    Column {
        head: "at",
        right: true,
        spare: 0,
    },
    Column {
        head: "a month",
        right: true,
        spare: 0,
    },
    Column {
        head: "90% of months",
        right: true,
        spare: 3,
    },
    Column {
        head: "a talk",
        right: true,
        spare: 4,
    },
    Column {
        head: "p95",
        right: true,
        spare: 0,
    },
    Column {
        head: "failed",
        right: true,
        spare: 0,
    },
    Column {
        head: "over",
        right: true,
        spare: 1,
    },
];

fn selected(study: &Study, shared: &Shared) -> usize {
    let here = |cell: &Cell| {
        Some(&cell.strategy) == shared.strategy.as_ref() && cell.volume == shared.volume
    };
    study.cells.iter().position(here).unwrap_or(0)
}

fn select(row: usize, shared: &mut Shared) {
    let cell = shared.study.study().and_then(|study| study.cells.get(row));
    if let Some((strategy, volume)) = cell.map(|cell| (cell.strategy.clone(), cell.volume)) {
        shared.strategy = Some(strategy);
        shared.volume = volume;
    }
}

fn rows(study: &Study, theme: Theme) -> Vec<Vec<TableCell>> {
    let value = |cell: &Cell, name: &str, show: fn(f64) -> String| {
        let text = cell.metrics.get(name).map_or_else(
            || theme.either("–", "-").to_owned(),
            |metric| show(metric.mean),
        );
        (text, theme.text())
    };
    study
        .cells
        .iter()
        .map(|cell| {
            let range = cell
                .metrics
                .get("cost.total")
                .map_or_else(String::new, |metric| {
                    format!("{} to {}", usd(metric.p05), usd(metric.p95))
                });
            let over = cell
                .metrics
                .get("budget.over_probability")
                .map_or(0.0, |metric| metric.mean);
            let mut over_cell = value(cell, "budget.over_probability", percent);
            if over > 0.05 {
                over_cell.1 = theme.tone(Tone::Bad);
            }
            vec![
                (clean(&cell.strategy), theme.text()),
                (format!("{}x", cell.volume), theme.text()),
                value(cell, "cost.total", usd),
                (range, theme.text()),
                value(cell, "cost.per_conversation", usd),
                value(cell, "latency.p95", seconds),
                value(cell, "rate.failed", percent),
                over_cell,
            ]
        })
        .collect()
}
