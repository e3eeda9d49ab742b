//! Whose day it is: each role's, on a real device with what its post brings it.

use doorstep_core::case::{Command, Commitment, DisputeKind, Party, PartyKind};
use doorstep_core::day::SectionKind;
use doorstep_core::environment::Clock as _;
use doorstep_core::id::DocId;
use doorstep_core::people::{Place, Post, Role};
use doorstep_tests::{Phone, World, scenes};

use super::sections::{called, raise};
use super::{day, shown};

fn in_building() -> Place {
    Place { building: Some("ncg-1-a".parse().unwrap()), ..scenes::place() }
}

#[test]
fn a_case_assigned_to_somebody_stands_on_their_list_and_the_leads_and_on_no_other() {
    let world = World::new(1);
    world.direct(|directory| {
        let colleague = directory.people.iter_mut().find(|one| one.id.as_str() == "w-ncg-2").unwrap();
        colleague.posts[0].grids.push("ncg-1".parse().unwrap());
    });
    let phones = ["w-ncg-1", "w-ncg-2", "lead-ncg", "head-ncg-1-a"].map(|person| world.phone(person));
    let [worker, colleague, lead, head] = &phones;
    let case = called(worker, "楼道堆物", in_building());
    phones.iter().for_each(Phone::settle);
    world.days(1);
    let due = vec![("due_today", vec!["楼道堆物 first_contact".to_owned()])];
    for phone in &phones {
        assert_eq!(shown(phone), due, "{}", phone.person);
    }
    lead.device().run(case, &Command::Assign { to: "w-ncg-2".parse().unwrap() }).unwrap();
    lead.settle();
    phones.iter().for_each(Phone::settle);
    assert_eq!([shown(worker), shown(colleague), shown(lead), shown(head)], [vec![], due.clone(), due, vec![]]);
}

#[test]
fn a_building_head_has_the_first_contacts_of_their_building() {
    let world = World::new(2);
    let (worker, head) = (world.phone("w-ncg-1"), world.phone("head-ncg-1-a"));
    called(&worker, "本楼", in_building());
    called(&worker, "别处", scenes::place());
    worker.settle();
    head.settle();
    world.days(4);
    assert_eq!(shown(&head), [("overdue", vec!["本楼 first_contact".into()])], "sitting down is the worker's");
}

#[test]
fn a_grid_worker_has_nothing_of_another_grid_and_a_lead_all_of_the_community() {
    let world = World::new(3);
    let (lead, worker, neighbour) = (world.phone("lead-ncg"), world.phone("w-ncg-1"), world.phone("w-ncg-2"));
    called(&lead, "第一网格", scenes::place());
    called(&lead, "第二网格", scenes::place_in("nanchenggen", "ncg-2"));
    for phone in [&lead, &worker, &neighbour] {
        phone.settle();
    }
    world.days(1);
    let due =
        |titles: &[&str]| vec![("due_today", titles.iter().map(|title| format!("{title} first_contact")).collect::<Vec<_>>())];
    assert_eq!(shown(&worker), due(&["第一网格"]));
    assert_eq!(shown(&neighbour), due(&["第二网格"]));
    let [(_, mut both)] = <[_; 1]>::try_from(shown(&lead)).unwrap();
    both.sort();
    assert_eq!(both, ["第一网格 first_contact", "第二网格 first_contact"]);
}

#[test]
fn an_office_has_what_was_offered_to_it_by_its_own_limit_and_the_lead_sees_that_it_is_late() {
    let world = World::new(4);
    let (lead, clerk, worker) = (world.phone("lead-ncg"), world.phone("clerk-affairs"), world.phone("w-ncg-1"));
    let case = called(&lead, "困难救助", scenes::place());
    lead.device().run(case, &raise("office-affairs")).unwrap();
    let all = [&lead, &clerk, &worker];
    all.iter().for_each(|phone| phone.settle());
    assert_eq!((shown(&clerk), shown(&lead), shown(&worker)), (vec![], vec![], vec![]));
    // Five working days after Friday 8 May, Saturday the 9th being one: Thursday.
    world.days(6);
    let acceptance = vec![("due_today", vec!["困难救助 acceptance".to_owned()])];
    assert_eq!((shown(&clerk), shown(&lead), shown(&worker)), (acceptance.clone(), acceptance, vec![]));
    clerk.device().run(case, &Command::AcceptHandover).unwrap();
    assert_eq!(shown(&clerk), [("due_today", vec!["困难救助 answer".into()])]);
    clerk.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    clerk.device().run(case, &scenes::agreed()).unwrap();
    assert_eq!(shown(&clerk)[1], ("to_sign", vec!["困难救助 signing".into()]));
    clerk.settle();
    all.iter().for_each(|phone| phone.settle());
    world.days(1);
    assert_eq!(shown(&lead), [("overdue", vec!["困难救助 answer".into()])], "what it does under its own roof is its own");
    assert_eq!(shown(&worker), []);
    clerk.device().run(case, &Command::SettleHandover { result: "已纳入低保".into() }).unwrap();
    assert_eq!(shown(&clerk), [], "the parties are the community's to ask");
    clerk.settle();
    all.iter().for_each(|phone| phone.settle());
    assert_eq!(shown(&worker), [("to_hear_back", vec!["困难救助 feedback".into()])]);
}

/// Agreed by word between a resident and the telecom bureau, which owes the one deed.
fn owed_by_telecom(world: &World, lead: &Phone) -> DocId {
    let case = scenes::report(lead, "线路整治");
    let now = world.clock.now();
    let bureau = Party { name: "电信局".into(), kind: PartyKind::Org { org: Some("telecom".parse().unwrap()) } };
    let resident = Party { name: scenes::PARTIES[0].into(), kind: PartyKind::Resident };
    let due = now.date().plus_days(3);
    let deed = Commitment { party: "电信局".into(), deed: "整治线路".into(), due, amount_fen: None };
    let draft = Command::DraftAgreement {
        dispute: DisputeKind::Ordinary,
        parties: vec![bureau, resident],
        facts: String::new(),
        terms: "三日内整治".into(),
        commitments: vec![deed],
    };
    for command in [scenes::sit_down(now), scenes::agreed(), draft] {
        lead.device().run(case, &command).unwrap();
    }
    lead.device().run(case, &Command::RecordOralAgreement { witness: "陈志强".into() }).unwrap();
    case
}

#[test]
fn what_a_unit_owes_is_watched_by_the_community_and_seen_by_the_unit_that_has_the_case() {
    let world = World::new(5);
    let (lead, worker, contact) = (world.phone("lead-ncg"), world.phone("w-ncg-1"), world.phone("contact-telecom"));
    let case = owed_by_telecom(&world, &lead);
    lead.device().run(case, &scenes::transfer()).unwrap();
    for phone in [&lead, &worker, &contact] {
        phone.settle();
    }
    world.days(3);
    let due = [("due_today", vec!["线路整治 commitment".to_owned()])];
    assert_eq!(
        (shown(&lead).as_slice(), shown(&worker).as_slice(), shown(&contact).as_slice()),
        (&due[..], &due[..], &due[..])
    );
}

#[test]
fn a_supervisor_sees_everything_and_has_an_empty_day() {
    let world = World::new(6);
    let (lead, supervisor) = (world.phone("lead-ncg"), world.phone("supervisor"));
    called(&lead, "漏水", scenes::place());
    lead.settle();
    supervisor.settle();
    world.days(9);
    assert_eq!(shown(&lead).len(), 1);
    assert_eq!(shown(&supervisor), []);
    assert_eq!(day(&supervisor).sections.len(), SectionKind::ALL.len(), "every section is there, and says that it is empty");
}

#[test]
fn two_posts_make_one_day() {
    let world = World::new(7);
    world.direct(|directory| {
        let worker = directory.people.iter_mut().find(|one| one.id.as_str() == "w-ncg-1").unwrap();
        let org = "office-affairs".parse().unwrap();
        worker.posts.push(Post { role: Role::OfficeClerk, org, grids: vec![], buildings: vec![], ended: None });
    });
    let (lead, both) = (world.phone("lead-ghj"), world.phone("w-ncg-1"));
    let elsewhere = called(&lead, "外社区", scenes::place_in("guanghoujie", "ghj-1"));
    lead.device().run(elsewhere, &raise("office-affairs")).unwrap();
    lead.settle();
    called(&both, "本网格", scenes::place());
    both.settle();
    world.days(6);
    let overdue = vec!["本网格 first_contact".to_owned(), "本网格 consultation".to_owned()];
    assert_eq!(shown(&both), [("overdue", overdue), ("due_today", vec!["外社区 acceptance".into()])]);
}

#[test]
fn before_it_is_enrolled_a_phone_has_an_empty_day() {
    let world = World::new(8);
    let phone = world.new_phone("w-ncg-1");
    assert_eq!(shown(&phone), []);
    assert_eq!(day(&phone).years_unknown, [2026], "it has no directory yet, and says so");
}
