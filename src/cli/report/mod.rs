//! `gonogo report`.

mod analyses;
mod given;
mod make;
mod verify;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use crate::checklist::verdict::judge;
use crate::checklist::{Clock, Project};
use crate::report::{self, Analyses, Format, Paper, Redact, Seal, Sources, Style};
use crate::scenario::Scenario;
use crate::study::Study;

use super::interrupt;
use super::review::{Around, missing};
use super::{Answer, Failure, Terminal};
use analyses::Looked;
use given::Given;

/// The report that stakeholders read and sign: Markdown, HTML, PDF, a workbook, JSON or CSV
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gonogo report                                       Markdown on standard output
  gonogo report --format html --out .                 report.html in this folder
  gonogo report --format md,html,pdf,xlsx --out out --style executive
  gonogo report --study study.json --as-of 2026-12-01 the same inputs give the same bytes
  gonogo report --since last/report.json              and what changed since then
  gonogo report --verify out/report.pdf               do its inputs still match?

Without --study all strategies are simulated, and what the analyses can find is looked for: some five seconds for a
first project, half a minute where there are many strategies and uncertain facts, four minutes at most. Ctrl-C writes
the report of what is known by then. With --study nothing is simulated, and --analyses FILE,… adds what
`gonogo compare --json` and its kin wrote. Without a review there are numbers and no verdict; with --no-simulate there
is the checklist and no numbers. The report says what is missing.")]
pub struct Args {
    /// Formats, separated by commas; several need --out
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "FORMAT,…",
        default_value = "md"
    )]
    format: Vec<FormatName>,
    /// How much to tell
    #[arg(long, value_enum, default_value = "full")]
    style: StyleName,
    /// Folder to write report.md, report.html and so on into; made if it is not there
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
    /// Use what the analyses' commands wrote with --json, separated by commas
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "FILE,…",
        conflicts_with = "no_simulate"
    )]
    analyses: Vec<PathBuf>,
    /// Leave out: who people are, what is paid, what was noted
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT,…")]
    redact: Vec<RedactName>,
    /// An earlier report.json: the report also says what changed since then
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// Say whether the inputs of this report still match the files here, and write nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "since", "redact"])]
    verify: Option<PathBuf>,
    /// What the PDF is printed on
    #[arg(long, value_enum, default_value = "a4")]
    paper: PaperName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum PaperName {
    /// 210 mm × 297 mm
    A4,
    /// 8.5 in × 11 in
    Letter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FormatName {
    /// Fits a pull-request comment
    Md,
    /// One file for browsers and paper
    Html,
    /// The whole report for machines
    Json,
    /// One row for each strategy, volume and metric
    Csv,
    /// A workbook with live formulas
    Xlsx,
    /// For paper and archives
    Pdf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum StyleName {
    /// Without notes, evidence and discounts
    Executive,
    /// With every question and its answer
    Full,
    /// And with every metric, every change and every clause
    Audit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum RedactName {
    /// Names become "person 1", "person 2"
    People,
    /// Prices, discounts, fees and rates
    Prices,
    /// Notes, reasons, references
    Notes,
}

impl FormatName {
    fn format(self) -> Format {
        match self {
            Self::Md => Format::Markdown,
            Self::Html => Format::Html,
            Self::Json => Format::Json,
            Self::Csv => Format::Csv,
            Self::Xlsx => Format::Xlsx,
            Self::Pdf => Format::Pdf,
        }
    }
}

impl StyleName {
    fn style(self) -> Style {
        match self {
            Self::Executive => Style::Executive,
            Self::Full => Style::Full,
            Self::Audit => Style::Audit,
        }
    }
}

impl RedactName {
    fn redact(self) -> Redact {
        match self {
            Self::People => Redact::People,
            Self::Prices => Redact::Prices,
            Self::Notes => Redact::Notes,
        }
    }
}

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    if let Some(file) = &args.verify {
        return verify::verify(&args, file, terminal);
    }
    let files = outputs(&args)?;
    let since = args.since.as_deref().map(earlier).transpose()?;
    // From the first step to the last: between two of them, too, Ctrl-C asks for what is known by now.
    interrupt::listen();
    let made = Inputs::gather(&args, terminal);
    interrupt::deaf();
    let made = made?;
    let redact: Vec<Redact> = args.redact.iter().map(|name| name.redact()).collect();
    let mut around = made
        .project
        .as_ref()
        .map(|project| Around::of(project, made.clock))
        .transpose()?;
    if let Some(around) = &mut around {
        around.study.clone_from(&made.study);
    }
    let judged = made
        .project
        .as_ref()
        .zip(around.as_ref())
        .map(|(project, around)| (project, around, judge(&around.case(project))));
    let approved = judged
        .as_ref()
        .map(|(project, around, _)| around.case(project).approved())
        .unwrap_or_default();
    let seal = made.seal(around.as_ref())?;
    let sources = Sources {
        study: made.study.as_ref(),
        scenario: made.scenario.as_ref(),
        review: judged
            .as_ref()
            .map(|(project, _, verdict)| (*project, verdict)),
        approved: &approved,
        clock: made.clock,
        style: args.style.style(),
        analyses: &made.analyses,
        inputs: &seal,
        commands: &make::commands(&args, &made),
        since: since.as_ref(),
        redact: &redact,
    };
    let mut report = report::build(&sources);
    report.missing.extend_from_slice(&made.gaps);
    report.paper = match args.paper {
        PaperName::A4 => Paper::A4,
        PaperName::Letter => Paper::Letter,
    };
    for gap in &report.missing {
        terminal.note(&format!("note: {}", crate::reading::harmless(gap)));
    }
    for (format, file) in &files {
        let bytes = report::write(&report, *format)
            .map_err(|error| Failure::system("report", std::io::Error::other(error)))?;
        terminal.write_bytes(file.as_deref(), &bytes)?;
    }
    Ok(if made.stopped {
        Answer::Interrupted
    } else {
        Answer::Yes
    })
}

/// Everything that a report is made from.
struct Inputs {
    project: Option<Project>,
    scenario: Option<Scenario>,
    study: Option<Study>,
    analyses: Analyses,
    /// Files and commands that make the analyses again.
    again: Vec<(String, String)>,
    /// What the analyses did not find in time.
    gaps: Vec<String>,
    /// Ctrl-C stopped the simulation.
    stopped: bool,
    clock: Clock,
}

impl Inputs {
    fn gather(args: &Args, terminal: &Terminal) -> Result<Self, Failure> {
        let project = project(args.review.as_deref())?;
        // What is wrong with them is known before anything long runs.
        let given = Given::read(&args.analyses)?;
        let scenario = scenario_of(project.as_ref())?;
        if args.study.is_none() {
            given.hold(scenario.as_ref(), None)?;
        }
        let (scenario, study) = make::numbers(args, project.as_ref(), scenario, terminal)?;
        given.hold(scenario.as_ref(), study.as_ref())?;
        if project.is_none() && study.is_none() {
            return Err(Failure::input(
                "there is nothing to report: no review, and nothing simulated",
                "`gonogo init` writes a review; without --no-simulate there are numbers",
            ));
        }
        let looked = if args.analyses.is_empty() && args.study.is_none() {
            make::analysed(
                project.as_ref(),
                scenario.as_ref(),
                study.as_ref(),
                terminal,
            )?
        } else {
            Looked {
                analyses: given.shown(
                    make::chosen(project.as_ref(), scenario.as_ref(), study.as_ref()).as_deref(),
                ),
                ..Looked::default()
            }
        };
        Ok(Self {
            project,
            scenario,
            study,
            analyses: looked.analyses,
            again: looked.again,
            gaps: looked.gaps,
            stopped: looked.stopped,
            clock: args.as_of.unwrap_or_else(Clock::system),
        })
    }

    fn seal(&self, around: Option<&Around>) -> Result<Seal, Failure> {
        let review = self
            .project
            .as_ref()
            .zip(around.map(|around| &around.facts));
        let catalogue = make::catalogue(self.scenario.as_ref())?;
        let seal = Seal::of(
            review,
            self.scenario.as_ref(),
            &catalogue,
            self.study.as_ref(),
        );
        Ok(seal.with(&self.analyses))
    }
}

fn earlier(path: &Path) -> Result<serde_json::Value, Failure> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::system(format!("reading {name}"), error))?;
    report::earlier(&text).map_err(|why| {
        Failure::input(
            format!("{name}:{why}"),
            "--since takes what `gonogo report --format json` wrote",
        )
    })
}

/// Where each format goes; known, and known to be writable, before anything long runs.
fn outputs(args: &Args) -> Result<Vec<(Format, Option<PathBuf>)>, Failure> {
    let mut formats: Vec<Format> = Vec::new();
    for format in args.format.iter().map(|name| name.format()) {
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    let Some(folder) = &args.out else {
        return match formats.as_slice() {
            [one] if !one.is_text() && std::io::stdout().is_terminal() => Err(Failure::input(
                "this format is no text, and standard output is a terminal",
                "name a folder: --out DIR",
            )),
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
