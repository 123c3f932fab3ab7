//! The JSON Schema of a report's JSON form, `gonogo.report/1`. One table of fields; a test holds written reports
//! against it.

use serde_json::{Value, json};

use crate::reading::schema::{DRAFT, Field, Nulls, object, rows};

use super::value::SCHEMA;

const FIELDS: &[Field] = &[
    ("schema", "string", "`gonogo.report/1`"),
    ("notice", "string", "what every report says of itself"),
    ("style", "string", "`executive`, `full` or `audit`"),
    ("as_of", "string", "the day it was judged at"),
    ("subject", "object", "what is decided"),
    (
        "subject.system",
        "string",
        "the system, or the scenario's name",
    ),
    ("subject.release", "string?", "its release"),
    ("subject.commit", "string?", "its commit"),
    ("subject.stage", "string?", "`pilot`, `launch` or `scale`"),
    ("subject.confidentiality", "string?", "who may read it"),
    ("verdict", "object?", "null without a review"),
    (
        "verdict.outcome",
        "string",
        "`GO`, `CONDITIONAL GO`, `INCOMPLETE` or `NO-GO`",
    ),
    (
        "verdict.without_waivers",
        "string",
        "what it would be if no waiver counted",
    ),
    ("verdict.why", "string", "why, in one sentence"),
    (
        "verdict.hidden_blockers",
        "array",
        "blockers that do not count: by tags, by stage, answered `na`",
    ),
    ("facts", "array", "the ten facts of the first page"),
    ("facts[].id", "string", "its name"),
    ("facts[].label", "string", "what it is about"),
    ("facts[].value", "string", "what it says"),
    ("facts[].detail", "array", "what belongs to it"),
    ("missing", "array", "what the report could not say, and why"),
    ("chosen", "object?", "the strategy of the first page"),
    ("chosen.strategy", "string", "its name"),
    ("chosen.why", "string", "why this one"),
    (
        "slo_confidence",
        "number",
        "share of months that must hold a promise",
    ),
    (
        "latency_slo_s",
        "number?",
        "the promised p95 latency, seconds",
    ),
    (
        "failure_slo",
        "number?",
        "the promised share of failed requests",
    ),
    ("budgets", "array", "by volume"),
    (
        "budgets[].volume",
        "number",
        "multiple of the launch volume",
    ),
    ("budgets[].usd", "number", "US dollars a month"),
    (
        "budgets[].approved",
        "boolean",
        "in the review; else planned in the scenario",
    ),
    ("budgets[].note", "string", "who approved it, and when"),
    (
        "budgets[].over",
        "number?",
        "share of the chosen strategy's months above it",
    ),
    (
        "budgets[].over_bounds",
        "array?",
        "95% bounds of that share",
    ),
    ("findings", "array", "what stands out, in sentences"),
    ("blockers", "array", "blockers that are not met"),
    ("blockers[].key", "string", "the question"),
    ("blockers[].short", "string", "in a few words"),
    ("blockers[].state", "string", "what stands against it"),
    ("blockers[].clears", "string", "what would clear it"),
    (
        "steps",
        "array",
        "what would change the verdict, shortest first",
    ),
    ("steps[].text", "string", "what is the matter"),
    ("steps[].command", "string", "what to type"),
    (
        "steps[].lifts",
        "string",
        "the verdict it helps to leave behind",
    ),
    ("sections", "array", "sections of the checklists, counted"),
    ("sections[].checklist", "string", "the checklist"),
    ("sections[].title", "string", "the section"),
    ("sections[].met", "integer", "questions met"),
    (
        "sections[].on_record",
        "integer",
        "questions whose risk is waived",
    ),
    ("sections[].open", "integer", "questions open"),
    (
        "sections[].against",
        "integer",
        "questions answered against",
    ),
    ("waivers", "array", "risks on record"),
    ("waivers[].key", "string", "the question"),
    ("waivers[].reason", "string", "why the risk is taken"),
    ("waivers[].risk", "string", "how large it is"),
    (
        "waivers[].compensating",
        "string",
        "what works against it today",
    ),
    ("waivers[].approved", "string", "by whom, and when"),
    ("waivers[].expires", "string", "last day"),
    ("waivers[].state", "string", "whether it counts"),
    ("signoffs", "array", "signatures"),
    ("signoffs[].role", "string", "the role"),
    (
        "signoffs[].required",
        "boolean",
        "whether the review requires it",
    ),
    ("signoffs[].name", "string", "who signed"),
    ("signoffs[].state", "string", "in words"),
    ("signoffs[].at", "string", "when"),
    (
        "questions",
        "array",
        "every question that counts, with its answer",
    ),
    ("questions[].key", "string", "the question"),
    ("questions[].section", "string", "its section"),
    ("questions[].ask", "string", "what is asked"),
    (
        "questions[].severity",
        "string",
        "`blocker`, `major` or `minor`",
    ),
    ("questions[].status", "string", "what was answered"),
    (
        "questions[].state",
        "string",
        "met, or what stands against it",
    ),
    (
        "questions[].simulator",
        "array",
        "what the simulator says, rule by rule",
    ),
    ("questions[].note", "string", "empty in executive style"),
    ("questions[].people", "string", "empty in executive style"),
    ("questions[].evidence", "array", "empty in executive style"),
    (
        "questions[].clauses",
        "array",
        "clauses of standards that it answers",
    ),
    (
        "assumptions",
        "array",
        "what the numbers rest on, what moves an answer most first",
    ),
    ("assumptions[].path", "string", "its path in the scenario"),
    (
        "assumptions[].value",
        "string",
        "as written; empty where a default was taken",
    ),
    ("assumptions[].spread", "string", "in words"),
    ("assumptions[].source", "string", "where it comes from"),
    (
        "assumptions[].sourced",
        "boolean",
        "whether somebody named a source",
    ),
    (
        "assumptions[].standing",
        "string",
        "`measured`, `vendor` or `assumed`",
    ),
    (
        "assumptions[].moves",
        "number?",
        "largest share of an answer's spread that it explains",
    ),
    (
        "origin",
        "array",
        "what it was made from: pairs of name and value",
    ),
    ("commands", "array", "commands that make it again"),
    (
        "inputs",
        "object",
        "digests of the inputs by name, for `gonogo report --verify`",
    ),
    ("redacted", "array", "what was left out on request"),
    ("changes", "object?", "what changed since an earlier report"),
    ("changes.since", "string", "its day"),
    ("changes.gaps", "array", "what could not be compared"),
    ("changes.lines", "array", "one after the other"),
    (
        "changes.lines[].kind",
        "string",
        "`verdict`, `answer`, `evidence`, `assumption` or `number`",
    ),
    ("changes.lines[].name", "string", "which"),
    ("changes.lines[].before", "string", "what it was"),
    ("changes.lines[].after", "string", "what it is"),
    (
        "changes.lines[].beyond_chance",
        "boolean?",
        "for numbers: more than chance explains",
    ),
    (
        "history",
        "array",
        "every change to the review, in audit style",
    ),
    ("history[].when", "string", "when"),
    ("history[].who", "string", "who"),
    ("history[].path", "string", "the field"),
    ("history[].from", "string", "what stood there"),
    ("history[].to", "string", "what stands there"),
    ("analyses", "object", "what the analyses found"),
    ("analyses.compared", "array", "what each mechanism saves"),
    ("analyses.moved", "array", "which inputs move which answer"),
    ("analyses.headroom", "array", "how far volume can grow"),
    (
        "analyses.drills",
        "array",
        "what users get while something is wrong",
    ),
    ("analyses.forecast", "object?", "the months to come"),
    (
        "cells",
        "array?",
        "strategies × volumes; null where nothing was simulated",
    ),
    ("cells[].strategy", "string", "the strategy"),
    ("cells[].volume", "number", "multiple of the launch volume"),
    ("cells[].months", "integer", "simulated months"),
    (
        "cells[].metrics",
        "object",
        "by name: mean, se, p05, p50, p80, p95, sd_facts, sd_chance",
    ),
    (
        "cells[].not_modelled",
        "array",
        "metrics whose mechanism the scenario does not state",
    ),
    (
        "cells[].binding",
        "array",
        "limits and queues, what refused most first",
    ),
];

/// The JSON Schema (draft 2020-12).
#[must_use]
pub fn json_schema() -> Value {
    let mut root = json!({
        "$schema": DRAFT,
        "$id": SCHEMA,
        "title": "gonogo report",
        "description": "What `gonogo report --format json` writes. Later versions may add fields.",
    });
    if let (Some(root), Value::Object(fields)) =
        (root.as_object_mut(), object(FIELDS, "", Nulls::Written))
    {
        root.extend(fields);
    }
    if let Some(schema) = root.pointer_mut("/properties/schema") {
        *schema = json!({ "const": SCHEMA, "description": "the version of this form" });
    }
    root
}

/// The same as a table in Markdown.
#[must_use]
pub fn schema_markdown() -> String {
    format!(
        "# The JSON form of a report, `{SCHEMA}`\n\n{}",
        rows(FIELDS)
    )
}
