//! Quantities as text: the form of the file format, which reads back to the same quantity, and words for people.

use std::fmt;

use super::compile::quantile_key;
use super::{Quantity, Role, Shape};

impl fmt::Display for Quantity {
    /// As a TOML value: `0.8`, `"8000 to 12000"`, `{ p50 = 0.8, p95 = 2.4 }`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.min.is_none() && self.max.is_none();
        match self.shape {
            Shape::Exact(number) if whole => f.write_str(&toml_number(number)),
            Shape::Range90 { lo, hi } if whole => f.write_str(&range(lo, hi)),
            _ => write!(f, "{{ {} }}", self.entries()),
        }
    }
}

/// The shortest digits that read back to the same number; large and small ones with an exponent.
fn toml_number(number: f64) -> String {
    let size = number.abs();
    if number.is_finite() && size != 0.0 && !(1e-5..1e15).contains(&size) {
        format!("{number:e}")
    } else {
        number.to_string()
    }
}

fn range(lo: f64, hi: f64) -> String {
    format!("\"{} to {}\"", toml_number(lo), toml_number(hi))
}

fn list(numbers: &[f64]) -> String {
    let numbers: Vec<_> = numbers.iter().map(|x| toml_number(*x)).collect();
    format!("[{}]", numbers.join(", "))
}

fn string(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl Quantity {
    /// The inside of the inline table.
    fn entries(&self) -> String {
        let truncated = self.min.is_some() || self.max.is_some();
        // The natural ends of these families are called `min` and `max` too, unless those are needed to truncate.
        let (low_key, high_key) = if truncated {
            ("low", "high")
        } else {
            ("min", "max")
        };
        let shape = match &self.shape {
            Shape::Exact(number) => format!("value = {}", toml_number(*number)),
            Shape::Range90 { lo, hi } => format!("range = {}", range(*lo, *hi)),
            Shape::Quantiles { low, high } => format!(
                "{} = {}, {} = {}",
                quantile_key(low.0),
                low.1,
                quantile_key(high.0),
                high.1
            ),
            Shape::LognormalMeanCv { mean, cv } => format!("mean = {mean}, cv = {cv}"),
            Shape::GammaMeanCv { mean, cv } => {
                format!("dist = \"gamma\", mean = {mean}, cv = {cv}")
            }
            Shape::BetaMeanCv { mean, cv } => format!("dist = \"beta\", mean = {mean}, cv = {cv}"),
            Shape::Mix(parts) => {
                let parts: Vec<_> = parts
                    .iter()
                    .map(|(share, part)| format!("{{ share = {share}, {} }}", part.entries()))
                    .collect();
                format!("mix = [{}]", parts.join(", "))
            }
            Shape::Uniform { low, high } => {
                format!("dist = \"uniform\", {low_key} = {low}, {high_key} = {high}")
            }
            Shape::Triangular { low, mode, high } => {
                format!(
                    "dist = \"triangular\", {low_key} = {low}, mode = {mode}, {high_key} = {high}"
                )
            }
            Shape::Pert { low, mode, high } => {
                format!("dist = \"pert\", {low_key} = {low}, mode = {mode}, {high_key} = {high}")
            }
            Shape::Normal { mean, sd } => format!("dist = \"normal\", mean = {mean}, sd = {sd}"),
            Shape::LognormalMuSigma { mu, sigma } => {
                format!("dist = \"lognormal\", mu = {mu}, sigma = {sigma}")
            }
            Shape::Gamma { shape, scale } => {
                format!("dist = \"gamma\", shape = {shape}, scale = {scale}")
            }
            Shape::Exponential { mean } => format!("dist = \"exponential\", mean = {mean}"),
            Shape::ExponentialRate { rate } => format!("dist = \"exponential\", rate = {rate}"),
            Shape::Weibull { shape, scale } => {
                format!("dist = \"weibull\", shape = {shape}, scale = {scale}")
            }
            Shape::Pareto { scale, shape } => {
                format!("dist = \"pareto\", scale = {scale}, shape = {shape}")
            }
            Shape::Beta { alpha, beta } => {
                format!("dist = \"beta\", alpha = {alpha}, beta = {beta}")
            }
            Shape::Poisson { mean } => format!("dist = \"poisson\", mean = {mean}"),
            Shape::Geometric { mean } => format!("dist = \"geometric\", mean = {mean}"),
            Shape::Discrete { values, weights } => format!(
                "dist = \"discrete\", values = {}, weights = {}",
                list(values),
                list(weights)
            ),
            Shape::Empirical { sorted, from } => match from {
                Some(from) => format!(
                    "dist = \"empirical\", file = {}, column = {}",
                    string(&from.file),
                    string(&from.column)
                ),
                None => format!("dist = \"empirical\", samples = {}", list(sorted)),
            },
        };
        let limit = |key: &str, limit: Option<f64>| {
            limit.map_or_else(String::new, |limit| {
                format!(", {key} = {}", toml_number(limit))
            })
        };
        shape + &limit("min", self.min) + &limit("max", self.max)
    }

    /// In plain words: "about 300 to 500 (90% sure)" of a fact, "median 0.8, 5% above 2.4" of a draw.
    #[must_use]
    pub fn describe(&self, role: Role) -> String {
        let text = self.describe_shape(role);
        let limits = match (self.min, self.max) {
            (Some(min), Some(max)) => format!(", within {} to {}", plain(min), plain(max)),
            (Some(min), None) => format!(", never below {}", plain(min)),
            (None, Some(max)) => format!(", never above {}", plain(max)),
            (None, None) => String::new(),
        };
        text + &limits
    }

    fn describe_shape(&self, role: Role) -> String {
        let say = |parameter: &Quantity| parameter.describe(Role::Fact);
        let spread = |mean: &Quantity, cv: &Quantity| match cv.as_exact() {
            Some(cv) => format!(
                "mean {}, standard deviation {}% of it",
                say(mean),
                plain(cv * 100.0)
            ),
            None => format!("mean {}, coefficient of variation {}", say(mean), say(cv)),
        };
        match &self.shape {
            Shape::Exact(number) => plain(*number),
            Shape::Range90 { lo, hi } => {
                let sure = if role == Role::Fact {
                    "90% sure"
                } else {
                    "90%"
                };
                format!("about {} to {} ({sure})", plain(*lo), plain(*hi))
            }
            Shape::Quantiles { low, high } => {
                format!(
                    "{}, {}",
                    quantile(low.0, &low.1, role),
                    quantile(high.0, &high.1, role)
                )
            }
            Shape::LognormalMeanCv { mean, cv } => spread(mean, cv),
            Shape::GammaMeanCv { mean, cv } => format!("{} (gamma)", spread(mean, cv)),
            Shape::BetaMeanCv { mean, cv } => format!("{} (beta)", spread(mean, cv)),
            Shape::Mix(parts) => {
                let parts: Vec<_> = parts
                    .iter()
                    .map(|(share, part)| {
                        let share = match share.as_exact() {
                            Some(share) => format!("{}%", plain(share * 100.0)),
                            None => format!("a share of {}", say(share)),
                        };
                        format!("{share}: {}", part.describe(role))
                    })
                    .collect();
                parts.join("; ")
            }
            Shape::Uniform { low, high } => format!("anything from {} to {}", say(low), say(high)),
            Shape::Triangular { low, mode, high } => format!(
                "{} to {}, most likely {} (triangular)",
                say(low),
                say(high),
                say(mode)
            ),
            Shape::Pert { low, mode, high } => {
                format!(
                    "{} to {}, most likely {} (PERT)",
                    say(low),
                    say(high),
                    say(mode)
                )
            }
            Shape::Normal { mean, sd } => format!("{} ± {} (normal)", say(mean), say(sd)),
            Shape::LognormalMuSigma { mu, sigma } => {
                format!("log-normal, mu {}, sigma {}", say(mu), say(sigma))
            }
            Shape::Gamma { shape, scale } => {
                format!("gamma, shape {}, scale {}", say(shape), say(scale))
            }
            Shape::Exponential { mean } => format!("mean {} (exponential)", say(mean)),
            Shape::ExponentialRate { rate } => format!("rate {} (exponential)", say(rate)),
            Shape::Weibull { shape, scale } => {
                format!("Weibull, shape {}, scale {}", say(shape), say(scale))
            }
            Shape::Pareto { scale, shape } => {
                format!(
                    "at least {}, heavy tail of index {} (Pareto)",
                    say(scale),
                    say(shape)
                )
            }
            Shape::Beta { alpha, beta } => {
                format!("beta, alpha {}, beta {}", say(alpha), say(beta))
            }
            Shape::Poisson { mean } => format!("a count, mean {} (Poisson)", say(mean)),
            Shape::Geometric { mean } => format!("1 or more, mean {} (geometric)", say(mean)),
            Shape::Discrete { values, weights } => describe_values(values, weights),
            Shape::Empirical { sorted, from } => match from {
                Some(from) => format!(
                    "{} values of {} in {}",
                    plain(sorted.len() as f64),
                    from.column,
                    from.file
                ),
                None => format!("one of {} samples", plain(sorted.len() as f64)),
            },
        }
    }
}

/// "median 0.8", "5% above 2.4", "10% below 3".
fn quantile(probability: f64, number: &Quantity, role: Role) -> String {
    let number = number.describe(Role::Fact);
    let chance = if role == Role::Fact {
        " chance of being"
    } else {
        ""
    };
    if probability == 0.5 {
        format!("median {number}")
    } else if probability < 0.5 {
        format!(
            "{}%{chance} below {number}",
            plain((probability * 100.0).round())
        )
    } else {
        format!(
            "{}%{chance} above {number}",
            plain(((1.0 - probability) * 100.0).round())
        )
    }
}

fn describe_values(values: &[f64], weights: &[f64]) -> String {
    let total: f64 = weights.iter().sum();
    let parts: Vec<_> = values
        .iter()
        .zip(weights)
        .map(|(value, weight)| format!("{} ({}%)", plain(*value), plain(100.0 * weight / total)))
        .collect();
    parts.join(", ")
}

/// A number for people: at most four significant digits, thousands separated.
fn plain(number: f64) -> String {
    let size = number.abs();
    if !number.is_finite() || size >= 1e15 || (size > 0.0 && size < 1e-4) {
        return toml_number(number);
    }
    let decimals = match size {
        _ if size >= 1000.0 => 0,
        _ if size >= 100.0 => 1,
        _ if size >= 10.0 => 2,
        _ if size >= 1.0 => 3,
        _ => 6,
    };
    let text = format!("{number:.decimals$}");
    let (sign, text) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if fraction.is_empty() {
        format!("{sign}{grouped}")
    } else {
        format!("{sign}{grouped}.{fraction}")
    }
}
