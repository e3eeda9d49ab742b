//! What documents promise.

use proptest::prelude::*;

use super::*;
use crate::case::Noted;
use crate::entry::Body;
use crate::time::{Hlc, Stamp};

pub(super) const DOC: DocId = DocId::from_bytes([7; 16]);

pub(super) fn actor(n: u8) -> ActorId {
    ActorId::from_bytes([n; 16])
}

pub(super) fn note(time: u64, node: u64, text: &str) -> Entry<Event> {
    Entry {
        stamp: Stamp { time: Hlc(time), node },
        author: "w-ncg-1".parse().unwrap(),
        body: Body::Event(Noted { text: text.into() }.into()),
    }
}

pub(super) fn notes(time: u64, node: u64, text: &str) -> Writing {
    Writing::entries(vec![note(time, node, text)])
}

pub(super) fn new_case() -> (Document, NewChange) {
    Document::create(DOC, DocKind::Case, actor(1), &notes(1 << 30, 1, "first")).unwrap()
}

fn texts(name: TextName, now: &str) -> Writing {
    Writing { entries: vec![], texts: vec![(name, now.into())] }
}

#[test]
fn a_document_reads_back_from_its_save_and_from_save_and_tail() {
    let (first, _) = new_case();
    let (second, change) = first.write(actor(1), &notes(2 << 30, 1, "second")).unwrap();
    assert_eq!((change.seq, second.last_seq(&actor(1)), first.last_seq(&actor(1))), (2, 2, 1), "self stays as it is");
    let tail = [first.save(), change.bytes.clone()].concat();
    for bytes in [second.save(), tail] {
        let read = Document::load(&bytes).unwrap();
        assert_eq!((read.id(), read.kind()), (DOC, DocKind::Case));
        assert_eq!(read.log::<Event>().entries, [note(1 << 30, 1, "first"), note(2 << 30, 1, "second")]);
        assert_eq!(read.heads(), [change.hash]);
        assert!(read.has(&change.hash));
        assert_eq!(read.digest(), second.digest());
    }
}

#[test]
fn the_same_arguments_give_the_same_bytes() {
    assert_eq!(new_case().1, new_case().1);
    let (document, _) = new_case();
    let write = || document.write(actor(2), &texts(TextName::Account, "水管漏水")).unwrap().1;
    assert_eq!(write(), write());
}

#[test]
fn a_change_is_named_by_the_hash_of_its_chunk() {
    let (_, change) = new_case();
    let mut hasher = sha2::Sha256::new();
    hasher.update(&change.bytes[8..]);
    let hash: [u8; 32] = hasher.finalize().into();
    assert_eq!(change.hash.as_bytes(), &hash);
}

#[test]
fn two_people_typing_at_once_both_keep_their_words() {
    let (document, _) = new_case();
    let (document, _) = document.write(actor(1), &texts(TextName::Minutes, "楼上漏水，物业到场。")).unwrap();
    let (_, a) = document.write(actor(2), &texts(TextName::Minutes, "三楼楼上漏水，物业到场。")).unwrap();
    let (_, b) = document.write(actor(3), &texts(TextName::Minutes, "楼上漏水，物业和居民到场。")).unwrap();
    let both = Document::load(&[document.save(), a.bytes, b.bytes].concat()).unwrap();
    assert_eq!(both.text(TextName::Minutes), "三楼楼上漏水，物业和居民到场。");
}

#[test]
fn edits_in_two_places_leave_what_lies_between_alone() {
    let (document, _) = new_case();
    let (document, _) = document.write(actor(1), &texts(TextName::Draft, "甲方 修好 水管 乙方 付款")).unwrap();
    let (_, a) = document.write(actor(2), &texts(TextName::Draft, "甲 修好 水管 乙方 支付款")).unwrap();
    let (_, b) = document.write(actor(3), &texts(TextName::Draft, "甲方 修好 自来水管 乙方 付款")).unwrap();
    let both = Document::load(&[document.save(), a.bytes, b.bytes].concat()).unwrap();
    assert_eq!(both.text(TextName::Draft), "甲 修好 自来水管 乙方 支付款");
}

#[test]
fn a_long_paste_goes_in_steps_and_not_at_once() {
    let (document, _) = new_case();
    let (document, _) = document.write(actor(1), &texts(TextName::Minutes, "开头结尾")).unwrap();
    let now = format!("开头{}结尾", "会议记录".repeat(1_000));
    assert_eq!(document.write(actor(1), &texts(TextName::Minutes, &now)).unwrap_err(), DocumentError::TooMuch);
    let mut at = document.clone();
    for text in [now.as_str(), "开头结尾", now.as_str(), "另一份会议记录", ""] {
        let steps = at.steps(TextName::Minutes, text);
        for step in &steps {
            at = at.write(actor(1), &texts(TextName::Minutes, step)).unwrap().0;
        }
        assert_eq!(at.text(TextName::Minutes), text);
    }
    assert_eq!(document.steps(TextName::Minutes, "开头与结尾"), ["开头与结尾"]);
}

#[test]
fn the_changes_of_a_document_make_it_again() {
    let (document, first) = new_case();
    let (document, second) = document.write(actor(2), &notes(2, 2, "two")).unwrap();
    let changes = document.changes().unwrap();
    assert_eq!(changes, [first, second]);
}

#[test]
fn nothing_to_write_is_an_error_and_visits_have_no_texts() {
    let (document, _) = new_case();
    let empty = Writing::<Event> { entries: vec![], texts: vec![] };
    assert_eq!(document.write(actor(1), &empty).unwrap_err(), DocumentError::Nothing);
    assert_eq!(document.write(actor(1), &texts(TextName::Draft, "")).unwrap_err(), DocumentError::Nothing);
    let (visit, _) = Document::create(DOC, DocKind::Visit, actor(1), &notes(1, 1, "seen")).unwrap();
    assert_eq!(visit.write(actor(1), &texts(TextName::Draft, "x")).unwrap_err(), DocumentError::NoSuchText);
    assert_eq!(visit.text(TextName::Draft), "");
}

#[test]
fn what_is_not_ours_is_not_loaded() {
    use automerge::{ObjType, ROOT};
    assert_eq!(Document::load(b"").unwrap_err(), DocumentError::Unloadable);
    assert_eq!(Document::load(b"nonsense").unwrap_err(), DocumentError::Unloadable);
    let (document, change) = new_case();
    let (_, orphan) = document.write(actor(2), &notes(2, 2, "x")).unwrap();
    assert_eq!(Document::load(&orphan.bytes).unwrap_err(), DocumentError::Unloadable, "its past is missing");
    let mut cut = change.bytes.clone();
    cut.pop();
    assert_eq!(Document::load(&cut).unwrap_err(), DocumentError::Unloadable);
    let spoil = |f: fn(&mut Transaction<'_>) -> Result<(), AutomergeError>| {
        let mut automerge = document.automerge.clone();
        automerge.transact(f).unwrap();
        Document::load(&automerge.save_nocompress()).unwrap_err()
    };
    let version = |tx: &mut Transaction<'_>| tx.put(ROOT, "v", 2_i64);
    assert_eq!(spoil(version), DocumentError::Newer);
    assert_eq!(spoil(|tx| tx.put(ROOT, "extra", 1_i64)), DocumentError::NotOurs);
    assert_eq!(spoil(|tx| tx.put_object(ROOT, "log", ObjType::List).map(drop)), DocumentError::NotOurs);
    assert_eq!(spoil(|tx| tx.delete(ROOT, "draft")), DocumentError::NotOurs);
    let nested = |tx: &mut Transaction<'_>| {
        let (_, log) = tx.get(ROOT, "log")?.unwrap();
        let mut map = tx.insert_object(&log, 0, ObjType::Map)?;
        for _ in 0..300 {
            map = tx.put_object(&map, "deeper", ObjType::Map)?;
        }
        Ok(())
    };
    assert_eq!(spoil(nested), DocumentError::NotOurs);
}

/// A document of thirty changes, and one more.
pub(super) fn thirty() -> (Document, NewChange) {
    let mut document = new_case().0;
    let mut last = None;
    for n in 0..30u64 {
        let mut writing = notes(n << 20, 1, "物业公司已于当日到场查看，确认三楼卫生间防水层老化，约定下周一上门施工。");
        if n % 5 == 0 {
            writing.texts.push((TextName::Minutes, format!("第{n}次会议纪要：双方就维修费用达成一致。")));
        }
        let (next, change) = document.write(actor(u8::try_from(n % 4).unwrap() + 1), &writing).unwrap();
        last = Some((document, change));
        document = next;
    }
    last.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Three phones write, now and then seeing each other's changes; then two others get everything, in orders of
    /// their own.
    #[test]
    fn documents_of_the_same_changes_say_the_same(
        steps in prop::collection::vec((0usize..3, any::<bool>(), 0usize..3, "[a-f水管漏]{0,6}"), 1..14),
        order in any::<u64>(),
    ) {
        let (first, change) = new_case();
        let mut changes = vec![change.bytes];
        let mut phones = [first.clone(), first.clone(), first];
        for (n, (who, sees, text, words)) in steps.into_iter().enumerate() {
            if sees {
                phones[who] = Document::load(&changes.concat()).unwrap();
            }
            let mut writing = notes((n as u64) << 20, who as u64, &words);
            writing.texts.push((TextName::ALL[text], words));
            let (document, change) = phones[who].write(actor(10 + u8::try_from(who).unwrap()), &writing).unwrap();
            phones[who] = document;
            changes.push(change.bytes);
        }
        let one = Document::load(&changes.concat()).unwrap();
        let (first, rest) = changes.split_first_mut().unwrap();
        let mut order = order;
        for at in (1..rest.len()).rev() {
            rest.swap(at, usize::try_from(order % (at as u64 + 1)).unwrap());
            order = order.rotate_left(7).wrapping_mul(6_364_136_223_846_793_005);
        }
        let other = Document::load(&[first.clone(), rest.concat()].concat()).unwrap();
        prop_assert_eq!(one.digest(), other.digest());
        prop_assert_eq!(one.log::<Event>(), other.log::<Event>());
        prop_assert_eq!(Document::load(&one.save()).unwrap().digest(), one.digest());
    }
}
