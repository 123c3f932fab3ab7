//! How soon commands answer that people and pipelines wait for: `cargo bench --bench commands`. Each run is a process of
//! its own, as in a shell. Figures: docs/performance.md.

use std::path::Path;
use std::process::{Command, Stdio};

use divan::Bencher;

fn main() {
    divan::main();
}

fn gonogo(folder: &Path, arguments: &[&str]) {
    Command::new(env!("CARGO_BIN_EXE_gonogo"))
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("gonogo runs");
}

/// In a project that `gonogo init` has just written.
#[divan::bench(args = ["--help", "validate", "check --no-simulate", "review list", "prices show openai:gpt-4o"])]
fn command(bencher: Bencher, line: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    gonogo(folder.path(), &["init"]);
    let arguments: Vec<&str> = line.split(' ').collect();
    bencher.bench(|| gonogo(folder.path(), &arguments));
}
