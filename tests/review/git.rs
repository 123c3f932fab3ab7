//! Two people work on one review in git: what merges by itself, what the driver settles, what stays a conflict.

#![expect(clippy::too_many_lines, reason = "one story told to its end")]

use std::process::{Command, Output};

use crate::harness::{ANA, BO, Project, said};

/// A project in a repository of its own.
struct Repo {
    project: Project,
}

impl std::ops::Deref for Repo {
    type Target = Project;

    fn deref(&self) -> &Project {
        &self.project
    }
}

impl Repo {
    fn new() -> Self {
        let repo = Self {
            project: Project::empty(),
        };
        repo.git(&["init", "-q", "-b", "main", "."]);
        repo.git(&["config", "user.name", "Ana Example"]);
        repo.git(&["config", "user.email", "ana@example.org"]);
        repo.git(&["config", "commit.gpgsign", "false"]);
        repo.begin();
        repo.commit("start");
        repo
    }

    fn git(&self, arguments: &[&str]) -> Output {
        Command::new("git")
            .current_dir(self.project.path())
            .args(arguments)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap()
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        let output = self.git(&["commit", "-q", "-m", message]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }

    fn driver(&self) {
        let command = format!("'{}' review merge %O %A %B", env!("CARGO_BIN_EXE_gonogo"));
        assert!(
            self.git(&["config", "merge.gonogo.driver", &command])
                .status
                .success()
        );
    }

    /// Work on two branches, then merge the second into the first.
    fn branches(&self, one: impl Fn(&Self), other: impl Fn(&Self)) -> Output {
        self.git(&["checkout", "-q", "-b", "other"]);
        other(self);
        self.commit("other");
        self.git(&["checkout", "-q", "main"]);
        one(self);
        self.commit("one");
        self.git(&["merge", "--no-edit", "other"])
    }
}

fn everything_at_once(driver: bool) {
    let repo = Repo::new();
    if driver {
        repo.driver();
    }
    std::fs::write(repo.at("load.json"), "{}").unwrap();
    repo.commit("evidence file");
    let merged = repo.branches(
        |repo| {
            repo.ok(&["review", "set", "p95-latency", "yes", "--by", ANA]);
            repo.ok(&[
                "review",
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
            repo.ok(&[
                "review",
                "sign",
                "engineering",
                "--decision",
                "go",
                "--by",
                ANA,
            ]);
        },
        |repo| {
            // The neighbour above and the one below, with evidence, a waiver and a signature of their own.
            repo.ok(&[
                "review",
                "set",
                "prompt-length",
                "yes",
                "--note",
                "cut by half",
                "--by",
                BO,
            ]);
            repo.ok(&[
                "review", "set", "fallback", "no", "--owner", "Cy", "--due", "+30d", "--by", "Cy",
            ]);
            repo.ok(&[
                "review", "evidence", "add", "gameday", "--kind", "ticket", "--ref", "OPS-1",
                "--for", "fallback", "--by", BO,
            ]);
            repo.ok(&[
                "review",
                "waive",
                "fallback",
                "--reason",
                "second provider in January",
                "--approved-by",
                BO,
                "--expires",
                "+20d",
                "--by",
                BO,
            ]);
            repo.ok(&[
                "review",
                "sign",
                "security",
                "--decision",
                "conditional",
                "--by",
                BO,
            ]);
        },
    );
    assert!(merged.status.success(), "{}", said(&merged));
    let review = repo.read("review.toml");
    for there in [
        "OPS-1",
        "load.json",
        "cut by half",
        "second provider in January",
        "name = \"Ana Example",
        "name = \"Bo Example",
    ] {
        assert!(review.contains(there), "{there} is gone:\n{review}");
    }
    assert!(!review.contains("<<<<<<<"));
    let history = repo.ok(&["review", "history", "--json"]);
    for there in [
        "p95-latency.status",
        "fallback.status",
        "signoff.security.decision",
        "signoff.engineering.decision",
    ] {
        assert!(history.contains(there), "{there} is not in the history");
    }
    let listed = repo.ok(&["review", "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let status = |id: &str| {
        let questions = listed["questions"].as_array().unwrap();
        questions
            .iter()
            .find(|question| question["key"] == format!("production.{id}"))
            .unwrap()["status"]
            .clone()
    };
    assert_eq!(
        (
            status("p95-latency"),
            status("prompt-length"),
            status("fallback")
        ),
        ("yes".into(), "yes".into(), "no".into())
    );
}

#[test]
fn different_and_adjacent_answers_signatures_and_histories_merge_without_help() {
    everything_at_once(false);
}

#[test]
fn different_and_adjacent_answers_signatures_and_histories_merge_with_the_driver() {
    everything_at_once(true);
}

#[test]
fn every_pair_of_neighbours_merges_without_help() {
    let repo = Repo::new();
    let ids: Vec<String> = repo
        .ok(&["review", "list"])
        .lines()
        .filter(|line| line.starts_with("  "))
        .filter_map(|line| {
            line.split_whitespace()
                .find(|word| word.starts_with("production."))
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(ids.len(), 15);
    for pair in ids.windows(2) {
        repo.git(&["branch", "-D", "other"]);
        let start = String::from_utf8(repo.git(&["rev-parse", "HEAD"]).stdout).unwrap();
        let merged = repo.branches(
            |repo| {
                repo.ok(&["review", "set", &pair[0], "yes", "--note", "a", "--by", ANA]);
            },
            |repo| {
                repo.ok(&["review", "set", &pair[1], "yes", "--note", "b", "--by", BO]);
            },
        );
        assert!(merged.status.success(), "{pair:?}: {}", said(&merged));
        repo.ok(&["review", "list"]);
        repo.git(&["reset", "-q", "--hard", start.trim()]);
    }
}

#[test]
fn two_answers_to_one_question_are_a_conflict_that_names_both() {
    for driver in [false, true] {
        let repo = Repo::new();
        if driver {
            repo.driver();
        }
        let merged = repo.branches(
            |repo| {
                repo.ok(&["review", "set", "fallback", "yes", "--by", ANA]);
            },
            |repo| {
                repo.ok(&["review", "set", "fallback", "no", "--by", BO]);
            },
        );
        assert!(!merged.status.success(), "{}", said(&merged));
        if driver {
            let said = said(&merged);
            assert!(
                said.contains("answer.production.fallback")
                    && said.contains("yes (Ana Example")
                    && said.contains("no (Bo Example"),
                "{said}"
            );
        }
        let review = repo.read("review.toml");
        assert!(
            review.contains(">>>>>>>")
                && review.contains("Ana Example")
                && review.contains("Bo Example"),
            "{review}"
        );
        // Nothing goes on until somebody has settled it, and the file is left alone.
        let checked = repo.run(&["review", "set", "p95-latency", "yes", "--by", ANA]);
        assert_eq!(checked.status.code(), Some(2));
        assert!(
            said(&checked).contains("a merge was left unsettled")
                && said(&checked).contains("answer.production.fallback")
                && said(&checked).contains("Bo Example"),
            "{}",
            said(&checked)
        );
        assert_eq!(repo.read("review.toml"), review);
    }
}

#[test]
fn what_lines_cannot_merge_the_driver_can() {
    let repo = Repo::new();
    repo.driver();
    let merged = repo.branches(
        |repo| {
            repo.ok(&[
                "review",
                "set",
                "fallback",
                "--note",
                "game day on Friday",
                "--by",
                ANA,
            ]);
        },
        |repo| {
            repo.ok(&[
                "review", "set", "fallback", "no", "--owner", "Cy", "--by", BO,
            ]);
        },
    );
    assert!(merged.status.success(), "{}", said(&merged));
    let review = repo.read("review.toml");
    assert!(
        review.contains("game day on Friday")
            && review.contains("owner = \"Cy\"")
            && review.contains("status = \"no\"")
    );
}

#[test]
fn the_driver_keeps_comments_of_both_sides() {
    let repo = Repo::new();
    repo.driver();
    let comment = |repo: &Repo, at: &str, text: &str| {
        let review = repo
            .read("review.toml")
            .replace(at, &format!("# {text}\n{at}"));
        std::fs::write(repo.at("review.toml"), review).unwrap();
    };
    let merged = repo.branches(
        |repo| comment(repo, "[answer.production.fallback]", "mine"),
        |repo| comment(repo, "[answer.production.incident-plan]", "yours"),
    );
    assert!(merged.status.success(), "{}", said(&merged));
    let review = repo.read("review.toml");
    assert!(review.contains("# mine\n") && review.contains("# yours\n"));
}

#[test]
fn an_approval_by_somebody_whom_the_same_change_added_is_rejected() {
    let repo = Repo::new();
    repo.ok(&["review", "set", "fallback", "no", "--by", "Cy"]);
    repo.commit("answered");
    repo.git(&["checkout", "-q", "-b", "change"]);
    let review = repo.read("review.toml").replace(
        "finance = [",
        "finance = [\"Mal Example <mal@example.org>\", ",
    );
    std::fs::write(repo.at("review.toml"), review).unwrap();
    repo.ok(&[
        "review",
        "waive",
        "fallback",
        "--reason",
        "it is fine",
        "--approved-by",
        "Mal Example <mal@example.org>",
        "--expires",
        "+20d",
        "--by",
        "Cy",
    ]);
    repo.ok(&[
        "review",
        "sign",
        "finance",
        "--by",
        "Mal Example <mal@example.org>",
    ]);
    repo.commit("wave it through");
    let trusting = said(&repo.run(&["check", "--no-simulate"]));
    assert!(!trusting.contains("the same change adds"), "{trusting}");
    let output = repo.run(&["check", "--no-simulate", "--base", "main"]);
    assert_eq!(output.status.code(), Some(1));
    let said_so = said(&output);
    assert!(said_so.starts_with("NO-GO"), "{said_so}");
    assert!(
        said_so
            .contains("the same change adds its approver (Mal Example <mal@example.org>) to roles"),
        "{said_so}"
    );
    assert!(
        said_so.contains("signature of finance does not count: the same change adds Mal Example"),
        "{said_so}"
    );
    // Once it is on the main branch it is nobody's own doing any more.
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "change"]);
    assert!(
        !said(&repo.run(&["check", "--no-simulate", "--base", "main"]))
            .contains("the same change adds")
    );
    let unknown = repo.run(&["check", "--no-simulate", "--base", "no-such-branch"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        said(&unknown).contains("git knows no revision `no-such-branch`"),
        "{}",
        said(&unknown)
    );
}

#[test]
fn evidence_goes_stale_when_a_watched_file_changes_after_the_commit() {
    let repo = Repo::new();
    std::fs::create_dir_all(repo.at("prompts/deep")).unwrap();
    std::fs::write(repo.at("prompts/deep/system.txt"), "be kind").unwrap();
    std::fs::write(repo.at("load.json"), "{}").unwrap();
    repo.commit("prompts");
    let commit = String::from_utf8(repo.git(&["rev-parse", "HEAD"]).stdout).unwrap();
    repo.ok(&["review", "about", "--commit", commit.trim(), "--by", ANA]);
    repo.ok(&[
        "review",
        "evidence",
        "add",
        "load",
        "--kind",
        "file",
        "--ref",
        "load.json",
        "--watch",
        "prompts/**",
        "--for",
        "real-examples",
        "--by",
        ANA,
    ]);
    repo.ok(&["review", "set", "real-examples", "yes", "--by", ANA]);
    let state = |repo: &Repo| repo.ok(&["review", "show", "real-examples"]);
    assert!(!state(&repo).contains("overtaken"), "{}", state(&repo));
    std::fs::write(repo.at("prompts/deep/system.txt"), "be brief").unwrap();
    assert!(
        state(&repo).contains("prompts/deep/system.txt changed after the review's commit"),
        "{}",
        state(&repo)
    );
    std::fs::write(repo.at("prompts/deep/system.txt"), "be kind").unwrap();
    std::fs::write(repo.at("load.json"), "{\"p95\": 9}").unwrap();
    assert!(
        state(&repo).contains("(load.json) changed after it was attached"),
        "{}",
        state(&repo)
    );
    std::fs::remove_file(repo.at("load.json")).unwrap();
    assert!(state(&repo).contains("cannot be read"), "{}", state(&repo));
}

#[test]
fn reviews_of_two_revisions_can_be_compared() {
    let repo = Repo::new();
    repo.ok(&["review", "set", "fallback", "yes", "--by", ANA]);
    repo.commit("answered");
    let diff = repo.ok(&["review", "diff", "HEAD~1", "HEAD"]);
    assert!(
        diff.contains("production.fallback status: nothing -> yes"),
        "{diff}"
    );
    assert!(repo.at("review.history.jsonl").exists());
}
