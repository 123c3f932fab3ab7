//! Markdown as the report writes it, for reading on a terminal: headings, lists, tables with wrapped cells, and text without
//! its marks. What it does not know is shown as it stands.

use ratatui::text::Line;

use super::super::theme::Theme;
use super::text::{clean, fit, width, wrap};

/// Columns that a cell keeps, however little room there is.
const LEAST: usize = 6;

/// The lines of a text at so many columns.
#[must_use]
pub fn lines(text: &str, columns: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut out: Vec<Line<'static>> = Vec::new();
    let mut table: Vec<Vec<String>> = Vec::new();
    for line in text.lines().chain(std::iter::once("")) {
        if line.starts_with("<!--") {
            continue;
        }
        if line.starts_with('|') {
            table.push(cells(line));
            continue;
        }
        if !table.is_empty() {
            out.extend(rows(&std::mem::take(&mut table), columns, theme));
        }
        let empty_before = out.last().is_none_or(|line| line.width() == 0);
        if let Some(heading) = line.strip_prefix('#') {
            if !empty_before {
                out.push(Line::default());
            }
            let heading = plain(heading.trim_start_matches('#').trim());
            out.extend(styled(&heading, columns, theme.title()));
            continue;
        }
        let text = plain(line);
        if text.trim().is_empty() {
            // A line that held only marks leaves no gap, and gaps do not add up.
            if line.trim().is_empty() && !empty_before {
                out.push(Line::default());
            }
            continue;
        }
        out.extend(paragraph(&text, columns));
    }
    // What ends the last table is no gap.
    out.pop_if(|line| line.width() == 0);
    out
}

fn styled(text: &str, columns: usize, style: ratatui::style::Style) -> Vec<Line<'static>> {
    wrap(text, columns)
        .into_iter()
        .map(|line| Line::styled(line, style))
        .collect()
}

/// A paragraph, or an entry of a list with its lines below each other.
fn paragraph(text: &str, columns: usize) -> Vec<Line<'static>> {
    let mark = ["- ", "* "].into_iter().find_map(|mark| {
        let rest = text.trim_start().strip_prefix(mark)?;
        Some((text.len() - text.trim_start().len(), rest))
    });
    let Some((indent, rest)) = mark else {
        return wrap(text, columns).into_iter().map(Line::from).collect();
    };
    let before = " ".repeat(indent);
    wrap(rest, columns.saturating_sub(indent + 2))
        .into_iter()
        .enumerate()
        .map(|(row, line)| {
            let mark = if row == 0 { "- " } else { "  " };
            Line::from(format!("{before}{mark}{line}"))
        })
        .collect()
}

/// The cells of a table's line, split at bars that are not escaped.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for letter in line.trim().trim_start_matches('|').chars() {
        if letter == '|' && !escaped {
            cells.push(String::new());
        } else if let Some(cell) = cells.last_mut() {
            cell.push(letter);
        }
        escaped = letter == '\\' && !escaped;
    }
    // What follows the last bar is no cell.
    cells.pop();
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// A table: columns as wide as they need, the widest narrowed until all fit.
fn rows(table: &[Vec<String>], columns: usize, theme: Theme) -> Vec<Line<'static>> {
    let is_rule = |row: &[String]| {
        row.iter()
            .all(|cell| !cell.is_empty() && cell.chars().all(|letter| "-: ".contains(letter)))
    };
    let shown: Vec<Vec<Vec<String>>> = table
        .iter()
        .filter(|row| !is_rule(row))
        .map(|row| row.iter().map(|cell| pieces(cell)).collect())
        .collect();
    let count = shown.iter().map(Vec::len).max().unwrap_or(0);
    let mut widths: Vec<usize> = (0..count)
        .map(|at| {
            let cells = shown.iter().filter_map(|row| row.get(at)).flatten();
            cells.map(|piece| width(piece)).max().unwrap_or(0).max(1)
        })
        .collect();
    let room = columns.saturating_sub(2 * count.saturating_sub(1));
    while widths.iter().sum::<usize>() > room {
        let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > LEAST) else {
            break;
        };
        *widest -= 1;
    }
    let mut lines = Vec::new();
    for (number, row) in shown.iter().enumerate() {
        let wrapped: Vec<Vec<String>> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| cell.iter().flat_map(|piece| wrap(piece, *width)).collect())
            .collect();
        // A heading without words has nothing to say.
        if number == 0 && row.iter().skip(1).all(|cell| cell.concat().is_empty()) {
            continue;
        }
        let high = wrapped.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..high {
            let text: Vec<String> = wrapped
                .iter()
                .zip(&widths)
                .map(|(cell, width)| fit(cell.get(line).map_or("", String::as_str), *width, ""))
                .collect();
            let style = if number == 0 {
                theme.strong()
            } else {
                theme.text()
            };
            lines.push(Line::styled(text.join("  ").trim_end().to_owned(), style));
        }
    }
    lines
}

/// A cell's lines: a break in it begins another.
fn pieces(cell: &str) -> Vec<String> {
    cell.split("<br>").map(plain).collect()
}

/// Text without the marks of Markdown, safe to draw.
fn plain(text: &str) -> String {
    let text = without_tags(&text.replace("<br>", " "));
    let mut out = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next_if(char::is_ascii_punctuation) {
                Some(meant) => out.push(meant),
                None => out.push('\\'),
            },
            '*' if letters.next_if_eq(&'*').is_some() => {}
            '`' => {}
            other => out.push(other),
        }
    }
    clean(&without_addresses(&out))
}

/// Tags of HTML between which Markdown stands.
fn without_tags(text: &str) -> String {
    let mut out = text.to_owned();
    for tag in [
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
        "<b>",
        "</b>",
    ] {
        out = out.replace(tag, "");
    }
    out
}

/// `[words](address)` as its words.
fn without_addresses(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(middle) = rest.find("](") {
        let (before, after) = rest.split_at(middle);
        let (Some(open), Some(close)) = (before.rfind('['), after.find(')')) else {
            break;
        };
        let (words, linked) = before.split_at(open);
        out.push_str(words);
        out.push_str(linked.trim_start_matches('['));
        rest = after.get(close + 1..).unwrap_or_default();
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, columns: usize) -> Vec<String> {
        lines(text, columns, Theme::default())
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn marks_go_and_words_stay() {
        let text =
            "# NOT *yet*\n\nIt costs \\$40 **a month**, see [the page](https://example.org/a).\n";
        assert_eq!(
            shown(text, 60),
            ["NOT *yet*", "", "It costs $40 a month, see the page."]
        );
    }

    #[test]
    fn tables_keep_their_columns_and_wrap_within_cells() {
        let text =
            "| Fact | |\n| --- | --- |\n| Cost | \\$1 to \\$2<br>90% of months |\n| A\\|B | x |\n";
        assert_eq!(
            shown(text, 20),
            ["Cost  $1 to $2", "      90% of months", "A|B   x"]
        );
        let narrow = shown(
            "| a | b |\n| --- | --- |\n| one two three | four five six |\n",
            18,
        );
        assert_eq!(
            narrow,
            ["a         b", "one two   four", "three     five six"]
        );
    }

    #[test]
    fn lists_hang_under_their_first_word() {
        assert_eq!(shown("- one two three\n", 9), ["- one two", "  three"]);
    }
}
