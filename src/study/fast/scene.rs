//! One volume: how its time is cut, what its months are about to bring, and which windows of them are simulated.

use crate::engine::philox::{Item, Purpose, Stream, uniform};
use crate::engine::{Outlook, Setting, Tables, Window};
use crate::model::{Facts, Model};

use super::super::plan::Plan;
use super::apt::setting;
use super::land::{Grid, MonthLand, QUARTER_S, Unit, quarter_rates, quarters_at};
use super::luck::{Foreseen, Habits};

/// Windows of a stratum at the first look: at least, and at most.
const WINDOWS: (f64, f64) = (3.0, 48.0);
/// Windows of a stratum at the first look times the square root of the conversations that one takes to simulate.
const EFFORT: f64 = 180.0;
/// Scouts for each window.
const SCOUTS: usize = 12;
/// Months at the first look.
const FIRST_MONTHS: f64 = 128.0;
/// Longest warm-up, in quarters of an hour.
const LONGEST_WARMUP: usize = 8;

/// What is simulated at one volume.
pub struct Scene {
    pub volume: f64,
    pub grid: Grid,
    /// Quarters of an hour before a window.
    pub warmup: usize,
    pub tables: Tables,
    pub land: Vec<MonthLand>,
    /// By hour of the week and stratum: conversations expected in all months.
    pub by_hour: Vec<Vec<f64>>,
    pub windows: Vec<Planned>,
    /// Windows that are only foreseen.
    pub scouts: Vec<Planned>,
    habits: Habits,
    /// Whether a model has limits.
    limited: bool,
    /// Windows at the first look against what is usual.
    finer: f64,
}

/// How many windows there shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A few short ones, for a first glance after which more are to come.
    Glance,
    /// As many as so many months usually have.
    Usual,
    /// By stratum.
    Windows(Vec<usize>),
}

/// A window that is to be simulated, in every strategy.
#[derive(Debug, Clone)]
pub struct Planned {
    pub month: u32,
    pub unit: Unit,
    /// What its conversations want; known before it is simulated.
    pub foreseen: Option<Foreseen>,
}

impl Scene {
    /// What a volume looks like, from the outlooks of its first months.
    pub fn new(
        model: &Model,
        plan: &Plan,
        volume: f64,
        facts: &Facts,
        outlooks: &[Outlook],
    ) -> Self {
        let grid = Grid::new(providers(model, plan), outlooks);
        let finer = plan
            .precision
            .map_or(1.0, |asked| (0.01 / asked.cost).clamp(0.5, 4.0));
        let habits = Habits::new(model, facts);
        Self {
            volume,
            grid,
            warmup: warmup(model, &habits),
            tables: Tables::new(model, facts, volume),
            land: Vec::new(),
            by_hour: vec![Vec::new(); 168],
            windows: Vec::new(),
            scouts: Vec::new(),
            habits,
            limited: has_limits(model, plan),
            finer,
        }
    }

    /// Adds months, in order, given the outlook of each.
    pub fn look_ahead(
        &mut self,
        months: usize,
        weekday: usize,
        outlook: impl Fn(u32) -> Option<Outlook>,
    ) {
        for strata in &mut self.by_hour {
            strata.resize(self.grid.strata(), 0.0);
        }
        for number in self.land.len()..months {
            if let Some(outlook) = u32::try_from(number).ok().and_then(&outlook) {
                let land = self.grid.month(&outlook, &mut self.by_hour, weekday);
                self.land.push(land);
            }
        }
    }

    /// Conversations that a window of each stratum takes to simulate, its warm-up included.
    pub fn efforts(&self) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); self.grid.strata()];
        for month in &self.land {
            for (sums, (expected, seconds)) in sums
                .iter_mut()
                .zip(month.expected.iter().zip(&month.seconds))
            {
                *sums = (sums.0 + expected, sums.1 + seconds);
            }
        }
        sums.into_iter()
            .enumerate()
            .map(|(stratum, (expected, seconds))| {
                let rate = expected / f64::max(seconds, 1.0);
                let quarters = if stratum < self.grid.bands() {
                    quarters_at(rate)
                } else {
                    1
                };
                rate * (quarters + self.warmup) as f64 * QUARTER_S
            })
            .collect()
    }

    /// How many windows each stratum usually has once so many months are known. For the same work the variance is least
    /// if they are inversely proportional to the square root of what each takes (Neyman 1934; Cochran, "Sampling
    /// Techniques", 1977, section 5.5, for strata that are as important and as variable). Most of what more months tell
    /// is about facts, so windows grow more slowly.
    fn usual(&self, months: usize) -> Vec<usize> {
        let growth = libm::cbrt((months as f64 / FIRST_MONTHS).max(1.0)) * self.finer;
        self.efforts()
            .into_iter()
            .map(|effort| {
                let first = (EFFORT / effort.max(1.0).sqrt()).clamp(WINDOWS.0, WINDOWS.1);
                whole((first * growth).ceil())
            })
            .collect()
    }

    /// Chooses windows among the months `from..until`, or among all if none of them is new: in each stratum in proportion to the conversations expected,
    /// evenly spread from a random start; and scouts, where there are limits.
    pub fn plan_windows(
        &mut self,
        seed: u64,
        from: usize,
        until: usize,
        wanted: &Wanted,
        outlook: impl Fn(u32) -> Option<Outlook>,
    ) {
        let bands = self.grid.bands();
        let wanted_by_stratum = match wanted {
            // At a quiet, a usual and a busy hour; all there is where there are no bands.
            Wanted::Glance => (0..self.grid.strata())
                .map(|stratum| usize::from(stratum < bands && (stratum % 3 == 1 || bands < 3)))
                .collect(),
            Wanted::Usual => self.usual(until),
            Wanted::Windows(windows) => windows.clone(),
        };
        let mut known = vec![0; self.grid.strata()];
        for window in &self.windows {
            if let Some(known) = known.get_mut(window.unit.stratum) {
                *known += 1;
            }
        }
        let counts: Vec<usize> = wanted_by_stratum
            .iter()
            .zip(known)
            .map(|(wanted, known)| wanted.saturating_sub(known))
            .collect();
        let from = if from < until { from } else { 0 };
        let stream = Stream::new(seed, (1 << 46) + self.windows.len() as u64);
        let mut windows = self.choose(stream, from, until, &counts, &outlook);
        if *wanted == Wanted::Glance {
            for window in &mut windows {
                // Quick to have.
                if let Some(outlook) = outlook(window.month) {
                    let rates = quarter_rates(&outlook);
                    let unit = &mut window.unit;
                    unit.quarters = 1;
                    unit.expected = rates.get(unit.quarter).copied().unwrap_or(0.0) * QUARTER_S;
                }
            }
        } else if self.limited {
            let counts: Vec<usize> = counts.iter().map(|count| count * SCOUTS).collect();
            let stream = Stream::new(seed, (1 << 46) + (1 << 45) + self.windows.len() as u64);
            let scouts = self.choose(stream, from, until, &counts, &outlook);
            self.scouts.extend(scouts);
        }
        self.windows.extend(windows);
    }

    /// So many units of each stratum among the months `from..until`, in proportion to the conversations expected, evenly
    /// spread from a random start.
    fn choose(
        &self,
        stream: Stream,
        from: usize,
        until: usize,
        counts: &[usize],
        outlook: impl Fn(u32) -> Option<Outlook>,
    ) -> Vec<Planned> {
        let new = self.land.get(from..until).unwrap_or(&[]);
        let mut chosen = Vec::new();
        for (stratum, count) in counts.iter().enumerate() {
            let of = |month: &MonthLand| month.expected.get(stratum).copied().unwrap_or(0.0);
            let total: f64 = new.iter().map(of).sum();
            if total <= 0.0 || *count == 0 {
                continue;
            }
            let [bits, ..] = stream.block(stratum as u64, Item::new(Purpose::Replay, 0, 0, 0));
            let step = total / *count as f64;
            let mut next = uniform(bits) * step;
            let mut below = 0.0;
            for (place, month) in new.iter().enumerate() {
                let here = of(month);
                while next < below + here {
                    let month = u32::try_from(from + place).ok();
                    let planned = month.and_then(|month| {
                        let unit = self.unit_at(&outlook(month)?, stratum, next - below)?;
                        Some(Planned {
                            month,
                            unit,
                            foreseen: None,
                        })
                    });
                    chosen.extend(planned);
                    next += step;
                }
                below += here;
            }
        }
        chosen
    }

    /// The unit of a month in which so many of the conversations that are expected in a stratum lie before a point.
    fn unit_at(&self, outlook: &Outlook, stratum: usize, point: f64) -> Option<Unit> {
        let mut below = 0.0;
        let units = self.grid.units(outlook);
        let of = units.iter().filter(|unit| unit.stratum == stratum);
        of.copied().find(|unit| {
            below += unit.expected;
            point < below
        })
    }

    /// A window of a strategy's month.
    pub fn window<'a>(&self, of_month: Setting<'a>, unit: Unit) -> Setting<'a> {
        let from_s = unit.quarter as f64 * QUARTER_S;
        let until_s = from_s + unit.quarters as f64 * QUARTER_S;
        Setting {
            window: Some(Window {
                from_s: (from_s - self.warmup as f64 * QUARTER_S).max(0.0),
                counts_from_s: from_s,
                counts_until_s: until_s,
                until_s,
            }),
            ..of_month
        }
    }

    /// What is foreseen of a planned window.
    pub fn foresee(
        &self,
        model: &Model,
        plan: &Plan,
        facts: &Facts,
        planned: &Planned,
        outlook: &Outlook,
    ) -> Option<Foreseen> {
        let strategy = *plan.strategies.first()?;
        let month = setting(
            model,
            strategy,
            self.volume,
            facts,
            plan.seed,
            planned.month,
        )?;
        let rates = quarter_rates(outlook);
        let (first, number) = (planned.unit.quarter, planned.unit.quarters);
        let other;
        let habits = if self.habits.are_of(model, facts) {
            &self.habits
        } else {
            other = Habits::new(model, facts);
            &other
        };
        let window = self.window(month, planned.unit);
        Some(habits.foresee(&window, &self.tables, &rates, first, number))
    }
}

/// Providers whose incidents matter to some strategy.
fn providers(model: &Model, plan: &Plan) -> Vec<usize> {
    let strategies = plan
        .strategies
        .iter()
        .filter_map(|index| model.strategies.get(*index));
    let mut providers: Vec<usize> = strategies
        .flat_map(|strategy| &strategy.uses)
        .filter_map(|id| model.models.get(*id))
        .map(|server| server.provider)
        .collect();
    providers.sort_unstable();
    providers.dedup();
    providers.retain(|provider| {
        let known = model.providers.get(*provider);
        known.is_some_and(|known| known.outage.is_some() || known.brownout.is_some())
    });
    providers
}

/// Whether a model that some strategy uses has limits by the minute.
fn has_limits(model: &Model, plan: &Plan) -> bool {
    let strategies = plan.strategies.iter();
    strategies
        .filter_map(|index| model.strategies.get(*index))
        .flat_map(|strategy| &strategy.uses)
        .filter_map(|id| model.models.get(*id))
        .map(|server| &server.limits)
        .any(|limits| {
            let by_minute = [
                &limits.requests_per_min,
                &limits.tokens_per_min,
                &limits.input_tokens_per_min,
                &limits.output_tokens_per_min,
            ];
            by_minute.iter().any(|limit| limit.is_some())
        })
}

/// Quarters of an hour after which all but a few requests come from conversations that a window has seen begin, and
/// after which queues, breakers and prompt caches have forgotten the start.
fn warmup(model: &Model, habits: &Habits) -> usize {
    let hosted = model.models.iter().any(|model| model.hosting.is_some());
    whole((habits.settled_s() / QUARTER_S).ceil()).clamp(if hosted { 2 } else { 1 }, LONGEST_WARMUP)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts"
)]
fn whole(number: f64) -> usize {
    number.max(0.0) as usize
}
