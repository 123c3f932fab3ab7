use super::palette::Ink;
use super::scene::{Anchor, Below, Canvas, Scene, WIDTH, fitted};

/// How far each input moves an answer: the answer with the input at its low and at its high end, the rest as they are.
#[derive(Debug)]
pub(in super::super) struct Tornado {
    pub(in super::super) title: String,
    pub(in super::super) unit: String,
    /// The answer with every input as it is.
    pub(in super::super) base: f64,
    /// Strongest first.
    pub(in super::super) bars: Vec<Bar>,
    pub(in super::super) format: fn(f64) -> String,
}

/// One input.
#[derive(Debug)]
pub(in super::super) struct Bar {
    pub(in super::super) label: String,
    /// The answer with the input at its low end.
    pub(in super::super) low: f64,
    /// The answer with the input at its high end.
    pub(in super::super) high: f64,
}

const LEFT: f64 = 270.0;
const RIGHT: f64 = 70.0;
const ROW: f64 = 26.0;
const TOP: f64 = 30.0;

impl Tornado {
    pub(in super::super) fn scene(&self) -> Scene {
        let all = || {
            self.bars
                .iter()
                .flat_map(|bar| [bar.low, bar.high])
                .chain([self.base])
        };
        let (least, most) = (
            all().fold(f64::INFINITY, f64::min),
            all().fold(f64::NEG_INFINITY, f64::max),
        );
        let span = (most - least).max(self.base.abs() * 1e-6).max(1e-12);
        let axis = Below {
            left: LEFT,
            right: WIDTH - RIGHT + 60.0,
            from: least - span * 0.14,
            to: least + span * 1.14,
            top: TOP,
            floor: TOP + ROW * self.bars.len() as f64,
        };
        let x = |value: f64| axis.at(value);
        let mut canvas = Canvas::default();
        let unit = format!("{}; each input at its 5% and its 95% end", self.unit);
        let height = axis.draw(&mut canvas, (least, most), self.format, &unit);
        for (index, bar) in self.bars.iter().enumerate() {
            let y = TOP + ROW * index as f64;
            canvas.text(
                Ink::Label,
                Anchor::End,
                LEFT - 8.0,
                y + 17.0,
                &fitted(&bar.label, 38),
            );
            // Which end is which is told by form too: the input's high end is filled darker and edged.
            for (ink, end) in [(Ink::Within, bar.low), (Ink::Over, bar.high)] {
                let (left, right) = (x(end.min(self.base)), x(end.max(self.base)));
                canvas.rect(ink, left, y + 5.0, right - left, ROW - 10.0);
            }
            let (left, right) = if bar.low <= bar.high {
                ((bar.low, "low"), (bar.high, "high"))
            } else {
                ((bar.high, "high"), (bar.low, "low"))
            };
            canvas.text(
                Ink::Soft,
                Anchor::End,
                x(left.0.min(self.base)) - 5.0,
                y + 17.0,
                left.1,
            );
            canvas.text(
                Ink::Soft,
                Anchor::Start,
                x(right.0.max(self.base)) + 5.0,
                y + 17.0,
                right.1,
            );
        }
        canvas.line(Ink::Mark, x(self.base), TOP - 6.0, x(self.base), axis.floor);
        canvas.text(
            Ink::Strong,
            Anchor::Middle,
            x(self.base),
            TOP - 12.0,
            &format!("as it is: {}", (self.format)(self.base)),
        );
        let said: Vec<String> = self
            .bars
            .iter()
            .map(|bar| {
                format!(
                    "{} from {} to {}",
                    bar.label,
                    (self.format)(bar.low),
                    (self.format)(bar.high)
                )
            })
            .collect();
        let description = format!(
            "A bar for each input, strongest first, around {}: with the input at its low and its high end the answer goes {}.",
            (self.format)(self.base),
            said.join("; ")
        );
        canvas.finish(height, self.title.clone(), description)
    }
}
