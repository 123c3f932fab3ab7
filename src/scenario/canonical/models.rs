use crate::scenario::types::{IncidentProcess, Incidents, Limits, Model, Price, Quality};

use super::parts::Writer;
use super::text::{Lines, number, string};

impl Writer {
    pub(super) fn model(&self, model: &Model) -> Lines {
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
                .maybe("slowdown", slowdown(&hosting.slowdown))
                .maybe(
                    "prefill_pauses",
                    hosting.prefill_pauses.then(|| "true".to_owned()),
                )
                .maybe("prefill_fixed_ms", unless(hosting.prefill_fixed_ms, 0.0))
                .maybe("step_tokens", unless(hosting.step_tokens, f64::INFINITY))
                .maybe(
                    "step_ms_per_1k_held",
                    unless(hosting.step_ms_per_1k_held, 0.0),
                )
                .maybe("stall_s", unless(hosting.stall_s, 0.0))
                .maybe(
                    "stall_every_busy_s",
                    unless(hosting.stall_every_busy_s, f64::INFINITY),
                )
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

    pub(super) fn incidents(&self, incidents: &Incidents, brownout: bool) -> String {
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
}

/// A number, left out where it says nothing.
fn unless(it: f64, nothing: f64) -> Option<String> {
    (it.total_cmp(&nothing).is_ne()).then(|| number(it))
}

fn slowdown(pairs: &[(f64, f64)]) -> Option<String> {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(slots, factor)| format!("[{}, {}]", number(*slots), number(*factor)))
        .collect();
    (!pairs.is_empty()).then(|| format!("[{}]", pairs.join(", ")))
}
