//! The one table of a scenario's fields. The reader takes roles, bounds and defaults from it; the JSON Schema, the
//! reference in `docs/` and the form of the terminal app are written from it.

mod bounds;
mod models;
mod rest;
mod strategies;
mod workload;

pub use bounds::Bounds;

/// What kind of value a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A quantity that is drawn once per simulated month: a spread means that it is not known.
    Fact,
    /// A quantity that is drawn each time it is used: a spread means that it varies.
    Draw,
    /// A plain number, known exactly.
    Number,
    /// A whole number.
    Integer,
    /// Text.
    Text,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A list; its entries are described by the field `….*`, if there is one, else in the sentence of documentation.
    List,
    /// A calendar day.
    Date,
    /// A table, or one of these words instead (`"*"`: any text; `"false"`: without quotes; `"[]"`: a list).
    Table(&'static [&'static str]),
    /// A fact, or a table of facts by name.
    FactOrTable,
}

/// What holds when a field is left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Absent {
    /// It may not be left out (where its table is there).
    Required,
    /// This number.
    Is(f64),
    /// This value, as TOML.
    Toml(&'static str),
    /// What these words say; the value that was read is `None`.
    Unstated(&'static str),
}

/// One field of the scenario file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// Its dotted path, with `*` for names and for entries of lists.
    pub path: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Its unit, `""` if it has none.
    pub unit: &'static str,
    /// The numbers it takes.
    pub bounds: Bounds,
    /// What holds without it.
    pub absent: Absent,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// An example of its value, as TOML.
    pub example: &'static str,
}

impl Field {
    /// What holds without it, in words.
    #[must_use]
    pub fn default_in_words(&self) -> String {
        match self.absent {
            Absent::Required => "required".to_owned(),
            Absent::Is(number) => number.to_string(),
            Absent::Toml(text) => text.to_owned(),
            Absent::Unstated(words) => words.to_owned(),
        }
    }

    /// The last part of its path.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.path.rsplit_once('.').map_or(self.path, |(_, key)| key)
    }
}

/// All fields, in the order of the reference.
pub fn all() -> impl Iterator<Item = &'static Field> {
    [
        workload::STUDY,
        workload::WORKLOAD,
        models::MODELS,
        strategies::STRATEGIES,
        rest::REST,
    ]
    .into_iter()
    .flatten()
}

/// The field with this pattern (`models.*.price`).
#[must_use]
pub fn get(pattern: &str) -> Option<&'static Field> {
    all().find(|field| field.path == pattern)
}

/// The field that a path in a file (`models.gpt-4.1.price`) belongs to. Names may hold dots.
#[must_use]
pub fn matching(path: &str) -> Option<&'static Field> {
    all()
        .filter(|field| matches_pattern(field.path, path))
        .max_by_key(|field| field.path.len())
}

fn matches_pattern(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((head, tail)) => path.strip_prefix(head).is_some_and(|rest| {
            // A name takes at least one character, and its end is tried wherever the rest of the pattern may start.
            (1..=rest.len())
                .filter(|at| rest.is_char_boundary(*at))
                .any(|at| matches_pattern(tail, &rest[at..]))
        }),
    }
}

/// Says where an unknown key would be at home: "`turns` belongs in `workload.class`".
#[must_use]
pub fn elsewhere(key: &str, pattern: &str) -> Option<String> {
    let homes: Vec<String> = all()
        .filter(|field| field.key() == key && field.path != format!("{pattern}.{key}"))
        .filter_map(|field| field.path.rsplit_once('.'))
        .map(|(table, _)| format!("`{}`", table.replace(".*", ".NAME")))
        .take(3)
        .collect();
    (!homes.is_empty()).then(|| format!("`{key}` belongs in {}", homes.join(" or ")))
}

const SHARE: Bounds = Bounds::Between(0.0, 1.0);
const COUNT: Bounds = Bounds::AtLeast(0.0);

const fn fact(
    path: &'static str,
    unit: &'static str,
    bounds: Bounds,
    absent: Absent,
    example: &'static str,
    about: &'static str,
) -> Field {
    Field {
        path,
        kind: Kind::Fact,
        unit,
        bounds,
        absent,
        about,
        example,
    }
}

const fn draw(
    path: &'static str,
    unit: &'static str,
    bounds: Bounds,
    absent: Absent,
    example: &'static str,
    about: &'static str,
) -> Field {
    Field {
        path,
        kind: Kind::Draw,
        unit,
        bounds,
        absent,
        about,
        example,
    }
}

const fn number(
    path: &'static str,
    unit: &'static str,
    bounds: Bounds,
    absent: Absent,
    example: &'static str,
    about: &'static str,
) -> Field {
    Field {
        path,
        kind: Kind::Number,
        unit,
        bounds,
        absent,
        about,
        example,
    }
}

const fn integer(
    path: &'static str,
    unit: &'static str,
    bounds: Bounds,
    absent: Absent,
    example: &'static str,
    about: &'static str,
) -> Field {
    Field {
        path,
        kind: Kind::Integer,
        unit,
        bounds,
        absent,
        about,
        example,
    }
}

const fn other(
    path: &'static str,
    kind: Kind,
    absent: Absent,
    example: &'static str,
    about: &'static str,
) -> Field {
    Field {
        path,
        kind,
        unit: "",
        bounds: Bounds::Any,
        absent,
        about,
        example,
    }
}

/// A table without words that may stand instead; its fields follow it.
const fn table(path: &'static str, absent: Absent, about: &'static str) -> Field {
    other(path, Kind::Table(&[]), absent, "", about)
}

#[cfg(test)]
mod tests {
    use super::{all, elsewhere, get, matching};

    #[test]
    fn a_path_is_named_once() {
        let mut paths: Vec<&str> = all().map(|field| field.path).collect();
        paths.sort_unstable();
        let count = paths.len();
        paths.dedup();
        assert_eq!(paths.len(), count);
    }

    #[test]
    fn names_with_dots_find_their_field() {
        assert_eq!(
            matching("models.gpt-4.1.price.input").map(|field| field.path),
            Some("models.*.price.input")
        );
        assert_eq!(
            matching("models.gpt-4.1").map(|field| field.path),
            Some("models.*")
        );
        assert_eq!(
            matching("strategies.a.retry.base_s").map(|field| field.path),
            Some("strategies.*.retry.base_s")
        );
        assert_eq!(
            matching("strategies.a.retri.base_s").map(|field| field.path),
            Some("strategies.*")
        );
        assert_eq!(matching("nothing.of.the.kind"), None);
    }

    #[test]
    fn a_key_in_the_wrong_table_is_sent_home() {
        let help = elsewhere("turns", "workload");
        assert_eq!(
            help.as_deref(),
            Some("`turns` belongs in `workload.class.NAME`")
        );
    }

    #[test]
    fn every_table_on_the_way_to_a_field_is_a_field_too() {
        for field in all() {
            let Some((table, _)) = field.path.rsplit_once('.') else {
                continue;
            };
            assert!(
                get(table).is_some(),
                "{table} is missing, the home of {}",
                field.path
            );
        }
    }
}
