//! What a log or an export says was used, by the scenario's models.

use crate::reading::log::{Field, Log, NONE};
use crate::scenario::Scenario;
use crate::scenario::types::Price;

use super::{ModelSpend, Spend};

/// What was found.
pub(super) struct Found {
    pub(super) usd: f64,
    /// Dollars came with it.
    pub(super) billed: bool,
    /// `None` if it has no tokens.
    pub(super) spend: Option<Spend>,
}

impl Found {
    pub(super) const fn total(usd: f64) -> Self {
        Self {
            usd,
            billed: true,
            spend: None,
        }
    }
}

/// Whole days from the first row to the last.
pub(super) fn days(log: &Log) -> f64 {
    let times = || log.rows.iter().map(|row| row.at_s);
    let first = times().fold(f64::INFINITY, f64::min);
    let last = times().fold(f64::NEG_INFINITY, f64::max);
    // Usage exports stamp the beginning of a day.
    ((last - first) / 86_400.0).floor() + 1.0
}

/// Adds a log up. Prices are the bill's, else the scenario's.
///
/// # Errors
/// In words, if the log has neither costs nor tokens.
pub(super) fn of(
    log: &Log,
    scenario: &Scenario,
    expected: &Spend,
    notes: &mut Vec<String>,
) -> Result<Found, String> {
    let billed = log.has(Field::Cost);
    let counted = log.has(Field::Input) && log.tells(Field::Output);
    if !billed && !counted {
        return Err("the log has neither costs nor both input and output tokens: name their columns with --map cost=…, or input_tokens=…,output_tokens=…".to_owned());
    }
    let mut spend = Spend {
        models: expected
            .models
            .iter()
            .map(|it| ModelSpend {
                name: it.name.clone(),
                ..ModelSpend::default()
            })
            .collect(),
        ..Spend::default()
    };
    let mut paid = vec![0.0; spend.models.len()];
    let places: Vec<usize> = log
        .models
        .iter()
        .map(|name| {
            place_of(name, scenario, &spend).unwrap_or_else(|| {
                spend.models.push(ModelSpend {
                    name: name.clone(),
                    ..ModelSpend::default()
                });
                paid.push(0.0);
                spend.models.len() - 1
            })
        })
        .collect();
    // A log of one model need not name it: it is the one with the most tokens.
    let main = (0..expected.models.len())
        .max_by(|a, b| {
            let tokens = |at: usize| expected.models.get(at).map_or(0.0, ModelSpend::tokens);
            tokens(*a).total_cmp(&tokens(*b))
        })
        .unwrap_or(0);
    let told = |number: f32| {
        if number.is_finite() {
            f64::from(number)
        } else {
            0.0
        }
    };
    for row in &log.rows {
        let place = if row.model == NONE {
            main
        } else {
            places.get(row.model as usize).copied().unwrap_or(main)
        };
        spend.calls += told(row.count);
        if let (Some(model), Some(paid)) = (spend.models.get_mut(place), paid.get_mut(place)) {
            model.input += told(row.input);
            model.cached += told(row.cached).min(told(row.input));
            model.output += told(row.output);
            *paid += told(row.cost_usd);
        }
    }
    let usd: f64 = paid.iter().sum();
    if !counted {
        notes.push(
            "The log has costs but no tokens: what explains the difference cannot be told."
                .to_owned(),
        );
        return Ok(Found {
            usd,
            billed,
            spend: None,
        });
    }
    price(&mut spend, expected, &paid, billed, notes);
    Ok(Found {
        usd: spend.usd(),
        billed,
        spend: Some(spend),
    })
}

/// Prices each model: the scenario's, times what makes them come to the bill.
fn price(spend: &mut Spend, expected: &Spend, paid: &[f64], billed: bool, notes: &mut Vec<String>) {
    for (place, (model, paid)) in spend.models.iter_mut().zip(paid).enumerate() {
        model.price = expected.models.get(place).map_or([0.0; 3], |it| it.price);
        let usd = model.usd();
        if billed && usd > 0.0 {
            for price in &mut model.price {
                *price *= paid / usd;
            }
        } else if billed && model.tokens() > 0.0 {
            model.price = [paid / model.tokens(); 3];
        } else if billed && *paid > 0.0 {
            notes.push(format!(
                "`{}` was paid {paid:.2} dollars without any tokens: that is left out.",
                model.name
            ));
        } else if model.tokens() > 0.0 && usd <= 0.0 {
            notes.push(format!(
                "`{}` is not a model of the scenario that is paid by the token, and the log has no costs: its {:.0} tokens count for nothing.",
                model.name, model.tokens()
            ));
        }
    }
    if !billed {
        notes.push("The log has no costs: its tokens are counted at the scenario's prices, so price explains nothing.".to_owned());
    }
}

/// The scenario's model that a log means by a name: its own name, its name in the catalogue, or that with a version
/// behind or a provider in front. The longest that fits.
fn place_of(name: &str, scenario: &Scenario, spend: &Spend) -> Option<usize> {
    let name = name.to_ascii_lowercase();
    let bare = name.rsplit(['/', ':']).next().unwrap_or(&name);
    let mut best: Option<(usize, usize)> = None;
    for (place, model) in spend.models.iter().enumerate() {
        let reference = scenario
            .models
            .iter()
            .find(|it| it.name == model.name)
            .and_then(|it| match &it.price {
                Some(Price::Catalogue(reference)) => reference.split_once(':').map(|it| it.1),
                _ => None,
            });
        for known in std::iter::once(model.name.as_str()).chain(reference) {
            let known = known.to_ascii_lowercase();
            let fits = bare == known
                || bare.strip_prefix(&known).is_some_and(|rest| {
                    rest.starts_with(['-', '@', '.']) && rest.bytes().any(|it| it.is_ascii_digit())
                });
            if fits && best.is_none_or(|(length, _)| known.len() > length) {
                best = Some((known.len(), place));
            }
        }
    }
    best.map(|it| it.1)
}
