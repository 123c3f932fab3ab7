//! The first ten minutes, carrying a review on, editing a checklist, and JSON for scripts.

use crate::harness::{ANA, BO, FAY, Project, json, said};

#[test]
fn the_first_ten_minutes_lead_from_an_empty_folder_to_a_verdict() {
    let project = Project::empty();
    // gonogo init: answers the six questions by their defaults where there is no terminal.
    let said_so = project.ok(&["init"]);
    assert!(
        said_so.contains("wrote ./review.toml") && said_so.contains("gonogo check"),
        "{said_so}"
    );
    assert!(project.read("scenario.toml").lines().count() <= 30);
    assert_eq!(
        project
            .read("review.toml")
            .matches("[answer.production.")
            .count(),
        15
    );
    assert!(
        project
            .read(".gitattributes")
            .contains("review.history.jsonl merge=union")
    );
    project.ok(&["validate", "scenario.toml"]);
    // gonogo check: not yet, and why.
    let output = project.run(&["check", "--no-simulate"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).starts_with("INCOMPLETE")
            && said(&output).contains("9 blockers are not answered"),
        "{}",
        said(&output)
    );
    // Answers, evidence, a budget, a waiver, signatures.
    let roles = project
        .read("review.toml")
        .replace("engineering = []", &format!("engineering = [\"{ANA}\"]"))
        .replace("security = []", &format!("security = [\"{BO}\"]"))
        .replace("finance = []", &format!("finance = [\"{FAY}\"]"));
    project.write("review.toml", &roles);
    let strategies = project.run(&["review", "about", "--strategy", "no-such", "--by", ANA]);
    assert!(
        said(&strategies).contains("the scenario has no strategy `no-such`"),
        "{}",
        said(&strategies)
    );
    project.review(&[
        "about",
        "--release",
        "1.4.0",
        "--valid-until",
        "+90d",
        "--by",
        ANA,
    ]);
    project.answer_all();
    project.review(&[
        "budget",
        "10x",
        "150_000",
        "--approved-by",
        FAY,
        "--by",
        ANA,
    ]);
    project.review(&[
        "set", "fallback", "no", "--owner", "Cy", "--due", "+30d", "--by", ANA,
    ]);
    let output = project.run(&["check", "--no-simulate", "--before-signoff"]);
    assert!(
        said(&output).starts_with("NO-GO")
            && said(&output).contains("production.fallback: answered no"),
        "{}",
        said(&output)
    );
    project.review(&[
        "waive",
        "fallback",
        "--reason",
        "second provider in January",
        "--approved-by",
        BO,
        "--expires",
        "+30d",
        "--by",
        ANA,
    ]);
    for (role, who) in [("engineering", ANA), ("security", BO), ("finance", FAY)] {
        project.review(&["sign", role, "--by", who]);
    }
    // What is left is what only a simulation can tell.
    let output = project.run(&["check", "--no-simulate"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).starts_with("INCOMPLETE") && said(&output).contains("nothing was simulated"),
        "{}",
        said(&output)
    );
    let history = project.review(&["history"]);
    assert!(
        history.contains("waive") && history.contains("signoff.finance.decision"),
        "{history}"
    );
    // A review without such questions goes.
    let list = project.read("review.toml");
    assert!(list.contains("parts = { "));
}

#[test]
fn init_keeps_what_is_there() {
    let project = Project::empty();
    project.write(".gitattributes", "*.png binary\n");
    project.write(
        "review.toml",
        "schema = 1\nsystem = \"Mine\"\nchecklists = [\"production\"]\n",
    );
    project.ok(&["init"]);
    assert!(project.read("review.toml").contains("Mine"));
    assert_eq!(
        project.read(".gitattributes"),
        "*.png binary\nreview.history.jsonl merge=union\nreview.toml merge=gonogo\n"
    );
}

#[test]
fn a_new_answer_takes_the_second_look_away_and_a_confirmed_one_does_not() {
    let project = Project::new();
    project.review(&["set", "fallback", "yes", "--by", ANA]);
    project.review(&["set", "fallback", "--reviewed-by", BO, "--by", BO]);
    project.review(&["set", "fallback", "yes", "--by", ANA]);
    assert!(
        project
            .review(&["show", "fallback"])
            .contains("reviewed  Bo Example")
    );
    project.review(&["set", "fallback", "no", "--by", ANA]);
    assert!(
        !project
            .review(&["show", "fallback"])
            .contains("reviewed  Bo")
    );
}

#[test]
fn every_command_prints_json_for_scripts() {
    let project = Project::new();
    project.write("load.json", "{}");
    let commands: [(&[&str], &str); 16] = [
        (&["list", "--all"], "gonogo.questions/1"),
        (&["show", "fallback"], "gonogo.question/1"),
        (
            &[
                "set", "fallback", "no", "--owner", "Cy", "--due", "next fri",
            ],
            "gonogo.change/1",
        ),
        (&["note", "fallback", "why"], "gonogo.change/1"),
        (
            &[
                "evidence",
                "add",
                "load",
                "--kind",
                "file",
                "--ref",
                "load.json",
                "--for",
                "p95-latency",
            ],
            "gonogo.change/1",
        ),
        (
            &[
                "waive",
                "fallback",
                "--reason",
                "r",
                "--approved-by",
                BO,
                "--expires",
                "+20d",
            ],
            "gonogo.change/1",
        ),
        (&["waive", "fallback", "--revoke"], "gonogo.change/1"),
        (&["sign", "security", "--name", BO], "gonogo.change/1"),
        (
            &["budget", "10x", "150_000", "--approved-by", FAY],
            "gonogo.change/1",
        ),
        (&["about", "--stage", "pilot"], "gonogo.change/1"),
        (&["history"], "gonogo.history/1"),
        (&["repin"], "gonogo.change/1"),
        (&["checklists"], "gonogo.checklists/1"),
        (&["checklists", "--add", "finops"], "gonogo.change/1"),
        (
            &[
                "add-question",
                "refunds",
                "--section",
                "quality",
                "--ask",
                "Are refunds checked?",
            ],
            "gonogo.change/1",
        ),
        (
            &["carry", "review.toml", "-o", "next.toml"],
            "gonogo.change/1",
        ),
    ];
    for (command, schema) in commands {
        let mut all = command.to_vec();
        all.extend(["--by", ANA, "--json", "--as-of", "2026-11-23"]);
        assert_eq!(json(&project.review(&all))["schema"], schema, "{command:?}");
    }
    assert_eq!(
        json(&project.review(&["diff", "review.toml", "next.toml", "--json"]))["schema"],
        "gonogo.diff/1"
    );
    std::fs::copy(
        project.path().join("review.toml"),
        project.path().join("same.toml"),
    )
    .unwrap();
    assert_eq!(
        json(&project.review(&["merge", "same.toml", "same.toml", "same.toml", "--json"]))["schema"],
        "gonogo.merge/1"
    );
    assert!(
        project.read("review.toml").contains("due = 2026-11-27"),
        "next friday after a monday"
    );
}

#[test]
fn carrying_keeps_answers_and_comments_and_drops_waivers_and_signatures() {
    let project = Project::new();
    project.answer_all();
    project.review(&["set", "fallback", "no", "--by", ANA]);
    project.review(&[
        "waive",
        "fallback",
        "--reason",
        "r",
        "--approved-by",
        BO,
        "--expires",
        "+20d",
        "--by",
        ANA,
    ]);
    project.review(&["sign", "security", "--by", BO]);
    project.review(&[
        "carry",
        "review.toml",
        "--release",
        "1.5.0",
        "-o",
        "next.toml",
    ]);
    let next = project.read("next.toml");
    assert!(
        next.contains("release = \"1.5.0\"")
            && !next.contains("[waiver.")
            && !next.contains("digest = ")
            && !next.contains("reviewed_by")
    );
    assert!(
        next.contains("[signoff.security]")
            && next.contains("# GenAI production checklist: Performance")
    );
    assert_eq!(next.matches("look_again = true").count(), 15);
    let output = project.run(&[
        "check",
        "--review",
        "next.toml",
        "--no-simulate",
        "--before-signoff",
    ]);
    assert!(
        said(&output).contains("carried over: look again"),
        "{}",
        said(&output)
    );
    project.review(&[
        "set",
        "p95-latency",
        "yes",
        "--review",
        "next.toml",
        "--by",
        ANA,
    ]);
    assert_eq!(
        project
            .read("next.toml")
            .matches("look_again = true")
            .count(),
        14
    );
    assert!(
        project
            .refused(&["review", "carry", "review.toml", "-o", "next.toml"])
            .contains("already there")
    );
}

#[test]
fn an_edited_checklist_is_the_projects_own_and_a_changed_pin_is_named() {
    let project = Project::new();
    let review = project.read("review.toml");
    let digest = review
        .lines()
        .find(|line| line.starts_with("sha256 = "))
        .unwrap()
        .to_owned();
    project.write("review.toml", &review.replace(&digest, "sha256 = \"0000\""));
    let said_so = project.refused(&["check", "--no-simulate"]);
    assert!(
        said_so.contains("review.toml:16:1")
            && said_so.contains("`gonogo review repin production` accepts the newer one"),
        "{said_so}"
    );
    project.review(&["repin", "--by", ANA]);
    assert!(project.read("review.toml").contains(&digest));
    project.review(&[
        "add-question",
        "refunds",
        "--section",
        "quality",
        "--ask",
        "Are refunds checked?",
        "--severity",
        "blocker",
        "--by",
        ANA,
    ]);
    let review = project.read("review.toml");
    assert!(
        !review.contains("[pinned.production]") && review.contains("[answer.production.refunds]")
    );
    let own = project.read("checklists/production.toml");
    assert!(own.contains("# The founding checklist") && own.contains("id = \"refunds\""));
    assert!(
        own.find("id = \"refunds\"").unwrap() < own.find("id = \"security-compliance\"").unwrap(),
        "at the end of its section"
    );
    assert_eq!(
        json(&project.review(&["list", "--json"]))["questions"]
            .as_array()
            .unwrap()
            .len(),
        16
    );
    // A meaning is changed: its revision is raised, and the answer needs another look.
    project.review(&["set", "fallback", "yes", "--by", ANA]);
    let own = own.replacen(
        "id = \"fallback\"\nrev = 1",
        "id = \"fallback\"\nrev = 2",
        1,
    );
    project.write("checklists/production.toml", &own);
    assert!(
        project
            .review(&["show", "fallback"])
            .contains("answers revision 1, now 2")
    );
    project.review(&["repin", "--by", ANA]);
    assert!(
        project
            .review(&["show", "fallback"])
            .contains("needs another look")
    );
    project.review(&["set", "fallback", "yes", "--by", ANA]);
    assert!(
        !project
            .review(&["show", "fallback"])
            .contains("needs another look")
    );
    // A question is replaced by another.
    let own = project.read("checklists/production.toml").replacen(
        "id = \"incident-plan\"",
        "id = \"incident-runbook\"\nsupersedes = [\"incident-plan\"]",
        1,
    );
    project.review(&["set", "incident-plan", "yes", "--note", "kept", "--by", ANA]);
    project.write("checklists/production.toml", &own);
    let said_so = project.refused(&["review", "list"]);
    assert!(said_so.contains("`incident-runbook` replaces it: `gonogo review repin production` carries the answer over"), "{said_so}");
    project.review(&["repin", "--by", ANA]);
    let shown = project.review(&["show", "incident-runbook"]);
    assert!(
        shown.contains("kept") && shown.contains("needs another look"),
        "{shown}"
    );
}

#[test]
fn questions_and_answers_are_exported_as_markdown_and_csv() {
    let project = Project::new();
    project.review(&["set", "fallback", "no", "--note", "=1+1", "--by", ANA]);
    let markdown = project.review(&["export"]);
    assert!(
        markdown.contains("## production: Performance")
            && markdown.contains("- [ ] **Fallback for API failures**"),
        "{markdown}"
    );
    project.review(&["export", "--format", "csv", "-o", "out.csv"]);
    let csv = project.read("out.csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().unwrap().len(), 18);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 15);
    assert!(rows.iter().any(|row| &row[8] == "'=1+1"));
}
