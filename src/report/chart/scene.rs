//! A drawing as a list of a few shapes. Charts draw it once; [`super::svg`] and the PDF writer each put it on their page.

use super::palette::Ink;

/// Width of every chart in its own units; about one unit is one pixel on a desktop.
pub(in super::super) const WIDTH: f64 = 760.0;

/// Where a text stands against its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Anchor {
    Start,
    Middle,
    End,
}

/// One mark on the drawing; y grows downwards, and a text's point is on its base line.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) enum Shape {
    Rect {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
    },
    Line {
        from: (f64, f64),
        to: (f64, f64),
    },
    /// A line through points; filled and closed where the ink fills.
    Path(Vec<(f64, f64)>),
    Dot {
        at: (f64, f64),
        radius: f64,
    },
    Text {
        anchor: Anchor,
        at: (f64, f64),
        text: String,
    },
}

/// A finished drawing.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Scene {
    /// What it shows, with its unit: the heading above it.
    pub(in super::super) title: String,
    /// The same for whoever cannot see it.
    pub(in super::super) description: String,
    /// Height in the unit of [`WIDTH`].
    pub(in super::super) height: f64,
    /// What is drawn, in order.
    pub(in super::super) shapes: Vec<(Ink, Shape)>,
}

/// A drawing in progress.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    shapes: Vec<(Ink, Shape)>,
}

impl Canvas {
    pub(super) fn rect(&mut self, ink: Ink, x: f64, y: f64, width: f64, height: f64) {
        let (width, height) = (width.max(0.0), height.max(0.0));
        self.shapes.push((
            ink,
            Shape::Rect {
                x,
                y,
                width,
                height,
            },
        ));
    }

    pub(super) fn line(&mut self, ink: Ink, x1: f64, y1: f64, x2: f64, y2: f64) {
        self.shapes.push((
            ink,
            Shape::Line {
                from: (x1, y1),
                to: (x2, y2),
            },
        ));
    }

    pub(super) fn path(&mut self, ink: Ink, points: Vec<(f64, f64)>) {
        if points.len() > 1 {
            self.shapes.push((ink, Shape::Path(points)));
        }
    }

    pub(super) fn dot(&mut self, ink: Ink, x: f64, y: f64, radius: f64) {
        self.shapes.push((ink, Shape::Dot { at: (x, y), radius }));
    }

    /// A mark whose form tells series apart without colour: dot, square, diamond, triangle.
    pub(super) fn mark(&mut self, series: usize, x: f64, y: f64) {
        let ink = Ink::SeriesMark(series);
        let r = 4.2;
        match series % 4 {
            0 => self.dot(ink, x, y, r),
            1 => self.rect(ink, x - r + 0.4, y - r + 0.4, 2.0 * r - 0.8, 2.0 * r - 0.8),
            2 => self.path(
                ink,
                vec![
                    (x, y - r - 1.0),
                    (x + r + 1.0, y),
                    (x, y + r + 1.0),
                    (x - r - 1.0, y),
                ],
            ),
            _ => self.path(
                ink,
                vec![(x, y - r - 1.0), (x + r + 0.6, y + r), (x - r - 0.6, y + r)],
            ),
        }
    }

    pub(super) fn text(&mut self, ink: Ink, anchor: Anchor, x: f64, y: f64, text: &str) {
        let text = text.to_owned();
        self.shapes.push((
            ink,
            Shape::Text {
                anchor,
                at: (x, y),
                text,
            },
        ));
    }

    /// A name over a key line of several: colour, form and name of each series.
    pub(super) fn legend(&mut self, names: &[String]) -> f64 {
        let columns = if names.iter().any(|name| name.chars().count() > 20) {
            2
        } else {
            4
        };
        for (index, name) in names.iter().enumerate() {
            let x = (index % columns) as f64 * (WIDTH / columns as f64);
            let y = (index / columns) as f64 * 22.0 + 11.0;
            self.line(Ink::Series(index), x + 2.0, y, x + 30.0, y);
            self.mark(index, x + 16.0, y);
            self.text(
                Ink::Label,
                Anchor::Start,
                x + 38.0,
                y + 4.0,
                &fitted(name, 44),
            );
        }
        names.len().div_ceil(columns) as f64 * 22.0
    }

    pub(super) fn finish(self, height: f64, title: String, description: String) -> Scene {
        Scene {
            title,
            description,
            height,
            shapes: self.shapes,
        }
    }
}

/// Round steps from 0 or below the least to above the most: 1, 2 or 5 times a power of ten.
pub(super) fn ticks(from: f64, to: f64) -> Vec<f64> {
    let span = to - from;
    if !span.is_finite() || span <= 0.0 {
        return vec![from];
    }
    let mut power = 1.0;
    while power * 10.0 <= span / 4.0 {
        power *= 10.0;
    }
    while power > span / 4.0 {
        power /= 10.0;
    }
    let step = [5.0, 2.0, 1.0]
        .iter()
        .map(|times| times * power)
        .find(|step| span / step >= 3.0)
        .unwrap_or(power);
    let mut list = Vec::new();
    let mut index = (from / step).ceil();
    while index * step <= to * (1.0 + 1e-9) + step * 1e-9 && list.len() < 20 {
        // Not minus nothing.
        list.push(index * step + 0.0);
        index += 1.0;
    }
    list
}

/// Ticks of a logarithmic axis: 1, 2 and 5 of each decade, or powers of ten alone where those would crowd.
pub(super) fn log_ticks(from: f64, to: f64) -> Vec<f64> {
    if !(from > 0.0 && to > from && to.is_finite()) {
        return vec![from];
    }
    let decades = (to / from).log10();
    let steps: &[f64] = if decades > 2.6 {
        &[1.0]
    } else {
        &[1.0, 2.0, 5.0]
    };
    let mut list = Vec::new();
    let mut power = 10.0_f64.powf(from.log10().floor());
    while power <= to * (1.0 + 1e-9) && list.len() < 40 {
        list.extend(
            steps
                .iter()
                .map(|step| step * power)
                .filter(|tick| *tick >= from * (1.0 - 1e-9) && *tick <= to * (1.0 + 1e-9)),
        );
        power *= 10.0;
    }
    list
}

/// The axis below rows of bars: numbers to places, grid lines over the rows, and what it measures.
pub(super) struct Below {
    /// Places of the axis' ends.
    pub(super) left: f64,
    pub(super) right: f64,
    /// Numbers at these.
    pub(super) from: f64,
    pub(super) to: f64,
    /// Where the rows begin and end.
    pub(super) top: f64,
    pub(super) floor: f64,
}

impl Below {
    /// The place of a number.
    pub(super) fn at(&self, value: f64) -> f64 {
        self.left + (value - self.from) / (self.to - self.from) * (self.right - self.left)
    }

    /// Draws grid, numbers from the least to the most, and the unit; says how high the whole drawing is.
    pub(super) fn draw(
        &self,
        canvas: &mut Canvas,
        (least, most): (f64, f64),
        format: fn(f64) -> String,
        unit: &str,
    ) -> f64 {
        for value in ticks(least, most) {
            let x = self.at(value);
            canvas.line(Ink::Grid, x, self.top, x, self.floor);
            let words = super::super::numbers::bare(&format(value));
            canvas.text(Ink::Soft, Anchor::Middle, x, self.floor + 16.0, &words);
        }
        let middle = f64::midpoint(self.left, WIDTH);
        canvas.text(Ink::Soft, Anchor::Middle, middle, self.floor + 34.0, unit);
        self.floor + 42.0
    }
}

/// A label that fits a margin of so many letters.
pub(super) fn fitted(text: &str, letters: usize) -> String {
    super::super::numbers::clip(text, letters)
}

#[cfg(test)]
mod tests {
    use super::{log_ticks, ticks};

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 10.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(430.0, 640.0), [450.0, 500.0, 550.0, 600.0]);
        assert_eq!(ticks(3.0, 3.0), [3.0]);
    }

    #[test]
    fn log_ticks_are_one_two_five_or_decades() {
        assert_eq!(log_ticks(1.0, 20.0), [1.0, 2.0, 5.0, 10.0, 20.0]);
        assert_eq!(log_ticks(0.1, 1000.0).len(), 5);
        assert_eq!(log_ticks(0.0, 10.0), [0.0]);
    }
}
