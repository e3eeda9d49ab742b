//! In step with each tap: whatever somebody does, the day that was kept is the day that would be made anew.

use std::cell::RefCell;

use doorstep_core::day::SectionKind;
use doorstep_core::id::DocId;
use doorstep_tests::seed::Seeded;
use doorstep_tests::worker::Ledger;
use doorstep_tests::{Phone, World, scenes};

use super::sections::called;
use super::{day, shown};

/// The day as a phone makes it that has just been switched on, then again as it was.
fn anew(phone: &mut Phone) -> doorstep_core::day::Day {
    phone.reopen();
    day(phone)
}

#[test]
fn the_day_changes_with_the_tap_and_not_later() {
    let world = World::new(1);
    let worker = world.phone("w-ncg-1");
    let case = called(&worker, "漏水", scenes::place());
    world.days(1);
    assert_eq!(shown(&worker), [("due_today", vec!["漏水 first_contact".into()])]);
    worker.device().run(case, &scenes::note("已电话联系")).unwrap();
    assert_eq!(shown(&worker), []);
    assert_eq!(day(&worker).section(SectionKind::Unsent).unwrap().count, 1);
}

#[test]
fn whatever_people_do_the_day_that_was_kept_is_the_day_that_would_be_made_anew() {
    for seed in 0..6 {
        let world = World::new(seed);
        let chance = Seeded::new(seed, "day");
        let mut phones = [world.phone("w-ncg-1"), world.phone("lead-ncg"), world.phone("contact-telecom")];
        let mut cases: Vec<DocId> =
            (0..3).map(|number| called(&phones[number % 2], &format!("事项{number}"), scenes::place())).collect();
        phones.iter().for_each(Phone::settle);
        let ledger = RefCell::new(Ledger::default());
        for step in 0..60 {
            let at = chance.below(phones.len());
            let phone = &mut phones[at];
            match chance.below(10) {
                0 => world.minutes(i64::try_from(chance.below(40)).unwrap() * 60),
                1 => phone.settle(),
                2 if at < 2 => cases.push(called(phone, &format!("新事项{step}"), scenes::place())),
                _ => {
                    let case = *chance.pick(&cases);
                    ledger.borrow_mut().work(phone, case, &chance);
                }
            }
            let kept = day(phone);
            if chance.below(3) == 0 {
                assert_eq!(kept, anew(phone), "seed {seed}, step {step}, {}", phone.person);
            }
        }
        for phone in &mut phones {
            phone.settle();
            let kept = day(phone);
            assert_eq!(kept, anew(phone), "seed {seed}, {}", phone.person);
        }
    }
}
