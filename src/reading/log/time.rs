//! Times as logs write them.
//!
//! A number is in the unit that its column's name says, else its size tells: seconds, milliseconds, microseconds or
//! nanoseconds since 1970 (each a thousand times the other, so that no date of this century is in doubt), or seconds
//! from the log's own start. A date without a zone is UTC, or local time where the caller says so.

/// A time of a log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stamp {
    /// Seconds since 1970, or since the log's zero.
    pub at_s: f64,
    /// It is a date.
    pub dated: bool,
}

/// Reads a time. `unit_s` is the unit of plain numbers where it is known; `local_h` is what local time is ahead of UTC.
#[must_use]
pub fn seconds(cell: &[u8], unit_s: Option<f64>, local_h: f64) -> Option<Stamp> {
    let cell = cell.trim_ascii();
    if let Some(at_s) = iso(cell, local_h) {
        return Some(Stamp { at_s, dated: true });
    }
    let text = std::str::from_utf8(cell).ok()?;
    if let Ok(number) = text.parse::<f64>() {
        return number.is_finite().then(|| scaled(number, unit_s));
    }
    other(text, local_h).map(|at_s| Stamp { at_s, dated: true })
}

/// A plain number. 3e8 seconds after 1970 is 1979: below that it counts from the log's own zero.
fn scaled(number: f64, unit_s: Option<f64>) -> Stamp {
    let unit_s = unit_s.unwrap_or(match number.abs() {
        size if size >= 3e17 => 1e-9,
        size if size >= 3e14 => 1e-6,
        size if size >= 3e11 => 1e-3,
        _ => 1.0,
    });
    let at_s = number * unit_s;
    Stamp {
        at_s,
        dated: at_s >= 3e8,
    }
}

/// `2023-11-16 18:15:46.6805900+01:00` and its kin: `T` or a space, `-` or `/`, seconds and zone optional.
fn iso(cell: &[u8], local_h: f64) -> Option<f64> {
    let digits = |from: usize, to: usize| -> Option<f64> {
        cell.get(from..to)?.iter().try_fold(0.0, |sum, byte| {
            byte.is_ascii_digit()
                .then(|| sum * 10.0 + f64::from(byte - b'0'))
        })
    };
    let is = |at: usize, those: &[u8]| cell.get(at).is_some_and(|byte| those.contains(byte));
    if !is(4, b"-/") || !is(7, b"-/") {
        return None;
    }
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    if !(1.0..=12.0).contains(&month) || !(1.0..=31.0).contains(&day) {
        return None;
    }
    let midnight = days(year, month, day) * 86_400.0;
    if cell.len() == 10 {
        return Some(midnight - local_h * 3600.0);
    }
    if !is(10, b"T t") || !is(13, b":") {
        return None;
    }
    let (hour, minute) = (digits(11, 13)?, digits(14, 16)?);
    let (mut second, mut at) = (0.0, 16);
    if is(16, b":") {
        second = digits(17, 19)?;
        at = 19;
    }
    if is(at, b".,") {
        let mut scale = 0.1;
        at += 1;
        while let Some(digit) = digits(at, at + 1) {
            second += digit * scale;
            scale *= 0.1;
            at += 1;
        }
    }
    if hour > 24.0 || minute > 59.0 || second >= 61.0 {
        return None;
    }
    let zone_h = zone(cell.get(at..)?.trim_ascii(), local_h)?;
    Some(midnight + (hour - zone_h) * 3600.0 + minute * 60.0 + second)
}

/// Hours ahead of UTC.
fn zone(text: &[u8], local_h: f64) -> Option<f64> {
    match text {
        b"" => Some(local_h),
        b"Z" | b"z" | b"UTC" | b"GMT" => Some(0.0),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let digits: Vec<f64> = rest
                .iter()
                .filter(|byte| **byte != b':')
                .map(|byte| byte.is_ascii_digit().then(|| f64::from(byte - b'0')))
                .collect::<Option<_>>()?;
            let hours = match digits.as_slice() {
                [a, b] => a * 10.0 + b,
                [a, b, c, d] => a * 10.0 + b + (c * 10.0 + d) / 60.0,
                _ => return None,
            };
            Some(if *sign == b'-' { -hours } else { hours })
        }
        _ => None,
    }
}

/// Days from 1970-01-01 in the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms", 2013).
fn days(year: f64, month: f64, day: f64) -> f64 {
    let year = if month <= 2.0 { year - 1.0 } else { year };
    let era = (year / 400.0).floor();
    let of_era = year - era * 400.0;
    let shifted = if month > 2.0 {
        month - 3.0
    } else {
        month + 9.0
    };
    let of_year = ((153.0 * shifted + 2.0) / 5.0).floor() + day - 1.0;
    let of_era_days = of_era * 365.0 + (of_era / 4.0).floor() - (of_era / 100.0).floor() + of_year;
    era * 146_097.0 + of_era_days - 719_468.0
}

/// Dates of mails and of web servers' logs, and American ones.
fn other(text: &str, local_h: f64) -> Option<f64> {
    const ZONED: [&str; 2] = ["%d/%b/%Y:%H:%M:%S %z", "%a, %d %b %Y %H:%M:%S %z"];
    const PLAIN: [&str; 11] = [
        "%m/%d/%Y %H:%M:%S",
        "%m/%d/%Y %H:%M",
        "%m/%d/%Y, %I:%M:%S %p",
        "%m/%d/%Y %I:%M:%S %p",
        "%d.%m.%Y %H:%M:%S",
        "%d.%m.%Y %H:%M",
        "%b %d, %Y %H:%M:%S",
        "%b %d, %Y, %I:%M:%S %p",
        "%b %d, %Y %I:%M:%S %p",
        "%d %b %Y %H:%M:%S",
        "%Y%m%d %H:%M:%S",
    ];
    const DAYS: [&str; 4] = ["%m/%d/%Y", "%d.%m.%Y", "%b %d, %Y", "%d %b %Y"];
    let text = text.trim_matches(['[', ']']);
    let mailed = text.replace("GMT", "+0000");
    for format in ZONED {
        if let Ok(time) = jiff::Timestamp::strptime(format, &mailed) {
            return Some(time.as_nanosecond() as f64 * 1e-9);
        }
    }
    for format in PLAIN {
        if let Ok(time) = jiff::civil::DateTime::strptime(format, text) {
            let time = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
            return Some(time.timestamp().as_nanosecond() as f64 * 1e-9 - local_h * 3600.0);
        }
    }
    for format in DAYS {
        if let Ok(day) = jiff::civil::Date::strptime(format, text) {
            let time = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
            return Some(time.timestamp().as_nanosecond() as f64 * 1e-9 - local_h * 3600.0);
        }
    }
    let zoned = text.split('[').next().unwrap_or(text);
    let time = zoned.parse::<jiff::Timestamp>().ok()?;
    Some(time.as_nanosecond() as f64 * 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_is_read_from_every_usual_way_to_write_it() {
        let moment = 1_700_158_546.5;
        for (text, unit) in [
            ("1700158546.5", None),
            ("1700158546500", None),
            ("1700158546500000", None),
            ("1700158546500000000", None),
            ("2023-11-16T18:15:46.5Z", None),
            ("2023-11-16 18:15:46.5", None),
            ("2023-11-16 19:15:46.500+01:00", None),
            ("2023-11-16T13:15:46.5-0500", None),
            ("2023/11/16 18:15:46.5 UTC", None),
            ("1700158546500", Some(1e-3)),
        ] {
            let stamp = seconds(text.as_bytes(), unit, 0.0).unwrap();
            assert!((stamp.at_s - moment).abs() < 1e-3, "{text}: {stamp:?}");
            assert!(stamp.dated, "{text}");
        }
        for text in [
            "16/Nov/2023:18:15:46 +0000",
            "[16/Nov/2023:19:15:46 +0100]",
            "Thu, 16 Nov 2023 18:15:46 GMT",
            "11/16/2023 18:15:46",
            "11/16/2023, 6:15:46 PM",
            "16.11.2023 18:15:46",
            "Nov 16, 2023, 6:15:46 PM",
            "16 Nov 2023 18:15:46",
            "20231116T181546Z",
        ] {
            let stamp = seconds(text.as_bytes(), None, 0.0).unwrap_or(Stamp {
                at_s: 0.0,
                dated: false,
            });
            assert!(
                (stamp.at_s - 1_700_158_546.0).abs() < 1e-3,
                "{text}: {stamp:?}"
            );
        }
    }

    #[test]
    fn a_number_below_any_date_counts_from_the_logs_own_zero() {
        let stamp = seconds(b"86400.5", None, 0.0).unwrap();
        assert_eq!(
            stamp,
            Stamp {
                at_s: 86_400.5,
                dated: false
            }
        );
        assert_eq!(seconds(b"yesterday", None, 0.0), None);
        assert_eq!(seconds(b"2023-13-45", None, 0.0), None);
    }

    #[test]
    fn local_times_are_moved_and_zoned_ones_are_not() {
        let local = seconds(b"2023-11-16 19:15:46", None, 1.0).unwrap();
        let zoned = seconds(b"2023-11-16 18:15:46Z", None, 1.0).unwrap();
        assert_eq!(local, zoned);
    }
}
