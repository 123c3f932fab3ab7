//! Runs a scenario and compares its metrics with expectations.

use std::fmt::Write as _;

use gonogo::model;
use gonogo::prices::Catalogue;
use gonogo::reading::Source;
use gonogo::scenario::Scenario;
use gonogo::study::{Cell, Plan, Unwatched, run_exact};

use super::formulas::student;
use super::law::Law;

/// How many standard errors a metric may stray: there are hundreds of comparisons, and a normal variable strays so far
/// once in 150,000 times.
pub const SIGMAS: f64 = 4.5;

/// Documented error of a sampler's mean, relative (the laws of `quantity` are tested to it).
pub const MEAN_BIAS: f64 = 2e-5;
/// Documented error of a sampler's quantiles, relative.
pub const QUANTILE_BIAS: f64 = 1e-4;
/// Width of a histogram's bins, relative.
pub const BIN: f64 = 1.0 / 512.0;

/// A scenario of one class, one volume and one or more strategies.
#[derive(Debug, Clone)]
pub struct Scene {
    pub days: u32,
    pub warmup_h: f64,
    pub per_day: f64,
    pub seed: u32,
    /// Further lines of `[workload]`.
    pub workload: String,
    /// Lines of the only class, after its name.
    pub class: String,
    /// Everything else: models, providers, strategies.
    pub rest: String,
}

impl Scene {
    /// One-turn conversations without tokens, a day long.
    pub fn new(per_day: f64) -> Self {
        Self {
            days: 1,
            warmup_h: 0.0,
            per_day,
            seed: 20_261_124,
            workload: String::new(),
            class: "user_tokens = 0\noutput_tokens = 0".to_owned(),
            rest: String::new(),
        }
    }

    fn text(&self) -> String {
        let Self {
            days,
            warmup_h,
            per_day,
            seed,
            workload,
            class,
            rest,
        } = self;
        let mut text = String::from("schema = 1\nname = \"theory\"\n");
        let _ = write!(
            text,
            "[study]\nvolumes = [1]\ndays = {days}\nwarmup_h = {warmup_h}\nseed = {seed}\n"
        );
        let _ = write!(
            text,
            "[workload]\nconversations_per_day = {per_day}\n{workload}\n"
        );
        if !class.contains("[[workload.class]]") {
            text.push_str("[[workload.class]]\nname = \"only\"\n");
        }
        let _ = write!(text, "{class}\n{rest}\n");
        text
    }

    /// Simulates so many months and looks at the share of answers within each of these times.
    pub fn run(&self, months: u32, seconds: &[f64]) -> Results {
        assert!(
            months >= 20 && months.is_multiple_of(2),
            "at least twenty months, in pairs"
        );
        let text = self.text();
        let source = Source::new("theory.toml", text.clone());
        let scenario =
            Scenario::parse(source, None).unwrap_or_else(|problems| panic!("{problems}\n{text}"));
        let model = model::compile(&scenario, Catalogue::embedded())
            .unwrap_or_else(|problems| panic!("{problems}\n{text}"));
        let plan = Plan {
            months,
            threads: 2,
            seconds: seconds.to_vec(),
            ..Plan::of(&model)
        };
        let study = run_exact(&model, &plan, &Unwatched).expect("a study").study;
        Results { cells: study.cells }
    }
}

/// What came out, by strategy.
#[derive(Debug)]
pub struct Results {
    pub cells: Vec<Cell>,
}

impl Results {
    /// Compares a metric of the only strategy.
    #[track_caller]
    pub fn agrees(&self, what: &str, metric: &str, expected: f64, sharp: f64, bias: f64) {
        assert_eq!(self.cells.len(), 1);
        agrees(&self.cells[0], what, metric, expected, sharp, bias);
    }
}

/// A metric's mean over months is within 4.5 standard errors of `expected` (the Student quantile of the same chance:
/// the standard error is itself estimated, from pairs of months), plus a documented `bias` of the instrument. `sharp`
/// is how wide that may be, relative to the expectation: a test that would accept anything is no test.
#[track_caller]
pub fn agrees(cell: &Cell, what: &str, metric: &str, expected: f64, sharp: f64, bias: f64) {
    let found = cell
        .metrics
        .get(metric)
        .unwrap_or_else(|| panic!("{what}: there is no {metric}"));
    let pairs = f64::from(cell.months / 2);
    let spread = student(SIGMAS, pairs - 1.0) * found.se;
    let rounding = 1e-9 * expected.abs();
    let allowed = spread + bias + rounding;
    let off = (found.mean - expected) / if found.se > 0.0 { found.se } else { 1.0 };
    println!(
        "{what:<58} {metric:<24} theory {expected:<12.6} gonogo {:<12.6} ± {:<10.6} {off:+.2} se",
        found.mean, found.se
    );
    assert!(
        (found.mean - expected).abs() <= allowed,
        "{what}: {metric} is {} ± {} for {expected}: {off:+.1} standard errors, {allowed} allowed",
        found.mean,
        found.se
    );
    assert!(
        allowed <= sharp * expected.abs(),
        "{what}: {metric} is only known to ± {allowed} of {expected}"
    );
}

/// The upper edge of the histogram bin that holds x: there, counts are exact. Bins are 1/512 of an octave.
pub fn edge(x: f64) -> f64 {
    let octave = libm::exp2(libm::floor(libm::log2(x)));
    octave * (libm::ceil(x / octave * 512.0) / 512.0)
}

/// How far a share of latencies may be off because quantiles of the samplers are off by their documented bound.
pub fn share_bias(cdf: impl Fn(f64) -> f64, t: f64) -> f64 {
    (cdf(t * (1.0 + QUANTILE_BIAS)) - cdf(t * (1.0 - QUANTILE_BIAS))).abs()
}

/// Name of the metric for the share within so many seconds.
pub fn within(seconds: f64) -> String {
    format!("share_within.{seconds}")
}

/// An own-price model in the provider's cloud that answers at once, errs never, and costs nothing that matters.
pub fn cloud(extra: &str) -> String {
    format!("[models.m]\nprice = {{ input = 1, output = 2 }}\n{extra}\n")
}

/// A hosted model whose service times follow a law in seconds: 1 token is 1 ms.
pub fn service(law: &Law) -> String {
    format!(
        "user_tokens = 0\noutput_tokens = {}",
        law.times(1000.0).toml()
    )
}
