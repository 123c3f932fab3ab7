//! The real terminal: taken over on entry, given back on exit, panic and suspension, whatever happens in between.
//!
//! A panic is a mistake of ours, on whichever thread it happens, and the state that it leaves is not to be trusted: the
//! hook gives the terminal back, writes unsaved edits to their recovery file, says what to do and ends the process. It
//! holds standard output meanwhile, so that the loop cannot draw over the message.

use std::io::{self, Stdout, Write as _};
use std::path::PathBuf;
use std::sync::{Mutex, Once};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture,
};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{execute, style};

/// The screen, while it is ours.
#[derive(Debug)]
pub struct Screen {
    /// What is drawn on.
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// What the terminal said.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        end_on_panic();
        // NO_COLOR is ours to keep: with it set, crossterm would also drop the reversal that marks the selected row.
        style::force_color_output(true);
        take(mouse)?;
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(Self { terminal, mouse })
    }

    /// Gives the mouse to the terminal, or takes it.
    ///
    /// # Errors
    /// What the terminal said.
    pub fn capture_mouse(&mut self, wanted: bool) -> io::Result<()> {
        self.mouse = wanted;
        if wanted {
            execute!(io::stdout(), EnableMouseCapture)
        } else {
            execute!(io::stdout(), DisableMouseCapture)
        }
    }

    /// Gives the terminal back, does something else with it, and takes it again.
    ///
    /// # Errors
    /// What the terminal said.
    pub fn outside<T>(&mut self, other: impl FnOnce() -> T) -> io::Result<T> {
        give_back();
        let result = other();
        take(self.mouse)?;
        self.terminal.clear()?;
        Ok(result)
    }
}

/// Hands text to the clipboard of whoever sits at the terminal, over SSH too (OSC 52).
///
/// # Errors
/// What the terminal said.
pub fn copy(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    write!(out, "\x1b]52;c;{}\x07", base64(text.as_bytes()))?;
    out.flush()
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    execute!(
        io::stdout(),
        EnterAlternateScreen,
        EnableBracketedPaste,
        EnableFocusChange
    )?;
    if mouse {
        execute!(io::stdout(), EnableMouseCapture)?;
    }
    Ok(())
}

/// As it was. A terminal that is gone cannot be restored, and nobody is left to tell.
fn give_back() {
    let _ = execute!(
        io::stdout(),
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
}

/// Exit status after a panic, as of any Rust program.
const PANICKED: i32 = 101;

/// Unsaved edits as the panic hook finds them: the scenario's file, and its text.
static UNSAVED: Mutex<Option<(PathBuf, String)>> = Mutex::new(None);

/// Notes what is unsaved, for the case of a panic.
pub fn note_unsaved(edits: Option<(PathBuf, String)>) {
    *UNSAVED
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner) = edits;
}

/// The message of a panic belongs on the ordinary screen, and nothing goes on after it.
fn end_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let _held = io::stdout().lock();
            give_back();
            before(info);
            eprintln!("{}", last_words());
            std::process::exit(PANICKED);
        }));
    });
}

/// Keeps what is unsaved, and says what to do now.
fn last_words() -> String {
    // Whoever panicked may hold the note: better no recovery file than a process that does not end.
    let unsaved = UNSAVED.try_lock().ok().and_then(|mut edits| edits.take());
    let kept = unsaved.and_then(|(of, text)| {
        super::recovery::keep(&of, Some(&text));
        super::recovery::place(&of).filter(|place| place.exists())
    });
    let edits = kept.map_or_else(
        || "Answers are saved, and there were no unsaved edits of the scenario.".to_owned(),
        |place| {
            format!(
                "Answers are saved. Unsaved edits of the scenario are in {}: start gonogo in the same folder, and it offers them.",
                place.display()
            )
        },
    );
    format!(
        "\ngonogo ended over a mistake of its own, told above; please report it with those lines.\n{edits}"
    )
}

/// Base64 with padding (RFC 4648 §4).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let whole = chunk
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        for place in 0..4 {
            let letter = LETTERS.get(whole >> (18 - 6 * place) & 63).copied();
            text.push(if place > chunk.len() {
                '='
            } else {
                char::from(letter.unwrap_or(b'='))
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_agrees_with_the_vectors_of_rfc_4648() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, coded) in vectors {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
