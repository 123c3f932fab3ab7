//! What simulating a scenario takes, estimated before anything runs, so that a slip of three zeros is an answer and
//! not an afternoon.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::quantity::Quantity;
use crate::reading::Problem;

use super::types::{Growth, Scenario};

/// What one simulated month takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Effort {
    /// One entry for each volume of the study, in its order.
    pub volumes: Vec<VolumeEffort>,
}

/// What one simulated month takes at one volume, for one strategy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VolumeEffort {
    /// The multiple of the launch rate.
    pub volume: f64,
    /// Requests: conversations × turns, spikes included.
    pub requests: f64,
    /// Model calls: requests × an agent's steps.
    pub calls: f64,
    /// Seconds on one core, at four million calls a second.
    pub core_s: f64,
    /// Bytes of memory for arrivals, caches and prefixes.
    pub memory_bytes: f64,
}

/// Calls that one core simulates in a second, on the slow side of what the benchmarks show.
const CALLS_PER_SECOND: f64 = 4e6;
/// Bytes that a request takes while its month is simulated.
const BYTES_PER_REQUEST: f64 = 12.0;
/// Bytes that a remembered question or prefix takes.
const BYTES_PER_ENTRY: f64 = 48.0;
/// More requests in one simulated month are refused: months of computing, for a question that fewer answer as well.
const MOST_REQUESTS: f64 = 5e9;
/// More memory is refused: a thousand times what a month at 10x takes.
const MOST_MEMORY: f64 = 200e9;

/// Estimates what simulating takes, from the means of what is uncertain.
#[must_use]
pub fn effort(scenario: &Scenario) -> Effort {
    let workload = &scenario.workload;
    let days = f64::from(scenario.study.days) + scenario.study.warmup_h / 24.0;
    let shares: f64 = workload
        .classes
        .iter()
        .map(|class| mean(&class.share))
        .sum();
    let per_conversation = |calls: bool| {
        let one = |class: &super::types::Class| {
            mean(&class.share) * mean(&class.turns) * if calls { mean(&class.calls) } else { 1.0 }
        };
        workload.classes.iter().map(one).sum::<f64>() / if shares > 0.0 { shares } else { 1.0 }
    };
    let spikes: f64 = workload
        .spikes
        .iter()
        .map(|spike| {
            let share_of_time =
                mean(&spike.per_month) * mean(&spike.minutes) / (30.0 * 24.0 * 60.0);
            share_of_time * (mean(&spike.multiplier) - 1.0).max(0.0)
        })
        .sum();
    let rate = workload.conversations_per_day.as_ref().map_or(0.0, mean);
    let logged = workload.replay.as_ref().map(|replay| replay.rows as f64);
    let volumes = scenario.study.volumes.iter().map(|volume| {
        let conversations = rate * days * volume * (1.0 + spikes);
        let requests = logged.map_or(conversations * per_conversation(false), |rows| {
            rows * volume
        });
        let calls = logged.map_or(conversations * per_conversation(true), |rows| rows * volume);
        let growth = match workload.grows_by {
            Growth::Users => libm::pow(*volume, mean(&workload.heaps)),
            Growth::Activity => 1.0,
        };
        let questions: f64 = workload
            .classes
            .iter()
            .filter_map(|class| class.questions.as_ref())
            .map(|questions| mean(&questions.distinct))
            .sum();
        let entries =
            growth * (questions + mean(&workload.prefixes) * scenario.models.len() as f64);
        VolumeEffort {
            volume: *volume,
            requests,
            calls,
            core_s: calls / CALLS_PER_SECOND,
            memory_bytes: requests * BYTES_PER_REQUEST + entries * BYTES_PER_ENTRY,
        }
    });
    Effort {
        volumes: volumes.collect(),
    }
}

/// The mean of a quantity, with the means of its uncertain parameters; 0 where there is none.
pub(super) fn mean(quantity: &Quantity) -> f64 {
    quantity
        .law(&mut |parameter| mean(parameter))
        .map_or(0.0, |law| law.mean())
}

/// A problem if a month would take more than anybody meant.
pub(super) fn refuse(
    scenario: &Scenario,
    places: &BTreeMap<String, Range<usize>>,
) -> Option<Problem> {
    let effort = effort(scenario);
    let heaviest = effort
        .volumes
        .iter()
        .max_by(|left, right| left.memory_bytes.total_cmp(&right.memory_bytes))?;
    let smallest = effort
        .volumes
        .iter()
        .min_by(|left, right| left.volume.total_cmp(&right.volume))?;
    let too_much = |volume: &VolumeEffort| {
        volume.requests > MOST_REQUESTS || volume.memory_bytes > MOST_MEMORY
    };
    if !too_much(heaviest) {
        return None;
    }
    let most_entries = heaviest.memory_bytes - heaviest.requests * BYTES_PER_REQUEST > MOST_MEMORY;
    let blamed = match () {
        () if most_entries => ["workload.prefixes", "workload.class"],
        () if too_much(smallest) => ["workload.conversations_per_day", "workload.replay"],
        () => ["study.volumes", "workload.conversations_per_day"],
    };
    let place = blamed
        .iter()
        .find_map(|path| places.get(*path))
        .cloned()
        .unwrap_or(0..0);
    let message = format!(
        "one simulated month at {}x would be {} requests: about {} on one core, and {} of memory",
        heaviest.volume,
        rounded(heaviest.requests),
        duration(heaviest.core_s),
        bytes(heaviest.memory_bytes)
    );
    let problem = Problem::new(place, message).expected(format!(
        "at most {} requests and {} in one month",
        rounded(MOST_REQUESTS),
        bytes(MOST_MEMORY)
    ));
    Some(problem.help(if most_entries {
        "fewer `prefixes` or `distinct` questions: past a few million they behave like endlessly many"
    } else {
        "take a smaller volume, or fewer `days`"
    }))
}

/// "12.3 billion"
fn rounded(count: f64) -> String {
    let (scaled, word) = match count {
        large if large >= 1e15 => return format!("{large:.0e}"),
        large if large >= 1e12 => (large / 1e12, " trillion"),
        large if large >= 1e9 => (large / 1e9, " billion"),
        large if large >= 1e6 => (large / 1e6, " million"),
        small => (small, ""),
    };
    if scaled >= 100.0 || scaled == scaled.round() {
        format!("{scaled:.0}{word}")
    } else {
        format!("{scaled:.1}{word}")
    }
}

/// "3.2 hours"
fn duration(seconds: f64) -> String {
    match seconds {
        short if short < 120.0 => format!("{short:.0} seconds"),
        some if some < 7200.0 => format!("{:.0} minutes", some / 60.0),
        long if long < 172_800.0 => format!("{:.0} hours", long / 3600.0),
        longer if longer < 63_115_200.0 => format!("{:.0} days", longer / 86_400.0),
        ages => format!("{} years", rounded((ages / 31_557_600.0).round())),
    }
}

fn bytes(count: f64) -> String {
    match count {
        small if small < 1e9 => format!("{:.0} MB", small / 1e6),
        some if some < 1e12 => format!("{:.0} GB", some / 1e9),
        large => format!("{} TB", rounded((large / 1e12).round())),
    }
}
