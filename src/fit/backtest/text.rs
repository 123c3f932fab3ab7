//! A backtest as a table for people.

use super::Backtest;

impl Backtest {
    /// Of all that was foretold, the share inside its interval; mean loss, and that of the naive forecast.
    #[must_use]
    pub fn summary(&self) -> (f64, f64, f64) {
        let n = self.scores.len() as f64;
        let known = || self.scores.iter().filter(|it| it.naive_loss.is_finite());
        let count = known().count() as f64;
        (
            self.scores.iter().filter(|it| it.inside).count() as f64 / n,
            known().map(|it| it.loss).sum::<f64>() / count.max(1.0),
            known().map(|it| it.naive_loss).sum::<f64>() / count.max(1.0),
        )
    }

    /// As a table for people.
    #[must_use]
    pub fn text(&self) -> String {
        use super::super::doc::neat;
        use std::fmt::Write as _;
        let mut text = String::new();
        let mut origin = "";
        for score in &self.scores {
            if score.origin != origin {
                let head = match score.origin.as_str() {
                    "later" => "from the whole log, what came later".to_owned(),
                    "0.7" => "from the first 70% of the time, the rest".to_owned(),
                    other => format!("from the first {other}"),
                };
                let _ = writeln!(
                    text,
                    "\n{head}\n{:<48}{:>11}{:>24}{:>11}          loss    naive",
                    "", "predicted", "80% interval", "came"
                );
                origin = &score.origin;
            }
            let interval = format!("{} to {}", neat(score.low), neat(score.high));
            let verdict = if score.inside { "inside " } else { "OUTSIDE" };
            let _ = writeln!(
                text,
                "{:<48}{:>11}{:>24}{:>11}  {verdict}{:>7.3}{:>9.3}",
                score.what,
                neat(score.predicted),
                interval,
                neat(score.actual),
                score.loss,
                score.naive_loss
            );
        }
        let (inside, loss, naive) = self.summary();
        let _ = writeln!(
            text,
            "\n{:.0}% of {} predictions held (80% were meant to). Mean pinball loss {:.3} against {:.3} of \"as it was last\": {}.",
            inside * 100.0,
            self.scores.len(),
            loss,
            naive,
            if loss < naive {
                "better"
            } else {
                "no better, so trust neither"
            }
        );
        if let Some(users) = &self.users {
            let _ = writeln!(
                text,
                "By user, total requests of {}: {:.0}% inside their 80% interval; loss {:.3} against {:.3}.",
                users.count,
                users.inside * 100.0,
                users.loss,
                users.naive_loss
            );
        }
        text
    }
}
