//! `cargo bench -p doorstep-tests --bench work -- [--docs 1000,10000] [--json]`: what the main work costs, as a table.
//!
//! Real parts: a server process, phones with SQLite files, HTTP on loopback. Each case has a report and thirty small
//! notes by three people (about 4 KB of JSON), like the programs that put peers through the same work. Ratios are taken to
//! a floor measured in the same run, on the same disk. Nothing is asserted: the figures are for people.

#![allow(
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::needless_pass_by_value,
    reason = "a program that measures: what goes wrong ends it, and its numbers are small"
)]

mod fill;
mod floor;
mod stage;
mod table;

use std::time::Instant;

use doorstep_core::case::Command;
use doorstep_core::id::DocKind;
use doorstep_core::store::{Options, Query, Store};
use stage::Stage;
use table::{Line, Spread};

/// How often each measurement is repeated; taps are repeated by the hundred.
const RUNS: usize = 5;
const TAPS: usize = 300;
/// The push of the peers' work: so many documents, so many changes each.
const PUSH: (usize, usize) = (100, 3);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--serve") {
        return stage::be_the_server(&arguments[at + 1..]);
    }
    let json = arguments.iter().any(|argument| argument == "--json");
    let sizes = arguments.iter().skip_while(|argument| *argument != "--docs").nth(1);
    let sizes: Vec<usize> =
        sizes.map_or("1000,10000", String::as_str).split(',').filter_map(|size| size.parse().ok()).collect();
    let mut lines = Vec::new();
    for size in sizes {
        measure(size, &mut lines);
    }
    if json { table::json(&lines) } else { table::print(&lines) }
}

/// All of it, on a server that holds `size` cases.
fn measure(size: usize, lines: &mut Vec<Line>) {
    let mut stage = Stage::set(size);
    let mut add = |what: &str, spread: Spread, unit, floor: Option<(f64, &str)>| {
        lines.push(Line { size, what: what.into(), spread, unit, floor: floor.map(|(value, name)| (value, name.into())) });
    };

    // Cold pull, each time by a phone that has nothing.
    let mut pulls = Vec::new();
    let mut bytes_a_document = Vec::new();
    let mut requests = Vec::new();
    for run in 0..RUNS {
        let phone = stage.phone("lead-ncg", &format!("cold-{run}"));
        let transport = stage.transport();
        let begun = Instant::now();
        let report = phone.device.sync(&transport).expect("sync");
        pulls.push(begun.elapsed().as_secs_f64() * 1e3);
        assert_eq!(report.documents as usize, size, "a pull that brought something else measures something else");
        bytes_a_document.push(report.wire.expect("counted").down as f64 / size as f64);
        requests.push(f64::from(report.requests));
    }
    let floor = floor::zstd_into_sqlite(&stage.dir.join("phones/cold-0/phone.db"), &stage.dir, RUNS);
    add("cold pull", Spread::of(&pulls), "ms", Some((floor, "zstd into SQLite")));
    add("cold pull, a document on the wire", Spread::of(&bytes_a_document), "B", None);
    add("cold pull, requests (one of them for a token)", Spread::of(&requests), "", None);

    // Nothing new.
    let veteran = stage.phone("lead-ncg", "veteran");
    veteran.sync(&stage);
    let mut idle = Vec::new();
    let mut idle_bytes = Vec::new();
    let mut idle_requests = Vec::new();
    for _ in 0..20 {
        let transport = stage.transport();
        let begun = Instant::now();
        let report = veteran.device.sync(&transport).expect("sync");
        idle.push(begun.elapsed().as_secs_f64() * 1e3);
        assert_eq!((report.documents, report.changes), (0, 0));
        let wire = report.wire.expect("counted");
        idle_bytes.push((wire.up + wire.down) as f64);
        idle_requests.push(f64::from(report.requests));
    }
    add("nothing new", Spread::of(&idle), "ms", None);
    add("nothing new, bytes both ways", Spread::of(&idle_bytes), "B", None);
    add("nothing new, requests", Spread::of(&idle_requests), "", None);

    // A push of 100 x 3 by one, and another's catch-up.
    let worker = stage.phone("w-ncg-1", "worker");
    worker.sync(&stage);
    let cases = worker.cases(PUSH.0);
    let (mut pushes, mut catches, mut up, mut push_requests) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for run in 0..RUNS {
        for case in &cases {
            for n in 0..PUSH.1 {
                let text = fill::words(&mut fill::Rng::of((run * 1000 + n) as u64), 9);
                worker.device.run(*case, &Command::Note { text }).expect("note");
            }
        }
        let transport = stage.transport();
        let begun = Instant::now();
        let report = worker.device.sync(&transport).expect("sync");
        pushes.push(begun.elapsed().as_secs_f64() * 1e3);
        assert_eq!(report.verdicts.stored as usize, PUSH.0 * PUSH.1);
        up.push(report.wire.expect("counted").up as f64);
        push_requests.push(f64::from(report.requests));
        let transport = stage.transport();
        let begun = Instant::now();
        let report = veteran.device.sync(&transport).expect("sync");
        catches.push(begun.elapsed().as_secs_f64() * 1e3);
        assert_eq!(report.changes as usize, PUSH.0 * PUSH.1);
    }
    add("push 100 x 3, and pull", Spread::of(&pushes), "ms", None);
    add("push 100 x 3, bytes up", Spread::of(&up), "B", None);
    add("push 100 x 3, requests", Spread::of(&push_requests), "", None);
    add("catch-up of 100 x 3", Spread::of(&catches), "ms", None);

    // A tap, beside a bare write and fsync of the same size on the same disk.
    let (mut taps, mut screens) = (Vec::new(), Vec::new());
    for n in 0..TAPS {
        let text = fill::words(&mut fill::Rng::of(n as u64), 9);
        let begun = Instant::now();
        worker.device.run(cases[n % 8], &Command::Note { text }).expect("note");
        screens.push(begun.elapsed().as_secs_f64() * 1e3);
        let durable = worker.durable.lock().expect("unharmed").take().expect("a tap is durable");
        taps.push(durable.saturating_duration_since(begun).as_secs_f64() * 1e3);
    }
    let fsync = floor::fsync(&stage.dir, TAPS);
    add("tap to durable", Spread::of(&taps), "ms", Some((fsync, "one fsync")));
    add("tap to the screen", Spread::of(&screens), "ms", Some((fsync, "one fsync")));
    drop(worker);

    // Opening, and the first page.
    let path = veteran.close();
    let mut opens = Vec::new();
    for _ in 0..RUNS * 4 {
        let begun = Instant::now();
        let store = Store::open(&path, Options::default()).expect("open");
        let page = store.rows(&Query::first(DocKind::Case, 50)).expect("page");
        opens.push(begun.elapsed().as_secs_f64() * 1e3);
        assert_eq!(page.len(), 50.min(size));
    }
    add("open the store, first page of 50", Spread::of(&opens), "ms", None);
    add("server memory", Spread::of(&[stage.server_memory_mb()]), "MB", None);
}
