//! Hostile and broken input, each answered with its code, and the phone that is innocent of it loses nothing.

use doorstep_core::case::{Event, Noted};
use doorstep_core::document::Document;
use doorstep_core::entry::Body;
use doorstep_core::environment::{Clock as _, Entropy as _, Request, random};
use doorstep_core::id::{ActorId, DocId, DocKind};
use doorstep_core::sync::Outcome;
use doorstep_core::sync::wire::{
    BODY_MAX, CBOR, HEADER_TOKEN, INFLATED_MAX, PATH_PULL, PATH_PUSH, PATH_TOKEN, PushedChange, Verdict,
};
use doorstep_server::nonce::NONCE_MS;
use doorstep_server::token::TOKEN_MS;
use doorstep_tests::{Fault, Phone, Weather, World, forge, scenes};
use serde_bytes::ByteBuf;

/// A phone with a case on the server and a note that waits.
fn worker(world: &World) -> (Phone, DocId) {
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    phone.settle();
    phone.device().run(case, &scenes::note("未传的一句")).unwrap();
    (phone, case)
}

/// After all that: the phone's own work arrives, nothing of it is aside, the server's log has nothing else.
fn unharmed(world: &World, phone: &Phone, case: DocId) {
    phone.settle();
    let counts = phone.pending().counts;
    assert_eq!((counts.waiting, counts.wanted, counts.set_aside), (0, 0, 0));
    assert_eq!(world.store().holdings().unwrap().changes, 2, "the report and the note");
    let lead = world.phone("lead-ncg");
    assert_eq!(lead.device().case(case).unwrap(), phone.device().case(case).unwrap());
}

/// The one change that waits, as it would be pushed.
fn waiting(phone: &mut Phone) -> PushedChange {
    let one = phone.with_store(|store| store.outbox(0, usize::MAX, 1).unwrap().remove(0));
    PushedChange { doc: one.doc, kind: one.kind, hash: one.hash, bytes: ByteBuf::from(one.bytes) }
}

fn aside(code: &str) -> Vec<Verdict> {
    vec![Verdict::SetAside { code: code.into(), about: vec![] }]
}

fn new_actor(phone: &Phone) -> ActorId {
    ActorId::from_bytes(random(phone.entropy.as_ref()))
}

#[test]
fn a_replayed_and_an_old_nonce_are_refused() {
    let world = World::new(1);
    let (mut phone, case) = worker(&world);
    let change = waiting(&mut phone);
    let request = forge::signed(&phone, PATH_PUSH, forge::encode(vec![change]), &forge::nonce(&phone));
    assert_eq!(forge::send(&phone, &request).unwrap().status, 200);
    let again = forge::send(&phone, &request).unwrap();
    assert_eq!((again.status, again.code().as_str()), (401, "nonce"));
    let old = forge::signed(&phone, PATH_TOKEN, vec![], &forge::nonce(&phone));
    world.clock.pass(NONCE_MS + 1);
    assert_eq!(forge::send(&phone, &old).unwrap().code(), "nonce");
    unharmed(&world, &phone, case);
}

#[test]
fn a_push_tampered_with_on_its_way_is_refused_and_the_true_one_gets_through() {
    let world = World::new(2);
    let (mut phone, case) = worker(&world);
    let body = forge::encode(vec![waiting(&mut phone)]);
    for at in [0, body.len() / 3, body.len() / 2, body.len() - 1] {
        let mut request = forge::signed(&phone, PATH_PUSH, body.clone(), &forge::nonce(&phone));
        request.body[at] ^= 0x20;
        let answer = forge::send(&phone, &request).unwrap();
        assert_eq!((answer.status, answer.code().as_str()), (401, "signature"), "byte {at}");
    }
    unharmed(&world, &phone, case);
}

#[test]
fn a_change_with_any_byte_changed_is_set_aside_though_its_sender_signed_it() {
    let world = World::new(3);
    let (mut phone, case) = worker(&world);
    let change = waiting(&mut phone);
    let before = world.store().holdings().unwrap();
    for at in (0..change.bytes.len()).step_by(7) {
        let mut bad = change.clone();
        bad.bytes[at] ^= 0x40;
        let verdicts = forge::push(&phone, vec![bad]).verdicts();
        assert!(matches!(&verdicts[..], [Verdict::SetAside { code, .. }] if !code.is_empty()), "byte {at}: {verdicts:?}");
    }
    assert_eq!(world.store().holdings().unwrap().changes, before.changes);
    unharmed(&world, &phone, case);
}

#[test]
fn garbage_is_named_as_what_it_is() {
    let world = World::new(4);
    let (mut phone, case) = worker(&world);
    for body in [vec![0xff; 40], b"{}".to_vec(), vec![], vec![0x9f; 100_000]] {
        let answer = forge::push_bytes(&phone, body);
        assert_eq!((answer.status, answer.code().as_str()), (400, "malformed"));
    }
    let mut request = forge::signed(&phone, PATH_PUSH, forge::encode(vec![]), &forge::nonce(&phone));
    request.headers.iter_mut().find(|(name, _)| *name == "content-type").unwrap().1 = "text/plain".into();
    assert_eq!(forge::send(&phone, &request).unwrap().status, 415);
    // Bytes that are no change at all, beside one that is: the one goes through.
    let nonsense = PushedChange {
        doc: DocId::from_bytes([5; 16]),
        kind: DocKind::Case,
        hash: doorstep_core::id::ChangeHash::from_bytes([5; 32]),
        bytes: ByteBuf::from(vec![7; 300]),
    };
    let good = waiting(&mut phone);
    let verdicts = forge::push(&phone, vec![nonsense, good]).verdicts();
    assert!(matches!(&verdicts[..], [Verdict::SetAside { .. }, Verdict::Stored { .. }]), "{verdicts:?}");
    unharmed(&world, &phone, case);
}

#[test]
fn a_body_too_large_on_the_wire_or_once_inflated_is_413() {
    let world = World::new(5);
    let (phone, case) = worker(&world);
    // Noise, which does not compress.
    let mut noise = vec![0; BODY_MAX + 1];
    phone.entropy.fill(&mut noise);
    let sent = forge::send(&phone, &forge::signed(&phone, PATH_PUSH, noise, &forge::nonce(&phone)));
    // The server may close before it has read what it will not read; if its answer arrives, it is this one.
    if let Ok(answer) = sent {
        assert_eq!((answer.status, answer.code().as_str()), (413, "body_too_large"));
    }
    // A few kilobytes that inflate beyond the cap: the transport compresses them.
    let bomb = vec![0; INFLATED_MAX + 1];
    let answer = forge::send(&phone, &forge::signed(&phone, PATH_PUSH, bomb, &forge::nonce(&phone))).unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (413, "inflated_too_large"));
    unharmed(&world, &phone, case);
}

#[test]
fn a_change_whose_past_is_missing_is_wanted_first_and_then_taken() {
    let world = World::new(6);
    let (mut phone, case) = worker(&world);
    let missing = waiting(&mut phone);
    phone.device().run(case, &scenes::note("第二句")).unwrap();
    let second = phone.with_store(|store| store.unsent_of(&case).unwrap().remove(1));
    let second = PushedChange { doc: case, kind: DocKind::Case, hash: second.hash, bytes: ByteBuf::from(second.bytes) };
    let verdicts = forge::push(&phone, vec![second.clone()]).verdicts();
    assert_eq!(verdicts, [Verdict::Wanted { hashes: vec![missing.hash] }]);
    let verdicts = forge::push(&phone, vec![missing, second]).verdicts();
    assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Stored { .. })), "{verdicts:?}");
    phone.settle();
    assert_eq!(phone.pending().counts.set_aside, 0);
}

#[test]
fn another_devices_actor_is_set_aside_and_its_owner_goes_on() {
    let world = World::new(7);
    let (mut phone, case) = worker(&world);
    phone.synced();
    let document = phone.document(case);
    let actor = document.changes().unwrap().last().unwrap().actor;
    let lead = world.phone("lead-ncg");
    let (_, forged) = forge::write(&lead, &document, actor, Body::Event(Event::Noted(Noted { text: "冒用".into() })));
    assert_eq!(forge::push(&lead, vec![forge::pushed(case, forged)]).verdicts(), aside("foreign_actor"));
    unharmed(&world, &phone, case);
    phone.device().run(case, &scenes::note("本人接着写")).unwrap();
    phone.settle();
    assert_eq!(phone.set_aside(), Vec::<String>::new());
}

#[test]
fn an_entry_in_another_persons_name_is_set_aside() {
    let world = World::new(8);
    let (mut phone, case) = worker(&world);
    phone.synced();
    let document = phone.document(case);
    let mut lead = world.phone("lead-ncg");
    let actor = new_actor(&lead);
    lead.person = phone.person.clone();
    let (_, forged) = forge::write(&lead, &document, actor, Body::Event(Event::Noted(Noted { text: "冒名".into() })));
    assert_eq!(forge::push(&lead, vec![forge::pushed(case, forged)]).verdicts(), aside("foreign_author"));
    unharmed(&world, &phone, case);
}

#[test]
fn a_stolen_token_reads_until_it_expires_and_never_writes() {
    let world = World::new(9);
    let (mut phone, case) = worker(&world);
    let token = forge::token(&phone);
    assert_eq!(forge::get(&phone, PATH_PULL, &token).status, 200);
    let headers = vec![("content-type", CBOR.to_owned()), ("authorization", format!("Bearer {token}"))];
    let body = forge::encode(vec![waiting(&mut phone)]);
    let answer = forge::send(&phone, &Request { method: "POST", path: PATH_PUSH.into(), headers, body }).unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (401, "unsigned"));
    world.clock.pass(TOKEN_MS + 1);
    let answer = forge::get(&phone, PATH_PULL, &token);
    assert_eq!((answer.status, answer.code().as_str()), (401, "token_expired"));
    // The phone that owns it does not notice: it signs for another.
    unharmed(&world, &phone, case);
}

#[test]
fn a_revoked_device_is_told_so_keeps_everything_and_its_work_is_kept_aside_on_the_server() {
    let world = World::new(10);
    let (mut phone, case) = worker(&world);
    let device = phone.device().enrolled().unwrap().device;
    world.store().revoke_device(device, world.clock.now()).unwrap();
    let before = phone.device().case(case).unwrap();
    let report = phone.sync();
    assert_eq!(report.outcome, Outcome::Revoked);
    assert_eq!(report.outcome.code(), "device_revoked");
    let holdings = world.store().holdings().unwrap();
    assert_eq!((holdings.changes, holdings.set_aside), (1, 1), "for a lead to look at");
    // Nobody reads on it any more; nothing of it is lost, here or there.
    phone.reopen();
    assert_eq!(phone.device().case(case).unwrap_err().code(), "device_revoked");
    assert_eq!(phone.pending().counts.waiting, 1);
    let document = phone.document(case);
    assert_eq!(document.digest(), before.digest);
    let answer = forge::send(&phone, &forge::signed(&phone, PATH_TOKEN, vec![], &forge::nonce(&phone))).unwrap();
    assert_eq!((answer.status, answer.code().as_str(), answer.header(HEADER_TOKEN)), (403, "device_revoked", None));
}

#[test]
fn answers_that_are_not_the_servers_change_nothing_on_the_phone() {
    // A hotspot's login page: every path answers 200 with a web page. Played by a server of its own on a real socket.
    let world = World::new(11);
    let (phone, case) = worker(&world);
    let before = phone.device().case(case).unwrap();
    let page = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = page.local_addr().unwrap();
    let hotspot = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = page.accept().unwrap();
        let _ = stream.read(&mut [0; 4_096]);
        let body = "<html>login</html>";
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
        // A socket closed with a request half read is reset, and the reset may overtake the answer.
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let options = doorstep_core::host::HttpOptions::default();
    let transport = doorstep_core::host::HttpTransport::new(&format!("http://{address}"), &options).unwrap();
    let report = phone.device().sync(&transport).unwrap();
    hotspot.join().unwrap();
    assert_eq!(report.outcome, Outcome::Protocol { code: "not_doorstep" });
    assert_eq!((phone.device().case(case).unwrap(), phone.pending().counts.waiting), (before, 1));
    unharmed(&world, &phone, case);
}

#[test]
fn a_document_that_is_not_what_the_server_said_is_marked_and_hides_nothing_else() {
    let world = World::new(12);
    let (phone, case) = worker(&world);
    let second = scenes::report(&phone, "第二件");
    phone.settle();
    let mut lead = world.phone("lead-ncg");
    // The bytes rot on the disk of the phone.
    lead.off();
    let db = lead.raw();
    let sql = "UPDATE saved SET bytes = zeroblob(length(bytes)) WHERE doc = ?1";
    assert_eq!(db.execute(sql, [case.as_bytes().as_slice()]).unwrap(), 1);
    drop(db);
    lead.reopen();
    assert!(lead.device().case(case).is_err());
    assert!(lead.device().case(second).is_ok());
    assert_eq!(lead.pending().counts.unreadable, 1);
}

#[test]
fn a_phone_out_of_the_network_for_long_gives_up_politely_and_says_when_to_come_back() {
    let world = World::new(13);
    let (phone, case) = worker(&world);
    phone.network.weather(Weather::Offline);
    let report = phone.sync();
    assert!(matches!(report.outcome, Outcome::Later { ms, .. } if ms > 0), "{:?}", report.outcome);
    assert!(report.requests <= 6, "{} requests", report.requests);
    phone.network.clear();
    phone.network.next([Fault::Lost, Fault::Lost]);
    assert_eq!(phone.sync().outcome, Outcome::Done, "two lost requests are borne");
    unharmed(&world, &phone, case);
}

#[test]
fn a_change_of_a_document_that_was_never_reported_is_no_document() {
    let world = World::new(14);
    let (phone, case) = worker(&world);
    let doc = DocId::from_bytes([6; 16]);
    let note = Body::Event(Event::Noted(Noted { text: "凭空".into() }));
    let stamp = doorstep_core::time::Stamp { time: doorstep_core::time::Hlc(1 << 20), node: 5 };
    let entry = doorstep_core::entry::Entry { stamp, author: phone.person.clone(), body: note };
    let writing = doorstep_core::document::Writing::entries(vec![entry]);
    let (_, change) = Document::create(doc, DocKind::Case, new_actor(&phone), &writing).unwrap();
    assert_eq!(forge::push(&phone, vec![forge::pushed(doc, change)]).verdicts(), aside("not_reported"));
    unharmed(&world, &phone, case);
}
