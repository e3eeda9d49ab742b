//! Limits: from what is waited for since when, the policy and the calendar, the last day on which it is in time.
//!
//! The day of the event does not count, the limit passes at 24:00 China time of its last day (Civil Code, articles 201
//! and 203; see [`Calendar`]). A date that people set themselves is taken as it is, working day or not: they agreed to it.

use std::collections::BTreeMap;

use crate::case::{Wait, WaitKind};
use crate::directory::{Calendar, Policy};
use crate::id::OrgId;
use crate::people::{Org, OrgKind};
use crate::time::Date;

/// The limits of a sub-district.
#[derive(Debug, Clone)]
pub struct Limits<'a> {
    policy: &'a Policy,
    calendar: &'a Calendar,
    orgs: BTreeMap<&'a str, OrgKind>,
}

impl<'a> Limits<'a> {
    /// Those of this policy, by this calendar; how long an org may take depends on what it is.
    pub fn new(policy: &'a Policy, calendar: &'a Calendar, orgs: &'a [Org]) -> Self {
        Self { policy, calendar, orgs: orgs.iter().map(|org| (org.id.as_str(), org.kind)).collect() }
    }

    /// The calendar that days are counted by.
    pub const fn calendar(&self) -> &'a Calendar {
        self.calendar
    }

    /// The last day of the wait's limit; none, if nothing limits it.
    pub fn limit_of(&self, wait: &Wait) -> Option<Date> {
        let kind = self.counts_as(wait.kind, wait.so_far)?;
        match wait.due {
            Some(due) => Some(due),
            None => self.runs(kind, wait.org.as_ref().map(OrgId::as_str)).map(|runs| self.last_day(runs, wait.since.date())),
        }
    }

    /// The same, as it looks on `today`. Something that began in the future began on a clock that is off, and counts as
    /// begun today.
    pub fn limit_on(&self, today: Date, wait: &Wait) -> Option<Date> {
        let since = if wait.since.date() > today { today.start() } else { wait.since };
        self.limit_of(&Wait { since, ..wait.clone() })
    }

    /// As what a wait of this kind counts under the policy: not at all, while fewer rounds have begun than the policy
    /// names; as a closing, once whoever has not answered was tried often enough.
    pub fn counts_as(&self, kind: WaitKind, so_far: Option<u32>) -> Option<WaitKind> {
        match (kind, so_far) {
            (WaitKind::Raise, Some(round)) if round <= u32::from(self.policy.rounds) => None,
            (WaitKind::Feedback, Some(tries)) if tries >= u32::from(self.policy.feedback_tries.max(1)) => {
                Some(WaitKind::Closing)
            }
            _ => Some(kind),
        }
    }

    /// The last day of what began on `since` and runs for this long.
    pub(super) fn last_day(&self, runs: Runs, since: Date) -> Date {
        match runs {
            Runs::SameDay => since,
            Runs::WorkingDays(days) => self.calendar.working_days_after(since, days),
        }
    }

    /// How long this may take.
    pub(super) fn runs(&self, kind: WaitKind, org: Option<&str>) -> Option<Runs> {
        let policy = self.policy;
        let days = match kind {
            WaitKind::FirstContact => policy.first_contact_days,
            WaitKind::Consultation => policy.consultation_days,
            WaitKind::EffectCheck => policy.effect_check_days,
            WaitKind::Feedback => policy.feedback_days,
            WaitKind::Acceptance | WaitKind::Answer => match self.orgs.get(org?)? {
                OrgKind::Office => policy.office_days,
                OrgKind::Committee => policy.committee_days,
                OrgKind::Unit | OrgKind::Body => policy.unit_days,
                OrgKind::Community => return None,
            },
            // A sitting that nobody put off is concluded on the day people sit.
            WaitKind::Sitting => return Some(Runs::SameDay),
            WaitKind::Signing
            | WaitKind::Stamp
            | WaitKind::Confirmation
            | WaitKind::Commitment
            | WaitKind::Completion
            | WaitKind::Closing
            | WaitKind::Returned
            | WaitKind::Raise
            | WaitKind::Choice => return None,
        };
        Some(Runs::WorkingDays(days))
    }

    /// Working days left until `due` on `today`, 0 on the day itself. Past it, the working days begun since, negative and
    /// never 0: what is over is over on a Sunday too.
    pub fn days_left(&self, today: Date, due: Date) -> i32 {
        let days = self.calendar.working_days_between(today, due);
        if due < today { days.min(-1) } else { days }
    }

    /// The years without a calendar among those in which limits that end about `today` are counted.
    pub fn years_unknown(&self, today: Date) -> Vec<i32> {
        let policy = self.policy;
        let days = [
            policy.first_contact_days,
            policy.consultation_days,
            policy.effect_check_days,
            policy.feedback_days,
            policy.office_days,
            policy.committee_days,
            policy.unit_days,
        ];
        let longest = days.into_iter().max().unwrap_or_default();
        let last = self.calendar.working_days_after(today, longest);
        let span = last.days().saturating_sub(today.days());
        self.calendar.unknown_between(today.plus_days(span.saturating_neg()), last)
    }
}

/// How long something may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Runs {
    /// Until the end of the day it began on.
    SameDay,
    /// So many working days, the day it began on not counted.
    WorkingDays(u16),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{CalendarYear, Holiday};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn calendar() -> Calendar {
        let labour = Holiday { name: "劳动节".into(), from: day("2026-05-01"), to: day("2026-05-05") };
        let year = CalendarYear { source: "x".into(), holidays: vec![labour], workdays: vec![day("2026-05-09")] };
        Calendar { years: [(2026, year)].into() }
    }

    fn orgs() -> Vec<Org> {
        let org = |id: &str, kind| Org { id: id.parse().unwrap(), kind, name: id.into() };
        vec![
            org("office", OrgKind::Office),
            org("committee", OrgKind::Committee),
            org("unit", OrgKind::Unit),
            org("body", OrgKind::Body),
        ]
    }

    fn wait(kind: WaitKind, org: Option<&str>) -> Wait {
        let org: Option<OrgId> = org.map(|org| org.parse().unwrap());
        // A minute before midnight of 30 April, the eve of five days off.
        Wait { kind, org, since: day("2026-05-01").start().plus_ms(-60_000), due: None, so_far: None }
    }

    #[test]
    fn every_limit_of_the_handbook_runs_in_working_days_from_the_day_after() {
        let (policy, calendar, orgs) = (Policy::default(), calendar(), orgs());
        let limits = Limits::new(&policy, &calendar, &orgs);
        for (kind, org, last) in [
            (WaitKind::FirstContact, None, Some("2026-05-06")),
            (WaitKind::Consultation, None, Some("2026-05-08")),
            (WaitKind::EffectCheck, None, Some("2026-05-08")),
            // The 9th is a Saturday that is worked.
            (WaitKind::Feedback, None, Some("2026-05-13")),
            (WaitKind::Acceptance, Some("office"), Some("2026-05-11")),
            (WaitKind::Answer, Some("office"), Some("2026-05-11")),
            (WaitKind::Answer, Some("committee"), Some("2026-05-18")),
            (WaitKind::Answer, Some("unit"), Some("2026-05-18")),
            (WaitKind::Answer, Some("body"), Some("2026-05-18")),
            (WaitKind::Answer, Some("somewhere"), None),
            (WaitKind::Sitting, None, Some("2026-04-30")),
            (WaitKind::Signing, None, None),
            (WaitKind::Stamp, None, None),
            (WaitKind::Completion, None, None),
            (WaitKind::Closing, None, None),
            (WaitKind::Returned, None, None),
            (WaitKind::Raise, None, None),
            (WaitKind::Choice, None, None),
        ] {
            assert_eq!(limits.limit_of(&wait(kind, org)), last.map(day), "{kind:?} {org:?}");
        }
    }

    #[test]
    fn a_date_that_people_set_is_taken_as_it_is() {
        let (policy, calendar) = (Policy::default(), calendar());
        let limits = Limits::new(&policy, &calendar, &[]);
        let sunday = day("2026-05-10");
        for kind in [WaitKind::Commitment, WaitKind::Sitting, WaitKind::Confirmation] {
            assert_eq!(limits.limit_of(&Wait { due: Some(sunday), ..wait(kind, None) }), Some(sunday));
        }
    }

    #[test]
    fn what_began_in_the_future_counts_as_begun_today() {
        let (policy, calendar) = (Policy::default(), calendar());
        let limits = Limits::new(&policy, &calendar, &[]);
        let off = Wait { since: day("2036-01-01").start(), ..wait(WaitKind::FirstContact, None) };
        assert_eq!(limits.limit_on(day("2026-05-06"), &off), Some(day("2026-05-07")));
        assert_eq!(limits.limit_on(day("2026-05-08"), &off), Some(day("2026-05-09")), "and never becomes overdue");
    }

    #[test]
    fn a_raise_is_proposed_once_the_rounds_are_used_up_and_tries_make_up_for_an_answer() {
        let (policy, calendar) = (Policy::default(), Calendar::default());
        let limits = Limits::new(&policy, &calendar, &[]);
        assert_eq!(limits.counts_as(WaitKind::Raise, Some(3)), None);
        assert_eq!(limits.counts_as(WaitKind::Raise, Some(4)), Some(WaitKind::Raise));
        assert_eq!(limits.counts_as(WaitKind::Feedback, Some(2)), Some(WaitKind::Feedback));
        assert_eq!(limits.counts_as(WaitKind::Feedback, Some(3)), Some(WaitKind::Closing));
    }

    #[test]
    fn days_left_are_working_days_and_what_is_over_is_over_on_a_sunday_too() {
        let (policy, calendar) = (Policy::default(), calendar());
        let limits = Limits::new(&policy, &calendar, &[]);
        let due = day("2026-05-09");
        for (today, days) in [
            ("2026-05-07", 2),
            ("2026-05-09", 0),
            ("2026-05-10", -1),
            ("2026-05-11", -1),
            ("2026-05-12", -2),
            ("2026-05-01", 4),
        ] {
            assert_eq!(limits.days_left(day(today), due), days, "{today}");
        }
    }

    #[test]
    fn the_years_that_limits_reach_into_are_named_when_nobody_knows_them() {
        let (policy, calendar) = (Policy::default(), calendar());
        let limits = Limits::new(&policy, &calendar, &[]);
        assert_eq!(limits.years_unknown(day("2026-06-10")), [0; 0]);
        assert_eq!(limits.years_unknown(day("2026-12-28")), [2027]);
        assert_eq!(limits.years_unknown(day("2027-06-01")), [2027]);
        assert_eq!(limits.years_unknown(day("2026-01-05")), [2025]);
    }
}
