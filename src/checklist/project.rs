//! A review with everything around it: its checklists, its scenario, its evidence, its past.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::reading::{Problems, Source, open};
use crate::scenario::Scenario;

use super::cross::cross_check;
use super::git;
use super::packs;
use super::read_review::read_review;
use super::review::{Review, same_person};
use super::signing::{Outside, Parts};
use super::types::Checklist;
use super::verdict::Facts;

/// A review and what belongs to it.
#[derive(Debug)]
pub struct Project {
    /// The review's file.
    pub path: PathBuf,
    /// Its folder: everything else is relative to it.
    pub folder: PathBuf,
    /// The review.
    pub review: Review,
    /// Its checklists, in its order.
    pub checklists: Vec<Checklist>,
}

impl Project {
    /// Reads a review and its checklists and holds them against each other.
    ///
    /// # Errors
    /// All problems of all files.
    pub fn load(path: &Path) -> Result<Self, Vec<Problems>> {
        let review = read_review(&open(path).map_err(|problems| vec![problems])?)
            .map_err(|problems| vec![problems])?;
        let project = Self::of(path, review)?;
        let problems = cross_check(&project.review, &project.checklists);
        if problems.is_empty() {
            Ok(project)
        } else {
            Err(vec![Problems::new(&project.review.source, problems)])
        }
    }

    /// The same without holding them against each other, for commands that mend what does not fit.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn load_unchecked(path: &Path) -> Result<Self, Vec<Problems>> {
        let review = read_review(&open(path).map_err(|problems| vec![problems])?)
            .map_err(|problems| vec![problems])?;
        Self::of(path, review)
    }

    fn of(path: &Path, review: Review) -> Result<Self, Vec<Problems>> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let checklists = packs::load(&review, &folder)?;
        Ok(Self {
            path: path.to_owned(),
            folder,
            review,
            checklists,
        })
    }

    /// The scenario's file.
    #[must_use]
    pub fn scenario_path(&self) -> PathBuf {
        self.folder
            .join(self.review.scenario.as_deref().unwrap_or("scenario.toml"))
    }

    /// The scenario, if there is one.
    ///
    /// # Errors
    /// When it is there and cannot be read, or was named and is not there.
    pub fn scenario(&self) -> Result<Option<Scenario>, Problems> {
        let path = self.scenario_path();
        if self.review.scenario.is_none() && !path.exists() {
            return Ok(None);
        }
        Scenario::load(&path).map(Some)
    }

    /// What the world says about the review.
    #[must_use]
    pub fn facts(&self, scenario: Option<&Scenario>, catalogue: &str) -> Facts {
        let (bad_evidence, files) = self.look_at_evidence();
        let outside = outside(scenario, catalogue, files);
        Facts {
            bad_evidence,
            parts: Parts::of(&self.review, &self.checklists, &outside),
            newcomers: BTreeSet::new(),
        }
    }

    /// What a signature covers besides the review and its checklists.
    #[must_use]
    pub fn outside(&self, scenario: Option<&Scenario>, catalogue: &str) -> Outside {
        outside(scenario, catalogue, self.look_at_evidence().1)
    }

    /// People whom the change since a revision added to `roles`.
    ///
    /// # Errors
    /// What git said, or why the older review cannot be read.
    pub fn newcomers(&self, revision: &str) -> Result<BTreeSet<String>, String> {
        let before = match git::show(&self.path, revision)? {
            None => Vec::new(),
            Some(text) => {
                let source = Source::new(format!("{} at {revision}", self.path.display()), text);
                let old = read_review(&source).map_err(|problems| problems.to_string())?;
                old.roles.into_values().flatten().collect()
            }
        };
        let now = self.review.roles.values().flatten();
        Ok(now
            .filter(|person| !before.iter().any(|known| same_person(known, person)))
            .cloned()
            .collect())
    }

    fn look_at_evidence(&self) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
        let mut bad = BTreeMap::new();
        let mut files = BTreeMap::new();
        // One look at git for all, and only if anybody watches.
        let watching = self
            .review
            .evidence
            .values()
            .any(|piece| !piece.watch.is_empty());
        let changed = match (&self.review.commit, watching) {
            (Some(commit), true) => Some(git::changed_since(&self.folder, commit)),
            _ => None,
        };
        for (id, piece) in &self.review.evidence {
            if piece.is_file() {
                match hash_file(&self.folder.join(&piece.reference)) {
                    Err(error) => {
                        bad.insert(
                            id.clone(),
                            format!("({}) cannot be read: {error}", piece.reference),
                        );
                        continue;
                    }
                    Ok(digest) => {
                        if piece
                            .sha256
                            .as_ref()
                            .is_some_and(|known| !known.eq_ignore_ascii_case(&digest))
                        {
                            bad.insert(
                                id.clone(),
                                format!("({}) changed after it was attached", piece.reference),
                            );
                        }
                        files.insert(id.clone(), digest);
                    }
                }
            }
            if piece.watch.is_empty() {
                continue;
            }
            match &changed {
                Some(Ok(names)) => {
                    if let Some(name) = names
                        .iter()
                        .find(|name| piece.watch.iter().any(|pattern| git::fits(pattern, name)))
                    {
                        bad.insert(
                            id.clone(),
                            format!("is overtaken: {name} changed after the review's commit"),
                        );
                    }
                }
                Some(Err(why)) => {
                    bad.insert(
                        id.clone(),
                        format!("watches files, and git cannot say what changed: {why}"),
                    );
                }
                None => {
                    bad.insert(
                        id.clone(),
                        "watches files, and the review names no commit to compare with".to_owned(),
                    );
                }
            }
        }
        (bad, files)
    }
}

fn outside(
    scenario: Option<&Scenario>,
    catalogue: &str,
    files: BTreeMap<String, String>,
) -> Outside {
    Outside {
        scenario: scenario.map(|scenario| scenario.digest.clone()),
        catalogue: catalogue.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        files,
    }
}

/// `sha256` of a file, in hexadecimal.
///
/// # Errors
/// What the system said.
pub fn hash_file(path: &Path) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    std::io::copy(&mut std::fs::File::open(path)?, &mut hasher)?;
    Ok(format!("{:x}", hasher.finalize()))
}

/// The scenario's promises by name, as rules look them up.
#[must_use]
pub fn promises(scenario: Option<&Scenario>) -> BTreeMap<String, f64> {
    let limits = scenario
        .map(|scenario| scenario.slo.limits.as_slice())
        .unwrap_or_default();
    limits
        .iter()
        .map(|(name, limit)| (crate::study::slo_name(*name), *limit))
        .collect()
}
