use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::checklist::actions::find_question;
use crate::checklist::gate::{describe, question_json};
use crate::checklist::history::{effective, history_path};
use crate::checklist::safe::{line, reference};
use crate::checklist::verdict::QuestionState;
use crate::checklist::{Project, Severity, Status, export};

use super::super::check::read_study;
use super::{Answer, Around, Common, Failure, Terminal};

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Only questions that are not met
    #[arg(long)]
    open: bool,
    /// Only questions with this answer
    #[arg(long, value_name = "STATUS", value_parser = clap::builder::PossibleValuesParser::new(Status::WORDS))]
    status: Option<String>,
    /// Only questions of this severity
    #[arg(long, value_name = "SEVERITY", value_parser = clap::builder::PossibleValuesParser::new(Severity::WORDS))]
    severity: Option<String>,
    /// Only questions of this checklist
    #[arg(long, value_name = "ID")]
    checklist: Option<String>,
    /// Also questions hidden by tags or stage
    #[arg(long)]
    all: bool,
    /// A study, for what the simulator says
    #[arg(long, value_name = "FILE")]
    study: Option<PathBuf>,
}

fn around(common: &Common, project: &Project, study: Option<&PathBuf>) -> Result<Around, Failure> {
    let mut around = Around::of(project, common.clock())?;
    if let Some(path) = study {
        around.study = Some(read_study(path, project)?);
    }
    Ok(around)
}

pub(super) fn list(
    common: &Common,
    args: &List,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let project = common.project()?;
    let around = around(common, &project, args.study.as_ref())?;
    let verdict = around.judge(&project);
    let wanted = |state: &&QuestionState<'_>| {
        (args.all || state.hidden.is_none())
            && !(args.open && state.is_met())
            && args
                .status
                .as_ref()
                .is_none_or(|status| state.status.word() == status)
            && args
                .severity
                .as_ref()
                .is_none_or(|severity| state.severity.to_string() == *severity)
            && args
                .checklist
                .as_ref()
                .is_none_or(|id| state.key.checklist == *id)
    };
    let shown: Vec<&QuestionState<'_>> = verdict.questions.iter().filter(wanted).collect();
    if common.json {
        let document = json!({
            "schema": "gonogo.questions/1",
            "verdict": verdict.outcome.to_string(),
            "why": line(&verdict.why),
            "questions": shown.iter().map(|state| question_json(state)).collect::<Vec<_>>(),
        });
        return terminal
            .print(&format!("{document:#}\n"))
            .map(|()| Answer::Yes);
    }
    let mut text = String::new();
    let width = shown
        .iter()
        .map(|state| state.key.to_string().chars().count())
        .max()
        .unwrap_or(0);
    let mut section = String::new();
    for state in &shown {
        let heading = format!("{}: {}", state.key.checklist, state.section);
        if heading != section {
            let gap = if section.is_empty() { "" } else { "\n" };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{gap}{}", line(&heading));
            section = heading;
        }
        let waived = state
            .waived_until
            .map(|until| format!(", waived until {until}"))
            .unwrap_or_default();
        let hidden = if state.hidden.is_some() {
            " (hidden)"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "  {:<7} {:<7} {:<width$}  {}{waived}{hidden}",
            state.status,
            state.severity,
            state.key,
            line(&describe(state))
        );
    }
    let met = verdict.shown().filter(|state| state.is_met()).count();
    let _ = writeln!(
        text,
        "\n{met} of {} met. {}: {}",
        verdict.shown().count(),
        verdict.outcome,
        line(&verdict.why)
    );
    terminal.print(&text).map(|()| Answer::Yes)
}

#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// The question: `production.p95-latency`, or `p95-latency` where only one checklist has it
    question: String,
    /// A study, for what the simulator says
    #[arg(long, value_name = "FILE")]
    study: Option<PathBuf>,
}

pub(super) fn show(
    common: &Common,
    args: &Show,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let project = common.project()?;
    let (key, question) =
        find_question(&project.checklists, &args.question).map_err(super::refused)?;
    let around = around(common, &project, args.study.as_ref())?;
    let verdict = around.judge(&project);
    let Some(state) = verdict.questions.iter().find(|state| state.key == key) else {
        return Err(Failure::input(
            format!("{key} is not part of this review"),
            "`gonogo review list` shows what is",
        ));
    };
    let answer = project.review.answers.get(&key);
    if common.json {
        let mut document = question_json(state);
        if let Some(object) = document.as_object_mut() {
            object.insert("schema".to_owned(), json!("gonogo.question/1"));
            for (name, text) in [
                ("ask", &question.ask),
                ("why", &question.why),
                ("how", &question.how),
                ("proof", &question.proof),
                ("blocks_when", &question.blocks_when),
            ] {
                object.insert(name.to_owned(), json!(line(text)));
            }
            object.insert("clauses".to_owned(), clauses(&question.maps_to));
            object.insert(
                "note".to_owned(),
                json!(answer.and_then(|answer| answer.note.as_deref()).map(line)),
            );
            object.insert(
                "evidence".to_owned(),
                json!(answer.map(|answer| &answer.evidence)),
            );
        }
        return terminal
            .print(&format!("{document:#}\n"))
            .map(|()| Answer::Yes);
    }
    terminal
        .print(&shown(&project, state))
        .map(|()| Answer::Yes)
}

fn clauses(list: &[crate::checklist::Clause]) -> Value {
    list.iter()
        .map(|clause| json!({ "standard": clause.standard, "clause": clause.clause }))
        .collect()
}

/// A label and what it labels; no label for the heading.
type Line = (&'static str, String);

fn shown(project: &Project, state: &QuestionState<'_>) -> String {
    let mut lines = question_lines(project, state);
    lines.extend(answer_lines(project, state));
    let mut text = String::new();
    for (label, content) in lines
        .iter()
        .filter(|(_, content)| !content.trim().is_empty())
    {
        let label = if label.is_empty() {
            String::new()
        } else {
            format!("{label:<10}")
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{label}{}", line(content));
    }
    text
}

fn question_lines(project: &Project, state: &QuestionState<'_>) -> Vec<Line> {
    let question = state.question;
    let clauses: Vec<String> = question
        .maps_to
        .iter()
        .map(|clause| format!("{} {}", clause.standard, clause.clause))
        .collect();
    let mut lines = vec![
        (
            "",
            format!("{} ({}, {})", state.key, state.severity, question.role),
        ),
        ("", question.ask.clone()),
        ("why", question.why.clone()),
        ("how", question.how.clone()),
        ("counts", question.proof.clone()),
        ("blocks", question.blocks_when.clone()),
        ("clauses", clauses.join("; ")),
    ];
    if let Some(applies) = &question.applies {
        let expected = applies
            .expected
            .map(|day| format!(", expected to move to {day}"))
            .unwrap_or_default();
        let text = format!(
            "from {}{expected} (looked up on {}). {}",
            applies.from, applies.verified_on, applies.note
        );
        lines.push(("applies", text));
    }
    for choice in &question.choices {
        let answer = project.review.answers.get(&state.key);
        let mark = if answer.is_some_and(|answer| answer.choices.contains(&choice.id)) {
            "x"
        } else {
            " "
        };
        lines.push((
            "choice",
            format!("[{mark}] {}: {}", choice.id, choice.title),
        ));
    }
    for heard in &state.heard {
        let found = if heard.found.is_empty() {
            String::new()
        } else {
            format!(": {}", heard.found)
        };
        lines.push((
            "simulator",
            format!("{}: {}{found}", heard.word, heard.asked),
        ));
    }
    lines
}

fn answer_lines(project: &Project, state: &QuestionState<'_>) -> Vec<Line> {
    let mut lines = vec![("answer", format!("{}: {}", state.status, describe(state)))];
    if let Some(answer) = project.review.answers.get(&state.key) {
        let answered = answer
            .answered_by
            .as_ref()
            .map(|who| match answer.answered_at {
                Some(at) => format!("{who}, {at}"),
                None => who.clone(),
            });
        let optional = [
            ("note", answer.note.clone()),
            ("owner", answer.owner.clone()),
            ("due", answer.due.map(|day| day.to_string())),
            ("answered", answered),
            ("reviewed", answer.reviewed_by.clone()),
        ];
        lines.extend(
            optional
                .into_iter()
                .filter_map(|(label, text)| Some((label, text?))),
        );
        for id in &answer.evidence {
            let text = project
                .review
                .evidence
                .get(id)
                .map_or_else(String::new, |piece| {
                    let day = piece
                        .collected
                        .map(|day| format!(", collected {day}"))
                        .unwrap_or_default();
                    format!(": {} {}{day}", piece.kind, reference(&piece.reference))
                });
            lines.push(("evidence", format!("{id}{text}")));
        }
    }
    if let Some(waiver) = project.review.waivers.get(&state.key) {
        let until = waiver
            .expires
            .map(|day| day.to_string())
            .unwrap_or_default();
        let holds = if state.waived_until.is_some() {
            ""
        } else {
            " (does not hold)"
        };
        let by = waiver.approved_by.as_deref().unwrap_or_default();
        lines.push((
            "waiver",
            format!("until {until} by {by}{holds}: {}", waiver.reason),
        ));
    }
    lines.extend(
        state
            .remarks
            .iter()
            .map(|remark| ("remark", remark.clone())),
    );
    lines
}

#[derive(Debug, clap::Args)]
pub(super) struct History {
    /// Only changes to this question
    question: Option<String>,
}

pub(super) fn history(
    common: &Common,
    args: &History,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    super::missing(&common.review)?;
    let read = |path: &std::path::Path| match std::fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Failure::system(
            format!("reading {}", path.display()),
            error,
        )),
    };
    let path = history_path(&common.review);
    let (entries, unreadable) = effective(&read(&path)?, &read(&common.review)?);
    let wanted: Vec<_> = entries
        .into_iter()
        .filter(|entry| match &args.question {
            None => true,
            Some(typed) => entry
                .question
                .as_ref()
                .is_some_and(|key| key == typed || key.rsplit('.').next() == Some(typed)),
        })
        .collect();
    if common.json {
        let document = json!({ "schema": "gonogo.history/1", "unreadable_lines": unreadable, "entries": wanted });
        return terminal
            .print(&format!("{document:#}\n"))
            .map(|()| Answer::Yes);
    }
    let mut text = String::new();
    for entry in &wanted {
        let from = entry.from.as_deref().unwrap_or("nothing");
        let to = entry.to.as_deref().unwrap_or("nothing");
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}  {}  {}  {}: {} -> {}",
            entry.when,
            line(&entry.who),
            line(&entry.cause),
            line(&entry.path),
            line(from),
            line(to)
        );
    }
    if unreadable > 0 {
        terminal.note(&format!(
            "{unreadable} lines of {} cannot be read; they are left as they are",
            path.display()
        ));
    }
    if wanted.is_empty() {
        text.push_str("no changes through gonogo yet\n");
    }
    terminal.print(&text).map(|()| Answer::Yes)
}

#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// markdown or csv
    #[arg(long, default_value = "markdown", value_parser = ["markdown", "csv"])]
    format: String,
    /// Write to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A study, for what the simulator says
    #[arg(long, value_name = "FILE")]
    study: Option<PathBuf>,
}

pub(super) fn export(
    common: &Common,
    args: &Export,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let project = common.project()?;
    let around = around(common, &project, args.study.as_ref())?;
    let verdict = around.judge(&project);
    let text = if args.format == "csv" {
        export::csv(&project, &verdict)
            .map_err(|error| Failure::system("writing CSV", std::io::Error::other(error)))?
    } else {
        export::to_markdown(&project, &verdict)
    };
    terminal
        .write(args.output.as_deref(), &text)
        .map(|()| Answer::Yes)
}
