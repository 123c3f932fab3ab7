//! What is drawn for the conversations of one class.

use std::sync::Arc;

use crate::model::{Cacheable, Draw, Facts, History, Model, Overflow};
use crate::quantity::Sampler;

use super::super::questions::Popularity;
use super::{count, growth};

/// One class of conversations.
#[derive(Debug)]
pub struct Class {
    /// Its place among the classes.
    pub index: usize,
    /// Share of conversations up to and including this class, times 2^32.
    pub until: f64,
    pub turns: Arc<Sampler>,
    pub think_s: Arc<Sampler>,
    pub user: Arc<Sampler>,
    pub context: Arc<Sampler>,
    pub output: Arc<Sampler>,
    pub reasoning: Option<Arc<Sampler>>,
    pub calls: Option<Arc<Sampler>>,
    pub tool_tokens: Arc<Sampler>,
    pub tool_s: Arc<Sampler>,
    /// Something about a turn varies.
    pub turn_varies: bool,
    /// Something about a call varies.
    pub call_varies: bool,
    pub history: History,
    /// Tokens of a summary.
    pub summary: f64,
    pub sensitive: f64,
    pub deferrable: f64,
    pub patience_s: Option<Arc<Sampler>>,
    pub unique: f64,
    pub popularity: Option<Arc<Popularity>>,
    pub cacheable: Cacheable,
    pub quits: f64,
    pub truncates: bool,
    pub max_output: f64,
    /// Output tokens that a limiter reserves.
    pub reserved: f64,
}

/// The classes of a month; tables of popular questions that are among those known already are not made again.
pub fn classes(model: &Model, facts: &Facts, volume: f64, known: &[Arc<Popularity>]) -> Vec<Class> {
    let workload = &model.workload;
    let total: f64 = workload
        .classes
        .iter()
        .map(|class| facts.get(class.share).max(0.0))
        .sum();
    let growth = growth(model, facts, volume);
    let (mut until, mut first_question) = (0.0, 0_u32);
    workload
        .classes
        .iter()
        .enumerate()
        .map(|(index, class)| {
            until += facts.get(class.share).max(0.0) / total * 4_294_967_296.0;
            let popularity = class.questions.map(|questions| {
                let distinct = (facts.get(questions.distinct) * growth)
                    .round()
                    .clamp(1.0, 50e6);
                let (distinct, zipf) = (count(distinct), facts.get(questions.zipf));
                let popularity = known
                    .iter()
                    .find(|known| known.is(first_question, distinct, zipf))
                    .map_or_else(
                        || Arc::new(Popularity::new(first_question, distinct, zipf)),
                        Arc::clone,
                    );
                first_question = first_question.saturating_add(distinct);
                popularity
            });
            let output = class.output_tokens.sampler(facts);
            let max_output = class.max_output_tokens.unwrap_or(f64::INFINITY);
            // The prompts of a log hold their history already.
            let history = if workload.replay.is_some() {
                History::None
            } else {
                class.history
            };
            let summary = match history {
                History::Summary(tokens) => facts.get(tokens),
                _ => 0.0,
            };
            let (think_s, user, context) = (
                class.think_s.sampler(facts),
                class.user_tokens.sampler(facts),
                class.context_tokens.sampler(facts),
            );
            let patience_s = sampler(class.patience_s.as_ref(), facts);
            let reasoning = sampler(class.reasoning_tokens.as_ref(), facts);
            let varies = |law: &Arc<Sampler>| law.as_constant().is_none();
            let turn_varies = [&think_s, &user, &context]
                .into_iter()
                .chain(&patience_s)
                .any(varies);
            let call_varies = [&output].into_iter().chain(&reasoning).any(varies);
            Class {
                index,
                until,
                turns: class.turns.sampler(facts),
                turn_varies,
                call_varies,
                think_s,
                user,
                context,
                reserved: output.mean().max(class.max_output_tokens.unwrap_or(0.0)),
                output,
                reasoning,
                calls: sampler(class.calls.as_ref(), facts),
                tool_tokens: class.tool_tokens.sampler(facts),
                tool_s: class.tool_s.sampler(facts),
                history,
                summary,
                sensitive: facts.get(class.sensitive),
                deferrable: facts.get(class.deferrable),
                patience_s,
                unique: class
                    .questions
                    .map_or(1.0, |questions| facts.get(questions.unique)),
                popularity,
                cacheable: class
                    .questions
                    .map_or(Cacheable::None, |questions| questions.cacheable),
                quits: facts.get(class.quits),
                truncates: class.overflow == Overflow::Truncate,
                max_output,
            }
        })
        .collect()
}

fn sampler(draw: Option<&Draw>, facts: &Facts) -> Option<Arc<Sampler>> {
    draw.map(|draw| draw.sampler(facts))
}
