//! Documents and people change places: whole documents arrive, what left is forgotten, unsent edits go out first or are kept to be read.

use doorstep_core::case::Command;
use doorstep_core::device::DeviceError;
use doorstep_core::environment::Clock as _;
use doorstep_core::sync::Outcome;
use doorstep_core::sync::wire::PATH_PULL;
use doorstep_tests::{Weather, World, forge, scenes};

use super::revoke;

#[test]
fn a_case_transferred_and_come_back_is_with_whoever_has_it_whole_and_once() {
    let world = World::new(1);
    let (worker, lead, telecom) = (world.phone("w-ncg-1"), world.phone("lead-ncg"), world.phone("contact-telecom"));
    let case = scenes::report(&worker, "线缆垂落");
    worker.device().run(case, &scenes::note("现场照片待补")).unwrap();
    worker.settle();
    lead.settle();
    for round in 0..3 {
        lead.device().run(case, &scenes::transfer()).unwrap();
        lead.settle();
        telecom.settle();
        assert!(telecom.device().case(case).is_ok(), "round {round}");
        // Written by the community while the unit has it, and by the unit after it was recalled but before it knew.
        worker.device().run(case, &scenes::note(&format!("转办期间 {round}"))).unwrap();
        lead.device().run(case, &Command::RecallHandover { why: "先自行处理".into() }).unwrap();
        lead.settle();
        worker.settle();
        // Long enough that the unit no longer sees it.
        world.days(31);
        doorstep_server::ingest::expire(&world.store(), world.clock.now()).unwrap();
        for phone in [&telecom, &worker, &lead] {
            phone.settle();
        }
        assert!(matches!(telecom.device().case(case), Err(DeviceError::NotFound)), "round {round}");
    }
    for phone in [&worker, &lead] {
        phone.settle();
    }
    assert_eq!(worker.device().case(case).unwrap(), lead.device().case(case).unwrap());
}

#[test]
fn work_on_a_case_that_left_is_sent_before_it_is_forgotten() {
    let world = World::new(2);
    let (lead, telecom) = (world.phone("lead-ncg"), world.phone("contact-telecom"));
    let case = scenes::report(&lead, "线缆垂落");
    lead.device().run(case, &scenes::transfer()).unwrap();
    lead.settle();
    telecom.settle();
    telecom.device().run(case, &Command::AcceptHandover).unwrap();
    telecom.settle();
    lead.settle();
    telecom.device().run(case, &Command::ReturnHandover { why: "不属本单位".into() }).unwrap();
    telecom.settle();
    // Away from the network for as long as the unit may still look at what it gave back, and longer.
    telecom.network.weather(Weather::Offline);
    telecom.device().run(case, &scenes::note("退回后补充的情况")).unwrap();
    world.days(31);
    doorstep_server::ingest::expire(&world.store(), world.clock.now()).unwrap();
    telecom.settle();
    lead.settle();
    let noted = lead.device().case(case).unwrap().history.iter().any(|line| line.text.contains("退回后补充的情况"));
    let packets = telecom.device().packets().unwrap();
    let kept = packets.iter().any(|packet| packet.text().contains("退回后补充的情况"));
    assert!(noted != kept, "it was sent, or it is kept to be read: {packets:?}");
    assert_eq!(telecom.device().case(case).is_ok(), kept, "what keeps the case there is what was not sent");
}

#[test]
fn a_post_that_ended_takes_everything_sent_and_leaves_everything_unsent_to_be_read() {
    let world = World::new(3);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (sent, kept) = (scenes::report(&worker, "已传"), scenes::report(&worker, "有未传内容"));
    worker.settle();
    worker.device().run(kept, &scenes::note("卸任前的最后一条")).unwrap();
    world.end_posts("w-ncg-1");
    worker.settle();
    assert!(matches!(worker.device().case(sent), Err(DeviceError::NotFound)));
    let packets = worker.device().packets().unwrap();
    assert_eq!(packets.len(), 1);
    assert!(
        packets[0].text().contains("卸任前的最后一条") && packets[0].text().contains("有未传内容"),
        "{}",
        packets[0].text()
    );
    // Handed in and dealt with, nothing keeps the case there any longer.
    assert!(worker.device().dismiss_packet(&packets[0].name).unwrap());
    assert!(matches!(worker.device().case(kept), Err(DeviceError::NotFound)));
    lead.settle();
    assert!(lead.device().case(kept).is_ok() && lead.device().case(sent).is_ok());
}

#[test]
fn a_worker_sent_back_and_forth_between_grids_ends_with_the_last_ones_cases_whole() {
    let world = World::new(4);
    let (moved, other) = (world.phone("w-ncg-1"), world.phone("w-ncg-2"));
    let first = scenes::report(&moved, "第一网格");
    let mut report = scenes::reported("第二网格");
    report.place = scenes::place_in("nanchenggen", "ncg-2");
    let second = other.device().report(report).unwrap().id;
    moved.settle();
    other.settle();
    for (grid, here, gone) in [("ncg-2", second, first), ("ncg-1", first, second), ("ncg-2", second, first)] {
        world.direct(|directory| {
            let person = directory.people.iter_mut().find(|one| one.id.as_str() == "w-ncg-1").unwrap();
            person.posts[0].grids = vec![grid.parse().unwrap()];
        });
        other.device().run(second, &scenes::note("第二网格又有进展")).unwrap();
        other.settle();
        moved.settle();
        assert!(matches!(moved.device().case(gone), Err(DeviceError::NotFound)), "{grid}");
        let view = moved.device().case(here).unwrap();
        if here == second {
            assert_eq!(view, other.device().case(second).unwrap(), "whole, with what happened meanwhile");
        }
        moved.device().run(here, &scenes::note("在这里写的")).unwrap();
        moved.settle();
        other.settle();
        assert_eq!(moved.set_aside(), Vec::<String>::new(), "{grid}");
    }
}

#[test]
fn a_revoked_device_reads_nothing_from_its_next_request_on_whatever_token_it_holds() {
    let world = World::new(5);
    let phone = world.phone("w-ncg-1");
    scenes::report(&phone, "一件事");
    phone.settle();
    let token = forge::token(&phone);
    assert_eq!(forge::get(&phone, PATH_PULL, &token).status, 200);
    revoke(&world, &phone);
    let answer = forge::get(&phone, PATH_PULL, &token);
    assert_eq!((answer.status, answer.code().as_str()), (401, "token"), "its tokens are gone with it");
    assert_eq!(phone.sync().outcome, Outcome::Revoked);
    assert!(world.clock.now().0 > 0);
}
