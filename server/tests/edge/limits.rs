//! Time limits, load, and stopping: with limits of some tenths of a second, so that the tests end.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use doorstep_core::sync::wire;
use doorstep_server::config::Limits;

use crate::client::{self, open, read};
use crate::world::{World, empty};

fn short() -> Limits {
    Limits {
        headers: Duration::from_millis(300),
        body_stall: Duration::from_millis(300),
        body_total: Duration::from_millis(900),
        write_stall: Duration::from_millis(500),
        drain: Duration::from_secs(2),
        ..Limits::default()
    }
}

/// How long until the server closes, and what it said.
fn until_closed(stream: &mut std::net::TcpStream) -> (Duration, Vec<u8>) {
    let began = Instant::now();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    (began.elapsed(), bytes)
}

#[test]
fn silence_and_half_sent_headers_are_closed() {
    let world = World::with(short());
    for begin in ["", "P", "PRI * HTTP/2.0\r\n", "POST /v1/sync/push HTTP/1.1\r\nhost: x\r\n"] {
        let mut stream = open(world.address());
        stream.write_all(begin.as_bytes()).unwrap();
        let (took, _) = until_closed(&mut stream);
        assert!(took > Duration::from_millis(200) && took < Duration::from_secs(3), "{begin:?}: {took:?}");
    }
}

#[test]
fn headers_that_drip_are_closed_as_well() {
    let world = World::with(short());
    let mut stream = open(world.address());
    let began = Instant::now();
    let mut closed = false;
    for byte in
        b"GET /v1/nonce HTTP/1.1\r\nhost: doorstep\r\nx-padding: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".iter().cycle().take(100)
    {
        closed = stream.write_all(&[*byte]).is_err();
        if closed {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(closed && began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[test]
fn an_idle_kept_connection_is_closed_and_one_in_use_is_not() {
    let world = World::with(short());
    let mut stream = open(world.address());
    for _ in 0..4 {
        stream.write_all(b"GET /v1/nonce HTTP/1.1\r\nhost: doorstep\r\n\r\n").unwrap();
        let mut bytes = [0; 2048];
        let read = stream.read(&mut bytes).unwrap();
        assert!(bytes[..read].starts_with(b"HTTP/1.1 204"));
        std::thread::sleep(Duration::from_millis(150));
    }
    let (took, _) = until_closed(&mut stream);
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_body_that_stops_or_drips_is_answered_408() {
    let world = World::with(short());
    let head = client::head("POST", "/v1/enrol", &[("content-type", wire::CBOR)], 1000);
    let mut stream = open(world.address());
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&[1; 10]).unwrap();
    let answer = read(&mut stream);
    assert_eq!((answer.status, answer.code().as_str()), (408, "slow"));

    let mut stream = open(world.address());
    stream.write_all(head.as_bytes()).unwrap();
    let began = Instant::now();
    let mut writer = stream.try_clone().unwrap();
    std::thread::spawn(move || {
        while writer.write_all(&[1]).is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let answer = read(&mut stream);
    assert_eq!((answer.status, answer.code().as_str()), (408, "slow"));
    assert!(began.elapsed() > Duration::from_millis(800) && began.elapsed() < Duration::from_secs(4));
}

#[test]
fn more_requests_than_the_server_works_on_are_told_when_to_come_back() {
    let world = World::with(Limits { requests_max: 1, body_stall: Duration::from_secs(5), ..short() });
    let mut holding = open(world.address());
    holding.write_all(client::head("POST", "/v1/enrol", &[("content-type", wire::CBOR)], 10).as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let answer = client::get(world.address(), "/v1/nonce", &[]);
    assert_eq!((answer.status, answer.code().as_str()), (503, "overloaded"));
    assert_eq!(answer.header("retry-after"), Some("2"));
    holding.write_all(&[0; 10]).unwrap();
    assert_eq!(read(&mut holding).status, 400);
    assert_eq!(client::get(world.address(), "/v1/nonce", &[]).status, 204);
}

#[test]
fn a_push_whose_turn_does_not_come_is_told_when_to_come_back() {
    let world = World::with(Limits { pushes_max: 0, push_wait: Duration::from_millis(50), ..short() });
    let phone = world.phone("lead-ncg");
    let body = minicbor_serde::to_vec(empty()).unwrap();
    let headers = phone.headers("/v1/sync/push", &body, &world.nonce());
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut pushing = open(world.address());
    pushing.write_all(client::head("POST", "/v1/sync/push", &headers, body.len()).as_bytes()).unwrap();
    pushing.write_all(&body).unwrap();
    let answer = read(&mut pushing);
    assert_eq!((answer.status, answer.code().as_str()), (503, "overloaded"));
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert_eq!(client::get(world.address(), "/v1/nonce", &[]).status, 204, "who only asks is answered");
}

#[test]
fn more_connections_than_the_server_keeps_are_closed_at_once() {
    let world = World::with(Limits { connections_max: 2, headers: Duration::from_secs(3), ..short() });
    let first = open(world.address());
    let second = open(world.address());
    std::thread::sleep(Duration::from_millis(200));
    let (took, bytes) = until_closed(&mut open(world.address()));
    assert!(took < Duration::from_secs(1) && bytes.is_empty());
    drop((first, second));
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(client::get(world.address(), "/v1/nonce", &[]).status, 204);
}

#[test]
fn a_stopping_server_finishes_what_is_in_flight_and_takes_nothing_new() {
    let world = World::with(Limits { headers: Duration::from_secs(5), body_stall: Duration::from_secs(5), ..short() });
    let phone = world.phone("lead-ncg");
    let body = minicbor_serde::to_vec(empty()).unwrap();
    let headers = phone.headers("/v1/sync/push", &body, &world.nonce());
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut in_flight = open(world.address());
    in_flight.write_all(client::head("POST", "/v1/sync/push", &headers, body.len()).as_bytes()).unwrap();
    let mut idle = open(world.address());
    std::thread::sleep(Duration::from_millis(200));

    let address = world.address();
    let stopping = std::thread::spawn(move || {
        let began = Instant::now();
        world.server.stop().unwrap();
        began.elapsed()
    });
    std::thread::sleep(Duration::from_millis(300));
    assert!(std::net::TcpStream::connect(address).is_err(), "no new connections");
    in_flight.write_all(&body).unwrap();
    assert_eq!(read(&mut in_flight).status, 200);
    let (took, _) = until_closed(&mut idle);
    assert!(took < Duration::from_secs(2));
    assert!(stopping.join().unwrap() < Duration::from_secs(4));
}

#[test]
fn a_stopping_server_waits_for_a_stuck_request_only_so_long() {
    let world = World::with(Limits {
        body_stall: Duration::from_mins(1),
        body_total: Duration::from_mins(1),
        drain: Duration::from_millis(500),
        ..short()
    });
    let mut stuck = open(world.address());
    stuck.write_all(client::head("POST", "/v1/enrol", &[("content-type", wire::CBOR)], 10).as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let began = Instant::now();
    world.server.stop().unwrap();
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[test]
fn an_answer_that_nobody_takes_is_cut_off() {
    let world = World::with(short());
    let phone = world.phone("lead-ncg");
    // A directory too long for the socket's buffers, so that the server has to wait for its reader.
    let mut directory = (*world.store.directory().unwrap()).clone();
    directory.policy.categories = (0..1000).map(|n| format!("{n}{}", "很长的类别".repeat(1000))).collect();
    world.store.put_directory(directory, doorstep_core::time::Timestamp(1_778_000_000_000)).unwrap();
    let bearer = format!("Bearer {}", phone.token(&world));
    let mut stream = open(world.address());
    stream.write_all(client::head("GET", "/v1/sync/pull", &[("authorization", &bearer)], 0).as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(2_500));
    let (took, bytes) = until_closed(&mut stream);
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(client::parse(&bytes).is_none_or(|answer| answer.body.len() < 15_000_000), "cut, not finished late");
}
