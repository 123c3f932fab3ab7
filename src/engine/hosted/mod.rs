//! A self-hosted model: replicas with slots, one first-come queue, memory, and autoscaling.
//!
//! Slots of one replica are served together (continuous batching; Yu et al., "Orca", OSDI 2022): while n of them are
//! busy, a token of request i takes gᵢ × (mean + b × n), b being what each busy slot adds. All of a replica's answers therefore progress on one
//! virtual clock that counts mean tokens and runs at 1/(mean + b × n) per second; request i is done when the
//! clock has advanced by gᵢ × tokens. This is the virtual time of generalised processor sharing (Parekh and Gallager
//! 1993): exact, at the cost of one heap for each replica. `slowdown` replaces the straight line by a measured curve.
//!
//! With `step_tokens` or `prefill_pauses` prompts are read in steps, from one whole number of the clock to the next
//! (`steps`): a step takes a token of every answer and, up to `step_tokens`, prompts in order of arrival, each cut where the
//! step is full (Agrawal et al., "Sarathi", OSDI 2024; vLLM with chunked prefill); or, with pauses, prompts alone (vLLM
//! without: Kwon et al., SOSP 2023). Steps are simulated one by one only while there are prompts to read.
//!
//! A step also takes `step_ms_per_1k_held` for the tokens in memory, of which every step adds one per answer: between two
//! events the time is quadratic in the clock, and so still exact. After every `stall_every_busy_s` of generation, added
//! over all answers, the server stands still for `stall_s`.
//!
//! Where nothing that a call does changes how long another one takes once it has started, all is known when it comes:
//! see [`Apart`].

mod apart;
mod job;
mod replica;
mod scaling;
mod serving;
mod steps;

use std::collections::VecDeque;

use crate::model::{Facts, Server};
use crate::scenario::types::Autoscale;

use super::clock::{Agenda, Time, nanos, seconds};
use super::event::Event;
use replica::{Life, Replica};

pub use apart::Apart;
use job::{Held, Phase};
pub use job::{Job, JobId, Notice, Told};

/// How prompts are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prefill {
    /// Each at its own speed.
    Apart,
    /// One after the other, beside generation.
    Shared,
    /// In steps, together with a token of every answer.
    Stepped,
    /// In steps of their own, while generation stands still.
    Pausing,
}

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
    /// Times the mean token at so many busy slots.
    slowdown: Vec<(f64, f64)>,
    /// Answers of one replica slow each other down, or stand still together: the virtual clock is needed.
    together: bool,
    prefill_s_per_token: f64,
    prefill: Prefill,
    prefill_fixed_s: f64,
    step_tokens: f64,
    /// Seconds of a step for each token in memory.
    held_s: f64,
    stall_s: f64,
    stall_every_busy_s: f64,
    memory: f64,
    autoscale: Option<Autoscale>,
    wanted: VecDeque<(Time, usize)>,
    /// First tokens are news for conversations.
    tells_first: bool,
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
    /// Seconds of prefill, and memory in use and over time: what else replicas are needed for.
    prefill_seconds: f64,
    memory_used: f64,
    memory_seconds: f64,
    /// What takes the place of replicas, jobs and queue where all is known when a call comes.
    apart: Option<Apart>,
}

/// What was used since somebody last asked.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(clippy::struct_field_names, reason = "the unit stands in the names")]
pub struct Usage {
    /// Seconds of busy slots.
    pub busy_s: f64,
    /// Seconds of available slots.
    pub capacity_s: f64,
    /// Seconds of paid replicas.
    pub replica_s: f64,
    /// Seconds of replicas that serving everybody takes at least, whatever is scarce: slots, prefill or memory. 0 where
    /// slots are not endless.
    pub needed_s: f64,
}

impl Hosted {
    /// An idle model. `alone`: calls come as soon as they are sent, and nothing but their own end frees their slot.
    #[must_use]
    pub fn new(
        model: u16,
        server: &Server,
        facts: &Facts,
        streaming: bool,
        endless: bool,
        alone: bool,
    ) -> Option<Self> {
        let hosting = server.hosting.as_ref()?;
        let count = hosting.autoscale.as_ref().map_or_else(
            || whole(facts.get(hosting.replicas)).max(1),
            |it| it.min.max(1) as usize,
        );
        let shared = facts.opt(hosting.prefill_tokens_per_s);
        let slots = facts.get(hosting.slots).max(1.0).round();
        let places = facts.get(hosting.queue).max(0.0).round();
        let together = facts.get(hosting.token_ms_per_busy) > 0.0
            || !hosting.slowdown.is_empty()
            || hosting.step_ms_per_1k_held > 0.0
            || hosting.stall_s > 0.0
            || (shared.is_some() && (hosting.prefill_pauses || hosting.step_tokens.is_finite()));
        let known = alone
            && !endless
            && !together
            && shared.is_none()
            && hosting.kv_tokens.is_none()
            && hosting.autoscale.is_none();
        Some(Self {
            apart: known.then(|| Apart::new(whole(slots).saturating_mul(count), whole(places))),
            model,
            replicas: (0..count).map(|_| Replica::new(0)).collect(),
            jobs: Vec::new(),
            free: Vec::new(),
            serial: 0,
            queue: VecDeque::new(),
            waiting: 0,
            slots,
            places,
            mean_token_s: server.token_ms.sampler(facts).mean() * 1e-3,
            per_busy_s: facts.get(hosting.token_ms_per_busy).max(0.0) * 1e-3,
            slowdown: hosting.slowdown.clone(),
            together,
            prefill_s_per_token: shared.map_or_else(
                || super::setup::prefill_s_per_token(server, facts),
                |rate| 1.0 / rate,
            ),
            prefill_fixed_s: hosting.prefill_fixed_ms * 1e-3,
            step_tokens: hosting.step_tokens,
            held_s: hosting.step_ms_per_1k_held * 1e-6,
            stall_s: hosting.stall_s,
            stall_every_busy_s: hosting.stall_every_busy_s,
            prefill: match (shared, hosting.prefill_pauses) {
                (None, _) => Prefill::Apart,
                (Some(_), true) => Prefill::Pausing,
                (Some(_), false) if hosting.step_tokens.is_finite() => Prefill::Stepped,
                (Some(_), false) => Prefill::Shared,
            },
            memory: facts.opt(hosting.kv_tokens).unwrap_or(f64::INFINITY),
            autoscale: hosting.autoscale.clone(),
            wanted: VecDeque::new(),
            tells_first: streaming,
            endless,
            busy_total: 0,
            paid: count as f64,
            serving: count as f64,
            last_change: 0,
            busy_seconds: 0.0,
            replica_seconds: 0.0,
            capacity_seconds: 0.0,
            prefill_seconds: 0.0,
            memory_used: 0.0,
            memory_seconds: 0.0,
        })
    }

    /// The slots, where all is known when a call comes.
    #[inline]
    pub fn apart(&mut self) -> Option<&mut Apart> {
        self.apart.as_mut()
    }

    /// Schedules what happens by itself.
    pub fn start(&self, agenda: &mut Agenda<Event>) {
        if self.autoscale.is_some() {
            agenda.push(nanos(scaling::EVERY_S), Event::Scale { model: self.model });
        }
    }

    /// A call arrives: it starts, waits, or is refused because the queue is full.
    pub fn join(
        &mut self,
        now: Time,
        job: Job,
        agenda: &mut Agenda<Event>,
        notices: &mut Vec<Notice>,
    ) -> Option<JobId> {
        let replica = if self.waiting == 0 {
            self.room_for(now, job.memory)
        } else {
            None
        };
        if replica.is_none() && self.waiting as f64 >= self.places && !self.endless {
            return None;
        }
        let id = self.hold(now, job)?;
        if let Some(replica) = replica {
            self.admit(now, id, replica, agenda, notices);
        } else {
            self.queue.push_back(id);
            self.waiting += 1;
        }
        Some(id)
    }

    /// Keeps a job in a free place.
    fn hold(&mut self, now: Time, job: Job) -> Option<JobId> {
        self.serial = self.serial.wrapping_add(1);
        let held = Held::new(now, job, self.serial);
        let index = if let Some(index) = self.free.pop() {
            *self.jobs.get_mut(index as usize)? = held;
            index
        } else {
            self.jobs.push(held);
            u32::try_from(self.jobs.len() - 1).ok()?
        };
        Some(JobId::new(index, self.serial))
    }

    /// A call is cut: it leaves the queue or frees its slot. The answer says how many tokens it had generated.
    pub fn cut(
        &mut self,
        now: Time,
        id: JobId,
        agenda: &mut Agenda<Event>,
        notices: &mut Vec<Notice>,
    ) -> f64 {
        let Some(held) = self.held(id) else {
            return 0.0;
        };
        if held.phase == Phase::Queued {
            self.waiting -= 1;
            self.release(id);
            return 0.0;
        }
        let generated = self.generated(now, held, id);
        self.leave(now, id, agenda);
        self.fill(now, agenda, notices);
        generated
    }

    fn generated(&self, now: Time, held: &Held, id: JobId) -> f64 {
        let total = held.job.reasoning + held.job.output;
        if matches!(held.phase, Phase::Prefill | Phase::Reading) || held.job.pace <= 0.0 {
            return 0.0;
        }
        let Some(replica) = self.replicas.get(held.replica) else {
            return 0.0;
        };
        let done = if self.together {
            let left = replica.due_of(id).map_or(0.0, |due| {
                (due - replica.clock - self.progress(replica, now).0) / held.job.pace
            });
            let later = if held.phase == Phase::Reasoning {
                held.job.output
            } else {
                0.0
            };
            total - left - later
        } else if self.mean_token_s > 0.0 {
            seconds(now.saturating_sub(held.decoding)) / (held.job.pace * self.mean_token_s)
        } else {
            total
        };
        done.clamp(0.0, total)
    }

    /// What was used since the last call.
    pub fn take_usage(&mut self, now: Time) -> Usage {
        self.account(now);
        let take = |sum: &mut f64| std::mem::take(sum);
        let known_s = self
            .apart
            .as_mut()
            .map_or(0.0, |apart| apart.take_busy_s(now));
        let busy_s = take(&mut self.busy_seconds) + known_s;
        let prefill_s = take(&mut self.prefill_seconds);
        let memory_s = take(&mut self.memory_seconds);
        Usage {
            busy_s,
            capacity_s: take(&mut self.capacity_seconds),
            replica_s: take(&mut self.replica_seconds),
            needed_s: if self.endless {
                let in_turn = if self.prefill == Prefill::Apart {
                    0.0
                } else {
                    prefill_s
                };
                (busy_s / self.slots)
                    .max(in_turn)
                    .max(memory_s / self.memory)
            } else {
                0.0
            },
        }
    }

    /// How many slots of a replica are served together. Endless slots are those of as many replicas as it takes, but at
    /// least of those that serve, all evenly filled.
    #[inline]
    fn sharing(&self, busy: u32) -> f64 {
        let busy = f64::from(busy);
        let even = if self.endless {
            busy / self.serving.max(1.0)
        } else {
            busy
        };
        even.min(self.slots)
    }

    #[inline]
    fn account(&mut self, now: Time) {
        if now == self.last_change {
            return;
        }
        let passed = seconds(now.saturating_sub(self.last_change));
        self.last_change = now;
        self.busy_seconds += passed * f64::from(self.busy_total);
        self.replica_seconds += passed * self.paid;
        self.capacity_seconds += passed * self.serving * self.slots;
        self.memory_seconds += passed * self.memory_used;
    }

    #[inline]
    fn held(&self, id: JobId) -> Option<&Held> {
        self.jobs
            .get(id.index())
            .filter(|held| held.serial == id.serial && held.phase != Phase::Free)
    }

    fn held_mut(&mut self, id: JobId) -> Option<&mut Held> {
        self.jobs
            .get_mut(id.index())
            .filter(|held| held.serial == id.serial && held.phase != Phase::Free)
    }

    /// Seconds of a mean token on a replica as it is, without what it holds and reads.
    fn pace_s(&self, replica: &Replica) -> f64 {
        // What prompts add to a step is counted apart.
        let busy = self.sharing(if self.stepped() {
            replica.generating.max(1)
        } else {
            replica.busy
        });
        self.mean_token_s * along(&self.slowdown, busy) + self.per_busy_s * busy
    }

    /// Frees the place of a job.
    fn release(&mut self, id: JobId) {
        if let Some(held) = self.held_mut(id) {
            held.phase = Phase::Free;
            self.free.push(id.index);
        }
    }

    /// The replica with the fewest busy slots that has room, the lowest number first.
    #[inline]
    fn room_for(&self, now: Time, memory: f64) -> Option<usize> {
        if self.endless {
            return Some(0);
        }
        let mut best: Option<(u32, usize)> = None;
        for (index, replica) in self.replicas.iter().enumerate() {
            let serves = matches!(replica.life, Life::Up(at) if at <= now);
            // A job larger than the whole memory would block the queue for good: it runs alone.
            let fits = replica.memory + memory <= self.memory || replica.busy == 0;
            if serves
                && f64::from(replica.busy) < self.slots
                && fits
                && best.is_none_or(|(busy, _)| replica.busy < busy)
            {
                best = Some((replica.busy, index));
            }
        }
        best.map(|(_, index)| index)
    }
}

/// A curve given by points, straight between them, level before the first and straight on past the last; 1 if there are
/// none.
fn along(points: &[(f64, f64)], at: f64) -> f64 {
    let after = points.partition_point(|(slots, _)| *slots < at);
    let from = after.min(points.len().saturating_sub(1)).saturating_sub(1);
    match (points.get(from), points.get(from + 1)) {
        (None, _) => 1.0,
        (Some((_, factor)), None) => *factor,
        (Some((x0, y0)), Some((x1, y1))) => {
            (y0 + (at.max(*x0) - x0) * (y1 - y0) / (x1 - x0)).max(f64::MIN_POSITIVE)
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, which is meant"
)]
fn whole(number: f64) -> usize {
    number.round() as usize
}
