//! Other tools' checklists, as ours: AWS Well-Architected custom lenses (JSON) and deon (YAML).
//!
//! A lens keeps its meaning: pillars become sections, questions stay questions, their choices can be ticked, and the
//! risk rules decide from the ticks whether a question stands against going. A deon line becomes a question that is
//! answered by yes or no. What a format has no word for (severity of a deon line) takes a value that blocks nothing by
//! surprise, and the file that comes out is there to be edited.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::Value;

use super::edit::quoted;
use super::read::is_id;
use super::risk::{Condition, Risk};

/// What an import says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The checklist's text.
    pub text: String,
    /// Its questions.
    pub questions: usize,
    /// What could not be kept, one sentence each.
    pub losses: Vec<String>,
}

/// Imports a file: JSON is taken for a lens, everything else for deon.
///
/// # Errors
/// What is wrong with it, with its place where the format gives one.
pub fn import(text: &str, id: &str) -> Result<Imported, String> {
    if !is_id(id) {
        return Err(format!(
            "`{id}` cannot be a checklist's id; use letters, digits, `-` and `_`"
        ));
    }
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with(['{', '[']) {
        lens(text, id)
    } else {
        deon(text, id)
    }
}

fn value(text: &str) -> String {
    toml_edit::Value::from(text.split_whitespace().collect::<Vec<_>>().join(" ")).to_string()
}

/// Letters, digits, `-` and `_`, whatever an id was made of; `used` keeps them apart.
fn id_of(text: &str, fallback: &str, used: &mut BTreeSet<String>) -> String {
    let mut id = String::new();
    for letter in text.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            id.push(letter);
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_end_matches('-');
    let id = if id.is_empty() { fallback } else { id };
    let mut name = id.to_owned();
    let mut count = 2;
    while !used.insert(name.clone()) {
        name = format!("{id}-{count}");
        count += 1;
    }
    name
}

fn head(id: &str, title: &str, about: &str, origin: &str) -> String {
    format!(
        "# Imported from {origin}. Edit it freely: ids are what answers hang on, everything else may change.\nschema = 1\nid = {}\ntitle = {}\nversion = \"1.0.0\"\nabout = {}\n",
        value(id),
        value(title),
        value(about)
    )
}

/// A sentence's beginning, for lists.
fn short(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= 40 {
        flat
    } else {
        flat.chars().take(39).chain(['…']).collect()
    }
}

// --- AWS Well-Architected custom lens -------------------------------------------------------------------------------

/// Imports a custom lens (`schemaVersion` 2021-11-01).
///
/// # Errors
/// What is wrong with it.
pub fn lens(text: &str, id: &str) -> Result<Imported, String> {
    let document: Value = serde_json::from_str(text)
        .map_err(|error| format!("{}:{}: not JSON: {error}", error.line(), error.column()))?;
    let pillars = document
        .get("pillars")
        .and_then(Value::as_array)
        .ok_or("no `pillars`: this is no Well-Architected lens")?;
    let field = |node: &Value, name: &str| {
        node.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let title = field(&document, "name");
    let title = if title.is_empty() {
        id.to_owned()
    } else {
        title
    };
    let mut out = head(
        id,
        &title,
        &field(&document, "description"),
        "an AWS Well-Architected custom lens",
    );
    let (mut sections, mut questions) = (BTreeSet::new(), BTreeSet::new());
    let mut losses = Vec::new();
    for (index, pillar) in pillars.iter().enumerate() {
        let name = field(pillar, "name");
        let section = id_of(
            &field(pillar, "id"),
            &format!("pillar-{}", index + 1),
            &mut sections,
        );
        let _ = write!(
            out,
            "\n[[section]]\nid = {}\ntitle = {}\n",
            value(&section),
            value(if name.is_empty() { &section } else { &name })
        );
        for question in pillar
            .get("questions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let fallback = format!("{section}-{}", questions.len() + 1);
            let own = id_of(&field(question, "id"), &fallback, &mut questions);
            lens_question(&mut out, question, &own, &title, &mut losses)?;
        }
    }
    if questions.is_empty() {
        return Err("the lens has no questions".to_owned());
    }
    Ok(Imported {
        text: out,
        questions: questions.len(),
        losses,
    })
}

fn lens_question(
    out: &mut String,
    question: &Value,
    id: &str,
    lens: &str,
    losses: &mut Vec<String>,
) -> Result<(), String> {
    let field = |node: &Value, name: &str| {
        node.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let title = field(question, "title");
    let original = field(question, "id");
    let choices = question
        .get("choices")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut used = BTreeSet::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut proofs = Vec::new();
    let mut written = String::new();
    for choice in &choices {
        let their = field(choice, "id");
        // "None of these" is said by ticking nothing.
        if their.ends_with("_no") || field(choice, "title").eq_ignore_ascii_case("none of these") {
            names.insert(their, String::new());
            continue;
        }
        let own = if is_id(&their) && used.insert(their.clone()) {
            their.clone()
        } else {
            id_of(&their, "choice", &mut used)
        };
        let _ = write!(
            written,
            "\n[[section.question.choice]]\nid = {}\ntitle = {}\n",
            value(&own),
            value(&field(choice, "title"))
        );
        names.insert(their, own);
        if let Some(plan) = choice.get("improvementPlan") {
            let text = field(plan, "displayText");
            if !text.is_empty() {
                proofs.push(text);
            }
        }
    }
    let rules = lens_rules(question, &names, id, losses)?;
    let severity = match rules.iter().map(|(risk, _)| *risk).max() {
        Some(Risk::High) => "blocker",
        Some(Risk::Medium) => "major",
        Some(Risk::None) => "minor",
        None => {
            losses.push(format!(
                "{id}: has no risk rules, so it is a plain question of minor severity"
            ));
            "minor"
        }
    };
    let how = question
        .get("helpfulResource")
        .map(|help| field(help, "displayText"))
        .unwrap_or_default();
    let url = question
        .get("helpfulResource")
        .map(|help| field(help, "url"))
        .unwrap_or_default();
    let how = [how, url]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let _ = write!(
        out,
        "\n[[section.question]]\nid = {}\nshort = {}\nask = {}\nwhy = {}\nhow = {}\nproof = {}\nblocks_when = \"The ticked practices leave a high risk.\"\nseverity = \"{severity}\"\nevidence = \"text\"\nna_allowed = true\nstages = [\"pilot\", \"launch\", \"scale\"]\nmaps_to = [{{ standard = {}, clause = {} }}]\n",
        value(id),
        value(&short(&title)),
        value(if title.is_empty() { id } else { &title }),
        value(&field(question, "description")),
        value(&how),
        value(&proofs.join(" ")),
        value(lens),
        value(if original.is_empty() { id } else { &original }),
    );
    out.push_str(&written);
    for (risk, condition) in rules {
        let _ = write!(
            out,
            "\n[[section.question.risk]]\nrisk = \"{risk}\"\ncondition = {}\n",
            value(&condition)
        );
    }
    Ok(())
}

fn lens_rules(
    question: &Value,
    names: &BTreeMap<String, String>,
    id: &str,
    losses: &mut Vec<String>,
) -> Result<Vec<(Risk, String)>, String> {
    let mut rules = Vec::new();
    for rule in question
        .get("riskRules")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let text = rule
            .get("condition")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let word = rule.get("risk").and_then(Value::as_str).unwrap_or_default();
        let risk = Risk::WORDS
            .iter()
            .position(|known| *known == word)
            .and_then(|at| Risk::ALL.get(at).copied());
        let Some(risk) = risk else {
            return Err(format!(
                "question {id}: `{word}` is no risk; expected HIGH_RISK, MEDIUM_RISK or NO_RISK"
            ));
        };
        let condition = Condition::parse(text)
            .map_err(|why| format!("question {id}: risk rule `{text}`: {why}"))?;
        if condition
            .choices()
            .iter()
            .any(|choice| names.get(*choice).is_some_and(String::is_empty))
        {
            losses.push(format!("{id}: the rule `{text}` asks for \"none of these\", which is said by ticking nothing"));
        }
        rules.push((risk, rewritten(&condition, names, id)?));
    }
    Ok(rules)
}

/// A condition in our names, fully parenthesised.
fn rewritten(
    condition: &Condition,
    names: &BTreeMap<String, String>,
    id: &str,
) -> Result<String, String> {
    Ok(match condition {
        Condition::Always => "default".to_owned(),
        Condition::Ticked(choice) => match names.get(choice) {
            // Nothing is ticked exactly when every practice is not.
            Some(own) if own.is_empty() => {
                let others: Vec<String> = names
                    .values()
                    .filter(|own| !own.is_empty())
                    .map(|own| format!("!{own}"))
                    .collect();
                if others.is_empty() {
                    "default".to_owned()
                } else {
                    format!("({})", others.join(" && "))
                }
            }
            Some(own) => own.clone(),
            None => {
                return Err(format!(
                    "question {id}: a risk rule names the choice `{choice}`, which is not there"
                ));
            }
        },
        Condition::Not(inner) => format!("!({})", rewritten(inner, names, id)?),
        Condition::And(left, right) => format!(
            "({} && {})",
            rewritten(left, names, id)?,
            rewritten(right, names, id)?
        ),
        Condition::Or(left, right) => format!(
            "({} || {})",
            rewritten(left, names, id)?,
            rewritten(right, names, id)?
        ),
    })
}

// --- deon -----------------------------------------------------------------------------------------------------------

/// Imports a deon checklist: `title`, `sections` with `title`, `section_id` and `lines`, each with `line_id`,
/// `line_summary` and `line`.
///
/// # Errors
/// What is wrong with it.
pub fn deon(text: &str, id: &str) -> Result<Imported, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| format!("not YAML: {error}"))?;
    let root = documents.first().ok_or("the file is empty")?;
    let field = |node: &Yaml<'_>, name: &str| {
        node.as_mapping_get(name)
            .and_then(scalar)
            .unwrap_or_default()
    };
    let sections = root
        .as_mapping_get("sections")
        .and_then(Yaml::as_vec)
        .ok_or("no `sections`: this is no deon checklist")?;
    let title = field(root, "title");
    let mut out = head(
        id,
        if title.is_empty() { id } else { &title },
        "",
        "a deon checklist",
    );
    let (mut section_ids, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for (index, section) in sections.iter().enumerate() {
        let name = field(section, "title");
        let own = id_of(
            &field(section, "section_id"),
            &format!("section-{}", index + 1),
            &mut section_ids,
        );
        let _ = write!(
            out,
            "\n[[section]]\nid = {}\ntitle = {}\n",
            value(&own),
            value(if name.is_empty() { &own } else { &name })
        );
        let lines = section
            .as_mapping_get("lines")
            .and_then(Yaml::as_vec)
            .map(Vec::as_slice)
            .unwrap_or_default();
        for line in lines {
            let their = field(line, "line_id");
            let fallback = format!("{own}-{}", ids.len() + 1);
            let own = id_of(&their, &fallback, &mut ids);
            let ask = field(line, "line");
            let summary = field(line, "line_summary");
            if ask.is_empty() {
                return Err(format!("the line `{own}` asks nothing: it has no `line`"));
            }
            let _ = write!(
                out,
                "\n[[section.question]]\nid = {}\nshort = {}\nask = {}\nseverity = \"major\"\nevidence = \"text\"\nna_allowed = true\nstages = [\"pilot\", \"launch\", \"scale\"]\nmaps_to = [{{ standard = \"deon\", clause = {} }}]\n",
                value(&own),
                value(&short(if summary.is_empty() { &ask } else { &summary })),
                value(&ask),
                value(if their.is_empty() { &own } else { &their }),
            );
        }
    }
    if ids.is_empty() {
        return Err("the checklist has no lines".to_owned());
    }
    let losses =
        vec!["deon has no severities: all questions are major until you change that".to_owned()];
    Ok(Imported {
        text: out,
        questions: ids.len(),
        losses,
    })
}

fn scalar(node: &Yaml<'_>) -> Option<String> {
    node.as_str()
        .map(str::to_owned)
        .or_else(|| node.as_integer().map(|number| number.to_string()))
        .or_else(|| node.as_floating_point().map(|number| number.to_string()))
}

/// A question to add to a project's own checklist.
#[derive(Debug, Clone, Default)]
pub struct NewQuestion<'a> {
    /// Its id.
    pub id: &'a str,
    /// The section's id; made if it is not there.
    pub section: &'a str,
    /// The question.
    pub ask: &'a str,
    /// A few words for lists.
    pub short: &'a str,
    /// Why it is asked.
    pub why: &'a str,
    /// How much hangs on it.
    pub severity: &'a str,
    /// Who usually answers.
    pub role: &'a str,
    /// What it needs: `none`, `text` or `required`.
    pub evidence: &'a str,
}

/// A checklist's text with one more question, at the end of its section; everything else stays byte for byte.
///
/// # Errors
/// When the text is not TOML.
pub fn with_question(text: &str, new: &NewQuestion<'_>) -> Result<String, String> {
    let document = toml_edit::Document::parse(text).map_err(|error| error.message().to_owned())?;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines = vec![
        "[[section.question]]".to_owned(),
        format!("id = {}", value(new.id)),
        format!(
            "short = {}",
            value(if new.short.is_empty() {
                new.ask
            } else {
                new.short
            })
        ),
        format!("ask = {}", value(new.ask)),
    ];
    for (key, text) in [("why", new.why), ("role", new.role)] {
        if !text.is_empty() {
            lines.push(format!("{key} = {}", value(text)));
        }
    }
    lines.push(format!("severity = {}", value(new.severity)));
    lines.push(format!("evidence = {}", value(new.evidence)));
    let block = lines.join(newline);
    let sections = document
        .as_table()
        .get("section")
        .and_then(toml_edit::Item::as_array_of_tables);
    let starts: Vec<(usize, bool)> = sections
        .into_iter()
        .flatten()
        .filter_map(|section| {
            let named = section.get("id").and_then(toml_edit::Item::as_str) == Some(new.section);
            Some((section.span()?.start, named))
        })
        .collect();
    let found = starts.iter().position(|(_, named)| *named);
    let (at, block) = if let Some(index) = found {
        let end = starts
            .get(index + 1)
            .map_or(text.len(), |(start, _)| *start);
        (before_comments(text, end), block)
    } else {
        let title = new.section.replace(['-', '_'], " ");
        let header = format!(
            "[[section]]{newline}id = {}{newline}title = {}{newline}{newline}",
            value(new.section),
            value(&title)
        );
        (text.len(), format!("{header}{block}"))
    };
    let (before, after) = text
        .split_at_checked(at)
        .ok_or("a place outside the text")?;
    let gap = if before.ends_with(&format!("{newline}{newline}")) || before.is_empty() {
        ""
    } else if before.ends_with('\n') {
        newline
    } else {
        "\n\n"
    };
    let tail = if after.is_empty() {
        String::new()
    } else {
        newline.to_owned()
    };
    Ok(format!("{before}{gap}{block}{newline}{tail}{after}"))
}

/// The start of the comment block right above a place.
fn before_comments(text: &str, at: usize) -> usize {
    let mut at = at;
    while let Some(above) = text.get(..at).filter(|above| !above.is_empty()) {
        let start = above
            .trim_end_matches('\n')
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        if !text
            .get(start..at)
            .is_some_and(|line| line.trim_start().starts_with('#'))
        {
            break;
        }
        at = start;
    }
    at
}

/// A key of a checklist as a path in a review.
#[must_use]
pub fn dotted_key(checklist: &str, question: &str) -> String {
    format!("{}.{}", quoted(checklist), quoted(question))
}
