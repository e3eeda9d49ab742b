//! A document that can't be read stops no ledger: it is counted, and has a line that says so.

use doorstep_core::case::{Body, Event};
use doorstep_core::document::{Document, Writing};
use doorstep_core::entry::Entry;
use doorstep_core::id::{ActorId, ChangeHash, DocKind};
use doorstep_core::row::Row;
use doorstep_core::store::Apply;
use doorstep_core::time::{Hlc, Stamp};

use super::*;

/// Puts these bytes in the place of the case's, as a damaged card would.
fn replace(phone: &mut Phone, case: DocId, change: impl FnOnce(Vec<u8>) -> (Vec<u8>, Vec<ChangeHash>)) {
    phone.with_store(|store| {
        let held = store.document(&case).unwrap().unwrap();
        let row = store.row(&case).unwrap().unwrap();
        let (bytes, heads) = change(held.bytes);
        store.apply(&[Apply::Document { doc: case, kind: DocKind::Case, bytes, heads, row }], None).unwrap();
    });
}

#[test]
fn a_case_that_cannot_be_read_is_counted_and_keeps_its_line() {
    let mut town = Town::new(1);
    let (case, _) = town.cases[7];
    replace(&mut town.lead, case, |bytes| (bytes[..bytes.len() / 2].to_vec(), vec![]));
    for format in Format::ALL {
        let (_, exported) = bytes(&town.lead, "cases", format, None);
        assert_eq!(exported, Exported { lines: 30, unreadable: 1 });
    }
    let lines = json(&town.lead, "cases", None);
    let line = &lines[7];
    assert_eq!((&line["id"], &line["unreadable"]), (&case.to_string().into(), &true.into()));
    // What the list knows of it is there.
    assert_eq!(line["title"], format!("【无法读取】事项7：{:?}", town.cases[7].1));
    assert_eq!((&line["reported_on"], &line["stage"]), (&"2026-05-15".into(), &serde_json::Value::Null));
    assert!(lines.iter().enumerate().all(|(n, line)| n == 7 || line.get("unreadable").is_none()));
    let sheet = workbook(&bytes(&town.lead, "cases", Format::Xlsx, None).0);
    assert!(sheet[9].iter().any(|cell| matches!(cell, Data::String(text) if text.starts_with("【无法读取】"))));
    // In the summary one line says how many are not counted.
    let months = json(&town.lead, "months", None);
    assert_eq!(months.last().unwrap()["community"], "【无法读取】另有1份记录未计入");
    let reported: u64 = months.iter().filter_map(|line| line["reported"].as_u64()).sum();
    assert_eq!(reported, 29);
    // And where nothing is known of it, not even a date, no range hides it.
    town.lead.with_store(|store| store.put_rows(&[Row::unreadable(case, DocKind::Case)]).unwrap());
    let lines = json(&town.lead, "cases", Some((Date::from_days(0), Date::from_days(1))));
    assert_eq!((lines.len(), &lines[0]["title"]), (1, &"【无法读取】".into()));
}

#[test]
fn a_case_whose_bytes_are_not_those_that_were_sent_is_not_believed() {
    let mut town = Town::new(2);
    let (case, _) = town.cases[3];
    replace(&mut town.lead, case, |bytes| (bytes, vec![ChangeHash::from_bytes([9; 32])]));
    assert_eq!(bytes(&town.lead, "cases", Format::Json, None).1, Exported { lines: 30, unreadable: 1 });
    let other = town.cases[4].0;
    let foreign = town.lead.with_store(|store| store.document(&other).unwrap().unwrap());
    replace(&mut town.lead, case, |_| (foreign.bytes, foreign.heads));
    assert_eq!(bytes(&town.lead, "cases", Format::Json, None).1.unreadable, 1, "another case's bytes are not this case");
}

#[test]
fn a_case_with_a_record_from_a_newer_version_says_that_it_is_not_all() {
    let mut town = Town::new(3);
    let (case, _) = town.cases[0];
    replace(&mut town.lead, case, |bytes| {
        let document = Document::load(&bytes).unwrap();
        let newer: Entry<Event> = Entry {
            stamp: Stamp { time: Hlc(u64::MAX >> 2), node: 1 },
            author: "w-ncg-1".parse().unwrap(),
            body: Body::Newer { kind: "teleported".into(), record: vec![0xa0] },
        };
        let actor = ActorId::from_bytes([7; 16]);
        let (document, _) = document.write(actor, &Writing::entries(vec![newer])).unwrap();
        (document.save(), document.heads())
    });
    let lines = json(&town.lead, "cases", None);
    assert_eq!(lines.iter().filter(|line| line["unreadable"] == true).count(), 1);
    assert!(lines[0]["title"].as_str().unwrap().starts_with("【部分记录无法读取】事项0"));
    assert_eq!(lines[0]["stage"], "received", "what can be read is there");
}
