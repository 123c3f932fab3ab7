use serde_json::{Value, json};

use crate::checklist::safe::harmless;

use super::value::{Report, SCHEMA};

/// The whole report value, and the metrics of every cell: `gonogo.report/1`. Numbers that are not known are null.
#[must_use]
pub(super) fn json(report: &Report) -> String {
    let mut document = json!({ "schema": SCHEMA, "notice": super::NOTICE });
    let value = serde_json::to_value(report).unwrap_or(Value::Null);
    if let (Some(document), Value::Object(fields)) = (document.as_object_mut(), value) {
        document.extend(fields);
        let cells = report.study.as_ref().map(|study| {
            study.cells.iter().map(|cell| {
            json!({
                "strategy": cell.strategy, "volume": cell.volume, "months": cell.months,
                "metrics": cell.metrics, "not_modelled": cell.not_modelled, "binding": cell.binding,
            })
        }).collect::<Vec<_>>()
        });
        document.insert("cells".to_owned(), cells.into());
    }
    clean(&mut document);
    format!("{document:#}\n")
}

/// Whoever prints the text on a terminal must not be written to by it. Keys are names of ours, or of metrics.
fn clean(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.lines().map(harmless).collect::<Vec<_>>().join("\n"),
        Value::Array(list) => list.iter_mut().for_each(clean),
        Value::Object(fields) => fields.values_mut().for_each(clean),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
