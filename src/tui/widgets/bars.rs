//! Rows with a bar each: amounts from nothing, signed amounts from a middle, pieces that follow each other, and stacks.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::theme::{Theme, Tone};
use super::plot::{Plot, place, round};
use super::text::{clean, fit, width};

/// A row: what it is, from where to where its bar reaches, what it says behind.
#[derive(Debug, Clone)]
pub struct Row {
    /// What it is.
    pub label: String,
    /// One end.
    pub from: f64,
    /// The other end.
    pub to: f64,
    /// The number in words.
    pub words: String,
    /// How it is meant; none: neither good nor bad.
    pub tone: Option<Tone>,
}

/// Rows over one scale.
#[derive(Debug)]
pub struct Bars<'a> {
    /// The rows.
    pub rows: &'a [Row],
    /// Where a line goes down, such as the answer with everything as it is.
    pub line: Option<f64>,
}

impl Bars<'_> {
    /// Draws it; rows that do not fit are counted.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, theme: Theme) {
        let mut plot = Plot::new(buffer, area, theme);
        let (columns, rows) = (plot.columns(), plot.rows());
        if columns < 12 || rows == 0 {
            return;
        }
        let longest = |text: fn(&Row) -> usize, most: usize| {
            self.rows.iter().map(text).max().unwrap_or(0).min(most)
        };
        let label = longest(|row| width(&row.label), columns * 2 / 5);
        let words = longest(|row| width(&row.words), columns * 2 / 5);
        let room = columns.saturating_sub(label + words + 4);
        let ends = self
            .rows
            .iter()
            .flat_map(|row| [row.from, row.to])
            .chain(self.line);
        let low = ends.clone().fold(f64::INFINITY, f64::min);
        let high = ends.fold(f64::NEG_INFINITY, f64::max);
        // What does not fit is counted, on a row of its own.
        let shown = if self.rows.len() > rows {
            rows - 1
        } else {
            rows
        };
        for (at, row) in self.rows.iter().take(shown).enumerate() {
            plot.text(
                1,
                at,
                &fit(&clean(&row.label), label, theme.either("…", "~")),
                theme.text(),
            );
            if room >= 3 && high > low {
                let (a, b) = (
                    place(row.from, low, high, room),
                    place(row.to, low, high, room),
                );
                let (from, to) = (a.min(b), a.max(b));
                let empty = row.from == row.to;
                let fill = match (row.tone, theme.unicode) {
                    _ if empty => theme.either("│", "|"),
                    (Some(Tone::Bad), true) => "▓",
                    (Some(Tone::Bad), false) => "%",
                    (_, true) => "█",
                    (_, false) => "#",
                };
                let style = row
                    .tone
                    .map_or_else(|| theme.series(0).0, |tone| theme.tone(tone));
                let long = if empty { 1 } else { (to - from).max(1) };
                plot.text(label + 2 + from, at, &fill.repeat(long), style);
            }
            plot.right(at, &row.words, theme.strong());
        }
        if let Some(line) = self.line.filter(|_| high > low && room >= 3) {
            let column = label + 2 + place(line, low, high, room);
            plot.vertical(column, 0, self.rows.len().min(shown), theme.strong());
        }
        let hidden = self.rows.len().saturating_sub(shown);
        if hidden > 0 {
            plot.text(1, rows - 1, &format!("{hidden} more"), theme.dim());
        }
    }
}

/// Bars of parts that belong together, a row for each, with one legend.
#[derive(Debug)]
pub struct Stacks<'a> {
    /// Names of the parts.
    pub names: &'a [&'a str],
    /// Label and parts of each row; parts are shares of the row's scale.
    pub rows: &'a [(String, Vec<f64>)],
    /// What the longest row sums to.
    pub most: f64,
    /// How a part is said in the legend, for the selected row.
    pub format: fn(f64) -> String,
    /// The row that the legend speaks of.
    pub selected: usize,
}

impl Stacks<'_> {
    /// Draws it.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, theme: Theme) {
        let mut plot = Plot::new(buffer, area, theme);
        let (columns, rows) = (plot.columns(), plot.rows());
        if columns < 20 || rows == 0 {
            return;
        }
        let label = self
            .rows
            .iter()
            .map(|(label, _)| width(label))
            .max()
            .unwrap_or(0)
            .min(columns / 3);
        let room = columns.saturating_sub(label + 3);
        let legend = self.legend(theme, columns);
        let for_bars = rows.saturating_sub(legend.len() + 1).max(1);
        let first = super::table::first_shown(self.selected, self.rows.len(), for_bars);
        for (at, (name, parts)) in self.rows.iter().enumerate().skip(first).take(for_bars) {
            let line = at - first;
            let style = if at == self.selected {
                theme.strong()
            } else {
                theme.dim()
            };
            plot.text(
                1,
                line,
                &fit(&clean(name), label, theme.either("…", "~")),
                style,
            );
            let mut sum = 0.0;
            for (index, part) in parts.iter().enumerate() {
                let (style, fill) = theme.series(index);
                let from = round(sum / self.most * room as f64);
                sum += part;
                let to = round(sum / self.most * room as f64).min(room);
                if to > from {
                    plot.text(label + 2 + from, line, &fill.repeat(to - from), style);
                }
            }
        }
        let below = self.rows.len().min(for_bars) + 1;
        for (line, entries) in legend.iter().enumerate() {
            let mut column = 1;
            for (text, style) in entries {
                plot.text(column, below + line, text, *style);
                column += width(text);
            }
        }
    }

    /// The legend's lines: a fill, a name, and what it is in the selected row.
    fn legend(&self, theme: Theme, columns: usize) -> Vec<Vec<(String, Style)>> {
        let parts = self
            .rows
            .get(self.selected)
            .map(|(_, parts)| parts.as_slice())
            .unwrap_or_default();
        let mut lines: Vec<Vec<(String, Style)>> = vec![Vec::new()];
        let mut used = 1;
        for (index, (name, part)) in self.names.iter().zip(parts).enumerate() {
            if *part <= 0.0 {
                continue;
            }
            let (style, fill) = theme.series(index);
            let words = format!(" {name} {}   ", (self.format)(*part));
            let long = width(&words) + 2;
            if used + long > columns && used > 1 {
                lines.push(Vec::new());
                used = 1;
            }
            used += long;
            if let Some(line) = lines.last_mut() {
                line.push((fill.repeat(2), style));
                line.push((words, theme.text()));
            }
        }
        lines
    }
}
