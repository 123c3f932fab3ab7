use crate::checklist::actions::{self, NewAnswer, NewEvidence, find_question};
use crate::checklist::{self, Clock, EvidenceKind, Key, Project, Status, hash_file};

use super::{Answer, Common, Failure, Terminal, day, refused};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gonogo review set p95-latency yes --evidence load-test\n  gonogo review set production.fallback no --owner \"Bo\" --due +30d\n  gonogo review set p95-latency --reviewed-by \"Cy Example <cy@example.org>\""
)]
pub(super) struct Set {
    /// The question
    question: String,
    /// The answer
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(Status::WORDS))]
    status: Option<String>,
    /// Reasons and remarks
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Who sees to what is open
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// By when: 2026-12-01, +30d, next fri
    #[arg(long, value_name = "DATE")]
    due: Option<String>,
    /// Evidence to attach, by its id; repeatable
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    evidence: Vec<String>,
    /// Who else looked at the answer
    #[arg(long, value_name = "NAME")]
    reviewed_by: Option<String>,
    /// Practices that are in place, for imported questions: `a,b`, or nothing
    #[arg(long, value_name = "IDS", value_delimiter = ',', num_args = 0..)]
    choices: Option<Vec<String>>,
}

pub(super) fn set(common: &Common, args: Set, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let project = common.project()?;
    let (key, _) = find_question(&project.checklists, &args.question).map_err(refused)?;
    let author = common.author("set")?;
    let new = NewAnswer {
        status: args.status.as_deref().and_then(Status::from_word),
        note: args.note,
        owner: args.owner,
        due: args.due.map(|text| day(&text, author.clock)).transpose()?,
        reviewed_by: args.reviewed_by,
        evidence: args.evidence,
        choices: args
            .choices
            .map(|ids| ids.into_iter().filter(|id| !id.is_empty()).collect()),
        answered_by: None,
    };
    if is_nothing(&new) {
        return Err(Failure::input(
            format!("nothing to set for {key}"),
            "add an answer (yes, partial, no, unknown, na) or a flag such as --note",
        ));
    }
    let ((), changed) = common.change(&author, |draft| {
        actions::set_answer(draft, &project.checklists, &key, &new, &author)
    })?;
    let done = new.status.map_or_else(
        || format!("saved {key}"),
        |status| format!("{key} is {status}"),
    );
    common.report(terminal, &done, changed)
}

fn is_nothing(new: &NewAnswer) -> bool {
    new.status.is_none()
        && new.note.is_none()
        && new.owner.is_none()
        && new.due.is_none()
        && new.reviewed_by.is_none()
        && new.evidence.is_empty()
        && new.choices.is_none()
}

#[derive(Debug, clap::Args)]
pub(super) struct Note {
    /// The question
    question: String,
    /// The note
    text: String,
}

pub(super) fn note(
    common: &Common,
    args: Note,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let project = common.project()?;
    let (key, _) = find_question(&project.checklists, &args.question).map_err(refused)?;
    let author = common.author("note")?;
    let new = NewAnswer {
        note: Some(args.text),
        ..NewAnswer::default()
    };
    let ((), changed) = common.change(&author, |draft| {
        actions::set_answer(draft, &project.checklists, &key, &new, &author)
    })?;
    common.report(terminal, &format!("noted at {key}"), changed)
}

#[derive(Debug, clap::Args)]
pub(super) struct Evidence {
    #[command(subcommand)]
    command: EvidenceCommand,
}

#[derive(Debug, clap::Subcommand)]
enum EvidenceCommand {
    /// Adds a piece of evidence
    Add(Add),
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  gonogo review evidence add load-test-nov --kind file --ref loadtest.json --for p95-latency --watch \"prompts/**\""
)]
pub(super) struct Add {
    /// Its id: letters, digits, `-` and `_`
    id: String,
    /// What it is
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(EvidenceKind::WORDS))]
    kind: String,
    /// A path inside the repository, an address, a ticket, a sentence
    #[arg(long = "ref", value_name = "REF")]
    reference: String,
    /// When it was collected; default: today
    #[arg(long, value_name = "DATE")]
    collected: Option<String>,
    /// Files whose change after the review's commit makes it stale; repeatable
    #[arg(long, value_name = "PATTERN")]
    watch: Vec<String>,
    /// Questions that it is for; repeatable
    #[arg(long = "for", value_name = "QUESTION")]
    questions: Vec<String>,
}

pub(super) fn evidence(
    common: &Common,
    args: Evidence,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let EvidenceCommand::Add(args) = args.command;
    let project = common.project()?;
    let author = common.author("evidence")?;
    let for_questions: Result<Vec<Key>, String> = args
        .questions
        .iter()
        .map(|typed| find_question(&project.checklists, typed).map(|(key, _)| key))
        .collect();
    let kind = EvidenceKind::ALL
        .into_iter()
        .find(|kind| kind.word() == args.kind)
        .unwrap_or(EvidenceKind::Statement);
    let mut new = NewEvidence {
        id: args.id,
        kind,
        reference: args.reference,
        sha256: None,
        collected: args
            .collected
            .map_or(Ok(author.clock.today()), |text| day(&text, author.clock))?,
        watch: args.watch,
        for_questions: for_questions.map_err(refused)?,
    };
    new.sha256 = digest_of(&project, &new)?;
    let ((), changed) = common.change(&author, |draft| {
        actions::add_evidence(draft, &project.checklists, &new, &author)
    })?;
    common.report(terminal, &format!("evidence {} is in", new.id), changed)
}

/// The digest of an evidence file, so that a later change shows.
fn digest_of(project: &Project, new: &NewEvidence) -> Result<Option<String>, Failure> {
    let piece = checklist::Evidence {
        kind: new.kind,
        reference: new.reference.clone(),
        sha256: None,
        collected: None,
        watch: Vec::new(),
    };
    if !piece.is_file() {
        return Ok(None);
    }
    let path = project.folder.join(&new.reference);
    match hash_file(&path) {
        Ok(digest) => Ok(Some(digest)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Failure::input(
            format!("there is no file {}", path.display()),
            "name a file relative to the review, or choose --kind link, ticket or statement",
        )),
        Err(error) => Err(Failure::system(
            format!("reading {}", path.display()),
            error,
        )),
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Waive {
    /// The question
    question: String,
    /// Why the risk is accepted
    #[arg(long, value_name = "TEXT", required_unless_present = "revoke")]
    reason: Option<String>,
    /// Who accepts it: listed under roles, and neither owner nor answerer
    #[arg(long, value_name = "NAME", required_unless_present = "revoke")]
    approved_by: Option<String>,
    /// Last day: 2026-12-01, +30d, next fri
    #[arg(long, value_name = "DATE", required_unless_present = "revoke")]
    expires: Option<String>,
    /// How large the risk is
    #[arg(long, value_name = "TEXT")]
    risk: Option<String>,
    /// A control that works today
    #[arg(long, value_name = "TEXT")]
    compensating: Option<String>,
    /// Take the waiver back
    #[arg(long, conflicts_with_all = ["reason", "approved_by", "expires"])]
    revoke: bool,
}

pub(super) fn waive(
    common: &Common,
    args: &Waive,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let project = common.project()?;
    let (key, _) = find_question(&project.checklists, &args.question).map_err(refused)?;
    let author = common.author("waive")?;
    if args.revoke {
        let ((), changed) = common.change(&author, |draft| actions::revoke_waiver(draft, &key))?;
        return common.report(terminal, &format!("{key} is no longer waived"), changed);
    }
    let waiver = waiver(args, author.clock)?;
    let ((), changed) = common.change(&author, |draft| {
        actions::waive(draft, &project.checklists, &key, &waiver, author.clock)
    })?;
    let until = waiver
        .expires
        .map(|day| day.to_string())
        .unwrap_or_default();
    common.report(terminal, &format!("{key} is waived until {until}"), changed)
}

fn waiver(args: &Waive, clock: Clock) -> Result<checklist::Waiver, Failure> {
    Ok(checklist::Waiver {
        reason: args.reason.clone().unwrap_or_default(),
        risk: args.risk.clone(),
        compensating: args.compensating.clone(),
        approved_by: args.approved_by.clone(),
        approved_on: Some(clock.today()),
        expires: args
            .expires
            .as_deref()
            .map(|text| day(text, clock))
            .transpose()?,
    })
}
