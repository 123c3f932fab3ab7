//! Work that must not hold up the keyboard: a slot with one running and one pending job, of which the newest wins.
//!
//! A job is a closure that is told when to stop ([`Cancel`]) and says what it finds into the app's one channel. Whatever
//! the screen shows came through that channel: nothing is drawn from a lock. Dropping a slot stops what runs in it.
//!
//! Work that fills the processors gives way to the keyboard: its threads, and those that they start, ask the system for
//! less ([`Pace::GivesWay`]), so that a key is answered at once while every core simulates.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Told to a job that nobody waits for it any more.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Whether to stop.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for the engine to look at.
    #[must_use]
    pub fn flag(&self) -> &AtomicBool {
        &self.0
    }

    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

type Job = Box<dyn FnOnce(&Cancel) + Send>;

#[derive(Default)]
struct Inside {
    pending: Option<(Job, Cancel)>,
    running: Option<Cancel>,
    closed: bool,
}

/// How a slot's thread shares the processors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As every thread.
    Ordinary,
    /// After the keyboard's thread, where the system knows a priority for each thread (Linux).
    GivesWay,
}

/// What is added to the niceness of threads that give way: about a third of an ordinary thread's share where both want
/// all they can get, and all that nobody else wants. (Each step is a factor of about 1.25: `sched(7)`, "The nice value".)
#[cfg(target_os = "linux")]
const GIVES_WAY: i32 = 5;

impl Pace {
    /// Asks the system for it, for the thread that calls and those that it starts. A system that refuses changes nothing
    /// but the pace.
    fn take(self) {
        #[cfg(target_os = "linux")]
        if self == Self::GivesWay
            && let Ok(now) = rustix::process::getpriority_process(None)
        {
            // Linux keeps a niceness for each thread, and gives it to those that the thread starts.
            let _ = rustix::process::setpriority_process(None, now + GIVES_WAY);
        }
    }
}

/// One running job, one pending.
pub struct Slot {
    shared: Arc<(Mutex<Inside>, Condvar)>,
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Slot")
    }
}

impl Slot {
    /// A slot with its thread.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn new(name: &str, pace: Pace) -> std::io::Result<Self> {
        let shared = Arc::new((Mutex::new(Inside::default()), Condvar::new()));
        let theirs = Arc::clone(&shared);
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                pace.take();
                work(&theirs);
            })?;
        Ok(Self { shared })
    }

    /// Takes a job: what runs is told to stop, and what waited is forgotten.
    pub fn submit(&self, job: impl FnOnce(&Cancel) + Send + 'static) {
        let (inside, wake) = &*self.shared;
        let mut inside = inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = &inside.running {
            running.set();
        }
        inside.pending = Some((Box::new(job), Cancel::default()));
        wake.notify_one();
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let (inside, wake) = &*self.shared;
        let mut inside = inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.closed = true;
        inside.pending = None;
        if let Some(running) = &inside.running {
            running.set();
        }
        wake.notify_one();
    }
}

fn work(shared: &(Mutex<Inside>, Condvar)) {
    let (lock, wake) = shared;
    loop {
        let mut inside = lock.lock().unwrap_or_else(PoisonError::into_inner);
        inside.running = None;
        let (job, cancel) = loop {
            if inside.closed {
                return;
            }
            match inside.pending.take() {
                Some(next) => break next,
                None => inside = wake.wait(inside).unwrap_or_else(PoisonError::into_inner),
            }
        };
        inside.running = Some(cancel.clone());
        drop(inside);
        job(&cancel);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn the_newest_job_wins_and_what_waited_is_forgotten() {
        let slot = Slot::new("test", Pace::Ordinary).unwrap();
        let (say, heard) = channel();
        let (started, wait) = channel();
        let first = say.clone();
        slot.submit(move |cancel| {
            started.send(()).unwrap();
            while !cancel.is_set() {
                std::thread::yield_now();
            }
            first.send("first stopped").unwrap();
        });
        wait.recv().unwrap();
        // The first runs; the second replaces it, and the third the second unless that has begun already.
        let second = say.clone();
        slot.submit(move |cancel| {
            while !cancel.is_set() {
                std::thread::yield_now();
            }
            second.send("second stopped").unwrap();
        });
        slot.submit(move |_| say.send("third done").unwrap());
        let all: Vec<_> = heard
            .iter()
            .take_while(|word| *word != "third done")
            .collect();
        assert_eq!(all.first(), Some(&"first stopped"));
        assert!(all.len() <= 2, "{all:?}");
    }

    #[test]
    fn dropping_the_slot_stops_its_job() {
        let slot = Slot::new("test", Pace::Ordinary).unwrap();
        let (say, heard) = channel();
        let (started, wait) = channel();
        slot.submit(move |cancel| {
            started.send(()).unwrap();
            while !cancel.is_set() {
                std::thread::yield_now();
            }
            say.send(()).unwrap();
        });
        wait.recv().unwrap();
        drop(slot);
        heard.recv().unwrap();
    }

    /// What `sched(7)` calls the niceness of the calling thread.
    #[cfg(target_os = "linux")]
    fn niceness() -> i32 {
        rustix::process::getpriority_process(None).unwrap()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_fills_the_processors_gives_way_and_so_do_the_threads_that_it_starts() {
        let here = niceness();
        let (say, heard) = channel();
        for pace in [Pace::Ordinary, Pace::GivesWay] {
            let slot = Slot::new("test", pace).unwrap();
            let say = say.clone();
            slot.submit(move |_| {
                let started = std::thread::spawn(niceness).join().unwrap();
                say.send((niceness(), started)).unwrap();
            });
            let (there, started) = heard.recv().unwrap();
            let more = i32::from(pace == Pace::GivesWay) * GIVES_WAY;
            let expected = (here + more).min(19);
            assert_eq!((there, started), (expected, expected), "{pace:?}");
            assert_eq!(niceness(), here);
        }
    }
}
