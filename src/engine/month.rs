//! The event loop of one month of one strategy at one volume.
//!
//! Everything that is decided when an attempt is sent (its durations, its errors, the state of limits, caches and
//! providers) is settled at that moment; only what depends on what others do meanwhile becomes an event: slots of
//! hosted models, hedges, retries, the next question. A plain request to a provider therefore costs one event.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::{Facts, Model, Strategy};

use super::arrivals::{Arrivals, hour_of_week};
use super::breaker::RetryBudget;
use super::clock::{Agenda, NEVER, Time, nanos, seconds};
use super::conversation::{Conversation, Step};
use super::hosted::{JobId, Notice};
use super::incidents::{Weather, weather};
use super::ledger::{Ledger, Line, Month, Peak};
use super::log::Log;
use super::philox::Stream;
use super::response_cache::ResponseCache;
use super::reviewers::Reviewers;
use super::setup::{self, Class, Policy, Server};

/// Something scheduled.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A conversation takes its next step.
    Wake {
        /// Conversation.
        slot: u32,
        /// Its serial number when this was scheduled.
        serial: u32,
    },
    /// It is time for a second copy.
    Hedge {
        /// Conversation.
        slot: u32,
        /// Its serial number when this was scheduled.
        serial: u32,
    },
    /// A leg is answered, fails, or is cut by its timeout.
    LegEnd {
        /// Conversation.
        slot: u32,
        /// Its serial number when this was scheduled.
        serial: u32,
        /// Leg.
        leg: u8,
    },
    /// The user of a call under way has waited long enough.
    Leave {
        /// Conversation.
        slot: u32,
        /// Its serial number when this was scheduled.
        serial: u32,
    },
    /// A stage of a hosted job is over.
    Stage {
        /// Model.
        model: u16,
        /// Job.
        job: JobId,
    },
    /// The virtual clock of a replica reaches the next end.
    Clock {
        /// Model.
        model: u16,
        /// Replica.
        replica: u16,
        /// The replica's serial number when this was scheduled.
        serial: u32,
    },
    /// The autoscaler looks.
    Scale {
        /// Model.
        model: u16,
    },
    /// A replica has started.
    Ready {
        /// Model.
        model: u16,
    },
}

const QUARTER_HOUR: Time = 900_000_000_000;

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

/// The state of a month under way.
pub(super) struct World<'a> {
    pub(super) setting: Setting<'a>,
    pub(super) policy: Policy,
    pub(super) classes: Vec<Class>,
    pub(super) servers: Vec<Server>,
    pub(super) weather: Vec<Weather>,
    pub(super) cache: Option<ResponseCache>,
    pub(super) reviewers: Option<Reviewers>,
    /// The log that is replayed.
    pub(super) log: Option<Log>,
    pub(super) retry_budget: RetryBudget,
    pub(super) conversations: Vec<Conversation>,
    pub(super) vacant: Vec<u32>,
    pub(super) agenda: Agenda<Event>,
    pub(super) notices: Vec<Notice>,
    pub(super) ledger: Ledger,
    pub(super) prefixes: f64,
    /// Something about a conversation varies: its class, turns, sensitivity or prefix.
    pub(super) varies: bool,
    pub(super) hour: usize,
    /// Counting begins.
    pub(super) counts_from: Time,
    /// No more questions are asked.
    pub(super) end: Time,
    /// Limits and queues refuse nobody.
    endless: bool,
    peaks: Vec<[Peak; 7]>,
}

/// Simulates one month; `None` if `cancel` was set meanwhile.
///
/// Where something was refused, the month is simulated again with the same draws and nothing refused: what full
/// service would have cost.
#[must_use]
pub fn simulate(setting: Setting<'_>, cancel: Option<&AtomicBool>) -> Option<Month> {
    let mut month = World::new(setting, false).run(cancel)?;
    if month.ledger.refused + month.ledger.queue_full > 0 {
        let full = World::new(setting, true).run(cancel)?;
        month.full_service_usd = full.ledger.total_usd();
        month.full_service_peaks = full.peaks;
    }
    Some(month)
}

impl<'a> World<'a> {
    fn new(setting: Setting<'a>, endless: bool) -> Self {
        let Setting {
            model,
            strategy,
            volume,
            facts,
            stream,
        } = setting;
        let counts_from = nanos(model.calendar.warmup_s);
        let end = counts_from + nanos(model.length_s(volume));
        let classes = setup::classes(model, facts, volume);
        let prefixes = f64::from(setup::prefixes(model, facts, volume));
        let varies = classes.len() > 1
            || prefixes > 1.0
            || classes.iter().any(|class| class.sensitive > 0.0 || class.turns.as_constant().is_none());
        Self {
            setting,
            policy: setup::policy(model, strategy, facts),
            servers: setup::servers(model, strategy, facts, volume, endless),
            // Requests sent before the end run on a little; incidents must too.
            weather: weather(model, facts, end + nanos(2.0 * 86_400.0), stream),
            cache: setup::response_cache(strategy, facts, &classes),
            log: model.workload.replay.as_ref().map(|replay| Log::new(replay, volume, counts_from, stream)),
            classes,
            reviewers: strategy
                .human_review
                .as_ref()
                .map(|it| Reviewers::new(facts.get(it.reviewers), it.hours, model.calendar.warmup_s)),
            retry_budget: RetryBudget::new(facts.opt(strategy.retry.budget)),
            conversations: Vec::new(),
            vacant: Vec::new(),
            agenda: Agenda::default(),
            notices: Vec::new(),
            ledger: Ledger::default(),
            prefixes,
            varies,
            hour: 0,
            counts_from,
            end,
            endless,
            peaks: vec![[Peak::default(); 7]; model.models.len()],
        }
    }

    fn run(mut self, cancel: Option<&AtomicBool>) -> Option<Month> {
        let Setting {
            model,
            volume,
            facts,
            stream,
            ..
        } = self.setting;
        let mut arrivals = match &self.log {
            Some(log) => Arrivals::logged(log),
            None => Arrivals::new(model, facts, volume, stream),
        };
        for server in &self.servers {
            if let Some(hosted) = &server.hosted {
                hosted.start(&mut self.agenda);
            }
        }
        let mut tick: Time = 0;
        let mut last_event = 0;
        loop {
            let (arrival, event) = (arrivals.next_at(), self.agenda.next_at());
            let now = arrival.min(event);
            while tick <= now && tick <= self.end {
                if cancel.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                    return None;
                }
                self.quarter_hour(tick);
                tick += QUARTER_HOUR;
            }
            if event <= arrival {
                let Some((now, event)) = self.agenda.pop() else { break };
                last_event = now;
                self.handle(now, event);
            } else {
                last_event = now;
                let number = arrivals.take();
                self.begin(now, number);
            }
        }
        Some(self.close(last_event))
    }

    fn handle(&mut self, now: Time, event: Event) {
        match event {
            Event::Wake { slot, serial } => {
                if self.is_current(slot, serial) {
                    self.wake(now, slot);
                }
            }
            Event::Hedge { slot, serial } => {
                if self.is_current(slot, serial) {
                    self.hedge(now, slot);
                }
            }
            Event::LegEnd { slot, serial, leg } => {
                if self.is_current(slot, serial) {
                    self.leg_end(now, slot, usize::from(leg));
                }
            }
            Event::Leave { slot, serial } => {
                if self.is_current(slot, serial) {
                    self.leave(now, slot);
                }
            }
            Event::Stage { model, job } => {
                self.hosted(model, |hosted, agenda, notices| hosted.stage_over(now, job, agenda, notices));
                self.notify(now);
            }
            Event::Clock { model, replica, serial } => {
                let replica = usize::from(replica);
                self.hosted(model, |hosted, agenda, notices| hosted.clock_due(now, replica, serial, agenda, notices));
                self.notify(now);
            }
            Event::Scale { model } => {
                let end = self.end;
                self.hosted(model, |hosted, agenda, notices| hosted.scale(now, end, agenda, notices));
                self.notify(now);
            }
            Event::Ready { model } => {
                self.hosted(model, |hosted, agenda, notices| hosted.ready(now, agenda, notices));
                self.notify(now);
            }
        }
    }

    pub(super) fn hosted<T>(
        &mut self,
        model: u16,
        act: impl FnOnce(&mut super::hosted::Hosted, &mut Agenda<Event>, &mut Vec<Notice>) -> T,
    ) -> Option<T> {
        let hosted = self.servers.get_mut(usize::from(model))?.hosted.as_mut()?;
        Some(act(hosted, &mut self.agenda, &mut self.notices))
    }

    #[inline]
    fn is_current(&self, slot: u32, serial: u32) -> bool {
        self.conversations.get(slot as usize).is_some_and(|conversation| conversation.serial == serial)
    }

    /// Schedules a conversation's next step; a user who would have left by then leaves instead.
    #[inline]
    pub(super) fn schedule(&mut self, slot: u32, at: Time, step: Step) {
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
        let (at, step) = if at > conversation.leaves && step != Step::Ask {
            (conversation.leaves, Step::Leave)
        } else {
            (at, step)
        };
        conversation.step = step;
        let serial = conversation.serial;
        self.agenda.push(at, Event::Wake { slot, serial });
    }

    fn wake(&mut self, now: Time, slot: u32) {
        let Some(conversation) = self.conversations.get(slot as usize) else { return };
        match conversation.step {
            Step::Ask => self.ask(now, slot),
            Step::Send => self.send(now, slot),
            Step::Fail(reason) => self.attempt_failed(now, slot, reason),
            Step::Review => self.review(now, slot),
            Step::Leave => self.leave(now, slot),
        }
    }

    /// What changes with the clock: prices, the hour of the week, and the use of limits in the hour that ends.
    fn quarter_hour(&mut self, at: Time) {
        let since_start_s = seconds(at) - self.setting.model.calendar.warmup_s;
        self.hour = hour_of_week(self.setting.model, at);
        let hour_over = (at / QUARTER_HOUR).is_multiple_of(4);
        for (server, peaks) in self.servers.iter_mut().zip(&mut self.peaks) {
            server.paid.at(since_start_s);
            if let Some(batch) = &mut server.batch {
                batch.at(since_start_s);
            }
            if hour_over {
                hour_ends(server, peaks, at, &mut self.ledger, since_start_s > 0.0, self.endless);
            }
        }
    }

    fn close(mut self, last_event: Time) -> Month {
        let Setting {
            model, strategy, facts, volume, ..
        } = self.setting;
        if let Some(mut reviewers) = self.reviewers.take() {
            reviewers.settle(NEVER);
            self.ledger.reviews = reviewers.done;
            let per_hour = strategy.human_review.as_ref().map_or(0.0, |it| facts.get(it.per_hour));
            self.charge_month(Line::HumanReview, reviewers.done.1 / 3600.0 * per_hour);
        }
        let days = model.length_s(volume) / 86_400.0;
        let months = days / 30.0;
        let cache = strategy.response_cache.as_ref().map_or(0.0, |cache| facts.get(cache.monthly));
        self.charge_month(Line::Cache, cache * months);
        let kept: f64 = strategy
            .uses
            .iter()
            .filter_map(|id| model.models.get(*id))
            .map(|server| facts.get(server.monthly))
            .sum();
        let fixed: f64 = model.fixed.iter().map(|(_, usd)| facts.get(*usd)).sum();
        self.charge_month(Line::Fixed, (kept + fixed) * months);
        let evals = self.evals_usd() * months;
        self.charge_month(Line::Evals, evals);
        if let Some(audit) = model.audit {
            // What a month logs, kept so long that the stored amount no longer changes.
            let stored_gb = self.ledger.logged_tokens * facts.get(audit.bytes_per_token) * 1e-9
                * (facts.get(audit.retention_days) / days);
            self.charge_month(Line::Audit, stored_gb * facts.get(audit.per_gb_month) * months);
        }
        let budget_usd = model
            .budget
            .iter()
            .find(|(at, _)| *at == volume)
            .map(|(_, usd)| facts.get(*usd) * months);
        let full_service_usd = self.ledger.total_usd();
        Month {
            ledger: self.ledger,
            full_service_usd,
            full_service_peaks: self.peaks.clone(),
            peaks: self.peaks,
            budget_usd,
            last_event,
        }
    }

    /// A line that belongs to no hour.
    fn charge_month(&mut self, line: Line, usd: f64) {
        self.ledger.charge(usize::MAX, line, usd);
    }

    /// Evaluation runs for 30 days: every model of the route answers every example, and the judge reads question and
    /// answer and writes as much as an answer.
    fn evals_usd(&self) -> f64 {
        let Some(evals) = self.setting.model.evals else { return 0.0 };
        let facts = self.setting.facts;
        let (input, output) = (facts.get(evals.input_tokens), facts.get(evals.output_tokens));
        let call = |model: usize, input: f64, output: f64| {
            self.servers.get(model).map_or(0.0, |server| {
                let lines = server.paid.rates.price(&crate::prices::Tokens {
                    input_plain: input,
                    output,
                    ..crate::prices::Tokens::default()
                });
                lines.total() * server.paid.factor
            })
        };
        let answers: f64 = self.route_models().iter().map(|model| call(usize::from(*model), input, output)).sum();
        let judged = evals.judge.map_or(0.0, |judge| call(judge, input + output, output));
        facts.get(evals.examples) * facts.get(evals.runs_per_month) * (answers + judged)
    }
}

/// Books an hour's use of limits and slots, and of hosting.
fn hour_ends(
    server: &mut Server,
    peaks: &mut [Peak; 7],
    at: Time,
    ledger: &mut Ledger,
    counted: bool,
    endless: bool,
) {
    let allowed = server.limits;
    let used = std::mem::take(&mut server.used);
    if counted {
        for (kind, (used, limit)) in used.iter().zip(allowed).enumerate() {
            let used = match kind {
                4 => used * 24.0,
                5 => used / 3600.0,
                _ => used / 60.0,
            };
            if let Some(peak) = peaks.get_mut(kind) {
                let limit = limit.unwrap_or(f64::INFINITY);
                if used > peak.used {
                    *peak = Peak {
                        utilisation: used / limit,
                        used,
                        limit,
                    };
                }
            }
        }
    }
    let Some(hosted) = &mut server.hosted else { return };
    let (busy_s, capacity_s, replica_s) = hosted.take_usage(at);
    if !counted {
        return;
    }
    if let Some(peak) = peaks.get_mut(6)
        && busy_s / 3600.0 > peak.used
    {
        *peak = Peak {
            utilisation: busy_s / capacity_s.max(1e-9),
            used: busy_s / 3600.0,
            limit: capacity_s / 3600.0,
        };
    }
    // To serve everybody takes at least the replicas whose slots were busy.
    let needed_s = if endless { busy_s / hosted.slots() } else { 0.0 };
    ledger.charge(usize::MAX, Line::Hosting, replica_s.max(needed_s) / 3600.0 * server.replica_per_hour);
}
