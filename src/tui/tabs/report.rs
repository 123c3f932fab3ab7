//! The Report tab: what will be handed on, as it reads, and where to write it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::super::action::{Action, Context};
use super::super::shared::Shared;
use super::super::theme::{Theme, Tone};
use super::super::widgets::text::{clean, span, wrapped};
use super::Tab;
use crate::report::Style;

pub(super) const ABOUT: &str = "The report that stakeholders read and sign, of what is saved: look at it here, and write it in every format.";

/// The tab's state.
#[derive(Debug)]
pub struct ReportTab {
    scroll: usize,
    style: Style,
    /// What the preview was last asked for.
    asked: Option<(u64, Style)>,
}

impl Default for ReportTab {
    fn default() -> Self {
        Self {
            scroll: 0,
            style: Style::Full,
            asked: None,
        }
    }
}

impl Tab for ReportTab {
    fn contexts(&self, _: &Shared) -> Vec<Context> {
        vec![Context::Report, Context::Move]
    }

    fn entered(&mut self, shared: &mut Shared) {
        let now = (shared.revision, self.style);
        if self.asked != Some(now) {
            self.asked = Some(now);
            shared.preview(self.style);
        }
    }

    fn update(&mut self, action: Action, shared: &mut Shared) -> bool {
        match action {
            Action::Up => self.scroll = self.scroll.saturating_sub(1),
            Action::Down => self.scroll += 1,
            Action::PageUp => self.scroll = self.scroll.saturating_sub(20),
            Action::PageDown => self.scroll += 20,
            Action::Top => self.scroll = 0,
            Action::ReportStyle => {
                self.style = match self.style {
                    Style::Full => Style::Executive,
                    Style::Executive => Style::Audit,
                    Style::Audit => Style::Full,
                };
                self.entered(shared);
            }
            Action::WriteReport => shared.write_report(self.style),
            _ => return false,
        }
        true
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
        let theme = shared.theme;
        let columns = usize::from(area.width).saturating_sub(2);
        let style = match self.style {
            Style::Full => "full",
            Style::Executive => "executive",
            Style::Audit => "audit",
        };
        let mut lines = vec![Line::from(vec![
            span(format!(" {style} report"), theme.strong()),
            span(
                ", as Markdown; written as HTML, PDF and spreadsheets too where they are built in",
                theme.dim(),
            ),
        ])];
        if shared.is_draft() {
            lines.push(Line::styled(
                format!(" {} The numbers on screen are of unsaved edits: the report is of what is saved, so it has none.", theme.mark(Tone::Warn)),
                theme.tone(Tone::Warn),
            ));
        }
        match &shared.preview {
            None => lines.push(Line::raw(" Writing the report.")),
            Some(Err(why)) => lines.extend(
                wrapped(why, columns)
                    .into_iter()
                    .map(|line| line.style(theme.tone(Tone::Bad))),
            ),
            Some(Ok(text)) => {
                let all = text.lines().flat_map(|line| shown(line, columns, theme));
                lines.extend(all.skip(self.scroll).take(usize::from(area.height)));
            }
        }
        frame.render_widget(Paragraph::new(lines), area);
    }
}

fn shown(line: &str, columns: usize, theme: Theme) -> Vec<Line<'static>> {
    let text = clean(line);
    let style = if text.starts_with('#') {
        theme.title()
    } else {
        theme.text()
    };
    let mut lines = wrapped(text.trim_start_matches('#').trim_start(), columns);
    for line in &mut lines {
        line.spans.insert(0, ratatui::text::Span::raw(" "));
        *line = line.clone().style(style);
    }
    lines
}
