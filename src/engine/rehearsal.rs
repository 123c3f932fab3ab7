//! A scripted incident: the same stretch of time with it and without it, from one warm-up.
//!
//! The stretch is simulated up to the moment at which the incident strikes; the state of the world is then copied. One
//! copy goes on undisturbed, one is struck and watched by the minute until well after the incident, and a third, struck
//! in the same way, counts exactly the incident and its recovery, so that every metric has its usual meaning. All three
//! share their arrivals and their luck.
//!
//! **Recovery** is over at the first minute after the incident from which five minutes are back within their bands:
//! no more than one request in a hundred (or a single one) is left without a model's or a valid cached answer beyond
//! those of the undisturbed copy, and the 95% quantile of the latency is at most a quarter, or half a second, above it.

use std::sync::atomic::AtomicBool;

use crate::scenario::types::DrillEffect;

use super::arrivals::Arrivals;
use super::clock::{NEVER, Time, nanos, seconds};
use super::event::Event;
use super::incidents::{Timeline, Weather};
use super::ledger::{Ledger, Month, Peak};
use super::minutes::{MINUTE, Minute, Minutes};
use super::month::{Run, Setting, Window};
use super::setup;
use super::world::World;

/// So many minutes have to be back within their bands.
const AGAIN: usize = 5;
/// Share of requests that may go without an answer beyond the usual.
const UNSERVED_BAND: f64 = 0.01;
/// The 95% quantile may be so much above the usual one: a factor, or seconds.
const LATENCY_BAND: (f64, f64) = (1.25, 0.5);

/// Something that is made to happen. Times are seconds from the start of the counted month, in whole minutes.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// When it strikes.
    pub from_s: f64,
    /// When it is over.
    pub until_s: f64,
    /// What happens.
    pub effect: DrillEffect,
    /// The models that it strikes.
    pub struck: Vec<usize>,
    /// It strikes everything: our own cache of answers too.
    pub everything: bool,
}

/// What became of an incident in one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsal {
    /// The minutes as they would have been, from where counting begins.
    pub undisturbed: Vec<Minute>,
    /// The minutes as they were.
    pub disturbed: Vec<Minute>,
    /// The incident and its recovery. What full service would have cost is not simulated.
    pub month: Month,
    /// Seconds from the end of the incident until everything is back within its bands; `None` if it was not so while
    /// it was watched.
    pub recovery_s: Option<f64>,
}

/// Rehearses an incident inside the setting's window, which is watched by the minute from where it counts to its end;
/// `None` if `cancel` was set meanwhile, or the setting has no window.
#[must_use]
pub fn rehearse(
    setting: Setting<'_>,
    incident: &Incident,
    cancel: Option<&AtomicBool>,
) -> Option<Rehearsal> {
    let window = setting.window?;
    let classes = setup::classes(setting.model, setting.facts, setting.volume, &[]);
    let policy = setup::policy(setting.model, setting.strategy, setting.facts);
    let at = |second: f64| nanos(second - window.from_s);
    let (strikes, over) = (at(incident.from_s), at(incident.until_s));
    let mut usual = Run::new(setting, &classes, &policy, false);
    let watched = whole_minutes(window.counts_until_s - window.counts_from_s);
    usual.world.minutes = Some(Minutes::new(
        at(window.counts_from_s),
        watched,
        incident.struck.clone(),
    ));
    usual.advance(strikes, cancel)?;

    let mut struck = usual.clone();
    struck.strike(incident, strikes, over);
    let mut counted = struck.clone();
    usual.advance(NEVER, cancel)?;
    struck.advance(NEVER, cancel)?;
    let list = |run: &mut Run<'_>| {
        // The last minute may have had no event after it.
        run.world.minute_ends(at(window.until_s));
        run.world.minutes.take().map(Minutes::into_list)
    };
    let (undisturbed, disturbed) = (list(&mut usual)?, list(&mut struck)?);

    let ends = whole_minutes(incident.until_s - window.counts_from_s);
    let recovery_s = recovery(&undisturbed, &disturbed, ends).map(|minutes| minutes as f64 * 60.0);
    let until_s = recovery_s.map_or(window.counts_until_s, |s| incident.until_s + s);
    counted.count_only(Window {
        counts_from_s: incident.from_s,
        counts_until_s: until_s,
        ..window
    });
    counted.advance(NEVER, cancel)?;
    let mut month = counted.close();
    month.full_service_usd = f64::NAN;
    Some(Rehearsal {
        undisturbed,
        disturbed,
        month,
        recovery_s,
    })
}

/// Minutes from the end of the incident (its place in the lists) until all is back within its bands.
fn recovery(undisturbed: &[Minute], disturbed: &[Minute], ends: usize) -> Option<usize> {
    let together = |list: &[Minute], from: usize| {
        let mut sum = Minute::default();
        for minute in list.get(from..from + AGAIN)? {
            sum.merge(minute);
        }
        Some(sum)
    };
    for from in ends..disturbed.len() {
        let (usual, now) = (together(undisturbed, from)?, together(disturbed, from)?);
        let allowed = usual.unserved() as f64 + (UNSERVED_BAND * now.requests() as f64).max(1.0);
        let usual_s = usual.latency.quantile(0.95);
        let limit_s = (usual_s * LATENCY_BAND.0).max(usual_s + LATENCY_BAND.1);
        // Where nothing was asked or delivered there is nothing to be slow.
        let slow = now.latency.quantile(0.95) > limit_s;
        if now.unserved() as f64 <= allowed && !slow {
            return Some(from - ends);
        }
    }
    None
}

impl Run<'_> {
    /// The incident strikes at `from` and is over at `until`.
    fn strike(&mut self, incident: &Incident, from: Time, until: Time) {
        match incident.effect {
            DrillEffect::Outage => {
                let outage = Timeline::scripted(vec![(from, until)], 1.0, 1.0);
                self.world
                    .weather_over(&incident.struck, outage, Timeline::quiet());
            }
            DrillEffect::Brownout { slowdown } => {
                let brownout = Timeline::scripted(vec![(from, until)], 0.0, slowdown);
                self.world
                    .weather_over(&incident.struck, Timeline::quiet(), brownout);
            }
            DrillEffect::Limits { factor } => {
                for model in &incident.struck {
                    if let Some(server) = self.world.servers.get_mut(*model) {
                        server.limiter.cut(from, factor);
                    }
                }
                self.world.agenda.push(until, Event::Relief);
            }
            DrillEffect::Spike { multiplier } => {
                // The same conversations up to here; those that follow come the faster.
                let taken = self.arrivals.taken();
                let mut arrivals =
                    Arrivals::new(&self.world.setting, Some((from, until, multiplier)));
                while arrivals.taken() < taken && arrivals.next_at() < NEVER {
                    arrivals.take();
                }
                self.arrivals = arrivals;
            }
            DrillEffect::CacheFlush => self.flush(incident),
        }
    }

    fn flush(&mut self, incident: &Incident) {
        if incident.everything
            && let Some(cache) = &mut self.world.cache
        {
            cache.flush();
        }
        for model in &incident.struck {
            if let Some(server) = self.world.servers.get_mut(*model) {
                server.prefix_until.fill(0);
                server.block_until.fill(0);
            }
        }
        for conversation in &mut self.conversations {
            if incident
                .struck
                .contains(&usize::from(conversation.warm_model))
            {
                conversation.warm_model = u16::MAX;
            }
        }
    }

    /// Counts what is sent in this window from now on, and nothing that was sent before.
    fn count_only(&mut self, window: Window) {
        let world = &mut self.world;
        world.setting.window = Some(window);
        (world.counts_from, world.counts_until, _) = world.setting.times();
        world.ledger = Ledger::default();
        world.peaks.fill([Peak::default(); 7]);
        world.minutes = None;
        for conversation in &mut self.conversations {
            conversation.flags.counted = false;
        }
    }
}

impl World<'_> {
    /// Gives some models weather of their own.
    fn weather_over(&mut self, struck: &[usize], outage: Timeline, brownout: Timeline) {
        let place = self.weather.len();
        self.weather.push(Weather { outage, brownout });
        for model in struck {
            if let Some(server) = self.servers.get_mut(*model) {
                server.provider = place;
            }
        }
    }

    /// Limits that were cut are as they were.
    pub(super) fn relieve(&mut self, now: Time) {
        for server in &mut self.servers {
            server.limiter.restore(now);
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few hours at most, and saturating"
)]
fn whole_minutes(s: f64) -> usize {
    libm::ceil(s / seconds(MINUTE)).max(0.0) as usize
}
