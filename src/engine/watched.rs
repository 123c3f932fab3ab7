//! Copies whose end depends on what happens meanwhile: hosted ones, and those that may be hedged.

use super::clock::{NEVER, Time, between};
use super::conversation::{Conversation, Which};
use super::event::Happens;
use super::hosted::{Notice, Told};
use super::ledger::{Cause, Outcome, Reason};
use super::world::World;

impl<'a> World<'a> {
    /// Watches the copy just sent.
    pub(super) fn watch(&mut self, conversation: &mut Conversation<'a>) {
        conversation.first.active = true;
        conversation.second.active = false;
        let start = conversation.first.start;
        let ends = self.expect_end(conversation, Which::First);
        // A user who is answered first does not leave; when a hosted copy ends is not known.
        let hosted = conversation.first.job.is_some();
        if conversation.leaves < NEVER && (hosted || conversation.leaves < ends) {
            self.expect(conversation, conversation.leaves, Happens::Leave);
        }
        let hedge = self
            .policy
            .hedge_after
            .map(|after| start.saturating_add(after));
        if let Some(at) = hedge.filter(|at| *at < ends) {
            self.expect(conversation, at, Happens::Hedge);
        }
    }

    /// The first copy has not answered in time: a second one is sent.
    pub(super) fn hedge(&mut self, now: Time, conversation: &mut Conversation<'a>) {
        if self.launch(now, conversation, Which::Second).is_ok() {
            conversation.second.active = true;
            let ends = self.expect_end(conversation, Which::Second);
            // Who would have stayed for the first copy may have to wait for the second one, should the first fail.
            if conversation.first.job.is_none() && conversation.leaves < ends {
                self.expect(conversation, conversation.leaves, Happens::Leave);
            }
        }
    }

    /// Schedules the end of a watched copy: its answer or failure, or its timeout if only others know its answer.
    fn expect_end(&mut self, conversation: &Conversation<'a>, which: Which) -> Time {
        let leg = conversation.leg(which);
        let ends = if leg.job.is_some() {
            self.policy.cut_at(conversation, leg.start)
        } else {
            // Should it be dropped, it keeps its place all the same.
            self.occupy(conversation, leg).ends
        };
        if ends < NEVER {
            self.expect(conversation, ends, Happens::LegEnd(which));
        }
        ends
    }

    /// A watched copy to a provider is answered or fails, or a watched copy is cut.
    pub(super) fn leg_end(&mut self, now: Time, conversation: &mut Conversation<'a>, which: Which) {
        let leg = conversation.leg(which);
        if !leg.active {
            return;
        }
        let (model, probe, hosted) = (leg.model, leg.probe, leg.job.is_some());
        let reason = if hosted {
            Some(Reason::Timeout)
        } else {
            leg.ends(
                self.policy.streaming,
                self.policy.cut_at(conversation, leg.start),
            )
            .1
        };
        let Some(reason) = reason else {
            self.drop_copy(now, conversation, which.other());
            close_call(conversation);
            self.succeed(now, conversation, which);
            return;
        };
        if hosted {
            self.cut_job(now, conversation, which);
        } else {
            self.pay_for_cut(conversation, which, now);
        }
        if let Some(breaker) = self.breaker_of(model) {
            breaker.report(now, true, probe);
        }
        conversation.leg_mut(which).active = false;
        if !conversation.leg(which.other()).active {
            conversation.lose(which, now, reason);
            close_call(conversation);
            self.attempt_failed(now, conversation, reason);
        }
    }

    /// A copy under way is no longer needed.
    fn drop_copy(&mut self, now: Time, conversation: &mut Conversation<'a>, which: Which) {
        let leg = conversation.leg_mut(which);
        if !leg.active {
            return;
        }
        leg.active = false;
        let (model, probe) = (leg.model, leg.probe);
        if leg.job.is_some() {
            self.cut_job(now, conversation, which);
        } else {
            self.pay_for_cut(conversation, which, now);
        }
        if let Some(breaker) = self.breaker_of(model) {
            breaker.forget(probe);
        }
    }

    /// Takes a copy out of its hosted model and books what it had used.
    fn cut_job(&mut self, now: Time, conversation: &mut Conversation<'a>, which: Which) {
        let leg = conversation.leg(which);
        let Some(job) = leg.job else { return };
        let generated = self.hosted(leg.model, |hosted, agenda, notices| {
            hosted.cut(now, job, agenda, notices)
        });
        self.waste(conversation, which, generated.unwrap_or(0.0));
    }

    /// A hosted model has something to say.
    pub(super) fn hear(&mut self, now: Time, conversation: &mut Conversation<'a>, notice: &Notice) {
        if !conversation.leg(notice.leg).active {
            return;
        }
        match notice.told {
            Told::First => self.first_token(now, conversation, notice.leg),
            Told::Done {
                first,
                queued_s,
                prefill_s,
            } => {
                self.drop_copy(now, conversation, notice.leg.other());
                close_call(conversation);
                let leg = conversation.leg_mut(notice.leg);
                leg.first = first;
                leg.done = now;
                leg.prefill_s = prefill_s;
                let (start, lead_s) = (leg.start, leg.lead_s);
                conversation.spend(Cause::Queueing, queued_s);
                conversation.spend(Cause::FirstToken, lead_s);
                conversation.spend(
                    Cause::Generation,
                    (between(start, now) - queued_s - prefill_s - lead_s).max(0.0),
                );
                self.succeed(now, conversation, notice.leg);
            }
        }
    }

    /// The first visible token of a hosted copy. With streaming, timeouts and hedges act until then.
    fn first_token(&mut self, now: Time, conversation: &mut Conversation<'a>, which: Which) {
        if !self.policy.streaming {
            return;
        }
        conversation.renew();
        self.drop_copy(now, conversation, which.other());
        if !self.shows_first_token(conversation) && conversation.leaves < NEVER {
            self.expect(conversation, conversation.leaves, Happens::Leave);
        }
    }

    /// The user has waited long enough.
    pub(super) fn leave(&mut self, now: Time, conversation: &mut Conversation<'a>) {
        self.drop_copy(now, conversation, Which::First);
        self.drop_copy(now, conversation, Which::Second);
        self.end_request(now, conversation, Outcome::Abandoned, now);
    }
}

/// Events of the call that is over no longer count.
fn close_call(conversation: &mut Conversation<'_>) {
    conversation.renew();
    conversation.rest();
}
