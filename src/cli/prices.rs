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

use super::{Answer, Failure, Terminal};
use crate::prices::{
    Catalogue, ImportError, LoadError, NotFound, Origin, PriceError, Terms, Usage, diff, import,
    quote,
};
use show::show;
use text::{source, utc};
use write::{ended, list, write_diff, write_quote};

/// The dated price catalogue: list, show, quote, diff, import a newer file
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  gonogo prices quote openai:gpt-4o --input 6000 --cached 5000 --output 400 --at 2026-11-23"
)]
pub struct Args {
    /// Use this imported file instead of prices.json of the current folder or the catalogue that is compiled in
    #[arg(long, global = true, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Write to this file instead of standard output
    // Only the short form: `--output` are tokens here.
    #[arg(id = "write_to", short = 'o', global = true, value_name = "FILE")]
    output: Option<PathBuf>,
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
    #[command(
        after_help = "Example:\n  gonogo prices quote anthropic:claude-sonnet-5-5 --input 6000 --cache-write 5000 --output 400 --json"
    )]
    Quote {
        /// The model: provider:model, or its name alone
        model: String,
        #[command(flatten)]
        tokens: TokenArgs,
        /// Through the provider's batch service
        #[arg(long)]
        batch: bool,
        /// Service tier, as the provider names it (flex, priority, …); batch has one price whatever the tier
        #[arg(long, default_value = "default")]
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
        // Prices do not change within a second.
        self.at.unwrap_or_else(|| {
            let now = Timestamp::now();
            Timestamp::from_second(now.as_second()).unwrap_or(now)
        })
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
        #[expect(
            clippy::cast_precision_loss,
            reason = "past 2^53 tokens the price is refused as absurd"
        )]
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

/// Why a subcommand failed.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    NotFound(#[from] NotFound),
    #[error(transparent)]
    Price(#[from] PriceError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error("nothing to compare with: this folder has no prices.json")]
    NothingToCompare,
    #[error("no model has `{0}` in its name")]
    NothingToList(String),
    #[error(transparent)]
    Output(#[from] io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let help = match &error {
            Error::NotFound(missing) => return Self::input(missing.message(), missing.help()),
            Error::Import(ImportError::Store { path, source }) => {
                return Self::system(
                    format!("writing {}", path.display()),
                    io::Error::new(source.kind(), source.to_string()),
                );
            }
            Error::Output(failed) => {
                return Self::system(
                    "writing prices",
                    io::Error::new(failed.kind(), failed.to_string()),
                );
            }
            Error::Price(PriceError::UnknownTier { .. } | PriceError::NoBatch { .. }) => {
                "`gonogo prices show MODEL` shows the prices of each"
            }
            Error::Price(_) => "`gonogo prices quote --help` explains the counts",
            Error::Load(_) | Error::Import(_) => {
                "`gonogo prices import --help` says where such files come from"
            }
            Error::NothingToCompare => "name a price file, or import one",
            Error::NothingToList(_) => "`gonogo prices list` shows all",
        };
        Self::input(error.to_string(), help)
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "every subcommand is called alike"
)]
pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let mut out = Vec::new();
    answer(&args, &mut out)?;
    terminal.write(args.output.as_deref(), &String::from_utf8_lossy(&out))?;
    Ok(Answer::Yes)
}

fn answer(args: &Args, out: &mut dyn Write) -> Result<(), Error> {
    let catalogue = match &args.prices {
        Some(file) => Cow::Owned(Catalogue::load(file)?),
        // An import replaces a broken prices.json, so it must not need a good one.
        None if matches!(args.command, Command::Import { .. }) => {
            Cow::Borrowed(Catalogue::embedded())
        }
        None => Catalogue::in_folder(Path::new("."))?,
    };
    match &args.command {
        Command::List {
            word,
            provider,
            when,
            format,
        } => list(
            &catalogue,
            word.as_deref(),
            provider.as_deref(),
            when.or_now(),
            format,
            out,
        ),
        Command::Show {
            model,
            when,
            format,
        } => show(&catalogue, model, when.or_now(), format, out),
        Command::Quote {
            model,
            tokens,
            batch,
            tier,
            when,
            format,
        } => {
            let entry = catalogue.find(model)?;
            let terms = Terms {
                tier,
                batch: *batch,
                ..Terms::default()
            };
            let at = when.or_now();
            let mut priced = quote(&entry, &terms, at, &tokens.usage())?;
            priced.notes.extend(ended(&entry, utc(at).date()));
            write_quote(&catalogue, &priced, &terms, at, tokens, format, out)
        }
        Command::Diff {
            file,
            newer,
            when,
            format,
        } => {
            let at = when.or_now();
            let (old, new) = match (file, newer) {
                (Some(old), Some(new)) => (Cow::Owned(open(old, at)?), Cow::Owned(open(new, at)?)),
                (Some(new), None) => (
                    Cow::Borrowed(Catalogue::embedded()),
                    Cow::Owned(open(new, at)?),
                ),
                (None, _) if *catalogue.origin() == Origin::Embedded => {
                    return Err(Error::NothingToCompare);
                }
                (None, _) => (Cow::Borrowed(Catalogue::embedded()), catalogue),
            };
            write_diff(&old, &new, &diff(&old, &new, at)?, format, out)
        }
        Command::Import { file, date, into } => {
            let today = utc(Timestamp::now()).date();
            let new = import(file, into, date.unwrap_or(today))?;
            let embedded = Catalogue::embedded().date();
            writeln!(
                out,
                "{}: {} models, prices of {}",
                source(&new),
                new.models().count(),
                new.date()
            )?;
            writeln!(
                out,
                "`gonogo prices diff` shows what changed against the compiled-in catalogue of {embedded}"
            )?;
            Ok(())
        }
    }
}

/// A price file, published or imported; a published one carries no day, and a comparison needs none.
fn open(path: &Path, at: Timestamp) -> Result<Catalogue, Error> {
    let bytes = std::fs::read(path).map_err(|source| LoadError::Read {
        path: path.to_owned(),
        source,
    })?;
    Ok(Catalogue::from_bytes(&bytes, path, Some(utc(at).date()))?)
}

fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| "expected a day such as 2026-11-23".to_owned())
}

/// A time as people write it; without an offset it is UTC.
fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(exact) = text.parse() {
        return Ok(exact);
    }
    let expected = || {
        "expected a time such as 2026-11-23, 2026-11-23T14:30 or 2026-11-23T14:30:00+01:00"
            .to_owned()
    };
    let civil: DateTime = text.parse().map_err(|_| expected())?;
    civil
        .to_zoned(TimeZone::UTC)
        .map(|zoned| zoned.timestamp())
        .map_err(|_| expected())
}
