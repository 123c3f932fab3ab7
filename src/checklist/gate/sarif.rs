use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::safe::line;
use super::{Finding, Gate, Level};

/// SARIF 2.1.0 (OASIS, 2020): only what fails; waived results carry a suppression.
pub(super) fn write(gate: &Gate<'_>) -> String {
    let mut rules: BTreeMap<&str, Value> = BTreeMap::new();
    for finding in &gate.findings {
        rules
            .entry(&finding.rule)
            .or_insert_with(|| rule(gate, finding));
    }
    let order: Vec<&str> = rules.keys().copied().collect();
    let results: Vec<Value> = gate
        .findings
        .iter()
        .map(|finding| result(gate, finding, &order))
        .collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "gonogo",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.into_values().collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

/// SARIF messages know links and placeholders; brackets and braces are escaped so that text stays text.
fn message(text: &str) -> String {
    line(text)
        .replace('\\', "\\\\")
        .replace('[', "\\[")
        .replace(']', "\\]")
        .replace('{', "{{")
        .replace('}', "}}")
}

fn rule(gate: &Gate<'_>, finding: &Finding) -> Value {
    let state = gate
        .verdict
        .questions
        .iter()
        .find(|state| state.key.to_string() == finding.rule);
    match state {
        Some(state) => json!({
            "id": line(&finding.rule),
            "name": line(&state.question.short),
            "shortDescription": { "text": line(&state.question.ask) },
            "fullDescription": { "text": line(&format!("{} {}", state.question.ask, state.question.why)) },
            "help": { "text": line(&format!("{} {}", state.question.how, state.question.proof)) },
            "defaultConfiguration": { "level": "error" },
            "properties": { "severity": state.question.severity.to_string() },
        }),
        None => json!({
            "id": line(&finding.rule),
            "shortDescription": { "text": line(&finding.rule) },
            "defaultConfiguration": { "level": "error" },
        }),
    }
}

fn result(gate: &Gate<'_>, finding: &Finding, rules: &[&str]) -> Value {
    let index = rules
        .iter()
        .position(|rule| *rule == finding.rule)
        .unwrap_or_default();
    let mut result = json!({
        "ruleId": line(&finding.rule),
        "ruleIndex": index,
        "level": if finding.level == Level::Error { "error" } else { "warning" },
        "message": { "text": message(&finding.message) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&gate.repository_file()) },
                "region": { "startLine": finding.line, "startColumn": finding.column },
            },
        }],
        // The same finding in another run keeps its identity when lines move.
        "partialFingerprints": { "gonogo/v1": super::super::read::sha256(&format!("{} {}", finding.rule, finding.message)) },
    });
    if let (Some(accepted), Some(object)) = (&finding.accepted, result.as_object_mut()) {
        object.insert(
            "suppressions".to_owned(),
            json!([{ "kind": "external", "status": "accepted", "justification": line(accepted) }]),
        );
    }
    result
}

/// A relative reference (RFC 3986): everything but unreserved characters and `/` is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
