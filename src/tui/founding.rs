//! A project of one's own from six answers: the form, and the files that come of it. `gonogo init` does the same.

use std::path::{Path, PathBuf};

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::key::Key;
use super::theme::{Theme, Tone};
use super::widgets::text::{clean, cut, fit, span, width};
use crate::checklist::git;
use crate::checklist::init::{FirstReview, init_files};
use crate::checklist::shipped;
use crate::prices::Catalogue;
use crate::reading::Source;
use crate::scenario::{DEFAULT, LENGTHS, Scenario, Starter, TEMPLATES, Template, template};

/// The model that the form begins with.
const MODEL: &str = "openai:gpt-5.4";

const LABELS: [&str; 6] = [
    "kind of feature",
    "conversations a day",
    "model",
    "questions and answers",
    "budget, US dollars a month",
    "personal data occurs",
];

/// The form.
#[derive(Debug)]
pub struct Form {
    fields: [Input; 6],
    at: usize,
}

/// What the form says, once it can be understood.
#[derive(Debug)]
struct Answers {
    template: &'static Template,
    starter: Starter,
}

impl Default for Form {
    fn default() -> Self {
        let mut form = Self {
            fields: Default::default(),
            at: 0,
        };
        form.begin_with(DEFAULT);
        form
    }
}

impl Form {
    /// Fills in what a template says.
    fn begin_with(&mut self, template: &Template) {
        let Ok(scenario) = template.scenario() else {
            return;
        };
        let starter = Starter::of(&scenario, MODEL);
        let lengths = format!("{} {}", starter.question_tokens, starter.answer_tokens);
        let yes = if starter.personal_data { "yes" } else { "no" };
        self.fields = [
            Input::new(template.name.to_owned()),
            Input::new(starter.conversations_per_day.to_string()),
            Input::new(starter.model),
            Input::new(lengths),
            Input::new(starter.budget.to_string()),
            Input::new(yes.to_owned()),
        ];
    }

    /// To the next field; `false` at the last.
    pub fn next(&mut self) -> bool {
        let more = self.at + 1 < self.fields.len();
        if more {
            self.at += 1;
        }
        more
    }

    /// To the field before.
    pub fn previous(&mut self) {
        self.at = self.at.saturating_sub(1);
    }

    /// A key that is text or moves in it. The first field is a choice: arrows go through the templates.
    pub fn key(&mut self, key: Key) {
        use ratatui::crossterm::event::KeyCode;
        if self.at == 0 && matches!(key.code, KeyCode::Left | KeyCode::Right) {
            return self.turn(key.code == KeyCode::Right);
        }
        if let Some(field) = self.fields.get_mut(self.at) {
            field.handle_event(&ratatui::crossterm::event::Event::Key(key.event()));
        }
    }

    /// The next template, or the one before.
    pub fn turn(&mut self, forward: bool) {
        let name = self.value(0);
        let at = TEMPLATES
            .iter()
            .position(|known| known.name == name)
            .unwrap_or(0);
        let count = TEMPLATES.len();
        let to = if forward { at + 1 } else { at + count - 1 } % count;
        if let Some(template) = TEMPLATES.get(to) {
            self.begin_with(template);
        }
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        if let Some(field) = self.fields.get_mut(self.at) {
            *field = Input::new(field.value().to_owned() + text.trim());
        }
    }

    fn value(&self, index: usize) -> String {
        self.fields
            .get(index)
            .map(|field| field.value().trim().to_owned())
            .unwrap_or_default()
    }

    /// What is wrong with a field; none: nothing.
    fn problem(&self, index: usize) -> Option<String> {
        let text = self.value(index);
        match index {
            0 => template(&text)
                .is_none()
                .then(|| "left and right go through the kinds".to_owned()),
            1 | 4 => positive(&text).err(),
            2 => reference(&text).err(),
            3 => lengths(&text).err(),
            _ => yes_or_no(&text).err(),
        }
    }

    fn answers(&self) -> Result<Answers, String> {
        for (index, label) in LABELS.iter().enumerate() {
            if let Some(problem) = self.problem(index) {
                return Err(format!("{label}: {problem}"));
            }
        }
        let template = template(&self.value(0)).ok_or("no such kind of feature")?;
        let scenario = template
            .scenario()
            .map_err(|problems| problems.to_string())?;
        let (question_tokens, answer_tokens) = lengths(&self.value(3))?;
        Ok(Answers {
            template,
            starter: Starter {
                conversations_per_day: positive(&self.value(1))?,
                model: self.value(2),
                question_tokens,
                answer_tokens,
                budget: positive(&self.value(4))?,
                personal_data: yes_or_no(&self.value(5))?,
                ..Starter::of(&scenario, MODEL)
            },
        })
    }

    /// Writes the project into a folder.
    ///
    /// # Errors
    /// What is wrong with an answer, or what the disk said.
    pub fn write(&self, folder: &Path) -> Result<Vec<PathBuf>, String> {
        let answers = self.answers()?;
        let template = answers
            .template
            .scenario()
            .map_err(|problems| problems.to_string())?;
        let text = answers.starter.write(&template, answers.template.name);
        let path = folder.join("scenario.toml");
        // What is written must read back: a model's name may hold anything.
        let source = Source::new(path.display().to_string(), text.as_str());
        let scenario =
            Scenario::parse(source, Some(folder)).map_err(|problems| problems.to_string())?;
        let mut files = vec![(path, text)];
        files.extend(review_files(
            folder,
            &scenario,
            answers.starter.personal_data,
        )?);
        save_all(files)
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
        let dots = theme.either("…", "~");
        let label = LABELS.iter().map(|label| width(label)).max().unwrap_or(0);
        let columns = usize::from(area.width);
        for (index, (name, field)) in LABELS.iter().zip(&self.fields).enumerate() {
            let here = index == self.at;
            let row = Rect {
                y: area.y.saturating_add(u16::try_from(index).unwrap_or(0)),
                height: 1,
                ..area
            };
            let mark = if here {
                theme.either("▸ ", "> ")
            } else {
                "  "
            };
            let room = columns.saturating_sub(label + 5);
            let (beside, style) = match self.problem(index) {
                Some(problem) => (
                    format!("  {} {problem}", theme.mark(Tone::Bad)),
                    theme.tone(Tone::Bad),
                ),
                None if index == 0 && here => {
                    (theme.either("  ◂ ▸", "  < >").to_owned(), theme.dim())
                }
                None => (String::new(), theme.dim()),
            };
            let text = clean(field.value());
            let rest = room.saturating_sub(width(&text));
            let line = Line::from(vec![
                span(mark, theme.key()),
                span(
                    fit(name, label, dots),
                    if here { theme.strong() } else { theme.dim() },
                ),
                Span::raw("  "),
                span(cut(&text, room, dots), theme.strong()),
                span(cut(&beside, rest, dots), style),
            ]);
            frame.render_widget(line, row.intersection(area));
            if here && area.contains(row.as_position()) {
                let column = label + 4 + field.visual_cursor();
                if column < columns {
                    let column = u16::try_from(column).unwrap_or(0);
                    frame.set_cursor_position((area.x + column, row.y));
                }
            }
        }
    }

    /// What the field in hand takes or means, in full.
    #[must_use]
    pub fn hint(&self) -> String {
        let text = self.value(self.at);
        match self.at {
            0 => template(&text).map_or_else(
                || "left and right go through the kinds".to_owned(),
                |template| format!("{}; left and right go through the kinds", template.about),
            ),
            1 => "at launch, the average of all days".to_owned(),
            2 => "provider:model, as in the price catalogue (gonogo prices list)".to_owned(),
            3 => lengths(&text).map_or_else(
                |why| why,
                |(question, answer)| {
                    format!(
                        "{question} tokens a question, {answer} an answer on average; or short, medium, long"
                    )
                },
            ),
            4 => "what may be spent in a month at launch".to_owned(),
            _ => "yes or no; if yes, the review asks about it".to_owned(),
        }
    }
}

/// Writes a review for a scenario that is there already.
///
/// # Errors
/// What the disk said.
pub fn begin_review(folder: &Path, scenario: &Scenario) -> Result<Vec<PathBuf>, String> {
    let personal = scenario
        .workload
        .classes
        .iter()
        .any(|class| class.sensitive.is_some());
    save_all(review_files(folder, scenario, personal)?)
}

/// The review and what git needs to know of it; answers that are there are never written over.
fn review_files(
    folder: &Path,
    scenario: &Scenario,
    personal_data: bool,
) -> Result<Vec<(PathBuf, String)>, String> {
    let only = match scenario.strategies.as_slice() {
        [only] => Some(only.name.as_str()),
        _ => None,
    };
    let checklists: Vec<_> = shipped("production")
        .transpose()
        .map_err(|problems| problems.to_string())?
        .into_iter()
        .collect();
    let tags: &[&str] = if personal_data {
        &["personal-data"]
    } else {
        &[]
    };
    let who = git::user(folder);
    let first = FirstReview {
        system: &scenario.name,
        strategy: only,
        tags,
        checklists: &checklists,
        who: who.as_deref(),
    };
    let attributes = std::fs::read_to_string(folder.join(".gitattributes")).unwrap_or_default();
    let files = init_files(&first, &attributes).into_iter();
    Ok(files
        .map(|(name, text)| (folder.join(name), text))
        .filter(|(path, text)| {
            let answered = path.ends_with("review.toml") && path.exists();
            !answered && *text != attributes
        })
        .collect())
}

fn save_all(files: Vec<(PathBuf, String)>) -> Result<Vec<PathBuf>, String> {
    let mut written = Vec::new();
    for (path, text) in files {
        super::files::save(&path, &text).map_err(|error| format!("{}: {error}", path.display()))?;
        written.push(path);
    }
    Ok(written)
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text
        .replace(['_', ','], "")
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "expected a number above 0".to_owned())
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" | "true" => Ok(true),
        "n" | "no" | "false" => Ok(false),
        _ => Err("expected yes or no".to_owned()),
    }
}

fn reference(text: &str) -> Result<(), String> {
    if !text.contains(':') {
        return Err(format!("expected provider:model, such as {MODEL}"));
    }
    let found = Catalogue::embedded().find(text);
    found.map(|_| ()).map_err(|unknown| unknown.to_string())
}

fn lengths(text: &str) -> Result<(f64, f64), String> {
    if let Some((_, question, answer)) = LENGTHS.iter().find(|(word, _, _)| *word == text) {
        return Ok((*question, *answer));
    }
    let mut numbers = text.split_whitespace().map(positive);
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(question)), Some(Ok(answer)), None) => Ok((question, answer)),
        _ => Err("expected short, medium, long, or two numbers of tokens".to_owned()),
    }
}
