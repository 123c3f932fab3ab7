use super::super::numbers::{bare, usd};
use super::palette::Ink;
use super::scene::{Anchor, Canvas, Scene, WIDTH, fitted, ticks};

/// Cost by line, a bar for each strategy.
#[derive(Debug)]
pub(in super::super) struct Stacks {
    pub(in super::super) title: String,
    /// Names of the parts, in order.
    pub(in super::super) names: Vec<String>,
    pub(in super::super) rows: Vec<Stack>,
}

/// One bar.
#[derive(Debug)]
pub(in super::super) struct Stack {
    pub(in super::super) label: String,
    /// US dollars a month, one for each name.
    pub(in super::super) parts: Vec<f64>,
}

const LEFT: f64 = 150.0;
const RIGHT: f64 = 84.0;
const ROW: f64 = 36.0;
const LEGEND_COLUMNS: usize = 4;

impl Stacks {
    pub(in super::super) fn scene(&self) -> Scene {
        let total = |row: &Stack| row.parts.iter().sum::<f64>();
        let most = self.rows.iter().map(total).fold(0.0, f64::max).max(1e-9);
        let x = |usd: f64| LEFT + usd / most * (WIDTH - LEFT - RIGHT);
        let mut canvas = Canvas::default();
        let legend_rows = self.names.len().div_ceil(LEGEND_COLUMNS);
        for (index, name) in self.names.iter().enumerate() {
            let at = (index % LEGEND_COLUMNS) as f64 * (WIDTH / LEGEND_COLUMNS as f64);
            let down = (index / LEGEND_COLUMNS) as f64 * 22.0;
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
        let top = legend_rows as f64 * 22.0 + 14.0;
        let floor = top + ROW * self.rows.len() as f64;
        for amount in ticks(0.0, most) {
            canvas.line(Ink::Grid, x(amount), top, x(amount), floor);
            canvas.text(
                Ink::Soft,
                Anchor::Middle,
                x(amount),
                floor + 16.0,
                &bare(&usd(amount)),
            );
        }
        for (index, row) in self.rows.iter().enumerate() {
            let y = top + ROW * index as f64;
            canvas.text(
                Ink::Label,
                Anchor::End,
                LEFT - 8.0,
                y + 22.0,
                &fitted(&row.label, 20),
            );
            let mut sum = 0.0;
            for (part, amount) in row.parts.iter().enumerate() {
                let (from, to) = (x(sum), x(sum + amount));
                if to - from > 0.3 {
                    canvas.rect(Ink::Part(part), from, y + 6.0, to - from, ROW - 12.0);
                }
                if to - from > 16.0 {
                    canvas.text(
                        Ink::Key(part),
                        Anchor::Middle,
                        f64::midpoint(from, to),
                        y + 22.0,
                        &(part + 1).to_string(),
                    );
                }
                sum += amount;
            }
            canvas.text(
                Ink::Strong,
                Anchor::Start,
                x(sum) + 6.0,
                y + 22.0,
                &usd(sum),
            );
        }
        canvas.line(Ink::Axis, LEFT, top, LEFT, floor);
        canvas.text(
            Ink::Soft,
            Anchor::Middle,
            f64::midpoint(LEFT, WIDTH),
            floor + 34.0,
            "US dollars a month, means; the numbers in the bars are those of the legend",
        );
        let said: Vec<String> = self
            .rows
            .iter()
            .map(|row| format!("{} {}", row.label, usd(total(row))))
            .collect();
        let description = format!(
            "A stacked bar for each strategy: {}. Parts from the left: {}.",
            said.join(", "),
            self.names.join(", ")
        );
        canvas.finish(floor + 42.0, self.title.clone(), description)
    }
}
