//! A checklist's text taken apart, with every problem in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use crate::reading::{Field, Problem, Problems, Source, Table, Walk, nearest, parse};

use super::dates::field_date;
use super::read_rule::rule;
use super::risk::{Condition, Risk};
use super::types::{
    Applies, Checklist, Choice, Clause, EvidenceNeed, Question, Section, Severity, Stage,
};

/// Drills that need no lines in a scenario.
pub const DRILLS: [&str; 6] = [
    "primary-down",
    "brownout",
    "limits-halved",
    "spike-10x",
    "cache-flush",
    "all-down",
];

/// `sha256` of a text, in hexadecimal.
#[must_use]
pub fn sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

/// Reads a checklist.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_checklist(source: &Arc<Source>, shipped: bool) -> Result<Checklist, Problems> {
    let document = parse(source)?;
    let mut walk = Walk::default();
    let mut root = Table::root(&document);
    schema_one(&mut root, &mut walk);
    let id = required_id(&mut root, &mut walk);
    let title = required_text(&mut root, "title", &mut walk);
    let version = required_text(&mut root, "version", &mut walk);
    let about = optional_text(&mut root, "about", &mut walk).unwrap_or_default();
    let sections = entries(&mut root, "section", &mut walk)
        .into_iter()
        .map(|table| section(table, &mut walk))
        .collect();
    root.finish("a checklist", &mut walk);
    let checklist = Checklist {
        source: Arc::clone(source),
        sha256: sha256(&source.text),
        shipped,
        id,
        title,
        version,
        about,
        sections,
    };
    duplicates(&checklist, &mut walk);
    if walk.problems.is_empty() {
        Ok(checklist)
    } else {
        Err(Problems::new(source, walk.problems))
    }
}

/// The `schema = 1` that every file starts with.
pub(super) fn schema_one(root: &mut Table<'_, '_>, walk: &mut Walk) {
    match root.take("schema", walk) {
        Some(field) => {
            field.integer(1, 1, walk);
        }
        None => walk.say(
            Problem::new(root.span.clone(), "`schema` is missing")
                .expected("`schema = 1` at the top"),
        ),
    }
}

/// Whether a text can be an id: letters, digits, `-` and `_`.
#[must_use]
pub fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
}

fn required_id(table: &mut Table<'_, '_>, walk: &mut Walk) -> String {
    let span = table.span.clone();
    let Some(field) = table.take("id", walk) else {
        walk.say(
            Problem::new(span, "`id` is missing").expected("a short name such as \"p95-latency\""),
        );
        return String::new();
    };
    let id = field.text(walk).unwrap_or_default();
    if field.as_text().is_some() && !is_id(id) {
        walk.say(
            field
                .problem(format!("`{id}` cannot be an id"))
                .expected("letters, digits, `-` and `_`"),
        );
    }
    id.to_owned()
}

fn required_text(table: &mut Table<'_, '_>, key: &'static str, walk: &mut Walk) -> String {
    let span = table.span.clone();
    if let Some(field) = table.take(key, walk) {
        let text = field.text(walk).unwrap_or_default().to_owned();
        if field.as_text().is_some_and(|text| text.trim().is_empty()) {
            walk.say(field.problem(format!("`{key}` is empty")));
        }
        text
    } else {
        walk.say(Problem::new(span, format!("`{key}` is missing")).expected("text in quotes"));
        String::new()
    }
}

/// Text that may be left out.
pub(super) fn optional_text(
    table: &mut Table<'_, '_>,
    key: &'static str,
    walk: &mut Walk,
) -> Option<String> {
    table
        .take(key, walk)
        .and_then(|field| field.text(walk).map(str::to_owned))
}

/// A list of texts that may be left out.
pub(super) fn texts(table: &mut Table<'_, '_>, key: &'static str, walk: &mut Walk) -> Vec<String> {
    let Some(field) = table.take(key, walk) else {
        return Vec::new();
    };
    let list = field.list(walk).unwrap_or_default();
    list.iter()
        .filter_map(|entry| entry.text(walk).map(str::to_owned))
        .collect()
}

fn entries<'t, 'i>(
    table: &mut Table<'t, 'i>,
    key: &'static str,
    walk: &mut Walk,
) -> Vec<Table<'t, 'i>> {
    let Some(field) = table.take(key, walk) else {
        return Vec::new();
    };
    let list = field.list(walk).unwrap_or_default();
    list.iter().filter_map(|entry| entry.table(walk)).collect()
}

fn section(mut table: Table<'_, '_>, walk: &mut Walk) -> Section {
    let id = required_id(&mut table, walk);
    let title = required_text(&mut table, "title", walk);
    let questions = entries(&mut table, "question", walk)
        .into_iter()
        .map(|table| question(table, walk))
        .collect();
    table.finish("a section", walk);
    Section {
        id,
        title,
        questions,
    }
}

fn question(mut table: Table<'_, '_>, walk: &mut Walk) -> Question {
    let place = table.span.clone();
    let id = required_id(&mut table, walk);
    let severity = choice(&mut table, "severity", Severity::WORDS, Severity::ALL, walk)
        .unwrap_or_else(|| {
            if !table.has("severity") {
                walk.say(
                    Problem::new(place.clone(), "`severity` is missing")
                        .expected("one of \"blocker\", \"major\", \"minor\""),
                );
            }
            Severity::Blocker
        });
    let question = Question {
        place,
        id,
        rev: whole(&mut table, "rev", 1, 1, walk),
        short: required_text(&mut table, "short", walk),
        ask: required_text(&mut table, "ask", walk),
        why: optional_text(&mut table, "why", walk).unwrap_or_default(),
        how: optional_text(&mut table, "how", walk).unwrap_or_default(),
        proof: optional_text(&mut table, "proof", walk).unwrap_or_default(),
        blocks_when: optional_text(&mut table, "blocks_when", walk).unwrap_or_default(),
        severity,
        yes_is_good: flag(&mut table, "yes_is_good", true, walk),
        role: optional_text(&mut table, "role", walk).unwrap_or_default(),
        evidence: choice(
            &mut table,
            "evidence",
            EvidenceNeed::WORDS,
            EvidenceNeed::ALL,
            walk,
        )
        .unwrap_or(EvidenceNeed::None),
        evidence_days: table
            .take("evidence_days", walk)
            .and_then(|field| small(&field, 1, walk)),
        na_allowed: flag(&mut table, "na_allowed", false, walk),
        waivable: flag(&mut table, "waivable", true, walk),
        max_waiver_days: whole(&mut table, "max_waiver_days", 1, 90, walk),
        when: texts(&mut table, "when", walk),
        stages: stages(&mut table, walk),
        maps_to: entries(&mut table, "maps_to", walk)
            .into_iter()
            .map(|table| clause(table, walk))
            .collect(),
        supersedes: texts(&mut table, "supersedes", walk),
        applies: table
            .take("applies", walk)
            .and_then(|field| field.table(walk))
            .and_then(|table| applies(table, walk)),
        study_drafts: flag(&mut table, "study_drafts", false, walk),
        simulated: entries(&mut table, "simulated", walk)
            .into_iter()
            .filter_map(|table| rule(table, walk))
            .collect(),
        choices: entries(&mut table, "choice", walk)
            .into_iter()
            .map(|table| tick(table, walk))
            .collect(),
        risks: Vec::new(),
    };
    let risks = entries(&mut table, "risk", walk)
        .into_iter()
        .filter_map(|table| risk(table, &question, walk))
        .collect();
    table.finish("a question", walk);
    Question { risks, ..question }
}

fn choice<T: Copy, const N: usize>(
    table: &mut Table<'_, '_>,
    key: &'static str,
    words: [&'static str; N],
    all: [T; N],
    walk: &mut Walk,
) -> Option<T> {
    let field = table.take(key, walk)?;
    let index = field.choice(&words, walk)?;
    all.get(index).copied()
}

fn flag(table: &mut Table<'_, '_>, key: &'static str, default: bool, walk: &mut Walk) -> bool {
    table
        .take(key, walk)
        .and_then(|field| field.flag(walk))
        .unwrap_or(default)
}

fn whole(
    table: &mut Table<'_, '_>,
    key: &'static str,
    low: u32,
    default: u32,
    walk: &mut Walk,
) -> u32 {
    table
        .take(key, walk)
        .and_then(|field| small(&field, low, walk))
        .unwrap_or(default)
}

fn small(field: &Field<'_, '_>, low: u32, walk: &mut Walk) -> Option<u32> {
    field
        .integer(u64::from(low), 36_500, walk)
        .and_then(|number| u32::try_from(number).ok())
}

fn stages(table: &mut Table<'_, '_>, walk: &mut Walk) -> Vec<Stage> {
    let Some(field) = table.take("stages", walk) else {
        return vec![Stage::Launch, Stage::Scale];
    };
    let list = field.list(walk).unwrap_or_default();
    list.iter()
        .filter_map(|entry| entry.choice(&Stage::WORDS, walk))
        .filter_map(|at| Stage::ALL.get(at).copied())
        .collect()
}

fn clause(mut table: Table<'_, '_>, walk: &mut Walk) -> Clause {
    let standard = required_text(&mut table, "standard", walk);
    let clause = required_text(&mut table, "clause", walk);
    table.finish("a clause reference", walk);
    Clause { standard, clause }
}

fn applies(mut table: Table<'_, '_>, walk: &mut Walk) -> Option<Applies> {
    let span = table.span.clone();
    let day = |table: &mut Table<'_, '_>, key: &'static str, walk: &mut Walk| -> Option<Date> {
        table
            .take(key, walk)
            .and_then(|field| field_date(&field, walk))
    };
    let from = day(&mut table, "from", walk);
    let expected = day(&mut table, "expected", walk);
    let verified_on = day(&mut table, "verified_on", walk);
    let note = optional_text(&mut table, "note", walk).unwrap_or_default();
    for (key, there) in [
        ("from", table.has("from")),
        ("verified_on", table.has("verified_on")),
    ] {
        if !there {
            walk.say(
                Problem::new(span.clone(), format!("`{key}` is missing"))
                    .expected("a day such as 2026-08-02"),
            );
        }
    }
    table.finish("`applies`", walk);
    Some(Applies {
        from: from?,
        expected,
        verified_on: verified_on?,
        note,
    })
}

fn tick(mut table: Table<'_, '_>, walk: &mut Walk) -> Choice {
    let id = required_id(&mut table, walk);
    let title = required_text(&mut table, "title", walk);
    table.finish("a choice", walk);
    Choice { id, title }
}

fn risk(mut table: Table<'_, '_>, question: &Question, walk: &mut Walk) -> Option<(Risk, String)> {
    let level = choice(&mut table, "risk", Risk::WORDS, Risk::ALL, walk);
    let condition = table.take("condition", walk).and_then(|field| {
        let text = field.text(walk)?;
        match Condition::parse(text) {
            Ok(condition) => {
                for id in condition.choices() {
                    if !question.choices.iter().any(|choice| choice.id == id) {
                        let problem =
                            field.problem(format!("`{id}` is not a choice of this question"));
                        let near =
                            nearest(id, question.choices.iter().map(|choice| choice.id.as_str()));
                        walk.say(match near {
                            Some(near) => problem.help(format!("did you mean `{near}`?")),
                            None => problem,
                        });
                    }
                }
            }
            Err(why) => walk.say(
                field
                    .problem(why)
                    .expected("choices joined by `&&`, `||` and `!`, or `default`"),
            ),
        }
        Some(text.to_owned())
    });
    table.finish("a risk rule", walk);
    Some((level?, condition?))
}

fn duplicates(checklist: &Checklist, walk: &mut Walk) {
    let mut seen: BTreeMap<&str, &Question> = BTreeMap::new();
    let mut sections: BTreeSet<&str> = BTreeSet::new();
    for section in &checklist.sections {
        if !sections.insert(&section.id) {
            let at = section
                .questions
                .first()
                .map_or(0..0, |question| question.place.clone());
            walk.say(
                Problem::new(at, format!("the section `{}` stands twice", section.id))
                    .help("give one of them another id"),
            );
        }
        for question in &section.questions {
            if let Some(first) = seen.insert(&question.id, question) {
                let (line, _) = checklist.source.line_column(first.place.start);
                let problem = Problem::new(
                    question.place.clone(),
                    format!("the question `{}` stands twice", question.id),
                );
                walk.say(problem.help(format!(
                    "the first stands in line {line}; give this one an id of its own"
                )));
            }
        }
    }
}
