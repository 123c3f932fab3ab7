//! TOML files as their authors see them: every value keeps its place, several problems are reported at once,
//! and an unknown name comes back with the nearest valid one.

mod problem;

pub use problem::{Problem, Problems, Source};
