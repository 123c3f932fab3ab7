//! A backtest as a table for people.

use super::super::doc::neat;
use super::{Backtest, Score};

/// Four digits, and millions and thousands of millions in letters, so that a column holds them.
fn brief(number: f64) -> String {
    match number.abs() {
        size if size >= 1e9 => format!("{} bn", neat(number / 1e9)),
        size if size >= 1e7 => format!("{} m", neat(number / 1e6)),
        _ => neat(number),
    }
}

impl Backtest {
    /// Of all that was foretold, the share inside its interval; mean loss, that of the naive forecast, and of the flat one.
    #[must_use]
    pub fn summary(&self) -> (f64, f64, f64, f64) {
        let n = self.scores.len() as f64;
        let known = || self.scores.iter().filter(|it| it.naive_loss.is_finite());
        let mean =
            |of: fn(&Score) -> f64| known().map(of).sum::<f64>() / known().count().max(1) as f64;
        (
            self.scores.iter().filter(|it| it.inside).count() as f64 / n,
            mean(|it| it.loss),
            mean(|it| it.naive_loss),
            mean(|it| it.flat_loss),
        )
    }

    /// As a table for people.
    #[must_use]
    pub fn text(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::new();
        let mut origin = "";
        for score in &self.scores {
            if score.origin != origin {
                let head = match score.origin.as_str() {
                    "later" => "from all of it, what came later".to_owned(),
                    "0.7" => "from the first 70% of the time, the rest".to_owned(),
                    other => format!("from the first {other}"),
                };
                let _ = writeln!(
                    text,
                    "\n{head}\n{:<46}{:>11}{:>24}{:>11}          loss  naive   flat",
                    "",
                    "predicted",
                    format!("{:.0}% interval", self.interval * 100.0),
                    "came"
                );
                origin = &score.origin;
            }
            let interval = format!("{} to {}", brief(score.low), brief(score.high));
            let verdict = if score.inside { "inside " } else { "OUTSIDE" };
            let _ = writeln!(
                text,
                "{:<46}{:>11}{:>24}{:>11}  {verdict}{:>7.3}{:>7.3}{:>7.3}",
                score.what,
                brief(score.predicted),
                interval,
                brief(score.actual),
                score.loss,
                score.naive_loss,
                score.flat_loss
            );
        }
        let (inside, loss, naive, flat) = self.summary();
        let _ = writeln!(
            text,
            "\n{:.0}% of {} predictions held ({:.0}% were meant to). Mean pinball loss {:.3} against {:.3} of \"as it was last\" and {:.3} of the whole past as one: {}.",
            inside * 100.0,
            self.scores.len(),
            self.interval * 100.0,
            loss,
            naive,
            flat,
            if loss < naive.min(flat) {
                "better than both"
            } else {
                "no better, so trust neither"
            }
        );
        for users in &self.users {
            let _ = writeln!(
                text,
                "By user, {} of {}: {:.0}% inside their 80% interval; loss {:.3} against {:.3} and {:.3}.",
                users.what,
                users.count,
                users.inside * 100.0,
                users.loss,
                users.naive_loss,
                users.flat_loss
            );
        }
        text
    }
}
