//! What a report shows of the analyses.

use crate::analysis::{forecast, headroom, sensitivity};

use super::super::analyses::{Edge, Forecast, ForecastMonth, Headroom, Load, Moved, MovedBy};
use super::headroom::sentence;
use super::{promise, times};

impl Headroom {
    /// Every strategy's headroom.
    #[must_use]
    pub fn of(found: &headroom::Headroom) -> Vec<Self> {
        found
            .strategies
            .iter()
            .map(|strategy| Self {
                strategy: strategy.strategy.clone(),
                edges: strategy
                    .edges
                    .iter()
                    .map(|edge| shown(edge, strategy, found.confidence))
                    .collect(),
                curve: strategy.curve.iter().filter_map(load).collect(),
            })
            .collect()
    }
}

fn shown(edge: &headroom::Edge, strategy: &headroom::StrategyHeadroom, confidence: f64) -> Edge {
    let first = strategy
        .first()
        .is_some_and(|first| first.requirement == edge.requirement);
    let words = match edge.reach {
        _ if first => sentence(strategy, confidence),
        headroom::Reach::Found => format!(
            "\"{}\" holds up to {}",
            promise(&edge.requirement, edge.limit),
            times(edge.volume)
        ),
        headroom::Reach::Beyond => format!(
            "\"{}\" holds at least up to {}",
            promise(&edge.requirement, edge.limit),
            times(edge.volume)
        ),
        headroom::Reach::Never => format!(
            "\"{}\" does not hold even at {}",
            promise(&edge.requirement, edge.limit),
            times(edge.volume)
        ),
    };
    let found = edge.reach == headroom::Reach::Found;
    Edge {
        promise: edge.requirement.clone(),
        limit: edge.limit,
        holds_to: found.then_some(edge.volume),
        between: found.then_some((edge.low, edge.high)),
        words,
    }
}

/// A volume with all three numbers; one without answers has no latency.
fn load(point: &headroom::Point) -> Option<Load> {
    Some(Load {
        volume: point.volume,
        usd_per_conversation: point.cost_per_conversation?.mean,
        p95_s: point.latency_p95?.mean,
        failed: point.failed?.mean,
    })
}

impl Moved {
    /// What moves each metric.
    #[must_use]
    pub fn of(found: &sensitivity::Sensitivity) -> Vec<Self> {
        found
            .moved
            .iter()
            .map(|moved| Self {
                metric: moved.metric.clone(),
                strategy: found.chosen.clone(),
                volume: found.volume,
                base: moved.mean,
                inputs: moved
                    .inputs
                    .iter()
                    .map(|input| MovedBy {
                        path: input.path.clone(),
                        low: input.at.0,
                        high: input.at.1,
                        share: Some(input.share),
                    })
                    .collect(),
            })
            .collect()
    }
}

impl Forecast {
    /// One strategy's months; `None` if it is not among those that were looked at.
    #[must_use]
    pub fn of(found: &forecast::Forecast, strategy: &str) -> Option<Self> {
        let own = found.strategies.iter().find(|it| it.strategy == strategy)?;
        Some(Self {
            strategy: own.strategy.clone(),
            months: found
                .months
                .iter()
                .zip(&own.months)
                .map(|(coming, spend)| ForecastMonth {
                    starts: coming.starts.clone(),
                    volume: coming.volume.1,
                    p10: spend.month.p10,
                    p50: spend.month.p50,
                    p80: spend.month.p80,
                    p95: spend.month.p95,
                    budget: coming.budget,
                })
                .collect(),
            words: super::forecast::sentences_of(found, strategy),
        })
    }
}
