//! `gonogo prices show`: everything about one model.

use std::io::Write;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::text::{about, document, dollars, object, source, table, utc};
use super::write::ends;
use super::{Error, Format};
use crate::prices::{Catalogue, Entry, FactSource, Rates, Tariff, Terms, rates_at};
use crate::quantity::Role;
use crate::reading::harmless;

pub(super) fn show(
    catalogue: &Catalogue,
    model: &str,
    at: Timestamp,
    format: &Format,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let entry = catalogue.find(model)?;
    let tiers = catalogue.tiers(&entry)?;
    let mut prices: Vec<(&str, Rates)> = Vec::new();
    for tier in &tiers {
        let batch = tier == "batch";
        let terms = Terms {
            tier: if batch { "default" } else { tier },
            batch,
            ..Terms::default()
        };
        prices.push((tier, rates_at(&entry, &terms, at)?));
    }
    let starts = utc(at).date();
    let year = Tariff::compile(&entry, &Terms::default(), starts, 366, 0.0)?;
    let changes = changes(&year, starts);
    if format.json {
        return Ok(document(
            out,
            &show_json(catalogue, &entry, at, &prices, &changes),
        )?);
    }
    writeln!(
        out,
        "{}, {}\n",
        harmless(&entry.reference),
        source(catalogue)
    )?;
    let rows: Vec<Vec<String>> = prices
        .iter()
        .flat_map(|(tier, rates)| rates.tiers.iter().map(move |part| (*tier, part)))
        .map(|(tier, part)| {
            let from = if part.above_tokens > 0.0 {
                part.above_tokens.to_string()
            } else {
                String::new()
            };
            let numbers = part
                .per_token
                .per_million()
                .map(|(_, price)| dollars(price));
            [vec![tier.to_owned(), from], numbers.to_vec()].concat()
        })
        .collect();
    let header = [
        "tier",
        "from input",
        "input",
        "cached",
        "write",
        "write 1 h",
        "output",
        "reasoning",
        "call",
    ];
    table(out, &header, 1..9, &rows)?;
    writeln!(out, "\nUS dollars per million tokens at {at}")?;
    for change in &changes {
        writeln!(out, "{change}")?;
    }
    writeln!(out)?;
    write_defaults(&entry, catalogue, out)
}

/// The defaults that a scenario inherits, with their sources.
fn write_defaults(entry: &Entry, catalogue: &Catalogue, out: &mut dyn Write) -> Result<(), Error> {
    let mut rows = Vec::new();
    let mut row = |what: &str, field: &str, said: String| {
        let source = entry.sources.iter().find(|source| source.field == field);
        let told = source.map_or_else(
            || "price catalogue".to_owned(),
            |source| format!("{} ({})", source.source, source.date),
        );
        rows.push(vec![what.to_owned(), said, told]);
        if let Some(note) = source.and_then(|source| source.note.as_deref()) {
            rows.push(vec![String::new(), String::new(), format!("  {note}")]);
        }
    };
    if let Some(tokens) = entry.context_window {
        row(
            "context window",
            "context_window",
            format!("{tokens} tokens"),
        );
    }
    if !ends(entry).is_empty() {
        row("ends", "retires", ends(entry));
    }
    if let Some(caching) = &entry.caching {
        let rule = &caching.rule;
        let asked = if caching.automatic {
            "automatic"
        } else {
            "on request"
        };
        row(
            "prompt cache",
            "caching",
            format!(
                "{asked}, {} tokens or more, {} s",
                rule.min_tokens, rule.ttl_s
            ),
        );
    }
    if let Some(limits) = &entry.limits {
        let parts = [
            ("requests", &limits.requests_per_min),
            ("tokens", &limits.tokens_per_min),
            ("input tokens", &limits.input_tokens_per_min),
            ("output tokens", &limits.output_tokens_per_min),
        ];
        let said: Vec<String> = parts
            .iter()
            .filter_map(|(what, limit)| {
                Some(format!("{} {what}", limit.as_ref()?.describe(Role::Fact)))
            })
            .collect();
        row("limits a minute", "limits", said.join(", "));
    }
    if let Some(law) = &entry.first_token_s {
        row("first token, s", "first_token_s", law.describe(Role::Draw));
    }
    if let Some(law) = &entry.token_ms {
        row("token time, ms", "token_ms", law.describe(Role::Draw));
    }
    if let Some(prefill) = entry.prefill_ms_per_1k {
        row(
            "prefill",
            "prefill_ms_per_1k",
            format!("{prefill} ms per 1,000 tokens"),
        );
    }
    if let Some(preset) = catalogue.default_preset(&entry.provider) {
        rows.push(vec![
            "incidents".to_owned(),
            preset.to_owned(),
            catalogue
                .incidents_source(preset)
                .unwrap_or_default()
                .to_owned(),
        ]);
    }
    writeln!(
        out,
        "What a scenario inherits, assumed until it says otherwise:"
    )?;
    table(out, &["", "", "source"], 0..0, &rows)?;
    Ok(())
}

/// Sentences about how a year's prices differ by day and hour.
fn changes(year: &Tariff, starts: Date) -> Vec<String> {
    let input = |index: u16| {
        year.rates
            .get(usize::from(index))
            .map_or(0.0, |rates| rates.tier(0.0).input * 1e6)
    };
    let output = |index: u16| {
        year.rates
            .get(usize::from(index))
            .map_or(0.0, |rates| rates.tier(0.0).output * 1e6)
    };
    let mut said = Vec::new();
    let mut day = starts;
    let mut yesterday: &[u16] = &[];
    for slots in year.slots.chunks(96) {
        if slots != yesterday {
            let mut parts = Vec::new();
            for (at, index) in slots.iter().enumerate() {
                if at == 0 || slots.get(at - 1) != Some(index) {
                    let (hour, minute) = (at / 4, at % 4 * 15);
                    parts.push(format!(
                        "{hour:02}:{minute:02} input {}, output {}",
                        dollars(input(*index)),
                        dollars(output(*index))
                    ));
                }
            }
            let whole = if parts.len() == 1 {
                parts.concat().replacen("00:00 ", "", 1)
            } else {
                format!("by the hour (UTC): {}", parts.join("; "))
            };
            if !(yesterday.is_empty() && parts.len() == 1) {
                said.push(format!("from {day} {whole}"));
            }
        }
        yesterday = slots;
        day = day.tomorrow().unwrap_or(day);
    }
    said
}

fn show_json(
    catalogue: &Catalogue,
    entry: &Entry,
    at: Timestamp,
    prices: &[(&str, Rates)],
    changes: &[String],
) -> Value {
    let tier = |(name, rates): &(&str, Rates)| {
        let parts = rates.tiers.iter().map(|part| {
            json!({"from_input_tokens": part.above_tokens, "usd_per_million": object(&part.per_token.per_million())})
        });
        json!({"tier": name, "context_tiers": parts.collect::<Vec<_>>()})
    };
    let source = |source: &FactSource| json!({"field": source.field, "source": source.source, "date": source.date.to_string(), "note": source.note});
    let caching = entry.caching.as_ref().map(|caching| {
        json!({"automatic": caching.automatic, "min_tokens": caching.rule.min_tokens, "block": caching.rule.block,
               "ttl_s": caching.rule.ttl_s, "refresh": caching.rule.refresh})
    });
    json!({
        "schema": "gonogo.prices-show/1",
        "catalogue": about(catalogue),
        "at": at.to_string(),
        "reference": entry.reference,
        "context_window": entry.context_window,
        "retires": entry.retires.map(|day| day.to_string()),
        "unlisted_by": entry.unlisted_by.map(|day| day.to_string()),
        "tiers": prices.iter().map(tier).collect::<Vec<_>>(),
        "changes": changes,
        "caching": caching,
        "incidents": catalogue.default_preset(&entry.provider),
        "sources": entry.sources.iter().map(source).collect::<Vec<_>>(),
    })
}
