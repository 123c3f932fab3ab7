//! How fast prompts are read: first-token times while little runs are base + tokens × time per token + half a step.

use super::super::linear::Equations;
use super::Run;

/// What a first token takes when nobody is in the way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prompts {
    pub(super) base_s: f64,
    pub(super) base_p95_s: f64,
    pub(super) per_token_s: f64,
    /// Prompts read between two steps while more are waiting.
    pub(super) per_step: f64,
}

impl Prompts {
    /// Seconds that generation stands still for one prompt.
    pub(super) fn pause_s(&self, input: f64) -> f64 {
        self.base_s / self.per_step + self.per_token_s * input
    }
}

/// Requests that found at most so many others running are "alone enough".
const FEW: usize = 8;

pub(super) fn fit(runs: &[Run]) -> Result<Prompts, String> {
    let mut points: Vec<(f64, f64, f64)> = Vec::new();
    for most in [FEW, 4 * FEW, usize::MAX] {
        points = runs.iter().flat_map(|run| quiet(run, most)).collect();
        if points.len() >= 50 {
            break;
        }
    }
    let mut equations = Equations::default();
    for (input, running, first_s) in &points {
        // A tenth of it is chance.
        equations.add(
            vec![1.0, *input, *running],
            *first_s,
            (0.1 * first_s).powi(-2),
        );
    }
    let found = equations
        .solve()
        .filter(|_| equations.len() >= 10)
        .ok_or("prompt lengths and first-token times do not tell how fast prompts are read")?;
    let (base_s, per_token_s, per_running_s) = match found.as_slice() {
        [base, token, running] => (base.max(1e-4), token.max(1e-9), *running),
        _ => return Err("prompt reading was not fitted".to_owned()),
    };
    let mut left: Vec<f64> = points
        .iter()
        .map(|(input, running, first)| first - per_token_s * input - per_running_s * running)
        .filter(|left| *left > 0.0)
        .collect();
    left.sort_by(f64::total_cmp);
    Ok(Prompts {
        base_s,
        base_p95_s: super::super::quantile(&left, 0.95).max(base_s),
        per_token_s,
        per_step: per_step(runs, base_s),
    })
}

/// First tokens that come together are of prompts read together. Counted among those that waited long enough for others
/// to have gathered: five readings or more.
fn per_step(runs: &[Run], base_s: f64) -> f64 {
    const TOGETHER_S: f64 = 0.003;
    let (mut prompts, mut groups) = (0.0_f64, 0.0_f64);
    for run in runs {
        let mut firsts: Vec<f64> = run
            .served
            .iter()
            .filter(|it| it.first_s - it.at_s > 10.0 * base_s)
            .map(|it| it.first_s)
            .collect();
        firsts.sort_by(f64::total_cmp);
        let mut last = f64::NEG_INFINITY;
        for first in firsts {
            prompts += 1.0;
            if first - last > TOGETHER_S {
                groups += 1.0;
            }
            last = first;
        }
    }
    if groups < 10.0 { 1.0 } else { prompts / groups }
}

/// Prompt tokens, others running, and seconds to the first token, for those who found few others.
fn quiet(run: &Run, most: usize) -> Vec<(f64, f64, f64)> {
    let mut points = Vec::new();
    let mut running: Vec<f64> = Vec::new();
    for it in &run.served {
        running.retain(|end| *end > it.at_s);
        if running.len() <= most {
            points.push((it.input, running.len() as f64, it.first_s - it.at_s));
        }
        running.push(it.end_s);
    }
    points
}
