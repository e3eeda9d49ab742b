//! A server that was put back to an older copy of its database gets again, from the phones, what it no longer knows; whether
//! the operator says so or a phone shows it. Nothing is lost, nothing is there twice.

use doorstep_core::environment::Clock as _;
use doorstep_core::store::Meta;
use doorstep_server::audit::Who;
use doorstep_server::config::ServerEntropy;
use doorstep_tests::{Phone, World, scenes};

/// A worker, a lead and their first case, all at rest; and a copy of the server as it is now.
fn begun(seed: u64) -> (World, Phone, Phone, doorstep_core::id::DocId, std::path::PathBuf) {
    let world = World::new(seed);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "一件事");
    rest(&[&worker, &lead]);
    let saved = world.dir().join("saved");
    world.server.copy_files(&saved);
    (world, worker, lead, case, saved)
}

fn rest(phones: &[&Phone]) {
    for _ in 0..4 {
        phones.iter().for_each(|phone| phone.settle());
    }
}

/// What `doorstep admin restored` does.
fn say_so(world: &World) {
    let store = world.store();
    assert!(store.begin_epoch(store.epoch().unwrap(), Who::Operator, &ServerEntropy, world.clock.now()).unwrap());
}

fn facts(world: &World, what: &str) -> usize {
    assert!(world.store().verify_audit().unwrap().is_ok());
    world.store().audit_after(0, 10_000).unwrap().iter().filter(|entry| entry.what == what).count()
}

#[test]
fn a_log_that_grew_past_everybodys_cursor_again_is_still_noticed_once_the_operator_says_so() {
    let (world, worker, lead, case, saved) = begun(1);
    worker.device().run(case, &scenes::note("备份以后")).unwrap();
    let (sealed, agreed) = scenes::sealed(&world, &worker);
    rest(&[&worker, &lead]);
    let (before, agreement) = (lead.device().case(sealed).unwrap(), lead.device().case(sealed).unwrap().digest);
    world.server.put_back(&saved);
    say_so(&world);
    // Somebody new works so much that the log is longer than any cursor before anybody else comes back.
    let other = world.phone("w-ncg-2");
    for number in 0..12 {
        let mut report = scenes::reported(&format!("新网格 {number}"));
        report.place = scenes::place_in("nanchenggen", "ncg-2");
        other.device().report(report).unwrap();
    }
    other.settle();
    rest(&[&worker, &lead]);
    assert_eq!(facts(&world, "epoch_begun"), 1);
    assert_eq!((worker.set_aside(), lead.set_aside()), (vec![], vec![]));
    let fresh = world.phone("supervisor");
    for doc in [case, sealed] {
        assert_eq!(fresh.device().case(doc).unwrap(), worker.device().case(doc).unwrap());
        assert_eq!(fresh.device().case(doc).unwrap(), lead.device().case(doc).unwrap());
    }
    assert_eq!(fresh.device().case(sealed).unwrap(), before);
    assert_eq!(fresh.device().case(sealed).unwrap().digest, agreement);
    // The agreement itself, too: its bytes came back with the event that names it.
    assert!(fresh.device().fetch_bundle(fresh.network.as_ref(), &agreed.bundle).unwrap().is_some());
}

#[test]
fn one_phone_that_knows_more_than_the_log_begins_the_new_epoch_for_all() {
    let (world, worker, lead, case, saved) = begun(2);
    let early = world.phone("supervisor");
    world.server.copy_files(&saved);
    worker.device().run(case, &scenes::note("备份以后，第一条")).unwrap();
    worker.settle();
    early.settle();
    lead.device().run(case, &scenes::note("备份以后，负责人")).unwrap();
    rest(&[&lead, &worker]);
    world.server.put_back(&saved);
    // Nobody says anything. The phone that comes first is ahead of the log.
    worker.settle();
    assert_eq!(facts(&world, "epoch_begun"), 1);
    rest(&[&lead, &worker, &early]);
    assert_eq!(facts(&world, "epoch_begun"), 1, "once, whoever else is ahead");
    let fresh = world.phone("supervisor");
    for phone in [&worker, &lead, &early] {
        assert_eq!(fresh.device().case(case).unwrap(), phone.device().case(case).unwrap());
    }
    assert_eq!(fresh.device().case(case).unwrap().history.len(), 3);
}

#[test]
fn a_made_up_cursor_makes_nobody_but_its_phone_fetch_anew() {
    let (world, mut worker, lead, _, _) = begun(3);
    let epoch = world.store().epoch().unwrap();
    // The phone's own cursor, moved far ahead: CBOR of the same shape, whose mark no longer fits.
    let cursor = worker.with_store(|store| store.meta(Meta::Cursor).unwrap().unwrap());
    let at = cursor.windows(7).position(|window| window == b"reached").unwrap() + 7;
    let mut forged = cursor[..at].to_vec();
    forged.extend([0x1a, 0x7f, 0xff, 0xff, 0xff]);
    let rest_of = &cursor[at..];
    let skip = match rest_of[0] {
        0x18 => 2,
        0x19 => 3,
        0x1a => 5,
        _ => 1,
    };
    forged.extend(&rest_of[skip..]);
    worker.with_store(|store| store.set_meta(&[(Meta::Cursor, Some(&forged))]).unwrap());
    assert!(worker.synced().refetched, "it is told to fetch anew");
    assert_eq!(world.store().epoch().unwrap(), epoch, "nobody else is");
    assert!(!lead.synced().refetched);
}

#[test]
fn a_phone_enrolled_after_the_backup_enrols_again_and_gives_back_all_it_did() {
    let world = World::new(4);
    let worker = world.phone("w-ncg-1");
    worker.settle();
    let saved = world.dir().join("saved");
    world.server.copy_files(&saved);
    let lead = world.phone("lead-ncg");
    let mut case = scenes::reported("备份以后登记的手机报的");
    case.account = "负责人自己登记。".into();
    let case = lead.device().report(case).unwrap().id;
    rest(&[&lead, &worker]);
    lead.device().run(case, &scenes::note("未传")).unwrap();
    world.server.put_back(&saved);
    say_so(&world);
    let outcome = lead.sync().outcome;
    assert_eq!(outcome.code(), "device_unknown");
    let wrong = world.code("supervisor");
    let refused = lead.device().enrol_again(lead.network.as_ref(), &wrong.typed, "", "").unwrap_err();
    assert_eq!(refused.code(), "other_person");
    let code = world.code("lead-ncg");
    lead.device().enrol_again(lead.network.as_ref(), &code.typed, "", "原来那部").unwrap();
    rest(&[&lead, &worker]);
    assert_eq!(lead.set_aside(), Vec::<String>::new());
    assert_eq!(worker.device().case(case).unwrap(), lead.device().case(case).unwrap());
    assert_eq!(world.phone("supervisor").device().case(case).unwrap().history.len(), 2);
}

#[test]
fn a_device_that_enrols_again_on_a_server_that_knows_its_old_name_loses_nothing() {
    let (world, worker, lead, case, _) = begun(5);
    worker.device().run(case, &scenes::note("换名以前，未传")).unwrap();
    let code = world.code("w-ncg-1");
    let old = worker.device().enrolled().unwrap().device;
    let again = worker.device().enrol_again(worker.network.as_ref(), &code.typed, "", "").unwrap();
    assert_ne!(again.device, old);
    worker.device().run(case, &scenes::note("换名以后")).unwrap();
    rest(&[&worker, &lead]);
    assert_eq!(worker.set_aside(), Vec::<String>::new(), "what the old name's number held back was done again");
    assert_eq!(lead.device().case(case).unwrap(), worker.device().case(case).unwrap());
    assert_eq!(lead.device().case(case).unwrap().history.len(), 3);
}

#[test]
fn a_phone_that_lost_its_cursor_ends_where_it_would_have_been() {
    let (world, mut worker, lead, case, _) = begun(6);
    let gone = scenes::report(&worker, "将要离开范围的");
    rest(&[&worker, &lead]);
    lead.device().run(gone, &scenes::note("负责人")).unwrap();
    worker.device().run(case, &scenes::note("未传")).unwrap();
    worker.with_store(|store| store.set_meta(&[(Meta::Cursor, None)]).unwrap());
    rest(&[&worker, &lead]);
    assert_eq!(worker.set_aside(), Vec::<String>::new());
    for doc in [case, gone] {
        assert_eq!(lead.device().case(doc).unwrap(), worker.device().case(doc).unwrap());
    }
    // A server that lost something meanwhile gets it from this phone as from any other.
    assert_eq!(worker.pending().counts.documents, 2);
    assert!(world.store().verify_audit().unwrap().is_ok());
}

#[test]
fn a_cursor_lost_together_with_the_servers_newest_records_loses_neither() {
    let (world, mut worker, lead, case, saved) = begun(7);
    worker.device().run(case, &scenes::note("备份以后")).unwrap();
    let new = scenes::report(&worker, "备份以后新报的");
    worker.settle();
    world.server.put_back(&saved);
    worker.with_store(|store| store.set_meta(&[(Meta::Cursor, None)]).unwrap());
    rest(&[&worker, &lead]);
    for doc in [case, new] {
        assert_eq!(lead.device().case(doc).unwrap(), worker.device().case(doc).unwrap());
    }
    assert_eq!(lead.device().case(case).unwrap().history.len(), 2);
}
