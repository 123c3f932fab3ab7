use std::fmt::Write as _;
use std::path::Path;

use crate::quantity::{Context, Quantity, Role};
use crate::reading::{Field, Problem, Table, Walk, nearest};

use super::column;
use super::fields::{self, Absent, Bounds, Kind};

/// A walk over a scenario: takes roles, bounds and defaults from the table of fields.
///
/// Where a field is missing or wrong, its problem is noted and a stand-in returned: a scenario with problems is never
/// handed out, so nobody sees it, and reading goes on to find the other problems.
pub(super) struct Reader<'f> {
    pub walk: Walk,
    /// Where files that it names are looked for; `None` for embedded scenarios.
    folder: Option<&'f Path>,
    pub names: Names,
}

/// The names that fields may refer to.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub models: Vec<String>,
    /// `None`: not known, because a replay's log brings them.
    pub classes: Option<Vec<String>>,
    pub providers: Vec<String>,
}

/// What a field holds if there is nothing better: used only where a problem has been noted.
const STAND_IN: Quantity = Quantity::exact(1.0);

impl<'f> Reader<'f> {
    pub fn new(folder: Option<&'f Path>) -> Self {
        let walk = Walk {
            elsewhere: Some(fields::elsewhere),
            ..Walk::default()
        };
        Self {
            walk,
            folder,
            names: Names::default(),
        }
    }

    /// The bytes of the file that a field names; `None` once its problem has been noted.
    pub fn file(&mut self, field: &Field<'_, '_>) -> Option<Vec<u8>> {
        let name = field.as_text()?;
        let Some(folder) = self.folder else {
            let problem = field.problem("an embedded scenario cannot name files");
            self.say(problem.help("write it to a file of its own first: `gonogo init`"));
            return None;
        };
        match std::fs::read(folder.join(name)) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                let problem = field.problem(format!("`{name}` cannot be read: {error}"));
                self.say(problem.help("file names are relative to the scenario's folder"));
                None
            }
        }
    }

    pub fn say(&mut self, problem: Problem) {
        self.walk.say(problem);
    }

    /// "`hedge` has no `after_s`".
    pub fn missing(&mut self, table: &Table<'_, '_>, key: &str) {
        let name = table
            .path
            .rsplit_once('.')
            .map_or(table.path.as_str(), |(_, last)| last);
        let message = if name.is_empty() {
            format!("there is no `{key}`")
        } else {
            format!("`{name}` has no `{key}`")
        };
        let mut problem = Problem::new(table.span.clone(), message);
        if let Some(field) = fields::get(&pattern_of(table, key)) {
            let example = if field.example.is_empty() {
                "…"
            } else {
                field.example
            };
            problem = problem.help(match (field.kind, table.pattern.is_empty()) {
                (Kind::Table(_), true) => format!("add a table [{key}]: {}", lowered(field.about)),
                _ => format!("add `{key} = {example}`: {}", lowered(field.about)),
            });
        }
        self.say(problem);
    }

    /// A quantity at a field; `None` once its problem has been noted.
    pub fn quantity(&mut self, field: &Field<'_, '_>) -> Option<Quantity> {
        let known = fields::get(&field.pattern);
        let role = match known.map(|known| known.kind) {
            Some(Kind::Draw) => Role::Draw,
            _ => Role::Fact,
        };
        let folder = self.folder;
        let load = move |file: &str, name: &str| column::load(folder, file, name);
        let quantity = Quantity::read(
            field.value,
            role,
            &Context { load: &load },
            &mut self.walk.problems,
        )?;
        let bounds = known.map_or(Bounds::Any, |known| known.bounds);
        if let Some(outside) = bounds.first_outside(&quantity) {
            let problem = field
                .problem(format!("`{}` cannot be {outside}", field.key))
                .expected(bounds.words());
            self.say(problem);
            return None;
        }
        Some(quantity)
    }

    /// A quantity that may be left out.
    pub fn optional(&mut self, table: &mut Table<'_, '_>, key: &'static str) -> Option<Quantity> {
        let field = table.take(key, &mut self.walk)?;
        Some(self.quantity(&field).unwrap_or(STAND_IN))
    }

    /// A quantity with a default, or a required one.
    pub fn given(&mut self, table: &mut Table<'_, '_>, key: &'static str) -> Quantity {
        if let Some(quantity) = self.optional(table, key) {
            return quantity;
        }
        match absent(table, key) {
            Absent::Is(number) => Quantity::exact(number),
            Absent::Toml("inf") => Quantity::exact(f64::INFINITY),
            _ => {
                self.missing(table, key);
                STAND_IN
            }
        }
    }

    /// A plain number at a field, inside the field's bounds.
    pub fn plain(&mut self, field: &Field<'_, '_>) -> Option<f64> {
        let bounds = fields::get(&field.pattern).map_or(Bounds::Any, |known| known.bounds);
        let number = field.number(&mut self.walk)?;
        if bounds.allow(number) {
            return Some(number);
        }
        let problem = field
            .problem(format!("`{}` cannot be {number}", field.key))
            .expected(bounds.words());
        self.say(problem);
        None
    }

    /// A plain number that may be left out.
    pub fn optional_number(&mut self, table: &mut Table<'_, '_>, key: &'static str) -> Option<f64> {
        let field = table.take(key, &mut self.walk)?;
        Some(self.plain(&field).unwrap_or(1.0))
    }

    /// A plain number with a default, or a required one.
    pub fn number(&mut self, table: &mut Table<'_, '_>, key: &'static str) -> f64 {
        if let Some(number) = self.optional_number(table, key) {
            return number;
        }
        if let Absent::Is(number) = absent(table, key) {
            number
        } else {
            self.missing(table, key);
            1.0
        }
    }

    /// A whole number that may be left out.
    pub fn optional_integer(
        &mut self,
        table: &mut Table<'_, '_>,
        key: &'static str,
    ) -> Option<u64> {
        let field = table.take(key, &mut self.walk)?;
        let (low, high) = match fields::get(&field.pattern).map(|known| known.bounds) {
            Some(Bounds::Between(low, high)) => (whole(low), whole(high)),
            Some(Bounds::AtLeast(low)) => (whole(low), u64::MAX),
            _ => (0, u64::MAX),
        };
        Some(field.integer(low, high, &mut self.walk).unwrap_or(1))
    }

    /// A whole number with a default, or a required one.
    pub fn integer(&mut self, table: &mut Table<'_, '_>, key: &'static str) -> u64 {
        if let Some(number) = self.optional_integer(table, key) {
            return number;
        }
        if let Absent::Is(number) = absent(table, key) {
            whole(number)
        } else {
            self.missing(table, key);
            1
        }
    }

    /// The same for what is kept in 32 bits; the field's bounds keep it there.
    pub fn small_integer(&mut self, table: &mut Table<'_, '_>, key: &'static str) -> u32 {
        u32::try_from(self.integer(table, key)).unwrap_or(u32::MAX)
    }

    /// `true` or `false`, or nothing.
    pub fn flag(&mut self, table: &mut Table<'_, '_>, key: &'static str) -> Option<bool> {
        let field = table.take(key, &mut self.walk)?;
        field.flag(&mut self.walk)
    }

    /// Text that may be left out.
    pub fn optional_text(
        &mut self,
        table: &mut Table<'_, '_>,
        key: &'static str,
    ) -> Option<String> {
        let field = table.take(key, &mut self.walk)?;
        Some(field.text(&mut self.walk).unwrap_or_default().to_owned())
    }

    /// Required text, not empty.
    pub fn text(&mut self, table: &mut Table<'_, '_>, key: &'static str) -> String {
        let Some(field) = table.take(key, &mut self.walk) else {
            self.missing(table, key);
            return String::new();
        };
        let text = field.text(&mut self.walk);
        if text.is_some_and(|text| text.trim().is_empty()) {
            self.say(
                field
                    .problem(format!("`{key}` is empty"))
                    .expected("some text"),
            );
        }
        text.unwrap_or_default().to_owned()
    }

    /// One of the field's words, as its index among them; `None` if it is left out or wrong.
    pub fn choice(&mut self, table: &mut Table<'_, '_>, key: &'static str) -> Option<usize> {
        let field = table.take(key, &mut self.walk)?;
        let Some(Kind::Choice(words)) = fields::get(&field.pattern).map(|known| known.kind) else {
            return None;
        };
        field.choice(words, &mut self.walk)
    }

    /// A table that may be left out; `false` also means left out.
    pub fn table<'t, 'i>(
        &mut self,
        table: &mut Table<'t, 'i>,
        key: &'static str,
    ) -> Option<Table<'t, 'i>> {
        let field = table.take(key, &mut self.walk)?;
        if field.is_false() {
            None
        } else {
            field.table(&mut self.walk)
        }
    }

    /// The tables of a `[[list]]`, each under its number, counted from 1, or under its name.
    pub fn tables<'t, 'i>(
        &mut self,
        table: &mut Table<'t, 'i>,
        key: &'static str,
        named: bool,
    ) -> Vec<Table<'t, 'i>> {
        let Some(field) = table.take(key, &mut self.walk) else {
            return Vec::new();
        };
        if field.value.get_ref().as_array().is_none() {
            self.say(field.wrong(format!("a list of tables, each headed [[{}]]", field.path)));
            return Vec::new();
        }
        let mut tables = Vec::new();
        for entry in field.list(&mut self.walk).unwrap_or_default() {
            let Some(one) = entry.table(&mut self.walk) else {
                continue;
            };
            self.walk.asked.insert(entry.pattern.clone());
            let name = entry
                .value
                .get_ref()
                .get("name")
                .and_then(|name| name.get_ref().as_str())
                .filter(|_| named);
            let path = name.map_or(entry.path.clone(), |name| format!("{}.{name}", field.path));
            self.walk.places.insert(path.clone(), one.span.clone());
            tables.push(one.renamed(path, entry.pattern));
        }
        tables
    }

    /// A reference to a model, checked.
    pub fn model_name(&mut self, field: &Field<'_, '_>) -> Option<String> {
        let name = field.text(&mut self.walk)?;
        if let Some(problem) = unknown(field, name, "model", &self.names.models) {
            self.say(problem);
        }
        Some(name.to_owned())
    }

    /// A reference to a model that may be left out.
    pub fn optional_model(
        &mut self,
        table: &mut Table<'_, '_>,
        key: &'static str,
    ) -> Option<String> {
        let field = table.take(key, &mut self.walk)?;
        if field.is_false() {
            None
        } else {
            self.model_name(&field)
        }
    }

    /// A problem, unless `name` (the key of `field`) is a class.
    pub fn check_class(&mut self, field: &Field<'_, '_>, name: &str) {
        let Some(classes) = &self.names.classes else {
            return;
        };
        if let Some(mut problem) = unknown(field, name, "class", classes) {
            problem.span = field.key_span.clone();
            self.say(problem);
        }
    }
}

/// "there is no model `gpt4`", with the nearest one, unless it is known.
pub(super) fn unknown(
    field: &Field<'_, '_>,
    name: &str,
    what: &str,
    known: &[String],
) -> Option<Problem> {
    if known.iter().any(|other| other == name) {
        return None;
    }
    let problem = field.problem(format!("there is no {what} `{name}`"));
    let names = || known.iter().map(String::as_str);
    Some(match nearest(name, names()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => problem.help(format!("this file names no {what} yet")),
        None => problem.expected(crate::reading::listing(names())),
    })
}

fn absent(table: &Table<'_, '_>, key: &str) -> Absent {
    fields::get(&pattern_of(table, key)).map_or(Absent::Required, |field| field.absent)
}

fn pattern_of(table: &Table<'_, '_>, key: &str) -> String {
    if table.pattern.is_empty() {
        key.to_owned()
    } else {
        format!("{}.{key}", table.pattern)
    }
}

/// A default or a bound of a whole number; they are small and not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small whole numbers from the table of fields"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

fn lowered(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

/// Bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
