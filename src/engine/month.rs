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
use super::clock::Time;
use super::closing::QUARTER_HOUR;
use super::conversation::Conversation;
use super::event::Event;
use super::ledger::Month;
use super::philox::Stream;
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
}

/// Simulates one month; `None` if `cancel` was set meanwhile.
///
/// Where something was refused, the month is simulated again with the same draws and nothing refused: what full
/// service would have cost.
#[must_use]
pub fn simulate(setting: Setting<'_>, cancel: Option<&AtomicBool>) -> Option<Month> {
    let Setting {
        model,
        strategy,
        volume,
        facts,
        ..
    } = setting;
    let classes = setup::classes(model, facts, volume);
    let policy = setup::policy(model, strategy, facts);
    let mut month = Run::new(setting, &classes, &policy, false).run(cancel)?;
    if month.ledger.refused + month.ledger.queue_full > 0 {
        let full = Run::new(setting, &classes, &policy, true).run(cancel)?;
        month.full_service_usd = full.ledger.total_usd();
        month.full_service_peaks = full.peaks;
    }
    Some(month)
}

/// A month under way.
struct Run<'a> {
    world: World<'a>,
    conversations: Vec<Conversation<'a>>,
}

impl<'a> Run<'a> {
    fn new(setting: Setting<'a>, classes: &'a [Class], policy: &'a Policy, endless: bool) -> Self {
        Self {
            world: World::new(setting, classes, policy, endless),
            conversations: Vec::new(),
        }
    }

    fn run(mut self, cancel: Option<&AtomicBool>) -> Option<Month> {
        let Setting {
            model,
            volume,
            facts,
            stream,
            ..
        } = self.world.setting;
        let mut arrivals = match &self.world.log {
            Some(log) => Arrivals::logged(log),
            None => Arrivals::new(model, facts, volume, stream),
        };
        self.world.start();
        let mut tick: Time = 0;
        let mut last_event = 0;
        let mut arrival = arrivals.next_at();
        loop {
            let event = self.world.agenda.next_at();
            let now = arrival.min(event);
            while tick <= now && tick <= self.world.end {
                if cancel.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                    return None;
                }
                self.world.quarter_hour(tick);
                tick += QUARTER_HOUR;
            }
            if event <= arrival {
                let Some((_, event)) = self.world.agenda.pop() else {
                    break;
                };
                self.handle(now, event);
            } else {
                let number = arrivals.take();
                arrival = arrivals.next_at();
                self.begin(now, number);
            }
            last_event = now;
            if !self.world.notices.is_empty() {
                self.hear(now);
            }
        }
        Some(self.world.close(last_event))
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
