//! Failures: the errors of ordinary times, and the bad times apart from them.
//!
//! Requests are counted in bins of time. Two rates, one of good and one of bad times, and the most likely course between
//! them (Viterbi 1967) are found in turn until they stay; stretches of bad times are incidents. At least half of requests
//! failing is an outage, less a brownout.

use super::sample::{Sample, place};
use crate::fit::Value;
use crate::reading::log::{Ended, Row};

/// A bad time.
#[derive(Debug, Clone, Copy)]
pub struct Incident {
    /// Begin, in the log's seconds.
    pub from_s: f64,
    /// End.
    pub until_s: f64,
    /// Share of requests that failed.
    pub failed: f64,
    /// How much longer answers took.
    pub slowdown: f64,
}

/// Failures of a provider.
#[derive(Debug, Clone)]
pub struct Failures {
    /// Share of requests that fail in good times.
    pub error_rate: Value,
    /// Share of requests refused by limits.
    pub throttled: f64,
    /// Bad times in which most fail.
    pub outages: Vec<Incident>,
    /// Bad times in which some fail.
    pub brownouts: Vec<Incident>,
    /// Days observed.
    pub days: f64,
    /// Seconds until an error comes back: median.
    pub error_s: Option<Value>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    all: f64,
    failed: f64,
}

pub(in crate::fit) fn fit(sample: &Sample, belongs: impl Fn(&Row) -> bool) -> Failures {
    let rows: Vec<&Row> = sample
        .rows()
        .iter()
        .filter(|row| belongs(row) && row.ended != Ended::Throttled)
        .collect();
    let all = sample.rows().iter().filter(|row| belongs(row)).count() as f64;
    // Twenty requests to a bin, and a minute at least (a thousandth of short logs).
    let width_s = (20.0 * sample.span_s / (rows.len() as f64).max(1.0))
        .max((sample.span_s / 1000.0).min(60.0));
    let count = place(sample.span_s / width_s) + 1;
    let mut bins = vec![Bin::default(); count];
    let at = |row: &Row| place((row.at_s - sample.first_s) / width_s).min(count - 1);
    for row in &rows {
        if let Some(bin) = bins.get_mut(at(row)) {
            bin.all += 1.0;
            bin.failed += f64::from(u8::from(row.ended == Ended::Failed));
        }
    }
    let bad = bad_times(&bins);
    let mut incidents: Vec<(usize, usize)> = Vec::new();
    for (place, _) in bad.iter().enumerate().filter(|(_, bad)| **bad) {
        match incidents.last_mut() {
            Some(last) if place == last.1 + 1 => last.1 = place,
            _ => incidents.push((place, place)),
        }
    }
    let (mut over, mut under) = (vec![0.0; sample.blocks()], vec![0.0; sample.blocks()]);
    let mut good_latency: Vec<f64> = Vec::new();
    let mut errors_s: Vec<(u32, f32)> = Vec::new();
    for row in &rows {
        let block = sample.block_of(row.at_s);
        let in_bad = bad.get(at(row)).copied().unwrap_or(false);
        if row.ended == Ended::Failed && row.latency_s.is_finite() {
            errors_s.push((sample.block_u32(row.at_s), row.latency_s));
        }
        if in_bad {
            continue;
        }
        if row.ended == Ended::Well && row.latency_s.is_finite() {
            good_latency.push(f64::from(row.latency_s));
        }
        if let (Some(a), Some(b)) = (over.get_mut(block), under.get_mut(block)) {
            *a += f64::from(u8::from(row.ended == Ended::Failed));
            *b += 1.0;
        }
    }
    good_latency.sort_by(f64::total_cmp);
    let usual = crate::fit::quantile(&good_latency, 0.5);
    let incidents: Vec<Incident> = incidents
        .iter()
        .map(|(from, until)| {
            // Rows are in order of time.
            let first = rows.partition_point(|row| at(row) < *from);
            let last = rows.partition_point(|row| at(row) <= *until);
            incident(
                sample,
                rows.get(first..last).unwrap_or_default(),
                usual,
                (*from as f64 * width_s, (*until + 1) as f64 * width_s),
            )
        })
        .collect();
    let n: f64 = under.iter().sum();
    let mut error_rate = sample.ratio(n, &over, &under);
    if over.iter().sum::<f64>() == 0.0 {
        // None of n: at most 3/n, 95 times of a hundred (Hanley and Lippman-Hand 1983).
        error_rate = Value {
            best: 0.0,
            low: 0.0,
            high: (3.0 / n.max(1.0)).min(1.0),
            n,
        };
    }
    let (outages, brownouts) = incidents.into_iter().partition(|it| it.failed >= 0.5);
    Failures {
        error_rate,
        throttled: (all - rows.len() as f64) / all.max(1.0),
        outages,
        brownouts,
        days: sample.days(),
        error_s: super::law::Counted::new(sample, &errors_s)
            .map(|counted| sample.interval(counted.n, |drawn| counted.quantile(drawn, 0.5))),
    }
}

/// From first to last failure, with what it did.
fn incident(sample: &Sample, here: &[&Row], usual: f64, bins: (f64, f64)) -> Incident {
    let failures: Vec<f64> = here
        .iter()
        .filter(|row| row.ended == Ended::Failed)
        .map(|row| row.at_s)
        .collect();
    let (Some(first), Some(last)) = (failures.first(), failures.last()) else {
        return Incident {
            from_s: sample.first_s + bins.0,
            until_s: sample.first_s + bins.1,
            failed: 0.0,
            slowdown: 1.0,
        };
    };
    let within: Vec<&&Row> = here
        .iter()
        .filter(|row| row.at_s >= *first && row.at_s <= *last)
        .collect();
    let all = within.len() as f64;
    // Each end lies half a gap between requests further out.
    let edge = if all > 1.0 {
        (last - first) / (all - 1.0)
    } else {
        bins.1 - bins.0
    };
    let mut latency: Vec<f64> = within
        .iter()
        .filter(|row| row.ended == Ended::Well && row.latency_s.is_finite())
        .map(|row| f64::from(row.latency_s))
        .collect();
    latency.sort_by(f64::total_cmp);
    let slowdown = if latency.len() >= 10 && usual > 0.0 {
        crate::fit::quantile(&latency, 0.5) / usual
    } else {
        1.0
    };
    Incident {
        from_s: first - edge / 2.0,
        until_s: last + edge / 2.0,
        failed: failures.len() as f64 / all.max(1.0),
        slowdown: slowdown.max(1.0),
    }
}

/// Which bins lie in bad times.
fn bad_times(bins: &[Bin]) -> Vec<bool> {
    let none = vec![false; bins.len()];
    let all: f64 = bins.iter().map(|bin| bin.all).sum();
    let failed: f64 = bins.iter().map(|bin| bin.failed).sum();
    if failed < 5.0 {
        return none;
    }
    let (mut good, mut bad) = (failed / all / 2.0, (failed / all * 10.0).clamp(0.2, 0.9));
    let mut path = none.clone();
    for _ in 0..12 {
        let next = course(bins, good, bad);
        let rate = |wanted: bool| {
            let of = |value: fn(&Bin) -> f64| {
                bins.iter()
                    .zip(&next)
                    .filter(|(_, is)| **is == wanted)
                    .map(|(bin, _)| value(bin))
                    .sum::<f64>()
            };
            (of(|bin| bin.failed) + 0.5) / (of(|bin| bin.all) + 1.0)
        };
        (good, bad) = (rate(false), rate(true));
        if next == path {
            break;
        }
        path = next;
    }
    // Bad times that are hardly worse than good ones are luck.
    if bad < 3.0 * good || bad < good + 0.05 {
        none
    } else {
        path
    }
}

/// The likeliest course: bad times begin in one bin of a thousand and end in one of five.
fn course(bins: &[Bin], good: f64, bad: f64) -> Vec<bool> {
    let likely = |bin: &Bin, rate: f64| {
        let rate = rate.clamp(1e-6, 1.0 - 1e-6);
        bin.failed * libm::log(rate) + (bin.all - bin.failed) * libm::log(1.0 - rate)
    };
    let (begin, end) = (libm::log(0.001), libm::log(0.2));
    let (stay_good, stay_bad) = (libm::log(0.999), libm::log(0.8));
    let mut score = (0.0, begin);
    let mut from: Vec<(bool, bool)> = Vec::with_capacity(bins.len());
    for bin in bins {
        let to_good = (score.0 + stay_good, score.1 + end);
        let to_bad = (score.0 + begin, score.1 + stay_bad);
        from.push((to_good.1 > to_good.0, to_bad.1 > to_bad.0));
        score = (
            to_good.0.max(to_good.1) + likely(bin, good),
            to_bad.0.max(to_bad.1) + likely(bin, bad),
        );
    }
    let mut is_bad = score.1 > score.0;
    let mut path: Vec<bool> = from
        .iter()
        .rev()
        .map(|(good, bad)| {
            let here = is_bad;
            is_bad = if here { *bad } else { *good };
            here
        })
        .collect();
    path.reverse();
    path
}
