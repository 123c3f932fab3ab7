//! Numbered tasks on several threads, their results in order, so that sums do not depend on the threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Does `tasks` pieces of work, each thread taking the next one. A piece that gives `None` stops all, and the answer is
/// `None`.
#[must_use]
pub fn in_order<T: Send>(
    tasks: usize,
    threads: usize,
    work: impl Fn(usize) -> Option<T> + Sync,
) -> Option<Vec<T>> {
    let next = AtomicUsize::new(0);
    let stopped = AtomicBool::new(false);
    let results: Vec<Mutex<Option<T>>> = (0..tasks).map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, tasks.max(1)) {
            scope.spawn(|| {
                loop {
                    let task = next.fetch_add(1, Ordering::Relaxed);
                    let Some(place) = results.get(task) else {
                        break;
                    };
                    if stopped.load(Ordering::Relaxed) {
                        break;
                    }
                    let result = work(task);
                    if result.is_none() {
                        stopped.store(true, Ordering::Relaxed);
                    }
                    *place.lock().unwrap_or_else(PoisonError::into_inner) = result;
                }
            });
        }
    });
    results
        .into_iter()
        .map(|place| place.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect()
}
