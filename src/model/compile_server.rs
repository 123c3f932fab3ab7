//! Models: prices, durations, limits, hosting and quality, with the catalogue's dated defaults for what is not stated.

use std::sync::Arc;

use crate::prices::{Entry, Tariff, Terms};
use crate::quantity::{Quantity, Sampler};
use crate::scenario::types as written;

use super::compile::Compiler;
use super::compile_workload::classes;
use super::facts::{Draw, Num};
use super::types::{Hosting, Limits, Pricing, Server};

impl Compiler<'_> {
    pub(super) fn server(
        &mut self,
        model: &written::Model,
        entry: Option<&Entry>,
        provider: usize,
    ) -> Server {
        let base = format!("models.{}", model.name);
        let path = |field: &str| format!("{base}.{field}");
        let caching = match &model.prompt_caching {
            Some(rule) => rule.clone(),
            None => entry
                .and_then(|entry| entry.caching.as_ref())
                .map(|caching| caching.rule.clone()),
        };
        let first_token = self.default_draw(
            &path("first_token_s"),
            model.first_token_s.as_ref(),
            entry.and_then(|it| it.first_token_s.as_ref()),
            entry,
        );
        let token_ms = self.default_draw(
            &path("token_ms"),
            model.token_ms.as_ref(),
            entry.and_then(|it| it.token_ms.as_ref()),
            entry,
        );
        if model.first_token_s.is_none() && model.token_ms.is_none() && entry.is_none() {
            self.unstate(
                path("first_token_s"),
                "answers at once",
                &[
                    "latency",
                    "first_token",
                    "perceived",
                    "share_within",
                    "slo.good_rate",
                ],
            );
        }
        let prefill = match (
            &model.prefill_ms_per_1k,
            entry.and_then(|entry| entry.prefill_ms_per_1k),
        ) {
            (Some(stated), _) => stated.clone(),
            (None, Some(default)) => {
                self.assume(
                    path("prefill_ms_per_1k"),
                    source_of(entry, "prefill_ms_per_1k"),
                );
                Quantity::exact(default)
            }
            (None, None) => Quantity::exact(0.0),
        };
        let prefill_ms_per_1k = self.num(&path("prefill_ms_per_1k"), &prefill);
        let error_rate = match (&model.error_rate, entry.and_then(|entry| entry.error_rate)) {
            (Some(stated), _) => self.num(&path("error_rate"), stated),
            (None, Some(default)) => {
                self.assume(path("error_rate"), source_of(entry, "error_rate"));
                self.num(&path("error_rate"), &Quantity::exact(default))
            }
            (None, None) => {
                self.unstate(path("error_rate"), "no transient errors", &["failed.error"]);
                Num::Exact(0.0)
            }
        };
        let hosting = model
            .hosting
            .as_ref()
            .map(|hosting| self.hosting(&path("hosting"), hosting, model.autoscale.clone()));
        let quality = self.quality(&path("quality"), &model.quality);
        Server {
            name: model.name.clone(),
            provider,
            price: self.pricing(
                &base,
                model,
                entry,
                caching.as_ref().map_or(300.0, |rule| rule.ttl_s),
            ),
            discount: self.discount(model),
            one_off: self.num(&path("one_off"), &model.one_off),
            monthly: self.num(&path("monthly"), &model.monthly),
            context_window: model
                .context_window
                .or_else(|| entry.and_then(|it| it.context_window))
                .unwrap_or(f64::INFINITY),
            prompt_caching: caching,
            caches_by_itself: entry
                .and_then(|it| it.caching.as_ref())
                .is_some_and(|caching| caching.automatic),
            first_token_s: first_token,
            prefill_ms_per_1k,
            token_ms,
            limits: self.limits(
                &path("limits"),
                model.limits.as_ref(),
                entry,
                model.hosting.is_some(),
            ),
            error_rate,
            error_s: self.draw(&path("error_s"), &model.error_s),
            quality,
            hosting,
        }
    }

    /// A draw as stated, or the catalogue's default (noted as assumed), or 0.
    pub(super) fn default_draw(
        &mut self,
        path: &str,
        stated: Option<&Quantity>,
        default: Option<&Quantity>,
        entry: Option<&Entry>,
    ) -> Draw {
        match (stated, default) {
            (Some(stated), _) => self.draw(path, stated),
            (None, Some(default)) => {
                let field = path.rsplit('.').next().unwrap_or(path).to_owned();
                self.assume(path.to_owned(), source_of(entry, &field));
                self.draw(path, default)
            }
            (None, None) => Draw::Fixed(Arc::new(Sampler::constant(0.0))),
        }
    }

    pub(super) fn hosting(
        &mut self,
        base: &str,
        hosting: &written::Hosting,
        autoscale: Option<written::Autoscale>,
    ) -> Hosting {
        let path = |field: &str| format!("{base}.{field}");
        Hosting {
            replicas: self.num(&path("replicas"), &hosting.replicas),
            slots: self.num(&path("slots"), &hosting.slots),
            queue: self.num(&path("queue"), &hosting.queue),
            replica_per_hour: self.num(&path("replica_per_hour"), &hosting.replica_per_hour),
            token_ms_per_busy: self.num(&path("token_ms_per_busy"), &hosting.token_ms_per_busy),
            slowdown: hosting.slowdown.clone(),
            prefill_pauses: hosting.prefill_pauses,
            prefill_fixed_ms: hosting.prefill_fixed_ms,
            step_tokens: hosting.step_tokens,
            step_ms_per_1k_held: hosting.step_ms_per_1k_held,
            stall_s: hosting.stall_s,
            stall_every_busy_s: hosting.stall_every_busy_s,
            prefill_tokens_per_s: self.opt_num(
                &path("prefill_tokens_per_s"),
                hosting.prefill_tokens_per_s.as_ref(),
            ),
            kv_tokens: self.opt_num(&path("kv_tokens"), hosting.kv_tokens.as_ref()),
            autoscale,
        }
    }

    pub(super) fn quality(&mut self, path: &str, quality: &written::Quality) -> Vec<Num> {
        let classes: Vec<String> = classes(&self.scenario.workload)
            .iter()
            .map(|class| class.name.clone())
            .collect();
        match quality {
            written::Quality::Unstated => {
                self.unstate(
                    path.to_owned(),
                    "every answer is right",
                    &["rate.wrong", "cost.per_good_answer"],
                );
                vec![Num::Exact(1.0); classes.len().max(1)]
            }
            written::Quality::All(share) => {
                let share = self.num(path, share);
                vec![share; classes.len().max(1)]
            }
            written::Quality::ByClass(shares) => classes
                .iter()
                .map(|class| {
                    let stated = shares.iter().find(|(name, _)| name == class);
                    stated.map_or(Num::Exact(1.0), |(name, share)| {
                        self.num(&format!("{path}.{name}"), share)
                    })
                })
                .collect(),
        }
    }

    pub(super) fn pricing(
        &mut self,
        base: &str,
        model: &written::Model,
        entry: Option<&Entry>,
        ttl_s: f64,
    ) -> Pricing {
        let Some(price) = &model.price else {
            return Pricing::Hosted;
        };
        let path = |field: &str| format!("{base}.price.{field}");
        if let written::Price::Own(own) = price {
            let input = self.num(&path("input"), &own.input);
            return Pricing::Own {
                input,
                output: self.num(&path("output"), &own.output),
                cached_input: self
                    .opt_num(&path("cached_input"), own.cached_input.as_ref())
                    .unwrap_or(input),
                cache_write: self
                    .opt_num(&path("cache_write"), own.cache_write.as_ref())
                    .unwrap_or(input),
                batch: self.num(&path("batch"), &own.batch),
            };
        }
        let (Some(entry), Some(calendar)) = (entry, self.calendar) else {
            return Pricing::Hosted;
        };
        let mut names: Vec<String> = self
            .scenario
            .strategies
            .iter()
            .map(|strategy| strategy.tier.clone())
            .collect();
        names.push("default".to_owned());
        names.sort();
        names.dedup();
        let compile = |tier: &str, batch: bool| {
            let terms = Terms {
                tier,
                batch,
                cache_ttl_s: ttl_s,
            };
            Tariff::compile(
                entry,
                &terms,
                calendar.starts,
                calendar.days,
                calendar.utc_offset_h,
            )
        };
        let mut tiers = Vec::new();
        for name in names {
            match compile(&name, false) {
                Ok(tariff) => tiers.push((name, Arc::new(tariff))),
                // Whether a strategy that names this tier uses this model is found out when strategies are compiled.
                Err(_) if name != "default" => {}
                Err(error) => self.problem(&format!("{base}.price"), error.to_string()),
            }
        }
        Pricing::Catalogue {
            tiers,
            batch: compile("default", true).ok().map(Arc::new),
        }
    }

    pub(super) fn limits(
        &mut self,
        base: &str,
        stated: Option<&written::Limits>,
        entry: Option<&Entry>,
        hosted: bool,
    ) -> Limits {
        let limits = match (stated, entry.and_then(|entry| entry.limits.as_ref())) {
            (Some(stated), _) => stated.clone(),
            (None, Some(default)) => {
                self.assume(base.to_owned(), source_of(entry, "limits"));
                default.clone()
            }
            (None, None) => {
                if !hosted {
                    self.unstate(
                        base.to_owned(),
                        "no limits",
                        &["failed.throttled", "rate.throttled_attempts"],
                    );
                }
                written::Limits::default()
            }
        };
        let counting = entry
            .map(|entry| entry.counting.clone())
            .unwrap_or_default();
        let path = |field: &str| format!("{base}.{field}");
        Limits {
            requests_per_min: self
                .opt_num(&path("requests_per_min"), limits.requests_per_min.as_ref()),
            tokens_per_min: self.opt_num(&path("tokens_per_min"), limits.tokens_per_min.as_ref()),
            input_tokens_per_min: self.opt_num(
                &path("input_tokens_per_min"),
                limits.input_tokens_per_min.as_ref(),
            ),
            output_tokens_per_min: self.opt_num(
                &path("output_tokens_per_min"),
                limits.output_tokens_per_min.as_ref(),
            ),
            requests_per_day: self
                .opt_num(&path("requests_per_day"), limits.requests_per_day.as_ref()),
            concurrency: self.opt_num(&path("concurrency"), limits.concurrency.as_ref()),
            cached_tokens_count: limits
                .cached_tokens_count
                .or(counting.cached_tokens_count)
                .unwrap_or(true),
            refused_count: limits
                .refused_count
                .or(counting.refused_count)
                .unwrap_or(false),
            burst_s: limits.burst_s.or(counting.burst_s).unwrap_or(60.0),
        }
    }
}

fn source_of(entry: Option<&Entry>, field: &str) -> String {
    entry
        .and_then(|entry| entry.sources.iter().find(|source| source.field == field))
        .map_or_else(
            || "a general default".to_owned(),
            |source| source.source.clone(),
        )
}
