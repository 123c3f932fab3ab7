use crate::analysis::headroom::{HeadroomPlan, headroom};
use crate::report::headroom_page;

use super::analysis::Common;
use super::simulate::positive;
use super::{Answer, Failure, Terminal};

/// How far volume can grow until each promise or the budget breaks, and what binds first
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gonogo headroom                                  the embedded support chatbot, every strategy
  gonogo headroom scenario.toml --strategies cached --from 1 --to 100
  gonogo headroom --months 100 --confidence 0.9 --json -o headroom.json

Every month has a volume of its own at which it breaks a promise; the edge is the volume that the
asked share of months reaches. In brackets its 95% interval.")]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// The smallest multiple of today's volume
    #[arg(long, value_name = "N", default_value = "0.1", value_parser = positive)]
    from: f64,
    /// The largest multiple of today's volume
    #[arg(long, value_name = "N", default_value = "1000", value_parser = positive)]
    to: f64,
    /// Share of months that must hold, instead of the scenario's
    #[arg(long, value_name = "SHARE", value_parser = super::simulate::share)]
    confidence: Option<f64>,
    /// How near the volumes around an edge must be
    #[arg(long, value_name = "SHARE", default_value = "5%", value_parser = super::simulate::share)]
    tolerance: f64,
    /// Leave out volumes that need more simulated requests than this
    #[arg(long, value_name = "N", default_value_t = 100_000_000)]
    most_requests: u64,
}

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let asked = args.common.prepare()?;
    if args.from > args.to {
        return Err(Failure::input(
            format!("--from {} is above --to {}", args.from, args.to),
            "the smaller multiple first",
        ));
    }
    let mut plan = HeadroomPlan::of(&asked.model);
    plan.strategies = asked.strategies;
    plan.months = args.common.months.unwrap_or(plan.months);
    plan.seed = asked.seed;
    plan.threads = asked.threads;
    plan.estimator = asked.estimator;
    plan.confidence = args.confidence.unwrap_or(plan.confidence);
    plan.lowest = args.from;
    plan.highest = args.to;
    plan.tolerance = args.tolerance;
    plan.most_requests = args.most_requests;
    let (found, answer) = args
        .common
        .run(terminal, |watch| headroom(&asked.model, &plan, watch))?;
    args.common
        .print(terminal, &found, || headroom_page(&found))?;
    Ok(answer)
}
