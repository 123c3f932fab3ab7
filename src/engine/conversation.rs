//! What is known of one conversation while it lasts.

use super::clock::{NEVER, Time};
use super::hosted::JobId;
use super::ledger::{CAUSES, Cause, Reason, Spent};
use super::philox::{Item, Purpose, Stream};
use super::response_cache::Question;
use super::setup::Class;

/// What a conversation does when it wakes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The user asks the next question.
    Ask,
    /// The next attempt is sent.
    Send,
    /// The attempt under way fails now.
    Fail(Reason),
    /// The flagged answer reaches the reviewers.
    Review,
    /// The user has waited long enough.
    Leave,
}

/// Names one of a call's two copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The copy that is always sent.
    First,
    /// The hedge.
    Second,
}

impl Which {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// One copy of a call under way. A call has two when it is hedged.
#[derive(Debug, Clone, Copy)]
pub struct Leg {
    /// Whether it is under way and watched: it ends by an event, not by what is known when it is sent.
    pub active: bool,
    /// Its job, if the model is hosted.
    pub job: Option<JobId>,
    /// When it was sent (after waiting for a limit).
    pub start: Time,
    /// When its first visible token comes; for a hosted model known only once it has come.
    pub first: Time,
    /// When its answer is complete.
    pub done: Time,
    /// When it fails, and why; [`NEVER`] if it does not.
    pub fails: Time,
    /// Why it fails.
    pub reason: Reason,
    /// The model.
    pub model: u16,
    /// Whether it is a probe of a half-open breaker.
    pub probe: bool,
    /// Uniform number that decides whether its answer is right.
    pub quality: u32,
    /// Plain, cached, and written input tokens.
    pub input: [f64; 3],
    /// Seconds before the first token is generated, prefill included.
    pub lead_s: f64,
    /// Seconds per token.
    pub token_s: f64,
    /// Seconds of prefill in `lead_s`.
    pub prefill_s: f64,
    /// Seconds that a brownout added.
    pub brownout_s: f64,
    /// Seconds waited for a limit before `start`.
    pub waited_s: f64,
    /// Seconds in `lead_s` that it waits for a slot, where that is known when it is sent.
    pub queued_s: f64,
}

impl Leg {
    /// No copy.
    pub const IDLE: Self = Self {
        active: false,
        job: None,
        start: 0,
        first: NEVER,
        done: NEVER,
        fails: NEVER,
        reason: Reason::Error,
        model: 0,
        probe: false,
        quality: 0,
        input: [0.0; 3],
        lead_s: 0.0,
        token_s: 0.0,
        prefill_s: 0.0,
        brownout_s: 0.0,
        waited_s: 0.0,
        queued_s: 0.0,
    };
}

/// Flags of the request under way.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about one request"
)]
pub struct Flags {
    /// Its cost and outcome count (it was sent after the warm-up).
    pub counted: bool,
    /// The strategy knows that it may not leave the house.
    pub protected: bool,
    /// It is sensitive and carries what must not leave.
    pub unsanitised: bool,
    /// It has left the house unsanitised.
    pub leaked: bool,
    /// Its answer goes to the response cache.
    pub stores: bool,
    /// Its answer is wrong.
    pub wrong: bool,
}

/// One conversation.
#[derive(Debug, Clone)]
pub struct Conversation<'a> {
    /// Where it is kept; another conversation takes the place when it is over.
    pub slot: u32,
    /// Its number in the month: names its random numbers.
    pub number: u64,
    /// When it began, and its place in the log that is replayed.
    pub began: Time,
    /// Place in the log.
    pub logged: usize,
    /// Tells old events from new ones.
    pub serial: u32,
    /// Its class.
    pub class: &'a Class,
    /// The turn under way, from 0.
    pub turn: u16,
    /// How many turns it wants.
    pub turns: u16,
    /// Its shared prefix.
    pub prefix: u32,
    /// Whether it may not leave the house.
    pub sensitive: bool,
    /// User messages and answers so far, in tokens.
    pub said: f64,
    /// The same by turn, where single turns can be dropped.
    pub said_by_turn: Vec<f64>,
    /// Model of the last call and until when its prompt cache keeps the conversation.
    pub warm_model: u16,
    /// Until when it is warm.
    pub warm_until: Time,
    /// Tokens of the region that the last turn's first call left in the cache.
    pub warm_turn: f64,
    /// Tokens of the region that the last call left in the cache.
    pub warm_call: f64,

    /// When the request was sent.
    pub sent: Time,
    /// Hour of the week in which it was sent.
    pub hour: usize,
    /// When the user leaves.
    pub leaves: Time,
    /// When the deadline over all attempts is over.
    pub deadline: Time,
    /// Seconds until the next question.
    pub think_s: f64,
    /// Tokens of the user's message.
    pub user: f64,
    /// Retrieved tokens.
    pub context: f64,
    /// Tokens that earlier calls of this turn added.
    pub added: f64,
    /// Tokens of the last tool answer.
    pub tool: f64,
    /// The question asked.
    pub question: Question,
    /// Whether the response cache may answer it.
    pub cacheable: bool,
    /// The call under way, from 0.
    pub call: u16,
    /// How many calls the turn makes.
    pub calls: u16,
    /// Visible and reasoning tokens of the call under way.
    pub output: f64,
    /// Reasoning tokens of the call under way.
    pub reasoning: f64,
    /// Position in the route, or where the route has failed, in the fallback list.
    pub stage: Stage,
    /// Attempts of the model under way, from 0.
    pub attempt: u16,
    /// Why the last attempt failed.
    pub reason: Reason,
    /// Flags.
    pub flags: Flags,
    /// Where the time went.
    pub spent: Spent,
    /// What happens next.
    pub step: Step,
    /// Uniform number that decides whether the answer under way is right.
    pub quality: u32,
    /// The call under way.
    pub first: Leg,
    /// The hedge of the call under way.
    pub second: Leg,
}

/// Which model is being tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// This position of the route.
    Route(u8),
    /// This position of the fallback list.
    Fallback(u8),
}

impl Stage {
    /// A number that names the stage in random counters.
    fn number(self) -> u16 {
        match self {
            Self::Route(position) => u16::from(position),
            Self::Fallback(position) => 64 + u16::from(position),
        }
    }
}

impl<'a> Conversation<'a> {
    /// A place for conversations, unused so far.
    #[must_use]
    pub fn vacant(slot: u32, class: &'a Class) -> Self {
        Self {
            slot,
            number: 0,
            began: 0,
            logged: 0,
            serial: 0,
            class,
            turn: 0,
            turns: 1,
            prefix: 0,
            sensitive: false,
            said: 0.0,
            said_by_turn: Vec::new(),
            warm_model: u16::MAX,
            warm_until: 0,
            warm_turn: 0.0,
            warm_call: 0.0,
            sent: 0,
            hour: 0,
            leaves: NEVER,
            deadline: NEVER,
            think_s: 0.0,
            user: 0.0,
            context: 0.0,
            added: 0.0,
            tool: 0.0,
            question: Question::UNIQUE,
            cacheable: false,
            call: 0,
            calls: 1,
            output: 0.0,
            reasoning: 0.0,
            stage: Stage::Route(0),
            attempt: 0,
            reason: Reason::Error,
            flags: Flags::default(),
            spent: [0.0; CAUSES.len()],
            step: Step::Ask,
            quality: 0,
            first: Leg::IDLE,
            second: Leg::IDLE,
        }
    }

    /// No copy of a call is under way.
    #[inline]
    pub fn rest(&mut self) {
        self.first.active = false;
        self.second.active = false;
    }

    /// One of the two copies.
    #[inline]
    #[must_use]
    pub fn leg(&self, which: Which) -> &Leg {
        match which {
            Which::First => &self.first,
            Which::Second => &self.second,
        }
    }

    /// One of the two copies, to change it.
    #[inline]
    pub fn leg_mut(&mut self, which: Which) -> &mut Leg {
        match which {
            Which::First => &mut self.first,
            Which::Second => &mut self.second,
        }
    }

    /// Whether the call under way is the turn's last.
    #[inline]
    #[must_use]
    pub fn is_last_call(&self) -> bool {
        self.call + 1 >= self.calls
    }

    /// Makes events that were scheduled so far void.
    #[inline]
    pub fn renew(&mut self) {
        self.serial = self.serial.wrapping_add(1);
    }

    /// Random numbers of the turn.
    #[inline]
    pub fn of_turn(&self, stream: Stream, purpose: Purpose) -> [u32; 4] {
        stream.block(self.number, Item::new(purpose, self.turn, 0, 0))
    }

    /// Random numbers of the call.
    #[inline]
    pub fn of_call(&self, stream: Stream, purpose: Purpose) -> [u32; 4] {
        stream.block(self.number, Item::new(purpose, self.turn, self.call, 0))
    }

    /// Random numbers of the stage: of an answer by this model.
    #[inline]
    pub fn of_stage(&self, stream: Stream, purpose: Purpose) -> [u32; 4] {
        stream.block(
            self.number,
            Item::new(purpose, self.turn, self.call, self.stage.number()),
        )
    }

    /// Random numbers of the attempt, for one leg of it.
    #[inline]
    pub fn of_attempt(&self, stream: Stream, purpose: Purpose, which: Which) -> [u32; 4] {
        let attempt = self.stage.number() << 8
            | (self.attempt & 0x7F) << 1
            | u16::from(which == Which::Second);
        stream.block(
            self.number,
            Item::new(purpose, self.turn, self.call, attempt),
        )
    }

    /// Adds to where the time went.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "seconds to single precision"
    )]
    pub fn spend(&mut self, cause: Cause, seconds: f64) {
        if let Some(sum) = self.spent.get_mut(cause as usize) {
            *sum += seconds as f32;
        }
    }
}
