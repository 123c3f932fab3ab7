use serde::Serialize;

use crate::study::Study;

use super::analyses::Analyses;
use super::changes::Changes;
use super::redact::Redact;
use super::seal::Seal;

/// The value of `schema` in the JSON form of a report.
pub const SCHEMA: &str = "gonogo.report/1";

/// How much a report tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// For whoever decides: without notes, evidence, and what was negotiated.
    Executive,
    /// Everything that a reviewer needs.
    Full,
    /// The same, with what an auditor asks for: every metric, every change, every clause.
    Audit,
}

/// Everything that a report says; each format writes this value and computes nothing.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// How much it tells.
    pub style: Style,
    /// The day that it was judged at, `2026-12-01`.
    pub as_of: String,
    /// What is decided.
    pub subject: Subject,
    /// The verdict; none without a review.
    pub verdict: Option<Judged>,
    /// What is shown first: the ten facts.
    pub facts: Vec<Fact>,
    /// What the report could not say, and why.
    pub missing: Vec<String>,
    /// The strategy that the first page is about.
    pub chosen: Option<Chosen>,
    /// Share of months that must hold a promise.
    pub slo_confidence: f64,
    /// The promised 95% quantile of the latency, in seconds.
    pub latency_slo_s: Option<f64>,
    /// The promised share of failed requests.
    pub failure_slo: Option<f64>,
    /// Budgets by volume, ascending.
    pub budgets: Vec<BudgetLine>,
    /// What stands out in the study.
    pub findings: Vec<String>,
    /// Blockers that are not met.
    pub blockers: Vec<Blocker>,
    /// Everything that would change the verdict, shortest first.
    pub steps: Vec<Remedy>,
    /// Sections of the checklists.
    pub sections: Vec<SectionState>,
    /// Risks on record.
    pub waivers: Vec<WaiverLine>,
    /// Signatures.
    pub signoffs: Vec<SignoffLine>,
    /// Every question with its answer.
    pub questions: Vec<QuestionLine>,
    /// What the numbers rest on.
    pub assumptions: Vec<Assumption>,
    /// What the report was made from: name and value.
    pub origin: Vec<(String, String)>,
    /// Commands that make it again.
    pub commands: Vec<String>,
    /// Digests of what it was made from.
    pub inputs: Seal,
    /// What was left out on request.
    pub redacted: Vec<Redact>,
    /// What changed since an earlier report.
    pub changes: Option<Changes>,
    /// Every change to the review, in audit style.
    pub history: Vec<HistoryLine>,
    /// What the analyses found.
    pub analyses: Analyses,
    /// The study.
    #[serde(skip)]
    pub study: Option<Study>,
    /// What the PDF is printed on.
    #[serde(skip)]
    pub paper: Paper,
}

/// Sizes of paper.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Paper {
    /// 210 mm × 297 mm (ISO 216).
    #[default]
    A4,
    /// 8.5 in × 11 in (ANSI Y14.1).
    Letter,
}

impl Report {
    /// Whether notes and evidence are told.
    #[must_use]
    pub fn tells_notes(&self) -> bool {
        self.style != Style::Executive && !self.redacted.contains(&Redact::Notes)
    }

    /// The verdict in a word or two.
    #[must_use]
    pub fn word(&self) -> &str {
        self.verdict
            .as_ref()
            .map_or("NO VERDICT", |judged| judged.outcome.as_str())
    }
}

/// One change to the review.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryLine {
    /// When.
    pub when: String,
    /// Who.
    pub who: String,
    /// The field.
    pub path: String,
    /// What stood there.
    pub from: String,
    /// What stands there.
    pub to: String,
}

/// What is decided.
#[derive(Debug, Clone, Serialize)]
pub struct Subject {
    /// The system, or the scenario's name.
    pub system: String,
    /// Release, if the review says.
    pub release: Option<String>,
    /// Commit, if the review says.
    pub commit: Option<String>,
    /// How far the launch has come.
    pub stage: Option<String>,
    /// Who may read it.
    pub confidentiality: Option<String>,
}

/// The verdict in words.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// `GO`, `CONDITIONAL GO`, `INCOMPLETE` or `NO-GO`.
    pub outcome: String,
    /// What it would be if no waiver counted.
    pub without_waivers: String,
    /// Why, in one sentence.
    pub why: String,
    /// Blockers that do not count: hidden by tags, by stage, answered `na`.
    pub hidden_blockers: [usize; 3],
}

/// One of the ten facts of the first page.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    /// Its name in the JSON form: `verdict`, `cost_1x`.
    pub id: &'static str,
    /// What it is about.
    pub label: &'static str,
    /// What it says, in a few words.
    pub value: String,
    /// What belongs to it, one line each.
    pub detail: Vec<String>,
}

/// The strategy that the first page is about.
#[derive(Debug, Clone, Serialize)]
pub struct Chosen {
    /// Its name.
    pub strategy: String,
    /// Why this one.
    pub why: String,
}

/// A budget, and the chance of going over it.
#[derive(Debug, Clone, Serialize)]
pub struct BudgetLine {
    /// Multiple of the launch volume.
    pub volume: f64,
    /// US dollars a month.
    pub usd: f64,
    /// Whether it is approved in the review; else the scenario's, for planning.
    pub approved: bool,
    /// What stands about its approval.
    pub note: String,
    /// Share of the chosen strategy's months above it.
    pub over: Option<f64>,
    /// Lower and upper 95% bound of that share.
    pub over_bounds: Option<(f64, f64)>,
}

/// A blocker that is not met.
#[derive(Debug, Clone, Serialize)]
pub struct Blocker {
    /// The question's full name.
    pub key: String,
    /// The question in a few words.
    pub short: String,
    /// What stands against it.
    pub state: String,
    /// What would clear it.
    pub clears: String,
}

/// One thing that would bring the verdict closer to go.
#[derive(Debug, Clone, Serialize)]
pub struct Remedy {
    /// What is the matter, and what to do.
    pub text: String,
    /// What to type.
    pub command: String,
    /// The verdict that it helps to leave behind.
    pub lifts: String,
}

/// A section of a checklist, counted.
#[derive(Debug, Clone, Serialize)]
pub struct SectionState {
    /// The checklist's title.
    pub checklist: String,
    /// The section's title.
    pub title: String,
    /// Questions met.
    pub met: usize,
    /// Questions whose risk is on record.
    pub on_record: usize,
    /// Questions still open.
    pub open: usize,
    /// Questions answered against or contradicted.
    pub against: usize,
}

impl SectionState {
    /// "3 of 5 met, 1 open, 1 against".
    #[must_use]
    pub fn words(&self) -> String {
        let total = self.met + self.on_record + self.open + self.against;
        let mut text = format!("{} of {total} met", self.met);
        for (count, word) in [
            (self.on_record, "waived"),
            (self.open, "open"),
            (self.against, "against"),
        ] {
            if count > 0 {
                text.extend([", ", &count.to_string(), " ", word]);
            }
        }
        text
    }
}

/// A waiver.
#[derive(Debug, Clone, Serialize)]
pub struct WaiverLine {
    /// The question's full name.
    pub key: String,
    /// Why the risk is accepted.
    pub reason: String,
    /// How large it is.
    pub risk: String,
    /// What works against it today.
    pub compensating: String,
    /// Who accepted it, and when.
    pub approved: String,
    /// Last day.
    pub expires: String,
    /// Whether it counts.
    pub state: String,
}

/// A signature.
#[derive(Debug, Clone, Serialize)]
pub struct SignoffLine {
    /// The role.
    pub role: String,
    /// Whether the review requires it.
    pub required: bool,
    /// Who signed.
    pub name: String,
    /// Its state in words.
    pub state: String,
    /// When.
    pub at: String,
}

/// A question with its answer.
#[derive(Debug, Clone, Serialize)]
pub struct QuestionLine {
    /// Its full name.
    pub key: String,
    /// Its checklist and section.
    pub section: String,
    /// What is asked.
    pub ask: String,
    /// `blocker`, `major` or `minor`.
    pub severity: String,
    /// What was answered.
    pub status: String,
    /// Whether it is met, or what stands against it.
    pub state: String,
    /// What the simulator says, rule by rule.
    pub simulator: Vec<String>,
    /// The answer's note.
    pub note: String,
    /// Who sees to it, who answered, who reviewed.
    pub people: String,
    /// Its evidence.
    pub evidence: Vec<String>,
    /// Clauses of standards that it answers.
    pub clauses: Vec<String>,
}

/// A number that the results rest on.
#[derive(Debug, Clone, Serialize)]
pub struct Assumption {
    /// Its path in the scenario.
    pub path: String,
    /// As written; empty where a default was taken.
    pub value: String,
    /// Its spread in words, and whether it is not known or varies; empty where it holds no number.
    pub spread: String,
    /// Where it comes from.
    pub source: String,
    /// Whether somebody named a source in the scenario.
    pub sourced: bool,
    /// How good that source is.
    pub standing: Standing,
    /// Share of the spread that it explains, where a sensitivity analysis says.
    pub moves: Option<f64>,
}

/// How good the source of a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Somebody measured it, or took it from a log.
    Measured,
    /// Whoever sells it says so: a price list, a contract, published limits.
    Vendor,
    /// Neither.
    Assumed,
}

impl Standing {
    /// As the report says it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Vendor => "vendor",
            Self::Assumed => "assumed",
        }
    }
}
