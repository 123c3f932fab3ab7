use std::path::PathBuf;

use super::{Answer, Failure, Terminal};

/// Prints the manual page, or writes one for each command into a folder
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonogo man ~/.local/share/man/man1 && man gonogo-validate")]
pub struct Args {
    /// Folder to write `gonogo.1`, `gonogo-validate.1`, … into; without it the first is printed
    dir: Option<PathBuf>,
}

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let Some(folder) = &args.dir else {
        let mut page = Vec::new();
        let made = clap_mangen::Man::new(super::command()).render(&mut page);
        made.map_err(|error| Failure::system("making the manual page", error))?;
        terminal.print(&String::from_utf8_lossy(&page))?;
        return Ok(Answer::Yes);
    };
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(super::command(), folder));
    written.map_err(|error| {
        Failure::system(
            format!("writing manual pages to {}", folder.display()),
            error,
        )
    })?;
    terminal.note(&format!("manual pages written to {}", folder.display()));
    Ok(Answer::Yes)
}
