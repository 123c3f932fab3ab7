//! Every dependency of the binary has a licence that lets us ship it.

use std::collections::BTreeSet;
use std::process::Command;

/// Licences that we accept; a dependency needs one of those it offers.
const ACCEPTED: [&str; 12] = [
    "MIT",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Unicode-3.0",
    "Zlib",
    "0BSD",
    "BSL-1.0",
    "CC0-1.0",
    "Unlicense",
    "Apache-2.0 WITH LLVM-exception",
];

fn accepted(expression: &str) -> bool {
    // The old way of writing OR is a slash.
    let expression = expression.replace('/', " OR ");
    let alternatives = expression
        .split(" OR ")
        .map(|part| part.trim().trim_matches(['(', ')']));
    alternatives.into_iter().any(|alternative| {
        alternative
            .split(" AND ")
            .all(|licence| ACCEPTED.contains(&licence.trim().trim_matches(['(', ')'])))
    })
}

#[test]
fn every_dependency_may_be_shipped() {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}\t{l}",
            "--locked",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo tree runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let tree = String::from_utf8(output.stdout).expect("UTF-8");
    // "(*)" marks what was listed before.
    let packages: BTreeSet<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    assert!(packages.len() > 30, "{packages:?}");
    let refused: Vec<&&str> = packages
        .iter()
        .filter(|package| {
            !package
                .split_once('\t')
                .is_some_and(|(_, licence)| accepted(licence))
        })
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
