//! Every scenario that ships is readable, runs under every strategy, and loses no request.

use std::path::{Path, PathBuf};

use gonogo::engine::ledger::Outcome;
use gonogo::model::{self, Model};
use gonogo::prices::Catalogue;
use gonogo::reading::Source;
use gonogo::scenario::{Scenario, TEMPLATES};
use gonogo::study;
use toml_edit::{DocumentMut, Item, value};

fn compiled(name: &str, text: &str, folder: Option<&Path>) -> Model {
    let scenario = Scenario::parse(Source::new(name, text), folder)
        .unwrap_or_else(|problems| panic!("{problems}"));
    model::compile(&scenario, Catalogue::embedded()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The same scenario, at most so many days long, and how many days it is as it ships.
fn shortened(text: &str, days: i64) -> (String, i64) {
    let mut document: DocumentMut = text.parse().expect("TOML");
    let ships = document["study"]
        .get("days")
        .and_then(Item::as_integer)
        .unwrap_or(30);
    document["study"]["days"] = value(days.min(ships));
    (document.to_string(), ships)
}

#[test]
fn every_shipped_file_is_registered_or_needs_a_log() {
    let mut files: Vec<String> =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"))
            .expect("scenarios/")
            .filter_map(|entry| {
                Path::new(&entry.ok()?.file_name())
                    .file_stem()
                    .map(|stem| stem.to_string_lossy().into_owned())
            })
            .filter(|name| !name.ends_with("-from-log"))
            .collect();
    files.sort();
    let mut registered: Vec<&str> = TEMPLATES.iter().map(|template| template.name).collect();
    registered.sort_unstable();
    assert_eq!(files, registered);
}

#[test]
fn every_shipped_scenario_compiles_without_a_warning() {
    for template in TEMPLATES {
        let model = compiled(template.name, template.text, None);
        assert_eq!(model.warnings, Vec::<String>::new(), "{}", template.name);
    }
}

#[test]
fn every_shipped_scenario_asks_for_launch_and_ten_times_that() {
    for template in TEMPLATES {
        assert_eq!(
            compiled(template.name, template.text, None).volumes,
            [1.0, 10.0],
            "{}",
            template.name
        );
    }
}

#[test]
fn outcomes_sum_to_requests_in_every_shipped_scenario_under_every_strategy() {
    for template in TEMPLATES {
        let model = compiled(template.name, &shortened(template.text, 1).0, None);
        for (index, strategy) in model.strategies.iter().enumerate() {
            let what = format!("{} under {}", template.name, strategy.name);
            let month =
                study::month(&model, index, 0.5, 1, 0, None).unwrap_or_else(|| panic!("{what}"));
            let ledger = &month.ledger;
            assert!(
                ledger.requests > 100,
                "{what}: {} requests",
                ledger.requests
            );
            assert_eq!(
                ledger.outcomes.iter().sum::<u64>(),
                ledger.requests,
                "{what}"
            );
            let failed = ledger.count(Outcome::Failed);
            assert_eq!(ledger.reasons.iter().sum::<u64>(), failed, "{what}");
            assert!(month.full_service_usd > 0.0, "{what}");
        }
    }
}

#[test]
#[cfg_attr(
    debug_assertions,
    ignore = "minutes long without optimisation: cargo test --release"
)]
fn at_ten_times_the_volume_outcomes_sum_to_requests_and_a_month_has_fewer_than_15_million() {
    for template in TEMPLATES {
        let (week, ships) = shortened(template.text, 7);
        let model = compiled(template.name, &week, None);
        for (index, strategy) in model.strategies.iter().enumerate() {
            let what = format!("{} under {}", template.name, strategy.name);
            let month =
                study::month(&model, index, 10.0, 1, 0, None).unwrap_or_else(|| panic!("{what}"));
            let ledger = &month.ledger;
            assert_eq!(
                ledger.outcomes.iter().sum::<u64>(),
                ledger.requests,
                "{what}"
            );
            let in_a_month = ledger.requests as f64 * ships as f64 / ships.min(7) as f64;
            assert!(in_a_month < 15e6, "{what}: {in_a_month} requests a month");
        }
    }
}

/// The public log, where it lies beside the checkout or where `GONOGO_DATA` says.
fn log() -> Option<PathBuf> {
    let folder = std::env::var_os("GONOGO_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    folder
        .join("azure2023_conv.csv.gz")
        .is_file()
        .then_some(folder)
}

#[test]
fn the_quantiles_of_the_conversation_service_are_those_of_its_log() {
    let Some(folder) = log() else {
        println!("skipped: no azure2023_conv.csv.gz beside the checkout");
        return;
    };
    let from_log = include_str!("../../scenarios/conversation-service-from-log.toml");
    let from_log = compiled("from its log", from_log, Some(&folder));
    let template = gonogo::scenario::template("conversation-service").expect("it ships");
    let from_quantiles = compiled(template.name, template.text, None);
    let months = |model: &Model| {
        let month = study::month(model, 0, 0.2, 1, 0, None).expect("a month");
        let ledger = &month.ledger;
        let requests = ledger.requests as f64;
        [
            ledger.bill.iter().sum::<f64>() / requests,
            ledger.latency.quantile(0.5),
            ledger.latency.quantile(0.95),
            ledger.latency_sum / requests,
        ]
    };
    // Some 100,000 requests with a coefficient of variation below 1: a standard error of a third of a percent.
    for (measured, expected) in months(&from_quantiles).into_iter().zip(months(&from_log)) {
        assert!(
            (measured / expected - 1.0).abs() < 0.03,
            "{measured} for {expected}"
        );
    }
}
