//! Months with exactly one conversation.

use gonogo::engine::Month;
use gonogo::engine::ledger::{LINES, Line, Outcome, Reason};
use gonogo::model::{self, Model};
use gonogo::prices::Catalogue;
use gonogo::reading::Source;
use gonogo::scenario::Scenario;
use gonogo::study;

/// Compiles a scenario of one class, which `class` describes after its name.
pub fn scenario(per_day: f64, workload: &str, class: &str, rest: &str) -> Model {
    let text = format!(
        "schema = 1\nname = \"by hand\"\n[study]\nvolumes = [1]\ndays = 1\n[workload]\nconversations_per_day = {per_day}\n\
         {workload}\n[[workload.class]]\nname = \"only\"\n{class}\n{rest}\n"
    );
    let scenario = Scenario::parse(Source::new("hand.toml", text.clone()), None)
        .unwrap_or_else(|it| panic!("{it}\n{text}"));
    model::compile(&scenario, Catalogue::embedded()).unwrap_or_else(|it| panic!("{it}\n{text}"))
}

/// One month of the first strategy.
pub fn month(model: &Model, number: u32) -> Month {
    study::month(model, 0, 1.0, 7, number, None).expect("a month")
}

/// Three months in which one conversation came and asked so many questions.
pub fn lone(workload: &str, class: &str, rest: &str, requests: u64) -> Vec<Lone> {
    let model = scenario(1.0, workload, class, rest);
    let found: Vec<Lone> = (0..60)
        .map(|number| Lone(month(&model, number)))
        .filter(|it| it.0.ledger.conversations == 1 && it.0.ledger.requests == requests)
        .take(3)
        .collect();
    assert_eq!(
        found.len(),
        3,
        "too few months with one conversation of {requests} requests"
    );
    found
}

/// A month with one conversation.
pub struct Lone(pub Month);

impl Lone {
    /// A line of the bill.
    pub fn usd(&self, line: Line) -> f64 {
        self.0.ledger.bill[line as usize]
    }

    /// All lines that are not 0.
    pub fn bill(&self) -> Vec<(&'static str, f64)> {
        LINES
            .iter()
            .copied()
            .zip(self.0.ledger.bill)
            .filter(|(_, usd)| *usd != 0.0)
            .collect()
    }

    pub fn count(&self, outcome: Outcome) -> u64 {
        self.0.ledger.count(outcome)
    }

    pub fn failed(&self, reason: Reason) -> u64 {
        self.0.ledger.reasons[reason as usize]
    }

    /// Seconds of all delivered answers together.
    pub fn latency(&self) -> f64 {
        self.0.ledger.latency_sum
    }

    /// Checks the bill, line by line, to a billionth of a dollar.
    #[track_caller]
    pub fn is_billed(&self, expected: &[(Line, f64)]) {
        for (line, name) in [
            (Line::Input, "input"),
            (Line::CachedInput, "cached_input"),
            (Line::CacheWrite, "cache_write"),
            (Line::Output, "output"),
            (Line::Reasoning, "reasoning"),
            (Line::Wasted, "wasted"),
            (Line::Guard, "guard"),
            (Line::Router, "router"),
        ] {
            let usd = expected
                .iter()
                .find(|(it, _)| *it == line)
                .map_or(0.0, |(_, usd)| *usd);
            assert!(
                (self.usd(line) - usd).abs() < 1e-9,
                "{name} is {} for {usd}: {:?}",
                self.usd(line),
                self.bill()
            );
        }
    }
}

/// Seconds are kept in nanoseconds.
#[track_caller]
pub fn near(got: f64, expected: f64) {
    assert!((got - expected).abs() < 1e-6, "{got} for {expected}");
}
