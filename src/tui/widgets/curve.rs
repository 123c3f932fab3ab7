//! What share of answers has come by when: a curve through known quantiles on a logarithmic axis of seconds.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::theme::{Theme, Tone};
use super::plot::{Plot, place};
use crate::report::seconds;

/// A distribution of seconds by some of its quantiles.
#[derive(Debug)]
pub struct Curve<'a> {
    /// Share and seconds, ascending.
    pub points: &'a [(f64, f64)],
    /// The promised seconds.
    pub promise: Option<f64>,
}

impl Curve<'_> {
    /// The share that has come after so many seconds: straight between known quantiles on the logarithm of seconds.
    fn share(&self, at: f64) -> f64 {
        let mut before: Option<(f64, f64)> = None;
        for (share, known) in self.points {
            if at < *known {
                let Some((low, from)) = before else {
                    // Below the first known quantile nothing is known but that it begins at none.
                    return share * (at / known).powi(3);
                };
                let along = (at.ln() - from.ln()) / (known.ln() - from.ln()).max(1e-12);
                return low + (share - low) * along;
            }
            before = Some((*share, *known));
        }
        before.map_or(0.0, |(share, last)| {
            1.0 - (1.0 - share) * (last / at).powi(3)
        })
    }

    /// Draws it.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, theme: Theme) {
        let mut plot = Plot::new(buffer, area, theme);
        let (columns, rows) = (plot.columns(), plot.rows());
        let (Some((_, first)), Some((_, last))) = (self.points.first(), self.points.last()) else {
            return;
        };
        if columns < 24 || rows < 4 || *first <= 0.0 {
            return;
        }
        let low = first / 3.0;
        let high = last.max(self.promise.unwrap_or(0.0)) * 1.3;
        let room = columns - 6;
        let floor = rows - 2;
        for (share, row) in [(1.0, 0), (0.5, floor / 2)] {
            plot.text(1, row, &format!("{:3.0}%", share * 100.0), theme.dim());
        }
        for column in 0..room {
            let at = low * (high / low).powf((column as f64 + 0.5) / room as f64);
            let late = self.promise.is_some_and(|promise| at > promise);
            let tone = if late {
                theme.tone(Tone::Warn)
            } else {
                theme.series(0).0
            };
            plot.column(column + 6, floor, floor, self.share(at), tone);
        }
        plot.text(6, floor, &theme.rule().repeat(room), theme.dim());
        let column = |at: f64| 6 + place(at.ln(), low.ln(), high.ln(), room);
        let mut free = 0;
        for (share, at) in self.points {
            let words = format!("p{:.0} {}", share * 100.0, seconds(*at));
            let wide = words.len();
            let from = column(*at).saturating_sub(wide / 2).max(6);
            if from >= free && from + wide <= columns {
                plot.text(column(*at), floor, theme.either("┴", "+"), theme.strong());
                plot.text(from, floor + 1, &words, theme.text());
                free = from + wide + 2;
            }
        }
        if let Some(promise) = self.promise {
            plot.vertical(column(promise), 0, floor, theme.strong());
            let words = format!(" promised {}", seconds(promise));
            let right = column(promise) + 1;
            if right + words.len() <= columns {
                plot.text(right, 0, &words, theme.strong());
            } else {
                plot.text(
                    column(promise).saturating_sub(words.len() + 1),
                    0,
                    &words,
                    theme.strong(),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_passes_through_what_is_known() {
        let curve = Curve {
            points: &[(0.5, 1.0), (0.95, 4.0)],
            promise: None,
        };
        assert!((curve.share(1.0) - 0.5).abs() < 1e-12);
        assert!((curve.share(2.0) - 0.725).abs() < 1e-12);
        assert!(curve.share(4.0) >= 0.95 && curve.share(100.0) < 1.0);
        assert!(curve.share(0.01) < 0.01);
    }
}
