//! Questions as a checklist states them: what is asked, why, how to find out, what counts, and when a no stops a launch.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;

use crate::reading::Source;

use super::risk::Risk;

/// A whole checklist.
#[derive(Debug, Clone)]
pub struct Checklist {
    /// The text it was read from.
    pub source: Arc<Source>,
    /// `sha256` of that text: what a pin holds.
    pub sha256: String,
    /// Whether it ships in the binary, unchanged.
    pub shipped: bool,
    /// Its name in reviews.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Its version, as written.
    pub version: String,
    /// One sentence for lists.
    pub about: String,
    /// Its sections, in file order.
    pub sections: Vec<Section>,
}

impl Checklist {
    /// Its questions, in file order.
    pub fn questions(&self) -> impl Iterator<Item = &Question> + Clone {
        self.sections.iter().flat_map(|section| &section.questions)
    }

    /// A question by its id.
    #[must_use]
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions().find(|question| question.id == id)
    }
}

/// A group of questions.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its name within the checklist.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Its questions, in file order.
    pub questions: Vec<Question>,
}

/// One question.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a checklist's yes-or-no fields, named as in the file"
)]
pub struct Question {
    /// Where it stands in the checklist's text.
    pub place: Range<usize>,
    /// Its name: answers hang on it, so it is never given to another meaning.
    pub id: String,
    /// Raised when the meaning changes; older answers then need another look.
    pub rev: u32,
    /// A few words for lists.
    pub short: String,
    /// The question.
    pub ask: String,
    /// Why it is asked.
    pub why: String,
    /// How to find out.
    pub how: String,
    /// What evidence counts.
    pub proof: String,
    /// What stops the launch.
    pub blocks_when: String,
    /// How much hangs on it.
    pub severity: Severity,
    /// `false` where a yes is the danger.
    pub yes_is_good: bool,
    /// Who usually answers.
    pub role: String,
    /// Whether an answer needs evidence.
    pub evidence: EvidenceNeed,
    /// Days that evidence stays fresh; `None`: it does not age.
    pub evidence_days: Option<u32>,
    /// Whether it may be answered `na`, with a reason.
    pub na_allowed: bool,
    /// Whether its risk may be accepted for a while.
    pub waivable: bool,
    /// Longest waiver, in days.
    pub max_waiver_days: u32,
    /// Tags that bring it up; empty: always.
    pub when: Vec<String>,
    /// Stages that it belongs to.
    pub stages: Vec<Stage>,
    /// Clauses that it comes from.
    pub maps_to: Vec<Clause>,
    /// Ids of older questions whose answers carry over, marked for another look.
    pub supersedes: Vec<String>,
    /// The day on which its law begins to apply.
    pub applies: Option<Applies>,
    /// Whether a study drafts its answer.
    pub study_drafts: bool,
    /// The simulator's own word on it; all must hold.
    pub simulated: Vec<Rule>,
    /// Practices to tick, for questions imported from a Well-Architected lens.
    pub choices: Vec<Choice>,
    /// Which ticks mean which risk, first match; empty without choices.
    pub risks: Vec<(Risk, String)>,
}

impl Question {
    /// Whether a status is the one hoped for.
    #[must_use]
    pub fn is_good(&self, status: Status) -> bool {
        match status {
            Status::Yes => self.yes_is_good,
            Status::No => !self.yes_is_good,
            Status::Partial | Status::Unknown | Status::Na => false,
        }
    }

    /// Whether a status speaks against going.
    #[must_use]
    pub fn is_against(&self, status: Status) -> bool {
        match status {
            Status::Yes => !self.yes_is_good,
            Status::No => self.yes_is_good,
            Status::Partial => true,
            Status::Unknown | Status::Na => false,
        }
    }
}

/// A practice that can be ticked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its name in risk rules.
    pub id: String,
    /// What it says.
    pub title: String,
}

/// A clause of a standard or law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Its document.
    pub standard: String,
    /// The place in it.
    pub clause: String,
}

/// When a law begins to apply. Information, looked up on a day: it changes no verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applies {
    /// First day.
    pub from: Date,
    /// First day after a change that is agreed but was not seen in force.
    pub expected: Option<Date>,
    /// Day on which this was looked up.
    pub verified_on: Date,
    /// What to know about it.
    pub note: String,
}

/// What the simulator is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Dotted name of a metric.
    pub metric: String,
    /// For `share_within`.
    pub seconds: Option<f64>,
    /// Where it is measured.
    pub scope: Scope,
    /// Factor on the measured value, for "what if prices rose" (default 1).
    pub times: f64,
    /// What it must hold.
    pub bound: Bound,
    /// Share of simulated months that must comply.
    pub confidence: f64,
}

impl Rule {
    /// The name under which a study stores the metric.
    #[must_use]
    pub fn stored_name(&self) -> String {
        match self.seconds {
            Some(seconds) => format!("{}.{seconds}", self.metric),
            None => self.metric.clone(),
        }
    }
}

/// Where a rule measures.
#[derive(Debug, Clone, PartialEq)]
pub enum Scope {
    /// In ordinary months at a multiple of the launch rate.
    Volume(f64),
    /// Over an incident.
    Drill(String),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Volume(volume) => write!(f, "at {volume}x"),
            Self::Drill(name) => write!(f, "in drill {name}"),
        }
    }
}

/// What a metric must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// At least this.
    Min(f64),
    /// At most this.
    Max(f64),
    /// At most the approved budget of the volume.
    Budget,
    /// At most what the scenario's SLO promises for the metric.
    Slo,
}

/// How much hangs on a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Information.
    Minor,
    /// A no needs an owner and a date.
    Major,
    /// A no is a no-go.
    Blocker,
}

impl Severity {
    /// As written, in the order of [`Self::ALL`].
    pub const WORDS: [&'static str; 3] = ["blocker", "major", "minor"];
    /// All of them, gravest first.
    pub const ALL: [Self; 3] = [Self::Blocker, Self::Major, Self::Minor];
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Blocker => "blocker",
            Self::Major => "major",
            Self::Minor => "minor",
        })
    }
}

/// What an answer needs beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceNeed {
    /// Nothing.
    None,
    /// A note.
    Text,
    /// A piece of evidence that is there and fresh.
    Required,
}

impl EvidenceNeed {
    /// As written, in the order of [`Self::ALL`].
    pub const WORDS: [&'static str; 3] = ["none", "text", "required"];
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Text, Self::Required];
}

/// How far a launch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// A few users who know that they are first.
    Pilot,
    /// Everybody it is meant for.
    Launch,
    /// Ten times that.
    Scale,
}

impl Stage {
    /// As written, in the order of [`Self::ALL`].
    pub const WORDS: [&'static str; 3] = ["pilot", "launch", "scale"];
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pilot, Self::Launch, Self::Scale];

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .zip(Self::WORDS)
            .find(|(_, known)| *known == word)
            .map(|(stage, _)| stage)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pilot => "pilot",
            Self::Launch => "launch",
            Self::Scale => "scale",
        })
    }
}

/// What an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Yes.
    Yes,
    /// In part.
    Partial,
    /// No.
    No,
    /// Nobody knows yet: the same as no answer.
    Unknown,
    /// It does not apply here, for the reason in the note.
    Na,
}

impl Status {
    /// As written, in the order of [`Self::ALL`].
    pub const WORDS: [&'static str; 5] = ["yes", "partial", "no", "unknown", "na"];
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Yes, Self::Partial, Self::No, Self::Unknown, Self::Na];

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .zip(Self::WORDS)
            .find(|(_, known)| *known == word)
            .map(|(status, _)| status)
    }

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partial => "partial",
            Self::No => "no",
            Self::Unknown => "unknown",
            Self::Na => "na",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A question's full name: `production.p95-latency`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The checklist's id.
    pub checklist: String,
    /// The question's id.
    pub question: String,
}

impl Key {
    /// A key from its two parts.
    #[must_use]
    pub fn new(checklist: &str, question: &str) -> Self {
        Self {
            checklist: checklist.to_owned(),
            question: question.to_owned(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.checklist, self.question))
    }
}
