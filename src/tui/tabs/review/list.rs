//! The list of questions under the titles of their sections.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::checklist::rules::together;

use super::super::super::review::{JudgedQuestion, Reviewed};
use super::super::super::theme::Theme;
use super::super::super::widgets::table::first_shown;
use super::super::super::widgets::text::{clean, fit, span};
use super::detail::tone_of;

/// A line of the list.
enum Entry<'a> {
    Section(&'a str),
    Question(usize, &'a JudgedQuestion),
}

/// Lines with sections between; a question carries its place among those shown.
fn entries<'a>(questions: &'a [JudgedQuestion], shown: &[usize]) -> Vec<Entry<'a>> {
    let mut list = Vec::new();
    let mut section = None;
    for (place, question) in shown
        .iter()
        .filter_map(|index| questions.get(*index))
        .enumerate()
    {
        let here = (question.key.checklist.as_str(), question.section.as_str());
        if section != Some(here) {
            list.push(Entry::Section(&question.section));
            section = Some(here);
        }
        list.push(Entry::Question(place, question));
    }
    list
}

fn first(entries: &[Entry<'_>], selected: usize, area: Rect) -> usize {
    let line = entries
        .iter()
        .position(|entry| matches!(entry, Entry::Question(place, _) if *place == selected));
    first_shown(
        line.unwrap_or(0),
        entries.len(),
        usize::from(area.height.saturating_sub(1)),
    )
}

/// The question under a click, as its place among those shown.
#[must_use]
pub fn at(
    questions: &[JudgedQuestion],
    shown: &[usize],
    selected: usize,
    area: Rect,
    at: Position,
) -> Option<usize> {
    if !area.contains(at) || at.y == area.y {
        return None;
    }
    let entries = entries(questions, shown);
    let line = first(&entries, selected, area) + usize::from(at.y - area.y - 1);
    match entries.get(line)? {
        Entry::Question(place, _) => Some(*place),
        Entry::Section(_) => None,
    }
}

/// Columns beside the question's own; left out from the right where they do not fit.
struct Widths {
    question: usize,
    beside: Vec<(&'static str, usize)>,
}

fn widths(columns: usize) -> Widths {
    let mut beside = Vec::new();
    let mut room = columns.saturating_sub(4);
    // The question keeps at least this much.
    let least = 28;
    for (name, width) in [
        ("answer", 8),
        ("simulator", 15),
        ("severity", 8),
        ("owner", 14),
        ("due", 10),
        ("evidence", 8),
        ("state", 34),
    ] {
        if room.saturating_sub(width + 2) < least {
            continue;
        }
        room -= width + 2;
        beside.push((name, width));
    }
    Widths {
        question: room,
        beside,
    }
}

fn cell(name: &str, question: &JudgedQuestion, review: &Reviewed, theme: Theme) -> (String, Style) {
    let answer = review.project.review.answers.get(&question.key);
    let plain = theme.text();
    match name {
        "answer" => {
            let open = question.status == crate::checklist::Status::Unknown;
            (
                question.status.to_string(),
                if open { theme.dim() } else { plain },
            )
        }
        "simulator" => together(&question.heard).map_or((String::new(), plain), |word| {
            let tone = tone_of(word);
            let short = match word {
                crate::checklist::rules::Word::SupportsOnGuesses(_) => "on guesses".to_owned(),
                crate::checklist::rules::Word::BudgetMissing(_) => "no budget".to_owned(),
                other => other.to_string(),
            };
            (format!("{} {short}", theme.mark(tone)), theme.tone(tone))
        }),
        "severity" => (question.severity.to_string(), plain),
        "owner" => (
            answer
                .and_then(|answer| answer.owner.clone())
                .unwrap_or_default(),
            plain,
        ),
        "due" => (
            answer
                .and_then(|answer| answer.due)
                .map(|day| day.to_string())
                .unwrap_or_default(),
            plain,
        ),
        "evidence" => {
            let count = answer.map_or(0, |answer| answer.evidence.len());
            (
                if count == 0 {
                    String::new()
                } else {
                    count.to_string()
                },
                plain,
            )
        }
        _ => (question.words.clone(), theme.dim()),
    }
}

/// Draws the list.
pub fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    review: &Reviewed,
    shown: &[usize],
    selected: usize,
    theme: Theme,
) {
    if area.is_empty() {
        return;
    }
    let dots = theme.either("…", "~");
    let widths = widths(usize::from(area.width));
    let mut head = vec![
        Span::raw("   "),
        span(fit("question", widths.question, dots), theme.dim()),
    ];
    for (name, width) in &widths.beside {
        head.push(span(format!("  {}", fit(name, *width, dots)), theme.dim()));
    }
    frame.render_widget(Line::from(head), Rect { height: 1, ..area });
    let entries = entries(&review.judged.questions, shown);
    let first = first(&entries, selected, area);
    let room = usize::from(area.height.saturating_sub(1));
    for (line, entry) in entries.iter().skip(first).take(room).enumerate() {
        let row = Rect {
            y: area
                .y
                .saturating_add(1)
                .saturating_add(u16::try_from(line).unwrap_or(0)),
            height: 1,
            ..area
        }
        .intersection(area);
        match entry {
            Entry::Section(title) => frame.render_widget(
                Line::styled(format!(" {}", clean(title)), theme.title()),
                row,
            ),
            Entry::Question(place, question) => {
                let tone = question.standing.tone();
                let mut spans = vec![
                    span(format!(" {} ", theme.mark(tone)), theme.tone(tone)),
                    span(
                        fit(&clean(&question.question.short), widths.question, dots),
                        theme.text(),
                    ),
                ];
                for (name, width) in &widths.beside {
                    let (text, style) = cell(name, question, review, theme);
                    spans.push(span(
                        format!("  {}", fit(&clean(&text), *width, dots)),
                        style,
                    ));
                }
                let mut text = Line::from(spans);
                if *place == selected {
                    text = text.style(theme.selected());
                    frame.buffer_mut().set_style(row, theme.selected());
                }
                frame.render_widget(text, row);
            }
        }
    }
}
