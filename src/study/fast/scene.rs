//! One volume: how its time is cut, what its months are about to bring, and which windows of them are simulated.

use crate::engine::philox::{Item, Purpose, Stream, uniform};
use crate::engine::{Outlook, Setting, Tables, Window};
use crate::model::{Facts, Model};

use super::super::plan::Plan;
use super::apt::setting;
use super::land::{Grid, MonthLand, QUARTER_S, Unit, quarter_rates};
use super::luck::{Habits, Luck};

/// Windows of each stratum at the first look, at least.
const LEAST: f64 = 4.0;
/// Months at the first look.
const FIRST_MONTHS: f64 = 128.0;
/// Conversations that the windows of a volume's bands see at the first look, about: where windows hold few, there are
/// more of them, up to [`MOST`] times as many.
const ENOUGH: f64 = 20_000.0;
/// See [`ENOUGH`].
const MOST: f64 = 16.0;
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
    habits: Habits,
    /// Windows of each stratum at the first look.
    level: f64,
}

/// A window that is to be simulated, in every strategy.
#[derive(Debug, Clone)]
pub struct Planned {
    pub month: u32,
    pub unit: Unit,
    /// What its conversations want, against what is expected; known before it is simulated.
    pub luck: Option<Luck>,
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
        let hours: usize = outlooks
            .iter()
            .map(|month| month.demand.by_hour.len())
            .sum();
        let all: f64 = outlooks
            .iter()
            .flat_map(|month| &month.demand.by_hour)
            .sum();
        let per_hour = all / hours.max(1) as f64 * 3600.0;
        let quarters = match per_hour {
            rate if rate < 3_000.0 => 4,
            rate if rate < 30_000.0 => 2,
            _ => 1,
        };
        let grid = Grid::new(quarters, providers(model, plan), outlooks);
        let seen = per_hour * quarters as f64 / 4.0 * LEAST * grid.bands() as f64;
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
            habits,
            level: LEAST * (ENOUGH / seen.max(1.0)).clamp(1.0, MOST) * finer,
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

    /// How many windows each band should have once so many months are known. Most of what more months tell is about
    /// facts, so windows grow more slowly, and from 1,024 to 4,096 months, where only rare events of whole months are
    /// still to be learnt, not at all.
    fn wanted(&self, months: usize) -> f64 {
        let months = months as f64;
        let early = libm::cbrt((months.min(1024.0) / FIRST_MONTHS).max(1.0));
        self.level * early * (months / 4096.0).max(1.0)
    }

    /// Chooses windows among the months `from..until`: in each stratum in proportion to the conversations expected,
    /// evenly spread from a random start. All bands of load have the same number, so that the busy hours, in which limits
    /// bind, are looked at more often than they occur; and so are incidents. A first glance, after which more months are
    /// to come, has few and short ones.
    pub fn plan_windows(
        &mut self,
        seed: u64,
        from: usize,
        until: usize,
        glance: bool,
        outlook: impl Fn(u32) -> Option<Outlook>,
    ) {
        let new = self.land.get(from..until).unwrap_or(&[]);
        let bands = self.grid.bands();
        let stream = Stream::new(seed, (1 << 46) + from as u64);
        let mut chosen: Vec<(usize, usize, f64)> = Vec::new();
        for stratum in 0..self.grid.strata() {
            let of = |month: &MonthLand| month.expected.get(stratum).copied().unwrap_or(0.0);
            let total: f64 = new.iter().map(of).sum();
            if total <= 0.0 {
                continue;
            }
            let known = self
                .windows
                .iter()
                .filter(|window| window.unit.stratum == stratum)
                .count();
            let count = match glance {
                // At a quiet, a usual and a busy hour; all there is where there are no bands.
                true => usize::from(stratum < bands && (stratum % 2 == 1 || bands < 3)),
                _ if stratum < bands => whole(self.wanted(until).ceil()).saturating_sub(known),
                _ => whole((LEAST * self.wanted(until) / self.level).ceil()).saturating_sub(known),
            };
            if count == 0 {
                continue;
            }
            let [bits, ..] = stream.block(stratum as u64, Item::new(Purpose::Replay, 0, 0, 0));
            let step = total / count as f64;
            let mut next = uniform(bits) * step;
            let mut below = 0.0;
            for (place, month) in new.iter().enumerate() {
                let here = of(month);
                while next < below + here {
                    chosen.push((from + place, stratum, next - below));
                    next += step;
                }
                below += here;
            }
        }
        for (month, stratum, point) in chosen {
            let Ok(month) = u32::try_from(month) else {
                continue;
            };
            let Some(outlook) = outlook(month) else {
                continue;
            };
            let mut below = 0.0;
            let units = self.grid.units(&outlook);
            let unit = units
                .iter()
                .filter(|unit| unit.stratum == stratum)
                .find(|unit| {
                    below += unit.expected;
                    point < below
                });
            let Some(mut unit) = unit.copied() else {
                continue;
            };
            if glance && unit.quarters > 1 {
                // Quick to have.
                let rates = quarter_rates(&outlook);
                unit.quarters = 1;
                unit.expected = rates.get(unit.quarter).copied().unwrap_or(0.0) * QUARTER_S;
            }
            self.windows.push(Planned {
                month,
                unit,
                luck: None,
            });
        }
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

    /// The luck of a planned window.
    pub fn luck(
        &self,
        model: &Model,
        plan: &Plan,
        facts: &Facts,
        planned: &Planned,
        outlook: &Outlook,
    ) -> Option<Luck> {
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
        Some(habits.luck(&window, &self.tables, &rates, first, number))
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
