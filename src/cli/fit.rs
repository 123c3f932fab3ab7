use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::fit;
use crate::reading::log::{self, Field, Hints, Log, Preset, Refused};

use super::{Answer, Failure, Terminal};

/// Writes a scenario from logs of real requests, with how sure each value is
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
#[command(after_help = "Examples:
  gonogo fit november.csv.gz -o scenario.toml               rate, tokens, latency and failures of a gateway's log
  gonogo fit spans.jsonl --preset opentelemetry             OTLP-JSON, JSON lines and CSV, plain or gzip
  gonogo fit november.csv.gz --report                       the log against what was fitted to it
  gonogo fit november.csv.gz --backtest                     how well the first part foretells the rest
  gonogo fit load-test.csv --engine vllm-log.csv -o s.toml  the law of a server of one's own, from runs at several loads
  gonogo fit log.csv --map time=when,input_tokens=in        name the columns that were not found

Nothing of prompts or answers is stored or shown. Rows that cannot be used are counted by what is wrong with them.")]
pub struct Args {
    /// Logs of requests: CSV, JSON lines or OTLP-JSON, plain or gzip
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,
    /// Columns by field, such as `time=when,input_tokens=in`
    #[arg(long, value_delimiter = ',', value_name = "FIELD=COLUMN,…", value_parser = mapped)]
    map: Vec<(Field, String)>,
    /// Which export it is: opentelemetry, litellm, langfuse, helicone, openai-usage, azure, burstgpt, mooncake
    #[arg(long, value_parser = preset)]
    preset: Option<&'static Preset>,
    /// The log's times without a zone are so many hours ahead of UTC
    #[arg(
        long,
        default_value_t = 0.0,
        allow_negative_numbers = true,
        value_name = "HOURS"
    )]
    utc_offset: f64,
    /// The server's own log (running, waiting, tokens per second), as CSV
    #[arg(long, value_name = "FILE")]
    engine: Option<PathBuf>,
    /// Answers that the server generates at once
    #[arg(long, value_name = "N")]
    slots: Option<f64>,
    /// The log is a load test of a server of one's own: fit how fast it is (implied by --engine and --slots)
    #[arg(long)]
    server: bool,
    /// Show the log against what was fitted to it, and say where the fit is bad
    #[arg(long, conflicts_with_all = ["backtest", "against"])]
    report: bool,
    /// Fit the first part of the log, foretell the rest, and score it
    #[arg(long)]
    backtest: bool,
    /// Foretell this later log from the whole of LOG, and score it
    #[arg(long, value_name = "LATER")]
    against: Vec<PathBuf>,
    /// Report or backtest as JSON
    #[arg(long)]
    json: bool,
    /// Where the scenario goes; the requests that it replays go beside it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn mapped(text: &str) -> Result<(Field, String), String> {
    let fields = || Field::all().map(Field::name).collect::<Vec<_>>().join(", ");
    let (field, column) = text
        .split_once('=')
        .ok_or_else(|| format!("expected FIELD=COLUMN; fields are {}", fields()))?;
    let field = Field::named(field.trim())
        .ok_or_else(|| format!("there is no field `{field}`; fields are {}", fields()))?;
    Ok((field, column.trim().to_owned()))
}

pub(super) fn preset(text: &str) -> Result<&'static Preset, String> {
    Preset::named(text).ok_or_else(|| {
        let names: Vec<&str> = log::PRESETS.iter().map(|preset| preset.name).collect();
        format!("known exports are {}", names.join(", "))
    })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "every command owns its arguments"
)]
pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let hints = Hints {
        map: args.map.clone(),
        preset: args.preset,
        utc_offset_h: args.utc_offset,
        ..Hints::default()
    };
    let source = names(&args.logs);
    if let Some(list) = incident_list(&args.logs)? {
        return incidents(&args, &list, &source, terminal);
    }
    let log = read_log(&args.logs, &hints, terminal)?;
    if !(args.server || args.engine.is_some() || args.slots.is_some() || load_test(&log)) {
        return traffic(&args, log, &source, &hints, terminal);
    }
    server(&args, &log, &source, terminal)
}

/// An ordinary log: its scenario, data against model, or how well its first part foretells the rest.
fn traffic(
    args: &Args,
    log: Log,
    source: &str,
    hints: &Hints,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let unfit = |words| Failure::input(words, "see docs/fit.md for what a log has to have");
    let json = |value: serde_json::Result<String>| {
        value
            .map(|text| text + "\n")
            .map_err(|error| Failure::system("writing JSON", error.into()))
    };
    if args.backtest || !args.against.is_empty() {
        let (log, from) = if args.against.is_empty() {
            (log, None)
        } else {
            let from = log.rows.len();
            let all = args.logs.iter().chain(&args.against);
            let paths: Vec<&Path> = all.map(PathBuf::as_path).collect();
            let log = log::read(&paths, hints)
                .map_err(|refused| unread(refused, "the later log needs the same columns"))?;
            (log, Some(from))
        };
        let result = fit::backtest::backtest(log, from, source, args.utc_offset).map_err(unfit)?;
        let text = if args.json {
            json(serde_json::to_string_pretty(&result))?
        } else {
            result.text()
        };
        terminal.write(args.output.as_deref(), &text)?;
        return Ok(Answer::Yes);
    }
    let fitted = fit::traffic::fit(log, source, args.utc_offset).map_err(unfit)?;
    if args.report || args.json {
        let report = fit::report::report(&fitted);
        let text = if args.json {
            json(serde_json::to_string_pretty(&report))?
        } else {
            report.text()
        };
        terminal.print(&text)?;
        if args.output.is_none() {
            return Ok(Answer::Yes);
        }
    }
    terminal.write(args.output.as_deref(), &fitted.scenario())?;
    Ok(Answer::Yes)
}

fn incident_list(paths: &[PathBuf]) -> Result<Option<fit::incidents::Incidents>, Failure> {
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    fit::incidents::read(&paths)
        .map_err(|words| Failure::input(words, "see docs/fit.md for lists of incidents"))
}

/// A status page's incidents: the providers of a scenario, or how well the first part foretells the rest.
fn incidents(
    args: &Args,
    list: &fit::incidents::Incidents,
    source: &str,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    terminal.note(&list.described());
    if !args.backtest && args.against.is_empty() {
        terminal.write(args.output.as_deref(), &list.providers(source))?;
        return Ok(Answer::Yes);
    }
    let later = if args.against.is_empty() {
        None
    } else {
        incident_list(&args.against)?
    };
    let unfit = |words| Failure::input(words, "see docs/fit.md for lists of incidents");
    let result = fit::incidents::backtest(list, later.as_ref(), source).map_err(unfit)?;
    let text = if args.json {
        serde_json::to_string_pretty(&result)
            .map(|text| text + "\n")
            .map_err(|error| Failure::system("writing JSON", error.into()))?
    } else {
        result.text()
    };
    terminal.write(args.output.as_deref(), &text)?;
    Ok(Answer::Yes)
}

/// The same requests in several runs, which go by their load.
fn load_test(log: &Log) -> bool {
    log.runs.len() >= 2
        && log.runs.iter().all(|run| run.parse::<f64>().is_ok())
        && log.has(Field::Id)
        && fit::server::possible(log)
}

/// The law of a server, from a load test.
fn server(
    args: &Args,
    log: &Log,
    source: &str,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let engine = args
        .engine
        .as_deref()
        .map(fit::server::read_engine_log)
        .transpose()
        .map_err(|words| {
            Failure::input(
                words,
                "an engine log is CSV with t_s, num_running and generation_throughput",
            )
        })?;
    let requests = args
        .output
        .as_deref()
        .map_or_else(|| "requests.csv".to_owned(), requests_name);
    let server = fit::server::fit(log, engine.as_ref(), args.slots)
        .map_err(|words| Failure::input(words, "see docs/fit.md for what a log has to have"))?;
    let written = fit::server_scenario(
        &server,
        source,
        &requests,
        args.engine
            .as_ref()
            .map(|it| names(std::slice::from_ref(it)))
            .as_deref(),
    );
    if let (Some(output), Some(requests)) = (&args.output, &written.requests) {
        terminal.write(
            Some(&output.with_file_name(requests_name(output))),
            requests,
        )?;
    }
    terminal.write(args.output.as_deref(), &written.toml)?;
    Ok(Answer::Yes)
}

/// The file of requests beside a scenario.
fn requests_name(scenario: &Path) -> String {
    let stem = scenario
        .file_stem()
        .map_or_else(|| "scenario".into(), |stem| stem.to_string_lossy());
    format!("{stem}.requests.csv")
}

fn names(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|path| {
            path.file_name().map_or_else(
                || path.display().to_string(),
                |name| name.to_string_lossy().into_owned(),
            )
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// A log that was not taken, with the way out if it is what stands in it.
fn unread(refused: Refused, help: &str) -> Failure {
    let help = if refused.damaged {
        "see that the file is there and whole (`gzip -t FILE` tests one that is packed), or fetch it again"
    } else {
        help
    };
    Failure::input(refused.words, help)
}

/// Reads logs, and says what was found in them.
pub(super) fn read_log(
    paths: &[PathBuf],
    hints: &Hints,
    terminal: &mut Terminal,
) -> Result<Log, Failure> {
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let columns = "name columns with --map FIELD=COLUMN, or the export with --preset";
    let log = log::read(&paths, hints).map_err(|refused| unread(refused, columns))?;
    terminal.note(&described(&log));
    Ok(log)
}

/// What was found in a log, and what was left out.
fn described(log: &Log) -> String {
    let columns: Vec<String> = log
        .columns
        .iter()
        .map(|found| {
            format!(
                "{} = {}",
                found.field.name(),
                crate::reading::harmless(&found.column)
            )
        })
        .collect();
    let mut text = format!(
        "{} rows of {}{}\ncolumns: {}",
        log.rows.len(),
        log.format,
        log.preset
            .map_or(String::new(), |what| format!(", read as {what}")),
        columns.join(", ")
    );
    for broken in &log.broken {
        let lines: Vec<String> = broken.lines.iter().map(u64::to_string).collect();
        let more = if broken.count > broken.lines.len() as u64 {
            ", …"
        } else {
            ""
        };
        let _ = write!(
            text,
            "\nleft out: {} rows, {} (line {}{more})",
            broken.count,
            broken.kind,
            lines.join(", ")
        );
    }
    text
}
