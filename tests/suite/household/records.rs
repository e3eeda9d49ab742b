//! What may be written in a household's record, by whom: the rules alone.
#![expect(clippy::needless_pass_by_value, reason = "commands are made where they are said")]

use doorstep_core::case::{Origin, TEXT_MAX};
use doorstep_core::directory::Directory;
use doorstep_core::entry::Body;
use doorstep_core::household::{
    self, Command, Entry, Event, Leaving, RESIDENTS_MAX, Registered, ResidentLeft, ResidentRecorded, Striking, Struck,
    TagCleared, TagSet,
};
use doorstep_core::id::{DocId, ResidentId};
use doorstep_core::people::Place;
use doorstep_core::review::{self, Arrival};
use doorstep_core::row::Row;
use doorstep_core::time::{Date, Hlc, Stamp, Timestamp};
use doorstep_tests::method::town::{
    self, ADMINISTRATOR, COLLEAGUE, DEPUTY, ELSEWHERE, EVERYBODY, GONE, HEAD, LEAD, NEIGHBOUR, SUPERVISOR, WORKER,
};
use doorstep_tests::method::{Phone, beginning, directory};

const DOC: DocId = DocId::from_bytes([3; 16]);
const WHO: ResidentId = ResidentId::from_bytes([8; 16]);

/// One phone's copy of a household.
struct Household {
    directory: Directory,
    log: Vec<Entry>,
}

impl Household {
    fn empty() -> Self {
        Self { directory: (*directory()).clone(), log: Vec::new() }
    }

    fn registered() -> Self {
        let mut home = Self::empty();
        home.run(WORKER, Command::Register { place: town::compound() }).unwrap();
        home
    }

    fn lived_in() -> Self {
        let mut home = Self::registered();
        home.run(WORKER, Command::RecordResident { resident: known() }).unwrap();
        home
    }

    fn state(&self) -> household::HouseholdState {
        household::fold(&self.log)
    }

    /// Does it as this person, if the rules allow it here; then a server must take it too.
    fn run(&mut self, person: &str, command: Command) -> Result<(), String> {
        let state = self.state();
        let event = household::translate(&state, &command);
        let person = Phone::empty(1).person(person);
        let here = Origin::Here { now: beginning() };
        household::judge(&self.directory, &person, here, &state, &event)
            .map_err(|refusal| [&[refusal.code.as_str().to_owned()], &refusal.about[..]].concat().join(" "))?;
        let entry = self.entry(person.id.as_str(), Body::Event(event));
        assert_eq!(self.arrives(person.id.as_str(), &entry), Ok(()), "what is decided here passes on arrival");
        self.log.push(entry);
        Ok(())
    }

    fn entry(&self, person: &str, body: Body<Event>) -> Entry {
        let latest = self.log.last().map_or(Hlc::default(), |entry| entry.stamp.time);
        Entry { stamp: Stamp { time: latest.next(beginning()), node: 1 }, author: person.parse().unwrap(), body }
    }

    fn arrives(&self, person: &str, entry: &Entry) -> Result<(), &'static str> {
        let person = Phone::empty(1).person(person);
        let arrival = Arrival { directory: &self.directory, person: &person, doc: DOC, received: beginning() };
        let reviewed = review::household(&arrival, &self.log, std::slice::from_ref(entry));
        reviewed.map(drop).map_err(|refusal| refusal.code.as_str())
    }
}

fn known() -> ResidentRecorded {
    let (name, phone, relation) = ("李秀英".into(), "13500000000".into(), "户主".into());
    let (born, tags) = (Some(1941), vec!["独居老人".into()]);
    ResidentRecorded { resident: WHO, name, phone, born, relation, tags, from: None, back: None }
}

fn note() -> Command {
    Command::Note { text: "钥匙在对门".into() }
}

fn today() -> Date {
    beginning().date()
}

fn leaves(why: Leaving, on: Date) -> Command {
    Command::RecordLeaving { left: ResidentLeft { resident: WHO, why, on, to: String::new(), household: None } }
}

fn set(tag: &str, resident: Option<ResidentId>) -> Command {
    Command::SetTag { tag: TagSet { tag: tag.into(), resident } }
}

fn clear(tag: &str, resident: Option<ResidentId>) -> Command {
    Command::ClearTag { tag: TagCleared { tag: tag.into(), resident } }
}

#[test]
fn households_are_kept_by_their_grids_workers_and_the_communitys_leads() {
    for person in EVERYBODY {
        let expected = match person {
            WORKER | COLLEAGUE | LEAD | DEPUTY => Ok(()),
            GONE => Err("unknown_person".to_owned()),
            _ => Err("not_allowed".to_owned()),
        };
        let place = town::compound();
        assert_eq!(Household::empty().run(person, Command::Register { place: place.clone() }), expected, "{person}");
        for command in [
            Command::Readdress { place },
            Command::RecordResident { resident: known() },
            leaves(Leaving::Moved, today()),
            set("低保", None),
            clear("独居老人", Some(WHO)),
            note(),
            Command::Strike { struck: Struck { why: Striking::Gone, into: None } },
        ] {
            assert_eq!(Household::lived_in().run(person, command.clone()), expected, "{person} {command:?}");
        }
    }
}

#[test]
fn nobody_else_writes_even_what_only_a_newer_version_reads() {
    let home = Household::registered();
    let newer = |person: &str| home.entry(person, Body::Newer { kind: "pet_recorded".into(), record: vec![0xa0] });
    for person in [WORKER, LEAD] {
        assert_eq!(home.arrives(person, &newer(person)), Ok(()), "{person}");
    }
    // Supervisors and building heads may note on cases and visits; a household they do not see.
    for person in [SUPERVISOR, HEAD, NEIGHBOUR, ELSEWHERE, ADMINISTRATOR] {
        assert_eq!(home.arrives(person, &newer(person)), Err("not_allowed"), "{person}");
    }
    let first = Household::empty();
    assert_eq!(first.arrives(WORKER, &first.entry(WORKER, newer(WORKER).body)), Err("not_reported"));
}

#[test]
fn a_record_begins_in_a_place_the_directory_knows_and_begins_once() {
    let refused = |place: Place| Household::empty().run(WORKER, Command::Register { place }).unwrap_err();
    assert_eq!(refused(Place { building: Some("no-such".parse().unwrap()), ..town::compound() }), "unknown_place");
    assert_eq!(refused(Place { detail: " ".into(), ..town::compound() }), "missing place");
    assert_eq!(refused(Place { detail: "长".repeat(201), ..town::compound() }), "too_long place");
    assert_eq!(Household::empty().run(WORKER, note()), Err("not_reported".into()));
    let again = Command::Register { place: town::compound() };
    assert_eq!(Household::registered().run(WORKER, again), Err("already_registered".into()));
}

#[test]
fn a_corrected_address_stays_in_its_grid() {
    let mut home = Household::registered();
    let place = |building: &str| Place { building: Some(building.parse().unwrap()), ..town::compound() };
    let readdress = |place: Place| Command::Readdress { place };
    home.run(WORKER, readdress(place("ncg-1-b"))).unwrap();
    assert_eq!(home.state().place, Some(place("ncg-1-b")));
    // The lead may work in both grids; the record still does not move.
    let elsewhere = Place { grid: "ncg-2".parse().unwrap(), building: None, ..town::compound() };
    assert_eq!(home.run(LEAD, readdress(elsewhere)), Err("other_grid".into()));
    assert_eq!(home.run(WORKER, readdress(town::garden())), Err("other_grid".into()));
    assert_eq!(home.run(WORKER, readdress(place("ncg-2-a"))), Err("unknown_place".into()), "a building of another grid");
    // The building is no longer in the directory: a correction of the number is none of the building.
    home.directory.grids.iter_mut().for_each(|grid| grid.buildings.clear());
    home.run(WORKER, readdress(Place { detail: "2单元402".into(), ..place("ncg-1-b") })).unwrap();
    assert_eq!(home.run(WORKER, readdress(town::compound())), Err("unknown_place".into()));
}

#[test]
fn residents_are_recorded_leave_and_come_back() {
    let mut home = Household::lived_in();
    assert_eq!(Row::of_household(DOC, &home.state()).stage, "lived_in");
    for why in Leaving::ALL {
        home.run(WORKER, leaves(why, today())).unwrap();
        assert_eq!(home.run(WORKER, leaves(why, today())), Err("no_resident".into()), "left once");
        let row = Row::of_household(DOC, &home.state());
        assert_eq!((row.stage.as_str(), row.people.len(), row.tags.len()), ("vacant", 0, 0));
        assert_eq!(home.state().residents[&WHO].left.as_ref().unwrap().1.why, why, "nobody is dropped");
        home.run(COLLEAGUE, Command::RecordResident { resident: known() }).unwrap();
        assert!(home.state().has(&WHO));
    }
    assert_eq!(home.log.len(), 8, "everything is in the history");
    let stranger = ResidentLeft {
        resident: ResidentId::from_bytes([9; 16]),
        why: Leaving::Moved,
        on: today(),
        to: String::new(),
        household: None,
    };
    assert_eq!(home.run(WORKER, Command::RecordLeaving { left: stranger }), Err("no_resident".into()));
}

#[test]
fn what_is_written_of_a_resident_must_be_plausible_where_it_is_typed() {
    let with = |change: &dyn Fn(&mut ResidentRecorded)| {
        let mut resident = known();
        change(&mut resident);
        Household::registered().run(WORKER, Command::RecordResident { resident })
    };
    assert_eq!(with(&|one| one.name = " ".into()), Err("missing name".into()));
    assert_eq!(with(&|one| one.phone = "1".repeat(201)), Err("too_long phone".into()));
    assert_eq!(with(&|one| one.relation = "亲".repeat(201)), Err("too_long relation".into()));
    assert_eq!(with(&|one| one.tags = vec!["低保".into(); 31]), Err("too_long tag".into()));
    for (born, expected) in [(1895, false), (1896, true), (2026, true), (2027, false), (i32::MIN, false), (i32::MAX, false)] {
        let recorded = with(&|one| one.born = Some(born));
        assert_eq!(recorded, if expected { Ok(()) } else { Err("implausible born".into()) }, "{born}");
    }
    // A phone whose clock is years off recorded a newborn: a fact. No year of birth is none.
    let home = Household::registered();
    let arrives = |born| {
        let born = Some(born);
        home.arrives(WORKER, &home.entry(WORKER, Body::Event(ResidentRecorded { born, ..known() }.into())))
    };
    assert_eq!(arrives(2031), Ok(()));
    assert_eq!(arrives(i32::MAX), Err("implausible"));

    let mut home = Household::lived_in();
    assert_eq!(home.run(WORKER, leaves(Leaving::Moved, today().plus_days(1))), Err("implausible on".into()));
    home.run(WORKER, leaves(Leaving::Moved, today())).unwrap();
}

#[test]
fn a_household_has_room_for_a_hundred() {
    let mut home = Household::registered();
    // The log is made as phones make it; each entry was judged by the same function above.
    for n in 0..u8::try_from(RESIDENTS_MAX).unwrap() {
        let resident = ResidentRecorded { resident: ResidentId::from_bytes([n; 16]), ..known() };
        let entry = home.entry(WORKER, Body::Event(resident.into()));
        home.log.push(entry);
    }
    let one_more = ResidentRecorded { resident: ResidentId::from_bytes([200; 16]), ..known() };
    let refused = home.run(WORKER, Command::RecordResident { resident: one_more });
    assert_eq!(refused, Err("too_long residents".into()));
    home.run(WORKER, Command::RecordResident { resident: ResidentRecorded { name: "李秀英（更正）".into(), ..known() } })
        .unwrap();
}

#[test]
fn care_tags_are_those_of_the_policy_where_they_are_set_and_outlive_its_list() {
    let mut home = Household::lived_in();
    assert_eq!(home.run(WORKER, set("有狗", None)), Err("tag_unknown".into()));
    let mut resident = ResidentRecorded { tags: vec!["有狗".into()], ..known() };
    assert_eq!(home.run(WORKER, Command::RecordResident { resident: resident.clone() }), Err("tag_unknown".into()));
    home.run(WORKER, set("低保", None)).unwrap();
    assert_eq!(home.run(WORKER, set("低保", None)), Err("tag_unchanged".into()));
    assert_eq!(home.run(WORKER, clear("低保", Some(WHO))), Err("tag_unchanged".into()), "about somebody else");
    assert_eq!(home.run(WORKER, set("低保", Some(ResidentId::from_bytes([9; 16])))), Err("no_resident".into()));
    home.directory.policy.care_tags = vec!["新标签".into()];
    assert_eq!(home.run(WORKER, set("残疾", None)), Err("tag_unknown".into()));
    // Set on a phone that had the older list; brought along from another household.
    let late = home.entry(WORKER, Body::Event(TagSet { tag: "残疾".into(), resident: None }.into()));
    assert_eq!(home.arrives(WORKER, &late), Ok(()));
    resident.tags = vec!["重病".into()];
    resident.from = Some(DocId::from_bytes([5; 16]));
    home.run(WORKER, Command::RecordResident { resident }).unwrap();
    let state = home.state();
    assert_eq!(state.tags_of(None), ["低保"]);
    assert_eq!(state.tags_of(Some(&WHO)), ["独居老人", "重病"], "what is recorded again takes no tag away");
    assert_eq!(Row::of_household(DOC, &state).tags, ["低保", "独居老人", "重病"]);
    home.run(WORKER, clear("低保", None)).unwrap();
}

#[test]
fn a_record_that_was_struck_off_is_read_only_until_it_is_restored() {
    let mut home = Household::lived_in();
    assert_eq!(home.run(WORKER, Command::Restore { why: String::new() }), Err("not_struck".into()));
    home.run(WORKER, Command::Strike { struck: Struck { why: Striking::Duplicate, into: Some(DocId::from_bytes([6; 16])) } })
        .unwrap();
    let row = Row::of_household(DOC, &home.state());
    assert_eq!((row.stage.as_str(), row.people.len(), row.tags.len()), ("struck", 0, 0));
    assert!(home.state().has(&WHO), "who lived there stays readable");
    for command in [set("低保", None), leaves(Leaving::Moved, today()), Command::Readdress { place: town::compound() }] {
        assert_eq!(home.run(WORKER, command), Err("household_struck".into()));
    }
    home.run(WORKER, note()).unwrap();
    home.run(LEAD, Command::Restore { why: "并未拆除".into() }).unwrap();
    assert_eq!(Row::of_household(DOC, &home.state()).stage, "lived_in");
}

#[test]
fn notes_say_something_and_end_somewhere() {
    let mut home = Household::registered();
    assert_eq!(home.run(WORKER, Command::Note { text: " ".into() }), Err("missing text".into()));
    assert_eq!(home.run(WORKER, Command::Note { text: "长".repeat(TEXT_MAX + 1) }), Err("too_long text".into()));
}

#[test]
fn every_event_reads_back_from_its_bytes() {
    use doorstep_core::entry::Record as _;
    let whole =
        ResidentRecorded { from: Some(DOC), back: Some(Stamp { time: Hlc(5).next(Timestamp(9)), node: u64::MAX }), ..known() };
    let left = ResidentLeft { resident: WHO, why: Leaving::Died, on: today(), to: "儿子家".into(), household: Some(DOC) };
    let events: [Event; 5] = [
        Registered { place: town::compound() }.into(),
        whole.into(),
        left.into(),
        TagSet { tag: "低保".into(), resident: Some(WHO) }.into(),
        Struck { why: Striking::Duplicate, into: Some(DOC) }.into(),
    ];
    for event in events {
        assert_eq!(Event::from_record(event.kind(), &event.record().unwrap()), Ok(Some(event)));
    }
}
