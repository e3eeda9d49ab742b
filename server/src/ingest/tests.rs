//! What a push does, with real documents and a real file.

use std::sync::atomic::{AtomicUsize, Ordering};

use doorstep_core::case::{Noted, Withdrawn};
use doorstep_core::document::Document;
use doorstep_core::id::{ChangeHash, DocKind};
use doorstep_core::sync::wire::{PushedChange, Verdict};
use doorstep_core::time::{DAY_MS, Timestamp};
use serde_bytes::ByteBuf;

use super::expire;
use crate::audit::Broken;
use crate::store::{FILE, Store, StoreError};
use crate::trial::{NOW, Phone, Trial, doc};

fn seq(verdict: &Verdict) -> u64 {
    match verdict {
        Verdict::Stored { seq } => *seq,
        other => panic!("not stored: {other:?}"),
    }
}

fn code(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::SetAside { code, .. } => code,
        other => panic!("not set aside: {other:?}"),
    }
}

fn holdings(store: &Store) -> (u64, u64, u64) {
    let holdings = store.holdings().unwrap();
    (holdings.documents, holdings.changes, holdings.set_aside)
}

#[test]
fn a_push_repeated_changes_nothing_and_gives_the_same_numbers() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    let changes = [phone.report(1, "ncg-1"), phone.note(doc(1), "a"), phone.report(2, "ncg-1")];
    let first: Vec<u64> = trial.push(&phone, &changes).iter().map(seq).collect();
    // Sequence numbers are given document by document within a batch.
    assert_eq!(first, [1, 2, 3]);
    let audited = trial.store.verify_audit().unwrap().unwrap();
    let again = trial.push(&phone, &changes);
    assert_eq!(again, first.iter().map(|seq| Verdict::Known { seq: *seq }).collect::<Vec<_>>());
    assert_eq!(holdings(&trial.store), (2, 3, 0));
    assert_eq!(trial.store.verify_audit().unwrap().unwrap(), audited);
    // Both in one push: stored once.
    let note = phone.note(doc(1), "b");
    let twice = trial.push(&phone, &[note.clone(), note]);
    assert_eq!(twice, [Verdict::Stored { seq: 4 }, Verdict::Stored { seq: 4 }]);
}

#[test]
fn one_bad_change_takes_along_only_what_stands_on_it() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    let good = phone.report(1, "ncg-1");
    // A grid worker may not withdraw a case; the note behind it stands on that.
    let bad = phone.entry(Withdrawn { why: "word".into(), knew: None });
    let bad = phone.write(doc(1), vec![bad]);
    let behind = phone.note(doc(1), "behind");
    let other = phone.report(2, "ncg-1");
    let verdicts = trial.push(&phone, &[good, bad.clone(), behind.clone(), other]);
    assert_eq!((seq(&verdicts[0]), seq(&verdicts[3])), (1, 2));
    assert_eq!(code(&verdicts[1]), "not_allowed");
    assert_eq!(verdicts[2], Verdict::SetAside { code: "depends_on_refused".into(), about: vec![bad.hash.to_string()] });
    let kept = trial.store.set_aside_after(0, 10).unwrap();
    assert_eq!(kept.iter().map(|aside| &aside.kept.bytes).collect::<Vec<_>>(), [&bad.bytes[..], &behind.bytes[..]]);
    // The same answer when asked again, in another push, and nothing kept twice.
    assert_eq!(trial.push(&phone, &[bad, behind]), verdicts[1..3]);
    assert_eq!(holdings(&trial.store), (2, 2, 2));
    trial.store.verify_audit().unwrap().unwrap();
}

#[test]
fn what_is_built_on_something_unknown_is_asked_for() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    let (first, second) = (phone.report(1, "ncg-1"), phone.note(doc(1), "a"));
    let wanted = Verdict::Wanted { hashes: vec![first.hash] };
    assert_eq!(trial.push(&phone, std::slice::from_ref(&second)), [wanted]);
    assert_eq!(holdings(&trial.store), (0, 0, 0), "asking stores nothing");
    assert_eq!(trial.push(&phone, &[first, second]).iter().map(seq).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn an_actor_belongs_to_the_device_that_used_it_first() {
    let trial = Trial::new();
    let (mut phone, mut other) = (trial.enrol("w1"), trial.enrol("w1"));
    report(&trial, &mut phone, 1);
    other.pull(&trial);
    other.node = phone.node;
    let stolen = other.note(doc(1), "as if from the first");
    assert_eq!(code(&trial.push(&other, &[stolen])[0]), "foreign_actor");
    // The rightful device goes on.
    seq(&note(&trial, &mut phone, 1)[0]);
}

fn report(trial: &Trial, phone: &mut Phone, n: u64) -> Vec<Verdict> {
    let change = phone.report(n, "ncg-1");
    trial.push(phone, &[change])
}

fn note(trial: &Trial, phone: &mut Phone, n: u64) -> Vec<Verdict> {
    let change = phone.note(doc(n), "on");
    trial.push(phone, &[change])
}

#[test]
fn a_restored_phone_that_reuses_a_number_is_told_so() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    let report = phone.report(1, "ncg-1");
    let backup = phone.docs.clone();
    let note = phone.note(doc(1), "before the restore");
    trial.push(&phone, &[report, note]);
    phone.docs = backup;
    let forked = phone.note(doc(1), "after the restore");
    assert_eq!(code(&trial.push(&phone, &[forked])[0]), "actor_fork");
}

#[test]
fn broken_bytes_and_false_names_are_set_aside_and_the_rest_goes_on() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    let good = phone.report(1, "ncg-1");
    let junk = |n: u8, bytes: &[u8]| PushedChange {
        doc: doc(u64::from(n)),
        kind: DocKind::Case,
        hash: ChangeHash::from_bytes([n; 32]),
        bytes: ByteBuf::from(bytes),
    };
    let mut spoilt = good.clone();
    spoilt.doc = doc(7);
    let last = spoilt.bytes.len() - 1;
    spoilt.bytes[last] ^= 1;
    let visit = PushedChange { kind: DocKind::Visit, doc: doc(8), ..good.clone() };
    let verdicts = trial.push(&phone, &[junk(5, b""), junk(6, &good.bytes), spoilt, visit, good]);
    assert_eq!(
        verdicts[..4].iter().map(code).collect::<Vec<_>>(),
        ["malformed", "hash_mismatch", "bad_checksum", code(&verdicts[3])]
    );
    assert_eq!(seq(&verdicts[4]), 1);
    // A name that junk was pushed under is not spoilt for the real change.
    let mut phone = trial.enrol("w1");
    let real = phone.report(9, "ncg-1");
    let false_one = PushedChange { bytes: ByteBuf::from(b"junk".as_slice()), ..real.clone() };
    assert_eq!(code(&trial.push(&phone, &[false_one])[0]), "malformed");
    seq(&trial.push(&phone, &[real])[0]);
}

#[test]
fn nobody_writes_in_anothers_name_or_where_they_have_no_post() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    let mut elsewhere = trial.enrol("w2");
    report(&trial, &mut phone, 1);
    let mut entry = phone.entry(Noted { text: "x".into() });
    entry.author = "lead".parse().unwrap();
    let forged = phone.write(doc(1), vec![entry]);
    assert_eq!(code(&trial.push(&phone, &[forged])[0]), "foreign_author");
    // Knows the document (from a leak, say) but has no post there.
    elsewhere.docs.insert(doc(1), trial_document(&trial));
    let note = elsewhere.note(doc(1), "from the next grid");
    assert_eq!(code(&trial.push(&elsewhere, &[note])[0]), "not_allowed");
    assert_eq!(code(&report(&trial, &mut elsewhere, 3)[0]), "not_allowed");
}

fn trial_document(trial: &Trial) -> Document {
    let mut eye = trial.enrol("eye");
    eye.pull(trial);
    eye.docs.remove(&doc(1)).unwrap()
}

#[test]
fn a_revoked_devices_fieldwork_is_kept_aside() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    let report = phone.report(1, "ncg-1");
    assert!(trial.store.revoke_device(phone.pusher.device, NOW).unwrap());
    assert_eq!(code(&trial.push(&phone, std::slice::from_ref(&report))[0]), "device_revoked");
    let kept = trial.store.set_aside_after(0, 10).unwrap();
    assert_eq!((kept.len(), &kept[0].kept.bytes[..]), (1, &report.bytes[..]));
    assert_eq!(kept[0].person, phone.person());
}

#[test]
fn two_phones_offline_with_one_case_both_get_in() {
    let trial = Trial::new();
    let (mut a, mut b) = (trial.enrol("w1"), trial.enrol("lead"));
    report(&trial, &mut a, 1);
    b.pull(&trial);
    let (from_a, from_b) = (a.note(doc(1), "a"), b.note(doc(1), "b"));
    seq(&trial.push(&b, &[from_b])[0]);
    seq(&trial.push(&a, &[from_a])[0]);
    a.pull(&trial);
    b.pull(&trial);
    assert_eq!(a.docs[&doc(1)].digest(), b.docs[&doc(1)].digest());
    assert_eq!(a.docs[&doc(1)].heads().len(), 2);
}

#[test]
fn a_long_document_is_compacted_and_loses_nothing() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    let mut changes = vec![phone.report(1, "ncg-1")];
    changes.extend((0..120).map(|n| phone.note(doc(1), &format!("note {n}"))));
    for some in changes.chunks(30) {
        trial.push(&phone, some).iter().for_each(|verdict| assert!(seq(verdict) > 0));
    }
    let stored = trial.store.read(|view| view.document(&view.doc(&doc(1))?.unwrap())).unwrap();
    assert_eq!(stored.tail_changes, 1, "saved with the second and the fourth thirty; one change came after");
    let mut reader = trial.enrol("w1");
    reader.pull(&trial);
    assert_eq!(reader.docs[&doc(1)].digest(), phone.docs[&doc(1)].digest());
}

#[test]
fn pushes_that_wait_together_are_one_commit() {
    let trial = Trial::new();
    let phones: Vec<_> = (0..20u64)
        .map(|n| {
            let mut phone = trial.enrol("w1");
            let change = phone.report(n, "ncg-1");
            (phone, change)
        })
        .collect();
    let before = trial.store.counters().commits;
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let waiting = AtomicUsize::new(0);
    let (trial, waiting) = (&trial, &waiting);
    std::thread::scope(|scope| {
        let store = trial.store.clone();
        // The disk is busy with somebody's write while the others come.
        let first = scope.spawn(move || store.write(move |_| gate.recv().map_err(|_| StoreError::Closed)));
        let pushes: Vec<_> = phones
            .iter()
            .map(|(phone, change)| {
                scope.spawn(move || {
                    waiting.fetch_add(1, Ordering::SeqCst);
                    trial.push(phone, std::slice::from_ref(change))
                })
            })
            .collect();
        while waiting.load(Ordering::SeqCst) < phones.len() {
            std::thread::yield_now();
        }
        std::thread::sleep(std::time::Duration::from_millis(300));
        open.send(()).unwrap();
        first.join().unwrap().unwrap();
        for push in pushes {
            seq(&push.join().unwrap()[0]);
        }
    });
    let commits = trial.store.counters().commits - before;
    assert!(commits <= 4, "{commits} commits for 21 writes");
    assert_eq!(holdings(&trial.store), (20, 20, 0));
}

#[test]
fn whatever_was_acknowledged_survives_a_kill() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    let other = tempfile::tempdir().unwrap();
    for n in 0..8 {
        let changes = [phone.report(n, "ncg-1"), phone.note(doc(n), "a")];
        trial.push(&phone, &changes).iter().for_each(|verdict| assert!(seq(verdict) > 0));
        // What a kill at this instant leaves behind: the files as they are, with no closing of anything.
        let dead = other.path().join(n.to_string());
        std::fs::create_dir(&dead).unwrap();
        for file in [FILE.to_owned(), format!("{FILE}-wal")] {
            let _ = std::fs::copy(trial.dir.path().join(&file), dead.join(&file));
        }
        let risen = Store::open(&dead).unwrap();
        assert_eq!(holdings(&risen), (n + 1, 2 * (n + 1), 0));
        risen.verify_audit().unwrap().unwrap();
    }
}

#[test]
fn an_unfinished_write_leaves_nothing_and_harms_nobody() {
    let trial = Trial::new();
    let phone = trial.enrol("w1");
    let failed: Result<(), StoreError> = trial.store.write(|tx| {
        tx.record(NOW, &crate::audit::Who::Operator, &crate::audit::Fact::Founded)?;
        panic!("in the middle of a write");
    });
    assert_eq!(failed, Err(StoreError::Refused("panicked")));
    assert_eq!(holdings(&trial.store), (0, 0, 0));
    let head = trial.store.verify_audit().unwrap().unwrap();
    assert_eq!(head.n, 4, "founded, directory, code, device");
    let mut phone = phone;
    seq(&report(&trial, &mut phone, 1)[0]);
}

#[test]
fn a_change_the_database_itself_refuses_harms_only_itself() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    let changes = [phone.report(1, "ncg-1"), phone.report(2, "ncg-1"), phone.report(3, "ncg-1")];
    // Something no judge foresaw: a row that the schema does not take.
    let sql = format!(
        "CREATE TRIGGER planted BEFORE INSERT ON doc WHEN hex(NEW.id) = '{}' BEGIN SELECT raise(ABORT, 'no'); END",
        data_encoding::HEXUPPER.encode(doc(2).as_bytes())
    );
    rusqlite::Connection::open(trial.dir.path().join(FILE)).unwrap().execute_batch(&sql).unwrap();
    let verdicts = trial.push(&phone, &changes);
    assert_eq!(code(&verdicts[1]), "not_storable");
    assert_eq!((seq(&verdicts[0]), seq(&verdicts[2])), (1, 2));
    assert_eq!(holdings(&trial.store), (2, 2, 1));
}

#[test]
fn an_altered_audit_chain_is_found_out() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    report(&trial, &mut phone, 1);
    let conn = rusqlite::Connection::open(trial.dir.path().join(FILE)).unwrap();
    assert!(conn.execute("UPDATE audit SET who = 'nobody' WHERE n = 3", []).is_err(), "the schema refuses it");
    assert!(conn.execute("DELETE FROM audit WHERE n = 3", []).is_err());
    conn.execute_batch("DROP TRIGGER audit_is_final; UPDATE audit SET who = 'nobody' WHERE n = 3").unwrap();
    assert_eq!(trial.store.verify_audit().unwrap(), Err(Broken { n: 3 }));
}

#[test]
fn a_stamp_at_the_end_of_time_is_refused() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    report(&trial, &mut phone, 1);
    let mut entry = phone.entry(Noted { text: "x".into() });
    entry.stamp.time = doorstep_core::time::Hlc(u64::MAX);
    let far = phone.write(doc(1), vec![entry]);
    assert_eq!(code(&trial.push(&phone, &[far])[0]), "stamp_far");
}

#[test]
fn an_org_loses_sight_of_what_it_gave_back_when_policy_says_so() {
    let trial = Trial::new();
    let (mut lead, mut unit) = (trial.enrol("lead"), trial.enrol("pipes"));
    let report = lead.report(1, "ncg-1");
    let transfer = lead.transfer(doc(1));
    trial.push(&lead, &[report, transfer]);
    unit.pull(&trial);
    let offer = trial_offer(&unit);
    let entry = unit.entry(doorstep_core::case::HandoverReturned { handover: offer, why: "not our pipe".into() });
    let back = unit.write(doc(1), vec![entry]);
    seq(&trial.push(&unit, &[back])[0]);
    unit.pull(&trial);
    let days = i64::from(trial.store.directory().unwrap().policy.visible_after_return_days);
    assert_eq!(expire(&trial.store, NOW.plus_ms((days - 1) * DAY_MS)).unwrap(), 0);
    unit.pull(&trial);
    assert!(unit.has().contains(&doc(1)));
    let later = Timestamp(NOW.0 + (days + 1) * DAY_MS);
    assert_eq!(expire(&trial.store, later).unwrap(), 1);
    assert_eq!(expire(&trial.store, later).unwrap(), 0, "once");
    unit.pull(&trial);
    assert!(unit.has().is_empty());
    let before = trial.store.counters().documents_read;
    lead.pull(&trial);
    lead.pull(&trial);
    assert!(lead.has().contains(&doc(1)));
    assert!(trial.store.counters().documents_read <= before + 1, "for the others nothing has happened");
}

fn trial_offer(unit: &Phone) -> doorstep_core::time::Stamp {
    let log = unit.docs[&doc(1)].log::<doorstep_core::case::Event>();
    log.entries.iter().find(|entry| entry.body.kind() == "transferred").unwrap().stamp
}
