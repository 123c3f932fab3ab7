//! Any bytes: the reader never panics, every problem has a place inside the text, and what reads also writes and reads
//! back to the same digest.
#![no_main]

use gonogo::reading::{Source, render};
use gonogo::scenario::{Scenario, resolved_toml};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let read = Source::from_bytes("fuzz.toml", bytes.to_vec()).and_then(|source| Scenario::parse(source, None));
    match read {
        Ok(scenario) => {
            let again = Scenario::parse(Source::new("again.toml", resolved_toml(&scenario)), None).expect("what is written reads back");
            assert_eq!(again.digest, scenario.digest);
        }
        Err(problems) => {
            assert!(!problems.list.is_empty());
            for problem in &problems.list {
                assert!(problem.span.start <= problem.span.end && problem.span.end <= problems.source.text.len());
            }
            let _ = (render(&problems, true), problems.to_string());
        }
    }
});
