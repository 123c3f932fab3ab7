//! Taking a newer price file into a project.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::catalogue::{Catalogue, PRICES_FILE, read, split};
use super::errors::{LoadError, shown};

/// Why an import failed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is not what it should be.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The project's copy could not be written; what was there is unchanged.
    #[error("{}: cannot be written: {source}", shown(path))]
    Store {
        /// The copy.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Checks a price file and stores it in a project's folder as [`PRICES_FILE`], one provider a line so that version
/// control shows what changed. The copy appears whole or not at all. `date` is the day that the prices are of; a file
/// that was stored this way before keeps its own.
///
/// # Errors
/// The file is no price file, or the copy cannot be written.
pub fn import(file: &Path, folder: &Path, date: Date) -> Result<Catalogue, ImportError> {
    let bytes = read(file)?;
    let catalogue = Catalogue::from_bytes(&bytes, file, Some(date))?;
    let path = folder.join(PRICES_FILE);
    let store = || -> std::io::Result<()> {
        let (_, providers) = split(&bytes).map_err(std::io::Error::other)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".gonogo-");
        // Temporary files are private by default; this one becomes an ordinary file, so the umask decides.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut copy = builder.tempfile_in(folder)?;
        writeln!(
            copy,
            "{{\"schema\": \"gonogo.prices/1\", \"date\": \"{}\", \"providers\": [",
            catalogue.date()
        )?;
        for (index, provider) in providers.as_array().into_iter().flatten().enumerate() {
            if index > 0 {
                writeln!(copy, ",")?;
            }
            serde_json::to_writer(&mut copy, provider)?;
        }
        writeln!(copy, "\n]}}")?;
        copy.as_file().sync_all()?;
        copy.persist(&path).map_err(|error| error.error)?;
        Ok(())
    };
    store().map_err(|source| ImportError::Store {
        path: path.clone(),
        source,
    })?;
    Ok(Catalogue::load(&path)?)
}
