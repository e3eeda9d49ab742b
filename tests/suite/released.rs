//! What released versions wrote, today's code still reads: `tests/fixtures/<version>/`, made by the release itself.
//!
//! A new release adds its own directory and changes none of the older ones:
//! `cargo test -p doorstep-tests --test suite make_fixtures -- --ignored`, then commit what it wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use doorstep_core::agreement::verify;
use doorstep_core::document::{Document, guard};
use doorstep_core::sync::Incoming;
use doorstep_core::sync::wire::{PATH_PULL, PATH_PUSH, PushRequest, Verdict};
use doorstep_server::store::Store;
use doorstep_tests::{World, forge, phone, scenes};

/// Every released version.
const RELEASES: [&str; 2] = ["v0.1.0", "v0.2.0"];

/// What each directory holds: its file and what it is.
const PUSH: &str = "push.cbor";
const PULL: &str = "pull.frames";
const BUNDLE: &str = "agreement.bundle";
const PHONE: &str = "phone.db";
const SERVER: &str = "doorstep.db";
const EXPECTED: &str = "expected.json";

fn directory(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(version)
}

/// Title and digest of each case, by its id, as the release itself showed them.
type Expected = BTreeMap<String, (String, String)>;

/// The digests of the documents in a database of a phone; `path` is a copy.
fn on_phone(path: &Path) -> Expected {
    // A device makes the rows anew that a migration dropped.
    let host = World::new(20_261_123).new_phone("lead-ncg").host();
    drop(doorstep_core::device::Device::open(path, doorstep_core::device::Options::default(), host).unwrap());
    let store = doorstep_core::store::Store::open(path, doorstep_core::store::Options::default()).unwrap();
    store.check().unwrap();
    let query = doorstep_core::store::Query::first(doorstep_core::id::DocKind::Case, 100);
    let rows = store.rows(&query).unwrap();
    let digest = |doc| Document::load(&store.document(doc).unwrap().unwrap().bytes).unwrap().digest().to_string();
    rows.iter().map(|row| (row.doc.to_string(), (row.title.clone(), digest(&row.doc)))).collect()
}

#[test]
#[ignore = "writes the fixtures of the version at hand; run once for a release"]
fn make_fixtures() {
    let version = format!("v{}", env!("CARGO_PKG_VERSION"));
    let to = directory(&version);
    fs::create_dir_all(&to).unwrap();
    let world = World::new(20_260_508);
    world.plain_phones();
    let (mut worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (case, agreement) = scenes::sealed(&world, &worker);
    let second = scenes::report(&worker, "楼道灯不亮");
    let text = scenes::add_text(&worker, second, doorstep_core::case::TextName::Account, "三楼至五楼。");
    worker.device().run(second, &text).unwrap();
    worker.synced();
    let push = worker.network.sent().into_iter().find(|sent| sent.request.path == PATH_PUSH).unwrap();
    fs::write(to.join(PUSH), push.request.body).unwrap();
    fs::write(to.join(BUNDLE), &agreement.bytes).unwrap();
    // The lead has it all, and something unsent on top.
    lead.synced();
    lead.device().run(case, &scenes::note("未传的一句")).unwrap();
    let first = world.enrolled("lead-ncg");
    first.synced();
    let pull = first.network.sent().into_iter().find(|sent| sent.request.path == PATH_PULL).unwrap();
    fs::write(to.join(PULL), pull.body).unwrap();
    let mut lead = lead;
    lead.off();
    flat(&lead.dir.join(phone::FILE), &to.join(PHONE));
    let copied = world.dir().join("copied");
    world.server.copy_files(&copied);
    flat(&copied.join(SERVER), &to.join(SERVER));
    let scratch = tempfile::tempdir().unwrap();
    fs::copy(to.join(PHONE), scratch.path().join(PHONE)).unwrap();
    let expected = on_phone(&scratch.path().join(PHONE));
    fs::write(to.join(EXPECTED), serde_json::to_string_pretty(&expected).unwrap() + "\n").unwrap();
    worker.off();
}

/// A database as one file, its log moved into it.
fn flat(from: &Path, to: &Path) {
    let _ = fs::remove_file(to);
    let db = rusqlite::Connection::open(from).unwrap();
    db.execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
}

/// Runs `test` with each release's directory, copied to where it may be written.
fn each(test: impl Fn(&Path, &Expected)) {
    for version in RELEASES {
        let scratch = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(directory(version)).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), scratch.path().join(entry.file_name())).unwrap();
        }
        let expected = serde_json::from_slice(&fs::read(scratch.path().join(EXPECTED)).unwrap()).unwrap();
        test(scratch.path(), &expected);
    }
}

#[test]
fn every_releases_phone_database_opens_with_the_same_cases_and_its_unsent_work() {
    each(|dir, expected| {
        assert_eq!(on_phone(&dir.join(PHONE)), *expected);
        let store = doorstep_core::store::Store::open(&dir.join(PHONE), doorstep_core::store::Options::default()).unwrap();
        assert_eq!((store.counts().unwrap().waiting, store.counts().unwrap().documents), (1, 2));
    });
}

#[test]
fn every_releases_push_is_taken_change_by_change_by_todays_server() {
    each(|dir, _| {
        let body = fs::read(dir.join(PUSH)).unwrap();
        let request: PushRequest = minicbor_serde::from_slice(&body).unwrap();
        assert!(request.changes.len() >= 5 && request.bundles.len() == 1);
        for change in &request.changes {
            assert_eq!(guard::inspect(&change.bytes).unwrap().hash, change.hash);
        }
        // To a server of today. The seal is of a device that this one may not know: that change alone may be refused.
        let world = World::new(20_260_508);
        world.plain_phones();
        let worker = world.phone("w-ncg-1");
        let verdicts = forge::push_bytes(&worker, body).verdicts();
        let refused: Vec<_> = verdicts.iter().filter(|one| !matches!(one, Verdict::Stored { .. })).collect();
        assert!(refused.len() <= 1, "{refused:?}");
        assert_eq!(world.store().holdings().unwrap().documents, 2);
    });
}

#[test]
fn every_releases_pull_is_understood_frame_by_frame() {
    each(|dir, expected| {
        let bytes = fs::read(dir.join(PULL)).unwrap();
        let mut incoming = Incoming::new(1 << 20);
        let (plans, error) = incoming.feed(&bytes);
        assert!(error.is_none() && incoming.at_checkpoint() && incoming.done());
        let mut documents = 0;
        for apply in plans.into_iter().flatten() {
            if let doorstep_core::sync::Apply::Document { doc, bytes, heads, .. } = apply {
                let document = Document::load(&bytes).unwrap();
                assert!(document.id() == doc && document.heads() == heads);
                assert!(expected.contains_key(&doc.to_string()));
                documents += 1;
            }
        }
        assert_eq!(documents, expected.len());
    });
}

#[test]
fn every_releases_server_database_opens_and_its_audit_chain_holds() {
    each(|dir, expected| {
        let store = Store::open(dir).unwrap();
        let holdings = store.holdings().unwrap();
        assert_eq!(holdings.documents, expected.len() as u64);
        assert_eq!(holdings.set_aside, 0);
        assert!(store.directory().unwrap().check().is_ok());
        assert!(store.verify_audit().unwrap().is_ok());
    });
}

#[test]
fn every_releases_agreement_still_verifies() {
    each(|dir, _| {
        let bytes = fs::read(dir.join(BUNDLE)).unwrap();
        assert!(verify(&bytes).holds());
        let mut tampered = bytes.clone();
        tampered[bytes.len() / 2] ^= 1;
        assert!(!verify(&tampered).holds());
    });
}
