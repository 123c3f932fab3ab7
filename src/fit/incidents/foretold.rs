//! How many incidents and minutes the following months will have.
//!
//! Incidents are counted by month; their level drifts, which is what makes counts vary more than a Poisson process would
//! (`fit::backtest::level`). Minutes are the lengths of so many incidents, drawn from the past in stretches of
//! neighbours, as lengths drift too.

use super::super::backtest::{Backtest, Score, Simple, foretold, scored_at};
use super::super::quantile;
use super::super::random::Draws;
use super::{DAY_S, Event, Incidents, LEAST, Service, stretches};

/// Ends and middle of the intervals.
const SHARES: [f64; 3] = [0.05, 0.5, 0.95];
/// 90% of a normal distribution lie between this many deviations, 80% between that many.
const NORMAL_80: f64 = 1.2816;
const DRAWS: usize = 2000;
const MONTH_S: f64 = 30.0 * DAY_S;

/// Foretells the rest of a list from its first part; with a `later` list, that one from the whole.
///
/// # Errors
/// In words: no service has enough of a past.
pub fn backtest(
    list: &Incidents,
    later: Option<&Incidents>,
    source: &str,
) -> Result<Backtest, String> {
    let mut scores = Vec::new();
    for service in list.services.iter().filter(|it| it.events.len() >= LEAST) {
        if let Some(later) = later {
            let own =
                |it: &&Service| it.provider == service.provider && it.service == service.service;
            if let Some(rest) = later.services.iter().find(own) {
                score(
                    service,
                    &rest.events,
                    "later",
                    list.until_s,
                    later.until_s,
                    &mut scores,
                );
            }
            continue;
        }
        let span = list.until_s - service.from_s;
        let at = |share: f64| service.from_s + share * span;
        for (name, cut, until) in [
            ("0.7", at(0.7), list.until_s),
            ("0.5, next fifth", at(0.5), at(0.7)),
            ("0.6, next fifth", at(0.6), at(0.8)),
            ("0.7, next fifth", at(0.7), at(0.9)),
            ("0.8, next fifth", at(0.8), list.until_s),
        ] {
            score(service, &service.events, name, cut, until, &mut scores);
        }
    }
    if scores.is_empty() {
        return Err(format!(
            "no service of the list has {LEAST} incidents and half a year before the cut"
        ));
    }
    // By origin first: that is how they are shown.
    let mut order: Vec<&str> = Vec::new();
    for score in &scores {
        if !order.contains(&score.origin.as_str()) {
            order.push(&score.origin);
        }
    }
    let order: Vec<String> = order.into_iter().map(str::to_owned).collect();
    scores.sort_by_key(|it| order.iter().position(|name| *name == it.origin));
    Ok(Backtest {
        schema: "gonogo.backtest/1",
        source: source.to_owned(),
        interval: 0.9,
        scores,
        users: Vec::new(),
    })
}

fn within(events: &[Event], from_s: f64, until_s: f64) -> Vec<Event> {
    let inside = |it: &&Event| it.at_s >= from_s && it.at_s < until_s;
    events.iter().filter(inside).copied().collect()
}

fn score(
    service: &Service,
    rest: &[Event],
    origin: &str,
    cut_s: f64,
    until_s: f64,
    scores: &mut Vec<Score>,
) {
    let past = within(&service.events, service.from_s, cut_s);
    let span_s = cut_s - service.from_s;
    if past.len() < LEAST / 2 || span_s < 6.0 * MONTH_S || until_s <= cut_s {
        return;
    }
    let came = within(rest, cut_s, until_s);
    let ahead = (until_s - cut_s) / MONTH_S;
    let months = libm::floor(span_s / MONTH_S);
    let from_s = cut_s - months * MONTH_S;
    let mut counts = vec![0.0; super::super::traffic::place(months)];
    for event in past.iter().filter(|it| it.at_s >= from_s) {
        let month = super::super::traffic::place((event.at_s - from_s) / MONTH_S);
        if let Some(sum) = counts.get_mut(month) {
            *sum += event.count;
        }
    }
    let logs: Vec<f64> = counts.iter().map(|n| libm::log(n + 0.5)).collect();
    let mean = counts.iter().sum::<f64>() / months;
    let Some(level) = foretold(&logs, ahead, Some(libm::log(mean + 0.5))) else {
        return;
    };
    let all = |list: &[Event], of: fn(&Event) -> f64| list.iter().map(of).sum::<f64>();
    let each = past.len() as f64 / all(&past, |it| it.count).max(1.0);
    let mut draws = Draws::new(19);
    let (mut number, mut minutes) = (Vec::new(), Vec::new());
    for _ in 0..DRAWS {
        let level = libm::exp(level.middle + level.half / NORMAL_80 * draws.normal()) - 0.5;
        let due = level.max(0.1) * ahead;
        let n = (due + due.sqrt() * draws.normal()).max(0.0).round();
        // Another past could have been, and what comes is drawn from that.
        let known = stretches(&past, past.len(), &mut draws);
        let events = super::super::traffic::place((n * each).round());
        let lengths = stretches(&known, events, &mut draws);
        number.push(n);
        minutes.push(all(&lengths, |it| it.minutes));
    }
    let last = within(
        &service.events,
        cut_s - (until_s - cut_s).min(span_s),
        cut_s,
    );
    let stretched = (until_s - cut_s) / (until_s - cut_s).min(span_s);
    for (what, mut drawn, of) in [
        (
            "incidents",
            number,
            (|it: &Event| it.count) as fn(&Event) -> f64,
        ),
        ("minutes", minutes, |it: &Event| it.minutes),
    ] {
        drawn.sort_by(f64::total_cmp);
        scores.push(scored_at(
            SHARES,
            origin,
            format!("{what}, {}", service.name()),
            SHARES.map(|share| quantile(&drawn, share)),
            all(&came, of),
            Simple {
                last: all(&last, of) * stretched,
                flat: all(&past, of) * (until_s - cut_s) / span_s,
            },
        ));
    }
}
