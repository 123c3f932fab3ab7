//! Fitted traffic as a scenario that runs as it is, every value with its note.

use super::law::{Counted, Fitted};
use super::rare::{incidents, spikes};
use super::rates::Rates;
use super::repeats::LIFETIMES;
use super::sizes::Kind;
use super::talk::{Again, Kept};
use super::{Failures, Traffic, Used, place};
use crate::fit::doc::{Doc, Note, key, neat, quoted};
use crate::fit::{Value, between};
use crate::prices::Catalogue;
use crate::reading::log::{Ended, Field};

impl Traffic {
    /// The scenario.
    #[must_use]
    pub fn scenario(&self) -> String {
        let mut doc = Doc::new(&self.source);
        doc.remark(&format!(
            "Fitted by gonogo {} from {}: {} requests over {}.
Behind each value: n, the observations; its 90% interval, from {} drawn again; what it is.
What the log cannot tell is marked \"assumed\". Whether it predicts: gonogo fit LOG --backtest.",
            env!("CARGO_PKG_VERSION"),
            self.source,
            neat(self.requests),
            duration(self.sample.span_s),
            self.sample.block_words(),
        ));
        doc.plain("schema", "1");
        doc.plain("name", &quoted(&format!("Fitted to {}", self.source)));
        doc.table("study");
        doc.plain("months", "200");
        doc.plain("volumes", "[1, 10]");
        self.workload(&mut doc);
        for kind in &self.kinds {
            self.class(&mut doc, kind);
        }
        for model in &self.models {
            self.model(&mut doc, model);
        }
        self.providers(&mut doc);
        self.strategy(&mut doc);
        doc.finish()
    }

    fn workload(&self, doc: &mut Doc) {
        doc.table("workload");
        let rates = &self.rates;
        let per_day = rates.per_day;
        let what = if self.counts {
            "requests, as the log counts them; each a conversation of its own (assumed)"
        } else {
            self.told.words()
        };
        doc.value(
            "conversations_per_day",
            &range(&per_day),
            &Note::of(what).value(&per_day),
        );
        if rates.gaps_h > 0.0 {
            doc.remark(&format!("{} hours without a single request, where more than a hundred were due, count as gaps in the log.", neat(rates.gaps_h)));
        }
        shape(doc, rates, self.sample.log.dated);
        if let Some(day_cv) = &rates.day_cv {
            doc.value(
                "day_cv",
                &neat(day_cv.best),
                &Note::of("days against hour and weekday, less what chance and bursts do")
                    .value(day_cv),
            );
        } else {
            doc.value(
                "day_cv",
                "0.15",
                &Note::assumed("the log has fewer than five whole days"),
            );
        }
        match &rates.growth {
            Some(growth) => doc.value(
                "growth_per_month",
                &neat(growth.best),
                &Note::of("slope of the level over the log's days, weeks drawn again; used by forecast only")
                    .value(growth),
            ),
            None => doc.value(
                "growth_per_month",
                "0",
                &Note::assumed("the log is shorter than four weeks"),
            ),
        }
        match self.system() {
            Some((value, words)) => doc.value(
                "system_tokens",
                &neat(value.best),
                &Note::of(words).value(&value),
            ),
            None => doc.value(
                "system_tokens",
                "0",
                &Note::assumed("what prompts share is not told; it counts as the user's"),
            ),
        }
        let burst = &rates.burst;
        doc.table("workload.burst");
        let note =
            Note::of("more variance than a Poisson process has, at all time scales together")
                .value(&burst.cv);
        doc.value("cv", &neat(burst.cv.best), &note);
        doc.value(
            "minutes",
            &neat(burst.minutes.best.clamp(0.01, 1440.0)),
            &Note::of("the time scale that fits best, of as many scales").value(&burst.minutes),
        );
        doc.value(
            "scaling",
            "0.22",
            &Note::assumed(
                "burstiness falls as rate^-0.217 over 114 clients of a cloud (alibaba/ServeGen)",
            ),
        );
        spikes(doc, rates);
    }

    /// What all prompts begin with, and how that is known: what the kind with the least has beside a message, else blocks.
    fn system(&self) -> Option<(Value, &'static str)> {
        let of_kinds: Option<Vec<Value>> = self.kinds.iter().map(|it| it.instructions).collect();
        let least = of_kinds.and_then(|list| {
            let least = list.into_iter().min_by(|a, b| a.best.total_cmp(&b.best));
            least.filter(|least| least.best >= 1.0)
        });
        let blocks = self.blocks.as_ref().map(|it| it.shared);
        let blocks = blocks.filter(|shared| shared.best > 0.0);
        least
            .map(|it| (it, "what all first prompts have beside a user's message"))
            .or_else(|| blocks.map(|it| (it, "blocks that nine of ten prompts begin with")))
    }

    /// What prompts of a kind have beside a message and what all kinds begin with: its mean, and its coefficient of variation
    /// where it varies.
    fn context(&self, kind: &Kind) -> Option<(Value, Option<Value>)> {
        let system = self.system().map_or(0.0, |it| it.0.best);
        let plus = |value: Value, by: f64| Value {
            best: value.best + by,
            low: (value.low + by).max(0.0),
            high: value.high + by,
            ..value
        };
        let own = plus(kind.instructions?, -system);
        match kind.context {
            Some((mean, cv)) => {
                let all = plus(mean, own.best.max(0.0));
                let part = mean.best / all.best;
                let cv = Value {
                    best: cv.best * part,
                    low: cv.low * part,
                    high: cv.high * part,
                    ..cv
                };
                Some((all, Some(cv)))
            }
            None => (own.best >= 1.0).then_some((own, None)),
        }
    }

    fn class(&self, doc: &mut Doc, kind: &Kind) {
        doc.element("workload.class", &format!("workload.class.{}", kind.name));
        doc.plain("name", &quoted(&kind.name));
        if self.kinds.len() > 1 {
            doc.value(
                "share",
                &self.share(kind),
                &Note::of("share of conversations").value(&kind.share),
            );
        }
        match &kind.turns {
            Some((counted, law)) => doc.value(
                "turns",
                &turns(counted, law, &self.sample),
                &self.law("", counted, law),
            ),
            None => doc.value(
                "turns",
                "1",
                &Note::assumed("the log counts requests, not conversations"),
            ),
        }
        if let Some((counted, law)) = &kind.think_s {
            doc.value(
                "think_s",
                &law.toml(counted.largest),
                &self.law(
                    "from an answer's end (where told) to the next question: ",
                    counted,
                    law,
                ),
            );
        }
        match (&kind.message, &kind.input) {
            (Some((counted, law)), _) => {
                doc.value(
                    "user_tokens",
                    &law.toml(counted.largest),
                    &self.law(
                        "a prompt less the one before and its answer: ",
                        counted,
                        law,
                    ),
                );
                if let Some((mean, cv)) = self.context(kind) {
                    let words = "first prompts less a message and what all kinds begin with";
                    let note = Note::of(words).value(&mean);
                    let (toml, note) = match cv {
                        Some(cv) => (
                            format!(
                                "{{ mean = {}, cv = {} }}",
                                neat(mean.best),
                                neat(cv.best.min(5.0))
                            ),
                            note.between(format!("mean {}, cv {}", mean.between(), cv.between())),
                        ),
                        None => (neat(mean.best), note),
                    };
                    doc.value("context_tokens", &toml, &note);
                }
            }
            (None, Some((counted, law))) => {
                doc.value(
                    "user_tokens",
                    &law.toml(counted.largest),
                    &self.law("whole prompts: ", counted, law),
                );
            }
            (None, None) => doc.value(
                "user_tokens",
                "0",
                &Note::assumed("the log has no prompt tokens"),
            ),
        }
        match &kind.output {
            Some((counted, law)) => doc.value(
                "output_tokens",
                &law.toml(counted.largest),
                &self.law("", counted, law),
            ),
            None => doc.value(
                "output_tokens",
                "0",
                &Note::assumed("the log has no generated tokens"),
            ),
        }
        Self::history(doc, kind);
        self.questions(doc, kind);
    }

    fn questions(&self, doc: &mut Doc, kind: &Kind) {
        if let Some(questions) = &self.questions {
            let several = kind
                .turns
                .as_ref()
                .is_some_and(|(counted, _)| counted.largest > 1.0);
            let text = format!(
                "{{ unique = {}, distinct = {}, zipf = {}, cacheable = \"{}\" }}",
                neat(questions.unique),
                neat(questions.distinct),
                neat(questions.zipf),
                if several { "first_turn" } else { "all" }
            );
            let [different, once, _] = questions.spectrum;
            let [unique_range, distinct_range, zipf_range] = questions.ranges.map(between);
            let words = format!(
                "90%: unique {unique_range}, distinct {distinct_range}, zipf {zipf_range}; {} different and {} asked once; the law has {} and {}; asked again within an hour: {:.0}%, a day: {:.0}%",
                neat(different.0),
                neat(once.0),
                neat(different.1),
                neat(once.1),
                questions.reuse.within(3600.0) * 100.0,
                questions.reuse.within(86_400.0) * 100.0
            );
            doc.value("questions", &text, &Note::of(words).count(questions.n));
        }
    }

    fn history(doc: &mut Doc, kind: &Kind) {
        let many = kind
            .turns
            .as_ref()
            .is_some_and(|(counted, _)| counted.largest > 1.0);
        let measured = |again: &Again, words: String| {
            let sure = format!("the same in {:.0}% of logs drawn again", again.sure * 100.0);
            Note::of(words).count(again.prompts).between(sure)
        };
        let explains = |again: &Again| {
            let words = format!(
                "explains {:.0}% of how prompts grow",
                again.explained * 100.0
            );
            measured(again, words)
        };
        let kept = kind.again.as_ref().map(|again| (again.kept, again));
        let (text, note) = match (kept, kind.message.is_some()) {
            (Some((Kept::Full, again)), true) => ("\"full\"".to_owned(), explains(again)),
            (Some((Kept::Last(turns), again)), true) => {
                (format!("{{ last = {turns} }}"), explains(again))
            }
            (Some((Kept::Last(turns), again)), false) => (
                "\"none\"".to_owned(),
                measured(
                    again,
                    format!(
                        "prompts grow as if the last {turns} turns were sent again ({:.0}% explained); that is within user_tokens here",
                        again.explained * 100.0
                    ),
                ),
            ),
            (Some((Kept::Nothing, again)), _) => (
                "\"none\"".to_owned(),
                measured(again, "prompts do not grow with answers".to_owned()),
            ),
            _ if many => (
                "\"none\"".to_owned(),
                Note::assumed(
                    "what is sent again is within user_tokens, as the log has whole prompts",
                ),
            ),
            _ => ("\"none\"".to_owned(), Note::assumed("single requests")),
        };
        doc.value("history", &text, &note);
    }

    /// Shares as written have to sum to one.
    fn share(&self, kind: &Kind) -> String {
        let total: f64 = self.kinds.iter().map(|it| it.share.best).sum();
        let millionths = |it: &Kind| place((it.share.best / total * 1e6).round()) as f64;
        let is_first = self
            .kinds
            .first()
            .is_some_and(|first| std::ptr::eq(first, kind));
        let own = if is_first {
            1e6 - self.kinds.iter().skip(1).map(millionths).sum::<f64>()
        } else {
            millionths(kind)
        };
        crate::fit::write::short(own / 1e6)
    }

    fn law(&self, what: &str, counted: &Counted, law: &Fitted) -> Note {
        Note::of(format!(
            "{what}{}; log: {}",
            law.words(),
            counted.words(&self.sample)
        ))
        .count(counted.n)
    }

    fn model(&self, doc: &mut Doc, model: &Used) {
        doc.table(&format!("models.{}", key(&model.name)));
        let (known, provider) = reference(&model.name);
        doc.plain("provider", &quoted(&provider));
        if let Some(paid) = model.paid {
            let [input, output, cached] = paid.per_million;
            let text = format!(
                "{{ input = {}, output = {}, cached_input = {} }}",
                neat(input.best),
                neat(output.best),
                neat(cached.best)
            );
            let parts = format!(
                "input {}, output {}, cached {}",
                input.between(),
                output.between(),
                cached.between()
            );
            doc.value("price", &text, &Note::of(format!(
                "least squares of the log's costs over its tokens; half of the costs within {} of it",
                percent(paid.error)
            ))
            .between(parts)
            .count(input.n));
        } else if let Some(known) = &known {
            doc.plain("price", &quoted(known));
        } else {
            doc.value("price", "{ input = 0, output = 0 }", &Note::assumed("the log has no costs and the catalogue no such model: put in what it costs, or cost will read 0"));
        }
        self.speed(doc, model);
        let failures = &model.failures;
        if self.sample.log.has(Field::Status) {
            doc.value(
                "error_rate",
                &neat(failures.error_rate.best),
                &Note::of("outside of outages and brownouts").value(&failures.error_rate),
            );
            if let Some(error_s) = &failures.error_s {
                doc.value(
                    "error_s",
                    &neat(error_s.best),
                    &Note::of("median time of failures").value(error_s),
                );
            }
        } else {
            doc.value(
                "error_rate",
                "0.005",
                &Note::assumed("the log does not tell failures"),
            );
        }
        if failures.throttled > 0.0 {
            doc.remark(&format!("{:.3}% of requests were refused by a limit: state it under limits to have it simulated.", failures.throttled * 100.0));
        }
        if model.paid.is_some() || known.is_none() {
            doc.value(
                "limits",
                "\"none\"",
                &Note::assumed("the log does not tell limits"),
            );
        }
    }

    fn speed(&self, doc: &mut Doc, model: &Used) {
        let Some(speed) = &model.speed else {
            if reference(&model.name).0.is_none() || model.paid.is_some() {
                doc.value(
                    "first_token_s",
                    "0.8",
                    &Note::assumed("the log has no latencies"),
                );
                doc.value("token_ms", "25", &Note::assumed("the log has no latencies"));
            }
            return;
        };
        let quiet = if speed.quiet {
            "of answers that met few others: "
        } else {
            ""
        };
        if let Some((counted, law)) = &speed.first {
            let what = match (speed.told, &speed.token_ms) {
                (true, _) => "first token less prefill: ",
                (false, Some(_)) => "what of the latency does not grow with tokens: ",
                (false, None) => "whole answers (the log has no generated tokens): ",
            };
            doc.value(
                "first_token_s",
                &law.toml(counted.largest),
                &self.law(&format!("{quiet}{what}"), counted, law),
            );
        }
        doc.value(
            "prefill_ms_per_1k",
            &neat(speed.prefill_ms_per_1k.best),
            &Note::of("slope over prompt tokens that no cache had").value(&speed.prefill_ms_per_1k),
        );
        match &speed.token_ms {
            Some((counted, law)) => doc.value(
                "token_ms",
                &law.toml(counted.largest),
                &self.law(quiet, counted, law),
            ),
            None => doc.value(
                "token_ms",
                "0",
                &Note::assumed("the log has no generated tokens: all time is in first_token_s"),
            ),
        }
        if speed.quiet {
            doc.remark(&format!(
                "Answers take {} times as long when many are in flight: waiting, which is not in these laws. For a server of your own see gonogo fit --server.",
                neat(speed.loaded)
            ));
        }
    }

    fn providers(&self, doc: &mut Doc) {
        let mut done: Vec<String> = Vec::new();
        for model in &self.models {
            let (_, provider) = reference(&model.name);
            if done.contains(&provider) {
                continue;
            }
            let failures: Vec<&Failures> = self
                .models
                .iter()
                .filter(|it| reference(&it.name).1 == provider)
                .map(|it| &it.failures)
                .collect();
            done.push(provider.clone());
            doc.table(&format!("providers.{}", key(&provider)));
            // Services of one provider fail together: the model with the most incidents tells them best.
            let most = failures
                .iter()
                .max_by_key(|it| it.outages.len() + it.brownouts.len());
            let Some(failures) = most else { continue };
            let preset = Catalogue::embedded().default_preset(&provider).map(quoted);
            let told = self.sample.log.has(Field::Status);
            incidents(
                doc,
                "outage",
                &failures.outages,
                failures.days,
                told,
                preset.as_deref(),
            );
            incidents(
                doc,
                "brownout",
                &failures.brownouts,
                failures.days,
                told,
                preset.as_deref(),
            );
        }
    }

    fn strategy(&self, doc: &mut Doc) {
        doc.table("strategies.logged");
        if let [only] = self.models.as_slice() {
            doc.plain("route", &quoted(&only.name));
        } else {
            let pairs: Vec<String> = self
                .kinds
                .iter()
                .filter_map(|kind| {
                    let model = self.models.iter().find(|it| it.place == kind.model)?;
                    Some(format!("{} = {}", key(&kind.name), quoted(&model.name)))
                })
                .collect();
            let router = format!("{{ router = {{ {} }} }}", pairs.join(", "));
            doc.plain("route", &router);
        }
        let streamed = self
            .models
            .iter()
            .any(|it| it.speed.as_ref().is_some_and(|speed| speed.told));
        doc.plain("streaming", if streamed { "true" } else { "false" });
        if let Some(cached) = &self.cached {
            doc.remark(&format!(
                "The provider's cache served {} of input tokens in the log (90%: {} to {}).",
                percent(cached.best),
                percent(cached.low),
                percent(cached.high)
            ));
        }
        if let Some(blocks) = &self.blocks {
            let list: Vec<String> = LIFETIMES
                .iter()
                .map(|life| {
                    format!(
                        "{} at {}",
                        percent(blocks.reuse.within(*life)),
                        duration(*life)
                    )
                })
                .collect();
            doc.remark(&format!(
                "Prompt tokens sent before, by lifetime of a cache (n = {} blocks; the log is {} long, past that it is extended): {}.",
                neat(blocks.reuse.n), duration(blocks.reuse.longest_s), list.join(", ")
            ));
        }
        let lost = self
            .sample
            .rows()
            .iter()
            .filter(|row| row.ended == Ended::Throttled)
            .count();
        if lost > 0 {
            doc.remark(&format!(
                "{lost} requests that limits refused are counted as traffic."
            ));
        }
    }
}

/// A fact with its interval.
fn range(value: &Value) -> String {
    if value.low > 0.0 && value.high > value.low * 1.000_1 && neat(value.low) != neat(value.high) {
        quoted(&value.between())
    } else {
        neat(value.best)
    }
}

fn list(values: &[Value]) -> String {
    format!(
        "[{}]",
        values
            .iter()
            .map(|it| neat((it.best * 1000.0).round() / 1000.0))
            .collect::<Vec<_>>()
            .join(", ")
    )
}

fn shape(doc: &mut Doc, rates: &Rates, dated: bool) {
    let zero = if dated {
        ""
    } else {
        " (the log has no dates: its zero counts as a Monday's midnight)"
    };
    if let Some(hours) = &rates.hourly {
        let widest = hours
            .iter()
            .filter(|it| it.best > 0.0)
            .map(|it| (it.high - it.low) / it.best)
            .fold(0.0, f64::max);
        let n = hours.iter().map(|it| it.n).sum();
        doc.value(
            "hourly",
            &list(hours),
            &Note::of(format!(
                "arrivals by hour; the least sure hour is known to ±{:.0}%{zero}",
                widest * 50.0
            ))
            .count(n),
        );
    } else {
        doc.value(
            "hourly",
            "\"flat\"",
            &Note::assumed("the log is shorter than a day"),
        );
    }
    if let Some(days) = &rates.weekly {
        let n = days.iter().map(|it| it.n).sum();
        let widest = days
            .iter()
            .filter(|it| it.best > 0.0)
            .map(|it| (it.high - it.low) / it.best)
            .fold(0.0, f64::max);
        let coarse = if rates.days < 13.9 {
            "; with less than two weeks only working days and weekends are told apart"
        } else {
            ""
        };
        doc.value(
            "weekly",
            &list(days),
            &Note::of(format!(
                "arrivals by weekday; the least sure day is known to ±{:.0}%{coarse}{zero}",
                widest * 50.0
            ))
            .count(n),
        );
    } else {
        doc.value(
            "weekly",
            "[1, 1, 1, 1, 1, 1, 1]",
            &Note::assumed("the log is shorter than a week"),
        );
    }
}

/// Turns: geometric if that is what they are, else the numbers of the log.
fn turns(counted: &Counted, law: &Fitted, sample: &super::Sample) -> String {
    let mean = counted.mean(sample).best;
    if counted.largest <= 1.0 {
        return "1".to_owned();
    }
    // P(K > k) = (1 − 1/m)^k for a geometric number of turns from 1.
    let all = vec![1.0; sample.blocks()];
    let fits = [0.25, 0.5, 0.75, 0.9, 0.95].iter().all(|share| {
        let at = counted.quantile(&all, *share);
        let (below, above) = (
            1.0 - (1.0 - 1.0 / mean).powf(at - 1.0),
            1.0 - (1.0 - 1.0 / mean).powf(at),
        );
        below - 0.03 <= *share && *share <= above + 0.03
    });
    if fits {
        format!("{{ dist = \"geometric\", mean = {} }}", neat(mean))
    } else {
        law.toml(counted.largest)
    }
}

/// The catalogue's reference for a model's name, and the provider it belongs to.
fn reference(name: &str) -> (Option<String>, String) {
    match Catalogue::embedded().find(name) {
        Ok(entry) => (
            Some(format!("{}:{}", entry.provider, entry.model)),
            entry.provider.clone(),
        ),
        Err(_) => (None, name.to_owned()),
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

pub(super) fn duration(s: f64) -> String {
    match s {
        s if s >= 172_800.0 => format!("{:.1} days", s / 86_400.0),
        s if s >= 7200.0 => format!("{:.0} hours", s / 3600.0),
        s if s >= 120.0 => format!("{:.0} minutes", s / 60.0),
        s => format!("{s:.0} s"),
    }
}
