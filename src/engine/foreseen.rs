//! What the conversations of a window are about to ask, without simulating what becomes of it.
//!
//! When conversations begin, of which class they are, how many turns they want and how long their users think is drawn
//! before anything happens to them. So it can be looked at alone, with the very numbers that [`super::simulate_window`]
//! will draw, for a hundredth of the work: luck that is known before it strikes.

use super::arrivals::Drawn;
use super::clock::{NEVER, seconds};
use super::month::Setting;
use super::part::Tables;
use super::philox::{Item, Purpose};
use super::setup;

/// A turn that somebody wants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// Index of its class.
    pub class: usize,
    /// Its place in the conversation, from 0.
    pub turn: u16,
    /// When it is asked, in seconds from the start of the counted month.
    pub at_s: f64,
}

/// Visits the turns that conversations which begin in the setting's window want before its end, as far as they are
/// asked before its end. `answer_s` says for each class how many seconds lie between a question and the thinking that
/// follows.
pub fn foreseen(
    setting: &Setting<'_>,
    tables: &Tables,
    answer_s: &[f64],
    visit: &mut dyn FnMut(Wanted),
) {
    let Some(window) = setting.window else { return };
    let classes = setup::classes(setting.model, setting.facts, setting.volume, tables.known());
    let mut arrivals = Drawn::new(setting, None);
    loop {
        let begins = arrivals.next_at();
        if begins == NEVER {
            return;
        }
        let number = arrivals.take();
        let item = Item::new(Purpose::Conversation, 0, 0, 0);
        let [class_bits, turns_bits, ..] = setting.stream.block(number, item);
        let point = f64::from(class_bits) + 0.5;
        let Some(class) = classes
            .iter()
            .find(|class| point < class.until)
            .or(classes.first())
        else {
            return;
        };
        let turns = class.turns.draw(turns_bits) + 0.5;
        let waits_s = answer_s.get(class.index).copied().unwrap_or(0.0);
        let (mut turn, mut at_s) = (0_u16, window.from_s + seconds(begins));
        while at_s < window.until_s {
            visit(Wanted {
                class: class.index,
                turn,
                at_s,
            });
            if f64::from(turn) + 2.0 > turns || turn == u16::MAX {
                break;
            }
            let item = Item::new(Purpose::Turn, turn, 0, 0);
            let [_, _, think, _] = setting.stream.block(number, item);
            at_s += waits_s + class.think_s.draw(think).max(0.0);
            turn += 1;
        }
    }
}
