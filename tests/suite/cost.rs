//! A sync costs what changed, not what exists: counted in requests, documents, and bytes of documents.

use doorstep_core::sync::wire::{CHECKPOINT_DOCUMENTS, PATH_NONCE, PATH_PULL, PATH_PUSH, PATH_TOKEN};
use doorstep_tests::network::Sent;
use doorstep_tests::{World, scenes};

fn whats(sent: &[Sent]) -> Vec<String> {
    sent.iter().map(Sent::what).collect()
}

fn get(path: &str) -> String {
    format!("GET {path}")
}

fn post(path: &str) -> String {
    format!("POST {path}")
}

#[test]
fn the_first_sync_costs_a_token_and_one_pull_because_enrolment_left_a_nonce() {
    let world = World::new(1);
    let phone = world.enrolled("w-ncg-1");
    phone.synced();
    assert_eq!(whats(&phone.network.sent()), [post(PATH_TOKEN), get(PATH_PULL)]);
}

#[test]
fn a_sync_with_work_costs_one_push_and_one_pull() {
    let world = World::new(2);
    world.phone("lead-ncg");
    let phone = world.enrolled("w-ncg-1");
    // The directory comes with the first pull, so a phone that never pulled can't have work yet: it pulls, then works.
    phone.synced();
    phone.network.sent();
    for number in 0..7 {
        scenes::report(&phone, &format!("事项 {number}"));
    }
    let report = phone.synced();
    assert_eq!(whats(&phone.network.sent()), [post(PATH_PUSH), get(PATH_PULL)]);
    assert_eq!((report.requests, report.verdicts.stored), (2, 7));
}

#[test]
fn one_push_and_one_pull_whatever_the_number_of_documents() {
    let world = World::new(3);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    for count in [1, 10, CHECKPOINT_DOCUMENTS + 20] {
        for number in 0..count {
            scenes::report(&worker, &format!("事项 {number}"));
        }
        worker.network.sent();
        lead.network.sent();
        let pushed = worker.synced();
        let sent = worker.network.sent();
        assert_eq!(whats(&sent), [post(PATH_PUSH), get(PATH_PULL)], "{count} documents up");
        assert_eq!(pushed.verdicts.stored, count as u64);
        let pulled = lead.synced();
        assert_eq!(whats(&lead.network.sent()), [get(PATH_PULL)], "{count} documents down");
        assert_eq!(pulled.documents, count as u64);
    }
}

#[test]
fn a_sync_with_nothing_new_is_one_request_and_touches_no_document_on_either_side() {
    let world = World::new(4);
    let phone = world.phone("w-ncg-1");
    for number in 0..30 {
        scenes::report(&phone, &format!("事项 {number}"));
    }
    phone.settle();
    phone.network.sent();
    let before = world.store().counters();
    let report = phone.synced();
    assert_eq!(whats(&phone.network.sent()), [get(PATH_PULL)]);
    assert_eq!((report.documents, report.changes, report.forgotten, report.directory), (0, 0, 0, None));
    assert!(report.plain.down < 400, "a checkpoint and nothing else: {} bytes", report.plain.down);
    assert_eq!(world.store().counters(), before, "the server read no document and wrote nothing");
}

#[test]
fn a_large_push_after_a_long_pause_first_asks_for_a_nonce_so_that_its_body_is_not_sent_in_vain() {
    let world = World::new(7);
    let phone = world.phone("w-ncg-1");
    for number in 0..CHECKPOINT_DOCUMENTS {
        scenes::report(&phone, &format!("事项 {number}"));
    }
    world.minutes(60);
    phone.synced();
    assert_eq!(whats(&phone.network.sent()), [get(PATH_NONCE), post(PATH_PUSH), get(PATH_PULL)]);
}

#[test]
fn a_changed_document_costs_its_change_and_not_the_others() {
    let world = World::new(5);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let cases: Vec<_> = (0..40).map(|number| scenes::report(&worker, &format!("事项 {number}"))).collect();
    worker.settle();
    lead.settle();
    worker.device().run(cases[7], &scenes::note("一句话")).unwrap();
    worker.synced();
    let before = world.store().counters().documents_read;
    let report = lead.synced();
    assert_eq!((report.documents, report.changes), (0, 1));
    assert!(report.plain.down < 2_500, "{} bytes for one note", report.plain.down);
    assert_eq!(world.store().counters().documents_read - before, 1);
}

#[test]
fn a_quarter_of_an_hour_later_a_pull_costs_one_fresh_token_more() {
    let world = World::new(6);
    let phone = world.phone("w-ncg-1");
    phone.settle();
    phone.network.sent();
    world.minutes(16);
    phone.synced();
    // The old token, the old nonce: each is refused once, each refusal carries what the next request needs.
    let sent = phone.network.sent();
    assert!(sent.len() <= 4, "{:?}", whats(&sent));
    assert_eq!(sent.last().map(Sent::what), Some(get(PATH_PULL)));
}
