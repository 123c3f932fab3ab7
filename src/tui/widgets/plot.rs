//! What charts are drawn with: a buffer, a rectangle that is never left, columns down to an eighth of a row.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::theme::Theme;
use super::text::{cut, width};

const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// A place to draw in.
#[derive(Debug)]
pub struct Plot<'a> {
    buffer: &'a mut Buffer,
    /// Its place on the screen.
    pub area: Rect,
    /// How things look.
    pub theme: Theme,
}

impl<'a> Plot<'a> {
    /// A place inside a buffer.
    pub fn new(buffer: &'a mut Buffer, area: Rect, theme: Theme) -> Self {
        let area = area.intersection(buffer.area);
        Self {
            buffer,
            area,
            theme,
        }
    }

    /// Columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        usize::from(self.area.width)
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        usize::from(self.area.height)
    }

    /// Text from a column on, cut at the right end. Column and row count from the upper left corner of the place.
    pub fn text(&mut self, column: usize, row: usize, text: &str, style: Style) {
        if row >= self.rows() || column >= self.columns() {
            return;
        }
        let dots = self.theme.either("…", "~");
        let text = cut(text, self.columns() - column, dots);
        let (Ok(x), Ok(y)) = (u16::try_from(column), u16::try_from(row)) else {
            return;
        };
        self.buffer
            .set_string(self.area.x + x, self.area.y + y, text, style);
    }

    /// Text with its middle at a column, moved so that all of it is inside.
    pub fn centred(&mut self, column: usize, row: usize, text: &str, style: Style) {
        let wide = width(text);
        let from = column.saturating_sub(wide / 2);
        self.text(
            from.min(self.columns().saturating_sub(wide)),
            row,
            text,
            style,
        );
    }

    /// Text that ends at the right end.
    pub fn right(&mut self, row: usize, text: &str, style: Style) {
        self.text(self.columns().saturating_sub(width(text)), row, text, style);
    }

    /// One column that stands on row `floor` (exclusive) and reaches up a share of `rows`.
    pub fn column(&mut self, column: usize, floor: usize, rows: usize, share: f64, style: Style) {
        let share = if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.0
        };
        let eighths = round(share * rows as f64 * 8.0);
        // Something is not nothing, however small.
        let eighths = if share > 0.0 { eighths.max(1) } else { eighths };
        for step in 0..rows {
            let left = eighths.saturating_sub(step * 8).min(8);
            if left == 0 {
                break;
            }
            let fill = if self.theme.unicode {
                EIGHTHS.get(left).copied().unwrap_or("█")
            } else if left >= 4 || step == 0 {
                "#"
            } else {
                break;
            };
            if let Some(row) = floor.checked_sub(step + 1) {
                self.text(column, row, fill, style);
            }
        }
    }

    /// A vertical line.
    pub fn vertical(&mut self, column: usize, from: usize, to: usize, style: Style) {
        let mark = self.theme.either("│", "|");
        for row in from..to {
            self.text(column, row, mark, style);
        }
    }
}

/// To the nearest whole number, from 0 on.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what a screen can hold before"
)]
pub fn round(number: f64) -> usize {
    if number.is_finite() {
        number.clamp(0.0, 1e6).round() as usize
    } else {
        0
    }
}

/// The column of a value on a scale from `low` to `high` over so many columns.
#[must_use]
pub fn place(value: f64, low: f64, high: f64, columns: usize) -> usize {
    let last = columns.saturating_sub(1);
    if high <= low {
        return 0;
    }
    round((value - low) / (high - low) * last as f64).min(last)
}
