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
        }
    }
}

impl Theme {
    fn coloured(self, colour: Color) -> Style {
        if self.colour {
            Style::new().fg(colour)
        } else {
            Style::new()
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
        self.coloured(Color::Cyan).add_modifier(Modifier::BOLD)
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
        self.coloured(Color::Yellow).add_modifier(Modifier::BOLD)
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
            Tone::Open => self.coloured(Color::Blue),
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
            Color::Blue,
            Color::Green,
            Color::Yellow,
            Color::Magenta,
            Color::Cyan,
            Color::LightBlue,
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
