//! Bodies that are too long, compressed wrongly, or no records at all.

use doorstep_core::sync::wire;
use doorstep_server::config::Limits;
use serde::Serialize;

use crate::client;
use crate::world::{Phone, World, empty, nonsense, send};

/// A push whose body is `sent` on the wire and `plain` to the signature.
fn push(world: &World, phone: &Phone, plain: &[u8], sent: &[u8], encoding: &str) -> client::Answer {
    let mut headers = phone.headers("/v1/sync/push", plain, &world.nonce());
    headers.push(("content-encoding", encoding.to_owned()));
    send(world, "/v1/sync/push", &headers, sent)
}

#[test]
fn the_signature_is_over_the_plain_body_whatever_travels() {
    let world = World::new();
    let phone = world.phone("lead-ncg");
    let plain = minicbor_serde::to_vec(nonsense()).unwrap();
    let sent = zstd::encode_all(plain.as_slice(), 3).unwrap();
    assert_eq!(push(&world, &phone, &plain, &sent, "zstd").status, 200);
    assert_eq!(push(&world, &phone, &plain, &plain, "identity").status, 200);
}

#[test]
fn a_body_over_the_cap_is_refused_on_the_wire_and_after_inflation() {
    let limits = Limits { body_max: 100_000, inflated_max: 300_000, ..Limits::default() };
    let world = World::with(limits);
    let phone = world.phone("lead-ncg");
    let big = vec![1; 100_001];
    let answer = push(&world, &phone, &big, &big, "identity");
    assert_eq!((answer.status, answer.code().as_str()), (413, "body_too_large"));
    // Half a gigabyte in some tens of kilobytes.
    let bomb = zstd::encode_all(std::io::Read::take(std::io::repeat(0), 512 << 20), 3).unwrap();
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    let answer = push(&world, &phone, &[], &bomb, "zstd");
    assert_eq!((answer.status, answer.code().as_str()), (413, "inflated_too_large"));
    let enrolment = client::send(world.address(), "POST", "/v1/enrol", &[("content-type", wire::CBOR)], &big);
    assert_eq!(enrolment.status, 413, "strangers' bodies too");
}

#[test]
fn damaged_compression_and_other_encodings_are_refused() {
    let world = World::new();
    let phone = world.phone("lead-ncg");
    let answer = push(&world, &phone, &[], b"not zstd at all", "zstd");
    assert_eq!((answer.status, answer.code().as_str()), (400, "compression"));
    let mut cut = zstd::encode_all([7u8; 1000].as_slice(), 3).unwrap();
    cut.truncate(cut.len() - 3);
    assert_eq!(push(&world, &phone, &[], &cut, "zstd").code(), "compression");
    let answer = push(&world, &phone, &[], &[1, 2, 3], "gzip");
    assert_eq!((answer.status, answer.code().as_str()), (415, "encoding"));
}

#[test]
fn the_memory_of_all_bodies_together_is_bounded() {
    let world = World::with(Limits { bodies_bytes_max: 64 << 10, ..Limits::default() });
    let phone = world.phone("lead-ncg");
    let big = vec![0; 100 << 10];
    let answer = push(&world, &phone, &big, &big, "identity");
    assert_eq!((answer.status, answer.code().as_str()), (503, "overloaded"));
    assert!(answer.header("retry-after").is_some());
    assert_eq!(phone.push(&world, &empty()).status, 200, "and given back");
}

#[test]
fn what_is_no_record_is_refused_with_the_place() {
    #[derive(Serialize)]
    struct Strange {
        version: u32,
        changes: Vec<u8>,
        surprise: bool,
    }
    let world = World::new();
    let phone = world.phone("lead-ncg");
    let bad = |body: &[u8]| {
        let answer = phone.post(&world, "/v1/sync/push", body);
        assert_eq!((answer.status, answer.code().as_str()), (400, "malformed"));
        answer.place().unwrap()
    };
    bad(&[]);
    bad(b"{\"version\":1}");
    bad(&[0xff; 1000]);
    bad(&vec![0x81; 500_000]);
    bad(&[0xa1, 0x67, 0xff, 0xfe, 0xfd, 0xff, 0xff, 0xff, 0xff, 0x01]);
    let unknown = minicbor_serde::to_vec(Strange { version: 1, changes: vec![], surprise: true }).unwrap();
    assert!(bad(&unknown).contains("byte"));
    let mut wrong = minicbor_serde::to_vec(nonsense()).unwrap();
    let kind = wrong.windows(4).position(|four| four == b"case").unwrap();
    wrong[kind..kind + 4].copy_from_slice(b"cast");
    assert!(bad(&wrong).starts_with("changes[0].kind"));
}

#[test]
fn another_version_or_media_type_is_told_so() {
    let world = World::new();
    let phone = world.phone("lead-ncg");
    let mut request = empty();
    request.version = 2;
    let answer = phone.push(&world, &request);
    assert_eq!((answer.status, answer.code().as_str()), (400, "version"));
    let body = minicbor_serde::to_vec(empty()).unwrap();
    let mut headers = phone.headers("/v1/sync/push", &body, &world.nonce());
    headers[4].1 = "text/plain".into();
    let answer = send(&world, "/v1/sync/push", &headers, &body);
    assert_eq!((answer.status, answer.code().as_str()), (415, "media_type"));
    let mut many = nonsense();
    many.changes = vec![many.changes[0].clone(); wire::PUSH_CHANGES_MAX + 1];
    let answer = phone.push(&world, &many);
    assert_eq!((answer.status, answer.code().as_str()), (413, "too_many_changes"));
}

#[test]
fn unknown_paths_and_methods_are_errors_like_all_others() {
    let world = World::new();
    for path in ["/", "/v2/nonce", "/v1/sync/pull/", "/v1/bundles/", "/%ff", "/../etc/passwd"] {
        let answer = client::get(world.address(), path, &[]);
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}");
    }
    let answer = client::get(world.address(), "/v1/sync/push", &[]);
    assert_eq!((answer.status, answer.code().as_str()), (405, "method"));
    let cbor = client::get(world.address(), "/", &[("accept", wire::CBOR)]);
    assert_eq!(cbor.header("content-type"), Some(wire::CBOR));
    let error: wire::ErrorAnswer = minicbor_serde::from_slice(&cbor.body).unwrap();
    assert_eq!(error.code, "not_found");
}

#[test]
fn every_answer_has_a_nonce_and_the_time() {
    let world = World::new();
    for path in ["/v1/nonce", "/v1/health", "/nowhere", "/v1/sync/pull"] {
        let answer = client::get(world.address(), path, &[]);
        assert!(answer.header(wire::HEADER_NONCE).is_some_and(|nonce| nonce.len() > 40), "{path}");
        assert_eq!(answer.header(wire::HEADER_TIME), Some("1778000000000"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}
