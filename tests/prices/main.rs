//! The catalogue, one call's bill, and `gonogo prices`.

mod billing;
mod catalogue;
mod command;
