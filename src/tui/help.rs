//! Help: what the tab in view is for, and every key that works there, from the table of actions and the keymap.

use ratatui::Frame;
use ratatui::layout::{Rect, Size};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::action::{ACTIONS, Action, Context};
use super::keymap::Keymap;
use super::moving::{last_on_top, moved};
use super::tabs::TabId;
use super::theme::Theme;
use super::widgets::popup;
use super::widgets::text::{fit, span, wrapped};

/// The help of a tab.
#[derive(Debug)]
pub struct Help {
    tab: TabId,
    scroll: usize,
}

impl Help {
    /// Help on a tab.
    #[must_use]
    pub fn new(tab: TabId) -> Self {
        Self { tab, scroll: 0 }
    }

    fn area(whole: Rect) -> Rect {
        popup::centred(
            whole,
            whole.width.saturating_sub(6).min(96),
            whole.height.saturating_sub(2),
        )
    }

    /// Scrolls; `false` closes it.
    pub fn update(&mut self, action: Action, size: Size, keymap: &Keymap) -> bool {
        let inside = popup::inside(Self::area(size.into()));
        let lines = self.lines(usize::from(inside.width), keymap, Theme::default());
        let room = usize::from(inside.height);
        match moved(action, self.scroll, last_on_top(lines.len(), room), room) {
            Some(to) => self.scroll = to,
            None => return false,
        }
        true
    }

    fn lines(&self, columns: usize, keymap: &Keymap, theme: Theme) -> Vec<Line<'static>> {
        let mut lines = wrapped(&keymap.words(self.tab.about()), columns);
        let own = self.tab.own_contexts();
        let rest = [Context::Move, Context::Global];
        let some = |context: &&Context| ACTIONS.iter().any(|spec| spec.context == **context);
        for context in own.iter().filter(some).chain(&rest) {
            lines.push(Line::default());
            lines.push(Line::styled(context.title(), theme.title()));
            for spec in ACTIONS.iter().filter(|spec| spec.context == *context) {
                let keys: Vec<String> = keymap
                    .keys(spec.action)
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                if keys.is_empty() {
                    continue;
                }
                let mut line = vec![
                    span(fit(&keys.join(" "), 20, "…"), theme.key()),
                    Span::raw(" "),
                    Span::raw(spec.title),
                ];
                if !spec.command.is_empty() && columns >= 88 {
                    line.push(span(format!("   {}", spec.command), theme.dim()));
                }
                lines.push(Line::from(line));
            }
        }
        lines
    }

    /// Draws it over the screen.
    pub fn draw(&self, frame: &mut Frame<'_>, whole: Rect, keymap: &Keymap, theme: Theme) {
        let title = format!(
            "{}: keys. {} closes",
            self.tab.title(),
            keymap.key(Action::CloseHelp)
        );
        let inside = popup::open(frame, Self::area(whole), &title, theme);
        let lines = self.lines(usize::from(inside.width), keymap, theme);
        let last = last_on_top(lines.len(), usize::from(inside.height));
        let scroll = u16::try_from(self.scroll.min(last)).unwrap_or(u16::MAX);
        frame.render_widget(Paragraph::new(lines).scroll((scroll, 0)), inside);
    }
}
