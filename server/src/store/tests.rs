//! Opening and refusing files; codes, devices, tokens, directories.

use std::sync::atomic::AtomicU64;

use doorstep_core::id::{DeviceId, Digest};

use super::{CodeRefusal, FILE, NewCode, NewDevice, SHORT_CODE_TRIES, Store, StoreError};
use crate::trial::{Counting, NOW, Trial, directory};

fn digest(n: u8) -> Digest {
    Digest::from_bytes([n; 32])
}

fn code(n: u8) -> NewCode {
    let expires = NOW.plus_ms(1_000);
    NewCode { hash_long: digest(n), hash_short: digest(n + 100), person: "w1".parse().unwrap(), expires }
}

fn device(n: u8) -> NewDevice {
    NewDevice { id: DeviceId::from_bytes([n; 16]), public_key: [3; 33], label: "王敏的手机".into() }
}

#[test]
fn a_database_that_was_closed_opens_as_it_was() {
    let trial = Trial::new();
    let epoch = trial.store.epoch().unwrap();
    let Trial { dir, store, .. } = trial;
    drop(store);
    let again = Store::open(dir.path()).unwrap();
    assert_eq!(again.epoch().unwrap(), epoch);
    assert_eq!(again.directory().unwrap().version, 1);
    assert_eq!(Store::create(dir.path(), &directory(), &Counting(AtomicU64::new(1)), NOW).err(), Some(StoreError::Exists));
    assert_eq!(Store::open(&dir.path().join("elsewhere")).err(), Some(StoreError::Missing));
}

#[test]
fn what_is_newer_damaged_or_foreign_is_refused_and_left_alone() {
    let Trial { dir, store, .. } = Trial::new();
    drop(store);
    let path = dir.path().join(FILE);
    let whole = std::fs::read(&path).unwrap();
    let refused = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let error = Store::open(dir.path()).err().expect("must be refused");
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "touched although {error}");
        error
    };
    let mut newer = whole.clone();
    newer[60..64].copy_from_slice(&99u32.to_be_bytes());
    assert_eq!(refused(&newer), StoreError::Newer { found: 99, known: super::open::SCHEMA });
    assert_eq!(refused(&whole[..whole.len() / 2]), StoreError::Damaged);
    assert_eq!(refused(b"hello"), StoreError::Damaged);
    assert_eq!(refused(b""), StoreError::Damaged);
    let mut foreign = whole.clone();
    foreign[68..72].copy_from_slice(&7u32.to_be_bytes());
    assert_eq!(refused(&foreign), StoreError::Damaged);
    std::fs::write(&path, &whole).unwrap();
    Store::open(dir.path()).unwrap();
}

#[test]
fn a_newer_schema_still_in_the_log_is_seen_too() {
    let Trial { dir, store, .. } = Trial::new();
    drop(store);
    // A newer program wrote and was killed: what it did stands only in the write-ahead log.
    let conn = rusqlite::Connection::open(dir.path().join(FILE)).unwrap();
    conn.execute_batch("PRAGMA user_version = 9").unwrap();
    let dead = tempfile::tempdir().unwrap();
    for file in [FILE.to_owned(), format!("{FILE}-wal")] {
        std::fs::copy(dir.path().join(&file), dead.path().join(&file)).unwrap();
    }
    let before = std::fs::read(dead.path().join(FILE)).unwrap();
    assert_eq!(Store::open(dead.path()).err(), Some(StoreError::Newer { found: 9, known: super::open::SCHEMA }));
    assert_eq!(std::fs::read(dead.path().join(FILE)).unwrap(), before);
}

#[test]
fn a_first_page_that_a_cut_left_garbled_is_read_from_the_log() {
    let trial = Trial::new();
    // Grows the file, so that the log has the first page.
    let big = doorstep_core::directory::Directory { name: "长".repeat(40), ..directory() };
    for _ in 0..40 {
        trial.store.put_directory(big.clone(), NOW).unwrap();
    }
    let dead = tempfile::tempdir().unwrap();
    for file in [FILE.to_owned(), format!("{FILE}-wal")] {
        std::fs::copy(trial.dir.path().join(&file), dead.path().join(&file)).unwrap();
    }
    let mut bytes = std::fs::read(dead.path().join(FILE)).unwrap();
    bytes[..512].fill(0xee);
    std::fs::write(dead.path().join(FILE), bytes).unwrap();
    assert_eq!(Store::open(dead.path()).unwrap().directory().unwrap().version, 41);
}

#[test]
fn a_code_enrols_one_device_once() {
    let Trial { store, dir: _dir, .. } = Trial::new();
    store.put_code(code(1), NOW).unwrap();
    let redeem = |presented, n| store.redeem_code(presented, NOW, device(n)).unwrap();
    assert_eq!(redeem(digest(1), 1), Ok("w1".parse().unwrap()));
    assert_eq!(redeem(digest(1), 2), Err(CodeRefusal::Used));
    assert_eq!(redeem(digest(101), 2), Err(CodeRefusal::Used), "its other form is spent with it");
    store.put_code(code(2), NOW).unwrap();
    let late = store.redeem_code(digest(2), NOW.plus_ms(1_000), device(2)).unwrap();
    assert_eq!(late, Err(CodeRefusal::Expired));
    assert_eq!(store.devices().unwrap().len(), 1);
    let found = store.device(&DeviceId::from_bytes([1; 16])).unwrap().unwrap();
    assert_eq!((found.label.as_str(), found.enrolled_at, found.revoked_at), ("王敏的手机", NOW, None));
    let stranger = NewCode { person: "nobody".parse().unwrap(), ..code(3) };
    assert_eq!(store.put_code(stranger, NOW), Err(StoreError::UnknownPerson));
}

#[test]
fn of_many_phones_with_one_code_one_gets_in() {
    let Trial { store, dir: _dir, .. } = Trial::new();
    store.put_code(code(1), NOW).unwrap();
    let enrolled: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = (1..9u8)
            .map(|n| {
                let store = store.clone();
                scope.spawn(move || store.redeem_code(digest(1), NOW, device(n)).unwrap())
            })
            .collect();
        tries.into_iter().filter(|_| true).map(|thread| usize::from(thread.join().unwrap().is_ok())).sum()
    });
    assert_eq!(enrolled, 1);
}

#[test]
fn guessing_ends_the_typed_code_and_not_the_scanned_one() {
    let Trial { store, dir: _dir, .. } = Trial::new();
    store.put_code(code(1), NOW).unwrap();
    for _ in 0..SHORT_CODE_TRIES {
        assert_eq!(store.redeem_code(digest(77), NOW, device(1)).unwrap(), Err(CodeRefusal::Unknown));
    }
    assert_eq!(store.redeem_code(digest(101), NOW, device(1)).unwrap(), Err(CodeRefusal::TooManyTries));
    assert!(store.redeem_code(digest(1), NOW, device(1)).unwrap().is_ok());
}

#[test]
fn a_token_ends_with_its_device() {
    let Trial { store, dir: _dir, .. } = Trial::new();
    store.put_code(code(1), NOW).unwrap();
    let person = store.redeem_code(digest(1), NOW, device(1)).unwrap().unwrap();
    let id = DeviceId::from_bytes([1; 16]);
    store.put_token(digest(8), id, person.clone(), NOW.plus_ms(10), NOW).unwrap();
    store.put_token(digest(9), id, person, NOW.plus_ms(99), NOW.plus_ms(10)).unwrap();
    assert_eq!(store.token(&digest(8)).unwrap(), None, "swept: its time was over");
    assert_eq!(store.token(&digest(9)).unwrap().unwrap().device, id);
    assert!(store.revoke_device(id, NOW).unwrap());
    assert!(!store.revoke_device(id, NOW).unwrap());
    assert_eq!(store.token(&digest(9)).unwrap(), None);
    assert_eq!(store.device(&id).unwrap().unwrap().revoked_at, Some(NOW));
}

#[test]
fn a_directory_that_contradicts_itself_is_refused_and_anothers_change_is_noticed() {
    let Trial { store, dir, .. } = Trial::new();
    let mut wrong = directory();
    wrong.people[0].posts[0].grids = vec!["nowhere".parse().unwrap()];
    assert!(matches!(store.put_directory(wrong, NOW), Err(StoreError::Directory(_))));
    assert_eq!(store.directory().unwrap().version, 1);
    // Another process, as the administrator's commands are.
    let other = Store::open(dir.path()).unwrap();
    assert_eq!(other.put_directory(directory(), NOW), Ok(2));
    assert_eq!(store.directory().unwrap().version, 2);
    assert_eq!(store.put_directory(directory(), NOW), Ok(3));
    other.verify_audit().unwrap().unwrap();
}

#[test]
fn of_two_that_replace_a_directory_at_once_one_does() {
    let trial = Trial::new();
    let made_from = (*trial.store.directory().unwrap()).clone();
    let done: Vec<_> = std::thread::scope(|scope| {
        let replace = |name: &str| {
            let directory = doorstep_core::directory::Directory { name: name.into(), ..made_from.clone() };
            let store = trial.store.clone();
            scope.spawn(move || store.replace_directory(directory, NOW))
        };
        let both = [replace("甲街道"), replace("乙街道")];
        both.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(done.iter().filter(|one| **one == Ok(2)).count(), 1, "{done:?}");
    assert_eq!(done.iter().filter(|one| **one == Err(StoreError::Outdated { present: 2 })).count(), 1, "{done:?}");
}

#[test]
fn a_look_at_a_document_is_on_record_and_one_that_is_not_there_is_not() {
    let trial = Trial::new();
    let nowhere = doorstep_core::id::DocId::from_bytes([9; 16]);
    assert_eq!(trial.store.look_at(nowhere, NOW).err(), Some(StoreError::Missing));
    let entries = trial.store.audit_after(0, 100).unwrap();
    assert!(entries.iter().all(|entry| entry.what != "case_shown"));
    assert_eq!(trial.store.documents_between(&nowhere, &nowhere, 5), Ok(Vec::new()));
}

#[test]
fn a_founding_that_was_cut_off_anywhere_is_gone_on_with_and_a_founded_one_is_not() {
    // Cut off behind the file, and behind its tables.
    for tables in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        std::fs::File::create_new(&path).unwrap();
        if tables {
            drop(super::open::writer(&path, true).unwrap());
        }
        assert!(Store::open(dir.path()).is_err());
        let store = Store::create(dir.path(), &directory(), &Counting(AtomicU64::new(1)), NOW).unwrap();
        let epoch = store.epoch().unwrap();
        drop(store);
        assert_eq!(Store::create(dir.path(), &directory(), &Counting(AtomicU64::new(2)), NOW).err(), Some(StoreError::Exists));
        assert_eq!(Store::open(dir.path()).unwrap().epoch().unwrap(), epoch);
    }
    // Another program's file is not ours.
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(FILE), b"somebody's notes").unwrap();
    assert_eq!(Store::create(dir.path(), &directory(), &Counting(AtomicU64::new(1)), NOW).err(), Some(StoreError::Exists));
}
