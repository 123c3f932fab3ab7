//! From a simulated month to its numbers, by metric name.

use crate::engine::Month;
use crate::engine::ledger::{CAUSES, LINES, Line, OUTCOMES, Outcome, REASONS};
use crate::model::{Model, SloName, Strategy};

/// Seconds for which `share_within` is always known, beside the SLO's and those asked for.
pub const SHARE_WITHIN: [f64; 8] = [1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 30.0, 60.0];

/// The metrics of one month: names in the order of the document, and NaN where a number is undefined (the latency of
/// nothing).
#[must_use]
pub fn measure(
    model: &Model,
    strategy: &Strategy,
    month: &Month,
    seconds: &[f64],
) -> Vec<(String, f64)> {
    let mut metrics = Measures::default();
    traffic(&mut metrics, month);
    money(&mut metrics, month);
    latencies(&mut metrics, strategy, month);
    rates(&mut metrics, month);
    let good_within = |limit: f64| {
        let all = month.ledger.requests.saturating_sub(month.ledger.batch);
        month.ledger.latency.count_within(limit) / all as f64
    };
    for &limit in seconds {
        metrics.put(&format!("share_within.{limit}"), good_within(limit));
    }
    for (name, limit) in &model.slo {
        let got = slo_value(*name, month);
        let held = if got.is_nan() {
            f64::NAN
        } else {
            f64::from(u8::from(got <= *limit))
        };
        metrics.put(&format!("slo.held_probability.{}", slo_name(*name)), held);
        if let SloName::Latency(_) = name {
            metrics.put("slo.good_rate", good_within(*limit));
        }
    }
    for &id in &strategy.uses {
        if let (Some(server), Some(peaks)) = (model.models.get(id), month.peaks.get(id)) {
            let tightest = peaks
                .iter()
                .map(|peak| peak.utilisation)
                .fold(0.0, f64::max);
            metrics.put(&format!("utilisation.{}", server.name), tightest);
        }
    }
    for (cause, seconds) in CAUSES.iter().zip(month.ledger.slow_causes()) {
        metrics.put(&format!("slow.{cause}"), seconds);
    }
    metrics.list
}

/// The name that an SLO has in the scenario and in results.
#[must_use]
pub fn slo_name(name: SloName) -> String {
    match name {
        SloName::Latency(quantile) => format!("latency_p{quantile}_s"),
        SloName::FirstToken(quantile) => format!("first_token_p{quantile}_s"),
        SloName::FailureRate => "failure_rate".to_owned(),
        SloName::WrongRate => "wrong_rate".to_owned(),
    }
}

fn slo_value(name: SloName, month: &Month) -> f64 {
    let ledger = &month.ledger;
    match name {
        SloName::Latency(quantile) => {
            delivered_latency(month).quantile(f64::from(quantile) / 100.0)
        }
        SloName::FirstToken(quantile) => ledger.first_token.quantile(f64::from(quantile) / 100.0),
        SloName::FailureRate => ledger.count(Outcome::Failed) as f64 / ledger.requests as f64,
        SloName::WrongRate => ledger.wrong as f64 / ledger.delivered_count() as f64,
    }
}

/// Latencies of delivered answers, stale ones included.
#[must_use]
pub fn delivered_latency(month: &Month) -> std::borrow::Cow<'_, crate::engine::Histogram> {
    let ledger = &month.ledger;
    if ledger.stale_latency.total() == 0 {
        return std::borrow::Cow::Borrowed(&ledger.latency);
    }
    let mut all = ledger.latency.clone();
    all.merge(&ledger.stale_latency);
    std::borrow::Cow::Owned(all)
}

#[derive(Default)]
struct Measures {
    list: Vec<(String, f64)>,
}

impl Measures {
    fn put(&mut self, name: &str, number: f64) {
        self.list.push((name.to_owned(), number));
    }
}

fn traffic(metrics: &mut Measures, month: &Month) {
    let ledger = &month.ledger;
    metrics.put("conversations", ledger.conversations as f64);
    metrics.put("requests", ledger.requests as f64);
    metrics.put("calls", ledger.calls as f64);
    metrics.put("attempts", ledger.attempts as f64);
    metrics.put(
        "demand.lost",
        ledger.lost as f64 / (ledger.requests + ledger.lost) as f64,
    );
}

fn money(metrics: &mut Measures, month: &Month) {
    let ledger = &month.ledger;
    let total = ledger.total_usd();
    let good = ledger.delivered_count().saturating_sub(ledger.wrong);
    metrics.put("cost.total", total);
    metrics.put("cost.per_conversation", total / ledger.conversations as f64);
    metrics.put("cost.per_request", total / ledger.requests as f64);
    metrics.put("cost.per_good_answer", total / good as f64);
    metrics.put("cost.at_full_service", month.full_service_usd);
    for (line, usd) in LINES.iter().zip(ledger.bill) {
        metrics.put(&format!("cost.{line}"), usd);
    }
    let line = |line: Line| ledger.bill.get(line as usize).copied().unwrap_or(0.0);
    let input = line(Line::Input) + line(Line::CachedInput) + line(Line::CacheWrite);
    metrics.put(
        "cost.input_share",
        input / (input + line(Line::Output) + line(Line::Reasoning)),
    );
    if let Some(budget) = month.budget_usd {
        metrics.put(
            "budget.over_probability",
            f64::from(u8::from(total > budget)),
        );
    }
}

fn latencies(metrics: &mut Measures, strategy: &Strategy, month: &Month) {
    let ledger = &month.ledger;
    let delivered = delivered_latency(month);
    for (name, histogram) in [
        ("latency", delivered.as_ref()),
        ("first_token", &ledger.first_token),
    ] {
        for quantile in [50_u8, 90, 95, 99] {
            metrics.put(
                &format!("{name}.p{quantile}"),
                histogram.quantile(f64::from(quantile) / 100.0),
            );
        }
    }
    metrics.put(
        "latency.mean",
        ledger.latency_sum / delivered.total() as f64,
    );
    let perceived = if strategy.streaming {
        &ledger.first_token
    } else {
        delivered.as_ref()
    };
    metrics.put("perceived.p95", perceived.quantile(0.95));
}

fn rates(metrics: &mut Measures, month: &Month) {
    let ledger = &month.ledger;
    let requests = ledger.requests as f64;
    for (name, count) in OUTCOMES.iter().zip(ledger.outcomes) {
        metrics.put(&format!("rate.{name}"), count as f64 / requests);
    }
    for (name, count) in REASONS.iter().zip(ledger.reasons) {
        metrics.put(&format!("failed.{name}"), count as f64 / requests);
    }
    metrics.put("rate.batch", ledger.batch as f64 / requests);
    metrics.put(
        "rate.throttled_attempts",
        ledger.refused as f64 / ledger.attempts as f64,
    );
    metrics.put(
        "rate.wrong",
        ledger.wrong as f64 / ledger.delivered_count() as f64,
    );
    metrics.put("rate.leaked", ledger.leaked as f64 / requests);
    metrics.put(
        "cache.response_hit_rate",
        ledger.hits as f64 / ledger.cacheable as f64,
    );
    metrics.put(
        "cache.prompt_token_rate",
        ledger.cached_tokens / ledger.input_tokens,
    );
    let (reviews, worked_s, waited_s) = ledger.reviews;
    metrics.put("review.share", reviews as f64 / requests);
    metrics.put("review.hours", worked_s / 3600.0);
    metrics.put("review.wait_h", waited_s / 3600.0 / reviews as f64);
}
