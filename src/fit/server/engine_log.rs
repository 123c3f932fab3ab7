//! A server's own log: how many answers are running and waiting, tokens made per second, memory in use.

use std::path::Path;

use crate::reading::log::open;

/// One line of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Seconds, on the requests' clock.
    pub at_s: f64,
    /// Answers being generated.
    pub running: f64,
    /// Requests waiting.
    pub waiting: f64,
    /// Generated tokens per second since the sample before.
    pub generated_per_s: f64,
    /// Share of the memory for answers in use; 0 if it does not say.
    pub memory: f64,
}

/// A server's log.
#[derive(Debug, Clone, Default)]
pub struct EngineLog {
    /// All samples.
    pub samples: Vec<Sample>,
    /// Run of each.
    runs: Vec<String>,
}

impl EngineLog {
    /// Samples of a run; all of them where the log has no runs.
    pub fn of<'s>(&'s self, run: &'s str) -> impl Iterator<Item = &'s Sample> {
        self.samples
            .iter()
            .zip(&self.runs)
            .filter(move |(_, own)| own.is_empty() || run.is_empty() || *own == run)
            .map(|(sample, _)| sample)
    }
}

const TIME: &[&str] = &["t_s", "time", "timestamp"];
const RUN: &[&str] = &["time_compression", "run", "load"];
const RUNNING: &[&str] = &[
    "num_running",
    "running",
    "num_requests_running",
    "vllm:num_requests_running",
];
const WAITING: &[&str] = &[
    "num_pending",
    "num_waiting",
    "waiting",
    "num_requests_waiting",
    "vllm:num_requests_waiting",
];
const MADE: &[&str] = &[
    "generation_throughput",
    "generated_tokens_per_s",
    "avg_generation_throughput",
];
const MEMORY: &[&str] = &[
    "gpu_kvcache_usage",
    "gpu_cache_usage",
    "kv_cache_usage",
    "gpu_cache_usage_perc",
    "vllm:gpu_cache_usage_perc",
];

/// Reads it from CSV, plain or gzip.
///
/// # Errors
/// In words: what cannot be read, or which column is missing.
pub fn read(path: &Path) -> Result<EngineLog, String> {
    let name = path.display();
    let input = open(path).map_err(|error| format!("`{name}` cannot be read: {error}"))?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(input);
    let header = reader
        .headers()
        .map_err(|error| format!("`{name}` is not CSV: {error}"))?
        .clone();
    let find = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| header.iter().position(|it| it == *name))
    };
    let needed = |names: &[&str]| {
        find(names).ok_or_else(|| {
            let there: Vec<&str> = header.iter().collect();
            format!(
                "`{name}` has no column {}; there are {}",
                names.join(" or "),
                there.join(", ")
            )
        })
    };
    let (time, running, made) = (needed(TIME)?, needed(RUNNING)?, needed(MADE)?);
    let (run, waiting, memory) = (find(RUN), find(WAITING), find(MEMORY));
    let percent = memory
        .and_then(|index| header.get(index))
        .is_some_and(|name| !name.contains(':'));
    let mut log = EngineLog::default();
    for record in reader.records() {
        let record = record.map_err(|error| format!("`{name}` cannot be read on: {error}"))?;
        let number = |index: usize| {
            record
                .get(index)
                .and_then(|cell| cell.parse::<f64>().ok())
                .filter(|it| it.is_finite())
        };
        let (Some(at_s), Some(running), Some(generated_per_s)) =
            (number(time), number(running), number(made))
        else {
            continue;
        };
        log.samples.push(Sample {
            at_s,
            running,
            waiting: waiting.and_then(number).unwrap_or(0.0),
            generated_per_s,
            memory: memory.and_then(number).unwrap_or(0.0) * if percent { 0.01 } else { 1.0 },
        });
        log.runs.push(
            run.and_then(|index| record.get(index))
                .unwrap_or_default()
                .to_owned(),
        );
    }
    if log.samples.is_empty() {
        return Err(format!("`{name}` has no usable line"));
    }
    Ok(log)
}
