//! What a user types, end to end.

mod init;
mod replay;
mod simulate;
mod utilisation;
