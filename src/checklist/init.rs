//! The review that a project starts with: a stub for each question, in checklist order, so that two people who answer
//! different questions touch different lines.

use std::fmt::Write as _;

use toml_edit::Value;

use super::edit::quoted;
use super::types::Checklist;

/// What a first review is made from.
#[derive(Debug, Clone)]
pub struct FirstReview<'a> {
    /// What is decided about.
    pub system: &'a str,
    /// The strategy that is to go live, if it is clear already.
    pub strategy: Option<&'a str>,
    /// What kind of system it is.
    pub tags: &'a [&'a str],
    /// The checklists.
    pub checklists: &'a [Checklist],
    /// Who starts it, listed under `engineering`.
    pub who: Option<&'a str>,
}

/// Roles that sign a first review.
pub const ROLES: [&str; 3] = ["engineering", "security", "finance"];

/// A file to write: its name, relative to the project, and its text.
pub type NewFile = (&'static str, String);

/// The review and `.gitattributes` of a new project. `attributes` is what `.gitattributes` holds already: lines are
/// added to it, never taken away.
#[must_use]
pub fn init_files(first: &FirstReview<'_>, attributes: &str) -> Vec<NewFile> {
    vec![
        ("review.toml", review_text(first)),
        (".gitattributes", attributes_text(attributes)),
    ]
}

/// The lines that let git merge reviews: histories as a union of lines, reviews by question where the driver is set up.
#[must_use]
pub fn attributes_text(present: &str) -> String {
    let mut text = present.to_owned();
    for line in [
        "review.history.jsonl merge=union",
        "review.toml merge=gonogo",
    ] {
        let name = line.split(' ').next().unwrap_or_default();
        let known = present
            .lines()
            .any(|known| known.split_whitespace().next() == Some(name) && known.contains("merge="));
        if known {
            continue;
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

fn value(text: &str) -> String {
    Value::from(text).to_string()
}

fn list<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let quoted: Vec<String> = texts.into_iter().map(value).collect();
    format!("[{}]", quoted.join(", "))
}

fn review_text(first: &FirstReview<'_>) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "# The readiness review: answers, evidence, waivers and signatures, for one release.\n\
         # Edit it by hand, in the app (gonogo), or by command (gonogo review --help); comments stay.\n\
         schema = 1\nsystem = {}\nstage = \"launch\"                 # pilot | launch | scale\ntags = {}\n",
        value(first.system),
        list(first.tags.iter().copied())
    );
    match first.strategy {
        Some(name) => {
            let _ = writeln!(text, "strategy = {}              # what will go live: simulated evidence is about it", value(name));
        }
        None => text.push_str("# strategy = \"…\"                # what will go live: simulated evidence is about it\n"),
    }
    let _ = writeln!(
        text,
        "checklists = {}",
        list(first.checklists.iter().map(|list| list.id.as_str()))
    );
    let _ = writeln!(text, "required_signoffs = {}", list(ROLES));
    text.push_str(
        "\n[roles]                          # who may answer for a role, waive and sign\n",
    );
    for role in ROLES {
        let people = first.who.filter(|_| role == "engineering");
        let _ = writeln!(text, "{role} = {}", list(people));
    }
    for checklist in first.checklists.iter().filter(|list| list.shipped) {
        let _ = write!(
            text,
            "\n[pinned.{}]\nversion = {}\nsha256 = {}\n",
            quoted(&checklist.id),
            value(&checklist.version),
            value(&checklist.sha256)
        );
    }
    for checklist in first.checklists {
        for section in &checklist.sections {
            let _ = write!(text, "\n# {}: {}\n", checklist.title, section.title);
            for (index, question) in section.questions.iter().enumerate() {
                let gap = if index == 0 { "" } else { "\n" };
                let _ = write!(
                    text,
                    "{gap}[answer.{}.{}]   # {} ({})\nstatus = \"unknown\"\nrev = {}\n",
                    quoted(&checklist.id),
                    quoted(&question.id),
                    question.short,
                    question.severity,
                    question.rev
                );
            }
        }
    }
    text.push_str("\n# Signatures: gonogo review sign ROLE\n");
    for (index, role) in ROLES.into_iter().enumerate() {
        let gap = if index == 0 { "" } else { "\n" };
        let _ = writeln!(text, "{gap}[signoff.{role}]");
    }
    text
}
