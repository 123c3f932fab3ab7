//! `extends`: what a strategy is made of, once what it inherits has been laid under what it says itself.
//!
//! With one parent that is the parent's fields with one's own over them. With several it is what they inherit, then
//! what each of them says itself, in order, then one's own: so `["cached", "tiered"]`, both over `baseline`, keeps
//! the cache although `tiered` inherits none. A field set to `false` counts as said, and is dropped at the end.

use std::collections::BTreeMap;

use crate::reading::{Field, Problem, Table, listing, nearest};

use super::reader::Reader;

/// One strategy as written.
struct Written<'t, 'i> {
    name: &'t str,
    table: Table<'t, 'i>,
    parents: Vec<&'t str>,
}

/// The strategies in file order, each with what it inherits, and whether that is all there is to know: where a parent
/// is unknown or parents go in a circle, the problem has been noted, and what is missing need not be reported as well.
pub(super) fn resolve<'t, 'i>(
    strategies: Table<'t, 'i>,
    reader: &mut Reader<'_>,
) -> (Vec<(&'t str, Table<'t, 'i>)>, bool) {
    let mut written: Vec<Written<'t, 'i>> = Vec::new();
    let mut parents_at: Vec<Vec<(&'t str, Field<'t, 'i>)>> = Vec::new();
    for (name, field) in strategies.named(&mut reader.walk) {
        let Some(mut table) = field.table(&mut reader.walk) else {
            continue;
        };
        let parents = table
            .take("extends", &mut reader.walk)
            .map(|field| parent_names(&field, reader))
            .unwrap_or_default();
        table.retain(|key, _| key != "extends");
        written.push(Written {
            name,
            table,
            parents: parents.iter().map(|(name, _)| *name).collect(),
        });
        parents_at.push(parents);
    }
    let index: BTreeMap<&str, usize> = written
        .iter()
        .enumerate()
        .map(|(at, one)| (one.name, at))
        .collect();
    let mut complete = true;
    for parents in &parents_at {
        for (name, field) in parents {
            if !index.contains_key(name) {
                complete = false;
                let problem = field.problem(format!("there is no strategy `{name}`"));
                reader.say(match nearest(name, index.keys().copied()) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem.expected(listing(index.keys().copied())),
                });
            }
        }
    }
    let mut resolved: Vec<Option<Resolved<'t, 'i>>> = written.iter().map(|_| None).collect();
    if circles(&written, &index, &parents_at, reader) {
        complete = false;
    } else {
        for at in 0..written.len() {
            inherit(at, &written, &index, &mut resolved);
        }
    }
    let tables = written
        .into_iter()
        .zip(resolved)
        .map(|(one, resolved)| {
            let mut table = resolved.map_or(one.table, |resolved| resolved.whole);
            // `prompt_cache = false` is a setting of its own: nothing is marked, whatever the provider would do.
            table.retain(|key, value| {
                key == "prompt_cache" || value.get_ref().as_bool() != Some(false)
            });
            (one.name, table)
        })
        .collect();
    (tables, complete)
}

fn parent_names<'t, 'i>(
    field: &Field<'t, 'i>,
    reader: &mut Reader<'_>,
) -> Vec<(&'t str, Field<'t, 'i>)> {
    if let Some(name) = field.as_text() {
        return vec![(name, field.clone())];
    }
    if field.is_false() {
        return Vec::new();
    }
    if field.value.get_ref().as_array().is_none() {
        reader.say(field.wrong("the name of a strategy, or a list of names"));
        return Vec::new();
    }
    let entries = field.list(&mut reader.walk).unwrap_or_default();
    entries
        .into_iter()
        .filter_map(|entry| Some((entry.text(&mut reader.walk)?, entry)))
        .collect()
}

/// How far the search for circles has come with a strategy.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    New,
    Open,
    Done,
}

/// Reports each circle once, at the `extends` that closes it. Returns whether there is one.
fn circles<'t, 'i>(
    written: &[Written<'t, 'i>],
    index: &BTreeMap<&str, usize>,
    parents_at: &[Vec<(&'t str, Field<'t, 'i>)>],
    reader: &mut Reader<'_>,
) -> bool {
    let mut marks = vec![Mark::New; written.len()];
    let mut found = false;
    for start in 0..written.len() {
        if marks.get(start) != Some(&Mark::New) {
            continue;
        }
        // Depth first with a path of (strategy, next parent): a chain may be longer than the call stack is deep.
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        set(&mut marks, start, Mark::Open);
        while let Some((at, next)) = path.last().copied() {
            let Some((name, field)) = parents_at.get(at).and_then(|parents| parents.get(next))
            else {
                set(&mut marks, at, Mark::Done);
                path.pop();
                continue;
            };
            if let Some(last) = path.last_mut() {
                last.1 += 1;
            }
            let Some(parent) = index.get(name).copied() else {
                continue;
            };
            match marks.get(parent) {
                Some(Mark::New) => {
                    set(&mut marks, parent, Mark::Open);
                    path.push((parent, 0));
                }
                Some(Mark::Open) => {
                    found = true;
                    let from = path.iter().position(|(one, _)| *one == parent).unwrap_or(0);
                    let circle = path.iter().skip(from).map(|(one, _)| *one).chain([parent]);
                    let names: Vec<&str> = circle
                        .filter_map(|one| written.get(one))
                        .map(|one| one.name)
                        .collect();
                    let message = format!("`extends` goes in a circle: {}", names.join(" → "));
                    reader.say(
                        Problem::new(field.span(), message)
                            .help("take one of them out of its `extends`"),
                    );
                }
                _ => {}
            }
        }
    }
    found
}

fn set(marks: &mut [Mark], at: usize, mark: Mark) {
    if let Some(slot) = marks.get_mut(at) {
        *slot = mark;
    }
}

/// What a strategy inherits, and the whole of it.
struct Resolved<'t, 'i> {
    inherited: Table<'t, 'i>,
    whole: Table<'t, 'i>,
}

/// Fills `resolved` for a strategy and all that it builds on; there are no circles. The ones still to do are kept in
/// a list, because a chain may be longer than the call stack is deep.
fn inherit<'t, 'i>(
    start: usize,
    written: &[Written<'t, 'i>],
    index: &BTreeMap<&str, usize>,
    resolved: &mut [Option<Resolved<'t, 'i>>],
) {
    let mut waiting = vec![start];
    while let Some(at) = waiting.last().copied() {
        let Some(one) = written.get(at) else { return };
        let parents: Vec<usize> = one
            .parents
            .iter()
            .filter_map(|name| index.get(name).copied())
            .collect();
        let missing = parents
            .iter()
            .copied()
            .find(|parent| resolved.get(*parent).is_some_and(Option::is_none));
        if let Some(parent) = missing {
            waiting.push(parent);
            continue;
        }
        let done = |parent: &usize| resolved.get(*parent).and_then(Option::as_ref);
        let mut inherited = one.table.clone();
        inherited.retain(|_, _| false);
        for parent in parents.iter().filter_map(done) {
            inherited.overlay(if parents.len() == 1 {
                &parent.whole
            } else {
                &parent.inherited
            });
        }
        if parents.len() > 1 {
            for parent in parents.iter().filter_map(|parent| written.get(*parent)) {
                inherited.overlay(&parent.table);
            }
        }
        let mut whole = inherited.clone();
        whole.overlay(&one.table);
        if let Some(slot) = resolved.get_mut(at) {
            *slot = Some(Resolved { inherited, whole });
        }
        waiting.pop();
    }
}
