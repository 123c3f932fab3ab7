//! What somebody types into a field, understood while it is typed: the quantity, its meaning in words, and where its mass
//! lies.

use toml::de::DeTable;

use super::{Context, Density, Quantity, Role};
use crate::reading::Problem;

/// What a typed quantity means.
#[derive(Debug, Clone, PartialEq)]
pub struct Meaning {
    /// The quantity.
    pub quantity: Quantity,
    /// In plain words.
    pub words: String,
    /// Where its mass lies; `None` for a number known exactly.
    pub density: Option<Density>,
}

/// Understands a TOML value as a quantity.
///
/// # Errors
/// What is wrong with it, each problem placed within `typed`.
pub fn meaning(
    typed: &str,
    role: Role,
    bins: usize,
    context: &Context<'_>,
) -> Result<Meaning, Vec<Problem>> {
    const HEAD: &str = "typed = ";
    let line = format!("{HEAD}{typed}");
    let back = |mut problem: Problem| {
        let at = |place: usize| place.saturating_sub(HEAD.len());
        problem.span = at(problem.span.start)..at(problem.span.end);
        problem
    };
    let table = DeTable::parse(&line).map_err(|error| {
        let span = error.span().unwrap_or_default();
        vec![back(Problem::new(span, error.message()))]
    })?;
    let mut problems = Vec::new();
    let value = table.get_ref().get("typed");
    let quantity = value.and_then(|value| Quantity::read(value, role, context, &mut problems));
    match quantity {
        Some(quantity) => Ok(Meaning {
            words: quantity.describe(role),
            density: quantity.density(bins),
            quantity,
        }),
        None => Err(problems.into_iter().map(back).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Result<Meaning, Vec<Problem>> {
        meaning(text, Role::Draw, 10, &Context::without_files())
    }

    #[test]
    fn a_range_a_number_and_a_slip_are_told_apart() {
        let range = typed("\"300 to 500\"").unwrap();
        assert_eq!(range.words, "about 300 to 500 (90%)");
        assert_eq!(range.density.map(|density| density.bins.len()), Some(10));
        assert_eq!(typed("8_000").unwrap().density, None);
        let slip = typed("{ p50 = 3, p95 = 2 }").unwrap_err();
        assert!(!slip.is_empty());
        assert!(
            slip.iter()
                .all(|problem| problem.span.end <= "{ p50 = 3, p95 = 2 }".len())
        );
        assert!(typed("{ p50 = 3").is_err());
    }
}
