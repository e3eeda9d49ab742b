//! A kill at any step of a tap or of a sync leaves the phone as before or as after, never between; a server killed
//! between its commit and its answer has the work once.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use doorstep_core::case::TextName;
use doorstep_core::store::{Options, Step};
use doorstep_core::sync::Outcome;
use doorstep_tests::{Fault, Phone, Weather, World, scenes};

const STEPS: [Step; 4] = [Step::AfterChange, Step::AfterOutbox, Step::BeforeCommit, Step::AfterCommit];

/// Does `work` on the phone with a store that is stopped at the `nth` time it comes to `at`, then switches the phone on
/// again. Whether it was stopped.
fn killed(phone: &mut Phone, at: Step, nth: usize, work: impl FnOnce(&Phone)) -> bool {
    let count = Arc::new(AtomicUsize::new(0));
    let hook = move |step| {
        if step == at && count.fetch_add(1, Ordering::SeqCst) + 1 == nth {
            resume_unwind(Box::new("killed"));
        }
    };
    phone.reopen_with(Options { on_step: Some(Box::new(hook)), ..Options::default() });
    let killed = catch_unwind(AssertUnwindSafe(|| work(phone))).is_err();
    phone.reopen();
    phone.device().check().unwrap();
    killed
}

#[test]
fn a_tap_killed_at_any_step_happened_or_did_not() {
    for at in STEPS {
        let world = World::new(1);
        let mut phone = world.phone("w-ncg-1");
        let case = scenes::report(&phone, "一件事");
        phone.device().run(case, &scenes::note("之前")).unwrap();
        let before = phone.device().case(case).unwrap();
        let stopped = killed(&mut phone, at, 1, |phone| {
            phone.device().run(case, &scenes::note("被打断")).unwrap();
        });
        assert!(stopped, "{at:?}");
        let after = phone.device().case(case).unwrap();
        let waiting = phone.pending().counts.waiting;
        if at == Step::AfterCommit {
            assert_eq!((after.history.len(), waiting), (before.history.len() + 1, 3));
        } else {
            assert_eq!((&after, waiting), (&before, 2), "{at:?}");
        }
        // And it goes on: the actor's next number is right either way.
        phone.device().run(case, &scenes::note("之后")).unwrap();
        phone.settle();
        assert_eq!(phone.pending().counts.set_aside, 0);
        assert_eq!(world.phone("lead-ncg").device().digest(case).unwrap(), phone.device().digest(case).unwrap());
    }
}

#[test]
fn a_first_report_killed_at_any_step_is_there_whole_or_not_at_all() {
    for at in STEPS {
        let world = World::new(2);
        let mut phone = world.phone("w-ncg-1");
        assert!(killed(&mut phone, at, 1, |phone| {
            scenes::report(phone, "一件事");
        }));
        let counts = phone.pending().counts;
        let expected = u64::from(at == Step::AfterCommit);
        assert_eq!((counts.documents, counts.waiting), (expected, expected), "{at:?}");
        phone.settle();
    }
}

#[test]
fn a_sync_killed_at_any_step_is_gone_on_with_and_ends_the_same() {
    let (mut stopped, mut nth) = (0, 1);
    // Later and later into the sync, until a kill would come after its end.
    loop {
        let mut any = false;
        for at in [Step::AfterChange, Step::BeforeCommit, Step::AfterCommit] {
            let world = World::new(3);
            let (mut worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
            let case = scenes::report(&worker, "一件事");
            worker.settle();
            lead.settle();
            // Both have news for the other: verdicts, a whole document, changes under own unsent ones, a directory.
            lead.device().run(case, &scenes::note("负责人")).unwrap();
            let second = scenes::report(&lead, "第二件");
            lead.settle();
            world.direct(|directory| directory.name.push('甲'));
            worker.device().run(case, &scenes::add_text(&worker, case, TextName::Account, "补充")).unwrap();
            any |= killed(&mut worker, at, nth, |phone| {
                phone.synced();
            });
            worker.settle();
            lead.settle();
            for doc in [case, second] {
                assert_eq!(worker.device().case(doc).unwrap(), lead.device().case(doc).unwrap(), "{at:?} {nth}");
            }
            assert_eq!(worker.device().directory(), lead.device().directory());
            assert_eq!(worker.set_aside(), Vec::<String>::new());
        }
        if !any {
            break;
        }
        (stopped, nth) = (stopped + 1, nth + 1);
    }
    assert!(stopped >= 3, "the sync was stopped at {stopped} places only");
}

#[test]
fn a_server_killed_between_commit_and_answer_has_the_work_once() {
    let world = World::new(4);
    let (phone, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&phone, "一件事");
    phone.device().run(case, &scenes::note("一句")).unwrap();
    phone.network.next([Fault::Killed]);
    let report = phone.synced();
    assert_eq!((report.verdicts.stored, report.verdicts.known), (0, 2), "the first push was stored, its repeat is known");
    assert_eq!(world.store().holdings().unwrap().changes, 2);
    lead.synced();
    assert_eq!(lead.device().case(case).unwrap(), phone.device().case(case).unwrap());
}

#[test]
fn a_server_that_is_down_costs_nothing_and_work_goes_on() {
    let world = World::new(5);
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    world.server.kill();
    let report = phone.sync();
    assert!(matches!(&report.outcome, Outcome::Later { code, .. } if code == "unreachable"), "{:?}", report.outcome);
    phone.device().run(case, &scenes::note("服务器关着")).unwrap();
    assert_eq!(phone.pending().counts.waiting, 2);
    world.server.start();
    phone.settle();
    assert_eq!(world.store().holdings().unwrap().changes, 2);
}

#[test]
fn an_answer_lost_again_and_again_never_loses_or_doubles_work() {
    let world = World::new(6);
    let phone = world.phone("w-ncg-1");
    phone.network.weather(Weather::Offline);
    for number in 0..5 {
        scenes::report(&phone, &format!("事项 {number}"));
        phone.network.next([Fault::AnswerLost]);
        phone.sync();
    }
    phone.settle();
    assert_eq!(world.store().holdings().unwrap().changes, 5);
    assert_eq!(phone.pending().counts.waiting, 0);
}
