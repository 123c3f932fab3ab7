use std::path::PathBuf;

use crate::analysis::sensitivity::{SensitivityPlan, sensitivity};
use crate::report::sensitivity_page;

use super::analysis::Common;
use super::simulate::{check_metrics, positive, share, strategy};
use super::{Answer, Failure, Terminal};

/// Which uncertain input moves the answer most, and what is worth measuring before deciding
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gonogo sensitivity                      cost and p95 of the cheapest strategy that holds, at 10x
  gonogo sensitivity --shake 20%          as if every exact fact could be off by a fifth
  gonogo sensitivity scenario.toml --strategy cached --volume 1 --metric rate.failed
  gonogo sensitivity --shake 20% --into study.json  so that check and report know the shares

Each fact is pinned at its 5% and at its 95% end, the rest as it is, with the same luck.")]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// Explain the metrics of this strategy instead of the cheapest that holds every promise
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// Multiple of today's volume
    #[arg(long, value_name = "N", default_value = "10", value_parser = positive)]
    volume: f64,
    /// Explain these metrics
    #[arg(long = "metric", value_delimiter = ',', value_name = "NAME,…", default_values = ["cost.total", "latency.p95"])]
    metrics: Vec<String>,
    /// Shake facts that are written as known exactly by this share, evenly to both sides: 20%
    #[arg(long, value_name = "SHARE", value_parser = share)]
    shake: Option<f64>,
    /// Facts that are looked at in full
    #[arg(long, value_name = "N", default_value_t = 12)]
    most: usize,
    /// Do not ask which facts would change the choice of strategy: only one strategy is simulated for each fact
    #[arg(long)]
    no_choice: bool,
    /// Put the shares into this study, where check and report find them; needs --shake, because what is assumed is exact
    #[arg(long, value_name = "STUDY", requires = "shake")]
    into: Option<PathBuf>,
}

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    check_metrics(&args.metrics)?;
    let mut asked = args.common.prepare()?;
    let known = args
        .into
        .as_deref()
        .map(super::check::parse_study)
        .transpose()?;
    if let Some(study) = &known
        && study.scenario.digest != asked.scenario.digest
    {
        return Err(Failure::input(
            format!("the study is of another scenario, {}", study.scenario.name),
            "simulate again: gonogo simulate scenario.toml --json -o study.json",
        ));
    }
    if args.shake.is_some() {
        asked.model = super::simulate::compile_shaken(&asked.scenario, args.shake)?;
    }
    let mut plan = SensitivityPlan::of(&asked.model);
    plan.strategies = asked.strategies;
    plan.chosen = args
        .strategy
        .as_deref()
        .map(|name| strategy(&asked.model, name))
        .transpose()?;
    plan.volume = args.volume;
    plan.metrics = args.metrics;
    plan.months = args.common.months.unwrap_or(plan.months);
    plan.seed = asked.seed;
    plan.threads = asked.threads;
    plan.estimator = asked.estimator;
    plan.most = args.most;
    plan.choice = !args.no_choice;
    let (found, answer) = args
        .common
        .run(terminal, |watch| sensitivity(&asked.model, &plan, watch))?;
    if let (Some(mut study), Some(path)) = (known, &args.into) {
        let new = found.for_study();
        study.sensitivity.retain(|old| {
            !new.iter()
                .any(|it| it.strategy == old.strategy && it.metric == old.metric)
        });
        study.sensitivity.extend(new);
        let text = serde_json::to_string(&study)
            .map_err(|error| Failure::system("writing JSON", error.into()))?;
        terminal.write(Some(path), &(text + "\n"))?;
    }
    args.common
        .print(terminal, &found, || sensitivity_page(&found))?;
    Ok(answer)
}
