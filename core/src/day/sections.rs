//! In which section something stands today, and where in it: the one place that decides, for a whole phone at its opening and
//! for one document after a tap.

use std::collections::HashMap;

use super::limits::Runs;
use super::{At, Limits, SectionKind, Whose};
use crate::case::WaitKind;
use crate::time::Date;

/// Something that is waited for, as a table or a list row has it.
#[derive(Debug, Clone, Copy)]
pub struct Waiting<'a> {
    /// What.
    pub kind: WaitKind,
    /// Whose move it is; none: the community's.
    pub org: Option<&'a str>,
    /// Since which day.
    pub since: Date,
    /// The date that people set.
    pub due: Option<Date>,
    /// How far it has come.
    pub so_far: Option<u32>,
    /// Where the case lies and who has it.
    pub at: At<'a>,
}

/// Calendar days before the last one on which a court can be asked, from which on the lead is reminded: enough to reach both
/// parties and write the application. Earlier it is on the case's own page.
const CONFIRMATION_SHOWN_DAYS: i32 = 7;

/// A place in a section: by one day, then by another.
fn by(first: Date, then: Date) -> i64 {
    (i64::from(first.days()) << 32) + i64::from(then.days())
}

/// Puts what is waited for where it stands on one day.
#[derive(Debug)]
pub struct Sorter<'a> {
    limits: Limits<'a>,
    whose: &'a Whose,
    on: Date,
    /// Limits end on the same day for whatever began on the same: counted once.
    last_days: HashMap<(Runs, Date), Date>,
}

impl<'a> Sorter<'a> {
    /// For this person, on this day.
    pub fn new(limits: Limits<'a>, whose: &'a Whose, on: Date) -> Self {
        Self { limits, whose, on, last_days: HashMap::new() }
    }

    /// The section it stands in and its place there, smallest first: what has been over for longest, what has waited for
    /// longest. None: it is somebody else's, or nothing to be shown today.
    pub fn place(&mut self, waiting: &Waiting<'_>) -> Option<(SectionKind, i64)> {
        let kind = self.limits.counts_as(waiting.kind, waiting.so_far)?;
        if !self.whose.sees_to(kind, waiting.org, &waiting.at) {
            return None;
        }
        // A clock that is off put it into the future: it counts as begun today.
        let since = waiting.since.min(self.on);
        let limit = match waiting.due {
            Some(due) => Some(due),
            None => self
                .limits
                .runs(kind, waiting.org)
                .map(|runs| *self.last_days.entry((runs, since)).or_insert_with(|| self.limits.last_day(runs, since))),
        };
        let order = by(limit.unwrap_or(since), since);
        match limit {
            // The time in which the parties may ask a court is over: nothing is late, there is only nothing left to remind of.
            Some(limit) if kind == WaitKind::Confirmation && limit < self.on => return None,
            Some(limit) if limit < self.on => return Some((SectionKind::Overdue, order)),
            Some(limit) if limit == self.on => return Some((SectionKind::DueToday, order)),
            _ => {}
        }
        let section = match kind {
            WaitKind::Signing | WaitKind::Stamp => SectionKind::ToSign,
            WaitKind::Feedback | WaitKind::Closing => SectionKind::ToHearBack,
            WaitKind::Returned => SectionKind::Returned,
            WaitKind::Completion | WaitKind::Raise | WaitKind::Choice => SectionKind::NeedsALook,
            WaitKind::Confirmation if limit.is_some_and(|limit| limit <= self.on.plus_days(CONFIRMATION_SHOWN_DAYS)) => {
                SectionKind::NeedsALook
            }
            // Not yet: it stands nowhere until its last day.
            WaitKind::FirstContact
            | WaitKind::Consultation
            | WaitKind::Sitting
            | WaitKind::Confirmation
            | WaitKind::Commitment
            | WaitKind::EffectCheck
            | WaitKind::Acceptance
            | WaitKind::Answer => return None,
        };
        Some((section, order))
    }
}

/// The place of something that stands in its section for another reason than a wait: by the day on which it last changed.
pub fn place_of(changed: Date) -> i64 {
    by(changed, changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{Calendar, Policy};
    use crate::people::{Person, Post, Role};

    fn lead() -> Whose {
        let post =
            Post { role: Role::CommunityLead, org: "ncg".parse().unwrap(), grids: vec![], buildings: vec![], ended: None };
        Whose::of(&Person { id: "me".parse().unwrap(), name: "我".into(), posts: vec![post] })
    }

    fn section(on: &str, kind: WaitKind, due: Option<&str>) -> Option<SectionKind> {
        let (policy, calendar, lead) = (Policy::default(), Calendar::default(), lead());
        let limits = Limits::new(&policy, &calendar, &[]);
        let day = |text: &str| text.parse::<Date>().unwrap();
        let at = At { community: Some("ncg"), ..At::default() };
        let waiting = Waiting { kind, org: None, since: day("2026-04-08"), due: due.map(day), so_far: None, at };
        Sorter::new(limits, &lead, day(on)).place(&waiting).map(|(section, _)| section)
    }

    #[test]
    fn what_is_signed_and_not_stamped_stands_among_what_is_to_be_signed() {
        assert_eq!(section("2026-05-08", WaitKind::Stamp, None), Some(SectionKind::ToSign));
    }

    #[test]
    fn the_days_for_asking_a_court_are_shown_as_they_run_out_and_are_never_overdue() {
        let on = |day: &str| section(day, WaitKind::Confirmation, Some("2026-05-08"));
        assert_eq!(on("2026-04-30"), None, "a month ahead it would only be noise");
        assert_eq!(on("2026-05-01"), Some(SectionKind::NeedsALook));
        assert_eq!(on("2026-05-07"), Some(SectionKind::NeedsALook));
        assert_eq!(on("2026-05-08"), Some(SectionKind::DueToday));
        assert_eq!(on("2026-05-09"), None, "nobody is late: the parties did not want to");
    }
}
