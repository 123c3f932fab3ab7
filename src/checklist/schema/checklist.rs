//! The schema of a checklist.

use serde_json::{Value, json};

use crate::checklist::risk::Risk;
use crate::checklist::types::{EvidenceNeed, Severity, Stage};
use crate::reading::schema::{
    above_zero, day, flag, id, list, number, root, share, table, text, version, whole, word,
};

/// The schema (draft 2020-12) of `checklists/*.toml`.
#[must_use]
pub fn checklist_schema() -> Value {
    let section = table(
        "A group of questions.",
        &["id", "title", "question"],
        [
            ("id", id("Its name within the checklist.")),
            ("title", text("Its name for people.")),
            ("question", list("Its questions, in order.", &question())),
        ],
    );
    root(
        "gonogo checklist",
        table(
            "What is asked before a launch.",
            &["schema", "id", "title", "version", "section"],
            [
                ("schema", version()),
                ("id", id("Its name in reviews.")),
                ("title", text("Its name for people.")),
                ("version", text("Raised with every change.")),
                ("about", text("One sentence for lists.")),
                ("section", list("Its sections, in order.", &section)),
            ],
        ),
    )
}

fn question() -> Value {
    table(
        "One question.",
        &["id", "short", "ask", "severity"],
        [
            (
                "id",
                id("Its name: answers hang on it, never on a position."),
            ),
            (
                "rev",
                whole(
                    "Raised when the meaning changes; older answers then need another look.",
                    1,
                ),
            ),
            ("short", text("A few words for lists.")),
            ("ask", text("The question.")),
            ("why", text("Why it is asked.")),
            ("how", text("How to find out.")),
            ("proof", text("What evidence counts.")),
            ("blocks_when", text("What stops the launch.")),
            ("severity", word("How much hangs on it.", &Severity::WORDS)),
            (
                "yes_is_good",
                flag("False where a yes is the danger.", true),
            ),
            (
                "role",
                text("Who usually answers; the review names the person."),
            ),
            (
                "evidence",
                word("What an answer needs beside it.", &EvidenceNeed::WORDS),
            ),
            (
                "evidence_days",
                whole(
                    "Days that evidence stays fresh; without it, evidence does not age.",
                    1,
                ),
            ),
            (
                "na_allowed",
                flag("Whether it may be answered na, with a reason.", false),
            ),
            (
                "waivable",
                flag("Whether its risk may be accepted for a while.", true),
            ),
            ("max_waiver_days", whole("Longest waiver, in days.", 1)),
            (
                "when",
                list("Tags that bring it up; empty: always.", &text("A tag.")),
            ),
            (
                "stages",
                list(
                    "Stages that it belongs to.",
                    &word("A stage.", &Stage::WORDS),
                ),
            ),
            ("maps_to", list("Clauses that it comes from.", &clause())),
            (
                "supersedes",
                list(
                    "Older ids whose answers carry over, marked for another look.",
                    &text("An id."),
                ),
            ),
            ("applies", applies()),
            (
                "study_drafts",
                flag("Whether a study drafts its answer.", false),
            ),
            (
                "simulated",
                list("What the simulator is asked; all must hold.", &rule()),
            ),
            (
                "choice",
                list(
                    "Practices to tick, for imported Well-Architected lenses.",
                    &choice(),
                ),
            ),
            (
                "risk",
                list("Which ticks mean which risk; the first that fits.", &risk()),
            ),
        ],
    )
}

fn clause() -> Value {
    table(
        "A clause of a standard or law.",
        &["standard", "clause"],
        [
            ("standard", text("Its document.")),
            ("clause", text("The place in it.")),
        ],
    )
}

fn applies() -> Value {
    table(
        "When a law begins to apply: information, it changes no verdict.",
        &["from", "verified_on"],
        [
            ("from", day("First day.")),
            (
                "expected",
                day("First day after a change that is agreed but not yet in force."),
            ),
            ("verified_on", day("Day on which this was looked up.")),
            ("note", text("What to know about it.")),
        ],
    )
}

fn rule() -> Value {
    let mut rule = table(
        "One simulated rule.",
        &["metric"],
        [
            (
                "metric",
                text("A name of `gonogo simulate --json`, such as cost.total."),
            ),
            (
                "seconds",
                above_zero("For share_within: within how many seconds."),
            ),
            (
                "volume",
                text("Measured in ordinary months at this multiple of the launch volume: \"1x\"."),
            ),
            (
                "drill",
                text("Measured over this incident instead: \"primary-down\"."),
            ),
            (
                "times",
                number("Factor on the measured value, for \"what if prices rose\"."),
            ),
            ("min", number("At least this.")),
            ("max", number("At most this.")),
            (
                "max_of",
                word(
                    "At most the approved budget, or what the scenario promises.",
                    &["budget", "slo"],
                ),
            ),
            (
                "confidence",
                share("Share of simulated months that must comply."),
            ),
        ],
    );
    if let Some(rule) = rule.as_object_mut() {
        let either = |keys: &[&str]| -> Value {
            keys.iter()
                .map(|key| json!({ "required": [key] }))
                .collect()
        };
        rule.insert(
            "allOf".to_owned(),
            json!([{ "anyOf": either(&["volume", "drill"]) }, { "anyOf": either(&["min", "max", "max_of"]) }]),
        );
    }
    rule
}

fn choice() -> Value {
    table(
        "A practice that can be ticked.",
        &["id", "title"],
        [
            ("id", text("Its name in risk rules.")),
            ("title", text("What it says.")),
        ],
    )
}

fn risk() -> Value {
    table(
        "A risk, and which ticks mean it.",
        &["risk", "condition"],
        [
            ("risk", word("How grave.", &Risk::WORDS)),
            (
                "condition",
                text("An expression over the choices' ids, or default."),
            ),
        ],
    )
}
