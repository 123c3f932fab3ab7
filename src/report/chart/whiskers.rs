use super::super::numbers::bare;
use super::palette::Ink;
use super::scene::{Anchor, Below, Canvas, Scene, WIDTH, fitted};

/// A number with the range of 90% of months, for each strategy and volume.
#[derive(Debug)]
pub(in super::super) struct Whiskers {
    pub(in super::super) title: String,
    pub(in super::super) unit: String,
    pub(in super::super) rows: Vec<Whisker>,
    /// What is promised.
    pub(in super::super) limit: Option<f64>,
    pub(in super::super) format: fn(f64) -> String,
}

/// One row.
#[derive(Debug)]
pub(in super::super) struct Whisker {
    pub(in super::super) label: String,
    pub(in super::super) low: f64,
    pub(in super::super) mid: f64,
    pub(in super::super) high: f64,
    /// Standard error of `mid`.
    pub(in super::super) se: f64,
}

const LEFT: f64 = 180.0;
const RIGHT: f64 = 84.0;
const ROW: f64 = 26.0;
const TOP: f64 = 26.0;

impl Whiskers {
    pub(in super::super) fn scene(&self) -> Scene {
        let highest = self
            .rows
            .iter()
            .map(|row| row.high.max(row.mid))
            .chain(self.limit)
            .fold(0.0, f64::max)
            .max(1e-9);
        let axis = Below {
            left: LEFT,
            right: WIDTH - RIGHT,
            from: 0.0,
            to: highest,
            top: TOP,
            floor: TOP + ROW * self.rows.len() as f64,
        };
        let x = |value: f64| axis.at(value);
        let mut canvas = Canvas::default();
        let unit = format!("{}; dot: mean, line: 90% of months", self.unit);
        let height = axis.draw(&mut canvas, (0.0, highest), self.format, &unit);
        for (index, row) in self.rows.iter().enumerate() {
            let y = TOP + ROW * (index as f64 + 0.5);
            canvas.text(
                Ink::Label,
                Anchor::End,
                LEFT - 8.0,
                y + 4.0,
                &fitted(&row.label, 24),
            );
            canvas.line(Ink::Range, x(row.low), y, x(row.high), y);
            canvas.line(Ink::Range, x(row.low), y - 5.0, x(row.low), y + 5.0);
            canvas.line(Ink::Range, x(row.high), y - 5.0, x(row.high), y + 5.0);
            canvas.dot(Ink::Point, x(row.mid), y, 4.5);
            canvas.text(
                Ink::Strong,
                Anchor::Start,
                WIDTH - RIGHT + 12.0,
                y + 4.0,
                &(self.format)(row.mid),
            );
        }
        canvas.line(Ink::Axis, LEFT, TOP, LEFT, axis.floor);
        let mut promised = String::new();
        if let Some(limit) = self.limit {
            let words = format!("promised: {}", bare(&(self.format)(limit)));
            let place = x(limit);
            let (anchor, at) = if place > WIDTH / 2.0 {
                (Anchor::End, place - 4.0)
            } else {
                (Anchor::Start, place + 4.0)
            };
            canvas.line(Ink::Mark, place, 8.0, place, axis.floor);
            canvas.text(Ink::Strong, anchor, at, 17.0, &words);
            promised = format!(" {words}.");
        }
        let said: Vec<String> = self
            .rows
            .iter()
            .map(|row| {
                format!(
                    "{} {} ({} to {})",
                    row.label,
                    (self.format)(row.mid),
                    (self.format)(row.low),
                    (self.format)(row.high)
                )
            })
            .collect();
        canvas.finish(
            height,
            self.title.clone(),
            format!(
                "{}, mean and 90% of months: {}.{promised}",
                self.unit,
                said.join("; ")
            ),
        )
    }
}
