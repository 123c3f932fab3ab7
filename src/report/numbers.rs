//! Numbers as a manager reads them.

/// US dollars: whole ones with separators from 100 on, cents from 1 on, else three digits.
#[must_use]
pub fn usd(amount: f64) -> String {
    money("$", amount)
}

/// An amount in a currency.
#[must_use]
pub fn money(sign: &str, amount: f64) -> String {
    if !amount.is_finite() {
        return "–".to_owned();
    }
    let size = amount.abs();
    let minus = if amount < 0.0 { "-" } else { "" };
    if size >= 99.995 {
        format!("{minus}{sign}{}", grouped(size))
    } else if size >= 0.995 || size == 0.0 {
        format!("{minus}{sign}{size:.2}")
    } else {
        format!("{minus}{sign}{}", digits(size, 3))
    }
}

/// A count with separators.
#[must_use]
pub fn count(number: f64) -> String {
    grouped(number)
}

fn grouped(number: f64) -> String {
    let whole = format!("{:.0}", number.abs());
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < -0.5 {
        format!("-{text}")
    } else {
        text
    }
}

/// A share as a percentage: "0.40%", "12.3%", "31%".
#[must_use]
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return "–".to_owned();
    }
    let hundred = share * 100.0;
    match hundred.abs() {
        0.0 => "0%".to_owned(),
        size if size < 0.005 => "<0.01%".to_owned(),
        size if size < 9.995 => format!("{hundred:.2}%"),
        size if size < 99.95 => format!("{hundred:.1}%"),
        _ => format!("{hundred:.0}%"),
    }
}

/// A duration: "0.83 s", "4.1 s", "2.5 min".
#[must_use]
pub fn seconds(duration: f64) -> String {
    if !duration.is_finite() {
        "–".to_owned()
    } else if duration.abs() >= 5400.0 {
        format!("{:.1} h", duration / 3600.0)
    } else if duration.abs() >= 120.0 {
        format!("{:.1} min", duration / 60.0)
    } else {
        format!(
            "{} s",
            digits(duration, if duration.abs() < 1.0 { 2 } else { 3 })
        )
    }
}

/// Without digits that say nothing: "20 s" for "20.0 s", "1%" for "1.00%"; cents stay whole.
pub(super) fn bare(text: &str) -> String {
    let Some((whole, rest)) = text.split_once('.') else {
        return text.to_owned();
    };
    let end = rest
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(rest.len());
    let (decimals, unit) = rest.split_at(end);
    let kept = decimals.trim_end_matches('0');
    if kept.is_empty() {
        format!("{whole}{unit}")
    } else if text.contains('$') {
        text.to_owned()
    } else {
        format!("{whole}.{kept}{unit}")
    }
}

/// A number with so many significant digits, never in exponents.
fn digits(number: f64, significant: usize) -> String {
    let mut decimals = 0;
    let mut size = number.abs();
    while size > 0.0 && size < 1.0 && decimals < 9 {
        size *= 10.0;
        decimals += 1;
    }
    let whole = if decimals == 0 {
        format!("{:.0}", number.abs().floor())
            .len()
            .min(significant)
    } else {
        1
    };
    format!("{number:.*}", decimals + significant - whole)
}

/// Five significant digits at least; what is below a millionth in exponents, as its noughts would widen a whole table.
pub(super) fn significant(number: f64) -> String {
    if number == 0.0 {
        "0".to_owned()
    } else if number.abs() < 1e-6 {
        format!("{number:.2e}")
    } else {
        digits(number, 5)
    }
}

/// The first so many letters, with a mark where something was left out.
pub(super) fn clip(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    let kept: String = text.chars().take(letters.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_the_digits_that_matter() {
        let shown = [28_412.4, 104.0, 12.345, 0.094_12, 0.000_123_4, 0.0, -1234.0].map(usd);
        assert_eq!(
            shown,
            [
                "$28,412",
                "$104",
                "$12.35",
                "$0.0941",
                "$0.000123",
                "$0.00",
                "-$1,234"
            ]
        );
        assert_eq!(usd(f64::NAN), "–");
    }

    #[test]
    fn digits_that_say_nothing_can_be_left_out() {
        let texts = [
            "20.0 s", "0.250 s", "1.00%", "$0.00", "$12.50", "$12,000", "–",
        ];
        let shown = ["20 s", "0.25 s", "1%", "$0", "$12.50", "$12,000", "–"];
        assert_eq!(texts.map(bare), shown);
    }

    #[test]
    fn no_number_of_the_audit_is_wide() {
        let shown = [1_234_567.8, 0.5, 0.000_012_3, 1.234e-8, 0.0].map(significant);
        assert_eq!(shown, ["1234568", "0.50000", "0.000012300", "1.23e-8", "0"]);
    }

    #[test]
    fn shares_and_durations_are_short() {
        assert_eq!(
            [0.3123, 0.004, 0.00001, 0.0, 1.0].map(percent),
            ["31.2%", "0.40%", "<0.01%", "0%", "100%"]
        );
        assert_eq!(
            [0.834, 4.123, 59.4, 150.0, 7200.0].map(seconds),
            ["0.83 s", "4.12 s", "59.4 s", "2.5 min", "2.0 h"]
        );
    }
}
