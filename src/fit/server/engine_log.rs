//! A server's own log: how many answers are running and waiting, tokens made per second, memory in use.

use std::path::Path;

use crate::reading::sheet::Sheet;

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
    /// Prompt tokens read per second since the sample before; `NaN` if it does not say.
    pub prompts_per_s: f64,
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
const READ: &[&str] = &[
    "prompt_throughput",
    "prompt_tokens_per_s",
    "avg_prompt_throughput",
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
    let name = path.display().to_string();
    let mut sheet = Sheet::open(path, &name, u64::MAX)?;
    let header = sheet.columns.clone();
    let find = |names: &[&str]| names.iter().find_map(|name| sheet.place(name));
    let needed = |names: &[&str]| {
        find(names).ok_or_else(|| {
            format!(
                "`{name}` has no column {}; there are {}",
                names.join(" or "),
                header.join(", ")
            )
        })
    };
    let (time, running, made) = (needed(TIME)?, needed(RUNNING)?, needed(MADE)?);
    let (run, waiting, memory, prompts) = (find(RUN), find(WAITING), find(MEMORY), find(READ));
    let percent = memory
        .and_then(|index| header.get(index))
        .is_some_and(|name| !name.contains(':'));
    let mut log = EngineLog::default();
    while let Some(row) = sheet.next_row()? {
        let number = |place: usize| {
            row.text(place)
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
            prompts_per_s: prompts.and_then(number).unwrap_or(f64::NAN),
            memory: memory.and_then(number).unwrap_or(0.0) * if percent { 0.01 } else { 1.0 },
        });
        log.runs.push(
            run.and_then(|place| row.text(place))
                .unwrap_or_default()
                .to_owned(),
        );
    }
    if log.samples.is_empty() {
        return Err(format!("`{name}` has no usable line"));
    }
    Ok(log)
}
