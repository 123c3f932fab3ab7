//! Screens as one SVG that shows them in turn, without a script: it plays where pictures do, and stands still on the last
//! screen for readers who want less motion.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Pixels of a cell.
const CELL: (f64, f64) = (8.4, 18.0);
const FONT: f64 = 14.0;
const MARGIN: f64 = 12.0;

/// The sixteen colours of a dark terminal, then text and ground.
const COLOURS: [&str; 16] = [
    "#1b1f24", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#d0d7de",
    "#6e7681", "#ffa198", "#7ee787", "#f2cc60", "#a5d6ff", "#e2c5ff", "#87deea", "#ffffff",
];
const TEXT: &str = "#d0d7de";
const GROUND: &str = "#12161c";

/// Screens with what was pressed, each for some seconds.
pub struct Film {
    size: (u16, u16),
    /// Rows that were seen, by what draws them: screens repeat most of theirs.
    rows: BTreeMap<String, usize>,
    shots: Vec<(Vec<usize>, String, f64)>,
}

impl Film {
    pub fn new(columns: u16, rows: u16) -> Self {
        Self {
            size: (columns, rows),
            rows: BTreeMap::new(),
            shots: Vec::new(),
        }
    }

    /// Adds a screen.
    pub fn shot(&mut self, screen: &vt100::Screen, words: &str, seconds: f64) {
        let mut rows = Vec::new();
        for row in 0..self.size.1 {
            let drawn = draw_row(screen, row, self.size.0);
            let next = self.rows.len();
            rows.push(*self.rows.entry(drawn).or_insert(next));
        }
        self.shots.push((rows, words.to_owned(), seconds));
    }

    /// The whole picture.
    pub fn svg(&self) -> String {
        let (columns, rows) = (f64::from(self.size.0), f64::from(self.size.1));
        let (wide, high) = (
            columns * CELL.0 + 2.0 * MARGIN,
            rows * CELL.1 + 2.0 * MARGIN,
        );
        let whole = high + 34.0;
        let total: f64 = self.shots.iter().map(|(_, _, seconds)| seconds).sum();
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide:.0} {whole:.0}\" width=\"{wide:.0}\" height=\"{whole:.0}\" role=\"img\" font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"{FONT}\">\n<title>gonogo: from an empty folder to a report, in the terminal app</title>\n"
        );
        let mut style = String::new();
        let mut from = 0.0;
        let last = self.shots.len().saturating_sub(1);
        for (number, (_, _, seconds)) in self.shots.iter().enumerate() {
            let (a, b) = (from / total * 100.0, (from + seconds) / total * 100.0);
            let still = if number == last { "visible" } else { "hidden" };
            let before = if number == 0 { "visible" } else { "hidden" };
            let _ = writeln!(
                style,
                "#s{number}{{visibility:{still};animation:k{number} {total:.1}s step-end infinite}}@keyframes k{number}{{0%{{visibility:{before}}}{a:.3}%{{visibility:visible}}{b:.3}%{{visibility:hidden}}}}"
            );
            from += seconds;
        }
        style.push_str("@media (prefers-reduced-motion:reduce){g{animation:none!important}}\ntext{white-space:pre}");
        let _ = write!(
            out,
            "<style>{style}</style>\n<rect width=\"{wide:.0}\" height=\"{whole:.0}\" rx=\"8\" fill=\"{GROUND}\"/>\n<defs>\n"
        );
        for (drawn, number) in &self.rows {
            let _ = writeln!(out, "<g id=\"r{number}\">{drawn}</g>");
        }
        out.push_str("</defs>\n");
        for (number, (rows, words, _)) in self.shots.iter().enumerate() {
            let _ = write!(out, "<g id=\"s{number}\">");
            for (row, drawn) in rows.iter().enumerate() {
                let y = MARGIN + row as f64 * CELL.1;
                let _ = write!(out, "<use href=\"#r{drawn}\" x=\"{MARGIN}\" y=\"{y:.0}\"/>");
            }
            let y = high + 16.0;
            let _ = writeln!(
                out,
                "<text x=\"{MARGIN}\" y=\"{y:.0}\" fill=\"#e3b341\" font-weight=\"bold\">{}</text></g>",
                escaped(words)
            );
        }
        out.push_str("</svg>\n");
        out
    }
}

/// A run of cells that look alike.
#[derive(PartialEq, Clone)]
struct Look {
    text: String,
    ground: Option<String>,
    bold: bool,
    underline: bool,
}

fn look(cell: &vt100::Cell) -> Look {
    let mut text = colour(cell.fgcolor()).unwrap_or_else(|| TEXT.to_owned());
    let mut ground = colour(cell.bgcolor());
    if cell.inverse() {
        let under = ground.unwrap_or_else(|| GROUND.to_owned());
        ground = Some(text);
        text = under;
    }
    if cell.dim() {
        "#8b949e".clone_into(&mut text);
    }
    Look {
        text,
        ground,
        bold: cell.bold(),
        underline: cell.underline(),
    }
}

fn colour(colour: vt100::Color) -> Option<String> {
    match colour {
        vt100::Color::Default => None,
        vt100::Color::Idx(index) => COLOURS
            .get(usize::from(index))
            .map(|text| (*text).to_owned()),
        vt100::Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
    }
}

fn draw_row(screen: &vt100::Screen, row: u16, columns: u16) -> String {
    let mut runs: Vec<(u16, u16, Look, String)> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column) else {
            continue;
        };
        let look = look(cell);
        let text = if cell.has_contents() {
            cell.contents()
        } else {
            " "
        };
        match runs.last_mut() {
            Some((_, end, known, words)) if *known == look && *end == column => {
                words.push_str(text);
                *end += 1;
            }
            _ => runs.push((column, column + 1, look, text.to_owned())),
        }
    }
    let mut out = String::new();
    for (from, to, look, words) in runs {
        let (x, wide) = (f64::from(from) * CELL.0, f64::from(to - from) * CELL.0);
        if let Some(ground) = &look.ground {
            let _ = write!(
                out,
                "<rect x=\"{x:.1}\" width=\"{wide:.1}\" height=\"{}\" fill=\"{ground}\"/>",
                CELL.1
            );
        }
        let bare = words.trim_end();
        if bare.trim().is_empty() {
            continue;
        }
        // The run keeps its columns whatever font the reader has.
        let long = bare.chars().count() as f64 * CELL.0;
        let bold = if look.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        let line = if look.underline {
            " text-decoration=\"underline\""
        } else {
            ""
        };
        let _ = write!(
            out,
            "<text x=\"{x:.1}\" y=\"13.5\" textLength=\"{long:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{bold}{line} xml:space=\"preserve\">{}</text>",
            look.text,
            escaped(bare)
        );
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
