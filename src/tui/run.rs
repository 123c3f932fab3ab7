//! The loop: events from one channel into the app, a frame when something changed, requests to their slots.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use ratatui::crossterm::event::{self, Event as Input, KeyEventKind};
use ratatui::layout::Size;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::checklist::Clock;

use super::app::{App, Event, Setup};
use super::files::Sentry;
use super::frame;
use super::key::Key;
use super::shared::Effect;
use super::terminal::{Screen, note_unsaved};
use super::work::{Lane, Mouth, Request};
use super::worker::{Pace, Slot};
use super::{Error, Options, config};

/// The terminal is gone, as by `SIGHUP`.
const GONE: u8 = 1;

/// How long the input thread waits at most before it looks at signals and files.
const LOOK: Duration = Duration::from_millis(250);

/// What the loop hears.
enum Word {
    Event(Event),
    Signal(u8),
}

/// What the input thread is told.
#[derive(Default)]
struct Reins {
    /// Leaves the keyboard to another program.
    paused: AtomicBool,
    /// Whether it has let go.
    idle: AtomicBool,
    /// The app ends.
    ended: AtomicBool,
}

/// Opens the app and runs it to its end.
///
/// # Errors
/// See [`super::open`].
pub fn run(options: &Options) -> Result<(), Error> {
    let config = config::load().map_err(Error::Config)?;
    let mut theme = config.theme;
    theme.unicode &= !options.ascii;
    let mouse = config.mouse && !options.no_mouse;
    let folder = options.folder.clone().unwrap_or_else(|| PathBuf::from("."));
    let mut screen = Screen::enter(mouse)?;
    let size = screen.terminal.size()?;
    let setup = Setup {
        theme,
        keymap: config.keymap,
        mouse,
        size,
        clock: Clock::system(),
        months: None,
    };
    let mut app = App::open(&folder, setup);
    let (sender, heard) = channel();
    let reins = Arc::new(Reins::default());
    let watched = Arc::new(std::sync::Mutex::new(watched(&app)));
    listen(&sender, &reins, &watched)?;
    let result = Loop {
        screen: &mut screen,
        slots: Slots::new(&sender)?,
        heard,
        reins: &reins,
        watched: &watched,
    }
    .run(&mut app);
    reins.ended.store(true, Ordering::Relaxed);
    drop(screen);
    result
}

fn watched(app: &App) -> Sentry {
    let mut files: Vec<PathBuf> = app.shared.scenario.path.iter().cloned().collect();
    files.push(app.shared.review_path());
    Sentry::new(files)
}

/// A slot for each lane.
struct Slots {
    study: Slot,
    files: Slot,
    analysis: Slot,
    preview: Slot,
    write: Slot,
    keep: Slot,
    mouth: Arc<Mouth<Word>>,
}

impl Slots {
    fn new(sender: &Sender<Word>) -> std::io::Result<Self> {
        Ok(Self {
            study: Slot::new("study", Pace::GivesWay)?,
            files: Slot::new("files", Pace::Ordinary)?,
            analysis: Slot::new("analysis", Pace::GivesWay)?,
            preview: Slot::new("preview", Pace::GivesWay)?,
            write: Slot::new("write", Pace::GivesWay)?,
            keep: Slot::new("keep", Pace::Ordinary)?,
            mouth: Arc::new(Mouth::new(sender.clone())),
        })
    }

    fn submit(&self, request: Request) {
        let slot = match request.lane() {
            Lane::Study => &self.study,
            Lane::Files => &self.files,
            Lane::Analysis => &self.analysis,
            Lane::Preview => &self.preview,
            Lane::Write => &self.write,
            Lane::Keep => &self.keep,
        };
        let mouth = Arc::clone(&self.mouth);
        slot.submit(move |cancel| {
            request.run(cancel, &|news| mouth.say(Word::Event(Event::News(news))));
        });
    }
}

struct Loop<'a> {
    screen: &'a mut Screen,
    slots: Slots,
    heard: Receiver<Word>,
    reins: &'a Reins,
    watched: &'a std::sync::Mutex<Sentry>,
}

impl Loop<'_> {
    fn run(mut self, app: &mut App) -> Result<(), Error> {
        loop {
            for request in app.shared.requests.drain(..) {
                if let Request::Keep { of, text } = &request {
                    note_unsaved(text.clone().map(|text| (of.clone(), text)));
                }
                self.slots.submit(request);
            }
            for effect in std::mem::take(&mut app.shared.effects) {
                if effect == Effect::Quit {
                    Self::keep(app);
                    return Ok(());
                }
                self.effect(app, effect)?;
            }
            self.screen.terminal.draw(|frame| frame::draw(app, frame))?;
            // Whatever else has come in meanwhile is taken before the next frame.
            let Ok(first) = self.heard.recv() else {
                return Ok(());
            };
            let mut next = Some(first);
            let open = (app.shared.folder.clone(), app.shared.scenario.path.clone());
            while let Some(word) = next {
                match word {
                    Word::Signal(signal) => {
                        Self::keep(app);
                        return Err(Error::Signal(signal));
                    }
                    Word::Event(event) => {
                        app.shared.clock = Clock::system();
                        app.event(event);
                    }
                }
                next = self.heard.try_recv().ok();
            }
            if open != (app.shared.folder.clone(), app.shared.scenario.path.clone())
                && let Ok(mut sentry) = self.watched.lock()
            {
                *sentry = watched(app);
            }
        }
    }

    /// The last word on unsaved edits is written before the app ends, not by a thread that ends with it.
    fn keep(app: &App) {
        let Some(of) = &app.shared.scenario.path else {
            return;
        };
        let text = app
            .shared
            .scenario
            .is_draft()
            .then(|| app.shared.scenario.text());
        super::recovery::keep(of, text);
    }

    fn effect(&mut self, app: &mut App, effect: Effect) -> Result<(), Error> {
        match effect {
            Effect::Quit => {}
            Effect::Suspend => {
                self.alone(suspend)?;
            }
            Effect::Copy(text) => super::terminal::copy(&text)?,
            Effect::Mouse(wanted) => self.screen.capture_mouse(wanted)?,
            Effect::Edit { purpose, text } => {
                let edited = self.alone(|| edit(&text))?;
                match edited {
                    Ok(text) => app.event(Event::Edited { purpose, text }),
                    Err(why) => app.shared.say(super::theme::Tone::Bad, why),
                }
            }
        }
        Ok(())
    }

    /// Does something with the terminal while nobody else reads from it.
    fn alone<T>(&mut self, other: impl FnOnce() -> T) -> std::io::Result<T> {
        self.reins.paused.store(true, Ordering::Relaxed);
        while !self.reins.idle.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let result = self.screen.outside(other);
        self.reins.paused.store(false, Ordering::Relaxed);
        result
    }
}

#[cfg(unix)]
fn suspend() {
    let _ = signal_hook::low_level::raise(signal_hook::consts::SIGSTOP);
}

#[cfg(not(unix))]
fn suspend() {}

/// Lets the user's editor change a text: `$VISUAL`, else `$EDITOR`. None: it came back as it was.
fn edit(text: &str) -> Result<Option<String>, String> {
    let editor = ["VISUAL", "EDITOR"]
        .into_iter()
        .find_map(|name| {
            std::env::var(name)
                .ok()
                .filter(|value| !value.trim().is_empty())
        })
        .ok_or("set EDITOR to your editor's command first, such as EDITOR=nano")?;
    let file = tempfile::Builder::new()
        .prefix("gonogo-")
        .suffix(".md")
        .tempfile()
        .map_err(|error| format!("no temporary file: {error}"))?;
    std::fs::write(file.path(), text).map_err(|error| format!("the temporary file: {error}"))?;
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or_default();
    let status = std::process::Command::new(program)
        .args(words)
        .arg(file.path())
        .status()
        .map_err(|error| format!("{editor} does not start: {error}"))?;
    if !status.success() {
        return Err(format!(
            "{editor} ended with {status}; the text is as it was"
        ));
    }
    let now = std::fs::read_to_string(file.path())
        .map_err(|error| format!("the edited text cannot be read: {error}"))?;
    let now = now.trim_end().to_owned();
    Ok((now != text.trim_end()).then_some(now))
}

/// Starts the threads that hear the keyboard, and signals and files. They are two because reading from a terminal that
/// has gone never returns: the signal that says so must not wait behind it.
fn listen(
    sender: &Sender<Word>,
    reins: &Arc<Reins>,
    watched: &Arc<std::sync::Mutex<Sentry>>,
) -> std::io::Result<()> {
    let signals: Vec<(u8, Arc<AtomicUsize>)> = [SIGTERM, SIGHUP, SIGINT]
        .into_iter()
        .map(|signal| {
            let seen = Arc::new(AtomicUsize::new(0));
            signal_hook::flag::register_usize(signal, Arc::clone(&seen), 1)?;
            Ok((u8::try_from(signal).unwrap_or(u8::MAX), seen))
        })
        .collect::<std::io::Result<_>>()?;
    let (words, ends, watched) = (sender.clone(), Arc::clone(reins), Arc::clone(watched));
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || attend(&signals, &words, &ends, &watched))?;
    let (words, reins) = (sender.clone(), Arc::clone(reins));
    std::thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || hear(&words, &reins))
        .map(|_| ())
}

/// Looks at signals, and every second at files, until the app ends.
fn attend(
    signals: &[(u8, Arc<AtomicUsize>)],
    sender: &Sender<Word>,
    reins: &Reins,
    watched: &std::sync::Mutex<Sentry>,
) {
    let mut looks = 0_u32;
    while !reins.ended.load(Ordering::Relaxed) {
        let signal = signals
            .iter()
            .find(|(_, seen)| seen.load(Ordering::Relaxed) != 0);
        if let Some((signal, _)) = signal {
            let _ = sender.send(Word::Signal(*signal));
            return;
        }
        looks += 1;
        let look = looks.is_multiple_of(4);
        if look && watched.lock().is_ok_and(|mut sentry| sentry.changed()) {
            let _ = sender.send(Word::Event(Event::Changed));
        }
        std::thread::sleep(LOOK);
    }
}

/// Passes on what the terminal says, except while another program has it.
fn hear(sender: &Sender<Word>, reins: &Reins) {
    while !reins.ended.load(Ordering::Relaxed) {
        if reins.paused.load(Ordering::Relaxed) {
            reins.idle.store(true, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(20));
            continue;
        }
        reins.idle.store(false, Ordering::Relaxed);
        match event::poll(LOOK) {
            Ok(true) => {
                if !pass_on(sender) {
                    return;
                }
            }
            Ok(false) => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => {
                let _ = sender.send(Word::Signal(GONE));
                return;
            }
        }
    }
}

/// Reads one event and passes it on; `false` if nobody listens or nothing can be read any more.
fn pass_on(sender: &Sender<Word>) -> bool {
    let event = match event::read() {
        // Windows tells of keys that are let go, too.
        Ok(Input::Key(key)) if key.kind == KeyEventKind::Release => return true,
        Ok(Input::Key(key)) => Event::Key(Key::from(key)),
        Ok(Input::Mouse(mouse)) => {
            use ratatui::crossterm::event::MouseEventKind as Kind;
            if matches!(mouse.kind, Kind::Moved | Kind::Drag(_) | Kind::Up(_)) {
                return true;
            }
            Event::Mouse(mouse)
        }
        Ok(Input::Paste(text)) => Event::Paste(text),
        Ok(Input::Resize(width, height)) => Event::Resize(Size { width, height }),
        Ok(Input::FocusGained) => Event::Focus(true),
        Ok(Input::FocusLost) => Event::Focus(false),
        Err(_) => {
            let _ = sender.send(Word::Signal(GONE));
            return false;
        }
    };
    sender.send(Word::Event(event)).is_ok()
}
