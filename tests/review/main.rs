//! Checklists, reviews, evidence, the verdict and the gate.

mod check_gate;
mod checklists_content;
mod commands;
mod docs;
mod editing;
mod git;
mod saving;
mod simulated_words;
mod verdict_table;
