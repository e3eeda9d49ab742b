//! A link that drops at any byte costs what came since the last checkpoint, and nothing else.

use doorstep_core::sync::wire::CHECKPOINT_DOCUMENTS;
use doorstep_core::sync::{Outcome, wire};
use doorstep_tests::network::Sent;
use doorstep_tests::{Fault, Weather, World, scenes};

/// Positions tried, spread over the answer.
const CUTS: usize = 24;

#[test]
fn a_pull_cut_at_any_byte_ends_as_if_it_had_not_been() {
    let world = World::new(1);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let cases: Vec<_> = (0..6).map(|number| scenes::report(&worker, &format!("事项 {number}"))).collect();
    worker.settle();
    lead.synced();
    let length = lead.network.sent().last().unwrap().body.len();
    assert!(length > 4_000);
    // Everywhere in the stream, and closely around its beginning: inside lengths, frames, the directory.
    let places = (0..CUTS).map(|n| n * length / CUTS).chain([1, 3, 4, 5, 6, length - 1]);
    for at in places {
        let phone = world.enrolled("lead-ncg");
        phone.network.next([Fault::None, Fault::Cut(at)]); // the token, the pull
        let report = phone.synced();
        assert_eq!(report.documents, 6, "cut at {at}");
        let cut = phone.network.sent().into_iter().find(|sent| sent.fault == Fault::Cut(at)).unwrap();
        assert!(cut.request.path.starts_with(wire::PATH_PULL) && cut.body.len() == at);
        for case in &cases {
            assert_eq!(phone.device().case(*case).unwrap(), worker.device().case(*case).unwrap(), "cut at {at}");
        }
    }
}

#[test]
fn a_long_pull_resumes_at_its_checkpoint_and_not_at_its_beginning() {
    let world = World::new(2);
    let worker = world.phone("w-ncg-1");
    let count = CHECKPOINT_DOCUMENTS + 30;
    for number in 0..count {
        scenes::report(&worker, &format!("事项 {number}"));
    }
    worker.settle();
    let whole = world.enrolled("lead-ncg");
    whole.synced();
    let length = whole.network.sent().last().unwrap().body.len();

    let phone = world.enrolled("lead-ncg");
    // Cut in the second page; then no network at all, and the phone is switched off.
    phone.network.next([Fault::None, Fault::Cut(length - 2_000)]);
    phone.network.weather(Weather::Offline);
    let first = phone.sync();
    assert!(matches!(first.outcome, Outcome::Later { .. }), "{:?}", first.outcome);
    assert_eq!((first.documents, first.checkpoints), (CHECKPOINT_DOCUMENTS as u64, 1));
    assert_eq!(phone.pending().counts.documents, CHECKPOINT_DOCUMENTS as u64, "what was checkpointed can be worked with");
    let mut phone = phone;
    phone.reopen();
    phone.network.clear();
    phone.network.sent();
    let second = phone.synced();
    assert_eq!(second.documents, 30);
    let pulls: Vec<Sent> =
        phone.network.sent().into_iter().filter(|sent| sent.request.path.starts_with(wire::PATH_PULL)).collect();
    assert!(pulls.iter().all(|pull| pull.request.path.contains("cursor=")));
    assert_eq!(phone.pending().counts.documents, count as u64);
}

#[test]
fn a_push_whose_answer_breaks_off_anywhere_is_repeated_and_known() {
    let world = World::new(3);
    for at in [0, 1, 20, 60, 90] {
        let phone = world.phone("w-ncg-1");
        let case = scenes::report(&phone, &format!("断在 {at}"));
        phone.network.next([Fault::Cut(at)]);
        let report = phone.synced();
        assert_eq!((report.verdicts.stored, report.verdicts.known), (0, 1), "cut at {at}");
        assert_eq!(phone.pending().counts.waiting, 0);
        assert!(phone.device().case(case).is_ok());
    }
}

#[test]
fn requests_that_arrive_twice_or_late_change_nothing() {
    let world = World::new(4);
    for (number, fault) in [Fault::TwiceFirst, Fault::TwiceSecond, Fault::Echo, Fault::Slow].into_iter().enumerate() {
        let phone = world.phone("w-ncg-1");
        let before = world.store().holdings().unwrap();
        scenes::report(&phone, &format!("事项 {number}"));
        phone.network.next([fault]);
        phone.synced();
        phone.synced();
        let after = world.store().holdings().unwrap();
        assert_eq!((after.changes - before.changes, after.set_aside), (1, 0), "{fault:?}");
        assert_eq!(phone.pending().counts.waiting, 0, "{fault:?}");
    }
}
