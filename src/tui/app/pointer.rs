//! The mouse: a click goes to whatever was drawn under it.

use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::super::action::Action;
use super::super::frame;
use super::{App, Overlay};

impl App {
    pub(super) fn mouse(&mut self, mouse: MouseEvent) {
        let at = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::ScrollUp => {
                self.update(Action::Up);
            }
            MouseEventKind::ScrollDown => {
                self.update(Action::Down);
            }
            MouseEventKind::Down(MouseButton::Left) => self.click(at),
            _ => {}
        }
    }

    pub(super) fn click(&mut self, at: Position) {
        let whole = Rect::from((Position::ORIGIN, self.shared.size));
        let parts = frame::parts(whole);
        if parts.footer.contains(at) {
            if let Some(action) = frame::footer_at(self, parts.footer, at) {
                self.update(action);
            }
            return;
        }
        match self.overlays.last_mut() {
            Some(Overlay::Start(start)) => {
                if let Some(done) = start.click(at, whole) {
                    self.carry_out(done);
                }
            }
            Some(Overlay::Palette(palette)) => {
                if let Some(action) = palette.click(at, whole) {
                    self.overlays.pop();
                    self.update(action);
                }
            }
            Some(Overlay::Choice(choice)) => {
                if let Some(done) = choice.click(at, whole) {
                    self.carry_out(done);
                }
            }
            Some(Overlay::Help(_)) => {
                self.overlays.pop();
            }
            None => {
                if let Some(tab) = frame::tab_at(parts.header, at) {
                    self.tab = tab;
                } else if parts.body.contains(at) {
                    self.tabs
                        .get_mut(self.tab)
                        .click(at, parts.body, &mut self.shared);
                }
            }
        }
    }
}
