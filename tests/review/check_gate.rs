//! The gate: exit status, formats, places, and that no user text can act in any of them.

#![expect(clippy::too_many_lines, reason = "the schema is as long as it is")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::harness::said;

fn gonogo(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = crate::harness::gonogo(folder);
    command.args(arguments).output().unwrap()
}

const CHECKLIST: &str = "schema = 1\nid = \"own\"\ntitle = \"Own\"\nversion = \"1\"\n[[section]]\nid = \"s\"\ntitle = \"S\"\n[[section.question]]\nid = \"one\"\nshort = \"One\"\nask = \"One?\"\nseverity = \"blocker\"\n[[section.question]]\nid = \"two\"\nshort = \"Two\"\nask = \"Two?\"\nseverity = \"major\"\n";

const REVIEW: &str = "schema = 1\nsystem = \"Bot\"\nrelease = \"1.4.0\"\nchecklists = [\"own\"]\nvalid_until = 2026-12-01\n\n[roles]\nsecurity = [\"Ana\"]\n\n[answer.own.one]\nstatus = \"yes\"\nanswered_by = \"Bo\"\nreviewed_by = \"Cy\"\n\n[answer.own.two]\nstatus = \"yes\"\n";

fn project(review: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("checklists")).unwrap();
    std::fs::write(folder.path().join("checklists/own.toml"), CHECKLIST).unwrap();
    std::fs::write(folder.path().join("review.toml"), review).unwrap();
    folder
}

const NOW: &str = "2026-11-23";

fn check(folder: &Path, more: &[&str]) -> Output {
    let mut arguments = vec!["check", "--no-simulate", "--as-of", NOW];
    arguments.extend(more);
    gonogo(folder, &arguments)
}

#[test]
fn exit_status_tells_go_from_not_from_bad_input_from_failure() {
    let folder = project(REVIEW);
    let output = check(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        said(&output).starts_with("GO  Bot 1.4.0 (launch)"),
        "{}",
        said(&output)
    );
    let owned = REVIEW.replace(
        "[answer.own.two]\nstatus = \"yes\"",
        "[answer.own.two]\nstatus = \"no\"\nowner = \"Bo\"\ndue = 2026-12-20",
    );
    let folder = project(&owned);
    let output = check(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).starts_with("CONDITIONAL GO")
            && said(&output).contains("review.toml:15:1: warning: own.two"),
        "{}",
        said(&output)
    );
    assert_eq!(
        check(folder.path(), &["--allow-conditional"]).status.code(),
        Some(0)
    );
    let folder = project(&REVIEW.replace(
        "[answer.own.one]\nstatus = \"yes\"",
        "[answer.own.one]\nstatus = \"no\"",
    ));
    let output = check(folder.path(), &["--allow-conditional"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).starts_with("NO-GO")
            && said(&output).contains("review.toml:10:1: error: own.one: answered no"),
        "{}",
        said(&output)
    );
    let folder = project("schema = 1\n");
    assert_eq!(check(folder.path(), &[]).status.code(), Some(2));
    let empty = tempfile::tempdir().unwrap();
    let output = check(empty.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("`gonogo init` writes one"),
        "{}",
        said(&output)
    );
    let folder = project(REVIEW);
    assert_eq!(
        check(folder.path(), &["--output", "json=/proc/none/x.json"])
            .status
            .code(),
        Some(3)
    );
    let output = check(folder.path(), &["--output", "jsno=x"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("did you mean json?"),
        "{}",
        said(&output)
    );
}

#[test]
fn what_will_expire_is_announced() {
    let folder = project(REVIEW);
    assert!(!said(&check(folder.path(), &[])).contains("expires"));
    assert!(!said(&check(folder.path(), &["--warn-within", "7d"])).contains("expires"));
    let output = check(folder.path(), &["--warn-within", "2w"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        said(&output)
            .contains("review.toml:5:15: warning: the review expires on 2026-12-01 (in 8 days)"),
        "{}",
        said(&output)
    );
    let late = gonogo(
        folder.path(),
        &["check", "--no-simulate", "--as-of", "2026-12-02"],
    );
    assert_eq!(late.status.code(), Some(1));
    assert!(
        said(&late).starts_with("INCOMPLETE") && said(&late).contains("the review has expired"),
        "{}",
        said(&late)
    );
}

#[test]
fn a_study_is_used_only_if_it_fits() {
    let folder = project(REVIEW);
    std::fs::write(folder.path().join("study.json"), "{}").unwrap();
    let run = |name: &str| gonogo(folder.path(), &["check", "--as-of", NOW, "--study", name]);
    assert!(
        said(&run("study.json")).contains("study.json:1:2: this is no study"),
        "{}",
        said(&run("study.json"))
    );
    assert!(said(&run("nothing.json")).contains("there is no nothing.json"));
    let init = gonogo(folder.path(), &["init", "--force", "other"]);
    assert!(init.status.success(), "{}", said(&init));
    std::fs::copy(
        folder.path().join("other/scenario.toml"),
        folder.path().join("scenario.toml"),
    )
    .unwrap();
    let study = r#"{"schema":"gonogo.study/1","scenario":{"name":"x","digest":"d"},"catalogue_date":"2026-01-01","catalogue_digest":"c","gonogo_version":"0.0.1","seed":1,"estimator":"exact","cells":[]}"#;
    std::fs::write(folder.path().join("study.json"), study).unwrap();
    let output = run("study.json");
    assert_eq!(output.status.code(), Some(2));
    for expected in [
        "the scenario (",
        "the price catalogue (the study's is of 2026-01-01)",
        "gonogo (the study's is 0.0.1)",
    ] {
        assert!(said(&output).contains(expected), "{}", said(&output));
    }
}

#[test]
fn several_formats_are_written_at_once() {
    let folder = project(&REVIEW.replace(
        "[answer.own.one]\nstatus = \"yes\"",
        "[answer.own.one]\nstatus = \"no\"",
    ));
    let summary = folder.path().join("summary.md");
    let output = Command::new(env!("CARGO_BIN_EXE_gonogo"))
        .current_dir(folder.path())
        .args([
            "check",
            "--no-simulate",
            "--as-of",
            NOW,
            "--output",
            "sarif=out/a.sarif",
            "--output",
            "junit=out/b.xml",
            "--output",
            "json=c.json",
            "--output",
            "markdown=d.md",
            "--output",
            "text=e.txt",
            "--output",
            "github",
        ])
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    for name in [
        "out/a.sarif",
        "out/b.xml",
        "c.json",
        "d.md",
        "e.txt",
        "summary.md",
    ] {
        assert!(
            std::fs::metadata(folder.path().join(name)).is_ok_and(|file| file.len() > 100),
            "{name}"
        );
    }
    let lines = String::from_utf8(output.stdout).unwrap();
    assert!(
        lines.contains(
            "::error file=review.toml,line=10,col=1,title=gonogo%3A own.one::own.one: answered no"
        ),
        "{lines}"
    );
    assert!(lines.lines().all(|line| line.starts_with("::")), "{lines}");
    let json: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("c.json")).unwrap())
            .unwrap();
    assert_eq!(
        (
            json["verdict"].as_str(),
            json["passes"].as_bool(),
            json["schema"].as_str()
        ),
        (Some("NO-GO"), Some(false), Some("gonogo.check/1"))
    );
}

/// What of the SARIF 2.1.0 schema (OASIS, `sarif-schema-2.1.0.json`) concerns the properties that we write: required
/// ones, types, enumerations, minima and patterns; a property that the schema does not know is an error.
fn sarif_errors(document: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    object(
        document,
        "log",
        &["version", "runs"],
        &["$schema", "version", "runs", "properties"],
        &mut errors,
    );
    if document["version"] != "2.1.0" {
        errors.push("version".to_owned());
    }
    for run in list(&document["runs"], "runs", &mut errors) {
        object(
            run,
            "run",
            &["tool"],
            &["tool", "results", "columnKind", "properties"],
            &mut errors,
        );
        one_of(
            &run["columnKind"],
            &["utf16CodeUnits", "unicodeCodePoints"],
            "columnKind",
            &mut errors,
        );
        object(&run["tool"], "tool", &["driver"], &["driver"], &mut errors);
        let driver = &run["tool"]["driver"];
        object(
            driver,
            "driver",
            &["name"],
            &[
                "name",
                "semanticVersion",
                "version",
                "informationUri",
                "rules",
            ],
            &mut errors,
        );
        let rules = list(&driver["rules"], "rules", &mut errors);
        for rule in &rules {
            object(
                rule,
                "rule",
                &["id"],
                &[
                    "id",
                    "name",
                    "shortDescription",
                    "fullDescription",
                    "help",
                    "defaultConfiguration",
                    "properties",
                ],
                &mut errors,
            );
            for text in ["shortDescription", "fullDescription", "help"] {
                if let Some(message) = rule.get(text) {
                    object(message, text, &["text"], &["text", "markdown"], &mut errors);
                }
            }
            one_of(
                &rule["defaultConfiguration"]["level"],
                &["none", "note", "warning", "error"],
                "level",
                &mut errors,
            );
        }
        for result in list(&run["results"], "results", &mut errors) {
            object(
                result,
                "result",
                &["message"],
                &[
                    "ruleId",
                    "ruleIndex",
                    "level",
                    "message",
                    "locations",
                    "partialFingerprints",
                    "suppressions",
                    "properties",
                ],
                &mut errors,
            );
            object(
                &result["message"],
                "message",
                &["text"],
                &["text"],
                &mut errors,
            );
            one_of(
                &result["level"],
                &["none", "note", "warning", "error"],
                "level",
                &mut errors,
            );
            let index = result["ruleIndex"]
                .as_u64()
                .and_then(|index| usize::try_from(index).ok());
            if index
                .and_then(|index| rules.get(index))
                .is_none_or(|rule| rule["id"] != result["ruleId"])
            {
                errors.push("ruleIndex does not lead to ruleId".to_owned());
            }
            if !result["partialFingerprints"]
                .as_object()
                .is_some_and(|map| map.values().all(Value::is_string))
            {
                errors.push("partialFingerprints".to_owned());
            }
            for location in list(&result["locations"], "locations", &mut errors) {
                object(
                    location,
                    "location",
                    &[],
                    &["physicalLocation"],
                    &mut errors,
                );
                let physical = &location["physicalLocation"];
                object(
                    physical,
                    "physicalLocation",
                    &["artifactLocation"],
                    &["artifactLocation", "region"],
                    &mut errors,
                );
                object(
                    &physical["artifactLocation"],
                    "artifactLocation",
                    &["uri"],
                    &["uri"],
                    &mut errors,
                );
                let uri = physical["artifactLocation"]["uri"].as_str().unwrap_or(" ");
                if uri.chars().any(|letter| {
                    letter.is_whitespace() || letter.is_control() || "<>\"{}|\\^`".contains(letter)
                }) {
                    errors.push(format!("{uri} is no uri reference"));
                }
                for field in ["startLine", "startColumn"] {
                    if physical["region"][field]
                        .as_u64()
                        .is_none_or(|number| number < 1)
                    {
                        errors.push(field.to_owned());
                    }
                }
            }
            for suppression in result
                .get("suppressions")
                .map(|list_| list(list_, "suppressions", &mut errors))
                .unwrap_or_default()
            {
                object(
                    suppression,
                    "suppression",
                    &["kind"],
                    &["kind", "status", "justification"],
                    &mut errors,
                );
                one_of(
                    &suppression["kind"],
                    &["inSource", "external"],
                    "kind",
                    &mut errors,
                );
                one_of(
                    &suppression["status"],
                    &["accepted", "underReview", "rejected"],
                    "status",
                    &mut errors,
                );
            }
        }
    }
    errors
}

fn object(value: &Value, name: &str, required: &[&str], known: &[&str], errors: &mut Vec<String>) {
    let Some(map) = value.as_object() else {
        errors.push(format!("{name} is no object"));
        return;
    };
    errors.extend(
        required
            .iter()
            .filter(|key| !map.contains_key(**key))
            .map(|key| format!("{name}.{key} is missing")),
    );
    errors.extend(
        map.keys()
            .filter(|key| !known.contains(&key.as_str()))
            .map(|key| format!("{name}.{key} is not known")),
    );
    for text in [
        "text",
        "name",
        "id",
        "ruleId",
        "uri",
        "justification",
        "semanticVersion",
    ] {
        if map.get(text).is_some_and(|value| !value.is_string()) {
            errors.push(format!("{name}.{text} is no text"));
        }
    }
}

fn list<'v>(value: &'v Value, name: &str, errors: &mut Vec<String>) -> Vec<&'v Value> {
    value.as_array().map_or_else(
        || {
            errors.push(format!("{name} is no list"));
            Vec::new()
        },
        |list| list.iter().collect(),
    )
}

fn one_of(value: &Value, known: &[&str], name: &str, errors: &mut Vec<String>) {
    if !value.as_str().is_some_and(|text| known.contains(&text)) {
        errors.push(format!("{name}: {value}"));
    }
}

#[test]
fn sarif_is_valid_carries_only_what_fails_and_suppresses_what_is_waived() {
    let waived = REVIEW.replace(
        "[answer.own.one]\nstatus = \"yes\"",
        "[answer.own.one]\nstatus = \"no\"",
    ) + "\n[waiver.own.one]\nreason = \"second provider in January\"\napproved_by = \"Ana\"\napproved_on = 2026-11-20\nexpires = 2026-12-20\n";
    for (review, results, suppressed) in [
        (REVIEW.to_owned(), 0, 0),
        (waived.clone(), 1, 1),
        (waived.replace("2026-12-20", "2026-11-22"), 2, 0),
    ] {
        let folder = project(&review);
        let output = check(folder.path(), &["--output", "sarif"]);
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(sarif_errors(&document), Vec::<String>::new());
        let found = document["runs"][0]["results"].as_array().unwrap();
        assert_eq!(found.len(), results, "{document:#}");
        assert_eq!(
            found
                .iter()
                .filter(|result| result.get("suppressions").is_some())
                .count(),
            suppressed
        );
    }
    let folder = project(&waived);
    let document: Value =
        serde_json::from_slice(&check(folder.path(), &["--output", "sarif"]).stdout).unwrap();
    let suppression = &document["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(
        suppression["justification"],
        "accepted by Ana until 2026-12-20: second provider in January"
    );
    // The checker itself must be able to fail.
    let mut broken = document.clone();
    broken["runs"][0]["results"][0]["level"] = "fatal".into();
    broken["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] =
        0.into();
    assert_eq!(sarif_errors(&broken).len(), 2);
}

/// Enough of XML to know that a document is well formed: tags nest, attributes are quoted, entities are known.
fn well_formed(xml: &str) -> Result<(), String> {
    let mut open: Vec<String> = Vec::new();
    let mut rest = xml
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        .ok_or("no declaration")?;
    while let Some(at) = rest.find('<') {
        text_is_fine(&rest[..at])?;
        let mut quoted = false;
        let end = rest[at..]
            .find(|letter| {
                if letter == '"' {
                    quoted = !quoted;
                }
                letter == '>' && !quoted
            })
            .ok_or("a tag does not end")?
            + at;
        let tag = &rest[at + 1..end];
        text_is_fine(tag)?;
        if tag.contains('<') {
            return Err(format!("< in {tag}"));
        }
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(name) {
                return Err(format!("{name} closes nothing"));
            }
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap_or_default().to_owned());
        }
        rest = &rest[end + 1..];
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(format!("{open:?} stay open"))
    }
}

fn text_is_fine(text: &str) -> Result<(), String> {
    if let Some(bad) = text
        .chars()
        .find(|letter| letter.is_control() && !matches!(letter, '\n' | '\t'))
    {
        return Err(format!("{bad:?}"));
    }
    for piece in text.split('&').skip(1) {
        let name = piece.split(';').next().unwrap_or_default();
        if !["amp", "lt", "gt", "quot", "apos", "#10"].contains(&name) {
            return Err(format!("&{name}"));
        }
    }
    Ok(())
}

/// Text that would do harm somewhere: terminals, runners, Markdown, XML, spreadsheets.
const NASTY: &str = "\\u001b[31m\\u0007::error::pwned\\n::set-output name=x::y\\n##[add-path]/tmp <script>alert(1)</script> [x](javascript:alert(1)) | =HYPERLINK(\\\"http://e\\\") @everyone ]]> &amp; \\\" ' \\u202egnp.exe";

fn nasty_project() -> tempfile::TempDir {
    let nasty = |prefix: &str| format!("\"{prefix}{NASTY}\"");
    let checklist = CHECKLIST
        .replace("\"Own\"", &nasty(""))
        .replace("title = \"S\"", &format!("title = {}", nasty("::error::")))
        .replace("\"One\"", &nasty("="))
        .replace("\"One?\"", &nasty("::"));
    let review = REVIEW
        .replace("\"Bot\"", &nasty("::error::"))
        .replace("\"1.4.0\"", &nasty(""))
        .replace(
            "[answer.own.one]\nstatus = \"yes\"",
            &format!(
                "[answer.own.one]\nstatus = \"no\"\nnote = {0}\nowner = {0}\nevidence = [\"e\"]",
                nasty("=")
            ),
        )
        .replace("\"Bo\"", &nasty("+"))
        .replace("\"Cy\"", &nasty("-"))
        .replace("\"Ana\"", &nasty("@"))
        + &format!(
            "\n[evidence.e]\nkind = \"link\"\nref = \"https://me:secret@host.example/p?token=hidden#{NASTY}\"\n\n[waiver.own.one]\nreason = {0}\napproved_by = {1}\napproved_on = 2026-11-20\nexpires = 2026-12-20\n\n[waiver.own.two]\nreason = {0}\napproved_by = {0}\napproved_on = 2026-11-20\nexpires = 2026-11-21\n\n[signoff.security]\nname = {0}\ndecision = \"go\"\nnote = {0}\n",
            nasty("="),
            nasty("@")
        );
    let folder = project(&review.replace(
        "[answer.own.two]\nstatus = \"yes\"",
        "[answer.own.two]\nstatus = \"partial\"",
    ));
    std::fs::write(folder.path().join("checklists/own.toml"), checklist).unwrap();
    folder
}

#[test]
fn nasty_text_in_every_field_acts_in_no_output() {
    let folder = nasty_project();
    let run = |arguments: &[&str]| {
        let output = gonogo(folder.path(), arguments);
        assert!(
            output.status.code().is_some_and(|code| code < 2),
            "{arguments:?}: {}",
            said(&output)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let format = |name: &str| {
        run(&[
            "check",
            "--no-simulate",
            "--as-of",
            NOW,
            "--output",
            name,
            "--warn-within",
            "90d",
        ])
    };
    let lists = [
        format("text"),
        run(&["review", "list"]),
        run(&["review", "show", "own.one"]),
        run(&["review", "history"]),
        run(&["review", "export"]),
        format("markdown"),
    ];
    for text in &lists {
        for (number, line) in text.lines().enumerate() {
            assert!(
                !line.trim_start().starts_with("::"),
                "line {number}: {line}"
            );
            assert!(!line.contains("##["), "line {number}: {line}");
            assert!(
                !line
                    .chars()
                    .any(|letter| letter.is_control() || letter == '\u{202e}'),
                "line {number}: {line:?}"
            );
        }
    }
    for markdown in [&lists[4], &lists[5]] {
        // A bracket behind a backslash closes nothing.
        let markdown = markdown.replace("\\]", "");
        assert!(
            !markdown.contains("<script>")
                && !markdown.contains("](javascript")
                && !markdown.contains("@everyone"),
            "{markdown}"
        );
        let table = markdown
            .lines()
            .filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
        for line in table {
            let bars = line.replace("\\|", "").matches('|').count();
            assert!(bars == 4 || bars == 5, "{line}");
        }
    }
    let xml = format("junit");
    assert_eq!(well_formed(&xml), Ok(()), "{xml}");
    assert!(well_formed("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a><b></a>").is_err());
    let sarif: Value = serde_json::from_str(&format("sarif")).unwrap();
    assert_eq!(sarif_errors(&sarif), Vec::<String>::new());
    let annotations = format("github");
    assert!(
        annotations.lines().all(|line| line.starts_with("::error ")
            || line.starts_with("::warning ")
            || line.starts_with("::notice ")),
        "{annotations}"
    );
    let csv = run(&["review", "export", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    for record in reader.records() {
        for cell in &record.unwrap() {
            let start = cell.trim_start().chars().next().unwrap_or('x');
            assert!(!"=+-@|%".contains(start), "{cell}");
        }
    }
    for output in lists
        .iter()
        .chain([&xml, &annotations, &csv, &sarif.to_string()])
    {
        assert!(
            !output.contains("hidden") && !output.contains("secret"),
            "links keep no query and no credentials: {output}"
        );
    }
    assert!(csv.contains("https://host.example/p"));
    let json: Value = serde_json::from_str(&format("json")).unwrap();
    assert!(!json.to_string().contains("\\u001b") && !json.to_string().contains("\\u202e"));
}

#[test]
fn a_strategy_that_the_scenario_does_not_have_is_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    assert!(gonogo(folder.path(), &["init"]).status.success());
    let path = folder.path().join("review.toml");
    let review = std::fs::read_to_string(&path)
        .unwrap()
        .replace("# strategy = \"…\"", "strategy = \"cahced\"");
    std::fs::write(&path, review).unwrap();
    let output = check(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("review.toml:7:12")
            && said(&output).contains("did you mean `cached`?"),
        "{}",
        said(&output)
    );
}

#[test]
fn places_are_given_from_the_root_of_the_repository() {
    let folder = project(&REVIEW.replace(
        "[answer.own.one]\nstatus = \"yes\"",
        "[answer.own.one]\nstatus = \"no\"",
    ));
    let inner = folder.path().join("services/bot");
    std::fs::create_dir_all(&inner).unwrap();
    for name in ["review.toml", "checklists"] {
        std::fs::rename(folder.path().join(name), inner.join(name)).unwrap();
    }
    assert!(
        Command::new("git")
            .current_dir(folder.path())
            .args(["init", "-q", "."])
            .status()
            .unwrap()
            .success()
    );
    let lines = said(&check(&inner, &["--output", "github"]));
    assert!(
        lines.contains("file=services/bot/review.toml,line="),
        "{lines}"
    );
    let sarif: Value =
        serde_json::from_slice(&check(&inner, &["--output", "sarif"]).stdout).unwrap();
    let uri = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        ["uri"];
    assert_eq!(uri, "services/bot/review.toml");
}
