//! Real requests instead of drawn ones: a log, replayed at a volume.
//!
//! Volume v is either v copies of the log, the first as it was and each further one moved by a random number of whole
//! hours (round the end of the log to its start, so that every copy is whole), or the log with its times divided by v.
//! Of a fraction of a copy, each conversation is there with that probability. A turn that would come after the end of
//! the pass is dropped, as at the end of every month.

use std::sync::Arc;

use crate::model::{Replay, ReplayScale, ReplayTurn};

use super::clock::{Time, nanos};
use super::conversation::Conversation;
use super::philox::{Item, Purpose, Stream, uniform};
use super::setup::narrow;

/// The conversations of a replay in the order in which they begin.
#[derive(Debug, Clone)]
pub struct Log {
    replay: Arc<Replay>,
    /// Time divided by this.
    speed: f64,
    /// Beginning of each conversation, and its place in the log.
    starts: Vec<(Time, usize)>,
}

impl Log {
    /// Lays out the copies of a log at a volume; counting begins at `from`.
    #[must_use]
    pub fn new(replay: &Arc<Replay>, volume: f64, from: Time, stream: Stream) -> Self {
        let (speed, copies) = match replay.scale {
            ReplayScale::Speed => (volume, 1.0),
            ReplayScale::Copies => (1.0, volume),
        };
        let mut starts = Vec::new();
        let mut copy = 0_u16;
        while f64::from(copy) < copies {
            let share = (copies - f64::from(copy)).min(1.0);
            let [shift, ..] = stream.block(0, Item::new(Purpose::Replay, 0, copy, 0));
            let hours = if copy == 0 {
                0.0
            } else {
                libm::floor(uniform(shift) * libm::ceil(replay.span_s / 3600.0))
            };
            for (place, conversation) in replay.conversations.iter().enumerate() {
                let [there, ..] =
                    stream.block(place as u64, Item::new(Purpose::Replay, 1, copy, 0));
                if share < 1.0 && uniform(there) >= share {
                    continue;
                }
                let at_s = conversation.turns.first().map_or(0.0, |turn| turn.at_s);
                let moved = libm::fmod(at_s + hours * 3600.0, replay.span_s) / speed;
                starts.push((from.saturating_add(nanos(moved)), place));
            }
            copy += 1;
        }
        // Ties keep the order of copies and of the log.
        starts.sort_by_key(|start| start.0);
        Self {
            replay: Arc::clone(replay),
            speed,
            starts,
        }
    }

    /// When each conversation begins, in order.
    pub fn starts(&self) -> impl DoubleEndedIterator<Item = Time> + '_ {
        self.starts.iter().map(|start| start.0)
    }

    /// Place in the log, class and turns of the conversation with a number (from 1).
    #[must_use]
    pub fn conversation(&self, number: u64) -> (usize, u16, u16) {
        let index = usize::try_from(number)
            .unwrap_or(usize::MAX)
            .saturating_sub(1);
        let place = self.starts.get(index).map_or(0, |start| start.1);
        let Some(conversation) = self.replay.conversations.get(place) else {
            return (0, 0, 1);
        };
        (
            place,
            narrow(conversation.class),
            narrow(conversation.turns.len()).max(1),
        )
    }

    /// The turn that a conversation is at.
    #[must_use]
    pub fn turn(&self, conversation: &Conversation<'_>) -> Option<&ReplayTurn> {
        self.replay
            .conversations
            .get(conversation.logged)?
            .turns
            .get(usize::from(conversation.turn))
    }

    /// Prefix blocks of that turn, and tokens of one block.
    #[must_use]
    pub fn blocks(&self, conversation: &Conversation<'_>) -> (&[u32], f64) {
        (
            self.turn(conversation)
                .map_or(&[], |turn| turn.blocks.as_slice()),
            self.replay.block_tokens,
        )
    }

    /// When that turn comes in this copy of the log.
    #[must_use]
    pub fn turn_at(&self, conversation: &Conversation<'_>) -> Time {
        let Some(logged) = self.replay.conversations.get(conversation.logged) else {
            return conversation.began;
        };
        let first = logged.turns.first().map_or(0.0, |turn| turn.at_s);
        let now = self.turn(conversation).map_or(first, |turn| turn.at_s);
        conversation
            .began
            .saturating_add(nanos((now - first) / self.speed))
    }
}
