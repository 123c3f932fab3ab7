//! Variance shares against closed forms.

use gonogo::analysis::sensitivity::{Sensitivity, SensitivityPlan, sensitivity};
use gonogo::model;
use gonogo::prices::Catalogue;
use gonogo::study::Unwatched;

use super::harness::{compiled, scenario};

/// Ten conversations a day that cost nothing to speak of, and two lines with known laws.
const LINES: &str = "[models.m]\nprice = { input = 0.001, output = 0.001 }\n[strategies.s]\nroute = \"m\"\n\
    [fixed]\na = { dist = \"uniform\", low = 100, high = 400 }\nb = { dist = \"normal\", mean = 1000, sd = 50 }\n";

fn look(rest: &str, change: impl FnOnce(&mut SensitivityPlan)) -> Sensitivity {
    let model = compiled(&scenario(10.0, "output_tokens = 10", rest));
    let mut plan = SensitivityPlan::of(&model);
    plan.volume = 1.0;
    plan.months = 20;
    plan.threads = 2;
    plan.metrics = vec!["cost.total".to_owned()];
    change(&mut plan);
    sensitivity(&model, &plan, &Unwatched).expect("it was not stopped")
}

#[test]
fn variance_shares_of_a_linear_bill_are_those_of_its_lines() {
    // 300² / 12 = 7,500 against 50² = 2,500.
    let found = look(LINES, |_| {});
    let shares: Vec<(&str, f64)> = found.moved[0]
        .inputs
        .iter()
        .map(|it| (it.path.as_str(), it.share))
        .collect();
    assert_eq!(shares[0].0, "fixed.a");
    assert!((shares[0].1 - 0.75).abs() < 0.01, "{shares:?}");
    assert!((shares[1].1 - 0.25).abs() < 0.01, "{shares:?}");
    assert!(found.moved[0].rest < 0.01 && found.moved[0].chance < 0.01);
    // Pinned at the ends of the uniform: 270 dollars apart for 30 days, 63 for a week.
    let at = found.moved[0].inputs[0].at;
    assert!((at.1 - at.0 - 63.0).abs() < 1e-6, "{at:?}");
}

#[test]
fn variance_shares_of_a_product_are_those_of_sobol() {
    // Evaluations cost examples × runs: with means m and variances v of the two, v₁m₂², v₂m₁² and, together, v₁v₂.
    let found = look(
        "[models.m]\nprice = { input = 1, output = 0 }\n[strategies.s]\nroute = \"m\"\n\
         [evals]\nexamples = { dist = \"uniform\", low = 1_000, high = 3_000 }\n\
         runs_per_month = { dist = \"uniform\", low = 2, high = 10 }\ninput_tokens = 1_000\noutput_tokens = 0\n",
        |plan| plan.months = 400,
    );
    let (examples, runs) = (
        (2000.0_f64, 2000.0_f64.powi(2) / 12.0),
        (6.0_f64, 64.0 / 12.0),
    );
    let alone = [examples.1 * runs.0.powi(2), runs.1 * examples.0.powi(2)];
    let together = examples.1 * runs.1;
    let total = alone[0] + alone[1] + together;
    let moved = &found.moved[0];
    for (path, expected) in [
        ("evals.examples", alone[0]),
        ("evals.runs_per_month", alone[1]),
    ] {
        let input = moved.inputs.iter().find(|it| it.path == path);
        let input = input.unwrap_or_else(|| panic!("{path} is missing: {moved:?}"));
        let off = (input.share - expected / total).abs();
        assert!(
            off < 4.5 * input.share_se + 0.005 && input.share_se < 0.03,
            "{input:?} for {}",
            expected / total
        );
    }
    let off = (moved.rest - together / total).abs();
    assert!(
        off < 0.03 && moved.rest > 0.02,
        "{moved:?} for {}",
        together / total
    );
    assert!(moved.chance < 0.001, "{moved:?}");
}

#[test]
fn chance_is_told_from_facts() {
    // Conversations are Poisson: 10 a day for 7 days vary by 70, at a dollar each; the line is known.
    let found = look(
        "[models.m]\nprice = { input = 0, output = 100_000 }\n[strategies.s]\nroute = \"m\"\n\
         [fixed]\na = { dist = \"uniform\", low = 0, high = 60 }\n",
        |plan| plan.months = 400,
    );
    // Of a week the line varies by (60 × 7/30)² / 12 = 16.33.
    let moved = &found.moved[0];
    let line = (60.0 * 7.0 / 30.0_f64).powi(2) / 12.0;
    let expected = line / (line + 70.0);
    assert!(
        (moved.inputs[0].share - expected).abs() < 0.04,
        "{moved:?} for {expected}"
    );
    assert!((moved.chance - (1.0 - expected)).abs() < 0.05, "{moved:?}");
}

#[test]
fn measuring_what_decides_between_two_strategies_is_worth_its_closed_form() {
    // s costs a × 7/30 a week with a uniform on 0..300, t always 180 × 7/30: choosing s, measuring changes the choice
    // with chance (300 − 180) / 300 and saves ∫ (a − 180) over 180..300, / 300 = 24, × 7/30.
    let rest = "[models.m]\nprice = { input = 0, output = 0 }\nmonthly = { dist = \"uniform\", low = 0, high = 300 }\n\
        [models.n]\nprice = { input = 0, output = 0 }\nmonthly = 180\n\
        [strategies.s]\nroute = \"m\"\n[strategies.t]\nroute = \"n\"\n";
    let found = look(rest, |plan| plan.months = 60);
    assert_eq!(found.chosen, "s");
    let measuring = &found.measuring[0];
    assert!((measuring.changes - 0.4).abs() < 0.01, "{measuring:?}");
    assert!(
        (measuring.saves_usd - 24.0 * 7.0 / 30.0).abs() < 0.1,
        "{measuring:?}"
    );
    assert_eq!(measuring.instead[0].0, "t");
}

#[test]
fn shaking_makes_exact_facts_uncertain_and_keeps_shares_between_0_and_1() {
    let rest = "[models.m]\nprice = { input = 1, output = 1_000 }\nquality = 0.97\n[strategies.s]\nroute = \"m\"\n";
    let scenario = scenario(10.0, "output_tokens = 100", rest);
    let model =
        model::compile_shaken(&scenario, Catalogue::embedded(), Some(0.2)).expect("compiles");
    let law = |path: &str| {
        let fact = model.facts.iter().find(|fact| fact.path == path);
        fact.unwrap_or_else(|| panic!("no {path} among {:?}", model.facts))
            .law
            .support()
    };
    assert_eq!(law("models.m.price.output"), (800.0, 1200.0));
    let (low, high) = law("models.m.quality");
    assert!((low - 0.964).abs() < 1e-9 && (high - 0.976).abs() < 1e-9);
    let mut plan = SensitivityPlan::of(&model);
    (plan.volume, plan.months, plan.metrics) = (1.0, 10, vec!["cost.total".to_owned()]);
    let found = sensitivity(&model, &plan, &Unwatched).expect("it was not stopped");
    // Rate, tokens and price enter as a product: all three explain about as much.
    let strongest: Vec<&str> = found.moved[0]
        .inputs
        .iter()
        .take(3)
        .map(|it| it.path.as_str())
        .collect();
    for path in [
        "workload.conversations_per_day",
        "workload.class.only.output_tokens",
        "models.m.price.output",
    ] {
        assert!(strongest.contains(&path), "{strongest:?}");
    }
}
