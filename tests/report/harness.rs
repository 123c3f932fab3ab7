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

/// Everything there is, at full length.
pub fn full() -> Report {
    report(
        Some(&project()),
        Some(&study()),
        Style::Full,
        &analyses(),
        None,
        &[],
    )
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
        inputs: &Seal::of(project.zip(Some(&facts)), Some(&scenario), "prices", study)
            .with(analyses),
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

/// The members of a workbook: names and text (PKWARE's APPNOTE 6.3, section 4.3).
pub fn members(workbook: &[u8]) -> Vec<(String, String)> {
    use std::io::Read as _;
    let number = |at: usize, bytes: usize| {
        (0..bytes).fold(0, |sum, byte| {
            sum + (usize::from(workbook[at + byte]) << (8 * byte))
        })
    };
    let entries = (0..workbook.len() - 4).filter(|at| workbook[*at..].starts_with(b"PK\x01\x02"));
    entries
        .map(|at| {
            let name = String::from_utf8(workbook[at + 46..at + 46 + number(at + 28, 2)].to_vec())
                .unwrap();
            let (method, packed, local) =
                (number(at + 10, 2), number(at + 20, 4), number(at + 42, 4));
            let start = local + 30 + number(local + 26, 2) + number(local + 28, 2);
            let data = &workbook[start..start + packed];
            let mut text = String::new();
            if method == 0 {
                text.push_str(std::str::from_utf8(data).unwrap());
            } else {
                flate2::read::DeflateDecoder::new(data)
                    .read_to_string(&mut text)
                    .unwrap();
            }
            (name, text)
        })
        .collect()
}

/// Analyses with a number in every place, so that every chart is drawn.
pub fn analyses() -> Analyses {
    serde_json::from_value(serde_json::json!({
        "compared": [{
            "from": "baseline", "to": "cached", "volume": 1.0, "from_usd": 820.0, "to_usd": 563.0, "cheaper_in": 1.0,
            "mechanisms": [
                { "name": "response_cache", "usd": -270.0, "usd_error": 4.0, "p95_s": -0.4, "failed": -0.001 },
                { "name": "fallback", "usd": 13.0, "usd_error": null, "p95_s": null, "failed": null }
            ]
        }],
        "moved": [{
            "metric": "cost.total", "strategy": "cached", "volume": 10.0, "base": 4396.0,
            "inputs": [
                { "path": "workload.conversations_per_day", "low": 3500.0, "high": 5300.0, "share": 0.9 },
                { "path": "models.large.price", "low": 4300.0, "high": 4500.0, "share": 0.05 }
            ]
        }],
        "headroom": [{
            "strategy": "cached",
            "edges": [
                { "promise": "latency_p95_s", "limit": 5.0, "holds_to": 14.0, "between": [12.0, 16.0], "words": "requests a minute of large bind" },
                { "promise": "failure_rate", "limit": 0.01, "holds_to": null, "between": null, "words": "holds as far as was looked" }
            ],
            "curve": [
                { "volume": 0.1, "usd_per_conversation": 0.03, "p95_s": 7.0, "failed": 0.0 },
                { "volume": 1.0, "usd_per_conversation": 0.02, "p95_s": 7.5, "failed": 0.0 },
                { "volume": 100.0, "usd_per_conversation": 0.01, "p95_s": 60.0, "failed": 0.4 }
            ]
        }],
        "drills": [{
            "drill": "primary-down", "about": "The primary is down for an hour", "strategy": "cached",
            "outcomes": ["answered", "fallback", "failed"], "minutes": [-5.0, 0.0, 5.0, 10.0],
            "counts": [[9.0, 0.0, 0.0], [1.0, 7.0, 1.0], [0.0, 8.0, 1.0], [9.0, 0.0, 0.0]],
            "lasts_min": 10.0, "failed": 0.05, "p95_s": 9.0, "recovery_s": 40.0, "extra_usd": 0.2
        }],
        "forecast": {
            "strategy": "cached", "words": ["The budget lasts for a year in 12% of cases."],
            "months": [
                { "starts": "2026-12-07", "volume": 1.0, "p10": 480.0, "p50": 560.0, "p80": 600.0, "p95": 650.0, "budget": 550.0 },
                { "starts": "2027-01-06", "volume": 1.1, "p10": 500.0, "p50": 600.0, "p80": 650.0, "p95": 720.0, "budget": 550.0 }
            ]
        }
    }))
    .unwrap()
}
