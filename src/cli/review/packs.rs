use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::checklist::actions::find_question;
use crate::checklist::add_question::{
    ChangedQuestion, NewQuestion, with_changed_question, with_question,
};
use crate::checklist::import::import;
use crate::checklist::safe::line;
use crate::checklist::{
    self, Checklist, EvidenceNeed, Severity, actions, counted, is_id, own_path, read_checklist,
};
use crate::reading::Source;

use super::{Answer, Common, Failure, Terminal, refused};

#[derive(Debug, clap::Args)]
pub(super) struct Repin {
    /// Checklists; default: all of the review's
    checklists: Vec<String>,
}

pub(super) fn repin(
    common: &Common,
    args: &Repin,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let project = common.loose_project()?;
    for id in &args.checklists {
        if !project.checklists.iter().any(|list| list.id == *id) {
            let near =
                crate::reading::nearest(id, project.checklists.iter().map(|list| list.id.as_str()));
            let help = near.map_or_else(
                || "`gonogo review checklists` shows them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Failure::input(
                format!("`{id}` is none of the review's checklists"),
                help,
            ));
        }
    }
    let chosen: Vec<&Checklist> = project
        .checklists
        .iter()
        .filter(|list| args.checklists.is_empty() || args.checklists.contains(&list.id))
        .collect();
    let author = common.author("repin")?;
    let (marked, changed) = common.change(&author, |draft| {
        let mut marked = Vec::new();
        for checklist in &chosen {
            marked.extend(actions::repin(draft, checklist)?);
        }
        Ok(marked)
    })?;
    let names: Vec<String> = marked.iter().map(ToString::to_string).collect();
    let done = if names.is_empty() {
        "pinned; no answer is affected".to_owned()
    } else {
        format!("pinned; look again at {}", names.join(", "))
    };
    common.report(terminal, &done, changed)
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gonogo review checklists\n  gonogo review checklists --add privacy\n  gonogo review checklists --import lens.json --id our-lens"
)]
pub(super) struct Checklists {
    /// Take a checklist in, with a stub for each of its questions
    #[arg(long, value_name = "ID", conflicts_with = "import")]
    add: Option<String>,
    /// Import an AWS Well-Architected custom lens (JSON) or a deon checklist (YAML) and take it in
    #[arg(long, value_name = "FILE", requires = "id")]
    import: Option<PathBuf>,
    /// The id that an imported checklist gets
    #[arg(long, value_name = "ID", requires = "import")]
    id: Option<String>,
    /// Write over a checklist of the project that is there
    #[arg(long, requires = "import")]
    force: bool,
}

pub(super) fn checklists(
    common: &Common,
    args: &Checklists,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    if let Some(id) = &args.add {
        return add(common, id, terminal);
    }
    if let (Some(file), Some(id)) = (&args.import, &args.id) {
        return take_over(common, file, id, args.force, terminal);
    }
    let folder = common.review.parent().unwrap_or(Path::new("."));
    let used = if common.review.exists() {
        common.loose_project()?.review.checklists
    } else {
        Vec::new()
    };
    let mut rows = Vec::new();
    for id in checklist::available(folder) {
        match checklist::find(folder, &id) {
            Some(Ok(list)) => rows.push(list),
            Some(Err(problems)) => return Err(problems.into()),
            None => {}
        }
    }
    if common.json {
        let lists: Vec<_> = rows
            .iter()
            .map(|list| json!({
                "id": list.id, "title": line(&list.title), "version": line(&list.version), "questions": list.questions().count(),
                "shipped": list.shipped, "in_use": used.contains(&list.id), "sha256": list.sha256, "about": line(&list.about),
            }))
            .collect();
        return terminal
            .print(&format!(
                "{:#}\n",
                json!({ "schema": "gonogo.checklists/1", "checklists": lists })
            ))
            .map(|()| Answer::Yes);
    }
    let mut text = String::new();
    for list in &rows {
        let mark = if used.contains(&list.id) { "*" } else { " " };
        let own = if list.shipped {
            ""
        } else {
            " (the project's own)"
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{mark} {:<12} {:>3}  {}{own}",
            list.id,
            list.questions().count(),
            line(&list.about)
        );
    }
    text.push_str("\n* in this review. `gonogo review checklists --add ID` takes one in.\n");
    terminal.print(&text).map(|()| Answer::Yes)
}

fn add(common: &Common, id: &str, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let project = common.project()?;
    let list = if let Some(found) = checklist::find(&project.folder, id) {
        found?
    } else {
        let ids = checklist::available(&project.folder);
        let near = crate::reading::nearest(id, ids.iter().map(String::as_str));
        let help = near.map_or_else(
            || "`gonogo review checklists` shows them".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(Failure::input(
            format!("there is no checklist `{id}`"),
            help,
        ));
    };
    let author = common.author("checklists")?;
    let ((), changed) = common.change(&author, |draft| actions::take_in(draft, &list))?;
    common.report(
        terminal,
        &format!(
            "{} is in, with {}",
            list.id,
            counted(list.questions().count(), "question", "questions")
        ),
        changed,
    )
}

fn take_over(
    common: &Common,
    file: &Path,
    id: &str,
    force: bool,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let folder = common.review.parent().unwrap_or(Path::new("."));
    let target = own_path(folder, id);
    if (target.exists() || checklist::shipped_text(id).is_some()) && !force {
        return Err(Failure::input(
            format!("there is a checklist `{id}` already"),
            "choose another --id, or write over it with --force",
        ));
    }
    let source = crate::reading::open(file)?;
    let imported = import(&source.text, id).map_err(|why| {
        Failure::input(
            format!(
                "{}:{}{why}",
                file.display(),
                if why.starts_with(|first: char| first.is_ascii_digit()) {
                    ""
                } else {
                    " "
                }
            ),
            "an AWS Well-Architected custom lens (JSON) or a deon checklist (YAML) was expected",
        )
    })?;
    // What is written must read back.
    let list = read_checklist(
        &Source::new(target.display().to_string(), imported.text.as_str()),
        false,
    )?;
    write_checklist(&target, &imported.text, terminal)?;
    for loss in &imported.losses {
        terminal.note(&format!("note: {}", line(loss)));
    }
    let questions = counted(imported.questions, "question", "questions");
    if !common.review.exists() {
        return terminal
            .print(&format!("wrote {} with {questions}\n", target.display()))
            .map(|()| Answer::Yes);
    }
    let author = common.author("checklists")?;
    let ((), changed) = common.change(&author, |draft| actions::take_in(draft, &list))?;
    common.report(
        terminal,
        &format!(
            "wrote {} with {questions}, and took it in",
            target.display()
        ),
        changed,
    )
}

fn write_checklist(target: &Path, text: &str, terminal: &mut Terminal) -> Result<(), Failure> {
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::system(format!("making {}", folder.display()), error))?;
    }
    terminal.write(Some(target), text)
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  gonogo review add-question refund-limits --checklist production --section quality --ask \"Are refunds above 100 dollars approved by a person?\" --severity blocker"
)]
pub(super) struct AddQuestion {
    /// Its id: letters, digits, `-` and `_`
    id: String,
    /// The checklist; a shipped one is copied into the project first
    #[arg(long, value_name = "ID", default_value = "production")]
    checklist: String,
    /// The section; made if it is not there
    #[arg(long, value_name = "ID")]
    section: String,
    /// The question
    #[arg(long, value_name = "TEXT")]
    ask: String,
    /// A few words for lists
    #[arg(long, value_name = "TEXT", default_value = "")]
    short: String,
    /// Why it is asked
    #[arg(long, value_name = "TEXT", default_value = "")]
    why: String,
    /// Who usually answers
    #[arg(long, value_name = "ROLE", default_value = "")]
    role: String,
    /// How much hangs on it
    #[arg(long, default_value = "major", value_parser = clap::builder::PossibleValuesParser::new(Severity::WORDS))]
    severity: String,
    /// What an answer needs beside it
    #[arg(long, default_value = "text", value_parser = clap::builder::PossibleValuesParser::new(EvidenceNeed::WORDS))]
    evidence: String,
}

pub(super) fn add_question(
    common: &Common,
    args: &AddQuestion,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let project = common.loose_project()?;
    for (name, id) in [
        ("question", &args.id),
        ("section", &args.section),
        ("checklist", &args.checklist),
    ] {
        if !is_id(id) {
            return Err(Failure::input(
                format!("`{id}` cannot be the id of a {name}"),
                "use letters, digits, `-` and `_`",
            ));
        }
    }
    let target = own_path(&project.folder, &args.checklist);
    let text = match checklist::find(&project.folder, &args.checklist) {
        Some(found) => found?.source.text.clone(),
        None => format!(
            "schema = 1\nid = \"{0}\"\ntitle = \"{0}\"\nversion = \"1.0.0\"\n",
            args.checklist
        ),
    };
    let new = NewQuestion {
        id: &args.id,
        section: &args.section,
        ask: &args.ask,
        short: &args.short,
        why: &args.why,
        severity: &args.severity,
        role: &args.role,
        evidence: &args.evidence,
    };
    let text = with_question(&text, &new).map_err(refused)?;
    let list = read_checklist(
        &Source::new(target.display().to_string(), text.as_str()),
        false,
    )?;
    let author = common.author("add-question")?;
    write_checklist(&target, &text, terminal)?;
    let ((), changed) = common.change(&author, |draft| actions::take_in(draft, &list))?;
    common.report(
        terminal,
        &format!(
            "wrote {}; {}.{} is a question now",
            target.display(),
            args.checklist,
            args.id
        ),
        changed,
    )
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  gonogo review change-question p95-latency --ask \"Are 95% of answers complete within 8 seconds?\" --meaning"
)]
pub(super) struct ChangeQuestion {
    /// The question
    question: String,
    /// What is asked
    #[arg(long, value_name = "TEXT")]
    ask: Option<String>,
    /// A few words for lists
    #[arg(long, value_name = "TEXT")]
    short: Option<String>,
    /// Why it is asked
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// How to find out
    #[arg(long, value_name = "TEXT")]
    how: Option<String>,
    /// Who usually answers
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// How much hangs on it
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(Severity::WORDS))]
    severity: Option<String>,
    /// What an answer needs beside it
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(EvidenceNeed::WORDS))]
    evidence: Option<String>,
    /// Its meaning has changed: older answers need another look
    #[arg(long)]
    meaning: bool,
}

pub(super) fn change_question(
    common: &Common,
    args: &ChangeQuestion,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let project = common.project()?;
    let (key, _) = find_question(&project.checklists, &args.question).map_err(refused)?;
    let list = project
        .checklists
        .iter()
        .find(|list| list.id == key.checklist)
        .ok_or_else(|| refused(format!("the review has no checklist `{}`", key.checklist)))?;
    let new = ChangedQuestion {
        ask: args.ask.as_deref(),
        short: args.short.as_deref(),
        why: args.why.as_deref(),
        how: args.how.as_deref(),
        severity: args.severity.as_deref(),
        role: args.role.as_deref(),
        evidence: args.evidence.as_deref(),
        meaning: args.meaning,
    };
    let text = with_changed_question(list, &key.question, &new).map_err(refused)?;
    let target = own_path(&project.folder, &key.checklist);
    let list = read_checklist(
        &Source::new(target.display().to_string(), text.as_str()),
        false,
    )?;
    let author = common.author("change-question")?;
    write_checklist(&target, &text, terminal)?;
    let ((), changed) = common.change(&author, |draft| actions::take_in(draft, &list))?;
    common.report(
        terminal,
        &format!("wrote {}; {key} is changed", target.display()),
        changed,
    )
}
