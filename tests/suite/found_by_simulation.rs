//! What the simulator found, told short: each story is a seed's, made as small as it goes.

use doorstep_core::case::TextName;
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
