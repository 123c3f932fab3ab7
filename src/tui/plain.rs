//! The review line by line, for screen readers, poor links and pipes: no alternate screen, no colours, no cursor. It asks
//! the questions of meeting mode in their order, takes the same letters, fills in the same forms a field at a time, and
//! ends on the sign-off. Whatever is answered is saved at once.
//!
//! Underneath is the app's own state machine without a screen; what it asks for is carried out between two lines.

use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::time::Duration;

use ratatui::layout::Size;

use crate::checklist::gate::signature_words;
use crate::checklist::{Clock, Status};

use super::app::{App, Event, Setup};
use super::review::JudgedQuestion;
use super::saving::Job;
use super::shared::ReviewState;
use super::tabs::review::{
    Filled, Filter, For, answer, because, fill, next_unanswered, open, shown,
};
use super::widgets::text::clean;
use super::work::{News, Request};
use super::worker::Cancel;
use super::{Error, Options, config};

/// How long numbers may take before the first question; what is known by then is used.
const PATIENCE: Duration = Duration::from_secs(5);

/// Told once, and again for `?`.
const KEYS: &str = "Letters: y yes, p partial, n no, k unknown, x does not apply; o note, e evidence, d who, w waive; \
return next, b back, u unanswered, m more, s sign, q quit, ? these letters.";

const PROMPT: &str = "Answer (? tells the letters):";

/// Opens the project and asks on standard input and output.
///
/// # Errors
/// The streams cannot be read or written, or the configuration not read.
pub(super) fn run(options: &Options) -> Result<(), Error> {
    let config = config::load().map_err(Error::Config)?;
    let folder = options.folder.clone().unwrap_or_else(|| PathBuf::from("."));
    let setup = Setup {
        theme: config.theme,
        keymap: config.keymap,
        mouse: false,
        size: Size::new(80, 24),
        clock: Clock::system(),
        months: None,
    };
    let mut app = App::open(&folder, setup);
    let outcome = interview(&mut app, &mut io::stdin().lock(), &mut io::stdout().lock());
    match outcome {
        // Whoever read along has gone; what was answered is saved.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Error::Terminal),
    }
}

/// Asks until the input ends or `q`.
///
/// # Errors
/// The streams cannot be read or written.
pub fn interview(app: &mut App, input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<()> {
    let mut talk = Talk { app, input, out };
    talk.settle()?;
    if let ReviewState::Broken(why) = &talk.app.shared.review {
        let words = format!("The review cannot be read; nothing was changed in it.\n{why}");
        return talk.say(&words);
    }
    if talk.app.shared.reviewed().is_none() {
        return talk
            .say("There is no review.toml here. `gonogo init` writes one, and so does the app.");
    }
    talk.verdict()?;
    talk.rounds()
}

struct Talk<'a> {
    app: &'a mut App,
    input: &'a mut dyn BufRead,
    out: &'a mut dyn Write,
}

impl Talk<'_> {
    fn say(&mut self, text: &str) -> io::Result<()> {
        for line in text.lines() {
            writeln!(self.out, "{}", clean(line))?;
        }
        self.out.flush()
    }

    /// What is typed after a prompt; `None` at the end of the input.
    fn ask(&mut self, prompt: &str) -> io::Result<Option<String>> {
        write!(self.out, "{} ", clean(prompt))?;
        self.out.flush()?;
        let mut line = String::new();
        let count = self.input.read_line(&mut line)?;
        Ok((count > 0).then(|| line.trim().to_owned()))
    }

    /// Carries out what the app asks for.
    fn settle(&mut self) -> io::Result<()> {
        loop {
            let requests = std::mem::take(&mut self.app.shared.requests);
            if requests.is_empty() {
                return Ok(());
            }
            for mut request in requests {
                if let Request::Estimate(wanted) = &mut request {
                    wanted.patience = PATIENCE.min(wanted.patience);
                    self.say("Simulating.")?;
                }
                let (mouth, heard) = std::sync::mpsc::channel();
                let mouth = super::work::Mouth::new(mouth);
                request.run(&Cancel::default(), &|news| mouth.say(news));
                drop(mouth);
                for news in heard {
                    if !matches!(news, News::Progress { .. }) {
                        self.app.event(Event::News(news));
                    }
                }
            }
        }
    }

    fn verdict(&mut self) -> io::Result<()> {
        let Some(review) = self.app.shared.reviewed() else {
            return Ok(());
        };
        let judged = &review.judged;
        let of = &review.project.review;
        let words = format!("{}: {}. {}", of.system, judged.outcome, judged.why);
        self.say(&words)
    }

    fn questions(&self) -> Vec<JudgedQuestion> {
        let Some(review) = self.app.shared.reviewed() else {
            return Vec::new();
        };
        let places = shown(review, Filter::All, "", None);
        let all = &review.judged.questions;
        places
            .iter()
            .filter_map(|at| all.get(*at))
            .cloned()
            .collect()
    }

    /// From question to question, and to the sign-off after the last.
    fn rounds(&mut self) -> io::Result<()> {
        let mut at = 0;
        let mut read_out = true;
        self.say(KEYS)?;
        loop {
            let questions = self.questions();
            let Some(question) = questions.get(at) else {
                match self.sign_off()? {
                    Some(back) => at = back.min(questions.len().saturating_sub(1)),
                    None => return Ok(()),
                }
                read_out = true;
                continue;
            };
            if read_out {
                self.question(question, at, questions.len())?;
            }
            let Some(typed) = self.ask(PROMPT)? else {
                return Ok(());
            };
            let (to, again) = match typed.as_str() {
                "q" => return Ok(()),
                "?" => {
                    self.say(KEYS)?;
                    (at, false)
                }
                "" => (at + 1, true),
                "b" => (at.saturating_sub(1), true),
                "u" => {
                    let places: Vec<usize> = (0..questions.len()).collect();
                    let next = next_unanswered(&questions, &places, Some(&question.key), false);
                    let found =
                        next.and_then(|key| questions.iter().position(|other| other.key == key));
                    (found.unwrap_or(questions.len()), true)
                }
                "s" => (questions.len(), true),
                other => {
                    let moved = self.act(other, question)?;
                    (if moved { at + 1 } else { at }, moved)
                }
            };
            at = to;
            read_out = again;
        }
    }

    /// Does what a letter says; whether the next question follows.
    fn act(&mut self, typed: &str, question: &JudgedQuestion) -> io::Result<bool> {
        let key = question.key.clone();
        let status = match typed {
            "y" | "yes" => Some(Status::Yes),
            "p" | "partial" => Some(Status::Partial),
            "n" | "no" => Some(Status::No),
            "k" | "unknown" => Some(Status::Unknown),
            "x" | "na" => Some(Status::Na),
            _ => None,
        };
        if let Some(status) = status {
            let note = if status == Status::Na && question.question.na_allowed {
                self.ask("Why does it not apply?")?
            } else {
                None
            };
            return self.change(&answer(&key, status, note.filter(|note| !note.is_empty())));
        }
        match typed {
            "o" => {
                let Some(note) = self.ask("Note:")? else {
                    return Ok(false);
                };
                let new = crate::checklist::actions::NewAnswer {
                    note: Some(note),
                    ..Default::default()
                };
                self.change(&Job::Answer(key, Box::new(new)))?;
            }
            "e" => self.form(&For::Evidence(key))?,
            "d" => self.form(&For::Who(key))?,
            "w" => self.form(&For::Waive(key))?,
            "m" => self.more(question)?,
            _ => self.say("That is none of the letters; ? tells them.")?,
        }
        Ok(false)
    }

    fn change(&mut self, job: &Job) -> io::Result<bool> {
        if self.app.shared.me.is_none() {
            self.form(&For::Me)?;
        }
        let done = self.app.shared.do_job(job);
        self.settle()?;
        let words = self.app.shared.message.take();
        self.say(&words.map(|words| words.text).unwrap_or_default())?;
        Ok(done)
    }

    /// Fills in a form, a field at a time; return keeps what stands in brackets.
    fn form(&mut self, what: &For) -> io::Result<()> {
        let me = self.app.shared.me.clone();
        let Some(review) = self.app.shared.reviewed() else {
            return Ok(());
        };
        let mut form = open(what, review, me.as_deref());
        for index in 0..form.len() {
            loop {
                let Some(typed) = self.ask(&form.prompt(index))? else {
                    return Ok(());
                };
                match form.answer(index, &typed) {
                    Ok(()) => break,
                    Err(why) => self.say(&why)?,
                }
            }
        }
        let clock = self.app.shared.clock;
        let Some(review) = self.app.shared.reviewed() else {
            return Ok(());
        };
        match fill(what, &form, review, me.as_deref(), clock) {
            Ok(Filled::Job(job)) => self.change(&job).map(|_| ()),
            Ok(Filled::Me(name)) => {
                self.app.shared.me = Some(name);
                Ok(())
            }
            Ok(Filled::Nothing) => Ok(()),
            Err(why) => self.say(&why),
        }
    }

    fn question(&mut self, question: &JudgedQuestion, at: usize, of: usize) -> io::Result<()> {
        let asked = &question.question;
        let mut text = vec![format!(
            "\nQuestion {} of {of}. {}. {}, for {}.\n{}",
            at + 1,
            question.section,
            question.severity,
            asked.role,
            asked.ask
        )];
        if !asked.why.is_empty() {
            text.push(format!("Why: {}", asked.why));
        }
        text.push(format!("Answer: {}. {}.", question.status, question.words));
        for heard in &question.heard {
            let mut words = format!("Simulator: {}. {}", heard.word, heard.asked);
            for more in [heard.found.clone(), because(&heard.word)] {
                if !more.is_empty() {
                    words = format!("{words}. {more}");
                }
            }
            text.push(words);
        }
        self.say(&text.join("\n"))
    }

    fn more(&mut self, question: &JudgedQuestion) -> io::Result<()> {
        let asked = &question.question;
        let mut text: Vec<String> = Vec::new();
        for (label, words) in [
            ("How to find out", &asked.how),
            ("What counts", &asked.proof),
            ("What stops the launch", &asked.blocks_when),
        ] {
            if !words.is_empty() {
                text.push(format!("{label}: {words}"));
            }
        }
        let answer = self.app.shared.reviewed().and_then(|review| {
            let file = &review.project.review;
            file.answers.get(&question.key).cloned()
        });
        if let Some(answer) = answer {
            for (label, words) in [
                ("Note", answer.note),
                ("Owner", answer.owner),
                ("Due", answer.due.map(|day| day.to_string())),
                ("Answered by", answer.answered_by),
                ("Looked at by", answer.reviewed_by),
                (
                    "Evidence",
                    Some(answer.evidence.join(", ")).filter(|text| !text.is_empty()),
                ),
            ] {
                if let Some(words) = words {
                    text.push(format!("{label}: {words}"));
                }
            }
        }
        self.say(&text.join("\n"))
    }

    /// The last screen; where to go on, or `None` to leave.
    fn sign_off(&mut self) -> io::Result<Option<usize>> {
        loop {
            self.say("\nSign-off.")?;
            self.verdict()?;
            let mut text: Vec<String> = Vec::new();
            if let Some(review) = self.app.shared.reviewed() {
                for step in review.judged.steps.iter().take(5) {
                    text.push(format!("To do: {}", step.text));
                }
                for signature in &review.judged.signatures {
                    let name = signature.name.as_deref().unwrap_or_default();
                    text.push(format!(
                        "{}: {} {name}",
                        signature.role,
                        signature_words(&signature.state)
                    ));
                }
            }
            self.say(&text.join("\n"))?;
            let prompt = "s sign, r list a person for a role, t approve a budget, a about the review, b back to the questions, q quit:";
            match self.ask(prompt)?.as_deref() {
                None | Some("q") => return Ok(None),
                Some("b") => return Ok(Some(usize::MAX)),
                Some("s") => self.form(&For::Sign)?,
                Some("r") => self.form(&For::Person)?,
                Some("t") => self.form(&For::Budget)?,
                Some("a") => self.form(&For::About)?,
                Some(_) => self.say("That is none of the letters.")?,
            }
        }
    }
}
