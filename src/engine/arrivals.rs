//! When conversations begin: a Poisson process whose rate changes by the hour, the weekday, the day's swing, bursts
//! and spikes.
//!
//! The rate is constant inside a block (a burst block, cut at hours and at the ends of spikes). Arrival i comes where
//! the cumulative rate reaches the sum of i unit exponentials, so that the same month at another volume, or under
//! another strategy, has the same luck (inversion of the cumulative rate; Cinlar 1975).

use rand_distr::{Distribution, Gamma, Poisson};

use crate::quantity::Sampler;

use super::clock::{NEVER, Time, nanos, seconds};
use super::log::Log;
use super::month::Setting;
use super::philox::{Item, Purpose, Stream, uniform};

const HOUR_S: f64 = 3600.0;

/// The arrival times of one month of a Poisson process, in order.
#[derive(Debug, Clone)]
pub struct Drawn {
    stream: Stream,
    profile: Profile,
    /// Where the next arrival is, in seconds from the start, and on the clock.
    at_s: f64,
    at: Time,
    index: u64,
    exponentials: [f64; 4],
}

/// Where arrivals come from.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one of these in a month, and its process is on the hot path"
)]
pub enum Arrivals {
    /// A Poisson process.
    Drawn(Drawn),
    /// A log: the times that are left, latest first.
    Logged(Vec<Time>, u64),
}

impl Arrivals {
    /// The arrivals of a Poisson process; with a factor on the rate between two times, if one is scripted. Then ordinary
    /// spikes do not happen.
    #[must_use]
    pub fn new(setting: &Setting<'_>, extra: Option<(Time, Time, f64)>) -> Self {
        Self::Drawn(Drawn::new(setting, extra))
    }

    /// The arrivals of a log.
    #[must_use]
    pub fn logged(log: &Log) -> Self {
        Self::Logged(log.starts().rev().collect(), 0)
    }

    /// When the next conversation begins; [`NEVER`] after the last.
    #[inline]
    #[must_use]
    pub fn next_at(&self) -> Time {
        match self {
            Self::Drawn(drawn) => drawn.next_at(),
            Self::Logged(left, _) => left.last().copied().unwrap_or(NEVER),
        }
    }

    /// How many conversations have begun.
    #[must_use]
    pub fn taken(&self) -> u64 {
        match self {
            // The next one is drawn ahead.
            Self::Drawn(drawn) => drawn.index - 1,
            Self::Logged(_, taken) => *taken,
        }
    }

    /// The number of the next conversation, from 1; moves on to the one after it.
    #[inline]
    pub fn take(&mut self) -> u64 {
        match self {
            Self::Drawn(drawn) => drawn.take(),
            Self::Logged(left, taken) => {
                left.pop();
                *taken += 1;
                *taken
            }
        }
    }
}

/// What a month is about to bring, without its bursts.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// Conversations per second in each hour of the counted month; bursts and spikes come on top.
    pub by_hour: Vec<f64>,
    /// Spikes: start and end in seconds from the start of the counted month, and the factor.
    pub spikes: Vec<(f64, f64, f64)>,
}

/// The demand of an ordinary month: the same days and spikes that [`super::simulate`] meets.
#[must_use]
pub fn demand(setting: &Setting<'_>) -> Demand {
    let setting = Setting {
        window: None,
        ..*setting
    };
    let mut profile = Profile::new(&setting, None);
    let days = i64::from(setting.model.calendar.days);
    let mut by_hour = Vec::new();
    for day in 0..days {
        let weekday = (profile.weekday as f64 + day as f64).rem_euclid(7.0);
        let rate = profile.base * profile.normal * pick(&profile.weekly, weekday);
        let rate = rate * profile.day_factor(day as f64);
        by_hour.extend(profile.hourly.iter().map(|hour| rate * hour));
    }
    let starts_s = profile.month_starts_s;
    let spikes = profile
        .spikes
        .iter()
        .map(|(from, until, factor)| (from - starts_s, until - starts_s, *factor))
        .collect();
    Demand { by_hour, spikes }
}

impl Drawn {
    /// The arrivals of a setting.
    #[must_use]
    pub fn new(setting: &Setting<'_>, extra: Option<(Time, Time, f64)>) -> Self {
        let mut arrivals = Self {
            stream: setting.stream,
            profile: Profile::new(setting, extra),
            at_s: 0.0,
            at: 0,
            index: setting.numbers_from(),
            exponentials: [0.0; 4],
        };
        arrivals.advance();
        arrivals
    }

    /// When the next conversation begins; [`NEVER`] after the last.
    #[inline]
    #[must_use]
    pub fn next_at(&self) -> Time {
        self.at
    }

    /// The number of the next conversation, from 1; moves on to the one after it.
    #[inline]
    pub fn take(&mut self) -> u64 {
        let index = self.index;
        self.advance();
        index
    }

    #[inline]
    fn advance(&mut self) {
        let lane = (self.index & 3) as usize;
        if lane == 0 {
            let block = self
                .stream
                .block(self.index >> 2, Item::new(Purpose::Arrival, 0, 0, 0));
            let exponential = Sampler::unit_exponential();
            self.exponentials = block.map(|bits| exponential.draw(bits));
        }
        self.index += 1;
        let mut left = self.exponentials.get(lane).copied().unwrap_or(1.0);
        loop {
            let ahead = (self.profile.block_end_s - self.at_s) * self.profile.rate;
            if left <= ahead {
                self.at_s += left * self.profile.gap_s;
                self.at = nanos(self.at_s);
                return;
            }
            left -= ahead.max(0.0);
            self.at_s = self.profile.block_end_s;
            if self.at_s >= self.profile.end_s {
                self.at = NEVER;
                return;
            }
            self.profile.next_block();
        }
    }
}

/// The rate as a step function of time.
#[derive(Debug, Clone)]
struct Profile {
    stream: Stream,
    /// Conversations per second before any factor.
    base: f64,
    hourly: [f64; 24],
    weekly: [f64; 7],
    /// Factor that gives the counted days their stated mean.
    normal: f64,
    weekday: usize,
    /// Where the counted month starts.
    month_starts_s: f64,
    day_cv: f64,
    burst: Option<(f64, f64)>,
    spikes: Vec<(f64, f64, f64)>,
    end_s: f64,
    day: (i64, f64),
    block: (i64, f64),
    block_end_s: f64,
    rate: f64,
    /// Mean seconds between two arrivals.
    gap_s: f64,
}

impl Profile {
    fn new(setting: &Setting<'_>, extra: Option<(Time, Time, f64)>) -> Self {
        let Setting {
            model,
            volume,
            facts,
            stream,
            ..
        } = *setting;
        let month_starts_s = setting.month_starts_s();
        let workload = &model.workload;
        let calendar = model.calendar;
        let weekday_sum: f64 = (0..calendar.days as usize)
            .map(|day| {
                workload
                    .weekly
                    .get((calendar.weekday + day) % 7)
                    .copied()
                    .unwrap_or(1.0)
            })
            .sum();
        let hour_sum: f64 = workload.hourly.iter().sum();
        let mut profile = Self {
            stream,
            base: facts.get(workload.conversations_per_day).max(0.0) * volume / 86_400.0,
            hourly: workload.hourly,
            weekly: workload.weekly,
            normal: f64::from(calendar.days) * 24.0 / (weekday_sum * hour_sum),
            weekday: calendar.weekday,
            month_starts_s,
            day_cv: facts.get(workload.day_cv).max(0.0),
            burst: workload.burst.map(|burst| {
                let shrunk =
                    facts.get(burst.cv).max(0.0) * libm::pow(volume, -facts.get(burst.scaling));
                (shrunk, burst.block_s)
            }),
            spikes: Vec::new(),
            end_s: setting.window.map_or_else(
                || calendar.warmup_s + f64::from(calendar.days) * 86_400.0,
                |window| window.until_s + month_starts_s,
            ),
            day: (i64::MIN, 1.0),
            block: (i64::MIN, 1.0),
            block_end_s: 0.0,
            rate: 0.0,
            gap_s: f64::INFINITY,
        };
        if setting.scripted {
            profile.spikes.extend(
                extra.map(|(from, until, multiplier)| (seconds(from), seconds(until), multiplier)),
            );
            profile.next_block();
            return profile;
        }
        for (index, spike) in workload.spikes.iter().enumerate() {
            let minutes = spike.minutes.sampler(facts);
            let month_s = calendar.warmup_s + f64::from(calendar.days) * 86_400.0;
            let mean = facts.get(spike.per_month) * (month_s / 86_400.0) / 30.0;
            let multiplier = facts.get(spike.multiplier);
            let drawn = drawn_spikes(stream, index as u64, mean, month_s, &minutes);
            let skipped_s = setting.skipped_s();
            profile.spikes.extend(
                drawn
                    .into_iter()
                    .map(|(from, until)| (from - skipped_s, until - skipped_s, multiplier)),
            );
        }
        profile.next_block();
        profile
    }

    /// Moves to the block that begins where the current one ends.
    fn next_block(&mut self) {
        let from = self.block_end_s;
        // The calendar counts from the end of the warm-up, so whole hours and days do too.
        let local = from - self.month_starts_s;
        let mut end = (libm::floor(local / HOUR_S) + 1.0) * HOUR_S;
        let day = libm::floor(local / 86_400.0);
        let hour = libm::floor((local - day * 86_400.0) / HOUR_S);
        let mut factor = self.normal
            * pick(&self.hourly, hour)
            * pick(&self.weekly, (self.weekday as f64 + day).rem_euclid(7.0));
        factor *= self.day_factor(day);
        if let Some((cv, block_s)) = self.burst {
            let block = libm::floor(local / block_s);
            end = end.min((block + 1.0) * block_s);
            factor *= self.burst_factor(block, cv);
        }
        end += self.month_starts_s;
        for &(start, stop, multiplier) in &self.spikes {
            if start <= from && from < stop {
                factor *= multiplier;
                end = end.min(stop);
            } else if start > from {
                end = end.min(start);
            }
        }
        // Rounding must not leave a block without length.
        self.block_end_s = end.max(from + 1e-6).min(self.end_s.max(from + 1e-6));
        self.rate = self.base * factor;
        self.gap_s = 1.0 / self.rate;
    }

    fn day_factor(&mut self, day: f64) -> f64 {
        let number = whole(day);
        if self.day.0 != number {
            self.day = (number, self.gamma(Purpose::DayFactor, number, self.day_cv));
        }
        self.day.1
    }

    fn burst_factor(&mut self, block: f64, cv: f64) -> f64 {
        let number = whole(block);
        if self.block.0 != number {
            self.block = (number, self.gamma(Purpose::BurstFactor, number, cv));
        }
        self.block.1
    }

    /// A gamma factor with mean 1 and coefficient of variation `cv`: shape 1/cv², scale cv².
    fn gamma(&self, purpose: Purpose, number: i64, cv: f64) -> f64 {
        let variance = cv * cv;
        match Gamma::new(1.0 / variance, variance) {
            Ok(law) if cv > 0.0 => {
                let entity = u64::from_le_bytes(number.to_le_bytes()) & 0xFF_FFFF_FFFF;
                law.sample(&mut self.stream.generator(entity, Item::new(purpose, 0, 0, 0)))
            }
            _ => 1.0,
        }
    }
}

/// Start and end of each spike of one kind, in seconds from the start of the simulated month.
pub(super) fn drawn_spikes(
    stream: Stream,
    entity: u64,
    mean: f64,
    month_s: f64,
    minutes: &Sampler,
) -> Vec<(f64, f64)> {
    let mut generator = stream.generator(entity, Item::new(Purpose::Spike, 0, 0, 0));
    let count = Poisson::new(mean).map_or(0.0, |law| law.sample(&mut generator));
    let mut list = Vec::new();
    let mut number = 0_u16;
    while f64::from(number) < count {
        let [start, length, ..] = stream.block(entity, Item::new(Purpose::Spike, 1, number, 0));
        let from = uniform(start) * month_s;
        list.push((from, from + minutes.draw(length) * 60.0));
        number += 1;
    }
    list
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole numbers below the table's length"
)]
fn pick(table: &[f64], index: f64) -> f64 {
    table.get(index as usize).copied().unwrap_or(1.0)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "day and block numbers of a simulated month"
)]
fn whole(number: f64) -> i64 {
    number as i64
}

/// Which hour of the week (0 is Monday midnight) a moment of the simulation falls into.
#[must_use]
pub fn hour_of_week(setting: &Setting<'_>, at: Time) -> usize {
    let local =
        seconds(at) - setting.month_starts_s() + setting.model.calendar.weekday as f64 * 86_400.0;
    let hours = usize::try_from(whole(libm::floor(local / HOUR_S)).rem_euclid(168));
    hours.unwrap_or(0)
}
