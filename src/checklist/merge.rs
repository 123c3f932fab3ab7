//! Three versions of a review made one, question by question: what `git` runs where the driver is set up, and what two
//! writers of one file need.
//!
//! A field that only one side changed is taken from that side. Lists of names are merged as sets. Two different
//! answers to one question are a conflict that names both, never settled by who came last. Where git's own merge of
//! lines says the same, its text is taken, because it keeps changed comments too.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Array, Document, Item, Table, Value};

use crate::reading::{Problems, Source};

use super::edit::TomlText;
use super::read_review::read_review;

/// Two versions that cannot both hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The table: `answer.production.fallback`.
    pub unit: String,
    /// What one side says, and who: `yes (Ana Example)`.
    pub ours: String,
    /// What the other side says, and who.
    pub theirs: String,
}

/// A merged review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Its text; conflicts stand in it between markers.
    pub text: String,
    /// What could not be settled.
    pub conflicts: Vec<Conflict>,
}

type Path = Vec<String>;
type Leaves = BTreeMap<Path, Value>;

/// Merges two versions that come from one.
///
/// # Errors
/// When one of them is not TOML.
pub fn merge(base: &str, ours: &str, theirs: &str) -> Result<Merged, Problems> {
    let (was, mine, other) = (
        leaves("base", base)?,
        leaves("ours", ours)?,
        leaves("theirs", theirs)?,
    );
    let paths: BTreeSet<&Path> = was.keys().chain(mine.keys()).chain(other.keys()).collect();
    let mut text =
        TomlText::new(ours.to_owned()).map_err(|message| broken("ours", ours, &message))?;
    let mut conflicts: BTreeSet<Path> = BTreeSet::new();
    let order = headers(theirs);
    for path in paths {
        let (b, o, t) = (was.get(path), mine.get(path), other.get(path));
        let taken = match settle(path, [b, o, t], [&was, &mine, &other]) {
            Settled::Ours => continue,
            Settled::Conflict => {
                conflicts.insert(unit(path));
                continue;
            }
            Settled::Theirs => t.cloned(),
            Settled::Both(value) => Some(value),
        };
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        let done = match taken {
            Some(value) => {
                let after = predecessor(&order, &unit(path), &text);
                let after: Option<Vec<&str>> = after
                    .as_ref()
                    .map(|path| path.iter().map(String::as_str).collect());
                text.set(&parts, value, after.as_deref())
            }
            None => text.remove(&parts),
        };
        if done.is_err() {
            conflicts.insert(unit(path));
        }
    }
    for path in &order {
        // A table without fields has no leaves of its own.
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        if !text.has(&parts) && !has_header(base, &parts) {
            let after = predecessor(&order, path, &text);
            let after: Option<Vec<&str>> = after
                .as_ref()
                .map(|path| path.iter().map(String::as_str).collect());
            let _ = text.stub(&parts, after.as_deref());
        }
    }
    let text = text.into_string();
    let found = conflicts
        .iter()
        .map(|unit| conflict(unit, &mine, &other))
        .collect();
    Ok(Merged {
        text: marked(&text, theirs, &conflicts),
        conflicts: found,
    })
}

/// Whether two texts say the same, comments aside.
#[must_use]
pub fn same_meaning(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        leaves("", text).ok().map(|leaves| {
            leaves
                .into_iter()
                .map(|(path, value)| (path, value.to_string()))
                .collect::<Vec<_>>()
        })
    };
    plain(one).is_some_and(|plain_one| Some(plain_one) == plain(other))
}

enum Settled {
    Ours,
    Theirs,
    Both(Value),
    Conflict,
}

fn settle(path: &[String], [b, o, t]: [Option<&Value>; 3], sides: [&Leaves; 3]) -> Settled {
    let same = |one: Option<&Value>, other: Option<&Value>| {
        one.map(ToString::to_string) == other.map(ToString::to_string)
    };
    if let Some(settled) = second_look(path, [b, o, t], sides) {
        return settled;
    }
    if same(o, t) || same(b, t) {
        return Settled::Ours;
    }
    if same(b, o) {
        return Settled::Theirs;
    }
    if let (true, Some(o), Some(t)) = (
        is_set(path),
        o.and_then(Value::as_array),
        t.and_then(Value::as_array),
    ) {
        return Settled::Both(union(b.and_then(Value::as_array), o, t));
    }
    if is_signing_of_an_answer(path) && same_answer(path, sides[1], sides[2]) {
        return Settled::Ours;
    }
    Settled::Conflict
}

/// A second look belongs to the answer that was looked at: it comes from the side that changed the answer.
fn second_look(
    path: &[String],
    [b, o, t]: [Option<&Value>; 3],
    [was, mine, other]: [&Leaves; 3],
) -> Option<Settled> {
    let [room, checklist, question, field] = path else {
        return None;
    };
    if room != "answer" || field != "reviewed_by" {
        return None;
    }
    let status = |side: &Leaves| {
        let key = vec![
            room.clone(),
            checklist.clone(),
            question.clone(),
            "status".to_owned(),
        ];
        side.get(&key).map(ToString::to_string)
    };
    let text = |value: Option<&Value>| value.map(ToString::to_string);
    if status(mine) == status(other) || text(o) == text(t) {
        return None;
    }
    let _ = b;
    if status(mine) == status(was) {
        Some(Settled::Theirs)
    } else if status(other) == status(was) {
        Some(Settled::Ours)
    } else {
        None
    }
}

fn is_set(path: &[String]) -> bool {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(
        parts.as_slice(),
        ["tags" | "checklists" | "required_signoffs"]
            | ["roles", _]
            | ["answer", _, _, "evidence"]
            | ["evidence", _, "watch"]
    )
}

fn is_signing_of_an_answer(path: &[String]) -> bool {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(
        parts.as_slice(),
        [
            "answer",
            _,
            _,
            "answered_by" | "answered_at" | "reviewed_by" | "rev"
        ]
    )
}

fn same_answer(path: &[String], mine: &Leaves, other: &Leaves) -> bool {
    let unit = unit(path);
    let says = |side: &Leaves| {
        ["status", "choices"].map(|field| {
            let mut key = unit.clone();
            key.push(field.to_owned());
            side.get(&key).map(ToString::to_string)
        })
    };
    says(mine) == says(other)
}

/// What one side added is in, what one side took out is out.
fn union(base: Option<&Array>, ours: &Array, theirs: &Array) -> Value {
    let texts = |array: &Array| array.iter().map(plain).collect::<Vec<_>>();
    let was = base.map(texts).unwrap_or_default();
    let (mine, other) = (texts(ours), texts(theirs));
    let mut merged = Array::new();
    let known = |list: &[String], entry: &str| list.iter().any(|known| known == entry);
    for (entry, value) in mine.iter().zip(ours) {
        if known(&other, entry) || !known(&was, entry) {
            merged.push(bare(value));
        }
    }
    for (entry, value) in other.iter().zip(theirs) {
        if !known(&mine, entry) && !known(&was, entry) {
            merged.push(bare(value));
        }
    }
    Value::Array(merged)
}

fn bare(value: &Value) -> Value {
    let mut value = value.clone();
    value.decor_mut().clear();
    value
}

fn plain(value: &Value) -> String {
    bare(value).to_string()
}

/// The table that belongs together: an answer, a piece of evidence, a signature.
fn unit(path: &[String]) -> Path {
    let depth = match path.first().map(String::as_str) {
        Some("answer" | "waiver") => 3,
        Some("evidence" | "signoff" | "budget" | "pinned") => 2,
        _ => path.len(),
    };
    path.iter().take(depth).cloned().collect()
}

fn broken(name: &str, text: &str, message: &str) -> Problems {
    let source = Source::new(name, text);
    match read_review(&source) {
        Err(problems) => problems,
        Ok(_) => Problems::new(&source, vec![crate::reading::Problem::new(0..0, message)]),
    }
}

fn leaves(name: &str, text: &str) -> Result<Leaves, Problems> {
    let document = Document::parse(text).map_err(|error| broken(name, text, error.message()))?;
    let mut found = Leaves::new();
    gather(document.as_table(), &mut Vec::new(), &mut found);
    Ok(found)
}

fn gather(table: &Table, path: &mut Path, found: &mut Leaves) {
    for (key, item) in table {
        path.push(key.to_owned());
        match item {
            Item::Value(value) => gather_value(value, path, found),
            Item::Table(inner) => gather(inner, path, found),
            Item::None | Item::ArrayOfTables(_) => {}
        }
        path.pop();
    }
}

fn gather_value(value: &Value, path: &mut Path, found: &mut Leaves) {
    let parts = path.len() > unit(path).len() && path.last().is_some_and(|last| last == "parts");
    match value {
        // A signature's parts stand or fall with it.
        Value::InlineTable(table) if !parts => {
            for (key, inner) in table {
                path.push(key.to_owned());
                gather_value(inner, path, found);
                path.pop();
            }
        }
        other => {
            found.insert(path.clone(), bare(other));
        }
    }
}

/// Paths of all tables with a header, in file order.
fn headers(text: &str) -> Vec<Path> {
    let Ok(document) = Document::parse(text) else {
        return Vec::new();
    };
    let mut found: Vec<(usize, Path)> = Vec::new();
    walk_headers(document.as_table(), &mut Vec::new(), &mut found);
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

fn walk_headers(table: &Table, path: &mut Path, found: &mut Vec<(usize, Path)>) {
    for (key, item) in table {
        let Some(inner) = item.as_table() else {
            continue;
        };
        path.push(key.to_owned());
        if !inner.is_implicit()
            && !inner.is_dotted()
            && let Some(span) = inner.span()
        {
            found.push((span.start, path.clone()));
        }
        walk_headers(inner, path, found);
        path.pop();
    }
}

fn has_header(text: &str, path: &[&str]) -> bool {
    TomlText::new(text.to_owned()).is_ok_and(|text| text.has(path))
}

/// The last table before a unit, in the other side's order, that is here too.
fn predecessor(order: &[Path], unit: &[String], text: &TomlText) -> Option<Path> {
    let at = order.iter().position(|path| path.as_slice() == unit)?;
    let before = order.get(..at)?.iter().rev();
    before
        .into_iter()
        .find(|path| text.has(&path.iter().map(String::as_str).collect::<Vec<_>>()))
        .cloned()
}

fn conflict(unit: &[String], mine: &Leaves, other: &Leaves) -> Conflict {
    Conflict {
        unit: unit.join("."),
        ours: says(unit, mine),
        theirs: says(unit, other),
    }
}

fn says(unit: &[String], side: &Leaves) -> String {
    let field = |name: &str| {
        let mut path = unit.to_vec();
        path.push(name.to_owned());
        side.get(&path)
            .map(|value| value.as_str().map_or_else(|| plain(value), str::to_owned))
    };
    let what = [
        "status",
        "decision",
        "usd_per_month",
        "expires",
        "ref",
        "version",
    ]
    .iter()
    .find_map(|name| field(name));
    let own = side.get(unit).map(plain);
    let who = ["answered_by", "name", "approved_by"]
        .iter()
        .find_map(|name| field(name));
    let note = field("note")
        .map(|note| format!(", \"{note}\""))
        .unwrap_or_default();
    match (what.or(own), who) {
        (Some(what), Some(who)) => format!("{what} ({who}{note})"),
        (Some(what), None) => format!("{what}{note}"),
        (None, _) => "taken away".to_owned(),
    }
}

/// Puts the other side's tables beside ours, between the markers that git uses.
fn marked(text: &str, theirs: &str, conflicts: &BTreeSet<Path>) -> String {
    let mut edits: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    for unit in conflicts {
        let parts: Vec<&str> = unit.iter().map(String::as_str).collect();
        let Some(place) = span_of(text, &parts) else {
            continue;
        };
        let own = text.get(place.clone()).unwrap_or_default();
        let other = span_of(theirs, &parts)
            .and_then(|place| theirs.get(place))
            .unwrap_or_default();
        let line = |text: &str| {
            if text.is_empty() || text.ends_with('\n') {
                text.to_owned()
            } else {
                format!("{text}\n")
            }
        };
        edits.push((
            place,
            format!(
                "<<<<<<< ours\n{}=======\n{}>>>>>>> theirs\n",
                line(own),
                line(other)
            ),
        ));
    }
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    let mut out = text.to_owned();
    for (place, with) in edits {
        out.replace_range(place, &with);
    }
    out
}

/// The lines of a table with its header, or of a field.
fn span_of(text: &str, path: &[&str]) -> Option<std::ops::Range<usize>> {
    let mut without = TomlText::new(text.to_owned()).ok()?;
    without.remove(path).ok()?;
    let rest = without.into_string();
    let head = text
        .bytes()
        .zip(rest.bytes())
        .take_while(|(one, other)| one == other)
        .count();
    let length = text
        .len()
        .checked_sub(rest.len())
        .filter(|length| *length > 0)?;
    // Equal bytes around the cut let it slide; it starts at a line.
    let mut start = head.min(text.len() - length);
    while start > 0 && text.as_bytes().get(start - 1) != Some(&b'\n') {
        start -= 1;
    }
    let cut = text.get(start..start + length)?;
    let blank = cut.len() - cut.trim_end_matches(['\n', '\r']).len();
    let end = start + length - blank + usize::from(blank > 0);
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "schema = 1\ntags = [\"a\", \"b\"]\n\n[answer.p.q]\nstatus = \"yes\"\nreviewed_by = \"Cy\"\n\n[answer.p.r]\nstatus = \"unknown\"\n";

    fn merged(ours: &str, theirs: &str) -> Merged {
        merge(BASE, ours, theirs).unwrap()
    }

    #[test]
    fn a_side_that_changed_nothing_changes_nothing() {
        let edited = BASE
            .replace("unknown", "no")
            .replace("[\"a\", \"b\"]", "[]");
        assert_eq!(merged(&edited, BASE).text, edited);
        assert!(same_meaning(&merged(BASE, &edited).text, &edited));
        assert_eq!(merged(&edited, &edited).conflicts, []);
    }

    #[test]
    fn lists_merge_as_sets() {
        let ours = BASE.replace("[\"a\", \"b\"]", "[\"a\", \"b\", \"c\"]");
        let theirs = BASE.replace("[\"a\", \"b\"]", "[\"b\", \"d\"]");
        for (one, other) in [(&ours, &theirs), (&theirs, &ours)] {
            let merged = merged(one, other);
            assert_eq!(merged.conflicts, []);
            let tags = leaves("", &merged.text).unwrap()[&vec!["tags".to_owned()]].clone();
            let mut tags: Vec<String> = tags.as_array().unwrap().iter().map(plain).collect();
            tags.sort();
            assert_eq!(tags, ["\"b\"", "\"c\"", "\"d\""]);
        }
    }

    #[test]
    fn a_second_look_stays_with_the_answer_that_was_looked_at() {
        let answered = BASE.replace("status = \"yes\"\nreviewed_by = \"Cy\"", "status = \"no\"");
        let looked = BASE.replace("\"Cy\"", "\"Dee\"");
        for (one, other) in [(&answered, &looked), (&looked, &answered)] {
            let merged = merged(one, other);
            assert_eq!(merged.conflicts, []);
            assert!(
                merged.text.contains("status = \"no\"") && !merged.text.contains("Dee"),
                "{}",
                merged.text
            );
        }
    }

    #[test]
    fn new_tables_of_the_other_side_stand_where_they_stood() {
        let theirs = BASE.replace(
            "\n[answer.p.r]",
            "\n[evidence.e]\nkind = \"ticket\"\nref = \"T\"\n\n[answer.p.r]",
        );
        assert_eq!(merged(BASE, &theirs).text, theirs);
        let stub = BASE.to_owned() + "\n[signoff.security]\n";
        assert_eq!(merged(BASE, &stub).text, stub);
    }

    #[test]
    fn a_conflict_stands_between_markers_whole() {
        let merged = merged(
            &BASE.replace("unknown", "yes"),
            &BASE.replace("unknown", "no"),
        );
        assert_eq!(
            merged.conflicts,
            [Conflict {
                unit: "answer.p.r".to_owned(),
                ours: "yes".to_owned(),
                theirs: "no".to_owned()
            }]
        );
        assert!(merged.text.ends_with("<<<<<<< ours\n[answer.p.r]\nstatus = \"yes\"\n=======\n[answer.p.r]\nstatus = \"no\"\n>>>>>>> theirs\n"), "{}", merged.text);
        assert!(
            merged
                .text
                .starts_with(&BASE[..BASE.find("[answer.p.r]").unwrap()])
        );
    }

    #[test]
    fn one_side_takes_away_what_the_other_changed() {
        let gone = BASE.replace("\n[answer.p.r]\nstatus = \"unknown\"\n", "");
        let merged = merged(&gone, &BASE.replace("unknown", "no"));
        assert_eq!(merged.conflicts.len(), 1);
        assert_eq!(
            (
                merged.conflicts[0].ours.as_str(),
                merged.conflicts[0].theirs.as_str()
            ),
            ("taken away", "no")
        );
    }
}
