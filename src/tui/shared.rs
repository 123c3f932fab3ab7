//! What all tabs see, and what they may ask for. Tabs change it through these methods; nothing here draws.

use std::path::PathBuf;
use std::time::Duration;

use ratatui::layout::Size;

use crate::checklist::Clock;
use crate::report::{Analyses, Format, Style};
use crate::study::Study;

use super::analyse::{Question, State, Which};
use super::keymap::Keymap;
use super::reporting::Wanted;
use super::review::Reviewed;
use super::theme::{Theme, Tone};
use super::work::{Asked, Estimate, News, Request};
use super::workspace::{ScenarioFile, StudyState};

/// How long an edit is simulated.
const TRIED: Duration = Duration::from_millis(1800);
/// How long what is saved is simulated, if its numbers are not sure before.
const SAVED: Duration = Duration::from_mins(1);

/// The review, as far as it could be read.
#[derive(Debug)]
pub enum ReviewState {
    /// There is none.
    None,
    /// It is being read for the first time.
    Reading,
    /// It cannot be read: every problem, with its place.
    Broken(String),
    /// It can.
    Good(Box<Reviewed>),
}

/// A change that can be taken back.
#[derive(Debug, Clone)]
pub struct Change {
    /// What was done: "conversations a day".
    pub what: String,
    /// Of which document.
    pub of: Document,
    /// Its text before.
    pub before: String,
    /// Its text after.
    pub after: String,
    /// A checklist that was written along with it.
    pub beside: Option<super::saving::Beside>,
}

/// What can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// The scenario, in memory until it is saved.
    Scenario,
    /// The review, which is saved at once.
    Review,
}

/// Something to be done with the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Stop, as by Ctrl-Z.
    Suspend,
    /// Hand text to the clipboard.
    Copy(String),
    /// Take the mouse, or give it to the terminal.
    Mouse(bool),
    /// Let the user's editor change a text; it comes back as [`super::app::Event::Edited`].
    Edit {
        /// What it is for.
        purpose: String,
        /// The text.
        text: String,
    },
}

/// Where one tab sends the user in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// To a question of the review.
    Question(crate::checklist::Key),
    /// To what an action does.
    Act(super::action::Action),
}

/// A word to the user, until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// How it is meant.
    pub tone: Tone,
    /// One line.
    pub text: String,
}

/// What all tabs see.
#[derive(Debug)]
pub struct Shared {
    /// The folder that is open.
    pub folder: PathBuf,
    /// The scenario.
    pub scenario: ScenarioFile,
    /// The review.
    pub review: ReviewState,
    /// The newest study.
    pub study: StudyState,
    /// The strategy that is looked at.
    pub strategy: Option<String>,
    /// The volume that is looked at.
    pub volume: f64,
    /// Changes that can be taken back, the newest last.
    pub undo: Vec<Change>,
    /// Changes that were taken back.
    pub redo: Vec<Change>,
    /// How things look.
    pub theme: Theme,
    /// Which key does what.
    pub keymap: Keymap,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// The size of the screen.
    pub size: Size,
    /// Now.
    pub clock: Clock,
    /// Who works here, `Name <mail>`, if it is known.
    pub me: Option<String>,
    /// A word to the user.
    pub message: Option<Message>,
    /// Where the tab in view sends the user.
    pub goal: Option<Goal>,
    /// To be done off this thread.
    pub requests: Vec<Request>,
    /// To be done with the terminal.
    pub effects: Vec<Effect>,
    /// Months that a study simulates at most; none: as many as the scenario wants.
    pub months: Option<u32>,
    /// Counts what the review and the study have become, for what is made from them.
    pub revision: u64,
    /// The report as text, or why there is none.
    pub preview: Option<Result<String, String>>,
    /// Analyses of the newest study, the last answer of each.
    pub analyses: Vec<(Question, State)>,
}

impl Shared {
    /// Tells the user something, with keys in place of the actions that it names ([`Keymap::words`]).
    pub fn say(&mut self, tone: Tone, text: impl AsRef<str>) {
        self.message = Some(Message {
            tone,
            text: self.keymap.words(text.as_ref()),
        });
    }

    /// The review, if it could be read.
    #[must_use]
    pub fn reviewed(&self) -> Option<&Reviewed> {
        match &self.review {
            ReviewState::Good(review) => Some(review),
            _ => None,
        }
    }

    /// The review's file, whether it is there or not.
    #[must_use]
    pub fn review_path(&self) -> PathBuf {
        self.folder.join("review.toml")
    }

    /// Whether the numbers on screen are of edits that are not saved, or of none at all.
    #[must_use]
    pub fn is_draft(&self) -> bool {
        self.study.study().is_some_and(|study| {
            Some(study.scenario.digest.as_str()) != self.scenario.saved_digest()
        })
    }

    /// The study as evidence: only one of what is saved.
    #[must_use]
    pub fn evidence(&self) -> Option<&Study> {
        self.study.study().filter(|_| !self.is_draft())
    }

    /// Changes the scenario's text: it is kept, can be taken back, and is simulated if it can be read.
    pub fn edit_scenario(&mut self, what: impl Into<String>, text: String) {
        if text == self.scenario.text() {
            return;
        }
        self.undo.push(Change {
            what: what.into(),
            of: Document::Scenario,
            before: self.scenario.text().to_owned(),
            after: text.clone(),
            beside: None,
        });
        self.redo.clear();
        self.replace_scenario(text);
    }

    /// Puts a text in the scenario's place without a note for undo.
    pub fn replace_scenario(&mut self, text: String) {
        self.scenario.set(text);
        self.keep();
        self.simulate();
    }

    /// Puts one of a change's texts back in its document's place; `false` if that has moved on.
    pub fn put_back(&mut self, change: &Change, text: &str) -> bool {
        match change.of {
            Document::Scenario => {
                self.replace_scenario(text.to_owned());
                true
            }
            Document::Review => self.put_review_back(change, text),
        }
    }

    /// Keeps unsaved edits where a crash does not reach them.
    pub fn keep(&mut self) {
        if let Some(of) = self.scenario.path.clone() {
            let text = self
                .scenario
                .is_draft()
                .then(|| self.scenario.text().to_owned());
            self.requests.push(Request::Keep { of, text });
        }
    }

    /// Starts a study of the scenario as it stands; one that is under way is dropped.
    pub fn simulate(&mut self) {
        let Ok(scenario) = self.scenario.parsed() else {
            return;
        };
        self.study.ticket += 1;
        self.study.glance = None;
        self.study.running = true;
        self.study.progress = None;
        self.study.trouble = None;
        // An edit is tried out: it settles soon. What is saved is evidence, and gets the time that rules and drills need.
        let draft = self.scenario.is_draft();
        let mut asked = self.reviewed().map_or_else(Asked::default, Reviewed::asked);
        if draft {
            asked.drills.clear();
        }
        self.study.hurried = draft;
        let wanted = Estimate {
            ticket: self.study.ticket,
            scenario: std::sync::Arc::clone(scenario),
            asked,
            months: self.months,
            patience: if draft { TRIED } else { SAVED },
            first: self
                .strategy
                .clone()
                .filter(|_| draft)
                .map(|strategy| (strategy, self.volume)),
        };
        self.requests.push(Request::Estimate(wanted));
    }

    /// Reads the review again.
    pub fn reload_review(&mut self) {
        let path = self.review_path();
        if path.exists() {
            self.requests.push(Request::Review {
                path,
                clock: self.clock,
            });
        } else {
            self.review = ReviewState::None;
        }
    }

    /// Takes in what came of a request.
    pub fn hear(&mut self, news: News) {
        match news {
            News::Study {
                ticket,
                model,
                outcome,
                settled,
            } if ticket == self.study.ticket => {
                if !settled && self.study.is_sharper_than(&outcome) {
                    return;
                }
                self.study.model = Some(model);
                self.study.glance = None;
                self.study.outcome = Some(outcome);
                self.study.running = !settled;
                self.look_somewhere();
                self.judge();
            }
            News::Glance { ticket, outcome } if ticket == self.study.ticket => {
                let known = self.study.study();
                // What is there already may be of this very edit.
                let newer = known
                    .is_none_or(|known| known.scenario.digest != outcome.study.scenario.digest);
                self.study.glance = Some(outcome).filter(|_| newer);
            }
            News::Progress { ticket, progress } if ticket == self.study.ticket => {
                self.study.progress = Some(progress);
            }
            News::Unfit { ticket, why } if ticket == self.study.ticket => {
                self.study.running = false;
                self.study.trouble = Some(why);
            }
            News::Review(read) => self.take_review(read),
            News::Analysing(which, share) => {
                if let Some((_, state @ State::Running(_))) = self.asked_of(which) {
                    *state = State::Running(share);
                }
            }
            News::Analysed(question, found) => {
                if let Some((asked, state)) = self.asked_of(question.which)
                    && asked.same(&question)
                {
                    *state = match found {
                        Ok(found) => State::Done(found),
                        Err(why) => State::Failed(why),
                    };
                    self.revision += 1;
                }
            }
            News::Preview(text) => self.preview = Some(text),
            News::Written(Ok(files)) => {
                let names: Vec<String> = files
                    .iter()
                    .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
                    .collect();
                let folder = files.first().and_then(|path| path.parent());
                let folder = folder.unwrap_or(&self.folder).display().to_string();
                self.say(
                    Tone::Good,
                    format!("Wrote {} in {folder}", names.join(", ")),
                );
            }
            News::Written(Err(why)) => self.say(Tone::Bad, why),
            News::Study { .. }
            | News::Glance { .. }
            | News::Progress { .. }
            | News::Unfit { .. } => {}
        }
    }

    fn take_review(&mut self, read: Result<Box<Reviewed>, Vec<crate::reading::Problems>>) {
        let asked = self.reviewed().map(Reviewed::asked).unwrap_or_default();
        self.review = match read {
            Ok(review) => ReviewState::Good(review),
            Err(files) => ReviewState::Broken(
                files
                    .iter()
                    .map(|problems| crate::reading::render(problems, false))
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
        };
        self.judge();
        if self.reviewed().map(Reviewed::asked).unwrap_or_default() != asked {
            self.simulate();
        }
    }

    /// Holds the review against the newest evidence.
    pub fn judge(&mut self) {
        self.revision += 1;
        let clock = self.clock;
        let draft = self.is_draft();
        let study = self.study.study().filter(|_| !draft);
        if let ReviewState::Good(review) = &mut self.review {
            review.judge(study, clock);
        }
    }

    fn asked_of(&mut self, which: Which) -> Option<&mut (Question, State)> {
        self.analyses
            .iter_mut()
            .find(|(question, _)| question.which == which)
    }

    /// Where an analysis is.
    #[must_use]
    pub fn analysis(&self, which: Which) -> Option<&State> {
        let found = self
            .analyses
            .iter()
            .find(|(question, _)| question.which == which);
        found.map(|(_, state)| state)
    }

    /// Asks for an analysis of what is looked at, unless that is known or under way already. It needs the model only,
    /// so it starts with the first numbers and does not wait until the study has settled.
    pub fn analyse(&mut self, which: Which, drill: usize) {
        let (Some(model), Some(scenario)) = (&self.study.model, self.scenario.good()) else {
            return;
        };
        // The model of an older edit would answer for a scenario that it is not of.
        let simulated = self.study.study().map(|study| &study.scenario.digest);
        if simulated != Some(&scenario.digest) {
            return;
        }
        let strategy = model
            .strategies
            .iter()
            .position(|known| Some(&known.name) == self.strategy.as_ref());
        let question = Question {
            which,
            scenario: std::sync::Arc::clone(scenario),
            model: std::sync::Arc::clone(model),
            strategy: strategy.unwrap_or(0),
            volume: self.volume,
            drill,
            months: self.months,
        };
        if self
            .asked_of(which)
            .is_some_and(|(asked, _)| asked.same(&question))
        {
            return;
        }
        // The lane has one running: what another pane was waiting for is asked again when that comes into view.
        self.analyses
            .retain(|(asked, state)| asked.which != which && !matches!(state, State::Running(_)));
        self.analyses.push((question.clone(), State::Running(0.0)));
        self.requests.push(Request::Analyse(Box::new(question)));
    }

    /// The budget at a volume: the approved one, else the scenario's, by its median.
    #[must_use]
    pub fn budget(&self, volume: f64) -> Option<f64> {
        let approved = self.reviewed().and_then(|review| {
            let budgets = &review.project.review.budget;
            budgets
                .iter()
                .find(|budget| budget.volume == volume)
                .map(|budget| budget.usd_per_month)
        });
        approved.or_else(|| {
            let scenario = self.scenario.good()?;
            let (_, quantity) = scenario.budget.iter().find(|(known, _)| *known == volume)?;
            let law = quantity.law(&mut |_| f64::NAN).ok()?;
            Some(law.quantile(0.5)).filter(|usd| usd.is_finite())
        })
    }

    /// What a report of the saved files is made of.
    fn wanted(&self, style: Style) -> Wanted {
        Wanted {
            review: Some(self.review_path()).filter(|path| path.exists()),
            scenario: self
                .scenario
                .good()
                .filter(|_| !self.scenario.is_draft())
                .cloned(),
            outcome: self.study.outcome.clone().filter(|_| !self.is_draft()),
            analyses: self.found(),
            style,
            clock: self.clock,
        }
    }

    /// What analyses of the saved scenario have found.
    fn found(&self) -> Analyses {
        let mut all = Analyses::default();
        if self.is_draft() {
            return all;
        }
        for (_, state) in &self.analyses {
            let State::Done(found) = state else { continue };
            let part = found.report.clone();
            all.compared.extend(part.compared);
            all.moved.extend(part.moved);
            all.headroom.extend(part.headroom);
            all.drills.extend(part.drills);
            all.forecast = all.forecast.or(part.forecast);
        }
        all
    }

    /// Asks for the report as text.
    pub fn preview(&mut self, style: Style) {
        let wanted = self.wanted(style);
        self.requests.push(Request::Preview(Box::new(wanted)));
    }

    /// Writes the report in some formats into a folder; a relative one is the project's.
    pub fn write_report(&mut self, style: Style, formats: Vec<Format>, folder: &str) {
        let wanted = Box::new(self.wanted(style));
        self.say(Tone::Open, "Writing the report.");
        self.requests.push(Request::Write {
            wanted,
            formats,
            folder: self.folder.join(super::files::expanded(folder)),
        });
    }

    /// The first look at a study goes to the strategy that goes live, at the lowest volume.
    fn look_somewhere(&mut self) {
        let Some(study) = self.study.outcome.as_ref().map(|outcome| &outcome.study) else {
            return;
        };
        let known = |name: &str| study.cells.iter().any(|cell| cell.strategy == name);
        if !self.strategy.as_deref().is_some_and(known) {
            let live = self
                .reviewed()
                .and_then(Reviewed::live)
                .filter(|live| known(live));
            self.strategy = live
                .map(str::to_owned)
                .or_else(|| study.cells.first().map(|cell| cell.strategy.clone()));
        }
        if !study.cells.iter().any(|cell| cell.volume == self.volume) {
            self.volume = study
                .cells
                .iter()
                .map(|cell| cell.volume)
                .min_by(f64::total_cmp)
                .unwrap_or(1.0);
        }
    }
}
