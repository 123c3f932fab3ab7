//! Steps of a server, followed by hand.

use gonogo::{model, prices::Catalogue, scenario::Scenario, study};

/// Mean latency of the requests of a log under a hosted model.
fn mean_latency(requests: &str, hosting: &str) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("log.csv"), requests).expect("written");
    let text = format!(
        "schema = 1\n[study]\nmonths = 2\n[workload.replay]\nfile = \"log.csv\"\n[models.m]\nfirst_token_s = 0\ntoken_ms = 10\nhosting = {hosting}\n[strategies.s]\nroute = \"m\"\nstreaming = true\n"
    );
    let source = gonogo::reading::Source::new("steps.toml", text);
    let scenario = Scenario::parse(source, Some(folder.path())).expect("a valid scenario");
    let model = model::compile(&scenario, Catalogue::embedded()).expect("a model");
    let mut plan = study::Plan::of(&model);
    plan.estimator = study::Estimator::Exact;
    let outcome = study::estimate(&model, &plan, &study::Unwatched).expect("a study");
    outcome.study.cells[0].metrics["latency.mean"].mean
}

const TWO: &str = "t_s,input_tokens,output_tokens\n0,100,1000\n5.005,1000,10\n";

#[test]
fn a_prompt_shares_steps_with_an_answer_under_way() {
    // A: a step of 10 + 10 ms reads it, then 1,000 steps of 10 ms. B comes in the middle of a step, 5 ms before its end.
    // One of 401 tokens is A's, so B's prompt is read in three steps of 10 ms and 100 ms for its tokens; ten more follow.
    let b = 0.005 + 0.03 + 0.1 + 0.1;
    let a = 0.02 + 10.0 + 0.1;
    let found = mean_latency(
        TWO,
        "{ slots = 8, prefill_tokens_per_s = 10_000, step_tokens = 401 }",
    );
    assert!(
        (found - f64::midpoint(a, b)).abs() < 1e-6,
        "{found} for {}",
        f64::midpoint(a, b)
    );
}

#[test]
fn a_prompt_that_pauses_generation_costs_the_answer_under_way_its_reading() {
    // In steps of their own: three of 5 ms and 100 ms for B's tokens, in which A stands still.
    let b = 0.005 + 0.015 + 0.1 + 0.1;
    let a = 0.015 + 10.0 + 0.115;
    let found = mean_latency(
        // A's prompt takes 15 ms, so that B comes 5 ms before the end of a step again.
        "t_s,input_tokens,output_tokens\n0,100,1000\n5.01,1000,10\n",
        "{ slots = 8, prefill_tokens_per_s = 10_000, step_tokens = 400, prefill_fixed_ms = 5, prefill_pauses = true }",
    );
    assert!(
        (found - f64::midpoint(a, b)).abs() < 1e-6,
        "{found} for {}",
        f64::midpoint(a, b)
    );
}

#[test]
fn a_stall_holds_up_everybody() {
    // 15 s of generation are over, added over the two, when A has had 10 s and B 5: both then stand still for 1 s.
    let found = mean_latency(
        "t_s,input_tokens,output_tokens\n0,0,2000\n5,0,700\n",
        "{ slots = 8, stall_s = 1, stall_every_busy_s = 15 }",
    );
    // From then on 2 s together and 8 s of A alone: 12 of the next 15.
    let (a, b) = (20.0 + 1.0, 7.0 + 1.0);
    assert!((found - f64::midpoint(a, b)).abs() < 1e-6, "{found}");
}
