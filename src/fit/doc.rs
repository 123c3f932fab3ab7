//! A scenario as text that keeps beside every value where it comes from.
//!
//! The text is built line by line: a table's head, a value, a remark. A value carries a [`Note`] (observations, interval,
//! source, or that it is assumed), which becomes the comment behind it and, for what was measured, its line in
//! `[sources]`, so that reports do not call it an assumption.

use std::fmt::Write as _;

use super::Value;
use super::write::short;

/// Where a value comes from.
#[derive(Debug, Clone, Default)]
pub(super) struct Note {
    n: Option<f64>,
    interval: Option<String>,
    words: String,
    assumed: bool,
}

impl Note {
    /// Measured: what it is, in a few words.
    pub(super) fn of(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            ..Self::default()
        }
    }

    /// Not told by the log: why, and what was taken instead.
    pub(super) fn assumed(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            assumed: true,
            ..Self::default()
        }
    }

    /// Observations behind it, and its interval.
    pub(super) fn value(mut self, value: &Value) -> Self {
        self.n = Some(value.n);
        if value.low.is_finite() && value.high.is_finite() {
            self.interval = Some(value.between());
        }
        self
    }

    /// Its interval, or those of its parts, in words.
    pub(super) fn between(mut self, interval: impl Into<String>) -> Self {
        self.interval = Some(interval.into());
        self
    }

    pub(super) fn count(mut self, n: f64) -> Self {
        self.n = Some(n);
        self
    }

    fn comment(&self) -> String {
        let mut parts = Vec::new();
        if let Some(n) = self.n {
            parts.push(format!("n = {}", neat(n)));
        }
        if let Some(interval) = &self.interval {
            parts.push(format!("90%: {interval}"));
        }
        if self.assumed {
            parts.push(format!("assumed: {}", self.words));
        } else if !self.words.is_empty() {
            parts.push(self.words.clone());
        }
        parts.join("; ").replace('\n', " ")
    }
}

/// A scenario in the making.
#[derive(Debug, Default)]
pub(super) struct Doc {
    text: String,
    /// Path of the table that is open.
    path: String,
    sources: Vec<(String, String)>,
    log: String,
}

impl Doc {
    /// `log` is what the sources name.
    pub(super) fn new(log: &str) -> Self {
        Self {
            log: log.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn remark(&mut self, words: &str) {
        for line in words.lines() {
            let _ = writeln!(self.text, "# {line}");
        }
    }

    /// Opens `[path]`.
    pub(super) fn table(&mut self, path: &str) {
        let _ = writeln!(self.text, "\n[{path}]");
        path.clone_into(&mut self.path);
    }

    /// Opens an element of a list; `path` is what its values are called by in `[sources]`.
    pub(super) fn element(&mut self, list: &str, path: &str) {
        let _ = writeln!(self.text, "\n[[{list}]]");
        path.clone_into(&mut self.path);
    }

    pub(super) fn value(&mut self, key: &str, toml: &str, note: &Note) {
        let comment = note.comment();
        let _ = if comment.is_empty() {
            writeln!(self.text, "{key} = {toml}")
        } else {
            writeln!(self.text, "{key} = {toml}   # {comment}")
        };
        if !note.assumed && !note.words.is_empty() && !self.path.is_empty() {
            let n = note
                .n
                .map_or(String::new(), |n| format!(", n = {}", neat(n)));
            self.sources.push((
                format!("{}.{key}", self.path),
                format!("fitted to {}{n}", self.log),
            ));
        }
    }

    /// A value that is a setting, not a measurement.
    pub(super) fn plain(&mut self, key: &str, toml: &str) {
        self.value(key, toml, &Note::default());
    }

    pub(super) fn finish(mut self) -> String {
        if !self.sources.is_empty() {
            self.text.push_str("\n[sources]\n");
            for (path, source) in &self.sources {
                let _ = writeln!(self.text, "{} = {}", quoted(path), quoted(source));
            }
        }
        self.text
    }
}

/// A TOML string.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(letter);
            }
            letter if letter.is_control() => quoted.push(' '),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// A key of a table, quoted where it has to be.
pub(super) fn key(text: &str) -> String {
    let bare = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if bare { text.to_owned() } else { quoted(text) }
}

/// Four digits.
pub(super) fn neat(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return "0".to_owned();
    }
    if number.abs() >= 1e4 && number.abs() < 1e15 {
        let size = 10_f64.powf(libm::floor(libm::log10(number.abs())) - 3.0);
        return format!("{:.0}", (number / size).round() * size);
    }
    let size = 10_f64.powf(libm::floor(libm::log10(number.abs())) - 3.0);
    short((number / size).round() * size)
}
