//! What a report shows beside the study: taken from what the analyses' commands wrote, or run for a while.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::analysis::compare::{self, ComparePlan, Comparison, compare};
use crate::model::Model;
use crate::report::{Analyses, Compared};
use crate::study::Precision;

use super::super::minute::Minute;
use super::super::simulate::all_threads;
use super::make::quoted;
use super::{Failure, Terminal};

/// What one analysis may take.
const A_WHILE: Duration = Duration::from_secs(20);

/// From files that `gonogo compare --json -o FILE` and its kin wrote.
pub(super) fn given(files: &[PathBuf]) -> Result<Analyses, Failure> {
    let mut all = Analyses::default();
    for file in files {
        take(file, &mut all)?;
    }
    Ok(all)
}

fn take(file: &Path, all: &mut Analyses) -> Result<(), Failure> {
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::system(format!("reading {name}"), error))?;
    let wrong = |why: String| {
        Failure::input(
            format!("{name}: {why}"),
            "--analyses takes what `gonogo compare --json -o FILE` wrote",
        )
    };
    let value: Value = serde_json::from_str(&text)
        .map_err(|error| wrong(format!("this is no analysis: {error}")))?;
    match value.get("schema").and_then(Value::as_str) {
        Some(compare::SCHEMA) => all
            .compared
            .push(Compared::of(&typed::<Comparison>(value).map_err(wrong)?)),
        Some(other) => {
            return Err(wrong(format!(
                "its schema is `{other}`, which no part of a report is made from"
            )));
        }
        None => return Err(wrong("it has no `schema`".to_owned())),
    }
    Ok(())
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// What can be found out in a while about the strategy that goes live, and the files and commands that make it again;
/// what is not found is not shown.
pub(super) fn run(
    model: &Model,
    scenario: &str,
    live: &str,
    terminal: &Terminal,
) -> (Analyses, Vec<(String, String)>) {
    let mut all = Analyses::default();
    let mut again = Vec::new();
    if let Some((compared, command)) = savings(model, scenario, live, terminal) {
        all.compared.push(compared);
        again.push(("compare.json".to_owned(), command));
    }
    (all, again)
}

/// From the scenario's first strategy, what it starts from, to the one that goes live.
fn savings(
    model: &Model,
    scenario: &str,
    live: &str,
    terminal: &Terminal,
) -> Option<(Compared, String)> {
    let to = model
        .strategies
        .iter()
        .position(|strategy| strategy.name == live)?;
    if to == 0 {
        return None;
    }
    let mut plan = ComparePlan::of(model, 0, to);
    plan.study.threads = all_threads();
    plan.study.precision = Some(Precision::default());
    let watch = Minute::new(Some(A_WHILE), terminal.shows_progress());
    let found = watch.over(|| compare(model, &plan, &watch))?;
    let command = format!(
        "gonogo compare {} {}{} --volume {} --months {} --seed {} --json -o compare.json",
        quoted(&found.a),
        quoted(&found.b),
        if scenario.is_empty() {
            String::new()
        } else {
            format!(" {scenario}")
        },
        found.volume,
        found.months,
        plan.study.seed
    );
    Some((Compared::of(&found), command))
}
