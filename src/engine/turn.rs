//! A turn of a conversation: what is drawn when the user asks, and what follows when the request has ended.

use crate::model::Cacheable;

use super::clock::{NEVER, Time, nanos, positive};
use super::conversation::{Conversation, Flags, Stage, Step};
use super::history::remember;
use super::ledger::{CAUSES, Outcome, Reason};
use super::philox::{Item, Purpose, Stream, uniform};
use super::setup::Class;
use super::world::World;

impl<'a> World<'a> {
    /// A conversation begins with its first question.
    pub(super) fn begin(&mut self, now: Time, number: u64, conversation: &mut Conversation<'a>) {
        // Where nothing about a conversation varies, its random numbers are not needed.
        let [class_bits, turns_bits, sensitive_bits, prefix_bits] = if self.varies {
            self.setting
                .stream
                .block(number, Item::new(Purpose::Conversation, 0, 0, 0))
        } else {
            [0; 4]
        };
        let point = f64::from(class_bits) + 0.5;
        let class = self
            .classes
            .iter()
            .find(|class| point < class.until)
            .or(self.classes.first());
        let Some(class) = class else { return };
        conversation.number = number;
        conversation.class = class;
        conversation.turn = 0;
        conversation.turns = whole(class.turns.draw(turns_bits));
        conversation.sensitive = uniform(sensitive_bits) < class.sensitive;
        conversation.began = now;
        if let Some(log) = &self.log {
            let (place, class, turns) = log.conversation(number);
            conversation.logged = place;
            conversation.turns = turns;
            if let Some(class) = self.classes.get(usize::from(class)) {
                conversation.class = class;
            }
        }
        conversation.prefix = floor(uniform(prefix_bits) * self.prefixes);
        conversation.said = 0.0;
        conversation.said_by_turn.clear();
        conversation.warm_model = u16::MAX;
        if self.counts(now) {
            self.ledger.conversations += 1;
        }
        self.ask(now, conversation);
    }

    /// The user asks: everything about the turn is drawn, and what stands before the model has its say.
    pub(super) fn ask(&mut self, now: Time, conversation: &mut Conversation<'a>) {
        if now >= self.end {
            self.vacate(conversation);
            return;
        }
        let counted = self.counts(now);
        self.draw_turn(now, conversation);
        conversation.flags = Flags {
            counted,
            ..Flags::default()
        };
        self.ledger.requests += u64::from(counted);
        self.retry_budget.earn();
        draw_call(conversation, self.setting.stream);
        if let Some(turn) = self.log.as_ref().and_then(|log| log.turn(conversation)) {
            conversation.user = turn.input_tokens;
            conversation.context = 0.0;
            conversation.output = turn.output_tokens;
            conversation.calls = 1;
        }
        if conversation.sensitive {
            self.protect(conversation);
        }
        let defers = self.policy.batch && self.deferrable(conversation);
        let delay_s = if self.policy.has_before {
            self.before(now, conversation, defers)
        } else {
            Some(0.0)
        };
        let Some(delay_s) = delay_s else { return };
        if defers && self.send_batch(now, conversation) {
            return;
        }
        self.call_begins(conversation);
        if delay_s > 0.0 {
            self.schedule(conversation, now.saturating_add(nanos(delay_s)), Step::Send);
        } else {
            self.send(now, conversation);
        }
    }

    /// Draws what belongs to the turn, and forgets the turn before.
    #[inline]
    fn draw_turn(&self, now: Time, conversation: &mut Conversation<'a>) {
        let (stream, class) = (self.setting.stream, conversation.class);
        let [user, context, think, patience] = if class.turn_varies {
            conversation.of_turn(stream, Purpose::Turn)
        } else {
            [0; 4]
        };
        conversation.sent = now;
        conversation.hour = self.hour;
        conversation.user = positive(class.user.draw(user));
        conversation.context = positive(class.context.draw(context)) * self.policy.prompt_factor;
        conversation.think_s = class.think_s.draw(think);
        conversation.leaves = class.patience_s.as_ref().map_or(NEVER, |patience_s| {
            now.saturating_add(nanos(patience_s.draw(patience)))
        });
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
        conversation.spent = [0.0; CAUSES.len()];
        conversation.reason = Reason::Error;
        conversation.cacheable = match class.cacheable {
            Cacheable::All => true,
            Cacheable::FirstTurn => conversation.turn == 0,
            Cacheable::None => false,
        };
    }

    /// A call to a model begins: its attempts are counted from 0.
    #[inline]
    pub(super) fn call_begins(&mut self, conversation: &mut Conversation<'a>) {
        conversation.attempt = 0;
        self.ledger.calls += u64::from(conversation.flags.counted);
    }

    /// A request has ended at `at` (which may lie ahead); the next question follows, or the conversation is over.
    #[inline]
    pub(super) fn end_request(
        &mut self,
        now: Time,
        conversation: &mut Conversation<'a>,
        outcome: Outcome,
        at: Time,
    ) {
        let class = conversation.class;
        if conversation.flags.counted {
            self.ledger
                .ended(conversation.hour, outcome, conversation.reason);
        }
        if let Some(minutes) = &mut self.minutes {
            minutes.ended(conversation.sent, outcome);
        }
        if matches!(
            outcome,
            Outcome::Failed | Outcome::Degraded | Outcome::Blocked
        ) && class.remembers()
        {
            remember(conversation, 0.0);
        }
        conversation.renew();
        conversation.rest();
        let stays = match outcome {
            Outcome::Abandoned => false,
            Outcome::Failed => {
                let [bits, ..] = conversation.of_turn(self.setting.stream, Purpose::Outcome);
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
            self.schedule(conversation, next, Step::Ask);
        } else {
            self.vacate(conversation);
        }
    }

    /// The conversation is over.
    fn vacate(&mut self, conversation: &mut Conversation<'a>) {
        conversation.renew();
        self.vacant.push(conversation.slot);
    }
}

/// Draws the tokens that the call under way generates.
#[inline]
pub(super) fn draw_call(conversation: &mut Conversation<'_>, stream: Stream) {
    let class = conversation.class;
    let [output, reasoning, ..] = if class.call_varies {
        conversation.of_call(stream, Purpose::Call)
    } else {
        [0; 4]
    };
    let output = positive(class.output.draw(output));
    conversation.output = if output < class.max_output {
        output
    } else {
        class.max_output
    };
    conversation.reasoning = class
        .reasoning
        .as_ref()
        .map_or(0.0, |law| positive(law.draw(reasoning)));
}

/// Moves to the turn's next call, if it has one: earlier outputs and tool answers join the prompt.
pub(super) fn next_call(conversation: &mut Conversation<'_>, stream: Stream) -> bool {
    if conversation.is_last_call() {
        return false;
    }
    let [_, _, tool, _] = conversation.of_call(stream, Purpose::Call);
    conversation.tool = conversation.class.tool_tokens.draw(tool).max(0.0);
    conversation.added += conversation.output + conversation.tool;
    conversation.call += 1;
    draw_call(conversation, stream);
    true
}

impl Class {
    /// Whether earlier turns are sent again.
    #[inline]
    pub(super) fn remembers(&self) -> bool {
        !matches!(self.history, crate::model::History::None)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, which is meant"
)]
fn whole(number: f64) -> u16 {
    ((number + 0.5) as u16).max(1)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, which is meant"
)]
fn floor(number: f64) -> u32 {
    number as u32
}
