//! Forecasts against arithmetic.

use gonogo::analysis::forecast::{Forecast, ForecastPlan, Months, forecast};
use gonogo::prices::Catalogue;
use gonogo::study::Unwatched;

use super::harness::scenario;

fn ahead(rest: &str, months: u32, change: impl FnOnce(&mut ForecastPlan)) -> Forecast {
    let scenario = scenario(100.0, "output_tokens = 9_990", rest);
    let months = Months::compile(&scenario, Catalogue::embedded(), months).expect("compiles");
    let mut plan = ForecastPlan::of(&months.models[0]);
    (plan.months, plan.threads, plan.paths) = (20, 2, 1000);
    change(&mut plan);
    forecast(&months, &plan, &Unwatched).expect("not stopped")
}

/// A cent a conversation, a hundred a day.
const CENT: &str = "[models.m]\nprice = { input = 1, output = 1 }\n[strategies.s]\nroute = \"m\"\n";

#[test]
fn growth_ramp_and_calendar_give_the_bill_of_arithmetic() {
    let found = ahead(CENT, 12, |plan| {
        plan.growth = Some(gonogo::quantity::Law::constant(0.1));
        plan.ramp = 3;
    });
    // Starts on 7 December: the third month, 7 February to 7 March, has 28 days.
    for (month, days) in [(0, 31.0), (2, 28.0), (11, 30.0)] {
        let ramp = ((f64::from(month) + 1.0) / 4.0).min(1.0);
        let expected = 100.0 * 0.01 * days * 1.1_f64.powi(month) * ramp;
        let spend = &found.strategies[0].months[usize::try_from(month).unwrap()];
        let off = (spend.month.mean - expected).abs();
        assert!(
            off < 4.5 * spend.month.se + 0.003 * expected,
            "month {month}: {:?} for {expected}",
            spend.month
        );
        assert_eq!(found.months[usize::try_from(month).unwrap()].days, days);
    }
    let sum: f64 = found.strategies[0]
        .months
        .iter()
        .map(|it| it.month.mean)
        .sum();
    assert!((found.strategies[0].total.mean - sum).abs() < 1e-6 * sum);
}

#[test]
fn a_month_strays_by_its_facts_and_by_its_own_chance() {
    // Poisson: 31 × 100 conversations of a cent stray by √3100 cents, simulated in weeks that are scaled up: √(700) × 31/7.
    let found = ahead(CENT, 1, |plan| (plan.months, plan.paths) = (400, 4000));
    let month = &found.strategies[0].months[0].month;
    let expected = 0.01 * 700.0_f64.sqrt() * 31.0 / 7.0;
    let sd = (month.p95 - month.p10) / (1.6449 + 1.2816);
    // Facts and chance are taken from the same simulated months, so chance enters the path's level with half its
    // variance again.
    let bound = expected * 1.5_f64.sqrt();
    assert!(
        sd > 0.85 * expected && sd < 1.1 * bound,
        "{sd} for {expected} to {bound}"
    );
}

#[test]
fn the_budget_runs_out_in_the_month_of_arithmetic() {
    // 31 dollars, 31 more, 28 more: 75 run out in the third month.
    let found = ahead(CENT, 6, |plan| plan.budget = Some(75.0));
    let strategy = &found.strategies[0];
    assert_eq!(strategy.runs_out_in, Some(3));
    assert!(strategy.runs_out.expect("a budget").0 > 0.999);
    assert!(
        strategy.months[2].runs_out > 0.95,
        "{:?}",
        strategy.months[2]
    );
}

#[test]
fn a_switch_has_paid_for_itself_when_arithmetic_says() {
    // The second model costs half, and 70 dollars once: half of 31, 31, 28, 31, 30 adds up to 75.5 after five months.
    let rest = format!(
        "{CENT}[models.n]\nprice = {{ input = 0.5, output = 0.5 }}\none_off = 70\n[strategies.t]\nroute = \"n\"\n"
    );
    let found = ahead(&rest, 8, |_| {});
    let switch = &found.switches[0];
    assert_eq!((switch.from.as_str(), switch.to.as_str()), ("s", "t"));
    assert_eq!(switch.month.1, Some(5));
    assert_eq!(switch.upfront, 70.0);
    assert!(switch.pays.0 > 0.99);
    assert_eq!(
        switch.cheaper_from, None,
        "it is cheaper by the month everywhere"
    );
}

#[test]
fn a_hosted_model_is_cheaper_from_the_volume_of_arithmetic() {
    // A dollar a day at 1x against 72 dollars for 30 days: from 2.4x.
    let rest = format!(
        "{CENT}[models.h]\nhosting = {{ slots = 100, replica_per_hour = 0.1 }}\n[strategies.t]\nroute = \"h\"\n"
    );
    let found = ahead(&rest, 12, |plan| {
        plan.growth = Some(gonogo::quantity::Law::constant(0.2));
    });
    let from = found.switches[0].cheaper_from.expect("a volume");
    assert!((from / 2.4 - 1.0).abs() < 0.05, "{from}");
}

#[test]
fn falling_prices_fall_on_tokens_only() {
    let rest = format!("{CENT}[fixed]\nline = 60\n");
    let found = ahead(&rest, 13, |plan| plan.prices_fall = 0.5);
    // After a year a day's dollar has become half, the line is as it was: 31 × (0.5 + 2).
    let month = &found.strategies[0].months[12];
    let expected = 31.0 * 2.5;
    assert!(
        (month.month.mean / expected - 1.0).abs() < 0.02,
        "{:?} for {expected}",
        month.month
    );
}

#[test]
fn announced_prices_take_effect_on_their_date() {
    // The embedded catalogue's own announced changes are what a stranger has; without one in the year ahead there is
    // one period only.
    let found = ahead(CENT, 3, |_| {});
    assert!(
        found.months.iter().all(|month| !month.new_prices),
        "own prices do not change"
    );
}
