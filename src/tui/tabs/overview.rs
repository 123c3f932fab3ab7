//! The Overview tab: the verdict and its reason, what stands in the way, what a month costs, and what to do next.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::super::action::{Action, Context};
use super::super::moving::moved;
use super::super::review;
use super::super::shared::{Goal, ReviewState, Shared};
use super::super::theme::Tone;
use super::super::widgets::text::{clean, cut, fit, fit_right, span, wrapped};
use super::Tab;
use crate::checklist::Step;
use crate::report::{percent, seconds, usd};
use crate::study::Cell;

pub(super) const ABOUT: &str = "Where the launch stands: the verdict and why, what would change it, and what the strategy that goes live costs and delivers at each volume.";

/// The tab's state.
#[derive(Debug, Default)]
pub struct Overview {
    /// The selected step.
    at: usize,
}

impl Tab for Overview {
    fn contexts(&self, shared: &Shared) -> Vec<Context> {
        match shared.review {
            ReviewState::None => vec![Context::NoReview, Context::Move],
            _ => vec![Context::Overview, Context::Move],
        }
    }

    fn update(&mut self, action: Action, shared: &mut Shared) -> bool {
        let last = shared
            .reviewed()
            .map_or(0, |review| review.judged.steps.len().saturating_sub(1));
        if action == Action::GoThere {
            shared.goal = self.step(shared).map(goal_of);
            return true;
        }
        let Some(to) = moved(action, self.at, last, 5) else {
            return false;
        };
        self.at = to;
        true
    }

    fn copied(&self, shared: &Shared) -> Option<String> {
        let judged = &shared.reviewed()?.judged;
        let mut text = format!("{}: {}", judged.outcome, judged.why);
        for step in &judged.steps {
            text.push_str("\n- ");
            text.push_str(&step.text);
        }
        Some(clean_lines(&text))
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
        let area = Rect {
            x: area.x + 1.min(area.width),
            width: area.width.saturating_sub(2),
            ..area
        };
        let [top, numbers, next] = Layout::vertical([
            Constraint::Length(4),
            Constraint::Length(10),
            Constraint::Min(0),
        ])
        .areas(area);
        draw_verdict(frame, top, shared);
        draw_numbers(frame, numbers, shared);
        self.draw_next(frame, next, shared);
    }
}

/// Where a step is done: at its question, or in the form that it needs.
fn goal_of(step: &Step) -> Goal {
    match (&step.key, step.path.split('.').next()) {
        (Some(key), _) => Goal::Question(key.clone()),
        (None, Some("signoff")) => Goal::Act(Action::SignOff),
        (None, Some("budget")) => Goal::Act(Action::ApproveBudget),
        _ => Goal::Act(Action::AboutReview),
    }
}

fn clean_lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}

impl Overview {
    /// The selected step; there may be fewer than there were.
    fn step<'s>(&self, shared: &'s Shared) -> Option<&'s Step> {
        let steps = &shared.reviewed()?.judged.steps;
        steps.get(self.at.min(steps.len().saturating_sub(1)))
    }

    fn draw_next(&self, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
        let theme = shared.theme;
        let mut lines = vec![Line::styled("What to do next", theme.title())];
        match shared.reviewed() {
            Some(review) => {
                let columns = usize::from(area.width).saturating_sub(4);
                let steps = &review.judged.steps;
                let at = self.at.min(steps.len().saturating_sub(1));
                let text = |step: &Step| wrapped(&clean(&step.text), columns);
                // The selected step stays in view: whole steps above it give way.
                let room = usize::from(area.height).saturating_sub(1);
                let mut first = at;
                let mut used = steps.get(at).map_or(0, |step| text(step).len());
                while let Some(before) = first.checked_sub(1).and_then(|at| steps.get(at)) {
                    used += text(before).len();
                    if used > room {
                        break;
                    }
                    first -= 1;
                }
                if steps.is_empty() {
                    lines.push(Line::raw(format!(
                        "Nothing stands in the way: write the report (Report: {}, then {}).",
                        shared.keymap.key(Action::TabReport),
                        shared.keymap.key(Action::WriteReport)
                    )));
                }
                for (index, step) in steps.iter().enumerate().skip(first) {
                    for (row, mut line) in text(step).into_iter().enumerate() {
                        let bullet = match (row, index == at) {
                            (0, true) => theme.either("▸ ", "> "),
                            (0, false) => theme.either("• ", "- "),
                            _ => "  ",
                        };
                        line.spans.insert(0, Span::raw(bullet));
                        if index == at {
                            line = line.patch_style(theme.strong());
                        }
                        lines.push(line);
                    }
                }
            }
            None => lines.extend(wrapped(
                &format!(
                    "Look at Study ({}) for the numbers; {} starts a review, which gives a verdict.",
                    shared.keymap.key(Action::TabStudy),
                    shared.keymap.key(Action::BeginReview)
                ),
                usize::from(area.width),
            )),
        }
        let hidden = lines.len().saturating_sub(usize::from(area.height));
        frame.render_widget(Paragraph::new(lines), area);
        if hidden > 0 {
            // Beside the heading, where nothing else stands.
            let words = Line::styled("more below", theme.dim()).right_aligned();
            frame.render_widget(
                words,
                Rect {
                    height: 1.min(area.height),
                    ..area
                },
            );
        }
    }
}

fn draw_verdict(frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let columns = usize::from(area.width);
    let mut lines = Vec::new();
    match &shared.review {
        ReviewState::Good(reviewed) => {
            let judged = &reviewed.judged;
            let tone = review::tone(judged.outcome);
            lines.push(Line::from(vec![
                span(
                    format!("{} {}", theme.mark(tone), judged.outcome),
                    theme.tone(tone).patch(theme.strong()),
                ),
                span(
                    format!("  {}", clean(&reviewed.project.review.system)),
                    theme.strong(),
                ),
            ]));
            lines.extend(wrapped(&clean(&judged.why), columns));
        }
        ReviewState::Reading => lines.push(Line::raw("Reading the review.")),
        ReviewState::Broken(why) => {
            lines.push(Line::styled(
                "The review cannot be read",
                theme.tone(Tone::Bad),
            ));
            lines.extend(wrapped(why, columns));
        }
        ReviewState::None => {
            lines.push(Line::styled(
                "No review yet: numbers, and no verdict",
                theme.strong(),
            ));
            let words = format!(
                "A verdict needs answers: {} starts a review, fifteen questions with one key each.",
                shared.keymap.key(Action::BeginReview)
            );
            lines.extend(wrapped(&words, columns));
        }
    }
    frame.render_widget(Paragraph::new(lines), area);
}

fn draw_numbers(frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let live = shared
        .reviewed()
        .and_then(super::super::review::Reviewed::live);
    let strategy = live.or(shared.strategy.as_deref());
    let cells: Vec<&Cell> = shared.study.study().map_or_else(Vec::new, |study| {
        study
            .cells
            .iter()
            .filter(|cell| Some(cell.strategy.as_str()) == strategy)
            .take(4)
            .collect()
    });
    let heading = match (live, strategy) {
        (Some(live), _) => format!("{} goes live", clean(live)),
        (None, Some(strategy)) if shared.reviewed().is_some() => format!(
            "{} (none is chosen to go live yet: {} in Study)",
            clean(strategy),
            shared.keymap.key(Action::GoLive)
        ),
        (None, Some(strategy)) => clean(strategy),
        (None, None) => shared
            .study
            .trouble
            .clone()
            .unwrap_or_else(|| "Simulating the first months.".to_owned()),
    };
    let mut lines = vec![Line::styled(
        cut(&heading, usize::from(area.width), "…"),
        theme.title(),
    )];
    if !cells.is_empty() {
        let head: Vec<Span<'static>> = cells
            .iter()
            .map(|cell| {
                span(
                    fit_right(&format!("{}x", cell.volume), 24, "…"),
                    theme.dim(),
                )
            })
            .collect();
        lines.push(Line::from_iter(
            [vec![Span::raw(fit("", 22, ""))], head].concat(),
        ));
    }
    for (label, show) in ROWS {
        if cells.is_empty() {
            break;
        }
        let mut line = vec![span(fit(label, 22, "…"), theme.dim())];
        line.extend(
            cells
                .iter()
                .map(|cell| span(fit_right(&show(cell), 24, "…"), theme.text())),
        );
        lines.push(Line::from(line));
    }
    frame.render_widget(Paragraph::new(lines), area);
}

type Row = (&'static str, fn(&Cell) -> String);

const ROWS: [Row; 6] = [
    ("a month", |cell| value(cell, "cost.total", usd)),
    ("in 90% of months", |cell| {
        let metric = cell.metrics.get("cost.total");
        metric.map_or_else(String::new, |metric| {
            format!("{} to {}", usd(metric.p05), usd(metric.p95))
        })
    }),
    ("over budget in", |cell| {
        value(cell, "budget.over_probability", percent)
    }),
    ("a conversation", |cell| {
        value(cell, "cost.per_conversation", usd)
    }),
    ("p95 latency", |cell| value(cell, "latency.p95", seconds)),
    ("failed", |cell| value(cell, "rate.failed", percent)),
];

fn value(cell: &Cell, name: &str, show: fn(f64) -> String) -> String {
    cell.metrics
        .get(name)
        .map_or_else(|| "-".to_owned(), |metric| show(metric.mean))
}
