use crate::scenario::types::{
    Breaker, BreakerRule, Fallback, Flagged, Jitter, PromptCache, Retry, Route, Strategy,
};

use super::parts::Writer;
use super::text::{Lines, list, number, string};

impl Writer {
    pub(super) fn strategy(&self, strategy: &Strategy) -> Lines {
        let prompt_cache = match strategy.prompt_cache {
            PromptCache::Provider => None,
            PromptCache::Off => Some("false".to_owned()),
            PromptCache::Auto => Some("true".to_owned()),
            PromptCache::System => Some(string("system")),
            PromptCache::Conversation => Some(string("conversation")),
        };
        let response_cache = strategy.response_cache.as_ref().map(|cache| {
            Lines::default()
                .put(
                    "kind",
                    string(if cache.semantic { "semantic" } else { "exact" }),
                )
                .maybe("ttl_h", self.maybe(cache.ttl_h.as_ref()))
                .maybe("capacity", self.maybe(cache.capacity.as_ref()))
                .put("recall", self.q(&cache.recall))
                .put("false_hit", self.q(&cache.false_hit))
                .put("lookup_s", self.q(&cache.lookup_s))
                .put("monthly", self.q(&cache.monthly))
                .inline()
        });
        let steps = strategy.fallback.iter().map(|step| match step {
            Fallback::Model(name) => string(name),
            Fallback::Stale => string("stale"),
            Fallback::Degraded => string("degraded"),
        });
        let mut lines = Lines::default();
        lines
            .put("route", self.route(&strategy.route))
            .put("streaming", strategy.streaming.to_string())
            .maybe("timeout_s", self.maybe(strategy.timeout_s.as_ref()))
            .maybe("deadline_s", self.maybe(strategy.deadline_s.as_ref()))
            .maybe(
                "retry",
                strategy.retry.as_ref().map(|retry| self.retry(retry)),
            )
            .maybe("prompt_cache", prompt_cache)
            .maybe("response_cache", response_cache)
            .put("batch", strategy.batch.to_string())
            .put("tier", string(&strategy.tier))
            .put("prompt_factor", self.q(&strategy.prompt_factor))
            .maybe(
                "hedge",
                strategy
                    .hedge
                    .as_ref()
                    .map(|hedge| format!("{{ after_s = {} }}", self.q(&hedge.after_s))),
            )
            .maybe(
                "breaker",
                strategy
                    .breaker
                    .as_ref()
                    .map(|breaker| self.breaker(breaker)),
            )
            .put("fallback", list(steps));
        if let Some(admission) = &strategy.admission {
            let inline = Lines::default()
                .put("max_wait_s", self.q(&admission.max_wait_s))
                .put("queue", self.q(&admission.queue))
                .inline();
            lines.put("admission", inline);
        }
        lines.maybe(
            "sensitive_route",
            strategy.sensitive_route.as_deref().map(string),
        );
        self.safeguards(strategy, &mut lines);
        lines
    }

    fn safeguards(&self, strategy: &Strategy, lines: &mut Lines) {
        if let Some(sanitise) = &strategy.sanitise {
            let inline = Lines::default()
                .put("seconds", self.q(&sanitise.seconds))
                .put("misses", self.q(&sanitise.misses))
                .put("per_1k_tokens", self.q(&sanitise.per_1k_tokens))
                .inline();
            lines.put("sanitise", inline);
        }
        if let Some(guardrail) = &strategy.guardrail {
            let inline = Lines::default()
                .put("seconds", self.q(&guardrail.seconds))
                .put("blocks", self.q(&guardrail.blocks))
                .put("per_request", self.q(&guardrail.per_request))
                .inline();
            lines.put("guardrail", inline);
        }
        if let Some(confidence) = &strategy.confidence {
            let then = match confidence.then {
                Flagged::HumanReview => "human_review",
                Flagged::Escalate => "escalate",
            };
            let inline = Lines::default()
                .put("catches", self.q(&confidence.catches))
                .put("false_alarms", self.q(&confidence.false_alarms))
                .put("then", string(then))
                .inline();
            lines.put("confidence", inline);
        }
        if let Some(review) = &strategy.human_review {
            let inline = Lines::default()
                .put("minutes", self.q(&review.minutes))
                .put("reviewers", self.q(&review.reviewers))
                .put("per_hour", self.q(&review.per_hour))
                .put(
                    "hours",
                    list([number(review.hours.0), number(review.hours.1)]),
                )
                .put(
                    "when",
                    string(if review.before { "before" } else { "after" }),
                )
                .inline();
            lines.put("human_review", inline);
        }
    }

    fn route(&self, route: &Route) -> String {
        match route {
            Route::Model(name) => string(name),
            Route::Router(router) => {
                let mut by_class = Lines::default();
                for (class, model) in &router.by_class {
                    by_class.put(class, string(model));
                }
                Lines::default()
                    .put("router", self.unordered(by_class).inline())
                    .put("accuracy", self.q(&router.accuracy))
                    .put("seconds", self.q(&router.seconds))
                    .put("tokens", self.q(&router.tokens))
                    .maybe("model", router.model.as_deref().map(string))
                    .inline()
            }
            Route::Cascade {
                models,
                accept,
                accept_wrong,
            } => Lines::default()
                .put("cascade", list(models.iter().map(|name| string(name))))
                .put("accept", self.q(accept))
                .put("accept_wrong", self.q(accept_wrong))
                .inline(),
        }
    }

    fn retry(&self, retry: &Retry) -> String {
        let jitter = match &retry.jitter {
            Jitter::None => string("none"),
            Jitter::Full => string("full"),
            Jitter::Equal => string("equal"),
            Jitter::Add(seconds) => format!("{{ add_s = {} }}", self.q(seconds)),
            Jitter::Cut(share) => format!("{{ cut = {} }}", self.q(share)),
        };
        Lines::default()
            .put("attempts", self.q(&retry.attempts))
            .put("base_s", self.q(&retry.base_s))
            .put("factor", self.q(&retry.factor))
            .put("max_s", self.q(&retry.max_s))
            .put("jitter", jitter)
            .maybe("budget", self.maybe(retry.budget.as_ref()))
            .inline()
    }

    fn breaker(&self, breaker: &Breaker) -> String {
        let mut lines = Lines::default();
        match &breaker.opens {
            BreakerRule::Rate {
                window_s,
                min_requests,
                failure_rate,
            } => lines
                .put("window_s", number(*window_s))
                .put("min_requests", min_requests.to_string())
                .put("failure_rate", self.q(failure_rate)),
            BreakerRule::Count { failures, window_s } => lines
                .put("failures", failures.to_string())
                .put("window_s", number(*window_s)),
        };
        lines
            .put("open_s", self.q(&breaker.open_s))
            .put("probes", breaker.probes.to_string())
            .inline()
    }
}
