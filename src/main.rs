//! Parse, run, print the error, exit status. Nothing else.

use std::process::ExitCode;

use gonogo::tui::{self, Error, Options};

fn main() -> ExitCode {
    gonogo::cli::main(std::env::args_os(), |app| {
        let options = Options {
            folder: app.folder,
            ascii: app.ascii,
            no_mouse: app.no_mouse,
            plain: app.plain,
        };
        match tui::open(&options) {
            Ok(()) => Ok(ExitCode::SUCCESS),
            // As a shell reports a signal.
            Err(Error::Signal(signal)) => Ok(ExitCode::from(128 + signal)),
            Err(error) => Err(error.to_string()),
        }
    })
}
