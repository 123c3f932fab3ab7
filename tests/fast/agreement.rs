//! Fast and exact give the same answer within the error that fast states.

use gonogo::model::Model;
use gonogo::study::{ByMonth, Estimator, Outcome, Plan, Unwatched, estimate, facts_of};

use super::worlds::{SHIPPED, compile, hard, shipped};

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

    /// Whether a decision would rest on something else than what it says.
    fn is_far(&self) -> bool {
        let decides = ["cost.total", "latency.p95", "rate.failed"].contains(&self.metric.as_str());
        decides && self.z().abs() >= 4.5
    }
}

pub fn study(model: &Model, plan: &Plan) -> Outcome {
    estimate(model, plan, &Unwatched).expect("a study")
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

/// Compares every metric of every cell; with the conversations of a cell, so many months at those volumes.
pub fn compare(model: &Model, volumes: &[f64], months: u32, seed: u64) -> Vec<Compared> {
    let plan = |estimator| Plan {
        estimator,
        volumes: volumes.to_vec(),
        months,
        seed,
        threads: 2,
        ..Plan::of(model)
    };
    let exact = study(model, &plan(Estimator::Exact));
    let fast = study(model, &plan(Estimator::Fast));
    let mut all = Vec::new();
    for (index, (exact, fast)) in exact.by_month.iter().zip(&fast.by_month).enumerate() {
        let cell = &model.strategies[exact.strategy].name;
        let cell = format!("{cell} {}x #{index}", exact.volume);
        all.extend(compare_cell(&cell, exact, fast));
    }
    all
}

/// The volume at which the months of a cell hold so many conversations at the facts' medians.
fn volume_of(model: &Model, conversations: f64, months: u32) -> f64 {
    let facts = facts_of(model, model.seed, 0);
    let daily = facts.get(model.workload.conversations_per_day);
    conversations / (daily * f64::from(model.calendar.days) * f64::from(months))
}

/// So many months hold about so many conversations at launch: an even number, 8 at least.
fn months_of(model: &Model, conversations: f64) -> u32 {
    let mut months = 8;
    while volume_of(model, conversations, months) > 1.0 {
        months += 2;
    }
    months
}

/// What decisions rest on is right singly; of all, as many are inside the interval as it says.
#[track_caller]
fn agrees(name: &str, all: &[Compared]) {
    for compared in all {
        assert!(!compared.is_far(), "{name}: {compared:?}");
    }
}

fn inside(all: &[Compared]) -> (usize, usize) {
    let inside = all.iter().filter(|it| it.z().abs() < 1.96).count();
    (inside, all.len())
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

fn support() -> Model {
    let text = include_str!("../../scenarios/support-chatbot.toml")
        .replace("\"8_000 to 12_000\"", "\"1_600 to 2_400\"")
        .replace("days = 30\n", "days = 7\n")
        .replace("limits = { requests_per_min = 4_000, input_tokens_per_min = 2_000_000, output_tokens_per_min = 400_000 }", "limits = { requests_per_min = 320, input_tokens_per_min = 160_000, output_tokens_per_min = 32_000 }");
    compile(&text)
}

fn number(name: &str, default: u32) -> u32 {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
#[ignore = "prints a comparison for whoever works on the estimator: WORLD, SEED, MONTHS and CONVERSATIONS choose it"]
fn look() {
    let wanted = std::env::var("WORLD").unwrap_or_default();
    let (seed, months) = (u64::from(number("SEED", 1)), number("MONTHS", 64));
    if wanted.is_empty() {
        return print(&compare(&support(), &[1.0, 4.0], months, seed));
    }
    for (name, model) in worlds(7).into_iter().filter(|it| it.0.contains(&wanted)) {
        println!("{name}");
        let conversations = f64::from(number("CONVERSATIONS", 600_000));
        let volume = volume_of(&model, conversations, months);
        print(&compare(&model, &[volume], months, seed));
    }
}

/// All worlds by name, those shipped with months of so many days.
fn worlds(days: u32) -> Vec<(String, Model)> {
    let shipped = SHIPPED
        .iter()
        .map(|(name, text)| ((*name).to_owned(), shipped(text, days)));
    shipped
        .chain(hard().map(|(name, model)| (name.to_owned(), model)))
        .collect()
}

/// Every world, at many seeds. Metrics of one cell go up and down together, and so do cells that share their windows: the
/// share inside the 95% interval is that of all comparisons.
fn coverage(worlds: &[(String, Model)], conversations: f64, months: u32, seeds: u32) -> f64 {
    let (mut good, mut all, mut far) = (0, 0, 0);
    for (name, model) in worlds {
        let (mut here, mut number) = (0, 0);
        for seed in 1..=seeds {
            let volume = volume_of(model, conversations, months);
            let compared = compare(model, &[volume], months, u64::from(seed));
            let strays: Vec<&Compared> = compared.iter().filter(|it| it.is_far()).collect();
            far += usize::from(!strays.is_empty());
            for stray in strays {
                println!("{name}, seed {seed}: {stray:?}");
            }
            let (inside, of) = inside(&compared);
            here += inside;
            number += of;
        }
        println!(
            "{name}: {here} of {number} inside, {:.3}",
            here as f64 / number.max(1) as f64
        );
        good += here;
        all += number;
    }
    // Cells share their windows and go astray together. Tails are a little heavier than a normal law's: one seed in a
    // hundred may.
    let studies = worlds.len() * seeds as usize;
    assert!(
        far <= 1.max(studies / 100),
        "{far} of {studies} studies are far off"
    );
    good as f64 / all as f64
}

#[test]
#[ignore = "takes an hour: cargo test --release --test fast -- --ignored --nocapture every_world; SEEDS says how many, WORLD which"]
fn every_world_is_inside_the_stated_error_at_many_seeds() {
    let wanted = std::env::var("WORLD").unwrap_or_default();
    let mut worlds = worlds(7);
    worlds.retain(|(name, _)| name.contains(&wanted));
    let share = coverage(&worlds, 1_000_000.0, 32, number("SEEDS", 20));
    assert!((0.90..=0.99).contains(&share), "{share} inside");
}

#[test]
fn hard_worlds_are_inside_the_stated_error() {
    // In their own volume, in which they are hard; one of each kind, the others below.
    hard_worlds(|place| place % 3 == 2);
}

#[test]
#[ignore = "the other two thirds: cargo test --release --test fast -- --ignored --nocapture all_hard"]
fn all_hard_worlds_are_inside_the_stated_error() {
    hard_worlds(|place| place % 3 != 2);
}

fn hard_worlds(chosen: impl Fn(usize) -> bool) {
    let (mut good, mut all) = (0, 0);
    for (_, (name, model)) in hard().enumerate().filter(|(place, _)| chosen(*place)) {
        let months = months_of(&model, 350_000.0);
        let compared = compare(&model, &[1.0], months, 1);
        agrees(name, &compared);
        let (inside, of) = inside(&compared);
        println!("{name}: {inside} of {of} inside");
        good += inside;
        all += of;
    }
    // A single seed of few months, in which metrics go up and down together.
    let share = good as f64 / all as f64;
    assert!(share > 0.85, "{share} of {all} inside");
}

#[test]
fn metrics_of_the_support_chatbot_are_inside_the_stated_error() {
    let (mut good, mut all) = (0, 0);
    for seed in [2, 3] {
        let compared = compare(&support(), &[1.0, 4.0], 32, seed);
        agrees("support-chatbot", &compared);
        let (inside, of) = inside(&compared);
        good += inside;
        all += of;
    }
    assert!(all > 1000, "{all} comparisons");
    let share = good as f64 / all as f64;
    assert!(share > 0.88, "{share} of {all} inside");
}
