use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::checklist::gate::{Format, Gate, GateOptions};
use crate::checklist::verdict::{Case, judge};
use crate::checklist::{Checklist, Clock, Project, Rule, Scope, Stage, git};
use crate::reading::{Problem, Problems, listing, nearest};
use crate::scenario::Scenario;
use crate::study::{Plan, SCHEMA, Study, estimate};

use super::minute::{A_MINUTE, Minute};
use super::review::{Around, catalogue_digest, missing};
use super::{Answer, Failure, Terminal};

/// The CI gate: exit status 0 only while the review and the simulated evidence say go
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
#[command(
    after_help = "Examples:\n  gonogo check\n  gonogo check --no-simulate --output sarif=gonogo.sarif --output github\n  gonogo check --base origin/main --allow-conditional --warn-within 14d\n\nExit status: 0 go, 1 not (the output says which), 2 bad input, 3 input/output failure."
)]
pub struct Args {
    /// The review
    #[arg(long, value_name = "FILE", default_value = "review.toml")]
    review: PathBuf,
    /// Use a study that was simulated before, if it is of this scenario, catalogue and gonogo
    #[arg(long, value_name = "FILE", conflicts_with = "no_simulate")]
    study: Option<PathBuf>,
    /// Judge the review alone: rules that need numbers cannot tell
    #[arg(long)]
    no_simulate: bool,
    /// Judge for this stage instead of the review's
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(Stage::WORDS))]
    stage: Option<String>,
    /// Let a conditional go pass
    #[arg(long)]
    allow_conditional: bool,
    /// Leave the signature rules out
    #[arg(long)]
    before_signoff: bool,
    /// Reject approvals by people whom the change since this git revision added to roles
    #[arg(long, value_name = "REF")]
    base: Option<String>,
    /// The day or time that counts as now
    #[arg(long, value_name = "DATE", value_parser = Clock::at)]
    as_of: Option<Clock>,
    /// Warn of what expires within this time: 14d, 2w
    #[arg(long, value_name = "TIME", value_parser = days)]
    warn_within: Option<u32>,
    /// Write text, json, sarif, junit, github or markdown to a file, `-` for standard output; repeatable
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output)]
    output: Vec<Output>,
    /// Print JSON: the same as --output json=-
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone)]
struct Output {
    format: Format,
    file: Option<PathBuf>,
}

fn output(text: &str) -> Result<Output, String> {
    let (word, file) = text
        .split_once('=')
        .map_or((text, "-"), |(word, file)| (word, file));
    let format = Format::from_word(word).ok_or_else(|| {
        let near = crate::reading::nearest(word, Format::WORDS)
            .map(|near| format!("; did you mean {near}?"));
        format!(
            "`{word}` is no format; expected {}{}",
            Format::WORDS.join(", "),
            near.unwrap_or_default()
        )
    })?;
    if file.is_empty() {
        return Err(format!("a file is missing after `{word}=`"));
    }
    Ok(Output {
        format,
        file: (file != "-").then(|| PathBuf::from(file)),
    })
}

fn days(text: &str) -> Result<u32, String> {
    let (number, factor) = match (text.strip_suffix('d'), text.strip_suffix('w')) {
        (Some(number), _) => (number, 1),
        (_, Some(number)) => (number, 7),
        _ => (text, 1),
    };
    let number: u16 = number
        .parse()
        .map_err(|_| format!("`{text}` is no time; expected 14d or 2w"))?;
    Ok(u32::from(number) * factor)
}

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    missing(&args.review)?;
    let project = Project::load(&args.review).map_err(Failure::Files)?;
    known_strategy(&project)?;
    let clock = args.as_of.unwrap_or_else(Clock::system);
    let mut around = Around::of(&project, clock)?;
    if let Some(revision) = &args.base {
        around.facts.newcomers = project.newcomers(revision).map_err(|why| {
            Failure::input(
                why,
                "--base takes a git revision such as origin/main; CI has to fetch it",
            )
        })?;
    }
    around.study = study(&args, &project, terminal)?;
    let stage = args.stage.as_deref().and_then(Stage::from_word);
    let verdict = judge(&Case {
        stage,
        before_signoff: args.before_signoff,
        ..around.case(&project)
    });
    let options = GateOptions {
        allow_conditional: args.allow_conditional,
        warn_within: args.warn_within,
    };
    let mut gate = Gate::new(&project, &verdict, clock, options);
    gate.simulated = match &around.study {
        Some(study) => format!(
            "Study of {} ({} estimator, seed {}, prices of {}).",
            study.scenario.name, study.estimator, study.seed, study.catalogue_date
        ),
        None => "Nothing was simulated: rules that need numbers cannot tell.".to_owned(),
    };
    let located = |output: &Output| matches!(output.format, Format::Sarif | Format::Github);
    if args.output.iter().any(located) {
        gate.prefix = git::prefix();
    }
    gate.rejected = around
        .facts
        .newcomers
        .iter()
        .map(|who| format!("approvals by {who}: the same change adds them to roles"))
        .collect();
    write(&args, &gate, terminal)?;
    Ok(if gate.passes { Answer::Yes } else { Answer::No })
}

fn write(args: &Args, gate: &Gate<'_>, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut outputs = args.output.clone();
    if args.json {
        outputs.push(Output {
            format: Format::Json,
            file: None,
        });
    }
    // People get their lines unless standard output is taken.
    if !outputs.iter().any(|output| output.file.is_none()) {
        outputs.push(Output {
            format: Format::Text,
            file: None,
        });
    }
    for output in &outputs {
        let text = gate.write(output.format);
        match &output.file {
            Some(path) => {
                if let Some(folder) = path
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty())
                {
                    std::fs::create_dir_all(folder).map_err(|error| {
                        Failure::system(format!("making {}", folder.display()), error)
                    })?;
                }
                terminal.write(Some(path), &text)?;
            }
            None => terminal.print(&text)?,
        }
        if output.format == Format::Github {
            summary(gate)?;
        }
    }
    Ok(())
}

/// The step summary of GitHub Actions: added to the file that the runner names, if there is one.
fn summary(gate: &Gate<'_>) -> Result<(), Failure> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let failed = |error| Failure::system(format!("writing {}", Path::new(&path).display()), error);
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .map_err(failed)?;
    file.write_all(gate.write(Format::Markdown).as_bytes())
        .map_err(failed)
}

/// The strategy that goes live is one of the scenario's.
fn known_strategy(project: &Project) -> Result<(), Failure> {
    let scenario = project.scenario()?;
    let (Some(name), Some(scenario)) = (&project.review.strategy, scenario) else {
        return Ok(());
    };
    let names: Vec<&str> = scenario
        .strategies
        .iter()
        .map(|strategy| strategy.name.as_str())
        .collect();
    if names.contains(&name.as_str()) {
        return Ok(());
    }
    let place = project
        .review
        .places
        .get("strategy")
        .cloned()
        .unwrap_or(0..0);
    let problem = Problem::new(place, format!("the scenario has no strategy `{name}`"));
    let problem = match nearest(name, names.iter().copied()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.expected(listing(names)),
    };
    Err(Problems::new(&project.review.source, vec![problem]).into())
}

fn study(args: &Args, project: &Project, terminal: &Terminal) -> Result<Option<Study>, Failure> {
    if args.no_simulate {
        return Ok(None);
    }
    if let Some(path) = &args.study {
        return read_study(path, project).map(Some);
    }
    match project
        .scenario()
        .map_err(|problems| Failure::Files(vec![problems]))?
    {
        Some(scenario) => simulate_for(&scenario, project, terminal).map(Some),
        None => Ok(None),
    }
}

/// Simulates the strategy that the review says will go live (all of them if it does not say), for a minute at most.
fn simulate_for(
    scenario: &Scenario,
    project: &Project,
    terminal: &Terminal,
) -> Result<Study, Failure> {
    let model = super::simulate::compile(scenario)?;
    let mut plan = Plan {
        threads: super::simulate::all_threads(),
        ..Plan::of(&model)
    };
    // What the rules of the project's own checklists ask must be in the study.
    let drills = asked_drills(project);
    for rule in rules(project) {
        plan.seconds.extend(rule.seconds);
        if let Scope::Volume(volume) = rule.scope
            && !plan.volumes.contains(&volume)
        {
            plan.volumes.push(volume);
        }
    }
    if let Some(live) = &project.review.strategy {
        let position = model
            .strategies
            .iter()
            .position(|strategy| strategy.name == *live)
            .ok_or_else(|| {
                let names: Vec<&str> = model
                    .strategies
                    .iter()
                    .map(|strategy| strategy.name.as_str())
                    .collect();
                let help = format!(
                    "the review's `strategy` must be one of {}",
                    names.join(", ")
                );
                Failure::input(format!("the scenario has no strategy `{live}`"), help)
            })?;
        plan.strategies = vec![position];
    }
    let watch = Minute::new(Some(A_MINUTE), terminal.shows_progress());
    let mut study = watch
        .over(|| estimate(&model, &plan, &watch))
        .map(|outcome| outcome.study)
        .ok_or_else(|| {
            Failure::input(
                "nothing was simulated",
                "the scenario needs a strategy and a volume",
            )
        })?;
    let watch = Minute::new(Some(A_MINUTE), terminal.shows_progress());
    study.drills = super::drill::for_rules(&drills, &plan, scenario, &model, &watch);
    Ok(study)
}

/// The rules of a project's checklists.
fn rules(project: &Project) -> impl Iterator<Item = &Rule> {
    project
        .checklists
        .iter()
        .flat_map(Checklist::questions)
        .flat_map(|question| &question.simulated)
}

/// The drills that the rules of a project's checklists are about.
pub(super) fn asked_drills(project: &Project) -> Vec<String> {
    let mut drills: Vec<String> = Vec::new();
    for rule in rules(project) {
        if let Scope::Drill(name) = &rule.scope
            && !drills.contains(name)
        {
            drills.push(name.clone());
        }
    }
    drills
}

const AGAIN: &str = "simulate again: gonogo simulate scenario.toml --json -o study.json";

/// Reads a study, of whatever it is.
pub(super) fn parse_study(path: &Path) -> Result<Study, Failure> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            Failure::input(
                format!("there is no {name}"),
                "`gonogo simulate --json -o study.json` writes a study",
            )
        } else {
            Failure::system(format!("reading {name}"), error)
        }
    })?;
    let study: Study = serde_json::from_str(&text).map_err(|error| {
        Failure::input(
            format!(
                "{name}:{}:{}: this is no study: {error}",
                error.line(),
                error.column()
            ),
            AGAIN,
        )
    })?;
    if study.schema != SCHEMA {
        return Err(Failure::input(
            format!(
                "{name}: its schema is `{}`, expected `{SCHEMA}`",
                study.schema
            ),
            AGAIN,
        ));
    }
    Ok(study)
}

/// Reads a study, and makes sure that it is of the review's scenario, of these prices and of this gonogo.
pub(super) fn read_study(path: &Path, project: &Project) -> Result<Study, Failure> {
    let name = path.display();
    let study = parse_study(path)?;
    let scenario = project
        .scenario()
        .map_err(|problems| Failure::Files(vec![problems]))?;
    let Some(scenario) = scenario else {
        return Err(Failure::input(
            format!(
                "{name} is of {}, and there is no {} to compare it with",
                study.scenario.name,
                project.scenario_path().display()
            ),
            "put the scenario beside the review, or name it in the review: scenario = \"FILE\"",
        ));
    };
    let mut differs = Vec::new();
    if study.scenario.digest != scenario.digest {
        differs.push(format!(
            "the scenario ({})",
            project.scenario_path().display()
        ));
    }
    if study.catalogue_digest != catalogue_digest(project)? {
        differs.push(format!(
            "the price catalogue (the study's is of {})",
            study.catalogue_date
        ));
    }
    if study.gonogo_version != env!("CARGO_PKG_VERSION") {
        differs.push(format!("gonogo (the study's is {})", study.gonogo_version));
    }
    if differs.is_empty() {
        return Ok(study);
    }
    Err(Failure::input(
        format!(
            "{name} does not fit: changed since is {}",
            differs.join(", ")
        ),
        AGAIN,
    ))
}
