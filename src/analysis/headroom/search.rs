//! Which volumes are looked at: half decades first, then around the edges.

use std::collections::BTreeMap;

use crate::analysis::steps::Steps;
use crate::model::{Model, Num};
use crate::study::{
    ByMonth, Cell, Outcome, Plan, ScenarioName, Watch, facts_of, slo_metric, slo_name,
};

use super::edge::{Found, Ratios, find};
use super::{Bind, Edge, Headroom, HeadroomPlan, Point, Reach, SCHEMA, StrategyHeadroom};

/// Further volumes for one requirement, at most.
const MOST_STEPS: usize = 10;
/// Utilisation from which a limit is named as tight.
const TIGHT: f64 = 0.8;

/// What must hold.
struct Requirement {
    name: String,
    metric: String,
    limit: Limit,
}

enum Limit {
    Number(f64),
    /// US dollars per 30 days.
    Budget(Num),
}

fn requirements(model: &Model) -> Vec<Requirement> {
    let promises = model.slo.iter().map(|(name, limit)| Requirement {
        name: slo_name(*name),
        metric: slo_metric(*name),
        limit: Limit::Number(*limit),
    });
    let budgets = model.budget.iter().map(|(volume, usd)| Requirement {
        name: format!("budget.{volume}x"),
        metric: "cost.total".to_owned(),
        limit: Limit::Budget(*usd),
    });
    promises.chain(budgets).collect()
}

impl Requirement {
    /// The limit in every pair of months.
    fn limits(&self, model: &Model, plan: &HeadroomPlan) -> Vec<f64> {
        let months = model.calendar.length_s / 86_400.0 / 30.0;
        (0..plan.months.div_ceil(2))
            .map(|pair| match self.limit {
                Limit::Number(limit) => limit,
                Limit::Budget(usd) => facts_of(model, plan.seed, u64::from(pair)).get(usd) * months,
            })
            .collect()
    }
}

/// One strategy's points so far, by volume.
struct Search<'a> {
    model: &'a Model,
    plan: &'a HeadroomPlan,
    steps: &'a Steps<'a>,
    strategy: usize,
    requirements: &'a [Requirement],
    limits: &'a [Vec<f64>],
    seen: BTreeMap<u64, Seen>,
    ends: Option<String>,
}

struct Seen {
    cell: Cell,
    values: ByMonth,
}

pub(super) fn run(model: &Model, plan: &HeadroomPlan, watch: &dyn Watch) -> Option<Headroom> {
    let requirements = requirements(model);
    let limits: Vec<Vec<f64>> = requirements
        .iter()
        .map(|requirement| requirement.limits(model, plan))
        .collect();
    let guess = 9 + 4 * requirements.len();
    let steps = Steps::new(watch, guess * plan.strategies.len());
    let mut strategies = Vec::new();
    let mut estimator = String::new();
    for (place, &strategy) in plan.strategies.iter().enumerate() {
        let mut search = Search {
            model,
            plan,
            steps: &steps,
            strategy,
            requirements: &requirements,
            limits: &limits,
            seen: BTreeMap::new(),
            ends: None,
        };
        search.half_decades(&mut estimator);
        search.edges();
        steps.expect((place + 1) * guess + (plan.strategies.len() - place - 1) * guess);
        if let Some(found) = search.written() {
            strategies.push(found);
        }
        if steps.is_stopped() {
            break;
        }
    }
    (!strategies.is_empty()).then(|| Headroom {
        schema: SCHEMA.to_owned(),
        scenario: ScenarioName {
            name: model.name.clone(),
            digest: model.digest.clone(),
        },
        catalogue_date: model.catalogue_date.to_string(),
        gonogo_version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: plan.seed,
        estimator,
        months: plan.months,
        confidence: plan.confidence,
        stopped: steps.is_stopped(),
        strategies,
    })
}

impl Search<'_> {
    /// From 1x up, then from 1x down, in steps of half a decade.
    fn half_decades(&mut self, estimator: &mut String) {
        let step = 10.0_f64.sqrt();
        let mut ladder = vec![1.0_f64.clamp(self.plan.lowest, self.plan.highest)];
        let mut volume = 1.0;
        while volume * step < self.plan.highest * 1.01 {
            volume *= step;
            // Decades are round numbers.
            let decade = 10.0_f64.powf(volume.log10().round());
            let round = if (volume / decade - 1.0).abs() < 1e-6 {
                decade
            } else {
                volume
            };
            ladder.push(round.max(self.plan.lowest));
        }
        let upward = ladder.len();
        let mut volume = 1.0;
        while volume / step > self.plan.lowest * 0.99 {
            volume /= step;
            ladder.push(volume);
        }
        for (place, volume) in ladder.into_iter().enumerate() {
            if place < upward && self.ends.is_some() {
                continue;
            }
            if place < upward
                && let Some(needed) = self.too_much(volume)
            {
                self.ends = Some(format!(
                    "{}x and more would take {needed} million simulated requests a point",
                    rounded(volume)
                ));
                continue;
            }
            match self.look(volume) {
                Some(name) => *estimator = name,
                None => return,
            }
        }
    }

    /// Millions of requests that a volume would need, if that is too much.
    fn too_much(&self, volume: f64) -> Option<u64> {
        let (_, last) = self.seen.last_key_value()?;
        let needed = last.cell.requests_simulated as f64 * volume / last.cell.volume;
        (needed > self.plan.most_requests as f64).then(|| millions(needed))
    }

    /// Simulates a volume; the estimator's name, or `None` if it was stopped.
    fn look(&mut self, volume: f64) -> Option<String> {
        let mut plan = Plan::of(self.model);
        plan.strategies = vec![self.strategy];
        plan.volumes = vec![volume];
        plan.months = self.plan.months;
        plan.seed = self.plan.seed;
        plan.threads = self.plan.threads;
        plan.estimator = self.plan.estimator;
        let Outcome {
            mut study,
            mut by_month,
        } = self.steps.study(self.model, &plan)?;
        let cell = study.cells.pop()?;
        let values = by_month.pop()?;
        self.seen.insert(volume.to_bits(), Seen { cell, values });
        // A point is an answer: what is stopped from here on is written as far as it was seen.
        self.steps.answered();
        Some(study.estimator)
    }

    /// The months of one requirement over its limits, by volume.
    fn ratios(&self, requirement: usize) -> Vec<Ratios> {
        let Some((wanted, limits)) = self
            .requirements
            .get(requirement)
            .zip(self.limits.get(requirement))
        else {
            return Vec::new();
        };
        self.seen
            .values()
            .filter_map(|seen| {
                let values = seen.values.of(&wanted.metric)?;
                let by_month = values
                    .iter()
                    .enumerate()
                    .map(|(month, value)| {
                        value / limits.get(month / 2).copied().unwrap_or(f64::NAN)
                    })
                    .collect();
                let mut sorted = limits.clone();
                sorted.sort_unstable_by(f64::total_cmp);
                Some(Ratios {
                    volume: seen.cell.volume,
                    by_month,
                    windows: seen.values.window_se(&wanted.metric)
                        / crate::study::quantile(&sorted, 0.5),
                })
            })
            .collect()
    }

    /// Adds volumes around each edge until its neighbours are near.
    fn edges(&mut self) {
        for requirement in 0..self.requirements.len() {
            for step in 0..MOST_STEPS {
                let Some(found) = find(&self.ratios(requirement), self.plan.confidence) else {
                    break;
                };
                let Some(next) = next(&found, self.plan.tolerance, step) else {
                    break;
                };
                if self.too_much(next).is_some() || self.look(next).is_none() {
                    break;
                }
            }
        }
    }

    fn written(&self) -> Option<StrategyHeadroom> {
        if self.seen.is_empty() {
            return None;
        }
        let edges: Vec<Edge> = self
            .requirements
            .iter()
            .enumerate()
            .filter_map(|(index, requirement)| self.edge(index, requirement))
            .collect();
        let mut found = StrategyHeadroom {
            strategy: self.model.strategies.get(self.strategy)?.name.clone(),
            edges,
            binds: None,
            curve: self.seen.values().map(|seen| self.point(seen)).collect(),
            curve_ends: self.ends.clone(),
        };
        found.binds = found
            .first()
            .filter(|edge| edge.reach != Reach::Beyond)
            .and_then(|edge| self.bind(edge));
        Some(found)
    }

    fn edge(&self, index: usize, requirement: &Requirement) -> Option<Edge> {
        let Found {
            reach,
            volume,
            low,
            high,
            bracket,
        } = find(&self.ratios(index), self.plan.confidence)?;
        let mut limits = self.limits.get(index)?.clone();
        limits.sort_unstable_by(f64::total_cmp);
        Some(Edge {
            requirement: requirement.name.clone(),
            metric: requirement.metric.clone(),
            limit: crate::study::quantile(&limits, 0.5),
            reach,
            volume,
            low,
            high,
            bracket,
        })
    }

    fn point(&self, seen: &Seen) -> Point {
        let metric = |name: &str| seen.cell.metrics.get(name).copied();
        Point {
            volume: seen.cell.volume,
            cost_total: metric("cost.total"),
            cost_per_conversation: metric("cost.per_conversation"),
            latency_p95: metric("latency.p95"),
            failed: metric("rate.failed"),
            holds: (0..self.requirements.len())
                .map(|requirement| {
                    let ratios = self.ratios(requirement);
                    let here = ratios.iter().find(|it| it.volume == seen.cell.volume);
                    here.map_or(f64::NAN, Ratios::held)
                })
                .collect(),
            tightest: seen.cell.binding.first().cloned(),
            requests_simulated: seen.cell.requests_simulated,
        }
    }

    /// What is the matter at the volume where an edge was seen to break.
    fn bind(&self, edge: &Edge) -> Option<Bind> {
        let volume = edge.bracket.map_or(edge.volume, |(_, breaks)| breaks);
        let cell = &self.seen.get(&volume.to_bits())?.cell;
        let largest = |prefix: &str, least: f64, most: usize| {
            let mut list: Vec<(String, f64)> = cell
                .metrics
                .iter()
                .filter_map(|(name, metric)| {
                    let rest = name.strip_prefix(prefix)?;
                    (metric.mean > least).then(|| (rest.to_owned(), metric.mean))
                })
                .collect();
            list.sort_by(|a, b| b.1.total_cmp(&a.1));
            list.truncate(most);
            list
        };
        let mut lines = largest("cost.", 0.0, 32);
        let shares = ["total", "growth", "input_share", "at_full_service"];
        lines.retain(|(name, _)| !shares.contains(&name.as_str()) && !name.starts_with("per_"));
        lines.truncate(3);
        Some(Bind {
            requirement: edge.requirement.clone(),
            volume,
            limit: cell
                .binding
                .first()
                .filter(|binding| binding.utilisation >= TIGHT)
                .cloned(),
            failing: largest("failed.", 1e-6, 3),
            slow: largest("slow.", 0.01, 3),
            lines,
        })
    }
}

/// The next volume for an edge: just outside it on the side that is farther away, or the middle of the bracket when that
/// does not help; `None` if the bracket is narrow enough.
fn next(found: &Found, tolerance: f64, step: usize) -> Option<f64> {
    let (lower, upper) = found.bracket?;
    if upper / lower <= 1.0 + tolerance {
        return None;
    }
    let middle = (lower * upper).sqrt();
    if step % 3 == 2 {
        return Some(middle);
    }
    let (up, down) = (
        found.volume * (1.0 + tolerance / 3.0),
        found.volume / (1.0 + tolerance / 3.0),
    );
    let wanted = if upper / found.volume > found.volume / lower {
        up
    } else {
        down
    };
    let margin = 1.0 + tolerance / 10.0;
    let inside = wanted > lower * margin && wanted < upper / margin;
    Some(if inside { wanted } else { middle })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of requests, far below 2^63"
)]
fn millions(requests: f64) -> u64 {
    (requests * 1e-6).ceil() as u64
}

fn rounded(volume: f64) -> String {
    if volume >= 10.0 {
        format!("{volume:.0}")
    } else {
        format!("{volume:.1}")
    }
}
