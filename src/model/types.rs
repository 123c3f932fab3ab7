//! The compiled tables, one struct for each part of the world.

use std::sync::Arc;

use crate::prices::Tariff;
use crate::scenario::types as written;

use super::facts::{Draw, FactSpec, Num};
use super::strategy::Strategy;

pub use written::{BreakerRule, Cacheable, Growth, Overflow, ReplayScale, SloName};

/// Index of a model in [`Model::models`].
pub type ModelId = usize;

/// Everything that the engine needs to know, immutable.
#[derive(Debug, Clone)]
pub struct Model {
    /// The scenario's name.
    pub name: String,
    /// The scenario's digest.
    pub digest: String,
    /// Date of the price catalogue.
    pub catalogue_date: jiff::civil::Date,
    /// Digest of the price catalogue.
    pub catalogue_digest: String,
    /// Length, seed and calendar.
    pub calendar: Calendar,
    /// Simulated months per cell that the scenario asks for.
    pub months: u32,
    /// Volumes that the scenario asks for.
    pub volumes: Vec<f64>,
    /// Seed of all randomness.
    pub seed: u64,
    /// The uncertain facts.
    pub facts: Vec<FactSpec>,
    /// Arrivals and classes.
    pub workload: Workload,
    /// The models.
    pub models: Vec<Server>,
    /// The providers.
    pub providers: Vec<Provider>,
    /// The strategies.
    pub strategies: Vec<Strategy>,
    /// Planning budget in US dollars per month by volume.
    pub budget: Vec<(f64, Num)>,
    /// What the team promises.
    pub slo: Vec<(SloName, f64)>,
    /// Share of months that must hold each promise.
    pub slo_confidence: f64,
    /// Evaluation runs.
    pub evals: Option<Evals>,
    /// Audit log.
    pub audit: Option<Audit>,
    /// Fixed lines, US dollars per 30 days.
    pub fixed: Vec<(String, Num)>,
    /// Inputs that were not stated and took a dated default: path and why.
    pub assumed: Vec<Assumed>,
    /// Mechanisms that were not stated and are simulated as absent.
    pub unstated: Vec<Unstated>,
    /// What the reader should know: retirements, odd combinations.
    pub warnings: Vec<String>,
}

/// An input that took a dated default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumed {
    /// Its path.
    pub path: String,
    /// What was taken, and from where.
    pub why: String,
}

/// A mechanism that a scenario does not state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unstated {
    /// The field that would state it.
    pub path: String,
    /// What is simulated instead.
    pub instead: &'static str,
    /// The metrics that are not modelled because of it.
    pub metrics: &'static [&'static str],
}

/// The simulated calendar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calendar {
    /// Counted days; of a replay, those that its log touches.
    pub days: u32,
    /// Counted seconds at 1x: whole days, or one pass over a log.
    pub length_s: f64,
    /// Seconds simulated before and not counted.
    pub warmup_s: f64,
    /// Midnight of this day, local time, is where counting starts.
    pub starts: jiff::civil::Date,
    /// Its weekday, Monday is 0.
    pub weekday: usize,
    /// Local time minus UTC in hours.
    pub utc_offset_h: f64,
}

impl Model {
    /// Counted seconds at a volume: a log that is replayed at v times its speed is over after a v-th of its time.
    #[must_use]
    pub fn length_s(&self, volume: f64) -> f64 {
        let faster = self
            .workload
            .replay
            .as_ref()
            .is_some_and(|replay| replay.scale == ReplayScale::Speed);
        if faster {
            self.calendar.length_s / volume
        } else {
            self.calendar.length_s
        }
    }
}

/// Who asks what, when.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Conversations per day at 1x.
    pub conversations_per_day: Num,
    /// Weight of each hour, mean 1.
    pub hourly: [f64; 24],
    /// Weight of each weekday, Monday first.
    pub weekly: [f64; 7],
    /// Day-to-day coefficient of variation.
    pub day_cv: Num,
    /// Burstiness.
    pub burst: Option<Burst>,
    /// Transient peaks.
    pub spikes: Vec<Spike>,
    /// Tokens of the shared prefix.
    pub system_tokens: Num,
    /// Different shared prefixes at 1x.
    pub prefixes: Num,
    /// What grows with volume.
    pub grows_by: Growth,
    /// Exponent of that growth.
    pub heaps: Num,
    /// Growth per month.
    pub growth_per_month: Num,
    /// Kinds of conversation.
    pub classes: Vec<Class>,
    /// A log instead of a rate.
    pub replay: Option<Arc<Replay>>,
}

/// Burstiness of the arrival rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burst {
    /// Coefficient of variation of the factor at 1x.
    pub cv: Num,
    /// Seconds of a block.
    pub block_s: f64,
    /// Exponent by which it shrinks with volume.
    pub scaling: Num,
}

/// A passing peak.
#[derive(Debug, Clone)]
pub struct Spike {
    /// Mean number per 30 days.
    pub per_month: Num,
    /// Factor on the rate.
    pub multiplier: Num,
    /// Length in minutes.
    pub minutes: Draw,
}

/// A log to replay: events in time order.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// How volume v is made.
    pub scale: ReplayScale,
    /// Length of one pass in seconds.
    pub span_s: f64,
    /// Tokens of a prefix block; 0 where the log has none.
    pub block_tokens: f64,
    /// How many different prefix blocks there are.
    pub blocks: usize,
    /// Its conversations, by time of the first request.
    pub conversations: Vec<ReplayConversation>,
}

/// One conversation of a log.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayConversation {
    /// Index of its class.
    pub class: usize,
    /// Its requests in time order; the first gives its arrival.
    pub turns: Vec<ReplayTurn>,
}

/// One request of a log.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayTurn {
    /// Seconds from the start of the log.
    pub at_s: f64,
    /// Whole prompt in tokens.
    pub input_tokens: f64,
    /// Answer in tokens.
    pub output_tokens: f64,
    /// Prefix blocks of the prompt, outermost first, as dense numbers; empty where the log has none.
    pub blocks: Vec<u32>,
}

/// A kind of conversation.
#[derive(Debug, Clone)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Share of conversations.
    pub share: Num,
    /// Turns of a conversation.
    pub turns: Draw,
    /// Seconds between an answer and the next question.
    pub think_s: Draw,
    /// Tokens of the user's message.
    pub user_tokens: Draw,
    /// Retrieved tokens per turn.
    pub context_tokens: Draw,
    /// Tokens of the visible answer.
    pub output_tokens: Draw,
    /// Reasoning tokens before it.
    pub reasoning_tokens: Option<Draw>,
    /// Model calls in a turn; `None`: one.
    pub calls: Option<Draw>,
    /// Tokens of a tool's answer.
    pub tool_tokens: Draw,
    /// Seconds of a tool.
    pub tool_s: Draw,
    /// What of the conversation is sent again.
    pub history: History,
    /// Share of conversations that may not leave the house.
    pub sensitive: Num,
    /// Share of requests that can wait.
    pub deferrable: Num,
    /// When the user leaves; `None`: never.
    pub patience_s: Option<Draw>,
    /// Repetition of questions.
    pub questions: Option<Questions>,
    /// Chance that a failure ends the conversation.
    pub quits: Num,
    /// What happens past the context window.
    pub overflow: Overflow,
    /// Answers are cut here.
    pub max_output_tokens: Option<f64>,
}

/// What of a conversation is sent again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum History {
    /// Everything.
    Full,
    /// Nothing.
    None,
    /// The last so many turns.
    Last(u32),
    /// A summary of this many tokens.
    Summary(Num),
}

/// Repetition of questions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Questions {
    /// Share that nobody else asks.
    pub unique: Num,
    /// Different ones at 1x.
    pub distinct: Num,
    /// Zipf exponent.
    pub zipf: Num,
    /// Which requests may be answered from a cache.
    pub cacheable: Cacheable,
}

/// A model as something that serves calls.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name in the scenario.
    pub name: String,
    /// Index into [`Model::providers`].
    pub provider: usize,
    /// How it is paid.
    pub price: Pricing,
    /// Share taken off every price.
    pub discount: Num,
    /// US dollars once.
    pub one_off: Num,
    /// US dollars per 30 days.
    pub monthly: Num,
    /// Tokens that prompt and answer share; infinite if unknown.
    pub context_window: f64,
    /// Prompt cache rules; `None`: it has none.
    pub prompt_caching: Option<written::PromptCaching>,
    /// Whether the provider caches without being asked.
    pub caches_by_itself: bool,
    /// Seconds to the first token at an empty prompt.
    pub first_token_s: Draw,
    /// Milliseconds per 1,000 input tokens not read from the prompt cache.
    pub prefill_ms_per_1k: Num,
    /// Milliseconds per output token.
    pub token_ms: Draw,
    /// Limits.
    pub limits: Limits,
    /// Chance of a transient error.
    pub error_rate: Num,
    /// Seconds an error takes.
    pub error_s: Draw,
    /// Share of acceptable answers, by class.
    pub quality: Vec<Num>,
    /// Slots, queue and memory of a hosted model.
    pub hosting: Option<Hosting>,
}

/// How a model is paid.
#[derive(Debug, Clone, PartialEq)]
pub enum Pricing {
    /// By token, from the catalogue.
    Catalogue {
        /// Interactive calls, by service tier name.
        tiers: Vec<(String, Arc<Tariff>)>,
        /// Batch calls; `None`: the provider has no batch service.
        batch: Option<Arc<Tariff>>,
    },
    /// By token, own prices, US dollars per million tokens.
    Own {
        /// Plain input.
        input: Num,
        /// Output.
        output: Num,
        /// Cached input.
        cached_input: Num,
        /// Cache writes.
        cache_write: Num,
        /// Factor in batch.
        batch: Num,
    },
    /// By the replica and hour (see [`Hosting`]).
    Hosted,
}

/// Rate limits; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limits {
    /// Requests per minute.
    pub requests_per_min: Option<Num>,
    /// Tokens per minute.
    pub tokens_per_min: Option<Num>,
    /// Input tokens per minute.
    pub input_tokens_per_min: Option<Num>,
    /// Output tokens per minute.
    pub output_tokens_per_min: Option<Num>,
    /// Requests per day.
    pub requests_per_day: Option<Num>,
    /// Attempts in flight.
    pub concurrency: Option<Num>,
    /// Whether tokens read from the prompt cache count.
    pub cached_tokens_count: bool,
    /// Whether a refused call counts as a request.
    pub refused_count: bool,
    /// Seconds of refill that a bucket holds.
    pub burst_s: f64,
}

/// A self-hosted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Hosting {
    /// Replicas.
    pub replicas: Num,
    /// Slots per replica.
    pub slots: Num,
    /// Waiting places.
    pub queue: Num,
    /// US dollars per replica and hour.
    pub replica_per_hour: Num,
    /// Milliseconds that each busy slot adds to the time per token.
    pub token_ms_per_busy: Num,
    /// Times `token_ms` at so many busy slots, by rising number; empty: always 1.
    pub slowdown: Vec<(f64, f64)>,
    /// Prompts are read between two steps of generation, which stands still meanwhile.
    pub prefill_pauses: bool,
    /// Milliseconds that a step takes longer because it reads prompts, beside their tokens (default 0).
    pub prefill_fixed_ms: f64,
    /// Prompt tokens (with a step's own tokens, unless generation pauses) that one step takes (default endless).
    pub step_tokens: f64,
    /// Milliseconds that a step takes longer for each 1,000 tokens that its answers hold in memory (default 0).
    pub step_ms_per_1k_held: f64,
    /// Seconds for which the server stands still now and then (default 0).
    pub stall_s: f64,
    /// Seconds of generation, added over all answers, from one such stall to the next (default endless).
    pub stall_every_busy_s: f64,
    /// Prompt tokens per second of one replica.
    pub prefill_tokens_per_s: Option<Num>,
    /// Tokens that fit into one replica.
    pub kv_tokens: Option<Num>,
    /// Autoscaling.
    pub autoscale: Option<written::Autoscale>,
}

/// A provider's bad times.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its name.
    pub name: String,
    /// Outages.
    pub outage: Option<Incidents>,
    /// Brownouts.
    pub brownout: Option<Incidents>,
}

/// An alternating process of good and bad times.
#[derive(Debug, Clone)]
pub struct Incidents {
    /// Days between.
    pub every_days: Draw,
    /// Minutes of one.
    pub minutes: Draw,
    /// Share of attempts that fail.
    pub error_rate: Num,
    /// Factor on durations.
    pub slowdown: Num,
}

/// Evaluation runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evals {
    /// Examples per run.
    pub examples: Num,
    /// Runs per 30 days.
    pub runs_per_month: Num,
    /// Input tokens per example.
    pub input_tokens: Num,
    /// Output tokens per example.
    pub output_tokens: Num,
    /// The model that grades.
    pub judge: Option<ModelId>,
}

/// Audit log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Audit {
    /// Bytes per token.
    pub bytes_per_token: Num,
    /// Days kept.
    pub retention_days: Num,
    /// US dollars per 10^9 bytes and 30 days.
    pub per_gb_month: Num,
}
