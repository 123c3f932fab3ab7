//! What the numbers rest on, and who says so.

use crate::scenario::Scenario;
use crate::study::Study;

use super::value::{Assumption, Style};

/// Longest value that is shown as written.
const SHOWN: usize = 90;
/// Tables of a scenario that hold facts about the world; the rest is the team's own choice.
const FACTS: [&str; 7] = [
    "workload",
    "models",
    "providers",
    "evals",
    "audit",
    "fixed",
    "currency",
];

/// Every number of the scenario that somebody had to know or guess, and every default that was taken; sources that are
/// named first, then what is assumed, each in the scenario's order; what moves the answer most first where that is known.
pub(super) fn assumptions(
    scenario: Option<&Scenario>,
    study: Option<&Study>,
    style: Style,
) -> Vec<Assumption> {
    let mut list = Vec::new();
    if let Some(scenario) = scenario {
        written(scenario, style, &mut list);
    }
    for assumed in study
        .map(|study| study.assumed.as_slice())
        .unwrap_or_default()
    {
        if !list.iter().any(|known| known.path == assumed.path) {
            list.push(Assumption {
                path: assumed.path.clone(),
                value: String::new(),
                source: assumed.why.clone(),
                sourced: false,
                moves: None,
            });
        }
    }
    for line in &mut list {
        let influences = study
            .into_iter()
            .flat_map(|study| &study.sensitivity)
            .flat_map(|result| &result.inputs);
        line.moves = influences
            .filter(|input| input.path == line.path)
            .map(|input| input.share)
            .max_by(f64::total_cmp);
    }
    list.sort_by(|a, b| {
        let moves = |line: &Assumption| line.moves.unwrap_or(-1.0);
        moves(b)
            .total_cmp(&moves(a))
            .then(b.sourced.cmp(&a.sourced))
    });
    list
}

fn written(scenario: &Scenario, style: Style, list: &mut Vec<Assumption>) {
    let mut places: Vec<_> = scenario.places.iter().collect();
    places.sort_by_key(|(path, place)| (place.start, path.len(), path.as_str()));
    for (path, place) in places {
        let table = path.split('.').next().unwrap_or_default();
        // What was negotiated is nobody else's business.
        if !FACTS.contains(&table) || (style == Style::Executive && path.ends_with(".discount")) {
            continue;
        }
        // Names are no numbers.
        if matches!(path.rsplit('.').next(), Some("name" | "provider")) {
            continue;
        }
        let inner = format!("{path}.");
        if scenario
            .places
            .range(inner.clone()..)
            .next()
            .is_some_and(|(next, _)| next.starts_with(&inner))
        {
            continue;
        }
        let Some(text) = scenario.source.text.get(place.clone()) else {
            continue;
        };
        let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if flat.starts_with('[') && flat.ends_with(']') && flat.len() < 4 {
            continue;
        }
        let named = source(scenario, path);
        list.push(Assumption {
            path: path.clone(),
            value: super::page::clip(&flat, SHOWN),
            source: named.clone().unwrap_or_else(|| "assumed".to_owned()),
            sourced: named.is_some(),
            moves: None,
        });
    }
}

/// The source of a field, or of the nearest table above it that has one.
fn source(scenario: &Scenario, path: &str) -> Option<String> {
    let mut path = path;
    loop {
        if let Some(source) = scenario.sources.get(path) {
            return Some(source.clone());
        }
        path = path.rsplit_once('.')?.0;
    }
}
