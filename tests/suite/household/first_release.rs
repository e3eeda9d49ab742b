//! Phones and databases of the first release, which knows no household: nothing breaks, and nothing is kept from them for
//! good.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use data_encoding::BASE64URL_NOPAD;
use doorstep_core::environment::Request;
use doorstep_core::id::{DocId, DocKind};
use doorstep_core::row::Row;
use doorstep_core::store::Meta;
use doorstep_core::sync::wire::{CBOR, HEADER_KINDS, PATH_PULL};
use doorstep_core::sync::{Apply, Incoming};
use doorstep_server::ingest;
use doorstep_server::store::Store;
use doorstep_tests::{Phone, World, forge, scenes};

use super::{lives, names, registered, tag};

/// What a phone of the first release is sent: it says nothing of kinds. The plans, and the cursor at their end.
fn pulled(phone: &Phone, cursor: Option<&[u8]>) -> (Vec<Apply>, Vec<u8>) {
    let path = cursor.map_or_else(|| PATH_PULL.to_owned(), |at| format!("{PATH_PULL}?cursor={}", BASE64URL_NOPAD.encode(at)));
    let headers = vec![("accept", CBOR.to_owned()), ("authorization", format!("Bearer {}", forge::token(phone)))];
    let answer = forge::send(phone, &Request { method: "GET", path, headers, body: vec![] }).unwrap();
    let mut incoming = Incoming::new(16 << 20);
    let (plans, error) = incoming.feed(&answer.body);
    assert!(error.is_none() && incoming.done(), "{error:?}");
    let mut applies: Vec<Apply> = plans.into_iter().flatten().collect();
    let commit = |apply| if let Apply::Commit { cursor, .. } = apply { Some(cursor) } else { None };
    let cursor = applies.pop().and_then(commit).unwrap();
    (applies, cursor)
}

fn documents(applies: &[Apply]) -> Vec<(DocId, DocKind)> {
    let document = |apply: &Apply| match apply {
        Apply::Document { doc, kind, .. } | Apply::Changes { doc, kind, .. } => Some((*doc, *kind)),
        _ => None,
    };
    applies.iter().filter_map(document).collect()
}

#[test]
fn a_phone_that_knows_no_households_is_sent_none_until_it_was_updated() {
    let world = World::new(1);
    let worker = world.phone("w-ncg-1");
    let (case, home) = (scenes::report(&worker, "一件事"), registered(&worker, "ncg-1", "401"));
    lives(&worker, home, "李秀英");
    worker.settle();
    let mut old = world.enrolled("lead-ncg");
    let (applies, cursor) = pulled(&old, None);
    assert_eq!(documents(&applies), [(case, DocKind::Case)]);
    // What happens to the household is no news for it, and does not hold up what is.
    tag(&worker, home, "低保", None);
    worker.device().run(case, &scenes::note("一句")).unwrap();
    worker.settle();
    let (applies, cursor) = pulled(&old, Some(&cursor));
    assert_eq!(documents(&applies), [(case, DocKind::Case)]);
    let (applies, cursor) = pulled(&old, Some(&cursor));
    assert_eq!(applies, [], "nothing new is nothing");

    // Updated, with the cursor of that day: the household follows, and so does the whole directory.
    old.with_store(|store| store.set_meta(&[(Meta::Cursor, Some(&cursor))]).unwrap());
    let report = old.synced();
    assert!(report.directory.is_some(), "{report:?}");
    assert_eq!(names(&old, home), ["李秀英"]);
    assert!(old.device().case(case).is_ok());
    assert_eq!(*old.device().directory(), *worker.device().directory());
    // Once.
    let again = old.synced();
    assert_eq!((again.documents, again.changes, again.directory), (0, 0, None));
}

#[test]
fn a_phone_that_has_no_households_to_get_gets_the_whole_directory_once_it_was_updated() {
    let world = World::new(2);
    let mut clerk = world.enrolled("clerk-affairs");
    let (applies, cursor) = pulled(&clerk, None);
    assert!(matches!(&applies[..], [Apply::Directory { .. }]));
    clerk.with_store(|store| store.set_meta(&[(Meta::Cursor, Some(&cursor))]).unwrap());
    let report = clerk.synced();
    assert!(report.directory.is_some() && !report.refetched, "{report:?}");
    assert_eq!(clerk.device().directory().policy, world.store().directory().unwrap().policy);
    assert_eq!(clerk.synced().directory, None);
}

#[test]
fn todays_phone_says_what_it_knows_with_every_pull() {
    let world = World::new(3);
    let phone = world.enrolled("w-ncg-1");
    phone.synced();
    let pulls: Vec<_> = phone.network.sent().into_iter().filter(|sent| sent.request.path.starts_with(PATH_PULL)).collect();
    assert!(!pulls.is_empty());
    for pull in pulls {
        let said = pull.request.headers.iter().find(|(name, _)| *name == HEADER_KINDS).unwrap();
        assert_eq!(said.1, "case,visit,household");
    }
}

/// A copy of the first release's server database.
fn released(into: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/v0.1.0/doorstep.db");
    fs::create_dir_all(into).unwrap();
    fs::copy(from, into.join(doorstep_server::store::FILE)).unwrap();
}

/// The rows that a whole pull brings to this phone, with the cursor.
fn rows(phone: &Phone) -> (Vec<Row>, Vec<u8>) {
    let (applies, cursor) = pulled(phone, None);
    let row = |apply: Apply| match apply {
        Apply::Document { row, .. } => Some(minicbor_serde::from_slice(&row).unwrap()),
        _ => None,
    };
    (applies.into_iter().filter_map(row).collect(), cursor)
}

#[test]
fn a_released_servers_rows_are_made_anew_once_and_nobody_hears_of_it() {
    let world = World::new(4);
    let copy = world.dir().join("released");
    released(&copy);
    let before = {
        let store = Store::open(&copy).unwrap();
        (store.epoch().unwrap(), store.holdings().unwrap())
    };
    world.server.put_back(&copy);
    let lead = world.enrolled("lead-ncg");
    let (stale, cursor) = rows(&lead);
    assert_eq!(stale.len(), 2);
    assert!(stale.iter().all(|row| row.began.0 == 0 && row.people.is_empty()), "as the release wrote them");
    assert_eq!(ingest::renew_rows(&world.store()).unwrap(), 2);
    assert_eq!(ingest::renew_rows(&world.store()).unwrap(), 0, "once");
    let (renewed, again) = rows(&lead);
    assert!(renewed.iter().all(|row| row.began.0 > 0 && !row.people.is_empty() && !row.words.is_empty()), "{renewed:?}");
    for (old, new) in stale.iter().zip(&renewed) {
        assert_eq!((old.doc, &old.title, &old.stage, old.updated), (new.doc, &new.title, &new.stage, new.updated));
    }
    assert_eq!(again, cursor, "no news for anybody");
    assert_eq!(pulled(&lead, Some(&cursor)).0, []);
    assert_eq!((world.store().epoch().unwrap(), world.store().holdings().unwrap()), {
        let (epoch, holdings) = before;
        // The phone enrolled since.
        (epoch, doorstep_server::store::Holdings { devices: holdings.devices + 1, ..holdings })
    });
    assert!(world.store().verify_audit().unwrap().is_ok());
    // The rows of a phone that has the documents are those that it would make itself.
    lead.settle();
    let here: BTreeSet<String> = (lead.device().rows(&doorstep_core::store::Query::first(DocKind::Case, 10)).unwrap().iter())
        .map(|row| format!("{row:?}"))
        .collect();
    assert_eq!(here, renewed.iter().map(|row| format!("{row:?}")).collect());
}

#[test]
fn a_released_servers_database_takes_households_after_the_update() {
    let world = World::new(5);
    let copy = world.dir().join("released");
    released(&copy);
    world.server.put_back(&copy);
    ingest::renew_rows(&world.store()).unwrap();
    let worker = world.enrolled("w-ncg-1");
    worker.synced();
    let home = registered(&worker, "ncg-1", "401");
    lives(&worker, home, "李秀英");
    worker.settle();
    assert_eq!(worker.set_aside(), [""; 0]);
    assert_eq!(names(&world.phone("lead-ncg"), home), ["李秀英"]);
    assert_eq!(world.phone("supervisor").pending().counts.documents, 2, "the cases of the release");
    // And after a restart on the same file.
    world.server.kill();
    world.server.start();
    lives(&worker, home, "张建国");
    worker.settle();
    assert_eq!(names(&world.phone("lead-ncg"), home).len(), 2);
}
