//! From what a month adds up to, counted or predicted, to its numbers by metric name.

use crate::engine::Month;
use crate::engine::ledger::{CAUSES, LINES, Line, OUTCOMES, Outcome, REASONS};
use crate::model::{Model, SloName, Strategy};

use super::totals::{Totals, delivered_latency};

/// Seconds for which `share_within` is always known, beside the SLO's and those asked for.
pub const SHARE_WITHIN: [f64; 8] = [1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 30.0, 60.0];

/// The metrics of a simulated month: see `measure_totals`.
#[must_use]
pub fn measure(
    model: &Model,
    strategy: &Strategy,
    month: &Month,
    seconds: &[f64],
) -> Vec<(String, f64)> {
    let delivered = delivered_latency(month);
    measure_totals(model, strategy, &Totals::of(month, &delivered), seconds)
}

/// The metrics of one month: names in the order of the document, and NaN where a number is undefined (the latency of
/// nothing).
#[must_use]
pub fn measure_totals(
    model: &Model,
    strategy: &Strategy,
    month: &Totals<'_>,
    seconds: &[f64],
) -> Vec<(String, f64)> {
    let mut metrics = Measures::default();
    traffic(&mut metrics, month);
    money(&mut metrics, month);
    latencies(&mut metrics, strategy, month);
    rates(&mut metrics, month);
    let good_within = |limit: f64| {
        let all = (month.requests - month.batch).max(0.0);
        month.valid.within(limit) / all
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
        if let (Some(server), Some(tightest)) = (model.models.get(id), month.utilisation.get(id)) {
            metrics.put(&format!("utilisation.{}", server.name), *tightest);
        }
    }
    for (cause, seconds) in CAUSES.iter().zip(month.slow) {
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

/// The metric that keeps or breaks an SLO.
#[must_use]
pub fn slo_metric(name: SloName) -> String {
    match name {
        SloName::Latency(quantile) => format!("latency.p{quantile}"),
        SloName::FirstToken(quantile) => format!("first_token.p{quantile}"),
        SloName::FailureRate => "rate.failed".to_owned(),
        SloName::WrongRate => "rate.wrong".to_owned(),
    }
}

fn slo_value(name: SloName, month: &Totals<'_>) -> f64 {
    match name {
        SloName::Latency(quantile) => month.delivered.quantile(f64::from(quantile) / 100.0),
        SloName::FirstToken(quantile) => month.first_token.quantile(f64::from(quantile) / 100.0),
        SloName::FailureRate => month.count(Outcome::Failed) / month.requests,
        SloName::WrongRate => month.wrong / month.delivered_count(),
    }
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

fn traffic(metrics: &mut Measures, month: &Totals<'_>) {
    metrics.put("conversations", month.conversations);
    metrics.put("requests", month.requests);
    metrics.put("calls", month.calls);
    metrics.put("attempts", month.attempts);
    metrics.put("demand.lost", month.lost / (month.requests + month.lost));
}

fn money(metrics: &mut Measures, month: &Totals<'_>) {
    let total = month.total_usd();
    let good = (month.delivered_count() - month.wrong).max(0.0);
    metrics.put("cost.total", total);
    metrics.put("cost.per_conversation", total / month.conversations);
    metrics.put("cost.per_request", total / month.requests);
    metrics.put("cost.per_good_answer", total / good);
    metrics.put("cost.at_full_service", month.full_service_usd);
    for (line, usd) in LINES.iter().zip(month.bill) {
        metrics.put(&format!("cost.{line}"), usd);
    }
    let line = |line: Line| month.bill.get(line as usize).copied().unwrap_or(0.0);
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

fn latencies(metrics: &mut Measures, strategy: &Strategy, month: &Totals<'_>) {
    for (name, histogram) in [
        ("latency", month.delivered),
        ("first_token", month.first_token),
    ] {
        for quantile in [50_u8, 90, 95, 99] {
            metrics.put(
                &format!("{name}.p{quantile}"),
                histogram.quantile(f64::from(quantile) / 100.0),
            );
        }
    }
    metrics.put("latency.mean", month.latency_sum / month.delivered.total());
    let perceived = if strategy.streaming {
        month.first_token
    } else {
        month.delivered
    };
    metrics.put("perceived.p95", perceived.quantile(0.95));
}

fn rates(metrics: &mut Measures, month: &Totals<'_>) {
    let requests = month.requests;
    for (name, count) in OUTCOMES.iter().zip(month.outcomes) {
        metrics.put(&format!("rate.{name}"), count / requests);
    }
    for (name, count) in REASONS.iter().zip(month.reasons) {
        metrics.put(&format!("failed.{name}"), count / requests);
    }
    metrics.put("rate.batch", month.batch / requests);
    metrics.put("rate.throttled_attempts", month.refused / month.attempts);
    metrics.put("rate.wrong", month.wrong / month.delivered_count());
    metrics.put("rate.leaked", month.leaked / requests);
    metrics.put("cache.response_hit_rate", month.hits / month.cacheable);
    metrics.put(
        "cache.prompt_token_rate",
        month.cached_tokens / month.input_tokens,
    );
    let [reviews, worked_s, waited_s] = month.reviews;
    metrics.put("review.share", reviews / requests);
    metrics.put("review.hours", worked_s / 3600.0);
    metrics.put("review.wait_h", waited_s / 3600.0 / reviews);
}
