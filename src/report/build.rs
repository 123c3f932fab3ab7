//! From the study, the scenario and the verdict to the one report value.

use serde_json::Value;

use crate::checklist::verdict::Verdict;
use crate::checklist::{Clock, Project, share_bounds};
use crate::scenario::Scenario;
use crate::scenario::types::SloName;
use crate::study::{Cell, Study};

use super::analyses::{Analyses, Drilled};
use super::assumptions::assumptions;
use super::changes::changes;
use super::facts::facts;
use super::findings::findings;
use super::numbers::count;
use super::redact::{Redact, redact};
use super::review::{blockers, history, judged, question, sections, signoffs, steps, waivers};
use super::seal::Seal;
use super::value::{BudgetLine, Chosen, Paper, Report, Style, Subject};

/// What a report is made from; what is absent is said to be missing.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The simulation.
    pub study: Option<&'a Study>,
    /// What was simulated.
    pub scenario: Option<&'a Scenario>,
    /// The review and its verdict.
    pub review: Option<(&'a Project, &'a Verdict<'a>)>,
    /// The approved budgets that count.
    pub approved: &'a [(f64, f64)],
    /// The moment of judgement.
    pub clock: Clock,
    /// How much to tell.
    pub style: Style,
    /// What the analyses found.
    pub analyses: &'a Analyses,
    /// Digests of what the report is made from.
    pub inputs: &'a Seal,
    /// Commands that make it again.
    pub commands: &'a [String],
    /// An earlier report in its JSON form, see [`super::earlier`].
    pub since: Option<&'a Value>,
    /// What to leave out.
    pub redact: &'a [Redact],
}

/// Gathers the report.
#[must_use]
pub fn build(sources: &Sources<'_>) -> Report {
    let mut report = sources.report();
    let review = sources.review.map(|(project, _)| &project.review);
    report.facts = facts(&report, review);
    report.changes = sources.since.map(|old| changes(&report, old));
    redact(&mut report, review, sources.redact);
    report
}

impl Sources<'_> {
    fn report(&self) -> Report {
        let confidence = self
            .scenario
            .map_or(0.95, |scenario| scenario.slo.confidence);
        let limit = |wanted: SloName| {
            let limits = &self.scenario?.slo.limits;
            limits
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, limit)| *limit)
        };
        let chosen = self.chosen(confidence);
        Report {
            style: self.style,
            as_of: self.clock.today().to_string(),
            subject: self.subject(),
            verdict: self.review.map(|(_, verdict)| judged(verdict)),
            facts: Vec::new(),
            missing: self.missing(),
            slo_confidence: confidence,
            latency_slo_s: limit(SloName::Latency(95)),
            failure_slo: limit(SloName::FailureRate),
            budgets: self.budgets(chosen.as_ref()),
            chosen,
            findings: self
                .study
                .map(|study| findings(study, confidence))
                .unwrap_or_default(),
            blockers: self
                .review
                .map(|(_, verdict)| blockers(verdict))
                .unwrap_or_default(),
            steps: self
                .review
                .map(|(_, verdict)| steps(verdict))
                .unwrap_or_default(),
            sections: self
                .review
                .map(|(project, verdict)| sections(project, verdict))
                .unwrap_or_default(),
            waivers: self
                .review
                .map(|(project, verdict)| waivers(project, verdict))
                .unwrap_or_default(),
            signoffs: self
                .review
                .map(|(project, verdict)| signoffs(project, verdict))
                .unwrap_or_default(),
            questions: self
                .review
                .map(|(project, verdict)| {
                    verdict
                        .shown()
                        .map(|state| question(project, state, self.style))
                        .collect()
                })
                .unwrap_or_default(),
            assumptions: assumptions(self.scenario, self.study, self.analyses, self.style),
            origin: self.origin(),
            commands: self.commands.to_vec(),
            inputs: self.inputs.clone(),
            redacted: self.redact.to_vec(),
            changes: None,
            history: match (self.review, self.style) {
                (Some((project, _)), Style::Audit) => history(project),
                _ => Vec::new(),
            },
            analyses: self.analysed(),
            study: self.study.cloned(),
            paper: Paper::default(),
        }
    }

    /// What was analysed; drills may stand in the study.
    fn analysed(&self) -> Analyses {
        let mut analyses = self.analyses.clone();
        if analyses.drills.is_empty()
            && let Some(study) = self.study
        {
            analyses.drills = study.drills.iter().map(Drilled::of).collect();
        }
        analyses
    }

    fn subject(&self) -> Subject {
        if let Some((project, _)) = self.review {
            let review = &project.review;
            return Subject {
                system: review.system.clone(),
                release: review.release.clone(),
                commit: review.commit.clone(),
                stage: Some(review.stage.to_string()),
                confidentiality: review.confidentiality.clone(),
            };
        }
        let named = self.study.map(|study| study.scenario.name.clone());
        Subject {
            system: named
                .or_else(|| self.scenario.map(|scenario| scenario.name.clone()))
                .unwrap_or_else(|| "No system".to_owned()),
            release: None,
            commit: None,
            stage: None,
            confidentiality: None,
        }
    }

    fn missing(&self) -> Vec<String> {
        let mut list = Vec::new();
        if self.review.is_none() {
            list.push("There is no review, so there is no verdict: numbers only. `gonogo init` writes one.".to_owned());
        }
        match self.study {
            None => list.push("Nothing was simulated, so there are no numbers, and rules that need them cannot tell: checklist only.".to_owned()),
            Some(study) => {
                if study.drills.is_empty() && self.analyses.drills.is_empty() {
                    list.push("No drill was run: what happens when the provider is down was not simulated over an incident.".to_owned());
                }
                if study.cells.iter().any(|cell| cell.months < 20) {
                    list.push("Fewer than 20 months were simulated: ranges over so few are rough.".to_owned());
                }
            }
        }
        if self.scenario.is_none() && self.study.is_some() {
            list.push("The scenario is not at hand, so budgets, promises and most assumptions are not shown.".to_owned());
        }
        list
    }

    fn chosen(&self, confidence: f64) -> Option<Chosen> {
        let live = self
            .review
            .and_then(|(project, _)| project.review.strategy.as_deref());
        chosen(self.study?, live, confidence)
    }

    /// The approved budgets where there are any for a volume, else the scenario's.
    fn budgets(&self, chosen: Option<&Chosen>) -> Vec<BudgetLine> {
        let review = self.review.map(|(project, _)| &project.review);
        let mut lines: Vec<BudgetLine> = Vec::new();
        for (volume, usd) in self.approved {
            let budget = review
                .and_then(|review| review.budget.iter().find(|budget| budget.volume == *volume));
            let by = budget
                .and_then(|budget| budget.approved_by.clone())
                .unwrap_or_default();
            let on = budget
                .and_then(|budget| budget.approved_on)
                .map(|day| format!(" on {day}"))
                .unwrap_or_default();
            lines.push(self.budget(chosen, *volume, *usd, true, format!("approved by {by}{on}")));
        }
        for (volume, quantity) in self
            .scenario
            .map(|scenario| scenario.budget.as_slice())
            .unwrap_or_default()
        {
            if lines.iter().any(|line| line.volume == *volume) {
                continue;
            }
            // A budget that is itself uncertain is shown by its median.
            let Some(usd) = quantity
                .law(&mut |_| f64::NAN)
                .ok()
                .map(|law| law.quantile(0.5))
                .filter(|usd| usd.is_finite())
            else {
                continue;
            };
            let note = if review.is_some() {
                "planned in the scenario, not approved"
            } else {
                "planned in the scenario"
            };
            lines.push(self.budget(chosen, *volume, usd, false, note.to_owned()));
        }
        lines.sort_by(|a, b| a.volume.total_cmp(&b.volume));
        lines
    }

    fn budget(
        &self,
        chosen: Option<&Chosen>,
        volume: f64,
        usd: f64,
        approved: bool,
        note: String,
    ) -> BudgetLine {
        let months = chosen
            .and_then(|chosen| cell_of(self.study?, &chosen.strategy, volume))
            .and_then(|cell| cell.by_month.get("cost.total"));
        let (over, over_bounds) = match months.filter(|months| !months.is_empty()) {
            Some(months) => {
                let above = months.iter().filter(|cost| **cost > usd).count();
                (
                    Some(above as f64 / months.len() as f64),
                    Some(share_bounds(above, months.len())),
                )
            }
            None => (None, None),
        };
        BudgetLine {
            volume,
            usd,
            approved,
            note,
            over,
            over_bounds,
        }
    }

    fn origin(&self) -> Vec<(String, String)> {
        let mut list = vec![
            (
                "Made by".to_owned(),
                format!("gonogo {}", env!("CARGO_PKG_VERSION")),
            ),
            ("As of".to_owned(), self.clock.today().to_string()),
        ];
        let mut put = |name: &str, value: String| list.push((name.to_owned(), value));
        if let Some(study) = self.study {
            let months = study
                .cells
                .iter()
                .map(|cell| cell.months)
                .max()
                .unwrap_or(0);
            put(
                "Simulated",
                format!(
                    "{} cells of {} months, {} estimator, by gonogo {}",
                    study.cells.len(),
                    count(f64::from(months)),
                    study.estimator,
                    study.gonogo_version
                ),
            );
            put("Seed", study.seed.to_string());
            put("Price catalogue", format!("of {}", study.catalogue_date));
            put("Catalogue digest", study.catalogue_digest.clone());
            put("Scenario", study.scenario.name.clone());
            put("Scenario digest", study.scenario.digest.clone());
        }
        if let Some((project, _)) = self.review {
            put(
                "Review digest",
                crate::checklist::sha256(&project.review.source.text),
            );
            for checklist in &project.checklists {
                put(
                    "Checklist",
                    format!(
                        "{} {}, {}",
                        checklist.id, checklist.version, checklist.sha256
                    ),
                );
            }
        }
        list
    }
}

/// The strategy that a report is about: the review's; without one the cheapest at the lowest volume that holds its
/// promises, else the cheapest.
#[must_use]
pub fn chosen(study: &Study, live: Option<&str>, confidence: f64) -> Option<Chosen> {
    if let Some(live) = live {
        return Some(Chosen {
            strategy: live.to_owned(),
            why: "the review says that it goes live".to_owned(),
        });
    }
    let lowest = study
        .cells
        .iter()
        .map(|cell| cell.volume)
        .min_by(f64::total_cmp)?;
    let cells = || study.cells.iter().filter(|cell| cell.volume == lowest);
    let cost = |cell: &&Cell| mean(cell, "cost.total").unwrap_or(f64::INFINITY);
    let cheapest = |holding: bool| {
        cells()
            .filter(|cell| !holding || holds(cell, confidence))
            .min_by(|a, b| cost(a).total_cmp(&cost(b)))
    };
    let (cell, why) = match cheapest(true) {
        Some(cell) => (
            cell,
            "no review names one; it is the cheapest that holds every promise at the lowest volume",
        ),
        None => (
            cheapest(false)?,
            "no review names one; it is the cheapest at the lowest volume, and none holds every promise",
        ),
    };
    Some(Chosen {
        strategy: cell.strategy.clone(),
        why: why.to_owned(),
    })
}

/// The mean of a metric; none where it was not measured.
pub(super) fn mean(cell: &Cell, name: &str) -> Option<f64> {
    cell.metrics.get(name).map(|metric| metric.mean)
}

/// The cell of a strategy at a volume.
pub(super) fn cell_of<'a>(study: &'a Study, strategy: &str, volume: f64) -> Option<&'a Cell> {
    study
        .cells
        .iter()
        .find(|cell| cell.strategy == strategy && cell.volume == volume)
}

/// Whether every promise is held in enough months; without promises there is none to hold.
pub(super) fn holds(cell: &Cell, confidence: f64) -> bool {
    let mut promises = cell
        .metrics
        .iter()
        .filter(|(name, _)| name.starts_with("slo.held_probability."));
    promises.all(|(_, metric)| metric.mean >= confidence)
}
