//! Analyses as the Study tab asks for them: each is carried out off the keyboard's thread and comes back as text and a
//! chart, whatever the analysis.

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::analysis::compare::{ComparePlan, compare};
use crate::analysis::drill::{DrillPlan, RUNS, drill, impossible, scripts};
use crate::analysis::forecast::{ForecastPlan, Months, forecast};
use crate::analysis::headroom::{HeadroomPlan, headroom};
use crate::analysis::optimize::{OptimizePlan, Space, optimize};
use crate::analysis::sensitivity::{Sensitivity, SensitivityPlan, sensitivity};
use crate::model::{self, Model};
use crate::prices::Catalogue;
use crate::report::{
    Analyses, Compared, Drilled, Forecast, Headroom, Moved, comparison_page, drill_page,
    forecast_page, headroom_page, optimize_page, percent, sensitivity_page, usd,
};
use crate::scenario::Scenario;
use crate::study::{Estimator, Precision, Progress, Watch};

use super::theme::Tone;
use super::widgets::bars::Row;
use super::widgets::volumes::{Reach, times};
use super::work::News;
use super::worker::Cancel;

/// Which analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// Paired differences between strategies.
    Compare,
    /// Which inputs move the answer.
    Drivers,
    /// How far volume can grow.
    Headroom,
    /// Scripted incidents.
    Drill,
    /// The cheapest setting that holds.
    Optimise,
    /// Twelve months ahead.
    Forecast,
}

/// What is analysed.
#[derive(Debug, Clone)]
pub struct Question {
    /// Which analysis.
    pub which: Which,
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Its model.
    pub model: Arc<Model>,
    /// The strategy that is looked at.
    pub strategy: usize,
    /// The volume that is looked at.
    pub volume: f64,
    /// Number of the drill among those that the scenario can have.
    pub drill: usize,
    /// Months at most, for tests; else as many as the analysis wants.
    pub months: Option<u32>,
}

impl Question {
    /// Whether an answer to this one answers the other, too.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        let everywhere = matches!(self.which, Which::Headroom);
        self.which == other.which
            && self.scenario.digest == other.scenario.digest
            && (everywhere || self.strategy == other.strategy)
            && (everywhere || self.volume == other.volume)
            && (self.which != Which::Drill || self.drill == other.drill)
    }
}

/// What is drawn above the text.
#[derive(Debug, Clone)]
pub enum Chart {
    /// Nothing.
    None,
    /// An incident over time.
    Timeline(Box<Drilled>),
    /// How far strategies reach.
    Volumes {
        /// The strategies.
        reaches: Vec<Reach>,
        /// The range that was looked at.
        range: (f64, f64),
    },
    /// Rows of bars, with a line down.
    Bars {
        /// What is shown, and its unit.
        title: String,
        /// The rows.
        rows: Vec<Row>,
        /// The line.
        line: Option<f64>,
    },
}

/// What an analysis found.
#[derive(Debug, Clone)]
pub struct Found {
    /// What is drawn.
    pub chart: Chart,
    /// The page that the command prints.
    pub text: String,
    /// What the report shows of it.
    pub report: Analyses,
}

/// Where an analysis is.
#[derive(Debug, Clone)]
pub enum State {
    /// Under way, so far.
    Running(f64),
    /// Done.
    Done(Arc<Found>),
    /// It cannot be done, and why.
    Failed(String),
}

impl Question {
    /// Carries it out.
    pub fn run(self, cancel: &Cancel, say: &(dyn Fn(News) + Sync)) {
        let watch = Patient {
            cancel,
            say,
            question: &self,
            started: Instant::now(),
            last: Mutex::new(Instant::now()),
        };
        let found = match self.which {
            Which::Drill => self.drill(&watch),
            Which::Compare => self.compare(&watch),
            Which::Drivers => self.drivers(&watch),
            Which::Headroom => self.headroom(&watch),
            Which::Optimise => self.optimise(&watch),
            Which::Forecast => self.forecast(&watch),
        };
        if !cancel.is_set() {
            let found = found.map(Arc::new);
            say(News::Analysed(Box::new(self), found));
        }
    }

    fn drill(&self, watch: &Patient<'_>) -> Result<Found, String> {
        let known = drills(&self.scenario, &self.model);
        let count = known.len().max(1);
        let script = known
            .into_iter()
            .nth(self.drill % count)
            .ok_or("No incident can be drilled in this scenario.")?;
        let plan = DrillPlan {
            strategies: vec![self.strategy],
            volume: self.volume,
            runs: self.months.unwrap_or(RUNS),
            threads: threads(),
            ..DrillPlan::of(&self.model, vec![script])
        };
        let results = drill(&self.model, &plan, watch).ok_or("The drill was stopped.")?;
        let shown = results.first().map(Drilled::of);
        Ok(Found {
            text: drill_page(&self.scenario.name, &results, false),
            report: Analyses {
                drills: shown.iter().cloned().collect(),
                ..Analyses::default()
            },
            chart: shown.map_or(Chart::None, |drilled| Chart::Timeline(Box::new(drilled))),
        })
    }
}

/// Share by which numbers are shaken where none is uncertain, as `gonogo sensitivity --shake 20%` does.
const SHAKE: f64 = 0.2;

/// Requests that tests simulate at one volume at most.
const FEW: u64 = 60_000;

const STOPPED: &str = "It was stopped before there was an answer.";

impl Question {
    /// From the first strategy to the selected one; from the selected one to the next where that is the first.
    fn compare(&self, watch: &Patient<'_>) -> Result<Found, String> {
        let (a, b) = if self.strategy == 0 {
            (0, 1)
        } else {
            (0, self.strategy)
        };
        if b >= self.model.strategies.len() {
            return Err("There is one strategy, and nothing to compare it with: add another in the Scenario tab.".to_owned());
        }
        let mut plan = ComparePlan {
            volume: self.volume,
            ..ComparePlan::of(&self.model, a, b)
        };
        plan.study.threads = threads();
        plan.study.precision = Some(Precision::default());
        self.bound(&mut plan.study.months, &mut plan.study.estimator);
        let found = compare(&self.model, &plan, watch).ok_or(STOPPED)?;
        let compared = Compared::of(&found);
        let mut sum = compared.from_usd;
        let mut rows = vec![total(&compared.from, sum)];
        for mechanism in &compared.mechanisms {
            let tone = if mechanism.usd < 0.0 {
                Tone::Good
            } else {
                Tone::Bad
            };
            let sign = if mechanism.usd > 0.0 { "+" } else { "" };
            rows.push(Row {
                label: mechanism.name.clone(),
                from: sum,
                to: sum + mechanism.usd,
                words: format!("{sign}{}", usd(mechanism.usd)),
                tone: Some(tone),
            });
            sum += mechanism.usd;
        }
        rows.push(total(&compared.to, compared.to_usd));
        Ok(Found {
            text: comparison_page(&self.scenario.name, &found, &[]),
            chart: Chart::Bars {
                title: "what each mechanism adds to the bill of a month, US dollars".to_owned(),
                rows,
                line: None,
            },
            report: Analyses {
                compared: vec![compared],
                ..Analyses::default()
            },
        })
    }

    fn drivers(&self, watch: &Patient<'_>) -> Result<Found, String> {
        let mut found = self.moved_by(&self.model, watch)?;
        let mut ends = "each input's low and high end";
        let none = |found: &[Moved]| found.iter().all(|moved| moved.inputs.is_empty());
        if none(&Moved::of(&found)) {
            // Nothing is written as uncertain: what each number would do if it were off is the next best answer.
            let catalogue = self.catalogue()?;
            let shaken = model::compile_shaken(&self.scenario, &catalogue, Some(SHAKE))
                .map_err(|problems| problems.to_string())?;
            found = self.moved_by(&shaken, watch)?;
            ends = "each number off by up to a fifth, as nothing is written as uncertain";
        }
        let moved = Moved::of(&found);
        let chart = moved.first().map_or(Chart::None, |moved| Chart::Bars {
            title: format!(
                "{} at {ends}; the line is {} as it stands",
                moved.metric,
                usd(moved.base)
            ),
            rows: moved
                .inputs
                .iter()
                .map(|input| Row {
                    label: input.path.clone(),
                    from: input.low,
                    to: input.high,
                    words: input.share.map_or_else(String::new, percent),
                    tone: None,
                })
                .collect(),
            line: Some(moved.base),
        });
        Ok(Found {
            text: sensitivity_page(&found),
            chart,
            report: Analyses {
                moved,
                ..Analyses::default()
            },
        })
    }

    /// What moves a model's answers.
    fn moved_by(&self, model: &Model, watch: &Patient<'_>) -> Result<Sensitivity, String> {
        let mut plan = SensitivityPlan::of(model);
        plan.chosen = Some(self.strategy);
        plan.volume = self.volume;
        plan.threads = threads();
        self.bound(&mut plan.months, &mut plan.estimator);
        sensitivity(model, &plan, watch).ok_or_else(|| STOPPED.to_owned())
    }

    fn headroom(&self, watch: &Patient<'_>) -> Result<Found, String> {
        let mut plan = HeadroomPlan::of(&self.model);
        plan.threads = threads();
        self.bound(&mut plan.months, &mut plan.estimator);
        if self.months.is_some() {
            plan.most_requests = plan.most_requests.min(FEW);
        }
        let found = headroom(&self.model, &plan, watch).ok_or(STOPPED)?;
        let shown = Headroom::of(&found);
        let reaches = shown
            .iter()
            .map(|strategy| Reach {
                strategy: strategy.strategy.clone(),
                edges: strategy
                    .edges
                    .iter()
                    .filter_map(|edge| Some((edge.promise.clone(), edge.holds_to?)))
                    .collect(),
            })
            .collect();
        Ok(Found {
            text: headroom_page(&found),
            chart: Chart::Volumes {
                reaches,
                range: (plan.lowest, plan.highest),
            },
            report: Analyses {
                headroom: shown,
                ..Analyses::default()
            },
        })
    }

    fn optimise(&self, watch: &Patient<'_>) -> Result<Found, String> {
        if self.scenario.optimize.is_empty() {
            return Err("The scenario has no [optimize] table, so nothing may be turned. Name a field and what it may be, such as [optimize] \"strategies.NAME.timeout_s\" = { from = 5, to = 60 }.".to_owned());
        }
        let space = Space::of(&self.scenario, &[], 9);
        if let Some((why, way_out)) = space.turns_nothing() {
            return Err(format!("{why}; {way_out}."));
        }
        let mut plan = OptimizePlan::of(&self.model);
        plan.volume = self.volume;
        plan.threads = threads();
        self.bound(&mut plan.months, &mut plan.estimator);
        let catalogue = self.catalogue()?;
        let found = optimize(&self.scenario, &catalogue, &space, &plan, watch).ok_or(STOPPED)?;
        let written = found
            .as_written
            .iter()
            .map(|choice| total(&choice.strategy, choice.cost.0));
        let best = found.best.iter().map(|choice| Row {
            tone: Some(Tone::Good),
            ..total(&format!("best: {}", choice.strategy), choice.cost.0)
        });
        Ok(Found {
            text: optimize_page(&found),
            chart: Chart::Bars {
                title: format!(
                    "a month at {}, US dollars: as written, and the best setting that holds",
                    times(found.volume)
                ),
                rows: written.chain(best).collect(),
                line: None,
            },
            report: Analyses::default(),
        })
    }

    fn forecast(&self, watch: &Patient<'_>) -> Result<Found, String> {
        let catalogue = self.catalogue()?;
        let months = Months::compile(&self.scenario, &catalogue, 12)
            .map_err(|problems| problems.to_string())?;
        let mut plan = ForecastPlan::of(&self.model);
        plan.strategies = vec![self.strategy];
        plan.threads = threads();
        self.bound(&mut plan.months, &mut plan.estimator);
        let found = forecast(&months, &plan, watch).ok_or(STOPPED)?;
        let name = self
            .model
            .strategies
            .get(self.strategy)
            .map_or("", |strategy| strategy.name.as_str());
        let shown = Forecast::of(&found, name);
        let budget = shown
            .as_ref()
            .and_then(|forecast| forecast.months.first()?.budget);
        let rows = shown
            .iter()
            .flat_map(|forecast| &forecast.months)
            .map(|month| Row {
                label: month.starts.get(..7).unwrap_or(&month.starts).to_owned(),
                from: month.p10,
                to: month.p95,
                words: format!("half below {}", usd(month.p50)),
                tone: Some(match month.budget {
                    Some(budget) if month.p95 > budget => Tone::Bad,
                    _ => Tone::Good,
                }),
            });
        Ok(Found {
            chart: Chart::Bars {
                title: format!(
                    "the bill of each month from its 10% to its 95% quantile{}",
                    budget.map_or_else(String::new, |budget| format!(
                        "; the line is the budget, {}",
                        usd(budget)
                    ))
                ),
                rows: rows.collect(),
                line: budget,
            },
            text: forecast_page(&found),
            report: Analyses {
                forecast: shown,
                ..Analyses::default()
            },
        })
    }

    /// Keeps an analysis small in tests; so few months are counted sooner than they are estimated.
    fn bound(&self, months: &mut u32, estimator: &mut Estimator) {
        if let Some(most) = self.months {
            *months = most;
            *estimator = Estimator::Exact;
        }
    }

    fn catalogue(&self) -> Result<std::borrow::Cow<'static, Catalogue>, String> {
        let folder = self.scenario.folder.as_deref().unwrap_or(Path::new("."));
        Catalogue::in_folder(folder).map_err(|error| error.to_string())
    }
}

/// A whole bill as a row.
fn total(label: &str, amount: f64) -> Row {
    Row {
        label: label.to_owned(),
        from: 0.0,
        to: amount,
        words: usd(amount),
        tone: None,
    }
}

/// The incidents that a scenario can be drilled in.
#[must_use]
pub fn drills(scenario: &Scenario, model: &Model) -> Vec<crate::analysis::drill::Script> {
    scripts(scenario)
        .into_iter()
        .filter(|script| impossible(script, model).is_none())
        .collect()
}

/// All of the machine's threads.
#[must_use]
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

const PATIENCE: Duration = Duration::from_mins(1);

/// Waits for a minute, as commands do.
struct Patient<'a> {
    cancel: &'a Cancel,
    say: &'a (dyn Fn(News) + Sync),
    question: &'a Question,
    started: Instant,
    last: Mutex<Instant>,
}

impl Watch for Patient<'_> {
    fn goes_on(&self, progress: Progress) -> bool {
        if let Ok(mut last) = self.last.try_lock()
            && last.elapsed() >= Duration::from_millis(100)
        {
            *last = Instant::now();
            (self.say)(News::Analysing(self.question.which, progress.share));
        }
        // What is bounded by months ends by itself, and the same on every machine.
        let patient = self.question.months.is_some() || self.started.elapsed() < PATIENCE;
        let over = progress.complete > 0 && !patient;
        !self.cancel.is_set() && !over
    }

    fn cancelled(&self) -> Option<&AtomicBool> {
        Some(self.cancel.flag())
    }
}
