//! The bill of a month as a histogram over simulated months, with the budget as a line and the ranges below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::theme::{Theme, Tone};
use super::plot::{Plot, place, round};
use crate::report::{percent, usd};
use crate::study::quantile;

/// Bills by month, ascending, and the budget.
#[derive(Debug)]
pub struct Bill<'a> {
    /// US dollars by month, ascending.
    pub months: &'a [f64],
    /// US dollars a month that are approved or planned.
    pub budget: Option<f64>,
}

impl Bill<'_> {
    /// The scale: all months, and the budget unless it is so far off that nothing else would be seen.
    fn scale(&self) -> Option<(f64, f64)> {
        let (first, last) = (*self.months.first()?, *self.months.last()?);
        let spread = (last - first).max(last.abs() * 0.02).max(1e-9);
        let mut low = first - spread * 0.05;
        let mut high = last + spread * 0.05;
        if let Some(budget) = self.budget {
            if budget > high && budget <= high + 3.0 * spread {
                high = budget + spread * 0.05;
            }
            if budget < low && budget >= low - 3.0 * spread {
                low = budget - spread * 0.05;
            }
        }
        Some((low.max(0.0), high))
    }

    /// How many months fall into each bin.
    fn bins(&self, low: f64, high: f64, columns: usize) -> Vec<usize> {
        let wanted = round(2.5 * (self.months.len() as f64).sqrt()).clamp(8, 60);
        let bins = wanted.min(columns).max(1);
        let mut counts = vec![0; bins];
        for bill in self.months {
            let share = (bill - low) / (high - low);
            let at = round((share * bins as f64).floor()).min(bins - 1);
            if let Some(count) = counts.get_mut(at) {
                *count += 1;
            }
        }
        counts
    }

    /// Draws it.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, theme: Theme) {
        let mut plot = Plot::new(buffer, area, theme);
        let (columns, rows) = (plot.columns(), plot.rows());
        let Some((low, high)) = self.scale().filter(|_| columns >= 10 && rows >= 4) else {
            return;
        };
        let floor = rows - 2;
        let top = 1;
        let counts = self.bins(low, high, columns);
        let most = counts.iter().copied().max().unwrap_or(1).max(1);
        let budget = self.budget.map(|budget| place(budget, low, high, columns));
        for column in 0..columns {
            let bin = column * counts.len() / columns;
            let count = counts.get(bin).copied().unwrap_or(0);
            let middle = low + (bin as f64 + 0.5) / counts.len() as f64 * (high - low);
            let over = self.budget.is_some_and(|budget| middle > budget);
            let style = theme.tone(if over { Tone::Bad } else { Tone::Good });
            plot.column(
                column,
                floor,
                floor - top,
                count as f64 / most as f64,
                style,
            );
        }
        self.draw_range(&mut plot, floor, (low, high));
        if let (Some(column), Some(amount)) = (budget, self.budget) {
            let inside = amount >= low && amount <= high;
            let above = self.months.iter().filter(|bill| **bill > amount).count();
            let share = percent(above as f64 / self.months.len() as f64);
            let mut words = format!("budget {}, over it in {share}", usd(amount));
            if inside {
                plot.vertical(column, top, floor, theme.strong());
            } else if amount > high {
                words.push_str(theme.either(" →", " >"));
            } else {
                words.insert_str(0, theme.either("← ", "< "));
            }
            plot.centred(column, 0, &words, theme.strong());
        }
    }

    /// The axis: 90% of months as a band, the median in it, amounts below.
    fn draw_range(&self, plot: &mut Plot<'_>, floor: usize, (low, high): (f64, f64)) {
        let theme = plot.theme;
        let columns = plot.columns();
        let at = |share: f64| place(quantile(self.months, share), low, high, columns);
        let (p05, p50, p95) = (at(0.05), at(0.5), at(0.95));
        plot.text(0, floor, &theme.rule().repeat(columns), theme.dim());
        let band = theme.either("━", "=");
        plot.text(
            p05,
            floor,
            &band.repeat(p95.saturating_sub(p05) + 1),
            theme.strong(),
        );
        plot.text(p50, floor, theme.either("●", "O"), theme.strong());
        let range = format!(
            "90% of months: {} to {}, half below {}",
            usd(quantile(self.months, 0.05)),
            usd(quantile(self.months, 0.95)),
            usd(quantile(self.months, 0.5))
        );
        let median = usd(quantile(self.months, 0.5));
        let ends = (usd(low), usd(high));
        plot.text(0, floor + 1, &ends.0, theme.dim());
        plot.right(floor + 1, &ends.1, theme.dim());
        let (left, right) = (ends.0.len() + 2, ends.1.len() + 2);
        // The fullest words that leave the ends alone.
        for (words, middle) in [(range, usize::midpoint(p05, p95)), (median, p50)] {
            let room = columns.saturating_sub(left + right);
            if words.len() <= room {
                let last = left + room - words.len();
                let from = middle.saturating_sub(words.len() / 2).clamp(left, last);
                plot.text(from, floor + 1, &words, theme.text());
                break;
            }
        }
    }
}
