//! Records outlive programs: every event and command reads back from CBOR and JSON, what a newer version added is
//! passed over, and a kind nobody here knows is kept.

use doorstep_core::case::{
    self, AgreedWithBody, Asked, Body, Channel, Command, Entry, Event, Ground, Reported, Reporter, TextName,
};
use doorstep_core::entry::{Record, RecordError};
use doorstep_core::id::{Digest, DocId};
use doorstep_core::time::{Hlc, Stamp};
use doorstep_core::visit;
use doorstep_tests::method::say::{self, REPORTER};
use doorstep_tests::method::{Phone, town};
use serde::{Serialize, de::DeserializeOwned};

use super::histories::dice::{Dice, KINDS, any_command, any_event};

fn through_cbor<T: Serialize + DeserializeOwned>(value: &T) -> T {
    let bytes = minicbor_serde::to_vec(value).unwrap();
    minicbor_serde::from_slice(&bytes).unwrap_or_else(|error| panic!("CBOR: {error}"))
}

fn through_json<T: Serialize + DeserializeOwned>(value: &T) -> T {
    let text = serde_json::to_string(value).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("JSON: {error}: {text}"))
}

#[test]
fn every_event_reads_back_from_cbor_and_json() {
    let mut kinds = std::collections::BTreeSet::new();
    for seed in 0..40 {
        for kind in 0..KINDS {
            let event = any_event(kind, &mut Dice(seed));
            kinds.insert(event.kind());
            let record = event.record().unwrap();
            assert_eq!(Event::from_record(event.kind(), &record), Ok(Some(event.clone())));
            assert_eq!(through_cbor(&event), event);
            assert_eq!(through_json(&event), event);
        }
    }
    assert_eq!(kinds.len(), Event::KINDS.len(), "every kind has been tried");
}

#[test]
fn every_command_reads_back_from_cbor_and_json() {
    let phone = Phone::reported();
    for seed in 0..40 {
        for kind in 0..KINDS {
            let command = any_command(kind, &mut Dice(seed), &phone);
            assert_eq!(through_cbor(&command), command, "CBOR");
            assert_eq!(through_json(&command), command, "JSON");
        }
    }
    let typed = Command::EditText { text: TextName::Draft, now: "草案".into() };
    assert_eq!(through_cbor(&typed), typed);
    assert_eq!(through_json(&typed), typed);
}

#[test]
fn every_visit_event_and_command_reads_back() {
    let visit = visit::Visited {
        place: town::compound(),
        door: visit::Door::NobodyHome,
        planned: true,
        seen: "门口堆物".into(),
        asked: String::new(),
        household: Some(DocId::from_bytes([6; 16])),
    };
    let commands = [
        visit::Command::RecordVisit { visit },
        visit::Command::NameCase { case: DocId::from_bytes([5; 16]) },
        visit::Command::AddLine { text: "已转告".into() },
    ];
    for command in commands {
        assert_eq!(through_cbor(&command), command);
        assert_eq!(through_json(&command), command);
        let event = visit::translate(&command);
        assert_eq!(visit::Event::from_record(event.kind(), &event.record().unwrap()), Ok(Some(event.clone())));
        assert_eq!(through_cbor(&event), event);
        assert_eq!(through_json(&event), event);
    }
}

#[test]
fn fields_that_may_be_absent_read_back_absent_and_present() {
    let full = Reported {
        channel: Channel::Visit,
        reporter: Some(Reporter { name: REPORTER.into(), phone: "13800000000".into() }),
        title: "断水".into(),
        place: town::compound(),
        category: "邻里纠纷".into(),
        account: "自装阀门".into(),
        visit: Some(DocId::from_bytes([6; 16])),
    };
    let bare = Reported { reporter: None, visit: None, place: town::garden(), ..full.clone() };
    for report in [full, bare] {
        assert_eq!(through_cbor(&report), report);
        assert_eq!(through_json(&report), report);
    }
    let agreed = Some(AgreedWithBody { with: "科长甲".into(), on: say::day(1), how: "函".into() });
    for agreed in [None, agreed] {
        let transferred = case::Transferred { to: town::EDUCATION.parse().unwrap(), reason: "学籍".into(), agreed };
        assert_eq!(through_cbor(&transferred), transferred);
        assert_eq!(through_json(&transferred), transferred);
    }
}

/// A note as a later version might write it.
#[derive(Serialize)]
struct NotedLater {
    text: String,
    mood: Option<u8>,
    more: Vec<Digest>,
    place: doorstep_core::people::Place,
}

#[test]
fn what_a_newer_version_added_to_a_record_is_passed_over() {
    let later = NotedLater {
        text: "已告知".into(),
        mood: Some(3),
        more: vec![Digest::from_bytes([1; 32]); 3],
        place: town::compound(),
    };
    let record = minicbor_serde::to_vec(&later).unwrap();
    let read = Event::from_record("noted", &record).unwrap();
    assert_eq!(read, Some(case::Noted { text: "已告知".into() }.into()));
}

#[test]
fn a_kind_nobody_here_knows_is_kept_and_changes_nothing() {
    assert_eq!(Event::from_record("praised", &[0xa0]), Ok(None));
    assert_eq!(Event::from_record("noted", &[0xff, 0x00]), Err(RecordError), "a known kind that cannot be read is not new");
    assert_eq!(Event::from_record("noted", &[]), Err(RecordError));
    let mut phone = Phone::reported();
    let before = phone.state();
    let stamp = Stamp { time: Hlc(phone.log()[0].stamp.time.0 + 1), node: 5 };
    let body = Body::Newer { kind: "praised".into(), record: vec![0xa0] };
    assert_eq!(body.kind(), "praised");
    let entry = Entry { stamp, author: town::WORKER.parse().unwrap(), body };
    assert!(phone.review(std::slice::from_ref(&entry)).is_ok(), "kept from whoever may add a note");
    let stranger = Entry { author: town::ELSEWHERE.parse().unwrap(), ..entry.clone() };
    assert_eq!(phone.review(&[stranger]).unwrap_err().code.as_str(), "not_allowed");
    phone.receive(&[entry]);
    let after = phone.state();
    assert_eq!(after.newer.len(), 1);
    assert_eq!((after.stage(), after.round), (before.stage(), before.round));
    assert!(after.standings.is_empty());
    phone.does(town::WORKER, say::open());
}

#[test]
fn names_on_the_wire_are_those_of_the_handbook() {
    let raise = say::raise_on(town::OFFICE, Ground::NoAgreement);
    let json = serde_json::to_value(&raise).unwrap();
    assert_eq!((json["do"].as_str(), json["ground"].as_str()), (Some("raise"), Some("no_agreement")));
    let json = serde_json::to_value(Command::RecordFeedbackTry { party: REPORTER.into(), asked: Asked::InWriting }).unwrap();
    assert_eq!(json, serde_json::json!({ "do": "record_feedback_try", "party": REPORTER, "asked": "in_writing" }));
}
