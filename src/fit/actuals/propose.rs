//! Facts that a period changes, as edits of the scenario's text: everything else stays as it was written.

use serde::{Deserialize, Serialize};
use toml_edit::{DocumentMut, InlineTable, Item, Value};

use crate::reading::log::Log;
use crate::scenario::Scenario;
use crate::scenario::types::{Class, History};

use super::super::quantile;
use super::super::write::short;
use super::{Real, Spend};

/// A change of one fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Dotted path in the scenario, `workload.class.simple.output_tokens`.
    pub path: String,
    /// The value, as TOML.
    pub value: String,
    /// Where it comes from, in words.
    pub why: String,
}

/// Changes smaller than this are chance, or not worth a line.
const WORTH_SAYING: f64 = 0.02;

/// What the period says about the scenario's facts: volume, answer lengths, discounts.
pub(super) fn of(
    scenario: &Scenario,
    expected: &Spend,
    actual: &Spend,
    real: Real<'_>,
    days: f64,
) -> Vec<Proposal> {
    let mut found = Vec::new();
    let differs =
        |ratio: f64| ratio.is_finite() && ratio > 0.0 && (ratio - 1.0).abs() > WORTH_SAYING;
    if scenario.workload.replay.is_none() && expected.calls > 0.0 {
        let ratio = actual.calls / expected.calls;
        let mean = mean_of(scenario.workload.conversations_per_day.as_ref());
        if let Some(mean) = mean.filter(|_| differs(ratio)) {
            found.push(Proposal {
                path: "workload.conversations_per_day".to_owned(),
                value: short(mean * ratio),
                why: format!(
                    "{:.0} calls in {days:.0} days, {ratio:.2} times those projected, with as many calls a conversation",
                    actual.calls
                ),
            });
        }
    }
    if let Real::Log(log) = real {
        found.extend(answers(scenario, log));
        found.extend(prompts(scenario, expected, actual, log));
    }
    for (model, was) in actual.models.iter().zip(&expected.models) {
        let [plain, ..] = model.price;
        let ratio = plain / was.price[0];
        let written = scenario.models.iter().find(|it| it.name == model.name);
        if let Some(written) = written.filter(|_| model.tokens() > 0.0 && differs(ratio)) {
            let had = mean_of(Some(&written.discount)).unwrap_or(0.0);
            let discount = 1.0 - (1.0 - had) * ratio;
            if (0.0..1.0).contains(&discount) {
                found.push(Proposal {
                    path: format!("models.{}.discount", model.name),
                    value: short((discount * 1e4).round() / 1e4),
                    why: format!(
                        "its tokens cost {ratio:.3} times what the scenario has them cost"
                    ),
                });
            }
        }
    }
    found
}

/// Lengths of answers by class: the quantiles of the log, where it tells which class a request is of, or there is one.
fn answers(scenario: &Scenario, log: &Log) -> Vec<Proposal> {
    let classes = &scenario.workload.classes;
    let mut found = Vec::new();
    for class in classes {
        let place = log.classes.iter().position(|name| *name == class.name);
        if place.is_none() && classes.len() > 1 {
            continue;
        }
        let mut lengths: Vec<f64> = log
            .rows
            .iter()
            .filter(|row| place.is_none_or(|place| row.class as usize == place))
            .filter(|row| row.count == 1.0 && row.output.is_finite() && row.output > 0.0)
            .map(|row| f64::from(row.output))
            .collect();
        if lengths.len() < 200 {
            continue;
        }
        lengths.sort_by(f64::total_cmp);
        let [p50, p95] = [0.5, 0.95].map(|share| quantile(&lengths, share));
        if p95 > p50 {
            found.push(Proposal {
                path: format!("workload.class.{}.output_tokens", class.name),
                value: format!("{{ p50 = {}, p95 = {} }}", short(p50), short(p95)),
                why: format!("quantiles of {} answers", lengths.len()),
            });
        }
    }
    found
}

/// Lengths of prompts, where input per call differs. A class whose prompts are its users' messages alone gets their
/// quantiles from the log; else the difference counts as context, which every call has once.
fn prompts(scenario: &Scenario, expected: &Spend, actual: &Spend, log: &Log) -> Vec<Proposal> {
    let per_call = |spend: &Spend| spend.sum(|it| it.input) / spend.calls;
    let (was, is) = (per_call(expected), per_call(actual));
    if !is.is_finite() || !was.is_finite() || was <= 0.0 || (is / was - 1.0).abs() <= WORTH_SAYING {
        return Vec::new();
    }
    let classes = &scenario.workload.classes;
    if let [class] = classes.as_slice()
        && let Some(system) =
            mean_of(Some(&scenario.workload.system_tokens)).filter(|_| plain(class))
    {
        let mut lengths: Vec<f64> = log
            .rows
            .iter()
            .filter(|row| row.count == 1.0 && row.input.is_finite())
            .map(|row| (f64::from(row.input) - system).max(0.0))
            .collect();
        lengths.sort_by(f64::total_cmp);
        let [p50, p95] = [0.5, 0.95].map(|share| quantile(&lengths, share));
        if lengths.len() >= 200 && p50 > 0.0 {
            return vec![Proposal {
                path: format!("workload.class.{}.user_tokens", class.name),
                value: if p95 > p50 {
                    format!("{{ p50 = {}, p95 = {} }}", short(p50), short(p95))
                } else {
                    short(p50)
                },
                why: format!(
                    "quantiles of {} prompts less the system's tokens",
                    lengths.len()
                ),
            }];
        }
    }
    classes
        .iter()
        .filter_map(|class| {
            let had = mean_of(Some(&class.context_tokens))?;
            let now = (had + is - was).max(0.0).round();
            Some(Proposal {
                path: format!("workload.class.{}.context_tokens", class.name),
                value: short(now),
                why: format!(
                    "{is:.0} input tokens a call for {was:.0} projected; that it is context is assumed, the log does not tell"
                ),
            })
        })
        .collect()
}

/// One call, with the user's message behind the system's tokens.
fn plain(class: &Class) -> bool {
    let is = |quantity, value| mean_of(Some(quantity)).is_some_and(|mean| mean == value);
    is(&class.context_tokens, 0.0)
        && is(&class.calls, 1.0)
        && (is(&class.turns, 1.0) || matches!(class.history, History::None))
}

fn mean_of(quantity: Option<&crate::quantity::Quantity>) -> Option<f64> {
    // A fact inside a quantity stands for its own mean.
    let law = quantity?
        .law(&mut |inner| mean_of(Some(inner)).unwrap_or(f64::NAN))
        .ok()?;
    Some(law.mean()).filter(|mean| mean.is_finite())
}

/// The scenario's text with the changes, each with its reason behind it; comments, order and blank lines stay.
///
/// # Errors
/// In words: text that is not TOML, or a place that is not where the path says (in a file that this one extends, say).
pub fn apply(text: &str, proposals: &[Proposal], when: &str) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|error| format!("{error}"))?;
    for proposal in proposals {
        let mut value: Value = proposal
            .value
            .parse()
            .map_err(|error| format!("`{}`: {error}", proposal.value))?;
        let (table, key) = place(document.as_item_mut(), &proposal.path)
            .ok_or_else(|| format!("`{}` is not in this file: change it by hand", proposal.path))?;
        let why = format!(" # {when}: {}", proposal.why);
        match table {
            Place::Block(table) => {
                if let Some(old) = table.get(&key).and_then(Item::as_value) {
                    let before = old.decor().prefix().cloned().unwrap_or_else(|| " ".into());
                    value.decor_mut().set_prefix(before);
                } else {
                    value.decor_mut().set_prefix(" ");
                }
                value.decor_mut().set_suffix(why);
                // Assigning keeps what stands above the key.
                if let Some(item) = table.get_mut(&key) {
                    *item = Item::Value(value);
                } else {
                    table.insert(&key, Item::Value(value));
                }
            }
            Place::Inline(table) => {
                table.insert(&key, value);
            }
        }
    }
    Ok(document.to_string())
}

enum Place<'a> {
    Block(&'a mut dyn toml_edit::TableLike),
    Inline(&'a mut InlineTable),
}

/// The table that holds a path's last key. Names of models may hold dots; classes are lists with names.
fn place<'a>(root: &'a mut Item, path: &str) -> Option<(Place<'a>, String)> {
    if let Some(rest) = path.strip_prefix("workload.class.") {
        let (name, key) = rest.rsplit_once('.')?;
        let classes = root.get_mut("workload")?.get_mut("class")?;
        if classes.is_array_of_tables() {
            let table = classes
                .as_array_of_tables_mut()?
                .iter_mut()
                .find(|table| table.get("name").and_then(Item::as_str) == Some(name))?;
            return Some((Place::Block(table), key.to_owned()));
        }
        let list = classes.as_array_mut()?;
        let table = list
            .iter_mut()
            .filter_map(Value::as_inline_table_mut)
            .find(|table| table.get("name").and_then(Value::as_str) == Some(name))?;
        return Some((Place::Inline(table), key.to_owned()));
    }
    let (parent, key) = path.rsplit_once('.')?;
    let item = match parent.split_once('.') {
        Some((first, name)) => root.get_mut(first)?.get_mut(name)?,
        None => root.get_mut(parent)?,
    };
    if item.is_inline_table() {
        return Some((Place::Inline(item.as_inline_table_mut()?), key.to_owned()));
    }
    Some((Place::Block(item.as_table_like_mut()?), key.to_owned()))
}
