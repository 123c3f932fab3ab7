//! A request from the user's question to the answer, around the attempts: what is drawn for it, what stands before
//! the model, and what happens to an answer before the user has it.

use crate::model::{Cacheable, History};
use crate::model::strategy::Route;
use crate::scenario::types::Flagged;

use super::clock::{NEVER, Time, between, nanos};
use super::conversation::{Conversation, Flags, Stage, Step};
use super::ledger::{Cause, Line, Outcome, Reason};
use super::month::World;
use super::philox::{Item, Purpose, uniform};
use super::response_cache::Question;
use super::setup::{Class, narrow};

impl World<'_> {
    /// A conversation begins with its first question.
    pub(super) fn begin(&mut self, now: Time, number: u64) {
        let slot = if let Some(slot) = self.vacant.pop() {
            slot
        } else {
            self.conversations.push(Conversation::vacant());
            u32::try_from(self.conversations.len() - 1).unwrap_or(u32::MAX)
        };
        let stream = self.setting.stream;
        // Where nothing about a conversation varies, its random numbers are not needed.
        let [class_bits, turns_bits, sensitive_bits, prefix_bits] = if self.varies {
            stream.block(number, Item::new(Purpose::Conversation, 0, 0, 0))
        } else {
            [0; 4]
        };
        let point = f64::from(class_bits) + 0.5;
        let class_index = self.classes.iter().position(|class| point < class.until).unwrap_or(0);
        let Some(class) = self.classes.get(class_index) else { return };
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
        conversation.number = number;
        conversation.class = narrow(class_index);
        conversation.turn = 0;
        conversation.turns = whole(class.turns.draw(turns_bits));
        conversation.sensitive = uniform(sensitive_bits) < class.sensitive;
        conversation.began = now;
        if let Some(log) = &self.log {
            let (place, class, turns) = log.conversation(number);
            conversation.logged = place;
            conversation.class = class;
            conversation.turns = turns;
        }
        conversation.prefix = floor(uniform(prefix_bits) * self.prefixes);
        conversation.said = 0.0;
        conversation.said_by_turn.clear();
        conversation.warm_model = u16::MAX;
        if now >= self.counts_from {
            self.ledger.conversations += 1;
        }
        self.ask(now, slot);
    }

    /// The user asks: everything about the turn is drawn, and what stands before the model has its say.
    pub(super) fn ask(&mut self, now: Time, slot: u32) {
        let stream = self.setting.stream;
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
        if now >= self.end {
            self.vacate(slot);
            return;
        }
        let Some(class) = self.classes.get(usize::from(conversation.class)) else { return };
        let [user, context, think, patience] =
            if class.turn_varies { conversation.of_turn(stream, Purpose::Turn) } else { [0; 4] };
        let counted = now >= self.counts_from;
        conversation.sent = now;
        conversation.hour = narrow(self.hour);
        conversation.user = class.user.draw(user).max(0.0);
        conversation.context = class.context.draw(context).max(0.0) * self.policy.prompt_factor;
        conversation.think_s = class.think_s.draw(think);
        conversation.leaves = class
            .patience_s
            .as_ref()
            .map_or(NEVER, |patience_s| now.saturating_add(nanos(patience_s.draw(patience))));
        conversation.deadline = now.saturating_add(self.policy.deadline);
        conversation.added = 0.0;
        conversation.tool = 0.0;
        conversation.call = 0;
        conversation.calls = 1;
        if let Some(calls) = &class.calls {
            let [bits, ..] = conversation.of_turn(stream, Purpose::Calls);
            conversation.calls = whole(calls.draw(bits));
        }
        conversation.stage = Stage::Route(0);
        conversation.flags = Flags {
            counted,
            ..Flags::default()
        };
        conversation.spent = [0.0; super::ledger::CAUSES.len()];
        conversation.reason = Reason::Error;
        conversation.cacheable = match class.cacheable {
            Cacheable::All => true,
            Cacheable::FirstTurn => conversation.turn == 0,
            Cacheable::None => false,
        };
        if counted {
            self.ledger.requests += 1;
        }
        self.retry_budget.earn();
        draw_call(conversation, class, stream);
        if let Some(turn) = self.log.as_ref().and_then(|log| log.turn(conversation)) {
            conversation.user = turn.input_tokens;
            conversation.context = 0.0;
            conversation.output = turn.output_tokens;
            conversation.calls = 1;
        }
        if conversation.sensitive {
            self.protect(slot);
        }
        let defers = self.policy.batch && self.deferrable(slot);
        let delay_s = if self.policy.has_before { self.before(now, slot, defers) } else { Some(0.0) };
        let Some(delay_s) = delay_s else { return };
        if defers && self.send_batch(now, slot) {
            return;
        }
        self.call_begins(slot);
        if delay_s > 0.0 {
            self.schedule(slot, now.saturating_add(nanos(delay_s)), Step::Send);
        } else {
            self.send(now, slot);
        }
    }

    /// A sensitive request: what the strategy knows to do about it.
    fn protect(&mut self, slot: u32) {
        let stream = self.setting.stream;
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
        let missed = self.policy.sanitise.as_ref().is_none_or(|(_, misses, _)| {
            let [_, bits, ..] = conversation.of_turn(stream, Purpose::Before);
            uniform(bits) < *misses
        });
        conversation.flags.unsanitised = missed;
        // A sanitised request may go anywhere, and nobody knows of those that slipped through.
        conversation.flags.protected = self.policy.sanitise.is_none() && self.policy.sensitive_route.is_some();
    }

    fn deferrable(&self, slot: u32) -> bool {
        let Some(conversation) = self.conversations.get(slot as usize) else { return false };
        let share = self.classes.get(usize::from(conversation.class)).map_or(0.0, |class| class.deferrable);
        if share <= 0.0 || conversation.flags.protected {
            return false;
        }
        let [_, _, bits, _] = conversation.of_turn(self.setting.stream, Purpose::Question);
        uniform(bits) < share
    }

    /// Sanitise, guardrail, response cache, router: their seconds and their money. `None` if the request ended here.
    fn before(&mut self, now: Time, slot: u32, defers: bool) -> Option<f64> {
        let stream = self.setting.stream;
        let hour = self.hour;
        let conversation = self.conversations.get_mut(slot as usize)?;
        let class = self.classes.get(usize::from(conversation.class))?;
        let [blocked, _, recognised, false_hit] = conversation.of_turn(stream, Purpose::Before);
        let [sanitise_bits, guard_bits, lookup_bits, router_bits] = conversation.of_turn(stream, Purpose::BeforeSeconds);
        let [unique, rank, _, chosen] = conversation.of_turn(stream, Purpose::Question);
        let counted = conversation.flags.counted;
        let mut delay_s = 0.0;
        if let Some((sanitise_s, _, per_1k)) = &self.policy.sanitise {
            delay_s += sanitise_s.draw(sanitise_bits);
            if counted {
                let usd = (conversation.user + conversation.context) * 1e-3 * per_1k;
                self.ledger.charge(hour, Line::Guard, usd);
            }
        }
        if let Some((guard_s, blocks, usd)) = &self.policy.guardrail {
            delay_s += guard_s.draw(guard_bits);
            if counted {
                self.ledger.charge(hour, Line::Guard, *usd);
            }
            if uniform(blocked) < *blocks {
                self.end_request(now, slot, Outcome::Blocked, now.saturating_add(nanos(delay_s)));
                return None;
            }
        }
        conversation.question = match &class.popularity {
            Some(popularity) if uniform(unique) >= class.unique => popularity.ask(rank),
            _ => Question::UNIQUE,
        };
        if let (Some(cache), Some(lookup_s), true) = (
            &mut self.cache,
            &self.policy.lookup_s,
            conversation.cacheable && !conversation.flags.protected && !defers,
        ) {
            delay_s += lookup_s.draw(lookup_bits);
            self.ledger.cacheable += u64::from(counted);
            let known = uniform(recognised) < self.policy.recall;
            // An answer that is there but not recognised stays as it is.
            let found = cache.find(now, conversation.question).filter(|hit| !hit.expired);
            conversation.flags.stores = found.is_none();
            if let (Some(hit), true) = (found, known) {
                self.ledger.hits += u64::from(counted);
                conversation.flags.wrong = hit.wrong || uniform(false_hit) < self.policy.false_hit;
                conversation.spend(Cause::Guards, delay_s);
                let at = now.saturating_add(nanos(delay_s));
                self.deliver(now, slot, Outcome::Cached, at, at);
                return None;
            }
        }
        if self.policy.router.is_some() {
            delay_s += self.classify(slot, chosen, router_bits);
        }
        if let Some(conversation) = self.conversations.get_mut(slot as usize) {
            conversation.spend(Cause::Guards, delay_s);
        }
        Some(delay_s)
    }

    /// The router chooses a model; the seconds it takes.
    fn classify(&mut self, slot: u32, chosen: u32, seconds_bits: u32) -> f64 {
        let hour = self.hour;
        let Some(router) = &self.policy.router else { return 0.0 };
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return 0.0 };
        if conversation.sensitive && self.policy.sensitive_route.is_some() {
            return 0.0;
        }
        let own = router.by_class.get(usize::from(conversation.class)).copied().unwrap_or(0);
        let home = router.models.iter().position(|model| *model == own).unwrap_or(0);
        let point = uniform(chosen);
        let others = router.models.len().saturating_sub(1);
        let position = if point < router.accuracy || others == 0 {
            home
        } else {
            let share = (point - router.accuracy) / (1.0 - router.accuracy);
            let other = (floor(share * others as f64) as usize).min(others - 1);
            other + usize::from(other >= home)
        };
        conversation.stage = Stage::Route(u8::try_from(position).unwrap_or(0));
        if conversation.flags.counted && router.tokens > 0.0 {
            let price = |model: u16| {
                self.servers.get(usize::from(model)).map_or(f64::INFINITY, |server| {
                    let lines = server.paid.rates.price(&crate::prices::Tokens {
                        input_plain: router.tokens,
                        ..crate::prices::Tokens::default()
                    });
                    lines.total() * server.paid.factor
                })
            };
            let usd = match router.model {
                Some(model) => price(model),
                None => router.models.iter().map(|model| price(*model)).fold(f64::INFINITY, f64::min),
            };
            self.ledger.charge(hour, Line::Router, usd);
        }
        if conversation.flags.unsanitised && router.model.is_some_and(|model| !self.is_in_house(model)) {
            self.leak(slot);
        }
        self.policy.router.as_ref().map_or(0.0, |router| router.seconds.draw(seconds_bits))
    }

    pub(super) fn is_in_house(&self, model: u16) -> bool {
        self.servers.get(usize::from(model)).is_some_and(|server| server.in_house)
    }

    /// A sensitive request leaves the house unsanitised; counted once.
    pub(super) fn leak(&mut self, slot: u32) {
        if let Some(conversation) = self.conversations.get_mut(slot as usize)
            && !conversation.flags.leaked
        {
            conversation.flags.leaked = true;
            self.ledger.leaked += u64::from(conversation.flags.counted);
        }
    }

    /// A deferrable request goes to the batch service; false if the model has none.
    fn send_batch(&mut self, now: Time, slot: u32) -> bool {
        let stream = self.setting.stream;
        let Some(model) = self.current_model(slot) else { return false };
        let Some(server) = self.servers.get(usize::from(model)) else { return false };
        let Some(paid) = &server.batch else { return false };
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return false };
        let Some(class) = self.classes.get(usize::from(conversation.class)) else { return false };
        let counted = u64::from(conversation.flags.counted);
        let leaves_house = conversation.flags.unsanitised && !server.in_house;
        loop {
            let input = self.policy.system + kept(conversation, class) + conversation.context + conversation.user
                + conversation.added;
            let lines = paid.rates.price(&crate::prices::Tokens {
                input_plain: input,
                output: conversation.output,
                reasoning: conversation.reasoning,
                ..crate::prices::Tokens::default()
            });
            if counted > 0 {
                self.ledger.charge_call(self.hour, &lines, paid.factor, false);
                self.ledger.calls += 1;
                self.ledger.attempts += 1;
                self.ledger.input_tokens += input;
                self.ledger.logged_tokens += input + conversation.output + conversation.reasoning;
            }
            if !next_call(conversation, class, stream) {
                break;
            }
        }
        if counted > 0 {
            self.ledger.batch += 1;
        }
        let [quality, ..] = conversation.of_stage(stream, Purpose::Gate);
        let share = server.quality.get(usize::from(conversation.class)).copied().unwrap_or(1.0);
        conversation.flags.wrong = uniform(quality) >= share;
        if leaves_house {
            self.leak(slot);
        }
        self.deliver(now, slot, Outcome::Answered, now, NEVER);
        true
    }

    /// A call to a model begins: its attempts are counted from 0.
    pub(super) fn call_begins(&mut self, slot: u32) {
        if let Some(conversation) = self.conversations.get_mut(slot as usize) {
            conversation.attempt = 0;
            self.ledger.calls += u64::from(conversation.flags.counted);
        }
    }

    /// The models of the route, in the order in which escalation walks them.
    pub(super) fn route_models(&self) -> Vec<u16> {
        match &self.setting.strategy.route {
            Route::Single(model) => vec![narrow(*model)],
            Route::Router(router) => router.models.iter().map(|model| narrow(*model)).collect(),
            Route::Cascade { models, .. } => models.iter().map(|model| narrow(*model)).collect(),
        }
    }

    /// Position in the route after this one, if the request may go there.
    pub(super) fn next_in_route(&self, slot: u32) -> Option<u8> {
        let conversation = self.conversations.get(slot as usize)?;
        let Stage::Route(position) = conversation.stage else { return None };
        if conversation.sensitive && self.policy.sensitive_route.is_some() {
            return None;
        }
        let length = match &self.setting.strategy.route {
            Route::Single(_) => 1,
            Route::Router(router) => router.models.len(),
            Route::Cascade { models, .. } => models.len(),
        };
        (usize::from(position) + 1 < length).then_some(position + 1)
    }

    /// Whether an answer of the model under way is checked before the user sees it.
    pub(super) fn is_gated(&self, slot: u32) -> bool {
        let cascades = matches!(self.setting.strategy.route, Route::Cascade { .. });
        let next = cascades || self.policy.confidence.is_some();
        if !next {
            return false;
        }
        let escalates = self.next_in_route(slot).is_some();
        (cascades && escalates)
            || match self.policy.confidence {
                Some((_, _, Flagged::Escalate)) => escalates,
                Some((_, _, Flagged::HumanReview)) => self.policy.review.as_ref().is_some_and(|(_, before)| *before),
                None => false,
            }
    }

    /// A call is answered: the turn's next call, a check of the answer, or delivery. `done` may lie ahead of `now`.
    pub(super) fn call_done(&mut self, now: Time, slot: u32, first: Time, done: Time) {
        let stream = self.setting.stream;
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
        let Some(class) = self.classes.get(usize::from(conversation.class)) else { return };
        if conversation.call + 1 < conversation.calls {
            let [_, _, _, tool_bits] = conversation.of_call(stream, Purpose::Call);
            let tool_s = class.tool_s.draw(tool_bits).max(0.0);
            next_call(conversation, class, stream);
            conversation.spend(Cause::Tools, tool_s);
            self.call_begins(slot);
            self.schedule(slot, done.saturating_add(nanos(tool_s)), Step::Send);
            return;
        }
        if !self.policy.has_quality {
            let outcome = outcome_of(conversation.stage);
            self.deliver(now, slot, outcome, first, done);
            return;
        }
        self.judge(now, slot, first, done);
    }

    /// Whether the answer is wrong, whether that is noticed, and what follows.
    fn judge(&mut self, now: Time, slot: u32, first: Time, done: Time) {
        let stream = self.setting.stream;
        let Some(model) = self.current_model(slot) else { return };
        let gated = self.policy.has_gate && self.is_gated(slot);
        let next = if self.policy.has_gate { self.next_in_route(slot) } else { None };
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
        let class = usize::from(conversation.class);
        let share = self
            .servers
            .get(usize::from(model))
            .and_then(|server| server.quality.get(class))
            .copied()
            .unwrap_or(1.0);
        let wrong = uniform(conversation.quality) >= share;
        conversation.flags.wrong = wrong;
        if !self.policy.has_gate {
            let outcome = outcome_of(conversation.stage);
            self.deliver(now, slot, outcome, first, done);
            return;
        }
        let [_, accepted, flagged, minutes] = conversation.of_stage(stream, Purpose::Gate);
        let cascades = matches!(self.setting.strategy.route, Route::Cascade { .. });
        if let (true, Some(position)) = (cascades, next) {
            let let_through = if wrong { self.policy.accept_wrong } else { self.policy.accept };
            if uniform(accepted) >= let_through {
                self.escalate(slot, position, done);
                return;
            }
        }
        // A gated answer is shown once it has been let through.
        let first = if gated { done } else { first };
        let outcome = outcome_of(conversation.stage);
        if let Some((catches, false_alarms, then)) = self.policy.confidence {
            let caught = uniform(flagged) < if wrong { catches } else { false_alarms };
            match (caught, then, next) {
                (true, Flagged::Escalate, Some(position)) => {
                    self.escalate(slot, position, done);
                    return;
                }
                (true, Flagged::HumanReview, _) => {
                    if let Some((law, before)) = &self.policy.review {
                        let minutes = law.draw(minutes);
                        if *before {
                            self.schedule(slot, done, Step::Review);
                            return;
                        }
                        conversation.flags.wrong = false;
                        let counted = conversation.flags.counted;
                        if let (Some(reviewers), true) = (&mut self.reviewers, counted) {
                            reviewers.later(done, minutes);
                        }
                    }
                }
                _ => {}
            }
        }
        self.deliver(now, slot, outcome, first, done);
    }

    /// The next model of the route answers the turn from its first call.
    fn escalate(&mut self, slot: u32, position: u8, at: Time) {
        let stream = self.setting.stream;
        if let Some(conversation) = self.conversations.get_mut(slot as usize)
            && let Some(class) = self.classes.get(usize::from(conversation.class))
        {
            conversation.stage = Stage::Route(position);
            conversation.call = 0;
            conversation.added = 0.0;
            conversation.tool = 0.0;
            draw_call(conversation, class, stream);
        }
        self.call_begins(slot);
        self.schedule(slot, at, Step::Send);
    }

    /// A flagged answer reaches the reviewers; the user waits.
    pub(super) fn review(&mut self, now: Time, slot: u32) {
        let stream = self.setting.stream;
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
        let [.., minutes] = conversation.of_stage(stream, Purpose::Gate);
        let Some(((law, _), reviewers)) = self.policy.review.as_ref().zip(self.reviewers.as_mut()) else { return };
        reviewers.settle(now);
        let finished = reviewers.review(now, law.draw(minutes));
        conversation.flags.wrong = false;
        conversation.spend(Cause::Guards, between(now, finished));
        let outcome = outcome_of(conversation.stage);
        if finished > conversation.leaves {
            let leaves = conversation.leaves;
            self.end_request(now, slot, Outcome::Abandoned, leaves);
        } else {
            self.deliver(now, slot, outcome, finished, finished);
        }
    }

    /// The user has the answer. `done` is [`NEVER`] for the batch service, which has no latency.
    pub(super) fn deliver(&mut self, now: Time, slot: u32, outcome: Outcome, first: Time, done: Time) {
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
        let Some(class) = self.classes.get(usize::from(conversation.class)) else { return };
        let batch = done == NEVER;
        let hour = usize::from(conversation.hour);
        if conversation.flags.counted {
            self.ledger.wrong += u64::from(conversation.flags.wrong);
            if !batch {
                let latency_s = between(conversation.sent, done);
                let first_s = between(conversation.sent, first);
                let stale = outcome == Outcome::Stale;
                self.ledger.delivered(hour, latency_s, first_s, stale, &conversation.spent);
            }
        }
        if conversation.flags.stores
            && matches!(outcome, Outcome::Answered | Outcome::Fallback)
            && let Some(cache) = &mut self.cache
        {
            let at = if batch { now } else { done };
            cache.store(at, conversation.question, conversation.flags.wrong);
        }
        let keeps = !matches!(class.history, History::None);
        if keeps {
            let answer = if outcome == Outcome::Stale || outcome == Outcome::Cached {
                conversation.output.min(class.max_output)
            } else {
                conversation.output
            };
            remember(conversation, class, answer);
        }
        self.end_request(now, slot, outcome, if batch { now } else { done });
    }

    /// A request has ended at `at` (which may lie ahead); the next question follows, or the conversation is over.
    pub(super) fn end_request(&mut self, now: Time, slot: u32, outcome: Outcome, at: Time) {
        let stream = self.setting.stream;
        let Some(conversation) = self.conversations.get_mut(slot as usize) else { return };
        let Some(class) = self.classes.get(usize::from(conversation.class)) else { return };
        if conversation.flags.counted {
            self.ledger.ended(usize::from(conversation.hour), outcome, conversation.reason);
        }
        if matches!(outcome, Outcome::Failed | Outcome::Degraded | Outcome::Blocked) && !matches!(class.history, History::None) {
            remember(conversation, class, 0.0);
        }
        conversation.serial = conversation.serial.wrapping_add(1);
        conversation.rest();
        let stays = match outcome {
            Outcome::Abandoned => false,
            Outcome::Failed => {
                let [bits, ..] = conversation.of_turn(stream, Purpose::Outcome);
                uniform(bits) >= class.quits
            }
            _ => true,
        };
        let left = conversation.turns.saturating_sub(conversation.turn + 1);
        if !stays {
            self.ledger.lost += u64::from(left) * u64::from(conversation.flags.counted);
        }
        if stays && left > 0 {
            conversation.turn += 1;
            let answered = at.max(now);
            let next = match &self.log {
                Some(log) => log.turn_at(conversation).max(answered),
                None => answered.saturating_add(nanos(conversation.think_s)),
            };
            self.schedule(slot, next, Step::Ask);
        } else {
            self.vacate(slot);
        }
    }

    fn vacate(&mut self, slot: u32) {
        if let Some(conversation) = self.conversations.get_mut(slot as usize) {
            conversation.serial = conversation.serial.wrapping_add(1);
        }
        self.vacant.push(slot);
    }
}

fn outcome_of(stage: Stage) -> Outcome {
    match stage {
        Stage::Route(_) => Outcome::Answered,
        Stage::Fallback(_) => Outcome::Fallback,
    }
}

/// Tokens of the conversation that are sent again.
pub(super) fn kept(conversation: &Conversation, class: &Class) -> f64 {
    match class.history {
        History::Full => conversation.said,
        History::None => 0.0,
        History::Last(turns) => conversation.said_by_turn.iter().rev().take(turns as usize).sum(),
        History::Summary(_) => {
            if conversation.turn > 0 {
                class.summary
            } else {
                0.0
            }
        }
    }
}

/// A turn enters the history.
fn remember(conversation: &mut Conversation, class: &Class, answer: f64) {
    let turn = conversation.user + answer;
    conversation.said += turn;
    if class.truncates || matches!(class.history, History::Last(_)) {
        conversation.said_by_turn.push(turn);
    }
}

/// Draws the tokens that the call under way generates.
fn draw_call(conversation: &mut Conversation, class: &Class, stream: super::philox::Stream) {
    let [output, reasoning, ..] = if class.call_varies { conversation.of_call(stream, Purpose::Call) } else { [0; 4] };
    conversation.output = class.output.draw(output).clamp(0.0, class.max_output);
    conversation.reasoning = class.reasoning.as_ref().map_or(0.0, |law| law.draw(reasoning).max(0.0));
}

/// Moves to the turn's next call, if it has one: earlier outputs and tool answers join the prompt.
fn next_call(conversation: &mut Conversation, class: &Class, stream: super::philox::Stream) -> bool {
    if conversation.call + 1 >= conversation.calls {
        return false;
    }
    let [_, _, tool, _] = conversation.of_call(stream, Purpose::Call);
    conversation.tool = class.tool_tokens.draw(tool).max(0.0);
    conversation.added += conversation.output + conversation.tool;
    conversation.call += 1;
    draw_call(conversation, class, stream);
    true
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, which is meant")]
fn whole(number: f64) -> u16 {
    ((number + 0.5) as u16).max(1)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, which is meant")]
fn floor(number: f64) -> u32 {
    number as u32
}
