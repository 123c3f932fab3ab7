//! The published schema of the JSON form, held against written reports: what is written is described, and what is
//! described is written.

use gonogo::report::{Analyses, Style, json_schema};
use serde_json::Value;

use crate::harness::{analyses, json, project, report, study};

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// What of a value a schema does not describe, or describes otherwise.
fn hold(schema: &Value, value: &Value, path: &str, wrong: &mut Vec<String>) {
    if let Some(wanted) = schema.get("const") {
        if wanted != value {
            wrong.push(format!("{path} is not {wanted}"));
        }
        return;
    }
    let allowed: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let is = kind(value);
    let fits = allowed.contains(&is) || (is == "integer" && allowed.contains(&"number"));
    if !fits {
        wrong.push(format!("{path} is {is}, described as {allowed:?}"));
    }
    if let (Some(properties), Some(fields)) = (schema["properties"].as_object(), value.as_object())
    {
        for name in fields.keys().filter(|name| !properties.contains_key(*name)) {
            wrong.push(format!("{path}.{name} is not described"));
        }
        for name in schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            match fields.get(name) {
                Some(field) => hold(&properties[name], field, &format!("{path}.{name}"), wrong),
                None => wrong.push(format!("{path}.{name} is described and not written")),
            }
        }
    }
    if let (Some(items), Some(list)) = (schema.get("items"), value.as_array()) {
        for (index, entry) in list.iter().enumerate() {
            hold(items, entry, &format!("{path}[{index}]"), wrong);
        }
    }
}

#[test]
fn every_report_is_as_its_schema_says() {
    let schema = json_schema();
    let old: Value = serde_json::from_str(&json(&report(
        Some(&project()),
        Some(&study()),
        Style::Full,
        &Analyses::default(),
        None,
        &[],
    )))
    .unwrap();
    let mut newer = study();
    newer.cells[0].metrics.get_mut("cost.total").unwrap().mean *= 2.0;
    let made = [
        report(
            Some(&project()),
            Some(&newer),
            Style::Audit,
            &analyses(),
            Some(&old),
            &[],
        ),
        report(
            Some(&project()),
            None,
            Style::Executive,
            &Analyses::default(),
            None,
            &[],
        ),
        report(
            None,
            Some(&study()),
            Style::Full,
            &Analyses::default(),
            None,
            &[],
        ),
    ];
    for one in &made {
        let mut wrong = Vec::new();
        hold(
            &schema,
            &serde_json::from_str(&json(one)).unwrap(),
            "$",
            &mut wrong,
        );
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

#[test]
fn a_wrong_value_would_be_seen() {
    let mut wrong = Vec::new();
    hold(
        &json_schema(),
        &serde_json::json!({ "schema": "gonogo.report/1", "facts": 3 }),
        "$",
        &mut wrong,
    );
    assert!(
        wrong.iter().any(|it| it.contains("$.facts is integer")),
        "{wrong:?}"
    );
}
