//! Go, or not yet: one pure function of the files, the study and the moment.
//!
//! Every question gets a [`QuestionState`], every signature a [`SignatureState`]; the verdict is the first of NO-GO,
//! INCOMPLETE, CONDITIONAL GO and GO whose condition holds. No score buys a blocker off: nothing here is weighed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;

use crate::study::Study;

use super::dates::Clock;
use super::explain;
use super::judge_question::judge_question;
use super::review::{Decision, Review, same_person};
use super::rules::{Ground, Heard};
use super::signing::Parts;
use super::types::{Checklist, Key, Question, Severity, Stage, Status};

/// The verdict, gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Not ready yet.
    NoGo,
    /// Cannot be decided yet.
    Incomplete,
    /// Go, with risks that are on record.
    ConditionalGo,
    /// Go.
    Go,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NoGo => "NO-GO",
            Self::Incomplete => "INCOMPLETE",
            Self::ConditionalGo => "CONDITIONAL GO",
            Self::Go => "GO",
        })
    }
}

/// All that a verdict depends on.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The answers.
    pub review: &'a Review,
    /// The questions, in the review's order.
    pub checklists: &'a [Checklist],
    /// What was simulated, if anything.
    pub study: Option<&'a Study>,
    /// The scenario's promises by name.
    pub slo: &'a BTreeMap<String, f64>,
    /// What was found about the world.
    pub facts: &'a Facts,
    /// The moment.
    pub clock: Clock,
    /// Overrides the review's stage.
    pub stage: Option<Stage>,
    /// Leaves the signature rules out.
    pub before_signoff: bool,
}

impl Case<'_> {
    /// The stage that is judged.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.stage.unwrap_or(self.review.stage)
    }

    /// The approved budgets that count: approver listed under a role, not newly so, and not approved in the future.
    #[must_use]
    pub fn approved(&self) -> Vec<(f64, f64)> {
        let today = self.clock.today();
        let budgets = self.review.budget.iter().filter(|budget| {
            let approver = budget.approved_by.as_deref().unwrap_or_default();
            self.may_approve(approver) && budget.approved_on.is_none_or(|day| day <= today)
        });
        budgets
            .map(|budget| (budget.volume, budget.usd_per_month))
            .collect()
    }

    /// Whether a person is listed under a role, and was before this change.
    #[must_use]
    pub fn may_approve(&self, person: &str) -> bool {
        self.review.is_listed(person) && !self.is_newcomer(person)
    }

    /// Whether the same change added this person to `roles`.
    #[must_use]
    pub fn is_newcomer(&self, person: &str) -> bool {
        self.facts
            .newcomers
            .iter()
            .any(|newcomer| same_person(newcomer, person))
    }

    fn ground<'b>(&'b self, approved: &'b [(f64, f64)]) -> Ground<'b> {
        Ground {
            strategy: self.review.strategy.as_deref(),
            approved,
            slo: self.slo,
        }
    }
}

/// What the world says, gathered beforehand so that the verdict stays a pure function.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// What is wrong with a piece of evidence itself (gone, changed, overtaken by a watched file), by its id.
    pub bad_evidence: BTreeMap<String, String>,
    /// Digests of what a signature covers, now.
    pub parts: Parts,
    /// People whom the same change added to `roles` (`--base`).
    pub newcomers: BTreeSet<String>,
}

/// Why a question is not met.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// No answer, or `unknown`.
    Unanswered,
    /// Answered against.
    Against(Status),
    /// The simulator contradicts the answer.
    Contradicted(String),
    /// `na` where that is not allowed.
    NaNotAllowed,
    /// `na` without a reason.
    NaWithoutReason,
    /// Answers an older revision of the question.
    OldRevision(u32),
    /// Carried over, or its question changed.
    LookAgain,
    /// Needs a note.
    NoteMissing,
    /// Needs evidence and has none.
    EvidenceMissing,
    /// All its evidence is stale, gone or changed: id and what is wrong, for each.
    EvidenceBad(Vec<(String, String)>),
    /// Nobody else has looked at a blocker's answer.
    NotReviewed,
    /// Looked at only by whoever answered.
    ReviewedByAnswerer,
    /// The simulator cannot tell.
    CannotTell(String),
    /// The rule needs an approved budget.
    BudgetMissing(String),
    /// The ticked practices and the status do not say the same.
    ChoicesDisagree(String),
    /// A waiver is there but does not hold.
    WaiverInvalid(String),
}

impl Reason {
    /// Whether it speaks against going, rather than leaving something open.
    #[must_use]
    pub fn is_against(&self) -> bool {
        matches!(self, Self::Against(_) | Self::Contradicted(_))
    }
}

/// Whether and why a question does not count for this review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// The system has none of its tags.
    ByTags,
    /// It belongs to another stage.
    ByStage,
}

/// One question, judged.
#[derive(Debug, Clone)]
pub struct QuestionState<'a> {
    /// Its full name.
    pub key: Key,
    /// The question.
    pub question: &'a Question,
    /// Title of its section.
    pub section: &'a str,
    /// Severity as it counts: the question's, or for imported questions what the ticked practices leave open.
    pub severity: Severity,
    /// What was answered; `Unknown` without an answer.
    pub status: Status,
    /// Whether the status was drafted by a study and confirmed by nobody.
    pub drafted: bool,
    /// Why it does not count, if it does not.
    pub hidden: Option<Hidden>,
    /// Why it is not met; empty: met.
    pub reasons: Vec<Reason>,
    /// What the simulator said, rule by rule.
    pub heard: Vec<Heard>,
    /// The waiver's last day, if one is valid today.
    pub waived_until: Option<Date>,
    /// Whether somebody owns what is open, with a date in the future.
    pub owned: bool,
    /// What does not change the verdict but should be known.
    pub remarks: Vec<String>,
}

impl QuestionState<'_> {
    /// Met, in the sense of the rules.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.reasons.is_empty()
    }

    /// Answered against, partial or contradicted.
    #[must_use]
    pub fn is_against(&self) -> bool {
        self.reasons.iter().any(Reason::is_against)
    }

    fn stands_against(&self, waivers: bool) -> bool {
        let waived = waivers && self.waived_until.is_some();
        match self.severity {
            Severity::Blocker => self.is_against() && !waived,
            Severity::Major => {
                let answered = self
                    .reasons
                    .iter()
                    .any(|reason| matches!(reason, Reason::Against(_)));
                answered && !self.owned && !waived
            }
            Severity::Minor => false,
        }
    }

    fn leaves_open(&self, waivers: bool) -> bool {
        // A risk that is on record is settled; what else is missing from its answer no longer matters.
        if self.is_against() && waivers && self.waived_until.is_some() {
            return false;
        }
        match self.severity {
            Severity::Blocker => !self.is_met(),
            Severity::Major => self.question.is_good(self.status) && !self.is_met(),
            Severity::Minor => false,
        }
    }

    fn is_condition(&self, waivers: bool) -> bool {
        let waived = waivers && self.waived_until.is_some() && self.is_against();
        waived
            || (self.severity == Severity::Major
                && self.owned
                && self
                    .reasons
                    .iter()
                    .any(|reason| matches!(reason, Reason::Against(_))))
    }
}

/// Whether a signature counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureState {
    /// Not signed.
    Missing,
    /// Signed, and what was signed has changed: these parts.
    Void(Vec<String>),
    /// Signed by somebody who may not sign for the role, and why.
    NotEntitled(String),
    /// It counts.
    Valid(Decision),
}

/// A role's signature, judged.
#[derive(Debug, Clone)]
pub struct Signature {
    /// The role.
    pub role: String,
    /// Whether the review requires it.
    pub required: bool,
    /// Who signed.
    pub name: Option<String>,
    /// Whether it counts.
    pub state: SignatureState,
}

/// How many blockers do not count, and why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HiddenBlockers {
    /// The system has none of their tags.
    pub by_tags: usize,
    /// They belong to another stage.
    pub by_stage: usize,
    /// Answered `na`.
    pub by_na: usize,
}

/// The verdict, with everything it was made of.
#[derive(Debug, Clone)]
pub struct Verdict<'a> {
    /// The verdict.
    pub outcome: Outcome,
    /// What it would be if no waiver counted.
    pub without_waivers: Outcome,
    /// Why, in one sentence.
    pub why: String,
    /// What would change it, shortest first.
    pub steps: Vec<explain::Step>,
    /// Every question, in order.
    pub questions: Vec<QuestionState<'a>>,
    /// Required signatures in the review's order, then the others.
    pub signatures: Vec<Signature>,
    /// Whether the review has expired.
    pub expired: bool,
    /// Blockers that do not count.
    pub hidden: HiddenBlockers,
    /// Whether signature rules were left out.
    pub before_signoff: bool,
}

/// Judges a review.
#[must_use]
pub fn judge<'a>(case: &Case<'a>) -> Verdict<'a> {
    let approved = case.approved();
    let ground = case.ground(&approved);
    let mut questions = Vec::new();
    for checklist in case.checklists {
        for section in &checklist.sections {
            for question in &section.questions {
                let key = Key::new(&checklist.id, &question.id);
                questions.push(judge_question(case, &ground, key, question, &section.title));
            }
        }
    }
    let signatures = super::judge_signature::signatures(case);
    let today = case.clock.today();
    let expired = case.review.valid_until.is_some_and(|last| last < today);
    let mut verdict = Verdict {
        outcome: Outcome::Go,
        without_waivers: Outcome::Go,
        why: String::new(),
        steps: Vec::new(),
        hidden: hidden_blockers(&questions),
        questions,
        signatures,
        expired,
        before_signoff: case.before_signoff,
    };
    verdict.outcome = decide(&verdict, true);
    verdict.without_waivers = decide(&verdict, false);
    verdict.why = super::sentence::sentence(&verdict);
    verdict.steps = explain::steps(&verdict, case);
    verdict
}

impl<'a> Verdict<'a> {
    /// Questions that count.
    pub fn shown(&self) -> impl Iterator<Item = &QuestionState<'a>> {
        self.questions.iter().filter(|state| state.hidden.is_none())
    }

    /// Questions that stand against going.
    pub fn against(&self) -> impl Iterator<Item = &QuestionState<'a>> {
        self.shown().filter(|state| state.stands_against(true))
    }

    /// Questions that leave the verdict open.
    pub fn open(&self) -> impl Iterator<Item = &QuestionState<'a>> {
        self.shown()
            .filter(|state| !state.stands_against(true) && state.leaves_open(true))
    }

    /// Risks that are on record: waived, or owned with a date.
    pub fn conditions(&self) -> impl Iterator<Item = &QuestionState<'a>> {
        self.shown().filter(|state| {
            !state.stands_against(true) && !state.leaves_open(true) && state.is_condition(true)
        })
    }

    /// Signatures that are required and do not count.
    pub fn unsigned(&self) -> impl Iterator<Item = &Signature> {
        let left_out = self.before_signoff;
        self.signatures.iter().filter(move |signature| {
            !left_out && signature.required && !matches!(signature.state, SignatureState::Valid(_))
        })
    }

    /// Valid signatures that say this.
    pub fn signed(&self, decision: Decision) -> impl Iterator<Item = &Signature> {
        let left_out = self.before_signoff;
        self.signatures.iter().filter(move |signature| {
            !left_out && signature.state == SignatureState::Valid(decision)
        })
    }
}

fn decide(verdict: &Verdict<'_>, waivers: bool) -> Outcome {
    if verdict.shown().any(|state| state.stands_against(waivers))
        || verdict.signed(Decision::NoGo).next().is_some()
    {
        Outcome::NoGo
    } else if verdict.shown().any(|state| state.leaves_open(waivers))
        || verdict.unsigned().next().is_some()
        || verdict.expired
    {
        Outcome::Incomplete
    } else if verdict.shown().any(|state| state.is_condition(waivers))
        || verdict.signed(Decision::Conditional).next().is_some()
    {
        Outcome::ConditionalGo
    } else {
        Outcome::Go
    }
}

fn hidden_blockers(questions: &[QuestionState<'_>]) -> HiddenBlockers {
    let blockers = || {
        questions
            .iter()
            .filter(|state| state.question.severity == Severity::Blocker)
    };
    HiddenBlockers {
        by_tags: blockers()
            .filter(|state| state.hidden == Some(Hidden::ByTags))
            .count(),
        by_stage: blockers()
            .filter(|state| state.hidden == Some(Hidden::ByStage))
            .count(),
        by_na: blockers()
            .filter(|state| state.hidden.is_none() && state.status == Status::Na)
            .count(),
    }
}
