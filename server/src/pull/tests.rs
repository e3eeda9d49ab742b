//! What a pull gives, with real documents and a real file.

use std::collections::BTreeSet;

use doorstep_core::id::{Digest, DocId};
use doorstep_core::people::{Org, OrgKind, Post, Role};
use doorstep_core::sync::wire::{CHECKPOINT_DOCUMENTS, Frame};

use super::{Understands, bundle, pull};
use crate::store::FILE;
use crate::trial::{Phone, Trial, doc};

fn reported(trial: &Trial, phone: &mut Phone, numbers: std::ops::Range<u64>, grid: &str) {
    let changes: Vec<_> = numbers.map(|n| phone.report(n, grid)).collect();
    trial.push(phone, &changes);
}

fn set(numbers: impl IntoIterator<Item = u64>) -> BTreeSet<DocId> {
    numbers.into_iter().map(doc).collect()
}

fn kinds(frames: &[Frame]) -> String {
    frames
        .iter()
        .map(|frame| match frame {
            Frame::Document { .. } => 'D',
            Frame::Changes { .. } => 'c',
            Frame::Forget { .. } => 'F',
            Frame::Directory { .. } => 'n',
            Frame::MustRefetch { .. } => 'R',
            Frame::Checkpoint { done: true, .. } => '.',
            Frame::Checkpoint { .. } => '|',
        })
        .collect()
}

#[test]
fn nobody_receives_a_byte_outside_their_scope() {
    let trial = Trial::new();
    let (mut one, mut two, mut three) = (trial.enrol("w1"), trial.enrol("w2"), trial.enrol("w3"));
    reported(&trial, &mut one, 0..3, "ncg-1");
    reported(&trial, &mut two, 10..12, "ncg-2");
    reported(&trial, &mut three, 20..21, "dlh-1");
    for (person, sees) in [
        ("w1", set(0..3)),
        ("w2", set(10..12)),
        ("w3", set(20..21)),
        ("lead", set((0..3).chain(10..12))),
        ("eye", set((0..3).chain(10..12).chain(20..21))),
        ("pipes", set([])),
        ("admin", set([])),
    ] {
        let mut phone = trial.enrol(person);
        let frames = phone.pull(&trial);
        let named: BTreeSet<DocId> = frames
            .iter()
            .filter_map(|frame| match frame {
                Frame::Document { doc, .. } | Frame::Changes { doc, .. } | Frame::Forget { doc } => Some(*doc),
                _ => None,
            })
            .collect();
        assert_eq!((phone.has(), named), (sees.clone(), sees), "{person}");
    }
    let mut pages = pull(&trial.store, &"gone".parse().unwrap(), Understands::FirstRelease, None);
    assert_eq!(kinds(&crate::trial::frames(&pages.next_page().unwrap().unwrap())), "n.");
}

#[test]
fn nothing_new_reads_no_document() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    reported(&trial, &mut phone, 0..30, "ncg-1");
    assert_eq!(kinds(&phone.pull(&trial)), format!("n{}.", "D".repeat(30)));
    let before = trial.store.counters();
    assert_eq!(kinds(&phone.pull(&trial)), ".");
    assert_eq!(trial.store.counters(), before);
    // One note: that note, and nothing else.
    let note = phone.note(doc(3), "news");
    let bytes = note.bytes.clone();
    trial.push(&phone, &[note]);
    let read = trial.store.counters().documents_read;
    let frames = phone.pull(&trial);
    assert!(matches!(&frames[0], Frame::Changes { changes, .. } if *changes == [bytes]), "{}", kinds(&frames));
    assert_eq!(trial.store.counters().documents_read, read + 1);
}

#[test]
fn a_pull_resumes_after_every_page_whoever_drops_the_line() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    let total = 2 * CHECKPOINT_DOCUMENTS as u64 + 50;
    reported(&trial, &mut phone, 0..total, "ncg-1");
    // The whole in one go, and with the line cut after every page: the same documents, each once.
    let (mut whole, mut cut) = (trial.enrol("w1"), trial.enrol("lead"));
    let pages = kinds(&whole.pull(&trial));
    assert_eq!(pages.chars().filter(|kind| *kind == '|').count(), 2);
    let mut sent = String::new();
    while !sent.ends_with('.') {
        // Every page is sent twice: the first time the line drops before the phone has it.
        drop(cut.begin(&trial).next_page().unwrap());
        let page = cut.begin(&trial).next_page().unwrap().unwrap();
        sent.push_str(&kinds(&cut.take(&page)));
    }
    assert_eq!(sent.chars().filter(|kind| *kind == 'D').count() as u64, total, "{sent}");
    assert_eq!((whole.has(), cut.has()), (set(0..total), set(0..total)));
    for n in 0..total {
        assert_eq!(cut.docs[&doc(n)].digest(), phone.docs[&doc(n)].digest());
    }
}

#[test]
fn a_document_changed_in_the_middle_of_a_pull_comes_once_more_and_is_never_lost() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    let total = CHECKPOINT_DOCUMENTS as u64 + 20;
    reported(&trial, &mut phone, 0..total, "ncg-1");
    let mut puller = trial.enrol("w1");
    let mut pages = puller.begin(&trial);
    let first = pages.next_page().unwrap().unwrap();
    puller.take(&first);
    // One that came already, and one that is yet to come.
    let (a, b) = (phone.note(doc(5), "late"), phone.note(doc(total - 1), "late"));
    trial.push(&phone, &[a, b]);
    let mut rest = Vec::new();
    while let Some(page) = pages.next_page().unwrap() {
        rest.extend(puller.take(&page));
    }
    let times = |wanted: u64| {
        rest.iter().filter(|frame| matches!(frame, Frame::Document { doc: id, .. } if *id == doc(wanted))).count()
    };
    assert_eq!((times(5), times(total - 1)), (1, 1));
    for n in 0..total {
        assert_eq!(puller.docs[&doc(n)].digest(), phone.docs[&doc(n)].digest());
    }
    assert_eq!(kinds(&puller.pull(&trial)), ".");
}

#[test]
fn a_change_that_comes_during_an_incremental_pull_is_not_lost_either() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    let total = CHECKPOINT_DOCUMENTS as u64 + 20;
    reported(&trial, &mut phone, 0..total, "ncg-1");
    let mut puller = trial.enrol("w1");
    puller.pull(&trial);
    let notes: Vec<_> = (0..total).map(|n| phone.note(doc(n), "a")).collect();
    trial.push(&phone, &notes);
    let page = puller.begin(&trial).next_page().unwrap().unwrap();
    assert!(!kinds(&puller.take(&page)).contains('D'));
    let notes: Vec<_> = (0..total).map(|n| phone.note(doc(n), "b")).collect();
    trial.push(&phone, &notes);
    puller.pull(&trial);
    for n in 0..total {
        assert_eq!(puller.docs[&doc(n)].digest(), phone.docs[&doc(n)].digest());
    }
}

#[test]
fn a_transferred_case_arrives_whole_at_the_unit() {
    let trial = Trial::new();
    let (mut lead, mut unit) = (trial.enrol("lead"), trial.enrol("pipes"));
    let report = lead.report(1, "ncg-1");
    trial.push(&lead, &[report]);
    let other = lead.report(2, "ncg-1");
    trial.push(&lead, &[other]);
    assert_eq!(kinds(&unit.pull(&trial)), "n.");
    let transfer = lead.transfer(doc(1));
    trial.push(&lead, &[transfer]);
    assert_eq!(kinds(&unit.pull(&trial)), "D.");
    assert_eq!(unit.has(), set([1]));
    assert_eq!(unit.docs[&doc(1)].digest(), lead.docs[&doc(1)].digest());
    let note = lead.note(doc(1), "more");
    trial.push(&lead, &[note]);
    assert_eq!(kinds(&unit.pull(&trial)), "c.");
}

#[test]
fn a_person_moved_to_another_grid_gets_it_whole_and_is_told_to_begin_anew() {
    let trial = Trial::new();
    let (mut one, mut two) = (trial.enrol("w1"), trial.enrol("w2"));
    reported(&trial, &mut one, 0..3, "ncg-1");
    reported(&trial, &mut two, 10..13, "ncg-2");
    let mut moved = trial.enrol("w1");
    moved.pull(&trial);
    assert_eq!((moved.has(), moved.directory), (set(0..3), 1));
    trial.direct(|directory| {
        let person = directory.people.iter_mut().find(|person| person.id.as_str() == "w1").unwrap();
        person.posts[0].grids = vec!["ncg-2".parse().unwrap()];
    });
    assert_eq!(kinds(&moved.pull(&trial)), "RnDDD.");
    assert_eq!((moved.has(), moved.directory), (set(10..13), 2));
    // Somebody else's move changes nothing but the directory.
    assert_eq!(kinds(&two.pull(&trial)), "nDDD.");
    trial.direct(|directory| directory.people.retain(|person| person.id.as_str() != "w1"));
    assert_eq!(kinds(&two.pull(&trial)), "n.");
    assert_eq!(kinds(&moved.pull(&trial)), "Rn.");
    assert!(moved.has().is_empty());
}

#[test]
fn who_is_moved_in_the_middle_of_a_pull_gets_nothing_more_of_the_old_grid() {
    let trial = Trial::new();
    let mut one = trial.enrol("w1");
    reported(&trial, &mut one, 0..CHECKPOINT_DOCUMENTS as u64 + 20, "ncg-1");
    let mut moved = trial.enrol("w1");
    let mut pages = moved.begin(&trial);
    moved.take(&pages.next_page().unwrap().unwrap());
    trial.direct(|directory| {
        let person = directory.people.iter_mut().find(|person| person.id.as_str() == "w1").unwrap();
        person.posts[0].role = Role::GridWorker;
        person.posts[0].grids = vec!["ncg-2".parse().unwrap()];
    });
    let mut rest = Vec::new();
    while let Some(page) = pages.next_page().unwrap() {
        rest.extend(moved.take(&page));
    }
    assert_eq!(kinds(&rest), "Rn.");
}

#[test]
fn a_cursor_of_another_log_or_of_none_begins_anew() {
    let (trial, other) = (Trial::new(), Trial::new());
    let mut phone = trial.enrol("w1");
    reported(&trial, &mut phone, 0..2, "ncg-1");
    phone.pull(&trial);
    let mut lost = Phone { cursor: Some(b"junk".to_vec()), ..trial.enrol("w1") };
    let frames = lost.pull(&trial);
    assert_eq!(kinds(&frames), "RnDD.");
    assert!(matches!(frames[0], Frame::MustRefetch { new_epoch: true }));
    // The same epoch in this test, but a log that never came so far: a backup that was put back.
    let mut back = Phone { cursor: phone.cursor.clone(), ..other.enrol("w1") };
    assert!(matches!(back.pull(&other)[0], Frame::MustRefetch { new_epoch: true }));
    rusqlite::Connection::open(trial.dir.path().join(FILE))
        .unwrap()
        .execute("UPDATE meta SET value = randomblob(16) WHERE key = 'epoch'", [])
        .unwrap();
    assert!(matches!(phone.pull(&trial)[0], Frame::MustRefetch { new_epoch: true }));
    assert_eq!(phone.has(), set(0..2));
}

#[test]
fn a_bundle_is_given_to_who_sees_its_case_and_is_never_altered() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    reported(&trial, &mut phone, 1..2, "ncg-1");
    let (bytes, digest) = (b"sealed".to_vec(), crate::ingest::digest(b"sealed"));
    let conn = rusqlite::Connection::open(trial.dir.path().join(FILE)).unwrap();
    conn.execute("INSERT INTO bundle (digest, doc, bytes) VALUES (?1, 1, ?2)", (digest.as_bytes(), &bytes)).unwrap();
    let ask = |person: &str, digest| bundle(&trial.store, &person.parse().unwrap(), digest).unwrap();
    assert_eq!(ask("w1", &digest), Some(bytes));
    for blind in ["w2", "w3", "pipes", "admin", "gone"] {
        assert_eq!(ask(blind, &digest), None, "{blind}");
    }
    assert_eq!(ask("w1", &Digest::from_bytes([0; 32])), None);
    for attack in [
        "UPDATE bundle SET bytes = x'00'",
        "DELETE FROM bundle",
        "INSERT OR REPLACE INTO bundle SELECT digest, doc, x'00' FROM bundle",
    ] {
        assert!(conn.execute(attack, []).is_err(), "{attack}");
    }
}

/// Takes a document out of the unit's sight, as time does.
fn withdraw_from_unit(trial: &Trial, n: u64) {
    let scopes = ["all", "community:ncg", "grid:ncg-1"].map(String::from).into();
    let write = move |tx: &crate::store::Tx<'_>| {
        let line = tx.doc(&doc(n))?.unwrap();
        tx.rescope(&line, &scopes, None)
    };
    trial.store.write(write).unwrap();
}

fn transferred(trial: &Trial, lead: &mut Phone, numbers: std::ops::Range<u64>) {
    let changes: Vec<_> = numbers.flat_map(|n| [lead.report(n, "ncg-1"), lead.transfer(doc(n))]).collect();
    trial.push(lead, &changes);
}

#[test]
fn what_left_before_a_pull_began_is_not_even_named() {
    let trial = Trial::new();
    let (mut lead, mut unit) = (trial.enrol("lead"), trial.enrol("pipes"));
    transferred(&trial, &mut lead, 1..2);
    withdraw_from_unit(&trial, 1);
    assert_eq!(kinds(&unit.pull(&trial)), "n.", "it never had it");
}

#[test]
fn what_leaves_in_the_middle_of_a_pull_is_forgotten_if_it_came_and_not_named_if_it_did_not() {
    let trial = Trial::new();
    let (mut lead, mut unit) = (trial.enrol("lead"), trial.enrol("pipes"));
    let total = CHECKPOINT_DOCUMENTS as u64 + 20;
    transferred(&trial, &mut lead, 0..total);
    let mut pages = unit.begin(&trial);
    unit.take(&pages.next_page().unwrap().unwrap());
    assert!(unit.has().contains(&doc(3)));
    withdraw_from_unit(&trial, 3);
    // This one both came and went while the pull ran.
    transferred(&trial, &mut lead, 500..501);
    withdraw_from_unit(&trial, 500);
    // And this one had not come yet.
    withdraw_from_unit(&trial, total - 1);
    let mut rest = Vec::new();
    while let Some(page) = pages.next_page().unwrap() {
        rest.extend(unit.take(&page));
    }
    let forgotten: Vec<_> = rest.iter().filter(|frame| matches!(frame, Frame::Forget { .. })).collect();
    assert!(forgotten.contains(&&Frame::Forget { doc: doc(3) }));
    assert!(!forgotten.contains(&&Frame::Forget { doc: doc(500) }));
    assert_eq!(unit.has(), set((0..total - 1).filter(|n| *n != 3)));
    // Given again, it comes whole again.
    let again = lead.note(doc(3), "once more");
    trial.push(&lead, &[again]);
    unit.pull(&trial);
    assert!(unit.has().contains(&doc(3)));
    assert_eq!(unit.docs[&doc(3)].digest(), lead.docs[&doc(3)].digest());
}

#[test]
fn what_was_forgotten_in_a_pull_and_comes_back_by_another_way_comes_whole() {
    let trial = Trial::new();
    let mut lead = trial.enrol("lead");
    let total = CHECKPOINT_DOCUMENTS as u64 + 20;
    transferred(&trial, &mut lead, 0..total);
    // A contact of two units.
    trial.direct(|directory| {
        let wires = Org { id: "wires".parse().unwrap(), kind: OrgKind::Unit, name: "wires".into() };
        directory.orgs.push(wires);
        let person = directory.people.iter_mut().find(|person| person.id.as_str() == "pipes").unwrap();
        let post = Post { org: "wires".parse().unwrap(), ..person.posts[0].clone() };
        person.posts.push(post);
    });
    let mut contact = trial.enrol("pipes");
    contact.pull(&trial);
    withdraw_from_unit(&trial, 3);
    let notes: Vec<_> = (10..total).map(|n| lead.note(doc(n), "news")).collect();
    trial.push(&lead, &notes);
    let mut pages = contact.begin(&trial);
    let frames = contact.take(&pages.next_page().unwrap().unwrap());
    assert!(frames.contains(&Frame::Forget { doc: doc(3) }) && kinds(&frames).ends_with('|'));
    rusqlite::Connection::open(trial.dir.path().join(FILE))
        .unwrap()
        .execute_batch(
            "BEGIN; UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'change';
             INSERT INTO doc_scope (doc, scope, first_seq, entered_seq, last_seq)
             SELECT doc.n, 'org:wires', seq, seq, seq FROM doc, sqlite_sequence
             WHERE name = 'change' AND doc.id = x'00000000000000030000000000000000'; COMMIT",
        )
        .unwrap();
    while let Some(page) = pages.next_page().unwrap() {
        contact.take(&page);
    }
    assert_eq!(contact.docs[&doc(3)].digest(), lead.docs[&doc(3)].digest());
}

#[test]
#[ignore = "measures: ten thousand documents"]
fn memory_does_not_grow_with_what_is_stored() {
    let trial = Trial::new();
    let mut phone = trial.enrol("w1");
    for hundred in 0..100 {
        reported(&trial, &mut phone, hundred * 100..(hundred + 1) * 100, "ncg-1");
        phone.docs.clear();
    }
    let rss = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        status.lines().find(|line| line.starts_with("VmRSS")).unwrap().to_owned()
    };
    println!("after the pushes: {}", rss());
    let started = std::time::Instant::now();
    let (mut pages, mut bytes) = (phone.begin(&trial), 0);
    while let Some(page) = pages.next_page().unwrap() {
        bytes += page.len();
    }
    println!("after a whole pull of {bytes} bytes in {:?}: {}", started.elapsed(), rss());
}
