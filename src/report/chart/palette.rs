//! What things are drawn with, by meaning. One table gives the page's style sheet (light and dark) and the PDF's colours.
//! Colours are those of Okabe and Ito (2008) or near them: told apart by people who are colour-blind, and by lightness in
//! print. No chart tells anything by colour alone.

use std::fmt::Write as _;

/// Red, green, blue.
pub(in super::super) type Rgb = (u8, u8, u8);

/// A colour by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Hue {
    Paper,
    Ink,
    Soft,
    Rule,
    Panel,
    Link,
    Heat,
    OnHeat,
    Within,
    Over,
    Better,
    Worse,
    Go,
    Conditional,
    Open,
    NoGo,
    Part(usize),
    Series(usize),
}

/// Names in the style sheet, on light paper and on a dark screen.
const HUES: [(Hue, &str, Rgb, Rgb); 29] = [
    (Hue::Paper, "paper", (0xff, 0xff, 0xff), (0x0f, 0x14, 0x19)),
    (Hue::Ink, "ink", (0x1b, 0x1f, 0x24), (0xe6, 0xed, 0xf3)),
    (Hue::Soft, "soft", (0x57, 0x60, 0x6a), (0x9a, 0xa7, 0xb4)),
    (Hue::Rule, "rule", (0xd0, 0xd7, 0xde), (0x37, 0x41, 0x4c)),
    (Hue::Panel, "panel", (0xf6, 0xf8, 0xfa), (0x18, 0x20, 0x28)),
    (Hue::Link, "link", (0x05, 0x50, 0xae), (0x79, 0xb8, 0xff)),
    (Hue::Heat, "heat", (0x0b, 0x4a, 0x82), (0x2f, 0x6c, 0xa6)),
    (
        Hue::OnHeat,
        "on-heat",
        (0xff, 0xff, 0xff),
        (0xff, 0xff, 0xff),
    ),
    (
        Hue::Within,
        "within",
        (0x56, 0x81, 0x9f),
        (0x6f, 0xa3, 0xc8),
    ),
    (Hue::Over, "over", (0xb3, 0x54, 0x1e), (0xf0, 0x88, 0x3e)),
    (
        Hue::Better,
        "better",
        (0x00, 0x72, 0xb2),
        (0x56, 0xb4, 0xe9),
    ),
    (Hue::Worse, "worse", (0xd5, 0x5e, 0x00), (0xf0, 0x88, 0x3e)),
    (Hue::Go, "go", (0x11, 0x63, 0x29), (0x1a, 0x7f, 0x37)),
    (
        Hue::Conditional,
        "conditional",
        (0x7a, 0x4d, 0x00),
        (0x8a, 0x5a, 0x00),
    ),
    (Hue::Open, "open", (0x3d, 0x47, 0x52), (0x4b, 0x58, 0x66)),
    (Hue::NoGo, "nogo", (0xa4, 0x0e, 0x26), (0xb6, 0x23, 0x36)),
    (Hue::Part(0), "p0", (0x00, 0x72, 0xb2), (0x00, 0x72, 0xb2)),
    (Hue::Part(1), "p1", (0xe6, 0x9f, 0x00), (0xe6, 0x9f, 0x00)),
    (Hue::Part(2), "p2", (0x56, 0xb4, 0xe9), (0x56, 0xb4, 0xe9)),
    (Hue::Part(3), "p3", (0xb3, 0x47, 0x00), (0xb3, 0x47, 0x00)),
    (Hue::Part(4), "p4", (0x00, 0x9e, 0x73), (0x00, 0x9e, 0x73)),
    (Hue::Part(5), "p5", (0xcc, 0x79, 0xa7), (0xcc, 0x79, 0xa7)),
    (Hue::Part(6), "p6", (0x99, 0x99, 0x99), (0x99, 0x99, 0x99)),
    (Hue::Part(7), "p7", (0x6d, 0x2e, 0x8f), (0x6d, 0x2e, 0x8f)),
    (Hue::Series(0), "s0", (0x00, 0x72, 0xb2), (0x56, 0xb4, 0xe9)),
    (Hue::Series(1), "s1", (0xb3, 0x47, 0x00), (0xf0, 0x88, 0x3e)),
    (Hue::Series(2), "s2", (0x00, 0x80, 0x5e), (0x2f, 0xc2, 0x97)),
    (Hue::Series(3), "s3", (0x8a, 0x3d, 0x78), (0xdd, 0x93, 0xbe)),
    (Hue::Series(4), "s4", (0x4d, 0x4d, 0x4d), (0xc9, 0xc9, 0xc9)),
];
/// Parts of a bar that have a colour of their own.
pub(in super::super) const PARTS: usize = 8;
const SERIES: usize = 5;
const DASHES: [&[f32]; 5] = [
    &[],
    &[7.0, 3.0],
    &[2.0, 3.0],
    &[10.0, 3.0, 2.0, 3.0],
    &[4.0, 4.0],
];

impl Hue {
    /// On paper.
    pub(in super::super) fn light(self) -> Rgb {
        HUES.iter()
            .find(|(hue, ..)| *hue == self)
            .map_or((0, 0, 0), |(_, _, light, _)| *light)
    }

    fn name(self) -> &'static str {
        HUES.iter()
            .find(|(hue, ..)| *hue == self)
            .map_or("ink", |(_, name, ..)| *name)
    }
}

/// What a shape is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Ink {
    /// Words on the paper.
    Label,
    /// Words that step back: ticks and units.
    Soft,
    /// Words that count.
    Strong,
    /// A number in a cell, and one in a dark cell.
    Small,
    SmallLight,
    /// The number of a part, on the part's colour.
    Key(usize),
    Grid,
    Axis,
    /// What is promised or approved.
    Mark,
    /// Where two steps of a waterfall meet.
    Bridge,
    Within,
    Over,
    Range,
    Point,
    Cell,
    /// So many hundredths of the heat.
    Heat(u8),
    Part(usize),
    Series(usize),
    SeriesMark(usize),
    Better,
    Worse,
    Total,
}

/// How an ink is put on paper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Paint {
    pub(in super::super) fill: Option<Hue>,
    /// Colour, width, dashes.
    pub(in super::super) stroke: Option<(Hue, f32, &'static [f32])>,
    /// How much of the fill shows.
    pub(in super::super) opacity: f32,
    /// Height of letters.
    pub(in super::super) size: f32,
    pub(in super::super) bold: bool,
}

const SIZE: f32 = 12.5;

impl Ink {
    /// How it is drawn.
    pub(in super::super) fn paint(self) -> Paint {
        let base = Paint {
            fill: None,
            stroke: None,
            opacity: 1.0,
            size: SIZE,
            bold: false,
        };
        let fill = |hue| Paint {
            fill: Some(hue),
            ..base
        };
        let line = |hue, width, dashes| Paint {
            stroke: Some((hue, width, dashes)),
            ..base
        };
        let edged = |hue, edge, width| Paint {
            fill: Some(hue),
            stroke: Some((edge, width, &[][..])),
            ..base
        };
        match self {
            Self::Label => fill(Hue::Ink),
            Self::Soft | Self::Total => fill(Hue::Soft),
            Self::Strong => Paint {
                bold: true,
                ..fill(Hue::Ink)
            },
            Self::Small => Paint {
                size: 11.0,
                ..fill(Hue::Ink)
            },
            Self::SmallLight => Paint {
                size: 11.0,
                ..fill(Hue::OnHeat)
            },
            Self::Key(part) => Paint {
                size: 11.5,
                bold: true,
                ..fill(if dark_part(part) {
                    Hue::OnHeat
                } else {
                    Hue::Ink
                })
            },
            Self::Grid => line(Hue::Rule, 1.0, &[]),
            Self::Axis => line(Hue::Soft, 1.5, &[]),
            Self::Mark => line(Hue::Ink, 2.0, &[6.0, 4.0]),
            Self::Bridge => line(Hue::Soft, 1.0, &[2.0, 2.0]),
            Self::Within => fill(Hue::Within),
            Self::Over => edged(Hue::Over, Hue::Ink, 1.0),
            Self::Range => line(Hue::Soft, 2.0, &[]),
            Self::Point => fill(Hue::Link),
            Self::Cell => fill(Hue::Panel),
            Self::Heat(hundredths) => Paint {
                opacity: f32::from(hundredths.min(100)) / 100.0,
                ..fill(Hue::Heat)
            },
            Self::Part(part) => edged(Hue::Part(part % PARTS), Hue::Paper, 1.0),
            Self::Series(series) => line(
                Hue::Series(series % SERIES),
                2.0,
                DASHES.get(series % SERIES).copied().unwrap_or_default(),
            ),
            Self::SeriesMark(series) => edged(Hue::Series(series % SERIES), Hue::Paper, 0.8),
            Self::Better => fill(Hue::Better),
            Self::Worse => edged(Hue::Worse, Hue::Ink, 1.0),
        }
    }

    /// Its class in the style sheet.
    pub(super) fn class(self) -> String {
        match self {
            Self::Label => "label".to_owned(),
            Self::Soft => "soft".to_owned(),
            Self::Strong => "strong".to_owned(),
            Self::Small => "in".to_owned(),
            Self::SmallLight => "in-light".to_owned(),
            Self::Key(part) => if dark_part(part) { "key-light" } else { "key" }.to_owned(),
            Self::Grid => "grid".to_owned(),
            Self::Axis => "axis".to_owned(),
            Self::Mark => "mark".to_owned(),
            Self::Bridge => "bridge".to_owned(),
            Self::Within => "within".to_owned(),
            Self::Over => "over".to_owned(),
            Self::Range => "range".to_owned(),
            Self::Point => "point".to_owned(),
            Self::Cell => "cell".to_owned(),
            Self::Heat(_) => "heat".to_owned(),
            Self::Part(part) => format!("p{}", part % PARTS),
            Self::Series(series) => format!("s{}", series % SERIES),
            Self::SeriesMark(series) => format!("m{}", series % SERIES),
            Self::Better => "better".to_owned(),
            Self::Worse => "worse".to_owned(),
            Self::Total => "total".to_owned(),
        }
    }
}

/// Parts on which a number must be white.
fn dark_part(part: usize) -> bool {
    matches!(part % PARTS, 0 | 3 | 7)
}

/// The variables and the classes of the drawings, for the page's style sheet.
pub(in super::super) fn style_sheet() -> String {
    let mut out = String::new();
    let variables = |out: &mut String, dark: bool| {
        for (_, name, light, night) in HUES {
            let (r, g, b) = if dark { night } else { light };
            // Writing to a string cannot fail.
            let _ = write!(out, "--{name}:#{r:02x}{g:02x}{b:02x};");
        }
    };
    out.push_str(":root{color-scheme:light dark;");
    variables(&mut out, false);
    out.push_str("}\n@media screen and (prefers-color-scheme:dark){:root{");
    variables(&mut out, true);
    out.push_str("}}\n");
    let mut inks = vec![
        Ink::Label,
        Ink::Soft,
        Ink::Strong,
        Ink::Small,
        Ink::SmallLight,
        Ink::Key(0),
        Ink::Key(1),
        Ink::Grid,
        Ink::Axis,
        Ink::Mark,
        Ink::Bridge,
        Ink::Within,
        Ink::Over,
        Ink::Range,
        Ink::Point,
        Ink::Cell,
        Ink::Heat(100),
        Ink::Better,
        Ink::Worse,
        Ink::Total,
    ];
    inks.extend((0..PARTS).map(Ink::Part));
    inks.extend((0..SERIES).map(Ink::Series));
    inks.extend((0..SERIES).map(Ink::SeriesMark));
    for ink in inks {
        rule(&mut out, ink);
    }
    out
}

fn rule(out: &mut String, ink: Ink) {
    let paint = ink.paint();
    let _ = write!(out, "svg .{}{{", ink.class());
    match paint.fill {
        // The letters on a part do not turn with the light: the part does not either.
        Some(Hue::Ink) if matches!(ink, Ink::Key(_)) => out.push_str("fill:#000;"),
        Some(hue) => {
            let _ = write!(out, "fill:var(--{});", hue.name());
        }
        None => out.push_str("fill:none;"),
    }
    if let Some((hue, width, dashes)) = paint.stroke {
        let _ = write!(out, "stroke:var(--{});stroke-width:{width};", hue.name());
        if !dashes.is_empty() {
            let list: Vec<String> = dashes.iter().map(ToString::to_string).collect();
            let _ = write!(out, "stroke-dasharray:{};", list.join(" "));
        }
    }
    if (paint.size - SIZE).abs() > 0.01 {
        let _ = write!(out, "font-size:{}px;", paint.size);
    }
    if paint.bold {
        out.push_str("font-weight:700;");
    }
    out.push_str("}\n");
}
