//! What the analyses found, as the report shows it: plain numbers, whoever computed them.

use serde::{Deserialize, Serialize};

/// Everything that was analysed; what is absent is not shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Analyses {
    /// What each mechanism of the chosen strategy saves.
    pub compared: Vec<Compared>,
    /// Which uncertain inputs move which answer.
    pub moved: Vec<Moved>,
    /// How far volume can grow.
    pub headroom: Vec<Headroom>,
    /// What users get while something is wrong.
    pub drills: Vec<Drilled>,
    /// The months to come.
    pub forecast: Option<Forecast>,
}

/// From one strategy to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// Where it starts.
    pub from: String,
    /// Where it ends.
    pub to: String,
    /// Multiple of the launch volume.
    pub volume: f64,
    /// US dollars a month, means.
    pub from_usd: f64,
    /// US dollars a month, means.
    pub to_usd: f64,
    /// Share of months in which the second costs less.
    pub cheaper_in: Option<f64>,
    /// What each mechanism does; the costs add up to the difference.
    pub mechanisms: Vec<Mechanism>,
}

/// One mechanism that two strategies differ in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mechanism {
    /// What it is.
    pub name: String,
    /// What it adds to the monthly cost, in US dollars.
    pub usd: f64,
    /// Standard error of that.
    pub usd_error: Option<f64>,
    /// What it adds to the 95% quantile of the latency, in seconds.
    pub p95_s: Option<f64>,
    /// What it adds to the share of failed requests.
    pub failed: Option<f64>,
}

/// Which inputs move one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// Dotted name of the metric.
    pub metric: String,
    /// Name of the strategy.
    pub strategy: String,
    /// Multiple of the launch volume.
    pub volume: f64,
    /// The answer with all inputs as they are.
    pub base: f64,
    /// Strongest first.
    pub inputs: Vec<MovedBy>,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MovedBy {
    /// Dotted path in the scenario.
    pub path: String,
    /// The answer with the input at its 5% end.
    pub low: f64,
    /// The answer with the input at its 95% end.
    pub high: f64,
    /// Share of the answer's variance that it explains.
    pub share: Option<f64>,
}

/// How far one strategy's volume can grow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Headroom {
    /// Name of the strategy.
    pub strategy: String,
    /// What holds up to which multiple of the launch volume.
    pub edges: Vec<Edge>,
    /// Over the volume, ascending.
    pub curve: Vec<Load>,
}

/// Up to where one promise holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// The promise: `latency_p95_s`, `failure_rate`, `budget`.
    pub promise: String,
    /// What was promised: seconds, a share, or US dollars a month.
    pub limit: f64,
    /// Multiple of the launch volume; none where it never holds, or holds as far as was looked.
    pub holds_to: Option<f64>,
    /// Interval of that.
    pub between: Option<(f64, f64)>,
    /// In words, with what binds first.
    pub words: String,
}

/// One volume on the way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Multiple of the launch volume.
    pub volume: f64,
    /// US dollars a conversation.
    pub usd_per_conversation: f64,
    /// 95% quantile of the latency, in seconds.
    pub p95_s: f64,
    /// Share of failed requests.
    pub failed: f64,
}

/// An incident under one strategy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drilled {
    /// Name of the drill, such as `primary-down`.
    pub drill: String,
    /// What it does, in words.
    pub about: String,
    /// Name of the strategy.
    pub strategy: String,
    /// What a request can come to.
    pub outcomes: Vec<String>,
    /// Minute at which each step begins, from the start of the incident.
    pub minutes: Vec<f64>,
    /// For each step, requests a minute that came to each outcome.
    pub counts: Vec<Vec<f64>>,
    /// Minutes that the incident lasts.
    pub lasts_min: f64,
    /// Share of requests that failed over the incident and its recovery.
    pub failed: f64,
    /// 95% quantile of the latency over the same, in seconds.
    pub p95_s: Option<f64>,
    /// Seconds from its end until everything was as before.
    pub recovery_s: Option<f64>,
    /// What the incident adds to the bill, in US dollars.
    pub extra_usd: Option<f64>,
}

/// The months to come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Name of the strategy.
    pub strategy: String,
    /// One after the other.
    pub months: Vec<ForecastMonth>,
    /// What stands out, in sentences.
    pub words: Vec<String>,
}

/// One month to come, in US dollars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastMonth {
    /// Its first day, `2026-12-07`.
    pub starts: String,
    /// Multiple of the launch volume, median.
    pub volume: f64,
    /// Quantiles of the bill.
    pub p10: f64,
    /// Median.
    pub p50: f64,
    /// 80%.
    pub p80: f64,
    /// 95%.
    pub p95: f64,
    /// The budget, where one is stated.
    pub budget: Option<f64>,
}
