//! Text as glyphs: measuring, breaking into lines, and drawing, right-to-left runs included.
//!
//! The fonts are `DejaVu` Sans: it has Latin, Greek, Cyrillic, Hebrew, Arabic and many signs. A letter that it lacks would
//! be an empty box; it is written as its number instead, `[U+1F980]`, which can be looked up and searched for.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use krilla::geom::Point;
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};
use unicode_bidi::BidiInfo;

use crate::report::chart::Rgb;

/// Which of the fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Bold,
    Mono,
}

/// The fonts, parsed once.
pub(super) struct Typefaces {
    regular: Typeface,
    bold: Typeface,
    mono: Typeface,
}

struct Typeface {
    font: Font,
    face: rustybuzz::Face<'static>,
    /// Advances by letter, in ems; only looked up, never listed.
    advances: RefCell<HashMap<char, f32>>,
    /// Whether a letter was asked for that it lacks.
    lacks: Cell<bool>,
}

impl Typeface {
    fn new(data: &'static [u8]) -> Result<Self, String> {
        let font = Font::new(data.to_vec().into(), 0).ok_or("a font cannot be read")?;
        let face = rustybuzz::Face::from_slice(data, 0).ok_or("a font cannot be read")?;
        Ok(Self {
            font,
            face,
            advances: RefCell::default(),
            lacks: Cell::default(),
        })
    }

    fn em(&self) -> f32 {
        self.font.units_per_em()
    }

    /// The text with every letter that has no glyph as its number.
    fn legible<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let known = |letter: char| self.face.glyph_index(letter).is_some();
        if text.chars().all(known) {
            return Cow::Borrowed(text);
        }
        let spelled = text.chars().fold(String::new(), |mut all, letter| {
            if known(letter) {
                all.push(letter);
            } else {
                all.push_str(&number(letter));
            }
            all
        });
        Cow::Owned(spelled)
    }

    fn advance(&self, letter: char) -> f32 {
        if let Some(known) = self.advances.borrow().get(&letter) {
            return *known;
        }
        let advance = if let Some(glyph) = self.face.glyph_index(letter) {
            f32::from(self.face.glyph_hor_advance(glyph).unwrap_or(0)) / self.em()
        } else {
            let number = number(letter);
            self.lacks.set(self.lacks.get() || !number.is_empty());
            number.chars().map(|digit| self.advance(digit)).sum()
        };
        self.advances.borrow_mut().insert(letter, advance);
        advance
    }
}

/// How a letter without a glyph is written. Signs that only choose among forms of the letter before are left out.
fn number(letter: char) -> String {
    match letter {
        '\u{fe00}'..='\u{fe0f}' | '\u{200b}'..='\u{200d}' | '\u{e0000}'..='\u{e01ef}' => {
            String::new()
        }
        _ => format!("[U+{:04X}]", u32::from(letter)),
    }
}

impl Typefaces {
    /// Whether any letter so far had to be written as its number.
    pub(super) fn lack(&self) -> bool {
        [&self.regular, &self.bold, &self.mono]
            .iter()
            .any(|face| face.lacks.get())
    }

    pub(super) fn new() -> Result<Self, String> {
        Ok(Self {
            regular: Typeface::new(dejavu::sans_condensed::regular())?,
            bold: Typeface::new(dejavu::sans_condensed::bold())?,
            mono: Typeface::new(dejavu::sans_mono::regular())?,
        })
    }

    fn of(&self, face: Face) -> &Typeface {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
            Face::Mono => &self.mono,
        }
    }

    /// Width of a text on one line, without kerning.
    pub(super) fn width(&self, face: Face, size: f32, text: &str) -> f32 {
        let face = self.of(face);
        text.chars().map(|letter| face.advance(letter)).sum::<f32>() * size
    }

    /// Breaks a text into lines of a width: at spaces, and inside words that are too long; line ends are kept.
    pub(super) fn lines(&self, face: Face, size: f32, text: &str, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            let mut used = 0.0;
            for word in paragraph.split_whitespace() {
                let wide = self.width(face, size, word);
                let gap = if line.is_empty() {
                    0.0
                } else {
                    self.width(face, size, " ")
                };
                if used + gap + wide <= width {
                    if !line.is_empty() {
                        line.push(' ');
                    }
                    line.push_str(word);
                    used += gap + wide;
                    continue;
                }
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                used = self.fill(face, size, word, width, &mut line, &mut lines);
            }
            lines.push(line);
        }
        if lines.is_empty() {
            lines.push(String::new());
        }
        lines
    }

    /// Starts a line with a word, breaking it where it is wider than the line; says how much is used.
    fn fill(
        &self,
        face: Face,
        size: f32,
        word: &str,
        width: f32,
        line: &mut String,
        lines: &mut Vec<String>,
    ) -> f32 {
        let mut used = 0.0;
        let mut buffer = [0; 4];
        for letter in word.chars() {
            let wide = self.width(face, size, letter.encode_utf8(&mut buffer));
            if used + wide > width && !line.is_empty() {
                lines.push(std::mem::take(line));
                used = 0.0;
            }
            line.push(letter);
            used += wide;
        }
        used
    }

    /// Draws one line of text; its base line begins at a point.
    pub(super) fn draw(
        &self,
        surface: &mut Surface<'_>,
        face: Face,
        size: f32,
        hue: Rgb,
        (x, y): (f32, f32),
        text: &str,
    ) {
        if text.trim().is_empty() {
            return;
        }
        surface.set_stroke(None);
        surface.set_fill(Some(super::filled(hue, 1.0)));
        let face = self.of(face);
        let mut at = x;
        let mut put = |run: &str, direction| {
            let glyphs = shape(face, run, direction);
            surface.draw_glyphs(
                Point::from_xy(at, y),
                &glyphs,
                face.font.clone(),
                run,
                size,
                false,
            );
            at += glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * size;
        };
        if text.is_ascii() {
            put(text, Direction::LeftToRight);
            return;
        }
        let text = &face.legible(text);
        let bidi = BidiInfo::new(text, None);
        for paragraph in &bidi.paragraphs {
            let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
            for range in runs {
                let backwards = levels
                    .get(range.start)
                    .is_some_and(unicode_bidi::Level::is_rtl);
                let Some(run) = text.get(range) else { continue };
                let direction = if backwards {
                    Direction::RightToLeft
                } else {
                    Direction::LeftToRight
                };
                put(run, direction);
            }
        }
    }
}

/// Glyphs of a run in the order in which they are drawn, each with the letters that it stands for.
fn shape(face: &Typeface, run: &str, direction: Direction) -> Vec<KrillaGlyph> {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(run);
    buffer.guess_segment_properties();
    buffer.set_direction(direction);
    let shaped = rustybuzz::shape(&face.face, &[], buffer);
    let start = |cluster: u32| usize::try_from(cluster).unwrap_or(0);
    let mut clusters: Vec<usize> = shaped
        .glyph_infos()
        .iter()
        .map(|info| start(info.cluster))
        .collect();
    clusters.sort_unstable();
    clusters.push(run.len());
    let em = face.em();
    #[expect(clippy::cast_precision_loss, reason = "font units are small")]
    let units = |number: i32| number as f32 / em;
    shaped
        .glyph_infos()
        .iter()
        .zip(shaped.glyph_positions())
        .map(|(info, position)| {
            let from = start(info.cluster);
            let to = clusters
                .iter()
                .copied()
                .find(|other| *other > from)
                .unwrap_or(run.len());
            KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                units(position.x_advance),
                units(position.x_offset),
                units(position.y_offset),
                units(position.y_advance),
                from..to,
                None,
            )
        })
        .collect()
}
