//! What a newer version wrote is kept, passed on, and shown as such; what it changed in the files' form is refused
//! without touching them.

use doorstep_core::case::Event;
use doorstep_core::entry::Body;
use doorstep_core::environment::random;
use doorstep_core::id::ActorId;
use doorstep_core::sync::wire::Verdict;
use doorstep_tests::{World, forge, scenes};

#[test]
fn an_event_of_a_newer_version_passes_the_server_and_stands_in_the_history_on_every_phone() {
    let world = World::new(1);
    let (mut worker, mut lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "一件事");
    worker.settle();
    lead.settle();
    // The worker's second phone runs a later release.
    let second = world.phone("w-ncg-1");
    let record =
        minicbor_serde::to_vec([("colour", "green")].iter().copied().collect::<std::collections::BTreeMap<_, _>>()).unwrap();
    let body = Body::Newer { kind: "mood_recorded".into(), record: record.clone() };
    let actor = ActorId::from_bytes(random(second.entropy.as_ref()));
    let (_, change) = forge::write(&second, &worker.document(case), actor, body);
    let verdicts = forge::push(&second, vec![forge::pushed(case, change)]).verdicts();
    assert!(matches!(verdicts[..], [Verdict::Stored { .. }]), "{verdicts:?}");
    for phone in [&mut worker, &mut lead] {
        phone.settle();
        let view = phone.device().case(case).unwrap();
        let line = view.history.iter().find(|line| line.kind == "mood_recorded").expect("it is shown");
        assert!(!line.text.is_empty());
        assert_eq!(view.unreadable, 0);
        // Work goes on around it, and its record is untouched.
        phone.device().run(case, &scenes::note("接着办")).unwrap();
        phone.settle();
        let kept: Vec<_> = phone.log(case).into_iter().filter(|entry| matches!(entry.body, Body::Newer { .. })).collect();
        assert!(
            matches!(&kept[..], [one] if one.body == Body::<Event>::Newer { kind: "mood_recorded".into(), record: record.clone() })
        );
    }
    worker.settle();
    assert_eq!(worker.device().case(case).unwrap(), lead.device().case(case).unwrap());
}

#[test]
fn a_newer_event_from_whoever_may_not_even_note_is_refused() {
    let world = World::new(2);
    let mut worker = world.phone("w-ncg-1");
    let case = scenes::report(&worker, "一件事");
    worker.settle();
    let other = world.phone("w-lg-1");
    let body = Body::Newer { kind: "mood_recorded".into(), record: vec![0xa0] };
    let actor = ActorId::from_bytes(random(other.entropy.as_ref()));
    let (_, change) = forge::write(&other, &worker.document(case), actor, body);
    let verdicts = forge::push(&other, vec![forge::pushed(case, change)]).verdicts();
    assert!(matches!(&verdicts[..], [Verdict::SetAside { code, .. }] if code == "not_allowed"), "{verdicts:?}");
}

#[test]
fn a_phones_database_of_a_newer_version_is_refused_and_left_as_it_is() {
    let world = World::new(3);
    let mut phone = world.phone("w-ncg-1");
    scenes::report(&phone, "一件事");
    phone.off();
    let path = phone.dir.join(doorstep_tests::phone::FILE);
    let db = phone.raw();
    db.pragma_update(None, "user_version", doorstep_core::store::VERSION + 1).unwrap();
    drop(db);
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(phone.try_open(doorstep_core::store::Options::default()).unwrap_err().code(), "store_newer");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}
