//! The scenarios that ship inside the binary. Each is a file under `scenarios/`, readable on its own.

use std::sync::Arc;

use crate::reading::{Problems, Source};

use super::types::Scenario;

/// A scenario that ships inside the binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Its name, on the command line and as a file.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// The file.
    pub text: &'static str,
}

/// All of them; the first is what runs when no file is named.
pub const TEMPLATES: &[Template] = &[Template {
    name: "support-chatbot",
    about: "customer support chatbot: 10,000 conversations a day on current models",
    text: include_str!("../../scenarios/support-chatbot.toml"),
}];

/// What runs when no file is named.
pub const DEFAULT: &Template = &TEMPLATES[0];

/// The template with a name.
#[must_use]
pub fn template(name: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.name == name)
}

impl Template {
    /// Its text as a source, named so that nobody looks for it on disk.
    #[must_use]
    pub fn source(&self) -> Arc<Source> {
        Source::new(format!("<embedded {}>", self.name), self.text)
    }

    /// The scenario.
    ///
    /// # Errors
    /// None for what ships; a test reads them all.
    pub fn scenario(&self) -> Result<Scenario, Problems> {
        Scenario::parse(self.source(), None)
    }
}
