//! The reference of the scenario file, written from the table of fields.

use std::fmt::Write as _;

use super::fields::{self, Field, Kind};

/// `docs/scenario.md`.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from(HEAD);
    let mut table = None;
    for field in fields::all().filter(|field| !is_entry(field)) {
        let home = field.path.rsplit_once('.').map_or("", |(home, _)| home);
        let opens = is_section(field);
        // Writing to a string cannot fail.
        if opens {
            let _ = writeln!(
                text,
                "\n## {}\n\n{} {}\n",
                heading(field),
                about(field),
                without(field)
            );
            table = None;
            continue;
        }
        let section = section_of(field.path);
        if table != Some(section) {
            if section.is_empty() && home.is_empty() {
                text.push_str("\n## At the top\n\n");
            }
            text.push_str("| field | what it holds | unit | without it | example |\n| --- | --- | --- | --- | --- |\n");
            table = Some(section);
        }
        let _ = writeln!(text, "{}", row(field, section));
    }
    text.push_str(TAIL);
    text
}

const HEAD: &str = "# The scenario file

<!-- Written from the table of fields in src/scenario/fields/. Do not edit: run
     `gonogo schema scenario --markdown -o docs/scenario.md`. -->

A scenario says what a feature is, what it runs on, and which ways of building it are compared. The smallest one is a
rate, a class, a model and a strategy. `gonogo init` writes one, `gonogo validate` checks it,
`gonogo validate --resolved` shows it with everything that it inherits and every default, and `gonogo schema scenario`
prints a JSON Schema for editors.

An unknown key is an error. What is left out does not flatter: it is simulated as absent, or as the dated default of the
price catalogue, and is shown as *not modelled* or *assumed* in every result.

## Numbers

A number can be written in these ways, wherever a field holds a *fact* or a *draw*.

| written | means |
| --- | --- |
| `0.8` | known exactly |
| `\"8_000 to 12_000\"` | 90% of the mass lies between: log-normal where both ends are above 0, else normal |
| `{ p50 = 0.8, p95 = 2.4 }` | log-normal through two quantiles, any two of `p05 p10 p25 p50 p75 p90 p95 p99` |
| `{ mean = 400, cv = 0.6 }` | log-normal with that mean and coefficient of variation; `dist = \"gamma\"` for gamma |
| `{ mix = [ { share = 0.98, p50 = 0.6, p95 = 1.1 }, { share = 0.02, p50 = 4, p95 = 12 } ] }` | a mixture |
| `{ dist = \"…\", … }` | constant, uniform, triangular, pert, normal, lognormal, gamma, exponential, weibull, pareto, beta, poisson, geometric, discrete (`values` and `weights`), empirical (`samples`, or `file` and `column`) |

Any of them takes `min` and `max`, which cut the distribution and rescale the rest. Parameters inside a draw may
themselves be uncertain: `{ p50 = \"300 to 500\", p95 = 1800 }`.

- A **fact** is drawn once per simulated month: a spread means that we do not know it.
- A **draw** is drawn each time it is used: a spread means that it varies.

The field decides which of the two it is, never the way it is written.
";

const TAIL: &str = "
## Inheritance

`extends` builds a strategy on others. A field given replaces the inherited one whole; `false` takes it away. With several
parents it is what they inherit, then what each of them says itself, in this order, then what the strategy says itself.

## Presets

- `hourly = \"business\"` has 81% of the traffic between 8 and 18 h, with a dip at noon and 2.3 times the mean at 10 and
  14 h: an assumption. `\"consumer\"` is lowest at 4 h and highest from 19 to 22 h, at 1.7 times the mean, between what two
  public logs show (ServeGen's small models 1.45, BurstGPT 1.8). `\"flat\"` has all hours alike. Weights of your own are
  better than any of them.
- `retry = \"openai-sdk\"` and `\"anthropic-sdk\"` are three attempts with waits of 0.5 s, doubling up to 8 s, each cut by up
  to a quarter; `\"litellm-router\"` lengthens each by up to 0.75 s instead. All three bring their clients' timeout of 600 s
  per attempt, unless the strategy states `timeout_s`.
- `outage = \"openai-history\"` and `\"anthropic-history\"` take gaps and lengths of incidents from what the status pages
  recorded, scaled so that the mean share of failed requests is theirs.

## Paths

`[sources]` and `[optimize]` name fields by their path: `models.gpt-4.first_token_s`, `workload.class.simple.turns`,
`strategies.cached.response_cache.ttl_h`. Classes and drills go by their name, spikes by their number, counted from 1.
A source may also be given for a whole table: `models.gpt-4`.
";

/// Tables that get a heading of their own: those of the file's first level, and those with names.
fn is_section(field: &Field) -> bool {
    let table = matches!(field.kind, Kind::Table(_))
        || (field.kind == Kind::List && field.path != "study.volumes");
    table && section_of(field.path) == field.path
}

/// The section that a path belongs to.
fn section_of(path: &str) -> &'static str {
    const SECTIONS: [&str; 17] = [
        "workload.spike.*",
        "workload.replay",
        "workload.class.*",
        "models.*",
        "providers.*",
        "strategies.*",
        "drill.*",
        "study",
        "budget",
        "currency",
        "slo",
        "workload",
        "evals",
        "audit",
        "fixed",
        "sources",
        "optimize",
    ];
    SECTIONS
        .into_iter()
        .find(|section| {
            path.strip_prefix(section)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
        .unwrap_or("")
}

/// Rows that would repeat what another row or a heading says: entries of lists, and the tables whose entries have a
/// heading.
fn is_entry(field: &Field) -> bool {
    let list = |path: &str| {
        fields::get(path).is_some_and(|home| matches!(home.kind, Kind::List | Kind::Choice(_)))
    };
    let home = field.path.strip_suffix(".*");
    let entry = home.is_some_and(list) && section_of(field.path) != field.path;
    let headed = |path: &str| section_of(&format!("{path}.*")).len() == path.len() + 2;
    entry || headed(field.path)
}

/// What a section is about, with what the list or table of such sections is about.
fn about(field: &Field) -> String {
    match field.path.strip_suffix(".*").and_then(fields::get) {
        Some(all) => format!("{} {}", all.about, field.about),
        None => field.about.to_owned(),
    }
}

fn heading(field: &Field) -> String {
    match field.path {
        "workload.spike.*" => "`[[workload.spike]]`".to_owned(),
        "workload.class.*" => "`[[workload.class]]`".to_owned(),
        "drill.*" => "`[[drill]]`".to_owned(),
        path => format!("`[{}]`", path.replace('*', "NAME")),
    }
}

fn without(field: &Field) -> String {
    match field.absent {
        fields::Absent::Required => "Required.".to_owned(),
        _ => format!("Without it: {}.", field.default_in_words()),
    }
}

fn row(field: &Field, section: &str) -> String {
    let name = field
        .path
        .strip_prefix(section)
        .unwrap_or(field.path)
        .trim_start_matches('.');
    let name = if name.is_empty() { field.path } else { name };
    let name = name.replace('*', "NAME");
    let what = format!("{}: {}", kind(field), field.about);
    let example = if field.example.is_empty() {
        String::new()
    } else {
        format!("`{}`", field.example)
    };
    let cells = [
        format!("`{name}`"),
        what,
        field.unit.to_owned(),
        field.default_in_words(),
        example,
    ];
    format!(
        "| {} |",
        cells.map(|cell| cell.replace('|', "\\|")).join(" | ")
    )
}

fn kind(field: &Field) -> String {
    let words = |words: &[&str]| {
        let quoted = |word: &&str| match *word {
            "*" => "a name".to_owned(),
            "[]" => "a list".to_owned(),
            "true" | "false" => (*word).to_owned(),
            word => format!("\"{word}\""),
        };
        words.iter().map(quoted).collect::<Vec<_>>().join(", ")
    };
    match field.kind {
        Kind::Fact => "fact".to_owned(),
        Kind::Draw => "draw".to_owned(),
        Kind::Number => "plain number".to_owned(),
        Kind::Integer => "whole number".to_owned(),
        Kind::Text => "text".to_owned(),
        Kind::Choice(choices) => format!("one of {}", words(choices)),
        Kind::Flag => "true or false".to_owned(),
        Kind::List => "list".to_owned(),
        Kind::Date => "day".to_owned(),
        Kind::Table(&[]) => "table".to_owned(),
        Kind::Table(instead) => format!("table, or {}", words(instead)),
        Kind::FactOrTable => "fact, or table of facts".to_owned(),
    }
}
