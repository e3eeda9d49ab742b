//! The demo's calendar: one clock for phones and server, moved by the story. The server reads it from a file.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

use doorstep_core::directory::Calendar;
use doorstep_core::environment::Clock;
use doorstep_core::time::{Date, Timestamp};

/// Filler: the report gives the month of case 1 (May) and no day of any.
const FIRST_DAY: (i32, u32, u32) = (2026, 5, 11);

/// A clock that moves when told.
#[derive(Debug)]
pub(super) struct DemoClock {
    ms: AtomicI64,
    start: i64,
    file: PathBuf,
    /// Offices are closed on days off.
    calendar: Calendar,
}

impl DemoClock {
    /// Half past eight on the first day.
    pub(super) fn begin(file: &Path, calendar: Calendar) -> std::io::Result<Self> {
        let day = Date::from_ymd(FIRST_DAY.0, FIRST_DAY.1, FIRST_DAY.2).unwrap_or(Date::from_days(0));
        let start = day.start().plus_ms(8 * 3_600_000 + 1_800_000).0;
        let clock = Self { ms: AtomicI64::new(start), start, file: file.to_owned(), calendar };
        clock.write()?;
        Ok(clock)
    }

    /// Minutes pass.
    pub(super) fn minutes(&self, minutes: i64) -> std::io::Result<()> {
        self.ms.fetch_add(minutes * 60_000, Ordering::SeqCst);
        self.write()
    }

    /// The day so many days from now, or the next working day.
    pub(super) fn day_in(&self, days: i32) -> Date {
        self.calendar.working_days_after(self.now().date().plus_days(days), 0)
    }

    /// The morning of that day.
    pub(super) fn days(&self, days: i32) -> std::io::Result<()> {
        let morning = self.day_in(days).start().plus_ms(9 * 3_600_000);
        self.ms.store(morning.0, Ordering::SeqCst);
        self.write()
    }

    /// Replaced whole, so that the server never reads half a number.
    fn write(&self) -> std::io::Result<()> {
        let next = self.file.with_extension("next");
        std::fs::write(&next, self.ms.load(Ordering::SeqCst).to_string())?;
        std::fs::rename(next, &self.file)
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.ms.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> (u64, u64) {
        (1, (self.ms.load(Ordering::SeqCst) - self.start).unsigned_abs())
    }
}
