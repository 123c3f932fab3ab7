//! Rows 1 to 3: hosted models as the queues of the textbooks.

use super::formulas::{erlang_b, erlang_c, mmc_sojourn_cdf, mmc_wait, pollaczek_khinchine};
use super::harness::{BIN, MEAN_BIAS, QUANTILE_BIAS, Scene, edge, service, share_bias, within};
use super::law::{Law, shapes};

/// A hosted model with service times in seconds, at `rate` arrivals a second.
fn queue(rate: f64, law: &Law, hosting: &str, strategy: &str) -> Scene {
    Scene {
        warmup_h: 2.0,
        class: service(law),
        rest: format!(
            "[models.m]\nhosting = {{ {hosting} }}\ntoken_ms = 1\n[strategies.s]\nroute = \"m\"\n{strategy}"
        ),
        ..Scene::new(rate * 86_400.0)
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn waits_with_c_slots_and_exponential_service_are_those_of_m_m_c() {
    // A month's quantiles near saturation are biased by its length: at 0.95 the relaxation time is an hour, and months of
    // five days bring the bias of the 90% quantile (0.5 θ sd²) from 8% to 2%.
    for (servers, load, months, days) in [
        (1_u32, 0.3, 60, 1),
        (1, 0.8, 60, 1),
        (1, 0.95, 160, 5),
        (4, 0.7, 60, 1),
        (4, 0.95, 160, 5),
        (16, 0.9, 60, 5),
    ] {
        let mean_s = 2.0 * f64::from(servers);
        let offered = load * f64::from(servers);
        let what = format!("M/M/{servers} at {load}");
        let points: Vec<f64> = [0.2, 1.0, 2.5]
            .iter()
            .map(|x| edge(x * (mean_s + mmc_wait(servers, offered, mean_s))))
            .collect();
        // Shown as it is generated, the first token comes when the slot is free: its time is the wait itself.
        let scene = Scene {
            days,
            ..queue(
                offered / mean_s,
                &Law::Exponential(mean_s),
                &format!("slots = {servers}"),
                "streaming = true",
            )
        };
        let results = scene.run(months, &points);
        let wait = mmc_wait(servers, offered, mean_s);
        let bias = (mean_s + wait / (1.0 - load)) * MEAN_BIAS;
        results.agrees(&what, "latency.mean", mean_s + wait, 0.12, bias);
        for t in points {
            let cdf = |t: f64| mmc_sojourn_cdf(servers, offered, mean_s, t);
            results.agrees(&what, &within(t), cdf(t), 0.06, share_bias(cdf, t));
        }
        // Waits above 0 are exponential: P(W > t) = C e^(−θt).
        let (chance, theta) = (
            erlang_c(servers, offered),
            (f64::from(servers) - offered) / mean_s,
        );
        for (name, p) in [
            ("first_token.p90", 0.90),
            ("first_token.p95", 0.95),
            ("first_token.p99", 0.99),
        ] {
            if chance < 2.0 * (1.0 - p) {
                continue;
            }
            let quantile = (chance / (1.0 - p)).ln() / theta;
            let sd = results.cells[0].metrics[name].sd_chance;
            // A month's sample quantile is off by its variance × half the logarithmic slope of the density (delta
            // method, second order); the histogram interpolates inside a bin.
            let bias = 0.5 * theta * sd * sd + quantile * (BIN + QUANTILE_BIAS / (1.0 - load));
            results.agrees(&what, name, quantile, 0.15, bias);
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn waits_for_one_slot_are_those_of_pollaczek_and_khinchine() {
    for (load, months) in [(0.5, 60), (0.9, 80)] {
        for law in shapes(2.0) {
            let rate = load / law.mean();
            let wait = pollaczek_khinchine(rate, &law);
            // The wait follows the second moment, and through the load the first.
            let bias =
                wait * (2.0 * QUANTILE_BIAS + MEAN_BIAS / (1.0 - load)) + law.mean() * MEAN_BIAS;
            let results = queue(rate, &law, "slots = 1", "").run(months, &[]);
            results.agrees(
                &format!("M/G/1 at {load}, {}", law.toml()),
                "latency.mean",
                wait + law.mean(),
                0.12,
                bias,
            );
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn refusals_without_a_queue_are_erlangs_loss_whatever_the_service_law() {
    for (servers, offered) in [(1_u32, 0.5), (1, 3.0), (5, 4.0), (20, 12.03), (20, 30.0)] {
        // One arrival in five seconds.
        let mean_s = 5.0 * offered;
        for law in [
            Law::Exponential(mean_s),
            Law::Constant(mean_s),
            Law::Lognormal { p50: 1.0, p95: 6.0 }.with_mean(mean_s),
        ] {
            let results =
                queue(0.2, &law, &format!("slots = {servers}, queue = 0"), "").run(60, &[]);
            let lost = erlang_b(servers, offered);
            let what = format!("M/G/{servers}/{servers} at {offered} E, {}", law.toml());
            results.agrees(
                &what,
                "failed.queue_full",
                lost,
                0.15,
                lost * MEAN_BIAS * f64::from(servers),
            );
            results.agrees(
                &what,
                "rate.answered",
                1.0 - lost,
                0.02,
                lost * MEAN_BIAS * f64::from(servers),
            );
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_queue_of_finite_length_refuses_as_m_m_1_k_does() {
    // P(n) ∝ ρⁿ for n ≤ K (Kleinrock I, §3.6): one in service and K − 1 waiting.
    for (load, waiting) in [(0.7, 3_i32), (1.0, 9), (1.4, 5)] {
        let places = waiting + 1;
        let weights: f64 = (0..=places).map(|n| f64::powi(load, n)).sum();
        let lost = f64::powi(load, places) / weights;
        let results = queue(
            load / 5.0,
            &Law::Exponential(5.0),
            &format!("slots = 1, queue = {waiting}"),
            "",
        )
        .run(60, &[]);
        let what = format!("M/M/1/{places} at {load}");
        results.agrees(
            &what,
            "failed.queue_full",
            lost,
            0.05,
            lost * MEAN_BIAS * f64::from(places),
        );
        let number: f64 = (0..=places)
            .map(|n| f64::from(n) * f64::powi(load, n))
            .sum::<f64>()
            / weights;
        let stay = number / (load / 5.0 * (1.0 - lost));
        results.agrees(
            &what,
            "latency.mean",
            stay,
            0.05,
            stay * MEAN_BIAS * f64::from(places),
        );
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn replicas_of_one_slot_behind_one_queue_are_slots() {
    let results = queue(
        3.6 / 2.0,
        &Law::Exponential(2.0),
        "replicas = 4, slots = 1",
        "",
    )
    .run(80, &[]);
    let stay = 2.0 + mmc_wait(4, 3.6, 2.0);
    results.agrees(
        "4 replicas of one slot at 0.9",
        "latency.mean",
        stay,
        0.05,
        stay * 10.0 * MEAN_BIAS,
    );
}
