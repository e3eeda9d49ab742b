//! A phone's database is encrypted: what lies on its disk tells a finder nothing, the wrong key touches nothing, and a database that was
//! plain becomes encrypted with everything in it, whenever the phone dies.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use doorstep_core::device::Device;
use doorstep_core::document::Document;
use doorstep_core::id::DocKind;
use doorstep_core::store::{DatabaseKey, Options, Query, Store};
use doorstep_tests::phone::{DATABASE_KEY, FILE};
use doorstep_tests::{Phone, World, scenes};

const SECRET: &str = "王某与李某因漏水争执";

/// Everything in a folder, byte for byte.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// The phone's files as they lie on the disk while it is on: the newest work stands in the log alone, as after a dead battery.
fn crashed(world: &World, phone: &Phone) -> PathBuf {
    let dir = world.dir().join("crashed");
    fs::create_dir(&dir).unwrap();
    for (path, bytes) in files(&phone.dir) {
        fs::write(dir.join(path.file_name().unwrap()), bytes).unwrap();
    }
    dir
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

fn keyed(key: DatabaseKey) -> Options {
    Options { database_key: Some(key), ..Options::default() }
}

/// Titles and digests of the cases in a store.
fn cases(store: &Store) -> Vec<(String, String)> {
    let digest = |doc| Document::load(&store.document(doc).unwrap().unwrap().bytes).unwrap().digest().to_string();
    let rows = store.rows(&Query::first(DocKind::Case, 100)).unwrap();
    rows.iter().map(|row| (row.title.clone(), digest(&row.doc))).collect()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

#[test]
fn nothing_of_a_case_can_be_read_in_a_phones_files() {
    for plain in [false, true] {
        let world = World::new(1);
        if plain {
            world.plain_phones();
        }
        let phone = world.phone("w-ncg-1");
        scenes::report(&phone, SECRET);
        let found = files(&phone.dir);
        let database = &found[&phone.dir.join(FILE)];
        assert!(found[&phone.dir.join(format!("{FILE}-wal"))].len() > 4_096, "the log has pages too");
        // The same search finds it where it lies plain, so it can find.
        let seen = found.values().any(|bytes| holds(bytes, SECRET.as_bytes()) || holds(bytes, b"w-ncg-1"));
        assert_eq!(seen, plain);
        assert_eq!(holds(database, b"CREATE TABLE"), plain);
        assert_eq!(database.starts_with(b"SQLite format 3\0"), plain);
    }
}

#[test]
fn a_wrong_key_or_none_is_refused_with_its_code_and_touches_nothing() {
    let world = World::new(2);
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, SECRET);
    let dir = crashed(&world, &phone);
    phone.off();
    for dir in [&phone.dir, &dir] {
        let path = dir.join(FILE);
        let before = files(dir);
        let wrong = DatabaseKey::from_bytes([99; 32]);
        for (key, code) in [(Some(wrong), "store_wrong_key"), (None, "store_locked")] {
            let options = || Options { database_key: key, ..Options::default() };
            assert_eq!(Store::open(&path, options()).err().map(|error| error.code()), Some(code));
            // Nor is it taken for damage and set aside.
            let opened = Device::open_or_rescue(&path, options, phone.host());
            assert_eq!(opened.err().map(|error| error.code().to_owned()).as_deref(), Some(code));
            let rescued = Device::rescue(&path, options(), phone.host());
            assert_eq!(rescued.err().map(|error| error.code().to_owned()).as_deref(), Some(code));
            assert_eq!(files(dir), before, "{code}");
        }
        let device = Device::open(&path, phone.options(), phone.host()).unwrap();
        assert_eq!(device.case(case).unwrap().title, SECRET, "the right key opens it");
    }
}

#[test]
fn a_database_whose_first_bytes_are_lost_is_set_aside_and_rescued_whole() {
    let world = World::new(3);
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, SECRET);
    phone.off();
    let path = phone.dir.join(FILE);
    let mut bytes = fs::read(&path).unwrap();
    bytes[..16].fill(0);
    fs::write(&path, &bytes).unwrap();
    let (device, rescued) = Device::open_or_rescue(&path, || phone.options(), phone.host()).unwrap();
    let rescued = rescued.expect("nobody can say whose it is, so it is set aside");
    assert_eq!(fs::read(rescued.damaged).unwrap(), bytes);
    assert_eq!((rescued.queued, rescued.gaps), (1, 0), "every page opened all the same");
    drop(device);
    phone.reopen();
    phone.settle();
    assert_eq!(world.phone("lead-ncg").device().case(case).unwrap().title, SECRET);
}

#[test]
fn a_database_of_every_release_is_encrypted_when_it_is_opened_with_a_key() {
    for release in ["v0.1.0", "v0.2.0"] {
        let scratch = tempfile::tempdir().unwrap();
        let (plain, path) = (scratch.path().join("plain.db"), scratch.path().join(FILE));
        for to in [&plain, &path] {
            fs::copy(fixture(release).join(FILE), to).unwrap();
        }
        // What a kill in the middle leaves beside it is no hindrance.
        fs::write(scratch.path().join(format!("{FILE}.encrypting")), b"half of it").unwrap();
        let store = Store::open(&path, keyed(DATABASE_KEY)).unwrap();
        let before = Store::open(&plain, Options::default()).unwrap();
        store.check().unwrap();
        assert_eq!(cases(&store), cases(&before));
        assert_eq!(store.counts().unwrap(), before.counts().unwrap());
        assert_eq!(store.counts().unwrap().waiting, 1);
        drop((store, before));
        assert!(!holds(&fs::read(&path).unwrap(), b"CREATE TABLE"));
        assert!(!scratch.path().join(format!("{FILE}.encrypting")).exists());
        assert_eq!(everything(&path, true), everything(&plain, false), "row by row, row numbers included");
        assert_eq!(Store::open(&path, Options::default()).err().map(|error| error.code()), Some("store_locked"));
    }
}

/// Every row of every table with its number, as text.
fn everything(path: &Path, encrypted: bool) -> BTreeMap<String, Vec<String>> {
    let database = rusqlite::Connection::open(path).unwrap();
    if encrypted {
        doorstep_tests::phone::unlock(&database);
    }
    let mut tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
    let names: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let rows = |name: &String| {
        // Tables without row numbers have none to compare.
        let numbered = database.prepare(&format!("SELECT rowid FROM {name}")).is_ok();
        let what = if numbered { "rowid, *" } else { "*" };
        let mut statement = database.prepare(&format!("SELECT {what} FROM {name} ORDER BY 1, 2")).unwrap();
        let columns = statement.column_count();
        let row = statement.query_map([], |row| {
            (0..columns).map(|at| row.get_ref(at).map(|value| format!("{value:?}"))).collect::<Result<String, _>>()
        });
        row.unwrap().collect::<Result<Vec<_>, _>>().unwrap()
    };
    names.iter().map(|name| (name.clone(), rows(name))).collect()
}

#[test]
fn a_plain_database_with_its_work_in_the_log_is_encrypted_whole() {
    let world = World::new(4);
    world.plain_phones();
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, SECRET);
    let dir = crashed(&world, &phone);
    phone.off();
    phone.dir = dir;
    phone.database_key = Some(DATABASE_KEY);
    phone.reopen();
    assert_eq!(phone.device().case(case).unwrap().title, SECRET);
    phone.settle();
    phone.off();
    for (path, bytes) in files(&phone.dir) {
        assert!(!holds(&bytes, SECRET.as_bytes()), "{}", path.display());
    }
}

#[test]
fn a_damaged_plain_database_is_refused_as_it_is_and_rescued_under_the_key() {
    let world = World::new(5);
    world.plain_phones();
    let mut phone = world.phone("w-ncg-1");
    scenes::report(&phone, SECRET);
    phone.off();
    phone.database_key = Some(DATABASE_KEY);
    let path = phone.dir.join(FILE);
    let mut bytes = fs::read(&path).unwrap();
    let from = bytes.len() / 2 / 4_096 * 4_096;
    bytes[from..].fill(0);
    fs::write(&path, &bytes).unwrap();
    let before = files(&phone.dir);
    assert_eq!(Store::open(&path, phone.options()).err().map(|error| error.code()), Some("store_damaged"));
    assert_eq!(files(&phone.dir), before, "half of an encrypted one is not left either");
    let (device, rescued) = Device::open_or_rescue(&path, || phone.options(), phone.host()).unwrap();
    assert_eq!(fs::read(rescued.expect("it was damaged").damaged).unwrap(), bytes);
    drop(device);
    assert!(!fs::read(&path).unwrap().starts_with(b"SQLite format 3\0"));
}

/// Made with SQLCipher 4.12 and OpenSSL, as everybody has them, from the phone of release 0.2.0 and the tests' key.
#[test]
fn a_store_that_everybodys_sqlcipher_wrote_opens() {
    let scratch = tempfile::tempdir().unwrap();
    let (theirs, plain) = (scratch.path().join(FILE), scratch.path().join("plain.db"));
    fs::copy(fixture("sqlcipher-4.12").join(FILE), &theirs).unwrap();
    fs::copy(fixture("v0.2.0").join(FILE), &plain).unwrap();
    let store = Store::open(&theirs, keyed(DATABASE_KEY)).unwrap();
    store.check().unwrap();
    assert_eq!(cases(&store), cases(&Store::open(&plain, Options::default()).unwrap()));
}
