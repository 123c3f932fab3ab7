//! Windows of ordinary months: a part of a month simulated at its full rate, with what came before it in mind.
//!
//! A window starts a warm-up before it counts, which covers what a system forgets within minutes: conversations under
//! way, prompt caches, token buckets, queues, breakers. The response cache remembers for hours or days, so it is filled
//! before ([`super::filled`]).

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::model::{Facts, Model};

use super::arrivals::{Demand, demand};
use super::clock::{Time, nanos};
use super::closing::{budget_usd, by_the_month};
use super::filled::filled_cache;
use super::incidents::weather;
use super::ledger::{Bill, LINES, Month};
use super::month::{Setting, simulate_classes};
use super::questions::Popularity;
use super::setup;

/// Tables that are the same for many windows.
#[derive(Debug, Clone, Default)]
pub struct Tables(Vec<Arc<Popularity>>);

impl Tables {
    /// Those of a volume, at these facts.
    #[must_use]
    pub fn new(model: &Model, facts: &Facts, volume: f64) -> Self {
        let classes = setup::classes(model, facts, volume, &[]);
        Self(
            classes
                .into_iter()
                .filter_map(|class| class.popularity)
                .collect(),
        )
    }

    /// The tables of popular questions.
    pub(super) fn known(&self) -> &[Arc<Popularity>] {
        &self.0
    }
}

/// What a month brings that is known before any request: demand, and the bad times of its providers.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// Conversations to come.
    pub demand: Demand,
    /// By provider: outages and brownouts, start and end in seconds from the start of the counted month.
    pub incidents: Vec<[Vec<(f64, f64)>; 2]>,
}

/// The outlook of the setting's month.
#[must_use]
pub fn outlook(setting: &Setting<'_>) -> Outlook {
    let warmup_s = setting.model.calendar.warmup_s;
    let month_s = setting.model.length_s(setting.volume);
    let end = nanos(warmup_s + month_s);
    let listed = |periods: &[(Time, Time)]| {
        periods
            .iter()
            .map(|(from, until)| {
                let at = |time: Time| super::clock::seconds(time) - warmup_s;
                (at(*from), at(*until).min(month_s))
            })
            .filter(|(from, until)| *until > 0.0 && from < until)
            .collect()
    };
    Outlook {
        demand: demand(setting),
        incidents: weather(setting.model, setting.facts, end, setting.stream)
            .iter()
            .map(|weather| {
                [
                    listed(weather.outage.periods()),
                    listed(weather.brownout.periods()),
                ]
            })
            .collect(),
    }
}

/// What is known of a month's money and limits whatever happens in it.
#[derive(Debug, Clone, PartialEq)]
pub struct MonthLines {
    /// What is paid by the month, US dollars.
    pub bill: Bill,
    /// What it may cost, US dollars.
    pub budget_usd: Option<f64>,
    /// Limits by model, in the order of [`super::limits::KINDS`].
    pub limits: Vec<[Option<f64>; 6]>,
}

/// The lines of the setting's month.
#[must_use]
pub fn month_lines(setting: &Setting<'_>) -> MonthLines {
    let policy = setup::policy(setting.model, setting.strategy, setting.facts);
    let servers = setup::servers(
        setting.model,
        setting.strategy,
        setting.facts,
        setting.volume,
        false,
    );
    let months = setting.counted_s() / 86_400.0 / 30.0;
    let mut bill = [0.0; LINES.len()];
    for (line, usd) in by_the_month(setting, &servers, &policy.route) {
        if let Some(sum) = bill.get_mut(line as usize) {
            *sum += usd * months;
        }
    }
    MonthLines {
        bill,
        budget_usd: budget_usd(setting),
        limits: servers.iter().map(|server| server.limits).collect(),
    }
}

/// Simulates the setting's window; `None` if `cancel` was set meanwhile. Lines that are paid by the month are in the
/// bill in proportion to the counted time.
#[must_use]
pub fn simulate_window(
    setting: Setting<'_>,
    tables: &Tables,
    cancel: Option<&AtomicBool>,
) -> Option<Month> {
    let classes = setup::classes(setting.model, setting.facts, setting.volume, &tables.0);
    let cache = match setting.strategy.response_cache {
        Some(_) => Some(filled_cache(&setting, &classes, cancel)?),
        None => None,
    };
    simulate_classes(setting, &classes, cache.as_ref(), cancel)
}
