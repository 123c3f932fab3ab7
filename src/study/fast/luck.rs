//! The luck of a window that is known to average out: what its conversations happen to want, against what is expected.
//!
//! Who comes, how many questions they have and how deep their conversations go is drawn before anything happens
//! ([`foreseen`]), and what is expected of it follows from the rates of the month and the habits of the classes. The
//! difference is the noise that a window would put into every sum: bursts, short and long conversations. It serves as
//! control variates ([`super::fit`]).
//!
//! The expectation reaches back further than a window's warm-up. So it also allows for the few requests of conversations
//! that began before it.
//!
//! What limits refuse depends on bursts in a way that no mean says; see [`super::overload`].

use std::sync::Arc;

use crate::engine::philox::{Item, Purpose, Stream};
use crate::engine::{Setting, Tables, Wanted, foreseen};
use crate::model::{Facts, Model, Strategy};
use crate::quantity::Sampler;

use super::land::QUARTER_S;
use super::{single, whole};

/// What is wanted: conversations, questions, input tokens, output tokens.
const WANTED: usize = 4;
/// Kinds of luck: those of what is wanted, then what limits must refuse of it, and which answers are flagged for review.
pub const KINDS: usize = WANTED + 2;
/// Index of overload: what is refused in a window more than is usual in its stratum, against what is usual in all.
pub const OVERLOAD: usize = WANTED;
/// Index of flags: seconds of reviews more than were expected of the answers given, against what is usual in all windows.
pub const FLAGS: usize = WANTED + 1;
/// Relative deviations, by kind; their mean is 0.
pub type Luck = [f64; KINDS];
/// What is wanted in each minute of a window and its warm-up: questions, input tokens, output tokens.
pub type Minutes = Vec<[f32; WANTED - 1]>;

/// What is known of a window before it is simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreseen {
    /// Its luck; of overload and flags none yet.
    pub luck: Luck,
    /// What is wanted by minute.
    pub minutes: Minutes,
}

/// In a second.
const MINUTES: f64 = 1.0 / 60.0;
/// Steps of lag, seconds.
const STEP_S: f64 = 60.0;
/// Steps in a quarter of an hour.
const STEPS: usize = 15;
/// Quarters after which what a conversation began is forgotten.
pub const MEMORY: usize = 16;
/// Conversations of each class from which lags are taken. Turns are spread evenly over their law, so that only the lags
/// are random.
const SAMPLE: u32 = 4096;
/// Turns of a conversation that are looked at, at most.
const MOST_TURNS: u16 = 1000;

/// What conversations want on average.
#[derive(Debug, Clone)]
pub struct Habits {
    classes: Vec<Class>,
    /// Per conversation, by step of lag: what has been asked by then.
    up_to: Vec<[f64; WANTED]>,
}

/// A class as far as it matters here.
#[derive(Debug, Clone)]
struct Class {
    share: f64,
    turns: Arc<Sampler>,
    think_s: Arc<Sampler>,
    /// Seconds that an answer usually takes.
    answer_s: f64,
    /// Mean tokens: of a first prompt, added by each turn, of an answer.
    first: f64,
    more: f64,
    answer: f64,
}

impl Class {
    fn weight(&self, turn: u16) -> [f64; WANTED] {
        let began = f64::from(u8::from(turn == 0));
        [
            began,
            1.0,
            self.first + self.more * f64::from(turn),
            self.answer,
        ]
    }

    fn is(&self, other: &Self) -> bool {
        let alike = |a: &Arc<Sampler>, b: &Arc<Sampler>| {
            Arc::ptr_eq(a, b)
                || matches!((a.as_constant(), b.as_constant()), (Some(a), Some(b)) if a == b)
        };
        let numbers = |it: &Self| [it.share, it.answer_s, it.first, it.more, it.answer];
        numbers(self) == numbers(other)
            && alike(&self.turns, &other.turns)
            && alike(&self.think_s, &other.think_s)
    }
}

fn classes(model: &Model, strategy: &Strategy, facts: &Facts) -> Vec<Class> {
    let workload = &model.workload;
    let share = |number| facts.get(number).max(0.0);
    let all: f64 = workload
        .classes
        .iter()
        .map(|class| share(class.share))
        .sum();
    let system = facts.get(workload.system_tokens);
    workload
        .classes
        .iter()
        .map(|class| {
            let mean = |draw: &crate::model::Draw| draw.sampler(facts).mean().max(0.0);
            let answer = mean(&class.output_tokens);
            let user = mean(&class.user_tokens);
            let server = strategy.uses.first().and_then(|id| model.models.get(*id));
            let answer_s = server.map_or(0.0, |server| {
                let or = |draw: &Option<crate::model::Draw>, other: f64| {
                    draw.as_ref().map_or(other, &mean)
                };
                let tokens = answer + or(&class.reasoning_tokens, 0.0);
                let calls = or(&class.calls, 1.0).max(1.0);
                let call_s = mean(&server.first_token_s) + tokens * mean(&server.token_ms) * 1e-3;
                calls * call_s + (calls - 1.0) * mean(&class.tool_s)
            });
            Class {
                answer_s,
                share: share(class.share) / all,
                turns: class.turns.sampler(facts),
                think_s: class.think_s.sampler(facts),
                first: (system + mean(&class.context_tokens) + user).max(1.0),
                more: user + answer,
                answer: answer.max(1.0),
            }
        })
        .collect()
}

impl Habits {
    /// Those that these facts give.
    pub fn new(model: &Model, strategy: &Strategy, facts: &Facts) -> Self {
        let classes = classes(model, strategy, facts);
        let last = (MEMORY + 8) * STEPS;
        let mut up_to = vec![[0.0; WANTED]; last + 1];
        let stream = Stream::new(model.seed, 1 << 45);
        for (index, class) in (0_u64..).zip(&classes) {
            let weight = class.share / f64::from(SAMPLE);
            for number in 0..SAMPLE {
                let entity = index << 32 | u64::from(number);
                // Evenly over the law.
                let bits = number * (u32::MAX / SAMPLE) + u32::MAX / SAMPLE / 2;
                let wanted = class.turns.draw(bits) + 0.5;
                let (mut turn, mut lag_s) = (0_u16, 0.0);
                loop {
                    let step = whole(libm::ceil(lag_s / STEP_S));
                    if let Some(sums) = up_to.get_mut(step) {
                        for (sum, part) in sums.iter_mut().zip(class.weight(turn)) {
                            *sum += part * weight;
                        }
                    }
                    if f64::from(turn) + 2.0 > wanted || turn == MOST_TURNS {
                        break;
                    }
                    let [_, _, think, _] =
                        stream.block(entity, Item::new(Purpose::Turn, turn, 0, 0));
                    lag_s += class.answer_s + class.think_s.draw(think).max(0.0);
                    turn += 1;
                }
            }
        }
        let mut sum = [0.0; WANTED];
        for step in &mut up_to {
            for (sum, here) in sum.iter_mut().zip(step.iter_mut()) {
                *sum += *here;
                *here = *sum;
            }
        }
        Self { classes, up_to }
    }

    /// Seconds after which all but 3% of the questions of conversations are asked.
    pub fn settled_s(&self) -> f64 {
        let asked = |sums: &[f64; WANTED]| at(sums, 1);
        let all = self.up_to.last().map_or(0.0, asked);
        self.up_to.partition_point(|sums| asked(sums) < 0.97 * all) as f64 * STEP_S
    }

    /// Whether other facts give the same.
    pub fn are_of(&self, model: &Model, strategy: &Strategy, facts: &Facts) -> bool {
        let others = classes(model, strategy, facts);
        self.classes.len() == others.len() && self.classes.iter().zip(&others).all(|(a, b)| a.is(b))
    }

    /// What is expected to be asked in some quarters of a month, whose conversations per second are given by quarter.
    fn expected(&self, rates: &[f64], quarter: usize, quarters: usize) -> [f64; WANTED] {
        let mut sums = [0.0; WANTED];
        let (from, until) = (quarter * STEPS, (quarter + quarters) * STEPS);
        for step in quarter.saturating_sub(MEMORY) * STEPS..until {
            let began = rates.get(step / STEPS).copied().unwrap_or(0.0) * STEP_S;
            // Conversations of a step begin in its middle.
            let by = |end: usize| {
                let known = |lag: usize| {
                    self.up_to
                        .get(lag)
                        .or(self.up_to.last())
                        .copied()
                        .unwrap_or_default()
                };
                match end.checked_sub(step) {
                    None | Some(0) => [0.0; WANTED],
                    Some(lag) => {
                        let (a, b) = (known(lag - 1), known(lag));
                        std::array::from_fn(|kind| (at(&a, kind) + at(&b, kind)) * 0.5)
                    }
                }
            };
            let (before, after) = (by(from), by(until));
            for (sum, (before, after)) in sums.iter_mut().zip(before.iter().zip(&after)) {
                *sum += began * (after - before);
            }
        }
        sums
    }

    /// What is foreseen of the setting's window, which counts from one quarter on for some quarters.
    pub fn foresee(
        &self,
        setting: &Setting<'_>,
        tables: &Tables,
        rates: &[f64],
        quarter: usize,
        quarters: usize,
    ) -> Foreseen {
        let from_s = quarter as f64 * QUARTER_S;
        let begins_s = setting.window.map_or(from_s, |window| window.from_s);
        let until_s = from_s + quarters as f64 * QUARTER_S;
        let mut minutes = vec![[0.0; WANTED - 1]; whole((until_s - begins_s) / 60.0)];
        let mut sums = [0.0; WANTED];
        let answer_s: Vec<f64> = self.classes.iter().map(|class| class.answer_s).collect();
        foreseen(setting, tables, &answer_s, &mut |wanted: Wanted| {
            let Some(class) = self.classes.get(wanted.class) else {
                return;
            };
            let weight = class.weight(wanted.turn);
            if wanted.at_s >= from_s {
                for (sum, part) in sums.iter_mut().zip(weight) {
                    *sum += part;
                }
            }
            if let Some(minute) = minutes.get_mut(whole((wanted.at_s - begins_s) * MINUTES)) {
                for (sum, part) in minute.iter_mut().zip(weight.iter().skip(1)) {
                    *sum += single(*part);
                }
            }
        });
        let expected = self.expected(rates, quarter, quarters);
        let luck = std::array::from_fn(|kind| {
            let expected = at(&expected, kind);
            if expected > 0.0 {
                at(&sums, kind) / expected - 1.0
            } else {
                0.0
            }
        });
        Foreseen { luck, minutes }
    }
}

fn at(list: &[f64], index: usize) -> f64 {
    list.get(index).copied().unwrap_or(0.0)
}
