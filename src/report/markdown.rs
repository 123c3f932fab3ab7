use crate::checklist::safe::markdown as escape;

use super::numbers::clip;
use super::page::{Block, Part, Table, parts};
use super::value::{Report, SectionState};

/// Longest text in a cell: a pull-request comment holds 65,536 letters.
const CELL: usize = 240;
/// Length from which long tables are left out, so that what follows them still fits.
const MOST: usize = 50_000;
/// Rows of a table that are shown at once; longer ones are folded.
const OPEN_ROWS: usize = 12;

/// Markdown that reads well raw and rendered: the facts first, long tables folded.
#[must_use]
pub(super) fn markdown(report: &Report) -> String {
    let mut out = String::new();
    let word = report.word();
    line(
        &mut out,
        &format!("# {word}: {}", say(&report.subject.system)),
    );
    let rows = report.facts.iter().skip(1).map(|fact| {
        let detail: Vec<String> = fact.detail.iter().map(|text| say(text)).collect();
        let value = say(&fact.value);
        let all = if detail.is_empty() {
            value
        } else {
            format!("{value}<br>{}", detail.join("<br>"))
        };
        format!("| {} | {all} |\n", fact.label)
    });
    line(
        &mut out,
        &format!(
            "| Fact | |\n| --- | --- |\n{}",
            rows.collect::<String>().trim_end()
        ),
    );
    for detail in report
        .facts
        .first()
        .map(|fact| fact.detail.as_slice())
        .unwrap_or_default()
    {
        line(&mut out, &format!("{}.", say(detail)));
    }
    for part in parts(report) {
        write_part(&mut out, &part);
    }
    line(
        &mut out,
        &format!(
            "---\n\n{}\n\n<!-- {} -->",
            super::NOTICE,
            report.inputs.line()
        ),
    );
    format!("{}\n", out.trim_end())
}

fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push_str("\n\n");
}

/// User text; names that our sentences mark with backticks are put in quotation marks.
fn say(text: &str) -> String {
    escape(&clip(&text.replace('`', "'"), CELL))
}

fn write_part(out: &mut String, part: &Part) {
    line(out, &format!("## {}", part.title));
    for block in &part.blocks {
        match block {
            Block::Text(text) => line(out, &escape(&text.replace('`', "'"))),
            Block::List(list) => line(
                out,
                &lines(
                    "- ",
                    list.iter().map(|text| escape(&text.replace('`', "'"))),
                ),
            ),
            Block::Table(table) => write_table(out, table, table.rows.len() > OPEN_ROWS),
            Block::Figure(_, table) => write_table(out, table, true),
            Block::Bars(sections) => line(out, &bars(sections)),
            Block::Commands(commands) => line(
                out,
                &lines(
                    "    ",
                    commands
                        .iter()
                        .map(|command| crate::checklist::safe::line(command)),
                ),
            ),
        }
    }
}

fn lines(before: &str, texts: impl Iterator<Item = String>) -> String {
    texts
        .map(|text| format!("{before}{text}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn write_table(out: &mut String, table: &Table, folded: bool) {
    let row = |cells: &[String]| {
        format!(
            "| {} |\n",
            cells
                .iter()
                .map(|cell| say(cell))
                .collect::<Vec<_>>()
                .join(" | ")
        )
    };
    let rule = format!("|{}\n", " --- |".repeat(table.head.len()));
    let body: String = table.rows.iter().map(|cells| row(cells)).collect();
    let text = format!("{}{rule}{}", row(&table.head), body.trim_end());
    if folded && out.len() + text.len() > MOST {
        let words = format!(
            "{}: {} rows, left out here to fit a comment; the HTML report and the JSON have them.",
            say(&table.caption),
            table.rows.len()
        );
        line(out, &words);
    } else if folded {
        line(
            out,
            &format!(
                "<details><summary>{}</summary>\n\n{text}\n\n</details>",
                say(&table.caption)
            ),
        );
    } else {
        line(out, &text);
    }
}

fn bars(sections: &[SectionState]) -> String {
    let row = |section: &SectionState| {
        let total = section.met + section.on_record + section.open + section.against;
        let bar = format!(
            "{}{}",
            "█".repeat(section.met.min(40)),
            "░".repeat((total - section.met).min(40))
        );
        format!(
            "| {} | {} | {bar} | {} |\n",
            say(&section.checklist),
            say(&section.title),
            section.words()
        )
    };
    let rows: String = sections.iter().map(row).collect();
    format!(
        "| Checklist | Section | | |\n| --- | --- | --- | --- |\n{}",
        rows.trim_end()
    )
}
