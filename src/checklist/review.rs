//! A review as a value: the answers for one system and one release, with what was written where.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::reading::Source;

use super::types::{Key, Stage, Status};

/// A whole review.
#[derive(Debug, Clone)]
pub struct Review {
    /// The text it was read from.
    pub source: Arc<Source>,
    /// Where each field stands, by dotted path.
    pub places: BTreeMap<String, Range<usize>>,
    /// What is decided about.
    pub system: String,
    /// Which release of it.
    pub release: Option<String>,
    /// Which commit of it.
    pub commit: Option<String>,
    /// How far the launch has come.
    pub stage: Stage,
    /// What kind of system it is: decides which questions are asked.
    pub tags: Vec<String>,
    /// What will go live: simulated evidence is about it.
    pub strategy: Option<String>,
    /// The scenario, relative to the review (default `scenario.toml`).
    pub scenario: Option<String>,
    /// Last day of the review.
    pub valid_until: Option<Date>,
    /// Who decides.
    pub decision_by: Option<String>,
    /// When somebody looks again.
    pub next_look: Option<Date>,
    /// Who may read it.
    pub confidentiality: Option<String>,
    /// Ids of the checklists, in order.
    pub checklists: Vec<String>,
    /// Roles that have to sign.
    pub required_signoffs: Vec<String>,
    /// Who may answer for a role, waive and sign.
    pub roles: BTreeMap<String, Vec<String>>,
    /// Approved figures, in file order.
    pub budget: Vec<Budget>,
    /// Digests of shipped checklists when they were taken in.
    pub pinned: BTreeMap<String, Pin>,
    /// Answers by question.
    pub answers: BTreeMap<Key, Answer>,
    /// Evidence by its id.
    pub evidence: BTreeMap<String, Evidence>,
    /// Waivers by question.
    pub waivers: BTreeMap<Key, Waiver>,
    /// Signatures by role.
    pub signoffs: BTreeMap<String, Signoff>,
}

impl Review {
    /// Line and column of a field, or of the nearest thing above it that stands in the file.
    #[must_use]
    pub fn line_column(&self, path: &str) -> (usize, usize) {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return self.source.line_column(place.start);
            }
            match path.rsplit_once('.') {
                Some((above, _)) => path = above,
                None => return (1, 1),
            }
        }
    }

    /// Whether a person is listed under any role.
    #[must_use]
    pub fn is_listed(&self, person: &str) -> bool {
        self.roles
            .values()
            .flatten()
            .any(|listed| same_person(listed, person))
    }
}

/// `[budget."10x"]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// As written: `10x`.
    pub label: String,
    /// Multiple of the launch rate.
    pub volume: f64,
    /// The approved figure.
    pub usd_per_month: f64,
    /// By whom.
    pub approved_by: Option<String>,
    /// When.
    pub approved_on: Option<Date>,
}

/// `[pinned.ID]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Version of the shipped checklist.
    pub version: String,
    /// Digest of its text.
    pub sha256: String,
}

/// `[answer.CHECKLIST.QUESTION]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it says.
    pub status: Status,
    /// Revision of the question that it answers.
    pub rev: u32,
    /// Reasons and remarks.
    pub note: Option<String>,
    /// Who sees to what is open.
    pub owner: Option<String>,
    /// By when.
    pub due: Option<Date>,
    /// Ids of evidence.
    pub evidence: Vec<String>,
    /// Practices ticked, for imported questions.
    pub choices: Vec<String>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// When.
    pub answered_at: Option<Timestamp>,
    /// Who else looked at it.
    pub reviewed_by: Option<String>,
    /// Carried over, or the question changed.
    pub look_again: bool,
}

/// What a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceKind {
    /// A page.
    Link,
    /// A file of the repository.
    File,
    /// Something measured, in a file or a page.
    Measurement,
    /// A ticket.
    Ticket,
    /// Somebody's word.
    Statement,
}

impl EvidenceKind {
    /// As written, in the order of [`Self::ALL`].
    pub const WORDS: [&'static str; 5] = ["link", "file", "measurement", "ticket", "statement"];
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Link,
        Self::File,
        Self::Measurement,
        Self::Ticket,
        Self::Statement,
    ];

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::File => "file",
            Self::Measurement => "measurement",
            Self::Ticket => "ticket",
            Self::Statement => "statement",
        }
    }
}

impl fmt::Display for EvidenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// `[evidence.ID]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// A path inside the repository, an address, a ticket number, a sentence.
    pub reference: String,
    /// Digest of the file when it was attached.
    pub sha256: Option<String>,
    /// Day on which it was collected.
    pub collected: Option<Date>,
    /// Files whose change after the review's `commit` makes it stale.
    pub watch: Vec<String>,
}

impl Evidence {
    /// Whether the reference is an address.
    #[must_use]
    pub fn is_address(&self) -> bool {
        self.reference.starts_with("http://") || self.reference.starts_with("https://")
    }

    /// Whether the reference is a file of the repository.
    #[must_use]
    pub fn is_file(&self) -> bool {
        match self.kind {
            EvidenceKind::File => true,
            EvidenceKind::Measurement => !self.is_address(),
            EvidenceKind::Link | EvidenceKind::Ticket | EvidenceKind::Statement => false,
        }
    }
}

/// `[waiver.CHECKLIST.QUESTION]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Why the risk is accepted.
    pub reason: String,
    /// How large it is.
    pub risk: Option<String>,
    /// A control that works today.
    pub compensating: Option<String>,
    /// Who accepted it.
    pub approved_by: Option<String>,
    /// When.
    pub approved_on: Option<Date>,
    /// Last day.
    pub expires: Option<Date>,
}

/// What a signature says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Go.
    Go,
    /// Go, if what is noted is done.
    Conditional,
    /// Not yet.
    NoGo,
}

impl Decision {
    /// As written, in the order of [`Self::ALL`].
    pub const WORDS: [&'static str; 3] = ["go", "conditional", "no-go"];
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Go, Self::Conditional, Self::NoGo];

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Conditional => "conditional",
            Self::NoGo => "no-go",
        }
    }
}

/// `[signoff.ROLE]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signoff {
    /// Who signed; `None` for a stub.
    pub name: Option<String>,
    /// What they decided.
    pub decision: Option<Decision>,
    /// When.
    pub at: Option<Timestamp>,
    /// Digest of all that was signed.
    pub digest: Option<String>,
    /// Short digests of its parts, to name what changed.
    pub parts: BTreeMap<String, String>,
    /// A condition, or a reason.
    pub note: Option<String>,
}

/// Whether two spellings mean the same person: by mail address where both have one, else by name.
#[must_use]
pub fn same_person(one: &str, other: &str) -> bool {
    let mail = |text: &str| {
        let inside = text
            .split_once('<')?
            .1
            .split_once('>')?
            .0
            .trim()
            .to_lowercase();
        (!inside.is_empty()).then_some(inside)
    };
    let name = |text: &str| {
        text.split('<')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase()
    };
    match (mail(one), mail(other)) {
        (Some(one), Some(other)) => one == other,
        _ => !name(one).is_empty() && name(one) == name(other),
    }
}

#[cfg(test)]
mod tests {
    use super::same_person;

    #[test]
    fn a_person_is_known_by_mail_address_or_by_name() {
        assert!(same_person(
            "Ana Example <ana@example.org>",
            "A. Example <ANA@example.org>"
        ));
        assert!(same_person("Ana  Example", "ana example <ana@example.org>"));
        assert!(!same_person(
            "Ana Example <ana@example.org>",
            "Ana Example <ana@example.com>"
        ));
        assert!(!same_person("", ""));
        assert!(!same_person("Ana", "Bo"));
    }
}
