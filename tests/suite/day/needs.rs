//! What needs a look, what is unsent, what was set aside.

use doorstep_core::case::{Command, Elements, Outcome, Standing};
use doorstep_core::day::SectionKind;
use doorstep_core::environment::Clock as _;
use doorstep_core::id::{DocId, DocKind};
use doorstep_core::visit::{Door, Visited};
use doorstep_tests::{Phone, World, scenes};

use super::{day, shown, titles};

/// Worker and lead conclude one sitting differently, apart; both know now.
fn contested(world: &World) -> (Phone, Phone, DocId) {
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "噪声扰民");
    worker.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    worker.settle();
    lead.settle();
    worker.device().run(case, &scenes::agreed()).unwrap();
    let outcome = Outcome::NotAgreed { reason: "各执一词".into() };
    lead.device().run(case, &Command::ConcludeConsultation { outcome, elements: Elements::default() }).unwrap();
    for phone in [&worker, &lead, &worker] {
        phone.settle();
    }
    (worker, lead, case)
}

#[test]
fn the_lead_chooses_between_contested_records_and_the_worker_is_to_look() {
    let world = World::new(1);
    let (worker, lead, case) = contested(&world);
    assert_eq!(titles(&day(&lead), SectionKind::NeedsALook), ["噪声扰民 choice"]);
    assert_eq!(titles(&day(&worker), SectionKind::NeedsALook), ["噪声扰民"], "to look, not to choose");
    let view = lead.device().case(case).unwrap();
    let (holds, over) = view
        .history
        .iter()
        .find_map(|line| match &line.standing {
            Standing::Contested { with } => Some((line.stamp, with.clone())),
            _ => None,
        })
        .unwrap();
    lead.device().run(case, &Command::SettleContest { holds, over, why: "以现场记录为准".into() }).unwrap();
    assert_eq!(titles(&day(&lead), SectionKind::NeedsALook), ["噪声扰民"], "one record was overtaken by the choice");
}

#[test]
fn what_was_looked_at_is_gone_until_there_is_more_to_see_and_a_choice_stays_until_it_is_made() {
    let world = World::new(5);
    let (mut worker, lead, case) = contested(&world);
    let needs = |phone: &Phone| titles(&day(phone), SectionKind::NeedsALook);
    for phone in [&worker, &lead] {
        phone.device().looked_at(case).unwrap();
    }
    assert_eq!((needs(&worker), needs(&lead)), (vec![], vec!["噪声扰民 choice".into()]));
    worker.device().run(case, &scenes::note("已查看")).unwrap();
    assert_eq!(needs(&worker), [""; 0], "a note is nothing to look at");
    worker.reopen();
    assert_eq!(needs(&worker), [""; 0]);
    let contested = lead.device().case(case).unwrap().history.into_iter().find_map(|line| match line.standing {
        Standing::Contested { with } => Some((line.stamp, with)),
        _ => None,
    });
    let (holds, over) = contested.unwrap();
    lead.device().run(case, &Command::SettleContest { holds, over, why: "以现场记录为准".into() }).unwrap();
    lead.settle();
    worker.settle();
    assert_eq!((needs(&worker), needs(&lead)), (vec!["噪声扰民".into()], vec!["噪声扰民".into()]), "the lead has chosen");
    assert!(worker.device().looked_at(DocId::from_bytes([9; 16])).is_err());
}

#[test]
fn what_is_only_on_this_phone_is_unsent_until_the_server_has_it() {
    let world = World::new(2);
    let worker = world.phone("w-ncg-1");
    let unsent = |phone: &Phone| titles(&day(phone), SectionKind::Unsent);
    let first = scenes::report(&worker, "第一件");
    let visited = Visited {
        place: scenes::place(),
        door: Door::NobodyHome,
        planned: true,
        seen: String::new(),
        asked: String::new(),
        household: None,
    };
    worker.device().record_visit(visited).unwrap();
    scenes::report(&worker, "第二件");
    worker.device().run(first, &scenes::note("再记一笔")).unwrap();
    assert_eq!(unsent(&worker), ["第一件", "1号楼2单元", "第二件"], "documents, each once, oldest first");
    let kinds: Vec<_> = day(&worker).section(SectionKind::Unsent).unwrap().items.iter().map(|item| item.kind).collect();
    assert_eq!(kinds, [DocKind::Case, DocKind::Visit, DocKind::Case]);
    worker.settle();
    assert_eq!(unsent(&worker), [""; 0]);
}

#[test]
fn what_the_server_refused_is_set_aside_and_stays_on_the_day_until_somebody_read_it() {
    let world = World::new(3);
    let mut worker = world.phone("w-ncg-1");
    let case = scenes::report(&worker, "一件事");
    worker.settle();
    world.direct(|directory| {
        let person = directory.people.iter_mut().find(|one| one.id.as_str() == "w-ncg-1").unwrap();
        person.posts[0].grids = vec!["ncg-2".parse().unwrap()];
    });
    worker.device().run(case, &scenes::note("调动前的最后一条")).unwrap();
    let own = scenes::report(&worker, "新报的");
    assert_eq!(day(&worker).section(SectionKind::Unsent).unwrap().count, 2);
    worker.synced();
    let aside = |phone: &Phone| {
        let day = day(phone);
        let section = day.section(SectionKind::SetAside).unwrap();
        section.items.iter().map(|item| item.doc).collect::<Vec<_>>()
    };
    assert_eq!(aside(&worker), [case, own]);
    assert_eq!(day(&worker).section(SectionKind::Unsent).unwrap().count, 0);
    worker.reopen();
    assert_eq!(aside(&worker), [case, own]);
}

#[test]
fn a_document_that_cannot_be_read_needs_a_look() {
    let world = World::new(4);
    let (mut worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&lead, "一件事");
    lead.settle();
    worker.settle();
    assert_eq!(shown(&worker), []);
    worker.with_store(|store| {
        let row = doorstep_core::row::Row {
            place: Some(scenes::place()),
            ..doorstep_core::row::Row::unreadable(case, DocKind::Case)
        };
        store.put_rows(&[row]).unwrap();
    });
    assert_eq!(shown(&worker), [("needs_a_look", vec![String::new()])]);
}
