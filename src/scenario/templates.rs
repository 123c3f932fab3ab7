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
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "support-chatbot",
        about: "customer support chatbot: 10,000 conversations a day on current models",
        text: include_str!("../../scenarios/support-chatbot.toml"),
    },
    Template {
        name: "support-chatbot-gpt4",
        about: "the same on GPT-4, as published figures have it",
        text: include_str!("../../scenarios/support-chatbot-gpt4.toml"),
    },
    Template {
        name: "rag-search",
        about: "retrieval-augmented search: where the money goes, and what may be cut",
        text: include_str!("../../scenarios/rag-search.toml"),
    },
    Template {
        name: "document-summariser",
        about: "summaries of long documents: batch prices, cheap tiers, what does not fit",
        text: include_str!("../../scenarios/document-summariser.toml"),
    },
    Template {
        name: "code-assistant",
        about: "coding assistant: chains of calls with tools, and what prompt caching saves",
        text: include_str!("../../scenarios/code-assistant.toml"),
    },
    Template {
        name: "bulk-classification",
        about: "classification and extraction in bulk: a fine-tuned small model or a large one",
        text: include_str!("../../scenarios/bulk-classification.toml"),
    },
    Template {
        name: "self-hosted-assistant",
        about: "assistant for sensitive data on servers of one's own: fixed, elastic or bought",
        text: include_str!("../../scenarios/self-hosted-assistant.toml"),
    },
    Template {
        name: "gateway-outage",
        about: "a gateway while its first provider is down: retries, breaker, fallback",
        text: include_str!("../../scenarios/gateway-outage.toml"),
    },
    Template {
        name: "conversation-service",
        about: "conversation service with the rate and tokens of a public production log",
        text: include_str!("../../scenarios/conversation-service.toml"),
    },
];

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
