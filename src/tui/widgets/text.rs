//! Text that fits: cut and wrapped by what columns letters take, so that wide letters and emoji keep columns straight.

use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Columns that a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// A text of the user's without what a terminal would obey, on one line.
#[must_use]
pub fn clean(text: &str) -> String {
    crate::reading::harmless(&text.replace(['\n', '\r', '\t'], " "))
}

/// The text cut to so many columns, with an ellipsis where something was left out.
#[must_use]
pub fn cut(text: &str, columns: usize, ellipsis: &str) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(ellipsis.width());
    let mut taken = String::new();
    let mut used = 0;
    for letter in text.graphemes(true) {
        if used + letter.width() > room {
            break;
        }
        used += letter.width();
        taken.push_str(letter);
    }
    if ellipsis.width() <= columns {
        taken.push_str(ellipsis);
    }
    taken
}

/// The text cut or filled to exactly so many columns.
#[must_use]
pub fn fit(text: &str, columns: usize, ellipsis: &str) -> String {
    let cut = cut(text, columns, ellipsis);
    let missing = columns.saturating_sub(cut.width());
    cut + &" ".repeat(missing)
}

/// The text at the right end of so many columns.
#[must_use]
pub fn fit_right(text: &str, columns: usize, ellipsis: &str) -> String {
    let cut = cut(text, columns, ellipsis);
    " ".repeat(columns.saturating_sub(cut.width())) + &cut
}

/// Lines of at most so many columns, broken between words where there are any.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let gap = usize::from(!line.is_empty());
            if line.width() + gap + word.width() <= columns {
                if gap == 1 {
                    line.push(' ');
                }
                line.push_str(word);
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.graphemes(true) {
                if line.width() + letter.width() > columns && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                line.push_str(letter);
            }
        }
        lines.push(line);
    }
    lines
}

/// Wrapped lines for drawing.
#[must_use]
pub fn wrapped(text: &str, columns: usize) -> Vec<Line<'static>> {
    wrap(text, columns).into_iter().map(Line::from).collect()
}

/// A span that owns its text.
#[must_use]
pub fn span(text: impl Into<String>, style: ratatui::style::Style) -> Span<'static> {
    Span::styled(text.into(), style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_are_cut_by_columns() {
        assert_eq!(cut("日本語テキスト", 7, "…"), "日本語…");
        assert_eq!(width(&fit("日本語テキスト", 8, "…")), 8);
        assert_eq!(fit("👩‍👩‍👧 ok", 4, "…"), "👩‍👩‍👧 …");
        assert_eq!(cut("abc", 0, "…"), "");
    }

    #[test]
    fn words_wrap_and_long_ones_break() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("a\n\nb", 9), ["a", "", "b"]);
    }
}
