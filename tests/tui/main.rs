//! The terminal app: screens as text, scripts of keys without a terminal, and the real binary in a pseudo-terminal.

mod driver;
mod keys;
mod plain;
#[cfg(unix)]
mod pty;
mod reference;
mod review;
mod scenario;
mod screens;
#[cfg(unix)]
mod term;
#[cfg(unix)]
mod walkthrough;
