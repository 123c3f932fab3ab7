//! What stands before the model: who may see the question, the guardrail, the response cache, the router, and the
//! batch service instead of all that follows.

use super::clock::{NEVER, Time, nanos};
use super::conversation::{Conversation, Stage};
use super::history::kept;
use super::ledger::{Cause, Line, Outcome};
use super::philox::{Purpose, uniform};
use super::response_cache::Question;
use super::turn::next_call;
use super::world::World;
use crate::prices::Tokens;

impl<'a> World<'a> {
    /// A sensitive request: what the strategy knows to do about it.
    pub(super) fn protect(&mut self, conversation: &mut Conversation<'a>) {
        let missed = self.policy.sanitise.as_ref().is_none_or(|(_, misses, _)| {
            let [_, bits, ..] = conversation.of_turn(self.setting.stream, Purpose::Before);
            uniform(bits) < *misses
        });
        conversation.flags.unsanitised = missed;
        // A sanitised request may go anywhere, and nobody knows of those that slipped through.
        conversation.flags.protected =
            self.policy.sanitise.is_none() && self.policy.sensitive_route.is_some();
    }

    /// Whether the request can wait for the batch service.
    pub(super) fn deferrable(&self, conversation: &Conversation<'a>) -> bool {
        let share = conversation.class.deferrable;
        if share <= 0.0 || conversation.flags.protected {
            return false;
        }
        let [_, _, bits, _] = conversation.of_turn(self.setting.stream, Purpose::Question);
        uniform(bits) < share
    }

    /// Sanitise, guardrail, response cache, router: their seconds and their money. `None` if the request ended here.
    pub(super) fn before(
        &mut self,
        now: Time,
        conversation: &mut Conversation<'a>,
        defers: bool,
    ) -> Option<f64> {
        let (stream, class) = (self.setting.stream, conversation.class);
        let draws = [
            conversation.of_turn(stream, Purpose::Before),
            conversation.of_turn(stream, Purpose::BeforeSeconds),
            conversation.of_turn(stream, Purpose::Question),
        ];
        let [
            [blocked, _, recognised, false_hit],
            [sanitise_bits, guard_bits, lookup_bits, router_bits],
            [unique, rank, _, chosen],
        ] = draws;
        let counted = conversation.flags.counted;
        let mut delay_s = 0.0;
        if let Some((sanitise_s, _, per_1k)) = &self.policy.sanitise {
            delay_s += sanitise_s.draw(sanitise_bits);
            if counted {
                let usd = (conversation.user + conversation.context) * 1e-3 * per_1k;
                self.ledger.charge(self.hour, Line::Guard, usd);
            }
        }
        if let Some((guard_s, blocks, usd)) = &self.policy.guardrail {
            delay_s += guard_s.draw(guard_bits);
            if counted {
                self.ledger.charge(self.hour, Line::Guard, *usd);
            }
            if uniform(blocked) < *blocks {
                self.end_request(
                    now,
                    conversation,
                    Outcome::Blocked,
                    now.saturating_add(nanos(delay_s)),
                );
                return None;
            }
        }
        conversation.question = match &class.popularity {
            Some(popularity) if uniform(unique) >= class.unique => popularity.ask(rank),
            _ => Question::UNIQUE,
        };
        if conversation.cacheable
            && !conversation.flags.protected
            && !defers
            && let Some(lookup_s) = &self.policy.lookup_s
        {
            delay_s += lookup_s.draw(lookup_bits);
            if self.is_hit(now, conversation, recognised, false_hit) {
                conversation.spend(Cause::Guards, delay_s);
                let at = now.saturating_add(nanos(delay_s));
                self.deliver(now, conversation, Outcome::Cached, at, at);
                return None;
            }
        }
        delay_s += self.classify(conversation, chosen, router_bits);
        conversation.spend(Cause::Guards, delay_s);
        Some(delay_s)
    }

    /// Looks the question up in the response cache.
    fn is_hit(
        &mut self,
        now: Time,
        conversation: &mut Conversation<'a>,
        recognised: u32,
        false_hit: u32,
    ) -> bool {
        let Some(cache) = &mut self.cache else {
            return false;
        };
        let counted = u64::from(conversation.flags.counted);
        self.ledger.cacheable += counted;
        let known = uniform(recognised) < self.policy.recall;
        // An answer that is there but not recognised stays as it is.
        let found = cache
            .find(now, conversation.question)
            .filter(|hit| !hit.expired);
        conversation.flags.stores = found.is_none();
        let Some(hit) = found.filter(|_| known) else {
            return false;
        };
        self.ledger.hits += counted;
        conversation.flags.wrong = hit.wrong || uniform(false_hit) < self.policy.false_hit;
        true
    }

    /// The router, if there is one, chooses a model; the seconds it takes.
    fn classify(
        &mut self,
        conversation: &mut Conversation<'a>,
        chosen: u32,
        seconds_bits: u32,
    ) -> f64 {
        let Some(router) = &self.policy.router else {
            return 0.0;
        };
        if conversation.sensitive && self.policy.sensitive_route.is_some() {
            return 0.0;
        }
        let route = &self.policy.route;
        let own = router
            .by_class
            .get(conversation.class.index)
            .copied()
            .unwrap_or(0);
        let home = route.iter().position(|model| *model == own).unwrap_or(0);
        let point = uniform(chosen);
        let others = route.len().saturating_sub(1);
        let position = if point < router.accuracy || others == 0 {
            home
        } else {
            let share = (point - router.accuracy) / (1.0 - router.accuracy);
            let other = floor(share * others as f64).min(others - 1);
            other + usize::from(other >= home)
        };
        conversation.stage = Stage::Route(u8::try_from(position).unwrap_or(0));
        if conversation.flags.counted && router.tokens > 0.0 {
            self.ledger.charge(self.hour, Line::Router, self.router_usd);
        }
        if conversation.flags.unsanitised
            && router.model.is_some_and(|model| !self.is_in_house(model))
        {
            self.leak(conversation);
        }
        router.seconds.draw(seconds_bits)
    }

    /// What the router takes for one request at the moment: at its own model, else at the cheapest of the route.
    pub(super) fn router_usd(&self) -> f64 {
        let Some(router) = &self.policy.router else {
            return 0.0;
        };
        let tokens = Tokens {
            input_plain: router.tokens,
            ..Tokens::default()
        };
        let price = |model: u16| {
            self.servers
                .get(usize::from(model))
                .map_or(f64::INFINITY, |server| server.paid.usd(&tokens))
        };
        match router.model {
            Some(model) => price(model),
            None => self
                .policy
                .route
                .iter()
                .map(|model| price(*model))
                .fold(f64::INFINITY, f64::min),
        }
    }

    fn is_in_house(&self, model: u16) -> bool {
        self.servers
            .get(usize::from(model))
            .is_some_and(|server| server.in_house)
    }

    /// A sensitive request leaves the house unsanitised; counted once.
    pub(super) fn leak(&mut self, conversation: &mut Conversation<'a>) {
        if !conversation.flags.leaked {
            conversation.flags.leaked = true;
            self.ledger.leaked += u64::from(conversation.flags.counted);
        }
    }

    /// A deferrable request goes to the batch service; false if the model has none.
    pub(super) fn send_batch(&mut self, now: Time, conversation: &mut Conversation<'a>) -> bool {
        let stream = self.setting.stream;
        let Some(model) = self.current_model(conversation) else {
            return false;
        };
        let Some(server) = self.servers.get(usize::from(model)) else {
            return false;
        };
        let Some(paid) = &server.batch else {
            return false;
        };
        let leaves_house = conversation.flags.unsanitised && !server.in_house;
        loop {
            let input = self.policy.system
                + kept(conversation)
                + conversation.context
                + conversation.user
                + conversation.added;
            if conversation.flags.counted {
                let lines = paid.rates.price(&Tokens {
                    input_plain: input,
                    output: conversation.output,
                    reasoning: conversation.reasoning,
                    ..Tokens::default()
                });
                self.ledger
                    .charge_call(self.hour, &lines, paid.factor, false);
                self.ledger.calls += 1;
                self.ledger.attempts += 1;
                self.ledger.input_tokens += input;
                self.ledger.logged_tokens += input + conversation.output + conversation.reasoning;
            }
            if !next_call(conversation, stream) {
                break;
            }
        }
        self.ledger.batch += u64::from(conversation.flags.counted);
        let [quality, ..] = conversation.of_stage(stream, Purpose::Gate);
        let share = server
            .quality
            .get(conversation.class.index)
            .copied()
            .unwrap_or(1.0);
        conversation.flags.wrong = uniform(quality) >= share;
        if leaves_house {
            self.leak(conversation);
        }
        self.deliver(now, conversation, Outcome::Answered, now, NEVER);
        true
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, which is meant"
)]
fn floor(number: f64) -> usize {
    number as usize
}
