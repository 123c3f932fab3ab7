use std::path::PathBuf;

use crate::analysis::compare::{ComparePlan, WATERFALLS, compare};
use crate::report::comparison_page;
use crate::study::Precision;

use super::minute::{A_MINUTE, Minute};
use super::{Answer, Failure, Terminal};

/// Two strategies side by side, month by month, and what each mechanism saved or cost on the way from one to the other
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gonogo compare baseline cached+tiered
  gonogo compare cached+tiered resilient --volume 10
  gonogo compare baseline tiered scenario.toml --metric cost.total,rate.wrong --json -o c.json

Both strategies meet the same months, with the same facts and luck, so small differences show.
What a mechanism did is its Shapley value: the order in which mechanisms come in does not matter,
and they sum to the difference.")]
pub struct Args {
    /// The strategy to start from
    a: String,
    /// The strategy to arrive at
    b: String,
    /// Scenario file; without one, `scenario.toml` in this folder, else the embedded support chatbot
    scenario: Option<PathBuf>,
    /// Multiple of the launch volume
    #[arg(long, value_name = "N", default_value = "1", value_parser = super::simulate::positive)]
    volume: f64,
    /// Show the way of these metrics from A to B
    #[arg(long = "metric", value_delimiter = ',', value_name = "NAME,…")]
    metrics: Vec<String>,
    /// Simulated months, however long that takes; else as many as a minute allows, or the default precision needs
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    months: Option<u32>,
    /// Only the differences: what each mechanism did is not worked out
    #[arg(long)]
    no_waterfall: bool,
    /// Seed of all randomness, instead of the scenario's
    #[arg(long)]
    seed: Option<u64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write what is printed to this file instead
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let scenario = super::simulate::load(args.scenario.as_deref())?;
    let model = super::simulate::compile(&scenario)?;
    let (a, b) = (
        super::simulate::strategy(&model, &args.a)?,
        super::simulate::strategy(&model, &args.b)?,
    );
    super::simulate::check_metrics(&args.metrics)?;
    if let Some(path) = &args.output {
        super::terminal::check_writable(path)?;
    }
    let mut plan = ComparePlan {
        volume: args.volume,
        ..ComparePlan::of(&model, a, b)
    };
    plan.study.threads = super::simulate::all_threads();
    plan.study.seed = args.seed.unwrap_or(plan.study.seed);
    plan.study.months = args.months.unwrap_or(plan.study.months);
    if args.months.is_none() {
        plan.study.precision = Some(Precision::default());
    }
    plan.waterfalls = if args.no_waterfall {
        Vec::new()
    } else if args.metrics.is_empty() {
        WATERFALLS.map(str::to_owned).to_vec()
    } else {
        args.metrics.clone()
    };
    let limit = args.months.is_none().then_some(A_MINUTE);
    let watch = Minute::until_interrupted(limit, terminal.shows_progress() && !args.json);
    let Some(found) = watch.over(|| compare(&model, &plan, &watch)) else {
        if watch.interrupted() {
            return Err(Failure::Interrupted);
        }
        return Err(Failure::input(
            "nothing was compared",
            "give it time for two months of every strategy: --months 2",
        ));
    };
    let text = if args.json {
        let mut text = serde_json::to_string(&found)
            .map_err(|error| Failure::system("writing JSON", error.into()))?;
        text.push('\n');
        text
    } else {
        comparison_page(&scenario.name, &found, &args.metrics)
    };
    terminal.write(args.output.as_deref(), &text)?;
    Ok(Answer::Yes.unless_interrupted(&watch))
}
