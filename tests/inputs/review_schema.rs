//! The JSON Schemas of checklists and reviews know just the keys that the readers know.

use std::sync::Arc;

use gonogo::checklist::schema::{checklist_schema, review_schema};
use gonogo::checklist::{SHIPPED, read_checklist, read_review};
use gonogo::reading::Source;
use serde_json::Value;

use crate::json_schema::{as_json, check, described};

const CHECKLIST: &str = include_str!("../data/review/every-field.checklist.toml");
const REVIEW: &str = include_str!("../data/review/every-field.review.toml");

fn source(text: &str) -> Arc<Source> {
    Source::new("file.toml", text)
}

fn checked(schema: &Value, text: &str) -> Result<(), String> {
    check(schema, &as_json(text), schema, "file")
}

/// The keys that a schema names and a document does not use.
fn unused(schema: &Value, found: &[&Value], path: &str, list: &mut Vec<String>) {
    for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{key}");
        let below: Vec<&Value> = found.iter().filter_map(|value| value.get(key)).collect();
        if below.is_empty() {
            list.push(path);
        } else {
            unused(inner, &below, &path, list);
        }
    }
    if schema["additionalProperties"].is_object() {
        let below: Vec<&Value> = found
            .iter()
            .filter_map(|value| value.as_object())
            .flat_map(serde_json::Map::values)
            .collect();
        unused(&schema["additionalProperties"], &below, path, list);
    }
    if schema["items"].is_object() {
        let below: Vec<&Value> = found
            .iter()
            .filter_map(|value| value.as_array())
            .flatten()
            .collect();
        unused(&schema["items"], &below, path, list);
    }
}

#[test]
fn every_key_of_the_schemas_is_one_that_the_readers_know() {
    for (schema, text) in [(checklist_schema(), CHECKLIST), (review_schema(), REVIEW)] {
        let mut list = Vec::new();
        unused(&schema, &[&as_json(text)], "", &mut list);
        assert!(list.is_empty(), "the example lacks {list:?}");
    }
    // The readers refuse keys that they do not know.
    read_checklist(&source(CHECKLIST), false).expect("a checklist with every key");
    read_review(&source(REVIEW)).expect("a review with every key");
}

#[test]
fn every_key_that_the_readers_know_is_in_the_schemas() {
    assert_eq!(checked(&checklist_schema(), CHECKLIST), Ok(()));
    assert_eq!(checked(&review_schema(), REVIEW), Ok(()));
    for (id, text) in SHIPPED {
        assert_eq!(checked(&checklist_schema(), text), Ok(()), "{id}");
    }
}

#[test]
fn what_is_plainly_wrong_is_refused() {
    let refuses = |schema: &Value, text: &str, from: &str, to: &str| {
        let wrong = text.replacen(from, to, 1);
        assert_ne!(wrong, text, "`{from}` is in the example");
        assert!(checked(schema, &wrong).is_err(), "{to}");
    };
    for (from, to) in [
        ("severity = \"blocker\"", "severity = \"grave\""),
        ("rev = 2", "rev = 0"),
        ("yes_is_good = true", "yes_is_good = \"yes\""),
        ("max = 0.05", ""),
        ("drill = \"primary-down\"", ""),
        ("why =", "wy ="),
    ] {
        refuses(&checklist_schema(), CHECKLIST, from, to);
    }
    for (from, to) in [
        ("status = \"yes\"", "status = \"maybe\""),
        ("usd_per_month = 150_000", "usd_per_month = 0"),
        ("expires = 2027-01-15", ""),
        ("decision = \"go\"", "decision = \"gone\""),
        ("owner =", "ower ="),
    ] {
        refuses(&review_schema(), REVIEW, from, to);
    }
}

#[test]
fn every_key_has_a_description() {
    described(&checklist_schema(), "checklist");
    described(&review_schema(), "review");
}
