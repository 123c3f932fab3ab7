//! One model of the catalogue, with the defaults that its scenario inherits.

use std::sync::Arc;

use genai_prices::{Calculator, PriceRequest};
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::facts::{
    self, Caching, Day, Facts, FirstToken, LimitFacts, PresetProcess, Scoped, first,
};
use crate::quantity::{Quantity, Shape};
use crate::scenario::types::{IncidentProcess, Limits, PromptCaching};

/// A calculator: the compiled-in one, or that of an imported file.
#[derive(Debug, Clone)]
pub(super) enum Handle {
    /// The compiled-in catalogue.
    Bundled,
    /// A file's.
    Loaded(Arc<Calculator>),
}

impl Handle {
    pub(super) fn calculator(&self) -> &Calculator {
        match self {
            Self::Bundled => Calculator::bundled(),
            Self::Loaded(calculator) => calculator,
        }
    }

    /// What the catalogue's own matching makes of a name: provider and model.
    pub(super) fn recognise(
        &self,
        provider: Option<&str>,
        model: &str,
    ) -> Option<(String, String)> {
        let usage = genai_prices::Usage::new();
        let mut request = PriceRequest::new(model, &usage).with_timestamp(std::time::UNIX_EPOCH);
        request.provider_id = provider;
        let priced = self.calculator().calculate(&request).ok()?;
        Some((priced.provider_id, priced.model_id))
    }
}

/// One model of one provider. Whatever is not a price is a dated default of ours: a scenario that relies on it counts
/// it as assumed.
#[derive(Debug, Clone)]
pub struct Entry {
    /// `provider:model`, in full, as [`super::Catalogue::find`] accepts it.
    pub reference: String,
    /// The catalogue's name of the provider.
    pub provider: String,
    /// The catalogue's name of the model.
    pub model: String,
    /// Tokens that prompt and answer may have together.
    pub context_window: Option<f64>,
    /// The day it is announced to end, or ended.
    pub retires: Option<Date>,
    /// It is gone, and was by this day; the exact day is not known.
    pub unlisted_by: Option<Date>,
    /// The provider's prompt cache; `None`: it has none that we know of.
    pub caching: Option<CachingRule>,
    /// Default limits, of the account tier that [`Entry::sources`] names, with the provider's way of counting.
    pub limits: Option<Limits>,
    /// The provider's way of counting limits that the scenario states: only `cached_tokens_count`, `refused_count` and
    /// `burst_s` can be set here.
    pub counting: Limits,
    /// Seconds to the first token at an empty prompt (D).
    pub first_token_s: Option<Quantity>,
    /// Milliseconds per output token (D).
    pub token_ms: Option<Quantity>,
    /// Milliseconds per 1,000 input tokens not read from the prompt cache (F).
    pub prefill_ms_per_1k: Option<f64>,
    /// Chance of a transient error per attempt; `None`: no source for it.
    pub error_rate: Option<f64>,
    /// Where each default comes from.
    pub sources: Vec<FactSource>,
    /// How the calculator wants the model to be called.
    pub(super) spelling: String,
    /// Service tiers to look for; only some of them exist for this model.
    pub(super) tier_names: Vec<String>,
    pub(super) handle: Handle,
}

/// A provider's prompt cache.
#[derive(Debug, Clone, PartialEq)]
pub struct CachingRule {
    /// The provider caches unasked; else prompts have to be marked.
    pub automatic: bool,
    /// Minimum, block, time to live, renewal.
    pub rule: PromptCaching,
}

/// Where one default comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactSource {
    /// The field of [`Entry`] it is about.
    pub field: &'static str,
    /// The source.
    pub source: String,
    /// The day it was read.
    pub date: Date,
    /// What was decided where the source is silent.
    pub note: Option<String>,
}

impl Entry {
    pub(super) fn new(
        handle: Handle,
        tier_names: Vec<String>,
        provider: &str,
        model: &str,
        context_window: Option<f64>,
    ) -> Self {
        let facts = Facts::embedded();
        let spelling = spelling(&handle, provider, model);
        let mut looked_up = LookUp {
            provider,
            model,
            collected: facts.collected,
            sources: Vec::new(),
        };
        let retires = looked_up.first(&facts.retires, "retires");
        let caching = looked_up.first(&facts.caching, "caching");
        let counting = looked_up.first(&facts.counting, "counting");
        let counting = counting.map_or_else(Limits::default, |rule| Limits {
            cached_tokens_count: rule.cached_tokens_count,
            refused_count: rule.refused_count,
            burst_s: rule.burst_s,
            ..Limits::default()
        });
        let limits = looked_up.first(&facts.limits, "limits");
        if let (Some(limits), Some(source)) = (limits, looked_up.sources.last_mut()) {
            source.remark(&format!("account tier {}", limits.tier));
        }
        let limits = limits.map(|found| limits_of(found, &counting));
        let context_window = context_window.or_else(|| {
            looked_up
                .first(&facts.context, "context_window")
                .map(|found| found.tokens)
        });
        let first_token = looked_up.first(&facts.first_token, "first_token_s");
        if let (Some(law), Some(source)) = (first_token, looked_up.sources.last_mut()) {
            let [p50, p95, p99] = law.measured;
            source.remark(&format!("p50 {p50} ms, p95 {p95} ms, p99 {p99} ms"));
        }
        let token_time = looked_up.first(&facts.token_time, "token_ms");
        let prefill = looked_up.first(&facts.prefill, "prefill_ms_per_1k");
        Self {
            reference: format!("{provider}:{model}"),
            provider: provider.to_owned(),
            model: model.to_owned(),
            context_window,
            retires: retires.and_then(|found| found.on).map(|Day(day)| day),
            unlisted_by: retires
                .and_then(|found| found.unlisted_by)
                .map(|Day(day)| day),
            caching: caching.map(caching_rule),
            limits,
            counting,
            first_token_s: first_token.map(two_parts),
            token_ms: token_time.map(|found| lognormal_mean_cv(found.mean_ms, found.cv)),
            prefill_ms_per_1k: prefill.map(|found| found.ms_per_1k),
            error_rate: None,
            sources: looked_up.sources,
            spelling,
            tier_names,
            handle,
        }
    }

    /// What to say about the model's end to somebody who simulates `days` days from `starts`; `None`: nothing.
    #[must_use]
    pub fn retirement_warning(&self, starts: Date, days: u32) -> Option<String> {
        let end = starts
            .checked_add(i64::from(days).days())
            .unwrap_or(Date::MAX);
        match (self.retires, self.unlisted_by) {
            (Some(day), _) if day <= starts => Some(format!(
                "{} was retired on {day}, before the simulated month starts ({starts})",
                self.reference
            )),
            (Some(day), _) if day < end => Some(format!(
                "{} retires on {day}, during the simulated month ({starts} to {end})",
                self.reference
            )),
            (None, Some(day)) if day <= end => Some(format!(
                "{} is no longer offered: its provider had taken it away by {day}",
                self.reference
            )),
            _ => None,
        }
    }

    /// The cache-write factor on plain input for entries that live `ttl_s`, where the catalogue has no price for it.
    pub(super) fn write_factor(&self, ttl_s: f64) -> Option<f64> {
        let rule = first(&Facts::embedded().caching, &self.provider, &self.model)?;
        let longer = ttl_s > rule.ttl_s;
        let fits = rule
            .write
            .iter()
            .find(|write| ttl_s <= write.ttl_s)
            .or(rule.write.last());
        fits.filter(|_| longer).map(|write| write.factor)
    }

    /// Service tiers that are a factor on every price, by name.
    pub(super) fn tier_factors(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let matching = |tier: &&facts::Tier| {
            first(std::slice::from_ref(*tier), &self.provider, &self.model).is_some()
        };
        Facts::embedded()
            .tier
            .iter()
            .filter(matching)
            .map(|tier| (tier.name.as_str(), tier.factor))
    }
}

/// The first spelling under which the calculator recognises a listed model as itself.
fn spelling(handle: &Handle, provider: &str, model: &str) -> String {
    let spellings = Facts::embedded()
        .catalogue
        .spelling
        .iter()
        .filter_map(|spelling| spelling.of(model));
    let mut fitting = spellings.filter(|name| {
        handle
            .recognise(Some(provider), name)
            .is_some_and(|(_, id)| id == model)
    });
    fitting.next().unwrap_or_else(|| model.to_owned())
}

impl FactSource {
    /// Puts a remark before the note.
    fn remark(&mut self, remark: &str) {
        let note = self
            .note
            .take()
            .map_or_else(String::new, |note| format!("; {note}"));
        self.note = Some(format!("{remark}{note}"));
    }
}

/// Facts looked up for one model, with the sources of those found.
struct LookUp<'a> {
    provider: &'a str,
    model: &'a str,
    collected: Day,
    sources: Vec<FactSource>,
}

impl LookUp<'_> {
    /// The first entry that applies, its source noted.
    fn first<'f, T: Scoped>(&mut self, entries: &'f [T], field: &'static str) -> Option<&'f T> {
        let found = first(entries, self.provider, self.model)?;
        let (source, date, note) = found.origin();
        let Day(date) = date.unwrap_or(self.collected);
        let note = note.map(str::to_owned);
        self.sources.push(FactSource {
            field,
            source: source.to_owned(),
            date,
            note,
        });
        Some(found)
    }
}

/// Whose limits they are and how high, counted the provider's way.
fn limits_of(found: &LimitFacts, counting: &Limits) -> Limits {
    Limits {
        requests_per_min: found.requests_per_min.map(Quantity::exact),
        tokens_per_min: found.tokens_per_min.map(Quantity::exact),
        input_tokens_per_min: found.input_tokens_per_min.map(Quantity::exact),
        output_tokens_per_min: found.output_tokens_per_min.map(Quantity::exact),
        requests_per_day: found.requests_per_day.map(Quantity::exact),
        ..counting.clone()
    }
}

fn caching_rule(found: &Caching) -> CachingRule {
    CachingRule {
        automatic: found.automatic,
        rule: PromptCaching {
            ttl_s: found.ttl_s,
            min_tokens: found.min_tokens,
            block: found.block,
            refresh: found.refresh,
        },
    }
}

const fn of(shape: Shape) -> Quantity {
    Quantity {
        shape,
        min: None,
        max: None,
    }
}

#[expect(
    clippy::unnecessary_box_returns,
    reason = "every parameter of a shape is boxed"
)]
fn exact(number: f64) -> Box<Quantity> {
    Box::new(Quantity::exact(number))
}

fn lognormal_mean_cv(mean: f64, cv: f64) -> Quantity {
    of(Shape::LognormalMeanCv {
        mean: exact(mean),
        cv: exact(cv),
    })
}

/// The mixture that `facts.toml` explains.
fn two_parts(found: &FirstToken) -> Quantity {
    let part = |[p50, p95]: [f64; 2]| {
        of(Shape::Quantiles {
            low: (0.5, exact(p50)),
            high: (0.95, exact(p95)),
        })
    };
    of(Shape::Mix(vec![
        (Quantity::exact(1.0 - found.slow), part(found.body)),
        (Quantity::exact(found.slow), part(found.tail)),
    ]))
}

/// A preset's process in a scenario's terms.
pub(super) fn process(found: &PresetProcess) -> IncidentProcess {
    IncidentProcess {
        every_days: of(Shape::Weibull {
            shape: exact(found.shape),
            scale: exact(found.scale_days),
        }),
        minutes: of(Shape::LognormalMuSigma {
            mu: exact(found.mu_minutes),
            sigma: exact(found.sigma),
        }),
        error_rate: Quantity::exact(found.error_rate),
        slowdown: Quantity::exact(found.slowdown),
    }
}
