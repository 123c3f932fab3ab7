//! What the simulator has to say about a question: it supports or contradicts an answer, and never gives one.
//!
//! [`listen`] is a pure function of the rule, the study, the approved budget and the SLO. In each simulated month the
//! metric complies or does not; the share of complying months has a lower and an upper 95% bound ([`share_bounds`]):
//! *supports* if the lower is at least the rule's confidence, *contradicts* if the upper is below it, else *cannot
//! tell*. Three kinds of metric are read differently:
//! - `budget.over_probability` is judged on the months' `cost.total` against the **approved** budget of the review: it
//!   complies if the share of months over it is at most `max`;
//! - metrics of all months together (`latency.pooled.*`, anything without values by month) are compared through their
//!   mean and standard error, 1.645 of them on the safe side;
//! - a metric whose mechanism the scenario does not state is *not modelled*, whatever number stands there.
//!
//! Support that rests on assumed inputs is *on guesses*. The five strongest inputs come from the study's sensitivity
//! result; without one, every assumed input that the metric's mechanism reads (the workload, the strategy's models,
//! their providers, the strategy itself) is named.

use std::collections::BTreeMap;
use std::fmt;

use crate::study::{Cell, Metric, Study};

use super::interval::share_bounds;
use super::types::{Bound, Rule, Scope};

/// 95% of a normal distribution lies below this many standard deviations above its mean.
const Z95: f64 = 1.645;

/// Why nothing can be told where the review leaves the strategy open.
pub(super) const NO_STRATEGY: &str = "the review does not say which strategy goes live";
/// Why nothing can be told where chance decides.
pub(super) const TOO_FEW: &str = "too few months to be sure; simulate more of them";

/// The simulator's word on one rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Word {
    /// The months comply.
    Supports,
    /// They comply, and rest on these assumed inputs.
    SupportsOnGuesses(Vec<String>),
    /// They do not.
    Contradicts,
    /// Neither, for this reason.
    CannotTell(String),
    /// The scenario does not state what the metric comes from.
    NotModelled(String),
    /// The rule needs an approved budget that the review does not have.
    BudgetMissing(String),
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Supports => "supports",
            Self::SupportsOnGuesses(_) => "supports, on guesses",
            Self::Contradicts => "contradicts",
            Self::CannotTell(_) => "cannot tell",
            Self::NotModelled(_) => "not modelled",
            Self::BudgetMissing(_) => "no approved budget",
        })
    }
}

/// A word with what it was said about.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// The word.
    pub word: Word,
    /// What was asked, in a few words: `share_within.5 at 1x ≥ 0.95 in 90% of months`.
    pub asked: String,
    /// What was found, in a few words; empty if nothing was.
    pub found: String,
}

/// What a rule is judged against, besides the study.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The strategy that goes live.
    pub strategy: Option<&'a str>,
    /// Approved US dollars per month by volume, valid approvals only.
    pub approved: &'a [(f64, f64)],
    /// The scenario's promises by name (`latency_p95_s`).
    pub slo: &'a BTreeMap<String, f64>,
}

/// The name of the promise that a metric can break: `latency.p95` breaks `latency_p95_s`.
#[must_use]
pub fn slo_name(metric: &str) -> Option<String> {
    match metric {
        "rate.failed" => Some("failure_rate".to_owned()),
        "rate.wrong" => Some("wrong_rate".to_owned()),
        _ => {
            let (kind, quantile) = metric.split_once('.')?;
            let known = matches!(kind, "latency" | "first_token")
                && matches!(quantile, "p50" | "p90" | "p95" | "p99");
            known.then(|| format!("{kind}_{quantile}_s"))
        }
    }
}

/// All of a question's rules together: the gravest word decides.
#[must_use]
pub fn together(heard: &[Heard]) -> Option<&Word> {
    let rank = |word: &Word| match word {
        Word::Contradicts => 0,
        Word::BudgetMissing(_) => 1,
        Word::CannotTell(_) => 2,
        Word::NotModelled(_) => 3,
        Word::SupportsOnGuesses(_) => 4,
        Word::Supports => 5,
    };
    heard
        .iter()
        .map(|heard| &heard.word)
        .min_by_key(|word| rank(word))
}

/// What a study says to one rule; without a study nothing can be told.
#[must_use]
pub fn listen(rule: &Rule, study: Option<&Study>, ground: &Ground<'_>) -> Heard {
    let limit = limit_of(rule, ground);
    let asked = asked(rule, limit.as_ref().ok().copied());
    let silent = |word: Word| Heard {
        word,
        asked: asked.clone(),
        found: String::new(),
    };
    let Some(study) = study else {
        return silent(Word::CannotTell("nothing was simulated".to_owned()));
    };
    let limit = match limit {
        Ok(limit) => limit,
        Err(word) => return silent(word),
    };
    let cell = match find_cell(rule, study, ground.strategy) {
        Ok(cell) => cell,
        Err(why) => return silent(Word::CannotTell(why)),
    };
    let name = rule.stored_name();
    let measured = if rule.metric == "budget.over_probability" {
        "cost.total"
    } else {
        name.as_str()
    };
    if cell
        .not_modelled
        .iter()
        .any(|left_out| covers(left_out, &name) || covers(left_out, measured))
    {
        return silent(Word::NotModelled(format!(
            "the scenario does not state what {name} comes from"
        )));
    }
    let (verdict, found) = match (cell.by_month.get(measured), cell.metrics.get(&name)) {
        (Some(months), _) if !months.is_empty() => by_month(rule, months, limit),
        (_, Some(metric)) if rule.metric != "budget.over_probability" => {
            overall(rule, metric, limit)
        }
        _ => {
            return silent(Word::CannotTell(format!(
                "the study has no {measured} by month"
            )));
        }
    };
    let word = match verdict {
        Some(true) => {
            let guesses = guesses(rule, study, cell);
            if guesses.is_empty() {
                Word::Supports
            } else {
                Word::SupportsOnGuesses(guesses)
            }
        }
        Some(false) => Word::Contradicts,
        None => Word::CannotTell(TOO_FEW.to_owned()),
    };
    Heard { word, asked, found }
}

/// Whether a name, or a family such as `rate` or `latency`, covers a metric.
fn covers(left_out: &str, name: &str) -> bool {
    name == left_out
        || name
            .strip_prefix(left_out)
            .is_some_and(|rest| rest.starts_with('.'))
}

fn limit_of(rule: &Rule, ground: &Ground<'_>) -> Result<f64, Word> {
    let budget = || match rule.scope {
        Scope::Volume(volume) => ground
            .approved
            .iter()
            .find(|(at, _)| *at == volume)
            .map(|(_, usd)| *usd)
            .ok_or_else(|| Word::BudgetMissing(format!("no budget is approved for {volume}x"))),
        Scope::Drill(_) => Err(Word::CannotTell(
            "a budget holds for a month, not for a drill".to_owned(),
        )),
    };
    if rule.metric == "budget.over_probability" {
        return budget();
    }
    match rule.bound {
        Bound::Min(limit) | Bound::Max(limit) => Ok(limit),
        Bound::Budget => budget(),
        Bound::Slo => {
            let name = slo_name(&rule.metric).unwrap_or_else(|| rule.metric.clone());
            let limit = ground.slo.get(&name).copied();
            limit
                .ok_or_else(|| Word::CannotTell(format!("the scenario's [slo] promises no {name}")))
        }
    }
}

fn asked(rule: &Rule, limit: Option<f64>) -> String {
    let name = rule.stored_name();
    let times = if rule.times == 1.0 {
        String::new()
    } else {
        format!(" × {}", rule.times)
    };
    let sign = if matches!(rule.bound, Bound::Min(_)) {
        "≥"
    } else {
        "≤"
    };
    let limit = match (&rule.bound, limit) {
        (Bound::Max(share), _) if rule.metric == "budget.over_probability" => format!("{share}"),
        (Bound::Min(limit) | Bound::Max(limit), _) => format!("{limit}"),
        (Bound::Budget, Some(usd)) => format!("the approved {usd}"),
        (Bound::Budget, None) => "the approved budget".to_owned(),
        (Bound::Slo, Some(limit)) => format!("the promised {limit}"),
        (Bound::Slo, None) => "the promise".to_owned(),
    };
    let months = if rule.metric == "budget.over_probability" {
        String::new()
    } else {
        format!(" in {} of months", percent(rule.confidence))
    };
    format!("{name}{times} {} {sign} {limit}{months}", rule.scope)
}

fn find_cell<'s>(
    rule: &Rule,
    study: &'s Study,
    strategy: Option<&str>,
) -> Result<&'s Cell, String> {
    let strategy = if let Some(name) = strategy {
        name
    } else {
        // With a single strategy there is nothing to choose.
        let mut names = study.cells.iter().map(|cell| cell.strategy.as_str());
        let first = names.next();
        let only = first.filter(|first| names.all(|name| name == *first));
        only.ok_or(NO_STRATEGY)?
    };
    match &rule.scope {
        Scope::Volume(volume) => study
            .cells
            .iter()
            .find(|cell| cell.strategy == strategy && cell.volume == *volume)
            .ok_or_else(|| format!("the study has no {strategy} at {volume}x")),
        Scope::Drill(name) => study
            .drills
            .iter()
            .find(|result| result.drill == *name && result.cell.strategy == strategy)
            .map(|result| &result.cell)
            .ok_or_else(|| format!("the study has no drill {name} for {strategy}")),
    }
}

/// Judged month by month: `Some(true)` supports, `Some(false)` contradicts.
fn by_month(rule: &Rule, months: &[f64], limit: f64) -> (Option<bool>, String) {
    let complies = |value: &&f64| match rule.bound {
        Bound::Min(_) => **value * rule.times >= limit,
        Bound::Max(_) | Bound::Budget | Bound::Slo => **value * rule.times <= limit,
    };
    let complying = months.iter().filter(complies).count();
    let needed = match rule.bound {
        Bound::Max(share) if rule.metric == "budget.over_probability" => 1.0 - share,
        _ => rule.confidence,
    };
    let (lower, upper) = share_bounds(complying, months.len());
    let verdict = if lower >= needed {
        Some(true)
    } else if upper < needed {
        Some(false)
    } else {
        None
    };
    let what = if rule.scope_is_drill() {
        "runs"
    } else {
        "months"
    };
    let middle = months.get(months.len() / 2).copied().unwrap_or_default() * rule.times;
    let found = format!(
        "median {}; {} of {what} comply ({} to {} by 95% bounds)",
        figure(middle),
        percent(complying as f64 / months.len() as f64),
        percent(lower),
        percent(upper)
    );
    (verdict, found)
}

/// Judged on one figure for all months together.
fn overall(rule: &Rule, metric: &Metric, limit: f64) -> (Option<bool>, String) {
    let value = metric.mean * rule.times;
    let margin = Z95 * metric.se * rule.times;
    let gap = match rule.bound {
        Bound::Min(_) => value - limit,
        Bound::Max(_) | Bound::Budget | Bound::Slo => limit - value,
    };
    let verdict = if gap >= margin {
        Some(true)
    } else if gap < -margin {
        Some(false)
    } else {
        None
    };
    (
        verdict,
        format!("{} ± {} over all months", figure(value), figure(margin)),
    )
}

impl Rule {
    fn scope_is_drill(&self) -> bool {
        matches!(self.scope, Scope::Drill(_))
    }
}

/// The assumed inputs that support rests on, at most five where their strength is known.
fn guesses(rule: &Rule, study: &Study, cell: &Cell) -> Vec<String> {
    let assumed = |path: &str| {
        study
            .assumed
            .iter()
            .any(|assumed| covers(&assumed.path, path) || covers(path, &assumed.path))
    };
    let metric = if rule.metric == "budget.over_probability" {
        "cost.total"
    } else {
        rule.metric.as_str()
    };
    let known = study.sensitivity.iter().find(|result| {
        result.strategy == cell.strategy
            && (result.metric == metric || result.metric == rule.stored_name())
    });
    if let Some(result) = known {
        let strongest = result.inputs.iter().take(5).map(|input| &input.path);
        return strongest.filter(|path| assumed(path)).cloned().collect();
    }
    study
        .assumed
        .iter()
        .map(|assumed| &assumed.path)
        .filter(|path| reads(metric, path, cell))
        .cloned()
        .collect()
}

/// Whether a metric's mechanism reads the input at a path.
fn reads(metric: &str, path: &str, cell: &Cell) -> bool {
    let mut parts = path.split('.');
    let (room, name) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let rest: Vec<&str> = parts.collect();
    let about_money = metric.starts_with("cost.") || metric.starts_with("budget.");
    match room {
        "workload" | "evals" | "audit" => room == "workload" || about_money,
        "fixed" => about_money,
        "providers" => !about_money && metric != "rate.wrong" && metric != "rate.leaked",
        "strategies" => name == cell.strategy,
        "models" => {
            let field = rest.first().copied().unwrap_or_default();
            let callable = cell.models.is_empty() || cell.models.iter().any(|model| model == name);
            let money = matches!(
                field,
                "price"
                    | "discount"
                    | "one_off"
                    | "monthly"
                    | "hosting"
                    | "autoscale"
                    | "prompt_caching"
            );
            let quality = field == "quality";
            callable
                && match metric {
                    _ if about_money => !quality,
                    "rate.wrong" => quality,
                    _ => !quality && (!money || matches!(field, "hosting" | "autoscale")),
                }
        }
        _ => false,
    }
}

/// A share as people read it, never rounded up to 100%.
fn percent(share: f64) -> String {
    let rounded = (share * 1000.0).floor() / 10.0;
    format!("{rounded}%")
}

/// A figure to about four digits.
pub(super) fn figure(value: f64) -> String {
    let size = value.abs();
    if size >= 1000.0 {
        format!("{value:.0}")
    } else if size >= 10.0 {
        format!("{value:.1}")
    } else if size >= 0.01 || size == 0.0 {
        format!("{value:.3}")
    } else {
        format!("{value:.5}")
    }
}
