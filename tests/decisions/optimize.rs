//! Optimize against spaces that were enumerated: `tests/data/optimize/NAME.csv` holds, for every setting of `NAME.toml`
//! in the order of [`Space::all`], the mean cost of months in which every request was simulated (20 of them, 200 for
//! settings that come near the cheapest that holds, 1,000 for those that come nearest), and the value that 95% of them
//! stay within, over its limit, of the promise that is worst.
//!
//! `GONOGO_ENUMERATE=1 cargo test --release --test decisions enumerate -- --ignored` writes them again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use gonogo::analysis::optimize::{
    Choice, OptimizePlan, Optimized, Setting, Space, look_at, optimize,
};
use gonogo::prices::Catalogue;
use gonogo::scenario::Scenario;
use gonogo::study::{Estimator, Unwatched};

use super::harness::compiled;

const SPACES: [&str; 5] = ["retries", "hosting", "caching", "routes", "starts"];
/// Levels of a range.
const STEPS: usize = 10;
/// Months behind each line of a table.
const GLANCE: u32 = 20;
/// Months behind the lines that may matter: at most a tenth dearer than the cheapest that holds, and no more than half
/// over a promise.
const TRUTH: u32 = 200;
/// Months behind those at most a fiftieth dearer than the cheapest that holds and within a fifth of a promise, where a
/// month more or less that breaks it may decide.
const EDGE: u32 = 1000;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/optimize")
        .join(name)
}

fn load(name: &str) -> (Scenario, Space) {
    let scenario = Scenario::load(&file(&format!("{name}.toml")))
        .unwrap_or_else(|problems| panic!("{problems}"));
    let space = Space::of(&scenario, &[], STEPS);
    (scenario, space)
}

fn plan(scenario: &Scenario, seed: u64) -> OptimizePlan {
    OptimizePlan {
        volume: 1.0,
        seed,
        threads: 2,
        ..OptimizePlan::of(&compiled(scenario))
    }
}

fn worst(choice: &Choice) -> f64 {
    choice
        .holds
        .iter()
        .map(|it| it.value / it.limit)
        .fold(0.0, f64::max)
}

/// The first line of a table: how many settings, and enough of them to know that they are these.
fn heading(space: &Space) -> String {
    let all = space.all();
    let end = |setting: Option<&Setting>| setting.map_or_else(String::new, |it| space.label(it));
    format!(
        "{} settings from {} to {}: US dollars, worst value over limit",
        all.len(),
        end(all.first()),
        end(all.last())
    )
}

/// Cost and worst ratio by label.
fn table(name: &str, space: &Space) -> BTreeMap<String, (f64, f64)> {
    let text = std::fs::read_to_string(file(&format!("{name}.csv"))).expect("an enumerated space");
    let (first, rest) = text.split_once('\n').expect("a heading");
    assert_eq!(first, heading(space), "{name} is another space by now");
    let numbers = rest.lines().map(|line| {
        let (cost, ratio) = line.split_once(',').expect("two columns");
        let number = |text: &str| text.parse::<f64>().expect("a number");
        (number(cost), number(ratio))
    });
    let all = space.all();
    assert_eq!(rest.lines().count(), all.len());
    let labels = all.iter().map(|setting| space.label(setting));
    labels.zip(numbers).collect()
}

fn label(choice: &Choice) -> String {
    let values: Vec<&str> = choice.turned.iter().map(|it| it.value.as_str()).collect();
    format!("{} {}", choice.strategy, values.join(" "))
}

#[test]
#[ignore = "writes the tables of enumerated spaces; minutes"]
fn enumerate() {
    let Some(wanted) = std::env::var_os("GONOGO_ENUMERATE") else {
        return;
    };
    for name in SPACES {
        if wanted != "1" && wanted != name {
            continue;
        }
        let (scenario, space) = load(name);
        assert!(space.len() >= 1000, "{name} has {} settings", space.len());
        let mut plan = plan(&scenario, 987_654_321);
        plan.estimator = Estimator::Exact;
        let all = space.all();
        let look = |plan: &OptimizePlan, settings: &[Setting]| -> Vec<(f64, f64)> {
            let found = look_at(
                &scenario,
                Catalogue::embedded(),
                &space,
                plan,
                settings,
                &Unwatched,
            );
            let possible = |it: Option<Choice>| it.expect("a possible setting");
            let choices = found.expect("not stopped").into_iter().map(possible);
            choices.map(|it| (it.cost.0, worst(&it))).collect()
        };
        plan.months = GLANCE;
        let mut values = look(&plan, &all);
        // What seemed the cheapest that holds may break a promise in more months: then others are near.
        let mut known = vec![GLANCE; all.len()];
        for (months, dearer, worst) in [(TRUTH, 1.1, 0.0..1.5), (EDGE, 1.02, 0.8..1.2)] {
            plan.months = months;
            loop {
                let holding = values.iter().filter(|(_, ratio)| *ratio <= 1.0);
                let cheapest = holding.map(|it| it.0).fold(f64::INFINITY, f64::min);
                let near = |place: &usize| {
                    let (cost, ratio) = values[*place];
                    known[*place] < months && cost < cheapest * dearer && worst.contains(&ratio)
                };
                let nearest: Vec<usize> = (0..all.len()).filter(near).collect();
                println!("{name}: {} more get {months} months", nearest.len());
                if nearest.is_empty() {
                    break;
                }
                let settings: Vec<Setting> = nearest.iter().map(|it| all[*it].clone()).collect();
                for (place, found) in nearest.iter().zip(look(&plan, &settings)) {
                    values[*place] = found;
                    known[*place] = months;
                }
            }
        }
        let mut text = heading(&space) + "\n";
        for (cost, ratio) in values {
            let _ = writeln!(text, "{cost:.4},{ratio:.3}");
        }
        std::fs::write(file(&format!("{name}.csv")), text).expect("written");
    }
}

/// How many of so many seeds find the optimum or a setting within 1% of it, at no more than a tenth of the work.
fn hits(name: &str, seeds: u64) -> u64 {
    let (scenario, space) = load(name);
    let truth = table(name, &space);
    let optimum = truth
        .values()
        .filter(|(_, ratio)| *ratio <= 1.0)
        .map(|(cost, _)| *cost)
        .fold(f64::INFINITY, f64::min);
    assert!(optimum.is_finite(), "{name}: nothing holds");
    assert!(space.len() >= 1000, "{name} has {} settings", space.len());
    let mut hits = 0;
    for seed in 1..=seeds {
        let found: Optimized = optimize(
            &scenario,
            Catalogue::embedded(),
            &space,
            &plan(&scenario, seed),
            &Unwatched,
        )
        .expect("not stopped");
        let share = found.months_simulated as f64 / found.months_of_enumeration as f64;
        let best = found
            .best
            .as_ref()
            .map(|choice| (label(choice), truth[&label(choice)]));
        let hit = best
            .as_ref()
            .is_some_and(|(_, (cost, ratio))| *ratio <= 1.0 && *cost <= optimum * 1.01);
        println!(
            "{name} seed {seed}: {best:?} for {optimum:.4}, looked at {} of {}, work {share:.4}, better with {:.2}{}",
            found.looked_at,
            found.settings,
            found.better.unwrap_or(f64::NAN),
            if hit { "" } else { " MISSED" }
        );
        assert!(share <= 0.1, "{name}: {share} of the enumeration's work");
        hits += u64::from(hit);
    }
    hits
}

#[test]
#[cfg_attr(debug_assertions, ignore = "a minute: run with --release")]
fn the_optimum_of_enumerated_spaces_is_found_at_a_tenth_of_the_work() {
    for name in ["retries", "starts", "caching"] {
        let found = hits(name, 2);
        assert_eq!(found, 2, "{name}");
    }
}

/// `cargo test --release --test decisions twenty_seeds -- --ignored --nocapture`; `GONOGO_SPACE=hosting` for one of them.
#[test]
#[ignore = "minutes; the test above is the first two seeds of three"]
fn twenty_seeds_find_the_optimum_of_five_spaces_at_a_tenth_of_the_work() {
    let wanted = std::env::var("GONOGO_SPACE").ok();
    let spaces = SPACES
        .iter()
        .filter(|name| wanted.as_ref().is_none_or(|it| it == *name));
    let found: Vec<(&str, u64)> = spaces.map(|name| (*name, hits(name, 20))).collect();
    assert!(found.iter().all(|(_, hits)| *hits >= 19), "{found:?}");
}

#[test]
fn a_setting_is_written_where_it_stands_and_comments_stay() {
    let text = "schema = 1\n[study]\nvolumes = [1]\ndays = 1\n[workload]\nconversations_per_day = 20\n[[workload.class]]\nname = \"only\"\nuser_tokens = 1\noutput_tokens = 1\n\
        [models.m]\nprice = { input = 1, output = 1 }\nfirst_token_s = 1\n[models.\"n.1\"]\nprice = { input = 9, output = 9 }\n\
        [strategies.\"a+b\"]  # ours\nroute = \"n.1\"  # dear\nretry = { attempts = 3 }\n\
        [strategies.c]\nextends = \"a+b\"\n\
        [optimize]\n\"strategies.a+b.route\" = [\"m\", \"n.1\"]\n\"strategies.a+b.retry.attempts\" = [1, 2]\n";
    let scenario = Scenario::parse(
        gonogo::reading::Source::new("x.toml", text.to_owned()),
        None,
    )
    .unwrap_or_else(|it| panic!("{it}"));
    let space = Space::of(&scenario, &[], 9);
    assert_eq!(
        space.len(),
        8,
        "both strategies have both knobs: one inherits them"
    );
    let found = optimize(
        &scenario,
        Catalogue::embedded(),
        &space,
        &plan(&scenario, 1),
        &Unwatched,
    )
    .expect("not stopped");
    let best = found
        .best
        .expect("nothing is promised, so everything holds");
    let patch = best.patch();
    assert!(
        patch.contains("[strategies.\"a+b\"]\nroute = \"m\"    # was \"n.1\"\n"),
        "{patch}"
    );
    assert!(patch.parse::<toml::Table>().is_ok(), "{patch}");
    let written = best.applied(&scenario);
    assert!(
        written.contains("[strategies.\"a+b\"]  # ours\nroute = \"m\"  # dear\n"),
        "{written}"
    );
}

#[test]
fn knobs_that_turn_nothing_are_named_before_anything_runs() {
    let text = "schema = 1\n[study]\nvolumes = [1]\ndays = 1\n[workload]\nconversations_per_day = 20\n[[workload.class]]\nname = \"only\"\nuser_tokens = 1\noutput_tokens = 1\n\
        [models.m]\nprice = { input = 1, output = 1 }\nfirst_token_s = 1\n\
        [strategies.a]\nroute = \"m\"\n[strategies.b]\nroute = \"m\"\n\
        [optimize]\n\"strategies.a.timeout_s\" = [5, 10]\n";
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("scenario.toml"), text).expect("written");
    let said = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_gonogo"))
            .current_dir(&folder)
            .arg("optimize")
            .args(arguments)
            .output()
            .expect("runs");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("text")
    };
    let unwritten = said(&[]);
    assert!(
        unwritten.contains("turns `strategies.a.timeout_s`, which the scenario does not write"),
        "{unwritten}"
    );
    let foreign = said(&["--strategies", "b"]);
    assert!(
        foreign.contains("no knob of [optimize] turns anything of these strategies"),
        "{foreign}"
    );
}

#[test]
fn where_nothing_holds_the_nearest_is_named() {
    let (scenario, _) = load("hosting");
    let text = scenario
        .source
        .text
        .replace("latency_p95_s = 200", "latency_p95_s = 0.1")
        .replace("[1, 2, 3, 4, 5, 6, 7, 8]", "[3, 4]");
    let scenario = Scenario::parse(gonogo::reading::Source::new("x.toml", text), None)
        .unwrap_or_else(|it| panic!("{it}"));
    let space = Space::of(&scenario, &[], 9);
    let mut plan = plan(&scenario, 1);
    plan.months = 4;
    let found =
        optimize(&scenario, Catalogue::embedded(), &space, &plan, &Unwatched).expect("not stopped");
    assert!(found.best.is_none());
    let nearest = found.nearest.expect("the nearest");
    assert!(
        nearest
            .holds
            .iter()
            .any(|it| it.requirement == "latency_p95_s" && it.share == 0.0)
    );
}
