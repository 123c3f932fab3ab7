//! Risk rules of AWS Well-Architected custom lenses: `choice_1 && (choice_2 || !choice_3)`, and `default`.
//!
//! Rules are tried in order and the first that holds gives the risk, as in the tool that they come from. The grammar is
//! the documented one: choice ids, `&&`, `||`, `!` and parentheses; `default` always holds.

use std::collections::BTreeSet;
use std::fmt;

/// What the ticked practices leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Nothing.
    None,
    /// Something that needs an owner and a date.
    Medium,
    /// Something that stops the launch.
    High,
}

impl Risk {
    /// As a lens writes it, in the order of [`Self::ALL`].
    pub const WORDS: [&'static str; 3] = ["HIGH_RISK", "MEDIUM_RISK", "NO_RISK"];
    /// All of them.
    pub const ALL: [Self; 3] = [Self::High, Self::Medium, Self::None];
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::High => "HIGH_RISK",
            Self::Medium => "MEDIUM_RISK",
            Self::None => "NO_RISK",
        })
    }
}

/// The risk that the first matching rule gives; `None` if none matches or a rule cannot be read.
#[must_use]
pub fn assess(rules: &[(Risk, String)], ticked: &BTreeSet<&str>) -> Option<Risk> {
    for (risk, condition) in rules {
        let condition = Condition::parse(condition).ok()?;
        if condition.holds(ticked) {
            return Some(*risk);
        }
    }
    None
}

/// A parsed condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `default`.
    Always,
    /// A choice is ticked.
    Ticked(String),
    /// `!`.
    Not(Box<Condition>),
    /// `&&`.
    And(Box<Condition>, Box<Condition>),
    /// `||`.
    Or(Box<Condition>, Box<Condition>),
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// Says what stands where something else was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = tokens(text)?;
        tokens.reverse();
        let condition = Self::or(&mut tokens, 0)?;
        match tokens.pop() {
            None => Ok(condition),
            Some(token) => Err(format!("`{token}` is left over in `{text}`")),
        }
    }

    /// Whether it holds with these choices ticked.
    #[must_use]
    pub fn holds(&self, ticked: &BTreeSet<&str>) -> bool {
        match self {
            Self::Always => true,
            Self::Ticked(id) => ticked.contains(id.as_str()),
            Self::Not(inner) => !inner.holds(ticked),
            Self::And(left, right) => left.holds(ticked) && right.holds(ticked),
            Self::Or(left, right) => left.holds(ticked) || right.holds(ticked),
        }
    }

    /// The choices that it names.
    #[must_use]
    pub fn choices(&self) -> BTreeSet<&str> {
        match self {
            Self::Always => BTreeSet::new(),
            Self::Ticked(id) => BTreeSet::from([id.as_str()]),
            Self::Not(inner) => inner.choices(),
            Self::And(left, right) | Self::Or(left, right) => {
                left.choices().into_iter().chain(right.choices()).collect()
            }
        }
    }

    fn or(tokens: &mut Vec<String>, depth: u32) -> Result<Self, String> {
        let mut left = Self::and(tokens, depth)?;
        while tokens.last().is_some_and(|token| token == "||") {
            tokens.pop();
            left = Self::Or(Box::new(left), Box::new(Self::and(tokens, depth)?));
        }
        Ok(left)
    }

    fn and(tokens: &mut Vec<String>, depth: u32) -> Result<Self, String> {
        let mut left = Self::not(tokens, depth)?;
        while tokens.last().is_some_and(|token| token == "&&") {
            tokens.pop();
            left = Self::And(Box::new(left), Box::new(Self::not(tokens, depth)?));
        }
        Ok(left)
    }

    fn not(tokens: &mut Vec<String>, depth: u32) -> Result<Self, String> {
        // Nobody nests fifty deep by hand; a file that does is out to exhaust the stack.
        if depth > 50 {
            return Err("is nested too deeply".to_owned());
        }
        match tokens.pop().as_deref() {
            Some("!") => Ok(Self::Not(Box::new(Self::not(tokens, depth + 1)?))),
            Some("(") => {
                let inner = Self::or(tokens, depth + 1)?;
                match tokens.pop().as_deref() {
                    Some(")") => Ok(inner),
                    _ => Err("a `)` is missing".to_owned()),
                }
            }
            Some("default") => Ok(Self::Always),
            Some(token) if !matches!(token, "&&" | "||" | ")") => {
                Ok(Self::Ticked(token.to_owned()))
            }
            Some(token) => Err(format!("`{token}` stands where a choice was expected")),
            None => Err("a choice is missing at the end".to_owned()),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' | '\n' | '\r' => {}
            '(' | ')' | '!' => found.push(letter.to_string()),
            '&' | '|' => {
                if letters.next() != Some(letter) {
                    return Err(format!("`{letter}` must stand twice"));
                }
                found.push(format!("{letter}{letter}"));
            }
            _ if letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.') => {
                let mut word = letter.to_string();
                while let Some(next) = letters
                    .next_if(|next| next.is_alphanumeric() || matches!(next, '_' | '-' | '.'))
                {
                    word.push(next);
                }
                found.push(word);
            }
            other => return Err(format!("`{other}` has no meaning in a risk rule")),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, ticked: &[&str]) -> bool {
        Condition::parse(text)
            .unwrap()
            .holds(&ticked.iter().copied().collect())
    }

    #[test]
    fn and_binds_tighter_than_or_and_not_tightest() {
        assert!(holds("a || b && c", &["a"]));
        assert!(!holds("(a || b) && c", &["a"]));
        assert!(holds("!a && b", &["b"]));
        assert!(!holds("!(a && b)", &["a", "b"]));
        assert!(holds("default", &[]));
    }

    #[test]
    fn the_first_rule_that_holds_gives_the_risk() {
        let rules = [
            (Risk::None, "a && b".to_owned()),
            (Risk::Medium, "a".to_owned()),
            (Risk::High, "default".to_owned()),
        ];
        assert_eq!(assess(&rules, &["a", "b"].into()), Some(Risk::None));
        assert_eq!(assess(&rules, &["a"].into()), Some(Risk::Medium));
        assert_eq!(assess(&rules, &[].into()), Some(Risk::High));
    }

    #[test]
    fn a_broken_rule_says_where_it_breaks() {
        assert!(
            Condition::parse("a &&")
                .unwrap_err()
                .contains("missing at the end")
        );
        assert!(Condition::parse("a & b").unwrap_err().contains("twice"));
        assert!(Condition::parse("(a").unwrap_err().contains("`)`"));
        assert!(Condition::parse("a b").unwrap_err().contains("left over"));
        assert!(
            Condition::parse(&"(".repeat(10_000))
                .unwrap_err()
                .contains("deeply")
        );
    }
}
