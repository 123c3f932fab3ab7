//! Tables: which family is meant, and its parameters.

use toml::Spanned;
use toml::de::DeValue;

use super::fields::{Fields, one_of};
use super::{Context, Role, number, with_article};
use crate::quantity::compile::QUANTILE_KEYS;
use crate::quantity::{Column, Quantity, Shape};
use crate::reading::{Problem, nearest};

/// A family: its name, how messages call it, and the sets of keys that it understands.
type Known = (
    &'static str,
    &'static str,
    &'static [&'static [&'static str]],
);

/// The families that `dist` names, how messages call them, and the sets of keys that each understands.
const FAMILIES: [Known; 15] = [
    ("constant", "a constant", &[&["value"]]),
    (
        "uniform",
        "a uniform distribution",
        &[&["min", "max"], &["low", "high"]],
    ),
    (
        "triangular",
        "a triangular distribution",
        &[&["min", "mode", "max"], &["low", "mode", "high"]],
    ),
    (
        "pert",
        "a PERT distribution",
        &[&["min", "mode", "max"], &["low", "mode", "high"]],
    ),
    ("normal", "a normal distribution", &[&["mean", "sd"]]),
    (
        "lognormal",
        "a log-normal distribution",
        &[&["mean", "cv"], &["mu", "sigma"]],
    ),
    (
        "gamma",
        "a gamma distribution",
        &[&["mean", "cv"], &["shape", "scale"]],
    ),
    (
        "exponential",
        "an exponential distribution",
        &[&["mean"], &["rate"]],
    ),
    ("weibull", "a Weibull distribution", &[&["shape", "scale"]]),
    ("pareto", "a Pareto distribution", &[&["scale", "shape"]]),
    (
        "beta",
        "a beta distribution",
        &[&["alpha", "beta"], &["mean", "cv"]],
    ),
    ("poisson", "a Poisson distribution", &[&["mean"]]),
    ("geometric", "a geometric distribution", &[&["mean"]]),
    (
        "discrete",
        "a discrete distribution",
        &[&["values", "weights"], &["values"]],
    ),
    (
        "empirical",
        "an empirical distribution",
        &[&["samples"], &["file", "column"]],
    ),
];

/// What a table without `dist` can say.
const PLAIN: &[&[&str]] = &[&["mean", "cv"], &["mix"], &["range"], &["value"]];

/// Reads a table.
pub(super) fn read(
    fields: &Fields<'_>,
    role: Role,
    context: &Context<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Quantity> {
    let mut reader = Reader {
        fields,
        role,
        context,
        problems,
    };
    let before = reader.problems.len();
    let shape = reader.shape();
    let (min, max) = if reader.limits_are_parameters() {
        (None, None)
    } else {
        (reader.limit("min"), reader.limit("max"))
    };
    if reader.problems.len() > before {
        return None;
    }
    let shape = shape?;
    let quantity = Quantity { shape, min, max };
    quantity.checked(problems, |error| {
        let key = match error.key {
            "min" if !fields.has("min") => "low",
            "max" if !fields.has("max") => "high",
            key => key,
        };
        fields.place(key)
    })
}

struct Reader<'r, 'f> {
    fields: &'r Fields<'f>,
    role: Role,
    context: &'r Context<'r>,
    problems: &'r mut Vec<Problem>,
}

impl Reader<'_, '_> {
    fn shape(&mut self) -> Option<Shape> {
        let (dist, owner, forms) = match self.fields.get("dist") {
            None => ("", "a quantity", PLAIN),
            Some(value) => self.family(value)?,
        };
        let quantile_keys: Vec<&str> = QUANTILE_KEYS.iter().map(|(key, _)| *key).collect();
        let by_quantiles = matches!(dist, "" | "lognormal");
        let mut known: Vec<&str> = vec!["dist", "min", "max"];
        if by_quantiles {
            known.extend(&quantile_keys);
        }
        for key in forms.iter().copied().flatten() {
            if !known.contains(key) {
                known.push(key);
            }
        }
        if !self.fields.only(&known, owner, self.problems) {
            return None;
        }
        if by_quantiles && self.fields.keys().any(|key| quantile_keys.contains(&key)) {
            return self.quantiles();
        }
        if by_quantiles
            && dist.is_empty()
            && self.fields.keys().all(|key| matches!(key, "min" | "max"))
        {
            self.problems.push(
                Problem::new(self.fields.span.clone(), "this table does not say how the number is spread")
                    .expected("two quantiles such as `p50` and `p95`, or `mean` and `cv`, or `mix`, or `dist`")
                    .help("for anything between two limits: { dist = \"uniform\", min = 1, max = 2 }"),
            );
            return None;
        }
        let others: &[&str] = if self.limits_are_parameters() {
            &["dist"]
        } else {
            &["dist", "min", "max"]
        };
        let form = self.fields.form(forms, others, owner, self.problems)?;
        self.parameters(dist, form)
    }

    /// Whether `min` and `max` are the ends of the family itself, not limits that cut it.
    fn limits_are_parameters(&self) -> bool {
        let dist = self
            .fields
            .get("dist")
            .and_then(|value| value.get_ref().as_str());
        matches!(dist, Some("uniform" | "triangular" | "pert"))
            && !self.fields.has("low")
            && !self.fields.has("high")
    }

    fn family(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Known> {
        let names = FAMILIES.map(|(name, _, _)| name);
        let Some(name) = value.get_ref().as_str() else {
            self.problems.push(
                Problem::new(
                    value.span(),
                    format!("`dist` is {}", with_article(value.get_ref())),
                )
                .expected(one_of(&names)),
            );
            return None;
        };
        let found = FAMILIES.iter().find(|(family, _, _)| *family == name);
        if found.is_none() {
            let problem = Problem::new(value.span(), format!("`{name}` is not a distribution"))
                .expected(one_of(&names));
            self.problems.push(match nearest(name, names) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem,
            });
        }
        found.copied()
    }

    /// The shape of a family, given by one of its sets of keys.
    fn parameters(&mut self, dist: &str, form: &[&str]) -> Option<Shape> {
        match (dist, form) {
            ("" | "constant", ["value"]) => Some(Shape::Exact(self.plain("value")?)),
            ("", ["range"]) => self.range(),
            ("", ["mix"]) => self.mixture(),
            ("discrete", _) => self.discrete(),
            ("empirical", ["samples"]) => {
                let mut sorted =
                    number::read_all("`samples`", self.fields.get("samples")?, self.problems)?;
                sorted.sort_by(f64::total_cmp);
                Some(Shape::Empirical { sorted, from: None })
            }
            ("empirical", _) => self.column(),
            _ => {
                let read: Vec<_> = form.iter().map(|key| self.parameter(key)).collect();
                let read: Option<Vec<_>> = read.into_iter().collect();
                let mut read = read?.into_iter().map(Box::new);
                let (first, second, third) = (read.next()?, read.next(), read.next());
                shape_of(dist, form, first, second, third)
            }
        }
    }

    /// A parameter: in a draw it may be uncertain, in a fact it is a plain number.
    fn parameter(&mut self, key: &str) -> Option<Quantity> {
        let value = self.fields.get(key)?;
        match (self.role, value.get_ref()) {
            (Role::Draw, DeValue::String(_) | DeValue::Table(_)) => {
                Quantity::read(value, Role::Fact, self.context, self.problems)
            }
            (Role::Fact, DeValue::String(_) | DeValue::Table(_)) => {
                self.problems.push(
                    Problem::new(value.span(), format!("`{key}` of a fact must be a plain number"))
                        .expected("a number")
                        .help(
                            "a spread here already says that we do not know it; say more doubt with a wider \
                             spread",
                        ),
                );
                None
            }
            _ => number::read(&format!("`{key}`"), value, self.problems).map(Quantity::exact),
        }
    }

    fn plain(&mut self, key: &str) -> Option<f64> {
        number::read(&format!("`{key}`"), self.fields.get(key)?, self.problems)
    }

    /// `min` or `max`, if it is there and a number.
    fn limit(&mut self, key: &str) -> Option<f64> {
        if self.fields.has(key) {
            self.plain(key)
        } else {
            None
        }
    }

    fn quantiles(&mut self) -> Option<Shape> {
        let written: Vec<_> = QUANTILE_KEYS
            .iter()
            .filter(|(key, _)| self.fields.has(key))
            .collect();
        let mut fine = true;
        for key in self.fields.keys() {
            if matches!(key, "dist" | "min" | "max") || written.iter().any(|(name, _)| *name == key)
            {
                continue;
            }
            fine = false;
            self.problems.push(
                Problem::new(
                    self.fields.place(key),
                    format!("`{key}` does not go with quantiles"),
                )
                .expected("two quantiles, or `mean` and `cv`"),
            );
        }
        let [(low_key, low_p), (high_key, high_p)] = written.as_slice() else {
            let names: Vec<_> = written.iter().map(|(key, _)| format!("`{key}`")).collect();
            self.problems.push(
                Problem::new(
                    self.fields.span.clone(),
                    format!(
                        "{} quantile{} given: {}",
                        written.len(),
                        if written.len() == 1 { " is" } else { "s are" },
                        names.join(", ")
                    ),
                )
                .expected("exactly two of p05 p10 p25 p50 p75 p90 p95 p99"),
            );
            return None;
        };
        let (low, high) = (self.parameter(low_key), self.parameter(high_key));
        let shape = Shape::Quantiles {
            low: (*low_p, Box::new(low?)),
            high: (*high_p, Box::new(high?)),
        };
        fine.then_some(shape)
    }

    fn range(&mut self) -> Option<Shape> {
        let value = self.fields.get("range")?;
        let Some(text) = value.get_ref().as_str() else {
            self.problems.push(
                Problem::new(
                    value.span(),
                    format!("`range` is {}", with_article(value.get_ref())),
                )
                .expected("two numbers, such as \"300 to 500\""),
            );
            return None;
        };
        let (lo, hi) = number::range(text, value.span(), self.problems)?;
        Some(Shape::Range90 { lo, hi })
    }

    fn discrete(&mut self) -> Option<Shape> {
        let values = number::read_all("`values`", self.fields.get("values")?, self.problems);
        let weights = match self.fields.get("weights") {
            Some(weights) => number::read_all("`weights`", weights, self.problems)?,
            None => vec![1.0; values.as_ref()?.len()],
        };
        Some(Shape::Discrete {
            values: values?,
            weights,
        })
    }

    fn column(&mut self) -> Option<Shape> {
        let mut text = |key: &str| {
            let value = self.fields.get(key)?;
            let text = value.get_ref().as_str();
            if text.is_none() {
                self.problems.push(
                    Problem::new(
                        value.span(),
                        format!("`{key}` is {}", with_article(value.get_ref())),
                    )
                    .expected("a name in quotes"),
                );
            }
            text.map(str::to_owned)
        };
        let (file, column) = (text("file"), text("column"));
        let (file, column) = (file?, column?);
        match (self.context.load)(&file, &column) {
            Ok(mut sorted) => {
                let count = sorted.len();
                sorted.retain(|x| x.is_finite());
                if sorted.is_empty() {
                    let what = if count == 0 {
                        "is empty"
                    } else {
                        "holds no numbers"
                    };
                    self.problems.push(
                        Problem::new(
                            self.fields.place("column"),
                            format!("the column `{column}` of {file} {what}"),
                        )
                        .expected("a column with at least one number"),
                    );
                    return None;
                }
                sorted.sort_by(f64::total_cmp);
                Some(Shape::Empirical {
                    sorted,
                    from: Some(Column { file, column }),
                })
            }
            Err(why) => {
                self.problems.push(
                    Problem::new(
                        self.fields.place("file"),
                        format!("cannot read the column `{column}` of {file}: {why}"),
                    )
                    .expected("a CSV file with a header, plain or gzip, beside the scenario"),
                );
                None
            }
        }
    }

    fn mixture(&mut self) -> Option<Shape> {
        const EXAMPLE: &str = "an array of tables, such as [{ share = 0.98, p50 = 0.6, p95 = 1.1 }, { share = 0.02, p50 = 4, p95 = 12 }]";
        let value = self.fields.get("mix")?;
        let parts = value.get_ref().as_array().filter(|array| !array.is_empty());
        let Some(parts) = parts else {
            let what = if value.get_ref().is_array() {
                "empty".to_owned()
            } else {
                with_article(value.get_ref())
            };
            self.problems
                .push(Problem::new(value.span(), format!("`mix` is {what}")).expected(EXAMPLE));
            return None;
        };
        let read: Vec<_> = parts.iter().map(|part| self.part(part, EXAMPLE)).collect();
        let read: Vec<_> = read.into_iter().collect::<Option<_>>()?;
        let shares: Option<Vec<f64>> = read.iter().map(|(share, _)| share.as_exact()).collect();
        let sum: f64 = shares.as_ref().map_or(1.0, |shares| shares.iter().sum());
        if (sum - 1.0).abs() > 0.01 {
            let list: Vec<_> = shares
                .unwrap_or_default()
                .iter()
                .map(f64::to_string)
                .collect();
            self.problems.push(
                Problem::new(
                    value.span(),
                    format!(
                        "the shares of the mixture sum to {}, not 1",
                        (sum * 1e6).round() / 1e6
                    ),
                )
                .expected("shares that sum to 1")
                .help(format!("they are {}", list.join(", "))),
            );
            return None;
        }
        Some(Shape::Mix(read))
    }

    fn part(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        example: &str,
    ) -> Option<(Quantity, Quantity)> {
        let Some(table) = value.get_ref().as_table() else {
            self.problems.push(
                Problem::new(
                    value.span(),
                    format!("a part of a mixture is {}", with_article(value.get_ref())),
                )
                .expected(example),
            );
            return None;
        };
        let fields = Fields::new(table, value.span());
        let mut inner = Reader {
            fields: &fields,
            role: self.role,
            context: self.context,
            problems: self.problems,
        };
        let share = inner.share();
        let part = read(
            &fields.without("share"),
            self.role,
            self.context,
            self.problems,
        );
        Some((share?, part?))
    }

    fn share(&mut self) -> Option<Quantity> {
        if !self.fields.has("share") {
            self.problems.push(
                Problem::new(
                    self.fields.span.clone(),
                    "a part of a mixture has no `share`",
                )
                .expected("a share between 0 and 1"),
            );
            return None;
        }
        let share = self.parameter("share")?;
        if let Some(number) = share.as_exact()
            && !(0.0..=1.0).contains(&number)
        {
            self.problems.push(
                Problem::new(
                    self.fields.place("share"),
                    format!("a share of {number} is impossible"),
                )
                .expected("a share between 0 and 1"),
            );
            return None;
        }
        Some(share)
    }
}

/// The shape of a family with one to three parameters, in the order of the form's keys.
fn shape_of(
    dist: &str,
    form: &[&str],
    first: Box<Quantity>,
    second: Option<Box<Quantity>>,
    third: Option<Box<Quantity>>,
) -> Option<Shape> {
    Some(match (dist, form) {
        ("exponential", ["mean"]) => Shape::Exponential { mean: first },
        ("exponential", _) => Shape::ExponentialRate { rate: first },
        ("poisson", _) => Shape::Poisson { mean: first },
        ("geometric", _) => Shape::Geometric { mean: first },
        ("uniform", _) => Shape::Uniform {
            low: first,
            high: second?,
        },
        ("triangular", _) => Shape::Triangular {
            low: first,
            mode: second?,
            high: third?,
        },
        ("pert", _) => Shape::Pert {
            low: first,
            mode: second?,
            high: third?,
        },
        ("normal", _) => Shape::Normal {
            mean: first,
            sd: second?,
        },
        ("" | "lognormal", ["mean", "cv"]) => Shape::LognormalMeanCv {
            mean: first,
            cv: second?,
        },
        ("lognormal", _) => Shape::LognormalMuSigma {
            mu: first,
            sigma: second?,
        },
        ("gamma", ["mean", "cv"]) => Shape::GammaMeanCv {
            mean: first,
            cv: second?,
        },
        ("gamma", _) => Shape::Gamma {
            shape: first,
            scale: second?,
        },
        ("weibull", _) => Shape::Weibull {
            shape: first,
            scale: second?,
        },
        ("pareto", _) => Shape::Pareto {
            scale: first,
            shape: second?,
        },
        ("beta", ["mean", "cv"]) => Shape::BetaMeanCv {
            mean: first,
            cv: second?,
        },
        ("beta", _) => Shape::Beta {
            alpha: first,
            beta: second?,
        },
        _ => return None,
    })
}
