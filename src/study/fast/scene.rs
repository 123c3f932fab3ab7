//! One volume: how its time is cut, what its months are about to bring, and which windows of them are simulated.

use crate::engine::philox::{Item, Purpose, Stream, uniform};
use crate::engine::{Outlook, Setting, Tables, Window};
use crate::model::{Facts, Model};

use super::super::parallel::in_order;
use super::super::plan::Plan;
use super::apt::setting;
use super::land::{Grid, MonthLand, QUARTER_S, Unit, quarter_rates, quarters_at};
use super::luck::{Foreseen, Habits};
use super::whole;

/// Windows of a stratum at the first look: at least, and at most.
const WINDOWS: (f64, f64) = (3.0, 48.0);
/// Windows of a stratum at the first look times the square root of the conversations that one takes to simulate. Of what
/// touches an incident, which there is little of, half as many.
const EFFORT: f64 = 180.0;
/// Months that are looked at in one go.
const AT_ONCE: usize = 16;
/// Scouts for each window.
const SCOUTS: usize = 12;
/// Months at the first look.
const FIRST_MONTHS: f64 = 128.0;
/// Longest warm-up, in quarters of an hour.
pub const LONGEST_WARMUP: usize = 16;

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
    /// Those that nobody has asked for yet.
    pub unscouted: Vec<Pick>,
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
    /// One in each stratum, for a second one.
    OneEach,
    /// As many as so many months usually have.
    Usual,
    /// By stratum.
    Windows(Vec<usize>),
}

/// A place for a window: so many of the conversations expected in a stratum of a month lie before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pick {
    /// Number of the month.
    pub month: usize,
    stratum: usize,
    point: f64,
    /// Whether a quarter of an hour will do.
    short: bool,
}

/// A window that is to be simulated, in every strategy.
#[derive(Debug, Clone)]
pub struct Planned {
    pub month: u32,
    pub unit: Unit,
    /// What its conversations want; known before it is simulated.
    pub foreseen: Foreseen,
}

impl Scene {
    /// What a volume looks like, from the outlooks of its first months. `None` without a strategy.
    pub fn new(
        model: &Model,
        plan: &Plan,
        volume: f64,
        facts: &Facts,
        outlooks: &[Outlook],
    ) -> Option<Self> {
        let strategy = model.strategies.get(*plan.strategies.first()?)?;
        let grid = Grid::new(providers(model, plan), outlooks);
        let finer = plan
            .precision
            .map_or(1.0, |asked| (0.01 / asked.cost).clamp(0.5, 4.0));
        let habits = Habits::new(model, strategy, facts);
        Some(Self {
            volume,
            grid,
            warmup: warmup(model, &habits),
            tables: Tables::new(model, facts, volume),
            land: Vec::new(),
            by_hour: vec![Vec::new(); 168],
            windows: Vec::new(),
            scouts: Vec::new(),
            unscouted: Vec::new(),
            habits,
            limited: has_limits(model, plan),
            finer,
        })
    }

    /// Adds months, in order, given the outlook of each. `None` if one has none.
    pub fn look_ahead(
        &mut self,
        months: usize,
        weekday: usize,
        threads: usize,
        outlook: impl Fn(usize) -> Option<Outlook> + Sync,
    ) -> Option<()> {
        let (strata, hours) = (self.grid.strata(), self.by_hour.len());
        let known = self.land.len();
        let tasks = months.saturating_sub(known).div_ceil(AT_ONCE);
        let looked = in_order(tasks, threads, |task| {
            let mut by_hour = vec![vec![0.0; strata]; hours];
            let from = known + task * AT_ONCE;
            let land: Option<Vec<MonthLand>> = (from..(from + AT_ONCE).min(months))
                .map(|month| Some(self.grid.month(&outlook(month)?, &mut by_hour, weekday)))
                .collect();
            Some((land?, by_hour))
        })?;
        for (land, by_hour) in looked {
            self.land.extend(land);
            for (sums, more) in self.by_hour.iter_mut().zip(by_hour) {
                sums.resize(strata, 0.0);
                for (sum, more) in sums.iter_mut().zip(more) {
                    *sum += more;
                }
            }
        }
        Some(())
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
            .enumerate()
            .map(|(stratum, effort)| {
                let incident = stratum >= self.grid.bands();
                let effort = if incident { 4.0 * effort } else { effort };
                let first = (EFFORT / effort.max(1.0).sqrt()).clamp(WINDOWS.0, WINDOWS.1);
                whole((first * growth).ceil())
            })
            .collect()
    }

    /// Chooses windows, and scouts where there are limits, among the months `from..until`, or among all if none of them
    /// is new.
    pub fn pick(&self, seed: u64, from: usize, until: usize, wanted: &Wanted) -> [Vec<Pick>; 2] {
        let bands = self.grid.bands();
        let mut counts = match wanted {
            // At a quiet, a usual and a busy hour, but not the busiest; all there is where there are no bands.
            Wanted::Glance => {
                let busiest = bands.saturating_sub(2).max(2);
                let shown = |stratum: usize| bands < 3 || stratum % 3 == 1 && stratum < busiest;
                (0..self.grid.strata())
                    .map(|stratum| usize::from(stratum < bands && shown(stratum)))
                    .collect()
            }
            Wanted::OneEach => vec![1; self.grid.strata()],
            Wanted::Usual => self.usual(until),
            Wanted::Windows(windows) => windows.clone(),
        };
        for window in &self.windows {
            if let Some(count) = counts.get_mut(window.unit.stratum) {
                *count = count.saturating_sub(1);
            }
        }
        let from = if from < until { from } else { 0 };
        let stream = |kind: u64| Stream::new(seed, kind + self.windows.len() as u64);
        let mut windows = self.choose(stream(1 << 46), from, until, &counts);
        if *wanted == Wanted::Glance {
            for pick in &mut windows {
                pick.short = true;
            }
            return [windows, Vec::new()];
        }
        let scouts = if self.limited { SCOUTS } else { 0 };
        let counts: Vec<usize> = counts.iter().map(|count| count * scouts).collect();
        let scouts = self.choose(stream(1 << 46 | 1 << 45), from, until, &counts);
        [windows, scouts]
    }

    /// So many places in each stratum among the months `from..until`, in proportion to the conversations expected, evenly
    /// spread from a random start.
    fn choose(&self, stream: Stream, from: usize, until: usize, counts: &[usize]) -> Vec<Pick> {
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
            for (month, land) in (from..).zip(new) {
                let here = of(land);
                while next < below + here {
                    chosen.push(Pick {
                        month,
                        stratum,
                        point: next - below,
                        short: false,
                    });
                    next += step;
                }
                below += here;
            }
        }
        chosen
    }

    /// The window at a place, and what is foreseen of it.
    pub fn planned(
        &self,
        model: &Model,
        plan: &Plan,
        facts: &Facts,
        pick: &Pick,
        outlook: &Outlook,
    ) -> Option<Planned> {
        let rates = quarter_rates(outlook);
        let mut unit = self.unit_at(outlook, pick)?;
        if pick.short {
            unit.quarters = 1;
            unit.expected = rates.get(unit.quarter)? * QUARTER_S;
        }
        let month = u32::try_from(pick.month).ok()?;
        let strategy = *plan.strategies.first()?;
        let of_month = setting(model, strategy, self.volume, facts, plan.seed, month)?;
        let other;
        let habits = if self.habits.are_of(model, of_month.strategy, facts) {
            &self.habits
        } else {
            other = Habits::new(model, of_month.strategy, facts);
            &other
        };
        let window = self.window(of_month, unit);
        Some(Planned {
            month,
            unit,
            foreseen: habits.foresee(&window, &self.tables, &rates, unit.quarter, unit.quarters),
        })
    }

    /// The unit that a place lies in.
    fn unit_at(&self, outlook: &Outlook, pick: &Pick) -> Option<Unit> {
        let mut units = self.grid.units(outlook);
        units.retain(|unit| unit.stratum == pick.stratum);
        let mut below = 0.0;
        let found = units.iter().find(|unit| {
            below += unit.expected;
            pick.point < below
        });
        found.or(units.last()).copied()
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
