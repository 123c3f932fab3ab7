//! The traffic of an ordinary log (a gateway's, a vendor's export): what a scenario needs to know of it.
//!
//! Each part is a module with its own method: `rates` (when), `talk` (who with whom), `law` (how much), `speed`
//! (how fast), `failures`, `repeats`. Requests of one class and one model are one kind; kinds become the scenario's
//! classes, and a router sends each to its model. Intervals come from resampled blocks of time (`sample`).

mod compared;
mod failures;
mod growth;
mod law;
mod rare;
mod rates;
mod repeats;
mod sample;
mod scenario;
mod sizes;
mod speed;
mod talk;

pub(in crate::fit) use compared::{Compared, weight_at};
pub use failures::{Failures, Incident};
pub use rates::{Burst, Rates, Spike};
pub(in crate::fit) use repeats::cold_reuse;
pub use repeats::{Blocks, Questions, Reuse};
pub use talk::{Again, Kept, Told};

pub(in crate::fit) use sample::{Sample, place};
pub(in crate::fit) use sizes::{Kind, Paid};
pub(in crate::fit) use speed::Speed;

use crate::reading::log::{Field, Log, NONE};

/// Most kinds that are kept apart.
const MOST_KINDS: usize = 12;

/// A model of the log.
#[derive(Debug, Clone)]
pub(in crate::fit) struct Used {
    pub(in crate::fit) name: String,
    /// Place in [`Log::models`], or [`NONE`].
    pub(in crate::fit) place: u32,
    pub(in crate::fit) speed: Option<Speed>,
    pub(in crate::fit) failures: Failures,
    /// Its prices, as the log's costs say.
    pub(in crate::fit) paid: Option<Paid>,
}

/// Fitted traffic.
#[derive(Debug)]
pub struct Traffic {
    pub(in crate::fit) sample: Sample,
    /// When conversations begin.
    pub rates: Rates,
    /// How conversations were told apart.
    pub told: Told,
    pub(in crate::fit) kinds: Vec<Kind>,
    pub(in crate::fit) models: Vec<Used>,
    /// Questions that repeat.
    pub questions: Option<Questions>,
    /// Blocks of prompts that repeat.
    pub blocks: Option<Blocks>,
    /// Share of input read from the provider's cache.
    pub cached: Option<super::Value>,
    /// Requests.
    pub requests: f64,
    /// Each row counts many requests.
    pub counts: bool,
    /// What the files are called.
    pub source: String,
}

/// Fits the traffic of a log.
///
/// # Errors
/// In words, what the log lacks.
pub fn fit(log: Log, source: &str, offset_h: f64) -> Result<Traffic, String> {
    if log.rows.len() < 2 {
        return Err("a fit needs at least two requests".to_owned());
    }
    let log = with_models(log);
    let sample = Sample::new(log, offset_h);
    if sample.span_s <= 1.0 && sample.rows().iter().all(|row| row.at_s == sample.first_s) {
        return Err(
            "all requests have the same time: the log does not tell when they came".to_owned(),
        );
    }
    let row_s = counted_row_s(&sample);
    let talk = talk::Talk::new(&sample);
    let width = row_s
        .filter(|_| {
            sample
                .log
                .columns
                .iter()
                .any(|it| it.field == Field::Count && it.column.contains("per_s"))
        })
        .unwrap_or(1.0);
    let starts: Vec<(f64, f64)> = match row_s {
        Some(_) => sample
            .rows()
            .iter()
            .map(|row| (row.at_s, f64::from(row.count) * width))
            .collect(),
        None => talk
            .conversations
            .iter()
            .filter_map(|list| sample.rows().get(*list.first()? as usize))
            .map(|row| (row.at_s, 1.0))
            .collect(),
    };
    let requests = sample
        .rows()
        .iter()
        .map(|row| f64::from(row.count))
        .sum::<f64>()
        * width;
    let rates = rates::fit(&sample, &starts, row_s);
    let kinds = sizes::fit(&sample, &talk, row_s.is_some(), MOST_KINDS);
    let models = used(&sample, &kinds);
    let cached = repeats::cached(&sample).map(|(read, all, n)| sample.ratio(n, &read, &all));
    Ok(Traffic {
        rates,
        told: talk.told,
        models,
        kinds,
        questions: repeats::questions(&sample),
        blocks: repeats::blocks(&sample),
        cached,
        requests,
        counts: row_s.is_some(),
        source: source.to_owned(),
        sample,
    })
}

/// Runs of a test that go by name are models, if the log names none.
pub(in crate::fit) fn with_models(mut log: Log) -> Log {
    let named = !log.runs.is_empty() && log.runs.iter().all(|run| run.parse::<f64>().is_err());
    if log.models.is_empty() && named {
        log.models = std::mem::take(&mut log.runs);
        for row in &mut log.rows {
            row.model = row.run;
            row.run = NONE;
        }
    }
    log
}

/// Seconds that a row of a log that counts stands for: the usual distance between rows.
fn counted_row_s(sample: &Sample) -> Option<f64> {
    if sample.rows().iter().all(|row| row.count == 1.0) || !sample.log.has(Field::Count) {
        return None;
    }
    let mut gaps: Vec<f64> = sample
        .rows()
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] if b.at_s > a.at_s => Some(b.at_s - a.at_s),
            _ => None,
        })
        .collect();
    gaps.sort_by(f64::total_cmp);
    Some(crate::fit::quantile(&gaps, 0.5)).filter(|it| it.is_finite())
}

fn used(sample: &Sample, kinds: &[Kind]) -> Vec<Used> {
    let mut places: Vec<u32> = kinds.iter().map(|kind| kind.model).collect();
    places.sort_unstable();
    places.dedup();
    places
        .into_iter()
        .map(|model| Used {
            name: sample
                .log
                .models
                .get(model as usize)
                .cloned()
                .unwrap_or_else(|| "model".to_owned()),
            place: model,
            speed: speed::fit(sample, model),
            failures: failures::fit(sample, |row| row.model == model),
            paid: sizes::paid(sample, model),
        })
        .collect()
}
