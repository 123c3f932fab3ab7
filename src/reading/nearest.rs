/// The valid name that a mistyped one most probably meant: the one at the smallest edit distance (swapped letters
/// count once), if it is near enough; letter case and the choice of `-`, `_` or space do not count.
///
/// Near enough is a third of the longer name, and at least one letter. Ties go to the one listed first.
#[must_use]
pub fn nearest<'n>(typed: &str, valid: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = folded(typed);
    let mut best: Option<(usize, &'n str)> = None;
    for name in valid {
        let candidate = folded(name);
        let distance = strsim::damerau_levenshtein(&wanted, &candidate);
        let allowed = (wanted.chars().count().max(candidate.chars().count()) / 3).max(1);
        if distance <= allowed && best.is_none_or(|(smallest, _)| distance < smallest) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Names in backquotes, separated by commas: what an error says was expected. Past twelve, the rest is counted.
#[must_use]
pub fn listing<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    const SHOWN: usize = 12;
    let names: Vec<&str> = names.into_iter().collect();
    let text = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{text} and {more} more"),
        _ => text,
    }
}

fn folded(name: &str) -> String {
    // Long keys are somebody's pasted text, not a slip of the finger; the distance is quadratic, so they are cut.
    name.chars()
        .take(64)
        .map(|letter| {
            if matches!(letter, '-' | ' ') {
                '_'
            } else {
                letter.to_ascii_lowercase()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{listing, nearest};

    #[test]
    fn a_slip_of_the_finger_finds_its_name() {
        let names = ["route", "retry", "timeout_s", "response_cache"];
        assert_eq!(nearest("routee", names), Some("route"));
        assert_eq!(nearest("tiemout_s", names), Some("timeout_s"));
        assert_eq!(nearest("Response-Cache", names), Some("response_cache"));
    }

    #[test]
    fn something_else_altogether_finds_nothing() {
        assert_eq!(nearest("colour", ["route", "retry"]), None);
        assert_eq!(nearest("", ["route"]), None);
    }

    #[test]
    fn long_lists_say_how_many_more_there_are() {
        let names: Vec<String> = (0..15).map(|n| format!("n{n}")).collect();
        assert!(listing(names.iter().map(String::as_str)).ends_with("`n11` and 3 more"));
    }
}
