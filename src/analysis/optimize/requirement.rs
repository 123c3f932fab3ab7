//! What a setting must hold, and how near each month comes to it.

use crate::model::{Model, Num, SloName};
use crate::study::{ByMonth, facts_of, slo_metric, slo_name};

use super::seen::{Track, over_pairs};
use super::{Goal, OptimizePlan};

/// What must hold.
pub(super) struct Requirement {
    pub(super) name: String,
    pub(super) metric: String,
    pub(super) limit: Option<f64>,
    /// The scenario's budget at the volume.
    budget: Option<Num>,
}

/// The promises and, for the fastest, the budget.
pub(super) fn requirements(model: &Model, plan: &OptimizePlan) -> Vec<Requirement> {
    let mut list: Vec<Requirement> = model
        .slo
        .iter()
        .filter(|(name, _)| {
            plan.goal == Goal::Cheapest || matches!(name, SloName::FailureRate | SloName::WrongRate)
        })
        .map(|(name, limit)| Requirement {
            name: slo_name(*name),
            metric: slo_metric(*name),
            limit: Some(*limit),
            budget: None,
        })
        .collect();
    if plan.goal == Goal::Fastest {
        let budget = model
            .budget
            .iter()
            .find(|(volume, _)| *volume == plan.volume)
            .map(|(_, usd)| *usd);
        if plan.budget.is_some() || budget.is_some() {
            list.push(Requirement {
                name: "budget".to_owned(),
                metric: "cost.total".to_owned(),
                limit: plan.budget,
                budget,
            });
        }
    }
    list
}

/// Each month's value over the limit, with what windows may have moved.
pub(super) fn ratios(
    requirement: &Requirement,
    model: &Model,
    seed: u64,
    values: &ByMonth,
) -> Track {
    let months = model.calendar.length_s / 86_400.0 / 30.0;
    let level = values.of(&requirement.metric).unwrap_or_default();
    let ratios: Vec<f64> = level
        .iter()
        .enumerate()
        .map(|(month, value)| {
            let limit = match (requirement.limit, requirement.budget) {
                (Some(limit), _) => limit,
                (None, Some(usd)) => facts_of(model, seed, month as u64 / 2).get(usd) * months,
                (None, None) => f64::INFINITY,
            };
            value / limit
        })
        .collect();
    let (of_ratios, of_values) = (over_pairs(&ratios).0, over_pairs(level).0);
    let scale = of_ratios / of_values;
    let scale = if scale.is_finite() { scale } else { 0.0 };
    let strays = values.strays(&requirement.metric);
    Track::new(ratios, strays.iter().map(|it| it * scale).collect())
}
