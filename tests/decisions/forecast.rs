//! Forecasts against arithmetic.

use gonogo::analysis::forecast::{Forecast, ForecastPlan, Months, forecast};
use gonogo::prices::{Catalogue, Terms, Usage, quote};
use gonogo::quantity::{Quantity, Shape};
use gonogo::reading::Source;
use gonogo::scenario::Scenario;
use gonogo::study::{Estimator, Progress, Unwatched, Watch};

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

/// A hundred conversations a day of 10,000 tokens in and 990 out with a model of the catalogue, from 1 May 2025.
fn in_2025(model: &str) -> Scenario {
    let text = scenario(
        100.0,
        "context_tokens = 9_990\noutput_tokens = 990",
        &format!("[models.m]\nprice = \"{model}\"\n[strategies.s]\nroute = \"m\"\n"),
    )
    .source
    .text
    .replace("days = 7", "days = 30")
    .replace("2026-12-07", "2025-05-01");
    Scenario::parse(Source::new("2025.toml", text), None).unwrap_or_else(|it| panic!("{it}"))
}

fn ahead_of(scenario: &Scenario, months: u32, watch: &dyn Watch) -> Forecast {
    let months = Months::compile(scenario, Catalogue::embedded(), months).expect("compiles");
    let mut plan = ForecastPlan::of(&months.models[0]);
    (plan.months, plan.threads, plan.paths) = (40, 2, 400);
    plan.estimator = Estimator::Exact;
    forecast(&months, &plan, watch).expect("an answer")
}

#[test]
fn announced_prices_take_effect_on_their_date() {
    // The catalogue has o3 at a fifth of its price from 10 June 2025 on.
    let entry = Catalogue::embedded().find("openai:o3").expect("listed");
    let talk = Usage {
        input: 10_000.0,
        output: 990.0,
        ..Usage::default()
    };
    let price = |at: &str| {
        let at = at.parse().expect("a time");
        quote(&entry, &Terms::default(), at, &talk)
            .expect("a price")
            .total()
    };
    let (before, after) = (price("2025-06-09T12:00:00Z"), price("2025-06-11T12:00:00Z"));
    assert!(after < 0.5 * before, "{before} {after}");
    let found = ahead_of(&in_2025("openai:o3"), 3, &Unwatched);
    let new: Vec<bool> = found.months.iter().map(|month| month.new_prices).collect();
    assert_eq!(
        new,
        [false, true, true],
        "June has both prices, July the new one"
    );
    let expected = [31.0 * before, 9.0 * before + 21.0 * after, 31.0 * after];
    for (month, expected) in expected.iter().enumerate() {
        let spend = &found.strategies[0].months[month].month;
        let off = (spend.mean - 100.0 * expected).abs();
        assert!(
            off < 4.5 * spend.se + 0.004 * 100.0 * expected && spend.se < 0.01 * spend.mean,
            "month {month}: {spend:?} for {}",
            100.0 * expected
        );
    }
}

/// Stops as soon as there is an answer.
struct Impatient;

impl Watch for Impatient {
    fn goes_on(&self, progress: Progress) -> bool {
        progress.complete == 0
    }
}

#[test]
fn a_forecast_that_is_stopped_says_what_it_has_of_every_month() {
    for (model, periods) in [("openai:gpt-4o-mini", 1), ("openai:o3", 3)] {
        let scenario = in_2025(model);
        let whole = ahead_of(&scenario, 3, &Unwatched);
        let part = ahead_of(&scenario, 3, &Impatient);
        let changes = whole.months.iter().filter(|month| month.new_prices).count();
        assert_eq!(changes + 1, periods);
        assert!(!whole.stopped && whole.simulated_months == 40);
        assert!(
            part.stopped && (2..40).contains(&part.simulated_months),
            "{part:?}"
        );
        for (part, whole) in part.strategies[0]
            .months
            .iter()
            .zip(&whole.strategies[0].months)
        {
            let off = (part.month.mean - whole.month.mean).abs();
            assert!(off < 0.03 * whole.month.mean, "{part:?} for {whole:?}");
        }
    }
}

#[test]
fn what_is_paid_once_is_in_every_sum_and_in_no_month() {
    let plain = ahead(CENT, 4, |_| {});
    let paid = ahead(CENT, 4, |plan| plan.one_off = 500.0);
    for (plain, paid) in plain.strategies[0]
        .months
        .iter()
        .zip(&paid.strategies[0].months)
    {
        assert_eq!(plain.month, paid.month);
        assert!((paid.cumulative.mean - plain.cumulative.mean - 500.0).abs() < 1e-9);
        assert!((paid.cumulative.p80 - plain.cumulative.p80 - 500.0).abs() < 1e-9);
    }
    assert_eq!(paid.strategies[0].one_off, 500.0);
}

#[test]
fn uncertain_growth_spreads_a_month_by_its_closed_form() {
    // Growth of 0 to 10% a month, evenly: the twelfth month's volume is (1 + g)^11, its quantiles those of g.
    let end = |x| Box::new(Quantity::exact(x));
    let law = Quantity::of(Shape::Uniform {
        low: end(0.0),
        high: end(0.1),
    })
    .law(&mut |_| f64::NAN)
    .expect("a law");
    let found = ahead(CENT, 12, |plan| {
        (plan.growth, plan.paths, plan.months) = (Some(law), 4000, 100);
        plan.estimator = Estimator::Exact;
    });
    let month = &found.strategies[0].months[11].month;
    for (p, got) in [
        (0.1_f64, month.p10),
        (0.5, month.p50),
        (0.8, month.p80),
        (0.95, month.p95),
    ] {
        let expected = 30.0 * (1.0 + 0.1 * p).powi(11);
        assert!(
            (got / expected - 1.0).abs() < 0.03,
            "{p}: {got} for {expected}"
        );
    }
    let (low, _, high) = found.months[11].volume;
    assert!((low / 1.01_f64.powi(11) - 1.0).abs() < 0.01, "{low}");
    assert!((high / 1.09_f64.powi(11) - 1.0).abs() < 0.01, "{high}");
}

#[test]
fn own_prices_do_not_change() {
    let found = ahead(CENT, 3, |_| {});
    assert!(
        found.months.iter().all(|month| !month.new_prices),
        "own prices do not change"
    );
}
