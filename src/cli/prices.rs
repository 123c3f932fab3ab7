//! `gonogo prices`: the dated price catalogue, looked at from the outside.
//!
//! Every subcommand asks the room `prices` and writes what it says: a table for people, one JSON document with
//! `--json`. The catalogue is the project's `prices.json` where there is one, else the one that is compiled in. The
//! only clock is here: without `--at`, prices are those of now.

mod show;
mod text;
mod write;

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::prices::{Catalogue, ImportError, LoadError, NotFound, PriceError, Terms, Usage, diff, import, quote};
use show::show;
use text::{source, utc};
use write::{list, write_diff, write_quote};

/// Arguments of `gonogo prices`.
#[derive(Debug, clap::Args)]
#[command(
    about = "The dated price catalogue: list, show, quote, diff, import a newer file",
    after_help = "Example:\n  gonogo prices quote openai:gpt-4o --input 6000 --cached 5000 --output 400 --at 2026-11-23"
)]
pub struct Args {
    /// Use this imported file instead of prices.json of the current folder or the catalogue that is compiled in
    #[arg(long, global = true, value_name = "FILE")]
    prices: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Every model with its standard prices for short calls, in US dollars per million tokens
    #[command(after_help = "Example:\n  gonogo prices list haiku --provider anthropic")]
    List {
        /// Only models whose name contains this
        #[arg(value_name = "WORD")]
        word: Option<String>,
        /// Only this provider's models
        #[arg(long)]
        provider: Option<String>,
        #[command(flatten)]
        when: When,
        #[command(flatten)]
        format: Format,
    },
    /// One model: prices of every tier, announced changes, and the defaults that a scenario inherits, with sources
    #[command(after_help = "Example:\n  gonogo prices show openai:gpt-4")]
    Show {
        /// The model: provider:model, or its name alone
        model: String,
        #[command(flatten)]
        when: When,
        #[command(flatten)]
        format: Format,
    },
    /// What one call costs
    #[command(after_help = "Example:\n  gonogo prices quote anthropic:claude-sonnet-5-5 --input 6000 --cache-write 5000 --output 400 --json")]
    Quote {
        /// The model: provider:model, or its name alone
        model: String,
        #[command(flatten)]
        tokens: TokenArgs,
        /// Through the provider's batch service
        #[arg(long)]
        batch: bool,
        /// Service tier, as the provider names it (flex, priority, …)
        #[arg(long, default_value = "default", conflicts_with = "batch")]
        tier: String,
        #[command(flatten)]
        when: When,
        #[command(flatten)]
        format: Format,
    },
    /// What changed: from the compiled-in catalogue to prices.json or to FILE, or from FILE to NEWER
    #[command(after_help = "Example:\n  gonogo prices diff data.json")]
    Diff {
        /// A price file
        file: Option<PathBuf>,
        /// A newer price file
        newer: Option<PathBuf>,
        #[command(flatten)]
        when: When,
        #[command(flatten)]
        format: Format,
    },
    /// Check a newer price file (data.json of the genai-prices project) and keep it as prices.json in this folder
    #[command(after_help = "Example:\n  gonogo prices import data.json --date 2026-11-23")]
    Import {
        /// The price file
        file: PathBuf,
        /// The day that its prices are of [default: today]
        #[arg(long, value_parser = day)]
        date: Option<Date>,
        /// The project's folder
        #[arg(long, default_value = ".")]
        into: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
struct When {
    /// Prices of this time: 2026-11-23, 2026-11-23T14:30 (both UTC) or 2026-11-23T14:30:00+01:00 [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,
}

impl When {
    fn or_now(&self) -> Timestamp {
        self.at.unwrap_or_else(Timestamp::now)
    }
}

#[derive(Debug, clap::Args)]
struct Format {
    /// Write JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct TokenArgs {
    /// Input tokens, cached and written ones included
    #[arg(long, value_name = "N", default_value_t = 0)]
    input: u64,
    /// Output tokens, reasoning included
    #[arg(long, value_name = "N", default_value_t = 0)]
    output: u64,
    /// Input tokens read from the prompt cache
    #[arg(long, value_name = "N", default_value_t = 0)]
    cached: u64,
    /// Input tokens written to the prompt cache, hour-long ones included
    #[arg(long, value_name = "N", default_value_t = 0)]
    cache_write: u64,
    /// Input tokens written to the prompt cache for an hour
    #[arg(long = "cache-write-1h", value_name = "N", default_value_t = 0)]
    cache_write_1h: u64,
    /// Output tokens that are reasoning
    #[arg(long, value_name = "N", default_value_t = 0)]
    reasoning: u64,
    /// Searches that the model made
    #[arg(long, value_name = "N", default_value_t = 0)]
    web_searches: u64,
}

impl TokenArgs {
    fn usage(&self) -> Usage {
        #[expect(clippy::cast_precision_loss, reason = "past 2^53 tokens the price is refused as absurd")]
        let count = |tokens: u64| tokens as f64;
        Usage {
            input: count(self.input),
            cached: count(self.cached),
            cache_write: count(self.cache_write),
            cache_write_1h: count(self.cache_write_1h),
            output: count(self.output),
            reasoning: count(self.reasoning),
            web_searches: count(self.web_searches),
        }
    }
}

/// Why `gonogo prices` failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such model.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// No such price.
    #[error(transparent)]
    Price(#[from] PriceError),
    /// A price file is not one.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A price file could not be taken over.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// Nothing to compare or to list.
    #[error("{0}")]
    Nothing(String),
    /// The output could not be written.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl Error {
    /// The exit status: 2 where the input is wrong, 3 where reading or writing failed on our side.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Output(_) | Self::Import(ImportError::Store { .. }) => 3,
            _ => 2,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// The model, tier or file is wrong, or something could not be written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Error> {
    let catalogue = || -> Result<Cow<'static, Catalogue>, LoadError> {
        match &args.prices {
            Some(file) => Catalogue::load(file).map(Cow::Owned),
            None => Catalogue::in_folder(Path::new(".")),
        }
    };
    match &args.command {
        Command::List { word, provider, when, format } => {
            list(&catalogue()?, word.as_deref(), provider.as_deref(), when.or_now(), format, out)
        }
        Command::Show { model, when, format } => show(&catalogue()?, model, when.or_now(), format, out),
        Command::Quote { model, tokens, batch, tier, when, format } => {
            let catalogue = catalogue()?;
            let entry = catalogue.find(model)?;
            let terms = Terms { tier, batch: *batch, ..Terms::default() };
            let at = when.or_now();
            let priced = quote(&entry, &terms, at, &tokens.usage())?;
            write_quote(&catalogue, &priced, &terms, at, tokens, format, out)
        }
        Command::Diff { file, newer, when, format } => {
            let at = when.or_now();
            let open = |path: &Path| -> Result<Catalogue, Error> {
                let read = std::fs::read(path).map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
                Ok(Catalogue::from_bytes(&read, path, Some(utc(at).date()))?)
            };
            let embedded = || Cow::Borrowed(Catalogue::embedded());
            let (old, new) = match (file, newer) {
                (Some(old), Some(new)) => (Cow::Owned(open(old)?), Cow::Owned(open(new)?)),
                (Some(new), None) => (embedded(), Cow::Owned(open(new)?)),
                (None, _) => (embedded(), catalogue()?),
            };
            if old.origin() == new.origin() {
                return Err(Error::Nothing(
                    "nothing to compare with: this folder has no prices.json; name a price file, or import one".to_owned(),
                ));
            }
            write_diff(&old, &new, &diff(&old, &new, at)?, format, out)
        }
        Command::Import { file, date, into } => {
            let today = utc(Timestamp::now()).date();
            let new = import(file, into, date.unwrap_or(today))?;
            writeln!(out, "{}: {} models, prices of {}", source(&new), new.models().count(), new.date())?;
            writeln!(out, "`gonogo prices diff` shows what changed against the compiled-in catalogue of {}", Catalogue::embedded().date())?;
            Ok(())
        }
    }
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "expected a day such as 2026-11-23".to_owned())
}

/// A time as people write it; without an offset it is UTC.
fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(exact) = text.parse() {
        return Ok(exact);
    }
    let expected = || "expected a time such as 2026-11-23, 2026-11-23T14:30 or 2026-11-23T14:30:00+01:00".to_owned();
    let civil: DateTime = text.parse().map_err(|_| expected())?;
    civil.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).map_err(|_| expected())
}
