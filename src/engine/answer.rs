//! From a model's answer to the user: further calls, checks, escalation, review, delivery.

use crate::scenario::types::Flagged;

use super::clock::{NEVER, Time, between, nanos};
use super::conversation::{Conversation, Stage, Step};
use super::history::remember;
use super::ledger::{Cause, Outcome};
use super::philox::{Purpose, uniform};
use super::turn::{draw_call, next_call};
use super::world::World;

impl<'a> World<'a> {
    /// Position in the route after this one, if the request may go there.
    pub(super) fn next_in_route(&self, conversation: &Conversation<'a>) -> Option<u8> {
        let Stage::Route(position) = conversation.stage else {
            return None;
        };
        if conversation.sensitive && self.policy.sensitive_route.is_some() {
            return None;
        }
        (usize::from(position) + 1 < self.policy.route.len()).then_some(position + 1)
    }

    /// Whether an answer of the model under way is checked before the user sees it.
    pub(super) fn is_gated(&self, conversation: &Conversation<'a>) -> bool {
        if !self.policy.has_gate {
            return false;
        }
        let escalates = self.next_in_route(conversation).is_some();
        (self.policy.cascades && escalates)
            || match self.policy.confidence {
                Some((_, _, Flagged::Escalate)) => escalates,
                Some((_, _, Flagged::HumanReview)) => self
                    .policy
                    .review
                    .as_ref()
                    .is_some_and(|(_, before)| *before),
                None => false,
            }
    }

    /// A call is answered: the turn's next call, a check of the answer, or delivery. `done` may lie ahead of `now`.
    #[inline]
    pub(super) fn call_done(
        &mut self,
        now: Time,
        conversation: &mut Conversation<'a>,
        first: Time,
        done: Time,
    ) {
        if !conversation.is_last_call() {
            let stream = self.setting.stream;
            let [_, _, _, tool_bits] = conversation.of_call(stream, Purpose::Call);
            let tool_s = conversation.class.tool_s.draw(tool_bits).max(0.0);
            next_call(conversation, stream);
            conversation.spend(Cause::Tools, tool_s);
            self.call_begins(conversation);
            self.schedule(conversation, done.saturating_add(nanos(tool_s)), Step::Send);
            return;
        }
        if self.policy.has_quality {
            let Some(model) = self.current_model(conversation) else {
                return;
            };
            let quality = self
                .servers
                .get(usize::from(model))
                .and_then(|server| server.quality.get(conversation.class.index));
            conversation.flags.wrong =
                uniform(conversation.quality) >= quality.copied().unwrap_or(1.0);
        }
        if self.policy.has_gate {
            self.check(now, conversation, first, done);
        } else {
            self.deliver(
                now,
                conversation,
                outcome_of(conversation.stage),
                first,
                done,
            );
        }
    }

    /// Whether a wrong answer is noticed, or a right one taken for wrong, and what follows.
    fn check(&mut self, now: Time, conversation: &mut Conversation<'a>, first: Time, done: Time) {
        let gated = self.is_gated(conversation);
        let next = self.next_in_route(conversation);
        let wrong = conversation.flags.wrong;
        let [_, accepted, flagged, minutes] =
            conversation.of_stage(self.setting.stream, Purpose::Gate);
        if let (true, Some(position)) = (self.policy.cascades, next) {
            let let_through = if wrong {
                self.policy.accept_wrong
            } else {
                self.policy.accept
            };
            if uniform(accepted) >= let_through {
                self.escalate(conversation, position, done);
                return;
            }
        }
        if let Some((catches, false_alarms, then)) = self.policy.confidence {
            let chance = if wrong { catches } else { false_alarms };
            let caught = uniform(flagged) < chance;
            if let (Flagged::HumanReview, true) = (then, conversation.flags.counted)
                && let Some(((law, _), reviewers)) =
                    self.policy.review.as_ref().zip(self.reviewers.as_mut())
            {
                reviewers.expected_s += chance * law.mean() * 60.0;
            }
            match (caught, then, next) {
                (true, Flagged::Escalate, Some(position)) => {
                    self.escalate(conversation, position, done);
                    return;
                }
                (true, Flagged::HumanReview, _) => {
                    if let Some((law, before)) = &self.policy.review {
                        if *before {
                            self.schedule(conversation, done, Step::Review);
                            return;
                        }
                        conversation.flags.wrong = false;
                        if let Some(reviewers) = &mut self.reviewers {
                            let counted = conversation.flags.counted;
                            reviewers.later(done, law.draw(minutes), counted);
                        }
                    }
                }
                _ => {}
            }
        }
        // A gated answer is shown once it has been let through.
        let first = if gated { done } else { first };
        self.deliver(
            now,
            conversation,
            outcome_of(conversation.stage),
            first,
            done,
        );
    }

    /// The next model of the route answers the turn from its first call.
    fn escalate(&mut self, conversation: &mut Conversation<'a>, position: u8, at: Time) {
        conversation.stage = Stage::Route(position);
        conversation.call = 0;
        conversation.added = 0.0;
        conversation.tool = 0.0;
        draw_call(conversation, self.setting.stream);
        self.call_begins(conversation);
        self.schedule(conversation, at, Step::Send);
    }

    /// A flagged answer reaches the reviewers; the user waits.
    pub(super) fn review(&mut self, now: Time, conversation: &mut Conversation<'a>) {
        let [.., minutes] = conversation.of_stage(self.setting.stream, Purpose::Gate);
        let Some(((law, _), reviewers)) = self.policy.review.as_ref().zip(self.reviewers.as_mut())
        else {
            return;
        };
        reviewers.settle(now);
        let finished = reviewers.review(now, law.draw(minutes), conversation.flags.counted);
        conversation.flags.wrong = false;
        conversation.spend(Cause::Guards, between(now, finished));
        if finished > conversation.leaves {
            let leaves = conversation.leaves;
            self.end_request(now, conversation, Outcome::Abandoned, leaves);
        } else {
            self.deliver(
                now,
                conversation,
                outcome_of(conversation.stage),
                finished,
                finished,
            );
        }
    }

    /// The user has the answer. `done` is [`NEVER`] for the batch service, which has no latency.
    #[inline]
    pub(super) fn deliver(
        &mut self,
        now: Time,
        conversation: &mut Conversation<'a>,
        outcome: Outcome,
        first: Time,
        done: Time,
    ) {
        let batch = done == NEVER;
        if let Some(minutes) = &mut self.minutes
            && !batch
        {
            minutes.delivered(conversation.sent, between(conversation.sent, done));
        }
        if conversation.flags.counted {
            self.ledger.wrong += u64::from(conversation.flags.wrong);
            if !batch {
                let latency_s = between(conversation.sent, done);
                let first_s = between(conversation.sent, first);
                let stale = outcome == Outcome::Stale;
                self.ledger.delivered(
                    conversation.hour,
                    latency_s,
                    first_s,
                    stale,
                    &conversation.spent,
                );
            }
        }
        let at = if batch { now } else { done };
        if conversation.flags.stores
            && matches!(outcome, Outcome::Answered | Outcome::Fallback)
            && let Some(cache) = &mut self.cache
        {
            cache.store(at, conversation.question, conversation.flags.wrong);
        }
        if conversation.class.remembers() {
            let answer = if outcome == Outcome::Stale || outcome == Outcome::Cached {
                conversation.output.min(conversation.class.max_output)
            } else {
                conversation.output
            };
            remember(conversation, answer);
        }
        self.end_request(now, conversation, outcome, at);
    }
}

fn outcome_of(stage: Stage) -> Outcome {
    match stage {
        Stage::Route(_) => Outcome::Answered,
        Stage::Fallback(_) => Outcome::Fallback,
    }
}
