//! Our own cache of answers: time to live from storing, least recently used out first.
//!
//! Repeated questions are numbered densely, so a question finds its entry by index; unique ones take room and are
//! never asked again. Answers are stored when they are complete, which is after the look-up that missed: stores wait
//! in an agenda until somebody looks later than that.

use super::clock::{Agenda, Time};

const NONE: u32 = u32::MAX;

/// A question as the cache sees it: repeated ones have a number, unique ones have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question(u32);

impl Question {
    /// A question that nobody else asks.
    pub const UNIQUE: Self = Self(NONE);

    /// The number of a repeated one.
    #[must_use]
    pub fn number(self) -> Option<u32> {
        (self.0 != NONE).then_some(self.0)
    }

    /// A question that is asked again and again.
    #[must_use]
    pub const fn repeated(number: u32) -> Self {
        Self(number)
    }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    question: u32,
    stored: Time,
    wrong: bool,
    newer: u32,
    older: u32,
}

/// A stored answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Whether it was wrong when it was stored.
    pub wrong: bool,
    /// Whether its time to live is over.
    pub expired: bool,
}

/// The cache of one month.
#[derive(Debug, Clone)]
pub struct ResponseCache {
    ttl: Time,
    capacity: usize,
    /// Entry of each repeated question.
    entry_of: Vec<u32>,
    entries: Vec<Entry>,
    newest: u32,
    oldest: u32,
    /// What lies before time 0 of those who ask.
    earlier: Time,
    pending: Agenda<(Question, bool)>,
}

impl ResponseCache {
    /// An empty cache for questions `0..questions`, with a time to live and room for `capacity` entries (endless:
    /// infinity).
    #[must_use]
    pub fn new(questions: usize, ttl: Time, capacity: f64) -> Self {
        Self {
            ttl,
            capacity: if capacity < 1e9 {
                whole(capacity)
            } else {
                usize::MAX
            },
            entry_of: vec![NONE; questions],
            entries: Vec::new(),
            newest: NONE,
            oldest: NONE,
            earlier: 0,
            pending: Agenda::default(),
        }
    }

    /// What is stored for a question, and moves it to the front. Expired entries are found too, but keep their place.
    pub fn find(&mut self, now: Time, question: Question) -> Option<Hit> {
        let now = now + self.earlier;
        self.settle(now);
        let index = *self.entry_of.get(question.0 as usize)?;
        let entry = *self.entries.get(index as usize)?;
        let expired = now >= entry.stored.saturating_add(self.ttl);
        if !expired {
            self.unlink(index);
            self.link_newest(index);
        }
        Some(Hit {
            wrong: entry.wrong,
            expired,
        })
    }

    /// Forgets every answer.
    pub fn flush(&mut self) {
        self.entry_of.fill(NONE);
        self.entries.clear();
        (self.newest, self.oldest) = (NONE, NONE);
    }

    /// Stores an answer that is complete at `at`.
    #[inline]
    pub fn store(&mut self, at: Time, question: Question, wrong: bool) {
        // Without a bound on entries a unique question takes no room from anybody.
        if question != Question::UNIQUE || self.capacity != usize::MAX {
            self.pending.push(at + self.earlier, (question, wrong));
        }
    }

    /// From now on times are counted from `now`.
    pub fn restart_clock(&mut self, now: Time) {
        self.settle(now + self.earlier);
        self.earlier += now;
    }

    /// Puts an answer in at once.
    pub fn put(&mut self, at: Time, question: Question, wrong: bool) {
        if question != Question::UNIQUE || self.capacity != usize::MAX {
            self.insert(at + self.earlier, question, wrong);
        }
    }

    /// Puts an answer in that was stored before, at an age at `at`.
    pub fn put_aged(&mut self, at: Time, age: Time, question: Question, wrong: bool) {
        self.insert((at + self.earlier).saturating_sub(age), question, wrong);
    }

    /// How many repeated questions there are.
    #[must_use]
    pub fn questions(&self) -> usize {
        self.entry_of.len()
    }

    fn settle(&mut self, now: Time) {
        while let Some((at, (question, wrong))) = self.pending.pop_until(now) {
            self.insert(at, question, wrong);
        }
    }

    fn insert(&mut self, at: Time, question: Question, wrong: bool) {
        let index = match self.entry_of.get(question.0 as usize) {
            Some(&index) if index != NONE => {
                self.unlink(index);
                index
            }
            _ => match self.free_entry() {
                Some(index) => index,
                None => return,
            },
        };
        if let Some(entry) = self.entries.get_mut(index as usize) {
            *entry = Entry {
                question: question.0,
                stored: at,
                wrong,
                newer: NONE,
                older: NONE,
            };
        }
        if let Some(known) = self.entry_of.get_mut(question.0 as usize) {
            *known = index;
        }
        self.link_newest(index);
    }

    /// A new entry, or that of the least recently used answer; none if there is no room at all.
    fn free_entry(&mut self) -> Option<u32> {
        if self.entries.len() < self.capacity {
            let index = u32::try_from(self.entries.len()).ok()?;
            self.entries.push(Entry {
                question: NONE,
                stored: 0,
                wrong: false,
                newer: NONE,
                older: NONE,
            });
            return Some(index);
        }
        let index = self.oldest;
        let victim = self.entries.get(index as usize)?.question;
        if let Some(known) = self.entry_of.get_mut(victim as usize) {
            *known = NONE;
        }
        self.unlink(index);
        Some(index)
    }

    fn unlink(&mut self, index: u32) {
        let Some(&Entry { newer, older, .. }) = self.entries.get(index as usize) else {
            return;
        };
        match self.entries.get_mut(newer as usize) {
            Some(entry) => entry.older = older,
            None => self.newest = older,
        }
        match self.entries.get_mut(older as usize) {
            Some(entry) => entry.newer = newer,
            None => self.oldest = newer,
        }
    }

    fn link_newest(&mut self, index: u32) {
        let before = self.newest;
        if let Some(entry) = self.entries.get_mut(index as usize) {
            entry.newer = NONE;
            entry.older = before;
        }
        match self.entries.get_mut(before as usize) {
            Some(entry) => entry.newer = index,
            None => self.oldest = index,
        }
        self.newest = index;
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bounded by the caller"
)]
fn whole(number: f64) -> usize {
    number.round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Question = Question::repeated(0);
    const B: Question = Question::repeated(1);
    const C: Question = Question::repeated(2);

    #[test]
    fn an_answer_is_found_from_its_completion_until_its_time_to_live_is_over() {
        let mut cache = ResponseCache::new(3, 100, f64::INFINITY);
        cache.store(10, A, true);
        assert_eq!(cache.find(9, A), None);
        assert_eq!(
            cache.find(10, A),
            Some(Hit {
                wrong: true,
                expired: false
            })
        );
        assert_eq!(cache.find(109, A).map(|hit| hit.expired), Some(false));
        assert_eq!(cache.find(110, A).map(|hit| hit.expired), Some(true));
        cache.store(120, A, false);
        assert_eq!(
            cache.find(130, A),
            Some(Hit {
                wrong: false,
                expired: false
            })
        );
    }

    #[test]
    fn the_least_recently_used_answer_makes_room() {
        let mut cache = ResponseCache::new(3, 1000, 2.0);
        cache.store(1, A, false);
        cache.store(2, B, false);
        assert!(cache.find(3, A).is_some());
        cache.store(4, C, false);
        assert_eq!(cache.find(5, B), None);
        assert!(cache.find(6, A).is_some());
        assert!(cache.find(7, C).is_some());
    }

    #[test]
    fn unique_questions_take_room_too() {
        let mut cache = ResponseCache::new(3, 1000, 2.0);
        cache.store(1, A, false);
        cache.store(2, Question::UNIQUE, false);
        cache.store(3, Question::UNIQUE, false);
        assert_eq!(cache.find(4, A), None);
    }

    #[test]
    fn a_cache_without_room_stores_nothing() {
        let mut cache = ResponseCache::new(3, 1000, 0.0);
        cache.store(1, A, false);
        assert_eq!(cache.find(2, A), None);
    }
}
