//! The same scenario, seed and months give the same bytes: for any number of threads, in debug and release.

use std::fmt::Write as _;

use gonogo::model;
use gonogo::prices::Catalogue;
use gonogo::reading::Source;
use gonogo::scenario::Scenario;
use gonogo::study::{Plan, Unwatched, run_exact};
use sha2::{Digest as _, Sha256};

/// Every kind of law, limits, caches, outages, hedges and a hosted model, small enough for a debug build.
const SMALL: &str = include_str!("data/every-mechanism.toml");

fn study(threads: usize, months: u32) -> String {
    let scenario = Scenario::parse(Source::new("every-mechanism.toml", SMALL), None)
        .expect("a valid scenario");
    let model = model::compile(&scenario, Catalogue::embedded()).expect("known models");
    let plan = Plan {
        threads,
        months,
        ..Plan::of(&model)
    };
    serde_json::to_string(&run_exact(&model, &plan, &Unwatched).expect("a study").study)
        .expect("JSON")
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let one = study(1, 6);
    assert_eq!(one, study(2, 6));
    assert_eq!(one, study(7, 6));
}

#[test]
fn an_odd_number_of_months_is_simulated_as_asked() {
    let document = study(2, 3);
    assert!(document.contains("\"months\":3"), "{}", &document[..300]);
}

/// The digest of the document is the same in every build: a change here is a change of everybody's numbers, and belongs
/// into the changelog.
#[test]
fn every_build_gives_the_same_bytes() {
    let document = study(2, 4);
    // What the package is called is not what it computes.
    let document = document.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let digest =
        Sha256::digest(document.as_bytes())
            .iter()
            .fold(String::new(), |mut text, byte| {
                write!(text, "{byte:02x}").expect("text grows");
                text
            });
    insta::assert_snapshot!("every_mechanism_digest", digest);
}
