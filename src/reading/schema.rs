//! JSON Schemas, and the same as tables in Markdown: one builder for every file and document.
//!
//! A schema is made in one of two ways. Documents that are only written (a study, a report) are a flat list of
//! [`Field`]s, each with its whole path, see [`object`] and [`rows`]. Files that people write are built from the inside
//! out, of [`table`], [`list`], [`text`] and their kin, and [`markdown`] reads the table off the schema.

use serde_json::{Map, Value, json};

/// The draft of JSON Schema that all of them follow.
pub(crate) const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A field of a document: its dotted path (`[]`: each entry of a list, `*`: each value of a map), its JSON type (`?`: may
/// be null), and what it is.
pub(crate) type Field = (&'static str, &'static str, &'static str);

/// What becomes of a field that may be null when it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// It is written as null: every field is there.
    Written,
    /// It may be absent.
    LeftOut,
}

/// The schema of the object right below a path, which ends in a dot or is empty.
pub(crate) fn object(fields: &[Field], path: &str, nulls: Nulls) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (full, kind, about) in fields {
        let Some(name) = full
            .strip_prefix(path)
            .filter(|name| !name.contains(['.', '[', '*']))
        else {
            continue;
        };
        let bare = kind.trim_end_matches('?');
        let never_null = bare == *kind;
        if never_null || nulls == Nulls::Written {
            required.push(name);
        }
        let types = if never_null {
            json!(bare)
        } else {
            json!([bare, "null"])
        };
        let mut property = Map::from_iter([
            ("type".to_owned(), types),
            ("description".to_owned(), json!(about)),
        ]);
        let (values, entries, inner) = (
            format!("{full}.*."),
            format!("{full}[]."),
            format!("{full}."),
        );
        let has = |below: &String| {
            fields
                .iter()
                .any(|(other, ..)| other.starts_with(below.as_str()))
        };
        if has(&values) {
            let each = object(fields, &values, nulls);
            property.insert("additionalProperties".to_owned(), each);
        } else if has(&entries) {
            property.insert("items".to_owned(), object(fields, &entries, nulls));
        } else if has(&inner)
            && let Value::Object(below) = object(fields, &inner, nulls)
        {
            property.extend(below.into_iter().filter(|(key, _)| key != "type"));
        }
        properties.insert(name.to_owned(), Value::Object(property));
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

/// The fields of a document as a table in Markdown, its head included.
pub(crate) fn rows(fields: &[Field]) -> String {
    let mut out = "| field | type | is |\n| --- | --- | --- |\n".to_owned();
    for (path, kind, about) in fields {
        let kind = kind
            .strip_suffix('?')
            .map_or_else(|| (*kind).to_owned(), |bare| format!("{bare} or null"));
        out.extend(["| `", path, "` | ", &kind, " | ", about, " |\n"]);
    }
    out
}

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

pub(crate) fn root(title: &str, mut schema: Value) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".to_owned(), json!(DRAFT));
        schema.insert("title".to_owned(), json!(title));
    }
    schema
}

pub(crate) fn table<const N: usize>(
    about: &str,
    required: &[&str],
    keys: [(&str, Value); N],
) -> Value {
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
pub(crate) fn named(about: &str, one: &Value) -> Value {
    json!({ "description": about, "type": "object", "additionalProperties": one })
}

pub(crate) fn list(about: &str, one: &Value) -> Value {
    json!({ "description": about, "type": "array", "items": one })
}

pub(crate) fn text(about: &str) -> Value {
    json!({ "description": about, "type": "string" })
}

pub(crate) fn id(about: &str) -> Value {
    json!({ "description": format!("{about} Letters, digits, `-` and `_`."), "type": "string" })
}

pub(crate) fn word(about: &str, words: &[&str]) -> Value {
    json!({ "description": about, "enum": words })
}

pub(crate) fn flag(about: &str, default: bool) -> Value {
    json!({ "description": about, "type": "boolean", "default": default })
}

pub(crate) fn whole(about: &str, minimum: u32) -> Value {
    json!({ "description": about, "type": "integer", "minimum": minimum })
}

pub(crate) fn number(about: &str) -> Value {
    json!({ "description": about, "type": "number" })
}

pub(crate) fn above_zero(about: &str) -> Value {
    json!({ "description": about, "type": "number", "exclusiveMinimum": 0 })
}

pub(crate) fn share(about: &str) -> Value {
    json!({ "description": about, "type": "number", "exclusiveMinimum": 0, "maximum": 1 })
}

pub(crate) fn day(about: &str) -> Value {
    json!({ "description": about, "type": "string", "format": "date" })
}

pub(crate) fn time(about: &str) -> Value {
    json!({ "description": about, "type": "string", "format": "date-time" })
}

pub(crate) fn version() -> Value {
    json!({ "description": "Version of the file's form.", "const": 1 })
}
