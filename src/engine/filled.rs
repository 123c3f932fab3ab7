//! The response cache of a window as the past has left it, and what the past does to chance.
//!
//! A window's cache is filled by running the stream of questions alone through it for one time to live before: the same
//! Zipf draws, the same eviction, no model calls. What the cache held before that is drawn when a question is first
//! asked: in equilibrium a question that is asked x times in a time to live T is present with probability x/(1 + x), at
//! an age uniform in (0, T) (renewal theory: a period is T of presence and then a mean wait of T/x; Cox, Renewal Theory,
//! 1962, §7).

use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::Cacheable;
use crate::model::strategy::{Fallback, Route};

use super::arrivals::{Demand, demand};
use super::clock::{NEVER, Time, nanos};
use super::month::Setting;
use super::part::Tables;
use super::philox::{Item, Purpose, uniform};
use super::response_cache::{Question, ResponseCache};
use super::setup::{self, Class};

/// Whether [`super::simulate_window`] asks more than so many questions of the response cache beforehand, about.
#[must_use]
pub fn asks_before(setting: &Setting<'_>, many: f64) -> bool {
    let Some(memory_s) = memory_s(setting) else {
        return false;
    };
    let demand = demand(setting);
    let rate = mean_rate(&demand);
    // What a cache forgets sooner, because it is full, takes tables to know; mostly its memory alone decides.
    if rate * memory_s <= many {
        return false;
    }
    let tables = Tables::new(setting.model, setting.facts, setting.volume);
    let classes = setup::classes(setting.model, setting.facts, setting.volume, tables.known());
    let sources = sources(setting, &classes, &demand, 0.0, 0.0);
    // From the hour of a week that has to look back longest.
    let turned_over = |hour: u32| {
        let moment_s = 7.0 * 86_400.0 + f64::from(hour) * 3600.0;
        turned_over_s(&demand, &sources, moment_s, capacity(setting), memory_s)
    };
    let back_s = (0..168).map(turned_over).fold(0.0, f64::max).min(memory_s);
    rate * back_s > many
}

/// Variance of the wrong answers of a month that windows do not show, per conversation: a wrong answer in the cache is
/// given until its time to live is over, and windows of `window_s` seconds draw what their cache holds each for itself.
///
/// A question that is asked λ times a second has λ/(1 + λT) lives a second, in which its stored answer is wrong with
/// chance w and is given to the first who asked and to m = λT × recall others. Given who asks when, the variance of a
/// life is w(1 - w)(1 + N)², with N Poisson of mean m: above that of answers which are wrong each for itself by
/// w(1 - w)(m² + 2m), one for each ordered pair of them. Pairs within one window are known to it. 0 without a cache.
#[must_use]
pub fn kept_wrong_variance(setting: &Setting<'_>, tables: &Tables, window_s: f64) -> f64 {
    let Some(cache) = &setting.strategy.response_cache else {
        return 0.0;
    };
    let month_s = setting.model.length_s(setting.volume);
    let ttl_s = ttl_s(setting).unwrap_or(0.0).min(month_s);
    let recall = setting.facts.get(cache.recall);
    let classes = setup::classes(setting.model, setting.facts, setting.volume, tables.known());
    let demand = demand(setting);
    let rate = mean_rate(&demand);
    let mut variance = 0.0;
    for source in sources(setting, &classes, &demand, 0.0, ttl_s) {
        let Some(popularity) = &source.class.popularity else {
            continue;
        };
        let asked = source.per_conversation * (1.0 - source.class.unique);
        for share in popularity.shares() {
            // Per conversation, and within a time to live.
            let each = asked * share;
            let within = rate * each * ttl_s;
            let given = within * recall;
            let lives = each / (1.0 + within);
            variance += source.wrong * (1.0 - source.wrong) * lives * given * (given + 2.0);
        }
    }
    variance * (1.0 - in_one_window(ttl_s / window_s))
}

/// The chance that two moments of a life fall into one window, for a life that lasts so many windows: that moments at a
/// distance d, which has density 2(T - d)/T², are not parted is 1 - d/h.
fn in_one_window(life: f64) -> f64 {
    if life <= 1.0 {
        1.0 - life / 3.0
    } else {
        (1.0 - 1.0 / (3.0 * life)) / life
    }
}

/// Seconds that an answer is kept; endless where it is not said. `None` without a response cache.
fn ttl_s(setting: &Setting<'_>) -> Option<f64> {
    let cache = setting.strategy.response_cache.as_ref()?;
    let hours = setting.facts.opt(cache.ttl_h);
    Some(hours.map_or(f64::INFINITY, |hours| hours * 3600.0))
}

/// How many answers the response cache has room for; endless where it is not said.
fn capacity(setting: &Setting<'_>) -> Option<f64> {
    let cache = setting.strategy.response_cache.as_ref()?;
    setting.facts.opt(cache.capacity)
}

/// Seconds that the response cache looks back; `None` without one.
fn memory_s(setting: &Setting<'_>) -> Option<f64> {
    let ttl_s = ttl_s(setting)?;
    // Expired answers matter where they are given in need.
    let times = if setting.strategy.fallback.contains(&Fallback::Stale) {
        2.0
    } else {
        1.0
    };
    let month_s = setting.model.calendar.warmup_s + setting.model.length_s(setting.volume);
    Some((ttl_s * times).min(month_s))
}

/// One class as a source of questions.
struct Source<'a> {
    class: &'a Class,
    /// Look-ups per conversation.
    per_conversation: f64,
    /// Share of its answers that are wrong.
    wrong: f64,
    /// Look-ups of repeated questions within a time to live.
    repeated: f64,
}

/// The response cache as it is when the window starts; `None` if `cancel` was set meanwhile.
pub(super) fn filled_cache(
    setting: &Setting<'_>,
    classes: &[Class],
    cancel: Option<&AtomicBool>,
) -> Option<ResponseCache> {
    let mut cache = setup::response_cache(setting.strategy, setting.facts, classes)?;
    let window = setting.window?;
    let elapsed_s = setting.model.calendar.warmup_s + window.from_s;
    let ttl_s = ttl_s(setting)?;
    let back_s = memory_s(setting)?.min(elapsed_s);
    if back_s <= 0.0 {
        return Some(cache);
    }
    let demand = demand(setting);
    let sources = sources(setting, classes, &demand, window.from_s - back_s, ttl_s);
    let back_s = back_s.min(turned_over_s(
        &demand,
        &sources,
        window.from_s,
        capacity(setting),
        back_s,
    ));
    // Before the window's own conversations, which begin at this number.
    let numbers = setting.numbers_from() | 1 << 38;
    let mut known = vec![back_s >= elapsed_s; cache.questions()];
    // Room on the clock for what was stored before.
    let before = if ttl_s.is_finite() { nanos(ttl_s) } else { 0 };
    cache.restart_clock(before);
    let mut number = 0_u64;
    let mut at_s = window.from_s - back_s;
    while at_s < window.from_s {
        if cancel.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return None;
        }
        let until_s = ((libm::floor(at_s / 3600.0) + 1.0) * 3600.0).min(window.from_s);
        let rate = rate_at(&demand, at_s);
        let mut numbered = Vec::new();
        for source in &sources {
            let mean = rate * (until_s - at_s) * source.per_conversation;
            let [bits, ..] = setting
                .stream
                .block(numbers + number, Item::new(Purpose::Replay, 0, 0, 0));
            number += 1;
            numbered.push(whole(mean + uniform(bits)));
        }
        let all: u64 = numbered.iter().sum();
        for k in 0..all {
            let [unique, rank, pick, luck] = setting
                .stream
                .block(numbers + number, Item::new(Purpose::Question, 0, 0, 0));
            number += 1;
            let Some(source) = source_of(&sources, &numbered, uniform(pick) * all as f64) else {
                continue;
            };
            let second = at_s + (until_s - at_s) * (k as f64 + 0.5) / all as f64;
            let at = nanos(second - (window.from_s - back_s));
            ask(
                &mut cache,
                source,
                at,
                before,
                &mut known,
                [unique, rank, luck],
            );
        }
        at_s = until_s;
    }
    cache.restart_clock(nanos(back_s));
    Some(cache)
}

/// One question of the past: a look-up, and an answer stored where it finds none.
fn ask(
    cache: &mut ResponseCache,
    source: &Source<'_>,
    at: Time,
    ttl: Time,
    known: &mut [bool],
    [unique, rank, luck]: [u32; 3],
) {
    let question = match &source.class.popularity {
        Some(popularity) if uniform(unique) >= source.class.unique => popularity.ask(rank),
        _ => Question::UNIQUE,
    };
    let wrong = uniform(luck) < source.wrong;
    if let Some(known) = question
        .number()
        .and_then(|number| known.get_mut(number as usize))
        && !*known
    {
        *known = true;
        let share = source
            .class
            .popularity
            .as_ref()
            .map_or(0.0, |popularity| popularity.share(question));
        let asked = share * source.repeated;
        // One uniform number says whether it is there and, if so, how old it is.
        let left = 1.0 - uniform(unique.rotate_left(16) ^ luck) * (1.0 + asked) / asked.max(1e-300);
        if ttl > 0 && left > 0.0 {
            let age = scaled(ttl, left);
            cache.put_aged(at, age, question, wrong);
        }
    }
    let fresh = cache.find(at, question).is_some_and(|hit| !hit.expired);
    if !fresh {
        cache.put(at, question, wrong);
    }
}

/// Seconds before a moment in which the questions that nobody asks again fill the whole cache: nothing that was last
/// used before is left. `most_s` if they do not in that time.
fn turned_over_s(
    demand: &Demand,
    sources: &[Source<'_>],
    moment_s: f64,
    capacity: Option<f64>,
    most_s: f64,
) -> f64 {
    let unique: f64 = sources
        .iter()
        .map(|source| source.per_conversation * source.class.unique)
        .sum();
    let Some(mut left) = capacity.filter(|left| left.is_finite()) else {
        return most_s;
    };
    let mut back_s = 0.0;
    while back_s < most_s && left > 0.0 {
        back_s += 3600.0;
        left -= rate_at(demand, moment_s - back_s) * 3600.0 * unique;
    }
    back_s
}

fn sources<'a>(
    setting: &Setting<'_>,
    classes: &'a [Class],
    demand: &Demand,
    before_s: f64,
    ttl_s: f64,
) -> Vec<Source<'a>> {
    let mean_rate = rate_before(demand, before_s, ttl_s);
    let mut below = 0.0;
    classes
        .iter()
        .map(|class| {
            let share = (class.until - below) / 4_294_967_296.0;
            below = class.until;
            let turns = match class.cacheable {
                Cacheable::All => class.turns.mean(),
                Cacheable::FirstTurn => 1.0,
                Cacheable::None => 0.0,
            };
            let protected =
                setting.strategy.sensitive_route.is_some() && setting.strategy.sanitise.is_none();
            let open = if protected {
                1.0 - class.sensitive
            } else {
                1.0
            };
            let waits = if setting.strategy.batch {
                1.0 - class.deferrable
            } else {
                1.0
            };
            let per_conversation = share * turns * open * waits;
            Source {
                class,
                per_conversation,
                wrong: wrong_share(setting, class.index),
                repeated: if ttl_s.is_finite() {
                    mean_rate * per_conversation * ttl_s * (1.0 - class.unique)
                } else {
                    0.0
                },
            }
        })
        .collect()
}

/// Share of wrong answers among those that the route gives to a class.
fn wrong_share(setting: &Setting<'_>, class: usize) -> f64 {
    let quality = |model: usize| {
        setting
            .model
            .models
            .get(model)
            .and_then(|server| server.quality.get(class))
            .map_or(1.0, |share| setting.facts.get(*share))
    };
    let wrong = match &setting.strategy.route {
        Route::Single(model) => 1.0 - quality(*model),
        Route::Router(router) => {
            let accuracy = setting.facts.get(router.accuracy);
            let own = router.by_class.get(class).copied().unwrap_or(0);
            let others: Vec<f64> = router
                .models
                .iter()
                .filter(|model| **model != own)
                .map(|model| 1.0 - quality(*model))
                .collect();
            let other = others.iter().sum::<f64>() / others.len().max(1) as f64;
            accuracy * (1.0 - quality(own)) + (1.0 - accuracy) * other
        }
        Route::Cascade {
            models,
            accept,
            accept_wrong,
        } => {
            let (accept, accept_wrong) =
                (setting.facts.get(*accept), setting.facts.get(*accept_wrong));
            let mut reached = 1.0;
            let mut wrong = 0.0;
            for (position, model) in models.iter().enumerate() {
                let right = quality(*model);
                if position + 1 == models.len() {
                    wrong += reached * (1.0 - right);
                } else {
                    wrong += reached * (1.0 - right) * accept_wrong;
                    reached *= 1.0 - right * accept - (1.0 - right) * accept_wrong;
                }
            }
            wrong
        }
    };
    let caught = setting
        .strategy
        .confidence
        .filter(|_| setting.strategy.human_review.is_some())
        .map_or(0.0, |it| setting.facts.get(it.catches));
    wrong * (1.0 - caught)
}

fn source_of<'s, 'a>(
    sources: &'s [Source<'a>],
    numbered: &[u64],
    point: f64,
) -> Option<&'s Source<'a>> {
    let mut sum = 0.0;
    sources
        .iter()
        .zip(numbered)
        .find(|(_, count)| {
            sum += **count as f64;
            point < sum
        })
        .map(|(source, _)| source)
}

/// The mean rate of a month, without its spikes.
fn mean_rate(demand: &Demand) -> f64 {
    demand.by_hour.iter().sum::<f64>() / demand.by_hour.len().max(1) as f64
}

/// The mean rate of the time to live before a moment, by quarters of an hour.
fn rate_before(demand: &Demand, moment_s: f64, ttl_s: f64) -> f64 {
    const STEP_S: f64 = 900.0;
    if !ttl_s.is_finite() {
        return 0.0;
    }
    let steps = libm::ceil(ttl_s / STEP_S).max(1.0);
    let (mut step, mut sum) = (0.5, 0.0);
    while step < steps {
        sum += rate_at(demand, moment_s - ttl_s * step / steps);
        step += 1.0;
    }
    sum / steps
}

/// The rate of a moment, spikes included; before the month it is that of its first day.
fn rate_at(demand: &Demand, second: f64) -> f64 {
    let hour = libm::floor(second / 3600.0).rem_euclid(24.0 * 7.0);
    let index = if second < 0.0 {
        whole(hour)
    } else {
        whole(libm::floor(second / 3600.0))
    };
    let base = usize::try_from(index)
        .ok()
        .and_then(|index| demand.by_hour.get(index))
        .copied()
        .unwrap_or(0.0);
    // A spike is a matter of minutes: its share of this hour.
    demand
        .spikes
        .iter()
        .fold(base, |rate, (from, until, factor)| {
            let inside = (until.min(second + 3600.0) - from.max(second)).max(0.0) / 3600.0;
            rate * (1.0 + (factor - 1.0) * inside)
        })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts, saturating"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

fn scaled(time: Time, share: f64) -> Time {
    if time == NEVER {
        return NEVER;
    }
    nanos(super::clock::seconds(time) * share)
}
