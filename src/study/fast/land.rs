//! What months look like before any request: their time cut into units, each in a stratum, with how many conversations
//! are expected in it.
//!
//! A unit is an hour, or part of one where an hour holds many conversations; where a provider has an incident, a
//! quarter. Strata are bands of load in normal times; one each for quarters that lie wholly in an outage or a brownout
//! of a provider, and one each for those that lie partly in it, since a month with a long incident has few of them and
//! a month with many short ones has many; and one for the half hour after an incident. Bands are narrow where load
//! changes what happens: in quiet hours, in which prompt caches go cold, and in the busiest, in which limits bind.

use crate::engine::Outlook;

use super::whole;

/// A quarter of an hour, in seconds.
pub const QUARTER_S: f64 = 900.0;
/// Edges between bands of load: shares of all conversations that come at lower rates.
const BANDS: [f64; 10] = [0.01, 0.04, 0.1, 0.2, 0.35, 0.55, 0.75, 0.9, 0.97, 0.995];
/// Strata of a provider's incidents: outages and brownouts, wholly and partly.
const KINDS: usize = 4;
/// Quarters after an incident in which its traces may last.
const AFTERMATH: usize = 2;
/// Hours of a month that may be its busiest.
pub const TOP_HOURS: usize = 48;

/// One unit of time of a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// Its first quarter, from the start of the counted month.
    pub quarter: usize,
    /// How many quarters it has.
    pub quarters: usize,
    /// Conversations expected to begin in it.
    pub expected: f64,
    /// Its stratum.
    pub stratum: usize,
}

/// How time is cut and sorted at one volume.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Rates, in conversations per second, between bands.
    edges: Vec<f64>,
    /// Providers whose incidents matter.
    providers: Vec<usize>,
}

/// One month.
#[derive(Debug, Clone, PartialEq)]
pub struct MonthLand {
    /// Conversations expected, by stratum.
    pub expected: Vec<f64>,
    /// Seconds, by stratum.
    pub seconds: Vec<f64>,
    /// The hours with the most conversations: stratum, conversations expected, and their logarithm.
    pub top: Vec<(usize, f64, f64)>,
}

impl Grid {
    /// A grid whose bands fit these months.
    pub fn new(providers: Vec<usize>, months: &[Outlook]) -> Self {
        let mut grid = Self {
            edges: Vec::new(),
            providers,
        };
        let mut units: Vec<(f64, f64)> = Vec::new();
        for month in months {
            let normal = grid.units(month);
            units.extend(
                normal
                    .iter()
                    .filter(|unit| unit.stratum == 0 && unit.expected > 0.0)
                    .map(|unit| {
                        let seconds = unit.quarters as f64 * QUARTER_S;
                        (unit.expected / seconds, unit.expected)
                    }),
            );
        }
        units.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = units.iter().map(|unit| unit.1).sum();
        let mut below = 0.0;
        let mut wanted = BANDS.iter().map(|share| share * total).peekable();
        for (rate, expected) in units {
            below += expected;
            while wanted.next_if(|edge| *edge <= below).is_some() {
                grid.edges.push(rate);
            }
        }
        grid.edges.dedup();
        grid
    }

    /// How many strata there are.
    pub fn strata(&self) -> usize {
        self.bands() + KINDS * self.providers.len() + 1
    }

    /// How many of them are bands of load in normal times; they come first.
    pub fn bands(&self) -> usize {
        self.edges.len() + 1
    }

    /// The units of a month, in order.
    pub fn units(&self, month: &Outlook) -> Vec<Unit> {
        let rates = quarter_rates(month);
        let special = self.special(month, rates.len());
        let mut units = Vec::with_capacity(rates.len() / 2);
        let mut quarter = 0;
        while quarter < rates.len() {
            let usual = month.demand.by_hour.get(quarter / 4).copied();
            let end = (quarter + quarters_at(usual.unwrap_or(0.0))).min(rates.len());
            let bad = special
                .get(quarter..end)
                .is_some_and(|flags| flags.iter().any(Option::is_some));
            let step = if bad { 1 } else { end - quarter };
            for first in (quarter..end).step_by(step.max(1)) {
                let expected: f64 = rates
                    .get(first..(first + step).min(rates.len()))
                    .map_or(0.0, |rates| rates.iter().sum::<f64>() * QUARTER_S);
                let rate = expected / (step as f64 * QUARTER_S);
                let stratum = special
                    .get(first)
                    .copied()
                    .flatten()
                    .unwrap_or_else(|| self.edges.partition_point(|edge| *edge < rate));
                units.push(Unit {
                    quarter: first,
                    quarters: step,
                    expected,
                    stratum,
                });
            }
            quarter = end;
        }
        units
    }

    /// For each quarter: the stratum of the incident that touches it, if one does.
    fn special(&self, month: &Outlook, quarters: usize) -> Vec<Option<usize>> {
        let mut special = vec![None; quarters];
        let after = self.bands() + KINDS * self.providers.len();
        for (place, provider) in self.providers.iter().enumerate() {
            let Some(incidents) = month.incidents.get(*provider) else {
                continue;
            };
            for (kind, periods) in incidents.iter().enumerate() {
                let stratum = |partly: bool| {
                    let kind = 2 * kind + usize::from(partly);
                    self.bands() + kind * self.providers.len() + place
                };
                for (from, until) in periods {
                    let first = quarter_of(*from);
                    let last = quarter_of(*until);
                    for quarter in first..=last + AFTERMATH {
                        if let Some(flag) = special.get_mut(quarter) {
                            let starts = quarter as f64 * QUARTER_S;
                            let partly = starts < *from || starts + QUARTER_S > *until;
                            let mine = if quarter <= last {
                                stratum(partly)
                            } else {
                                after
                            };
                            // An outage outweighs a brownout, and both what comes after one.
                            if flag.is_none_or(|other| other > mine) {
                                *flag = Some(mine);
                            }
                        }
                    }
                }
            }
        }
        special
    }

    /// A month by stratum.
    pub fn month(&self, month: &Outlook, by_hour: &mut [Vec<f64>], weekday: usize) -> MonthLand {
        let mut land = MonthLand {
            expected: vec![0.0; self.strata()],
            seconds: vec![0.0; self.strata()],
            top: Vec::new(),
        };
        let mut hours: Vec<(usize, f64)> = Vec::new();
        for unit in self.units(month) {
            let seconds = unit.quarters as f64 * QUARTER_S;
            add(&mut land.expected, unit.stratum, unit.expected);
            add(&mut land.seconds, unit.stratum, seconds);
            let hour = unit.quarter / 4;
            if let Some(strata) = by_hour.get_mut((hour + weekday * 24) % 168) {
                add(strata, unit.stratum, unit.expected);
            }
            // The stratum of the hour is that of its last unit: close enough for a maximum.
            match hours.get_mut(hour) {
                Some(known) => *known = (unit.stratum, known.1 + unit.expected),
                None => hours.push((unit.stratum, unit.expected)),
            }
        }
        hours.sort_unstable_by(|a, b| b.1.total_cmp(&a.1));
        hours.truncate(TOP_HOURS);
        land.top = hours
            .into_iter()
            .map(|(stratum, expected)| (stratum, expected, libm::log(expected.max(1e-300))))
            .collect();
        land
    }
}

fn add(sums: &mut [f64], index: usize, number: f64) {
    if let Some(sum) = sums.get_mut(index) {
        *sum += number;
    }
}

/// Quarters of a unit in which so many conversations begin per second.
pub fn quarters_at(rate: f64) -> usize {
    match rate * 3600.0 {
        rate if rate < 12_000.0 => 4,
        rate if rate < 30_000.0 => 2,
        _ => 1,
    }
}

/// Conversations per second in each quarter, spikes included.
pub fn quarter_rates(month: &Outlook) -> Vec<f64> {
    let mut rates: Vec<f64> = month
        .demand
        .by_hour
        .iter()
        .flat_map(|rate| [*rate; 4])
        .collect();
    for (from, until, factor) in &month.demand.spikes {
        for quarter in quarter_of(*from)..=quarter_of(*until) {
            let starts = quarter as f64 * QUARTER_S;
            let inside = (until.min(starts + QUARTER_S) - from.max(starts)).max(0.0) / QUARTER_S;
            if let Some(rate) = rates.get_mut(quarter) {
                *rate *= 1.0 + (factor - 1.0) * inside;
            }
        }
    }
    rates
}

fn quarter_of(second: f64) -> usize {
    whole(second / QUARTER_S)
}
