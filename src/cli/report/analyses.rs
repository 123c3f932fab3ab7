//! What a report shows beside the study: taken from what the analyses' commands wrote, or run for a while.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::analysis::compare::{self, ComparePlan, Comparison, compare};
use crate::analysis::forecast::{self, ForecastPlan, Months, forecast};
use crate::analysis::headroom::{self, HeadroomPlan, headroom};
use crate::analysis::sensitivity::{self, SensitivityPlan, sensitivity};
use crate::model::Model;
use crate::prices::Catalogue;
use crate::report::{Analyses, Compared, Forecast, Headroom, Moved};
use crate::scenario::Scenario;
use crate::study::Precision;

use super::super::minute::Minute;
use super::super::simulate::all_threads;
use super::make::quoted;
use super::{Failure, Terminal};

/// What one analysis may take.
const A_WHILE: Duration = Duration::from_secs(10);

/// Months that a forecast looks ahead.
const AHEAD: u32 = 12;

/// From files that `gonogo compare --json -o FILE` and its kin wrote; of a forecast the strategy that goes live is shown.
pub(super) fn given(files: &[PathBuf], live: Option<&str>) -> Result<Analyses, Failure> {
    let mut all = Analyses::default();
    for file in files {
        take(file, live, &mut all)?;
    }
    Ok(all)
}

fn take(file: &Path, live: Option<&str>, all: &mut Analyses) -> Result<(), Failure> {
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::system(format!("reading {name}"), error))?;
    let wrong = |why: String| {
        Failure::input(
            format!("{name}: {why}"),
            "--analyses takes what `gonogo compare`, `headroom`, `sensitivity` and `forecast` write with --json -o FILE",
        )
    };
    let value: Value = serde_json::from_str(&text)
        .map_err(|error| wrong(format!("this is no analysis: {error}")))?;
    match value.get("schema").and_then(Value::as_str) {
        Some(compare::SCHEMA) => {
            let found: Comparison = typed(value).map_err(wrong)?;
            all.compared.push(Compared::of(&found));
        }
        Some(headroom::SCHEMA) => {
            let found: headroom::Headroom = typed(value).map_err(wrong)?;
            all.headroom.extend(Headroom::of(&found));
        }
        Some(sensitivity::SCHEMA) => {
            let found: sensitivity::Sensitivity = typed(value).map_err(wrong)?;
            all.moved.extend(Moved::of(&found));
        }
        Some(forecast::SCHEMA) => {
            let found: forecast::Forecast = typed(value).map_err(wrong)?;
            let first = found.strategies.first().map(|one| one.strategy.as_str());
            let names = [live, first];
            all.forecast = names
                .into_iter()
                .flatten()
                .find_map(|name| Forecast::of(&found, name));
        }
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

/// What is looked at.
pub(super) struct Subject<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) model: &'a Model,
    /// The strategy that goes live.
    pub(super) live: &'a str,
}

/// What can be found out in a while about the strategy that goes live, and the files and commands that make it again;
/// what is not found is not shown.
pub(super) fn run(subject: &Subject<'_>, terminal: &Terminal) -> (Analyses, Vec<(String, String)>) {
    let mut all = Analyses::default();
    let mut again = Vec::new();
    let mut note = |name: &str, command: String| {
        let file = format!("{name}.json");
        again.push((file.clone(), format!("gonogo {command} --json -o {file}")));
    };
    if let Some((compared, command)) = savings(subject, terminal) {
        all.compared.push(compared);
        note("compare", command);
    }
    let Some(place) = place(subject.model, subject.live) else {
        return (all, again);
    };
    let (name, live) = (subject.name(), quoted(subject.live));
    let plan = HeadroomPlan {
        strategies: vec![place],
        threads: all_threads(),
        ..HeadroomPlan::of(subject.model)
    };
    let watch = Minute::new(Some(A_WHILE), terminal.shows_progress());
    if let Some(found) = watch.over(|| headroom(subject.model, &plan, &watch)) {
        all.headroom = Headroom::of(&found);
        note(
            "headroom",
            format!(
                "headroom{name} --strategies {live} --months {} --seed {}",
                found.months, found.seed
            ),
        );
    }
    let plan = SensitivityPlan {
        chosen: Some(place),
        choice: false,
        threads: all_threads(),
        ..SensitivityPlan::of(subject.model)
    };
    let watch = Minute::new(Some(A_WHILE), terminal.shows_progress());
    if let Some(found) = watch.over(|| sensitivity(subject.model, &plan, &watch)) {
        all.moved = Moved::of(&found);
        note(
            "sensitivity",
            format!(
                "sensitivity{name} --strategy {live} --months {} --seed {}",
                found.months, found.seed
            ),
        );
    }
    all.forecast = coming(subject, place, terminal);
    if all.forecast.is_some() {
        note(
            "forecast",
            format!("forecast{name} --strategies {live} --for {AHEAD}"),
        );
    }
    (all, again)
}

fn place(model: &Model, name: &str) -> Option<usize> {
    model
        .strategies
        .iter()
        .position(|strategy| strategy.name == name)
}

impl Subject<'_> {
    /// The scenario's file as a command's argument, with a space before it; none for the embedded one.
    fn name(&self) -> String {
        if self.scenario.folder.is_some() {
            format!(" {}", quoted(&self.scenario.source.name))
        } else {
            String::new()
        }
    }
}

/// From the scenario's first strategy, what it starts from, to the one that goes live.
fn savings(subject: &Subject<'_>, terminal: &Terminal) -> Option<(Compared, String)> {
    let to = place(subject.model, subject.live).filter(|to| *to > 0)?;
    let mut plan = ComparePlan::of(subject.model, 0, to);
    plan.study.threads = all_threads();
    plan.study.precision = Some(Precision::default());
    let watch = Minute::new(Some(A_WHILE), terminal.shows_progress());
    let found = watch.over(|| compare(subject.model, &plan, &watch))?;
    let command = format!(
        "compare {} {}{} --volume {} --months {} --seed {}",
        quoted(&found.a),
        quoted(&found.b),
        subject.name(),
        found.volume,
        found.months,
        plan.study.seed
    );
    Some((Compared::of(&found), command))
}

/// The months to come.
fn coming(subject: &Subject<'_>, place: usize, terminal: &Terminal) -> Option<Forecast> {
    let folder = subject.scenario.folder.as_deref().unwrap_or(Path::new("."));
    let catalogue = Catalogue::in_folder(folder).ok()?;
    let months = Months::compile(subject.scenario, &catalogue, AHEAD).ok()?;
    let mut plan = ForecastPlan::of(subject.model);
    plan.strategies = vec![place];
    plan.threads = all_threads();
    let watch = Minute::new(Some(A_WHILE), terminal.shows_progress());
    let found = watch.over(|| forecast(&months, &plan, &watch))?;
    Forecast::of(&found, subject.live)
}
