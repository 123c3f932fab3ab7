//! Other tools' checklists come in.

use crate::harness::{ANA, BO, Project, json};

const LENS: &str = r#"{
  "schemaVersion": "2021-11-01",
  "name": "House rules",
  "description": "What we ask of every GenAI workload.",
  "pillars": [{
    "id": "data", "name": "Data",
    "questions": [{
      "id": "data_1", "title": "How do you protect prompts?", "description": "Prompts hold customer data.",
      "choices": [
        { "id": "data_1_mask", "title": "Masking", "improvementPlan": { "displayText": "Mask before sending." } },
        { "id": "data_1_region", "title": "Region lock" },
        { "id": "data_1_no", "title": "None of these" }
      ],
      "riskRules": [
        { "condition": "data_1_mask && data_1_region", "risk": "NO_RISK" },
        { "condition": "data_1_mask && !data_1_no", "risk": "MEDIUM_RISK" },
        { "condition": "default", "risk": "HIGH_RISK" }
      ]
    }]
  }]
}"#;

#[test]
fn a_well_architected_lens_comes_in_with_its_risk_rules() {
    let project = Project::new();
    project.write("lens.json", LENS);
    project.review(&[
        "checklists",
        "--import",
        "lens.json",
        "--id",
        "house",
        "--by",
        ANA,
    ]);
    let state = |project: &Project| json(&project.review(&["show", "house.data_1", "--json"]));
    assert_eq!(state(&project)["severity"], "blocker");
    // Ticks decide the answer, and with it how grave it is.
    for (ticks, status, severity, met) in [
        ("data_1_mask,data_1_region", "yes", "blocker", true),
        ("data_1_mask", "partial", "major", false),
        ("data_1_region", "no", "blocker", false),
    ] {
        project.review(&[
            "set",
            "house.data_1",
            "--choices",
            ticks,
            "--note",
            "n",
            "--reviewed-by",
            BO,
            "--by",
            ANA,
        ]);
        let state = state(&project);
        assert_eq!(
            (
                state["status"].as_str(),
                state["severity"].as_str(),
                state["met"].as_bool()
            ),
            (Some(status), Some(severity), Some(met)),
            "{ticks}: {state}"
        );
    }
    // An answer that says more than the ticks is noticed.
    project.review(&[
        "set",
        "house.data_1",
        "yes",
        "--by",
        ANA,
        "--reviewed-by",
        BO,
    ]);
    assert!(
        state(&project)["state"]
            .as_str()
            .unwrap()
            .contains("the ticked practices mean HIGH_RISK, the answer says yes"),
        "{}",
        state(&project)
    );
    let said_so = project.refused(&[
        "review",
        "set",
        "house.data_1",
        "--choices",
        "data_1_masc",
        "--by",
        ANA,
    ]);
    assert!(said_so.contains("did you mean `data_1_mask`?"), "{said_so}");
    assert!(
        project
            .refused(&[
                "review",
                "checklists",
                "--import",
                "lens.json",
                "--id",
                "house",
                "--by",
                ANA
            ])
            .contains("already")
    );
}

#[test]
fn broken_lenses_say_what_is_wrong() {
    let project = Project::new();
    for (text, expected) in [
        (
            LENS.replace(
                "data_1_mask && data_1_region\"",
                "data_1_mask && data_1_regio\"",
            ),
            "names the choice `data_1_regio`",
        ),
        (
            LENS.replace("\"NO_RISK\"", "\"SOME_RISK\""),
            "`SOME_RISK` is no risk",
        ),
        (
            LENS.replace("mask && data_1_region\"", "mask &&\""),
            "a choice is missing at the end",
        ),
        (LENS.replace("\"pillars\"", "\"pilars\""), "no `pillars`"),
        ("{ \"pillars\": [".to_owned(), "lens.json:1:14: not JSON"),
    ] {
        project.write("lens.json", &text);
        let said_so = project.refused(&[
            "review",
            "checklists",
            "--import",
            "lens.json",
            "--id",
            "house",
            "--by",
            ANA,
        ]);
        assert!(said_so.contains(expected), "{expected}: {said_so}");
    }
    assert!(!project.path().join("checklists").exists());
}

#[test]
fn a_deon_checklist_comes_in() {
    let project = Project::new();
    let deon = "title: Ethics at work\nsections:\n  - title: Collection\n    section_id: A\n    lines:\n        - line_id: A.1\n          line_summary: Informed consent\n          line: Did people agree, and was it clear to them what they agreed to?\n        - line_id: A.2\n          line_summary: \"Bias: collection\"\n          line: >-\n            Have we looked for bias in how\n            the data was collected?\n  - title: Storage\n    section_id: B\n    lines:\n        - line_id: B.1\n          line_summary: Security\n          line: 'Is the data kept safe (for example \"encrypted\")?'\n";
    project.write("deon.yml", deon);
    let done = project.review(&[
        "checklists",
        "--import",
        "deon.yml",
        "--id",
        "ethics",
        "--by",
        ANA,
    ]);
    assert!(done.contains("with 3 questions"), "{done}");
    assert!(
        project
            .review(&["show", "ethics.a-2"])
            .contains("Have we looked for bias in how the data was collected?")
    );
    assert!(project.review(&["show", "ethics.b-1"]).contains("deon B.1"));
    project.write(
        "deon.yml",
        "title: x\nsections:\n  - title: A\n    lines:\n      - line_id: A.1\n",
    );
    assert!(
        project
            .refused(&[
                "review",
                "checklists",
                "--import",
                "deon.yml",
                "--id",
                "other",
                "--by",
                ANA
            ])
            .contains("asks nothing")
    );
    project.write("deon.yml", "title: [x\n");
    assert!(
        project
            .refused(&[
                "review",
                "checklists",
                "--import",
                "deon.yml",
                "--id",
                "other",
                "--by",
                ANA
            ])
            .contains("not YAML")
    );
}
