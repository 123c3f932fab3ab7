use std::path::PathBuf;

use crate::fit::actuals::{Real, actuals, apply};
use crate::reading::log::{Field, Hints, Preset};
use crate::report::actuals_page;
use crate::study::{Plan, Precision};

use super::analysis::Common;
use super::fit::{mapped, preset, read_log};
use super::{Answer, Failure, Terminal};

/// After launch: where a real month fell in the projection, what explains the difference, and the facts it changes
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gonogo actuals scenario.toml --log december.csv.gz              a gateway's log, or a provider's export of usage and costs
  gonogo actuals scenario.toml --log usage.json --days 31 --json
  gonogo actuals scenario.toml --total 41_870                     the bill alone: where it fell, not why
  gonogo actuals scenario.toml --log december.csv.gz --write      puts the updated facts into the scenario

Only what is billed by the token is compared; hosting, people and fixed lines are in no log. The strategy is the
scenario's first unless --strategies names another; the volume its first unless --volume says which.")]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// Logs or exports: CSV, JSON lines or OTLP-JSON, plain or gzip
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "FILE,…",
        conflicts_with = "total",
        required_unless_present = "total"
    )]
    log: Vec<PathBuf>,
    /// What the month's tokens cost in all, US dollars
    #[arg(long, value_name = "USD", value_parser = super::forecast::dollars)]
    total: Option<f64>,
    /// Days that the log or the bill covers, instead of those from its first row to its last
    #[arg(long, value_name = "N", value_parser = days)]
    days: Option<f64>,
    /// Multiple of the launch volume to compare with
    #[arg(long, value_name = "V", value_parser = days)]
    volume: Option<f64>,
    /// Columns by field, such as `cost=amount_usd,input_tokens=in`
    #[arg(long, value_delimiter = ',', value_name = "FIELD=COLUMN,…", value_parser = mapped)]
    map: Vec<(Field, String)>,
    /// Which export it is, as for `gonogo fit`
    #[arg(long, value_parser = preset)]
    preset: Option<&'static Preset>,
    /// Write the updated facts into the scenario; comments and order stay
    #[arg(long)]
    write: bool,
}

fn days(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => Err("expected a number above 0".to_owned()),
    }
}

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let asked = args.common.prepare()?;
    let log = if args.log.is_empty() {
        None
    } else {
        let hints = Hints {
            map: args.map.clone(),
            preset: args.preset,
            ..Hints::default()
        };
        Some(read_log(&args.log, &hints, terminal)?)
    };
    let real = log
        .as_ref()
        .map_or_else(|| Real::Total(args.total.unwrap_or(0.0)), Real::Log);
    let mut plan = Plan::of(&asked.model);
    plan.strategies.clone_from(&asked.strategies);
    if let Some(volume) = args.volume {
        plan.volumes = vec![volume];
    }
    // Fewer months leave the projection's own error in the difference.
    match args.common.months {
        Some(months) => plan.months = months,
        None => plan.precision = Some(Precision::default()),
    }
    (plan.seed, plan.threads, plan.estimator) = (asked.seed, asked.threads, asked.estimator);
    let mut failed = None;
    let found = args.common.run(terminal, |watch| {
        actuals(&asked.scenario, &asked.model, &plan, real, args.days, watch).unwrap_or_else(
            |words| {
                failed = Some(words);
                None
            },
        )
    });
    if let Some(words) = failed {
        return Err(Failure::input(
            words,
            "see docs/actuals.md for what can be compared",
        ));
    }
    let (found, answer) = found?;
    args.common
        .print(terminal, &found, || actuals_page(&found))?;
    if args.write {
        let Some(file) = args.common.file() else {
            return Err(Failure::input(
                "there is no scenario file to write to",
                "write the embedded scenario to a file first: `gonogo init`",
            ));
        };
        let source = args
            .log
            .first()
            .and_then(|path| path.file_name())
            .map_or_else(
                || "actuals".to_owned(),
                |name| name.to_string_lossy().into_owned(),
            );
        let text = apply(&asked.scenario.source.text, &found.proposals, &source)
            .map_err(|words| Failure::input(words, "change the facts that are shown by hand"))?;
        terminal.write(Some(&file), &text)?;
        terminal.note(&format!(
            "{} facts written to {}",
            found.proposals.len(),
            file.display()
        ));
    }
    Ok(answer)
}
