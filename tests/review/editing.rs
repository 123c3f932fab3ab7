//! Editing leaves everything that was not meant byte for byte as it was.

#![expect(
    clippy::format_push_string,
    clippy::naive_bytecount,
    reason = "plain words matter more than speed in a test"
)]

use gonogo::checklist::edit::TomlText;
use proptest::prelude::*;
use toml_edit::Value;

fn edited(text: &str, path: &[&str], value: impl Into<Value>) -> String {
    let mut edited = TomlText::new(text.to_owned()).unwrap();
    edited.set(path, value.into(), None).unwrap();
    edited.into_string()
}

#[test]
fn a_field_keeps_its_place_its_spacing_and_its_comment() {
    let text = "# top\nschema = 1\n\n[answer.production.p95]   # mine\nstatus   =  \"no\"    # since May\n\n# next\n[roles]\n";
    assert_eq!(
        edited(text, &["answer", "production", "p95", "status"], "yes"),
        text.replace("\"no\"", "\"yes\"")
    );
}

#[test]
fn a_new_field_goes_to_the_end_of_its_table() {
    let text = "[a.b]\nx = 1 # one\n\n# about c\n[a.c]\ny = 2\n";
    assert_eq!(
        edited(text, &["a", "b", "z"], 3),
        "[a.b]\nx = 1 # one\nz = 3\n\n# about c\n[a.c]\ny = 2\n"
    );
    assert_eq!(
        edited("[a]\n[b]\nx=1", &["b", "y"], true),
        "[a]\n[b]\nx=1\ny = true\n"
    );
    assert_eq!(
        edited("[a]\n[b]\n", &["a", "y"], true),
        "[a]\ny = true\n[b]\n"
    );
}

#[test]
fn a_new_table_goes_after_its_relatives() {
    let text = "[a.b]\nx = 1\n\n# about z\n[z]\n";
    assert_eq!(
        edited(text, &["a", "c", "y"], 2),
        "[a.b]\nx = 1\n\n[a.c]\ny = 2\n\n# about z\n[z]\n"
    );
    let mut placed = TomlText::new(text.to_owned()).unwrap();
    placed
        .set(&["e", "f", "y"], Value::from(2), Some(&["a", "b"]))
        .unwrap();
    assert_eq!(
        placed.as_str(),
        "[a.b]\nx = 1\n\n[e.f]\ny = 2\n\n# about z\n[z]\n"
    );
    assert_eq!(
        edited("x = 1", &["a", "b", "c"], 2),
        "x = 1\n\n[a.b]\nc = 2\n"
    );
}

#[test]
fn whatever_style_a_hand_wrote_is_kept() {
    assert_eq!(
        edited("a = { b = 1 } # c\n", &["a", "c"], 2),
        "a = { b = 1, c = 2 } # c\n"
    );
    assert_eq!(edited("a = {}\n", &["a", "c"], 2), "a = { c = 2 }\n");
    assert_eq!(
        edited("a = { b = { x = 1 } }\n", &["a", "b", "y"], 2),
        "a = { b = { x = 1, y = 2 } }\n"
    );
    assert_eq!(
        edited("a = { b = 1 }\n", &["a", "c", "d"], 2),
        "a = { b = 1, c = { d = 2 } }\n"
    );
    assert_eq!(
        edited("[a]\nb.x = 1\nc = 2\n", &["a", "b", "y"], 2),
        "[a]\nb.x = 1\nb.y = 2\nc = 2\n"
    );
    assert_eq!(
        edited("a.b.x = 1\n[z]\n", &["a", "b", "y"], 2),
        "a.b.x = 1\na.b.y = 2\n[z]\n"
    );
    assert_eq!(
        edited(
            "[answer.p]\nq = { status = \"no\" }\n",
            &["answer", "p", "r", "status"],
            "yes"
        ),
        "[answer.p]\nq = { status = \"no\" }\n\n[answer.p.r]\nstatus = \"yes\"\n"
    );
    assert_eq!(
        edited("[a]\r\nx = 1\r\n", &["a", "y"], 2),
        "[a]\r\nx = 1\r\ny = 2\r\n"
    );
    assert_eq!(
        edited("\u{feff}a = 1\nb = 2\n", &["b"], 3),
        "\u{feff}a = 1\nb = 3\n"
    );
    assert_eq!(
        edited(
            "[budget.\"10x\"]\nusd_per_month = 1\n",
            &["budget", "1x", "usd_per_month"],
            5
        ),
        "[budget.\"10x\"]\nusd_per_month = 1\n\n[budget.1x]\nusd_per_month = 5\n"
    );
}

#[test]
fn top_level_fields_go_before_the_first_table_and_its_comment() {
    assert_eq!(
        edited("# about a\n[a]\nx = 1\n", &["y"], 2),
        "y = 2\n# about a\n[a]\nx = 1\n"
    );
    assert_eq!(
        edited("x = 1 # one\n\n# about a\n[a]\n", &["y"], 2),
        "x = 1 # one\ny = 2\n\n# about a\n[a]\n"
    );
    assert_eq!(edited("", &["y"], 2), "y = 2\n");
}

#[test]
fn taking_away_takes_the_line_and_nothing_else() {
    let removed = |text: &str, path: &[&str]| {
        let mut text = TomlText::new(text.to_owned()).unwrap();
        text.remove(path).unwrap();
        text.into_string()
    };
    assert_eq!(removed("# c\nx = 1 # one\ny = 2\n", &["x"]), "# c\ny = 2\n");
    assert_eq!(
        removed("[a]\nx = 1\n\n# about b\n[b]\ny = 2\n", &["a"]),
        "# about b\n[b]\ny = 2\n"
    );
    assert_eq!(
        removed("a = { x = 1, y = 2 }\n", &["a", "x"]),
        "a = { y = 2 }\n"
    );
    assert_eq!(
        removed("a = { x = 1, y = 2 }\n", &["a", "y"]),
        "a = { x = 1 }\n"
    );
    assert_eq!(
        removed("x = [\n  1, # one\n  2,\n]\ny = 2\n", &["x"]),
        "y = 2\n"
    );
    assert_eq!(removed("x = 1\n", &["nothing", "here"]), "x = 1\n");
}

#[test]
fn a_value_stands_where_a_table_is_needed_is_refused_and_changes_nothing() {
    let mut text = TomlText::new("answer = 1\n".to_owned()).unwrap();
    assert!(
        text.set(&["answer", "a", "b"], Value::from(1), None)
            .unwrap_err()
            .contains("`answer` is not a table")
    );
    assert_eq!(text.as_str(), "answer = 1\n");
}

/// Pieces of a review as hands write them.
fn annotated() -> impl Strategy<Value = String> {
    let comment = "(# [ -~äß€]{0,30})?";
    let entry = (
        comment,
        prop::sample::select(vec!["note", "owner", "rev", "status"]),
        "[ a-z\"\\\\#=ü]{0,12}",
        0..3_usize,
        comment,
    );
    let table = (comment, prop::collection::vec(entry, 0..4), 0..3_usize);
    (
        comment,
        prop::collection::vec(table, 1..6),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(top, tables, windows, last_newline)| {
            let mut text = format!("{top}\nschema = 1\n");
            for (index, (above, entries, blank)) in tables.into_iter().enumerate() {
                text.push_str(&"\n".repeat(blank));
                text.push_str(&format!(
                    "{above}\n[answer.production.q{index}] {}\n",
                    if blank == 2 { "# tail" } else { "" }
                ));
                let mut used = Vec::new();
                for (above, key, value, spaces, behind) in entries {
                    if used.contains(&key) {
                        continue;
                    }
                    used.push(key);
                    let pad = " ".repeat(spaces);
                    text.push_str(&format!(
                        "{above}\n{pad}{key}{pad} ={pad} {} {behind}\n",
                        Value::from(value)
                    ));
                }
            }
            if !last_newline {
                text.truncate(text.trim_end_matches('\n').len());
            }
            if windows {
                text.replace('\n', "\r\n")
            } else {
                text
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_edits_leave_the_rest_byte_for_byte(
        text in annotated(),
        edits in prop::collection::vec((0..8_usize, prop::sample::select(vec!["status", "note", "owner", "evidence", "due"]), ".{0,20}", any::<bool>()), 1..8),
    ) {
        let Ok(mut now) = TomlText::new(text.clone()) else { return Ok(()) };
        for (table, key, value, remove) in edits {
            let name = format!("q{table}");
            let path = ["answer", "production", name.as_str(), key];
            let before = now.as_str().to_owned();
            let old = now.get(&path);
            if remove { now.remove(&path).unwrap() } else { now.set(&path, Value::from(value.as_str()), None).unwrap() }
            let after = now.as_str();
            // What is the same at both ends is everything but the old value and the new text.
            let head = before.bytes().zip(after.bytes()).take_while(|(one, other)| one == other).count();
            let most = before.len().min(after.len()) - head;
            let tail = before.bytes().rev().zip(after.bytes().rev()).take(most).take_while(|(one, other)| one == other).count();
            let gone = &before.as_bytes()[head..before.len() - tail];
            match (&old, remove) {
                (None, _) => prop_assert!(gone.is_empty(), "lost {:?}", String::from_utf8_lossy(gone)),
                (Some(old), false) => prop_assert!(gone.len() <= old.to_string().trim().len() + 8 && !gone.contains(&b'\n'), "lost {:?}", String::from_utf8_lossy(gone)),
                (Some(_), true) => prop_assert!(gone.iter().filter(|byte| **byte == b'\n').count() <= 1, "lost {:?}", String::from_utf8_lossy(gone)),
            }
            let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(comments(&before), comments(after));
            let found = now.get(&path);
            prop_assert_eq!(found.as_ref().and_then(Value::as_str), if remove { None } else { Some(value.as_str()) });
        }
    }
}
