//! How fast a model answers: first token and time per token, apart from what waiting adds.
//!
//! Where the log has first tokens: first = base + prefill × prompt, token = (whole − first) / tokens. Where it has only the
//! whole: whole = base + token × tokens + prefill × prompt by robust least squares. Waiting shows as slower answers while
//! more are in flight: if those that met many take much longer than those that met few, only the latter make the law.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::law::{Counted, Fitted};
use super::sample::{Sample, place};
use crate::fit::Value;
use crate::fit::linear::Equations;
use crate::fit::random::Draws;
use crate::reading::log::{Ended, Row};

/// Slower by this factor under load: somebody waits.
const WAITS: f64 = 1.3;

/// The speed of a model.
#[derive(Debug, Clone)]
pub(in crate::fit) struct Speed {
    pub(in crate::fit) first: Option<(Counted, Fitted)>,
    pub(in crate::fit) token_ms: Option<(Counted, Fitted)>,
    pub(in crate::fit) prefill_ms_per_1k: Value,
    /// First tokens are in the log.
    pub(in crate::fit) told: bool,
    /// How much longer answers take when many are in flight.
    pub(in crate::fit) loaded: f64,
    /// Only requests that met few others made the law.
    pub(in crate::fit) quiet: bool,
}

/// Answers that make the law; of longer logs every second, third, … does.
const MOST: usize = 2_000_000;

/// One answered request.
#[derive(Debug, Clone, Copy)]
struct Case {
    block: u32,
    first: f64,
    latency: f64,
    input: f64,
    output: f64,
    met: f64,
}

pub(in crate::fit) fn fit(sample: &Sample, model: u32) -> Option<Speed> {
    let mut cases = cases(sample, model);
    if cases.len() < 5 {
        return None;
    }
    let loaded = loaded(&cases);
    let quiet = loaded > WAITS;
    if quiet {
        let mut met: Vec<f64> = cases.iter().map(|it| it.met).collect();
        met.sort_by(f64::total_cmp);
        let few = crate::fit::quantile(&met, 0.3);
        cases.retain(|it| it.met <= few);
    }
    let told = cases.iter().filter(|it| it.first.is_finite()).count() * 2 > cases.len();
    let has_output = cases.iter().any(|it| it.output > 0.0);
    let (base, _, per_input) = line(&cases, told, has_output);
    let firsts: Vec<(u32, f32)> = cases
        .iter()
        .filter_map(|it| {
            let left = if told {
                it.first - per_input * it.input
            } else if has_output {
                return None;
            } else {
                it.latency
            };
            left.is_finite()
                .then(|| (it.block, narrow(left.max(0.001))))
        })
        .collect();
    let tokens: Vec<(u32, f32)> = cases
        .iter()
        .filter(|it| it.output >= if told { 2.0 } else { 10.0 })
        .filter_map(|it| {
            let generating = if told {
                it.latency - it.first
            } else {
                it.latency - base - per_input * it.input
            };
            (generating.is_finite() && generating > 0.0)
                .then(|| (it.block, narrow(generating / it.output * 1e3)))
        })
        .collect();
    let law = |numbers: &[(u32, f32)]| {
        Counted::new(sample, numbers).map(|counted| {
            let law = counted.fit();
            (counted, law)
        })
    };
    let first = if told || !has_output {
        law(&firsts)
    } else {
        law(&[(0, narrow(base))])
    };
    Some(Speed {
        first,
        token_ms: if has_output { law(&tokens) } else { None },
        prefill_ms_per_1k: prefill(&cases, sample.blocks(), told, has_output),
        told,
        loaded,
        quiet,
    })
}

/// Milliseconds for 1,000 prompt tokens, with the interval over blocks drawn again.
fn prefill(cases: &[Case], blocks: usize, told: bool, has_output: bool) -> Value {
    let slope = |cases: &[Case]| 1e6 * line(cases, told, has_output).2;
    let step = cases.len() / 5000 + 1;
    let mut by_block: Vec<Vec<Case>> = vec![Vec::new(); blocks];
    for case in cases.iter().step_by(step) {
        if let Some(list) = by_block.get_mut(case.block as usize) {
            list.push(*case);
        }
    }
    let mut draws = Draws::new(23);
    let drawn = (0..60)
        .map(|_| {
            let again: Vec<Case> = (0..blocks)
                .filter_map(|_| by_block.get(draws.below(blocks)))
                .flatten()
                .copied()
                .collect();
            slope(&again)
        })
        .collect();
    Value::of_draws(slope(cases), drawn, cases.len() as f64)
}

#[expect(clippy::cast_possible_truncation, reason = "seven digits are enough")]
fn narrow(number: f64) -> f32 {
    number as f32
}

/// Answers of a model that went well, with how many others were in flight when each was sent.
fn cases(sample: &Sample, model: u32) -> Vec<Case> {
    let mut ends: BinaryHeap<Reverse<u64>> = BinaryHeap::new();
    let step = sample.rows().len() / MOST + 1;
    let mut answered = 0_usize;
    let mut cases = Vec::new();
    let number = |x: f32| f64::from(x);
    let micros = |s: f64| place(s * 1e6) as u64;
    for row in sample.rows().iter().filter(|row| row.model == model) {
        let since = row.at_s - sample.first_s;
        while ends.peek().is_some_and(|end| end.0 <= micros(since)) {
            ends.pop();
        }
        let met = ends.len() as f64;
        if row.latency_s.is_finite() {
            ends.push(Reverse(micros(since + number(row.latency_s))));
        }
        answered += usize::from(usable(row));
        if usable(row) && answered.is_multiple_of(step) {
            let input = if row.input.is_finite() {
                number(row.input)
            } else {
                0.0
            };
            let cached = if row.cached.is_finite() {
                number(row.cached)
            } else {
                0.0
            };
            cases.push(Case {
                block: sample.block_u32(row.at_s),
                first: number(row.first_s),
                latency: number(if row.latency_s.is_finite() {
                    row.latency_s
                } else {
                    row.first_s
                }),
                input: (input - cached).max(0.0),
                output: if row.output.is_finite() {
                    number(row.output)
                } else {
                    0.0
                },
                met,
            });
        }
    }
    cases
}

fn usable(row: &Row) -> bool {
    row.ended == Ended::Well && (row.latency_s.is_finite() || row.first_s.is_finite())
}

/// Median time of those that met most over that of those that met fewest, at like lengths.
fn loaded(cases: &[Case]) -> f64 {
    let mut met: Vec<f64> = cases.iter().map(|it| it.met).collect();
    met.sort_by(f64::total_cmp);
    let (few, many) = (
        crate::fit::quantile(&met, 0.3),
        crate::fit::quantile(&met, 0.8),
    );
    if many < few + 3.0 || cases.len() < 200 {
        return 1.0;
    }
    let (base, per_token, per_input) = line(cases, false, true);
    let median = |of: &dyn Fn(&Case) -> bool| {
        let mut list: Vec<f64> = cases
            .iter()
            .filter(|it| of(it))
            .map(|it| it.latency / (base + per_token * it.output + per_input * it.input).max(1e-3))
            .collect();
        list.sort_by(f64::total_cmp);
        crate::fit::quantile(&list, 0.5)
    };
    median(&|it| it.met >= many) / median(&|it| it.met <= few)
}

/// Seconds at no tokens, per generated token, per prompt token.
fn line(cases: &[Case], told: bool, has_output: bool) -> (f64, f64, f64) {
    let step = (cases.len() / 5000).max(1);
    let fit = |with_input: bool| {
        let mut equations = Equations::default();
        for it in cases.iter().step_by(step) {
            let time = if told { it.first } else { it.latency };
            if !time.is_finite() {
                continue;
            }
            let mut row = vec![1.0];
            if !told && has_output {
                row.push(it.output);
            }
            if with_input {
                row.push(it.input);
            }
            equations.add(row, time, 1.0 / (0.3 * time.max(0.01)).powi(2));
        }
        equations.solve()
    };
    let outputs = usize::from(!told && has_output);
    let spread = cases.iter().map(|it| it.input).fold(0.0, f64::max);
    let full = if spread > 0.0 { fit(true) } else { None };
    let usable = full.filter(|x| {
        x.get(outputs + 1).is_some_and(|it| *it > 0.0) && x.first().is_some_and(|it| *it > 0.0)
    });
    let solved = usable.or_else(|| fit(false)).unwrap_or_default();
    let at = |place: usize| solved.get(place).copied().unwrap_or(0.0).max(0.0);
    (
        at(0),
        if outputs == 1 { at(1) } else { 0.0 },
        at(outputs + 1),
    )
}
