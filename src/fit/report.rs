//! Data against model, as text: arrivals by hour, quantiles, variance against time scale, reuse against lifetime; and a
//! plain sentence wherever the two are far apart.

use std::fmt::Write as _;

use serde::Serialize;

use super::doc::neat;
use super::traffic::{Compared, Traffic};

/// A pair of log and model is far apart from this ratio on.
const FAR: f64 = 1.15;

/// One comparison: points of log and model.
#[derive(Debug, Clone, Serialize)]
pub struct Section {
    /// What is compared.
    pub title: String,
    /// Name of a point, the log's value, the model's.
    pub points: Vec<(String, f64, Option<f64>)>,
    /// Where the fit is bad, in words; or that it is not.
    pub verdict: String,
}

/// Data against model.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// `gonogo.fit-report/1`.
    pub schema: &'static str,
    /// The log.
    pub source: String,
    /// Comparisons.
    pub sections: Vec<Section>,
}

/// Compares a log with what was fitted to it.
#[must_use]
pub fn report(traffic: &Traffic) -> Report {
    let sections = traffic
        .compared()
        .into_iter()
        .map(|Compared { title, points }| Section {
            verdict: verdict(&points),
            title,
            points,
        })
        .collect();
    Report {
        schema: "gonogo.fit-report/1",
        source: traffic.source.clone(),
        sections,
    }
}

fn verdict(points: &[(String, f64, Option<f64>)]) -> String {
    let mut worst: Option<(f64, &str, f64, f64)> = None;
    let most = points.iter().map(|it| it.1).fold(0.0, f64::max);
    for (name, log, model) in points {
        let Some(model) = model else { continue };
        // What is next to nothing on both sides is not far apart.
        if log.max(*model) < 0.02 * most {
            continue;
        }
        let ratio = (log.max(1e-9) / model.max(1e-9)).max(model.max(1e-9) / log.max(1e-9));
        if worst.is_none_or(|it| ratio > it.0) {
            worst = Some((ratio, name, *log, *model));
        }
    }
    match worst {
        None => "The log tells this; no law is fitted to it.".to_owned(),
        Some((ratio, name, log, model)) if ratio > FAR => {
            let side = if model > log { "too high" } else { "too low" };
            format!(
                "The fit is off at {name}: the model has {}, the log {}, {side} by {:.0}%.",
                neat(model),
                neat(log),
                (ratio - 1.0) * 100.0
            )
        }
        Some((ratio, ..)) => format!(
            "The fit is good: nowhere more than {:.0}% apart.",
            (ratio - 1.0) * 100.0
        ),
    }
}

impl Report {
    /// For a terminal: a bar for the log, a mark for the model.
    #[must_use]
    pub fn text(&self) -> String {
        const WIDE: usize = 42;
        let mut text = format!(
            "{}: the log against what was fitted to it (bar: log, |: model)\n",
            self.source
        );
        for section in &self.sections {
            let modelled = section.points.iter().any(|it| it.2.is_some());
            let head = if modelled { "model" } else { "" };
            let _ = writeln!(text, "\n{}\n{:>24}{head:>10}", section.title, "log");
            let most = section
                .points
                .iter()
                .flat_map(|(_, log, model)| [*log, model.unwrap_or(0.0)])
                .fold(0.0, f64::max)
                .max(1e-12);
            let at = |x: f64| super::traffic::place((x / most * WIDE as f64).round()).min(WIDE);
            for (name, log, model) in &section.points {
                let mut bar: Vec<char> = (0..=WIDE)
                    .map(|cell| if cell < at(*log) { '█' } else { ' ' })
                    .collect();
                if let Some(mark) = model.and_then(|model| bar.get_mut(at(model))) {
                    *mark = '|';
                }
                let bar: String = bar.into_iter().collect();
                let shown = model.map_or(String::new(), neat);
                let _ = writeln!(
                    text,
                    "  {name:<12}{:>10}{shown:>10}  {}",
                    neat(*log),
                    bar.trim_end()
                );
            }
            let _ = writeln!(text, "  {}", section.verdict);
        }
        text
    }
}
