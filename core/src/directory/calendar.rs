//! The tenant's calendar: which days are working days. Weekends, and what the State Council's yearly notice changes:
//! public holidays, and the weekend days that are worked to make up for them.
//!
//! Data of the directory, a year at a time, each with its source. A year without data falls back to weekends alone, and
//! [`Calendar::knows`] says so.
//!
//! How days are counted is the Civil Code's (民法典, articles 201 and 203): the day of the event does not count, counting
//! begins with the next day; a limit that would end on a day off ends on the next day that is none; it ends at 24:00 of
//! its last day, China time. Where the handbook says "working days" only working days are counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Date;

/// Days in a row that are looked through for a working day, or counted. A calendar without working days (nobody has
/// one, but a file may say so) ends a search instead of hanging it.
const SEARCH_DAYS_MAX: i32 = 366 * 100;

/// Public holidays and make-up days, by year.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Calendar {
    /// What is known of each year.
    pub years: BTreeMap<i32, CalendarYear>,
}

/// One year's changes to the plain week.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CalendarYear {
    /// Where the data come from: the notice's title and number.
    pub source: String,
    /// Days off, besides weekends.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
    /// Weekend days that are worked (调休上班).
    #[serde(default)]
    pub workdays: Vec<Date>,
}

/// A holiday: consecutive days off, within one year. One that reaches over New Year stands in both years.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// Its name.
    pub name: String,
    /// The first day off.
    pub from: Date,
    /// The last day off.
    pub to: Date,
}

/// What is wrong with a year of the calendar. Holidays' names are public, so they may be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Nobody can check data without a source.
    #[error("the calendar of {year} names no source")]
    NoSource {
        /// The year.
        year: i32,
    },
    /// A day stands under another year than its own: it would never be looked at.
    #[error("{day} stands in the calendar of {year}")]
    OtherYear {
        /// The year it stands under.
        year: i32,
        /// The day.
        day: Date,
    },
    /// A holiday ends before it begins.
    #[error("the holiday {name} of {year} ends before it begins")]
    Backwards {
        /// The year.
        year: i32,
        /// The holiday.
        name: String,
    },
    /// A day is said to be off and worked.
    #[error("{day} is a holiday and a make-up day at once")]
    Both {
        /// The day.
        day: Date,
    },
    /// A make-up day that is a working day anyway: a slip of the pen.
    #[error("{day} is to make up for a holiday and is no weekend day")]
    NoWeekend {
        /// The day.
        day: Date,
    },
}

impl Calendar {
    /// Whether there are data for this year; without, only weekends are off.
    pub fn knows(&self, year: i32) -> bool {
        self.years.contains_key(&year)
    }

    /// The years from one day's to the other's for which there are no data.
    pub fn unknown_between(&self, from: Date, to: Date) -> Vec<i32> {
        (from.ymd().0..=to.ymd().0).filter(|year| !self.knows(*year)).collect()
    }

    /// Whether people work on this day.
    pub fn is_working_day(&self, day: Date) -> bool {
        let weekday = day.weekday() < 5;
        let Some(year) = self.years.get(&day.ymd().0) else { return weekday };
        if year.workdays.contains(&day) {
            return true;
        }
        weekday && !year.holidays.iter().any(|holiday| (holiday.from..=holiday.to).contains(&day))
    }

    /// The `n`th working day after `start`, which itself does not count: the last day of a limit of `n` working days that
    /// something on `start` began. With `n` = 0 that is `start` itself, or the next working day if it is a day off.
    ///
    /// Monotone: a later start or a larger `n` never ends earlier.
    #[must_use]
    pub fn working_days_after(&self, start: Date, n: u16) -> Date {
        let mut day = if n == 0 { start } else { start.plus_days(1) };
        let mut left = n.max(1);
        for _ in 0..SEARCH_DAYS_MAX {
            if self.is_working_day(day) {
                left -= 1;
                if left == 0 {
                    break;
                }
            }
            day = day.plus_days(1);
        }
        day
    }

    /// How many working days lie after `from` up to and including `to`; negative, if `to` is the earlier one. A hundred
    /// years' worth at most.
    pub fn working_days_between(&self, from: Date, to: Date) -> i32 {
        if to < from {
            return -self.working_days_between(to, from);
        }
        let days = to.days().saturating_sub(from.days()).min(SEARCH_DAYS_MAX);
        let worked = (1..=days).filter(|n| self.is_working_day(from.plus_days(*n))).count();
        i32::try_from(worked).unwrap_or(i32::MAX)
    }

    /// Whether the data make sense: what an administrator hands in is checked before it is stored.
    pub fn check(&self) -> Result<(), CalendarError> {
        for (&year, data) in &self.years {
            if data.source.trim().is_empty() {
                return Err(CalendarError::NoSource { year });
            }
            let within = |day: Date| {
                if day.ymd().0 == year { Ok(()) } else { Err(CalendarError::OtherYear { year, day }) }
            };
            for holiday in &data.holidays {
                within(holiday.from)?;
                within(holiday.to)?;
                if holiday.to < holiday.from {
                    return Err(CalendarError::Backwards { year, name: holiday.name.clone() });
                }
            }
            for &day in &data.workdays {
                within(day)?;
                if day.weekday() < 5 {
                    return Err(CalendarError::NoWeekend { day });
                }
                if data.holidays.iter().any(|holiday| (holiday.from..=holiday.to).contains(&day)) {
                    return Err(CalendarError::Both { day });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// 国务院办公厅关于2026年部分节假日安排的通知（国办发明电〔2025〕7号）.
    fn of_2026() -> Calendar {
        let holiday = |name: &str, from, to| Holiday { name: name.into(), from: day(from), to: day(to) };
        let year = CalendarYear {
            source: "国办发明电〔2025〕7号".into(),
            holidays: vec![
                holiday("元旦", "2026-01-01", "2026-01-03"),
                holiday("春节", "2026-02-15", "2026-02-23"),
                holiday("清明节", "2026-04-04", "2026-04-06"),
                holiday("劳动节", "2026-05-01", "2026-05-05"),
                holiday("端午节", "2026-06-19", "2026-06-21"),
                holiday("中秋节", "2026-09-25", "2026-09-27"),
                holiday("国庆节", "2026-10-01", "2026-10-07"),
            ],
            workdays: ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"].map(day).to_vec(),
        };
        Calendar { years: [(2026, year)].into() }
    }

    #[test]
    fn the_published_year_has_the_working_days_that_the_notice_leaves() {
        let calendar = of_2026();
        assert_eq!(calendar.check(), Ok(()));
        // 2026 has 261 weekdays; the notice takes 19 of them and gives 6 weekend days back.
        assert_eq!(calendar.working_days_between(day("2025-12-31"), day("2026-12-31")), 261 - 19 + 6);
        let off = ["2026-01-01", "2026-02-16", "2026-05-05", "2026-06-19", "2026-09-25", "2026-10-07", "2026-05-10"];
        let worked = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-06", "2026-05-09", "2026-09-20", "2026-10-10"];
        assert!(off.iter().all(|text| !calendar.is_working_day(day(text))));
        assert!(worked.iter().all(|text| calendar.is_working_day(day(text))));
    }

    #[test]
    fn the_day_of_the_event_does_not_count() {
        let calendar = of_2026();
        for (start, n, last) in [
            ("2026-05-11", 1, "2026-05-12"),
            ("2026-05-11", 3, "2026-05-14"),
            // Over a weekend that is partly worked: Saturday 9 May makes up for the holiday.
            ("2026-05-08", 1, "2026-05-09"),
            ("2026-05-08", 3, "2026-05-12"),
            // Over the Spring Festival: nine days off, and the Saturday before is worked.
            ("2026-02-13", 1, "2026-02-14"),
            ("2026-02-13", 2, "2026-02-24"),
            ("2026-02-18", 5, "2026-02-28"),
            // Begun on a day off.
            ("2026-05-02", 1, "2026-05-06"),
            ("2026-05-02", 0, "2026-05-06"),
            ("2026-05-06", 0, "2026-05-06"),
            // Into a year without data: New Year's Day 2027 is a Friday, and nobody has said that it is off.
            ("2026-12-31", 1, "2027-01-01"),
        ] {
            assert_eq!(calendar.working_days_after(day(start), n), day(last), "{n} from {start}");
        }
    }

    #[test]
    fn a_year_without_data_has_its_weekends_and_says_so() {
        let calendar = of_2026();
        assert!(calendar.knows(2026) && !calendar.knows(2027));
        assert!(!calendar.is_working_day(day("2027-01-02")) && calendar.is_working_day(day("2027-01-01")));
        assert_eq!(calendar.unknown_between(day("2026-12-30"), day("2028-01-02")), [2027, 2028]);
        assert_eq!(calendar.unknown_between(day("2026-01-01"), day("2026-12-31")), [0; 0]);
    }

    #[test]
    fn data_that_cannot_be_right_are_refused_with_what_is_wrong() {
        let with = |change: fn(&mut CalendarYear)| {
            let mut calendar = of_2026();
            change(calendar.years.get_mut(&2026).unwrap());
            calendar.check().unwrap_err().to_string()
        };
        assert_eq!(with(|year| year.source = " ".into()), "the calendar of 2026 names no source");
        assert_eq!(with(|year| year.workdays.push(day("2027-01-02"))), "2027-01-02 stands in the calendar of 2026");
        assert_eq!(with(|year| year.holidays[0].from = day("2025-12-31")), "2025-12-31 stands in the calendar of 2026");
        assert_eq!(with(|year| year.holidays[1].to = day("2026-02-14")), "the holiday 春节 of 2026 ends before it begins");
        assert_eq!(with(|year| year.workdays.push(day("2026-02-21"))), "2026-02-21 is a holiday and a make-up day at once");
        assert_eq!(
            with(|year| year.workdays.push(day("2026-03-03"))),
            "2026-03-03 is to make up for a holiday and is no weekend day"
        );
    }

    #[test]
    fn a_calendar_without_working_days_ends_the_search() {
        let holidays = vec![Holiday { name: "x".into(), from: Date::from_days(i32::MIN), to: Date::from_days(i32::MAX) }];
        let years =
            (2026..2600).map(|year| (year, CalendarYear { source: "x".into(), holidays: holidays.clone(), workdays: vec![] }));
        let calendar = Calendar { years: years.collect() };
        let start = day("2026-01-01");
        assert!(calendar.working_days_after(start, 1) > start);
        let end = Date::from_days(i32::MAX);
        assert_eq!(calendar.working_days_after(end, 3), end, "a clock that is off by millions of years");
    }

    proptest! {
        #[test]
        fn a_later_start_or_more_days_never_end_earlier(start in 20_400i32..21_300, n in 0u16..40, more in 0i32..40, longer in 0u16..40) {
            let calendar = of_2026();
            let start = Date::from_days(start);
            let end = calendar.working_days_after(start, n);
            prop_assert!(calendar.is_working_day(end) && end >= start);
            prop_assert!(calendar.working_days_after(start.plus_days(more), n) >= end);
            prop_assert!(calendar.working_days_after(start, n + longer) >= end);
            if n > 0 {
                prop_assert!(end > start);
                prop_assert_eq!(calendar.working_days_between(start, end), i32::from(n));
                prop_assert_eq!(calendar.working_days_between(end, start), -i32::from(n));
            }
        }
    }
}
