//! What `list`, `quote` and `diff` write.

use std::io::Write;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::text::{about, document, dollars, object, source, table, utc};
use super::{Error, Format, TokenArgs};
use crate::prices::{Catalogue, Entry, PriceDiff, Quote, Terms, short_call};
use crate::reading::harmless;

pub(super) fn list(
    catalogue: &Catalogue,
    word: Option<&str>,
    provider: Option<&str>,
    at: Timestamp,
    format: &Format,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let word = word.map(str::to_lowercase).unwrap_or_default();
    let provider = provider.map(|name| catalogue.provider(name)).transpose()?;
    let wanted = catalogue.models().filter(|(of, model)| {
        provider.is_none_or(|provider| provider == *of) && model.to_lowercase().contains(&word)
    });
    let mut rows = Vec::new();
    let mut items = Vec::new();
    for (provider, model) in wanted {
        let entry = catalogue.entry(provider, model);
        let price = short_call(&entry, at)?.per_million();
        let of = |wanted: &str| {
            price
                .iter()
                .find(|(name, _)| *name == wanted)
                .map_or(0.0, |(_, price)| *price)
        };
        if format.json {
            let mut item = Map::new();
            item.insert("reference".into(), json!(entry.reference));
            item.insert("provider".into(), json!(entry.provider));
            item.insert("model".into(), json!(entry.model));
            item.insert("context_window".into(), json!(entry.context_window));
            item.insert(
                "retires".into(),
                json!(entry.retires.map(|day| day.to_string())),
            );
            item.insert("usd_per_million".into(), object(&price));
            items.push(Value::Object(item));
        } else {
            rows.push(vec![
                entry.reference.clone(),
                entry
                    .context_window
                    .map(|tokens| tokens.to_string())
                    .unwrap_or_default(),
                dollars(of("input")),
                dollars(of("cached_input")),
                dollars(of("cache_write")),
                dollars(of("output")),
                ends(&entry),
            ]);
        }
    }
    if format.json {
        return Ok(document(
            out,
            &json!({"schema": "gonogo.prices-list/1", "catalogue": about(catalogue), "at": at.to_string(), "models": items}),
        )?);
    }
    if rows.is_empty() {
        return Err(Error::NothingToList(harmless(&word)));
    }
    table(
        out,
        &[
            "model", "context", "input", "cached", "write", "output", "ends",
        ],
        1..6,
        &rows,
    )?;
    writeln!(
        out,
        "\nUS dollars per million tokens of a short call on {}; {}",
        utc(at).date(),
        source(catalogue)
    )?;
    Ok(())
}

/// The day a model ends, for a column.
pub(super) fn ends(entry: &Entry) -> String {
    match (entry.retires, entry.unlisted_by) {
        (Some(day), _) => day.to_string(),
        (None, Some(day)) => format!("by {day}"),
        (None, None) => String::new(),
    }
}

/// What to say about a model that is gone on this day.
pub(super) fn ended(entry: &Entry, today: Date) -> Option<String> {
    match (entry.retires, entry.unlisted_by) {
        (Some(day), _) if day <= today => Some(format!("{} was retired on {day}", entry.reference)),
        (None, Some(day)) if day <= today => {
            Some(format!("{} was taken away by {day}", entry.reference))
        }
        _ => None,
    }
}

pub(super) fn write_quote(
    catalogue: &Catalogue,
    priced: &Quote,
    terms: &Terms<'_>,
    at: Timestamp,
    tokens: &TokenArgs,
    format: &Format,
    out: &mut dyn Write,
) -> Result<(), Error> {
    // Money is told to a millionth of a millionth of a dollar: enough for one token, short of the noise of a sum.
    let told = |usd: f64| (usd * 1e12).round() / 1e12;
    let lines = &priced.lines;
    let parts = [
        ("input", lines.input),
        ("cached_input", lines.cached_input),
        ("cache_write", lines.cache_write),
        ("output", lines.output),
        ("reasoning", lines.reasoning),
        ("call", lines.request),
        ("web_search", priced.web_search_usd),
    ];
    if format.json {
        let usd: Map<String, Value> = parts
            .iter()
            .map(|(name, usd)| ((*name).to_owned(), json!(told(*usd))))
            .collect();
        return Ok(document(
            out,
            &json!({
                "schema": "gonogo.quote/1",
                "model": priced.reference,
                "at": at.to_string(),
                "tier": terms.tier,
                "batch": terms.batch,
                "tokens": {"input": tokens.input, "cached": tokens.cached, "cache_write": tokens.cache_write,
                           "cache_write_1h": tokens.cache_write_1h, "output": tokens.output,
                           "reasoning": tokens.reasoning, "web_searches": tokens.web_searches},
                "context_tier_from": priced.tier_from_tokens,
                "usd": usd,
                "total_usd": told(priced.total()),
                "notes": priced.notes,
                "catalogue": about(catalogue),
            }),
        )?);
    }
    let mut rows: Vec<Vec<String>> = parts
        .iter()
        .filter(|(_, usd)| *usd > 0.0)
        .map(|(name, usd)| vec![name.replace('_', " "), format!("{usd:.6}")])
        .collect();
    rows.push(vec!["total".to_owned(), format!("{:.6}", priced.total())]);
    table(out, &[&priced.reference, "US dollars"], 1..2, &rows)?;
    if priced.tier_from_tokens > 0.0 {
        writeln!(
            out,
            "\nThe whole call is in the context tier from {} input tokens.",
            priced.tier_from_tokens
        )?;
    }
    writeln!(out, "\nPrices at {at}; {}", source(catalogue))?;
    for note in &priced.notes {
        writeln!(out, "Note: {}", harmless(note))?;
    }
    Ok(())
}

pub(super) fn write_diff(
    old: &Catalogue,
    new: &Catalogue,
    found: &PriceDiff,
    format: &Format,
    out: &mut dyn Write,
) -> Result<(), Error> {
    if format.json {
        let changed = found.changed.iter().map(|(name, differences)| {
            let all = differences
                .iter()
                .map(|one| json!({"what": one.what, "old": one.old, "new": one.new}));
            json!({"reference": name, "differences": all.collect::<Vec<_>>()})
        });
        return Ok(document(
            out,
            &json!({"schema": "gonogo.prices-diff/1", "old": about(old), "new": about(new), "added": found.added,
                    "removed": found.removed, "changed": changed.collect::<Vec<_>>()}),
        )?);
    }
    let number = |number: Option<f64>| number.map_or_else(|| "none".to_owned(), dollars);
    let mut rows = Vec::new();
    for name in &found.removed {
        rows.push(vec![
            "-".to_owned(),
            name.clone(),
            String::new(),
            String::new(),
            String::new(),
        ]);
    }
    for name in &found.added {
        rows.push(vec![
            "+".to_owned(),
            name.clone(),
            String::new(),
            String::new(),
            String::new(),
        ]);
    }
    for (name, differences) in &found.changed {
        for one in differences {
            rows.push(vec![
                "~".to_owned(),
                name.clone(),
                one.what.replace('_', " "),
                number(one.old),
                number(one.new),
            ]);
        }
    }
    writeln!(out, "from {}\nto   {}", source(old), source(new))?;
    writeln!(
        out,
        "{} added, {} removed, {} changed; US dollars per million tokens\n",
        found.added.len(),
        found.removed.len(),
        found.changed.len()
    )?;
    if !rows.is_empty() {
        table(out, &["", "model", "what", "old", "new"], 3..5, &rows)?;
    }
    Ok(())
}
