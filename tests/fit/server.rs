use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use gonogo::fit::server::{EngineLog, Server, fit, read_engine_log};
use gonogo::reading::log::{self, Hints};
use gonogo::{fit::server_scenario, model, prices::Catalogue, scenario::Scenario, study};

fn fitted(folder: &Path, requests: &str, engine: Option<&EngineLog>) -> Server {
    let log = log::read(&[&folder.join(requests)], &Hints::default()).expect("a log");
    fit(&log, engine, None).expect("a server")
}

/// Simulates the fitted server at a volume: latency p50, p95, p99 and first token p95.
fn simulated(folder: &Path, server: &Server, volume: f64) -> [f64; 4] {
    let written = server_scenario(server, "a test", "requests.csv", None);
    std::fs::write(
        folder.join("requests.csv"),
        written.requests.expect("requests"),
    )
    .expect("written");
    let text = written
        .toml
        .replace("volumes = [1, 2, 4, 8]", &format!("volumes = [{volume}]"));
    let source = gonogo::reading::Source::new("server.toml", text);
    let scenario = Scenario::parse(source, Some(folder)).expect("a valid scenario");
    let model = model::compile(&scenario, Catalogue::embedded()).expect("a model");
    let mut plan = study::Plan::of(&model);
    plan.months = 8;
    plan.estimator = study::Estimator::Exact;
    let outcome = study::estimate(&model, &plan, &study::Unwatched).expect("a study");
    let cell = &outcome.study.cells[0];
    [
        "latency.p50",
        "latency.p95",
        "latency.p99",
        "first_token.p95",
    ]
    .map(|name| cell.metrics[name].mean)
}

/// A server with a known law: step of 5 + 0.25 n milliseconds, 20 slots, 200 requests.
#[test]
fn the_law_of_a_made_up_server_is_found_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut csv = "run,id,t_s,input_tokens,output_tokens,ttft_s,e2e_s\n".to_owned();
    for (run, gap) in [("slow", 2.0), ("fast", 0.5)] {
        for line in served(gap) {
            let _ = writeln!(csv, "{run},{line}");
        }
    }
    std::fs::write(folder.path().join("log.csv"), csv).expect("written");
    let server = fitted(folder.path(), "log.csv", None);
    assert!((server.token_ms - 5.25).abs() < 0.3, "{}", server.token_ms);
    let most = server.most_running;
    let factor = server
        .slowdown
        .iter()
        .find(|(slots, _)| *slots == most)
        .map_or(f64::NAN, |it| it.1);
    let expected = (5.0 + 0.25 * most) / 5.25;
    assert!(
        (factor / expected - 1.0).abs() < 0.06,
        "{factor} for {expected} at {most}"
    );
}

/// Requests of 100 to 500 tokens under that law, one every `gap` seconds, by steps of the server.
fn served(gap: f64) -> Vec<String> {
    let count = 200;
    let tokens = |k: usize| 100.0 + ((k * 7919) % 400) as f64;
    let (mut now, mut next) = (0.0_f64, 0);
    let mut running: Vec<(usize, f64, f64)> = Vec::new();
    let mut lines = Vec::new();
    while next < count || !running.is_empty() {
        if running.is_empty() {
            now = now.max(next as f64 * gap);
        }
        while next < count && next as f64 * gap <= now {
            now += 0.01;
            running.push((next, now, tokens(next)));
            next += 1;
        }
        now += (5.0 + 0.25 * running.len() as f64) * 1e-3;
        for it in &mut running {
            it.2 -= 1.0;
        }
        running.retain(|(k, first, left)| {
            if *left <= 0.0 {
                let at = *k as f64 * gap;
                lines.push(format!(
                    "{k},{at},100,{},{:.5},{:.5}",
                    tokens(*k),
                    first - at,
                    now - at
                ));
            }
            *left > 0.0
        });
    }
    lines
}

/// The public load test of a real server: its lightest run alone predicts the one at twice the load.
#[test]
fn a_real_server_at_one_load_predicts_twice_that_load() {
    let Some(data) = super::public_logs() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    for (from, to) in [
        ("vllm_loadsweep.csv.gz", "requests-100.csv"),
        ("vllm_loadsweep_engine.csv.gz", "engine-100.csv"),
    ] {
        let mut text = String::new();
        log::open(&data.join(from))
            .expect("there")
            .read_to_string(&mut text)
            .expect("read");
        let kept: Vec<&str> = text
            .lines()
            .enumerate()
            .filter(|(place, line)| *place == 0 || line.starts_with("100,"))
            .map(|it| it.1)
            .collect();
        std::fs::write(folder.path().join(to), kept.join("\n")).expect("written");
    }
    let engine = read_engine_log(&folder.path().join("engine-100.csv")).expect("an engine log");
    let server = fitted(folder.path(), "requests-100.csv", Some(&engine));
    let [p50, p95, p99, first] = simulated(folder.path(), &server, 2.0);
    // Measured at speed 200: 22.35, 69.0, 69.37 s, first token 1.62 s.
    println!(
        "at speed 200: p50 {p50:.1} (22.35), p95 {p95:.1} (69.0), p99 {p99:.1} (69.37), first token p95 {first:.2} (1.62)"
    );
    assert!((p95 / 69.0 - 1.0).abs() < 0.10, "{p95}");
    assert!((p99 / 69.37 - 1.0).abs() < 0.10, "{p99}");
    assert!((p50 / 22.35 - 1.0).abs() < 0.15, "{p50}");
    // Close to the knee.
    assert!((0.5..2.0).contains(&(first / 1.62)), "{first}");
}

/// Both public runs together are reproduced.
#[test]
fn a_real_server_is_reproduced_at_both_loads_and_holds_its_ceiling() {
    let Some(data) = super::public_logs() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let log = log::read(&[&data.join("vllm_loadsweep.csv.gz")], &Hints::default()).expect("a log");
    let engine =
        read_engine_log(&data.join("vllm_loadsweep_engine.csv.gz")).expect("an engine log");
    let server = fit(&log, Some(&engine), None).expect("a server");
    println!(
        "{server:?}",
        server = gonogo::fit::server::Server {
            requests: Vec::new(),
            ..server.clone()
        }
    );
    for (volume, measured) in [
        (1.0, [9.59, 43.72, 44.26, 0.234]),
        (2.0, [22.35, 69.0, 69.37, 1.62]),
    ] {
        let found = simulated(folder.path(), &server, volume);
        println!("speed {}: {found:.2?} for {measured:?}", 100.0 * volume);
        for (place, (found, measured)) in found.iter().zip(measured).enumerate() {
            let most = if place == 3 { 0.25 } else { 0.08 };
            assert!(
                (found / measured - 1.0).abs() < most,
                "{found} for {measured}"
            );
        }
    }
    // Past its slots a server is only as fast as 256 answers at once: what waits, waits for the drain.
    let later = [3.0, 4.0, 6.0, 10.0, 20.0].map(|volume| simulated(folder.path(), &server, volume));
    for (speed, found) in [300, 400, 600, 1000, 2000].iter().zip(&later) {
        println!("speed {speed}: p50, p95, p99, first token p95 {found:.2?}");
    }
    let p95 = later.map(|it| it[1]);
    assert!(p95.is_sorted() && p95[4] < 2.0 * p95[1], "{p95:?}");
}
