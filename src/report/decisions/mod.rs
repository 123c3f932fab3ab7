//! Analyses as tables and sentences: how far volume can grow, what moves the answer, what to turn, what a year costs.

mod actuals;
mod forecast;
mod headroom;
mod optimize;
mod sensitivity;
mod shown;

pub use actuals::actuals_page;
pub use forecast::forecast_page;
pub use headroom::headroom_page;
pub use optimize::optimize_page;
pub use sensitivity::sensitivity_page;

use super::numbers::{percent, seconds, usd};

/// A value of a metric in its own unit.
fn in_unit(metric: &str, value: f64) -> String {
    let counts = [
        "conversations",
        "requests",
        "calls",
        "attempts",
        "review.hours",
        "cost.growth",
    ];
    if metric == "cost.input_share" {
        percent(value)
    } else if metric.starts_with("cost.") && metric != "cost.growth"
        || metric.starts_with("budget.1")
    {
        usd(value)
    } else if counts.contains(&metric) {
        super::numbers::count(value)
    } else if ["latency.", "first_token.", "perceived.", "slow."]
        .iter()
        .any(|it| metric.starts_with(it))
    {
        seconds(value)
    } else {
        percent(value)
    }
}

/// A promise in words: "95% of answers within 5.00 s", "failures at most 1.00%", "$12,000 a month".
pub(super) fn promise(requirement: &str, limit: f64) -> String {
    let bare = requirement.trim_end_matches("_s");
    if let Some(quantile) = bare.strip_prefix("latency_p") {
        format!("{quantile}% of answers within {}", seconds(limit))
    } else if let Some(quantile) = bare.strip_prefix("first_token_p") {
        format!("{quantile}% of first words within {}", seconds(limit))
    } else if bare == "failure_rate" {
        format!("failures at most {}", percent(limit))
    } else if bare == "wrong_rate" {
        format!("wrong answers at most {}", percent(limit))
    } else {
        format!("{} a month", usd(limit))
    }
}

/// A requirement in a narrow column: "p95", "first p95", "failed", "wrong", "$12,000".
fn short(requirement: &str, limit: f64) -> String {
    if requirement.starts_with("budget.") {
        return usd(limit);
    }
    super::table::short(requirement)
}

/// A multiple of today's volume with two or three digits: "0.1x", "3.16x", "31.6x", "1,000x".
pub(super) fn times(volume: f64) -> String {
    if volume >= 1000.0 {
        return format!("{}x", super::numbers::count(volume));
    }
    let text = if volume >= 100.0 {
        format!("{volume:.0}")
    } else if volume >= 10.0 {
        format!("{volume:.1}")
    } else {
        format!("{volume:.2}")
    };
    if text.contains('.') {
        format!("{}x", text.trim_end_matches('0').trim_end_matches('.'))
    } else {
        format!("{text}x")
    }
}
