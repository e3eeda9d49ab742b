//! An agreement of a later round takes the place of an earlier one, and says of which.

use doorstep_core::agreement::verify;
use doorstep_core::case::{Asked, Command, CommitmentRef, Grade};
use doorstep_core::device::Terms;
use doorstep_core::environment::Clock as _;
use doorstep_core::id::DocId;
use doorstep_tests::scenes::{self, PARTIES, sealed};
use doorstep_tests::{Phone, World};

/// What was agreed is done, a party is dissatisfied, the table is set again and comes to another draft.
fn drafted_again(world: &World, worker: &Phone, lead: &Phone, case: DocId) {
    let draft = worker.device().case(case).unwrap().commitments[0].draft;
    let fulfilled = Command::FulfilCommitment { commitment: CommitmentRef { draft, index: 0 }, seen: "阀门已拆".into() };
    worker.device().run(case, &fulfilled).unwrap();
    for phone in [worker, lead] {
        phone.settle();
    }
    lead.device().run(case, &Command::Complete { words: String::new() }).unwrap();
    for phone in [lead, worker] {
        phone.settle();
    }
    let (party, words) = (PARTIES[1].into(), "又装上了".into());
    let dissatisfied = Command::RecordFeedback { party, grade: Grade::Dissatisfied, words, asked: Asked::InPerson };
    let now = world.clock.now();
    let again = [dissatisfied, scenes::sit_down(now), scenes::agreed(), scenes::draft(now.date().plus_days(14))];
    for command in again {
        worker.device().run(case, &command).unwrap();
        world.minutes(5);
    }
}

#[test]
fn an_agreement_of_a_later_round_names_the_check_number_of_the_one_it_replaces() {
    let world = World::new(61);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (case, first) = sealed(&world, &worker);
    assert_eq!(worker.device().case(case).unwrap().replaces, None, "there is nothing to replace yet");
    drafted_again(&world, &worker, &lead, case);
    assert_eq!(worker.device().case(case).unwrap().replaces, Some(first.bundle));
    let pad = worker.device().freeze(case, Terms::default()).unwrap();
    assert!(pad.text.contains(&format!("本协议取代核验码为{}的协议。", first.check_number)), "{}", pad.text);
    scenes::sign_all(&worker, case);
    let second = worker.device().seal(case).unwrap();
    let (facts, before) = (verify(&second.bytes).facts.unwrap(), verify(&first.bytes).facts.unwrap());
    assert_eq!(facts.supersedes, Some(before.body));
    worker.synced();
    assert_eq!(worker.set_aside(), [""; 0]);
    assert_eq!(worker.device().bundle(&first.bundle).unwrap(), Some(first.bytes), "the first stays what it was");
}

#[test]
fn nothing_is_frozen_while_the_agreement_that_it_replaces_is_not_at_hand() {
    let world = World::new(62);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (case, first) = sealed(&world, &worker);
    drafted_again(&world, &worker, &lead, case);
    worker.synced();
    lead.settle();
    let refused = lead.device().freeze(case, Terms::default()).unwrap_err();
    assert_eq!(refused.code(), "replaced_not_here");
    lead.device().fetch_bundle(lead.network.as_ref(), &first.bundle).unwrap().unwrap();
    assert!(lead.device().freeze(case, Terms::default()).unwrap().text.contains(&first.check_number));
}
