//! Somebody moves from one household to another: both records say so, or neither.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use doorstep_core::environment::Clock as _;
use doorstep_core::household::Leaving;
use doorstep_core::store::{Options, Step};
use doorstep_tests::World;

use super::{at, lives, names, record, registered, somebody, tag};

#[test]
fn a_move_takes_along_what_is_known_and_the_tags_and_is_in_both_histories() {
    let world = World::new(1);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (old, new) = (registered(&worker, "ncg-1", "401"), registered(&worker, "ncg-1", "402"));
    let mut resident = somebody(worker.device().new_resident(), "李秀英");
    (resident.phone, resident.relation, resident.born) = ("13500000000".into(), "户主".into(), Some(1941));
    record(&worker, old, resident.clone()).unwrap();
    tag(&worker, old, "残疾", Some(resident.resident));
    tag(&worker, old, "低保", None);
    let today = world.clock.now().date();
    let view = worker.device().move_resident(old, new, resident.resident, today).unwrap();
    let one = &view.residents[0];
    assert_eq!((one.id, one.phone.as_str(), one.born), (resident.resident, "13500000000", Some(1941)));
    assert_eq!((one.relation.as_str(), one.from), ("", Some(old)), "what they were to the old household says nothing here");
    assert_eq!((&one.tags[..], &view.tags[..]), (&["残疾".to_owned()][..], &[][..]));
    worker.settle();
    lead.settle();
    let left = lead.device().household(old).unwrap();
    assert_eq!((left.stage, &left.tags[..]), ("vacant", &["低保".to_owned()][..]));
    let gone = left.former[0].left.as_ref().unwrap();
    assert_eq!((gone.why, gone.on, gone.to.as_str(), gone.household), (Leaving::Moved, today, "402", Some(new)));
    assert!(left.history.last().unwrap().text.contains("李秀英迁出"));
    assert!(lead.device().household(new).unwrap().history.last().unwrap().text.contains("迁入：李秀英"));
    // And back: the same person, as they were known last.
    let back = lead.device().move_resident(new, old, resident.resident, today).unwrap();
    assert_eq!((back.residents.len(), back.former.len()), (1, 0));
    assert_eq!(names(&lead, new), [""; 0]);
}

#[test]
fn a_move_is_refused_whole() {
    let world = World::new(2);
    let worker = world.phone("w-ncg-1");
    let (old, new) = (registered(&worker, "ncg-1", "401"), registered(&worker, "ncg-1", "402"));
    let resident = lives(&worker, old, "李秀英");
    let stranger = worker.device().new_resident();
    let today = world.clock.now().date();
    let before = [old, new].map(|home| worker.device().household(home).unwrap());
    for (from, to, who, on, code) in [
        (old, new, stranger, today, "no_resident"),
        (new, old, resident, today, "no_resident"),
        (old, old, resident, today, "implausible"),
        (old, new, resident, today.plus_days(2), "implausible"),
        (old, doorstep_core::id::DocId::from_bytes([9; 16]), resident, today, "not_found"),
    ] {
        assert_eq!(worker.device().move_resident(from, to, who, on).unwrap_err().code(), code);
    }
    assert_eq!([old, new].map(|home| worker.device().household(home).unwrap()), before);
    assert_eq!(worker.pending().counts.waiting, 3);
}

#[test]
fn a_dead_battery_leaves_nobody_in_two_households_or_in_none() {
    for at in [Step::AfterChange, Step::AfterOutbox, Step::BeforeCommit, Step::AfterCommit] {
        for nth in 1..=2 {
            let world = World::new(3);
            let mut worker = world.phone("w-ncg-1");
            let (old, new) = (registered(&worker, "ncg-1", "401"), registered(&worker, "ncg-1", "402"));
            let resident = lives(&worker, old, "李秀英");
            let count = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&count);
            let hook = move |step| {
                if step == at && count.fetch_add(1, Ordering::SeqCst) + 1 == nth {
                    resume_unwind(Box::new("killed"));
                }
            };
            worker.reopen_with(Options { on_step: Some(Box::new(hook)), ..Options::default() });
            let today = world.clock.now().date();
            let stopped = catch_unwind(AssertUnwindSafe(|| worker.device().move_resident(old, new, resident, today))).is_err();
            worker.reopen();
            let lived = (names(&worker, old).len(), names(&worker, new).len());
            let moved = !stopped || at == Step::AfterCommit;
            assert_eq!(lived, if moved { (0, 1) } else { (1, 0) }, "{at:?} {nth}");
            assert!(stopped || counted.load(Ordering::SeqCst) == 1, "one transaction: it commits once");
            worker.settle();
            let lead = world.phone("lead-ncg");
            assert_eq!((names(&lead, old).len(), names(&lead, new).len()), lived);
        }
    }
}

#[test]
fn another_grids_address_stays_out_of_the_record_that_is_left() {
    let world = World::new(4);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let old = registered(&worker, "ncg-1", "401");
    let resident = lives(&worker, old, "李秀英");
    worker.settle();
    lead.settle();
    let new = lead.device().register_household(at("ncg-2", "MARK-ADDRESS")).unwrap().id;
    lead.device().move_resident(old, new, resident, world.clock.now().date()).unwrap();
    lead.settle();
    worker.network.sent();
    worker.settle();
    let left = worker.device().household(old).unwrap().former[0].left.clone().unwrap();
    assert_eq!((left.why, left.to.as_str(), left.household), (Leaving::Moved, "", Some(new)));
    let mark = b"MARK-ADDRESS";
    assert!(worker.network.sent().iter().all(|sent| sent.body.windows(mark.len()).all(|at| at != mark)));
    assert!(worker.device().household(new).is_err());
    assert_eq!(names(&world.phone("w-ncg-2"), new), ["李秀英"]);
}

#[test]
fn a_half_that_the_server_refuses_comes_back_with_its_reason() {
    let world = World::new(5);
    let grids = |grids: &[&str]| {
        world.direct(|directory| {
            let person = directory.people.iter_mut().find(|one| one.id.as_str() == "w-ncg-1").unwrap();
            person.posts[0].grids = grids.iter().map(|grid| grid.parse().unwrap()).collect();
        });
    };
    grids(&["ncg-1", "ncg-2"]);
    let worker = world.phone("w-ncg-1");
    let (old, new) = (registered(&worker, "ncg-1", "401"), registered(&worker, "ncg-2", "501"));
    let resident = lives(&worker, old, "李秀英");
    worker.settle();
    // The second grid is no longer this worker's, which the phone does not know yet.
    grids(&["ncg-1"]);
    worker.device().move_resident(old, new, resident, world.clock.now().date()).unwrap();
    worker.settle();
    let aside = worker.pending().set_aside;
    assert_eq!(aside.iter().map(|one| (one.doc, one.code.as_str())).collect::<Vec<_>>(), [(new, "not_allowed")]);
    let name = "李秀英".as_bytes();
    assert!(aside[0].command.windows(name.len()).any(|at| at == name), "who was to be written down there");
    let lead = world.phone("lead-ncg");
    assert_eq!(names(&lead, new), [""; 0]);
    assert_eq!(lead.device().household(old).unwrap().former[0].left.as_ref().unwrap().household, Some(new));
}

#[test]
fn two_phones_that_move_somebody_apart_agree_in_the_end() {
    let world = World::new(6);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let [old, one, other] = ["401", "402", "403"].map(|door| registered(&worker, "ncg-1", door));
    let resident = lives(&worker, old, "李秀英");
    worker.settle();
    lead.settle();
    let today = world.clock.now().date();
    worker.device().move_resident(old, one, resident, today).unwrap();
    world.minutes(1);
    lead.device().move_resident(old, other, resident, today).unwrap();
    worker.settle();
    lead.settle();
    worker.settle();
    // Both were said, so both stand, until somebody who knows says where they live.
    for phone in [&worker, &lead] {
        assert_eq!((names(phone, old).len(), names(phone, one).len(), names(phone, other).len()), (0, 1, 1));
        let left = phone.device().household(old).unwrap().former[0].left.clone().unwrap();
        assert_eq!(left.household, Some(other), "the later word");
    }
    assert_eq!(worker.pending().counts.set_aside, 0);
}
