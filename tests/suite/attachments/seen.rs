//! Who may send one and who may have one; what is not what it says is seen by nobody.

use doorstep_core::case::Command;
use doorstep_core::device::Upload;
use doorstep_core::environment::Clock as _;
use doorstep_core::id::{Digest, DocId};
use doorstep_core::sync::wire::VERSION;
use doorstep_core::sync::{AttachmentAnswer, AttachmentRequest, PATH_ATTACHMENTS};
use doorstep_tests::{Phone, World, forge, scenes};
use serde_bytes::ByteBuf;

use super::{Changed, attach, bytes, carry, digest, done, fetch, recording, upload};

pub(super) fn path(case: DocId, digest: &Digest) -> String {
    format!("{PATH_ATTACHMENTS}/{case}/{digest}")
}

/// Sends a piece by hand, signed.
pub(super) fn piece(phone: &Phone, case: DocId, digest: &Digest, length: u64, offset: u64, bytes: &[u8]) -> forge::Answer {
    let request = AttachmentRequest { version: VERSION, length, offset, bytes: ByteBuf::from(bytes.to_vec()) };
    let body = minicbor_serde::to_vec(&request).unwrap();
    forge::send(phone, &forge::signed(phone, &path(case, digest), body, &forge::nonce(phone))).unwrap()
}

pub(super) fn told(answer: &forge::Answer) -> AttachmentAnswer {
    assert_eq!(answer.status, 200, "{}", answer.code());
    minicbor_serde::from_slice(&answer.body).unwrap()
}

/// Names an attachment whose bytes nobody captured.
pub(super) fn name(phone: &Phone, case: DocId, digest: Digest, media: &str, length: u64) {
    let (media, caption) = (media.to_owned(), "现场".to_owned());
    phone.device().run(case, &Command::Attach { digest, media, length, caption, preview: None }).unwrap();
    phone.settle();
}

#[test]
fn whoever_does_not_see_the_case_can_not_tell_whether_there_is_an_attachment() {
    let world = World::new(1);
    let (worker, other) = (world.phone("w-ncg-1"), world.phone("w-ncg-2"));
    let case = scenes::report(&worker, "一件事");
    let recording = recording(1, 100_000);
    let name = attach(&worker, case, &recording);
    worker.settle();
    done(&carry(&worker));
    let token = forge::token(&other);
    let nothing = forge::get(&other, &path(case, &digest(b"nothing")), &token);
    for path in [path(case, &name), path(DocId::from_bytes([9; 16]), &name)] {
        let answer = forge::get(&other, &path, &token);
        assert_eq!((answer.status, answer.code(), &answer.body), (404, "attachment_unknown".to_owned(), &nothing.body));
    }
    let sent = piece(&other, case, &name, 100_000, 0, &recording[..1_000]);
    assert_eq!((sent.status, sent.code(), &sent.body), (404, "attachment_unknown".to_owned(), &nothing.body));
    assert_eq!(fetch(&other, case, &name).refused, [(name, "attachment_unknown".to_owned())]);
    assert_eq!(bytes(&other, &name), None);
    assert_eq!(forge::get(&worker, &path(case, &digest(b"nothing")), &forge::token(&worker)).code(), "attachment_unknown");
}

#[test]
fn who_may_look_but_not_attach_may_not_send() {
    let world = World::new(2);
    let worker = world.phone("w-ncg-1");
    let supervisor = doorstep_server::admin::sample().unwrap();
    let supervisor = supervisor
        .people
        .iter()
        .find(|person| person.posts().any(|post| post.role == doorstep_core::people::Role::Supervisor))
        .unwrap();
    let watcher = world.phone(supervisor.id.as_str());
    let case = scenes::report(&worker, "一件事");
    let recording = recording(2, 10_000);
    let name = attach(&worker, case, &recording);
    worker.settle();
    assert_eq!(piece(&watcher, case, &name, 10_000, 0, &recording).code(), "attachment_unknown");
    done(&carry(&worker));
    watcher.settle();
    done(&fetch(&watcher, case, &name));
    assert_eq!(bytes(&watcher, &name), Some(recording));
}

#[test]
fn bytes_of_another_digest_are_never_seen_and_the_right_ones_are_taken_after_them() {
    let world = World::new(3);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "一件事");
    let recording = recording(3, 10_000);
    let right = attach(&worker, case, &recording);
    worker.settle();
    lead.settle();
    let mut other = recording.clone();
    other[5_000] ^= 1;
    let answer = piece(&lead, case, &right, 10_000, 0, &other);
    assert_eq!((answer.status, answer.code()), (422, "attachment_hash".to_owned()));
    assert_eq!(fetch(&lead, case, &right).refused, [(right, "attachment_absent".to_owned())]);
    done(&carry(&worker));
    done(&fetch(&lead, case, &right));
    assert_eq!(bytes(&lead, &right), Some(recording));
}

#[test]
fn another_length_another_kind_or_too_much_is_refused_with_its_code() {
    let world = World::new(4);
    let worker = world.phone("w-ncg-1");
    let case = scenes::report(&worker, "一件事");
    let page = b"<html>not a photo</html>";
    name(&worker, case, digest(page), "image/jpeg", page.len() as u64);
    assert_eq!(piece(&worker, case, &digest(page), 9, 0, &page[..9]).code(), "attachment_length");
    assert_eq!(piece(&worker, case, &digest(page), 24, 0, &[0; 30]).code(), "attachment_length");
    assert_eq!(piece(&worker, case, &digest(page), 24, 0, page).code(), "attachment_type");
    name(&worker, case, digest(b"page"), "text/html", 4);
    assert_eq!(piece(&worker, case, &digest(b"page"), 4, 0, b"page").code(), "attachment_type");
    name(&worker, case, digest(b"film"), "video/mp4", 1 << 40);
    let film = piece(&worker, case, &digest(b"film"), 1 << 40, 0, b"film");
    assert_eq!((film.status, film.code()), (413, "attachment_too_large".to_owned()));
    let piece = piece(&worker, case, &digest(page), 24, 0, &vec![0; (256 << 10) + 1]);
    assert_eq!((piece.status, piece.code()), (413, "body_too_large".to_owned()));
}

#[test]
fn the_servers_count_is_the_one_that_counts() {
    let world = World::new(5);
    let worker = world.phone("w-ncg-1");
    let case = scenes::report(&worker, "一件事");
    let recording = recording(5, 10_000);
    let right = attach(&worker, case, &recording);
    worker.settle();
    let ask = |offset: u64, bytes: &[u8]| told(&piece(&worker, case, &right, 10_000, offset, bytes));
    assert_eq!(ask(9_000, &recording[9_000..]), AttachmentAnswer { received: 0, stored: false });
    assert_eq!(ask(0, &recording[..4_000]), AttachmentAnswer { received: 4_000, stored: false });
    assert_eq!(ask(0, &recording[..4_000]), AttachmentAnswer { received: 4_000, stored: false });
    assert_eq!(ask(3_999, &recording[3_999..]), AttachmentAnswer { received: 4_000, stored: false });
    assert_eq!(ask(u64::MAX, &recording[4_000..]), AttachmentAnswer { received: 4_000, stored: false });
    assert_eq!(ask(4_000, &recording[4_000..]), AttachmentAnswer { received: 10_000, stored: true });
    assert_eq!(ask(0, &[]), AttachmentAnswer { received: 10_000, stored: true });
}

#[test]
fn a_path_in_the_place_of_a_digest_names_nothing() {
    let world = World::new(6);
    let worker = world.phone("w-ncg-1");
    let case = scenes::report(&worker, "一件事");
    worker.settle();
    let token = forge::token(&worker);
    for trick in ["..%2F..%2Fdoorstep.db", "%2e%2e", "AB", &"g".repeat(64), &format!("{}%00", "a".repeat(64))] {
        let answer = forge::get(&worker, &format!("{PATH_ATTACHMENTS}/{case}/{trick}"), &token);
        assert_eq!((answer.status, answer.code()), (404, "attachment_unknown".to_owned()), "{trick}");
    }
}

#[test]
fn what_was_changed_on_its_way_down_is_thrown_away_and_comes_again() {
    let world = World::new(7);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "一件事");
    let recording = recording(7, 100_000);
    let name = attach(&worker, case, &recording);
    worker.settle();
    done(&carry(&worker));
    lead.settle();
    let changed = Changed(lead.network.as_ref(), |bytes| {
        if let Some(byte) = bytes.last_mut() {
            *byte ^= 1;
        }
    });
    let report = lead.device().fetch_attachment(&changed, case, &name).unwrap();
    assert_eq!(report.refused, [(name, "attachment_hash".to_owned())]);
    assert_eq!(bytes(&lead, &name), None);
    done(&fetch(&lead, case, &name));
    assert_eq!(bytes(&lead, &name), Some(recording));
}

#[test]
fn what_policy_no_longer_takes_stays_on_the_phone_with_its_code_and_goes_once_it_does() {
    let world = World::new(8);
    let worker = world.phone("w-ncg-1");
    let case = scenes::report(&worker, "一件事");
    let recording = recording(8, 100_000);
    let name = attach(&worker, case, &recording);
    worker.settle();
    world.direct(|directory| directory.policy.attachment_kib.retain(|media, _| media != "audio/ogg"));
    done(&carry(&worker));
    assert_eq!(upload(&worker, case), Upload::Refused { code: "attachment_type".into() });
    let counts = worker.pending().attachments;
    assert_eq!((counts.waiting, counts.refused), (0, 1));
    let unsent = worker.device().unsent_attachments().unwrap();
    assert!(unsent[0].refused && unsent[0].words.as_ref().unwrap().ends_with('。'), "{unsent:?}");
    assert_eq!(bytes(&worker, &name), Some(recording));
    world.direct(|directory| directory.policy = doorstep_core::directory::Policy::default());
    assert!(worker.device().retry_attachment(&name).unwrap());
    done(&carry(&worker));
    assert_eq!(upload(&worker, case), Upload::Stored);
}

#[test]
fn who_only_looks_is_told_that_a_restored_server_has_it_and_keeps_nothing_waiting() {
    let world = World::new(20);
    let (worker, watcher) = (world.phone("w-ncg-1"), world.phone("supervisor"));
    let case = scenes::report(&worker, "一件事");
    let name = attach(&worker, case, &recording(20, 10_000));
    worker.settle();
    done(&carry(&worker));
    watcher.settle();
    done(&fetch(&watcher, case, &name));
    let store = world.store();
    let (epoch, now) = (store.epoch().unwrap(), world.clock.now());
    assert!(store.begin_epoch(epoch, doorstep_server::audit::Who::Operator, &world.chance, now).unwrap());
    watcher.settle();
    assert_eq!(watcher.pending().attachments.waiting, 1, "it may be the only one who has it");
    done(&carry(&watcher));
    assert_eq!(watcher.pending().attachments.waiting, 0);
}
