//! What is sealed gets a receipt of the server's log, and the next seal carries what the log said.

use doorstep_core::agreement::{Anchors, Bundle, Checkpoint, DeviceCertificate, Signed, verify, verify_with};
use doorstep_core::device::Terms;
use doorstep_core::environment::{Clock as _, Signer as _};
use doorstep_tests::scenes::{self, sealed, sign_all};
use doorstep_tests::{Phone, World};

fn codes(bytes: &[u8], anchors: &Anchors) -> Vec<&'static str> {
    let report = verify_with(bytes, anchors);
    assert!(report.holds(), "{:?}", report.findings().collect::<Vec<_>>());
    report.findings().map(doorstep_core::agreement::Finding::code).collect()
}

fn evidence(phone: &Phone) -> doorstep_core::device::EvidenceReport {
    phone.device().sync_evidence(phone.network.as_ref()).unwrap()
}

#[test]
fn an_agreement_sealed_offline_is_registered_when_it_arrives_and_its_file_proves_it() {
    let world = World::new(21);
    let worker = world.phone("w-ncg-1");
    let (_, agreement) = sealed(&world, &worker);
    let anchors = world.store().anchors().unwrap().unwrap();
    assert_eq!(
        codes(&agreement.bytes, &anchors),
        ["not_registered", "not_stamped"],
        "its device was certified when it enrolled"
    );
    world.minutes(3);
    worker.synced();
    assert_eq!(evidence(&worker).receipts, 1);
    let file = worker.device().agreement_file(&agreement.bundle).unwrap().unwrap();
    assert_eq!(codes(&file, &anchors), ["not_stamped"]);
    let facts = verify_with(&file, &anchors).facts.unwrap();
    let (place, at) = facts.registered.unwrap();
    assert_eq!(place, 0);
    assert!(facts.sealed_at <= at && at <= world.clock.now());
    assert_eq!(worker.device().anchors().unwrap(), anchors, "the phone learnt the keys");
    assert_eq!(worker.device().bundle(&agreement.bundle).unwrap(), Some(agreement.bytes), "the bundle is what it was");
    // Nothing more to ask for.
    assert_eq!(evidence(&worker).receipts, 0);
}

#[test]
fn a_seal_carries_the_devices_certificate_and_the_newest_checkpoint() {
    let world = World::new(22);
    let worker = world.phone("w-ncg-1");
    sealed(&world, &worker);
    worker.synced();
    evidence(&worker);
    let case = scenes::drafted(&world, &worker);
    worker.device().freeze(case, Terms::default()).unwrap();
    sign_all(&worker, case);
    let second = worker.device().seal(case).unwrap();
    let bundle = Bundle::read(&second.bytes).unwrap();
    let context = &bundle.seal.context;
    let certificate = Signed::<DeviceCertificate>::read(context.certificate.as_ref().unwrap()).unwrap();
    assert_eq!(certificate.record.public_key, worker.signer.public_key());
    assert_eq!(certificate.record.person, worker.person);
    let checkpoint = Signed::<Checkpoint>::read(context.checkpoint.as_ref().unwrap()).unwrap();
    assert_eq!(checkpoint.record.size, 1, "the log as it stood after the first");
    assert_eq!(context.counter, 2);
    worker.synced();
    evidence(&worker);
    let file = worker.device().agreement_file(&second.bundle).unwrap().unwrap();
    let anchors = world.store().anchors().unwrap().unwrap();
    assert_eq!(codes(&file, &anchors), ["not_stamped"]);
}

#[test]
fn whoever_fetches_an_agreement_gets_its_receipt_too_and_nobody_else_does() {
    let world = World::new(23);
    let (worker, lead, other) = (world.phone("w-ncg-1"), world.phone("lead-ncg"), world.phone("w-ncg-2"));
    let (_, agreement) = sealed(&world, &worker);
    worker.settle();
    lead.settle();
    lead.device().fetch_bundle(lead.network.as_ref(), &agreement.bundle).unwrap().unwrap();
    assert_eq!(evidence(&lead).receipts, 1);
    let report = lead.device().verify_agreement(&agreement.bundle).unwrap().unwrap();
    assert!(report.holds() && report.facts.unwrap().registered.is_some());
    let path = format!("/v1/bundles/{}/beside", agreement.bundle);
    let refused = doorstep_tests::forge::get(&other, &path, &doorstep_tests::forge::token(&other));
    assert_eq!(refused.code(), "bundle_unknown");
}

#[test]
fn a_log_that_was_put_back_contradicts_what_a_phone_knows_and_the_phone_says_so() {
    let world = World::new(24);
    let worker = world.phone("w-ncg-1");
    for _ in 0..2 {
        sealed(&world, &worker);
        worker.synced();
        assert!(!evidence(&worker).contradicts);
    }
    let conn = rusqlite::Connection::open(world.server.file()).unwrap();
    // As nobody without the file could: the log loses its last entry.
    conn.execute_batch("DROP TRIGGER log_entry_stays; DELETE FROM log_entry WHERE n = 1;").unwrap();
    assert!(evidence(&worker).contradicts);
    assert!(!evidence(&worker).contradicts, "from here on the phone goes by what the log says now");
}

#[test]
fn the_logs_rows_refuse_to_be_altered_cut_or_replaced() {
    let world = World::new(25);
    let worker = world.phone("w-ncg-1");
    sealed(&world, &worker);
    worker.synced();
    let conn = rusqlite::Connection::open(world.server.file()).unwrap();
    for sql in [
        "UPDATE log_entry SET receipt = x'00'",
        "DELETE FROM log_entry",
        "INSERT OR REPLACE INTO log_entry SELECT n, bundle, received_at, x'00' FROM log_entry",
        "INSERT INTO log_entry SELECT n + 5, x'00', received_at, receipt FROM log_entry",
        "UPDATE log_node SET hash = zeroblob(32)",
        "DELETE FROM log_node",
        "INSERT OR REPLACE INTO log_node SELECT level, at, zeroblob(32) FROM log_node",
        "UPDATE bundle SET bytes = x'00'",
        "DELETE FROM bundle",
        "INSERT OR REPLACE INTO bundle SELECT digest, doc, x'00' FROM bundle",
    ] {
        assert!(conn.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn what_other_phones_do_to_the_case_meanwhile_changes_nothing_of_what_was_sealed() {
    let world = World::new(26);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::drafted(&world, &worker);
    worker.settle();
    lead.settle();
    worker.device().freeze(case, Terms::default()).unwrap();
    sign_all(&worker, case);
    let agreement = worker.device().seal(case).unwrap();
    // Apart: the lead rewrites the draft, notes things, types.
    let due = world.clock.now().date().plus_days(99);
    for command in [scenes::draft(due), scenes::note("改期"), scenes::note("再议")] {
        lead.device().run(case, &command).unwrap();
    }
    for _ in 0..2 {
        worker.settle();
        lead.settle();
    }
    for phone in [&worker, &lead] {
        let view = phone.device().case(case).unwrap();
        assert_eq!(view.agreement.as_ref().and_then(|shown| shown.bundle), Some(agreement.bundle));
        assert_ne!(view.commitments[0].due, due, "what was signed counts");
        let bytes = phone.device().fetch_bundle(phone.network.as_ref(), &agreement.bundle).unwrap();
        assert_eq!(bytes.as_deref(), Some(&agreement.bytes[..]));
        assert!(verify(&agreement.bytes).holds());
    }
}
