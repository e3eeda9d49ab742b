//! Some things have one door: the CRDT library, the database, and the system's clock, entropy and sockets.

use super::modules::{PRODUCT, sources};
use super::tree::Tree;
use super::{Finding, none_of, rust};

/// A crate and the only modules that may name it, a package at a time.
const CRATES: [(&str, &str, &[&str]); 8] = [
    ("core", "automerge", &["document"]),
    ("server", "automerge", &[]),
    ("bindings", "automerge", &[]),
    ("core", "rusqlite", &["store"]),
    ("server", "rusqlite", &["audit", "store"]),
    ("bindings", "rusqlite", &[]),
    ("core", "getrandom", &["host"]),
    ("core", "ureq", &["host"]),
];

/// Words for the system in the core: time, randomness, threads and sockets are arguments everywhere but in `host`.
const SYSTEM: [&str; 8] = ["Instant", "OsRng", "SystemTime", "TcpListener", "TcpStream", "UdpSocket", "UNIX_EPOCH", "thread"];
const SYSTEM_DOOR: &str = "host";

fn through_the_wrong_door(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in PRODUCT {
        for source in sources(tree, package) {
            let top = source.module.first().map_or("", String::as_str);
            for (_, name, doors) in CRATES.iter().filter(|(of, ..)| *of == package) {
                if !doors.contains(&top) {
                    let uses = rust::uses_of(&source.code, name).into_iter();
                    findings.extend(uses.map(|(line, _)| {
                        Finding::new(source.path, line, format!("`{name}` is imported only by {package}'s {doors:?}"))
                    }));
                }
            }
            if package == "core" && top != SYSTEM_DOOR {
                let named = rust::words(&source.code).filter(|(_, word)| SYSTEM.contains(word));
                findings.extend(named.map(|(at, word)| {
                    let line = rust::line(&source.code, at);
                    Finding::new(source.path, line, format!("`{word}`: only `{SYSTEM_DOOR}` touches the system"))
                }));
            }
        }
    }
    findings
}

#[test]
fn every_import_goes_through_its_one_door() {
    none_of(through_the_wrong_door(&Tree::of_workspace().unwrap()));
}

#[test]
fn a_planted_import_through_a_wrong_door_is_found() {
    let tree = Tree::planted(&[
        ("core/src/case/fold.rs", "use automerge::Automerge;\nlet t = std::time::Instant::now();\n// SystemTime, ureq::get"),
        (
            "core/src/document/mod.rs",
            "use automerge::Automerge;\nuse rusqlite;\n#[cfg(test)]\nfn f() { std::thread::sleep(s) }",
        ),
        ("core/src/store/mod.rs", "use rusqlite::Connection;"),
        ("core/src/host.rs", "use std::time::{Instant, SystemTime};\nureq::get(\"\"); getrandom::fill(&mut b);"),
        ("core/src/device.rs", "\nfn f() { getrandom::fill(&mut b) }"),
        ("server/src/routes/push.rs", "use rusqlite::Connection;\nuse std::time::Instant;"),
    ]);
    let places = [
        "core/src/case/fold.rs:1",
        "core/src/case/fold.rs:2",
        "core/src/device.rs:2",
        "core/src/document/mod.rs:2",
        "server/src/routes/push.rs:1",
    ];
    super::found_at(through_the_wrong_door(&tree), &places);
}
