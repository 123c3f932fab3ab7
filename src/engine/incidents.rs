//! Outages and brownouts: alternating renewal processes of good and bad times, one pair for each provider.
//!
//! They start in equilibrium, as seen by somebody who looks at a random moment (Cox, Renewal Theory, 1962, §5): bad
//! with probability E[bad]/(E[good] + E[bad]), and what is left of the current period is length-biased.

use crate::model::facts::path_key;
use crate::model::{Facts, Incidents, Model};

use super::clock::{NEVER, Time, nanos};
use super::philox::{Item, Purpose, Stream, mix, uniform};

/// The bad times of one process over a month.
#[derive(Debug, Clone)]
pub struct Timeline {
    periods: Vec<(Time, Time)>,
    cursor: usize,
    /// Start of the period at the cursor.
    next_start: Time,
    /// Share of attempts that fail in a bad time.
    pub error_rate: f64,
    /// Factor on durations in a bad time.
    pub slowdown: f64,
}

impl Timeline {
    /// Nothing bad ever happens.
    #[must_use]
    pub fn quiet() -> Self {
        Self::scripted(Vec::new(), 0.0, 1.0)
    }

    /// Bad times given as a list, ascending and apart.
    #[must_use]
    pub fn scripted(periods: Vec<(Time, Time)>, error_rate: f64, slowdown: f64) -> Self {
        let next_start = periods.first().map_or(NEVER, |period| period.0);
        Self {
            periods,
            cursor: 0,
            next_start,
            error_rate,
            slowdown,
        }
    }

    /// One realisation up to `end`.
    #[must_use]
    pub fn draw(
        incidents: &Incidents,
        facts: &Facts,
        end: Time,
        stream: Stream,
        provider: u64,
        purpose: Purpose,
    ) -> Self {
        let gaps = incidents.every_days.sampler(facts);
        let lengths = incidents.minutes.sampler(facts);
        let (gap_s, length_s) = (86_400.0, 60.0);
        let mean_good = gaps.mean() * gap_s;
        let mean_bad = lengths.mean() * length_s;
        let [state, choose, place, _] = stream.block(provider, Item::new(purpose, 0, 0, 0));
        let mut bad = uniform(state) * (mean_good + mean_bad) < mean_bad;
        let (choose, place) = (uniform(choose), uniform(place));
        let mut left_s = if bad {
            lengths.length_biased(choose, place) * length_s
        } else {
            gaps.length_biased(choose, place) * gap_s
        };
        let mut periods = Vec::new();
        let mut at: Time = 0;
        let mut number = 0_u32;
        while at < end {
            let until = at.saturating_add(nanos(left_s).max(1)).min(NEVER);
            if bad {
                periods.push((at, until));
            }
            at = until;
            bad = !bad;
            number += 1;
            let bytes = number.to_le_bytes();
            let (low, high) = (
                u16::from_le_bytes([bytes[0], bytes[1]]),
                u16::from_le_bytes([bytes[2], bytes[3]]),
            );
            let [bits, ..] = stream.block(provider, Item::new(purpose, 1, low, high));
            left_s = if bad {
                lengths.draw(bits) * length_s
            } else {
                gaps.draw(bits) * gap_s
            };
        }
        Self::scripted(
            periods,
            facts.get(incidents.error_rate),
            facts.get(incidents.slowdown),
        )
    }

    /// The bad times: from, until.
    #[must_use]
    pub fn periods(&self) -> &[(Time, Time)] {
        &self.periods
    }

    /// The same on a clock that starts later.
    fn skip(&mut self, skipped: Time) {
        let periods = self
            .periods
            .iter()
            .filter(|period| period.1 > skipped)
            .map(|period| (period.0.saturating_sub(skipped), period.1 - skipped))
            .collect();
        *self = Self::scripted(periods, self.error_rate, self.slowdown);
    }

    /// Whether `at` is a bad time, asked at `now` (which never goes back; `at` may lie a little ahead of it).
    #[inline]
    pub fn is_bad(&mut self, now: Time, at: Time) -> bool {
        if at < self.next_start {
            return false;
        }
        while self
            .periods
            .get(self.cursor)
            .is_some_and(|period| period.1 <= now)
        {
            self.cursor += 1;
            self.next_start = self
                .periods
                .get(self.cursor)
                .map_or(NEVER, |period| period.0);
        }
        self.periods
            .iter()
            .skip(self.cursor)
            .take_while(|period| period.0 <= at)
            .any(|period| at < period.1)
    }
}

/// Outages and brownouts of one provider.
#[derive(Debug, Clone)]
pub struct Weather {
    /// Its outages.
    pub outage: Timeline,
    /// Its brownouts.
    pub brownout: Timeline,
}

/// Nothing bad happens to any provider.
#[must_use]
pub fn quiet(model: &Model) -> Vec<Weather> {
    let weather = Weather {
        outage: Timeline::quiet(),
        brownout: Timeline::quiet(),
    };
    vec![weather; model.providers.len()]
}

impl Weather {
    /// The same on a clock that starts later.
    pub(super) fn skip(&mut self, skipped: Time) {
        self.outage.skip(skipped);
        self.brownout.skip(skipped);
    }
}

/// What the weather of every provider is in one month.
#[must_use]
pub fn weather(model: &Model, facts: &Facts, end: Time, stream: Stream) -> Vec<Weather> {
    model
        .providers
        .iter()
        .map(|provider| {
            let entity = mix(path_key(&provider.name)) & 0xFF_FFFF_FFFF;
            let draw = |incidents: &Option<Incidents>, purpose| {
                incidents.as_ref().map_or_else(Timeline::quiet, |it| {
                    Timeline::draw(it, facts, end, stream, entity, purpose)
                })
            };
            Weather {
                outage: draw(&provider.outage, Purpose::Outage),
                brownout: draw(&provider.brownout, Purpose::Brownout),
            }
        })
        .collect()
}
