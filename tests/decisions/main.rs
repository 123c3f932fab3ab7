//! Analyses that decide something, against closed forms and brute force.

mod drill;
mod harness;
mod headroom;
mod sensitivity;
