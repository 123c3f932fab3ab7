//! A job's way through a replica: admission, prefill, reasoning, answer, and the slot that becomes free.

use super::super::clock::{Agenda, Time, nanos, seconds};
use super::super::event::Event;
use super::job::Phase;
use super::replica::{Due, Life, Next};
use super::{Hosted, JobId, Notice, Prefill, Told};

impl Hosted {
    /// A stage with a fixed end is over.
    pub fn stage_over(
        &mut self,
        now: Time,
        id: JobId,
        agenda: &mut Agenda<Event>,
        notices: &mut Vec<Notice>,
    ) {
        match self.held(id).map(|held| held.phase) {
            Some(Phase::Prefill) if self.stepped() => self.read(now, id, agenda),
            Some(Phase::Prefill) => self.decode(now, id, agenda, notices),
            Some(Phase::Reasoning) => self.answer(now, id, agenda, notices),
            Some(Phase::Answering) => self.finish(now, id, agenda, notices),
            Some(Phase::Free | Phase::Queued | Phase::Reading) | None => {}
        }
    }

    /// The virtual clock of a replica has reached the next end.
    pub fn clock_due(
        &mut self,
        now: Time,
        replica: usize,
        serial: u32,
        agenda: &mut Agenda<Event>,
        notices: &mut Vec<Notice>,
    ) {
        let Some((next, due)) = self
            .replicas
            .get(replica)
            .filter(|at| at.serial == serial)
            .map(|at| (at.next, at.due.peek().copied()))
        else {
            return;
        };
        self.advance(now, replica);
        match (next, due) {
            (Next::Step, _) => self.end_step(now, replica, agenda, notices),
            (Next::Stall, _) => self.stall(now, replica),
            (Next::Due, Some(due)) => {
                if let Some(at) = self.replicas.get_mut(replica) {
                    at.due.pop();
                    // The event's time is rounded to a nanosecond; the clock is not.
                    at.move_to(now, due.clock);
                }
                match self.held(due.job).map(|held| held.phase) {
                    Some(Phase::Reasoning) => self.answer(now, due.job, agenda, notices),
                    Some(Phase::Answering) => self.finish(now, due.job, agenda, notices),
                    _ => {}
                }
            }
            (Next::Due, None) => {}
        }
        self.schedule(now, replica, agenda);
    }

    /// A job takes a slot.
    #[inline]
    pub(super) fn admit(
        &mut self,
        now: Time,
        id: JobId,
        replica: usize,
        agenda: &mut Agenda<Event>,
        notices: &mut Vec<Notice>,
    ) {
        self.account(now);
        self.advance(now, replica);
        self.busy_total += 1;
        let (prefill, stepped, endless) = (self.prefill, self.stepped(), self.endless);
        let Some(held) = self.jobs.get_mut(id.index()) else {
            return;
        };
        let Some(at) = self.replicas.get_mut(replica) else {
            return;
        };
        held.phase = Phase::Prefill;
        held.replica = replica;
        held.admitted = now;
        at.busy += 1;
        at.memory += held.job.memory;
        self.memory_used += held.job.memory;
        let read_s = held.job.prefill_tokens * self.prefill_s_per_token;
        self.prefill_seconds += read_s;
        let read = nanos(read_s);
        let prefilled = match prefill {
            _ if endless => now.saturating_add(read),
            Prefill::Apart => now.saturating_add(read),
            Prefill::Shared => {
                at.prefill_free = at.prefill_free.max(now).saturating_add(read);
                at.prefill_free
            }
            Prefill::Stepped | Prefill::Pausing => now,
        };
        let ready = prefilled.saturating_add(nanos(held.job.base_s));
        if ready > now {
            agenda.push(
                ready,
                Event::Stage {
                    model: self.model,
                    job: id,
                },
            );
        } else if stepped {
            self.read(now, id, agenda);
        } else {
            self.decode(now, id, agenda, notices);
        }
        self.schedule(now, replica, agenda);
    }

    /// The prompt is read.
    pub(super) fn decode(
        &mut self,
        now: Time,
        id: JobId,
        agenda: &mut Agenda<Event>,
        notices: &mut Vec<Notice>,
    ) {
        let Some(held) = self.held_mut(id) else {
            return;
        };
        let replica = held.replica;
        held.decoding = now;
        held.phase = Phase::Reasoning;
        let prompt = held.prompt();
        self.advance(now, replica);
        let clock = self.replicas.get_mut(replica).map_or(0.0, |at| {
            at.generating += 1;
            at.held += prompt;
            at.clock
        });
        let Some(held) = self.held_mut(id) else {
            return;
        };
        held.decoding_clock = clock;
        if held.job.reasoning > 0.0 {
            let work = held.job.pace * held.job.reasoning;
            self.generate(now, id, work, agenda);
        } else {
            self.answer(now, id, agenda, notices);
        }
    }

    /// The first visible token is there.
    #[inline]
    fn answer(
        &mut self,
        now: Time,
        id: JobId,
        agenda: &mut Agenda<Event>,
        notices: &mut Vec<Notice>,
    ) {
        let tells_first = self.tells_first;
        let Some(held) = self.held_mut(id) else {
            return;
        };
        held.phase = Phase::Answering;
        held.answering = now;
        if tells_first {
            notices.push(Notice {
                slot: held.job.slot,
                leg: held.job.leg,
                told: Told::First,
            });
        }
        let work = held.job.pace * held.job.output;
        self.generate(now, id, work, agenda);
    }

    /// Starts to generate so much work, in tokens at the mean pace.
    #[inline]
    fn generate(&mut self, now: Time, id: JobId, work: f64, agenda: &mut Agenda<Event>) {
        if self.together {
            let Some(replica) = self.held(id).map(|held| held.replica) else {
                return;
            };
            self.advance(now, replica);
            if let Some(at) = self.replicas.get_mut(replica) {
                let clock = at.clock + work;
                at.due.push(Due { clock, job: id });
            }
            self.schedule(now, replica, agenda);
        } else {
            let end = now.saturating_add(nanos(work * self.mean_token_s));
            agenda.push(
                end,
                Event::Stage {
                    model: self.model,
                    job: id,
                },
            );
        }
    }

    /// The answer is complete.
    fn finish(
        &mut self,
        now: Time,
        id: JobId,
        agenda: &mut Agenda<Event>,
        notices: &mut Vec<Notice>,
    ) {
        let Some(held) = self.held(id) else { return };
        notices.push(Notice {
            slot: held.job.slot,
            leg: held.job.leg,
            told: Told::Done {
                first: held.answering,
                queued_s: seconds(held.admitted - held.joined),
                prefill_s: (seconds(held.decoding - held.admitted) - held.job.base_s).max(0.0),
            },
        });
        self.leave(now, id, agenda);
        self.fill(now, agenda, notices);
    }

    /// Frees the slot of a job.
    #[inline]
    pub(super) fn leave(&mut self, now: Time, id: JobId, agenda: &mut Agenda<Event>) {
        let Some(held) = self.held(id).copied() else {
            return;
        };
        let (replica, memory) = (held.replica, held.job.memory);
        self.account(now);
        self.advance(now, replica);
        self.busy_total -= 1;
        self.memory_used = if self.busy_total > 0 {
            self.memory_used - memory
        } else {
            0.0
        };
        if let Some(at) = self.replicas.get_mut(replica) {
            at.busy -= 1;
            at.memory -= memory;
            if matches!(held.phase, Phase::Reasoning | Phase::Answering) {
                at.generating -= 1;
                at.held -= held.prompt() + at.clock - held.decoding_clock;
            }
            if at.busy == 0 {
                (at.memory, at.held) = (0.0, 0.0);
                if at.life == Life::Draining {
                    at.life = Life::Off;
                    self.paid -= 1.0;
                }
            }
        }
        self.release(id);
        self.schedule(now, replica, agenda);
    }

    /// Starts those who wait, in order, as long as the first of them fits somewhere.
    pub(super) fn fill(
        &mut self,
        now: Time,
        agenda: &mut Agenda<Event>,
        notices: &mut Vec<Notice>,
    ) {
        while let Some(&id) = self.queue.front() {
            match self.held(id) {
                Some(held) if held.phase == Phase::Queued => {
                    let Some(replica) = self.room_for(now, held.job.memory) else {
                        return;
                    };
                    self.queue.pop_front();
                    self.waiting -= 1;
                    self.admit(now, id, replica, agenda, notices);
                }
                // It gave up while waiting.
                _ => {
                    self.queue.pop_front();
                }
            }
        }
    }
}
