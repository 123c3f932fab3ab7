//! The review as the screen needs it: read with everything around it, judged against the newest study, and kept as
//! values that can be drawn without judging again.

use std::collections::BTreeMap;
use std::path::Path;

use crate::checklist::rules::Heard;
use crate::checklist::verdict::{
    self, Case, Facts, Hidden, HiddenBlockers, Outcome, QuestionState, Reason, Signature, Verdict,
};
use crate::checklist::{
    Checklist, Clock, Key, Project, Question, Scope, Severity, Status, Step, promises,
};
use crate::prices::Catalogue;
use crate::reading::Problems;
use crate::study::Study;

use super::theme::Tone;
use super::work::Asked;

/// A review that was read, with what the world says about it.
#[derive(Debug)]
pub struct Reviewed {
    /// The review and its checklists.
    pub project: Project,
    /// What was found about evidence and signatures.
    pub facts: Facts,
    /// The scenario's promises.
    pub slo: BTreeMap<String, f64>,
    /// When it is judged.
    pub clock: Clock,
    /// What came of it.
    pub judged: Judgement,
    /// Roles that have been signed for since it was read.
    pub signed: Vec<String>,
}

/// A verdict that owns what it is about.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The verdict.
    pub outcome: Outcome,
    /// What it would be if no waiver counted.
    pub without_waivers: Outcome,
    /// Why, in one sentence.
    pub why: String,
    /// What would change it, shortest first.
    pub steps: Vec<Step>,
    /// Every question, in order.
    pub questions: Vec<JudgedQuestion>,
    /// Required signatures, then others.
    pub signatures: Vec<Signature>,
    /// Whether the review has expired.
    pub expired: bool,
    /// Blockers that do not count.
    pub hidden: HiddenBlockers,
}

/// A question with its standing.
#[derive(Debug, Clone)]
pub struct JudgedQuestion {
    /// Its full name.
    pub key: Key,
    /// The question.
    pub question: Question,
    /// Title of its section.
    pub section: String,
    /// Severity as it counts.
    pub severity: Severity,
    /// What was answered.
    pub status: Status,
    /// Whether a study drafted the answer.
    pub drafted: bool,
    /// Why it does not count, if so.
    pub hidden: Option<Hidden>,
    /// Why it is not met; empty: met.
    pub reasons: Vec<Reason>,
    /// What the simulator said.
    pub heard: Vec<Heard>,
    /// In one line: met, or what stands against it.
    pub words: String,
    /// Where it leaves the verdict.
    pub standing: Standing,
    /// What should be known beside.
    pub remarks: Vec<String>,
}

/// Where a question leaves the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Met.
    Met,
    /// On record: waived, or owned with a date.
    OnRecord,
    /// Leaves the verdict open.
    Open,
    /// Stands against going.
    Against,
    /// Not met, and does not matter to the verdict.
    Noted,
    /// Not asked of this system at this stage.
    Hidden,
}

impl Standing {
    /// How it is shown.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Met => Tone::Good,
            Self::OnRecord => Tone::Warn,
            Self::Open | Self::Noted | Self::Hidden => Tone::Open,
            Self::Against => Tone::Bad,
        }
    }
}

/// How a verdict is shown.
#[must_use]
pub fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::NoGo => Tone::Bad,
        Outcome::Incomplete => Tone::Open,
        Outcome::ConditionalGo => Tone::Warn,
        Outcome::Go => Tone::Good,
    }
}

impl Reviewed {
    /// Reads a review and what is around it; nothing is simulated yet.
    ///
    /// # Errors
    /// All problems of all files.
    pub fn load(path: &Path, clock: Clock) -> Result<Self, Vec<Problems>> {
        let project = Project::load(path)?;
        // A scenario that cannot be read is reported where it is edited; the review can still be answered.
        let scenario = project.scenario().ok().flatten();
        let digest = Catalogue::in_folder(&project.folder)
            .map_or_else(|_| String::new(), |catalogue| catalogue.digest().to_owned());
        let facts = project.facts(scenario.as_ref(), &digest);
        let slo = promises(scenario.as_ref());
        let judged = judge(&project, &facts, &slo, None, clock);
        Ok(Self {
            project,
            facts,
            slo,
            clock,
            judged,
            signed: Vec::new(),
        })
    }

    /// Judges it again, against a study or none.
    pub fn judge(&mut self, study: Option<&Study>, clock: Clock) {
        self.clock = clock;
        self.judged = judge(&self.project, &self.facts, &self.slo, study, clock);
    }

    /// A verdict with its references, for what the library makes of one: the report, the gate.
    pub fn with_verdict<T>(
        &self,
        study: Option<&Study>,
        then: impl FnOnce(&Verdict<'_>, &Case<'_>) -> T,
    ) -> T {
        let case = case(&self.project, &self.facts, &self.slo, study, self.clock);
        then(&verdict::judge(&case), &case)
    }

    /// What its rules want to know of a study.
    #[must_use]
    pub fn asked(&self) -> Asked {
        let mut asked = Asked {
            live: self.live().map(str::to_owned),
            ..Asked::default()
        };
        let questions = self
            .project
            .checklists
            .iter()
            .flat_map(Checklist::questions);
        for rule in questions.flat_map(|question| &question.simulated) {
            asked.seconds.extend(rule.seconds);
            if let Scope::Volume(volume) = rule.scope
                && !asked.volumes.contains(&volume)
            {
                asked.volumes.push(volume);
            }
            if let Scope::Drill(name) = &rule.scope
                && !asked.drills.contains(name)
            {
                asked.drills.push(name.clone());
            }
        }
        asked
    }

    /// The strategy that goes live, if the review says.
    #[must_use]
    pub fn live(&self) -> Option<&str> {
        self.project.review.strategy.as_deref()
    }
}

fn case<'a>(
    project: &'a Project,
    facts: &'a Facts,
    slo: &'a BTreeMap<String, f64>,
    study: Option<&'a Study>,
    clock: Clock,
) -> Case<'a> {
    Case {
        review: &project.review,
        checklists: &project.checklists,
        study,
        slo,
        facts,
        clock,
        stage: None,
        before_signoff: false,
    }
}

fn judge(
    project: &Project,
    facts: &Facts,
    slo: &BTreeMap<String, f64>,
    study: Option<&Study>,
    clock: Clock,
) -> Judgement {
    let case = case(project, facts, slo, study, clock);
    let verdict = verdict::judge(&case);
    let standing = standings(&verdict);
    let questions = verdict
        .questions
        .iter()
        .map(|state| JudgedQuestion {
            key: state.key.clone(),
            question: state.question.clone(),
            section: state.section.to_owned(),
            severity: state.severity,
            status: state.status,
            drafted: state.drafted,
            hidden: state.hidden,
            reasons: state.reasons.clone(),
            heard: state.heard.clone(),
            words: crate::checklist::gate::describe(state),
            standing: standing
                .get(&state.key)
                .copied()
                .unwrap_or_else(|| plain(state)),
            remarks: state.remarks.clone(),
        })
        .collect();
    Judgement {
        outcome: verdict.outcome,
        without_waivers: verdict.without_waivers,
        why: verdict.why,
        steps: verdict.steps,
        questions,
        signatures: verdict.signatures,
        expired: verdict.expired,
        hidden: verdict.hidden,
    }
}

fn standings(verdict: &Verdict<'_>) -> BTreeMap<Key, Standing> {
    let mut map = BTreeMap::new();
    let mut put = |state: &QuestionState<'_>, standing| {
        map.insert(state.key.clone(), standing);
    };
    for state in verdict.conditions() {
        put(state, Standing::OnRecord);
    }
    for state in verdict.open() {
        put(state, Standing::Open);
    }
    for state in verdict.against() {
        put(state, Standing::Against);
    }
    map
}

fn plain(state: &QuestionState<'_>) -> Standing {
    if state.hidden.is_some() {
        Standing::Hidden
    } else if state.is_met() {
        Standing::Met
    } else {
        Standing::Noted
    }
}
