use crate::quantity::Quantity;
use crate::reading::Table;
use crate::scenario::reader::Reader;
use crate::scenario::types::{Currency, Slo, SloName, Study};

/// `[study]`, or its defaults.
pub fn study(root: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Study {
    let Some(mut table) = reader.table(root, "study") else {
        return Study {
            months: 1000,
            volumes: vec![1.0, 10.0],
            days: 30,
            starts: None,
            warmup_h: 0.0,
            utc_offset_h: 0.0,
            seed: 1,
        };
    };
    let study = Study {
        months: reader.small_integer(&mut table, "months"),
        volumes: volumes(&mut table, reader),
        days: reader.small_integer(&mut table, "days"),
        starts: table
            .take("starts", &mut reader.walk)
            .and_then(|field| field.date(&mut reader.walk)),
        warmup_h: reader.number(&mut table, "warmup_h"),
        utc_offset_h: reader.number(&mut table, "utc_offset_h"),
        seed: reader.integer(&mut table, "seed"),
    };
    table.finish("[study]", &mut reader.walk);
    study
}

fn volumes(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Vec<f64> {
    let Some(field) = table.take("volumes", &mut reader.walk) else {
        return vec![1.0, 10.0];
    };
    let Some(entries) = field.list(&mut reader.walk) else {
        return Vec::new();
    };
    if entries.is_empty() {
        reader.say(
            field
                .problem("`volumes` is empty")
                .expected("at least one multiple of the launch rate, such as [1, 10]"),
        );
    }
    let mut volumes: Vec<f64> = Vec::new();
    for entry in entries {
        let Some(volume) = reader.plain(&entry) else {
            continue;
        };
        if volumes.contains(&volume) {
            reader.say(
                entry
                    .problem(format!("volume {volume} stands twice"))
                    .help("take one of them out"),
            );
        }
        volumes.push(volume);
    }
    volumes
}

/// `[budget]`, by volume, ascending.
pub fn budget(root: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Vec<(f64, Quantity)> {
    let Some(table) = reader.table(root, "budget") else {
        return Vec::new();
    };
    let mut budget: Vec<(f64, Quantity)> = Vec::new();
    for (key, field) in table.named(&mut reader.walk) {
        let volume = key
            .strip_suffix('x')
            .and_then(|number| number.replace('_', "").parse::<f64>().ok());
        let volume = volume.filter(|volume| volume.is_finite() && *volume > 0.0);
        match volume {
            None => {
                let mut problem = field
                    .problem(format!("`{key}` is not a volume"))
                    .expected("a multiple of the launch rate, such as \"10x\"");
                problem.span = field.key_span.clone();
                reader.say(problem);
            }
            Some(volume) if budget.iter().any(|(other, _)| *other == volume) => {
                reader.say(
                    field
                        .problem(format!("the budget at {volume}x stands twice"))
                        .help("take one of them out"),
                );
            }
            Some(volume) => {
                if let Some(amount) = reader.quantity(&field) {
                    budget.push((volume, amount));
                }
            }
        }
    }
    budget.sort_by(|left, right| left.0.total_cmp(&right.0));
    budget
}

/// `[currency]`.
pub fn currency(root: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Currency> {
    let mut table = reader.table(root, "currency")?;
    let code = reader.text(&mut table, "code");
    let is_code = code.len() == 3 && code.chars().all(|letter| letter.is_ascii_uppercase());
    if let Some(field) = table
        .take("code", &mut reader.walk)
        .filter(|field| field.as_text().is_some() && !is_code)
    {
        reader.say(
            field
                .problem(format!("`{code}` is not a currency code"))
                .expected("three capital letters, such as \"EUR\""),
        );
    }
    let per_usd = reader.given(&mut table, "per_usd");
    table.finish("[currency]", &mut reader.walk);
    Some(Currency { code, per_usd })
}

const PROMISES: [(&str, SloName); 10] = [
    ("latency_p50_s", SloName::Latency(50)),
    ("latency_p90_s", SloName::Latency(90)),
    ("latency_p95_s", SloName::Latency(95)),
    ("latency_p99_s", SloName::Latency(99)),
    ("first_token_p50_s", SloName::FirstToken(50)),
    ("first_token_p90_s", SloName::FirstToken(90)),
    ("first_token_p95_s", SloName::FirstToken(95)),
    ("first_token_p99_s", SloName::FirstToken(99)),
    ("failure_rate", SloName::FailureRate),
    ("wrong_rate", SloName::WrongRate),
];

/// `[slo]`, promises in file order.
pub fn slo(root: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Slo {
    let Some(mut table) = reader.table(root, "slo") else {
        return Slo {
            confidence: 0.95,
            limits: Vec::new(),
        };
    };
    let order: Vec<&str> = table.keys().map(|(key, _)| key).collect();
    let confidence = reader.number(&mut table, "confidence");
    let mut limits = Vec::new();
    for (key, name) in PROMISES {
        if let Some(limit) = reader.optional_number(&mut table, key) {
            limits.push((order.iter().position(|other| *other == key), name, limit));
        }
    }
    table.finish("[slo]", &mut reader.walk);
    limits.sort_by_key(|(position, _, _)| *position);
    Slo {
        confidence,
        limits: limits
            .into_iter()
            .map(|(_, name, limit)| (name, limit))
            .collect(),
    }
}

impl SloName {
    /// Its name in the file.
    #[must_use]
    pub fn key(self) -> &'static str {
        PROMISES
            .iter()
            .find(|(_, name)| *name == self)
            .map_or("", |(key, _)| key)
    }
}
