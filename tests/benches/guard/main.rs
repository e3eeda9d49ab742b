//! `cargo bench -p doorstep-tests --bench guard -- [--runs 21] [--json]`: what the guard costs a change, in a batch of 100
//! cases (a report and thirty notes each) with three notes more.
//!
//! Processor time, not time on the wall: of this process and of the workers. The floor is the guard's own steps in a loop
//! (look, trial, rules, row) without any border; then whole pushes into a real store, tried here and tried in workers. What
//! the border costs is their difference. Nothing is asserted: the figures are for people.

#![allow(
    clippy::expect_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a program that measures: what goes wrong ends it, and its numbers are small"
)]

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use doorstep_core::case::{Body, Channel, Entry, Event, Noted, Reported};
use doorstep_core::directory::Directory;
use doorstep_core::document::guard::{Gate, inspect};
use doorstep_core::document::{Document, NewChange, Writing};
use doorstep_core::id::{ActorId, DeviceId, Digest, DocId, DocKind, PersonId};
use doorstep_core::people::Place;
use doorstep_core::review::{self, Arrival};
use doorstep_core::row::Row;
use doorstep_core::sync::wire::{PushRequest, PushedChange, VERSION, Verdict};
use doorstep_core::time::{Hlc, Stamp, Timestamp};
use doorstep_server::config::{WORKER_ARGUMENT, Workers};
use doorstep_server::ingest::{self, Pusher};
use doorstep_server::store::{FILE, NewCode, NewDevice, Store};
use doorstep_server::worker::{Pool, Trials};
use doorstep_tests::seed::Seeded;
use rustix::time::{ClockId, clock_gettime};
use serde_bytes::ByteBuf;

const CASES: usize = 100;
const CHANGES: usize = 3;
const NOTES: usize = 30;
const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == WORKER_ARGUMENT) {
        return doorstep_server::worker::be_one();
    }
    let runs = arguments.iter().skip_while(|argument| *argument != "--runs").nth(1);
    let runs: usize = runs.and_then(|runs| runs.parse().ok()).unwrap_or(21);
    measure(runs.max(1), arguments.iter().any(|argument| argument == "--json"));
    ExitCode::SUCCESS
}

fn entry(person: &PersonId, at: u64, event: impl Into<Event>) -> Entry {
    let time = Hlc((NOW.0.cast_unsigned() << 16) - (1 << 40) + at * 1_000);
    Entry { stamp: Stamp { time, node: 7 }, author: person.clone(), body: Body::Event(event.into()) }
}

/// A case's changes: its report and notes, and those that are measured.
fn case(n: usize, person: &PersonId) -> Vec<NewChange> {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&(n as u64 + 1).to_be_bytes());
    let actor = ActorId::from_bytes(id);
    let slug = "a slug of the sample";
    let place = Place {
        community: "nanchenggen".parse().expect(slug),
        grid: "ncg-1".parse().expect(slug),
        building: None,
        detail: "1号楼2单元".into(),
    };
    let report = Reported {
        channel: Channel::Phone,
        reporter: None,
        title: format!("楼道漏水 {n}"),
        place,
        category: "water".into(),
        account: "水管漏水".into(),
        visit: None,
    };
    let writing = Writing::entries(vec![entry(person, 0, report)]);
    let (mut document, first) = Document::create(DocId::from_bytes(id), DocKind::Case, actor, &writing).expect("a case");
    let mut changes = vec![first];
    for note in 1..=NOTES + CHANGES {
        let text = format!("第{note}句：上门看过，和住户说好了，下周再来一次，看看修得怎么样。");
        let writing = Writing::entries(vec![entry(person, note as u64, Noted { text })]);
        let (after, change) = document.write(actor, &writing).expect("a note");
        document = after;
        changes.push(change);
    }
    changes
}

fn cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec.cast_unsigned() * 1_000_000_000 + time.tv_nsec.cast_unsigned()
}

/// Processor time of the workers, as the system's scheduler counts it.
fn workers_ns(pool: &Pool) -> u64 {
    let of = |id: u32| -> u64 {
        let tasks = std::fs::read_dir(format!("/proc/{id}/task")).expect("the worker's threads");
        tasks
            .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
            .filter_map(|stat| stat.split(' ').next()?.parse::<u64>().ok())
            .sum()
    };
    pool.idle().into_iter().map(of).sum()
}

struct Batch {
    directory: Arc<Directory>,
    pusher: Pusher,
    /// Each case's file, and the changes that are measured.
    cases: Vec<(DocId, Vec<u8>, Vec<NewChange>)>,
    request: PushRequest,
}

fn measure(runs: usize, json: bool) {
    let base = tempfile::tempdir().expect("a directory");
    let entropy = Seeded::new(1, "bench");
    let sample = doorstep_server::admin::sample().expect("the sample");
    let store = Store::create(base.path(), &sample, &entropy, NOW).expect("a database");
    let person: PersonId = "w-ncg-1".parse().expect("a person");
    let (long, short) = (Digest::from_bytes([1; 32]), Digest::from_bytes([2; 32]));
    let code = NewCode { hash_long: long, hash_short: short, person: person.clone(), expires: NOW.plus_ms(1_000) };
    store.put_code(code, NOW).expect("a code");
    let device = DeviceId::from_bytes([3; 16]);
    let new = NewDevice { id: device, public_key: [2; 33], label: String::new() };
    store.redeem_code(long, NOW, new).expect("redeemed").expect("enrolled");
    let pusher = Pusher { device, person: person.clone() };
    let mut cases = Vec::new();
    let (mut before, mut measured) = (Vec::new(), Vec::new());
    for n in 0..CASES {
        let mut changes = case(n, &person);
        let doc = DocId::from_bytes(*changes[0].actor.as_bytes());
        let new = changes.split_off(1 + NOTES);
        let pushed = |change: &NewChange| PushedChange {
            doc,
            kind: DocKind::Case,
            hash: change.hash,
            bytes: ByteBuf::from(change.bytes.clone()),
        };
        before.extend(changes.iter().map(pushed));
        measured.extend(new.iter().map(pushed));
        let whole: Vec<u8> = changes.iter().flat_map(|change| change.bytes.clone()).collect();
        cases.push((doc, Document::load(&whole).expect("a case").save(), new));
    }
    for part in before.chunks(1_000) {
        let request = PushRequest { version: VERSION, changes: part.to_vec(), bundles: vec![] };
        stored(&Trials::Here, &store, &pusher, &request);
    }
    let directory = store.directory().expect("the directory");
    drop(store);
    let request = PushRequest { version: VERSION, changes: measured, bundles: vec![] };
    let batch = Batch { directory, pusher, cases, request };

    let program = std::env::current_exe().expect("this program");
    let workers = Trials::new(Some(&Workers::new(program, vec![WORKER_ARGUMENT.into()])));
    let Trials::Workers(pool) = &workers else { return };
    let (mut floor, mut here, mut there, mut inside) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // The first run warms up: workers start, code is paged in.
    for run in 0..=runs {
        let a = floor_ns(&batch);
        let b = push_ns(&Trials::Here, None, base.path(), &batch).0;
        let (c, d) = push_ns(&workers, Some(pool), base.path(), &batch);
        if run > 0 {
            floor.push(a);
            here.push(b);
            there.push(c + d);
            inside.push(d);
        }
    }
    let guard: Vec<f64> = floor.iter().zip(&here).zip(&there).map(|((floor, here), there)| floor + there - here).collect();
    let lines = [
        ("guard alone, in a loop, no border", &floor),
        ("whole push, tried in this process", &here),
        ("whole push, tried in workers", &there),
        ("  of which in the workers", &inside),
        ("guard with the border (first + third - second)", &guard),
    ];
    if json {
        let lines: Vec<_> =
            lines.iter().map(|(name, values)| serde_json::json!({"what": name, "unit": "us", "values": values})).collect();
        println!("{}", serde_json::to_string_pretty(&lines).expect("plain values"));
        return;
    }
    println!("CPU a change, µs; {CASES} cases x {CHANGES} changes, {runs} runs, {} workers", pool.counts().most);
    println!("{:<50}{:>10}{:>10}{:>10}", "", "min", "median", "max");
    for (name, values) in lines {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        println!("{name:<50}{:>10.0}{:>10.0}{:>10.0}", sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1]);
    }
    let counts = pool.counts();
    println!("workers: {} started, {} died, {} too slow", counts.started, counts.died, counts.too_slow);
}

/// A change's share of so many nanoseconds, in microseconds.
fn share(ns: u64) -> f64 {
    ns as f64 / 1e3 / (CASES * CHANGES) as f64
}

fn floor_ns(batch: &Batch) -> f64 {
    let begun = cpu_ns();
    let person = batch.directory.person(&batch.pusher.person).expect("the person");
    for (doc, file, changes) in &batch.cases {
        let mut gate = Gate::new(*doc, DocKind::Case, Some(Document::load(file).expect("a case")));
        let arrival = Arrival { directory: &batch.directory, person, doc: *doc, received: NOW };
        for change in changes {
            let header = inspect(&change.bytes).expect("a change");
            let admitted = gate.admit::<Event>(&header).expect("admitted");
            review::case(&arrival, &admitted.past.entries, &admitted.added, false).expect("allowed");
            let row = Row::of_case(*doc, &doorstep_core::case::fold(&admitted.document.log().entries));
            std::hint::black_box(minicbor_serde::to_vec(&row).expect("a row"));
            gate.keep(admitted);
        }
    }
    share(cpu_ns() - begun)
}

/// A change's share of a whole push into a fresh copy of the database: of this process, and of the workers.
fn push_ns(trials: &Trials, pool: Option<&Pool>, base: &Path, batch: &Batch) -> (f64, f64) {
    let dir = tempfile::tempdir().expect("a directory");
    for suffix in ["", "-wal"] {
        let name = format!("{FILE}{suffix}");
        if base.join(&name).exists() {
            std::fs::copy(base.join(&name), dir.path().join(&name)).expect("a copy");
        }
    }
    let store = Store::open(dir.path()).expect("the database");
    let inside = || pool.map_or(0, workers_ns);
    let (own_before, inside_before) = (cpu_ns(), inside());
    stored(trials, &store, &batch.pusher, &batch.request);
    let (own, inside) = (cpu_ns() - own_before, inside() - inside_before);
    (share(own), share(inside))
}

fn stored(trials: &Trials, store: &Store, pusher: &Pusher, request: &PushRequest) {
    let answer = ingest::push_through(trials, store, pusher, request, NOW).expect("a push");
    let refused = answer.verdicts.iter().find(|one| !matches!(one.verdict, Verdict::Stored { .. }));
    assert!(refused.is_none(), "the workload is refused: {refused:?}");
}
