//! Steps that read prompts, as the schedulers of inference servers make them.
//!
//! A step begins at a whole number of the replica's clock, where every answer has its token. It takes prompts in order of
//! arrival up to its budget, the last one in part; whose prompt is read whole by then has its first token at the end of the
//! step. With chunked prefill the budget is what the answers' own tokens leave of it; with pauses all of it, and the clock
//! stands still.

use super::super::clock::{Agenda, Time, nanos};
use super::super::event::Event;
use super::job::Phase;
use super::{Hosted, JobId, Notice, Prefill};

/// A step under way.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) end: End,
    /// Requests whose prompt ends in it.
    done: Vec<JobId>,
    /// Seconds that the step is longer than one without prompts; 0 while a step that was under way is finished.
    pub(super) extra_s: f64,
}

/// When a step ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum End {
    /// When the clock stands there.
    Clock(f64),
    /// When the clock's pause is over.
    Pause,
}

/// A clock this near to a whole number stands there: what comes of adding.
const WHOLE: f64 = 1e-6;

impl Hosted {
    /// Prompts are read in steps. Endless slots are those of as many replicas as it takes: nobody waits to be read.
    pub(super) const fn stepped(&self) -> bool {
        !self.endless && matches!(self.prefill, Prefill::Stepped | Prefill::Pausing)
    }

    /// A request's prompt is to be read.
    pub(super) fn read(&mut self, now: Time, id: JobId, agenda: &mut Agenda<Event>) {
        let Some(held) = self.held_mut(id) else {
            return;
        };
        held.phase = Phase::Reading;
        let replica = held.replica;
        self.advance(now, replica);
        if let Some(at) = self.replicas.get_mut(replica) {
            at.reading.push_back(id);
        }
        self.begin_step(now, replica);
        self.schedule(now, replica, agenda);
    }

    /// Begins a step if there are prompts and none is under way.
    fn begin_step(&mut self, now: Time, replica: usize) {
        let Some(at) = self.replicas.get_mut(replica) else {
            return;
        };
        if at.step.is_some() || at.reading.is_empty() {
            return;
        }
        if at.generating == 0 {
            at.clock = at.clock.ceil();
        } else if at.clock.fract() > WHOLE && at.clock.fract() < 1.0 - WHOLE {
            // Answers under way get the token that they are at.
            at.step = Some(Step {
                end: End::Clock(at.clock.ceil()),
                done: Vec::new(),
                extra_s: 0.0,
            });
            return;
        }
        let mut step = Step {
            end: End::Clock(at.clock.round() + 1.0),
            done: Vec::new(),
            extra_s: 0.0,
        };
        let own = if self.prefill == Prefill::Stepped {
            f64::from(at.generating)
        } else {
            0.0
        };
        let mut budget = (self.step_tokens - own).max(1.0);
        let (mut prompts, mut tokens) = (0_u32, 0.0);
        while let Some(&id) = at.reading.front() {
            let Some(held) = self
                .jobs
                .get_mut(id.index())
                .filter(|held| held.serial == id.serial && held.phase == Phase::Reading)
            else {
                // It was cut.
                at.reading.pop_front();
                continue;
            };
            if budget <= 0.0 {
                break;
            }
            let taken = held.unread.min(budget);
            held.unread -= taken;
            budget -= taken;
            tokens += taken;
            prompts += 1;
            if held.unread > 0.0 {
                break;
            }
            at.reading.pop_front();
            step.done.push(id);
        }
        if prompts == 0 {
            return;
        }
        let extra_s = self.prefill_fixed_s + tokens * self.prefill_s_per_token;
        if self.prefill == Prefill::Pausing {
            let from = at.pauses.back().map_or(now, |(_, to)| now.max(*to));
            at.pauses
                .push_back((from, from.saturating_add(nanos(extra_s))));
            step.end = End::Pause;
        } else {
            step.extra_s = extra_s;
        }
        at.step = Some(step);
    }

    /// A step is over: first tokens, and the next one.
    pub(super) fn end_step(
        &mut self,
        now: Time,
        replica: usize,
        agenda: &mut Agenda<Event>,
        notices: &mut Vec<Notice>,
    ) {
        let Some(at) = self.replicas.get_mut(replica) else {
            return;
        };
        let Some(step) = at.step.take() else { return };
        if let End::Clock(clock) = step.end {
            at.move_to(now, clock);
        }
        for id in step.done {
            if self
                .held(id)
                .is_some_and(|held| held.phase == Phase::Reading)
            {
                self.decode(now, id, agenda, notices);
            }
        }
        self.begin_step(now, replica);
    }

    /// The server stands still for a while.
    pub(super) fn stall(&mut self, now: Time, replica: usize) {
        let length = nanos(self.stall_s);
        if let Some(at) = self.replicas.get_mut(replica) {
            at.since_stall_s = 0.0;
            at.pauses.push_back((now, now.saturating_add(length)));
        }
    }
}
