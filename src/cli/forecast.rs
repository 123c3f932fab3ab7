use std::path::Path;

use crate::analysis::forecast::{ForecastPlan, Months, forecast};
use crate::prices::Catalogue;
use crate::quantity::{Law, Quantity, Shape};
use crate::report::forecast_page;

use super::analysis::Common;
use super::{Answer, Failure, Terminal};

/// The months to come: a budget with its uncertainty, when it runs out, and when switching pays
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gonogo forecast                                  twelve months of the embedded support chatbot
  gonogo forecast --strategies baseline,resilient --growth \"2% to 8%\" --ramp 3
  gonogo forecast scenario.toml --for 24 --prices-fall 30% --budget 400000
  gonogo forecast --json -o forecast.json

Growth is the scenario's growth_per_month; prices that are announced for a date change on it. What
models cost once (one_off) is paid at the start. The first strategy is the one that others are
compared with.")]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// Months to come
    #[arg(long = "for", value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=120))]
    ahead: u32,
    /// Growth of traffic per month instead of the scenario's: 5%, or a 90% range, "2% to 8%"
    #[arg(long, value_name = "RATE", value_parser = growth)]
    growth: Option<Law>,
    /// Months until the launch volume is reached, in equal steps
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=60))]
    ramp: u32,
    /// Token prices fall by this share a year, beside what is announced
    #[arg(long, value_name = "SHARE", value_parser = super::simulate::share)]
    prices_fall: Option<f64>,
    /// US dollars at the start, for every strategy
    #[arg(long, value_name = "USD", default_value_t = 0.0, value_parser = dollars)]
    one_off: f64,
    /// US dollars for all months, instead of the scenario's budget at 1x month by month
    #[arg(long, value_name = "USD", value_parser = dollars)]
    budget: Option<f64>,
    /// Possible futures
    #[arg(long, value_name = "N", default_value_t = 4000, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    paths: u32,
}

pub(super) fn dollars(text: &str) -> Result<f64, String> {
    let bare = text.trim().trim_start_matches('$').replace(['_', ','], "");
    match bare.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
        _ => Err("expected US dollars, such as 120000".to_owned()),
    }
}

/// `5%`, `0.05`, or a range with 90% between its ends as in a scenario, `2% to 8%`: growth may be negative.
fn growth(text: &str) -> Result<Law, String> {
    let wrong = || "expected a rate such as 5% or \"2% to 8%\"".to_owned();
    let rate = |text: &str| {
        let (number, scale) = match text.trim().strip_suffix('%') {
            Some(percent) => (percent, 0.01),
            None => (text.trim(), 1.0),
        };
        let rate = number.trim().parse::<f64>().map_err(|_| wrong())? * scale;
        if rate > -1.0 && rate < 10.0 {
            Ok(rate)
        } else {
            Err(wrong())
        }
    };
    let Some((low, high)) = text.split_once(" to ") else {
        return rate(text).map(Law::constant);
    };
    let (lo, hi) = (rate(low)?, rate(high)?);
    let range = Quantity::of(Shape::Range90 { lo, hi });
    range
        .law(&mut |_| f64::NAN)
        .map_err(|error| error.to_string())
}

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let asked = args.common.prepare()?;
    let folder = asked.scenario.folder.as_deref().unwrap_or(Path::new("."));
    let catalogue = Catalogue::in_folder(folder).map_err(|error| {
        Failure::input(
            error.to_string(),
            "import the prices again with `gonogo prices import`",
        )
    })?;
    let months = Months::compile(&asked.scenario, &catalogue, args.ahead)?;
    let mut plan = ForecastPlan::of(&asked.model);
    plan.strategies = asked.strategies;
    plan.growth = args.growth;
    plan.ramp = args.ramp;
    plan.prices_fall = args.prices_fall.unwrap_or(0.0);
    plan.one_off = args.one_off;
    plan.budget = args.budget;
    plan.months = args.common.months.unwrap_or(plan.months);
    plan.paths = args.paths;
    plan.seed = asked.seed;
    plan.threads = asked.threads;
    plan.estimator = asked.estimator;
    let (found, answer) = args
        .common
        .run(terminal, |watch| forecast(&months, &plan, watch))?;
    args.common
        .print(terminal, &found, || forecast_page(&found))?;
    Ok(answer)
}
