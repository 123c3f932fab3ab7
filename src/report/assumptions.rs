//! What the numbers rest on, and who says so.

use crate::quantity::{Context, Quantity, Role};
use crate::scenario::Scenario;
use crate::scenario::fields::{self, Kind};
use crate::study::Study;

use super::analyses::Analyses;
use super::value::{Assumption, Standing, Style};

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

/// Every number of the scenario that somebody had to know or guess, and every default that was taken: what moves an
/// answer most first where that is known, then the best sources, each in the scenario's order.
pub(super) fn assumptions(
    scenario: Option<&Scenario>,
    study: Option<&Study>,
    analyses: &Analyses,
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
                spread: String::new(),
                source: assumed.why.clone(),
                sourced: false,
                standing: Standing::Assumed,
                moves: None,
            });
        }
    }
    let shares: Vec<(&str, f64)> = study
        .into_iter()
        .flat_map(|study| &study.sensitivity)
        .flat_map(|result| &result.inputs)
        .map(|input| (input.path.as_str(), input.share))
        .chain(
            analyses
                .moved
                .iter()
                .flat_map(|moved| &moved.inputs)
                .filter_map(|input| Some((input.path.as_str(), input.share?))),
        )
        .collect();
    for line in &mut list {
        line.moves = shares
            .iter()
            .filter(|(path, _)| belongs(path, &line.path))
            .map(|(_, share)| *share)
            .max_by(f64::total_cmp);
    }
    list.sort_by(|a, b| {
        let moves = |line: &Assumption| line.moves.unwrap_or(-1.0);
        moves(b)
            .total_cmp(&moves(a))
            .then(a.standing.cmp(&b.standing))
    });
    list
}

/// Whether an input that an analysis moved is this field, or a parameter inside it (`first_token_s.p50`).
fn belongs(input: &str, field: &str) -> bool {
    input
        .strip_prefix(field)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Words of a source that tell who says so; the first that is found counts, and a source that says "assumed" or
/// "estimate" first is one. A source can also begin with its standing: "measured: …", "vendor: …", "assumed: …".
const TELLING: [(&str, Standing); 24] = [
    ("assum", Standing::Assumed),
    ("guess", Standing::Assumed),
    ("estimate", Standing::Assumed),
    ("rule of thumb", Standing::Assumed),
    ("measured", Standing::Measured),
    ("measurement", Standing::Measured),
    ("load test", Standing::Measured),
    ("our log", Standing::Measured),
    ("own log", Standing::Measured),
    ("trace", Standing::Measured),
    ("production", Standing::Measured),
    ("sessions", Standing::Measured),
    ("status-page", Standing::Measured),
    ("fitted", Standing::Measured),
    ("request log", Standing::Measured),
    ("vendor", Standing::Vendor),
    ("contract", Standing::Vendor),
    ("published limit", Standing::Vendor),
    ("price list", Standing::Vendor),
    ("catalogue", Standing::Vendor),
    ("documentation", Standing::Vendor),
    ("data sheet", Standing::Vendor),
    ("quota", Standing::Vendor),
    ("offer", Standing::Vendor),
];

/// How good a named source is; one that tells nothing is as good as a guess.
pub(super) fn standing(source: &str) -> Standing {
    let lower = source.to_lowercase();
    for (word, standing) in [
        ("measured:", Standing::Measured),
        ("vendor:", Standing::Vendor),
        ("assumed:", Standing::Assumed),
    ] {
        if lower.starts_with(word) {
            return standing;
        }
    }
    TELLING
        .iter()
        .filter_map(|(word, standing)| Some((lower.find(word)?, *standing)))
        .min_by_key(|(at, _)| *at)
        .map_or(Standing::Assumed, |(_, standing)| standing)
}

/// The spread of a field in words.
fn spread(path: &str, text: &str) -> String {
    let (role, word) = match fields::matching(path).map(|field| field.kind) {
        Some(Kind::Fact | Kind::FactOrTable) => (Role::Fact, "not known"),
        Some(Kind::Draw) => (Role::Draw, "varies"),
        Some(Kind::Number | Kind::Integer) => return "exact".to_owned(),
        _ => return String::new(),
    };
    let line = format!("it = {text}");
    let Ok(table) = toml::de::DeTable::parse(&line) else {
        return String::new();
    };
    let Some(value) = table.get_ref().get("it") else {
        return String::new();
    };
    // A column of a file stays as written: the report reads no files.
    match Quantity::read(value, role, &Context::without_files(), &mut Vec::new()) {
        Some(quantity) if quantity.is_exact() => "exact".to_owned(),
        Some(quantity) => format!("{word}: {}", quantity.describe(role)),
        None => String::new(),
    }
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
        // A price by name is the catalogue's, with its date.
        let listed =
            named.is_none() && path.rsplit('.').next() == Some("price") && flat.starts_with('"');
        let standing = match &named {
            Some(source) => standing(source),
            None if listed => Standing::Vendor,
            None => Standing::Assumed,
        };
        list.push(Assumption {
            path: path.clone(),
            value: super::numbers::clip(&flat, SHOWN),
            spread: spread(path, text),
            source: match &named {
                Some(source) => source.clone(),
                None if listed => "the price catalogue".to_owned(),
                None => "assumed".to_owned(),
            },
            sourced: named.is_some() || listed,
            standing,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_says_how_good_it_is() {
        for (source, wanted) in [
            ("own load test, 2026-11-12", Standing::Measured),
            ("the contract of 2026-10-01", Standing::Vendor),
            ("published limits of the highest tier", Standing::Vendor),
            (
                "assumed: a raised quota; a list says 2,000",
                Standing::Assumed,
            ),
            ("somebody said so", Standing::Assumed),
            ("vendor: measured by them", Standing::Vendor),
        ] {
            assert_eq!(standing(source), wanted, "{source}");
        }
    }

    #[test]
    fn a_spread_tells_what_is_not_known_from_what_varies() {
        assert_eq!(
            spread("workload.conversations_per_day", "\"800 to 1_200\""),
            "not known: about 800 to 1,200 (90% sure)"
        );
        assert!(
            spread("models.large.first_token_s", "{ p50 = 0.75, p95 = 1.6 }")
                .starts_with("varies: ")
        );
        assert_eq!(spread("workload.system_tokens", "900"), "exact");
        assert_eq!(spread("workload.hourly", "\"business\""), "");
    }
}
