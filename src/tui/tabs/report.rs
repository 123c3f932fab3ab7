//! The Report tab: what will be handed on, as it reads, and where to write it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::super::action::{Action, Context};
use super::super::key::Key;
use super::super::moving::{last_on_top, moved};
use super::super::shared::Shared;
use super::super::theme::Tone;
use super::super::widgets::form::{Field, Form};
use super::super::widgets::markdown;
use super::super::widgets::text::{span, wrapped};
use super::Tab;
use crate::report::{Format, Style};

pub(super) const ABOUT: &str = "The report that stakeholders read and sign, of what is saved: look at it here, and write it in the formats and into the folder that you choose.";

const STYLES: [(Style, &str); 3] = [
    (Style::Executive, "executive"),
    (Style::Full, "full"),
    (Style::Audit, "audit"),
];

/// The tab's state.
#[derive(Debug)]
pub struct ReportTab {
    scroll: usize,
    style: Style,
    /// What the preview was last asked for.
    asked: Option<(u64, Style)>,
    /// Where the report goes, while that is filled in.
    form: Option<Form>,
    /// What was filled in last.
    folder: String,
    formats: String,
}

impl Default for ReportTab {
    fn default() -> Self {
        Self {
            scroll: 0,
            style: Style::Full,
            asked: None,
            form: None,
            folder: ".".to_owned(),
            formats: "all".to_owned(),
        }
    }
}

/// The style's name.
fn word(style: Style) -> &'static str {
    STYLES
        .iter()
        .find(|(known, _)| *known == style)
        .map_or("", |(_, word)| word)
}

/// Formats by the endings of their files; `all` of them.
fn formats(typed: &str) -> Result<Vec<Format>, String> {
    if typed.trim() == "all" {
        return Ok(Format::ALL.to_vec());
    }
    let words = typed.split([' ', ',']).filter(|word| !word.is_empty());
    let found: Result<Vec<Format>, String> = words
        .map(|word| {
            let known = Format::ALL
                .into_iter()
                .find(|format| format.ending() == word.trim_start_matches('.'));
            known.ok_or_else(|| format!("`{word}` is none of {}.", endings()))
        })
        .collect();
    match found {
        Ok(none) if none.is_empty() => Err(format!("Which formats? {}, or all.", endings())),
        other => other,
    }
}

fn endings() -> String {
    Format::ALL.map(Format::ending).join(", ")
}

impl ReportTab {
    fn open_form(&mut self) {
        self.form = Some(Form::new(
            "Write the report",
            "Each file is written whole or not at all; a report that is there already is replaced.",
            vec![
                Field::text(
                    "folder",
                    "folder",
                    &self.folder,
                    "the project's own is . ; it is made if it is not there",
                ),
                Field::text(
                    "formats",
                    "formats",
                    &self.formats,
                    &format!("all, or some of {}", endings()),
                ),
                Field::choice(
                    "style",
                    "style",
                    STYLES.map(|(_, word)| word),
                    word(self.style),
                    "executive leaves out notes, evidence and discounts",
                ),
            ],
        ));
    }

    fn in_form(&mut self, action: Action, shared: &mut Shared) -> bool {
        let Some(form) = &mut self.form else {
            return false;
        };
        match action {
            Action::FormNext => {
                if !form.forward() {
                    self.take(shared);
                }
            }
            Action::FormDown | Action::NextTab => {
                form.forward();
            }
            Action::FormUp | Action::PreviousTab => form.previous(),
            Action::FormDone | Action::Save => self.take(shared),
            Action::FormCancel | Action::Back => self.form = None,
            _ => return false,
        }
        true
    }

    fn take(&mut self, shared: &mut Shared) {
        let Some(form) = &mut self.form else {
            return;
        };
        let wanted = match formats(form.get("formats")) {
            Ok(wanted) => wanted,
            Err(why) => {
                form.trouble = Some(why);
                return;
            }
        };
        let folder = form.given("folder").unwrap_or(".").to_owned();
        let style = STYLES.iter().find(|(_, word)| *word == form.get("style"));
        self.style = style.map_or(self.style, |(style, _)| *style);
        form.get("formats").clone_into(&mut self.formats);
        shared.write_report(self.style, wanted, &folder);
        self.folder = folder;
        self.form = None;
    }

    /// The last line that may stand on top.
    fn last(shared: &Shared) -> usize {
        let Some(Ok(text)) = &shared.preview else {
            return 0;
        };
        let columns = usize::from(shared.size.width).saturating_sub(2);
        let room = usize::from(shared.size.height).saturating_sub(8);
        last_on_top(markdown::lines(text, columns, shared.theme).len(), room)
    }
}

impl Tab for ReportTab {
    fn contexts(&self, _: &Shared) -> Vec<Context> {
        if self.form.is_some() {
            return vec![Context::Form];
        }
        vec![Context::Report, Context::Move]
    }

    fn typing(&self) -> bool {
        self.form.is_some()
    }

    fn entered(&mut self, shared: &mut Shared) {
        let now = (shared.revision, self.style);
        if self.asked != Some(now) {
            self.asked = Some(now);
            shared.preview(self.style);
        }
    }

    fn update(&mut self, action: Action, shared: &mut Shared) -> bool {
        if self.form.is_some() {
            return self.in_form(action, shared);
        }
        let last = Self::last(shared);
        let page = usize::from(shared.size.height).saturating_sub(8).max(1);
        if let Some(to) = moved(action, self.scroll, last, page) {
            self.scroll = to;
            return true;
        }
        match action {
            Action::ReportStyle => {
                self.style = match self.style {
                    Style::Full => Style::Executive,
                    Style::Executive => Style::Audit,
                    Style::Audit => Style::Full,
                };
                self.entered(shared);
            }
            Action::WriteReport => self.open_form(),
            _ => return false,
        }
        true
    }

    fn key(&mut self, key: Key, _: &mut Shared) {
        if let Some(form) = &mut self.form {
            form.key(key);
        }
    }

    fn paste(&mut self, text: &str, _: &mut Shared) {
        if let Some(form) = &mut self.form {
            form.paste(text);
        }
    }

    fn copied(&self, shared: &Shared) -> Option<String> {
        shared.preview.as_ref()?.as_ref().ok().cloned()
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
        let theme = shared.theme;
        let columns = usize::from(area.width).saturating_sub(2);
        let inside = Rect {
            x: (area.x + 1).min(area.right()),
            width: area.width.saturating_sub(2),
            ..area
        };
        let mut lines = vec![
            Line::from(vec![
                span(format!("{} report", word(self.style)), theme.strong()),
                span(format!(", to be written as {}", endings()), theme.dim()),
            ]),
            Line::default(),
        ];
        if shared.is_draft() {
            let words = format!(
                "{} The numbers on screen are of unsaved edits: the report is of what is saved, so it has none.",
                theme.mark(Tone::Warn)
            );
            lines.extend(
                wrapped(&words, columns)
                    .into_iter()
                    .map(|line| line.style(theme.tone(Tone::Warn))),
            );
        }
        match &shared.preview {
            None => lines.push(Line::raw("Making the report.")),
            Some(Err(why)) => lines.extend(
                wrapped(why, columns)
                    .into_iter()
                    .map(|line| line.style(theme.tone(Tone::Bad))),
            ),
            Some(Ok(text)) => {
                let all = markdown::lines(text, columns, theme);
                let scroll = self.scroll.min(all.len().saturating_sub(1));
                lines.extend(all.into_iter().skip(scroll).take(usize::from(area.height)));
            }
        }
        frame.render_widget(Paragraph::new(lines), inside);
        if let Some(form) = &self.form {
            form.draw(frame, area, &shared.keymap, theme);
        }
    }
}
