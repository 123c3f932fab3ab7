//! A strategy compiled: which models in which order, and the policies around them.

use super::facts::{Draw, Num};
use super::types::{BreakerRule, ModelId};
use crate::scenario::types::Flagged;

/// One way of building the feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Strategy {
    /// Its name.
    pub name: String,
    /// Which model answers.
    pub route: Route,
    /// Answers are shown as they are generated.
    pub streaming: bool,
    /// Seconds per attempt.
    pub timeout_s: Option<Num>,
    /// Seconds over all attempts.
    pub deadline_s: Option<Num>,
    /// Retries.
    pub retry: Retry,
    /// What of a prompt is marked for the prompt cache, by model.
    pub prompt_cache: Vec<CacheRegion>,
    /// Our own cache of answers.
    pub response_cache: Option<ResponseCache>,
    /// Deferrable requests go to the batch service.
    pub batch: bool,
    /// Which of the tariffs of [`super::types::Pricing::Catalogue`] applies.
    pub tier: String,
    /// Share of system and context tokens kept.
    pub prompt_factor: Num,
    /// Seconds after which a second copy is sent.
    pub hedge_after_s: Option<Num>,
    /// Circuit breaker.
    pub breaker: Option<Breaker>,
    /// What is tried after the route has failed, in order.
    pub fallback: Vec<Fallback>,
    /// Waiting for a limit.
    pub admission: Option<Admission>,
    /// Model for sensitive requests.
    pub sensitive_route: Option<ModelId>,
    /// PII sanitising.
    pub sanitise: Option<Sanitise>,
    /// Input guardrail.
    pub guardrail: Option<Guardrail>,
    /// Confidence gating.
    pub confidence: Option<Confidence>,
    /// Human review.
    pub human_review: Option<HumanReview>,
    /// Every model that it may call, ascending: what it pays for by the month.
    pub uses: Vec<ModelId>,
}

impl Strategy {
    /// Works out [`Strategy::uses`] again, after the route, the fallbacks or the sensitive route have changed.
    pub fn renew_uses(&mut self) {
        self.uses =
            super::compile_strategy::uses(&self.route, &self.fallback, self.sensitive_route);
    }
}

/// Which model answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Route {
    /// One.
    Single(ModelId),
    /// A classifier chooses.
    Router(Router),
    /// In order, until one is confident.
    Cascade {
        /// At least two.
        models: Vec<ModelId>,
        /// Share of right answers let through.
        accept: Num,
        /// Share of wrong answers let through.
        accept_wrong: Num,
    },
}

/// A classifier in front of the models.
#[derive(Debug, Clone, PartialEq)]
pub struct Router {
    /// Model of each class.
    pub by_class: Vec<ModelId>,
    /// The different models among them, in the order of the file.
    pub models: Vec<ModelId>,
    /// Share sent to their class's model.
    pub accuracy: Num,
    /// Seconds it takes.
    pub seconds: Draw,
    /// Tokens it reads.
    pub tokens: Num,
    /// The model that is billed; `None`: the cheapest of `models`.
    pub model: Option<ModelId>,
}

/// One thing to try after the route has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// Another model.
    Model(ModelId),
    /// An answer to the same question that the response cache still has, expired or not.
    Stale,
    /// A canned answer.
    Degraded,
}

/// Retries of one model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retry {
    /// Attempts, the first included.
    pub attempts: Num,
    /// First wait in seconds.
    pub base_s: Num,
    /// Growth of the wait.
    pub factor: Num,
    /// Longest wait in seconds.
    pub max_s: Num,
    /// Jitter.
    pub jitter: Jitter,
    /// Share of requests that may be retries.
    pub budget: Option<Num>,
}

/// Jitter of a wait.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Jitter {
    /// w.
    None,
    /// U(0, w).
    Full,
    /// w/2 + U(0, w/2).
    Equal,
    /// w + U(0, a).
    Add(Num),
    /// w × (1 − U(0, c)).
    Cut(Num),
}

/// What of a prompt is marked for the provider's prompt cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheRegion {
    /// Nothing.
    None,
    /// The system prefix.
    System,
    /// System prefix and history.
    Conversation,
}

/// Our own cache of answers.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseCache {
    /// Hours to live.
    pub ttl_h: Option<Num>,
    /// Entries.
    pub capacity: Option<Num>,
    /// Share of repeats recognised.
    pub recall: Num,
    /// Share of hits that are wrong.
    pub false_hit: Num,
    /// Seconds of a look-up.
    pub lookup_s: Draw,
    /// US dollars per 30 days.
    pub monthly: Num,
}

/// Circuit breaker.
#[derive(Debug, Clone, PartialEq)]
pub struct Breaker {
    /// When it opens.
    pub opens: BreakerRule,
    /// The share in a [`BreakerRule::Rate`].
    pub failure_rate: Num,
    /// Seconds it stays open.
    pub open_s: Num,
    /// Successes that close it.
    pub probes: u32,
}

/// Waiting for a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Admission {
    /// Longest wait in seconds.
    pub max_wait_s: Num,
    /// Waiting places.
    pub queue: Num,
}

/// PII sanitising.
#[derive(Debug, Clone, PartialEq)]
pub struct Sanitise {
    /// Seconds.
    pub seconds: Draw,
    /// Share that slips through.
    pub misses: Num,
    /// US dollars per 1,000 tokens.
    pub per_1k_tokens: Num,
}

/// Input guardrail.
#[derive(Debug, Clone, PartialEq)]
pub struct Guardrail {
    /// Seconds.
    pub seconds: Draw,
    /// Share blocked.
    pub blocks: Num,
    /// US dollars per request.
    pub per_request: Num,
}

/// Confidence gating.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confidence {
    /// Share of wrong answers flagged.
    pub catches: Num,
    /// Share of right answers flagged.
    pub false_alarms: Num,
    /// What happens then.
    pub then: Flagged,
}

/// Human review.
#[derive(Debug, Clone, PartialEq)]
pub struct HumanReview {
    /// Minutes per review.
    pub minutes: Draw,
    /// People at work.
    pub reviewers: Num,
    /// US dollars per hour of review.
    pub per_hour: Num,
    /// Working hours.
    pub hours: (f64, f64),
    /// The user waits for it.
    pub before: bool,
}
