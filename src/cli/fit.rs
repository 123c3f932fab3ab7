use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::fit;
use crate::reading::log::{self, Field, Hints, Log, Preset};

use super::{Answer, Failure, Terminal};

/// Writes a scenario from logs of real requests, with how sure each value is
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gonogo fit november.csv.gz -o scenario.toml               rate, tokens, latency and failures of a gateway's log
  gonogo fit spans.jsonl --preset opentelemetry             OTLP-JSON, JSON lines and CSV, plain or gzip
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
    /// Where the scenario goes; the requests that it replays go beside it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn mapped(text: &str) -> Result<(Field, String), String> {
    let fields = || Field::all().map(Field::name).collect::<Vec<_>>().join(", ");
    let (field, column) = text
        .split_once('=')
        .ok_or_else(|| format!("expected FIELD=COLUMN; fields are {}", fields()))?;
    let field = Field::named(field.trim())
        .ok_or_else(|| format!("there is no field `{field}`; fields are {}", fields()))?;
    Ok((field, column.trim().to_owned()))
}

fn preset(text: &str) -> Result<&'static Preset, String> {
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
    let paths: Vec<&Path> = args.logs.iter().map(PathBuf::as_path).collect();
    let log = log::read(&paths, &hints).map_err(|words| {
        Failure::input(
            words,
            "name columns with --map FIELD=COLUMN, or the export with --preset",
        )
    })?;
    terminal.note(&described(&log));
    let source = names(&args.logs);
    if !(args.server || args.engine.is_some() || args.slots.is_some() || load_test(&log)) {
        let traffic = fit::traffic::fit(log, &source, args.utc_offset)
            .map_err(|words| Failure::input(words, "see docs/fit.md for what a log has to have"))?;
        terminal.write(args.output.as_deref(), &traffic.scenario())?;
        return Ok(Answer::Yes);
    }
    server(&args, &log, &source, terminal)
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
