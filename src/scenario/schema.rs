//! The JSON Schema of a scenario file, written from the table of fields: editors complete and check with it.

use serde_json::{Map, Value, json};

use super::fields::{self, Absent, Bounds, Field, Kind};

/// The schema (draft 2020-12). It accepts every form of a quantity; what only reading can tell (names that refer to
/// each other, shares that sum to 1) is left to `gonogo validate`.
#[must_use]
pub fn json_schema() -> Value {
    let mut root = object("", Map::new());
    root.insert("$schema".to_owned(), json!(crate::reading::schema::DRAFT));
    root.insert("title".to_owned(), json!("gonogo scenario"));
    let about =
        "What a GenAI feature is, what it runs on, and which ways of building it are compared.";
    root.insert("description".to_owned(), json!(about));
    root.insert("$defs".to_owned(), definitions());
    Value::Object(root)
}

/// The fields right below a pattern.
fn children(pattern: &str) -> impl Iterator<Item = &'static Field> {
    let pattern = pattern.to_owned();
    fields::all().filter(move |field| match field.path.rsplit_once('.') {
        Some((table, _)) => table == pattern,
        None => pattern.is_empty(),
    })
}

/// An object with the fields below a pattern.
fn object(pattern: &str, mut schema: Map<String, Value>) -> Map<String, Value> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("additionalProperties".to_owned(), json!(false));
    for field in children(pattern) {
        if field.key() == "*" {
            schema.insert("additionalProperties".to_owned(), one(field));
            continue;
        }
        properties.insert(field.key().to_owned(), one(field));
        // A strategy may inherit what it needs.
        if field.absent == Absent::Required && pattern != "strategies.*" {
            required.push(field.key());
        }
    }
    if !properties.is_empty() {
        schema.insert("properties".to_owned(), Value::Object(properties));
    }
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

/// The schema of one field.
fn one(field: &Field) -> Value {
    let mut forms = forms(field);
    let takes_away = field
        .path
        .strip_prefix("strategies.*.")
        .is_some_and(|key| !key.contains('.'));
    if takes_away && field.kind != Kind::Flag && field.key() != "prompt_cache" {
        forms.push(json!({ "const": false }));
    }
    let mut schema = match <[Value; 1]>::try_from(forms) {
        Ok([Value::Object(single)]) => single,
        Ok(single) => Map::from_iter([("anyOf".to_owned(), json!(single))]),
        Err(several) => Map::from_iter([("anyOf".to_owned(), json!(several))]),
    };
    schema.insert("description".to_owned(), json!(describe(field)));
    match field.absent {
        Absent::Is(number) => {
            schema.insert("default".to_owned(), number_value(number));
        }
        Absent::Toml(text) => {
            if let Ok(value) = serde_json::from_str::<Value>(text) {
                schema.insert("default".to_owned(), value);
            }
        }
        Absent::Required | Absent::Unstated(_) => {}
    }
    Value::Object(schema)
}

/// "What it is. Unit: s. Varies from request to request. Without it: 30."
fn describe(field: &Field) -> String {
    let mut text = field.about.to_owned();
    if !field.unit.is_empty() {
        text.extend([" Unit: ", field.unit, "."]);
    }
    match field.kind {
        Kind::Fact | Kind::FactOrTable => {
            text.push_str(" A fact: a spread means that it is not known.");
        }
        Kind::Draw => text.push_str(" A draw: a spread means that it varies."),
        _ => {}
    }
    if field.absent != Absent::Required {
        text.extend([" Without it: ", &field.default_in_words(), "."]);
    }
    text
}

fn forms(field: &Field) -> Vec<Value> {
    let below = || children(field.path).next().is_some();
    match field.kind {
        Kind::Fact | Kind::Draw => vec![json!({ "$ref": "#/$defs/quantity" })],
        Kind::FactOrTable => vec![
            json!({ "$ref": "#/$defs/quantity" }),
            Value::Object(object(field.path, Map::new())),
        ],
        Kind::Number => vec![bounded("number", field.bounds)],
        Kind::Integer => vec![bounded("integer", field.bounds)],
        Kind::Text => vec![json!({ "type": "string" })],
        Kind::Flag => vec![json!({ "type": "boolean" })],
        // TOML dates have no JSON type of their own; editors hand them over as text.
        Kind::Date => vec![json!({ "type": "string", "format": "date" })],
        Kind::Choice(words) => {
            let mut forms = words_of(words);
            if below() {
                forms.push(array(field));
            }
            forms
        }
        Kind::List => {
            let mut forms = vec![array(field)];
            if field.key() == "extends" {
                forms.insert(0, json!({ "type": "string" }));
            }
            forms
        }
        Kind::Table(words) => {
            let mut forms = words_of(words);
            forms.push(Value::Object(object(field.path, Map::new())));
            forms
        }
    }
}

/// Words that may stand for a field; `*` is any text, `[]` any list, and `true` and `false` are not text.
fn words_of(words: &[&str]) -> Vec<Value> {
    let plain: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !matches!(*word, "*" | "[]" | "true" | "false"))
        .collect();
    let mut forms = Vec::new();
    if words.contains(&"*") {
        forms.push(json!({ "type": "string" }));
    } else if !plain.is_empty() {
        forms.push(json!({ "enum": plain }));
    }
    if words.contains(&"[]") {
        forms.push(json!({ "type": "array", "minItems": 1 }));
    }
    for (word, flag) in [("false", false), ("true", true)] {
        if words.contains(&word) {
            forms.push(json!({ "const": flag }));
        }
    }
    forms
}

fn array(field: &Field) -> Value {
    let entries = children(field.path).find(|child| child.key() == "*");
    let items = match entries {
        Some(entry) if entry.kind == Kind::Table(&[]) => {
            Value::Object(object(entry.path, Map::new()))
        }
        Some(entry) => one(entry),
        None if field.key() == "slowdown" => {
            json!({ "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 })
        }
        None => json!({ "type": "string" }),
    };
    let mut schema = Map::from_iter([
        ("type".to_owned(), json!("array")),
        ("items".to_owned(), items),
    ]);
    let length = match field.key() {
        "hourly" => Some(24),
        "weekly" => Some(7),
        "hours" => Some(2),
        _ => None,
    };
    if let Some(length) = length {
        schema.insert("minItems".to_owned(), json!(length));
        schema.insert("maxItems".to_owned(), json!(length));
    } else if field.key() == "volumes" {
        schema.insert("minItems".to_owned(), json!(1));
    }
    Value::Object(schema)
}

fn bounded(kind: &str, bounds: Bounds) -> Value {
    let mut schema = Map::from_iter([("type".to_owned(), json!(kind))]);
    let mut limit = |name: &str, number: f64| schema.insert(name.to_owned(), number_value(number));
    match bounds {
        Bounds::Any => {}
        Bounds::AtLeast(low) | Bounds::Endless(low) => {
            limit("minimum", low);
        }
        Bounds::Above(low) => {
            limit("exclusiveMinimum", low);
        }
        Bounds::Between(low, high) => {
            limit("minimum", low);
            limit("maximum", high);
        }
    }
    Value::Object(schema)
}

/// A number as JSON, without a point where it is whole.
fn number_value(number: f64) -> Value {
    serde_json::from_str(&number.to_string()).unwrap_or(Value::Null)
}

/// Every way in which a quantity can be written.
fn definitions() -> Value {
    let quantity = json!({ "$ref": "#/$defs/quantity" });
    let numbers = json!({ "type": "array", "items": { "type": "number" }, "minItems": 1 });
    let mut spread = Map::new();
    let quantiles = ["p05", "p10", "p25", "p50", "p75", "p90", "p95", "p99"];
    let parameters = [
        "value", "mean", "cv", "sd", "low", "mode", "high", "mu", "sigma", "shape", "scale",
        "rate", "alpha", "beta", "share",
    ];
    for key in quantiles.into_iter().chain(parameters) {
        spread.insert(key.to_owned(), quantity.clone());
    }
    for key in ["values", "weights", "samples"] {
        spread.insert(key.to_owned(), numbers.clone());
    }
    for key in ["min", "max"] {
        spread.insert(key.to_owned(), json!({ "type": "number" }));
    }
    for key in ["range", "file", "column"] {
        spread.insert(key.to_owned(), json!({ "type": "string" }));
    }
    spread.insert(
        "mix".to_owned(),
        json!({ "type": "array", "items": { "$ref": "#/$defs/spread" }, "minItems": 1 }),
    );
    let families = [
        "constant",
        "uniform",
        "triangular",
        "pert",
        "normal",
        "lognormal",
        "gamma",
        "exponential",
        "weibull",
        "pareto",
        "beta",
        "poisson",
        "geometric",
        "discrete",
        "empirical",
    ];
    spread.insert("dist".to_owned(), json!({ "enum": families }));
    json!({
        "quantity": {
            "anyOf": [
                { "type": "number" },
                { "type": "string", "pattern": "^\\s*[-+0-9._eE]+\\s+to\\s+[-+0-9._eE]+\\s*$" },
                { "$ref": "#/$defs/spread" }
            ]
        },
        "spread": { "type": "object", "minProperties": 1, "properties": spread, "additionalProperties": false }
    })
}
