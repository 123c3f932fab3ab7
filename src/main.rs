//! Parse, run, print the error, exit status. Nothing else.

fn main() {}
