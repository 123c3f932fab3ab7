//! Where checklists come from: the ten in the binary, and a project's own in `checklists/`, which win by id.

use std::path::Path;
use std::sync::Arc;

use crate::reading::{Problem, Problems, Source, listing, nearest, open};

use super::read::read_checklist;
use super::review::Review;
use super::types::Checklist;

/// The shipped checklists: id and text, the founding one first.
pub const SHIPPED: [(&str, &str); 10] = [
    (
        "production",
        include_str!("../../checklists/production.toml"),
    ),
    ("practices", include_str!("../../checklists/practices.toml")),
    ("quality", include_str!("../../checklists/quality.toml")),
    ("security", include_str!("../../checklists/security.toml")),
    ("privacy", include_str!("../../checklists/privacy.toml")),
    (
        "reliability",
        include_str!("../../checklists/reliability.toml"),
    ),
    ("finops", include_str!("../../checklists/finops.toml")),
    (
        "operations",
        include_str!("../../checklists/operations.toml"),
    ),
    ("oversight", include_str!("../../checklists/oversight.toml")),
    ("eu-ai-act", include_str!("../../checklists/eu-ai-act.toml")),
];

/// The text of a shipped checklist.
#[must_use]
pub fn shipped_text(id: &str) -> Option<&'static str> {
    SHIPPED
        .iter()
        .find(|(known, _)| *known == id)
        .map(|(_, text)| *text)
}

/// A shipped checklist.
///
/// # Errors
/// None for the texts that ship: a test reads them all.
#[must_use]
pub fn shipped(id: &str) -> Option<Result<Checklist, Problems>> {
    let text = shipped_text(id)?;
    Some(read_checklist(
        &Source::new(format!("<shipped {id}>"), text),
        true,
    ))
}

/// A checklist by id: the project's own `checklists/ID.toml` if there is one, else the shipped one.
///
/// # Errors
/// What is wrong with the project's file; `None` if there is no such checklist.
#[must_use]
pub fn find(folder: &Path, id: &str) -> Option<Result<Checklist, Problems>> {
    let path = own_path(folder, id);
    if !path.exists() {
        return shipped(id);
    }
    Some(open(&path).and_then(|source| {
        let checklist = read_checklist(&source, false)?;
        if checklist.id == id {
            return Ok(checklist);
        }
        let at = source
            .text
            .find(&format!("\"{}\"", checklist.id))
            .unwrap_or_default();
        let problem = Problem::new(
            at..at + checklist.id.len() + 2,
            format!("this file's id is `{}`", checklist.id),
        );
        Err(Problems::new(
            &source,
            vec![problem.expected(format!("`{id}`, the name of the file"))],
        ))
    }))
}

/// Where a project keeps its own version of a checklist.
#[must_use]
pub fn own_path(folder: &Path, id: &str) -> std::path::PathBuf {
    folder.join("checklists").join(format!("{id}.toml"))
}

/// Ids of all checklists that can be had in a project, shipped ones first.
#[must_use]
pub fn available(folder: &Path) -> Vec<String> {
    let mut ids: Vec<String> = SHIPPED.iter().map(|(id, _)| (*id).to_owned()).collect();
    let entries = std::fs::read_dir(folder.join("checklists"))
        .into_iter()
        .flatten()
        .flatten();
    let mut own: Vec<String> = entries
        .filter_map(|entry| {
            entry
                .file_name()
                .to_str()?
                .strip_suffix(".toml")
                .map(str::to_owned)
        })
        .filter(|id| !ids.contains(id))
        .collect();
    own.sort();
    ids.extend(own);
    ids
}

/// The checklists of a review, in its order.
///
/// # Errors
/// All problems of all of them, file by file; a name that stands for nothing is a problem of the review.
pub fn load(review: &Review, folder: &Path) -> Result<Vec<Checklist>, Vec<Problems>> {
    let mut found = Vec::new();
    let mut failed = Vec::new();
    let mut missing = Vec::new();
    for (index, id) in review.checklists.iter().enumerate() {
        match find(folder, id) {
            Some(Ok(checklist)) => found.push(checklist),
            Some(Err(problems)) => failed.push(problems),
            None => {
                let place = review
                    .places
                    .get(&format!("checklists.{}", index + 1))
                    .or_else(|| review.places.get("checklists"));
                let problem = Problem::new(
                    place.cloned().unwrap_or(0..0),
                    format!("there is no checklist `{id}`"),
                );
                let ids = available(folder);
                missing.push(match nearest(id, ids.iter().map(String::as_str)) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem.expected(listing(ids.iter().map(String::as_str))),
                });
            }
        }
    }
    if !missing.is_empty() {
        failed.insert(0, Problems::new(&Arc::clone(&review.source), missing));
    }
    if failed.is_empty() {
        Ok(found)
    } else {
        Err(failed)
    }
}
