//! Strategies: routes, policies, and which models each of them pays for.

use crate::prices::Terms;
use crate::scenario::types as written;

use super::compile::Compiler;
use super::facts::Num;
use super::strategy::{
    Admission, Breaker, CacheRegion, Confidence, Fallback, Guardrail, HumanReview, Jitter,
    ResponseCache, Retry, Route, Router, Sanitise, Strategy,
};
use super::types::{BreakerRule, ModelId, Pricing, Server};

impl Compiler<'_> {
    pub(super) fn strategy(&mut self, strategy: &written::Strategy, models: &[Server]) -> Strategy {
        let base = format!("strategies.{}", strategy.name);
        let path = |field: &str| format!("{base}.{field}");
        let route = self.route(&path("route"), &strategy.route);
        let fallback: Vec<Fallback> = strategy
            .fallback
            .iter()
            .map(|option| match option {
                written::Fallback::Model(name) => Fallback::Model(self.model_id(name)),
                written::Fallback::Stale => Fallback::Stale,
                written::Fallback::Degraded => Fallback::Degraded,
            })
            .collect();
        let sensitive_route = strategy
            .sensitive_route
            .as_ref()
            .map(|name| self.model_id(name));
        let uses = uses(&route, &fallback, sensitive_route);
        self.check_terms(strategy, &uses, models);
        if strategy.timeout_s.is_none() && strategy.deadline_s.is_none() {
            self.unstate(
                path("timeout_s"),
                "attempts never time out",
                &["failed.timeout"],
            );
        }
        let response_cache = strategy.response_cache.as_ref().map(|cache| ResponseCache {
            ttl_h: self.opt_num(&path("response_cache.ttl_h"), cache.ttl_h.as_ref()),
            capacity: self.opt_num(&path("response_cache.capacity"), cache.capacity.as_ref()),
            recall: self.num(&path("response_cache.recall"), &cache.recall),
            false_hit: self.num(&path("response_cache.false_hit"), &cache.false_hit),
            lookup_s: self.draw(&path("response_cache.lookup_s"), &cache.lookup_s),
            monthly: self.num(&path("response_cache.monthly"), &cache.monthly),
        });
        Strategy {
            name: strategy.name.clone(),
            route,
            streaming: strategy.streaming,
            timeout_s: self.opt_num(&path("timeout_s"), strategy.timeout_s.as_ref()),
            deadline_s: self.opt_num(&path("deadline_s"), strategy.deadline_s.as_ref()),
            retry: self.retry(&path("retry"), strategy.retry.as_ref()),
            prompt_cache: models
                .iter()
                .map(|server| self.region(strategy.prompt_cache, server))
                .collect(),
            response_cache,
            batch: strategy.batch,
            tier: strategy.tier.clone(),
            prompt_factor: self.num(&path("prompt_factor"), &strategy.prompt_factor),
            hedge_after_s: self.opt_num(
                &path("hedge.after_s"),
                strategy.hedge.as_ref().map(|hedge| &hedge.after_s),
            ),
            breaker: strategy
                .breaker
                .as_ref()
                .map(|breaker| self.breaker(&path("breaker"), breaker)),
            fallback,
            admission: strategy.admission.as_ref().map(|admission| Admission {
                max_wait_s: self.num(&path("admission.max_wait_s"), &admission.max_wait_s),
                queue: self.num(&path("admission.queue"), &admission.queue),
            }),
            sensitive_route,
            sanitise: strategy.sanitise.as_ref().map(|sanitise| Sanitise {
                seconds: self.draw(&path("sanitise.seconds"), &sanitise.seconds),
                misses: self.num(&path("sanitise.misses"), &sanitise.misses),
                per_1k_tokens: self.num(&path("sanitise.per_1k_tokens"), &sanitise.per_1k_tokens),
            }),
            guardrail: strategy.guardrail.as_ref().map(|guardrail| Guardrail {
                seconds: self.draw(&path("guardrail.seconds"), &guardrail.seconds),
                blocks: self.num(&path("guardrail.blocks"), &guardrail.blocks),
                per_request: self.num(&path("guardrail.per_request"), &guardrail.per_request),
            }),
            confidence: strategy.confidence.as_ref().map(|confidence| Confidence {
                catches: self.num(&path("confidence.catches"), &confidence.catches),
                false_alarms: self.num(&path("confidence.false_alarms"), &confidence.false_alarms),
                then: confidence.then,
            }),
            human_review: strategy.human_review.as_ref().map(|review| HumanReview {
                minutes: self.draw(&path("human_review.minutes"), &review.minutes),
                reviewers: self.num(&path("human_review.reviewers"), &review.reviewers),
                per_hour: self.num(&path("human_review.per_hour"), &review.per_hour),
                hours: review.hours,
                before: review.before,
            }),
            uses,
        }
    }

    fn route(&mut self, path: &str, route: &written::Route) -> Route {
        match route {
            written::Route::Model(name) => Route::Single(self.model_id(name)),
            written::Route::Cascade {
                models,
                accept,
                accept_wrong,
            } => Route::Cascade {
                models: models.iter().map(|name| self.model_id(name)).collect(),
                accept: self.num(&format!("{path}.accept"), accept),
                accept_wrong: self.num(&format!("{path}.accept_wrong"), accept_wrong),
            },
            written::Route::Router(router) => {
                let model_of = |name: &str| {
                    let entry = router.by_class.iter().find(|(class, _)| class == name);
                    entry.map_or(0, |(_, model)| self.model_id(model))
                };
                let by_class: Vec<ModelId> = self
                    .scenario
                    .workload
                    .classes
                    .iter()
                    .map(|class| model_of(&class.name))
                    .collect();
                let mut models: Vec<ModelId> = Vec::new();
                for (_, name) in &router.by_class {
                    let id = self.model_id(name);
                    if !models.contains(&id) {
                        models.push(id);
                    }
                }
                Route::Router(Router {
                    by_class,
                    models,
                    accuracy: self.num(&format!("{path}.accuracy"), &router.accuracy),
                    seconds: self.draw(&format!("{path}.seconds"), &router.seconds),
                    tokens: self.num(&format!("{path}.tokens"), &router.tokens),
                    model: router.model.as_ref().map(|name| self.model_id(name)),
                })
            }
        }
    }

    fn retry(&mut self, path: &str, retry: Option<&written::Retry>) -> Retry {
        let Some(retry) = retry else {
            return Retry {
                attempts: Num::Exact(1.0),
                base_s: Num::Exact(0.0),
                factor: Num::Exact(1.0),
                max_s: Num::Exact(0.0),
                jitter: Jitter::None,
                budget: None,
            };
        };
        let field = |field: &str| format!("{path}.{field}");
        Retry {
            attempts: self.num(&field("attempts"), &retry.attempts),
            base_s: self.num(&field("base_s"), &retry.base_s),
            factor: self.num(&field("factor"), &retry.factor),
            max_s: self.num(&field("max_s"), &retry.max_s),
            jitter: match &retry.jitter {
                written::Jitter::None => Jitter::None,
                written::Jitter::Full => Jitter::Full,
                written::Jitter::Equal => Jitter::Equal,
                written::Jitter::Add(seconds) => {
                    Jitter::Add(self.num(&field("jitter.add_s"), seconds))
                }
                written::Jitter::Cut(share) => Jitter::Cut(self.num(&field("jitter.cut"), share)),
            },
            budget: self.opt_num(&field("budget"), retry.budget.as_ref()),
        }
    }

    fn breaker(&mut self, path: &str, breaker: &written::Breaker) -> Breaker {
        let failure_rate = match &breaker.opens {
            BreakerRule::Rate { failure_rate, .. } => {
                self.num(&format!("{path}.failure_rate"), failure_rate)
            }
            BreakerRule::Count { .. } => Num::Exact(0.0),
        };
        Breaker {
            opens: breaker.opens.clone(),
            failure_rate,
            open_s: self.num(&format!("{path}.open_s"), &breaker.open_s),
            probes: breaker.probes,
        }
    }

    /// What of a prompt is cached with one model.
    fn region(&self, asked: written::PromptCache, server: &Server) -> CacheRegion {
        let several = self.scenario.workload.classes.iter().any(|class| {
            class.history != written::History::None && class.turns.as_exact() != Some(1.0)
                || class.calls.as_exact() != Some(1.0)
        });
        let automatic = if several {
            CacheRegion::Conversation
        } else {
            CacheRegion::System
        };
        if server.prompt_caching.is_none() {
            return CacheRegion::None;
        }
        match asked {
            written::PromptCache::Off => CacheRegion::None,
            written::PromptCache::System => CacheRegion::System,
            written::PromptCache::Conversation => CacheRegion::Conversation,
            written::PromptCache::Auto => automatic,
            written::PromptCache::Provider => {
                if server.caches_by_itself {
                    automatic
                } else {
                    CacheRegion::None
                }
            }
        }
    }

    /// Service tiers, batch prices and prompt caches must exist where a strategy asks for them.
    fn check_terms(&mut self, strategy: &written::Strategy, uses: &[ModelId], models: &[Server]) {
        let defers = self
            .scenario
            .workload
            .classes
            .iter()
            .any(|class| class.deferrable.as_exact() != Some(0.0));
        let servers = || uses.iter().filter_map(|id| models.get(*id));
        let asks = !matches!(
            strategy.prompt_cache,
            written::PromptCache::Off | written::PromptCache::Provider
        );
        if asks && servers().all(|server| server.prompt_caching.is_none()) {
            let names: Vec<String> = servers().map(|it| format!("`{}`", it.name)).collect();
            self.warnings.push(format!(
                "strategy `{}` asks for a prompt cache and {} has none, so nothing is read from it: if there is one, say how it works, as in `prompt_caching = {{ ttl_s = 300, min_tokens = 1024, block = 128 }}`",
                strategy.name,
                names.join(", ")
            ));
        }
        for server in servers() {
            let Pricing::Catalogue { tiers, batch } = &server.price else {
                continue;
            };
            let standard = strategy.tier == Terms::default().tier;
            if !standard && !tiers.iter().any(|(name, _)| *name == strategy.tier) {
                self.warnings.push(format!(
                    "`{}` has no service tier `{}`: strategy `{}` pays its default prices",
                    server.name, strategy.tier, strategy.name
                ));
            }
            if strategy.batch && defers && batch.is_none() {
                self.warnings.push(format!(
                    "`{}` has no batch service: strategy `{}` sends its deferrable requests at once",
                    server.name, strategy.name
                ));
            }
        }
    }
}

/// Every model that a strategy may call, ascending.
pub(super) fn uses(
    route: &Route,
    fallback: &[Fallback],
    sensitive_route: Option<ModelId>,
) -> Vec<ModelId> {
    let mut uses: Vec<ModelId> = match route {
        Route::Single(model) => vec![*model],
        Route::Cascade { models, .. } => models.clone(),
        Route::Router(router) => router.models.iter().copied().chain(router.model).collect(),
    };
    uses.extend(fallback.iter().filter_map(|option| match option {
        Fallback::Model(model) => Some(*model),
        Fallback::Stale | Fallback::Degraded => None,
    }));
    uses.extend(sensitive_route);
    uses.sort_unstable();
    uses.dedup();
    uses
}
