//! A full disk refuses what does not fit, keeps what was there, and goes on once there is room.

use doorstep_core::case::TextName;
use doorstep_core::store::Options;
use doorstep_tests::{Phone, World, scenes};

/// Opens the phone's database so that it can grow by so many pages at most.
fn with_room(phone: &mut Phone, pages: u64) {
    phone.device().tidy().unwrap();
    phone.off();
    let size = std::fs::metadata(phone.dir.join(doorstep_tests::phone::FILE)).unwrap().len() / 4_096;
    let max_pages = u32::try_from(size + pages).unwrap();
    phone.reopen_with(Options { max_pages: Some(max_pages), ..Options::default() });
}

#[test]
fn a_tap_on_a_full_disk_is_refused_whole_and_the_work_before_it_stays() {
    let world = World::new(1);
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    with_room(&mut phone, 6);
    let mut noted = 0;
    let error = loop {
        let before = phone.device().case(case).unwrap();
        match phone.device().run(case, &scenes::note(&"满".repeat(600))) {
            Ok(_) => noted += 1,
            Err(error) => {
                assert_eq!(phone.device().case(case).unwrap(), before, "nothing of it was stored");
                break error;
            }
        }
        assert!(noted < 100, "the disk never fills");
    };
    assert_eq!(error.code(), "store_full");
    assert!(!error.sentence(phone.device().lang()).is_empty());
    assert_eq!(phone.pending().counts.waiting, noted + 1);
    // Room again: everything goes on, and what was refused can be said again.
    phone.reopen();
    assert_eq!(phone.pending().counts.waiting, noted + 1);
    phone.device().run(case, &scenes::note("腾出空间以后")).unwrap();
    phone.settle();
    let lead = world.phone("lead-ncg");
    assert_eq!(lead.device().case(case).unwrap(), phone.device().case(case).unwrap());
}

#[test]
fn a_pull_onto_a_full_disk_keeps_own_work_and_its_place_and_goes_on_later() {
    let world = World::new(2);
    let (worker, mut lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let own = scenes::report(&lead, "负责人自己的");
    lead.synced();
    lead.device().run(own, &scenes::note("未传")).unwrap();
    for number in 0..30 {
        let case = scenes::report(&worker, &format!("事项 {number}"));
        let text = scenes::add_text(&worker, case, TextName::Account, &"长".repeat(900));
        worker.device().run(case, &text).unwrap();
    }
    worker.settle();
    with_room(&mut lead, 12);
    let failed = lead.device().sync(lead.network.as_ref()).unwrap_err();
    assert_eq!(failed.code(), "store_full");
    assert!(lead.device().case(own).is_ok());
    lead.reopen();
    lead.settle();
    assert_eq!(lead.pending().counts.documents, 31);
    assert_eq!(lead.pending().counts.waiting, 0);
}
