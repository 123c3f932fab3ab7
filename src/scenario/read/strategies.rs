use crate::quantity::Quantity;
use crate::reading::{Field, Problem, Table, nearest};
use crate::scenario::extends;
use crate::scenario::presets;
use crate::scenario::reader::Reader;
use crate::scenario::types::{
    Admission, Breaker, BreakerRule, Confidence, Fallback, Flagged, Guardrail, Hedge, HumanReview,
    Jitter, PromptCache, ResponseCache, Retry, Route, Router, Sanitise, Strategy,
};

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
        .filter_map(|(name, table)| strategy(name, table, complete, reader))
        .collect()
}

fn strategy(
    name: &str,
    mut table: Table<'_, '_>,
    complete: bool,
    reader: &mut Reader<'_>,
) -> Option<Strategy> {
    let route = match table.take("route", &mut reader.walk) {
        Some(field) => route(&field, reader),
        None => {
            if complete {
                reader.missing(&table, "route");
            }
            None
        }
    };
    let timeout_s = reader.optional(&mut table, "timeout_s");
    let (retry, client_timeout_s) = retry(&mut table, reader);
    let confidence = confidence(&mut table, route.as_ref(), complete, reader);
    let strategy = route.map(|route| Strategy {
        name: name.to_owned(),
        route,
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
    });
    if strategy.is_some() {
        table.finish("a strategy", &mut reader.walk);
    }
    strategy
}

fn route(field: &Field<'_, '_>, reader: &mut Reader<'_>) -> Option<Route> {
    if field.as_text().is_some() {
        return reader.model_name(field).map(Route::Model);
    }
    let Some(mut table) = field.as_table() else {
        reader.say(field.wrong("a model's name, { router = { class = \"model\" } } or { cascade = [\"small\", \"large\"] }"));
        return None;
    };
    let router = reader.table(&mut table, "router");
    let cascade = table.take("cascade", &mut reader.walk);
    let route = match (router, cascade) {
        (Some(router), None) => {
            let by_class = by_class(router, reader);
            let accuracy = reader.given(&mut table, "accuracy");
            let seconds = reader.given(&mut table, "seconds");
            let tokens = reader.given(&mut table, "tokens");
            let model = reader.optional_model(&mut table, "model");
            Some(Route::Router(Router {
                by_class,
                accuracy,
                seconds,
                tokens,
                model,
            }))
        }
        (None, Some(models)) => {
            let models = cascade_models(&models, reader);
            let [accept, accept_wrong] = ["accept", "accept_wrong"].map(|key| {
                reader.optional(&mut table, key).unwrap_or_else(|| {
                    reader.missing(&table, key);
                    Quantity::exact(1.0)
                })
            });
            Some(Route::Cascade {
                models,
                accept,
                accept_wrong,
            })
        }
        (Some(_), Some(_)) => {
            reader.say(
                field
                    .problem("a route is a router or a cascade, not both")
                    .help("make two strategies and compare them"),
            );
            return None;
        }
        (None, None) => {
            if !table.has("router") {
                let problem = field
                    .problem("`route` names no model")
                    .expected("a model's name, or a table with `router` or `cascade`");
                reader.say(problem);
            }
            None
        }
    };
    table.finish(
        if matches!(route, Some(Route::Cascade { .. })) {
            "a cascade"
        } else {
            "a router"
        },
        &mut reader.walk,
    );
    route
}

fn by_class(router: Table<'_, '_>, reader: &mut Reader<'_>) -> Vec<(String, String)> {
    let span = router.span.clone();
    let mut by_class: Vec<(String, String)> = Vec::new();
    for (class, field) in router.named(&mut reader.walk) {
        reader.check_class(&field, class);
        by_class.push((
            class.to_owned(),
            reader.model_name(&field).unwrap_or_default(),
        ));
    }
    let classes = reader.names.classes.clone().unwrap_or_default();
    let without: Vec<&String> = classes
        .iter()
        .filter(|class| !by_class.iter().any(|(known, _)| known == *class))
        .collect();
    for class in without {
        let problem = Problem::new(
            span.clone(),
            format!("`router` sends the class `{class}` nowhere"),
        );
        reader.say(problem.help(format!(
            "add `{class} = \"…\"` with the model that answers it"
        )));
    }
    by_class
}

fn cascade_models(field: &Field<'_, '_>, reader: &mut Reader<'_>) -> Vec<String> {
    let Some(entries) = field.list(&mut reader.walk) else {
        return Vec::new();
    };
    if entries.len() < 2 {
        let problem = field
            .problem("a cascade has at least two models")
            .expected("the small model first, then the next");
        reader.say(problem.help("a single model is written `route = \"name\"`"));
    }
    let mut models: Vec<String> = Vec::new();
    for entry in entries {
        let Some(name) = reader.model_name(&entry) else {
            continue;
        };
        if models.contains(&name) {
            reader.say(
                entry
                    .problem(format!("`{name}` stands twice in the cascade"))
                    .help("take one of them out"),
            );
        }
        models.push(name);
    }
    models
}

/// Retries, and the timeout that a client's preset brings along.
fn retry(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> (Option<Retry>, Option<f64>) {
    let Some(field) = table.take("retry", &mut reader.walk) else {
        return (None, None);
    };
    if let Some(name) = field.as_text() {
        let preset = presets::client(name);
        if preset.is_none() {
            reader.say(field.not_one_of(&presets::CLIENTS));
        }
        return preset.map_or((None, None), |(retry, timeout_s)| {
            (Some(retry), Some(timeout_s))
        });
    }
    let Some(mut table) = field.as_table() else {
        reader.say(
            field.wrong(
                "a table such as { attempts = 3 }, or a client's name such as \"openai-sdk\"",
            ),
        );
        return (None, None);
    };
    let retry = Retry {
        attempts: reader.given(&mut table, "attempts"),
        base_s: reader.given(&mut table, "base_s"),
        factor: reader.given(&mut table, "factor"),
        max_s: reader.given(&mut table, "max_s"),
        jitter: jitter(&mut table, reader),
        budget: reader.optional(&mut table, "budget"),
    };
    table.finish("`retry`", &mut reader.walk);
    (Some(retry), None)
}

fn jitter(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Jitter {
    let Some(field) = table.take("jitter", &mut reader.walk) else {
        return Jitter::Full;
    };
    let Some(mut table) = field.as_table() else {
        return match field.choice(&["none", "full", "equal"], &mut reader.walk) {
            Some(0) => Jitter::None,
            Some(2) => Jitter::Equal,
            _ => Jitter::Full,
        };
    };
    let add = reader.optional(&mut table, "add_s");
    let cut = reader.optional(&mut table, "cut");
    table.finish("`jitter`", &mut reader.walk);
    match (add, cut) {
        (Some(add), None) => Jitter::Add(add),
        (None, Some(cut)) => Jitter::Cut(cut),
        _ => {
            reader.say(
                field
                    .problem("`jitter` says how a wait is spread")
                    .expected("\"none\", \"full\", \"equal\", { add_s = 0.75 } or { cut = 0.25 }"),
            );
            Jitter::Full
        }
    }
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

fn hedge(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Hedge> {
    let mut table = reader.table(table, "hedge")?;
    let hedge = Hedge {
        after_s: reader.given(&mut table, "after_s"),
    };
    table.finish("`hedge`", &mut reader.walk);
    Some(hedge)
}

fn breaker(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Breaker> {
    let mut table = reader.table(table, "breaker")?;
    let window_s = reader.optional_number(&mut table, "window_s");
    let min_requests = reader.small_integer(&mut table, "min_requests");
    let failure_rate = reader.given(&mut table, "failure_rate");
    let failures = reader
        .optional_integer(&mut table, "failures")
        .map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    if failures.is_some() {
        for key in ["failure_rate", "min_requests"] {
            if let Some(field) = table.take(key, &mut reader.walk) {
                let problem = Problem::new(
                    field.key_span.clone(),
                    format!("`failures` and `{key}` exclude each other"),
                );
                reader.say(
                    problem.help("a breaker opens at a number of failures or at a share of them"),
                );
            }
        }
    }
    let opens = match failures {
        Some(failures) => BreakerRule::Count {
            failures,
            window_s: window_s.unwrap_or(60.0),
        },
        None => BreakerRule::Rate {
            window_s: window_s.unwrap_or(30.0),
            min_requests,
            failure_rate,
        },
    };
    let breaker = Breaker {
        opens,
        open_s: reader.given(&mut table, "open_s"),
        probes: reader.small_integer(&mut table, "probes"),
    };
    table.finish("`breaker`", &mut reader.walk);
    Some(breaker)
}

fn fallback(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Vec<Fallback> {
    let entries = table
        .take("fallback", &mut reader.walk)
        .and_then(|field| field.list(&mut reader.walk))
        .unwrap_or_default();
    let mut chain: Vec<Fallback> = Vec::new();
    for entry in entries {
        let Some(name) = entry.text(&mut reader.walk) else {
            continue;
        };
        let step = match name {
            "stale" => Fallback::Stale,
            "degraded" => Fallback::Degraded,
            model => Fallback::Model(model.to_owned()),
        };
        if matches!(step, Fallback::Model(_))
            && !reader.names.models.iter().any(|model| model == name)
        {
            let problem = entry
                .problem(format!("there is no model `{name}`"))
                .expected("models, then \"stale\", then \"degraded\"");
            let problem = match nearest(
                name,
                reader
                    .names
                    .models
                    .iter()
                    .map(String::as_str)
                    .chain(["stale", "degraded"]),
            ) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem,
            };
            reader.say(problem);
        } else if chain.contains(&step) {
            reader.say(
                entry
                    .problem(format!("`{name}` stands twice in `fallback`"))
                    .help("take one of them out"),
            );
        } else if chain.last().is_some_and(|last| rank(last) > rank(&step)) {
            reader.say(
                entry
                    .problem(format!("`{name}` comes too late in `fallback`"))
                    .expected("models, then \"stale\", then \"degraded\""),
            );
        }
        chain.push(step);
    }
    chain
}

fn rank(step: &Fallback) -> u8 {
    match step {
        Fallback::Model(_) => 0,
        Fallback::Stale => 1,
        Fallback::Degraded => 2,
    }
}

fn admission(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Admission> {
    let mut table = reader.table(table, "admission")?;
    let admission = Admission {
        max_wait_s: reader.given(&mut table, "max_wait_s"),
        queue: reader.given(&mut table, "queue"),
    };
    table.finish("`admission`", &mut reader.walk);
    Some(admission)
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
