//! What ships as checklists: every one holds against its schema, and says what a reader needs.

use std::collections::BTreeSet;

use gonogo::checklist::{
    Bound, DRILLS, EvidenceNeed, SHIPPED, Scope, Severity, Stage, read_checklist, shipped,
};
use gonogo::reading::Source;
use gonogo::study::metrics;

fn all() -> Vec<gonogo::checklist::Checklist> {
    SHIPPED
        .iter()
        .map(|(id, _)| {
            shipped(id)
                .unwrap()
                .unwrap_or_else(|problems| panic!("{problems}"))
        })
        .collect()
}

#[test]
fn the_founding_checklist_asks_fifteen_questions_in_five_sections() {
    let production = shipped("production").unwrap().unwrap();
    let titles: Vec<&str> = production
        .sections
        .iter()
        .map(|section| section.title.as_str())
        .collect();
    assert_eq!(
        titles,
        [
            "Cost & Scale",
            "Performance",
            "Quality",
            "Security & Compliance",
            "Operations"
        ]
    );
    let ids: Vec<&str> = production
        .questions()
        .map(|question| question.id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
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
        ]
    );
    assert!(
        production
            .questions()
            .all(|question| question.when.is_empty()),
        "the founding checklist uses no tags"
    );
    let drafts: Vec<&str> = production
        .questions()
        .filter(|question| question.study_drafts)
        .map(|question| question.id.as_str())
        .collect();
    assert_eq!(drafts, ["cost-at-10x"]);
}

#[test]
fn the_simulator_has_a_word_where_the_design_says_so() {
    let production = shipped("production").unwrap().unwrap();
    let asked: Vec<(&str, &str, Option<&str>)> = production
        .questions()
        .flat_map(|question| {
            question.simulated.iter().map(move |rule| {
                let drill = match &rule.scope {
                    Scope::Drill(name) => Some(name.as_str()),
                    Scope::Volume(_) => None,
                };
                (question.id.as_str(), rule.metric.as_str(), drill)
            })
        })
        .collect();
    for expected in [
        ("cost-at-10x", "cost.per_conversation", None),
        ("cost-at-10x", "cost.growth", None),
        ("budget-approved", "budget.over_probability", None),
        ("prompt-length", "cost.input_share", None),
        ("prompt-length", "cache.prompt_token_rate", None),
        ("p95-latency", "share_within", None),
        ("fallback", "rate.failed", Some("primary-down")),
        ("spike-10x", "rate.failed", Some("spike-10x")),
        ("pii-sanitising", "rate.leaked", None),
        ("audit-log", "cost.audit", None),
    ] {
        assert!(asked.contains(&expected), "{expected:?}");
    }
}

#[test]
fn practices_are_twenty_eight_and_all_minor() {
    let practices = shipped("practices").unwrap().unwrap();
    let counts: Vec<usize> = practices
        .sections
        .iter()
        .map(|section| section.questions.len())
        .collect();
    assert_eq!(
        counts,
        [4, 4, 4, 4, 3, 5, 4],
        "sixteen remedies, three questions, five traits, four recommendations"
    );
    assert!(
        practices
            .questions()
            .all(|question| question.severity == Severity::Minor)
    );
}

#[test]
fn the_eight_packs_ask_sixty_questions() {
    let counts: Vec<(String, usize)> = all()
        .iter()
        .skip(2)
        .map(|list| (list.id.clone(), list.questions().count()))
        .collect();
    let expected = [
        ("quality", 8),
        ("security", 12),
        ("privacy", 7),
        ("reliability", 9),
        ("finops", 8),
        ("operations", 6),
        ("oversight", 4),
        ("eu-ai-act", 6),
    ];
    assert_eq!(counts, expected.map(|(id, count)| (id.to_owned(), count)));
}

#[test]
fn every_question_says_why_how_what_counts_and_when_it_blocks() {
    for list in all() {
        assert!(
            !list.about.is_empty() && list.version == "1.0.0",
            "{}",
            list.id
        );
        for question in list.questions() {
            let name = format!("{}.{}", list.id, question.id);
            for text in [
                &question.short,
                &question.ask,
                &question.why,
                &question.how,
                &question.proof,
                &question.blocks_when,
                &question.role,
            ] {
                assert!(!text.trim().is_empty(), "{name}");
                assert!(
                    !text.contains('—') && !text.contains("  "),
                    "{name}: {text}"
                );
            }
            assert!(question.ask.ends_with('?'), "{name}: {}", question.ask);
            assert!(
                question.short.chars().count() <= 40,
                "{name}: {}",
                question.short
            );
            assert!(!question.stages.is_empty(), "{name}");
            assert!(
                !question.short.contains('[') && !question.short.contains('#'),
                "{name}: it stands in a comment"
            );
            match question.severity {
                Severity::Blocker => assert!(
                    question.evidence == EvidenceNeed::Required
                        && question.stages.contains(&Stage::Launch),
                    "{name}"
                ),
                Severity::Major => assert_eq!(question.evidence, EvidenceNeed::Required, "{name}"),
                Severity::Minor => assert_ne!(question.evidence, EvidenceNeed::Required, "{name}"),
            }
            if list.id != "practices" {
                assert!(!question.maps_to.is_empty(), "{name} cites no clause");
                assert!(question.evidence_days.is_some(), "{name}");
            }
        }
    }
}

#[test]
fn rules_use_the_engines_names_and_known_drills() {
    let mut rules = 0;
    for list in all() {
        for question in list.questions() {
            for rule in &question.simulated {
                rules += 1;
                assert!(
                    metrics::is_metric(&rule.metric),
                    "{}.{}: {}",
                    list.id,
                    question.id,
                    rule.metric
                );
                match &rule.scope {
                    Scope::Drill(name) => assert!(DRILLS.contains(&name.as_str()), "{name}"),
                    Scope::Volume(volume) => assert!(
                        [1.0, 10.0].contains(volume),
                        "a default study has 1x and 10x"
                    ),
                }
                if let Some(seconds) = rule.seconds {
                    assert!(
                        gonogo::study::SHARE_WITHIN.contains(&seconds),
                        "a study always knows share_within.{seconds}"
                    );
                }
                if rule.bound == Bound::Slo {
                    assert!(gonogo::checklist::rules::slo_name(&rule.metric).is_some());
                }
            }
        }
    }
    assert!(rules > 30, "{rules}");
}

#[test]
fn legal_dates_are_data_with_the_day_they_were_looked_up() {
    let act = shipped("eu-ai-act").unwrap().unwrap();
    let dated: Vec<_> = act
        .questions()
        .filter_map(|question| question.applies.as_ref())
        .collect();
    assert_eq!(dated.len(), 5);
    for applies in dated {
        assert_eq!(applies.verified_on.to_string(), "2026-11-23");
        assert!(applies.expected.is_none_or(|day| day > applies.from) && !applies.note.is_empty());
    }
    assert!(
        !act.question("forbidden-practices").unwrap().waivable,
        "nobody can waive a forbidden practice"
    );
    assert!(
        !shipped("privacy")
            .unwrap()
            .unwrap()
            .question("legal-basis")
            .unwrap()
            .waivable
    );
}

#[test]
fn full_names_are_unique() {
    let mut seen = BTreeSet::new();
    for list in all() {
        for question in list.questions() {
            assert!(seen.insert((list.id.clone(), question.id.clone())));
        }
    }
    assert_eq!(seen.len(), 15 + 28 + 60);
}

fn problems(text: &str) -> String {
    read_checklist(&Source::new("list.toml", text), false)
        .unwrap_err()
        .to_string()
}

const HEAD: &str = "schema = 1\nid = \"x\"\ntitle = \"X\"\nversion = \"1\"\n[[section]]\nid = \"s\"\ntitle = \"S\"\n";
const QUESTION: &str =
    "[[section.question]]\nid = \"q\"\nshort = \"Q\"\nask = \"Q?\"\nseverity = \"major\"\n";

#[test]
fn a_checklist_with_several_mistakes_names_them_all_with_their_places() {
    let text = format!(
        "{HEAD}{QUESTION}severty = \"major\"\nstages = [\"lunch\"]\n[[section.question.simulated]]\nmetric = \"cost.totl\"\nvolume = \"10\"\nmax = 1\n{QUESTION}"
    );
    let said = problems(&text);
    for expected in [
        "list.toml:13:1: `severty` is not a field of a question",
        "did you mean `severity`?",
        "list.toml:14:11:",
        "\"lunch\"",
        "did you mean \"launch\"?",
        "list.toml:16:10: `cost.totl` is not a metric; did you mean `cost.total`?",
        "`volume` cannot be \"10\"",
        "the question `q` stands twice; the first stands in line 8",
    ] {
        assert!(said.contains(expected), "{expected}\n--\n{said}");
    }
}

#[test]
fn rules_that_make_no_sense_are_refused() {
    let rule = |rule: &str| {
        problems(&format!(
            "{HEAD}{QUESTION}[[section.question.simulated]]\n{rule}\n"
        ))
    };
    assert!(
        rule("metric = \"share_within\"\nvolume = \"1x\"\nmin = 0.9").contains("needs `seconds`")
    );
    assert!(
        rule("metric = \"rate.failed\"\nvolume = \"1x\"\ndrill = \"brownout\"\nmax = 0.1")
            .contains("either `volume` or `drill`")
    );
    assert!(
        rule("metric = \"rate.failed\"\nvolume = \"1x\"")
            .contains("exactly one of `min`, `max` and `max_of`")
    );
    assert!(
        rule("metric = \"rate.failed\"\nvolume = \"1x\"\nmax_of = \"budget\"")
            .contains("has no budget to compare with")
    );
    assert!(
        rule("metric = \"cost.total\"\nvolume = \"1x\"\nmax_of = \"slo\"")
            .contains("has no slo to compare with")
    );
    assert!(
        rule("metric = \"rate.failed\"\nvolume = \"1x\"\nmax = 0.1\nconfidence = 90")
            .contains("a share between 0 and 1")
    );
    assert!(
        problems("id = \"x\"\ntitle = \"X\"\nversion = \"1\"\n").contains("`schema` is missing")
    );
    assert!(
        problems("schema = 2\nid = \"x y\"\ntitle = \"\"\nversion = \"1\"\n")
            .contains("cannot be an id")
    );
}
