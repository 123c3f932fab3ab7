//! What happens to single conversations, computed by hand: each test simulates months in which exactly one conversation
//! came, and compares counts, tokens and seconds exactly.

mod answers;
mod gateway;
mod lone;
mod prompts;
