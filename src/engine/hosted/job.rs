//! Calls that a hosted model serves, their names, and what is told about them.

use super::super::clock::Time;
use super::super::conversation::Which;

/// A call that a hosted model serves.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Where the conversation that it belongs to is kept.
    pub slot: u32,
    /// Which copy of the conversation's call it is.
    pub leg: Which,
    /// Seconds before the first token, without prefill and queueing.
    pub base_s: f64,
    /// Prompt tokens that must be read (not in the prompt cache).
    pub prefill_tokens: f64,
    /// This attempt's time per token over the mean.
    pub pace: f64,
    /// Reasoning tokens.
    pub reasoning: f64,
    /// Visible tokens.
    pub output: f64,
    /// Memory in tokens.
    pub memory: f64,
}

/// Names a job; an old name never matches a newer job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobId {
    pub(super) index: u32,
    pub(super) serial: u32,
}

impl JobId {
    pub(super) const fn new(index: u32, serial: u32) -> Self {
        Self { index, serial }
    }

    pub(super) const fn index(self) -> usize {
        self.index as usize
    }
}

/// What a hosted model tells a conversation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Notice {
    /// Where the conversation is kept.
    pub slot: u32,
    /// Which copy this is about.
    pub leg: Which,
    /// The news.
    pub told: Told,
}

/// News about a copy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Told {
    /// The first visible token is there (told only where answers are streamed).
    First,
    /// The whole answer is there.
    Done {
        /// When its first visible token came.
        first: Time,
        /// Seconds waited for a slot.
        queued_s: f64,
        /// Seconds of prefill, its queue included.
        prefill_s: f64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Free,
    Queued,
    /// Before its prompt is read, or while that takes a fixed time.
    Prefill,
    /// Its prompt is read in steps.
    Reading,
    Reasoning,
    Answering,
}

/// A job and how far it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub(super) job: Job,
    pub(super) serial: u32,
    pub(super) phase: Phase,
    pub(super) replica: usize,
    pub(super) joined: Time,
    pub(super) admitted: Time,
    /// Prompt tokens that are not read yet, where prompts are read in steps.
    pub(super) unread: f64,
    /// When it began to generate, and where the virtual clock stood.
    pub(super) decoding: Time,
    pub(super) decoding_clock: f64,
    /// When its first visible token came.
    pub(super) answering: Time,
}

impl Held {
    pub(super) const fn new(now: Time, job: Job, serial: u32) -> Self {
        Self {
            job,
            serial,
            phase: Phase::Queued,
            replica: 0,
            joined: now,
            admitted: now,
            unread: job.prefill_tokens,
            decoding: now,
            decoding_clock: 0.0,
            answering: now,
        }
    }

    /// Tokens of its prompt in memory, those from the prompt cache included.
    pub(super) fn prompt(&self) -> f64 {
        (self.job.memory - self.job.reasoning - self.job.output).max(0.0)
    }
}
