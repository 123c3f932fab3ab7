//! A scenario written out again: with what it inherits and with every default, as TOML that reads back to the same
//! scenario; and its digest, which is taken over the same text with tables sorted and files replaced by their contents.

mod models;
mod parts;
mod quantities;
mod strategies;
mod text;

use sha2::{Digest as _, Sha256};

use super::reader::hex;
use super::types::Scenario;

pub(super) use text::{key, number, string, value as canonical_value};

/// What the text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// For people and for reading back: tables in file order, files by name.
    Resolved,
    /// For the digest: tables sorted by name, files by content.
    Digest,
}

/// The scenario as TOML after `extends` and defaults: what will be simulated. Fields that mean something by their
/// absence ("not modelled", "the provider's own") stay absent. Reads back to the same digest.
#[must_use]
pub fn resolved_toml(scenario: &Scenario) -> String {
    parts::whole(scenario, Form::Resolved)
}

/// `sha256` of the canonical form, in hexadecimal.
pub(super) fn digest(scenario: &Scenario) -> String {
    hex(&Sha256::digest(parts::whole(scenario, Form::Digest)))
}

/// One quantity as it would be written.
pub(super) fn quantity(written: &crate::quantity::Quantity) -> String {
    quantities::quantity(written, Form::Resolved)
}
