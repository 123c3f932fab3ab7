//! The scenario file: what a feature is, what it runs on, and which ways of building it are compared.
//!
//! [`Scenario`] is what was written, with `extends` resolved, quantities parsed, and the place of every field kept.
//! Catalogue look-ups and defaults that depend on a provider happen later, in `model`.
//!
//! [`fields`] is the one table of fields; the reader, the JSON Schema and the reference are written from it.

mod canonical;
mod column;
mod effort;
mod extends;
pub mod fields;
mod parse;
mod presets;
mod read;
mod reader;
mod reference;
mod schema;
mod starter;
mod templates;
pub mod types;

pub use canonical::resolved_toml;
pub use effort::{Effort, VolumeEffort, effort};
pub use presets::{CLIENTS, client, hours_of_day};
pub use read::INCIDENT_PRESETS;
pub use reference::markdown;
pub use schema::json_schema;
pub use starter::{LENGTHS, Starter};
pub use templates::{DEFAULT, TEMPLATES, Template, template};
pub use types::Scenario;
