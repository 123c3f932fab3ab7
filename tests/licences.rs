//! Every dependency of the binary has a licence that lets us ship it.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// Licences that we accept; a dependency needs one of those it offers.
const ACCEPTED: [&str; 12] = [
    "MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Unicode-3.0", "Zlib", "0BSD", "BSL-1.0", "CC0-1.0", "Unlicense",
    "Apache-2.0 WITH LLVM-exception",
];

fn accepted(expression: &str) -> bool {
    // The old way of writing OR is a slash.
    let expression = expression.replace('/', " OR ");
    let alternatives = expression.split(" OR ").map(|part| part.trim().trim_matches(['(', ')']));
    alternatives.into_iter().any(|alternative| {
        alternative.split(" AND ").all(|licence| ACCEPTED.contains(&licence.trim().trim_matches(['(', ')'])))
    })
}

#[test]
fn every_dependency_may_be_shipped() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 30);
    let refused: BTreeSet<String> = packages
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(accepted))
        .map(|package| format!("{} {}: {}", package["name"], package["version"], package["license"]))
        .collect();
    assert!(refused.is_empty(), "licences to look at: {refused:#?}");
}

#[test]
fn expressions_are_read_as_they_are_meant() {
    assert!(accepted("MIT OR Apache-2.0"));
    assert!(accepted("(MIT OR Apache-2.0) AND Unicode-3.0"));
    assert!(accepted("MIT/Apache-2.0"));
    assert!(!accepted("GPL-3.0-only"));
    assert!(!accepted("MIT AND GPL-3.0-only"));
}
