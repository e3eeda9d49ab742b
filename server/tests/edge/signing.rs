//! Who may write and who may read, and for how long.

use doorstep_core::environment::Clock as _;
use doorstep_core::sync::wire::{self, PushAnswer, Verdict};
use doorstep_server::nonce::NONCE_MS;
use doorstep_server::token::TOKEN_MS;

use crate::client;
use crate::world::{Key, Phone, World, empty, nonsense, person, pull, send};

#[test]
fn a_signed_push_is_answered_with_verdicts_and_a_token_that_pulls() {
    let world = World::new();
    let phone = world.phone("lead-ncg");
    let request = nonsense();
    let answer = phone.push(&world, &request);
    assert_eq!(answer.status, 200, "{answer:?}");
    let verdicts: PushAnswer = minicbor_serde::from_slice(&answer.body).unwrap();
    assert_eq!(verdicts.verdicts.len(), 1);
    assert!(matches!(verdicts.verdicts[0].verdict, Verdict::SetAside { .. }), "{verdicts:?}");
    assert_eq!(pull(&world, answer.header(wire::HEADER_TOKEN).unwrap()).status, 200);
}

#[test]
fn a_replayed_request_is_refused() {
    let world = World::new();
    let phone = world.phone("lead-ncg");
    let body = minicbor_serde::to_vec(empty()).unwrap();
    let headers = phone.headers("/v1/sync/push", &body, &world.nonce());
    assert_eq!(send(&world, "/v1/sync/push", &headers, &body).status, 200);
    let again = send(&world, "/v1/sync/push", &headers, &body);
    assert_eq!((again.status, again.code().as_str()), (401, "nonce"));
    assert_ne!(again.header(wire::HEADER_NONCE), None);
}

#[test]
fn a_nonce_that_is_old_or_of_another_server_is_refused() {
    let world = World::new();
    let phone = world.phone("lead-ncg");
    let headers = phone.headers("/v1/token", &[], &world.nonce());
    world.clock.advance(NONCE_MS + 1);
    assert_eq!(send(&world, "/v1/token", &headers, &[]).code(), "nonce");
    let foreign = World::new().nonce();
    assert_eq!(send(&world, "/v1/token", &phone.headers("/v1/token", &[], &foreign), &[]).code(), "nonce");
}

#[test]
fn a_tampered_body_path_person_or_device_breaks_the_signature() {
    let world = World::new();
    let (phone, other) = (world.phone("lead-ncg"), world.phone("other"));
    let body = minicbor_serde::to_vec(empty()).unwrap();
    let mut tampered = body.clone();
    *tampered.last_mut().unwrap() ^= 1;
    let headers = || phone.headers("/v1/sync/push", &body, &world.nonce());
    let refused = |headers: &[(&'static str, String)], path: &str, body: &[u8]| {
        let answer = send(&world, path, headers, body);
        (answer.status, answer.code())
    };
    let expected = (401, "signature".to_owned());
    assert_eq!(refused(&headers(), "/v1/sync/push", &tampered), expected);
    assert_eq!(refused(&headers(), "/v1/token", &body), expected);
    assert_eq!(refused(&headers(), "/v1/sync/push?x", &body), expected);
    let mut as_other = headers();
    as_other[1].1 = other.person.to_string();
    assert_eq!(refused(&as_other, "/v1/sync/push", &body), expected);
    let mut from_other = headers();
    from_other[0].1 = other.device.to_string();
    assert_eq!(refused(&from_other, "/v1/sync/push", &body), expected);
}

#[test]
fn a_device_acts_for_no_other_person() {
    let world = World::new();
    let mut phone = world.phone("lead-ncg");
    phone.person = person("other");
    let answer = phone.post(&world, "/v1/token", &[]);
    assert_eq!((answer.status, answer.code().as_str()), (403, "person"));
}

#[test]
fn strangers_and_half_signed_requests_are_told_what_is_missing() {
    let world = World::new();
    let phone = world.phone("lead-ncg");
    let headers = phone.headers("/v1/token", &[], &world.nonce());
    for missing in 0..4 {
        let mut headers = headers.clone();
        let (name, _) = headers.remove(missing);
        let answer = send(&world, "/v1/token", &headers, &[]);
        assert_eq!((answer.status, answer.code().as_str(), answer.place().as_deref()), (401, "unsigned", Some(name)));
    }
    let stranger =
        Phone { key: Key::new(), device: doorstep_core::id::DeviceId::from_bytes([9; 16]), person: person("lead-ncg") };
    let answer = stranger.post(&world, "/v1/token", &[]);
    assert_eq!((answer.status, answer.code().as_str()), (401, "device_unknown"));
}

#[test]
fn a_signature_with_the_other_half_of_s_does_not_count() {
    let world = World::new();
    let phone = world.phone("lead-ncg");
    let mut headers = phone.headers("/v1/token", &[], &world.nonce());
    let low = data_encoding::BASE64URL_NOPAD.decode(headers[3].1.as_bytes()).unwrap();
    let (r, s) = p256::ecdsa::Signature::from_slice(&low).unwrap().split_scalars();
    let high = p256::ecdsa::Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).unwrap();
    headers[3].1 = data_encoding::BASE64URL_NOPAD.encode(&high.to_bytes());
    let answer = send(&world, "/v1/token", &headers, &[]);
    assert_eq!((answer.status, answer.code().as_str()), (401, "signature"));
}

#[test]
fn a_token_reads_for_a_quarter_of_an_hour_and_never_writes() {
    let world = World::new();
    let phone = world.phone("lead-ncg");
    let token = phone.token(&world);
    assert_eq!(pull(&world, &token).status, 200);
    let bearer = format!("Bearer {token}");
    let body = minicbor_serde::to_vec(empty()).unwrap();
    let headers = [("authorization", bearer.as_str()), ("content-type", wire::CBOR)];
    let answer = client::send(world.address(), "POST", "/v1/sync/push", &headers, &body);
    assert_eq!((answer.status, answer.code().as_str()), (401, "unsigned"), "a stolen token can't write");
    world.clock.advance(TOKEN_MS);
    let answer = pull(&world, &token);
    assert_eq!((answer.status, answer.code().as_str()), (401, "token_expired"));
    for token in ["", "x", "AAAA", &"A".repeat(43)] {
        assert_eq!(pull(&world, token).code(), "token");
    }
    assert_eq!(client::get(world.address(), "/v1/sync/pull", &[]).code(), "token");
}

#[test]
fn a_revoked_device_is_refused_at_once_and_what_it_pushes_is_kept_aside() {
    let world = World::new();
    let phone = world.phone("lead-ncg");
    let token = phone.token(&world);
    assert!(world.store.revoke_device(phone.device, world.clock.now()).unwrap());
    let answer = phone.post(&world, "/v1/token", &[]);
    assert_eq!((answer.status, answer.code().as_str()), (403, "device_revoked"));
    assert!(matches!(pull(&world, &token).code().as_str(), "token" | "device_revoked"));
    let before = world.store.holdings().unwrap();
    let answer = phone.push(&world, &nonsense());
    assert_eq!((answer.status, answer.code().as_str()), (403, "device_revoked"));
    assert_eq!(answer.header(wire::HEADER_TOKEN), None);
    let after = world.store.holdings().unwrap();
    assert_eq!((after.documents, after.set_aside), (before.documents, before.set_aside + 1));
}
