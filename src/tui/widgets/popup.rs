//! Boxes over the screen, never larger than it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::symbols::border;
use ratatui::widgets::{Block, Clear};

use super::super::theme::Theme;

/// A rectangle in the middle, no larger than the whole.
#[must_use]
pub fn centred(whole: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(whole.width);
    let height = height.min(whole.height);
    Rect {
        x: whole.x + (whole.width - width) / 2,
        y: whole.y + (whole.height - height) / 2,
        width,
        height,
    }
}

/// What is left inside the border and a column of air.
#[must_use]
pub fn inside(area: Rect) -> Rect {
    let inner = Block::bordered().inner(area);
    Rect {
        x: inner.x.saturating_add(1).min(inner.right()),
        width: inner.width.saturating_sub(2),
        ..inner
    }
}

/// Clears a box, draws its border and title, and returns its inside.
pub fn open(frame: &mut Frame<'_>, area: Rect, title: &str, theme: Theme) -> Rect {
    let area = area.intersection(frame.area());
    frame.render_widget(Clear, area);
    frame.render_widget(
        block(theme)
            .title(format!(" {title} "))
            .title_style(theme.title()),
        area,
    );
    inside(area)
}

/// A border of lines that the terminal can draw.
#[must_use]
pub fn block(theme: Theme) -> Block<'static> {
    let set = if theme.unicode {
        border::ROUNDED
    } else {
        border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        }
    };
    Block::bordered().border_set(set)
}
