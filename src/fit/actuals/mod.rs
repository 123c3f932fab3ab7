//! The month that really was against the months that were projected: where it fell, what explains the difference, and
//! which facts it changes.
//!
//! Both sides are brought to one form (`Spend`): calls, and for each model input tokens, the share of them that was read
//! from the prompt cache, output tokens, and dollars per token of each kind. The projection's tokens come out of the
//! simulator with prices exchanged: at one dollar a token and nothing for all other models, the lines of the bill *are*
//! the tokens (`projected`). The difference in dollars is then shared out among what differs (calls, tokens per call,
//! cache hits, the mix of models, prices, waste) by Shapley values (Shapley 1953): the mean, over all orders in which the
//! factors can be exchanged, of what each exchange changes. They sum to the difference exactly, in whatever order they
//! are named (`explain`).
//!
//! Only what providers bill by the token is compared; hosting, people and fixed lines are in no log.

mod explain;
mod projected;
mod propose;
mod usage;

use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::reading::log::Log;
use crate::scenario::Scenario;
use crate::study::{Plan, Watch};

pub use propose::{Proposal, apply};

/// The value of [`Actuals::schema`].
pub const SCHEMA: &str = "gonogo.actuals/1";

/// What really happened.
#[derive(Debug, Clone, Copy)]
pub enum Real<'a> {
    /// A log of requests, or a provider's export of usage or costs.
    Log(&'a Log),
    /// What was paid in all, US dollars.
    Total(f64),
}

/// A period against its projection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Actuals {
    /// [`SCHEMA`].
    pub schema: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Strategy and volume that it was compared with.
    pub strategy: String,
    /// Multiple of the launch volume.
    pub volume: f64,
    /// Days that the log or the bill covers.
    pub days: f64,
    /// What was paid in these days, US dollars.
    pub actual_usd: f64,
    /// Dollars came with the log; else they are its tokens at the scenario's prices.
    pub billed: bool,
    /// Mean of what was projected for as many days, US dollars.
    pub projected_usd: f64,
    /// The 5%, 50%, 80% and 95% quantiles of that.
    pub projected_quantiles_usd: [f64; 4],
    /// Simulated months behind them.
    pub months: usize,
    /// Share of projected months that were cheaper.
    pub percentile: f64,
    /// What explains actual less projected, the largest first; the dollars sum to it. Empty for a plain total.
    pub factors: Vec<Factor>,
    /// Facts that the period changes.
    pub proposals: Vec<Proposal>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// Something in which the period differs from its projection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// `volume`, `input_tokens`, `output_tokens`, `cache_hits`, `mix`, `price` or `waste`; without tokens, `usage`.
    pub name: String,
    /// What it was projected to be and what it was, in `unit`.
    pub projected: f64,
    /// What it was.
    pub actual: f64,
    /// The unit of both.
    pub unit: String,
    /// Its part of the difference, US dollars.
    pub usd: f64,
}

/// Calls and tokens of a period, and what they cost.
#[derive(Debug, Clone, PartialEq, Default)]
struct Spend {
    /// Calls to models.
    calls: f64,
    /// By model of the scenario, then of the log alone.
    models: Vec<ModelSpend>,
    /// US dollars burnt on attempts that nobody got an answer from.
    waste_usd: f64,
}

/// The same of one model.
#[derive(Debug, Clone, PartialEq, Default)]
struct ModelSpend {
    name: String,
    input: f64,
    cached: f64,
    output: f64,
    /// US dollars per token: input not from the cache, input from it, output.
    price: [f64; 3],
}

impl ModelSpend {
    fn usd(&self) -> f64 {
        let [plain, cached, output] = self.price;
        (self.input - self.cached) * plain + self.cached * cached + self.output * output
    }

    fn tokens(&self) -> f64 {
        self.input + self.output
    }
}

impl Spend {
    fn usd(&self) -> f64 {
        self.models.iter().map(ModelSpend::usd).sum::<f64>() + self.waste_usd
    }

    fn sum(&self, of: impl Fn(&ModelSpend) -> f64) -> f64 {
        self.models.iter().map(of).sum()
    }
}

/// Compares a period with its projection under the plan's first strategy and volume.
///
/// `days` is how long the period was, if known better than from the log's first and last request.
///
/// # Errors
/// In words, what the log or the scenario lacks. `Ok(None)` if the work was stopped.
pub fn actuals(
    scenario: &Scenario,
    model: &Model,
    plan: &Plan,
    real: Real<'_>,
    days: Option<f64>,
    watch: &dyn Watch,
) -> Result<Option<Actuals>, String> {
    let strategy = plan.strategies.first().copied().unwrap_or(0);
    let volume = plan.volumes.first().copied().unwrap_or(1.0);
    let Some(projected) = projected::of(model, strategy, volume, plan, watch) else {
        return Ok(None);
    };
    if projected.by_month.is_empty() || projected.spend.usd() <= 0.0 {
        return Err(
            "the scenario pays nothing by the token under this strategy: there is nothing to compare with a log or a provider's bill"
                .to_owned(),
        );
    }
    let month_days = f64::from(model.calendar.days);
    let days = match (days, real) {
        (Some(days), _) => days,
        (None, Real::Total(_)) => month_days,
        (None, Real::Log(log)) => usage::days(log),
    };
    let share = days / month_days;
    let expected = projected.spend.scaled(share);
    let mut notes = Vec::new();
    let (found, billed) = match real {
        Real::Total(usd) => {
            notes.push("A total alone does not tell why: a log, or a provider's export with tokens by model, would.".to_owned());
            (usage::Found::total(usd), true)
        }
        Real::Log(log) => {
            let found = usage::of(log, scenario, &expected, &mut notes)?;
            let billed = found.billed;
            (found, billed)
        }
    };
    let monthly: Vec<f64> = projected.by_month.iter().map(|usd| usd * share).collect();
    let quantile = |share: f64| super::quantile(&monthly, share);
    let cheaper = monthly.partition_point(|usd| *usd < found.usd);
    if days < 0.9 * month_days {
        notes.push(format!(
            "{days:.0} days are less than a month of {month_days:.0}: the projection is scaled to them, and a part of a month varies more than the whole of one."
        ));
    }
    let factors = match &found.spend {
        Some(spend) => explain::factors(&expected, spend),
        None if matches!(real, Real::Log(_)) => {
            vec![Factor {
                name: "usage".to_owned(),
                projected: expected.usd(),
                actual: found.usd,
                unit: "USD".to_owned(),
                usd: found.usd - expected.usd(),
            }]
        }
        None => Vec::new(),
    };
    let proposals = found.spend.as_ref().map_or_else(Vec::new, |spend| {
        propose::of(scenario, &expected, spend, real, days)
    });
    Ok(Some(Actuals {
        schema: SCHEMA.to_owned(),
        scenario: scenario.name.clone(),
        strategy: model
            .strategies
            .get(strategy)
            .map_or_else(String::new, |it| it.name.clone()),
        volume,
        days,
        actual_usd: found.usd,
        billed,
        projected_usd: expected.usd(),
        projected_quantiles_usd: [0.05, 0.5, 0.8, 0.95].map(quantile),
        months: monthly.len(),
        percentile: cheaper as f64 / monthly.len() as f64,
        factors,
        proposals,
        notes,
    }))
}

impl Spend {
    fn scaled(&self, share: f64) -> Self {
        let mut scaled = self.clone();
        scaled.calls *= share;
        scaled.waste_usd *= share;
        for model in &mut scaled.models {
            model.input *= share;
            model.cached *= share;
            model.output *= share;
        }
        scaled
    }
}
