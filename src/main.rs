//! Parse, run, print the error, exit status. Nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    gonogo::cli::main(std::env::args_os())
}
