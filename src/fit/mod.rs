//! From logs of real requests to a scenario, and how well it predicts.

pub mod actuals;
pub mod backtest;
mod doc;
pub mod incidents;
mod linear;
mod random;
pub mod report;
pub mod server;
pub mod traffic;
mod write;

pub use write::{Written, server_scenario};

/// A number that was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// What the log says.
    pub best: f64,
    /// Lower end of the 90% interval.
    pub low: f64,
    /// Upper end of it.
    pub high: f64,
    /// Observations behind it.
    pub n: f64,
}

impl Value {
    /// A statistic of a log, and its 90% interval from the same of logs drawn again.
    pub(crate) fn of_draws(best: f64, mut drawn: Vec<f64>, n: f64) -> Self {
        drawn.sort_by(f64::total_cmp);
        Self {
            best,
            low: quantile(&drawn, 0.05),
            high: quantile(&drawn, 0.95),
            n,
        }
    }

    /// From `low` to `high`, in words.
    pub(crate) fn between(&self) -> String {
        between((self.low, self.high))
    }
}

/// An interval in words.
pub(crate) fn between((low, high): (f64, f64)) -> String {
    format!("{} to {}", doc::neat(low), doc::neat(high))
}

/// Quantile of sorted numbers, straight between neighbours; `NaN` if there are none.
#[must_use]
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = share.clamp(0.0, 1.0) * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in the list"
    )]
    let low = place.floor() as usize;
    let a = sorted.get(low).copied().unwrap_or(f64::NAN);
    let b = sorted.get(low + 1).copied().unwrap_or(a);
    a + (b - a) * (place - low as f64)
}
