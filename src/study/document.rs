//! The study document, `gonogo.study/1`: what `gonogo simulate --json` prints, and what reviews and reports read.
//!
//! Fields that this version does not know are kept out of the way, not refused: a study that a newer gonogo wrote is
//! told apart by its `gonogo_version`, not by a parse error.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The value of [`Study::schema`].
pub const SCHEMA: &str = "gonogo.study/1";

/// Everything that a simulation found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// [`SCHEMA`].
    pub schema: String,
    /// What was simulated.
    pub scenario: ScenarioName,
    /// Day of the price catalogue, `2026-10-30`.
    pub catalogue_date: String,
    /// `sha256` of the price catalogue.
    pub catalogue_digest: String,
    /// The gonogo that simulated.
    pub gonogo_version: String,
    /// Seed of all randomness.
    pub seed: u64,
    /// `exact` or `fast`.
    pub estimator: String,
    /// One for each strategy and volume.
    pub cells: Vec<Cell>,
    /// Scripted incidents that were run.
    #[serde(default)]
    pub drills: Vec<DrillResult>,
    /// What the reader should know before trusting the numbers.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Numbers that nobody gave a source for.
    #[serde(default)]
    pub assumed: Vec<Assumed>,
    /// Which uncertain inputs move which metric; empty if no sensitivity analysis was run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitivity: Vec<Sensitivity>,
}

/// Which scenario a study is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioName {
    /// What it is called.
    pub name: String,
    /// `sha256` of the resolved scenario.
    pub digest: String,
}

/// One strategy at one volume.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Name of the strategy.
    pub strategy: String,
    /// Multiple of the launch rate.
    pub volume: f64,
    /// Simulated months. Months 2i and 2i + 1 share their facts.
    pub months: u32,
    /// Models that the strategy can call, for telling which assumptions its numbers rest on.
    #[serde(default)]
    pub models: Vec<String>,
    /// Statistics by dotted metric name; `share_within` carries its seconds: `share_within.5`.
    pub metrics: BTreeMap<String, Metric>,
    /// The values by month, sorted ascending, of the metrics that rules ask.
    #[serde(default)]
    pub by_month: BTreeMap<String, Vec<f64>>,
    /// Metrics whose mechanism the scenario does not state.
    #[serde(default)]
    pub not_modelled: Vec<String>,
    /// Limits and slots: what refused most first, then the most used in its busiest hour.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub binding: Vec<Binding>,
    /// The 168 hours of the week from Monday midnight, per month.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hourly: Vec<Hour>,
    /// Requests simulated for this cell, over all months.
    #[serde(default)]
    pub requests_simulated: u64,
    /// Attempts simulated for this cell, over all months.
    #[serde(default)]
    pub attempts_simulated: u64,
}

/// How close a limit of a model comes to binding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Binding {
    /// The model.
    pub model: String,
    /// The limit's name in the scenario, or `slots`.
    pub limit: String,
    /// What is allowed: per minute, per day, in flight, or slots.
    pub allowed: f64,
    /// Use over what is allowed, in the busiest hour, mean over months.
    pub utilisation: f64,
    /// Use in the busiest hour if nothing were refused, in the unit of `allowed`.
    pub needed: f64,
    /// Attempts that it refused, per month; for slots, those that its full queue did.
    #[serde(default)]
    pub refused: f64,
}

impl Binding {
    /// The order in which limits bind: the one that refused most first; where nothing is refused, the one that is used
    /// most in its busiest hour.
    #[must_use]
    pub fn tighter(&self, other: &Self) -> std::cmp::Ordering {
        let by_use = other.utilisation.total_cmp(&self.utilisation);
        other.refused.total_cmp(&self.refused).then(by_use)
    }
}

/// One hour of the week.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Hour {
    /// Requests in it per month.
    pub requests: f64,
    /// US dollars in it per month, without what is paid by the month.
    pub cost: f64,
    /// 95% quantile of the latency; none where nothing was delivered.
    pub latency_p95: Option<f64>,
    /// Share of its requests that failed.
    pub failed: f64,
}

/// A scripted incident under one strategy, measured over the incident and its recovery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DrillResult {
    /// Name of the drill, such as `primary-down`.
    pub drill: String,
    /// What happens, in words: `outage of large, small, from Mon 10:00, 60 minutes`.
    #[serde(default)]
    pub script: String,
    /// How long the incident lasts, in minutes.
    #[serde(default)]
    pub lasts_minutes: f64,
    /// Share of runs that had not recovered when watching ended; their `recovery_s` is the time watched.
    #[serde(default)]
    pub unrecovered: f64,
    /// Minute by minute, from a little before the incident until watching ends; all runs together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub minutes: Vec<DrillMinute>,
    /// What the strategy's protections did, each found by running the drill without it; those that did most first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protections: Vec<Protection>,
    /// What was measured; `by_month` holds one value for each run.
    #[serde(flatten)]
    pub cell: Cell,
}

/// One minute of a drill, mean over runs; requests belong to the minute in which they were sent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DrillMinute {
    /// Minutes since the incident struck; below 0 before it.
    pub minute: i32,
    /// Requests per run.
    pub requests: f64,
    /// Share answered by the route.
    pub answered: f64,
    /// Share answered by the cache.
    pub cached: f64,
    /// Share answered by a fallback model.
    pub fallback: f64,
    /// Share that got a stale cached answer.
    pub stale: f64,
    /// Share that got a canned answer.
    pub degraded: f64,
    /// Share that a guardrail blocked.
    pub blocked: f64,
    /// Share whose user left.
    pub abandoned: f64,
    /// Share that failed.
    pub failed: f64,
    /// Median latency of delivered answers in seconds; none where nothing was delivered.
    pub latency_p50: Option<f64>,
    /// 95% quantile of it.
    pub latency_p95: Option<f64>,
    /// Attempts per run that were sent to the models that the incident strikes.
    pub attempts: f64,
    /// US dollars per run booked for calls, caches and checks.
    pub usd: f64,
    /// The same minute without the incident: share that failed.
    pub usual_failed: f64,
    /// Without the incident: 95% quantile of the latency.
    pub usual_latency_p95: Option<f64>,
    /// Without the incident: attempts per run to those models.
    pub usual_attempts: f64,
    /// Without the incident: US dollars per run.
    pub usual_usd: f64,
}

/// What a drill becomes when one protection is taken away; differences are paired run by run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Protection {
    /// The field of the strategy, such as `breaker`.
    pub mechanism: String,
    /// Runs that the differences are taken over.
    pub runs: u32,
    /// Share of requests without a model's or a valid cached answer: with it, and without it.
    pub unserved: [f64; 2],
    /// Standard error of the difference.
    #[serde(with = "nan_as_null")]
    pub unserved_se: f64,
    /// 95% quantile of the latency: with it, and without it.
    pub latency_p95: [Option<f64>; 2],
    /// Attempts sent to any model per request: with it, and without it.
    pub attempts_per_request: [f64; 2],
    /// US dollars per run: with it, and without it.
    pub usd: [f64; 2],
}

/// Statistics of one metric over simulated months.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Mean.
    pub mean: f64,
    /// Standard error of the mean; NaN (in JSON: null) from a single month.
    #[serde(with = "nan_as_null")]
    pub se: f64,
    /// 5% quantile.
    pub p05: f64,
    /// Median.
    pub p50: f64,
    /// 80% quantile.
    pub p80: f64,
    /// 95% quantile.
    pub p95: f64,
    /// Standard deviation from what we do not know.
    #[serde(default, with = "nan_as_null")]
    pub sd_facts: f64,
    /// Standard deviation from chance.
    #[serde(default, with = "nan_as_null")]
    pub sd_chance: f64,
}

/// A number without a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumed {
    /// Its dotted path in the scenario.
    pub path: String,
    /// Where the default came from.
    #[serde(default)]
    pub why: String,
}

/// What moves one metric of one strategy, strongest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// Name of the strategy.
    pub strategy: String,
    /// Dotted name of the metric.
    pub metric: String,
    /// Inputs, strongest first.
    pub inputs: Vec<Influence>,
}

/// How strongly one input moves a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Influence {
    /// Dotted path of the input.
    pub path: String,
    /// Share of the metric's variance that it explains.
    pub share: f64,
}

/// JSON has no NaN: what is not known is null.
pub mod nan_as_null {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature that serde asks for"
    )]
    pub fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        if number.is_finite() {
            serializer.serialize_f64(*number)
        } else {
            serializer.serialize_none()
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
    }
}
