//! The tenant's calendar: which days are working days. Weekends, and what the State Council's yearly notice changes:
//! public holidays, and the weekend days that are worked to make up for them.
//!
//! Data of the directory, a year at a time, each with its source. A year without data falls back to weekends alone, and
//! [`Calendar::knows`] says so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Date;

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

/// A holiday: consecutive days off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// Its name.
    pub name: String,
    /// The first day off.
    pub from: Date,
    /// The last day off.
    pub to: Date,
}

impl Calendar {
    /// Whether there are data for this year; without, only weekends are off.
    pub fn knows(&self, year: i32) -> bool {
        self.years.contains_key(&year)
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
}
