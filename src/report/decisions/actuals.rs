//! A real month against its projection, as a table and sentences.

use std::fmt::Write as _;

use crate::fit::actuals::{Actuals, Factor};

use super::super::numbers::{count, percent, usd};
use super::super::table::{aligned, wrapped};

/// The whole page.
#[must_use]
pub fn actuals_page(found: &Actuals) -> String {
    let harmless = crate::reading::harmless;
    let mut text = format!(
        "{}: `{}` at {}x over {} days against {} simulated months\n\n",
        harmless(&found.scenario),
        harmless(&found.strategy),
        found.volume,
        count(found.days),
        found.months
    );
    let [p05, p50, p80, p95] = found.projected_quantiles_usd;
    let row = |cells: [String; 2]| cells.to_vec();
    text.push_str(&aligned(&[
        row(["tokens only".to_owned(), "US dollars".to_owned()]),
        row(["actual".to_owned(), usd(found.actual_usd)]),
        row(["projected, mean".to_owned(), usd(found.projected_usd)]),
        row(["projected, 5%".to_owned(), usd(p05)]),
        row(["projected, 50%".to_owned(), usd(p50)]),
        row(["projected, 80%".to_owned(), usd(p80)]),
        row(["projected, 95%".to_owned(), usd(p95)]),
    ]));
    text.push('\n');
    for sentence in sentences(found) {
        text.push_str(&wrapped(&harmless(&sentence)));
    }
    if !found.factors.is_empty() {
        text.push_str("\nWhat explains the difference\n");
        text.push_str(&factors(found));
    }
    if !found.proposals.is_empty() {
        text.push_str("\nFacts that it changes (--write puts them into the scenario)\n");
        for it in &found.proposals {
            let _ = writeln!(text, "{} = {}   # {}", harmless(&it.path), it.value, it.why);
        }
    }
    if !found.notes.is_empty() {
        text.push_str("\nTo know\n");
        for note in &found.notes {
            text.push_str(&wrapped(&harmless(note)));
        }
    }
    text
}

fn factors(found: &Actuals) -> String {
    let mut rows = vec![
        ["", "projected", "actual", "", "US dollars"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for it in &found.factors {
        let share = it.unit.starts_with("share");
        let cell = |number: f64| {
            if share {
                percent(number)
            } else {
                count(number)
            }
        };
        rows.push(vec![
            name(it).to_owned(),
            cell(it.projected),
            cell(it.actual),
            if share {
                it.unit.trim_start_matches("share ").to_owned()
            } else {
                it.unit.clone()
            },
            signed(it.usd),
        ]);
    }
    rows.push(vec![
        "together".to_owned(),
        String::new(),
        String::new(),
        String::new(),
        signed(found.actual_usd - found.projected_usd),
    ]);
    aligned(&rows)
}

fn name(factor: &Factor) -> &str {
    match factor.name.as_str() {
        "volume" => "volume",
        "input_tokens" => "input per call",
        "output_tokens" => "output per call",
        "cache_hits" => "cache hits",
        "mix" => "mix of models",
        "price" => "price",
        "waste" => "wasted attempts",
        other => other,
    }
}

fn signed(amount: f64) -> String {
    if amount < 0.0 {
        format!("-{}", usd(-amount))
    } else {
        format!("+{}", usd(amount))
    }
}

fn sentences(found: &Actuals) -> Vec<String> {
    let [p05, _, _, p95] = found.projected_quantiles_usd;
    let difference = found.actual_usd - found.projected_usd;
    let place = if found.percentile <= 0.0 {
        format!("below all of the {} projected months", found.months)
    } else if found.percentile >= 1.0 {
        format!("above all of the {} projected months", found.months)
    } else {
        format!(
            "above {} of the projected months",
            percent(found.percentile)
        )
    };
    let inside = if found.actual_usd >= p05 && found.actual_usd <= p95 {
        "inside"
    } else {
        "outside"
    };
    let mut sentences = vec![format!(
        "{} of real spending lies {place}, {inside} the interval that holds 90% of them ({} to {}).",
        usd(found.actual_usd),
        usd(p05),
        usd(p95)
    )];
    if let Some(most) = found.factors.first().filter(|it| it.usd != 0.0) {
        sentences.push(format!(
            "That is {} {} than projected; most of it is {} ({}).",
            usd(difference.abs()),
            if difference < 0.0 { "less" } else { "more" },
            name(most),
            signed(most.usd)
        ));
    }
    sentences
}
