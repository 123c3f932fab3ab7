//! What copies cost: good ones, and those that brought nothing.

use crate::prices::Tokens;

use super::clock::{NEVER, Time, between};
use super::conversation::{Conversation, Leg, Which};
use super::ledger::{Cause, Line, Reason};
use super::world::World;

impl<'a> World<'a> {
    /// Books a good copy.
    #[inline]
    pub(super) fn pay(&mut self, conversation: &Conversation<'a>, which: Which) {
        if !conversation.flags.counted {
            return;
        }
        let leg = conversation.leg(which);
        let Some(server) = self.servers.get(usize::from(leg.model)) else {
            return;
        };
        let [plain, read, written] = leg.input;
        self.ledger.logged_tokens +=
            plain + read + written + conversation.reasoning + conversation.output;
        if server.paid.free {
            return;
        }
        let lines =
            server
                .paid
                .rates
                .price(&tokens(leg, conversation.output, conversation.reasoning));
        self.ledger.charge_call(
            self.hour,
            &lines,
            server.paid.factor,
            server.paid.writes_cost_extra,
        );
    }

    /// Books the time and the money of a copy that failed at `at`.
    pub(super) fn pay_for_failure(
        &mut self,
        conversation: &mut Conversation<'a>,
        which: Which,
        at: Time,
        reason: Reason,
    ) {
        conversation.lose(which, at, reason);
        self.pay_for_cut(conversation, which, at);
    }

    /// Books the money of a copy that brought nothing: errors cost nothing, cut ones what they had used by `at`.
    pub(super) fn pay_for_cut(&mut self, conversation: &Conversation<'a>, which: Which, at: Time) {
        let &Leg {
            start,
            fails,
            lead_s,
            token_s,
            ..
        } = conversation.leg(which);
        if fails < NEVER || at <= start {
            return;
        }
        let took_s = between(start, at);
        let generated = if token_s > 0.0 {
            ((took_s - lead_s) / token_s).max(0.0)
        } else {
            f64::INFINITY
        };
        self.waste(conversation, which, generated);
    }

    /// Books input and `generated` tokens of a copy that brought nothing.
    pub(super) fn waste(&mut self, conversation: &Conversation<'a>, which: Which, generated: f64) {
        if !conversation.flags.counted {
            return;
        }
        let leg = conversation.leg(which);
        let Some(server) = self.servers.get(usize::from(leg.model)) else {
            return;
        };
        let reasoning = generated.min(conversation.reasoning);
        let output = (generated - conversation.reasoning).clamp(0.0, conversation.output);
        let [plain, read, written] = leg.input;
        self.ledger.logged_tokens += plain + read + written + reasoning + output;
        self.ledger.charge(
            self.hour,
            Line::Wasted,
            server.paid.usd(&tokens(leg, output, reasoning)),
        );
    }
}

impl Conversation<'_> {
    /// Books the time before a copy was sent: the user of a hedged call has waited for the first copy until then.
    #[inline]
    pub(super) fn before_copy(&mut self, which: Which) {
        if which == Which::Second {
            self.spend(Cause::Retries, between(self.first.start, self.second.start));
        }
    }

    /// Books the time that a copy took which failed at `at`.
    pub(super) fn lose(&mut self, which: Which, at: Time, reason: Reason) {
        let &Leg {
            start, waited_s, ..
        } = self.leg(which);
        self.before_copy(which);
        self.spend(Cause::Throttling, waited_s);
        let cause = if reason == Reason::Timeout {
            Cause::Timeouts
        } else {
            Cause::Retries
        };
        self.spend(cause, between(start, at));
    }
}

fn tokens(leg: &Leg, output: f64, reasoning: f64) -> Tokens {
    let [plain, read, written] = leg.input;
    Tokens {
        input_plain: plain,
        cached: read,
        cache_write: written,
        cache_write_1h: 0.0,
        output,
        reasoning,
    }
}
