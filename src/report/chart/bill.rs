use super::super::numbers::{percent, usd};
use super::palette::Ink;
use super::scene::{Anchor, Canvas, Scene, WIDTH, ticks};

/// The distribution of the monthly bill, with the budget.
#[derive(Debug)]
pub(in super::super) struct Bill {
    pub(in super::super) title: String,
    /// Cost by month, ascending; not empty.
    pub(in super::super) months: Vec<f64>,
    /// The budget and what it is called.
    pub(in super::super) budget: Option<(f64, String)>,
    /// Share of months over it.
    pub(in super::super) over: Option<f64>,
}

/// Months that cost between two amounts.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Bin {
    pub(in super::super) from: f64,
    pub(in super::super) to: f64,
    pub(in super::super) count: usize,
}

const LEFT: f64 = 46.0;
const TOP: f64 = 44.0;
const HEIGHT: f64 = 250.0;
const BOTTOM: f64 = 46.0;

impl Bill {
    /// Bins of equal width; about the square root of the months, at most 24.
    pub(in super::super) fn bins(&self) -> Vec<Bin> {
        let (Some(&low), Some(&high)) = (self.months.first(), self.months.last()) else {
            return Vec::new();
        };
        if high <= low {
            return vec![Bin {
                from: low,
                to: high,
                count: self.months.len(),
            }];
        }
        let wanted = (4..=24)
            .find(|number| number * number >= self.months.len())
            .unwrap_or(24);
        let width = (high - low) / f64::from(u8::try_from(wanted).unwrap_or(24));
        // An edge stands on the budget, so that no bin is half over it.
        let first = match &self.budget {
            Some((usd, _)) if (low..high).contains(usd) => {
                usd - ((usd - low) / width).ceil().max(1.0) * width
            }
            _ => low,
        };
        (0..=wanted)
            .map(|index| {
                let (from, to) = (
                    first + width * index as f64,
                    first + width * (index + 1) as f64,
                );
                let count = self
                    .months
                    .iter()
                    .filter(|cost| {
                        (**cost > from || (index == 0 && **cost >= from)) && **cost <= to
                    })
                    .count();
                Bin { from, to, count }
            })
            .filter(|bin| bin.from < high)
            .collect()
    }

    pub(in super::super) fn scene(&self) -> Scene {
        let bins = self.bins();
        let budget = self.budget.as_ref().map(|(usd, _)| *usd);
        let low = self.months.first().copied().unwrap_or(0.0);
        let high = bins.last().map_or(1.0, |bin| bin.to);
        let (least, most) = (
            budget
                .map_or(low, |usd| usd.min(low))
                .min(bins.first().map_or(low, |bin| bin.from)),
            budget.map_or(high, |usd| usd.max(high)),
        );
        let margin = ((most - least) * 0.04).max(most.abs() * 0.005).max(1e-9);
        let (from, to) = (least - margin, most + margin);
        let x = |usd: f64| LEFT + (usd - from) / (to - from) * (WIDTH - LEFT - 16.0);
        let tallest = bins.iter().map(|bin| bin.count).max().unwrap_or(1).max(1) as f64;
        let floor = HEIGHT - BOTTOM;
        let y = |count: f64| floor - count / tallest * (floor - TOP);
        let mut canvas = Canvas::default();
        for count in ticks(0.0, tallest)
            .into_iter()
            .filter(|count| count.fract() == 0.0)
        {
            canvas.line(Ink::Grid, LEFT, y(count), WIDTH - 16.0, y(count));
            canvas.text(
                Ink::Soft,
                Anchor::End,
                LEFT - 6.0,
                y(count) + 4.0,
                &format!("{count:.0}"),
            );
        }
        for bin in &bins {
            let middle = f64::midpoint(bin.from, bin.to);
            let class = if budget.is_some_and(|usd| middle > usd) {
                Ink::Over
            } else {
                Ink::Within
            };
            let width = (x(bin.to) - x(bin.from) - 1.5).max(6.0);
            canvas.rect(
                class,
                x(bin.from),
                y(bin.count as f64),
                width,
                floor - y(bin.count as f64),
            );
        }
        canvas.line(Ink::Axis, LEFT, floor, WIDTH - 16.0, floor);
        for amount in ticks(from, to) {
            canvas.text(
                Ink::Soft,
                Anchor::Middle,
                x(amount),
                floor + 17.0,
                &usd(amount),
            );
        }
        canvas.text(
            Ink::Soft,
            Anchor::Middle,
            f64::midpoint(LEFT, WIDTH),
            HEIGHT - 8.0,
            "US dollars a month",
        );
        canvas.text(Ink::Soft, Anchor::Start, 4.0, 14.0, "months");
        let mut description = format!(
            "A histogram of {} simulated months between {} and {}.",
            self.months.len(),
            usd(low),
            usd(self.months.last().copied().unwrap_or(high))
        );
        if let Some((amount, name)) = &self.budget {
            let chance = self.over.map_or_else(|| "not known".to_owned(), percent);
            let words = format!("{name} {}: over in {chance} of months", usd(*amount));
            let place = x(*amount);
            let (anchor, at) = if place > WIDTH / 2.0 {
                (Anchor::End, place - 6.0)
            } else {
                (Anchor::Start, place + 6.0)
            };
            canvas.line(Ink::Mark, place, 22.0, place, floor);
            canvas.text(Ink::Strong, anchor, at, 33.0, &words);
            description.extend([" The ", &words, "."]);
        }
        canvas.finish(HEIGHT, self.title.clone(), description)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_month_is_in_one_bin_and_no_bin_is_half_over_the_budget() {
        let months: Vec<f64> = (0..57)
            .map(|index| 400.0 + f64::from(index * index) / 7.0)
            .collect();
        for budget in [None, Some(300.0), Some(400.0), Some(511.3), Some(900.0)] {
            let chart = Bill {
                title: String::new(),
                months: months.clone(),
                budget: budget.map(|usd| (usd, String::new())),
                over: None,
            };
            let bins = chart.bins();
            assert_eq!(
                bins.iter().map(|bin| bin.count).sum::<usize>(),
                months.len(),
                "{budget:?}"
            );
            let Some(budget) = budget else { continue };
            let over: usize = bins
                .iter()
                .filter(|bin| f64::midpoint(bin.from, bin.to) > budget)
                .map(|bin| bin.count)
                .sum();
            assert_eq!(
                over,
                months.iter().filter(|cost| **cost > budget).count(),
                "{budget}"
            );
        }
    }
}
