//! A revoked phone still gives what it has, so that it can be wiped and nothing is lost; nobody has it before its event is in
//! the case.

use doorstep_core::device::Decision;
use doorstep_core::environment::Clock as _;
use doorstep_core::id::{Digest, DocId};
use doorstep_core::sync::{Outcome, PATH_ATTACHMENTS};
use doorstep_tests::{Phone, World, forge, scenes};

use super::seen::{path, piece};
use super::{attach, bytes, carry, digest, done, fetch, recording};

fn revoke(world: &World, phone: &Phone) {
    let device = phone.device().enrolled().unwrap().device;
    assert!(world.store().revoke_device(device, world.clock.now()).unwrap());
}

/// What a lead decides on everything that waits: each adopted, or each dismissed.
fn decide(lead: &Phone, adopt: bool) -> usize {
    let waiting = lead.device().review(lead.network.as_ref(), vec![]).unwrap().aside;
    let decisions: Vec<Decision> = waiting.iter().map(|one| Decision { n: one.n, adopt, why: "已核对".into() }).collect();
    let answer = lead.device().review(lead.network.as_ref(), decisions).unwrap();
    assert!(answer.decided.iter().all(|one| one.code.is_empty()), "{:?}", answer.decided);
    answer.decided.len()
}

/// A revoked worker's phone: a case that is through, or all of it unsent, with a recording that is nowhere else.
fn revoked_with_a_recording(seed: u64, through: bool) -> (World, Phone, Phone, DocId, Vec<u8>, Digest) {
    let world = World::new(seed);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "一件事");
    let recording = recording(1, 300_000);
    let digest = attach(&worker, case, &recording);
    if through {
        worker.settle();
        lead.settle();
    }
    revoke(&world, &worker);
    (world, worker, lead, case, recording, digest)
}

#[test]
fn a_recording_whose_event_was_through_arrives_and_then_the_phone_is_wiped() {
    let (_world, worker, lead, case, recording, digest) = revoked_with_a_recording(1, true);
    assert_eq!(worker.sync().outcome, Outcome::Revoked);
    assert!(!worker.device().wipe_ordered(), "it is nowhere else yet");
    done(&carry(&worker));
    assert_eq!(worker.sync().outcome, Outcome::Revoked);
    assert!(worker.device().wipe_ordered());
    done(&fetch(&lead, case, &digest));
    assert_eq!(bytes(&lead, &digest), Some(recording));
}

#[test]
fn a_recording_whose_event_is_kept_aside_can_be_had_once_a_lead_has_taken_that_in() {
    let (_world, worker, lead, case, recording, digest) = revoked_with_a_recording(2, false);
    // Before its text is with the server, the server knows of no such attachment.
    assert!(matches!(lead.device().case(case), Err(doorstep_core::device::DeviceError::NotFound)));
    assert_eq!(worker.sync().outcome, Outcome::Revoked);
    assert!(!worker.device().wipe_ordered());
    done(&carry(&worker));
    assert_eq!(worker.sync().outcome, Outcome::Revoked);
    assert!(worker.device().wipe_ordered());
    let asked = forge::get(&lead, &path(case, &digest), &forge::token(&lead));
    assert_eq!((asked.status, asked.code()), (404, "attachment_unknown".into()));
    assert_eq!(decide(&lead, true), 2);
    lead.settle();
    done(&fetch(&lead, case, &digest));
    assert_eq!(bytes(&lead, &digest), Some(recording));
}

#[test]
fn what_a_lead_dismisses_nobody_ever_has() {
    let (_world, worker, lead, case, _, digest) = revoked_with_a_recording(3, false);
    worker.sync();
    done(&carry(&worker));
    assert_eq!(decide(&lead, false), 2);
    lead.settle();
    let asked = forge::get(&lead, &path(case, &digest), &forge::token(&lead));
    assert_eq!((asked.status, asked.code()), (404, "attachment_unknown".into()));
}

#[test]
fn what_policy_would_not_take_is_kept_of_a_revoked_phone_for_it_may_be_the_only_one() {
    let (world, worker, lead, case, _, digest) = revoked_with_a_recording(4, true);
    world.direct(|directory| directory.policy.attachment_kib.retain(|media, _| media != "audio/ogg"));
    // Refused while it was not known to be revoked, or by an older server.
    worker.sync();
    done(&carry(&worker));
    worker.sync();
    assert!(worker.device().wipe_ordered());
    lead.settle();
    done(&fetch(&lead, case, &digest));
}

#[test]
fn a_revoked_phone_is_given_nothing_and_sends_nothing_that_its_person_did_not_name() {
    let world = World::new(5);
    let (worker, other) = (world.phone("w-ncg-1"), world.phone("w-ncg-2"));
    let place = scenes::place_in("nanchenggen", "ncg-2");
    let case = other.device().report(doorstep_core::case::Reported { place, ..scenes::reported("别人的") }).unwrap().id;
    let secret = recording(5, 4_000);
    let name = attach(&other, case, &secret);
    other.settle();
    done(&carry(&other));
    let own = scenes::report(&worker, "自己的");
    let mine = attach(&worker, own, &recording(6, 4_000));
    worker.settle();
    let token = forge::token(&worker);
    revoke(&world, &worker);
    for (case, digest) in [(own, mine), (case, name)] {
        assert_eq!(forge::get(&worker, &path(case, &digest), &token).status, 401, "its token went with it");
    }
    assert_eq!(piece(&worker, case, &name, 4_000, 0, &secret).code(), "attachment_unknown");
    assert_eq!(piece(&worker, own, &digest(b"other"), 5, 0, b"other").code(), "attachment_unknown");
    let nowhere = format!("{PATH_ATTACHMENTS}/{}/{mine}", DocId::from_bytes([9; 16]));
    assert_eq!(forge::get(&worker, &nowhere, &token).status, 401);
    assert_eq!(piece(&worker, own, &mine, 4_000, 0, &recording(7, 4_000)).code(), "attachment_hash");
    assert!(bytes(&worker, &mine).is_some(), "what it has stays on it");
}
