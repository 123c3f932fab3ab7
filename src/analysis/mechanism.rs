//! What a strategy is made of: mechanisms that can be taken away, or exchanged for those of another strategy, one at a
//! time. A mechanism is one field of the strategy, or a few that only make sense together.

use crate::model::strategy::{Retry, Strategy};
use crate::model::{Model, Num};

/// A part of a strategy.
#[derive(Debug, Clone, Copy)]
pub struct Mechanism {
    /// Its name: the field of the scenario.
    pub name: &'static str,
    same: fn(&Strategy, &Strategy) -> bool,
    give: fn(&Strategy, &mut Strategy),
    /// Takes it away; `None` where a strategy cannot be without it.
    remove: Option<fn(&mut Strategy)>,
    /// It stands between users and incidents.
    protects: bool,
}

impl PartialEq for Mechanism {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// A mechanism of some fields; the expression says what a strategy without it has.
macro_rules! mechanism {
    ($name:literal, $protects:literal, [$($field:ident),+], $remove:expr) => {
        Mechanism {
            name: $name,
            same: |a, b| $(a.$field == b.$field)&&+,
            give: |from, to| {
                $(to.$field.clone_from(&from.$field);)+
                to.renew_uses();
            },
            remove: $remove,
            protects: $protects,
        }
    };
}

/// One attempt.
const NO_RETRY: Retry = Retry {
    attempts: Num::Exact(1.0),
    base_s: Num::Exact(0.0),
    factor: Num::Exact(1.0),
    max_s: Num::Exact(0.0),
    jitter: crate::model::strategy::Jitter::None,
    budget: None,
};

/// Every mechanism, in the order of the scenario's reference.
#[must_use]
pub fn all() -> Vec<Mechanism> {
    vec![
        mechanism!("route", false, [route], None),
        mechanism!(
            "streaming",
            false,
            [streaming],
            Some(|it| it.streaming = false)
        ),
        mechanism!(
            "timeouts",
            true,
            [timeout_s, deadline_s],
            Some(|it| {
                (it.timeout_s, it.deadline_s) = (None, None);
            })
        ),
        mechanism!("retry", true, [retry], Some(|it| it.retry = NO_RETRY)),
        mechanism!("prompt_cache", false, [prompt_cache], None),
        mechanism!(
            "response_cache",
            true,
            [response_cache],
            Some(|it| it.response_cache = None)
        ),
        mechanism!("batch", false, [batch], Some(|it| it.batch = false)),
        mechanism!("tier", false, [tier], None),
        mechanism!(
            "prompt_factor",
            false,
            [prompt_factor],
            Some(|it| it.prompt_factor = Num::Exact(1.0))
        ),
        mechanism!(
            "hedge",
            true,
            [hedge_after_s],
            Some(|it| it.hedge_after_s = None)
        ),
        mechanism!("breaker", true, [breaker], Some(|it| it.breaker = None)),
        mechanism!(
            "fallback",
            true,
            [fallback],
            Some(|it| {
                it.fallback.clear();
                it.renew_uses();
            })
        ),
        mechanism!(
            "admission",
            true,
            [admission],
            Some(|it| it.admission = None)
        ),
        mechanism!(
            "sensitive_route",
            false,
            [sensitive_route],
            Some(|it| {
                it.sensitive_route = None;
                it.renew_uses();
            })
        ),
        mechanism!("sanitise", false, [sanitise], Some(|it| it.sanitise = None)),
        mechanism!(
            "guardrail",
            false,
            [guardrail],
            Some(|it| it.guardrail = None)
        ),
        // What is flagged may go to people, so the two go together.
        mechanism!(
            "confidence + human_review",
            false,
            [confidence, human_review],
            Some(|it| {
                (it.confidence, it.human_review) = (None, None);
            })
        ),
    ]
}

/// The mechanisms in which two strategies differ.
#[must_use]
pub fn differing(a: &Strategy, b: &Strategy) -> Vec<Mechanism> {
    all().into_iter().filter(|it| !(it.same)(a, b)).collect()
}

impl Mechanism {
    /// Gives a strategy this mechanism of another one.
    pub fn give(&self, from: &Strategy, to: &mut Strategy) {
        (self.give)(from, to);
    }

    /// The strategy without it; `None` if it has none, or cannot be without.
    #[must_use]
    pub fn without(&self, strategy: &Strategy) -> Option<Strategy> {
        let mut bare = strategy.clone();
        (self.remove?)(&mut bare);
        (!(self.same)(strategy, &bare)).then(|| {
            bare.name = format!("{} without {}", strategy.name, self.name);
            bare
        })
    }
}

/// The strategy without each of its protections in turn: those that stand between users and incidents.
#[must_use]
pub fn unprotected(strategy: &Strategy) -> Vec<(Mechanism, Strategy)> {
    all()
        .into_iter()
        .filter(|it| it.protects)
        .filter_map(|it| it.without(strategy).map(|bare| (it, bare)))
        .collect()
}

/// A model with further strategies after its own; what is known of its facts stays as it is.
#[must_use]
pub fn with_strategies(model: &Model, more: Vec<Strategy>) -> Model {
    let mut model = model.clone();
    model.strategies.extend(more);
    model
}
