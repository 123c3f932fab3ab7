use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::harmless;

/// A file's name and text, kept so that problems can point into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What the user calls the file: the path as given, or a name such as `<embedded support-chatbot>`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// A source from a name and its text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
        })
    }

    /// Line and column (both from 1, columns in characters) of a byte offset; past the end, those of the end.
    #[must_use]
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before[start..].chars().count() + 1)
    }
}

/// One thing that is wrong with a file, where it stands, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, in words that fit after the place: "`routee` is not a field of a strategy".
    pub message: String,
    /// Bytes of the source that the message is about; empty at 0 when the whole file is meant.
    pub span: Range<usize>,
    /// What would be right: "a number, or a spread such as \"300 to 500\"".
    pub expected: Option<String>,
    /// The way out: "did you mean `route`?".
    pub help: Option<String>,
}

impl Problem {
    /// A problem at a place.
    pub fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            span,
            expected: None,
            help: None,
        }
    }

    /// The same, saying what was expected there.
    #[must_use]
    pub fn expected(mut self, what: impl Into<String>) -> Self {
        self.expected = Some(what.into());
        self
    }

    /// The same, with a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Everything that is wrong with one file; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    /// The file.
    pub source: Arc<Source>,
    /// Its problems, in file order.
    pub list: Vec<Problem>,
}

impl Problems {
    /// How many are shown at once; the rest is counted. Whoever has mended fifty runs it again anyway.
    pub const SHOWN: usize = 50;

    /// `file:line:column` of a problem, or the file alone where the whole of it is meant.
    #[must_use]
    pub fn place(&self, problem: &Problem) -> String {
        if problem.span == (0..0) {
            return self.source.name.clone();
        }
        let (line, column) = self.source.line_column(problem.span.start);
        format!("{}:{line}:{column}", self.source.name)
    }

    /// Problems of a file, put in file order, each once.
    #[must_use]
    pub fn new(source: &Arc<Source>, mut list: Vec<Problem>) -> Self {
        list.sort_by_key(|problem| (problem.span.start, problem.span.end));
        let mut once: Vec<Problem> = Vec::with_capacity(list.len());
        for problem in list {
            // Two strategies that inherit the same slip say it twice.
            let known = once
                .iter()
                .rev()
                .take_while(|other| other.span == problem.span)
                .any(|other| *other == problem);
            if !known {
                once.push(problem);
            }
        }
        Self {
            source: Arc::clone(source),
            list: once,
        }
    }
}

impl fmt::Display for Problems {
    /// One line each: `file:line:column: message (expected …; help)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().take(Self::SHOWN).enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(
                f,
                "{}: {}",
                harmless(&self.place(problem)),
                harmless(&problem.message)
            )?;
            if let Some(expected) = &problem.expected {
                write!(f, "; expected {}", harmless(expected))?;
            }
            if let Some(help) = &problem.help {
                write!(f, "; {}", harmless(help))?;
            }
        }
        if let Some(more) = self
            .list
            .len()
            .checked_sub(Self::SHOWN)
            .filter(|more| *more > 0)
        {
            write!(f, "\nand {more} more problems")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
