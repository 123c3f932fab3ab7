use std::fmt::Write as _;

use toml::de::DeValue;

/// `key = value` pairs in the making: a section of the file, or an inline table.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<(String, String)>);

impl Lines {
    /// Adds a field.
    pub fn put(&mut self, key: &str, value: impl Into<String>) -> &mut Self {
        self.0.push((self::key(key), value.into()));
        self
    }

    /// Adds a field that may be absent.
    pub fn maybe(&mut self, key: &str, value: Option<String>) -> &mut Self {
        if let Some(value) = value {
            self.put(key, value);
        }
        self
    }

    /// Sorts by key, where the order means nothing.
    pub fn sort(&mut self) -> &mut Self {
        self.0.sort();
        self
    }

    /// `{ a = 1, b = 2 }`
    pub fn inline(&self) -> String {
        if self.0.is_empty() {
            return "{}".to_owned();
        }
        let pairs: Vec<String> = self
            .0
            .iter()
            .map(|(key, value)| format!("{key} = {value}"))
            .collect();
        format!("{{ {} }}", pairs.join(", "))
    }

    /// Lines under a header; nothing at all where there are none and the header may go.
    pub fn section(&self, header: &str, keep_empty: bool) -> String {
        if self.0.is_empty() && !keep_empty {
            return String::new();
        }
        let mut text = if header.is_empty() {
            String::new()
        } else {
            format!("\n{header}\n")
        };
        for (key, value) in &self.0 {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{key} = {value}");
        }
        text
    }
}

/// A key, quoted where it has to be.
pub(in crate::scenario) fn key(name: &str) -> String {
    let bare = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if bare { name.to_owned() } else { string(name) }
}

/// A basic string.
pub(in crate::scenario) fn string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A number in its shortest form that reads back to the same: `10000` for `10_000` and `1e4`.
pub(in crate::scenario) fn number(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    // Rust prints the shortest digits that round-trip, and integral floats without a point; both are TOML.
    let plain = format!("{number}");
    if plain.len() <= 20 {
        return plain.replace("-0", if number == 0.0 { "0" } else { "-0" });
    }
    let scientific = format!("{number:e}");
    // TOML wants no bare integer past 64 bits, and takes exponents without a point.
    scientific
}

/// `[a, b]`
pub(super) fn list(entries: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", entries.into_iter().collect::<Vec<_>>().join(", "))
}

/// Any value, in one spelling: numbers in their shortest form, strings in double quotes.
pub(in crate::scenario) fn value(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => string(text),
        DeValue::Integer(written) => i64::from_str_radix(written.as_str(), written.radix())
            .map_or_else(|_| written.to_string(), |number| number.to_string()),
        DeValue::Float(written) => written
            .as_str()
            .parse()
            .map_or_else(|_| written.to_string(), number),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(entries) => list(entries.iter().map(|entry| self::value(entry.get_ref()))),
        DeValue::Table(entries) => {
            let mut lines = Lines::default();
            for (key, entry) in entries {
                lines.put(key.get_ref(), self::value(entry.get_ref()));
            }
            lines.sort().inline()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{key, number, string};

    #[test]
    fn numbers_read_back_to_the_same() {
        for written in [
            0.0,
            -0.0,
            1.0,
            0.1,
            1e-9,
            123_456_789.123_456_79,
            1e300,
            -2.5e-300,
            f64::MAX,
            f64::MIN_POSITIVE,
        ] {
            let document = format!("x = {}", number(written));
            let table: toml::Table = document.parse().unwrap();
            let read = table["x"]
                .as_float()
                .or_else(|| table["x"].as_integer().map(|whole| whole as f64))
                .unwrap();
            assert_eq!(read, written, "{document}");
        }
    }

    #[test]
    fn names_are_quoted_where_they_must_be() {
        assert_eq!(key("gpt-4"), "gpt-4");
        assert_eq!(key("gpt-4.1"), "\"gpt-4.1\"");
        assert_eq!(string("a \"b\"\u{1b}"), "\"a \\\"b\\\"\\u001B\"");
    }
}
