//! The command line: one file for each subcommand. Everything it does, the library does.
//!
//! A subcommand is a module with `Args` (clap) and `run(Args, &mut Terminal) -> Result<Answer, Failure>`, and one line
//! in the table below. Exit status: 0 yes or done, 1 the answer is no, 2 the input is wrong, 3 an input or output
//! failed, 130 Ctrl-C stopped it. A reader that goes away (`gonogo … | head`) is not an error.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a subcommand owns its arguments"
)]

mod actuals;
mod analysis;
mod check;
mod compare;
mod completions;
mod drill;
mod failure;
mod fit;
mod forecast;
mod headroom;
mod init;
mod interrupt;
mod man;
mod minute;
mod optimize;
mod prices;
mod report;
mod review;
mod schema;
mod sensitivity;
mod simulate;
mod terminal;
mod validate;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};

pub use failure::{Answer, Failure};
pub use terminal::Terminal;

/// The table of subcommands: name of the variant, module. The first sentence of `Args` is what `--help` says.
macro_rules! subcommands {
    ($($variant:ident => $module:ident,)*) => {
        #[derive(Debug, clap::Subcommand)]
        enum Subcommand {
            $($variant($module::Args),)*
        }

        impl Subcommand {
            fn run(self, terminal: &mut Terminal) -> Result<Answer, Failure> {
                match self {
                    $(Self::$variant(args) => $module::run(args, terminal),)*
                }
            }
        }
    };
}

subcommands! {
    Init => init,
    Validate => validate,
    Review => review,
    Check => check,
    Report => report,
    Simulate => simulate,
    Compare => compare,
    Sensitivity => sensitivity,
    Headroom => headroom,
    Optimize => optimize,
    Drill => drill,
    Forecast => forecast,
    Prices => prices,
    Fit => fit,
    Actuals => actuals,
    Schema => schema,
    Completions => completions,
    Man => man,
}

/// Go, or not yet? What a GenAI feature will cost a month, how slow its slowest answers are, how often it fails, and
/// whether it is ready for production.
#[derive(Debug, Parser)]
#[command(
    name = "gonogo",
    version,
    about,
    propagate_version = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
#[command(
    after_help = "Exit status: 0 yes or done, 1 the answer is no, 2 the input is wrong, 3 an input or output failed, 130 stopped by Ctrl-C."
)]
struct Cli {
    #[command(flatten)]
    app: App,
    #[command(subcommand)]
    command: Option<Subcommand>,
}

/// How the terminal app is to be opened; `gonogo` alone opens it.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct App {
    /// Open the app on the project in this folder instead of the current one
    #[arg(long, value_name = "DIR")]
    pub folder: Option<std::path::PathBuf>,
    /// Draw the app with ASCII alone, for terminals and fonts that lack the rest
    #[arg(long)]
    pub ascii: bool,
    /// Leave the mouse to the terminal while the app is open, to select text
    #[arg(long)]
    pub no_mouse: bool,
    /// Ask the review's questions line by line instead, for screen readers, poor links and pipes
    #[arg(long)]
    pub plain: bool,
}

/// The whole command line, for completions and manual pages.
fn command() -> clap::Command {
    Cli::command()
}

/// Parses the arguments, runs the subcommand, reports what went wrong, and returns the exit status. `open` opens the
/// terminal app, which this room does not know.
pub fn main(
    arguments: impl IntoIterator<Item = OsString>,
    open: impl FnOnce(App) -> Result<ExitCode, String>,
) -> ExitCode {
    let mut terminal = Terminal::standard();
    let outcome = match Cli::try_parse_from(arguments) {
        Ok(Cli {
            command: Some(command),
            ..
        }) => command.run(&mut terminal),
        Ok(Cli { app, command: None }) if app.plain || terminal.interactive() => match open(app) {
            Ok(status) => return status,
            Err(why) => Err(Failure::input(
                why,
                "every command works without the app: `gonogo --help`",
            )),
        },
        Ok(Cli { command: None, .. }) => terminal.print(START).map(|()| Answer::Yes),
        Err(usage) => terminal.usage(&usage),
    };
    terminal.finish(outcome)
}

const START: &str = "\
gonogo: go, or not yet?

  gonogo                 opens the app, on a terminal
  gonogo --plain         asks the review's questions line by line
  gonogo init            writes a first scenario: six questions
  gonogo validate        checks it
  gonogo simulate        what it costs a month, how slow, how often it fails, at 1x and at 10x

Every command has --help with an example.
";
