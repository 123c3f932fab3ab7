use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use crate::reading::{harmless, render};

use super::{Answer, Failure, interrupt};

/// Where a command writes, and what it may do there: colours and questions only on a terminal.
#[derive(Debug)]
pub struct Terminal {
    colour: bool,
    interactive: bool,
    progress: bool,
}

impl Terminal {
    /// The process's own streams.
    #[must_use]
    pub fn standard() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            colour: io::stderr().is_terminal() && !plain && !dumb,
            interactive: io::stdin().is_terminal() && io::stdout().is_terminal(),
            progress: io::stderr().is_terminal() && io::stdout().is_terminal() && !dumb,
        }
    }

    /// Whether somebody is there to answer questions.
    #[must_use]
    pub fn interactive(&self) -> bool {
        self.interactive
    }

    /// Whether a line of progress can be shown and taken back.
    #[must_use]
    pub fn shows_progress(&self) -> bool {
        self.progress
    }

    /// Whether problems may be coloured.
    #[must_use]
    pub fn colour(&self) -> bool {
        self.colour
    }

    /// Writes to standard output.
    ///
    /// # Errors
    /// The output cannot be written, or its reader has gone.
    pub fn print(&mut self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .map_err(|error| Failure::system("writing to standard output", error))
    }

    /// Writes a note to standard error; that nobody reads it is no failure.
    pub fn note(&mut self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Writes to a file, or to standard output where none is named.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write(&mut self, file: Option<&Path>, text: &str) -> Result<(), Failure> {
        match file {
            Some(path) => save(path, text.as_bytes()),
            None => self.print(text),
        }
    }

    /// The same for formats that are no text.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write_bytes(&mut self, file: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
        let Some(path) = file else {
            let mut out = io::stdout().lock();
            return out
                .write_all(bytes)
                .and_then(|()| out.flush())
                .map_err(|error| Failure::system("writing to standard output", error));
        };
        save(path, bytes)
    }

    /// Asks a question; what was typed, without the line's end. `None` when the input has ended.
    ///
    /// # Errors
    /// The question cannot be written, or the answer not read.
    pub fn ask(&mut self, question: &str) -> Result<Option<String>, Failure> {
        self.print(question)?;
        let mut line = String::new();
        let count = io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(|error| Failure::system("reading the answer", error))?;
        Ok((count > 0).then(|| line.trim().to_owned()))
    }

    /// What clap has to say: help and versions are answers, the rest is wrong input.
    pub(super) fn usage(&mut self, usage: &clap::Error) -> Result<Answer, Failure> {
        let text = if self.colour {
            usage.render().ansi().to_string()
        } else {
            usage.render().to_string()
        };
        if usage.use_stderr() {
            self.note(text.trim_end());
            return Err(Failure::Reported);
        }
        self.print(&usage.render().to_string())
            .map(|()| Answer::Yes)
    }

    /// Reports what went wrong, and turns the outcome into an exit status.
    pub(super) fn finish(&mut self, outcome: Result<Answer, Failure>) -> ExitCode {
        let failure = match outcome {
            Ok(Answer::Yes) => return ExitCode::SUCCESS,
            Ok(Answer::No) => return ExitCode::from(1),
            Ok(Answer::Interrupted) => {
                self.note("interrupted: this is what was known by then");
                return ExitCode::from(interrupt::STATUS);
            }
            Err(failure) => failure,
        };
        match &failure {
            Failure::Files(files) => {
                let shown: Vec<String> = files
                    .iter()
                    .map(|problems| render(problems, self.colour))
                    .collect();
                self.note(shown.join("\n").trim_end());
            }
            Failure::Input { message, help } => {
                let error = if self.colour {
                    "\u{1b}[1;31merror:\u{1b}[0m"
                } else {
                    "error:"
                };
                self.note(&format!(
                    "{error} {}\n = help: {}",
                    harmless(message),
                    harmless(help)
                ));
            }
            Failure::System { .. } | Failure::Interrupted => {
                self.note(&format!("error: {}", harmless(&failure.to_string())));
            }
            Failure::Reported | Failure::BrokenPipe => {}
        }
        ExitCode::from(failure.status())
    }
}

/// Whether a file can be written, found out before the long run whose result it is for.
///
/// # Errors
/// Its folder is missing or may not be written to.
pub(super) fn check_writable(path: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::system(format!("writing {}", path.display()), error);
    if path.exists() {
        return std::fs::OpenOptions::new()
            .append(true)
            .open(path)
            .map(|_| ())
            .map_err(failed);
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    tempfile::tempfile_in(folder).map(|_| ()).map_err(failed)
}

/// Writes a file whole or not at all: what stood there stays until the new text is complete.
fn save(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error| Failure::system(format!("writing {}", path.display()), error);
    let special = path.metadata().is_ok_and(|known| !known.is_file());
    if special {
        return std::fs::write(path, bytes).map_err(failed);
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".gonogo-");
    // Temporary files are private by default; this one becomes an ordinary file, so the umask decides.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
