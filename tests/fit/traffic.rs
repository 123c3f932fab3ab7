//! A log with known facts is fitted, and the facts come back; the scenario runs, and its month is like the log.

use std::fmt::Write as _;

use gonogo::fit::traffic::{self, Traffic};
use gonogo::reading::log::{Hints, read_bytes};
use gonogo::{reading::Source, scenario::Scenario};

/// `SplitMix64`, so that the log is the same everywhere.
struct Luck(u64);

impl Luck {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    fn lognormal(&mut self, p50: f64, sigma: f64) -> f64 {
        p50 * (sigma * self.normal()).exp()
    }

    /// Mean 1, as a sum of exponentials: cv = 1/sqrt(shape).
    fn gamma(&mut self, shape: u32) -> f64 {
        (0..shape)
            .map(|_| -(1.0 - self.uniform()).ln())
            .sum::<f64>()
            / f64::from(shape)
    }

    /// By thinning of unit exponentials; the mean is small.
    fn poisson(&mut self, mean: f64) -> u32 {
        let (mut count, mut sum) = (0, -(1.0 - self.uniform()).ln());
        while sum < mean {
            count += 1;
            sum -= (1.0 - self.uniform()).ln();
        }
        count
    }
}

const PER_DAY: f64 = 1200.0;
const DAYS: u32 = 28;
const MONDAY_S: f64 = 1_767_571_200.0; // 2026-01-05

fn hour_weight(hour: u32) -> f64 {
    if (8..18).contains(&hour) {
        1.8
    } else {
        6.0 / 14.0
    }
}

fn outage(at_s: f64) -> bool {
    // Two outages of an hour, in the middle of working days.
    [3.0, 17.0]
        .iter()
        .any(|day| (at_s - (day * 86_400.0 + 11.0 * 3600.0)).abs() < 1800.0)
}

/// Four weeks: working days 1.2, weekends 0.5; days swing by cv 0.25, blocks of ten minutes by cv 0.5; conversations of
/// 3 turns on average with all history, 600 tokens of instructions, errors of 1% and two outages of an hour.
fn log() -> (String, f64) {
    let mut luck = Luck(42);
    let mut rows: Vec<(f64, String)> = Vec::new();
    let mut conversation = 0;
    for day in 0..DAYS {
        let swing = luck.gamma(16);
        let weekday = if day % 7 < 5 { 1.2 } else { 0.5 };
        for block in 0..144 {
            let burst = luck.gamma(4);
            let mean = PER_DAY * weekday * hour_weight(block / 6) * swing * burst / 144.0;
            for _ in 0..luck.poisson(mean) {
                conversation += 1;
                let start = f64::from(day) * 86_400.0 + (f64::from(block) + luck.uniform()) * 600.0;
                talk(&mut luck, start, conversation, &mut rows);
            }
        }
    }
    rows.retain(|row| row.0 < f64::from(DAYS) * 86_400.0);
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count = rows.len() as f64;
    let mut text =
        "timestamp,conversation_id,model,input_tokens,output_tokens,ttft_s,latency_s,status\n"
            .to_owned();
    for (at_s, row) in rows {
        let _ = writeln!(text, "{:.3},{row}", MONDAY_S + at_s);
    }
    (text, count)
}

fn talk(luck: &mut Luck, start: f64, conversation: u32, rows: &mut Vec<(f64, String)>) {
    let (mut at_s, mut history) = (start, 0.0);
    loop {
        let user = luck.lognormal(60.0, 0.8).round().max(1.0);
        // Two kinds of answers: short and long.
        let output = if luck.uniform() < 0.6 {
            luck.lognormal(40.0, 0.3)
        } else {
            luck.lognormal(500.0, 0.4)
        }
        .round()
        .max(2.0);
        let first = luck.lognormal(0.5, 0.4) + 600e-6 * 0.1;
        let latency = first + output * luck.lognormal(0.02, 0.25);
        let failed = luck.uniform() < 0.01 || outage(at_s);
        let status = if failed { 500 } else { 200 };
        rows.push((
            at_s,
            format!(
                "c{conversation},house-model,{},{output},{first:.4},{latency:.4},{status}",
                600.0 + history + user
            ),
        ));
        if luck.uniform() < 1.0 / 3.0 {
            return;
        }
        if !failed {
            history += user + output;
        }
        at_s += latency + luck.lognormal(30.0, 0.7);
    }
}

fn fitted(text: &str) -> Traffic {
    let log = read_bytes(text.as_bytes(), &Hints::default()).expect("a log");
    traffic::fit(log, "a made-up log", 0.0).expect("a fit")
}

fn close(what: &str, found: f64, truth: f64, tolerance: f64) {
    println!("{what}: {found:.4} for {truth:.4}");
    assert!(
        (found / truth - 1.0).abs() < tolerance,
        "{what}: {found} for {truth}"
    );
}

#[test]
fn the_facts_of_a_made_up_log_are_found_again_and_its_month_simulated() {
    let (text, requests) = log();
    let traffic = fitted(&text);
    let rates = &traffic.rates;
    // Four weeks of days that swing by 0.25 leave the level known to some 5% (0.25/√28), bursts hardly add.
    close("conversations a day", rates.per_day.best, PER_DAY, 0.15);
    assert!(
        rates.per_day.low < PER_DAY && PER_DAY < rates.per_day.high,
        "{:?}",
        rates.per_day
    );
    let hours = rates.hourly.as_ref().expect("hours");
    close("hour of work", hours[10].best, 1.8, 0.15);
    let days = rates.weekly.as_ref().expect("weekdays");
    close("Tuesday", days[1].best, 1.2, 0.35);
    close("Sunday", days[6].best, 0.5, 0.35);
    // A standard deviation of n days has a relative error of 1/√(2(n − 7)) = 0.15; two of them are allowed.
    close(
        "day swing",
        rates.day_cv.expect("four weeks").best,
        0.25,
        0.35,
    );
    close("burst", rates.burst.cv.best, 0.5, 0.15);
    close("block, minutes", rates.burst.minutes.best, 10.0, 0.5);
    assert_eq!(rates.spikes.as_ref().map(Vec::len), Some(0));

    let toml = traffic.scenario();
    println!("{toml}");
    for words in [
        "history = \"full\"",
        "dist = \"geometric\"",
        "mixture of",
        "90%:",
        "assumed",
    ] {
        assert!(toml.contains(words), "{words}");
    }
    let number = |key: &str| -> f64 {
        let line = toml.lines().find(|line| line.starts_with(key)).expect(key);
        line.split(" = ")
            .nth(1)
            .and_then(|it| it.split("   #").next())
            .and_then(|it| it.parse().ok())
            .expect(key)
    };
    close("instructions", number("system_tokens"), 600.0, 0.03);
    close("error rate", number("error_rate"), 0.01, 0.15);
    let outage = toml
        .lines()
        .find(|line| line.starts_with("outage"))
        .expect("an outage");
    assert!(outage.contains("n = 2;"), "{outage}");

    month_is_like(&toml, &text, requests);
}

/// The scenario's months against the log: requests, tokens, latency, failures.
fn month_is_like(toml: &str, log: &str, requests: f64) {
    let toml = toml.replace("months = 200\n", "months = 200\ndays = 28\n");
    let cell = super::simulated(&toml, 24);
    let metrics = &cell.metrics;
    let cells: Vec<Vec<f64>> = log
        .lines()
        .skip(1)
        .map(|line| {
            line.split(',')
                .map(|it| it.parse().unwrap_or(f64::NAN))
                .collect()
        })
        .collect();
    let well: Vec<&Vec<f64>> = cells.iter().filter(|row| row[7] == 200.0).collect();
    let quantile = |column: usize, share: f64| {
        let mut list: Vec<f64> = well.iter().map(|row| row[column]).collect();
        list.sort_by(f64::total_cmp);
        let below = list.len() as f64 * (1.0 - share);
        *list
            .iter()
            .rev()
            .zip(1_u32..)
            .find(|(_, place)| f64::from(*place) > below)
            .expect("a quantile")
            .0
    };
    let sum = |column: usize| well.iter().map(|row| row[column]).sum::<f64>() / 1e6;
    // The month's own spread (days swing by a quarter) leaves the mean of 24 months known to 1%; turns that failures cut short
    // (half of failed requests end their conversation) take another.
    close("requests", metrics["requests"].mean, requests, 0.06);
    close(
        "input, million tokens",
        metrics["cost.input"].mean + metrics["cost.cached_input"].mean,
        sum(3),
        0.08,
    );
    close(
        "output, million tokens",
        metrics["cost.output"].mean,
        sum(4),
        0.06,
    );
    for (name, column, share) in [
        ("latency.p50", 6, 0.5),
        ("latency.p95", 6, 0.95),
        ("latency.p99", 6, 0.99),
        ("first_token.p50", 5, 0.5),
        ("first_token.p95", 5, 0.95),
    ] {
        close(name, metrics[name].mean, quantile(column, share), 0.06);
    }
}

/// Every value says how many observations it has, or that it is assumed.
#[test]
fn every_fitted_value_says_what_stands_behind_it() {
    let toml = fitted(&log().0).scenario();
    let mut seen = 0;
    for line in toml.lines().take_while(|line| *line != "[sources]") {
        let Some((_, comment)) = line.split_once("   # ") else {
            continue;
        };
        stands(line, comment);
        seen += 1;
    }
    assert!(seen > 15, "{toml}");
    for key in [
        "conversations_per_day",
        "growth_per_month",
        "day_cv",
        "cv",
        "minutes",
        "error_rate",
        "prefill_ms_per_1k",
    ] {
        let line = toml
            .lines()
            .find(|line| line.starts_with(&format!("{key} = ")))
            .expect(key);
        assert!(line.contains("90%: "), "{line}");
    }
}

/// A value is assumed, or has its observations and an interval: its own, that of its least sure part, or, for a law, those
/// of the quantiles in the log.
#[track_caller]
fn stands(line: &str, comment: &str) {
    let sure = ["90%: ", "known to ±", "log: p50 "];
    let measured = comment.contains("n = ") && sure.iter().any(|sure| comment.contains(sure));
    assert!(measured || comment.starts_with("assumed"), "{line}");
}

/// Two kinds of traffic in one log: an agent whose prompts hold all that was before (tool answers, some of them long, and
/// half of each answer, as reasoning is not sent again), and single prompts under one id. Each has a history of its own, and
/// messages add up to how prompts grew.
#[test]
fn what_is_sent_again_is_told_for_each_class() {
    let mut luck = Luck(7);
    let mut text = "t_s,agent,conversation,input_tokens,output_tokens\n".to_owned();
    let (mut grown, mut steps) = (0.0, 0.0);
    for conversation in 0..150 {
        let mut prompt = 1500.0;
        for turn in 0..15 {
            let at_s = conversation * 600 + turn * 20;
            let output = luck.lognormal(100.0, 0.3).round();
            let _ = writeln!(text, "{at_s},coder,c{conversation},{prompt},{output}");
            let tool = if luck.uniform() < 0.1 { 3000.0 } else { 30.0 };
            let next = prompt + tool + (output / 2.0).round();
            if turn < 14 {
                grown += next - prompt - output;
                steps += 1.0;
            }
            prompt = next;
        }
        for turn in 0..10 {
            let at_s = conversation * 600 + turn * 30 + 7;
            let prompt = luck.lognormal(800.0, 1.0).round();
            let _ = writeln!(text, "{at_s},asker,a{conversation},{prompt},40");
        }
    }
    let toml = fitted(&text).scenario();
    let class = |name: &str| -> Vec<&str> {
        let from = toml
            .split(&format!("name = \"{name}\""))
            .nth(1)
            .expect(name);
        from.lines()
            .take_while(|line| !line.starts_with('['))
            .collect()
    };
    let line = |name: &str, key: &str| {
        let lines = class(name);
        let found = lines.iter().find(|line| line.starts_with(key));
        (*found.expect(key)).to_owned()
    };
    assert!(line("coder", "history").contains("\"full\""), "{toml}");
    assert!(line("asker", "history").contains("\"none\""), "{toml}");
    let message = line("coder", "user_tokens");
    let mean = message.rsplit("mean ").next().expect("a mean");
    let mean: f64 = mean
        .split(' ')
        .next()
        .expect("it")
        .parse()
        .expect("a number");
    close("the mean message", mean, grown / steps, 0.05);
    // What the coder's first prompts have beside a message is the coder's: the asker has none of it.
    assert!(toml.contains("\nsystem_tokens = 0 "), "{toml}");
    let own = line("coder", "context_tokens");
    let own = own.split(' ').nth(2).expect("a number").parse::<f64>();
    close("beside it", own.expect("a number"), 1500.0 - mean, 0.02);
}

/// What differs from one first prompt to the next beside the message: its mean and its spread, both with intervals that hold
/// what was made.
#[test]
fn what_first_prompts_carry_has_a_mean_and_a_spread() {
    let mut luck = Luck(11);
    let mut text = "t_s,conversation,input_tokens,output_tokens\n".to_owned();
    for conversation in 0..1500 {
        // Log-normal of median 1000 and sigma 0.5: mean 1133, coefficient of variation 0.533.
        let mut before = 300.0 + luck.lognormal(1000.0, 0.5).round();
        for turn in 0..4 {
            let user = luck.lognormal(60.0, 0.5).round();
            let output = luck.lognormal(150.0, 0.8).round();
            before += user;
            let at_s = conversation * 300 + turn * 20;
            let _ = writeln!(text, "{at_s},c{conversation},{before},{output}");
            before += output;
        }
    }
    let toml = fitted(&text).scenario();
    let line = toml
        .lines()
        .find(|line| line.starts_with("context_tokens = "))
        .expect("a context");
    let number = |after: &str| -> f64 {
        let rest = line.split(after).nth(1).expect(after);
        let end = rest.find([',', ' ', '}', ';']).unwrap_or(rest.len());
        rest[..end].parse().expect(after)
    };
    // The least that all have counts as instructions: 300 and some of the smallest context.
    let (mean, cv) = (number("mean = "), number("cv = "));
    assert!(mean > 700.0 && mean < 1133.0, "{line}");
    assert!((mean * cv / (1133.0 * 0.533) - 1.0).abs() < 0.1, "{line}");
    let between = line.split("90%: mean ").nth(1).expect("an interval");
    let (of_mean, of_cv) = between.split_once(", cv ").expect("two intervals");
    for (interval, best) in [(of_mean, mean), (of_cv, cv)] {
        let (low, high) = interval.split_once(" to ").expect("an interval");
        let high = high.split(';').next().expect("its end");
        let [low, high] = [low, high].map(|end| end.trim().parse::<f64>().expect("a number"));
        assert!(low < best && best < high && high < 1.3 * low, "{line}");
    }
}

/// Conversations of which only the last two turns are sent again, under 300 tokens of instructions.
#[test]
fn the_last_turns_that_are_sent_again_are_told() {
    let mut luck = Luck(5);
    let mut text = "t_s,conversation,input_tokens,output_tokens\n".to_owned();
    for conversation in 0..400 {
        let mut turns: Vec<f64> = Vec::new();
        for turn in 0..8 {
            let user = luck.lognormal(60.0, 0.5).round();
            let output = luck.lognormal(150.0, 0.8).round();
            let again: f64 = turns.iter().rev().take(2).sum();
            let at_s = conversation * 300 + turn * 20;
            let _ = writeln!(
                text,
                "{at_s},c{conversation},{},{output}",
                300.0 + again + user
            );
            turns.push(user + output);
        }
    }
    let toml = fitted(&text).scenario();
    assert!(toml.contains("history = { last = 2 }"), "{toml}");
    let line = toml
        .lines()
        .find(|line| line.starts_with("system_tokens = "))
        .expect("instructions");
    let tokens: f64 = line["system_tokens = ".len()..]
        .split(' ')
        .next()
        .and_then(|it| it.parse().ok())
        .expect("a number");
    close("instructions", tokens, 300.0, 0.05);
    assert!(Scenario::parse(Source::new("fitted.toml", toml), None).is_ok());
}

/// Costs at 3 and 15 dollars per million tokens, rounded to a hundredth of a cent.
#[test]
fn prices_that_costs_tell_have_intervals() {
    let mut luck = Luck(9);
    let mut text = "t_s,model,input_tokens,output_tokens,cost_usd\n".to_owned();
    for row in 0..2000 {
        let (input, output) = (
            luck.lognormal(800.0, 0.6).round(),
            luck.lognormal(150.0, 0.6).round(),
        );
        let cost = ((input * 3e-6 + output * 15e-6) * 1e4).round() / 1e4;
        let _ = writeln!(text, "{},house-model,{input},{output},{cost:.4}", row * 60);
    }
    let toml = fitted(&text).scenario();
    let line = toml.lines().find(|line| line.starts_with("price = "));
    let (price, comment) = line
        .and_then(|line| line.split_once("   # "))
        .expect("a price");
    stands(price, comment);
    for (name, usd) in [("input ", 3.0), ("output ", 15.0)] {
        let between = comment.split(name).nth(1).expect(name);
        let mut ends = between.split([' ', ',']);
        let low: f64 = ends.next().and_then(|it| it.parse().ok()).expect("low");
        let high: f64 = ends.nth(1).and_then(|it| it.parse().ok()).expect("high");
        assert!(low < high && high < low * 1.1, "{comment}");
        assert!(usd * 0.98 < high && low < usd * 1.02, "{comment}");
    }
}

#[test]
fn what_a_log_cannot_tell_is_marked_as_assumed() {
    let toml =
        fitted("t_s,input_tokens,output_tokens\n0,10,5\n1,12,6\n2,9,7\n3,14,5\n5,11,6\n8,12,8\n")
            .scenario();
    for key in [
        "hourly",
        "weekly",
        "day_cv",
        "first_token_s",
        "token_ms",
        "price",
        "error_rate",
    ] {
        let line = toml.lines().find(|line| line.starts_with(key)).expect(key);
        assert!(line.contains("assumed"), "{line}");
    }
    assert!(Scenario::parse(Source::new("fitted.toml", toml), None).is_ok());
}

#[test]
fn a_backtest_says_what_held_and_a_report_where_the_fit_is_bad() {
    let (text, _) = log();
    let log = read_bytes(text.as_bytes(), &Hints::default()).expect("a log");
    let result =
        gonogo::fit::backtest::backtest(log, None, "a made-up log", 0.0).expect("a backtest");
    println!("{}", result.text());
    // Nothing drifts in this log, so 80% intervals hold most of the time (of some forty that are not independent).
    let (inside, loss, naive, _) = result.summary();
    assert!(inside > 0.6 && loss < naive, "{inside} {loss} {naive}");
    // When requests come: nights, mornings, afternoons and evenings.
    let parts = || {
        let first = result.scores.iter().filter(|it| it.origin == "0.7");
        first.filter(|it| it.what.starts_with("share of requests from"))
    };
    assert_eq!(parts().count(), 4);
    for part in parts() {
        assert!(part.inside && part.loss < part.flat_loss, "{part:?}");
    }
    let report = gonogo::fit::report::report(&fitted(&text));
    println!("{}", report.text());
    assert!(
        report
            .sections
            .iter()
            .any(|it| it.title.starts_with("output tokens") && it.verdict.contains("good"))
    );
    assert!(
        report
            .sections
            .iter()
            .any(|it| it.title.contains("time scale"))
    );
}

/// Eight weeks of hourly counts, 1.2 on working days and 0.5 on the other two: a seventh comes on those.
#[test]
fn the_shape_of_the_week_is_foretold() {
    let mut luck = Luck(3);
    let mut text = "timestamp,requests\n".to_owned();
    for hour in 0..8 * 168 {
        let weekday = if hour / 24 % 7 < 5 { 1.2 } else { 0.5 };
        let swing = luck.gamma(16);
        let count = luck.poisson(200.0 * weekday * swing);
        let _ = writeln!(text, "{},{count}", MONDAY_S + 3600.0 * f64::from(hour));
    }
    let log = read_bytes(text.as_bytes(), &Hints::default()).expect("a log");
    let result = gonogo::fit::backtest::backtest(log, None, "counts", 0.0).expect("a backtest");
    let quiet = result
        .scores
        .iter()
        .find(|it| it.origin == "0.7" && it.what.contains("quietest"))
        .expect("weeks enough");
    close("foretold", quiet.predicted, 1.0 / 7.0, 0.05);
    close("what came", quiet.actual, 1.0 / 7.0, 0.05);
    assert!(
        quiet.inside && quiet.loss < 0.5 * quiet.flat_loss,
        "{quiet:?}"
    );
}
