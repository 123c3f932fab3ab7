//! Differences between strategies: months, windows and luck are shared, so what both have in common cancels.

use gonogo::study::{Estimator, Plan, Unwatched, estimate};

use super::agreement::study;
use super::worlds::compile;

/// The support chatbot with fewer conversations.
fn chatbot() -> String {
    include_str!("../../scenarios/support-chatbot.toml")
        .replace("\"8_000 to 12_000\"", "\"2_000 to 4_000\"")
}

/// The same in weeks, alone and with the same retries called otherwise.
fn twins() -> gonogo::model::Model {
    let twin = "\n[strategies.twin]\nextends = \"baseline\"\n";
    compile(&(chatbot().replace("days = 30\n", "days = 7\n") + twin))
}

#[test]
fn the_error_of_a_difference_is_far_below_that_of_its_parts() {
    let model = twins();
    let place = |name: &str| {
        let known = model.strategies.iter().position(|it| it.name == name);
        known.expect("a strategy")
    };
    let plan = Plan {
        strategies: vec![place("baseline"), place("tiered"), place("twin")],
        volumes: vec![1.0],
        months: 64,
        threads: 2,
        ..Plan::of(&model)
    };
    let fast = estimate(&model, &plan, &Unwatched).expect("a study");
    assert_eq!(fast.study.estimator, "fast");
    let [baseline, tiered, twin] = &fast.by_month[..] else {
        panic!("three cells");
    };
    for metric in ["requests", "latency.p95", "rate.failed"] {
        // Windows of the same strategy under another name are the same windows.
        assert_eq!(
            baseline.difference(twin, metric),
            Some((0.0, 0.0)),
            "{metric}"
        );
        assert!(baseline.window_se(metric) > 0.0, "{metric}");
    }
    let cost = |cell: usize| fast.study.cells[cell].metrics["cost.total"];
    let (difference, error) = baseline.difference(tiered, "cost.total").expect("costs");
    assert!((difference - (cost(0).mean - cost(1).mean)).abs() < 1e-6 * difference);
    let apart = cost(0).se.hypot(cost(1).se);
    assert!(error < 0.6 * apart, "{error} against {apart}");
    let (_, share) = baseline.difference(tiered, "requests").expect("requests");
    let requests = |cell: usize| fast.study.cells[cell].metrics["requests"].se;
    assert!(share < 0.2 * requests(0).hypot(requests(1)), "{share}");

    // And it is right: the exact estimator has the same months.
    let exact = study(
        &model,
        &Plan {
            estimator: Estimator::Exact,
            ..plan
        },
    );
    let real = exact.by_month[0]
        .difference(&exact.by_month[1], "cost.total")
        .expect("costs");
    let windows = error.hypot(real.1);
    assert!(
        (real.0 - difference).abs() < 4.5 * windows,
        "{real:?} against {difference} ± {error}"
    );
}

#[test]
fn windows_move_the_share_of_months_over_budget() {
    // Where the budget lies among the months' costs, what windows do to costs decides how many exceed it.
    let plan = |model: &gonogo::model::Model| Plan {
        strategies: vec![0],
        volumes: vec![1.0],
        months: 64,
        threads: 2,
        ..Plan::of(model)
    };
    let first = compile(&chatbot());
    let costs = study(&first, &plan(&first)).by_month.remove(0);
    let mut costs = costs.of("cost.total").expect("costs").to_vec();
    costs.sort_unstable_by(f64::total_cmp);
    let budget = format!("\"1x\" = {:.2}", costs[32]);
    let model = compile(&chatbot().replace("\"1x\" = 12_000", &budget));
    let cell = study(&model, &plan(&model)).by_month.remove(0);
    let over = cell.of("budget.over_probability").expect("a budget");
    let share = over.iter().sum::<f64>() / over.len() as f64;
    assert!((0.3..0.7).contains(&share), "{share}");
    // Months lie between 2,000 and 4,000 conversations a day: a per cent of the cost is about 1.5% of them.
    let per_cent = cell.window_se("cost.total") / costs[32] * 100.0;
    let moved = cell.window_se("budget.over_probability");
    assert!(
        (0.004..0.04).contains(&(moved / per_cent)),
        "{moved} for {per_cent}%"
    );
}
