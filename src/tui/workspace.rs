//! The project that is open: its scenario as it is being edited, its review as it was last read, and its newest study.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::Model;
use crate::reading::{Problems, Source};
use crate::scenario::{self, Scenario};
use crate::study::{Outcome, Progress, Study};

/// The scenario's file with its unsaved edits.
#[derive(Debug)]
pub struct ScenarioFile {
    /// Where it is saved; none for the embedded example.
    pub path: Option<PathBuf>,
    /// What the file holds, as far as we know.
    pub saved: String,
    text: String,
    parsed: Result<Arc<Scenario>, Problems>,
    good: Option<Arc<Scenario>>,
    saved_digest: Option<String>,
}

impl ScenarioFile {
    /// The embedded example.
    #[must_use]
    pub fn example() -> Self {
        Self::of(None, scenario::DEFAULT.text.to_owned())
    }

    /// Reads a file; one that is there and cannot be understood is open all the same, with its problems.
    ///
    /// # Errors
    /// The file cannot be read at all.
    pub fn open(path: &Path) -> Result<Self, Problems> {
        let source = crate::reading::open(path)?;
        Ok(Self::of(Some(path.to_owned()), source.text.clone()))
    }

    fn of(path: Option<PathBuf>, text: String) -> Self {
        let mut file = Self {
            parsed: parse(path.as_deref(), &text),
            path,
            saved: text.clone(),
            text,
            good: None,
            saved_digest: None,
        };
        file.good = file.parsed.as_ref().ok().cloned();
        file.saved_digest = file.good.as_ref().map(|good| good.digest.clone());
        file
    }

    /// The text as it stands, edits included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its name for people.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.path {
            Some(path) => path.file_name().map_or_else(
                || path.display().to_string(),
                |name| name.to_string_lossy().into_owned(),
            ),
            None => "embedded example".to_owned(),
        }
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path
            .as_deref()
            .and_then(Path::parent)
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
    }

    /// What it says, or what is wrong with it.
    ///
    /// # Errors
    /// Everything that is wrong with the text as it stands.
    pub fn parsed(&self) -> Result<&Arc<Scenario>, &Problems> {
        self.parsed.as_ref()
    }

    /// The last state of it that could be read.
    #[must_use]
    pub fn good(&self) -> Option<&Arc<Scenario>> {
        self.good.as_ref()
    }

    /// Whether there are edits that no file has.
    #[must_use]
    pub fn is_draft(&self) -> bool {
        self.text != self.saved
    }

    /// Replaces the text.
    pub fn set(&mut self, text: String) {
        self.parsed = parse(self.path.as_deref(), &text);
        if let Ok(scenario) = &self.parsed {
            self.good = Some(Arc::clone(scenario));
        }
        self.text = text;
    }

    /// The file now holds this.
    pub fn mark_saved(&mut self, text: &str) {
        text.clone_into(&mut self.saved);
        self.saved_digest = parse(self.path.as_deref(), text)
            .ok()
            .map(|scenario| scenario.digest.clone());
    }

    /// Digest of what the file holds; none if that cannot be read.
    #[must_use]
    pub fn saved_digest(&self) -> Option<&str> {
        self.saved_digest.as_deref()
    }
}

/// What a text would say in a file's place.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(path: Option<&Path>, text: &str) -> Result<Arc<Scenario>, Problems> {
    match path {
        None => Scenario::parse(
            Source::new(scenario::DEFAULT.source().name.as_str(), text),
            None,
        ),
        Some(path) => {
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
                .unwrap_or(Path::new("."));
            let bare = text.trim_start_matches('\u{feff}');
            Scenario::parse(Source::new(path.display().to_string(), bare), Some(folder))
        }
    }
    .map(Arc::new)
}

/// The newest study, and what is under way.
#[derive(Debug, Default)]
pub struct StudyState {
    /// The edit that is being simulated, or was last.
    pub ticket: u64,
    /// The model of `outcome`.
    pub model: Option<Arc<Model>>,
    /// The newest numbers.
    pub outcome: Option<Arc<Outcome>>,
    /// A first number of the newest edit, while `outcome` is of one before.
    pub glance: Option<Arc<Outcome>>,
    /// Whether a sharper study is under way.
    pub running: bool,
    /// How far it is.
    pub progress: Option<Progress>,
    /// Why there are no numbers for the newest edit.
    pub trouble: Option<String>,
    /// Whether it was of an edit, which is simulated for a short while only.
    pub hurried: bool,
}

impl StudyState {
    /// Whether another outcome of the same scenario knows less than what is there.
    #[must_use]
    pub fn is_sharper_than(&self, other: &Outcome) -> bool {
        let months = |study: &Study| study.cells.iter().map(|cell| cell.months).min();
        self.study().is_some_and(|known| {
            known.scenario.digest == other.study.scenario.digest
                && known.cells.len() == other.study.cells.len()
                && months(known) > months(&other.study)
        })
    }

    /// The newest document.
    #[must_use]
    pub fn study(&self) -> Option<&Study> {
        self.outcome.as_ref().map(|outcome| &outcome.study)
    }
}
