//! What was projected, in tokens by model: studies with prices exchanged.

use crate::model::{Model, Num, Pricing};
use crate::study::{ByMonth, Plan, Watch, estimate};

use super::{ModelSpend, Spend};

/// A projection.
pub(super) struct Projected {
    /// The mean month.
    pub(super) spend: Spend,
    /// What each month cost by the token, sorted.
    pub(super) by_month: Vec<f64>,
}

/// Lines of the bill that are paid by the token: plain input and writes, reads, output.
const INPUT: [&str; 2] = ["cost.input", "cost.cache_write"];
const CACHED: [&str; 1] = ["cost.cached_input"];
const OUTPUT: [&str; 2] = ["cost.output", "cost.reasoning"];

/// Simulates a strategy at a volume: once as it is, and twice for each model that is paid by the token. `None` if it was
/// stopped.
pub(super) fn of(
    model: &Model,
    strategy: usize,
    volume: f64,
    plan: &Plan,
    watch: &dyn Watch,
) -> Option<Projected> {
    let plan = Plan {
        strategies: vec![strategy],
        volumes: vec![volume],
        ..plan.clone()
    };
    let run = |model: &Model| estimate(model, &plan, watch)?.by_month.into_iter().next();
    let base = run(model)?;
    let mut spend = Spend {
        calls: mean(&base, &["calls"]),
        models: Vec::new(),
        waste_usd: mean(&base, &["cost.wasted"]),
    };
    let uses = model
        .strategies
        .get(strategy)
        .map_or(&[][..], |it| it.uses.as_slice());
    for (index, server) in model.models.iter().enumerate() {
        let mut found = ModelSpend {
            name: server.name.clone(),
            ..ModelSpend::default()
        };
        if uses.contains(&index) && server.hosting.is_none() {
            let tokens = run(&priced(model, index, Some(1e6)))?;
            let dollars = run(&priced(model, index, None))?;
            let (plain, cached) = (mean(&tokens, &INPUT), mean(&tokens, &CACHED));
            found.input = plain + cached;
            found.cached = cached;
            found.output = mean(&tokens, &OUTPUT);
            let listed = listed(server);
            let each = |lines: &[&str], tokens: f64, listed: f64| {
                if tokens > 0.0 {
                    mean(&dollars, lines) / tokens
                } else {
                    listed
                }
            };
            found.price = [
                each(&INPUT, plain, listed[0]),
                each(&CACHED, cached, listed[1]),
                each(&OUTPUT, found.output, listed[2]),
            ];
        } else {
            found.price = listed(server);
        }
        spend.models.push(found);
    }
    let months = base.of("cost.input").map_or(0, <[f64]>::len);
    let mut by_month: Vec<f64> = (0..months)
        .map(|month| {
            INPUT
                .iter()
                .chain(&CACHED)
                .chain(&OUTPUT)
                .chain(&["cost.wasted"])
                .filter_map(|line| base.of(line)?.get(month).copied())
                .sum()
        })
        .collect();
    by_month.sort_by(f64::total_cmp);
    Some(Projected { spend, by_month })
}

/// The sum of some lines, mean over months.
fn mean(cell: &ByMonth, lines: &[&str]) -> f64 {
    lines
        .iter()
        .filter_map(|line| cell.of(line))
        .map(|months| months.iter().sum::<f64>() / months.len().max(1) as f64)
        .sum()
}

/// The model with all prices nothing but those of one: its own, or so many dollars per million tokens of any kind.
fn priced(model: &Model, index: usize, usd: Option<f64>) -> Model {
    let mut model = model.clone();
    for (place, server) in model.models.iter_mut().enumerate() {
        if server.hosting.is_some() || (place == index && usd.is_none()) {
            continue;
        }
        let price = Num::Exact(if place == index {
            usd.unwrap_or(0.0)
        } else {
            0.0
        });
        server.discount = Num::Exact(0.0);
        server.price = Pricing::Own {
            input: price,
            output: price,
            cached_input: price,
            cache_write: price,
            batch: Num::Exact(1.0),
        };
    }
    model
}

/// Listed prices per token, for tokens of which none were projected.
fn listed(server: &crate::model::Server) -> [f64; 3] {
    let exact = |num: &Num| match num {
        Num::Exact(it) => Some(*it),
        Num::Fact(_) => None,
    };
    let [plain, cached, output] = match &server.price {
        Pricing::Catalogue { tiers, .. } => tiers.first().map_or([0.0; 3], |(_, tariff)| {
            let price = tariff.rates_at(0.0).tier(0.0);
            [price.input, price.cached_input, price.output]
        }),
        // A price that is not known for certain: what is read from the cache is then priced as plain input.
        Pricing::Own {
            input,
            output,
            cached_input,
            ..
        } => {
            let plain = exact(input).unwrap_or(0.0);
            let cached = exact(cached_input).unwrap_or(plain);
            [plain, cached, exact(output).unwrap_or(0.0)].map(|usd| usd * 1e-6)
        }
        Pricing::Hosted => [0.0; 3],
    };
    let factor = 1.0 - exact(&server.discount).unwrap_or(0.0);
    [plain * factor, cached * factor, output * factor]
}
