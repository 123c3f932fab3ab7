//! Overload that is foreseen: what a limit must refuse of the demand of a window.
//!
//! Whether requests are refused depends on bursts of a few minutes, so the few windows that are simulated say little about
//! how much is refused on average. But demand is known without simulating ([`super::luck`]), and what a bucket of tokens
//! refuses of it follows at once. Its mean in each stratum is learnt from many more windows than are simulated, the
//! scouts, and serves as one more control variate: double sampling with regression (Neyman 1938; Cochran, "Sampling
//! Techniques", 1977, chapter 12). What scouts have left uncertain is part of the stated error.

use crate::engine::MonthLines;
use crate::model::Model;

use super::fit::Design;
use super::luck::OVERLOAD;
use super::predict::at;
use super::scene::Planned;
use super::sums::{KINDS, Sums, refusals_at, usage_at};

/// Kinds of limit that are buckets filled by the minute: requests, tokens, input tokens, output tokens.
const BUCKETS: usize = 4;

/// A limit, in terms of what is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overload {
    /// Index of the limit's kind.
    kind: usize,
    /// What may be wanted in a minute before something is refused.
    per_minute: f64,
    /// What the bucket holds.
    room: f64,
}

impl Overload {
    /// The limit that refused most in the windows of a cell; `None` if none did. `planned` says what was wanted in them.
    pub fn seen(
        model: &Model,
        thresholds: usize,
        lines: Option<&MonthLines>,
        windows: &[Sums],
        planned: &[Planned],
    ) -> Option<Self> {
        let models = model.models.len();
        let total = |index: usize| -> f64 { windows.iter().map(|it| at(&it.list, index)).sum() };
        let (refused, id, kind) = (0..models)
            .flat_map(|id| (0..BUCKETS).map(move |kind| (id, kind)))
            .map(|(id, kind)| {
                let index = refusals_at(thresholds, models) + id * KINDS + kind;
                (total(index), id, kind)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0))?;
        let limit = lines?.limits.get(id)?.get(kind).copied().flatten()?;
        let full = usage_at(thresholds) + KINDS * models;
        let used = total(full + id * KINDS + kind) * 60.0;
        let wanted: f64 = planned
            .iter()
            .map(minutes)
            .flat_map(|(minutes, begins)| minutes.iter().skip(begins))
            .map(|minute| unit(kind, minute))
            .sum();
        if refused <= 0.0 || used <= 0.0 || wanted <= 0.0 {
            return None;
        }
        let per_minute = limit * wanted / used;
        let burst_s = model.models.get(id)?.limits.burst_s;
        Some(Self {
            kind,
            per_minute,
            room: per_minute * burst_s / 60.0,
        })
    }

    /// What is refused in a window, per conversation expected.
    fn refused(&self, window: &Planned) -> f64 {
        let (mut left, mut refused) = (self.room, 0.0);
        let (minutes, begins) = minutes(window);
        for (place, minute) in minutes.iter().enumerate() {
            let demand = unit(self.kind, minute);
            let over = (demand - left - self.per_minute).max(0.0);
            left = (left + self.per_minute - demand).clamp(0.0, self.room);
            if place >= begins {
                refused += over;
            }
        }
        refused / window.unit.expected.max(1e-300)
    }

    /// Adds to the luck of windows what they had of overload. Returns by stratum how wrong the means may be, in the
    /// same terms.
    pub fn know(
        &self,
        design: &mut [Design],
        windows: &[Planned],
        scouts: &[Planned],
        strata: usize,
    ) -> Vec<f64> {
        let mut sums = vec![[0.0; 3]; strata];
        let own: Vec<f64> = windows.iter().map(|window| self.refused(window)).collect();
        let all = windows.iter().zip(own.iter().copied());
        let all = all.chain(scouts.iter().map(|scout| (scout, self.refused(scout))));
        for (window, refused) in all {
            if let Some([number, sum, squares]) = sums.get_mut(window.unit.stratum) {
                *number += 1.0;
                *sum += refused;
                *squares += refused * refused;
            }
        }
        let [number, sum] =
            [0, 1].map(|index| sums.iter().map(|sums| at(sums, index)).sum::<f64>());
        let usual = (sum / f64::max(number, 1.0)).max(1e-300);
        // What is refused on average, and the error of that.
        let means: Vec<(f64, f64)> = sums
            .iter()
            .map(|[number, sum, squares]| {
                let number = f64::max(*number, 1.0);
                let mean = sum / number;
                let variance = (squares / number - mean * mean).max(0.0);
                let error = (variance / f64::max(number - 1.0, 1.0)).sqrt();
                (mean / usual, error / usual)
            })
            .collect();
        for (design, refused) in design.iter_mut().zip(&own) {
            let mean = means.get(design.stratum).map_or(0.0, |it| it.0);
            design.luck[OVERLOAD] = refused / usual - mean;
        }
        means.into_iter().map(|(_, error)| error).collect()
    }
}

/// What was foreseen of a window by minute, and where its counted minutes begin.
fn minutes(window: &Planned) -> (&[[f32; 3]], usize) {
    let minutes = &window.foreseen.minutes;
    (
        minutes,
        minutes.len().saturating_sub(window.unit.quarters * 15),
    )
}

/// What a minute's demand takes of a kind of limit.
fn unit(kind: usize, [questions, input, output]: &[f32; 3]) -> f64 {
    f64::from(match kind {
        0 => *questions,
        1 => *input + *output,
        2 => *input,
        _ => *output,
    })
}
