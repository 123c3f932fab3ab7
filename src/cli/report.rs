use std::path::{Path, PathBuf};

use crate::analysis::drill::READY_MADE;
use crate::checklist::verdict::judge;
use crate::checklist::{Clock, Project};
use crate::report::{self, Report, Sources};
use crate::scenario::{self, Scenario};
use crate::study::{Plan, Study, estimate};

use super::check::{asked_drills, parse_study, read_study};
use super::minute::{A_MINUTE, Minute};
use super::review::{Around, missing};
use super::{Answer, Failure, Terminal};

/// The report that stakeholders read and sign: Markdown, one self-contained HTML file, JSON or CSV
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gonogo report                                       Markdown on standard output
  gonogo report --format html --out .                 report.html in this folder
  gonogo report --format md,html,json,csv --out out --style executive
  gonogo report --study study.json --as-of 2026-12-01 the same inputs give the same bytes

Without --study all strategies are simulated, for a minute at most. Without a review there are numbers and no verdict;
with --no-simulate there is the checklist and no numbers. The report says what is missing.")]
pub struct Args {
    /// Formats, separated by commas; several need --out
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "FORMAT,…",
        default_value = "md"
    )]
    format: Vec<Format>,
    /// How much to tell
    #[arg(long, value_enum, default_value = "full")]
    style: Style,
    /// Folder to write report.md, report.html, report.json and report.csv into; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Use a study that was simulated before, if it is of this scenario, catalogue and gonogo
    #[arg(long, value_name = "FILE", conflicts_with = "no_simulate")]
    study: Option<PathBuf>,
    /// The review; without one, `review.toml` in this folder if it is there
    #[arg(long, value_name = "FILE")]
    review: Option<PathBuf>,
    /// The day or time that counts as now
    #[arg(long, value_name = "DATE", value_parser = Clock::at)]
    as_of: Option<Clock>,
    /// Report on the review alone
    #[arg(long)]
    no_simulate: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Fits a pull-request comment
    Md,
    /// One file for browsers and paper
    Html,
    /// The whole report for machines
    Json,
    /// One row for each strategy, volume and metric
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Style {
    /// Without notes, evidence and discounts
    Executive,
    /// With every question and its answer
    Full,
}

impl Format {
    fn ending(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }

    fn write(self, report: &Report<'_>) -> String {
        match self {
            Self::Md => report::markdown(report),
            Self::Html => report::html(report),
            Self::Json => report::json(report),
            Self::Csv => report::csv(report),
        }
    }
}

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let files = outputs(&args)?;
    let project = project(args.review.as_deref())?;
    let clock = args.as_of.unwrap_or_else(Clock::system);
    let scenario = scenario_of(project.as_ref())?;
    let (scenario, study) = numbers(&args, project.as_ref(), scenario, terminal)?;
    if project.is_none() && study.is_none() {
        return Err(Failure::input(
            "there is nothing to report: no review, and nothing simulated",
            "`gonogo init` writes a review; without --no-simulate there are numbers",
        ));
    }
    let mut around = project
        .as_ref()
        .map(|project| Around::of(project, clock))
        .transpose()?;
    if let Some(around) = &mut around {
        around.study.clone_from(&study);
    }
    let judged = project
        .as_ref()
        .zip(around.as_ref())
        .map(|(project, around)| (project, around, judge(&around.case(project))));
    let approved = judged
        .as_ref()
        .map(|(project, around, _)| around.case(project).approved())
        .unwrap_or_default();
    let sources = Sources {
        study: study.as_ref(),
        scenario: scenario.as_ref(),
        review: judged
            .as_ref()
            .map(|(project, _, verdict)| (*project, verdict)),
        approved: &approved,
        clock,
        style: match args.style {
            Style::Executive => report::Style::Executive,
            Style::Full => report::Style::Full,
        },
    };
    let report = sources.report(commands(&args, scenario.as_ref(), study.as_ref(), clock));
    for gap in &report.missing {
        terminal.note(&format!("note: {}", crate::reading::harmless(gap)));
    }
    for (format, file) in &files {
        terminal.write(file.as_deref(), &format.write(&report))?;
    }
    Ok(Answer::Yes)
}

/// Where each format goes; known, and known to be writable, before anything long runs.
fn outputs(args: &Args) -> Result<Vec<(Format, Option<PathBuf>)>, Failure> {
    let mut formats = Vec::new();
    for format in &args.format {
        if !formats.contains(format) {
            formats.push(*format);
        }
    }
    let Some(folder) = &args.out else {
        return match formats.as_slice() {
            [one] => Ok(vec![(*one, None)]),
            _ => Err(Failure::input(
                "several formats cannot share standard output",
                "name a folder: --out DIR",
            )),
        };
    };
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::system(format!("making {}", folder.display()), error))?;
    let files: Vec<_> = formats
        .into_iter()
        .map(|format| (format, folder.join(format!("report.{}", format.ending()))))
        .collect();
    for (_, file) in &files {
        super::terminal::check_writable(file)?;
    }
    Ok(files
        .into_iter()
        .map(|(format, file)| (format, Some(file)))
        .collect())
}

fn project(named: Option<&Path>) -> Result<Option<Project>, Failure> {
    let path = match named {
        Some(path) => {
            missing(path)?;
            path
        }
        None if Path::new("review.toml").exists() => Path::new("review.toml"),
        None => return Ok(None),
    };
    Project::load(path).map(Some).map_err(Failure::Files)
}

fn scenario_of(project: Option<&Project>) -> Result<Option<Scenario>, Failure> {
    let here = Path::new("scenario.toml");
    match project {
        Some(project) => project
            .scenario()
            .map_err(|problems| Failure::Files(vec![problems])),
        None if here.exists() => Ok(Some(Scenario::load(here)?)),
        None => Ok(None),
    }
}

/// The study, and the scenario that it is of.
fn numbers(
    args: &Args,
    project: Option<&Project>,
    scenario: Option<Scenario>,
    terminal: &Terminal,
) -> Result<(Option<Scenario>, Option<Study>), Failure> {
    if args.no_simulate {
        return Ok((scenario, None));
    }
    if let Some(path) = &args.study {
        let study = match project {
            Some(project) => read_study(path, project)?,
            None => parse_study(path)?,
        };
        let example = || scenario::DEFAULT.scenario().ok();
        let scenario = scenario
            .or_else(example)
            .filter(|scenario| scenario.digest == study.scenario.digest);
        return Ok((scenario, Some(study)));
    }
    let scenario = match (scenario, project) {
        (None, None) => Some(scenario::DEFAULT.scenario()?),
        (scenario, _) => scenario,
    };
    let study = scenario
        .as_ref()
        .map(|scenario| simulate(scenario, project, terminal))
        .transpose()?;
    Ok((scenario, study))
}

/// Simulates every strategy at every volume, for a minute at most.
fn simulate(
    scenario: &Scenario,
    project: Option<&Project>,
    terminal: &Terminal,
) -> Result<Study, Failure> {
    let model = super::simulate::compile(scenario)?;
    let plan = Plan {
        threads: super::simulate::all_threads(),
        ..Plan::of(&model)
    };
    let watch = Minute::new(Some(A_MINUTE), terminal.shows_progress());
    let study = watch
        .over(|| estimate(&model, &plan, &watch))
        .map(|outcome| outcome.study);
    let mut study = study.ok_or_else(|| {
        Failure::input(
            "nothing was simulated",
            "the scenario needs a strategy and a volume",
        )
    })?;
    // The first page says what happens when the provider is down; the rules may ask for more.
    let mut drills = project.map(asked_drills).unwrap_or_default();
    if !drills.iter().any(|name| name == READY_MADE[0]) {
        drills.insert(0, READY_MADE[0].to_owned());
    }
    study.drills = super::drill::for_rules(&drills, &plan, scenario, &model, terminal);
    Ok(study)
}

/// What makes the report again, from the same files: first the study, then the report.
fn commands(
    args: &Args,
    scenario: Option<&Scenario>,
    study: Option<&Study>,
    clock: Clock,
) -> Vec<String> {
    let mut list = Vec::new();
    let file = args.study.as_ref().map_or_else(
        || "study.json".to_owned(),
        |path| quoted(&path.display().to_string()),
    );
    let mut command = "gonogo report".to_owned();
    if let Some(study) = study {
        let name = scenario
            .filter(|scenario| scenario.folder.is_some())
            .map(|scenario| format!(" {}", quoted(&scenario.source.name)))
            .unwrap_or_default();
        let months = study
            .cells
            .iter()
            .map(|cell| cell.months)
            .max()
            .unwrap_or(0);
        let mut drills: Vec<&str> = study.drills.iter().map(|it| it.drill.as_str()).collect();
        drills.dedup();
        let drills = if drills.is_empty() {
            String::new()
        } else {
            format!(" --drills {}", quoted(&drills.join(",")))
        };
        list.push(format!(
            "gonogo simulate{name} --months {months} --seed {}{drills} --json -o {file}",
            study.seed
        ));
        command.push_str(" --study ");
        command.push_str(&file);
    } else {
        command.push_str(" --no-simulate");
    }
    if let Some(review) = &args.review {
        command.push_str(" --review ");
        command.push_str(&quoted(&review.display().to_string()));
    }
    let style = match args.style {
        Style::Executive => "executive",
        Style::Full => "full",
    };
    // The folder and the formats are not named: they change nothing of what a report says.
    list.push(format!(
        "{command} --as-of {} --style {style}",
        clock.stamp()
    ));
    list
}

/// A name as a shell takes it.
fn quoted(name: &str) -> String {
    let plain = name
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "._-/+,".contains(letter));
    if plain && !name.is_empty() && !name.starts_with('-') {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "'\\''"))
    }
}
