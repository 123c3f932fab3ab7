use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::model::{self, Model};
use crate::prices::Catalogue;
use crate::report::{drill_page, findings, metric_table, study_table, wrapped};
use crate::scenario::{self, Scenario};
use crate::study::{
    Cell, Estimator, MOST_MONTHS, Outcome, Part, Plan, Precision, Study, Unwatched, estimate,
    merge, metrics, run_part,
};

use super::minute::{A_MINUTE, Minute};
use super::{Answer, Failure, Terminal};

/// What a month costs, how slow the slowest 5% are and how often it fails, for each strategy at 1x and at 10x
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gonogo simulate                                      the embedded support chatbot
  gonogo simulate scenario.toml --strategies baseline,cached --volumes 1,10
  gonogo simulate scenario.toml --months 40 --json -o study.json
  gonogo simulate scenario.toml --time 10s             the best answer that ten seconds buy
  gonogo simulate scenario.toml --fail-on slo          exit status 1 if a promise is broken
  gonogo simulate --months 200 --part 3/16 -o part-3.json
  gonogo simulate --months 200 --merge part-*.json     what one process would have given

Months are estimated from windows of them, as many as the precision asks; with --exact, every request of every month
is run, for a minute unless --months says how many. The same scenario, seed and number of months give the same bytes
of JSON, whatever the threads.")]
pub struct Args {
    /// Scenario file; without one, `scenario.toml` in this folder, else the embedded support chatbot
    scenario: Option<PathBuf>,
    /// Only these strategies, by name
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    strategies: Vec<String>,
    /// These volumes instead of the scenario's, as multiples of the launch volume
    #[arg(long, value_delimiter = ',', value_name = "N,…", value_parser = positive)]
    volumes: Vec<f64>,
    /// Simulated months per strategy and volume, however long that takes
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    months: Option<u32>,
    /// Stop as soon as cost.total is known to this standard error, and the rest accordingly (default 1%)
    #[arg(long, value_parser = share, value_name = "SHARE", conflicts_with = "months")]
    precision: Option<f64>,
    /// The best answer that this time buys, such as 10s or 2m
    #[arg(long, value_parser = duration, value_name = "TIME", conflicts_with = "months")]
    time: Option<Duration>,
    /// Simulate every request of every month
    #[arg(long)]
    exact: bool,
    /// Simulate only this part of the study, such as 3/16, and print it for --merge; needs --months
    #[arg(long, value_parser = part, value_name = "I/N", requires = "months")]
    part: Option<(usize, usize)>,
    /// Put these parts together to what one process gives; the same scenario and options as theirs
    #[arg(long, num_args = 1.., value_name = "PART", requires = "months", conflicts_with = "part")]
    merge: Vec<PathBuf>,
    /// Seed of all randomness, instead of the scenario's
    #[arg(long)]
    seed: Option<u64>,
    /// Threads; the results are the same for any number
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Show these metrics with their spread instead of the table
    #[arg(long = "metric", value_delimiter = ',', value_name = "NAME,…")]
    metrics: Vec<String>,
    /// Rehearse these drills too, by name; `gonogo drill --list` shows them
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    drills: Vec<String>,
    /// Exit with status 1 if a promise is broken, or the budget at risk
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOn>,
    /// Print the study as JSON
    #[arg(long)]
    json: bool,
    /// Write what is printed to this file instead
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the time taken as the last line of standard error, as JSON
    #[arg(long)]
    timing: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// A promise of [slo] is not held in enough months
    Slo,
    /// More than 5% of months go over the budget
    Budget,
}

/// Share of months over the budget that `--fail-on budget` bears.
const BUDGET_RISK: f64 = 0.05;

pub(super) fn positive(text: &str) -> Result<f64, String> {
    let bare = text.trim().trim_end_matches('x');
    match bare.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => Err("expected a multiple of the launch volume above 0, such as 10".to_owned()),
    }
}

/// A share above 0 and below 1, written `0.5%` or `0.005`.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.trim().strip_suffix('%') {
        Some(percent) => (percent, 0.01),
        None => (text.trim(), 1.0),
    };
    match number.trim().parse::<f64>() {
        Ok(number) if number > 0.0 && number * scale < 1.0 => Ok(number * scale),
        _ => Err("expected a share such as 1% or 0.01".to_owned()),
    }
}

/// A time such as `10s`, `2m`, `500ms`; a bare number is seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let scale = match text.get(digits.len()..) {
        Some("ms") => 0.001,
        Some("" | "s") => 1.0,
        Some("m" | "min") => 60.0,
        Some("h") => 3600.0,
        _ => f64::NAN,
    };
    let seconds = digits.trim().parse::<f64>().unwrap_or(f64::NAN) * scale;
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if !time.is_zero() => Ok(time),
        _ => Err("expected a time such as 10s, 2m or 500ms".to_owned()),
    }
}

/// A part such as `3/16`.
fn part(text: &str) -> Result<(usize, usize), String> {
    text.split_once('/')
        .and_then(|(part, of)| Some((part.trim().parse().ok()?, of.trim().parse().ok()?)))
        .filter(|(part, of)| (1..=*of).contains(part))
        .ok_or_else(|| "expected a part such as 3/16, counted from 1".to_owned())
}

/// The study that parts in files add up to.
fn merged(model: &Model, plan: &Plan, files: &[PathBuf]) -> Result<Outcome, Failure> {
    let mut parts = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Failure::system(format!("reading {}", file.display()), error))?;
        let part: Part = serde_json::from_str(&text).map_err(|error| {
            Failure::input(
                format!("{} is not a part of a study: {error}", file.display()),
                "run that part again: `gonogo simulate --part I/N --months M -o FILE`",
            )
        })?;
        parts.push(part);
    }
    merge(model, plan, &parts, &Unwatched).map_err(|error| {
        Failure::input(
            error.to_string(),
            "run what is missing again with the same scenario, --months, --seed and gonogo, and merge all parts once",
        )
    })
}

/// How long the study may take.
fn limit(args: &Args) -> Option<Duration> {
    match (args.months, args.time) {
        (Some(_), _) => None,
        (None, Some(time)) => Some(time),
        (None, None) => Some(A_MINUTE),
    }
}

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let scenario = load(args.scenario.as_deref())?;
    let model = compile(&scenario)?;
    let plan = plan(&args, &model)?;
    check_metrics(&args.metrics)?;
    let drills = if args.drills.is_empty() {
        Vec::new()
    } else {
        super::drill::chosen(&args.drills, &scenario, &model)?
    };
    if let Some(path) = &args.output {
        // Known before the long run, not after it.
        super::terminal::check_writable(path)?;
    }
    let watch = Minute::until_interrupted(limit(&args), terminal.shows_progress() && !args.json);
    if let Some((part, of)) = args.part {
        let part = watch.over(|| run_part(&model, &plan, part, of, &watch));
        let text = part.and_then(|part| serde_json::to_string(&part).ok());
        let Some(mut text) = text else {
            if watch.interrupted() {
                return Err(Failure::Interrupted);
            }
            return Err(Failure::input(
                "nothing was simulated",
                "name at least one strategy and one volume",
            ));
        };
        text.push('\n');
        terminal.write(args.output.as_deref(), &text)?;
        return Ok(Answer::Yes);
    }
    let study = if args.merge.is_empty() {
        watch.over(|| estimate(&model, &plan, &watch))
    } else {
        Some(merged(&model, &plan, &args.merge)?)
    };
    let study = study.map(|outcome| outcome.study);
    let Some(mut study) = study else {
        if watch.interrupted() {
            return Err(Failure::Interrupted);
        }
        return Err(Failure::input(
            "nothing was simulated",
            "name at least one strategy and one volume",
        ));
    };
    let shows = terminal.shows_progress() && !args.json;
    if !watch.interrupted() {
        let watch = Minute::new(Some(A_MINUTE), shows);
        study.drills = super::drill::beside(&plan, drills, &model, &watch);
    }
    let text = if args.json {
        let mut text = serde_json::to_string(&study)
            .map_err(|error| Failure::system("writing JSON", error.into()))?;
        text.push('\n');
        text
    } else if args.metrics.is_empty() {
        let mut text = page(&scenario, &model, &study, &plan);
        if !study.drills.is_empty() {
            text.push('\n');
            text.push_str(&drill_page(&scenario.name, &study.drills, false));
        }
        text
    } else {
        metric_table(&study, &names(&args.metrics, &study))
    };
    terminal.write(args.output.as_deref(), &text)?;
    if args.timing {
        terminal.note(&timing(&study, watch.started));
    }
    Ok(answer(args.fail_on, &study, model.slo_confidence).unless_interrupted(&watch))
}

pub(super) fn load(path: Option<&Path>) -> Result<Scenario, Failure> {
    let here = Path::new("scenario.toml");
    Ok(match path {
        Some(path) => Scenario::load(path)?,
        None if here.exists() => Scenario::load(here)?,
        None => scenario::DEFAULT.scenario()?,
    })
}

/// Compiles a scenario with the prices of its project: `prices.json` beside it, else the embedded catalogue.
pub(super) fn compile(scenario: &Scenario) -> Result<Model, Failure> {
    compile_shaken(scenario, None)
}

/// The same, with exact facts shaken by a share of themselves.
pub(super) fn compile_shaken(scenario: &Scenario, shake: Option<f64>) -> Result<Model, Failure> {
    let folder = scenario.folder.as_deref().unwrap_or(Path::new("."));
    let catalogue = Catalogue::in_folder(folder).map_err(|error| {
        Failure::input(
            error.to_string(),
            "remove it, or import the file again with `gonogo prices import`",
        )
    })?;
    Ok(model::compile_shaken(scenario, &catalogue, shake)?)
}

fn plan(args: &Args, model: &Model) -> Result<Plan, Failure> {
    let mut plan = Plan::of(model);
    if !args.strategies.is_empty() {
        plan.strategies = args
            .strategies
            .iter()
            .map(|name| strategy(model, name))
            .collect::<Result<_, _>>()?;
    }
    if !args.volumes.is_empty() {
        plan.volumes.clone_from(&args.volumes);
    }
    plan.months = args.months.unwrap_or(plan.months);
    plan.seed = args.seed.unwrap_or(plan.seed);
    plan.precision = match (args.months, args.time, args.precision) {
        (None, _, Some(cost)) => Some(Precision::of_cost(cost)),
        (None, None, None) => Some(Precision::default()),
        // Never sure enough before the time is up.
        (None, Some(_), None) if args.exact => Some(Precision::of_cost(1e-9)),
        _ => None,
    };
    if let (None, Some(_), None) = (args.months, args.time, args.precision) {
        plan.months = plan.months.max(MOST_MONTHS);
    }
    if args.exact {
        plan.estimator = Estimator::Exact;
    }
    plan.threads = args.threads.map_or_else(all_threads, usize::from);
    Ok(plan)
}

pub(super) fn all_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

pub(super) fn strategy(model: &Model, name: &str) -> Result<usize, Failure> {
    let names: Vec<&str> = model
        .strategies
        .iter()
        .map(|strategy| strategy.name.as_str())
        .collect();
    names
        .iter()
        .position(|known| *known == name)
        .ok_or_else(|| {
            let help = crate::reading::nearest(name, names.iter().copied()).map_or_else(
                || format!("there are {}", names.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            Failure::input(format!("the scenario has no strategy `{name}`"), help)
        })
}

pub(super) fn check_metrics(asked: &[String]) -> Result<(), Failure> {
    for name in asked {
        let group = metrics::METRICS.iter().any(|known| {
            known
                .strip_prefix(name.as_str())
                .is_some_and(|rest| rest.starts_with('.'))
        });
        let share = name
            .strip_prefix("share_within.")
            .is_some_and(|seconds| seconds.parse::<f64>().is_ok());
        if !metrics::is_metric(name) && !group && !share {
            let help = crate::reading::nearest(name, metrics::METRICS.iter().copied()).map_or_else(
                || "docs/model.md lists them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Failure::input(format!("there is no metric `{name}`"), help));
        }
    }
    Ok(())
}

/// The metrics asked for; a group such as `cost` stands for all of its members.
fn names(asked: &[String], study: &Study) -> Vec<String> {
    let mut names = Vec::new();
    for name in asked {
        let known = study.cells.iter().flat_map(|cell| cell.metrics.keys());
        let mut found: Vec<String> = known
            .filter(|metric| {
                metric
                    .strip_prefix(name.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
            .cloned()
            .collect();
        found.sort();
        found.dedup();
        names.extend(found);
    }
    names
}

/// The table, and what stands out.
fn page(scenario: &Scenario, model: &Model, study: &Study, plan: &Plan) -> String {
    let months = study.cells.first().map_or(0, |cell| cell.months);
    let what = if model.workload.replay.is_some() {
        let passes = if months == 1 {
            "1 pass".to_owned()
        } else {
            format!("{} passes", crate::report::count(f64::from(months)))
        };
        format!(
            "{passes} over a log of {}",
            crate::report::seconds(model.calendar.length_s)
        )
    } else {
        let months = if months == 1 {
            "1 month".to_owned()
        } else {
            format!("{} months", crate::report::count(f64::from(months)))
        };
        format!(
            "{months} of {} days from {}",
            model.calendar.days, model.calendar.starts
        )
    };
    let mut text = format!(
        "{}: {what}, {}, prices of {}, seed {}\n",
        crate::reading::harmless(&study.scenario.name),
        if study.estimator == "exact" {
            "every request simulated"
        } else {
            "estimated from windows of them"
        },
        study.catalogue_date,
        study.seed,
    );
    if months < plan.months && study.estimator == "exact" {
        let plural = if months == 1 { "" } else { "s" };
        let _ = writeln!(
            text,
            "A minute was enough for {months} of the {} months asked for; `--months {months}` reproduces this, and ranges over {months} month{plural} are rough.",
            plan.months
        );
    }
    text.push('\n');
    let currency = scenario.currency.as_ref().and_then(|currency| {
        Some((
            currency.code.as_str(),
            currency.per_usd.law(&mut |_| f64::NAN).ok()?.quantile(0.5),
        ))
    });
    text.push_str(&study_table(study, model.slo_confidence, currency));
    let sentences = findings(study, model.slo_confidence);
    if !sentences.is_empty() {
        text.push_str("\nWhat stands out\n");
        for sentence in sentences {
            text.push_str(&wrapped(&crate::reading::harmless(&sentence)));
        }
    }
    text
}

fn answer(fail_on: Option<FailOn>, study: &Study, confidence: f64) -> Answer {
    let bad = |cell: &Cell| match fail_on {
        None => false,
        Some(FailOn::Slo) => cell.metrics.iter().any(|(name, metric)| {
            name.starts_with("slo.held_probability.") && metric.mean < confidence
        }),
        Some(FailOn::Budget) => cell
            .metrics
            .get("budget.over_probability")
            .is_some_and(|metric| metric.mean > BUDGET_RISK),
    };
    if study.cells.iter().any(bad) {
        Answer::No
    } else {
        Answer::Yes
    }
}

fn timing(study: &Study, started: Instant) -> String {
    let requests: u64 = study.cells.iter().map(|cell| cell.requests_simulated).sum();
    let attempts: u64 = study.cells.iter().map(|cell| cell.attempts_simulated).sum();
    serde_json::json!({
        "wall_s": started.elapsed().as_secs_f64(),
        "cpu_s": cpu_seconds(),
        "requests": requests,
        "attempts": attempts,
    })
    .to_string()
}

/// Seconds of processor time that this process has used; none where the system does not tell.
fn cpu_seconds() -> Option<f64> {
    // Fields 14 and 15 of /proc/self/stat, in ticks of a hundredth of a second; the name before them may hold blanks.
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: f64 = fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}
