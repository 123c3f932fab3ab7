//! How the tab is laid out and drawn.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::super::super::action::Action;
use super::super::super::keymap::Keymap;
use super::super::super::moving::last_on_top;
use super::super::super::review::{JudgedQuestion, Reviewed};
use super::super::super::shared::Shared;
use super::super::super::widgets::form;
use super::super::super::widgets::text::{clean, cut, span, wrapped};
use super::{Filter, Mode, ReviewTab, detail, list, meeting, shown};

/// The keys that answer: "y yes   p partial".
fn answers(keymap: &Keymap) -> String {
    let actions = [
        (Action::AnswerYes, "yes"),
        (Action::AnswerPartial, "partial"),
        (Action::AnswerNo, "no"),
        (Action::AnswerUnknown, "unknown"),
        (Action::AnswerNa, "not applicable"),
    ];
    actions
        .map(|(action, words)| format!("{} {words}", keymap.key(action)))
        .join("   ")
}

impl ReviewTab {
    /// List, line of search and filter, detail.
    pub(super) fn layout(area: Rect) -> [Rect; 3] {
        let [line, rest] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
        let [list, detail] = if area.width >= 120 {
            Layout::horizontal([Constraint::Percentage(55), Constraint::Min(0)]).areas(rest)
        } else {
            Layout::vertical([Constraint::Percentage(55), Constraint::Min(0)]).areas(rest)
        };
        [line, list, detail]
    }

    pub(super) fn draw_line(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        review: &Reviewed,
        count: usize,
        shared: &Shared,
    ) {
        let theme = shared.theme;
        if matches!(self.mode, Mode::Answering) {
            let words = format!(
                " Answer: {}   {} leave it",
                answers(&shared.keymap),
                shared.keymap.key(Action::Back)
            );
            return frame.render_widget(Line::styled(words, theme.key()), area);
        }
        let searching = matches!(self.mode, Mode::Searching);
        let met = review
            .judged
            .questions
            .iter()
            .filter(|question| question.hidden.is_none() && question.reasons.is_empty())
            .count();
        let all = review
            .judged
            .questions
            .iter()
            .filter(|question| question.hidden.is_none())
            .count();
        let mut spans = vec![Span::raw(format!(" {met} of {all} met   "))];
        for filter in Filter::ALL {
            let style = if filter == self.filter {
                theme.selected()
            } else {
                theme.dim()
            };
            spans.push(span(format!(" {} ", filter.word()), style));
        }
        if searching || !self.search.value().is_empty() {
            spans.push(span("   / ", theme.key()));
            let before: usize = spans.iter().map(Span::width).sum();
            let room = usize::from(area.width).saturating_sub(before + 12);
            let (text, cursor) = form::window(&self.search, room);
            spans.push(Span::raw(text));
            spans.push(span(format!("  {count} found"), theme.dim()));
            if searching
                && let Ok(column) = u16::try_from(before + cursor)
                && column < area.width
                && area.height > 0
            {
                frame.set_cursor_position((area.x + column, area.y));
            }
        }
        frame.render_widget(Line::from(spans), area);
    }

    pub(super) fn draw_list(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        review: &Reviewed,
        shared: &Shared,
    ) {
        let theme = shared.theme;
        let places = self.places(review, shared.me.as_deref());
        let at = self.at(review, &places);
        let [line, list, detail] = Self::layout(area);
        self.draw_line(frame, line, review, places.len(), shared);
        let question = places
            .get(at)
            .and_then(|index| review.judged.questions.get(*index));
        let Some(question) = question else {
            let words = match self.filter {
                Filter::Mine if shared.me.is_none() => shared
                    .keymap
                    .words("It is not known who you are: {me} says it."),
                filter => format!(
                    "Nothing here: {}. {} shows everything.",
                    filter.word(),
                    shared.keymap.key(Action::Back)
                ),
            };
            return frame.render_widget(
                Paragraph::new(wrapped(&words, usize::from(list.width))),
                list,
            );
        };
        list::draw(frame, list, review, &places, at, theme);
        Self::draw_detail(frame, detail, question, review, shared, 0);
    }

    /// Where a question's title and its text stand.
    pub(super) fn detail_parts(area: Rect) -> [Rect; 2] {
        let inside = Rect {
            x: area.x.saturating_add(1).min(area.right()),
            width: area.width.saturating_sub(2),
            ..area
        };
        Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(inside)
    }

    pub(super) fn draw_detail(
        frame: &mut Frame<'_>,
        area: Rect,
        question: &JudgedQuestion,
        review: &Reviewed,
        shared: &Shared,
        scroll: usize,
    ) {
        let theme = shared.theme;
        let [rule, text] = Self::detail_parts(area);
        let title = format!(
            "{} {} ",
            theme.rule().repeat(2),
            clean(&question.question.short)
        );
        let rest = theme.rule().repeat(usize::from(rule.width));
        let whole = cut(&format!("{title}{rest}"), usize::from(rule.width), "");
        frame.render_widget(Line::styled(whole, theme.dim()), rule);
        let lines = detail::lines(question, review, usize::from(text.width), theme);
        let room = usize::from(text.height);
        let scroll = scroll.min(last_on_top(lines.len(), room));
        let more = lines.len().saturating_sub(scroll + room);
        frame.render_widget(
            Paragraph::new(
                lines
                    .into_iter()
                    .skip(scroll)
                    .take(room)
                    .collect::<Vec<_>>(),
            ),
            text,
        );
        if more > 0 && room > 0 {
            let words = format!(" {more} more: {} ", shared.keymap.key(Action::Open));
            let width = u16::try_from(words.len()).unwrap_or(0);
            let at = Rect {
                x: text.right().saturating_sub(width),
                y: text.bottom() - 1,
                width,
                height: 1,
            };
            frame.render_widget(Line::styled(words, theme.dim()), at.intersection(text));
        }
    }

    pub(super) fn draw_meeting(
        frame: &mut Frame<'_>,
        area: Rect,
        at: usize,
        review: &Reviewed,
        shared: &Shared,
    ) {
        let places = shown(review, Filter::All, "", None);
        let question = places
            .get(at)
            .and_then(|index| review.judged.questions.get(*index));
        let theme = shared.theme;
        if let Some(question) = question {
            let place = (at + 1, places.len());
            let answers = answers(&shared.keymap);
            meeting::draw(frame, area, question, place, review, &answers, theme);
        } else {
            let key = shared.keymap.key(Action::SignOff);
            meeting::draw_sign_off(
                frame,
                area,
                (places.len(), places.len()),
                review,
                &key,
                theme,
            );
        }
    }
}
