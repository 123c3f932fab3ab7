//! The app as its user meets it: the real binary in a pseudo-terminal, measured, or recorded as a moving picture.
//!
//! ```text
//! cargo bench --bench terminal                        figures, as in docs/performance.md
//! cargo bench --bench terminal -- record docs/app.svg the recording of the README
//! ```
//! `GONOGO_BIN` names another binary than the one that was built along.

#[path = "../tests/tui/term.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod term;

#[path = "terminal/measure.rs"]
mod measure;
#[path = "terminal/record.rs"]
mod record;
#[path = "terminal/svg.rs"]
mod svg;

fn main() {
    // Cargo adds --bench.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    match words.as_slice() {
        [verb, file] if verb == "record" => record::record(std::path::Path::new(file)),
        _ => measure::measure(),
    }
}
