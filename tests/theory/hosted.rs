//! Row 19 and what else a hosted model shares: speed, prefill, memory.

use super::formulas::{erlang_b, pollaczek_khinchine, sharing};
use super::harness::{MEAN_BIAS, QUANTILE_BIAS, Scene};
use super::law::{Law, shapes};

fn scene(rate: f64, output: &Law, model: &str) -> Scene {
    Scene {
        warmup_h: 2.0,
        class: format!("user_tokens = 0\noutput_tokens = {}", output.toml()),
        rest: format!("[models.m]\n{model}\n[strategies.s]\nroute = \"m\"\n"),
        ..Scene::new(rate * 86_400.0)
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_shared_server_is_insensitive_to_the_law_of_the_work() {
    for (load, months) in [(0.5, 60), (0.9, 60)] {
        for law in shapes(200.0) {
            // 10 ms a token and busy slot: two seconds alone.
            let stay = 2.0 / (1.0 - load);
            let model = "token_ms = 0\nhosting = { slots = inf, token_ms_per_busy = 10 }";
            let results = scene(load / 2.0, &law, model).run(months, &[]);
            let what = format!("sharing at {load}, {}", law.toml());
            results.agrees(
                &what,
                "latency.mean",
                stay,
                0.15,
                stay * MEAN_BIAS / (1.0 - load),
            );
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn batching_that_slows_down_with_every_busy_slot_keeps_insensitivity() {
    // A token takes 50 + 15 n ms; the pace of each request varies too. n/(50 + 15 n) tokens a millisecond in all.
    for output in [
        Law::Exponential(200.0),
        Law::Constant(200.0),
        Law::Lognormal { p50: 1.0, p95: 5.0 }.with_mean(200.0),
    ] {
        let alone = 200.0 * 65e-3;
        let speed = |n: f64| n * 65.0 / (50.0 + 15.0 * n);
        let model = "token_ms = { dist = \"gamma\", mean = 50, cv = 0.4 }\nhosting = { slots = inf, token_ms_per_busy = 15 }";
        // The most that it serves is 1/15 tokens a millisecond: a request in three seconds.
        for rate in [0.15, 0.28] {
            let (number, _) = sharing(rate * alone, None, speed);
            let what = format!("batching at {rate}/s, {}", output.toml());
            let results = scene(rate, &output, model).run(90, &[]);
            results.agrees(
                &what,
                "latency.mean",
                number / rate,
                0.05,
                number / rate * 20.0 * MEAN_BIAS,
            );
        }
        // With six slots and no queue: the same weights, cut off.
        let model = model.replace("slots = inf", "slots = 6, queue = 0");
        let (number, full) = sharing(0.28 * alone, Some(6), speed);
        let results = scene(0.28, &output, &model).run(60, &[]);
        let what = format!("batching in six slots, {}", output.toml());
        results.agrees(&what, "failed.queue_full", full, 0.05, 20.0 * MEAN_BIAS);
        let stay = number / (0.28 * (1.0 - full));
        results.agrees(&what, "latency.mean", stay, 0.02, stay * 20.0 * MEAN_BIAS);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn prefill_is_served_first_come_first_served() {
    for law in [
        Law::Constant(500.0),
        Law::Exponential(500.0),
        Law::Gamma {
            mean: 500.0,
            cv: 0.6,
        },
    ] {
        let scene = Scene {
            class: format!("user_tokens = {}\noutput_tokens = 100", law.toml()),
            ..scene(
                0.8,
                &law,
                "token_ms = 20\nhosting = { slots = inf, prefill_tokens_per_s = 500 }",
            )
        };
        let service = law.times(1.0 / 500.0);
        let wait = pollaczek_khinchine(0.8, &service);
        let expected = wait + 1.0 + 2.0;
        let bias = wait * (2.0 * QUANTILE_BIAS + 5.0 * MEAN_BIAS);
        scene.run(60, &[]).agrees(
            &format!("prefill {}", law.toml()),
            "latency.mean",
            expected,
            0.05,
            bias,
        );
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn memory_admits_as_many_as_fit() {
    // 150 tokens in and 50 out: five fit into 1,099 tokens, whatever the slots.
    for law in [Law::Exponential(20.0), Law::Constant(20.0)] {
        let model = format!(
            "first_token_s = {}\nhosting = {{ slots = 64, queue = 0, kv_tokens = 1_099 }}",
            law.toml()
        );
        let scene = Scene {
            class: "user_tokens = 150\noutput_tokens = 50".to_owned(),
            ..scene(0.2, &law, &model)
        };
        let what = format!("memory for five, {}", law.toml());
        scene
            .run(60, &[])
            .agrees(&what, "failed.queue_full", erlang_b(5, 4.0), 0.05, 1e-4);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn autoscaling_keeps_waits_short_where_one_replica_would_drown() {
    // Eight erlangs on replicas of two slots: one of them would serve a quarter. With 50% kept free, the chance that
    // all of about eight replicas are busy is small.
    let model = "token_ms = 100\nhosting = { slots = 2, replica_per_hour = 1 }\n\
                 autoscale = { min = 1, max = 40, target = 0.5, delay_s = 60 }";
    let results = scene(0.4, &Law::Exponential(200.0), model).run(40, &[]);
    let cell = &results.cells[0];
    let stay = cell.metrics["latency.mean"];
    println!(
        "autoscaled: {} ± {} s, {} dollars",
        stay.mean, stay.se, cell.metrics["cost.hosting"].mean
    );
    assert!(
        stay.mean > 20.0 - 6.0 * stay.se && stay.mean < 21.0,
        "{stay:?}"
    );
    assert_eq!(cell.metrics["rate.answered"].mean, 1.0);
    // Four busy replicas' worth at half use is eight; scaling follows the peaks of five minutes, so it holds more.
    let replicas = cell.metrics["cost.hosting"].mean / 24.0;
    assert!((8.0..20.0).contains(&replicas), "{replicas}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn full_service_costs_the_replicas_that_the_work_takes_whatever_is_scarce() {
    // Three replicas' worth of work for one replica with room for nobody: by Little's law the mean number of busy
    // replicas is the arrival rate times what one request takes of one replica. Work is known to its mean; hours of a
    // hundred requests and more are all above one replica.
    let rate = 0.3;
    for (what, user, output, model) in [
        (
            "slots",
            0.0,
            100.0,
            "token_ms = 200\nhosting = { slots = 2, queue = 0, replica_per_hour = 1 }",
        ),
        (
            "prefill",
            5_000.0,
            0.0,
            "hosting = { slots = 64, queue = 0, prefill_tokens_per_s = 500, replica_per_hour = 1 }",
        ),
        (
            "memory",
            400.0,
            100.0,
            "token_ms = 60\nhosting = { slots = 64, queue = 0, kv_tokens = 300, replica_per_hour = 1 }",
        ),
    ] {
        let scene = Scene {
            class: format!("user_tokens = {user}\noutput_tokens = {output}"),
            ..scene(rate, &Law::Constant(output), model)
        };
        // Two slots for twenty seconds; 5,000 tokens at 500 a second; 500 tokens of memory out of 300 for six seconds:
        // ten seconds of one replica each.
        let one = 10.0;
        let results = scene.run(40, &[]);
        let replicas = rate * one;
        // What is under way at both ends of the day is counted in part: at most one stay of 20 s.
        let bias = 24.0 * replicas * 20.0 / 86_400.0;
        results.agrees(what, "cost.at_full_service", 24.0 * replicas, 0.01, bias);
        assert!(
            results.cells[0].metrics["cost.total"].mean < 24.5,
            "one replica was paid"
        );
        assert!(
            results.cells[0].metrics["rate.failed"].mean > 0.3,
            "{what} refused"
        );
    }
}

/// One slot and Poisson arrivals at half load: a request's time is the queue's (Pollaczek–Khinchine) and its own, which is
/// known to the step.
fn alone(what: &str, service_s: f64, prompt: u32, output: u32, model: &str) {
    let rate = 0.5 / service_s;
    let scene = Scene {
        class: format!("user_tokens = {prompt}\noutput_tokens = {output}"),
        ..scene(rate, &Law::Constant(f64::from(output)), model)
    };
    let expected = service_s + pollaczek_khinchine(rate, &Law::Constant(service_s));
    scene
        .run(40, &[])
        .agrees(what, "latency.mean", expected, 0.05, expected * 1e-4);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_prompt_takes_the_steps_that_it_fills_and_the_time_of_its_tokens() {
    // 1,000 tokens in steps of 400 are three steps of 20 + 5 ms and 100 ms for the tokens; then 50 steps of 20 ms.
    alone(
        "prompt in shared steps",
        3.0 * 0.025 + 0.1 + 1.0,
        1_000,
        50,
        "token_ms = 20\nhosting = { slots = 1, prefill_tokens_per_s = 10_000, step_tokens = 400, prefill_fixed_ms = 5 }",
    );
    // In steps of their own there is no answer to wait for.
    alone(
        "prompt in steps of its own",
        3.0 * 0.005 + 0.1 + 1.0,
        1_000,
        50,
        "token_ms = 20\nhosting = { slots = 1, prefill_tokens_per_s = 10_000, step_tokens = 400, prefill_fixed_ms = 5, prefill_pauses = true }",
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_step_takes_longer_for_every_token_that_is_held() {
    // Token k of an answer to 1,000 tokens takes 10 ms and 0.02 ms for each of 1,000 + k: the sum over 500 of them.
    let held_s = 2e-5 * (1_000.0 * 500.0 + 500.0 * 500.0 / 2.0);
    alone(
        "tokens held",
        5.0 + held_s,
        1_000,
        500,
        "token_ms = 10\nhosting = { slots = 1, step_ms_per_1k_held = 20 }",
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn stalls_come_once_in_so_many_seconds_of_generation() {
    // Every second answer of 10 s has one stall of 2 s in it: the service is 10 or 12 s.
    let model = "token_ms = 10\nhosting = { slots = 1, stall_s = 2, stall_every_busy_s = 20 }";
    let rate = 0.02;
    let scene = Scene {
        class: "user_tokens = 0\noutput_tokens = 1_000".to_owned(),
        ..scene(rate, &Law::Constant(1_000.0), model)
    };
    // E[S²] of two values that take turns; that they do adds next to nothing at a load of 0.22.
    let (mean, square) = (11.0, 122.0);
    let expected = mean + rate * square / (2.0 * (1.0 - rate * mean));
    scene
        .run(40, &[])
        .agrees("stalls", "latency.mean", expected, 0.05, 0.01 * expected);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistical: run with --release")]
fn a_slowdown_that_grows_with_the_number_is_processor_sharing() {
    for law in shapes(200.0) {
        let load = 0.6;
        let stay = 2.0 / (1.0 - load);
        let model = "token_ms = 10\nhosting = { slots = inf, slowdown = [[1, 1], [1000, 1000]] }";
        let results = scene(load / 2.0, &law, model).run(60, &[]);
        let what = format!("slowdown as sharing, {}", law.toml());
        results.agrees(&what, "latency.mean", stay, 0.1, stay * 20.0 * MEAN_BIAS);
    }
}

#[test]
fn what_is_known_when_a_call_comes_is_what_events_bring_about() {
    // A memory that never fills changes nothing, but then every slot is followed by events.
    let rest = |memory: &str, streaming: bool| {
        format!(
            "[models.m]\nfirst_token_s = {{ mean = 0.4, cv = 0.5 }}\ntoken_ms = {{ mean = 20, cv = 0.3 }}\nprefill_ms_per_1k = 400\n\
             error_rate = 0.02\nhosting = {{ replicas = 2, slots = 1, queue = 2, replica_per_hour = 2{memory} }}\n\
             [strategies.s]\nroute = \"m\"\nstreaming = {streaming}\ntimeout_s = 9\nretry = {{ attempts = 2, base_s = 1 }}\n"
        )
    };
    let scene = |memory: &str, streaming: bool| {
        Scene {
        warmup_h: 1.0,
        class: "turns = { dist = \"geometric\", mean = 3 }\nthink_s = { mean = 10, cv = 1 }\nuser_tokens = { mean = 200, cv = 1 }\n\
                output_tokens = { mean = 120, cv = 1 }\nreasoning_tokens = { mean = 60, cv = 1 }\npatience_s = { mean = 12, cv = 0.5 }"
            .to_owned(),
        rest: rest(memory, streaming),
        ..Scene::new(8_000.0)
    }
    };
    for streaming in [false, true] {
        let known = scene("", streaming).run(20, &[]);
        let followed = scene(", kv_tokens = 1_000_000_000", streaming).run(20, &[]);
        let (known, followed) = (&known.cells[0], &followed.cells[0]);
        for (name, value) in &known.metrics {
            let other = followed.metrics[name].mean;
            let close = (value.mean - other).abs() <= 1e-6 * other.abs().max(1e-3);
            assert!(
                close,
                "streaming {streaming}: {name} is {} and {other}",
                value.mean
            );
        }
        assert!(known.metrics["failed.queue_full"].mean > 0.0);
        assert!(known.metrics["rate.abandoned"].mean > 0.0);
        assert!(known.metrics["failed.timeout"].mean > 0.0);
    }
}
