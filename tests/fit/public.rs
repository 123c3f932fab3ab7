//! Public logs: the first part foretells the rest. Nothing of them is in the project; docs/validation.md shows the figures.

use gonogo::fit::backtest::{Backtest, backtest};
use gonogo::fit::traffic;
use gonogo::reading::log::{Field, Hints, Row, read};

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

/// Logs of minutes to weeks, of requests and of counts: intervals hold, and losses are smaller than those of both simple
/// forecasts, for each log by itself.
#[test]
fn what_comes_in_public_logs_is_foretold_better_than_as_it_was() {
    let logs: [(&str, &[(Field, &str)]); 7] = [
        ("azure2023_code.csv.gz", &[]),
        ("azure2023_conv.csv.gz", &[]),
        ("burstgpt1_hourly.csv.gz", &[]),
        ("servegen_rate_10min.csv.gz", &[]),
        ("gentd26_requests.csv.gz", &[]),
        ("mooncake_conversation.csv.gz", &[]),
        // Its runs' times are not in it, their order is.
        ("llmperf_requests.csv.gz", &[(Field::Time, "seq")]),
    ];
    let (mut inside, mut all) = (0_u32, 0_u32);
    for (file, map) in logs {
        let Some(result) = foretold(file, map) else {
            return;
        };
        let (held, loss, naive, flat) = result.summary();
        assert!(held >= 0.7, "{file}: {held}");
        assert!(loss < naive && loss < flat, "{file}: {loss} {naive} {flat}");
        for score in &result.scores {
            inside += u32::from(score.inside);
            all += 1;
        }
    }
    let held = f64::from(inside) / f64::from(all);
    println!("{inside} of {all} inside");
    assert!((0.7..=0.9).contains(&held), "{held}");
}

#[test]
fn customers_of_a_public_cloud_are_foretold_one_by_one() {
    for (file, kinds) in [
        ("servegen_client_10min.csv.gz", 1),
        ("servegen_client_tokens_6h.csv.gz", 3),
    ] {
        let Some(result) = foretold(file, &[]) else {
            return;
        };
        assert_eq!(result.users.len(), kinds, "{file}");
        for users in &result.users {
            assert!(users.count > 90, "{users:?}");
            assert!((0.7..=0.9).contains(&users.inside), "{users:?}");
            assert!(
                users.loss < users.naive_loss.min(users.flat_loss),
                "{users:?}"
            );
        }
    }
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

/// What whole conversations take, where their times are those of uploads and all overlap: the first to begin of each agent,
/// for the others.
#[test]
fn sessions_of_coding_agents_are_foretold_by_agent() {
    let Some(result) = foretold("agent_sessions.csv.gz", &[]) else {
        return;
    };
    let own = || {
        let later = "0.7 of conversations to begin";
        result.scores.iter().filter(move |it| it.origin == later)
    };
    // All of them, and each of two agents: input, output and what was sent before.
    assert_eq!(own().count(), 9);
    for share in own().filter(|it| it.what.starts_with("share") && it.what.contains(',')) {
        let off = share.predicted / share.actual - 1.0;
        assert!(off.abs() < 0.1, "{share:?}");
    }
}

/// A scenario that was fitted to the agents' sessions takes the tokens that they took, simulated.
#[test]
fn simulated_sessions_of_coding_agents_take_what_they_took() {
    let Some(folder) = super::public_logs() else {
        return;
    };
    let path = folder.join("agent_sessions.csv.gz");
    let log = read(&[&path], &Hints::default()).expect("a log");
    let sum = |of: fn(&Row) -> f32| log.rows.iter().map(|row| f64::from(of(row))).sum::<f64>();
    let (input, output) = (sum(|row| row.input), sum(|row| row.output));
    let last = log.rows.iter().map(|row| row.conversation).max();
    let sessions = f64::from(last.expect("sessions") + 1);
    let toml = traffic::fit(log, "agents", 0.0).expect("a fit").scenario();
    let cell = super::simulated(&toml, 4);
    let metrics = &cell.metrics;
    for (name, took) in [("cost.input", input), ("cost.output", output)] {
        let simulated = metrics[name].mean * 1e6 / metrics["conversations"].mean;
        let took = took / sessions;
        println!("{name}: {simulated:.0} tokens a session for {took:.0}");
        assert!((simulated / took - 1.0).abs() < 0.1, "{name}");
    }
}
