//! Autoscaling: replicas come after a delay, and go when they have not been wanted for a while.

use super::super::clock::{Agenda, Time, nanos};
use super::super::event::Event;
use super::replica::{Life, Replica};
use super::{Hosted, Notice, whole};

/// How long the autoscaler remembers what it wanted before it lets a replica go (the default of the Kubernetes
/// horizontal pod autoscaler).
const MEMORY_S: f64 = 300.0;
/// How often it looks.
pub(super) const EVERY_S: f64 = 15.0;

impl Hosted {
    /// The autoscaler looks.
    pub fn scale(
        &mut self,
        now: Time,
        end: Time,
        agenda: &mut Agenda<Event>,
        notices: &mut Vec<Notice>,
    ) {
        let Some(rule) = self.autoscale.clone() else {
            return;
        };
        self.account(now);
        let demand = f64::from(self.busy_total) + self.waiting as f64;
        let wanted = whole(libm::ceil(demand / (self.slots * rule.target)))
            .clamp(rule.min.max(1) as usize, rule.max.max(1) as usize);
        self.wanted.push_back((now, wanted));
        while self
            .wanted
            .front()
            .is_some_and(|(at, _)| at.saturating_add(nanos(MEMORY_S)) <= now)
        {
            self.wanted.pop_front();
        }
        let remembered = self
            .wanted
            .iter()
            .map(|(_, count)| *count)
            .max()
            .unwrap_or(wanted);
        let mut count = self
            .replicas
            .iter()
            .filter(|replica| matches!(replica.life, Life::Up(_)))
            .count();
        while count < wanted {
            let ready = now.saturating_add(nanos(rule.delay_s));
            match self
                .replicas
                .iter_mut()
                .find(|replica| replica.life == Life::Off)
            {
                Some(replica) => replica.life = Life::Up(ready),
                None => self.replicas.push(Replica::new(ready)),
            }
            agenda.push(ready, Event::Ready { model: self.model });
            count += 1;
        }
        while count > remembered {
            let last = self
                .replicas
                .iter_mut()
                .rev()
                .find(|replica| matches!(replica.life, Life::Up(_)));
            if let Some(replica) = last {
                replica.life = if replica.busy == 0 {
                    Life::Off
                } else {
                    Life::Draining
                };
            }
            count -= 1;
        }
        self.recount(now, agenda);
        self.fill(now, agenda, notices);
        let next = now.saturating_add(nanos(EVERY_S));
        if next < end {
            agenda.push(next, Event::Scale { model: self.model });
        }
    }

    /// A new replica serves from now on.
    pub fn ready(&mut self, now: Time, agenda: &mut Agenda<Event>, notices: &mut Vec<Notice>) {
        self.account(now);
        self.recount(now, agenda);
        self.fill(now, agenda, notices);
    }

    /// Counts replicas after some of them have changed.
    fn recount(&mut self, now: Time, agenda: &mut Agenda<Event>) {
        let paid = self
            .replicas
            .iter()
            .filter(|replica| replica.life != Life::Off)
            .count();
        let serving = self
            .replicas
            .iter()
            .filter(|replica| matches!(replica.life, Life::Up(at) if at <= now))
            .count();
        self.paid = paid as f64;
        if self.endless {
            // Endless slots are spread over those that serve: their pace changes.
            self.advance(now, 0);
            self.serving = serving as f64;
            self.schedule(now, 0, agenda);
        } else {
            self.serving = serving as f64;
        }
    }
}
