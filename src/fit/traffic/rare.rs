//! What happens now and then, as a scenario writes it: spikes, outages and brownouts, each known from a few cases.

use super::failures::Incident;
use super::rates::Rates;
use crate::fit::doc::{Doc, Note, neat};
use crate::fit::random::Draws;
use crate::fit::{Value, between, quantile};

/// The spikes of a log, as elements of the workload.
pub(super) fn spikes(doc: &mut Doc, rates: &Rates) {
    let Some(spikes) = &rates.spikes else {
        doc.remark("No [[workload.spike]]: the log is too short to tell spikes from bursts (assumed: none).");
        return;
    };
    let months = rates.days / 30.0;
    if spikes.is_empty() {
        doc.remark(&format!(
            "No [[workload.spike]]: none in {} days, so at most {} a month (95% sure).",
            neat(rates.days),
            neat(3.0 / months)
        ));
        return;
    }
    let n = spikes.len() as f64;
    let of = |value: fn(&super::Spike) -> f64| {
        let mut all: Vec<f64> = spikes.iter().map(value).collect();
        all.sort_by(f64::total_cmp);
        all
    };
    let (multipliers, minutes) = (of(|it| it.multiplier), of(|it| it.minutes));
    doc.element("workload.spike", "workload.spike");
    let (low, high) = poisson(n);
    doc.value(
        "per_month",
        &neat(n / months),
        &Note::of("peaks of at least three times the rate that eight deviations do not explain")
            .between(between((low / months, high / months)))
            .count(n),
    );
    let multiplier = redrawn(&multipliers, |sorted| quantile(sorted, 0.5));
    doc.value(
        "multiplier",
        &neat(multiplier.best),
        &Note::of("their median").value(&multiplier),
    );
    let middle = redrawn(&minutes, |sorted| quantile(sorted, 0.5));
    doc.value(
        "minutes",
        &spread(&minutes),
        &Note::of("how long they last; the interval is that of the median").value(&middle),
    );
}

/// The outages or brownouts of a provider; those of its history where the log has none.
pub(super) fn incidents(
    doc: &mut Doc,
    name: &str,
    list: &[Incident],
    days: f64,
    told: bool,
    preset: Option<&str>,
) {
    let n = list.len() as f64;
    if list.is_empty() {
        let most = if told {
            format!(
                "none in {} days of log: every {} days at most (95% sure)",
                neat(days),
                neat(days / 3.0)
            )
        } else {
            "the log does not tell failures".to_owned()
        };
        match preset {
            Some(preset) => doc.value(
                name,
                preset,
                &Note::assumed(format!("{most}; the provider's history is taken")),
            ),
            None => doc.value(name, "\"none\"", &Note::assumed(most)),
        }
        return;
    }
    let mut minutes: Vec<f64> = list
        .iter()
        .map(|it| (it.until_s - it.from_s) / 60.0)
        .collect();
    minutes.sort_by(f64::total_cmp);
    let bad_days: f64 = minutes.iter().sum::<f64>() / 1440.0;
    let every = (days - bad_days).max(0.0) / n;
    let (low, high) = poisson(n);
    let mut gaps: Vec<f64> = list
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => Some((b.from_s - a.until_s) / 86_400.0),
            _ => None,
        })
        .collect();
    gaps.sort_by(f64::total_cmp);
    let mean_gap = gaps.iter().sum::<f64>() / (gaps.len() as f64).max(1.0);
    let cv = (gaps.iter().map(|it| (it - mean_gap).powi(2)).sum::<f64>()
        / (gaps.len() as f64 - 1.0).max(1.0))
    .sqrt()
        / mean_gap.max(1e-9);
    // Clustered gaps are kept clustered: gamma with the mean and spread seen, from five incidents on.
    let every_text = if gaps.len() >= 5 && cv > 1.2 {
        format!(
            "{{ mean = {}, cv = {}, dist = \"gamma\" }}",
            neat(every),
            neat(cv.min(3.0))
        )
    } else {
        neat(every)
    };
    let mean = |of: fn(&Incident) -> f64| {
        let mut all: Vec<f64> = list.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        redrawn(&all, |all| all.iter().sum::<f64>() / all.len() as f64)
    };
    let (failed, slower) = (mean(|it| it.failed), mean(|it| it.slowdown));
    let middle = redrawn(&minutes, |sorted| quantile(sorted, 0.5));
    let mut known = vec![
        format!(
            "every {} days",
            between((days / high, days / low.max(1e-9)))
        ),
        format!("median minutes {}", middle.between()),
        format!("error_rate {}", failed.between()),
    ];
    let slowdown = if name == "brownout" {
        known.push(format!("slowdown {}", slower.between()));
        format!(", slowdown = {}", neat(slower.best))
    } else {
        String::new()
    };
    let text = format!(
        "{{ every_days = {every_text}, minutes = {}, error_rate = {}{slowdown} }}",
        spread(&minutes),
        neat(failed.best)
    );
    doc.value(
        name,
        &text,
        &Note::of("bursts of failures")
            .between(known.join(", "))
            .count(n),
    );
}

/// A statistic of a few sorted numbers, and the 90% interval of it over numbers drawn again from them.
fn redrawn(sorted: &[f64], of: impl Fn(&[f64]) -> f64) -> Value {
    const TIMES: usize = 200;
    let mut draws = Draws::new(11);
    let again = |_| {
        let pick = |_| sorted.get(draws.below(sorted.len())).copied();
        let mut again: Vec<f64> = sorted.iter().filter_map(pick).collect();
        again.sort_by(f64::total_cmp);
        of(&again)
    };
    let drawn = (0..TIMES).map(again).collect();
    Value::of_draws(of(sorted), drawn, sorted.len() as f64)
}

/// 90% interval of a Poisson mean of which n events were seen (Wilson and Hilferty's approximation to Garwood's).
fn poisson(n: f64) -> (f64, f64) {
    let bound = |n: f64, z: f64| n * (1.0 - 1.0 / (9.0 * n) + z / (3.0 * n.sqrt())).powi(3);
    (
        if n > 0.0 { bound(n, -1.645) } else { 0.0 },
        bound(n + 1.0, 1.645),
    )
}

/// A draw from a few numbers: log-normal by their median and spread.
fn spread(sorted: &[f64]) -> String {
    let logs: Vec<f64> = sorted
        .iter()
        .filter(|it| **it > 0.0)
        .map(|it| libm::log(*it))
        .collect();
    let n = logs.len() as f64;
    if n < 2.0 {
        return neat(sorted.first().copied().unwrap_or(1.0));
    }
    let mean = logs.iter().sum::<f64>() / n;
    let sigma = (logs.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    if sigma < 0.01 {
        return neat(libm::exp(mean));
    }
    format!(
        "{{ p50 = {}, p95 = {} }}",
        neat(libm::exp(mean)),
        neat(libm::exp(mean + 1.645 * sigma))
    )
}
