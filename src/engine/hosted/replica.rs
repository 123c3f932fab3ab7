//! One replica: its slots, its memory, and the virtual clock of the answers that it generates together.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use super::super::clock::{Agenda, NEVER, Time, nanos, seconds};
use super::super::event::Event;
use super::job::Phase;
use super::{Hosted, JobId};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// Serves from this time on.
    Up(Time),
    /// Finishes what it has.
    Draining,
    Off,
}

/// A replica.
#[derive(Debug, Clone)]
pub(super) struct Replica {
    pub(super) life: Life,
    pub(super) busy: u32,
    pub(super) memory: f64,
    /// Virtual clock: mean tokens.
    pub(super) clock: f64,
    /// When the clock was last set.
    pub(super) clock_at: Time,
    pub(super) due: BinaryHeap<Due>,
    pub(super) serial: u32,
    /// When prompts are being read, where that stops generation: from, to, in order.
    pub(super) pauses: VecDeque<(Time, Time)>,
    /// When the shared prefill is free.
    pub(super) prefill_free: Time,
}

/// An answer that is complete when the virtual clock stands there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    pub(super) clock: f64,
    pub(super) job: JobId,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        // The earliest is the greatest; ties by age of the job.
        other
            .clock
            .total_cmp(&self.clock)
            .then(other.job.serial.cmp(&self.job.serial))
    }
}

impl Replica {
    pub(super) fn new(ready: Time) -> Self {
        Self {
            life: Life::Up(ready),
            busy: 0,
            memory: 0.0,
            clock: 0.0,
            clock_at: 0,
            due: BinaryHeap::new(),
            serial: 0,
            pauses: VecDeque::new(),
            prefill_free: 0,
        }
    }

    /// Where the clock stands when a job is done.
    pub(super) fn due_of(&self, id: JobId) -> Option<f64> {
        self.due
            .iter()
            .find(|due| due.job == id)
            .map(|due| due.clock)
    }
}

impl Hosted {
    /// Mean tokens that a replica's clock advances from where it stands to `now`.
    pub(super) fn progress(&self, replica: &Replica, now: Time) -> f64 {
        let pace = self.pace_s(replica.busy);
        let mut passed = now.saturating_sub(replica.clock_at);
        for (from, to) in &replica.pauses {
            passed -= to.min(&now).saturating_sub(*from.max(&replica.clock_at));
        }
        if pace > 0.0 {
            seconds(passed) / pace
        } else {
            0.0
        }
    }

    /// Moves the virtual clock of a replica to `now`.
    #[inline]
    pub(super) fn advance(&mut self, now: Time, replica: usize) {
        if !self.together {
            return;
        }
        let progress = self
            .replicas
            .get(replica)
            .map_or(0.0, |at| self.progress(at, now));
        if let Some(at) = self.replicas.get_mut(replica) {
            at.clock += progress;
            at.clock_at = now;
            while at.pauses.front().is_some_and(|(_, to)| *to <= now) {
                at.pauses.pop_front();
            }
        }
    }

    /// Schedules the next end on a replica's virtual clock; earlier plans for it no longer hold.
    #[inline]
    pub(super) fn schedule(&mut self, now: Time, replica: usize, agenda: &mut Agenda<Event>) {
        // Without a slowdown by others, every end is fixed when it begins.
        if self.together {
            self.schedule_next(now, replica, agenda);
        }
    }

    fn schedule_next(&mut self, now: Time, replica: usize, agenda: &mut Agenda<Event>) {
        let busy = self.replicas.get(replica).map_or(0, |at| at.busy);
        let pace = self.pace_s(busy);
        let jobs = &self.jobs;
        let Some(at) = self.replicas.get_mut(replica) else {
            return;
        };
        at.serial = at.serial.wrapping_add(1);
        // Ends of jobs that were cut are dropped when they come to the front.
        while at.due.peek().is_some_and(|due| {
            jobs.get(due.job.index())
                .is_none_or(|held| held.serial != due.job.serial || held.phase == Phase::Free)
        }) {
            at.due.pop();
        }
        if let Some(due) = at.due.peek() {
            let mut wait = nanos((due.clock - at.clock).max(0.0) * pace);
            for (from, to) in &at.pauses {
                let from = *from.max(&now);
                if *to > from && now.saturating_add(wait) > from {
                    wait = wait.saturating_add(to - from);
                }
            }
            let event = Event::Clock {
                model: self.model,
                replica: u16::try_from(replica).unwrap_or(u16::MAX),
                serial: at.serial,
            };
            agenda.push(now.saturating_add(wait).min(NEVER), event);
        }
    }
}
