//! Fast and exact give the same answer within the error that fast states.

use gonogo::model::{self, Model};
use gonogo::prices::Catalogue;
use gonogo::reading::Source;
use gonogo::scenario::Scenario;
use gonogo::study::{ByMonth, Estimator, Outcome, Plan, Unwatched, estimate};

/// One comparison: cell, metric, exact, fast, and how many standard errors they are apart.
#[derive(Debug, Clone)]
pub struct Compared {
    pub cell: String,
    pub metric: String,
    pub exact: f64,
    pub fast: f64,
    pub error: f64,
}

impl Compared {
    fn z(&self) -> f64 {
        (self.fast - self.exact) / self.error
    }
}

fn compile(text: &str) -> Model {
    let scenario = Scenario::parse(Source::new("scenario.toml", text), None)
        .unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    model::compile(&scenario, Catalogue::embedded()).expect("known models")
}

fn study(model: &Model, estimator: Estimator, months: u32, seed: u64) -> Outcome {
    let plan = Plan {
        estimator,
        months,
        seed,
        threads: 2,
        ..Plan::of(model)
    };
    estimate(model, &plan, &Unwatched).expect("a study")
}

/// Mean and standard error of what the pairs of months differ by.
fn paired(exact: &[f64], fast: &[f64]) -> Option<(f64, f64)> {
    let pairs: Vec<f64> = exact
        .chunks_exact(2)
        .zip(fast.chunks_exact(2))
        .map(|(exact, fast)| (fast[0] + fast[1] - exact[0] - exact[1]) / 2.0)
        .filter(|difference| difference.is_finite())
        .collect();
    if pairs.len() < 4 {
        return None;
    }
    let n = pairs.len() as f64;
    let mean = pairs.iter().sum::<f64>() / n;
    let variance = pairs.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Some((mean, (variance / n).sqrt()))
}

/// Compares every metric of every cell.
pub fn compare(text: &str, months: u32, seed: u64) -> Vec<Compared> {
    let model = compile(text);
    let exact = study(&model, Estimator::Exact, months, seed);
    let fast = study(&model, Estimator::Fast, months, seed);
    let mut all = Vec::new();
    for (index, (exact, fast)) in exact.by_month.iter().zip(&fast.by_month).enumerate() {
        let cell = &model.strategies[exact.strategy].name;
        let cell = format!("{cell} {}x #{index}", exact.volume);
        all.extend(compare_cell(&cell, exact, fast));
    }
    all
}

fn compare_cell(cell: &str, exact: &ByMonth, fast: &ByMonth) -> Vec<Compared> {
    let names: Vec<String> = exact.names().map(str::to_owned).collect();
    names
        .iter()
        .filter_map(|metric| {
            let (real, guess) = (exact.of(metric)?, fast.of(metric)?);
            let (difference, months) = paired(real, guess)?;
            let finite: Vec<f64> = real.iter().copied().filter(|v| v.is_finite()).collect();
            let mean = finite.iter().sum::<f64>() / finite.len() as f64;
            let error = months.hypot(fast.window_se(metric));
            // Histograms interpolate within bins of 0.2%.
            let error = error.hypot(mean.abs() * 5e-4);
            (error > 0.0).then(|| Compared {
                cell: cell.to_owned(),
                metric: metric.clone(),
                exact: mean,
                fast: mean + difference,
                error,
            })
        })
        .collect()
}

pub fn print(all: &[Compared]) {
    let mut sorted = all.to_vec();
    sorted.sort_by(|a, b| b.z().abs().total_cmp(&a.z().abs()));
    let inside = all.iter().filter(|it| it.z().abs() < 1.96).count();
    println!(
        "{} of {} inside 1.96: {:.3}",
        inside,
        all.len(),
        inside as f64 / all.len() as f64
    );
    for it in sorted.iter().take(40) {
        println!(
            "{:>7.2}  {:<28} {:<28} exact {:.6} fast {:.6} error {:.6}",
            it.z(),
            it.cell,
            it.metric,
            it.exact,
            it.fast,
            it.error
        );
    }
}

fn support() -> String {
    include_str!("../../scenarios/support-chatbot.toml")
        .replace("\"8_000 to 12_000\"", "\"400 to 600\"")
        .replace("days = 30 ", "days = 7 ")
        .replace("volumes = [1, 10] ", "volumes = [1, 4] ")
        .replace("limits = { requests_per_min = 4_000, input_tokens_per_min = 2_000_000, output_tokens_per_min = 400_000 }", "limits = { requests_per_min = 80, input_tokens_per_min = 40_000, output_tokens_per_min = 8_000 }")
}

#[test]
#[ignore = "prints a comparison for whoever works on the estimator"]
fn look() {
    let months = std::env::var("MONTHS")
        .ok()
        .and_then(|m| m.parse().ok())
        .unwrap_or(64);
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|m| m.parse().ok())
        .unwrap_or(1);
    print(&compare(&support(), months, seed));
}
