use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::checklist::{Checklist, Project, read_checklist, read_review};
use crate::model;
use crate::prices::Catalogue;
use crate::reading::{self, Problem, Problems, Source, Table};
use crate::scenario::{self, Scenario};

use super::{Answer, Failure, Terminal};

/// Checks scenarios, reviews and checklists: every error with its place, what was expected, and the nearest valid name
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gonogo validate scenario.toml\n  gonogo validate scenario.toml --resolved\n  gonogo validate review.toml checklists/*.toml --json"
)]
pub struct Args {
    /// Files to check, `-` for standard input; without any, `scenario.toml` and `review.toml` in this folder, else the
    /// embedded example
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
        match result {
            Ok(Valid::Scenario(scenario)) if args.resolved => {
                text.push_str(&scenario::resolved_toml(scenario));
            }
            Ok(valid) => text.push_str(&valid.summary(name)),
            Err(_) => {}
        }
    }
    terminal.write(args.output.as_deref(), &text)?;
    let problems: Vec<Problems> = found
        .into_iter()
        .filter_map(|(_, result)| result.err())
        .flatten()
        .collect();
    if problems.is_empty() {
        Ok(Answer::Yes)
    } else {
        Err(Failure::Files(problems))
    }
}

/// A file that is right.
enum Valid {
    Scenario(Box<Scenario>),
    Review(Box<Project>),
    Checklist(Box<Checklist>),
}

type Checked = (String, Result<Valid, Vec<Problems>>);

fn check(files: &[PathBuf]) -> Result<Vec<Checked>, Failure> {
    if files.is_empty() {
        let here: Vec<PathBuf> = ["scenario.toml", "review.toml"]
            .map(PathBuf::from)
            .into_iter()
            .filter(|path| path.exists())
            .collect();
        if here.is_empty() {
            let embedded = scenario::DEFAULT;
            let result = embedded
                .scenario()
                .and_then(runnable)
                .map_err(|problems| vec![problems]);
            return Ok(vec![(embedded.source().name.clone(), result)]);
        }
        return check(&here);
    }
    files
        .iter()
        .map(|path| {
            if path.as_os_str() != "-" {
                return Ok((
                    path.display().to_string(),
                    read(reading::open(path), Some(path)),
                ));
            }
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .map_err(|error| Failure::system("reading standard input", error))?;
            Ok((
                "<standard input>".to_owned(),
                read(Source::from_bytes("<standard input>", bytes), None),
            ))
        })
        .collect()
}

/// Reads a file as what it is: a checklist has sections, a review names its checklists, the rest are scenarios.
fn read(
    source: Result<Arc<Source>, Problems>,
    path: Option<&Path>,
) -> Result<Valid, Vec<Problems>> {
    let one = |problems| vec![problems];
    let source = source.map_err(one)?;
    let document = reading::parse(&source).map_err(one)?;
    let has = |key: &str| Table::root(&document).has(key);
    if has("section") {
        return read_checklist(&source, false)
            .map(|it| Valid::Checklist(Box::new(it)))
            .map_err(one);
    }
    if has("checklists") || has("answer") {
        return match path {
            Some(path) => Project::load(path).map(|project| Valid::Review(Box::new(project))),
            None => read_review(&source).map_err(one).and_then(|_| {
                let why = "a review is held against its checklists, which stand beside its file";
                Err(vec![Problems::new(
                    &source,
                    vec![Problem::new(0..0, why).help("name the file instead of piping it")],
                )])
            }),
        };
    }
    let folder = path.map_or(Some(Path::new(".")), Path::parent);
    Scenario::parse(source, folder)
        .and_then(runnable)
        .map_err(one)
}

/// What reads may still name a model that the price catalogue does not have.
fn runnable(scenario: Scenario) -> Result<Valid, Problems> {
    model::compile(&scenario, Catalogue::embedded()).map(|_| Valid::Scenario(Box::new(scenario)))
}

impl Valid {
    /// "scenario.toml: ok. 2 classes, 3 models, 5 strategies at 2 volumes"
    fn summary(&self, name: &str) -> String {
        let count = |count: usize, one: &str, many: &str| {
            format!("{count} {}", if count == 1 { one } else { many })
        };
        match self {
            Self::Scenario(scenario) => format!(
                "{name}: ok. {}, {}, {} at {}\n",
                count(scenario.workload.classes.len(), "class", "classes"),
                count(scenario.models.len(), "model", "models"),
                count(scenario.strategies.len(), "strategy", "strategies"),
                count(scenario.study.volumes.len(), "volume", "volumes"),
            ),
            Self::Review(project) => format!(
                "{name}: ok. A review with {} and {}\n",
                count(project.checklists.len(), "checklist", "checklists"),
                count(project.review.answers.len(), "answer", "answers"),
            ),
            Self::Checklist(checklist) => format!(
                "{name}: ok. {}\n",
                count(checklist.questions().count(), "question", "questions")
            ),
        }
    }

    fn as_json(&self, name: &str) -> Value {
        let (kind, title, digest) = match self {
            Self::Scenario(scenario) => ("scenario", &scenario.name, Some(&scenario.digest)),
            Self::Review(project) => ("review", &project.review.system, None),
            Self::Checklist(checklist) => ("checklist", &checklist.title, Some(&checklist.sha256)),
        };
        json!({ "file": name, "ok": true, "kind": kind, "name": title, "digest": digest, "problems": [] })
    }
}

fn as_json(name: &str, result: &Result<Valid, Vec<Problems>>) -> Value {
    match result {
        Ok(valid) => valid.as_json(name),
        Err(problems) => {
            let all = problems
                .iter()
                .flat_map(|file| file.list.iter().map(move |problem| (file, problem)));
            let list: Vec<Value> = all.map(|(problems, problem)| {
                let (line, column) = problems.source.line_column(problem.span.start);
                json!({
                    "file": problems.source.name, "line": line, "column": column, "start": problem.span.start, "end": problem.span.end,
                    "message": problem.message, "expected": problem.expected, "help": problem.help,
                })
            }).collect();
            json!({ "file": name, "ok": false, "problems": list })
        }
    }
}
