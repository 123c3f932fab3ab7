//! The verdict, one row for every way in which it can differ.

#![expect(
    clippy::format_push_string,
    reason = "plain words matter more than speed in a test"
)]

use std::collections::{BTreeMap, BTreeSet};

use gonogo::checklist::verdict::{Case, Facts, Outcome, Verdict, judge};
use gonogo::checklist::{
    Checklist, Clock, Decision, Outside, Parts, Review, Signoff, Stage, cross_check,
    read_checklist, read_review,
};
use gonogo::reading::Source;
use gonogo::study::{SCHEMA, Study};
use serde_json::json;

const CHECKLIST: &str = r#"
schema = 1
id = "list"
title = "List"
version = "1"

[[section]]
id = "all"
title = "All"

[[section.question]]
id = "blocker"
short = "B"
ask = "B?"
severity = "blocker"
evidence = "required"
evidence_days = 90
max_waiver_days = 60

[[section.question]]
id = "danger"
short = "D"
ask = "D?"
severity = "blocker"
yes_is_good = false
waivable = false

[[section.question]]
id = "applies"
short = "A"
ask = "A?"
severity = "blocker"
na_allowed = true

[[section.question]]
id = "simulated"
short = "S"
ask = "S?"
severity = "blocker"

[[section.question.simulated]]
metric = "cost.total"
volume = "1x"
max_of = "budget"

[[section.question]]
id = "drafted"
short = "C"
ask = "C?"
severity = "blocker"
study_drafts = true

[[section.question.simulated]]
metric = "cost.per_conversation"
volume = "1x"
min = 0.0

[[section.question]]
id = "major"
short = "M"
ask = "M?"
severity = "major"
evidence = "text"

[[section.question]]
id = "minor"
short = "N"
ask = "N?"
severity = "minor"

[[section.question]]
id = "tagged"
short = "T"
ask = "T?"
severity = "blocker"
when = ["rag", "agents"]

[[section.question]]
id = "early"
short = "P"
ask = "P?"
severity = "blocker"
stages = ["pilot"]
"#;

const REVIEW: &str = r#"
schema = 1
system = "Bot"
stage = "launch"
strategy = "s"
valid_until = 2027-03-01
checklists = ["list"]
required_signoffs = ["security", "finance"]

[roles]
security = ["Ana <ana@example.org>"]
finance = ["Fay <fay@example.org>"]

[budget.1x]
usd_per_month = 1000
approved_by = "Fay <fay@example.org>"
approved_on = 2026-11-01

[answer.list.blocker]
status = "yes"
rev = 1
evidence = ["load"]
answered_by = "Bo"
reviewed_by = "Cy"

[evidence.load]
kind = "statement"
ref = "seen"
collected = 2026-11-01

[answer.list.danger]
status = "no"
answered_by = "Bo"
reviewed_by = "Cy"

[answer.list.applies]
status = "yes"
answered_by = "Bo"
reviewed_by = "Cy"

[answer.list.simulated]
status = "yes"
answered_by = "Bo"
reviewed_by = "Cy"

[answer.list.drafted]
status = "unknown"
reviewed_by = "Cy"

[answer.list.major]
status = "yes"
note = "done"

[answer.list.minor]
status = "no"
"#;

struct World {
    review: String,
    checklist: String,
    months: Vec<f64>,
    simulated: bool,
    not_modelled: bool,
    as_of: &'static str,
    before_signoff: bool,
    stage: Option<Stage>,
    security: Option<Decision>,
    finance: Option<Decision>,
    signer: &'static str,
    after_signing: fn(String) -> String,
    newcomers: Vec<&'static str>,
    bad_evidence: Option<&'static str>,
}

impl World {
    fn new() -> Self {
        Self {
            review: REVIEW.to_owned(),
            checklist: CHECKLIST.to_owned(),
            months: vec![900.0; 1000],
            simulated: true,
            not_modelled: false,
            as_of: "2026-11-23",
            before_signoff: false,
            stage: None,
            security: Some(Decision::Go),
            finance: Some(Decision::Go),
            signer: "Ana <ana@example.org>",
            after_signing: |review| review,
            newcomers: Vec::new(),
            bad_evidence: None,
        }
    }

    /// Changes the review's text; what is to be changed must be there.
    fn edit(&mut self, from: &str, to: &str) {
        assert!(self.review.contains(from), "no {from}");
        self.review = self.review.replacen(from, to, 1);
    }

    fn answer(&mut self, question: &str, status: &str) {
        let header = format!("[answer.list.{question}]\nstatus = ");
        let (before, after) = self
            .review
            .split_once(&header)
            .unwrap_or_else(|| panic!("no {question}"));
        let (_, rest) = after.split_once('\n').unwrap();
        self.review = format!("{before}{header}\"{status}\"\n{rest}");
    }

    fn add(&mut self, question: &str, line: &str) {
        let header = format!("[answer.list.{question}]\n");
        self.edit(&header, &format!("{header}{line}\n"));
    }

    fn waive(&mut self, question: &str, lines: &str) {
        self.review.push_str(&format!("\n[waiver.list.{question}]\nreason = \"r\"\napproved_by = \"Ana\"\napproved_on = 2026-11-20\nexpires = 2026-12-20\n"));
        for line in lines.lines() {
            let key = line.split(" = ").next().unwrap();
            let (head, tail) = self.review.rsplit_once("[waiver.").unwrap();
            let tail: Vec<String> = tail
                .lines()
                .map(|old| {
                    if old.starts_with(&format!("{key} = ")) {
                        line.to_owned()
                    } else {
                        old.to_owned()
                    }
                })
                .collect();
            self.review = format!("{head}[waiver.{}\n", tail.join("\n"));
        }
    }

    fn study(&self) -> Study {
        let not_modelled = if self.not_modelled {
            vec!["cost.total"]
        } else {
            Vec::new()
        };
        serde_json::from_value(json!({
            "schema": SCHEMA, "scenario": { "name": "x", "digest": "d" }, "catalogue_date": "2026-10-30",
            "catalogue_digest": "c", "gonogo_version": "0.1.0", "seed": 1, "estimator": "exact",
            "cells": [{ "strategy": "s", "volume": 1.0, "months": 1000, "metrics": {}, "not_modelled": not_modelled,
                        "by_month": { "cost.total": self.months, "cost.per_conversation": vec![0.1; 1000] } }],
        }))
        .unwrap()
    }

    fn with_verdict<T>(&self, look: impl FnOnce(&Verdict<'_>) -> T) -> T {
        let list = read_checklist(&Source::new("list.toml", self.checklist.as_str()), false)
            .unwrap_or_else(|problems| panic!("{problems}"));
        let lists: Vec<Checklist> = vec![list];
        let read = |text: &str| -> Review {
            read_review(&Source::new("review.toml", text))
                .unwrap_or_else(|problems| panic!("{problems}"))
        };
        let signed = read(&self.review);
        let parts = Parts::of(&signed, &lists, &Outside::default());
        let mut review = read(&(self.after_signing)(self.review.clone()));
        assert_eq!(cross_check(&review, &lists), []);
        for (role, name, decision) in [
            ("security", self.signer, self.security),
            ("finance", "fay@x <fay@example.org>", self.finance),
        ] {
            if decision.is_some() {
                let signoff = Signoff {
                    name: Some(name.to_owned()),
                    decision,
                    at: None,
                    digest: Some(parts.digest()),
                    parts: parts.short(),
                    note: None,
                };
                review.signoffs.insert(role.to_owned(), signoff);
            }
        }
        let facts = Facts {
            bad_evidence: self
                .bad_evidence
                .map(|what| ("load".to_owned(), what.to_owned()))
                .into_iter()
                .collect(),
            parts: Parts::of(&review, &lists, &Outside::default()),
            newcomers: self
                .newcomers
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<BTreeSet<_>>(),
        };
        let study = self.study();
        let slo = BTreeMap::new();
        let case = Case {
            review: &review,
            checklists: &lists,
            study: self.simulated.then_some(&study),
            slo: &slo,
            facts: &facts,
            clock: Clock::at(self.as_of).unwrap(),
            stage: self.stage,
            before_signoff: self.before_signoff,
        };
        look(&judge(&case))
    }
}

type Row = (&'static str, fn(&mut World), Outcome, &'static str);

use Outcome::{ConditionalGo, Go, Incomplete, NoGo};

const ROWS: &[Row] = &[
    ("everything is met", |_| {}, Go, "Every blocker is met"),
    // Blockers answered against.
    (
        "a blocker is answered no",
        |w| w.answer("blocker", "no"),
        NoGo,
        "1 blocker is answered against (list.blocker)",
    ),
    (
        "a blocker is answered partial",
        |w| w.answer("blocker", "partial"),
        NoGo,
        "list.blocker",
    ),
    (
        "a danger is answered yes",
        |w| w.answer("danger", "yes"),
        NoGo,
        "list.danger",
    ),
    (
        "a danger is answered partial",
        |w| w.answer("danger", "partial"),
        NoGo,
        "list.danger",
    ),
    (
        "a blocker is contradicted by the simulation",
        |w| w.months = vec![1100.0; 1000],
        NoGo,
        "the simulation contradicts 1 blocker (list.simulated)",
    ),
    // Waivers.
    (
        "a blocker answered no is waived",
        |w| {
            w.answer("blocker", "no");
            w.waive("blocker", "");
        },
        ConditionalGo,
        "1 risk is waived (list.blocker until 2026-12-20)",
    ),
    (
        "a contradicted blocker is waived",
        |w| {
            w.months = vec![1100.0; 1000];
            w.waive("simulated", "expires = 2026-12-20");
        },
        ConditionalGo,
        "list.simulated until",
    ),
    (
        "a waiver has expired",
        |w| {
            w.answer("blocker", "no");
            w.waive("blocker", "expires = 2026-11-22");
        },
        NoGo,
        "list.blocker",
    ),
    (
        "a waiver expires today and still holds",
        |w| {
            w.answer("blocker", "no");
            w.waive("blocker", "expires = 2026-11-23");
        },
        ConditionalGo,
        "waived",
    ),
    (
        "a waiver runs longer than allowed",
        |w| {
            w.answer("blocker", "no");
            w.waive("blocker", "expires = 2027-01-20");
        },
        NoGo,
        "list.blocker",
    ),
    (
        "a waiver runs as long as allowed",
        |w| {
            w.answer("blocker", "no");
            w.waive("blocker", "expires = 2027-01-19");
        },
        ConditionalGo,
        "waived",
    ),
    (
        "a waiver is approved in the future",
        |w| {
            w.answer("blocker", "no");
            w.waive("blocker", "approved_on = 2026-11-24");
        },
        NoGo,
        "list.blocker",
    ),
    (
        "a waiver is approved by somebody unlisted",
        |w| {
            w.answer("blocker", "no");
            w.waive("blocker", "approved_by = \"Zed\"");
        },
        NoGo,
        "list.blocker",
    ),
    (
        "a waiver is approved by the answerer",
        |w| {
            w.answer("blocker", "no");
            w.edit("answered_by = \"Bo\"", "answered_by = \"Ana\"");
            w.waive("blocker", "");
        },
        NoGo,
        "list.blocker",
    ),
    (
        "a waiver is approved by the owner",
        |w| {
            w.answer("blocker", "no");
            w.add("blocker", "owner = \"ana\"");
            w.waive("blocker", "");
        },
        NoGo,
        "list.blocker",
    ),
    (
        "a waiver is approved by a newcomer",
        |w| {
            w.answer("blocker", "no");
            w.waive("blocker", "");
            w.newcomers = vec!["Ana <ana@example.org>"];
            w.before_signoff = true;
        },
        NoGo,
        "list.blocker",
    ),
    (
        "a waiver without a reason",
        |w| {
            w.answer("blocker", "no");
            w.waive("blocker", "reason = \" \"");
        },
        NoGo,
        "list.blocker",
    ),
    (
        "a question that cannot be waived is waived",
        |w| {
            w.answer("danger", "yes");
            w.waive("danger", "");
        },
        NoGo,
        "list.danger",
    ),
    (
        "an unanswered blocker is waived: a waiver is for a known risk",
        |w| {
            w.answer("blocker", "unknown");
            w.waive("blocker", "");
        },
        Incomplete,
        "not answered",
    ),
    (
        "a waiver on a met question changes nothing",
        |w| w.waive("blocker", ""),
        Go,
        "Every blocker",
    ),
    (
        "a waived blocker needs no evidence",
        |w| {
            w.answer("blocker", "no");
            w.edit("evidence = [\"load\"]\n", "");
            w.waive("blocker", "");
        },
        ConditionalGo,
        "waived",
    ),
    // Signatures.
    (
        "somebody signed no-go",
        |w| w.security = Some(Decision::NoGo),
        NoGo,
        "security signed no-go",
    ),
    (
        "somebody signed on a condition",
        |w| w.finance = Some(Decision::Conditional),
        ConditionalGo,
        "finance signed on a condition",
    ),
    (
        "a signature is missing",
        |w| w.finance = None,
        Incomplete,
        "the signature of finance is missing",
    ),
    (
        "a signature is void",
        |w| w.after_signing = |review| review.replace("note = \"done\"", "note = \"nearly\""),
        Incomplete,
        "the signature of security and finance no longer holds",
    ),
    (
        "a void no-go no longer stops",
        |w| {
            w.security = Some(Decision::NoGo);
            w.after_signing = |review| review.replace("note = \"done\"", "note = \"nearly\"");
        },
        Incomplete,
        "no longer holds",
    ),
    (
        "a comment voids no signature",
        |w| w.after_signing = |review| format!("# read me\n{review}"),
        Go,
        "Every blocker",
    ),
    (
        "somebody unlisted signed",
        |w| w.signer = "Zed",
        Incomplete,
        "the signature of security",
    ),
    (
        "somebody listed for another role signed",
        |w| w.signer = "Fay <fay@example.org>",
        Incomplete,
        "the signature of security",
    ),
    (
        "a newcomer signed",
        |w| w.newcomers = vec!["Ana <ana@example.org>"],
        Incomplete,
        "the signature of security",
    ),
    (
        "signatures are missing before sign-off",
        |w| {
            w.security = None;
            w.finance = None;
            w.before_signoff = true;
        },
        Go,
        "Every blocker",
    ),
    (
        "a no-go does not count before sign-off",
        |w| {
            w.security = Some(Decision::NoGo);
            w.before_signoff = true;
        },
        Go,
        "Every blocker",
    ),
    // Majors.
    (
        "a major answered no has no owner",
        |w| w.answer("major", "no"),
        NoGo,
        "1 open major has no owner or no date ahead (list.major)",
    ),
    (
        "a major answered partial has no owner",
        |w| w.answer("major", "partial"),
        NoGo,
        "list.major",
    ),
    (
        "a major answered no has an owner without a date",
        |w| {
            w.answer("major", "no");
            w.add("major", "owner = \"Bo\"");
        },
        NoGo,
        "list.major",
    ),
    (
        "a major's date has passed",
        |w| {
            w.answer("major", "no");
            w.add("major", "owner = \"Bo\"\ndue = 2026-11-22");
        },
        NoGo,
        "list.major",
    ),
    (
        "a major's date is today",
        |w| {
            w.answer("major", "no");
            w.add("major", "owner = \"Bo\"\ndue = 2026-11-23");
        },
        NoGo,
        "list.major",
    ),
    (
        "a major is owned with a date ahead",
        |w| {
            w.answer("major", "no");
            w.add("major", "owner = \"Bo\"\ndue = 2026-11-24");
        },
        ConditionalGo,
        "1 major is open with an owner and a date (list.major)",
    ),
    (
        "a major is waived",
        |w| {
            w.answer("major", "no");
            w.waive("major", "");
        },
        ConditionalGo,
        "list.major until 2026-12-20",
    ),
    (
        "a major answered yes lacks its note",
        |w| w.edit("note = \"done\"", ""),
        Incomplete,
        "1 answer has something missing (list.major)",
    ),
    (
        "a major is not answered",
        |w| w.answer("major", "unknown"),
        Go,
        "1 major question is not answered",
    ),
    (
        "a minor is answered anything",
        |w| w.answer("minor", "partial"),
        Go,
        "Every blocker",
    ),
    // Blockers otherwise not met.
    (
        "a blocker is not answered",
        |w| w.answer("blocker", "unknown"),
        Incomplete,
        "1 blocker is not answered (list.blocker)",
    ),
    (
        "a blocker is na where that is not allowed",
        |w| {
            w.answer("blocker", "na");
            w.add("blocker", "note = \"n\"");
        },
        Incomplete,
        "list.blocker",
    ),
    (
        "a blocker is na with its reason",
        |w| {
            w.answer("applies", "na");
            w.add("applies", "note = \"no such data\"");
        },
        Go,
        "Every blocker",
    ),
    (
        "a blocker is na without a reason",
        |w| w.answer("applies", "na"),
        Incomplete,
        "list.applies",
    ),
    (
        "a blocker answers an older revision",
        |w| w.checklist = CHECKLIST.replacen("id = \"blocker\"", "id = \"blocker\"\nrev = 2", 1),
        Incomplete,
        "list.blocker",
    ),
    (
        "a blocker needs another look",
        |w| w.add("blocker", "look_again = true"),
        Incomplete,
        "list.blocker",
    ),
    (
        "a blocker has no evidence",
        |w| w.edit("evidence = [\"load\"]\n", ""),
        Incomplete,
        "list.blocker",
    ),
    (
        "evidence has expired",
        |w| w.edit("collected = 2026-11-01", "collected = 2026-08-24"),
        Incomplete,
        "list.blocker",
    ),
    (
        "evidence is on its last day",
        |w| w.edit("collected = 2026-11-01", "collected = 2026-08-25"),
        Go,
        "Every blocker",
    ),
    (
        "evidence is from the future",
        |w| w.edit("collected = 2026-11-01", "collected = 2026-11-24"),
        Incomplete,
        "list.blocker",
    ),
    (
        "evidence does not say from when",
        |w| w.edit("collected = 2026-11-01\n", ""),
        Incomplete,
        "list.blocker",
    ),
    (
        "evidence has changed",
        |w| w.bad_evidence = Some("changed"),
        Incomplete,
        "list.blocker",
    ),
    (
        "one of two pieces of evidence is stale",
        |w| {
            w.edit("evidence = [\"load\"]", "evidence = [\"load\", \"new\"]");
            w.edit("[evidence.load]", "[evidence.new]\nkind = \"statement\"\nref = \"x\"\ncollected = 2026-11-20\n\n[evidence.load]");
            w.bad_evidence = Some("changed");
        },
        Go,
        "Every blocker",
    ),
    (
        "a blocker is reviewed by nobody",
        |w| w.edit("reviewed_by = \"Cy\"", ""),
        Incomplete,
        "list.blocker",
    ),
    (
        "a blocker is reviewed by whoever answered",
        |w| w.edit("reviewed_by = \"Cy\"", "reviewed_by = \"bo\""),
        Incomplete,
        "list.blocker",
    ),
    // The simulator.
    (
        "the simulator cannot tell",
        |w| {
            w.months = vec![900.0; 948];
            w.months.resize(1000, 1100.0);
        },
        Incomplete,
        "list.simulated",
    ),
    (
        "nothing was simulated",
        |w| w.simulated = false,
        Incomplete,
        "list.drafted",
    ),
    (
        "the metric is not modelled",
        |w| w.not_modelled = true,
        Incomplete,
        "list.simulated",
    ),
    (
        "the budget is not approved",
        |w| {
            w.edit(
                "usd_per_month = 1000\napproved_by = \"Fay <fay@example.org>\"",
                "usd_per_month = 1000",
            );
        },
        Incomplete,
        "list.simulated",
    ),
    (
        "the budget's approver is unlisted",
        |w| {
            w.edit(
                "approved_by = \"Fay <fay@example.org>\"",
                "approved_by = \"Zed\"",
            );
        },
        Incomplete,
        "list.simulated",
    ),
    (
        "the budget is approved in the future",
        |w| w.edit("approved_on = 2026-11-01", "approved_on = 2026-11-24"),
        Incomplete,
        "list.simulated",
    ),
    (
        "the budget is approved by a newcomer",
        |w| {
            w.newcomers = vec!["Fay <fay@example.org>"];
            w.before_signoff = true;
        },
        Incomplete,
        "list.simulated",
    ),
    (
        "a study's draft is confirmed by nobody",
        |w| {
            w.edit(
                "status = \"unknown\"\nreviewed_by = \"Cy\"",
                "status = \"unknown\"",
            );
        },
        Incomplete,
        "list.drafted",
    ),
    (
        "a person's no stands against a study's draft",
        |w| w.answer("drafted", "no"),
        NoGo,
        "list.drafted",
    ),
    // Time, tags, stages.
    (
        "the review has expired",
        |w| {
            w.as_of = "2027-03-02";
            w.edit("collected = 2026-11-01", "collected = 2027-02-01");
            w.before_signoff = true;
        },
        Incomplete,
        "the review has expired",
    ),
    (
        "the review is on its last day",
        |w| {
            w.as_of = "2027-03-01T23:59:59Z";
            w.edit("collected = 2026-11-01", "collected = 2027-02-01");
            w.before_signoff = true;
        },
        Go,
        "Every blocker",
    ),
    (
        "the last day is over in UTC, wherever it is asked",
        |w| {
            w.as_of = "2027-03-01T20:00:00-08:00";
            w.edit("collected = 2026-11-01", "collected = 2027-02-01");
            w.before_signoff = true;
        },
        Incomplete,
        "expired",
    ),
    (
        "a tag brings a blocker up",
        |w| {
            w.edit(
                "stage = \"launch\"",
                "stage = \"launch\"\ntags = [\"agents\"]",
            );
        },
        Incomplete,
        "list.tagged",
    ),
    (
        "a stage brings a blocker up",
        |w| w.stage = Some(Stage::Pilot),
        Incomplete,
        "list.early",
    ),
    // First match.
    (
        "no-go comes before incomplete",
        |w| {
            w.answer("blocker", "no");
            w.answer("applies", "unknown");
            w.finance = None;
        },
        NoGo,
        "Not ready yet",
    ),
    (
        "incomplete comes before conditional",
        |w| {
            w.answer("major", "no");
            w.add("major", "owner = \"Bo\"\ndue = 2026-12-24");
            w.finance = None;
        },
        Incomplete,
        "It cannot be decided yet",
    ),
];

#[test]
fn every_row_of_the_table() {
    let mut wrong = Vec::new();
    for (name, change, outcome, why) in ROWS {
        let mut world = World::new();
        change(&mut world);
        world.with_verdict(|verdict| {
            let as_listed = verdict.outcome == *outcome && verdict.why.contains(why);
            // Go needs no steps; everything else says what would change it.
            let helped = (verdict.outcome == Go) == verdict.steps.is_empty();
            if !as_listed || !helped || verdict.why.matches('.').count() < 1 {
                wrong.push(format!(
                    "{name}: {} ({}), {} steps; expected {outcome} ({why})",
                    verdict.outcome,
                    verdict.why,
                    verdict.steps.len()
                ));
            }
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_verdict_is_shown_with_and_without_waivers() {
    let mut world = World::new();
    world.answer("blocker", "no");
    world.waive("blocker", "");
    world.with_verdict(|verdict| {
        assert_eq!(
            (verdict.outcome, verdict.without_waivers),
            (ConditionalGo, NoGo)
        );
    });
    World::new()
        .with_verdict(|verdict| assert_eq!((verdict.outcome, verdict.without_waivers), (Go, Go)));
}

#[test]
fn blockers_that_do_not_count_are_counted() {
    let mut world = World::new();
    world.answer("applies", "na");
    world.add("applies", "note = \"n\"");
    world.with_verdict(|verdict| {
        let hidden = verdict.hidden;
        assert_eq!((hidden.by_tags, hidden.by_stage, hidden.by_na), (1, 1, 1));
    });
}

#[test]
fn what_would_change_it_comes_shortest_first_and_what_lifts_the_verdict_before_all() {
    let mut world = World::new();
    world.answer("blocker", "no");
    world.answer("major", "no");
    world.edit(
        "[answer.list.applies]\nstatus = \"yes\"\nanswered_by = \"Bo\"\nreviewed_by = \"Cy\"",
        "[answer.list.applies]\nstatus = \"yes\"\nanswered_by = \"Bo\"",
    );
    world.with_verdict(|verdict| {
        let order: Vec<(Outcome, u8)> = verdict
            .steps
            .iter()
            .map(|step| (step.lifts, step.effort))
            .collect();
        let mut sorted = order.clone();
        sorted.sort();
        assert_eq!(order, sorted);
        assert!(
            verdict.steps[0]
                .text
                .starts_with("list.major: answered no, and nobody owns it"),
            "{}",
            verdict.steps[0].text
        );
        let last = verdict.steps.last().unwrap();
        assert_eq!(last.lifts, Incomplete, "{}", last.text);
    });
}

#[test]
fn a_person_s_answer_is_never_overwritten_by_a_study() {
    let mut world = World::new();
    world.with_verdict(|verdict| {
        let state = verdict
            .questions
            .iter()
            .find(|state| state.question.id == "drafted")
            .unwrap();
        assert!(state.drafted && state.is_met());
    });
    world.answer("drafted", "no");
    world.with_verdict(|verdict| {
        let state = verdict
            .questions
            .iter()
            .find(|state| state.question.id == "drafted")
            .unwrap();
        assert!(!state.drafted && state.is_against());
    });
}
