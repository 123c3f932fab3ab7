//! Unsaved edits, kept where a crash, a closed terminal or `kill -9` does not reach them: one private file for each
//! scenario in the user's own state folder, never in the repository.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::checklist::sha256;

/// The folder of recovery files: `$XDG_STATE_HOME/gonogo`, else `~/.local/state/gonogo` (on Windows
/// `%LOCALAPPDATA%\gonogo`). None where the system names no home.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let named = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    named("XDG_STATE_HOME")
        .or_else(|| named("LOCALAPPDATA"))
        .or_else(|| Some(named("HOME")?.join(".local").join("state")))
        .map(|state| state.join("gonogo"))
}

/// The name of the file with a scenario's unsaved edits: a digest of its place, so that two projects never meet.
#[must_use]
pub fn name(of: &Path) -> Option<String> {
    let whole = std::path::absolute(of).ok()?;
    let digest = sha256(&whole.to_string_lossy());
    Some(format!("{}.scenario.toml", digest.get(..16)?))
}

/// Where the unsaved edits of a scenario lie.
#[must_use]
pub fn place(of: &Path) -> Option<PathBuf> {
    Some(folder()?.join(name(of)?))
}

/// What an earlier run left unsaved.
#[must_use]
pub fn left(of: &Path) -> Option<String> {
    std::fs::read_to_string(place(of)?).ok()
}

/// Keeps a text, or takes what was kept away. Failing to keep is no reason to stop somebody's work.
pub fn keep(of: &Path, text: Option<&str>) {
    let Some(path) = place(of) else { return };
    match text {
        None => {
            let _ = std::fs::remove_file(path);
        }
        Some(text) => {
            let _ = write(&path, text);
        }
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    // Temporary files are made readable by their owner alone, and the rename keeps that.
    let mut file = tempfile::Builder::new()
        .prefix(".gonogo-")
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
