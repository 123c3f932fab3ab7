//! Checklists, reviews, evidence, the verdict and the gate.

mod check_gate;
mod checklists_content;
mod docs;
mod editing;
mod first_steps;
mod git;
mod harness;
mod imports;
mod refusals;
mod saving;
mod signatures;
mod simulated_words;
mod verdict_table;
