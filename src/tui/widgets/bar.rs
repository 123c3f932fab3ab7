//! Horizontal bars, down to an eighth of a column.

use super::super::theme::Theme;

const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// A bar of so many columns of which a share is full, without its empty part.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of eighths between 0 and eight times the columns"
)]
pub fn filled(share: f64, columns: usize, theme: Theme) -> String {
    let share = if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.0
    };
    if !theme.unicode {
        return "#".repeat((share * columns as f64).round() as usize);
    }
    let eighths = (share * columns as f64 * 8.0).round() as usize;
    let rest = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    "█".repeat(eighths / 8) + rest
}

/// A bar with its empty part.
#[must_use]
pub fn plain(share: f64, columns: usize, theme: Theme) -> String {
    let full = filled(share, columns, theme);
    let used = super::text::width(&full);
    full + &theme.either("░", ".").repeat(columns.saturating_sub(used))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_share() {
        let theme = Theme::default();
        assert_eq!(plain(0.5, 4, theme), "██░░");
        assert_eq!(filled(0.3125, 4, theme), "█▎");
        assert_eq!(filled(f64::NAN, 4, theme), "");
        let ascii = Theme {
            unicode: false,
            ..theme
        };
        assert_eq!(plain(0.5, 4, ascii), "##..");
    }
}
