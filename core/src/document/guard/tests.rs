//! Changes of all sorts before the guard.

use automerge::marks::{ExpandMark, Mark};
use automerge::transaction::{Transactable, Transaction};
use automerge::{Automerge, AutomergeError, ObjId, ObjType, ROOT, ScalarValue};
use proptest::prelude::*;

use super::admit::{applied, check_numbers, proved};
use super::forge::{Forged, chunk, run};
use super::{Admitted, Gate, GuardError, admit, inspect, shape};
use crate::case::{Event, TextName};
use crate::document::tests::{DOC, actor, new_case, note, notes, thirty};
use crate::document::{Document, Log, NewChange, Writing, codec};
use crate::entry::{Body, Entry};
use crate::id::{DocId, DocKind};

fn look(current: &Document, bytes: &[u8]) -> Result<Admitted, GuardError> {
    admit(Some(current), DOC, DocKind::Case, &inspect(bytes)?)
}

fn refused(current: &Document, bytes: &[u8]) -> GuardError {
    look(current, bytes).expect_err("the guard refuses this")
}

/// A change as Automerge writes it, doing whatever one likes.
fn foreign(document: &Document, by: u8, f: impl FnOnce(&mut Transaction<'_>, &ObjId) -> Result<(), AutomergeError>) -> Vec<u8> {
    let mut automerge = document.automerge.clone();
    automerge.set_actor(actor(by).as_bytes().as_slice().into());
    let log = document.layout.log.clone();
    automerge.transact(|tx| f(tx, &log)).unwrap();
    automerge.get_last_local_change().unwrap().raw_bytes().to_vec()
}

fn typed(text: TextName, now: &str) -> Writing {
    Writing { entries: vec![], texts: vec![(text, now.into())] }
}

#[test]
fn a_first_change_begins_a_document() {
    let (document, change) = new_case();
    let admitted = admit::<Event>(None, DOC, DocKind::Case, &inspect(&change.bytes).unwrap()).unwrap();
    assert_eq!(admitted.document.digest(), document.digest());
    assert_eq!((admitted.past, admitted.added.len(), admitted.unreadable), (Log::default(), 1, 0));
    let (visit, change) = Document::create(DOC, DocKind::Visit, actor(1), &notes(1, 1, "seen")).unwrap();
    let admitted = admit::<Event>(None, DOC, DocKind::Visit, &inspect(&change.bytes).unwrap()).unwrap();
    assert_eq!(admitted.document.digest(), visit.digest());
}

#[test]
fn a_change_joins_and_says_what_it_adds_to_which_past() {
    let (document, _) = new_case();
    let mut writing = notes(2 << 30, 2, "second");
    writing.texts.push((TextName::Account, "水".into()));
    let (after, change) = document.write(actor(2), &writing).unwrap();
    let admitted = look(&document, &change.bytes).unwrap();
    assert_eq!(admitted.change, change.hash);
    assert_eq!(admitted.document.digest(), after.digest());
    assert_eq!(admitted.past.entries, [note(1 << 30, 1, "first")]);
    assert_eq!(admitted.added, [note(2 << 30, 2, "second")]);
    assert_eq!(admitted.texts, [TextName::Account]);
    let (last, change) = after.write(actor(1), &typed(TextName::Account, "火")).unwrap();
    let admitted = look(&after, &change.bytes).unwrap();
    assert_eq!((admitted.document.text(TextName::Account).as_str(), admitted.added.len()), ("火", 0));
    assert_eq!(admitted.document.digest(), last.digest());
}

#[test]
fn work_done_offline_joins_change_by_change_each_on_its_own_past() {
    let (document, _) = new_case();
    let (phone, one) = document.write(actor(2), &notes(2 << 30, 2, "offline one")).unwrap();
    let (phone, two) = phone.write(actor(2), &typed(TextName::Minutes, "会议")).unwrap();
    let (_, three) = phone.write(actor(2), &notes(4 << 30, 2, "offline two")).unwrap();
    let (server, _) = document.write(actor(3), &notes(3 << 30, 3, "meanwhile")).unwrap();
    let mut gate = Gate::new(DOC, DocKind::Case, Some(server.clone()));
    for (change, past) in [(&one, 1), (&two, 2), (&three, 2)] {
        let admitted = gate.admit::<Event>(&inspect(&change.bytes).unwrap()).unwrap();
        assert_eq!(admitted.past.entries.len(), past, "what was meanwhile written is not in its past");
        assert!(admitted.past.entries.iter().all(|entry| entry.stamp.node != 3));
        gate.keep(admitted);
    }
    let whole = Document::load(&[server.save(), one.bytes, two.bytes, three.bytes].concat()).unwrap();
    assert_eq!(gate.document().unwrap().digest(), whole.digest());
    assert_eq!(gate.document().unwrap().heads(), whole.heads());
}

#[test]
fn an_author_who_names_its_own_last_change_beside_the_head_is_on_top_of_everything() {
    let (document, first) = new_case();
    let (document, second) = document.write(actor(2), &notes(2, 2, "two")).unwrap();
    let (_, third) = document.write(actor(1), &notes(3, 1, "three")).unwrap();
    let header = inspect(&third.bytes).unwrap();
    assert!(header.deps.contains(&first.hash) && header.deps.contains(&second.hash));
    assert!(look(&document, &third.bytes).unwrap().branch.is_none());
}

#[test]
fn a_refused_change_leaves_the_document_as_it_was_and_the_next_is_looked_at_for_itself() {
    let (document, _) = new_case();
    let bad = foreign(&document, 2, |tx, log| tx.delete(log, 0));
    let (_, good) = document.write(actor(3), &notes(2, 3, "good")).unwrap();
    let mut gate = Gate::new(DOC, DocKind::Case, Some(document.clone()));
    assert_eq!(gate.admit::<Event>(&inspect(&bad).unwrap()).unwrap_err(), GuardError::NotAppendOnly);
    assert_eq!(gate.document().unwrap().digest(), document.digest());
    let admitted = gate.admit::<Event>(&inspect(&good.bytes).unwrap()).unwrap();
    gate.keep(admitted);
    assert_eq!(gate.document().unwrap().log::<Event>().entries.len(), 2);
}

#[test]
fn a_change_comes_once_and_on_top_of_what_it_knows() {
    let (document, first) = new_case();
    assert_eq!(refused(&document, &first.bytes), GuardError::Known);
    let (second, two) = document.write(actor(2), &notes(2, 2, "two")).unwrap();
    let (_, three) = second.write(actor(2), &notes(3, 2, "three")).unwrap();
    assert_eq!(refused(&document, &three.bytes), GuardError::MissingDependency(vec![two.hash]));
    let header = inspect(&two.bytes).unwrap();
    let missing = admit::<Event>(None, DOC, DocKind::Case, &header).unwrap_err();
    assert_eq!(missing, GuardError::MissingDependency(vec![first.hash]));
    let elsewhere = DocId::from_bytes([8; 16]);
    assert_eq!(admit::<Event>(Some(&document), elsewhere, DocKind::Case, &header).unwrap_err(), GuardError::WrongKind);
    assert_eq!(admit::<Event>(Some(&document), DOC, DocKind::Visit, &header).unwrap_err(), GuardError::WrongKind);
    let header = inspect(&first.bytes).unwrap();
    assert_eq!(admit::<Event>(None, elsewhere, DocKind::Case, &header).unwrap_err(), GuardError::WrongKind);
    assert_eq!(admit::<Event>(None, DOC, DocKind::Visit, &header).unwrap_err(), GuardError::WrongKind);
}

#[test]
fn a_restored_or_cloned_device_is_found_out() {
    let (document, _) = new_case();
    let (one, _) = document.write(actor(2), &notes(2, 2, "before the backup was restored")).unwrap();
    let (_, again) = document.write(actor(2), &notes(3, 2, "after it")).unwrap();
    assert_eq!(refused(&one, &again.bytes), GuardError::ActorFork);
    let (other, beside) = document.write(actor(3), &notes(2, 3, "beside")).unwrap();
    let both = Document::load(&[one.save(), beside.bytes].concat()).unwrap();
    let mut forged = Forged::of(&inspect(&other.write(actor(2), &notes(4, 2, "x")).unwrap().1.bytes).unwrap());
    forged.seq = 2;
    assert_eq!(refused(&both, &forged.bytes()), GuardError::ActorFork, "not on top of its own last change");
}

#[test]
fn numbers_that_do_not_follow_are_refused() {
    let (document, _) = new_case();
    let (_, change) = document.write(actor(2), &notes(2, 2, "x")).unwrap();
    let forge = |f: fn(&mut Forged)| {
        let mut forged = Forged::of(&inspect(&change.bytes).unwrap());
        f(&mut forged);
        refused(&document, &forged.bytes())
    };
    assert_eq!(forge(|forged| forged.seq = 2), GuardError::SequenceGap);
    assert_eq!(forge(|forged| forged.start_op += 1), GuardError::StartOp);
    assert_eq!(forge(|forged| forged.start_op -= 1), GuardError::StartOp);
    assert_eq!(forge(|forged| forged.actors.push(actor(200))), GuardError::Malformed, "an actor nobody knows");
    let forged = Forged::of(&inspect(&change.bytes).unwrap());
    assert_eq!(forged.bytes(), change.bytes, "the forger writes what Automerge writes");
}

#[test]
fn nothing_but_appending_and_typing_gets_in() {
    let (document, _) = new_case();
    let (document, _) = document.write(actor(1), &typed(TextName::Draft, "条款")).unwrap();
    let draft = document.layout.text(TextName::Draft).unwrap().clone();
    type Deed = Box<dyn Fn(&mut Transaction<'_>, &ObjId) -> Result<(), AutomergeError>>;
    let text = draft.clone();
    let deeds: Vec<(&str, Deed)> = vec![
        ("delete an entry", Box::new(|tx, log| tx.delete(log, 0))),
        ("overwrite an entry", Box::new(|tx, log| tx.put(log, 0, vec![1_u8]))),
        ("append a string", Box::new(|tx, log| tx.insert(log, 1, "text"))),
        ("append a number", Box::new(|tx, log| tx.insert(log, 1, 1_i64))),
        ("append a counter", Box::new(|tx, log| tx.insert(log, 1, ScalarValue::counter(1)))),
        ("append a map", Box::new(|tx, log| tx.insert_object(log, 1, ObjType::Map).map(drop))),
        ("set a key", Box::new(|tx, _| tx.put(ROOT, "extra", 1_i64))),
        ("set the kind", Box::new(|tx, _| tx.put(ROOT, "kind", "visit"))),
        ("take the log away", Box::new(|tx, _| tx.delete(ROOT, "log"))),
        ("make another log", Box::new(|tx, _| tx.put_object(ROOT, "log", ObjType::List).map(drop))),
        ("put an object into a text", Box::new(move |tx, _| tx.insert_object(&text, 0, ObjType::Map).map(drop))),
        (
            "nest maps",
            Box::new(|tx, _| {
                let mut map = tx.put_object(ROOT, "deep", ObjType::Map)?;
                for _ in 0..300 {
                    map = tx.put_object(&map, "deeper", ObjType::Map)?;
                }
                Ok(())
            }),
        ),
    ];
    for (name, deed) in deeds {
        let bytes = foreign(&document, 2, |tx, log| deed(tx, log));
        assert_eq!(refused(&document, &bytes), GuardError::NotAppendOnly, "{name}");
    }
    let marked = foreign(&document, 2, |tx, _| tx.mark(&draft, Mark::new("bold".into(), true, 0, 2), ExpandMark::Both));
    assert_eq!(refused(&document, &marked), GuardError::NotAppendOnly, "mark a text");
    let long = foreign(&document, 2, |tx, _| tx.insert(&draft, 0, "several at once"));
    assert_eq!(refused(&document, &long), GuardError::NotAppendOnly, "characters come one by one");
}

#[test]
fn a_document_begins_once_and_only_as_ours_do() {
    let (document, _) = new_case();
    let (_, again) = Document::create(DOC, DocKind::Case, actor(9), &notes(9, 9, "a second beginning")).unwrap();
    assert_eq!(refused(&document, &again.bytes), GuardError::NotAppendOnly);
    let mut empty = document.clone();
    empty.automerge = Automerge::new();
    let begin = |bytes: &[u8]| admit::<Event>(None, DOC, DocKind::Case, &inspect(bytes).unwrap()).unwrap_err();
    assert_eq!(begin(&foreign(&empty, 1, |tx, _| tx.put(ROOT, "v", 1_i64))), GuardError::NotAppendOnly);
    let newer = foreign(&empty, 1, |tx, _| {
        tx.put(ROOT, "v", 2_i64)?;
        tx.put(ROOT, "doc", DOC.as_bytes().to_vec())?;
        tx.put(ROOT, "kind", "case")?;
        tx.put_object(ROOT, "log", ObjType::List)?;
        for name in TextName::ALL {
            tx.put_object(ROOT, name.key(), ObjType::Text)?;
        }
        Ok(())
    });
    assert_eq!(begin(&newer), GuardError::NotAppendOnly);
}

#[test]
fn pointing_at_what_is_not_there_is_refused_without_a_panic_getting_out() {
    let (document, _) = new_case();
    let (document, _) = document.write(actor(1), &typed(TextName::Draft, "条款")).unwrap();
    let (_, change) = document.write(actor(2), &notes(2, 2, "x")).unwrap();
    let header = inspect(&change.bytes).unwrap();
    let after = |counter: u8| {
        let mut forged = Forged::of(&header);
        *forged.column(0x13) = vec![0x7f, counter];
        refused(&document, &forged.bytes())
    };
    assert_eq!(after(60), GuardError::NotAppendOnly, "after an operation that is none");
    // Operations 9 and 10 are the draft's characters; the log can't go on after them.
    assert!(matches!(after(9), GuardError::Panicked | GuardError::Unloadable));
    let (_, cut) = document.write(actor(2), &typed(TextName::Draft, "条")).unwrap();
    let mut forged = Forged::of(&inspect(&cut.bytes).unwrap());
    *forged.column(0x02) = vec![0x7f, 5];
    let code = refused(&document, &forged.bytes());
    assert!(matches!(code, GuardError::Panicked | GuardError::Unloadable), "deletes in another text: {code:?}");
}

#[test]
fn forged_operations_that_automerge_would_not_write_are_refused_by_their_shape() {
    let (document, _) = new_case();
    let (document, _) = document.write(actor(1), &typed(TextName::Draft, "条款")).unwrap();
    let mut writing = notes(2, 2, "x");
    writing.texts.push((TextName::Draft, "条文款".into()));
    let (_, both) = document.write(actor(2), &writing).unwrap();
    let (_, cut) = document.write(actor(2), &typed(TextName::Draft, "条")).unwrap();
    let forge = |change: &NewChange, f: fn(&mut Forged)| {
        let mut forged = Forged::of(&inspect(&change.bytes).unwrap());
        f(&mut forged);
        refused(&document, &forged.bytes())
    };
    let no = GuardError::NotAppendOnly;
    assert_eq!(forge(&both, |forged| *forged.column(0x34) = vec![2]), no, "putting over what stands there");
    assert_eq!(forge(&both, |forged| *forged.column(0x34) = vec![1, 1]), no, "only in the log");
    assert_eq!(forge(&both, |forged| *forged.column(0x01) = run(2, 0)), no, "objects the author never made");
    assert_eq!(forge(&both, |forged| *forged.column(0x02) = run(2, 8)), no, "an object that is none");
    assert_eq!(forge(&both, |forged| *forged.column(0x02) = run(2, 3)), no, "the root's own value");
    // The second of its operations, in the text, after the first, in the log; then after itself.
    for after in [0, 1] {
        let mut forged = Forged::of(&inspect(&both.bytes).unwrap());
        let at = u8::try_from(forged.start_op + after).unwrap();
        *forged.column(0x11) = vec![0x7e, 1, 0];
        *forged.column(0x13) = vec![0x7e, 8, at - 8];
        assert_eq!(refused(&document, &forged.bytes()), no);
    }
    let nothing = |forged: &mut Forged| {
        *forged.column(0x70) = run(1, 0);
        forged.columns.retain(|(name, _)| !matches!(name, 0x71 | 0x73));
    };
    assert_eq!(forge(&cut, nothing), no, "deleting nothing");
    let other = |forged: &mut Forged| *forged.column(0x73) = vec![0x7f, 9];
    assert_eq!(forge(&cut, other), no, "deleting another than it points at");
}

#[test]
fn a_log_that_does_not_come_out_as_declared_is_refused() {
    let (document, _) = new_case();
    let (after, _) = document.write(actor(2), &notes(2, 2, "x")).unwrap();
    let bytes = after.raw_log().pop().unwrap();
    let outcome = |added: &[&[u8]]| proved(&after.automerge, after.history.clone(), document.raw_log(), added).map(|_| ());
    assert_eq!(outcome(&[&bytes]), Ok(()));
    assert_eq!(outcome(&[]), Err(GuardError::NotAppendOnly), "something was added unsaid");
    assert_eq!(outcome(&[&bytes, &bytes]), Err(GuardError::NotAppendOnly), "something was not added");
}

#[test]
fn an_unreadable_entry_is_counted_and_one_too_deep_refused() {
    let (document, _) = new_case();
    let admitted = look(&document, &foreign(&document, 2, |tx, log| tx.insert(log, 1, vec![1_u8, 2, 3]))).unwrap();
    assert_eq!((admitted.added.len(), admitted.unreadable), (0, 1));
    let newer =
        Entry { body: Body::Newer { kind: "newer".into(), record: [vec![0x81; 17], vec![0]].concat() }, ..note(2, 2, "") };
    let deep = foreign(&document, 2, |tx, log| tx.insert(log, 1, codec::tests::unchecked(&newer)));
    assert_eq!(refused(&document, &deep), GuardError::Depth);
}

#[test]
fn no_bit_of_a_change_can_be_turned_unnoticed() {
    let (document, _) = new_case();
    let (document, _) = document.write(actor(1), &typed(TextName::Draft, "条款")).unwrap();
    let mut writing = notes(2 << 30, 2, "second");
    writing.texts.push((TextName::Draft, "条文款".into()));
    let NewChange { bytes, .. } = document.write(actor(2), &writing).unwrap().1;
    for bit in 0..bytes.len() * 8 {
        let mut turned = bytes.clone();
        turned[bit / 8] ^= 1 << (bit % 8);
        inspect(&turned).expect_err("one bit is wrong");
        // And with the checksum made to fit, it is refused or an honest change of its own.
        if bit / 8 >= 12
            && let Ok(admitted) = look(&document, &Forged::sealed(&turned))
        {
            let read = Document::load(&admitted.document.save()).unwrap();
            assert_eq!(read.digest(), admitted.document.digest());
            assert_eq!(read.log::<Event>().entries.len() + read.log::<Event>().unreadable.len(), 2);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// Three phones write, now and then seeing all there is; the server gets the changes in some order that goes.
    #[test]
    fn whatever_the_order_the_gate_ends_with_the_same_document_and_each_author_s_own_past(
        steps in prop::collection::vec((0usize..3, any::<bool>(), 0usize..3, "[a-d水漏]{0,5}"), 1..10),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 200),
    ) {
        let (first, change) = new_case();
        let mut waiting = vec![(change, Log::default())];
        let mut phones = [first.clone(), first.clone(), first];
        for (n, (who, sees, text, words)) in steps.into_iter().enumerate() {
            if sees {
                let all: Vec<u8> = waiting.iter().flat_map(|(change, _)| change.bytes.clone()).collect();
                phones[who] = Document::load(&all).unwrap();
            }
            let mut writing = notes((n as u64) << 20, who as u64, &words);
            writing.texts.push((TextName::ALL[text], words));
            let past = phones[who].log::<Event>();
            let (document, change) = phones[who].write(actor(10 + u8::try_from(who).unwrap()), &writing).unwrap();
            phones[who] = document;
            waiting.push((change, past));
        }
        let all: Vec<u8> = waiting.iter().flat_map(|(change, _)| change.bytes.clone()).collect();
        let mut gate = Gate::new(DOC, DocKind::Case, None);
        let mut picks = picks.into_iter();
        while !waiting.is_empty() {
            let at = picks.next().map_or(0, |pick| pick.index(waiting.len()));
            match gate.admit::<Event>(&inspect(&waiting[at].0.bytes).unwrap()) {
                Ok(admitted) => {
                    prop_assert_eq!(&admitted.past, &waiting[at].1);
                    gate.keep(admitted);
                    waiting.remove(at);
                }
                Err(refused) => prop_assert!(matches!(refused, GuardError::MissingDependency(_)), "{}", refused),
            }
        }
        prop_assert_eq!(gate.document().unwrap().digest(), Document::load(&all).unwrap().digest());
    }

    #[test]
    fn no_bytes_get_past_inspecting(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(inspect(&bytes).is_err());
        prop_assert!(inspect(&chunk(1, &bytes)).is_err());
    }

    /// Columns of a real change with bytes thrown about in them, checksum right: admitted as a change of its own, or
    /// refused; never more.
    #[test]
    fn columns_thrown_about_break_nothing(
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let (document, _) = new_case();
        let (document, _) = document.write(actor(1), &typed(TextName::Draft, "条款")).unwrap();
        let mut writing = notes(2 << 30, 2, "second");
        writing.texts.push((TextName::Draft, "条文款".into()));
        let (_, change) = document.write(actor(2), &writing).unwrap();
        let mut forged = Forged::of(&inspect(&change.bytes).unwrap());
        for (column, at, byte) in hits {
            let column = &mut column.get_mut(&mut forged.columns).1;
            let at = at.index(column.len());
            column[at] = byte;
        }
        if let Ok(admitted) = look(&document, &forged.bytes()) {
            prop_assert_eq!(Document::load(&admitted.document.save()).unwrap().digest(), admitted.document.digest());
            prop_assert_eq!(admitted.added.len() + admitted.unreadable, 1);
        }
    }
}

/// Processor time of this thread, nanoseconds; wall-clock time on a machine that does not tell.
fn cpu_ns(start: std::time::Instant) -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|text| text.split(' ').next()?.parse().ok());
    told.unwrap_or_else(|| u64::try_from(start.elapsed().as_nanos()).unwrap())
}

#[test]
#[ignore = "measures; run with --ignored --nocapture"]
fn what_the_guard_costs() {
    let start = std::time::Instant::now();
    let (before, change) = thirty();
    let header = inspect(&change.bytes).unwrap();
    let history = before.history.and(&header);
    let shape = shape::check(&header, DOC, DocKind::Case, Some(&before)).unwrap();
    let done = applied(before.automerge.clone(), &header).unwrap();
    let (beside, _) = before.write(actor(9), &notes(1, 9, "x")).unwrap();
    let mean = |name: &str, f: &mut dyn FnMut()| {
        /// Enough that the scheduler's ticks of 4 ms don't count.
        const TIMES: u64 = 300;
        let before = cpu_ns(start);
        (0..TIMES).for_each(|_| f());
        eprintln!("{name}: {} µs", (cpu_ns(start) - before) / TIMES / 1_000);
    };
    mean("inspect", &mut || drop(inspect(&change.bytes)));
    mean("numbers", &mut || drop(check_numbers(Some(&before), &header)));
    mean("shape", &mut || drop(shape::check(&header, DOC, DocKind::Case, Some(&before))));
    mean("log", &mut || drop(before.log::<Event>()));
    mean("raw log", &mut || drop(before.raw_log()));
    mean("clone", &mut || drop(before.automerge.clone()));
    mean("clone and apply", &mut || drop(applied(before.automerge.clone(), &header)));
    mean("save", &mut || drop(done.save_nocompress()));
    let saved = done.save_nocompress();
    mean("load in automerge", &mut || drop(Automerge::load(&saved)));
    mean("load", &mut || drop(Document::load(&saved)));
    mean("save, load, compare", &mut || drop(proved(&done, history.clone(), before.raw_log(), &shape.entries)));
    mean("admit", &mut || drop(admit::<Event>(Some(&before), DOC, DocKind::Case, &header).unwrap()));
    mean("admit beside", &mut || drop(admit::<Event>(Some(&beside), DOC, DocKind::Case, &header).unwrap()));
}
