//! A review's text taken apart, with every problem in it, and held against its checklists.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::reading::{Field, Problem, Problems, Source, Table, Walk, parse};

use super::dates::{field_date, field_time};
use super::read::{is_id, optional_text, schema_one, texts};
use super::read_rule::volume_of;
use super::review::{
    Answer, Budget, Decision, Evidence, EvidenceKind, Pin, Review, Signoff, Waiver,
};
use super::types::{Key, Stage, Status};

/// Reads a review by itself.
///
/// # Errors
/// Everything that is wrong with it; a merge conflict that was left in is named as such.
pub fn read_review(source: &Arc<Source>) -> Result<Review, Problems> {
    conflict_markers(source)?;
    let document = parse(source)?;
    let mut walk = Walk::default();
    let mut root = Table::root(&document);
    schema_one(&mut root, &mut walk);
    let mut review = head(&mut root, source, &mut walk);
    for (id, mut table) in tables(&mut root, "pinned", &mut walk) {
        let version = optional_text(&mut table, "version", &mut walk).unwrap_or_default();
        let sha256 = optional_text(&mut table, "sha256", &mut walk).unwrap_or_default();
        table.finish("a pin", &mut walk);
        review.pinned.insert(id, Pin { version, sha256 });
    }
    for (id, table) in tables(&mut root, "evidence", &mut walk) {
        review.evidence.insert(id, evidence(table, &mut walk));
    }
    for (key, table) in keyed(&mut root, "answer", &mut walk) {
        review.answers.insert(key, answer(table, &mut walk));
    }
    for (key, table) in keyed(&mut root, "waiver", &mut walk) {
        review.waivers.insert(key, waiver(table, &mut walk));
    }
    for (role, table) in tables(&mut root, "signoff", &mut walk) {
        review.signoffs.insert(role, signoff(table, &mut walk));
    }
    root.finish("a review", &mut walk);
    review.places = std::mem::take(&mut walk.places);
    if walk.problems.is_empty() {
        Ok(review)
    } else {
        Err(Problems::new(source, walk.problems))
    }
}

/// Conflict markers of git are worth a sentence of their own: they are the commonest reason why a review cannot be read.
fn conflict_markers(source: &Arc<Source>) -> Result<(), Problems> {
    let mut problems = Vec::new();
    let mut at = 0;
    let mut heading = "";
    let mut rest = source.text.split_inclusive('\n').peekable();
    while let Some(line) = rest.next() {
        if line.starts_with('[') {
            heading = line;
        }
        if line.starts_with("<<<<<<< ") {
            let own = rest.peek().filter(|next| next.starts_with('['));
            let place = own.copied().unwrap_or(heading);
            let place = place
                .split_once(']')
                .map_or("the top", |(head, _)| head.trim_start_matches('['));
            let after: Vec<&str> = source
                .text
                .get(at + line.len()..)
                .unwrap_or_default()
                .lines()
                .collect();
            let (ours, theirs) = sides(&after);
            let message = format!(
                "two versions of {place} stand side by side: a merge was left unsettled{ours}{theirs}"
            );
            let problem = Problem::new(at..at + line.trim_end().len(), message);
            problems.push(problem.help("keep one of the two, or what both agree on, and delete the lines with <<<<<<<, ======= and >>>>>>>"));
        }
        at += line.len();
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Problems::new(source, problems))
    }
}

/// What each side of a conflict answers, and who, as far as its lines say.
fn sides(lines: &[&str]) -> (String, String) {
    let middle = lines
        .iter()
        .position(|line| line.starts_with("======="))
        .unwrap_or(lines.len());
    let end = lines
        .iter()
        .position(|line| line.starts_with(">>>>>>>"))
        .unwrap_or(lines.len());
    let said = |lines: &[&str]| {
        let field = |name: &str| {
            lines.iter().find_map(|line| {
                line.trim()
                    .strip_prefix(name)?
                    .trim()
                    .strip_prefix('=')
                    .map(str::trim)
            })
        };
        [field("status"), field("answered_by")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" by ")
    };
    let (ours, theirs) = (
        said(lines.get(..middle).unwrap_or_default()),
        said(lines.get(middle.min(end)..end).unwrap_or_default()),
    );
    if ours.is_empty() || theirs.is_empty() {
        (String::new(), String::new())
    } else {
        (format!(": {ours}"), format!(", or {theirs}"))
    }
}

fn head(root: &mut Table<'_, '_>, source: &Arc<Source>, walk: &mut Walk) -> Review {
    let system = optional_text(root, "system", walk);
    if system.is_none() && !root.has("system") {
        walk.say(
            Problem::new(root.span.clone(), "`system` is missing")
                .expected("system = \"what is decided about\""),
        );
    }
    let stage = root
        .take("stage", walk)
        .and_then(|field| field.choice(&Stage::WORDS, walk));
    Review {
        source: Arc::clone(source),
        places: BTreeMap::new(),
        system: system.unwrap_or_default(),
        release: optional_text(root, "release", walk),
        commit: optional_text(root, "commit", walk),
        stage: stage
            .and_then(|at| Stage::ALL.get(at).copied())
            .unwrap_or(Stage::Launch),
        tags: texts(root, "tags", walk),
        strategy: optional_text(root, "strategy", walk),
        scenario: optional_text(root, "scenario", walk),
        valid_until: day(root, "valid_until", walk),
        decision_by: optional_text(root, "decision_by", walk),
        next_look: day(root, "next_look", walk),
        confidentiality: optional_text(root, "confidentiality", walk),
        checklists: checklist_ids(root, walk),
        required_signoffs: texts(root, "required_signoffs", walk),
        roles: roles(root, walk),
        budget: budgets(root, walk),
        pinned: BTreeMap::new(),
        answers: BTreeMap::new(),
        evidence: BTreeMap::new(),
        waivers: BTreeMap::new(),
        signoffs: BTreeMap::new(),
    }
}

fn checklist_ids(root: &mut Table<'_, '_>, walk: &mut Walk) -> Vec<String> {
    let Some(field) = root.take("checklists", walk) else {
        walk.say(
            Problem::new(root.span.clone(), "`checklists` is missing")
                .expected("checklists = [\"production\"]"),
        );
        return Vec::new();
    };
    let mut ids: Vec<String> = Vec::new();
    for entry in field.list(walk).unwrap_or_default() {
        let Some(id) = entry.text(walk) else { continue };
        if !is_id(id) {
            walk.say(
                entry
                    .problem(format!("`{id}` cannot be a checklist's id"))
                    .expected("letters, digits, `-` and `_`"),
            );
        } else if ids.iter().any(|known| known == id) {
            walk.say(entry.problem(format!("the checklist `{id}` stands twice")));
        } else {
            ids.push(id.to_owned());
        }
    }
    ids
}

fn day(table: &mut Table<'_, '_>, key: &'static str, walk: &mut Walk) -> Option<Date> {
    table
        .take(key, walk)
        .and_then(|field| field_date(&field, walk))
}

fn tables<'t, 'i>(
    root: &mut Table<'t, 'i>,
    key: &'static str,
    walk: &mut Walk,
) -> Vec<(String, Table<'t, 'i>)> {
    let Some(table) = root.take(key, walk).and_then(|field| field.table(walk)) else {
        return Vec::new();
    };
    let named = table.named(walk);
    named
        .into_iter()
        .filter_map(|(name, field)| Some((name.to_owned(), field.table(walk)?)))
        .collect()
}

fn keyed<'t, 'i>(
    root: &mut Table<'t, 'i>,
    key: &'static str,
    walk: &mut Walk,
) -> Vec<(Key, Table<'t, 'i>)> {
    let mut found = Vec::new();
    for (checklist, table) in tables(root, key, walk) {
        for (question, field) in table.named(walk) {
            if let Some(table) = field.table(walk) {
                found.push((Key::new(&checklist, question), table));
            }
        }
    }
    found
}

fn roles(root: &mut Table<'_, '_>, walk: &mut Walk) -> BTreeMap<String, Vec<String>> {
    let Some(table) = root.take("roles", walk).and_then(|field| field.table(walk)) else {
        return BTreeMap::new();
    };
    let mut roles = BTreeMap::new();
    for (role, field) in table.named(walk) {
        let people = field.list(walk).unwrap_or_default();
        roles.insert(
            role.to_owned(),
            people
                .iter()
                .filter_map(|entry| entry.text(walk).map(str::to_owned))
                .collect(),
        );
    }
    roles
}

fn budgets(root: &mut Table<'_, '_>, walk: &mut Walk) -> Vec<Budget> {
    let Some(table) = root
        .take("budget", walk)
        .and_then(|field| field.table(walk))
    else {
        return Vec::new();
    };
    let mut budgets = Vec::new();
    for (label, field) in table.named(walk) {
        let volume = volume_of(label);
        if volume.is_none() {
            walk.say(
                Problem::new(field.key_span.clone(), format!("`{label}` is not a volume"))
                    .expected("a multiple such as \"1x\" or \"10x\""),
            );
        }
        let Some(mut table) = field.table(walk) else {
            continue;
        };
        let usd = if let Some(field) = table.take("usd_per_month", walk) {
            dollars(&field, walk)
        } else {
            walk.say(
                Problem::new(table.span.clone(), "`usd_per_month` is missing")
                    .expected("the approved figure in US dollars"),
            );
            None
        };
        let approved_by = optional_text(&mut table, "approved_by", walk);
        let approved_on = day(&mut table, "approved_on", walk);
        table.finish("an approved budget", walk);
        if let (Some(volume), Some(usd_per_month)) = (volume, usd) {
            budgets.push(Budget {
                label: label.to_owned(),
                volume,
                usd_per_month,
                approved_by,
                approved_on,
            });
        }
    }
    budgets
}

fn dollars(field: &Field<'_, '_>, walk: &mut Walk) -> Option<f64> {
    let usd = field.number(walk)?;
    if !usd.is_finite() || usd <= 0.0 {
        walk.say(
            field
                .problem(format!("`{}` cannot be {usd}", field.key))
                .expected("US dollars per month, more than 0"),
        );
        return None;
    }
    Some(usd)
}

fn answer(mut table: Table<'_, '_>, walk: &mut Walk) -> Answer {
    let status = table
        .take("status", walk)
        .and_then(|field| field.choice(&Status::WORDS, walk));
    let rev = table
        .take("rev", walk)
        .and_then(|field| field.integer(1, 36_500, walk));
    let answer = Answer {
        status: status
            .and_then(|at| Status::ALL.get(at).copied())
            .unwrap_or(Status::Unknown),
        rev: rev.and_then(|rev| u32::try_from(rev).ok()).unwrap_or(1),
        note: optional_text(&mut table, "note", walk),
        owner: optional_text(&mut table, "owner", walk),
        due: day(&mut table, "due", walk),
        evidence: texts(&mut table, "evidence", walk),
        choices: texts(&mut table, "choices", walk),
        answered_by: optional_text(&mut table, "answered_by", walk),
        answered_at: table
            .take("answered_at", walk)
            .and_then(|field| field_time(&field, walk)),
        reviewed_by: optional_text(&mut table, "reviewed_by", walk),
        look_again: table
            .take("look_again", walk)
            .and_then(|field| field.flag(walk))
            .unwrap_or(false),
    };
    table.finish("an answer", walk);
    answer
}

fn evidence(mut table: Table<'_, '_>, walk: &mut Walk) -> Evidence {
    let span = table.span.clone();
    let kind = if let Some(field) = table.take("kind", walk) {
        field
            .choice(&EvidenceKind::WORDS, walk)
            .and_then(|at| EvidenceKind::ALL.get(at).copied())
    } else {
        walk.say(
            Problem::new(span.clone(), "`kind` is missing")
                .expected("one of \"link\", \"file\", \"measurement\", \"ticket\", \"statement\""),
        );
        None
    };
    let reference = table.take("ref", walk);
    if reference.is_none() {
        walk.say(
            Problem::new(span, "`ref` is missing")
                .expected("a path inside the repository, an address, a ticket or a sentence"),
        );
    }
    let text = reference
        .as_ref()
        .and_then(|field| field.text(walk))
        .map(str::to_owned);
    let evidence = Evidence {
        kind: kind.unwrap_or(EvidenceKind::Statement),
        reference: text.unwrap_or_default(),
        sha256: optional_text(&mut table, "sha256", walk),
        collected: day(&mut table, "collected", walk),
        watch: texts(&mut table, "watch", walk),
    };
    if let Some(field) = reference
        .as_ref()
        .filter(|_| evidence.is_file() && leaves_the_repository(&evidence.reference))
    {
        walk.say(
            field
                .problem("this file is outside the repository")
                .expected("a path inside the repository, relative to the review"),
        );
    }
    table.finish("a piece of evidence", walk);
    evidence
}

fn leaves_the_repository(path: &str) -> bool {
    let parts = path.split(['/', '\\']);
    path.starts_with(['/', '\\', '~'])
        || path.contains(':')
        || parts.into_iter().any(|part| part == "..")
}

fn waiver(mut table: Table<'_, '_>, walk: &mut Walk) -> Waiver {
    let span = table.span.clone();
    for key in ["reason", "expires", "approved_by"] {
        if !table.has(key) {
            walk.say(
                Problem::new(span.clone(), format!("`{key}` is missing"))
                    .expected("a waiver with `reason`, `approved_by` and `expires`"),
            );
        }
    }
    let waiver = Waiver {
        reason: optional_text(&mut table, "reason", walk).unwrap_or_default(),
        risk: optional_text(&mut table, "risk", walk),
        compensating: optional_text(&mut table, "compensating", walk),
        approved_by: optional_text(&mut table, "approved_by", walk),
        approved_on: day(&mut table, "approved_on", walk),
        expires: day(&mut table, "expires", walk),
    };
    table.finish("a waiver", walk);
    waiver
}

fn signoff(mut table: Table<'_, '_>, walk: &mut Walk) -> Signoff {
    let decision = table
        .take("decision", walk)
        .and_then(|field| field.choice(&Decision::WORDS, walk));
    let mut parts = BTreeMap::new();
    let signoff = Signoff {
        name: optional_text(&mut table, "name", walk),
        decision: decision.and_then(|at| Decision::ALL.get(at).copied()),
        at: table
            .take("at", walk)
            .and_then(|field| field_time(&field, walk)),
        digest: optional_text(&mut table, "digest", walk),
        parts: BTreeMap::new(),
        note: optional_text(&mut table, "note", walk),
    };
    if let Some(table) = table
        .take("parts", walk)
        .and_then(|field| field.table(walk))
    {
        for (name, field) in table.named(walk) {
            if let Some(digest) = field.text(walk) {
                parts.insert(name.to_owned(), digest.to_owned());
            }
        }
    }
    table.finish("a signature", walk);
    Signoff { parts, ..signoff }
}
