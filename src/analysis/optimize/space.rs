//! The settings: strategies to start from, knobs, their levels; and how a setting is written into a scenario.

use crate::engine::philox::mix;
use crate::scenario::Scenario;
use crate::scenario::fields::{self, Kind};
use crate::scenario::types::Knob;

use super::Choice;

/// A knob with the levels that are tried.
#[derive(Debug, Clone, PartialEq)]
struct Levels {
    path: String,
    was: String,
    /// As TOML.
    values: Vec<String>,
    /// Neighbouring levels are alike: numbers in order.
    ordered: bool,
}

/// A strategy to start from, with the knobs that it has.
#[derive(Debug, Clone, PartialEq)]
struct Start {
    strategy: String,
    /// Indices of knobs.
    knobs: Vec<usize>,
}

/// All settings of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    knobs: Vec<Levels>,
    starts: Vec<Start>,
}

/// One of them: which start, and a level for each of its knobs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Setting {
    start: usize,
    levels: Vec<usize>,
}

impl Space {
    /// The space of `[optimize]`. Ranges become `steps` levels, evenly in logarithms where they span a factor of 4;
    /// short ranges of whole numbers become those. Strategies to start from: those named, else those that have a knob of
    /// their own, else all.
    #[must_use]
    pub fn of(scenario: &Scenario, strategies: &[String], steps: usize) -> Self {
        let knobs: Vec<Levels> = scenario
            .optimize
            .iter()
            .map(|(path, knob)| levels(scenario, path, knob, steps))
            .collect();
        let named = |name: &String| strategies.is_empty() || strategies.contains(name);
        let mut starts: Vec<Start> = scenario
            .strategies
            .iter()
            .filter(|strategy| named(&strategy.name))
            .map(|strategy| Start {
                strategy: strategy.name.clone(),
                knobs: (0..knobs.len())
                    .filter(|index| {
                        knobs
                            .get(*index)
                            .is_some_and(|knob| concerns(scenario, &knob.path, &strategy.name))
                    })
                    .collect(),
            })
            .collect();
        let own = |start: &Start| {
            start.knobs.iter().any(|index| {
                knobs
                    .get(*index)
                    .is_some_and(|knob| knob.path.starts_with("strategies."))
            })
        };
        if strategies.is_empty() && starts.iter().any(own) {
            starts.retain(own);
        }
        Self { knobs, starts }
    }

    /// How many settings there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        (0..self.starts.len())
            .map(|start| {
                self.sizes(start)
                    .iter()
                    .map(|size| *size as u64)
                    .product::<u64>()
            })
            .sum()
    }

    /// Whether there is nothing to turn.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.iter().all(|start| start.knobs.is_empty())
    }

    /// Why a knob would turn nothing, as the scenario does not write what it turns, and the way out.
    #[must_use]
    pub fn turns_nothing(&self) -> Option<(String, &'static str)> {
        let turned = self.starts.iter().flat_map(|start| &start.knobs);
        let path = turned
            .filter_map(|knob| self.knobs.get(*knob))
            .filter(|knob| knob.was.is_empty())
            .map(|knob| knob.path.as_str())
            .min()?;
        Some((
            format!(
                "[optimize] turns `{path}`, which the scenario does not write: nothing would change"
            ),
            "write the field as it is today where it belongs, then it can be turned",
        ))
    }

    /// Every setting, start by start, the last knob fastest.
    #[must_use]
    pub fn all(&self) -> Vec<Setting> {
        let mut list = Vec::new();
        for start in 0..self.starts.len() {
            let sizes = self.sizes(start);
            let count: usize = sizes.iter().product();
            list.extend((0..count).map(|number| Setting {
                start,
                levels: digits(number, &sizes),
            }));
        }
        list
    }

    /// A setting as text: strategy and values, for tables.
    #[must_use]
    pub fn label(&self, setting: &Setting) -> String {
        let values: Vec<&str> = self
            .turned(setting)
            .into_iter()
            .map(|(_, value)| value)
            .collect();
        format!("{} {}", self.strategy(setting), values.join(" "))
    }

    /// Name of its strategy.
    pub(super) fn strategy(&self, setting: &Setting) -> &str {
        self.starts
            .get(setting.start)
            .map_or("", |start| start.strategy.as_str())
    }

    /// Path and value of every knob that it turns.
    pub(super) fn turned(&self, setting: &Setting) -> Vec<(&str, &str)> {
        let Some(start) = self.starts.get(setting.start) else {
            return Vec::new();
        };
        start
            .knobs
            .iter()
            .zip(&setting.levels)
            .filter_map(|(knob, level)| {
                let knob = self.knobs.get(*knob)?;
                Some((knob.path.as_str(), knob.values.get(*level)?.as_str()))
            })
            .collect()
    }

    /// As the scenario has a knob.
    pub(super) fn was(&self, path: &str) -> &str {
        self.knobs
            .iter()
            .find(|knob| knob.path == path)
            .map_or("", |knob| knob.was.as_str())
    }

    /// Names of the strategies to start from.
    pub(super) fn starts(&self) -> impl Iterator<Item = &str> {
        self.starts.iter().map(|start| start.strategy.as_str())
    }

    fn sizes(&self, start: usize) -> Vec<usize> {
        self.starts.get(start).map_or_else(Vec::new, |start| {
            start
                .knobs
                .iter()
                .filter_map(|knob| self.knobs.get(*knob))
                .map(|knob| knob.values.len())
                .collect()
        })
    }

    /// So many settings of every start, spread over it: every level of every knob comes up about equally often (a Latin
    /// hypercube, shuffled by the seed).
    pub(super) fn spread(&self, count: usize, seed: u64) -> Vec<Setting> {
        let mut list = Vec::new();
        for start in 0..self.starts.len() {
            let sizes = self.sizes(start);
            let columns: Vec<Vec<usize>> = sizes
                .iter()
                .enumerate()
                .map(|(knob, size)| {
                    let mut order: Vec<usize> = (0..count).collect();
                    order.sort_by_key(|row| {
                        mix(seed ^ mix((start * 1000 + knob) as u64) ^ mix(*row as u64 + 7))
                    });
                    order
                        .into_iter()
                        .map(|row| row * size / count.max(1))
                        .collect()
                })
                .collect();
            list.extend((0..count).map(|row| {
                Setting {
                    start,
                    levels: columns
                        .iter()
                        .filter_map(|column| column.get(row).copied())
                        .collect(),
                }
            }));
        }
        list.sort();
        list.dedup();
        list
    }

    /// Settings that differ in one knob: by one or two levels where levels are in order, by any where they are not.
    pub(super) fn neighbours(&self, setting: &Setting) -> Vec<Setting> {
        let Some(start) = self.starts.get(setting.start) else {
            return Vec::new();
        };
        let mut list = Vec::new();
        for (place, (knob, level)) in start.knobs.iter().zip(&setting.levels).enumerate() {
            let Some(knob) = self.knobs.get(*knob) else {
                continue;
            };
            for other in 0..knob.values.len() {
                if other == *level || knob.ordered && other.abs_diff(*level) > 2 {
                    continue;
                }
                let mut next = setting.clone();
                if let Some(it) = next.levels.get_mut(place) {
                    *it = other;
                }
                list.push(next);
            }
        }
        list
    }

    /// Settings that differ in two knobs, each by one level where levels are in order, by any where they are not.
    pub(super) fn around(&self, setting: &Setting) -> Vec<Setting> {
        let near = |from: &Setting| -> Vec<Setting> {
            let mut list = self.neighbours(from);
            list.retain(|other| {
                let both = other.levels.iter().zip(&from.levels).enumerate();
                let far = |(place, (a, b)): (usize, (&usize, &usize))| {
                    let knob = self
                        .starts
                        .get(from.start)
                        .and_then(|it| it.knobs.get(place));
                    let ordered = knob
                        .and_then(|it| self.knobs.get(*it))
                        .is_some_and(|it| it.ordered);
                    ordered && a.abs_diff(*b) > 1
                };
                !both.into_iter().any(far)
            });
            list
        };
        let mut list: Vec<Setting> = near(setting).iter().flat_map(near).collect();
        list.sort();
        list.dedup();
        list
    }
}

/// Mixed-radix digits of a number, the last fastest.
fn digits(mut number: usize, sizes: &[usize]) -> Vec<usize> {
    let mut list: Vec<usize> = sizes
        .iter()
        .rev()
        .map(|size| {
            let digit = number % size;
            number /= size;
            digit
        })
        .collect();
    list.reverse();
    list
}

/// Whether a knob changes a strategy: everything but the fields of other strategies does. What a strategy inherits stands
/// at the same place as in the strategy that it inherits from.
fn concerns(scenario: &Scenario, path: &str, strategy: &str) -> bool {
    let Some(inner) = path.strip_prefix("strategies.") else {
        return true;
    };
    let owner = scenario
        .strategies
        .iter()
        .filter(|it| {
            inner
                .strip_prefix(it.name.as_str())
                .is_some_and(|rest| rest.starts_with('.'))
        })
        .max_by_key(|it| it.name.len());
    let Some((owner, field)) =
        owner.and_then(|it| Some((it, inner.strip_prefix(it.name.as_str())?)))
    else {
        return false;
    };
    owner.name == strategy
        || scenario.places.get(path).is_some_and(|place| {
            scenario
                .places
                .get(&format!("strategies.{strategy}{field}"))
                == Some(place)
        })
}

fn levels(scenario: &Scenario, path: &str, knob: &Knob, steps: usize) -> Levels {
    let was = scenario
        .places
        .get(path)
        .and_then(|place| scenario.source.text.get(place.clone()))
        .unwrap_or("")
        .to_owned();
    let (values, ordered) = match knob {
        Knob::Values(values) => {
            let numbers: Vec<f64> = values
                .iter()
                .filter_map(|it| it.replace('_', "").parse().ok())
                .collect();
            let rising = numbers.len() == values.len()
                && numbers
                    .windows(2)
                    .all(|pair| matches!(pair, [a, b] if a < b));
            (values.clone(), rising)
        }
        Knob::Range { from, to } => {
            let whole = fields::matching(path).is_some_and(|field| field.kind == Kind::Integer);
            (between(*from, *to, steps, whole), true)
        }
    };
    Levels {
        path: path.to_owned(),
        was,
        values,
        ordered,
    }
}

/// Levels of a range, as TOML.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a power of ten of three digits"
)]
fn between(from: f64, to: f64, steps: usize, whole: bool) -> Vec<String> {
    let integers = from.fract() == 0.0 && to.fract() == 0.0;
    if integers && to - from < steps as f64 {
        let mut list = Vec::new();
        let mut level = from;
        while level <= to {
            list.push(format!("{level}"));
            level += 1.0;
        }
        return list;
    }
    let last = steps.max(2) - 1;
    let by_logarithm = from > 0.0 && to / from >= 4.0;
    let mut list: Vec<String> = (0..=last)
        .map(|step| {
            let share = step as f64 / last as f64;
            let level = if by_logarithm {
                from * libm::pow(to / from, share)
            } else {
                from + (to - from) * share
            };
            if step == 0 || step == last {
                return format!("{level}");
            }
            if whole {
                return format!("{level:.0}");
            }
            // Three digits are enough for a setting that people read.
            let digits = 2 - libm::floor(libm::log10(level.abs().max(1e-12))) as i32;
            let unit = 10.0_f64.powi(-digits);
            let rounded = (level / unit).round() * unit;
            format!("{:.*}", digits.max(0) as usize, rounded)
        })
        .map(|text| {
            if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            } else {
                text
            }
        })
        .collect();
    list.dedup();
    list
}

/// The scenario's text with values replaced where they stand.
pub(super) fn applied(scenario: &Scenario, turned: &[(&str, &str)]) -> String {
    let mut places: Vec<(std::ops::Range<usize>, &str)> = turned
        .iter()
        .filter_map(|(path, value)| Some((scenario.places.get(*path)?.clone(), *value)))
        .collect();
    places.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    let mut text = scenario.source.text.clone();
    for (place, value) in places {
        if text.get(place.clone()).is_some() {
            text.replace_range(place, value);
        }
    }
    text
}

/// The changes as TOML that can be pasted: a table for each owner, fields as dotted keys.
pub(super) fn patch(choice: &Choice) -> String {
    let mut tables: Vec<(String, String)> = Vec::new();
    for turned in choice.turned.iter().filter(|it| it.was != it.value) {
        let (header, field) = home(&turned.path);
        let was = turned.was.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = format!("{field} = {}    # was {was}\n", turned.value);
        match tables.iter_mut().find(|(known, _)| *known == header) {
            Some((_, lines)) => lines.push_str(&line),
            None => tables.push((header, line)),
        }
    }
    let whole: Vec<String> = tables
        .into_iter()
        .map(|(header, lines)| format!("{header}\n{lines}"))
        .collect();
    whole.join("\n")
}

/// The table that a field is written in, and its key there. A name may hold dots; the field's pattern says how many keys
/// follow it.
fn home(path: &str) -> (String, String) {
    let (table, rest) = path.split_once('.').unwrap_or((path, ""));
    let keys = fields::matching(path)
        .map_or(1, |field| field.path.matches('.').count().saturating_sub(1))
        .max(1);
    let mut pieces: Vec<&str> = rest.rsplitn(keys + 1, '.').collect();
    pieces.reverse();
    let named = matches!(table, "strategies" | "models" | "providers");
    match pieces.split_first() {
        Some((name, field)) if named && !field.is_empty() => {
            (format!("[{table}.{}]", quoted(name)), field.join("."))
        }
        _ => (format!("[{table}]"), rest.to_owned()),
    }
}

fn quoted(name: &str) -> String {
    let bare = !name.is_empty()
        && name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || it == '_' || it == '-');
    if bare {
        name.to_owned()
    } else {
        format!("{name:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_even_in_logarithms_where_the_range_is_wide() {
        assert_eq!(
            between(1.0, 100.0, 5, false),
            ["1", "3.16", "10", "31.6", "100"]
        );
        assert_eq!(between(0.5, 1.0, 3, false), ["0.5", "0.75", "1"]);
        assert_eq!(between(1.0, 4.0, 9, true), ["1", "2", "3", "4"]);
    }

    #[test]
    fn numbers_become_the_digits_of_a_setting() {
        assert_eq!(digits(0, &[2, 3]), [0, 0]);
        assert_eq!(digits(5, &[2, 3]), [1, 2]);
    }
}
