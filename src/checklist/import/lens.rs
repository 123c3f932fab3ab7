//! AWS Well-Architected custom lenses.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use crate::checklist::read::is_id;
use crate::checklist::risk::{Condition, Risk};

use super::{Imported, head, id_of, short, value};

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
