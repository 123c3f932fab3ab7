//! Analyses that decide something, against closed forms and brute force.

mod compare;
mod drill;
mod forecast;
mod gate;
mod harness;
mod headroom;
mod optimize;
mod schema;
mod sensitivity;
mod walk;
