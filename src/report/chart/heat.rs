use super::palette::Ink;
use super::scene::{Anchor, Canvas, Scene, WIDTH};

/// The 168 hours of a week.
#[derive(Debug)]
pub(in super::super) struct Heat {
    pub(in super::super) title: String,
    pub(in super::super) unit: String,
    /// From Monday midnight; none where there was nothing to measure.
    pub(in super::super) values: Vec<Option<f64>>,
    /// Whether cells say the number itself; else its percentage of the highest.
    pub(in super::super) plain: bool,
}

const LEFT: f64 = 40.0;
const TOP: f64 = 20.0;
const CELL_WIDTH: f64 = (WIDTH - LEFT) / 24.0;
const CELL_HEIGHT: f64 = 26.0;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Heat {
    pub(in super::super) fn scene(&self) -> Scene {
        let most = self
            .values
            .iter()
            .flatten()
            .copied()
            .fold(0.0, f64::max)
            .max(1e-12);
        let least = self
            .values
            .iter()
            .flatten()
            .copied()
            .fold(f64::INFINITY, f64::min)
            .min(most);
        // Where all hours are nearly alike the picture must not shout.
        let pale = least.min(most * 0.75);
        let mut canvas = Canvas::default();
        for hour in 0_u8..24 {
            canvas.text(
                Ink::Soft,
                Anchor::Middle,
                LEFT + CELL_WIDTH * (f64::from(hour) + 0.5),
                TOP - 6.0,
                &format!("{hour:02}"),
            );
        }
        for (index, (day, hours)) in DAYS.iter().zip(self.values.chunks(24)).enumerate() {
            let y = TOP + CELL_HEIGHT * index as f64;
            canvas.text(Ink::Label, Anchor::End, LEFT - 8.0, y + 17.0, day);
            for (hour, value) in hours.iter().enumerate() {
                let x = LEFT + CELL_WIDTH * hour as f64;
                let strength =
                    value.map_or(0.0, |value| 0.06 + 0.94 * (value - pale) / (most - pale));
                canvas.rect(Ink::Cell, x, y, CELL_WIDTH - 1.0, CELL_HEIGHT - 1.0);
                canvas.rect(
                    Ink::Heat(hundredths(strength)),
                    x,
                    y,
                    CELL_WIDTH - 1.0,
                    CELL_HEIGHT - 1.0,
                );
                let class = if strength > 0.64 {
                    Ink::SmallLight
                } else {
                    Ink::Small
                };
                let words = value.map_or_else(
                    || "–".to_owned(),
                    |value| {
                        if self.plain {
                            format!("{value:.1}")
                        } else {
                            format!("{:.0}", value / most * 100.0)
                        }
                    },
                );
                canvas.text(
                    class,
                    Anchor::Middle,
                    x + CELL_WIDTH / 2.0,
                    y + 17.0,
                    &words,
                );
            }
        }
        let floor = TOP + CELL_HEIGHT * 7.0;
        canvas.text(
            Ink::Soft,
            Anchor::Start,
            LEFT,
            floor + 18.0,
            &format!(
                "{}: {} in the lightest hour, {} in the strongest{}",
                self.unit,
                shown(least),
                shown(most),
                if self.plain { "" } else { ", which is 100" }
            ),
        );
        let busiest = self
            .values
            .iter()
            .position(|value| *value == Some(most))
            .unwrap_or(0);
        let day = DAYS.get(busiest / 24).copied().unwrap_or_default();
        let description = format!(
            "A table of 7 days by 24 hours, {}. The highest is {} on {day} at {:02}:00.",
            self.unit,
            shown(most),
            busiest % 24
        );
        canvas.finish(floor + 28.0, self.title.clone(), description)
    }
}

fn shown(most: f64) -> String {
    if most >= 100.0 {
        super::super::numbers::count(most)
    } else {
        format!("{most:.1}")
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 100"
)]
fn hundredths(share: f64) -> u8 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u8
}
