//! What a row of a log costs to read: `cargo bench --bench reading`. Look at ratios: machines and their load differ.

use std::fmt::Write as _;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use gonogo::reading::log::{Hints, read_bytes};

fn main() {
    divan::main();
}

const ROWS: usize = 100_000;

/// A gateway's log with the usual columns.
fn csv() -> String {
    let mut text = "timestamp,model,prompt_tokens,cached_tokens,completion_tokens,latency_ms,ttft_ms,status,session_id,user_id,cost\n".to_owned();
    for k in 0..ROWS {
        let _ = writeln!(
            text,
            "2026-12-{:02}T{:02}:{:02}:{:02}.250Z,gpt-4o,{},{},{},{},300,200,s{},u{},0.00{}",
            1 + k / 86_400,
            k / 3600 % 24,
            k / 60 % 60,
            k % 60,
            100 + k % 900,
            k % 100,
            20 + k % 400,
            700 + k % 9000,
            k / 4,
            k % 5000,
            k % 1000
        );
    }
    text
}

/// The same as one record a line.
fn jsonl() -> String {
    let mut text = String::new();
    for k in 0..ROWS {
        let _ = writeln!(
            text,
            "{{\"created_at\":{},\"model\":\"gpt-4o\",\"usage\":{{\"prompt_tokens\":{},\"completion_tokens\":{},\"prompt_tokens_details\":{{\"cached_tokens\":{}}}}},\"latency_ms\":{},\"ttft_ms\":300,\"status\":200,\"session_id\":\"s{}\",\"user_id\":\"u{}\",\"cost\":0.00{}}}",
            1_764_547_200 + k,
            100 + k % 900,
            20 + k % 400,
            k % 100,
            700 + k % 9000,
            k / 4,
            k % 5000,
            k % 1000
        );
    }
    text
}

fn rows(bencher: Bencher, text: &str) {
    bencher
        .counter(ItemsCount::new(ROWS))
        .counter(BytesCount::new(text.len()))
        .bench(|| read_bytes(text.as_bytes(), &Hints::default()).expect("a log"));
}

#[divan::bench(sample_count = 10)]
fn csv_rows(bencher: Bencher) {
    rows(bencher, &csv());
}

#[divan::bench(sample_count = 10)]
fn json_lines(bencher: Bencher) {
    rows(bencher, &jsonl());
}
