//! The law of a step, from the server's own log.
//!
//! Between two lines of that log so many tokens were made while n answers were running on average (the requests tell n), and
//! so a step took n / tokens per second. It is
//!
//! step = s(n) + m × memory in use + c × prompt tokens read in it + f × prompts read in it
//!
//! with s(n) straight between knots: linear, and solved by robust least squares. Lines in which the server made far less
//! than that are those in which it stood still (a collection of garbage): they are left out, and tell how long and how
//! often. While requests wait, steps are full: answers and prompt tokens of a step together are its budget (`max_num_batched_tokens`
//! of vLLM).

use super::super::linear::{Equations, dot};
use super::super::quantile;
use super::super::random::Draws;
use super::curve::{Curve, KNOTS, most_running, weights};
use super::{EngineLog, Run, Sample};

/// Lines are resampled in blocks of so many.
const BLOCK: usize = 20;

/// Fewer lines do not tell the law.
const LEAST: usize = 40;

/// Rows beside the knots: memory, prompt tokens, prompts.
const BESIDE: usize = 3;

/// What the server did between two lines of its log.
#[derive(Debug, Clone, Copy)]
struct Window {
    run: usize,
    from_s: f64,
    to_s: f64,
    /// Answers running, on average.
    running: f64,
    steps: f64,
    /// Share of the memory in use.
    memory: f64,
    /// Per step: prompt tokens, and prompts.
    tokens: f64,
    prompts: f64,
    waiting: bool,
}

impl Window {
    fn length_s(&self) -> f64 {
        self.to_s - self.from_s
    }
    fn step_s(&self) -> f64 {
        self.length_s() / self.steps
    }
}

/// A fitted law.
#[derive(Debug, Clone)]
pub(super) struct Law {
    /// Steps per second by answers running, without prompts and memory.
    pub(super) curve: Curve,
    /// Seconds that a step is longer if all memory is in use.
    pub(super) memory_s: f64,
    /// Seconds per prompt token, and per prompt.
    pub(super) token_s: f64,
    pub(super) prompt_s: f64,
    /// Seconds of a stall, and seconds of generation over all answers from one to the next.
    pub(super) stall: Option<(f64, f64)>,
    /// Tokens that a step takes, and whether steps were seen full.
    pub(super) budget: f64,
    pub(super) budget_seen: bool,
    /// Prompt tokens as the server counts them, for one of the requests' log.
    pub(super) per_logged: f64,
    /// Standard error of a step at the most running, relative.
    pub(super) error: f64,
    /// Lines behind it.
    pub(super) samples: usize,
}

/// Lines of a server's log with the requests of the same time.
pub(super) struct Windows {
    knots: Vec<f64>,
    list: Vec<Window>,
    per_logged: f64,
}

impl Windows {
    /// `None` if the log has too few lines to tell the law.
    pub(super) fn new(runs: &[Run], engine: &EngineLog) -> Option<Self> {
        let most = runs.iter().map(most_running).fold(1.0, f64::max);
        let mut knots: Vec<f64> = KNOTS
            .into_iter()
            .filter(|knot| *knot < most * 0.9)
            .collect();
        knots.push(most.max(2.0));
        let mut list = Vec::new();
        let (mut read, mut logged) = (0.0, 0.0);
        for (index, run) in runs.iter().enumerate() {
            let samples: Vec<&Sample> = engine.of(&run.name).collect();
            let running = Running::new(run);
            let gaps: Vec<f64> = pairs(&samples).map(|(a, b)| b.at_s - a.at_s).collect();
            let usual = quantile(&sorted(gaps), 0.5);
            for (a, b) in pairs(&samples) {
                let length = b.at_s - a.at_s;
                let mean = running.mean(a.at_s, b.at_s);
                if !(length > 0.0 && length < 1.5 * usual && b.generated_per_s > 0.0 && mean >= 0.9)
                {
                    continue;
                }
                let steps = b.generated_per_s * length / mean;
                let (prompts, inputs) = run
                    .served
                    .iter()
                    .filter(|it| a.at_s < it.first_s && it.first_s <= b.at_s)
                    .fold((0.0, 0.0), |(count, sum), it| (count + 1.0, sum + it.input));
                let own = b.prompts_per_s * length;
                if own.is_finite() {
                    (read, logged) = (read + own, logged + inputs);
                }
                list.push(Window {
                    run: index,
                    from_s: a.at_s,
                    to_s: b.at_s,
                    running: mean,
                    steps,
                    memory: f64::midpoint(a.memory, b.memory),
                    tokens: if own.is_finite() { own } else { inputs } / steps,
                    prompts: (prompts / steps).min(1.0),
                    waiting: a.waiting > 0.0 && b.waiting > 0.0,
                });
            }
        }
        (list.len() >= LEAST).then_some(Self {
            knots,
            list,
            per_logged: if logged > 0.0 && read > 0.0 {
                read / logged
            } else {
                1.0
            },
        })
    }

    /// Fits the law.
    pub(super) fn fit(&self, resamples: usize, draws: &mut Draws) -> Option<Law> {
        let all = vec![1.0; self.list.len()];
        let rough = self.solve(&all)?;
        let stood = self.stood_still(&rough);
        let moved: Vec<f64> = stood.iter().map(|it| f64::from(u8::from(!it))).collect();
        let found = self.solve(&moved)?;
        let most = *self.knots.last()?;
        let mut steps: Vec<f64> = (0..resamples)
            .filter_map(|_| {
                let weights = self.resample(&moved, draws);
                let other = self.solve(&weights)?;
                Some(self.full(&other, most) / self.full(&found, most))
            })
            .collect();
        steps.sort_by(f64::total_cmp);
        let (budget, budget_seen) = self.budget(&stood);
        let at = |beside: usize| found.get(self.knots.len() + beside).copied();
        Some(Law {
            curve: Curve::new(
                self.knots
                    .iter()
                    .zip(&found)
                    .map(|(knot, step_s)| (*knot, 1.0 / step_s))
                    .collect(),
            )?,
            memory_s: at(0)?.max(0.0),
            token_s: at(1)?.max(1e-9),
            prompt_s: at(2)?.max(0.0),
            stall: self.stall(&found, &stood),
            budget,
            budget_seen,
            per_logged: self.per_logged,
            error: (quantile(&steps, 0.84) - quantile(&steps, 0.16)) / 2.0,
            samples: self.list.len(),
        })
    }

    fn row(&self, window: &Window) -> Vec<f64> {
        let mut row = vec![0.0; self.knots.len()];
        for (place, weight) in weights(&self.knots, window.running) {
            if let Some(it) = row.get_mut(place) {
                *it = weight;
            }
        }
        row.extend([window.memory, window.tokens, window.prompts]);
        row
    }

    /// Step at so many running, with as much memory per answer as was seen.
    fn full(&self, found: &[f64], running: f64) -> f64 {
        let memory = self
            .list
            .iter()
            .filter(|it| it.running > 0.8 * running)
            .map(|it| it.memory)
            .fold(0.0, f64::max);
        let window = Window {
            run: 0,
            from_s: 0.0,
            to_s: 0.0,
            running,
            steps: 1.0,
            memory,
            tokens: 0.0,
            prompts: 0.0,
            waiting: false,
        };
        dot(&self.row(&window), found)
    }

    /// Steps at the knots, and what comes beside them. All relative to the step seen, to 5%.
    fn solve(&self, weights: &[f64]) -> Option<Vec<f64>> {
        let count = self.knots.len();
        let mut found: Option<Vec<f64>> = None;
        for _ in 0..3 {
            let mut equations = Equations::default();
            for (window, weight) in self.list.iter().zip(weights) {
                let step_s = window.step_s();
                let row = self.row(window).iter().map(|it| it / step_s).collect();
                equations.add(row, 1.0, 400.0 * weight);
            }
            for place in 0..count {
                self.smooth(&mut equations, place, found.as_deref());
            }
            // A log may not tell what lies beside: nothing, unless it speaks.
            let usual = quantile(&sorted(self.list.iter().map(Window::step_s).collect()), 0.5);
            for beside in 0..BESIDE {
                let mut row = vec![0.0; count + BESIDE];
                if let Some(it) = row.get_mut(count + beside) {
                    *it = 1e-3 / usual;
                }
                equations.add(row, 0.0, 1.0);
            }
            found = Some(equations.solve()?);
        }
        found
    }

    /// Between three knots the step is nearly straight: within a tenth.
    fn smooth(&self, equations: &mut Equations, place: usize, found: Option<&[f64]>) {
        let Some([x0, x1, x2]) = self.knots.get(place..place + 3) else {
            return;
        };
        let scale = found
            .and_then(|it| it.get(place + 1))
            .copied()
            .unwrap_or_else(|| {
                let near = |it: &&Window| it.running > 0.7 * x1 && it.running < 1.4 * x1;
                let steps = self.list.iter().filter(near).map(Window::step_s).collect();
                quantile(&sorted(steps), 0.5)
            });
        let share = (x1 - x0) / (x2 - x0);
        let mut row = vec![0.0; self.knots.len() + BESIDE];
        for (it, weight) in row.iter_mut().skip(place).zip([1.0 - share, -1.0, share]) {
            *it = weight / scale;
        }
        equations.add(row, 0.0, 100.0);
    }

    fn lost_s(&self, window: &Window, found: &[f64]) -> f64 {
        window.length_s() - window.steps * dot(&self.row(window), found)
    }

    /// Lines in which the server stood still: it lost far more time than chance makes it lose or gain.
    fn stood_still(&self, found: &[f64]) -> Vec<bool> {
        let lost: Vec<f64> = self.list.iter().map(|it| self.lost_s(it, found)).collect();
        let middle = quantile(&sorted(lost.clone()), 0.5);
        let far = quantile(
            &sorted(lost.iter().map(|it| (it - middle).abs()).collect()),
            0.5,
        );
        self.list
            .iter()
            .zip(&lost)
            .map(|(window, lost)| lost - middle > (9.0 * far).max(0.1 * window.length_s()))
            .collect()
    }

    /// How long and how often; `None` if it did so too rarely to tell.
    fn stall(&self, found: &[f64], stood: &[bool]) -> Option<(f64, f64)> {
        let (mut count, mut lost_s, mut busy_s) = (0.0, 0.0, 0.0);
        for (window, stood) in self.list.iter().zip(stood) {
            let lost = if *stood {
                count += 1.0;
                self.lost_s(window, found)
            } else {
                0.0
            };
            lost_s += lost;
            busy_s += window.running * (window.length_s() - lost);
        }
        (count >= 5.0).then(|| (lost_s / count, busy_s / count))
    }

    fn budget(&self, stood: &[bool]) -> (f64, bool) {
        let of = |waiting: bool| -> Vec<f64> {
            sorted(
                self.list
                    .iter()
                    .zip(stood)
                    .filter(|(it, stood)| !**stood && it.steps >= 4.0 && (it.waiting || !waiting))
                    .map(|(it, _)| it.running + it.tokens)
                    .collect(),
            )
        };
        let full = of(true);
        if full.len() >= 5 {
            return (quantile(&full, 0.5).round(), true);
        }
        (quantile(&of(false), 1.0).round(), false)
    }

    /// Blocks of lines drawn again, without those that are left out.
    fn resample(&self, kept: &[f64], draws: &mut Draws) -> Vec<f64> {
        let blocks = self.list.len() / BLOCK + 1;
        let mut times = vec![0.0; blocks];
        for _ in 0..blocks {
            if let Some(it) = times.get_mut(draws.below(blocks)) {
                *it += 1.0;
            }
        }
        kept.iter()
            .enumerate()
            .map(|(place, kept)| kept * times.get(place / BLOCK).copied().unwrap_or(1.0))
            .collect()
    }

    /// Tokens of each request: the steps from its first token to its end, counted by the log where there are lines, and
    /// by the law elsewhere.
    pub(super) fn tokens(&self, runs: &[Run], law: &Law) -> Vec<Vec<f64>> {
        runs.iter()
            .enumerate()
            .map(|(index, run)| {
                let running = Running::new(run);
                let start = running.changes.first().map_or(0.0, |it| it.0);
                let mut moments = vec![(start, 0.0)];
                for window in self.list.iter().filter(|it| it.run == index) {
                    running.count(&mut moments, window.from_s, law);
                    let counted = moments.last().map_or(0.0, |it| it.1) + window.steps;
                    moments.push((window.to_s, counted));
                }
                running.count(&mut moments, f64::INFINITY, law);
                run.served
                    .iter()
                    .map(|it| (along(&moments, it.end_s) - along(&moments, it.first_s)).max(0.0))
                    .collect()
            })
            .collect()
    }
}

/// Answers running at any moment of a run.
struct Running {
    /// From when, and how many.
    changes: Vec<(f64, f64)>,
}

impl Running {
    fn new(run: &Run) -> Self {
        let mut events: Vec<(f64, f64)> = run
            .served
            .iter()
            .flat_map(|it| [(it.first_s, 1.0), (it.end_s, -1.0)])
            .collect();
        events.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut running = 0.0;
        for event in &mut events {
            running += event.1;
            event.1 = running;
        }
        Self { changes: events }
    }

    /// ∫ f(n) dt while anything runs.
    fn integral(&self, from_s: f64, to_s: f64, of: impl Fn(f64) -> f64) -> f64 {
        let start = self
            .changes
            .partition_point(|(moment, _)| *moment <= from_s)
            .saturating_sub(1);
        let mut sum = 0.0;
        for (place, (moment, running)) in self.changes.iter().enumerate().skip(start) {
            if *moment >= to_s {
                break;
            }
            let end = self
                .changes
                .get(place + 1)
                .map_or(to_s, |it| it.0)
                .min(to_s);
            if *running > 0.5 {
                sum += (end - moment.max(from_s)).max(0.0) * of(*running);
            }
        }
        sum
    }

    fn mean(&self, from_s: f64, to_s: f64) -> f64 {
        self.integral(from_s, to_s, |n| n) / (to_s - from_s)
    }

    /// Adds steps by the law, from the last moment of the list to another.
    fn count(&self, moments: &mut Vec<(f64, f64)>, to_s: f64, law: &Law) {
        let Some((from_s, mut steps)) = moments.last().copied() else {
            return;
        };
        for (place, (moment, running)) in self.changes.iter().enumerate() {
            let begin = moment.max(from_s);
            let end = self
                .changes
                .get(place + 1)
                .map_or(*moment, |it| it.0)
                .min(to_s);
            if end > begin {
                if *running > 0.5 {
                    steps += (end - begin) * law.curve.rate(*running);
                }
                moments.push((end, steps));
            }
        }
    }
}

fn sorted(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers
}

fn pairs<'s, T>(list: &'s [&'s T]) -> impl Iterator<Item = (&'s T, &'s T)> {
    list.iter().zip(list.iter().skip(1)).map(|(a, b)| (*a, *b))
}

/// A rising curve, straight between its points.
fn along(points: &[(f64, f64)], at: f64) -> f64 {
    let after = points.partition_point(|(x, _)| *x <= at);
    match (
        after.checked_sub(1).and_then(|it| points.get(it)),
        points.get(after),
    ) {
        (Some((x0, y0)), Some((x1, y1))) => y0 + (at - x0) * (y1 - y0) / (x1 - x0).max(1e-12),
        (Some((_, y)), None) | (None, Some((_, y))) => *y,
        (None, None) => 0.0,
    }
}
