//! What the simulator found, told short: each story is a seed's, made as small as it goes.

use doorstep_core::case::TextName;
use doorstep_core::environment::Clock as _;
use doorstep_server::audit::Who;
use doorstep_server::config::ServerEntropy;
use doorstep_tests::{World, scenes};

#[test]
fn what_a_phone_pulled_can_still_be_read_after_the_server_was_restored_and_got_it_back() {
    let world = World::new(15);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let backup = world.dir().join("backup");
    world.server.copy_files(&backup);
    // Enough changes that the server makes a save of its own of them.
    let (case, _) = scenes::sealed(&world, &worker);
    worker.settle();
    lead.settle();
    for text in TextName::ALL {
        worker.device().run(case, &scenes::add_text(&worker, case, text, "后来")).unwrap();
    }
    world.server.put_back(&backup);
    // The server gets everything in one go, and makes another save of it than the one that the lead's phone pulled.
    worker.settle();
    lead.settle();
    let (one, other) = (worker.device().case(case).unwrap(), lead.device().case(case).unwrap());
    assert_eq!(one, other);
    lead.device().run(case, &scenes::note("还能写")).unwrap();
    lead.settle();
    worker.settle();
    assert_eq!(worker.device().digest(case).unwrap(), lead.device().digest(case).unwrap());
}

#[test]
fn what_a_post_no_longer_opens_leaves_the_phone_though_the_server_was_restored_meanwhile() {
    let world = World::new(33);
    let worker = world.phone("w-ncg-1");
    let backup = world.dir().join("backup");
    let case = scenes::report(&worker, "一件事");
    worker.settle();
    world.server.copy_files(&backup);
    let lost = scenes::report(&worker, "备份以后");
    worker.settle();
    world.server.put_back(&backup);
    let store = world.store();
    let epoch = store.epoch().unwrap();
    assert!(store.begin_epoch(epoch, Who::Operator, &ServerEntropy, world.clock.now()).unwrap());
    world.end_posts("w-ncg-1");
    // The restored server neither sends the documents nor says that they left.
    for _ in 0..4 {
        worker.sync();
    }
    assert!(worker.device().case(case).is_err(), "it is no longer theirs to see");
    // What the server lost, and may not take from somebody without a post, is counted and shown; it is not deleted.
    assert!(!worker.set_aside().is_empty());
    assert!(worker.device().row(lost).unwrap().is_some());
}
