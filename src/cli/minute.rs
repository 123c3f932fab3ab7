//! The time that a study may take, the line that shows how far it is, and Ctrl-C, which asks for what it has by now.

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::study::{Progress, Watch};

use super::interrupt;

/// What a study without a number of months may take.
pub(super) const A_MINUTE: Duration = Duration::from_mins(1);

/// Stops when the time is up where one was agreed, but not before there is an answer; and says how far it is.
pub(super) struct Minute {
    pub(super) started: Instant,
    /// What is under way, shown before how far it is.
    name: &'static str,
    limit: Option<Duration>,
    /// After this it stops, answer or not.
    at_most: Option<Duration>,
    shows: bool,
    /// Ctrl-C stops the study, not the program.
    hears: bool,
    /// It is this one that asks to be told of Ctrl-C, and only as long as it runs.
    listens: bool,
    last: Mutex<Instant>,
    answered: AtomicBool,
    cancel: AtomicBool,
}

impl Minute {
    pub(super) fn new(limit: Option<Duration>, shows: bool) -> Self {
        let started = Instant::now();
        Self {
            started,
            name: "",
            limit,
            at_most: None,
            shows,
            hears: false,
            listens: false,
            last: Mutex::new(started),
            answered: AtomicBool::new(false),
            cancel: AtomicBool::new(false),
        }
    }

    /// One of several steps, called by its name: it may take so long, and twice that if there is no answer by then.
    /// Ctrl-C stops it, and it gives what it has by then, if somebody listens over all steps.
    pub(super) fn step(name: &'static str, limit: Duration, shows: bool) -> Self {
        Self {
            name,
            at_most: Some(limit * 2),
            hears: true,
            ..Self::new(Some(limit), shows)
        }
    }

    /// The same as [`Minute::new`], and Ctrl-C stops the study, which gives what it has by then.
    pub(super) fn until_interrupted(limit: Option<Duration>, shows: bool) -> Self {
        Self {
            hears: true,
            listens: true,
            ..Self::new(limit, shows)
        }
    }

    /// Whether Ctrl-C stopped it.
    pub(super) fn interrupted(&self) -> bool {
        self.hears && interrupt::heard()
    }

    /// Whether Ctrl-C was pressed, the time is up and there is something to show for it, or all patience is at its end.
    fn is_over(&self) -> bool {
        let taken = self.started.elapsed();
        let up = |limit: Option<Duration>| limit.is_some_and(|limit| taken >= limit);
        let late = up(self.at_most) || (up(self.limit) && self.answered.load(Ordering::Relaxed));
        late || self.interrupted()
    }

    /// Runs a study, stops it in the middle of a month when the time is up, and takes back the line of progress.
    pub(super) fn over<T>(&self, study: impl FnOnce() -> T) -> T {
        if self.listens {
            interrupt::listen();
        }
        let done = AtomicBool::new(false);
        let result = std::thread::scope(|scope| {
            let clock = scope.spawn(|| {
                while !done.load(Ordering::Relaxed) && !self.is_over() {
                    std::thread::park_timeout(Duration::from_millis(20));
                }
                self.cancel.store(true, Ordering::Relaxed);
            });
            let result = study();
            done.store(true, Ordering::Relaxed);
            clock.thread().unpark();
            result
        });
        if self.listens {
            interrupt::deaf();
        }
        if self.shows {
            let _ = std::io::stderr().write_all(b"\r\x1b[K");
        }
        result
    }

    fn show(&self, progress: Progress) {
        let Ok(mut last) = self.last.try_lock() else {
            return;
        };
        if last.elapsed() < Duration::from_millis(200) {
            return;
        }
        *last = Instant::now();
        let taken = self.started.elapsed().as_secs_f64();
        let by_share = taken * (1.0 / progress.share.max(1e-3) - 1.0);
        let left = self
            .limit
            .map_or(by_share, |limit| by_share.min(limit.as_secs_f64() - taken));
        let colon = if self.name.is_empty() { "" } else { ": " };
        let line = format!(
            "\r\x1b[K{}{colon}{:.0}% of the way, {:.0} s left",
            self.name,
            progress.share * 100.0,
            left.max(0.0)
        );
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

impl Watch for Minute {
    fn goes_on(&self, progress: Progress) -> bool {
        if self.shows {
            self.show(progress);
        }
        if progress.complete > 0 {
            self.answered.store(true, Ordering::Relaxed);
        }
        !self.is_over()
    }

    fn cancelled(&self) -> Option<&AtomicBool> {
        Some(&self.cancel)
    }
}
