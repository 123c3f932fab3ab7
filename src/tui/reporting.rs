//! The report of what is saved, made off the keyboard's thread: shown as text, or written into files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::checklist::Clock;
use crate::prices::Catalogue;
use crate::report::{Analyses, Format, Report, Seal, Sources, Style, build, write};
use crate::scenario::Scenario;
use crate::study::Outcome;

use super::review::Reviewed;

/// What a report is to be made of.
#[derive(Debug)]
pub struct Wanted {
    /// The review's file; none where there is no review.
    pub review: Option<PathBuf>,
    /// The scenario as saved.
    pub scenario: Option<Arc<Scenario>>,
    /// Its study; none: numbers are missing, and the report says so.
    pub outcome: Option<Arc<Outcome>>,
    /// What the analyses found.
    pub analyses: Analyses,
    /// How much to tell.
    pub style: Style,
    /// When it is judged.
    pub clock: Clock,
}

impl Wanted {
    /// The report as text.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn text(&self) -> Result<String, String> {
        self.with(|report| {
            let bytes = write(report, Format::Markdown).map_err(|error| error.to_string())?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        })?
    }

    /// Writes files `report.*` into a folder, each whole or not at all.
    ///
    /// # Errors
    /// What cannot be read or written.
    pub fn files(&self, formats: &[Format], folder: &Path) -> Result<Vec<PathBuf>, String> {
        self.with(|report| {
            std::fs::create_dir_all(folder)
                .map_err(|error| format!("{}: {error}", folder.display()))?;
            let mut written = Vec::new();
            for format in formats {
                let bytes = write(report, *format).map_err(|error| error.to_string())?;
                let path = folder.join(format!("report.{}", format.ending()));
                super::files::save(&path, &bytes)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
                written.push(path);
            }
            Ok(written)
        })?
    }

    fn with<T>(&self, then: impl FnOnce(&Report) -> T) -> Result<T, String> {
        let scenario = self.scenario.as_deref();
        let study = self.outcome.as_ref().map(|outcome| &outcome.study);
        let folder = scenario
            .and_then(|scenario| scenario.folder.as_deref())
            .unwrap_or(Path::new("."));
        let catalogue = Catalogue::in_folder(folder).map_err(|error| error.to_string())?;
        let commands = self.commands();
        let mut sources = Sources {
            study,
            scenario,
            review: None,
            approved: &[],
            clock: self.clock,
            style: self.style,
            analyses: &self.analyses,
            inputs: &Seal::default(),
            commands: &commands,
            since: None,
            redact: &[],
        };
        let Some(path) = &self.review else {
            let seal = Seal::of(None, scenario, catalogue.digest(), study);
            sources.inputs = &seal;
            return Ok(then(&build(&sources)));
        };
        let reviewed = Reviewed::load(path, self.clock).map_err(|files| {
            files
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; ")
        })?;
        let around = Some((&reviewed.project, &reviewed.facts));
        let seal = Seal::of(around, scenario, catalogue.digest(), study);
        Ok(reviewed.with_verdict(study, |verdict, case| {
            let approved = case.approved();
            then(&build(&Sources {
                review: Some((&reviewed.project, verdict)),
                approved: &approved,
                inputs: &seal,
                ..sources
            }))
        }))
    }

    /// What makes the report again, typed.
    fn commands(&self) -> Vec<String> {
        let style = match self.style {
            Style::Executive => "executive",
            Style::Full => "full",
            Style::Audit => "audit",
        };
        let mut list = Vec::new();
        let mut report = "gonogo report".to_owned();
        match &self.outcome {
            Some(outcome) => {
                let study = &outcome.study;
                let months = study
                    .cells
                    .iter()
                    .map(|cell| cell.months)
                    .max()
                    .unwrap_or(0);
                list.push(format!(
                    "gonogo simulate --months {months} --seed {} --json -o study.json",
                    study.seed
                ));
                report.push_str(" --study study.json");
            }
            None => report.push_str(" --no-simulate"),
        }
        list.push(format!(
            "{report} --as-of {} --style {style}",
            self.clock.stamp()
        ));
        list
    }
}
