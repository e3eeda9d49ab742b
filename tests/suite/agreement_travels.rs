//! A sealed agreement goes with its case to whoever may see it, is fetched when somebody wants it, and is believed only
//! if it is the one that was sealed.

use doorstep_core::agreement::verify;
use doorstep_core::device::Terms;
use doorstep_core::environment::{Clock, Request, Response, Transport, TransportError};
use doorstep_core::sync::wire::PATH_PUSH;
use doorstep_tests::scenes::{sealed, sign_all};
use doorstep_tests::{Fault, World, forge, scenes};

#[test]
fn the_lead_fetches_what_the_worker_sealed_and_it_verifies() {
    let world = World::new(1);
    let (worker, lead, other) = (world.phone("w-ncg-1"), world.phone("lead-ncg"), world.phone("w-ncg-2"));
    let (case, agreement) = sealed(&world, &worker);
    assert!(verify(&agreement.bytes).holds());
    worker.network.sent();
    worker.settle();
    let pushes = worker.network.sent().iter().filter(|sent| sent.request.path == PATH_PUSH).count();
    assert_eq!(pushes, 1, "the bundle travels in the same push");
    lead.settle();
    let view = lead.device().case(case).unwrap();
    let shown = view.agreement.unwrap();
    let digits = |text: &str| text.replace(' ', "");
    assert_eq!(shown.bundle, Some(agreement.bundle));
    assert_eq!(digits(&shown.check_number), digits(&agreement.check_number));
    assert_eq!(lead.device().bundle(&agreement.bundle).unwrap(), None, "it comes when it is wanted");
    let fetched = lead.device().fetch_bundle(lead.network.as_ref(), &agreement.bundle).unwrap().unwrap();
    assert_eq!(fetched, agreement.bytes);
    assert!(verify(&fetched).holds());
    // From now on it is on this phone, without any network.
    lead.network.next([Fault::Lost]);
    assert!(lead.device().fetch_bundle(lead.network.as_ref(), &agreement.bundle).unwrap().is_some());
    // Whoever does not see the case does not see its agreement.
    assert_eq!(other.device().fetch_bundle(other.network.as_ref(), &agreement.bundle).unwrap(), None);
    let path = format!("/v1/bundles/{}", agreement.bundle);
    assert_eq!(forge::get(&other, &path, &forge::token(&other)).code(), "bundle_unknown");
}

#[test]
fn an_agreement_under_a_draft_that_was_rewritten_is_the_one_that_was_signed() {
    let world = World::new(3);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::drafted(&world, &worker);
    let due = world.clock.now().date().plus_days(14);
    worker.device().run(case, &scenes::draft(due)).unwrap();
    worker.device().freeze(case, Terms::default()).unwrap();
    sign_all(&worker, case);
    let agreement = worker.device().seal(case).unwrap();
    assert!(verify(&agreement.bytes).holds());
    assert!(!agreement.case.look, "the first draft led to the second: nothing wants a look");
    worker.synced();
    assert_eq!(world.store().holdings().unwrap().set_aside, 0);
    lead.synced();
    assert_eq!(lead.device().case(case).unwrap().commitments[0].due, due);
}

/// A way to the server on which somebody changes one byte of every answer.
struct Tampering<'a>(&'a dyn Transport);

impl Transport for Tampering<'_> {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let mut response = self.0.send(request)?;
        let mut bytes = Vec::new();
        let _ = response.body.read_to_end(&mut bytes);
        if let Some(byte) = bytes.last_mut() {
            *byte ^= 1;
        }
        response.body = Box::new(std::io::Cursor::new(bytes));
        Ok(response)
    }

    fn pause(&self, ms: u64) {
        self.0.pause(ms);
    }
}

#[test]
fn a_bundle_tampered_with_on_its_way_is_refused_and_not_kept() {
    let world = World::new(2);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (_, agreement) = sealed(&world, &worker);
    worker.settle();
    lead.settle();
    assert!(lead.device().fetch_bundle(&Tampering(lead.network.as_ref()), &agreement.bundle).is_err());
    assert_eq!(lead.device().bundle(&agreement.bundle).unwrap(), None);
    let fetched = lead.device().fetch_bundle(lead.network.as_ref(), &agreement.bundle).unwrap();
    assert_eq!(fetched, Some(agreement.bytes), "the true one is taken afterwards");
}

#[test]
fn a_seal_without_its_bundle_or_with_another_is_set_aside_by_the_server() {
    let world = World::new(3);
    let mut worker = world.phone("w-ncg-1");
    let (_, agreement) = sealed(&world, &worker);
    let unsent = worker.with_store(|store| store.outbox(0, usize::MAX, 100).unwrap());
    let changes: Vec<_> = unsent
        .into_iter()
        .map(|one| doorstep_core::sync::wire::PushedChange {
            doc: one.doc,
            kind: one.kind,
            hash: one.hash,
            bytes: serde_bytes::ByteBuf::from(one.bytes),
        })
        .collect();
    let mut other = agreement.bytes.clone();
    *other.last_mut().unwrap() ^= 1;
    let request = doorstep_core::sync::wire::PushRequest {
        version: doorstep_core::sync::wire::VERSION,
        changes,
        bundles: vec![serde_bytes::ByteBuf::from(other)],
    };
    let verdicts = forge::push_bytes(&worker, minicbor_serde::to_vec(&request).unwrap()).verdicts();
    let (last, before) = verdicts.split_last().unwrap();
    assert!(before.iter().all(|verdict| matches!(verdict, doorstep_core::sync::wire::Verdict::Stored { .. })), "{before:?}");
    assert!(!matches!(last, doorstep_core::sync::wire::Verdict::Stored { .. }), "{last:?}");
}

#[test]
fn a_ceremony_interrupted_by_a_dead_battery_goes_on_where_it_was() {
    let world = World::new(4);
    let mut worker = world.phone("w-ncg-1");
    let case = scenes::drafted(&world, &worker);
    let pad = worker.device().freeze(case, Terms::default()).unwrap();
    worker.reopen();
    assert_eq!(worker.device().pad(case).unwrap(), pad);
    sign_all(&worker, case);
    worker.reopen();
    let agreement = worker.device().seal(case).unwrap();
    assert!(verify(&agreement.bytes).holds());
    worker.settle();
    assert_eq!(worker.set_aside(), Vec::<String>::new());
}
