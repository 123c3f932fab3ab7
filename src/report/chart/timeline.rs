use super::super::numbers::percent;
use super::palette::Ink;
use super::scene::{Anchor, Canvas, Scene, WIDTH};

/// What users get, minute by minute, while something is wrong.
#[derive(Debug)]
pub(in super::super) struct Timeline {
    pub(in super::super) title: String,
    /// What a request can come to, in order from the floor up.
    pub(in super::super) names: Vec<String>,
    /// For each step of time, the requests a minute that came to each.
    pub(in super::super) steps: Vec<Vec<f64>>,
    /// Minutes from the start of the drawing at which each step begins.
    pub(in super::super) minutes: Vec<f64>,
    /// Minutes between which the incident lasts.
    pub(in super::super) incident: Option<(f64, f64)>,
}

const LEFT: f64 = 60.0;
const RIGHT: f64 = 16.0;
const HEIGHT: f64 = 190.0;
const COLUMNS: usize = 4;

impl Timeline {
    pub(in super::super) fn scene(&self) -> Scene {
        let total = |step: &Vec<f64>| step.iter().sum::<f64>();
        let tallest = self.steps.iter().map(total).fold(1e-9, f64::max);
        let width = match self.minutes.as_slice() {
            [first, second, ..] => second - first,
            _ => 1.0,
        };
        let (begin, end) = (
            self.minutes.first().copied().unwrap_or(0.0),
            self.minutes.last().copied().unwrap_or(0.0) + width,
        );
        let x = |minute: f64| LEFT + (minute - begin) / (end - begin) * (WIDTH - LEFT - RIGHT);
        let mut canvas = Canvas::default();
        for (index, name) in self.names.iter().enumerate() {
            let at = (index % COLUMNS) as f64 * (WIDTH / COLUMNS as f64);
            let down = (index / COLUMNS) as f64 * 22.0;
            canvas.rect(Ink::Part(index), at + 2.0, down + 2.0, 18.0, 16.0);
            canvas.text(
                Ink::Key(index),
                Anchor::Middle,
                at + 11.0,
                down + 14.5,
                &(index + 1).to_string(),
            );
            canvas.text(Ink::Label, Anchor::Start, at + 26.0, down + 15.0, name);
        }
        let top = self.names.len().div_ceil(COLUMNS) as f64 * 22.0 + 34.0;
        let floor = top + HEIGHT;
        let y = |count: f64| floor - count / tallest * HEIGHT;
        for count in super::scene::ticks(0.0, tallest) {
            canvas.line(Ink::Grid, LEFT, y(count), WIDTH - RIGHT, y(count));
            canvas.text(
                Ink::Soft,
                Anchor::End,
                LEFT - 6.0,
                y(count) + 4.0,
                &trimmed(count),
            );
        }
        canvas.text(
            Ink::Soft,
            Anchor::Start,
            4.0,
            top - 22.0,
            "requests a minute",
        );
        for (minute, step) in self.minutes.iter().zip(&self.steps) {
            let mut sum = 0.0;
            for (part, count) in step.iter().enumerate() {
                if *count > 0.0 {
                    let (below, above) = (y(sum), y(sum + count));
                    canvas.rect(
                        Ink::Part(part),
                        x(*minute),
                        above,
                        x(minute + width) - x(*minute),
                        below - above,
                    );
                }
                sum += count;
            }
        }
        self.keys(&mut canvas, &x, &y, width);
        canvas.line(Ink::Axis, LEFT, floor, WIDTH - RIGHT, floor);
        for minute in super::scene::ticks(begin, end) {
            canvas.text(
                Ink::Soft,
                Anchor::Middle,
                x(minute),
                floor + 16.0,
                &trimmed(minute),
            );
        }
        if let Some((from, to)) = self.incident {
            for (at, anchor, words) in [
                (from, Anchor::Start, "the incident begins"),
                (to, Anchor::Start, "it ends"),
            ] {
                canvas.line(Ink::Mark, x(at), top - 14.0, x(at), floor);
                canvas.text(Ink::Strong, anchor, x(at) + 4.0, top - 5.0, words);
            }
        }
        canvas.text(
            Ink::Soft,
            Anchor::Middle,
            f64::midpoint(LEFT, WIDTH),
            floor + 34.0,
            "minutes from the start of the incident; the numbers in the bars are those of the legend",
        );
        canvas.finish(floor + 42.0, self.title.clone(), self.description())
    }

    /// The number of each part, in its tallest bar.
    fn keys(
        &self,
        canvas: &mut Canvas,
        x: &impl Fn(f64) -> f64,
        y: &impl Fn(f64) -> f64,
        width: f64,
    ) {
        for part in 0..self.names.len() {
            let count = |step: &Vec<f64>| step.get(part).copied().unwrap_or(0.0);
            let tallest = self
                .minutes
                .iter()
                .zip(&self.steps)
                .max_by(|a, b| count(a.1).total_cmp(&count(b.1)));
            let Some((minute, step)) = tallest else {
                continue;
            };
            let below: f64 = step.iter().take(part).sum();
            let (low, high) = (y(below), y(below + count(step)));
            if low - high > 13.0 {
                let at = x(minute + width / 2.0);
                canvas.rect(
                    Ink::Part(part),
                    at - 8.0,
                    f64::midpoint(low, high) - 7.0,
                    16.0,
                    14.0,
                );
                canvas.text(
                    Ink::Key(part),
                    Anchor::Middle,
                    at,
                    f64::midpoint(low, high) + 4.5,
                    &(part + 1).to_string(),
                );
            }
        }
    }

    fn description(&self) -> String {
        let all: f64 = self.steps.iter().flatten().sum();
        let said: Vec<String> = self
            .names
            .iter()
            .enumerate()
            .map(|(part, name)| {
                let sum: f64 = self.steps.iter().filter_map(|step| step.get(part)).sum();
                format!("{name} {}", percent(sum / all))
            })
            .collect();
        format!(
            "Stacked bars over time of what requests came to; over all of it: {}.",
            said.join(", ")
        )
    }
}

fn trimmed(number: f64) -> String {
    if number.fract() == 0.0 {
        format!("{number:.0}")
    } else {
        format!("{number:.1}")
    }
}
