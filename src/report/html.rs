use std::fmt::Write as _;

use crate::checklist::safe::xml;

use super::chart::{style_sheet, svg};
use super::numbers::clip;
use super::page::{Block, Part, Table, parts};
use super::value::{Fact, Report, SectionState};

const CSS: &str = include_str!("style.css");
/// Longest text on the first page.
const SHORT: usize = 150;
/// A longer cell gets room for some words on a line, however small the screen.
const LONG: usize = 48;
/// A longer word may break.
const WORD: usize = 16;
/// Blockers and lines of a fact that the first page names; the rest is counted.
const LINES: usize = 4;

/// One file: no script, nothing fetched; light, dark and paper.
#[must_use]
pub(super) fn html(report: &Report) -> String {
    let mut out = String::new();
    let word = report.word();
    let parts = parts(report);
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<meta name=\"gonogo-inputs\" content=\"{}\">\n<title>{word}: {}</title>\n<style>\n{}{CSS}</style>\n</head>\n<body>\n",
        xml(&report.inputs.line()),
        short(&report.subject.system),
        style_sheet(),
    );
    first_page(&mut out, report, word);
    let _ = write!(out, "<nav aria-label=\"Contents\"><ul>");
    for part in &parts {
        let _ = write!(out, "<li><a href=\"#{}\">{}</a></li>", part.id, part.title);
    }
    out.push_str("</ul></nav>\n<main>\n");
    let mut charts = 0;
    for part in &parts {
        write_part(&mut out, part, &mut charts);
    }
    let _ = write!(
        out,
        "</main>\n<footer><p>{}</p></footer>\n</body>\n</html>\n",
        super::NOTICE
    );
    out
}

fn short(text: &str) -> String {
    xml(&clip(text, SHORT)).replace("&#10;", " ")
}

/// A sentence: names between backticks become code.
fn sentence(text: &str) -> String {
    let mut out = String::new();
    for (index, piece) in text.split('`').enumerate() {
        if index > 0 {
            out.push_str(if index % 2 == 1 { "<code>" } else { "</code>" });
        }
        out.push_str(&xml(piece));
    }
    if text.matches('`').count() % 2 == 1 {
        out.push_str("</code>");
    }
    out
}

/// A sign beside the word, so that a verdict is not told by colour.
fn sign(word: &str) -> (&'static str, &'static str) {
    match word {
        "GO" => ("go", "✓"),
        "CONDITIONAL GO" => ("conditional", "!"),
        "NO-GO" => ("nogo", "✕"),
        _ => ("open", "?"),
    }
}

fn first_page(out: &mut String, report: &Report, word: &str) {
    let (class, mark) = sign(word);
    let fact = |id: &str| report.facts.iter().find(|fact| fact.id == id);
    let lines = |id: &str| {
        fact(id)
            .map(|fact| {
                fact.detail
                    .iter()
                    .map(|text| short(text))
                    .collect::<Vec<_>>()
                    .join(" · ")
            })
            .unwrap_or_default()
    };
    let value = |id: &str| fact(id).map(|fact| fact.value.as_str()).unwrap_or_default();
    let _ = write!(
        out,
        "<header class=\"{class}\">\n<div class=\"verdict\"><span class=\"sign\" aria-hidden=\"true\">{mark}</span><h1><span class=\"word\">{word}</span> <span class=\"system\">{}</span></h1></div>\n<p class=\"about\">{}</p>\n<p class=\"why\">{}</p>\n",
        short(value("decided")),
        lines("decided"),
        xml(&clip(value("reason"), 330)),
    );
    if !lines("verdict").is_empty() {
        let _ = writeln!(out, "<p class=\"about\">{}</p>", lines("verdict"));
    }
    out.push_str("</header>\n<section class=\"facts\" aria-label=\"The facts\">\n");
    let shown = report
        .facts
        .iter()
        .filter(|fact| !matches!(fact.id, "verdict" | "decided" | "reason"));
    for fact in shown {
        card(out, fact);
    }
    out.push_str("</section>\n");
}

fn card(out: &mut String, fact: &Fact) {
    let _ = write!(
        out,
        "<div class=\"card {}\"><h2>{}</h2><p class=\"value\">{}</p>",
        fact.id,
        fact.label,
        short(&fact.value)
    );
    if !fact.detail.is_empty() {
        out.push_str("<ul>");
        for text in fact.detail.iter().take(LINES) {
            let _ = write!(
                out,
                "<li>{}</li>",
                xml(&clip(text, if fact.id == "blockers" { 210 } else { SHORT }))
                    .replace("&#10;", " ")
            );
        }
        let more = fact.detail.len().saturating_sub(LINES);
        if more > 0 {
            let _ = write!(out, "<li><a href=\"#conditions\">and {more} more</a></li>");
        }
        out.push_str("</ul>");
    }
    out.push_str("</div>\n");
}

fn write_part(out: &mut String, part: &Part, charts: &mut usize) {
    let _ = writeln!(
        out,
        "<section aria-labelledby=\"{0}\"><h2 id=\"{0}\">{1}</h2>",
        part.id, part.title
    );
    for block in &part.blocks {
        match block {
            Block::Text(text) => {
                let _ = writeln!(out, "<p>{}</p>", sentence(text));
            }
            Block::List(list) => {
                out.push_str("<ul>");
                for text in list {
                    let _ = write!(out, "<li>{}</li>", sentence(text));
                }
                out.push_str("</ul>\n");
            }
            Block::Table(table) => write_table(out, table),
            Block::Figure(figure, table) => {
                *charts += 1;
                let title = xml(&figure.title);
                let _ = write!(
                    out,
                    "<figure><h3>{title}</h3><div class=\"scroll\" role=\"group\" aria-label=\"{title}\" tabindex=\"0\">{}</div><details><summary>The numbers</summary>",
                    svg(figure, *charts)
                );
                write_table(out, table);
                out.push_str("</details></figure>\n");
            }
            Block::Bars(sections) => bars(out, sections),
            Block::Commands(commands) => {
                let lines: Vec<String> = commands
                    .iter()
                    .map(|command| xml(&crate::checklist::safe::line(command)))
                    .collect();
                let _ = writeln!(
                    out,
                    "<pre tabindex=\"0\"><code>{}</code></pre>",
                    lines.join("\n")
                );
            }
        }
    }
    out.push_str("</section>\n");
}

fn write_table(out: &mut String, table: &Table) {
    let caption = xml(&table.caption);
    let _ = write!(
        out,
        "<div class=\"scroll\" role=\"group\" aria-label=\"{caption}\" tabindex=\"0\"><table><caption>{caption}</caption><thead><tr>"
    );
    for word in &table.head {
        // A head without a word of its own is no head.
        let _ = if word.is_empty() {
            write!(out, "<td></td>")
        } else {
            write!(out, "<th scope=\"col\">{}</th>", xml(word))
        };
    }
    out.push_str("</tr></thead><tbody>\n");
    let numeric = table.numeric();
    for row in &table.rows {
        out.push_str("<tr>");
        for (column, cell) in row.iter().enumerate() {
            let text = breakable(cell);
            let class = if numeric.get(column).copied().unwrap_or(false) {
                " class=\"n\""
            } else if cell.chars().count() > LONG {
                " class=\"long\""
            } else {
                ""
            };
            let _ = if column == 0 {
                write!(out, "<th scope=\"row\"{class}>{text}</th>")
            } else {
                write!(out, "<td{class}>{text}</td>")
            };
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

/// A cell's text; a name that is too long for its column breaks after its dots and dashes, else where it must.
fn breakable(cell: &str) -> String {
    let mut out = String::new();
    for (index, word) in cell.split(char::is_whitespace).enumerate() {
        if index > 0 {
            out.push(' ');
        }
        if word.chars().count() <= WORD {
            out.push_str(&xml(word));
            continue;
        }
        for piece in word.split_inclusive(['.', '_', '/', '+', '-', ',']) {
            let letters: Vec<char> = piece.chars().collect();
            let parts: Vec<String> = letters
                .chunks(WORD)
                .map(|part| xml(&part.iter().collect::<String>()))
                .collect();
            out.push_str(&parts.join("<wbr>"));
            out.push_str("<wbr>");
        }
    }
    out
}

fn bars(out: &mut String, sections: &[SectionState]) {
    out.push_str("<ul class=\"bars\">\n");
    for section in sections {
        let total = (section.met + section.on_record + section.open + section.against).max(1);
        let _ = write!(
            out,
            "<li><span class=\"name\">{} <small>{}</small></span><span class=\"bar\" aria-hidden=\"true\">",
            xml(&section.title),
            xml(&section.checklist)
        );
        for (count, class) in [
            (section.met, "met"),
            (section.on_record, "record"),
            (section.open, "open"),
            (section.against, "against"),
        ] {
            if count > 0 {
                let _ = write!(
                    out,
                    "<span class=\"{class}\" style=\"width:{:.1}%\"></span>",
                    count as f64 / total as f64 * 100.0
                );
            }
        }
        let _ = writeln!(
            out,
            "</span><span class=\"words\">{}</span></li>",
            section.words()
        );
    }
    out.push_str("</ul>\n");
}
