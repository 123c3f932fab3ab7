//! Files of a project: written whole or not at all, and watched for what other programs do to them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Writes a file whole or not at all, with the permissions that it has. A link stays a link.
///
/// # Errors
/// What the system said; the file is then as it was.
pub fn save(path: &Path, text: impl AsRef<[u8]>) -> std::io::Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = target
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".gonogo-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut beside = builder.tempfile_in(folder)?;
    beside.write_all(text.as_ref())?;
    if let Ok(known) = std::fs::metadata(&target) {
        beside.as_file().set_permissions(known.permissions())?;
    }
    beside.as_file().sync_all()?;
    beside.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

/// What a file looks like from outside: when it was changed, and how long it is.
type Stamp = Option<(SystemTime, u64)>;

/// Notices when files change.
#[derive(Debug)]
pub struct Sentry {
    files: Vec<(PathBuf, Stamp)>,
}

impl Sentry {
    /// Watches files, there or not.
    #[must_use]
    pub fn new(files: Vec<PathBuf>) -> Self {
        let files = files
            .into_iter()
            .map(|path| {
                let stamp = stamp(&path);
                (path, stamp)
            })
            .collect();
        Self { files }
    }

    /// Whether any file has changed since this was asked last.
    pub fn changed(&mut self) -> bool {
        let mut any = false;
        for (path, known) in &mut self.files {
            let now = stamp(path);
            any |= now != *known;
            *known = now;
        }
        any
    }
}

fn stamp(path: &Path) -> Stamp {
    let data = std::fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

/// `~` stands for the home folder, as in a shell.
#[must_use]
pub fn expanded(typed: &str) -> PathBuf {
    let typed = typed.trim();
    match (typed.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(typed),
    }
}
