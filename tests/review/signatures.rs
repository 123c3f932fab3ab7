//! What a signature covers, and what makes it void.

#![expect(clippy::too_many_lines, reason = "one story told to its end")]

use crate::harness::{ANA, BO, FAY, Project, json};

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
