//! The Review tab: sections and questions, and what the selected one is about.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::super::action::{Action, Context};
use super::super::review::{JudgedQuestion, Reviewed};
use super::super::shared::{ReviewState, Shared};
use super::super::theme::Theme;
use super::super::widgets::table::{Column, Table};
use super::super::widgets::text::{clean, span, wrapped};
use super::Tab;

pub(super) const ABOUT: &str = "Every question of the review: what was answered, what stands against it, and what the simulation says.";

/// The tab's state.
#[derive(Debug, Default)]
pub struct ReviewTab {
    selected: usize,
}

impl ReviewTab {
    fn shown(review: &Reviewed) -> Vec<&JudgedQuestion> {
        let all = review.judged.questions.iter();
        all.filter(|question| question.hidden.is_none()).collect()
    }

    fn layout(area: Rect) -> [Rect; 2] {
        if area.width >= 120 {
            Layout::horizontal([Constraint::Percentage(55), Constraint::Min(0)]).areas(area)
        } else {
            Layout::vertical([Constraint::Percentage(55), Constraint::Min(0)]).areas(area)
        }
    }
}

impl Tab for ReviewTab {
    fn contexts(&self, _: &Shared) -> Vec<Context> {
        vec![Context::Review, Context::Move]
    }

    fn update(&mut self, action: Action, shared: &mut Shared) -> bool {
        let Some(review) = shared.reviewed() else {
            return false;
        };
        let last = Self::shown(review).len().saturating_sub(1);
        match action {
            Action::Up => self.selected = self.selected.saturating_sub(1),
            Action::Down => self.selected = (self.selected + 1).min(last),
            Action::PageUp => self.selected = self.selected.saturating_sub(10),
            Action::PageDown => self.selected = (self.selected + 10).min(last),
            Action::Top => self.selected = 0,
            Action::Bottom => self.selected = last,
            _ => return false,
        }
        true
    }

    fn click(&mut self, at: Position, area: Rect, shared: &mut Shared) {
        let Some(review) = shared.reviewed() else {
            return;
        };
        let rows = rows(&Self::shown(review), shared.theme);
        let table = Table {
            columns: &columns(),
            rows: &rows,
            selected: Some(self.selected),
        };
        let [list, _] = Self::layout(area);
        if let Some(row) = table.row_at(list, at) {
            self.selected = row;
        }
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
        let theme = shared.theme;
        let review = match &shared.review {
            ReviewState::Good(review) => review,
            other => {
                let words = match other {
                    ReviewState::Broken(why) => why.clone(),
                    ReviewState::Reading => "Reading the review.".to_owned(),
                    _ => "There is no review.toml in this folder. `gonogo init` writes one."
                        .to_owned(),
                };
                return frame.render_widget(
                    Paragraph::new(wrapped(&words, usize::from(area.width))),
                    area,
                );
            }
        };
        let questions = Self::shown(review);
        let rows = rows(&questions, theme);
        let [list, detail] = Self::layout(area);
        let selected = self.selected.min(questions.len().saturating_sub(1));
        Table {
            columns: &columns(),
            rows: &rows,
            selected: Some(selected),
        }
        .draw(frame, list, theme);
        if let Some(question) = questions.get(selected) {
            let lines = about(question, usize::from(detail.width).saturating_sub(2), theme);
            let inside = Rect {
                x: detail.x + 1.min(detail.width),
                width: detail.width.saturating_sub(2),
                ..detail
            };
            frame.render_widget(Paragraph::new(lines), inside);
        }
    }
}

fn columns() -> [Column; 5] {
    [
        Column::text("question"),
        Column::text("answer"),
        Column::text("severity").spare(1),
        Column::text("who").spare(2),
        Column::text("state").spare(3),
    ]
}

fn rows(questions: &[&JudgedQuestion], theme: Theme) -> Vec<Vec<(String, ratatui::style::Style)>> {
    questions
        .iter()
        .map(|question| {
            let tone = question.standing.tone();
            vec![
                (
                    format!("{} {}", theme.mark(tone), clean(&question.question.short)),
                    theme.tone(tone),
                ),
                (question.status.to_string(), theme.text()),
                (question.severity.to_string(), theme.text()),
                (clean(&question.question.role), theme.dim()),
                (clean(&question.words), theme.dim()),
            ]
        })
        .collect()
}

fn about(question: &JudgedQuestion, columns: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = vec![Line::styled(clean(&question.question.ask), theme.strong())];
    lines.extend(wrapped(&clean(&question.words), columns));
    for heard in &question.heard {
        lines.push(Line::from(vec![
            span(format!("simulator: {} ", heard.word), theme.title()),
            Span::raw(clean(&format!("{} {}", heard.asked, heard.found))),
        ]));
    }
    lines.extend(
        wrapped(&clean(&question.question.why), columns)
            .into_iter()
            .map(|line| line.style(theme.dim())),
    );
    lines
}
