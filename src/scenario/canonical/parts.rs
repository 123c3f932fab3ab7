use crate::quantity::Quantity;
use crate::scenario::types::{
    BreakerRule, Cacheable, Class, DrillEffect, Fallback, Flagged, Growth, History,
    IncidentProcess, Incidents, Jitter, Knob, Limits, Model, Overflow, Price, PromptCache, Quality,
    ReplayScale, Retry, Route, Scenario, Strategy, Workload,
};

use super::Form;
use super::quantities::quantity;
use super::text::{Lines, key, list, number, string};

/// Writes one form of a scenario.
struct Writer {
    form: Form,
}

/// The whole file.
pub(super) fn whole(scenario: &Scenario, form: Form) -> String {
    let writer = Writer { form };
    let mut text = Lines::default()
        .put("schema", "1")
        .put("name", string(&scenario.name))
        .section("", true);
    text.push_str(&writer.study(scenario));
    text.push_str(&writer.workload(&scenario.workload));
    let models = scenario
        .models
        .iter()
        .map(|model| (key(&model.name), writer.model(model)));
    text.push_str(&writer.tables("models", models));
    let providers = scenario.providers.iter().map(|provider| {
        let mut lines = Lines::default();
        lines.maybe(
            "outage",
            provider
                .outage
                .as_ref()
                .map(|times| writer.incidents(times, false)),
        );
        lines.maybe(
            "brownout",
            provider
                .brownout
                .as_ref()
                .map(|times| writer.incidents(times, true)),
        );
        (key(&provider.name), lines)
    });
    text.push_str(&writer.tables("providers", providers));
    let strategies = scenario
        .strategies
        .iter()
        .map(|strategy| (key(&strategy.name), writer.strategy(strategy)));
    text.push_str(&writer.tables("strategies", strategies));
    text.push_str(&writer.rest(scenario));
    text
}

impl Writer {
    fn q(&self, written: &Quantity) -> String {
        quantity(written, self.form)
    }

    fn maybe(&self, written: Option<&Quantity>) -> Option<String> {
        written.map(|written| self.q(written))
    }

    /// Sections under a common name, sorted where their order does not count.
    fn tables(&self, name: &str, tables: impl Iterator<Item = (String, Lines)>) -> String {
        let mut sections: Vec<(String, String)> = tables
            .map(|(key, lines)| (lines.section(&format!("[{name}.{key}]"), true), key))
            .map(|(text, key)| (key, text))
            .collect();
        if self.form == Form::Digest {
            sections.sort();
        }
        sections.into_iter().map(|(_, text)| text).collect()
    }

    /// Lines whose order does not count.
    fn unordered(&self, mut lines: Lines) -> Lines {
        if self.form == Form::Digest {
            lines.sort();
        }
        lines
    }

    fn named(&self, pairs: &[(String, Quantity)]) -> Lines {
        let mut lines = Lines::default();
        for (name, written) in pairs {
            lines.put(name, self.q(written));
        }
        self.unordered(lines)
    }

    fn study(&self, scenario: &Scenario) -> String {
        let study = &scenario.study;
        let mut text = Lines::default()
            .put("months", study.months.to_string())
            .put(
                "volumes",
                list(study.volumes.iter().map(|volume| number(*volume))),
            )
            .put("days", study.days.to_string())
            .maybe("starts", study.starts.map(|day| day.to_string()))
            .put("warmup_h", number(study.warmup_h))
            .put("utc_offset_h", number(study.utc_offset_h))
            .put("seed", study.seed.to_string())
            .section("[study]", true);
        let mut budget = Lines::default();
        for (volume, amount) in &scenario.budget {
            budget.put(&format!("{}x", number(*volume)), self.q(amount));
        }
        text.push_str(&budget.section("[budget]", false));
        if let Some(currency) = &scenario.currency {
            let mut lines = Lines::default();
            lines
                .put("code", string(&currency.code))
                .put("per_usd", self.q(&currency.per_usd));
            text.push_str(&lines.section("[currency]", true));
        }
        let mut slo = Lines::default();
        slo.put("confidence", number(scenario.slo.confidence));
        for (name, limit) in &scenario.slo.limits {
            slo.put(name.key(), number(*limit));
        }
        text.push_str(&self.unordered(slo).section("[slo]", true));
        text
    }

    fn workload(&self, workload: &Workload) -> String {
        let weights = |weights: &[f64]| list(weights.iter().map(|weight| number(*weight)));
        let burst = workload.burst.as_ref().map(|burst| {
            let mut lines = Lines::default();
            lines
                .put("cv", self.q(&burst.cv))
                .put("minutes", number(burst.minutes))
                .put("scaling", self.q(&burst.scaling));
            lines.inline()
        });
        let growth = match workload.grows_by {
            Growth::Users => "users",
            Growth::Activity => "activity",
        };
        let mut text = Lines::default()
            .maybe(
                "conversations_per_day",
                self.maybe(workload.conversations_per_day.as_ref()),
            )
            .put("system_tokens", self.q(&workload.system_tokens))
            .put("prefixes", self.q(&workload.prefixes))
            .put("grows_by", string(growth))
            .put("heaps", self.q(&workload.heaps))
            .maybe(
                "hourly",
                workload.hourly.as_ref().map(|hours| weights(hours)),
            )
            .maybe("weekly", workload.weekly.as_ref().map(|days| weights(days)))
            .maybe("day_cv", self.maybe(workload.day_cv.as_ref()))
            .maybe("burst", burst)
            .put("growth_per_month", self.q(&workload.growth_per_month))
            .section("[workload]", true);
        for spike in &workload.spikes {
            let mut lines = Lines::default();
            lines
                .put("per_month", self.q(&spike.per_month))
                .put("multiplier", self.q(&spike.multiplier))
                .put("minutes", self.q(&spike.minutes));
            text.push_str(&lines.section("[[workload.spike]]", true));
        }
        if let Some(replay) = &workload.replay {
            let scale = match replay.scale {
                ReplayScale::Copies => "copies",
                ReplayScale::Speed => "speed",
            };
            let mut columns = Lines::default();
            for (field, column) in &replay.columns {
                columns.put(field, string(column));
            }
            let file = if self.form == Form::Digest {
                &replay.content
            } else {
                &replay.file
            };
            let mut lines = Lines::default();
            lines
                .put("file", string(file))
                .put("scale", string(scale))
                .put("columns", columns.inline());
            text.push_str(&lines.section("[workload.replay]", true));
        }
        for class in &workload.classes {
            text.push_str(&self.class(class).section("[[workload.class]]", true));
        }
        text
    }

    fn class(&self, class: &Class) -> Lines {
        let history = match &class.history {
            History::Full => string("full"),
            History::None => string("none"),
            History::Last(turns) => format!("{{ last = {turns} }}"),
            History::Summary(tokens) => format!("{{ summary_tokens = {} }}", self.q(tokens)),
        };
        let questions = class.questions.as_ref().map(|questions| {
            let cacheable = match questions.cacheable {
                Cacheable::FirstTurn => "first_turn",
                Cacheable::All => "all",
                Cacheable::None => "none",
            };
            Lines::default()
                .put("unique", self.q(&questions.unique))
                .put("distinct", self.q(&questions.distinct))
                .put("zipf", self.q(&questions.zipf))
                .put("cacheable", string(cacheable))
                .inline()
        });
        let overflow = match class.overflow {
            Overflow::Truncate => "truncate",
            Overflow::Fail => "fail",
        };
        let mut lines = Lines::default();
        lines
            .put("name", string(&class.name))
            .put("share", self.q(&class.share))
            .put("turns", self.q(&class.turns))
            .put("think_s", self.q(&class.think_s))
            .put("user_tokens", self.q(&class.user_tokens))
            .put("context_tokens", self.q(&class.context_tokens))
            .put("output_tokens", self.q(&class.output_tokens))
            .put("reasoning_tokens", self.q(&class.reasoning_tokens))
            .put("calls", self.q(&class.calls))
            .put("tool_tokens", self.q(&class.tool_tokens))
            .put("tool_s", self.q(&class.tool_s))
            .put("history", history)
            .maybe("sensitive", self.maybe(class.sensitive.as_ref()))
            .put("deferrable", self.q(&class.deferrable))
            .maybe("patience_s", self.maybe(class.patience_s.as_ref()))
            .maybe("questions", questions)
            .put("quits", self.q(&class.quits))
            .put("overflow", string(overflow))
            .maybe("max_output_tokens", class.max_output_tokens.map(number));
        lines
    }

    fn model(&self, model: &Model) -> Lines {
        let caching = model.prompt_caching.as_ref().map(|caching| match caching {
            None => "false".to_owned(),
            Some(caching) => Lines::default()
                .put("ttl_s", number(caching.ttl_s))
                .put("min_tokens", number(caching.min_tokens))
                .put("block", number(caching.block))
                .put("refresh", caching.refresh.to_string())
                .inline(),
        });
        let quality = match &model.quality {
            Quality::Unstated => None,
            Quality::All(share) => Some(self.q(share)),
            Quality::ByClass(shares) => Some(self.named(shares).inline()),
        };
        let mut lines = Lines::default();
        lines
            .maybe("provider", model.provider.as_deref().map(string))
            .maybe("price", model.price.as_ref().map(|price| self.price(price)))
            .put("discount", self.q(&model.discount))
            .put("one_off", self.q(&model.one_off))
            .put("monthly", self.q(&model.monthly))
            .maybe("context_window", model.context_window.map(number))
            .maybe("prompt_caching", caching)
            .maybe("first_token_s", self.maybe(model.first_token_s.as_ref()))
            .maybe(
                "prefill_ms_per_1k",
                self.maybe(model.prefill_ms_per_1k.as_ref()),
            )
            .maybe("token_ms", self.maybe(model.token_ms.as_ref()))
            .maybe(
                "limits",
                model.limits.as_ref().map(|limits| self.limits(limits)),
            )
            .maybe("error_rate", self.maybe(model.error_rate.as_ref()))
            .put("error_s", self.q(&model.error_s))
            .maybe("quality", quality);
        if let Some(hosting) = &model.hosting {
            let inline = Lines::default()
                .put("replicas", self.q(&hosting.replicas))
                .put("slots", self.q(&hosting.slots))
                .put("queue", self.q(&hosting.queue))
                .put("replica_per_hour", self.q(&hosting.replica_per_hour))
                .put("token_ms_per_busy", self.q(&hosting.token_ms_per_busy))
                .maybe(
                    "prefill_tokens_per_s",
                    self.maybe(hosting.prefill_tokens_per_s.as_ref()),
                )
                .maybe("kv_tokens", self.maybe(hosting.kv_tokens.as_ref()))
                .inline();
            lines.put("hosting", inline);
        }
        if let Some(autoscale) = &model.autoscale {
            let inline = Lines::default()
                .put("min", autoscale.min.to_string())
                .put("max", autoscale.max.to_string())
                .put("target", number(autoscale.target))
                .put("delay_s", number(autoscale.delay_s))
                .inline();
            lines.put("autoscale", inline);
        }
        lines
    }

    fn price(&self, price: &Price) -> String {
        match price {
            Price::Catalogue(reference) => string(reference),
            Price::Own(own) => Lines::default()
                .put("input", self.q(&own.input))
                .put("output", self.q(&own.output))
                .maybe("cached_input", self.maybe(own.cached_input.as_ref()))
                .maybe("cache_write", self.maybe(own.cache_write.as_ref()))
                .put("batch", self.q(&own.batch))
                .inline(),
        }
    }

    fn limits(&self, limits: &Limits) -> String {
        if *limits == Limits::default() {
            return string("none");
        }
        Lines::default()
            .maybe(
                "requests_per_min",
                self.maybe(limits.requests_per_min.as_ref()),
            )
            .maybe("tokens_per_min", self.maybe(limits.tokens_per_min.as_ref()))
            .maybe(
                "input_tokens_per_min",
                self.maybe(limits.input_tokens_per_min.as_ref()),
            )
            .maybe(
                "output_tokens_per_min",
                self.maybe(limits.output_tokens_per_min.as_ref()),
            )
            .maybe(
                "requests_per_day",
                self.maybe(limits.requests_per_day.as_ref()),
            )
            .maybe("concurrency", self.maybe(limits.concurrency.as_ref()))
            .maybe(
                "cached_tokens_count",
                limits.cached_tokens_count.map(|flag| flag.to_string()),
            )
            .maybe(
                "refused_count",
                limits.refused_count.map(|flag| flag.to_string()),
            )
            .maybe("burst_s", limits.burst_s.map(number))
            .inline()
    }

    fn incidents(&self, incidents: &Incidents, brownout: bool) -> String {
        let IncidentProcess {
            every_days,
            minutes,
            error_rate,
            slowdown,
        } = match incidents {
            Incidents::Never => return string("none"),
            Incidents::Preset(name) => return string(name),
            Incidents::Process(process) => process,
        };
        let mut lines = Lines::default();
        lines
            .put("every_days", self.q(every_days))
            .put("minutes", self.q(minutes))
            .put("error_rate", self.q(error_rate));
        if brownout {
            lines.put("slowdown", self.q(slowdown));
        }
        lines.inline()
    }

    fn strategy(&self, strategy: &Strategy) -> Lines {
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

    fn breaker(&self, breaker: &crate::scenario::types::Breaker) -> String {
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

    fn rest(&self, scenario: &Scenario) -> String {
        let mut text = String::new();
        if let Some(evals) = &scenario.evals {
            let section = Lines::default()
                .put("examples", self.q(&evals.examples))
                .put("runs_per_month", self.q(&evals.runs_per_month))
                .put("input_tokens", self.q(&evals.input_tokens))
                .put("output_tokens", self.q(&evals.output_tokens))
                .maybe("judge", evals.judge.as_deref().map(string))
                .section("[evals]", true);
            text.push_str(&section);
        }
        if let Some(audit) = &scenario.audit {
            let section = Lines::default()
                .put("bytes_per_token", self.q(&audit.bytes_per_token))
                .put("retention_days", self.q(&audit.retention_days))
                .put("per_gb_month", self.q(&audit.per_gb_month))
                .section("[audit]", true);
            text.push_str(&section);
        }
        text.push_str(&self.named(&scenario.fixed).section("[fixed]", false));
        let mut sources = Lines::default();
        for (path, origin) in &scenario.sources {
            sources.put(path, string(origin));
        }
        text.push_str(&sources.section("[sources]", false));
        let mut knobs = Lines::default();
        for (path, knob) in &scenario.optimize {
            let knob = match knob {
                Knob::Range { from, to } => {
                    format!("{{ from = {}, to = {} }}", number(*from), number(*to))
                }
                Knob::Values(values) => list(values.iter().cloned()),
            };
            knobs.put(path, knob);
        }
        text.push_str(&self.unordered(knobs).section("[optimize]", false));
        for drill in &scenario.drills {
            text.push_str(&self::drill(drill).section("[[drill]]", true));
        }
        text
    }
}

fn drill(drill: &crate::scenario::types::Drill) -> Lines {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let (day, minute) = drill.at;
    let day = DAYS.get(usize::from(day)).copied().unwrap_or("Mon");
    let (effect, strength) = match drill.effect {
        DrillEffect::Outage => ("outage", None),
        DrillEffect::Brownout { slowdown } => ("brownout", Some(("slowdown", slowdown))),
        DrillEffect::Limits { factor } => ("limits", Some(("factor", factor))),
        DrillEffect::Spike { multiplier } => ("spike", Some(("multiplier", multiplier))),
        DrillEffect::CacheFlush => ("cache-flush", None),
    };
    let mut lines = Lines::default();
    lines
        .put("name", string(&drill.name))
        .put(
            "at",
            string(&format!("{day} {:02}:{:02}", minute / 60, minute % 60)),
        )
        .put("minutes", number(drill.minutes))
        .maybe("provider", drill.provider.as_deref().map(string))
        .put("effect", string(effect));
    if let Some((key, strength)) = strength {
        lines.put(key, number(strength));
    }
    lines
}
