//! The JSON Schema accepts what the reader accepts, in every form, and refuses what is plainly wrong.

use gonogo::scenario;

use crate::json_schema::{as_json, check, described};

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
    described(&scenario::json_schema(), "scenario");
}
