//! `cargo bench -p doorstep-tests --bench locked -- [--cases 10000] [--json]`: what it costs that a phone's database is encrypted.
//!
//! The same lead's phone twice: plain, and as it was converted under a key. Each figure of the encrypted one stands beside the plain
//! one's of the same run.

#![allow(
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    dead_code,
    reason = "a program that measures: what goes wrong ends it, its numbers are small, and it shares the others' town"
)]

#[path = "../work/table.rs"]
mod table;
#[path = "../day/town.rs"]
mod town;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use doorstep_core::case::Command;
use doorstep_core::device::{Device, Host};
use doorstep_core::host::{SoftwareSigner, SystemClock, SystemEntropy};
use doorstep_core::id::DocKind;
use doorstep_core::store::{Apply, DatabaseKey, Meta, Options, Query, Store};
use doorstep_core::words::Lang;
use table::{Line, Spread};
use town::Size;

const KEY: DatabaseKey = DatabaseKey::from_bytes([5; 32]);
const TIMES: usize = 200;
const FEW: usize = 20;
const CONVERSIONS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = arguments.iter().skip_while(|argument| *argument != "--cases").nth(1);
    let cases = given.and_then(|given| given.parse().ok()).unwrap_or(10_000);
    let size = Size { cases, visits: 5 * cases, households: cases / 2 };
    let temp = tempfile::Builder::new().prefix("doorstep-bench-").tempdir().expect("temporary folder");
    let [plain, locked] = ["plain.db", "locked.db"].map(|name| temp.path().join(name));
    fill(&plain, size);
    let mut lines = Vec::new();
    let mut add = |what: &str, unit, spread: Spread, floor: Option<f64>| {
        lines.push(Line { size: cases, what: what.into(), spread, unit, floor: floor.map(|floor| (floor, "plain".into())) });
    };
    let megabytes = |path: &Path| std::fs::metadata(path).expect("file").len() as f64 / 1e6;

    let conversions = timed(CONVERSIONS, |_| {
        std::fs::copy(&plain, &locked).expect("a copy");
        drop(Store::open(&locked, options(true)).expect("converted"));
    });
    add("a plain database is copied and encrypted", "ms", conversions, None);
    let size_of_plain = megabytes(&plain);
    add("the database", "MB", Spread::of(&[megabytes(&locked)]), Some(size_of_plain));

    let before = figures(&plain, false, temp.path());
    let after = figures(&locked, true, temp.path());
    for ((what, before), (_, after)) in before.into_iter().zip(after) {
        add(what, "ms", after, Some(before.median));
    }
    let wrong = timed(FEW, |_| {
        let options = Options { database_key: Some(DatabaseKey::from_bytes([6; 32])), ..Options::default() };
        assert_eq!(Store::open(&locked, options).err().map(|error| error.code()), Some("store_wrong_key"));
    });
    add("a wrong key is refused", "ms", wrong, None);
    if arguments.iter().any(|argument| argument == "--json") { table::json(&lines) } else { table::print(&lines) }
}

fn options(locked: bool) -> Options {
    Options { database_key: locked.then_some(KEY), ..Options::default() }
}

/// Milliseconds of each of `n` runs.
fn timed(n: usize, mut work: impl FnMut(usize)) -> Spread {
    let mut taken = Vec::with_capacity(n);
    for run in 0..n {
        let begun = Instant::now();
        work(run);
        taken.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Spread::of(&taken)
}

/// A lead's phone with all that in it; never enrolled with any server.
fn fill(path: &Path, size: Size) {
    let mut store = Store::open(path, Options::default()).expect("open");
    let bytes = minicbor_serde::to_vec(&*doorstep_tests::method::directory()).expect("directory");
    store.apply(&[Apply::Directory { version: 1, bytes }], None).expect("directory");
    let person = doorstep_tests::method::town::LEAD.as_bytes();
    store.set_meta(&[(Meta::Device, Some(&[9; 16])), (Meta::Person, Some(person))]).expect("meta");
    town::fill(&mut store, size);
    // Rows are made anew once, whoever opens it first.
    drop(store);
    let folder = path.parent().expect("a folder");
    drop(Device::open(path, Options::default(), host(folder)).expect("open"));
}

fn host(dir: &Path) -> Host {
    let entropy = SystemEntropy::new().expect("entropy");
    let signer = SoftwareSigner::load_or_create(&dir.join("key"), &entropy).expect("key");
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(entropy));
    Host { clock, entropy, signer: Arc::new(signer), installation: [7; 16], lang: Lang::Zh }
}

/// What a worker waits for.
fn figures(path: &Path, locked: bool, dir: &Path) -> Vec<(&'static str, Spread)> {
    let open = || Device::open(path, options(locked), host(dir)).expect("open");
    let mut all = vec![
        (
            "open the store, first page of 50",
            timed(FEW, |_| {
                let store = Store::open(path, options(locked)).expect("open");
                assert_eq!(store.rows(&Query::first(DocKind::Case, 50)).expect("page").len(), 50);
            }),
        ),
        ("open the device", timed(FEW, |_| drop(open()))),
    ];
    let device = open();
    let first = device.rows(&Query::first(DocKind::Case, 500)).expect("rows");
    all.push((
        "first page of 50, device open",
        timed(TIMES, |_| drop(device.rows(&Query::first(DocKind::Case, 50)).expect("rows"))),
    ));
    let mut rows = first.iter();
    all.push((
        "a case opened for the first time",
        timed(TIMES, |_| drop(device.case(rows.next().expect("a row").doc).expect("case"))),
    ));
    let open_case = first.iter().find(|row| row.stage == "received").expect("an open case").doc;
    let note = |n: usize| Command::Note { text: format!("已电话联系，第{n}次") };
    all.push(("a tap (a note on an open case)", timed(TIMES, |n| drop(device.run(open_case, &note(n)).expect("tap")))));
    all.push(("a search over everything", timed(FEW, |_| drop(device.search("漏水", 20).expect("search")))));
    all.push(("every page checked", timed(3, |_| device.check().expect("sound"))));
    all
}
