//! The scenario as a value: one struct for each table of the file, names as in the file.
//!
//! A field that was left out is `None` where leaving it out means something ("not modelled", "the provider's
//! default"), and holds the documented default otherwise. Units stand in the names.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::quantity::Quantity;
use crate::reading::Source;

/// A whole scenario, `extends` resolved.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The text it was read from.
    pub source: Arc<Source>,
    /// The folder that relative file names in it are resolved against; `None` for embedded scenarios.
    pub folder: Option<PathBuf>,
    /// Where each field stands in the text, by dotted path (`models.gpt-4.first_token_s`, `workload.class.simple.turns`,
    /// `strategies.cached.retry.attempts`). An inherited strategy field is listed under every strategy that has it.
    pub places: BTreeMap<String, Range<usize>>,
    /// `sha256` of the resolved scenario in canonical form: comments, order and spelling of numbers do not count; the
    /// contents of files that it reads do.
    pub digest: String,
    /// What it is called.
    pub name: String,
    /// What is simulated, and how much of it.
    pub study: Study,
    /// US dollars per month by volume, as written (`"1x"` is 1.0), ascending.
    pub budget: Vec<(f64, Quantity)>,
    /// A second currency for reports.
    pub currency: Option<Currency>,
    /// What the team promises.
    pub slo: Slo,
    /// Who asks what, when.
    pub workload: Workload,
    /// The models, in file order.
    pub models: Vec<Model>,
    /// What was said about providers, in file order.
    pub providers: Vec<Provider>,
    /// The strategies with what they inherit, in file order.
    pub strategies: Vec<Strategy>,
    /// Evaluation runs.
    pub evals: Option<Evals>,
    /// Audit log storage.
    pub audit: Option<Audit>,
    /// US dollars per month, by name, in file order (F).
    pub fixed: Vec<(String, Quantity)>,
    /// Where a number comes from, by its path; without an entry it is assumed.
    pub sources: BTreeMap<String, String>,
    /// What `gonogo optimize` may turn, by path.
    pub optimize: Vec<(String, Knob)>,
    /// Scripted incidents.
    pub drills: Vec<Drill>,
}

/// `[study]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// Simulated months per cell (default 1000).
    pub months: u32,
    /// Multiples of the launch rate (default 1 and 10).
    pub volumes: Vec<f64>,
    /// Length of a month (default 30).
    pub days: u32,
    /// Midnight of this day is the start; `None`: the first Monday after the catalogue's date.
    pub starts: Option<jiff::civil::Date>,
    /// Hours simulated before it and not counted (default 0).
    pub warmup_h: f64,
    /// Offset of local time to UTC, for prices that depend on the hour (default 0).
    pub utc_offset_h: f64,
    /// Seed of all randomness (default 1).
    pub seed: u64,
}

/// `[currency]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Currency {
    /// ISO 4217 code.
    pub code: String,
    /// Units of it per US dollar (F).
    pub per_usd: Quantity,
}

/// `[slo]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Slo {
    /// Share of months that must hold each promise (default 0.95).
    pub confidence: f64,
    /// The promises: name (`latency_p95_s`, `first_token_p95_s`, `failure_rate`, `wrong_rate`, and the other
    /// quantiles `p50 p90 p99` of latency and first token) and limit, in file order.
    pub limits: Vec<(SloName, f64)>,
}

/// A promise that an SLO can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SloName {
    /// Quantile of the latency over delivered answers, in seconds. 50, 90, 95 or 99.
    Latency(u8),
    /// Quantile of the time to first token, in seconds. 50, 90, 95 or 99.
    FirstToken(u8),
    /// Share of requests that fail.
    FailureRate,
    /// Share of delivered answers that are wrong.
    WrongRate,
}

/// `[workload]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// Conversations per day at 1x (F). Required unless there is a replay.
    pub conversations_per_day: Option<Quantity>,
    /// The prefix that every request shares (F, default 0).
    pub system_tokens: Quantity,
    /// How many different shared prefixes there are (F, default 1).
    pub prefixes: Quantity,
    /// What grows with volume (default users).
    pub grows_by: Growth,
    /// Exponent of growth in prefixes and distinct questions (F, default 0.5).
    pub heaps: Quantity,
    /// 24 weights, midnight first; `None`: not stated, so flat and not modelled.
    pub hourly: Option<[f64; 24]>,
    /// 7 weights, Monday first; `None`: not stated.
    pub weekly: Option<[f64; 7]>,
    /// Day-to-day coefficient of variation of the rate (F); `None`: not stated, 0.
    pub day_cv: Option<Quantity>,
    /// Burstiness; `None`: not stated, none.
    pub burst: Option<Burst>,
    /// Growth per month (F, default 0), used by forecast.
    pub growth_per_month: Quantity,
    /// Transient peaks.
    pub spikes: Vec<Spike>,
    /// Real traffic instead of a rate and classes.
    pub replay: Option<Replay>,
    /// Kinds of conversation, in file order; shares sum to 1.
    pub classes: Vec<Class>,
}

/// `grows_by`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// More users: prefixes and distinct questions grow by `volume^heaps`.
    Users,
    /// More activity of the same users: they stay.
    Activity,
}

/// `burst`: a rate factor, gamma with mean 1, redrawn every block.
#[derive(Debug, Clone, PartialEq)]
pub struct Burst {
    /// Its coefficient of variation at 1x (F).
    pub cv: Quantity,
    /// Length of a block in minutes (default 5).
    pub minutes: f64,
    /// At volume v the coefficient of variation is `cv × v^−scaling` (F, default 0.22).
    pub scaling: Quantity,
}

/// `[[workload.spike]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Spike {
    /// Mean number per 30 days (F).
    pub per_month: Quantity,
    /// Factor on the rate (F).
    pub multiplier: Quantity,
    /// Length (D).
    pub minutes: Quantity,
}

/// `[workload.replay]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// The log: CSV, plain or gzip, relative to the scenario.
    pub file: String,
    /// How volume v is made.
    pub scale: ReplayScale,
    /// Column names given by the user: field (`time`, `input_tokens`, `output_tokens`, `conversation`, `prefix_blocks`,
    /// `class`) to column.
    pub columns: BTreeMap<String, String>,
    /// `sha256` of the file's bytes, so that the scenario's digest changes with the log.
    pub content: String,
    /// Rows of the file, its header not counted.
    pub rows: u64,
}

/// `scale` of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayScale {
    /// v copies, shifted by whole random hours.
    Copies,
    /// Time divided by v.
    Speed,
}

/// `[[workload.class]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Share of conversations (F); 1 where there is a single class.
    pub share: Quantity,
    /// Turns of a conversation (D, default 1).
    pub turns: Quantity,
    /// Seconds from the end of one answer to the next question (D, default 30).
    pub think_s: Quantity,
    /// Tokens of the user's message, per turn (D). Required.
    pub user_tokens: Quantity,
    /// Retrieved text, per turn, not carried over (D, default 0).
    pub context_tokens: Quantity,
    /// Tokens of the visible answer (D). Required.
    pub output_tokens: Quantity,
    /// Billed as output, before the first visible token (D, default 0).
    pub reasoning_tokens: Quantity,
    /// Model calls in one turn (D, default 1).
    pub calls: Quantity,
    /// Tokens of the tool's answer, per further call (D, default 0).
    pub tool_tokens: Quantity,
    /// Seconds of the tool, per further call (D, default 0).
    pub tool_s: Quantity,
    /// What of the conversation is sent again.
    pub history: History,
    /// Share of conversations that may not leave the house (F); `None`: not stated, 0.
    pub sensitive: Option<Quantity>,
    /// Share of requests that can wait for batch prices (F, default 0).
    pub deferrable: Quantity,
    /// The user leaves when nothing has come by then (D); `None`: not stated, endless.
    pub patience_s: Option<Quantity>,
    /// Repetition of questions; `None`: not stated, every question is unique.
    pub questions: Option<Questions>,
    /// Chance that a failed request ends its conversation (F, default 0.5).
    pub quits: Quantity,
    /// What happens past the context window.
    pub overflow: Overflow,
    /// Answers are cut here; `None`: never.
    pub max_output_tokens: Option<f64>,
}

/// `history`.
#[derive(Debug, Clone, PartialEq)]
pub enum History {
    /// All earlier user messages and final answers (the default).
    Full,
    /// Nothing.
    None,
    /// The last so many turns.
    Last(u32),
    /// A summary of this many tokens from the second turn on (F).
    Summary(Quantity),
}

/// `questions`.
#[derive(Debug, Clone, PartialEq)]
pub struct Questions {
    /// Share of questions that nobody else asks (F).
    pub unique: Quantity,
    /// How many different ones the others are drawn from, at 1x (F).
    pub distinct: Quantity,
    /// Zipf exponent of their popularity (F, default 1).
    pub zipf: Quantity,
    /// Which requests a response cache may answer (default first turn).
    pub cacheable: Cacheable,
}

/// `cacheable`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cacheable {
    /// Only a conversation's first.
    FirstTurn,
    /// Every one.
    All,
    /// None.
    None,
}

/// `overflow`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// Drop the oldest turns (the default).
    Truncate,
    /// The request fails.
    Fail,
}

/// `[models.NAME]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Its name in the file.
    pub name: String,
    /// Models of one provider share outages and brownouts; default: the catalogue's provider, else the model's name.
    pub provider: Option<String>,
    /// What it costs; `None` for hosted models.
    pub price: Option<Price>,
    /// Negotiated, on every price (F, default 0).
    pub discount: Quantity,
    /// US dollars for training or set-up, once (F, default 0).
    pub one_off: Quantity,
    /// US dollars per month for keeping it (F, default 0).
    pub monthly: Quantity,
    /// Tokens; `None`: the catalogue's.
    pub context_window: Option<f64>,
    /// `None`: the provider's; `Some(None)`: `prompt_caching = false`.
    pub prompt_caching: Option<Option<PromptCaching>>,
    /// Seconds at an empty prompt, per attempt (D); `None`: the catalogue's default, assumed.
    pub first_token_s: Option<Quantity>,
    /// Milliseconds per 1,000 input tokens not read from the prompt cache (F); `None`: the catalogue's default.
    pub prefill_ms_per_1k: Option<Quantity>,
    /// Milliseconds per output token, drawn per attempt (D); `None`: the catalogue's default, assumed.
    pub token_ms: Option<Quantity>,
    /// `None`: the catalogue's, assumed; `Some(Limits::default())`: `limits = "none"`.
    pub limits: Option<Limits>,
    /// Chance of a transient error per attempt (F); `None`: not stated.
    pub error_rate: Option<Quantity>,
    /// Seconds that an error takes to come back (D, default 0.3).
    pub error_s: Quantity,
    /// Share of answers that are acceptable (F).
    pub quality: Quality,
    /// Run by the team itself, instead of price and limits.
    pub hosting: Option<Hosting>,
    /// Autoscaling of the replicas.
    pub autoscale: Option<Autoscale>,
}

/// `quality`.
#[derive(Debug, Clone, PartialEq)]
pub enum Quality {
    /// Not stated: 1, and not modelled.
    Unstated,
    /// One share for all classes.
    All(Quantity),
    /// By class name; a class that is missing has 1.
    ByClass(Vec<(String, Quantity)>),
}

/// `price`.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a handful of them, read once")]
pub enum Price {
    /// A catalogue reference, `provider:model`.
    Catalogue(String),
    /// Own prices, US dollars per million tokens (F each).
    Own(OwnPrice),
}

/// Own prices, US dollars per million tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnPrice {
    /// Plain input.
    pub input: Quantity,
    /// Output, reasoning included.
    pub output: Quantity,
    /// Input read from the prompt cache; `None`: as plain input.
    pub cached_input: Option<Quantity>,
    /// Input written to the prompt cache; `None`: as plain input.
    pub cache_write: Option<Quantity>,
    /// Factor on all prices in batch (default 0.5).
    pub batch: Quantity,
}

/// `prompt_caching`.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptCaching {
    /// Time to live in seconds (default 300).
    pub ttl_s: f64,
    /// Shorter regions are not cached (default 1024).
    pub min_tokens: f64,
    /// Cached lengths are multiples of this (default 1).
    pub block: f64,
    /// Renewed by use (default true).
    pub refresh: bool,
}

/// `limits`; a field that is `None` is no limit. All F.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Limits {
    /// Requests per minute.
    pub requests_per_min: Option<Quantity>,
    /// Input and output tokens per minute.
    pub tokens_per_min: Option<Quantity>,
    /// Input tokens per minute.
    pub input_tokens_per_min: Option<Quantity>,
    /// Output tokens per minute.
    pub output_tokens_per_min: Option<Quantity>,
    /// Requests per day.
    pub requests_per_day: Option<Quantity>,
    /// Attempts in flight.
    pub concurrency: Option<Quantity>,
    /// Whether tokens read from the prompt cache count (`None`: the provider's rule, else true).
    pub cached_tokens_count: Option<bool>,
    /// Whether refused calls count as requests (`None`: the provider's rule, else false).
    pub refused_count: Option<bool>,
    /// Seconds of refill that a bucket holds (default 60).
    pub burst_s: Option<f64>,
}

/// `hosting`.
#[derive(Debug, Clone, PartialEq)]
pub struct Hosting {
    /// Copies of the server (F, default 1).
    pub replicas: Quantity,
    /// Answers that one replica generates at once (F). Required. `inf` is endless.
    pub slots: Quantity,
    /// Requests that may wait (F, default endless).
    pub queue: Quantity,
    /// US dollars per replica and hour (F, default 0).
    pub replica_per_hour: Quantity,
    /// Milliseconds that each busy slot adds to the time per token (F, default 0).
    pub token_ms_per_busy: Quantity,
    /// Times `token_ms` at so many busy slots, by rising number; empty: no slowdown but `token_ms_per_busy`.
    pub slowdown: Vec<(f64, f64)>,
    /// Prompts are read between two steps of generation, which stands still meanwhile (default false).
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
    /// Prompt tokens per second of one replica, first come first served (F); `None`: prefill is not shared.
    pub prefill_tokens_per_s: Option<Quantity>,
    /// Tokens that fit into one replica's memory (F); `None`: endless.
    pub kv_tokens: Option<Quantity>,
}

/// `autoscale`.
#[derive(Debug, Clone, PartialEq)]
pub struct Autoscale {
    /// Fewest replicas.
    pub min: u32,
    /// Most replicas.
    pub max: u32,
    /// Busy share of slots aimed at (default 0.7).
    pub target: f64,
    /// Seconds until a new replica serves (default 180).
    pub delay_s: f64,
}

/// `[providers.NAME]`; `None`: nothing said about it. A preset name such as `"openai-history"` has been replaced by
/// what it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Provider {
    /// Its name.
    pub name: String,
    /// Outages.
    pub outage: Option<Incidents>,
    /// Brownouts.
    pub brownout: Option<Incidents>,
}

/// What a provider's bad times are.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a handful of them, read once")]
pub enum Incidents {
    /// `"none"`.
    Never,
    /// A preset by name, resolved in `model` from the dated facts.
    Preset(String),
    /// An alternating process.
    Process(IncidentProcess),
}

/// An alternating renewal process of good and bad times.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentProcess {
    /// Days from the end of one to the start of the next (D); exact means exponential with that mean.
    pub every_days: Quantity,
    /// Length in minutes (D); exact means constant.
    pub minutes: Quantity,
    /// Share of attempts that fail during one (F; default 1 for outages, 0 for brownouts).
    pub error_rate: Quantity,
    /// Factor on an attempt's duration (F, default 1); brownouts only.
    pub slowdown: Quantity,
}

/// `[strategies.NAME]`, with what it inherits.
#[derive(Debug, Clone, PartialEq)]
pub struct Strategy {
    /// Its name.
    pub name: String,
    /// Which model answers. Required.
    pub route: Route,
    /// Answers are shown as they are generated (default false).
    pub streaming: bool,
    /// Seconds per attempt (F); `None`: not stated, endless.
    pub timeout_s: Option<Quantity>,
    /// Seconds over all attempts of a request (F); `None`: endless.
    pub deadline_s: Option<Quantity>,
    /// Retries; `None`: not stated, one attempt.
    pub retry: Option<Retry>,
    /// What of a prompt is marked for the provider's prompt cache.
    pub prompt_cache: PromptCache,
    /// Our own cache of answers.
    pub response_cache: Option<ResponseCache>,
    /// Deferrable requests go to the batch service (default false).
    pub batch: bool,
    /// Service tier as the provider names it (default `default`).
    pub tier: String,
    /// System and context tokens kept after optimisation (F, default 1).
    pub prompt_factor: Quantity,
    /// Hedging.
    pub hedge: Option<Hedge>,
    /// Circuit breaker on each model.
    pub breaker: Option<Breaker>,
    /// What is tried after the route has failed, in order.
    pub fallback: Vec<Fallback>,
    /// Waiting for a limit instead of being refused.
    pub admission: Option<Admission>,
    /// Model for sensitive requests.
    pub sensitive_route: Option<String>,
    /// PII sanitising.
    pub sanitise: Option<Sanitise>,
    /// Input guardrail.
    pub guardrail: Option<Guardrail>,
    /// Confidence gating of answers.
    pub confidence: Option<Confidence>,
    /// Human review of flagged answers.
    pub human_review: Option<HumanReview>,
}

/// `route`.
#[derive(Debug, Clone, PartialEq)]
pub enum Route {
    /// One model.
    Model(String),
    /// A classifier chooses by class.
    Router(Router),
    /// A small model first; what its confidence does not let through goes to the next.
    Cascade {
        /// Models in order, at least two.
        models: Vec<String>,
        /// Share of right answers let through (F).
        accept: Quantity,
        /// Share of wrong answers let through (F).
        accept_wrong: Quantity,
    },
}

/// `router`.
#[derive(Debug, Clone, PartialEq)]
pub struct Router {
    /// Class name to model name, in file order. Every class has one.
    pub by_class: Vec<(String, String)>,
    /// Share of requests sent to their class's model (F, default 1).
    pub accuracy: Quantity,
    /// Seconds it takes (D, default 0).
    pub seconds: Quantity,
    /// Input tokens it reads (F, default 0).
    pub tokens: Quantity,
    /// The model that classifies; `None`: billed at the cheapest of its models.
    pub model: Option<String>,
}

/// `retry`. Presets by name have been replaced by their values.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// Attempts per model, the first included (F, default 3).
    pub attempts: Quantity,
    /// Seconds of the first wait (F, default 0.5).
    pub base_s: Quantity,
    /// Growth of the wait (F, default 2).
    pub factor: Quantity,
    /// Longest wait in seconds, before jitter (F, default 8).
    pub max_s: Quantity,
    /// Jitter (default full).
    pub jitter: Jitter,
    /// Retries are at most this share of requests (F); `None`: no budget.
    pub budget: Option<Quantity>,
}

/// `jitter` of a wait w.
#[derive(Debug, Clone, PartialEq)]
pub enum Jitter {
    /// w.
    None,
    /// U(0, w).
    Full,
    /// w/2 + U(0, w/2).
    Equal,
    /// w + U(0, a) (F).
    Add(Quantity),
    /// w × (1 − U(0, c)) (F).
    Cut(Quantity),
}

/// `prompt_cache`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptCache {
    /// Not stated: what the provider does by itself.
    Provider,
    /// `false`.
    Off,
    /// The system prefix.
    System,
    /// System prefix and history.
    Conversation,
    /// `true`: conversation where history or several calls are kept, else system.
    Auto,
}

/// `response_cache`.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseCache {
    /// Semantic caches need `recall`; exact ones recognise every repeat.
    pub semantic: bool,
    /// Hours to live, from storing (F); `None`: endless.
    pub ttl_h: Option<Quantity>,
    /// Entries (F); `None`: endless.
    pub capacity: Option<Quantity>,
    /// Share of repeats recognised (F; 1 for exact).
    pub recall: Quantity,
    /// Share of hits that are wrong answers (F, default 0).
    pub false_hit: Quantity,
    /// Seconds of a look-up (D, default 0).
    pub lookup_s: Quantity,
    /// US dollars per month (F, default 0).
    pub monthly: Quantity,
}

/// `hedge`.
#[derive(Debug, Clone, PartialEq)]
pub struct Hedge {
    /// Seconds after which a second copy is sent (F).
    pub after_s: Quantity,
}

/// `breaker`.
#[derive(Debug, Clone, PartialEq)]
pub struct Breaker {
    /// When it opens.
    pub opens: BreakerRule,
    /// Seconds it stays open (F, default 30).
    pub open_s: Quantity,
    /// Successful probes that close it again (default 1).
    pub probes: u32,
}

/// When a breaker opens.
#[derive(Debug, Clone, PartialEq)]
pub enum BreakerRule {
    /// At this share of failures among at least so many outcomes in the window.
    Rate {
        /// Seconds (default 30).
        window_s: f64,
        /// Outcomes (default 20).
        min_requests: u32,
        /// Share (F, default 0.5).
        failure_rate: Quantity,
    },
    /// At so many failures in the window.
    Count {
        /// Failures.
        failures: u32,
        /// Seconds (default 60).
        window_s: f64,
    },
}

/// One entry of `fallback`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fallback {
    /// A model by name.
    Model(String),
    /// A stale cached answer.
    Stale,
    /// A canned answer.
    Degraded,
}

/// `admission`.
#[derive(Debug, Clone, PartialEq)]
pub struct Admission {
    /// Longest wait in seconds (F).
    pub max_wait_s: Quantity,
    /// Requests that may wait, per model (F, default endless).
    pub queue: Quantity,
}

/// `sanitise`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sanitise {
    /// Seconds per request (D, default 0).
    pub seconds: Quantity,
    /// Share of sensitive requests that slip through (F, default 0).
    pub misses: Quantity,
    /// US dollars per 1,000 tokens read (F, default 0).
    pub per_1k_tokens: Quantity,
}

/// `guardrail`.
#[derive(Debug, Clone, PartialEq)]
pub struct Guardrail {
    /// Seconds per request (D, default 0).
    pub seconds: Quantity,
    /// Share of requests blocked (F, default 0).
    pub blocks: Quantity,
    /// US dollars per request (F, default 0).
    pub per_request: Quantity,
}

/// `confidence`.
#[derive(Debug, Clone, PartialEq)]
pub struct Confidence {
    /// Share of wrong answers flagged (F).
    pub catches: Quantity,
    /// Share of right answers flagged (F, default 0).
    pub false_alarms: Quantity,
    /// What happens to a flagged answer.
    pub then: Flagged,
}

/// `then`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flagged {
    /// A person reviews it (needs `human_review`).
    HumanReview,
    /// The next model of the route answers.
    Escalate,
}

/// `human_review`.
#[derive(Debug, Clone, PartialEq)]
pub struct HumanReview {
    /// Minutes per review (D).
    pub minutes: Quantity,
    /// People at work at the same time (F).
    pub reviewers: Quantity,
    /// US dollars per hour of review (F, default 0).
    pub per_hour: Quantity,
    /// Working hours, from and to (default all day), every day.
    pub hours: (f64, f64),
    /// The user waits for it (`before`), or a correction follows (`after`, the default).
    pub before: bool,
}

/// `[evals]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Evals {
    /// Examples per run (F).
    pub examples: Quantity,
    /// Runs per 30 days (F).
    pub runs_per_month: Quantity,
    /// Input tokens per example (F).
    pub input_tokens: Quantity,
    /// Output tokens per example (F).
    pub output_tokens: Quantity,
    /// Model that grades; `None`: no judge.
    pub judge: Option<String>,
}

/// `[audit]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// Bytes stored per token (F, default 6).
    pub bytes_per_token: Quantity,
    /// Days kept (F, default 365).
    pub retention_days: Quantity,
    /// US dollars per gigabyte (10^9 bytes) and month (F).
    pub per_gb_month: Quantity,
}

/// What `gonogo optimize` may do with one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Knob {
    /// Any number between.
    Range {
        /// The smallest.
        from: f64,
        /// The largest.
        to: f64,
    },
    /// One of these, each as TOML text.
    Values(Vec<String>),
}

/// `[[drill]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Drill {
    /// Its name.
    pub name: String,
    /// Weekday (0 is Monday) and minute of the day.
    pub at: (u8, u16),
    /// Length in minutes.
    pub minutes: f64,
    /// Provider or model it strikes; `None`: all providers.
    pub provider: Option<String>,
    /// What happens.
    pub effect: DrillEffect,
}

/// `effect` of a drill.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DrillEffect {
    /// Every attempt fails.
    Outage,
    /// Attempts take this factor longer.
    Brownout {
        /// The factor.
        slowdown: f64,
    },
    /// Limits are multiplied by this.
    Limits {
        /// The factor.
        factor: f64,
    },
    /// The arrival rate is multiplied by this.
    Spike {
        /// The factor.
        multiplier: f64,
    },
    /// Every cache is emptied.
    CacheFlush,
}
