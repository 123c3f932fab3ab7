//! Text as glyphs: measuring, breaking into lines, and drawing, right-to-left runs included.
//!
//! The fonts are `DejaVu` Sans: it has Latin, Greek, Cyrillic, Hebrew, Arabic and many signs. A letter that it lacks would
//! be an empty box; it is written as its number instead, `[U+1F980]`, which can be looked up and searched for.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;

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
    fn legible<'t>(&self, text: &'t str) -> Legible<'t> {
        let known = |letter: char| !is_banned(letter) && self.face.glyph_index(letter).is_some();
        if text.chars().all(known) {
            return Legible {
                text: Cow::Borrowed(text),
                replaced: Vec::new(),
            };
        }
        let (mut spelled, mut replaced) = (String::new(), Vec::new());
        for (place, letter) in text.char_indices() {
            if known(letter) {
                spelled.push(letter);
                continue;
            }
            let from = spelled.len();
            spelled.push_str(&number(letter));
            replaced.push((from..spelled.len(), place..place + letter.len_utf8()));
        }
        Legible {
            text: Cow::Owned(spelled),
            replaced,
        }
    }

    fn advance(&self, letter: char) -> f32 {
        if let Some(known) = self.advances.borrow().get(&letter) {
            return *known;
        }
        let glyph = self.face.glyph_index(letter).filter(|_| !is_banned(letter));
        let advance = if let Some(glyph) = glyph {
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

/// A text as it is drawn.
struct Legible<'t> {
    text: Cow<'t, str>,
    /// Where a letter stands by its number, and where that letter stands in the text as it was typed, in order.
    replaced: Vec<(Range<usize>, Range<usize>)>,
}

impl Legible<'_> {
    /// What was typed where this stands.
    fn typed(&self, range: Range<usize>) -> Range<usize> {
        let next = self
            .replaced
            .partition_point(|(drawn, _)| drawn.start <= range.start);
        let before = next
            .checked_sub(1)
            .and_then(|place| self.replaced.get(place));
        match before {
            None => range,
            Some((drawn, typed)) if drawn.contains(&range.start) => typed.clone(),
            Some((drawn, typed)) => {
                let place = |here: usize| here - drawn.end + typed.end;
                place(range.start)..place(range.end)
            }
        }
    }
}

/// How a letter without a glyph is written. Signs that only join, or choose among forms of the letter before, are left out.
fn number(letter: char) -> String {
    match letter {
        '\u{fe00}'..='\u{fe0f}' | '\u{200b}'..='\u{200d}' | '\u{e0000}'..='\u{e01ef}' => {
            String::new()
        }
        _ if is_banned(letter) => String::new(),
        _ => format!("[U+{:04X}]", u32::from(letter)),
    }
}

/// Whether a document for everybody must not hold it, whatever its glyph: it controls, or marks the order of bytes.
fn is_banned(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{feff}' | '\u{fffe}')
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

    /// Breaks a text into lines of a width: at spaces, and inside words that are too long; line ends are kept. A line
    /// that ends at a space keeps it, so that words stay apart for whoever copies them.
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
                    line.push(' ');
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

    /// Starts a line with a word, breaking it where it is wider than the line, behind its punctuation if it has any there;
    /// says how much is used.
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
                let end = line
                    .rfind(['.', '_', '/', '-'])
                    .map_or(line.len(), |at| at + 1);
                let rest = line.split_off(end);
                lines.push(std::mem::replace(line, rest));
                used = self.width(face, size, line);
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
        let legible = face.legible(text);
        let mut put = |run: Range<usize>, direction| {
            let Some(words) = legible.text.get(run.clone()) else {
                return;
            };
            let glyphs = shape(face, words, direction, |cluster| {
                legible.typed(run.start + cluster.start..run.start + cluster.end)
            });
            surface.draw_glyphs(
                Point::from_xy(at, y),
                &glyphs,
                face.font.clone(),
                text,
                size,
                false,
            );
            at += glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * size;
        };
        if text.is_ascii() {
            put(0..legible.text.len(), Direction::LeftToRight);
            return;
        }
        let bidi = BidiInfo::new(&legible.text, None);
        for paragraph in &bidi.paragraphs {
            let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
            for run in runs {
                let backwards = levels
                    .get(run.start)
                    .is_some_and(unicode_bidi::Level::is_rtl);
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

/// Glyphs of a run in the order in which they are drawn, each with the place of the letters that it stands for.
fn shape(
    face: &Typeface,
    run: &str,
    direction: Direction,
    typed: impl Fn(Range<usize>) -> Range<usize>,
) -> Vec<KrillaGlyph> {
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
                typed(from..to),
                None,
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Face, Typefaces};

    #[test]
    fn a_letter_without_a_glyph_is_seen_as_its_number_and_copied_as_itself() {
        let faces = Typefaces::new().unwrap();
        let typed = "a\u{1f980}b\u{e0100}c";
        let legible = faces.of(Face::Regular).legible(typed);
        assert_eq!(legible.text, "a[U+1F980]bc");
        let stands_for = |range| &typed[legible.typed(range)];
        assert_eq!(stands_for(0..1), "a");
        for place in 1..10 {
            assert_eq!(stands_for(place..place + 1), "\u{1f980}");
        }
        assert_eq!(stands_for(10..11), "b");
        assert_eq!(stands_for(11..12), "c");
        assert!(faces.width(Face::Regular, 10.0, typed) > faces.width(Face::Regular, 10.0, "abc"));
        assert!(faces.lack());
    }

    #[test]
    fn what_a_document_for_everybody_must_not_hold_is_left_out() {
        let faces = Typefaces::new().unwrap();
        let legible = faces.of(Face::Mono).legible("a\u{0}\u{feff}\u{7}b");
        assert_eq!(legible.text, "ab");
    }

    #[test]
    fn words_stay_apart_where_a_line_ends() {
        let faces = Typefaces::new().unwrap();
        let lines = faces.lines(Face::Regular, 10.0, "one two three", 45.0);
        assert_eq!(lines, ["one two ", "three"]);
        let torn = faces.lines(Face::Regular, 10.0, &"x".repeat(30), 45.0);
        assert!(torn.len() > 1 && torn.iter().all(|line| !line.ends_with(' ')));
    }
}
