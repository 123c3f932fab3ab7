//! Public logs: the first part foretells the rest. Nothing of them is in the project; docs/validation.md shows the figures.

use gonogo::fit::backtest::{Backtest, backtest};
use gonogo::reading::log::{Field, Hints, read};

fn foretold(file: &str, map: &[(Field, &str)]) -> Option<Backtest> {
    let folder = super::public_logs()?;
    let hints = Hints {
        map: map
            .iter()
            .map(|(field, column)| (*field, (*column).to_owned()))
            .collect(),
        ..Hints::default()
    };
    let log = read(&[&folder.join(file)], &hints).expect("a log");
    let result = backtest(log, None, file, 0.0).expect("a backtest");
    println!("=== {file}\n{}", result.text());
    Some(result)
}

/// Logs of minutes to weeks, of requests and of counts: the intervals of all of them together hold as often as they say.
#[test]
fn eighty_percent_intervals_hold_on_public_logs() {
    let logs: [(&str, &[(Field, &str)]); 5] = [
        ("azure2023_code.csv.gz", &[]),
        ("azure2023_conv.csv.gz", &[]),
        ("burstgpt1_hourly.csv.gz", &[]),
        ("servegen_rate_10min.csv.gz", &[]),
        ("gentd26_requests.csv.gz", &[]),
    ];
    let (mut inside, mut all) = (0, 0);
    let (mut loss, mut naive) = (0.0, 0.0);
    for (file, map) in logs {
        let Some(result) = foretold(file, map) else {
            return;
        };
        inside += result.scores.iter().filter(|it| it.inside).count();
        all += result.scores.len();
        for score in result.scores.iter().filter(|it| it.naive_loss.is_finite()) {
            // One wild actual must not decide: losses are capped.
            loss += score.loss.min(2.0);
            naive += score.naive_loss.min(2.0);
        }
    }
    println!("{inside} of {all} inside, loss {loss:.2} against {naive:.2}");
    // Losses are shown, not promised: docs/validation.md says where the naive forecast is better.
    assert!(inside as f64 > 0.7 * all as f64);
}

#[test]
fn customers_of_a_public_cloud_are_foretold_one_by_one() {
    let Some(result) = foretold("servegen_client_10min.csv.gz", &[]) else {
        return;
    };
    let users = result.users.first().expect("clients");
    assert!(users.count > 50 && users.inside > 0.6, "{users:?}");
}

/// Reuse of prompts later in the hour, against lifetimes: within 4 points at five minutes.
#[test]
fn reuse_of_prompts_is_foretold_for_other_lifetimes() {
    let Some(result) = foretold("mooncake_conversation.csv.gz", &[]) else {
        return;
    };
    let first = |words: &str| {
        result
            .scores
            .iter()
            .find(|it| it.origin == "0.7" && it.what.contains(words))
            .expect("foretold")
    };
    let (minutes, hour) = (first("kept 300 s"), first("kept an hour"));
    assert!(
        (minutes.predicted - minutes.actual).abs() < 0.04,
        "{minutes:?}"
    );
    assert!((hour.predicted - hour.actual).abs() < 0.06, "{hour:?}");
}

#[test]
fn latencies_of_hosted_endpoints_and_sizes_of_agents_sessions_are_foretold() {
    let Some(endpoints) = foretold("llmperf_requests.csv.gz", &[(Field::Time, "seq")]) else {
        return;
    };
    let held = endpoints.scores.iter().filter(|it| it.inside).count();
    assert!(held as f64 > 0.6 * endpoints.scores.len() as f64);
    foretold(
        "agent_sessions.csv.gz",
        &[
            (Field::Input, "in_chars"),
            (Field::Output, "out_chars"),
            (Field::Cached, "lcp_prev_chars"),
        ],
    );
}
