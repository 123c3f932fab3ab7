//! The workload: rates, classes, and the log of a replay.

use std::sync::Arc;

use crate::quantity::Quantity;
use crate::scenario::types as written;

use super::compile::Compiler;
use super::facts::Num;
use super::types::{Burst, Class, History, Questions, Replay, Spike, Workload};

impl Compiler<'_> {
    pub(super) fn workload(&mut self, replay: Option<Arc<Replay>>) -> Workload {
        let written = &self.scenario.workload;
        let path = |field: &str| format!("workload.{field}");
        if written.hourly.is_none() && written.weekly.is_none() && replay.is_none() {
            self.unstate(
                path("hourly"),
                "the same rate at all hours",
                &["utilisation"],
            );
        }
        let spikes = written.spikes.iter().enumerate().map(|(index, spike)| {
            let base = format!("workload.spike.{index}");
            Spike {
                per_month: self.num(&format!("{base}.per_month"), &spike.per_month),
                multiplier: self.num(&format!("{base}.multiplier"), &spike.multiplier),
                minutes: self.draw(&format!("{base}.minutes"), &spike.minutes),
            }
        });
        let spikes = spikes.collect();
        let zero = Quantity::exact(0.0);
        Workload {
            conversations_per_day: self.num(
                &path("conversations_per_day"),
                written.conversations_per_day.as_ref().unwrap_or(&zero),
            ),
            hourly: written.hourly.unwrap_or([1.0; 24]),
            weekly: written.weekly.unwrap_or([1.0; 7]),
            day_cv: self.num(&path("day_cv"), written.day_cv.as_ref().unwrap_or(&zero)),
            burst: written.burst.as_ref().map(|burst| Burst {
                cv: self.num(&path("burst.cv"), &burst.cv),
                block_s: burst.minutes * 60.0,
                scaling: self.num(&path("burst.scaling"), &burst.scaling),
            }),
            spikes,
            system_tokens: self.num(&path("system_tokens"), &written.system_tokens),
            prefixes: self.num(&path("prefixes"), &written.prefixes),
            grows_by: written.grows_by,
            heaps: self.num(&path("heaps"), &written.heaps),
            growth_per_month: self.num(&path("growth_per_month"), &written.growth_per_month),
            classes: classes(written)
                .iter()
                .map(|class| self.class(class))
                .collect(),
            replay,
        }
    }

    /// The log of a replay, read once for all months.
    pub(super) fn replay(&mut self) -> Option<Arc<Replay>> {
        let written = self.scenario.workload.replay.as_ref()?;
        let classes: Vec<String> = self
            .scenario
            .workload
            .classes
            .iter()
            .map(|class| class.name.clone())
            .collect();
        match super::replay::load(self.scenario.folder.as_deref(), written, &classes) {
            Ok(replay) => Some(Arc::new(replay)),
            Err(message) => {
                self.problem("workload.replay.file", message);
                None
            }
        }
    }

    pub(super) fn class(&mut self, class: &written::Class) -> Class {
        let base = format!("workload.class.{}", class.name);
        let path = |field: &str| format!("{base}.{field}");
        // A log says what its requests were; what it cannot tell of people is unstated all the same.
        if class.patience_s.is_none() {
            self.unstate(
                path("patience_s"),
                "users wait for ever",
                &["rate.abandoned"],
            );
        }
        if class.sensitive.is_none() {
            self.unstate(
                path("sensitive"),
                "no conversation is sensitive",
                &["rate.leaked"],
            );
        }
        if class.questions.is_none() {
            self.unstate(
                path("questions"),
                "no question is asked twice",
                &["cache.response_hit_rate", "rate.cached"],
            );
        }
        let history = match &class.history {
            written::History::Full => History::Full,
            written::History::None => History::None,
            written::History::Last(turns) => History::Last(*turns),
            written::History::Summary(tokens) => {
                History::Summary(self.num(&path("history.summary_tokens"), tokens))
            }
        };
        let nothing = |quantity: &Quantity, number: f64| quantity.as_exact() == Some(number);
        Class {
            name: class.name.clone(),
            share: self.num(&path("share"), &class.share),
            turns: self.draw(&path("turns"), &class.turns),
            think_s: self.draw(&path("think_s"), &class.think_s),
            user_tokens: self.draw(&path("user_tokens"), &class.user_tokens),
            context_tokens: self.draw(&path("context_tokens"), &class.context_tokens),
            output_tokens: self.draw(&path("output_tokens"), &class.output_tokens),
            reasoning_tokens: (!nothing(&class.reasoning_tokens, 0.0))
                .then(|| self.draw(&path("reasoning_tokens"), &class.reasoning_tokens)),
            calls: (!nothing(&class.calls, 1.0)).then(|| self.draw(&path("calls"), &class.calls)),
            tool_tokens: self.draw(&path("tool_tokens"), &class.tool_tokens),
            tool_s: self.draw(&path("tool_s"), &class.tool_s),
            history,
            sensitive: self
                .opt_num(&path("sensitive"), class.sensitive.as_ref())
                .unwrap_or(Num::Exact(0.0)),
            deferrable: self.num(&path("deferrable"), &class.deferrable),
            patience_s: class
                .patience_s
                .as_ref()
                .map(|patience| self.draw(&path("patience_s"), patience)),
            questions: class.questions.as_ref().map(|questions| Questions {
                unique: self.num(&path("questions.unique"), &questions.unique),
                distinct: self.num(&path("questions.distinct"), &questions.distinct),
                zipf: self.num(&path("questions.zipf"), &questions.zipf),
                cacheable: questions.cacheable,
            }),
            quits: self.num(&path("quits"), &class.quits),
            overflow: class.overflow,
            max_output_tokens: class.max_output_tokens,
        }
    }
}

/// The classes of a workload; the requests of a log without classes are all of one.
pub(super) fn classes(workload: &written::Workload) -> Vec<written::Class> {
    if !workload.classes.is_empty() || workload.replay.is_none() {
        return workload.classes.clone();
    }
    let number = Quantity::exact;
    vec![written::Class {
        name: "all".to_owned(),
        share: number(1.0),
        turns: number(1.0),
        think_s: number(0.0),
        user_tokens: number(0.0),
        context_tokens: number(0.0),
        output_tokens: number(0.0),
        reasoning_tokens: number(0.0),
        calls: number(1.0),
        tool_tokens: number(0.0),
        tool_s: number(0.0),
        history: written::History::None,
        sensitive: None,
        deferrable: number(0.0),
        patience_s: None,
        questions: None,
        quits: number(0.0),
        overflow: written::Overflow::Truncate,
        max_output_tokens: None,
    }]
}
