//! The Report tab: what will be handed on, as it reads, and where to write it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Paragraph;

use super::super::action::{Action, Context};
use super::super::shared::Shared;
use super::super::widgets::text::{clean, wrapped};
use super::Tab;
use crate::report::{Report, Sources, Style, markdown};

pub(super) const ABOUT: &str = "The report that stakeholders read and sign: look at it here, and write it in any format.";

/// The tab's state.
#[derive(Debug, Default)]
pub struct ReportTab {
    scroll: usize,
    executive: bool,
}

impl ReportTab {
    fn text(&self, shared: &Shared) -> String {
        with_report(shared, self.executive, |report| markdown(report))
    }
}

/// Makes the report of what is open.
fn with_report<T>(shared: &Shared, executive: bool, then: impl FnOnce(&Report<'_>) -> T) -> T {
    let scenario = shared.scenario.good().map(std::convert::AsRef::as_ref);
    let sources = Sources {
        study: shared.evidence(),
        scenario,
        review: None,
        approved: &[],
        clock: shared.clock,
        style: if executive { Style::Executive } else { Style::Full },
    };
    match shared.reviewed() {
        None => then(&sources.report(Vec::new())),
        Some(review) => review.with_verdict(shared.evidence(), |verdict, case| {
            let approved = case.approved();
            let sources = Sources {
                review: Some((&review.project, verdict)),
                approved: &approved,
                ..sources
            };
            then(&sources.report(Vec::new()))
        }),
    }
}

impl Tab for ReportTab {
    fn contexts(&self, _: &Shared) -> Vec<Context> {
        vec![Context::Report, Context::Move]
    }

    fn update(&mut self, action: Action, _: &mut Shared) -> bool {
        match action {
            Action::Up => self.scroll = self.scroll.saturating_sub(1),
            Action::Down => self.scroll += 1,
            Action::PageUp => self.scroll = self.scroll.saturating_sub(20),
            Action::PageDown => self.scroll += 20,
            Action::Top => self.scroll = 0,
            Action::ReportStyle => self.executive = !self.executive,
            _ => return false,
        }
        true
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
        let lines: Vec<_> = self
            .text(shared)
            .lines()
            .flat_map(|line| wrapped(&clean(line), usize::from(area.width)))
            .collect();
        let last = lines.len().saturating_sub(usize::from(area.height));
        let scroll = u16::try_from(self.scroll.min(last)).unwrap_or(u16::MAX);
        frame.render_widget(Paragraph::new(lines).scroll((scroll, 0)), area);
    }
}
