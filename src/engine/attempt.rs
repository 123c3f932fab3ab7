//! Attempts: prompt, limits, weather, durations; timeouts, hedges, retries, fallbacks; and what each costs.

use crate::model::strategy::{Fallback, Jitter, Route};

use super::clock::{NEVER, Time, between, nanos};
use super::conversation::{Leg, Stage, Step};
use super::hosted::{Job, Notice};
use super::ledger::{Cause, Line, Outcome, Reason};
use super::limits::{Admitted, Ask, CONCURRENCY};
use super::month::{Event, World};
use super::philox::{Purpose, uniform};
use super::prompt::Prompt;
use super::setup::narrow;

impl World<'_> {
    /// The model that the request is trying.
    pub(super) fn current_model(&self, slot: u32) -> Option<u16> {
        let conversation = self.conversations.get(slot as usize)?;
        match conversation.stage {
            Stage::Route(position) => {
                if conversation.sensitive
                    && let Some(model) = self.policy.sensitive_route
                {
                    return Some(model);
                }
                let position = usize::from(position);
                match &self.setting.strategy.route {
                    Route::Single(model) => Some(narrow(*model)),
                    Route::Router(router) => router.models.get(position).copied().map(narrow),
                    Route::Cascade { models, .. } => models.get(position).copied().map(narrow),
                }
            }
            Stage::Fallback(position) => match self.policy.fallback.get(usize::from(position)) {
                Some(Fallback::Model(model)) => Some(narrow(*model)),
                _ => None,
            },
        }
    }

    /// Sends the next attempt of the call under way.
    pub(super) fn send(&mut self, now: Time, slot: u32) {
        match self.launch(now, slot, 0) {
            Err(reason) => self.attempt_failed(now, slot, reason),
            Ok(leg) => {
                if leg.job.is_some() || self.policy.hedge_after.is_some() {
                    self.watch(now, slot, &leg);
                } else {
                    self.settle(now, slot, &leg);
                }
            }
        }
    }

    /// Sends one copy of the call to the model under way.
    #[inline]
    fn launch(&mut self, now: Time, slot: u32, leg_index: usize) -> Result<Leg, Reason> {
        let Some(model) = self.current_model(slot) else { return Err(Reason::Error) };
        let stream = self.setting.stream;
        let Some(server) = self.servers.get_mut(usize::from(model)) else { return Err(Reason::Error) };
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return Err(Reason::Error) };
        let Some(class) = self.classes.get(usize::from(conversation.class)) else { return Err(Reason::Error) };
        let counted = conversation.flags.counted;
        let logged = self.log.as_ref().map_or((&[][..], 0.0), |log| log.blocks(conversation));
        let probe = match server.breaker.as_mut().map(|breaker| breaker.pass(now)) {
            Some(None) => return Err(Reason::BreakerOpen),
            Some(Some(probe)) => probe,
            None => false,
        };
        self.ledger.attempts += u64::from(counted);
        let Some(prompt) = Prompt::lay_out(now, model, server, conversation, class, &self.policy, logged) else {
            if let Some(breaker) = &mut server.breaker {
                breaker.forget(probe);
            }
            return Err(Reason::Overflow);
        };
        let mut start = now;
        if !server.limiter.is_endless() {
            let ask = Ask {
                input: prompt.total,
                cached: prompt.read,
                output: class.reserved,
            };
            match server.limiter.admit(now, &ask) {
                Admitted::At(at) => start = at,
                Admitted::Refused(_) => {
                    self.ledger.refused += u64::from(counted);
                    if let Some(breaker) = &mut server.breaker {
                        breaker.report(now, true, probe);
                    }
                    return Err(Reason::Throttled);
                }
            }
        }
        let asked = prompt.total - if server.cached_tokens_count { 0.0 } else { prompt.read };
        for (kind, amount) in [(0, 1.0), (1, asked + class.reserved), (2, asked), (3, class.reserved), (4, 1.0)] {
            if let Some(used) = server.used.get_mut(kind) {
                *used += amount;
            }
        }
        let [first_bits, pace_bits, error_bits, quality_bits] =
            if server.varies { conversation.of_attempt(stream, Purpose::Attempt, leg_index) } else { [0; 4] };
        let mut slowdown = 1.0;
        let mut error_rate = server.error_rate;
        let mut fails = None;
        if let Some(weather) = self.weather.get_mut(server.provider) {
            let strikes = |share: f64| {
                let [_, _, bits, _] = conversation.of_attempt(stream, Purpose::AttemptFailure, leg_index);
                uniform(bits) < share
            };
            if weather.outage.is_bad(now, start) && strikes(weather.outage.error_rate) {
                fails = Some(Reason::Outage);
            } else if weather.brownout.is_bad(now, start) {
                slowdown = weather.brownout.slowdown.max(1e-9);
                error_rate = 1.0 - (1.0 - error_rate) * (1.0 - weather.brownout.error_rate);
            }
        }
        if fails.is_none() && uniform(error_bits) < error_rate {
            fails = Some(Reason::Error);
        }
        let mut leg = Leg {
            active: true,
            start,
            model,
            probe,
            quality: quality_bits,
            waited_s: between(now, start),
            ..Leg::IDLE
        };
        if let Some(reason) = fails {
            let [error_s, ..] = conversation.of_attempt(stream, Purpose::AttemptFailure, leg_index);
            leg.fails = start.saturating_add(nanos(server.error_s.draw(error_s)));
            leg.reason = reason;
            server.limiter.started(leg.fails);
            return Ok(leg);
        }
        leg.input = [prompt.plain(), prompt.read, prompt.written];
        prompt.keep_warm(start, model, server, conversation, logged.0);
        if conversation.flags.unsanitised && !server.in_house && !conversation.flags.leaked {
            conversation.flags.leaked = true;
            self.ledger.leaked += u64::from(counted);
        }
        if counted {
            self.ledger.input_tokens += prompt.total;
            self.ledger.cached_tokens += prompt.read;
        }
        let first_token_s = server.first_token_s.draw(first_bits).max(0.0);
        let token_s = server.token_ms.draw(pace_bits).max(0.0) * 1e-3;
        let (reasoning, output) = (conversation.reasoning, conversation.output);
        if let Some(hosted) = &mut server.hosted {
            let mean_s = server.token_mean_s;
            let job = Job {
                slot,
                leg: u8::from(leg_index != 0),
                base_s: first_token_s * slowdown,
                prefill_tokens: (prompt.total - prompt.read) * slowdown,
                pace: slowdown * if mean_s > 0.0 { token_s / mean_s } else { 1.0 },
                reasoning,
                output,
                memory: prompt.total + reasoning + output,
            };
            leg.lead_s = job.base_s;
            leg.token_s = token_s * slowdown;
            let Some(id) = hosted.join(start, job, &mut self.agenda, &mut self.notices) else {
                self.ledger.queue_full += u64::from(counted);
                if let Some(breaker) = &mut server.breaker {
                    breaker.report(now, true, probe);
                }
                return Err(Reason::QueueFull);
            };
            leg.job = Some(id);
            return Ok(leg);
        }
        leg.prefill_s = (prompt.total - prompt.read) * server.prefill_s_per_token * slowdown;
        leg.lead_s = first_token_s * slowdown + leg.prefill_s;
        leg.token_s = token_s * slowdown;
        leg.brownout_s = (leg.lead_s + (reasoning + output) * leg.token_s) * (1.0 - 1.0 / slowdown);
        leg.first = start.saturating_add(nanos(leg.lead_s + reasoning * leg.token_s));
        leg.done = start.saturating_add(nanos(leg.lead_s + (reasoning + output) * leg.token_s));
        if !server.limiter.is_endless() {
            let ends = leg.done.min(self.cut_at(slot, start)).min(self.leaves(slot));
            if let Some(server) = self.servers.get_mut(usize::from(model)) {
                server.limiter.started(ends);
            }
        }
        if let Some(used) = self.servers.get_mut(usize::from(model)).and_then(|server| server.used.get_mut(CONCURRENCY)) {
            *used += between(leg.start, leg.done);
        }
        Ok(leg)
    }

    /// When a copy sent at `start` is cut by its timeout or the request's deadline.
    fn cut_at(&self, slot: u32, start: Time) -> Time {
        let deadline = self.conversations.get(slot as usize).map_or(NEVER, |conversation| conversation.deadline);
        start.saturating_add(self.policy.timeout).min(deadline)
    }

    fn leaves(&self, slot: u32) -> Time {
        self.conversations.get(slot as usize).map_or(NEVER, |conversation| conversation.leaves)
    }

    /// Settles a single copy to a provider at once: how it ends is known when it is sent.
    fn settle(&mut self, now: Time, slot: u32, leg: &Leg) {
        let cut = self.cut_at(slot, leg.start);
        let leaves = self.leaves(slot);
        let (ends, reason) = leg_ends(leg, self.policy.streaming, cut);
        // What the user sees: the first token where it is shown, else the whole answer.
        let seen = if reason.is_none() {
            if self.shows_first_token(slot) { leg.first } else { leg.done }
        } else {
            ends
        };
        if seen > leaves {
            self.abandon(now, slot, leg, leaves);
            return;
        }
        match reason {
            Some(reason) => {
                self.pay_for_failure(slot, leg, ends, reason);
                if let Some(breaker) = self.breaker_of(leg.model) {
                    breaker.report(ends, true, leg.probe);
                }
                self.fails_at(now, slot, ends, reason);
            }
            None => self.succeed(now, slot, leg),
        }
    }

    fn breaker_of(&mut self, model: u16) -> Option<&mut super::breaker::Breaker> {
        self.servers.get_mut(usize::from(model))?.breaker.as_mut()
    }

    /// Whether the user sees the first token of the call under way when it comes.
    fn shows_first_token(&self, slot: u32) -> bool {
        self.policy.streaming
            && !self.is_gated(slot)
            && self
                .conversations
                .get(slot as usize)
                .is_some_and(|conversation| conversation.call + 1 >= conversation.calls)
    }

    /// A copy has brought a good answer: it is paid for, and the call is done.
    fn succeed(&mut self, now: Time, slot: u32, leg: &Leg) {
        let generation_s = {
            let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
            conversation.quality = leg.quality;
            let generation_s = (conversation.reasoning + conversation.output) * leg.token_s;
            conversation.spend(Cause::Throttling, leg.waited_s);
            conversation.spend(Cause::Prefill, leg.prefill_s);
            conversation.spend(Cause::Brownout, leg.brownout_s);
            generation_s
        };
        if leg.job.is_none()
            && let Some(conversation) = self.conversations.get_mut(slot as usize)
        {
            let all = leg.lead_s + generation_s;
            let normal = if all > 0.0 { (all - leg.brownout_s) / all } else { 1.0 };
            conversation.spend(Cause::Generation, generation_s * normal);
            conversation.spend(Cause::FirstToken, (leg.lead_s - leg.prefill_s) * normal);
            conversation.spend(Cause::Prefill, leg.prefill_s * (normal - 1.0));
        }
        self.pay(slot, leg);
        let known = if self.policy.streaming { leg.first } else { leg.done };
        if let Some(breaker) = self.breaker_of(leg.model) {
            breaker.report(known.max(now), false, leg.probe);
        }
        self.call_done(now, slot, leg.first, leg.done);
    }

    /// Schedules a failure, or lets it happen if it is now.
    fn fails_at(&mut self, now: Time, slot: u32, at: Time, reason: Reason) {
        if at > now {
            self.schedule(slot, at, Step::Fail(reason));
        } else {
            self.attempt_failed(now, slot, reason);
        }
    }

    /// The user leaves at `at` while a copy is under way.
    fn abandon(&mut self, now: Time, slot: u32, leg: &Leg, at: Time) {
        self.pay_for_failure(slot, leg, at, leg.reason);
        if let Some(breaker) = self.breaker_of(leg.model) {
            breaker.forget(leg.probe);
        }
        self.end_request(now, slot, Outcome::Abandoned, at);
    }

    /// Watches a copy whose end depends on others: a hosted one, or one that may be hedged.
    fn watch(&mut self, now: Time, slot: u32, leg: &Leg) {
        let cut = self.cut_at(slot, leg.start);
        let leaves = self.leaves(slot);
        let hedge = self.policy.hedge_after.map(|after| leg.start.saturating_add(after));
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
        let serial = conversation.serial;
        if let [first, second] = &mut conversation.legs {
            *first = *leg;
            second.active = false;
        }
        let ends = if leg.job.is_some() { cut } else { leg_ends(leg, self.policy.streaming, cut).0 };
        if ends < NEVER {
            self.agenda.push(ends, Event::LegEnd { slot, serial, leg: 0 });
        }
        if leaves < NEVER {
            self.agenda.push(leaves, Event::Leave { slot, serial });
        }
        if let Some(at) = hedge
            && at < ends
        {
            self.agenda.push(at, Event::Hedge { slot, serial });
        }
        self.notify(now);
    }

    /// The first copy has not answered in time: a second one is sent.
    pub(super) fn hedge(&mut self, now: Time, slot: u32) {
        let Ok(leg) = self.launch(now, slot, 1) else { return };
        let cut = self.cut_at(slot, leg.start);
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
        let serial = conversation.serial;
        if let [_, second] = &mut conversation.legs {
            *second = leg;
        }
        let ends = if leg.job.is_some() { cut } else { leg_ends(&leg, self.policy.streaming, cut).0 };
        if ends < NEVER {
            self.agenda.push(ends, Event::LegEnd { slot, serial, leg: 1 });
        }
        self.notify(now);
    }

    /// A watched copy to a provider is answered or fails, or a watched copy is cut.
    pub(super) fn leg_end(&mut self, now: Time, slot: u32, index: usize) {
        let Some(leg) = self.leg(slot, index) else { return };
        let cut = self.cut_at(slot, leg.start);
        let reason = if leg.job.is_some() {
            self.cut_job(now, slot, &leg);
            Some(Reason::Timeout)
        } else {
            leg_ends(&leg, self.policy.streaming, cut).1
        };
        match reason {
            None => {
                self.drop_other(now, slot, index);
                self.close_call(slot);
                self.succeed(now, slot, &leg);
            }
            Some(reason) => {
                if leg.job.is_none() {
                    self.pay_for_failure(slot, &leg, now, reason);
                }
                if let Some(breaker) = self.breaker_of(leg.model) {
                    breaker.report(now, true, leg.probe);
                }
                self.set_idle(slot, index);
                let other = self.leg(slot, 1 - index).is_some();
                if !other {
                    self.close_call(slot);
                    self.attempt_failed(now, slot, reason);
                }
            }
        }
        self.notify(now);
    }

    fn leg(&self, slot: u32, index: usize) -> Option<Leg> {
        let leg = self.conversations.get(slot as usize)?.legs.get(index)?;
        leg.active.then_some(*leg)
    }

    fn set_idle(&mut self, slot: u32, index: usize) {
        if let Some(leg) = self.conversations.get_mut(slot as usize).and_then(|it| it.legs.get_mut(index)) {
            leg.active = false;
        }
    }

    /// Events of the call that is over no longer count.
    fn close_call(&mut self, slot: u32) {
        if let Some(conversation) = self.conversations.get_mut(slot as usize) {
            conversation.serial = conversation.serial.wrapping_add(1);
            conversation.rest();
        }
    }

    /// The other copy is no longer needed.
    fn drop_other(&mut self, now: Time, slot: u32, index: usize) {
        if let Some(other) = self.leg(slot, 1 - index) {
            if other.job.is_some() {
                self.cut_job(now, slot, &other);
            } else {
                self.pay_for_failure(slot, &other, now, other.reason);
            }
            if let Some(breaker) = self.breaker_of(other.model) {
                breaker.forget(other.probe);
            }
            self.set_idle(slot, 1 - index);
        }
    }

    /// Takes a copy out of its hosted model and books what it had used.
    fn cut_job(&mut self, now: Time, slot: u32, leg: &Leg) {
        let Some(job) = leg.job else { return };
        let generated = self.hosted(leg.model, |hosted, agenda, notices| hosted.cut(now, job, agenda, notices));
        self.waste(slot, leg, generated.unwrap_or(0.0));
    }

    /// What hosted models have to say.
    pub(super) fn notify(&mut self, now: Time) {
        let mut next = 0;
        while let Some(&notice) = self.notices.get(next) {
            next += 1;
            match notice {
                Notice::First { slot, leg } => self.first_token(now, slot, usize::from(leg)),
                Notice::Done {
                    slot,
                    leg,
                    queued_s,
                    prefill_s,
                } => self.job_done(now, slot, usize::from(leg), queued_s, prefill_s),
            }
        }
        self.notices.clear();
    }

    /// The first visible token of a hosted copy.
    fn first_token(&mut self, now: Time, slot: u32, index: usize) {
        let shows = self.shows_first_token(slot);
        let leaves = self.leaves(slot);
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
        if let Some(leg) = conversation.legs.get_mut(index).filter(|leg| leg.active) {
            leg.first = now;
        } else {
            return;
        }
        if !self.policy.streaming {
            return;
        }
        // Timeouts and hedges act until the first token.
        conversation.serial = conversation.serial.wrapping_add(1);
        let serial = conversation.serial;
        self.drop_other(now, slot, index);
        if !shows && leaves < NEVER {
            self.agenda.push(leaves, Event::Leave { slot, serial });
        }
    }

    /// The whole answer of a hosted copy.
    fn job_done(&mut self, now: Time, slot: u32, index: usize, queued_s: f64, prefill_s: f64) {
        let Some(mut leg) = self.leg(slot, index) else { return };
        self.drop_other(now, slot, index);
        self.close_call(slot);
        leg.done = now;
        leg.prefill_s = prefill_s;
        if let Some(conversation) = self.conversations.get_mut(slot as usize) {
            conversation.spend(Cause::Queueing, queued_s);
            conversation.spend(Cause::FirstToken, leg.lead_s);
            conversation.spend(Cause::Generation, (between(leg.start, now) - queued_s - prefill_s - leg.lead_s).max(0.0));
        }
        self.succeed(now, slot, &leg);
    }

    /// The user has waited long enough.
    pub(super) fn leave(&mut self, now: Time, slot: u32) {
        for index in 0..2 {
            if let Some(leg) = self.leg(slot, index) {
                if leg.job.is_some() {
                    self.cut_job(now, slot, &leg);
                } else {
                    self.pay_for_failure(slot, &leg, now, leg.reason);
                }
                if let Some(breaker) = self.breaker_of(leg.model) {
                    breaker.forget(leg.probe);
                }
            }
        }
        self.end_request(now, slot, Outcome::Abandoned, now);
        self.notify(now);
    }

    /// An attempt has failed at `now`: the next attempt, the next model, a stale or a canned answer, or failure.
    pub(super) fn attempt_failed(&mut self, now: Time, slot: u32, reason: Reason) {
        let Some(model) = self.current_model(slot) else { return };
        let attempts = self.policy.attempts;
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
        conversation.reason = reason;
        let retryable = !matches!(reason, Reason::BreakerOpen | Reason::Overflow);
        if retryable && conversation.attempt + 1 < attempts {
            let wait_s = self.backoff_s(slot);
            let at = now.saturating_add(nanos(wait_s));
            let in_time = self.conversations.get(slot as usize).is_some_and(|it| at < it.deadline);
            let open = self.breaker_of(model).is_some_and(|breaker| breaker.is_open(now));
            if in_time && !open && self.retry_budget.spend() {
                if let Some(conversation) = self.conversations.get_mut(slot as usize) {
                    conversation.attempt += 1;
                    let cause = if reason == Reason::Throttled { Cause::Throttling } else { Cause::Retries };
                    conversation.spend(cause, wait_s);
                }
                self.schedule(slot, at, Step::Send);
                return;
            }
        }
        self.give_up(now, slot, reason);
    }

    /// Seconds before the next attempt of the same model.
    fn backoff_s(&self, slot: u32) -> f64 {
        let Some(conversation) = self.conversations.get(slot as usize) else { return 0.0 };
        let [_, jitter, ..] = conversation.of_attempt(self.setting.stream, Purpose::AttemptFailure, 0);
        let policy = &self.policy;
        let wait = (policy.base_s * libm::pow(policy.factor, f64::from(conversation.attempt))).min(policy.max_s);
        let point = uniform(jitter);
        match policy.jitter {
            Jitter::None => wait,
            Jitter::Full => wait * point,
            Jitter::Equal => wait * (0.5 + 0.5 * point),
            Jitter::Add(_) => wait + policy.jitter_by * point,
            Jitter::Cut(_) => wait * (1.0 - policy.jitter_by * point),
        }
    }

    /// The model under way has failed for good.
    fn give_up(&mut self, now: Time, slot: u32, reason: Reason) {
        let cascades = matches!(self.setting.strategy.route, Route::Cascade { .. });
        let next = self.next_in_route(slot).filter(|_| cascades);
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
        let in_time = now < conversation.deadline;
        if let (Some(position), true) = (next, in_time) {
            conversation.stage = Stage::Route(position);
            conversation.attempt = 0;
            self.send(now, slot);
            return;
        }
        let mut position = match conversation.stage {
            Stage::Route(_) => 0,
            Stage::Fallback(position) => position + 1,
        };
        while let Some(&option) = self.policy.fallback.get(usize::from(position)) {
            if self.fall_back(now, slot, position, option, in_time) {
                return;
            }
            position += 1;
        }
        if let Some(conversation) = self.conversations.get_mut(slot as usize) {
            conversation.reason = reason;
        }
        self.end_request(now, slot, Outcome::Failed, now);
    }

    /// Tries one entry of the fallback list; false if it does not apply.
    fn fall_back(&mut self, now: Time, slot: u32, position: u8, option: Fallback, in_time: bool) -> bool {
        let stream = self.setting.stream;
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return false };
        match option {
            Fallback::Model(model) => {
                let allowed = !conversation.flags.protected
                    || self.servers.get(model).is_some_and(|server| server.in_house);
                if !allowed || !in_time {
                    return false;
                }
                conversation.stage = Stage::Fallback(position);
                conversation.attempt = 0;
                self.send(now, slot);
                true
            }
            Fallback::Stale => {
                let [_, _, recognised, _] = conversation.of_turn(stream, Purpose::Before);
                if !conversation.cacheable || conversation.flags.protected || uniform(recognised) >= self.policy.recall {
                    return false;
                }
                let question = conversation.question;
                let Some(hit) = self.cache.as_mut().and_then(|cache| cache.find(now, question)) else { return false };
                conversation.flags.wrong = hit.wrong;
                self.deliver(now, slot, Outcome::Stale, now, now);
                true
            }
            Fallback::Degraded => {
                self.end_request(now, slot, Outcome::Degraded, now);
                true
            }
        }
    }

    /// Books a good copy.
    fn pay(&mut self, slot: u32, leg: &Leg) {
        let hour = self.hour;
        let Some(conversation) = self.conversations.get(slot as usize) else { return };
        let Some(server) = self.servers.get(usize::from(leg.model)) else { return };
        if !conversation.flags.counted {
            return;
        }
        let [plain, read, written] = leg.input;
        self.ledger.logged_tokens += plain + read + written + conversation.reasoning + conversation.output;
        let lines = server.paid.rates.price(&tokens(leg, conversation.output, conversation.reasoning));
        self.ledger.charge_call(hour, &lines, server.paid.factor, server.paid.writes_cost_extra);
    }

    /// Books a copy that brought nothing: errors cost nothing, cut ones what they had used by `at`.
    fn pay_for_failure(&mut self, slot: u32, leg: &Leg, at: Time, reason: Reason) {
        let took_s = between(leg.start, at.max(leg.start));
        if let Some(conversation) = self.conversations.get_mut(slot as usize) {
            conversation.spend(Cause::Throttling, leg.waited_s);
            let cause = if reason == Reason::Timeout { Cause::Timeouts } else { Cause::Retries };
            conversation.spend(cause, took_s);
        }
        if leg.fails < NEVER || at <= leg.start {
            return;
        }
        let generated = if leg.token_s > 0.0 { ((took_s - leg.lead_s) / leg.token_s).max(0.0) } else { f64::INFINITY };
        self.waste(slot, leg, generated);
    }

    /// Books input and `generated` tokens of a copy that brought nothing.
    fn waste(&mut self, slot: u32, leg: &Leg, generated: f64) {
        let hour = self.hour;
        let Some(conversation) = self.conversations.get(slot as usize) else { return };
        let Some(server) = self.servers.get(usize::from(leg.model)) else { return };
        if !conversation.flags.counted {
            return;
        }
        let reasoning = generated.min(conversation.reasoning);
        let output = (generated - conversation.reasoning).clamp(0.0, conversation.output);
        let usd = server.paid.rates.price(&tokens(leg, output, reasoning)).total() * server.paid.factor;
        let [plain, read, written] = leg.input;
        self.ledger.logged_tokens += plain + read + written + reasoning + output;
        self.ledger.charge(hour, Line::Wasted, usd);
    }
}

/// When a copy to a provider ends as far as timeouts go, and why it failed if it did.
fn leg_ends(leg: &Leg, streaming: bool, cut: Time) -> (Time, Option<Reason>) {
    let answered = if streaming { leg.first } else { leg.done };
    let ends = answered.min(leg.fails);
    if ends > cut {
        (cut, Some(Reason::Timeout))
    } else if leg.fails < NEVER {
        (leg.fails, Some(leg.reason))
    } else {
        (answered, None)
    }
}

fn tokens(leg: &Leg, output: f64, reasoning: f64) -> crate::prices::Tokens {
    let [plain, read, written] = leg.input;
    crate::prices::Tokens {
        input_plain: plain,
        cached: read,
        cache_write: written,
        cache_write_1h: 0.0,
        output,
        reasoning,
    }
}
