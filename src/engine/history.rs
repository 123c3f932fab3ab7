//! What of a conversation so far is sent again with the next question.

use crate::model::History;

use super::conversation::Conversation;

/// Tokens of the conversation that are sent again.
#[inline]
pub fn kept(conversation: &Conversation<'_>) -> f64 {
    match conversation.class.history {
        History::Full => conversation.said,
        History::None => 0.0,
        History::Last(turns) => conversation
            .said_by_turn
            .iter()
            .rev()
            .take(turns as usize)
            .sum(),
        History::Summary(_) => {
            if conversation.turn > 0 {
                conversation.class.summary
            } else {
                0.0
            }
        }
    }
}

/// A turn enters the history.
#[inline]
pub fn remember(conversation: &mut Conversation<'_>, answer: f64) {
    let class = conversation.class;
    let turn = conversation.user + answer;
    conversation.said += turn;
    if class.truncates || matches!(class.history, History::Last(_)) {
        conversation.said_by_turn.push(turn);
    }
}

/// Whether the history of this turn begins with the whole history of the turn before.
#[inline]
pub fn grows_at_its_end(conversation: &Conversation<'_>) -> bool {
    match conversation.class.history {
        History::Full => true,
        History::Last(turns) => u32::from(conversation.turn) <= turns,
        History::None | History::Summary(_) => false,
    }
}

/// Tokens of the oldest turns that must go to save `excess`.
pub fn dropped(conversation: &Conversation<'_>, history: f64, excess: f64) -> f64 {
    let skipped: f64 = conversation.said - history;
    let mut gone = 0.0;
    let mut past = 0.0;
    for turn in &conversation.said_by_turn {
        past += turn;
        // Turns that are not sent anyway save nothing.
        if past <= skipped {
            continue;
        }
        gone += turn;
        if gone >= excess {
            break;
        }
    }
    // A summary is not made of turns; it is cut as it is.
    if conversation.said_by_turn.is_empty() {
        excess.min(history)
    } else {
        gone.min(history)
    }
}
