//! Analyses that decide something, against closed forms and brute force.

mod compare;
mod drill;
mod gate;
mod harness;
mod schema;
