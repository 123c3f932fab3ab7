//! TOML files as their authors see them: every value keeps its place, several problems are reported at once,
//! and an unknown name comes back with the nearest valid one.
//!
//! [`Source`] is a file's text, [`open`] and [`parse`] get it and take its syntax apart, [`Table`] and [`Field`] walk
//! it while a [`Walk`] collects [`Problem`]s and places, and [`render`] lays problems out for a terminal in the way
//! that compilers do: message, place, the line with a caret, what was expected, the way out. Nothing here prints,
//! and nothing here knows what the files are about. [`log`] reads the other kind of file: logs of requests, in columns
//! ([`sheet`]) or as JSON. `schema` describes files and documents to editors and machines.

pub mod log;
mod nearest;
mod problem;
mod render;
pub(crate) mod schema;
pub mod sheet;
mod text;
mod walk;

pub use nearest::{listing, nearest};
pub use problem::{Problem, Problems, Source};
pub use render::{harmless, render};
pub use text::{Node, open, parse};
pub use walk::{Field, Table, Walk};
