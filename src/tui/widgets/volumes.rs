//! How far each strategy's volume can grow, on a logarithmic axis: a bar as far as everything holds, and marks where
//! single promises break.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::theme::{Theme, Tone};
use super::plot::{Plot, place};
use super::text::{clean, fit, width};

/// One strategy.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Its name.
    pub strategy: String,
    /// Where each promise breaks, as a multiple of the launch volume.
    pub edges: Vec<(String, f64)>,
}

/// Strategies over one axis.
#[derive(Debug)]
pub struct Volumes<'a> {
    /// The strategies.
    pub reaches: &'a [Reach],
    /// The range that was looked at.
    pub range: (f64, f64),
}

impl Volumes<'_> {
    /// Draws it: two rows for each strategy, and the axis.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, theme: Theme) {
        let mut plot = Plot::new(buffer, area, theme);
        let (columns, rows) = (plot.columns(), plot.rows());
        let (low, high) = self.range;
        if columns < 30 || rows < 3 || low <= 0.0 || high <= low {
            return;
        }
        let label = self
            .reaches
            .iter()
            .map(|reach| width(&reach.strategy))
            .max()
            .unwrap_or(0)
            .min(columns / 3);
        let room = columns - label - 4;
        let column = |volume: f64| {
            label + 2 + place(volume.clamp(low, high).ln(), low.ln(), high.ln(), room)
        };
        let shown = self.reaches.len().min((rows - 1) / 2);
        for (at, reach) in self.reaches.iter().take(shown).enumerate() {
            let row = at * 2;
            plot.text(
                1,
                row,
                &fit(&clean(&reach.strategy), label, theme.either("…", "~")),
                theme.text(),
            );
            let first = reach
                .edges
                .iter()
                .map(|(_, volume)| *volume)
                .fold(f64::INFINITY, f64::min);
            let end = column(first.min(high));
            let fill = theme.either("█", "#");
            plot.text(
                label + 2,
                row,
                &fill.repeat((end + 1).saturating_sub(label + 2)),
                theme.tone(Tone::Good),
            );
            let rest = theme
                .either("░", ".")
                .repeat(column(high).saturating_sub(end));
            plot.text(end + 1, row, &rest, theme.dim());
            let mut edges: Vec<_> = reach
                .edges
                .iter()
                .filter(|(_, volume)| *volume <= high)
                .collect();
            edges.sort_by(|a, b| a.1.total_cmp(&b.1));
            let mut free = label + 2;
            for (name, volume) in edges {
                let place = column(*volume);
                plot.text(place, row, theme.either("┃", "|"), theme.tone(Tone::Bad));
                let words = format!("{name} {}", times(*volume));
                let from = place.min(columns.saturating_sub(width(&words) + 1));
                if from >= free {
                    plot.text(from, row + 1, &words, theme.dim());
                    free = from + width(&words) + 2;
                }
            }
        }
        let axis = shown * 2;
        let mut volume = 10_f64.powf(low.log10().ceil());
        while volume <= high * 1.0001 {
            plot.centred(column(volume), axis, &times(volume), theme.dim());
            volume *= 10.0;
        }
    }
}

/// A multiple of the launch volume: "0.3x", "4.2x", "120x".
#[must_use]
pub fn times(volume: f64) -> String {
    if volume >= 99.5 || (volume - volume.round()).abs() < 1e-9 {
        format!("{volume:.0}x")
    } else if volume >= 9.95 {
        format!("{volume:.1}x")
    } else {
        format!("{volume:.2}x")
    }
}
