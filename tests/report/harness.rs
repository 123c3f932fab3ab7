//! The fixture of the report's tests: a project, a study of its scenario, and what is made of them.

use std::path::Path;

use gonogo::checklist::verdict::{Case, judge};
use gonogo::checklist::{Clock, Project, promises};
use gonogo::report::{Analyses, Format, Redact, Report, Seal, Sources, Style, build, write};
use gonogo::scenario::Scenario;
use gonogo::study::Study;

pub const FOLDER: &str = "tests/data/report";

pub fn study() -> Study {
    serde_json::from_str(&std::fs::read_to_string(Path::new(FOLDER).join("study.json")).unwrap())
        .unwrap()
}

pub fn scenario() -> Scenario {
    Scenario::load(&Path::new(FOLDER).join("scenario.toml")).unwrap()
}

pub fn clock() -> Clock {
    Clock::at("2026-11-23").unwrap()
}

/// Reports on a project and a study, either of which may be absent.
pub fn with<T>(
    project: Option<&Project>,
    study: Option<&Study>,
    style: Style,
    look: impl FnOnce(&Report) -> T,
) -> T {
    look(&report(
        project,
        study,
        style,
        &Analyses::default(),
        None,
        &[],
    ))
}

/// The same with everything that can be asked for.
pub fn report(
    project: Option<&Project>,
    study: Option<&Study>,
    style: Style,
    analyses: &Analyses,
    since: Option<&serde_json::Value>,
    redact: &[Redact],
) -> Report {
    let scenario = scenario();
    let slo = promises(Some(&scenario));
    let facts = project
        .map(|project| project.facts(Some(&scenario), "prices"))
        .unwrap_or_default();
    let case = project.map(|project| Case {
        review: &project.review,
        checklists: &project.checklists,
        study,
        slo: &slo,
        facts: &facts,
        clock: clock(),
        stage: None,
        before_signoff: false,
    });
    let verdict = case.as_ref().map(judge);
    let approved = case.as_ref().map(Case::approved).unwrap_or_default();
    let sources = Sources {
        study,
        scenario: Some(&scenario),
        review: project.zip(verdict.as_ref()),
        approved: &approved,
        clock: clock(),
        style,
        analyses,
        inputs: &Seal::of(project.zip(Some(&facts)), Some(&scenario), "prices", study),
        commands: &["gonogo report --study study.json --as-of 2026-11-23".to_owned()],
        since,
        redact,
    };
    build(&sources)
}

pub fn project() -> Project {
    Project::load(&Path::new(FOLDER).join("review.toml")).unwrap()
}

pub fn text(report: &Report, format: Format) -> String {
    String::from_utf8(write(report, format).unwrap()).unwrap()
}

pub fn markdown(report: &Report) -> String {
    text(report, Format::Markdown)
}

pub fn html(report: &Report) -> String {
    text(report, Format::Html)
}

pub fn json(report: &Report) -> String {
    text(report, Format::Json)
}

pub fn csv(report: &Report) -> String {
    text(report, Format::Csv)
}

pub fn all(report: &Report) -> [String; 4] {
    [markdown(report), html(report), json(report), csv(report)]
}
