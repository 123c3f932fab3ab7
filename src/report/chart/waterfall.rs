use super::super::numbers::usd;
use super::palette::Ink;
use super::scene::{Anchor, Below, Canvas, Scene, WIDTH, fitted};

/// From one strategy's monthly cost to another's, mechanism by mechanism.
#[derive(Debug)]
pub(in super::super) struct Waterfall {
    pub(in super::super) title: String,
    /// Name and cost of where it starts, in US dollars a month.
    pub(in super::super) from: (String, f64),
    /// Name and cost of where it ends.
    pub(in super::super) to: (String, f64),
    /// What each mechanism adds; together the difference.
    pub(in super::super) steps: Vec<Step>,
}

/// One mechanism.
#[derive(Debug)]
pub(in super::super) struct Step {
    pub(in super::super) label: String,
    /// US dollars a month; less than nothing saves.
    pub(in super::super) change: f64,
}

const LEFT: f64 = 210.0;
const RIGHT: f64 = 96.0;
const ROW: f64 = 30.0;
const TOP: f64 = 8.0;

impl Waterfall {
    pub(in super::super) fn scene(&self) -> Scene {
        let mut sums = vec![self.from.1];
        for step in &self.steps {
            sums.push(sums.last().copied().unwrap_or(0.0) + step.change);
        }
        let most = sums.iter().copied().chain([self.to.1]).fold(1e-9, f64::max);
        let least = sums.iter().copied().fold(0.0, f64::min);
        let axis = Below {
            left: LEFT,
            right: WIDTH - RIGHT,
            from: least,
            to: most,
            top: TOP,
            floor: TOP + ROW * (self.steps.len() + 2) as f64,
        };
        let x = |usd: f64| axis.at(usd);
        let mut canvas = Canvas::default();
        let unit = "US dollars a month, means; − saves, + costs";
        let height = axis.draw(&mut canvas, (least, most), usd, unit);
        canvas.line(Ink::Axis, x(0.0), TOP, x(0.0), axis.floor);
        let mut row = |index: usize, label: &str, ink: Ink, from: f64, to: f64, words: &str| {
            let y = TOP + ROW * index as f64;
            canvas.text(
                Ink::Label,
                Anchor::End,
                LEFT - 8.0,
                y + 19.0,
                &fitted(label, 30),
            );
            let (left, right) = (x(from.min(to)), x(from.max(to)));
            canvas.rect(ink, left, y + 5.0, (right - left).max(1.0), ROW - 10.0);
            canvas.text(Ink::Strong, Anchor::Start, right + 6.0, y + 19.0, words);
            if index <= self.steps.len() {
                canvas.line(Ink::Bridge, x(to), y + ROW - 5.0, x(to), y + ROW + 5.0);
            }
        };
        row(
            0,
            &self.from.0,
            Ink::Total,
            0.0,
            self.from.1,
            &usd(self.from.1),
        );
        for (index, (step, sum)) in self.steps.iter().zip(&sums).enumerate() {
            let saves = step.change < 0.0;
            let (ink, words) = if saves {
                (Ink::Better, format!("−{}", usd(-step.change)))
            } else {
                (Ink::Worse, format!("+{}", usd(step.change)))
            };
            row(index + 1, &step.label, ink, *sum, sum + step.change, &words);
        }
        row(
            self.steps.len() + 1,
            &self.to.0,
            Ink::Total,
            0.0,
            self.to.1,
            &usd(self.to.1),
        );
        let said: Vec<String> = self
            .steps
            .iter()
            .map(|step| {
                if step.change < 0.0 {
                    format!("{} saves {}", step.label, usd(-step.change))
                } else {
                    format!("{} costs {}", step.label, usd(step.change))
                }
            })
            .collect();
        let description = format!(
            "A waterfall from {} at {} to {} at {}: {}.",
            self.from.0,
            usd(self.from.1),
            self.to.0,
            usd(self.to.1),
            said.join(", ")
        );
        canvas.finish(height, self.title.clone(), description)
    }
}
