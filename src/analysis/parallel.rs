//! Numbered tasks on several threads, their results taken in order, so that sums do not depend on the threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::study::{Progress, Watch};

/// Does `tasks` pieces of work and hands their results to `take` in order; `None` if it was stopped.
///
/// Work is done in rounds of a few tasks for each thread, so that only a few results are held at a time.
pub(super) fn in_order<T: Send>(
    tasks: usize,
    threads: usize,
    watch: &dyn Watch,
    work: impl Fn(usize) -> Option<T> + Sync,
    mut take: impl FnMut(usize, T),
) -> Option<()> {
    let round = threads.max(1) * 4;
    let mut first = 0;
    while first < tasks {
        let last = (first + round).min(tasks);
        let next = AtomicUsize::new(first);
        let stopped = AtomicBool::new(false);
        let results: Vec<Mutex<Option<T>>> = (first..last).map(|_| Mutex::new(None)).collect();
        std::thread::scope(|scope| {
            for _ in 0..threads.max(1) {
                scope.spawn(|| {
                    loop {
                        let task = next.fetch_add(1, Ordering::Relaxed);
                        if task >= last || stopped.load(Ordering::Relaxed) {
                            break;
                        }
                        let result = work(task);
                        if result.is_none() {
                            stopped.store(true, Ordering::Relaxed);
                        }
                        if let Some(place) = results.get(task - first) {
                            *place.lock().unwrap_or_else(PoisonError::into_inner) = result;
                        }
                    }
                });
            }
        });
        for (place, task) in results.into_iter().zip(first..) {
            take(task, place.into_inner().unwrap_or_else(PoisonError::into_inner)?);
        }
        first = last;
        let progress = Progress {
            done: last,
            wanted: tasks,
            complete: 0,
            share: last as f64 / tasks as f64,
        };
        if !watch.goes_on(progress) && first < tasks {
            return None;
        }
    }
    Some(())
}
