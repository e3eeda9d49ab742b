//! A day and time alone: midnight, weekends, holidays, days that make up for them, years that nobody has published, clocks
//! that are off.

use doorstep_core::day::{Day, SectionKind};
use doorstep_core::environment::Clock as _;
use doorstep_core::time::{DAY_MS, Date, Timestamp};
use doorstep_tests::{Phone, World, scenes};

use super::sections::called;
use super::{day, shown, titles};

/// Lets time pass until this day and hour in China.
fn until(world: &World, date: &str, hour: i64, minute: i64) {
    let at = date.parse::<Date>().unwrap().start().plus_ms((hour * 60 + minute) * 60_000);
    let ahead = at.0 - world.clock.now().0;
    assert!(ahead >= 0, "time goes forward");
    world.clock.pass(ahead);
}

/// On which day each limit of a concern reported at this time passes: contact, consultation.
fn limits(phone: &Phone, world: &World, date: &str) -> Vec<String> {
    until(world, date, 9, 0);
    phone.in_touch();
    called(phone, date, scenes::place());
    // Far enough ahead that both are overdue, and the item tells when they were due.
    let mut later = day(phone);
    for _ in 0..40 {
        world.days(1);
        phone.in_touch();
        later = day(phone);
        if later.section(SectionKind::Overdue).unwrap().items.iter().filter(|item| item.title == date).count() == 2 {
            break;
        }
    }
    let of = |day: &Day| -> Vec<String> {
        let items = &day.section(SectionKind::Overdue).unwrap().items;
        items.iter().filter(|item| item.title == date).map(|item| item.due.unwrap().to_string()).collect()
    };
    of(&later)
}

#[test]
fn at_one_minute_to_midnight_it_is_due_today_and_at_midnight_it_is_overdue() {
    let world = World::new(1);
    let worker = world.phone("w-ncg-1");
    called(&worker, "漏水", scenes::place());
    until(&world, "2026-05-09", 23, 59);
    let before = day(&worker);
    assert_eq!(titles(&before, SectionKind::DueToday), ["漏水 first_contact"]);
    assert_eq!(before.next_change, "2026-05-10".parse::<Date>().unwrap().start());
    world.clock.pass(before.next_change.0 - world.clock.now().0 - 1);
    assert_eq!(day(&worker), before, "to the millisecond");
    world.clock.pass(1);
    let after = day(&worker);
    assert_eq!(titles(&after, SectionKind::DueToday), [""; 0]);
    assert_eq!(titles(&after, SectionKind::Overdue), ["漏水 first_contact"]);
    assert_eq!(after.next_change.0 - before.next_change.0, DAY_MS);
}

#[test]
fn a_report_just_before_midnight_and_one_just_after_are_a_day_apart() {
    let world = World::new(2);
    let worker = world.phone("w-ncg-1");
    until(&world, "2026-05-11", 23, 59);
    called(&worker, "之前", scenes::place());
    world.minutes(1);
    called(&worker, "之后", scenes::place());
    until(&world, "2026-05-12", 12, 0);
    assert_eq!(shown(&worker), [("due_today", vec!["之前 first_contact".into()])]);
}

#[test]
fn a_day_that_makes_up_for_a_holiday_counts_and_the_holidays_do_not() {
    let world = World::new(3);
    let worker = world.phone("w-ncg-1");
    // Friday 8 May: Saturday the 9th is worked; the consultation's third day is Tuesday.
    assert_eq!(limits(&worker, &world, "2026-05-08"), ["2026-05-09", "2026-05-12"]);
    // Thursday before the Dragon Boat Festival (19-21 June).
    assert_eq!(limits(&worker, &world, "2026-06-18"), ["2026-06-22", "2026-06-24"]);
    // Wednesday before the National Day holiday: seven days off, and Saturday 10 October is worked.
    assert_eq!(limits(&worker, &world, "2026-09-30"), ["2026-10-08", "2026-10-10"]);
}

#[test]
fn a_year_without_data_counts_weekends_alone_and_says_so() {
    let world = World::new(4);
    let worker = world.phone("w-ncg-1");
    assert_eq!((day(&worker).calendar_known, day(&worker).years_unknown), (true, vec![]));
    until(&world, "2026-12-31", 9, 0);
    worker.in_touch();
    called(&worker, "跨年", scenes::place());
    let eve = day(&worker);
    assert_eq!((eve.calendar_known, eve.years_unknown), (false, vec![2027]), "limits reach into it");
    world.days(1);
    let new_year = day(&worker);
    assert_eq!(titles(&new_year, SectionKind::DueToday), ["跨年 first_contact"], "nobody has said that 1 January is off");
    // The notice comes: the same case, another limit, without anybody touching it.
    world.direct(|directory| {
        let day = |text: &str| text.parse().unwrap();
        let holiday =
            doorstep_core::directory::Holiday { name: "元旦".into(), from: day("2027-01-01"), to: day("2027-01-03") };
        let year =
            doorstep_core::directory::CalendarYear { source: "测试".into(), holidays: vec![holiday], workdays: vec![] };
        directory.calendar.years.insert(2027, year);
    });
    worker.settle();
    let known = day(&worker);
    assert_eq!((known.calendar_known, titles(&known, SectionKind::DueToday)), (true, vec![]));
    world.days(3);
    assert_eq!(titles(&day(&worker), SectionKind::DueToday), ["跨年 first_contact"]);
}

#[test]
fn another_policy_moves_limits_at_once_and_back() {
    let world = World::new(5);
    let worker = world.phone("w-ncg-1");
    called(&worker, "漏水", scenes::place());
    worker.settle();
    world.days(1);
    assert_eq!(shown(&worker).len(), 1);
    world.direct(|directory| directory.policy.first_contact_days = 2);
    worker.settle();
    assert_eq!(shown(&worker), []);
    world.direct(|directory| directory.policy.first_contact_days = 0);
    worker.settle();
    assert_eq!(shown(&worker), [("overdue", vec!["漏水 first_contact".into()])]);
}

#[test]
fn the_phones_day_is_the_servers_where_its_clock_is_known_to_be_off() {
    let world = World::new(6);
    let worker = world.phone("w-ncg-1");
    worker.clock.set_off(-3 * DAY_MS);
    worker.settle();
    assert_eq!(day(&worker).on.to_string(), "2026-05-08");
}

#[test]
fn what_a_clock_that_was_off_put_into_the_future_counts_as_begun_today() {
    let world = World::new(7);
    let worker = world.phone("w-ncg-1");
    worker.clock.set_off(3_650 * DAY_MS);
    called(&worker, "时钟超前", scenes::place());
    worker.clock.set_off(0);
    assert_eq!(shown(&worker), []);
    world.direct(|directory| directory.policy.first_contact_days = 0);
    worker.synced();
    // With a limit of no days at all it is due every day, and never overdue.
    for _ in 0..3 {
        assert_eq!(titles(&day(&worker), SectionKind::Overdue), [""; 0]);
        world.days(1);
    }
    assert_eq!(Timestamp(0).date().days(), 0);
}
