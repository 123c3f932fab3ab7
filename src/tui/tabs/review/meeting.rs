//! Meeting mode: one question a screen, large, for a review that is held in a room; the last screen is the sign-off.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::checklist::gate::signature_words;
use crate::checklist::verdict::SignatureState;

use super::super::super::review::{self, JudgedQuestion, Reviewed};
use super::super::super::theme::{Theme, Tone};
use super::super::super::widgets::text::{clean, fit, span, width, wrap};
use super::super::super::widgets::{bar, popup};
use super::detail;

/// Draws a question, large.
pub fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    question: &JudgedQuestion,
    place: (usize, usize),
    review: &Reviewed,
    answers: &str,
    theme: Theme,
) {
    let inside = centred(area);
    let columns = usize::from(inside.width).max(1);
    let mut lines = vec![
        progress(place, columns, theme),
        Line::default(),
        Line::styled(clean(&question.section), theme.title()),
        Line::default(),
    ];
    // A terminal has one size of letters: what is large is what stands alone, in bold, with air around it.
    for line in wrap(&clean(&question.question.ask), columns) {
        lines.push(Line::styled(
            line,
            theme.strong().add_modifier(Modifier::UNDERLINED),
        ));
        lines.push(Line::default());
    }
    lines.extend(
        wrap(&clean(&question.question.why), columns)
            .into_iter()
            .map(|line| Line::styled(line, theme.dim())),
    );
    lines.push(Line::default());
    let tone = question.standing.tone();
    let status = format!(
        "{} {}   ",
        theme.mark(tone),
        question.status.to_string().to_uppercase()
    );
    let beside = width(&status);
    let words = wrap(
        &clean(&question.words),
        columns.saturating_sub(beside).max(10),
    );
    for (row, words) in words.into_iter().enumerate() {
        let head = if row == 0 { status.as_str() } else { "" };
        lines.push(Line::from(vec![
            span(
                fit(head, beside, ""),
                theme.tone(tone).add_modifier(Modifier::BOLD),
            ),
            Span::raw(words),
        ]));
    }
    lines.push(Line::default());
    lines.extend(detail::simulator(question, columns, theme));
    let answer = review.project.review.answers.get(&question.key);
    if let Some(note) = answer.and_then(|answer| answer.note.as_deref()) {
        lines.extend(
            wrap(&clean(&format!("note: {note}")), columns)
                .into_iter()
                .map(Line::from),
        );
    }
    frame.render_widget(Paragraph::new(lines), inside);
    let last = Rect {
        y: inside.bottom().saturating_sub(1),
        height: 1,
        ..inside
    };
    let answers = span(answers, theme.key());
    frame.render_widget(Line::from(answers), last.intersection(inside));
}

/// Draws the last screen: the verdict and who has signed.
pub fn draw_sign_off(
    frame: &mut Frame<'_>,
    area: Rect,
    place: (usize, usize),
    review: &Reviewed,
    sign: &str,
    theme: Theme,
) {
    let inside = centred(area);
    let columns = usize::from(inside.width).max(1);
    let judged = &review.judged;
    let tone = review::tone(judged.outcome);
    let mut lines = vec![
        progress(place, columns, theme),
        Line::default(),
        Line::styled(
            format!("{} {}", theme.mark(tone), judged.outcome),
            theme.tone(tone).add_modifier(Modifier::BOLD),
        ),
        Line::default(),
    ];
    lines.extend(
        wrap(&clean(&judged.why), columns)
            .into_iter()
            .map(Line::from),
    );
    lines.push(Line::default());
    for step in judged.steps.iter().take(4) {
        lines.extend(
            wrap(
                &clean(&format!("{} {}", theme.either("→", ">"), step.text)),
                columns,
            )
            .into_iter()
            .map(Line::from),
        );
    }
    lines.push(Line::default());
    lines.push(Line::styled("Signatures", theme.title()));
    for signature in &judged.signatures {
        let tone = match &signature.state {
            SignatureState::Valid(decision) if decision.word() == "go" => Tone::Good,
            SignatureState::Valid(_) => Tone::Warn,
            SignatureState::Missing => Tone::Open,
            _ => Tone::Bad,
        };
        let name = signature.name.as_deref().unwrap_or_default();
        let words = format!(
            "{} {}: {} {name}",
            theme.mark(tone),
            signature.role,
            signature_words(&signature.state)
        );
        lines.push(Line::styled(clean(&words), theme.tone(tone)));
    }
    lines.push(Line::default());
    lines.push(Line::from(vec![
        span(sign.to_owned(), theme.key()),
        Span::raw(" signs for a role"),
    ]));
    frame.render_widget(Paragraph::new(lines), inside);
}

fn progress((at, of): (usize, usize), columns: usize, theme: Theme) -> Line<'static> {
    let share = if of == 0 { 1.0 } else { at as f64 / of as f64 };
    let words = format!(" {at} of {of}");
    let room = columns.saturating_sub(words.len()).min(40);
    Line::from(vec![
        span(bar::plain(share, room, theme), theme.title()),
        span(words, theme.dim()),
    ])
}

fn centred(area: Rect) -> Rect {
    popup::centred(area, 76, area.height)
}
