//! Days as people write them, and the one clock that is passed in.
//!
//! A day ends for everybody at the same moment, midnight UTC, so that a laptop in Auckland and a runner in Virginia
//! never disagree about a verdict.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use toml::de::DeValue;

use crate::reading::{Field, Walk};

/// The moment that everything is judged at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// The moment.
    pub now: Timestamp,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self {
            now: Timestamp::now(),
        }
    }

    /// A moment as `--as-of` takes it: a day (its first moment, UTC) or a time with its offset.
    ///
    /// # Errors
    /// Says what was expected.
    pub fn at(text: &str) -> Result<Self, String> {
        if let Ok(day) = text.parse::<Date>()
            && text.len() == 10
        {
            let zoned = day
                .to_zoned(TimeZone::UTC)
                .map_err(|error| error.to_string())?;
            return Ok(Self {
                now: zoned.timestamp(),
            });
        }
        text.parse::<Timestamp>()
            .map(|now| Self { now })
            .map_err(|_| format!("`{text}` is no day and no time; expected 2026-12-01 or 2026-12-01T09:30:00+01:00"))
    }

    /// The day, in UTC.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// The moment to the second, as TOML and JSON write it.
    #[must_use]
    pub fn stamp(&self) -> String {
        self.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

/// A day as typed: `2026-12-01`, `+30d`, `+6w`, or `next fri` (the first Friday after today).
///
/// # Errors
/// Says what was expected, and when a day does not exist why.
pub fn typed_date(text: &str, today: Date) -> Result<Date, String> {
    let text = text.trim();
    let expected = || format!("`{text}` is not a day; expected 2026-12-01, +30d or next fri");
    if let Some(rest) = text.strip_prefix('+') {
        let (count, days) = match (rest.strip_suffix('d'), rest.strip_suffix('w')) {
            (Some(count), _) => (count, 1),
            (_, Some(count)) => (count, 7),
            _ => return Err(expected()),
        };
        let count: u16 = count.parse().map_err(|_| expected())?;
        return plus_days(today, i64::from(count) * days).ok_or_else(expected);
    }
    if let Some(name) = text.strip_prefix("next ") {
        let weekday = weekday(name.trim()).ok_or_else(expected)?;
        return today.nth_weekday(1, weekday).map_err(|_| expected());
    }
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| {
            if matches!(at, 4 | 7) {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    if !shaped {
        return Err(expected());
    }
    text.parse()
        .map_err(|_| format!("the day {text} does not exist"))
}

/// A day so many days later (or, with a negative number, earlier); `None` past year 9999.
#[must_use]
pub fn plus_days(day: Date, days: i64) -> Option<Date> {
    day.checked_add(Span::new().try_days(days).ok()?).ok()
}

/// Days from one day to another.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

fn weekday(name: &str) -> Option<Weekday> {
    let name = name.to_ascii_lowercase();
    let all = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    if name.len() < 3 {
        return None;
    }
    all.into_iter()
        .find(|(full, _)| full.starts_with(&name))
        .map(|(_, day)| day)
}

/// A day in a file: TOML's own, or the same in quotes.
pub(super) fn field_date(field: &Field<'_, '_>, walk: &mut Walk) -> Option<Date> {
    if let Some(text) = field.as_text() {
        let date = text.parse().ok().filter(|_| text.len() == 10);
        if date.is_none() {
            walk.say(
                field
                    .problem(format!("`{}` cannot be \"{text}\"", field.key))
                    .expected("a day that exists, such as 2026-12-01"),
            );
        }
        return date;
    }
    field.date(walk)
}

/// A moment in a file: TOML's own with an offset, or the same in quotes.
pub(super) fn field_time(field: &Field<'_, '_>, walk: &mut Walk) -> Option<Timestamp> {
    let text = match field.value.get_ref() {
        DeValue::Datetime(written) => written.to_string(),
        _ => field.as_text().unwrap_or_default().to_owned(),
    };
    let time = text.parse().ok();
    if time.is_none() {
        walk.say(field.wrong("a time with its offset, such as 2026-11-21T10:00:00Z"));
    }
    time
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_read_in_three_ways() {
        let monday = day("2026-11-23");
        assert_eq!(typed_date("2026-12-01", monday), Ok(day("2026-12-01")));
        assert_eq!(typed_date("+30d", monday), Ok(day("2026-12-23")));
        assert_eq!(typed_date("+2w", monday), Ok(day("2026-12-07")));
        assert_eq!(typed_date("next fri", monday), Ok(day("2026-11-27")));
        assert_eq!(typed_date("next Monday", monday), Ok(day("2026-11-30")));
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        let today = day("2026-11-23");
        assert_eq!(
            typed_date("2027-02-29", today).unwrap_err(),
            "the day 2027-02-29 does not exist"
        );
        assert!(typed_date("2028-02-29", today).is_ok());
        for bad in [
            "tomorrow",
            "+d",
            "+3x",
            "next f",
            "01.12.2026",
            "2026-1-1",
            "+99999d",
            "",
        ] {
            assert!(typed_date(bad, today).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_year_after_the_29th_of_february_is_the_28th() {
        assert_eq!(plus_days(day("2028-02-29"), 365), Some(day("2029-02-28")));
        assert_eq!(plus_days(day("2027-02-28"), 1), Some(day("2027-03-01")));
        assert_eq!(plus_days(day("2028-02-28"), 1), Some(day("2028-02-29")));
        assert_eq!(days_between(day("2028-02-28"), day("2028-03-01")), 2);
    }

    #[test]
    fn a_moment_belongs_to_its_day_in_utc_wherever_it_was_written() {
        assert_eq!(
            Clock::at("2026-12-01T23:30:00-08:00").unwrap().today(),
            day("2026-12-02")
        );
        assert_eq!(
            Clock::at("2026-12-01T00:30:00+13:00").unwrap().today(),
            day("2026-11-30")
        );
        assert_eq!(Clock::at("2026-12-01").unwrap().today(), day("2026-12-01"));
        assert_eq!(
            Clock::at("2026-12-01").unwrap().stamp(),
            "2026-12-01T00:00:00Z"
        );
        assert!(Clock::at("2026-02-30").is_err());
        assert!(Clock::at("noon").is_err());
    }
}
