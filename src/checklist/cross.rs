//! A review held against its checklists.

use std::ops::Range;

use crate::reading::{Problem, listing, nearest};

use super::review::Review;
use super::types::{Checklist, Key};

/// What is wrong between a review and its checklists: answers to questions that nobody asks, evidence that is not
/// there, pins that do not fit.
#[must_use]
pub fn cross_check(review: &Review, checklists: &[Checklist]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for key in review.answers.keys() {
        known_question(review, checklists, key, "answer", &mut problems);
    }
    for key in review.waivers.keys() {
        known_question(review, checklists, key, "waiver", &mut problems);
    }
    for (key, answer) in &review.answers {
        for (index, id) in answer.evidence.iter().enumerate() {
            if !review.evidence.contains_key(id) {
                let path = format!(
                    "answer.{}.{}.evidence.{}",
                    key.checklist,
                    key.question,
                    index + 1
                );
                let problem =
                    Problem::new(place(review, &path), format!("there is no evidence `{id}`"));
                problems.push(suggest(
                    problem,
                    id,
                    review.evidence.keys().map(String::as_str),
                    "gonogo review evidence add",
                ));
            }
        }
        let question = checklists
            .iter()
            .find(|list| list.id == key.checklist)
            .and_then(|list| list.question(&key.question));
        for (index, id) in answer.choices.iter().enumerate() {
            if let Some(question) =
                question.filter(|question| !question.choices.iter().any(|choice| choice.id == *id))
            {
                let path = format!(
                    "answer.{}.{}.choices.{}",
                    key.checklist,
                    key.question,
                    index + 1
                );
                let problem = Problem::new(
                    place(review, &path),
                    format!("`{id}` is not a choice of this question"),
                );
                problems.push(suggest(
                    problem,
                    id,
                    question.choices.iter().map(|choice| choice.id.as_str()),
                    "gonogo review show",
                ));
            }
        }
    }
    for (id, pin) in &review.pinned {
        let at = place(review, &format!("pinned.{id}"));
        match checklists.iter().find(|list| list.id == *id) {
            Some(list) if list.sha256 != pin.sha256 => {
                let (what, help) = if list.shipped {
                    (
                        format!(
                            "the review is pinned to `{id}` {}, and this gonogo ships {}",
                            pin.version, list.version
                        ),
                        format!(
                            "`gonogo review repin {id}` accepts the newer one and marks the answers whose questions changed"
                        ),
                    )
                } else {
                    (
                        format!(
                            "the review is pinned to the shipped `{id}` {}, and the project's own differs",
                            pin.version
                        ),
                        format!(
                            "delete [pinned.{id}]: a checklist of the project's own is not pinned"
                        ),
                    )
                };
                problems.push(Problem::new(at, what).help(help));
            }
            Some(_) => {}
            None => problems.push(
                Problem::new(
                    at,
                    format!("`{id}` is pinned but is none of the review's checklists"),
                )
                .help(format!("delete [pinned.{id}]")),
            ),
        }
    }
    problems
}

fn known_question(
    review: &Review,
    checklists: &[Checklist],
    key: &Key,
    room: &str,
    problems: &mut Vec<Problem>,
) {
    let path = format!("{room}.{}.{}", key.checklist, key.question);
    let Some(checklist) = checklists.iter().find(|list| list.id == key.checklist) else {
        let problem = Problem::new(
            place(review, &path),
            format!("`{}` is none of the review's checklists", key.checklist),
        );
        let ids = checklists.iter().map(|list| list.id.as_str());
        problems.push(suggest(
            problem,
            &key.checklist,
            ids,
            "gonogo review checklists",
        ));
        return;
    };
    if checklist.question(&key.question).is_some() {
        return;
    }
    let problem = Problem::new(
        place(review, &path),
        format!(
            "the checklist `{}` has no question `{}`",
            key.checklist, key.question
        ),
    );
    let heir = checklist
        .questions()
        .find(|question| question.supersedes.contains(&key.question));
    problems.push(match heir {
        Some(heir) => problem.help(format!(
            "`{}` replaces it: `gonogo review repin {}` carries the answer over",
            heir.id, key.checklist
        )),
        None => suggest(
            problem,
            &key.question,
            checklist.questions().map(|question| question.id.as_str()),
            "gonogo review list --all",
        ),
    });
}

fn suggest<'n>(
    problem: Problem,
    typed: &str,
    valid: impl Iterator<Item = &'n str> + Clone,
    command: &str,
) -> Problem {
    match nearest(typed, valid.clone()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem
            .expected(listing(valid))
            .help(format!("`{command}` shows what there is")),
    }
}

fn place(review: &Review, path: &str) -> Range<usize> {
    let mut path = path;
    loop {
        if let Some(place) = review.places.get(path) {
            return place.clone();
        }
        match path.rsplit_once('.') {
            Some((above, _)) => path = above,
            None => return 0..0,
        }
    }
}
