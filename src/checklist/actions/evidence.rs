//! Evidence added and attached.

use jiff::civil::Date;

use crate::checklist::read::is_id;
use crate::checklist::review::EvidenceKind;
use crate::checklist::store::{Author, Draft, Refusal};
use crate::checklist::types::{Checklist, Key};

use super::{NewAnswer, set_answer, toml_date, toml_list};

/// A piece of evidence to add.
#[derive(Debug, Clone)]
pub struct NewEvidence {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: EvidenceKind,
    /// A path, an address, a ticket, a sentence.
    pub reference: String,
    /// Digest of the file.
    pub sha256: Option<String>,
    /// When it was collected.
    pub collected: Date,
    /// Files whose change makes it stale.
    pub watch: Vec<String>,
    /// Questions that it is for.
    pub for_questions: Vec<Key>,
}

/// Adds a piece of evidence and attaches it.
///
/// # Errors
/// When the id cannot be one or stands for something else.
pub fn add_evidence(
    draft: &mut Draft,
    checklists: &[Checklist],
    new: &NewEvidence,
    author: &Author,
) -> Result<(), Refusal> {
    if !is_id(&new.id) {
        return Err(format!(
            "`{}` cannot be an id; use letters, digits, `-` and `_`",
            new.id
        ));
    }
    if new.collected > author.clock.today() {
        return Err(format!(
            "{} has not come yet; --collected is the day on which it was collected",
            new.collected
        ));
    }
    if let Some(old) = draft
        .review
        .evidence
        .get(&new.id)
        .filter(|old| old.reference != new.reference)
    {
        return Err(format!(
            "`{}` already stands for {}; give this one another id",
            new.id, old.reference
        ));
    }
    let first = new.for_questions.first();
    let after: Option<Vec<&str>> =
        first.map(|key| vec!["answer", key.checklist.as_str(), key.question.as_str()]);
    let after = after.as_deref();
    let path = |field: &'static str| ["evidence", new.id.as_str(), field];
    draft.set(&path("kind"), new.kind.word(), after)?;
    draft.set(&path("ref"), new.reference.as_str(), after)?;
    if let Some(digest) = &new.sha256 {
        draft.set(&path("sha256"), digest.as_str(), after)?;
    }
    draft.set(&path("collected"), toml_date(new.collected)?, after)?;
    if !new.watch.is_empty() {
        draft.set(
            &path("watch"),
            toml_list(new.watch.iter().map(String::as_str)),
            after,
        )?;
    }
    for key in &new.for_questions {
        let attach = NewAnswer {
            evidence: vec![new.id.clone()],
            ..NewAnswer::default()
        };
        set_answer(draft, checklists, key, &attach, author)?;
    }
    Ok(())
}
