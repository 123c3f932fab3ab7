//! Edges against formulas.

use gonogo::analysis::headroom::{Headroom, HeadroomPlan, Reach, headroom};
use gonogo::study::Unwatched;

use super::harness::{compiled, scenario};

fn look(text: (&str, &str), per_day: f64, change: impl FnOnce(&mut HeadroomPlan)) -> Headroom {
    let model = compiled(&scenario(per_day, text.0, text.1));
    let mut plan = HeadroomPlan::of(&model);
    plan.months = 20;
    plan.threads = 2;
    plan.lowest = 1.0;
    plan.highest = 10.0;
    change(&mut plan);
    headroom(&model, &plan, &Unwatched).expect("it was not stopped")
}

/// `P(sojourn > t)` in M/M/c (Gross and Harris, Fundamentals of Queueing Theory, §2.3): wait with Erlang's C and rate
/// θ = cμ − λ, plus a service.
fn mmc_tail(servers: u32, rate: f64, mean_s: f64, t: f64) -> f64 {
    let offered = rate * mean_s;
    let c = f64::from(servers);
    let mut blocking = 1.0;
    for n in 1..=servers {
        blocking = offered * blocking / (f64::from(n) + offered * blocking);
    }
    let waits = c * blocking / (c - offered * (1.0 - blocking));
    let (mu, theta) = (1.0 / mean_s, (c - offered) / mean_s);
    (1.0 - waits) * (-mu * t).exp()
        + waits * (theta * (-mu * t).exp() - mu * (-theta * t).exp()) / (theta - mu)
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn the_edge_of_a_hosted_model_is_where_m_m_c_says_that_its_p95_breaks() {
    // Four slots, answers of 4 s on average: full at one arrival a second. 95% within 20 s.
    let (per_day, mean_s, limit) = (8640.0, 4.0, 20.0);
    let found = look(
        (
            "output_tokens = { dist = \"exponential\", mean = 4000 }",
            "[models.m]\nhosting = { slots = 4 }\ntoken_ms = 1\n[strategies.s]\nroute = \"m\"\n\
             [slo]\nconfidence = 0.5\nlatency_p95_s = 20\n",
        ),
        per_day,
        |plan| plan.tolerance = 0.02,
    );
    let (mut low, mut high) = (1.0_f64, 9.999);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if mmc_tail(4, middle * per_day / 86_400.0, mean_s, limit) < 0.05 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let edge = &found.strategies[0].edges[0];
    println!(
        "edge {} ({} to {}), formula {low}",
        edge.volume, edge.low, edge.high
    );
    assert_eq!(edge.reach, Reach::Found);
    assert!((edge.volume / low - 1.0).abs() < 0.03, "{edge:?} for {low}");
    assert!(
        edge.low <= low * 1.01 && edge.high >= low * 0.99,
        "{edge:?} for {low}"
    );
    let binds = found.strategies[0].binds.as_ref().expect("something binds");
    assert_eq!(binds.limit.as_ref().expect("the slots").limit, "slots");
    assert_eq!(binds.slow[0].0, "queueing");
}

#[test]
fn the_edge_of_a_budget_is_budget_over_cost_in_a_linear_world() {
    // 100 conversations a day for a week at a cent each; the budget of 30 days is scaled to the week: 7 x 1.00 x v = 35.
    let found = look(
        (
            "output_tokens = 9_990",
            "[models.m]\nprice = { input = 1, output = 1 }\n[strategies.s]\nroute = \"m\"\n[budget]\n\"1x\" = 150\n",
        ),
        100.0,
        |plan| plan.confidence = 0.5,
    );
    let edge = &found.strategies[0].edges[0];
    assert!((edge.volume / 5.0 - 1.0).abs() < 0.05, "{edge:?}");
    assert!(edge.low <= 5.0 && 5.0 <= edge.high, "{edge:?}");
}

#[test]
fn what_never_breaks_and_what_never_holds_has_no_edge() {
    let found = look(
        (
            "output_tokens = 10",
            "[models.m]\nprice = { input = 1, output = 1 }\nfirst_token_s = 3\n[strategies.s]\nroute = \"m\"\n\
             [slo]\nlatency_p95_s = 2\nfailure_rate = 0.5\n",
        ),
        50.0,
        |plan| plan.months = 4,
    );
    let strategy = &found.strategies[0];
    assert_eq!(strategy.edges[0].reach, Reach::Never);
    assert_eq!(strategy.edges[1].reach, Reach::Beyond);
    assert_eq!(
        strategy.first().expect("promises").requirement,
        "latency_p95_s"
    );
}
