//! Each section of a day, on a real device.

use doorstep_core::case::{Asked, Channel, Command, Grade, Ground, Reported, Reporter};
use doorstep_core::day::SectionKind;
use doorstep_core::environment::Clock as _;
use doorstep_core::id::{DocId, DocKind};
use doorstep_core::people::Place;
use doorstep_tests::{Phone, World, scenes};

use super::{day, shown, titles};

/// Reported by telephone: somebody has to call back.
pub(super) fn called(phone: &Phone, title: &str, place: Place) -> DocId {
    let reporter = Some(Reporter { name: "李秀英".into(), phone: "13800000000".into() });
    let report = Reported { channel: Channel::Phone, reporter, place, ..scenes::reported(title) };
    phone.device().report(report).unwrap().id
}

/// A case on this phone whose one commitment is due in a week, agreed by word.
pub(super) fn promised(world: &World, phone: &Phone) -> DocId {
    let case = scenes::drafted(world, phone);
    phone.device().run(case, &Command::RecordOralAgreement { witness: "陈志强".into() }).unwrap();
    case
}

pub(super) fn fulfil(phone: &Phone, case: DocId) {
    let draft = phone.device().case(case).unwrap().commitments[0].draft;
    let commitment = doorstep_core::case::CommitmentRef { draft, index: 0 };
    phone.device().run(case, &Command::FulfilCommitment { commitment, seen: "阀门已拆".into() }).unwrap();
}

pub(super) fn raise(to: &str) -> Command {
    let (reason, tried) = ("超出社区权限".into(), "一次协商".into());
    Command::Raise { to: to.parse().unwrap(), ground: Ground::BeyondPowers, reason, tried }
}

fn said(party: &str, grade: Grade) -> Command {
    Command::RecordFeedback { party: party.into(), grade, words: String::new(), asked: Asked::ByPhone }
}

#[test]
fn a_concern_is_due_on_the_last_day_of_its_limit_and_overdue_the_day_after() {
    let world = World::new(1);
    let worker = world.phone("w-ncg-1");
    let case = called(&worker, "楼道堆物", scenes::place());
    assert_eq!(shown(&worker), [], "reported on Friday 8 May: nothing is due that day");
    world.days(1);
    let today = day(&worker);
    assert_eq!(titles(&today, SectionKind::DueToday), ["楼道堆物 first_contact"]);
    let item = &today.section(SectionKind::DueToday).unwrap().items[0];
    assert_eq!((item.doc, item.kind, item.days, item.due), (case, DocKind::Case, Some(0), Some(today.on)));
    assert_eq!(item.place.as_ref().unwrap().grid.as_str(), "ncg-1");
    world.days(2);
    let monday = day(&worker);
    assert_eq!(titles(&monday, SectionKind::Overdue), ["楼道堆物 first_contact"]);
    assert_eq!(monday.section(SectionKind::Overdue).unwrap().items[0].days, Some(-1));
    world.days(1);
    let both =
        [("overdue", vec!["楼道堆物 first_contact".to_owned()]), ("due_today", vec!["楼道堆物 consultation".to_owned()])];
    assert_eq!(shown(&worker), both);
    worker.device().run(case, &scenes::note("已电话联系")).unwrap();
    assert_eq!(shown(&worker), both[1..]);
    worker.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    assert_eq!(shown(&worker), [("due_today", vec!["楼道堆物 sitting".into()])], "today people sit");
}

#[test]
fn what_is_agreed_is_to_be_signed_until_it_is_in_force() {
    let world = World::new(2);
    let worker = world.phone("w-ncg-1");
    let case = scenes::drafted(&world, &worker);
    assert_eq!(shown(&worker), [("to_sign", vec!["私装阀门致邻居停水 signing".into()])]);
    worker.device().freeze(case, doorstep_core::device::Terms::default()).unwrap();
    scenes::sign_all(&worker, case);
    assert_eq!(shown(&worker).len(), 1, "signed by all is not sealed yet");
    worker.device().seal(case).unwrap();
    assert_eq!(shown(&worker), []);
    world.days(7);
    assert_eq!(shown(&worker), [("due_today", vec!["私装阀门致邻居停水 commitment".into()])]);
    world.days(1);
    assert_eq!(shown(&worker), [("overdue", vec!["私装阀门致邻居停水 commitment".into()])], "by its own date, a Saturday");
}

#[test]
fn what_is_done_is_to_be_heard_back_about_and_then_closed_by_the_lead() {
    let world = World::new(3);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = promised(&world, &worker);
    fulfil(&worker, case);
    assert_eq!(shown(&worker), [], "completing is the lead's");
    worker.settle();
    lead.settle();
    assert_eq!(shown(&lead), [("needs_a_look", vec!["私装阀门致邻居停水 completion".into()])]);
    lead.device().run(case, &Command::Complete { words: String::new() }).unwrap();
    assert_eq!(shown(&lead), [("to_hear_back", vec!["私装阀门致邻居停水 feedback".into()])]);
    lead.settle();
    worker.settle();
    assert_eq!(shown(&worker), [("to_hear_back", vec!["私装阀门致邻居停水 feedback".into()])]);
    worker.device().run(case, &Command::CheckEffect { seen: "水已恢复".into() }).unwrap();
    worker.device().run(case, &said(scenes::PARTIES[0], Grade::Satisfied)).unwrap();
    // The other one can't be reached: three tries on three days are enough to close.
    for _ in 0..3 {
        assert_eq!(titles(&day(&worker), SectionKind::ToHearBack), ["私装阀门致邻居停水 feedback"]);
        let party = scenes::PARTIES[1].into();
        worker.device().run(case, &Command::RecordFeedbackTry { party, asked: Asked::ByPhone }).unwrap();
        world.days(1);
    }
    assert_eq!(shown(&worker), [], "the rest is the lead's");
    worker.settle();
    lead.settle();
    assert_eq!(shown(&lead), [("to_hear_back", vec!["私装阀门致邻居停水 closing".into()])]);
    lead.device().run(case, &Command::Close).unwrap();
    assert_eq!(shown(&lead), []);
}

#[test]
fn feedback_that_nobody_asked_for_in_time_is_overdue_and_stands_in_one_section_only() {
    let world = World::new(4);
    let lead = world.phone("lead-ncg");
    let case = promised(&world, &lead);
    fulfil(&lead, case);
    lead.device().run(case, &Command::Complete { words: String::new() }).unwrap();
    lead.device().run(case, &Command::CheckEffect { seen: "水已恢复".into() }).unwrap();
    // Seven working days after Friday 8 May: Saturday the 9th is worked, the 10th, 16th and 17th are not.
    world.days(10);
    assert_eq!(shown(&lead), [("due_today", vec!["私装阀门致邻居停水 feedback".into()])]);
    world.days(1);
    assert_eq!(shown(&lead), [("overdue", vec!["私装阀门致邻居停水 feedback".into()])]);
}

#[test]
fn what_an_office_sends_back_is_returned_to_the_lead_until_the_next_step() {
    let world = World::new(5);
    let (lead, clerk, worker) = (world.phone("lead-ncg"), world.phone("clerk-affairs"), world.phone("w-ncg-1"));
    let case = called(&lead, "困难救助", scenes::place());
    lead.device().run(case, &raise("office-affairs")).unwrap();
    lead.settle();
    clerk.settle();
    clerk.device().run(case, &Command::ReturnHandover { why: "不属本科室".into() }).unwrap();
    clerk.settle();
    lead.settle();
    worker.settle();
    assert_eq!(shown(&lead), [("returned", vec!["困难救助 returned".into()])]);
    assert_eq!(shown(&worker), [], "the worker's time begins anew with the return");
    lead.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    assert_eq!(shown(&lead), [("due_today", vec!["困难救助 sitting".into()])]);
}

#[test]
fn after_the_policys_rounds_a_raise_is_proposed_and_no_sooner() {
    let world = World::new(6);
    world.direct(|directory| directory.policy.rounds = 1);
    let lead = world.phone("lead-ncg");
    let case = scenes::report(&lead, "噪声扰民");
    let now = world.clock.now();
    let again = |round: u32| {
        for command in [scenes::sit_down(now), scenes::agreed(), scenes::draft(now.date().plus_days(7))] {
            lead.device().run(case, &command).unwrap();
        }
        lead.device().run(case, &Command::RecordOralAgreement { witness: "陈志强".into() }).unwrap();
        fulfil(&lead, case);
        lead.device().run(case, &Command::Complete { words: String::new() }).unwrap();
        lead.device().run(case, &said(scenes::PARTIES[0], Grade::Dissatisfied)).unwrap();
        assert_eq!(lead.device().case(case).unwrap().round, round);
    };
    again(2);
    assert_eq!(shown(&lead), [("needs_a_look", vec!["噪声扰民 raise".into()])]);
    world.direct(|directory| directory.policy.rounds = 2);
    lead.settle();
    assert_eq!(shown(&lead), [], "another policy, the same case");
    again(3);
    assert_eq!(shown(&lead), [("needs_a_look", vec!["噪声扰民 raise".into()])]);
}

#[test]
fn a_section_counts_all_and_shows_the_first_what_has_waited_longest() {
    let world = World::new(7);
    let worker = world.phone("w-ncg-1");
    for number in 0..9 {
        called(&worker, &format!("事项{number}"), scenes::place());
        world.days(1);
    }
    world.days(10);
    worker.in_touch();
    let first = worker.device().day(2).unwrap();
    let overdue = first.section(SectionKind::Overdue).unwrap();
    assert_eq!(overdue.count, 18, "each is overdue for contact and for a consultation");
    let titles: Vec<_> = overdue.items.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(titles, ["事项0", "事项1"], "the first limits to pass come first");
    assert!(worker.device().day(0).unwrap().sections.iter().all(|section| section.items.is_empty()));
    let all = day(&worker);
    assert!(all.section(SectionKind::Overdue).unwrap().items.is_sorted_by_key(|item| item.due));
}
