//! A form in a box: labelled fields, each a line of text or a choice among words, with a hint while it is filled in and
//! what is wrong below. Fields that do not fit scroll.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::super::action::Action;
use super::super::key::Key;
use super::super::keymap::Keymap;
use super::super::theme::{Theme, Tone};
use super::popup;
use super::text::{clean, cut, fit, span, width, wrap};

/// A form.
#[derive(Debug, Clone)]
pub struct Form {
    title: String,
    about: String,
    fields: Vec<Field>,
    at: usize,
    /// Why it cannot be taken as it is.
    pub trouble: Option<String>,
}

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    name: &'static str,
    label: &'static str,
    hint: String,
    value: Value,
}

#[derive(Debug, Clone)]
enum Value {
    Text(Input),
    Choice(Vec<String>, usize),
}

impl Field {
    /// A line of text.
    #[must_use]
    pub fn text(name: &'static str, label: &'static str, value: &str, hint: &str) -> Self {
        Self {
            name,
            label,
            hint: hint.to_owned(),
            value: Value::Text(Input::new(value.to_owned())),
        }
    }

    /// One of some words.
    #[must_use]
    pub fn choice<T: Into<String>>(
        name: &'static str,
        label: &'static str,
        words: impl IntoIterator<Item = T>,
        chosen: &str,
        hint: &str,
    ) -> Self {
        let words: Vec<String> = words.into_iter().map(Into::into).collect();
        let at = words.iter().position(|word| word == chosen).unwrap_or(0);
        Self {
            name,
            label,
            hint: hint.to_owned(),
            value: Value::Choice(words, at),
        }
    }
}

impl Form {
    /// A form with its fields.
    #[must_use]
    pub fn new(title: impl Into<String>, about: impl Into<String>, fields: Vec<Field>) -> Self {
        Self {
            title: title.into(),
            about: about.into(),
            fields,
            at: 0,
            trouble: None,
        }
    }

    /// What a field holds, without blanks around it.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|field| field.name == name);
        field.map_or("", |field| match &field.value {
            Value::Text(input) => input.value().trim(),
            Value::Choice(words, at) => words.get(*at).map_or("", String::as_str),
        })
    }

    /// The same, if it is not empty.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|text| !text.is_empty())
    }

    /// Goes to the next field; `false` if this was the last.
    pub fn forward(&mut self) -> bool {
        let more = self.at + 1 < self.fields.len();
        self.at += usize::from(more);
        more
    }

    /// Goes to the field before.
    pub fn previous(&mut self) {
        self.at = self.at.saturating_sub(1);
    }

    /// Takes a key that is text or moves within it.
    pub fn key(&mut self, key: Key) {
        use ratatui::crossterm::event::{Event, KeyCode};
        self.trouble = None;
        let Some(field) = self.fields.get_mut(self.at) else {
            return;
        };
        match &mut field.value {
            Value::Text(input) => {
                input.handle_event(&Event::Key(key.event()));
            }
            Value::Choice(words, at) => {
                let count = words.len().max(1);
                match key.code {
                    KeyCode::Right | KeyCode::Char(' ') => *at = (*at + 1) % count,
                    KeyCode::Left => *at = (*at + count - 1) % count,
                    KeyCode::Char(letter) => {
                        // The next word that begins so.
                        let fits = |index: &usize| {
                            words
                                .get(*index)
                                .is_some_and(|word| word.starts_with(letter.to_ascii_lowercase()))
                        };
                        let next = (*at + 1..words.len()).chain(0..=*at).find(fits);
                        *at = next.unwrap_or(*at);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Takes pasted text, on one line.
    pub fn paste(&mut self, text: &str) {
        if let Some(Field {
            value: Value::Text(input),
            ..
        }) = self.fields.get_mut(self.at)
        {
            for letter in text.chars() {
                let letter = if letter.is_control() { ' ' } else { letter };
                input.handle(tui_input::InputRequest::InsertChar(letter));
            }
        }
    }

    /// How many fields it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// A field as a line that asks for it, with what holds if nothing is typed in brackets.
    #[must_use]
    pub fn prompt(&self, index: usize) -> String {
        let Some(field) = self.fields.get(index) else {
            return String::new();
        };
        match &field.value {
            Value::Text(input) if input.value().is_empty() => {
                format!("{} ({}):", field.label, field.hint)
            }
            Value::Text(input) => format!("{} ({}) [{}]:", field.label, field.hint, input.value()),
            Value::Choice(words, at) => {
                let chosen = words.get(*at).map_or("", String::as_str);
                format!("{} ({}) [{chosen}]:", field.label, words.join(", "))
            }
        }
    }

    /// Takes a typed line for a field; an empty one leaves it as it is.
    ///
    /// # Errors
    /// What may be typed, where only some words may.
    pub fn answer(&mut self, index: usize, typed: &str) -> Result<(), String> {
        let Some(field) = self.fields.get_mut(index).filter(|_| !typed.is_empty()) else {
            return Ok(());
        };
        match &mut field.value {
            Value::Text(input) => *input = Input::new(typed.to_owned()),
            Value::Choice(words, at) => {
                let found = words.iter().position(|word| word == typed);
                let begins = || words.iter().position(|word| word.starts_with(typed));
                *at = found
                    .or_else(begins)
                    .ok_or_else(|| format!("One of {}.", words.join(", ")))?;
            }
        }
        Ok(())
    }

    /// Rows it takes on a screen of so many columns.
    fn rows(&self, columns: usize) -> (Vec<String>, u16) {
        let about = if self.about.is_empty() {
            Vec::new()
        } else {
            wrap(&self.about, columns)
        };
        let rows = about.len() + usize::from(!about.is_empty()) + self.fields.len() + 5;
        (about, u16::try_from(rows).unwrap_or(u16::MAX))
    }

    /// Draws it over the screen.
    pub fn draw(&self, frame: &mut Frame<'_>, whole: Rect, keymap: &Keymap, theme: Theme) {
        let wide = whole.width.min(76);
        let columns = usize::from(wide.saturating_sub(4)).max(1);
        let (about, height) = self.rows(columns);
        let area = popup::centred(whole, wide, height.saturating_add(1));
        let inside = popup::open(frame, area, &self.title, theme);
        let about_rows = u16::try_from(about.len()).unwrap_or(0);
        let fixed = 3;
        let about_shown = if inside.height > about_rows + fixed + 2 {
            about_rows
        } else {
            0
        };
        let lines: Vec<Line<'_>> = about
            .into_iter()
            .map(|line| Line::styled(line, theme.dim()))
            .collect();
        frame.render_widget(
            Paragraph::new(lines),
            Rect {
                height: about_shown,
                ..inside
            },
        );
        let top = inside.y + about_shown + u16::from(about_shown > 0);
        let below = inside
            .bottom()
            .saturating_sub(fixed)
            .max(top.min(inside.bottom()));
        let list = Rect {
            y: top.min(inside.bottom()),
            height: below.saturating_sub(top),
            ..inside
        };
        self.draw_fields(frame, list, theme);
        self.draw_below(
            frame,
            Rect {
                y: below,
                height: inside.bottom().saturating_sub(below),
                ..inside
            },
            keymap,
            theme,
        );
    }

    fn draw_fields(&self, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
        let label = self
            .fields
            .iter()
            .map(|field| width(field.label))
            .max()
            .unwrap_or(0)
            + 2;
        let room = usize::from(area.height);
        let first = super::table::first_shown(self.at, self.fields.len(), room);
        let columns = usize::from(area.width).saturating_sub(label + 2);
        for (line, (index, field)) in self
            .fields
            .iter()
            .enumerate()
            .skip(first)
            .take(room)
            .enumerate()
        {
            let here = index == self.at;
            let row = Rect {
                y: area.y.saturating_add(u16::try_from(line).unwrap_or(0)),
                height: 1,
                ..area
            };
            let style = if here { theme.strong() } else { theme.text() };
            let mark = if here {
                theme.either("▸ ", "> ")
            } else {
                "  "
            };
            let mut spans = vec![
                span(mark, theme.key()),
                span(fit(field.label, label, ""), style),
            ];
            match &field.value {
                Value::Text(input) => {
                    let (shown, cursor) = window(input, columns);
                    let style = if here {
                        Style::new().add_modifier(ratatui::style::Modifier::UNDERLINED)
                    } else {
                        theme.text()
                    };
                    spans.push(span(fit(&shown, columns, ""), style));
                    if here {
                        let column = label + 2 + cursor;
                        if let Ok(column) = u16::try_from(column)
                            && column < row.width
                            && row.intersection(area).height > 0
                        {
                            frame.set_cursor_position((row.x + column, row.y));
                        }
                    }
                }
                Value::Choice(words, at) => {
                    // The chosen one is told by brackets, too, and is in view whatever stands before it.
                    let words: Vec<String> = words.iter().map(|word| clean(word)).collect();
                    let shown = first_choice(&words, *at, columns);
                    for (number, word) in words.iter().enumerate().skip(shown) {
                        let chosen = number == *at;
                        let style = match (chosen, here) {
                            (true, true) => theme.selected(),
                            (true, false) => theme.strong(),
                            (false, _) => theme.dim(),
                        };
                        let word = if chosen {
                            format!("[{word}]")
                        } else {
                            format!(" {word} ")
                        };
                        spans.push(span(word, style));
                    }
                }
            }
            frame.render_widget(Line::from(spans), row.intersection(area));
        }
    }

    fn draw_below(&self, frame: &mut Frame<'_>, area: Rect, keymap: &Keymap, theme: Theme) {
        let columns = usize::from(area.width);
        let dots = theme.either("…", "~");
        let lines = match (&self.trouble, self.fields.get(self.at)) {
            (Some(trouble), _) => wrap(&clean(trouble), columns)
                .into_iter()
                .map(|line| Line::styled(line, theme.tone(Tone::Bad)))
                .collect(),
            (None, Some(field)) => vec![
                Line::default(),
                Line::styled(cut(&field.hint, columns, dots), theme.dim()),
            ],
            _ => Vec::new(),
        };
        frame.render_widget(Paragraph::new(lines), area);
        if area.height > 2 {
            let last = Rect {
                y: area.bottom() - 1,
                height: 1,
                ..area
            };
            let keys = Line::from(vec![
                span(keymap.key(Action::FormNext), theme.key()),
                Span::raw(" next, done at the end  "),
                span(keymap.key(Action::FormDone), theme.key()),
                Span::raw(" done  "),
                span(keymap.key(Action::FormCancel), theme.key()),
                Span::raw(" back"),
            ]);
            if self.trouble.is_none() {
                frame.render_widget(keys, last);
            }
        }
    }
}

/// The first of some choices to show, so that the chosen one fits into so many columns.
fn first_choice(words: &[String], at: usize, columns: usize) -> usize {
    let mut taken = 0;
    let before = words.iter().take(at + 1).rev();
    let fits = before.take_while(|word| {
        taken += width(word) + 2;
        taken <= columns
    });
    (at + 1).saturating_sub(fits.count().max(1))
}

/// The part of an input that fits into so many columns, and the cursor's column in it.
#[must_use]
pub fn window(input: &Input, columns: usize) -> (String, usize) {
    let scroll = input.visual_scroll(columns.saturating_sub(1).max(1));
    let mut skipped = 0;
    let mut shown = String::new();
    for letter in input.value().chars() {
        if skipped < scroll {
            skipped += width(&letter.to_string());
        } else {
            shown.push(letter);
        }
    }
    let shown = cut(&clean(&shown), columns, "");
    (shown, input.visual_cursor().max(scroll) - scroll)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        text.parse().unwrap()
    }

    #[test]
    fn words_are_chosen_by_their_letter_or_by_arrows() {
        let mut form = Form::new(
            "t",
            "",
            vec![
                Field::choice("risk", "risk", ["low", "medium", "high"], "medium", ""),
                Field::text("why", "why", "", ""),
            ],
        );
        assert_eq!(form.get("risk"), "medium");
        form.key(key("h"));
        assert_eq!(form.get("risk"), "high");
        form.key(key("right"));
        assert_eq!(form.get("risk"), "low");
        assert!(form.forward());
        for letter in ["s", "o", "space"] {
            form.key(key(letter));
        }
        form.paste("be\nit");
        assert_eq!(form.get("why"), "so be it");
        assert!(!form.forward());
    }

    #[test]
    fn the_chosen_word_is_in_view_among_more_than_fit() {
        let words = ["engineering", "security", "finance"].map(str::to_owned);
        assert_eq!(first_choice(&words, 0, 40), 0);
        assert_eq!(first_choice(&words, 2, 40), 0);
        assert_eq!(first_choice(&words, 2, 20), 1);
        assert_eq!(first_choice(&words, 2, 12), 2);
        assert_eq!(first_choice(&words, 1, 3), 1);
    }

    #[test]
    fn a_long_line_shows_where_its_cursor_is() {
        let input = Input::new("abcdefghij".to_owned());
        let (shown, cursor) = window(&input, 5);
        assert!(shown.ends_with('j') && cursor < 5, "{shown} {cursor}");
    }
}
