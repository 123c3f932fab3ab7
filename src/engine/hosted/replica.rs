//! One replica: its slots, its memory, and the virtual clock of the answers that it generates together.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use super::super::clock::{Agenda, NEVER, Time, nanos, seconds};
use super::super::event::Event;
use super::job::Phase;
use super::steps::{End, Step};
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
    /// When the clock stands still, in order: from, to.
    pub(super) pauses: VecDeque<(Time, Time)>,
    /// When the shared prefill is free.
    pub(super) prefill_free: Time,
    /// Prompts to be read in steps, in order, and the step under way.
    pub(super) reading: VecDeque<JobId>,
    pub(super) step: Option<Step>,
    /// Answers being generated.
    pub(super) generating: u32,
    /// Tokens held: prompts and answers so far.
    pub(super) held: f64,
    /// Seconds of generation over all answers since the last stall.
    pub(super) since_stall_s: f64,
    /// What the planned event is about.
    pub(super) next: Next,
}

/// What happens next on a replica by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// An answer is complete.
    Due,
    /// A step that reads prompts is over.
    Step,
    /// The server stands still for a while.
    Stall,
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
            reading: VecDeque::new(),
            step: None,
            generating: 0,
            held: 0.0,
            since_stall_s: 0.0,
            next: Next::Due,
        }
    }

    /// Sets the clock; what is held grows by a token of every answer.
    pub(super) fn move_to(&mut self, now: Time, clock: f64) {
        self.held += f64::from(self.generating) * (clock - self.clock);
        self.clock = clock;
        self.clock_at = now;
        while self.pauses.front().is_some_and(|(_, to)| *to <= now) {
            self.pauses.pop_front();
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
    /// Time against virtual clock on a replica as it is: seconds per token now, and what each further token adds.
    fn speed(&self, replica: &Replica) -> (f64, f64) {
        // Endless slots are spread over replicas: each holds its part.
        let part = if self.endless && replica.busy > 0 {
            self.sharing(replica.busy) / f64::from(replica.busy)
        } else {
            1.0
        };
        let reading_s = replica.step.as_ref().map_or(0.0, |step| step.extra_s);
        (
            self.pace_s(replica) + reading_s + self.held_s * replica.held * part,
            self.held_s * f64::from(replica.generating) * part,
        )
    }

    /// Mean tokens that a replica's clock advances from where it stands to `now`, and seconds that it did not stand still.
    pub(super) fn progress(&self, replica: &Replica, now: Time) -> (f64, f64) {
        let mut passed = now.saturating_sub(replica.clock_at);
        for (from, to) in &replica.pauses {
            let from = *from.max(&replica.clock_at);
            passed = passed.saturating_sub(to.min(&now).saturating_sub(from));
        }
        let passed = seconds(passed);
        let (first, more) = self.speed(replica);
        let tokens = if first <= 0.0 {
            0.0
        } else if more > 0.0 {
            // passed = first · x + more · x²/2, written so that small `more` lose no digits.
            2.0 * passed / (first + (first * first + 2.0 * more * passed).sqrt())
        } else {
            passed / first
        };
        (tokens, passed)
    }

    /// Moves the virtual clock of a replica to `now`.
    #[inline]
    pub(super) fn advance(&mut self, now: Time, replica: usize) {
        if !self.together {
            return;
        }
        let Some((tokens, passed)) = self.replicas.get(replica).map(|at| self.progress(at, now))
        else {
            return;
        };
        if let Some(at) = self.replicas.get_mut(replica) {
            at.move_to(now, at.clock + tokens);
            at.since_stall_s += f64::from(at.generating) * passed;
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
        let Some((first, more)) = self.replicas.get(replica).map(|at| self.speed(at)) else {
            return;
        };
        let (model, jobs) = (self.model, &self.jobs);
        let stalls = (self.stall_s > 0.0).then_some(self.stall_every_busy_s);
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
        let takes_s = |clock: f64| {
            let tokens = (clock - at.clock).max(0.0);
            first * tokens + 0.5 * more * tokens * tokens
        };
        // Seconds on the clock; at the same moment answers end before steps, and both before a stall.
        let mut plan = at.due.peek().map(|due| (takes_s(due.clock), Next::Due));
        let mut earlier = |wait_s: f64, what: Next| {
            if plan.is_none_or(|(sooner, _)| wait_s < sooner) {
                plan = Some((wait_s, what));
            }
        };
        match at.step.as_ref().map(|step| step.end) {
            Some(End::Clock(clock)) => earlier(takes_s(clock), Next::Step),
            // A step of prompts alone is a pause of the clock: it ends before anything else moves.
            Some(End::Pause) => earlier(f64::MIN_POSITIVE, Next::Step),
            None => {}
        }
        if let Some(every) = stalls
            && at.generating > 0
        {
            let left = (every - at.since_stall_s) / f64::from(at.generating);
            earlier(left.max(0.0), Next::Stall);
        }
        let Some((wait_s, what)) = plan else { return };
        at.next = what;
        let mut until = now.saturating_add(nanos(wait_s));
        for (from, to) in &at.pauses {
            let from = *from.max(&now);
            if *to > from && wait_s > 0.0 && until >= from {
                until = until.saturating_add(to - from);
            }
        }
        let event = Event::Clock {
            model,
            replica: u16::try_from(replica).unwrap_or(u16::MAX),
            serial: at.serial,
        };
        agenda.push(until.min(NEVER), event);
    }
}
