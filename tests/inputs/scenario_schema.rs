//! The JSON Schema accepts what the reader accepts, in every form, and refuses what is plainly wrong.
//!
//! The checker below knows the keywords that our schema uses, and fails on any other, so that it cannot pass by
//! ignorance.

use gonogo::scenario;
use serde_json::Value;

/// Whether a value matches; the first reason why not.
#[expect(
    clippy::too_many_lines,
    clippy::match_same_arms,
    reason = "one arm for each keyword"
)]
fn check(schema: &Value, value: &Value, root: &Value, path: &str) -> Result<(), String> {
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

fn as_json(text: &str) -> Value {
    let table: toml::Table = text.parse().unwrap();
    convert(&toml::Value::Table(table))
}

fn checked(text: &str) -> Result<(), String> {
    let schema = scenario::json_schema();
    check(&schema, &as_json(text), &schema, "scenario")
}

#[test]
fn every_shipped_scenario_and_every_field_is_accepted() {
    for template in scenario::TEMPLATES {
        assert_eq!(checked(template.text), Ok(()), "{}", template.name);
    }
    for file in ["every-field.toml", "replay.toml"] {
        let text = std::fs::read_to_string(format!("tests/data/scenarios/{file}")).unwrap();
        assert_eq!(checked(&text), Ok(()), "{file}");
    }
}

#[test]
fn what_is_written_out_is_accepted() {
    let resolved = scenario::resolved_toml(&scenario::DEFAULT.scenario().unwrap());
    assert_eq!(checked(&resolved), Ok(()));
}

#[test]
fn every_form_of_a_quantity_is_accepted() {
    for form in [
        "3",
        "0.5",
        "\"8_000 to 12_000\"",
        "{ p50 = 1, p95 = 2 }",
        "{ p50 = \"300 to 500\", p95 = 1800, min = 1, max = 9000 }",
        "{ mean = 400, cv = 0.6 }",
        "{ dist = \"gamma\", mean = 400, cv = 0.6 }",
        "{ mix = [ { share = 0.9, p50 = 1, p95 = 2 }, { share = 0.1, mean = 3, cv = 1 } ] }",
        "{ dist = \"discrete\", values = [1, 2], weights = [1, 1] }",
        "{ dist = \"empirical\", file = \"a.csv\", column = \"b\" }",
    ] {
        let text = format!("[fixed]\nx = {form}\n[workload]\n[models.m]\n[strategies.s]\n");
        assert_eq!(checked(&text), Ok(()), "{form}");
    }
}

#[test]
fn what_is_plainly_wrong_is_refused() {
    let base = "[workload]\n[models.m]\n[strategies.s]\nroute = \"m\"\n";
    for wrong in [
        "routee = 1",
        "streaming = \"yes\"",
        "retry = \"sdk\"",
        "retry = { attemps = 2 }",
        "fallback = \"stale\"",
        "timeout_s = true",
        "hedge = {}",
    ] {
        assert!(checked(&format!("{base}{wrong}\n")).is_err(), "{wrong}");
    }
    assert!(
        checked("[models.m]\n[strategies.s]\n").is_err(),
        "no workload"
    );
    for wrong in ["volumes = []", "months = 0", "days = 1.5", "warmup_h = -1"] {
        assert!(
            checked(&format!("[study]\n{wrong}\n{base}")).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn every_field_has_a_description_in_the_schema() {
    fn walk(schema: &Value, path: &str) {
        for (key, inner) in schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            assert!(inner.get("description").is_some(), "{path}.{key}");
            walk(inner, &format!("{path}.{key}"));
        }
        for inner in ["additionalProperties", "items"]
            .iter()
            .filter_map(|key| schema.get(key))
        {
            walk(inner, path);
        }
        for inner in schema
            .get("anyOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            walk(inner, path);
        }
    }
    walk(&scenario::json_schema(), "scenario");
}
