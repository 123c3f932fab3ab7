//! Fields of everything else: evaluation, audit, fixed costs, sources, optimize, drills.

use super::Absent::{Is, Required, Unstated};
use super::Bounds::{Above, Any, AtLeast};
use super::{COUNT, Field, Kind, fact, number, other, table};

#[rustfmt::skip]
pub(super) const REST: &[Field] = &[
    table("evals", Unstated("no evaluation runs, and marked as not modelled"), "Evaluation runs: quality costs money too."),
    fact("evals.examples", "per run", COUNT, Required, "5_000", "Examples in one run."),
    fact("evals.runs_per_month", "per 30 days", COUNT, Required, "4", "How often they run."),
    fact("evals.input_tokens", "tokens", COUNT, Required, "1_200", "Input tokens of one example."),
    fact("evals.output_tokens", "tokens", COUNT, Required, "250", "Output tokens of one example."),
    other("evals.judge", Kind::Text, Unstated("no judge"), "\"gpt-4o-mini\"", "The model that grades the answers."),

    table("audit", Unstated("nothing is kept, and marked as not modelled"), "Storage of the audit log."),
    fact("audit.bytes_per_token", "bytes", COUNT, Is(6.0), "6", "Bytes stored for each token of input and output."),
    fact("audit.retention_days", "days", COUNT, Is(365.0), "365", "How long they are kept."),
    fact("audit.per_gb_month", "USD per GB and month", COUNT, Required, "0.03", "What a gigabyte (10^9 bytes) costs per month."),

    table("fixed", Unstated("none"), "Other costs, by name."),
    fact("fixed.*", "USD per month", COUNT, Required, "400", "One other cost."),

    table("sources", Unstated("every number is assumed"), "Where a number comes from, by its path."),
    other("sources.*", Kind::Text, Required, "\"own load test, 2026-11-12\"", "Where the number at this path comes from."),

    table("optimize", Unstated("nothing to turn"), "What `gonogo optimize` may turn, by path."),
    other("optimize.*", Kind::Table(&["[]"]), Required, "{ from = 5, to = 60 }", "What it may try: any number between two, or one of a list."),
    number("optimize.*.from", "", Any, Required, "5", "The smallest number."),
    number("optimize.*.to", "", Any, Required, "60", "The largest number."),

    other("drill", Kind::List, Unstated("only the ready-made drills"), "", "Scripted incidents that `gonogo drill` runs; ordinary months do not."),
    table("drill.*", Required, "One scripted incident."),
    other("drill.*.name", Kind::Text, Required, "\"primary down for an hour\"", "Its name."),
    other("drill.*.at", Kind::Text, Required, "\"Mon 11:00\"", "When it strikes: weekday and time."),
    number("drill.*.minutes", "minutes", AtLeast(0.0), Required, "60", "How long it lasts."),
    other("drill.*.provider", Kind::Text, Unstated("all of them"), "\"openai\"", "The provider, or the model, that it strikes."),
    other("drill.*.effect", Kind::Choice(&["outage", "brownout", "limits", "spike", "cache-flush"]), Required, "\"outage\"", "What happens."),
    number("drill.*.slowdown", "factor", Above(0.0), Is(3.0), "3", "Of a brownout: factor on an attempt's duration."),
    number("drill.*.factor", "factor", COUNT, Is(0.5), "0.5", "Of limits: factor on every limit."),
    number("drill.*.multiplier", "times the rate", COUNT, Is(10.0), "10", "Of a spike: factor on the arrival rate."),
];
