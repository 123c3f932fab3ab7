//! Parse, run, print the error, exit status. Nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    gonogo::cli::main(std::env::args_os(), |app| {
        let options = gonogo::tui::Options {
            folder: app.folder,
            ascii: app.ascii,
            no_mouse: app.no_mouse,
            plain: app.plain,
        };
        gonogo::tui::open(&options).map_err(|error| error.to_string())
    })
}
