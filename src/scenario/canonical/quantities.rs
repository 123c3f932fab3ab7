use crate::quantity::{Column, Quantity, Shape};

use super::Form;
use super::text::{Lines, list, number, string};

/// A quantity as it would be written.
pub(super) fn quantity(quantity: &Quantity, form: Form) -> String {
    let plain = quantity.min.is_none() && quantity.max.is_none();
    let inner = |part: &Quantity| self::quantity(part, form);
    let mut lines = Lines::default();
    match &quantity.shape {
        Shape::Exact(exact) if plain => return number(*exact),
        Shape::Range90 { lo, hi } if plain => {
            return string(&format!("{} to {}", number(*lo), number(*hi)));
        }
        _ => {}
    }
    let mut named = |name: &str, parameters: &[(&str, &Quantity)]| {
        lines.put("dist", string(name));
        for (key, parameter) in parameters {
            lines.put(key, inner(parameter));
        }
    };
    match &quantity.shape {
        Shape::Exact(exact) => {
            lines
                .put("dist", string("constant"))
                .put("value", number(*exact));
        }
        Shape::Range90 { lo, hi } => {
            lines.put(
                "range",
                string(&format!("{} to {}", number(*lo), number(*hi))),
            );
        }
        Shape::Quantiles { low, high } => {
            lines
                .put(&quantile(low.0), inner(&low.1))
                .put(&quantile(high.0), inner(&high.1));
        }
        Shape::LognormalMeanCv { mean, cv } => {
            lines.put("mean", inner(mean)).put("cv", inner(cv));
        }
        Shape::GammaMeanCv { mean, cv } => named("gamma", &[("mean", mean), ("cv", cv)]),
        Shape::Mix(parts) => {
            let parts = parts.iter().map(|(share, part)| mixed(share, part, form));
            lines.put("mix", list(parts));
        }
        Shape::Uniform { low, high } => named("uniform", &[("low", low), ("high", high)]),
        Shape::Triangular { low, mode, high } => named(
            "triangular",
            &[("low", low), ("mode", mode), ("high", high)],
        ),
        Shape::Pert { low, mode, high } => {
            named("pert", &[("low", low), ("mode", mode), ("high", high)])
        }
        Shape::Normal { mean, sd } => named("normal", &[("mean", mean), ("sd", sd)]),
        Shape::LognormalMuSigma { mu, sigma } => {
            named("lognormal", &[("mu", mu), ("sigma", sigma)])
        }
        Shape::Gamma { shape, scale } => named("gamma", &[("shape", shape), ("scale", scale)]),
        Shape::Exponential { mean } => named("exponential", &[("mean", mean)]),
        Shape::ExponentialRate { rate } => named("exponential", &[("rate", rate)]),
        Shape::BetaMeanCv { mean, cv } => named("beta", &[("mean", mean), ("cv", cv)]),
        Shape::Weibull { shape, scale } => named("weibull", &[("shape", shape), ("scale", scale)]),
        Shape::Pareto { scale, shape } => named("pareto", &[("scale", scale), ("shape", shape)]),
        Shape::Beta { alpha, beta } => named("beta", &[("alpha", alpha), ("beta", beta)]),
        Shape::Poisson { mean } => named("poisson", &[("mean", mean)]),
        Shape::Geometric { mean } => named("geometric", &[("mean", mean)]),
        Shape::Discrete { values, weights } => {
            named("discrete", &[]);
            lines
                .put("values", numbers(values))
                .put("weights", numbers(weights));
        }
        Shape::Empirical { sorted, from } => {
            named("empirical", &[]);
            match from {
                Some(Column { file, column }) if form == Form::Resolved => {
                    lines.put("file", string(file)).put("column", string(column));
                }
                _ => {
                    lines.put("samples", numbers(sorted));
                }
            }
        }
    }
    lines
        .maybe("min", quantity.min.map(number))
        .maybe("max", quantity.max.map(number));
    lines.inline()
}

fn numbers(all: &[f64]) -> String {
    list(all.iter().map(|one| number(*one)))
}

fn quantile(probability: f64) -> String {
    format!("p{:02.0}", probability * 100.0)
}

fn mixed(share: &Quantity, part: &Quantity, form: Form) -> String {
    let part = quantity(part, form);
    let share = quantity(share, form);
    match part.strip_prefix('{') {
        Some(rest) => format!("{{ share = {share},{rest}"),
        None => format!("{{ share = {share}, value = {part} }}"),
    }
}
