//! User text made harmless for where it goes: a terminal, Markdown, XML, a workflow log, a spreadsheet.

pub use crate::reading::harmless;

/// One line for a terminal or a log: no control characters, no line ends, nothing that a runner takes for a command.
#[must_use]
pub fn line(text: &str) -> String {
    let flat = harmless(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    // `::command` at the start of a line and `##[command]` anywhere are commands to workflow runners.
    let flat = if flat.starts_with("::") {
        format!(" {}", flat.replacen("::", ": :", 1))
    } else {
        flat
    };
    flat.replace("##[", "# #[")
        .replace("##vso[", "# #vso[")
        .trim_start()
        .to_owned()
}

/// One line of Markdown: what could be markup is escaped, and what could be HTML is spelt out.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut out = String::new();
    for letter in line(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            // Without brackets before them parentheses are only that; escaped, they would be hard to read raw.
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '!' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(letter);
            }
            other => out.push(other),
        }
    }
    // Bare addresses become links by themselves; broken in the middle they do not.
    out.replace("://", ":&#8203;//").replace("www.", "www&#46;")
}

/// Text inside an XML element or attribute; characters that XML 1.0 cannot hold are replaced.
#[must_use]
pub fn xml(text: &str) -> String {
    let mut out = String::new();
    for letter in text
        .lines()
        .map(harmless)
        .collect::<Vec<_>>()
        .join("\n")
        .chars()
    {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push_str("&#10;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

/// The message of a workflow command.
#[must_use]
pub fn workflow_message(text: &str) -> String {
    line(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property (file, title) of a workflow command.
#[must_use]
pub fn workflow_property(text: &str) -> String {
    workflow_message(text)
        .replace(':', "%3A")
        .replace(',', "%2C")
}

/// A cell of a spreadsheet: text that would be taken for a formula is marked as text.
#[must_use]
pub fn cell(text: &str) -> String {
    let flat = text.lines().map(harmless).collect::<Vec<_>>().join(" ");
    let start = flat.trim_start_matches([' ', '\'', '"', '\u{fffd}', '\u{a0}']);
    if start.starts_with([
        '=', '+', '-', '@', '\t', '\r', '|', '%', '＝', '＋', '－', '＠',
    ]) {
        format!("'{flat}")
    } else {
        flat
    }
}

/// A reference without what addresses carry along: no credentials, no query, no fragment.
#[must_use]
pub fn reference(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest
        .split_once('/')
        .map_or((rest, None), |(host, path)| (host, Some(path)));
    let host = host.rsplit('@').next().unwrap_or_default();
    match path {
        Some(path) => format!("{scheme}://{host}/{path}"),
        None => format!("{scheme}://{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runners_see_no_command() {
        assert_eq!(line("::error::x"), ": :error::x");
        assert_eq!(line("a\n::error::x"), "a ::error::x");
        assert_eq!(line(" \t::set-output name=a::b"), ": :set-output name=a::b");
        assert_eq!(line("x ##[add-path]/tmp"), "x # #[add-path]/tmp");
        assert_eq!(workflow_property("a:b,c%"), "a%3Ab%2Cc%25");
    }

    #[test]
    fn terminals_see_no_escape() {
        assert!(
            !line("\u{1b}[31mred\u{7}\u{9b}2J\u{202e}x")
                .chars()
                .any(|letter| letter.is_control() || letter == '\u{202e}')
        );
    }

    #[test]
    fn markdown_shows_what_was_typed() {
        assert_eq!(
            markdown("<script>|a|[x](http://e)"),
            "&lt;script&gt;\\|a\\|\\[x\\](http:&#8203;//e)"
        );
        assert_eq!(markdown("@all `x`"), "&#64;all \\`x\\`");
    }

    #[test]
    fn spreadsheets_see_no_formula() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "'=1", "＝1"] {
            assert!(cell(bad).starts_with('\''), "{bad}");
        }
        assert_eq!(cell("p95 = 4 s"), "p95 = 4 s");
    }

    #[test]
    fn links_lose_their_secrets() {
        assert_eq!(
            reference("https://me:key@host.example/a/b?token=1#x"),
            "https://host.example/a/b"
        );
        assert_eq!(reference("docs/a?b.md"), "docs/a?b.md");
        assert_eq!(
            reference("https://host.example?x=1"),
            "https://host.example"
        );
    }
}
