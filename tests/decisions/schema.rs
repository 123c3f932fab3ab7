//! Written studies, drills included, against the schema that `gonogo schema study` prints.

use gonogo::analysis::drill::drill;
use gonogo::study::schema::json_schema;
use gonogo::study::{Plan, Unwatched, estimate};
use serde_json::Value;

use super::harness::{cloud, compiled, plan, scenario};

/// What of a value its schema does not allow: unknown keys, missing ones, other types.
fn complaints(value: &Value, schema: &Value, path: &str, list: &mut Vec<String>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let allowed = |name: &Value| name == kind || name == "number" && kind == "integer";
    let fits = match &schema["type"] {
        Value::Array(names) => names.iter().any(allowed),
        name => allowed(name),
    };
    if !fits {
        list.push(format!("{path} is {kind}, not {}", schema["type"]));
    }
    if let (Value::Array(entries), Some(items)) = (value, schema.get("items")) {
        for (index, entry) in entries.iter().enumerate() {
            complaints(entry, items, &format!("{path}[{index}]"), list);
        }
    }
    let Value::Object(fields) = value else { return };
    for name in schema["required"].as_array().into_iter().flatten() {
        if !fields.contains_key(name.as_str().expect("a name")) {
            list.push(format!("{path} lacks {name}"));
        }
    }
    for (name, field) in fields {
        let below = format!("{path}.{name}");
        if let Some(known) = schema["properties"]
            .get(name)
            .or(schema.get("additionalProperties"))
        {
            complaints(field, known, &below, list);
        } else if schema.get("properties").is_some() {
            list.push(format!("{below} is not described"));
        }
    }
}

#[test]
fn a_written_study_with_drills_is_what_its_schema_says() {
    let rest = cloud("m", "limits = { requests_per_min = 100 }")
        + "[slo]\nlatency_p95_s = 3\n[strategies.s]\nroute = \"m\"\nretry = { attempts = 2 }\nfallback = [\"degraded\"]";
    let scenario = scenario(500.0, "output_tokens = 10\n", &rest);
    let model = compiled(&scenario);
    let study = Plan {
        months: 2,
        ..Plan::of(&model)
    };
    let mut study = estimate(&model, &study, &Unwatched).expect("a study").study;
    study.drills = drill(
        &model,
        &plan(&scenario, &model, "primary-down", 4),
        &Unwatched,
    )
    .expect("drills");
    assert!(!study.drills[0].minutes.is_empty() && !study.drills[0].protections.is_empty());
    let mut list = Vec::new();
    complaints(
        &serde_json::to_value(&study).expect("JSON"),
        &json_schema(),
        "study",
        &mut list,
    );
    assert!(list.is_empty(), "{}", list.join("\n"));
    // And it does notice.
    let mut broken = serde_json::to_value(&study).expect("JSON");
    broken["drills"][0]["minutes"][0]["failed"] = "no".into();
    broken["cells"][0]["extra"] = 1.into();
    complaints(&broken, &json_schema(), "study", &mut list);
    assert_eq!(list.len(), 2, "{list:?}");
}
