//! What a revoked device pushes is kept for the leads of the community it happened in: they read it, and take it in as what it was, or
//! leave it where it is. Either way it is on record who decided.

use doorstep_core::case::TextName;
use doorstep_core::device::{AsideRecord, Decision};
use doorstep_core::environment::Clock as _;
use doorstep_core::id::DocId;
use doorstep_core::sync::Outcome;
use doorstep_server::audit::Who;
use doorstep_server::ingest::{Adopted, adopt};
use doorstep_server::worker::Trials;
use doorstep_tests::{Phone, World, scenes};

use super::{facts, revoke};

/// A worker with a sent case, and a lead who has it.
fn two(seed: u64) -> (World, Phone, Phone, DocId) {
    let world = World::new(seed);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "一件事");
    worker.settle();
    lead.settle();
    (world, worker, lead, case)
}

fn review(phone: &Phone, decisions: Vec<Decision>) -> (Vec<(u64, String)>, Vec<AsideRecord>) {
    let answer = phone.device().review(phone.network.as_ref(), decisions).unwrap();
    (answer.decided.into_iter().map(|one| (one.n, one.code)).collect(), answer.aside)
}

fn adopting(n: u64) -> Decision {
    Decision { n, adopt: true, why: "本人所做，情况属实".into() }
}

#[test]
fn a_lead_reads_what_a_revoked_device_pushed_and_takes_it_in_as_what_it_was() {
    let (world, mut worker, mut lead, case) = two(1);
    worker.device().run(case, &scenes::note("停用前写的")).unwrap();
    worker.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    worker.device().run(case, &scenes::add_text(&worker, case, TextName::Minutes, "现场所记。")).unwrap();
    let new = scenes::report(&worker, "停用前报的");
    let wanted = worker.log(case);
    revoke(&world, &worker);
    assert_eq!(worker.sync().outcome, Outcome::Revoked);
    lead.settle();
    assert_eq!(lead.device().case(case).unwrap().history.len(), 1, "nothing of it is in the case");

    let (_, aside) = review(&lead, vec![]);
    let lines: Vec<&str> = aside.iter().flat_map(|one| one.lines.iter().map(String::as_str)).collect();
    assert_eq!(aside.len(), 4, "{aside:?}");
    assert!(lines[0].contains("停用前写的") && lines[1].contains("现场商") && lines[2].contains("现场所记。"), "{lines:?}");
    assert_eq!((aside[3].title.as_str(), aside[3].doc), ("停用前报的", new));
    assert!(aside.iter().all(|one| one.person == worker.person));
    assert!(facts(&world, "aside_shown") >= 2, "the look is on record");

    let (decided, left) = review(&lead, aside.iter().map(|one| adopting(one.n)).collect());
    assert!(decided.iter().all(|(_, code)| code.is_empty()), "{decided:?}");
    assert_eq!((left.len(), facts(&world, "aside_adopted")), (0, 4));
    lead.settle();
    assert_eq!(lead.log(case), wanted, "authors, stamps and bytes are what they were");
    assert_eq!(lead.device().text(case, TextName::Minutes).unwrap(), "现场所记。");
    assert_eq!(lead.device().case(new).unwrap().title, "停用前报的");
    let (again, _) = review(&lead, vec![adopting(aside[0].n)]);
    assert_eq!(again, [(aside[0].n, "decided_before".into())]);
}

#[test]
fn what_is_dismissed_stays_kept_and_never_enters() {
    let (world, worker, lead, case) = two(2);
    worker.device().run(case, &scenes::note("不实的")).unwrap();
    revoke(&world, &worker);
    worker.sync();
    let (_, aside) = review(&lead, vec![]);
    let n = aside[0].n;
    let (decided, left) = review(&lead, vec![Decision { n, adopt: false, why: "与实际不符".into() }]);
    assert_eq!((decided, left.len()), (vec![(n, String::new())], 0));
    assert_eq!(facts(&world, "aside_dismissed"), 1);
    let kept = world.store().quarantine(0, 10).unwrap();
    let (aside, decision) = &kept[0];
    assert_eq!(decision.as_ref().map(|done| (done.adopted, done.why.as_str())), Some((false, "与实际不符")));
    assert!(aside.kept.bytes.len() > 50, "the change is kept as it came");
    assert_eq!(review(&lead, vec![adopting(n)]).0, [(n, "decided_before".into())]);
    lead.settle();
    assert_eq!(lead.device().case(case).unwrap().history.len(), 1);
}

#[test]
fn nobody_but_the_leads_of_the_place_reads_or_decides() {
    let (world, worker, lead, case) = two(3);
    worker.device().run(case, &scenes::note("停用前写的")).unwrap();
    revoke(&world, &worker);
    worker.sync();
    let n = review(&lead, vec![]).1[0].n;
    for person in ["lead-lg", "w-ncg-2", "supervisor", "coordinator", "admin", "clerk-affairs"] {
        let phone = world.phone(person);
        let (decided, aside) = review(&phone, vec![adopting(n)]);
        assert_eq!((decided, aside), (vec![(n, "not_found".into())], vec![]), "{person}");
    }
    assert_eq!(worker.device().review(worker.network.as_ref(), vec![]).unwrap_err().code(), "device_revoked");
    assert_eq!(facts(&world, "aside_adopted"), 0);
}

#[test]
fn what_is_adopted_is_judged_like_any_other() {
    let (world, worker, lead, case) = two(4);
    // The case moved on meanwhile in a way that leaves no room for what the device wanted, and its past is not the server's.
    worker.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    worker.device().run(case, &scenes::agreed()).unwrap();
    revoke(&world, &worker);
    worker.sync();
    let (_, aside) = review(&lead, vec![]);
    // Out of its order: what it builds on was not taken in.
    let (decided, left) = review(&lead, vec![adopting(aside[1].n)]);
    assert_eq!((decided, left.len()), (vec![(aside[1].n, "missing_dependency".into())], 2));
    // A person who holds no post any more writes nothing, whoever takes it in.
    world.end_posts("w-ncg-1");
    let (decided, _) = review(&lead, vec![adopting(aside[0].n)]);
    assert_eq!(decided, [(aside[0].n, "unknown_person".into())]);
    assert_eq!(facts(&world, "aside_adopted"), 0);
    // Bytes that are no change are read as nothing and adopted by nobody.
    let store = world.store();
    let (mut forged, _) = store.in_quarantine(aside[0].n).unwrap().unwrap();
    forged.kept.bytes.truncate(20);
    let refused = adopt(&Trials::Here, &store, &forged, &Who::Operator, "", world.clock.now()).unwrap();
    assert_eq!(refused, Adopted::Refused("malformed".into()));
}

#[test]
fn a_signed_agreement_is_taken_in_with_its_evidence() {
    let world = World::new(5);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (case, sealed) = scenes::sealed(&world, &worker);
    revoke(&world, &worker);
    worker.sync();
    let (_, aside) = review(&lead, vec![]);
    let (decided, left) = review(&lead, aside.iter().map(|one| adopting(one.n)).collect());
    assert!(decided.iter().all(|(_, code)| code.is_empty()) && left.is_empty(), "{decided:?}");
    lead.settle();
    let bytes = lead.device().fetch_bundle(lead.network.as_ref(), &sealed.bundle).unwrap();
    assert_eq!(bytes.as_deref(), Some(sealed.bytes.as_slice()));
    assert!(lead.device().case(case).unwrap().history.iter().any(|line| line.kind == "agreement_sealed"));
}
