//! Every action by name: letters in order find it, wherever they stand in its words.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::action::{ACTIONS, Action, Context, Spec};
use super::key::Key;
use super::keymap::Keymap;
use super::moving::moved;
use super::theme::Theme;
use super::widgets::popup;
use super::widgets::table::first_shown;
use super::widgets::text::{fit, fit_right, span};

/// The palette.
#[derive(Debug, Default)]
pub struct Palette {
    input: Input,
    selected: usize,
}

/// How well typed letters fit a text; none: they do not. Letters must stand in order; those that begin a word, and those
/// that follow each other, count more, and a short text more than a long one.
#[must_use]
pub fn score(typed: &str, text: &str) -> Option<i32> {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let mut total = 0;
    let mut from = 0;
    let mut before: Option<usize> = None;
    for letter in typed
        .to_lowercase()
        .chars()
        .filter(|letter| !letter.is_whitespace())
    {
        let begins = |at: usize| {
            at == 0
                || text
                    .get(at - 1)
                    .is_some_and(|before| !before.is_alphanumeric())
        };
        let mut places = (from..text.len()).filter(|at| text.get(*at) == Some(&letter));
        // The letter that goes on, else one that begins a word, else the next.
        let next = places
            .clone()
            .find(|at| before.is_some_and(|before| *at == before + 1));
        let start = places.clone().find(|at| begins(*at));
        let at = next.or(start).or_else(|| places.next())?;
        total += if next.is_some() { 8 } else { 0 } + if begins(at) { 6 } else { 0 } + 1;
        before = Some(at);
        from = at + 1;
    }
    Some(total * 16 - i32::try_from(text.len()).unwrap_or(i32::MAX / 32))
}

impl Palette {
    /// Actions that fit what was typed, the best first.
    fn found(&self) -> Vec<&'static Spec> {
        let typed = self.input.value();
        let mut found: Vec<(i32, &Spec)> = ACTIONS
            .iter()
            .filter(|spec| {
                !matches!(
                    spec.context,
                    Context::Move
                        | Context::Confirm
                        | Context::Help
                        | Context::Form
                        | Context::Start
                )
            })
            .filter_map(|spec| {
                let by_title = score(typed, spec.title);
                let by_name = score(typed, spec.name);
                let by_command = score(typed, spec.command).map(|score| score - 32);
                Some((by_title.max(by_name).max(by_command)?, spec))
            })
            .collect();
        if !typed.is_empty() {
            found.sort_by_key(|(score, _)| -score);
        }
        found.into_iter().map(|(_, spec)| spec).collect()
    }

    /// What is selected.
    #[must_use]
    pub fn chosen(&self) -> Option<Action> {
        self.found().get(self.selected).map(|spec| spec.action)
    }

    /// A key that is text or moves in it.
    pub fn key(&mut self, key: Key) {
        self.input
            .handle_event(&ratatui::crossterm::event::Event::Key(key.event()));
        self.selected = 0;
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        let value = self.input.value().to_owned() + &text.replace(['\n', '\r'], " ");
        self.input = Input::new(value);
        self.selected = 0;
    }

    /// Moves the selection.
    pub fn update(&mut self, action: Action) -> bool {
        let last = self.found().len().saturating_sub(1);
        let Some(to) = moved(action, self.selected, last, 10) else {
            return false;
        };
        self.selected = to;
        true
    }

    fn area(whole: Rect) -> Rect {
        popup::centred(whole, 76, whole.height.saturating_sub(4).min(24))
    }

    /// What a click chooses.
    #[must_use]
    pub fn click(&self, at: Position, whole: Rect) -> Option<Action> {
        let inside = popup::inside(Self::area(whole));
        if !inside.contains(at) || at.y <= inside.y {
            return None;
        }
        let found = self.found();
        let room = usize::from(inside.height.saturating_sub(1));
        let first = first_shown(self.selected, found.len(), room);
        found
            .get(first + usize::from(at.y - inside.y - 1))
            .map(|spec| spec.action)
    }

    /// Draws it over the screen.
    pub fn draw(&self, frame: &mut Frame<'_>, whole: Rect, keymap: &Keymap, theme: Theme) {
        let inside = popup::open(frame, Self::area(whole), "Find an action", theme);
        if inside.is_empty() {
            return;
        }
        let prompt = Line::from(vec![
            Span::styled("> ", theme.key()),
            Span::raw(self.input.value().to_owned()),
        ]);
        frame.render_widget(
            prompt,
            Rect {
                height: 1,
                ..inside
            },
        );
        let column = u16::try_from(self.input.visual_cursor()).unwrap_or(0) + 2;
        if column < inside.width {
            frame.set_cursor_position((inside.x + column, inside.y));
        }
        let found = self.found();
        let room = usize::from(inside.height.saturating_sub(1));
        let first = first_shown(self.selected, found.len(), room);
        for (line, (index, spec)) in found.iter().enumerate().skip(first).take(room).enumerate() {
            let width = usize::from(inside.width);
            let key = keymap.key(spec.action);
            let text = Line::from(vec![
                span(fit_right(spec.context.title(), 10, "…"), theme.dim()),
                Span::raw("  "),
                Span::raw(fit(spec.title, width.saturating_sub(24), "…")),
                Span::raw(" "),
                span(fit_right(&key, 11, "…"), theme.key()),
            ]);
            let text = if index == self.selected {
                text.patch_style(theme.selected())
            } else {
                text
            };
            let row = Rect {
                y: inside.y + 1 + u16::try_from(line).unwrap_or(0),
                height: 1,
                ..inside
            };
            frame.render_widget(text, row.intersection(inside));
        }
        if found.is_empty() && inside.height > 1 {
            let row = Rect {
                y: inside.y + 1,
                height: 1,
                ..inside
            };
            frame.render_widget(
                Line::styled("No action has these letters in this order.", theme.dim()),
                row,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(typed: &str) -> Option<Action> {
        let mut palette = Palette::default();
        palette.paste(typed);
        palette.chosen()
    }

    #[test]
    fn letters_in_order_find_an_action() {
        assert_eq!(first("headroom"), Some(Action::PaneHeadroom));
        assert_eq!(first("wr rep"), Some(Action::WriteReport));
        assert_eq!(first("gtsc"), Some(Action::TabScenario));
        assert_eq!(first("gonogo drill"), Some(Action::PaneDrill));
        assert_eq!(first("zzz"), None);
    }
}
