//! One question in full: what is asked, what was answered, what the simulator says, and everything that hangs on it.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::checklist::rules::Word;
use crate::checklist::safe;

use super::super::super::review::{JudgedQuestion, Reviewed};
use super::super::super::theme::{Theme, Tone};
use super::super::super::widgets::text::{clean, span, wrap};

/// How a word of the simulator is shown.
#[must_use]
pub fn tone_of(word: &Word) -> Tone {
    match word {
        Word::Supports => Tone::Good,
        Word::SupportsOnGuesses(_) => Tone::Warn,
        Word::Contradicts => Tone::Bad,
        Word::CannotTell(_) | Word::NotModelled(_) | Word::BudgetMissing(_) => Tone::Open,
    }
}

/// Why the word is as it is, where it says so itself.
#[must_use]
pub fn because(word: &Word) -> String {
    match word {
        Word::SupportsOnGuesses(inputs) => format!("assumed: {}", inputs.join(", ")),
        Word::CannotTell(why) | Word::NotModelled(why) | Word::BudgetMissing(why) => why.clone(),
        Word::Supports | Word::Contradicts => String::new(),
    }
}

/// What the simulator says about a question, a line or two for each rule.
#[must_use]
pub fn simulator(question: &JudgedQuestion, columns: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for heard in &question.heard {
        let tone = tone_of(&heard.word);
        let mut words = heard.asked.clone();
        for more in [heard.found.clone(), because(&heard.word)] {
            if !more.is_empty() {
                words = format!("{words}; {more}");
            }
        }
        let head = format!("{} {}: ", theme.mark(tone), heard.word);
        labelled(
            &mut lines,
            "simulator",
            &format!("{head}{words}"),
            columns,
            theme.tone(tone),
            theme,
        );
    }
    lines
}

/// A label, and text that wraps beside it.
fn labelled(
    lines: &mut Vec<Line<'static>>,
    label: &str,
    text: &str,
    columns: usize,
    style: Style,
    theme: Theme,
) {
    if text.trim().is_empty() {
        return;
    }
    let beside = 11;
    let rest = wrap(&clean(text), columns.saturating_sub(beside).max(10));
    for (index, line) in rest.into_iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        lines.push(Line::from(vec![
            span(format!("{label:<beside$}"), theme.dim()),
            Span::styled(line, style),
        ]));
    }
}

/// Everything about a question.
#[must_use]
pub fn lines(
    question: &JudgedQuestion,
    review: &Reviewed,
    columns: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let asked = &question.question;
    let mut lines: Vec<Line<'static>> = wrap(&clean(&asked.ask), columns)
        .into_iter()
        .map(|line| Line::styled(line, theme.strong()))
        .collect();
    let tone = question.standing.tone();
    let drafted = if question.drafted {
        " (drafted by a study)"
    } else {
        ""
    };
    let words = format!(
        "{} {}{drafted}: {}",
        theme.mark(tone),
        question.status,
        question.words
    );
    labelled(
        &mut lines,
        "answer",
        &words,
        columns,
        theme.tone(tone),
        theme,
    );
    lines.extend(simulator(question, columns, theme));
    answer(&mut lines, question, review, columns, theme);
    for remark in &question.remarks {
        labelled(&mut lines, "remark", remark, columns, theme.text(), theme);
    }
    for (label, text) in [
        ("why", &asked.why),
        ("find out", &asked.how),
        ("counts", &asked.proof),
        ("stops", &asked.blocks_when),
    ] {
        labelled(&mut lines, label, text, columns, theme.text(), theme);
    }
    let facts = format!(
        "{}, {}, answered by {}",
        question.key, question.severity, asked.role
    );
    labelled(&mut lines, "question", &facts, columns, theme.dim(), theme);
    let clauses: Vec<String> = asked
        .maps_to
        .iter()
        .map(|clause| format!("{} {}", clause.standard, clause.clause))
        .collect();
    labelled(
        &mut lines,
        "clauses",
        &clauses.join("; "),
        columns,
        theme.dim(),
        theme,
    );
    lines
}

/// What was answered, and what hangs on it.
fn answer(
    lines: &mut Vec<Line<'static>>,
    question: &JudgedQuestion,
    review: &Reviewed,
    columns: usize,
    theme: Theme,
) {
    let file = &review.project.review;
    let plain = theme.text();
    if let Some(answer) = file.answers.get(&question.key) {
        let mut say =
            |label: &str, text: String| labelled(lines, label, &text, columns, plain, theme);
        for line in answer.note.as_deref().unwrap_or_default().lines() {
            say("note", line.to_owned());
        }
        let due = answer
            .due
            .map(|day| format!("by {day}"))
            .unwrap_or_default();
        say(
            "owner",
            format!("{} {due}", answer.owner.as_deref().unwrap_or_default()),
        );
        let at = answer
            .answered_at
            .map(|at| format!(", {}", at.strftime("%Y-%m-%d %H:%M")))
            .unwrap_or_default();
        say(
            "answered",
            answer
                .answered_by
                .as_ref()
                .map(|who| format!("{who}{at}"))
                .unwrap_or_default(),
        );
        say("looked at", answer.reviewed_by.clone().unwrap_or_default());
        for id in &answer.evidence {
            let piece = file.evidence.get(id).map(|piece| {
                let day = piece
                    .collected
                    .map(|day| format!(", collected {day}"))
                    .unwrap_or_default();
                format!(
                    ": {} {}{day}",
                    piece.kind,
                    safe::reference(&piece.reference)
                )
            });
            let bad = review
                .facts
                .bad_evidence
                .get(id)
                .map(|why| format!(" ({why})"))
                .unwrap_or_default();
            say(
                "evidence",
                format!("{id}{}{bad}", piece.unwrap_or_default()),
            );
        }
    }
    if let Some(waiver) = file.waivers.get(&question.key) {
        let until = waiver
            .expires
            .map(|day| day.to_string())
            .unwrap_or_default();
        let by = waiver.approved_by.as_deref().unwrap_or("nobody");
        labelled(
            lines,
            "waiver",
            &format!("until {until}, by {by}: {}", waiver.reason),
            columns,
            theme.tone(Tone::Warn),
            theme,
        );
    }
}
