//! After a failed attempt: the next attempt, the next model, a stale or a canned answer, or failure.

use crate::model::strategy::{Fallback, Jitter};

use super::clock::{Time, nanos};
use super::conversation::{Conversation, Stage, Step, Which};
use super::ledger::{Cause, Outcome, Reason};
use super::philox::{Purpose, uniform};
use super::world::World;

impl<'a> World<'a> {
    /// An attempt has failed at `now`.
    pub(super) fn attempt_failed(
        &mut self,
        now: Time,
        conversation: &mut Conversation<'a>,
        reason: Reason,
    ) {
        let Some(model) = self.current_model(conversation) else {
            return;
        };
        conversation.reason = reason;
        let retryable = !matches!(reason, Reason::BreakerOpen | Reason::Overflow);
        if retryable && conversation.attempt + 1 < self.policy.attempts {
            let wait_s = self.backoff_s(conversation);
            let at = now.saturating_add(nanos(wait_s));
            let open = self
                .breaker_of(model)
                .is_some_and(|breaker| breaker.is_open(now));
            if at < conversation.deadline && !open && self.retry_budget.spend() {
                conversation.attempt += 1;
                let cause = if reason == Reason::Throttled {
                    Cause::Throttling
                } else {
                    Cause::Retries
                };
                conversation.spend(cause, wait_s);
                self.schedule(conversation, at, Step::Send);
                return;
            }
        }
        self.give_up(now, conversation, reason);
    }

    /// Seconds before the next attempt of the same model.
    fn backoff_s(&self, conversation: &Conversation<'a>) -> f64 {
        let [_, jitter, ..] =
            conversation.of_attempt(self.setting.stream, Purpose::AttemptFailure, Which::First);
        let policy = self.policy;
        let wait = (policy.base_s * libm::pow(policy.factor, f64::from(conversation.attempt)))
            .min(policy.max_s);
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
    fn give_up(&mut self, now: Time, conversation: &mut Conversation<'a>, reason: Reason) {
        let in_time = now < conversation.deadline;
        let next = self
            .next_in_route(conversation)
            .filter(|_| self.policy.cascades && in_time);
        if let Some(position) = next {
            conversation.stage = Stage::Route(position);
            conversation.attempt = 0;
            self.send(now, conversation);
            return;
        }
        let mut position = match conversation.stage {
            Stage::Route(_) => 0,
            Stage::Fallback(position) => position + 1,
        };
        while let Some(&option) = self.policy.fallback.get(usize::from(position)) {
            if self.fall_back(now, conversation, position, option, in_time) {
                return;
            }
            position += 1;
        }
        conversation.reason = reason;
        self.end_request(now, conversation, Outcome::Failed, now);
    }

    /// Tries one entry of the fallback list; false if it does not apply.
    fn fall_back(
        &mut self,
        now: Time,
        conversation: &mut Conversation<'a>,
        position: u8,
        option: Fallback,
        in_time: bool,
    ) -> bool {
        match option {
            Fallback::Model(model) => {
                let allowed = !conversation.flags.protected
                    || self
                        .servers
                        .get(model)
                        .is_some_and(|server| server.in_house);
                if !allowed || !in_time {
                    return false;
                }
                conversation.stage = Stage::Fallback(position);
                conversation.attempt = 0;
                self.send(now, conversation);
                true
            }
            Fallback::Stale => {
                let [_, _, recognised, _] =
                    conversation.of_turn(self.setting.stream, Purpose::Before);
                if !conversation.cacheable
                    || conversation.flags.protected
                    || uniform(recognised) >= self.policy.recall
                {
                    return false;
                }
                let question = conversation.question;
                let Some(hit) = self
                    .cache
                    .as_mut()
                    .and_then(|cache| cache.find(now, question))
                else {
                    return false;
                };
                conversation.flags.wrong = hit.wrong;
                self.deliver(now, conversation, Outcome::Stale, now, now);
                true
            }
            Fallback::Degraded => {
                self.end_request(now, conversation, Outcome::Degraded, now);
                true
            }
        }
    }
}
