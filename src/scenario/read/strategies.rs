use crate::quantity::Quantity;
use crate::reading::{Problem, Table};
use crate::scenario::extends;
use crate::scenario::reader::Reader;
use crate::scenario::types::{
    Confidence, Flagged, Guardrail, HumanReview, PromptCache, ResponseCache, Route, Sanitise,
    Strategy,
};

use super::resilience::{admission, breaker, fallback, hedge, retry};
use super::routes::route;

/// `[strategies.*]`, with what they inherit.
pub fn strategies(root: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Vec<Strategy> {
    let Some(all) = reader.table(root, "strategies") else {
        if !root.has("strategies") {
            reader.missing(root, "strategies");
        }
        return Vec::new();
    };
    if all.is_empty() {
        reader.say(
            Problem::new(all.span.clone(), "there are no strategies")
                .help("add a table [strategies.NAME] for each"),
        );
    }
    let (tables, complete) = extends::resolve(all, reader);
    tables
        .into_iter()
        .map(|(name, table)| strategy(name, table, complete, reader))
        .collect()
}

fn strategy(
    name: &str,
    mut table: Table<'_, '_>,
    complete: bool,
    reader: &mut Reader<'_>,
) -> Strategy {
    let route = if let Some(field) = table.take("route", &mut reader.walk) {
        route(&field, reader)
    } else {
        if complete {
            reader.missing(&table, "route");
        }
        None
    };
    let timeout_s = reader.optional(&mut table, "timeout_s");
    let (retry, client_timeout_s) = retry(&mut table, reader);
    let confidence = confidence(&mut table, route.as_ref(), complete, reader);
    let strategy = Strategy {
        name: name.to_owned(),
        // Without a route its problem has been noted; the rest is read on for its own.
        route: route.unwrap_or(Route::Model(String::new())),
        streaming: reader.flag(&mut table, "streaming").unwrap_or(false),
        timeout_s: timeout_s.or(client_timeout_s.map(Quantity::exact)),
        deadline_s: reader.optional(&mut table, "deadline_s"),
        retry,
        prompt_cache: prompt_cache(&mut table, reader),
        response_cache: response_cache(&mut table, reader),
        batch: reader.flag(&mut table, "batch").unwrap_or(false),
        tier: reader
            .optional_text(&mut table, "tier")
            .unwrap_or_else(|| "default".to_owned()),
        prompt_factor: reader.given(&mut table, "prompt_factor"),
        hedge: hedge(&mut table, reader),
        breaker: breaker(&mut table, reader),
        fallback: fallback(&mut table, reader),
        admission: admission(&mut table, reader),
        sensitive_route: reader.optional_model(&mut table, "sensitive_route"),
        sanitise: sanitise(&mut table, reader),
        guardrail: guardrail(&mut table, reader),
        confidence,
        human_review: human_review(&mut table, reader),
    };
    table.finish("a strategy", &mut reader.walk);
    strategy
}

fn prompt_cache(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> PromptCache {
    let Some(field) = table.take("prompt_cache", &mut reader.walk) else {
        return PromptCache::Provider;
    };
    match (field.value.get_ref().as_bool(), field.as_text()) {
        (Some(true), _) => PromptCache::Auto,
        (Some(false), _) => PromptCache::Off,
        (None, Some("system")) => PromptCache::System,
        (None, Some("conversation")) => PromptCache::Conversation,
        (None, _) => {
            reader.say(
                field
                    .not_one_of(&["system", "conversation"])
                    .help("or `true`, or `false`, without quotes"),
            );
            PromptCache::Provider
        }
    }
}

fn response_cache(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<ResponseCache> {
    let mut table = reader.table(table, "response_cache")?;
    let semantic = reader.choice(&mut table, "kind") == Some(1);
    if semantic && !table.has("recall") {
        reader.missing(&table, "recall");
    }
    let cache = ResponseCache {
        semantic,
        ttl_h: reader.optional(&mut table, "ttl_h"),
        capacity: reader.optional(&mut table, "capacity"),
        recall: reader.given(&mut table, "recall"),
        false_hit: reader.given(&mut table, "false_hit"),
        lookup_s: reader.given(&mut table, "lookup_s"),
        monthly: reader.given(&mut table, "monthly"),
    };
    if let Some(field) = table
        .take("recall", &mut reader.walk)
        .filter(|_| !semantic && cache.recall != Quantity::exact(1.0))
    {
        reader.say(
            field
                .problem("an exact cache recognises every repeat")
                .help("take `recall` out, or make it `kind = \"semantic\"`"),
        );
    }
    table.finish("`response_cache`", &mut reader.walk);
    Some(cache)
}

fn sanitise(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Sanitise> {
    let mut table = reader.table(table, "sanitise")?;
    let sanitise = Sanitise {
        seconds: reader.given(&mut table, "seconds"),
        misses: reader.given(&mut table, "misses"),
        per_1k_tokens: reader.given(&mut table, "per_1k_tokens"),
    };
    table.finish("`sanitise`", &mut reader.walk);
    Some(sanitise)
}

fn guardrail(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Guardrail> {
    let mut table = reader.table(table, "guardrail")?;
    let guardrail = Guardrail {
        seconds: reader.given(&mut table, "seconds"),
        blocks: reader.given(&mut table, "blocks"),
        per_request: reader.given(&mut table, "per_request"),
    };
    table.finish("`guardrail`", &mut reader.walk);
    Some(guardrail)
}

fn confidence(
    table: &mut Table<'_, '_>,
    route: Option<&Route>,
    complete: bool,
    reader: &mut Reader<'_>,
) -> Option<Confidence> {
    let reviewed = table.has("human_review");
    let mut table = reader.table(table, "confidence")?;
    let catches = reader.given(&mut table, "catches");
    let false_alarms = reader.given(&mut table, "false_alarms");
    let then = reader.choice(&mut table, "then");
    match table.take("then", &mut reader.walk) {
        None => reader.missing(&table, "then"),
        Some(field) if then == Some(0) && !reviewed && complete => {
            let problem = field.problem("`then = \"human_review\"` needs `human_review`");
            reader.say(
                problem
                    .help("add `human_review = { minutes = 3, reviewers = 2 }` to this strategy"),
            );
        }
        Some(field) if then == Some(1) && matches!(route, Some(Route::Model(_))) => {
            let problem = field
                .problem("`then = \"escalate\"` needs a next model, and the route has only one");
            reader.say(problem.help("make the route a cascade or a router, or review by people"));
        }
        Some(_) => {}
    }
    table.finish("`confidence`", &mut reader.walk);
    let then = if then == Some(1) {
        Flagged::Escalate
    } else {
        Flagged::HumanReview
    };
    Some(Confidence {
        catches,
        false_alarms,
        then,
    })
}

fn human_review(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<HumanReview> {
    let mut table = reader.table(table, "human_review")?;
    let review = HumanReview {
        minutes: reader.given(&mut table, "minutes"),
        reviewers: reader.given(&mut table, "reviewers"),
        per_hour: reader.given(&mut table, "per_hour"),
        hours: hours(&mut table, reader).unwrap_or((0.0, 24.0)),
        before: reader.choice(&mut table, "when") == Some(1),
    };
    table.finish("`human_review`", &mut reader.walk);
    Some(review)
}

fn hours(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<(f64, f64)> {
    let field = table.take("hours", &mut reader.walk)?;
    let entries = field.list(&mut reader.walk)?;
    let numbers: Option<Vec<f64>> = entries.iter().map(|entry| reader.plain(entry)).collect();
    match numbers?.as_slice() {
        [from, to] if from < to => Some((*from, *to)),
        _ => {
            reader.say(
                field
                    .problem("`hours` says from when to when people work")
                    .expected("two hours of the day, the earlier first: [8, 18]"),
            );
            None
        }
    }
}
