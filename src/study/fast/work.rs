//! A study by windows under way.

use crate::engine::philox::{Item, Purpose, Stream, uniform};
use crate::engine::{
    MonthLines, Outlook, kept_wrong_variance, month_lines, outlook, simulate_window,
};
use crate::model::{Facts, Model, SloName};
use crate::quantity::standard_normal;

use super::super::cell::{Numbers, Outcome, document};
use super::super::parallel::in_order;
use super::super::plan::{Estimator, Plan, Precision, Progress, Watch};
use super::super::run::{facts_of, thresholds};
use super::super::stopping::{months_way_left, numbers_way_left};
use super::allot::{PART, allot};
use super::apt::{remembers_too_long, setting};
use super::fit::Design;
use super::land::{QUARTER_S, TOP_HOURS};
use super::luck::FLAGS;
use super::overload::Overload;
use super::predict::{Estimated, Months, at};
use super::scene::{Pick, Planned, Scene, Wanted};
use super::sums::{Sums, WORKED, refusals_at};
use super::{FIRST_PAIRS, GLANCE_PAIRS, Look, MOST_PAIRS, PILOT_PAIRS, next_look, whole};

/// A study under way.
pub struct Fast<'a> {
    pub model: &'a Model,
    pub plan: &'a Plan,
    pub watch: &'a dyn Watch,
    /// `share_within`, and the SLOs' limits.
    limits: Vec<f64>,
    seconds: Vec<f64>,
    scenes: Vec<Scene>,
    facts: Vec<Facts>,
    scores: Vec<Vec<f64>>,
    /// Cells in the order of results: strategy, index of the scene.
    cells: Vec<(usize, usize)>,
    lines: Vec<Vec<MonthLines>>,
    /// By cell: variance of wrong answers that are kept, per conversation; empty at the first glance.
    kept_wrong: Vec<f64>,
    /// By cell and window.
    pub sums: Vec<Vec<Sums>>,
    /// By scene: windows that each stratum should have, where that is known.
    allotted: Vec<Vec<usize>>,
    /// By cell: whether windows that are added are simulated in it. What a cell has are always its scene's first ones.
    wanting: Vec<bool>,
    /// By cell: windows of which the last look told.
    told: Vec<usize>,
    /// Months that are complete.
    pub complete: usize,
    /// Share of the way that is behind, and that will be after the stage under way.
    pub share: f64,
    pub aim: f64,
}

impl<'a> Fast<'a> {
    pub fn new(model: &'a Model, plan: &'a Plan, watch: &'a dyn Watch) -> Self {
        let seconds = thresholds(plan);
        let mut limits = seconds.clone();
        limits.extend(model.slo.iter().filter_map(|(name, limit)| match name {
            SloName::Latency(_) => Some(*limit),
            _ => None,
        }));
        let cells = plan
            .cells()
            .iter()
            .map(|(strategy, volume)| {
                let scene = plan.volumes.iter().position(|known| known == volume);
                (*strategy, scene.unwrap_or(0))
            })
            .collect();
        let mut study = Self {
            model,
            plan,
            watch,
            limits,
            seconds,
            scenes: Vec::new(),
            facts: Vec::new(),
            scores: Vec::new(),
            cells,
            lines: Vec::new(),
            kept_wrong: Vec::new(),
            sums: Vec::new(),
            allotted: Vec::new(),
            wanting: vec![true; plan.cells().len()],
            told: Vec::new(),
            complete: 0,
            share: 0.0,
            aim: 0.1,
        };
        study.know_facts(FIRST_PAIRS);
        study.scenes = plan
            .volumes
            .iter()
            .filter_map(|volume| study.scene(*volume))
            .collect();
        study.sums = study.cells.iter().map(|_| Vec::new()).collect();
        study.lines = study.cells.iter().map(|_| Vec::new()).collect();
        study
    }

    /// Variance of a cell's wrong answers that are kept: the mean over a few months' facts, for windows of an hour, as
    /// nearly all are, or less.
    fn kept_wrong(&self, cell: usize) -> Option<f64> {
        let (strategy, scene) = *self.cells.get(cell)?;
        let scene = self.scenes.get(scene)?;
        let months = (0_u32..).step_by(2).zip(&self.facts).take(GLANCE_PAIRS);
        let known = months.filter_map(|(month, facts)| {
            let seed = self.plan.seed;
            let month = setting(self.model, strategy, scene.volume, facts, seed, month)?;
            Some(kept_wrong_variance(&month, &scene.tables, 4.0 * QUARTER_S))
        });
        let known: Vec<f64> = known.collect();
        Some(known.iter().sum::<f64>() / known.len().max(1) as f64)
    }

    /// Why what was simulated shows that windows do not do.
    pub fn remembers_too_long(&self) -> Option<String> {
        let facts = self.facts.first()?;
        self.cells
            .iter()
            .zip(&self.sums)
            .find_map(|((strategy, scene), sums)| {
                let warmup_s = self.scenes.get(*scene)?.warmup as f64 * QUARTER_S;
                remembers_too_long(self.model, *strategy, facts, sums, warmup_s)
            })
    }

    /// Draws the facts of so many pairs of months.
    pub fn know_facts(&mut self, pairs: usize) {
        for pair in self.facts.len()..pairs {
            let pair = pair as u64;
            self.facts.push(facts_of(self.model, self.plan.seed, pair));
            let stream = Stream::new(self.plan.seed, pair);
            let scores = self
                .model
                .facts
                .iter()
                .filter(|fact| fact.law.as_constant().is_none())
                .map(|fact| {
                    let [bits, ..] = stream.block(fact.key, Item::new(Purpose::Fact, 0, 0, 0));
                    standard_normal(uniform(bits))
                })
                .collect();
            self.scores.push(scores);
        }
    }

    /// What a month is about to bring; `None` if the study was stopped.
    fn outlook(&self, volume: f64, month: usize) -> Option<Outlook> {
        if self.cancelled() {
            return None;
        }
        let month = u32::try_from(month).ok()?;
        let facts = self.facts.get(month as usize / 2)?;
        let strategy = *self.plan.strategies.first()?;
        let setting = setting(self.model, strategy, volume, facts, self.plan.seed, month)?;
        Some(outlook(&setting))
    }

    /// What one volume looks like.
    fn scene(&self, volume: f64) -> Option<Scene> {
        let outlooks: Vec<Outlook> = (0..16)
            .filter_map(|month| self.outlook(volume, month))
            .collect();
        let facts = self.facts.first()?;
        Scene::new(self.model, self.plan, volume, facts, &outlooks)
    }

    /// Estimates with so many pairs of months: the cells' numbers, and of how many months. `None` if it was stopped.
    pub fn stage(&mut self, pairs: usize, before: Option<&Look>) -> Option<Look> {
        let months = (pairs * 2).min(match self.plan.precision {
            Some(_) => usize::MAX,
            None => self.plan.months as usize,
        });
        self.know_facts(pairs);
        self.look_ahead(months)?;
        self.simulate()?;
        self.numbers(months, before)
            .map(|numbers| (numbers, months))
    }

    /// After a look at so many pairs of months: how many the next look needs, and in each scene how many windows.
    /// `None` if the study is sure enough.
    pub fn go_on(
        &mut self,
        pairs: usize,
        numbers: &[Numbers],
        precision: &Precision,
    ) -> Option<usize> {
        self.share = 1.0 / numbers_way_left(numbers, precision).max(1.0);
        // Glances only show what it may be.
        if pairs < FIRST_PAIRS {
            self.aim = (self.share * 2.0).clamp(0.1, 1.0);
            return Some(next_look(pairs));
        }
        if self.share >= 1.0 {
            return None;
        }
        let more = self.allot(numbers, precision);
        let way = months_way_left(numbers, precision, 1.0 - PART);
        // Windows first: months cost little, but every look at many of them does.
        let most = if more { PILOT_PAIRS } else { MOST_PAIRS };
        let doublings = libm::log2(way.clamp(1.0, 64.0)).ceil();
        let next = whole((pairs as f64 * libm::exp2(doublings)).min(most as f64)).max(pairs);
        self.aim = (self.share * 2.0).min(1.0);
        (more || next > pairs).then_some(next)
    }

    /// Decides how many windows each stratum shall have, and which cells are simulated in those that are added; whether
    /// any is.
    fn allot(&mut self, numbers: &[Numbers], precision: &Precision) -> bool {
        self.allotted.clear();
        for (place, scene) in self.scenes.iter().enumerate() {
            let strata: Vec<usize> = scene.windows.iter().map(|it| it.unit.stratum).collect();
            let efforts = scene.efforts();
            let mut all = vec![0; efforts.len()];
            let cells = self.cells.iter().zip(numbers).zip(&self.sums);
            for ((((_, of), numbers), sums), wanting) in cells.zip(&mut self.wanting) {
                if *of != place {
                    continue;
                }
                let wanted = allot(numbers, &strata, sums.len(), &efforts, precision);
                *wanting = wanted.is_some();
                for (all, wanted) in all.iter_mut().zip(wanted.unwrap_or_default()) {
                    *all = (*all).max(wanted);
                }
            }
            self.allotted.push(all);
        }
        self.wanting.contains(&true)
    }

    /// Writes the cells' numbers down.
    pub fn written(&self, numbers: Vec<Numbers>, months: usize) -> Outcome {
        let cells = self.plan.cells();
        document(
            self.model,
            self.plan,
            Estimator::Fast,
            &cells,
            numbers,
            months,
        )
    }

    /// What the windows say about so many months.
    pub fn outcome(&mut self, months: usize) -> Option<Outcome> {
        let numbers = self.numbers(months, None)?;
        Some(self.written(numbers, months))
    }

    /// Cell and number of each window that is planned and not simulated, by number.
    pub fn undone(&self) -> Vec<(usize, usize)> {
        let mut tasks: Vec<(usize, usize)> = self
            .cells
            .iter()
            .enumerate()
            .filter(|(cell, _)| self.wanting.get(*cell).is_none_or(|wanting| *wanting))
            .flat_map(|(cell, (_, scene))| {
                let done = self.sums.get(cell).map_or(0, Vec::len);
                let planned = self
                    .scenes
                    .get(*scene)
                    .map_or(0, |scene| scene.windows.len());
                (done..planned).map(move |window| (cell, window))
            })
            .collect();
        tasks.sort_unstable_by_key(|(cell, window)| (*window, *cell));
        tasks
    }

    /// Draws the outlooks of further months, and plans windows in them. `None` if it was stopped.
    pub fn look_ahead(&mut self, months: usize) -> Option<()> {
        let weekday = self.model.calendar.weekday;
        let mut scenes = std::mem::take(&mut self.scenes);
        for (place, scene) in scenes.iter_mut().enumerate() {
            let (known, volume) = (scene.land.len(), scene.volume);
            let outlook = |month: usize| self.outlook(volume, month);
            let threads = self.plan.threads;
            if scene
                .look_ahead(months, weekday, threads, outlook)
                .is_none()
            {
                break;
            }
            let more_to_come = self.goes_on_after(months);
            let wanted = match self.allotted.get(place) {
                Some(windows) => Wanted::Windows(windows.clone()),
                None if known == 0 && more_to_come => Wanted::Glance,
                None if months < 2 * FIRST_PAIRS && more_to_come => Wanted::OneEach,
                None => Wanted::Usual,
            };
            let [windows, mut scouts] = scene.pick(self.plan.seed, known, months, &wanted);
            let Some(mut planned) = self.planned(scene, &windows) else {
                break;
            };
            scene.unscouted.append(&mut scouts);
            scene.windows.append(&mut planned);
        }
        self.scenes = scenes;
        (!self.cancelled()).then_some(())
    }

    /// Windows at some places, with what is foreseen of them. `None` if it was stopped.
    fn planned(&self, scene: &Scene, picks: &[Pick]) -> Option<Vec<Planned>> {
        in_order(picks.len(), self.plan.threads, |place| {
            let pick = picks.get(place)?;
            let facts = self.facts.get(pick.month / 2)?;
            let outlook = self.outlook(scene.volume, pick.month)?;
            scene.planned(self.model, self.plan, facts, pick, &outlook)
        })
    }

    /// Sends the scouts of volumes in which something was refused. `None` if it was stopped.
    fn scout(&mut self) -> Option<()> {
        let refusals = refusals_at(self.limits.len(), self.model.models.len());
        let refuses = |sums: &Sums| sums.list.iter().skip(refusals).any(|count| *count > 0.0);
        for place in 0..self.scenes.len() {
            let cells = self.cells.iter().zip(&self.sums);
            let mut here = cells.filter(|((_, scene), _)| *scene == place);
            if !here.any(|(_, sums)| sums.iter().any(refuses)) {
                continue;
            }
            let picks = std::mem::take(&mut self.scenes.get_mut(place)?.unscouted);
            let mut scouts = self.planned(self.scenes.get(place)?, &picks)?;
            self.scenes.get_mut(place)?.scouts.append(&mut scouts);
        }
        Some(())
    }

    fn cancelled(&self) -> bool {
        self.watch
            .cancelled()
            .is_some_and(|flag| flag.load(std::sync::atomic::Ordering::Relaxed))
    }

    /// Simulates the windows that are planned and not yet done; `None` if it was stopped.
    fn simulate(&mut self) -> Option<()> {
        let tasks = self.undone();
        let wanted = tasks.len();
        let done = std::sync::atomic::AtomicUsize::new(0);
        let results = in_order(wanted, self.plan.threads, |task| {
            let (cell, window) = *tasks.get(task)?;
            let sums = self.window(cell, window)?;
            let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            let progress = Progress {
                done,
                wanted,
                complete: self.complete,
                share: self.share + (self.aim - self.share).max(0.0) * done as f64 / wanted as f64,
            };
            self.watch.goes_on(progress).then_some(sums)
        })?;
        for ((cell, _), sums) in tasks.iter().zip(results) {
            self.sums.get_mut(*cell)?.push(sums);
        }
        Some(())
    }

    /// Simulates a window of a cell; `None` if it was stopped.
    pub fn window(&self, cell: usize, window: usize) -> Option<Sums> {
        let (strategy, scene) = *self.cells.get(cell)?;
        let scene = self.scenes.get(scene)?;
        let planned = scene.windows.get(window)?;
        let facts = self.facts.get(planned.month as usize / 2)?;
        let month = setting(
            self.model,
            strategy,
            scene.volume,
            facts,
            self.plan.seed,
            planned.month,
        )?;
        let window = scene.window(month, planned.unit);
        let month = simulate_window(window, &scene.tables, self.watch.cancelled())?;
        Some(Sums::new(
            &month,
            &self.limits,
            planned.unit.quarters as f64 * QUARTER_S,
        ))
    }

    /// Whether a study of so many months is only on its way.
    fn goes_on_after(&self, months: usize) -> bool {
        self.plan.precision.is_some() || months < self.plan.months as usize
    }

    /// What all cells' months amount to; those of cells that have seen nothing since the look before are still known.
    /// `None` if it was stopped.
    fn numbers(&mut self, months: usize, before: Option<&Look>) -> Option<Vec<Numbers>> {
        self.scout()?;
        let threads = self.plan.threads;
        let glance = before.is_none() && self.goes_on_after(months);
        if self.kept_wrong.is_empty() && !glance {
            self.kept_wrong = in_order(self.cells.len(), threads, |cell| self.kept_wrong(cell))?;
        }
        let luck: Vec<Vec<Vec<f64>>> = self
            .scenes
            .iter()
            .map(|scene| in_order(months, threads, |month| Some(self.luck(scene, month))))
            .collect::<Option<_>>()?;
        self.know_lines(months.div_ceil(2));
        let known = |cell: usize| {
            let (numbers, of) = before?;
            let unchanged =
                *of == months && self.told.get(cell) == Some(&self.sums.get(cell)?.len());
            numbers.get(cell).filter(|_| unchanged).cloned()
        };
        let numbers = in_order(self.cells.len(), threads, |cell| {
            known(cell).or_else(|| self.cell(cell, &luck))
        })?;
        self.told = self.sums.iter().map(Vec::len).collect();
        Some(numbers)
    }

    /// Normal numbers of a month: for each window, for each busiest hour, and for wrong answers that are kept. Strategies
    /// share them.
    fn luck(&self, scene: &Scene, month: usize) -> Vec<f64> {
        let stream = Stream::new(self.plan.seed, (1 << 47) + month as u64);
        let number = scene.windows.len() + TOP_HOURS + 1;
        (0..number.div_ceil(4) as u64)
            .flat_map(|block| {
                stream
                    .block(block, Item::new(Purpose::Replay, 0, 0, 0))
                    .map(|bits| standard_normal(uniform(bits)))
            })
            .take(number)
            .collect()
    }

    /// Lines that are paid by the month, by pair where facts change them.
    fn know_lines(&mut self, pairs: usize) {
        for (cell, (strategy, scene)) in self.cells.iter().enumerate() {
            let Some((known, scene)) = self.lines.get_mut(cell).zip(self.scenes.get(*scene)) else {
                continue;
            };
            for pair in known.len()..pairs {
                // Where the first pairs agree, all do: nothing in them is uncertain.
                let settled = known.len() >= 8 && known.windows(2).all(|two| two[0] == two[1]);
                if settled {
                    known.truncate(8);
                    break;
                }
                let Some(facts) = self.facts.get(pair) else {
                    break;
                };
                let month = u32::try_from(pair * 2).unwrap_or(u32::MAX);
                if let Some(setting) = setting(
                    self.model,
                    *strategy,
                    scene.volume,
                    facts,
                    self.plan.seed,
                    month,
                ) {
                    known.push(month_lines(&setting));
                }
            }
        }
    }

    fn cell(&self, cell: usize, luck: &[Vec<Vec<f64>>]) -> Option<Numbers> {
        let (strategy, place) = *self.cells.get(cell)?;
        let scene = self.scenes.get(place)?;
        let sums = self.sums.get(cell)?;
        let windows = scene.windows.get(..sums.len())?;
        let mut design: Vec<Design> = windows
            .iter()
            .map(|window| Design {
                stratum: window.unit.stratum,
                exposure: window.unit.expected,
                scores: self
                    .scores
                    .get(window.month as usize / 2)
                    .cloned()
                    .unwrap_or_default(),
                luck: window.foreseen.luck,
            })
            .collect();
        know_flags(&mut design, sums);
        let strata = scene.grid.strata();
        let lines = self.lines.get(cell)?;
        let limits = self.limits.len();
        let scouted = match Overload::seen(self.model, limits, lines.first(), sums, windows) {
            Some(overload) => overload.know(&mut design, windows, &scene.scouts, strata),
            None => Vec::new(),
        };
        let lasted: Vec<f64> = scene
            .windows
            .iter()
            .map(|window| window.unit.quarters as f64 * QUARTER_S)
            .collect();
        let months = scene.land.len() as f64;
        let by_hour: Vec<Vec<f64>> = scene
            .by_hour
            .iter()
            .map(|strata| strata.iter().map(|expected| expected / months).collect())
            .collect();
        let windows: Vec<&Sums> = sums.iter().collect();
        let estimated = Estimated {
            model: self.model,
            strategy: self.model.strategies.get(strategy)?,
            limits: &self.limits,
            seconds: &self.seconds,
            months: Months {
                land: &scene.land,
                by_hour: &by_hour,
                scores: &self.scores,
                luck: luck.get(place)?,
            },
            kept_wrong: at(&self.kept_wrong, cell),
            lines,
            design: &design,
            lasted: &lasted,
            windows: &windows,
            strata,
            scouted: &scouted,
            bands: scene.grid.bands(),
            cancel: self.watch.cancelled(),
        };
        estimated.numbers()
    }
}

/// Adds to the luck of windows which of their answers were flagged for review: the work that this made, less what was
/// expected before it was drawn, which is 0 on average.
fn know_flags(design: &mut [Design], sums: &[Sums]) {
    let worked: f64 = sums.iter().map(|sums| at(&sums.list, WORKED)).sum();
    let exposure: f64 = design.iter().map(|window| window.exposure).sum();
    let usual = worked / exposure;
    if worked <= 0.0 {
        return;
    }
    for (window, sums) in design.iter_mut().zip(sums) {
        window.luck[FLAGS] = sums.flagged_s / (usual * window.exposure).max(1e-300);
    }
}
