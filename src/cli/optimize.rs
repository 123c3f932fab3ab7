use std::path::Path;
use std::time::Duration;

use crate::analysis::optimize::{Goal, OptimizePlan, Space, optimize};
use crate::prices::Catalogue;
use crate::report::optimize_page;

use super::analysis::Common;
use super::simulate::{positive, share, strategy};
use super::{Answer, Failure, Terminal};

/// The cheapest setting that holds every promise with the asked confidence, or the fastest within the budget
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gonogo optimize                              the knobs of the embedded support chatbot, at 10x
  gonogo optimize scenario.toml --volume 1 --goal fastest --budget 12000
  gonogo optimize scenario.toml --strategies cached,resilient --write
  gonogo optimize --json -o best.json
  gonogo optimize --time 10m                   it stops after a minute unless it may take longer

The knobs are those of the scenario's [optimize] table:

  [optimize]
  \"strategies.cached.response_cache.ttl_h\" = { from = 1, to = 72 }
  \"strategies.cached.route\" = [\"large\", \"small\"]")]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// Multiple of today's volume
    #[arg(long, value_name = "N", default_value = "10", value_parser = positive)]
    volume: f64,
    /// What is best
    #[arg(long, value_enum, default_value = "cheapest")]
    goal: Wanted,
    /// US dollars a month that --goal fastest may spend, instead of the scenario's budget at this volume
    #[arg(long, value_name = "USD", value_parser = super::forecast::dollars)]
    budget: Option<f64>,
    /// Share of months that must hold, instead of the scenario's
    #[arg(long, value_name = "SHARE", value_parser = share)]
    confidence: Option<f64>,
    /// Levels that are tried of a range
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u16).range(2..=1000))]
    steps: u16,
    /// Write the best setting into the scenario file; comments and everything else stay
    #[arg(long)]
    write: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Wanted {
    /// The lowest cost among settings that hold every promise
    Cheapest,
    /// The lowest p95 among settings within the budget
    Fastest,
}

/// Thousands of settings at ten times the volume take many minutes; most of what can be gained is found in the first.
const PATIENCE: Duration = Duration::from_mins(1);

pub fn run(mut args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    args.common.time.get_or_insert(PATIENCE);
    let asked = args.common.prepare()?;
    let file = args.common.file();
    if args.write && file.is_none() {
        return Err(Failure::input(
            "there is no file to write to: the scenario is the embedded one",
            "name a scenario file; `gonogo init` writes one",
        ));
    }
    if asked.scenario.optimize.is_empty() {
        return Err(Failure::input(
            "the scenario has no [optimize] table: nothing may be turned",
            "name a field and what it may be: [optimize] \"strategies.NAME.timeout_s\" = { from = 5, to = 60 }",
        ));
    }
    for name in args.common.strategy_names() {
        strategy(&asked.model, name)?;
    }
    let space = Space::of(
        &asked.scenario,
        args.common.strategy_names(),
        usize::from(args.steps),
    );
    if space.is_empty() {
        return Err(Failure::input(
            "no knob of [optimize] turns anything of these strategies",
            "name others with --strategies, or add a field of theirs to [optimize]",
        ));
    }
    if let Some((why, way_out)) = space.turns_nothing() {
        return Err(Failure::input(why, way_out));
    }
    let mut plan = OptimizePlan::of(&asked.model);
    plan.goal = match args.goal {
        Wanted::Cheapest => Goal::Cheapest,
        Wanted::Fastest => Goal::Fastest,
    };
    plan.volume = args.volume;
    plan.budget = args.budget;
    let budgeted = asked
        .model
        .budget
        .iter()
        .any(|(volume, _)| *volume == args.volume);
    if plan.goal == Goal::Fastest && args.budget.is_none() && !budgeted {
        return Err(Failure::input(
            format!("there is no budget at {}x", args.volume),
            "name one with --budget, or write it into [budget]",
        ));
    }
    plan.confidence = args.confidence.unwrap_or(plan.confidence);
    plan.months = args.common.months.unwrap_or(plan.months);
    plan.seed = asked.seed;
    plan.threads = asked.threads;
    plan.estimator = asked.estimator;
    let folder = asked.scenario.folder.as_deref().unwrap_or(Path::new("."));
    let catalogue = Catalogue::in_folder(folder).map_err(|error| {
        Failure::input(
            error.to_string(),
            "import the prices again with `gonogo prices import`",
        )
    })?;
    let (found, answer) = args.common.run(terminal, |watch| {
        optimize(&asked.scenario, &catalogue, &space, &plan, watch)
    })?;
    let whole = answer == Answer::Yes;
    if let (true, Some(best), Some(path)) = (args.write && whole, &found.best, &file) {
        terminal.write(Some(path), &best.applied(&asked.scenario))?;
    }
    args.common
        .print(terminal, &found, || optimize_page(&found))?;
    Ok(if found.best.is_some() || !whole {
        answer
    } else {
        Answer::No
    })
}
