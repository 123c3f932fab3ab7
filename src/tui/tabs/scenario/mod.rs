//! The Scenario tab: the file as a form. What is typed is understood as it is typed ([`typed`]), and taken with Enter; the
//! file is written with Ctrl-S.
//!
//! Rows are worked out from the text at each draw and each key ([`rows`]); the tab keeps only which one is selected, by its
//! place in the file, and what is being typed.

mod draw;
mod rows;
mod typed;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use crate::checklist::edit::TomlText;

use super::super::action::{Action, Context};
use super::super::key::Key;
use super::super::moving::moved;
use super::super::shared::{Effect, Shared};
use super::super::theme::Tone;
use super::Tab;
pub use rows::{Row, Show, rows};
pub use typed::{Typed, understand};

pub(super) const ABOUT: &str = "What is simulated: traffic, models, prices, promises and the strategies that are compared. \
Enter changes a field; its meaning appears as you type, and new numbers as soon as it is taken. Ctrl-S writes the file.";

/// What the whole file is called between the app and the user's editor.
const FILE: &str = "scenario";

/// The tab's state.
#[derive(Debug, Default)]
pub struct ScenarioTab {
    selected: Option<Vec<String>>,
    show: Show,
    mode: Mode,
}

#[derive(Debug, Default)]
enum Mode {
    /// The form.
    #[default]
    Form,
    /// Words to search for are typed.
    Searching(Input),
    /// A value is typed.
    Typing(Box<Entry>),
}

/// What is being typed.
#[derive(Debug)]
struct Entry {
    what: What,
    input: Input,
    outcome: Typed,
}

/// What it is typed for.
#[derive(Debug, Clone)]
enum What {
    /// The value of a field.
    Value(Row),
    /// Where a number comes from.
    Source(Row),
    /// The name of another entry of a section.
    Name(&'static str),
}

/// Sections that hold entries by name, what an entry is called, and what it starts with, as lines of TOML.
const LISTS: [(&str, &str); 6] = [
    ("models", "model"),
    ("strategies", "strategy"),
    ("workload", "class"),
    ("budget", "volume"),
    ("fixed", "cost"),
    ("providers", "provider"),
];

impl ScenarioTab {
    fn rows(&self, shared: &Shared) -> Vec<Row> {
        rows(shared.scenario.text(), &self.show).unwrap_or_default()
    }

    fn at(&self, rows: &[Row]) -> usize {
        let is_it = |row: &Row| Some(&row.path) == self.selected.as_ref();
        let found = rows.iter().position(is_it);
        // What somebody comes to change first is the traffic, not the file's format.
        let traffic = || rows.iter().position(|row| row.section == "workload");
        found.or_else(traffic).unwrap_or(0)
    }

    fn row(&self, shared: &Shared) -> Option<Row> {
        let mut rows = self.rows(shared);
        let at = self.at(&rows);
        (at < rows.len()).then(|| rows.swap_remove(at))
    }

    fn moved(&mut self, action: Action, shared: &Shared) -> bool {
        let rows = self.rows(shared);
        let at = self.at(&rows);
        let last = rows.len().saturating_sub(1);
        let to = match action {
            Action::NextSection => {
                let here = rows.get(at).map(|row| &row.section);
                let next = rows
                    .iter()
                    .skip(at)
                    .position(|row| Some(&row.section) != here);
                next.map_or(at, |next| at + next)
            }
            Action::PreviousSection => {
                // The first row of this section, or of the one above if this is it.
                let before = rows.get(at.saturating_sub(1)).map(|row| &row.section);
                rows.iter()
                    .position(|row| Some(&row.section) == before)
                    .unwrap_or(0)
            }
            other => match moved(other, at, last, 10) {
                Some(to) => to,
                None => return false,
            },
        };
        self.selected = rows.get(to).map(|row| row.path.clone());
        true
    }

    fn begin(&mut self, what: What, shared: &Shared) {
        let text = match &what {
            What::Value(row) => row.written.clone().unwrap_or_default(),
            What::Source(row) => row.source.clone().unwrap_or_default(),
            What::Name(_) => String::new(),
        };
        // A value that stands on several lines is typed on one.
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut entry = Entry {
            what,
            input: Input::new(line),
            outcome: Typed::Bad(String::new()),
        };
        entry.look(shared);
        self.mode = Mode::Typing(Box::new(entry));
    }

    fn take(&mut self, shared: &mut Shared) {
        let Mode::Typing(entry) = &mut self.mode else {
            return;
        };
        entry.look(shared);
        let (Typed::Good { text, .. } | Typed::Empty(text)) = &entry.outcome else {
            return;
        };
        let text = text.clone();
        let (words, path) = match &entry.what {
            What::Value(row) => (row.dotted(), Some(row.path.clone())),
            What::Source(row) => (format!("source of {}", row.dotted()), None),
            What::Name(list) => (format!("another entry of {list}"), None),
        };
        let added = match &entry.what {
            What::Name(list) => Some((*list, entry.input.value().trim().to_owned())),
            _ => None,
        };
        self.mode = Mode::Form;
        shared.edit_scenario(words, text);
        if path.is_some() {
            self.selected = path;
        }
        if let Some((list, name)) = added {
            self.select_entry(list, &name, shared);
        }
    }

    /// Selects the first field of an entry that was added, and begins to change it where it is a value.
    fn select_entry(&mut self, list: &str, name: &str, shared: &Shared) {
        let list = if list == "workload" {
            "workload.class"
        } else {
            list
        };
        let whole = format!("{list}.{name}");
        let rows = self.rows(shared);
        let found = rows
            .iter()
            .find(|row| row.section == whole || row.dotted() == whole);
        if let Some(row) = found {
            self.selected = Some(row.path.clone());
        }
    }

    /// The next of the words that a field takes.
    fn cycle(&mut self, back: bool, shared: &Shared) {
        let Mode::Typing(entry) = &mut self.mode else {
            return;
        };
        let What::Value(row) = &entry.what else {
            return;
        };
        let words = row.words();
        if words.is_empty() {
            return;
        }
        let now = entry.input.value().trim().trim_matches('"').to_owned();
        let at = words.iter().position(|word| *word == now);
        let next = match (at, back) {
            (None, _) => 0,
            (Some(at), false) => (at + 1) % words.len(),
            (Some(at), true) => (at + words.len() - 1) % words.len(),
        };
        if let Some(word) = words.get(next) {
            entry.input = Input::new((*word).to_owned());
            entry.look(shared);
        }
    }

    fn in_typing(&mut self, action: Action, shared: &mut Shared) -> bool {
        match action {
            Action::FormNext | Action::FormDone => self.take(shared),
            Action::FormCancel | Action::Back => self.mode = Mode::Form,
            Action::FormDown => self.cycle(false, shared),
            Action::FormUp => self.cycle(true, shared),
            _ => return false,
        }
        true
    }

    fn in_search(&mut self, action: Action, shared: &Shared) -> bool {
        match action {
            Action::SearchDone | Action::Open => self.mode = Mode::Form,
            Action::SearchDrop | Action::Back => {
                self.show.search.clear();
                self.mode = Mode::Form;
            }
            Action::Up | Action::Down => return self.moved(action, shared),
            _ => return false,
        }
        true
    }

    fn add(&mut self, shared: &mut Shared) {
        let section = self.row(shared).map(|row| row.section).unwrap_or_default();
        let top = section.split('.').next().unwrap_or_default();
        let list = LISTS.iter().find(|(list, _)| *list == top);
        match list {
            Some((list, _)) => self.begin(What::Name(list), shared),
            None => shared.say(
                Tone::Warn,
                "Entries are added in models, strategies, workload (a class), budget, fixed and providers: go there first.",
            ),
        }
    }

    fn clear_field(&mut self, shared: &mut Shared) {
        let Some(row) = self.row(shared) else { return };
        if row.written.is_none() {
            shared.say(Tone::Open, "Nothing is written there.");
            return;
        }
        let path = shared.scenario.path.clone();
        match understand(&row, "", shared.scenario.text(), path.as_deref()) {
            Typed::Empty(text) => {
                shared.edit_scenario(row.dotted(), text);
                shared.say(
                    Tone::Good,
                    format!(
                        "{} is back to its default: {}.",
                        row.label,
                        row.field.default_in_words()
                    ),
                );
            }
            Typed::Bad(why) => shared.say(Tone::Bad, why),
            Typed::Good { .. } => {}
        }
    }

    fn strategy_live(&self, shared: &mut Shared) {
        let row = self.row(shared);
        let name = row.as_ref().and_then(|row| match row.path.as_slice() {
            [first, name, ..] if first == "strategies" => Some(name.clone()),
            _ => None,
        });
        match name {
            Some(name) => {
                shared.strategy = Some(name);
                shared.go_live();
            }
            None => shared.say(Tone::Warn, "Go to a field of the strategy first."),
        }
    }
}

impl Entry {
    /// Understands what is typed.
    fn look(&mut self, shared: &Shared) {
        let text = shared.scenario.text();
        let typed = self.input.value();
        self.outcome = match &self.what {
            What::Value(row) => understand(row, typed, text, shared.scenario.path.as_deref()),
            What::Source(row) => sourced(row, typed, text),
            What::Name(list) => added(list, typed.trim(), text),
        };
    }
}

/// The text with a number's source.
fn sourced(row: &Row, typed: &str, text: &str) -> Typed {
    let dotted = row.dotted();
    let path = ["sources", dotted.as_str()];
    let changed = TomlText::new(text.to_owned()).and_then(|mut next| {
        if typed.trim().is_empty() {
            next.remove(&path)?;
        } else {
            next.set(&path, typed.trim().into(), None)?;
        }
        Ok(next.into_string())
    });
    match changed {
        Ok(text) => Typed::Good {
            text,
            meaning: None,
        },
        Err(why) => Typed::Bad(why),
    }
}

/// The text with another entry of a section, filled so that it can be read: from what is there, or from the examples.
fn added(list: &str, name: &str, text: &str) -> Typed {
    if name.is_empty() {
        return Typed::Bad("a name of your own, such as cached or small".to_owned());
    }
    let look = crate::checklist::edit::Look::at(text);
    let known = |path: &[&str]| {
        look.as_ref()
            .map(|look| look.names(path))
            .unwrap_or_default()
    };
    let place: &[&str] = if list == "workload" {
        &["workload", "class"]
    } else {
        &[list]
    };
    if known(place).iter().any(|known| known == name) {
        return Typed::Bad(format!("there is a {name} already"));
    }
    let first = |path: &[&str]| known(path).into_iter().next().unwrap_or_default();
    let changed = TomlText::new(text.to_owned()).and_then(|mut next| {
        match list {
            "models" => next.set_written(&[list, name, "price"], "\"openai:gpt-4o-mini\"")?,
            "strategies" => {
                let base = first(&["strategies"]);
                if base.is_empty() {
                    next.set(&[list, name, "route"], first(&["models"]).into(), None)?;
                } else {
                    next.set(&[list, name, "extends"], base.into(), None)?;
                }
            }
            "workload" => {
                let quoted = toml_edit::Value::from(name);
                let lines =
                    format!("name = {quoted}\nshare = 0\nuser_tokens = 100\noutput_tokens = 200");
                next.push_entry(place, &lines)?;
            }
            "budget" => next.set_written(&[list, name], "10_000")?,
            "fixed" => next.set_written(&[list, name], "0")?,
            _ => next.set_written(&[list, name, "outage"], "\"none\"")?,
        }
        Ok(next.into_string())
    });
    match changed {
        Ok(text) => Typed::Good {
            text,
            meaning: None,
        },
        Err(why) => Typed::Bad(why),
    }
}

impl Tab for ScenarioTab {
    fn contexts(&self, _: &Shared) -> Vec<Context> {
        match self.mode {
            Mode::Form => vec![Context::Scenario, Context::Move],
            Mode::Searching(_) => vec![Context::Search],
            Mode::Typing(_) => vec![Context::Form],
        }
    }

    fn typing(&self) -> bool {
        !matches!(self.mode, Mode::Form)
    }

    fn update(&mut self, action: Action, shared: &mut Shared) -> bool {
        match self.mode {
            Mode::Typing(_) => return self.in_typing(action, shared),
            Mode::Searching(_) => return self.in_search(action, shared),
            Mode::Form => {}
        }
        match action {
            Action::EditField | Action::Open => {
                if let Some(row) = self.row(shared) {
                    self.begin(What::Value(row), shared);
                }
            }
            Action::SourceField => {
                if let Some(row) = self.row(shared) {
                    self.begin(What::Source(row), shared);
                }
            }
            Action::DefaultField => self.clear_field(shared),
            Action::AllFields => self.show.all = !self.show.all,
            Action::SearchScenario => {
                self.mode = Mode::Searching(Input::new(self.show.search.clone()));
            }
            Action::AddEntry => self.add(shared),
            Action::EditFile => shared.effects.push(Effect::Edit {
                purpose: FILE.to_owned(),
                text: shared.scenario.text().to_owned(),
            }),
            Action::StrategyLive => self.strategy_live(shared),
            Action::Back if !self.show.search.is_empty() => self.show.search.clear(),
            other => return self.moved(other, shared),
        }
        true
    }

    fn key(&mut self, key: Key, shared: &mut Shared) {
        let event = ratatui::crossterm::event::Event::Key(key.event());
        match &mut self.mode {
            Mode::Typing(entry) => {
                entry.input.handle_event(&event);
                entry.look(shared);
            }
            Mode::Searching(input) => {
                input.handle_event(&event);
                input.value().clone_into(&mut self.show.search);
            }
            Mode::Form => {}
        }
    }

    fn paste(&mut self, text: &str, shared: &mut Shared) {
        let line = text.trim().replace(char::is_control, " ");
        let insert = |input: &mut Input| {
            for letter in line.chars() {
                input.handle(tui_input::InputRequest::InsertChar(letter));
            }
        };
        match &mut self.mode {
            Mode::Typing(entry) => {
                insert(&mut entry.input);
                entry.look(shared);
            }
            Mode::Searching(input) => {
                insert(input);
                input.value().clone_into(&mut self.show.search);
            }
            Mode::Form => {}
        }
    }

    fn edited(&mut self, purpose: &str, text: &str, shared: &mut Shared) {
        if purpose == FILE {
            shared.edit_scenario("the file, in the editor", text.to_owned());
        }
    }

    fn click(&mut self, at: Position, area: Rect, shared: &mut Shared) {
        if !matches!(self.mode, Mode::Form) {
            return;
        }
        let rows = self.rows(shared);
        if let Some(row) = draw::row_at(&rows, self.at(&rows), area, at) {
            let path = rows.get(row).map(|row| row.path.clone());
            // A second click on the same field begins to change it.
            if path == self.selected {
                self.update(Action::EditField, shared);
            }
            self.selected = path;
        }
    }

    fn copied(&self, shared: &Shared) -> Option<String> {
        let row = self.row(shared)?;
        let written = row.written.clone();
        let value = written.unwrap_or_else(|| row.field.default_in_words());
        Some(format!("{} = {value}", row.dotted()))
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
        draw::draw(self, frame, area, shared);
    }
}
