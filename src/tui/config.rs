//! The user's configuration: `gonogo/config.toml` in the system's folder for it. It changes keys and looks, nothing else.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::keymap::Keymap;
use super::theme::{Background, Theme};

/// What the file may hold.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    screen: Screen,
    keys: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Screen {
    ascii: Option<bool>,
    mouse: Option<bool>,
    motion: Option<bool>,
    colour: Option<bool>,
    background: Option<Told>,
}

/// What the terminal's background is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Told {
    Dark,
    Light,
    /// As the terminal says, if it does.
    Auto,
}

/// Terminals that tell their colours do so in `COLORFGBG`, as in `0;15`: 7 and 15 are light backgrounds.
fn told_light() -> bool {
    let told = std::env::var("COLORFGBG").unwrap_or_default();
    matches!(told.rsplit(';').next(), Some("7" | "15"))
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Config {
    /// How things look.
    pub theme: Theme,
    /// Which key does what.
    pub keymap: Keymap,
    /// Whether the mouse is ours.
    pub mouse: bool,
}

/// Where the file is looked for.
#[must_use]
pub fn path() -> Option<PathBuf> {
    let named = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    named("XDG_CONFIG_HOME")
        .or_else(|| named("APPDATA"))
        .or_else(|| Some(named("HOME")?.join(".config")))
        .map(|folder| folder.join("gonogo").join("config.toml"))
}

/// Reads the configuration; without a file, everything is as delivered.
///
/// # Errors
/// What is wrong with the file, and where.
pub fn load() -> Result<Config, String> {
    let Some(path) = path() else {
        return read("");
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => read(&text).map_err(|why| format!("{}: {why}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => read(""),
        Err(error) => Err(format!("{} cannot be read: {error}", path.display())),
    }
}

/// Reads a configuration's text.
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(text: &str) -> Result<Config, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
    let mut keymap = Keymap::default();
    for (name, keys) in &file.keys {
        keymap.change(name, keys)?;
    }
    Ok(Config {
        theme: Theme {
            colour: file.screen.colour.unwrap_or(!no_colour),
            unicode: !file.screen.ascii.unwrap_or(false),
            motion: file.screen.motion.unwrap_or(true),
            background: match file.screen.background {
                Some(Told::Light) => Background::Light,
                Some(Told::Auto) | None if told_light() => Background::Light,
                _ => Background::Dark,
            },
        },
        keymap,
        mouse: file.screen.mouse.unwrap_or(true),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::action::Action;

    #[test]
    fn keys_and_looks_can_be_changed() {
        let config = read("[screen]\nascii = true\n[keys]\nquit = [\"ctrl-x\"]\n").unwrap();
        assert!(!config.theme.unicode);
        assert_eq!(config.keymap.key(Action::Quit), "ctrl-x");
    }

    #[test]
    fn mistakes_are_told() {
        assert!(
            read("[keys]\nqiut = []")
                .unwrap_err()
                .contains("did you mean `quit`")
        );
        assert!(read("[screen]\nasci = true").unwrap_err().contains("asci"));
    }
}
