//! The dotted names under which results are known, everywhere: tables, rules, charts, `--metric`.

/// Names that stand for themselves. `share_within` carries its seconds as a suffix in a study (`share_within.5`).
pub const METRICS: &[&str] = &[
    "conversations",
    "requests",
    "calls",
    "attempts",
    "cost.total",
    "cost.per_conversation",
    "cost.per_request",
    "cost.per_good_answer",
    "cost.at_full_service",
    "cost.input",
    "cost.cached_input",
    "cost.cache_write",
    "cost.output",
    "cost.reasoning",
    "cost.wasted",
    "cost.hosting",
    "cost.human_review",
    "cost.evals",
    "cost.audit",
    "cost.guard",
    "cost.cache",
    "cost.router",
    "cost.fixed",
    "cost.growth",
    "cost.input_share",
    "demand.lost",
    "budget.over_probability",
    "latency.p50",
    "latency.p90",
    "latency.p95",
    "latency.p99",
    "latency.mean",
    "latency.pooled.p50",
    "latency.pooled.p90",
    "latency.pooled.p95",
    "latency.pooled.p99",
    "first_token.p50",
    "first_token.p90",
    "first_token.p95",
    "first_token.p99",
    "perceived.p95",
    "share_within",
    "slo.good_rate",
    "rate.failed",
    "rate.degraded",
    "rate.fallback",
    "rate.stale",
    "rate.cached",
    "rate.blocked",
    "rate.abandoned",
    "rate.answered",
    "rate.batch",
    "rate.throttled_attempts",
    "rate.wrong",
    "rate.leaked",
    "failed.throttled",
    "failed.error",
    "failed.outage",
    "failed.timeout",
    "failed.queue_full",
    "failed.breaker_open",
    "failed.overflow",
    "cache.response_hit_rate",
    "cache.prompt_token_rate",
    "slow.queueing",
    "slow.throttling",
    "slow.retries",
    "slow.timeouts",
    "slow.brownout",
    "slow.prefill",
    "slow.generation",
    "slow.guards",
    "slow.first_token",
    "slow.tools",
    "recovery_s",
    "review.share",
    "review.hours",
    "review.wait_h",
];

/// Prefixes that are followed by a name of the scenario's: an SLO, a model.
pub const NAMED: &[&str] = &["slo.held_probability.", "utilisation."];

/// Whether a name is a metric's.
#[must_use]
pub fn is_metric(name: &str) -> bool {
    METRICS.contains(&name)
        || NAMED.iter().any(|prefix| {
            name.strip_prefix(prefix)
                .is_some_and(|rest| !rest.is_empty())
        })
}

/// Which way a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// The less of it, the better.
    Less,
    /// The more of it, the better.
    More,
}

/// Which way a metric is better for those who pay and those who wait; `None` where neither is in itself, as of a count
/// of requests, or of a line of the bill that replaces another.
#[must_use]
pub fn better(metric: &str) -> Option<Better> {
    const LESS: &[&str] = &[
        "cost.total",
        "cost.per_conversation",
        "cost.per_request",
        "cost.per_good_answer",
        "cost.at_full_service",
        "cost.growth",
        "cost.wasted",
        "budget.over_probability",
        "demand.lost",
        "rate.failed",
        "rate.degraded",
        "rate.stale",
        "rate.abandoned",
        "rate.throttled_attempts",
        "rate.wrong",
        "rate.leaked",
        "perceived.p95",
        "recovery_s",
    ];
    const LESS_OF: &[&str] = &["latency.", "first_token.", "failed.", "utilisation."];
    const MORE: &[&str] = &[
        "slo.good_rate",
        "cache.response_hit_rate",
        "cache.prompt_token_rate",
    ];
    const MORE_OF: &[&str] = &["share_within", "slo.held_probability."];
    if LESS.contains(&metric) || LESS_OF.iter().any(|family| metric.starts_with(family)) {
        Some(Better::Less)
    } else if MORE.contains(&metric) || MORE_OF.iter().any(|family| metric.starts_with(family)) {
        Some(Better::More)
    } else {
        None
    }
}
