//! The Scenario tab: what is simulated, as it stands in the file.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::super::action::{Action, Context};
use super::super::shared::Shared;
use super::super::theme::Tone;
use super::super::widgets::text::{clean, cut, wrapped};
use super::Tab;

pub(super) const ABOUT: &str =
    "What is simulated: traffic, models, prices, promises and the strategies that are compared.";

/// The tab's state.
#[derive(Debug, Default)]
pub struct ScenarioTab {
    scroll: usize,
}

impl Tab for ScenarioTab {
    fn contexts(&self, _: &Shared) -> Vec<Context> {
        vec![Context::Scenario, Context::Move]
    }

    fn update(&mut self, action: Action, shared: &mut Shared) -> bool {
        let last = shared.scenario.text().lines().count().saturating_sub(1);
        match action {
            Action::Up => self.scroll = self.scroll.saturating_sub(1),
            Action::Down => self.scroll = (self.scroll + 1).min(last),
            Action::PageUp => self.scroll = self.scroll.saturating_sub(20),
            Action::PageDown => self.scroll = (self.scroll + 20).min(last),
            Action::Top => self.scroll = 0,
            Action::Bottom => self.scroll = last,
            _ => return false,
        }
        true
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
        let theme = shared.theme;
        let columns = usize::from(area.width);
        let mut lines = Vec::new();
        if let Err(problems) = shared.scenario.parsed() {
            lines.extend(
                wrapped(&problems.to_string(), columns)
                    .into_iter()
                    .map(|line| line.style(theme.tone(Tone::Bad))),
            );
        }
        lines.extend(
            shared
                .scenario
                .text()
                .lines()
                .skip(self.scroll)
                .map(|line| {
                    let text = cut(&clean(line), columns, theme.either("…", "~"));
                    if line.trim_start().starts_with('#') {
                        Line::styled(text, theme.dim())
                    } else if line.starts_with('[') {
                        Line::styled(text, theme.title())
                    } else {
                        Line::raw(text)
                    }
                }),
        );
        frame.render_widget(Paragraph::new(lines), area);
    }
}
