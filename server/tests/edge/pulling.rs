//! The stream of a pull: frames, compression, JSON for people.

use doorstep_core::sync::wire::Frame;

use crate::client;
use crate::world::{World, pull};

fn frames(mut bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_at(4);
        let (frame, rest) = rest.split_at(u32::from_be_bytes(length.try_into().unwrap()) as usize);
        frames.push(minicbor_serde::from_slice(frame).unwrap());
        bytes = rest;
    }
    frames
}

#[test]
fn a_pull_is_the_same_plain_compressed_and_as_json() {
    let world = World::new();
    let token = world.phone("lead-ncg").token(&world);
    let plain = pull(&world, &token);
    assert_eq!((plain.status, plain.header("content-encoding")), (200, None));
    let plain = frames(&plain.body);
    assert!(matches!(plain.first(), Some(Frame::Directory { version: 1, .. })), "{plain:?}");
    assert!(matches!(plain.last(), Some(Frame::Checkpoint { done: true, .. })), "{plain:?}");

    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("accept-encoding", "gzip, zstd")];
    let squeezed = client::get(world.address(), "/v1/sync/pull", &headers);
    assert_eq!(squeezed.header("content-encoding"), Some("zstd"));
    assert_eq!(frames(&zstd::decode_all(squeezed.body.as_slice()).unwrap()), plain);

    let headers = [("authorization", bearer.as_str()), ("accept", "application/json")];
    let json = client::get(world.address(), "/v1/sync/pull", &headers);
    assert_eq!(json.header("content-type"), Some("application/x-ndjson"));
    let lines: Vec<serde_json::Value> = json
        .body
        .split(|b| *b == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(lines.len(), plain.len());
    assert_eq!(lines[0]["directory"]["record"]["name"], "广武门街道");
    let cursor = lines.last().unwrap()["checkpoint"]["cursor"].as_str().unwrap();

    let again = client::get(world.address(), &format!("/v1/sync/pull?cursor={cursor}"), &headers[..1]);
    assert_eq!(frames(&again.body).len(), 1, "nothing new but the checkpoint");
    let bad = client::get(world.address(), "/v1/sync/pull?cursor=***", &headers[..1]);
    assert_eq!((bad.status, bad.code().as_str()), (400, "cursor"));
}

#[test]
fn a_bundle_that_is_not_there_is_not_there_for_anyone() {
    let world = World::new();
    let bearer = format!("Bearer {}", world.phone("lead-ncg").token(&world));
    for digest in ["00", &"ab".repeat(32), "%ff", "..%2f..%2fetc"] {
        let answer = client::get(world.address(), &format!("/v1/bundles/{digest}"), &[("authorization", &bearer)]);
        assert_eq!((answer.status, answer.code().as_str()), (404, "bundle_unknown"), "{digest}");
    }
    let answer = client::get(world.address(), &format!("/v1/bundles/{}", "ab".repeat(32)), &[]);
    assert_eq!((answer.status, answer.code().as_str()), (401, "token"));
}
