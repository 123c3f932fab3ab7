//! The little that reviews ask of git. Everything works without it; what it would have told is then said to be missing.

use std::path::Path;
use std::process::{Command, Stdio};

fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .output()
        .map_err(|error| format!("git cannot be run: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(said
            .lines()
            .next()
            .unwrap_or("git failed")
            .trim_start_matches("fatal: ")
            .to_owned())
    }
}

/// Git's user, `Name <mail>`; `None` if it knows none.
#[must_use]
pub fn user(folder: &Path) -> Option<String> {
    let name = git(folder, &["config", "user.name"])
        .ok()?
        .trim()
        .to_owned();
    let mail = git(folder, &["config", "user.email"])
        .unwrap_or_default()
        .trim()
        .to_owned();
    match (name.is_empty(), mail.is_empty()) {
        (true, _) => None,
        (false, true) => Some(name),
        (false, false) => Some(format!("{name} <{mail}>")),
    }
}

/// A file as it was at a revision; `None` if it was not there.
///
/// # Errors
/// What git said when the revision is not known, or this is no repository.
pub fn show(file: &Path, revision: &str) -> Result<Option<String>, String> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or("the file's name is not UTF-8")?;
    git(
        folder,
        &[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &format!("{revision}^{{commit}}"),
        ],
    )
    .map_err(|_| format!("git knows no revision `{revision}` here"))?;
    let at = format!("{revision}:./{name}");
    if git(folder, &["cat-file", "-e", &at]).is_err() {
        return Ok(None);
    }
    git(folder, &["show", "--end-of-options", &at]).map(Some)
}

/// Files that changed between a commit and the working tree, relative to the folder.
///
/// # Errors
/// What git said.
pub fn changed_since(folder: &Path, commit: &str) -> Result<Vec<String>, String> {
    if commit.starts_with('-') {
        return Err(format!("`{commit}` is no commit"));
    }
    let tracked = git(
        folder,
        &[
            "diff",
            "--name-only",
            "--relative",
            "-z",
            "--no-renames",
            commit,
            "--",
        ],
    )?;
    let new = git(
        folder,
        &["ls-files", "--others", "--exclude-standard", "-z"],
    )?;
    Ok(tracked
        .split('\0')
        .chain(new.split('\0'))
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect())
}

/// The working folder within its repository, with a slash at its end; empty at the root and outside of repositories.
#[must_use]
pub fn prefix() -> String {
    git(Path::new("."), &["rev-parse", "--show-prefix"])
        .map(|text| text.trim_end_matches('\n').to_owned())
        .unwrap_or_default()
}

/// Git's own merge of lines; `None` where lines conflict or git is not there.
#[must_use]
pub fn merge_lines(base: &Path, ours: &Path, theirs: &Path) -> Option<String> {
    let names: Option<Vec<&str>> = [ours, base, theirs].into_iter().map(Path::to_str).collect();
    let names = names?;
    let mut arguments = vec!["merge-file", "-p", "--"];
    arguments.extend(names);
    git(Path::new("."), &arguments).ok()
}

/// Whether a path fits a pattern: `*` and `?` within a name, `**` over folders.
#[must_use]
pub fn fits(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.trim_start_matches("./").split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    fits_parts(&pattern, &path)
}

fn fits_parts(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            fits_parts(rest, path)
                || path
                    .split_first()
                    .is_some_and(|(_, below)| fits_parts(pattern, below))
        }
        (Some((first, rest)), Some((name, below))) => {
            fits_name(first.as_bytes(), name.as_bytes()) && fits_parts(rest, below)
        }
        _ => false,
    }
}

fn fits_name(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            fits_name(rest, name)
                || name
                    .split_first()
                    .is_some_and(|(_, below)| fits_name(pattern, below))
        }
        (Some((b'?', rest)), Some((_, below))) => fits_name(rest, below),
        (Some((one, rest)), Some((other, below))) => one == other && fits_name(rest, below),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_like_those_of_git() {
        assert!(fits("prompts/**", "prompts/a/b.txt"));
        assert!(fits("prompts/**", "prompts/a.txt"));
        assert!(fits("**/*.toml", "a/b/c.toml"));
        assert!(fits("**/*.toml", "c.toml"));
        assert!(fits("scenario.toml", "scenario.toml"));
        assert!(!fits("scenario.toml", "a/scenario.toml"));
        assert!(!fits("*.toml", "a/b.toml"));
        assert!(fits("p?.txt", "p1.txt"));
    }
}
