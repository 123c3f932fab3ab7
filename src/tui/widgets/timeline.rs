//! An incident over time: for each step a column of what requests came to, with the incident marked below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::theme::Theme;
use super::plot::{Plot, round};
use super::text::width;
use crate::report::Drilled;

/// A drill, step by step.
#[derive(Debug)]
pub struct Timeline<'a>(pub &'a Drilled);

impl Timeline<'_> {
    /// Draws it.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, theme: Theme) {
        let drill = self.0;
        let mut plot = Plot::new(buffer, area, theme);
        let steps = drill.counts.len();
        if plot.columns() < 20 || plot.rows() < 5 || steps == 0 {
            return;
        }
        let wide = (plot.columns().saturating_sub(2) / steps).clamp(1, 4);
        let legend = self.legend(&mut plot);
        let floor = plot.rows().saturating_sub(2 + legend).max(1);
        let total = |counts: &Vec<f64>| counts.iter().sum::<f64>();
        let most = drill.counts.iter().map(total).fold(0.0, f64::max).max(1e-9);
        let shown = (plot.columns().saturating_sub(2) / wide).min(steps);
        for (step, counts) in drill.counts.iter().take(shown).enumerate() {
            let mut sum = 0.0;
            for (index, count) in counts.iter().enumerate() {
                let (style, fill) = theme.series(index);
                let from = round(sum / most * floor as f64);
                sum += count;
                let to = round(sum / most * floor as f64).min(floor);
                for row in from..to {
                    plot.text(1 + step * wide, floor - row - 1, &fill.repeat(wide), style);
                }
            }
        }
        let during = |minute: f64| (0.0..drill.lasts_min).contains(&minute);
        let mark = theme.either("▔", "^");
        for (step, minute) in drill.minutes.iter().take(shown).enumerate() {
            if during(*minute) {
                plot.text(1 + step * wide, floor, &mark.repeat(wide), theme.strong());
            }
        }
        let start = drill
            .minutes
            .iter()
            .position(|minute| *minute >= 0.0)
            .unwrap_or(0);
        let words = format!("incident, {:.0} min", drill.lasts_min);
        plot.text(1 + start * wide, floor + 1, &words, theme.strong());
        if let Some(last) = drill.minutes.get(shown.saturating_sub(1)) {
            let end = format!("{last:+.0} min");
            let column = (shown * wide).saturating_sub(width(&end));
            if column > 1 + start * wide + width(&words) {
                plot.text(column, floor + 1, &end, theme.dim());
            }
        }
    }

    /// Draws the legend along the bottom, and returns how many rows it took.
    fn legend(&self, plot: &mut Plot<'_>) -> usize {
        let theme = plot.theme;
        let sums: Vec<f64> = (0..self.0.outcomes.len())
            .map(|index| {
                self.0
                    .counts
                    .iter()
                    .filter_map(|counts| counts.get(index))
                    .sum()
            })
            .collect();
        let mut entries = Vec::new();
        for (index, (name, sum)) in self.0.outcomes.iter().zip(&sums).enumerate() {
            if *sum > 0.0 {
                entries.push((index, name));
            }
        }
        let row = plot.rows() - 1;
        let mut column = 1;
        for (index, name) in entries {
            let (style, fill) = theme.series(index);
            plot.text(column, row, &fill.repeat(2), style);
            plot.text(column + 3, row, name, theme.text());
            column += 3 + width(name) + 2;
        }
        1
    }
}
