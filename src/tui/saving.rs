//! Changes of the review as values: made by a key, a form or a line of the plain interview, carried out through the
//! library of `checklist`, saved at once, and undone as a whole.
//!
//! A change runs on the file as it stands under its lock, so that another person's answers are never written over; the
//! review on screen is then read again.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::checklist::actions::{self, NewAnswer, NewEvidence};
use crate::checklist::add_question::{
    ChangedQuestion, NewQuestion, with_changed_question, with_question,
};
use crate::checklist::store::{Author, Draft, change};
use crate::checklist::{
    self, Checklist, Clock, Decision, Evidence, EvidenceKind, Key, Parts, Project, Waiver,
    hash_file, is_id, own_path, read_checklist,
};
use crate::prices::Catalogue;
use crate::reading::Source;

use super::action::Action;
use super::files;
use super::shared::{Change, Document, Goal, ReviewState, Shared};
use super::theme::Tone;

/// One change of the review.
#[derive(Debug, Clone)]
pub enum Job {
    /// Answers a question, or changes what stands beside its answer.
    Answer(Key, Box<NewAnswer>),
    /// Changes what stands beside an answer, and takes fields away that were emptied.
    Beside(Key, Box<NewAnswer>, Vec<&'static str>),
    /// Adds a piece of evidence and attaches it.
    Evidence(NewEvidence),
    /// Accepts a risk for a while.
    Waive(Key, Waiver),
    /// Takes a waiver back.
    Revoke(Key),
    /// Signs for a role.
    Sign {
        /// The role.
        role: String,
        /// Who signs.
        name: String,
        /// What is decided.
        decision: Decision,
        /// A condition, or a reason.
        note: Option<String>,
    },
    /// Writes down an approved budget.
    Budget {
        /// `1x`, `10x`.
        volume: String,
        /// US dollars per month.
        usd: f64,
        /// Who approved it.
        by: String,
    },
    /// Lists a person under a role.
    Person {
        /// The role.
        role: String,
        /// `Name <mail>`.
        person: String,
    },
    /// Sets text fields about the review itself: `release`, `strategy`; an empty text takes its field away.
    About(Vec<(&'static str, String)>),
    /// Sets days of the review itself, with texts.
    Days(Vec<(&'static str, Date)>, Vec<(&'static str, String)>),
    /// Adds a question to a checklist of the project's own.
    AddQuestion(Wording),
    /// Changes a question.
    ChangeQuestion(Wording, bool),
}

/// A question as it is typed.
#[derive(Debug, Clone, Default)]
pub struct Wording {
    /// The checklist's id.
    pub checklist: String,
    /// The section's id.
    pub section: String,
    /// The question's id.
    pub id: String,
    /// The question.
    pub ask: String,
    /// A few words for lists.
    pub short: String,
    /// Why it is asked.
    pub why: String,
    /// How much hangs on it.
    pub severity: String,
    /// Who usually answers.
    pub role: String,
    /// What it needs.
    pub evidence: String,
}

/// What a change came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The review's text before.
    pub before: String,
    /// And after.
    pub after: String,
    /// A checklist that was written along with it.
    pub beside: Option<Beside>,
    /// What was done, for people.
    pub words: String,
}

impl Job {
    /// Which command does the same, for the history.
    #[must_use]
    pub fn cause(&self) -> &'static str {
        match self {
            Self::Answer(..) | Self::Beside(..) => "set",
            Self::Evidence(_) => "evidence",
            Self::Waive(..) | Self::Revoke(_) => "waive",
            Self::Sign { .. } => "sign",
            Self::Budget { .. } => "budget",
            Self::Person { .. } => "role",
            Self::About(_) | Self::Days(..) => "about",
            Self::AddQuestion(_) => "add-question",
            Self::ChangeQuestion(..) => "change-question",
        }
    }

    /// Carries it out.
    ///
    /// # Errors
    /// Why nothing was changed, and what would do.
    pub fn run(&self, project: &Project, who: &str, clock: Clock) -> Result<Done, String> {
        let author = Author {
            who: who.to_owned(),
            clock,
            cause: self.cause().to_owned(),
        };
        let (taken_in, beside) = self.checklist(project)?.unzip();
        let outside = match self {
            Self::Sign { .. } => Some(outside(project)?),
            _ => None,
        };
        let whole = self.complete(project)?;
        let (texts, _) = change(&project.path, &author, |draft| {
            let before = draft.text().to_owned();
            match (&whole, &taken_in, &outside) {
                (
                    Self::Sign {
                        role,
                        name,
                        decision,
                        note,
                    },
                    _,
                    Some(outside),
                ) => {
                    // What is signed is what stands in the file at this moment.
                    let parts = Parts::of(&draft.review, &project.checklists, outside);
                    actions::sign(draft, role, name, *decision, note.as_deref(), &parts, clock)?;
                }
                (_, Some(list), _) => actions::take_in(draft, list)?,
                (job, ..) => job.edit(draft, &project.checklists, &author)?,
            }
            Ok((before, draft.text().to_owned()))
        })
        .map_err(|error| error.to_string())?;
        Ok(Done {
            before: texts.0,
            after: texts.1,
            beside,
            words: self.words(),
        })
    }

    fn edit(&self, draft: &mut Draft, lists: &[Checklist], author: &Author) -> Result<(), String> {
        match self {
            Self::Answer(key, new) => actions::set_answer(draft, lists, key, new, author),
            Self::Beside(key, new, emptied) => {
                for field in emptied {
                    draft.remove(&["answer", &key.checklist, &key.question, field])?;
                }
                actions::set_answer(draft, lists, key, new, author)
            }
            Self::Evidence(new) => actions::add_evidence(draft, lists, new, author),
            Self::Waive(key, waiver) => actions::waive(draft, lists, key, waiver, author.clock),
            Self::Revoke(key) => actions::revoke_waiver(draft, key),
            Self::Budget { volume, usd, by } => {
                actions::approve_budget(draft, volume, *usd, by, author.clock.today())
            }
            Self::Person { role, person } => actions::list_person(draft, role, person),
            Self::About(fields) => set_texts(draft, fields),
            Self::Days(days, texts) => {
                for (field, day) in days {
                    let parsed = day.to_string().parse::<toml_edit::Datetime>();
                    let value = parsed.map_err(|error| error.to_string())?;
                    draft.set(&[field], value, None)?;
                }
                set_texts(draft, texts)
            }
            Self::Sign { .. } | Self::AddQuestion(_) | Self::ChangeQuestion(..) => Ok(()),
        }
    }

    /// The same with what only the disk knows: the digest of an evidence file, so that a later change shows.
    fn complete(&self, project: &Project) -> Result<Self, String> {
        let Self::Evidence(new) = self else {
            return Ok(self.clone());
        };
        let piece = Evidence {
            kind: new.kind,
            reference: new.reference.clone(),
            sha256: None,
            collected: None,
            watch: Vec::new(),
        };
        let mut new = new.clone();
        if piece.is_file() {
            let path = project.folder.join(&new.reference);
            let digest = hash_file(&path).map_err(|error| {
                format!(
                    "{}: {error}; name a file relative to the review, or choose another kind",
                    path.display()
                )
            })?;
            new.sha256 = Some(digest);
        }
        Ok(Self::Evidence(new))
    }

    /// Writes a checklist that gets another question, or another wording of one.
    fn checklist(&self, project: &Project) -> Result<Option<(Checklist, Beside)>, String> {
        let (wording, text) = match self {
            Self::AddQuestion(new) => {
                for (what, id) in [
                    ("question", &new.id),
                    ("section", &new.section),
                    ("checklist", &new.checklist),
                ] {
                    if !is_id(id) {
                        return Err(format!(
                            "`{id}` cannot be the id of a {what}; use letters, digits, `-` and `_`"
                        ));
                    }
                }
                let old = match checklist::find(&project.folder, &new.checklist) {
                    Some(found) => found
                        .map_err(|problems| problems.to_string())?
                        .source
                        .text
                        .clone(),
                    None => format!(
                        "schema = 1\nid = \"{0}\"\ntitle = \"{0}\"\nversion = \"1.0.0\"\n",
                        new.checklist
                    ),
                };
                (new, with_question(&old, &new.as_new())?)
            }
            Self::ChangeQuestion(new, meaning) => {
                let list = project
                    .checklists
                    .iter()
                    .find(|list| list.id == new.checklist)
                    .ok_or_else(|| format!("the review has no checklist `{}`", new.checklist))?;
                let changed = ChangedQuestion {
                    ask: Some(&new.ask),
                    short: Some(&new.short),
                    why: Some(&new.why),
                    how: None,
                    severity: Some(&new.severity),
                    role: Some(&new.role),
                    evidence: Some(&new.evidence),
                    meaning: *meaning,
                };
                (new, with_changed_question(list, &new.id, &changed)?)
            }
            _ => return Ok(None),
        };
        let target = own_path(&project.folder, &wording.checklist);
        let source = Source::new(target.display().to_string(), text.as_str());
        let list = read_checklist(&source, false).map_err(|problems| problems.to_string())?;
        let before = std::fs::read_to_string(&target).ok();
        write_checklist(&target, &text)?;
        let beside = Beside {
            path: target,
            before,
            after: text,
        };
        Ok(Some((list, beside)))
    }

    /// What was done, for people.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Answer(key, new) => match new.status {
                Some(status) => format!("{key} is {status}"),
                None => format!("Saved {key}"),
            },
            Self::Beside(key, ..) => format!("Saved {key}"),
            Self::Evidence(new) => format!("Evidence {} is attached", new.id),
            Self::Waive(key, waiver) => match waiver.expires {
                Some(day) => format!("{key} is waived until {day}"),
                None => format!("{key} is waived"),
            },
            Self::Revoke(key) => format!("{key} is no longer waived"),
            Self::Sign {
                role,
                name,
                decision,
                ..
            } => {
                format!("{name} signed {} for {role}", decision.word())
            }
            Self::Budget { volume, usd, .. } => {
                format!("{usd} USD a month at {volume} is approved")
            }
            Self::Person { role, person } => format!("{person} is listed under {role}"),
            Self::About(fields) => match fields.as_slice() {
                [("strategy", name)] => format!("{name} is the strategy that goes live"),
                fields => set_words(fields.iter().map(|(field, _)| *field)),
            },
            Self::Days(days, texts) => {
                let days = days.iter().map(|(field, _)| *field);
                set_words(days.chain(texts.iter().map(|(field, _)| *field)))
            }
            Self::AddQuestion(new) => format!("{}.{} is a question now", new.checklist, new.id),
            Self::ChangeQuestion(new, _) => format!("{}.{} is changed", new.checklist, new.id),
        }
    }
}

fn set_texts(draft: &mut Draft, fields: &[(&'static str, String)]) -> Result<(), String> {
    fields.iter().try_for_each(|(field, text)| {
        if text.is_empty() {
            draft.remove(&[field])
        } else {
            draft.set(&[field], text.as_str(), None)
        }
    })
}

fn set_words<'t>(names: impl Iterator<Item = &'t str>) -> String {
    format!("Set {}", names.collect::<Vec<_>>().join(", "))
}

impl Wording {
    fn as_new(&self) -> NewQuestion<'_> {
        NewQuestion {
            id: &self.id,
            section: &self.section,
            ask: &self.ask,
            short: &self.short,
            why: &self.why,
            severity: &self.severity,
            role: &self.role,
            evidence: &self.evidence,
        }
    }
}

/// A checklist's file before and after a change, for undo: the review alone would leave a question without its stub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    path: PathBuf,
    before: Option<String>,
    after: String,
}

impl Beside {
    /// Puts the text before (or after) the change in the file's place, unless it holds something else by now.
    fn put(&self, back: bool) -> Result<(), String> {
        let now = std::fs::read_to_string(&self.path).ok();
        let after = Some(self.after.clone());
        let (expected, wanted) = if back {
            (after, self.before.as_ref())
        } else {
            (self.before.clone(), Some(&self.after))
        };
        if now != expected {
            return Err(format!(
                "{} was changed by somebody else since; change it by hand.",
                self.path.display()
            ));
        }
        match wanted {
            Some(text) => write_checklist(&self.path, text),
            None => std::fs::remove_file(&self.path)
                .map_err(|error| format!("cannot remove {}: {error}", self.path.display())),
        }
    }
}

fn write_checklist(target: &Path, text: &str) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot write {}: {error}", target.display());
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    files::save(target, text).map_err(failed)
}

fn outside(project: &Project) -> Result<checklist::Outside, String> {
    let scenario = project
        .scenario()
        .map_err(|problems| problems.to_string())?;
    let path = project.scenario_path();
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let catalogue = Catalogue::in_folder(folder).map_err(|error| error.to_string())?;
    Ok(project.outside(scenario.as_ref(), catalogue.digest()))
}

/// An id for a piece of evidence, out of what it refers to: `reports/load test.json` becomes `load-test`.
#[must_use]
pub fn evidence_id(reference: &str, taken: impl Fn(&str) -> bool) -> String {
    let last = reference
        .trim_end_matches('/')
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let mut id = String::new();
    for letter in stem.chars().take(32) {
        if letter.is_ascii_alphanumeric() {
            id.push(letter.to_ascii_lowercase());
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_end_matches('-');
    let id = if id.is_empty() { "evidence" } else { id };
    if !taken(id) {
        return id.to_owned();
    }
    (2..=u16::MAX)
        .map(|number| format!("{id}-{number}"))
        .find(|id| !taken(id))
        .unwrap_or_default()
}

/// What kind of evidence a reference most likely is.
#[must_use]
pub fn evidence_kind(reference: &str, folder: &Path) -> EvidenceKind {
    if reference.starts_with("http://") || reference.starts_with("https://") {
        EvidenceKind::Link
    } else if folder.join(reference).is_file() {
        EvidenceKind::File
    } else if !reference.contains(' ') && reference.bytes().any(|byte| byte.is_ascii_digit()) {
        EvidenceKind::Ticket
    } else {
        EvidenceKind::Statement
    }
}

impl Shared {
    /// Changes the review and says so; `false` if nothing was changed, for the reason that is then on screen.
    pub fn do_job(&mut self, job: &Job) -> bool {
        match self.try_job(job) {
            Ok(()) => true,
            Err(why) => {
                self.say(Tone::Bad, why);
                false
            }
        }
    }

    /// The same, with the reason for whoever asked.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub fn try_job(&mut self, job: &Job) -> Result<(), String> {
        if matches!(job, Job::Sign { .. }) && self.scenario.is_draft() {
            return Err("The scenario has unsaved edits, and a draft cannot be signed: save it first ({save}).".to_owned());
        }
        let who = self.me.clone().ok_or("It is not known who you are: say it with {me}, or tell git (git config user.name NAME).")?;
        let ReviewState::Good(review) = &self.review else {
            return Err("There is no review here that could be changed.".to_owned());
        };
        let done = job.run(&review.project, &who, self.clock)?;
        if let (Job::Sign { role, .. }, ReviewState::Good(review)) = (job, &mut self.review) {
            // Known at once, and not only when the review has been read again.
            review.signed.push(role.clone());
        }
        if done.before != done.after || done.beside.is_some() {
            self.undo.push(Change {
                what: done.words.clone(),
                of: Document::Review,
                before: done.before,
                after: done.after,
                beside: done.beside,
            });
            self.redo.clear();
        }
        self.say(Tone::Good, format!("{}.", done.words));
        self.reload_review();
        Ok(())
    }

    /// Takes a change of the review back, or makes it again; `false` if the file has moved on.
    pub fn put_review_back(&mut self, change_: &Change, text: &str) -> bool {
        let ReviewState::Good(review) = &self.review else {
            return false;
        };
        let back = text == change_.before;
        let expected = if back {
            &change_.after
        } else {
            &change_.before
        };
        if let Some(beside) = &change_.beside
            && let Err(why) = beside.put(back)
        {
            self.say(Tone::Bad, why);
            return false;
        }
        let author = Author {
            who: self.me.clone().unwrap_or_else(|| "unknown".to_owned()),
            clock: self.clock,
            cause: "undo".to_owned(),
        };
        let outcome = change(&review.project.path, &author, |draft| {
            if draft.text() != expected {
                return Err(
                    "The review was changed by somebody else since; change it by hand.".to_owned(),
                );
            }
            draft.replace(text)
        });
        if let Err(error) = outcome {
            // The review has moved on, so the checklist stays as it was, too.
            let _ = change_.beside.as_ref().map(|beside| beside.put(!back));
            self.say(Tone::Bad, error.to_string());
            return false;
        }
        self.reload_review();
        true
    }

    /// Makes the strategy that is looked at the one that goes live.
    pub fn go_live(&mut self) {
        let Some(name) = self.strategy.clone() else {
            self.say(Tone::Warn, "No strategy is selected yet.");
            return;
        };
        if matches!(self.review, ReviewState::None) {
            self.say(
                Tone::Warn,
                "There is no review here to say it in; {start-init} on the first screen starts a project.",
            );
            return;
        }
        if self.me.is_none() {
            // Whatever changes the review needs to know who changes it; that is asked first.
            self.goal = Some(Goal::Act(Action::WhoAmI));
            return;
        }
        self.do_job(&Job::About(vec![("strategy", name)]));
    }
}
