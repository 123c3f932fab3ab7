//! A command's page on a narrower screen: sentences wrap, and a table that is too wide goes on below with its other columns,
//! under the names of its rows, so that no number is cut.

use super::text::{cut, width, wrap};

/// Blanks between the columns of a page, at least.
const GAP: usize = 2;

/// The page in lines of at most so many columns.
#[must_use]
pub fn fitted(text: &str, columns: usize, ellipsis: &str) -> Vec<String> {
    let lines: Vec<String> = text.lines().map(crate::reading::harmless).collect();
    let mut page = Vec::new();
    let mut rest = lines.as_slice();
    while let Some((first, after)) = rest.split_first() {
        let rows = rest.iter().take_while(|line| is_row(line)).count();
        if rows == 0 {
            if width(first) <= columns {
                page.push(first.clone());
            } else {
                page.extend(wrap(first, columns));
            }
            rest = after;
            continue;
        }
        let (table, after) = rest.split_at(rows);
        page.extend(parted(table, columns, ellipsis));
        rest = after;
    }
    page
}

/// Whether a line is a row of a table: columns are at least two blanks apart, and an item of a list is a sentence.
fn is_row(line: &str) -> bool {
    line.trim_start().contains("  ") && !line.starts_with("- ")
}

/// A table as it is, or, where it is too wide, its columns a few at a time, each time beside the first.
fn parted(table: &[String], columns: usize, ellipsis: &str) -> Vec<String> {
    if table.iter().all(|line| width(line) <= columns) {
        return table.to_vec();
    }
    let found = columns_of(table);
    let Some(((_, names), others)) = found.split_first().filter(|(_, others)| !others.is_empty())
    else {
        // Its rows leave no column free: they are sentences after all.
        return table.iter().flat_map(|line| wrap(line, columns)).collect();
    };
    let mut page = Vec::new();
    let mut others = others.iter().peekable();
    while let Some((from, mut to)) = others.next().copied() {
        let most = columns.saturating_sub(names + GAP);
        while let Some((_, next)) = others.next_if(|(_, end)| end - from <= most) {
            to = *next;
        }
        if !page.is_empty() {
            page.push(String::new());
        }
        page.extend(table.iter().map(|line| {
            let row = format!(
                "{}{}{}",
                between(line, 0, *names),
                " ".repeat(GAP),
                between(line, from, to)
            );
            cut(row.trim_end(), columns, ellipsis)
        }));
    }
    page
}

/// Where the columns of a table begin and end: what has at least two blank columns on both sides in every row.
fn columns_of(table: &[String]) -> Vec<(usize, usize)> {
    let whole = table.iter().map(|line| width(line)).max().unwrap_or(0);
    let mut filled = vec![false; whole];
    for line in table {
        let mut at = 0;
        for letter in line.chars() {
            let wide = width(letter.encode_utf8(&mut [0; 4]));
            if letter != ' ' {
                filled
                    .iter_mut()
                    .skip(at)
                    .take(wide)
                    .for_each(|place| *place = true);
            }
            at += wide;
        }
    }
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, _) in filled.iter().enumerate().filter(|(_, filled)| **filled) {
        match found.last_mut() {
            Some((_, end)) if at < *end + GAP => *end = at + 1,
            _ => found.push((at, at + 1)),
        }
    }
    found
}

/// What stands in a line between two columns of the screen, filled up with blanks.
fn between(line: &str, from: usize, to: usize) -> String {
    let mut text = String::new();
    let mut at = 0;
    for letter in line.chars() {
        let wide = width(letter.encode_utf8(&mut [0; 4]));
        if at >= from && at + wide <= to {
            text.push(letter);
        }
        at += wide;
    }
    let missing = (to - from).saturating_sub(width(&text));
    text + &" ".repeat(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
Two strategies over the same twelve months, and a sentence that is longer than forty columns.
metric       plain  cheap  difference  95% interval
cost.total    $100    $50        -$50  -$60 to -$40
latency.p95    6 s    7 s        +1 s  0 to +2 s

- A point of a list  with two blanks.
";

    #[test]
    fn a_table_that_is_too_wide_goes_on_below_and_no_cell_is_cut() {
        let page = fitted(PAGE, 36, "…");
        let lines: Vec<&str> = page.iter().map(String::as_str).collect();
        let at = lines
            .iter()
            .position(|line| line.starts_with("metric"))
            .unwrap();
        assert_eq!(
            lines[at..at + 7],
            [
                "metric       plain  cheap",
                "cost.total    $100    $50",
                "latency.p95    6 s    7 s",
                "",
                "metric       difference",
                "cost.total         -$50",
                "latency.p95        +1 s",
            ]
        );
        assert!(page.iter().all(|line| width(line) <= 36), "{page:#?}");
        // Every word of the page is there, whole.
        let all = page.join(" ");
        for word in PAGE.split_whitespace() {
            assert!(all.contains(word), "{word} is missing: {page:#?}");
        }
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let page = fitted(PAGE, 100, "…");
        assert_eq!(page.join("\n"), PAGE.trim_end());
    }

    #[test]
    fn any_width_and_any_text_do() {
        for columns in 0..40 {
            for text in [
                "",
                "  ",
                "a  b",
                "日本  語テ  キスト\n日  本語",
                "  x\n    y  z",
            ] {
                let page = fitted(text, columns, "…");
                assert!(
                    columns == 0 || page.iter().all(|line| width(line) <= columns.max(2)),
                    "{columns}: {page:?}"
                );
            }
        }
    }
}
