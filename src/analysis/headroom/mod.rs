//! Headroom: up to which multiple of today's volume each promise and the budget hold, and what binds first.
//!
//! Whether a month holds a promise at a volume is a yes or no; the share of months that do is a rough number, and a
//! search for where it crosses 95% would need many months at every step. So the search looks at the months one by one:
//! month i has the same facts and, as far as possible, the same luck at every volume, hence a volume of its own at which
//! its value crosses the limit, found by interpolating its logarithm over the logarithm of the volume. The edge is the
//! volume that a share `confidence` of the months reach, an order statistic with a distribution-free interval (Woodruff
//! 1952). Interpolation is crude over a wide bracket, so points are added around the edge until its neighbours, one that
//! holds and one that does not, are within the tolerance. What the windows of the fast estimator stray shifts all months of a
//! volume together: the interval has it from the edges of ratios shifted by 1.96 of these errors up and down.

mod edge;
mod search;

use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::study::{Binding, Estimator, Metric, ScenarioName, Watch};

/// The value of [`Headroom::schema`].
pub const SCHEMA: &str = "gonogo.headroom/1";

/// What to look for, and how hard.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadroomPlan {
    /// Indices of the strategies.
    pub strategies: Vec<usize>,
    /// Months at every volume.
    pub months: u32,
    /// Seed of all randomness.
    pub seed: u64,
    /// Threads.
    pub threads: usize,
    /// How the numbers are found.
    pub estimator: Estimator,
    /// Share of months that must hold.
    pub confidence: f64,
    /// The smallest multiple looked at.
    pub lowest: f64,
    /// The largest.
    pub highest: f64,
    /// An edge is found when a volume that holds and one that does not are so near, relative.
    pub tolerance: f64,
    /// A volume that would need more simulated requests than this is not looked at.
    pub most_requests: u64,
}

impl HeadroomPlan {
    /// All strategies from 0.1x to 1000x, edges to 5%.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        Self {
            strategies: (0..model.strategies.len()).collect(),
            months: 40,
            seed: model.seed,
            threads: 1,
            estimator: Estimator::default(),
            confidence: model.slo_confidence,
            lowest: 0.1,
            highest: 1000.0,
            tolerance: 0.05,
            most_requests: 100_000_000,
        }
    }
}

/// How far volume can grow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Headroom {
    /// [`SCHEMA`].
    pub schema: String,
    /// Which scenario.
    pub scenario: ScenarioName,
    /// Day of the price catalogue.
    pub catalogue_date: String,
    /// The gonogo that simulated.
    pub gonogo_version: String,
    /// Seed of all randomness.
    pub seed: u64,
    /// `exact` or `fast`.
    pub estimator: String,
    /// Months at every volume.
    pub months: u32,
    /// Share of months that must hold.
    pub confidence: f64,
    /// It was stopped: some edges are only as sharp as their bracket.
    pub stopped: bool,
    /// One for each strategy.
    pub strategies: Vec<StrategyHeadroom>,
}

/// One strategy's headroom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StrategyHeadroom {
    /// Its name.
    pub strategy: String,
    /// One for each promise and each budget, in the scenario's order.
    pub edges: Vec<Edge>,
    /// What breaks first; none where nothing breaks, or nothing is promised.
    pub binds: Option<Bind>,
    /// All volumes looked at, ascending.
    pub curve: Vec<Point>,
    /// Why the curve ends before the largest multiple; none where it does not.
    pub curve_ends: Option<String>,
}

/// Up to which volume one requirement holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// The promise as the scenario names it, or `budget.10x`.
    pub requirement: String,
    /// The metric that is held against it.
    pub metric: String,
    /// The limit: seconds, a share, or US dollars a month (the median where it is uncertain).
    pub limit: f64,
    /// Whether an edge was found.
    pub reach: Reach,
    /// The multiple of today's volume; the last one that was looked at where it holds everywhere or nowhere.
    pub volume: f64,
    /// Lower 95% bound of it.
    pub low: f64,
    /// Upper 95% bound of it.
    pub high: f64,
    /// The nearest volumes that were looked at: one that holds, one that does not. The edge lies between.
    pub bracket: Option<(f64, f64)>,
}

/// Whether a requirement has an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// It holds up to the volume.
    Found,
    /// It holds at every volume that was looked at.
    Beyond,
    /// It does not hold at the smallest volume that was looked at.
    Never,
}

/// What breaks first, seen at the nearest volume where it does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bind {
    /// The requirement.
    pub requirement: String,
    /// The volume where it was seen to break.
    pub volume: f64,
    /// The tightest limit or the slots there, where they are tight.
    pub limit: Option<Binding>,
    /// Why requests fail there, the commonest first: `throttled`, `queue_full`, … with the share of requests.
    pub failing: Vec<(String, f64)>,
    /// What the slowest 5% spend more seconds on than the middle, most first.
    pub slow: Vec<(String, f64)>,
    /// The largest lines of the bill in US dollars.
    pub lines: Vec<(String, f64)>,
}

/// What a volume is like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Multiple of today's volume.
    pub volume: f64,
    /// US dollars a month.
    pub cost_total: Option<Metric>,
    /// US dollars per conversation.
    pub cost_per_conversation: Option<Metric>,
    /// Seconds.
    pub latency_p95: Option<Metric>,
    /// Share of requests.
    pub failed: Option<Metric>,
    /// Share of months that hold each requirement, in the order of [`StrategyHeadroom::edges`].
    pub holds: Vec<f64>,
    /// The tightest limit.
    pub tightest: Option<Binding>,
    /// Requests simulated for it.
    pub requests_simulated: u64,
}

impl StrategyHeadroom {
    /// The edge that comes first: up to here everything holds. `None` where nothing is promised or budgeted.
    #[must_use]
    pub fn first(&self) -> Option<&Edge> {
        let rank = |edge: &Edge| match edge.reach {
            Reach::Never => 0.0,
            Reach::Found => edge.volume,
            Reach::Beyond => f64::INFINITY,
        };
        self.edges.iter().min_by(|a, b| rank(a).total_cmp(&rank(b)))
    }
}

/// Looks for the edges. `None` if it was stopped before any volume was known.
#[must_use]
pub fn headroom(model: &Model, plan: &HeadroomPlan, watch: &dyn Watch) -> Option<Headroom> {
    search::run(model, plan, watch)
}
