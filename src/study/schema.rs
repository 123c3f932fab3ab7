//! The JSON Schema of a study, `gonogo.study/1`. One table of fields; a test holds written studies against it.

use serde_json::{Value, json};

use crate::reading::schema::{DRAFT, Field, Nulls, object, rows};

use super::document::SCHEMA;

const FIELDS: &[Field] = &[
    ("schema", "string", "`gonogo.study/1`"),
    ("scenario", "object", "what was simulated"),
    ("scenario.name", "string", "what it is called"),
    (
        "scenario.digest",
        "string",
        "sha256 of the resolved scenario",
    ),
    ("catalogue_date", "string", "day of the price catalogue"),
    (
        "catalogue_digest",
        "string",
        "sha256 of the price catalogue",
    ),
    ("gonogo_version", "string", "the gonogo that simulated"),
    ("seed", "integer", "seed of all randomness"),
    ("estimator", "string", "`exact` or `fast`"),
    ("cells", "array", "one for each strategy and volume"),
    (
        "drills",
        "array",
        "scripted incidents that were run; each has the fields of a cell, too",
    ),
    (
        "warnings",
        "array",
        "what the reader should know before trusting the numbers",
    ),
    ("assumed", "array", "numbers that nobody gave a source for"),
    ("assumed[].path", "string", "dotted path in the scenario"),
    ("assumed[].why", "string", "where the default came from"),
    (
        "sensitivity",
        "array?",
        "which uncertain inputs move which metric",
    ),
];

const CELL: &[Field] = &[
    ("strategy", "string", "name of the strategy"),
    ("volume", "number", "multiple of the launch volume"),
    ("months", "integer", "simulated months; in a drill, runs"),
    ("models", "array", "models that the strategy can call"),
    (
        "metrics",
        "object",
        "statistics over months, by dotted name",
    ),
    ("metrics.*.mean", "number", "mean"),
    (
        "metrics.*.se",
        "number?",
        "standard error of the mean; null from a single month",
    ),
    ("metrics.*.p05", "number", "5% quantile"),
    ("metrics.*.p50", "number", "median"),
    ("metrics.*.p80", "number", "80% quantile"),
    ("metrics.*.p95", "number", "95% quantile"),
    (
        "metrics.*.sd_facts",
        "number?",
        "standard deviation from what is not known",
    ),
    (
        "metrics.*.sd_chance",
        "number?",
        "standard deviation from chance",
    ),
    (
        "by_month",
        "object",
        "sorted values by month of the metrics that rules ask",
    ),
    (
        "not_modelled",
        "array",
        "metrics whose mechanism the scenario does not state",
    ),
    ("binding", "array?", "limits and slots, the tightest first"),
    ("binding[].model", "string", "the model"),
    ("binding[].limit", "string", "name of the limit, or `slots`"),
    ("binding[].allowed", "number", "what is allowed"),
    (
        "binding[].utilisation",
        "number",
        "use over what is allowed, in the busiest hour",
    ),
    (
        "binding[].needed",
        "number",
        "use in the busiest hour if nothing were refused",
    ),
    (
        "binding[].refused",
        "number",
        "attempts that it refused, per month",
    ),
    (
        "hourly",
        "array?",
        "the 168 hours of the week from Monday midnight, per month",
    ),
    ("hourly[].requests", "number", "requests in it"),
    ("hourly[].cost", "number", "US dollars in it"),
    (
        "hourly[].latency_p95",
        "number?",
        "95% quantile of the latency in seconds",
    ),
    (
        "hourly[].failed",
        "number",
        "share of its requests that failed",
    ),
    ("requests_simulated", "integer", "requests simulated"),
    ("attempts_simulated", "integer", "attempts simulated"),
];

const DRILL: &[Field] = &[
    ("drill", "string", "name of the drill"),
    ("script", "string", "what happens, in words"),
    ("lasts_minutes", "number", "how long the incident lasts"),
    (
        "unrecovered",
        "number",
        "share of runs that had not recovered when watching ended",
    ),
    ("minutes", "array?", "minute by minute, mean over runs"),
    (
        "minutes[].minute",
        "integer",
        "minutes since the incident struck",
    ),
    ("minutes[].requests", "number", "requests sent in it"),
    (
        "minutes[].answered",
        "number",
        "share answered by the route",
    ),
    ("minutes[].cached", "number", "share answered by the cache"),
    (
        "minutes[].fallback",
        "number",
        "share answered by a fallback model",
    ),
    (
        "minutes[].stale",
        "number",
        "share that got a stale cached answer",
    ),
    (
        "minutes[].degraded",
        "number",
        "share that got a canned answer",
    ),
    (
        "minutes[].blocked",
        "number",
        "share that a guardrail blocked",
    ),
    ("minutes[].abandoned", "number", "share whose user left"),
    ("minutes[].failed", "number", "share that failed"),
    (
        "minutes[].latency_p50",
        "number?",
        "median latency of delivered answers in seconds",
    ),
    ("minutes[].latency_p95", "number?", "95% quantile of it"),
    (
        "minutes[].attempts",
        "number",
        "attempts sent to the models that the incident strikes",
    ),
    (
        "minutes[].usd",
        "number",
        "US dollars for calls, caches and checks",
    ),
    (
        "minutes[].usual_failed",
        "number",
        "without the incident: share that failed",
    ),
    (
        "minutes[].usual_latency_p95",
        "number?",
        "without the incident: p95",
    ),
    (
        "minutes[].usual_attempts",
        "number",
        "without the incident: attempts",
    ),
    (
        "minutes[].usual_usd",
        "number",
        "without the incident: US dollars",
    ),
    (
        "protections",
        "array?",
        "what the drill becomes when one protection is taken away",
    ),
    (
        "protections[].mechanism",
        "string",
        "the field of the strategy",
    ),
    (
        "protections[].runs",
        "integer",
        "runs that the differences are taken over",
    ),
    (
        "protections[].unserved",
        "array",
        "share without an answer: with it, without it",
    ),
    (
        "protections[].unserved_se",
        "number?",
        "standard error of the difference",
    ),
    ("protections[].latency_p95", "array", "with it, without it"),
    (
        "protections[].attempts_per_request",
        "array",
        "with it, without it",
    ),
    (
        "protections[].usd",
        "array",
        "US dollars per run: with it, without it",
    ),
];

/// The schema (draft 2020-12) of what `gonogo simulate --json` prints.
#[must_use]
pub fn json_schema() -> Value {
    let cell = object(CELL, "", Nulls::LeftOut);
    let mut drill = object(DRILL, "", Nulls::LeftOut);
    if let (Some(all), Some(of_cell)) = (drill.get("properties"), cell.get("properties")) {
        let mut properties = all.as_object().cloned().unwrap_or_default();
        properties.extend(of_cell.as_object().cloned().unwrap_or_default());
        drill = json!({ "type": "object", "properties": properties, "required": ["drill", "strategy", "metrics"] });
    }
    let mut root = object(FIELDS, "", Nulls::LeftOut);
    if let Some(fields) = root.as_object_mut() {
        fields.insert("$schema".to_owned(), json!(DRAFT));
        fields.insert("$id".to_owned(), json!(SCHEMA));
        fields.insert("title".to_owned(), json!("gonogo study"));
        let about = "What `gonogo simulate --json` prints. Later versions may add fields.";
        fields.insert("description".to_owned(), json!(about));
    }
    for (list, entry) in [("cells", cell), ("drills", drill)] {
        if let Some(items) = root
            .pointer_mut(&format!("/properties/{list}"))
            .and_then(Value::as_object_mut)
        {
            items.insert("items".to_owned(), entry);
        }
    }
    root
}

/// The same as tables in Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut out = format!("# A study, `{SCHEMA}`\n");
    for (title, fields) in [
        ("The document", FIELDS),
        ("A cell", CELL),
        ("A drill, beside the fields of a cell", DRILL),
    ] {
        out.extend(["\n## ", title, "\n\n", &rows(fields)]);
    }
    out
}
