use std::path::PathBuf;

use crate::analysis::drill::{DrillPlan, READY_MADE, RUNS, Script, drill, impossible, scripts};
use crate::model::Model;
use crate::report::drill_page;
use crate::scenario::Scenario;
use crate::study::{DrillResult, Plan};

use super::minute::Minute;
use super::{Answer, Failure, Terminal};

/// Scripted incidents: what users get minute by minute, what it costs, how long recovery takes, what protected them
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
#[command(after_help = "Examples:
  gonogo drill                                         the scenario's own drills, else primary-down
  gonogo drill --drill spike-10x --strategies cached,resilient
  gonogo drill scenario.toml --drill primary-down,all-down --json -o drills.json
  gonogo drill --list                                  the drills that there are

Ready-made: primary-down (an hour at the busiest time), brownout (a third of the speed), limits-halved, spike-10x
(30 minutes), cache-flush, all-down. A scenario adds its own with [[drill]].")]
pub struct Args {
    /// Scenario file; without one, `scenario.toml` in this folder, else the embedded support chatbot
    scenario: Option<PathBuf>,
    /// These drills, by name
    #[arg(long = "drill", value_delimiter = ',', value_name = "NAME,…")]
    drills: Vec<String>,
    /// Only these strategies, by name
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    strategies: Vec<String>,
    /// Multiple of the launch volume
    #[arg(long, value_name = "N", default_value = "1", value_parser = super::simulate::positive)]
    volume: f64,
    /// Runs of each drill under each strategy, each with facts and luck of its own
    #[arg(long, value_name = "N", default_value_t = RUNS, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    runs: u32,
    /// Do not find out what each protection did
    #[arg(long)]
    fast: bool,
    /// Show every minute instead of a line of them
    #[arg(long)]
    minutes: bool,
    /// Seed of all randomness, instead of the scenario's
    #[arg(long)]
    seed: Option<u64>,
    /// The drills that there are
    #[arg(long)]
    list: bool,
    /// Print JSON: an array of drills as a study holds them
    #[arg(long)]
    json: bool,
    /// Write what is printed to this file instead
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let scenario = super::simulate::load(args.scenario.as_deref())?;
    let model = super::simulate::compile(&scenario)?;
    if args.list {
        return list(&args, &scenario, terminal);
    }
    let asked = chosen(&args.drills, &scenario, &model)?;
    if let Some(path) = &args.output {
        super::terminal::check_writable(path)?;
    }
    let mut plan = DrillPlan {
        volume: args.volume,
        runs: args.runs,
        protections: !args.fast,
        seed: args.seed.unwrap_or(model.seed),
        threads: super::simulate::all_threads(),
        ..DrillPlan::of(&model, asked)
    };
    if !args.strategies.is_empty() {
        plan.strategies = args
            .strategies
            .iter()
            .map(|name| super::simulate::strategy(&model, name))
            .collect::<Result<_, _>>()?;
    }
    let watch = Minute::until_interrupted(None, terminal.shows_progress() && !args.json);
    let results = watch.over(|| drill(&model, &plan, &watch));
    let Some(results) = results else {
        if watch.interrupted() {
            return Err(Failure::Interrupted);
        }
        return Err(Failure::input(
            "nothing was rehearsed",
            "name at least one strategy",
        ));
    };
    let text = if args.json {
        let mut text = serde_json::to_string(&results)
            .map_err(|error| Failure::system("writing JSON", error.into()))?;
        text.push('\n');
        text
    } else {
        drill_page(&scenario.name, &results, args.minutes)
    };
    terminal.write(args.output.as_deref(), &text)?;
    Ok(Answer::Yes.unless_interrupted(&watch))
}

/// Rehearses what the rules of checklists ask for, while the watch lets it; drills that a scenario cannot have are left out,
/// and rules about them cannot tell.
pub(super) fn for_rules(
    names: &[String],
    study: &Plan,
    scenario: &Scenario,
    model: &Model,
    watch: &Minute,
) -> Vec<DrillResult> {
    let asked: Vec<Script> = scripts(scenario)
        .into_iter()
        .filter(|it| names.contains(&it.name) && impossible(it, model).is_none())
        .collect();
    beside(study, asked, model, watch)
}

/// Rehearses drills with the strategies, the seed and the threads of a study.
pub(super) fn beside(
    study: &Plan,
    asked: Vec<Script>,
    model: &Model,
    watch: &Minute,
) -> Vec<DrillResult> {
    if asked.is_empty() {
        return Vec::new();
    }
    let plan = DrillPlan {
        strategies: study.strategies.clone(),
        seconds: study.seconds.clone(),
        seed: study.seed,
        threads: study.threads,
        protections: false,
        ..DrillPlan::of(model, asked)
    };
    watch
        .over(|| drill(model, &plan, watch))
        .unwrap_or_default()
}

/// The drills asked for; without any, the scenario's own, or `primary-down` if it has none.
pub(super) fn chosen(
    names: &[String],
    scenario: &Scenario,
    model: &Model,
) -> Result<Vec<Script>, Failure> {
    let known = scripts(scenario);
    if names.is_empty() {
        let own = scenario.drills.len();
        let wanted = known
            .into_iter()
            .enumerate()
            .filter(|(place, script)| *place < own || own == 0 && script.name == READY_MADE[0])
            .map(|(_, script)| script);
        return Ok(wanted
            .filter(|it| impossible(it, model).is_none())
            .collect());
    }
    let mut list = Vec::new();
    for name in names {
        let Some(script) = known.iter().find(|script| script.name == *name) else {
            let all: Vec<&str> = known.iter().map(|script| script.name.as_str()).collect();
            let help = crate::reading::nearest(name, all.iter().copied()).map_or_else(
                || format!("there are {}", all.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Failure::input(format!("there is no drill `{name}`"), help));
        };
        if let Some(why) = impossible(script, model) {
            return Err(Failure::input(
                why,
                "outages, brownouts, limits and cache flushes can be drilled on a log",
            ));
        }
        list.push(script.clone());
    }
    Ok(list)
}

fn list(args: &Args, scenario: &Scenario, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let names: Vec<String> = scripts(scenario).into_iter().map(|it| it.name).collect();
    let text = if args.json {
        serde_json::json!(names).to_string() + "\n"
    } else {
        names.join("\n") + "\n"
    };
    terminal.write(args.output.as_deref(), &text)?;
    Ok(Answer::Yes)
}
