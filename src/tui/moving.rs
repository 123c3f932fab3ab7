//! How keys move through a list or scroll a text: one place for all of them, so that every one stops at its ends. A key
//! that was pressed too often at an end is not owed back.

use super::action::Action;

/// The place that a key leads to, from one of `0..=last`; a page is so many rows. None: it is no key that moves.
#[must_use]
pub fn moved(action: Action, at: usize, last: usize, page: usize) -> Option<usize> {
    let at = at.min(last);
    let page = page.max(1);
    Some(match action {
        Action::Up => at.saturating_sub(1),
        Action::Down => (at + 1).min(last),
        Action::PageUp => at.saturating_sub(page),
        Action::PageDown => at.saturating_add(page).min(last),
        Action::Top => 0,
        Action::Bottom => last,
        _ => return None,
    })
}

/// The first line that may stand on top, of so many in so much room.
#[must_use]
pub fn last_on_top(lines: usize, room: usize) -> usize {
    lines.saturating_sub(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_stops_at_the_ends_and_comes_back_at_once() {
        let ways = [Action::Down, Action::PageDown, Action::Bottom];
        for way in ways {
            let end = (0..50).try_fold(0, |at, _| moved(way, at, 7, 3)).unwrap();
            assert_eq!(end, 7);
            assert_eq!(moved(Action::Up, end, 7, 3), Some(6));
        }
        for way in [Action::Up, Action::PageUp, Action::Top] {
            let end = (0..50).try_fold(7, |at, _| moved(way, at, 7, 3)).unwrap();
            assert_eq!(end, 0);
            assert_eq!(moved(Action::Down, end, 7, 3), Some(1));
        }
        // What grew shorter meanwhile is entered from its end.
        assert_eq!(moved(Action::Up, 90, 7, 3), Some(6));
        assert_eq!(moved(Action::Down, 0, 0, 0), Some(0));
        assert_eq!(moved(Action::Quit, 3, 7, 3), None);
    }
}
