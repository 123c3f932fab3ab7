use std::path::PathBuf;

use crate::checklist::schema::{self, checklist_schema, review_schema};
use crate::reading::nearest;
use crate::report;
use crate::scenario;
use crate::study;

use super::{Answer, Failure, Terminal};

/// Prints the JSON Schema of a file, or its reference
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gonogo schema scenario -o scenario.schema.json\n  gonogo schema scenario --markdown | less"
)]
pub struct Args {
    /// Which file; without it the files are listed
    file: Option<String>,
    /// The reference in Markdown instead
    #[arg(long)]
    markdown: bool,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A file that has a schema: its name, and how its two forms are made.
struct Described {
    name: &'static str,
    about: &'static str,
    schema: fn() -> serde_json::Value,
    markdown: fn() -> String,
}

const FILES: [Described; 5] = [
    Described {
        name: "scenario",
        about: "what the simulator runs",
        schema: scenario::json_schema,
        markdown: scenario::markdown,
    },
    Described {
        name: "checklist",
        about: "what is asked before a launch",
        schema: checklist_schema,
        markdown: || schema::markdown(&checklist_schema()),
    },
    Described {
        name: "review",
        about: "the answers, for one release",
        schema: review_schema,
        markdown: || schema::markdown(&review_schema()),
    },
    Described {
        name: "study",
        about: "what `gonogo simulate --json` writes, drills included",
        schema: study::schema::json_schema,
        markdown: study::schema::markdown,
    },
    Described {
        name: "report",
        about: "what `gonogo report --format json` writes",
        schema: report::json_schema,
        markdown: report::schema_markdown,
    },
];

pub fn run(args: Args, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let Some(name) = &args.file else {
        for file in &FILES {
            terminal.print(&format!("{:<12}{}\n", file.name, file.about))?;
        }
        return Ok(Answer::Yes);
    };
    let Some(file) = FILES.iter().find(|file| file.name == name.as_str()) else {
        let help = match nearest(name, FILES.iter().map(|file| file.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`gonogo schema` lists them".to_owned(),
        };
        return Err(Failure::input(format!("there is no schema `{name}`"), help));
    };
    let text = if args.markdown {
        (file.markdown)()
    } else {
        format!("{:#}\n", (file.schema)())
    };
    terminal.write(args.output.as_deref(), &text)?;
    Ok(Answer::Yes)
}
