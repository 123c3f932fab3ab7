use crate::quantity::Quantity;
use crate::reading::{Field, Problem, Table};
use crate::scenario::reader::Reader;
use crate::scenario::types::{Route, Router};

pub(super) fn route(field: &Field<'_, '_>, reader: &mut Reader<'_>) -> Option<Route> {
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
