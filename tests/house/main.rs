//! The house's own rules.

mod licences;
mod rooms;
