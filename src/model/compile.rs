//! From what was written to what will run: names resolved, catalogue defaults filled in and noted as assumed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::prices::{Catalogue, Entry};
use crate::quantity::{Law, Quantity, Sampler, Shape};
use crate::reading::{Problem, Problems};
use crate::scenario::types as written;
use crate::scenario::{Scenario, fields};

use super::facts::{Draw, FactId, FactSpec, Num};
use super::types::{Assumed, Audit, Calendar, Evals, Model, ModelId, Provider, Server, Unstated};

/// Compiles a scenario against a price catalogue.
///
/// # Errors
/// Models that the catalogue does not know, tiers and presets that do not exist, and laws that are impossible.
pub fn compile(scenario: &Scenario, catalogue: &Catalogue) -> Result<Model, Problems> {
    compile_shaken(scenario, catalogue, None)
}

/// Compiles a scenario, with what is written as known exactly shaken by a share of itself where a sensitivity analysis
/// asks for it.
///
/// # Errors
/// Those of [`compile`].
pub fn compile_shaken(
    scenario: &Scenario,
    catalogue: &Catalogue,
    shake: Option<f64>,
) -> Result<Model, Problems> {
    let mut compiler = Compiler::new(scenario, catalogue);
    compiler.shake = shake;
    let starts = scenario
        .study
        .starts
        .unwrap_or_else(|| next_monday(catalogue.date()));
    let replay = compiler.replay();
    let (days, length_s) = replay.as_ref().map_or_else(
        || {
            (
                scenario.study.days,
                f64::from(scenario.study.days) * 86_400.0,
            )
        },
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
    let entries: Vec<Option<Entry>> = scenario
        .models
        .iter()
        .map(|model| compiler.entry(model))
        .collect();
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
    let strategies = scenario
        .strategies
        .iter()
        .map(|strategy| compiler.strategy(strategy, &models))
        .collect();
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
    let (evals, audit) = (compiler.evals(), compiler.audit());
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
    date.nth_weekday(1, jiff::civil::Weekday::Monday)
        .unwrap_or(date)
}

/// Collects facts, notes and problems while the tables are built.
pub(super) struct Compiler<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) catalogue: &'a Catalogue,
    pub(super) calendar: Option<Calendar>,
    /// Share by which exact numbers are shaken.
    shake: Option<f64>,
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
            shake: None,
            facts: Vec::new(),
            by_place: BTreeMap::new(),
            problems: Vec::new(),
            assumed: Vec::new(),
            unstated: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn evals(&mut self) -> Option<Evals> {
        let Some(it) = &self.scenario.evals else {
            self.unstate("evals".to_owned(), "nothing is evaluated", &["cost.evals"]);
            return None;
        };
        Some(Evals {
            examples: self.num("evals.examples", &it.examples),
            runs_per_month: self.num("evals.runs_per_month", &it.runs_per_month),
            input_tokens: self.num("evals.input_tokens", &it.input_tokens),
            output_tokens: self.num("evals.output_tokens", &it.output_tokens),
            judge: it.judge.as_ref().map(|name| self.model_id(name)),
        })
    }

    fn audit(&mut self) -> Option<Audit> {
        let Some(it) = &self.scenario.audit else {
            self.unstate("audit".to_owned(), "nothing is logged", &["cost.audit"]);
            return None;
        };
        Some(Audit {
            bytes_per_token: self.num("audit.bytes_per_token", &it.bytes_per_token),
            retention_days: self.num("audit.retention_days", &it.retention_days),
            per_gb_month: self.num("audit.per_gb_month", &it.per_gb_month),
        })
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
        let key = (
            place.start,
            place.end * 64 + part.map_or(0, |part| part + 1),
        );
        if place.end > 0
            && let Some(id) = self.by_place.get(&key)
        {
            return Num::Fact(*id);
        }
        let law = quantity
            .law(&mut |inner| inner.as_exact().unwrap_or(f64::NAN))
            .unwrap_or_else(|error| {
                self.problems
                    .push(Problem::new(place.clone(), error.to_string()));
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
            Some(number) => match self.shake.and_then(|by| shaken(path, number, by)) {
                Some(shaken) => self.fact(path, None, &shaken),
                None => Num::Exact(number),
            },
            None => self.fact(path, None, quantity),
        }
    }

    /// The discount of a model; what shakes its catalogue prices, where there are any.
    pub(super) fn discount(&mut self, model: &written::Model) -> Num {
        let base = format!("models.{}", model.name);
        match (self.shake, &model.price, model.discount.as_exact()) {
            (Some(by), Some(written::Price::Catalogue(_)), Some(discount)) => {
                let width = by * (1.0 - discount);
                let spread = between(discount - width, discount + width);
                self.fact(&format!("{base}.price"), None, &spread)
            }
            _ => self.num(&format!("{base}.discount"), &model.discount),
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
            .filter_map(
                |(part, quantity)| match self.fact(path, Some(part), quantity) {
                    Num::Fact(id) => Some(id),
                    Num::Exact(_) => None,
                },
            )
            .collect();
        let medians: Vec<f64> = facts
            .iter()
            .filter_map(|id| self.facts.get(id.0 as usize))
            .map(|fact| fact.law.quantile(0.5))
            .collect();
        let mut next = medians.iter();
        match quantity.law(&mut |_| next.next().copied().unwrap_or(f64::NAN)) {
            Err(error) => {
                self.problem(path, error.to_string());
                Draw::Fixed(Arc::new(Sampler::constant(0.0)))
            }
            Ok(law) if facts.is_empty() => {
                if let Some(by) = self.shake.filter(|_| is_shaken(path))
                    && law.mean() > 0.0
                    && quantity.scaled(1.0).is_some()
                {
                    let scale = self.fact(path, None, &between(1.0 - by, 1.0 + by));
                    return Draw::Scaled {
                        quantity: Arc::new(quantity.clone()),
                        scale,
                        median: Arc::new(Sampler::compile(&law)),
                    };
                }
                Draw::Fixed(Arc::new(Sampler::compile(&law)))
            }
            Ok(law) => Draw::Uncertain {
                quantity: Arc::new(quantity.clone()),
                facts,
                median: Arc::new(Sampler::compile(&law)),
            },
        }
    }

    pub(super) fn model_id(&self, name: &str) -> ModelId {
        self.scenario
            .models
            .iter()
            .position(|model| model.name == name)
            .unwrap_or(0)
    }

    /// The catalogue's entry of a model that is priced by it.
    fn entry(&mut self, model: &written::Model) -> Option<Entry> {
        let Some(written::Price::Catalogue(reference)) = &model.price else {
            return None;
        };
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
                let mut problem = Problem::new(
                    place,
                    format!("the price catalogue has no model `{reference}`"),
                );
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

    pub(super) fn assume(&mut self, path: String, why: String) {
        self.assumed.push(Assumed { path, why });
    }

    pub(super) fn unstate(
        &mut self,
        path: String,
        instead: &'static str,
        metrics: &'static [&'static str],
    ) {
        self.unstated.push(Unstated {
            path,
            instead,
            metrics,
        });
    }
}

fn between(low: f64, high: f64) -> Quantity {
    Quantity::of(Shape::Uniform {
        low: Box::new(Quantity::exact(low)),
        high: Box::new(Quantity::exact(high)),
    })
}

/// An exact fact about the world with a spread of a share of itself to both sides; a share or chance is shaken by a share
/// of the smaller of itself and what it lacks to 1, so that 0.97 does not become 1.16. `None` where there is nothing to
/// shake: a 0, an endless number, or what the team decides itself.
fn shaken(path: &str, number: f64, by: f64) -> Option<Quantity> {
    let share = path.contains(".quality")
        || fields::matching(path)
            .is_some_and(|field| field.bounds == fields::Bounds::Between(0.0, 1.0));
    let width = by
        * if share {
            number.min(1.0 - number)
        } else {
            number.abs()
        };
    (is_shaken(path) && width.is_finite() && width > 0.0)
        .then(|| between(number - width, number + width))
}

/// Whether a number is somebody's knowledge of the world rather than the team's own choice. Of a strategy, that is how
/// well its helpers work; what it is set to is for `optimize`.
fn is_shaken(path: &str) -> bool {
    const CHOSEN: [&str; 12] = [
        ".replicas",
        ".slots",
        ".queue",
        ".retention_days",
        ".examples",
        ".runs_per_month",
        ".growth_per_month",
        ".prefixes",
        ".calls",
        ".turns",
        ".last",
        ".one_off",
    ];
    const HELPERS: [&str; 11] = [
        ".accuracy",
        ".tokens",
        ".recall",
        ".false_hit",
        ".catches",
        ".false_alarms",
        ".misses",
        ".blocks",
        ".per_hour",
        ".accept",
        ".accept_wrong",
    ];
    let ends = |list: &[&str]| list.iter().any(|end| path.ends_with(end));
    match path.split('.').next() {
        Some("budget") => false,
        Some("strategies") => ends(&HELPERS),
        _ => !ends(&CHOSEN),
    }
}

fn whole_days(seconds: f64) -> u32 {
    let mut days = 1;
    while f64::from(days) * 86_400.0 < seconds && days < 3660 {
        days += 1;
    }
    days
}
