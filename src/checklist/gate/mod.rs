//! What the gate has to say, as one value, and a writer for each format.
//!
//! Shaped after gates that people keep switched on: one line for each thing that fails, with its place and its remedy
//! (cargo-deny, semgrep); accepted risks stay in the report as suppressions (trivy, SARIF); expiry is announced before
//! it bites. All user text goes through `safe` on its way out.

mod github;
mod json;
mod junit;
mod markdown;
mod sarif;
mod text;

use jiff::civil::Date;

use super::dates::{Clock, days_between, plus_days};
use super::review::Decision;
use super::types::{EvidenceNeed, Severity};
use super::verdict::{Outcome, QuestionState, Reason, SignatureState, Verdict};
use super::{Project, Step};

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It holds the launch up.
    Error,
    /// It will, or it is a condition.
    Warning,
}

/// One thing that fails, or soon will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The question's full name, `signoff.ROLE`, or `review`.
    pub rule: String,
    /// How grave it is.
    pub level: Level,
    /// What is the matter.
    pub message: String,
    /// What to type; may be empty.
    pub command: String,
    /// Line in the review, from 1.
    pub line: usize,
    /// Column in the review, from 1.
    pub column: usize,
    /// Why it is accepted, for waived ones.
    pub accepted: Option<String>,
}

/// Everything that the gate reports.
#[derive(Debug)]
pub struct Gate<'a> {
    /// The review and what belongs to it.
    pub project: &'a Project,
    /// The verdict.
    pub verdict: &'a Verdict<'a>,
    /// When it was judged.
    pub clock: Clock,
    /// What fails, in file order.
    pub findings: Vec<Finding>,
    /// What will fail within the asked time, soonest first.
    pub warnings: Vec<Finding>,
    /// Whether the gate opens.
    pub passes: bool,
    /// What was simulated, in a few words.
    pub simulated: String,
    /// What was rejected because of `--base`.
    pub rejected: Vec<String>,
    /// The working folder within the repository, with a slash at its end; empty at its root.
    pub prefix: String,
}

/// What the gate is asked for besides the verdict.
#[derive(Debug, Clone, Copy, Default)]
pub struct GateOptions {
    /// Whether a conditional go opens the gate.
    pub allow_conditional: bool,
    /// Days ahead in which what expires is announced.
    pub warn_within: Option<u32>,
}

/// The formats of `--output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
    /// For code scanning.
    Sarif,
    /// For test reports.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
    /// For a pull-request comment.
    Markdown,
}

impl Format {
    /// As written, in the order of [`Self::ALL`].
    pub const WORDS: [&'static str; 6] = ["text", "json", "sarif", "junit", "github", "markdown"];
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Text,
        Self::Json,
        Self::Sarif,
        Self::Junit,
        Self::Github,
        Self::Markdown,
    ];

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .zip(Self::WORDS)
            .find(|(_, known)| *known == word)
            .map(|(format, _)| format)
    }
}

impl<'a> Gate<'a> {
    /// Gathers what fails and what soon will.
    #[must_use]
    pub fn new(
        project: &'a Project,
        verdict: &'a Verdict<'a>,
        clock: Clock,
        options: GateOptions,
    ) -> Self {
        let passes = match verdict.outcome {
            Outcome::Go => true,
            Outcome::ConditionalGo => options.allow_conditional,
            Outcome::NoGo | Outcome::Incomplete => false,
        };
        let mut findings = findings(project, verdict, options);
        findings.sort_by_key(|finding| (finding.line, finding.column));
        let warnings = options
            .warn_within
            .map(|days| warnings(project, verdict, clock, days))
            .unwrap_or_default();
        Self {
            project,
            verdict,
            clock,
            findings,
            warnings,
            passes,
            simulated: String::new(),
            rejected: Vec::new(),
            prefix: String::new(),
        }
    }

    /// Writes one format.
    #[must_use]
    pub fn write(&self, format: Format) -> String {
        match format {
            Format::Text => text::write(self),
            Format::Json => json::write(self),
            Format::Sarif => sarif::write(self),
            Format::Junit => junit::write(self),
            Format::Github => github::write(self),
            Format::Markdown => markdown::write(self),
        }
    }

    /// The review's file as outputs name it: with forward slashes.
    #[must_use]
    pub fn file(&self) -> String {
        self.project
            .path
            .display()
            .to_string()
            .replace('\\', "/")
            .trim_start_matches("./")
            .to_owned()
    }

    /// The review's file from the repository's root: what code scanning and annotations look for.
    #[must_use]
    pub fn repository_file(&self) -> String {
        if self.project.path.is_absolute() {
            return self.file();
        }
        format!("{}{}", self.prefix, self.file())
    }

    /// Findings that are not accepted.
    pub fn failing(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.accepted.is_none())
    }

    /// "Customer support chatbot 1.4.0 (launch)".
    #[must_use]
    pub fn subject(&self) -> String {
        let review = &self.project.review;
        let release = review
            .release
            .as_ref()
            .map(|release| format!(" {release}"))
            .unwrap_or_default();
        format!("{}{release} ({})", review.system, review.stage)
    }

    /// "2 blockers are hidden by tags, 1 by na"; empty if none is.
    #[must_use]
    pub fn hidden(&self) -> String {
        let hidden = self.verdict.hidden;
        let parts: Vec<String> = [
            (hidden.by_tags, "by tags"),
            (hidden.by_stage, "by stage"),
            (hidden.by_na, "by na"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, how)| format!("{count} {how}"))
        .collect();
        if parts.is_empty() {
            String::new()
        } else {
            format!("Blockers that do not count: {}.", parts.join(", "))
        }
    }
}

fn findings(project: &Project, verdict: &Verdict<'_>, options: GateOptions) -> Vec<Finding> {
    let mut found = Vec::new();
    for step in verdict
        .steps
        .iter()
        .filter(|step| step.lifts <= Outcome::Incomplete && !step.waives)
    {
        found.push(finding(project, step, Level::Error));
    }
    for state in verdict.conditions() {
        let waiver = project
            .review
            .waivers
            .get(&state.key)
            .filter(|_| state.waived_until.is_some());
        let condition = Step {
            effort: 4,
            lifts: Outcome::ConditionalGo,
            path: format!("answer.{}.{}", state.key.checklist, state.key.question),
            key: Some(state.key.clone()),
            text: format!("{}: {}", state.key, describe(state)),
            command: String::new(),
            waives: false,
        };
        // An owned major fails only a gate that takes no conditions.
        if waiver.is_none() && options.allow_conditional {
            continue;
        }
        let mut entry = finding(project, &condition, Level::Warning);
        entry.accepted = waiver.map(|waiver| {
            let until = state
                .waived_until
                .map(|day| format!(" until {day}"))
                .unwrap_or_default();
            format!(
                "accepted by {}{until}: {}",
                waiver.approved_by.as_deref().unwrap_or_default(),
                waiver.reason
            )
        });
        found.push(entry);
    }
    if !options.allow_conditional {
        for signature in verdict.signed(Decision::Conditional) {
            let (line, column) = project
                .review
                .line_column(&format!("signoff.{}", signature.role));
            found.push(Finding {
                rule: format!("signoff.{}", signature.role),
                level: Level::Warning,
                message: format!("{} signed on a condition", signature.role),
                command: String::new(),
                line,
                column,
                accepted: None,
            });
        }
    }
    found
}

fn finding(project: &Project, step: &Step, level: Level) -> Finding {
    let (line, column) = project.review.line_column(&step.path);
    let rule = match &step.key {
        Some(key) => key.to_string(),
        None if step.path.starts_with("signoff.") => step.path.clone(),
        None => "review".to_owned(),
    };
    Finding {
        rule,
        level,
        message: step.text.clone(),
        command: step.command.clone(),
        line,
        column,
        accepted: None,
    }
}

/// What stands against a question, in a few words.
#[must_use]
pub fn describe(state: &QuestionState<'_>) -> String {
    let reasons: Vec<String> = state
        .reasons
        .iter()
        .map(|reason| match reason {
            Reason::Unanswered => "not answered".to_owned(),
            Reason::Against(status) => format!("answered {status}"),
            Reason::Contradicted(what) => format!("contradicted by the simulation ({what})"),
            Reason::NaNotAllowed => "may not be na".to_owned(),
            Reason::NaWithoutReason => "na without a reason".to_owned(),
            Reason::OldRevision(rev) => {
                format!("answers revision {rev}, now {}", state.question.rev)
            }
            Reason::LookAgain => "needs another look".to_owned(),
            Reason::NoteMissing => "needs a note".to_owned(),
            Reason::EvidenceMissing => "needs evidence".to_owned(),
            Reason::EvidenceBad(bad) => bad
                .iter()
                .map(|(id, what)| format!("evidence {id} {what}"))
                .collect::<Vec<_>>()
                .join("; "),
            Reason::NotReviewed => "not reviewed by somebody else".to_owned(),
            Reason::ReviewedByAnswerer => "reviewed only by whoever answered".to_owned(),
            Reason::CannotTell(why) => format!("the simulator cannot tell ({why})"),
            Reason::BudgetMissing(what)
            | Reason::ChoicesDisagree(what)
            | Reason::WaiverInvalid(what) => what.clone(),
        })
        .collect();
    if reasons.is_empty() {
        "met".to_owned()
    } else {
        reasons.join("; ")
    }
}

fn warnings(project: &Project, verdict: &Verdict<'_>, clock: Clock, days: u32) -> Vec<Finding> {
    let today = clock.today();
    let mut coming: Vec<(Date, String, String, String)> = Vec::new();
    let mut add = |day: Option<Date>, rule: &str, path: String, what: String| {
        let near = day.filter(|day| (0..=i64::from(days)).contains(&days_between(today, *day)));
        if let Some(day) = near {
            coming.push((day, rule.to_owned(), path, what));
        }
    };
    let review = &project.review;
    add(
        review.valid_until,
        "review",
        "valid_until".to_owned(),
        "the review expires".to_owned(),
    );
    for state in verdict
        .shown()
        .filter(|state| state.severity > Severity::Minor)
    {
        let (rule, path) = (
            state.key.to_string(),
            format!("answer.{}.{}", state.key.checklist, state.key.question),
        );
        add(
            state.waived_until,
            &rule,
            path.replacen("answer", "waiver", 1),
            format!("{rule}: its waiver expires"),
        );
        let Some(answer) = review.answers.get(&state.key) else {
            continue;
        };
        if state.question.evidence == EvidenceNeed::Required && state.question.is_good(state.status)
        {
            let last = answer.evidence.iter().filter_map(|id| {
                plus_days(
                    review.evidence.get(id)?.collected?,
                    i64::from(state.question.evidence_days?),
                )
            });
            add(
                last.max(),
                &rule,
                path.clone(),
                format!("{rule}: its evidence expires"),
            );
        }
        if state.owned && state.is_against() {
            add(answer.due, &rule, path, format!("{rule}: it is due"));
        }
    }
    coming.sort();
    coming
        .into_iter()
        .map(|(day, rule, path, what)| {
            let (line, column) = review.line_column(&path);
            let left = days_between(today, day);
            let message = format!(
                "{what} on {day} (in {left} {})",
                if left == 1 { "day" } else { "days" }
            );
            Finding {
                rule,
                level: Level::Warning,
                message,
                command: String::new(),
                line,
                column,
                accepted: None,
            }
        })
        .collect()
}

/// A signature's state in a few words.
#[must_use]
pub fn signature_words(state: &SignatureState) -> String {
    match state {
        SignatureState::Missing => "not signed".to_owned(),
        SignatureState::Void(changed) => format!("void: {} changed", changed.join(", ")),
        SignatureState::NotEntitled(why) => format!("does not count: {why}"),
        SignatureState::Valid(decision) => decision.word().to_owned(),
    }
}

pub use json::question as question_json;
