use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Problem, Problems, Source};

/// A TOML value with its place.
pub type Node<'i> = Spanned<DeValue<'i>>;

/// Larger files are refused: whoever points us at one has taken the wrong file, and parsing it would take minutes.
const LARGEST: u64 = 10_000_000;

/// Reads a file as text.
///
/// # Errors
/// One problem, which says what to do, when the file is missing, a directory, unreadable, larger than 10 MB, or not
/// UTF-8 (with the place of the first byte that is not).
pub fn open(path: &Path) -> Result<Arc<Source>, Problems> {
    let name = path.display().to_string();
    let whole = |message: String, help: &str| Problems {
        source: Source::new(name.clone(), ""),
        list: vec![Problem::new(0..0, message).help(help)],
    };
    if path.is_dir() {
        return Err(whole(
            "this is a directory, not a file".to_owned(),
            "name a .toml file inside it",
        ));
    }
    let unreadable = |error: std::io::Error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            whole("there is no such file".to_owned(), &neighbours(path))
        } else {
            whole(
                format!("cannot be read: {error}"),
                "check that you may read it",
            )
        }
    };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    // One byte more than allowed tells "too long" even for pipes and devices, whose length is not known beforehand.
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        let help = "is this the right file? Request logs belong into a CSV that the file names with `file = …`";
        return Err(whole("is larger than 10 MB".to_owned(), help));
    }
    Source::from_bytes(name, bytes)
}

impl Source {
    /// A source from the bytes of a file.
    ///
    /// # Errors
    /// One problem, at the first byte that is not UTF-8.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<Arc<Self>, Problems> {
        match String::from_utf8(bytes) {
            // A byte order mark is what some editors put first; it is no part of the text.
            Ok(text) => Ok(Self::new(
                name,
                text.strip_prefix('\u{feff}').unwrap_or(&text),
            )),
            Err(error) => Err(not_utf8(name.into(), &error)),
        }
    }
}

fn not_utf8(name: String, error: &std::string::FromUtf8Error) -> Problems {
    let bytes = error.as_bytes();
    let (before, rest) = bytes.split_at(error.utf8_error().valid_up_to().min(bytes.len()));
    let offender = rest.first().copied().unwrap_or_default();
    let source = Source::new(name, String::from_utf8_lossy(bytes));
    let place = before.len()..before.len() + '\u{fffd}'.len_utf8();
    let help = match bytes {
        [0x1f, 0x8b, ..] => "this is a gzip file; unpack it first",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "this looks like UTF-16; save it as UTF-8",
        _ => "save the file as UTF-8",
    };
    Problems {
        source,
        list: vec![
            Problem::new(place, format!("byte 0x{offender:02x} is not UTF-8 text")).help(help),
        ],
    }
}

/// What to do when a file is missing: the nearest TOML file in its folder, if there is one.
fn neighbours(path: &Path) -> String {
    let folder = path.parent().unwrap_or(Path::new(""));
    let listed = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let mut names: Vec<String> = std::fs::read_dir(listed)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
        })
        .collect();
    names.sort();
    let wanted = path
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default();
    if let Some(near) = super::nearest(&wanted, names.iter().map(String::as_str)) {
        return format!("did you mean `{}`?", folder.join(near).display());
    }
    "check the path; `gonogo init` writes a first scenario".to_owned()
}

/// Takes TOML apart.
///
/// # Errors
/// Every syntax error that could be told apart, in file order.
pub fn parse(source: &Arc<Source>) -> Result<Spanned<DeTable<'_>>, Problems> {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    if errors.is_empty() {
        return Ok(table);
    }
    let list = errors
        .iter()
        .map(|error| syntax_problem(&source.text, error))
        .collect();
    Err(Problems::new(source, list))
}

fn syntax_problem(text: &str, error: &toml::de::Error) -> Problem {
    let span = error.span().unwrap_or(text.len()..text.len());
    let (what, expected) = match error.message().split_once(", expected ") {
        Some((what, expected)) => (what, Some(expected)),
        None => (error.message(), None),
    };
    let offending = text
        .get(span.clone())
        .map(str::trim)
        .filter(|found| !found.is_empty() && found.len() <= 40);
    let message = match offending {
        Some(found) if !found.contains('\n') => format!("TOML syntax: {what}, at `{found}`"),
        _ => format!("TOML syntax: {what}"),
    };
    let mut problem = Problem::new(span.clone(), message);
    problem.expected = expected
        .filter(|expected| *expected != "nothing")
        .map(str::to_owned);
    problem.help = advice(text, &span, what);
    problem
}

/// The way out of the commonest slips.
fn advice(text: &str, span: &Range<usize>, what: &str) -> Option<String> {
    let found = text.get(span.clone()).unwrap_or_default();
    if what.contains("duplicate key") {
        return Some("keep one of the two; a table's header may stand only once".to_owned());
    }
    if what.contains("string values must be quoted") {
        return Some(format!("write \"{found}\" in double quotes"));
    }
    if what.contains("unclosed") || what.contains("missing") {
        return Some(
            "look for the bracket or quote that is not closed on this line or above".to_owned(),
        );
    }
    None
}
