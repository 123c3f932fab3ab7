//! Months differ by facts and by chance: by as much in the fast estimator as in the exact one.

use gonogo::study::{ByMonth, Estimator, Outcome, Plan};

use super::agreement::study;
use super::worlds::{SHIPPED, shipped};

/// Standard deviations over months, and their mean.
#[derive(Debug)]
struct Spread {
    facts: f64,
    chance: f64,
    mean: f64,
}

/// Months of a pair share their facts.
fn spread(by_month: &ByMonth, metric: &str) -> Spread {
    let values = by_month.of(metric).expect("a metric");
    let pairs: Vec<[f64; 2]> = values.chunks_exact(2).map(|two| [two[0], two[1]]).collect();
    let n = pairs.len() as f64;
    let chance = pairs
        .iter()
        .map(|[a, b]| (a - b).powi(2) * 0.5)
        .sum::<f64>()
        / n;
    let mean = pairs.iter().map(|[a, b]| a + b).sum::<f64>() * 0.5 / n;
    let between = pairs.iter().map(|[a, b]| ((a + b) * 0.5 - mean).powi(2));
    let facts = between.sum::<f64>() / (n - 1.0) - chance * 0.5;
    Spread {
        facts: facts.max(0.0).sqrt(),
        chance: chance.sqrt(),
        mean,
    }
}

/// The default scenario with short months and few users, in which a wrong answer is served all day.
fn both() -> [Outcome; 2] {
    let (_, text) = SHIPPED[8];
    let text = text.replace("per_month = 1\n", "per_month = 2\n");
    let model = shipped(&text, 7);
    let strategies: Vec<usize> = ["baseline", "cached"]
        .iter()
        .filter_map(|name| model.strategies.iter().position(|it| it.name == *name))
        .collect();
    [Estimator::Exact, Estimator::Fast].map(|estimator| {
        let plan = Plan {
            estimator,
            strategies: strategies.clone(),
            volumes: vec![0.25],
            months: 512,
            seed: 3,
            threads: 2,
            ..Plan::of(&model)
        };
        study(&model, &plan)
    })
}

#[test]
#[cfg_attr(
    debug_assertions,
    ignore = "slow without optimisation: cargo test --release"
)]
fn months_differ_by_facts_and_by_chance_as_they_do_request_by_request() {
    let [exact, fast] = both();
    for (exact, fast) in exact.by_month.iter().zip(&fast.by_month) {
        for metric in [
            "cost.total",
            "requests",
            "latency.p50",
            "latency.p95",
            "rate.wrong",
            "rate.failed",
            "slow.brownout",
            "slow.generation",
        ] {
            let (exact, fast) = (spread(exact, metric), spread(fast, metric));
            let ratio = fast.chance / exact.chance;
            assert!(
                (0.87..1.15).contains(&ratio),
                "{metric}: {exact:?} {fast:?}"
            );
            let off = (fast.facts - exact.facts).abs();
            assert!(off < 0.05 * exact.mean, "{metric}: {exact:?} {fast:?}");
        }
    }
}
