//! `gonogo report --verify FILE`.

use std::path::Path;

use crate::checklist::Clock;
use crate::report::Seal;

use super::super::check::parse_study;
use super::super::review::Around;
use super::given::Given;
use super::{Answer, Args, Failure, Inputs, Terminal, make, project, scenario_of};

/// Says whether the inputs of a report still match what is here.
pub(super) fn verify(args: &Args, file: &Path, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let name = file.display();
    let bytes =
        std::fs::read(file).map_err(|error| Failure::system(format!("reading {name}"), error))?;
    let Some(then) = Seal::find(&bytes) else {
        return Err(Failure::input(
            format!("{name} carries no digests of its inputs"),
            "verify a report in md, html, json, xlsx or pdf; a CSV has no place for them",
        ));
    };
    let project = project(args.review.as_deref())?;
    let mut scenario = scenario_of(project.as_ref())?;
    if scenario.is_none() && project.is_none() {
        scenario = crate::scenario::DEFAULT.scenario().ok();
    }
    let clock = args.as_of.unwrap_or_else(Clock::system);
    let study = args.study.as_deref().map(parse_study).transpose()?;
    let chosen = make::chosen(project.as_ref(), scenario.as_ref(), study.as_ref());
    let analyses = Given::read(&args.analyses)?.shown(chosen.as_deref());
    let inputs = Inputs {
        study,
        project,
        scenario,
        analyses,
        again: Vec::new(),
        gaps: Vec::new(),
        stopped: false,
        clock,
    };
    let around = inputs
        .project
        .as_ref()
        .map(|project| Around::of(project, clock))
        .transpose()?;
    let now = inputs.seal(around.as_ref())?;
    let changed = then.changed(&now);
    let asked = then.inputs.contains_key("study") && inputs.study.is_none();
    if changed.is_empty() {
        let count = then.inputs.len() - usize::from(asked);
        terminal.print(&format!("{name}: all {count} inputs match\n"))?;
    } else {
        for line in &changed {
            terminal.print(&format!("{name}: {}\n", crate::reading::harmless(line)))?;
        }
    }
    if asked {
        terminal.note("note: the study was not compared; name it with --study");
    }
    Ok(if changed.is_empty() {
        Answer::Yes
    } else {
        Answer::No
    })
}
