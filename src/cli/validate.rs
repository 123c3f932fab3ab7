use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::model;
use crate::prices::Catalogue;
use crate::reading::{Problems, Source};
use crate::scenario::{self, Scenario};

use super::{Answer, Failure, Terminal};

/// Checks files: every error with its place, what was expected, and the nearest valid name
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gonogo validate scenario.toml\n  gonogo validate scenario.toml --resolved\n  gonogo validate *.toml --json"
)]
pub struct Args {
    /// Files to check, `-` for standard input; without any, `scenario.toml` in this folder, else the embedded example
    files: Vec<PathBuf>,
    /// Print the scenario as it will be simulated: with what it inherits and with every default
    #[arg(long)]
    resolved: bool,
    /// Print what was found as JSON
    #[arg(long, conflicts_with = "resolved")]
    json: bool,
    /// Write what is printed to this file instead
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let found = check(&args.files)?;
    let bad = found.iter().any(|(_, result)| result.is_err());
    if args.json {
        let files: Vec<Value> = found
            .iter()
            .map(|(name, result)| as_json(name, result))
            .collect();
        let document = json!({ "schema": "gonogo.problems/1", "ok": !bad, "files": files });
        terminal.write(args.output.as_deref(), &format!("{document:#}\n"))?;
        return if bad {
            Err(Failure::Reported)
        } else {
            Ok(Answer::Yes)
        };
    }
    let mut text = String::new();
    for (name, result) in &found {
        let Ok(scenario) = result else { continue };
        if args.resolved {
            text.push_str(&scenario::resolved_toml(scenario));
        } else {
            text.push_str(&summary(name, scenario));
        }
    }
    terminal.write(args.output.as_deref(), &text)?;
    let problems: Vec<Problems> = found
        .into_iter()
        .filter_map(|(_, result)| result.err())
        .collect();
    if problems.is_empty() {
        Ok(Answer::Yes)
    } else {
        Err(Failure::Files(problems))
    }
}

type Checked = (String, Result<Scenario, Problems>);

fn check(files: &[PathBuf]) -> Result<Vec<Checked>, Failure> {
    if files.is_empty() {
        let here = Path::new("scenario.toml");
        if here.exists() {
            return Ok(vec![(
                "scenario.toml".to_owned(),
                Scenario::load(here).and_then(runnable),
            )]);
        }
        let embedded = scenario::DEFAULT;
        return Ok(vec![(
            embedded.source().name.clone(),
            embedded.scenario().and_then(runnable),
        )]);
    }
    files
        .iter()
        .map(|path| {
            if path.as_os_str() == "-" {
                let mut bytes = Vec::new();
                std::io::stdin()
                    .lock()
                    .read_to_end(&mut bytes)
                    .map_err(|error| Failure::system("reading standard input", error))?;
                let source = Source::from_bytes("<standard input>", bytes);
                let read = source.and_then(|source| Scenario::parse(source, Some(Path::new("."))));
                return Ok(("<standard input>".to_owned(), read.and_then(runnable)));
            }
            let read = Scenario::load(path).and_then(runnable);
            Ok((path.display().to_string(), read))
        })
        .collect()
}

/// What reads may still name a model that the price catalogue does not have.
fn runnable(scenario: Scenario) -> Result<Scenario, Problems> {
    model::compile(&scenario, Catalogue::embedded()).map(|_| scenario)
}

/// "scenario.toml: ok. 2 classes, 3 models, 5 strategies at 2 volumes"
fn summary(name: &str, scenario: &Scenario) -> String {
    let count = |count: usize, one: &str, many: &str| {
        format!("{count} {}", if count == 1 { one } else { many })
    };
    let volumes = scenario.study.volumes.len();
    format!(
        "{name}: ok. {}, {}, {} at {}\n",
        count(scenario.workload.classes.len(), "class", "classes"),
        count(scenario.models.len(), "model", "models"),
        count(scenario.strategies.len(), "strategy", "strategies"),
        count(volumes, "volume", "volumes"),
    )
}

fn as_json(name: &str, result: &Result<Scenario, Problems>) -> Value {
    match result {
        Ok(scenario) => {
            json!({ "file": name, "ok": true, "name": scenario.name, "digest": scenario.digest, "problems": [] })
        }
        Err(problems) => {
            let list: Vec<Value> = problems.list.iter().map(|problem| {
                let (line, column) = problems.source.line_column(problem.span.start);
                json!({
                    "line": line, "column": column, "start": problem.span.start, "end": problem.span.end,
                    "message": problem.message, "expected": problem.expected, "help": problem.help,
                })
            }).collect();
            json!({ "file": name, "ok": false, "problems": list })
        }
    }
}
