//! A month's numbers: every fact drawn, every law compiled, caches and queues empty.

use std::sync::Arc;

use crate::model::{self, Cacheable, Draw, Facts, Growth, History, Model, Overflow, Pricing, Strategy};
use crate::model::strategy::{CacheRegion, Fallback, Jitter, Route};
use crate::prices::{OwnRates, Rates, Tariff};
use crate::quantity::Sampler;
use crate::scenario::types::{Flagged, PromptCaching};

use super::breaker::Breaker;
use super::clock::{NEVER, Time, nanos};
use super::hosted::Hosted;
use super::limits::Limiter;
use super::questions::Popularity;
use super::response_cache::ResponseCache;

/// One class of conversations.
#[derive(Debug)]
pub struct Class {
    /// Share of conversations up to and including this class, times 2^32.
    pub until: f64,
    pub turns: Arc<Sampler>,
    pub think_s: Arc<Sampler>,
    pub user: Arc<Sampler>,
    pub context: Arc<Sampler>,
    pub output: Arc<Sampler>,
    pub reasoning: Option<Arc<Sampler>>,
    pub calls: Option<Arc<Sampler>>,
    pub tool_tokens: Arc<Sampler>,
    pub tool_s: Arc<Sampler>,
    /// Something about a turn varies.
    pub turn_varies: bool,
    /// Something about a call varies.
    pub call_varies: bool,
    pub history: History,
    /// Tokens of a summary.
    pub summary: f64,
    pub sensitive: f64,
    pub deferrable: f64,
    pub patience_s: Option<Arc<Sampler>>,
    pub unique: f64,
    pub popularity: Option<Popularity>,
    pub cacheable: Cacheable,
    pub quits: f64,
    pub truncates: bool,
    pub max_output: f64,
    /// Output tokens that a limiter reserves.
    pub reserved: f64,
}

/// One model.
#[derive(Debug)]
pub struct Server {
    pub first_token_s: Arc<Sampler>,
    pub token_ms: Arc<Sampler>,
    pub token_mean_s: f64,
    pub error_s: Arc<Sampler>,
    pub error_rate: f64,
    pub prefill_s_per_token: f64,
    /// Something about an attempt varies.
    pub varies: bool,
    pub quality: Vec<f64>,
    pub provider: usize,
    pub window: f64,
    pub limiter: Limiter,
    pub breaker: Option<Breaker>,
    pub hosted: Option<Hosted>,
    pub replica_per_hour: f64,
    pub caching: Option<PromptCaching>,
    pub ttl: Time,
    pub region: CacheRegion,
    /// Until when each shared prefix is warm.
    pub prefix_until: Vec<Time>,
    /// Until when each prefix block of the replayed log is warm.
    pub block_until: Vec<Time>,
    pub paid: Paid,
    pub batch: Option<Paid>,
    /// Answers from it do not leave the house.
    pub in_house: bool,
    /// Limits in the order of [`super::limits::KINDS`], as per minute, per day, or in flight.
    pub limits: [Option<f64>; 6],
    /// Use in the hour under way, in the same order.
    pub used: [f64; 6],
    /// Whether tokens read from the prompt cache count against limits.
    pub cached_tokens_count: bool,
}

/// What tokens cost at the moment.
#[derive(Debug)]
pub struct Paid {
    tariff: Option<Arc<Tariff>>,
    /// The rates of the quarter of an hour under way.
    pub rates: Rates,
    /// What is left of a price after the discount.
    pub factor: f64,
    /// Whether writing to the prompt cache costs more than plain input.
    pub writes_cost_extra: bool,
}

impl Paid {
    fn new(tariff: Arc<Tariff>, factor: f64) -> Self {
        let rates = tariff.rates_at(0.0).clone();
        let varies = tariff.rates.len() > 1;
        let writes_cost_extra = rates.tiers.iter().any(|tier| tier.per_token.cache_write != tier.per_token.input);
        Self {
            tariff: varies.then_some(tariff),
            rates,
            factor,
            writes_cost_extra,
        }
    }

    /// Moves to the rates of a time (seconds from the start of the counted month).
    pub fn at(&mut self, since_start_s: f64) {
        if let Some(tariff) = &self.tariff {
            self.rates = tariff.rates_at(since_start_s).clone();
        }
    }
}

/// The strategy's numbers.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of a strategy")]
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
    pub models: Vec<u16>,
    pub accuracy: f64,
    pub seconds: Arc<Sampler>,
    pub tokens: f64,
    pub model: Option<u16>,
}

pub(super) fn narrow(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

pub(super) fn classes(model: &Model, facts: &Facts, volume: f64) -> Vec<Class> {
    let workload = &model.workload;
    let total: f64 = workload.classes.iter().map(|class| facts.get(class.share).max(0.0)).sum();
    let growth = growth(model, facts, volume);
    let (mut until, mut first_question) = (0.0, 0_u32);
    workload
        .classes
        .iter()
        .map(|class| {
            until += facts.get(class.share).max(0.0) / total * 4_294_967_296.0;
            let popularity = class.questions.map(|questions| {
                let distinct = (facts.get(questions.distinct) * growth).round().clamp(1.0, 50e6);
                let popularity = Popularity::new(first_question, count(distinct), facts.get(questions.zipf));
                first_question = first_question.saturating_add(count(distinct));
                popularity
            });
            let output = class.output_tokens.sampler(facts);
            let max_output = class.max_output_tokens.unwrap_or(f64::INFINITY);
            // The prompts of a log hold their history already.
            let history = if workload.replay.is_some() { History::None } else { class.history };
            let summary = match history {
                History::Summary(tokens) => facts.get(tokens),
                _ => 0.0,
            };
            let (think_s, user, context) =
                (class.think_s.sampler(facts), class.user_tokens.sampler(facts), class.context_tokens.sampler(facts));
            let patience_s = sampler(class.patience_s.as_ref(), facts);
            let reasoning = sampler(class.reasoning_tokens.as_ref(), facts);
            let varies = |law: &Arc<Sampler>| law.as_constant().is_none();
            let turn_varies = [&think_s, &user, &context].into_iter().chain(&patience_s).any(varies);
            let call_varies = [&output].into_iter().chain(&reasoning).any(varies);
            Class {
                until,
                turns: class.turns.sampler(facts),
                turn_varies,
                call_varies,
                think_s,
                user,
                context,
                reserved: output.mean().max(class.max_output_tokens.unwrap_or(0.0)),
                output,
                reasoning,
                calls: sampler(class.calls.as_ref(), facts),
                tool_tokens: class.tool_tokens.sampler(facts),
                tool_s: class.tool_s.sampler(facts),
                history,
                summary,
                sensitive: facts.get(class.sensitive),
                deferrable: facts.get(class.deferrable),
                patience_s,
                unique: class.questions.map_or(1.0, |questions| facts.get(questions.unique)),
                popularity,
                cacheable: class.questions.map_or(Cacheable::None, |questions| questions.cacheable),
                quits: facts.get(class.quits),
                truncates: class.overflow == Overflow::Truncate,
                max_output,
            }
        })
        .collect()
}

fn sampler(draw: Option<&Draw>, facts: &Facts) -> Option<Arc<Sampler>> {
    draw.map(|draw| draw.sampler(facts))
}

/// Factor on prefixes and distinct questions at a volume.
fn growth(model: &Model, facts: &Facts, volume: f64) -> f64 {
    match model.workload.grows_by {
        Growth::Users => libm::pow(volume, facts.get(model.workload.heaps)),
        Growth::Activity => 1.0,
    }
}

pub(super) fn prefixes(model: &Model, facts: &Facts, volume: f64) -> u32 {
    count((facts.get(model.workload.prefixes) * growth(model, facts, volume)).round().clamp(1.0, 50e6))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped by the callers")]
fn count(number: f64) -> u32 {
    number as u32
}

pub(super) fn servers(model: &Model, strategy: &Strategy, facts: &Facts, volume: f64, endless: bool) -> Vec<Server> {
    let prefixes = prefixes(model, facts, volume) as usize;
    model
        .models
        .iter()
        .enumerate()
        .map(|(index, server)| {
            let used = strategy.uses.contains(&index);
            let region = strategy.prompt_cache.get(index).copied().unwrap_or(CacheRegion::None);
            let caching = server.prompt_caching.clone().filter(|_| region != CacheRegion::None);
            let limits = if endless || !used { model::Limits::default() } else { server.limits };
            let token_ms = server.token_ms.sampler(facts);
            let ttl_s = caching.as_ref().map_or(0.0, |rule| rule.ttl_s);
            let first_token_s = server.first_token_s.sampler(facts);
            let quality: Vec<f64> = server.quality.iter().map(|share| facts.get(*share)).collect();
            let error_rate = facts.get(server.error_rate);
            Server {
                varies: first_token_s.as_constant().is_none()
                    || token_ms.as_constant().is_none()
                    || error_rate > 0.0
                    || quality.iter().any(|share| *share < 1.0)
                    || model.providers.get(server.provider).is_some_and(|it| it.outage.is_some() || it.brownout.is_some()),
                first_token_s,
                token_mean_s: token_ms.mean() * 1e-3,
                token_ms,
                error_s: server.error_s.sampler(facts),
                error_rate,
                prefill_s_per_token: prefill_s_per_token(server, facts),
                quality,
                provider: server.provider,
                window: server.context_window,
                limiter: Limiter::new(&limits, strategy.admission.as_ref(), facts),
                breaker: strategy.breaker.as_ref().map(|it| Breaker::new(it, facts)),
                hosted: if used { Hosted::new(narrow(index), server, facts, endless) } else { None },
                replica_per_hour: server.hosting.as_ref().map_or(0.0, |it| facts.get(it.replica_per_hour)),
                prefix_until: if caching.is_some() && used { vec![0; prefixes] } else { Vec::new() },
                block_until: match &model.workload.replay {
                    Some(replay) if caching.is_some() && used => vec![0; replay.blocks],
                    _ => Vec::new(),
                },
                caching,
                ttl: nanos(ttl_s),
                region,
                paid: paid(server, &strategy.tier, facts),
                batch: batch(server, facts),
                in_house: server.hosting.is_some() || strategy.sensitive_route == Some(index),
                limits: stated(&limits, facts),
                used: [0.0; 6],
                cached_tokens_count: server.limits.cached_tokens_count,
            }
        })
        .collect()
}

/// Seconds per input token: milliseconds for a thousand tokens are microseconds for one.
pub(super) fn prefill_s_per_token(server: &model::Server, facts: &Facts) -> f64 {
    facts.get(server.prefill_ms_per_1k) * 1e-6
}

fn stated(limits: &model::Limits, facts: &Facts) -> [Option<f64>; 6] {
    [
        limits.requests_per_min,
        limits.tokens_per_min,
        limits.input_tokens_per_min,
        limits.output_tokens_per_min,
        limits.requests_per_day,
        limits.concurrency,
    ]
    .map(|num| facts.opt(num))
}

fn own(server: &model::Server, facts: &Facts, batch: bool) -> Arc<Tariff> {
    let Pricing::Own {
        input,
        output,
        cached_input,
        cache_write,
        batch: factor,
    } = &server.price
    else {
        return Arc::new(Tariff::own(&FREE, false));
    };
    let own = OwnRates {
        input: facts.get(*input),
        output: facts.get(*output),
        cached_input: Some(facts.get(*cached_input)),
        cache_write: Some(facts.get(*cache_write)),
        batch: facts.get(*factor),
    };
    Arc::new(Tariff::own(&own, batch))
}

/// What is not paid by the token.
const FREE: OwnRates = OwnRates {
    input: 0.0,
    output: 0.0,
    cached_input: None,
    cache_write: None,
    batch: 1.0,
};

fn paid(server: &model::Server, tier: &str, facts: &Facts) -> Paid {
    let factor = 1.0 - facts.get(server.discount);
    match &server.price {
        Pricing::Catalogue { tiers, .. } => {
            let tariff = tiers.iter().find(|(name, _)| name == tier).or_else(|| tiers.first());
            let none = || own(server, facts, false);
            Paid::new(tariff.map_or_else(none, |(_, tariff)| Arc::clone(tariff)), factor)
        }
        Pricing::Own { .. } | Pricing::Hosted => Paid::new(own(server, facts, false), factor),
    }
}

fn batch(server: &model::Server, facts: &Facts) -> Option<Paid> {
    let factor = 1.0 - facts.get(server.discount);
    match &server.price {
        Pricing::Catalogue { batch, .. } => batch.as_ref().map(|tariff| Paid::new(Arc::clone(tariff), factor)),
        Pricing::Own { .. } => Some(Paid::new(own(server, facts, true), factor)),
        Pricing::Hosted => None,
    }
}

pub(super) fn policy(model: &Model, strategy: &Strategy, facts: &Facts) -> Policy {
    let retry = &strategy.retry;
    let endless = |num: Option<model::Num>| num.map_or(NEVER, |num| nanos(facts.get(num)));
    let cache = strategy.response_cache.as_ref();
    let router = match &strategy.route {
        Route::Router(router) => Some(RouterNumbers {
            by_class: router.by_class.iter().map(|id| narrow(*id)).collect(),
            models: router.models.iter().map(|id| narrow(*id)).collect(),
            accuracy: facts.get(router.accuracy),
            seconds: router.seconds.sampler(facts),
            tokens: facts.get(router.tokens),
            model: router.model.map(narrow),
        }),
        _ => None,
    };
    let (accept, accept_wrong) = match &strategy.route {
        Route::Cascade {
            accept, accept_wrong, ..
        } => (facts.get(*accept), facts.get(*accept_wrong)),
        _ => (1.0, 1.0),
    };
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
        system: if model.workload.replay.is_some() { 0.0 } else { facts.get(model.workload.system_tokens) * prompt_factor },
        hedge_after: strategy.hedge_after_s.map(|num| nanos(facts.get(num))),
        batch: strategy.batch,
        recall: cache.map_or(0.0, |cache| facts.get(cache.recall)),
        false_hit: cache.map_or(0.0, |cache| facts.get(cache.false_hit)),
        lookup_s: cache.map(|cache| cache.lookup_s.sampler(facts)),
        has_before: strategy.sanitise.is_some() || strategy.guardrail.is_some() || cache.is_some() || router.is_some(),
        router,
        accept,
        accept_wrong,
        sanitise: strategy
            .sanitise
            .as_ref()
            .map(|it| (it.seconds.sampler(facts), facts.get(it.misses), facts.get(it.per_1k_tokens))),
        guardrail: strategy
            .guardrail
            .as_ref()
            .map(|it| (it.seconds.sampler(facts), facts.get(it.blocks), facts.get(it.per_request))),
        confidence: strategy
            .confidence
            .map(|it| (facts.get(it.catches), facts.get(it.false_alarms), it.then)),
        review: strategy.human_review.as_ref().map(|it| (it.minutes.sampler(facts), it.before)),
        has_gate: strategy.confidence.is_some() || matches!(strategy.route, Route::Cascade { .. }),
        has_quality: quality_stated || strategy.confidence.is_some() || matches!(strategy.route, Route::Cascade { .. }),
        fallback: strategy.fallback.clone(),
        sensitive_route: strategy.sensitive_route.map(narrow),
    }
}

pub(super) fn response_cache(strategy: &Strategy, facts: &Facts, classes: &[Class]) -> Option<ResponseCache> {
    let cache = strategy.response_cache.as_ref()?;
    let questions = classes.iter().filter_map(|class| class.popularity.as_ref()).map(Popularity::count).sum();
    let ttl = facts.opt(cache.ttl_h).map_or(NEVER, |hours| nanos(hours * 3600.0));
    Some(ResponseCache::new(questions, ttl, facts.opt(cache.capacity).unwrap_or(f64::INFINITY)))
}
