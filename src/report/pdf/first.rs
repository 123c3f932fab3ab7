//! The first page: the verdict and the ten facts.

use crate::report::chart::Hue;
use crate::report::numbers::clip;
use crate::report::value::{Fact, Report};

use super::layout::{COLUMN, LEADING, MARGIN, Mark, Paper, SMALL, WIDTH, clean};
use super::tags::{Element, Role};
use super::typeface::Face;

const GAP: f32 = 8.0;
const PAD: f32 = 9.0;
const VALUE: f32 = 14.0;
const LABEL: f32 = 9.2;
/// Lines of a fact that are shown; the rest is counted.
const LINES: usize = 8;
const LETTERS: usize = 260;

pub(super) fn first_page(paper: &mut Paper<'_>, report: &Report) {
    banner(paper, report);
    paper.space(GAP);
    let fact = |id: &str| report.facts.iter().find(|fact| fact.id == id);
    if let Some(blockers) = fact("blockers") {
        row(paper, &[blockers], 1.0);
    }
    for ids in [
        ["cost_1x", "cost_10x", "budget"],
        ["latency", "failures", "decision"],
    ] {
        let facts: Vec<&Fact> = ids.iter().filter_map(|id| fact(id)).collect();
        row(paper, &facts, 3.0);
    }
    paper.space(4.0);
    paper.paragraph(crate::report::NOTICE, SMALL, Hue::Soft);
    paper.new_sheet();
}

fn banner(paper: &mut Paper<'_>, report: &Report) {
    let hue = match report.word() {
        "GO" => Hue::Go,
        "CONDITIONAL GO" => Hue::Conditional,
        "NO-GO" => Hue::NoGo,
        _ => Hue::Open,
    };
    let value = |id: &str| report.facts.iter().find(|fact| fact.id == id);
    let inner = COLUMN - 2.0 * 14.0;
    let title = format!("{}: {}", report.word(), clean(&report.subject.system));
    let heading = paper.element(Role::Heading(1, title));
    let mut lines = vec![(heading, Face::Bold, 24.0, format!("{} ", report.word()))];
    let mut say = |face: Face, size: f32, text: &str, most: usize| {
        let text = clean(&clip(text, most)).replace('\n', " ");
        if text.trim().is_empty() {
            return;
        }
        let element = if face == Face::Bold {
            heading
        } else {
            paper.element(Role::Paragraph)
        };
        let broken = paper.faces.lines(face, size, &text, inner).into_iter();
        lines.extend(broken.map(|line| (element, face, size, line)));
    };
    say(Face::Bold, 15.0, &report.subject.system, 150);
    say(
        Face::Regular,
        9.5,
        &value("decided")
            .map(|fact| fact.detail.join(" · "))
            .unwrap_or_default(),
        300,
    );
    say(
        Face::Regular,
        11.5,
        value("reason")
            .map(|fact| fact.value.as_str())
            .unwrap_or_default(),
        330,
    );
    say(
        Face::Regular,
        9.0,
        &value("verdict")
            .map(|fact| fact.detail.join(" · "))
            .unwrap_or_default(),
        300,
    );
    let height: f32 = lines
        .iter()
        .map(|(_, _, size, _)| size * LEADING)
        .sum::<f32>()
        + 20.0;
    paper.decorate(Mark::Fill {
        x: MARGIN,
        y: paper.y,
        width: WIDTH - 2.0 * MARGIN,
        height,
        hue: hue.light(),
    });
    let mut y = paper.y + 9.0;
    for (element, face, size, text) in &lines {
        paper.inside(Some(*element), |paper| {
            paper.line(*face, *size, Hue::OnHeat, (MARGIN + 14.0, y), text);
        });
        y += size * LEADING;
    }
    paper.space(height);
}

/// One line of a card: the element that it belongs to, and how it looks.
struct Line {
    element: Element,
    face: Face,
    size: f32,
    hue: Hue,
    text: String,
}

/// Cards beside each other, as high as the highest.
fn row(paper: &mut Paper<'_>, facts: &[&Fact], columns: f32) {
    let width = (COLUMN - GAP * (columns - 1.0)) / columns;
    let inner = width - 2.0 * PAD;
    let cards: Vec<Vec<Line>> = facts.iter().map(|fact| card(paper, fact, inner)).collect();
    let high = |card: &Vec<Line>| card.iter().map(|line| line.size * LEADING).sum::<f32>();
    let height = cards.iter().map(high).fold(0.0, f32::max) + 2.0 * PAD;
    let mut x = MARGIN;
    for card in &cards {
        for (inset, hue) in [(0.0, Hue::Rule), (0.8, Hue::Panel)] {
            paper.decorate(Mark::Fill {
                x: x + inset,
                y: paper.y + inset,
                width: width - 2.0 * inset,
                height: height - 2.0 * inset,
                hue: hue.light(),
            });
        }
        let mut y = paper.y + PAD;
        for line in card {
            paper.inside(Some(line.element), |paper| {
                paper.line(line.face, line.size, line.hue, (x + PAD, y), &line.text);
            });
            y += line.size * LEADING;
        }
        x += width + GAP;
    }
    paper.space(height + GAP);
}

fn card(paper: &mut Paper<'_>, fact: &Fact, width: f32) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut say = |paper: &mut Paper<'_>, role: Role, (face, size, hue), text: &str| {
        let text = clean(&clip(text, LETTERS)).replace('\n', " ");
        let element = paper.element(role);
        let broken = paper.faces.lines(face, size, &text, width);
        lines.extend(broken.into_iter().map(|text| Line {
            element,
            face,
            size,
            hue,
            text,
        }));
    };
    let (label, value, line) = (
        (Face::Bold, LABEL, Hue::Soft),
        (Face::Bold, VALUE, Hue::Ink),
        (Face::Regular, LABEL, Hue::Ink),
    );
    let heading = Role::Heading(2, fact.label.to_owned());
    say(paper, heading, label, fact.label);
    say(paper, Role::Paragraph, value, &fact.value);
    for text in fact.detail.iter().take(LINES) {
        say(paper, Role::Paragraph, line, text);
    }
    let more = fact.detail.len().saturating_sub(LINES);
    if more > 0 {
        let text = format!("and {more} more, on the next page");
        say(paper, Role::Paragraph, line, &text);
    }
    lines
}
