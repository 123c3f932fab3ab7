//! How fast prompts are read: first-token times while little runs are base + tokens × time per token + half a step.

use super::super::linear::Equations;
use super::Run;

/// What a first token takes when nobody is in the way.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_field_names, reason = "the unit stands in the names")]
pub(super) struct Prompts {
    pub(super) base_s: f64,
    pub(super) base_p95_s: f64,
    pub(super) per_token_s: f64,
}

impl Prompts {
    /// Seconds that generation stands still for one prompt.
    pub(super) fn pause_s(&self, input: f64) -> f64 {
        self.base_s + self.per_token_s * input
    }
}

/// Requests that found at most so many others running are "alone enough".
const FEW: usize = 8;

/// Prompt tokens, others running, and seconds to the first token, of those who found few others: fifty, if there are.
pub(super) fn alone(runs: &[Run]) -> Vec<(f64, f64, f64)> {
    let mut points: Vec<(f64, f64, f64)> = Vec::new();
    for most in [FEW, 4 * FEW, usize::MAX] {
        points = runs.iter().flat_map(|run| quiet(run, most)).collect();
        if points.len() >= 50 {
            break;
        }
    }
    points
}

pub(super) fn fit(runs: &[Run]) -> Result<Prompts, String> {
    let points = alone(runs);
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
    })
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
