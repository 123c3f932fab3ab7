//! What one model is and costs this month, and how busy it is.

use std::sync::Arc;

use crate::model::strategy::{CacheRegion, Strategy};
use crate::model::{self, Facts, Model, Pricing};
use crate::prices::{OwnRates, PerToken, Rates, Tariff, Tokens};
use crate::quantity::Sampler;
use crate::scenario::types::PromptCaching;

use super::super::breaker::Breaker;
use super::super::clock::{Time, nanos};
use super::super::hosted::Hosted;
use super::super::limits::Limiter;
use super::{narrow, prefixes};

/// One model.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about one model"
)]
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
    /// Whether use is counted: where the scenario states a limit, also in a run that nothing refuses.
    pub counts_use: bool,
    /// Whether tokens read from the prompt cache count against limits.
    pub cached_tokens_count: bool,
    /// Attempts sent to it, counted or not.
    pub sent: u64,
}

/// What tokens cost at the moment.
#[derive(Debug, Clone)]
pub struct Paid {
    tariff: Option<Arc<Tariff>>,
    /// The rates of the quarter of an hour under way.
    pub rates: Rates,
    /// What is left of a price after the discount.
    pub factor: f64,
    /// Whether calls cost nothing, as those to a model of one's own.
    pub free: bool,
    /// Whether writing to the prompt cache costs more than plain input.
    pub writes_cost_extra: bool,
}

impl Paid {
    fn new(tariff: Arc<Tariff>, factor: f64) -> Self {
        let rates = tariff.rates_at(0.0).clone();
        let varies = tariff.rates.len() > 1;
        let writes_cost_extra = rates
            .tiers
            .iter()
            .any(|tier| tier.per_token.cache_write != tier.per_token.input);
        let free = !varies
            && rates
                .tiers
                .iter()
                .all(|tier| tier.per_token == PerToken::default());
        Self {
            free,
            tariff: varies.then_some(tariff),
            rates,
            factor,
            writes_cost_extra,
        }
    }

    /// What a call costs, US dollars.
    #[must_use]
    pub fn usd(&self, tokens: &Tokens) -> f64 {
        self.rates.price(tokens).total() * self.factor
    }

    /// Moves to the rates of a time (seconds from the start of the counted month).
    pub fn at(&mut self, since_start_s: f64) {
        if let Some(tariff) = &self.tariff {
            self.rates = tariff.rates_at(since_start_s).clone();
        }
    }
}

/// The models of a month.
pub fn servers(
    model: &Model,
    strategy: &Strategy,
    facts: &Facts,
    volume: f64,
    endless: bool,
) -> Vec<Server> {
    let prefixes = prefixes(model, facts, volume) as usize;
    model
        .models
        .iter()
        .enumerate()
        .map(|(index, server)| {
            let used = strategy.uses.contains(&index);
            let region = strategy
                .prompt_cache
                .get(index)
                .copied()
                .unwrap_or(CacheRegion::None);
            let caching = server
                .prompt_caching
                .clone()
                .filter(|_| region != CacheRegion::None);
            let limits = if endless || !used {
                model::Limits::default()
            } else {
                server.limits
            };
            let token_ms = server.token_ms.sampler(facts);
            let ttl_s = caching.as_ref().map_or(0.0, |rule| rule.ttl_s);
            let first_token_s = server.first_token_s.sampler(facts);
            let quality: Vec<f64> = server
                .quality
                .iter()
                .map(|share| facts.get(*share))
                .collect();
            let error_rate = facts.get(server.error_rate);
            let limiter = Limiter::new(&limits, strategy.admission.as_ref(), facts);
            let alone = limiter.is_endless() && strategy.hedge_after_s.is_none();
            Server {
                varies: first_token_s.as_constant().is_none()
                    || token_ms.as_constant().is_none()
                    || error_rate > 0.0
                    || quality.iter().any(|share| *share < 1.0)
                    || model
                        .providers
                        .get(server.provider)
                        .is_some_and(|it| it.outage.is_some() || it.brownout.is_some()),
                first_token_s,
                token_mean_s: token_ms.mean() * 1e-3,
                token_ms,
                error_s: server.error_s.sampler(facts),
                error_rate,
                prefill_s_per_token: prefill_s_per_token(server, facts),
                quality,
                provider: server.provider,
                window: server.context_window,
                limiter,
                breaker: strategy.breaker.as_ref().map(|it| Breaker::new(it, facts)),
                hosted: if used {
                    let streaming = strategy.streaming;
                    Hosted::new(narrow(index), server, facts, streaming, endless, alone)
                } else {
                    None
                },
                replica_per_hour: server
                    .hosting
                    .as_ref()
                    .map_or(0.0, |it| facts.get(it.replica_per_hour)),
                prefix_until: if caching.is_some() && used {
                    vec![0; prefixes]
                } else {
                    Vec::new()
                },
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
                counts_use: stated(&server.limits, facts).iter().any(Option::is_some),
                cached_tokens_count: server.limits.cached_tokens_count,
                sent: 0,
            }
        })
        .collect()
}

/// Seconds per input token: milliseconds for a thousand tokens are microseconds for one.
pub fn prefill_s_per_token(server: &model::Server, facts: &Facts) -> f64 {
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
            let tariff = tiers
                .iter()
                .find(|(name, _)| name == tier)
                .or_else(|| tiers.first());
            let none = || own(server, facts, false);
            Paid::new(
                tariff.map_or_else(none, |(_, tariff)| Arc::clone(tariff)),
                factor,
            )
        }
        Pricing::Own { .. } | Pricing::Hosted => Paid::new(own(server, facts, false), factor),
    }
}

fn batch(server: &model::Server, facts: &Facts) -> Option<Paid> {
    let factor = 1.0 - facts.get(server.discount);
    match &server.price {
        Pricing::Catalogue { batch, .. } => batch
            .as_ref()
            .map(|tariff| Paid::new(Arc::clone(tariff), factor)),
        Pricing::Own { .. } => Some(Paid::new(own(server, facts, true), factor)),
        Pricing::Hosted => None,
    }
}
