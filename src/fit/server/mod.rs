//! The law of a server that one runs oneself, from its requests at different loads and, if there is one, its own log.
//!
//! All answers of such a server advance together, a token each in every step (Yu et al., "Orca", OSDI 2022). With the
//! server's own log the time of a step is fitted directly, with what makes it longer: answers running, tokens in memory,
//! prompts read in it, and the moments in which the server stands still (`law`).
//!
//! Without it, who was running when is in the request log: from first token to end. At n running each makes r(n) tokens a
//! second, and none while prompts are read (`curve`). So the tokens of request i are Aᵢ · r, where Aᵢ says how long it ran at
//! which n. That is linear in r, and two kinds of equation determine it by robust least squares: tokens that the log
//! tells; the same request in two runs made the same number of tokens.
//!
//! Loads that were not measured follow from the law and the number of slots: the engine simulates the queue.

mod curve;
mod engine_log;
mod law;
mod prompts;

use crate::reading::log::{Field, Log, NONE, Row};

pub use engine_log::{EngineLog, Sample, read as read_engine_log};

use super::random::Draws;
use curve::Curve;

/// vLLM generates at most so many answers at once unless told otherwise (`max_num_seqs`).
const VLLM_SLOTS: f64 = 256.0;

/// Resampled fits behind an interval.
const RESAMPLES: usize = 40;

/// What a curve from other moments, other prompts and a restarted server can be off by at least (relative, one standard
/// error): a judgement, not a measurement; resampling does not see it.
const LEAST_ERROR: f64 = 0.01;

/// Requests of a run that make the law; of longer runs the stretch around the moment with most answers under way.
pub(super) const MOST: usize = 200_000;

/// One answered request of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Served {
    pub(super) at_s: f64,
    pub(super) first_s: f64,
    pub(super) end_s: f64,
    pub(super) input: f64,
    /// What the log says about the length of the answer, in tokens or in characters.
    pub(super) length: f64,
    pub(super) id: u32,
}

/// A fitted server.
#[derive(Debug, Clone)]
pub struct Server {
    /// Milliseconds of a token of one that is alone.
    pub token_ms: f64,
    /// Standard error of the speed at full load, relative.
    pub error: f64,
    /// Slots and how many times as long a token takes.
    pub slowdown: Vec<(f64, f64)>,
    /// Answers generated at once.
    pub slots: f64,
    /// The number of slots was seen, not assumed.
    pub slots_seen: bool,
    /// Most answers that were seen running.
    pub most_running: f64,
    /// Seconds to the first token beside reading the prompt and waiting for a step.
    pub base_s: f64,
    /// Spread of that: the p95 of what is left of first-token times at low load.
    pub base_p95_s: f64,
    /// How prompts are read.
    pub reading: Reading,
    /// Milliseconds that a step is longer for each 1,000 tokens in memory.
    pub held_ms_per_1k: f64,
    /// Seconds for which the server stands still, and seconds of generation over all answers from one time to the next.
    pub stall: Option<(f64, f64)>,
    /// Tokens that fit into memory, if the server's log tells.
    pub kv_tokens: Option<f64>,
    /// Requests behind it, by run: name, number, seconds.
    pub runs: Vec<(String, usize, f64)>,
    /// Samples of the server's own log.
    pub samples: usize,
    /// Generated tokens of each request, found or told.
    pub requests: Vec<Replayed>,
    /// Where tokens come from.
    pub tokens_from: &'static str,
}

/// How prompts are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Prompt tokens read per second.
    pub tokens_per_s: f64,
    /// Milliseconds of a step with a prompt beside the prompt's tokens.
    pub fixed_ms: f64,
    /// Tokens of a step, and whether steps were seen full; `None`: prompts are read while generation stands still.
    pub budget: Option<(f64, bool)>,
    /// Prompt tokens as the server counts them, for one of the requests' log.
    pub per_logged: f64,
}

/// A request to replay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replayed {
    /// Seconds from the first.
    pub at_s: f64,
    /// Prompt tokens.
    pub input: f64,
    /// Generated tokens.
    pub output: f64,
}

/// Whether a log has what a server's law needs: the first token and the end of every answer.
#[must_use]
pub fn possible(log: &Log) -> bool {
    (log.has(Field::First) || log.has(Field::FirstAt))
        && (log.has(Field::Latency) || log.has(Field::End))
        && log.has(Field::Input)
}

/// Fits the law.
///
/// # Errors
/// In words, what the log lacks.
pub fn fit(log: &Log, engine: Option<&EngineLog>, slots: Option<f64>) -> Result<Server, String> {
    let mut runs = runs(log);
    if runs.iter().all(|run| run.served.len() < 20) {
        return Err(
            "a server's law needs at least 20 answers with first token and end in one run"
                .to_owned(),
        );
    }
    runs.sort_by(|a, b| b.length_s().total_cmp(&a.length_s()));
    let found = match engine.and_then(|engine| law::Windows::new(&runs, engine)) {
        Some(windows) => by_steps(&runs, &windows)?,
        None => by_requests(&runs, log.has(Field::Output))?,
    };
    let most = runs.iter().map(curve::most_running).fold(1.0, f64::max);
    let (slots, slots_seen) = number_of_slots(engine, slots, most);
    let told = log.has(Field::Output);
    let tokens = if told {
        told_tokens(&runs, found.tokens)
    } else {
        found.tokens
    };
    let kv_tokens =
        engine.and_then(|engine| memory(engine, &runs, &tokens, found.reading.per_logged));
    let mut requests = replayed(&runs, &tokens);
    for request in &mut requests {
        request.input = (request.input * found.reading.per_logged).round();
    }
    Ok(Server {
        token_ms: 1e3 / found.curve.rate(1.0),
        error: found.error.max(LEAST_ERROR),
        slowdown: found.curve.slowdown(slots),
        slots,
        slots_seen,
        most_running: most,
        base_s: found.base_s,
        base_p95_s: found.base_p95_s,
        reading: found.reading,
        held_ms_per_1k: kv_tokens.map_or(0.0, |tokens| 1e6 * found.memory_s / tokens),
        stall: found.stall,
        kv_tokens,
        runs: runs
            .iter()
            .map(|run| (run.name.clone(), run.served.len(), run.length_s()))
            .collect(),
        samples: found.samples,
        requests,
        tokens_from: if told {
            "the log's counts"
        } else {
            found.tokens_from
        },
    })
}

/// What either way of fitting finds.
struct Found {
    curve: Curve,
    error: f64,
    base_s: f64,
    base_p95_s: f64,
    reading: Reading,
    /// Seconds that a step is longer if all memory is in use.
    memory_s: f64,
    stall: Option<(f64, f64)>,
    samples: usize,
    tokens: Vec<Vec<f64>>,
    tokens_from: &'static str,
}

/// From the server's own log.
fn by_steps(runs: &[Run], windows: &law::Windows) -> Result<Found, String> {
    let law = windows
        .fit(RESAMPLES, &mut Draws::new(9))
        .ok_or("the server's log does not tell how long its steps are")?;
    // What is left of first tokens at low load: half a step until the next begins, and those that the prompt takes.
    let mut left: Vec<f64> = prompts::alone(runs)
        .iter()
        .map(|(input, running, first_s)| {
            let (tokens, step_s) = (
                input * law.per_logged,
                1.0 / law.curve.rate(running.max(1.0)),
            );
            let steps = (tokens / (law.budget - running).max(1.0)).ceil().max(1.0);
            let wait = if *running > 0.0 { 0.5 * step_s } else { 0.0 };
            first_s - wait - steps * (step_s + law.prompt_s) - tokens * law.token_s
        })
        .map(|left| left.max(0.0))
        .collect();
    left.sort_by(f64::total_cmp);
    let base_s = super::quantile(&left, 0.5).max(1e-3);
    Ok(Found {
        error: law.error,
        base_s,
        base_p95_s: super::quantile(&left, 0.95).max(base_s),
        reading: Reading {
            tokens_per_s: 1.0 / law.token_s,
            fixed_ms: law.prompt_s * 1e3,
            budget: Some((law.budget, law.budget_seen)),
            per_logged: law.per_logged,
        },
        memory_s: law.memory_s,
        stall: law.stall,
        samples: law.samples,
        tokens: windows.tokens(runs, &law),
        tokens_from: "the steps that the server made while each answer ran",
        curve: law.curve,
    })
}

/// From the requests alone.
fn by_requests(runs: &[Run], told: bool) -> Result<Found, String> {
    let prompts = prompts::fit(runs)?;
    let prepared = curve::Prepared::new(runs, &prompts);
    let curve = prepared
        .fit(None)
        .ok_or("the requests do not tell how fast the server is: there is no server log (--engine), no count of generated tokens, and no request that occurs in two runs")?;
    let most = prepared.most_running();
    let mut draws = Draws::new(9);
    let mut speeds: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| prepared.fit(Some(&mut draws)))
        .map(|other| other.rate(most) / curve.rate(most))
        .collect();
    speeds.sort_by(f64::total_cmp);
    Ok(Found {
        error: (super::quantile(&speeds, 0.84) - super::quantile(&speeds, 0.16)) / 2.0,
        // Of the time to a lone first token, the pause for its prompt is simulated; the rest stays with the request.
        base_s: 1e-3,
        base_p95_s: (prompts.base_p95_s - prompts.base_s).max(1e-3),
        reading: Reading {
            tokens_per_s: 1.0 / prompts.per_token_s,
            fixed_ms: prompts.base_s * 1e3,
            budget: None,
            per_logged: 1.0,
        },
        memory_s: 0.0,
        stall: None,
        samples: 0,
        tokens: prepared.tokens(&curve, told),
        tokens_from: "answer lengths in characters",
        curve,
    })
}

/// Tokens that the log tells, and those found where it does not.
fn told_tokens(runs: &[Run], found: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let told = |it: &Served, found: f64| {
        if it.length.is_finite() {
            it.length
        } else {
            found
        }
    };
    runs.iter()
        .zip(found)
        .map(|(run, found)| {
            run.served
                .iter()
                .zip(found)
                .map(|(it, found)| told(it, found))
                .collect()
        })
        .collect()
}

/// One run of a load test; an ordinary log is one run.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) name: String,
    pub(super) served: Vec<Served>,
}

impl Run {
    /// Seconds between the first arrival and the last.
    pub(super) fn length_s(&self) -> f64 {
        let first = self.served.first().map_or(0.0, |it| it.at_s);
        self.served.last().map_or(0.0, |it| it.at_s - first)
    }
}

/// At most [`MOST`] requests, in one stretch: that around the busiest moment.
fn busiest(mut served: Vec<Served>) -> Vec<Served> {
    if served.len() <= MOST {
        return served;
    }
    let mut ends = std::collections::BinaryHeap::new();
    let (mut most, mut at) = (0, 0);
    for (place, it) in served.iter().enumerate() {
        let micros = |s: f64| super::traffic::place(s * 1e6);
        let start = served.first().map_or(0.0, |it| it.at_s);
        while ends
            .peek()
            .is_some_and(|std::cmp::Reverse(end)| *end <= micros(it.at_s - start))
        {
            ends.pop();
        }
        ends.push(std::cmp::Reverse(micros(it.end_s - start)));
        if ends.len() > most {
            (most, at) = (ends.len(), place);
        }
    }
    let from = at.saturating_sub(MOST / 2).min(served.len() - MOST);
    served.truncate(from + MOST);
    served.drain(..from);
    served.shrink_to_fit();
    served
}

fn runs(log: &Log) -> Vec<Run> {
    let names = if log.runs.is_empty() {
        vec![String::new()]
    } else {
        log.runs.clone()
    };
    (0_u32..)
        .zip(names)
        .map(|(place, name)| {
            let of_run = |row: &&Row| row.run == place || row.run == NONE;
            let mut served: Vec<Served> = log
                .rows
                .iter()
                .filter(of_run)
                .filter(|row| {
                    row.first_s.is_finite() && row.latency_s.is_finite() && row.input.is_finite()
                })
                .map(|row| Served {
                    at_s: row.at_s,
                    first_s: row.at_s + f64::from(row.first_s),
                    end_s: row.at_s + f64::from(row.latency_s.max(row.first_s)),
                    input: f64::from(row.input),
                    length: f64::from(row.output),
                    id: row.id,
                })
                .collect();
            served.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
            Run {
                name,
                served: busiest(served),
            }
        })
        .filter(|run| !run.served.is_empty())
        .collect()
}

/// Slots: what the caller says, what stands in the server's log while requests wait, or vLLM's default.
fn number_of_slots(engine: Option<&EngineLog>, told: Option<f64>, most: f64) -> (f64, bool) {
    if let Some(told) = told {
        return (told, true);
    }
    let mut full: Vec<f64> = engine
        .into_iter()
        .flat_map(|engine| &engine.samples)
        .filter(|sample| sample.waiting > sample.running * 0.1 && sample.running > 0.0)
        .map(|sample| sample.running)
        .collect();
    full.sort_by(f64::total_cmp);
    // Waiting at the most that was ever running, again and again, is a limit.
    let most_running = full.last().copied().unwrap_or(0.0);
    let at_limit = full.iter().filter(|it| **it >= most_running - 1.0).count();
    if at_limit >= 5 && most_running >= most - 1.0 {
        return (most_running, true);
    }
    (VLLM_SLOTS.max(most.ceil()), false)
}

/// Tokens that fit into memory: those held at each sample over the share of memory in use.
fn memory(engine: &EngineLog, runs: &[Run], tokens: &[Vec<f64>], per_logged: f64) -> Option<f64> {
    let mut found = Vec::new();
    for (run, tokens) in runs.iter().zip(tokens) {
        for sample in engine.of(&run.name).filter(|sample| sample.memory > 0.02) {
            let mut held = 0.0;
            for (it, made) in run.served.iter().zip(tokens) {
                if it.first_s <= sample.at_s && sample.at_s < it.end_s {
                    let share = (sample.at_s - it.first_s) / (it.end_s - it.first_s).max(1e-9);
                    held += it.input * per_logged + made * share;
                }
            }
            if held > 0.0 {
                found.push(held / sample.memory);
            }
        }
    }
    found.sort_by(f64::total_cmp);
    (found.len() >= 10).then(|| super::quantile(&found, 0.5))
}

/// The requests of the lightest run. Where the same request is in several runs, each gives its share of the answers'
/// lengths: that is what chance makes of them.
fn replayed(runs: &[Run], tokens: &[Vec<f64>]) -> Vec<Replayed> {
    let Some(lightest) = runs.first() else {
        return Vec::new();
    };
    let start = lightest.served.first().map_or(0.0, |it| it.at_s);
    let mut by_id: std::collections::BTreeMap<u32, Vec<f64>> = std::collections::BTreeMap::new();
    for (run, tokens) in runs.iter().zip(tokens) {
        for (it, tokens) in run.served.iter().zip(tokens) {
            if it.id != NONE {
                by_id.entry(it.id).or_default().push(*tokens);
            }
        }
    }
    let own = tokens.first().map_or(&[][..], Vec::as_slice);
    lightest
        .served
        .iter()
        .zip(own)
        .enumerate()
        .map(|(place, (it, own))| {
            let all = by_id.get(&it.id).map_or(&[][..], Vec::as_slice);
            let output = all.get(place % all.len().max(1)).copied().unwrap_or(*own);
            Replayed {
                at_s: it.at_s - start,
                input: it.input,
                output: output.round().max(0.0),
            }
        })
        .collect()
}

impl Curve {
    /// Pairs of slots and how many times as long as alone a token takes, up to the number of slots.
    fn slowdown(&self, slots: f64) -> Vec<(f64, f64)> {
        let alone = self.rate(1.0);
        let mut pairs: Vec<(f64, f64)> = self
            .knots()
            .filter(|knot| *knot >= 1.0 && *knot < slots)
            .map(|knot| (knot, alone / self.rate(knot)))
            .collect();
        pairs.push((slots, alone / self.rate(slots)));
        pairs
    }
}
