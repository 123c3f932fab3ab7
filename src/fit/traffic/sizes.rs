//! Kinds of conversation: their shares, turns, pauses, and how many tokens go in and come out.
//!
//! A log tells a prompt's tokens as one number. Where the conversation is sent again, a later prompt less the one before
//! and its answer is the user's message; what the first prompt has beside a message is instructions (what all of them
//! have) and context (what varies). Where nothing is sent again the whole prompt counts as the user's.

use std::cell::LazyCell;
use std::collections::HashMap;

use super::law::{Counted, Fitted};
use super::sample::{Sample, dot};
use super::talk::{Again, Kept, Talk, again};
use crate::fit::Value;
use crate::fit::linear::Equations;
use crate::reading::log::{Ended, Row};

/// Counted numbers and their law.
pub(in crate::fit) type Sized = Option<(Counted, Fitted)>;

/// Requests of one class and one model.
#[derive(Debug)]
pub(in crate::fit) struct Kind {
    pub(in crate::fit) name: String,
    pub(in crate::fit) model: u32,
    /// Share of conversations.
    pub(in crate::fit) share: Value,
    pub(in crate::fit) turns: Sized,
    pub(in crate::fit) think_s: Sized,
    /// Whole prompts.
    pub(in crate::fit) input: Sized,
    /// The user's message, where it can be told.
    pub(in crate::fit) message: Sized,
    /// What is sent again.
    pub(in crate::fit) again: Option<Again>,
    /// Tokens that all first prompts have beside a message.
    pub(in crate::fit) instructions: Option<Value>,
    /// Mean and coefficient of variation of what first prompts have beside both.
    pub(in crate::fit) context: Option<(Value, Value)>,
    pub(in crate::fit) output: Sized,
}

/// Finds the kinds and fits each.
pub(in crate::fit) fn fit(sample: &Sample, talk: &Talk, counts: bool, most: usize) -> Vec<Kind> {
    let rows = sample.rows();
    let first = |list: &Vec<u32>| list.first().and_then(|at| rows.get(*at as usize));
    let mut by_pair: HashMap<(u32, u32), f64> = HashMap::new();
    for row in talk.conversations.iter().filter_map(first) {
        *by_pair.entry((row.class, row.model)).or_insert(0.0) += f64::from(row.count);
    }
    let mut pairs: Vec<((u32, u32), f64)> = by_pair.into_iter().collect();
    pairs.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    pairs.truncate(most);
    let all: Vec<(u32, u32)> = pairs.iter().map(|it| it.0).collect();
    let mut lists: Vec<Vec<&Vec<u32>>> = vec![Vec::new(); all.len()];
    for list in &talk.conversations {
        if let Some(row) = first(list) {
            // Rare kinds are counted with the most frequent one.
            let at = all
                .iter()
                .position(|it| *it == (row.class, row.model))
                .unwrap_or(0);
            if let Some(kind) = lists.get_mut(at) {
                kind.push(list);
            }
        }
    }
    let mut total = vec![0.0; sample.blocks()];
    for row in talk.conversations.iter().filter_map(first) {
        if let Some(sum) = total.get_mut(sample.block_of(row.at_s)) {
            *sum += f64::from(row.count);
        }
    }
    // A kind with too few prompts that tell follows what all of them say.
    let whole = LazyCell::new(|| again(sample, &talk.conversations.iter().collect::<Vec<_>>()));
    all.iter()
        .zip(&lists)
        .map(|((class, model), lists)| {
            let again = again(sample, lists).or_else(|| *whole);
            let mut kind = kind(sample, lists, counts, again);
            let mut mine = vec![0.0; sample.blocks()];
            for row in lists.iter().copied().filter_map(first) {
                if let Some(sum) = mine.get_mut(sample.block_of(row.at_s)) {
                    *sum += f64::from(row.count);
                }
            }
            kind.share = sample.interval(mine.iter().sum(), |drawn| {
                dot(drawn, &mine) / dot(drawn, &total)
            });
            kind.model = *model;
            kind.name = name(sample, *class, *model, &all);
            kind
        })
        .collect()
}

/// The class's name, with the model's where one class uses several.
fn name(sample: &Sample, class: u32, model: u32, all: &[(u32, u32)]) -> String {
    let class_name = sample
        .log
        .classes
        .get(class as usize)
        .map(String::as_str)
        .filter(|it| !it.is_empty());
    let model_name = sample
        .log
        .models
        .get(model as usize)
        .map(String::as_str)
        .filter(|it| !it.is_empty());
    let several = all.iter().filter(|it| it.0 == class).count() > 1;
    match (class_name, model_name) {
        (Some(class), Some(model)) if several => format!("{class} {model}"),
        (Some(class), _) => class.to_owned(),
        (None, Some(model)) if all.len() > 1 => model.to_owned(),
        _ => "requests".to_owned(),
    }
}

fn sized(sample: &Sample, numbers: &[(u32, f32)]) -> Sized {
    Counted::new(sample, numbers).map(|counted| {
        let law = counted.fit();
        (counted, law)
    })
}

fn kind(sample: &Sample, lists: &[&Vec<u32>], counts: bool, again: Option<Again>) -> Kind {
    let kept = again.map(|it| it.kept);
    let rows = sample.rows();
    let (mut turns, mut think, mut input, mut output) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut message, mut opening) = (Vec::new(), Vec::new());
    for list in lists {
        let talk: Vec<&Row> = list
            .iter()
            .filter_map(|at| rows.get(*at as usize))
            .collect();
        let Some(first) = talk.first() else { continue };
        #[expect(clippy::cast_precision_loss, reason = "turns of one conversation")]
        turns.push((sample.block_u32(first.at_s), talk.len() as f32));
        opening.push((sample.block_u32(first.at_s), first.input));
        for row in &talk {
            let block = sample.block_u32(row.at_s);
            let each = if counts { row.count } else { 1.0 };
            input.push((block, row.input / each));
            if row.ended == Ended::Well {
                output.push((block, row.output / each));
            }
        }
        let mut short = 0.0;
        for (turn, pair) in talk.windows(2).enumerate() {
            let [before, row] = pair else { continue };
            let block = sample.block_u32(row.at_s);
            let taken = if before.latency_s.is_finite() {
                f64::from(before.latency_s)
            } else {
                0.0
            };
            think.push((block, narrow((row.at_s - before.at_s - taken).max(0.0))));
            // Where only the last turns are sent again, prompts grow by a message and an answer until there are so many.
            let grows = match kept {
                Some(Kept::Last(turns)) => turn < turns as usize,
                _ => true,
            };
            if before.ended == Ended::Well && grows {
                // What an answer lost on its way back (its reasoning, say) comes off the messages that follow.
                let grown = row.input - before.input - before.output + short;
                short = grown.min(0.0);
                message.push((block, grown.max(0.0)));
            }
        }
    }
    let (message, instructions, context) = parts(sample, kept, &message, &opening);
    Kind {
        name: String::new(),
        model: 0,
        share: Value {
            best: 1.0,
            low: 1.0,
            high: 1.0,
            n: 0.0,
        },
        turns: if counts { None } else { sized(sample, &turns) },
        think_s: sized(sample, &think),
        input: sized(sample, &input),
        message,
        again,
        instructions,
        context,
        output: sized(sample, &output),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "seven digits are enough")]
fn narrow(number: f64) -> f32 {
    number as f32
}

/// Message, instructions and context.
fn parts(
    sample: &Sample,
    kept: Option<Kept>,
    grown: &[(u32, f32)],
    opening: &[(u32, f32)],
) -> (Sized, Option<Value>, Option<(Value, Value)>) {
    if !matches!(kept, Some(Kept::Full | Kept::Last(_))) || grown.len() < 50 {
        return (None, None, None);
    }
    let (Some((counted, law)), Some(first)) = (sized(sample, grown), Counted::new(sample, opening))
    else {
        return (None, None, None);
    };
    let beside = |drawn: &[f64]| first.mean_of(drawn) - counted.mean_of(drawn);
    let rest = sample.interval(first.n, beside);
    if rest.best <= 0.0 {
        return (Some((counted, law)), None, None);
    }
    let spread = |drawn: &[f64]| {
        let both = first.deviation_of(drawn).powi(2) - counted.deviation_of(drawn).powi(2);
        both.max(0.0).sqrt()
    };
    if spread(&vec![1.0; sample.blocks()]) < 0.1 * rest.best {
        return (Some((counted, law)), Some(rest), None);
    }
    let least = |drawn: &[f64]| {
        let least = first.quantile(drawn, 0.01) - counted.mean_of(drawn);
        least.clamp(0.0, beside(drawn).max(0.0))
    };
    let instructions = sample.interval(first.n, least);
    let mean = |drawn: &[f64]| beside(drawn) - least(drawn);
    let context = sample.interval(first.n, mean);
    let some = (context.best > 1.0).then(|| {
        let cv = sample.interval(first.n, |drawn| spread(drawn) / mean(drawn));
        (context, cv)
    });
    (Some((counted, law)), Some(instructions), some)
}

/// What tokens cost.
#[derive(Debug, Clone, Copy)]
pub(in crate::fit) struct Paid {
    /// Dollars per million tokens of input, output and cached input; rows with a cost.
    pub(in crate::fit) per_million: [Value; 3],
    /// Half of the costs lie within this share of what tokens at these prices cost.
    pub(in crate::fit) error: f64,
}

/// Prices, from the costs that the log has.
pub(in crate::fit) fn paid(sample: &Sample, model: u32) -> Option<Paid> {
    let of = |row: &&Row| {
        row.model == model && row.cost_usd > 0.0 && row.input.is_finite() && row.output.is_finite()
    };
    let rows = || sample.rows().iter().filter(of);
    let n = rows().count();
    if n < 20 {
        return None;
    }
    let cached = rows().filter(|row| row.cached > 0.0).count() >= 20;
    let line = |row: &Row| {
        let read = if row.cached.is_finite() {
            f64::from(row.cached)
        } else {
            0.0
        };
        let mut line = vec![
            (f64::from(row.input) - read) * 1e-6,
            f64::from(row.output) * 1e-6,
        ];
        if cached {
            line.push(read * 1e-6);
        }
        line
    };
    // Some of them, with the block of each.
    let of_row = |row: &Row| {
        (
            line(row),
            f64::from(row.cost_usd),
            sample.block_of(row.at_s),
        )
    };
    let some: Vec<(Vec<f64>, f64, usize)> = rows().step_by((n / 5000).max(1)).map(of_row).collect();
    let solved_of = |drawn: &[f64]| -> Option<Vec<f64>> {
        let mut equations = Equations::default();
        for (line, cost, block) in &some {
            let times = drawn.get(*block).copied().unwrap_or(0.0);
            equations.add(line.clone(), *cost, times / (0.01 * cost).powi(2));
        }
        Some(equations.solve()?.iter().map(|it| it.max(0.0)).collect())
    };
    let solved = solved_of(&vec![1.0; sample.blocks()])?;
    let drawn = sample.drawn(solved_of);
    let mut misses: Vec<f64> = some
        .iter()
        .map(|(line, cost, _)| (dot(line, &solved) / cost - 1.0).abs())
        .collect();
    misses.sort_by(f64::total_cmp);
    let third = if cached { 2 } else { 0 };
    let price = |place: usize| {
        let of = |solved: &Vec<f64>| solved.get(place).copied();
        let best = of(&solved).unwrap_or(f64::NAN);
        Value::of_draws(best, drawn.iter().filter_map(of).collect(), n as f64)
    };
    Some(Paid {
        per_million: [0, 1, third].map(price),
        error: crate::fit::quantile(&misses, 0.5),
    })
}
