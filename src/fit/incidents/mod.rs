//! Lists of incidents from status pages, and minutes of outage by day: what they say about a provider's bad times.
//!
//! Such a list is no log of requests: it tells when a provider's service was down, and for how long. Gaps come out as
//! Weibull laws (bad times come in clusters: shape below 1), lengths as log-normal ones; both are what status pages
//! have been found to follow. How many requests fail meanwhile no such list tells.

mod foretold;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

pub use foretold::backtest;

use super::doc::{Doc, Note, key, neat};
use super::random::Draws;
use super::{Value, quantile};
use crate::reading::log::{Broken, seconds};
use crate::reading::sheet::{Sheet, SheetRow};

const DAY_S: f64 = 86_400.0;
/// From this level on a status page's incident is an outage: major and critical of none, minor, major, critical.
const SEVERE: f64 = 3.0;
/// Incidents of a service that is foretold by itself.
const LEAST: usize = 20;

const STARTS: [&str; 5] = [
    "start_utc",
    "started_at",
    "start_time",
    "start",
    "created_at",
];
const ENDS: [&str; 5] = [
    "close_utc",
    "closed_at",
    "resolved_at",
    "end_utc",
    "ended_at",
];
const MINUTES: [&str; 3] = ["duration_min", "duration_minutes", "minutes"];
const SIGNS: [&str; 4] = ["incident_id", "impact_level", "impact", "severity"];

/// One incident, or the incidents of one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// Begin, in seconds since 1970.
    pub at_s: f64,
    /// Minutes; 0 if it was reported afterwards.
    pub minutes: f64,
    /// Incidents.
    pub count: f64,
    /// An outage, not a brownout.
    pub severe: bool,
}

/// What is known of one provider, or of one of its services.
#[derive(Debug, Clone)]
pub struct Service {
    /// The provider.
    pub provider: String,
    /// The service; empty for all services of the provider together.
    pub service: String,
    /// Its incidents in order of time.
    pub events: Vec<Event>,
    /// Since when it is watched.
    pub from_s: f64,
}

impl Service {
    /// In words.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.provider, self.service)
            .trim()
            .to_owned()
    }
}

/// A list, read.
#[derive(Debug, Clone)]
pub struct Incidents {
    /// By provider and service.
    pub services: Vec<Service>,
    /// The last moment that it knows.
    pub until_s: f64,
    /// Rows are days, not incidents.
    pub daily: bool,
    /// Rows that were used.
    pub rows: usize,
    /// Rows that were left out.
    pub broken: Vec<Broken>,
}

/// Where things stand in a row.
struct Columns {
    start: usize,
    end: Option<usize>,
    minutes: Option<usize>,
    provider: Option<usize>,
    service: Option<usize>,
    level: Option<usize>,
    count: Option<usize>,
    major: Option<usize>,
    daily: bool,
}

impl Columns {
    fn new(sheet: &Sheet) -> Option<Self> {
        let any = |names: &[&str]| names.iter().find_map(|name| sheet.place(name));
        let provider = any(&["provider", "vendor"]);
        let service = any(&["services", "service", "component"]);
        if let (Some(start), Some(minutes), Some(count)) = (
            any(&["date", "day"]),
            any(&["total_min", "total_minutes"]),
            sheet.place("incidents"),
        ) {
            return Some(Self {
                start,
                end: None,
                minutes: Some(minutes),
                provider,
                service,
                level: None,
                count: Some(count),
                major: any(&["major_min", "major_minutes"]),
                daily: true,
            });
        }
        let (end, minutes) = (any(&ENDS), any(&MINUTES));
        any(&SIGNS)?;
        (end.is_some() || minutes.is_some()).then_some(())?;
        Some(Self {
            start: any(&STARTS)?,
            end,
            minutes,
            provider,
            service,
            level: any(&["impact_level", "severity"]),
            count: None,
            major: None,
            daily: false,
        })
    }

    /// What a row tells, or what is wrong with it.
    fn event(&self, row: SheetRow<'_>) -> Result<Event, &'static str> {
        let cell = |at: Option<usize>| at.and_then(|at| row.text(at)).unwrap_or_default();
        let number = |at: Option<usize>| cell(at).parse::<f64>().ok().filter(|it| *it >= 0.0);
        let stamp = |at: usize| {
            row.cell(at)
                .and_then(|text| seconds(text, None, 0.0))
                .map(|it| it.at_s)
        };
        let at_s = stamp(self.start).ok_or("begin is no time")?;
        let lasted = || {
            let end = stamp(self.end?)?;
            (end >= at_s).then(|| (end - at_s) / 60.0)
        };
        let minutes = number(self.minutes)
            .or_else(lasted)
            .ok_or("length cannot be told")?;
        Ok(Event {
            at_s,
            minutes,
            count: number(self.count).unwrap_or(1.0),
            severe: match (self.level, self.major) {
                (Some(level), _) => number(Some(level)).is_none_or(|it| it >= SEVERE),
                (None, Some(major)) => number(Some(major)).is_some_and(|it| it > 0.0),
                (None, None) => true,
            },
        })
    }
}

/// Reads lists of incidents; `None` if the first file is something else.
///
/// # Errors
/// In words: a file that cannot be read, or a list without a usable row.
pub fn read(paths: &[&Path]) -> Result<Option<Incidents>, String> {
    let mut by_service: BTreeMap<(String, String), Vec<Event>> = BTreeMap::new();
    let mut watched: BTreeMap<(String, String), f64> = BTreeMap::new();
    let mut broken: BTreeMap<&str, (u64, Vec<u64>)> = BTreeMap::new();
    let (mut rows, mut daily, mut until_s) = (0, false, f64::NEG_INFINITY);
    for (place, path) in paths.iter().enumerate() {
        let name = path
            .file_name()
            .map_or_else(String::new, |it| it.to_string_lossy().into_owned());
        let Ok(mut sheet) = Sheet::open(path, &name, u64::MAX) else {
            return Ok(None);
        };
        let Some(columns) = Columns::new(&sheet) else {
            if place == 0 {
                return Ok(None);
            }
            return Err(format!(
                "`{name}` is no list of incidents as the first file is"
            ));
        };
        daily = columns.daily;
        while let Some(row) = sheet.next_row()? {
            let cell = |at: Option<usize>| at.and_then(|at| row.text(at)).unwrap_or_default();
            let event = match columns.event(row) {
                Ok(event) => event,
                Err(what) => {
                    let (count, lines) = broken.entry(what).or_default();
                    *count += 1;
                    if lines.len() < 5 {
                        lines.push(row.line());
                    }
                    continue;
                }
            };
            let Event { at_s, minutes, .. } = event;
            rows += 1;
            until_s = until_s.max(at_s + if daily { DAY_S } else { minutes * 60.0 });
            let provider = match cell(columns.provider) {
                "" => "provider",
                name => name,
            };
            let mut names: Vec<&str> = cell(columns.service)
                .split(['|', ';'])
                .map(str::trim)
                .filter(|it| !it.is_empty())
                .collect();
            if !daily || names.is_empty() {
                names.push("");
            }
            for service in names {
                let own = (provider.to_owned(), service.to_owned());
                let first = watched.entry(own.clone()).or_insert(at_s);
                *first = first.min(at_s);
                let list = by_service.entry(own).or_default();
                if event.count > 0.0 || event.minutes > 0.0 {
                    list.push(event);
                }
            }
        }
    }
    let broken: Vec<Broken> = broken
        .into_iter()
        .map(|(kind, (count, lines))| Broken {
            kind: kind.to_owned(),
            count,
            lines,
        })
        .collect();
    if rows == 0 {
        return Err(
            "the list of incidents has no usable row: looked for a begin and a length or an end"
                .to_owned(),
        );
    }
    let services = by_service
        .into_iter()
        .map(|(own, mut events)| {
            events.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
            let from_s = watched.get(&own).copied().unwrap_or(0.0);
            let (provider, service) = own;
            Service {
                provider,
                service,
                events,
                from_s,
            }
        })
        .collect();
    Ok(Some(Incidents {
        services,
        until_s,
        daily,
        rows,
        broken,
    }))
}

impl Incidents {
    /// What was read, in words.
    #[must_use]
    pub fn described(&self) -> String {
        let mut text = format!(
            "{} {} of incidents, of {} services",
            self.rows,
            if self.daily { "days" } else { "rows" },
            self.services
                .iter()
                .filter(|it| !it.service.is_empty())
                .count()
        );
        for broken in &self.broken {
            let lines: Vec<String> = broken.lines.iter().map(u64::to_string).collect();
            let _ = write!(
                text,
                "\nleft out: {} rows, {} (line {})",
                broken.count,
                broken.kind,
                lines.join(", ")
            );
        }
        text
    }

    /// The provider as a whole; where only services are told, the one that is called from programs, else the one with most.
    fn of_provider(&self, provider: &str) -> Option<&Service> {
        let own = || self.services.iter().filter(|it| it.provider == provider);
        own()
            .find(|it| it.service.is_empty())
            .or_else(|| own().find(|it| it.service.to_lowercase().contains("api")))
            .or_else(|| own().max_by_key(|it| it.events.len()))
    }

    /// `[providers]` of a scenario.
    #[must_use]
    pub fn providers(&self, source: &str) -> String {
        let mut doc = Doc::new(source);
        doc.remark(&format!(
            "Fitted by gonogo {} from {source}: a part of a scenario, to be put into one.
Behind each value: n, the incidents; 90% intervals by stretches of incidents drawn again.",
            env!("CARGO_PKG_VERSION")
        ));
        let mut names: Vec<&str> = self
            .services
            .iter()
            .map(|it| it.provider.as_str())
            .collect();
        names.dedup();
        for name in names {
            let Some(service) = self.of_provider(name) else {
                continue;
            };
            let days = (self.until_s - service.from_s) / DAY_S;
            doc.table(&format!("providers.{}", key(name)));
            doc.remark(&format!("{} over {} days", service.name(), neat(days)));
            for (kind, severe) in [("outage", true), ("brownout", false)] {
                let list: Vec<Event> = service
                    .events
                    .iter()
                    .copied()
                    .filter(|it| it.severe == severe)
                    .collect();
                incidents(&mut doc, kind, &list, days);
            }
        }
        doc.finish()
    }
}

/// One kind of bad times.
fn incidents(doc: &mut Doc, kind: &str, list: &[Event], days: f64) {
    let n = list.len() as f64;
    if list.len() < 3 {
        doc.value(
            kind,
            "\"none\"",
            &Note::assumed(format!("{n} in {} days", neat(days))),
        );
        return;
    }
    let gaps: Vec<f64> = list
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => Some(((b.at_s - a.at_s) / DAY_S - a.minutes / 1440.0).max(1.0 / 1440.0)),
            _ => None,
        })
        .collect();
    let lengths: Vec<f64> = list
        .iter()
        .map(|it| it.minutes)
        .filter(|it| *it > 0.0)
        .collect();
    let every = resampled(&gaps, |it| it.iter().sum::<f64>() / it.len() as f64);
    let shape = resampled(&gaps, weibull);
    let median = resampled(&lengths, |it| quantile(it, 0.5));
    let p95 = resampled(&lengths, |it| quantile(it, 0.95));
    let every_text = if gaps.len() >= 10 {
        let scale = every.best / statrs::function::gamma::gamma(1.0 + 1.0 / shape.best);
        format!(
            "{{ dist = \"weibull\", shape = {}, scale = {} }}",
            neat(shape.best),
            neat(scale)
        )
    } else {
        neat(every.best)
    };
    let bad = if kind == "outage" {
        "error_rate = 0.5"
    } else {
        "slowdown = 1.5, error_rate = 0.05"
    };
    let length = if median.best > 0.0 && p95.best > median.best {
        format!(
            "{{ p50 = {}, p95 = {} }}",
            neat(median.best),
            neat(p95.best)
        )
    } else {
        neat(median.best.max(1.0))
    };
    let words = |name: &str, it: &Value| format!("{name} {} ({})", neat(it.best), it.between());
    doc.value(
        kind,
        &format!("{{ every_days = {every_text}, minutes = {length}, {bad} }}"),
        &Note::of(format!(
            "{}, {}, {}, {}; what fails meanwhile is assumed",
            words("mean gap in days", &every),
            words("shape of gaps", &shape),
            words("median minutes", &median),
            words("p95 minutes", &p95)
        ))
        .count(n),
    );
}

/// A statistic of sorted numbers with its 90% interval: stretches of ten neighbours drawn again.
fn resampled(list: &[f64], of: impl Fn(&[f64]) -> f64) -> Value {
    let sorted = |mut list: Vec<f64>| {
        list.sort_by(f64::total_cmp);
        list
    };
    let mut draws = Draws::new(17);
    let drawn = (0..200)
        .map(|_| of(&sorted(stretches(list, list.len(), &mut draws))))
        .filter(|it| it.is_finite())
        .collect();
    Value::of_draws(of(&sorted(list.to_vec())), drawn, list.len() as f64)
}

/// So many numbers of a list, in stretches of ten neighbours.
fn stretches<T: Copy>(list: &[T], count: usize, draws: &mut Draws) -> Vec<T> {
    let mut drawn = Vec::with_capacity(count);
    let long = (list.len() / 3).clamp(1, 10);
    while drawn.len() < count && !list.is_empty() {
        let from = draws.below(list.len());
        // The end is followed by the begin, so that all numbers come up alike.
        let next = (0..long.min(count - drawn.len()))
            .filter_map(|k| list.get((from + k) % list.len()).copied());
        drawn.extend(next);
    }
    drawn
}

/// Shape of a Weibull law by maximum likelihood, by bisection (Cohen 1965).
fn weibull(list: &[f64]) -> f64 {
    let n = list.len() as f64;
    let logs = list.iter().map(|x| libm::log(*x)).sum::<f64>() / n;
    let slope = |shape: f64| {
        let (mut top, mut bottom) = (0.0, 0.0);
        for x in list {
            let power = libm::pow(*x, shape);
            top += power * libm::log(*x);
            bottom += power;
        }
        top / bottom - 1.0 / shape - logs
    };
    let (mut low, mut high) = (0.1, 10.0);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if slope(middle) > 0.0 {
            high = middle;
        } else {
            low = middle;
        }
    }
    f64::midpoint(low, high)
}
