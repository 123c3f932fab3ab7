//! A forecast as a table of months and sentences.

use std::fmt::Write as _;

use crate::analysis::forecast::{Coming, Forecast, StrategyForecast, Switch};

use super::super::numbers::{percent, usd};
use super::super::table::{aligned, wrapped};
use super::times;

/// The whole page: the months of each strategy, when switching pays, sentences.
#[must_use]
pub fn forecast_page(forecast: &Forecast) -> String {
    let mut text = format!(
        "{}: {} months from {} ({} possible futures, {} simulated months a volume, prices of {}, seed {})\n",
        crate::reading::harmless(&forecast.scenario.name),
        forecast.months.len(),
        forecast
            .months
            .first()
            .map_or("–", |month| month.starts.as_str()),
        forecast.paths,
        forecast.simulated_months,
        forecast.catalogue_date,
        forecast.seed,
    );
    for strategy in &forecast.strategies {
        let _ = writeln!(text, "\n`{}`", strategy.strategy);
        text.push_str(&months(
            &forecast.months,
            strategy,
            forecast.budget.is_some(),
        ));
    }
    if !forecast.switches.is_empty() {
        text.push_str("\nSwitching\n");
        text.push_str(&switching(&forecast.switches));
    }
    text.push_str("\nWhat stands out\n");
    for sentence in sentences(forecast) {
        text.push_str(&wrapped(&crate::reading::harmless(&sentence)));
    }
    text.push_str("\nAssumed\n");
    for assumed in &forecast.assumed {
        text.push_str(&wrapped(assumed));
    }
    text
}

fn months(coming: &[Coming], strategy: &StrategyForecast, budgeted: bool) -> String {
    let mut heads = vec![
        "month",
        "volume",
        "P10",
        "P50",
        "P80",
        "P95",
        "so far P50",
        "P80",
        "P95",
    ];
    if budgeted {
        heads.push("runs out");
    }
    let mut rows = vec![heads.into_iter().map(str::to_owned).collect::<Vec<_>>()];
    for (month, spend) in coming.iter().zip(&strategy.months) {
        let mark = if month.new_prices { " new prices" } else { "" };
        let mut row = vec![format!("{}{mark}", month.starts), times(month.volume.1)];
        row.extend(
            [
                spend.month.p10,
                spend.month.p50,
                spend.month.p80,
                spend.month.p95,
            ]
            .map(usd),
        );
        row.extend(
            [
                spend.cumulative.p50,
                spend.cumulative.p80,
                spend.cumulative.p95,
            ]
            .map(usd),
        );
        if budgeted {
            row.push(percent(spend.runs_out));
        }
        rows.push(row);
    }
    aligned(&rows)
}

fn switching(switches: &[Switch]) -> String {
    let heads = [
        "to",
        "upfront",
        "saves in all",
        "± se",
        "P10",
        "P95",
        "pays",
        "± se",
        "paid back by month",
        "cheaper from",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for it in switches {
        let month = |month: Option<u32>| {
            month.map_or_else(|| "never".to_owned(), |month| month.to_string())
        };
        rows.push(vec![
            it.to.clone(),
            usd(it.upfront),
            usd(it.saves.mean),
            usd(it.saves.se),
            usd(it.saves.p10),
            usd(it.saves.p95),
            percent(it.pays.0),
            percent(it.pays.1),
            format!(
                "{} ({} to {})",
                month(it.month.1),
                month(it.month.0),
                month(it.month.2)
            ),
            it.cheaper_from.map_or_else(|| "–".to_owned(), times),
        ]);
    }
    aligned(&rows)
}

/// The sentences that name one strategy.
pub(super) fn sentences_of(forecast: &Forecast, strategy: &str) -> Vec<String> {
    let name = format!("`{strategy}`");
    let mut list = sentences(forecast);
    list.retain(|sentence| sentence.contains(&name));
    list.extend(forecast.assumed.iter().map(|it| format!("Assumed: {it}.")));
    list
}

fn sentences(forecast: &Forecast) -> Vec<String> {
    let mut list = Vec::new();
    let count = forecast.months.len();
    for strategy in &forecast.strategies {
        let total = &strategy.total;
        list.push(format!(
            "`{}` costs {} over {count} months (80% sure: at most {}; 95%: {} ± {}){}.",
            strategy.strategy,
            usd(total.p50),
            usd(total.p80),
            usd(total.p95),
            usd(total.p95_se),
            if strategy.one_off > 0.0 {
                format!(", {} of it at the start", usd(strategy.one_off))
            } else {
                String::new()
            }
        ));
        if let (Some(budget), Some((chance, se))) = (forecast.budget, strategy.runs_out)
            && chance > 0.0
        {
            list.push(format!(
                "With `{}` the budget of {} runs out in {} ± {} of futures, typically in month {}. A budget of {} would last with 95% confidence.",
                strategy.strategy,
                usd(budget),
                percent(chance),
                percent(se),
                strategy.runs_out_in.unwrap_or(0),
                usd(total.p95)
            ));
        } else if let (Some(budget), Some(_)) = (forecast.budget, strategy.runs_out) {
            list.push(format!(
                "With `{}` the budget of {} lasts in all {} futures.",
                strategy.strategy,
                usd(budget),
                super::super::numbers::count(f64::from(forecast.paths))
            ));
        }
    }
    match forecast.budget {
        None => list.push("No budget is known, so none can run out: `\"1x\"` in [budget], or --budget for all months.".to_owned()),
        Some(budget) if forecast.strategies.iter().all(|it| it.runs_out.is_some_and(|(chance, _)| chance > 0.05)) => {
            if let Some(least) = forecast.strategies.iter().min_by(|a, b| a.total.p95.total_cmp(&b.total.p95)) {
                list.push(format!(
                    "No strategy stays within {} with 95% confidence; the nearest is `{}`, which lacks {}. A cheaper setting (`gonogo optimize`){} would help most.",
                    usd(budget),
                    least.strategy,
                    usd((least.total.p95 - budget).max(0.0)),
                    if grows(&forecast.months) { " or slower growth" } else { "" }
                ));
            }
        }
        Some(_) => {}
    }
    list.extend(forecast.switches.iter().map(pays));
    for month in forecast.months.iter().filter(|month| month.new_prices) {
        list.push(format!(
            "Announced prices take effect in the month of {}.",
            month.starts
        ));
    }
    if forecast.stopped {
        list.push(format!(
            "It was stopped early: {} months were simulated at every volume, so spreads are rougher than they need be.",
            forecast.simulated_months
        ));
    }
    list
}

/// Whether traffic ends above today's.
fn grows(months: &[Coming]) -> bool {
    months.last().is_some_and(|month| month.volume.2 > 1.01)
}

fn pays(switch: &Switch) -> String {
    let from = switch.cheaper_from.map_or_else(String::new, |volume| {
        format!(
            " By the month it is the cheaper one from {} on.",
            times(volume)
        )
    });
    match switch.month.1 {
        Some(1) if switch.upfront <= 0.0 => format!(
            "`{}` is cheaper than `{}` from the first month, by {} in all.{from}",
            switch.to,
            switch.from,
            usd(switch.saves.mean)
        ),
        Some(month) if switch.upfront <= 0.0 => format!(
            "From month {month} on `{}` has cost less in all than `{}` in half of all futures, and by the end in {}: {} less on average.{from}",
            switch.to,
            switch.from,
            percent(switch.pays.0),
            usd(switch.saves.mean)
        ),
        Some(month) => format!(
            "Moving from `{}` to `{}` has paid for its {} by month {month} in half of all futures, and by the end in {}.{from}",
            switch.from,
            switch.to,
            usd(switch.upfront),
            percent(switch.pays.0)
        ),
        None => format!(
            "Moving from `{}` to `{}` does not pay within these months in most futures: it costs {} more on average{}.{from}",
            switch.from,
            switch.to,
            usd(-switch.saves.mean),
            if switch.pays.0 > 0.0 {
                format!(", and pays in {}", percent(switch.pays.0))
            } else {
                String::new()
            }
        ),
    }
}
