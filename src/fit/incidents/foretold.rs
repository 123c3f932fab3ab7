//! How many incidents and minutes the following months will have.
//!
//! Incidents are counted by month; their level drifts, which is what makes counts vary more than a Poisson process would
//! (`fit::backtest::level`). Minutes are the lengths of so many incidents, drawn from the past in stretches of
//! neighbours, as lengths drift too.

use super::super::backtest::{
    Backtest, NORMAL_80, Noise, Score, Series, Simple, lacking, scored_at,
};
use super::super::quantile;
use super::super::random::Draws;
use super::super::traffic::place;
use super::{DAY_S, Event, Incidents, LEAST, Service, stretches};

/// Ends and middle of the intervals.
const SHARES: [f64; 3] = [0.05, 0.5, 0.95];
/// Share of the mean below which a month is next to nothing.
const LITTLE: f64 = 0.05;
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
    // Where the past ends and what is foretold, as shares of the time in which a service was watched.
    let origins: &[(&str, f64, f64)] = match later {
        Some(_) => &[("later", 1.0, f64::NAN)],
        None => &[
            ("0.7", 0.7, 1.0),
            ("0.5, next fifth", 0.5, 0.7),
            ("0.6, next fifth", 0.6, 0.8),
            ("0.7, next fifth", 0.7, 0.9),
            ("0.8, next fifth", 0.8, 1.0),
        ],
    };
    let enough = || list.services.iter().filter(|it| it.events.len() >= LEAST);
    let mut scores = Vec::new();
    for (origin, from, until) in origins {
        let at =
            |service: &Service, share| service.from_s + share * (list.until_s - service.from_s);
        let cut = |service| {
            let Some(later) = later else {
                return Cut::new(service, service, at(service, *from), at(service, *until));
            };
            let same =
                |it: &&Service| it.provider == service.provider && it.service == service.service;
            let rest = later.services.iter().find(same)?;
            Cut::new(service, rest, list.until_s, later.until_s)
        };
        let cuts: Vec<Cut> = enough().filter_map(cut).collect();
        let series: Vec<Series> = cuts.iter().map(Cut::series).collect();
        let lacking = lacking(&series, Noise::Alike, LITTLE);
        for cut in &cuts {
            cut.score(origin, lacking, &mut scores);
        }
    }
    if scores.is_empty() {
        return Err(format!(
            "no service of the list has {LEAST} incidents and half a year before the cut"
        ));
    }
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

/// A service whose incidents before a time foretell those after it.
struct Cut<'a> {
    service: &'a Service,
    past: Vec<Event>,
    came: Vec<Event>,
    /// What is foretold.
    from_s: f64,
    until_s: f64,
    /// Incidents of each whole month before the cut, and half a one more, as none so far is not never.
    counts: Vec<f64>,
    ones: Vec<f64>,
}

impl<'a> Cut<'a> {
    fn new(service: &'a Service, rest: &Service, from_s: f64, until_s: f64) -> Option<Self> {
        let past = within(&service.events, service.from_s, from_s);
        let span_s = from_s - service.from_s;
        if past.len() < LEAST / 2 || span_s < 6.0 * MONTH_S || until_s <= from_s {
            return None;
        }
        let months = place(libm::floor(span_s / MONTH_S));
        let counted_s = from_s - months as f64 * MONTH_S;
        let mut counts = vec![0.5; months];
        for event in past.iter().filter(|it| it.at_s >= counted_s) {
            if let Some(sum) = counts.get_mut(place((event.at_s - counted_s) / MONTH_S)) {
                *sum += event.count;
            }
        }
        Some(Self {
            service,
            past,
            came: within(&rest.events, from_s, until_s),
            from_s,
            until_s,
            counts,
            ones: vec![1.0; months],
        })
    }

    /// Months to foretell.
    fn ahead(&self) -> f64 {
        (self.until_s - self.from_s) / MONTH_S
    }

    fn series(&self) -> Series<'_> {
        Series {
            amounts: &self.counts,
            weights: &self.ones,
            horizon: self.ahead(),
        }
    }

    fn score(&self, origin: &str, lacking: f64, scores: &mut Vec<Score>) {
        let Some(level) = self.series().levelled(Noise::Alike, LITTLE, lacking) else {
            return;
        };
        let (past, came) = (&self.past, &self.came);
        let all = |list: &[Event], of: fn(&Event) -> f64| list.iter().map(of).sum::<f64>();
        let each = past.len() as f64 / all(past, |it| it.count).max(1.0);
        let mut draws = Draws::new(19);
        let (mut number, mut minutes) = (Vec::new(), Vec::new());
        for _ in 0..DRAWS {
            let deviation = level.half() / NORMAL_80;
            let level = libm::exp(level.middle + deviation * draws.normal()) - 0.5;
            let due = level.max(0.1) * self.ahead();
            let n = (due + due.sqrt() * draws.normal()).max(0.0).round();
            // Another past could have been, and what comes is drawn from that.
            let known = stretches(past, past.len(), &mut draws);
            let events = place((n * each).round());
            let lengths = stretches(&known, events, &mut draws);
            number.push(n);
            minutes.push(all(&lengths, |it| it.minutes));
        }
        let ahead_s = self.until_s - self.from_s;
        let span_s = self.from_s - self.service.from_s;
        let last_s = ahead_s.min(span_s);
        let last = within(&self.service.events, self.from_s - last_s, self.from_s);
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
                format!("{what}, {}", self.service.name()),
                SHARES.map(|share| quantile(&drawn, share)),
                all(came, of),
                Simple {
                    last: all(&last, of) * ahead_s / last_s,
                    flat: all(past, of) * ahead_s / span_s,
                },
            ));
        }
    }
}
