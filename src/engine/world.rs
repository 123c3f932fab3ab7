//! The state of a month under way, but for the conversations.

use super::breaker::RetryBudget;
use super::clock::{Agenda, Time, nanos};
use super::conversation::{Conversation, Step};
use super::event::{Event, Happens};
use super::hosted::{Hosted, Notice};
use super::incidents::{Weather, quiet, weather};
use super::ledger::{Ledger, Peak};
use super::log::Log;
use super::minutes::Minutes;
use super::month::Setting;
use super::response_cache::ResponseCache;
use super::reviewers::Reviewers;
use super::setup::{self, Class, Policy, Server};

/// Everything but the conversations. Its methods take the conversation that they are about.
#[derive(Clone)]
pub(super) struct World<'a> {
    pub(super) setting: Setting<'a>,
    pub(super) policy: &'a Policy,
    pub(super) classes: &'a [Class],
    pub(super) servers: Vec<Server>,
    pub(super) weather: Vec<Weather>,
    pub(super) cache: Option<ResponseCache>,
    pub(super) reviewers: Option<Reviewers>,
    /// The log that is replayed.
    pub(super) log: Option<Log>,
    pub(super) retry_budget: RetryBudget,
    /// Places of conversations that are over.
    pub(super) vacant: Vec<u32>,
    pub(super) agenda: Agenda<Event>,
    /// What hosted models have to say to conversations.
    pub(super) notices: Vec<Notice>,
    pub(super) ledger: Ledger,
    pub(super) prefixes: f64,
    /// Something about a conversation varies: its class, turns, sensitivity or prefix.
    pub(super) varies: bool,
    pub(super) hour: usize,
    /// US dollars that the router takes for one request in the quarter of an hour under way.
    pub(super) router_usd: f64,
    /// Until when the use of limits and slots is booked.
    pub(super) booked_until: Time,
    /// Counting begins.
    pub(super) counts_from: Time,
    /// Counting ends.
    pub(super) counts_until: Time,
    /// What is written down by the minute.
    pub(super) minutes: Option<Minutes>,
    /// No more questions are asked.
    pub(super) end: Time,
    pub(super) peaks: Vec<[Peak; 7]>,
    /// Attempts refused, by model and kind of limit, then by its full queue.
    pub(super) refusals: Vec<[u64; 7]>,
}

impl<'a> World<'a> {
    /// The start of a month.
    pub(super) fn new(
        setting: Setting<'a>,
        classes: &'a [Class],
        policy: &'a Policy,
        endless: bool,
    ) -> Self {
        let Setting {
            model,
            strategy,
            volume,
            facts,
            stream,
            scripted,
            ..
        } = setting;
        let (counts_from, counts_until, end) = setting.times();
        let month_starts_s = setting.month_starts_s();
        let prefixes = f64::from(setup::prefixes(model, facts, volume));
        let varies = classes.len() > 1
            || prefixes > 1.0
            || classes
                .iter()
                .any(|class| class.sensitive > 0.0 || class.turns.as_constant().is_none());
        Self {
            setting,
            policy,
            classes,
            servers: setup::servers(model, strategy, facts, volume, endless),
            // Requests sent before the end run on a little; incidents must too.
            weather: if scripted {
                quiet(model)
            } else {
                let skipped = nanos(setting.skipped_s());
                let mut weather =
                    weather(model, facts, end + skipped + nanos(2.0 * 86_400.0), stream);
                for weather in &mut weather {
                    weather.skip(skipped);
                }
                weather
            },
            cache: setup::response_cache(strategy, facts, classes),
            log: model
                .workload
                .replay
                .as_ref()
                .map(|replay| Log::new(replay, volume, nanos(month_starts_s), stream)),
            reviewers: strategy
                .human_review
                .as_ref()
                .map(|it| Reviewers::new(facts.get(it.reviewers), it.hours, month_starts_s)),
            retry_budget: RetryBudget::new(facts.opt(strategy.retry.budget)),
            vacant: Vec::new(),
            agenda: Agenda::default(),
            notices: Vec::new(),
            ledger: Ledger::default(),
            prefixes,
            varies,
            hour: 0,
            router_usd: 0.0,
            booked_until: 0,
            counts_from,
            counts_until,
            end,
            minutes: None,
            peaks: vec![[Peak::default(); 7]; model.models.len()],
            refusals: vec![[0; 7]; model.models.len()],
        }
    }

    /// Schedules what happens by itself.
    pub(super) fn start(&mut self) {
        for server in &self.servers {
            if let Some(hosted) = &server.hosted {
                hosted.start(&mut self.agenda);
            }
        }
    }

    /// Whether a request sent now counts.
    #[inline]
    pub(super) fn counts(&self, now: Time) -> bool {
        now >= self.counts_from && now < self.counts_until
    }

    /// Does something with a hosted model.
    #[inline]
    pub(super) fn hosted<T>(
        &mut self,
        model: u16,
        act: impl FnOnce(&mut Hosted, &mut Agenda<Event>, &mut Vec<Notice>) -> T,
    ) -> Option<T> {
        let hosted = self.servers.get_mut(usize::from(model))?.hosted.as_mut()?;
        Some(act(hosted, &mut self.agenda, &mut self.notices))
    }

    /// Schedules something about a conversation.
    #[inline]
    pub(super) fn expect(&mut self, conversation: &Conversation<'_>, at: Time, what: Happens) {
        let (slot, serial) = (conversation.slot, conversation.serial);
        self.agenda
            .push(at, Event::Conversation { slot, serial, what });
    }

    /// Schedules a conversation's next step; a user who would have left by then leaves instead.
    #[inline]
    pub(super) fn schedule(&mut self, conversation: &mut Conversation<'_>, at: Time, step: Step) {
        let (at, step) = if at > conversation.leaves && step != Step::Ask {
            (conversation.leaves, Step::Leave)
        } else {
            (at, step)
        };
        conversation.step = step;
        self.expect(conversation, at, Happens::Wake);
    }

    /// Something scheduled happens to a conversation.
    #[inline]
    pub(super) fn happens(
        &mut self,
        now: Time,
        conversation: &mut Conversation<'a>,
        what: Happens,
    ) {
        match what {
            Happens::Wake => match conversation.step {
                Step::Ask => self.ask(now, conversation),
                Step::Send => self.send(now, conversation),
                Step::Fail(reason) => self.attempt_failed(now, conversation, reason),
                Step::Review => self.review(now, conversation),
                Step::Leave => self.leave(now, conversation),
            },
            Happens::Hedge => self.hedge(now, conversation),
            Happens::LegEnd(which) => self.leg_end(now, conversation, which),
            Happens::Leave => self.leave(now, conversation),
        }
    }
}
