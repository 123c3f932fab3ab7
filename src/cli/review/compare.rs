use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::checklist::carry::{Next, carry as carried};
use crate::checklist::diff::diff as differences;
use crate::checklist::merge::{merge as merged, same_meaning};
use crate::checklist::safe::line;
use crate::checklist::{Project, Review, git, read_review};
use crate::reading::{Source, open};

use super::{Answer, Common, Failure, Terminal, refused};

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonogo review carry review.toml --release 1.5.0 -o next.toml")]
pub(super) struct Carry {
    /// The previous review
    old: PathBuf,
    /// Where the next one goes
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Its release
    #[arg(long, value_name = "NAME")]
    release: Option<String>,
    /// Its commit
    #[arg(long, value_name = "COMMIT")]
    commit: Option<String>,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

pub(super) fn carry(
    common: &Common,
    args: &Carry,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    super::missing(&args.old)?;
    let project = Project::load_unchecked(&args.old).map_err(Failure::Files)?;
    if args.output.exists() && !args.force {
        return Err(Failure::input(
            format!("{} is already there", args.output.display()),
            "name another file with -o, or write over it with --force",
        ));
    }
    let next = Next {
        release: args.release.clone(),
        commit: args.commit.clone(),
    };
    let name = args.old.display().to_string();
    let text = carried(
        &name,
        &project.review.source.text,
        &project.checklists,
        &next,
    )
    .map_err(refused)?;
    terminal.write(Some(&args.output), &text)?;
    let done = format!(
        "wrote {}: every answer needs another look",
        args.output.display()
    );
    let text = if common.json {
        format!(
            "{:#}\n",
            json!({ "schema": "gonogo.change/1", "done": done, "changed": true })
        )
    } else {
        format!("{done}\n")
    };
    terminal.print(&text).map(|()| Answer::Yes)
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gonogo review diff old.toml review.toml\n  gonogo review diff main HEAD"
)]
pub(super) struct Diff {
    /// The older review: a file, or a git revision of the review
    old: String,
    /// The newer one; default: the review as it is
    new: Option<String>,
}

pub(super) fn diff(
    common: &Common,
    args: &Diff,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let old = version(common, &args.old)?;
    let new = match &args.new {
        Some(typed) => version(common, typed)?,
        None => version(common, &common.review.display().to_string())?,
    };
    let found = differences(&old, &new);
    if common.json {
        let changes: Vec<_> = found
            .iter()
            .map(|change| json!({ "about": line(&change.about), "field": change.field, "from": change.from.as_deref().map(line), "to": change.to.as_deref().map(line) }))
            .collect();
        return terminal
            .print(&format!(
                "{:#}\n",
                json!({ "schema": "gonogo.diff/1", "changes": changes })
            ))
            .map(|()| Answer::Yes);
    }
    let mut text = String::new();
    for change in &found {
        let side =
            |text: &Option<String>| text.as_deref().map_or_else(|| "nothing".to_owned(), line);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} {}: {} -> {}",
            line(&change.about),
            change.field,
            side(&change.from),
            side(&change.to)
        );
    }
    if found.is_empty() {
        text.push_str("no difference\n");
    }
    terminal.print(&text).map(|()| Answer::Yes)
}

/// A review from a file, or from a git revision of the review.
fn version(common: &Common, typed: &str) -> Result<Review, Failure> {
    let path = Path::new(typed);
    let source = if path.exists() {
        open(path)?
    } else {
        let text = git::show(&common.review, typed).map_err(|why| {
            Failure::input(
                format!("`{typed}` is no file, and {why}"),
                "name two review files, or git revisions of the review",
            )
        })?;
        let text = text.ok_or_else(|| {
            Failure::input(
                format!("{} is not part of {typed}", common.review.display()),
                "name a revision that has it",
            )
        })?;
        Source::new(format!("{} at {typed}", common.review.display()), text)
    };
    Ok(read_review(&source)?)
}

#[derive(Debug, clap::Args)]
pub(super) struct Merge {
    /// The version that both come from (git's %O)
    base: PathBuf,
    /// Our version (git's %A); what comes out is written here
    ours: PathBuf,
    /// Their version (git's %B)
    theirs: PathBuf,
    /// Write what comes out to this file instead
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn merge(
    common: &Common,
    args: &Merge,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let read = |path: &Path| {
        std::fs::read_to_string(path)
            .map_err(|error| Failure::system(format!("reading {}", path.display()), error))
    };
    let (base, ours, theirs) = (read(&args.base)?, read(&args.ours)?, read(&args.theirs)?);
    let mut result = merged(&base, &ours, &theirs)?;
    if result.conflicts.is_empty() {
        // Git's merge of lines keeps comments of both sides; it counts only if it says the same.
        let by_lines = git::merge_lines(&args.base, &args.ours, &args.theirs);
        if let Some(text) = by_lines.filter(|text| same_meaning(text, &result.text)) {
            result.text = text;
        }
    }
    let target = args.output.as_deref().unwrap_or(&args.ours);
    terminal.write(Some(target), &result.text)?;
    if common.json {
        let conflicts: Vec<_> =
            result.conflicts.iter().map(|conflict| json!({ "what": line(&conflict.unit), "ours": line(&conflict.ours), "theirs": line(&conflict.theirs) })).collect();
        terminal.print(&format!(
            "{:#}\n",
            json!({ "schema": "gonogo.merge/1", "conflicts": conflicts })
        ))?;
    }
    for conflict in &result.conflicts {
        terminal.note(&format!(
            "conflict in {}: ours says {}, theirs says {}",
            line(&conflict.unit),
            line(&conflict.ours),
            line(&conflict.theirs)
        ));
    }
    Ok(if result.conflicts.is_empty() {
        Answer::Yes
    } else {
        Answer::No
    })
}
