//! Visits: one door; met, nobody home, refused.

use doorstep_core::access;
use doorstep_core::entry::{Body, Entry};
use doorstep_core::id::DocId;
use doorstep_core::review::{self, Arrival};
use doorstep_core::row::Row;
use doorstep_core::time::{Hlc, Stamp};
use doorstep_core::visit::{self, Command, Door, Event, Visited};
use doorstep_tests::method::town::{
    self, ADMINISTRATOR, CLERK, COLLEAGUE, DEPUTY, ELSEWHERE, EVERYBODY, GONE, HEAD, LEAD, SUPERVISOR, TELECOM_CONTACT, WORKER,
};
use doorstep_tests::method::{Phone, beginning};

const DOC: DocId = DocId::from_bytes([3; 16]);

fn visited(door: Door) -> Visited {
    Visited { place: town::compound(), door, planned: true, seen: String::new(), asked: String::new(), household: None }
}

/// Adds the command's event as this person, if the rules allow it.
fn run(log: &mut Vec<Entry<Event>>, person: &str, command: &Command) -> Result<(), &'static str> {
    let town = Phone::empty(1);
    let directory = doorstep_tests::method::directory();
    let person = town.person(person);
    let event = visit::translate(command);
    visit::judge(&directory, &person, &visit::fold(&*log), &event).map_err(|refusal| refusal.code.as_str())?;
    let latest = log.last().map_or(Hlc::default(), |entry| entry.stamp.time);
    let stamp = Stamp { time: latest.next(beginning()), node: 1 };
    let entry = Entry { stamp, author: person.id.clone(), body: Body::Event(event) };
    let arrival = Arrival { directory: &directory, person: &person, doc: DOC, received: beginning() };
    review::visit(&arrival, log, std::slice::from_ref(&entry)).expect("what is decided here passes on arrival");
    log.push(entry);
    Ok(())
}

#[test]
fn a_door_is_met_empty_or_refused_in_one_event() {
    for (door, name) in [(Door::Met, "met"), (Door::NobodyHome, "nobody_home"), (Door::Refused, "refused")] {
        let mut log = Vec::new();
        run(&mut log, WORKER, &Command::RecordVisit { visit: visited(door) }).unwrap();
        let row = Row::of_visit(DOC, &visit::fold(&log));
        assert_eq!((row.stage.as_str(), row.title.as_str()), (name, "单位家属院1号楼"));
        assert_eq!(log.len(), 1);
    }
}

#[test]
fn a_visit_opens_a_case_and_takes_lines_later() {
    let mut log = Vec::new();
    let case = DocId::from_bytes([4; 16]);
    assert_eq!(run(&mut log, WORKER, &Command::NameCase { case }), Err("not_reported"));
    run(&mut log, WORKER, &Command::RecordVisit { visit: visited(Door::Met) }).unwrap();
    assert_eq!(run(&mut log, WORKER, &Command::RecordVisit { visit: visited(Door::Met) }), Err("already_reported"));
    run(&mut log, WORKER, &Command::NameCase { case }).unwrap();
    run(&mut log, COLLEAGUE, &Command::AddLine { text: "已转告".into() }).unwrap();
    assert_eq!(run(&mut log, COLLEAGUE, &Command::AddLine { text: " ".into() }), Err("missing"));
    let state = visit::fold(&log);
    assert_eq!((state.cases, state.added.len()), (vec![case], 1));
}

#[test]
fn doors_are_visited_by_whoever_works_or_heads_there() {
    for person in EVERYBODY {
        let expected = match person {
            WORKER | COLLEAGUE | LEAD | DEPUTY | HEAD => Ok(()),
            GONE => Err("unknown_person"),
            _ => Err("not_allowed"),
        };
        let recorded = run(&mut Vec::new(), person, &Command::RecordVisit { visit: visited(Door::Met) });
        assert_eq!(recorded, expected, "{person}");
    }
    let mut nowhere = visited(Door::Met);
    nowhere.place.grid = "ghj-1".parse().unwrap();
    assert_eq!(run(&mut Vec::new(), WORKER, &Command::RecordVisit { visit: nowhere }), Err("unknown_place"));
}

#[test]
fn a_visit_is_seen_in_its_grid_building_community_and_by_the_supervisor() {
    let mut log = Vec::new();
    run(&mut log, WORKER, &Command::RecordVisit { visit: visited(Door::Met) }).unwrap();
    let row = Row::of_visit(DOC, &visit::fold(&log));
    let directory = doorstep_tests::method::directory();
    let sees = |slug: &str| access::sees(&Phone::empty(1).person(slug), &row, &directory.policy, beginning());
    for person in [WORKER, COLLEAGUE, LEAD, HEAD, SUPERVISOR] {
        assert!(sees(person), "{person}");
    }
    for person in [ELSEWHERE, CLERK, TELECOM_CONTACT, ADMINISTRATOR, GONE, "nobody"] {
        assert!(!sees(person), "{person}");
    }
}
