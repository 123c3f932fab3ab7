//! Rows 10, 15, 16 and 18: tokens and money.

use super::formulas::student;
use super::harness::{MEAN_BIAS, QUANTILE_BIAS, SIGMAS, Scene, agrees};
use super::law::Law;

/// A dollar for each token in, and so many for each token out.
fn dollar(output: f64) -> String {
    format!(
        "[models.m]\nprice = {{ input = 1_000_000, output = {} }}\n[strategies.s]\nroute = \"m\"\n",
        output * 1e6
    )
}

/// Conversations whose turns follow each other at once, so that none is cut by the end of the month.
fn talk(turns: &str, history: &str, tokens: &str) -> Scene {
    Scene {
        workload: "system_tokens = 700".to_owned(),
        class: format!("turns = {turns}\nthink_s = 0\nhistory = {history}\n{tokens}"),
        rest: dollar(0.0),
        ..Scene::new(2_000.0)
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn input_tokens_grow_with_the_history() {
    let tokens = "user_tokens = 50\ncontext_tokens = 900\noutput_tokens = 200";
    let (s, c, u, o) = (700.0, 900.0, 50.0, 200.0);
    for k in [1.0, 2.0, 5.0, 12.0] {
        let base = k * (s + c + u);
        // Every sum is of whole tokens: exact.
        let per_conversation = |history: &str, expected: f64| {
            let results = talk(&format!("{k}"), history, tokens).run(20, &[]);
            results.agrees(
                &format!("{k} turns, history {history}"),
                "cost.per_conversation",
                expected,
                1e-6,
                0.0,
            );
        };
        per_conversation("\"full\"", base + (u + o) * k * (k - 1.0) / 2.0);
        per_conversation("\"none\"", base);
        // The last two turns: none, one, then two of them.
        let last: f64 = (0..12)
            .map(f64::from)
            .filter(|turn| *turn < k)
            .map(|turn| turn.min(2.0))
            .sum();
        per_conversation("{ last = 2 }", base + (u + o) * last);
        per_conversation("{ summary_tokens = 300 }", base + 300.0 * (k - 1.0));
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn random_conversations_have_the_mean_input_of_their_law() {
    let tokens = "user_tokens = { p50 = 40, p95 = 160 }\ncontext_tokens = 900\noutput_tokens = { dist = \"gamma\", mean = 250, cv = 0.8 }";
    let u = Law::Lognormal {
        p50: 40.0,
        p95: 160.0,
    }
    .mean();
    for mean in [1.5, 3.0, 8.0] {
        // Geometric on 1, 2, …: E[K(K − 1)] = 2m(m − 1).
        let results = talk(
            &format!("{{ dist = \"geometric\", mean = {mean} }}"),
            "\"full\"",
            tokens,
        )
        .run(100, &[]);
        let expected = mean * (1_600.0 + u) + (u + 250.0) * mean * (mean - 1.0);
        let what = format!("geometric turns, mean {mean}");
        results.agrees(
            &what,
            "cost.per_conversation",
            expected,
            0.03,
            expected * 4.0 * MEAN_BIAS,
        );
        results.agrees(&what, "requests", 2_000.0 * mean, 0.03, 0.0);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn an_agents_calls_carry_what_came_before_in_the_turn() {
    // Call j adds j − 1 outputs and tool answers: 4 calls of 80 tokens and tools of 500.
    let tokens = "user_tokens = 50\noutput_tokens = 80\ncalls = 4\ntool_tokens = 500";
    let results = talk("1", "\"full\"", tokens).run(20, &[]);
    let expected = 4.0 * 750.0 + 580.0 * (1.0 + 2.0 + 3.0);
    results.agrees("four calls", "cost.per_conversation", expected, 1e-6, 0.0);
    results.agrees("four calls", "calls", 8_000.0, 0.05, 0.0);
    // The history keeps final answers only.
    let results = talk("2", "\"full\"", tokens).run(20, &[]);
    results.agrees(
        "two turns of four calls",
        "cost.per_conversation",
        2.0 * expected + 4.0 * 130.0,
        1e-6,
        0.0,
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn tokens_cost_their_price() {
    // 1,250 plain tokens in at 3, 40 of reasoning and 400 out at 15, 12% off.
    let scene = Scene {
        class: "user_tokens = 1_250\noutput_tokens = 400\nreasoning_tokens = 40".to_owned(),
        rest: "[models.m]\nprice = { input = 3, output = 15 }\ndiscount = 0.12\nmonthly = 90\n[fixed]\nrent = 60\n[strategies.s]\nroute = \"m\"\n".to_owned(),
        days: 3,
        ..Scene::new(1_000.0)
    };
    let results = scene.run(100, &[]);
    let cell = &results.cells[0];
    let requests = cell.metrics["requests"].mean;
    let each = |metric: &str| cell.metrics[metric].mean / requests;
    for (metric, expected) in [
        ("cost.input", 1_250.0 * 3e-6 * 0.88),
        ("cost.output", 400.0 * 15e-6 * 0.88),
        ("cost.reasoning", 40.0 * 15e-6 * 0.88),
    ] {
        assert!(
            (each(metric) / expected - 1.0).abs() < 1e-12,
            "{metric}: {} for {expected}",
            each(metric)
        );
    }
    // Monthly fees by the length of the month: three days of thirty.
    assert!((cell.metrics["cost.fixed"].mean - 15.0).abs() < 1e-9);
    let total = requests * 0.88 * (1_250.0 * 3e-6 + 440.0 * 15e-6) + 15.0;
    assert!((cell.metrics["cost.total"].mean / total - 1.0).abs() < 1e-12);
    agrees(cell, "requests", "requests", 3_000.0, 0.02, 0.0);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_router_costs_the_mix_of_its_confusion_matrix() {
    for (share, accuracy) in [(0.7, 0.92), (0.5, 0.6), (0.2, 1.0)] {
        let scene = Scene {
            class: format!(
                "[[workload.class]]\nname = \"simple\"\nshare = {share}\nuser_tokens = 100\noutput_tokens = 50\n\
                 [[workload.class]]\nname = \"complex\"\nshare = {}\nuser_tokens = 400\noutput_tokens = 300\n",
                1.0 - share
            ),
            rest: format!(
                "[models.small]\nprice = {{ input = 1, output = 4 }}\n[models.large]\nprice = {{ input = 10, output = 30 }}\n\
                 [strategies.s]\nroute = {{ router = {{ simple = \"small\", complex = \"large\" }}, accuracy = {accuracy}, tokens = 60 }}\n"
            ),
            ..Scene::new(20_000.0)
        };
        let small = |input: f64, output: f64| (input + 4.0 * output) * 1e-6;
        let large = |input: f64, output: f64| (10.0 * input + 30.0 * output) * 1e-6;
        let simple = accuracy * small(100.0, 50.0) + (1.0 - accuracy) * large(100.0, 50.0);
        let complex = accuracy * large(400.0, 300.0) + (1.0 - accuracy) * small(400.0, 300.0);
        // The router's own tokens are billed at the cheaper model.
        let router = small(60.0, 0.0);
        let expected = share * simple + (1.0 - share) * complex + router;
        let results = scene.run(60, &[]);
        let what = format!("router accuracy {accuracy}, {share} simple");
        results.agrees(&what, "cost.per_request", expected, 0.02, 0.0);
        results.agrees(&what, "cost.router", 20_000.0 * router, 0.01, 0.0);
    }
}

/// Compares a variance by chance with the expected one. `fourth` is the fourth cumulant of a month's number.
#[track_caller]
fn varies(
    scene: &Scene,
    months: u32,
    what: &str,
    mean: f64,
    variance: f64,
    fourth: f64,
    bias: f64,
) {
    let results = scene.run(months, &[]);
    results.agrees(what, "cost.total", mean, 0.05, mean * MEAN_BIAS);
    let found = results.cells[0].metrics["cost.total"].sd_chance.powi(2);
    let pairs = f64::from(months / 2);
    // (a − b)²/2 of independent months has mean σ² and variance 2σ⁴ + κ₄/2.
    let se = ((2.0 * variance * variance + 0.5 * fourth) / pairs).sqrt();
    let allowed = student(SIGMAS, pairs - 1.0) * se + bias;
    println!(
        "{what:<58} variance of cost.total  theory {variance:<12.6} gonogo {found:<12.6} ± {se:<10.6} {:+.2} se",
        (found - variance) / se
    );
    assert!(
        (found - variance).abs() <= allowed,
        "{what}: variance {found} for {variance}, {allowed} allowed"
    );
    assert!(
        allowed < 0.3 * variance,
        "{what}: only known to {allowed} of {variance}"
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn monthly_cost_is_compound_poisson() {
    for law in [
        Law::Constant(100.0),
        Law::Exponential(100.0),
        Law::Lognormal {
            p50: 100.0,
            p95: 300.0,
        },
    ] {
        let scene = Scene {
            class: format!("user_tokens = 0\noutput_tokens = {}", law.toml()),
            rest: dollar(1.0),
            ..Scene::new(1_000.0)
        };
        let cumulant = |k: f64| 1_000.0 * law.moment(k);
        varies(
            &scene,
            2_000,
            &format!("compound Poisson, {}", law.toml()),
            cumulant(1.0),
            cumulant(2.0),
            cumulant(4.0),
            2.0 * QUANTILE_BIAS * cumulant(2.0),
        );
        // The hours of the day and of the week change when, not how many.
        let busy = Scene {
            workload: "hourly = \"business\"\nweekly = [1, 1, 1, 1, 1, 0.4, 0.3]".to_owned(),
            ..scene
        };
        varies(
            &busy,
            2_000,
            &format!("at business hours, {}", law.toml()),
            cumulant(1.0),
            cumulant(2.0),
            cumulant(4.0),
            2.0 * QUANTILE_BIAS * cumulant(2.0),
        );
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn swings_of_days_and_bursts_add_their_variance() {
    // A gamma factor F with mean 1 and coefficient of variation v on a Poisson mean m: variance m + (mv)²; its fourth
    // cumulant is dominated by the gamma's, m⁴ × 6v⁶, plus 12 m³v⁴ + 7 m²v² + m for the mixing (law of total cumulance).
    let mixed = |m: f64, v: f64| {
        (
            m + (m * v).powi(2),
            6.0 * m.powi(4) * v.powi(6) + 12.0 * m.powi(3) * v.powi(4) + 7.0 * (m * v).powi(2) + m,
        )
    };
    let scene = |workload: &str| Scene {
        workload: workload.to_owned(),
        class: "user_tokens = 0\noutput_tokens = 1".to_owned(),
        rest: dollar(1.0),
        ..Scene::new(1_000.0)
    };
    let (variance, fourth) = mixed(1_000.0, 0.15);
    varies(
        &scene("day_cv = 0.15"),
        2_000,
        "days that swing by 15%",
        1_000.0,
        variance,
        fourth,
        0.0,
    );
    // 24 independent hours.
    let (variance, fourth) = mixed(1_000.0 / 24.0, 0.6);
    varies(
        &scene("burst = { cv = 0.6, minutes = 60 }"),
        2_000,
        "hours that swing by 60%",
        1_000.0,
        24.0 * variance,
        24.0 * fourth,
        0.0,
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn spikes_multiply_the_rate_while_they_last() {
    // Two spikes a month of 30 days, five times the rate for an exponential time of mean 60 minutes. Spikes that begin
    // before the end may last beyond it: at most mean²/T of each (the tail that is cut).
    let scene = Scene {
        days: 30,
        workload: "[[workload.spike]]\nper_month = 2\nmultiplier = 5\nminutes = { dist = \"exponential\", mean = 60 }".to_owned(),
        ..Scene { rest: dollar(1.0), ..Scene::new(1_000.0) }
    };
    let results = scene.run(400, &[]);
    let extra = 2.0 * 60.0 / 43_200.0 * 4.0;
    // Two at once (chance about 1/300 a pair) multiply instead of adding.
    let bias = 30_000.0 * extra * (4.0 * 60.0 / 43_200.0 + 60.0 / 43_200.0);
    results.agrees("spikes", "requests", 30_000.0 * (1.0 + extra), 0.01, bias);
}
