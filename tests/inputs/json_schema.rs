//! A checker of JSON Schema for the keywords that ours use. It fails on any other, so that it cannot pass by ignorance.

use serde_json::Value;

/// Whether a value matches; the first reason why not.
#[expect(
    clippy::too_many_lines,
    clippy::match_same_arms,
    reason = "one arm for each keyword"
)]
pub fn check(schema: &Value, value: &Value, root: &Value, path: &str) -> Result<(), String> {
    let Some(keywords) = schema.as_object() else {
        return Err(format!("{path}: not a schema"));
    };
    let fail = |why: String| Err(format!("{path}: {why}, found {value}"));
    for (keyword, wanted) in keywords {
        match keyword.as_str() {
            "$schema" | "title" | "description" | "default" | "$defs" | "format" => {}
            "$ref" => {
                let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                check(&root["$defs"][name], value, root, path)?;
            }
            "type" => {
                let fits = match wanted.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "number" => value.is_number(),
                    "integer" => value.is_u64() || value.is_i64(),
                    other => panic!("type {other}"),
                };
                if !fits {
                    return fail(format!("not of type {wanted}"));
                }
            }
            "enum" if !wanted.as_array().unwrap().contains(value) => {
                return fail(format!("not one of {wanted}"));
            }
            "const" if wanted != value => return fail(format!("not {wanted}")),
            "enum" | "const" => {}
            "allOf" => {
                for one in wanted.as_array().unwrap() {
                    check(one, value, root, path)?;
                }
            }
            "anyOf" => {
                let reasons: Vec<String> = wanted
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(|one| check(one, value, root, path).err())
                    .collect();
                if reasons.len() == wanted.as_array().unwrap().len() {
                    return Err(reasons.join("\n  or "));
                }
            }
            "properties" => {
                for (key, one) in wanted.as_object().unwrap() {
                    if let Some(inner) = value.get(key) {
                        check(one, inner, root, &format!("{path}.{key}"))?;
                    }
                }
            }
            "additionalProperties" => {
                let known = keywords.get("properties").and_then(Value::as_object);
                for (key, inner) in value.as_object().into_iter().flatten() {
                    if known.is_some_and(|known| known.contains_key(key)) {
                        continue;
                    }
                    if *wanted == Value::Bool(false) {
                        return fail(format!("unknown key {key}"));
                    }
                    check(wanted, inner, root, &format!("{path}.{key}"))?;
                }
            }
            "required" => {
                for key in wanted.as_array().unwrap() {
                    if value.is_object() && value.get(key.as_str().unwrap()).is_none() {
                        return fail(format!("no {key}"));
                    }
                }
            }
            "items" => {
                for inner in value.as_array().into_iter().flatten() {
                    check(wanted, inner, root, &format!("{path}[]"))?;
                }
            }
            "minItems"
                if value
                    .as_array()
                    .is_some_and(|list| (list.len() as u64) < wanted.as_u64().unwrap()) =>
            {
                return fail("too short".to_owned());
            }
            "maxItems"
                if value
                    .as_array()
                    .is_some_and(|list| (list.len() as u64) > wanted.as_u64().unwrap()) =>
            {
                return fail("too long".to_owned());
            }
            "minProperties"
                if value
                    .as_object()
                    .is_some_and(|map| (map.len() as u64) < wanted.as_u64().unwrap()) =>
            {
                return fail("too few keys".to_owned());
            }
            "minimum"
                if value
                    .as_f64()
                    .is_some_and(|number| number < wanted.as_f64().unwrap()) =>
            {
                return fail("too small".to_owned());
            }
            "maximum"
                if value
                    .as_f64()
                    .is_some_and(|number| number > wanted.as_f64().unwrap()) =>
            {
                return fail("too large".to_owned());
            }
            "exclusiveMinimum"
                if value
                    .as_f64()
                    .is_some_and(|number| number <= wanted.as_f64().unwrap()) =>
            {
                return fail("too small".to_owned());
            }
            // The only pattern in use: "lo to hi".
            "pattern" if value.as_str().is_some_and(|text| !text.contains(" to ")) => {
                return fail("no range".to_owned());
            }
            "minItems" | "maxItems" | "minProperties" | "minimum" | "maximum"
            | "exclusiveMinimum" | "pattern" => {}
            other => panic!("the checker does not know the keyword {other}"),
        }
    }
    Ok(())
}

/// Dates have no JSON type; editors see them as text.
fn convert(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(day) => Value::String(day.to_string()),
        toml::Value::Table(table) => table
            .iter()
            .map(|(key, inner)| (key.clone(), convert(inner)))
            .collect(),
        toml::Value::Array(list) => list.iter().map(convert).collect(),
        other => serde_json::to_value(other).unwrap(),
    }
}

/// TOML as an editor hands it to a schema.
pub fn as_json(text: &str) -> Value {
    let table: toml::Table = text.parse().unwrap();
    convert(&toml::Value::Table(table))
}

/// Every key that a schema names has a description.
pub fn described(schema: &Value, path: &str) {
    for (key, inner) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        assert!(inner.get("description").is_some(), "{path}.{key}");
        described(inner, &format!("{path}.{key}"));
    }
    for inner in ["additionalProperties", "items"]
        .iter()
        .filter_map(|key| schema.get(key))
    {
        described(inner, path);
    }
    for inner in schema
        .get("anyOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        described(inner, path);
    }
}
