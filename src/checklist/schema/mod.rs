//! The JSON Schemas of a checklist and of a review: editors complete and check with them.
//!
//! They say which keys there are, what each is for, and of what kind it is. What only reading can tell (an answer to a
//! question that no checklist asks, a waiver that is too long) is left to `gonogo validate`. The words that a key may
//! take come from the types themselves, so the two cannot drift apart; a test holds the keys against the reader's.

mod checklist;
mod review;

use serde_json::{Map, Value, json};

pub use checklist::checklist_schema;
pub use review::review_schema;

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A schema as a Markdown table: path, kind, meaning.
#[must_use]
pub fn markdown(schema: &Value) -> String {
    let mut rows = String::new();
    reference(schema, "", &mut rows);
    let of = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default();
    format!(
        "# {}\n\n{}\n\n| key | is | meaning |\n| --- | --- | --- |\n{rows}",
        of("title"),
        of("description")
    )
}

fn reference(schema: &Value, path: &str, rows: &mut String) {
    let below = |key: &str| match (path, key) {
        ("", _) => key.to_owned(),
        (_, "[]") => format!("{path}[]"),
        _ => format!("{path}.{key}"),
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    for (key, inner) in properties.into_iter().flatten() {
        let path = below(key);
        let about = inner
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let kind = match inner.get("enum").and_then(Value::as_array) {
            Some(words) => words
                .iter()
                .map(Value::to_string)
                .collect::<Vec<_>>()
                .join(", "),
            None => match inner
                .get("format")
                .or_else(|| inner.get("type"))
                .and_then(Value::as_str)
            {
                Some("object") => "table".to_owned(),
                Some("array") => "list".to_owned(),
                Some("string") => "text".to_owned(),
                Some(kind) => kind.to_owned(),
                None => format!("{}", inner.get("const").unwrap_or(&Value::Null)),
            },
        };
        rows.push_str(&format_args!("| `{path}` | {kind} | {about} |\n").to_string());
        reference(inner, &path, rows);
    }
    if let Some(inner) = schema
        .get("additionalProperties")
        .filter(|inner| inner.is_object())
    {
        reference(inner, &below("NAME"), rows);
    }
    if let Some(inner) = schema.get("items") {
        reference(inner, &below("[]"), rows);
    }
}

fn root(title: &str, mut schema: Value) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".to_owned(), json!(DRAFT));
        schema.insert("title".to_owned(), json!(title));
    }
    schema
}

fn table<const N: usize>(about: &str, required: &[&str], keys: [(&str, Value); N]) -> Value {
    let properties: Map<String, Value> = keys
        .into_iter()
        .map(|(key, schema)| (key.to_owned(), schema))
        .collect();
    let mut schema = json!({ "description": about, "type": "object", "additionalProperties": false, "properties": properties });
    if let (Some(schema), false) = (schema.as_object_mut(), required.is_empty()) {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

/// A table whose keys are names of the user's.
fn named(about: &str, one: &Value) -> Value {
    json!({ "description": about, "type": "object", "additionalProperties": one })
}

fn list(about: &str, one: &Value) -> Value {
    json!({ "description": about, "type": "array", "items": one })
}

fn text(about: &str) -> Value {
    json!({ "description": about, "type": "string" })
}

fn id(about: &str) -> Value {
    json!({ "description": format!("{about} Letters, digits, `-` and `_`."), "type": "string" })
}

fn word(about: &str, words: &[&str]) -> Value {
    json!({ "description": about, "enum": words })
}

fn flag(about: &str, default: bool) -> Value {
    json!({ "description": about, "type": "boolean", "default": default })
}

fn whole(about: &str, minimum: u32) -> Value {
    json!({ "description": about, "type": "integer", "minimum": minimum })
}

fn number(about: &str) -> Value {
    json!({ "description": about, "type": "number" })
}

fn above_zero(about: &str) -> Value {
    json!({ "description": about, "type": "number", "exclusiveMinimum": 0 })
}

fn share(about: &str) -> Value {
    json!({ "description": about, "type": "number", "exclusiveMinimum": 0, "maximum": 1 })
}

fn day(about: &str) -> Value {
    json!({ "description": about, "type": "string", "format": "date" })
}

fn time(about: &str) -> Value {
    json!({ "description": about, "type": "string", "format": "date-time" })
}

fn version() -> Value {
    json!({ "description": "Version of the file's form.", "const": 1 })
}
