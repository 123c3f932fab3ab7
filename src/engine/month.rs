//! The event loop of one month of one strategy at one volume.
//!
//! Everything that is decided when an attempt is sent (its durations, its errors, the state of limits, caches and
//! providers) is settled at that moment; only what depends on what others do meanwhile becomes an event: slots of
//! hosted models, hedges, retries, the next question. A plain request to a provider therefore costs one event.
//!
//! The loop keeps the conversations and hands one of them at a time to the [`World`], which is everything else.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::{Facts, Model, Strategy};

use super::arrivals::Arrivals;
use super::clock::{NEVER, Time, nanos};
use super::closing::QUARTER_HOUR;
use super::conversation::Conversation;
use super::event::Event;
use super::ledger::Month;
use super::philox::Stream;
use super::response_cache::ResponseCache;
use super::setup::{self, Class, Policy};
use super::world::World;

/// What a month is simulated with.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The compiled scenario.
    pub model: &'a Model,
    /// The strategy.
    pub strategy: &'a Strategy,
    /// Multiple of the launch volume.
    pub volume: f64,
    /// The month's facts.
    pub facts: &'a Facts,
    /// The month's random numbers.
    pub stream: Stream,
    /// The part of the month to simulate; `None`: all of it.
    pub window: Option<Window>,
    /// The scenario's outages, brownouts and spikes do not happen: what does is scripted.
    pub scripted: bool,
}

/// A part of a month. All times are seconds from the start of the counted month; whole hours, so that the clock's ticks
/// fall on them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Simulated from here, with nothing going on yet; below 0 in the warm-up.
    pub from_s: f64,
    /// Requests sent from here on count.
    pub counts_from_s: f64,
    /// Requests sent from here on no longer count.
    pub counts_until_s: f64,
    /// No more questions are asked.
    pub until_s: f64,
}

impl Setting<'_> {
    /// Where the counted month starts on the clock of the simulation, in seconds; below 0 if a window starts later.
    #[must_use]
    pub fn month_starts_s(&self) -> f64 {
        self.window
            .map_or(self.model.calendar.warmup_s, |window| -window.from_s)
    }

    /// What lies between the start of the whole month's simulation and that of the window, in seconds: where the
    /// month's own incidents and spikes are on the clock of the window.
    #[must_use]
    pub(super) fn skipped_s(&self) -> f64 {
        match self.window {
            Some(window) if !self.scripted => self.model.calendar.warmup_s + window.from_s,
            _ => 0.0,
        }
    }

    /// Conversations of a window of an ordinary month have numbers of their own: which ones the month gives them is
    /// known only to those who simulate all that comes before. Windows that begin at the same time share their luck.
    #[must_use]
    pub(super) fn numbers_from(&self) -> u64 {
        match self.window {
            Some(_) if !self.scripted => (1 << 39) | quarters(self.skipped_s()) << 24,
            _ => 0,
        }
    }

    /// Counted seconds.
    #[must_use]
    pub fn counted_s(&self) -> f64 {
        self.window.map_or_else(
            || self.model.length_s(self.volume),
            |window| window.counts_until_s - window.counts_from_s,
        )
    }

    /// On the clock of the simulation: counting begins, counting ends, no more questions are asked.
    pub(super) fn times(&self) -> (Time, Time, Time) {
        let starts_s = self.month_starts_s();
        if let Some(window) = self.window {
            let at = |second: f64| nanos(second + starts_s);
            (
                at(window.counts_from_s),
                at(window.counts_until_s),
                at(window.until_s),
            )
        } else {
            let from = nanos(starts_s);
            let end = from + nanos(self.model.length_s(self.volume));
            (from, end, end)
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "quarters of an hour since the start of a month"
)]
fn quarters(seconds: f64) -> u64 {
    (seconds / 900.0) as u64 & 0x3FFF
}

/// Simulates one month; `None` if `cancel` was set meanwhile.
///
/// Where something was refused, the month is simulated again with the same draws and nothing refused: what full
/// service would have cost.
#[must_use]
pub fn simulate(setting: Setting<'_>, cancel: Option<&AtomicBool>) -> Option<Month> {
    let Setting {
        model,
        volume,
        facts,
        ..
    } = setting;
    let classes = setup::classes(model, facts, volume, &[]);
    simulate_classes(setting, &classes, None, cancel)
}

/// Simulates a month or a window of it with classes that are set up already, and with what the response cache holds
/// from before the window.
pub(super) fn simulate_classes(
    setting: Setting<'_>,
    classes: &[Class],
    cache: Option<&ResponseCache>,
    cancel: Option<&AtomicBool>,
) -> Option<Month> {
    let policy = setup::policy(setting.model, setting.strategy, setting.facts);
    let run = |endless| {
        let mut run = Run::new(setting, classes, &policy, endless);
        if let (Some(before), Some(own)) = (cache, &mut run.world.cache) {
            own.clone_from(before);
        }
        run.run(cancel)
    };
    let mut month = run(false)?;
    if month.ledger.refused + month.ledger.queue_full > 0 {
        let full = run(true)?;
        month.full_service_usd = full.ledger.total_usd();
        month.full_service_peaks = full.peaks;
    }
    Some(month)
}

/// A month under way.
#[derive(Clone)]
pub(super) struct Run<'a> {
    pub(super) world: World<'a>,
    pub(super) conversations: Vec<Conversation<'a>>,
    pub(super) arrivals: Arrivals,
    tick: Time,
    last_event: Time,
    steps: u32,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        setting: Setting<'a>,
        classes: &'a [Class],
        policy: &'a Policy,
        endless: bool,
    ) -> Self {
        let mut world = World::new(setting, classes, policy, endless);
        let arrivals = match &world.log {
            Some(log) => Arrivals::logged(log),
            None => Arrivals::new(&setting, None),
        };
        world.start();
        Self {
            world,
            conversations: Vec::new(),
            arrivals,
            tick: 0,
            last_event: 0,
            steps: 0,
        }
    }

    fn run(mut self, cancel: Option<&AtomicBool>) -> Option<Month> {
        self.advance(NEVER, cancel)?;
        Some(self.close())
    }

    /// What the month adds up to.
    pub(super) fn close(self) -> Month {
        let began = self.arrivals.taken() - self.world.setting.numbers_from();
        Month {
            began,
            ..self.world.close(self.last_event)
        }
    }

    /// Moves on to everything that happens before `until`; `None` if `cancel` was set meanwhile.
    pub(super) fn advance(&mut self, until: Time, cancel: Option<&AtomicBool>) -> Option<()> {
        let mut arrival = self.arrivals.next_at();
        loop {
            let event = self.world.agenda.next_at();
            let now = arrival.min(event);
            while self.tick <= now && self.tick <= self.world.end && self.tick < until {
                if cancel.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                    return None;
                }
                self.world.quarter_hour(self.tick);
                self.tick += QUARTER_HOUR;
            }
            if now >= until {
                return Some(());
            }
            self.steps = self.steps.wrapping_add(1);
            if self.steps.is_multiple_of(1024)
                && cancel.is_some_and(|flag| flag.load(Ordering::Relaxed))
            {
                return None;
            }
            self.world.minute_ends(now);
            if event <= arrival {
                let Some((_, event)) = self.world.agenda.pop() else {
                    return Some(());
                };
                self.handle(now, event);
            } else {
                let number = self.arrivals.take();
                arrival = self.arrivals.next_at();
                self.begin(now, number);
            }
            self.last_event = now;
            if !self.world.notices.is_empty() {
                self.hear(now);
            }
        }
    }

    /// A conversation begins, in the place of one that is over.
    fn begin(&mut self, now: Time, number: u64) {
        let Some(class) = self.world.classes.first() else {
            return;
        };
        let slot = self.world.vacant.pop().unwrap_or_else(|| {
            let slot = u32::try_from(self.conversations.len()).unwrap_or(u32::MAX);
            self.conversations.push(Conversation::vacant(slot, class));
            slot
        });
        if let Some(conversation) = self.conversations.get_mut(slot as usize) {
            self.world.begin(now, number, conversation);
        }
    }

    fn handle(&mut self, now: Time, event: Event) {
        match event {
            Event::Conversation { slot, serial, what } => {
                if let Some(conversation) = self.conversations.get_mut(slot as usize)
                    && conversation.serial == serial
                {
                    self.world.happens(now, conversation, what);
                }
            }
            Event::Stage { model, job } => {
                self.world.hosted(model, |hosted, agenda, notices| {
                    hosted.stage_over(now, job, agenda, notices);
                });
            }
            Event::Clock {
                model,
                replica,
                serial,
            } => {
                let replica = usize::from(replica);
                self.world.hosted(model, |hosted, agenda, notices| {
                    hosted.clock_due(now, replica, serial, agenda, notices);
                });
            }
            Event::Scale { model } => {
                let end = self.world.end;
                self.world.hosted(model, |hosted, agenda, notices| {
                    hosted.scale(now, end, agenda, notices);
                });
            }
            Event::Relief => self.world.relieve(now),
            Event::Ready { model } => {
                self.world.hosted(model, |hosted, agenda, notices| {
                    hosted.ready(now, agenda, notices);
                });
            }
        }
    }

    /// Tells conversations what hosted models have to say; what follows may make them say more.
    fn hear(&mut self, now: Time) {
        let mut next = 0;
        while let Some(&notice) = self.world.notices.get(next) {
            next += 1;
            if let Some(conversation) = self.conversations.get_mut(notice.slot as usize) {
                self.world.hear(now, conversation, &notice);
            }
        }
        self.world.notices.clear();
    }
}
