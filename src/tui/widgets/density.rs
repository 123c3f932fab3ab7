//! Where a quantity's mass lies, as a row of small bars or as a plot of several rows.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::theme::Theme;

const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const LETTERS: [&str; 5] = [" ", ".", ":", "+", "#"];

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share between 0 and 1 of a small count"
)]
fn steps(share: f64, most: usize) -> usize {
    let share = if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.0
    };
    let steps = (share * most as f64).round() as usize;
    // What is there is seen.
    steps.max(usize::from(share > 0.0))
}

/// A row of bars, a letter for each bin.
#[must_use]
pub fn row(bins: &[f64], theme: Theme) -> String {
    let top = bins.iter().copied().fold(0.0, f64::max);
    let marks: &[&str] = if theme.unicode { &EIGHTHS } else { &LETTERS };
    bins.iter()
        .map(|share| {
            let share = if top > 0.0 { share / top } else { 0.0 };
            marks
                .get(steps(share, marks.len() - 1))
                .copied()
                .unwrap_or(" ")
        })
        .collect()
}

/// A plot of so many rows, the highest bin filling it.
#[must_use]
pub fn plot(bins: &[f64], rows: usize, style: Style, theme: Theme) -> Vec<Line<'static>> {
    let top = bins.iter().copied().fold(0.0, f64::max);
    let per_row = if theme.unicode { 8 } else { 1 };
    (0..rows)
        .rev()
        .map(|row| {
            let line: String = bins
                .iter()
                .map(|share| {
                    let share = if top > 0.0 { share / top } else { 0.0 };
                    let filled = steps(share, rows * per_row)
                        .saturating_sub(row * per_row)
                        .min(per_row);
                    if theme.unicode {
                        EIGHTHS.get(filled).copied().unwrap_or(" ")
                    } else if filled > 0 {
                        "#"
                    } else {
                        " "
                    }
                })
                .collect();
            Line::from(Span::styled(line, style))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bin_fills_the_plot_and_the_least_is_seen() {
        let theme = Theme::default();
        assert_eq!(row(&[0.0, 0.001, 0.25, 0.5], theme), " ▁▄█");
        let lines = plot(&[0.5, 0.25, 0.0], 2, Style::new(), theme);
        let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
        assert_eq!(text, ["█  ", "██ "]);
        let ascii = Theme {
            unicode: false,
            ..theme
        };
        assert_eq!(row(&[0.0, 0.25, 0.5], ascii), " :#");
        assert_eq!(row(&[f64::NAN, 0.0], theme), "  ");
    }
}
