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

#[cfg(test)]
mod tests {
    use super::super::land::Unit;
    use super::super::luck::{Foreseen, Luck};
    use super::*;

    /// A window of a quarter of an hour after a warm-up of one, with so many questions in each of its minutes.
    fn window(stratum: usize, warmup: f32, questions: f32) -> Planned {
        let minute = |questions: f32| [questions, 0.0, 0.0];
        let mut minutes = vec![minute(warmup); 15];
        minutes.extend(vec![minute(questions); 15]);
        Planned {
            month: 0,
            unit: Unit {
                quarter: 1,
                quarters: 1,
                expected: 100.0,
                stratum,
            },
            foreseen: Foreseen {
                luck: Luck::default(),
                minutes,
            },
        }
    }

    const TEN_A_MINUTE: Overload = Overload {
        kind: 0,
        per_minute: 10.0,
        room: 10.0,
    };

    #[test]
    fn a_bucket_refuses_what_exceeds_its_rate_once_it_is_empty() {
        assert!(TEN_A_MINUTE.refused(&window(0, 5.0, 10.0)).abs() < 1e-9);
        // 15 minutes of 12 less the 10 that are allowed and the 10 that were in the bucket.
        let refused = TEN_A_MINUTE.refused(&window(0, 5.0, 12.0));
        assert!(
            (refused - (15.0 * 2.0 - 10.0) / 100.0).abs() < 1e-9,
            "{refused}"
        );
        // A warm-up that empties it is not counted, but felt.
        let refused = TEN_A_MINUTE.refused(&window(0, 12.0, 12.0));
        assert!((refused - 15.0 * 2.0 / 100.0).abs() < 1e-9, "{refused}");
    }

    #[test]
    fn what_scouts_have_seen_is_what_is_usual() {
        let windows = [window(0, 5.0, 12.0), window(1, 5.0, 8.0)];
        // Eight scouts: half of them refuse 0.2 per conversation, as the window does, half nothing.
        let scouts: Vec<Planned> = (0..8)
            .map(|k| window(0, 5.0, if k % 2 == 0 { 12.0 } else { 8.0 }))
            .collect();
        let plain = |window: &Planned| Design {
            stratum: window.unit.stratum,
            exposure: 100.0,
            scores: Vec::new(),
            luck: Luck::default(),
        };
        let mut design: Vec<Design> = windows.iter().map(plain).collect();
        let errors = TEN_A_MINUTE.know(&mut design, &windows, &scouts, 2);
        // Five of nine in stratum 0 refuse 0.2; over all ten windows that is 0.1 on average.
        let (mean, usual) = (0.2 * 5.0 / 9.0, 0.1);
        let expected = (0.2 - mean) / usual;
        assert!(
            (design[0].luck[OVERLOAD] - expected).abs() < 1e-9,
            "{design:?}"
        );
        assert!(design[1].luck[OVERLOAD].abs() < 1e-9);
        let spread = 0.2 * (5.0 / 9.0 * 4.0 / 9.0_f64).sqrt() / 8.0_f64.sqrt() / usual;
        assert!((errors[0] - spread).abs() < 1e-9, "{errors:?}");
        assert!(errors[1].abs() < 1e-9);
    }
}
