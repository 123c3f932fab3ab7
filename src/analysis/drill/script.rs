//! What a drill does: the scenario's own scripts and the ready-made ones, and what they come to for one strategy.

use crate::engine::{Incident, Window};
use crate::model::strategy::{Route, Strategy};
use crate::model::{Model, ModelId, Num};
use crate::scenario::Scenario;
use crate::scenario::types::DrillEffect;

/// Minutes that are shown before the incident.
pub(super) const BEFORE_MINUTES: u32 = 10;
/// Minutes for which recovery is watched after it.
pub(super) const AFTER_MINUTES: u32 = 60;
/// Hours of warm-up: queues, conversations and prompt caches; and at most those that a response cache needs.
const WARMUP_H: (f64, f64) = (2.0, 24.0);

/// Names of the drills that need no lines in the scenario.
pub const READY_MADE: [&str; 6] = [
    "primary-down",
    "brownout",
    "limits-halved",
    "spike-10x",
    "cache-flush",
    "all-down",
];

/// Whom an incident strikes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// All models of the provider that serves most of the strategy's traffic.
    Primary,
    /// Every model that is not run by the team itself, or every model if there is no other.
    Providers,
    /// Everything.
    Everything,
    /// This provider, or this model.
    Named(String),
}

/// A scripted incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// Its name.
    pub name: String,
    /// Weekday (0 is Monday) and minute of the day; `None`: the top of the busiest hour.
    pub at: Option<(u8, u16)>,
    /// How long it lasts.
    pub minutes: f64,
    /// Whom it strikes.
    pub whom: Whom,
    /// What happens.
    pub effect: DrillEffect,
}

/// All drills of a scenario: its own, and the ready-made ones that it does not define itself.
#[must_use]
pub fn scripts(scenario: &Scenario) -> Vec<Script> {
    let own = scenario.drills.iter().map(|drill| Script {
        name: drill.name.clone(),
        at: Some(drill.at),
        minutes: drill.minutes,
        whom: drill.provider.clone().map_or(Whom::Everything, Whom::Named),
        effect: drill.effect,
    });
    let ready = READY_MADE.iter().map(|name| ready_made(name));
    let mut list: Vec<Script> = own.collect();
    for script in ready {
        if list.iter().all(|known| known.name != script.name) {
            list.push(script);
        }
    }
    list
}

fn ready_made(name: &str) -> Script {
    let (minutes, whom, effect) = match name {
        "brownout" => (60.0, Whom::Primary, DrillEffect::Brownout { slowdown: 3.0 }),
        "limits-halved" => (60.0, Whom::Primary, DrillEffect::Limits { factor: 0.5 }),
        "spike-10x" => (
            30.0,
            Whom::Everything,
            DrillEffect::Spike { multiplier: 10.0 },
        ),
        // Over at once; its traces are watched for an hour.
        "cache-flush" => (60.0, Whom::Everything, DrillEffect::CacheFlush),
        "all-down" => (60.0, Whom::Providers, DrillEffect::Outage),
        _ => (60.0, Whom::Primary, DrillEffect::Outage),
    };
    Script {
        name: name.to_owned(),
        at: None,
        minutes,
        whom,
        effect,
    }
}

/// Why a drill cannot be run on a model, if it cannot.
#[must_use]
pub fn impossible(script: &Script, model: &Model) -> Option<String> {
    let spike = matches!(script.effect, DrillEffect::Spike { .. });
    (spike && model.workload.replay.is_some()).then(|| {
        format!(
            "drill `{}` raises the arrival rate, and a replayed log has none: describe the workload by conversations_per_day",
            script.name
        )
    })
}

/// The hour of the week with the highest rate among the simulated days: weekday (0 is Monday) and hour.
#[must_use]
pub fn busiest_hour(model: &Model) -> (u8, u8) {
    let workload = &model.workload;
    let mut best = (0, 0, f64::NEG_INFINITY);
    for day in (0_u8..7).take(model.calendar.days as usize) {
        let weekday = (model.calendar.weekday + usize::from(day)) % 7;
        for (hour, weight) in (0_u8..24).zip(workload.hourly) {
            let rate = weight * workload.weekly.get(weekday).copied().unwrap_or(1.0);
            if rate > best.2 {
                best = (u8::try_from(weekday).unwrap_or(0), hour, rate);
            }
        }
    }
    (best.0, best.1)
}

impl Script {
    /// What it comes to for a strategy: the stretch of the month to simulate, and the incident in it.
    pub(super) fn stage(&self, model: &Model, strategy: &Strategy) -> (Window, Incident) {
        let from_s = self.starts_s(model);
        let until_s = from_s + self.minutes * 60.0;
        let ends_s = (until_s / 60.0).ceil() * 60.0 + f64::from(AFTER_MINUTES) * 60.0;
        let counts_from_s = from_s - f64::from(BEFORE_MINUTES) * 60.0;
        let from_h = (from_s / 3600.0 - warmup_h(model)).floor();
        let window = Window {
            // A log can only be played from its start.
            from_s: if model.workload.replay.is_some() {
                0.0
            } else {
                from_h * 3600.0
            },
            counts_from_s: if model.workload.replay.is_some() {
                counts_from_s.max(0.0)
            } else {
                counts_from_s
            },
            counts_until_s: ends_s,
            until_s: ends_s,
        };
        let incident = Incident {
            from_s,
            until_s,
            effect: self.effect,
            struck: self.struck(model, strategy),
            everything: self.whom == Whom::Everything,
        };
        (window, incident)
    }

    /// Seconds from the start of the month.
    fn starts_s(&self, model: &Model) -> f64 {
        if let Some(replay) = &model.workload.replay {
            return busiest_second(&replay.conversations);
        }
        let (weekday, minute) = self.at.unwrap_or_else(|| {
            let (weekday, hour) = busiest_hour(model);
            (weekday, u16::from(hour) * 60)
        });
        let days = (usize::from(weekday) + 7 - model.calendar.weekday % 7) % 7;
        days as f64 * 86_400.0 + f64::from(minute) * 60.0
    }

    /// The models that it strikes.
    fn struck(&self, model: &Model, strategy: &Strategy) -> Vec<ModelId> {
        let ids = 0..model.models.len();
        let hosted = |id: &ModelId| {
            model
                .models
                .get(*id)
                .is_some_and(|server| server.hosting.is_some())
        };
        match &self.whom {
            Whom::Everything => ids.collect(),
            Whom::Providers if ids.clone().all(|id| hosted(&id)) => ids.collect(),
            Whom::Providers => ids.filter(|id| !hosted(id)).collect(),
            Whom::Primary => {
                let provider = |id: ModelId| model.models.get(id).map(|server| server.provider);
                let primary = provider(primary(model, strategy));
                ids.filter(|id| provider(*id) == primary).collect()
            }
            Whom::Named(name) => ids
                .filter(|id| {
                    model.models.get(*id).is_some_and(|server| {
                        server.name == *name
                            || model
                                .providers
                                .get(server.provider)
                                .is_some_and(|provider| provider.name == *name)
                    })
                })
                .collect(),
        }
    }

    /// In words, for one strategy.
    pub(super) fn words(&self, model: &Model, strategy: &Strategy) -> String {
        let (_, incident) = self.stage(model, strategy);
        let names: Vec<&str> = incident
            .struck
            .iter()
            .filter_map(|id| model.models.get(*id))
            .map(|server| server.name.as_str())
            .collect();
        let whom = names.join(", ");
        let what = match self.effect {
            DrillEffect::Outage => format!("every attempt on {whom} fails"),
            DrillEffect::Brownout { slowdown } => format!("{whom} {slowdown} times as slow"),
            DrillEffect::Limits { factor } => format!("limits of {whom} × {factor}"),
            DrillEffect::Spike { multiplier } => format!("{multiplier} times the arrivals"),
            DrillEffect::CacheFlush if incident.everything => "every cache emptied".to_owned(),
            DrillEffect::CacheFlush => format!("prompt caches of {whom} emptied"),
        };
        let when = if model.workload.replay.is_some() {
            format!("{:.1} h into the log", incident.from_s / 3600.0)
        } else {
            let days = (incident.from_s / 86_400.0).floor();
            let minute = (incident.from_s - days * 86_400.0) / 60.0;
            let weekday = (model.calendar.weekday as f64 + days).rem_euclid(7.0);
            let name = WEEKDAYS
                .iter()
                .zip(0_u8..)
                .find(|(_, number)| f64::from(*number) == weekday)
                .map_or("", |(name, _)| name);
            let hour = (minute / 60.0).floor();
            format!("{name} {hour:02}:{:02}", minute - hour * 60.0)
        };
        format!("{what}, from {when}, {} minutes", self.minutes)
    }
}

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The model that serves most of a strategy's traffic: the one of the route, the first of a cascade, and of a router
/// the one with the largest share of conversations.
fn primary(model: &Model, strategy: &Strategy) -> ModelId {
    let router = match &strategy.route {
        Route::Single(id) => return *id,
        Route::Cascade { models, .. } => return models.first().copied().unwrap_or(0),
        Route::Router(router) => router,
    };
    let mut shares = vec![0.0; model.models.len()];
    for (class, id) in model.workload.classes.iter().zip(&router.by_class) {
        if let Some(share) = shares.get_mut(*id) {
            *share += median(model, class.share);
        }
    }
    let mut best = (0, f64::NEG_INFINITY);
    for (id, share) in shares.into_iter().enumerate() {
        if share > best.1 {
            best = (id, share);
        }
    }
    best.0
}

fn median(model: &Model, num: Num) -> f64 {
    match num {
        Num::Exact(number) => number,
        Num::Fact(id) => model
            .facts
            .get(id.0 as usize)
            .map_or(f64::NAN, |fact| fact.law.quantile(0.5)),
    }
}

/// Hours simulated before the incident is looked at: the longest time to live of any strategy's response cache, a day
/// at most. It is the same for all strategies of a scenario, so that all meet the same conversations.
fn warmup_h(model: &Model) -> f64 {
    let caches = model
        .strategies
        .iter()
        .filter_map(|strategy| strategy.response_cache.as_ref())
        .map(|cache| cache.ttl_h.map_or(WARMUP_H.1, |ttl_h| median(model, ttl_h)));
    caches.fold(WARMUP_H.0, f64::max).min(WARMUP_H.1)
}

/// Start of the busiest whole hour of a log, in seconds.
fn busiest_second(conversations: &[crate::model::ReplayConversation]) -> f64 {
    let mut best = (0.0, 0_usize);
    let mut current = (0.0, 0_usize);
    for turn in conversations.iter().filter_map(|it| it.turns.first()) {
        let hour = (turn.at_s / 3600.0).floor();
        current = if hour == current.0 {
            (hour, current.1 + 1)
        } else {
            (hour, 1)
        };
        if current.1 > best.1 {
            best = current;
        }
    }
    best.0 * 3600.0
}
