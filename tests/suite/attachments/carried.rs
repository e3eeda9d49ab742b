//! On its way: after the text, small ones first, from where it was cut, nothing twice.

use doorstep_core::device::{Link, SyncOutcome, Upload};
use doorstep_tests::{Fault, Weather, World, scenes};

use super::{attach, bytes, carried, carry, digest, done, fetch, recording, upload};

/// Three pieces and a bit.
const LONG: usize = 3 * (256 << 10) + 1_000;

#[test]
fn a_case_goes_without_its_photo_and_the_photo_follows() {
    let world = World::new(1);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "一件事");
    let recording = recording(1, LONG);
    let name = attach(&worker, case, &recording);
    worker.settle();
    lead.settle();
    let seen = lead.device().attachments(case).unwrap();
    assert_eq!((seen[0].digest, seen[0].length, seen[0].here), (name, LONG as u64, false));
    lead.device().run(case, &scenes::note("不等照片")).unwrap();
    lead.settle();
    let absent = fetch(&lead, case, &name);
    assert_eq!(absent.refused, [(name, "attachment_absent".to_owned())]);
    done(&carry(&worker));
    assert_eq!(upload(&worker, case), Upload::Stored);
    done(&fetch(&lead, case, &name));
    assert_eq!(bytes(&lead, &name), Some(recording));
}

#[test]
fn before_its_case_is_through_an_attachment_is_not_even_tried() {
    let world = World::new(2);
    let worker = world.phone("w-ncg-1");
    let case = scenes::report(&worker, "一件事");
    attach(&worker, case, &recording(2, 9_000));
    worker.network.sent();
    done(&carry(&worker));
    assert_eq!(worker.network.sent().len(), 0);
    assert!(matches!(upload(&worker, case), Upload::Waiting { .. }));
    worker.settle();
    done(&carry(&worker));
    assert_eq!(upload(&worker, case), Upload::Stored);
}

#[test]
fn small_ones_go_first_and_on_a_metered_link_large_ones_wait_unless_told() {
    let world = World::new(3);
    let worker = world.phone("w-ncg-1");
    let case = scenes::report(&worker, "一件事");
    let (long, short) = (recording(3, LONG), recording(4, 60_000));
    attach(&worker, case, &long);
    attach(&worker, case, &short);
    worker.settle();
    let metered = worker.device().sync_attachments(worker.network.as_ref(), Link::Metered).unwrap();
    assert_eq!((metered.stored, worker.pending().attachments.waiting), (1, 1));
    let unsent = worker.device().unsent_attachments().unwrap();
    assert_eq!(unsent[0].digest, digest(&long), "the small one went");
    let third = recording(5, 300_000);
    attach(&worker, case, &third);
    worker.settle();
    worker.network.sent();
    assert_eq!(carry(&worker).stored, 2);
    let sent = worker.network.sent();
    let asked: Vec<&str> = sent.iter().filter_map(|sent| sent.request.path.rsplit('/').next()).collect();
    let first = |name: String| asked.iter().position(|path| **path == name).unwrap();
    assert!(first(digest(&third).to_string()) < first(digest(&long).to_string()));
}

#[test]
fn cut_at_every_request_it_goes_on_and_nothing_that_arrived_goes_again() {
    // The question, three whole pieces and the last one; the other faults where most is under way.
    let lost = (0..5).map(|at| (Fault::AnswerLost, at));
    for (fault, at) in lost.chain([(Fault::Killed, 2), (Fault::Killed, 4), (Fault::TwiceSecond, 2), (Fault::Echo, 3)]) {
        let world = World::new(4);
        let worker = world.phone("w-ncg-1");
        let case = scenes::report(&worker, "一件事");
        let recording = recording(6, LONG);
        let name = attach(&worker, case, &recording);
        worker.settle();
        worker.network.sent();
        worker.network.next((0..at).map(|_| Fault::None).chain([fault]));
        done(&carry(&worker));
        assert_eq!(upload(&worker, case), Upload::Stored, "{fault:?} at {at}");
        assert_eq!(carried(&worker), LONG as u64, "{fault:?} at {at}");
        let lead = world.phone("lead-ncg");
        done(&fetch(&lead, case, &name));
        assert_eq!(bytes(&lead, &name), Some(recording.clone()), "{fault:?} at {at}");
    }
}

#[test]
fn given_up_in_the_middle_it_goes_on_another_day_where_it_was() {
    let world = World::new(5);
    let mut worker = world.phone("w-ncg-1");
    let case = scenes::report(&worker, "一件事");
    attach(&worker, case, &recording(7, LONG));
    worker.settle();
    worker.network.sent();
    // The question, two pieces, then nothing more for a long while.
    worker.network.next([Fault::None, Fault::None, Fault::None].into_iter().chain((0..20).map(|_| Fault::Lost)));
    let report = carry(&worker);
    assert!(matches!(report.outcome, SyncOutcome::Later { .. }), "{report:?}");
    worker.network.clear();
    let went: u64 = 2 * (256 << 10);
    assert!(matches!(upload(&worker, case), Upload::Waiting { sent, .. } if sent == went), "{:?}", upload(&worker, case));
    worker.network.sent();
    world.server.kill();
    world.server.start();
    worker.reopen();
    world.days(2);
    done(&carry(&worker));
    assert_eq!(carried(&worker), LONG as u64 - went);
    assert_eq!(upload(&worker, case), Upload::Stored);
}

#[test]
fn a_download_cut_anywhere_goes_on_behind_what_came() {
    for cut in [0, 1_000, 70_000, 400_000, LONG - 1] {
        let world = World::new(6);
        let (worker, mut lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
        let case = scenes::report(&worker, "一件事");
        let recording = recording(8, LONG);
        let name = attach(&worker, case, &recording);
        worker.settle();
        done(&carry(&worker));
        lead.settle();
        lead.network.next([Fault::Cut(cut)].into_iter().chain((0..20).map(|_| Fault::Lost)));
        let report = fetch(&lead, case, &name);
        assert!(matches!(report.outcome, SyncOutcome::Later { .. }), "{report:?}");
        lead.network.clear();
        lead.reopen();
        let again = fetch(&lead, case, &name);
        done(&again);
        let kept = (cut / (64 << 10) * (64 << 10)) as u64;
        assert_eq!(again.bytes.down, LONG as u64 - kept, "cut at {cut}");
        assert_eq!(bytes(&lead, &name), Some(recording));
        lead.network.weather(Weather::Offline);
        done(&fetch(&lead, case, &name));
    }
}

#[test]
fn through_a_storm_everything_arrives() {
    let world = World::new(7);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "一件事");
    let names: Vec<_> = (0..5).map(|n| attach(&worker, case, &recording(20 + n, 200_000 + usize::from(n)))).collect();
    worker.settle();
    worker.network.weather(Weather::Stormy(30));
    for _ in 0..50 {
        carry(&worker);
    }
    worker.network.clear();
    done(&carry(&worker));
    lead.settle();
    for name in names {
        done(&fetch(&lead, case, &name));
        assert!(bytes(&lead, &name).is_some());
    }
    assert_eq!(worker.pending().attachments, doorstep_core::device::AttachmentCounts::default());
}

#[test]
fn a_restored_server_gets_back_what_it_lost() {
    let world = World::new(8);
    let worker = world.phone("w-ncg-1");
    let case = scenes::report(&worker, "一件事");
    worker.settle();
    let backup = world.dir().join("backup");
    world.server.copy_files(&backup);
    let recording = recording(9, 100_000);
    let name = attach(&worker, case, &recording);
    worker.settle();
    done(&carry(&worker));
    world.server.put_back(&backup);
    assert!(!world.store().dir().join("blobs").exists(), "the backup is from before");
    worker.settle();
    done(&carry(&worker));
    assert_eq!(upload(&worker, case), Upload::Stored);
    let lead = world.phone("lead-ncg");
    done(&fetch(&lead, case, &name));
    assert_eq!(bytes(&lead, &name), Some(recording));
}

#[test]
fn a_server_without_its_folder_of_blobs_asks_for_them_again() {
    let world = World::new(9);
    let worker = world.phone("w-ncg-1");
    let case = scenes::report(&worker, "一件事");
    let recording = recording(10, 100_000);
    let name = attach(&worker, case, &recording);
    worker.settle();
    done(&carry(&worker));
    std::fs::remove_dir_all(world.store().dir().join("blobs")).unwrap();
    let other = world.phone("w-ncg-1");
    assert_eq!(fetch(&other, case, &name).refused, [(name, "attachment_missing".to_owned())]);
    // The same photo, attached to another case, goes again: what the row says is held against the folder.
    let again = scenes::report(&other, "另一件事");
    attach(&other, again, &recording);
    other.settle();
    done(&carry(&other));
    let lead = world.phone("lead-ncg");
    done(&fetch(&lead, case, &name));
    assert_eq!(bytes(&lead, &name), Some(recording));
    assert!(world.store().dir().join("blobs").exists());
}
