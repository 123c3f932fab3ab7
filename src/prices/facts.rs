//! The dated facts that the price catalogue lacks, read from `facts.toml`, and which of them apply to a model.
//!
//! Each table of the file is a list of entries with a scope (providers and models, `*` as wildcard); the first entry
//! whose scope matches counts. That keeps the file readable from top to bottom: the special before the general.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::Deserialize;

/// The text of the embedded file; part of the catalogue's digest.
pub(super) const TEXT: &str = include_str!("facts.toml");

static EMBEDDED: LazyLock<Facts> = LazyLock::new(|| Facts::parse(TEXT).unwrap_or_default());

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Facts {
    pub(super) collected: Day,
    pub(super) catalogue: CatalogueFacts,
    pub(super) aliases: BTreeMap<String, String>,
    pub(super) caching: Vec<Caching>,
    pub(super) counting: Vec<Counting>,
    pub(super) limits: Vec<LimitFacts>,
    pub(super) retires: Vec<Retires>,
    pub(super) context: Vec<Context>,
    pub(super) tier: Vec<Tier>,
    pub(super) first_token: Vec<FirstToken>,
    pub(super) token_time: Vec<TokenTime>,
    pub(super) prefill: Vec<Prefill>,
    pub(super) preset: BTreeMap<String, Preset>,
    pub(super) incidents: Vec<DefaultPreset>,
}

impl Facts {
    /// The embedded file. That it can be read is a test, so the empty default is never seen.
    pub(super) fn embedded() -> &'static Self {
        &EMBEDDED
    }

    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

/// A calendar day as TOML writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "toml::value::Datetime")]
pub(super) struct Day(pub(super) Date);

impl TryFrom<toml::value::Datetime> for Day {
    type Error = String;

    fn try_from(written: toml::value::Datetime) -> Result<Self, String> {
        let (Some(date), None) = (written.date, written.time) else {
            return Err(format!("expected a day such as 2026-11-23, got {written}"));
        };
        let part = |number: u16| i16::try_from(number).map_err(|error| error.to_string());
        let small = |number: u8| i8::try_from(number).map_err(|error| error.to_string());
        Date::new(part(date.year)?, small(date.month)?, small(date.day)?)
            .map(Self)
            .map_err(|error| error.to_string())
    }
}

/// The compiled-in price catalogue.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CatalogueFacts {
    pub(super) package: String,
    pub(super) version: String,
    pub(super) date: Day,
    pub(super) checksum: String,
    pub(super) tiers: Vec<String>,
    pub(super) spelling: Vec<Spelling>,
}

/// Another way to write a listed model, for those that the catalogue does not recognise by their own listed name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Spelling {
    strip: String,
    put: String,
    cut: String,
    add: String,
}

impl Spelling {
    /// `strip` taken from the front and `cut` from the end, `put` and `add` in their places; `None`: does not apply.
    pub(super) fn of(&self, model: &str) -> Option<String> {
        let core = model.strip_prefix(&self.strip)?.strip_suffix(&self.cut)?;
        Some(format!("{}{core}{}", self.put, self.add))
    }
}

/// An entry that applies to some providers and models, and says where it comes from.
pub(super) trait Scoped {
    /// Providers and models it applies to; empty means all.
    fn scope(&self) -> (&[String], &[String]);
    /// Source, date if not the file's, note.
    fn origin(&self) -> (&str, Option<Day>, Option<&str>);
}

macro_rules! scoped {
    ($($(#[$doc:meta])* $name:ident { $($field:ident : $kind:ty $(= $default:ident)?),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            #[serde(default)]
            pub(super) providers: Vec<String>,
            #[serde(default)]
            pub(super) models: Vec<String>,
            pub(super) source: String,
            #[serde(default)]
            pub(super) date: Option<Day>,
            #[serde(default)]
            pub(super) note: Option<String>,
            $($(#[serde($default)])? pub(super) $field: $kind,)*
        }

        impl Scoped for $name {
            fn scope(&self) -> (&[String], &[String]) {
                (&self.providers, &self.models)
            }

            fn origin(&self) -> (&str, Option<Day>, Option<&str>) {
                (&self.source, self.date, self.note.as_deref())
            }
        }
    )*};
}

scoped! {
    /// A prompt cache's rules.
    Caching { automatic: bool, min_tokens: f64, block: f64, ttl_s: f64, refresh: bool, write: Vec<WritePrice> = default }
    /// How limits are counted.
    Counting { cached_tokens_count: Option<bool> = default, refused_count: Option<bool> = default, burst_s: Option<f64> = default }
    /// Limits of one account tier.
    LimitFacts {
        tier: String,
        requests_per_min: Option<f64> = default,
        tokens_per_min: Option<f64> = default,
        input_tokens_per_min: Option<f64> = default,
        output_tokens_per_min: Option<f64> = default,
        requests_per_day: Option<f64> = default,
    }
    /// The end of a model.
    Retires { on: Option<Day> = default, unlisted_by: Option<Day> = default }
    /// A context window.
    Context { tokens: f64 }
    /// A service tier as a factor on every price.
    Tier { name: String, factor: f64 }
    /// Time to first token: measured p50, p95, p99 in ms, and the two-part law in seconds.
    FirstToken { measured: [f64; 3], slow: f64, body: [f64; 2], tail: [f64; 2] }
    /// Time per output token.
    TokenTime { mean_ms: f64, cv: f64 }
    /// Time per 1,000 input tokens.
    Prefill { ms_per_1k: f64 }
    /// Which preset of incidents a provider has.
    DefaultPreset { preset: String }
}

/// Price of a cache write that lives up to `ttl_s`, as a factor on plain input.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WritePrice {
    pub(super) ttl_s: f64,
    pub(super) factor: f64,
}

/// A preset of incidents.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Preset {
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "what the numbers were scaled to; a test recomputes it"
        )
    )]
    pub(super) mean_failed: f64,
    pub(super) source: String,
    pub(super) outage: PresetProcess,
    pub(super) brownout: PresetProcess,
}

/// One alternating process of a preset.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PresetProcess {
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "the mean that the scale stands for; a test compares them"
        )
    )]
    pub(super) gap_days: f64,
    pub(super) shape: f64,
    pub(super) scale_days: f64,
    pub(super) mu_minutes: f64,
    pub(super) sigma: f64,
    pub(super) error_rate: f64,
    pub(super) slowdown: f64,
}

/// The first entry that applies to this provider and model.
pub(super) fn first<'a, T: Scoped>(entries: &'a [T], provider: &str, model: &str) -> Option<&'a T> {
    let matches = |patterns: &[String], name: &str| {
        patterns.is_empty() || patterns.iter().any(|pattern| glob(pattern, name))
    };
    entries.iter().find(|entry| {
        let (providers, models) = entry.scope();
        matches(providers, provider) && matches(models, model)
    })
}

/// Whether `name` is `pattern`, case aside, where `*` in the pattern stands for any text.
fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_ascii_lowercase(), name.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(middle) = last.replace(part) {
            let Some(at) = rest.find(middle) else {
                return false;
            };
            let Some(after) = rest.get(at + middle.len()..) else {
                return false;
            };
            rest = after;
        }
    }
    last.map_or(rest.is_empty(), |end| rest.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, LogNormal};
    use statrs::function::gamma::gamma;

    #[test]
    fn the_embedded_facts_can_be_read() {
        let facts = Facts::parse(TEXT).unwrap();
        assert!(facts.caching.len() > 5 && facts.retires.len() > 10);
    }

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name, is) in [
            ("gpt-4", "gpt-4", true),
            ("gpt-4", "gpt-4o", false),
            ("gpt-4*", "GPT-4o", true),
            ("*claude*haiku*", "anthropic.claude-3-haiku-v1", true),
            ("*claude*haiku*", "haiku-claude", false),
            ("*mini", "gpt-4o-mini", true),
            ("*mini", "mini-gpt", false),
            ("a*a", "a", false),
            ("*", "", true),
        ] {
            assert_eq!(glob(pattern, name), is, "{pattern} {name}");
        }
    }

    #[test]
    fn first_token_laws_have_the_quantiles_that_were_measured() {
        let law = |[p50, p95]: [f64; 2]| {
            LogNormal::new(p50.ln(), (p95 / p50).ln() / 1.644_853_627).unwrap()
        };
        for entry in &Facts::embedded().first_token {
            let (body, tail) = (law(entry.body), law(entry.tail));
            for (measured, share) in entry.measured.iter().zip([0.5, 0.95, 0.99]) {
                let seconds = measured / 1000.0;
                let below = (1.0 - entry.slow) * body.cdf(seconds) + entry.slow * tail.cdf(seconds);
                // Body and tail are written to four digits.
                assert!(
                    (below - share).abs() < 5e-4,
                    "{:?}: {below} at {seconds} s",
                    entry.models
                );
            }
        }
    }

    #[test]
    fn presets_fail_the_share_of_requests_that_the_status_pages_say() {
        for (name, gap_h, mu, sigma, target) in [
            ("openai-history", 81.0, 0.32, 1.24, 0.0018),
            ("anthropic-history", 125.0, -0.18, 1.40, 0.0008),
        ] {
            let preset = &Facts::embedded().preset[name];
            assert_eq!(preset.mean_failed, target);
            let length_h = f64::exp(mu + sigma * sigma / 2.0);
            let share = |process: &PresetProcess| {
                let length_days =
                    f64::exp(process.mu_minutes + process.sigma * process.sigma / 2.0) / 1440.0;
                assert!((length_days * 24.0 - length_h).abs() < 1e-6);
                let gap = process.scale_days * gamma(1.0 + 1.0 / process.shape);
                assert!((gap - process.gap_days).abs() < 1e-6 * gap);
                length_days / (gap + length_days)
            };
            let (outage, brownout) = (share(&preset.outage), share(&preset.brownout));
            let failed = 1.0 - (1.0 - outage) * (1.0 - brownout * preset.brownout.error_rate);
            assert!((failed - target).abs() < 1e-8, "{name}: {failed}");
            // Together they come as often as the incidents did: one in gap + length hours.
            let per_hour = |share: f64| share / length_h;
            assert!(
                (per_hour(outage) + per_hour(brownout) - 1.0 / (gap_h + length_h)).abs() < 1e-9
            );
            assert!((per_hour(outage) * (gap_h + length_h) - 0.04).abs() < 1e-6);
        }
    }

    #[test]
    fn the_facts_name_the_catalogue_that_is_compiled_in() {
        let facts = &Facts::embedded().catalogue;
        let lock: toml::Table = toml::from_str(include_str!("../../Cargo.lock")).unwrap();
        let packages = lock["package"].as_array().unwrap();
        let package = packages
            .iter()
            .find(|package| package["name"].as_str() == Some(&facts.package))
            .unwrap();
        assert_eq!(package["version"].as_str(), Some(facts.version.as_str()));
        assert_eq!(package["checksum"].as_str(), Some(facts.checksum.as_str()));
    }

    #[test]
    fn every_preset_that_a_provider_has_exists() {
        let facts = Facts::embedded();
        assert!(
            facts
                .incidents
                .iter()
                .all(|entry| facts.preset.contains_key(&entry.preset))
        );
        assert!(first(&facts.incidents, "anybody", "").is_some());
    }
}
