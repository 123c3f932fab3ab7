//! Which studies windows do for, and which not.

use crate::engine::{Setting, asks_before};
use crate::model::{Facts, Model, Strategy};

use super::super::plan::Plan;
use super::super::run::{facts_of, month_stream};
use super::FIRST_PAIRS;
use super::land::QUARTER_S;
use super::scene::LONGEST_WARMUP;
use super::sums::Sums;

/// Conversations of a cell, over all months, up to which all are simulated: windows would see about as many, and what
/// chance does in a month, which is most of the spread where conversations are few, is known better from all of them.
const SMALL: f64 = 300_000.0;
/// Share of busy slots from which a queue builds up.
const BUSY: f64 = 0.8;
/// Questions that are asked of a response cache before a window, at most.
const MOST_QUESTIONS: f64 = 400_000.0;

/// Whether windows would cost as much as everything does.
pub fn is_small(model: &Model, plan: &Plan) -> bool {
    let facts = facts_of(model, plan.seed, 0);
    let months = match plan.precision {
        Some(_) => FIRST_PAIRS as f64 * 8.0,
        None => f64::from(plan.months),
    };
    let volumes: f64 = plan.volumes.iter().sum();
    let days = f64::from(model.calendar.days);
    let conversations = facts.get(model.workload.conversations_per_day) * days * volumes * months;
    conversations < SMALL * plan.volumes.len() as f64
}

/// Why a study cannot be done by windows at all.
pub fn why_exact(model: &Model, plan: &Plan) -> Option<String> {
    if model.workload.replay.is_some() {
        return Some("Simulated request by request: a log is replayed as it is.".to_owned());
    }
    let facts = facts_of(model, plan.seed, 0);
    for &index in &plan.strategies {
        let strategy = model.strategies.get(index)?;
        if strategy.human_review.as_ref().is_some_and(|it| it.before) {
            return Some(format!(
                "Simulated request by request: in `{}` users wait for reviewers, whose backlog lasts for days.",
                strategy.name
            ));
        }
        for &id in &strategy.uses {
            let server = model.models.get(id)?;
            if server.limits.requests_per_day.is_some() {
                return Some(format!(
                    "Simulated request by request: the daily limit of `{}` remembers a day.",
                    server.name
                ));
            }
        }
        if let Some(name) = endless_outage(model, strategy, &facts) {
            return Some(format!(
                "Simulated request by request: an outage of `{name}` lasts longer than the breaker's past that windows of `{}` \
                 would know.",
                strategy.name
            ));
        }
        for &volume in &plan.volumes {
            let setting = setting(model, index, volume, &facts, plan.seed, 0)?;
            if asks_before(&setting, MOST_QUESTIONS) {
                return Some(format!(
                    "Simulated request by request: the response cache of `{}` remembers too many questions.",
                    strategy.name
                ));
            }
        }
    }
    None
}

/// A provider whose outages last longer on average than any warm-up. A breaker that opens late, once by chance enough
/// attempts fail together, stays open in what is left of them.
fn endless_outage<'a>(model: &'a Model, strategy: &Strategy, facts: &Facts) -> Option<&'a str> {
    strategy.breaker.as_ref()?;
    strategy.uses.iter().find_map(|id| {
        let provider = model.providers.get(model.models.get(*id)?.provider)?;
        let minutes = provider.outage.as_ref()?.minutes.sampler(facts).mean();
        let longest = LONGEST_WARMUP as f64 * QUARTER_S / 60.0;
        (minutes > longest).then_some(provider.name.as_str())
    })
}

/// A strategy's month at a volume.
pub fn setting<'a>(
    model: &'a Model,
    strategy: usize,
    volume: f64,
    facts: &'a Facts,
    seed: u64,
    month: u32,
) -> Option<Setting<'a>> {
    Some(Setting {
        model,
        strategy: model.strategies.get(strategy)?,
        volume,
        facts,
        stream: month_stream(seed, month),
        window: None,
        scripted: false,
    })
}

/// Why the windows of a strategy show that windows do not do: a hosted model so busy that its queue may outlast a warm-up.
pub fn remembers_too_long(
    model: &Model,
    strategy: usize,
    facts: &Facts,
    sums: &[Sums],
    warmup_s: f64,
) -> Option<String> {
    let strategy = model.strategies.get(strategy)?;
    let busiest = sums.iter().map(|sums| sums.busy).fold(0.0, f64::max);
    if busiest < BUSY {
        return None;
    }
    let patience_s = facts
        .opt(strategy.timeout_s)
        .or(facts.opt(strategy.deadline_s))
        .unwrap_or(f64::INFINITY);
    strategy.uses.iter().find_map(|id| {
        let server = model.models.get(*id)?;
        let hosting = server.hosting.as_ref()?;
        let slots = facts.get(hosting.slots) * facts.get(hosting.replicas);
        // A waiting place takes at least as long as a second of work in every slot.
        let drain_s = (facts.get(hosting.queue) / slots.max(1.0) * 30.0).min(patience_s * 4.0);
        (drain_s > warmup_s * 0.25).then(|| {
            format!(
                "Simulated request by request: `{}` is so busy that its queue remembers more than an hour.",
                server.name
            )
        })
    })
}
