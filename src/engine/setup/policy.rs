//! What a strategy does, in this month's numbers.

use std::sync::Arc;

use crate::model::strategy::{Fallback, Jitter, Route, Strategy};
use crate::model::{Facts, Model, Num};
use crate::quantity::Sampler;
use crate::scenario::types::Flagged;

use super::super::clock::{NEVER, Time, nanos};
use super::super::conversation::Conversation;
use super::{count, narrow};

/// The strategy's numbers.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of a strategy"
)]
pub struct Policy {
    pub streaming: bool,
    pub timeout: Time,
    pub deadline: Time,
    pub attempts: u16,
    pub base_s: f64,
    pub factor: f64,
    pub max_s: f64,
    pub jitter: Jitter,
    /// The number in [`Jitter::Add`] or [`Jitter::Cut`].
    pub jitter_by: f64,
    pub prompt_factor: f64,
    pub system: f64,
    pub hedge_after: Option<Time>,
    pub batch: bool,
    pub recall: f64,
    pub false_hit: f64,
    pub lookup_s: Option<Arc<Sampler>>,
    /// The models of the route, in the order in which escalation walks them.
    pub route: Vec<u16>,
    /// The route is a cascade.
    pub cascades: bool,
    pub router: Option<RouterNumbers>,
    pub accept: f64,
    pub accept_wrong: f64,
    pub sanitise: Option<(Arc<Sampler>, f64, f64)>,
    pub guardrail: Option<(Arc<Sampler>, f64, f64)>,
    pub confidence: Option<(f64, f64, Flagged)>,
    pub review: Option<(Arc<Sampler>, bool)>,
    /// Anything that adds seconds before the model.
    pub has_before: bool,
    /// Correctness of answers matters for something.
    pub has_quality: bool,
    /// Answers are checked: a cascade, or confidence gating.
    pub has_gate: bool,
    pub fallback: Vec<Fallback>,
    pub sensitive_route: Option<u16>,
}

/// The router's numbers.
#[derive(Debug)]
pub struct RouterNumbers {
    pub by_class: Vec<u16>,
    pub accuracy: f64,
    pub seconds: Arc<Sampler>,
    pub tokens: f64,
    pub model: Option<u16>,
}

/// A strategy's numbers.
pub fn policy(model: &Model, strategy: &Strategy, facts: &Facts) -> Policy {
    let retry = &strategy.retry;
    let endless = |num: Option<Num>| num.map_or(NEVER, |num| nanos(facts.get(num)));
    let cache = strategy.response_cache.as_ref();
    let router = match &strategy.route {
        Route::Router(router) => Some(RouterNumbers {
            by_class: router.by_class.iter().map(|id| narrow(*id)).collect(),
            accuracy: facts.get(router.accuracy),
            seconds: router.seconds.sampler(facts),
            tokens: facts.get(router.tokens),
            model: router.model.map(narrow),
        }),
        _ => None,
    };
    let (accept, accept_wrong) = match &strategy.route {
        Route::Cascade {
            accept,
            accept_wrong,
            ..
        } => (facts.get(*accept), facts.get(*accept_wrong)),
        _ => (1.0, 1.0),
    };
    let route = match &strategy.route {
        Route::Single(model) => vec![narrow(*model)],
        Route::Router(router) => router.models.iter().map(|id| narrow(*id)).collect(),
        Route::Cascade { models, .. } => models.iter().map(|id| narrow(*id)).collect(),
    };
    let cascades = matches!(strategy.route, Route::Cascade { .. });
    let prompt_factor = facts.get(strategy.prompt_factor);
    let quality_stated = model
        .models
        .iter()
        .any(|server| server.quality.iter().any(|share| facts.get(*share) < 1.0));
    Policy {
        streaming: strategy.streaming,
        timeout: endless(strategy.timeout_s),
        deadline: endless(strategy.deadline_s),
        attempts: narrow(count(facts.get(retry.attempts).round().clamp(1.0, 120.0)) as usize),
        base_s: facts.get(retry.base_s),
        factor: facts.get(retry.factor),
        max_s: facts.get(retry.max_s),
        jitter: retry.jitter,
        jitter_by: match retry.jitter {
            Jitter::Add(num) | Jitter::Cut(num) => facts.get(num),
            _ => 0.0,
        },
        prompt_factor,
        system: if model.workload.replay.is_some() {
            0.0
        } else {
            facts.get(model.workload.system_tokens) * prompt_factor
        },
        hedge_after: strategy.hedge_after_s.map(|num| nanos(facts.get(num))),
        batch: strategy.batch,
        recall: cache.map_or(0.0, |cache| facts.get(cache.recall)),
        false_hit: cache.map_or(0.0, |cache| facts.get(cache.false_hit)),
        lookup_s: cache.map(|cache| cache.lookup_s.sampler(facts)),
        has_before: strategy.sanitise.is_some()
            || strategy.guardrail.is_some()
            || cache.is_some()
            || router.is_some(),
        route,
        cascades,
        router,
        accept,
        accept_wrong,
        sanitise: strategy.sanitise.as_ref().map(|it| {
            (
                it.seconds.sampler(facts),
                facts.get(it.misses),
                facts.get(it.per_1k_tokens),
            )
        }),
        guardrail: strategy.guardrail.as_ref().map(|it| {
            (
                it.seconds.sampler(facts),
                facts.get(it.blocks),
                facts.get(it.per_request),
            )
        }),
        confidence: strategy
            .confidence
            .map(|it| (facts.get(it.catches), facts.get(it.false_alarms), it.then)),
        review: strategy
            .human_review
            .as_ref()
            .map(|it| (it.minutes.sampler(facts), it.before)),
        has_gate: strategy.confidence.is_some() || cascades,
        has_quality: quality_stated || strategy.confidence.is_some() || cascades,
        fallback: strategy.fallback.clone(),
        sensitive_route: strategy.sensitive_route.map(narrow),
    }
}

impl Policy {
    /// When a copy sent at `start` is cut by its timeout or the request's deadline.
    #[inline]
    #[must_use]
    pub fn cut_at(&self, conversation: &Conversation<'_>, start: Time) -> Time {
        start
            .saturating_add(self.timeout)
            .min(conversation.deadline)
    }
}
