use clap_complete::Shell;

use super::{Answer, Failure, Terminal};

/// Prints the completions for a shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  gonogo completions bash > ~/.local/share/bash-completion/completions/gonogo"
)]
pub struct Args {
    /// The shell
    shell: Shell,
}

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "gonogo", &mut text);
    terminal.print(&String::from_utf8_lossy(&text))?;
    Ok(Answer::Yes)
}
