//! Reading quantities from TOML.
//!
//! Squiggle and Guesstimate guess the meaning of `8 to 12`; we take their convention and give every other form a key
//! that says what it is. A table is matched against the sets of keys that its family understands, so that an error can
//! name the one key that is missing or does not belong. Whether numbers make sense is asked of [`Quantity::law`],
//! never repeated here.

mod families;
mod fields;
mod number;

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::{LawError, Quantity, Shape};
use crate::reading::Problem;
use fields::Fields;

/// What a spread means, fixed by the field and never by how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// We do not know it: drawn once per simulated month.
    Fact,
    /// It varies: drawn for each request, turn or conversation. Its parameters are facts.
    Draw,
}

/// What reading a quantity needs besides its text.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Loads the numbers in a column of a file: file and column as written; the error says what went wrong.
    pub load: &'a Load<'a>,
}

/// Loads the numbers in a column of a file.
pub type Load<'a> = dyn Fn(&str, &str) -> Result<Vec<f64>, String> + 'a;

impl Context<'_> {
    /// For texts that have no folder, and so no files beside them.
    #[must_use]
    pub fn without_files() -> Self {
        Self {
            load: &|_, _| Err("there are no files beside this scenario".to_owned()),
        }
    }
}

const FORMS: &str =
    "a number, a range such as \"300 to 500\", or a table such as { p50 = 0.8, p95 = 2.4 }";

impl Quantity {
    /// Reads a quantity. What is wrong with it goes to `problems`, each at the key or value that it is about; the
    /// answer is `None` exactly if there was something.
    #[must_use]
    pub fn read(
        value: &Spanned<DeValue<'_>>,
        role: Role,
        context: &Context<'_>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        match value.get_ref() {
            DeValue::Integer(_) | DeValue::Float(_) => {
                number::read("the value", value, problems).map(Self::exact)
            }
            DeValue::String(text) => {
                let (lo, hi) = number::range(text, value.span(), problems)?;
                let quantity = Self::of(Shape::Range90 { lo, hi });
                quantity.checked(problems, |_| value.span())
            }
            DeValue::Table(table) => {
                let fields = Fields::new(table, value.span());
                families::read(&fields, role, context, problems)
            }
            other => {
                problems.push(
                    Problem::new(
                        value.span(),
                        format!("{} is not a number", with_article(other)),
                    )
                    .expected(FORMS),
                );
                None
            }
        }
    }

    /// This quantity, if its numbers make a distribution (uncertain parameters taken at their medians).
    fn checked(
        self,
        problems: &mut Vec<Problem>,
        place: impl Fn(&LawError) -> Range<usize>,
    ) -> Option<Self> {
        match self.law(&mut Self::median) {
            Ok(_) => Some(self),
            Err(error) => {
                let span = place(&error);
                problems.push(Problem::new(span, error.message).expected(error.expected));
                None
            }
        }
    }

    /// The middle of an uncertain parameter.
    pub(super) fn median(&self) -> f64 {
        self.law(&mut |_| f64::NAN)
            .map_or(f64::NAN, |law| law.quantile(0.5))
    }
}

/// "a string", "an array".
fn with_article(value: &DeValue<'_>) -> String {
    let name = value.type_str();
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {name}")
}
