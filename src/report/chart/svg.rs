//! A canvas of a few shapes. Colours are classes of the page's style sheet, so that they follow light, dark and print.

use std::fmt::Write as _;

use crate::checklist::safe::xml;

/// Width of every chart in its own units; about one unit is one pixel on a desktop.
pub(super) const WIDTH: f64 = 760.0;

/// Where a text stands against its point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing in progress.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    body: String,
}

impl Canvas {
    pub(super) fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        // Writing to a string cannot fail.
        let _ = write!(
            self.body,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            width.max(0.0),
            height.max(0.0)
        );
    }

    /// A rectangle of which so much, 0 to 1, shows.
    pub(super) fn tint(&mut self, x: f64, y: f64, width: f64, height: f64, strength: f64) {
        let _ = write!(
            self.body,
            "<rect class=\"heat\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill-opacity=\"{strength:.2}\"/>"
        );
    }

    pub(super) fn line(&mut self, class: &str, x1: f64, y1: f64, x2: f64, y2: f64) {
        let _ = write!(
            self.body,
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        );
    }

    pub(super) fn dot(&mut self, class: &str, x: f64, y: f64, radius: f64) {
        let _ = write!(
            self.body,
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"/>"
        );
    }

    pub(super) fn text(&mut self, class: &str, anchor: Anchor, x: f64, y: f64, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let _ = write!(
            self.body,
            "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
            xml(text)
        );
    }

    /// The whole drawing with its name and its description for whoever cannot see it.
    pub(super) fn finish(
        self,
        number: usize,
        height: f64,
        title: &str,
        description: &str,
    ) -> String {
        format!(
            "<svg viewBox=\"0 0 {WIDTH:.0} {height:.0}\" role=\"img\" aria-labelledby=\"c{number}t c{number}d\"><title id=\"c{number}t\">{}</title><desc id=\"c{number}d\">{}</desc>{}</svg>",
            xml(title),
            xml(description),
            self.body
        )
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
    while index * step <= to * (1.0 + 1e-9) && list.len() < 20 {
        list.push(index * step);
        index += 1.0;
    }
    list
}

/// A label that fits a margin of so many letters.
pub(super) fn fitted(text: &str, letters: usize) -> String {
    super::super::page::clip(text, letters)
}

#[cfg(test)]
mod tests {
    use super::ticks;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 10.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(430.0, 640.0), [450.0, 500.0, 550.0, 600.0]);
        assert_eq!(ticks(3.0, 3.0), [3.0]);
    }
}
