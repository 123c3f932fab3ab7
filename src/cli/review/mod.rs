//! `gonogo review …`: everything that the terminal app can do to a review, for scripts and for people.

mod about;
mod answer;
mod compare;
mod lists;
mod packs;
mod sign;

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use crate::checklist::store::{Author, Draft, Refusal, StoreError, change};
use crate::checklist::verdict::{Case, Facts, Verdict, judge};
use crate::checklist::{Clock, Project, git, promises, safe, typed_date};
use crate::prices::Catalogue;
use crate::reading::Problems;
use crate::study::Study;

use super::{Answer, Failure, Terminal};

/// Answers, evidence, waivers, signatures: lists, shows and changes a review
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  gonogo review list --open\n  gonogo review set p95-latency yes --evidence load-test\n  gonogo review waive production.fallback --reason \"second provider in January\" --approved-by Ana --expires +30d"
)]
pub struct Args {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every subcommand takes.
#[derive(Debug, ClapArgs)]
struct Common {
    /// The review
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "review.toml"
    )]
    review: PathBuf,
    /// Who does this, `Name <mail>`; default: git's user
    #[arg(long, global = true, value_name = "NAME")]
    by: Option<String>,
    /// The day or time that counts as now
    #[arg(long, global = true, value_name = "DATE", value_parser = Clock::at)]
    as_of: Option<Clock>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Questions with answer, severity and what is missing
    List(lists::List),
    /// One question in full: why, how to find out, what counts, what was answered
    Show(lists::Show),
    /// Answers a question, or changes what stands beside its answer
    Set(answer::Set),
    /// Writes a note to an answer
    Note(answer::Note),
    /// Adds evidence and attaches it to answers
    Evidence(answer::Evidence),
    /// Accepts a risk until a day
    Waive(answer::Waive),
    /// Signs for a role
    Sign(sign::Sign),
    /// What is decided about: release, commit, stage, tags, strategy, dates, who decides
    About(about::About),
    /// Lists a person under a role, who may then answer for it, waive and sign
    Role(sign::Role),
    /// Writes down an approved budget
    Budget(sign::Budget),
    /// Starts the next review from this one: answers are carried over, to be looked at again
    Carry(compare::Carry),
    /// What changed between two reviews, or between two git revisions of one
    Diff(compare::Diff),
    /// Merges three versions; git's merge driver
    #[command(
        after_help = "As git's merge driver:\n  git config merge.gonogo.name \"reviews, question by question\"\n  git config merge.gonogo.driver \"gonogo review merge %O %A %B\""
    )]
    Merge(compare::Merge),
    /// Every change made through gonogo
    History(lists::History),
    /// Accepts newer shipped checklists; answers to changed questions are marked for another look
    Repin(packs::Repin),
    /// The checklists that can be had; takes one in, or imports another tool's
    Checklists(packs::Checklists),
    /// Adds a question to a checklist of the project's own
    AddQuestion(packs::AddQuestion),
    /// Changes the wording of a question; a shipped checklist is copied into the project first
    ChangeQuestion(packs::ChangeQuestion),
    /// All questions and answers as Markdown or CSV
    Export(lists::Export),
}

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let common = args.common;
    match args.command {
        Command::List(args) => lists::list(&common, &args, terminal),
        Command::Show(args) => lists::show(&common, &args, terminal),
        Command::Set(args) => answer::set(&common, args, terminal),
        Command::Note(args) => answer::note(&common, args, terminal),
        Command::Evidence(args) => answer::evidence(&common, args, terminal),
        Command::Waive(args) => answer::waive(&common, &args, terminal),
        Command::Sign(args) => sign::sign(&common, &args, terminal),
        Command::Role(args) => sign::role(&common, &args, terminal),
        Command::Budget(args) => sign::budget(&common, &args, terminal),
        Command::About(args) => about::about(&common, &args, terminal),
        Command::Carry(args) => compare::carry(&common, &args, terminal),
        Command::Diff(args) => compare::diff(&common, &args, terminal),
        Command::Merge(args) => compare::merge(&common, &args, terminal),
        Command::History(args) => lists::history(&common, &args, terminal),
        Command::Repin(args) => packs::repin(&common, &args, terminal),
        Command::Checklists(args) => packs::checklists(&common, &args, terminal),
        Command::AddQuestion(args) => packs::add_question(&common, &args, terminal),
        Command::ChangeQuestion(args) => packs::change_question(&common, &args, terminal),
        Command::Export(args) => lists::export(&common, &args, terminal),
    }
}

impl Common {
    fn clock(&self) -> Clock {
        self.as_of.unwrap_or_else(Clock::system)
    }

    /// The project, with everything held against everything.
    fn project(&self) -> Result<Project, Failure> {
        missing(&self.review)?;
        Project::load(&self.review).map_err(Failure::Files)
    }

    /// The project, even if pins or answers do not fit.
    fn loose_project(&self) -> Result<Project, Failure> {
        missing(&self.review)?;
        Project::load_unchecked(&self.review).map_err(Failure::Files)
    }

    fn author(&self, cause: &str) -> Result<Author, Failure> {
        let folder = self.review.parent().unwrap_or(Path::new("."));
        let who = self
            .by
            .clone()
            .or_else(|| git::user(folder))
            .filter(|who| !who.trim().is_empty());
        let who = who.ok_or_else(|| {
            Failure::input(
                "it is not known who does this",
                "add --by \"Name <mail>\", or tell git: git config user.name NAME",
            )
        })?;
        Ok(Author {
            who,
            clock: self.clock(),
            cause: cause.to_owned(),
        })
    }

    /// Changes the review, and says what came of it.
    fn change<T>(
        &self,
        author: &Author,
        edit: impl FnMut(&mut Draft) -> Result<T, Refusal>,
    ) -> Result<(T, bool), Failure> {
        change(&self.review, author, edit).map_err(store_failure)
    }

    /// Says what was done, as text or JSON, with the verdict as it stands now.
    fn report(
        &self,
        terminal: &mut Terminal,
        done: &str,
        changed: bool,
    ) -> Result<Answer, Failure> {
        let project = self.project()?;
        let around = Around::of(&project, self.clock())?;
        let verdict = around.judge(&project);
        let text = if self.json {
            let document = json!({
                "schema": "gonogo.change/1",
                "done": safe::line(done),
                "changed": changed,
                "verdict": verdict.outcome.to_string(),
                "why": safe::line(&verdict.why),
            });
            format!("{document:#}\n")
        } else {
            let unchanged = if changed { "" } else { " (as it was)" };
            format!(
                "{}{unchanged}\n{}: {}\n",
                safe::line(done),
                verdict.outcome,
                safe::line(&verdict.why)
            )
        };
        terminal.print(&text).map(|()| Answer::Yes)
    }
}

/// A review that is not there deserves the command that writes one.
pub(super) fn missing(review: &Path) -> Result<(), Failure> {
    if review.exists() {
        return Ok(());
    }
    Err(Failure::input(
        format!("there is no {}", review.display()),
        "`gonogo init` writes one; --review names another",
    ))
}

pub(super) fn store_failure(error: StoreError) -> Failure {
    match error {
        StoreError::Problems(problems) => Failure::Files(vec![*problems]),
        StoreError::Refused(why) => Failure::input(why, "nothing was changed"),
        StoreError::Io { path, doing, error } => Failure::system(
            format!("cannot {doing} {} (nothing was changed)", path.display()),
            error,
        ),
    }
}

/// A refusal with a way out of its own.
fn refused(why: String) -> Failure {
    Failure::input(why, "nothing was changed")
}

/// A day as typed, against the clock.
fn day(text: &str, clock: Clock) -> Result<jiff::civil::Date, Failure> {
    typed_date(text, clock.today()).map_err(refused)
}

/// Digest of the prices that the project's scenario is simulated with.
pub(super) fn catalogue_digest(project: &Project) -> Result<String, Failure> {
    let scenario = project.scenario_path();
    let folder = scenario
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let catalogue = Catalogue::in_folder(folder).map_err(|error| {
        Failure::input(
            error.to_string(),
            "remove it, or import the file again with `gonogo prices import`",
        )
    })?;
    Ok(catalogue.digest().to_owned())
}

/// What a verdict needs besides the project.
pub(super) struct Around {
    pub facts: Facts,
    pub slo: std::collections::BTreeMap<String, f64>,
    pub clock: Clock,
    pub study: Option<Study>,
}

impl Around {
    pub(super) fn of(project: &Project, clock: Clock) -> Result<Self, Failure> {
        let scenario = project
            .scenario()
            .map_err(|problems: Problems| Failure::Files(vec![problems]))?;
        let facts = project.facts(scenario.as_ref(), &catalogue_digest(project)?);
        Ok(Self {
            facts,
            slo: promises(scenario.as_ref()),
            clock,
            study: None,
        })
    }

    pub(super) fn judge<'a>(&'a self, project: &'a Project) -> Verdict<'a> {
        judge(&self.case(project))
    }

    pub(super) fn case<'a>(&'a self, project: &'a Project) -> Case<'a> {
        Case {
            review: &project.review,
            checklists: &project.checklists,
            study: self.study.as_ref(),
            slo: &self.slo,
            facts: &self.facts,
            clock: self.clock,
            stage: None,
            before_signoff: false,
        }
    }
}
