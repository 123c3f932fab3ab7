use crate::quantity::Quantity;
use crate::reading::{Field, Problem, Table};
use crate::scenario::reader::{Reader, unknown};
use crate::scenario::types::{
    Autoscale, Hosting, IncidentProcess, Incidents, Limits, Model, OwnPrice, Price, PromptCaching,
    Provider, Quality,
};

/// Words of `fallback` that a model may not be called, because they mean something else there.
const RESERVED: [&str; 2] = ["stale", "degraded"];

/// `[models.*]`.
pub fn models(root: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Vec<Model> {
    let Some(all) = reader.table(root, "models") else {
        if !root.has("models") {
            reader.missing(root, "models");
        }
        return Vec::new();
    };
    reader.names.models = all.keys().map(|(key, _)| key.to_owned()).collect();
    if all.is_empty() {
        reader.say(
            Problem::new(all.span.clone(), "there are no models")
                .help("add a table [models.NAME] for each"),
        );
    }
    let mut models = Vec::new();
    for (name, field) in all.named(&mut reader.walk) {
        let Some(table) = field.table(&mut reader.walk) else {
            continue;
        };
        if RESERVED.contains(&name) {
            let problem = Problem::new(
                field.key_span.clone(),
                format!("a model cannot be called `{name}`"),
            );
            reader.say(problem.help(format!(
                "\"{name}\" has a meaning of its own in `fallback`; call it something else"
            )));
        }
        models.push(model(name, table, reader));
    }
    models
}

fn model(name: &str, mut table: Table<'_, '_>, reader: &mut Reader<'_>) -> Model {
    let model = Model {
        name: name.to_owned(),
        provider: reader.optional_text(&mut table, "provider"),
        price: price(&mut table, reader),
        discount: reader.given(&mut table, "discount"),
        one_off: reader.given(&mut table, "one_off"),
        monthly: reader.given(&mut table, "monthly"),
        context_window: reader.optional_number(&mut table, "context_window"),
        prompt_caching: prompt_caching(&mut table, reader),
        first_token_s: reader.optional(&mut table, "first_token_s"),
        prefill_ms_per_1k: reader.optional(&mut table, "prefill_ms_per_1k"),
        token_ms: reader.optional(&mut table, "token_ms"),
        limits: limits(&mut table, reader),
        error_rate: reader.optional(&mut table, "error_rate"),
        error_s: reader.given(&mut table, "error_s"),
        quality: quality(&mut table, reader),
        hosting: hosting(&mut table, reader),
        autoscale: autoscale(&mut table, reader),
    };
    let hosted = table.has("hosting");
    if !hosted && !table.has("price") {
        let problem = Problem::new(
            table.span.clone(),
            format!("the model `{name}` has neither `price` nor `hosting`"),
        );
        reader.say(problem.help("add `price = \"openai:gpt-4\"` (`gonogo prices list` shows the catalogue), own prices, or `hosting`"));
    }
    for key in ["price", "limits"] {
        let field = table.take(key, &mut reader.walk).filter(|_| hosted);
        if let Some(field) = field.filter(|field| field.as_text() != Some("none")) {
            let problem = Problem::new(
                field.key_span.clone(),
                format!("`{key}` and `hosting` exclude each other"),
            );
            reader.say(problem.help(
                "a hosted model is paid by its replicas and bounded by its slots and its queue",
            ));
        }
    }
    if let Some(field) = table
        .take("autoscale", &mut reader.walk)
        .filter(|_| !hosted)
    {
        let problem = Problem::new(field.key_span.clone(), "`autoscale` needs `hosting`");
        reader
            .say(problem.help("say what one replica is: `hosting = { replicas = 2, slots = 16 }`"));
    }
    table.finish("a model", &mut reader.walk);
    model
}

fn price(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Price> {
    let field = table.take("price", &mut reader.walk)?;
    if let Some(reference) = field.as_text() {
        let well_formed = reference
            .split_once(':')
            .is_some_and(|(provider, model)| !provider.is_empty() && !model.is_empty());
        if !well_formed {
            let problem = field
                .problem(format!("`{reference}` is not a model of the catalogue"))
                .expected("`provider:model`, such as \"openai:gpt-4\"");
            reader.say(problem.help("`gonogo prices list` shows the catalogue"));
        }
        return Some(Price::Catalogue(reference.to_owned()));
    }
    let Some(mut table) = field.as_table() else {
        reader.say(field.wrong("\"provider:model\", or own prices: { input = 3, output = 15 }"));
        return None;
    };
    let price = OwnPrice {
        input: reader.given(&mut table, "input"),
        output: reader.given(&mut table, "output"),
        cached_input: reader.optional(&mut table, "cached_input"),
        cache_write: reader.optional(&mut table, "cache_write"),
        batch: reader.given(&mut table, "batch"),
    };
    table.finish("`price`", &mut reader.walk);
    Some(Price::Own(price))
}

#[expect(
    clippy::option_option,
    reason = "not stated, stated as none, and stated are three things"
)]
fn prompt_caching(
    table: &mut Table<'_, '_>,
    reader: &mut Reader<'_>,
) -> Option<Option<PromptCaching>> {
    let field = table.take("prompt_caching", &mut reader.walk)?;
    if field.is_false() {
        return Some(None);
    }
    let Some(mut table) = field.as_table() else {
        reader.say(field.wrong("`false`, or a table: { ttl_s = 300, min_tokens = 1024 }"));
        return None;
    };
    let caching = PromptCaching {
        ttl_s: reader.number(&mut table, "ttl_s"),
        min_tokens: reader.number(&mut table, "min_tokens"),
        block: reader.number(&mut table, "block"),
        refresh: reader.flag(&mut table, "refresh").unwrap_or(true),
    };
    table.finish("`prompt_caching`", &mut reader.walk);
    Some(Some(caching))
}

fn limits(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Limits> {
    let field = table.take("limits", &mut reader.walk)?;
    let Some(mut table) = field.as_table() else {
        field.choice(&["none"], &mut reader.walk)?;
        return Some(Limits::default());
    };
    let limits = Limits {
        requests_per_min: reader.optional(&mut table, "requests_per_min"),
        tokens_per_min: reader.optional(&mut table, "tokens_per_min"),
        input_tokens_per_min: reader.optional(&mut table, "input_tokens_per_min"),
        output_tokens_per_min: reader.optional(&mut table, "output_tokens_per_min"),
        requests_per_day: reader.optional(&mut table, "requests_per_day"),
        concurrency: reader.optional(&mut table, "concurrency"),
        cached_tokens_count: reader.flag(&mut table, "cached_tokens_count"),
        refused_count: reader.flag(&mut table, "refused_count"),
        burst_s: reader.optional_number(&mut table, "burst_s"),
    };
    table.finish("`limits`", &mut reader.walk);
    Some(limits)
}

/// A table of shares by class, told from a spread by its keys: it holds classes, or nothing that a spread would.
fn quality(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Quality {
    let Some(field) = table.take("quality", &mut reader.walk) else {
        return Quality::Unstated;
    };
    let by_class = field.as_table().filter(|table| !is_spread(table, reader));
    let Some(by_class) = by_class else {
        return Quality::All(reader.quantity(&field).unwrap_or(Quantity::exact(1.0)));
    };
    let mut shares = Vec::new();
    for (class, field) in by_class.named(&mut reader.walk) {
        reader.check_class(&field, class);
        if let Some(share) = reader.quantity(&field) {
            shares.push((class.to_owned(), share));
        }
    }
    Quality::ByClass(shares)
}

fn is_spread(table: &Table<'_, '_>, reader: &Reader<'_>) -> bool {
    const SPREAD: [&str; 12] = [
        "dist", "mean", "cv", "mix", "p05", "p10", "p25", "p50", "p75", "p90", "p95", "p99",
    ];
    let is_class = |key: &str| {
        reader
            .names
            .classes
            .as_ref()
            .is_some_and(|classes| classes.iter().any(|class| class == key))
    };
    table.keys().any(|(key, _)| SPREAD.contains(&key))
        && !table.keys().any(|(key, _)| is_class(key))
}

fn hosting(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Hosting> {
    let mut table = reader.table(table, "hosting")?;
    let hosting = Hosting {
        replicas: reader.given(&mut table, "replicas"),
        slots: reader.given(&mut table, "slots"),
        queue: reader.given(&mut table, "queue"),
        replica_per_hour: reader.given(&mut table, "replica_per_hour"),
        token_ms_per_busy: reader.given(&mut table, "token_ms_per_busy"),
        slowdown: slowdown(&mut table, reader),
        prefill_pauses: reader.flag(&mut table, "prefill_pauses").unwrap_or(false),
        prefill_fixed_ms: reader.number(&mut table, "prefill_fixed_ms"),
        step_tokens: reader
            .optional_number(&mut table, "step_tokens")
            .unwrap_or(f64::INFINITY),
        step_ms_per_1k_held: reader.number(&mut table, "step_ms_per_1k_held"),
        stall_s: reader.number(&mut table, "stall_s"),
        stall_every_busy_s: reader
            .optional_number(&mut table, "stall_every_busy_s")
            .unwrap_or(f64::INFINITY),
        prefill_tokens_per_s: reader.optional(&mut table, "prefill_tokens_per_s"),
        kv_tokens: reader.optional(&mut table, "kv_tokens"),
    };
    for (key, other, help) in [
        (
            "step_tokens",
            "prefill_tokens_per_s",
            "say how fast prompts are read, such as `prefill_tokens_per_s = 20_000`",
        ),
        (
            "prefill_pauses",
            "prefill_tokens_per_s",
            "say how fast prompts are read, such as `prefill_tokens_per_s = 20_000`",
        ),
        (
            "stall_s",
            "stall_every_busy_s",
            "say how often, such as `stall_every_busy_s = 400`",
        ),
        (
            "stall_every_busy_s",
            "stall_s",
            "say how long, such as `stall_s = 0.3`",
        ),
    ] {
        let field = table
            .take(key, &mut reader.walk)
            .filter(|_| !table.has(other));
        if let Some(field) = field {
            let words = format!("`{key}` needs `{other}`");
            reader.say(Problem::new(field.key_span.clone(), words).help(help));
        }
    }
    table.finish("`hosting`", &mut reader.walk);
    Some(hosting)
}

/// Pairs of busy slots and factor; slots rise, factors are above 0.
fn slowdown(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Vec<(f64, f64)> {
    const EXPECTED: &str =
        "pairs such as [[1, 1], [64, 4.9], [256, 13]], slots rising, factors above 0";
    let Some(field) = table.take("slowdown", &mut reader.walk) else {
        return Vec::new();
    };
    let mut pairs: Vec<(f64, f64)> = Vec::new();
    for entry in field.list(&mut reader.walk).unwrap_or_default() {
        let numbers: Option<Vec<f64>> = entry
            .list(&mut reader.walk)
            .and_then(|pair| pair.iter().map(|it| it.number(&mut reader.walk)).collect());
        match numbers.as_deref() {
            Some([slots, factor])
                if *slots >= 0.0
                    && *factor > 0.0
                    && slots.is_finite()
                    && factor.is_finite()
                    && pairs.last().is_none_or(|(last, _)| slots > last) =>
            {
                pairs.push((*slots, *factor));
            }
            Some(_) => reader.say(entry.wrong(EXPECTED)),
            None => {}
        }
    }
    pairs
}

fn autoscale(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Autoscale> {
    let mut table = reader.table(table, "autoscale")?;
    let autoscale = Autoscale {
        min: reader.small_integer(&mut table, "min"),
        max: reader.small_integer(&mut table, "max"),
        target: reader.number(&mut table, "target"),
        delay_s: reader.number(&mut table, "delay_s"),
    };
    if autoscale.min > autoscale.max && table.has("min") && table.has("max") {
        let message = format!(
            "`autoscale` cannot go from {} to {} replicas",
            autoscale.min, autoscale.max
        );
        reader.say(Problem::new(table.span.clone(), message).expected("`min` at most `max`"));
    }
    table.finish("`autoscale`", &mut reader.walk);
    Some(autoscale)
}

/// `[providers.*]`.
pub fn providers(
    root: &mut Table<'_, '_>,
    models: &[Model],
    reader: &mut Reader<'_>,
) -> Vec<Provider> {
    for model in models {
        let name = model.provider_name().to_owned();
        if !reader.names.providers.contains(&name) {
            reader.names.providers.push(name);
        }
    }
    let Some(all) = reader.table(root, "providers") else {
        return Vec::new();
    };
    let mut providers = Vec::new();
    for (name, field) in all.named(&mut reader.walk) {
        let Some(mut table) = field.table(&mut reader.walk) else {
            continue;
        };
        if let Some(mut problem) = unknown(&field, name, "provider", &reader.names.providers) {
            problem.span = field.key_span.clone();
            problem.message = format!("no model here belongs to the provider `{name}`");
            reader.say(problem);
        }
        let outage = incidents(&mut table, "outage", reader);
        let brownout = incidents(&mut table, "brownout", reader);
        table.finish("a provider", &mut reader.walk);
        providers.push(Provider {
            name: name.to_owned(),
            outage,
            brownout,
        });
    }
    providers
}

/// What status pages have recorded, by name; the numbers are looked up with the other dated facts.
pub const INCIDENT_PRESETS: [&str; 2] = ["openai-history", "anthropic-history"];

fn incidents(
    table: &mut Table<'_, '_>,
    key: &'static str,
    reader: &mut Reader<'_>,
) -> Option<Incidents> {
    let field = table.take(key, &mut reader.walk)?;
    if let Some(name) = field.as_text() {
        return preset(&field, name, reader);
    }
    let Some(mut table) = field.as_table() else {
        reader.say(field.wrong("\"none\", a preset's name, or { every_days = 20, minutes = 30 }"));
        return None;
    };
    let process = IncidentProcess {
        every_days: reader.given(&mut table, "every_days"),
        minutes: reader.given(&mut table, "minutes"),
        error_rate: reader.given(&mut table, "error_rate"),
        // Outages have no slowdown: an attempt that fails has no duration to stretch.
        slowdown: if key == "brownout" {
            reader.given(&mut table, "slowdown")
        } else {
            Quantity::exact(1.0)
        },
    };
    table.finish(
        if key == "brownout" {
            "`brownout`"
        } else {
            "`outage`"
        },
        &mut reader.walk,
    );
    Some(Incidents::Process(process))
}

fn preset(field: &Field<'_, '_>, name: &str, reader: &mut Reader<'_>) -> Option<Incidents> {
    if name == "none" {
        return Some(Incidents::Never);
    }
    if INCIDENT_PRESETS.contains(&name) {
        return Some(Incidents::Preset(name.to_owned()));
    }
    let words: Vec<&str> = ["none"].into_iter().chain(INCIDENT_PRESETS).collect();
    reader.say(field.not_one_of(&words));
    None
}

impl Model {
    /// The provider whose bad times it shares: the one it states, else the catalogue's (the part of its price before
    /// the colon), else its own name.
    #[must_use]
    pub fn provider_name(&self) -> &str {
        if let Some(provider) = &self.provider {
            return provider;
        }
        match &self.price {
            Some(Price::Catalogue(reference)) => reference
                .split_once(':')
                .map_or(reference.as_str(), |(provider, _)| provider),
            _ => &self.name,
        }
    }
}
