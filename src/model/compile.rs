//! From what was written to what will run: names resolved, catalogue defaults filled in and noted as assumed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::prices::{Catalogue, Entry, Tariff, Terms};
use crate::quantity::{Law, Quantity, Sampler, Shape};
use crate::reading::{Problem, Problems};
use crate::scenario::Scenario;
use crate::scenario::types as written;

use super::facts::{Draw, FactId, FactSpec, Num};
use super::types::{
    Assumed, Audit, Burst, Calendar, Class, Evals, History, Hosting, Incidents, Limits, Model, ModelId, Pricing, Provider,
    Questions, Server, Spike, Unstated, Workload,
};

/// Compiles a scenario against a price catalogue.
///
/// # Errors
/// Models that the catalogue does not know, tiers and presets that do not exist, and laws that are impossible.
pub fn compile(scenario: &Scenario, catalogue: &Catalogue) -> Result<Model, Problems> {
    let mut compiler = Compiler::new(scenario, catalogue);
    let starts = scenario.study.starts.unwrap_or_else(|| next_monday(catalogue.date()));
    let replay = compiler.replay();
    let (days, length_s) = replay.as_ref().map_or_else(
        || (scenario.study.days, f64::from(scenario.study.days) * 86_400.0),
        |replay| (whole_days(replay.span_s), replay.span_s),
    );
    let calendar = Calendar {
        days,
        length_s,
        warmup_s: scenario.study.warmup_h * 3600.0,
        starts,
        weekday: usize::try_from(starts.weekday().to_monday_zero_offset()).unwrap_or(0),
        utc_offset_h: scenario.study.utc_offset_h,
    };
    compiler.calendar = Some(calendar);
    let entries: Vec<Option<Entry>> = scenario.models.iter().map(|model| compiler.entry(model)).collect();
    let mut providers: Vec<Provider> = Vec::new();
    let models: Vec<Server> = scenario
        .models
        .iter()
        .zip(&entries)
        .map(|(model, entry)| {
            let provider = compiler.provider(model, entry.as_ref(), &mut providers);
            compiler.server(model, entry.as_ref(), provider)
        })
        .collect();
    let workload = compiler.workload(replay);
    let strategies = scenario.strategies.iter().map(|strategy| compiler.strategy(strategy, &models)).collect();
    let budget = scenario
        .budget
        .iter()
        .map(|(volume, usd)| (*volume, compiler.num(&format!("budget.{volume}x"), usd)))
        .collect();
    let fixed = scenario
        .fixed
        .iter()
        .map(|(name, usd)| (name.clone(), compiler.num(&format!("fixed.{name}"), usd)))
        .collect();
    let evals = scenario.evals.as_ref().map(|it| Evals {
        examples: compiler.num("evals.examples", &it.examples),
        runs_per_month: compiler.num("evals.runs_per_month", &it.runs_per_month),
        input_tokens: compiler.num("evals.input_tokens", &it.input_tokens),
        output_tokens: compiler.num("evals.output_tokens", &it.output_tokens),
        judge: it.judge.as_ref().map(|name| compiler.model_id(name)),
    });
    if scenario.audit.is_none() {
        compiler.unstate("audit".to_owned(), "nothing is logged", &["cost.audit"]);
    }
    if scenario.evals.is_none() {
        compiler.unstate("evals".to_owned(), "nothing is evaluated", &["cost.evals"]);
    }
    let audit = scenario.audit.as_ref().map(|it| Audit {
        bytes_per_token: compiler.num("audit.bytes_per_token", &it.bytes_per_token),
        retention_days: compiler.num("audit.retention_days", &it.retention_days),
        per_gb_month: compiler.num("audit.per_gb_month", &it.per_gb_month),
    });
    if !compiler.problems.is_empty() {
        return Err(Problems {
            source: Arc::clone(&scenario.source),
            list: compiler.problems,
        });
    }
    Ok(Model {
        name: scenario.name.clone(),
        digest: scenario.digest.clone(),
        catalogue_date: catalogue.date(),
        catalogue_digest: catalogue.digest().to_owned(),
        calendar,
        months: scenario.study.months,
        volumes: scenario.study.volumes.clone(),
        seed: scenario.study.seed,
        facts: compiler.facts,
        workload,
        models,
        providers,
        strategies,
        budget,
        slo: scenario.slo.limits.clone(),
        slo_confidence: scenario.slo.confidence,
        evals,
        audit,
        fixed,
        assumed: compiler.assumed,
        unstated: compiler.unstated,
        warnings: compiler.warnings,
    })
}

fn next_monday(date: jiff::civil::Date) -> jiff::civil::Date {
    date.nth_weekday(1, jiff::civil::Weekday::Monday).unwrap_or(date)
}

/// Collects facts, notes and problems while the tables are built.
pub(super) struct Compiler<'a> {
    pub(super) scenario: &'a Scenario,
    catalogue: &'a Catalogue,
    calendar: Option<Calendar>,
    facts: Vec<FactSpec>,
    /// Facts by where they stand: what two strategies inherit from one line is one fact.
    by_place: BTreeMap<(usize, usize), FactId>,
    pub(super) problems: Vec<Problem>,
    pub(super) assumed: Vec<Assumed>,
    pub(super) unstated: Vec<Unstated>,
    pub(super) warnings: Vec<String>,
}

impl<'a> Compiler<'a> {
    fn new(scenario: &'a Scenario, catalogue: &'a Catalogue) -> Self {
        Self {
            scenario,
            catalogue,
            calendar: None,
            facts: Vec::new(),
            by_place: BTreeMap::new(),
            problems: Vec::new(),
            assumed: Vec::new(),
            unstated: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Where a field stands; an empty place at the start if it was not written.
    pub(super) fn place(&self, path: &str) -> Range<usize> {
        self.scenario.places.get(path).cloned().unwrap_or(0..0)
    }

    pub(super) fn problem(&mut self, path: &str, message: impl Into<String>) {
        let place = self.place(path);
        self.problems.push(Problem::new(place, message));
    }

    fn fact(&mut self, path: &str, part: Option<usize>, quantity: &Quantity) -> Num {
        let place = self.place(path);
        let key = (place.start, place.end * 64 + part.map_or(0, |part| part + 1));
        if place.end > 0
            && let Some(id) = self.by_place.get(&key)
        {
            return Num::Fact(*id);
        }
        let law = quantity.law(&mut |inner| inner.as_exact().unwrap_or(f64::NAN)).unwrap_or_else(|error| {
            self.problems.push(Problem::new(place.clone(), error.to_string()));
            Law::constant(0.0)
        });
        let path = part.map_or_else(|| path.to_owned(), |part| format!("{path}#{part}"));
        let id = FactId(u32::try_from(self.facts.len()).unwrap_or(u32::MAX));
        self.facts.push(FactSpec {
            key: crate::model::facts::path_key(&path),
            path,
            law,
        });
        if place.end > 0 {
            self.by_place.insert(key, id);
        }
        Num::Fact(id)
    }

    /// A fact of the scenario.
    pub(super) fn num(&mut self, path: &str, quantity: &Quantity) -> Num {
        match quantity.as_exact() {
            Some(number) => Num::Exact(number),
            None => self.fact(path, None, quantity),
        }
    }

    pub(super) fn opt_num(&mut self, path: &str, quantity: Option<&Quantity>) -> Option<Num> {
        quantity.map(|quantity| self.num(path, quantity))
    }

    /// A draw of the scenario.
    pub(super) fn draw(&mut self, path: &str, quantity: &Quantity) -> Draw {
        let nested: Vec<Quantity> = quantity.nested().into_iter().cloned().collect();
        let facts: Vec<FactId> = nested
            .iter()
            .enumerate()
            .filter_map(|(part, quantity)| match self.fact(path, Some(part), quantity) {
                Num::Fact(id) => Some(id),
                Num::Exact(_) => None,
            })
            .collect();
        let medians: Vec<f64> = facts.iter().filter_map(|id| self.facts.get(id.0 as usize)).map(|fact| fact.law.quantile(0.5)).collect();
        let mut next = medians.iter();
        match quantity.law(&mut |_| next.next().copied().unwrap_or(f64::NAN)) {
            Err(error) => {
                self.problem(path, error.to_string());
                Draw::Fixed(Arc::new(Sampler::constant(0.0)))
            }
            Ok(law) if facts.is_empty() => Draw::Fixed(Arc::new(Sampler::compile(&law))),
            Ok(law) => Draw::Uncertain {
                quantity: Arc::new(quantity.clone()),
                facts,
                median: Arc::new(Sampler::compile(&law)),
            },
        }
    }

    pub(super) fn model_id(&self, name: &str) -> ModelId {
        self.scenario.models.iter().position(|model| model.name == name).unwrap_or(0)
    }

    /// The catalogue's entry of a model that is priced by it.
    fn entry(&mut self, model: &written::Model) -> Option<Entry> {
        let Some(written::Price::Catalogue(reference)) = &model.price else { return None };
        let path = format!("models.{}.price", model.name);
        match self.catalogue.find(reference) {
            Ok(entry) => {
                if let Some(calendar) = self.calendar
                    && let Some(warning) = entry.retirement_warning(calendar.starts, calendar.days)
                {
                    self.warnings.push(warning);
                }
                Some(entry)
            }
            Err(error) => {
                let place = self.place(&path);
                let mut problem = Problem::new(place, format!("the price catalogue has no model `{reference}`"));
                if let Some(first) = error.nearest.first() {
                    problem = problem.help(format!(
                        "did you mean `{first}`? `gonogo prices list` shows all; own prices are written as {{ input = …, output = … }}"
                    ));
                }
                self.problems.push(problem);
                None
            }
        }
    }

    fn assume(&mut self, path: String, why: String) {
        self.assumed.push(Assumed { path, why });
    }

    pub(super) fn unstate(&mut self, path: String, instead: &'static str, metrics: &'static [&'static str]) {
        self.unstated.push(Unstated { path, instead, metrics });
    }

    /// The provider of a model, compiled when it is first met.
    fn provider(&mut self, model: &written::Model, entry: Option<&Entry>, providers: &mut Vec<Provider>) -> usize {
        let name = model
            .provider
            .clone()
            .or_else(|| entry.map(|entry| entry.provider.clone()))
            .unwrap_or_else(|| model.name.clone());
        if let Some(index) = providers.iter().position(|provider| provider.name == name) {
            return index;
        }
        let stated = self.scenario.providers.iter().find(|provider| provider.name == name).cloned();
        let preset = entry.and_then(|_| self.catalogue.default_preset(&name)).map(str::to_owned);
        let outage_preset = match stated.as_ref().and_then(|it| it.outage.as_ref()) {
            Some(written::Incidents::Preset(preset)) => Some((preset.clone(), true)),
            Some(_) => None,
            None => preset.map(|preset| (preset, false)),
        };
        let history = outage_preset.as_ref().and_then(|(preset, _)| self.catalogue.incidents(preset));
        let path = |kind: &str| format!("providers.{name}.{kind}");
        if let (Some((preset, true)), None) = (&outage_preset, &history) {
            let known: Vec<&str> = self.catalogue.presets().collect();
            let message = format!("there is no incident history `{preset}`; there are {}", known.join(", "));
            self.problem(&path("outage"), message);
        }
        if let Some((preset, false)) = &outage_preset
            && history.is_some()
        {
            let source = self.catalogue.incidents_source(preset).unwrap_or("dated facts").to_owned();
            self.assume(path("outage"), format!("{preset}: {source}"));
        }
        let process = |compiler: &mut Self, kind: &str, stated: Option<&written::Incidents>, preset: Option<&written::IncidentProcess>| {
            match stated {
                Some(written::Incidents::Never) => None,
                Some(written::Incidents::Process(process)) => Some(compiler.incidents(&path(kind), process)),
                Some(written::Incidents::Preset(_)) | None => preset.map(|process| compiler.incidents(&path(kind), process)),
            }
        };
        let outage = process(self, "outage", stated.as_ref().and_then(|it| it.outage.as_ref()), history.as_ref().map(|it| &it.0));
        // `outage = "none"` says that nothing bad happens; so does a stated process about brownouts.
        let silent = matches!(stated.as_ref().and_then(|it| it.outage.as_ref()), Some(written::Incidents::Never | written::Incidents::Process(_)));
        let brownout_preset = history.as_ref().map(|it| &it.1).filter(|_| !silent);
        let brownout = process(self, "brownout", stated.as_ref().and_then(|it| it.brownout.as_ref()), brownout_preset);
        let nothing_said = stated.is_none() && history.is_none();
        if nothing_said && model.hosting.is_none() {
            self.unstate(path("outage"), "never fails", &["failed.outage"]);
        }
        providers.push(Provider { name, outage, brownout });
        providers.len() - 1
    }

    fn incidents(&mut self, path: &str, process: &written::IncidentProcess) -> Incidents {
        // A mean alone means exponential gaps.
        let gaps = match process.every_days.as_exact() {
            Some(mean) => Quantity {
                shape: Shape::Exponential {
                    mean: Box::new(Quantity::exact(mean)),
                },
                min: None,
                max: None,
            },
            None => process.every_days.clone(),
        };
        Incidents {
            every_days: self.draw(&format!("{path}.every_days"), &gaps),
            minutes: self.draw(&format!("{path}.minutes"), &process.minutes),
            error_rate: self.num(&format!("{path}.error_rate"), &process.error_rate),
            slowdown: self.num(&format!("{path}.slowdown"), &process.slowdown),
        }
    }

    fn server(&mut self, model: &written::Model, entry: Option<&Entry>, provider: usize) -> Server {
        let base = format!("models.{}", model.name);
        let path = |field: &str| format!("{base}.{field}");
        let caching = match &model.prompt_caching {
            Some(rule) => rule.clone(),
            None => entry.and_then(|entry| entry.caching.as_ref()).map(|caching| caching.rule.clone()),
        };
        let first_token = self.default_draw(&path("first_token_s"), model.first_token_s.as_ref(), entry.and_then(|it| it.first_token_s.as_ref()), entry);
        let token_ms_quantity = model
            .token_ms
            .clone()
            .or_else(|| entry.and_then(|entry| entry.token_ms.clone()))
            .unwrap_or_else(|| Quantity::exact(0.0));
        let token_ms = self.default_draw(&path("token_ms"), model.token_ms.as_ref(), entry.and_then(|it| it.token_ms.as_ref()), entry);
        if model.first_token_s.is_none() && model.token_ms.is_none() && entry.is_none() {
            self.unstate(path("first_token_s"), "answers at once", &["latency", "first_token", "perceived", "share_within", "slo.good_rate"]);
        }
        let prefill = match (&model.prefill_ms_per_1k, entry.and_then(|entry| entry.prefill_ms_per_1k)) {
            (Some(stated), _) => stated.clone(),
            (None, Some(default)) => {
                self.assume(path("prefill_ms_per_1k"), source_of(entry, "prefill_ms_per_1k"));
                Quantity::exact(default)
            }
            (None, None) => Quantity::exact(0.0),
        };
        let prefill_ms_per_1k = self.num(&path("prefill_ms_per_1k"), &prefill);
        let error_rate = match (&model.error_rate, entry.and_then(|entry| entry.error_rate)) {
            (Some(stated), _) => self.num(&path("error_rate"), stated),
            (None, Some(default)) => {
                self.assume(path("error_rate"), source_of(entry, "error_rate"));
                Num::Exact(default)
            }
            (None, None) => {
                self.unstate(path("error_rate"), "no transient errors", &["failed.error"]);
                Num::Exact(0.0)
            }
        };
        let hosting = model.hosting.as_ref().map(|hosting| self.hosting(&path("hosting"), hosting, model.autoscale.clone()));
        let quality = self.quality(&path("quality"), &model.quality);
        Server {
            name: model.name.clone(),
            provider,
            price: self.pricing(&base, model, entry, caching.as_ref().map_or(300.0, |rule| rule.ttl_s)),
            discount: self.num(&path("discount"), &model.discount),
            one_off: self.num(&path("one_off"), &model.one_off),
            monthly: self.num(&path("monthly"), &model.monthly),
            context_window: model.context_window.or_else(|| entry.and_then(|it| it.context_window)).unwrap_or(f64::INFINITY),
            prompt_caching: caching,
            caches_by_itself: entry.and_then(|it| it.caching.as_ref()).is_some_and(|caching| caching.automatic),
            first_token_s: first_token,
            prefill_ms_per_1k,
            token_ms,
            token_ms_quantity: Arc::new(token_ms_quantity),
            limits: self.limits(&path("limits"), model.limits.as_ref(), entry, model.hosting.is_some()),
            error_rate,
            error_s: self.draw(&path("error_s"), &model.error_s),
            quality,
            hosting,
        }
    }

    /// A draw as stated, or the catalogue's default (noted as assumed), or 0.
    fn default_draw(&mut self, path: &str, stated: Option<&Quantity>, default: Option<&Quantity>, entry: Option<&Entry>) -> Draw {
        match (stated, default) {
            (Some(stated), _) => self.draw(path, stated),
            (None, Some(default)) => {
                let field = path.rsplit('.').next().unwrap_or(path).to_owned();
                self.assume(path.to_owned(), source_of(entry, &field));
                self.draw(path, default)
            }
            (None, None) => Draw::Fixed(Arc::new(Sampler::constant(0.0))),
        }
    }

    fn hosting(&mut self, base: &str, hosting: &written::Hosting, autoscale: Option<written::Autoscale>) -> Hosting {
        let path = |field: &str| format!("{base}.{field}");
        Hosting {
            replicas: self.num(&path("replicas"), &hosting.replicas),
            slots: self.num(&path("slots"), &hosting.slots),
            queue: self.num(&path("queue"), &hosting.queue),
            replica_per_hour: self.num(&path("replica_per_hour"), &hosting.replica_per_hour),
            token_ms_per_busy: self.num(&path("token_ms_per_busy"), &hosting.token_ms_per_busy),
            prefill_tokens_per_s: self.opt_num(&path("prefill_tokens_per_s"), hosting.prefill_tokens_per_s.as_ref()),
            kv_tokens: self.opt_num(&path("kv_tokens"), hosting.kv_tokens.as_ref()),
            autoscale,
        }
    }

    fn quality(&mut self, path: &str, quality: &written::Quality) -> Vec<Num> {
        let classes: Vec<String> = classes(&self.scenario.workload).iter().map(|class| class.name.clone()).collect();
        match quality {
            written::Quality::Unstated => {
                self.unstate(path.to_owned(), "every answer is right", &["rate.wrong", "cost.per_good_answer"]);
                vec![Num::Exact(1.0); classes.len().max(1)]
            }
            written::Quality::All(share) => {
                let share = self.num(path, share);
                vec![share; classes.len().max(1)]
            }
            written::Quality::ByClass(shares) => classes
                .iter()
                .map(|class| {
                    let stated = shares.iter().find(|(name, _)| name == class);
                    stated.map_or(Num::Exact(1.0), |(name, share)| self.num(&format!("{path}.{name}"), share))
                })
                .collect(),
        }
    }

    fn pricing(&mut self, base: &str, model: &written::Model, entry: Option<&Entry>, ttl_s: f64) -> Pricing {
        let Some(price) = &model.price else { return Pricing::Hosted };
        let path = |field: &str| format!("{base}.price.{field}");
        if let written::Price::Own(own) = price {
            let input = self.num(&path("input"), &own.input);
            return Pricing::Own {
                input,
                output: self.num(&path("output"), &own.output),
                cached_input: self.opt_num(&path("cached_input"), own.cached_input.as_ref()).unwrap_or(input),
                cache_write: self.opt_num(&path("cache_write"), own.cache_write.as_ref()).unwrap_or(input),
                batch: self.num(&path("batch"), &own.batch),
            };
        }
        let (Some(entry), Some(calendar)) = (entry, self.calendar) else { return Pricing::Hosted };
        let mut names: Vec<String> = self.scenario.strategies.iter().map(|strategy| strategy.tier.clone()).collect();
        names.push("default".to_owned());
        names.sort();
        names.dedup();
        let compile = |tier: &str, batch: bool| {
            let terms = Terms {
                tier,
                batch,
                cache_ttl_s: ttl_s,
            };
            Tariff::compile(entry, &terms, calendar.starts, calendar.days, calendar.utc_offset_h)
        };
        let mut tiers = Vec::new();
        for name in names {
            match compile(&name, false) {
                Ok(tariff) => tiers.push((name, Arc::new(tariff))),
                // Whether a strategy that names this tier uses this model is found out when strategies are compiled.
                Err(_) if name != "default" => {}
                Err(error) => self.problem(&format!("{base}.price"), error.to_string()),
            }
        }
        Pricing::Catalogue {
            tiers,
            batch: compile("default", true).ok().map(Arc::new),
        }
    }

    fn limits(&mut self, base: &str, stated: Option<&written::Limits>, entry: Option<&Entry>, hosted: bool) -> Limits {
        let limits = match (stated, entry.and_then(|entry| entry.limits.as_ref())) {
            (Some(stated), _) => stated.clone(),
            (None, Some(default)) => {
                self.assume(base.to_owned(), source_of(entry, "limits"));
                default.clone()
            }
            (None, None) => {
                if !hosted {
                    self.unstate(base.to_owned(), "no limits", &["failed.throttled", "rate.throttled_attempts"]);
                }
                written::Limits::default()
            }
        };
        let counting = entry.map(|entry| entry.counting.clone()).unwrap_or_default();
        let path = |field: &str| format!("{base}.{field}");
        Limits {
            requests_per_min: self.opt_num(&path("requests_per_min"), limits.requests_per_min.as_ref()),
            tokens_per_min: self.opt_num(&path("tokens_per_min"), limits.tokens_per_min.as_ref()),
            input_tokens_per_min: self.opt_num(&path("input_tokens_per_min"), limits.input_tokens_per_min.as_ref()),
            output_tokens_per_min: self.opt_num(&path("output_tokens_per_min"), limits.output_tokens_per_min.as_ref()),
            requests_per_day: self.opt_num(&path("requests_per_day"), limits.requests_per_day.as_ref()),
            concurrency: self.opt_num(&path("concurrency"), limits.concurrency.as_ref()),
            cached_tokens_count: limits.cached_tokens_count.or(counting.cached_tokens_count).unwrap_or(true),
            refused_count: limits.refused_count.or(counting.refused_count).unwrap_or(false),
            burst_s: limits.burst_s.or(counting.burst_s).unwrap_or(60.0),
        }
    }

    fn workload(&mut self, replay: Option<Arc<super::types::Replay>>) -> Workload {
        let written = &self.scenario.workload;
        let path = |field: &str| format!("workload.{field}");
        if written.hourly.is_none() && written.weekly.is_none() && replay.is_none() {
            self.unstate(path("hourly"), "the same rate at all hours", &["utilisation"]);
        }
        let spikes = written.spikes.iter().enumerate().map(|(index, spike)| {
            let base = format!("workload.spike.{index}");
            Spike {
                per_month: self.num(&format!("{base}.per_month"), &spike.per_month),
                multiplier: self.num(&format!("{base}.multiplier"), &spike.multiplier),
                minutes: self.draw(&format!("{base}.minutes"), &spike.minutes),
            }
        });
        let spikes = spikes.collect();
        let zero = Quantity::exact(0.0);
        Workload {
            conversations_per_day: self.num(&path("conversations_per_day"), written.conversations_per_day.as_ref().unwrap_or(&zero)),
            hourly: written.hourly.unwrap_or([1.0; 24]),
            weekly: written.weekly.unwrap_or([1.0; 7]),
            day_cv: self.num(&path("day_cv"), written.day_cv.as_ref().unwrap_or(&zero)),
            burst: written.burst.as_ref().map(|burst| Burst {
                cv: self.num(&path("burst.cv"), &burst.cv),
                block_s: burst.minutes * 60.0,
                scaling: self.num(&path("burst.scaling"), &burst.scaling),
            }),
            spikes,
            system_tokens: self.num(&path("system_tokens"), &written.system_tokens),
            prefixes: self.num(&path("prefixes"), &written.prefixes),
            grows_by: written.grows_by,
            heaps: self.num(&path("heaps"), &written.heaps),
            growth_per_month: self.num(&path("growth_per_month"), &written.growth_per_month),
            classes: classes(written).iter().map(|class| self.class(class)).collect(),
            replay,
        }
    }

    /// The log of a replay, read once for all months.
    fn replay(&mut self) -> Option<Arc<super::types::Replay>> {
        let written = self.scenario.workload.replay.as_ref()?;
        let classes: Vec<String> = self.scenario.workload.classes.iter().map(|class| class.name.clone()).collect();
        match super::replay::load(self.scenario.folder.as_deref(), written, &classes) {
            Ok(replay) => Some(Arc::new(replay)),
            Err(message) => {
                self.problem("workload.replay.file", message);
                None
            }
        }
    }

    fn class(&mut self, class: &written::Class) -> Class {
        let base = format!("workload.class.{}", class.name);
        let path = |field: &str| format!("{base}.{field}");
        // A log says what its requests were; what it cannot tell of people is unstated all the same.
        if class.patience_s.is_none() {
            self.unstate(path("patience_s"), "users wait for ever", &["rate.abandoned"]);
        }
        if class.sensitive.is_none() {
            self.unstate(path("sensitive"), "no conversation is sensitive", &["rate.leaked"]);
        }
        if class.questions.is_none() {
            self.unstate(path("questions"), "no question is asked twice", &["cache.response_hit_rate", "rate.cached"]);
        }
        let history = match &class.history {
            written::History::Full => History::Full,
            written::History::None => History::None,
            written::History::Last(turns) => History::Last(*turns),
            written::History::Summary(tokens) => History::Summary(self.num(&path("history.summary_tokens"), tokens)),
        };
        let nothing = |quantity: &Quantity, number: f64| quantity.as_exact() == Some(number);
        Class {
            name: class.name.clone(),
            share: self.num(&path("share"), &class.share),
            turns: self.draw(&path("turns"), &class.turns),
            think_s: self.draw(&path("think_s"), &class.think_s),
            user_tokens: self.draw(&path("user_tokens"), &class.user_tokens),
            context_tokens: self.draw(&path("context_tokens"), &class.context_tokens),
            output_tokens: self.draw(&path("output_tokens"), &class.output_tokens),
            output_quantity: Arc::new(class.output_tokens.clone()),
            reasoning_tokens: (!nothing(&class.reasoning_tokens, 0.0))
                .then(|| self.draw(&path("reasoning_tokens"), &class.reasoning_tokens)),
            calls: (!nothing(&class.calls, 1.0)).then(|| self.draw(&path("calls"), &class.calls)),
            tool_tokens: self.draw(&path("tool_tokens"), &class.tool_tokens),
            tool_s: self.draw(&path("tool_s"), &class.tool_s),
            history,
            sensitive: self.opt_num(&path("sensitive"), class.sensitive.as_ref()).unwrap_or(Num::Exact(0.0)),
            deferrable: self.num(&path("deferrable"), &class.deferrable),
            patience_s: class.patience_s.as_ref().map(|patience| self.draw(&path("patience_s"), patience)),
            questions: class.questions.as_ref().map(|questions| Questions {
                unique: self.num(&path("questions.unique"), &questions.unique),
                distinct: self.num(&path("questions.distinct"), &questions.distinct),
                zipf: self.num(&path("questions.zipf"), &questions.zipf),
                cacheable: questions.cacheable,
            }),
            quits: self.num(&path("quits"), &class.quits),
            overflow: class.overflow,
            max_output_tokens: class.max_output_tokens,
        }
    }
}

fn whole_days(seconds: f64) -> u32 {
    let mut days = 1;
    while f64::from(days) * 86_400.0 < seconds && days < 3660 {
        days += 1;
    }
    days
}

/// The classes of a workload; the requests of a log without classes are all of one.
fn classes(workload: &written::Workload) -> Vec<written::Class> {
    if !workload.classes.is_empty() || workload.replay.is_none() {
        return workload.classes.clone();
    }
    let number = Quantity::exact;
    vec![written::Class {
        name: "all".to_owned(),
        share: number(1.0),
        turns: number(1.0),
        think_s: number(0.0),
        user_tokens: number(0.0),
        context_tokens: number(0.0),
        output_tokens: number(0.0),
        reasoning_tokens: number(0.0),
        calls: number(1.0),
        tool_tokens: number(0.0),
        tool_s: number(0.0),
        history: written::History::None,
        sensitive: None,
        deferrable: number(0.0),
        patience_s: None,
        questions: None,
        quits: number(0.0),
        overflow: written::Overflow::Truncate,
        max_output_tokens: None,
    }]
}

fn source_of(entry: Option<&Entry>, field: &str) -> String {
    entry
        .and_then(|entry| entry.sources.iter().find(|source| source.field == field))
        .map_or_else(|| "a general default".to_owned(), |source| source.source.clone())
}
