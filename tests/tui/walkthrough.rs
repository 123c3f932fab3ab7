//! From an empty folder to a report that says GO: the real binary, keys alone, at 80 × 24, no file editor and no command.

use super::term::Term;

const ANA: &str = "Ana Example <ana@example.org>";

/// Sets a field of the scenario by its name, and waits until it is taken.
#[track_caller]
fn set(term: &mut Term, field: &str, value: &str) {
    term.press("/ ctrl-u").keys(field).press("enter g");
    term.wait_for(&format!("\u{2500} {field}"));
    term.press("enter ctrl-u").wait_for("ctrl-s done");
    term.keys(value).press("enter").wait_for("all fields");
    // Escape alone is on its way until the search is gone; a key right behind it would be one with Alt.
    term.press("esc").wait_gone("   / ");
}

/// Fills in a form that a key opens, waits for what is said when it is taken, and for its box to be gone.
#[track_caller]
fn form(term: &mut Term, key: &str, title: &str, fields: &[Option<&str>], said: &str) {
    term.press(key).wait_for(title);
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            term.press("tab");
        }
        if let Some(text) = field {
            term.press("ctrl-u").keys(text);
        }
    }
    term.press("ctrl-s").wait_for(said);
}

#[test]
fn keys_alone_go_from_an_empty_folder_to_a_report_that_says_go() {
    let folder = tempfile::tempdir().unwrap();
    let state = tempfile::tempdir().unwrap();
    let mut term = Term::open(folder.path(), state.path());
    // Six questions.
    term.wait_for("Start a project")
        .press("i")
        .wait_for("kind of feature");
    for answer in [
        None,
        Some("60"),
        None,
        Some("short"),
        Some("1000"),
        Some("no"),
    ] {
        if let Some(text) = answer {
            term.press("ctrl-u").keys(text);
        }
        term.press("enter");
    }
    term.wait_for("INCOMPLETE");

    // The feature as it will be built: fast models, an answer when everything is down, a promise for wrong answers.
    term.press("f3").wait_for("conversations_per_day");
    let model = "models.gpt-5.4";
    for (field, value) in [
        (format!("{model}.first_token_s"), "0.4"),
        (format!("{model}.token_ms"), "4"),
        (format!("{model}.quality"), "0.97"),
        (format!("{model}.limits"), "none"),
        ("slo.wrong_rate".to_owned(), "0.08"),
        ("audit.per_gb_month".to_owned(), "300"),
        ("strategies.cached.fallback".to_owned(), "[\"degraded\"]"),
    ] {
        set(&mut term, &field, value);
    }
    term.press("ctrl-s").wait_for("Saved scenario.toml");

    // Who is who, and what may be spent.
    term.press("f2").wait_for("of 15 met");
    form(&mut term, "I", "Who are you?", &[Some(ANA)], "You are Ana");
    for (role, person) in [
        ("engineering", ANA),
        ("security", "Sam Example"),
        ("finance", "Fay Example"),
    ] {
        form(
            &mut term,
            "R",
            "A person for a role",
            &[Some(role), Some(person)],
            &format!("listed under {role}"),
        );
    }
    form(
        &mut term,
        "b",
        "Approved budget",
        &[Some("50_000"), Some("10x"), Some("Fay Example")],
        "is approved",
    );

    // What goes live: the strategy whose field was changed last.
    term.press("f3").wait_for("fallback");
    term.press("L")
        .wait_for("cached is the strategy that goes live");
    term.press("f2").wait_for("of 15 met");

    // Every question: yes, with evidence, and looked at by somebody else.
    term.press("g");
    for question in QUESTIONS {
        term.keys("ay")
            .wait_for(&format!("production.{question} is yes"));
        form(
            &mut term,
            "e",
            "Evidence:",
            &[Some(&format!("Seen by the team: {question}"))],
            "is attached",
        );
        form(
            &mut term,
            "d",
            "Who:",
            &[None, None, Some("Bo Example")],
            &format!("Saved production.{question}"),
        );
        term.press("j");
    }
    for role in ["engineering", "security", "finance"] {
        // A letter chooses the role that begins with it.
        term.press("S").wait_for("The verdict is").keys(&role[..1]);
        term.press("ctrl-s")
            .wait_for(&format!("signed go for {role}"));
    }
    term.wait_for("\u{2713} GO");

    // The report says so, in files.
    term.press("f5").wait_for("report, to be written");
    form(
        &mut term,
        "w",
        "Write the report",
        &[Some("handed-on"), Some("md html")],
        "Wrote report.md, report.html",
    );
    term.press("q");
    assert_eq!(term.end().0, 0);
    let report = std::fs::read_to_string(folder.path().join("handed-on/report.md")).unwrap();
    assert!(report.contains("GO: Customer support chatbot"), "{report}");
    assert!(!report.contains("NO-GO"), "{report}");
    assert!(folder.path().join("handed-on/report.html").exists());
}

/// The shipped checklist's questions, in their order.
const QUESTIONS: [&str; 15] = [
    "cost-at-10x",
    "budget-approved",
    "prompt-length",
    "p95-latency",
    "fallback",
    "spike-10x",
    "real-examples",
    "quality-monitoring",
    "explain-failures",
    "privacy-assessment",
    "pii-sanitising",
    "audit-log",
    "zero-downtime",
    "observability",
    "incident-plan",
];
