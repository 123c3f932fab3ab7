use super::super::numbers::bare;
use super::palette::Ink;
use super::scene::{Anchor, Canvas, Scene, WIDTH, fitted, log_ticks, ticks};

/// Lines over an axis, one for each strategy, with limits across.
#[derive(Debug)]
pub(in super::super) struct Curves {
    pub(in super::super) title: String,
    pub(in super::super) across: Axis,
    pub(in super::super) up: Axis,
    pub(in super::super) lines: Vec<Curve>,
    /// Horizontal lines: where, and what they are.
    pub(in super::super) limits: Vec<(f64, String)>,
    /// Vertical lines: where, and what they are.
    pub(in super::super) marks: Vec<(f64, String)>,
}

/// An axis.
#[derive(Debug)]
pub(in super::super) struct Axis {
    pub(in super::super) unit: String,
    pub(in super::super) log: bool,
    /// The highest that is shown, whatever the numbers.
    pub(in super::super) most: Option<f64>,
    pub(in super::super) format: fn(f64) -> String,
}

/// One line.
#[derive(Debug)]
pub(in super::super) struct Curve {
    pub(in super::super) name: String,
    pub(in super::super) points: Vec<Point>,
}

/// One measured point; low and high are an interval, drawn where they differ.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Point {
    pub(in super::super) x: f64,
    pub(in super::super) y: f64,
    pub(in super::super) low: f64,
    pub(in super::super) high: f64,
}

const LEFT: f64 = 70.0;
const RIGHT: f64 = 22.0;
const HEIGHT: f64 = 250.0;

/// Numbers to places on the paper.
struct Scale {
    from: f64,
    to: f64,
    log: bool,
    start: f64,
    end: f64,
}

impl Scale {
    fn at(&self, value: f64) -> f64 {
        let share = if self.log {
            (value.max(self.from) / self.from).ln() / (self.to / self.from).ln()
        } else {
            (value - self.from) / (self.to - self.from)
        };
        self.start + share.clamp(0.0, 1.0) * (self.end - self.start)
    }

    fn ticks(&self) -> Vec<f64> {
        if self.log {
            log_ticks(self.from, self.to)
        } else {
            ticks(self.from, self.to)
        }
    }
}

fn scale(axis: &Axis, values: impl Iterator<Item = f64>, start: f64, end: f64) -> Scale {
    let values = values.filter(|value| value.is_finite() && (!axis.log || *value > 0.0));
    let (least, most) = values.fold(
        (f64::INFINITY, f64::NEG_INFINITY),
        |(least, most), value| (least.min(value), most.max(value)),
    );
    let most = axis.most.unwrap_or(most);
    let (from, to) = match (axis.log, least < most) {
        (true, true) => (least, most),
        (true, false) => (1.0, 10.0),
        (false, _) => (0.0, most.max(1e-9)),
    };
    Scale {
        from,
        to,
        log: axis.log,
        start,
        end,
    }
}

impl Curves {
    pub(in super::super) fn scene(&self) -> Scene {
        let points = || self.lines.iter().flat_map(|curve| &curve.points);
        let mut canvas = Canvas::default();
        let names: Vec<String> = self.lines.iter().map(|curve| curve.name.clone()).collect();
        let top = canvas.legend(&names) + 30.0;
        let floor = top + HEIGHT;
        let x = scale(
            &self.across,
            points().map(|point| point.x),
            LEFT,
            WIDTH - RIGHT,
        );
        let heights = points()
            .map(|point| point.y)
            .chain(self.limits.iter().map(|(value, _)| value * 1.04));
        let y = scale(&self.up, heights, floor, top);
        for value in y.ticks() {
            canvas.line(Ink::Grid, LEFT, y.at(value), WIDTH - RIGHT, y.at(value));
            canvas.text(
                Ink::Soft,
                Anchor::End,
                LEFT - 6.0,
                y.at(value) + 4.0,
                &bare(&(self.up.format)(value)),
            );
        }
        for value in x.ticks() {
            canvas.line(Ink::Grid, x.at(value), top, x.at(value), floor);
            canvas.text(
                Ink::Soft,
                Anchor::Middle,
                x.at(value),
                floor + 16.0,
                &bare(&(self.across.format)(value)),
            );
        }
        canvas.line(Ink::Axis, LEFT, floor, WIDTH - RIGHT, floor);
        canvas.text(Ink::Soft, Anchor::Start, 4.0, top - 12.0, &self.up.unit);
        canvas.text(
            Ink::Soft,
            Anchor::Middle,
            f64::midpoint(LEFT, WIDTH),
            floor + 34.0,
            &self.across.unit,
        );
        for (value, words) in &self.limits {
            let at = y.at(*value);
            canvas.line(Ink::Mark, LEFT, at, WIDTH - RIGHT, at);
            canvas.text(
                Ink::Strong,
                Anchor::End,
                WIDTH - RIGHT - 4.0,
                at - 5.0,
                words,
            );
        }
        for (index, (value, words)) in self.marks.iter().enumerate() {
            let at = x.at(*value);
            canvas.line(Ink::Mark, at, top, at, floor);
            let (anchor, beside) = if at > WIDTH / 2.0 {
                (Anchor::End, at - 5.0)
            } else {
                (Anchor::Start, at + 5.0)
            };
            let down = floor - 10.0 - 16.0 * (index % 5) as f64;
            canvas.text(Ink::Strong, anchor, beside, down, &fitted(words, 60));
        }
        for (index, curve) in self.lines.iter().enumerate() {
            let line = curve
                .points
                .iter()
                .map(|point| (x.at(point.x), y.at(point.y)));
            canvas.path(Ink::Series(index), line.collect());
            for point in &curve.points {
                if point.high > point.low {
                    let at = x.at(point.x);
                    canvas.line(Ink::Range, at, y.at(point.low), at, y.at(point.high));
                }
                canvas.mark(index, x.at(point.x), y.at(point.y));
            }
        }
        let description = self.description();
        canvas.finish(floor + 42.0, self.title.clone(), description)
    }

    fn description(&self) -> String {
        let curves: Vec<String> = self
            .lines
            .iter()
            .filter_map(|curve| {
                let (first, last) = (curve.points.first()?, curve.points.last()?);
                Some(format!(
                    "{} goes from {} at {} to {} at {}",
                    curve.name,
                    (self.up.format)(first.y),
                    (self.across.format)(first.x),
                    (self.up.format)(last.y),
                    (self.across.format)(last.x)
                ))
            })
            .collect();
        let lines: Vec<&str> = self
            .limits
            .iter()
            .chain(&self.marks)
            .map(|(_, words)| words.as_str())
            .collect();
        let mut text = format!(
            "Lines of {} over {}: {}.",
            self.up.unit,
            self.across.unit,
            curves.join("; ")
        );
        if !lines.is_empty() {
            text.extend([" Marked: ", &lines.join("; "), "."]);
        }
        text
    }
}
