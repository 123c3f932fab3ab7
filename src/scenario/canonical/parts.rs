use crate::quantity::Quantity;
use crate::scenario::types::{
    Cacheable, Class, DrillEffect, Growth, History, Knob, Overflow, ReplayScale, Scenario, Workload,
};

use super::Form;
use super::quantities::quantity;
use super::text::{Lines, key, list, number, string};

/// Writes one form of a scenario.
pub(super) struct Writer {
    form: Form,
}

/// The whole file.
pub(super) fn whole(scenario: &Scenario, form: Form) -> String {
    let writer = Writer { form };
    let mut text = Lines::default()
        .put("schema", "1")
        .put("name", string(&scenario.name))
        .section("", true);
    text.push_str(&writer.study(scenario));
    text.push_str(&writer.workload(&scenario.workload));
    let models = scenario
        .models
        .iter()
        .map(|model| (key(&model.name), writer.model(model)));
    text.push_str(&writer.tables("models", models));
    let providers = scenario.providers.iter().map(|provider| {
        let mut lines = Lines::default();
        lines.maybe(
            "outage",
            provider
                .outage
                .as_ref()
                .map(|times| writer.incidents(times, false)),
        );
        lines.maybe(
            "brownout",
            provider
                .brownout
                .as_ref()
                .map(|times| writer.incidents(times, true)),
        );
        (key(&provider.name), lines)
    });
    text.push_str(&writer.tables("providers", providers));
    let strategies = scenario
        .strategies
        .iter()
        .map(|strategy| (key(&strategy.name), writer.strategy(strategy)));
    text.push_str(&writer.tables("strategies", strategies));
    text.push_str(&writer.rest(scenario));
    text
}

impl Writer {
    pub(super) fn q(&self, written: &Quantity) -> String {
        quantity(written, self.form)
    }

    pub(super) fn maybe(&self, written: Option<&Quantity>) -> Option<String> {
        written.map(|written| self.q(written))
    }

    /// Sections under a common name, sorted where their order does not count.
    fn tables(&self, name: &str, tables: impl Iterator<Item = (String, Lines)>) -> String {
        let mut sections: Vec<(String, String)> = tables
            .map(|(key, lines)| (lines.section(&format!("[{name}.{key}]"), true), key))
            .map(|(text, key)| (key, text))
            .collect();
        if self.form == Form::Digest {
            sections.sort();
        }
        sections.into_iter().map(|(_, text)| text).collect()
    }

    /// Lines whose order does not count.
    pub(super) fn unordered(&self, mut lines: Lines) -> Lines {
        if self.form == Form::Digest {
            lines.sort();
        }
        lines
    }

    pub(super) fn named(&self, pairs: &[(String, Quantity)]) -> Lines {
        let mut lines = Lines::default();
        for (name, written) in pairs {
            lines.put(name, self.q(written));
        }
        self.unordered(lines)
    }

    fn study(&self, scenario: &Scenario) -> String {
        let study = &scenario.study;
        let mut text = Lines::default()
            .put("months", study.months.to_string())
            .put(
                "volumes",
                list(study.volumes.iter().map(|volume| number(*volume))),
            )
            .put("days", study.days.to_string())
            .maybe("starts", study.starts.map(|day| day.to_string()))
            .put("warmup_h", number(study.warmup_h))
            .put("utc_offset_h", number(study.utc_offset_h))
            .put("seed", study.seed.to_string())
            .section("[study]", true);
        let mut budget = Lines::default();
        for (volume, amount) in &scenario.budget {
            budget.put(&format!("{}x", number(*volume)), self.q(amount));
        }
        text.push_str(&budget.section("[budget]", false));
        if let Some(currency) = &scenario.currency {
            let mut lines = Lines::default();
            lines
                .put("code", string(&currency.code))
                .put("per_usd", self.q(&currency.per_usd));
            text.push_str(&lines.section("[currency]", true));
        }
        let mut slo = Lines::default();
        slo.put("confidence", number(scenario.slo.confidence));
        for (name, limit) in &scenario.slo.limits {
            slo.put(name.key(), number(*limit));
        }
        text.push_str(&self.unordered(slo).section("[slo]", true));
        text
    }

    fn workload(&self, workload: &Workload) -> String {
        let weights = |weights: &[f64]| list(weights.iter().map(|weight| number(*weight)));
        let burst = workload.burst.as_ref().map(|burst| {
            let mut lines = Lines::default();
            lines
                .put("cv", self.q(&burst.cv))
                .put("minutes", number(burst.minutes))
                .put("scaling", self.q(&burst.scaling));
            lines.inline()
        });
        let growth = match workload.grows_by {
            Growth::Users => "users",
            Growth::Activity => "activity",
        };
        let mut text = Lines::default()
            .maybe(
                "conversations_per_day",
                self.maybe(workload.conversations_per_day.as_ref()),
            )
            .put("system_tokens", self.q(&workload.system_tokens))
            .put("prefixes", self.q(&workload.prefixes))
            .put("grows_by", string(growth))
            .put("heaps", self.q(&workload.heaps))
            .maybe(
                "hourly",
                workload.hourly.as_ref().map(|hours| weights(hours)),
            )
            .maybe("weekly", workload.weekly.as_ref().map(|days| weights(days)))
            .maybe("day_cv", self.maybe(workload.day_cv.as_ref()))
            .maybe("burst", burst)
            .put("growth_per_month", self.q(&workload.growth_per_month))
            .section("[workload]", true);
        for spike in &workload.spikes {
            let mut lines = Lines::default();
            lines
                .put("per_month", self.q(&spike.per_month))
                .put("multiplier", self.q(&spike.multiplier))
                .put("minutes", self.q(&spike.minutes));
            text.push_str(&lines.section("[[workload.spike]]", true));
        }
        if let Some(replay) = &workload.replay {
            let scale = match replay.scale {
                ReplayScale::Copies => "copies",
                ReplayScale::Speed => "speed",
            };
            let mut columns = Lines::default();
            for (field, column) in &replay.columns {
                columns.put(field, string(column));
            }
            let file = if self.form == Form::Digest {
                &replay.content
            } else {
                &replay.file
            };
            let mut lines = Lines::default();
            lines
                .put("file", string(file))
                .put("scale", string(scale))
                .put("columns", columns.inline());
            text.push_str(&lines.section("[workload.replay]", true));
        }
        for class in &workload.classes {
            text.push_str(&self.class(class).section("[[workload.class]]", true));
        }
        text
    }

    fn class(&self, class: &Class) -> Lines {
        let history = match &class.history {
            History::Full => string("full"),
            History::None => string("none"),
            History::Last(turns) => format!("{{ last = {turns} }}"),
            History::Summary(tokens) => format!("{{ summary_tokens = {} }}", self.q(tokens)),
        };
        let questions = class.questions.as_ref().map(|questions| {
            let cacheable = match questions.cacheable {
                Cacheable::FirstTurn => "first_turn",
                Cacheable::All => "all",
                Cacheable::None => "none",
            };
            Lines::default()
                .put("unique", self.q(&questions.unique))
                .put("distinct", self.q(&questions.distinct))
                .put("zipf", self.q(&questions.zipf))
                .put("cacheable", string(cacheable))
                .inline()
        });
        let overflow = match class.overflow {
            Overflow::Truncate => "truncate",
            Overflow::Fail => "fail",
        };
        let mut lines = Lines::default();
        lines
            .put("name", string(&class.name))
            .put("share", self.q(&class.share))
            .put("turns", self.q(&class.turns))
            .put("think_s", self.q(&class.think_s))
            .put("user_tokens", self.q(&class.user_tokens))
            .put("context_tokens", self.q(&class.context_tokens))
            .put("output_tokens", self.q(&class.output_tokens))
            .put("reasoning_tokens", self.q(&class.reasoning_tokens))
            .put("calls", self.q(&class.calls))
            .put("tool_tokens", self.q(&class.tool_tokens))
            .put("tool_s", self.q(&class.tool_s))
            .put("history", history)
            .maybe("sensitive", self.maybe(class.sensitive.as_ref()))
            .put("deferrable", self.q(&class.deferrable))
            .maybe("patience_s", self.maybe(class.patience_s.as_ref()))
            .maybe("questions", questions)
            .put("quits", self.q(&class.quits))
            .put("overflow", string(overflow))
            .maybe("max_output_tokens", class.max_output_tokens.map(number));
        lines
    }

    fn rest(&self, scenario: &Scenario) -> String {
        let mut text = String::new();
        if let Some(evals) = &scenario.evals {
            let section = Lines::default()
                .put("examples", self.q(&evals.examples))
                .put("runs_per_month", self.q(&evals.runs_per_month))
                .put("input_tokens", self.q(&evals.input_tokens))
                .put("output_tokens", self.q(&evals.output_tokens))
                .maybe("judge", evals.judge.as_deref().map(string))
                .section("[evals]", true);
            text.push_str(&section);
        }
        if let Some(audit) = &scenario.audit {
            let section = Lines::default()
                .put("bytes_per_token", self.q(&audit.bytes_per_token))
                .put("retention_days", self.q(&audit.retention_days))
                .put("per_gb_month", self.q(&audit.per_gb_month))
                .section("[audit]", true);
            text.push_str(&section);
        }
        text.push_str(&self.named(&scenario.fixed).section("[fixed]", false));
        let mut sources = Lines::default();
        for (path, origin) in &scenario.sources {
            sources.put(path, string(origin));
        }
        text.push_str(&sources.section("[sources]", false));
        let mut knobs = Lines::default();
        for (path, knob) in &scenario.optimize {
            let knob = match knob {
                Knob::Range { from, to } => {
                    format!("{{ from = {}, to = {} }}", number(*from), number(*to))
                }
                Knob::Values(values) => list(values.iter().cloned()),
            };
            knobs.put(path, knob);
        }
        text.push_str(&self.unordered(knobs).section("[optimize]", false));
        for drill in &scenario.drills {
            text.push_str(&self::drill(drill).section("[[drill]]", true));
        }
        text
    }
}

fn drill(drill: &crate::scenario::types::Drill) -> Lines {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let (day, minute) = drill.at;
    let day = DAYS.get(usize::from(day)).copied().unwrap_or("Mon");
    let (effect, strength) = match drill.effect {
        DrillEffect::Outage => ("outage", None),
        DrillEffect::Brownout { slowdown } => ("brownout", Some(("slowdown", slowdown))),
        DrillEffect::Limits { factor } => ("limits", Some(("factor", factor))),
        DrillEffect::Spike { multiplier } => ("spike", Some(("multiplier", multiplier))),
        DrillEffect::CacheFlush => ("cache-flush", None),
    };
    let mut lines = Lines::default();
    lines
        .put("name", string(&drill.name))
        .put(
            "at",
            string(&format!("{day} {:02}:{:02}", minute / 60, minute % 60)),
        )
        .put("minutes", number(drill.minutes))
        .maybe("provider", drill.provider.as_deref().map(string))
        .put("effect", string(effect));
    if let Some((key, strength)) = strength {
        lines.put(key, number(strength));
    }
    lines
}
