//! Which quarters of an hour of a period share their prices.

use super::errors::PriceError;
use super::probe::{Fingerprint, Probe, instant};
use super::tariff::{PER_DAY, SLOT_S, slot_start};

/// Which slots share their prices.
///
/// The time-of-day pattern repeats daily between announced changes, and those come at midnight UTC. So the first day is
/// asked slot by slot; a later day only at one slot of each run of equal prices, before and after UTC midnight, and
/// slot by slot again where an answer differs from the day before.
pub(super) struct Fingerprints<'a> {
    pub(super) probe: Probe<'a>,
    pub(super) first_s: f64,
    pub(super) seen: Vec<(Fingerprint, usize)>,
    pub(super) slots: Vec<u16>,
}

impl Fingerprints<'_> {
    pub(super) fn fill(&mut self, total: usize) -> Result<(), PriceError> {
        let mut samples: Vec<usize> = Vec::new();
        while self.slots.len() < total {
            let day = self.slots.len();
            let same = !samples.is_empty() && self.same_as_day_before(day, &samples)?;
            if same && let Some(yesterday) = self.slots.get(day - PER_DAY..day) {
                let copied = yesterday.to_vec();
                self.slots.extend(copied);
                continue;
            }
            for slot in day..day + PER_DAY {
                let index = self.index(slot)?;
                self.slots.push(index);
            }
            samples = self.runs(day);
        }
        self.slots.truncate(total);
        Ok(())
    }

    /// Slots of the day that starts at `day`, relative to it: first and last of each run of equal prices, and of the
    /// two parts that UTC midnight cuts the day into.
    fn runs(&self, day: usize) -> Vec<usize> {
        let midnight = (day..day + PER_DAY)
            .find(|slot| slot_start(self.first_s, *slot).rem_euclid(86_400.0) < SLOT_S);
        let starts = |slot: usize| {
            slot == day
                || Some(slot) == midnight
                || self.slots.get(slot) != self.slots.get(slot - 1)
        };
        let wanted =
            |slot: &usize| starts(*slot) || *slot + 1 == day + PER_DAY || starts(*slot + 1);
        (day..day + PER_DAY)
            .filter(wanted)
            .map(|slot| slot - day)
            .collect()
    }

    fn same_as_day_before(&mut self, day: usize, samples: &[usize]) -> Result<bool, PriceError> {
        for sample in samples {
            let index = self.index(day + sample)?;
            if self.slots.get(day + sample - PER_DAY) != Some(&index) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The index of a slot's prices, new if they have not been seen.
    fn index(&mut self, slot: usize) -> Result<u16, PriceError> {
        let print = self
            .probe
            .fingerprint(instant(slot_start(self.first_s, slot)))?;
        let known = self.seen.iter().position(|(seen, _)| *seen == print);
        let index = known.unwrap_or_else(|| {
            self.seen.push((print, slot));
            self.seen.len() - 1
        });
        // 3,660 days cannot have 65,536 different prices: the catalogue would have to list as many changes.
        u16::try_from(index).map_err(|_| PriceError::Catalogue {
            reference: self.probe.entry.reference.clone(),
            reason: "its price changes too often".to_owned(),
        })
    }
}
