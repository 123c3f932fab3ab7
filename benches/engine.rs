//! What a simulated attempt costs: `cargo bench --bench engine`. Look at ratios: machines and their load differ.
//!
//! `yardstick` is the least that an M/M/1 queue can cost on the machine at hand, a heap of events and two logarithms for
//! each customer; it stands beside the engine so that a figure can be compared between machines.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use divan::Bencher;
use divan::counter::ItemsCount;
use gonogo::engine::philox::{Item, Purpose, Stream, uniform};
use gonogo::model::{self, Model};
use gonogo::prices::Catalogue;
use gonogo::reading::Source;
use gonogo::scenario::Scenario;
use gonogo::study;

fn main() {
    divan::main();
}

/// The scenario of `gonogo simulate` without arguments.
const EXAMPLE: &str = include_str!("../scenarios/support-chatbot.toml");

/// One slot, exponential service of half a second, half loaded; 86,400 customers a day.
const QUEUE: &str = r#"
[study]
volumes = [1]
[workload]
conversations_per_day = 86_400
[[workload.class]]
name = "only"
user_tokens = 0
output_tokens = { dist = "exponential", mean = 500 }
[models.m]
hosting = { slots = 1 }
token_ms = 1
[strategies.s]
route = "m"
"#;

/// Nothing is ever full: one model, log-normal lengths and speeds, three turns, no limits.
const UNSATURATED: &str = r#"
[study]
volumes = [1]
[workload]
conversations_per_day = 20_000
system_tokens = 500
[[workload.class]]
name = "only"
turns = 3
think_s = { p50 = 20, p95 = 120 }
user_tokens = { p50 = 40, p95 = 160 }
output_tokens = { p50 = 180, p95 = 500 }
[models.m]
price = { input = 1, output = 4 }
first_token_s = { p50 = 0.8, p95 = 2.4 }
token_ms = { p50 = 20, p95 = 40 }
error_rate = 0.004
[strategies.s]
route = "m"
timeout_s = 60
retry = { attempts = 2 }
"#;

fn compiled(text: &str) -> Model {
    let scenario = Scenario::parse(Source::new("bench.toml", text), None).expect("a scenario");
    model::compile(&scenario, Catalogue::embedded()).expect("a model")
}

/// One month; the counter is its attempts.
fn month(bencher: Bencher, text: &str, strategy: &str, volume: f64) {
    let model = compiled(text);
    let index = model
        .strategies
        .iter()
        .position(|it| it.name == strategy)
        .expect("a strategy");
    let run = || study::month(&model, index, volume, 1, 0, None).expect("a month");
    let attempts = run().ledger.attempts;
    bencher.counter(ItemsCount::new(attempts)).bench_local(run);
}

#[divan::bench(sample_count = 10)]
fn example_baseline(bencher: Bencher) {
    month(bencher, EXAMPLE, "baseline", 1.0);
}

#[divan::bench(sample_count = 10)]
fn example_resilient(bencher: Bencher) {
    month(bencher, EXAMPLE, "resilient", 1.0);
}

#[divan::bench(sample_count = 10)]
fn unsaturated(bencher: Bencher) {
    month(bencher, UNSATURATED, "s", 1.0);
}

#[divan::bench(sample_count = 10)]
fn hosted_m_m_1(bencher: Bencher) {
    month(bencher, QUEUE, "s", 1.0);
}

/// A bare M/M/1 queue: arrivals and ends of service in one heap.
#[divan::bench(sample_count = 10)]
fn yardstick(bencher: Bencher) {
    const CUSTOMERS: u64 = 1_000_000;
    let stream = Stream::new(1, 0);
    bencher.counter(ItemsCount::new(CUSTOMERS)).bench_local(|| {
        let draws = |customer: u64| {
            let [arrival, service, ..] =
                stream.block(customer, Item::new(Purpose::Arrival, 0, 0, 0));
            let exponential = |bits| -libm::log(uniform(bits));
            (exponential(arrival), 0.5 * exponential(service))
        };
        let mut events = BinaryHeap::from([Reverse((0_u64, 0_u64))]);
        let (mut free_at, mut stay) = (0.0_f64, 0.0);
        while let Some(Reverse((at, customer))) = events.pop() {
            // Odd: somebody leaves; even: somebody comes.
            if at & 1 == 1 {
                continue;
            }
            let now = at as f64 * 1e-9;
            let (gap, service) = draws(customer);
            free_at = free_at.max(now) + service;
            stay += free_at - now;
            events.push(Reverse((nanos(free_at) | 1, customer)));
            if customer < CUSTOMERS {
                events.push(Reverse((nanos(now + gap) & !1, customer + 1)));
            }
        }
        stay
    });
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time of some days"
)]
fn nanos(seconds: f64) -> u64 {
    (seconds * 1e9) as u64
}
