//! A scene as inline SVG. Colours are classes of the page's style sheet, so that they follow light, dark and print.

use std::fmt::Write as _;

use crate::checklist::safe::xml;

use super::palette::Ink;
use super::scene::{Anchor, Scene, Shape, WIDTH};

/// The drawing with its name and its description for whoever cannot see it; `number` makes its ids unique on the page.
pub(in super::super) fn svg(scene: &Scene, number: usize) -> String {
    let mut out = format!(
        "<svg viewBox=\"0 0 {WIDTH:.0} {:.0}\" role=\"img\" aria-labelledby=\"c{number}t c{number}d\"><title id=\"c{number}t\">{}</title><desc id=\"c{number}d\">{}</desc>",
        scene.height,
        xml(&scene.title),
        xml(&scene.description),
    );
    for (ink, shape) in &scene.shapes {
        draw(&mut out, *ink, shape);
    }
    out.push_str("</svg>");
    out
}

fn draw(out: &mut String, ink: Ink, shape: &Shape) {
    let class = ink.class();
    let shows = match ink {
        Ink::Heat(hundredths) => format!(" fill-opacity=\"{:.2}\"", f64::from(hundredths) / 100.0),
        _ => String::new(),
    };
    // Writing to a string cannot fail.
    let _ = match shape {
        Shape::Rect {
            x,
            y,
            width,
            height,
        } => write!(
            out,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"{shows}/>"
        ),
        Shape::Line { from, to } => write!(
            out,
            "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
            from.0, from.1, to.0, to.1
        ),
        Shape::Path(points) => {
            let list: Vec<String> = points
                .iter()
                .map(|(x, y)| format!("{x:.1},{y:.1}"))
                .collect();
            let name = if ink.paint().fill.is_some() {
                "polygon"
            } else {
                "polyline"
            };
            write!(
                out,
                "<{name} class=\"{class}\" points=\"{}\"/>",
                list.join(" ")
            )
        }
        Shape::Dot { at, radius } => write!(
            out,
            "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius:.1}\"/>",
            at.0, at.1
        ),
        Shape::Text { anchor, at, text } => {
            let anchor = match anchor {
                Anchor::Start => "",
                Anchor::Middle => " text-anchor=\"middle\"",
                Anchor::End => " text-anchor=\"end\"",
            };
            write!(
                out,
                "<text class=\"{class}\"{anchor} x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                at.0,
                at.1,
                xml(text)
            )
        }
    };
}
