//! Households go to their grid's workers and their community's leads, and to nobody else by any way.

use doorstep_core::case::Command as CaseCommand;
use doorstep_core::device::DeviceError;
use doorstep_core::document::{Document, NewChange, Writing};
use doorstep_core::entry::{Body, Entry};
use doorstep_core::environment::random;
use doorstep_core::household::{Command, Event, Noted, TagSet};
use doorstep_core::id::{ActorId, DocKind};
use doorstep_core::people::Place;
use doorstep_core::sync::wire::{PushedChange, Verdict};
use doorstep_core::time::{Hlc, Stamp};
use doorstep_core::visit::{Door, Visited};
use doorstep_tests::{Phone, World, forge, scenes};
use serde_bytes::ByteBuf;

use super::{at, lives, record, registered, somebody, tag};

/// Stands in the household's record, each in another field, and nowhere else.
const MARKS: [&str; 5] = ["MARK-NAME", "MARK-PHONE", "MARK-RELATION", "MARK-TAG", "MARK-NOTE"];

/// Which marks were in anything that this phone was sent.
fn heard(phone: &Phone) -> Vec<&'static str> {
    let sent = phone.network.sent();
    let hears = |mark: &&str| sent.iter().any(|sent| sent.body.windows(mark.len()).any(|at| at == mark.as_bytes()));
    MARKS.into_iter().filter(hears).collect()
}

/// A door in the building whose head has a phone too.
fn door() -> Place {
    Place { building: Some("ncg-1-a".parse().unwrap()), ..at("ncg-1", "401") }
}

/// A household full of marks at [`door`], in a world whose care tags hold one.
fn marked(_world: &World, worker: &Phone) -> doorstep_core::id::DocId {
    let home = worker.device().register_household(door()).unwrap().id;
    let mut resident = somebody(worker.device().new_resident(), MARKS[0]);
    resident.phone = MARKS[1].into();
    resident.relation = MARKS[2].into();
    // Brought along from another household, so that no directory need have it.
    resident.from = Some(home);
    resident.tags = vec![MARKS[3].into()];
    record(worker, home, resident).unwrap();
    tag(worker, home, "低保", None);
    worker.device().run_household(home, &Command::Note { text: MARKS[4].into() }).unwrap();
    home
}

#[test]
fn a_household_reaches_its_grids_workers_and_its_leads_and_nobody_else() {
    let world = World::new(1);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let home = marked(&world, &worker);
    // Cases and visits at the same door, one transferred, one raised: the household travels with none.
    let mut report = scenes::reported("门口的事");
    report.place = door();
    let case = worker.device().report(report.clone()).unwrap().id;
    worker.device().visit_household(home, Door::Met, true, "见到").unwrap();
    worker.settle();
    lead.settle();
    lead.device().run(case, &scenes::transfer()).unwrap();
    let raised = lead.device().report(report).unwrap().id;
    let raise = CaseCommand::Raise {
        to: "office-affairs".parse().unwrap(),
        ground: doorstep_core::case::Ground::BeyondPowers,
        reason: "超出社区能力".into(),
        tried: "现场查看".into(),
    };
    lead.device().run(raised, &raise).unwrap();
    lead.settle();

    for inside in ["w-ncg-1", "lead-ncg"] {
        let phone = world.enrolled(inside);
        phone.synced();
        assert_eq!(heard(&phone), MARKS, "the marks would be found if they were sent: {inside}");
        assert_eq!(phone.device().household(home).unwrap(), worker.device().household(home).unwrap());
    }
    let outside = [
        ("w-ncg-2", 0),
        ("w-lg-1", 0),
        ("lead-lg", 0),
        ("head-ncg-1-a", 3),
        ("contact-telecom", 1),
        ("contact-property", 0),
        ("clerk-affairs", 1),
        ("coordinator", 0),
        ("supervisor", 3),
        ("admin", 0),
    ];
    for (person, sees) in outside {
        let phone = world.enrolled(person);
        phone.synced();
        phone.synced();
        assert_eq!(heard(&phone), [""; 0], "{person}");
        assert!(matches!(phone.device().household(home), Err(DeviceError::NotFound)), "{person}");
        assert_eq!(phone.pending().counts.documents, sees, "{person}");
        assert_eq!(phone.device().household_at(&door()).unwrap(), None, "{person}");
    }
}

#[test]
fn who_moves_to_another_grid_leaves_its_households_behind() {
    let world = World::new(2);
    let (moved, other) = (world.phone("w-ncg-1"), world.phone("w-ncg-2"));
    let (old, kept) = (registered(&moved, "ncg-1", "401"), registered(&moved, "ncg-1", "402"));
    lives(&moved, old, "李秀英");
    let new = registered(&other, "ncg-2", "501");
    moved.settle();
    other.settle();
    lives(&moved, kept, "写下时还在岗");
    world.direct(|directory| {
        let person = directory.people.iter_mut().find(|one| one.id.as_str() == "w-ncg-1").unwrap();
        person.posts[0].grids = vec!["ncg-2".parse().unwrap()];
    });
    moved.settle();
    assert!(matches!(moved.device().household(old), Err(DeviceError::NotFound)));
    assert!(moved.device().household(new).is_ok());
    // Unsent work is kept aside, readable, with its document; it is in no route.
    assert_eq!(moved.set_aside(), ["not_allowed"]);
    assert!(moved.device().household(kept).is_ok());
    let route: Vec<_> = moved.device().route(None, 50).unwrap().into_iter().map(|stop| stop.household).collect();
    assert_eq!(route, [new]);
    assert_eq!(moved.device().coverage(super::long_ago()).unwrap().len(), 1);
}

/// A change to this household as another program would write it, in this phone's person's name.
fn forged(phone: &Phone, household: &Document, body: Body<Event>) -> PushedChange {
    let last = household.log::<Event>().entries.iter().map(|entry| entry.stamp.time).max().unwrap_or(Hlc(0));
    let stamp = Stamp { time: last.next(phone.device().now()), node: 77 };
    let entry = Entry { stamp, author: phone.person.clone(), body };
    let actor = ActorId::from_bytes(random(phone.entropy.as_ref()));
    let (_, NewChange { hash, bytes, .. }) = household.write(actor, &Writing::entries(vec![entry])).unwrap();
    PushedChange { doc: household.id(), kind: DocKind::Household, hash, bytes: ByteBuf::from(bytes) }
}

#[test]
fn nobody_writes_in_a_household_whom_it_does_not_reach() {
    let world = World::new(3);
    let mut worker = world.phone("w-ncg-1");
    let home = registered(&worker, "ncg-1", "401");
    worker.settle();
    let household = worker.document(home);
    for person in ["supervisor", "head-ncg-1-a", "w-ncg-2", "lead-lg", "clerk-affairs", "admin"] {
        let phone = world.phone(person);
        let tag = TagSet { tag: "低保".into(), resident: None };
        for body in [
            Body::Event(Noted { text: "一句".into() }.into()),
            Body::Event(tag.into()),
            Body::Newer { kind: "pet_recorded".into(), record: vec![0xa0] },
        ] {
            let verdicts = forge::push(&phone, vec![forged(&phone, &household, body)]).verdicts();
            assert!(
                matches!(&verdicts[..], [Verdict::SetAside { code, .. }] if code == "not_allowed"),
                "{person} {verdicts:?}"
            );
        }
    }
    // Neither as something else, to get around the rules of households.
    let colleague = world.phone("lead-ncg");
    let body = Body::Event(Noted { text: "一句".into() }.into());
    let as_visit = PushedChange { kind: DocKind::Visit, ..forged(&colleague, &household, body) };
    let verdicts = forge::push(&colleague, vec![as_visit]).verdicts();
    assert!(matches!(&verdicts[..], [Verdict::SetAside { code, .. }] if code == "wrong_kind"), "{verdicts:?}");
    worker.settle();
    assert_eq!(worker.device().household(home).unwrap().history.len(), 1);
}

#[test]
fn a_visit_names_its_household_by_an_id_that_says_nothing() {
    let world = World::new(4);
    let worker = world.phone("w-ncg-1");
    let home = marked(&world, &worker);
    let visited = Visited {
        place: at("ncg-1", "401"),
        door: Door::Met,
        planned: true,
        seen: String::new(),
        asked: String::new(),
        household: Some(home),
    };
    let visit = worker.device().record_visit(visited).unwrap().id;
    worker.settle();
    let supervisor = world.enrolled("supervisor");
    supervisor.synced();
    assert_eq!(supervisor.device().visit(visit).unwrap().household, Some(home));
    assert!(matches!(supervisor.device().household(home), Err(DeviceError::NotFound)));
    assert_eq!(heard(&supervisor), [""; 0]);
}
