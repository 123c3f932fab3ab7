//! The prompt of a call: how long it is, whether it fits, and what of it the provider has in its prompt cache.
//!
//! A prompt is laid out as system, history, context, new message; the further calls of a turn append earlier answers
//! and tool results. The cached region is a prefix of that: the system part, or system and history (in a further call,
//! everything before the newest tool result). What of the region is warm is read, the rest of it is written, and
//! everything else is plain input. Lengths are cut to whole blocks, and regions below the provider's minimum are not
//! cached at all.

use crate::model::strategy::CacheRegion;

use super::clock::Time;
use super::conversation::Conversation;
use super::history::{dropped, grows_at_its_end, kept};
use super::setup::{Policy, Server};

/// The prompt of one attempt, in tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prompt {
    /// All of it.
    pub total: f64,
    /// Read from the prompt cache.
    pub read: f64,
    /// Written to it.
    pub written: f64,
    /// End of the region that the turn's first call leaves warm for the next turn.
    turn_region: f64,
    /// End of the region that this call leaves warm for the turn's next call.
    call_region: f64,
}

impl Prompt {
    /// Lays out the prompt of the call under way; `None` if it does not fit and may not be cut.
    #[inline]
    pub(super) fn lay_out(
        now: Time,
        model: u16,
        server: &Server,
        conversation: &Conversation<'_>,
        policy: &Policy,
        logged: (&[u32], f64),
    ) -> Option<Self> {
        let class = conversation.class;
        let system = policy.system;
        let mut history = kept(conversation);
        let message = conversation.context + conversation.user + conversation.added;
        let mut total = system + history + message;
        let mut whole = grows_at_its_end(conversation);
        let room = server.window - class.reserved.min(class.max_output);
        if total > room {
            if !class.truncates {
                return None;
            }
            history -= dropped(conversation, history, total - room);
            total = (system + history + message).min(room.max(0.0));
            // The oldest turns are gone, so the prefix no longer matches what is cached.
            whole = false;
        }
        let mut prompt = Self {
            total,
            read: 0.0,
            written: 0.0,
            turn_region: 0.0,
            call_region: 0.0,
        };
        let Some(rule) = &server.caching else {
            return Some(prompt);
        };
        let (blocks, block_tokens) = logged;
        if !blocks.is_empty() {
            prompt.lay_out_logged(now, server, blocks, block_tokens);
            return Some(prompt);
        }
        let blocks = |tokens: f64| {
            if tokens < rule.min_tokens {
                0.0
            } else if rule.block > 1.0 {
                truncated(tokens / rule.block) * rule.block
            } else {
                tokens
            }
        };
        let system_warm = server
            .prefix_until
            .get(conversation.prefix as usize)
            .is_some_and(|until| now < *until);
        let mut warm = if system_warm { system } else { 0.0 };
        let mut region = system;
        if server.region == CacheRegion::Conversation {
            prompt.turn_region = system + history;
            region = prompt.turn_region;
            let known = conversation.warm_model == model && now < conversation.warm_until;
            if conversation.call > 0 {
                // Everything but the newest tool result was, or could have been, in an earlier call's prompt.
                region = total - conversation.tool;
                if known {
                    warm = warm.max(conversation.warm_call);
                }
            } else if known && whole {
                warm = warm.max(conversation.warm_turn);
            }
            prompt.call_region = region;
        }
        let region = blocks(region.min(total));
        prompt.read = blocks(warm.min(region));
        prompt.written = region - prompt.read;
        Some(prompt)
    }

    /// A logged prompt: its leading blocks that are warm are read, the rest of its blocks is written.
    fn lay_out_logged(&mut self, now: Time, server: &Server, blocks: &[u32], block_tokens: f64) {
        let warm = blocks
            .iter()
            .take_while(|block| {
                server
                    .block_until
                    .get(**block as usize)
                    .is_some_and(|until| now < *until)
            })
            .count();
        let region = (blocks.len() as f64 * block_tokens).min(self.total);
        self.read = (warm as f64 * block_tokens).min(region);
        self.written = region - self.read;
    }

    /// Tokens that the model has to read: all that its prompt cache does not have.
    #[inline]
    pub(super) fn unread(&self) -> f64 {
        self.total - self.read
    }

    /// Tokens that are neither read nor written.
    #[inline]
    pub(super) fn plain(&self) -> f64 {
        self.total - self.read - self.written
    }

    /// The model has seen the prompt: what it caches is warm from now on.
    #[inline]
    pub(super) fn keep_warm(
        &self,
        sent: Time,
        model: u16,
        server: &mut Server,
        conversation: &mut Conversation<'_>,
        blocks: &[u32],
    ) {
        let Some(rule) = &server.caching else { return };
        let until = sent.saturating_add(server.ttl);
        for block in blocks {
            if let Some(warm) = server.block_until.get_mut(*block as usize)
                && (rule.refresh || *warm <= sent)
            {
                *warm = until;
            }
        }
        if let Some(shared) = server.prefix_until.get_mut(conversation.prefix as usize)
            && (rule.refresh || *shared <= sent)
        {
            *shared = until;
        }
        if server.region == CacheRegion::Conversation {
            let fresh = conversation.warm_model != model || conversation.warm_until <= sent;
            if rule.refresh || fresh || self.written > 0.0 {
                conversation.warm_until = until;
            }
            conversation.warm_model = model;
            conversation.warm_turn = self.turn_region;
            conversation.warm_call = self.call_region;
        }
    }
}

/// The whole part of a number of blocks.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "saturates, far beyond any prompt"
)]
fn truncated(number: f64) -> f64 {
    // A cast, because `floor` is a call on the oldest processors that we run on.
    number as i64 as f64
}
