//! Numbers as people write them, and the laws behind them.

mod grammar;
mod laws;
