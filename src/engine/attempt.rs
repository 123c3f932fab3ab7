//! One attempt: prompt, breaker, limits, weather, durations; and how a copy ends that nobody else can touch.

use crate::model::strategy::Fallback;

use super::clock::{NEVER, Time, between, nanos, positive};
use super::conversation::{Conversation, Leg, Stage, Step, Which};
use super::hosted::{Hosted, Job};
use super::incidents::Weather;
use super::ledger::{Cause, Outcome, Reason};
use super::limits::{Admitted, Ask, CONCURRENCY, SLOTS};
use super::philox::{Purpose, Stream, uniform};
use super::prompt::Prompt;
use super::setup::{Server, narrow};
use super::world::World;

/// What the provider's state does to an attempt.
struct Fate {
    /// Factor on durations.
    slowdown: f64,
    /// Why it fails, if it does.
    fails: Option<Reason>,
}

/// How a copy of which everything is known ends, if nobody cuts it.
pub(super) struct End {
    /// When it is answered (with streaming, its first token), fails, or meets its timeout.
    pub(super) ends: Time,
    /// Why it fails, if it does.
    reason: Option<Reason>,
    /// The user leaves first.
    left: bool,
}

impl<'a> World<'a> {
    /// The model that the request is trying.
    #[inline]
    pub(super) fn current_model(&self, conversation: &Conversation<'a>) -> Option<u16> {
        match conversation.stage {
            Stage::Route(_) if conversation.sensitive && self.policy.sensitive_route.is_some() => {
                self.policy.sensitive_route
            }
            Stage::Route(position) => self.policy.route.get(usize::from(position)).copied(),
            Stage::Fallback(position) => match self.policy.fallback.get(usize::from(position)) {
                Some(Fallback::Model(model)) => Some(narrow(*model)),
                _ => None,
            },
        }
    }

    /// Sends the next attempt of the call under way.
    #[inline]
    pub(super) fn send(&mut self, now: Time, conversation: &mut Conversation<'a>) {
        if let Err(reason) = self.launch(now, conversation, Which::First) {
            self.attempt_failed(now, conversation, reason);
        } else if self.is_settled(conversation) {
            self.settle(now, conversation);
        } else {
            self.watch(conversation);
        }
    }

    /// Whether nothing that happens meanwhile can change how the copy just sent ends: it is not hosted, and over before a
    /// second copy would be sent.
    #[inline]
    fn is_settled(&self, conversation: &Conversation<'a>) -> bool {
        let leg = &conversation.first;
        leg.job.is_none()
            && self.policy.hedge_after.is_none_or(|after| {
                let cut = self.policy.cut_at(conversation, leg.start);
                let (ends, _) = leg.ends(self.policy.streaming, cut);
                ends <= leg.start.saturating_add(after)
            })
    }

    /// Sends one copy of the call to the model under way. What is known of it stands in the conversation's leg.
    #[inline]
    pub(super) fn launch(
        &mut self,
        now: Time,
        conversation: &mut Conversation<'a>,
        which: Which,
    ) -> Result<(), Reason> {
        let model = self.current_model(conversation).ok_or(Reason::Error)?;
        let server = self
            .servers
            .get_mut(usize::from(model))
            .ok_or(Reason::Error)?;
        let stream = self.setting.stream;
        let counted = u64::from(conversation.flags.counted);
        let probe = match server.breaker.as_mut().map(|breaker| breaker.pass(now)) {
            Some(None) => return Err(Reason::BreakerOpen),
            Some(Some(probe)) => probe,
            None => false,
        };
        self.ledger.attempts += counted;
        server.sent += 1;
        let logged = self
            .log
            .as_ref()
            .map_or((&[][..], 0.0), |log| log.blocks(conversation));
        let Some(prompt) = Prompt::lay_out(now, model, server, conversation, self.policy, logged)
        else {
            if let Some(breaker) = &mut server.breaker {
                breaker.forget(probe);
            }
            return Err(Reason::Overflow);
        };
        let start = match server.admit(now, &prompt, conversation.class.reserved, probe) {
            Ok(start) => start,
            Err(kind) => {
                self.ledger.refused += counted;
                self.refused_by(model, kind, counted);
                return Err(Reason::Throttled);
            }
        };
        let [first_bits, pace_bits, error_bits, quality] = if server.varies {
            conversation.of_attempt(stream, Purpose::Attempt, which)
        } else {
            [0; 4]
        };
        let weather = self.weather.get_mut(server.provider);
        let fate = fate(
            weather,
            (now, start),
            conversation,
            (stream, which),
            (error_bits, server.error_rate),
        );
        let leg = conversation.leg_mut(which);
        leg.start = start;
        leg.model = model;
        leg.probe = probe;
        leg.quality = quality;
        leg.waited_s = between(now, start);
        leg.job = None;
        leg.fails = NEVER;
        leg.queued_s = 0.0;
        if let Some(reason) = fate.fails {
            let [error_s, ..] = conversation.of_attempt(stream, Purpose::AttemptFailure, which);
            let fails = start.saturating_add(nanos(server.error_s.draw(error_s)));
            conversation.leg_mut(which).fail(fails, reason);
            return Ok(());
        }
        leg.input = [prompt.plain(), prompt.read, prompt.written];
        leg.token_s = positive(server.token_ms.draw(pace_bits)) * 1e-3 * fate.slowdown;
        leg.lead_s = positive(server.first_token_s.draw(first_bits)) * fate.slowdown;
        prompt.keep_warm(start, model, server, conversation, logged.0);
        if conversation.flags.counted {
            self.ledger.input_tokens += prompt.total;
            self.ledger.cached_tokens += prompt.read;
        }
        if conversation.flags.unsanitised && !server.in_house && !conversation.flags.leaked {
            conversation.flags.leaked = true;
            self.ledger.leaked += counted;
        }
        if let Some(hosted) = &mut server.hosted {
            let Some(apart) = hosted.apart() else {
                return self.join(start, conversation, which, &prompt, fate.slowdown);
            };
            let Some(turn) = apart.start(start) else {
                return Err(self.queue_full(start, conversation, which));
            };
            conversation.leg_mut(which).queued_s = between(start, turn);
        }
        server.serve(conversation, which, prompt.unread(), fate.slowdown);
        Ok(())
    }

    /// A copy of which everything is known takes its place at its model until it ends, which is the answer.
    #[inline]
    pub(super) fn occupy(&mut self, conversation: &Conversation<'a>, leg: &Leg) -> End {
        let cut = self.policy.cut_at(conversation, leg.start);
        let (ends, reason) = leg.ends(self.policy.streaming, cut);
        // What the user sees: the first token where it is shown, else the whole answer.
        let (seen, over) = if reason.is_some() {
            (ends, ends)
        } else if self.shows_first_token(conversation) {
            (leg.first, leg.done)
        } else {
            (leg.done, leg.done)
        };
        let left = seen > conversation.leaves;
        let free = if left { conversation.leaves } else { over };
        if let Some(server) = self.servers.get_mut(usize::from(leg.model)) {
            server.occupied(leg, free);
        }
        End { ends, reason, left }
    }

    /// A copy goes to a hosted model.
    fn join(
        &mut self,
        start: Time,
        conversation: &mut Conversation<'a>,
        which: Which,
        prompt: &Prompt,
        slowdown: f64,
    ) -> Result<(), Reason> {
        let (reasoning, output) = (conversation.reasoning, conversation.output);
        let slot = conversation.slot;
        let leg = conversation.leg_mut(which);
        // Where the rest of its time goes is known when it is done.
        (leg.first, leg.done) = (NEVER, NEVER);
        (leg.prefill_s, leg.brownout_s) = (0.0, 0.0);
        let server = self
            .servers
            .get_mut(usize::from(leg.model))
            .ok_or(Reason::Error)?;
        let hosted = server.hosted.as_mut().ok_or(Reason::Error)?;
        let mean_s = server.token_mean_s;
        let job = Job {
            slot,
            leg: which,
            base_s: leg.lead_s,
            prefill_tokens: prompt.unread() * slowdown,
            pace: if mean_s > 0.0 {
                leg.token_s / mean_s
            } else {
                slowdown
            },
            reasoning,
            output,
            memory: prompt.total + reasoning + output,
        };
        leg.job = hosted.join(start, job, &mut self.agenda, &mut self.notices);
        if leg.job.is_some() {
            Ok(())
        } else {
            Err(self.queue_full(start, conversation, which))
        }
    }

    /// A copy has found the queue of a hosted model full.
    fn queue_full(&mut self, now: Time, conversation: &Conversation<'a>, which: Which) -> Reason {
        let &Leg { model, probe, .. } = conversation.leg(which);
        if let Some(breaker) = self.breaker_of(model) {
            breaker.report(now, true, probe);
        }
        let counted = u64::from(conversation.flags.counted);
        self.ledger.queue_full += counted;
        self.refused_by(model, SLOTS, counted);
        Reason::QueueFull
    }

    /// Notes what refused an attempt.
    fn refused_by(&mut self, model: u16, kind: usize, counted: u64) {
        let by_kind = self.refusals.get_mut(usize::from(model));
        if let Some(count) = by_kind.and_then(|it| it.get_mut(kind)) {
            *count += counted;
        }
    }

    /// Settles a single copy to a provider at once: how it ends is known when it is sent.
    fn settle(&mut self, now: Time, conversation: &mut Conversation<'a>) {
        let leg = &conversation.first;
        let End { ends, reason, left } = self.occupy(conversation, leg);
        if left {
            self.abandon(now, conversation, conversation.leaves);
            return;
        }
        match reason {
            None => self.succeed(now, conversation, Which::First),
            Some(reason) => {
                let (model, probe) = (leg.model, leg.probe);
                self.pay_for_failure(conversation, Which::First, ends, reason);
                if let Some(breaker) = self.breaker_of(model) {
                    breaker.report(ends, true, probe);
                }
                if ends > now {
                    self.schedule(conversation, ends, Step::Fail(reason));
                } else {
                    self.attempt_failed(now, conversation, reason);
                }
            }
        }
    }

    pub(super) fn breaker_of(&mut self, model: u16) -> Option<&mut super::breaker::Breaker> {
        self.servers.get_mut(usize::from(model))?.breaker.as_mut()
    }

    /// Whether the user sees the first token of the call under way when it comes.
    #[inline]
    pub(super) fn shows_first_token(&self, conversation: &Conversation<'a>) -> bool {
        self.policy.streaming && !self.is_gated(conversation) && conversation.is_last_call()
    }

    /// A copy has brought a good answer: it is paid for, and the call is done.
    #[inline]
    pub(super) fn succeed(&mut self, now: Time, conversation: &mut Conversation<'a>, which: Which) {
        let leg = conversation.leg(which);
        let (first, done, model, probe) = (leg.first, leg.done, leg.model, leg.probe);
        conversation.quality = leg.quality;
        conversation.account(which);
        self.pay(conversation, which);
        let known = if self.policy.streaming { first } else { done };
        if let Some(breaker) = self.breaker_of(model) {
            breaker.report(known.max(now), false, probe);
        }
        self.call_done(now, conversation, first, done);
    }

    /// The user leaves at `at` while a copy is under way.
    fn abandon(&mut self, now: Time, conversation: &mut Conversation<'a>, at: Time) {
        let Leg {
            model,
            probe,
            reason,
            ..
        } = conversation.first;
        self.pay_for_failure(conversation, Which::First, at, reason);
        if let Some(breaker) = self.breaker_of(model) {
            breaker.forget(probe);
        }
        self.end_request(now, conversation, Outcome::Abandoned, at);
    }
}

/// What outages, brownouts and plain errors do to an attempt that was sent at `now` and starts at `start`.
#[inline]
fn fate(
    weather: Option<&mut Weather>,
    (now, start): (Time, Time),
    conversation: &Conversation<'_>,
    (stream, which): (Stream, Which),
    (error_bits, mut error_rate): (u32, f64),
) -> Fate {
    let mut fate = Fate {
        slowdown: 1.0,
        fails: None,
    };
    if let Some(weather) = weather {
        let strikes = |share: f64| {
            let [_, _, bits, _] = conversation.of_attempt(stream, Purpose::AttemptFailure, which);
            uniform(bits) < share
        };
        if weather.outage.is_bad(now, start) && strikes(weather.outage.error_rate) {
            fate.fails = Some(Reason::Outage);
            return fate;
        }
        if weather.brownout.is_bad(now, start) {
            fate.slowdown = weather.brownout.slowdown.max(1e-9);
            error_rate = 1.0 - (1.0 - error_rate) * (1.0 - weather.brownout.error_rate);
        }
    }
    if uniform(error_bits) < error_rate {
        fate.fails = Some(Reason::Error);
    }
    fate
}

impl Server {
    /// When an attempt may start, or which kind of limit refuses it.
    #[inline]
    fn admit(
        &mut self,
        now: Time,
        prompt: &Prompt,
        reserved: f64,
        probe: bool,
    ) -> Result<Time, usize> {
        if !self.counts_use {
            return Ok(now);
        }
        let mut start = now;
        if !self.limiter.is_endless() {
            let ask = Ask {
                input: prompt.total,
                cached: prompt.read,
                output: reserved,
            };
            match self.limiter.admit(now, &ask) {
                Admitted::At(at) => start = at,
                Admitted::Refused(kind) => {
                    if let Some(breaker) = &mut self.breaker {
                        breaker.report(now, true, probe);
                    }
                    return Err(kind);
                }
            }
        }
        let asked = prompt.total
            - if self.cached_tokens_count {
                0.0
            } else {
                prompt.read
            };
        let amounts = [1.0, asked + reserved, asked, reserved, 1.0, 0.0];
        for (used, amount) in self.used.iter_mut().zip(amounts) {
            *used += amount;
        }
        Ok(start)
    }

    /// A copy is served of which everything is known now.
    #[inline]
    fn serve(&self, conversation: &mut Conversation<'_>, which: Which, unread: f64, slowdown: f64) {
        let (reasoning, output) = (conversation.reasoning, conversation.output);
        let leg = conversation.leg_mut(which);
        leg.prefill_s = unread * self.prefill_s_per_token * slowdown;
        leg.lead_s += leg.prefill_s + leg.queued_s;
        let whole_s = leg.lead_s + (reasoning + output) * leg.token_s;
        leg.brownout_s = (whole_s - leg.queued_s) * (1.0 - 1.0 / slowdown);
        leg.first = leg
            .start
            .saturating_add(nanos(leg.lead_s + reasoning * leg.token_s));
        leg.done = leg.start.saturating_add(nanos(whole_s));
    }

    /// A copy of which everything is known takes its place until `free`; one that fails needs no slot.
    #[inline]
    fn occupied(&mut self, leg: &Leg, free: Time) {
        if leg.fails == NEVER
            && let Some(apart) = self.hosted.as_mut().and_then(Hosted::apart)
        {
            apart.take(
                leg.start,
                leg.start.saturating_add(nanos(leg.queued_s)),
                free,
            );
        }
        if !self.counts_use {
            return;
        }
        if !self.limiter.is_endless() {
            self.limiter.started(free);
        }
        if let Some(used) = self.used.get_mut(CONCURRENCY) {
            *used += between(leg.start, free);
        }
    }
}

impl Conversation<'_> {
    /// Books where the time of a good copy went.
    #[inline]
    fn account(&mut self, which: Which) {
        let &Leg {
            job,
            lead_s,
            token_s,
            prefill_s,
            brownout_s,
            waited_s,
            queued_s,
            ..
        } = self.leg(which);
        self.before_copy(which);
        self.spend(Cause::Throttling, waited_s);
        self.spend(Cause::Queueing, queued_s);
        self.spend(Cause::Prefill, prefill_s);
        if job.is_some() {
            return;
        }
        let generation_s = (self.reasoning + self.output) * token_s;
        let lead_s = lead_s - queued_s;
        let mut normal = 1.0;
        if brownout_s != 0.0 {
            // What the brownout added is taken from everything else in proportion.
            let all = lead_s + generation_s;
            normal = if all > 0.0 {
                (all - brownout_s) / all
            } else {
                1.0
            };
            self.spend(Cause::Brownout, brownout_s);
            self.spend(Cause::Prefill, prefill_s * (normal - 1.0));
        }
        self.spend(Cause::Generation, generation_s * normal);
        self.spend(Cause::FirstToken, (lead_s - prefill_s) * normal);
    }
}

impl Leg {
    /// It fails, at a known time.
    fn fail(&mut self, at: Time, reason: Reason) {
        self.fails = at;
        self.reason = reason;
        (self.first, self.done) = (NEVER, NEVER);
        self.input = [0.0; 3];
        (self.lead_s, self.token_s, self.prefill_s, self.brownout_s) = (0.0, 0.0, 0.0, 0.0);
    }

    /// When a copy to a provider ends as far as timeouts go, and why it failed if it did.
    #[inline]
    #[must_use]
    pub fn ends(&self, streaming: bool, cut: Time) -> (Time, Option<Reason>) {
        let answered = if streaming { self.first } else { self.done };
        let ends = answered.min(self.fails);
        if ends > cut {
            (cut, Some(Reason::Timeout))
        } else if self.fails < NEVER {
            (self.fails, Some(self.reason))
        } else {
            (answered, None)
        }
    }
}
