//! Rows and columns: the first column is cut when room is short, and columns that do not fit are left out from the right
//! in the order that their maker gave.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::theme::Theme;
use super::text::{cut, fit, fit_right, width};

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its heading.
    pub head: &'static str,
    /// Whether its cells stand at its right end.
    pub right: bool,
    /// The higher, the earlier it is left out; 0 stays.
    pub spare: u8,
}

impl Column {
    /// A column of text that stays.
    #[must_use]
    pub fn text(head: &'static str) -> Self {
        Self {
            head,
            right: false,
            spare: 0,
        }
    }

    /// A column of numbers that stays.
    #[must_use]
    pub fn number(head: &'static str) -> Self {
        Self {
            head,
            right: true,
            spare: 0,
        }
    }

    /// The same, left out when room is short; the higher, the earlier.
    #[must_use]
    pub fn spare(self, spare: u8) -> Self {
        Self { spare, ..self }
    }
}

/// A cell: its text and how it looks.
pub type Cell = (String, Style);

/// A table to draw.
#[derive(Debug)]
pub struct Table<'a> {
    /// Its columns.
    pub columns: &'a [Column],
    /// Its rows, a cell for each column.
    pub rows: &'a [Vec<Cell>],
    /// The selected row.
    pub selected: Option<usize>,
}

/// The first row to show, so that the selected one is in view.
#[must_use]
pub fn first_shown(selected: usize, rows: usize, room: usize) -> usize {
    if rows <= room || room == 0 {
        return 0;
    }
    selected.saturating_sub(room / 2).min(rows - room)
}

impl Table<'_> {
    /// Which columns fit, and how wide they are.
    fn widths(&self, room: usize) -> Vec<(usize, usize)> {
        let natural = |index: usize, column: &Column| {
            let cells = self.rows.iter().filter_map(|row| row.get(index));
            cells
                .map(|(text, _)| width(text))
                .chain([width(column.head)])
                .max()
                .unwrap_or(0)
        };
        let mut shown: Vec<(usize, usize)> = self
            .columns
            .iter()
            .enumerate()
            .map(|(index, column)| (index, natural(index, column)))
            .collect();
        let total = |shown: &[(usize, usize)]| {
            shown
                .iter()
                .map(|(_, width)| width + 2)
                .sum::<usize>()
                .saturating_sub(2)
        };
        while total(&shown) > room {
            let most = shown
                .iter()
                .enumerate()
                .filter_map(|(at, (index, _))| {
                    let spare = self.columns.get(*index)?.spare;
                    (spare > 0).then_some((spare, at))
                })
                .max();
            let Some((_, at)) = most else { break };
            shown.remove(at);
        }
        let over = total(&shown).saturating_sub(room);
        if let Some((_, first)) = shown.first_mut() {
            *first = first.saturating_sub(over).max(8.min(*first));
        }
        shown
    }

    /// Draws heading and rows; returns where rows begin and which is the first, for clicks.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
        if area.is_empty() {
            return;
        }
        let dots = theme.either("…", "~");
        let widths = self.widths(usize::from(area.width).saturating_sub(1));
        let head: Vec<Span<'_>> = widths
            .iter()
            .filter_map(|(index, width)| {
                let column = self.columns.get(*index)?;
                let text = if column.right {
                    fit_right(column.head, *width, dots)
                } else {
                    fit(column.head, *width, dots)
                };
                Some(Span::styled(text + "  ", theme.dim()))
            })
            .collect();
        let mut head = Line::from(head);
        head.spans.insert(0, Span::raw(" "));
        frame.render_widget(head, Rect { height: 1, ..area });
        let room = usize::from(area.height.saturating_sub(1));
        let first = first_shown(self.selected.unwrap_or(0), self.rows.len(), room);
        for (line, (number, row)) in self
            .rows
            .iter()
            .enumerate()
            .skip(first)
            .take(room)
            .enumerate()
        {
            let mut spans = vec![Span::raw(" ")];
            for (index, width) in &widths {
                let (Some(column), Some((text, style))) =
                    (self.columns.get(*index), row.get(*index))
                else {
                    continue;
                };
                let text = if column.right {
                    fit_right(text, *width, dots)
                } else {
                    fit(text, *width, dots)
                };
                spans.push(Span::styled(text, *style));
                spans.push(Span::raw("  "));
            }
            let mut text = Line::from(spans);
            let row = Rect {
                y: area.y + 1 + u16::try_from(line).unwrap_or(0),
                height: 1,
                ..area
            };
            if self.selected == Some(number) {
                text = text.style(theme.selected());
                frame
                    .buffer_mut()
                    .set_style(row.intersection(area), theme.selected());
            }
            frame.render_widget(text, row.intersection(area));
        }
        let hidden = self.rows.len().saturating_sub(first + room);
        if hidden > 0 && room > 0 {
            let words = cut(
                &format!(" {hidden} more below "),
                usize::from(area.width),
                dots,
            );
            let at = Rect {
                x: area
                    .right()
                    .saturating_sub(u16::try_from(width(&words)).unwrap_or(0)),
                y: area.y,
                width: u16::try_from(width(&words)).unwrap_or(0),
                height: 1,
            };
            frame.render_widget(Span::styled(words, theme.dim()), at.intersection(area));
        }
    }

    /// The row under a click.
    #[must_use]
    pub fn row_at(&self, area: Rect, at: ratatui::layout::Position) -> Option<usize> {
        if !area.contains(at) || at.y == area.y {
            return None;
        }
        let room = usize::from(area.height.saturating_sub(1));
        let first = first_shown(self.selected.unwrap_or(0), self.rows.len(), room);
        let row = first + usize::from(at.y - area.y - 1);
        (row < self.rows.len()).then_some(row)
    }
}
