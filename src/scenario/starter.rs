//! A first scenario of one's own: at most thirty lines, from a template and six answers.

use std::fmt::Write as _;

use crate::quantity::{Quantity, Shape};

use super::canonical;
use super::presets;
use super::types::{Class, Questions, Scenario};

/// What `gonogo init` asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Starter {
    /// What the feature is called.
    pub name: String,
    /// Conversations a day at launch.
    pub conversations_per_day: f64,
    /// The model, as the price catalogue names it: `openai:gpt-5.4`.
    pub model: String,
    /// Mean tokens of a question.
    pub question_tokens: f64,
    /// Mean tokens of an answer.
    pub answer_tokens: f64,
    /// US dollars per month at launch.
    pub budget: f64,
    /// Whether personal data occurs.
    pub personal_data: bool,
}

/// How long questions and answers are, in words: mean tokens of a question and of an answer.
///
/// A token is about three quarters of an English word, so these are a line and a paragraph, a paragraph and half a
/// page, and a page and two pages.
pub const LENGTHS: [(&str, f64, f64); 3] = [
    ("short", 30.0, 120.0),
    ("medium", 100.0, 350.0),
    ("long", 700.0, 1200.0),
];

impl Starter {
    /// The answers that the template itself gives, for those who only press return. The model is the caller's.
    #[must_use]
    pub fn of(template: &Scenario, model: &str) -> Self {
        let class = main_class(template);
        let typical =
            |quantity: Option<&Quantity>, otherwise: f64| quantity.map_or(otherwise, typical);
        Self {
            name: template.name.clone(),
            conversations_per_day: typical(
                template.workload.conversations_per_day.as_ref(),
                1000.0,
            ),
            model: model.to_owned(),
            question_tokens: typical(class.map(|class| &class.user_tokens), 100.0),
            answer_tokens: typical(class.map(|class| &class.output_tokens), 350.0),
            budget: typical(template.budget.first().map(|(_, amount)| amount), 10_000.0),
            personal_data: class.is_some_and(|class| class.sensitive.is_some()),
        }
    }

    /// The scenario file: the answers, and what kind of feature it is from the template.
    #[must_use]
    pub fn write(&self, template: &Scenario, template_name: &str) -> String {
        let number = |number: f64| canonical::number(number);
        let model = self
            .model
            .rsplit_once(':')
            .map_or(self.model.as_str(), |(_, model)| model);
        let key = canonical::key(model);
        let mut text = format!(
            "# From `gonogo init --template {template_name}`. Every field: `gonogo schema scenario --markdown`\n"
        );
        let mut line = |line: String| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{line}");
        };
        line(format!(
            "schema = 1\nname = {}",
            canonical::string(&self.name)
        ));
        line(format!(
            "budget = {{ \"1x\" = {} }} # US dollars per month; add \"10x\" when you know it",
            number(self.budget)
        ));
        line("slo = { latency_p95_s = 10, failure_rate = 0.01 } # what you promise".to_owned());
        line("\n[workload]".to_owned());
        line(format!(
            "conversations_per_day = {} # or a range, if you do not know: \"800 to 1_200\"",
            number(self.conversations_per_day)
        ));
        line(format!(
            "system_tokens = {}",
            canonical::quantity(&template.workload.system_tokens)
        ));
        if let Some(name) = template
            .workload
            .hourly
            .as_ref()
            .and_then(presets::name_of_hours)
        {
            line(format!("hourly = \"{name}\""));
        }
        if let Some(class) = main_class(template) {
            self.class(class, &mut line);
        }
        line(format!(
            "\n[models.{key}]\nprice = {}",
            canonical::string(&self.model)
        ));
        let sanitise = if self.personal_data {
            ", sanitise = { seconds = 0.04, misses = 0.02 }"
        } else {
            ""
        };
        let repeats = main_class(template).is_some_and(|class| class.questions.is_some());
        let cache = if repeats {
            ", response_cache = { ttl_h = 24, lookup_s = 0.03 }"
        } else {
            ""
        };
        let route = canonical::string(model);
        line(format!(
            "\n[strategies]\nbaseline = {{ route = {route}, retry = \"openai-sdk\", timeout_s = 60{sanitise} }}"
        ));
        line(format!(
            "cached = {{ extends = \"baseline\", prompt_cache = true{cache} }}"
        ));
        text
    }

    fn class(&self, class: &Class, line: &mut impl FnMut(String)) {
        line("\n[[workload.class]]".to_owned());
        line(format!("name = {}", canonical::string(&class.name)));
        line(format!("turns = {}", canonical::quantity(&class.turns)));
        let calls = canonical::quantity(&class.calls);
        if calls != "1" {
            line(format!(
                "calls = {calls}\ntool_tokens = {}",
                canonical::quantity(&class.tool_tokens)
            ));
        }
        line(format!(
            "user_tokens = {{ mean = {}, cv = 0.8 }}",
            canonical::number(self.question_tokens)
        ));
        line(format!(
            "context_tokens = {} # retrieved text, per turn",
            canonical::quantity(&class.context_tokens)
        ));
        line(format!(
            "output_tokens = {{ mean = {}, cv = 0.8 }}",
            canonical::number(self.answer_tokens)
        ));
        if let Some(Questions {
            unique, distinct, ..
        }) = &class.questions
        {
            let (unique, distinct) = (canonical::quantity(unique), canonical::quantity(distinct));
            line(format!(
                "questions = {{ unique = {unique}, distinct = {distinct} }}"
            ));
        }
        if let Some(patience) = &class.patience_s {
            line(format!("patience_s = {}", canonical::quantity(patience)));
        }
        let sensitive = class
            .sensitive
            .as_ref()
            .map_or("0.05".to_owned(), canonical::quantity);
        line(format!(
            "sensitive = {}",
            if self.personal_data { &sensitive } else { "0" }
        ));
    }
}

/// The class that most conversations are of.
fn main_class(template: &Scenario) -> Option<&Class> {
    let share = |class: &Class| super::effort::mean(&class.share);
    template
        .workload
        .classes
        .iter()
        .max_by(|left, right| share(left).total_cmp(&share(right)))
}

/// A number to offer as an answer: the middle of a range, else the mean, to two digits.
fn typical(quantity: &Quantity) -> f64 {
    let number = match quantity.shape {
        Shape::Range90 { lo, hi } => f64::midpoint(lo, hi),
        _ => super::effort::mean(quantity),
    };
    format!("{number:.1e}").parse().unwrap_or(number)
}
