//! Seven days by twenty-four hours. Strength is a shade and a colour; in ASCII a digit from 0 to 9.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::theme::Theme;
use super::plot::{Plot, round};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A week.
#[derive(Debug)]
pub struct Heat<'a> {
    /// The 168 hours from Monday midnight; none where there is nothing to show.
    pub hours: &'a [Option<f64>],
    /// How an amount is said.
    pub format: fn(f64) -> String,
}

impl Heat<'_> {
    /// Draws it.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, theme: Theme) {
        let mut plot = Plot::new(buffer, area, theme);
        let known = self
            .hours
            .iter()
            .flatten()
            .copied()
            .filter(|value| value.is_finite());
        let most = known.clone().fold(f64::NEG_INFINITY, f64::max);
        let least = known.fold(f64::INFINITY, f64::min);
        if !most.is_finite() || plot.columns() < 30 {
            return;
        }
        let wide = (plot.columns().saturating_sub(5) / 24).clamp(1, 5);
        for hour in (0..24).step_by(if wide >= 3 { 2 } else { 4 }) {
            plot.text(5 + hour * wide, 0, &format!("{hour:02}"), theme.dim());
        }
        for (day, name) in DAYS.iter().enumerate() {
            plot.text(1, day + 1, name, theme.dim());
            for hour in 0..24 {
                let value = self.hours.get(day * 24 + hour).copied().flatten();
                let (fill, style) = shade(value, least, most, theme);
                plot.text(5 + hour * wide, day + 1, &fill.repeat(wide), style);
            }
        }
        let strongest = self
            .hours
            .iter()
            .position(|value| *value == Some(most))
            .unwrap_or(0);
        let day = DAYS.get(strongest / 24).copied().unwrap_or_default();
        let words = format!(
            "from {} to {}, most on {day} at {:02}:00",
            (self.format)(least),
            (self.format)(most),
            strongest % 24
        );
        plot.text(5, 8, &words, theme.text());
    }
}

fn shade(
    value: Option<f64>,
    least: f64,
    most: f64,
    theme: Theme,
) -> (&'static str, ratatui::style::Style) {
    const SHADES: [&str; 5] = ["·", "░", "▒", "▓", "█"];
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let Some(value) = value.filter(|value| value.is_finite()) else {
        return (" ", theme.dim());
    };
    let share = if most > least {
        (value - least) / (most - least)
    } else {
        0.0
    };
    let style = match round(share * 4.0) {
        0 => theme.dim(),
        1 => theme.series(0).0,
        2 => theme.series(4).0,
        3 => theme.series(2).0,
        _ => theme.series(7).0.patch(theme.strong()),
    };
    let fill = if theme.unicode {
        SHADES.get(round(share * 4.0)).copied()
    } else {
        DIGITS.get(round(share * 9.0)).copied()
    };
    (fill.unwrap_or("#"), style)
}
