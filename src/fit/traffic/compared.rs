//! Points of log and model side by side.

use super::rates::Rates;
use super::repeats::LIFETIMES;
use super::scenario::duration;
use super::sizes::Sized;
use super::{Sample, Traffic};

/// What is compared, and its points: name, log, model.
pub(in crate::fit) struct Compared {
    pub(in crate::fit) title: String,
    pub(in crate::fit) points: Vec<(String, f64, Option<f64>)>,
}

impl Traffic {
    /// All comparisons.
    pub(in crate::fit) fn compared(&self) -> Vec<Compared> {
        let mut all = vec![self.rates.by_hour()];
        for kind in &self.kinds {
            for (what, sized) in [
                (
                    "prompt tokens",
                    if kind.message.is_some() {
                        &None
                    } else {
                        &kind.input
                    },
                ),
                ("tokens of a message", &kind.message),
                ("output tokens", &kind.output),
                ("turns", &kind.turns),
                ("think time, s", &kind.think_s),
            ] {
                all.extend(self.quantiles(&format!("{what}, {}", kind.name), sized));
            }
        }
        for model in &self.models {
            if let Some(speed) = &model.speed {
                all.extend(self.quantiles(
                    &format!("first token less prefill, s, {}", model.name),
                    &speed.first,
                ));
                all.extend(self.quantiles(
                    &format!("time per token, ms, {}", model.name),
                    &speed.token_ms,
                ));
            }
        }
        all.push(Compared {
            title: "coefficient of variation of the rate, by time scale".to_owned(),
            points: self
                .rates
                .burst
                .scales
                .iter()
                .map(|(s, log, _, model)| (duration(*s), *log, Some(*model)))
                .collect(),
        });
        all.extend(self.reuse());
        all
    }

    fn quantiles(&self, title: &str, sized: &Sized) -> Option<Compared> {
        let (counted, law) = sized.as_ref()?;
        if counted.largest <= 1.0 && law.distance == 0.0 {
            return None;
        }
        let all = vec![1.0; self.sample.blocks()];
        let points = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
            .iter()
            .map(|share| {
                (
                    format!("p{:.0}", share * 100.0),
                    counted.quantile(&all, *share),
                    Some(counted.like(law.quantile(*share))),
                )
            })
            .collect();
        Some(Compared {
            title: format!("{title} (n = {})", crate::fit::doc::neat(counted.n)),
            points,
        })
    }

    fn reuse(&self) -> Vec<Compared> {
        let mut all = Vec::new();
        if let Some(questions) = &self.questions {
            let per_s = questions.n / self.sample.span_s;
            let points = LIFETIMES
                .iter()
                .map(|life| {
                    (
                        duration(*life),
                        questions.reuse.within(*life),
                        Some(questions.asked_before(per_s, *life)),
                    )
                })
                .collect();
            all.push(Compared {
                title: "questions asked before, by lifetime since they were last asked".to_owned(),
                points,
            });
        }
        if let Some(blocks) = &self.blocks {
            let points = LIFETIMES
                .iter()
                .map(|life| (duration(*life), blocks.reuse.within(*life), None))
                .collect();
            all.push(Compared {
                title: "prompt tokens sent before, by lifetime".to_owned(),
                points,
            });
        }
        all
    }
}

impl Rates {
    fn by_hour(&self) -> Compared {
        let mut sums = [(0.0, 0.0, 0.0); 24];
        for at in (0..self.bins.counts.len())
            .filter(|at| self.bins.seen.get(*at).copied().unwrap_or(false))
        {
            if let Some(sum) = self.bins.calendar.get(at).and_then(|it| sums.get_mut(it.0)) {
                sum.0 += self.bins.count(at);
                sum.1 += self.bins.expected(at);
                sum.2 += self.bins.width_s / 3600.0;
            }
        }
        let points = sums
            .iter()
            .enumerate()
            .filter(|(_, sum)| sum.2 > 0.0)
            .map(|(hour, (log, model, hours))| {
                (format!("{hour:02}:00"), log / hours, Some(model / hours))
            })
            .collect();
        Compared {
            title: "arrivals an hour, by hour of the day".to_owned(),
            points,
        }
    }

    /// Seconds of a bin.
    pub(in crate::fit) fn row_s(&self) -> f64 {
        self.bins.width_s
    }
}

/// The shape of day and week at a moment of the log.
pub(in crate::fit) fn weight_at(rates: &Rates, sample: &Sample, at_s: f64) -> f64 {
    let local = at_s + sample.local_s;
    let day = libm::floor(local / 86_400.0);
    let hour = super::place((local - day * 86_400.0) / 3600.0).min(23);
    let of = |list: &Option<Vec<crate::fit::Value>>, at: usize| {
        list.as_ref()
            .and_then(|it| it.get(at))
            .map_or(1.0, |it| it.best)
    };
    of(&rates.hourly, hour) * of(&rates.weekly, super::place(day.rem_euclid(7.0)))
}
