//! Days and hours as people type them: `2026-05-08`, `+7`, `明天`, `14:30`. China time, as everywhere.

use doorstep_core::time::{Date, Timestamp};

/// A day, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    /// So many days from today.
    From(i32),
    /// This one.
    On(Date),
}

impl Day {
    /// Which day that is.
    pub(super) const fn of(self, today: Date) -> Date {
        match self {
            Self::From(days) => today.plus_days(days),
            Self::On(date) => date,
        }
    }
}

/// A moment, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// Now.
    Now,
    /// On this day, so many minutes after midnight.
    At(Day, u16),
}

impl Moment {
    /// Which moment that is.
    pub(super) fn of(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Now => now,
            Self::At(day, minutes) => day.of(now.date()).start().plus_ms(i64::from(minutes) * 60_000),
        }
    }
}

/// What a day may look like, for who typed another one.
const DAY: &str = "应如 2026-05-08、+7、今天、明天 · write 2026-05-08, +7, today or tomorrow";
/// What a moment may look like.
const MOMENT: &str = "应如 14:30、\"2026-05-08 14:30\"、now · write 14:30, \"2026-05-08 14:30\" or now";

/// Reads a day.
pub(super) fn day(text: &str) -> Result<Day, String> {
    let text = text.trim();
    match text {
        "today" | "今天" => return Ok(Day::From(0)),
        "tomorrow" | "明天" => return Ok(Day::From(1)),
        "yesterday" | "昨天" => return Ok(Day::From(-1)),
        _ => {}
    }
    if let Some(days) = text.strip_prefix('+') {
        return days.parse::<u16>().map(|days| Day::From(days.into())).map_err(|_| DAY.to_owned());
    }
    text.replace('/', "-").parse().map(Day::On).map_err(|_| DAY.to_owned())
}

/// Reads a moment.
pub(super) fn moment(text: &str) -> Result<Moment, String> {
    let wrong = || MOMENT.to_owned();
    let text = text.trim();
    if matches!(text, "now" | "现在") {
        return Ok(Moment::Now);
    }
    let (on, at) = text.split_once([' ', 'T']).unwrap_or(("today", text));
    let (hour, minute) = at.trim().split_once([':', '：']).ok_or_else(wrong)?;
    let (Ok(hour @ 0..=23), Ok(minute @ 0..=59)) = (hour.parse::<u16>(), minute.parse::<u16>()) else {
        return Err(wrong());
    };
    Ok(Moment::At(day(on).map_err(|_| wrong())?, hour * 60 + minute))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        let today = Date::from_ymd(2026, 5, 8).unwrap();
        let read = |text: &str| day(text).unwrap().of(today).to_string();
        assert_eq!(read("2026-06-01"), "2026-06-01");
        assert_eq!(read("2026/6/1"), "2026-06-01");
        assert_eq!((read("+7"), read("明天"), read("today")), ("2026-05-15".into(), "2026-05-09".into(), "2026-05-08".into()));
        for wrong in ["", "+", "+-1", "2026-02-30", "friday", "08-05"] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_hour_alone_is_todays() {
        let now = Date::from_ymd(2026, 5, 8).unwrap().start().plus_ms(9 * 3_600_000);
        let read = |text: &str| moment(text).unwrap().of(now);
        assert_eq!(read("now"), now);
        assert_eq!(read("09:00"), now);
        assert_eq!(read("2026-05-09 09:00"), now.plus_ms(86_400_000));
        for wrong in ["24:00", "9", "9:60", "soon", "2026-05-40 09:00"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }
}
