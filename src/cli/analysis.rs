//! What the analyses' commands have in common: which scenario, how long, how it is printed.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::model::Model;
use crate::scenario::Scenario;
use crate::study::Estimator;

use super::minute::Minute;
use super::simulate::{all_threads, compile, duration, load, strategy};
use super::{Answer, Failure, Terminal};

// No doc comment here: it would become the commands' own description.
#[derive(Debug, clap::Args)]
pub(super) struct Common {
    /// Scenario file; without one, `scenario.toml` in this folder, else the embedded support chatbot
    scenario: Option<PathBuf>,
    /// Only these strategies, by name
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    strategies: Vec<String>,
    /// Simulated months behind each number
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub(super) months: Option<u32>,
    /// Stop after this time, such as 30s or 5m, with what is known by then
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub(super) time: Option<Duration>,
    /// Simulate every request of every month
    #[arg(long)]
    exact: bool,
    /// Seed of all randomness, instead of the scenario's
    #[arg(long)]
    seed: Option<u64>,
    /// Threads; the results are the same for any number
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write what is printed to this file instead
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What is asked, resolved.
pub(super) struct Asked {
    pub(super) scenario: Scenario,
    pub(super) model: Model,
    pub(super) strategies: Vec<usize>,
    pub(super) seed: u64,
    pub(super) threads: usize,
    pub(super) estimator: Estimator,
}

impl Common {
    /// The scenario's file; none where it is the embedded one.
    pub(super) fn file(&self) -> Option<PathBuf> {
        let here = PathBuf::from("scenario.toml");
        self.scenario
            .clone()
            .or_else(|| here.exists().then_some(here))
    }

    pub(super) fn strategy_names(&self) -> &[String] {
        &self.strategies
    }

    /// Loads and compiles; whether the output can be written is known before the long run.
    pub(super) fn prepare(&self) -> Result<Asked, Failure> {
        let scenario = load(self.scenario.as_deref())?;
        let model = compile(&scenario)?;
        let strategies = if self.strategies.is_empty() {
            (0..model.strategies.len()).collect()
        } else {
            self.strategies
                .iter()
                .map(|name| strategy(&model, name))
                .collect::<Result<_, _>>()?
        };
        if let Some(path) = &self.output {
            super::terminal::check_writable(path)?;
        }
        Ok(Asked {
            seed: self.seed.unwrap_or(model.seed),
            threads: self.threads.map_or_else(all_threads, usize::from),
            estimator: if self.exact {
                Estimator::Exact
            } else {
                Estimator::default()
            },
            scenario,
            model,
            strategies,
        })
    }

    /// Runs an analysis under a watch that shows progress, keeps the time and listens to Ctrl-C; with the answer, if it
    /// is a yes.
    pub(super) fn run<T>(
        &self,
        terminal: &Terminal,
        work: impl FnOnce(&Minute) -> Option<T>,
    ) -> Result<(T, Answer), Failure> {
        let shows = terminal.shows_progress() && !self.json;
        let watch = Minute::until_interrupted(self.time, shows);
        let Some(found) = watch.over(|| work(&watch)) else {
            return Err(if watch.interrupted() {
                Failure::Interrupted
            } else {
                Failure::input(
                    "it was stopped before there was an answer",
                    "give it longer with --time, or ask for less: fewer --strategies or --months",
                )
            });
        };
        Ok((found, Answer::Yes.unless_interrupted(&watch)))
    }

    /// Prints the result as JSON or as a page.
    pub(super) fn print<T: Serialize>(
        &self,
        terminal: &mut Terminal,
        result: &T,
        page: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        let text = if self.json {
            let mut text = serde_json::to_string(result)
                .map_err(|error| Failure::system("writing JSON", error.into()))?;
            text.push('\n');
            text
        } else {
            page()
        };
        terminal.write(self.output.as_deref(), &text)
    }
}
