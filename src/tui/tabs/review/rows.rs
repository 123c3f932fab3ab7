//! Which questions are shown: filters, search, and what comes next. Pure: questions in, places in their list out.

use crate::checklist::verdict::Reason;
use crate::checklist::{Key, Status, same_person};

use super::super::super::review::{JudgedQuestion, Reviewed};

/// Which questions are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// All that are asked of this system at this stage.
    #[default]
    All,
    /// Those that are not met.
    Open,
    /// Those that I answer for.
    Mine,
    /// Those that the simulator contradicts.
    Contradicted,
    /// Those whose evidence, waiver or answer has run out.
    Expired,
}

impl Filter {
    /// All, in the order in which a key goes through them.
    pub const ALL: [Self; 5] = [
        Self::All,
        Self::Open,
        Self::Mine,
        Self::Contradicted,
        Self::Expired,
    ];

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|filter| *filter == self);
        let after = at.and_then(|at| Self::ALL.get(at + 1));
        after.copied().unwrap_or_default()
    }

    /// Its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Open => "open",
            Self::Mine => "mine",
            Self::Contradicted => "contradicted",
            Self::Expired => "expired",
        }
    }

    fn takes(self, question: &JudgedQuestion, review: &Reviewed, me: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Open => !question.reasons.is_empty(),
            Self::Mine => me.is_some_and(|me| is_mine(question, review, me)),
            Self::Contradicted => question
                .reasons
                .iter()
                .any(|reason| matches!(reason, Reason::Contradicted(_))),
            Self::Expired => question.reasons.iter().any(has_run_out),
        }
    }
}

/// What was good once and no longer is.
fn has_run_out(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::EvidenceBad(_)
            | Reason::WaiverInvalid(_)
            | Reason::LookAgain
            | Reason::OldRevision(_)
    )
}

/// Whether somebody owns a question, answered it, or answers for its role.
fn is_mine(question: &JudgedQuestion, review: &Reviewed, me: &str) -> bool {
    let answer = review.project.review.answers.get(&question.key);
    let owner = answer.and_then(|answer| answer.owner.as_deref());
    if let Some(owner) = owner {
        return same_person(owner, me);
    }
    let answerer = answer.and_then(|answer| answer.answered_by.as_deref());
    let role = review.project.review.roles.get(&question.question.role);
    answerer.is_some_and(|answerer| same_person(answerer, me))
        || role.is_some_and(|people| people.iter().any(|person| same_person(person, me)))
}

/// The questions that are shown, as places in the judged list.
#[must_use]
pub fn shown(review: &Reviewed, filter: Filter, search: &str, me: Option<&str>) -> Vec<usize> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let all = review.judged.questions.iter().enumerate();
    all.filter(|(_, question)| question.hidden.is_none())
        .filter(|(_, question)| filter.takes(question, review, me))
        .filter(|(_, question)| words.iter().all(|word| found(question, review, word)))
        .map(|(index, _)| index)
        .collect()
}

/// Whether a word stands anywhere in a question or its answer.
fn found(question: &JudgedQuestion, review: &Reviewed, word: &str) -> bool {
    let answer = review.project.review.answers.get(&question.key);
    let key = question.key.to_string();
    let texts = [
        key.as_str(),
        &question.section,
        &question.question.short,
        &question.question.ask,
        &question.question.role,
        question.status.word(),
        answer
            .and_then(|answer| answer.note.as_deref())
            .unwrap_or_default(),
        answer
            .and_then(|answer| answer.owner.as_deref())
            .unwrap_or_default(),
    ];
    texts.iter().any(|text| text.to_lowercase().contains(word))
        || question.severity.to_string() == word
}

/// The next question without an answer after (or before) one, around the end; itself only if it is the last of them.
#[must_use]
pub fn next_unanswered(
    questions: &[JudgedQuestion],
    shown: &[usize],
    at: Option<&Key>,
    back: bool,
) -> Option<Key> {
    let here = shown.iter().position(|index| {
        let key = questions.get(*index).map(|question| &question.key);
        key == at && at.is_some()
    });
    let count = shown.len();
    let order = (1..=count).map(|step| {
        let here = here.unwrap_or(if back { 0 } else { count.saturating_sub(1) });
        if back {
            (here + count - step % count.max(1)) % count.max(1)
        } else {
            (here + step) % count.max(1)
        }
    });
    order
        .filter_map(|place| questions.get(*shown.get(place)?))
        .find(|question| question.status == Status::Unknown)
        .map(|question| question.key.clone())
}
