//! A phone's database that was copied or restored comes with another installation's nonce: it writes under new names, so
//! that no number is ever used twice.

use doorstep_core::case::TextName;
use doorstep_tests::{Phone, World, scenes};

/// Copies the phone's files as they are on disk now.
fn backup(phone: &mut Phone, to: &std::path::Path) {
    phone.off();
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(&phone.dir).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
    phone.reopen();
}

#[test]
fn a_restored_database_and_the_phone_it_came_from_never_conflict() {
    let world = World::new(1);
    let (mut phone, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&phone, "一件事");
    phone.device().run(case, &scenes::note("备份以前，未传")).unwrap();
    let copy = world.dir().join("backup");
    backup(&mut phone, &copy);
    // The phone goes on, and so does the restored copy: the same device and key, another installation.
    phone.device().run(case, &scenes::note("原机")).unwrap();
    let mut restored = world.new_phone("w-ncg-1");
    restored.off();
    restored.dir = copy;
    restored.signer = phone.signer.clone();
    restored.reopen();
    assert_eq!(restored.device().enrolled(), phone.device().enrolled());
    restored.device().run(case, &scenes::note("恢复出来的")).unwrap();
    restored.device().run(case, &scenes::add_text(&restored, case, TextName::Minutes, "恢复后所记")).unwrap();
    for _ in 0..2 {
        phone.settle();
        restored.settle();
    }
    lead.settle();
    assert_eq!((phone.set_aside(), restored.set_aside()), (vec![], vec![]));
    assert_eq!(phone.device().case(case).unwrap(), restored.device().case(case).unwrap());
    assert_eq!(phone.device().case(case).unwrap(), lead.device().case(case).unwrap());
    assert_eq!(phone.device().case(case).unwrap().history.len(), 4, "the report and three notes, each once");
}

#[test]
fn an_older_backup_of_a_phone_catches_up() {
    let world = World::new(2);
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    phone.settle();
    let copy = world.dir().join("backup");
    backup(&mut phone, &copy);
    phone.device().run(case, &scenes::note("备份以后")).unwrap();
    phone.settle();
    let expected = phone.device().case(case).unwrap();
    // Lost, replaced, restored from the backup.
    phone.off();
    phone.dir = copy;
    phone.installation = [77; 16];
    phone.reopen();
    phone.settle();
    assert_eq!(phone.device().case(case).unwrap(), expected);
    phone.device().run(case, &scenes::note("恢复以后")).unwrap();
    phone.settle();
    assert_eq!(phone.set_aside(), Vec::<String>::new());
    let (mut phone, mut lead) = (phone, world.phone("lead-ncg"));
    assert_eq!(phone.log(case), lead.log(case));
}

#[test]
fn a_server_put_back_to_an_older_copy_gets_again_what_it_no_longer_knows() {
    let world = World::new(3);
    let (mut worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "一件事");
    worker.settle();
    lead.settle();
    let saved = world.dir().join("saved");
    world.server.copy_files(&saved);
    worker.device().run(case, &scenes::note("备份以后")).unwrap();
    let second = scenes::report(&lead, "备份以后新报的");
    worker.settle();
    lead.settle();
    worker.settle();
    world.server.put_back(&saved);
    worker.settle();
    lead.settle();
    worker.settle();
    lead.settle();
    for doc in [case, second] {
        assert_eq!(worker.device().case(doc).unwrap(), lead.device().case(doc).unwrap());
    }
    assert_eq!(worker.log(case).len(), 2);
    assert_eq!(world.store().holdings().unwrap().changes, 3);
}
