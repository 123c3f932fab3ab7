//! Finding a model: `provider:model`, or the model's name alone where that says enough.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use genai_prices::Calculator;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::entry::{Entry, Handle, process};
use super::errors::{LoadError, NotFound, nearest};
use super::facts::{self, Facts, first};
use crate::scenario::types::IncidentProcess;

static EMBEDDED: LazyLock<Catalogue> = LazyLock::new(|| {
    let facts = &Facts::embedded().catalogue;
    Catalogue {
        origin: Origin::Embedded,
        date: facts.date.0,
        digest: digest(
            format!("{} {} {}", facts.package, facts.version, facts.checksum).as_bytes(),
        ),
        tiers: facts.tiers.clone(),
        handle: Handle::Bundled,
    }
});

/// Where a project keeps an imported price file.
pub const PRICES_FILE: &str = "prices.json";

/// Prices and defaults of all models, immutable.
#[derive(Debug, Clone)]
pub struct Catalogue {
    origin: Origin,
    date: Date,
    digest: String,
    tiers: Vec<String>,
    handle: Handle,
}

/// Where a catalogue comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Compiled in.
    Embedded,
    /// An imported file.
    File(PathBuf),
}

impl Catalogue {
    /// The catalogue that is compiled in, parsed on first use (some tens of milliseconds).
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// A newer file, as `gonogo prices import` stores it: an object with the day it is of (`date`) and the published
    /// array (`providers`).
    ///
    /// # Errors
    /// The file cannot be read, or is not such a file.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        Self::from_bytes(&read(path)?, path, None)
    }

    /// What a project uses: its own [`PRICES_FILE`], or else the catalogue that is compiled in.
    ///
    /// # Errors
    /// There is such a file, but it cannot be read or is no price file.
    pub fn in_folder(folder: &Path) -> Result<Cow<'static, Self>, LoadError> {
        let path = folder.join(PRICES_FILE);
        if path.try_exists().is_ok_and(|exists| !exists) {
            return Ok(Cow::Borrowed(Self::embedded()));
        }
        Self::load(&path).map(Cow::Owned)
    }

    /// The same as [`Catalogue::load`] from bytes already read; `path` is only what the file is called. The array as
    /// published carries no day: with `date` it is accepted as of that day.
    ///
    /// # Errors
    /// The bytes are not such a file.
    pub fn from_bytes(bytes: &[u8], path: &Path, date: Option<Date>) -> Result<Self, LoadError> {
        let invalid = |reason: String| LoadError::Invalid {
            path: path.to_owned(),
            reason,
        };
        let (stored, providers) = split(bytes).map_err(invalid)?;
        let date = stored.or(date).ok_or_else(|| {
            invalid("it has no date; `gonogo prices import` gives it one".to_owned())
        })?;
        let text = serde_json::to_vec(&providers).map_err(|error| invalid(error.to_string()))?;
        let calculator =
            Calculator::from_json(&text).map_err(|error| invalid(error.to_string()))?;
        if calculator
            .providers()
            .all(|provider| provider.models().next().is_none())
        {
            return Err(invalid("it has no model".to_owned()));
        }
        let mut tiers = Facts::embedded().catalogue.tiers.clone();
        collect_tiers(&providers, &mut tiers);
        Ok(Self {
            origin: Origin::File(path.to_owned()),
            date,
            digest: digest(format!("{date} {}", hex(&Sha256::digest(&text))).as_bytes()),
            tiers,
            handle: Handle::Loaded(Arc::new(calculator)),
        })
    }

    /// Where it comes from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The day its prices are of.
    #[must_use]
    pub fn date(&self) -> Date {
        self.date
    }

    /// `sha256` over the prices' identity (for a file, its bytes) and our own dated facts.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Every `provider` and `model` with a price, in the catalogue's order.
    pub fn models(&self) -> impl Iterator<Item = (&str, &str)> {
        let providers = self.handle.calculator().providers();
        providers.flat_map(|provider| {
            provider
                .models()
                .map(move |model| (provider.id(), model.id()))
        })
    }

    /// The model that is called `reference`: `provider:model`, or its name alone where one provider is meant (the one
    /// that makes it, or else the only one that offers it). Case does not count. A dated or otherwise decorated name
    /// finds the model it belongs to.
    ///
    /// # Errors
    /// Nothing has that name, with the nearest names; or several providers offer it, with their references.
    pub fn find(&self, reference: &str) -> Result<Entry, NotFound> {
        let asked = reference.trim();
        if let Some((provider, model)) = asked.split_once(':')
            && let Some(provider) = self.provider_id(provider.trim())
        {
            return self
                .in_provider(provider, model.trim())
                .ok_or_else(|| self.not_found(asked));
        }
        self.by_name_alone(asked)
    }

    /// The entry of an exact provider and model of [`Catalogue::models`]; cheaper than [`Catalogue::find`].
    #[must_use]
    pub fn entry(&self, provider: &str, model: &str) -> Entry {
        Entry::new(
            self.handle.clone(),
            self.tiers.clone(),
            provider,
            model,
            self.context_window(provider, model),
        )
    }

    /// Outages and brownouts that a preset (`"openai-history"`, `"anthropic-history"`) stands for.
    #[must_use]
    pub fn incidents(&self, preset: &str) -> Option<(IncidentProcess, IncidentProcess)> {
        let found = Facts::embedded().preset.get(preset)?;
        Some((process(&found.outage), process(&found.brownout)))
    }

    /// Where a preset's numbers come from.
    #[must_use]
    pub fn incidents_source(&self, preset: &str) -> Option<&str> {
        Facts::embedded()
            .preset
            .get(preset)
            .map(|found| found.source.as_str())
    }

    /// The names that [`Catalogue::incidents`] knows, sorted.
    pub fn presets(&self) -> impl Iterator<Item = &str> {
        Facts::embedded().preset.keys().map(String::as_str)
    }

    /// The preset that a provider of the catalogue has when nothing is said about it.
    #[must_use]
    pub fn default_preset(&self, provider: &str) -> Option<&str> {
        let known = self.provider_id(provider)?;
        first(&Facts::embedded().incidents, known, "").map(|found| found.preset.as_str())
    }

    /// The catalogue's own name of a provider, from that name or another that people use (`bedrock` for `aws`).
    ///
    /// # Errors
    /// There is no such provider; the nearest names.
    pub fn provider(&self, name: &str) -> Result<&str, NotFound> {
        self.provider_id(name).ok_or_else(|| {
            let short: String = name.chars().take(80).collect();
            let providers = self
                .handle
                .calculator()
                .providers()
                .map(|known| known.id().to_owned());
            NotFound {
                what: "provider",
                nearest: nearest(&short, providers, str::to_owned),
                asked: short,
                ambiguous: false,
            }
        })
    }

    fn provider_id(&self, name: &str) -> Option<&str> {
        let name = name.to_ascii_lowercase();
        let name = Facts::embedded().aliases.get(&name).unwrap_or(&name);
        self.handle
            .calculator()
            .providers()
            .map(genai_prices::ProviderInfo::id)
            .find(|id| id == name)
    }

    fn exact(&self, provider: &str, model: &str) -> Option<&str> {
        let provider = self
            .handle
            .calculator()
            .providers()
            .find(|known| known.id() == provider)?;
        provider
            .models()
            .map(genai_prices::ModelInfo::id)
            .find(|id| id.eq_ignore_ascii_case(model))
    }

    fn in_provider(&self, provider: &str, model: &str) -> Option<Entry> {
        if model.is_empty() {
            return None;
        }
        if let Some(id) = self.exact(provider, model) {
            return Some(self.entry(provider, id));
        }
        let (_, id) = self.handle.recognise(Some(provider), model)?;
        Some(self.entry(provider, &id))
    }

    fn by_name_alone(&self, asked: &str) -> Result<Entry, NotFound> {
        if let Some((provider, model)) = self.handle.recognise(None, asked) {
            return Ok(self.entry(&provider, &model));
        }
        let mut found: Vec<(&str, &str)> = self
            .models()
            .filter(|(_, id)| id.eq_ignore_ascii_case(asked))
            .collect();
        if let Some((provider, model)) = asked.split_once('/')
            && let Some(provider) = self.provider_id(provider)
            && let Some(model) = self.exact(provider, model)
        {
            found.insert(0, (provider, model));
        }
        match found.as_slice() {
            [(provider, model)] => Ok(self.entry(provider, model)),
            [] => Err(self.not_found(asked)),
            several => Err(NotFound {
                what: "model",
                asked: asked.to_owned(),
                nearest: several
                    .iter()
                    .take(8)
                    .map(|(provider, model)| format!("{provider}:{model}"))
                    .collect(),
                ambiguous: true,
            }),
        }
    }

    fn not_found(&self, asked: &str) -> NotFound {
        // A file may hold anything where a name belongs; comparing pages of text with every model would take minutes.
        let folded: String = asked
            .chars()
            .take(80)
            .collect::<String>()
            .to_ascii_lowercase();
        let whole = folded.contains(':');
        let references = self
            .models()
            .map(|(provider, model)| format!("{provider}:{model}"));
        let compared = |reference: &str| match reference.split_once(':') {
            Some((_, model)) if !whole => model.to_owned(),
            _ => reference.to_owned(),
        };
        let nearest = nearest(&folded, references, compared);
        NotFound {
            what: "model",
            asked: asked.chars().take(80).collect(),
            nearest,
            ambiguous: false,
        }
    }

    /// Tokens, from the provider's own list, or from whoever else lists the same model where the provider resells it.
    fn context_window(&self, provider: &str, model: &str) -> Option<f64> {
        let of = |provider: genai_prices::ProviderInfo<'_>| {
            provider
                .models()
                .find(|known| known.id() == model)
                .map(genai_prices::ModelInfo::context_window)
        };
        let calculator = self.handle.calculator();
        let own = calculator
            .providers()
            .filter(|known| known.id() == provider)
            .find_map(of);
        let found = own
            .or_else(|| calculator.providers().find_map(of))
            .flatten()?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "context windows stay far below 2^53"
        )]
        Some(found as f64)
    }
}

fn digest(prices: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(Sha256::digest(prices));
    hash.update(Sha256::digest(facts::TEXT.replace('\r', "").as_bytes()));
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// A file's bytes, or why there are none.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    std::fs::read(path).map_err(|source| LoadError::Read {
        path: path.to_owned(),
        source,
    })
}

/// The day and the providers of a stored file, or the providers of a published one.
pub(super) fn split(bytes: &[u8]) -> Result<(Option<Date>, serde_json::Value), String> {
    match serde_json::from_slice(bytes).map_err(|error| error.to_string())? {
        serde_json::Value::Object(mut file) => {
            let date = file
                .get("date")
                .and_then(serde_json::Value::as_str)
                .ok_or("its `date` is missing")?;
            let date = date
                .parse()
                .map_err(|error| format!("its `date` is not a day: {error}"))?;
            Ok((
                Some(date),
                file.remove("providers")
                    .ok_or("its `providers` are missing")?,
            ))
        }
        providers => Ok((None, providers)),
    }
}

/// Names of service tiers that a file mentions, added to those already known.
fn collect_tiers(value: &serde_json::Value, tiers: &mut Vec<String>) {
    match value {
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect_tiers(item, tiers)),
        serde_json::Value::Object(map) => {
            let when = map.get("when").and_then(|when| when.get("service_tier"));
            if let Some(name) = when.and_then(serde_json::Value::as_str)
                && name != "default"
                && !tiers.iter().any(|known| known == name)
            {
                tiers.push(name.to_owned());
            }
            map.values().for_each(|item| collect_tiers(item, tiers));
        }
        _ => {}
    }
}
