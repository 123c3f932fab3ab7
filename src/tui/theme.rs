//! How things look: the terminal's own 16 colours on its own background, so that light and dark both read; and the same
//! without any colour, or without anything beyond ASCII. Nothing is told by colour alone: every mark has its own shape.

use ratatui::style::{Color, Modifier, Style};

/// What the terminal and the user allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Colours; without, weight and reversal do.
    pub colour: bool,
    /// Letters and marks beyond ASCII.
    pub unicode: bool,
    /// Whether anything moves by itself.
    pub motion: bool,
    /// What colours have to read on.
    pub background: Background,
}

/// What the terminal's background is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Background {
    /// Dark, or not known: the terminal's own 16 colours.
    #[default]
    Dark,
    /// Light: darker colours.
    Light,
}

/// How something is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Needs a look.
    Warn,
    /// Against going.
    Bad,
    /// Not known yet.
    Open,
}

impl Default for Theme {
    fn default() -> Self {
        Self {
            colour: true,
            unicode: true,
            motion: true,
            background: Background::Dark,
        }
    }
}

impl Theme {
    fn coloured(self, colour: Color) -> Style {
        match (self.colour, self.background) {
            (false, _) => Style::new(),
            (true, Background::Dark) => Style::new().fg(colour),
            (true, Background::Light) => Style::new().fg(on_light(colour)),
        }
    }

    /// Ordinary text.
    #[must_use]
    pub fn text(self) -> Style {
        Style::new()
    }

    /// A heading.
    #[must_use]
    pub fn title(self) -> Style {
        self.coloured(Color::Magenta).add_modifier(Modifier::BOLD)
    }

    /// What matters.
    #[must_use]
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What can be passed over.
    #[must_use]
    pub fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// A key in a footer or a text.
    #[must_use]
    pub fn key(self) -> Style {
        self.coloured(Color::LightBlue).add_modifier(Modifier::BOLD)
    }

    /// The selected row: reversed, which reads on any background and without colours.
    #[must_use]
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// How something is doing.
    #[must_use]
    pub fn tone(self, tone: Tone) -> Style {
        match tone {
            Tone::Good => self.coloured(Color::Green),
            Tone::Warn => self.coloured(Color::Yellow),
            Tone::Bad => self.coloured(Color::Red).add_modifier(Modifier::BOLD),
            Tone::Open => self.coloured(Color::LightBlue),
        }
    }

    /// The mark of a tone, one column wide.
    #[must_use]
    pub fn mark(self, tone: Tone) -> &'static str {
        match (tone, self.unicode) {
            (Tone::Good, true) => "✓",
            (Tone::Good, false) => "+",
            (Tone::Warn, _) => "!",
            (Tone::Bad, true) => "✗",
            (Tone::Bad, false) => "x",
            (Tone::Open, true) => "○",
            (Tone::Open, false) => "o",
        }
    }

    /// One of a chart's series: colour, and a letter-like fill that tells it apart without.
    #[must_use]
    pub fn series(self, index: usize) -> (Style, &'static str) {
        const COLOURS: [Color; 8] = [
            Color::LightBlue,
            Color::Green,
            Color::Yellow,
            Color::Magenta,
            Color::Cyan,
            Color::Blue,
            Color::LightMagenta,
            Color::Red,
        ];
        const BLOCKS: [&str; 8] = ["█", "▓", "▒", "░", "▚", "≡", "╱", "╳"];
        const LETTERS: [&str; 8] = ["#", "=", "+", ":", "%", "-", "/", "X"];
        let colour = COLOURS
            .get(index % COLOURS.len())
            .copied()
            .unwrap_or(Color::Reset);
        let fills = if self.unicode { BLOCKS } else { LETTERS };
        let fill = fills.get(index % fills.len()).copied().unwrap_or("#");
        (self.coloured(colour), fill)
    }

    /// A mark in this terminal: the first where it can show it, else the second.
    #[must_use]
    pub fn either(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    /// The rule between parts.
    #[must_use]
    pub fn rule(self) -> &'static str {
        self.either("─", "-")
    }
}

/// A colour of the 256 that reads on white where one of the 16 may not: each has a contrast above 5 to 1.
fn on_light(colour: Color) -> Color {
    match colour {
        Color::Green => Color::Indexed(22),
        Color::Yellow => Color::Indexed(94),
        Color::Red => Color::Indexed(124),
        Color::Blue => Color::Indexed(18),
        Color::LightBlue => Color::Indexed(25),
        Color::Cyan => Color::Indexed(23),
        Color::Magenta => Color::Indexed(90),
        Color::LightMagenta => Color::Indexed(53),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of one of the 216 colours of the cube (WCAG 2.2, "relative luminance").
    fn luminance(index: u8) -> f64 {
        let cube = index - 16;
        let level = |step: u8| [0.0, 95.0, 135.0, 175.0, 215.0, 255.0][usize::from(step)] / 255.0;
        let linear = |share: f64| {
            if share <= 0.04045 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055_f64).powf(2.4)
            }
        };
        let (red, green, blue) = (cube / 36, cube / 6 % 6, cube % 6);
        0.2126 * linear(level(red)) + 0.7152 * linear(level(green)) + 0.0722 * linear(level(blue))
    }

    #[test]
    fn every_colour_on_a_light_background_has_a_contrast_of_five() {
        let theme = Theme {
            background: Background::Light,
            ..Theme::default()
        };
        let tones = [Tone::Good, Tone::Warn, Tone::Bad, Tone::Open].map(|tone| theme.tone(tone));
        let series = (0..8).map(|index| theme.series(index).0);
        for style in tones
            .into_iter()
            .chain(series)
            .chain([theme.title(), theme.key()])
        {
            let Some(Color::Indexed(index)) = style.fg else {
                panic!("{style:?}");
            };
            let contrast = 1.05 / (luminance(index) + 0.05);
            assert!(contrast > 5.0, "{index}: {contrast}");
        }
    }
}
