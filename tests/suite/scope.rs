//! Nobody receives a byte of a document outside their scope; whoever comes into it receives the document whole.

use doorstep_core::case::{Command, Elements, Outcome};
use doorstep_core::device::DeviceError;
use doorstep_core::environment::Clock as _;
use doorstep_tests::{Phone, World, scenes};

/// Stands in the case's title, account, note and text, and in no other document.
const MARK: &str = "MARKER-7Q2X";

/// Whether the mark was in anything this phone was ever sent.
fn heard(phone: &Phone) -> bool {
    let hears = |bytes: &[u8]| bytes.windows(MARK.len()).any(|window| window == MARK.as_bytes());
    phone.network.sent().iter().any(|sent| hears(&sent.body))
}

#[test]
fn who_is_outside_a_case_never_receives_a_byte_of_it() {
    let world = World::new(1);
    let worker = world.phone("w-ncg-1");
    let mut report = scenes::reported(MARK);
    report.account = MARK.into();
    let case = worker.device().report(report).unwrap().id;
    worker.device().run(case, &scenes::note(MARK)).unwrap();
    worker.device().run(case, &scenes::add_text(&worker, case, doorstep_core::case::TextName::Minutes, MARK)).unwrap();
    worker.synced();

    for inside in ["lead-ncg", "supervisor"] {
        let phone = world.enrolled(inside);
        phone.synced();
        assert!(heard(&phone), "the mark would be found if it were sent: {inside}");
        assert_eq!(phone.device().case(case).unwrap().digest, worker.device().case(case).unwrap().digest);
    }
    let outside =
        ["w-ncg-2", "head-ncg-1-a", "w-lg-1", "lead-lg", "contact-telecom", "clerk-affairs", "coordinator", "admin"];
    for person in outside {
        let phone = world.enrolled(person);
        phone.synced();
        phone.synced();
        assert!(!heard(&phone), "{person} received something of the case");
        assert!(matches!(phone.device().case(case), Err(DeviceError::NotFound)), "{person}");
        assert_eq!(phone.pending().counts.documents, 0, "{person}");
    }
}

#[test]
fn a_transferred_case_arrives_whole_at_the_unit_and_at_no_other() {
    let world = World::new(2);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (telecom, property) = (world.phone("contact-telecom"), world.phone("contact-property"));
    let case = scenes::report(&worker, MARK);
    worker.device().run(case, &scenes::note(MARK)).unwrap();
    worker.synced();
    lead.synced();
    telecom.synced();
    assert!(!heard(&telecom));
    let transferred = lead.device().run(case, &scenes::transfer()).unwrap();
    lead.synced();
    let report = telecom.synced();
    property.synced();
    assert_eq!(report.documents, 1);
    let view = telecom.device().case(case).unwrap();
    assert_eq!((view.digest, view.history.len()), (transferred.digest, transferred.history.len()));
    assert!(heard(&telecom) && !heard(&property));

    // The unit works it; the community sees that.
    telecom.device().run(case, &Command::AcceptHandover).unwrap();
    telecom.device().run(case, &Command::SettleHandover { result: "已修".into() }).unwrap();
    telecom.settle();
    lead.settle();
    assert_eq!(telecom.device().digest(case).unwrap(), lead.device().digest(case).unwrap());
}

#[test]
fn a_supervisor_sees_all_and_writes_nothing_but_notes() {
    let world = World::new(3);
    let mut cases = Vec::new();
    for (person, community, grid) in
        [("w-ncg-1", "nanchenggen", "ncg-1"), ("w-ncg-2", "nanchenggen", "ncg-2"), ("w-lg-1", "ligong", "lg-2")]
    {
        let phone = world.phone(person);
        let mut report = scenes::reported(person);
        report.place = scenes::place_in(community, grid);
        cases.push(phone.device().report(report).unwrap().id);
        phone.synced();
    }
    let supervisor = world.phone("supervisor");
    assert_eq!(supervisor.pending().counts.documents, 3);
    supervisor.device().run(cases[0], &scenes::note("已阅")).unwrap();
    let refused = supervisor.device().run(cases[0], &scenes::sit_down(world.clock.now())).unwrap_err();
    assert_eq!(refused.code(), "not_allowed");
    supervisor.settle();
    assert_eq!(supervisor.pending().counts.set_aside, 0);
}

#[test]
fn a_worker_moved_to_another_grid_loses_the_old_cases_and_gets_the_new_ones_but_never_loses_unsent_work() {
    let world = World::new(4);
    let (moved, other) = (world.phone("w-ncg-1"), world.phone("w-ncg-2"));
    let (sent, kept) = (scenes::report(&moved, "第一网格，已同步"), scenes::report(&moved, "第一网格，有未传内容"));
    let mut report = scenes::reported("第二网格");
    report.place = scenes::place_in("nanchenggen", "ncg-2");
    let new = other.device().report(report).unwrap().id;
    moved.settle();
    other.settle();
    moved.device().run(kept, &scenes::note("调动前的最后一条")).unwrap();
    world.direct(|directory| {
        let person = directory.people.iter_mut().find(|one| one.id.as_str() == "w-ncg-1").unwrap();
        person.posts[0].grids = vec!["ncg-2".parse().unwrap()];
    });
    moved.settle();
    // The note was refused (the post is another now), so it is kept aside, readable, and its document with it.
    assert_eq!(moved.set_aside(), ["not_allowed"]);
    assert!(moved.device().case(kept).is_ok());
    assert!(matches!(moved.device().case(sent), Err(DeviceError::NotFound)));
    assert!(moved.device().case(new).is_ok());
}

#[test]
fn an_office_gets_a_raised_case_and_loses_sight_of_it_thirty_days_after_it_came_back() {
    let world = World::new(5);
    let (worker, lead, clerk) = (world.phone("w-ncg-1"), world.phone("lead-ncg"), world.phone("clerk-affairs"));
    let case = scenes::report(&worker, "提级");
    worker.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    let outcome = Outcome::NotAgreed { reason: "双方各执一词".into() };
    worker.device().run(case, &Command::ConcludeConsultation { outcome, elements: Elements::default() }).unwrap();
    worker.settle();
    lead.settle();
    let raise = Command::Raise {
        to: "office-affairs".parse().unwrap(),
        ground: doorstep_core::case::Ground::NoAgreement,
        reason: "超出社区能力".into(),
        tried: "一次协商".into(),
    };
    lead.device().run(case, &raise).unwrap();
    lead.settle();
    assert_eq!(clerk.synced().documents, 1);
    clerk.device().run(case, &Command::ReturnHandover { why: "不属本科室".into() }).unwrap();
    clerk.settle();
    assert!(clerk.device().case(case).is_ok(), "it stays in sight for a while");
    world.days(31);
    doorstep_server::ingest::expire(&world.store(), world.clock.now()).unwrap();
    clerk.settle();
    assert!(matches!(clerk.device().case(case), Err(DeviceError::NotFound)));
}
