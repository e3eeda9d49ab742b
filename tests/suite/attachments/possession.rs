//! Knowing a digest is not having the bytes: an attachment can be had under a case only once somebody sent it for that case.

use doorstep_core::device::Upload;
use doorstep_core::id::{Digest, DocId};
use doorstep_core::sync::AttachmentAnswer;
use doorstep_server::ingest::record_possession;
use doorstep_tests::{Phone, World, forge, scenes};

use super::seen::{name, path, piece, told};
use super::{attach, bytes, carried, carry, digest, done, fetch, recording, upload};

/// What the server answers to who asks for it under this case.
fn given(phone: &Phone, case: DocId, digest: &Digest) -> (u16, String) {
    let answer = forge::get(phone, &path(case, digest), &forge::token(phone));
    (answer.status, answer.code())
}

fn absent() -> (u16, String) {
    (404, "attachment_absent".into())
}

/// A worker's recording on the server, and another worker in another grid who knows its digest.
fn secret(world: &World) -> (Phone, Phone, DocId, Vec<u8>, Digest) {
    let (worker, other) = (world.phone("w-ncg-1"), world.phone("w-ncg-2"));
    let case = scenes::report(&worker, "一件事");
    let recording = recording(1, 300_000);
    let digest = attach(&worker, case, &recording);
    worker.settle();
    done(&carry(&worker));
    (worker, other, case, recording, digest)
}

/// A case in the other worker's own grid.
fn own_case(phone: &Phone, title: &str) -> DocId {
    let place = scenes::place_in("nanchenggen", "ncg-2");
    phone.device().report(doorstep_core::case::Reported { place, ..scenes::reported(title) }).unwrap().id
}

#[test]
fn naming_a_digest_in_a_case_of_ones_own_gives_nobody_its_bytes() {
    let world = World::new(1);
    let (_, other, _, recording, secret) = secret(&world);
    let own = own_case(&other, "自己的");
    name(&other, own, secret, "audio/ogg", recording.len() as u64);
    assert_eq!(given(&other, own, &secret), absent());
    // Asking how far it is tells nothing either: it is answered as one that the server never heard of.
    let nothing = digest(b"nothing");
    name(&other, own, nothing, "audio/ogg", recording.len() as u64);
    let length = recording.len() as u64;
    let asked = [secret, nothing].map(|digest| told(&piece(&other, own, &digest, length, 0, &[])));
    assert_eq!(asked, [const { AttachmentAnswer { received: 0, stored: false } }; 2]);
    // Nor do other bytes in their place.
    let mut forged = recording.clone();
    forged[7] ^= 1;
    told(&piece(&other, own, &secret, length, 0, &forged[..256 << 10]));
    assert_eq!(piece(&other, own, &secret, length, 256 << 10, &forged[256 << 10..]).code(), "attachment_hash");
    assert_eq!(given(&other, own, &secret), absent());
    assert_eq!(fetch(&other, own, &secret).refused, [(secret, "attachment_absent".to_owned())]);
}

#[test]
fn who_has_the_bytes_sends_them_once_more_for_a_case_of_their_own() {
    let world = World::new(2);
    let (_, other, _, recording, digest) = secret(&world);
    let own = own_case(&other, "自己的");
    assert_eq!(attach(&other, own, &recording), digest);
    other.settle();
    other.network.sent();
    done(&carry(&other));
    assert_eq!((carried(&other), upload(&other, own)), (recording.len() as u64, Upload::Stored));
    assert_eq!(given(&other, own, &digest).0, 206);
    let lead = world.phone("lead-ncg");
    done(&fetch(&lead, own, &digest));
    assert_eq!(bytes(&lead, &digest), Some(recording));
}

#[test]
fn a_phone_that_sent_it_once_names_it_in_its_next_case_for_a_question() {
    let world = World::new(3);
    let (worker, _, first, recording, digest) = secret(&world);
    let second = scenes::report(&worker, "另一件事");
    attach(&worker, second, &recording);
    assert!(matches!(upload(&worker, second), Upload::Waiting { .. }), "the server does not know of this case yet");
    worker.settle();
    worker.network.sent();
    done(&carry(&worker));
    assert_eq!((carried(&worker), upload(&worker, second)), (0, Upload::Stored));
    assert_eq!(worker.pending().attachments, doorstep_core::device::AttachmentCounts::default());
    for case in [first, second] {
        let lead = world.phone("lead-ncg");
        done(&fetch(&lead, case, &digest));
        assert_eq!(bytes(&lead, &digest), Some(recording.clone()));
    }
}

#[test]
fn one_recording_of_two_cases_that_go_together_can_be_had_under_both() {
    let world = World::new(4);
    let worker = world.phone("w-ncg-1");
    let recording = recording(4, 5_000);
    let cases = ["甲", "乙"].map(|title| {
        let case = scenes::report(&worker, title);
        attach(&worker, case, &recording);
        case
    });
    worker.settle();
    worker.network.sent();
    done(&carry(&worker));
    assert_eq!(carried(&worker), 5_000, "once");
    for case in cases {
        assert_eq!(given(&worker, case, &digest(&recording)).0, 206);
    }
}

#[test]
fn a_transferred_case_has_its_attachments_for_who_sees_it_now() {
    let world = World::new(5);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "一件事");
    let recording = recording(5, 5_000);
    let digest = attach(&worker, case, &recording);
    worker.settle();
    done(&carry(&worker));
    lead.settle();
    lead.device().run(case, &scenes::transfer()).unwrap();
    lead.settle();
    let contact = world.phone("contact-telecom");
    done(&fetch(&contact, case, &digest));
    assert_eq!(bytes(&contact, &digest), Some(recording));
}

#[test]
fn what_an_older_version_took_is_given_back_to_the_cases_it_can_have_come_for_and_to_no_other() {
    let world = World::new(6);
    let (worker, other, case, recording, secret) = secret(&world);
    let second = scenes::report(&worker, "同一个人的另一件");
    attach(&worker, second, &recording);
    worker.settle();
    done(&carry(&worker));
    let own = own_case(&other, "自己的");
    name(&other, own, secret, "audio/ogg", recording.len() as u64);
    // Sent by the lead's phone, named by the worker alone: there is no other case that it can have come for.
    let single = super::recording(7, 4_000);
    name(&worker, case, digest(&single), "audio/ogg", 4_000);
    let lead = world.phone("lead-ncg");
    told(&piece(&lead, case, &digest(&single), 4_000, 0, &single));
    // As the version before left it.
    let file = rusqlite::Connection::open(world.server.file()).unwrap();
    let written_down = file.execute("DELETE FROM attachment_of", []).unwrap();
    file.execute("INSERT INTO meta (key, value) VALUES ('pairs_unrecorded', x'01')", []).unwrap();
    drop(file);
    assert_eq!(given(&worker, case, &secret), absent());
    assert_eq!(record_possession(&world.store()).unwrap(), written_down);
    assert_eq!(record_possession(&world.store()).unwrap(), 0, "once");
    for (case, digest) in [(case, secret), (second, secret), (case, digest(&single))] {
        assert_eq!(given(&worker, case, &digest).0, 206);
    }
    assert_eq!(given(&other, own, &secret), absent());
}
