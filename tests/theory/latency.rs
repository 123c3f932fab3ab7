//! Rows 7 to 9: durations without limits or errors, timeouts and hedges.

use super::formulas::sum_and_product_cdf;
use super::harness::{
    BIN, MEAN_BIAS, QUANTILE_BIAS, Scene, agrees, cloud, edge, share_bias, within,
};
use super::law::Law;

fn scene(first: &Law, output: &Law, token_ms: &Law, strategy: &str) -> Scene {
    Scene {
        class: format!("user_tokens = 0\noutput_tokens = {}", output.toml()),
        rest: format!(
            "{}[strategies.s]\nroute = \"m\"\n{strategy}",
            cloud(&format!(
                "first_token_s = {}\ntoken_ms = {}",
                first.toml(),
                token_ms.toml()
            ))
        ),
        ..Scene::new(30_000.0)
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn latency_is_the_convolution_of_first_token_and_generation() {
    let mixed = Law::Mix(
        0.98,
        Box::new(Law::Lognormal { p50: 0.6, p95: 1.1 }),
        Box::new(Law::Lognormal {
            p50: 4.0,
            p95: 12.0,
        }),
    );
    let cases = [
        (
            Law::Lognormal { p50: 0.8, p95: 2.4 },
            Law::Lognormal {
                p50: 180.0,
                p95: 500.0,
            },
            Law::Lognormal {
                p50: 40.0,
                p95: 80.0,
            },
        ),
        (
            mixed,
            Law::Gamma {
                mean: 300.0,
                cv: 0.8,
            },
            Law::Constant(12.0),
        ),
        (
            Law::Exponential(1.0),
            Law::Exponential(100.0),
            Law::Uniform(5.0, 25.0),
        ),
        // One term constant: exactly log-normal, shifted.
        (
            Law::Lognormal { p50: 0.8, p95: 2.4 },
            Law::Constant(100.0),
            Law::Constant(20.0),
        ),
    ];
    for (first, output, token_ms) in cases {
        let seconds = token_ms.times(1e-3);
        let cdf = |t: f64| sum_and_product_cdf(&first, &output, &seconds, t);
        let mean = first.mean() + output.mean() * seconds.mean();
        let points: Vec<f64> = [0.4, 0.8, 1.2, 2.0, 3.0]
            .iter()
            .map(|x| edge(mean * x))
            .collect();
        let results = scene(&first, &output, &token_ms, "").run(60, &points);
        let what = format!("{} + {} × {}", first.toml(), output.toml(), token_ms.toml());
        results.agrees(&what, "latency.mean", mean, 0.01, mean * 2.0 * MEAN_BIAS);
        for t in &points {
            // The grid of the convolution is good to a few parts in ten thousand where it has two dimensions.
            let grid = if matches!(output, Law::Constant(_)) {
                0.0
            } else {
                2e-4
            };
            results.agrees(&what, &within(*t), cdf(*t), 0.1, share_bias(cdf, *t) + grid);
        }
        for (name, p) in [
            ("latency.p50", 0.50),
            ("latency.p95", 0.95),
            ("latency.p99", 0.99),
        ] {
            let (mut low, mut high) = (0.0, 100.0 * mean);
            for _ in 0..40 {
                let middle = 0.5 * (low + high);
                if cdf(middle) < p {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            let width = high * 1e-3;
            let density = (cdf(high + width) - cdf(high - width)) / (2.0 * width);
            let slope = (cdf(high + width) - 2.0 * cdf(high) + cdf(high - width)) / (width * width);
            let sd = results.cells[0].metrics[name].sd_chance;
            let bias = 0.5 * (slope / density).abs() * sd * sd
                + high * (BIN + QUANTILE_BIAS)
                + 2e-4 / density;
            results.agrees(&what, name, high, 0.05, bias);
            let pooled = name.replace("latency.", "latency.pooled.");
            results.agrees(&what, &pooled, high, 0.05, bias);
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn first_tokens_come_after_prefill_and_reasoning() {
    let first = Law::Lognormal { p50: 0.5, p95: 1.5 };
    // 2,000 tokens at 100 ms a thousand, 50 of reasoning and 200 of answer at 10 ms.
    let scene = Scene {
        class: "user_tokens = 2_000\noutput_tokens = 200\nreasoning_tokens = 50".to_owned(),
        rest: format!(
            "{}[strategies.s]\nroute = \"m\"\nstreaming = true\n",
            cloud(&format!(
                "first_token_s = {}\ntoken_ms = 10\nprefill_ms_per_1k = 100",
                first.toml()
            ))
        ),
        ..Scene::new(30_000.0)
    };
    let t = edge(4.0);
    let results = scene.run(60, &[t]);
    let cdf = |t: f64| first.cdf(t - 0.2 - 2.5);
    results.agrees(
        "prefill, reasoning and answer",
        &within(t),
        cdf(t),
        0.02,
        share_bias(cdf, t),
    );
    results.agrees(
        "prefill, reasoning and answer",
        "latency.mean",
        first.mean() + 2.7,
        0.01,
        first.mean() * MEAN_BIAS,
    );
    let p95 = first.quantile(0.95) + 0.7;
    for metric in ["first_token.p95", "perceived.p95"] {
        let found = results.cells[0].metrics[metric];
        // The slope of a log-normal's log-density is at most (1 + z/σ)/x.
        let sigma = 3.0_f64.ln() / 1.645;
        let bias = 0.5 * (1.0 + 1.645 / sigma) / 1.5 * found.sd_chance * found.sd_chance
            + p95 * (BIN + QUANTILE_BIAS);
        results.agrees("prefill, reasoning and answer", metric, p95, 0.02, bias);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_timeout_fails_what_takes_longer() {
    let first = Law::Lognormal { p50: 0.8, p95: 2.4 };
    for timeout in [0.7, 1.5, 3.0, 5.0] {
        // Whole answers: 1 s of generation after the first token. Streams: the first token alone.
        for (streaming, shift) in [(false, 1.0), (true, 0.0)] {
            let late = first.survival(timeout - shift);
            let strategy = format!("streaming = {streaming}\ntimeout_s = {timeout}");
            let results = scene(
                &first,
                &Law::Constant(100.0),
                &Law::Constant(10.0),
                &strategy,
            )
            .run(60, &[]);
            let what = format!("timeout {timeout}, streaming {streaming}");
            let bias = share_bias(|t| first.cdf(t - shift), timeout);
            results.agrees(&what, "failed.timeout", late, 0.3, bias);
            results.agrees(&what, "rate.failed", late, 0.3, bias);
            // A retry of an independent attempt fails as often.
            let both = scene(
                &first,
                &Law::Constant(100.0),
                &Law::Constant(10.0),
                &format!("{strategy}\nretry = {{ attempts = 2, base_s = 0 }}"),
            );
            if late > 0.02 {
                both.run(60, &[]).agrees(
                    &what,
                    "failed.timeout",
                    late * late,
                    0.3,
                    2.0 * late * bias,
                );
            }
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_deadline_bounds_all_attempts_together() {
    // Each attempt takes an exponential time of mean 2 s and is cut after 1.5 s; the deadline is 2.5 s. The second
    // attempt, sent after 1.5 s, has 1 s left.
    let first = Law::Exponential(2.0);
    let strategy = "timeout_s = 1.5\ndeadline_s = 2.5\nretry = { attempts = 5, base_s = 0 }";
    let results = scene(&first, &Law::Constant(0.0), &Law::Constant(0.0), strategy).run(60, &[]);
    let late = first.survival(1.5) * first.survival(1.0);
    results.agrees(
        "deadline 2.5 s over timeouts of 1.5 s",
        "failed.timeout",
        late,
        0.05,
        4.0 * QUANTILE_BIAS,
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_hedge_answers_with_the_first_of_two_copies() {
    let laws = [
        Law::Lognormal { p50: 0.8, p95: 2.4 },
        Law::Exponential(1.5),
        Law::Weibull {
            shape: 0.7,
            scale: 1.0,
        },
    ];
    for first in laws {
        for after in [0.5, 1.0, 3.0] {
            // Constant generation of 0.5 s.
            let survival = |t: f64| {
                let one = first.survival(t - 0.5);
                if t < after {
                    one
                } else {
                    one * first.survival(t - 0.5 - after)
                }
            };
            let points: Vec<f64> = [0.75, 1.25, 2.0, 3.5, 5.0]
                .iter()
                .map(|t| edge(*t))
                .collect();
            let scene = scene(
                &first,
                &Law::Constant(50.0),
                &Law::Constant(10.0),
                &format!("hedge = {{ after_s = {after} }}"),
            );
            let results = scene.run(60, &points);
            let what = format!("hedge after {after}, {}", first.toml());
            for t in points {
                let cdf = |t: f64| 1.0 - survival(t);
                agrees(
                    &results.cells[0],
                    &what,
                    &within(t),
                    cdf(t),
                    0.3,
                    share_bias(cdf, t),
                );
            }
            // A second copy is sent when the first has not answered by then.
            let sent = 30_000.0 * (1.0 + first.survival(after - 0.5));
            results.agrees(&what, "attempts", sent, 0.01, 30_000.0 * QUANTILE_BIAS);
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn impatient_users_leave_before_the_answer() {
    // P(patience < latency) for exponential patience is 1 − the Laplace transform of the latency; for an exponential
    // latency that is a race of two exponentials.
    let scene = |streaming: bool| {
        Scene {
        class: "user_tokens = 0\noutput_tokens = 100\npatience_s = { dist = \"exponential\", mean = 3 }".to_owned(),
        rest: format!(
            "{}[strategies.s]\nroute = \"m\"\nstreaming = {streaming}\n",
            cloud("first_token_s = { dist = \"exponential\", mean = 2 }\ntoken_ms = 10")
        ),
        ..Scene::new(30_000.0)
    }
    };
    let race = (1.0 / 3.0) / (1.0 / 3.0 + 1.0 / 2.0);
    scene(true).run(60, &[]).agrees(
        "patience against the first token",
        "rate.abandoned",
        race,
        0.02,
        2.0 * QUANTILE_BIAS,
    );
    let whole = 1.0 - (1.0 - race) * (-1.0_f64 / 3.0).exp();
    scene(false).run(60, &[]).agrees(
        "patience against the answer",
        "rate.abandoned",
        whole,
        0.02,
        2.0 * QUANTILE_BIAS,
    );
}
