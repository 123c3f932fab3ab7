//! What is refused, with its place and a way out.

#![expect(clippy::too_many_lines, reason = "one story told to its end")]

use crate::harness::{ANA, BO, FAY, Project};

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
