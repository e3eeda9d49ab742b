//! Time without a clock: instants and calendar days as values, and the hybrid logical clock that orders events.
//!
//! There is no `now` here: the host says what time it is. Phones' clocks may be wrong by years; what orders events is
//! the [`Stamp`], whose clock never runs behind anything its device has seen (Kulkarni et al., "Logical Physical
//! Clocks", 2014), so a stamp's order is always a linear extension of what its author knew.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

/// China Standard Time, the one zone of the tenant's calendar (UTC+8, no daylight saving since 1991).
pub const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;

impl Timestamp {
    /// This instant and `ms` milliseconds more.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// The calendar day of this instant in China.
    pub const fn date(self) -> Date {
        let clipped = self.0.saturating_add(CHINA_OFFSET_MS).div_euclid(DAY_MS);
        // i32 days reach five million years either way; a clock beyond that is clipped, not wrapped.
        #[expect(clippy::cast_possible_truncation, reason = "clamped to i32 in the line itself")]
        Date(if clipped > i32::MAX as i64 {
            i32::MAX
        } else if clipped < i32::MIN as i64 {
            i32::MIN
        } else {
            clipped as i32
        })
    }

    /// Hour and minute of the day in China.
    pub const fn clock(self) -> (u8, u8) {
        let minutes = self.0.saturating_add(CHINA_OFFSET_MS).rem_euclid(DAY_MS) / 60_000;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..1440 by rem_euclid")]
        ((minutes / 60) as u8, (minutes % 60) as u8)
    }
}

/// A calendar day: days since 1970-01-01. Shown as `2026-05-08`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

impl Date {
    /// The day this many days after 1970-01-01.
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The day of the proleptic Gregorian calendar, or nothing if there is none such (2026-02-30).
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(-999_999..=999_999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        // Howard Hinnant's days_from_civil (public domain): years begin in March, eras are 400 years.
        let y = i64::from(if month <= 2 { year - 1 } else { year });
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let day_of_year = (153 * (i64::from(month) + if month > 2 { -3 } else { 9 }) + 2) / 5 + i64::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let date = Self(i32::try_from(era * 146_097 + day_of_era - 719_468).ok()?);
        (date.ymd() == (year, month, day)).then_some(date)
    }

    /// Year, month, day.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "ranges follow from the algorithm: see its proof"
    )]
    pub fn ymd(self) -> (i32, u32, u32) {
        let z = i64::from(self.0) + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let m = (5 * day_of_year + 2) / 153;
        let month = if m < 10 { m + 3 } else { m - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year as i32, month as u32, (day_of_year - (153 * m + 2) / 5 + 1) as u32)
    }

    /// The day `n` days later (earlier, if negative).
    #[must_use]
    pub const fn plus_days(self, n: i32) -> Self {
        Self(self.0.saturating_add(n))
    }

    /// 0 Monday … 6 Sunday.
    pub const fn weekday(self) -> i32 {
        (self.0.rem_euclid(7) + 3).rem_euclid(7)
    }

    /// The first instant of the day in China.
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0 as i64 * DAY_MS - CHINA_OFFSET_MS)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, m, d) = self.ymd();
        write!(f, "{y:04}-{m:02}-{d:02}")
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Date {
    type Err = crate::id::IdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let mut parts = text.splitn(3, '-');
            let (y, m, d) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            Self::from_ymd(y, m, d)
        };
        parse().ok_or(crate::id::IdError { expected: "date such as 2026-05-08" })
    }
}

impl Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_i32(self.0) }
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As with byte ids: inside a tagged enum serde no longer says what format a value came from.
        struct Either;
        impl serde::de::Visitor<'_> for Either {
            type Value = Date;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date such as 2026-05-08, or its days since 1970-01-01")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Date, E> {
                text.parse().map_err(E::custom)
            }
            fn visit_i64<E: serde::de::Error>(self, days: i64) -> Result<Date, E> {
                i32::try_from(days).map(Date).map_err(E::custom)
            }
            fn visit_u64<E: serde::de::Error>(self, days: u64) -> Result<Date, E> {
                i32::try_from(days).map(Date).map_err(E::custom)
            }
        }
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(Either)
        } else {
            deserializer.deserialize_i32(Either)
        }
    }
}

/// Hybrid logical time: milliseconds since 1970 in the upper 48 bits, a counter in the lower 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hlc(pub u64);

impl Hlc {
    /// The wall-clock reading inside it.
    pub const fn wall(self) -> Timestamp {
        Timestamp((self.0 >> 16).cast_signed())
    }

    /// The next time to use at wall clock `now` for someone who has seen everything up to `self`: later than both.
    /// A clock before 1970 reads as 1970; one past the year 10,889 as that year.
    #[must_use]
    pub fn next(self, now: Timestamp) -> Self {
        let wall = u64::try_from(now.0).unwrap_or(0).min((1 << 48) - 1) << 16;
        Self(wall.max(self.0.saturating_add(1)))
    }
}

/// When and where an event was written: the event's identity and its place in the order of all events of a document.
/// A device never uses one twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Hybrid logical time.
    pub time: Hlc,
    /// The installation that wrote it: 64 random bits.
    pub node: u64,
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}", self.time.0, self.node)
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Stamp {
    type Err = crate::id::IdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = crate::id::IdError { expected: "event id" };
        let (time, node) = text.split_once('-').ok_or(error)?;
        let hex = |part| u64::from_str_radix(part, 16).map_err(|_| error);
        Ok(Self { time: Hlc(hex(time)?), node: hex(node)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let date = Date::from_ymd(2026, 5, 8).unwrap();
        assert_eq!(date.to_string(), "2026-05-08");
        assert_eq!(date.weekday(), 4, "a Friday");
        assert_eq!(Date::from_ymd(2026, 2, 29), None);
        assert_eq!(date.start().date(), date);
        assert_eq!(date.start().plus_ms(-1).date(), date.plus_days(-1));
        assert_eq!(date.start().plus_ms(9 * 3_600_000).clock(), (9, 0));
    }

    proptest! {
        #[test]
        fn every_day_reads_back(days in -3_000_000i32..3_000_000) {
            let (y, m, d) = Date::from_days(days).ymd();
            prop_assert_eq!(Date::from_ymd(y, m, d), Some(Date::from_days(days)));
        }

        #[test]
        fn hybrid_time_never_goes_back_whatever_the_clock_says(start: u64, clocks: Vec<i64>) {
            let mut hlc = Hlc(start >> 1);
            for clock in clocks {
                let next = hlc.next(Timestamp(clock));
                prop_assert!(next > hlc);
                hlc = next;
            }
        }
    }
}
