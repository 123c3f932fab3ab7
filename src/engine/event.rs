//! What can be scheduled.

use super::conversation::Which;
use super::hosted::JobId;

/// Something scheduled.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// Something about a conversation.
    Conversation {
        /// Where it is kept.
        slot: u32,
        /// Its serial number when this was scheduled: another one means that this no longer holds.
        serial: u32,
        /// What happens.
        what: Happens,
    },
    /// A stage of a hosted job is over.
    Stage {
        /// Model.
        model: u16,
        /// Job.
        job: JobId,
    },
    /// The virtual clock of a replica reaches the next end.
    Clock {
        /// Model.
        model: u16,
        /// Replica.
        replica: u16,
        /// The replica's serial number when this was scheduled.
        serial: u32,
    },
    /// The autoscaler looks.
    Scale {
        /// Model.
        model: u16,
    },
    /// A scripted cut of limits is over.
    Relief,
    /// A replica has started.
    Ready {
        /// Model.
        model: u16,
    },
}

/// What happens to a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happens {
    /// It takes its next step.
    Wake,
    /// It is time for a second copy.
    Hedge,
    /// A copy is answered, fails, or is cut by its timeout.
    LegEnd(Which),
    /// The user of a call under way has waited long enough.
    Leave,
}
