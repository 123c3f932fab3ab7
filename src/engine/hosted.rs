//! A self-hosted model: replicas with slots, one first-come queue, memory, and autoscaling.
//!
//! Slots of one replica are served together (continuous batching; Yu et al., "Orca", OSDI 2022): while n of them are
//! busy, a token of request i takes gᵢ × (mean + per_busy × n). All of a replica's answers therefore progress on one
//! virtual clock that counts mean tokens and runs at 1/(mean + per_busy × n) per second; request i is done when the
//! clock has advanced by gᵢ × tokens. This is the virtual time of generalised processor sharing (Parekh and Gallager
//! 1993): exact, at the cost of one heap for each replica.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use crate::model::{Facts, Server};
use crate::scenario::types::Autoscale;

use super::clock::{Agenda, NEVER, Time, nanos, seconds};
use super::month::Event;

/// A call that a hosted model serves.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Conversation that it belongs to.
    pub slot: u32,
    /// Which of its legs (the first copy, or the hedge).
    pub leg: u8,
    /// Seconds before the first token, without prefill and queueing.
    pub base_s: f64,
    /// Prompt tokens that must be read (not in the prompt cache).
    pub prefill_tokens: f64,
    /// This attempt's time per token over the mean.
    pub pace: f64,
    /// Reasoning tokens.
    pub reasoning: f64,
    /// Visible tokens.
    pub output: f64,
    /// Memory in tokens.
    pub memory: f64,
}

/// Names a job; an old name never matches a newer job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobId {
    index: u32,
    serial: u32,
}

/// What a hosted model tells a conversation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Notice {
    /// The first visible token of this leg.
    First {
        /// Conversation.
        slot: u32,
        /// Leg.
        leg: u8,
    },
    /// The whole answer of this leg, and where its time went.
    Done {
        /// Conversation.
        slot: u32,
        /// Leg.
        leg: u8,
        /// Seconds waited for a slot.
        queued_s: f64,
        /// Seconds of prefill, its queue included.
        prefill_s: f64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Free,
    Queued,
    Prefill,
    Reasoning,
    Answering,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    job: Job,
    serial: u32,
    phase: Phase,
    replica: usize,
    joined: Time,
    admitted: Time,
    decoding: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// Serves from this time on.
    Up(Time),
    /// Finishes what it has.
    Draining,
    Off,
}

#[derive(Debug, Clone)]
struct Replica {
    life: Life,
    busy: u32,
    memory: f64,
    /// Virtual clock: mean tokens.
    clock: f64,
    clock_at: Time,
    due: BinaryHeap<Due>,
    serial: u32,
    prefill_free: Time,
}

#[derive(Debug, Clone, Copy)]
struct Due {
    clock: f64,
    job: JobId,
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
        other.clock.total_cmp(&self.clock).then(other.job.serial.cmp(&self.job.serial))
    }
}

/// How long the autoscaler remembers what it wanted before it lets a replica go (the default of the Kubernetes
/// horizontal pod autoscaler).
const SCALE_DOWN_MEMORY_S: f64 = 300.0;
/// How often it looks.
const SCALE_EVERY_S: f64 = 15.0;

/// One hosted model in one month.
#[derive(Debug, Clone)]
pub struct Hosted {
    model: u16,
    replicas: Vec<Replica>,
    jobs: Vec<Held>,
    free: Vec<u32>,
    serial: u32,
    queue: VecDeque<JobId>,
    waiting: usize,
    slots: f64,
    places: f64,
    /// Seconds per mean token of one that is alone, and what each busy slot adds.
    mean_token_s: f64,
    per_busy_s: f64,
    prefill_s_per_token: f64,
    prefill_shared: bool,
    memory: f64,
    autoscale: Option<Autoscale>,
    wanted: VecDeque<(Time, usize)>,
    /// Endless slots, as in "what if nobody were refused".
    endless: bool,
    busy_total: u32,
    /// Replicas that are paid, and those of them that serve.
    paid: f64,
    serving: f64,
    last_change: Time,
    busy_seconds: f64,
    replica_seconds: f64,
    capacity_seconds: f64,
}

impl Hosted {
    /// An idle model.
    #[must_use]
    pub fn new(model: u16, server: &Server, facts: &Facts, endless: bool) -> Option<Self> {
        let hosting = server.hosting.as_ref()?;
        let count = hosting
            .autoscale
            .as_ref()
            .map_or_else(|| whole(facts.get(hosting.replicas)).max(1), |it| it.min.max(1) as usize);
        let shared = facts.opt(hosting.prefill_tokens_per_s);
        Some(Self {
            model,
            replicas: (0..count).map(|_| Replica::new(0)).collect(),
            jobs: Vec::new(),
            free: Vec::new(),
            serial: 0,
            queue: VecDeque::new(),
            waiting: 0,
            slots: facts.get(hosting.slots).max(1.0).round(),
            places: facts.get(hosting.queue).max(0.0).round(),
            mean_token_s: server.token_ms.sampler(facts).mean() * 1e-3,
            per_busy_s: facts.get(hosting.token_ms_per_busy).max(0.0) * 1e-3,
            prefill_s_per_token: shared.map_or_else(|| super::setup::prefill_s_per_token(server, facts), |rate| 1.0 / rate),
            prefill_shared: shared.is_some(),
            memory: facts.opt(hosting.kv_tokens).unwrap_or(f64::INFINITY),
            autoscale: hosting.autoscale.clone(),
            wanted: VecDeque::new(),
            endless,
            busy_total: 0,
            paid: count as f64,
            serving: count as f64,
            last_change: 0,
            busy_seconds: 0.0,
            replica_seconds: 0.0,
            capacity_seconds: 0.0,
        })
    }

    /// Schedules what happens by itself.
    pub fn start(&self, agenda: &mut Agenda<Event>) {
        if self.autoscale.is_some() {
            agenda.push(nanos(SCALE_EVERY_S), Event::Scale { model: self.model });
        }
    }

    /// A call arrives: it starts, waits, or is refused because the queue is full.
    pub fn join(&mut self, now: Time, job: Job, agenda: &mut Agenda<Event>, notices: &mut Vec<Notice>) -> Option<JobId> {
        let replica = if self.waiting == 0 { self.room_for(now, &job) } else { None };
        if replica.is_none() && self.waiting as f64 >= self.places && !self.endless {
            return None;
        }
        self.serial = self.serial.wrapping_add(1);
        let held = Held {
            job,
            serial: self.serial,
            phase: Phase::Queued,
            replica: 0,
            joined: now,
            admitted: now,
            decoding: now,
        };
        let index = if let Some(index) = self.free.pop() {
            if let Some(place) = self.jobs.get_mut(index as usize) {
                *place = held;
            }
            index
        } else {
            self.jobs.push(held);
            u32::try_from(self.jobs.len() - 1).ok()?
        };
        let id = JobId {
            index,
            serial: held.serial,
        };
        if let Some(replica) = replica {
            self.admit(now, id, replica, agenda, notices);
        } else {
            self.queue.push_back(id);
            self.waiting += 1;
        }
        Some(id)
    }

    /// A call is cut: it leaves the queue or frees its slot. The answer says how many tokens it had generated.
    pub fn cut(&mut self, now: Time, id: JobId, agenda: &mut Agenda<Event>, notices: &mut Vec<Notice>) -> f64 {
        let Some(held) = self.held(id) else { return 0.0 };
        if held.phase == Phase::Queued {
            self.waiting -= 1;
            self.release(id);
            return 0.0;
        }
        let generated = self.generated(now, &held, id);
        self.leave(now, id, agenda);
        self.fill(now, agenda, notices);
        generated
    }

    fn generated(&self, now: Time, held: &Held, id: JobId) -> f64 {
        let total = held.job.reasoning + held.job.output;
        if held.phase == Phase::Prefill || held.job.pace <= 0.0 {
            return 0.0;
        }
        let Some(replica) = self.replicas.get(held.replica) else { return 0.0 };
        let done = if self.per_busy_s > 0.0 {
            let left = replica.due.iter().find(|due| due.job == id).map_or(0.0, |due| {
                (due.clock - replica.clock - self.progress(replica, now)) / held.job.pace
            });
            let later = if held.phase == Phase::Reasoning { held.job.output } else { 0.0 };
            total - left - later
        } else if self.mean_token_s > 0.0 {
            seconds(now.saturating_sub(held.decoding)) / (held.job.pace * self.mean_token_s)
        } else {
            total
        };
        done.clamp(0.0, total)
    }

    /// A stage with a fixed end is over.
    pub fn stage_over(&mut self, now: Time, id: JobId, agenda: &mut Agenda<Event>, notices: &mut Vec<Notice>) {
        match self.held(id).map(|held| held.phase) {
            Some(Phase::Prefill) => self.decode(now, id, agenda, notices),
            Some(Phase::Reasoning) => self.answer(now, id, agenda, notices),
            Some(Phase::Answering) => self.finish(now, id, agenda, notices),
            Some(Phase::Free | Phase::Queued) | None => {}
        }
    }

    /// The virtual clock of a replica has reached the next end.
    pub fn clock_due(&mut self, now: Time, replica: usize, serial: u32, agenda: &mut Agenda<Event>, notices: &mut Vec<Notice>) {
        let Some(at) = self.replicas.get_mut(replica) else { return };
        if at.serial != serial {
            return;
        }
        let Some(due) = at.due.pop() else { return };
        // The event's time is rounded to a nanosecond; the clock is not.
        at.clock = due.clock;
        at.clock_at = now;
        let phase = self.held(due.job).map(|held| held.phase);
        match phase {
            Some(Phase::Reasoning) => self.answer(now, due.job, agenda, notices),
            Some(Phase::Answering) => self.finish(now, due.job, agenda, notices),
            _ => {}
        }
        self.schedule(now, replica, agenda);
    }

    /// The autoscaler looks.
    pub fn scale(&mut self, now: Time, end: Time, agenda: &mut Agenda<Event>, notices: &mut Vec<Notice>) {
        let Some(rule) = self.autoscale.clone() else { return };
        self.account(now);
        let demand = f64::from(self.busy_total) + self.waiting as f64;
        let wanted = whole(libm::ceil(demand / (self.slots * rule.target))).clamp(rule.min.max(1) as usize, rule.max.max(1) as usize);
        self.wanted.push_back((now, wanted));
        while self.wanted.front().is_some_and(|(at, _)| at.saturating_add(nanos(SCALE_DOWN_MEMORY_S)) <= now) {
            self.wanted.pop_front();
        }
        let remembered = self.wanted.iter().map(|(_, count)| *count).max().unwrap_or(wanted);
        let mut count = self.replicas.iter().filter(|replica| matches!(replica.life, Life::Up(_))).count();
        while count < wanted {
            let ready = now.saturating_add(nanos(rule.delay_s));
            match self.replicas.iter_mut().find(|replica| replica.life == Life::Off) {
                Some(replica) => replica.life = Life::Up(ready),
                None => self.replicas.push(Replica::new(ready)),
            }
            agenda.push(ready, Event::Ready { model: self.model });
            count += 1;
        }
        while count > remembered {
            let last = self.replicas.iter_mut().rev().find(|replica| matches!(replica.life, Life::Up(_)));
            if let Some(replica) = last {
                replica.life = if replica.busy == 0 { Life::Off } else { Life::Draining };
            }
            count -= 1;
        }
        self.recount(now);
        self.fill(now, agenda, notices);
        let next = now.saturating_add(nanos(SCALE_EVERY_S));
        if next < end {
            agenda.push(next, Event::Scale { model: self.model });
        }
    }

    /// A new replica serves from now on.
    pub fn ready(&mut self, now: Time, agenda: &mut Agenda<Event>, notices: &mut Vec<Notice>) {
        self.account(now);
        self.recount(now);
        self.fill(now, agenda, notices);
    }

    /// Seconds of busy slots, of available slots, and of paid replicas since the last call.
    pub fn take_usage(&mut self, now: Time) -> (f64, f64, f64) {
        self.account(now);
        let usage = (self.busy_seconds, self.capacity_seconds, self.replica_seconds);
        self.busy_seconds = 0.0;
        self.capacity_seconds = 0.0;
        self.replica_seconds = 0.0;
        usage
    }

    /// Slots of one replica.
    #[must_use]
    pub fn slots(&self) -> f64 {
        self.slots
    }

    fn account(&mut self, now: Time) {
        let passed = seconds(now.saturating_sub(self.last_change));
        self.last_change = now;
        self.busy_seconds += passed * f64::from(self.busy_total);
        self.replica_seconds += passed * self.paid;
        self.capacity_seconds += passed * self.serving * self.slots;
    }

    /// Counts replicas after some of them have changed.
    fn recount(&mut self, now: Time) {
        let paid = self.replicas.iter().filter(|replica| replica.life != Life::Off).count();
        let serving = self.replicas.iter().filter(|replica| matches!(replica.life, Life::Up(at) if at <= now)).count();
        self.paid = paid as f64;
        self.serving = serving as f64;
    }

    fn held(&self, id: JobId) -> Option<Held> {
        self.jobs.get(id.index as usize).copied().filter(|held| held.serial == id.serial && held.phase != Phase::Free)
    }

    fn held_mut(&mut self, id: JobId) -> Option<&mut Held> {
        self.jobs.get_mut(id.index as usize).filter(|held| held.serial == id.serial)
    }

    /// The replica with the fewest busy slots that has room, the lowest number first.
    fn room_for(&self, now: Time, job: &Job) -> Option<usize> {
        if self.endless {
            return Some(0);
        }
        let mut best: Option<(u32, usize)> = None;
        for (index, replica) in self.replicas.iter().enumerate() {
            let serves = matches!(replica.life, Life::Up(at) if at <= now);
            // A job larger than the whole memory would block the queue for good: it runs alone.
            let fits = replica.memory + job.memory <= self.memory || replica.busy == 0;
            if serves && f64::from(replica.busy) < self.slots && fits && best.is_none_or(|(busy, _)| replica.busy < busy) {
                best = Some((replica.busy, index));
            }
        }
        best.map(|(_, index)| index)
    }

    fn admit(&mut self, now: Time, id: JobId, replica: usize, agenda: &mut Agenda<Event>, notices: &mut Vec<Notice>) {
        self.account(now);
        self.advance(now, replica);
        let prefill_s_per_token = self.prefill_s_per_token;
        let shared = self.prefill_shared;
        let Some(held) = self.held_mut(id) else { return };
        held.phase = Phase::Prefill;
        held.replica = replica;
        held.admitted = now;
        let job = held.job;
        self.busy_total += 1;
        let Some(at) = self.replicas.get_mut(replica) else { return };
        at.busy += 1;
        at.memory += job.memory;
        let read = nanos(job.prefill_tokens * prefill_s_per_token);
        let prefilled = if shared {
            at.prefill_free = at.prefill_free.max(now).saturating_add(read);
            at.prefill_free
        } else {
            now.saturating_add(read)
        };
        let ready = prefilled.saturating_add(nanos(job.base_s));
        if ready > now {
            agenda.push(ready, Event::Stage { model: self.model, job: id });
        } else {
            self.decode(now, id, agenda, notices);
        }
        self.schedule(now, replica, agenda);
    }

    fn decode(&mut self, now: Time, id: JobId, agenda: &mut Agenda<Event>, notices: &mut Vec<Notice>) {
        let Some(held) = self.held_mut(id) else { return };
        held.decoding = now;
        held.phase = Phase::Reasoning;
        let reasoning = held.job.reasoning;
        if reasoning > 0.0 {
            self.generate(now, id, reasoning, agenda);
        } else {
            self.answer(now, id, agenda, notices);
        }
    }

    fn answer(&mut self, now: Time, id: JobId, agenda: &mut Agenda<Event>, notices: &mut Vec<Notice>) {
        let Some(held) = self.held_mut(id) else { return };
        held.phase = Phase::Answering;
        let job = held.job;
        notices.push(Notice::First {
            slot: job.slot,
            leg: job.leg,
        });
        self.generate(now, id, job.output, agenda);
    }

    fn generate(&mut self, now: Time, id: JobId, tokens: f64, agenda: &mut Agenda<Event>) {
        let Some(held) = self.held(id) else { return };
        let work = held.job.pace * tokens;
        if self.per_busy_s > 0.0 {
            self.advance(now, held.replica);
            if let Some(replica) = self.replicas.get_mut(held.replica) {
                let clock = replica.clock + work;
                replica.due.push(Due { clock, job: id });
            }
            self.schedule(now, held.replica, agenda);
        } else {
            let end = now.saturating_add(nanos(work * self.mean_token_s));
            agenda.push(end, Event::Stage { model: self.model, job: id });
        }
    }

    fn finish(&mut self, now: Time, id: JobId, agenda: &mut Agenda<Event>, notices: &mut Vec<Notice>) {
        let Some(held) = self.held(id) else { return };
        notices.push(Notice::Done {
            slot: held.job.slot,
            leg: held.job.leg,
            queued_s: seconds(held.admitted - held.joined),
            prefill_s: (seconds(held.decoding - held.admitted) - held.job.base_s).max(0.0),
        });
        self.leave(now, id, agenda);
        self.fill(now, agenda, notices);
    }

    /// Frees the slot of a job.
    fn leave(&mut self, now: Time, id: JobId, agenda: &mut Agenda<Event>) {
        let Some(held) = self.held(id) else { return };
        self.account(now);
        self.advance(now, held.replica);
        self.busy_total -= 1;
        if let Some(replica) = self.replicas.get_mut(held.replica) {
            replica.busy -= 1;
            replica.memory -= held.job.memory;
            if replica.busy == 0 {
                replica.memory = 0.0;
                if replica.life == Life::Draining {
                    replica.life = Life::Off;
                    self.paid -= 1.0;
                }
            }
        }
        self.release(id);
        self.schedule(now, held.replica, agenda);
    }

    fn release(&mut self, id: JobId) {
        if let Some(held) = self.held_mut(id) {
            held.phase = Phase::Free;
            self.free.push(id.index);
        }
    }

    /// Starts those who wait, in order, as long as the first of them fits somewhere.
    fn fill(&mut self, now: Time, agenda: &mut Agenda<Event>, notices: &mut Vec<Notice>) {
        while let Some(&id) = self.queue.front() {
            match self.held(id) {
                Some(held) if held.phase == Phase::Queued => {
                    let Some(replica) = self.room_for(now, &held.job) else { return };
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

    /// Mean tokens that a replica's clock advances from where it stands to `now`.
    fn progress(&self, replica: &Replica, now: Time) -> f64 {
        let sharing = f64::from(replica.busy).min(self.slots);
        let pace = self.mean_token_s + self.per_busy_s * sharing;
        if pace > 0.0 { seconds(now.saturating_sub(replica.clock_at)) / pace } else { 0.0 }
    }

    fn advance(&mut self, now: Time, replica: usize) {
        if self.per_busy_s <= 0.0 {
            return;
        }
        let progress = self.replicas.get(replica).map_or(0.0, |at| self.progress(at, now));
        if let Some(at) = self.replicas.get_mut(replica) {
            at.clock += progress;
            at.clock_at = now;
        }
    }

    /// Schedules the next end on a replica's virtual clock; earlier plans for it no longer hold.
    fn schedule(&mut self, now: Time, replica: usize, agenda: &mut Agenda<Event>) {
        if self.per_busy_s <= 0.0 {
            return;
        }
        let (mean, per_busy, slots) = (self.mean_token_s, self.per_busy_s, self.slots);
        let jobs = &self.jobs;
        let Some(at) = self.replicas.get_mut(replica) else { return };
        at.serial = at.serial.wrapping_add(1);
        // Ends of jobs that were cut are dropped when they come to the front.
        while at.due.peek().is_some_and(|due| {
            jobs.get(due.job.index as usize).is_none_or(|held| held.serial != due.job.serial || held.phase == Phase::Free)
        }) {
            at.due.pop();
        }
        if let Some(due) = at.due.peek() {
            let pace = mean + per_busy * f64::from(at.busy).min(slots);
            let wait = nanos((due.clock - at.clock).max(0.0) * pace);
            let event = Event::Clock {
                model: self.model,
                replica: u16::try_from(replica).unwrap_or(u16::MAX),
                serial: at.serial,
            };
            agenda.push(now.saturating_add(wait).min(NEVER), event);
        }
    }
}

impl Replica {
    fn new(ready: Time) -> Self {
        Self {
            life: Life::Up(ready),
            busy: 0,
            memory: 0.0,
            clock: 0.0,
            clock_at: 0,
            due: BinaryHeap::new(),
            serial: 0,
            prefill_free: 0,
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, which is meant")]
fn whole(number: f64) -> usize {
    number.round() as usize
}
