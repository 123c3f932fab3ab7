//! The numbers of a report, and the commands that make it again.

use std::path::Path;
use std::time::Duration;

use crate::analysis::drill::READY_MADE;
use crate::checklist::Project;
use crate::prices::Catalogue;
use crate::report;
use crate::scenario::{self, Scenario};
use crate::study::{Plan, Precision, Study, estimate};

use super::super::check::{asked_drills, parse_study, read_study};
use super::super::interrupt;
use super::super::minute::Minute;
use super::analyses::{Looked, Subject};
use super::{Args, Failure, Inputs, StyleName, Terminal};

/// Digest of the price catalogue that counts for a scenario.
pub(super) fn catalogue(scenario: Option<&Scenario>) -> Result<String, Failure> {
    let folder = scenario
        .and_then(|scenario| scenario.folder.as_deref())
        .unwrap_or(Path::new("."));
    let catalogue = Catalogue::in_folder(folder).map_err(|error| {
        Failure::input(
            error.to_string(),
            "remove it, or import the file again with `gonogo prices import`",
        )
    })?;
    Ok(catalogue.digest().to_owned())
}

/// The study, and the scenario that it is of.
pub(super) fn numbers(
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

/// What the study may take; most are as precise as they need to be in a second or two.
const HALF_A_MINUTE: Duration = Duration::from_secs(30);

/// Simulates every strategy at every volume until the numbers are precise, for half a minute at most.
fn simulate(
    scenario: &Scenario,
    project: Option<&Project>,
    terminal: &Terminal,
) -> Result<Study, Failure> {
    let model = super::super::simulate::compile(scenario)?;
    let plan = Plan {
        threads: super::super::simulate::all_threads(),
        precision: Some(Precision::default()),
        ..Plan::of(&model)
    };
    let watch = Minute::step("the study", HALF_A_MINUTE, terminal.shows_progress());
    let study = watch
        .over(|| estimate(&model, &plan, &watch))
        .map(|outcome| outcome.study);
    let mut study = study.ok_or_else(|| {
        if watch.interrupted() {
            return Failure::Interrupted;
        }
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
    if watch.interrupted() {
        return Ok(study);
    }
    let watch = Minute::step("the drills", HALF_A_MINUTE, terminal.shows_progress());
    study.drills = super::super::drill::for_rules(&drills, &plan, scenario, &model, &watch);
    Ok(study)
}

/// Name of the strategy that the report is about.
pub(super) fn chosen(
    project: Option<&Project>,
    scenario: Option<&Scenario>,
    study: Option<&Study>,
) -> Option<String> {
    let live = project.and_then(|project| project.review.strategy.as_deref());
    let confidence = scenario.map_or(0.95, |scenario| scenario.slo.confidence);
    report::chosen(study?, live, confidence).map(|chosen| chosen.strategy)
}

/// What the analyses find beside a study that was simulated just now.
pub(super) fn analysed(
    project: Option<&Project>,
    scenario: Option<&Scenario>,
    study: Option<&Study>,
    terminal: &Terminal,
) -> Result<Looked, Failure> {
    let (Some(scenario), Some(study)) = (scenario, study) else {
        return Ok(Looked::default());
    };
    if interrupt::heard() {
        return Ok(super::analyses::none());
    }
    let Some(chosen) = chosen(project, Some(scenario), Some(study)) else {
        return Ok(Looked::default());
    };
    let model = super::super::simulate::compile(scenario)?;
    let mut names = model.strategies.iter().map(|strategy| &strategy.name);
    let Some(live) = names.position(|name| *name == chosen) else {
        return Ok(Looked::default());
    };
    let subject = Subject {
        scenario,
        model: &model,
        study,
        live,
    };
    Ok(super::analyses::run(&subject, terminal))
}

/// What makes the report again, from the same files: first the study, then the report.
pub(super) fn commands(args: &Args, made: &Inputs) -> Vec<String> {
    let (scenario, study, clock) = (made.scenario.as_ref(), made.study.as_ref(), made.clock);
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
        let given = args.analyses.iter().map(|path| path.display().to_string());
        let files: Vec<String> = given
            .chain(made.again.iter().map(|(file, _)| file.clone()))
            .collect();
        list.extend(made.again.iter().map(|(_, command)| command.clone()));
        if !files.is_empty() {
            command.push_str(" --analyses ");
            command.push_str(&quoted(&files.join(",")));
        }
    } else {
        command.push_str(" --no-simulate");
    }
    if let Some(review) = &args.review {
        command.push_str(" --review ");
        command.push_str(&quoted(&review.display().to_string()));
    }
    let style = match args.style {
        StyleName::Executive => "executive",
        StyleName::Full => "full",
        StyleName::Audit => "audit",
    };
    if !args.redact.is_empty() {
        let words: Vec<&str> = args
            .redact
            .iter()
            .map(|name| name.redact().word())
            .collect();
        command.push_str(" --redact ");
        command.push_str(&words.join(","));
    }
    if let Some(since) = &args.since {
        command.push_str(" --since ");
        command.push_str(&quoted(&since.display().to_string()));
    }
    // The folder and the formats are not named: they change nothing of what a report says.
    list.push(format!(
        "{command} --as-of {} --style {style}",
        clock.stamp()
    ));
    list
}

/// A name as a shell takes it.
pub(super) fn quoted(name: &str) -> String {
    let plain = name
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "._-/+,".contains(letter));
    if plain && !name.is_empty() && !name.starts_with('-') {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "'\\''"))
    }
}
