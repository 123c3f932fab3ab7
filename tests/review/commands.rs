//! What people do to a review by command: the first ten minutes, signatures, imports, bad input, every command's JSON.

#![expect(clippy::too_many_lines, reason = "one story told to its end")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const ANA: &str = "Ana Example <ana@example.org>";
const BO: &str = "Bo Example <bo@example.org>";
const FAY: &str = "Fay Example <fay@example.org>";

struct Project {
    folder: tempfile::TempDir,
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

impl Project {
    fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// After `gonogo init`, with somebody in every role.
    fn new() -> Self {
        let project = Self::empty();
        project.ok(&["init"]);
        let review = project.read("review.toml");
        let roles = review
            .lines()
            .map(|line| match line.split(' ').next() {
                Some("engineering") if line.contains(" = [") => {
                    format!("engineering = [\"{ANA}\"]")
                }
                Some("security") => format!("security = [\"{BO}\"]"),
                Some("finance") => format!("finance = [\"{FAY}\"]"),
                _ => line.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("\n");
        project.write("review.toml", &format!("{roles}\n"));
        project
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        if let Some(folder) = Path::new(name).parent() {
            std::fs::create_dir_all(self.path().join(folder)).unwrap();
        }
        std::fs::write(self.path().join(name), text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
        // No user of git's is known here, whoever runs the tests.
        command
            .current_dir(self.path())
            .args(arguments)
            .stdin(Stdio::null());
        command
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", self.path());
        command.output().unwrap()
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments:?}: {}",
            said(&output)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    fn review(&self, arguments: &[&str]) -> String {
        let mut all = vec!["review"];
        all.extend(arguments);
        self.ok(&all)
    }

    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            said(&output)
        );
        said(&output)
    }

    /// Answers everything well, reviewed by somebody else, with a ticket as evidence.
    fn answer_all(&self) {
        self.review(&[
            "evidence", "add", "proof", "--kind", "ticket", "--ref", "OPS-1", "--by", ANA,
        ]);
        let list: Value = serde_json::from_str(&self.review(&["list", "--json"])).unwrap();
        for question in list["questions"].as_array().unwrap() {
            let key = question["key"].as_str().unwrap();
            self.review(&[
                "set",
                key,
                "yes",
                "--note",
                "seen",
                "--evidence",
                "proof",
                "--reviewed-by",
                BO,
                "--by",
                ANA,
            ]);
        }
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

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
fn a_signature_is_void_after_any_change_to_what_it_covers_and_says_which() {
    let signed = || {
        let project = Project::new();
        project.write("load.json", "{}");
        project.review(&[
            "evidence",
            "add",
            "load",
            "--kind",
            "file",
            "--ref",
            "load.json",
            "--for",
            "p95-latency",
            "--by",
            ANA,
        ]);
        project.review(&["sign", "security", "--by", BO]);
        let state = |project: &Project| {
            let check = json(
                &String::from_utf8(project.run(&["check", "--no-simulate", "--json"]).stdout)
                    .unwrap(),
            );
            let all = check["signatures"].as_array().unwrap().clone();
            all.iter()
                .find(|signature| signature["role"] == "security")
                .unwrap()["state"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!(state(&project), "go");
        (project, state)
    };
    let scenario = |project: &Project, edit: &dyn Fn(&str) -> String| {
        let text = project.read("scenario.toml");
        let edited = edit(&text);
        assert_ne!(text, edited, "the edit must change something: {text}");
        project.write("scenario.toml", &edited);
    };
    let number_after = |text: &str, key: &str, number: &str| -> String {
        text.lines()
            .map(|line| {
                if line.trim_start().starts_with(key) {
                    format!("{key} = {number}")
                } else {
                    line.to_owned()
                }
            })
            .collect::<Vec<_>>()
            .join("\n")
    };
    // The scenario's budget is raised, its volume lowered.
    let (project, state) = signed();
    scenario(&project, &|text| {
        let (head, tail) = text
            .split_once("\"1x\" = ")
            .expect("the first scenario has a budget");
        let rest = tail.trim_start_matches(|digit: char| digit.is_ascii_digit() || digit == '_');
        format!("{head}\"1x\" = 9_000_000{rest}")
    });
    assert_eq!(state(&project), "void: the scenario changed");
    let (project, state) = signed();
    scenario(&project, &|text| {
        number_after(text, "conversations_per_day", "7")
    });
    assert_eq!(state(&project), "void: the scenario changed");
    // A comment in it changes nothing.
    let (project, state) = signed();
    scenario(&project, &|text| format!("# read me\n{text}"));
    assert_eq!(state(&project), "go");
    // A checklist is edited.
    let (project, state) = signed();
    project.review(&[
        "add-question",
        "refunds",
        "--section",
        "quality",
        "--ask",
        "Are refunds checked?",
        "--by",
        ANA,
    ]);
    let void = state(&project);
    assert!(
        void.contains("the checklist production") && void.contains("the answers"),
        "{void}"
    );
    // An answer, the budget, a role, a waiver, what is decided about.
    for (arguments, part) in [
        (vec!["note", "fallback", "x"], "the answers"),
        (
            vec!["budget", "1x", "5", "--approved-by", FAY],
            "the approved budget",
        ),
        (vec!["about", "--release", "2"], "what is decided about"),
        (
            vec![
                "evidence", "add", "other", "--kind", "ticket", "--ref", "T-1",
            ],
            "the evidence",
        ),
    ] {
        let (project, state) = signed();
        let mut all = arguments.clone();
        all.extend(["--by", ANA]);
        project.review(&all);
        assert!(
            state(&project).starts_with(&format!("void: {part}")),
            "{arguments:?}: {}",
            state(&project)
        );
    }
    let (project, state) = signed();
    project.write(
        "review.toml",
        &project
            .read("review.toml")
            .replace(&format!("finance = [\"{FAY}\"]"), "finance = []"),
    );
    assert_eq!(state(&project), "void: the roles changed");
    // Another's signature changes nothing, a comment neither.
    let (project, state) = signed();
    project.review(&["sign", "finance", "--decision", "no-go", "--by", FAY]);
    project.write(
        "review.toml",
        &format!("# read me\n{}", project.read("review.toml")),
    );
    assert_eq!(state(&project), "go");
    // An evidence file is swapped.
    let (project, state) = signed();
    project.write("load.json", "{\"p95\": 1}");
    assert_eq!(state(&project), "void: the evidence changed");
}

#[test]
fn a_signature_is_void_when_the_catalogue_or_gonogo_changes() {
    use gonogo::checklist::{Outside, Parts, read_review, shipped};
    let lists = vec![shipped("production").unwrap().unwrap()];
    let review = read_review(&gonogo::reading::Source::new(
        "r",
        "schema = 1\nsystem = \"x\"\nchecklists = [\"production\"]\n[signoff.a]\nname = \"A\"\n",
    ))
    .unwrap();
    let outside = Outside {
        scenario: Some("s".to_owned()),
        catalogue: "c".to_owned(),
        version: "1".to_owned(),
        files: [].into(),
    };
    let parts = Parts::of(&review, &lists, &outside);
    let mut signoff = review.signoffs["a"].clone();
    signoff.digest = Some(parts.digest());
    signoff.parts = parts.short();
    let now = |outside: Outside| Parts::of(&review, &lists, &outside).changed(&signoff);
    assert_eq!(now(outside.clone()), Vec::<String>::new());
    assert_eq!(
        now(Outside {
            catalogue: "d".to_owned(),
            ..outside.clone()
        }),
        ["the price catalogue"]
    );
    assert_eq!(
        now(Outside {
            version: "2".to_owned(),
            ..outside.clone()
        }),
        ["gonogo's version"]
    );
    assert_eq!(
        now(Outside {
            scenario: None,
            ..outside.clone()
        }),
        ["the scenario"]
    );
    assert_eq!(
        now(Outside {
            files: [("e".to_owned(), "f".to_owned())].into(),
            ..outside
        }),
        Vec::<String>::new(),
        "no evidence names that file"
    );
    // Whoever edits the parts by hand cannot make the digest fit.
    signoff.parts = Parts::of(
        &review,
        &lists,
        &Outside {
            version: "2".to_owned(),
            ..Outside::default()
        },
    )
    .short();
    assert_eq!(
        Parts::of(
            &review,
            &lists,
            &Outside {
                version: "2".to_owned(),
                ..Outside::default()
            }
        )
        .changed(&signoff),
        ["its digest does not fit what is here"]
    );
}

#[test]
fn what_would_not_count_is_refused_with_what_would() {
    let project = Project::new();
    let refuse = |arguments: &[&str], expected: &str| {
        let before = project.read("review.toml");
        let mut all = vec!["review"];
        all.extend(arguments);
        let said = project.refused(&all);
        assert!(said.contains(expected), "{arguments:?}: {said}");
        assert_eq!(project.read("review.toml"), before);
    };
    refuse(
        &["set", "fallbak", "yes", "--by", ANA],
        "did you mean `fallback`?",
    );
    refuse(
        &["set", "fallback", "na", "--note", "n", "--by", ANA],
        "cannot be answered na",
    );
    refuse(
        &["set", "privacy-assessment", "na", "--by", ANA],
        "na needs a reason",
    );
    refuse(
        &["set", "fallback", "yes", "--reviewed-by", ANA, "--by", ANA],
        "somebody else has to look at it",
    );
    refuse(
        &["set", "fallback", "no", "--due", "2027-02-29", "--by", ANA],
        "the day 2027-02-29 does not exist",
    );
    refuse(
        &["set", "fallback", "no", "--due", "someday", "--by", ANA],
        "expected 2026-12-01, +30d or next fri",
    );
    refuse(&["set", "fallback", "--by", ANA], "nothing to set");
    refuse(&["set", "fallback", "yes"], "it is not known who does this");
    refuse(
        &["set", "fallback", "yes", "--evidence", "lod", "--by", ANA],
        "there is no evidence `lod`",
    );
    refuse(
        &[
            "evidence",
            "add",
            "x",
            "--kind",
            "file",
            "--ref",
            "nothing.json",
            "--by",
            ANA,
        ],
        "there is no file",
    );
    refuse(
        &[
            "evidence", "add", "x y", "--kind", "ticket", "--ref", "T", "--by", ANA,
        ],
        "cannot be an id",
    );
    refuse(
        &[
            "evidence",
            "add",
            "x",
            "--kind",
            "ticket",
            "--ref",
            "T",
            "--collected",
            "+3d",
            "--by",
            ANA,
        ],
        "has not come yet",
    );
    refuse(
        &[
            "waive",
            "fallback",
            "--reason",
            "r",
            "--approved-by",
            "Zed",
            "--expires",
            "+10d",
            "--by",
            ANA,
        ],
        "is not listed under roles",
    );
    refuse(
        &[
            "waive",
            "fallback",
            "--reason",
            "r",
            "--approved-by",
            BO,
            "--expires",
            "+61d",
            "--by",
            ANA,
        ],
        "at most 60 are allowed (it can run until",
    );
    refuse(
        &["waive", "fallback", "--revoke", "--by", ANA],
        "has no waiver",
    );
    refuse(&["sign", "securty", "--by", BO], "did you mean `security`?");
    refuse(
        &["sign", "security", "--by", ANA],
        "may not sign for security",
    );
    refuse(
        &["budget", "ten", "5", "--approved-by", FAY, "--by", ANA],
        "is not a volume",
    );
    refuse(
        &["budget", "10x", "5", "--approved-by", "Zed", "--by", ANA],
        "is not listed under roles",
    );
    refuse(
        &["checklists", "--add", "privcy", "--by", ANA],
        "did you mean `privacy`?",
    );
    project.review(&["set", "fallback", "no", "--by", BO]);
    refuse(
        &[
            "waive",
            "fallback",
            "--reason",
            "r",
            "--approved-by",
            BO,
            "--expires",
            "+10d",
            "--by",
            ANA,
        ],
        "is who answered or owns it",
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
fn bad_input_is_named_with_its_place_its_remedy_and_all_at_once() {
    let project = Project::new();
    let review = project.read("review.toml")
        + "\n[answer.production.fallbak]\nstatus = \"yse\"\nowner = 3\n\n[answer.prodction.fallback]\nstatus = \"yes\"\n\n[waiver.production.fallback]\nreason = \"r\"\nexpires = \"2027-02-29\"\n\n[evidence.e]\nkind = \"file\"\nref = \"../../etc/passwd\"\ncolected = 2026-11-20\n";
    project.write("review.toml", &review);
    let said_so = project.refused(&["check", "--no-simulate"]);
    for expected in [
        "`status` cannot be \"yse\"",
        "did you mean \"yes\"?",
        "`owner` cannot be 3",
        "text in quotes",
        "`expires` cannot be \"2027-02-29\"",
        "`approved_by` is missing",
        "outside the repository",
        "`colected` is not a field of a piece of evidence",
        "did you mean `collected`?",
        "review.toml:93:10",
    ] {
        assert!(said_so.contains(expected), "{expected}\n{said_so}");
    }
    let fixed = review
        .replace("yse", "yes")
        .replace("owner = 3\n", "evidence = [\"lod\"]\n")
        .replace(
            "expires = \"2027-02-29\"",
            "expires = 2027-02-28\napproved_by = \"x\"",
        )
        .replace("../../etc/passwd", "scenario.toml")
        .replace("colected", "collected")
        .replace("[evidence.e]", "[evidence.load]");
    project.write("review.toml", &fixed);
    let said_so = project.refused(&["check", "--no-simulate"]);
    for expected in [
        "has no question `fallbak`",
        "did you mean `fallback`?",
        "`prodction` is none of the review's checklists",
        "did you mean `production`?",
        "there is no evidence `lod`",
        "did you mean `load`?",
    ] {
        assert!(said_so.contains(expected), "{expected}\n{said_so}");
    }
    project.write(
        "review.toml",
        &fixed.replace(
            "checklists = [\"production\"]",
            "checklists = [\"prodution\", \"finops\", \"finops\"]",
        ),
    );
    let said_so = project.refused(&["check", "--no-simulate"]);
    assert!(
        said_so.contains("the checklist `finops` stands twice"),
        "{said_so}"
    );
    project.write(
        "review.toml",
        &fixed.replace(
            "checklists = [\"production\"]",
            "checklists = [\"prodution\"]",
        ),
    );
    let said_so = project.refused(&["check", "--no-simulate"]);
    assert!(
        said_so.contains("there is no checklist `prodution`")
            && said_so.contains("did you mean `production`?"),
        "{said_so}"
    );
    project.write(
        "review.toml",
        "schema = 1\nsystem = \"x\"\nchecklists = [\"production\"]\nvalid_until = 2027-02-29\n",
    );
    let said_so = project.refused(&["check", "--no-simulate"]);
    assert!(
        said_so.contains("review.toml:4:15") && said_so.contains("day between 01 and 28"),
        "{said_so}"
    );
}

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
