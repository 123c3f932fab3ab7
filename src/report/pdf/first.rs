//! The first page: the verdict and the ten facts.

use crate::report::chart::Hue;
use crate::report::numbers::clip;
use crate::report::value::{Fact, Report};

use super::layout::{COLUMN, LEADING, MARGIN, Mark, Paper, SMALL, WIDTH, clean};
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
    let mut lines: Vec<(Face, f32, String)> = vec![(Face::Bold, 24.0, report.word().to_owned())];
    let mut say = |face: Face, size: f32, text: &str, most: usize| {
        let text = clean(&clip(text, most)).replace('\n', " ");
        if !text.trim().is_empty() {
            lines.extend(
                paper
                    .faces
                    .lines(face, size, &text, inner)
                    .into_iter()
                    .map(|line| (face, size, line)),
            );
        }
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
    let height: f32 = lines.iter().map(|(_, size, _)| size * LEADING).sum::<f32>() + 20.0;
    paper.mark(Mark::Fill {
        x: MARGIN,
        y: paper.y,
        width: WIDTH - 2.0 * MARGIN,
        height,
        hue: hue.light(),
    });
    let mut y = paper.y + 9.0;
    for (face, size, text) in &lines {
        paper.line(*face, *size, Hue::OnHeat, (MARGIN + 14.0, y), text);
        y += size * LEADING;
    }
    paper.space(height);
}

/// Cards beside each other, as high as the highest.
fn row(paper: &mut Paper<'_>, facts: &[&Fact], columns: f32) {
    let width = (COLUMN - GAP * (columns - 1.0)) / columns;
    let inner = width - 2.0 * PAD;
    let cards: Vec<Vec<(Face, f32, Hue, String)>> =
        facts.iter().map(|fact| card(paper, fact, inner)).collect();
    let high = |card: &Vec<(Face, f32, Hue, String)>| {
        card.iter().map(|(_, size, ..)| size * LEADING).sum::<f32>()
    };
    let height = cards.iter().map(high).fold(0.0, f32::max) + 2.0 * PAD;
    let mut x = MARGIN;
    for card in &cards {
        for (inset, hue) in [(0.0, Hue::Rule), (0.8, Hue::Panel)] {
            paper.mark(Mark::Fill {
                x: x + inset,
                y: paper.y + inset,
                width: width - 2.0 * inset,
                height: height - 2.0 * inset,
                hue: hue.light(),
            });
        }
        let mut y = paper.y + PAD;
        for (face, size, hue, text) in card {
            paper.line(*face, *size, *hue, (x + PAD, y), text);
            y += size * LEADING;
        }
        x += width + GAP;
    }
    paper.space(height + GAP);
}

fn card(paper: &Paper<'_>, fact: &Fact, width: f32) -> Vec<(Face, f32, Hue, String)> {
    let mut lines = vec![(Face::Bold, LABEL, Hue::Soft, fact.label.to_owned())];
    let mut say = |face: Face, size: f32, text: &str| {
        let text = clean(&clip(text, LETTERS)).replace('\n', " ");
        let broken = paper.faces.lines(face, size, &text, width);
        lines.extend(broken.into_iter().map(|line| (face, size, Hue::Ink, line)));
    };
    say(Face::Bold, VALUE, &fact.value);
    for text in fact.detail.iter().take(LINES) {
        say(Face::Regular, LABEL, text);
    }
    let more = fact.detail.len().saturating_sub(LINES);
    if more > 0 {
        say(
            Face::Regular,
            LABEL,
            &format!("and {more} more, on the next page"),
        );
    }
    lines
}
