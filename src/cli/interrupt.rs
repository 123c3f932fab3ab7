//! Ctrl-C: the first asks a long run for what it has by now, a second one, or one at any other time, ends the program.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::SIGINT;

/// What a shell reports of a program that Ctrl-C ended.
pub(super) const STATUS: u8 = 130;

/// The next Ctrl-C ends the program.
static ENDS: OnceLock<Arc<AtomicBool>> = OnceLock::new();
/// Ctrl-C was pressed while somebody listened.
static PRESSED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on the first Ctrl-C is remembered and ends nothing. Where the system cannot tell, it ends the program as ever.
pub(super) fn listen() {
    let ends = ENDS.get_or_init(|| {
        let (ends, pressed) = (Arc::new(AtomicBool::new(true)), pressed());
        // In this order: a press that ends the program is not remembered, and one that is remembered arms the next.
        let registered = signal_hook::flag::register_conditional_shutdown(
            SIGINT,
            i32::from(STATUS),
            Arc::clone(&ends),
        )
        .and_then(|_| signal_hook::flag::register(SIGINT, Arc::clone(&ends)))
        .and_then(|_| signal_hook::flag::register(SIGINT, pressed));
        drop(registered);
        ends
    });
    pressed().store(false, Ordering::SeqCst);
    ends.store(false, Ordering::SeqCst);
}

/// Nobody listens any more.
pub(super) fn deaf() {
    if let Some(ends) = ENDS.get() {
        ends.store(true, Ordering::SeqCst);
    }
}

/// Whether Ctrl-C was pressed since somebody listened.
pub(super) fn heard() -> bool {
    PRESSED
        .get()
        .is_some_and(|pressed| pressed.load(Ordering::SeqCst))
}

fn pressed() -> Arc<AtomicBool> {
    Arc::clone(PRESSED.get_or_init(Arc::default))
}
